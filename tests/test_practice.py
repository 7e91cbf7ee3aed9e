"""The numbers in the solutions of the practice exercises, worked out by the package."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccmc_teach import attention, chain, coverage, estimation

TASTES = [0.15, 0.45, 0.25, 0.15]


def next_after_cat(foxes: int) -> NDArray[np.float64]:
    """Return the law after cat with two cats, three dogs, three owls and some foxes."""
    P = np.tile(TASTES, (4, 1))
    law: NDArray[np.float64] = chain.next_token_law(P, [[2, 3, 3, foxes]], [0])[0]
    return law


def test_ten_foxes_are_needed_and_nine_tie_with_dog() -> None:
    nine, ten = next_after_cat(9), next_after_cat(10)
    assert abs(nine[3] - nine[1]) < 1e-12
    assert ten.argmax() == 3


def test_the_tempting_inverse_has_the_right_matrix_and_lies_outside() -> None:
    rng = np.random.default_rng(0)
    P, E = rng.dirichlet(np.ones(4), size=4), rng.normal(size=(4, 6))
    pinv = np.linalg.pinv(E)
    W = pinv @ np.log(P).T @ pinv.T
    assert np.abs(attention.transition_matrix(W, E) - P).max() < 1e-12
    assert np.abs(attention.project(W, E) - W).max() > 1e-2


def test_slow_forgetting_takes_228_steps() -> None:
    sticky = np.array([[0.99, 0.01], [0.01, 0.99]])
    spread = [np.ptp(np.linalg.matrix_power(sticky, t), axis=0).max() for t in (227, 228)]
    assert spread[0] >= 0.01 > spread[1]


def test_the_two_word_chain_forgets_in_one_step() -> None:
    P = np.array([[0.75, 0.25], [0.75, 0.25]])
    assert np.array_equal(chain.stationary(P), [0.75, 0.25])


def test_attention_by_hand() -> None:
    E = np.eye(2)
    W = np.array([[0.0, 0.0], [np.log(2), 0.0]])
    weights = attention.attention_weights([0, 1, 0], W, E)
    np.testing.assert_allclose(weights, [0.25, 0.5, 0.25], rtol=0, atol=1e-12)
    law = attention.attention_law([0, 1, 0], W, E)
    np.testing.assert_allclose(law, [0.5, 0.5], rtol=0, atol=1e-12)


def test_answers_of_the_quick_questions() -> None:
    tripled = chain.next_token_law(np.array([[0.4, 0.6]] * 2), [[3, 1]], [1])[0]
    assert abs(tripled[0] - 2 / 3) < 1e-12
    assert abs(chain.stationary(np.array([[0.9, 0.1], [0.2, 0.8]]))[0] - 2 / 3) < 1e-12


def test_copies_take_their_part_of_the_success() -> None:
    q, y = [0] * 40 + [1], [1] * 30 + [0] * 11
    once = estimation.fit([[1, 1]] * 41, q, y, alpha=1e-9)[0]
    twice = estimation.fit([[1, 2]] * 40 + [[1, 1]], q, y, alpha=1e-9)[0]
    np.testing.assert_allclose(once, [0.25, 0.75], rtol=0, atol=1e-6)
    np.testing.assert_allclose(twice, [0.4, 0.6], rtol=0, atol=1e-6)


def test_the_twin_by_hand_keeps_all_ratios_inside_the_islands() -> None:
    row, twin = np.array([0.1, 0.2, 0.3, 0.2, 0.2]), np.array([0.2 / 3, 0.3, 0.2, 0.3, 0.4 / 3])
    assert abs(twin.sum() - 1) < 1e-12
    assert np.ptp((twin / row)[[0, 2, 4]]) < 1e-12
    assert np.ptp((twin / row)[[1, 3]]) < 1e-12
    assert np.round(twin, 3).tolist() == [0.067, 0.3, 0.2, 0.3, 0.133]


def variance_of_owl_and_fox(owls: int, foxes: int) -> float:
    """Return the effective resistance of owl and fox in row cat, for prompts of one kind."""
    P = np.tile([0.15, 0.45, 0.25, 0.15], (4, 1))
    Lambda = estimation.hessian(P, [[1, 0, owls, foxes]], [0])
    return float(coverage.effective_resistance(Lambda)[0, 2, 3])


def test_three_owls_and_five_foxes_make_a_fair_coin() -> None:
    designs = [(a, b) for a in range(1, 8) for b in range(1, 9 - a)]
    assert min(designs, key=lambda design: variance_of_owl_and_fox(*design)) == (3, 5)


def test_the_prompts_that_the_limit_asks_for() -> None:
    assert 8 * 7 / (2 * 2800) == 0.01
    assert 8 * 3 / (2 * 1200) == 0.01


def trace_of_inverse(M: list[list[int]]) -> float:
    """Return the trace of the pseudo-inverse of the Hessian of row 0, likes being equal."""
    Lambda = estimation.hessian(np.full((3, 3), 1 / 3), M, [0] * len(M))[0]
    return float(np.trace(np.linalg.pinv(Lambda)))


def test_prompts_of_three_words_beat_pairs() -> None:
    assert abs(trace_of_inverse([[1, 1, 1]]) - 6) < 1e-12
    assert abs(trace_of_inverse([[1, 1, 0], [1, 0, 1]]) - 32 / 3) < 1e-12
