"""Co-occurrence: in Python, and on the screen as a reader moves it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from browser import RecordedPage
from playwright.sync_api import Locator

from ccmc_teach import chain, coverage, estimation
from ccmc_teach.widgets import CoOccurrence
from ccmc_teach.widgets.base import InputError
from ccmc_teach.widgets.co_occurrence import graph_places
from widgets.conftest import Pages
from widgets.screen import View

OpenPage = Callable[..., RecordedPage]
INPUTS = ("labels", "P", "supports", "query", "inside", "alone", "tilt", "question", "bet")
ISLANDS = ((0, 1), (2, 3))
PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "is_mobile": True}


class Screen(View):
    """Co-occurrence on an open page."""

    def __init__(self, page: RecordedPage) -> None:
        super().__init__(page, "co_occurrence")

    def inputs(self) -> dict[str, Any]:
        """Return what the model holds."""
        return self.get(*INPUTS)

    def python(self) -> CoOccurrence:
        """Return the Python widget with the inputs of the screen."""
        return CoOccurrence(**self.inputs())

    def chip(self, words: str) -> Locator:
        """Return the button of a set of words, such as "cat and dog"."""
        return self.root.get_by_role("button", name=f"Prompts with {words}", exact=True)

    def on(self) -> list[str]:
        """Return the sets that are on."""
        chips = self.root.locator(".set[aria-pressed=true]").all()
        return [re.sub(r"^Prompts with ", "", str(c.get_attribute("aria-label"))) for c in chips]

    def switch(self, words: str) -> None:
        """Switch a set of words."""
        self.chip(words).click()
        self.settle()

    def tables(self) -> list[list[tuple[str, ...]]]:
        """Open both tables and return their cells."""
        result = []
        for details in self.root.locator("details").all():
            details.evaluate("node => { node.open = true; }")
            self.settle()
            lines = details.locator("tbody tr").all()
            result.append(
                [tuple(cell.inner_text() for cell in line.locator("th,td").all()) for line in lines]
            )
        return result

    def graph(self) -> str:
        """Return what the graph says to a screen reader."""
        return self.root.locator("svg.graph").get_attribute("aria-label") or ""

    def facts(self) -> list[str]:
        """Return islands, free ratios and the smallest positive eigenvalue."""
        said = self.root.locator(".facts").inner_text()
        return [part.rpartition(" ")[2] for part in said.split(", ")]

    def verdict(self) -> str:
        """Return the verdict."""
        return self.root.locator(".verdict b").inner_text()

    def told(self) -> str:
        """Return what is told under the prediction."""
        return self.root.locator(".told").inner_text()

    def ratio(self) -> str:
        """Return the sentence about the ratio."""
        return self.root.locator(".ratio").inner_text()

    def bars(self, title: str) -> Locator:
        """Return a picture with bars."""
        return self.root.get_by_role("img", name=title)

    def press_button(self, name: str) -> None:
        """Press a button by its whole name, such as "Star" beside "Start over"."""
        self.root.get_by_role("button", name=name, exact=True).click()
        self.settle()

    def answer(self, words: str) -> None:
        """Place a bet."""
        answers = self.root.locator(".answers:not([hidden]) button")
        answers.get_by_text(words, exact=True).click()
        self.settle()

    def tilt(self, *keys: str) -> None:
        """Move the slider."""
        self.press(self.root.get_by_role("slider"), *keys)

    def agrees_with_python(self) -> bool:
        """Compare all that the screen says in numbers with the Python widget."""
        widget = self.python()
        lowest = widget.smallest_eigenvalue
        facts = [str(len(widget.islands)), str(widget.free_ratios)]
        facts.append("none" if lowest is None else f"{lowest:.4f}")
        return (
            self.graph() == widget.summary()
            and self.facts() == facts
            and self.tables() == [list(widget.table().rows), list(widget.laws().rows)]
        )


@pytest.fixture
def screen(open_page: OpenPage, pages: Pages) -> Screen:
    return Screen(open_page(pages.of("co_occurrence")))


# ---- in Python


def test_results_with_the_query_inside_are_those_of_the_rooms() -> None:
    widget = CoOccurrence(supports=ISLANDS, query=1, inside=True)
    M, q, P = widget.counts, [1, 1], np.array(widget.P)
    assert widget.prompts == [[0, 1], [1, 2, 3]]
    np.testing.assert_array_equal(widget.co_occurrence, coverage.co_occurrence(M, q)[1])
    np.testing.assert_allclose(widget.laplacian, estimation.hessian(P, M, q)[1], atol=1e-15)
    assert widget.free_ratios == 0
    assert coverage.is_identified(M, q)[1]
    assert widget.smallest_eigenvalue == pytest.approx(np.linalg.eigvalsh(widget.laplacian)[1])


def test_a_tilt_along_islands_is_a_twin() -> None:
    widget = CoOccurrence(supports=ISLANDS, tilt=2.5)
    P, Q = np.array(widget.P), widget.tilted_matrix
    assert widget.tilted == [2, 3]
    assert Q[0, 2] / Q[0, 0] == pytest.approx(np.exp(2.5) * P[0, 2] / P[0, 0])
    np.testing.assert_array_equal(Q[1:], P[1:])
    law = [chain.next_token_law(R, [[1, 1, 0, 0]], [0])[0] for R in (P, Q)]
    np.testing.assert_allclose(law[0], law[1], rtol=1e-14)
    new = [chain.next_token_law(R, [[1, 1, 1, 1]], [0])[0] for R in (P, Q)]
    assert abs(new[0] - new[1]).max() > 0.3
    assert CoOccurrence(supports=ISLANDS, alone=True).tilted == [2]
    assert CoOccurrence(supports=[[0]], alone=True).tilted == [0], "where no word is joined"


def test_edge_cases() -> None:
    empty = CoOccurrence(supports=[])
    assert empty.islands == [[0], [1], [2], [3]]
    assert empty.free_ratios == 3
    assert empty.smallest_eigenvalue is None
    assert not empty.laplacian.any()
    assert "Edges: none. 4 islands: three ratios are free." in empty.summary()
    single = CoOccurrence(supports=[[0], [1], [2], [3]])
    assert single.free_ratios == 3
    two = CoOccurrence(labels=["a", "b"], P=[[0.2, 0.8], [0.5, 0.5]], supports=[[0, 1]])
    assert two.free_ratios == 0
    assert two.smallest_eigenvalue == pytest.approx(2 * 0.16)
    assert two.laws().rows == [("a b", "20.0%", "80.0%", "no")]
    assert "(never seen)" in empty.laws().rows[0][0]


def test_inputs_are_copied_and_cannot_be_changed_in_place() -> None:
    P, supports = np.full((2, 2), 0.5), [[0, 1]]
    widget = CoOccurrence(labels=["a", "b"], P=P, supports=supports)
    P[0] = [0.9, 0.1]
    supports[0].pop()
    assert widget.P == ((0.5, 0.5), (0.5, 0.5))
    assert widget.supports == ((0, 1),)
    widget.counts[0] = 9.0
    assert widget.counts.tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"P": np.eye(4)}, "Row cat of P must be positive"),
        ({"P": "no"}, "P"),
        ({"P": np.full((3, 3), 1 / 3)}, "table of 4 rows"),
        ({"labels": list("abcde"), "P": np.full((5, 5), 0.2)}, "room for 4"),
        ({"labels": ["cat"]}, "labels"),
        ({"labels": "catx"}, "labels"),
        ({"supports": 3}, "supports must be different lists"),
        ({"supports": [[0, 4]]}, "tokens from 0 to 3"),
        ({"supports": [[1, 0]]}, "increasing order"),
        ({"supports": [[0, 1], (0, 1)]}, "different lists"),
        ({"supports": [[]]}, "not empty"),
        ({"supports": [0]}, "supports"),
        ({"query": 4}, "query must be a whole number from 0 to 3"),
        ({"labels": ["a", "b"], "P": np.full((2, 2), 0.5), "supports": [], "query": 2}, "0 to 1"),
        ({"tilt": 3.1}, "tilt must be a number from -3 to 3"),
        ({"tilt": np.nan}, "tilt"),
        ({"inside": "yes"}, "inside"),
        ({"question": "double"}, "question must be one of"),
        ({"bet": 3}, "bet"),
        ({"bet": {"question": "remove", "answer": "two", "query": 0}}, "bet"),
        ({"bet": {"question": "remove", "answer": "one"}}, "bet"),
        ({"bet": {"question": "remove", "answer": "one", "query": 4}}, "bet"),
    ],
)
def test_bad_inputs_get_one_sentence(inputs: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Exception, match=sentence) as caught:
        CoOccurrence(**inputs)
    assert "inside" in inputs or isinstance(caught.value, InputError)
    assert "\n" not in str(caught.value)


def test_a_refused_input_keeps_the_old_one() -> None:
    widget = CoOccurrence(query=2)
    before = widget.inputs()
    for name, value in {"P": np.eye(2), "supports": [[7]], "labels": ["x"], "query": 9}.items():
        with pytest.raises(InputError, match=r"\w"):
            setattr(widget, name, value)
    assert widget.inputs() == before


def test_four_words_stand_so_that_no_edges_cross() -> None:
    places = graph_places(4, 2)
    np.testing.assert_allclose(places[2], [0, 0])
    others = places[[0, 1, 3]]
    np.testing.assert_allclose(np.linalg.norm(others, axis=1), 2)
    np.testing.assert_allclose(others.sum(axis=0), 0, atol=1e-12)
    assert graph_places(3, 1).tolist() == graph_places(3, 0).tolist()


def test_the_key_frame_shows_words_islands_and_directions() -> None:
    html = CoOccurrence(supports=ISLANDS).static_html()
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", html)
    assert {"cat", "dog", "owl", "fox", "A", "B", "owl and fox", "Words that were compared"} <= set(
        texts
    )
    assert "2 islands: one ratio is free. Island A: cat and dog. Island B: owl and fox." in html
    assert "B" not in re.findall(r"<text[^>]*>([^<]*)</text>", CoOccurrence().static_html())
    assert CoOccurrence(labels=["a", "b"], P=np.full((2, 2), 0.5), supports=[]).picture_html()


# ---- on the screen


def test_at_first(screen: Screen) -> None:
    assert screen.on() == ["cat and dog", "dog and owl", "owl and fox"]
    assert screen.verdict() == "Connected: every ratio is fixed."
    assert screen.facts() == ["1", "0", "0.0425"]
    assert screen.told().startswith("Place your bet.")
    assert screen.agrees_with_python()


def test_a_prompt_is_switched_off_and_on(screen: Screen) -> None:
    screen.switch("dog and owl")
    assert screen.inputs()["supports"] == [[0, 1], [2, 3]]
    assert screen.verdict() == "2 islands: one ratio is free."
    assert screen.agrees_with_python()
    screen.switch("cat, dog and owl")
    assert screen.verdict() == "Connected: every ratio is fixed."
    assert screen.on() == ["cat and dog", "owl and fox", "cat, dog and owl"]
    assert screen.agrees_with_python()
    assert not screen.page.troubles


def test_every_design_of_one_or_two_sets_agrees(screen: Screen) -> None:
    for supports in ([], [[0]], [[0, 3]], [[0, 2], [1, 3]], [[1, 2, 3]], [[0, 1, 2, 3], [1]]):
        for query, inside in ((0, False), (2, True), (3, True)):
            screen.set(supports=supports, query=query, inside=inside, tilt=1.0)
            assert screen.agrees_with_python(), (supports, query, inside)
    assert not screen.page.troubles


def test_by_keyboard_alone(screen: Screen) -> None:
    chip = screen.chip("dog and owl")
    screen.press(chip, "Space")
    assert chip.get_attribute("aria-pressed") == "false"
    screen.press(chip, "Enter")
    assert chip.get_attribute("aria-pressed") == "true"
    screen.press(screen.root.get_by_role("radio", name="cat", exact=True), "ArrowRight")
    assert screen.inputs()["query"] == 1
    screen.press(screen.root.get_by_role("radio", name="outside", exact=True), "ArrowRight")
    assert screen.inputs()["inside"] is True
    screen.tilt("End")
    assert screen.inputs()["tilt"] == 3
    screen.tilt("ArrowLeft")
    assert screen.inputs()["tilt"] == pytest.approx(2.9)
    assert screen.agrees_with_python()


def test_the_query_inside_joins_the_islands(screen: Screen) -> None:
    screen.click("Two islands")
    assert screen.facts()[:2] == ["2", "1"]
    screen.root.get_by_role("radio", name="in its prompts", exact=True).check()
    screen.settle()
    assert screen.facts()[:2] == ["1", "0"]
    assert "inside its prompts" in screen.graph()
    assert screen.root.locator("svg.graph .last text").all_text_contents() == ["cat"]
    screen.root.get_by_role("radio", name="fox", exact=True).check()
    screen.settle()
    assert screen.root.locator("svg.graph .last text").all_text_contents() == ["fox"]
    assert screen.agrees_with_python()


def test_the_query_stands_in_the_middle_and_edges_grow_with_their_weight(screen: Screen) -> None:
    screen.set(query=2)

    def middle(word: str) -> tuple[float, float]:
        box = screen.root.locator(
            f"svg.graph g:has(> text:text-is('{word}')) circle"
        ).bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    others = np.array([middle(word) for word in ("cat", "dog", "fox")])
    np.testing.assert_allclose(others.mean(axis=0), middle("owl"), atol=1.0)
    widths = screen.root.locator("svg.graph .edge").evaluate_all(
        "nodes => nodes.map(n => +n.getAttribute('stroke-width'))"
    )
    weights = -screen.python().laplacian[[0, 1, 2], [1, 2, 3]]
    np.testing.assert_allclose(widths, 1.6 + 42 * weights, atol=0.006)


def test_islands_have_names_and_outlines(screen: Screen) -> None:
    screen.set(supports=[[1, 2], [2, 3], [1, 3]])
    signs = screen.root.locator("svg.graph .named")
    assert signs.all_text_contents() == ["A", "B"]
    shores = screen.root.locator("svg.graph .shore")
    assert [len(re.findall("M", str(s.get_attribute("d")))) for s in shores.all()] == [1, 6]
    screen.set(supports=[[0, 1, 2, 3]])
    assert signs.all_text_contents() == [""]
    # Four words, six edges and the four areas between them.
    assert len(re.findall("M", str(shores.first.get_attribute("d")))) == 14


def test_presets(screen: Screen) -> None:
    screen.root.get_by_role("radio", name="owl", exact=True).check()
    for name, supports in [
        ("All together", [[0, 1, 2, 3]]),
        ("Two islands", [[0, 1], [2, 3]]),
        ("Star", [[0, 2], [1, 2], [2, 3]]),
        ("Chain", [[0, 1], [1, 2], [2, 3]]),
    ]:
        screen.tilt("ArrowRight")
        screen.press_button(name)
        assert screen.inputs()["supports"] == supports
        assert screen.inputs()["tilt"] == 0
        assert screen.agrees_with_python()
    screen.click("Two islands")
    screen.click("Start over")
    assert screen.inputs()["query"] == 0
    assert screen.facts()[0] == "1"


def test_along_a_flat_direction_no_number_of_the_data_changes(screen: Screen) -> None:
    screen.click("Two islands")
    data, new = screen.bars("Prompts of the data"), screen.bars("A prompt that the data never had")
    before, unseen = data.get_attribute("aria-label"), new.get_attribute("aria-label")
    screen.tilt("End")
    assert data.get_attribute("aria-label") == before
    assert new.get_attribute("aria-label") != unseen
    states = screen.root.locator(".laws").evaluate_all(
        "nodes => nodes.map(n => [...n.querySelectorAll('g:not([hidden]) > text.end')]"
        ".map(t => t.textContent).filter(Boolean))"
    )
    assert states == [["as before", "as before"], ["changed"]]
    assert screen.ratio() == (
        "The ratio owl : cat is 1.67 in P, and now 33.48. "
        "No probability in the data has changed, so no data can tell the two apart."
    )
    assert "Tilting owl and fox: flat, 0.00 everywhere." in str(
        screen.root.locator("svg.plot").get_attribute("aria-label")
    )
    assert screen.agrees_with_python()


def test_along_the_other_direction_they_do(screen: Screen) -> None:
    screen.click("Two islands")
    screen.root.get_by_role("radio", name="word: owl").check()
    screen.tilt("Home")
    widget = screen.python()
    assert widget.tilted == [2]
    P, Q = np.array(widget.P), widget.tilted_matrix
    M, q = [[1, 1, 0, 0], [0, 0, 1, 1]], [0, 0]
    old, new = (chain.next_token_law(R, M, q) for R in (P, Q))
    falls = float((old * np.log(np.where(old > 0, old / np.where(new > 0, new, 1), 1))).sum() / 2)
    assert screen.ratio().endswith(f"the log-likelihood falls by {falls:.3f} per prompt.")
    assert screen.agrees_with_python()


def test_the_curves_are_the_likelihood(screen: Screen) -> None:
    screen.set(tilt=2.0)
    dot = screen.root.locator("svg.plot .dot")
    assert dot.count() == 1
    scale = screen.root.locator("svg.plot").evaluate(
        """n => { const line = n.querySelector(".curve"), numbers = line.getAttribute("d")
          .slice(1).split("L").map(p => p.split(",").map(Number));
          return [numbers, +n.querySelector(".dot").getAttribute("cy")]; }"""
    )
    points, height = np.array(scale[0]), scale[1]
    widget = screen.python()
    P, Q = np.array(widget.P), widget.tilted_matrix
    old, new = (chain.next_token_law(R, widget.counts, [widget.query] * 3) for R in (P, Q))
    fall = float((old * np.log(np.where(old > 0, old / np.where(new > 0, new, 1), 1))).sum() / 3)
    top = points[:, 1].min()
    # From 0.1 to -1.05 over the height between the margins of the plot.
    assert (height - top) / (300 - 68) * 1.15 == pytest.approx(fall, abs=0.002)
    assert abs(points[15, 1] - top) < 0.1, "nothing is lost where nothing is tilted"


# ---- predictions


def test_removing_the_link_is_predicted_then_shown(screen: Screen) -> None:
    assert "remove the only prompt with dog and owl" in screen.root.locator(".asked").inner_text()
    screen.answer("No, one ratio goes free")
    assert screen.on() == ["cat and dog", "owl and fox"]
    assert screen.told().startswith("Right. The islands are now: cat and dog; owl and fox.")
    assert screen.facts()[:2] == ["2", "1"]
    bet = screen.inputs()["bet"]
    assert bet == {"question": "remove", "answer": "one", "query": 0}
    screen.root.get_by_role("button", name="Yes").click(force=True)
    assert screen.inputs()["bet"] == bet, "a bet is placed once"
    screen.root.get_by_role("radio", name="owl", exact=True).check()
    screen.switch("dog and owl")
    assert screen.told().startswith("Right. The islands are now: cat and dog; owl and fox.")


def test_tilting_an_island_is_predicted_then_shown(screen: Screen) -> None:
    screen.answer("Yes")
    assert screen.told().startswith("Not so.")
    screen.click("Next bet")
    screen.answer("In none")
    told = screen.told()
    assert told.startswith("Right. “cat dog” still gives cat 25.0%, dog 75.0%; “owl fox” still")
    law = screen.python().tilted_matrix[0]
    assert f"owl goes from 25.0% to {law[2]:.1%}" in told
    assert screen.inputs()["tilt"] == 3
    screen.root.get_by_role("radio", name="dog", exact=True).check()
    screen.settle()
    assert screen.told() == told, "what was told stays true when the reader moves on"


def test_the_query_inside_is_predicted_then_shown(screen: Screen) -> None:
    screen.set(question="inside", query=3)
    screen.answer("One for each word")
    assert screen.told().startswith(
        "Not so. The query joins every prompt, so there is now “cat dog"
    )
    assert "“cat dog fox”" in screen.told()
    assert screen.inputs()["inside"] is True
    assert screen.facts()[:2] == ["1", "0"]
    screen.click("Bet again")
    assert screen.inputs()["question"] == "remove"
    assert screen.inputs()["bet"] == {}


def test_a_query_that_is_no_word_any_more_becomes_the_last_word(screen: Screen) -> None:
    screen.set(supports=[], query=3)
    screen.set(labels=["a", "b"], P=[[0.5, 0.5], [0.2, 0.8]])
    assert screen.graph().startswith("Co-occurrence graph, query b ")
    assert not screen.page.troubles


@pytest.mark.parametrize("size", [2, 3])
def test_smaller_vocabularies(screen: Screen, size: int) -> None:
    words = ["tea", "marmalade", "egg"][:size]
    P = np.full((size, size), 1 / size).tolist()
    screen.set(supports=[])
    screen.set(labels=words, P=P)
    for question in ("remove", "tilt", "inside"):
        screen.set(question=question, bet={}, query=size - 1)
        screen.root.locator(".answers:not([hidden]) button").first.click()
        screen.settle()
        assert screen.told().endswith(".")
        assert screen.agrees_with_python()
    assert not screen.page.troubles


# ---- hostile inputs


HOSTILE: list[tuple[str, Any]] = [
    ("P", "no"), ("P", None), ("P", [[0, 0, 0, 1]] * 4), ("P", [[1e12] * 4] * 4), ("P", []),
    ("P", [[0.5, 0.5]] * 2), ("supports", None), ("supports", [[9]]), ("supports", [[1, 0]]),
    ("supports", [[0, 1], [0, 1]]), ("supports", [[0.5]]), ("supports", "01"), ("supports", [[]]),
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
    odd: list[Any] = [None, "x", 1e300, [1], -5, {"question": "remove", "answer": "one"}]
    for name in ("query", "inside", "alone", "tilt", "question", "bet"):
        for value in odd:
            screen.set(**{name: value})
            assert screen.problem() == "", (name, value)
        screen.set(**{name: good[name]})
    text = screen.root.evaluate("node => node.shadowRoot.innerHTML")
    assert "NaN" not in text
    assert "undefined" not in text
    assert screen.agrees_with_python()
    assert not screen.page.troubles


def test_a_hand_on_a_control_of_bad_inputs_changes_nothing(screen: Screen) -> None:
    chip = screen.chip("dog and owl").element_handle()
    screen.set(supports=[[9]])
    chip.evaluate("node => node.click()")
    assert screen.inputs()["supports"] == [[9]]
    assert not screen.page.troubles


# ---- layout


@pytest.mark.parametrize("width", [1000, 660, 375])
def test_nothing_jumps_when_numbers_change(open_page: OpenPage, pages: Pages, width: int) -> None:
    page = open_page(pages.of("co_occurrence"), viewport={"width": width, "height": 900})
    screen = Screen(page)

    def places() -> list[float]:
        nodes = screen.root.locator("fieldset, svg, .sets, .bet, .panel, details")
        return nodes.evaluate_all(  # type: ignore[no-any-return]
            "nodes => nodes.map(n => n.getBoundingClientRect().top + scrollY)"
        )

    start = places()
    screen.tilt("End")
    assert places() == start
    screen.switch("dog and owl")
    screen.switch("cat, dog, owl and fox")
    assert places() == start
    for answer in ("Yes", "In all", "Two"):
        screen.answer(answer)
        assert places() == start
        screen.root.locator("button.main").click()
        screen.settle()
    assert places() == start


def test_by_touch(open_page: OpenPage, pages: Pages) -> None:
    screen = Screen(open_page(pages.of("co_occurrence"), **PHONE))
    screen.chip("dog and owl").tap()
    screen.settle()
    assert screen.facts()[0] == "2"
    screen.root.get_by_role("radio", name="in its prompts", exact=True).tap(force=True)
    screen.settle()
    assert screen.facts()[0] == "1"
    assert screen.agrees_with_python()
