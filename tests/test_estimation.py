"""The estimation room against choix, scipy, closed forms, finite differences and simulated data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError
from fractions import Fraction
from itertools import product
from math import log
from typing import Any

import choix
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize, root
from scipy.sparse.csgraph import connected_components
from scipy.stats import binom, chi2, kstest, power_divergence

from ccmc_teach import attention, chain, coverage, estimation
from ccmc_teach.estimation import likelihood, precision, ranking

pytestmark = pytest.mark.filterwarnings("error")
Array = NDArray[np.float64]
Tokens = NDArray[np.int64]
Data = tuple[Array, Tokens, Tokens]

SEEDS = st.integers(0, 2**32 - 1)
SMALL = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [0.25, 0.25, 0.5]])


def teacher(rng: np.random.Generator, K: int, spread: float = 1.0) -> Array:
    odds = np.exp(spread * rng.normal(size=(K, K)))
    P: Array = odds / odds.sum(axis=1, keepdims=True)
    return P


def next_tokens(rng: np.random.Generator, P: Array, M: Array, q: Tokens) -> Tokens:
    law = chain.next_token_law(P, M, q).cumsum(axis=1)
    law[:, -1] = 1
    chosen: Tokens = (law < rng.random((len(q), 1))).sum(axis=1)
    return chosen


def lesson(rng: np.random.Generator, P: Array, n: int, L: int = 6) -> Data:
    """Return the counts and queries of random prompts, and what the teacher says next."""
    prompts = rng.integers(len(P), size=(n, L))
    M, q = chain.counts(prompts, len(P)), prompts[:, -1]
    return M, q, next_tokens(rng, P, M, q)


def messy(seed: int, largest_K: int = 5) -> Data:
    """Return short prompts, some tokens rare, weighted at random, with next tokens at random."""
    rng = np.random.default_rng(seed)
    K, n = int(rng.integers(2, largest_K + 1)), int(rng.integers(4, 60))
    likely = rng.dirichlet(np.full(K, 0.7))
    prompts = [rng.choice(K, size=rng.integers(1, 6), p=likely) for _ in range(n)]
    M = chain.counts(prompts, K) * 10.0 ** rng.uniform(-2, 2, size=(n, K))
    q = np.array([prompt[-1] for prompt in prompts])
    return M, q, np.array([rng.choice(prompt) for prompt in prompts])


def score(P: Array, data: Data, alpha: float = 0.0) -> Array:
    """Return observed less expected choices, [query, token], the prior as imagined prompts."""
    M, q, y = data
    K = len(P)
    observed = np.bincount(q * K + y, minlength=K * K).reshape(K, K) + alpha
    expected = alpha * K * P
    np.add.at(expected, q, chain.next_token_law(P, M, q))
    gap: Array = observed - expected
    return gap


# The likelihood.


def test_the_likelihood_is_the_product_of_what_happened() -> None:
    P: Any = [[Fraction(1, 5), Fraction(4, 5)], [Fraction(2, 3), Fraction(1, 3)]]
    M, q, y = [[3, 1], [1, 2], [0, 4]], [0, 1, 1], [1, 0, 1]
    # 4/5 : 3/5, then 2/3 : 2/3, then nothing but token 1.
    expected = log(Fraction(4, 7)) + log(Fraction(1, 2)) + log(1)
    assert abs(estimation.log_likelihood(P, M, q, y) - expected) < 1e-15


def test_what_the_matrix_rules_out_has_no_likelihood() -> None:
    P = [[0.0, 1.0], [0.5, 0.5]]
    assert estimation.log_likelihood(P, [[1, 1], [1, 1]], [0, 1], [0, 0]) == -np.inf
    assert estimation.log_likelihood(P, [[1, 1], [1, 1]], [0, 1], [1, 0]) == log(0.5)


@given(SEEDS)
def test_the_likelihood_falls_apart_into_rows(seed: int) -> None:
    M, q, y = messy(seed)
    P = teacher(np.random.default_rng(seed), M.shape[1])
    rows = [estimation.log_likelihood(P, M[q == k], q[q == k], y[q == k]) for k in set(q.tolist())]
    np.testing.assert_allclose(estimation.log_likelihood(P, M, q, y), sum(rows), rtol=1e-12)


@given(SEEDS)
def test_a_twin_has_the_same_likelihood_bit_for_bit(seed: int) -> None:
    M, q, y = messy(seed)
    P = teacher(np.random.default_rng(seed), M.shape[1])
    twin = coverage.twin(P, M, q)
    if twin is not None:
        assert estimation.log_likelihood(twin, M, q, y) == estimation.log_likelihood(P, M, q, y)


# The Hessian.


def test_the_hessian_of_two_tokens_by_hand() -> None:
    """Chances of 1/4 : 3/4 in one prompt of two, and nothing to choose in the other."""
    hessian = estimation.hessian([[0.5, 0.5], [0.25, 0.75]], [[1, 0], [1, 1]], [0, 1])
    assert hessian[0].tolist() == [[0, 0], [0, 0]]
    assert hessian[1].tolist() == [[3 / 32, -3 / 32], [-3 / 32, 3 / 32]]


@given(SEEDS)
def test_the_hessian_is_the_second_derivative_of_the_mean_loss(seed: int) -> None:
    M, q, y = messy(seed, largest_K=4)
    K = M.shape[1]
    theta = np.random.default_rng(seed).normal(size=(K, K))
    h = 1e-3

    def mean_loss(k: int, move: Array) -> float:
        moved = theta.copy()
        moved[k] += move
        return -estimation.log_likelihood(attention.softmax(moved), M, q, y) / len(q)

    hessian = estimation.hessian(attention.softmax(theta), M, q)
    unit = h * np.eye(K)
    for k, i, j in product(range(K), repeat=3):
        corners = [
            mean_loss(k, unit[i] + unit[j]) + mean_loss(k, -unit[i] - unit[j]),
            mean_loss(k, unit[i] - unit[j]) + mean_loss(k, unit[j] - unit[i]),
        ]
        assert abs((corners[0] - corners[1]) / (4 * h * h) - hessian[k, i, j]) < 1e-6


@given(SEEDS)
def test_the_hessian_is_a_graph_laplacian(seed: int) -> None:
    M, q, _ = messy(seed)
    hessian = estimation.hessian(teacher(np.random.default_rng(seed), M.shape[1]), M, q)
    np.testing.assert_allclose(hessian, hessian.swapaxes(1, 2), rtol=1e-13, atol=0)
    np.testing.assert_allclose(hessian.sum(axis=2), 0, atol=1e-16)
    is_edge = coverage.co_occurrence(M, q)
    assert ((hessian < 0) == is_edge).all()
    together = coverage.seen(M, q)
    joined = together[:, :, np.newaxis] & together[:, np.newaxis, :]
    assert np.isfinite(coverage.effective_resistance(hessian))[joined].all()


def test_the_rank_of_the_hessian_counts_components() -> None:
    """400 designs: K less the number of components of the co-occurrence graph, row by row."""
    rng = np.random.default_rng(12)
    ranks = set()
    for _ in range(400):
        K, n = int(rng.integers(1, 7)), int(rng.integers(1, 25))
        prompts = [rng.integers(K, size=rng.integers(1, 5)) for _ in range(n)]
        M, q = chain.counts(prompts, K), [prompt[-1] for prompt in prompts]
        hessian = estimation.hessian(teacher(rng, K), M, q)
        graphs = coverage.co_occurrence(M, q)
        parts = [connected_components(graph)[0] for graph in graphs]
        rank = np.linalg.matrix_rank(hessian, tol=1e-9, hermitian=True)
        assert (rank == K - np.array(parts)).all()
        ranks |= {*rank.tolist()}
    assert ranks == {0, 1, 2, 3, 4, 5}


def test_the_hessian_keeps_the_digits_of_rare_tokens() -> None:
    P = np.array([[1e-18, 1 - 1e-6, 1e-6]] * 3)
    hessian = estimation.hessian(P, [[1, 1, 1]], [0])[0]
    weight = P[0] / P[0].sum()
    expected = weight[0] * (weight[1] + weight[2])
    np.testing.assert_allclose(hessian[0, 0], expected, rtol=1e-13)


# The maximum of the likelihood.


def one_row_by_scipy(M: Array, y: Tokens, alpha: float) -> Array:
    """Maximise the likelihood of one row in its logits: a trust region, then a root."""
    K = M.shape[1]
    M = np.vstack([M, np.ones(K)])
    copies = np.append(np.ones(len(y)), K * alpha)
    observed = np.bincount(y, minlength=K) + alpha

    def law(theta: Array) -> Array:
        odds = M * np.exp(theta - theta.max())
        p: Array = odds / odds.sum(axis=1, keepdims=True)
        return p

    def value(theta: Array) -> float:
        return float(copies @ np.log(M @ np.exp(theta)) - observed @ theta)

    def slope(theta: Array) -> Array:
        g: Array = copies @ law(theta) - observed
        return g

    def curvature(theta: Array) -> Array:
        p = law(theta)
        c: Array = np.diag(copies @ p) - (copies[:, np.newaxis] * p).T @ p + np.ones((K, K))
        return c

    found = minimize(
        value,
        np.zeros(K),
        jac=slope,
        hess=curvature,
        method="trust-exact",
        options={"gtol": 1e-6, "maxiter": 500},
    )
    # The trust region compares values, which costs half of the digits; the slope has them all.
    ends = root(lambda x: slope(x) + x.sum() - found.x.sum(), found.x, jac=curvature, tol=1e-14)
    return attention.softmax(ends.x)


def as_top1(M: Array, y: Tokens) -> list[tuple[int, tuple[int, ...]]]:
    """Return choices in the format of choix, with losers repeated as often as they count."""
    data = []
    for m, choice in zip(M, y.tolist(), strict=True):
        others = m.astype(int) - np.eye(len(m), dtype=int)[choice]
        data.append((choice, tuple(np.repeat(np.arange(len(m)), others).tolist())))
    return data


@pytest.mark.parametrize("algorithm", [choix.ilsr_top1, choix.mm_top1])
@pytest.mark.parametrize(("K", "n", "L"), [(2, 200, 5), (4, 1500, 12), (6, 6000, 20)])
def test_fit_agrees_with_choix(algorithm: Any, K: int, n: int, L: int) -> None:
    rng = np.random.default_rng(K)
    M, q, y = lesson(rng, teacher(rng, K, spread=0.7), n, L)
    P = estimation.fit(M, q, y)
    for k in range(K):
        theta = algorithm(K, as_top1(M[q == k], y[q == k]), max_iter=10**5, tol=1e-12)
        np.testing.assert_allclose(P[k], attention.softmax(theta), rtol=1e-8)


@settings(max_examples=60)
@given(SEEDS, st.sampled_from([0.0, 0.3, 5.0]))
def test_fit_agrees_with_an_optimiser_of_scipy(seed: int, alpha: float) -> None:
    rng = np.random.default_rng(seed)
    K = int(rng.integers(1, 5))
    M, q, y = lesson(rng, teacher(rng, K), n=150 * K, L=int(rng.integers(2, 9)))
    M *= rng.uniform(0.25, 4, size=M.shape)
    if alpha == 0:
        assume((coverage.is_identified(M, q) & coverage.has_finite_mle(M, q, y)).all())
    P = estimation.fit(M, q, y, alpha=alpha)
    for k in range(K):
        expected = one_row_by_scipy(M[q == k], y[q == k], alpha)
        np.testing.assert_allclose(P[k], expected, rtol=1e-8)


@settings(max_examples=200)
@given(SEEDS)
def test_observed_and_expected_choices_agree(seed: int) -> None:
    """On data that follow no model at all, so that Newton's method has to finish many rows."""
    data = messy(seed)
    M, q, y = data
    for alpha in (1e-3, 0.5):
        P = estimation.fit(*data, alpha=alpha)
        size = np.bincount(q, minlength=len(P))[:, np.newaxis] + len(P) * alpha
        assert (np.abs(score(P, data, alpha)) <= 2e-10 * size).all()
        np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-14)
        assert (P > 0).all()
    part = coverage.has_finite_mle(M, q, y)[q]
    if part.any():
        data = M[part], q[part], y[part]
        P = estimation.fit_seen(*data)
        assert ((P > 0) == (coverage.seen(*data[:2]) | np.eye(len(P), dtype=bool))).all()
        assert np.abs(score(P, data)).max() <= 2e-10 * np.bincount(q).max()


