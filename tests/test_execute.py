"""Executing chapters side by side into the cache that the book is built from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from course_tasks import execute, steps
from jupyter_cache import get_cache

HEAD = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
    format_version: 0.13
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A page
"""


def page(*cells: str) -> str:
    """Return a page with cells."""
    return HEAD + "".join(f"\n```{{code-cell}} ipython3\n{cell}\n```\n" for cell in cells)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of a page without cells, one that runs, one that fails and one that is left out."""
    (tmp_path / "_config.yml").write_text("execute: {timeout: 60}\n")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: intro\nchapters:\n- file: chapters/good\n- file: chapters/bad\n"
        "- file: exercises/release/notebook\n"
    )
    (tmp_path / "intro.md").write_text("# No cells\n")
    (tmp_path / "chapters").mkdir()
    # A cell finds the files beside its page.
    (tmp_path / "chapters" / "data.txt").write_text("3")
    (tmp_path / "chapters" / "good.md").write_text(
        page("n = int(open('data.txt').read())", "2 * n")
    )
    (tmp_path / "chapters" / "bad.md").write_text(page("1 + 1", "undefined_name"))
    (tmp_path / "chapters" / "draft.md").write_text(page("raise SystemError('not in the book')"))
    return tmp_path


def test_pages_with_code_are_those_of_the_table_of_contents(book: Path) -> None:
    found = [path.relative_to(book).as_posix() for path in execute.pages_with_code(book)]
    assert found == ["chapters/good.md", "chapters/bad.md"]


def test_results_are_cached_and_failures_are_reported(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (report,) = execute.execute(book, book / "cache")
    assert report.startswith("chapters/bad.md:\n")
    said = steps.COLOUR.sub("", report)
    assert "NameError: name 'undefined_name' is not defined" in said
    assert "site-packages" not in said
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 to execute"
    assert sorted(line.split(", ")[0].split(": ")[1] for line in lines[1:]) == [
        "chapters/bad.md",
        "chapters/good.md",
    ]

    # What ran is found again, with its results; what failed is not taken for done.
    cache = get_cache(book / "cache")
    (record,) = cache.list_cache_records()
    outputs = [
        cell.outputs for cell in cache.get_cache_bundle(record.pk).nb.cells if "outputs" in cell
    ]
    assert outputs[1][0]["data"]["text/plain"] == "6"
    assert [Path(each.uri).name for each in execute.staged(cache, book)] == ["bad.md"]


def test_a_changed_cell_is_executed_again_and_a_changed_sentence_is_not(book: Path) -> None:
    good, bad = book / "chapters" / "good.md", book / "chapters" / "bad.md"
    bad.write_text(page("1 + 1"))
    assert execute.execute(book, book / "cache") == []
    cache = get_cache(book / "cache")
    good.write_text(good.read_text().replace("# A page", "# A page with another title"))
    assert execute.staged(cache, book) == []
    good.write_text(good.read_text().replace("2 * n", "3 * n"))
    assert [Path(each.uri).name for each in execute.staged(cache, book)] == ["good.md"]


def test_as_a_program_it_fails_and_keeps_the_kernels_messages_apart(book: Path) -> None:
    (book / "cache").mkdir()
    done = subprocess.run(
        [sys.executable, execute.__file__, book, book / "cache"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("chapters/bad.md:\n")
    assert (book / "cache" / "kernels.txt").exists()
    (book / "chapters" / "bad.md").write_text(page("import os; os.write(2, b'kernel speaks')"))
    done = subprocess.run(
        [sys.executable, execute.__file__, book, book / "cache"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
