"""Derivations: what is proved, what is refused, how it is shown, and whether it is true.

The truth of a line is checked by an evaluator of its own: it puts numbers in for all symbols,
adds up sums term by term, and never asks SymPy to simplify anything.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.matrices.expressions.matexpr import MatrixElement

from ccmc_teach import attention, chain, symbolic
from ccmc_teach.symbolic import Derivation, DerivationError, Step, proved_equal
from ccmc_teach.symbolic import layer as layer_module
from ccmc_teach.symbolic.notation import latex
from ccmc_teach.symbolic.proof import _NormalForm as NormalForm

x, y, z = sp.symbols("x y z")
n, i, j, k, h = sp.symbols("n i j k h", integer=True)
K, L, d = sp.symbols("K L d", integer=True, positive=True)
f, g, t = (sp.IndexedBase(name) for name in ("f", "g", "t"))
M = sp.IndexedBase("M")
A, B, C = (sp.MatrixSymbol(name, d, d) for name in "ABC")
v = sp.MatrixSymbol("v", d, 1)
any_i, any_k = sp.Wild("i"), sp.Wild("k")

DERIVATIONS = [
    symbolic.attention_is_a_chain,
    symbolic.attention_is_a_chain_for_any_K,
    symbolic.gauge_freedom,
    symbolic.inverse_map,
    symbolic.positional_factorisation,
]


@functools.cache
def made(derive: Any) -> Derivation:
    """Derive once and look often."""
    derivation: Derivation = derive()
    return derivation


def delta(a: Any, b: Any) -> Any:
    return sp.KroneckerDelta(a, b)


def over(term: Any, *variables: Any, end: Any = L) -> Any:
    return sp.Sum(term, *((variable, 0, end - 1) for variable in variables))


# --- Numbers for symbols --------------------------------------------------------------------------


def value(node: Any, env: dict[str, Any]) -> float:
    """Return the number that an expression stands for."""
    if isinstance(node, sp.Sum):
        return sum_of(node.function, list(node.limits), env)
    if isinstance(node, sp.Indexed):
        return float(env[str(node.base)][tuple(whole(place, env) for place in node.indices)])
    if isinstance(node, MatrixElement):
        return float(matrix(node.parent, env)[whole(node.i, env), whole(node.j, env)])
    if node.is_Symbol:
        return float(env[node.name])
    if node.is_Number:
        return float(node)
    parts = [value(part, env) for part in node.args]
    functions: dict[type, Any] = {
        sp.Add: lambda: math.fsum(parts),
        sp.Mul: lambda: math.prod(parts),
        sp.Pow: lambda: parts[0] ** parts[1],
        sp.exp: lambda: math.exp(parts[0]),
        sp.log: lambda: math.log(parts[0]),
        sp.KroneckerDelta: lambda: float(parts[0] == parts[1]),
    }
    return float(functions[node.func]())


def whole(node: Any, env: dict[str, Any]) -> int:
    return round(value(node, env))


def sum_of(term: Any, limits: list[Any], env: dict[str, Any]) -> float:
    """Add up term by term; in SymPy the last limit belongs to the outermost sum."""
    if not limits:
        return value(term, env)
    variable, low, high = limits[-1]
    places = range(whole(low, env), whole(high, env) + 1)
    return math.fsum(sum_of(term, limits[:-1], env | {variable.name: place}) for place in places)


def matrix(node: Any, env: dict[str, Any]) -> Any:
    """Return the array that a matrix expression stands for."""
    if isinstance(node, sp.MatrixSymbol):
        return env[node.name]
    if isinstance(node, sp.MatrixBase):
        return np.array([[value(entry, env) for entry in row] for row in node.tolist()])
    if isinstance(node, (sp.ZeroMatrix, sp.Identity)):
        rows, columns = (whole(size, env) for size in node.shape)
        return np.eye(rows) if isinstance(node, sp.Identity) else np.zeros((rows, columns))
    parts = [
        matrix(part, env) if isinstance(part, (sp.MatrixExpr, sp.MatrixBase)) else value(part, env)
        for part in node.args
    ]
    if isinstance(node, sp.MatAdd):
        return sum(parts)
    if isinstance(node, sp.MatMul):
        numbers = [part for part in parts if isinstance(part, float)]
        arrays = [part for part in parts if not isinstance(part, float)]
        product = arrays[0] if len(arrays) == 1 else np.linalg.multi_dot(arrays)
        return math.prod(numbers) * product
    functions: dict[type, Any] = {sp.Transpose: np.transpose, sp.Inverse: np.linalg.inv}
    return functions[node.func](parts[0])


def number(line: Any, env: dict[str, Any]) -> Any:
    return (
        matrix(line, env) if isinstance(line, (sp.MatrixExpr, sp.MatrixBase)) else value(line, env)
    )


def assert_every_step_is_true(derivation: Derivation, env: dict[str, Any]) -> None:
    """Compare each line with the one before, and both sides of each hypothesis, as numbers."""
    for first, second in itertools.pairwise(derivation.steps):
        if not second.begins:
            before, after = number(first.expression, env), number(second.expression, env)
            np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-10)


def random_layer(rng: np.random.Generator, size: int, length: int) -> dict[str, Any]:
    """Return everything that the symbols of a layer stand for."""
    dimension = size + 2
    E = rng.normal(size=(size, dimension))
    W = rng.normal(size=(dimension, dimension)) / dimension
    prompt = rng.integers(size, size=length)
    scores = (E @ W @ E.T).T
    return {
        "K": size,
        "L": length,
        "d": dimension,
        "E": E,
        "W": W,
        "C": np.linalg.inv(E @ E.T) @ E,
        "x": prompt,
        "X": E[prompt],
        "S": np.eye(size)[prompt],
        "a": attention.attention_weights(prompt, W, E)[:, None],
        "theta": scores,
        "q": prompt[-1],
        "m": np.bincount(prompt, minlength=size),
        "P": attention.transition_matrix(W, E),
    }


# --- The derivations of the course are true -------------------------------------------------------


@pytest.mark.parametrize("prompt", [(0, 1, 0), (2,), (1, 2, 1, 0), (0, 0, 0, 0), (2, 1, 0, 2)])
def test_the_lines_for_one_prompt_are_the_layer_itself(prompt: tuple[int, ...]) -> None:
    env = random_layer(np.random.default_rng(11), size=3, length=4)
    E, W, q = env["E"], env["W"], prompt[-1]
    for place, (token, weight) in enumerate(
        zip(prompt, attention.attention_weights(prompt, W, E), strict=True), start=1
    ):
        env |= {f"a_{place}": weight, f"s_{place}": E[token] @ W @ E[q]}
    env |= {f"e_{token}": E[token][:, None] for token in range(3)}
    env["m"] = np.bincount(prompt, minlength=3)
    derivation = symbolic.attention_is_a_chain(prompt, longest=1)
    by_attention = attention.attention_law(prompt, W, E)
    for step in derivation.steps:
        np.testing.assert_allclose(number(step.expression, env)[:, 0], by_attention, atol=1e-12)
    by_counting = chain.next_token_law(env["P"], [env["m"]], [q])[0]
    np.testing.assert_allclose(number(derivation.final, env)[:, 0], by_counting, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_the_lines_for_any_K_are_the_layer_itself(seed: int) -> None:
    rng = np.random.default_rng(seed)
    env = random_layer(rng, size=int(rng.integers(2, 6)), length=int(rng.integers(1, 7)))
    law = attention.attention_law(env["x"], env["W"], env["E"])
    derivation = symbolic.attention_is_a_chain_for_any_K()
    for token, step in itertools.product(range(env["K"]), derivation.steps):
        assert value(step.expression, env | {"j": token}) == pytest.approx(law[token], abs=1e-12)


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


def positional_numbers(rng: np.random.Generator, *, decoupled: bool) -> dict[str, Any]:
    """Return everything that the symbols of the positional factorisation stand for."""
    env = random_layer(rng, size=3, length=5)
    E, W, length, dimension = env["E"], env["W"], env["L"], env["d"]
    U = rng.normal(size=(length, dimension))
    if decoupled:
        # Positions live where tokens have nothing, and W keeps the two spaces apart.
        across = np.linalg.svd(E)[2][3:]
        span = np.eye(dimension) - across.T @ across
        U = U @ across.T @ across
        W = span @ W @ span + (np.eye(dimension) - span) @ W @ (np.eye(dimension) - span)
    r = E[env["x"][-1]] + U[-1]
    table = np.zeros((3, 3))
    table[env["q"]] = attention.softmax(E @ W @ r)
    scores = np.zeros((3, 3))
    scores[env["q"]] = E @ W @ r
    phi = U @ W @ r
    weighted = np.bincount(env["x"], np.exp(phi), minlength=3)
    return env | {
        "W": W,
        "U": U,
        "r": r[:, None],
        "theta": scores,
        "phi": phi,
        "m^U": weighted,
        "P": table,
        "e_q": E[env["x"][-1]][:, None],
        "u_L": U[-1][:, None],
    }


CHAINS = {"score": slice(0, 3), "decoupled": slice(3, 5), "law": slice(5, None)}


@pytest.mark.parametrize("decoupled", [False, True])
def test_the_law_with_positions_is_the_layer_itself(decoupled: bool) -> None:
    env = positional_numbers(np.random.default_rng(5), decoupled=decoupled)
    law = attention.attention_law(env["x"], env["W"], env["E"], env["U"])
    steps = symbolic.positional_factorisation().steps[CHAINS["law"]]
    assert steps[0].begins
    for token, step in itertools.product(range(3), steps):
        assert value(step.expression, env | {"j": token}) == pytest.approx(law[token], abs=1e-12)


@pytest.mark.parametrize(("chain_name", "decoupled"), [("score", False), ("decoupled", True)])
def test_the_scores_with_positions_are_those_of_the_layer(chain_name: str, decoupled: bool) -> None:
    env = positional_numbers(np.random.default_rng(6), decoupled=decoupled)
    for place, token in enumerate(env["x"]):
        here = env | {"i": place, "e_x": env["E"][token][:, None], "u_i": env["U"][place][:, None]}
        score = (here["e_x"] + here["u_i"]).T @ env["W"] @ env["r"]
        for step in symbolic.positional_factorisation().steps[CHAINS[chain_name]]:
            np.testing.assert_allclose(number(step.expression, here), score.item(), atol=1e-12)


def test_without_cross_terms_the_base_row_forgets_the_length() -> None:
    env = positional_numbers(np.random.default_rng(7), decoupled=True)
    plain = attention.transition_matrix(env["W"], env["E"])
    np.testing.assert_allclose(env["P"][env["q"]], plain[env["q"]], atol=1e-12)


# --- All short prompts ----------------------------------------------------------------------------


def test_all_prompts_of_up_to_four_tokens_are_proved() -> None:
    derivation = made(symbolic.attention_is_a_chain)
    assert isinstance(derivation, symbolic.PromptDerivation)
    expected = [p for length in range(1, 5) for p in itertools.product(range(3), repeat=length)]
    assert sorted(derivation.prompts) == sorted(expected)
    assert derivation.prompts_proved == len(set(derivation.prompts)) == 120
    assert "all 120 prompts of 1 to 4 tokens" in derivation._repr_html_()


def test_a_longer_prompt_is_proved_as_well() -> None:
    derivation = symbolic.attention_is_a_chain((0, 1, 1, 0, 1), K=2, longest=2)
    assert derivation.prompts_proved == 2 + 4 + 1
    assert derivation.prompts[-1] == (0, 1, 1, 0, 1)
    assert derivation.final.shape == (2, 1)


def test_an_absent_token_has_probability_zero() -> None:
    derivation = symbolic.attention_is_a_chain((0, 1, 0), longest=1)
    assert derivation.steps[-2].expression.as_explicit()[2] == 0


def test_one_prompt_that_fails_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def rotated(prompt: Any, values: Any, K: int) -> list[Any]:
        entries = true_entries(prompt, values, K)
        return entries[1:] + entries[:1] if prompt == (2, 1, 2) else entries

    true_entries = layer_module._by_token
    monkeypatch.setattr(layer_module, "_by_token", rotated)
    assert symbolic.attention_is_a_chain(longest=2).prompts_proved == 13
    with pytest.raises(DerivationError, match="line 3 of"):
        symbolic.attention_is_a_chain(longest=3)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"prompt": ()}, "prompt must"),
        ({"prompt": (0, 3)}, "prompt must hold tokens from 0 to 2"),
        ({"prompt": (0.5,)}, "prompt must"),
        ({"prompt": None}, "prompt must"),
        ({"K": 0}, "K must be a whole number from 1 to 10"),
        ({"K": 11}, "K must be a whole number from 1 to 10"),
        ({"longest": 0}, "longest must be a whole number"),
        ({"longest": 2.0}, "longest must be a whole number"),
        ({"longest": 7}, "longest must leave at most 2000 prompts"),
        ({"longest": 10**8}, "longest must leave at most 2000 prompts"),
    ],
)
def test_bad_prompts_get_a_sentence(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        symbolic.attention_is_a_chain(**arguments)


# --- What counts as a proof -----------------------------------------------------------------------

p, q = sp.symbols("p q", positive=True)

TRUE: list[tuple[Any, Any]] = [
    ((x + y) ** 3, x**3 + 3 * x**2 * y + 3 * x * y**2 + y**3),
    (x / (x + y) + y / (x + y), sp.Integer(1)),
    (1 / (1 + sp.exp(-x)), sp.exp(x) / (1 + sp.exp(x))),
    (sp.exp(x + y), sp.exp(x) * sp.exp(y)),
    (sp.log(p * q), sp.log(p) + sp.log(q)),
    (sp.sqrt(p**2), p),
    (over(f[i], i), over(f[j], j)),
    (over(x * f[i], i), x * over(f[i], i)),
    (over(f[i] + g[i], i), over(f[i], i) + over(g[i], i)),
    (over(f[i] * g[j], i, j), over(f[i], i) * over(g[i], i)),
    (over(f[i], i) ** 2, over(f[i] * f[j], i, j)),
    (over(over(M[i, j], j), i), over(over(M[j, i], i), j)),
    (over(x, i), L * x),
    (over(1, i, j), L**2),
    (over(over(M[i, j] / M[i, j], j), i), L**2),
    (over(delta(i, n) * f[i], i), f[n] * over(delta(i, n), i)),
    (over(delta(t[i], n) * f[t[i]], i), f[n] * over(delta(t[i], n), i)),
    (over(delta(i, 0) * f[i], i), f[0] * over(delta(i, 0), i)),
    (sp.Sum(f[i], (i, 0, 2)), f[0] + f[1] + f[2]),
    (sp.Sum(f[i] * M[i, j], (j, 0, i), (i, 0, 1)), f[0] * M[0, 0] + f[1] * (M[1, 0] + M[1, 1])),
    (sp.Sum(f[i], (j, 0, i), (i, 0, L)), sp.Sum((i + 1) * f[i], (i, 0, L))),
    (sp.Sum(f[i], (i, 0, L), (j, 0, i)), (i + 1) * sp.Sum(f[j], (j, 0, L))),
    (sp.Sum(f[k], (k, 0, L - 1), (k, 0, K - 1)), K * over(f[i], i)),
    (over(f[i] / over(f[j], j), i), sp.Integer(1)),
    (over(f[i] / over(M[i, j], j), i), over(f[k] / over(M[k, h], h), k)),
    ((A + B) * C, A * C + B * C),
    ((A * B).T, B.T * A.T),
    (A * A.I * B, B),
    (MatrixElement(A * B + C, i, j), MatrixElement(A * B, i, j) + C[i, j]),
    (MatrixElement(A * v, i, 0), over(A[i, k] * v[k, 0], k, end=d)),
    (MatrixElement(2 * A, i, j), 2 * A[i, j]),
    (sp.Matrix([x * (x + 1), 0]), sp.Matrix([x**2 + x, 0])),
    (sp.MatMul(1 / x, sp.ImmutableMatrix([x, x**2])), sp.Matrix([1, x])),
    (sp.Eq(x, y + 1), sp.Eq(x - y, 1)),
    (sp.Eq(x * (x + 1), y), sp.Eq(x**2 + x, y)),
]

NOT_PROVED: list[tuple[Any, Any]] = [
    (x, x + 1),
    (x, x + x * (x - 1) * (x - 2)),  # equal at 0, 1 and 2
    (sp.sqrt(x**2), x),  # equal for all positive numbers
    (sp.log(x * y), sp.log(x) + sp.log(y)),  # the signs are not known
    (sp.gamma(x + 1), x * sp.gamma(x)),  # true, but beyond the algebra of this room
    (sp.Abs(x), x),
    (sp.sin(sp.pi * x), sp.Integer(0)),  # equal at all integers
    (sp.floor(x), x),
    (over(f[i], i), over(g[i], i)),
    (over(f[i] * g[i], i), over(f[i], i) * over(g[i], i)),
    (over(f[i] ** 2, i), over(f[i], i) ** 2),
    (over(f[i], i), over(f[i], i, end=K)),
    (over(f[i], i), sp.Sum(f[i], (i, 1, L))),
    (over(f[i], i), f[i] * L),
    (over(M[i, j], i), over(M[i, j], j)),
    (over(over(M[i, j], i), j), over(M[i, i], i)),
    (over(over(M[i, j], j) ** 2, i), over(M[i, j] ** 2, i, j)),
    (over(1 / over(M[i, j], j), i), 1 / over(M[i, j], i, j)),
    (over(delta(i, n) * f[i], i), f[n]),  # n may lie outside
    (over(delta(t[i], n) * f[i], i), f[n] * over(delta(t[i], n), i)),
    (delta(t[h], k) * delta(t[h], j), delta(k, j)),
    (over(delta(t[h], k) * delta(t[h], j), h), L * delta(k, j)),
    (over(delta(i, j) * f[i], i, j), over(f[i] * f[j], i, j)),
    (sp.Sum(f[i], (i, 0, 2)), f[0] + f[1]),
    (sp.Sum(f[i] * M[i, j], (j, 0, i), (i, 0, L)), over(f[i] * M[i, j], i, j)),
    (sp.Sum(f[i], (i, 0, sp.Integer(10) ** 9)), x),
    (A * B, B * A),
    (A.T * B, A * B.T),
    (A * C * B, A * B * C),
    (A * B.I, A.I * B),
    (MatrixElement(A, i, j), MatrixElement(A, j, i)),
    (MatrixElement(A * B, i, j), over(A[i, k] * B[j, k], k, end=d)),
    (sp.Matrix([x, y]), sp.Matrix([y, x])),
    (sp.Matrix([x, y]), sp.Matrix([x, y + 1])),
    (sp.Matrix([x, y]), sp.Matrix([[x, y]])),
    (sp.Matrix([x]), x),
    (A, v),
    (sp.Eq(x, y), sp.Eq(x, 2 * y)),
    (sp.Eq(x, y), sp.Eq(2 * x, 2 * y)),  # true, but another step than rewriting
    (sp.Eq(x, y), x - y),
    (sp.Eq(A, B), sp.Eq(x, y)),
]


@pytest.mark.parametrize(("before", "after"), TRUE)
def test_what_follows_from_algebra_is_proved(before: Any, after: Any) -> None:
    assert proved_equal(before, after)
    assert proved_equal(after, before)


@pytest.mark.parametrize(("before", "after"), NOT_PROVED)
def test_what_is_false_or_undecided_is_not_proved(before: Any, after: Any) -> None:
    assert not proved_equal(before, after)
    assert not proved_equal(after, before)


def test_a_step_that_divides_out_a_symbol_holds_where_both_sides_are_defined() -> None:
    assert proved_equal((x**2 - y**2) / (x - y), x + y)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=5), st.integers(0, 6), st.integers(-3, 3))
@settings(max_examples=60, deadline=None)
def test_polynomials_are_equal_if_their_coefficients_are(
    roots: list[int], degree: int, change: int
) -> None:
    factors = sp.prod(x - root for root in roots)
    expanded = sum(int(c) * x**e for e, c in enumerate(np.poly(roots)[::-1].round())) + 0 * y
    assert proved_equal(factors, expanded + change * x**degree) is (change == 0)


# Expressions in which indices, ranges and deltas are easily confused; many pairs are equal.
POOL = [
    over(f[i], i) * over(g[j], j),
    over(f[i] * g[j], i, j),
    over(f[i] * g[i], i) * L,
    over(f[i] * g[i], i, j),
    over(f[i] * over(g[j] * delta(i, j), j), i),
    over(f[j] * g[j], j) * over(1, i),
    over(delta(t[i], k) * f[k], i, k),
    over(delta(t[i], k) * f[t[i]], i, k),
    over(f[t[i]] * over(delta(t[i], k), k), i),
    over(f[k] * over(delta(t[i], k), i), k),
    over(f[t[i]], i),
    over(f[i], i) ** 2 / over(f[j], j),
    over(f[i] * over(f[j], j), i) / over(f[k], k),
    over(delta(t[i], k) * delta(t[j], k), i, j, k),
    over(delta(t[i], k), i, k),
    over(delta(t[i], t[j]), i, j),
    over(M[i, j] * f[i] * g[j], i, j),
    over(f[j] * over(M[j, i] * g[i], i), j),
    over(M[j, i] * f[i] * g[j], i, j),
    over(delta(i, j) * M[i, j], i, j),
    over(M[i, i], i),
    over(over(f[i] * g[j], j) ** 2, i),
    over(f[i] ** 2, i) * over(g[j], j) ** 2,
]


def test_whatever_is_proved_about_sums_is_true_of_numbers() -> None:
    rng = np.random.default_rng(2)
    env = {"L": 4, "f": rng.normal(size=4), "g": rng.normal(size=4), "M": rng.normal(size=(4, 4))}
    env["t"] = np.array([2, 0, 2, 3])
    numbers = [value(line, env) for line in POOL]
    proved = 0
    for (first, a), (second, b) in itertools.combinations(zip(POOL, numbers, strict=True), 2):
        if proved_equal(first, second):
            proved += 1
            assert a == pytest.approx(b, rel=1e-9), f"{first} = {second}"
    assert proved >= 12


@st.composite
def nested_sums(draw: st.DrawFn, depth: int = 2, scope: tuple[Any, ...] = (n,)) -> Any:
    """Return a random sum of products; inner sums may reuse the variable of an outer one."""
    variable = draw(st.sampled_from([i, j, h]))
    inside = st.sampled_from([*scope, variable])
    make = {
        "f": lambda: f[draw(inside)],
        "g": lambda: g[draw(inside)],
        "M": lambda: M[draw(inside), draw(inside)],
        "ft": lambda: f[t[draw(inside)]],
        "delta": lambda: delta(draw(inside), draw(inside)),
        "deltat": lambda: delta(t[draw(inside)], draw(inside)),
        "number": lambda: sp.Integer(draw(st.integers(2, 3))),
        "fraction": lambda: 1 / over(M[draw(inside), h] + 1, h),
    }
    term = sp.prod(
        make[draw(st.sampled_from(sorted(make)))]() for _ in range(draw(st.integers(1, 3)))
    )
    if depth and draw(st.booleans()):
        inner = draw(nested_sums(depth=depth - 1, scope=(*scope, variable)))
        term = term + inner if draw(st.booleans()) else term * inner
    ends = [(0, L - 1), (0, K - 1), (1, L), (0, 2), (2, 2), *((0, outer) for outer in scope)]
    limits = draw(st.sampled_from(ends))
    return sp.Sum(term, (variable, *limits))


@given(nested_sums(), st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_a_normal_form_has_the_value_of_its_sum(line: Any, place: int) -> None:
    rng = np.random.default_rng(1)
    env = {"L": 3, "K": 4, "n": place, "t": np.array([2, 0, 2, 3, 1])}
    env |= {"f": rng.uniform(0.5, 2, 5), "g": rng.uniform(-2, 2, 5), "M": rng.uniform(0, 1, (5, 5))}
    normal = NormalForm(()).scalar(line)
    assert value(normal, env) == pytest.approx(value(line, env), rel=1e-9, abs=1e-9)


@given(nested_sums(), nested_sums())
@settings(max_examples=40, deadline=None)
def test_the_order_of_terms_and_factors_does_not_matter(one: Any, other: Any) -> None:
    assert proved_equal(one * other + n, n + other * one)
    assert proved_equal(over(one + other, k), over(other, k) + over(one, k))


MATRIX_POOL = [
    A * B * A.I,
    B,
    (A + B) * (A - B),
    A * A - A * B + B * A - B * B,
    A * A - B * B,
    (A * B).I * A * C,
    B.I * C,
    C * B.I,
    (A.T * B).T,
    B.T * A,
    A * B.T,
    A * (B + C) - A * C,
    A * B,
    B * A,
]


def test_whatever_is_proved_about_matrices_is_true_of_numbers() -> None:
    rng = np.random.default_rng(4)
    env: dict[str, Any] = {"d": 3, **{name: rng.normal(size=(3, 3)) for name in "ABC"}}
    proved = 0
    for first, second in itertools.combinations(MATRIX_POOL, 2):
        if proved_equal(first, second):
            proved += 1
            np.testing.assert_allclose(matrix_of(first, env), matrix_of(second, env), atol=1e-9)
    assert proved == 4


def matrix_of(line: Any, env: dict[str, Any]) -> Any:
    """Evaluate a matrix expression that may hold whole powers."""
    if isinstance(line, sp.MatPow):
        return np.linalg.matrix_power(matrix_of(line.base, env), int(line.exp))
    if isinstance(line, (sp.MatAdd, sp.MatMul)) and line.has(sp.MatPow):
        parts = [matrix_of(part, env) if part.is_Matrix else float(part) for part in line.args]
        if isinstance(line, sp.MatAdd):
            return sum(parts)
        result = np.eye(3)
        for part in parts:
            result = result * part if isinstance(part, float) else result @ part
        return result
    return matrix(line, env)


# --- Hypotheses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "using"),
    [
        (x + y, 3 * x, {y: 2 * x}),
        (x * y * z, z * 3, {x * y: 3}),
        (x, z, {x: y, y: z}),
        (M[0, 1], x, {M[any_i, any_k]: x}),
        (over(M[n, k], k), over(f[k] * g[n], k), {M[any_i, any_k]: f[any_k] * g[any_i]}),
        (over(M[n, k], k), sp.Integer(1), {over(M[any_i, k], k): 1}),
        (over(M[n, h], h), sp.Integer(1), {over(M[any_i, k], k): 1}),
        (over(f[i] * over(M[i, k], k), i), over(f[i], i), {over(M[any_i, k], k): 1}),
        (f[0] + f[1] + f[2], x, {sp.Sum(f[i], (i, 0, 2)): x}),
        (A * B * C * v, C * v, {A * B: sp.Identity(d)}),
        (C * (A * B + B), C + C * B, {A * B: sp.Identity(d)}),
        (v.T * A * v, sp.ZeroMatrix(1, 1), {v.T * A: sp.ZeroMatrix(1, d)}),
        (MatrixElement(A * B * C, i, j), C[i, j], {A * B: sp.Identity(d)}),
        (MatrixElement(A * v, i, 0), x, {MatrixElement(A * v, any_i, 0): x}),
        (A[i, j] * x, x, {A[any_i, any_k]: 1}),
        (over(v[k, 0], k, end=d), d, {v[any_i, 0]: 1}),
        (over(f[i], i), over(M[i, j], i, j), {f[any_k]: over(M[i, any_k], i)}),
        (MatrixElement(v.T * v, 0, 0), d, {v[any_i, 0]: 1}),
        (f[i], over(M[j, i], j), {f[any_k]: over(M[i, any_k], i)}),
        (sp.Eq(x, y), sp.Eq(z, y), {z: x}),
    ],
)
def test_a_hypothesis_is_used(before: Any, after: Any, using: dict[Any, Any]) -> None:
    assert not proved_equal(before, after)
    assert proved_equal(before, after, using)
    assert proved_equal(after, before, using)


@pytest.mark.parametrize(
    ("before", "after", "using"),
    [
        # A statement about one symbol says nothing about a summation variable of that name.
        (over(x, i), over(i, i), {x: i}),
        (over(f[i], i), L * x, {f[i]: x}),
        (over(i, i), L * x, {i: x}),
        # Nor does the variable of a sum inside a hypothesis get caught by a sum outside.
        (over(f[i], i), L * over(M[i, i], i), {f[any_k]: over(M[i, any_k], i)}),
        (f[i], over(M[i, i], i), {f[any_k]: over(M[i, any_k], i)}),
        # Only neighbours are a product, and only in their order.
        (A * C * B, C, {A * B: sp.Identity(d)}),
        (B * A, sp.Identity(d), {A * B: sp.Identity(d)}),
        (A.T * B, sp.Identity(d), {A * B: sp.Identity(d)}),
        # One entry is not all entries.
        (M[0, 1], x, {M[0, 0]: x}),
        (M[0, 1], M[1, 0], {M[any_i, any_i]: 1}),
        # A sum over other places is another sum.
        (over(M[n, k], k, end=K), sp.Integer(1), {over(M[any_i, k], k): 1}),
        (over(M[k, n], k), sp.Integer(1), {over(M[any_i, k], k): 1}),
        # Integrals have variables, too.
        (sp.Integral(x * y, (x, 0, 1)), sp.Integral(y**2, (y, 0, 1)), {x: y}),
        (x, y, {x: z}),
    ],
)
def test_a_hypothesis_reaches_no_further_than_it_says(
    before: Any, after: Any, using: dict[Any, Any]
) -> None:
    assert not proved_equal(before, after, using)


def test_hypotheses_hold_for_one_step_only() -> None:
    assert proved_equal(x, 2, {x: 2})
    assert not proved_equal(x, 2)
    with pytest.raises(DerivationError, match="line 3"):
        Derivation("Twice", [Step(x, "Start."), Step(2, "Put in.", {x: 2}), Step(x, "Back?")])


@pytest.mark.parametrize(
    ("using", "sentence"),
    [
        ([(x, y)], "using must map left sides to right sides"),
        ("x = y", "using must map left sides to right sides"),
        ({x: "y"}, "using must be a SymPy expression"),
        ({"x": y}, "using must be a SymPy expression"),
        ({x: 0.5}, "using must be exact and finite"),
        ({x: sp.nan}, "using must be exact and finite"),
        ({sp.Integer(1): sp.Integer(2)}, "using must have a symbol on each left side"),
        ({A: x}, "using must have sides of one shape"),
        ({A: v}, "using must have sides of one shape"),
        ({x: x + 1}, "using must not define anything by itself"),
        ({x: f[any_i]}, "using must name every Wild on its left side"),
        ({sp.Eq(x, y): x}, "using must map expressions to expressions"),
    ],
)
def test_bad_hypotheses_are_refused(using: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        Step(x, "A line.", using)


# --- Steps and derivations ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "got"),
    [
        ("x + 1", "got str 'x \\+ 1'"),
        (None, "got NoneType None"),
        (True, "got the truth value True"),
        (sp.Eq(x, x), "got the truth value True"),
        ([x, y], "got list"),
        (x < y, "got x < y"),
        (sp.Ne(x, y), "got Ne\\(x, y\\)"),
        (0.5, "be exact and finite, .* got 0.5"),
        (x + 0.5, "be exact and finite, .* got 0.5"),
        (sp.Matrix([x, 0.5]), "be exact and finite, .* got 0.5"),
        (sp.nan, "got nan"),
        (sp.zoo, "got zoo"),
        (x + sp.oo, "got oo"),
        (sp.Sum(f[i], (i, 0, sp.oo)), "got oo"),
        (sp.Symbol("a", commutative=False), "symbols that commute, got a"),
    ],
)
def test_a_line_is_an_exact_sympy_object(line: Any, got: str) -> None:
    with pytest.raises(ValueError, match=f"^expression must .*{got}.*"):
        Step(line, "A line.")


def test_a_line_keeps_what_it_was_when_the_caller_changes_a_matrix() -> None:
    table = sp.Matrix([x, y])
    step = Step(table, "A line.")
    table[0] = sp.Integer(0)
    assert step.expression == sp.ImmutableMatrix([x, y])


@pytest.mark.parametrize("justification", ["", "  ", None, 5])
def test_a_step_needs_a_reason(justification: Any) -> None:
    with pytest.raises(ValueError, match=r"^justification must be a text"):
        Step(x, justification)


@pytest.mark.parametrize(
    ("title", "steps", "sentence"),
    [
        ("", [Step(x, "A line.")], "title must be a text"),
        (None, [Step(x, "A line.")], "title must be a text"),
        ("T", [], "steps must hold at least one Step"),
        ("T", Step(x, "A line."), "steps must be a sequence of Step"),
        ("T", 3, "steps must be a sequence of Step"),
        ("T", [Step(x, "A line."), x], "steps must hold Step objects, got steps\\[1\\] = x"),
    ],
)
def test_a_derivation_needs_steps(title: Any, steps: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        Derivation(title, steps)


SQUARE = [(x + 1) ** 2, (x + 1) * (x + 1), x**2 + 2 * x + 1, x * (x + 2) + 1]


@pytest.mark.parametrize("wrong", [1, 2, 3])
def test_one_wrong_line_stops_the_derivation_and_is_named(wrong: int) -> None:
    lines = [line + int(place == wrong) for place, line in enumerate(SQUARE)]
    steps = [Step(line, "A line.") for line in lines]
    with pytest.raises(DerivationError) as caught:
        Derivation("The square", steps)
    error = caught.value
    assert error.line == wrong + 1
    assert error.before == lines[wrong - 1]
    assert error.after == lines[wrong]
    assert error.difference == 1
    assert str(error) == (
        f"line {wrong + 1} of 'The square' is not proved equal to line {wrong}: "
        "the difference 1 does not reduce to 0."
    )


def test_lines_of_unlike_shapes_are_named() -> None:
    with pytest.raises(DerivationError, match=r"its shape is \(2, 1\) and not \(\)") as caught:
        Derivation("Shapes", [Step(x, "A number."), Step(sp.Matrix([x, y]), "A column.")])
    assert caught.value.difference is None
    with pytest.raises(DerivationError, match=r"its shape is \(1, 2\) and not \(2, 1\)"):
        Derivation(
            "Shapes", [Step(sp.Matrix([x, y]), "A column."), Step(sp.Matrix([[x, y]]), "A row.")]
        )


def test_a_long_difference_is_cut() -> None:
    lines = [Step(x, "Start."), Step(sum(sp.symbols("a:200")), "Nonsense.")]
    with pytest.raises(DerivationError) as caught:
        Derivation("Long", lines)
    assert len(str(caught.value)) < 500
    assert str(caught.value).endswith(" ... does not reduce to 0.")


def test_a_new_chain_is_not_compared_with_the_last() -> None:
    steps = [Step(x, "One chain."), Step(y, "Another.", begins=True), Step(y + 0, "The same.")]
    assert len(Derivation("Two chains", steps).steps) == 3
    with pytest.raises(DerivationError, match="line 4"):
        Derivation("Two chains", [*steps, Step(x, "Back to the first?")])
    with pytest.raises(DerivationError, match="line 3"):
        Derivation("Two chains", [*steps[:2], Step(y + 1, "Wrong at once.")])


def test_a_derivation_cannot_be_changed_afterwards() -> None:
    steps = [Step(x, "A line.")]
    derivation = Derivation("Fixed", steps)
    steps.append(Step(y, "A lie."))
    assert len(derivation.steps) == 1
    with pytest.raises(AttributeError):
        derivation.steps = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        derivation.steps[0].expression = y  # type: ignore[misc]


# --- How a derivation is shown --------------------------------------------------------------------


class Page(HTMLParser):
    """The elements of a page, its text, and what stands inside the formulas."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.texts.setdefault(self.open[-1], []).append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


