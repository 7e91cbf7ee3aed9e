"""The answers by another road, and the comparisons with them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import kstest

from benchmarks import truths
from benchmarks.cases.problems import base_matrix, data_set, prompt_of
from ccmc_teach import attention

P = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8], [0.6, 0.3, 0.1]])
PROMPT = np.array([0, 1, 2, 2, 1])


def test_a_continuation_has_the_probability_that_the_layer_gives_it() -> None:
    E = np.eye(3)
    W = attention.key_query_matrix(P, E)
    law = truths.path_laws(P, PROMPT, T=3)
    for path in itertools.product(range(3), repeat=3):
        text, probability = list(PROMPT), 1.0
        for token in path:
            probability *= attention.attention_law(text, W, E)[token]
            text.append(token)
        np.testing.assert_allclose(law[path], probability, rtol=1e-12)
    np.testing.assert_allclose(law.sum(), 1.0, rtol=1e-12)


def test_a_walk_of_an_ordinary_chain_forgets_the_counts() -> None:
    law = truths.chain_laws(P, first=1, T=3)
    assert law[2, 0, 1] == pytest.approx(P[1, 2] * P[2, 0] * P[0, 1], rel=1e-12)
    np.testing.assert_allclose(law.sum(axis=(0, 1)), P[1] @ P @ P, rtol=1e-12)


def test_the_law_of_two_tokens_adds_up_the_continuations() -> None:
    two = np.array([[0.7, 0.3], [0.4, 0.6]])
    prompt, T = np.array([0, 0, 1]), 6
    law = truths.two_token_law(two, prompt, T)
    paths = truths.path_laws(two, prompt, T)
    expected = np.zeros((T + 1, 2))
    for path in itertools.product(range(2), repeat=T):
        expected[sum(path), path[-1]] += paths[path]
    np.testing.assert_allclose(law, expected, atol=1e-14)


def test_equal_rows_give_an_urn() -> None:
    # With both rows (1/2, 1/2) and one token of each kind every share is equally likely.
    law = truths.two_token_law(np.full((2, 2), 0.5), np.array([0, 1]), T=9)
    np.testing.assert_allclose(law.sum(axis=1), 1 / 10, rtol=1e-12)


# Comparisons ---------------------------------------------------------------------------------


def test_p_values_of_a_right_sampler_are_uniform() -> None:
    # Fails by chance once in a thousand seeds.
    rng = np.random.default_rng(8)
    law = np.array([0.3, 0.3, 0.25, 0.1, 0.05])
    values = [truths.counted(rng.multinomial(400, law), law).value for _ in range(400)]
    assert kstest(values, "uniform").pvalue > 1e-3


def test_a_sampler_that_is_a_little_off_is_refused() -> None:
    rng = np.random.default_rng(9)
    law, other = np.array([0.5, 0.3, 0.2]), np.array([0.45, 0.35, 0.2])
    assert truths.counted(rng.multinomial(5000, law), law).holds
    assert not truths.counted(rng.multinomial(5000, other), law).holds


def test_what_cannot_happen_is_refused() -> None:
    assert truths.counted(np.array([99.0, 1.0]), np.array([1.0, 0.0])).value == 0.0
    assert truths.counted(np.array([100.0, 0.0]), np.array([1.0, 0.0])).holds


def test_rare_cells_are_pooled() -> None:
    # One hundred cells of which one is expected each: a single one that comes three times is
    # no surprise, but would be to a statistic that looks at every cell.
    seen, law = np.ones(100), np.full(100, 0.01)
    seen[:2] = [3, 0]
    seen[2] = 0
    assert truths.counted(seen, law).value > 0.9


def test_draws_are_counted_where_they_fall() -> None:
    law = np.array([[0.0, 1.0], [0.0, 0.0]])
    assert truths.sampled(lambda: np.array([0, 1]), law, times=20).holds
    assert not truths.sampled(lambda: np.array([1, 0]), law, times=20).holds


def test_the_largest_difference_is_found() -> None:
    found = truths.distance(np.array([1.0, 2.0]), np.array([1.5, -1.0]), bound=2.0)
    assert (found.value, found.holds) == (3.0, False)


def test_distribution_functions_are_compared() -> None:
    law = np.array([0.25, 0.25, 0.25, 0.25])
    found = truths.furthest_distribution(np.array([50.0, 20.0, 20.0, 10.0]), law)
    assert found.value == pytest.approx(0.25)
    assert found.bound == pytest.approx(np.sqrt(np.log(2e6) / 200))


# The maximum of the likelihood, and paths ----------------------------------------------------


def test_the_maximum_is_that_of_a_minimiser_without_gradient() -> None:
    data = data_set(n=300, K=3, L=6)
    found = truths.largest_likelihood(data.M, data.q, data.y)
    for k in range(3):
        M, y = data.M[data.q == k], data.y[data.q == k]

        def loss(free: np.ndarray, M: np.ndarray = M, y: np.ndarray = y) -> float:
            scores = np.log(np.where(M > 0, M, 1)) + np.append(0.0, free)
            scores = np.where(M > 0, scores, -np.inf)
            return float((np.logaddexp.reduce(scores, axis=1) - scores[range(len(y)), y]).sum())

        best = minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-9})
        weights = np.exp(np.append(0.0, best.x))
        np.testing.assert_allclose(found[k], weights / weights.sum(), atol=1e-5)


def test_at_the_maximum_chosen_and_expected_numbers_agree() -> None:
    data = data_set(n=4000, K=8, L=20)
    found = truths.largest_likelihood(data.M, data.q, data.y)
    p = data.M * found[data.q]
    p /= p.sum(axis=1, keepdims=True)
    for k in range(8):
        chosen = np.bincount(data.y[data.q == k], minlength=8)
        np.testing.assert_allclose(p[data.q == k].sum(axis=0), chosen, atol=1e-9)


@given(st.integers(0, 2**16 - 1))
def test_paths_are_those_of_the_powers_of_the_graph(bits: int) -> None:
    graph = np.array([bool(bits >> place & 1) for place in range(16)]).reshape(4, 4)
    steps = np.linalg.matrix_power(np.eye(4, dtype=np.int64) + graph, 4)
    assert truths.have_paths_everywhere(graph[np.newaxis])[0] == (steps > 0).all()


# The problems --------------------------------------------------------------------------------


def test_a_prompt_holds_every_token_equally_often() -> None:
    assert np.bincount(prompt_of(8, 10_000)).tolist() == [1250] * 8


def test_prompts_end_in_their_query_and_their_next_token_stands_in_them() -> None:
    data = data_set(n=500, K=6, L=5)
    assert (data.M.sum(axis=1) == 5).all()
    assert (data.M[np.arange(500), data.q] > 0).all()
    assert (data.M[np.arange(500), data.y] > 0).all()


def test_next_tokens_follow_the_law() -> None:
    # Fails by chance once in a thousand seeds.
    data = data_set(n=40_000, K=3, L=4)
    law = data.M * base_matrix(3, 0.4, seed=2)[data.q]
    law /= law.sum(axis=1, keepdims=True)
    chosen = np.eye(3)[data.y]
    z = (chosen - law).sum(axis=0) / np.sqrt((law * (1 - law)).sum(axis=0))
    assert np.abs(z).max() < 3.6


def test_crowded_queries_get_half_of_the_prompts_more() -> None:
    data = data_set(n=10_000, K=50, L=3, crowded=5)
    share = (data.q < 5).mean()
    assert 0.5 < share < 0.6
