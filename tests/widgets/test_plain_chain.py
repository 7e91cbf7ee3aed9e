"""The plain chain: in Python, and on the screen as a reader moves it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from browser import RecordedPage
from playwright.sync_api import Locator

from ccmc_teach import chain
from ccmc_teach.widgets import PlainChain
from ccmc_teach.widgets.base import InputError
from ccmc_teach.widgets.twins import plain_chain as twins
from ccmc_teach.widgets.twins.basics import percent
from widgets.conftest import Pages
from widgets.screen import View

OpenPage = Callable[..., RecordedPage]
INPUTS = ("labels", "P", "start", "length", "seed", "theory", "question", "bet")
WORDS = ["cat", "dog", "owl"]
ISLANDS = twins.preset("islands", 3)
PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "is_mobile": True}


class Screen(View):
    """The plain chain on an open page."""

    def __init__(self, page: RecordedPage) -> None:
        super().__init__(page, "plain_chain")

    def inputs(self) -> dict[str, Any]:
        """Return what the model holds."""
        return self.get(*INPUTS)

    def python(self) -> PlainChain:
        """Return the Python widget with the inputs of the screen."""
        return PlainChain(**self.inputs())

    def border(self, row: str, before: str, after: str) -> Locator:
        """Return the border between two shares of a row."""
        return self.slider(f"Row {row}: border between {before} and {after}")

    def verdict(self) -> str:
        """Return what is said of the chain."""
        return self.root.locator(".verdict p").inner_text()

    def told(self) -> str:
        """Return what is told under the prediction."""
        return self.root.locator(".told").inner_text()

    def label(self, kind: str) -> str:
        """Return what a picture says to a screen reader."""
        return self.root.locator(kind).get_attribute("aria-label") or ""

    def text_end(self) -> list[str]:
        """Return the chips of the text."""
        return self.root.locator(".tape span").all_text_contents()

    def answer(self, words: str) -> None:
        """Place a bet."""
        answers = self.root.locator(".answers:not([hidden]) button")
        answers.get_by_text(words, exact=True).click()
        self.settle()

    def agrees_with_python(self) -> bool:
        """Compare all that the screen says in numbers with the Python widget."""
        widget = self.python()
        end = [widget.labels[token] for token in widget.walk[-len(self.text_end()) :]]
        shares = twins.law_said(widget.labels, widget.shares.tolist())
        size = np.ptp(widget.last_word_laws, axis=0).max()
        verdict = twins.verdict(widget.labels, widget.P)
        return (
            self.table() == list(widget.table().rows)
            and self.root.locator("caption").inner_text() == widget.table().caption
            and self.text_end() == end
            and self.label("svg.shares").startswith(f"Shares in this text. {shares}.")
            and self.verdict() == (verdict if widget.theory else HIDDEN)
            and f"differ by {size:.4f} at most" in self.root.locator(".apart-by").inner_text()
        )


HIDDEN = "Hidden until you ask for it, or place a bet."


@pytest.fixture
def screen(open_page: OpenPage, pages: Pages) -> Screen:
    return Screen(open_page(pages.show(PlainChain()), reduced_motion="reduce"))


# ---- in Python


@pytest.mark.parametrize("length", [4, 40])
def test_results_are_those_of_the_rooms(length: int) -> None:
    widget = PlainChain(start=1, length=length, seed=7)
    P = np.array(widget.P)
    assert widget.walk.tolist() == twins.walk(widget.P, 1, 7, length)
    assert widget.shares.tolist() == [(widget.walk == j).mean() for j in range(3)]
    np.testing.assert_allclose(
        widget.last_word_laws, twins.power(P.tolist(), length - 1), rtol=1e-12, atol=1e-16
    )
    assert widget.stationary is not None
    np.testing.assert_allclose(widget.stationary, chain.stationary(P), rtol=1e-14)
    assert widget.closed_classes == [[0, 1, 2]]
    assert widget.period == 1


def test_edge_cases() -> None:
    islands = PlainChain(P=ISLANDS, start=2, length=9)
    assert islands.stationary is None
    assert islands.period is None
    assert islands.closed_classes == [[0, 1], [2]]
    assert islands.walk.tolist() == [2] * 9
    assert "2 closed classes: cat and dog; owl. No unique" in islands.summary()
    assert [row[3] for row in islands.table().rows] == ["0.0%", "0.0%", "100.0%"]
    trap = PlainChain(P=twins.preset("trap", 3), length=2000)
    assert trap.stationary is not None
    assert trap.stationary.tolist() == [0, 0, 1]
    assert trap.shares[2] > 0.9
    assert trap.summary().startswith("A text of 2000 words from cat: ")
    rhythm = PlainChain(P=twins.preset("rhythm", 3), length=300)
    assert rhythm.period == 3
    np.testing.assert_allclose(rhythm.shares, 1 / 3)
    assert np.ptp(rhythm.last_word_laws, axis=0).max() == 1
    torn = [[0.0, 0.5, 0.5], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    assert [row[3] for row in PlainChain(P=torn, length=1).table().rows] == ["–"] * 3
    assert PlainChain(length=1).summary().startswith("A text of 1 word from cat: cat 100.0%")


def test_inputs_are_copied_and_cannot_be_changed_in_place() -> None:
    P = np.full((3, 3), 1 / 3)
    widget = PlainChain(P=P)
    P[0] = [1, 0, 0]
    assert widget.P[0] == (1 / 3, 1 / 3, 1 / 3)
    widget.last_word_laws[0] = 9.0
    assert widget.last_word_laws.max() < 1


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"P": "no"}, "P"),
        ({"P": np.eye(2)}, "table of 3 rows"),
        ({"P": np.full((3, 3), 0.5)}, "sum"),
        ({"P": [[1, 0, 0], [1e-7, 1 - 1e-7, 0], [0, 0, 1]]}, "Row dog of P must hold zeros and"),
        ({"labels": ["cat"]}, "labels"),
        ({"labels": "cat"}, "labels"),
        ({"labels": list("abcde"), "P": np.full((5, 5), 0.2)}, "room for 4"),
        ({"start": 3}, "start must be one of the tokens 0 to 2, got 3"),
        ({"start": 0.5}, "start must be a whole number from 0 to 3"),
        ({"length": 0}, "length must be a whole number from 1 to 2000"),
        ({"length": 2001}, "length"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed must be a whole number from 0 to 4294967295"),
        ({"theory": "yes"}, "theory"),
        ({"question": "double"}, "question must be one of"),
        ({"bet": 3}, "bet"),
        ({"bet": {"question": "first", "answer": "same", "seed": 0}}, "bet"),
        ({"bet": {"question": "first", "answer": "no"}}, "bet"),
        ({"bet": {"question": "first", "answer": "no", "seed": -1}}, "bet"),
    ],
)
def test_bad_inputs_get_one_sentence(inputs: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Exception, match=sentence) as caught:
        PlainChain(**inputs)
    assert "theory" in inputs or isinstance(caught.value, InputError)
    assert "\n" not in str(caught.value)


def test_a_refused_input_keeps_the_old_one() -> None:
    widget = PlainChain(start=2)
    before = widget.inputs()
    for name, value in {"P": np.eye(2), "labels": ["x"], "start": 3, "length": 0}.items():
        with pytest.raises(InputError, match=r"\w"):
            setattr(widget, name, value)
    assert widget.inputs() == before


def test_the_key_frame_shows_the_chain_and_where_it_leads() -> None:
    html = PlainChain().static_html()
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", html)
    assert {"cat", "dog", "owl", "60%", "Shares as the text grows", "1000"} <= set(texts)
    assert "Stationary law: cat 35.7%, dog 31.0%, owl 33.3%." in html
    assert PlainChain(P=[[0, 0.5, 0.5], [0, 1, 0], [0, 0, 1]]).picture_html()
    two = PlainChain(labels=["a", "b"], P=[[0.2, 0.8], [0.5, 0.5]], start=1)
    assert two.picture_html()


# ---- on the screen


def test_at_first(screen: Screen) -> None:
    assert screen.text_end() == ["cat", "dog", "cat"]
    assert screen.verdict() == HIDDEN
    assert screen.told().startswith("Place your bet.")
    assert screen.root.locator("svg.shares .ghost:not([hidden])").count() == 0
    assert screen.agrees_with_python()
    screen.press(screen.root.get_by_role("switch"), "Space")
    assert screen.verdict() == PlainChain().summary().split(". ", 1)[1]
    assert screen.root.locator("svg.shares .ghost:not([hidden])").count() == 3
    assert screen.agrees_with_python()


def test_text_and_numbers_are_those_of_python(screen: Screen) -> None:
    for start, seed, length in ((0, 3, 1), (2, 1, 12), (1, 2**32 - 1, 2000), (0, 77, 345)):
        screen.set(start=start, seed=seed, length=length)
        assert screen.agrees_with_python(), (start, seed, length)
    assert not screen.page.troubles


@pytest.mark.parametrize("size", [2, 3, 4])
def test_presets_lead_where_python_says(screen: Screen, size: int) -> None:
    words = ["tea", "marmalade", "egg", "jam"][:size]
    screen.set(labels=words, P=twins.preset("mixing", size), length=60)
    for label, name in [
        ("Slow", "slow"), ("Rhythm", "rhythm"), ("Trap", "trap"), ("Two islands", "islands"),
        ("Mixing", "mixing"),
    ]:  # fmt: skip
        screen.click(label)
        assert screen.inputs()["P"] == twins.preset(name, size)
        assert screen.inputs()["theory"] is True
        assert screen.agrees_with_python(), label
    assert not screen.page.troubles


def test_a_row_is_edited_by_keys_and_by_hand(screen: Screen) -> None:
    border = screen.border("cat", "cat", "dog")
    screen.press(border, "ArrowRight", "ArrowRight", "PageUp")
    np.testing.assert_allclose(screen.inputs()["P"][0], [0.32, 0.38, 0.3], atol=1e-12)
    screen.press(border, "Home")
    np.testing.assert_allclose(screen.inputs()["P"][0], [0.01, 0.69, 0.3], atol=1e-12)
    x, y = screen.knob(screen.border("owl", "dog", "owl"))
    screen.page.mouse.move(x, y)
    screen.page.mouse.down()
    screen.page.mouse.move(x + 60, y + 3)
    screen.page.mouse.up()
    screen.settle()
    row = screen.inputs()["P"][2]
    assert row[0] == 0.3
    assert row[1] > 0.4
    assert sum(row) == pytest.approx(1)
    assert screen.agrees_with_python()
    widths = screen.root.locator("svg.chain .arrow").evaluate_all(
        "nodes => nodes.map(n => +n.getAttribute('stroke-width'))"
    )
    order = np.argsort(np.array(screen.inputs()["P"]).ravel(), kind="stable")
    assert (np.diff(np.array(widths)[order]) >= 0).all(), "the likelier, the wider"


def test_steps_luck_and_first_word(screen: Screen) -> None:
    screen.click("One step")
    screen.click("Ten steps")
    assert screen.inputs()["length"] == 14
    screen.click("New luck")
    assert screen.inputs()["seed"] == 4
    screen.root.get_by_role("radio", name="owl", exact=True).check()
    screen.settle()
    assert screen.inputs()["start"] == 2
    assert screen.agrees_with_python()
    screen.set(length=1995)
    screen.click("Ten steps")
    assert screen.inputs()["length"] == 2000
    screen.click("Trap")
    screen.click("Start over")
    assert screen.inputs() == {**PlainChain().inputs(), "labels": WORDS, "P": TABLE}
    screen.set(seed=2**32 - 1)
    screen.click("New luck")
    assert screen.inputs()["seed"] == 0


TABLE = [list(row) for row in PlainChain().P]


def test_the_state_and_the_last_step_are_marked(screen: Screen) -> None:
    screen.set(length=2)
    assert "The text stands on dog. The last step was cat to dog." in screen.label("svg.chain")
    assert screen.root.locator("svg.chain .arrow.now").count() == 1
    marked = screen.root.locator("svg.chain .number.now").all_text_contents()
    assert marked == ["50%"]
    assert screen.root.locator("svg.bars .chosen").all_text_contents() == ["dog", "cat"]
    screen.set(length=1)
    assert screen.label("svg.chain").endswith("The text stands on cat.")
    assert screen.root.locator("svg.chain .arrow.now").count() == 0


def test_the_slider_goes_by_milestones_and_says_lengths_between(screen: Screen) -> None:
    slider = screen.root.locator("input[type=range]")
    screen.press(slider, "End")
    assert screen.inputs()["length"] == 2000
    screen.press(slider, "ArrowLeft")
    assert screen.inputs()["length"] == twins.milestones(2000)[-2]
    screen.set(length=777)
    assert slider.get_attribute("aria-valuetext") == "777 words"
    screen.press(slider, "Home")
    assert screen.inputs()["length"] == 1
    assert slider.get_attribute("aria-valuetext") == "1 word"


def test_curves_are_the_running_shares(screen: Screen) -> None:
    screen.set(length=500, theory=True)
    paths = screen.root.locator("svg.curves :is(.theory, .curve)").evaluate_all(
        "nodes => nodes.map(n => n.getAttribute('d').slice(1).split('L')"
        ".map(p => p.split(',').map(Number)))"
    )
    tall = 162
    lengths = twins.milestones(500)
    wanted = np.array(twins.running_shares(screen.python().walk.tolist(), 3, lengths))
    stationary = PlainChain().stationary
    assert stationary is not None
    for token in range(3):
        dashed, walked = (np.array(path) for path in paths[2 * token : 2 * token + 2])
        np.testing.assert_allclose(walked[:, 1], tall * (1 - wanted[:, token]), atol=0.06)
        np.testing.assert_allclose(dashed[:, 1], tall * (1 - stationary[token]), atol=0.06)
        end = np.log(lengths) / np.log(2000) * dashed[-1, 0]
        np.testing.assert_allclose(walked[:, 0], end, atol=0.06)


def test_islands_follow_the_text(screen: Screen) -> None:
    screen.click("Two islands")
    assert "They tend to cat 54.5%, dog 45.5%, owl 0.0%." in screen.label("svg.shares")
    screen.root.get_by_role("radio", name="owl", exact=True).check()
    screen.settle()
    assert "They tend to cat 0.0%, dog 0.0%, owl 100.0%." in screen.label("svg.shares")
    screen.set(P=[[0, 0.5, 0.5], [0, 1, 0], [0, 0, 1]], start=0, length=1)
    assert screen.label("svg.shares").endswith("Luck decides what they tend to.")
    assert screen.root.locator("svg.curves .theory[d]").count() == 0
    assert screen.agrees_with_python()


# ---- playing


def test_play_in_stills_where_motion_is_not_wanted(screen: Screen) -> None:
    screen.click("Play")
    seen = {screen.inputs()["length"]}
    for _ in range(20):
        screen.page.wait_for_timeout(100)
        seen.add(screen.inputs()["length"])
    assert seen <= {3, 10, 30, 100}
    assert len(seen) >= 2
    screen.click("Pause")
    held = screen.inputs()["length"]
    screen.page.wait_for_timeout(900)
    assert screen.inputs()["length"] == held
    assert screen.agrees_with_python()


def test_play_goes_to_the_end_and_begins_again(open_page: OpenPage, pages: Pages) -> None:
    screen = Screen(open_page(pages.show(PlainChain())))
    screen.set(length=1900)
    screen.click("Play")
    screen.button("Play").wait_for(timeout=10_000)
    assert screen.inputs()["length"] == 2000
    screen.click("Play")
    screen.page.wait_for_timeout(200)
    assert screen.inputs()["length"] < 200
    screen.button("Pause").wait_for()
    screen.click("One step")
    screen.button("Play").wait_for(timeout=10_000)
    held = screen.inputs()["length"]
    screen.page.wait_for_timeout(500)
    assert screen.inputs()["length"] == held, "another hand ends the play"
    assert held < 1000
    assert not screen.page.troubles


# ---- predictions


def shares_of_cat(seed: int) -> list[str]:
    """Return the share of cat in long texts from each first word, as it is written."""
    texts = [PlainChain(start=start, seed=seed, length=2000) for start in range(3)]
    return [percent(float(text.shares[0]), 1) for text in texts]


def test_the_first_word_is_predicted_then_shown(screen: Screen) -> None:
    assert (
        "Does the share of cat depend on the first word?"
        in screen.root.locator(".asked").inner_text()
    )
    seed = next(seed for seed in range(100) if len(set(shares_of_cat(seed))) > 1)
    screen.click("Rhythm")
    screen.set(seed=seed)
    screen.answer("Hardly at all")
    inputs = screen.inputs()
    assert (inputs["length"], inputs["theory"]) == (2000, True)
    assert inputs["bet"] == {"question": "first", "answer": "no", "seed": seed}
    assert inputs["P"] == twins.preset("mixing", 3)
    told = screen.told()
    assert told.startswith(
        "Right. With the same luck, the share of cat is "
        + ", ".join(
            f"{share} from {word}" for share, word in zip(shares_of_cat(seed), WORDS, strict=True)
        )
    )
    assert f"from word {twins.meeting(inputs['P'], seed)} on they are the same" in told
    screen.root.get_by_role("button", name="Yes, in another way").click(force=True)
    assert screen.inputs()["bet"] == inputs["bet"], "a bet is placed once"
    screen.click("New luck")
    assert screen.told() == told, "what was told stays true when the reader moves on"


def test_slowness_is_predicted_then_shown(screen: Screen) -> None:
    screen.set(question="slow")
    screen.answer("They become equal")
    told = screen.told()
    assert told.startswith("Not so. The stationary law is cat 35.7%, dog 31.0%, owl 33.3%, as")
    assert screen.inputs()["P"] == twins.preset("slow", 3)
    far = [np.linalg.matrix_power(twins.preset(name, 3), t) for name in ("slow",) for t in (48, 49)]
    assert [np.ptp(table, axis=0).max() < 0.01 for table in far] == [False, True]
    assert "from word 50 on, and not from word 7 on" in told


def test_rhythm_is_predicted_then_shown(screen: Screen) -> None:
    screen.set(question="rhythm")
    assert "cat → dog → owl → cat" in screen.root.locator(".asked:visible").inner_text()
    screen.answer("Only the shares in the text")
    last = WORDS[1999 % 3]
    assert screen.told().startswith("Right. The shares after 2000 words are cat 33.4%, dog 33.4%")
    assert f"But word 2000 is {last} for certain if the first was cat" in screen.told()
    assert "the shares settle" in screen.verdict()
    screen.click("Bet again")
    assert screen.inputs()["question"] == "first"
    assert screen.inputs()["bet"] == {}


# ---- hostile inputs


HOSTILE: list[tuple[str, Any]] = [
    ("P", "no"), ("P", None), ("P", [[1e12] * 3] * 3), ("P", []), ("P", [[0.5, 0.5]] * 2),
    ("P", [[1e-9, 1 - 1e-9, 0]] * 3), ("P", [[0, 0, 0]] * 3), ("labels", ["x"]), ("labels", None),
    ("labels", list("abcde")), ("labels", [1, 2, 3]),
]  # fmt: skip


def test_hostile_inputs_get_a_sentence(screen: Screen) -> None:
    good = screen.inputs()
    for name, value in HOSTILE:
        screen.set(**{name: value})
        assert screen.problem().endswith("."), (name, value)
        assert screen.root.get_by_role("slider").count() == 0
        screen.set(**{name: good[name]})
        assert screen.problem() == ""
    odd: list[Any] = [None, "x", 1e300, [1], -5, {"question": "first", "answer": "no", "seed": -1}]
    for name in ("start", "length", "seed", "theory", "question", "bet"):
        for value in odd:
            screen.set(**{name: value})
            assert screen.problem() == "", (name, value)
        screen.set(**{name: good[name]})
    assert screen.agrees_with_python()
    assert not screen.page.troubles


def test_bad_inputs_end_the_play(screen: Screen) -> None:
    button = screen.button("Play").element_handle()
    screen.click("Play")
    good = screen.inputs()["P"]
    screen.set(P=None)
    screen.page.wait_for_timeout(900)
    assert screen.inputs()["length"] == 3
    button.evaluate("node => node.click()")
    screen.page.wait_for_timeout(900)
    assert screen.inputs()["length"] == 3
    screen.set(P=good)
    assert screen.agrees_with_python()
    assert not screen.page.troubles


def test_a_first_word_that_is_none_any_more_becomes_the_last_word(screen: Screen) -> None:
    screen.set(start=2)
    screen.set(labels=["a", "b"], P=[[0.5, 0.5], [0.2, 0.8]])
    assert screen.text_end()[0] == "b"
    screen.click("Start over")
    assert screen.inputs()["P"] == [[0.5, 0.5], [0.2, 0.8]], "a chain from outside stays"
    assert not screen.page.troubles


# ---- layout


@pytest.mark.parametrize("width", [1000, 660, 375])
def test_nothing_jumps_when_numbers_change(open_page: OpenPage, pages: Pages, width: int) -> None:
    page = open_page(
        pages.show(PlainChain()),
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
    )
    screen = Screen(page)

    def places() -> list[float]:
        nodes = screen.root.locator("fieldset, svg, .tape, .verdict, .bet, details")
        return nodes.evaluate_all(  # type: ignore[no-any-return]
            "nodes => nodes.map(n => n.getBoundingClientRect().top + scrollY)"
        )

    start = places()
    screen.set(length=1987)
    assert places() == start
    for chain_name in ("Rhythm", "Trap", "Two islands", "Slow"):
        screen.click(chain_name)
        assert places() == start, chain_name
    for answer in ("Hardly at all", "They become equal", "Both"):
        screen.answer(answer)
        assert places() == start, answer
        screen.root.locator("button.main").last.click()
        screen.settle()
    assert places() == start


def test_by_touch(open_page: OpenPage, pages: Pages) -> None:
    screen = Screen(open_page(pages.show(PlainChain()), **PHONE))
    screen.button("Ten steps").tap()
    screen.root.get_by_role("radio", name="dog", exact=True).tap(force=True)
    screen.settle()
    assert (screen.inputs()["length"], screen.inputs()["start"]) == (13, 1)
    assert screen.agrees_with_python()
