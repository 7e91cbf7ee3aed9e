"""The mathematics of an attention row: alike in both languages, and right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from ccmc_teach import attention
from ccmc_teach.widgets.twins import attention_row as twins
from widgets.drawn import JUNK
from widgets.languages import UNSHRUNK, Ask, Call, agree

WORDS = ["cat", "dog", "owl", "fox"]
TENTHS = st.integers(-40, 40).map(lambda tenth: tenth / 10)


@st.composite
def tables(draw: st.DrawFn) -> list[list[float]]:
    """A table of scores for two to four words."""
    size = draw(st.integers(2, 4))
    row = st.lists(TENTHS, min_size=size, max_size=size)
    return draw(st.lists(row, min_size=size, max_size=size))


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call of one of the twins."""
    scores = draw(tables())
    size = len(scores)
    query, word = (draw(st.integers(0, size - 1)) for _ in range(2))
    constant = draw(st.integers(-30, 30)) / 10
    arguments: dict[str, list[Any]] = {
        "preset": [size],
        "softmax": [scores[0]],
        "transition_matrix": [scores],
        "shifted": [scores, query, constant],
        "with_score": [scores, query, word, draw(st.floats(-9, 9))],
        "level": [scores, query],
        "dominant": [scores, query],
        "with_column": [scores, word, constant],
        "first_and_second": [scores[0]],
        "formula": [scores[0], word],
        "note": [WORDS[:size], scores[query], query, draw(st.sampled_from([0.0, constant]))],
        "law_said": [WORDS[:size], twins.softmax(scores[0])],
    }
    name = draw(st.sampled_from(sorted(arguments)))
    return name, arguments[name]


@settings(max_examples=60, phases=UNSHRUNK)
@given(st.lists(calls(), min_size=10, max_size=40))
def test_twins_answer_and_refuse_alike(ask: Ask, batch: list[Call]) -> None:
    agree(ask, "attention_row", batch)


@st.composite
def nearly_inputs(draw: st.DrawFn) -> list[Any]:
    """Labels and scores that are right but for one piece of junk."""
    scores: Any = draw(tables())
    inputs: list[Any] = [WORDS[: len(scores)], scores]
    spoiled = draw(st.sampled_from(["nothing", "whole", "row", "entry"]))
    if spoiled == "whole":
        inputs[draw(st.integers(0, 1))] = draw(JUNK)
    elif spoiled == "row":
        scores[-1] = draw(JUNK)
    elif spoiled == "entry":
        scores[0][0] = draw(JUNK | st.floats(3.9, 4.1))
    return inputs


@settings(max_examples=60, phases=UNSHRUNK)
@given(st.lists(nearly_inputs(), min_size=5, max_size=20))
def test_the_same_inputs_are_refused_in_the_same_words(ask: Ask, batch: list[list[Any]]) -> None:
    sent: list[Call] = [("problem", inputs) for inputs in batch]
    agree(ask, "attention_row", [*sent, *(("scores_problem", [s, WORDS]) for _, s in batch)])


# ---- right answers: against scipy, the attention layer, and by what they promise


@given(tables())
def test_rows_are_those_of_scipy_and_of_the_attention_layer(scores: list[list[float]]) -> None:
    P = twins.transition_matrix(scores)
    np.testing.assert_allclose(P, softmax(np.array(scores), axis=1), rtol=1e-12)
    # One-hot embeddings: the key-query matrix is the table of scores, its columns the queries.
    layer = attention.transition_matrix(np.array(scores).T, np.eye(len(scores)))
    np.testing.assert_allclose(P, layer, rtol=1e-12)


@given(tables(), st.floats(-3, 3))
def test_a_constant_on_a_row_changes_nothing(scores: list[list[float]], constant: float) -> None:
    moved = twins.shifted(scores, 1, constant)
    np.testing.assert_allclose(np.array(moved)[1] - np.array(scores)[1], constant, atol=1e-12)
    assert moved[0] == scores[0]
    before, after = (twins.transition_matrix(table) for table in (scores, moved))
    np.testing.assert_allclose(before, after, rtol=1e-12)


@given(tables(), st.floats(-9, 9))
def test_scores_stay_in_range_and_on_the_grid(scores: list[list[float]], value: float) -> None:
    table = twins.with_score(scores, 1, 0, value)
    assert abs(table[1][0] - min(max(value, -4), 4)) <= 0.05 + 1e-12
    assert round(table[1][0], 1) == table[1][0]
    assert table[0] == scores[0]
    assert table[1][1:] == scores[1][1:]
    assert table is not scores


def test_a_column_changes_the_odds_of_its_word_alone() -> None:
    scores = twins.preset(4)
    before = np.array(twins.transition_matrix(scores))
    after = np.array(twins.transition_matrix(twins.with_column(scores, 2, 1.0)))
    odds = (after / after[:, :1]) / (before / before[:, :1])
    np.testing.assert_allclose(odds, np.tile([1, 1, np.e, 1], (4, 1)), rtol=1e-12)


def test_edges_of_a_row() -> None:
    scores = twins.preset(3)
    flat = twins.transition_matrix(twins.level(scores, 1))
    assert flat[1] == [1 / 3] * 3
    assert flat[0] == twins.softmax(scores[0])
    sure = twins.dominant(scores, 0)
    assert sure[0] == [-4.0, 4.0, -4.0]
    assert sure[1:] == scores[1:]
    assert 0.999 < twins.softmax(sure[0])[1] < 1
    assert scores == twins.preset(3), "the old table stays as it was"


@pytest.mark.parametrize("size", [2, 3, 4])
def test_presets_are_readable(size: int) -> None:
    scores = twins.preset(size)
    assert twins.problem(WORDS[:size], scores) == ""
    assert np.abs(scores).max() <= 3, "there is room for every bet"
    scores[0][0] = 9.0
    assert twins.preset(size)[0][0] < 4


@given(tables())
def test_the_log_odds_are_the_difference_of_scores(scores: list[list[float]]) -> None:
    row = scores[0]
    first, second = twins.first_and_second(row)
    law = twins.softmax(row)
    assert np.log(law[first] / law[second]) == pytest.approx(row[first] - row[second], abs=1e-12)
    assert [row[first], row[second]] == sorted(row, reverse=True)[:2]
    assert first != second


@pytest.mark.parametrize(("score", "fits"), [(-4, True), (-4.01, False), (4, True), (4.01, False)])
def test_scores_have_two_ends(score: float, fits: bool) -> None:
    assert (twins.problem(["a", "b"], [[0, 0], [0, score]]) == "") is fits


def test_a_formula_is_right() -> None:
    assert twins.formula([0.0, 1.0], 1) == "exp(1.0) / (exp(0.0) + exp(1.0)) = 2.72 / 3.72 = 73.1%"
