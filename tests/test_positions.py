"""Position weights against their definitions, their limits and the attention layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from ccmc_teach import attention, chain, positions

pytestmark = pytest.mark.filterwarnings("error")
lengths = st.integers(1, 40)


def by_age(length: int, weight: Callable[[int], float]) -> list[float]:
    return [weight(length - 1 - i) for i in range(length)]


# Definitions.


@given(lengths, st.floats(0, 20))
def test_exponential_weights_decay_by_a_factor_a_position(length: int, rate: float) -> None:
    a = positions.weights("exponential", length, rate=rate)
    np.testing.assert_allclose(a, by_age(length, lambda age: math.exp(-rate * age)), rtol=1e-13)


@given(lengths, st.integers(1, 50))
def test_a_window_holds_the_last_positions(length: int, size: Any) -> None:
    a = positions.weights("window", length, size=size)
    assert a.tolist() == by_age(length, lambda age: float(age < size))
    assert a.sum() == min(size, length)


@given(lengths, st.floats(0, 8))
def test_power_weights_fall_with_the_distance_to_the_next_token(
    length: int, exponent: float
) -> None:
    a = positions.weights("power", length, exponent=exponent)
    expected = by_age(length, lambda age: (age + 1) ** -exponent)
    np.testing.assert_allclose(a, expected, rtol=1e-13)


@given(lengths, st.floats(0, 0.99), st.data())
def test_a_sink_holds_its_mass_beside_an_even_rest(
    length: int, mass: float, data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, length))
    a = positions.weights("sink", length, mass=mass, first=first)
    share = a / a.sum()
    even = (1 - mass) / length
    np.testing.assert_allclose(share[:first], even + mass / first, rtol=1e-12)
    np.testing.assert_allclose(share[first:], even, rtol=1e-12)
    assert abs(a.sum() - length) < 1e-11 * length


def test_a_sink_is_the_first_position_unless_told() -> None:
    assert positions.weights("sink", 4, mass=0.5).tolist() == [2.5, 0.5, 0.5, 0.5]
    assert positions.weights("sink", 4, mass=0.5, first=2).tolist() == [1.5, 1.5, 0.5, 0.5]


def test_absolute_weights_read_their_table_from_the_start_of_the_prompt() -> None:
    table = [4.0, 3.0, 2.0, 1.0]
    assert positions.weights("absolute", 4, table=table).tolist() == table
    assert positions.weights("absolute", 2, table=table).tolist() == [4, 3]
    assert positions.weights("absolute", 2, table=[0, 3, 0]).tolist() == [0, 3]


# Limits, in which every kind is the uniform one.


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("uniform", {}),
        ("absolute", {"table": np.ones(9, dtype=int)}),
        ("exponential", {"rate": 0}),
        ("window", {"size": 7}),
        ("window", {"size": np.int64(10**6)}),
        ("power", {"exponent": 0.0}),
        ("sink", {"mass": 0}),
        ("sink", {"mass": np.float32(0.5), "first": 7}),
    ],
)
def test_limits_are_plain_counts(kind: Any, parameters: dict[str, Any]) -> None:
    a = positions.weights(kind, 7, **parameters)
    assert a.dtype == np.float64
    assert a.tolist() == [1.0] * 7


ALL_KINDS = [
    ("uniform", {}),
    ("absolute", {"table": [0.5, 2, 1, 3, 0.25, 1, 4]}),
    ("exponential", {"rate": 0.4}),
    ("window", {"size": 3}),
    ("power", {"exponent": 1.5}),
    ("sink", {"mass": 0.3}),
]


@pytest.mark.parametrize(("kind", "parameters"), ALL_KINDS)
@pytest.mark.parametrize("length", [1, 2, 5, 7])
def test_every_kind_gives_what_counts_needs(
    kind: Any, parameters: dict[str, Any], length: int
) -> None:
    a = positions.weights(kind, length, **parameters)
    assert a.shape == (length,)
    assert np.isfinite(a).all()
    assert (a >= 0).all()
    assert a[-1] > 0
    assert chain.counts([[0] * length], 1, weights=a)[0, 0] == pytest.approx(a.sum(), rel=1e-14)


@pytest.mark.parametrize(
    ("kind", "parameters"), [("exponential", {"rate": 1e300}), ("power", {"exponent": 1e300})]
)
def test_the_steepest_decay_leaves_the_query_alone(kind: Any, parameters: dict[str, Any]) -> None:
    assert positions.weights(kind, 4, **parameters).tolist() == [0, 0, 0, 1]


def test_long_prompts_do_not_overflow() -> None:
    a = positions.weights("exponential", 100_000, rate=0.5)
    assert a[0] == 0
    assert a.sum() == pytest.approx(1 / (1 - math.exp(-0.5)), rel=1e-12)


# The attention layer: scores with a bias of log a give counts weighted by a.

PROMPT = [2, 0, 1, 1, 2, 0, 1]


@pytest.mark.parametrize(("kind", "parameters"), ALL_KINDS)
def test_a_bias_on_the_scores_is_a_weight_on_the_counts(
    kind: Any, parameters: dict[str, Any]
) -> None:
    rng = np.random.default_rng(20)
    E, W = np.eye(3) + rng.uniform(-0.3, 0.3, size=(3, 3)), rng.normal(size=(3, 3))
    a = positions.weights(kind, len(PROMPT), **parameters)
    with np.errstate(divide="ignore"):
        scores = E[PROMPT] @ W @ E[PROMPT[-1]] + np.log(a)
    attended = np.bincount(PROMPT, attention.softmax(scores), minlength=3)
    P, M = attention.transition_matrix(W, E), chain.counts([PROMPT], 3, weights=a)
    law = chain.next_token_law(P, M, PROMPT[-1:])[0]
    np.testing.assert_allclose(law, attended, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("kind", "parameters"), [case for case in ALL_KINDS if case[0] != "window"]
)
def test_position_vectors_in_spare_dimensions_give_any_positive_weights(
    kind: Any, parameters: dict[str, Any]
) -> None:
    """u_i = (log a_i, 1) and a W that reads off log a_i when the query stands last."""
    rng = np.random.default_rng(21)
    a = positions.weights(kind, len(PROMPT), **parameters)
    E = np.hstack([np.eye(3) + rng.uniform(-0.3, 0.3, size=(3, 3)), np.zeros((3, 2))])
    U = np.column_stack([np.zeros((len(a), 3)), np.log(a), np.ones(len(a))])
    W = np.zeros((5, 5))
    W[:3, :3], W[3, 4] = rng.normal(size=(3, 3)), 1
    np.testing.assert_allclose(
        scipy.special.softmax(U @ W @ U[-1]), a / a.sum(), rtol=1e-13, atol=0
    )
    P, M = attention.transition_matrix(W, E), chain.counts([PROMPT], 3, weights=a)
    law = attention.attention_law(PROMPT, W, E, U)
    np.testing.assert_allclose(law, chain.next_token_law(P, M, PROMPT[-1:])[0], rtol=0, atol=1e-12)


def test_a_sink_on_the_prompt_holds_the_shares_at_an_interior_point() -> None:
    """Tastes .4 .35 .25 and a fixed mass of .3 on one of each: shares .540 .321 .140 stay."""
    taste, shares = np.array([0.4, 0.35, 0.25]), np.array([0.53968, 0.32075, 0.13957])
    text = np.concatenate([[0, 1, 2], np.repeat([0, 1, 2], np.rint(shares * 100_000).astype(int))])
    a = positions.weights("sink", len(text), mass=0.3, first=3)
    law = chain.next_token_law(np.tile(taste, (3, 1)), chain.counts([text], 3, weights=a), [2])[0]
    np.testing.assert_allclose(law, shares, atol=5e-5)


def test_the_table_is_copied() -> None:
    table = np.array([1.0, 2.0, 3.0])
    a = positions.weights("absolute", 2, table=table)
    assert not np.shares_memory(a, table)
    a[:] = 9
    assert table.tolist() == [1, 2, 3]


# Bad input: one sentence with the argument, the need and what was given.

NAN = float("nan")

BAD = [
    ("alibi", 3, {}, "one of uniform, absolute, exponential, window, power, sink, got 'alibi'"),
    ("Uniform", 3, {}, "kind must be one of uniform"),
    (None, 3, {}, "kind must be one of uniform, absolute, exponential"),
    (["sink"], 3, {}, "got ['sink']"),
    ("uniform", 0, {}, "length must be a whole number from 1 to 2147483647, got 0"),
    ("uniform", -2, {}, "length must be a whole number"),
    ("uniform", 3.0, {}, "length must be a whole number from 1 to 2147483647, got 3.0"),
    ("uniform", True, {}, "length must be a whole number"),
    ("uniform", [3], {}, "length must be a whole number"),
    ("uniform", 3, {"rate": 1}, "parameters of the kind uniform must be none, got rate"),
    ("exponential", 3, {}, "parameters of the kind exponential must be rate, got none"),
    ("exponential", 3, {"slope": 1}, "parameters of the kind exponential must be rate, got slope"),
    ("exponential", 3, {"rate": 1, "size": 2}, "must be rate, got rate, size"),
    ("exponential", 3, {"rate": -0.1}, "rate must not be negative, got -0.1"),
    ("exponential", 3, {"rate": NAN}, "rate must hold finite numbers, got rate = nan"),
    ("exponential", 3, {"rate": np.inf}, "rate must hold finite numbers, got rate = inf"),
    ("exponential", 3, {"rate": "1"}, "rate must hold real numbers, got '1'"),
    ("exponential", 3, {"rate": True}, "rate must hold real numbers, got True"),
    ("exponential", 3, {"rate": [1, 2, 3]}, "rate must be 0-dimensional, got the shape (3,)"),
    ("power", 3, {}, "parameters of the kind power must be exponent, got none"),
    ("power", 3, {"exponent": -1}, "exponent must not be negative, got -1"),
    ("window", 3, {"size": 0}, "size must be a whole number from 1 to 2147483647, got 0"),
    ("window", 3, {"size": 2.0}, "size must be a whole number"),
    ("window", 3, {}, "parameters of the kind window must be size, got none"),
    ("absolute", 3, {}, "parameters of the kind absolute must be table, got none"),
    (
        "absolute",
        3,
        {"table": [1, 2]},
        "table must hold a weight for each of the 3 positions, got 2",
    ),
    ("absolute", 2, {"table": [1, -1]}, "table must not hold negative weights"),
    ("absolute", 2, {"table": [1, 1, -1]}, "got -1.0 as the smallest weight and 1.0 as the last"),
    ("absolute", 2, {"table": [1, 0, 1]}, "must be positive at the last position, got 0.0"),
    ("absolute", 2, {"table": [1, NAN]}, "table must hold finite numbers, got table[1] = nan"),
    ("absolute", 2, {"table": [[1, 1]]}, "table must be 1-dimensional"),
    ("absolute", 1, {"table": 1.0}, "table must be 1-dimensional"),
    ("sink", 3, {}, "parameters of the kind sink must be mass and first (optional), got none"),
    ("sink", 3, {"first": 1}, "must be mass and first (optional), got first"),
    ("sink", 3, {"mass": 1}, "mass must be smaller than 1, got 1"),
    ("sink", 3, {"mass": -0.2}, "mass must not be negative, got -0.2"),
    ("sink", 3, {"mass": 0.5, "first": 4}, "first must be a whole number from 1 to 3, got 4"),
    ("sink", 3, {"mass": 0.5, "first": 0}, "first must be a whole number from 1 to 3, got 0"),
]


@pytest.mark.parametrize(("kind", "length", "parameters", "words"), BAD)
def test_bad_input_is_refused(
    kind: Any, length: int, parameters: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
        positions.weights(kind, length, **parameters)
    assert words in str(refusal.value)