@pytest.mark.parametrize("derive", DERIVATIONS)
def test_the_page_shows_a_numbered_list_of_formulas(derive: Any) -> None:
    derivation = made(derive)
    page = Page(derivation._repr_html_())
    assert ("ol", {"class": "ccmc-derivation"}) in page.tags
    assert page.count("ol") == 1
    assert page.count("li") == len(derivation.steps)
    formulas = [attributes for tag, attributes in page.tags if tag == "div"][1:]
    assert len(formulas) == len(derivation.steps)
    for attributes in formulas:
        assert attributes["class"] == "math notranslate nohighlight"
        assert "overflow-x: auto" in (attributes["style"] or "")
    for step, shown in zip(derivation.steps, page.texts["div"], strict=True):
        assert re.fullmatch(r"\\\[ .* \\\]", shown)
        assert latex(step.expression) in shown
    assert all(
        re.fullmatch(r"\\\( .* \\\)", shown)
        for shown in page.texts["span"]
        if "Used" not in shown and shown not in (".", ",\n")
    )


@pytest.mark.parametrize("derive", DERIVATIONS)
def test_nothing_but_tags_holds_a_raw_sign(derive: Any) -> None:
    page = made(derive)._repr_html_()
    tags = r"</?(?:div|p|strong|ol|li|span)(?: [a-z-]+=\"[^\"<>]*\")*>"
    assert not re.search(r"[<>]", re.sub(tags, "", page))


