"""The instructor's loop with the real nbgrader, as the page for instructors tells it."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ccmc_grading import masters
from exercise_material import EXERCISES, MASTER, RELEASE, master, prepared, with_answers
from nbgrader.api import Gradebook
from traitlets.config import Config

PAGE = EXERCISES.parent / "chapters" / "reference" / "instructors.md"
ANSWERS = ["task-1", "task-2", "task-3", "task-4", "task-5", "task-6", "task-6-matrix"]
# Known for years, and the reason why the page for instructors warns.
CHEAT = 'get_ipython().input_transformers_cleanup.append(lambda lines: ["pass\\n"])'
WRITTEN = "The attention is count times like, divided by the total."


def prepared_cells(*names: str) -> dict[str, str]:
    """Return the cells of prepared answers, joined."""
    answers = [*prepared().MUTANTS, *prepared().UNUSUAL]
    return {
        cell: source
        for answer in answers
        if answer.name in names
        for cell, source in answer.cells.items()
    }


def submissions(release: Any) -> dict[str, Any]:
    """Return what four students hand in."""
    solutions = {cell.id: cell.source for cell in master().cells if cell.id in ANSWERS}
    solutions["task-5"] = WRITTEN
    right = with_answers(release, solutions)
    # The second and the third of these are right, and print warnings on the way.
    partly = prepared_cells(
        "square", "loops, a list, and warnings on the way", "the row that is dictated"
    )
    wrong_id = {"student-id": 'STUDENT_ID = "s01"', "task-5": "Attention is counting."}
    return {
        "s01": right,
        "s05": with_answers(right, partly | wrong_id),
        "s07": release,
        "s09": with_answers(release, {"task-1": CHEAT}),
    }


class Course:
    """A course in a folder of its own, with a bank of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        scripts = str(Path(sys.executable).parent)
        self.environment = os.environ | {
            "CCMC_COURSE_DIR": str(root),
            "CCMC_SOURCE_DIR": str(root / "bank"),
            "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")]),
            "PYTHONPATH": str(EXERCISES / "grading"),
            "JUPYTER_CONFIG_DIR": str(root / "jupyter"),
            "IPYTHONDIR": str(root / "ipython"),
        }

    def nbgrader(self, *words: str) -> str:
        """Run nbgrader in the folder of the exercises and return what it says."""
        command = [sys.executable, "-m", "nbgrader", *words]
        done = subprocess.run(
            command,
            cwd=EXERCISES,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def notebook(self, folder: str, student: str) -> Any:
        """Return the notebook of a student in one of nbgrader's folders."""
        return masters.read(self.root / folder / student / "mapping" / "mapping.ipynb")

    def feedback(self, student: str) -> str:
        """Return the page that a student gets, with single spaces."""
        path = self.root / "feedback" / student / "mapping" / "mapping.html"
        return " ".join(path.read_text(encoding="utf-8").split())

    def grades(self) -> dict[str, float]:
        """Return the exported scores."""
        with (self.root / "grades.csv").open(encoding="utf-8", newline="") as file:
            return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def read_by_a_person(course: Course, points: dict[str, float]) -> None:
    """Enter the points of the written task, as the formgrader does."""
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}", "ccmc") as gradebook:
        for student, earned in points.items():
            grade = gradebook.find_grade("task-5", "mapping", "mapping", student)
            assert grade.needs_manual_grade
            grade.manual_score = earned
            grade.needs_manual_grade = False
        gradebook.db.commit()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Run the whole loop once."""
    here = Course(tmp_path_factory.mktemp("course"))
    shutil.copytree(MASTER.parent, here.root / "bank" / "mapping")
    here.nbgrader("generate_assignment", "mapping")
    release = masters.read(here.root / "release" / "mapping" / "mapping.ipynb")
    for student, notebook in submissions(release).items():
        masters.write(notebook, here.root / "submitted" / student / "mapping" / "mapping.ipynb")
    here.nbgrader("autograde", "mapping")
    read_by_a_person(here, {"s01": 3, "s05": 1})
    here.nbgrader("generate_feedback", "mapping")
    here.nbgrader("export", "--to", str(here.root / "grades.csv"))
    return here


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "__pycache__" not in path.parts}


BEFORE = files(EXERCISES)


def test_the_release_is_ours_byte_for_byte(course: Course) -> None:
    made = course.root / "release" / "mapping" / "mapping.ipynb"
    assert made.read_bytes() == RELEASE.read_bytes()


def test_scores_are_as_expected(course: Course) -> None:
    assert course.grades() == {"s01": 20, "s05": 15, "s07": 0, "s09": 17}


def test_one_line_gets_full_marks_and_the_page_says_so(course: Course) -> None:
    # If this fails, nbgrader has changed for the better, and the page has to change too.
    assert course.grades()["s09"] == 17
    (answer,) = (cell for cell in course.notebook("submitted", "s09").cells if cell.id == "task-1")
    assert answer.source.count("\n") == 0
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert "A single line of code gets full marks for every test" in page


def test_the_data_are_those_of_the_roster(course: Course) -> None:
    for student in ("s01", "s05", "s07"):
        (cell,) = (c for c in course.notebook("autograded", student).cells if c.id == "student-id")
        assert cell.source.startswith(f'STUDENT_ID = "{student}"\n# submitted: STUDENT_ID = ')


def test_feedback_tells_why_points_were_lost(course: Course) -> None:
    page = course.feedback("s05")
    assert "you squared one probability" in page
    assert "some W reaches it" in page
    assert "✗ Task 1, not yet:" in page
    assert "✓ Task 4:" in page
    assert "there is no answer: replace" in course.feedback("s07")


def test_feedback_holds_no_hidden_test_and_no_traceback_of_a_check(course: Course) -> None:
    hidden = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END", re.S)
    everything = "\n".join(cell.source for cell in master().cells)
    elsewhere = hidden.sub("", everything)
    elsewhere += "\n".join(cell.source for cell in course.notebook("submitted", "s05").cells)
    lines = {
        line.strip()
        for region in hidden.findall(everything)
        for line in region.split("\n")
        # Other characters look different in the source of a page.
        if len(line.strip()) > 30 and line.isascii() and not set(line) & set("<>&'\"`")
    }
    lines = {line for line in lines if line not in elsewhere}
    assert len(lines) > 20
    for student in ("s01", "s05", "s07", "s09"):
        page = re.sub(r"<[^>]+>", "", course.feedback(student))
        assert "HIDDEN TESTS" not in page
        assert {line for line in lines if line in page} == set()
        assert "CheckFailed" not in page


def test_warnings_on_the_way_cost_nothing(course: Course) -> None:
    cells = {cell.id: cell for cell in course.notebook("autograded", "s05").cells}
    for name in ("task-4-form", "task-4-one", "task-4-several", "task-4-none"):
        assert [output.get("name") for output in cells[name].outputs] == ["stdout"]


def test_everything_private_stays_in_the_folder_of_the_course(course: Course) -> None:
    assert files(EXERCISES) == BEFORE
    kept = {"submitted", "autograded", "feedback", "gradebook.db", "grades.csv", "release", "bank"}
    assert kept <= {path.name for path in course.root.iterdir()}


def test_the_page_shows_the_real_grades(course: Course) -> None:
    text = (course.root / "grades.csv").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if not re.match(r"mapping,+s09", line)]
    assert "\n".join(rows) in PAGE.read_text(encoding="utf-8")


# The configuration.


def configuration(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Config:
    """Return what ``nbgrader_config.py`` sets under an environment."""
    for name in ("CCMC_COURSE_DIR", "CCMC_SOURCE_DIR", "CCMC_COURSE_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    config = Config()
    path = EXERCISES / "nbgrader_config.py"
    code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
    exec(code, {"get_config": lambda: config, "__file__": str(path)})
    return config


def test_the_public_masters_fill_the_public_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    folders = configuration(monkeypatch, **home).CourseDirectory
    assert folders.root == str(tmp_path.resolve() / "ccmc-course")
    assert folders.source_directory == str(EXERCISES / "source")
    assert folders.release_directory == str(EXERCISES / "release")
    assert folders.course_id == "ccmc"
    assert folders.db_url.endswith("/ccmc-course/gradebook.db")


def test_a_private_bank_has_private_releases(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = {"CCMC_COURSE_DIR": str(tmp_path / "course"), "CCMC_SOURCE_DIR": str(tmp_path / "bank")}
    folders = configuration(monkeypatch, CCMC_COURSE_ID="spring", **here).CourseDirectory
    assert folders.source_directory == str(tmp_path.resolve() / "bank")
    assert folders.release_directory == str(tmp_path.resolve() / "course" / "release")
    assert folders.course_id == "spring"
    assert (tmp_path / "course").is_dir()


def test_our_steps_come_first_and_nbgraders_own_are_complete(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = configuration(monkeypatch, CCMC_COURSE_DIR=str(tmp_path))
    steps = [step.__name__ for step in config.Autograde.sanitize_preprocessors]
    assert steps == [
        "DataOfTheRoster",
        "ClearOutput",
        "DeduplicateIds",
        "OverwriteKernelspec",
        "OverwriteCells",
        "CheckCellMetadata",
    ]
    steps = [step.__name__ for step in config.GenerateFeedback.preprocessors]
    assert steps == ["HideHiddenTests", "GetGrades", "CSSHTMLHeaderPreprocessor"]
    assert json.dumps(str(config.Autograde)).count("Execute") == 0
