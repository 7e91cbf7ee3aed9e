"""What the mathematics of several widgets needs: alike in both languages, and right."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccmc_teach import attention, chain
from ccmc_teach.widgets.twins import basics as twins
from widgets.drawn import JUNK, states
from widgets.languages import UNSHRUNK, Ask, Call, agree

WORD = 2**32


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call of one of the twins."""
    size, tastes, prompt = draw(states())
    token = draw(st.integers(0, size - 1))
    counter = st.integers(0, WORD - 1)
    arguments: dict[str, list[Any]] = {
        "decimal": [draw(st.floats() | st.floats(-1e4, 1e4)), draw(st.integers(-1, 5))],
        "percent": [draw(st.floats(0, 1)), draw(st.integers(0, 3))],
        "counts": [prompt, size],
        "next_token_law": [tastes, twins.counts(prompt, draw(st.sampled_from([size, size, 5])))],
        "attention_weights": [draw(st.just(prompt) | st.just([])), tastes],
        "with_taste": [tastes, token, draw(st.floats(-0.5, 1.5))],
        "with_border": [tastes, draw(st.integers(0, size - 2)), draw(st.floats(-0.5, 1.5))],
        "mixed": [draw(st.integers(0, 2**53))],
        "uniform": [draw(counter), draw(counter), draw(counter)],
        "drawn": [draw(st.just(tastes) | st.just([0.0] * size)), draw(st.floats(0, 1))],
    }
    name = draw(st.sampled_from(sorted(arguments)))
    return name, arguments[name]


@settings(max_examples=60, phases=UNSHRUNK)
@given(st.lists(calls(), min_size=10, max_size=40))
def test_twins_answer_and_refuse_alike(ask: Ask, batch: list[Call]) -> None:
    agree(ask, "basics", batch)


@settings(max_examples=40, phases=UNSHRUNK)
@given(st.lists(st.tuples(JUNK, st.integers(1, 5)), min_size=5, max_size=20))
def test_checks_take_anything_at_all(ask: Ask, batch: list[tuple[Any, int]]) -> None:
    words = ["cat", "dog", "owl", "fox", "bat"]
    sent: list[Call] = []
    for junk, size in batch:
        sent += [("labels_problem", [junk]), ("table_problem", [junk, words[:size]])]
        sent += [("prompt_problem", [junk, size]), ("is_number", [junk])]
        sent += [("is_law", [junk, size]), ("are_tokens", [junk, size])]
    agree(ask, "basics", sent)


@given(states())
def test_twins_agree_with_chain_and_attention(state: tuple[int, list[float], list[int]]) -> None:
    size, tastes, prompt = state
    tastes = [(taste + 0.01) / (1 + 0.01 * size) for taste in tastes]
    P = np.tile(tastes, (size, 1))
    M = chain.counts([prompt], size)
    law = chain.next_token_law(P, M, [prompt[-1]])[0]
    weights = twins.attention_weights(prompt, tastes)
    E = np.eye(size)
    layer = attention.attention_weights(prompt, attention.key_query_matrix(P, E), E)
    np.testing.assert_array_equal(twins.counts(prompt, size), M[0])
    np.testing.assert_allclose(twins.next_token_law(tastes, M[0].tolist()), law, rtol=1e-13)
    np.testing.assert_allclose(weights, layer, rtol=1e-12)
    np.testing.assert_allclose(np.bincount(prompt, weights, minlength=size), law, atol=1e-13)


@given(states(), st.lists(st.tuples(st.integers(0, 4), st.floats(-1, 2)), max_size=20))
def test_with_taste_keeps_a_law(
    state: tuple[int, list[float], list[int]], moves: list[tuple[int, float]]
) -> None:
    size, tastes, _ = state
    for token, value in moves:
        token %= size
        before, tastes = tastes, twins.with_taste(tastes, token, value)
        assert math.isclose(sum(tastes), 1, abs_tol=1e-12)
        others = [j for j in range(size) if j != token]
        alone = not any(before[j] > 0 for j in others)
        for j in others:
            assert (
                tastes[j] >= twins.TASTE_FLOOR - 1e-12 if before[j] > 0 or alone else tastes[j] == 0
            )
        most = 1 - twins.TASTE_FLOOR * sum(before[j] > 0 or alone for j in others)
        assert tastes[token] == min(max(value, twins.TASTE_FLOOR), most)


def test_with_taste_keeps_the_order_of_the_others() -> None:
    row = twins.with_taste([0.1, 0.2, 0.3, 0.4], 0, 0.5)
    assert row[1] < row[2] < row[3]
    # Above the floor the others keep their proportions.
    assert (row[2] - 0.01) / (row[1] - 0.01) == pytest.approx(0.29 / 0.19, rel=1e-12)


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_decimal_is_the_nearest_number_with_so_many_digits(value: float, digits: int) -> None:
    written = twins.decimal(value, digits)
    assert abs(float(written) - value) <= 0.5 * 10**-digits * (1 + 1e-6) + abs(value) * 1e-15
    assert len(written.partition(".")[2]) == digits
    assert written.lstrip("-0.") or not written.startswith("-")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e9])
