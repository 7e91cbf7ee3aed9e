"""The house itself: what an import loads, which room uses which, and how functions are written."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import ccmc_teach

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ccmc_teach"

# A room imports from lower floors only; the modules of one room may import each other.
FLOORS = {
    "chain": 0,
    "attention": 1,
    "checks": 1,
    "coverage": 1,
    "decoding": 1,
    "positions": 1,
    "variants": 1,
    "dynamics": 2,
    "estimation": 2,
    "generation": 2,
    "figures": 3,
    "symbolic": 3,
    "widgets": 4,
}
ROOMS = sorted(name for name in ccmc_teach.__all__ if name != "__version__")
HIGHEST_GRADED_FLOOR = 2
HEAVY = {"IPython", "anywidget", "ipywidgets", "matplotlib", "scipy", "sympy"}
ALLOWED = {
    "figures": {"IPython", "matplotlib"},
    "symbolic": {"sympy"},
    "widgets": {"IPython", "anywidget", "ipywidgets", "matplotlib"},
}

LONGEST_FUNCTION = 40
LONGEST_MEDIAN = 14

Function = ast.FunctionDef | ast.AsyncFunctionDef


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {
    dotted(path): ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")
}
MODULES = sorted(TREES)
IS_PACKAGE = {dotted(path) for path in PACKAGE.rglob("__init__.py")}


def room_of(module: str) -> str:
    """Return the room that a module belongs to, and the empty text for the door itself."""
    return module.split(".")[1] if "." in module else ""


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def nodes_at_run_time(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if not is_for_types_only(node):
            yield node
            yield from nodes_at_run_time(node)


def imported(module: str, nodes: Iterator[ast.AST]) -> set[str]:
    """Return the modules of this package that some statements of a module import."""
    here = module if module in IS_PACKAGE else module.rpartition(".")[0]
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = here.split(".")[: len(here.split(".")) - node.level + 1]
            base = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            deeper = {f"{base}.{alias.name}" for alias in node.names}
            names |= deeper & TREES.keys() or {base}
    return {name for name in names if name.split(".")[0] == "ccmc_teach"}


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def public_functions(tree: ast.Module) -> list[Function]:
    top = [node for node in tree.body if isinstance(node, Function)]
    return [node for node in top if not node.name.startswith("_")]


def missing_sections(function: Function) -> set[str]:
    text = ast.get_docstring(function) or ""
    sections = set(re.findall(r"^(\w[\w ]*)\n-{3,}$", text, flags=re.MULTILINE))
    needed = {"Examples"}
    if any(vars(function.args)[kind] for kind in ("args", "kwonlyargs", "vararg", "kwarg")):
        needed.add("Parameters")
    if function.returns is not None and ast.unparse(function.returns) != "None":
        needed.add("Yields" if "Yields" in sections else "Returns")
    return needed - sections if ">>> " in text else {*(needed - sections), "Examples"}


def lines_without_docstring(function: Function) -> int:
    lines = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or 0) - docstring.lineno + 1)


def output_of(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport json, sys\nprint(json.dumps([*sys.modules]))"
    return {name.split(".")[0] for name in json.loads(output_of(code))}


# What an import loads and does.


def test_the_package_loads_nothing_heavy() -> None:
    assert not loaded_by("import ccmc_teach") & (HEAVY | {"importlib.metadata"})


def test_the_package_loads_no_room() -> None:
    code = "import sys, ccmc_teach; print([m for m in sys.modules if m.startswith('ccmc_teach.')])"
    assert output_of(code).strip() == "[]"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_loads_only_what_it_needs(room: str) -> None:
    loaded = loaded_by(f"import ccmc_teach; ccmc_teach.{room}")
    assert not loaded & (HEAVY - ALLOWED.get(room, set()))


def test_importing_everything_changes_no_global_state() -> None:
    code = f"""
