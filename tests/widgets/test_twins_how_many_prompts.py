"""The mathematics of how many prompts: alike in both languages, and right."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ccmc_teach import chain, coverage, estimation
from ccmc_teach.widgets.twins import how_many_prompts as twins
from widgets.drawn import JUNK
from widgets.languages import UNSHRUNK, Ask, Call, agree

DESIGNS = st.sampled_from(twins.DESIGNS)
SIZES = st.sampled_from(twins.SIZES)


@st.composite
def tallied(draw: st.DrawFn) -> list[list[int]]:
    """The tallies of a row, with or without a maximum."""
    size = draw(st.integers(1, 8))
    number = st.sampled_from([0, 0, 0, 1, 2, 6])
    return [[draw(number) for _ in kind] for kind in twins.row_kinds(size)]


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call of one of the twins."""
    design, size, n = draw(DESIGNS), draw(SIZES), draw(st.sampled_from(twins.GRID))
    tally = draw(tallied())
    start = draw(st.integers(0, 10**5))
    positive = st.lists(
        st.floats(1e-6, 1e3), min_size=twins.row_places(tally), max_size=twins.row_places(tally)
    )
    cells = st.lists(cell(), min_size=12, max_size=12)
    arguments: dict[str, Callable[[], list[Any]]] = {
        "tallies": lambda: [design, size, draw(st.integers(1, 9999)), start, start + 50],
        "has_maximum": lambda: [tally],
        "row_risk": lambda: [draw(positive), draw(positive)],
        "small": lambda: [draw(st.floats(1e-9, 1e6))],
        "grouped": lambda: [start],
        "measured_slope": lambda: [draw(cells)],
        "reading": lambda: [design, size, n, draw(cells)],
        "replicate_rows": lambda: [design, size, draw(cells)],
        "experiment_row": lambda: [7, design, size, n, draw(st.floats(1e-6, 1) | st.just(-1.0))],
        "experiments_problem": lambda: [draw(JUNK | st.lists(JUNK, max_size=4))],
    }
    if twins.has_maximum(tally):
        arguments["fitted_odds"] = lambda: [tally]
    name = draw(st.sampled_from(sorted(arguments)))
    return name, arguments[name]()


@st.composite
def cell(draw: st.DrawFn) -> list[int]:
    """A cell of the table of replicates."""
    share = draw(st.integers(0, 1000))
    return [share] if share < 500 else [share, *draw(st.tuples(*[st.integers(100, 3000)] * 3))]


