"""Key-query weights and transition matrices: the lines are true."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from ccmc_teach import attention, symbolic
from symbolic.evaluation import assert_every_step_is_true, matrix, random_layer, value


def test_the_lines_of_the_gauge_freedom_are_a_row_of_the_transition_matrix() -> None:
    env = random_layer(np.random.default_rng(3), size=4, length=2) | {"c_q": 0.7}
    for token, step in itertools.product(range(4), symbolic.gauge_freedom().steps):
        row = env["P"][env["q"]]
        assert value(step.expression, env | {"j": token}) == pytest.approx(row[token], abs=1e-13)


def inverse_numbers(rng: np.random.Generator, size: int) -> dict[str, Any]:
    """Return everything that the symbols of the inverse map stand for."""
    E, P = rng.normal(size=(size, size + 1)), rng.dirichlet(np.ones(size), size)
    G, one = E @ E.T, np.ones((size, 1))
    inverse = np.linalg.inv(G)
    total = float((one.T @ inverse @ one)[0, 0])
    c = np.log(P) @ inverse @ one / total
    D = np.log(P).T - one @ c.T
    return {
        "K": size,
        "d": size + 1,
        "E": E,
        "P": P,
        "log P": np.log(P),
        "G": G,
        "1": one,
        "g": total,
        "c": c,
        "D": D,
        "B": inverse @ D @ inverse,
        "W_P": attention.key_query_matrix(P, E),
        "e_0": E[0][:, None],
    }


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_the_lines_of_the_inverse_map_are_true(size: int) -> None:
    env = inverse_numbers(np.random.default_rng(size), size)
    derivation = symbolic.inverse_map()
    for token, query in itertools.product(range(size), repeat=2):
        assert_every_step_is_true(derivation, env | {"j": token, "q": query})


def test_the_closed_form_is_the_key_query_matrix_in_the_subspace() -> None:
    env = inverse_numbers(np.random.default_rng(8), 4)
    ((name, closed_form),) = symbolic.inverse_map().steps[1].using
    assert str(name) == "W_P"
    np.testing.assert_allclose(matrix(closed_form, env), env["W_P"], atol=1e-12)
    in_subspace = matrix(symbolic.inverse_map().final, env)
    np.testing.assert_allclose(in_subspace, env["W_P"], atol=1e-12)
    np.testing.assert_allclose(attention.project(in_subspace, env["E"]), in_subspace, atol=1e-12)
