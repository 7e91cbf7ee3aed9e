"""An attention row: in Python, and on the screen as a reader moves it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from browser import RecordedPage
from playwright.sync_api import Locator

from ccmc_teach import attention
from ccmc_teach.widgets import AttentionRow
from ccmc_teach.widgets.base import InputError
from ccmc_teach.widgets.twins import attention_row as twins
from ccmc_teach.widgets.twins.basics import percent
from widgets.conftest import Pages
from widgets.screen import View

OpenPage = Callable[..., RecordedPage]
INPUTS = ("labels", "scores", "query", "shift", "question", "bet")
WORDS = ["cat", "dog", "owl", "fox"]
PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "is_mobile": True}


class Screen(View):
    """An attention row on an open page."""

    def __init__(self, page: RecordedPage) -> None:
        super().__init__(page, "attention_row")

    def inputs(self) -> dict[str, Any]:
        """Return what the model holds."""
        return self.get(*INPUTS)

    def python(self) -> AttentionRow:
        """Return the Python widget with the inputs of the screen."""
        return AttentionRow(**self.inputs())

    def cell(self, row: str, column: str) -> Locator:
        """Return a score."""
        return self.slider(f"row {row}, column {column}")

    def constant(self) -> Locator:
        """Return the slider of the constant."""
        return self.root.locator("input[type=range]")

    def texts(self, kind: str) -> list[str]:
        """Return the numbers on the cells of a table."""
        found = self.root.locator(f"svg.cells{kind} > g[class*=k] > text").all_text_contents()
        return [text for text in found if text]

    def told(self) -> str:
        """Return what is told under the prediction."""
        return self.root.locator(".told").inner_text()

    def note(self) -> str:
        """Return the sentence under the formula."""
        return self.root.locator(".note.said").inner_text()

    def answer(self, words: str) -> None:
        """Place a bet."""
        answers = self.root.locator(".answers:not([hidden]) button")
        answers.get_by_text(words, exact=True).click()
        self.settle()

    def agrees_with_python(self) -> bool:
        """Compare all that the screen says in numbers with the Python widget."""
        widget = self.python()
        law, note = widget.summary().split(". ", 1)
        bars = self.root.locator("svg.softmax").get_attribute("aria-label")
        first, _ = twins.first_and_second(widget.scores[widget.query])
        line = twins.formula(widget.shown_scores[widget.query].tolist(), first)
        return (
            self.table() == list(widget.table().rows)
            and self.note() == note
            and bars == f"Softmax of r{law[1:]}."
            and self.root.locator(".line").inner_text().endswith(f") = {line}")
            and self.texts(".edited") == [f"{score:.1f}" for score in widget.shown_scores.ravel()]
            and self.texts(":not(.edited)") == [percent(p, 0) for p in widget.P.ravel().tolist()]
        )


@pytest.fixture
def screen(open_page: OpenPage, pages: Pages) -> Screen:
    return Screen(open_page(pages.of("attention_row"), reduced_motion="reduce"))


# ---- in Python


def test_results_are_those_of_the_attention_layer() -> None:
    widget = AttentionRow(query=2, shift=1.3)
    W, E = widget.key_query_matrix, np.eye(4)
    np.testing.assert_allclose(widget.P, attention.transition_matrix(W, E), rtol=1e-12)
    # A prompt that holds every word once and ends with the query.
    law = attention.attention_law([0, 1, 3, 2], W, E)
    np.testing.assert_allclose(widget.row, law, rtol=1e-12)
    assert widget.shown_scores[2, 0] == 1.3
    assert widget.shown_scores[0].tolist() == list(widget.scores[0])
    np.testing.assert_allclose(widget.P, AttentionRow().P, rtol=1e-12)


def test_edge_cases() -> None:
    equal = AttentionRow(scores=np.zeros((4, 4)))
    assert equal.row.tolist() == [0.25] * 4
    assert equal.summary().endswith("so every word is as likely as any other.")
    sure = AttentionRow(scores=twins.dominant(twins.preset(4), 0))
    assert 0.99 < sure.row[1] < 1
    assert "almost certain of dog" in sure.summary()
    two = AttentionRow(labels=["a", "b"], scores=[[0, 1], [-4, 4]], query=1)
    assert two.row[1] == pytest.approx(1 / (1 + np.exp(-8)))


def test_inputs_are_copied_and_cannot_be_changed_in_place() -> None:
    scores = np.zeros((4, 4))
    widget = AttentionRow(scores=scores)
    scores[0] = 3.0
    widget.shown_scores[0] = 3.0
    widget.key_query_matrix[0, 1] = 3.0
    assert widget.row.tolist() == [0.25] * 4


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"scores": "no"}, "scores"),
        ({"scores": np.zeros((2, 2))}, "table of 4 rows"),
        ({"scores": np.full((4, 4), 4.1)}, "Row cat of the scores must hold 4 numbers from -4"),
        ({"scores": np.full((4, 4), np.inf)}, "finite"),
        ({"labels": ["cat"]}, "labels"),
        ({"labels": "catx"}, "labels"),
        ({"labels": list("abcde"), "scores": np.zeros((5, 5))}, "room for 4"),
        ({"query": 4}, "query must be a whole number from 0 to 3"),
        ({"labels": ["a", "b"], "scores": np.zeros((2, 2)), "query": 2}, "0 to 1, got 2"),
        ({"shift": 3.1}, "shift must be a number from -3 to 3"),
        ({"shift": np.nan}, "shift"),
        ({"question": "double"}, "question must be one of"),
        ({"bet": 3}, "bet"),
        ({"bet": {"question": "shift", "answer": "odds", "query": 0, "scores": [[]]}}, "bet"),
        ({"bet": {"question": "shift", "answer": "nothing", "query": 1, "scores": [[]]}}, "bet"),
        ({"bet": {"question": "shift", "answer": "nothing", "query": 0, "scores": 3}}, "bet"),
    ],
)
def test_bad_inputs_get_one_sentence(inputs: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        AttentionRow(**inputs)
    assert "\n" not in str(caught.value)


def test_a_refused_input_keeps_the_old_one() -> None:
    widget = AttentionRow(query=2)
    before = widget.inputs()
    for name, value in {"scores": np.eye(2), "labels": ["x"], "query": 9, "shift": 4}.items():
        with pytest.raises(InputError, match=r"\w"):
            setattr(widget, name, value)
    assert widget.inputs() == before


def test_the_key_frame_shows_scores_softmax_and_chain() -> None:
    html = AttentionRow().static_html()
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", html)
    assert {"Scores", "Softmax of row cat", "Transition matrix P", "-1.2", "1.5", "56%"} <= set(
        texts
    )
    assert "Row cat: cat 11.2%, dog 55.6%, owl 27.6%, fox 5.6%." in html
    assert AttentionRow(scores=np.zeros((4, 4))).picture_html()


# ---- on the screen


def test_at_first(screen: Screen) -> None:
    assert screen.note() == (
        "The log-odds of dog against owl are 0.7, the difference of their scores."
    )
    assert screen.told().startswith("Place your bet.")
    assert screen.agrees_with_python()


def test_scores_are_moved_by_keys(screen: Screen) -> None:
    cell = screen.cell("cat", "owl")
    screen.press(cell, "ArrowRight", "ArrowUp", "PageUp")
    assert screen.inputs()["scores"][0][2] == 1.6
    assert screen.agrees_with_python()
    screen.press(cell, "End")
    assert screen.inputs()["scores"][0][2] == 4
    screen.press(cell, "Home")
    assert screen.inputs()["scores"][0][2] == -4
    assert screen.inputs()["scores"][1:] == twins.preset(4)[1:]
    assert screen.agrees_with_python()


def test_scores_are_dragged_and_a_press_chooses_the_row(screen: Screen) -> None:
    screen.press(screen.constant(), "End")
    box = screen.cell("owl", "fox").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    screen.page.mouse.move(x, y)
    screen.page.mouse.down()
    screen.page.mouse.move(x + 16, y)
    screen.page.mouse.up()
    screen.settle()
    inputs = screen.inputs()
    assert (inputs["query"], inputs["shift"]) == (2, 0)
    assert inputs["scores"][2][3] == pytest.approx(0.9 + 1.4)
    assert screen.agrees_with_python()


def test_the_constant_moves_scores_and_nothing_else(screen: Screen) -> None:
    before, scores = screen.texts(":not(.edited)"), screen.texts(".edited")
    bars = screen.root.locator("svg.softmax").inner_html()
    screen.press(screen.constant(), "End")
    assert screen.inputs()["shift"] == 3
    assert screen.constant().get_attribute("aria-valuetext") == "+3.0"
    assert screen.texts(":not(.edited)") == before
    assert screen.root.locator("svg.softmax").inner_html() == bars
    assert screen.texts(".edited")[:4] == ["2.5", "4.1", "3.4", "1.8"]
    assert screen.texts(".edited")[4:] == scores[4:]
    assert "Row cat has +3.0: a factor of 20.09 on every exponential" in screen.note()
    assert screen.agrees_with_python()
    screen.press(screen.cell("cat", "dog"), "ArrowRight")
    assert screen.inputs()["scores"][0][1] == 1.2, "the constant stays outside of the table"
    screen.press(screen.cell("dog", "cat"), "ArrowRight")
    assert screen.inputs()["scores"][1][0] == 1.3, "and is of one row alone"
    screen.root.get_by_role("radio", name="owl", exact=True).check()
    screen.settle()
    assert (screen.inputs()["query"], screen.inputs()["shift"]) == (2, 0)
    assert screen.agrees_with_python()


def test_the_chosen_row_is_outlined_in_all_three(screen: Screen) -> None:
    screen.root.get_by_role("radio", name="fox", exact=True).check()
    screen.settle()
    tops = screen.root.locator("svg.cells .marked").evaluate_all(
        "nodes => nodes.map(n => +n.getAttribute('y'))"
    )
    assert tops == [58 + 3 * 44] * 2
    assert screen.root.locator("svg.softmax .marked").count() == 1
    assert screen.root.locator("svg.softmax .head").text_content() == "Softmax of row fox"
    heights = screen.root.locator("svg.softmax .mark").evaluate_all(
        "nodes => nodes.map(n => +n.getAttribute('height'))"
    )
    np.testing.assert_allclose(heights, screen.python().row * (206 - 82), atol=0.06)
    chosen = screen.root.locator("svg.cells:not(.edited) g[class*=k]").nth(4)
    chosen.click()
    screen.settle()
    assert screen.inputs()["query"] == 1


def test_edges_get_a_sentence(screen: Screen) -> None:
    screen.press(screen.constant(), "ArrowRight")
    screen.click("All equal")
    assert screen.inputs()["scores"][0] == [0, 0, 0, 0]
    assert screen.inputs()["shift"] == 0
    assert screen.note().startswith("All scores of row cat are equal")
    assert screen.agrees_with_python()
    screen.root.get_by_role("radio", name="dog", exact=True).check()
    screen.click("One dominant")
    assert screen.inputs()["scores"][1] == [4, -4, -4, -4]
    assert "almost certain of cat, but never quite." in screen.note()
    assert screen.agrees_with_python()
    screen.click("Start over")
    first = AttentionRow().inputs()
    assert screen.inputs() == {**first, "labels": WORDS, "scores": twins.preset(4)}


# ---- predictions


def test_a_constant_is_predicted_then_shown(screen: Screen) -> None:
    screen.root.get_by_role("radio", name="dog", exact=True).check()
    screen.settle()
    assert screen.root.locator(".asked").inner_text().startswith("Add 2 to every score of row dog.")
    screen.answer("Nothing")
    told = screen.told()
    law = twins.law_said(WORDS, AttentionRow().P[1].tolist())
    assert told.startswith("Right. Each exponential of the row is 7.39 times as large")
    assert f"Row dog of P is still {law}." in told
    inputs = screen.inputs()
    assert inputs["shift"] == 2
    assert inputs["bet"] == {
        "question": "shift", "answer": "nothing", "query": 1, "scores": twins.preset(4),
    }  # fmt: skip
    screen.root.get_by_role("button", name="The row grows").click(force=True)
    assert screen.inputs()["bet"] == inputs["bet"], "a bet is placed once"
    screen.click("All equal")
    screen.root.get_by_role("radio", name="owl", exact=True).check()
    assert screen.told() == told, "what was told stays true when the reader moves on"
    assert screen.python().bet == inputs["bet"]


def test_odds_are_predicted_then_shown(screen: Screen) -> None:
    screen.set(question="odds")
    assert "Raise the score of fox in row cat by 0.7" in screen.root.locator(".asked").inner_text()
    screen.answer("Its probability doubles")
    before, after = AttentionRow().row, screen.python().row
    odds = [law[3] / law[0] for law in (before, after)]
    assert odds[1] / odds[0] == pytest.approx(np.exp(0.7))
    assert screen.told().startswith(
        f"Not so. The odds of fox against cat go from {odds[0]:.3f} to {odds[1]:.3f}. "
        f"Its probability goes from {before[3]:.1%} to {after[3]:.1%}"
    )


def test_a_column_is_predicted_then_shown(screen: Screen) -> None:
    screen.set(question="column")
    screen.answer("The word gains in every row")
    P, Q = AttentionRow().P, screen.python().P
    gains = [
        f"{p:.1%} to {q:.1%} after {w}" for p, q, w in zip(P[:, 1], Q[:, 1], WORDS, strict=True)
    ]
    assert screen.told().startswith(f"Right. dog goes from {', '.join(gains)}.")
    assert screen.inputs()["scores"] == twins.with_column(twins.preset(4), 1, 1.0)
    screen.click("Bet again")
    assert (screen.inputs()["question"], screen.inputs()["bet"]) == ("shift", {})


def test_bets_stand_on_the_first_table_where_there_is_no_room(screen: Screen) -> None:
    full = [[3.5] * 4] * 4
    for question in ("shift", "odds", "column"):
        screen.set(scores=full, question=question, bet={})
        screen.root.locator(".answers:not([hidden]) button").first.click()
        screen.settle()
        assert screen.inputs()["bet"]["scores"] == twins.preset(4)
        assert screen.agrees_with_python()
    assert not screen.page.troubles


@pytest.mark.parametrize("size", [2, 3])
def test_smaller_vocabularies(screen: Screen, size: int) -> None:
    words = ["tea", "marmalade", "egg"][:size]
    screen.set(query=3)
    screen.set(labels=words, scores=twins.preset(size))
    assert screen.python().query == size - 1 if screen.inputs()["query"] < size else True
    for question in ("shift", "odds", "column"):
        screen.set(question=question, bet={}, query=0)
        screen.root.locator(".answers:not([hidden]) button").first.click()
        screen.settle()
        assert screen.told().endswith(".")
        assert screen.agrees_with_python()
    screen.click("Start over")
    assert screen.inputs()["scores"] != twins.preset(4), "a table from outside stays"
    assert not screen.page.troubles


# ---- hostile inputs


HOSTILE: list[tuple[str, Any]] = [
    ("scores", "no"), ("scores", None), ("scores", [[1e12] * 4] * 4), ("scores", []),
    ("scores", [[0, 0]] * 2), ("scores", [[0, 0, 0, 4.01]] * 4), ("scores", [[None] * 4] * 4),
    ("labels", ["x"]), ("labels", None), ("labels", list("abcde")), ("labels", [1, 2, 3, 4]),
]  # fmt: skip


def test_hostile_inputs_get_a_sentence(screen: Screen) -> None:
    good = screen.inputs()
    for name, value in HOSTILE:
        screen.set(**{name: value})
        assert screen.problem().endswith("."), (name, value)
        assert screen.root.get_by_role("slider").count() == 0
        screen.set(**{name: good[name]})
        assert screen.problem() == ""
    odd: list[Any] = [None, "x", 1e300, [1], {"question": "shift", "answer": "nothing"}]
    odd.append({"question": "shift", "answer": "nothing", "query": 7, "scores": twins.preset(4)})
    for name in ("query", "shift", "question", "bet"):
        for value in odd:
            screen.set(**{name: value})
            assert screen.problem() == "", (name, value)
        screen.set(**{name: good[name]})
    assert screen.agrees_with_python()
    assert not screen.page.troubles


def test_a_hand_on_a_control_of_bad_inputs_changes_nothing(screen: Screen) -> None:
    button = screen.button("All equal").element_handle()
    screen.set(scores=[[9]])
    button.evaluate("node => node.click()")
    assert screen.inputs()["scores"] == [[9]]
    assert not screen.page.troubles


# ---- layout


@pytest.mark.parametrize("width", [1000, 660, 375])
def test_nothing_jumps_when_numbers_change(open_page: OpenPage, pages: Pages, width: int) -> None:
    page = open_page(pages.of("attention_row"), viewport={"width": width, "height": 900})
    screen = Screen(page)

    def places() -> list[float]:
        nodes = screen.root.locator("fieldset, svg, .line, .bet, details")
        return nodes.evaluate_all(  # type: ignore[no-any-return]
            "nodes => nodes.map(n => n.getBoundingClientRect().top + scrollY)"
        )

    start = places()
    screen.press(screen.constant(), "End")
    assert places() == start
    for name in ("All equal", "One dominant"):
        screen.click(name)
        assert places() == start, name
    screen.click("Start over")
    for answer in ("Nothing", "Its probability doubles", "One row changes"):
        screen.answer(answer)
        assert places() == start, answer
        screen.root.locator("button.main").click()
        screen.settle()
    assert places() == start


def test_by_touch(open_page: OpenPage, pages: Pages) -> None:
    screen = Screen(open_page(pages.of("attention_row"), **PHONE))
    screen.cell("fox", "owl").tap()
    screen.settle()
    assert screen.inputs()["query"] == 3
    screen.button("One dominant").tap()
    screen.settle()
    assert screen.inputs()["scores"][3] == [-4, -4, 4, -4]
    assert screen.agrees_with_python()
