"""The attention room against a layer written out in loops, the chain, closed forms and scipy."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ccmc_teach import attention, chain

pytestmark = pytest.mark.filterwarnings("error")
seeds = st.integers(0, 2**32 - 1)
Array = NDArray[np.float64]
Layer = tuple[np.random.Generator, Array, Array]


def random_embeddings(rng: np.random.Generator, K: int, d: int) -> Array:
    """Return independent rows that are neither orthogonal nor close to dependent."""
    rank = min(K, d)
    left = scipy.linalg.qr(rng.normal(size=(K, K)))[0][:, :rank]
    right = scipy.linalg.qr(rng.normal(size=(d, d)))[0][:rank]
    E: Array = left * rng.uniform(0.5, 2, size=rank) @ right
    return E


@st.composite
def layers(draw: st.DrawFn, most_K: int = 7, extra: int = 5) -> Layer:
    """Return a random layer (rng, W, E) with d >= K."""
    rng = np.random.default_rng(draw(seeds))
    K = draw(st.integers(1, most_K))
    d = K + draw(st.integers(0, extra))
    return rng, rng.normal(size=(d, d)), random_embeddings(rng, K, d)


def random_prompt(rng: np.random.Generator, K: int) -> NDArray[np.int64]:
    return rng.integers(K, size=rng.integers(1, 30))


def layer_by_loops(
    prompt: NDArray[np.int64], W: Array, E: Array, U: Array | None = None
) -> tuple[Array, Array]:
    """Return weights and law of the layer, entry by entry, from the definition."""
    d, length = E.shape[1], len(prompt)
    key = [
        [E[x, a] + (0 if U is None else U[i, a]) for a in range(d)] for i, x in enumerate(prompt)
    ]
    scores = [
        sum(key[i][a] * W[a, b] * key[-1][b] for a in range(d) for b in range(d))
        for i in range(length)
    ]
    odds = [math.exp(score - max(scores)) for score in scores]
    weights = [o / math.fsum(odds) for o in odds]
    output = [math.fsum(weights[i] * E[prompt[i], a] for i in range(length)) for a in range(d)]
    return np.array(weights), np.linalg.inv(E @ E.T) @ E @ np.array(output)


def law_by_counting(prompt: NDArray[np.int64], W: Array, E: Array) -> Array:
    M = chain.counts([prompt], len(E))
    law: Array = chain.next_token_law(attention.transition_matrix(W, E), M, prompt[-1:])[0]
    return law


def spanning_matrices(E: Array) -> Array:
    """Return all (e_i - e_j) e_k^T as flat rows: what S_E is defined by."""
    K = len(E)
    triples = product(range(K), repeat=3)
    return np.array([np.outer(E[i] - E[j], E[k]).ravel() for i, j, k in triples])


# Softmax.


@given(seeds, st.sampled_from([(5,), (1,), (3, 4), (2, 3, 6)]), st.sampled_from([0.1, 1, 30, 700]))
def test_softmax_agrees_with_scipy(seed: int, shape: tuple[int, ...], spread: float) -> None:
    scores = np.random.default_rng(seed).normal(scale=spread, size=shape)
    expected = scipy.special.softmax(scores, axis=-1)
    np.testing.assert_allclose(attention.softmax(scores), expected, rtol=1e-12, atol=0)


@given(seeds, st.floats(-1e6, 1e6))
def test_softmax_ignores_a_constant(seed: int, constant: float) -> None:
    scores = np.random.default_rng(seed).normal(size=(3, 4))
    shifted = attention.softmax(scores + constant)
    np.testing.assert_allclose(shifted, attention.softmax(scores), rtol=1e-8)


def test_softmax_has_exact_values() -> None:
    law = attention.softmax(np.log([[1, 2, 5], [3, 3, 2]]))
    np.testing.assert_allclose(law, [[0.125, 0.25, 0.625], [0.375, 0.375, 0.25]], rtol=1e-15)


@pytest.mark.parametrize(
    ("scores", "law"),
    [
        ([1000, 1000], [0.5, 0.5]),
        ([-1000, -1000], [0.5, 0.5]),
        ([1e308, -1e308], [1, 0]),
        ([0, -np.inf, 0], [0.5, 0, 0.5]),
        ([-np.inf, -800], [0, 1]),
        ([7], [1]),
    ],
)
def test_softmax_at_the_edges(scores: Any, law: Any) -> None:
    assert attention.softmax(scores).tolist() == law


# The layer.


@given(layers())
def test_the_layer_agrees_with_its_definition(layer: Layer) -> None:
    rng, W, E = layer
    prompt = random_prompt(rng, len(E))
    weights, law = layer_by_loops(prompt, W, E)
    np.testing.assert_allclose(attention.attention_weights(prompt, W, E), weights, atol=1e-12)
    np.testing.assert_allclose(attention.attention_law(prompt, W, E), law, rtol=0, atol=1e-12)


@given(layers())
def test_the_layer_agrees_with_its_definition_with_positions(layer: Layer) -> None:
    rng, W, E = layer
    prompt = random_prompt(rng, len(E))
    U = rng.normal(size=(len(prompt) + 2, E.shape[1]))
    weights, law = layer_by_loops(prompt, W, E, U)
    np.testing.assert_allclose(attention.attention_weights(prompt, W, E, U), weights, atol=1e-12)
    np.testing.assert_allclose(attention.attention_law(prompt, W, E, U), law, rtol=0, atol=1e-12)


@settings(max_examples=300)
@given(layers(most_K=12, extra=8))
def test_attention_is_a_context_conditioned_markov_chain(layer: Layer) -> None:
    rng, W, E = layer
    prompt = random_prompt(rng, len(E))
    law = attention.attention_law(prompt, W, E)
    np.testing.assert_allclose(law, law_by_counting(prompt, W, E), rtol=0, atol=1e-12)


def test_attention_is_a_chain_on_every_short_prompt() -> None:
    rng = np.random.default_rng(2)
    E, W = random_embeddings(rng, 3, 5), rng.normal(size=(5, 5))
    prompts = [p for length in range(1, 5) for p in product(range(3), repeat=length)]
    assert len(prompts) == 120
    laws = [attention.attention_law(prompt, W, E) for prompt in prompts]
    P, M = attention.transition_matrix(W, E), chain.counts(prompts, 3)
    expected = chain.next_token_law(P, M, [prompt[-1] for prompt in prompts])
    np.testing.assert_allclose(laws, expected, rtol=0, atol=1e-12)


@given(seeds, st.integers(2, 7), st.integers(1, 6))
def test_copying_an_attended_position_is_a_chain_in_any_dimension(
    seed: int, K: int, d: int
) -> None:
    """Mass of attention, token by token: the theorem without a read-out, for d < K too."""
    rng = np.random.default_rng(seed)
    E, W = rng.normal(size=(K, d)), rng.normal(size=(d, d))
    prompt = random_prompt(rng, K)
    copied = np.bincount(prompt, attention.attention_weights(prompt, W, E), minlength=K)
    np.testing.assert_allclose(copied, law_by_counting(prompt, W, E), rtol=0, atol=1e-12)


def test_with_unit_embeddings_the_key_query_matrix_holds_the_logits() -> None:
    logits = np.array([[0.3, -1.0, 2.0], [0.0, 0.5, 0.1], [-0.7, 0.2, 0.4]])
    prompt = [1, 0, 2, 2, 0]
    odds = np.exp(logits[[1, 0, 2, 2, 0], 0])
    weights = attention.attention_weights(prompt, logits, np.eye(3))
    np.testing.assert_allclose(weights, odds / odds.sum(), rtol=1e-14)
    law = attention.attention_law(prompt, logits, np.eye(3))
    per_token = [odds[[1, 4]].sum(), odds[0], odds[[2, 3]].sum()]
    np.testing.assert_allclose(law, per_token / odds.sum(), rtol=1e-14)


def test_a_prompt_of_one_token_repeats_it() -> None:
    rng = np.random.default_rng(4)
    E, W = random_embeddings(rng, 4, 6), rng.normal(size=(6, 6))
    for token in range(4):
        assert attention.attention_weights([token], W, E).tolist() == [1.0]
        np.testing.assert_allclose(
            attention.attention_law([token], W, E), np.eye(4)[token], atol=1e-14
        )


def test_without_weights_the_layer_counts() -> None:
    rng = np.random.default_rng(6)
    law = attention.attention_law([0, 2, 2, 1], np.zeros((5, 5)), random_embeddings(rng, 3, 5))
    np.testing.assert_allclose(law, [0.25, 0.25, 0.5], atol=1e-14)


@given(layers())
def test_the_order_before_the_query_does_not_matter(layer: Layer) -> None:
    rng, W, E = layer
    prompt = random_prompt(rng, len(E))
    shuffled = np.append(rng.permutation(prompt[:-1]), prompt[-1])
    np.testing.assert_allclose(
        attention.attention_law(shuffled, W, E), attention.attention_law(prompt, W, E), atol=1e-12
    )


# Position vectors.


@given(layers())
def test_position_vectors_factor_into_a_base_row_and_weighted_counts(layer: Layer) -> None:
    """Any U: row softmax(E W (e_q + u_L)), weights exp(u_i^T W (e_q + u_L))."""
    rng, W, E = layer
    prompt = random_prompt(rng, len(E))
    U = rng.normal(scale=0.5, size=(len(prompt), E.shape[1]))
    query = E[prompt[-1]] + U[-1]
    row = scipy.special.softmax(E @ W @ query)
    M = chain.counts([prompt], len(E), weights=np.exp(U @ W @ query))
    expected = chain.next_token_law(np.tile(row, (len(E), 1)), M, prompt[-1:])[0]
    np.testing.assert_allclose(
        attention.attention_law(prompt, W, E, U), expected, rtol=0, atol=1e-12
    )


@given(seeds, st.integers(1, 5), st.integers(1, 4))
def test_decoupled_positions_leave_the_base_chain_alone(seed: int, K: int, r: int) -> None:
    """Tokens and positions in orthogonal subspaces: P stays, positions weigh softmax(U W u_L)."""
    rng = np.random.default_rng(seed)
    E = np.hstack([random_embeddings(rng, K, K), np.zeros((K, r))])
    prompt = random_prompt(rng, K)
    U = np.hstack([np.zeros((len(prompt), K)), rng.normal(size=(len(prompt), r))])
    W = scipy.linalg.block_diag(rng.normal(size=(K, K)), rng.normal(size=(r, r)))
    M = chain.counts([prompt], K, weights=scipy.special.softmax(U @ W @ U[-1]))
    expected = chain.next_token_law(attention.transition_matrix(W, E), M, prompt[-1:])[0]
    np.testing.assert_allclose(
        attention.attention_law(prompt, W, E, U), expected, rtol=0, atol=1e-12
    )


def test_position_vectors_of_zero_change_nothing_and_spare_ones_are_not_read() -> None:
    rng = np.random.default_rng(8)
    E, W = random_embeddings(rng, 3, 4), rng.normal(size=(4, 4))
    prompt = [2, 0, 1]
    plain = attention.attention_weights(prompt, W, E)
    assert (attention.attention_weights(prompt, W, E, np.zeros((3, 4))) == plain).all()
    U = rng.normal(size=(9, 4))
    assert (
        attention.attention_weights(prompt, W, E, U)
        == attention.attention_weights(prompt, W, E, U[:3])
    ).all()


# Weights to transition matrix and back.


@given(layers())
def test_transition_matrix_has_the_query_in_the_row(layer: Layer) -> None:
    _, W, E = layer
    P = attention.transition_matrix(W, E)
    for q in range(len(E)):
        row = scipy.special.softmax([E[j] @ W @ E[q] for j in range(len(E))])
        np.testing.assert_allclose(P[q], row, rtol=0, atol=1e-13)


@given(layers())
def test_from_the_chain_to_the_weights_and_back(layer: Layer) -> None:
    rng, _, E = layer
    K = len(E)
    P = rng.dirichlet(np.ones(K), size=K) * 0.99 + 0.01 / K
    W = attention.key_query_matrix(P, E)
    np.testing.assert_allclose(attention.transition_matrix(W, E), P, rtol=0, atol=1e-13)
    np.testing.assert_allclose(attention.project(W, E), W, rtol=0, atol=1e-12)


@given(layers())
def test_from_the_weights_to_the_chain_and_back(layer: Layer) -> None:
    _, W, E = layer
    again = attention.key_query_matrix(attention.transition_matrix(W, E), E)
    np.testing.assert_allclose(again, attention.project(W, E), rtol=0, atol=1e-12)


@given(layers(most_K=5, extra=3))
def test_project_agrees_with_least_squares_on_the_spanning_matrices(layer: Layer) -> None:
    """The definition of the subspace, without any formula for it."""
    _, W, E = layer
    basis = spanning_matrices(E)
    coefficients = scipy.linalg.lstsq(basis.T, W.ravel(), cond=1e-10)[0]
    nearest = (coefficients @ basis).reshape(W.shape)
    np.testing.assert_allclose(attention.project(W, E), nearest, rtol=0, atol=1e-11)


@pytest.mark.parametrize(("K", "d"), [(1, 1), (1, 3), (2, 2), (3, 3), (3, 5), (5, 6)])
def test_the_subspace_has_dimension_K_times_K_minus_1(K: int, d: int) -> None:
    E = random_embeddings(np.random.default_rng(K + d), K, d)
    units = np.eye(d * d).reshape(d * d, d, d)
    projector = np.array([attention.project(unit, E).ravel() for unit in units])
    assert np.linalg.matrix_rank(projector, tol=1e-10) == K * (K - 1)
    assert np.linalg.matrix_rank(spanning_matrices(E), tol=1e-10) == K * (K - 1)
    np.testing.assert_allclose(projector, projector.T, atol=1e-14)
    np.testing.assert_allclose(projector @ projector, projector, atol=1e-13)


@given(layers())
def test_what_projection_removes_is_invisible_to_the_chain(layer: Layer) -> None:
    _, W, E = layer
    kept = attention.project(W, E)
    P = attention.transition_matrix(W, E)
    np.testing.assert_allclose(attention.transition_matrix(kept, E), P, rtol=0, atol=1e-12)
    louder = attention.transition_matrix(kept + 3 * (W - kept), E)
    np.testing.assert_allclose(louder, P, rtol=0, atol=1e-12)


@given(layers())
def test_a_constant_added_to_all_log_odds_of_a_query_changes_nothing(layer: Layer) -> None:
    rng, W, E = layer
    read_out = np.linalg.pinv(E).T
    gauge = np.outer(read_out.sum(axis=0), rng.normal(size=len(E)) @ read_out)
    np.testing.assert_allclose(
        attention.transition_matrix(W + gauge, E), attention.transition_matrix(W, E), atol=1e-12
    )
    np.testing.assert_allclose(attention.project(gauge, E), np.zeros_like(W), atol=1e-11)


def test_the_naive_inverse_has_the_right_chain_but_leaves_the_subspace() -> None:
    rng = np.random.default_rng(9)
    E, P = random_embeddings(rng, 4, 6), rng.dirichlet(np.ones(4), size=4)
    naive = np.linalg.pinv(E) @ np.log(P).T @ np.linalg.pinv(E).T
    np.testing.assert_allclose(attention.transition_matrix(naive, E), P, atol=1e-13)
    W = attention.key_query_matrix(P, E)
    assert np.abs(naive - W).max() > 0.1
    np.testing.assert_allclose(attention.project(naive, E), W, atol=1e-12)


def test_with_unit_embeddings_the_key_query_matrix_is_centred_log_odds() -> None:
    P = np.array([[0.25, 0.75], [0.5, 0.5]])
    W = attention.key_query_matrix(P, np.eye(2))
    half = math.log(3) / 2
    np.testing.assert_allclose(W, [[-half, 0], [half, 0]], atol=1e-15)


def test_rounding_stays_small_for_embeddings_that_nearly_depend_on_each_other() -> None:
    """Ratio 1e-6 of singular values: E E^T would have kept 4 digits, C keeps 10."""
    E = np.array([[1.0, 0.0, 0.0], [1.0, 1e-6, 0.0]])
    law = attention.attention_law([0, 1, 1, 1], np.zeros((3, 3)), E)
    np.testing.assert_allclose(law, [0.25, 0.75], rtol=0, atol=1e-9)
    projected = attention.project(np.eye(3), E)
    np.testing.assert_allclose(projected, np.diag([0.0, 1.0, 0.0]), atol=1e-9)


@pytest.mark.parametrize("scale", [1e-100, 1e100])
def test_the_unit_of_the_embeddings_does_not_matter(scale: float) -> None:
    rng = np.random.default_rng(10)
    E, W = random_embeddings(rng, 3, 4), rng.normal(size=(4, 4))
    projected = attention.project(W, E)
    np.testing.assert_allclose(attention.project(W, E * scale), projected, atol=1e-13)
    law = attention.attention_law([0, 2, 1], W, E)
    scaled = attention.attention_law([0, 2, 1], W / scale / scale, E * scale)
    np.testing.assert_allclose(scaled, law, atol=1e-13)


def test_log_odds_beyond_float64_round_to_zero() -> None:
    P = attention.transition_matrix([[0, 0], [2000, 0]], np.eye(2))
    assert P.tolist() == [[0, 1], [0.5, 0.5]]


# Nothing of the caller's is changed or kept.


def test_nothing_of_the_callers_is_changed_or_kept() -> None:
    rng = np.random.default_rng(12)
    E, W, U = random_embeddings(rng, 3, 4), rng.normal(size=(4, 4)), rng.normal(size=(5, 4))
    P, prompt, scores = rng.dirichlet(np.ones(3), size=3), np.array([0, 2]), np.zeros(3)
    callers = (E, W, U, P, prompt, scores)
    for array in callers:
        array.flags.writeable = False
    results = [
        attention.softmax(scores),
        attention.attention_weights(prompt, W, E, U),
        attention.attention_law(prompt, W, E, U),
        attention.transition_matrix(W, E),
        attention.key_query_matrix(P, E),
        attention.project(W, E),
    ]
    for result in results:
        assert result.dtype == np.float64
        assert result.flags.writeable
        assert not any(np.shares_memory(result, array) for array in callers)


# Bad input: one sentence with the argument, the need and what was given.

NAN = float("nan")
I2, I3 = np.eye(2), np.eye(3)
HALF = [[0.5, 0.5], [0.5, 0.5]]
WIDE = np.array([[1.0, 0, 0], [0, 1, 0]])
DEPENDENT = np.array([[1.0, 0, 0], [0, 1, 0], [1, 1, 0]])

BAD_SCORES = [
    ([], "at least one score a row, got shape (0,)"),
    (3.0, "at least one score a row, got shape ()"),
    (np.zeros((2, 0)), "at least one score a row, got shape (2, 0)"),
    ([0, NAN], "finite number in every row, got a row with the maximum nan"),
    ([0, np.inf], "got a row with the maximum inf"),
    ([[0, 1], [-np.inf, -np.inf], [NAN, 0]], "got a row with the maximum -inf"),
    (["a"], "scores must hold real numbers"),
    ([True], "scores must hold real numbers"),
    ([[0], [0, 1]], "scores must be an array of numbers with rows of equal length"),
]

BAD_LAYERS = [
    ([0], I2, [1, 2], None, "E must be 2-dimensional, got the shape (2,)"),
    ([0], I2, np.zeros((0, 2)), None, "E must hold a vector for every token"),
    ([0], I2, np.zeros((2, 0)), None, "E must hold a vector for every token"),
    ([0], I2, [[NAN, 0], [0, 1]], None, "E must hold finite numbers, got E[0, 0] = nan"),
    ([0], I2, [["a", "b"], ["c", "d"]], None, "E must hold real numbers"),
    ([0], I3, I2, None, "W must have the shape (2, 2) for embeddings E of dimension d = 2"),
    ([0], I2, WIDE, None, "W must have the shape (3, 3) for embeddings E of dimension d = 3"),
    ([0], [1, 2], I2, None, "W must be 2-dimensional"),
    ([0], [[0, NAN], [0, 0]], I2, None, "W must hold finite numbers, got W[0, 1] = nan"),
    ([0, 2], I2, I2, None, "prompt must hold tokens from 0 to 1, got prompt[1] = 2"),
    ([], I2, I2, None, "prompt must hold at least one token"),
    ([0.0], I2, I2, None, "prompt[0] = 0.0 of type float"),
    ([0, 1], I2, I2, [[0, 0]], "dimension d = 2 for each of the 2 positions of the prompt"),
    ([0, 1], I2, I2, np.zeros((2, 3)), "U must hold a vector of dimension d = 2"),
    ([0, 1], I2, I2, np.zeros((2, 1)), "U must hold a vector of dimension d = 2"),
    ([0, 1], I2, I2, [0, 0], "U must be 2-dimensional"),
    ([0, 1], I2, I2, [[0, 0], [np.inf, 0]], "U must hold finite numbers, got U[1, 0] = inf"),
    ([0, 1], I2 * 1e300, I2 * 1e10, None, "W, E and U must give scores within the range"),
    ([0, 1], [[1e308, -1e308]] * 2, I2 * 9 + 1, None, "must give scores within the range"),
]

BAD_EMBEDDINGS = [
    (np.ones((3, 2)), "E must have d >= K"),
    (np.ones((3, 2)), "got K = 3 tokens in dimension d = 2"),
    (DEPENDENT, "E must have linearly independent rows, got rank 2 for K = 3 rows"),
    (np.zeros((3, 3)), "got rank 0 for K = 3 rows"),
    (np.diag([2.0, 1.0, 1.8e-10]), "got rank 2 for K = 3 rows (smallest singular value 9e-11 of"),
]


def check_refusal(words: str, function: Callable[..., object], *arguments: object) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
        function(*arguments)
    assert words in str(refusal.value)


@pytest.mark.parametrize(("scores", "words"), BAD_SCORES)
def test_bad_scores_are_refused(scores: Any, words: str) -> None:
    check_refusal(words, attention.softmax, scores)


@pytest.mark.parametrize(("prompt", "W", "E", "U", "words"), BAD_LAYERS)
def test_bad_layers_are_refused(prompt: Any, W: Any, E: Any, U: Any, words: str) -> None:
    check_refusal(words, attention.attention_weights, prompt, W, E, U)
    check_refusal(words, attention.attention_law, prompt, W, E, U)
    if words.startswith(("E", "W must")):
        check_refusal(words, attention.transition_matrix, W, E)
        check_refusal(words, attention.project, W, E)


@pytest.mark.parametrize(("E", "words"), BAD_EMBEDDINGS)
def test_embeddings_that_depend_on_each_other_are_refused(E: Any, words: str) -> None:
    W = np.zeros((E.shape[1], E.shape[1]))
    check_refusal(words, attention.attention_law, [0], W, E)
    check_refusal(words, attention.project, W, E)
    check_refusal(words, attention.key_query_matrix, np.full((3, 3), 1 / 3), E)
    assert attention.attention_weights([0, 0], W, E).tolist() == [0.5, 0.5]
    assert (attention.transition_matrix(W, E) == 1 / 3).all()


def test_embeddings_within_the_threshold_are_taken() -> None:
    E = np.diag([1.0, 1.0, 1.1e-10])
    np.testing.assert_allclose(attention.attention_law([2], np.zeros((3, 3)), E), [0, 0, 1])


def test_overflow_in_the_maps_is_refused() -> None:
    check_refusal("W and E must give scores", attention.transition_matrix, I2 * 1e300, I2 * 1e10)
    W, E = np.full((2, 2), 1.7e308), [[0.924, 1.383], [0.0, 1.0]]
    check_refusal("W must have a projection", attention.project, W, E)
    P = [[0.2, 0.8], [0.5, 0.5]]
    check_refusal("E must give a W", attention.key_query_matrix, P, I2 * 1e-200)
    check_refusal("E must have a read-out C", attention.attention_law, [0], I2, I2 * 1e-310)


def test_a_transition_matrix_with_a_zero_has_no_key_query_matrix() -> None:
    words = "P must have positive entries for W to be finite, got P[0, 2] = 0, whose logarithm"
    check_refusal(words, attention.key_query_matrix, [[0.5, 0.5, 0], [0, 1, 0], [0.5, 0, 0.5]], I3)


def test_key_query_matrix_refuses_other_bad_input() -> None:
    check_refusal("got row 0 of P with the sum 0.9", attention.key_query_matrix, [[0.9]], [[1.0]])
    words = "E must hold one row for each of the 2 tokens of P, got 3"
    check_refusal(words, attention.key_query_matrix, HALF, I3)