@given(SEEDS)
def test_fit_is_given_exactly_where_one_finite_maximum_exists(seed: int) -> None:
    M, q, y = messy(seed, largest_K=3)
    has_one = coverage.is_identified(M, q) & coverage.has_finite_mle(M, q, y)
    if has_one.all():
        assert (estimation.fit(M, q, y) > 0).all()
        return
    with pytest.raises(ValueError, match=r"alpha > 0 gives an estimate all the same\.$") as refusal:
        estimation.fit(M, q, y)
    named = int(str(refusal.value).partition("with query ")[2].split()[0])
    assert not has_one[named]


@given(SEEDS)
def test_no_small_step_raises_the_likelihood(seed: int) -> None:
    rng = np.random.default_rng(seed)
    M, q, y = lesson(rng, teacher(rng, 3, spread=0.5), n=200)
    assume(coverage.has_finite_mle(M, q, y).all())
    P = estimation.fit(M, q, y)
    top = estimation.log_likelihood(P, M, q, y)
    for _ in range(5):
        moved = P * np.exp(0.01 * rng.normal(size=P.shape))
        moved /= moved.sum(axis=1, keepdims=True)
        assert estimation.log_likelihood(moved, M, q, y) < top


def test_the_iteration_of_hunter_climbs_to_the_same_maximum() -> None:
    """Minorise and maximise: choices divided by the rates at which a token meets a choice."""
    rng = np.random.default_rng(31)
    M, q, y = lesson(rng, teacher(rng, 4), n=4000)
    K = 4
    observed = np.bincount(q * K + y, minlength=K * K).reshape(K, K)
    P = np.full((K, K), 1 / K)
    climb = []
    for _ in range(400):
        climb.append(estimation.log_likelihood(P, M, q, y))
        met = np.zeros((K, K))
        np.add.at(met, q, M / (M * P[q]).sum(axis=1, keepdims=True))
        P = observed / met
        P /= P.sum(axis=1, keepdims=True)
    assert (np.diff(climb) > -1e-9).all()
    assert climb[-1] - climb[0] > 100
    np.testing.assert_allclose(estimation.fit(M, q, y), P, rtol=1e-9)