def test_text_and_formulas_are_escaped() -> None:
    case = sp.Piecewise((x, x < y), (y, True))
    derivation = Derivation(
        'Less <b> & "more"', [Step(case, "If $x < y$ & not <i>.", {z: case})], "Then <u>."
    )
    shown = derivation._repr_html_()
    assert "&lt;b&gt; &amp;" in shown
    assert "&lt;i&gt;" in shown
    assert "&lt;u&gt;" in shown
    page = Page(shown)
    assert {tag for tag, _ in page.tags} == {"div", "p", "strong", "ol", "li", "span"}
    assert r"\text{for}\: x < y" in page.texts["div"][0]
    assert r"\( x < y \)" in page.texts["span"]


def test_the_sign_of_equality_stands_inside_chains_only() -> None:
    steps = [Step(x, "Start."), Step(x + 0, "On."), Step(y, "New.", begins=True)]
    steps += [Step(sp.Eq(x, y), "Newer.", begins=True), Step(sp.Eq(x - y, 0), "On.")]
    derivation = Derivation("Signs", steps)
    shown = Page(derivation._repr_html_()).texts["div"]
    assert shown == [
        r"\[ x \]",
        r"\[ = x \]",
        r"\[ y \]",
        r"\[ x = y \]",
        r"\[ x - y = 0 \]",
    ]
    assert "  2. = x\n" in repr(derivation)
    assert "  3.   y\n" in repr(derivation)


