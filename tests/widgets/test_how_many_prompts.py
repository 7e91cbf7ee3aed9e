"""How many prompts: in Python, and on the screen as a reader moves it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from browser import RecordedPage
from playwright.sync_api import expect

from ccmc_teach.widgets import HowManyPrompts
from ccmc_teach.widgets.base import InputError
from ccmc_teach.widgets.how_many_prompts import replicates
from ccmc_teach.widgets.twins import how_many_prompts as twins
from widgets.conftest import Pages
from widgets.screen import View

OpenPage = Callable[..., RecordedPage]
INPUTS = tuple(HowManyPrompts().inputs())


class Screen(View):
    """How many prompts on an open page."""

    def __init__(self, page: RecordedPage) -> None:
        super().__init__(page, "how_many_prompts")

    def python(self) -> HowManyPrompts:
        return HowManyPrompts(**self.get(*INPUTS))

    def said(self, kind: str) -> str:
        return self.root.locator(kind).inner_text()

    def switch(self, name: str) -> None:
        self.root.get_by_role("switch", name=name).click()
        self.settle()

    def tables(self) -> list[list[tuple[str, ...]]]:
        """Open both tables of numbers and return their cells."""
        found = []
        for details in self.root.locator("details").all():
            details.evaluate("node => { node.open = true; }")
            self.settle()
            lines = details.locator("tbody tr").all()
            cells = (line.locator("th,td").all_inner_texts() for line in lines)
            found.append([tuple(row) for row in cells])
        return found

    def run(self) -> str:
        """Run one more experiment and return what is said when it is done."""
        self.click("Run one more experiment")
        note = self.root.locator(".note")
        expect(note).to_contain_text(re.compile("excess risk|no finite fit"), timeout=20_000)
        return note.inner_text()

    def curves(self) -> list[str]:
        """Return the names of the vocabularies whose curves are shown."""
        script = """nodes => nodes.filter(n => !n.closest("[hidden]") && n.getAttribute("d"))
          .map(n => n.parentNode.querySelector(".name").textContent)"""
        names: list[str] = self.root.locator(".plot .curve:not(.dashed)").evaluate_all(script)
        return names

    def ends(self, kind: str) -> list[list[float]]:
        """Return the ends of all visible paths of a kind, in pixels: x, y, x, y."""
        script = """nodes => nodes.filter(n => !n.closest("[hidden]") && n.getAttribute("d"))
          .map(n => n.getAttribute("d").match(/[\\d.]+/g).map(Number))
          .map(p => [p[0], p[1], p[p.length - 2], p[p.length - 1]])"""
        paths: list[list[float]] = self.root.locator(kind).evaluate_all(script)
        return paths

    def agrees_with_python(self) -> bool:
        """Tell whether every number on the screen is the one that Python computes."""
        widget = self.python()
        rows = [tuple(row) for row in widget.risks_table().rows]
        own = [tuple(row) for row in widget.experiments_table().rows]
        label = self.root.locator("svg.plot").get_attribute("aria-label") or ""
        return (
            self.tables() == [rows, own]
            and self.said(".reading") == widget.summary()
            and label.endswith(widget.summary())
        )


@pytest.fixture
def screen(open_page: OpenPage, pages: Pages) -> Screen:
    return Screen(open_page(pages.of("how_many_prompts"), reduced_motion="reduce"))


# ---- in Python


def test_results_are_those_of_the_mathematics() -> None:
    runs = [("even", 5, 500, 2), ("split", 10, 1000, 3), ("even", 20, 50, 1)]
    widget = HowManyPrompts(K=10, n=2000, design="split", experiments=runs)
    assert widget.degrees == 40
    assert widget.line == 0.01
    first, second, third = widget.excess_risks
    table = twins.tallies("even", 5, 2, 0, 500)
    assert first == twins.excess_risk("even", 5, table)
    # Chi-square with 40 degrees lies between 12 and 90 but once in 20 000 times.
    assert 12 < 2 * 1000 * second < 90
    assert third == np.inf
    assert [row[4] for row in widget.experiments_table().rows][2] == "no finite fit"
    assert widget.experiments == tuple(runs)


def test_simulated_risks_lie_on_the_theory() -> None:
    table = replicates()
    for design in twins.DESIGNS:
        for size in twins.SIZES:
            cells = table[design][str(size)]
            assert len(cells) == len(twins.GRID)
            shares = [cell[0] for cell in cells]
            assert shares == sorted(shares)
            assert shares[-1] == 1000
            for cell in cells:
                assert len(cell) == (4 if cell[0] >= 500 else 1)
            _, low, mean, high = cells[-1]
            # The mean of 2000 chi-square numbers is within five standard errors, and 3 % for
            # what is left of the limit with twenty words.
            error = 5 * np.sqrt(2 / twins.degrees(design, size) / table["replicates"])
            assert abs(mean / 1000 - 1) < error + 0.03
            assert low < mean < high
            if shares[-2] >= 990:
                assert -1.1 < twins.measured_slope(cells) < -0.95
            else:
                assert twins.measured_slope(cells) == 0


def test_split_prompts_cost_less_and_have_no_finite_ratio() -> None:
    even, split = (HowManyPrompts(K=10, design=name, n=10_000) for name in ("even", "split"))
    assert split.line / even.line == pytest.approx(4 / 9)
    assert split.summary().endswith("The ratios between the halves are never learned, whatever n.")
    assert "never" not in even.summary()


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"K": 4}, "K must be one of 5, 3, 10, 20, got 4"),
        ({"K": 5.0}, "K must be one of"),
        ({"n": 999}, "n must be one of 1000, 20"),
        ({"design": "odd"}, "design must be one of 'even'"),
        ({"together": 1}, "together must be one of"),
        ({"collapsed": None}, "collapsed must be one of"),
        ({"experiments": 3}, "list of at most 40"),
        ({"experiments": [("even", 5, 1000, 1)] * 41}, "list of at most 40"),
        ({"experiments": [("even", 5, 1000)]}, "must name a design"),
        ({"experiments": [("even", 5, 1000, 0)]}, "a run from 1 to 9999"),
        ({"experiments": [("even", 5, 123, 1)]}, "a number of prompts of the list"),
        ({"experiments": ["even"]}, "must name a design"),
        ({"question": "why"}, "question must be one of"),
        ({"bet": 3}, "bet"),
        ({"bet": {"question": "double"}}, "bet"),
        ({"bet": {"question": "double", "answer": "half"}}, "bet"),
        ({"bet": {"question": "double", "answer": "two", "more": 1}}, "bet"),
    ],
)
def test_bad_inputs_get_one_sentence(inputs: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        HowManyPrompts(**inputs)
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)


def test_inputs_are_copied() -> None:
    runs: list[list[Any]] = [["even", 5, 1000, 1]]
    bet = {"question": "double", "answer": "four"}
    widget = HowManyPrompts(experiments=runs, bet=bet)
    runs[0][2] = 20
    bet["answer"] = "two"
    assert widget.experiments == (("even", 5, 1000, 1),)
    assert widget.bet["answer"] == "four"


def test_the_picture_stands_for_itself() -> None:
    html = HowManyPrompts().fallback_html()
    assert html.count("<svg") == 1
    assert html.count("<table") == 1
    runs = [("even", 3, 100, 1), ("even", 20, 20, 2)]
    html = HowManyPrompts(together=True, collapsed=True, experiments=runs).fallback_html()
    assert html.count("<table") == 2
    assert all(f"K = {size}" in html for size in twins.SIZES)


# ---- on the screen


def test_the_first_picture_is_python_s(screen: Screen) -> None:
    assert screen.agrees_with_python()
    title = "Twice the vocabulary, how much more data?"
    assert screen.root.get_by_role("region", name=title).count() == 1
    assert screen.said(".reading") == (
        "With even prompts, K = 5 and n = 1\u00a0000, the mean excess risk is 0.0103, "
        "which is 1.03 times K(K−1)/2n. Measured slope: −1.01."
    )
    assert screen.curves() == ["K = 5"]
    assert screen.said(".note").startswith("Run an experiment")
    assert not screen.page.troubles


@pytest.mark.parametrize("design", twins.DESIGNS)
@pytest.mark.parametrize("size", twins.SIZES)
def test_every_setting_agrees_with_python(screen: Screen, design: str, size: int) -> None:
    screen.choose(str(size))
    screen.choose(design)
    for key in ("Home", "PageUp", "End"):
        screen.press(screen.slider("Number of prompts n"), key)
        assert screen.agrees_with_python(), key
    assert screen.get("n") == {"n": 100_000}
    assert screen.get("K", "design") == {"K": size, "design": design}


def test_the_theory_has_slope_minus_one_and_the_curve_lies_on_it(screen: Screen) -> None:
    screen.set(K=3, n=100_000)
    ((x0, y0, x1, y1),) = screen.ends(".plot .curve.dashed")
    (curve,) = screen.ends(".plot .curve:not(.dashed)")
    # Five decades across and six up; the theory starts at n = 20 and 0.15.
    across = x1 / np.log10(100_000 / 20)
    decade = (y1 - y0) / np.log10(100_000 / 20)
    assert x0 == 0
    assert decade == pytest.approx((330 - 24 - 44) / 6, rel=0.01)
    assert y0 == pytest.approx(-np.log10(0.15) * decade, abs=0.2)
    assert curve[0] == pytest.approx(np.log10(50 / 20) * across, abs=0.2)
    assert curve[2:] == pytest.approx([x1, y1], abs=1)
    cursor = screen.root.locator(".plot .cursor")
    assert float(cursor.get_attribute("x1") or "nan") == pytest.approx(x1, abs=0.2)


def test_in_units_of_k_squared_the_curves_fall_together(screen: Screen) -> None:
    screen.switch("All vocabularies")
    assert screen.curves() == [f"K = {size}" for size in twins.SIZES]

    def heights() -> list[float]:
        """Heights of the theories where the plot measures the same number across."""
        lines = screen.ends(".plot .curve.dashed")
        at = max(line[0] for line in lines)
        return [y0 + (y1 - y0) * (at - x0) / (x1 - x0) for x0, y0, x1, y1 in lines]

    apart = np.ptp(heights())
    screen.switch("Measure prompts in K²")
    together = np.ptp(heights())
    decade = (330 - 24 - 44) / 6
    assert apart / decade == pytest.approx(np.log10(380 / 6), abs=0.02)
    assert together / decade == pytest.approx(np.log10(0.95 / (2 / 3)), abs=0.02)
    curves, lines = screen.ends(".plot .curve:not(.dashed)"), screen.ends(".plot .curve.dashed")
    for curve, line in zip(curves, lines, strict=True):
        assert curve[2:] == pytest.approx(line[2:], abs=1), "each curve ends on its theory"
    assert screen.get("together", "collapsed") == {"together": True, "collapsed": True}


def test_an_experiment_becomes_a_dot(screen: Screen) -> None:
    said = screen.run()
    widget = screen.python()
    assert widget.experiments == (("even", 5, 1000, 1),)
    risk = widget.excess_risks[0]
    assert said == (
        f"Experiment 1: excess risk {twins.small(risk)}, {risk / 0.01:.2f} times the theory."
    )
    assert screen.agrees_with_python()
    dots = screen.root.locator(".plot .dot:visible")
    assert dots.count() == 1
    decade = (330 - 24 - 44) / 6
    assert float(dots.get_attribute("cy") or "nan") == pytest.approx(
        -np.log10(risk) * decade, abs=0.1
    )
    screen.run()
    assert screen.get("experiments")["experiments"][1] == ["even", 5, 1000, 2]
    assert screen.agrees_with_python()
    screen.choose("skewed")
    assert dots.count() == 0, "dots belong to their prompts"
    screen.click("Clear experiments")
    assert screen.get("experiments") == {"experiments": []}


def test_a_fit_that_does_not_exist_is_hollow_and_said(screen: Screen) -> None:
    screen.press(screen.slider("Number of prompts n"), "Home")
    assert "have no finite fit: take more prompts." in screen.said(".reading")
    assert screen.run().startswith("Experiment 1 has no finite fit")
    dot = screen.root.locator(".plot .dot.hollow")
    assert dot.get_attribute("cy") == "0.0"
    assert screen.agrees_with_python()


def test_the_largest_experiment_runs_in_small_pieces(open_page: OpenPage, pages: Pages) -> None:
    runs = (("even", 20, 100_000, 4), ("split", 3, 200, 1))
    page = open_page(pages.show(HowManyPrompts(K=20, experiments=runs)))
    screen = Screen(page)
    page.evaluate(
        """() => { window.frames_ = 0; const raf = window.requestAnimationFrame;
          const count = () => { window.frames_ += 1; raf(count); }; raf(count); }"""
    )
    note = screen.root.locator(".note")
    assert "is being drawn and fitted" in note.inner_text()
    expect(note).to_contain_text("excess risk", timeout=60_000)
    assert page.evaluate("window.frames_") > 5, "the page stays alive meanwhile"
    assert screen.agrees_with_python()


def test_forty_experiments_are_enough(screen: Screen) -> None:
    screen.set(experiments=[["even", 3, 20, 9960 + i] for i in range(40)])
    screen.click("Run one more experiment")
    assert "holds 40 experiments" in screen.said(".note")
    assert len(screen.get("experiments")["experiments"]) == 40
    screen.set(experiments=[["even", 3, 20, 9999]])
    screen.click("Run one more experiment")
    assert screen.get("experiments")["experiments"][-1][3] == 1


def test_doubling_the_words_is_told(screen: Screen) -> None:
    screen.click("It doubles")
    assert screen.get("K", "n", "design", "together") == {
        "K": 10, "n": 10_000, "design": "even", "together": True,
    }  # fmt: skip
    told = screen.said(".told")
    before, after = (
        replicates()["even"][size][twins.GRID.index(10_000)][2] / 1000 * degrees / 20_000
        for size, degrees in (("5", 20), ("10", 90))
    )
    assert told.startswith(
        f"Not so. The mean risk went from {twins.small(before)} to {twins.small(after)}, "
        f"{after / before:.2f} times as much."
    )
    assert "20 before and 90 now" in told
    screen.button("About 8 times").click(force=True)
    screen.settle()
    assert screen.said(".told") == told, "a bet stands"
    assert screen.button("About 4 times").locator(".mark-of").inner_text() == "✓"
    assert screen.agrees_with_python()


def test_halves_are_told(screen: Screen) -> None:
    screen.click("About 4 times")
    assert screen.said(".told").startswith("Right.")
    screen.click("Next bet")
    screen.click("It is about half")
    told = screen.said(".told")
    assert told.startswith("Right. The mean risk fell from")
    assert "of 90 log-odds 40 are left" in told
    assert screen.get("design", "bet") == {
        "design": "split",
        "bet": {"question": "halves", "answer": "half"},
    }
    screen.click("Bet again")
    assert screen.get("question", "bet") == {"question": "double", "bet": {}}


def test_starting_over_brings_the_first_picture_back(screen: Screen) -> None:
    before, text = screen.get(*INPUTS), screen.said(".reading")
    screen.run()
    screen.click("About 4 times")
    screen.switch("Measure prompts in K²")
    screen.click("Start over")
    assert screen.get(*INPUTS) == before
    assert screen.said(".reading") == text
    assert screen.curves() == ["K = 5"]


def test_a_bad_list_of_experiments_gets_a_sentence(screen: Screen) -> None:
    screen.set(experiments=[["even", 5, 7, 1]])
    assert screen.problem().startswith("An experiment must name a design")
    assert not screen.root.locator("svg.plot").is_visible()
    screen.set(experiments=[])
    assert screen.problem() == ""
    assert screen.root.locator("svg.plot").is_visible()


def test_a_screen_reader_hears_the_result(screen: Screen) -> None:
    said = screen.run()
    expect(screen.root.get_by_role("status")).to_have_text(said)
    screen.choose("10")
    expect(screen.root.get_by_role("status")).to_have_text(screen.python().summary())


@pytest.mark.parametrize(
    "bet", [{"question": "double", "answer": "half"}, {"question": "why", "answer": "two"}, 7]
)
def test_a_strange_bet_is_no_bet(screen: Screen, bet: object) -> None:
    screen.set(bet=bet)
    assert screen.said(".told").startswith("Place your bet.")
    assert screen.button("It doubles").get_attribute("aria-disabled") is None
    assert not screen.page.troubles
