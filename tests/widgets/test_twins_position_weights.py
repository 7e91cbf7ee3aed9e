"""The mathematics of position weights: alike in both languages, and right."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccmc_teach import chain, positions
from ccmc_teach.widgets.twins import position_weights as twins
from ccmc_teach.widgets.twins.basics import counts
from widgets.drawn import JUNK, rows, states
from widgets.languages import UNSHRUNK, Ask, Call, agree

SHAPES = sorted(twins.SHAPES)
TABLES = st.lists(st.floats(0, 1), min_size=30, max_size=30)


@st.composite
def settings_of(draw: st.DrawFn) -> tuple[str, Any]:
    """A shape of the weights and its number."""
    shape = draw(st.sampled_from(SHAPES))
    about = twins.SHAPES[shape]
    if about is None:
        return shape, 0
    whole = shape == "window"
    return shape, draw(st.integers(1, 15) if whole else st.floats(about[1], about[2]))


@st.composite
def weighted(draw: st.DrawFn) -> tuple[int, list[float], list[int], list[float]]:
    """A vocabulary size, a row of tastes, a prompt and weights, of which the last is above 0."""
    size, tastes, prompt = draw(states())
    number = st.floats(0, 1) | st.sampled_from([0.0, 1.0, 1e-300])
    weights = draw(st.lists(number, min_size=len(prompt), max_size=len(prompt)))
    return size, tastes, prompt, [*weights[:-1], draw(st.floats(0.01, 1))]


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call of one of the twins."""
    size, tastes, prompt, weights = draw(weighted())
    shape, value = draw(settings_of())
    token, place = draw(st.integers(0, size - 1)), draw(st.integers(0, max(0, len(prompt) - 2)))
    arguments: dict[str, list[Any]] = {
        "place_weights": [shape, value, draw(TABLES), draw(st.integers(1, 30))],
        "effective_number": [weights],
        "weighted_counts": [prompt, weights, size],
        "effective_counts": [prompt, weights, size],
        "place_attention": [prompt, tastes, weights],
        "moved": [prompt, place, draw(st.integers(-3, 45))],
        "with_front": [prompt, token, draw(st.integers(0, 10))],
        "older_weight": [draw(st.floats(0.001, 1)), len(prompt)],
        "heard": [shape, value, weights],
    }
    name = draw(st.sampled_from(sorted(arguments)))
    return name, arguments[name]


@settings(max_examples=40, phases=UNSHRUNK)
@given(st.lists(calls(), min_size=10, max_size=40))
def test_twins_answer_and_refuse_alike(ask: Ask, batch: list[Call]) -> None:
    agree(ask, "position_weights", batch)


@st.composite
def nearly_inputs(draw: st.DrawFn) -> list[Any]:
    """Inputs that are right but for one piece of junk."""
    size, _, prompt = draw(states())
    shape, value = draw(settings_of())
    labels: list[Any] = ["cat", "dog", "owl", "fox", "bat"][:size]
    table: list[Any] = [draw(rows(size)) for _ in range(size)]
    inputs: list[Any] = [labels, table, list(prompt), shape, value, draw(TABLES)]
    spoiled = draw(st.sampled_from(["nothing", "whole", "entry"]))
    which = draw(st.integers(0, 5))
    if spoiled == "whole":
        inputs[which] = draw(JUNK)
    elif spoiled == "entry" and isinstance(inputs[which], list):
        inputs[which][draw(st.integers(0, len(inputs[which]) - 1))] = draw(JUNK)
    return inputs


@settings(max_examples=60, phases=UNSHRUNK)
@given(st.lists(nearly_inputs(), min_size=5, max_size=20))
def test_the_same_inputs_are_refused_in_the_same_words(ask: Ask, batch: list[list[Any]]) -> None:
    agree(ask, "position_weights", [("problem", inputs) for inputs in batch])


# ---- right answers: against the rooms of the package, and by what they promise


@given(settings_of(), st.integers(1, 30), TABLES)
def test_weights_are_those_of_the_package(
    setting: tuple[str, Any], length: int, table: list[float]
) -> None:
    shape, value = setting
    about = twins.SHAPES[shape]
    table[length - 1] = 0.5
    given_: dict[str, Any] = {"table": table} if shape == "absolute" else {}
    weights = positions.weights(shape, length, **(given_ if about is None else {about[0]: value}))
    if shape == "sink":
        weights = weights / weights[0]
    np.testing.assert_allclose(
        twins.place_weights(shape, value, table, length), weights, rtol=1e-13
    )


@given(weighted())
def test_counts_and_attention_agree_with_the_chain(
    state: tuple[int, list[float], list[int], list[float]],
) -> None:
    size, tastes, prompt, weights = state
    tastes = [(taste + 0.01) / (1 + 0.01 * size) for taste in tastes]
    M = chain.counts([prompt], size, weights=weights)
    law = chain.next_token_law(np.tile(tastes, (size, 1)), M, [prompt[-1]])[0]
    np.testing.assert_allclose(twins.weighted_counts(prompt, weights, size), M[0], rtol=1e-13)
    effective = twins.effective_counts(prompt, weights, size)
    np.testing.assert_allclose(effective, M[0] * len(prompt) / sum(weights), rtol=1e-12)
    shares = twins.place_attention(prompt, tastes, weights)
    np.testing.assert_allclose(np.bincount(prompt, shares, minlength=size), law, atol=1e-13)


@given(states())
def test_equal_weights_are_counts_to_the_last_bit(
    state: tuple[int, list[float], list[int]],
) -> None:
    size, _, prompt = state
    assert twins.effective_counts(prompt, [1.0] * len(prompt), size) == counts(prompt, size)


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=30), st.floats(1e-150, 1))
def test_the_effective_number_lies_between_one_and_all(weights: list[float], scale: float) -> None:
    number = twins.effective_number(weights)
    assert 1 - 1e-12 <= number <= len(weights) * (1 + 1e-12)
    scaled = twins.effective_number([scale * weight for weight in weights])
    assert scaled == pytest.approx(number, rel=1e-9)


def test_the_effective_number_by_hand() -> None:
    assert twins.effective_number([1.0] * 7) == 7
    assert twins.effective_number([0.0, 0.0, 0.3]) == 1
    z = math.exp(-0.15)
    exponential = twins.place_weights("exponential", 0.15, [], 1000)
    assert twins.effective_number(exponential) == pytest.approx((1 + z) / (1 - z), rel=1e-12)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=30), st.data())
def test_a_moved_word_keeps_the_others_in_order(prompt: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(prompt) - 2))
    target = data.draw(st.integers(0, len(prompt) - 2))
    marked = list(range(len(prompt)))
    changed = twins.moved(marked, place, target)
    assert changed.index(place) == target
    assert [x for x in changed if x != place] == [x for x in marked if x != place]
    assert twins.moved(changed, target, place) == marked
    assert marked == list(range(len(prompt)))


def test_older_words_are_a_geometric_series() -> None:
    weights = twins.place_weights("exponential", 0.3, [], 2000)
    older = twins.older_weight(0.3, 9)
    assert sum(weights[:-9]) == pytest.approx(older, rel=1e-12)
