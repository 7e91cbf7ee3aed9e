"""How the site reads: by screen reader, on a phone, in the dark, on paper, and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from browser import RecordedPage
from built_site import pages

AXE = Path(AXE_FILE_PATH).read_text("utf-8")
RUN_AXE = "axe.run(document, {resultTypes: ['violations']}).then((result) => result.violations)"
UNFOLD = """
for (const details of document.querySelectorAll("article details")) {
  details.removeAttribute("name");
  details.open = true;
}
"""
PHONE: dict[str, Any] = {
    "viewport": {"width": 375, "height": 812},
    "is_mobile": True,
    "has_touch": True,
}
#: Folded parts that paper would not show, and parts that stick out of the paper.
FOLDED = """
[...document.querySelectorAll("article details > .sd-card-body")]
  .filter((body) => body.offsetHeight < 8).length
"""
CUT = """
[...document.querySelectorAll("article :is(div.math, pre, svg, table)")]
  .filter((part) => part.getBoundingClientRect().right > innerWidth + 1)
  .map((part) => part.outerHTML.slice(0, 80))
"""
#: Findings of the theme that are known and cannot be repaired here: pairs of rule and selector.
KNOWN: set[tuple[str, str]] = set()

Open = Callable[..., RecordedPage]


def settle(page: RecordedPage) -> None:
    """Wait until formulas stand and scripts have run."""
    page.evaluate("window.MathJax?.startup?.promise?.then(() => null)")
    page.wait_for_timeout(300)


def violations(page: RecordedPage) -> list[str]:
    """Return what axe finds, without what is known of the theme."""
    page.evaluate(AXE)
    return [
        f"{rule['id']}: {node['target']} {node['html'][:120]}"
        for rule in page.evaluate(RUN_AXE)
        for node in rule["nodes"]
        if (rule["id"], str(node["target"][0])) not in KNOWN
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [*pages(), "search.html"])
def test_no_barrier_is_found(open_page: Open, name: str, scheme: str) -> None:
    page = open_page(name, color_scheme=scheme)
    settle(page)
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    page.evaluate(UNFOLD)
    page.wait_for_timeout(200)
    assert violations(page) == []


def test_a_barrier_would_be_found(open_page: Open) -> None:
    page = open_page("search.html")
    page.evaluate("document.querySelector('main').append(new Image())")
    assert any(text.startswith("image-alt") for text in violations(page))


@pytest.mark.parametrize("name", [*pages(), "search.html"])
def test_a_phone_never_scrolls_sideways(open_page: Open, name: str) -> None:
    page = open_page(name, **PHONE)
    settle(page)
    for step in ("", UNFOLD):
        page.evaluate(step or "null")
        page.wait_for_timeout(200)
        assert page.evaluate("innerWidth") == 375
        assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_wide_formula_scrolls_inside_its_line_and_by_key(open_page: Open) -> None:
    page = open_page("chapters/mapping.html", **PHONE)
    settle(page)
    page.evaluate("dispatchEvent(new Event('resize'))")
    wide = page.evaluate(
        "[...document.querySelectorAll('article div.math')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1)"
        ".map(e => [e.tabIndex, getComputedStyle(e).overflowX])"
    )
    assert wide
    assert all(entry == [0, "auto"] for entry in wide)


def test_the_dark_switch_changes_the_palette(open_page: Open) -> None:
    page = open_page("intro.html", color_scheme="light")
    paper = "getComputedStyle(document.documentElement).getPropertyValue('--ccmc-paper').trim()"
    behind = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(paper) == "#ffffff"
    switch = page.locator(".theme-switch-button").first
    for _ in range(3):
        if page.evaluate("document.documentElement.dataset.theme") == "dark":
            break
        switch.click()
    assert page.evaluate(paper) == "#14181d"
    assert page.evaluate(behind) == "rgb(20, 24, 29)"
    page.reload()
    assert page.evaluate(paper) == "#14181d"


def test_pictures_follow_the_dark(open_page: Open) -> None:
    inks = {"light": "rgb(28, 39, 51)", "dark": "rgb(230, 234, 239)"}
    for scheme, ink in inks.items():
        page = open_page("intro.html", color_scheme=scheme)
        assert ink in page.evaluate(
            "[...document.querySelectorAll('.ccmc-figure svg *')].map(e => getComputedStyle(e))"
            ".flatMap(style => [style.fill, style.stroke])"
        )


def test_no_light_box_stands_behind_an_output_in_the_dark(open_page: Open) -> None:
    page = open_page("chapters/mapping.html", color_scheme="dark")
    boxes = page.evaluate(
        "[...document.querySelectorAll('.cell_output .text_html')]"
        ".map(e => getComputedStyle(e).backgroundColor)"
    )
    assert set(boxes) == {"rgba(0, 0, 0, 0)"}


def test_reduced_motion_stops_transitions(open_page: Open) -> None:
    page = open_page("chapters/mapping.html", reduced_motion="reduce")
    times = page.evaluate(
        "[...document.querySelectorAll('article *')]"
        ".map(e => parseFloat(getComputedStyle(e).transitionDuration))"
    )
    assert max(times) <= 0.001


def test_focus_is_visible(open_page: Open) -> None:
    page = open_page("chapters/mapping.html")
    page.locator("article summary").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    style = "getComputedStyle(document.activeElement)"
    assert page.evaluate(f"{style}.outlineStyle") == "solid"
    assert page.evaluate(f"{style}.outlineWidth") == "3px"


# ---- Quick questions


def first_question(page: RecordedPage) -> Any:
    return page.locator(".quick-question").first


@pytest.mark.parametrize("scripts", [True, False])
def test_quick_questions_open_by_key_one_at_a_time(open_page: Open, scripts: bool) -> None:
    page = open_page("chapters/mapping.html", java_script_enabled=scripts)
    options = first_question(page).locator("details.option")
    assert options.count() >= 2
    for chosen in (0, 1):
        options.nth(chosen).locator("summary").focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(50)
        states = [options.nth(i).get_attribute("open") is not None for i in range(options.count())]
        assert states == [i == chosen for i in range(options.count())]
        assert options.nth(chosen).locator(".verdict").is_visible()


def test_the_verdict_is_a_word_and_is_announced(open_page: Open) -> None:
    page = open_page("chapters/mapping.html")
    settle(page)
    for name, word in (("right", "Right"), ("wrong", "Not this one")):
        option = first_question(page).locator(f"details.option.{name}").first
        option.locator("summary").click()
        assert option.locator(".verdict").inner_text() == word
        page.wait_for_timeout(50)
        assert page.locator("article > p[role=status]").inner_text() == word


# ---- Paper


@pytest.mark.parametrize("name", pages())
def test_paper_shows_what_is_folded_and_cuts_nothing(open_page: Open, name: str) -> None:
    page = open_page(name, viewport={"width": 680, "height": 900}, color_scheme="dark")
    settle(page)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(200)
    for around in (
        ".bd-sidebar-primary",
        ".bd-header-article",
        ".own-machine",
        ".prev-next-footer",
    ):
        assert not page.locator(around).first.is_visible(), around
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 39, 51)"
    assert page.locator("article h1").first.is_visible()
    assert page.evaluate(FOLDED) == 0
    assert page.evaluate(CUT) == []


def test_paper_needs_no_script_to_unfold(open_page: Open) -> None:
    page = open_page("chapters/mapping.html", java_script_enabled=False)
    page.emulate_media(media="print")
    body = page.locator("article details.in-full > .sd-card-body").first
    assert body.bounding_box()["height"] > 20


def test_folds_come_back_after_printing(open_page: Open) -> None:
    page = open_page("chapters/mapping.html")
    settle(page)
    state = (
        "[...document.querySelectorAll('article details')]"
        ".map(e => [e.open, e.getAttribute('name')])"
    )
    before = page.evaluate(state)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert all(is_open for is_open, _ in page.evaluate(state))
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(state) == before


# ---- Without scripts


@pytest.mark.parametrize("name", pages())
def test_without_scripts_the_page_reads(open_page: Open, name: str) -> None:
    page = open_page(name, java_script_enabled=False)
    assert page.locator("article h1").first.is_visible()
    for block in page.locator("article :is(.at-a-glance, .in-one-minute, .quick-question)").all():
        assert block.is_visible()
    for fold in page.locator("article details").all():
        if fold.is_visible():
            fold.locator("summary").first.click()
            assert fold.get_attribute("open") is not None