@settings(max_examples=15, deadline=None, phases=UNSHRUNK)
@given(st.lists(calls(), min_size=10, max_size=30))
def test_both_languages_agree(ask: Ask, batch: list[Call]) -> None:
    numeric = [call for call in batch if call[0] != "row_risk"]
    agree(ask, "how_many_prompts", numeric)
    # Logarithms may differ in the last bit, and a risk is a difference of them.
    risks = [call for call in batch if call[0] == "row_risk"]
    for call, got in zip(risks, ask("how_many_prompts", risks), strict=True):
        assert got["answer"] == pytest.approx(twins.row_risk(*call[1]), rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("design", twins.DESIGNS)
@pytest.mark.parametrize("size", twins.SIZES)
def test_whole_experiments_agree(ask: Ask, design: str, size: int) -> None:
    n = 100 * size**2
    table = twins.tallies(design, size, 5, 0, n)
    (tallied_,) = ask("how_many_prompts", [("tallies", [design, size, 5, 0, n])])
    assert tallied_["answer"] == table
    (got,) = ask("how_many_prompts", [("excess_risk", [design, size, table])])
    assert got["answer"] == pytest.approx(twins.excess_risk(design, size, table), rel=1e-9)


# ---- independent truth: the rooms


def data_of(
    design: str, size: int, table: list[list[list[int]]]
) -> tuple[NDArray[np.float64], list[int], list[int]]:
    """Return the prompts of an experiment, one by one: counts, queries, next tokens."""
    rows, q, y = [], [], []
    for query, row in enumerate(table):
        tokens = twins.row_tokens(design, size, query)
        for kind, chosen in zip(twins.row_kinds(len(tokens)), row, strict=True):
            m = np.zeros(size)
            m[[tokens[place] for place in kind]] = 1
            if design == "skewed":
                m[query] = twins.LOUD
            for place, times in zip(kind, chosen, strict=True):
                rows += [m] * times
                q += [query] * times
                y += [tokens[place]] * times
    return np.array(rows), q, y


def teacher(size: int) -> NDArray[np.float64]:
    weights = np.array(twins.taste_weights(size), dtype=float)
    P: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return P


@pytest.mark.parametrize("design", twins.DESIGNS)
@pytest.mark.parametrize(("size", "n"), [(3, 40), (3, 400), (5, 100), (5, 1000), (10, 4000)])
def test_fit_and_risk_are_those_of_the_rooms(design: str, size: int, n: int) -> None:
    for run in (1, 2, 3):
        table = twins.tallies(design, size, run, 0, n)
        M, q, y = data_of(design, size, table)
        assert len(q) == n
        exists = bool(coverage.has_finite_mle(M, q, y).all()) and all(
            # A token that no prompt of this draw held has no finite ratio either.
            coverage.seen(M, q)[k, twins.row_tokens(design, size, k)].all()
            for k in range(size)
        )
        risk = twins.excess_risk(design, size, table)
        assert (risk >= 0) == exists
        if exists:
            fit = estimation.fit_seen(M, q, y)
            assert risk == pytest.approx(expected_risk(design, size, fit), rel=1e-6)


def expected_risk(design: str, size: int, fit: NDArray[np.float64]) -> float:
    """Return the excess risk by the next-token laws of all kinds of prompts."""
    total = 0.0
    for query in range(size):
        places = [len(twins.row_tokens(design, size, k)) for k in range(size)]
        table = [[[0] * len(kind) for kind in twins.row_kinds(number)] for number in places]
        for chosen in table[query]:
            chosen[0] = 1
        M, q, _ = data_of(design, size, table)
        truth, law = (chain.next_token_law(P, M, q) for P in (teacher(size), fit))
        seen = M > 0
        logs = np.log(np.where(seen, truth, 1)) - np.log(np.where(seen, law, 1))
        total += float((truth * logs).sum(axis=1).mean()) / size
    return total


@pytest.mark.parametrize("design", twins.DESIGNS)
def test_prompts_and_next_tokens_follow_the_teacher(design: str) -> None:
    # 36 frequencies at most within 5.2 standard errors: a false alarm in 100 000 runs.
    size, n = 5, 60_000
    table = twins.tallies(design, size, 77, 0, n)
    M, q, y = data_of(design, size, table)
    law = chain.next_token_law(teacher(size), M, q)
    for query in range(size):
        part = np.array(q) == query
        assert abs(part.mean() - 1 / size) < 5.2 * math.sqrt(0.16 / n)
        shares = np.bincount(np.array(y)[part], minlength=size) / part.sum()
        wanted = law[part].mean(axis=0)
        assert (np.abs(shares - wanted) <= 5.2 * np.sqrt(wanted / part.sum())).all()


def test_a_slice_is_a_part_of_the_whole() -> None:
    whole = twins.tallies("even", 5, 3, 0, 1000)
    first, second = (twins.tallies("even", 5, 3, *part) for part in ((0, 400), (400, 1000)))
    added = [
        [[a + b for a, b in zip(*kinds, strict=True)] for kinds in zip(*rows, strict=True)]
        for rows in zip(first, second, strict=True)
    ]
    assert added == whole
    assert twins.tallies("even", 5, 4, 0, 1000) != whole


@given(tallied())
def test_a_maximum_is_where_no_edge_is_one_way(tally: list[list[int]]) -> None:
    size = twins.row_places(tally)
    assert size == max(map(max, twins.row_kinds(size))) + 1
    edges = np.eye(size, dtype=int)
    for kind, chosen in zip(twins.row_kinds(size), tally, strict=True):
        for place, times in zip(kind, chosen, strict=True):
            edges[kind, place] |= times > 0
    paths = np.linalg.matrix_power(edges, size)
    assert twins.has_maximum(tally) == bool((paths > 0).all())


@given(tallied())
def test_expected_choices_are_the_observed_ones(tally: list[list[int]]) -> None:
    if not twins.has_maximum(tally):
        return
    odds = twins.fitted_odds(tally)
    assert sum(odds) == pytest.approx(1)
    observed, expected = np.zeros(len(odds)), np.zeros(len(odds))
    for kind, chosen in zip(twins.row_kinds(len(odds)), tally, strict=True):
        share = np.array([odds[place] for place in kind])
        np.add.at(observed, kind, chosen)
        np.add.at(expected, kind, sum(chosen) * share / share.sum())
    np.testing.assert_allclose(expected, observed, atol=1e-6 * max(1, observed.sum()))


def test_the_split_halves_the_words() -> None:
    for size in twins.SIZES:
        halves = {frozenset(twins.row_tokens("split", size, query)) for query in range(size)}
        assert sorted(token for half in halves for token in half) == list(range(size))
        assert sorted(map(len, halves)) == [size // 2, size - size // 2]
        assert twins.degrees("even", size) == size * (size - 1)
        assert twins.degrees("split", size) == sum(len(h) * (len(h) - 1) for h in halves)
        assert all(1 <= w <= 4 for row in twins.taste_weights(size) for w in row)


@given(st.floats(1e-9, 1e8))
def test_three_digits_are_shown(value: float) -> None:
    shown = twins.small(value)
    assert float(shown) == pytest.approx(value, rel=0.0051)
    assert len(shown.replace(".", "").lstrip("0")) >= 3
