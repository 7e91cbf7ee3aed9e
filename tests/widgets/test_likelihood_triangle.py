"""The likelihood on the triangle: in Python, and on the screen as a reader moves it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from browser import RecordedPage
from hypothesis import given, settings
from hypothesis import strategies as st

from ccmc_teach import estimation
from ccmc_teach.widgets import LikelihoodTriangle
from ccmc_teach.widgets.base import InputError
from ccmc_teach.widgets.twins import likelihood_triangle as twins
from ccmc_teach.widgets.twins.basics import decimal, percent
from widgets.conftest import Pages
from widgets.screen import View

INPUTS = tuple(LikelihoodTriangle().inputs())
PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "is_mobile": True}
OpenPage = Callable[..., RecordedPage]
RING = "The truth, a row of cat; arrow keys up and down for cat, left and right between dog and owl"


class Screen(View):
    """The likelihood triangle on an open page."""

    def __init__(self, page: RecordedPage) -> None:
        super().__init__(page, "likelihood_triangle")

    def inputs(self) -> dict[str, Any]:
        return self.get(*INPUTS)

    def python(self) -> LikelihoodTriangle:
        return LikelihoodTriangle(**self.inputs())

    def said(self, kind: str) -> str:
        return self.root.locator(kind).inner_text()

    def picture(self) -> str:
        return self.root.locator("svg [role=img]").get_attribute("aria-label") or ""

    def caption(self) -> str:
        return self.root.locator("caption").inner_text()

    def legend(self) -> list[str]:
        items = self.root.locator(".key li").all()
        return [item.inner_text().replace("\n", ": ") for item in items if item.is_visible()]

    def path(self, kind: str) -> str | None:
        return self.root.locator(f".ternary path.{kind}").get_attribute("d")

    def number(self, at: int) -> None:
        """Set the slider of the number of prompts to a place."""
        self.slider("Number of prompts").fill(str(at))
        self.settle()

    def agrees_with_python(self) -> bool:
        """Tell whether every number on the screen is the one that Python computes."""
        widget = self.python()
        told = f"Rows of {widget.labels[0]} that could be behind the data. {widget.summary()}"
        return (
            self.table() == list(widget.table().rows)
            and self.caption() == widget.table().caption
            and self.said(".heard") == widget.summary()
            and self.picture() == told
        )


@pytest.fixture
def screen(open_page: OpenPage, pages: Pages) -> Screen:
    return Screen(open_page(pages.of("likelihood_triangle"), reduced_motion="reduce"))


def laws_of(path: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the points of a path on the page."""
    return np.array(re.findall(r"[ML]([\d.]+),([\d.]+)", path), dtype=float)


