"""Numbers in sentences: the same name is a variable for the notebook and glued for the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "intro.md", *sorted(ROOT.glob("chapters/**/*.md"))]
IN_SENTENCE = re.compile(r"\{eval\}`([^`]*)`")
GLUED = re.compile(r'^(\w+) = .+\nglue\("(\w+)", (\w+), display=False\)$', re.MULTILINE)


def glued(text: str) -> set[str]:
    """Return the names that are glued from a variable of the same name, set on the line before."""
    return {name for name, key, value in GLUED.findall(text) if name == key == value}


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
