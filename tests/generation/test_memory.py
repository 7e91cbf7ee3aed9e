"""Tallies and proposals of position weights against the rooms that define them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccmc_teach import chain, positions
from ccmc_teach.generation.memory import Memory, memory_of
from generation.oracle import EVERY_KIND, SMALLEST_P_VALUE, p_value

pytestmark = pytest.mark.filterwarnings("error")

TALLIED = [(kind, parameters) for kind, parameters in EVERY_KIND if kind != "power"]
texts = st.lists(st.integers(0, 3), min_size=2, max_size=24)


def weighted_counts(text: Any, kind: str, parameters: dict[str, Any]) -> Any:
    weights = positions.weights(kind, len(text), **parameters)
    return chain.counts([text], 4, weights=weights)[0]


@pytest.mark.parametrize(("kind", "parameters"), EVERY_KIND)
@settings(max_examples=30)
@given(text=texts, added=texts)
def test_a_tally_is_the_weighted_count_at_every_step(
    kind: str, parameters: dict[str, Any], text: list[int], added: list[int]
) -> None:
    memory = memory_of(kind, len(text), len(added), parameters)
    tally = memory.tally(np.array(text), 4)
    for token in [*added, None]:
        expected = weighted_counts(text, kind, parameters)
        np.testing.assert_allclose(tally.weighted(), expected, rtol=1e-12, atol=0)
        assert tally.counts.tolist() == [text.count(j) for j in range(4)]
        assert tally.n == len(text)
        if token is not None:
            tally.add(token)
            text = [*text, token]


@pytest.mark.parametrize(("kind", "parameters"), TALLIED)
def test_texts_side_by_side_are_each_text_by_itself(kind: str, parameters: dict[str, Any]) -> None:
    rng = np.random.default_rng(60)
    prompt = [0, 3, 1, 2, 1]
    added = rng.integers(4, size=(20, 7))
    tally = memory_of(kind, len(prompt), 20, parameters).tally(np.array(prompt), 4, paths=7)
    for step, tokens in enumerate(added):
        tally.add(tokens)
        for path in range(7):
            text = [*prompt, *added[: step + 1, path].tolist()]
            expected = weighted_counts(text, kind, parameters)
            np.testing.assert_allclose(tally.weighted()[:, path], expected, rtol=1e-12, atol=0)
            assert tally.counts[:, path].tolist() == [text.count(j) for j in range(4)]


@pytest.mark.parametrize(("kind", "parameters"), EVERY_KIND)
@pytest.mark.parametrize(("n", "grown"), [(3, 0), (12, 0), (12, 5)])
def test_proposals_follow_the_weights_of_the_text_as_long_as_it_is(
    kind: str, parameters: dict[str, Any], n: int, grown: int
) -> None:
    """Drawn at length n and read at length n + grown."""
    length, size = n + grown, 20
    propose = memory_of(kind, n, 40, parameters).proposals()
    rng = np.random.default_rng(61)
    found = np.zeros(length)
    for _ in range(3000):
        needed, where = propose(n, size, rng)
        places = where[needed < length]
        np.add.at(found, places, 1)
    weights = positions.weights(kind, length, **parameters)
    assert found.sum() > 2000
    assert p_value(found, weights / weights.sum()) > SMALLEST_P_VALUE


def test_a_table_is_copied() -> None:
    table = np.ones(9)
    memory = memory_of("absolute", 3, 6, {"table": table})
    table[:] = 0
    assert memory.table().tolist() == [1] * 9


def test_only_a_power_law_needs_the_whole_text() -> None:
    assert [kind for kind, p in EVERY_KIND if not Memory(kind, 9, p).is_tallied] == ["power"]
    assert [kind for kind, p in EVERY_KIND if Memory(kind, 9, p).is_uniform] == ["uniform"]


def test_weights_below_the_range_of_numbers_are_zero_as_in_their_definition() -> None:
    memory = memory_of("exponential", 2, 3000, {"rate": 1.0})
    tally = memory.tally(np.array([1, 0]), 2)
    for _ in range(2900):
        tally.add(0)
    expected = chain.counts(
        [[1, 0] + [0] * 2900], 2, weights=positions.weights("exponential", 2902, rate=1.0)
    )[0]
    assert tally.weighted()[1] == expected[1] == 0
    assert tally.weighted()[0] == pytest.approx(expected[0], rel=1e-12)


def test_ages_that_add_nothing_are_not_stored() -> None:
    propose = memory_of("window", 2, 100_000, {"size": 5}).proposals()
    assert len(propose.cumulative) == 5  # type: ignore[attr-defined]