import random, sys, warnings
import anywidget, ipywidgets, matplotlib, matplotlib.figure, numpy as np, sympy
def state():
    # Reading the backend by its name would choose one.
    style = {{name: repr(dict.get(matplotlib.rcParams, name)) for name in matplotlib.rcParams}}
    return (
        random.getstate(), str(np.random.get_state()), np.geterr(), np.get_printoptions(),
        style, list(warnings.filters), "matplotlib.pyplot" in sys.modules,
    )
before = state()
for room in {ROOMS}:
    __import__("ccmc_teach." + room)
after = state()
print([i for i, (old, new) in enumerate(zip(before, after, strict=True)) if old != new])
"""
    assert output_of(code).strip() == "[]"


def test_rooms_are_attributes() -> None:
    for room in ROOMS:
        assert getattr(ccmc_teach, room).__name__ == f"ccmc_teach.{room}"


def test_the_version_comes_from_the_metadata() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert ccmc_teach.__version__ == importlib.metadata.version("ccmc-teach") == project["version"]


def test_dir_lists_the_rooms_before_they_are_loaded() -> None:
    listed = output_of("import ccmc_teach; print(*dir(ccmc_teach))").split()
    assert listed == sorted(listed)
    assert {*ROOMS, "__version__", "__all__"} <= set(listed)


def test_an_unknown_room_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'ccmc_teach' has no attribute 'kitchen'"):
        _ = ccmc_teach.kitchen
    assert not hasattr(ccmc_teach, "_repr_html_")


def test_the_door_names_every_room() -> None:
    assert {room_of(module) for module in MODULES} - {""} == set(ROOMS)


# Which room may use which.


@pytest.mark.parametrize("module", MODULES)
def test_rooms_import_downward_only(module: str) -> None:
    room = room_of(module)
    if not room:
        return
    for target in imported(module, ast.walk(TREES[module])):
        other = room_of(target)
        assert other, f"{module} imports the whole package"
        assert other == room or FLOORS[other] < FLOORS[room], f"{module} imports {target}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {
        module: imported(module, nodes_at_run_time(tree)) - {module}
        for module, tree in TREES.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"circle of imports: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("module", [m for m in MODULES if FLOORS.get(room_of(m), 9) <= 2])
def test_graded_floors_name_no_heavy_library_at_their_top(module: str) -> None:
    assert FLOORS[room_of(module)] <= HIGHEST_GRADED_FLOOR
    for node in TREES[module].body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names]
            assert not {name.split(".")[0] for name in names} & HEAVY


# How functions are written.


@pytest.mark.parametrize("module", MODULES)
def test_public_functions_are_documented(module: str) -> None:
    lacking = {f.name: missing_sections(f) for f in public_functions(TREES[module])}
    assert not {name: missing for name, missing in lacking.items() if missing}


@pytest.mark.parametrize("module", MODULES)
def test_every_argument_has_a_type(module: str) -> None:
    for function in functions(TREES[module]):
        arguments = function.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += filter(None, [arguments.vararg, arguments.kwarg])
        bare = {one.arg for one in every if one.annotation is None} - {"self", "cls"}
        assert not bare, f"{module}.{function.name}: no types for {sorted(bare)}"
        assert function.returns is not None, f"{module}.{function.name}: no type of the result"


@pytest.mark.parametrize("module", MODULES)
def test_no_function_is_long(module: str) -> None:
    for function in functions(TREES[module]):
        lines = lines_without_docstring(function)
        assert lines <= LONGEST_FUNCTION, f"{module}.{function.name} has {lines} lines"


def test_functions_are_short_as_a_rule() -> None:
    lengths = [lines_without_docstring(f) for tree in TREES.values() for f in functions(tree)]
    assert statistics.median(lengths) <= LONGEST_MEDIAN


@pytest.mark.parametrize("module", MODULES)
def test_what_a_module_exports_exists(module: str) -> None:
    for node in TREES[module].body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names = ast.literal_eval(node.value)
            assert names == sorted(names)
            loaded = __import__(module, fromlist=["_"])
            assert [name for name in names if not hasattr(loaded, name)] == []
