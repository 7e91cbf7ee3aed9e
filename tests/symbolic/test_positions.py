"""The next-token law when positions count: the lines are those of the layer itself."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import sympy as sp

from ccmc_teach import attention, chain, positions, symbolic
from symbolic.evaluation import chains, made, number, random_layer, value

TOKENS = 3


def one_row(row: Any, env: dict[str, Any]) -> Any:
    """Return a table in which only the row of the query holds anything."""
    table = np.zeros((TOKENS, TOKENS))
    table[env["q"]] = row
    return table


def with_positions(seed: int, *, decoupled: bool) -> dict[str, Any]:
    """Return everything that the symbols of the positional factorisation stand for."""
    rng = np.random.default_rng(seed)
    env = random_layer(rng, size=TOKENS, length=5)
    E, W, dimension = env["E"], env["W"], env["d"]
    U = rng.normal(size=(env["L"], dimension))
    if decoupled:
        # Positions live where tokens have nothing, and W keeps the two spaces apart.
        across = np.linalg.svd(E)[2][TOKENS:]
        aside = across.T @ across
        span = np.eye(dimension) - aside
        U, W = U @ aside, span @ W @ span + aside @ W @ aside
    query, last = E[env["x"][-1]], U[-1]
    r = query + last
    phi = U @ W @ r
    columns = {"r": r, "e_q": query, "u_L": last}
    return env | {
        "W": W,
        "U": U,
        "theta^L": one_row(E @ W @ r, env),
        "theta": one_row(E @ W @ query, env),
        "phi^q": phi,
        "phi": U @ W @ last,
        "a": attention.softmax(U @ W @ last),
        "m^U": np.bincount(env["x"], np.exp(phi), minlength=TOKENS),
        "P^L": one_row(attention.softmax(E @ W @ r), env),
        "P": one_row(attention.softmax(E @ W @ query), env),
        **{name: vector[:, None] for name, vector in columns.items()},
    }


def without_cross_terms(seed: int) -> dict[str, Any]:
    """Return the same for vectors that keep tokens and positions apart."""
    env = with_positions(seed, decoupled=True)
    return env | {"m^U": np.bincount(env["x"], env["a"], minlength=TOKENS)}


CASES = [
    (symbolic.positional_factorisation, with_positions(5, decoupled=False)),
    (symbolic.positional_factorisation, with_positions(6, decoupled=True)),
    (symbolic.positional_factorisation_without_cross_terms, without_cross_terms(7)),
]


@pytest.mark.parametrize(("derive", "env"), CASES)
def test_the_scores_are_those_of_the_layer(derive: Any, env: dict[str, Any]) -> None:
    score_lines, _ = chains(made(derive))
    for place, token in enumerate(env["x"]):
        here = env | {"i": place, "e_x": env["E"][token][:, None], "u_i": env["U"][place][:, None]}
        score = (env["E"][token] + env["U"][place]) @ env["W"] @ env["r"][:, 0]
        for line in score_lines:
            np.testing.assert_allclose(number(line, here), score, atol=1e-12)


@pytest.mark.parametrize(("derive", "env"), CASES)
def test_what_is_used_for_the_scores_is_true(derive: Any, env: dict[str, Any]) -> None:
    used = [pair for step in made(derive).steps[:4] for pair in step.using]
    named = [pair for pair in used if not pair[0].has(sp.Wild)]
    assert len(named) >= 2
    for place, token in enumerate(env["x"]):
        here = env | {"i": place, "e_x": env["E"][token][:, None], "u_i": env["U"][place][:, None]}
        for left, right in named:
            assert value(left, here) == pytest.approx(value(right, here), abs=1e-12)


@pytest.mark.parametrize(("derive", "env"), CASES)
def test_the_law_is_that_of_the_layer(derive: Any, env: dict[str, Any]) -> None:
    law = attention.attention_law(env["x"], env["W"], env["E"], env["U"])
    _, law_lines = chains(made(derive))
    for token, line in itertools.product(range(TOKENS), law_lines):
        assert value(line, env | {"j": token}) == pytest.approx(law[token], abs=1e-12)


def test_with_cross_terms_the_simpler_law_is_wrong() -> None:
    env = with_positions(5, decoupled=False)
    env["m^U"] = np.bincount(env["x"], env["a"], minlength=TOKENS)
    law = attention.attention_law(env["x"], env["W"], env["E"], env["U"])
    simpler = made(symbolic.positional_factorisation_without_cross_terms).final
    shown = [value(simpler, env | {"j": token}) for token in range(TOKENS)]
    assert np.abs(np.array(shown) - law).max() > 0.01


def test_a_bias_by_age_is_a_weight_by_age() -> None:
    env = random_layer(np.random.default_rng(8), size=TOKENS, length=6)
    weights = positions.weights("exponential", env["L"], rate=0.4)
    scores = env["E"][env["x"]] @ env["W"] @ env["E"][env["q"]] + np.log(weights)
    law = np.bincount(env["x"], attention.softmax(scores), minlength=TOKENS)
    weighted = np.bincount(env["x"], weights, minlength=TOKENS)
    env |= {"b": -0.4 * np.arange(6), "g": np.exp(-0.4 * np.arange(6)), "m^g": weighted}
    derivation = made(symbolic.relative_position_bias)
    for token, step in itertools.product(range(TOKENS), derivation.steps):
        assert value(step.expression, env | {"j": token}) == pytest.approx(law[token], abs=1e-12)
    by_counting = chain.next_token_law(env["P"], [weighted], [env["q"]])[0]
    np.testing.assert_allclose(law, by_counting, atol=1e-12)
