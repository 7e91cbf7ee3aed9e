"""Position weights: in Python, and on the screen as a reader moves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from browser import RecordedPage
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Locator

from ccmc_teach import attention, chain, positions
from ccmc_teach.widgets import CountsTimesTastes, PositionWeights
from ccmc_teach.widgets.base import InputError
from widgets.conftest import Pages
from widgets.screen import View

WORDS = ["cat", "dog", "owl", "fox"]
PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "is_mobile": True}
INPUTS = tuple(PositionWeights().inputs())
NEVER = [[0.0, 1.0], [0.5, 0.5]]
OpenPage = Callable[..., RecordedPage]


class Screen(View):
    """Position weights on an open page."""

    def __init__(self, page: RecordedPage) -> None:
        super().__init__(page, "position_weights")

    def inputs(self) -> dict[str, Any]:
        return self.get(*INPUTS)

    def python(self) -> PositionWeights:
        return PositionWeights(**self.inputs())

    def prompt(self) -> str:
        return " ".join(self.python().labels[token] for token in self.inputs()["prompt"])

    def word(self, place: int) -> Locator:
        """Return the chip at a place, counted from 0."""
        return self.root.locator(f'.chip[aria-valuenow="{place + 1}"]')

    def weight(self, place: int) -> Locator:
        """Return the handle of a weight in the table."""
        return self.slider(f"Weight of place {place + 1}")

    def dial(self) -> Locator:
        """Return the slider of the shape that is shown."""
        return self.root.locator("input[type=range]:visible")

    def turn(self, value: float) -> None:
        """Set the slider of the shape."""
        self.dial().fill(str(value))
        self.settle()

    def said(self, kind: str) -> str:
        return self.root.locator(kind).inner_text()

    def pictures(self) -> list[str]:
        nodes = self.root.locator("svg [role=img]").all()
        return [node.get_attribute("aria-label") or "" for node in nodes]

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

    def agrees_with_python(self) -> bool:
        """Tell whether every number on the screen is the one that Python computes."""
        widget = self.python()
        words, places = widget.words_table().rows, widget.places_table().rows
        law, plain = widget.summary().removesuffix(".").split("; without positions, ")
        expected = [
            f"From the oldest place to the last word, {widget.labels[widget.query]}, "
            "weight and attention: ",
            "Effective counts: ",
            f"Tastes of {widget.labels[widget.query]}: ",
            f"Next word a{law[1:].replace(', the next word is ', ': ', 1)}. "
            f"Without positions: {plain}.",
        ]
        shown = self.pictures()
        return (
            self.tables() == [list(words), list(places)]
            and all(map(str.startswith, shown, expected))
            and shown[3] == expected[3]
            and self.said(".heard") == widget.heard()
        )


@pytest.fixture
def screen(open_page: OpenPage, pages: Pages) -> Screen:
    return Screen(open_page(pages.of("position_weights")))


@pytest.fixture
def still(open_page: OpenPage, pages: Pages) -> Screen:
    """A screen on which nothing glides, for what is measured."""
    return Screen(open_page(pages.of("position_weights"), reduced_motion="reduce"))


# ---- in Python


SETTINGS: list[dict[str, Any]] = [
    {"shape": "uniform"},
    {"shape": "exponential", "rate": 0.4},
    {"shape": "power", "exponent": 1.3},
    {"shape": "sink", "mass": 0.6},
    {"shape": "absolute"},
]


def law_of_the_layer(widget: PositionWeights) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return what the attention layer says with position vectors that give the same weights."""
    K, L = len(widget.labels), len(widget.prompt)
    E = np.eye(K, K + 2)
    W = np.zeros((K + 2, K + 2))
    W[:K, :K] = np.log(widget.P).T
    W[K, K + 1] = 1
    U = np.zeros((L, K + 2))
    U[:, K] = np.log(widget.weights)
    U[:, K + 1] = 1
    return attention.attention_law(list(widget.prompt), W, E, U)


@pytest.mark.parametrize("settings", SETTINGS)
def test_results_are_those_of_the_attention_layer(settings: dict[str, Any]) -> None:
    widget = PositionWeights(**settings)
    np.testing.assert_allclose(widget.next_token_law, law_of_the_layer(widget), atol=1e-14)


