"""The numbers in the solutions of the practice exercises, worked out by the package."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccmc_teach import attention, chain

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