# Closed forms and limits of the maximum.


@given(SEEDS)
def test_equal_counts_give_the_shares_of_the_choices(seed: int) -> None:
    rng = np.random.default_rng(seed)
    K = int(rng.integers(1, 6))
    observed = rng.integers(1, 9, size=(K, K))
    q, y = np.repeat(np.argwhere(observed), observed.reshape(-1), axis=0).T
    M = np.ones((len(q), K)) * rng.uniform(0.1, 9, size=(len(q), 1))
    expected = observed / observed.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(estimation.fit(M, q, y), expected, rtol=1e-13)


def test_larger_vocabularies_keep_their_rows_apart() -> None:
    """Token j chosen 1 + (j + k) mod 3 times with query k: 400 pairs of query and choice."""
    K = 20
    observed = 1 + np.add.outer(np.arange(K), np.arange(K)) % 3
    q, y = np.repeat(np.argwhere(observed), observed.reshape(-1), axis=0).T
    order = np.random.default_rng(1).permutation(len(q))
    expected = observed / observed.sum(axis=1, keepdims=True)
    P = estimation.fit(np.ones((len(q), K)), q[order], y[order])
    np.testing.assert_allclose(P, expected, rtol=1e-13)


def test_two_tokens_in_equal_prompts_have_a_closed_form() -> None:
    """Odds of the choices, 3 : 2, divided by the odds of the counts, 5 : 1."""
    M, q, y = [[5, 1]] * 5 + [[1, 1]] * 2, [0] * 5 + [1] * 2, [0, 0, 0, 1, 1, 0, 1]
    np.testing.assert_allclose(estimation.fit(M, q, y), [[3 / 13, 10 / 13], [0.5, 0.5]], rtol=1e-13)


@given(SEEDS, st.integers(1, 3))
def test_a_whole_prior_is_imagined_data(seed: int, alpha: int) -> None:
    """Each row gets K prompts that hold every token once, with each token chosen, alpha times."""
    M, q, y = messy(seed)
    K = M.shape[1]
    rows, tokens = np.indices((K, K)).reshape(2, -1)
    more = np.ones((alpha * K * K, K))
    enlarged = (
        np.vstack([M, more]),
        np.concatenate([q, *[rows] * alpha]),
        np.concatenate([y, *[tokens] * alpha]),
    )
    np.testing.assert_allclose(
        estimation.fit(M, q, y, alpha=alpha), estimation.fit(*enlarged), rtol=1e-8
    )


def test_a_strong_prior_makes_everything_uniform() -> None:
    rng = np.random.default_rng(6)
    data = lesson(rng, teacher(rng, 4), n=100)
    np.testing.assert_allclose(estimation.fit(*data, alpha=1e12), 0.25, rtol=1e-9)


def test_a_query_that_never_occurs_is_uniform_under_a_prior() -> None:
    P = estimation.fit([[1, 1, 1]] * 3, [0, 0, 0], [0, 0, 1], alpha=1)
    np.testing.assert_allclose(P[0], [3 / 6, 2 / 6, 1 / 6], rtol=1e-13)
    np.testing.assert_allclose(P[1:], 1 / 3, rtol=1e-13)


@pytest.mark.parametrize("alpha", [1e-3, 1e-30, 1e-300])
def test_a_weak_prior_keeps_tokens_alive_that_were_never_chosen(alpha: float) -> None:
    P = estimation.fit([[1, 1, 1]] * 3, [0, 0, 0], [1, 1, 1], alpha=alpha)
    total = 3 + 3 * alpha
    np.testing.assert_allclose(P[0], [alpha / total, (3 + alpha) / total, alpha / total], rtol=1e-9)


def test_one_token_needs_no_estimate() -> None:
    for alpha in (0, 2):
        assert estimation.fit([[2], [1]], [0, 0], [0, 0], alpha=alpha).tolist() == [[1]]
    assert estimation.fit_seen([[2], [1]], [0, 0], [0, 0]).tolist() == [[1]]


@given(SEEDS)
def test_the_scale_of_a_prompt_does_not_matter(seed: int) -> None:
    M, q, y = messy(seed)
    scale = 10.0 ** np.random.default_rng(seed).uniform(-290, 290, size=(len(q), 1))
    np.testing.assert_allclose(
        estimation.fit(M * scale, q, y, alpha=0.5), estimation.fit(M, q, y, alpha=0.5), rtol=1e-8
    )


@given(SEEDS)
def test_renaming_the_tokens_renames_the_estimate(seed: int) -> None:
    M, q, y = messy(seed)
    new = np.random.default_rng(seed).permutation(M.shape[1])
    back = np.argsort(new)
    P = estimation.fit(M, q, y, alpha=0.25)
    renamed = estimation.fit(M[:, new], back[q], back[y], alpha=0.25)
    np.testing.assert_allclose(renamed, P[np.ix_(new, new)], rtol=1e-8)


@given(SEEDS)
def test_the_order_of_the_prompts_does_not_matter(seed: int) -> None:
    M, q, y = messy(seed)
    order = np.random.default_rng(seed).permutation(len(q))
    np.testing.assert_allclose(
        estimation.fit(M[order], q[order], y[order], alpha=1),
        estimation.fit(M, q, y, alpha=1),
        rtol=1e-8,
    )


# How the maximum is found.


def test_newtons_method_alone_finds_the_same_maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(17)
    data = lesson(rng, teacher(rng, 5), n=3000)
    sparse = [[1, 1, 0, 0, 0]] * 3, [0, 0, 0], [0, 1, 1]
    by_ranking = [
        estimation.fit(*data),
        estimation.fit(*data, alpha=2),
        estimation.fit_seen(*sparse),
    ]
    monkeypatch.setattr(ranking, "MOST_RANKINGS", 0)
    by_newton = [
        estimation.fit(*data),
        estimation.fit(*data, alpha=2),
        estimation.fit_seen(*sparse),
    ]
    for one, other in zip(by_ranking, by_newton, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-9)


