"""How precise an estimate is: the lines are true, and so is what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp

from ccmc_teach import symbolic
from ccmc_teach.symbolic import DerivationError, Step
from symbolic.evaluation import chains, made, matrix, number, value

prompts = sp.Symbol("n", positive=True)


def laplacian(weights: Any) -> Any:
    """Return the Laplacian of a graph from its symmetric matrix of weights."""
    off = weights - np.diag(np.diag(weights))
    return np.diag(off.sum(axis=1)) - off


def estimate(seed: int, size: int) -> dict[str, Any]:
    """Return everything that the symbols of the excess risk stand for."""
    rng = np.random.default_rng(seed)
    weights = rng.uniform(0.1, 1, size=(size, size))
    H = laplacian(weights + weights.T)
    eigenvalues, vectors = np.linalg.eigh(H)
    A = vectors @ np.diag(np.sqrt(np.maximum(eigenvalues, 0))) @ vectors.T
    pseudo, z, n = np.linalg.pinv(H), rng.normal(size=(size, 1)), 50.0
    return {
        "K": size,
        "n": n,
        "H": H,
        "H^+": pseudo,
        "A": A,
        "Pi": A @ pseudo @ A,
        "z": z,
        "g": A @ z / np.sqrt(n),
        "delta": -pseudo @ A @ z / np.sqrt(n),
        "1": np.ones((size, 1)),
    }


@pytest.mark.parametrize("size", [2, 3, 6])
def test_the_lines_of_the_excess_risk_are_true(size: int) -> None:
    env = estimate(size, size)
    quadratic, projection, mean, total = chains(made(symbolic.excess_risk))
    centred = env["z"] - env["z"].mean()
    for line in quadratic:
        expected = (centred**2).sum() / (2 * env["n"])
        assert number(line, env) == pytest.approx(expected, rel=1e-9)
    for line in projection:
        expected = np.eye(size) - 1 / size
        np.testing.assert_allclose(matrix(line, env), expected, atol=1e-9)
    for line in mean:
        assert value(line, env) == pytest.approx((size - 1) / (2 * env["n"]))
    for line in total:
        assert value(line, env) == pytest.approx(size * (size - 1) / (2 * env["n"]))


def network(seed: int) -> dict[str, Any]:
    """Return everything that the symbols of the resistance stand for."""
    c = np.random.default_rng(seed).uniform(0.1, 2, size=3)
    L = laplacian(np.array([[0, c[0], c[1]], [c[0], 0, c[2]], [c[1], c[2], 0]]))
    b = np.array([[1.0], [-1.0], [0.0]])
    pseudo = np.linalg.pinv(L)
    v = pseudo @ b
    v = v - v[1]
    return {
        "c_01": c[0],
        "c_02": c[1],
        "c_12": c[2],
        "L": L,
        "L^+": pseudo,
        "b": b,
        "v": v,
        "v_0": v[0, 0],
        "v_2": v[2, 0],
        "1": np.ones((3, 1)),
    }


@pytest.mark.parametrize("seed", range(4))
def test_the_lines_of_the_resistance_are_true(seed: int) -> None:
    env = network(seed)
    currents, resistances = chains(made(symbolic.information_and_resistance))
    for line in currents:
        np.testing.assert_allclose(matrix(line, env), env["b"], atol=1e-12)
    direct, over_2 = 1 / env["c_01"], 1 / env["c_02"] + 1 / env["c_12"]
    for line in resistances:
        assert number(line, env) == pytest.approx(direct * over_2 / (direct + over_2))


def test_a_bridge_has_the_resistance_of_its_wire() -> None:
    env = network(0)
    final = made(symbolic.information_and_resistance).final
    assert value(final, env | {"c_02": 0.0}) == pytest.approx(1 / env["c_01"])
    assert value(final, env | {"c_01": 0.0}) == pytest.approx(1 / env["c_02"] + 1 / env["c_12"])


@pytest.mark.parametrize(
    ("derive", "line", "slip"),
    [
        (symbolic.excess_risk, 3, lambda e: 2 * e),
        (symbolic.excess_risk, 5, lambda e: sp.sqrt(e)),
        (symbolic.excess_risk, 12, lambda e: e.subs(prompts, prompts**2)),
        (symbolic.excess_risk, 14, lambda e: e + 1 / (2 * prompts)),
        (symbolic.information_and_resistance, 2, lambda e: -e),
        (symbolic.information_and_resistance, 6, lambda e: -e),
        (symbolic.information_and_resistance, 8, lambda e: 1 / e),
    ],
)
def test_a_slip_is_refused(derive: Any, line: int, slip: Any) -> None:
    steps = list(made(derive).steps)
    old = steps[line - 1]
    steps[line - 1] = Step(slip(old.expression), old.justification, dict(old.using))
    with pytest.raises(DerivationError, match=f"line {line} of"):
        symbolic.Derivation("With a slip", steps)
