"""Symbols for the tests, and numbers for symbols.

The truth of a line is checked by an evaluator of its own: it puts numbers in for all symbols,
adds up sums term by term, takes derivatives by differences, and never asks SymPy to simplify
anything.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from ccmc_teach import attention
from ccmc_teach.symbolic import Derivation

x, y, z = sp.symbols("x y z")
n, i, j, k, h = sp.symbols("n i j k h", integer=True)
K, L, d = sp.symbols("K L d", integer=True, positive=True)
f, g, t = (sp.IndexedBase(name) for name in ("f", "g", "t"))
M = sp.IndexedBase("M")
A, B, C = (sp.MatrixSymbol(name, d, d) for name in "ABC")
v = sp.MatrixSymbol("v", d, 1)
any_i, any_k = sp.Wild("i"), sp.Wild("k")


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


def named(name: str, env: dict[str, Any]) -> Any:
    """Return what a name stands for; a function computes it from everything else."""
    found = env[name]
    return found(env) if callable(found) else found


def value(node: Any, env: dict[str, Any]) -> float:
    """Return the number that an expression stands for."""
    if isinstance(node, sp.Sum):
        return sum_of(node.function, list(node.limits), env)
    if isinstance(node, sp.Derivative):
        return derivative(node.expr, list(node.variables), env)
    if isinstance(node, sp.Indexed):
        places = tuple(whole(place, env) for place in node.indices)
        return float(named(str(node.base), env)[places])
    if isinstance(node, MatrixElement):
        return float(matrix(node.parent, env)[whole(node.i, env), whole(node.j, env)])
    if isinstance(node, sp.Trace):
        return float(np.trace(matrix(node.arg, env)))
    if node.is_Symbol:
        return float(named(node.name, env))
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


def derivative(expression: Any, variables: list[Any], env: dict[str, Any]) -> float:
    """Differentiate by differences of five points, which are exact to about ten digits."""
    if not variables:
        return value(expression, env)
    variable, size = variables[-1], 2e-3

    def at(steps: int) -> float:
        return derivative(expression, variables[:-1], moved(variable, steps * size, env))

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * size)


def moved(variable: Any, size: float, env: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers after one of them has moved."""
    if variable.is_Symbol:
        return env | {variable.name: env[variable.name] + size}
    table = np.array(env[str(variable.base)], dtype=float)
    table[tuple(whole(place, env) for place in variable.indices)] += size
    return env | {str(variable.base): table}


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
        return named(node.name, env)
    if isinstance(node, sp.MatPow) and not isinstance(node, sp.Inverse):
        return np.linalg.matrix_power(matrix(node.base, env), int(node.exp))
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


def assert_every_step_is_true(
    derivation: Derivation, env: dict[str, Any], tolerance: float = 1e-9
) -> None:
    """Compare each line with the one before, as numbers."""
    for first, second in itertools.pairwise(derivation.steps):
        if not second.begins:
            before, after = number(first.expression, env), number(second.expression, env)
            np.testing.assert_allclose(after, before, rtol=tolerance, atol=tolerance / 10)


def chains(derivation: Derivation) -> list[list[Any]]:
    """Return the lines of a derivation, chain by chain."""
    found: list[list[Any]] = []
    for step in derivation.steps:
        if step.begins or not found:
            found.append([])
        found[-1].append(step.expression)
    return found


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