@pytest.mark.parametrize("rounds", [0, ranking.MOST_RANKINGS])
@pytest.mark.parametrize("y", [[0, 1], [1, 0]])
@pytest.mark.parametrize("weight", [3.0, 1e3, 1e6])
def test_choices_against_all_expectation_have_a_maximum(
    weight: float, y: list[int], rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two prompts that mirror each other; the rounds turn to and fro, or creep.

    Newton's method starts where the curvature is next to nothing, and must not jump.
    """
    monkeypatch.setattr(ranking, "MOST_RANKINGS", rounds)
    M = [[1, weight], [2, 2 * weight**2]]
    P = estimation.fit_seen(M, [0, 0], y)
    np.testing.assert_allclose(P[0, 1] / P[0, 0], weight**-1.5, rtol=1e-7)


def test_no_answer_comes_without_its_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    data = [[1, 3], [5, 2]], [0, 0], [0, 1]
    monkeypatch.setattr(ranking, "MOST_RANKINGS", 0)
    monkeypatch.setattr(ranking, "MOST_NEWTON_STEPS", 0)
    with pytest.raises(RuntimeError, match=r"\Ano estimate was found for row 0: [^\n]*\.\Z"):
        estimation.fit(*data, alpha=1)
    monkeypatch.setattr(ranking, "MOST_RANKINGS", 1)
    with pytest.raises(RuntimeError, match="observed and expected choices of a token still differ"):
        estimation.fit_seen(*data)


def test_an_estimate_beyond_float64_is_refused() -> None:
    """Token 1 is 1e-300 as likely as the query, which is 1e-300 as likely as token 2."""
    M = [[1, 1e300, 0]] * 2 + [[1, 0, 1e-300]] * 2
    check_refusal("within the range of float64", estimation.fit_seen, M, [0] * 4, [0, 1, 0, 2])


@given(SEEDS)
def test_what_was_never_seen_plays_no_part(seed: int) -> None:
    """The same estimate as in the smaller vocabulary of what was seen with the query."""
    M, q, y = messy(seed)
    k = int(np.bincount(q).argmax())
    part = q == k
    M, y = M[part], y[part]
    seen = np.flatnonzero(M.any(axis=0))
    assume(len(seen) > 1 and coverage.has_finite_mle(M, q[part], y)[k])
    hub = int(np.searchsorted(seen, k))
    small = M[:, seen], np.full(len(y), hub), np.searchsorted(seen, y)
    P = estimation.fit_seen(M, q[part], y)
    np.testing.assert_allclose(P[k, seen], estimation.fit_seen(*small)[hub], rtol=1e-8)
    assert P[k].sum() == pytest.approx(1, abs=1e-14)


# How well it is known.


def test_the_standard_error_of_a_share() -> None:
    """Equal counts: the multinomial sqrt(p (1 - p) / n), for rare tokens too."""
    P = np.array([[1e-12, 0.3, 0.7 - 1e-12], [0.2, 0.3, 0.5], [1 / 3] * 3])
    q = np.repeat([0, 1, 2], [100, 25, 4])
    errors = estimation.standard_errors(P, np.full((129, 3), 2.5), q)
    size = np.array([[100], [25], [4]])
    np.testing.assert_allclose(errors, np.sqrt(P * (1 - P) / size), rtol=1e-12)


@given(SEEDS)
def test_standard_errors_agree_with_a_chart_of_log_odds(seed: int) -> None:
    """All odds against the last token, the covariance by inversion, the effect by differences."""
    rng = np.random.default_rng(seed)
    K = int(rng.integers(2, 5))
    P = teacher(rng, K)
    M, q, _ = lesson(rng, P, n=60 * K)
    assume(coverage.is_identified(M, q).all())
    errors = estimation.standard_errors(P, M, q)
    for k in range(K):
        laws = chain.next_token_law(P, M, q)[q == k]
        information = (np.diag(laws.sum(axis=0)) - laws.T @ laws)[:-1, :-1]
        theta = np.log(P[k] / P[k, -1])
        moves = np.zeros((K, K - 1))
        for j in range(K - 1):
            step = 1e-6 * np.eye(K)[j]
            moves[:, j] = attention.softmax(theta + step) - attention.softmax(theta - step)
        moves /= 2e-6
        covariance = moves @ np.linalg.inv(information) @ moves.T
        np.testing.assert_allclose(errors[k], np.sqrt(np.diag(covariance)), rtol=1e-7)


def test_four_times_the_data_halve_the_errors() -> None:
    rng = np.random.default_rng(9)
    M, q, _ = lesson(rng, SMALL, n=300)
    once = estimation.standard_errors(SMALL, M, q)
    often = estimation.standard_errors(SMALL, np.tile(M, (4, 1)), np.tile(q, 4))
    np.testing.assert_allclose(2 * often, once, rtol=1e-12)


def test_one_token_has_no_error() -> None:
    assert estimation.standard_errors([[1.0]], [[3]], [0]).tolist() == [[0]]


def test_resistance_is_the_variance_of_log_odds() -> None:
    """Equal counts: the variance of log p_i / p_j is 1 / n p_i + 1 / n p_j."""
    n = 50
    resistance = coverage.effective_resistance(estimation.hessian(SMALL, np.ones((n, 3)), [1] * n))
    p = SMALL[1]
    expected = (1 / p[:, np.newaxis] + 1 / p) * (1 - np.eye(3))
    np.testing.assert_allclose(resistance[1], expected, rtol=1e-12)


# Likelihood ratios.


@pytest.mark.parametrize("degrees", [*range(1, 13), 30, 99, 380, 1001])
def test_the_tail_of_the_chi_square_law(degrees: int) -> None:
    for x in [0.0, 1e-9, 0.3, 1, 3.84, 20, 0.5 * degrees, degrees, 1.7 * degrees, 800, 2000]:
        tail = precision._chi_square_tail(x, degrees)
        assert abs(tail - chi2.sf(x, degrees)) < 1e-12
        np.testing.assert_allclose(tail, chi2.sf(x, degrees), rtol=1e-9, atol=1e-300)
    assert precision._chi_square_tail(np.inf, degrees) == 0


def test_the_ratio_of_shares_is_the_g_test() -> None:
    observed, P = np.array([10, 20, 31]), np.array([[0.25, 0.25, 0.5]] * 3)
    y = np.repeat([0, 1, 2], observed)
    data = np.ones((61, 3)), [1] * 61, y
    test = estimation.likelihood_ratio(P, *data)
    expected = power_divergence(observed, 61 * P[0], lambda_="log-likelihood")
    assert test.degrees == 2
    np.testing.assert_allclose(test[::2], expected, rtol=1e-12)
    assert estimation.in_confidence_region(P, *data, level=1 - expected.pvalue + 1e-9)
    assert not estimation.in_confidence_region(P, *data, level=1 - expected.pvalue - 1e-9)


@given(SEEDS)
def test_ratios_and_degrees_add_up_over_rows(seed: int) -> None:
    M, q, y = messy(seed)
    part = coverage.has_finite_mle(M, q, y)[q]
    assume(part.any())
    M, q, y = M[part], q[part], y[part]
    K = M.shape[1]
    P = teacher(np.random.default_rng(seed), K)
    whole = estimation.likelihood_ratio(P, M, q, y)
    rows = [estimation.likelihood_ratio(P, M, q, y, row=k) for k in range(K)]
    assert whole.degrees == sum(row.degrees for row in rows)
    np.testing.assert_allclose(whole.statistic, sum(row.statistic for row in rows), rtol=1e-9)
    np.testing.assert_allclose(
        whole.p_value, chi2.sf(whole.statistic, whole.degrees) if whole.degrees else 1, rtol=1e-9
    )
    parts = [connected_components(graph)[0] for graph in coverage.co_occurrence(M, q)]
    assert [row.degrees for row in rows] == [K - count for count in parts]
    best = 2 * estimation.log_likelihood(estimation.fit_seen(M, q, y), M, q, y)
    under_P = 2 * estimation.log_likelihood(P, M, q, y)
    np.testing.assert_allclose(whole.statistic, best - under_P, rtol=1e-9, atol=1e-9)
    twin = coverage.twin(P, M, q)
    assert twin is None or estimation.likelihood_ratio(twin, M, q, y) == whole


def test_the_estimate_itself_is_beyond_suspicion() -> None:
    data = lesson(np.random.default_rng(2), SMALL, n=500)
    test = estimation.likelihood_ratio(estimation.fit(*data), *data)
    assert test.statistic == pytest.approx(0, abs=1e-9)
    assert test.p_value == pytest.approx(1, abs=1e-9)
    assert test.degrees == 6


def test_what_is_ruled_out_is_refused_for_sure() -> None:
    P: Any = [[0.0, 1.0], [0.5, 0.5]]
    data = [[1, 1], [1, 1], [1, 1]], [0, 0, 1], [0, 1, 1]
    assert estimation.likelihood_ratio(P, *data, row=0) == (np.inf, 1, 0)
    assert not estimation.in_confidence_region(P, *data, row=0)


def test_a_row_without_data_refuses_nothing() -> None:
    data = [[1, 1], [1, 1]], [0, 0], [0, 1]
    assert estimation.likelihood_ratio(np.eye(2), *data, row=1) == (0, 0, 1)
    assert estimation.in_confidence_region(np.eye(2), *data, level=0.01, row=1)
    P = np.array([[0.5, 0.5], [1, 0]])
    assert estimation.likelihood_ratio(P, *data) == (0, 1, 1)


def test_other_rows_may_lack_a_maximum() -> None:
    data = [[1, 1], [1, 1], [1, 1]], [0, 0, 1], [0, 1, 0]
    assert estimation.likelihood_ratio(np.full((2, 2), 0.5), *data, row=0).degrees == 1
    check_refusal(
        "with query 1 token 1 was never chosen.",
        estimation.likelihood_ratio,
        np.full((2, 2), 0.5),
        *data,
    )


# Simulated data. Seeds are fixed; a rate of false alarms says how often another seed would fail.


@pytest.fixture(scope="module")
def replications() -> list[tuple[Array, Array, estimation.LikelihoodRatio]]:
    """Return estimates, their standard errors and the ratio of the truth, of 500 lessons."""
    rng = np.random.default_rng(20)
    found = []
    for _ in range(500):
        data = lesson(rng, SMALL, n=900, L=5)
        P = estimation.fit(*data)
        errors = estimation.standard_errors(P, *data[:2])
        found.append((P, errors, estimation.likelihood_ratio(SMALL, *data)))
    return found


def test_intervals_hold_the_truth_as_often_as_they_say(replications: Any) -> None:
    """Nine binomial counts in their central 99.99 %; false alarms: below 9 in 10 000.

    The interval is asymptotic; at 900 prompts its level is off by less than the bounds allow.
    """
    held = sum((np.abs(P - SMALL) < 1.959964 * errors).astype(int) for P, errors, _ in replications)
    low, high = binom.interval(0.9999, len(replications), 0.95)
    assert ((low <= held) & (held <= high)).all(), held


def test_standard_errors_are_the_spread_of_the_estimates(replications: Any) -> None:
    """A standard deviation of 500 is good to 3.2 %; 4.5 of those: false alarms 6 in 100 000."""
    spread = np.std([P for P, _, _ in replications], axis=0)
    typical = np.median([errors for _, errors, _ in replications], axis=0)
    np.testing.assert_allclose(spread, typical, rtol=0.145)


def test_regions_hold_the_truth_as_often_as_they_say(replications: Any) -> None:
    """Four levels in their central 99.99 %, and all p-values uniform: false alarms below 0.2 %."""
    values = np.array([test.p_value for _, _, test in replications])
    assert {test.degrees for _, _, test in replications} == {6}
    for level in (0.5, 0.8, 0.95, 0.99):
        low, high = binom.interval(0.9999, len(values), level)
        assert low <= (values >= 1 - level).sum() <= high
    assert kstest(values, "uniform").pvalue > 1e-3


def test_the_mean_loss_of_optimism_is_half_a_degree_each(replications: Any) -> None:
    """The mean of 500 chi-square ratios with 6 degrees, within 4.5 errors: 7 in a million."""
    statistics = [test.statistic for _, _, test in replications]
    assert abs(np.mean(statistics) - 6) < 4.5 * np.sqrt(12 / len(statistics))


def one_text(rng: np.random.Generator, P: Array, T: int) -> Data:
    """Return one generated text as a prompt for each of its tokens."""
    K = len(P)
    text = [*range(K)]
    m = np.ones(K)
    for _ in range(T):
        weights = (m * P[text[-1]]).cumsum()
        text.append(int(np.searchsorted(weights, rng.random() * weights[-1], side="right")))
        m[text[-1]] += 1
    x = np.array(text)
    M = np.eye(K)[x].cumsum(axis=0)[K - 1 : -1]
    return M, x[K - 1 : -1], x[K:]


def test_one_text_in_which_tokens_coexist_teaches_the_matrix() -> None:
    """Nine errors below 4.5 and three regions at 99.99 %: false alarms below 4 in 10 000."""
    P = np.array([[0.1, 0.4, 0.5], [0.5, 0.1, 0.4], [0.4, 0.5, 0.1]])
    data = one_text(np.random.default_rng(44), P, T=6000)
    found = estimation.fit(*data)
    errors = estimation.standard_errors(found, *data[:2])
    assert (np.abs(found - P) < 4.5 * errors).all()
    assert errors.max() < 0.03
    assert all(estimation.in_confidence_region(P, *data, level=0.9999, row=k) for k in range(3))
    assert not estimation.in_confidence_region(SMALL, *data, level=0.9999)


def test_position_weights_are_learnt_through() -> None:
    """Weighted counts as data of a weighted teacher; nine errors below 4.5: 6 in 100 000."""
    rng = np.random.default_rng(45)
    prompts = rng.integers(3, size=(9000, 5))
    M, q = chain.counts(prompts, 3, weights=[0.1, 0.2, 0.4, 0.8, 1.6]), prompts[:, -1]
    y = next_tokens(rng, SMALL, M, q)
    found = estimation.fit(M, q, y)
    assert (np.abs(found - SMALL) < 4.5 * estimation.standard_errors(found, M, q)).all()


# Training the attention layer.


def classroom(seed: int, K: int, d: int, n: int = 40) -> tuple[Array, Array, list[Tokens], Tokens]:
    rng = np.random.default_rng(seed)
    W, E = rng.normal(size=(d, d)) / d, rng.normal(size=(K, d))
    prompts = [rng.integers(K, size=rng.integers(1, 7)) for _ in range(n)]
    return W, E, prompts, np.array([rng.choice(prompt) for prompt in prompts])


def loss_of_the_layer(W: Array, E: Array, prompts: list[Tokens], y: Tokens) -> float:
    laws = [attention.attention_law(prompt, W, E) for prompt in prompts]
    return -float(np.mean([log(law[j]) for law, j in zip(laws, y, strict=True)]))


@given(SEEDS, st.integers(1, 4), st.integers(0, 2))
def test_the_loss_is_that_of_the_attention_layer(seed: int, K: int, more: int) -> None:
    W, E, prompts, y = classroom(seed, K, K + more)
    assume(np.linalg.cond(E) < 1e3)
    expected = loss_of_the_layer(W, E, prompts, y)
    np.testing.assert_allclose(estimation.loss(W, E, prompts, y), expected, rtol=1e-10, atol=1e-12)


def test_the_loss_is_the_mean_of_minus_the_log_likelihood() -> None:
    W, E, prompts, y = classroom(5, K=4, d=6, n=300)
    M, q = chain.counts(prompts, 4), [prompt[-1] for prompt in prompts]
    P = attention.transition_matrix(W, E)
    expected = -estimation.log_likelihood(P, M, q, y) / 300
    np.testing.assert_allclose(estimation.loss(W, E, prompts, y), expected, rtol=1e-13)


def test_fewer_dimensions_than_tokens_still_have_a_loss() -> None:
    W, E, prompts, y = classroom(6, K=5, d=2)
    chosen = [
        attention.attention_weights(prompt, W, E)[prompt == choice].sum()
        for prompt, choice in zip(prompts, y, strict=True)
    ]
    expected = -np.mean(np.log(chosen))
    np.testing.assert_allclose(estimation.loss(W, E, prompts, y), expected, rtol=1e-13)


@settings(max_examples=30)
@given(SEEDS, st.integers(1, 3), st.integers(0, 2))
def test_the_gradient_is_the_slope_of_the_attention_layer(seed: int, K: int, more: int) -> None:
    W, E, prompts, y = classroom(seed, K, K + more, n=12)
    assume(np.linalg.cond(E) < 100)
    slope = np.zeros_like(W)
    for place in np.ndindex(W.shape):
        step = np.zeros_like(W)
        step[place] = 1e-5
        ahead = loss_of_the_layer(W + step, E, prompts, y)
        slope[place] = (ahead - loss_of_the_layer(W - step, E, prompts, y)) / 2e-5
    np.testing.assert_allclose(estimation.gradient(W, E, prompts, y), slope, rtol=0, atol=1e-7)


@given(SEEDS, st.integers(1, 5), st.integers(0, 3))
def test_the_gradient_lies_in_the_subspace(seed: int, K: int, more: int) -> None:
    W, E, prompts, y = classroom(seed, K, K + more)
    assume(np.linalg.cond(E) < 1e3)
    slope = estimation.gradient(W, E, prompts, y)
    np.testing.assert_allclose(attention.project(slope, E), slope, rtol=0, atol=1e-12)
    assert K == 1 or np.abs(slope).max() > 1e-6


def test_the_gradient_vanishes_at_the_maximum_of_the_likelihood() -> None:
    W, E, prompts, y = classroom(8, K=3, d=5, n=400)
    M, q = chain.counts(prompts, 3), [prompt[-1] for prompt in prompts]
    best = attention.key_query_matrix(estimation.fit(M, q, y), E)
    assert np.abs(estimation.gradient(best, E, prompts, y)).max() < 1e-9
    assert (
        np.abs(estimation.gradient(best + W - attention.project(W, E), E, prompts, y)).max() < 1e-9
    )
    assert np.abs(estimation.gradient(W, E, prompts, y)).max() > 1e-2


def test_training_recovers_what_can_be_known_and_leaves_the_rest() -> None:
    W, _, prompts, y = classroom(9, K=3, d=5, n=300)
    rng = np.random.default_rng(9)
    E = np.linalg.qr(rng.normal(size=(5, 3)))[0].T
    M, q = chain.counts(prompts, 3), [prompt[-1] for prompt in prompts]
    best = attention.key_query_matrix(estimation.fit(M, q, y), E)
    descent = estimation.gradient_descent(W, E, prompts, y, steps=3000, step_size=3.9)
    np.testing.assert_allclose(attention.project(descent.W, E), best, rtol=0, atol=1e-8)
    outside = W - attention.project(W, E)
    np.testing.assert_allclose(
        descent.W - attention.project(descent.W, E), outside, rtol=0, atol=1e-12
    )
    assert np.abs(outside).max() > 0.1
    assert descent.losses.shape == (3001,)
    assert (np.diff(descent.losses) < 1e-15).all()
    assert descent.losses[0] == estimation.loss(W, E, prompts, y)
    assert descent.losses[-1] == estimation.loss(descent.W, E, prompts, y)
    expected = -estimation.log_likelihood(estimation.fit(M, q, y), M, q, y) / 300
    assert descent.losses[-1] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_each_step_is_the_gradient_and_a_share_of_the_last_step(momentum: float) -> None:
    W, E, prompts, y = classroom(10, K=4, d=4)
    step, by_hand = np.zeros_like(W), W.copy()
    losses = [estimation.loss(W, E, prompts, y)]
    for _ in range(7):
        step = momentum * step - 0.3 * estimation.gradient(by_hand, E, prompts, y)
        by_hand = by_hand + step
        losses.append(estimation.loss(by_hand, E, prompts, y))
    descent = estimation.gradient_descent(W, E, prompts, y, 7, 0.3, momentum=momentum)
    np.testing.assert_allclose(descent.W, by_hand, rtol=0, atol=1e-14)
    np.testing.assert_allclose(descent.losses, losses, rtol=1e-13)


def test_momentum_is_faster() -> None:
    W, E, prompts, y = classroom(11, K=4, d=4, n=200)
    plain = estimation.gradient_descent(W, E, prompts, y, 300, 0.05)
    rolling = estimation.gradient_descent(W, E, prompts, y, 300, 0.05, momentum=0.9)
    assert rolling.losses[-1] < plain.losses[-1] < plain.losses[0]


def test_descent_goes_on_where_it_stopped() -> None:
    W, E, prompts, y = classroom(12, K=3, d=4)
    whole = estimation.gradient_descent(W, E, prompts, y, 20, 0.2)
    first = estimation.gradient_descent(W, E, prompts, y, 8, 0.2)
    second = estimation.gradient_descent(first.W, E, prompts, y, 12, 0.2)
    assert (second.W == whole.W).all()
    assert (np.concatenate([first.losses, second.losses[1:]]) == whole.losses).all()


def test_no_step_is_no_change() -> None:
    W, E, prompts, y = classroom(13, K=2, d=3)
    descent = estimation.gradient_descent(W, E, prompts, y, 0, 1.0)
    assert (descent.W == W).all()
    assert descent.losses.tolist() == [estimation.loss(W, E, prompts, y)]


def test_prompts_that_the_layer_cannot_tell_apart_are_one() -> None:
    """Older tokens in any order; the same pairs once, and each of them three times."""
    W, E, _, _ = classroom(14, K=3, d=3)
    prompts, y = [[0, 1, 1, 2], [1, 0, 1, 2], [0, 0, 1]], [1, 0, 0]
    other = [[1, 1, 0, 2], [1, 1, 0, 2], [0, 0, 1]]
    for function in (estimation.loss, estimation.gradient):
        once = function(W, E, prompts, y)
        np.testing.assert_allclose(function(W, E, other, y), once, rtol=1e-13)
        np.testing.assert_allclose(function(W, E, prompts * 3, y * 3), once, rtol=1e-13)
    table = np.array(prompts[:2])
    assert estimation.loss(W, E, table, y[:2]) == estimation.loss(W, E, prompts[:2], y[:2])


def test_large_scores_neither_overflow_nor_vanish() -> None:
    W, prompts, y = np.array([[0.0, 0.0], [1e4, 0.0]]), [[1, 0]], [0]
    assert estimation.loss(W, np.eye(2), prompts, y) == pytest.approx(1e4)
    assert estimation.gradient(W, np.eye(2), prompts, y).tolist() == [[-1, 0], [1, 0]]


# What is refused.


def check_refusal(words: str, function: Callable[..., object], *arguments: object) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
        function(*arguments)
    assert words in str(refusal.value)


MISSING = [
    ([[1, 1, 0]], [0], [0], "with query 0 token 2 was never seen; alpha > 0"),
    ([[1, 0, 0]], [0], [0], "with query 0 tokens 1, 2 were never seen"),
    ([[1, 1, 1]] * 3, [0] * 3, [0, 1, 2], "with query 1 tokens 0, 1, 2 were never seen"),
    (
        [[1, 1, 1]] * 7,
        [0, 0, 0, 1, 1, 2, 2],
        [0, 1, 2, 1, 2, 0, 2],
        "with query 1 token 0 was never chosen; alpha > 0",
    ),
    (
        [[1, 1, 1]] * 7 + [[0, 0, 1]],
        [0, 0, 0, 1, 1, 1, 2, 2],
        [0, 1, 2, 1, 2, 0, 0, 2],
        "with query 2 token 1 was never chosen; alpha > 0",
    ),
    (
        [[1, 1, 1]] * 6 + [[1, 0, 1], [0, 1, 1]] + [[0, 1, 1]],
        [0, 0, 0, 1, 1, 1, 2, 2, 2],
        [0, 1, 2, 1, 2, 0, 0, 1, 2],
        "with query 2 token 0 was led back to it by no path of choices; alpha > 0",
    ),
]


@pytest.mark.parametrize(("M", "q", "y", "words"), MISSING)
def test_a_missing_maximum_is_named(M: Any, q: Any, y: Any, words: str) -> None:
    check_refusal(words, estimation.fit, M, q, y)
    assert (estimation.fit(M, q, y, alpha=0.5) > 0).all()


def test_many_missing_tokens_are_cut_in_the_sentence() -> None:
    M = np.eye(12)[[0]]
    check_refusal("tokens 1, 2, 3, 4, 5, 6, 7, 8 and others were", estimation.fit, M, [0], [0])


def test_a_prior_is_a_number_that_is_not_negative() -> None:
    data = [[1, 1]], [0], [0]
    check_refusal("alpha must not be negative, got -0.5", estimation.fit, *data, -0.5)
    check_refusal("alpha must hold finite numbers, got alpha = nan", estimation.fit, *data, np.nan)
    check_refusal("alpha must be 0-dimensional", estimation.fit, *data, [1.0, 2.0])


BAD_DATA: list[tuple[Any, Any, Any, str]] = [
    ([[1, -1], [1, 1]], [0, 0], [0, 0], "M must not have negative counts, got M[0, 1] = -1.0"),
    ([[1, 1], [1, 0]], [0, 1], [0, 0], "but prompt 1 has no count of q[1] = 1"),
    ([[1, 1], [1, 0]], [0, 0], [0, 1], "but prompt 1 has no count of y[1] = 1"),
    ([[1, 1], [1, 1]], [0, 0], [0], "y must hold one token for each of the 2 prompts, got 1"),
]


@pytest.mark.parametrize(("M", "q", "y", "words"), BAD_DATA)
def test_bad_data_are_refused(M: Any, q: Any, y: Any, words: str) -> None:
    P = np.full((2, 2), 0.5)
    for function in (estimation.fit, estimation.fit_seen):
        check_refusal(words, function, M, q, y)
    for test in (estimation.log_likelihood, estimation.likelihood_ratio):
        check_refusal(words, test, P, M, q, y)
    if "y" not in words:
        check_refusal(words, estimation.hessian, P, M, q)
        check_refusal(words, estimation.standard_errors, P, M, q)


def all_about_P() -> Iterator[tuple[Callable[..., object], tuple[Any, ...]]]:
    M, q, y = [[1, 1], [1, 1]], [0, 1], [0, 1]
    yield from [(function, (M, q)) for function in (estimation.hessian, estimation.standard_errors)]
    yield from [
        (function, (M, q, y))
        for function in (
            estimation.log_likelihood,
            estimation.likelihood_ratio,
            estimation.in_confidence_region,
        )
    ]


def test_bad_matrices_are_refused() -> None:
    for function, data in all_about_P():
        check_refusal("every row of P must sum to 1", function, [[0.5, 0.4], [0.5, 0.5]], *data)
        check_refusal("P must be square", function, [[0.5, 0.5]], *data)
        check_refusal("each of the 3 tokens of P", function, np.full((3, 3), 1 / 3), *data)


def test_standard_errors_need_positive_and_identified_rows() -> None:
    data = [[1, 1, 0], [1, 1, 1], [1, 1, 1]], [0, 1, 2]
    check_refusal(
        "but with query 0 token 2 was never seen.", estimation.standard_errors, SMALL, *data
    )
    check_refusal(
        "P must have positive entries for standard errors to mean anything, got P[0, 1] = 0",
        estimation.standard_errors,
        np.eye(3),
        np.ones((3, 3)),
        [0, 1, 2],
    )


@pytest.mark.parametrize("level", [0, 1, -1, 1.5, np.nan])
def test_levels_lie_between_0_and_1(level: float) -> None:
    data = [[1, 1], [1, 1]], [0, 0], [0, 1]
    check_refusal("level must", estimation.in_confidence_region, np.eye(2), *data, level)


@pytest.mark.parametrize("row", [-1, 2, 0.0, True])
def test_rows_are_tokens(row: Any) -> None:
    data = [[1, 1], [1, 1]], [0, 0], [0, 1]
    words = "row must be a whole number from 0 to 1"
    check_refusal(words, estimation.likelihood_ratio, np.full((2, 2), 0.5), *data, row)


BAD_LAYERS: list[tuple[Any, Any, Any, Any, str]] = [
    (np.eye(3), np.eye(2), [[0]], [0], "W must have the shape (2, 2) for embeddings E"),
    (np.eye(2), [1, 2], [[0]], [0], "E must be 2-dimensional"),
    (np.zeros((0, 0)), np.zeros((2, 0)), [[0]], [0], "E must hold a vector for every token"),
    (np.eye(2), np.eye(2), [0, 1], [0, 1], "a single prompt is written [prompt]"),
    (np.eye(2), np.eye(2), [[0, 2]], [0], "got prompts[0][1] = 2"),
    (np.eye(2), np.eye(2), [[0, 0]], [1], "but prompt 0 has no count of y[0] = 1"),
    (np.eye(2), np.eye(2), [[0, 1]], [1, 0], "y must hold one token for each of the 1 prompts"),
    (np.eye(2) * 1e200, np.eye(2), [[0, 1]], [1], "W and E must give scores below 1e+200"),
    (np.eye(2) * 1e300, np.eye(2) * 1e9, [[0, 1]], [1], "W and E must give scores below 1e+200"),
    ([[np.nan, 0], [0, 0]], np.eye(2), [[0, 1]], [1], "W must hold finite numbers"),
]


@pytest.mark.parametrize(("W", "E", "prompts", "y", "words"), BAD_LAYERS)
def test_bad_layers_and_lessons_are_refused(
    W: Any, E: Any, prompts: Any, y: Any, words: str
) -> None:
    check_refusal(words, estimation.loss, W, E, prompts, y)
    check_refusal(words, estimation.gradient, W, E, prompts, y)
    check_refusal(words, estimation.gradient_descent, W, E, prompts, y, 1, 0.5)


@pytest.mark.parametrize(
    ("settings_of_descent", "words"),
    [
        ((-1, 0.5), "steps must be a whole number from 0"),
        ((1.0, 0.5), "steps must be a whole number"),
        ((1, 0.0), "step_size must be positive, got 0.0"),
        ((1, np.inf), "step_size must hold finite numbers"),
        ((1, 0.5, 1.0), "momentum must lie from 0 to below 1, got 1.0"),
        ((1, 0.5, -0.1), "momentum must lie from 0 to below 1, got -0.1"),
        ((3, 1e250), "W and E must give scores below 1e+200 in size"),
    ],
)
def test_bad_descents_are_refused(settings_of_descent: Any, words: str) -> None:
    lesson_of_two = np.eye(2), np.eye(2), [[0, 1], [0, 1]], [0, 1]
    check_refusal(words, estimation.gradient_descent, *lesson_of_two, *settings_of_descent)


def test_a_gradient_beyond_float64_is_refused() -> None:
    E = np.eye(2) * 1e160
    words = "E must give a gradient within the range of float64"
    check_refusal(words, estimation.gradient, np.zeros((2, 2)), E, [[0, 1]], [1])


# Results.


def test_results_are_frozen() -> None:
    descent = estimation.gradient_descent(np.eye(2), np.eye(2), [[0, 1]], [1], 1, 0.5)
    with pytest.raises(FrozenInstanceError):
        descent.W = np.zeros((2, 2))  # type: ignore[misc]
    with pytest.raises(AttributeError):
        estimation.LikelihoodRatio(1.0, 1, 0.3).statistic = 0.0  # type: ignore[misc]


def test_nothing_of_the_callers_is_changed_or_kept() -> None:
    P, M = np.full((2, 2), 0.5), np.ones((4, 2))
    q, y = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    W, E, table = np.eye(2), np.eye(2), np.array([[0, 1], [1, 0], [1, 1], [0, 0]])
    arrays = (P, M, q, y, W, E, table)
    for array in arrays:
        array.flags.writeable = False
    last = np.array([1, 0, 1, 0])
    results = [
        estimation.hessian(P, M, q),
        estimation.fit(M, q, y),
        estimation.fit_seen(M, q, y),
        estimation.standard_errors(P, M, q),
        estimation.gradient(W, E, table, last),
        estimation.gradient_descent(W, E, table, last, 0, 0.5).W,
        estimation.gradient_descent(W, E, table, last, 2, 0.5).W,
    ]
    estimation.log_likelihood(P, M, q, y)
    estimation.likelihood_ratio(P, M, q, y, row=0)
    for result in results:
        assert result.flags.writeable
        assert not any(np.shares_memory(result, array) for array in arrays)


# Laplacians.


@given(SEEDS)
def test_voltages_solve_their_equations(seed: int) -> None:
    rng = np.random.default_rng(seed)
    K = int(rng.integers(2, 7))
    weights = 10.0 ** rng.uniform(-6, 0, size=(K, 1))
    conductance = weights * weights.T * rng.uniform(0.5, 2, size=(2, 1, 1))
    matrix = likelihood.graph_laplacian(conductance)
    flows = matrix @ rng.normal(size=(K, 3))
    voltages = likelihood.solve_laplacian(matrix, flows)
    assert voltages.shape == (2, K, 3)
    size = np.diagonal(matrix, axis1=1, axis2=2)[..., np.newaxis]
    np.testing.assert_allclose((matrix @ voltages - flows) / size, 0, atol=1e-9)
