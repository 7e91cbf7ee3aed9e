"""The minutes of a main path are counted from what a reader sees without opening anything."""

from __future__ import annotations

import pytest
from course_site import reading
from course_site.reading import MainPath, main_path, words
from docutils import nodes
from docutils.core import publish_doctree
from hypothesis import given
from hypothesis import strategies as st
from sphinx_design.shared import create_component

PROSE = "The layer walks a Markov chain."


def cell(mode: str | None = None, output: str = "output") -> nodes.container:
    """A cell of two lines of code with one output."""
    code = nodes.container(nb_element="cell_code_source")
    code += nodes.literal_block("", "a = 1\n\nb = 2")
    bundle = nodes.container(nb_element="mime_bundle")
    bundle += nodes.literal_block("", f"{output}\nas text")
    bundle += nodes.raw("", output, format="html")
    shown = nodes.container(nb_element="cell_code_output")
    shown += bundle
    whole = nodes.container(nb_element="cell_code")
    if mode:
        whole["hide_mode"] = mode
    whole += [code, shown]
    return whole


def page(*content: nodes.Node) -> nodes.document:
    document = publish_doctree(PROSE)
    document += list(content)
    return document


def test_words_of_prose() -> None:
    assert main_path(page()) == MainPath(words=6)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("self-attention", 1),
        ("don't", 1),
        ("P = 0.5 and so on.", 5),
        ("-- * --", 0),
        ("Zermelo’s «models»", 2),
    ],
)
def test_count_of_words(text: str, count: int) -> None:
    assert words(text) == count


@given(st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True)))
def test_words_are_counted_one_by_one(parts: list[str]) -> None:
    assert words(" ".join(parts)) == len(parts)


def test_code_output_and_formulas() -> None:
    content = [cell(), nodes.math("", "P_{qj}"), nodes.math_block("", "a\n\nb")]
    assert main_path(page(*content)) == MainPath(6, 2, 1, 1, 1, 0)


def test_lines_of_a_derivation_count_as_displays() -> None:
    derivation = cell(output=r"<li>\[ a \]</li><li>\[ = b \]</li>")
    assert main_path(page(derivation)) == MainPath(6, 2, 0, 2, 1, 0)


def test_a_widget_is_no_plain_output() -> None:
    twin = cell(output='<div class="ccmc-static">a long picture in words</div>')
    assert main_path(page(twin)) == MainPath(6, 2, 0, 0, 0, 1)


@pytest.mark.parametrize(
    ("mode", "lines", "outputs"),
    [("input", 0, 1), ("output", 2, 0), ("input+output", 0, 0), ("all", 0, 0)],
)
def test_hidden_parts_of_cells_are_not_counted(mode: str, lines: int, outputs: int) -> None:
    assert main_path(page(cell(mode))) == MainPath(6, lines, 0, 0, outputs, 0)


def test_dropdowns_solutions_notes_and_the_head_are_not_counted() -> None:
    dropdown = create_component("dropdown", has_title=True)
    solution = nodes.admonition(classes=["solution", "dropdown"])
    head = nodes.admonition(classes=["at-a-glance"])
    note = nodes.admonition(classes=["in-a-session"])
    for block in (dropdown, solution, head, note):
        block += [nodes.paragraph("", "five words that are hidden"), nodes.math_block("", "x")]
    assert main_path(page(dropdown, solution, head, note)) == MainPath(words=6)


def test_an_open_box_is_counted() -> None:
    box = nodes.admonition("", nodes.title("", "In one minute"), nodes.paragraph("", "a b c"))
    assert main_path(page(box)) == MainPath(words=12)


def test_minutes_add_up_from_the_stated_speeds() -> None:
    assert MainPath(words=reading.WORDS_PER_MINUTE).minutes == pytest.approx(1)
    path = MainPath(440, 30, 20, 10, 3, 2)
    seconds = 30 * 2 + 20 * 1.5 + 10 * 6 + 3 * 8 + 2 * 45
    assert path.minutes == pytest.approx(2 + seconds / 60)
    assert "440 words, 30 lines of code" in str(path)


@given(st.tuples(*[st.integers(0, 5000)] * 6), st.integers(0, 5))
def test_more_of_anything_takes_longer(counts: tuple[int, ...], which: int) -> None:
    more = list(counts)
    more[which] += 1
    assert MainPath(*more).minutes > MainPath(*counts).minutes
