"""Walking through a derivation line by line: by pointer, by key, on a phone, and on paper."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from browser import RecordedPage
from built_site import ROOT

from ccmc_teach import symbolic

CHAPTER = "chapters/mapping.html"
LINES = 7  # of the first derivation of the chapter
AXE = Path(AXE_FILE_PATH).read_text("utf-8")
RUN_AXE = "axe.run('article', {resultTypes: ['violations']}).then((result) => result.violations)"
PHONE: dict[str, Any] = {
    "viewport": {"width": 375, "height": 812},
    "is_mobile": True,
    "has_touch": True,
}
#: A page with derivations of two lines, of one line and of two lines without a title.
SMALL = """
<article class="bd-article">
<div class="ccmc-derivation-block"><p class="ccmc-derivation-title">Two</p>
<ol class="ccmc-derivation"><li><p>a</p></li><li><p>b</p></li></ol></div>
<div class="ccmc-derivation-block"><p class="ccmc-derivation-title">One</p>
<ol class="ccmc-derivation"><li><p>c</p></li></ol></div>
<div><ol class="ccmc-derivation"><li><p>d</p></li><li><p>e</p></li></ol></div>
</article>
"""

Open = Callable[..., RecordedPage]


def settle(page: RecordedPage) -> None:
    """Wait until formulas stand and scripts have run."""
    page.evaluate("window.MathJax?.startup?.promise?.then(() => null)")
    page.wait_for_timeout(200)


class Walk:
    """A derivation on a page, and what a reader sees of it."""

    def __init__(self, page: RecordedPage, number: int = 0) -> None:
        settle(page)
        self.page = page
        self.block = page.locator(".ccmc-derivation-block").nth(number)
        self.control = self.block.locator(".ccmc-stepper")
        self.lines = self.block.locator("ol.ccmc-derivation > li")
        self.next = self.control.locator(".next")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def click(self, words: str) -> None:
        self.control.get_by_role("button", name=words, exact=True).click()

    @property
    def shown(self) -> int:
        """Return how many lines are shown, whole, the first ones all without a gap."""
        parts = [
            [part.is_visible() for part in line.locator("> *").all()] for line in self.lines.all()
        ]
        whole = [all(line) for line in parts]
        assert [any(line) for line in parts] == whole
        assert whole == sorted(whole, reverse=True)
        return sum(whole)

    @property
    def current(self) -> list[int]:
        """Return the numbers of the lines that are marked as the current one."""
        marks = [line.get_attribute("aria-current") for line in self.lines.all()]
        return [number for number, mark in enumerate(marks, start=1) if mark == "step"]

    @property
    def said(self) -> str:
        return str(self.control.locator("[role=status]").inner_text())

    @property
    def buttons(self) -> list[str]:
        return [b.inner_text() for b in self.control.locator("button").all() if b.is_visible()]

    def stands_at(self, step: int) -> bool:
        return (self.shown, self.current, self.said) == (step, [step], f"Step {step} of {LINES}")

    def is_at_rest(self) -> bool:
        seen = (self.shown, self.current, self.said, self.buttons)
        return seen == (self.lines.count(), [], f"{LINES} steps", ["Show step by step"])

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.textContent"))


# --- By pointer -----------------------------------------------------------------------------------


def test_at_rest_every_line_is_shown(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER))
    assert walk.lines.count() == LINES
    assert walk.is_at_rest()


def test_a_pointer_walks_there_and_back(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER))
    walk.click("Show step by step")
    assert walk.stands_at(1)
    assert walk.buttons == ["Show all", "Back", "Next"]
    walk.click("Next")
    walk.click("Next")
    assert walk.stands_at(3)
    walk.click("Back")
    assert walk.stands_at(2)
    walk.click("Show all")
    assert walk.is_at_rest()
    assert walk.page.troubles == []


def test_a_walk_begins_anew_each_time(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER))
    for words in ("Show step by step", "Next", "Next", "Show all", "Show step by step"):
        walk.click(words)
    assert walk.stands_at(1)


def test_nothing_happens_beyond_the_ends(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER))
    walk.click("Show step by step")
    back = walk.control.get_by_role("button", name="Back")
    assert back.get_attribute("aria-disabled") == "true"
    assert walk.next.get_attribute("aria-disabled") == "false"
    back.click(force=True)
    assert walk.stands_at(1)
    for _ in range(LINES + 1):
        walk.next.click(force=True)
    assert walk.stands_at(LINES)
    assert walk.next.get_attribute("aria-disabled") == "true"
    assert back.get_attribute("aria-disabled") == "false"


def test_the_current_line_stands_out(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER))
    walk.click("Show step by step")
    walk.click("Next")
    walk.page.wait_for_timeout(300)
    colours = [
        line.evaluate(
            "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).borderLeftColor]"
        )
        for line in walk.lines.all()[:3]
    ]
    assert colours[1] == ["rgb(241, 245, 253)", "rgb(33, 86, 196)"]
    assert colours[0] == colours[2] == ["rgba(0, 0, 0, 0)", "rgba(0, 0, 0, 0)"]


def test_nothing_moves_during_a_walk(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER, viewport={"width": 1280, "height": 3000}))
    places = (
        "[...document.querySelectorAll('article li, article p, article h2')]"
        ".filter(e => e.getClientRects().length)"
        ".map(e => Math.round(e.getBoundingClientRect().top + scrollY))"
    )
    button = "e => { const box = e.getBoundingClientRect(); return [box.left, box.right]; }"
    before, start = walk.page.evaluate(places), walk.next.evaluate(button)
    for words in ("Show step by step", "Next", "Next"):
        walk.click(words)
        assert walk.page.evaluate(places) == before
        # The pointer that has pressed the button can press it again.
        assert walk.next.evaluate(button) == start
    walk.click("Show all")
    assert walk.page.evaluate(places) == before


def test_two_derivations_of_a_page_do_not_know_each_other(open_page: Open) -> None:
    page = open_page(CHAPTER)
    first, second = Walk(page), Walk(page, 2)
    assert second.lines.count() != LINES
    first.click("Show step by step")
    first.click("Next")
    assert second.shown == second.lines.count()
    second.click("Show step by step")
    assert (second.shown, second.current) == (1, [1])
    second.press("ArrowRight", "ArrowRight")
    assert (second.shown, second.current) == (3, [3])
    assert first.stands_at(2)
    first.click("Show all")
    assert (second.shown, second.current) == (3, [3])


def test_a_derivation_in_a_folded_cell_can_be_walked(open_page: Open) -> None:
    page = open_page(CHAPTER)
    fold = page.locator("article details:has(ol.ccmc-derivation)").first
    fold.locator("> summary").click()
    walk = Walk(page, 1)
    assert fold.locator(".ccmc-stepper").count() == 1
    total = walk.lines.count()
    assert walk.shown == total
    walk.click("Show step by step")
    walk.press("End")
    assert (walk.shown, walk.said) == (total, f"Step {total} of {total}")
    walk.press("ArrowUp")
    assert (walk.shown, walk.said) == (total - 1, f"Step {total - 1} of {total}")


# --- By key ---------------------------------------------------------------------------------------


def test_keys_walk_and_the_focus_stays(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER))
    walk.next.focus()
    walk.press("Enter")
    assert walk.stands_at(1)
    for key, step in (
        ("ArrowRight", 2),
        ("ArrowDown", 3),
        ("ArrowLeft", 2),
        ("ArrowUp", 1),
        ("ArrowUp", 1),
        ("Enter", 2),
        ("Space", 3),
        ("End", LINES),
        ("ArrowRight", LINES),
        ("Home", 1),
    ):
        walk.press(key)
        assert walk.stands_at(step), key
        assert walk.focused() == "Next"
    walk.press("Escape")
    assert walk.is_at_rest()
    assert walk.focused() == "Show step by step"


@pytest.mark.parametrize("words", ["Back", "Show all"])
def test_a_button_that_goes_gives_its_focus_to_the_first(open_page: Open, words: str) -> None:
    walk = Walk(open_page(CHAPTER))
    walk.click("Show step by step")
    walk.control.get_by_role("button", name=words).focus()
    walk.press("ArrowRight", "ArrowRight")
    assert walk.stands_at(3)
    assert walk.focused() == words
    walk.press("Escape")
    assert walk.is_at_rest()
    assert walk.focused() == "Show step by step"


def test_keys_belong_to_the_derivation_that_has_the_focus(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER))
    walk.click("Show step by step")
    walk.click("Next")
    walk.page.locator("article summary").first.focus()
    walk.press("ArrowRight", "End", "Escape")
    assert walk.stands_at(2)
    walk.next.focus()
    walk.press("Alt+ArrowRight", "Control+End", "Shift+ArrowDown", "a", "Tab")
    assert walk.stands_at(2)


def test_keys_at_rest_scroll_as_ever(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER))
    walk.page.evaluate(
        "addEventListener('keydown', (event) => { window.taken = event.defaultPrevented; })"
    )
    walk.next.focus()
    for key in ("ArrowDown", "End", "Escape"):
        walk.press(key)
        assert walk.page.evaluate("window.taken") is False
    assert walk.is_at_rest()
    walk.press("Enter", "ArrowDown")
    assert walk.page.evaluate("window.taken") is True


def test_each_step_is_said_once(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER))
    status = walk.control.locator("[role=status]")
    status.evaluate(
        "e => { window.said = []; new MutationObserver(() => window.said.push(e.textContent))"
        ".observe(e, {childList: true, characterData: true, subtree: true}); }"
    )
    walk.next.focus()
    walk.press("Enter", "ArrowRight", "End", "End", "ArrowRight", "Escape")
    said = [f"Step {step} of {LINES}" for step in (1, 2, LINES)]
    assert walk.page.evaluate("window.said") == [*said, f"{LINES} steps"]


def test_the_control_is_named_by_the_title(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER))
    title = walk.block.locator(".ccmc-derivation-title").inner_text()
    assert walk.page.get_by_role("group", name=title).count() == 1
    names = walk.page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(names) == len(set(names))


# --- Paper, and pages without scripts -------------------------------------------------------------


def test_paper_shows_every_line_in_the_middle_of_a_walk(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER, color_scheme="dark"))
    walk.click("Show step by step")
    walk.click("Next")
    walk.page.emulate_media(media="print")
    walk.page.wait_for_timeout(300)
    assert walk.shown == LINES
    assert not walk.control.is_visible()
    style = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).borderLeftWidth]"
    assert walk.lines.nth(1).evaluate(style) == ["rgba(0, 0, 0, 0)", "0px"]
    opacities = walk.lines.locator("> *").evaluate_all(
        "es => es.map(e => getComputedStyle(e).opacity)"
    )
    assert set(opacities) == {"1"}


def test_without_scripts_every_line_is_shown_and_nothing_else(open_page: Open) -> None:
    page = open_page(CHAPTER, java_script_enabled=False)
    assert page.locator(".ccmc-stepper").count() == 0
    lines = page.locator(".ccmc-derivation-block").first.locator("ol.ccmc-derivation > li > *")
    assert lines.count() >= 2 * LINES
    assert all(part.is_visible() for part in lines.all())


def test_it_works_from_a_file(open_page: Open, site_folder: Path) -> None:
    walk = Walk(open_page((site_folder / CHAPTER).as_uri()))
    walk.click("Show step by step")
    walk.click("Next")
    assert walk.stands_at(2)
    assert walk.page.page_errors == []


# --- What it does not touch -----------------------------------------------------------------------


def test_a_page_without_derivations_is_left_alone(open_page: Open) -> None:
    page = open_page("chapters/markov-chains.html")
    settle(page)
    assert page.locator("ol.ccmc-derivation, .ccmc-stepper, .walking").count() == 0


def test_one_line_needs_no_walk_and_a_title_is_no_must(open_page: Open) -> None:
    page = open_page("about:blank")
    page.set_content(SMALL)
    page.add_script_tag(path=str(ROOT / "site" / "styles" / "course.js"))
    two, one, untitled = (page.locator("ol").nth(number) for number in range(3))
    assert page.locator(".ccmc-stepper").count() == 2
    assert one.locator("xpath=preceding-sibling::*[1]").get_attribute("class") != "ccmc-stepper"
    control = untitled.locator("xpath=preceding-sibling::*[1]")
    assert control.get_attribute("aria-labelledby") is None
    control.locator(".next").click()
    assert untitled.locator("li.to-come").count() == 1
    assert two.locator("li.to-come").count() == 0
    assert page.page_errors == []


# --- Formulas -------------------------------------------------------------------------------------


def test_a_formula_may_be_set_in_the_middle_of_a_walk(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER))
    walk.click("Show step by step")
    formula = walk.lines.nth(1).locator("div.math")
    formula.evaluate("e => { e.textContent = '\\\\[ = a_1 + a_2 \\\\]'; }")
    walk.page.evaluate("MathJax.typesetPromise().then(() => null)")
    assert walk.stands_at(1)
    walk.click("Next")
    assert walk.stands_at(2)
    assert formula.locator("mjx-container > svg").bounding_box()["width"] > 40


def test_every_derivation_of_the_course_can_be_set_and_fits_a_phone(open_page: Open) -> None:
    derivations = [
        derive()._repr_html_()
        for name in symbolic.__all__
        if inspect.isfunction(derive := getattr(symbolic, name)) and name != "proved_equal"
    ]
    page = open_page(CHAPTER, **PHONE)
    settle(page)
    place = page.locator("article .cell_output > .output:has(ol.ccmc-derivation)").first
    place.evaluate("(e, html) => { e.innerHTML = html; }", "".join(derivations))
    page.evaluate("MathJax.typesetPromise().then(() => null)")
    assert place.locator("ol.ccmc-derivation").count() == len(derivations) > 10
    assert place.locator("mjx-container").count() > 100
    assert place.locator("[data-mjx-error], mjx-merror").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


# --- For everyone ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barrier_is_found_in_the_middle_of_a_walk(open_page: Open, scheme: str) -> None:
    walk = Walk(open_page(CHAPTER, color_scheme=scheme))
    walk.click("Show step by step")
    walk.click("Next")
    walk.page.wait_for_timeout(300)
    walk.page.evaluate(AXE)
    assert [rule["id"] for rule in walk.page.evaluate(RUN_AXE)] == []


def test_on_a_phone_targets_are_large_and_nothing_is_cut(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER, **PHONE))
    for step in range(LINES + 1):
        for button in walk.control.locator("button").all():
            if not button.is_visible():
                continue
            box = button.bounding_box()
            assert min(box["width"], box["height"]) >= 44
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 375
            assert button.evaluate("e => e.scrollWidth <= e.clientWidth")
            assert box["height"] < 60
        assert walk.page.evaluate("document.documentElement.scrollWidth") <= 375
        if step < LINES:
            walk.next.tap()


@pytest.mark.parametrize("options", [PHONE, {"viewport": {"width": 1280, "height": 700}}])
def test_the_control_and_the_line_stay_in_view(open_page: Open, options: dict[str, Any]) -> None:
    walk = Walk(open_page(CHAPTER, **options))
    walk.click("Show step by step")
    for keys, step in ((["End"], LINES), (["ArrowLeft"], LINES - 1), (["Home"], 1)):
        walk.press(*keys)
        walk.page.wait_for_timeout(600)
        control, line = walk.control.bounding_box(), walk.lines.nth(step - 1).bounding_box()
        head = walk.page.locator(".bd-header-article").bounding_box()
        assert control["y"] >= head["y"] + head["height"] - 1
        assert line["y"] >= control["y"] + control["height"] - 1
        assert line["y"] + line["height"] <= options["viewport"]["height"]


def test_reduced_motion_stops_the_fading(open_page: Open) -> None:
    walk = Walk(open_page(CHAPTER, reduced_motion="reduce"))
    walk.click("Show step by step")
    durations = walk.lines.locator("> *").evaluate_all(
        "es => es.map(e => parseFloat(getComputedStyle(e).transitionDuration))"
    )
    assert max(durations) <= 0.001
    walk.click("Next")
    assert walk.stands_at(2)
