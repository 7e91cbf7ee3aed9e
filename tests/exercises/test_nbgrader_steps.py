"""The two steps that the course adds to nbgrader's own, each by itself."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import pytest
from ccmc_grading import masters
from ccmc_grading.nbgrader_steps import DataOfTheRoster, HideHiddenTests
from exercise_material import master, released, with_answers
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.config import Config

RESOURCES = {"nbgrader": {"student": "Zoë"}}


def cell_of(notebook: Any, name: str) -> Any:
    (cell,) = (each for each in notebook.cells if each.id == name)
    return cell


@pytest.mark.parametrize("step", [DataOfTheRoster, HideHiddenTests])
def test_a_step_is_one_of_nbgraders(step: Any) -> None:
    assert issubclass(step, NbGraderPreprocessor)
    resources = copy.deepcopy(RESOURCES)
    assert step().preprocess(released(), resources)[1] is resources
    assert resources == RESOURCES


@pytest.mark.parametrize("typed", ['STUDENT_ID = "ada"', "STUDENT_ID = ada", 'STUDENT_ID = "'])
def test_the_roster_decides_whose_data_are_drawn(typed: str) -> None:
    notebook = with_answers(released(), {"student-id": typed})
    changed, _ = DataOfTheRoster().preprocess(notebook, RESOURCES)
    source = cell_of(changed, "student-id").source
    assert source == f'STUDENT_ID = "Zoë"\n# submitted: {typed}'
    others = [each for each in changed.cells if each.id != "student-id"]
    assert others == [each for each in notebook.cells if each.id != "student-id"]


def test_feedback_keeps_everything_but_the_hidden_tests() -> None:
    graded = master()
    for cell in graded.cells:
        if cell.cell_type == "code":
            cell.outputs = [{"output_type": "stream", "name": "stdout", "text": cell.id}]
    before = copy.deepcopy(graded)
    shown, _ = HideHiddenTests().preprocess(graded, RESOURCES)
    assert [cell.id for cell in shown.cells] == [cell.id for cell in before.cells]
    for cell, original in zip(shown.cells, before.cells, strict=True):
        assert cell.get("outputs") == original.get("outputs")
        assert cell.metadata == original.metadata
        if not masters.is_test(cell):
            assert cell.source == original.source
        assert "HIDDEN TESTS" not in cell.source
    assert cell_of(shown, "task-1-law").source == cell_of(released(), "task-1-law").source


def test_the_exporter_of_the_feedback_has_nothing_to_warn_about() -> None:
    # It sets the order of formats on every step.
    config = Config()
    config.HideHiddenTests.display_data_priority = ["text/html"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert HideHiddenTests(config=config).display_data_priority == ["text/html"]