def test_hypotheses_are_shown_beside_their_step() -> None:
    derivation = Derivation("Put in", [Step(x + y, "Start."), Step(3 * x, "Put in.", {y: 2 * x})])
    assert "Used: y = 2*x" in repr(derivation)
    page = derivation._repr_html_()
    first, second = page.split("<li>")[1:]
    assert "Used" not in first
    assert r"Used: <span" in second
    assert r"\( y = 2 x \)" in second


def test_columns_inside_a_sentence_are_small() -> None:
    page = symbolic.attention_is_a_chain(longest=1)._repr_html_()
    used = re.findall(r"ccmc-hypotheses.*?</p>", page, flags=re.DOTALL)
    assert any("{smallmatrix}" in text for text in used)
    assert not any("{matrix}" in text for text in used)
    assert "{matrix}" in page


def test_what_has_been_proved_is_said() -> None:
    single, double = Step(x, "A line."), Step(x, "The same.")
    assert "SymPy has proved" in repr(Derivation("Two", [single, double]))
    assert "SymPy has proved" in Derivation("Two", [single, double])._repr_html_()
    assert "SymPy" not in repr(Derivation("One", [single]))
    assert "SymPy" not in repr(Derivation("One", [single, Step(y, "New.", begins=True)]))
    assert "The end." in repr(Derivation("One", [single], "The end."))


