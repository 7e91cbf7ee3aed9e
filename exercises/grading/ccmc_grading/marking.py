"""Mark one notebook in this process.

For a notebook that one trusts: one's own, or the reference solution in the tests of the course.
The code of the notebook runs here, with everything that this process may do.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ccmc_grading.masters import TEXT_STUB, is_answer, is_test

__all__ = ["Mark", "mark", "with_student_id"]

STUDENT_ID_TAG = "student-id"


@dataclass(frozen=True)
class Mark:
    """What one cell of a notebook earned.

    Parameters
    ----------
    name : str
        The name of the cell.
    most : float
        The points that it can earn.
    passed : bool or None
        Whether it earned them; None if a person has to read it.
    message : str
        Why points were lost, or what the check printed.
    """

    name: str
    most: float
    passed: bool | None
    message: str

    @property
    def earned(self) -> float:
        """The points that it earned so far."""
        return self.most if self.passed else 0


def mark(master: Any, submission: Any, student_id: str | None = None) -> list[Mark]:
    """Run the answers of a submission between the given cells and the tests of its master.

    Parameters
    ----------
    master : nbformat.NotebookNode
        The master: order, given cells and tests come from here.
    submission : nbformat.NotebookNode
        The notebook to mark: answers come from here, and so do the cells that the learner added.
        The master itself may be marked; it holds the reference solution.
    student_id : str, optional
        Whose data to use; by default what the submission says.

    Returns
    -------
    list of Mark
        One for each cell that can earn points or checks an answer, in the order of the master.

    Notes
    -----
    As in nbgrader, a test earns its points if it raises nothing and writes nothing to stderr.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> answer = {"grade_id": "answer", "grade": False, "solution": True, "locked": False}
    >>> test = {"grade_id": "test", "grade": True, "solution": False, "locked": True, "points": 2}
    >>> cells = [
    ...     new_code_cell("x = 3", metadata={"nbgrader": answer}),
    ...     new_code_cell("assert x == 4, 'x is not 4.'", metadata={"nbgrader": test}),
    ... ]
    >>> mark(new_notebook(cells=cells), new_notebook(cells=cells))
    [Mark(name='test', most=2.0, passed=False, message='x is not 4.')]
    """
    if student_id is not None:
        submission = with_student_id(submission, student_id)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    marks = []
    for cell in _merged(master, submission):
        failure, printed = _run(cell, namespace) if cell.cell_type == "code" else ("", "")
        if is_test(cell):
            marks.append(_by_machine(cell, failure, printed))
        elif is_answer(cell) and cell.metadata["nbgrader"].get("grade"):
            marks.append(_by_a_person(cell))
    return marks


def with_student_id(submission: Any, student_id: str) -> Any:
    """Return a submission in which the cell tagged ``student-id`` sets a certain ID.

    Parameters
    ----------
    submission : nbformat.NotebookNode
        The notebook, which is left as it is.
    student_id : str
        The ID.

    Returns
    -------
    nbformat.NotebookNode
        A copy.  What the cell held before stays in it as a comment, where it differs.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> cell = new_code_cell('STUDENT_ID = "bob"', metadata={"tags": ["student-id"]})
    >>> print(with_student_id(new_notebook(cells=[cell]), "ada").cells[0].source)
    STUDENT_ID = "ada"
    # submitted: STUDENT_ID = "bob"
    """
    changed = copy.deepcopy(submission)
    line = f"STUDENT_ID = {json.dumps(student_id, ensure_ascii=False)}"
    for cell in changed.cells:
        if _key(cell) == STUDENT_ID_TAG and cell.cell_type == "code":
            typed = [f"# submitted: {old}" for old in cell.source.splitlines() if old != line]
            cell.source = "\n".join([line, *typed])
    return changed


def _key(cell: Any) -> str | None:
    """Return by what name a cell is found again in another version of its notebook."""
    if STUDENT_ID_TAG in cell.metadata.get("tags", []):
        return STUDENT_ID_TAG
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return None if name is None else str(name)


def _merged(master: Any, submission: Any) -> Iterator[Any]:
    """Yield the master's cells with the learner's answers in them, and the learner's own cells."""
    ours = {_key(cell) for cell in master.cells} - {None}
    theirs: dict[str | None, Any] = {}
    added: dict[str | None, list[Any]] = {}
    anchor = None
    for cell in submission.cells:
        key = _key(cell)
        if key in ours:
            theirs.setdefault(key, cell)
            anchor = key
        else:
            added.setdefault(anchor, []).append(cell)
    yield from added.get(None, [])
    for cell in master.cells:
        key = _key(cell)
        if not (is_answer(cell) or key == STUDENT_ID_TAG):
            yield cell
        elif key in theirs:
            yield theirs[key]
        yield from added.get(key, []) if key is not None else []


def _run(cell: Any, namespace: dict[str, Any]) -> tuple[str, str]:
    """Run a cell; return why it failed, which is empty if it did not, and what it printed."""
    printed, complaints = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complaints):
        try:
            exec(compile(cell.source, f"<{_key(cell)}>", "exec"), namespace)
        except AssertionError as error:
            return str(error) or "an assertion failed.", printed.getvalue()
        except (Exception, SystemExit) as error:
            return f"{type(error).__name__}: {error}", printed.getvalue()
    return complaints.getvalue().strip(), printed.getvalue()


def _by_machine(cell: Any, failure: str, printed: str) -> Mark:
    most = float(cell.metadata["nbgrader"]["points"])
    return Mark(str(_key(cell)), most, not failure, failure or printed.strip())


def _by_a_person(cell: Any) -> Mark:
    marks = cell.metadata["nbgrader"]
    untouched = cell.source.strip() in ("", *TEXT_STUB)
    message = "there is no answer." if untouched else "a person has to read this."
    return Mark(marks["grade_id"], float(marks["points"]), False if untouched else None, message)
