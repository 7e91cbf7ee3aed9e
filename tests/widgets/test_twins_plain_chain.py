"""The mathematics of the plain chain: alike in both languages, and right."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components
from scipy.stats import chi2

from ccmc_teach import chain
from ccmc_teach.widgets.twins import plain_chain as twins
from ccmc_teach.widgets.twins.basics import uniform
from widgets.drawn import JUNK, rows
from widgets.languages import UNSHRUNK, Ask, Call, agree

NAMES = ("mixing", "slow", "rhythm", "trap", "islands")
WORDS = ["cat", "dog", "owl", "fox"]


@st.composite
def chains(draw: st.DrawFn) -> list[list[float]]:
    """A transition matrix of two to four words, often with zeros."""
    size = draw(st.integers(2, 4))
    return [draw(rows(size)) for _ in range(size)]


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call of one of the twins."""
    P = draw(chains())
    size = len(P)
    token = draw(st.integers(0, size - 1))
    seed = draw(st.integers(0, 2**32 - 1))
    text = draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=40))
    members = draw(st.sampled_from(twins.closed_classes(P)))
    arguments: dict[str, list[Any]] = {
        "preset": [draw(st.sampled_from(NAMES)), size],
        "walk": [P, token, seed, draw(st.integers(1, 200))],
        "shares": [text, size],
        "milestones": [draw(st.integers(1, 2000))],
        "running_shares": [text, size, twins.milestones(len(text))],
        "power": [P, draw(st.integers(0, 2000))],
        "spread": [P],
        "forgotten": [P, draw(st.floats(0.001, 1))],
        "meeting": [P, seed],
        "led_to": [P, token],
        "closed_classes": [P],
        "period": [P, members],
        "stationary": [P, members],
        "limit": [P, token],
        "named": [WORDS[:size], members],
        "law_said": [WORDS[:size], P[0]],
        "verdict": [WORDS[:size], P],
    }
    name = draw(st.sampled_from(sorted(arguments)))
    return name, arguments[name]


@settings(max_examples=60, phases=UNSHRUNK)
@given(st.lists(calls(), min_size=10, max_size=40))
def test_twins_answer_and_refuse_alike(ask: Ask, batch: list[Call]) -> None:
    agree(ask, "plain_chain", batch)


@st.composite
def nearly_inputs(draw: st.DrawFn) -> list[Any]:
    """Labels and table that are right but for one piece of junk."""
    P: Any = draw(chains())
    inputs: list[Any] = [WORDS[: len(P)], P]
    spoiled = draw(st.sampled_from(["nothing", "whole", "row", "entry", "tiny"]))
    if spoiled == "whole":
        inputs[draw(st.integers(0, 1))] = draw(JUNK)
    elif spoiled == "row":
        P[-1] = draw(JUNK)
    elif spoiled == "entry":
        P[0][0] = draw(JUNK)
    elif spoiled == "tiny":
        tiny = draw(st.floats(1e-12, 1e-5))
        P[1] = [tiny, 1 - tiny, *[0.0] * (len(P) - 2)]
    return inputs


@settings(max_examples=60, phases=UNSHRUNK)
@given(st.lists(nearly_inputs(), min_size=5, max_size=20))
def test_the_same_inputs_are_refused_in_the_same_words(ask: Ask, batch: list[list[Any]]) -> None:
    agree(ask, "plain_chain", [("problem", inputs) for inputs in batch])


# ---- right answers: against the rooms of the package, numpy, scipy, and by what they promise


@given(chains())
def test_closed_classes_are_the_strong_components_that_nothing_leaves(P: list[list[float]]) -> None:
    table = np.array(P) > 0
    _, names = connected_components(table, connection="strong")
    wanted = [
        np.flatnonzero(names == name).tolist()
        for name in dict.fromkeys(names.tolist())
        if not table[names == name][:, names != name].any()
    ]
    assert twins.closed_classes(P) == sorted(wanted)


@given(chains())
def test_the_stationary_law_is_that_of_the_chain_room(P: list[list[float]]) -> None:
    classes = twins.closed_classes(P)
    for members in classes:
        law = np.array(twins.stationary(P, members))
        np.testing.assert_allclose(law @ np.array(P), law, atol=1e-14)
        assert np.flatnonzero(law).tolist() == members
    if len(classes) == 1:
        np.testing.assert_allclose(law, chain.stationary(P), rtol=1e-12)
        assert all(twins.limit(P, token) == law.tolist() for token in range(len(P)))
    else:
        with pytest.raises(ValueError, match="closed classes"):
            chain.stationary(P)


@given(chains())
def test_a_period_is_the_number_of_eigenvalues_on_the_unit_circle(P: list[list[float]]) -> None:
    for members in twins.closed_classes(P):
        # An independent definition: powers with a way back, all entries being zero or one.
        step = (np.array(P)[np.ix_(members, members)] > 0).astype(int)
        ways = np.eye(len(members), dtype=int)
        back = []
        for length in range(1, 25):
            ways = np.minimum(ways @ step, 1)
            if ways[0, 0]:
                back.append(length)
        assert twins.period(P, members) == np.gcd.reduce(back)


