"""Numbers in sentences: the same name is a variable for the notebook and glued for the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "intro.md", *sorted(ROOT.glob("chapters/**/*.md"))]
IN_SENTENCE = re.compile(r"\{eval\}`([^`]*)`")
GLUED = re.compile(r'^glue\("(\w+)", (\w+), display=False\)$', re.MULTILINE)
SET = re.compile(r"^((?:\w+, )*\w+) = ", re.MULTILINE)


def glued(text: str) -> set[str]:
    """Return the names that are glued from a variable of the same name, set further up."""
    found = set()
    for line in GLUED.finditer(text):
        before = {name for names in SET.findall(text[: line.start()]) for name in names.split(", ")}
        if line[1] == line[2] and line[1] in before:
            found.add(line[1])
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_name_in_a_sentence_is_a_variable_and_is_glued(page: Path) -> None:
    text = page.read_text("utf-8")
    assert set(IN_SENTENCE.findall(text)) == glued(text)
    assert len(glued(text)) == text.count("glue(")
    assert "{glue" not in text  # a notebook would show the name in place of the number


def test_numbered_chapters_have_computed_numbers() -> None:
    chapters = [page for page in PAGES if page.parent.name == "chapters"]
    assert chapters
    assert all(glued(page.read_text("utf-8")) for page in chapters)
