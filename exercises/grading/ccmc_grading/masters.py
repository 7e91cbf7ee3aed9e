"""From a master notebook to its release, in nbgrader's format and without nbgrader.

A **master** is an ordinary notebook.
nbgrader's cell metadata say which cells are given, which hold an answer and which hold a test.
Lines between ``### BEGIN SOLUTION`` and ``### END SOLUTION`` are for the course alone, and so are
those between ``### BEGIN HIDDEN TESTS`` and ``### END HIDDEN TESTS``.
The **release** is the master without them: what ``nbgrader generate_assignment`` writes, byte for
byte.
"""

from __future__ import annotations

import copy
import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat

__all__ = [
    "MasterError",
    "is_answer",
    "is_given",
    "is_test",
    "read",
    "release",
    "text",
    "without_hidden_tests",
    "write",
]

Notebook = Any
Cell = Any

CODE_STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")
TEXT_STUB = ("YOUR ANSWER HERE",)
SOLUTION, HIDDEN_TESTS, MARK_SCHEME = "SOLUTION", "HIDDEN TESTS", "MARK SCHEME"
AUTOTEST = "AUTOTEST"


class MasterError(ValueError):
    """Say in one sentence what is wrong with a master, and in which cell."""


def read(path: Path) -> Notebook:
    """Read a notebook.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    nbformat.NotebookNode
        The notebook in version 4 of the format.

    Raises
    ------
    MasterError
        If the file is missing or holds no notebook.

    Examples
    --------
    >>> read(Path("absent.ipynb"))
    Traceback (most recent call last):
        ...
    ccmc_grading.masters.MasterError: there is no notebook at absent.ipynb.
    """
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise MasterError(f"there is no notebook at {path}.") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError):
        raise MasterError(f"{path} holds no notebook.") from None


def text(notebook: Notebook) -> str:
    """Return a notebook as the text of its file.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook.

    Returns
    -------
    str
        The text, which ends in a line break.

    Examples
    --------
    >>> from nbformat.v4 import new_notebook
    >>> text(new_notebook()).splitlines()[:2]
    ['{', ' "cells": [],']
    """
    return f"{nbformat.writes(notebook)}\n"


