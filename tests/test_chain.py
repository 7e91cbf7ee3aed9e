"""The chain room against counting by hand, exact fractions, closed forms and scipy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.linalg import null_space
from scipy.sparse.csgraph import connected_components

from ccmc_teach import chain

pytestmark = pytest.mark.filterwarnings("error")
Array = NDArray[np.float64]

SMALL = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [0.25, 0.25, 0.5]])


def random_transition_matrix(rng: np.random.Generator, K: int) -> Array:
    odds = np.exp(rng.normal(size=(K, K)))
    P: Array = odds / odds.sum(axis=1, keepdims=True)
    return P


@st.composite
def prompts_with_K(draw: st.DrawFn, most_prompts: int = 5) -> tuple[list[list[int]], int]:
    K = draw(st.integers(1, 6))
    prompt = st.lists(st.integers(0, K - 1), min_size=1, max_size=9)
    return draw(st.lists(prompt, min_size=1, max_size=most_prompts)), K


@st.composite
def exact_cases(draw: st.DrawFn) -> tuple[list[list[Fraction]], list[int], int]:
    """Return a matrix of fractions, a row of whole counts and a query."""
    K = draw(st.integers(1, 5))
    weight = st.integers(0, 9)
    table = [draw(st.lists(weight, min_size=K, max_size=K)) for _ in range(K)]
    m = draw(st.lists(st.integers(0, 20), min_size=K, max_size=K))
    assume(all(sum(row) for row in table))
    P = [[Fraction(entry, sum(row)) for entry in row] for row in table]
    return P, m, draw(st.integers(0, K - 1))


# Counts.


@given(prompts_with_K())
def test_counts_agree_with_counting_by_hand(case: Any) -> None:
    prompts, K = case
    M = chain.counts(prompts, K)
    assert M.dtype == np.float64
    assert M.shape == (len(prompts), K)
    for row, prompt in zip(M, prompts, strict=True):
        by_hand = Counter(prompt)
        assert row.tolist() == [by_hand[token] for token in range(K)]


@given(prompts_with_K(), st.data())
def test_weighted_counts_agree_with_adding_by_hand(case: Any, data: st.DataObject) -> None:
    prompts, K = case
    weight = st.floats(0, 8)
    weights = []
    for prompt in prompts:
        older = data.draw(st.lists(weight, min_size=len(prompt) - 1, max_size=len(prompt) - 1))
        weights.append([*older, data.draw(st.floats(0.125, 8))])
    M = chain.counts(prompts, K, weights)
    for row, prompt, its_weights in zip(M, prompts, weights, strict=True):
        by_hand = [0.0] * K
        for token, a in zip(prompt, its_weights, strict=True):
            by_hand[token] += a
        np.testing.assert_allclose(row, by_hand, rtol=1e-14, atol=0)


def test_weights_of_ragged_prompts_stay_with_their_own_prompt() -> None:
    M = chain.counts([[0, 1], [1], [2, 1, 2]], 3, weights=[[1, 2], [4], [8, 16, 32]])
    assert M.tolist() == [[1, 2, 0], [0, 4, 0], [0, 16, 40]]


def test_one_flat_array_of_weights_serves_all_prompts() -> None:
    prompts = [[0, 1, 1], [2, 0, 0]]
    shared = chain.counts(prompts, 3, weights=[1, 2, 4])
    assert shared.tolist() == [[1, 6, 0], [6, 0, 1]]
    assert (shared == chain.counts(prompts, 3, weights=[[1, 2, 4]] * 2)).all()
    assert (shared == chain.counts(prompts, 3, weights=np.array([1, 2, 4], np.float32))).all()


def test_older_positions_may_weigh_nothing() -> None:
    assert chain.counts([[0, 1]], 2, weights=[0, 1]).tolist() == [[0, 1]]


@given(prompts_with_K())
def test_weights_of_one_are_plain_counts(case: Any) -> None:
    prompts, K = case
    ones = [np.ones(len(prompt)) for prompt in prompts]
    assert (chain.counts(prompts, K, ones) == chain.counts(prompts, K)).all()


@given(prompts_with_K(most_prompts=3), st.randoms(use_true_random=False))
def test_counts_forget_the_order_of_a_prompt(case: Any, random: Random) -> None:
    prompts, K = case
    shuffled = [random.sample(prompt, len(prompt)) for prompt in prompts]
    assert (chain.counts(prompts, K) == chain.counts(shuffled, K)).all()


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "uint64"])
def test_counts_take_a_table_of_any_integer_type(dtype: str) -> None:
    table = np.array([[0, 2, 1], [3, 3, 0]], dtype=dtype)
    expected = [[1, 1, 1, 0], [1, 0, 0, 2]]
    assert chain.counts(table, 4).tolist() == expected
    assert chain.counts(list(table), 4).tolist() == expected
    assert chain.counts(table.tolist(), 4).tolist() == expected
    assert chain.counts(tuple(map(tuple, table.tolist())), 4).tolist() == expected


def test_counts_take_a_table_that_is_not_contiguous() -> None:
    table = np.arange(12).reshape(3, 4) % 5
    assert (chain.counts(table.T, 5) == chain.counts(table.T.tolist(), 5)).all()


# The law of the next token.


@given(exact_cases())
def test_next_token_law_agrees_with_exact_fractions(case: Any) -> None:
    P, m, q = case
    total = sum(p * count for p, count in zip(P[q], m, strict=True))
    if total == 0:
        with pytest.raises(ValueError, match="row 0 of M"):
            chain.next_token_law(P, [m], [q])
        return
    law = chain.next_token_law(P, [m], [q])[0]
    exact = [float(p * count / total) for p, count in zip(P[q], m, strict=True)]
    np.testing.assert_allclose(law, exact, rtol=1e-14, atol=0)


@given(prompts_with_K(), st.integers(0, 2**32 - 1))
def test_next_token_law_copies_a_position_drawn_by_taste(case: Any, seed: int) -> None:
    prompts, K = case
    P = random_transition_matrix(np.random.default_rng(seed), K)
    q = [prompt[-1] for prompt in prompts]
    laws = chain.next_token_law(P, chain.counts(prompts, K), q)
    for law, prompt in zip(laws, prompts, strict=True):
        by_position = np.zeros(K)
        for token in prompt:
            by_position[token] += P[prompt[-1], token]
        np.testing.assert_allclose(law, by_position / by_position.sum(), rtol=1e-13, atol=0)
        assert set(np.flatnonzero(law)) == set(prompt)
        assert abs(law.sum() - 1) < 1e-15 * (K + 1)


def test_equal_counts_give_back_the_row_of_the_query() -> None:
    law = chain.next_token_law(SMALL, np.full((3, 3), 7), [2, 0, 1])
    np.testing.assert_allclose(law, SMALL[[2, 0, 1]], rtol=1e-15, atol=0)


def test_a_prompt_of_one_token_repeats_it() -> None:
    law = chain.next_token_law(SMALL, chain.counts([[0], [1], [2]], 3), [0, 1, 2])
    assert (law == np.eye(3)).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_next_token_law_does_not_depend_on_the_scale_of_the_counts(seed: int, K: int) -> None:
    rng = np.random.default_rng(seed)
    P, M = random_transition_matrix(rng, K), rng.uniform(0.1, 5, size=(4, K))
    q = rng.integers(K, size=4)
    scale = 10.0 ** rng.uniform(-250, 250, size=(4, 1))
    np.testing.assert_allclose(
        chain.next_token_law(P, M * scale, q), chain.next_token_law(P, M, q), rtol=1e-13, atol=0
    )


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_renaming_the_tokens_renames_the_law(seed: int, K: int) -> None:
    rng = np.random.default_rng(seed)
    P, M = random_transition_matrix(rng, K), rng.uniform(0, 5, size=(4, K)) + 0.1
    q, new = rng.integers(K, size=4), rng.permutation(K)
    renamed = chain.next_token_law(P[np.ix_(new, new)], M[:, new], np.argsort(new)[q])
    np.testing.assert_allclose(renamed, chain.next_token_law(P, M, q)[:, new], rtol=1e-13, atol=0)


def test_ordinary_numbers_give_the_plain_formula_bit_for_bit() -> None:
    rng = np.random.default_rng(5)
    P, M = random_transition_matrix(rng, 7), rng.poisson(2, size=(50, 7)) + 0.25
    q = rng.integers(7, size=50)
    product = P[q] * M
    assert (chain.next_token_law(P, M, q) == product / product.sum(axis=1, keepdims=True)).all()


def test_products_beyond_float64_keep_their_ratios() -> None:
    P = [[1e-200, 2e-200, 1.0]] * 3
    M = [[1e-200, 1e-200, 0.0], [1e308, 1e308, 1e308], [1e308, 0.0, 5e-324]]
    law = chain.next_token_law(P, M, [0, 1, 2])
    np.testing.assert_allclose(law[0], [1 / 3, 2 / 3, 0], rtol=1e-15)
    np.testing.assert_allclose(law[1], P[0], rtol=1e-15)
    np.testing.assert_allclose(law[2], [1, 0, 5e-324 / 1e108], rtol=1e-15)


# The frozen chain.


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_each_row_of_the_frozen_chain_is_a_next_token_law(seed: int, K: int) -> None:
    rng = np.random.default_rng(seed)
    P, m = random_transition_matrix(rng, K), rng.uniform(0.1, 5, size=K)
    laws = chain.next_token_law(P, np.tile(m, (K, 1)), np.arange(K))
    assert (chain.frozen(P, m) == laws).all()


def test_frozen_works_through_a_batch() -> None:
    rng = np.random.default_rng(11)
    m = rng.uniform(0.1, 5, size=(2, 4, 3))
    batch = chain.frozen(SMALL, m)
    assert batch.shape == (2, 4, 3, 3)
    for place in np.ndindex(2, 4):
        assert (batch[place] == chain.frozen(SMALL, m[place])).all()


def test_equal_counts_freeze_into_the_base_chain() -> None:
    np.testing.assert_allclose(chain.frozen(SMALL, [4, 4, 4]), SMALL, rtol=1e-15)


def test_a_token_without_counts_is_never_entered_by_the_frozen_chain() -> None:
    Q = chain.frozen(SMALL, [1, 0, 2])
    assert (Q[:, 1] == 0).all()
    np.testing.assert_allclose(Q[1], [0.5, 0, 0.5], rtol=1e-15)
    assert chain.stationary(Q)[1] == 0


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_the_frozen_chain_of_a_symmetric_game_has_a_closed_form(seed: int, K: int) -> None:
    """Rows scaled from a symmetric R: the law is v_i (R v)_i / v^T R v."""
    rng = np.random.default_rng(seed)
    R = np.exp(rng.normal(size=(K, K)))
    R += R.T
    v = rng.dirichlet(np.ones(K))
    law = chain.stationary(chain.frozen(R / R.sum(axis=1, keepdims=True), v))
    np.testing.assert_allclose(law, v * (R @ v) / (v @ R @ v), rtol=1e-12)


# The stationary law.


def exact_stationary(Q: list[list[Fraction]]) -> list[Fraction]:
    """Solve law Q = law, sum 1, by Gauss-Jordan elimination over the fractions."""
    K = len(Q)
    rows = [[Q[i][j] - (i == j) for i in range(K)] + [Fraction(0)] for j in range(K)]
    rows[-1] = [Fraction(1)] * (K + 1)
    for column in range(K):
        pivot = next(r for r in range(column, K) if rows[r][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [entry / rows[column][column] for entry in rows[column]]
        for other in range(K):
            factor = rows[other][column]
            if other != column and factor:
                pairs = zip(rows[other], rows[column], strict=True)
                rows[other] = [entry - factor * lead for entry, lead in pairs]
    return [row[-1] for row in rows]


@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
def test_stationary_agrees_with_the_null_space(seed: int, K: int) -> None:
    Q = random_transition_matrix(np.random.default_rng(seed), K)
    vector = null_space(Q.T - np.eye(K), rcond=1e-12)[:, 0]
    np.testing.assert_allclose(chain.stationary(Q), vector / vector.sum(), rtol=1e-10)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_every_entry_of_the_stationary_law_is_accurate(seed: int, K: int) -> None:
    """Odds over 12 decades: entries as small as they come keep 13 digits."""
    rng = np.random.default_rng(seed)
    P = 10.0 ** rng.uniform(-12, 0, size=(K, K))
    P /= P.sum(axis=1, keepdims=True)
    # Exact rows: the diagonal takes what the rounded others leave.
    exact = [[Fraction(float(entry)) for entry in row] for row in P]
    for i, row in enumerate(exact):
        row[i] -= sum(row) - 1
    law = [float(entry) for entry in exact_stationary(exact)]
    np.testing.assert_allclose(chain.stationary(P), law, rtol=1e-13)


@pytest.mark.parametrize(("p", "q"), [(0.5, 0.25), (1e-12, 1e-3), (1.0, 1.0), (1.0, 0.5), (0.3, 1)])
def test_two_tokens_have_a_closed_form(p: float, q: Any) -> None:
    law = chain.stationary([[1 - p, p], [q, 1 - q]])
    np.testing.assert_allclose(law, [q / (p + q), p / (p + q)], rtol=1e-15)


def test_a_ladder_keeps_the_ratios_of_all_its_rungs() -> None:
    """Up with odds 1 : 1000 on 400 rungs: the law falls by 1000 a rung, through all of float64."""
    K, up, down = 400, 0.0009765625, 0.9765625
    Q = np.diag(np.full(K - 1, up), 1) + np.diag(np.full(K - 1, down), -1)
    np.fill_diagonal(Q, 1 - Q.sum(axis=1))
    law = chain.stationary(Q)
    rungs = np.arange(100)
    np.testing.assert_allclose(law[:100], (1 - 1e-3) * 1e-3 ** rungs.astype(float), rtol=1e-12)
    turned = chain.stationary(Q[::-1, ::-1])
    np.testing.assert_allclose(turned[::-1][:100], law[:100], rtol=1e-12)
    assert law[-1] == turned[0] == 0


def test_a_doubly_stochastic_chain_is_uniform() -> None:
    Q = np.array([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1], [0.3, 0.5, 0.2]])
    np.testing.assert_allclose(chain.stationary(Q), np.full(3, 1 / 3), rtol=1e-14)


def test_a_periodic_chain_has_a_stationary_law() -> None:
    np.testing.assert_allclose(chain.stationary(np.roll(np.eye(4), 1, axis=1)), [0.25] * 4)


def test_one_token_has_all_the_mass() -> None:
    assert chain.stationary([[1.0]]).tolist() == [1.0]


def test_tokens_outside_the_closed_class_have_exactly_nothing() -> None:
    """Tokens 0 and 3 are left for ever; 1 and 2 swap with 1 : 2."""
    Q = np.array([[0.5, 0, 0, 0.5], [0, 0, 1, 0], [0, 0.5, 0.5, 0], [0.1, 0.2, 0.3, 0.4]])
    law = chain.stationary(Q)
    assert law[0] == law[3] == 0
    np.testing.assert_allclose(law[1:3], [1 / 3, 2 / 3], rtol=1e-15)


def test_a_chain_that_only_descends_ends_in_its_last_token() -> None:
    Q = np.triu(np.ones((5, 5)))
    Q /= Q.sum(axis=1, keepdims=True)
    assert chain.stationary(Q).tolist() == [0, 0, 0, 0, 1]
    assert chain.stationary(Q[::-1, ::-1]).tolist() == [1, 0, 0, 0, 0]


def test_a_long_way_round_is_still_a_way() -> None:
    """Token 16 leads to token 0 only in 16 steps, the longest path that 17 tokens allow."""
    K = 17
    Q = np.eye(K, k=-1)
    Q[0, 0] = 1
    assert chain.stationary(Q).tolist() == [1] + [0] * (K - 1)


def test_stationary_works_through_a_batch_of_different_structures() -> None:
    whole = random_transition_matrix(np.random.default_rng(3), 3)
    around, ends = np.roll(np.eye(3), 1, axis=1), np.array([[0, 1, 0], [0, 1, 0], [0.5, 0.5, 0]])
    batch = np.array([whole, around, ends, whole.T / whole.T.sum(axis=1, keepdims=True)])
    laws = chain.stationary(np.array([batch, batch[::-1]]))
    assert laws.shape == (2, 4, 3)
    for law, Q in zip(laws[0], batch, strict=True):
        assert (law == chain.stationary(Q)).all()
    assert (laws[1] == laws[0][::-1]).all()


@st.composite
def sparse_chains(draw: st.DrawFn) -> Array:
    K = draw(st.integers(1, 6))
    edges = draw(st.lists(st.lists(st.booleans(), min_size=K, max_size=K), min_size=K, max_size=K))
    graph = np.array(edges, dtype=float)
    alone = graph.sum(axis=1) == 0
    graph[alone] = np.eye(K)[alone]
    Q: Array = graph / graph.sum(axis=1, keepdims=True)
    return Q


def closed_classes(Q: Array) -> list[set[int]]:
    count, label = connected_components(Q > 0, directed=True, connection="strong")
    members = [set(np.flatnonzero(label == c).tolist()) for c in range(count)]
    return [c for c in members if set(np.flatnonzero(Q[list(c)].sum(axis=0)).tolist()) <= c]


@settings(max_examples=300)
@given(sparse_chains())
def test_a_stationary_law_is_given_exactly_where_it_is_unique(Q: Any) -> None:
    classes = closed_classes(Q)
    if len(classes) == 1:
        law = chain.stationary(Q)
        np.testing.assert_allclose(law @ Q, law, atol=1e-15)
        assert abs(law.sum() - 1) < 1e-14
        assert set(np.flatnonzero(law).tolist()) == classes[0]
    else:
        with pytest.raises(ValueError, match="closed class") as refusal:
            chain.stationary(Q)
        assert f"has {len(classes)}: " in str(refusal.value)


def test_the_refusal_of_a_reducible_chain_names_its_closed_classes() -> None:
    Q = np.zeros((5, 5))
    Q[[0, 3], [3, 0]] = 1
    Q[1, 1] = 1
    Q[[2, 4], [0, 1]] = 1
    with pytest.raises(ValueError, match=r"but Q has 2: \{0, 3\}, \{1\}\.$"):
        chain.stationary(Q)
    good = np.full((5, 5), 0.2)
    with pytest.raises(ValueError, match=r"but Q\[1, 0\] has 2: \{0, 3\}, \{1\}\.$"):
        chain.stationary([[good, good], [Q, good]])
    with pytest.raises(ValueError, match=r"has 6: \{0\}, \{1\}, \{2\}, \{3\} and 2 more\.$"):
        chain.stationary(np.eye(6))
    with pytest.raises(ValueError, match=r"has 4: \{0\}, \{1\}, \{2\}, \{3\}\.$"):
        chain.stationary(np.eye(4))


def test_moves_whose_products_vanish_are_refused() -> None:
    rare = 1e-200
    Q = np.array([[0, 1, 0], [0, 1 - rare, rare], [rare, 1 - rare, 0]])
    with pytest.raises(ValueError, match="Q must not hold moves so rare"):
        chain.stationary(Q)


# Checked copies.


def test_as_prompt_copies() -> None:
    given_tokens = np.array([2, 0, 1])
    copy = chain.as_prompt(given_tokens, K=3)
    given_tokens[:] = 9
    assert copy.tolist() == [2, 0, 1]
    assert copy.dtype == np.int64


@pytest.mark.parametrize("prompt", [(1, 0), range(2), [np.int8(1), 0], np.array([1, 0], object)])
def test_as_prompt_takes_every_kind_of_sequence(prompt: Any) -> None:
    tokens = chain.as_prompt(prompt)
    assert tokens.dtype == np.int64
    assert tokens.tolist() == [int(token) for token in prompt]


def test_as_prompt_without_K_takes_any_token() -> None:
    assert chain.as_prompt([10**9, 0]).tolist() == [10**9, 0]


def test_as_transition_matrix_copies_and_never_rescales() -> None:
    P = SMALL.copy()
    P[0] *= 1 + 5e-9
    copy = chain.as_transition_matrix(P)
    assert (copy == P).all()
    P[:] = 9
    assert copy.max() < 1


def test_as_transition_matrix_takes_exact_fractions() -> None:
    thirds = np.full((3, 3), Fraction(1, 3))
    assert (chain.as_transition_matrix(thirds) == np.full((3, 3), 1 / 3)).all()


def test_as_real_array_copies() -> None:
    given_values = np.array([1.0, 2.0])
    copy = chain.as_real_array(given_values, "m")
    given_values[:] = 9
    assert copy.tolist() == [1, 2]


def test_as_real_array_lets_infinities_pass_on_request() -> None:
    array = chain.as_real_array([[-np.inf, 1]], "scores", finite=False)
    assert array.tolist() == [[-np.inf, 1]]


def test_as_whole_number_takes_numpy_integers() -> None:
    number = chain.as_whole_number(np.uint8(7), "K")
    assert number == 7
    assert type(number) is int


def test_nothing_of_the_callers_is_changed_or_kept() -> None:
    P, M = SMALL.copy(), np.array([[1.0, 2, 3]])
    table, weights = np.array([[0, 1, 2]]), np.array([1.0, 2, 4])
    for array in (P, M, table, weights):
        array.flags.writeable = False
    results = [
        chain.counts(table, 3, weights),
        chain.next_token_law(P, M, table[0, :1]),
        chain.frozen(P, M),
        chain.stationary(P),
        chain.as_transition_matrix(P),
        chain.as_prompt(table[0]),
    ]
    for result in results:
        assert result.flags.writeable
        assert not any(np.shares_memory(result, array) for array in (P, M, table, weights))


# Bad input: one sentence with the argument, the need and what was given.

NAN = float("nan")
HALF = [[0.5, 0.5], [0.5, 0.5]]

BAD_PROMPTS = [
    ([], "at least one token, got none"),
    ([1, NAN], "prompt[1] = nan of type float"),
    ([0, True], "prompt[1] = True of type bool"),
    (np.array([True, False]), "prompt[0] = True of type bool"),
    ([0, 1.0], "prompt[1] = 1.0 of type float"),
    ([1.5], "prompt[0] = 1.5 of type float"),
    (np.array([0.0, 1.0]), "prompt[0] = 0.0 of type float"),
    ([0, "1"], "prompt[1] = '1' of type str"),
    ([0, None], "prompt[1] = None of type NoneType"),
    ([[0, 1], [1]], "prompt[0] = [0, 1] of type list"),
    ("cat", "one flat sequence of tokens, got 'cat'"),
    (b"cat", "one flat sequence of tokens, got b'cat'"),
    (None, "one flat sequence of tokens, got None"),
    (2, "one flat sequence of tokens, got 2"),
    ({0, 1}, "one flat sequence of tokens, got {0, 1}"),
    (np.zeros((2, 2), int), "an array of shape (2, 2)"),
    ([[0, 1], [1, 0]], "an array of shape (2, 2)"),
    ([0, 1, -1], "from 0 to 2, got prompt[2] = -1"),
    ([0, 3], "from 0 to 2, got prompt[1] = 3"),
    ([0, 10**30], f"from 0 to 2, got prompt[1] = {10**30}"),
    ([0, -(10**30)], f"from 0 to 2, got prompt[1] = {-(10**30)}"),
    (np.array([0, 2**63], np.uint64), f"from 0 to 2, got prompt[1] = {2**63}"),
    ([0, 2**63, -1], f"from 0 to 2, got prompt[1] = {2**63}"),
]

BAD_TABLES = [
    ([0, 1], "prompts must be a sequence of prompts, got the flat sequence [0, 1]"),
    ([0, 1], "written [prompt]"),
    (np.array([0, 1]), "flat sequence"),
    ("ab", "prompts must be a sequence of one or more prompts, got 'ab'"),
    (["a", "b"], "flat sequence"),
    (None, "got None"),
    (3, "got 3"),
    ([], "one or more prompts, got []"),
    (np.zeros((0, 3), int), "one or more prompts"),
    (np.zeros((2, 0), int), "prompts[0] must hold at least one token"),
    ([[0], []], "prompts[1] must hold at least one token"),
    ([[0], [0, 5]], "prompts[1] must hold tokens from 0 to 2, got prompts[1][1] = 5"),
    (np.array([[0, 1], [2, 3]]), "prompts[1] must hold tokens from 0 to 2, got prompts[1][1] = 3"),
    (np.array([[0, -1], [2, 2]]), "got prompts[0][1] = -1"),
    (np.zeros((2, 2)), "prompts[0][0] = 0.0 of type float"),
    (np.ones((2, 2), bool), "prompts[0][0] = True of type bool"),
    (np.zeros((2, 2, 2), int), "prompts[0] must be one flat sequence"),
    ([[0], 1], "prompts[1] must be one flat sequence of tokens, got 1"),
]

BAD_SIZES = [0, -1, 2.0, True, "3", None, NAN, 2**40, [3]]

BAD_WEIGHTS = [
    ([], "weights must be an array of weights for each prompt, got []"),
    (2.0, "weights must be an array of weights for each prompt, got 2.0"),
    ("ab", "weights must be an array of weights for each prompt, got 'ab'"),
    ([1, 2, 3], "each of the 2 positions of prompts[0], got 3"),
    ([[1, 1]], "each of the 2 prompts, got 1"),
    ([[1, 1], [1]], "each of the 2 positions of prompts[1], got 1"),
    ([[1, 1], [-1, 1]], "got -1.0 for prompts[1][0]"),
    ([[1, 1], [1, 0]], "got 0.0 for prompts[1][1]"),
    ([[1, 1], [NAN, 1]], "weights[1] must hold finite numbers, got weights[1][0] = nan"),
    ([[1, 1], [1, np.inf]], "got weights[1][1] = inf"),
    ([[1, 1], ["1", "1"]], "weights[1] must hold real numbers"),
    ([True, True], "weights must hold real numbers"),
    ([1, [1, 1]], "weights must be an array of numbers with rows of equal length"),
    ([[1, 1], [[1, 1]]], "weights[1] must be 1-dimensional"),
    ([[1e308, 1e308], [1, 1]], "weights must have finite sums"),
]

BAD_MATRICES = [
    ([[1, 0], [0, 0.9]], "must sum to 1, got row 1 of P with the sum 0.9"),
    ([[0.5, 0.25], [0, 0]], "must sum to 1, got row 0 of P with the sum 0.75"),
    ([[0.5, 0.5], [0, 0]], "must sum to 1, got row 1 of P with the sum 0.0"),
    ([[1.00000002, 0], [0, 1]], "must sum to 1, got row 0 of P with the sum 1.00000002"),
    ([[1, 0], [0.7, 0.4]], "must sum to 1, got row 1 of P with the sum 1.1"),
    (np.full((2, 2), 1e308), "with the sum inf"),
    ([[1.5, -0.5], [-1, 2]], "P must not have negative entries, got P[0, 1] = -0.5"),
    ([[1, 0], [-1e-300, 1]], "got P[1, 0] = -1e-300"),
    ([[NAN, 1], [NAN, 1]], "P must hold finite numbers, got P[0, 0] = nan"),
    ([[1, 0], [np.inf, 1]], "got P[1, 0] = inf"),
    ([[1, 0]], "square with a row for every token, got an array of shape (1, 2)"),
    (np.zeros((0, 0)), "square with a row for every token, got an array of shape (0, 0)"),
    ([1, 0], "P must be 2-dimensional, got the shape (2,)"),
    (1.0, "P must be 2-dimensional, got the shape ()"),
    ([HALF, HALF], "P must be 2-dimensional, got the shape (2, 2, 2)"),
    ([[1, 0], [1]], "rows of equal length, got [[1, 0], [1]]"),
    ([["1", "0"], ["0", "1"]], "P must hold real numbers"),
    ([[1j, 0], [0, 1]], "P must hold real numbers"),
    (np.eye(2, dtype=bool), "P must hold real numbers"),
    (np.array([["1", 0], [0, 1]], dtype=object), "P must hold real numbers"),
    (np.array([[True, 0], [0, 1]], dtype=object), "P must hold real numbers"),
    ([[10**400, 0], [0, 1]], "P must hold numbers in the range of float64"),
    (None, "P must hold real numbers, got None"),
]

BAD_LAWS = [
    ([[1, 1]], [2], "q must hold tokens from 0 to 1, got q[0] = 2"),
    ([[1, 1]], [0, 1], "q must hold one query for each of the 1 rows of M, got 2"),
    ([[1, 1], [1, 1]], [0], "q must hold one query for each of the 2 rows of M, got 1"),
    ([[1, 1]], 0, "q must be one flat sequence of tokens, got 0"),
    ([[1, 1, 1]], [0], "M must hold a count for each of the 2 tokens of P"),
    ([1, 1], [0], "M must be 2-dimensional, got the shape (2,)"),
    ([[1, -1], [-2, 1]], [0, 0], "M must not have negative counts, got M[0, 1] = -1.0"),
    ([[1, 1], [1, NAN]], [0, 0], "M must hold finite numbers, got M[1, 1] = nan"),
    ([[True, True]], [0], "M must hold real numbers"),
    ([[1, 1], [0, 0]], [0, 1], "row 1 of M"),
    ([[1, 1], [0, 3]], [0, 1], "row 1 of M has no count on a token to which row 1 of P gives"),
]

BAD_COUNTS = [
    ([1, 1, 1], "m must hold a count for each of the 2 tokens of P"),
    (1.0, "m must hold a count for each of the 2 tokens of P"),
    ([[1, 1], [1, -2]], "m must not have negative counts, got m[1, 1] = -2.0"),
    ([NAN, 1], "m must hold finite numbers, got m[0] = nan"),
    ([0, 0], "m must let every token attend to something"),
    (
        [[1, 1], [0, 1], [0, 0]],
        "m[1] must let every token attend to something, but has no count on a",
    ),
    ([[1, 1], [0, 1]], "to which row 1 of P"),
]

BAD_CHAINS = [
    ([[0.5, 0.5], [0.5, 0.4]], "got row 1 of Q with the sum 0.9"),
    ([HALF, [[1, 0], [2, 0]]], "got row 1 of Q[1] with the sum 2.0"),
    ([HALF, [[1.5, -0.5], [1, 0]]], "got Q[1, 0, 1] = -0.5"),
    ([1, 0], "Q must be square with a row for every token, got an array of shape (2,)"),
    ([[[0.5, 0.5]]], "got an array of shape (1, 1, 2)"),
    (np.zeros((2, 3, 0, 0)), "got an array of shape (2, 3, 0, 0)"),
    ([HALF, np.eye(2), np.eye(2)], "but Q[1] has 2: {0}, {1}."),
    (np.eye(2), "Q must have exactly one closed class"),
]


def check_refusal(
    words: str, function: Callable[..., object], *arguments: object, **keywords: object
) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
        function(*arguments, **keywords)
    assert words in str(refusal.value)


@pytest.mark.parametrize(("prompt", "words"), BAD_PROMPTS)
def test_bad_prompts_are_refused(prompt: Any, words: str) -> None:
    check_refusal(words, chain.as_prompt, prompt, K=3)


def test_a_prompt_is_called_by_the_name_it_has() -> None:
    check_refusal("text must hold at least one token", chain.as_prompt, [], name="text")
    check_refusal("Q must be 2-dimensional", chain.as_transition_matrix, [1], name="Q")
    check_refusal("got prompt[0] = -1", chain.as_prompt, [-1])
    check_refusal(f"got prompt[0] = {2**40}", chain.as_prompt, [2**40])


@pytest.mark.parametrize(("prompts", "words"), BAD_TABLES)
def test_bad_sequences_of_prompts_are_refused(prompts: Any, words: str) -> None:
    check_refusal(words, chain.counts, prompts, 3)


@pytest.mark.parametrize("K", BAD_SIZES)
def test_bad_sizes_of_the_vocabulary_are_refused(K: int) -> None:
    check_refusal(
        f"K must be a whole number from 1 to 2147483647, got {K!r}", chain.counts, [[0]], K
    )
    if K is not None:
        check_refusal("K must be a whole number", chain.as_prompt, [0], K)


@pytest.mark.parametrize(("weights", "words"), BAD_WEIGHTS)
def test_bad_weights_are_refused(weights: Any, words: str) -> None:
    check_refusal(words, chain.counts, [[1, 1], [0, 1]], 2, weights=weights)


def test_one_flat_array_of_weights_needs_prompts_of_one_length() -> None:
    words = "each of the 3 positions of prompts[1], got 2"
    check_refusal(words, chain.counts, [[0, 1], [0, 1, 1]], 2, weights=[1, 1])


@pytest.mark.parametrize(("P", "words"), BAD_MATRICES)
def test_bad_transition_matrices_are_refused(P: Any, words: str) -> None:
    check_refusal(words, chain.as_transition_matrix, P)
    check_refusal(words, chain.next_token_law, P, [[1, 1]], [0])
    check_refusal(words, chain.frozen, P, [1, 1])


@pytest.mark.parametrize(("M", "q", "words"), BAD_LAWS)
def test_bad_counts_and_queries_are_refused(M: Any, q: Any, words: str) -> None:
    check_refusal(words, chain.next_token_law, [[0.5, 0.5], [1, 0]], M, q)


@pytest.mark.parametrize(("m", "words"), BAD_COUNTS)
def test_bad_held_counts_are_refused(m: Any, words: str) -> None:
    check_refusal(words, chain.frozen, [[0.5, 0.5], [1, 0]], m)


@pytest.mark.parametrize(("Q", "words"), BAD_CHAINS)
def test_bad_chains_are_refused(Q: Any, words: str) -> None:
    check_refusal(words, chain.stationary, Q)


def test_long_values_are_cut_in_the_sentence() -> None:
    with pytest.raises(ValueError, match="rows of equal length") as refusal:
        chain.as_transition_matrix([[1] * 400, [1]])
    assert len(str(refusal.value)) < 140