@pytest.mark.parametrize("shape", ["exponential", "power", "sink"])
def test_without_a_number_the_shapes_are_counts_times_tastes_exactly(shape: str) -> None:
    prompt = (3, 1, 1, 0, 2, 1, 2, 2, 0)
    widget = PositionWeights(shape=shape, rate=0, exponent=0, mass=0, prompt=prompt)
    plain = CountsTimesTastes(prompt=prompt)
    assert widget.next_token_law.tolist() == plain.next_token_law.tolist()
    assert widget.effective_counts.tolist() == plain.counts.tolist()
    assert widget.effective_number == 9
    assert widget.law_without_positions.tolist() == plain.next_token_law.tolist()
    assert [row[4] for row in widget.words_table().rows] == [row[4] for row in plain.table().rows]


def test_a_window_hears_the_last_words_alone() -> None:
    widget = PositionWeights(shape="window", size=4)
    short_prompt = CountsTimesTastes(prompt=widget.prompt[-4:])
    np.testing.assert_allclose(widget.next_token_law, short_prompt.next_token_law, rtol=1e-14)
    assert widget.effective_number == 4
    assert widget.heard().endswith("Old places not heard at all: 5.")


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=30),
    st.sampled_from(["uniform", "exponential", "power", "window", "sink", "absolute"]),
    st.floats(0, 0.9),
    st.integers(1, 15),
)
def test_what_is_shown_is_what_the_package_computes(
    prompt: list[int], shape: str, number: float, size: int
) -> None:
    widget = PositionWeights(
        prompt=prompt, shape=shape, rate=number, exponent=3 * number, mass=number, size=size
    )
    weights, shown = widget.weights, widget._shown()
    np.testing.assert_allclose(shown["weights"], weights / max(weights.max(), 1), rtol=1e-13)
    np.testing.assert_allclose(shown["effective"], widget.effective_counts, rtol=1e-12)
    np.testing.assert_allclose(shown["attention"], widget.attention, rtol=1e-12)
    np.testing.assert_allclose(shown["law"], widget.next_token_law, rtol=1e-12)
    np.testing.assert_allclose(shown["plain"], widget.law_without_positions, rtol=1e-12)
    assert shown["counts"] == widget.counts.tolist()
    sums = np.bincount(prompt, widget.attention, minlength=4)
    np.testing.assert_allclose(sums, widget.next_token_law, atol=1e-13)
    assert abs(widget.effective_counts.sum() - len(prompt)) < 1e-10
    assert widget.heard().startswith("Effectively heard: ")
    assert 1 - 1e-9 <= widget.effective_number <= len(prompt) + 1e-9
    assert len(widget.places_table().rows) == len(prompt)


def test_results_by_hand() -> None:
    widget = PositionWeights(prompt=[3, 1, 0], shape="power", exponent=1)
    np.testing.assert_allclose(widget.weights, [1 / 3, 1 / 2, 1])
    parts = np.array([0.15, 0.45 / 2, 0, 0.15 / 3])
    np.testing.assert_allclose(widget.next_token_law, parts / parts.sum(), rtol=1e-14)
    np.testing.assert_allclose(widget.effective_counts, np.array([18, 9, 0, 6]) / 11)
    assert widget.effective_number == pytest.approx((11 / 6) ** 2 / (49 / 36))
    assert widget.value == 1
    assert widget.query == 0


def test_inputs_are_copied_and_cannot_be_changed_in_place() -> None:
    P, prompt, table = np.full((2, 2), 0.5), [0, 1], np.ones(30)
    widget = PositionWeights(labels=["a", "b"], P=P, prompt=prompt, table=table)
    P[0], table[0] = [1.0, 0.0], 0.5
    prompt.append(0)
    assert widget.P == ((0.5, 0.5), (0.5, 0.5))
    assert widget.prompt == (0, 1)
    assert widget.table == (1.0,) * 30
    widget.tastes[0] = 9.0
    assert widget.tastes.tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"P": [[0.5, 0.6], [1, 0]]}, "P"),
        ({"P": np.eye(3)}, "prompt must hold tokens from 0 to 2"),
        ({"prompt": []}, "prompt"),
        ({"prompt": [0, 4]}, "prompt"),
        ({"prompt": [0] * 31}, "31 words; this picture has room for 30"),
        ({"labels": ["cat"]}, "labels"),
        ({"shape": "linear"}, "shape must be one of"),
        ({"shape": None}, "shape must be one of"),
        ({"rate": 1.01}, "rate must be a number from 0 to 1"),
        ({"rate": -0.01}, "rate"),
        ({"rate": "fast"}, "rate"),
        ({"rate": np.nan}, "rate"),
        ({"exponent": 3.5}, "exponent must be a number from 0 to 3"),
        ({"size": 0}, "size must be a whole number from 1 to 15"),
        ({"size": 2.5}, "size must be a whole number"),
        ({"mass": 1}, "mass must be a number from 0 to 0.9"),
        ({"table": [1.0] * 9}, "table must hold 30 weights"),
        ({"table": [1.0] * 29 + [1.2]}, "weights from 0 to 1"),
        ({"table": "no"}, "table"),
        ({"shape": "absolute", "table": [0.0] * 30}, "last word a weight above 0"),
        ({"labels": ["a", "b"], "P": NEVER, "prompt": [0]}, "attend to nothing"),
        (
            {"labels": ["a", "b"], "P": NEVER, "prompt": [1, 0], "shape": "window", "size": 1},
            "hears no word that it could let follow",
        ),
        ({"bet": 3}, "bet"),
        ({"bet": {"question": "fox"}}, "bet"),
    ],
)
def test_bad_inputs_get_one_sentence(inputs: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        PositionWeights(**inputs)
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)