def write(notebook: Notebook, path: Path) -> None:
    """Write a notebook, with the same bytes on every machine.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook.
    path : Path
        The file; its folder is made if it is missing.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from nbformat.v4 import new_notebook
    >>> with TemporaryDirectory() as folder:
    ...     write(new_notebook(), Path(folder, "deep", "empty.ipynb"))
    ...     read(Path(folder, "deep", "empty.ipynb")).cells
    []
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(notebook), encoding="utf-8", newline="\n")


def release(master: Notebook) -> Notebook:
    r"""Return the release of a master: no solutions, no hidden tests, no outputs.

    Parameters
    ----------
    master : nbformat.NotebookNode
        The master, which is left as it is.

    Returns
    -------
    nbformat.NotebookNode
        Cell for cell what nbgrader generates.

    Raises
    ------
    MasterError
        If a region is not closed or stands in a cell of the wrong kind, or if two cells have the
        same name.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> marks = {"grade_id": "answer", "grade": False, "solution": True, "locked": False}
    >>> source = "### BEGIN SOLUTION\nlaw = [1, 0]\n### END SOLUTION"
    >>> cell = new_code_cell(source, metadata={"nbgrader": marks})
    >>> print(release(new_notebook(cells=[cell])).cells[0].source)
    # YOUR CODE HERE
    raise NotImplementedError()
    """
    _refuse_equal_names(master)
    released = copy.deepcopy(master)
    released.metadata.pop("celltoolbar", None)
    for cell in released.cells:
        _clear(cell)
        _lock(cell)
        _sign(cell)
    return released


def without_hidden_tests(cell: Cell) -> str:
    r"""Return the source of a test without its hidden regions.

    Parameters
    ----------
    cell : nbformat.NotebookNode
        The cell, which is left as it is.

    Returns
    -------
    str
        The source.

    Raises
    ------
    MasterError
        If a region does not end, or if the cell is no test.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell
    >>> source = "# seen\n### BEGIN HIDDEN TESTS\nsecret\n### END HIDDEN TESTS"
    >>> marks = {"grade_id": "one", "grade": True, "solution": False, "locked": True}
    >>> without_hidden_tests(new_code_cell(source, metadata={"nbgrader": marks}))
    '# seen'
    """
    return _without(cell, HIDDEN_TESTS, bool(_marks(cell).get("grade")))


def is_answer(cell: Cell) -> bool:
    """Return whether learners write their answer into a cell.

    Parameters
    ----------
    cell : nbformat.NotebookNode
        The cell.

    Returns
    -------
    bool

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell
    >>> marks = {"grade_id": "one", "grade": False, "solution": True, "locked": False}
    >>> is_answer(new_code_cell(metadata={"nbgrader": marks}))
    True
    """
    return bool(_marks(cell).get("solution"))


def is_test(cell: Cell) -> bool:
    """Return whether a cell is a test that earns points by itself.

    Parameters
    ----------
    cell : nbformat.NotebookNode
        The cell.

    Returns
    -------
    bool

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell
    >>> marks = {"grade_id": "one", "grade": True, "solution": False, "locked": True}
    >>> is_test(new_code_cell(metadata={"nbgrader": marks}))
    True
    """
    return bool(_marks(cell).get("grade")) and not is_answer(cell)


def is_given(cell: Cell) -> bool:
    """Return whether a cell is given to learners to read and run, not to change.

    Parameters
    ----------
    cell : nbformat.NotebookNode
        The cell.

    Returns
    -------
    bool

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell
    >>> marks = {"grade_id": "one", "grade": False, "solution": False, "locked": True}
    >>> is_given(new_code_cell(metadata={"nbgrader": marks}))
    True
    """
    return not (is_answer(cell) or is_test(cell)) and bool(_marks(cell).get("locked"))


def _marks(cell: Cell) -> Any:
    return cell.metadata.get("nbgrader", {})


def _name(cell: Cell) -> str:
    return _marks(cell).get("grade_id") or cell.get("id") or "without a name"


def _refuse_equal_names(master: Notebook) -> None:
    names = Counter(_name(cell) for cell in master.cells if _marks(cell))
    for name, times in names.items():
        if times > 1:
            raise MasterError(f"{times} cells have the name {name}, and names must be different.")


def _clear(cell: Cell) -> None:
    """Take out what is for the course alone, and what running the cell has left."""
    if AUTOTEST in cell.source:
        raise MasterError(f"cell {_name(cell)} uses {AUTOTEST}, which releases do not support.")
    stub = CODE_STUB if cell.cell_type == "code" else TEXT_STUB
    before = cell.source
    cell.source = _without(cell, SOLUTION, is_answer(cell), stub)
    if is_answer(cell) and cell.source == before:
        cell.source = "\n".join(stub)
    cell.source = without_hidden_tests(cell)
    cell.source = _without(cell, MARK_SCHEME, bool(_marks(cell).get("task")))
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
        for field in ("collapsed", "scrolled"):
            cell.metadata.pop(field, None)


def _without(cell: Cell, region: str, may: bool, stub: tuple[str, ...] = ()) -> str:
    """Return the source of a cell with every region of one kind replaced by a stub."""
    kept: list[str] = []
    inside = False
    for line in cell.source.split("\n"):
        begins, ends = f"BEGIN {region}" in line, f"END {region}" in line
        if begins and not may:
            raise MasterError(
                f"cell {_name(cell)} holds a {region} region, but is of another kind."
            )
        if (begins and inside) or (ends and not inside):
            raise MasterError(f"cell {_name(cell)} has a {region} region that does not pair up.")
        if begins:
            indent = line[: len(line) - len(line.lstrip())]
            kept.extend(indent + stub_line for stub_line in stub)
        elif not inside and not ends:
            kept.append(line)
        inside = (inside or begins) and not ends
    if inside:
        raise MasterError(f"cell {_name(cell)} has a {region} region that does not end.")
    return "\n".join(kept)


def _lock(cell: Cell) -> None:
    """Say to the editor of notebooks what a learner may delete and change."""
    if is_test(cell) or is_given(cell):
        cell.metadata["deletable"] = cell.metadata["editable"] = False
    elif is_answer(cell):
        cell.metadata["deletable"] = False


def _sign(cell: Cell) -> None:
    """Add nbgrader's checksum, by which it knows an answer that was left untouched."""
    marks = _marks(cell)
    if not (is_answer(cell) or is_test(cell) or is_given(cell)):
        return
    graded, solution = bool(marks.get("grade")), is_answer(cell)
    parts = [cell.source, cell.cell_type, str(graded), str(solution), str(not solution)]
    parts.append(marks["grade_id"])
    if graded:
        parts.append(str(float(marks["points"])))
    marks["checksum"] = hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()
    marks["cell_type"] = cell.cell_type