def as_law(points: Any, screen: Screen) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the laws at points of the picture, by its corners alone."""
    corners = laws_of(screen.path("edge") or "")
    system = np.vstack([corners.T, np.ones(3)])
    return np.asarray(
        np.linalg.solve(system, np.vstack([np.transpose(points), [1] * len(points)])).T
    )


# ---- in Python


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["balanced", "skewed", "missing"]), st.integers(1, 300), st.integers(0, 999))
def test_the_data_are_those_of_the_picture(family: str, n: int, seed: int) -> None:
    widget = LikelihoodTriangle(family=family, n=n, seed=seed)
    M, q, y = widget.data
    assert M.shape == (n, 3)
    assert not q.any()
    table = np.zeros((3, 3), dtype=int)
    for kind, token in zip(M, y, strict=True):
        table[widget.kinds.tolist().index(kind.tolist()), token] += 1
    assert table.tolist() == widget.choices.tolist()
    assert not widget.estimate[table.sum(axis=0) == 0].any()


@pytest.mark.parametrize("family", ["balanced", "skewed", "missing"])
def test_results_are_those_of_the_estimation_room(family: str) -> None:
    widget = LikelihoodTriangle(family=family, n=400)
    data = widget.data
    np.testing.assert_allclose(widget.estimate, estimation.fit_seen(*data)[0], atol=1e-9)
    best = np.tile(widget.estimate, (3, 1))
    other = np.tile([0.3, 0.4, 0.3], (3, 1))
    gap = estimation.log_likelihood(other, *data) - estimation.log_likelihood(best, *data)
    assert widget.relative_likelihood(other[0]) == pytest.approx(math.exp(gap), rel=1e-8)
    M, q, y = data
    test = estimation.likelihood_ratio(other, M, q, y, row=0)
    assert test.statistic == pytest.approx(-2 * gap, rel=1e-8)


def test_the_estimate_is_the_row_of_a_fit() -> None:
    widget = LikelihoodTriangle(n=400)
    M, q, y = widget.data
    M = np.vstack([M, np.ones((6, 3))])
    fitted = estimation.fit(M, [*q, 1, 1, 1, 2, 2, 2], [*y, 0, 1, 2, 0, 1, 2])
    np.testing.assert_allclose(widget.estimate, fitted[0], atol=1e-9)
    by_hand = float(widget.truth @ np.log(widget.truth / widget.estimate))
    assert widget.divergence == pytest.approx(by_hand)
    assert widget.area == widget._now()["area"]


def test_relative_likelihood_tells_where_the_clouds_end() -> None:
    widget = LikelihoodTriangle()
    now, aims = widget._now(), np.array(twins.targets())
    for name, share in (("inner", 0.5), ("outer", 0.05)):
        for part, aim in zip(now[name], aims, strict=True):
            row = widget.estimate + part * (aim - widget.estimate)
            assert widget.relative_likelihood(row) == pytest.approx(share, rel=1e-8)
    assert widget.relative_likelihood([1, 0, 0]) == 0
    with pytest.raises(ValueError, match="row"):
        widget.relative_likelihood([0.5, 0.5, 0.5])


def test_on_the_border_there_is_no_finite_divergence() -> None:
    widget = LikelihoodTriangle(n=1)
    assert widget.divergence == math.inf
    assert "infinite" in widget.table().caption
    assert "no ellipse" in widget.summary()


def test_inputs_are_copied_and_cannot_be_changed_in_place() -> None:
    truth = np.array([0.2, 0.5, 0.3])
    widget = LikelihoodTriangle(truth=truth)
    truth[0] = 0.9
    assert widget.truth == (0.2, 0.5, 0.3)
    widget.estimate[0] = 9.0
    assert widget.estimate[0] < 1


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"truth": [0.5, 0.5]}, "truth must hold 3 numbers"),
        ({"truth": [0.5, 0.5, 0.0]}, "at least 0.01"),
        ({"truth": [0.5, 0.5, 0.5]}, "sum to 1"),
        ({"truth": "no"}, "truth"),
        ({"truth": [0.5, np.nan, 0.5]}, "truth"),
        ({"labels": ["cat", "dog"]}, "labels must be 3 different words"),
        ({"labels": ["cat", "cat", "owl"]}, "labels"),
        ({"labels": 3}, "labels"),
        ({"n": 0}, "n must be a whole number from 1 to 2000"),
        ({"n": 2001}, "n must be"),
        ({"n": 2.5}, "n must be a whole number"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"seed": 2**32}, "seed"),
        ({"family": "odd"}, "family must be one of"),
        ({"question": "odd"}, "question must be one of"),
        ({"bet": 3}, "bet"),
        ({"bet": {"question": "four"}}, "bet"),
    ],
)
def test_bad_inputs_get_one_sentence(inputs: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        LikelihoodTriangle(**inputs)
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)


def test_a_bet_must_fit_its_question() -> None:
    bet: dict[str, Any] = {"question": "four", "answer": "half", "truth": (0.2, 0.5, 0.3)}
    bet |= {"family": "balanced", "n": 30, "seed": 1}
    assert LikelihoodTriangle(bet=bet).bet["truth"] == [0.2, 0.5, 0.3]
    for change in ({"answer": "band"}, {"more": 1}):
        with pytest.raises(InputError, match="bet"):
            LikelihoodTriangle(bet={**bet, **change})


def test_a_refused_input_keeps_the_old_one() -> None:
    widget = LikelihoodTriangle()
    before = widget.inputs()
    for name, value in {"truth": [1], "n": 0, "family": "x", "labels": ["a"], "bet": [1]}.items():
        with pytest.raises(ValueError, match=r"\w"):
            setattr(widget, name, value)
    assert widget.inputs() == before


@pytest.mark.parametrize("state", [{}, {"family": "missing"}, {"n": 1}, {"n": 5}])
def test_the_picture_stands_for_itself(state: dict[str, Any]) -> None:
    widget = LikelihoodTriangle(**state)
    html = widget.fallback_html()
    assert html.count("<svg") == html.count("<table") == 1
    assert ("95% ellipse" in html) == bool(widget._now()["axes"])
    assert ("most likely rows" in html) == (widget.family == "missing")
    assert "nan" not in html.lower()


# ---- on the screen


def test_the_first_picture_is_python_s(screen: Screen) -> None:
    assert screen.agrees_with_python()
    region = screen.root.get_by_role("region", name=LikelihoodTriangle().title())
    assert region.count() == 1
    assert screen.value(screen.slider(RING)) == 20
    assert screen.slider("Number of prompts").get_attribute("aria-valuetext") == "30 prompts"
    assert not screen.page.troubles


@pytest.mark.parametrize("state", [{}, {"family": "skewed", "n": 60}, {"n": 1}])
def test_clouds_are_drawn_where_the_likelihood_says(screen: Screen, state: dict[str, Any]) -> None:
    screen.set(**state)
    widget = screen.python()
    for kind, share in (("region:not(.inner)", 0.05), ("inner", 0.5)):
        points = as_law(laws_of(screen.path(kind) or ""), screen)
        assert len(points) == 120
        inner = points[points.min(axis=1) > 0.03]
        assert len(inner) > 10
        # A pixel is about a quarter of a percent of the side.
        for law in inner:
            toward = widget.estimate + np.array([[0.985], [1.015]]) * (law - widget.estimate)
            within, beyond = (widget.relative_likelihood(row / row.sum()) for row in toward)
            assert beyond < share * 1.02
            assert within > share * 0.98


def test_the_dot_stands_on_the_estimate_and_the_ring_on_the_truth(screen: Screen) -> None:
    dot = screen.root.locator(".ternary circle.best")
    place = [[float(dot.get_attribute(name) or "nan") for name in ("cx", "cy")]]
    np.testing.assert_allclose(as_law(place, screen)[0], screen.python().estimate, atol=1e-3)
    moved = screen.slider(RING).get_attribute("transform") or ""
    place = [[float(number) for number in re.findall(r"[\d.]+", moved)]]
    np.testing.assert_allclose(as_law(place, screen)[0], screen.python().truth, atol=1e-3)


def test_the_ellipse_is_drawn_around_the_estimate(screen: Screen) -> None:
    points = as_law(laws_of(screen.path("fisher") or ""), screen)
    u, v = screen.python()._now()["axes"]
    widths = np.sqrt(np.square(u) + np.square(v))
    np.testing.assert_allclose(points[:-1].mean(axis=0), screen.python().estimate, atol=2e-3)
    np.testing.assert_allclose(points.max(axis=0) - points.min(axis=0), 2 * widths, atol=4e-3)
    screen.set(family="skewed", seed=1)
    assert "It leaves the triangle" in screen.said(".heard")
    clipped = as_law(laws_of(screen.path("fisher") or ""), screen)
    assert clipped.min() > -2e-3


def test_the_legend_names_what_is_drawn(screen: Screen) -> None:
    assert [line.split(":")[0] for line in screen.legend()] == [
        "the truth", "most likely row", "50% cloud", "95% cloud", "95% ellipse",
    ]  # fmt: skip
    assert screen.legend()[3] == "95% cloud: at least 5% as likely as the best"
    screen.choose("never owl")
    assert screen.legend()[1:] == [
        "most likely rows: equally likely, all of them",
        "50% cloud: at least 80% as likely as the best",
        "95% cloud: at least 15% as likely as the best",
    ]
    screen.choose("in balance")
    screen.number(0)
    assert "95% ellipse: from the Fisher information" not in screen.legend()


def test_a_row_that_is_not_identified(screen: Screen) -> None:
    screen.choose("never owl")
    assert screen.agrees_with_python()
    assert "no number of such prompts tells the share of owl" in screen.said(".heard")
    assert screen.path("fisher") is None
    ends = as_law(laws_of(screen.path("ridge") or ""), screen)
    widget = screen.python()
    assert np.abs(ends - np.array([[*widget.estimate], [0, 0, 1]])).max() < 2e-3
    mixed = ends.mean(axis=0)
    assert widget.relative_likelihood(mixed / mixed.sum()) > 0.999
    assert not screen.root.locator(".ternary circle.best").is_visible()
    assert len(laws_of(screen.path("region:not(.inner)") or "")) == 3


def test_number_by_key(screen: Screen) -> None:
    slider = screen.slider("Number of prompts")
    for key, wanted in [("ArrowRight", 35), ("ArrowUp", 40), ("ArrowLeft", 35), ("End", 2000),
                        ("ArrowRight", 2000), ("Home", 1), ("ArrowLeft", 1)]:  # fmt: skip
        screen.press(slider, key)
        assert screen.inputs()["n"] == wanted, key
        assert screen.agrees_with_python()
    assert slider.get_attribute("aria-valuetext") == "1 prompt"
    screen.set(n=37)
    assert slider.get_attribute("aria-valuetext") == "37 prompts"
    assert screen.said(".slider .number") == "37"
    screen.press(slider, "ArrowRight")
    assert screen.inputs()["n"] == 50


def test_truth_by_key(screen: Screen) -> None:
    ring = screen.slider(RING)
    screen.press(ring, "ArrowUp", "ArrowUp", "ArrowRight")
    np.testing.assert_allclose(screen.inputs()["truth"], [0.24, 0.47, 0.29], atol=1e-9)
    assert ring.get_attribute("aria-valuetext") == "cat 24%, dog 47%, owl 29%"
    for _ in range(30):
        screen.press(ring, "Shift+ArrowUp")
    np.testing.assert_allclose(screen.inputs()["truth"], [0.98, 0.01, 0.01], atol=1e-9)
    assert screen.agrees_with_python()


def test_two_presses_in_one_frame_both_count(screen: Screen) -> None:
    screen.slider(RING).evaluate(
        """node => { for (let i = 0; i < 3; i++) node.dispatchEvent(
          new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, composed: true })); }"""
    )
    screen.settle()
    np.testing.assert_allclose(screen.inputs()["truth"], [0.2, 0.47, 0.33], atol=1e-9)


def test_truth_by_mouse(screen: Screen) -> None:
    ring = screen.slider(RING)
    ring.scroll_into_view_if_needed()
    (x, y), before = screen.knob(ring), screen.picture()
    screen.page.mouse.move(x + 5, y)
    screen.page.mouse.down()
    screen.page.mouse.move(x + 45, y - 60, steps=5)
    screen.page.mouse.up()
    screen.settle()
    assert screen.knob(ring) == pytest.approx((x + 40, y - 60), abs=3)
    assert screen.picture() != before
    assert screen.agrees_with_python()


def test_new_data_keep_truth_and_number(screen: Screen) -> None:
    before, summary = screen.inputs(), screen.said(".heard")
    screen.click("New data")
    assert screen.inputs() == {**before, "seed": before["seed"] + 1}
    assert screen.said(".heard") != summary
    assert "the same truth" in screen.said(".said")
    screen.set(seed=2**32 - 1)
    screen.click("New data")
    assert screen.inputs()["seed"] == 0
    assert screen.agrees_with_python()


def test_presets(screen: Screen) -> None:
    first = screen.inputs()
    screen.click("A rare dog")
    assert screen.inputs()["truth"] == [0.38, 0.02, 0.6]
    assert screen.said(".heard").endswith(
        "Never chosen so far: dog. So the maximum lies on the border, and there is no ellipse."
    )
    assert "infinite" in screen.python().table().caption
    assert screen.agrees_with_python()
    screen.click("All 2000 prompts")
    assert screen.inputs()["n"] == 2000
    screen.click("Five prompts")
    assert screen.agrees_with_python()
    screen.click("Start over")
    assert screen.inputs() == first


# ---- predictions


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("Half as wide", "Right."),
        ("A quarter as wide", "Not so."),
        ("As wide as before", "Not so."),
    ],
)
def test_four_times_the_data(screen: Screen, answer: str, verdict: str) -> None:
    before = screen.python()
    screen.click(answer)
    after = screen.python()
    assert after.n == 4 * before.n == 120
    share = after.area / before.area
    told = screen.said(".told")
    assert told.startswith(verdict)
    assert f"covered {percent(before.area, 2)} of the triangle" in told
    assert f"it covers {percent(after.area, 2)}: {decimal(share, 2)} times the area" in told
    assert f"so {decimal(math.sqrt(share), 2)} times the width" in told
    assert 0.45 < math.sqrt(share) < 0.55
    assert screen.agrees_with_python()
    screen.number(3)
    assert screen.said(".told") == told, "a bet tells of what it was placed on"


def test_half_as_wide_is_what_happens_to_many_data_sets() -> None:
    ratios = []
    for seed in range(30):
        small, large = (LikelihoodTriangle(n=n, seed=seed).area for n in (1600, 400))
        ratios.append(math.sqrt(small / large))
    assert np.median(ratios) == pytest.approx(0.5, abs=0.01)
    assert max(abs(np.array(ratios) - 0.5)) < 0.05


def test_bets_that_make_no_sense_are_refused(screen: Screen) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"n": 19}, "Take at least 20 first."),
        ({"n": 501}, "more than 2000"),
        ({"family": "missing"}, "Choose other prompts first."),
    ]
    for state, words in cases:
        good = screen.inputs()
        screen.set(**state)
        screen.click("Half as wide")
        assert words in screen.said(".told")
        assert screen.inputs()["bet"] == {}
        screen.set(**good)


def test_the_second_prediction(screen: Screen) -> None:
    screen.click("Half as wide")
    screen.click("Next bet")
    assert screen.inputs()["n"] == 30, "the next question starts where the first one did"
    screen.click("A thin band")
    assert screen.said(".told").startswith("Right.")
    assert (screen.inputs()["family"], screen.inputs()["n"]) == ("missing", 2000)
    share = percent(screen.python().estimate[0], 0)
    assert f"cat has about {share} of what the two have together" in screen.said(".told")
    screen.click("Bet again")
    assert screen.inputs()["family"] == "balanced"
    screen.set(question="unseen", family="missing", n=2000)
    screen.click("Next to a point")
    assert "you see already" in screen.said(".told")


def test_what_happened_is_announced(screen: Screen) -> None:
    live = screen.root.get_by_role("status")
    screen.page.wait_for_timeout(900)
    assert live.text_content() == screen.said(".heard")
    screen.click("A quarter")
    screen.page.wait_for_timeout(900)
    assert str(live.text_content()).startswith("Not so. With 30 prompts")


# ---- hostile inputs and layout


def test_hostile_inputs_get_a_sentence(screen: Screen) -> None:
    good = screen.inputs()
    hostile: list[tuple[str, Any]] = [
        ("truth", None), ("truth", [1, 0, 0]), ("truth", [0.5, 0.5]), ("truth", "abc"),
        ("truth", [1e300] * 3), ("labels", ["a", "b"]), ("labels", None), ("seed", -1),
        ("seed", 0.5), ("seed", None),
    ]  # fmt: skip
    for name, value in hostile:
        screen.set(**{name: value})
        assert screen.problem().endswith("."), (name, value)
        screen.set(**{name: good[name]})
        assert screen.problem() == ""
    odd: list[Any] = [None, "x", 1e300, -7, [1], {"question": "four", "answer": "half"}]
    for name in ("n", "family", "question", "bet"):
        for value in odd:
            screen.set(**{name: value})
            assert screen.problem() == "", (name, value)
        screen.set(**{name: good[name]})
    assert screen.agrees_with_python()
    assert not screen.page.troubles


def test_a_bet_on_bad_inputs_is_no_bet(screen: Screen) -> None:
    bet = {"question": "four", "answer": "half", "truth": [9], "family": "balanced"}
    screen.set(bet={**bet, "n": 30, "seed": 1})
    assert screen.said(".told").startswith("Place your bet.")


def test_new_words_are_drawn(screen: Screen) -> None:
    screen.set(labels=["tea", "toast", "marmalade"])
    assert screen.problem() == ""
    assert screen.agrees_with_python()
    screen.choose("never marmalade")
    assert screen.agrees_with_python()
    assert screen.button("A rare toast").count() == 1


@pytest.mark.parametrize("width", [1000, 660, 375])
def test_nothing_jumps_when_numbers_change(open_page: OpenPage, pages: Pages, width: int) -> None:
    options = {"viewport": {"width": width, "height": 900}, "reduced_motion": "reduce"}
    screen = Screen(open_page(pages.of("likelihood_triangle"), **options))

    def places() -> list[float]:
        nodes = screen.root.locator("fieldset, .slider, .ternary, .heard, .bet, .tries, details")
        return nodes.evaluate_all(  # type: ignore[no-any-return]
            "nodes => nodes.map(n => n.getBoundingClientRect().top + scrollY)"
        )

    start = places()
    for at in (0, 4, 24, 40):
        screen.number(at)
        assert places() == start, at
    for family in ("mostly owl", "never owl", "in balance"):
        screen.choose(family)
        assert places() == start, family
    screen.click("Start over")
    screen.click("Half as wide")
    assert places() == start
    screen.click("Next bet")
    screen.click("The whole triangle")
    assert places() == start
