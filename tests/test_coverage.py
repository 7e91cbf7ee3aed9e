"""The coverage room against counting by hand, scipy's components, linear programs and circuits."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components, shortest_path

from ccmc_teach import chain, coverage

pytestmark = pytest.mark.filterwarnings("error")
Array = NDArray[np.float64]
Data = tuple[Array, NDArray[np.int64], NDArray[np.int64]]

SEEDS = st.integers(0, 2**32 - 1)


def random_data(rng: np.random.Generator, K: int, n: int, longest: int = 4) -> Data:
    """Return prompts of 1 to `longest` tokens, some tokens rare, and one of their tokens each."""
    likely = rng.dirichlet(np.full(K, 0.7))
    prompts = [rng.choice(K, size=rng.integers(1, longest + 1), p=likely) for _ in range(n)]
    M = chain.counts(prompts, K)
    if rng.random() < 0.5:
        M *= rng.uniform(0.25, 4, size=M.shape)
    q = np.array([prompt[-1] for prompt in prompts])
    return M, q, np.array([rng.choice(prompt) for prompt in prompts])


def drawn(seed: int, largest_K: int = 5, most: int = 30) -> Data:
    rng = np.random.default_rng(seed)
    return random_data(rng, int(rng.integers(1, largest_K + 1)), int(rng.integers(1, most + 1)))


def random_transition_matrix(rng: np.random.Generator, K: int) -> Array:
    P: Array = rng.dirichlet(np.ones(K), size=K)
    return P


def components(graph: NDArray[np.bool_], connection: str = "weak") -> int:
    return int(connected_components(graph, directed=True, connection=connection)[0])


# Who was seen with whom, and who was chosen.


@given(SEEDS)
def test_graphs_agree_with_reading_the_prompts_one_by_one(seed: int) -> None:
    M, q, y = drawn(seed)
    K = M.shape[1]
    seen, together, edges = set(), set(), set()
    for m, query, choice in zip(M, q.tolist(), y.tolist(), strict=True):
        tokens = [j for j in range(K) if m[j] > 0]
        seen |= {(query, j) for j in tokens}
        together |= {(query, i, j) for i in tokens for j in tokens if i != j}
        edges |= {(query, j, choice) for j in tokens if j != choice}
    assert {tuple(cell) for cell in np.argwhere(coverage.seen(M, q)).tolist()} == seen
    assert {tuple(cell) for cell in np.argwhere(coverage.co_occurrence(M, q)).tolist()} == together
    assert {tuple(cell) for cell in np.argwhere(coverage.choice_graph(M, q, y)).tolist()} == edges


@given(SEEDS)
def test_all_graphs_of_a_row_are_a_hub_and_islands(seed: int) -> None:
    M, q, y = drawn(seed)
    K = M.shape[1]
    seen = coverage.seen(M, q)
    for k, (graph, choices) in enumerate(
        zip(coverage.co_occurrence(M, q), coverage.choice_graph(M, q, y), strict=True)
    ):
        others = seen[k] & (np.arange(K) != k)
        assert (graph[k] == others).all()
        assert components(graph) == components(choices) == K - np.count_nonzero(others)


def test_the_graphs_of_a_small_example() -> None:
    """With query 2: cat 0 was passed over for owl 2, then owl for dog 1; fox 3 was never there."""
    M, q, y = [[1, 0, 1, 0], [0, 2, 1, 0], [0, 0, 5, 0], [0, 0, 0, 1]], [2, 2, 2, 3], [2, 1, 2, 3]
    seen = coverage.seen(M, q)
    assert np.argwhere(seen).tolist() == [[2, 0], [2, 1], [2, 2], [3, 3]]
    pairs = np.argwhere(coverage.co_occurrence(M, q)).tolist()
    assert pairs == [[2, 0, 2], [2, 1, 2], [2, 2, 0], [2, 2, 1]]
    edges = coverage.choice_graph(M, q, y)
    assert np.argwhere(edges).tolist() == [[2, 0, 2], [2, 2, 1]]
    assert np.argwhere(coverage.leads_to_query(edges)).tolist() == [
        [0, 0],
        [1, 1],
        [2, 0],
        [2, 2],
        [3, 3],
    ]
    assert coverage.is_identified(M, q).tolist() == [False] * 4
    assert coverage.has_finite_mle(M, q, y).tolist() == [True, True, False, True]


def test_graphs_of_many_prompts_do_not_overflow_their_sums() -> None:
    """300 prompts are more than a sum of bytes can count."""
    M, q = np.ones((300, 2)), np.zeros(300, dtype=int)
    assert coverage.co_occurrence(M, q)[0].tolist() == [[False, True], [True, False]]


def test_the_smallest_weight_is_a_presence() -> None:
    M, q, y = [[1.0, 5e-324]], [0], [0]
    assert coverage.seen(M, q)[0].all()
    assert coverage.co_occurrence(M, q)[0, 0, 1]
    assert coverage.choice_graph(M, q, y)[0, 1, 0]


# Identification.


@settings(max_examples=300)
@given(SEEDS)
def test_a_row_is_identified_where_its_co_occurrence_graph_is_connected(seed: int) -> None:
    M, q, _ = drawn(seed)
    connected = [components(graph) == 1 for graph in coverage.co_occurrence(M, q)]
    assert coverage.is_identified(M, q).tolist() == connected


@given(SEEDS)
def test_an_identified_row_can_be_read_off_the_laws_of_its_prompts(seed: int) -> None:
    M, q, _ = drawn(seed, largest_K=3)
    P = random_transition_matrix(np.random.default_rng(seed), M.shape[1])
    laws = chain.next_token_law(P, M, q)
    for k in np.flatnonzero(coverage.is_identified(M, q)):
        odds = np.ones(len(P))
        for m, law in zip(M[q == k], laws[q == k], strict=True):
            there = m > 0
            odds[there] = law[there] / m[there] * m[k] / law[k]
        np.testing.assert_allclose(odds / odds.sum(), P[k], rtol=1e-10)


# A finite maximum.


@settings(max_examples=400)
@given(SEEDS)
def test_a_maximum_is_finite_where_weak_components_are_strong(seed: int) -> None:
    M, q, y = drawn(seed)
    graphs = coverage.choice_graph(M, q, y)
    is_strong = [components(graph, "weak") == components(graph, "strong") for graph in graphs]
    assert coverage.has_finite_mle(M, q, y).tolist() == is_strong


def test_larger_designs_agree_with_strong_components() -> None:
    rng = np.random.default_rng(8)
    verdicts = set()
    for n in (50, 400, 3000):
        for _ in range(12):
            M, q, y = random_data(rng, K=12, n=n, longest=9)
            graphs = coverage.choice_graph(M, q, y)
            expected = [components(g, "weak") == components(g, "strong") for g in graphs]
            assert coverage.has_finite_mle(M, q, y).tolist() == expected
            verdicts |= {*expected}
    assert verdicts == {False, True}


def can_grow_for_ever(M: Array, y: NDArray[np.int64]) -> bool:
    """Return whether some direction of the logits never lowers the likelihood of one row.

    Along d the log-odds of the choice against every token present must not fall, and one must rise.
    """
    losses = [
        np.eye(M.shape[1])[j] - np.eye(M.shape[1])[choice]
        for m, choice in zip(M, y, strict=True)
        for j in np.flatnonzero(m)
    ]
    if not losses:
        return False
    best = linprog(np.sum(losses, axis=0), A_ub=losses, b_ub=np.zeros(len(losses)), bounds=(-1, 1))
    assert best.status == 0
    return bool(best.fun < -1e-7)


def test_a_maximum_is_finite_where_no_direction_grows_for_ever() -> None:
    """Linear programs in place of graphs, on 600 rows of random data."""
    rng = np.random.default_rng(21)
    verdicts: list[bool] = []
    while len(verdicts) < 600:
        M, q, y = random_data(rng, K=int(rng.integers(2, 6)), n=int(rng.integers(4, 40)))
        expected = [not can_grow_for_ever(M[q == k], y[q == k]) for k in range(M.shape[1])]
        assert coverage.has_finite_mle(M, q, y).tolist() == expected
        verdicts += expected
    assert 100 < sum(verdicts) < 500


FINITE = [
    # With query 0: the choices, each of all tokens in its prompt.
    ([([0, 1], 0)], False, "the query alone was chosen"),
    ([([0, 1], 1)], False, "the query was never chosen"),
    ([([0, 1], 0), ([0, 1], 1)], True, "each was chosen once"),
    ([([0], 0)], True, "nothing but the query was seen"),
    ([([0], 0), ([0, 1], 1)], False, "a choice without an alternative is no choice"),
    ([([0, 1], 1), ([0, 1, 2], 2), ([0, 2], 0)], True, "a round trip of three"),
    ([([0, 1], 1), ([0, 2], 2), ([0, 2], 0)], False, "token 1 leads nowhere"),
    ([([0, 1, 2], 1), ([0, 1, 2], 2)], False, "two tokens beat the query together"),
    ([([0, 1, 2, 3], 1), ([1, 2, 0], 2), ([2, 3, 0], 3), ([3, 0], 0)], True, "a long way back"),
    ([([0, 1, 2], 0), ([0, 1], 1)], False, "token 2 was never chosen"),
]


@pytest.mark.parametrize(("choices", "is_finite", "why"), FINITE, ids=[case[2] for case in FINITE])
def test_small_cases_of_a_finite_maximum(choices: Any, is_finite: bool, why: str) -> None:
    M = chain.counts([prompt for prompt, _ in choices], K=5)
    q, y = [0] * len(choices), [choice for _, choice in choices]
    assert coverage.has_finite_mle(M, q, y).tolist() == [is_finite, True, True, True, True]


def test_a_long_way_back_is_followed_to_its_end() -> None:
    """Token 20 leads to the query only through all the others, one after the other."""
    K = 21
    prompts = [[0, j, j + 1] for j in range(K - 1)] * 2
    y = [*range(K - 1), *range(1, K)]
    M, q = chain.counts(prompts, K), [0] * len(y)
    assert coverage.leads_to_query(coverage.choice_graph(M, q, y))[0].all()
    assert coverage.has_finite_mle(M, q, y)[0]


@given(SEEDS)
def test_leading_to_the_query_agrees_with_shortest_paths(seed: int) -> None:
    rng = np.random.default_rng(seed)
    K = int(rng.integers(1, 7))
    graph = rng.random((K, K, K)) < rng.uniform(0.05, 0.5)
    expected = [np.isfinite(shortest_path(graph[k])[:, k]) for k in range(K)]
    assert (coverage.leads_to_query(graph) == expected).all()


@given(SEEDS)
def test_renaming_the_tokens_renames_the_answers(seed: int) -> None:
    M, q, y = drawn(seed)
    new = np.random.default_rng(seed).permutation(M.shape[1])
    back = np.argsort(new)
    renamed = M[:, new], back[q], back[y]
    verdict = coverage.has_finite_mle(M, q, y)
    assert (coverage.has_finite_mle(*renamed) == verdict[new]).all()
    assert (coverage.is_identified(*renamed[:2]) == coverage.is_identified(M, q)[new]).all()
    graph = coverage.choice_graph(M, q, y)
    assert (coverage.choice_graph(*renamed) == graph[np.ix_(new, new, new)]).all()


def test_a_vocabulary_of_one_token_has_nothing_to_learn() -> None:
    M, q, y = [[3], [1]], [0, 0], [0, 0]
    assert coverage.is_identified(M, q).tolist() == [True]
    assert coverage.has_finite_mle(M, q, y).tolist() == [True]
    assert coverage.twin([[1.0]], M, q) is None
    assert not coverage.choice_graph(M, q, y).any()


def test_a_query_that_never_occurs_is_not_identified_but_does_no_harm() -> None:
    M, q, y = [[1, 1], [1, 1]], [0, 0], [0, 1]
    assert coverage.is_identified(M, q).tolist() == [True, False]
    assert coverage.has_finite_mle(M, q, y).tolist() == [True, True]


# The twin.


@settings(max_examples=300)
@given(SEEDS)
def test_the_twin_has_the_same_laws_bit_for_bit(seed: int) -> None:
    M, q, _ = drawn(seed)
    P = random_transition_matrix(np.random.default_rng(seed), M.shape[1])
    identified = coverage.is_identified(M, q)
    other = coverage.twin(P, M, q)
    if other is None:
        assert identified.all()
        return
    assert (chain.next_token_law(other, M, q) == chain.next_token_law(P, M, q)).all()
    assert ((other != P).any(axis=1) == ~identified).all()
    assert (chain.as_transition_matrix(other) > 0).all()
    np.testing.assert_allclose(other.sum(axis=1), 1, rtol=1e-14)
    # The laws of other prompts do differ: with all tokens present, in every open row.
    K = len(P)
    everything = np.ones((K, K)), np.arange(K)
    apart = np.abs(chain.next_token_law(P, *everything) - chain.next_token_law(other, *everything))
    assert ((apart.max(axis=1) > 1e-6) == ~identified).all()


@given(SEEDS)
def test_a_twin_of_the_twin_is_a_third_matrix(seed: int) -> None:
    M, q, _ = drawn(seed)
    P = random_transition_matrix(np.random.default_rng(seed), M.shape[1])
    other = coverage.twin(P, M, q)
    third = None if other is None else coverage.twin(other, M, q)
    if third is not None:
        assert (chain.next_token_law(third, M, q) == chain.next_token_law(P, M, q)).all()
        assert not (third == P).all()


def test_the_twin_by_hand() -> None:
    P: Any = [[0.5, 0.25, 0.125, 0.125], [0.25] * 4, [1, 0, 0, 0], [0.25, 0, 0.5, 0.25]]
    M, q = [[2, 1, 0, 0], [1, 1, 1, 1], [1, 0, 1, 0]], [0, 1, 2]
    other = coverage.twin(P, M, q)
    assert other is not None
    # 3/8 stay with the tokens seen; 5/8 go to the others, which had equal parts.
    assert other[0].tolist() == [0.25, 0.125, 0.3125, 0.3125]
    assert other[1].tolist() == P[1]
    # The others had nothing, so they share evenly.
    assert other[2].tolist() == [0.5, 0.25, 0, 0.25]
    # The query never occurs: the likeliest token gives half away, in the old proportion.
    assert other[3].tolist() == [0.375, 0, 0.25, 0.375]


def test_a_row_of_which_nothing_is_known_changes_even_if_the_query_had_nothing() -> None:
    other = coverage.twin([[0.0, 1.0], [1.0, 0.0]], [[1, 1]], [0])
    assert other is not None
    assert other.tolist() == [[0, 1], [0.5, 0.5]]


def test_tiny_probabilities_have_a_twin_as_long_as_half_of_them_exists() -> None:
    M, q = [[1, 1, 0], [1, 1, 1], [1, 1, 1]], [0, 1, 2]
    for tiny in (1e-300, 2e-323):
        P: Any = [[1.0, tiny, 0.0], [0.5, 0.5, 0.0], [0.5, 0.5, 0.0]]
        other = coverage.twin(P, M, q)
        assert other is not None
        assert other[0].tolist() == [0.5, tiny / 2, 0.5]
        assert (chain.next_token_law(other, M, q) == chain.next_token_law(P, M, q)).all()
    P[0][1] = 5e-324
    check_refusal("an exact half in float64, got 5e-324 in row 0 of P", coverage.twin, P, M, q)


# Effective resistance.


def laplacian_of(conductance: Array) -> Array:
    matrix: Array = np.diag(conductance.sum(axis=1)) - conductance
    return matrix


def random_conductance(rng: np.random.Generator, K: int, density: float = 1.0) -> Array:
    upper = np.triu(np.exp(rng.normal(size=(K, K))) * (rng.random((K, K)) < density), 1)
    weights: Array = upper + upper.T
    return weights


@given(SEEDS)
def test_resistances_agree_with_the_pseudoinverse(seed: int) -> None:
    rng = np.random.default_rng(seed)
    K = int(rng.integers(1, 8))
    conductance = random_conductance(rng, K, density=float(rng.uniform(0.2, 1)))
    matrix = laplacian_of(conductance)
    inverse = np.linalg.pinv(matrix, rcond=1e-10, hermitian=True)
    diagonal = np.diag(inverse)
    expected = diagonal[:, np.newaxis] + diagonal - 2 * inverse
    label = connected_components(conductance > 0)[1]
    expected[label[:, np.newaxis] != label] = np.inf
    np.testing.assert_allclose(
        coverage.effective_resistance(matrix), expected, rtol=1e-9, atol=1e-13
    )


def exact_resistance(conductance: Array, i: int, j: int) -> float:
    """Solve Kirchhoff's equations over the fractions, with node j at the voltage 0."""
    K = len(conductance)
    exact = [[Fraction(float(c)) for c in row] for row in conductance]
    nodes = [node for node in range(K) if node != j]
    rows = [
        [sum(exact[a], Fraction(0)) if a == b else -exact[a][b] for b in nodes]
        + [Fraction(int(a == i))]
        for a in nodes
    ]
    for column in range(K - 1):
        pivot = next(r for r in range(column, K - 1) if rows[r][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [entry / rows[column][column] for entry in rows[column]]
        for other in range(K - 1):
            factor = rows[other][column]
            if other != column and factor:
                pairs = zip(rows[other], rows[column], strict=True)
                rows[other] = [entry - factor * lead for entry, lead in pairs]
    return float(rows[nodes.index(i)][-1])


@settings(max_examples=40)
@given(SEEDS)
def test_resistances_keep_their_digits_over_twenty_decades(seed: int) -> None:
    rng = np.random.default_rng(seed)
    K = int(rng.integers(2, 6))
    upper = np.triu(10.0 ** rng.uniform(-20, 0, size=(K, K)), 1)
    conductance = upper + upper.T
    resistance = coverage.effective_resistance(laplacian_of(conductance))
    for i in range(K):
        for j in range(i):
            np.testing.assert_allclose(
                resistance[i, j], exact_resistance(conductance, i, j), rtol=1e-12
            )


def test_resistances_in_series_add_up() -> None:
    steps = np.array([2.0, 0.5, 4.0])
    conductance = np.diag(1 / steps, 1) + np.diag(1 / steps, -1)
    place = np.concatenate([[0], steps.cumsum()])
    expected = np.abs(place[:, np.newaxis] - place)
    np.testing.assert_allclose(
        coverage.effective_resistance(laplacian_of(conductance)), expected, rtol=1e-14
    )


def test_a_ring_is_two_ways_in_parallel() -> None:
    K = 6
    ring = np.roll(np.eye(K), 1, axis=1)
    apart = np.abs(np.subtract.outer(np.arange(K), np.arange(K)))
    np.testing.assert_allclose(
        coverage.effective_resistance(laplacian_of(ring + ring.T)),
        apart * (K - apart) / K,
        rtol=1e-14,
    )


@pytest.mark.parametrize("K", [2, 3, 7])
def test_a_complete_graph_has_the_resistance_2_over_K(K: int) -> None:
    matrix = laplacian_of(np.full((K, K), 3.0) - 3 * np.eye(K))
    expected = (1 - np.eye(K)) * 2 / (3 * K)
    np.testing.assert_allclose(coverage.effective_resistance(matrix), expected, rtol=1e-14)


@given(SEEDS)
def test_fosters_theorem(seed: int) -> None:
    """The sum of conductance times resistance over all edges is K less the number of parts."""
    rng = np.random.default_rng(seed)
    K = int(rng.integers(1, 9))
    conductance = random_conductance(rng, K, density=float(rng.uniform(0.1, 1)))
    resistance = coverage.effective_resistance(laplacian_of(conductance))
    edges = conductance > 0
    total = (conductance[edges] * resistance[edges]).sum() / 2
    np.testing.assert_allclose(total, K - components(edges), rtol=1e-12, atol=1e-12)


@given(SEEDS)
def test_resistances_do_not_depend_on_the_order_of_the_nodes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    K = int(rng.integers(1, 8))
    matrix, new = laplacian_of(random_conductance(rng, K, density=0.4)), rng.permutation(K)
    np.testing.assert_allclose(
        coverage.effective_resistance(matrix[np.ix_(new, new)]),
        coverage.effective_resistance(matrix)[np.ix_(new, new)],
        rtol=1e-12,
    )


def test_resistances_of_a_batch() -> None:
    rng = np.random.default_rng(3)
    batch = np.array([[laplacian_of(random_conductance(rng, 5, 0.5)) for _ in range(3)]] * 2)
    batch[1] *= 4
    resistance = coverage.effective_resistance(batch)
    assert resistance.shape == (2, 3, 5, 5)
    for place in np.ndindex(2, 3):
        assert (resistance[place] == coverage.effective_resistance(batch[place])).all()
    np.testing.assert_allclose(resistance[0], 4 * resistance[1], rtol=1e-13)


def test_a_graph_without_edges_has_no_way() -> None:
    expected = np.where(np.eye(3, dtype=bool), 0, np.inf)
    assert (coverage.effective_resistance(np.zeros((3, 3))) == expected).all()
    assert coverage.effective_resistance([[0.0]]).tolist() == [[0]]


def test_rounding_in_a_laplacian_is_forgiven() -> None:
    matrix = laplacian_of(random_conductance(np.random.default_rng(4), 4))
    noisy = matrix * (1 + 1e-10 * np.random.default_rng(5).normal(size=(4, 4)))
    np.testing.assert_allclose(
        coverage.effective_resistance(noisy), coverage.effective_resistance(matrix), rtol=1e-8
    )


# What is refused.


def check_refusal(words: str, function: Callable[..., object], *arguments: object) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
        function(*arguments)
    assert words in str(refusal.value)


BAD_COUNTS: list[tuple[Any, Any, str]] = [
    ([1, 1], [0], "M must be 2-dimensional, got the shape (2,)"),
    (np.zeros((0, 2)), [], "got an array of shape (0, 2)"),
    (np.zeros((2, 0)), [0, 0], "got an array of shape (2, 0)"),
    ([[1, -1], [1, 1]], [0, 0], "M must not have negative counts, got M[0, 1] = -1.0"),
    ([[1, np.nan]], [0], "M must hold finite numbers, got M[0, 1] = nan"),
    ([["a", "b"]], [0], "M must hold real numbers"),
    ([[1, 1]], [0, 1], "q must hold one token for each of the 1 prompts, got 2"),
    ([[1, 1], [1, 1]], [0], "q must hold one token for each of the 2 prompts, got 1"),
    ([[1, 1]], [2], "q must hold tokens from 0 to 1, got q[0] = 2"),
    ([[1, 1]], [0.0], "q must hold tokens, which are whole numbers"),
    ([[1, 1], [1, 0]], [1, 1], "but prompt 1 has no count of q[1] = 1"),
]


@pytest.mark.parametrize(("M", "q", "words"), BAD_COUNTS)
def test_bad_counts_and_queries_are_refused(M: Any, q: Any, words: str) -> None:
    for function in (coverage.seen, coverage.co_occurrence, coverage.is_identified):
        check_refusal(words, function, M, q)
    check_refusal(words, coverage.choice_graph, M, q, q)
    check_refusal(words, coverage.has_finite_mle, M, q, q)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        ([0], "y must hold one token for each of the 2 prompts, got 1"),
        ([0, 3], "y must hold tokens from 0 to 2, got y[1] = 3"),
        ([0, -1], "got y[1] = -1"),
        ([True, 0], "y must hold tokens, which are whole numbers, got y[0] = True"),
        ([0, 1], "y must hold a token of each prompt, but prompt 1 has no count of y[1] = 1"),
    ],
)
def test_bad_next_tokens_are_refused(y: Any, words: str) -> None:
    for function in (coverage.choice_graph, coverage.has_finite_mle, coverage.as_choices):
        check_refusal(words, function, [[1, 1, 0], [1, 0, 2]], [0, 2], y)


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (
            np.ones((2, 2, 2)),
            "graph must be a boolean array of shape (K, K, K), got the type float",
        ),
        (np.ones((2, 2), bool), "and the shape (2, 2)"),
        (np.ones((2, 3, 3), bool), "and the shape (2, 3, 3)"),
        (np.ones((0, 0, 0), bool), "and the shape (0, 0, 0)"),
    ],
)
def test_bad_graphs_are_refused(graph: Any, words: str) -> None:
    check_refusal(words, coverage.leads_to_query, graph)


