"""Asking both languages the same: calls of a twin in Python and in the browser."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import Phase

from ccmc_teach.widgets import twins
from widgets.golden import twin

FOLDER = Path(twins.__path__[0])
#: The modules that stand in both languages.
TWINS = sorted(file.stem for file in FOLDER.glob("*.py") if file.stem != "__init__")

#: For tests that ask the browser: shrinking would ask it thousands of times, and the batch that
#: fails tells enough.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)

Call = tuple[str, list[Any]]
#: Sends a batch of calls to a module of the twins in the browser.
Ask = Callable[[str, Sequence[Call]], list[dict[str, Any]]]


def camel(name: str) -> str:
    """Return the JavaScript name of a function: ``with_count`` is ``withCount``."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def public(module: str) -> tuple[list[str], list[str]]:
    """Return the public functions and the public constants that a module itself defines."""
    tree = ast.parse((FOLDER / f"{module}.py").read_text("utf-8"))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    names = [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    ]
    return [f for f in functions if f[0] != "_"], [n for n in names if n[0] != "_"]


def python(module: str, calls: Sequence[Call]) -> list[dict[str, Any]]:
    """Return what Python answers to a batch of calls, or in which words it refuses."""

    def one(name: str, arguments: list[Any]) -> dict[str, Any]:
        try:
            return {"answer": getattr(twin(module), name)(*arguments)}
        except ValueError as refusal:
            return {"refusal": str(refusal)}

    return [one(*call) for call in calls]


def same(got: Any, wanted: Any) -> bool:
    """Compare exactly, but for the last bits of floats."""
    if isinstance(wanted, dict):
        return got.keys() == wanted.keys() and all(same(got[k], wanted[k]) for k in wanted)
    if isinstance(wanted, list | tuple):
        return len(got) == len(wanted) and all(map(same, got, wanted))
    if isinstance(wanted, float):
        return math.isclose(got, wanted, rel_tol=1e-13, abs_tol=0.0)
    return type(got) is type(wanted) and bool(got == wanted)


def agree(ask: Ask, module: str, batch: Sequence[Call]) -> None:
    """Require the same answers and the same refusals of both languages."""
    for call, got, wanted in zip(batch, ask(module, batch), python(module, batch), strict=True):
        assert same(got, wanted), (call, got, wanted)
