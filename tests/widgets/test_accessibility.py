"""Colours and contrast: of the style sheet itself, and where the reader's own colours rule."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from browser import RecordedPage

from ccmc_teach.widgets.link import SOURCES
from widgets.conftest import Pages
from widgets.screen import Screen

OpenPage = Callable[..., RecordedPage]


def test_forced_colours_keep_marks_and_words_apart(open_page: OpenPage, pages: Pages) -> None:
    screen = Screen(open_page(pages.of("counts_times_tastes"), forced_colors="active"))
    colours = screen.root.locator(".moves").first.evaluate(
        "node => [...node.children].map(n => getComputedStyle(n).fill)"
    )
    bar, share, plate, word = colours
    paper = screen.root.locator(".widget").evaluate(
        "node => getComputedStyle(node).backgroundColor"
    )
    assert bar != paper
    assert share != paper
    assert plate != word
    chosen = screen.root.locator(".choice input:checked + span").first
    look = chosen.evaluate("n => [getComputedStyle(n).color, getComputedStyle(n).backgroundColor]")
    assert look[0] != look[1]
    assert look[1] != paper


# ---- colours, from the style sheet itself


def palette(dark: bool) -> dict[str, str]:
    css = (SOURCES / "style.mjs").read_text("utf-8")
    light_block, dark_block = re.findall(
        r"\.widget(?:\[data-theme=dark\])?\{(--ink:.*?)\}", css, re.DOTALL
    )[:2]
    block = light_block + ";" + dark_block if dark else light_block
    found = dict(re.findall(r"--(\w+):([^;}]+)", block))

    def resolve(value: str) -> str:
        match = re.fullmatch(r"var\(--(\w+)\)", value.strip())
        return resolve(found[match[1]]) if match else value.strip()

    return {name: resolve(value) for name, value in found.items()}


def contrast(first: str, second: str) -> float:
    def luminance(colour: str) -> float:
        digits = colour.lstrip("#")
        digits = "".join(2 * c for c in digits) if len(digits) == 3 else digits
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_known_colours() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("dark", [False, True])
def test_colours_can_be_told_from_paper(dark: bool) -> None:
    colours = palette(dark)
    for ground in ("paper", "panel"):
        assert contrast(colours["ink"], colours[ground]) >= 7
        assert contrast(colours["soft"], colours[ground]) >= 4.5
        assert contrast(colours["focus"], colours[ground]) >= 3
        for j in range(5):
            assert contrast(colours[f"t{j}"], colours[ground]) >= 4.5, (ground, j)
            assert contrast(colours[f"c{j}"], colours[ground]) >= (
                3 if ground == "paper" else 2.8
            ), (ground, j)
    for j in range(5):
        assert contrast(colours[f"o{j}"], colours[f"c{j}"]) >= 4.5, j


def mixed(over: str, under: str, strength: float) -> str:
    """Return a colour of some strength over another."""
    first, second = (
        [int(colour.lstrip("#").ljust(6, colour[-1])[i : i + 2], 16) for i in (0, 2, 4)]
        for colour in (over, under)
    )
    parts = [round(strength * a + (1 - strength) * b) for a, b in zip(first, second, strict=True)]
    return "#" + "".join(f"{part:02x}" for part in parts)


@pytest.mark.parametrize("dark", [False, True])
def test_numbers_can_be_read_on_every_cell_of_a_table(dark: bool) -> None:
    source = (SOURCES / "matrix_view.mjs").read_text("utf-8")
    strongest = float(re.search(r"STRONGEST = ([\d.]+)", source)[1])  # type: ignore[index]
    colours = palette(dark)
    for j in range(5):
        cell = mixed(colours[f"c{j}"], colours["panel"], strongest)
        assert contrast(colours["ink"], cell) >= 4.5, j
    assert contrast(colours["ink"], mixed(colours["soft"], colours["panel"], strongest)) >= 4.5