def test_a_twin_needs_a_law_for_every_prompt() -> None:
    P = [[0.0, 1.0], [0.5, 0.5]]
    check_refusal("M must let every query attend to something", coverage.twin, P, [[1, 0]], [0])
    check_refusal("along its last axis, got", coverage.twin, P, [[1, 0, 0]], [0])
    check_refusal("every row of P must sum to 1", coverage.twin, np.ones((2, 2)), [[1, 0]], [0])
    check_refusal("but prompt 0 has no count of q[0] = 1", coverage.twin, P, [[1, 0]], [1])


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        ([1.0, -1.0], "laplacian must be square with a row for every node"),
        ([[1.0, -1.0]], "got an array of shape (1, 2)"),
        (np.zeros((0, 0)), "got an array of shape (0, 0)"),
        ([[1.0, -1.0], [-0.9, 0.9]], "laplacian must be symmetric, got entries"),
        ([[1.0, -1.0], [-1.0, 1.1]], "every row of laplacian must sum to 0, got a sum of 0.1"),
        ([[-1.0, 1.0], [1.0, -1.0]], "positive entries off the diagonal, got 1.0"),
        ([[[0, 0], [0, 0]], [[1, -1], [-1, 2]]], "every row of laplacian must sum to 0"),
        ([[np.inf, 0], [0, 0]], "laplacian must hold finite numbers"),
    ],
)
def test_what_is_no_laplacian_is_refused(matrix: Any, words: str) -> None:
    check_refusal(words, coverage.effective_resistance, matrix)