def test_a_bet_must_fit_its_question() -> None:
    bet = {
        "question": "fox", "answer": "much", "prompt": (3, 1, 0), "tastes": (0.25,) * 4,
        "shape": "uniform", "value": 0, "table": (1.0,) * 30,
    }  # fmt: skip
    assert PositionWeights(bet=bet).bet["prompt"] == [3, 1, 0]
    with pytest.raises(InputError, match="bet"):
        PositionWeights(bet={**bet, "answer": "less"})
    with pytest.raises(InputError, match="bet"):
        PositionWeights(bet={**bet, "more": 1})


def test_a_refused_input_keeps_the_old_one() -> None:
    widget = PositionWeights()
    before = widget.inputs()
    for name, value in {"P": np.eye(2), "prompt": [7], "rate": 2, "table": [1], "bet": [1]}.items():
        with pytest.raises(ValueError, match=r"\w"):
            setattr(widget, name, value)
    with pytest.raises(ValueError, match="prompt"):
        widget.set_state({"rate": 0.5, "prompt": [9]})
    assert {**widget.inputs(), "rate": 0.15} == before


def test_the_vocabulary_can_change_as_a_whole() -> None:
    widget = PositionWeights(rate=0)
    with widget.hold_trait_notifications():
        widget.labels, widget.P, widget.prompt = ["a", "b"], [[0.25, 0.75], [0.5, 0.5]], [1, 0]
    np.testing.assert_allclose(widget.next_token_law, [0.25, 0.75])


def test_the_picture_stands_for_itself() -> None:
    html = PositionWeights().fallback_html()
    assert html.count("<svg") == 1
    assert html.count("<table") == 2
    assert "Memory: 1/rate = 6.7 words." in html
    assert "<svg" in PositionWeights(prompt=[0, 1] * 15).fallback_html()


# ---- on the screen, at rest


def test_the_first_picture_is_python_s(screen: Screen) -> None:
    assert screen.agrees_with_python()
    region = screen.root.get_by_role("region", name="Who is heard, the many or the recent?")
    assert region.count() == 1
    assert screen.pictures()[0] == (
        "From the oldest place to the last word, cat, weight and attention: "
        "fox 0.30, 3%; dog 0.35, 11%; dog 0.41, 13%; cat 0.47, 5%; owl 0.55, 10%; dog 0.64, 20%; "
        "owl 0.74, 13%; owl 0.86, 15%; cat 1.00, 10%."
    )
    assert screen.pictures()[1] == (
        "Effective counts: cat 2.49, was 2; dog 2.36, was 3; owl 3.64, was 3; fox 0.51, was 1."
    )
    assert not screen.page.troubles


