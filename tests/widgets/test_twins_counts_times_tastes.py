"""The mathematics of counts times tastes: alike in both languages, and right."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ccmc_teach.widgets.twins import counts_times_tastes as twins
from ccmc_teach.widgets.twins.basics import counts, next_token_law
from widgets.drawn import JUNK, rows, states
from widgets.languages import UNSHRUNK, Ask, Call, agree


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call of one of the twins."""
    size, _, prompt = draw(states())
    token, number = draw(st.integers(0, size - 1)), draw(st.integers(-3, 16))
    arguments: dict[str, list[Any]] = {
        "with_count": [prompt, token, number],
        "with_query": [prompt, token],
        "doubled": [prompt],
        "equal_counts": [size, token, draw(st.integers(0, 4))],
    }
    name = draw(st.sampled_from(sorted(arguments)))
    return name, arguments[name]


@settings(max_examples=40, phases=UNSHRUNK)
@given(st.lists(calls(), min_size=10, max_size=40))
def test_twins_answer_and_refuse_alike(ask: Ask, batch: list[Call]) -> None:
    agree(ask, "counts_times_tastes", batch)


@st.composite
def nearly_inputs(draw: st.DrawFn) -> list[Any]:
    """Labels, table and prompt that are right but for one piece of junk."""
    size, _, prompt = draw(states())
    labels: list[Any] = ["cat", "dog", "owl", "fox", "bat"][:size]
    table: list[Any] = [draw(rows(size)) for _ in range(size)]
    inputs: list[Any] = [labels, table, list(prompt)]
    spoiled = draw(st.sampled_from(["nothing", "whole", "entry", "deep"]))
    which = draw(st.integers(0, 2))
    if spoiled == "whole":
        inputs[which] = draw(JUNK)
    elif spoiled == "entry":
        inputs[which][draw(st.integers(0, len(inputs[which]) - 1))] = draw(JUNK)
    elif spoiled == "deep":
        table[0][draw(st.integers(0, size - 1))] = draw(JUNK)
    return inputs


@settings(max_examples=60, phases=UNSHRUNK)
@given(st.lists(nearly_inputs(), min_size=5, max_size=20))
def test_the_same_inputs_are_refused_in_the_same_words(ask: Ask, batch: list[list[Any]]) -> None:
    agree(ask, "counts_times_tastes", [("problem", inputs) for inputs in batch])


@given(states(), st.integers(0, 4), st.integers(-3, 16))
def test_with_count_changes_one_count_and_keeps_the_last_word(
    state: tuple[int, list[float], list[int]], token: int, count: int
) -> None:
    size, _, prompt = state
    token %= size
    changed = twins.with_count(prompt, token, count)
    wanted = counts(prompt, size)
    wanted[token] = min(max(count, int(token == prompt[-1])), twins.MAX_COUNT)
    assert counts(changed, size) == wanted
    assert changed[-1] == prompt[-1]
    assert [x for x in changed if x != token] == [x for x in prompt if x != token]


def test_with_count_spreads_and_undoes() -> None:
    prompt = [1, 0, 2, 1, 3, 2, 1, 2, 0]
    more = twins.with_count(prompt, 3, 6)
    assert all(not (a == b == 3) for a, b in pairwise(more[:5]))
    assert prompt == [1, 0, 2, 1, 3, 2, 1, 2, 0]


@given(states(), st.integers(0, 4))
def test_with_query_keeps_the_counts(state: tuple[int, list[float], list[int]], token: int) -> None:
    size, _, prompt = state
    token %= size
    changed = twins.with_query(prompt, token)
    wanted = counts(prompt, size)
    wanted[token] = max(wanted[token], 1)
    assert changed[-1] == token
    assert counts(changed, size) == wanted


@given(st.integers(2, 5), st.integers(0, 4), st.integers(1, 4))
def test_equal_counts(size: int, query: int, copies: int) -> None:
    prompt = twins.equal_counts(size, query % size, copies)
    assert counts(prompt, size) == [copies] * size
    assert prompt[-1] == query % size


def test_doubled_keeps_the_law() -> None:
    prompt, tastes = [1, 0, 2, 0], [0.2, 0.3, 0.5]
    law = next_token_law(tastes, counts(prompt, 3))
    again = next_token_law(tastes, counts(twins.doubled(prompt), 3))
    assert twins.doubled(prompt) == [1, 0, 2, 0, 1, 0, 2, 0]
    np.testing.assert_allclose(again, law, rtol=1e-15)
