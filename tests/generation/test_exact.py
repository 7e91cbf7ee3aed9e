"""The exact law against exact fractions, the attention layer, urns and the other rooms."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from ccmc_teach import attention, decoding
from ccmc_teach.generation import exact_law, exact_laws
from generation.oracle import (
    HOLES,
    SMALL,
    Array,
    law_by_attention,
    law_by_definition,
    law_in_fractions,
    summed,
)

pytestmark = pytest.mark.filterwarnings("error")

RULES = [
    decoding.rules(temperature=1.6),
    decoding.rules(top_k=2),
    decoding.rules(frequency_penalty=0.3, nucleus=0.8),
    decoding.rules(presence_penalty=1.5, temperature=0.5),
]


@pytest.mark.parametrize("K", [1, 2, 3, 4])
def test_the_law_is_that_of_all_texts_in_exact_fractions(K: int) -> None:
    rng = np.random.default_rng(30 + K)
    weights = rng.integers(1, 9, size=(K, K)).tolist()
    P = [[Fraction(entry, sum(row)) for entry in row] for row in weights]
    T = {1: 4, 2: 7, 3: 5, 4: 4}[K]
    prompt = [*range(K), *rng.integers(K, size=2).tolist()]
    expected = summed(law_in_fractions(P, prompt, T), K, T, prompt)
    law = exact_law(np.array(P, dtype=float), prompt, T)
    assert law.shape == (T + 1,) * (K - 1) + (K,)
    assert law.dtype == np.float64
    np.testing.assert_allclose(law, expected, rtol=1e-13, atol=0)


@pytest.mark.parametrize("prompt", [[0, 1, 2], [2, 1, 1, 0], [0, 0, 1, 2, 2]])
def test_the_law_is_that_of_texts_written_by_the_attention_layer(prompt: list[int]) -> None:
    rng = np.random.default_rng(31)
    E, W = np.eye(3, 5) + rng.uniform(-0.3, 0.3, size=(3, 5)), rng.normal(size=(5, 5))
    law = exact_law(attention.transition_matrix(W, E), prompt, 5)
    expected = summed(law_by_attention(W, E, prompt, 5), 3, 5, prompt)
    np.testing.assert_allclose(law, expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("P", [SMALL, HOLES])
@pytest.mark.parametrize("prompt", [[0, 1, 2], [1, 1, 2], [2, 1], [1]])
def test_tokens_that_the_prompt_lacks_never_come(P: Array, prompt: list[int]) -> None:
    law = exact_law(P, prompt, 5)
    expected = summed(law_by_definition(P, prompt, 5), 3, 5, prompt)
    np.testing.assert_allclose(law, expected, rtol=0, atol=1e-15)
    assert law.shape == (6, 6, 3)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("prompt", [[0, 1, 2], [2, 2, 1]])
def test_rules_act_on_every_law(rule: decoding.Rule, prompt: list[int]) -> None:
    expected = summed(law_by_definition(SMALL, prompt, 5, rule=rule), 3, 5, prompt)
    law = exact_law(SMALL, prompt, 5, rules=rule)
    np.testing.assert_allclose(law, expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("rule", [None, RULES[0]])
@pytest.mark.parametrize("parameters", [{"mass": 0.35}, {"mass": 0.6, "first": 3}, {"mass": 0}])
def test_a_sink_keeps_its_share(rule: decoding.Rule | None, parameters: dict[str, Any]) -> None:
    prompt = [1, 0, 2, 0]
    expected = law_by_definition(SMALL, prompt, 5, "sink", parameters, rule)
    law = exact_law(SMALL, prompt, 5, positions="sink", rules=rule, **parameters)
    np.testing.assert_allclose(law, summed(expected, 3, 5, prompt), rtol=0, atol=1e-14)


@given(st.lists(st.integers(0, 1), min_size=1, max_size=6), st.integers(0, 40))
def test_two_equal_tastes_are_a_polya_urn(prompt: list[int], T: int) -> None:
    law = exact_law([[0.5, 0.5], [0.5, 0.5]], prompt, T).sum(axis=-1)
    zeros, ones = prompt.count(0), prompt.count(1)
    if zeros and ones:
        expected = scipy.stats.betabinom.pmf(np.arange(T + 1), T, ones, zeros)
        np.testing.assert_allclose(law, expected, rtol=1e-10)
    else:
        assert law[T if ones else 0] == 1


def test_three_equal_tastes_are_a_polya_urn_too() -> None:
    law = exact_law(np.full((3, 3), 1 / 3), [0, 1, 1, 2], 12).sum(axis=-1)
    for a, b in np.ndindex(13, 13):
        if a + b <= 12:
            urn = scipy.stats.dirichlet_multinomial(np.array([1, 2, 1]), 12)
            assert law[a, b] == pytest.approx(urn.pmf(np.array([12 - a - b, a, b])), rel=1e-10)
        else:
            assert law[a, b] == 0


def test_an_urn_of_equal_rows_has_the_growth_of_two_yule_processes() -> None:
    """Two tokens with tastes .8 and .2: the mean share of the weak one falls like t**-.75."""
    shares = []
    times = [500, 2000]
    for t, law in zip(times, exact_laws([[0.8, 0.2]] * 2, [0, 1], times), strict=True):
        shares.append((1 + law.sum(axis=1) @ np.arange(t + 1)) / (t + 2))
    slope = np.log(shares[1] / shares[0]) / np.log(times[1] / times[0])
    assert slope == pytest.approx(-0.75, abs=0.02)


@pytest.mark.parametrize(("last", "chance"), [(0, 0.625), (1, 0.375)])
def test_the_prompt_decides_between_two_winners(last: int, chance: float) -> None:
    law = exact_law([[0.7, 0.3], [0.3, 0.7]], [1 - last, last], 600).sum(axis=1)
    assert law[:301].sum() == pytest.approx(chance, abs=2e-3)


def test_the_laws_at_several_times_are_those_of_each_alone() -> None:
    times = [0, 1, 4, 9]
    laws = list(exact_laws(SMALL, [0, 1, 2], times))
    for t, law in zip(times, laws, strict=True):
        assert law.shape == (t + 1, t + 1, 3)
        assert (law == exact_law(SMALL, [0, 1, 2], t)).all()
    laws[0][:] = 7
    assert laws[1].sum() == pytest.approx(1)


def test_a_law_that_was_changed_does_not_change_the_next() -> None:
    laws = exact_laws(SMALL, [0, 1, 2], [3, 4])
    next(laws)[:] = 0
    assert next(laws).sum() == pytest.approx(1)


@given(st.integers(0, 60), st.integers(0, 2))
def test_the_law_adds_up_to_one(T: int, last: int) -> None:
    assert exact_law(SMALL, [0, 1, 2, last], min(T, 25)).sum() == pytest.approx(1, abs=1e-12)


def test_only_ratios_inside_a_row_matter_and_arrays_stay() -> None:
    P, prompt = SMALL.copy(), np.array([0, 1, 2])
    exact_law(P, prompt, 6)
    assert (SMALL == P).all()
    assert prompt.tolist() == [0, 1, 2]


BAD: list[tuple[Any, Any, Any, dict[str, Any], str]] = [
    (np.full((5, 5), 0.2), [0], 3, {}, "P must have at most 4 tokens for an exact law, got 5"),
    ([[0.5, 0.6], [0.5, 0.5]], [0], 3, {}, "every row of P must sum to 1"),
    (SMALL, [0, 3], 3, {}, "prompt must hold tokens from 0 to 2"),
    (SMALL, [], 3, {}, "prompt must hold at least one token"),
    (SMALL, [0], -1, {}, "T must be a whole number from 0"),
    (SMALL, [0], 2.0, {}, "T must be a whole number from 0"),
    (SMALL, [0], 5000, {}, "got 5000, which for 3 tokens takes 3.0 GB"),
    (np.full((4, 4), 0.25), [0], 10**6, {}, "for 4 tokens takes 1"),
    (SMALL, [0], 3, {"rules": "cold"}, "rules must be None or made by ccmc_teach.decoding.rules"),
    (SMALL, [0], 3, {"positions": "window", "size": 2}, "depends on the order of the tokens"),
    (SMALL, [0], 3, {"positions": "power", "exponent": 1}, "got power, with which the law"),
    (SMALL, [0], 3, {"positions": "exponential", "rate": 1}, "must be uniform or sink"),
    (SMALL, [0], 3, {"positions": "absolute", "table": np.ones(9)}, "must be uniform or sink"),
    (SMALL, [0], 3, {"positions": "alibi"}, "kind must be one of uniform"),
    (SMALL, [0], 3, {"positions": "sink", "mass": 1}, "mass must be smaller than 1"),
    (SMALL, [0], 3, {"positions": "sink", "mass": 0.1, "first": 2}, "first must be a whole number"),
    (HOLES, [0], 3, {}, "the text stops at length 1, prompt included: row 0 of P gives"),
]


@pytest.mark.parametrize(("P", "prompt", "T", "options", "words"), BAD)
def test_bad_input_is_refused(
    P: Any, prompt: Any, T: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
        exact_law(P, prompt, T, **options)
    assert words in str(refusal.value)


def test_a_dead_end_is_found_when_it_is_reached() -> None:
    """Token 2 attends to token 1 alone, so without one it cannot go on."""
    P = [[0.5, 0.0, 0.5], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]
    assert exact_law(P, [2, 0], 0).sum() == 1
    with pytest.raises(ValueError, match=r"at length 3, prompt included: row 2 of P"):
        exact_law(P, [2, 0], 2)


def test_arguments_are_checked_before_the_first_law_is_asked_for() -> None:
    with pytest.raises(ValueError, match="times must increase, got times"):
        exact_laws(SMALL, [0], [3, 3])
    with pytest.raises(ValueError, match="times must be a sequence"):
        exact_laws(SMALL, [0], [])
