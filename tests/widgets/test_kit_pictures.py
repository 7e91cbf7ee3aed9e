"""The pictures of the kit: table, stacked rows, chain, plot, triangle."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from browser import RecordedPage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Locator

from ccmc_teach.widgets.twins.basics import with_border
from widgets.languages import UNSHRUNK

Make = Callable[..., None]
WORDS = ["cat", "dog", "owl", "fox"]
P = [[0.15, 0.45, 0.25, 0.15], [0.5, 0.1, 0.2, 0.2], [0.25] * 4, [0.1, 0.2, 0.6, 0.1]]


def frame(page: RecordedPage) -> None:
    page.evaluate("() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")


@pytest.fixture
def make(bench: RecordedPage) -> Make:
    """Return a function that puts a part into a view and draws it whenever its state changes.

    ``code`` makes the part, ``drawn`` says what is drawn of the state ``s``.
    """

    def make(code: str, drawn: str, css: str, **state: Any) -> None:
        bench.evaluate(
            f"""(given) => {{
              window.s = given; window.calls = [];
              window.put = (change) => {{ Object.assign(s, change); ui.schedule(); }};
              const ui = view(kit.{css}, () => part.draw({drawn}, ui.width()));
              const part = {code};
              window.part = part; ui.root.append(part.el); window.ui = ui;
            }}""",
            state,
        )
        frame(bench)
        frame(bench)

    return make


def put(page: RecordedPage, **change: Any) -> None:
    page.evaluate("change => put(change)", change)
    frame(page)


def press(page: RecordedPage, node: Locator, *keys: str) -> None:
    node.focus()
    for key in keys:
        page.keyboard.press(key)
    frame(page)


def drag(page: RecordedPage, node: Locator, across: float, down: float = 0) -> None:
    node.scroll_into_view_if_needed()
    box = node.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y + down, steps=5)
    assert page.locator("[data-held]").count() == 1
    page.mouse.up()
    frame(page)
    assert page.locator("[data-held]").count() == 0


def watch(page: RecordedPage) -> None:
    """From now on note every element that is added to the picture."""
    page.evaluate(
        """() => { window.added = 0; new MutationObserver((all) => { for (const m of all)
          for (const n of m.addedNodes) window.added += n.nodeType === 1; }).observe(
          part.el, { childList: true, subtree: true }); }"""
    )


# ---- table


SHOWN = (
    "kit.matrixView({ title: 'P', rows: s.words, note: 'row: last', "
    "text: (v) => v.toFixed(2), say: (v) => `${Math.round(100 * v)}%`, "
    "choose: (i) => put({ row: i }) })"
)
EDITED = (
    "kit.matrixView({ title: 'W', rows: s.words, text: (v) => v.toFixed(1), tint: (v) => v / 4, "
    "edit: { minimum: -4, maximum: 4, step: 0.1, leap: 1, get: (i, j) => s.values[i][j], "
    "set: (i, j, v) => put({ values: s.values.map((r, a) => "
    "r.map((x, b) => (a === i && b === j ? v : x))) }) } })"
)


def test_a_table_shows_numbers_colours_and_a_marked_row(bench: RecordedPage, make: Make) -> None:
    make(SHOWN, "s", "MATRIX_CSS", words=WORDS, values=P, row=1)
    picture = bench.get_by_role("img", name="P. cat: cat 15%, dog 45%, owl 25%, fox 15%; dog: ")
    assert picture.count() == 1
    cells = bench.locator(".cells > g:not([aria-hidden])")
    assert cells.all_text_contents() == [f"{value:.2f}" for row in P for value in row]
    strengths = bench.locator(".tint").evaluate_all(
        "nodes => nodes.map(n => +n.getAttribute('fill-opacity'))"
    )
    np.testing.assert_allclose(strengths, 0.41 * np.ravel(P), atol=0.0006)
    marked = bench.locator(".marked").bounding_box()
    first = cells.nth(4).locator(".track").bounding_box()
    assert marked
    assert first
    assert (
        marked["y"] <= first["y"] < first["y"] + first["height"] <= marked["y"] + marked["height"]
    )
    assert bench.locator(".chosen").all_text_contents() == ["dog"]
    cells.nth(12).click()
    frame(bench)
    assert bench.locator(".chosen").all_text_contents() == ["fox"]
    put(bench, row=-1)
    assert not bench.locator(".marked").is_visible()


def test_a_cell_is_a_slider(bench: RecordedPage, make: Make) -> None:
    make(EDITED, "s", "MATRIX_CSS", words=WORDS[:2], values=[[0.5, -4], [0, 1]], row=-1)
    cell = bench.get_by_role("slider", name="row cat, column cat")
    press(bench, cell, "ArrowUp", "ArrowRight", "PageUp", "ArrowDown")
    assert cell.get_attribute("aria-valuenow") == "1.6"
    assert cell.get_attribute("aria-valuetext") == "1.6"
    press(bench, cell, "End", "ArrowUp")
    assert bench.evaluate("s.values") == [[4, -4], [0, 1]]
    press(bench, cell, "Home")
    assert bench.evaluate("s.values[0][0]") == -4
    colour = bench.locator(".tint").first.evaluate("n => getComputedStyle(n).fill")
    assert colour == bench.locator(".soft").first.evaluate("n => getComputedStyle(n).fill")


def test_a_cell_grows_to_the_right_and_up(bench: RecordedPage, make: Make) -> None:
    make(EDITED, "s", "MATRIX_CSS", words=WORDS[:2], values=[[0, 0], [0, 0]], row=-1)
    cell = bench.get_by_role("slider", name="row dog, column cat")
    drag(bench, cell, 40)
    assert bench.evaluate("s.values") == [[0, 0], [2, 0]]
    drag(bench, cell, 0, 60)
    assert bench.evaluate("s.values[1][0]") == -1
    drag(bench, cell, 400)
    assert bench.evaluate("s.values[1][0]") == 4


def test_tab_stops_at_the_marked_row_alone(bench: RecordedPage, make: Make) -> None:
    make(EDITED, "s", "MATRIX_CSS", words=WORDS[:2], values=[[0, 0], [0, 0]], row=1)
    stops = "nodes => nodes.map(n => n.tabIndex)"
    assert bench.get_by_role("slider").evaluate_all(stops) == [-1, -1, 0, 0]
    put(bench, row=-1)
    assert bench.get_by_role("slider").evaluate_all(stops) == [0, 0, 0, 0]


def test_two_keys_in_one_frame_both_count(bench: RecordedPage, make: Make) -> None:
    make(EDITED, "s", "MATRIX_CSS", words=WORDS[:2], values=[[0, 0], [0, 0]], row=-1)
    bench.get_by_role("slider").first.evaluate(
        "n => { for (let i = 0; i < 3; i++) n.dispatchEvent(new KeyboardEvent('keydown', "
        "{ key: 'ArrowUp', bubbles: true })); }"
    )
    assert bench.evaluate("s.values[0][0]") == 0.3


# ---- stacked rows


BARS = (
    "kit.rowBars({ title: 'Rows', rows: s.words, get: (i, j) => s.values[i][j], "
    "set: (i, j, v) => put({ values: s.values.map((r, a) => "
    "(a === i ? kit.withBorder(r, j, v) : r)) }) })"
)
ROWS = [[0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [0.3, 0.3, 0.4]]


def test_rows_are_as_long_as_their_shares(bench: RecordedPage, make: Make) -> None:
    make(BARS, "s", "ROWS_CSS", words=WORDS[:3], values=ROWS, row=1)
    edges = bench.locator(".bars .mark").evaluate_all(
        "nodes => nodes.map(n => [+n.getAttribute('x'), +n.getAttribute('width')])"
    )
    widths = np.array(edges)[:, 1].reshape(3, 3) + 2
    np.testing.assert_allclose(widths / widths.sum(axis=1, keepdims=True), ROWS, atol=1e-9)
    assert bench.get_by_role("img", name="Row dog: cat 60%, dog 10%, owl 30%.").count() == 1
    assert bench.locator(".chosen").all_text_contents() == ["dog"]


def test_a_border_moves_by_key_and_takes_from_the_next(bench: RecordedPage, make: Make) -> None:
    make(BARS, "s", "ROWS_CSS", words=WORDS[:3], values=ROWS, row=-1)
    border = bench.get_by_role("slider", name="Row cat: border between dog and owl")
    press(bench, border, "ArrowRight", "PageUp")
    wanted = with_border(with_border(ROWS[0], 1, 0.51), 1, 0.61)
    np.testing.assert_allclose(bench.evaluate("s.values[0]"), wanted, rtol=1e-15)
    assert border.get_attribute("aria-valuetext") == "dog 61%, owl 19%"
    assert border.get_attribute("aria-valuemax") == "0.8"
    press(bench, border, "End")
    np.testing.assert_allclose(bench.evaluate("s.values[0]"), [0.2, 0.79, 0.01], atol=1e-12)
    press(bench, border, "Home")
    np.testing.assert_allclose(bench.evaluate("s.values[0]"), [0.2, 0.01, 0.79], atol=1e-12)
    assert bench.evaluate("s.values.slice(1)") == ROWS[1:]


def test_a_border_follows_the_hand(bench: RecordedPage, make: Make) -> None:
    make(BARS, "s", "ROWS_CSS", words=WORDS[:3], values=ROWS, row=-1)
    border = bench.get_by_role("slider", name="Row owl: border between cat and dog")
    before = border.locator(".knob").bounding_box()
    drag(bench, border.locator(".knob"), 60)
    after = border.locator(".knob").bounding_box()
    assert before
    assert after
    # Shares come in hundredths, here of some 700 pixels.
    assert after["x"] - before["x"] == pytest.approx(60, abs=4.5)
    assert sum(bench.evaluate("s.values[2]")) == pytest.approx(1, abs=1e-12)


def test_rows_without_hands_only_show(bench: RecordedPage, make: Make) -> None:
    code = "kit.rowBars({ title: 'Rows', rows: ['cat'], columns: s.words })"
    make(code, "s", "ROWS_CSS", words=WORDS[:3], values=ROWS[:1])
    assert bench.get_by_role("slider").count() == 0
    assert bench.locator(".bars .mark").count() == 3


# ---- chain


CHAIN = "kit.chainDiagram({ title: 'Chain', labels: s.words })"


@pytest.mark.parametrize("size", [2, 3, 4])
def test_arrows_start_and_end_at_their_circles_and_bend_left(
    bench: RecordedPage, size: int
) -> None:
    found = bench.evaluate("size => kit.chainGeometry(size)", size)
    centres = np.array(found["centres"])
    gaps = [np.linalg.norm(a - b) for a, b in itertools.combinations(centres, 2)]
    assert min(gaps) > 2 * 0.3 + 0.4, "circles stand apart"
    for i, j in itertools.product(range(size), repeat=2):
        arrow = found["arrows"][i][j]
        shaft, tip = np.array(arrow["shaft"]), np.array(arrow["tip"])
        assert np.linalg.norm(shaft[0] - centres[i]) == pytest.approx(0.33, abs=0.09)
        assert np.linalg.norm(tip - centres[j]) == pytest.approx(0.33, abs=0.09)
        assert np.linalg.norm(arrow["way"]) == pytest.approx(1)
        if i != j:
            along, aside = centres[j] - centres[i], shaft[len(shaft) // 2] - centres[i]
            # On a screen y points down, so a negative cross product is on the left.
            assert along[0] * aside[1] - along[1] * aside[0] < 0
        for k, centre in enumerate(centres):
            if k not in (i, j):
                assert np.linalg.norm(shaft - centre, axis=1).min() > 0.3, "no arrow hides a word"
    numbers = [arrow["number"] for row in found["arrows"] for arrow in row]
    apart = [math.dist(a, b) for a, b in itertools.combinations(numbers, 2)]
    assert min(apart) > 0.2, "numbers can be told apart"


def stroke(page: RecordedPage, i: int, j: int) -> float:
    arrows = page.locator(f".chain > g.k{i}").first.locator(".arrow")
    return float(arrows.nth(j).get_attribute("stroke-width") or "nan")


def test_arrows_are_as_wide_as_steps_are_likely(bench: RecordedPage, make: Make) -> None:
    chain = [[0.0, 1.0, 0.0], [0.25, 0.5, 0.25], [0.1, 0.2, 0.7]]
    make(CHAIN, "s", "CHAIN_CSS", words=WORDS[:3], P=chain, here=1, step=[1, 0], said="now dog.")
    assert bench.get_by_role("img", name="Chain. now dog.").count() == 1
    widths = {(i, j): stroke(bench, i, j) for i in range(3) for j in range(3)}
    slope = (widths[2, 2] - widths[2, 0]) / 0.6
    assert widths[2, 1] - widths[2, 0] == pytest.approx(0.1 * slope, abs=0.02)
    assert widths[0, 1] - widths[1, 1] == pytest.approx(0.5 * slope, abs=0.02)
    hidden = bench.locator(".arrow").evaluate_all("nodes => nodes.map(n => !n.checkVisibility())")
    assert hidden == [value == 0 for row in chain for value in row]
    assert bench.locator(".plain:visible").count() == 0
    shown = bench.locator(".number:visible").all_text_contents()
    assert shown == ["100%", "25%", "50%", "25%", "10%", "20%", "70%"]
    assert bench.locator(".number.now").all_text_contents() == ["25%"]
    here = bench.locator(".here").bounding_box()
    dog = bench.locator(".node").nth(1).bounding_box()
    assert here
    assert dog
    assert here["x"] < dog["x"] < dog["x"] + dog["width"] < here["x"] + here["width"]
    put(bench, here=-1, step=None)
    assert not bench.locator(".here").is_visible()
    assert bench.locator(".now").count() == 0


def test_the_plain_chain_is_an_outline_of_its_own_width(bench: RecordedPage, make: Make) -> None:
    chain, plain = [[0.9, 0.1], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]]
    make(CHAIN, "s", "CHAIN_CSS", words=WORDS[:2], P=chain, plain=plain, said="")
    assert bench.locator(".plain:visible").count() == 3
    d = bench.locator(".plain").nth(1).get_attribute("d") or ""
    left, right = (
        np.array([[float(v) for v in p.split(",")] for p in re.split("[ML]", side) if p])
        for side in re.findall(r"M[^M]+", d)
    )
    distance = np.linalg.norm(left - right, axis=1)
    wide = stroke(bench, 0, 0) - stroke(bench, 0, 1)
    unit = wide / (0.8 * 0.11)
    np.testing.assert_allclose(distance, (0.018 + 0.11) * unit, rtol=0.03)


def test_a_walk_builds_nothing_anew(bench: RecordedPage, make: Make) -> None:
    make(CHAIN, "s", "CHAIN_CSS", words=WORDS, P=P, said="", here=0)
    watch(bench)
    for step in ([0, 1], [1, 0], [0, 2]):
        put(bench, step=step, here=step[1], P=[P[(k + step[1]) % 4] for k in range(4)])
    assert bench.evaluate("added") == 0


@pytest.mark.parametrize("width", [280, 700])
def test_words_stay_inside_their_circles(bench: RecordedPage, make: Make, width: int) -> None:
    bench.set_viewport_size({"width": width + 70, "height": 900})
    words = ["tea", "toast", "marmalade", "hamburgers"]
    make(CHAIN, "s", "CHAIN_CSS", words=words, P=P, said="")
    for k in range(4):
        circle = bench.locator(".node").nth(k).bounding_box()
        word = bench.locator(".chain text.on").nth(k).bounding_box()
        assert circle
        assert word
        assert word["width"] <= circle["width"] + 1
    box = bench.locator(".chain").bounding_box()
    assert box
    for node in bench.locator(".number, .arrow, .node").all():
        inner = node.bounding_box()
        assert inner
        assert inner["x"] >= box["x"] - 12
        assert inner["x"] + inner["width"] <= box["x"] + box["width"] + 12
        assert inner["y"] >= box["y"] - 6
        assert inner["y"] + inner["height"] <= box["y"] + box["height"] + 6


# ---- plot


PLOT = (
    "kit.linePlot({ title: 'Risk', x: { label: 'n', from: 1, to: 1000, log: true, "
    "ticks: kit.decades(1, 1000) }, y: { label: 'risk', from: 0, to: 1, ticks: [0, 1] }, "
    "lines: [{ label: 'K = 3', kind: 'k0' }, { label: 'guide', dashed: true }, { kind: 'k1' }] })"
)


def points(d: str | None) -> np.ndarray:
    return np.array([[float(v) for v in p.split(",")] for p in re.split("[MLZ]", d or "") if p])


def test_curves_stand_where_the_axes_say(bench: RecordedPage, make: Make) -> None:
    xs, ys = [1, 10, 100, 1000], [1.0, 0.5, 0.25, 0.0]
    lines: list[Any] = [{"xs": xs, "ys": ys, "low": [y / 2 for y in ys], "high": ys}, None,
             {"dots": [[10, 0.5], [1000, 0.0, True]]}]  # fmt: skip
    make(PLOT, "s", "PLOT_CSS", lines=lines, cursor=10, said="It falls.")
    assert bench.get_by_role("img", name="Risk. It falls.").count() == 1
    line = points(bench.locator(".curve").nth(0).get_attribute("d"))
    steps = np.diff(line[:, 0])
    np.testing.assert_allclose(steps, steps[0], atol=0.11)
    heights = (line[-1, 1] - line[:, 1]) / (line[-1, 1] - line[0, 1])
    np.testing.assert_allclose(heights, ys, atol=0.002)
    band = points(bench.locator(".band").nth(0).get_attribute("d"))
    np.testing.assert_allclose(band[:4], line)
    np.testing.assert_allclose(
        band[4:][::-1, 1] - line[:, 1], (line[-1, 1] - line[:, 1]) / 2, atol=0.11
    )
    dots = bench.locator(".dot")
    assert float(dots.nth(0).get_attribute("cx") or 0) == pytest.approx(line[1, 0])
    assert float(dots.nth(1).get_attribute("cy") or 0) == pytest.approx(line[3, 1])
    assert [dot.get_attribute("class") for dot in dots.all()] == ["dot", "dot hollow"]
    assert float(bench.locator(".cursor").get_attribute("x1") or 0) == pytest.approx(line[1, 0])
    assert bench.locator(".name:visible").all_text_contents() == ["K = 3"]
    put(bench, cursor=None, lines=[None, lines[0], None])
    assert not bench.locator(".cursor").is_visible()
    assert bench.locator(".name:visible").all_text_contents() == ["guide"]


def test_axes_are_drawn_anew_for_new_ranges_alone(bench: RecordedPage, make: Make) -> None:
    lines = [{"xs": [1, 1000], "ys": [0, 1]}, None, None]
    make(PLOT, "s", "PLOT_CSS", lines=lines, said="")
    watch(bench)
    put(bench, lines=[{"xs": [1, 1000], "ys": [1, 0]}, None, None])
    assert bench.evaluate("added") == 0
    put(bench, y={"to": 2, "ticks": [0, 2]})
    assert bench.evaluate("added") > 0
    line = points(bench.locator(".curve").nth(0).get_attribute("d"))
    tall = line[1, 1]
    assert line[0, 1] == pytest.approx(tall / 2)


@pytest.mark.parametrize(
    ("ends", "wanted"),
    [
        ((1, 1000), [1, 10, 100, 1000]),
        ((0.001, 0.1), [0.001, 0.01, 0.1]),
        ((3, 40), [10]),
        ((2, 9), [2, 9]),
    ],
)
def test_decades(bench: RecordedPage, ends: tuple[float, float], wanted: list[float]) -> None:
    assert bench.evaluate("([a, b]) => kit.decades(a, b)", list(ends)) == wanted


def test_names_are_kept_apart_inside_and_in_order(bench: RecordedPage) -> None:
    batch = [[50, 52, 54], [0, 0, 0], [100, 100], [100, 99, 98, 2], [30], [], [10, 60, 20]]
    for places in batch:
        kept = bench.evaluate("p => kit.keptApart(p, 14, 0, 100)", places)
        order = sorted(range(len(places)), key=lambda k: places[k])
        assert all(0 <= place <= 100 for place in kept)
        ranked = [kept[k] for k in order]
        assert all(b - a >= 14 - 1e-9 for a, b in itertools.pairwise(ranked))
    assert bench.evaluate("kit.keptApart([10, 60, 30], 14, 0, 100)") == [10, 60, 30]


# ---- triangle


TRIANGLE = (
    "kit.ternaryPlot({ title: 'Laws', labels: ['cat', 'dog', 'owl'], "
    "point: { label: 'The truth', get: () => s.law, set: (law) => put({ law }) }, "
    "paths: ['level', 'level strong'], spots: ['spot k0', 'hollow k1'] })"
)


@settings(
    phases=UNSHRUNK, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)
@given(st.lists(st.integers(0, 100), min_size=3, max_size=3).filter(any))
def test_hundredths_are_a_law_near_by(bench: RecordedPage, parts: list[int]) -> None:
    law = [part / sum(parts) for part in parts]
    whole = bench.evaluate("law => kit.inHundredths(law).map(v => 100 * v)", law)
    assert sum(map(round, whole)) == 100
    assert all(abs(v - round(v)) < 1e-9 and v > 0.99 for v in whole)
    assert max(abs(v / 100 - share) for v, share in zip(whole, law, strict=True)) < 0.031


def test_places_and_laws_undo_each_other(bench: RecordedPage) -> None:
    laws: list[Any] = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.2, 0.5, 0.3]]
    found = bench.evaluate(
        """laws => { const { place, law, side } = kit.triangle(400);
          return { places: laws.map(place), back: laws.map((l) => law(place(l))), side }; }""",
        laws,
    )
    np.testing.assert_allclose(found["back"], laws, atol=1e-12)
    top, left, right, inside = np.array(found["places"])
    for a, b in itertools.combinations([top, left, right], 2):
        assert math.dist(a, b) == pytest.approx(found["side"])
    assert top[1] < left[1] == right[1]
    assert left[0] < top[0] < right[0]
    np.testing.assert_allclose(inside, 0.2 * top + 0.5 * left + 0.3 * right)


def test_a_contour_is_where_the_level_is(bench: RecordedPage) -> None:
    d = bench.evaluate(
        """() => { const laws = kit.lattice(40);
          const values = laws.map(([a, b, c]) => 3 * a + 2 * b - c);
          return kit.contour(values, 40, 1.3, ([a, b]) => [1000 * a, 1000 * b]); }"""
    )
    ends = points(d) / 1000
    np.testing.assert_allclose(
        3 * ends[:, 0] + 2 * ends[:, 1] - (1 - ends.sum(axis=1)), 1.3, atol=0.001
    )
    # A straight level crosses the triangle from side to side: its pieces add up to that length.
    pieces = ends.reshape(-1, 2, 2)
    length = np.linalg.norm(pieces[:, 0] - pieces[:, 1], axis=1).sum()
    assert length == pytest.approx(math.dist((2.3 / 4, 0), (0, 2.3 / 3)), rel=0.01)
    assert len(bench.evaluate("kit.lattice(40)")) == 41 * 42 // 2


def test_a_contour_skips_what_has_no_number(bench: RecordedPage) -> None:
    d = bench.evaluate(
        """kit.contour(kit.lattice(20).map(([a, b, c]) => Math.log(a) + Math.log(b) + Math.log(c)),
           20, -5, ([a, b]) => [a, b])"""
    )
    assert d
    assert "NaN" not in d


def test_a_point_moves_by_key_in_two_directions(bench: RecordedPage, make: Make) -> None:
    make(TRIANGLE, "s", "TERNARY_CSS", law=[0.3, 0.5, 0.2], said="one peak.")
    assert bench.get_by_role("img", name="Laws. one peak.").count() == 1
    knob = bench.get_by_role("slider", name="The truth; arrow keys up and down for cat, left and")
    press(bench, knob, "ArrowUp")
    np.testing.assert_allclose(bench.evaluate("s.law"), [0.32, 0.49, 0.19], atol=1e-12)
    assert knob.get_attribute("aria-valuenow") == "32"
    assert knob.get_attribute("aria-valuetext") == "cat 32%, dog 49%, owl 19%"
    press(bench, knob, "ArrowDown", "ArrowRight", "ArrowRight")
    np.testing.assert_allclose(bench.evaluate("s.law"), [0.3, 0.48, 0.22], atol=1e-12)
    press(bench, knob, "Shift+ArrowLeft")
    np.testing.assert_allclose(bench.evaluate("s.law"), [0.3, 0.53, 0.17], atol=1e-12)
    press(bench, knob, *["Shift+ArrowUp"] * 12, "Control+ArrowLeft")
    law = bench.evaluate("s.law")
    assert min(law) >= 0.01 - 1e-12
    assert sum(law) == pytest.approx(1, abs=1e-12)
    assert law[0] > 0.95


def test_a_point_follows_the_hand(bench: RecordedPage, make: Make) -> None:
    make(TRIANGLE, "s", "TERNARY_CSS", law=[0.4, 0.3, 0.3], said="")
    knob = bench.get_by_role("slider").locator(".knob")
    before = knob.bounding_box()
    drag(bench, knob, 50, 30)
    after = knob.bounding_box()
    assert before
    assert after
    assert after["x"] - before["x"] == pytest.approx(50, abs=4)
    assert after["y"] - before["y"] == pytest.approx(30, abs=4)
    drag(bench, knob, 900, 900)
    law = bench.evaluate("s.law")
    np.testing.assert_allclose(law, [0.01, 0.01, 0.98], atol=1e-9)


def test_paths_are_made_once_for_a_function_and_a_width(bench: RecordedPage, make: Make) -> None:
    make(
        TRIANGLE,
        "{ said: '', spots: [s.law, null], paths: s.paths }",
        "TERNARY_CSS",
        law=[0.4, 0.3, 0.3],
    )
    bench.evaluate(
        """() => { window.made = 0;
          const path = (at) => { made += 1; return `M${at([1, 0, 0]).join()}l9,9`; };
          put({ paths: [path, null] }); }"""
    )
    frame(bench)
    put(bench, law=[0.5, 0.3, 0.2])
    assert bench.evaluate("made") == 1
    assert [p.get_attribute("d") is None for p in bench.locator(".level").all()] == [False, True]
    assert bench.locator(".spot").is_visible()
    assert not bench.locator(".hollow").is_visible()
    bench.set_viewport_size({"width": 420, "height": 800})
    frame(bench)
    frame(bench)
    assert bench.evaluate("made") == 2


# ---- sizes


@pytest.mark.parametrize(
    ("code", "css", "state"),
    [
        (SHOWN, "MATRIX_CSS", {"words": ["tea", "marmalade", "egg", "toast"], "values": P}),
        (BARS, "ROWS_CSS", {"words": ["tea", "marmalade", "egg"], "values": ROWS}),
        (PLOT, "PLOT_CSS", {"lines": [{"xs": [1, 1000], "ys": [0, 1]}, None, None], "said": ""}),
        (TRIANGLE, "TERNARY_CSS", {"law": [0.2, 0.3, 0.5], "said": ""}),
    ],
    ids=["table", "rows", "plot", "triangle"],
)
@pytest.mark.parametrize("width", [320, 900])
def test_pictures_fit_every_width(
    bench: RecordedPage, make: Make, code: str, css: str, state: dict[str, Any], width: int
) -> None:
    bench.set_viewport_size({"width": width, "height": 900})
    make(code, "s", css, **state)
    svg = bench.locator(".ccmc-widget svg")
    box = svg.bounding_box()
    assert box
    for node in svg.locator("text:visible, rect:visible, circle:visible").all():
        inner = node.bounding_box()
        if inner and "grip" not in (node.get_attribute("class") or ""):
            assert inner["x"] >= box["x"] - 12, node.evaluate("n => n.outerHTML")
            assert inner["x"] + inner["width"] <= box["x"] + box["width"] + 12
            assert inner["y"] + inner["height"] <= box["y"] + box["height"] + 6
