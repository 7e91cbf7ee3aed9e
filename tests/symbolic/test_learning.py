"""The loss, its derivatives and its minimum: the lines are true, and so is what they say."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import sympy as sp

from ccmc_teach import attention, symbolic
from ccmc_teach.symbolic import DerivationError, Step
from symbolic.evaluation import assert_every_step_is_true, chains, i, j, made, matrix, value

# Differences of five points, once and twice.
ONCE, TWICE = 1e-7, 1e-6


def law_of(env: dict[str, Any]) -> Any:
    """Return the law of the next token as a column, from the scores as they are now."""
    powers = env["m"] * np.exp(env["theta"][env["q"]])
    return (powers / powers.sum())[:, None]


def one_prompt(seed: int, size: int = 4) -> dict[str, Any]:
    """Return everything that the symbols of the loss stand for; one token is absent."""
    rng = np.random.default_rng(seed)
    E, W = rng.normal(size=(size, size + 1)), rng.normal(size=(size + 1, size + 1)) / size
    counts = rng.integers(1, 4, size=size)
    q, y = int(rng.integers(size)), int(rng.integers(size))
    counts[next(token for token in range(size) if token not in (q, y))] = 0
    return {
        "K": size,
        "d": size + 1,
        "E": E,
        "W": W,
        "m": counts,
        "q": q,
        "y": y,
        "theta": lambda env: (E @ env["W"] @ E.T).T,
        "p": lambda env: law_of(env | {"theta": (E @ env["W"] @ E.T).T}),
        "u_y": np.eye(size)[y][:, None],
        "e_q": E[q][:, None],
        "e_0": E[0][:, None],
        "1": np.ones((size, 1)),
    }


def with_free_scores(env: dict[str, Any]) -> dict[str, Any]:
    """Return the same with scores that can be moved one by one."""
    return env | {"theta": env["theta"](env), "p": law_of}


# --- First derivatives ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_lines_of_the_gradient_by_scores_are_true(seed: int) -> None:
    env = with_free_scores(one_prompt(seed))
    by_scores = chains(made(symbolic.gradient_of_the_loss))[0]
    expected = law_of(env)[:, 0] - np.eye(4)[env["y"]]
    for token, line in itertools.product(range(4), by_scores):
        assert value(line, env | {"j": token}) == pytest.approx(expected[token], abs=ONCE)


def test_the_lines_of_the_gradient_by_weights_are_those_of_the_layer() -> None:
    env = one_prompt(1)
    prompt = [token for token, count in enumerate(env["m"]) for _ in range(count)]
    prompt.remove(env["q"])
    prompt.append(env["q"])

    def loss(W: Any) -> float:
        return -float(np.log(attention.attention_law(prompt, W, env["E"])[env["y"]]))

    by_weights = chains(made(symbolic.gradient_of_the_loss))[1]
    for row, column in [(0, 0), (1, 3), (4, 2)]:
        step = np.zeros_like(env["W"])
        step[row, column] = 1e-5
        measured = (loss(env["W"] + step) - loss(env["W"] - step)) / 2e-5
        for line in by_weights:
            here = env | {"alpha": row, "beta": column}
            assert value(line, here) == pytest.approx(measured, abs=ONCE)


def test_the_gradient_lies_in_the_subspace() -> None:
    env = one_prompt(2)
    *_, coefficients, gradients = chains(made(symbolic.gradient_of_the_loss))
    for line in coefficients:
        assert matrix(line, env) == pytest.approx(0, abs=1e-12)
    for line in gradients:
        gradient = matrix(line, env)
        np.testing.assert_allclose(attention.project(gradient, env["E"]), gradient, atol=1e-12)
    np.testing.assert_allclose(matrix(gradients[0], env), matrix(gradients[1], env), atol=1e-12)


# --- Second derivatives ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
def test_the_lines_of_the_second_derivatives_are_true(seed: int) -> None:
    env = with_free_scores(one_prompt(seed, size=3))
    entries, _ = chains(made(symbolic.hessian_is_a_laplacian))
    p = law_of(env)[:, 0]
    hessian = np.diag(p) - np.outer(p, p)
    for row, column in itertools.product(range(3), repeat=2):
        for line in entries:
            entry = value(line, env | {"i": row, "j": column})
            assert entry == pytest.approx(hessian[row, column], abs=ONCE)


def test_the_second_derivatives_are_those_of_the_loss() -> None:
    env = with_free_scores(one_prompt(3, size=3))
    loss = made(symbolic.gradient_of_the_loss).steps[0].expression.expr
    theta = made(symbolic.gradient_of_the_loss).steps[0].expression.variables[0].base
    q = sp.Symbol("q", integer=True)
    p = law_of(env)[:, 0]
    for row, column in [(0, 0), (0, 1), (1, 2)]:
        measured = value(sp.Derivative(loss, theta[q, row], theta[q, column]), env)
        assert measured == pytest.approx((np.diag(p) - np.outer(p, p))[row, column], abs=TWICE)


@pytest.mark.parametrize("seed", range(3))
def test_the_sum_of_squares_is_the_quadratic_form_of_a_laplacian(seed: int) -> None:
    env = with_free_scores(one_prompt(seed))
    v, p = np.random.default_rng(seed).normal(size=4), law_of(env)[:, 0]
    laplacian = -np.outer(p, p)
    np.fill_diagonal(laplacian, 0)
    np.fill_diagonal(laplacian, -laplacian.sum(axis=1))
    _, squares = chains(made(symbolic.hessian_is_a_laplacian))
    for line in squares:
        assert value(line, env | {"v": v}) == pytest.approx(v @ laplacian @ v, abs=1e-12)


# --- The maximum ----------------------------------------------------------------------------------


def many_prompts(seed: int) -> dict[str, Any]:
    """Return everything that the symbols of the balance stand for."""
    rng = np.random.default_rng(seed)
    size, number = 3, 7
    counts = rng.integers(0, 4, size=(number, size)) + np.eye(size, dtype=int)[1]
    followers = np.array([rng.choice(np.flatnonzero(row)) for row in counts])
    scores = rng.normal(size=(size, size))
    w = np.exp(scores[1])
    rates = np.zeros((size, size))
    for row, follower in zip(counts, followers, strict=True):
        rates[follower] += row / (row @ w)
    return {
        "K": size,
        "N": number,
        "q": 1,
        "m": counts,
        "y": followers,
        "theta": scores,
        "w": w,
        "R": rates,
    }


@pytest.mark.parametrize("seed", range(3))
def test_the_lines_of_the_balance_are_true(seed: int) -> None:
    env = many_prompts(seed)
    for token in range(3):
        derivation = made(symbolic.maximum_likelihood_is_stationary)
        assert_every_step_is_true(derivation, env | {"i": token}, ONCE)


def test_the_stationary_law_is_the_maximum() -> None:
    env = many_prompts(4)
    derivation = made(symbolic.maximum_likelihood_is_stationary)
    w = np.ones(3)
    for _ in range(2000):
        offered = env["m"] * w
        expected = (offered / offered.sum(axis=1, keepdims=True)).sum(axis=0)
        w = w * np.bincount(env["y"], minlength=3) / expected
    scores = env["theta"].copy()
    scores[1] = np.log(w)
    for token in range(3):
        likelihood = derivation.steps[0].expression
        assert value(likelihood, env | {"theta": scores, "i": token}) == pytest.approx(0, abs=ONCE)
    rates = np.zeros((3, 3))
    for row, follower in zip(env["m"], env["y"], strict=True):
        rates[follower] += row / (row @ w)
    flows = env | {"w": w, "R": rates}
    for token in range(3):
        assert value(derivation.final, flows | {"i": token}) == pytest.approx(0, abs=1e-9)


# --- A loss that is not convex --------------------------------------------------------------------


def on_a_line(t: float) -> dict[str, Any]:
    return {
        "t": t,
        "a": 1 / (1 + np.exp(-t)),
        "p": lambda env: 1 / (1 + np.exp(1 - 2 * env["a"])),
    }


def second_difference(loss: Any, t: float, step: float = 1e-3) -> float:
    return float((loss(t + step) - 2 * loss(t) + loss(t - step)) / step**2)


def losses() -> tuple[Any, Any]:
    """Return the losses of a layer with orthonormal embeddings on a line of weights."""
    E, prompt = np.eye(2), [0, 1]

    def law(t: float) -> Any:
        return attention.attention_law(prompt, t * np.outer(E[0], E[1]), E)

    return (
        lambda t: -np.log(law(t)[0]),
        lambda t: -np.log(attention.softmax(law(t))[0]),
    )


@pytest.mark.parametrize("t", [-1.5, -np.log(3), 0.0, 0.7])
def test_the_second_derivatives_along_the_line_are_those_of_the_layer(t: float) -> None:
    attended, tied, softened = chains(made(symbolic.second_softmax_is_not_convex))
    env, (tied_loss, soft_loss) = on_a_line(t), losses()
    for lines, measured in ((tied, tied_loss), (softened[:3], soft_loss)):
        for line in lines:
            expected = second_difference(measured, t)
            assert value(line, env) == pytest.approx(expected, abs=2e-6)
    moved = [value(line, env) for line in attended]
    assert moved[0] == pytest.approx(moved[1], abs=ONCE)


def test_at_a_quarter_the_loss_after_softmax_bends_down() -> None:
    _, _, softened = chains(made(symbolic.second_softmax_is_not_convex))
    env = on_a_line(-np.log(3))
    assert env["a"] == pytest.approx(0.25)
    for line in softened:
        assert value(line, env) == pytest.approx(second_difference(losses()[1], env["t"]), abs=2e-6)
    assert value(softened[-1], env) < -0.05


# --- Slips that are refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("derive", "line", "slip"),
    [
        (symbolic.gradient_of_the_loss, 5, lambda e: -e),
        (symbolic.gradient_of_the_loss, 8, lambda e: e.parent[e.j, e.i]),
        (symbolic.hessian_is_a_laplacian, 3, lambda e: e.subs(j, i)),
        (symbolic.hessian_is_a_laplacian, 7, lambda e: 2 * e),
        (symbolic.maximum_likelihood_is_stationary, 5, lambda e: -e),
        (symbolic.second_softmax_is_not_convex, 7, lambda e: e / 2),
    ],
)
def test_a_slip_is_refused(derive: Any, line: int, slip: Any) -> None:
    steps = list(made(derive).steps)
    old = steps[line - 1]
    steps[line - 1] = Step(slip(old.expression), old.justification, dict(old.using))
    with pytest.raises(DerivationError, match=f"line {line} of"):
        symbolic.Derivation("With a slip", steps)


def test_rates_that_run_backwards_are_refused() -> None:
    *steps, last = made(symbolic.maximum_likelihood_is_stationary).steps
    ((rate, right),) = last.using
    R, (to, off) = rate.base, rate.indices
    backwards = Step(last.expression, last.justification, {R[off, to]: right})
    with pytest.raises(DerivationError, match="line 5 of"):
        symbolic.Derivation("Backwards", [*steps, backwards])