@pytest.mark.parametrize("derive", DERIVATIONS)
def test_print_gets_one_formula_with_balanced_braces(derive: Any) -> None:
    text = made(derive)._repr_latex_()
    assert text.startswith("$$\\begin{aligned}\n")
    assert text.endswith("\n\\end{aligned}$$")
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    assert text.count(r"\quad") == len(made(derive).steps)


def test_signs_of_tex_are_escaped_in_print() -> None:
    derivation = Derivation("50 % of_it & more", [Step(x, r"A \ line with $x_1 & y$ and #1.")])
    text = derivation._repr_latex_()
    assert r"50 \% of\_it \& more" in text
    assert r"A \textbackslash{} line with $x_1 & y$ and \#1." in text


def test_repr_lists_numbers_lines_and_reasons() -> None:
    text = repr(symbolic.gauge_freedom())
    assert text.splitlines()[0] == "A constant added to a row of scores changes nothing"
    assert re.findall(r"^ *(\d+)\. ", text, flags=re.MULTILINE) == list("12345")
    assert "It cancels" in text


def test_a_derivation_looks_the_same_in_every_process() -> None:
    code = (
        "from ccmc_teach import symbolic as s;"
        "print(s.attention_is_a_chain_for_any_K()._repr_html_(), s.inverse_map()._repr_latex_())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (M[0, 1], "M_{01}"),
        (M[10, 1], "M_{10,1}"),
        (M[n, t[i]], "M_{nt_{i}}"),
        (A.T * B.I, r"A^{\top} B^{-1}"),
        (sp.Transpose(A + B), r"\left(A + B\right)^{\top}"),
        (B - 2 * A, "B - 2 A"),
        (-A + B, "B - A"),
        (-x + y, "y - x"),
        (v[i, 0], "v_{i}"),
        (A[i, j], "A_{ij}"),
        (MatrixElement(A * v, i, 0), r"\left[ A v \right]_{i}"),
        (MatrixElement(v.T * v, 0, 0), r"v^{\top} v"),
        (sp.Identity(d), "I"),
        (sp.ZeroMatrix(d, d), "0"),
        (over(f[i], i), r"\sum_{i} f_{i}"),
        (over(f[k] + 1, k, end=K), r"\sum_{k} \left(f_{k} + 1\right)"),
        (sp.Sum(f[i], (i, 1, L)), r"\sum_{i=1}^{L} f_{i}"),
        (sp.Sum(f[i], (i, 0, 2)), r"\sum_{i=0}^{2} f_{i}"),
        (over(f[i], i, end=d), r"\sum_{i=0}^{d - 1} f_{i}"),
        (delta(t[i], k), r"\mathbf{1}\{t_{i} = k\}"),
        (sp.log(f[i]), r"\log f_{i}"),
        (sp.log(x + 1), r"\log{\left(x + 1 \right)}"),
        (M[any_i, any_k], "M_{ik}"),
        (sp.MatrixSymbol("1", d, 1), r"\mathbf{1}"),
        (sp.MatrixSymbol("log P", d, d).T, r"(\log P)^{\top}"),
        (sp.Matrix([x, y]), r"\left(\begin{matrix}x\\y\end{matrix}\right)"),
        (sp.Eq(x, y), "x = y"),
    ],
)
def test_the_notation_of_the_course(expression: Any, expected: str) -> None:
    assert latex(expression) == expected
