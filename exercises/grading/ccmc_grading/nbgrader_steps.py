"""The two steps that the course adds to nbgrader's own; ``nbgrader_config.py`` names them."""

from __future__ import annotations

from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List

from ccmc_grading import marking, masters

__all__ = ["DataOfTheRoster", "HideHiddenTests"]


class DataOfTheRoster(NbGraderPreprocessor):  # type: ignore[misc]
    """Before grading, set the ID that draws a notebook's data to the ID that submitted it."""

    def preprocess(self, notebook: Any, resources: Any) -> tuple[Any, Any]:
        """Change the cell tagged ``student-id``.

        Parameters
        ----------
        notebook : nbformat.NotebookNode
            The submission.
        resources : dict
            What nbgrader knows, among it the student.

        Returns
        -------
        tuple
            The changed submission, and the resources as they are.
        """
        student = resources["nbgrader"]["student"]
        return marking.with_student_id(notebook, student), resources


class HideHiddenTests(NbGraderPreprocessor):  # type: ignore[misc]
    """Leave the hidden tests out of the feedback; the messages that they gave stay."""

    # The exporter of the feedback sets this on every step, and warns about one that lacks it.
    display_data_priority: List[Any] = List(config=True)

    def preprocess(self, notebook: Any, resources: Any) -> tuple[Any, Any]:
        """Take the hidden regions out of the test cells.

        Parameters
        ----------
        notebook : nbformat.NotebookNode
            The graded notebook.
        resources : dict
            What nbgrader knows.

        Returns
        -------
        tuple
            The changed notebook, and the resources as they are.
        """
        for cell in notebook.cells:
            if masters.is_test(cell):
                cell.source = masters.without_hidden_tests(cell)
        return notebook, resources
