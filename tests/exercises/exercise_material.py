"""What the tests of the exercises share: the notebooks, the prepared answers, and marking."""

from __future__ import annotations

import copy
import importlib.util
import io
import re
import sys
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from ccmc_grading import marking, masters

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = ROOT / "exercises"
MASTER = EXERCISES / "source" / "mapping" / "mapping.ipynb"
RELEASE = EXERCISES / "release" / "mapping" / "mapping.ipynb"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@cache
def prepared() -> ModuleType:
    """Return the module of mutants and unusual answers."""
    path = EXERCISES / "mutants" / "mapping.py"
    specification = importlib.util.spec_from_file_location("mutants_of_mapping", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    # A dataclass looks its module up.
    sys.modules[module.__name__] = module
    specification.loader.exec_module(module)
    return module


@cache
def _read(path: Path) -> Any:
    return masters.read(path)


def master() -> Any:
    """Return a copy of the master."""
    return copy.deepcopy(_read(MASTER))


def released() -> Any:
    """Return a copy of the release."""
    return copy.deepcopy(_read(RELEASE))


def with_answers(notebook: Any, cells: dict[str, str]) -> Any:
    """Return a copy of a notebook with the sources of some cells replaced."""
    changed = copy.deepcopy(notebook)
    for name, source in cells.items():
        (cell,) = (cell for cell in changed.cells if cell.id == name)
        cell.source = source
    return changed


def marks(submission: Any, student: str) -> dict[str, marking.Mark]:
    """Return the marks of a submission by cell."""
    return {each.name: each for each in marking.mark(master(), submission, student)}


def points(found: dict[str, marking.Mark]) -> float:
    """Return the points that were earned."""
    return sum(each.earned for each in found.values())


def given_names(student: str) -> dict[str, Any]:
    """Return what the given cells of the notebook define for one student."""
    namespace: dict[str, Any] = {"STUDENT_ID": student}
    with redirect_stdout(io.StringIO()):
        for cell in master().cells:
            if cell.cell_type == "code" and masters.is_given(cell):
                exec(cell.source, namespace)
    return namespace