def test_decimal_never_writes_nonsense(value: float) -> None:
    with pytest.raises(ValueError, match="must be below 1e9"):
        twins.decimal(value, 1)


@given(states(), st.integers(0, 3), st.floats(-1, 2))
def test_with_border_moves_what_two_shares_hold(
    state: tuple[int, list[float], list[int]], token: int, value: float
) -> None:
    size, tastes, _ = state
    token %= size - 1
    moved = twins.with_border(tastes, token, value)
    both = tastes[token] + tastes[token + 1]
    floor = min(twins.TASTE_FLOOR, both / 2)
    assert moved[token] == min(max(value, floor), both - floor)
    assert math.isclose(moved[token] + moved[token + 1], both, abs_tol=1e-15)
    assert min(moved[token : token + 2]) >= floor - 1e-15
    others = [j for j in range(size) if j not in (token, token + 1)]
    assert [moved[j] for j in others] == [tastes[j] for j in others]


# ---- chance


def undone(x: int) -> int:
    """Undo `mixed` step by step: each step of it can be undone, so it is a bijection."""

    def unshift(x: int, by: int) -> int:
        result = x
        for _ in range(32 // by + 1):
            result = x ^ (result >> by)
        return result

    x = unshift(x, 14)
    x = x * pow(0x31848BAB, -1, WORD) % WORD
    x = unshift(x, 15)
    x = x * pow(0xAC4C1B51, -1, WORD) % WORD
    x = unshift(x, 11)
    x = x * pow(0xED5AD4BB, -1, WORD) % WORD
    return unshift(x, 17)


@given(st.integers(0, WORD - 1))
def test_mixing_can_be_undone(number: int) -> None:
    assert undone(twins.mixed(number)) == number


def test_one_bit_changes_half_of_all_bits() -> None:
    flips = [
        (twins.mixed(7919 * k) ^ twins.mixed(7919 * k ^ (1 << bit))).bit_count()
        for k in range(200)
        for bit in range(32)
    ]
    # 6400 means of 32 fair bits have a standard error of 0.035; five of them are never left.
    assert np.mean(flips) == pytest.approx(16, abs=0.18)


def test_uniform_numbers_are_uniform_along_every_counter() -> None:
    ways = {
        "steps": [twins.uniform(1, 2, t) for t in range(4000)],
        "runs": [twins.uniform(1, r, 0) for r in range(4000)],
        "seeds": [twins.uniform(s, 0, 0) for s in range(4000)],
    }
    for values in ways.values():
        assert 0 < min(values) < max(values) < 1
        cells = np.histogram(values, 20, (0, 1))[0]
        # Chi-square with 19 degrees of freedom exceeds 50.8 once in ten thousand.
        assert ((cells - 200) ** 2 / 200).sum() < 50.8
        # So does a correlation of neighbours beyond 3.9 standard errors.
        centred = np.array(values) - 0.5
        assert abs((centred[1:] * centred[:-1]).mean() * 12) < 3.9 / math.sqrt(4000)


def test_uniform_numbers_have_thirty_two_bits() -> None:
    value = twins.uniform(3, 1, 4)
    assert (value * WORD - 0.5) == twins.mixed(4 + twins.mixed(1 + twins.mixed(3)))


@given(states(), st.floats(0, 1, exclude_max=True))
def test_what_is_drawn_is_where_the_running_sum_passes(
    state: tuple[int, list[float], list[int]], chance: float
) -> None:
    _, tastes, _ = state
    token = twins.drawn(tastes, chance)
    assert tastes[token] > 0
    total = math.fsum(tastes)
    assert math.fsum(tastes[:token]) <= chance * total + 1e-12
    assert chance * total <= math.fsum(tastes[: token + 1]) + 1e-12


@pytest.mark.parametrize(("weights", "chance"), [([0.0, 0.0], 0.5), ([1.0, 2.0], 1.0), ([], 0.5)])
def test_what_cannot_be_drawn_is_refused(weights: list[float], chance: float) -> None:
    with pytest.raises(ValueError, match=r"^To draw a token, a weight must be positive"):
        twins.drawn(weights, chance)


def test_draws_follow_the_law() -> None:
    law = [0.1, 0.0, 0.6, 0.3]
    draws = [twins.drawn(law, twins.uniform(5, 0, t)) for t in range(10_000)]
    shares = np.bincount(draws, minlength=4) / 10_000
    # Four standard errors are below 0.02: one alarm in some five thousand.
    np.testing.assert_allclose(shares, law, atol=0.02)
    assert shares[1] == 0
