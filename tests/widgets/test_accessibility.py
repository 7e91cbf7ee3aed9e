"""What no reader may be shut out by: rules, contrast, sizes, narrow screens, forced colours."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import RecordedPage

from ccmc_teach.widgets.link import SOURCES
from widgets.conftest import Pages
from widgets.screen import Screen

OpenPage = Callable[..., RecordedPage]
WIDE = {"viewport": {"width": 1000, "height": 900}}
PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "is_mobile": True}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: RecordedPage) -> list[tuple[str, str]]:
    found = Axe().run(page.page, options={"runOnly": WCAG}).response["violations"]
    return [(rule["id"], node["html"][:120]) for rule in found for node in rule["nodes"]]


def disturb(screen: Screen) -> None:
    """Put both widgets into a state with everything on show."""
    screen.click("All probabilities double")
    screen.choose("grouped by word")
    screen.click("No fox")
    screen.table()
    screen.press(screen.count("dog"), "ArrowUp")
    screen.page.get_by_role("switch", name="Tied").click()
    # Colours are judged once nothing moves any more.
    screen.page.wait_for_timeout(700)


@pytest.mark.parametrize("options", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("name", ["static.html", "dark.html"])
def test_axe_finds_nothing(
    open_page: OpenPage, pages: Pages, name: str, options: dict[str, Any]
) -> None:
    screen = Screen(open_page(pages.url + name, **options))
    assert violations(screen.page) == []
    disturb(screen)
    assert violations(screen.page) == []


def test_axe_finds_nothing_without_scripts(open_page: OpenPage, pages: Pages) -> None:
    page = open_page(pages.url + "static.html")
    Screen(page)
    page.evaluate("document.querySelectorAll('.ccmc-static').forEach(n => n.stop())")
    page.evaluate("document.querySelectorAll('.ccmc-static').forEach(n => delete n.dataset.live)")
    assert page.locator(".ccmc-fallback").first.is_visible()
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 375, 480, 760])
def test_no_width_makes_the_page_scroll_sideways(
    open_page: OpenPage, pages: Pages, width: int
) -> None:
    screen = Screen(open_page(pages.url + "static.html", viewport={"width": width, "height": 800}))
    for prepare in (lambda _: None, disturb):
        prepare(screen)
        assert screen.page.evaluate("document.documentElement.scrollWidth") <= width
        outside = screen.root.evaluate(
            """node => { const edge = node.getBoundingClientRect();
              return [...node.shadowRoot.querySelectorAll("text, p, button, legend, .choice")]
                .filter(n => n.checkVisibility() && n.textContent)
                .map(n => [n.textContent, n.getBoundingClientRect()])
                .filter(([, box]) => box.width && (box.left < edge.left || box.right > edge.right))
                .map(([text]) => text).filter(text => !text.startsWith("After ")); }"""
        )
        assert outside == []


@pytest.mark.parametrize(("options", "least"), [(WIDE, 24), (PHONE, 44)], ids=["wide", "phone"])
def test_targets_are_large_enough(
    open_page: OpenPage, pages: Pages, options: dict[str, Any], least: int
) -> None:
    screen = Screen(open_page(pages.url + "static.html", **options))
    sizes = screen.page.evaluate(
        """() => [...document.querySelectorAll(".ccmc-widget")].flatMap(w =>
          [...w.shadowRoot.querySelectorAll("button, .choice, summary, .grip")])
          .filter(n => n.checkVisibility({ visibilityProperty: true }))
          .map(n => [n.textContent || n.parentNode.parentNode.getAttribute("aria-label"),
            n.getBoundingClientRect().width, n.getBoundingClientRect().height])"""
    )
    assert len(sizes) > 20
    assert [size for size in sizes if min(size[1:]) < least - 0.01] == []


def test_forced_colours_keep_marks_and_words_apart(open_page: OpenPage, pages: Pages) -> None:
    screen = Screen(open_page(pages.url + "static.html", forced_colors="active"))
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