def test_a_ring_has_the_same_rhythm_both_ways() -> None:
    ring = np.array(twins.preset("rhythm", 4))
    assert twins.period(ring.T.tolist(), [0, 1, 2, 3]) == 4


@given(chains(), st.integers(0, 2000))
def test_powers_are_those_of_numpy(P: list[list[float]], steps: int) -> None:
    wanted = np.linalg.matrix_power(np.array(P), steps)
    np.testing.assert_allclose(twins.power(P, steps), wanted, rtol=1e-10, atol=1e-300)


@given(chains(), st.integers(0, 2**32 - 1))
def test_a_walk_follows_arrows_and_its_beginning_stays(P: list[list[float]], seed: int) -> None:
    whole = twins.walk(P, 0, seed, 50)
    assert whole[0] == 0
    assert len(whole) == 50
    assert all(P[a][b] > 0 for a, b in pairwise(whole))
    assert twins.walk(P, 0, seed, 20) == whole[:20]


def test_a_walk_draws_by_the_inverse_of_the_running_sum() -> None:
    P = np.array(twins.preset("mixing", 3))
    tokens = twins.walk(P.tolist(), 2, 8, 300)
    for step, (a, b) in enumerate(pairwise(tokens)):
        assert b == np.searchsorted(np.cumsum(P[a]), uniform(8, 0, step), side="right")


def test_steps_have_the_frequencies_of_the_rows() -> None:
    # 40 texts of 500 words. With the right rows the test fails for one seed in 10 000.
    P = np.array(twins.preset("mixing", 3))
    seen = np.zeros((3, 3))
    for seed in range(40):
        tokens = twins.walk(P.tolist(), seed % 3, seed, 500)
        np.add.at(seen, (tokens[:-1], tokens[1:]), 1)
    wanted = P * seen.sum(axis=1, keepdims=True)
    assert ((seen - wanted) ** 2 / wanted).sum() < chi2.isf(1e-4, df=6)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=60))
def test_shares_are_counts_over_length(text: list[int]) -> None:
    lengths = twins.milestones(len(text))
    table = twins.running_shares(text, 3, lengths)
    for length, row in zip(lengths, table, strict=True):
        np.testing.assert_array_equal(row, np.bincount(text[:length], minlength=3) / length)
    assert twins.shares(text, 3) == table[-1]


@given(st.integers(1, 2000))
def test_milestones_rise_to_the_end_by_a_twelfth_at_most(length: int) -> None:
    found = twins.milestones(length)
    assert found[0] == 1
    assert found[-1] == length
    gaps = np.diff(found)
    assert (gaps >= 1).all()
    assert (gaps <= np.maximum(1, np.array(found[:-1]) / 12)).all()


@pytest.mark.parametrize("size", [2, 3, 4])
def test_presets_are_what_their_names_say(size: int) -> None:
    P = {name: np.array(twins.preset(name, size)) for name in NAMES}
    for table in P.values():
        np.testing.assert_allclose(table.sum(axis=1), 1, rtol=1e-14)
        assert twins.problem(WORDS[:size], table.tolist()) == ""
    assert P["mixing"].min() > 0
    np.testing.assert_allclose(P["slow"], 0.9 * np.eye(size) + 0.1 * P["mixing"], rtol=1e-14)
    law = chain.stationary(P["mixing"])
    np.testing.assert_allclose(chain.stationary(P["slow"]), law, rtol=1e-12)
    everything = list(range(size))
    assert twins.period(P["rhythm"].tolist(), everything) == size
    assert P["rhythm"][0, 1] == 1
    assert twins.closed_classes(P["trap"].tolist()) == [[size - 1]]
    half = (size + 1) // 2
    assert twins.closed_classes(P["islands"].tolist()) == [everything[:half], everything[half:]]
    inside, base = P["islands"][0, :half], P["mixing"][0, :half]
    np.testing.assert_allclose(inside, base / base.sum(), rtol=1e-14)
    first = twins.preset("mixing", size)
    first[0][0] = 9.0
    assert twins.preset("mixing", size)[0][0] < 1, "a preset is no one's to change"


@pytest.mark.parametrize("name", NAMES)
def test_forgetting_and_meeting_by_hand(name: str) -> None:
    P = twins.preset(name, 3)
    table = np.array(P)
    sizes = [np.ptp(np.linalg.matrix_power(table, t), axis=0).max() for t in range(200)]
    small = np.flatnonzero(np.array(sizes) < 0.02)
    assert twins.forgotten(P, 0.02) == (small[0] + 1 if small.size else 0)
    texts = np.array([twins.walk(P, start, 5, 2000) for start in range(3)])
    same = np.flatnonzero((texts == texts[0]).all(axis=0))
    assert twins.meeting(P, 5) == (same[0] + 1 if same.size else 0)
    if same.size:
        assert (texts[:, same[0] :] == texts[0, same[0] :]).all()


def test_a_trap_is_forgotten_too() -> None:
    assert twins.forgotten(twins.preset("trap", 3), 0.01) > 1
    assert twins.limit(twins.preset("trap", 3), 0) == [0.0, 0.0, 1.0]
