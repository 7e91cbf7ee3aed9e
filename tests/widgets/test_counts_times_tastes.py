"""Counts times tastes: in Python, and on the screen as a reader moves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from browser import RecordedPage
from hypothesis import given
from hypothesis import strategies as st

from ccmc_teach import attention
from ccmc_teach.widgets import CountsTimesTastes
from ccmc_teach.widgets.base import InputError
from widgets.conftest import Pages
from widgets.screen import Screen

WORDS = ["cat", "dog", "owl", "fox"]
PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "is_mobile": True}
OpenPage = Callable[..., RecordedPage]


@pytest.fixture
def screen(open_page: OpenPage, pages: Pages) -> Screen:
    return Screen(open_page(pages.of("counts_times_tastes")))


# ---- in Python


def test_results_are_those_of_the_attention_layer() -> None:
    widget = CountsTimesTastes()
    P, E = np.array(widget.P), np.eye(4)
    law = attention.attention_law(list(widget.prompt), attention.key_query_matrix(P, E), E)
    np.testing.assert_allclose(widget.next_token_law, law, atol=1e-14)
    assert widget.counts.tolist() == [2, 3, 3, 1]
    assert widget.query == 0
    assert widget.tastes.tolist() == [0.15, 0.45, 0.25, 0.15]


def test_inputs_are_copied_and_cannot_be_changed_in_place() -> None:
    P, prompt = np.full((2, 2), 0.5), [0, 1]
    widget = CountsTimesTastes(labels=["a", "b"], P=P, prompt=prompt)
    P[0] = [1.0, 0.0]
    prompt.append(0)
    assert widget.P == ((0.5, 0.5), (0.5, 0.5))
    assert widget.prompt == (0, 1)
    widget.tastes[0] = 9.0
    assert widget.tastes.tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"P": [[0.5, 0.6], [1, 0]]}, "P"),
        ({"P": np.eye(3)}, "prompt must hold tokens from 0 to 2"),
        ({"P": "no"}, "P"),
        ({"P": [[np.nan] * 4] * 4}, "P"),
        ({"P": np.eye(4), "prompt": [0, 1, 2, 3], "labels": ["a", "b"]}, "table of 2 rows"),
        ({"prompt": []}, "prompt"),
        ({"prompt": [0, 4]}, "prompt"),
        ({"prompt": [0.5]}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": [1] * 13}, "dog 13 times"),
        ({"P": 0.5 * np.eye(4) + 0.5 * np.roll(np.eye(4), 1, 1) - 0.5 * np.eye(4)
          + 0.5 * np.roll(np.eye(4), 1, 1), "prompt": [0]}, "attend to nothing"),
        ({"labels": ["cat"]}, "labels"),
        ({"labels": ["cat", "cat", "owl", "fox"]}, "labels"),
        ({"labels": "catx"}, "labels"),
        ({"bet": 3}, "bet"),
        ({"bet": {"question": "double", "answer": "less", "prompt": [0], "tastes": [1]}}, "bet"),
        ({"bet": {"question": "double"}}, "bet"),
    ],
)  # fmt: skip
def test_bad_inputs_get_one_sentence(inputs: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        CountsTimesTastes(**inputs)
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)


def test_a_refused_input_keeps_the_old_one() -> None:
    widget = CountsTimesTastes()
    before = widget.inputs()
    for name, value in {"P": np.eye(2), "prompt": [7], "labels": ["x"], "bet": [1]}.items():
        with pytest.raises(ValueError, match=r"\w"):
            setattr(widget, name, value)
    with pytest.raises(ValueError, match="prompt"):
        widget.set_state({"grouped": True, "prompt": [9]})
    assert {**widget.inputs(), "grouped": False} == before


def test_the_vocabulary_can_change_as_a_whole() -> None:
    widget = CountsTimesTastes()
    with widget.hold_trait_notifications():
        widget.labels, widget.P, widget.prompt = ["a", "b"], [[0.25, 0.75], [0.5, 0.5]], [1, 0]
    np.testing.assert_allclose(widget.next_token_law, [0.25, 0.75])


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_summary_and_table_tell_the_law(prompt: list[int]) -> None:
    widget = CountsTimesTastes(prompt=prompt)
    rows = widget.table().rows
    shares = [float(row[4].rstrip("%")) / 100 for row in rows]
    np.testing.assert_allclose(shares, widget.next_token_law, atol=0.00051)
    products = [float(row[3]) for row in rows]
    np.testing.assert_allclose(products, widget.counts * widget.tastes, atol=0.00051)
    assert widget.summary().startswith(f"After {WORDS[prompt[-1]]}, the next word is cat ")


# ---- on the screen, at rest


def test_the_first_picture_is_python_s(screen: Screen) -> None:
    assert screen.agrees_with_python()
    assert screen.root.get_by_role("region", name="How do counts tilt the chain?").count() == 1
    assert screen.formula() == (
        "The probability of dog after cat is 3 times 0.45, divided by 2 times 0.15 plus "
        "3 times 0.45 plus 3 times 0.25 plus 1 times 0.15, which is 52.9%."
    )
    strip = screen.root.get_by_role("img", name="Attention of the last word")
    assert strip.get_attribute("aria-label") == (
        "Attention of the last word, cat, over the prompt: dog 18%, cat 6%, owl 10%, dog 18%, "
        "fox 6%, owl 10%, dog 18%, owl 10%, cat 6%."
    )
    assert not screen.page.troubles


def bar(screen: Screen, panel: int, j: int, kind: str = ".mark") -> dict[str, float]:
    """Return the place of a bar on the page, or of its dashed outline, without the line."""
    group = screen.root.locator('svg[role="group"] > g').nth(panel).locator(f":scope > g > .k{j}")
    script = """node => {
      const box = node.getBBox(), matrix = node.getScreenCTM();
      return { x: box.x + matrix.e, y: box.y + matrix.f, height: box.height };
    }"""
    place: dict[str, float] = group.locator(kind).evaluate(script)
    return place


def test_bars_are_as_high_as_the_numbers_say(screen: Screen) -> None:
    widget = screen.python()
    law, plain = widget.next_token_law, widget.tastes
    heights = np.array([bar(screen, 2, j)["height"] for j in range(4)])
    ghosts = np.array([bar(screen, 2, j, ".ghost")["height"] for j in range(4)])
    np.testing.assert_allclose(heights / heights[0], law / law[0], rtol=0.02)
    np.testing.assert_allclose(ghosts / heights[0], plain / law[0], rtol=0.02)
    counts = np.array([bar(screen, 0, j)["height"] for j in range(4)])
    np.testing.assert_allclose(counts / counts[0], widget.counts / widget.counts[0], rtol=0.02)


# ---- moved by key


def test_counts_by_key(screen: Screen) -> None:
    handle = screen.count("dog")
    for key, wanted in [("ArrowUp", 4), ("ArrowRight", 5), ("ArrowDown", 4), ("ArrowLeft", 3),
                        ("PageUp", 6), ("PageDown", 3), ("End", 12), ("ArrowUp", 12),
                        ("Home", 0), ("ArrowDown", 0), ("ArrowUp", 1)]:  # fmt: skip
        screen.press(handle, key)
        assert screen.value(handle) == wanted, key
        assert screen.inputs()["prompt"].count(1) == wanted
        assert screen.agrees_with_python()
    assert handle.get_attribute("aria-valuetext") == "dog stands once in the prompt"


def test_the_query_keeps_a_copy(screen: Screen) -> None:
    screen.press(screen.count("cat"), "Home")
    assert screen.value(screen.count("cat")) == 1
    assert screen.inputs()["prompt"][-1] == 0


def test_tastes_by_key_rescale_the_others(screen: Screen) -> None:
    handle = screen.taste("owl")
    screen.press(handle, "ArrowUp", "PageUp")
    assert screen.value(handle) == 0.36
    assert sum(screen.inputs()["P"][0]) == pytest.approx(1, abs=1e-12)
    assert screen.inputs()["P"][1:] == [list(row) for row in CountsTimesTastes().P[1:]]
    assert screen.agrees_with_python()
    assert "owl after cat" in screen.formula()
    screen.press(handle, "End")
    assert screen.value(handle) == 0.97
    screen.press(handle, "Home")
    assert screen.value(handle) == 0.01
    assert screen.agrees_with_python()


def test_modified_keys_are_left_to_the_host(screen: Screen) -> None:
    screen.press(screen.count("dog"), "Control+ArrowUp", "Alt+ArrowUp")
    assert screen.value(screen.count("dog")) == 3


def test_two_presses_in_one_frame_both_count(screen: Screen) -> None:
    screen.count("dog").evaluate(
        """node => { for (let i = 0; i < 3; i++) node.dispatchEvent(
          new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true, composed: true })); }"""
    )
    screen.taste("owl").evaluate(
        """node => { for (let i = 0; i < 2; i++) node.dispatchEvent(
          new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true, composed: true })); }"""
    )
    screen.settle()
    assert screen.value(screen.count("dog")) == 6
    assert screen.value(screen.taste("owl")) == 0.27


def test_query_by_key_keeps_the_counts(screen: Screen) -> None:
    screen.root.get_by_role("radio", name="cat", exact=True).focus()
    screen.page.keyboard.press("ArrowRight")
    screen.settle()
    assert screen.inputs()["prompt"][-1] == 1
    assert [screen.value(screen.count(word)) for word in WORDS] == [2, 3, 3, 1]
    assert screen.agrees_with_python()


def test_every_control_is_reached_by_tab(screen: Screen) -> None:
    script = "document.querySelector('.ccmc-widget').shadowRoot.activeElement"
    names = []
    for _ in range(40):
        screen.page.keyboard.press("Tab")
        names.append(screen.page.evaluate(
            f"(() => {{ const a = {script}; "
            "return a && (a.getAttribute('aria-label') || a.textContent "
            "|| a.parentNode.textContent); })()"
        ))  # fmt: skip
    reached = [name for name in names if name]
    wanted = [
        "cat", "in order", *(f"Count of {word} in the prompt" for word in WORDS),
        *(f"Taste of the last word for {word}" for word in WORDS), "○Nothing",
        "○All probabilities double", "○The commonest word gains", "Equal counts",
        "Double everything", "Flood of dog", "No fox", "Start over",
        "The numbers behind the picture",
    ]  # fmt: skip
    assert reached[: len(wanted)] == wanted


# ---- moved by pointer


def test_holding_a_knob_off_its_middle_does_not_move_it(screen: Screen) -> None:
    handle = screen.taste("owl")
    handle.scroll_into_view_if_needed()
    x, y = screen.knob(handle)
    screen.page.mouse.move(x + 8, y + 4)
    screen.page.mouse.down()
    screen.page.mouse.up()
    screen.settle()
    assert screen.value(handle) == 0.25
    assert screen.inputs()["P"] == [list(row) for row in CountsTimesTastes().P]


def test_a_knob_follows_the_mouse(screen: Screen) -> None:
    handle = screen.count("owl")
    handle.scroll_into_view_if_needed()
    step = bar(screen, 0, 2)["height"] / 3
    x, y = screen.knob(handle)
    screen.page.mouse.move(x + 8, y + 3)
    screen.page.mouse.down()
    screen.page.mouse.move(x + 8, y + 3 - 4 * step, steps=8)
    screen.settle()
    assert screen.value(handle) == 7
    screen.page.mouse.move(x + 8, y - 500)
    screen.page.mouse.up()
    screen.page.mouse.move(x, y)
    screen.settle()
    assert screen.value(handle) == 12
    assert screen.agrees_with_python()


def test_a_click_on_the_track_sets_the_value(screen: Screen) -> None:
    handle = screen.taste("fox")
    handle.scroll_into_view_if_needed()
    x, _ = screen.knob(handle)
    # The plain chain's dashed outlines share the scale of the tastes.
    outline = bar(screen, 2, 1, ".ghost")
    screen.page.mouse.click(x, outline["y"])
    screen.settle()
    assert screen.value(handle) == pytest.approx(0.45, abs=0.011)
    assert screen.agrees_with_python()


def test_by_touch(open_page: OpenPage, pages: Pages) -> None:
    screen = Screen(open_page(pages.of("counts_times_tastes"), **PHONE))
    handle = screen.count("dog")
    handle.scroll_into_view_if_needed()
    x, y = screen.knob(handle)
    step = bar(screen, 0, 1)["height"] / 3
    screen.page.touchscreen.tap(x, y - 5 * step)
    screen.settle()
    assert screen.value(handle) == 8
    # A finger that holds the knob drags it; one that starts on the track scrolls the page.
    screen.page.wait_for_timeout(600)
    x, y = screen.knob(handle)
    swipe(screen, x, y, -3 * step)
    assert screen.value(handle) == 11
    screen.page.wait_for_timeout(600)
    x, y = screen.knob(handle)
    top = screen.page.evaluate("scrollY")
    swipe(screen, x, y + 45, -100)
    screen.page.wait_for_timeout(300)
    assert screen.value(handle) == 11
    assert screen.page.evaluate("scrollY") > top
    assert screen.agrees_with_python()


def swipe(screen: Screen, x: float, y: float, way: float) -> None:
    """Move a finger up or down."""
    session = screen.page.context.new_cdp_session(screen.page.page)
    point = {"x": x, "y": y}
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    for part in range(1, 9):
        point = {"x": x, "y": y + way * part / 8}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()
    screen.settle()


# ---- grouping, presets, predictions


def chips(screen: Screen) -> list[str]:
    """Return the words of the strip from left to right."""
    words = screen.root.locator('svg[role="img"] .moves').evaluate_all(
        "nodes => nodes.map(n => [n.getBoundingClientRect().left, n.lastChild.textContent])"
    )
    return [word for _, word in sorted(words)]


def test_grouping_moves_the_same_chips(screen: Screen) -> None:
    assert chips(screen) == ["dog", "cat", "owl", "dog", "fox", "owl", "dog", "owl", "cat"]
    nodes = "document.querySelector('.ccmc-widget').shadowRoot.querySelectorAll('.moves')"
    screen.page.evaluate(f"window.old = [...{nodes}]")
    screen.choose("grouped by word")
    screen.page.wait_for_timeout(600)
    assert chips(screen) == ["cat"] * 2 + ["dog"] * 3 + ["owl"] * 3 + ["fox"]
    assert screen.page.evaluate(f"[...{nodes}].every((n, i) => n === window.old[i])")
    assert screen.inputs()["grouped"] is True
    sums = screen.root.locator('svg[role="img"] .colour').all_text_contents()
    assert sums == ["12%", "3 × 17.6% = 53%", "3 × 9.8% = 29%", "6%"]
    screen.choose("in order")
    assert screen.inputs()["grouped"] is False


def test_the_last_chip_stays_in_its_place_when_the_query_changes(screen: Screen) -> None:
    last = """() => {
      const nodes = [
        ...document.querySelector('.ccmc-widget').shadowRoot.querySelectorAll('.moves')];
      return nodes.find(n => n.querySelector('.last'));
    }"""
    node = screen.page.evaluate_handle(last)
    screen.choose("fox")
    assert node.evaluate("node => node.isConnected && node.lastChild.textContent") == "fox"
    assert screen.page.evaluate_handle(last).evaluate("(now, old) => now === old", node)


@pytest.mark.parametrize(
    ("preset", "counts", "note"),
    [
        ("Equal counts", [2, 2, 2, 2], "the plain chain is back"),
        ("Double everything", [4, 6, 6, 2], "have not moved"),
        ("Flood of dog", [2, 12, 3, 1], "“dog” now stands 12 times"),
        ("No fox", [2, 3, 3, 0], "“fox” is not in the prompt"),
    ],
)
def test_presets(screen: Screen, preset: str, counts: list[int], note: str) -> None:
    screen.click(preset)
    assert screen.python().counts.tolist() == counts
    assert note in screen.note()
    assert screen.agrees_with_python()
    screen.click("Start over")
    assert screen.python().counts.tolist() == [2, 3, 3, 1]
    assert screen.note() == ""


def test_equal_counts_put_the_bars_on_the_outlines(screen: Screen) -> None:
    screen.click("Equal counts")
    widget = screen.python()
    np.testing.assert_allclose(widget.next_token_law, widget.tastes, atol=1e-15)


def test_presets_that_cannot_be_made_say_why(screen: Screen) -> None:
    screen.choose("fox")
    screen.click("No fox")
    assert (
        screen.note()
        == "“fox” is the last word, so one copy stays. Choose another last word first."
    )
    screen.click("Flood of dog")
    screen.click("Double everything")
    assert screen.note().startswith("Doubling needs at most 6 copies of a word, and “dog” has 12.")
    assert screen.python().counts.tolist() == [2, 12, 3, 1]


def test_doubling_is_predicted_then_shown(screen: Screen) -> None:
    before = screen.python().next_token_law
    assert screen.told().startswith("Place your bet.")
    screen.click("All probabilities double")
    widget = screen.python()
    np.testing.assert_allclose(widget.next_token_law, before, rtol=1e-14)
    assert widget.counts.tolist() == [4, 6, 6, 2]
    assert widget.bet["answer"] == "all"
    assert screen.told() == (
        "Not so. "
        "The counts went from 2, 3, 3, 1 to 4, 6, 6, 2, "
        "and the next word is still cat 11.8%, dog 52.9%, owl 29.4%, fox 5.9%. "
        "The factor 2 stands above and below the fraction line, so it cancels."
    )
    assert screen.button("Nothing (right)").count() == 1
    assert (
        screen.button("All probabilities double (not so)").get_attribute("aria-pressed") == "true"
    )
    marks = screen.root.locator(".answers:not([hidden]) .mark-of").all_text_contents()
    assert marks == ["✓", "✗", "○"]
    screen.button("Nothing").click(force=True)
    assert screen.inputs()["bet"]["answer"] == "all", "a bet is placed once"


def test_tripling_is_predicted_then_shown(screen: Screen) -> None:
    screen.click("Nothing")
    assert screen.told().startswith("Right.")
    screen.click("Next bet")
    assert screen.python().counts.tolist() == [2, 3, 3, 1], "the next question starts afresh"
    before = screen.python().next_token_law[1]
    screen.click("No, it grows less")
    widget = screen.python()
    after = widget.next_token_law[1]
    assert widget.counts.tolist() == [2, 9, 3, 1]
    assert f"from {before:.1%} to {after:.1%}: {after / before:.2f} times" in screen.told()
    assert "from 1.35 : 1.20 to 4.05 : 1.20" in screen.told()
    assert screen.told().startswith("Right.")
    screen.click("Bet again")
    assert screen.inputs()["question"] == "double"
    assert screen.inputs()["bet"] == {}


def test_what_was_told_stays_true_when_the_reader_moves_on(screen: Screen) -> None:
    screen.click("Nothing")
    told = screen.told()
    screen.press(screen.taste("owl"), "End")
    screen.press(screen.count("dog"), "Home")
    assert screen.told() == told
    screen.click("Next bet")
    assert screen.value(screen.count("dog")) == 0, "what the reader set is not taken back"


def test_six_copies_can_still_double_and_four_triple(screen: Screen) -> None:
    screen.set(prompt=[1] * 6 + [0])
    screen.click("Nothing")
    assert screen.python().counts.tolist() == [2, 12, 0, 0]
    screen.set(question="triple", bet={}, prompt=[1] * 4 + [0])
    screen.click("No, it grows less")
    assert screen.python().counts.tolist() == [1, 12, 0, 0]


def test_a_prediction_that_cannot_be_made_says_why(screen: Screen) -> None:
    screen.press(screen.count("dog"), "End")
    screen.click("Nothing")
    assert screen.told().startswith("Doubling needs at most 6 copies of a word, and “dog” has 12.")
    assert screen.inputs()["bet"] == {}
    screen.set(question="triple")
    screen.click("Yes, it triples")
    assert screen.told().startswith("Tripling needs 1 to 4 copies of “dog”, and now there are 12.")
    screen.set(prompt=[1])
    screen.click("Yes, it triples")
    assert "surely “dog”" in screen.told()
    assert not screen.page.troubles


# ---- hostile inputs


HOSTILE: list[tuple[str, Any]] = [
    ("P", "no"), ("P", None), ("P", [[0, 0, 0, 0]] * 4), ("P", [[1e12] * 4] * 4), ("P", []),
    ("P", [[0.5, 0.5]] * 2), ("P", {"a": 1}), ("prompt", []), ("prompt", [9]), ("prompt", None),
    ("prompt", [0.5]), ("prompt", ["0"]), ("prompt", 1e300), ("prompt", [1] * 40),
    ("labels", ["x"]),
    ("labels", None), ("labels", ["a", "a", "b", "c"]), ("labels", [1, 2, 3, 4]),
]  # fmt: skip


def test_hostile_inputs_get_a_sentence(screen: Screen) -> None:
    good = screen.inputs()
    for name, value in HOSTILE:
        screen.set(**{name: value})
        assert screen.problem().endswith("."), (name, value)
        assert screen.root.get_by_role("slider").count() == 0
        screen.set(**{name: good[name]})
        assert screen.problem() == ""
    odd: list[Any] = [None, "x", 3, [1], {"question": "double", "answer": "same"}]
    for name in ("grouped", "question", "bet"):
        for value in odd:
            screen.set(**{name: value})
            assert screen.problem() == ""
        screen.set(**{name: good[name]})
    text = screen.root.evaluate("node => node.shadowRoot.innerHTML")
    assert "NaN" not in text
    assert "undefined" not in text
    assert screen.agrees_with_python()
    assert not screen.page.troubles


def test_a_handle_never_leaves_a_picture_that_cannot_be_drawn(screen: Screen) -> None:
    screen.set(P=[[0.0, 1.0, 0.0, 0.0], *(list(row) for row in CountsTimesTastes().P[1:])])
    screen.press(screen.count("dog"), "Home")
    assert screen.value(screen.count("dog")) == 3
    assert "attend to nothing" in screen.note()
    assert screen.problem() == ""


def test_a_new_vocabulary_is_drawn(screen: Screen) -> None:
    P = np.full((5, 5), 0.2).tolist()
    screen.set(labels=["tea", "toast", "jam", "egg", "marmalade"], P=P, prompt=[0, 1, 2, 3, 4, 0])
    assert screen.problem() == ""
    assert screen.agrees_with_python()
    screen.press(screen.count("marmalade"), "ArrowUp")
    assert screen.agrees_with_python()
    assert screen.button("No marmalade").count() == 1
    assert not screen.page.troubles


@pytest.mark.parametrize(
    "viewport", [{"width": 375, "height": 812}, {"width": 1000, "height": 900}]
)
def test_the_longest_prompt_is_readable(
    open_page: OpenPage, pages: Pages, viewport: dict[str, int]
) -> None:
    screen = Screen(open_page(pages.of("counts_times_tastes"), viewport=viewport))
    for word in WORDS:
        screen.press(screen.count(word), "End")
    for grouped in ("in order", "grouped by word"):
        screen.choose(grouped)
        screen.page.wait_for_timeout(550)
        chips_ = screen.root.locator("svg .moves")
        assert chips_.count() == 48
        texts = chips_.evaluate_all("nodes => nodes.map(n => n.lastChild.textContent)")
        assert set(texts) == {"c", "d", "o", "f"}, "a letter stands on every mark"
        sizes = chips_.evaluate_all(
            "nodes => nodes.map(n => [n.lastChild.getBoundingClientRect().width, "
            "n.children[2].getBoundingClientRect().width])"
        )
        assert all(letter <= plate for letter, plate in sizes)
        assert screen.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert screen.agrees_with_python()


# ---- layout


@pytest.mark.parametrize("width", [1000, 712, 375])
def test_nothing_jumps_when_numbers_change(open_page: OpenPage, pages: Pages, width: int) -> None:
    viewport = {"width": width, "height": 900}
    screen = Screen(open_page(pages.of("counts_times_tastes"), viewport=viewport))

    def places() -> list[float]:
        nodes = screen.root.locator("fieldset, svg, .formula, .bet, .tries, details")
        return nodes.evaluate_all(  # type: ignore[no-any-return]
            "nodes => nodes.map(n => n.getBoundingClientRect().top + scrollY)"
        )

    start = places()
    screen.press(screen.count("dog"), "End")
    screen.press(screen.taste("owl"), "End")
    assert places() == start
    screen.click("Start over")
    screen.click("The commonest word gains")
    assert places() == start
    screen.click("Next bet")
    screen.click("Yes, it triples")
    assert places() == start
    screen.choose("grouped by word")
    screen.click("Flood of dog")
    assert places() == start
