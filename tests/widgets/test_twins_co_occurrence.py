"""The mathematics of co-occurrence: alike in both languages, and right."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from ccmc_teach import chain, coverage, estimation
from ccmc_teach.widgets.twins import co_occurrence as twins
from widgets.drawn import JUNK
from widgets.languages import UNSHRUNK, Ask, Call, agree, python


@st.composite
def tastes(draw: st.DrawFn, size: int) -> list[float]:
    """A positive row that sums to 1."""
    parts = draw(st.lists(st.integers(1, 50), min_size=size, max_size=size))
    return [part / sum(parts) for part in parts]


@st.composite
def designs(draw: st.DrawFn) -> tuple[int, list[float], list[list[int]], int]:
    """A vocabulary size, a row of tastes, sets that are on, and a query."""
    size = draw(st.integers(2, 4))
    sets = twins.possible_supports(size)
    on = draw(st.lists(st.sampled_from(sets), unique_by=tuple, max_size=8))
    return size, draw(tastes(size)), on, draw(st.integers(0, size - 1))


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call of one of the twins whose answer both languages know to the last digits."""
    size, row, on, query = draw(designs())
    table = twins.laplacian(on, row)
    words = draw(st.sampled_from(twins.possible_supports(size)))
    group = draw(st.sampled_from(twins.possible_supports(size)))
    arguments: dict[str, list[Any]] = {
        "possible_supports": [size],
        "with_support": [on, words],
        "preset": [draw(st.sampled_from(["together", "chain", "islands", "star"])), size, query],
        "prompts_of": [on, query, draw(st.booleans())],
        "islands": [on, size],
        "prompt_law": [words, row],
        "laplacian": [on, row],
        "eigenvalues": [table],
        "weakest_group": [table, query],
        "single_word": [table, group],
        "notices": [words, group],
        "tilted_law": [words, row, group, draw(st.floats(-3, 3))],
        "verdict": [draw(st.integers(1, 4))],
    }
    name = draw(st.sampled_from(sorted(arguments)))
    return name, arguments[name]


@settings(max_examples=60, phases=UNSHRUNK)
@given(st.lists(calls(), min_size=10, max_size=40))
def test_twins_answer_and_refuse_alike(ask: Ask, batch: list[Call]) -> None:
    agree(ask, "co_occurrence", batch)


@settings(max_examples=30, phases=UNSHRUNK)
@given(st.lists(st.tuples(designs(), st.floats(-3, 3)), min_size=5, max_size=20), st.data())
def test_likelihoods_agree_but_for_cancellation(
    ask: Ask, batch: list[tuple[Any, float]], data: st.DataObject
) -> None:
    sent: list[Call] = []
    for (size, row, on, _), t in batch:
        group = data.draw(st.sampled_from(twins.possible_supports(size)))
        sent.append(("likelihood_change", [on, row, group, t]))
    got = [answer["answer"] for answer in ask("co_occurrence", sent)]
    wanted = [answer["answer"] for answer in python("co_occurrence", sent)]
    np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-14)


@st.composite
def nearly_inputs(draw: st.DrawFn) -> list[Any]:
    """Labels, table and supports that are right but for one piece of junk."""
    size, _, on, _ = draw(designs())
    table: list[Any] = [draw(tastes(size)) for _ in range(size)]
    inputs: list[Any] = [["cat", "dog", "owl", "fox"][:size], table, [list(one) for one in on]]
    spoiled = draw(st.sampled_from(["nothing", "whole", "entry", "deep"]))
    which = draw(st.integers(0, 2))
    if spoiled == "whole":
        inputs[which] = draw(JUNK)
    elif spoiled == "entry" and inputs[which]:
        inputs[which][draw(st.integers(0, len(inputs[which]) - 1))] = draw(JUNK)
    elif spoiled == "deep" and inputs[2]:
        inputs[2][0][-1] = draw(JUNK | st.integers(-1, 4))
    return inputs


@settings(max_examples=60, phases=UNSHRUNK)
@given(st.lists(nearly_inputs(), min_size=5, max_size=20))
def test_the_same_inputs_are_refused_in_the_same_words(ask: Ask, batch: list[list[Any]]) -> None:
    agree(ask, "co_occurrence", [("problem", inputs) for inputs in batch])


# ---- right answers: against the rooms of the package, scipy, and by what they promise


def counts_of(prompts: list[list[int]], size: int) -> Any:
    return np.array([np.bincount(words, minlength=size) for words in prompts]).reshape(-1, size)


@given(designs())
def test_islands_are_the_components_that_scipy_finds(
    design: tuple[int, list[float], list[list[int]], int],
) -> None:
    size, row, on, _ = design
    present = counts_of(on, size) > 0
    parts, home = connected_components(present.T.astype(float) @ present)
    islands = twins.islands(on, size)
    assert len(islands) == parts
    assert all(len(set(home[island])) == 1 for island in islands)
    assert sorted(word for island in islands for word in island) == list(range(size))
    rank = np.linalg.matrix_rank(np.array(twins.laplacian(on, row)), tol=1e-12)
    assert rank == size - parts


