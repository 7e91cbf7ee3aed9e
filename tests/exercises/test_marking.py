"""Marking in one process: which cells run, in which order, and what each of them earns."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import pytest
from ccmc_grading import marking
from exercise_material import marks, master, points, prepared, released, with_answers
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


def cell(name: str, source: str, kind: str, **more: Any) -> Any:
    flags = {"grade": kind == "test", "solution": kind == "answer", "locked": kind != "answer"}
    return new_code_cell(source, metadata={"nbgrader": {"grade_id": name, **flags, **more}})


MASTER = new_notebook(
    cells=[
        new_code_cell('STUDENT_ID = ""', metadata={"tags": ["student-id"]}),
        cell("given", "given = 5", "given"),
        cell("answer", "answer = given", "answer"),
        cell("test", "assert answer == 5, 'answer is not 5.'", "test", points=2),
        cell("who", "print(STUDENT_ID)", "test", points=0),
        cell("last", "assert last == 1", "test", points=3),
    ]
)


def submission(*sources: str) -> Any:
    """Return the master with other answers: the ID, the answer, and cells that were added."""
    notebook = copy.deepcopy(MASTER)
    for place, source in zip((0, 2), sources, strict=False):
        notebook.cells[place].source = source
    notebook.cells.extend(map(new_code_cell, sources[2:]))
    return notebook


def found(notebook: Any, student: str | None = None) -> dict[str, marking.Mark]:
    return {each.name: each for each in marking.mark(MASTER, notebook, student)}


def test_a_right_answer_earns_its_points() -> None:
    assert found(MASTER)["test"] == marking.Mark("test", 2, True, "")
    assert found(MASTER)["test"].earned == 2


def test_a_wrong_answer_earns_none_and_is_told_why() -> None:
    mark = found(submission('STUDENT_ID = ""', "answer = 6"))["test"]
    assert mark == marking.Mark("test", 2, False, "answer is not 5.")
    assert mark.earned == 0


@pytest.mark.parametrize("source", ["1 / 0", "if", "raise SystemExit", "import no_such_module"])
def test_an_answer_that_does_not_run_costs_its_own_points(source: str) -> None:
    results = found(submission('STUDENT_ID = ""', source))
    assert results["test"].message == "NameError: name 'answer' is not defined"
    assert results["who"].passed


def test_a_test_that_says_nothing_has_a_message_all_the_same() -> None:
    assert found(MASTER)["last"].message == "NameError: name 'last' is not defined"
    assert found(submission("", "last = 2"))["last"].message == "an assertion failed."


@pytest.mark.parametrize(
    "answer",
    [
        "import sys\nclass C:\n    def __eq__(s, o):\n        print(1, file=sys.stderr)\n"
        "        return True\nanswer = C()",
        "import warnings\nclass C:\n    def __eq__(s, o):\n        warnings.warn('careful')\n"
        "        return True\nanswer = C()",
    ],
)
def test_a_test_that_writes_to_stderr_earns_nothing_as_in_nbgrader(answer: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # pytest keeps warnings for itself; here they go where they go in a notebook.
        warnings.showwarning = _show
        assert found(submission("", answer))["test"].passed is False


def _show(message: Any, *rest: Any, **more: Any) -> None:
    import sys

    sys.stderr.write(str(message))


def test_given_cells_and_tests_come_from_the_master() -> None:
    notebook = copy.deepcopy(MASTER)
    notebook.cells[1].source = "given = 7"
    notebook.cells[3].source = "pass"
    notebook.cells[2].source = "answer = given + 2"
    assert found(notebook)["test"].message == "answer is not 5."


def test_points_come_from_the_master() -> None:
    notebook = copy.deepcopy(MASTER)
    notebook.cells[3].metadata.nbgrader.points = 1000
    assert found(notebook)["test"].most == 2


def test_order_comes_from_the_master() -> None:
    notebook = copy.deepcopy(MASTER)
    notebook.cells.reverse()
    assert found(notebook)["test"].passed


def test_of_two_copies_of_an_answer_the_first_counts() -> None:
    notebook = submission("", "answer = 5")
    notebook.cells.append(cell("answer", "answer = 6", "answer"))
    assert found(notebook)["test"].passed


def test_a_missing_answer_is_not_filled_from_the_master() -> None:
    notebook = copy.deepcopy(MASTER)
    del notebook.cells[2]
    assert found(notebook)["test"].passed is False


def test_a_missing_test_is_brought_back() -> None:
    notebook = copy.deepcopy(MASTER)
    del notebook.cells[3]
    assert found(notebook)["test"].passed


def test_added_cells_run_where_they_stand() -> None:
    notebook = submission("", "answer = helper()")
    notebook.cells.insert(2, new_code_cell("def helper():\n    return given"))
    notebook.cells.insert(0, new_code_cell("first = 1"))
    notebook.cells.append(new_code_cell("last = 1"))
    results = found(notebook)
    assert results["test"].passed
    # The cell comes after the test that needs it.
    assert results["last"].passed is False
    notebook.cells.insert(6, new_code_cell("last = first"))
    assert found(notebook)["last"].passed


def test_the_data_are_those_of_the_roster() -> None:
    assert found(submission('STUDENT_ID = "bob"'))["who"].message == "bob"
    assert found(submission('STUDENT_ID = "bob"'), "ada")["who"].message == "ada"
    assert found(submission("STUDENT_ID = bob"), "ada")["who"].message == "ada"


@pytest.mark.parametrize(
    ("typed", "student", "becomes"),
    [
        ('STUDENT_ID = "ada"', "ada", 'STUDENT_ID = "ada"'),
        ("STUDENT_ID = ada", "ada", 'STUDENT_ID = "ada"\n# submitted: STUDENT_ID = ada'),
        ("a\nb", "ada", 'STUDENT_ID = "ada"\n# submitted: a\n# submitted: b'),
        ("", 'a"b\\c', 'STUDENT_ID = "a\\"b\\\\c"'),
        ("", "zoë", 'STUDENT_ID = "zoë"'),
    ],
)
def test_an_id_is_set_and_what_was_typed_stays_in_sight(
    typed: str, student: str, becomes: str
) -> None:
    notebook = submission(typed)
    changed = marking.with_student_id(notebook, student)
    assert changed.cells[0].source == becomes
    assert notebook.cells[0].source == typed
    namespace: dict[str, Any] = {}
    exec(changed.cells[0].source, namespace)
    assert namespace["STUDENT_ID"] == student


def test_only_the_tagged_code_cell_is_changed() -> None:
    text = new_markdown_cell("STUDENT_ID", metadata={"tags": ["student-id"]})
    plain = new_code_cell("STUDENT_ID = 1", metadata={"tags": ["other"]})
    changed = marking.with_student_id(new_notebook(cells=[text, plain]), "ada")
    assert [each.source for each in changed.cells] == ["STUDENT_ID", "STUDENT_ID = 1"]


def test_notebooks_are_left_as_they_are() -> None:
    notebook, original = submission("", "answer = 5"), copy.deepcopy(MASTER)
    before = copy.deepcopy(notebook)
    marking.mark(MASTER, notebook, "ada")
    assert notebook == before
    assert original == MASTER


def test_notebooks_do_not_see_each_other() -> None:
    marking.mark(MASTER, submission("", "", "last = 1", "answer = 5"))
    assert found(submission("", ""))["test"].passed is False


# Answers that a person reads.


def test_a_written_answer_waits_for_a_person() -> None:
    written = with_answers(released(), {"task-5": "Count times like."})
    mark = marks(written, "ada")["task-5"]
    assert mark.passed is None
    assert mark.earned == 0
    assert mark.message == "a person has to read this."


@pytest.mark.parametrize("source", ["YOUR ANSWER HERE", "", "\n YOUR ANSWER HERE \n"])
def test_an_untouched_written_answer_earns_nothing(source: str) -> None:
    mark = marks(with_answers(released(), {"task-5": source}), "ada")["task-5"]
    assert (mark.passed, mark.message) == (False, "there is no answer.")


def test_answers_may_be_handed_in_on_the_release() -> None:
    cells = {each.id: each.source for each in master().cells if "task" in each.id}
    names = ["task-1", "task-2", "task-3", "task-4", "task-6", "task-6-matrix"]
    filled = with_answers(released(), {name: cells[name] for name in names})
    assert points(marks(filled, "bob")) == 17
    assert points(marks(with_answers(filled, {"task-2": "copies = 0"}), "bob")) == 15


def test_prepared_answers_name_cells_that_exist() -> None:
    names = {each.id for each in released().cells}
    for answer in [*prepared().MUTANTS, *prepared().UNUSUAL]:
        assert set(answer.cells) | set(answer.fails) <= names
