"""A live session: the environment of Binder, its JupyterLab, a chapter and an exercise in it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import RecordedPage
from jupyterlab import NoSession, Notebook, Session, errors

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ["intro.md", *sorted(f"chapters/{file.name}" for file in ROOT.glob("chapters/*.md"))]


@pytest.fixture(scope="module")
def session() -> Session:
    """A session, made in a fresh folder."""
    made = Session(ROOT / "_build" / "session")
    try:
        made.make(ROOT)
    except NoSession as reason:
        if os.environ.get("CI"):
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(f"no live session without a network: {reason}")
    return made


@pytest.fixture(scope="module")
def laboratory(session: Session, browser: object) -> Iterator[str]:
    """The address of JupyterLab, with a place for a path."""
    with session.jupyterlab() as address:
        yield address


@pytest.fixture
def open_notebook(
    laboratory: str, open_page: Callable[..., RecordedPage]
) -> Callable[[str], Notebook]:
    """Return a function that opens a file by its path, as a click on a launch button does."""

    def open_notebook(path: str) -> Notebook:
        size = {"width": 1280, "height": 1000}
        return Notebook(open_page(laboratory.format(path=path), viewport=size))

    return open_notebook


def test_learners_do_not_find_the_masters(session: Session) -> None:
    assert (session.course / "chapters").is_dir()
    for name in ("source", "mutants", "grading"):
        assert not (session.course / "exercises" / name).exists()


def run(notebook: Notebook) -> list[dict[str, Any]]:
    """Run a notebook to its end and return its cells of code."""
    notebook.run_all()
    code = [cell for cell in notebook.cells() if cell["cell_type"] == "code"]
    assert code
    assert errors(code) == []
    assert all(cell["execution_count"] for cell in code)
    assert notebook.page.outside_requests == []
    return code


def test_nothing_covers_what_is_to_be_read(open_notebook: Callable[[str], Notebook]) -> None:
    notebook = open_notebook("intro.md")
    run(notebook)
    assert notebook.page.page.locator(".Toastify__toast").count() == 0


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_runs_to_its_end(open_notebook: Callable[[str], Notebook], name: str) -> None:
    run(open_notebook(name))


def test_a_widget_moves_by_key_and_python_sees_it(
    open_notebook: Callable[[str], Notebook],
) -> None:
    notebook = open_notebook("chapters/mapping.md")
    run(notebook)
    cells = notebook.cells()
    index = next(i for i, cell in enumerate(cells) if cell["source"] == "CountsTimesTastes()")
    widget = f"Out[{cells[index]['execution_count']}]"
    before = notebook.evaluate(f"{widget}.counts.tolist()")
    handle = notebook.page.page.get_by_role("slider", name="Count of fox in the prompt").first
    notebook.show(index, handle)
    handle.focus()
    for _ in range(3):
        handle.press("ArrowUp")
    # Keys that command mode of JupyterLab would take: they must not reach it.
    for key in ("b", "d", "d"):
        handle.press(key)
    assert handle.get_attribute("aria-valuenow") == "4"
    assert before == "[2.0, 3.0, 3.0, 1.0]"
    # The last key is still on its way to Python when the screen has moved.
    for _ in range(50):
        after = notebook.evaluate(f"{widget}.counts.tolist()")
        if after == "[2.0, 3.0, 3.0, 4.0]":
            break
        notebook.page.page.wait_for_timeout(200)
    assert after == "[2.0, 3.0, 3.0, 4.0]"
    assert len(notebook.cells()) == len(cells)
    # The law that Python computes from the moved counts is the one that the screen shows.
    law = notebook.evaluate(f"[round(100 * p) for p in {widget}.next_token_law]")
    shown = notebook.page.page.locator("[aria-label^='Next word after cat']").first
    said = shown.get_attribute("aria-label") or ""
    assert law == str([int(each) for each in re.findall(r"(\d+)\s?%", said)[:4]])


def said(cell: dict[str, Any]) -> str:
    """Return what a cell printed or complained about, without the codes for colours."""
    outputs = cell["outputs"]
    lines = [line for each in outputs for line in each.get("traceback", [each.get("text", "")])]
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(map(str, lines)))


def test_an_exercise_answers_a_learner(open_notebook: Callable[[str], Notebook]) -> None:
    notebook = open_notebook("exercises/release/mapping/mapping.ipynb")
    place = {
        cell["metadata"]["nbgrader"]["grade_id"]: index
        for index, cell in enumerate(notebook.cells())
        if "nbgrader" in cell["metadata"]
    }
    first_task = place["task-1"]
    code = [
        index
        for index, cell in enumerate(notebook.cells()[:first_task])
        if cell["cell_type"] == "code"
    ]
    assert [errors([notebook.run(index)]) for index in code] == [[]] * len(code)

    # Not answered, answered by a typical mistake, answered in the right form: a sentence each.
    assert said(notebook.run(place["task-1-form"])).startswith("✗ Task 1, not yet: ")
    notebook.write(first_task, "law = np.bincount(prompt, minlength=4) / len(prompt)\ntwice = 0.5")
    notebook.run(first_task)
    assert said(notebook.run(place["task-1-form"])).startswith("✗ Task 1, not yet: ")
    tilted = "law = np.bincount(prompt, minlength=4) * P[prompt[-1]]\nlaw = law / law.sum()"
    notebook.write(first_task, f"{tilted}\ntwice = 0.5")
    notebook.run(first_task)
    answer = notebook.run(place["task-1-form"])
    assert errors([answer]) == []
    assert said(answer).startswith("✓ Task 1: ")
    assert notebook.page.outside_requests == []


def test_a_sentence_shows_its_computed_numbers(
    open_notebook: Callable[[str], Notebook],
) -> None:
    notebook = open_notebook("chapters/mapping.md")
    run(notebook)
    cells = notebook.cells()
    index = next(i for i, cell in enumerate(cells) if "{eval}`dog_tilted`" in cell["source"])
    number = notebook.evaluate("dog_tilted").strip("'")
    sentence = notebook.page.page.get_by_text(f"in the plain chain to {number}").first
    notebook.show(index, sentence)
    sentence.wait_for()
