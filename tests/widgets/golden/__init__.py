"""Golden vectors of the twins: what Python answers, for JavaScript to repeat.

Each module of `ccmc_teach.widgets.twins` has a module of cases here, and a file with the answers.
Run this package (``python -m widgets.golden`` in the folder ``tests``, with names of modules or
without) to write the answers anew after a change of the mathematics.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def twin(name: str) -> Any:
    """Return a module of the twins in Python."""
    return import_module(f"ccmc_teach.widgets.twins.{name}")


def cases(name: str) -> list[tuple[str, list[Any], str]]:
    """Return the cases of a module: function, arguments, why the case is there."""
    listed: list[tuple[str, list[Any], str]] = import_module(f"{__name__}.{name}").CASES
    return listed


def file(name: str) -> Path:
    """Return where the answers of a module stand."""
    return FOLDER / f"{name}.json"


def text(name: str) -> str:
    """Return the golden file of a module: one case a line."""
    lines = [
        json.dumps(
            {"function": f, "arguments": a, "why": why, "answer": getattr(twin(name), f)(*a)}
        )
        for f, a, why in cases(name)
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"
