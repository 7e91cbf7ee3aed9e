"""Decoding rules against their definitions, exact fractions and the attention layer."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ccmc_teach import attention, chain, decoding

pytestmark = pytest.mark.filterwarnings("error")
Array = NDArray[np.float64]

LAW = np.array([0.1, 0.4, 0.0, 0.2, 0.3])
COUNTS = np.array([3.0, 0.0, 2.0, 7.0, 1.0])
EVERY_RULE: list[tuple[str, Any]] = [
    ("temperature", 1.7),
    ("temperature", 0.3),
    ("top_k", 2),
    ("nucleus", 0.65),
    ("presence_penalty", 0.8),
    ("presence_penalty", -0.5),
    ("frequency_penalty", 0.2),
    ("frequency_penalty", -0.1),
]


@st.composite
def laws_with_counts(draw: st.DrawFn) -> tuple[Array, Array]:
    """Return a law with some zeros, and counts."""
    K = draw(st.integers(1, 6))
    odds = draw(st.lists(st.integers(0, 9), min_size=K, max_size=K).filter(any))
    m = draw(st.lists(st.integers(0, 40), min_size=K, max_size=K))
    return np.array(odds) / sum(odds), np.array(m, dtype=np.float64)


def normalised(odds: Any) -> list[float]:
    exact = [Fraction(entry) for entry in odds]
    return [float(entry / sum(exact)) for entry in exact]


# Definitions, in exact fractions where powers are whole.


def test_a_temperature_takes_a_root_of_the_law() -> None:
    law = [Fraction(n, 30) for n in (1, 4, 9, 16)]
    np.testing.assert_allclose(
        decoding.temperature([float(p) for p in law], tau=2), normalised([1, 2, 3, 4]), rtol=1e-14
    )
    np.testing.assert_allclose(
        decoding.temperature([0.1, 0.2, 0.7], tau=0.5), normalised([1, 4, 49]), rtol=1e-14
    )


def test_an_attention_temperature_takes_a_power_of_the_base_row_by_row() -> None:
    P = [[0.1, 0.2, 0.7], [0.0, 0.75, 0.25], [0.5, 0.5, 0.0]]
    expected = [normalised([1, 4, 49]), normalised([0, 9, 1]), normalised([1, 1, 0])]
    np.testing.assert_allclose(decoding.attention_temperature(P, beta=2), expected, rtol=1e-14)


def test_an_attention_temperature_multiplies_the_scores_of_the_layer() -> None:
    rng = np.random.default_rng(10)
    E, W = rng.normal(size=(4, 6)), rng.normal(size=(6, 6))
    P = attention.transition_matrix(W, E)
    for beta in (0.25, 1.0, 3.0):
        np.testing.assert_allclose(
            decoding.attention_temperature(P, beta),
            attention.transition_matrix(beta * W, E),
            rtol=1e-12,
        )


def test_the_two_temperatures_differ_in_the_counts() -> None:
    """Attention: P**2 * m; output at one half: (P * m)**2."""
    P, m = np.array([[0.5, 0.5], [0.5, 0.5]]), [[3, 1]]
    by_attention = chain.next_token_law(decoding.attention_temperature(P, 2), m, [0])
    by_output = decoding.temperature(chain.next_token_law(P, m, [0]), 0.5)
    np.testing.assert_allclose(by_attention, [[0.75, 0.25]], rtol=1e-14)
    np.testing.assert_allclose(by_output, [[0.9, 0.1]], rtol=1e-14)


def test_top_k_keeps_the_most_probable_tokens() -> None:
    assert decoding.top_k(LAW, 1).tolist() == [0, 1, 0, 0, 0]
    np.testing.assert_allclose(decoding.top_k(LAW, 2), [0, 4 / 7, 0, 0, 3 / 7], rtol=1e-15)
    np.testing.assert_allclose(decoding.top_k(LAW, 4), LAW, rtol=1e-15)
    np.testing.assert_allclose(decoding.top_k(LAW, 99), LAW, rtol=1e-15)


@pytest.mark.parametrize(
    ("mass", "kept"),
    [
        (1e-300, [1]),
        (0.39, [1]),
        (0.4, [1]),
        (0.41, [1, 4]),
        (0.7, [1, 4]),
        (0.71, [1, 3, 4]),
        (0.9, [1, 3, 4]),
        (0.91, [0, 1, 3, 4]),
        (1.0, [0, 1, 3, 4]),
    ],
)
def test_the_nucleus_is_the_smallest_set_that_holds_the_mass(mass: float, kept: list[int]) -> None:
    truncated = decoding.nucleus(LAW, mass)
    assert np.flatnonzero(truncated).tolist() == kept
    np.testing.assert_allclose(truncated[kept], LAW[kept] / LAW[kept].sum(), rtol=1e-14)


def test_a_mass_in_decimals_is_reached_by_decimals() -> None:
    """Eight tenths, added one by one, fall short of .8 in float64."""
    tenths = np.full(10, 0.1)
    assert tenths[:8].cumsum()[-1] < 0.8
    assert np.count_nonzero(decoding.nucleus(tenths, 0.8)) == 8


def test_a_mass_of_one_keeps_the_rarest_token() -> None:
    law = np.array([1 - 1e-18, 1e-18])
    assert decoding.nucleus(law, 1.0).tolist() == law.tolist()
    assert decoding.nucleus(law, 1 - 1e-9)[1] == 0


def test_ties_go_to_the_lower_token() -> None:
    law = [0.25, 0.25, 0.25, 0.25]
    assert decoding.top_k(law, 2).tolist() == [0.5, 0.5, 0, 0]
    assert decoding.nucleus(law, 0.3).tolist() == [0.5, 0.5, 0, 0]


def test_a_presence_penalty_counts_a_token_once() -> None:
    law = decoding.presence_penalty([0.25, 0.5, 0.25], [9, 1, 0], strength=np.log(2))
    np.testing.assert_allclose(law, normalised([1, 2, 2]), rtol=1e-14)


def test_a_presence_penalty_does_nothing_once_every_token_is_there() -> None:
    law = decoding.presence_penalty([0.2, 0.5, 0.3], [9, 1, 4], strength=2.5)
    np.testing.assert_allclose(law, [0.2, 0.5, 0.3], rtol=1e-14)


def test_a_frequency_penalty_counts_every_time() -> None:
    law = decoding.frequency_penalty([0.25, 0.5, 0.25], [3, 1, 0], strength=np.log(2))
    np.testing.assert_allclose(law, normalised([1, 8, 8]), rtol=1e-14)
    rewarded = decoding.frequency_penalty([0.25, 0.5, 0.25], [3, 1, 0], strength=-np.log(2))
    np.testing.assert_allclose(rewarded, normalised([8, 4, 1]), rtol=1e-14)


def test_a_frequency_penalty_sees_differences_of_huge_counts() -> None:
    """At counts near 2**53 a product of strength and count has lost all decimals."""
    m = np.array([2.0**53 - 4, 2.0**53 - 1])
    law = decoding.frequency_penalty([0.5, 0.5], m, strength=np.log(2) / 3)
    np.testing.assert_allclose(law, [2 / 3, 1 / 3], rtol=1e-13)


# What every rule keeps.


@pytest.mark.parametrize(("name", "value"), EVERY_RULE)
@given(case=laws_with_counts())
def test_every_rule_gives_laws_and_keeps_zeros(
    name: str, value: Any, case: tuple[Array, Array]
) -> None:
    law, m = case
    ruled = decoding.rules(**{name: value})(law, m)
    assert ruled.shape == law.shape
    assert abs(ruled.sum() - 1) < 1e-12
    assert (ruled >= 0).all()
    assert (ruled[law == 0] == 0).all()


@pytest.mark.parametrize(("name", "value"), EVERY_RULE)
def test_a_batch_is_every_law_by_itself(name: str, value: Any) -> None:
    rng = np.random.default_rng(11)
    laws = rng.dirichlet(np.ones(5), size=(3, 2))
    m = rng.integers(0, 9, size=(3, 2, 5))
    rule = decoding.rules(**{name: value})
    batch = rule(laws, m)
    for place in np.ndindex(3, 2):
        np.testing.assert_allclose(batch[place], rule(laws[place], m[place]), rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 5e-324),
        ("temperature", 1e300),
        ("presence_penalty", 1e308),
        ("presence_penalty", -1e308),
        ("frequency_penalty", 1e308),
        ("frequency_penalty", -1e308),
        ("frequency_penalty", 0),
    ],
)
def test_the_most_extreme_values_still_give_laws(name: str, value: float) -> None:
    for law in (LAW, np.array([1e-300, 0.0, 0.5, 0.5, 1e-310]), np.array([0, 1.0, 0, 0, 0])):
        ruled = decoding.rules(**{name: value})(law, COUNTS)
        assert abs(ruled.sum() - 1) < 1e-12
        assert ((ruled > 0) <= (law > 0)).all()


def test_the_coldest_temperature_takes_the_most_probable_token() -> None:
    assert decoding.temperature(LAW, 5e-324).tolist() == [0, 1, 0, 0, 0]
    assert decoding.temperature([0.4, 0.4, 0.2], 1e-300).tolist() == [0.5, 0.5, 0]
    np.testing.assert_allclose(decoding.temperature(LAW, 1e300)[LAW > 0], 0.25, rtol=1e-12)
    assert decoding.attention_temperature([[0.4, 0.6], [1.0, 0.0]], 1e308).tolist() == [
        [0, 1],
        [1, 0],
    ]


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": 1},
        {"top_k": 5},
        {"nucleus": 1},
        {"presence_penalty": 0},
        {"frequency_penalty": 0},
        {},
    ],
)
def test_neutral_values_change_nothing(settings: dict[str, Any]) -> None:
    np.testing.assert_allclose(decoding.rules(**settings)(LAW, COUNTS), LAW, rtol=1e-15)


# Rules composed by name.


def test_rules_are_applied_in_the_order_written() -> None:
    def by_hand(law: Array) -> Array:
        law = decoding.frequency_penalty(law, COUNTS, 0.1)
        law = decoding.temperature(law, 1.3)
        return decoding.nucleus(law, 0.8)

    rule = decoding.rules(frequency_penalty=0.1, temperature=1.3, nucleus=0.8)
    np.testing.assert_allclose(rule(LAW, COUNTS), by_hand(LAW), rtol=1e-15)
    other = decoding.rules(nucleus=0.8, temperature=1.3, frequency_penalty=0.1)
    assert abs(other(LAW, COUNTS) - by_hand(LAW)).max() > 0.01


@pytest.mark.parametrize(
    ("name", "value", "function"),
    [
        ("temperature", 1.7, lambda law, m, value: decoding.temperature(law, value)),
        ("top_k", 2, lambda law, m, value: decoding.top_k(law, value)),
        ("nucleus", 0.65, lambda law, m, value: decoding.nucleus(law, value)),
        ("presence_penalty", 0.8, decoding.presence_penalty),
        ("frequency_penalty", 0.2, decoding.frequency_penalty),
    ],
)
def test_a_rule_of_one_name_is_the_function_of_that_name(
    name: str, value: Any, function: Callable[..., Array]
) -> None:
    rule = decoding.rules(**{name: value})
    assert rule(LAW, COUNTS).tolist() == function(LAW, COUNTS, value).tolist()
    assert rule.apply(LAW, COUNTS).tolist() == function(LAW, COUNTS, value).tolist()


def test_a_rule_can_be_read_compared_and_sent() -> None:
    rule = decoding.rules(frequency_penalty=0.5, top_k=3)
    assert repr(rule) == "rules(frequency_penalty=0.5, top_k=3)"
    assert repr(decoding.rules(temperature=np.float32(0.5))) == "rules(temperature=0.5)"
    assert eval(repr(rule), {"rules": decoding.rules}) == rule
    assert pickle.loads(pickle.dumps(rule)) == rule
    assert rule != decoding.rules(top_k=3, frequency_penalty=0.5)
    with pytest.raises(AttributeError):
        rule.settings = ()  # type: ignore[misc]


def test_the_arrays_of_the_caller_stay_as_they_are() -> None:
    law, m = LAW.copy(), COUNTS.copy()
    for name, value in EVERY_RULE:
        ruled = decoding.rules(**{name: value})(law, m)
        assert not np.shares_memory(ruled, law)
    everything = decoding.rules()(law, m)
    everything[:] = 9
    assert decoding.nucleus(law, 1.0) is not law
    assert law.tolist() == LAW.tolist()
    assert m.tolist() == COUNTS.tolist()


# Bad input.

NAN = float("nan")
BAD_RULES: list[tuple[dict[str, Any], str]] = [
    (
        {"beam": 3},
        "rules must be named temperature, top_k, nucleus, presence_penalty, frequency_penalty, "
        "got beam",
    ),
    ({"temperature": 1, "tau": 2}, "got tau"),
    ({"temperature": 0}, "temperature must be positive, got 0"),
    ({"temperature": -1.5}, "temperature must be positive, got -1.5"),
    ({"temperature": NAN}, "temperature must hold finite numbers"),
    ({"temperature": None}, "temperature must hold real numbers, got None"),
    ({"temperature": [1, 2]}, "temperature must be 0-dimensional"),
    ({"temperature": True}, "temperature must hold real numbers, got True"),
    ({"top_k": 0}, "top_k must be a whole number from 1"),
    ({"top_k": 2.0}, "top_k must be a whole number"),
    ({"nucleus": 0}, "mass must lie above 0 and not above 1, got 0"),
    ({"nucleus": 1.01}, "mass must lie above 0 and not above 1, got 1.01"),
    ({"nucleus": NAN}, "mass must hold finite numbers"),
    ({"presence_penalty": np.inf}, "strength must hold finite numbers"),
    ({"frequency_penalty": "1"}, "strength must hold real numbers, got '1'"),
]
BAD_LAWS: list[tuple[Any, str]] = [
    (1.0, "law must hold a probability for every token along its last axis, got the shape ()"),
    ([], "law must hold a probability for every token along its last axis, got the shape (0,)"),
    ([0.5, 0.6], "law must sum to 1 along its last axis, got the sum 1.1"),
    ([[0.5, 0.5], [0.0, 0.0]], "law must sum to 1 along its last axis, got the sum 0.0"),
    ([1.5, -0.5], "law must not hold negative probabilities, got -0.5"),
    ([NAN, 1], "law must hold finite numbers, got law[0] = nan"),
    ([1e308, 1e308], "law must sum to 1"),
]


@pytest.mark.parametrize(("settings", "words"), BAD_RULES)
def test_bad_rules_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
        decoding.rules(**settings)
    assert words in str(refusal.value)


@pytest.mark.parametrize(("law", "words"), BAD_LAWS)
def test_bad_laws_are_refused(law: Any, words: str) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: decoding.temperature(law, 1),
        lambda: decoding.top_k(law, 1),
        lambda: decoding.nucleus(law, 0.5),
        lambda: decoding.presence_penalty(law, law, 1),
        lambda: decoding.frequency_penalty(law, law, 1),
        lambda: decoding.rules(temperature=1)(law, law),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
            call()
        assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("m", "words"),
    [
        ([1, 2], "m must hold a count for every entry of law, so the shape (5,), got (2,)"),
        ([[1, 2, 3, 4, 5]], "so the shape (5,), got (1, 5)"),
        ([1, 2, 3, 4, -5], "m must not hold negative counts, got -5"),
        ([1, 2, 3, 4, NAN], "m must hold finite numbers, got m[4] = nan"),
    ],
)
def test_bad_counts_are_refused(m: Any, words: str) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: decoding.presence_penalty(LAW, m, 1),
        lambda: decoding.frequency_penalty(LAW, m, 1),
        lambda: decoding.rules(temperature=1)(LAW, m),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
            call()
        assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("P", "beta", "words"),
    [
        ([[0.5, 0.6], [0.5, 0.5]], 1, "every row of P must sum to 1"),
        ([[1.0]], 0, "beta must be positive, got 0"),
        ([[1.0]], -2, "beta must be positive, got -2"),
        ([[1.0]], np.inf, "beta must hold finite numbers"),
    ],
)
def test_bad_attention_temperatures_are_refused(P: Any, beta: Any, words: str) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
        decoding.attention_temperature(P, beta)
    assert words in str(refusal.value)