def heights(screen: Screen, kind: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    script = "nodes => nodes.map(n => +n.getAttribute('height'))"
    return np.array(screen.root.locator(kind).evaluate_all(script))


def test_bars_are_as_high_as_the_numbers_say(still: Screen) -> None:
    still.choose("power")
    widget = still.python()
    bars = heights(still, ".places .weight")
    np.testing.assert_allclose(bars / bars[-1], widget.weights, atol=2e-4)
    before = heights(still, ".places g[aria-hidden] > g > .ghost")
    old = PositionWeights().weights
    np.testing.assert_allclose(before / before[-1], old, atol=2e-4)
    share = heights(still, ".places .moves > .mark")
    np.testing.assert_allclose(
        share / share[-1], widget.attention / widget.attention[-1], rtol=0.01
    )
    plain = heights(still, ".places .moves > .ghost")
    wanted = widget.tastes[list(widget.prompt)]
    np.testing.assert_allclose(plain / plain[-1], wanted / wanted[-1], rtol=0.01)
    panel = "svg.eased:not(.places) > g:nth-child({}) {}"
    law = heights(still, panel.format(3, ".mark"))
    np.testing.assert_allclose(
        law / law[0], widget.next_token_law / widget.next_token_law[0], rtol=0.01
    )
    ghosts = heights(still, panel.format(3, ".ghost"))
    wanted = widget.law_without_positions
    np.testing.assert_allclose(ghosts / ghosts[1], wanted / wanted[1], rtol=0.01)
    counts = heights(still, panel.format(1, ".ghost"))
    np.testing.assert_allclose(counts / counts[0], widget.counts / widget.counts[0], rtol=0.01)


def test_every_word_stands_under_its_weight(still: Screen) -> None:
    middle = """nodes => nodes.map(n => n.getBoundingClientRect())
      .map(box => box.x + box.width / 2)"""
    weights = still.root.locator(".places .weight").evaluate_all(middle)
    words = still.root.locator(".places .moves .plate").evaluate_all(middle)
    np.testing.assert_allclose(sorted(words), weights, atol=0.6)


def test_the_last_word_can_be_read(screen: Screen) -> None:
    rings = screen.root.locator(".places .ring")
    fills = rings.evaluate_all("nodes => nodes.map(n => getComputedStyle(n).fill)")
    assert fills == ["none"] * 9


# ---- shapes and their numbers


@pytest.mark.parametrize(
    ("shape", "trait", "value", "text"),
    [
        ("exponential", "rate", 0.5, "Memory: 1/rate = 2.0 words."),
        ("power", "exponent", 2, "The oldest place still weighs 0.012."),
        ("window", "size", 8, "Old places not heard at all: 1."),
        ("window", "size", 15, "The window holds the whole prompt."),
        ("sink", "mass", 0.5, "The first place holds 56% of all weight."),
    ],
)
def test_each_shape_has_its_own_number(
    screen: Screen, shape: str, trait: str, value: float, text: str
) -> None:
    screen.choose(shape)
    assert screen.dial().count() == 1
    screen.turn(value)
    assert screen.inputs()[trait] == value
    assert screen.said(".heard").endswith(text)
    assert screen.agrees_with_python()


@pytest.mark.parametrize(
    ("shape", "text"),
    [("equal", "the order does not matter"), ("table", "Drag the handles")],
)
def test_shapes_without_a_number_say_so(screen: Screen, shape: str, text: str) -> None:
    screen.choose(shape)
    assert screen.dial().count() == 0
    assert text in screen.said(".dial")
    assert screen.agrees_with_python()


def test_rate_by_key(screen: Screen) -> None:
    screen.press(screen.dial(), "ArrowUp", "ArrowRight")
    assert screen.inputs()["rate"] == 0.17
    screen.press(screen.dial(), "Home")
    assert screen.said(".heard").endswith("Positions do not matter.")
    assert screen.agrees_with_python()
    law = screen.python().next_token_law
    assert law.tolist() == CountsTimesTastes().next_token_law.tolist()


def test_the_shape_before_stays_as_an_outline(screen: Screen) -> None:
    heads = screen.root.locator(".places > text")
    assert heads.nth(1).text_content() == "dashed: equal weights"
    screen.turn(0.4)
    screen.choose("window")
    assert heads.nth(1).text_content() == "dashed: exponential, before"
    screen.turn(2)
    assert heads.nth(1).text_content() == "dashed: exponential, before"
    ghost = heights(screen, ".places g[aria-hidden] > g > .ghost")
    np.testing.assert_allclose(ghost / ghost[-1], np.exp(-0.4 * np.arange(8, -1, -1)), atol=2e-4)
    screen.click("Ten × dog first")
    assert heads.nth(1).text_content() == "dashed: equal weights"
    screen.click("Start over")
    assert heads.nth(1).text_content() == "dashed: equal weights"
    assert screen.inputs()["shape"] == "exponential"


def test_the_table_by_key_and_by_mouse(still: Screen) -> None:
    still.choose("table")
    handle = still.weight(2)
    for key, wanted in [("ArrowUp", 0.41), ("PageUp", 0.51), ("ArrowLeft", 0.5), ("End", 1),
                        ("Home", 0), ("PageDown", 0)]:  # fmt: skip
        still.press(handle, key)
        assert still.value(handle) == wanted, key
        assert still.inputs()["table"][2] == wanted
    still.press(still.weight(8), "Home")
    assert still.inputs()["table"][8] == 0.01, "the last word always hears itself"
    assert still.agrees_with_python()
    knob = still.weight(1)
    knob.scroll_into_view_if_needed()
    x, y = still.knob(knob)
    still.page.mouse.move(x, y)
    still.page.mouse.down()
    still.page.mouse.move(x, y + 32, steps=4)
    still.page.mouse.up()
    still.settle()
    assert still.value(knob) == pytest.approx(0.2, abs=0.011)
    assert still.agrees_with_python()


# ---- words that move


def focused(screen: Screen) -> str | None:
    script = "document.querySelector('.ccmc-widget').shadowRoot.activeElement"
    said: str | None = screen.page.evaluate(f"{script}?.getAttribute('aria-valuetext')")
    return said


def test_words_by_key(screen: Screen) -> None:
    fox = screen.slider("Place of fox")
    for key, place in [("ArrowRight", 1), ("ArrowUp", 2), ("ArrowLeft", 1), ("PageUp", 4),
                       ("End", 7), ("ArrowRight", 7), ("Home", 0), ("ArrowDown", 0)]:  # fmt: skip
        screen.press(fox, key)
        assert screen.inputs()["prompt"].index(3) == place, key
        assert focused(screen) == f"fox, place {place + 1} of 9, age {8 - place}"
    assert screen.prompt() == "fox dog dog cat owl dog owl owl cat"
    assert screen.agrees_with_python()


def test_a_word_moves_past_its_like(screen: Screen) -> None:
    screen.press(screen.word(1), "ArrowRight", "ArrowRight", "ArrowRight")
    assert focused(screen) == "dog, place 5 of 9, age 4"
    assert screen.prompt() == "fox dog cat owl dog dog owl owl cat"


def test_two_presses_in_one_frame_both_count(screen: Screen) -> None:
    screen.slider("Place of fox").evaluate(
        """node => { for (let i = 0; i < 3; i++) node.dispatchEvent(
          new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, composed: true })); }"""
    )
    screen.settle()
    assert screen.inputs()["prompt"].index(3) == 3


def test_modified_keys_are_left_to_the_host(screen: Screen) -> None:
    screen.press(screen.slider("Place of fox"), "Control+ArrowRight", "Alt+End")
    assert screen.inputs()["prompt"].index(3) == 0


def test_the_tab_key_follows_the_places(screen: Screen) -> None:
    screen.press(screen.slider("Place of fox"), "PageUp")
    wanted = ["fox, place 4", "owl, place 5", "dog, place 6", "owl, place 7", "owl, place 8"]
    for said in wanted:
        assert str(focused(screen)).startswith(said)
        screen.page.keyboard.press("Tab")
    assert focused(screen) is None
    for said in reversed(wanted):
        screen.page.keyboard.press("Shift+Tab")
        assert str(focused(screen)).startswith(said)


def test_words_by_mouse(still: Screen) -> None:
    chip = still.slider("Place of fox").locator(".plate")
    chip.scroll_into_view_if_needed()

    def middle() -> tuple[float, float]:
        box = chip.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    (x, y), step = middle(), 62
    still.page.mouse.move(x - 20, y)
    still.page.mouse.down()
    still.page.mouse.move(x - 20 + 2 * step, y, steps=6)
    still.settle()
    assert still.prompt() == "dog dog fox cat owl dog owl owl cat"
    still.page.mouse.move(x + 40 * step, y, steps=3)
    still.page.mouse.up()
    still.page.mouse.move(x, y)
    still.settle()
    assert still.prompt() == "dog dog cat owl dog owl owl fox cat"
    still.page.mouse.click(*middle())
    still.settle()
    assert still.prompt() == "fox dog dog cat owl dog owl owl cat", "a tap goes round"
    still.page.mouse.click(*middle())
    still.settle()
    assert still.prompt() == "dog fox dog cat owl dog owl owl cat"
    still.press(still.slider("Place of fox"), "End", "ArrowLeft")
    still.page.mouse.click(*middle())
    still.settle()
    assert still.prompt() == "dog dog cat owl dog owl owl fox cat"
    assert still.agrees_with_python()


def test_the_last_word_does_not_move(still: Screen) -> None:
    box = still.root.locator(".plate.last").bounding_box()
    assert box is not None
    still.page.mouse.move(box["x"] + 20, box["y"] + 10)
    still.page.mouse.down()
    still.page.mouse.move(box["x"] - 200, box["y"] + 10, steps=4)
    still.page.mouse.up()
    still.page.mouse.click(box["x"] + 20, box["y"] + 10)
    still.settle()
    assert still.prompt() == "fox dog dog cat owl dog owl owl cat"
    assert still.root.locator(".chip").count() == 8


def test_words_by_touch(open_page: OpenPage, pages: Pages) -> None:
    screen = Screen(open_page(pages.of("position_weights"), reduced_motion="reduce", **PHONE))
    chip = screen.slider("Place of fox").locator(".plate")
    chip.scroll_into_view_if_needed()
    box = chip.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    screen.page.touchscreen.tap(x, y)
    screen.settle()
    assert screen.inputs()["prompt"].index(3) == 1
    session = screen.page.context.new_cdp_session(screen.page.page)
    step = box["width"] + 4
    points = [x + step * (1 + part / 4) for part in range(9)]
    touch = "Input.dispatchTouchEvent"
    session.send(touch, {"type": "touchStart", "touchPoints": [{"x": points[0], "y": y}]})
    for point in points[1:]:
        session.send(touch, {"type": "touchMove", "touchPoints": [{"x": point, "y": y}]})
    session.send(touch, {"type": "touchEnd", "touchPoints": []})
    session.detach()
    screen.settle()
    assert screen.inputs()["prompt"].index(3) == 3
    assert screen.agrees_with_python()


def test_a_moved_word_keeps_its_chip(screen: Screen) -> None:
    nodes = "document.querySelector('.ccmc-widget').shadowRoot.querySelectorAll('.moves')"
    screen.page.evaluate(
        f"window.old = new Map([...{nodes}].map(n => [n, n.lastChild.textContent]))"
    )
    screen.click("Put fox next to last")
    screen.click("Ten × dog first")
    kept = f"[...{nodes}].filter(n => window.old.get(n) === n.lastChild.textContent).length"
    assert screen.page.evaluate(kept) == 9
    assert screen.root.locator(".moves").count() == 19


def test_the_last_word_by_key(screen: Screen) -> None:
    screen.root.get_by_role("radio", name="cat", exact=True).focus()
    screen.page.keyboard.press("ArrowRight")
    screen.settle()
    assert screen.prompt() == "fox dog dog cat owl cat owl owl dog"
    assert screen.agrees_with_python()


# ---- presets and predictions


@pytest.mark.parametrize(
    ("preset", "prompt", "note"),
    [
        ("Put fox next to last", "dog dog cat owl dog owl owl fox cat", "at age 1"),
        ("Ten × dog first", "dog " * 10 + "fox dog dog cat owl dog owl owl cat", "Ten times “dog”"),
        ("First word only", "fox dog dog cat owl dog owl owl cat", "“fox” is copied"),
    ],
)
def test_presets(screen: Screen, preset: str, prompt: str, note: str) -> None:
    screen.click(preset)
    assert screen.prompt() == prompt
    assert note in screen.said(".said")
    assert screen.agrees_with_python()
    if preset == "First word only":
        assert screen.python().next_token_law[3] > 0.98
        assert screen.python().shape == "absolute"
    screen.click("Start over")
    assert {**screen.inputs()} == {**screen.get(*INPUTS)}
    assert screen.python().inputs() == PositionWeights().inputs()
    assert screen.said(".said") == ""


def test_presets_that_cannot_be_made_say_why(screen: Screen) -> None:
    screen.click("Put fox first")
    assert screen.said(".said") == "“fox” stands there already. Move it away first."
    screen.click("Ten × dog first")
    screen.click("Ten × dog first")
    screen.click("Ten × dog first")
    assert screen.said(".said") == "The prompt holds 39 words; this picture has room for 30."
    assert len(screen.inputs()["prompt"]) == 29
    screen.set(prompt=[1, 0])
    screen.click("Put fox first")
    assert screen.said(".said") == "This needs one single “fox”, and now there are 0."
    screen.choose("fox")
    screen.click("Put fox first")
    assert "“fox” is the last word, so it stays." in screen.said(".said")


def test_the_move_of_the_fox_is_predicted_then_shown(screen: Screen) -> None:
    before = screen.python().next_token_law[3]
    assert f"probability is {before:.1%}" in screen.said(".asked")
    screen.click("To less than double")
    widget = screen.python()
    after = widget.next_token_law[3]
    assert screen.prompt() == "dog dog cat owl dog owl owl fox cat"
    assert widget.bet["answer"] == "some"
    assert screen.said(".told") == (
        "Not so. The counts are the same, but “fox” went from age 8 to age 1 and from weight 0.30 "
        f"to 0.86. Its probability went from {before:.1%} to {after:.1%}, {after / before:.2f} "
        "times as much. The words that it passed grew one step older."
    )
    assert screen.button("To more than double (right)").count() == 1
    assert f"probability is {before:.1%}" in screen.said(".asked"), "the question stays"
    marks = screen.root.locator(".answers:not([hidden]) .mark-of").all_text_contents()
    assert marks == ["○", "✗", "✓"]
    screen.button("Not at all").click(force=True)
    assert screen.inputs()["bet"]["answer"] == "some", "a bet is placed once"


@pytest.mark.parametrize(
    ("settings", "right"),
    [
        ({"shape": "uniform"}, "Not at all"),
        ({"shape": "sink"}, "Not at all"),
        ({"shape": "exponential", "rate": 0.05}, "To less than double"),
        ({"shape": "window", "size": 3}, "To more than double"),
    ],
)
def test_the_right_answer_depends_on_the_weights(
    screen: Screen, settings: dict[str, Any], right: str
) -> None:
    screen.set(**settings)
    screen.click(right)
    assert screen.said(".told").startswith("Right.")
    assert ("Where weights are equal" in screen.said(".told")) == (settings["shape"] == "uniform")


@pytest.mark.parametrize(
    ("settings", "right"),
    [
        ({"shape": "exponential", "rate": 0.15}, "It rises less than without positions"),
        ({"shape": "uniform"}, "It rises as much"),
        ({"shape": "window", "size": 5}, "It stays"),
    ],
)
def test_ten_old_dogs_are_predicted_then_shown(
    screen: Screen, settings: dict[str, Any], right: str
) -> None:
    screen.set(question="many", **settings)
    before = screen.python()
    screen.click(right)
    after = screen.python()
    told = screen.said(".told")
    assert told.startswith("Right.")
    assert f"from {before.next_token_law[1]:.1%} to {after.next_token_law[1]:.1%}." in told
    assert (
        f"from {before.law_without_positions[1]:.1%} to {after.law_without_positions[1]:.1%}."
        in told
    )
    assert f"weigh {after.weights[:10].sum():.2f} together" in told
    assert ("no more than 1.86." in told) == (settings["shape"] == "exponential")
    screen.click("Bet again")
    assert screen.inputs()["question"] == "fox"
    assert len(screen.inputs()["prompt"]) == 9, "the next question starts afresh"


def test_what_was_told_stays_true_when_the_reader_moves_on(screen: Screen) -> None:
    screen.click("To more than double")
    told = screen.said(".told")
    screen.choose("sink")
    screen.press(screen.slider("Place of fox"), "Home")
    assert screen.said(".told") == told
    screen.click("Next bet")
    assert screen.inputs()["prompt"][0] == 3, "what the reader set is not taken back"


def test_a_prediction_that_cannot_be_made_says_why(screen: Screen) -> None:
    screen.press(screen.slider("Place of fox"), "End")
    screen.click("Not at all")
    assert screen.said(".told") == "“fox” stands there already. Move it away first."
    assert screen.inputs()["bet"] == {}
    screen.set(question="many", prompt=[0] * 21)
    screen.click("It stays")
    assert screen.said(".told") == "The prompt holds 31 words; this picture has room for 30."
    assert not screen.page.troubles


# ---- hostile inputs


HOSTILE: list[tuple[str, Any]] = [
    ("P", "no"), ("P", None), ("P", [[0, 0, 0, 0]] * 4), ("P", [[1e12] * 4] * 4), ("P", []),
    ("prompt", []), ("prompt", [9]), ("prompt", None), ("prompt", [0.5]), ("prompt", ["0"]),
    ("prompt", 1e300), ("prompt", [1] * 31), ("labels", ["x"]), ("labels", None),
    ("labels", ["a", "a", "b", "c"]), ("table", None), ("table", [1]), ("table", ["1"] * 30),
    ("table", [2] * 30), ("table", {"a": 1}),
]  # fmt: skip


def test_hostile_inputs_get_a_sentence(screen: Screen) -> None:
    good = screen.inputs()
    for name, value in HOSTILE:
        screen.set(**{name: value})
        assert screen.problem().endswith("."), (name, value)
        assert screen.root.get_by_role("slider").count() == 0
        screen.set(**{name: good[name]})
        assert screen.problem() == ""
    odd: list[Any] = [None, "x", 1e300, -7, [1], {"question": "fox", "answer": "much"}]
    for name in ("shape", "rate", "size", "exponent", "mass", "question", "bet"):
        for value in odd:
            for shape in ("exponential", "window", "power", "sink"):
                screen.set(**{"shape": shape} | {name: value})
                assert screen.problem() == "", (name, value, shape)
        screen.set(**{name: good[name]} | {"shape": good["shape"]})
    text = screen.root.evaluate("node => node.shadowRoot.innerHTML")
    assert "NaN" not in text
    assert "undefined" not in text
    assert screen.agrees_with_python()
    assert not screen.page.troubles


def test_a_window_that_leaves_nothing_is_not_made(screen: Screen) -> None:
    never = [[0.0, 1.0, 0.0, 0.0], *(list(row) for row in PositionWeights().P[1:])]
    screen.set(P=never, shape="window", size=4)
    screen.turn(1)
    assert screen.inputs()["size"] == 4
    assert "hears no word that it could let follow" in screen.said(".said")
    assert screen.problem() == ""
    screen.set(size=1)
    assert "hears no word that it could let follow" in screen.problem()


def test_a_new_vocabulary_is_drawn(screen: Screen) -> None:
    P = np.full((5, 5), 0.2).tolist()
    screen.set(labels=["tea", "toast", "jam", "egg", "marmalade"], P=P, prompt=[0, 1, 2, 3, 4, 0])
    assert screen.problem() == ""
    assert screen.agrees_with_python()
    assert screen.button("Put marmalade first").count() == 1
    screen.press(screen.slider("Place of marmalade"), "ArrowLeft")
    assert screen.agrees_with_python()
    assert not screen.page.troubles


@pytest.mark.parametrize("prompt", [[0], [1, 0]])
def test_the_shortest_prompts_are_drawn(screen: Screen, prompt: list[int]) -> None:
    for shape in ("uniform", "exponential", "power", "window", "sink", "absolute"):
        screen.set(prompt=prompt, shape=shape)
        assert screen.problem() == ""
        assert screen.agrees_with_python()
    assert screen.root.locator(".chip").count() == 0


# ---- layout


@pytest.mark.parametrize("width", [375, 1000])
def test_the_longest_prompt_is_readable(open_page: OpenPage, pages: Pages, width: int) -> None:
    viewport = {"width": width, "height": 900}
    page = open_page(pages.of("position_weights"), viewport=viewport, reduced_motion="reduce")
    screen = Screen(page)
    screen.set(prompt=[3, *[1, 2, 0] * 9, 2, 0], shape="absolute")
    words = screen.root.locator(".moves")
    assert words.count() == 30
    sizes = words.evaluate_all(
        "nodes => nodes.map(n => [n.lastChild.getBoundingClientRect().width, "
        "n.querySelector('.plate').getBoundingClientRect().width, "
        "n.querySelector('.hit').getBoundingClientRect().width])"
    )
    assert all(text <= plate for text, plate, _ in sizes)
    assert all(hit >= 24 for _, _, hit in sizes)
    assert screen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert screen.agrees_with_python()
    screen.press(screen.word(20), "Home")
    assert screen.agrees_with_python()


@pytest.mark.parametrize("width", [320, 375, 712])
def test_heads_keep_apart(open_page: OpenPage, pages: Pages, width: int) -> None:
    viewport = {"width": width, "height": 900}
    screen = Screen(open_page(pages.of("position_weights"), viewport=viewport))
    screen.choose("window")
    heads = screen.root.locator(".places > text")
    boxes = heads.evaluate_all("nodes => nodes.map(n => n.getBoundingClientRect().toJSON())")
    for left, right in ((0, 1), (2, 3)):
        assert boxes[left]["right"] + 8 <= boxes[right]["left"]


@pytest.mark.parametrize("width", [1000, 712, 375])
def test_nothing_jumps_when_numbers_change(open_page: OpenPage, pages: Pages, width: int) -> None:
    viewport = {"width": width, "height": 900}
    screen = Screen(open_page(pages.of("position_weights"), viewport=viewport))

    def places() -> list[float]:
        nodes = screen.root.locator("fieldset, svg, .heard, .bet, .tries, details")
        return nodes.evaluate_all(  # type: ignore[no-any-return]
            "nodes => nodes.map(n => n.getBoundingClientRect().top + scrollY)"
        )

    start = places()
    for shape in ("equal", "power", "window", "sink", "table", "exponential"):
        screen.choose(shape)
        assert places() == start, shape
    screen.turn(0.9)
    screen.click("Put fox next to last")
    assert places() == start
    screen.click("Start over")
    screen.click("To more than double")
    assert places() == start
    screen.click("Next bet")
    assert places() == start
    if width > 375:  # there nineteen words take a second line
        screen.click("It stays")
        assert places() == start


def test_chain_and_positions_give_the_numbers_of_the_page() -> None:
    weights = positions.weights("exponential", 9, rate=0.15)
    M = chain.counts([PositionWeights().prompt], 4, weights=weights)
    law = chain.next_token_law(PositionWeights().P, M, [0])[0]
    np.testing.assert_allclose(PositionWeights().next_token_law, law, rtol=1e-14)