def test_a_small_laplacian_in_a_batch_is_measured_by_its_own_size() -> None:
    good, bad = np.array([[1e9, -1e9], [-1e9, 1e9]]), np.array([[1.0, -1.0], [-1.0, 2.0]])
    check_refusal("every row", coverage.effective_resistance, [good, bad])


def test_nothing_of_the_callers_is_changed_or_kept() -> None:
    P, M = np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([[1.0, 0.0], [1.0, 2.0]])
    q, y = np.array([0, 0]), np.array([0, 1])
    matrix, graph = np.array([[1.0, -1.0], [-1.0, 1.0]]), np.ones((2, 2, 2), dtype=bool)
    given_arrays = (P, M, q, y, matrix, graph)
    for array in given_arrays:
        array.flags.writeable = False
    results = [
        coverage.seen(M, q),
        coverage.co_occurrence(M, q),
        coverage.choice_graph(M, q, y),
        coverage.is_identified(M, q),
        coverage.has_finite_mle(M, q, y),
        coverage.leads_to_query(graph),
        coverage.twin(P, M, q),
        coverage.effective_resistance(matrix),
        *coverage.as_choices(M, q, y),
        *coverage.as_queried_counts(M, q),
    ]
    for result in results:
        assert result is not None
        assert result.flags.writeable
        assert not any(np.shares_memory(result, array) for array in given_arrays)