@given(designs())
def test_with_the_query_inside_coverage_and_estimation_say_the_same(
    design: tuple[int, list[float], list[list[int]], int],
) -> None:
    size, row, on, query = design
    prompts = twins.prompts_of(on, query, True)
    if not prompts:
        return
    M, q = counts_of(prompts, size), [query] * len(prompts)
    P = np.tile(row, (size, 1))
    graph = coverage.co_occurrence(M, q)[query]
    table = np.array(twins.laplacian(prompts, row))
    np.testing.assert_allclose(table, estimation.hessian(P, M, q)[query], atol=1e-15)
    np.testing.assert_array_equal((table < 0), graph)
    assert (len(twins.islands(prompts, size)) == 1) == coverage.is_identified(M, q)[query]
    for words, law in zip(prompts, chain.next_token_law(P, M, q), strict=True):
        np.testing.assert_allclose(twins.prompt_law(words, row), law, rtol=1e-13)


@given(designs())
def test_prompts_of(design: tuple[int, list[float], list[list[int]], int]) -> None:
    size, _, on, query = design
    assert twins.prompts_of(on, query, False) == on
    inside = twins.prompts_of(on, query, True)
    assert {tuple(words) for words in inside} == {tuple(sorted({*one, query})) for one in on}
    assert all(query in words for words in inside)
    # Whatever stood in a prompt is now on the island of the query.
    stood = {word for words in inside for word in words} or {0}
    assert len(twins.islands(inside, size)) == 1 + size - len(stood)


def test_every_set_is_possible_once() -> None:
    sets = twins.possible_supports(4)
    assert len({tuple(words) for words in sets}) == len(sets) == 15
    assert [len(words) for words in sets] == [2] * 6 + [3] * 4 + [4] + [1] * 4


@given(designs(), st.data())
def test_switching_twice_changes_nothing(
    design: tuple[int, list[float], list[list[int]], int], data: st.DataObject
) -> None:
    size, _, on, _ = design
    words = data.draw(st.sampled_from(twins.possible_supports(size)))
    once = twins.with_support(on, words)
    assert (words in once) is (words not in on)
    twice = twins.with_support(once, words)
    assert sorted(twice) == sorted(on)


@given(designs())
def test_eigenvalues_are_those_of_numpy(
    design: tuple[int, list[float], list[list[int]], int],
) -> None:
    _, row, on, _ = design
    table = twins.laplacian(on, row)
    before = [list(line) for line in table]
    np.testing.assert_allclose(
        twins.eigenvalues(table), np.linalg.eigvalsh(np.array(table)), atol=1e-15
    )
    assert table == before, "the matrix is left as it was"


@given(designs())
def test_the_weakest_group_has_the_least_curvature_of_all(
    design: tuple[int, list[float], list[list[int]], int],
) -> None:
    size, row, on, query = design
    table = np.array(twins.laplacian(on, row))

    def curvature(words: list[int]) -> float:
        v = np.isin(np.arange(size), words).astype(float)
        v -= v.mean()
        return float(v @ table @ v / (v @ v))

    groups = [list(g) for n in range(1, size) for g in combinations(range(size), n)]
    group = twins.weakest_group(table.tolist(), query)
    assert curvature(group) <= min(map(curvature, groups)) + 1e-11
    assert len(group) < size / 2 or (len(group) == size / 2 and query not in group)
    if len(twins.islands(on, size)) > 1:
        assert not any(twins.notices(words, group) for words in on)


@given(designs())
def test_a_single_word_is_seen_by_the_data_and_no_side_of_the_group(
    design: tuple[int, list[float], list[list[int]], int],
) -> None:
    size, row, on, query = design
    table = twins.laplacian(on, row)
    group = twins.weakest_group(table, query)
    word = twins.single_word(table, group)
    if word < 0:
        joined = {w for words in on if len(words) > 1 for w in words}
        sides = [group, [w for w in range(size) if w not in group]]
        assert not any(len(side) > 1 and joined & set(side) for side in sides)
    else:
        assert any(twins.notices(words, [word]) for words in on)
        assert group not in ([word], [w for w in range(size) if w != word])


@given(designs(), st.floats(-3, 3), st.data())
def test_a_tilt_is_the_law_of_a_tilted_row(
    design: tuple[int, list[float], list[list[int]], int], t: float, data: st.DataObject
) -> None:
    size, row, _, _ = design
    words, group = (data.draw(st.sampled_from(twins.possible_supports(size))) for _ in range(2))
    tilted = np.array(row) * np.exp(t * np.isin(np.arange(size), group))
    law = tilted * np.isin(np.arange(size), words)
    np.testing.assert_allclose(
        twins.tilted_law(words, row, group, t), law / law.sum(), rtol=1e-13, atol=0
    )
    if not twins.notices(words, group):
        assert twins.tilted_law(words, row, group, t) == twins.prompt_law(words, row)


@given(designs(), st.floats(-3, 3), st.data())
def test_the_likelihood_changes_by_the_mean_divergence(
    design: tuple[int, list[float], list[list[int]], int], t: float, data: st.DataObject
) -> None:
    size, row, on, _ = design
    group = data.draw(st.sampled_from(twins.possible_supports(size)))
    total = 0.0
    for words in on:
        old, new = twins.prompt_law(words, row), twins.tilted_law(words, row, group, t)
        total += sum(p * math.log(r / p) for p, r in zip(old, new, strict=True) if p)
    change = twins.likelihood_change(on, row, group, t)
    assert change == pytest.approx(total / max(len(on), 1), abs=1e-12)
    assert change <= 0
    assert (change == 0) or any(twins.notices(words, group) for words in on)


def test_no_likelihood_leaves_the_picture() -> None:
    low = min(
        twins.likelihood_change([[0, 1]], [p, 1 - p], [0], t)
        for p in np.linspace(0.001, 0.999, 999).tolist()
        for t in (-twins.MAX_TILT, twins.MAX_TILT)
    )
    assert -1.05 < low < -1.0
