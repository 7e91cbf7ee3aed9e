"""When two lines count as proved equal, and when not."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.matrices.expressions.matexpr import MatrixElement

from ccmc_teach.symbolic import Derivation, DerivationError, Step, proved_equal
from ccmc_teach.symbolic.proof import _NormalForm as NormalForm
from symbolic.evaluation import (
    A,
    B,
    C,
    K,
    L,
    M,
    any_i,
    any_k,
    d,
    delta,
    f,
    g,
    h,
    i,
    j,
    k,
    matrix,
    n,
    over,
    t,
    v,
    value,
    x,
    y,
    z,
)

# --- What counts as a proof -----------------------------------------------------------------------

p, q = sp.symbols("p q", positive=True)
dd = sp.Derivative

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
    (over(over(f[i] * M[i, j] / over(M[i, k], k), i), j), over(f[i], i)),
    (over(over(M[i, j] / over(M[i, k], k) ** 2, i), j), over(1 / over(M[i, k], k), i)),
    (sp.exp(x * over(f[i] + g[i], i)), sp.exp(x * over(f[i], i)) * sp.exp(x * over(g[i], i))),
    (over(sp.exp(over(M[i, j], j)), i), over(sp.exp(over(M[k, h], h)), k)),
    (dd(x**3, x), 3 * x**2),
    (dd(x**3, x, x), 6 * x),
    (dd(x * y, y, x), sp.Integer(1)),
    (y * dd(x * dd(sp.log(x), x), x), sp.Integer(0)),
    (dd(f[n] ** 2, f[n]), 2 * f[n]),
    (dd(f[n] * f[k], f[k]), f[n] + f[k] * delta(n, k)),
    (dd(over(f[i] * g[i], i), f[n]), over(delta(i, n) * g[i], i)),
    (dd(over(f[n] * g[n], n), f[n]), over(delta(i, n) * g[i], i)),
    (over(dd(f[i] ** 2, f[i]), i), 2 * over(f[i], i)),
    (
        dd(sp.log(over(sp.exp(f[i]), i)), f[n]),
        sp.exp(f[n]) * over(delta(i, n), i) / over(sp.exp(f[j]), j),
    ),
    (sp.Matrix([dd(x**2, x), dd(x * y, x)]), sp.Matrix([2 * x, y])),
    (sp.Eq(dd(x**2, x), y), sp.Eq(2 * x, y)),
    (sp.Trace(A * B), sp.Trace(B * A)),
    (sp.Trace(A * B * C), sp.Trace(C * A * B)),
    (sp.Trace(A * B), sp.Trace(A.T * B.T)),
    (sp.Trace(A + 2 * B), sp.Trace(A) + 2 * sp.Trace(B)),
    (sp.Trace(sp.Identity(d)), d),
    (sp.Trace(sp.ZeroMatrix(d, d)), sp.Integer(0)),
    (sp.Trace(A * v * v.T), MatrixElement(v.T * A * v, 0, 0)),
    (sp.Trace(sp.ImmutableMatrix([[x, y], [y, z]])), x + z),
    ((A * B) ** 2, A * B * A * B),
    ((A * B) ** 3, A * B * A * B * A * B),
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
    (over(over(f[i] * M[i, j] / over(M[k, i], k), i), j), over(f[i], i)),
    (over(over(f[j] * M[i, j] / over(M[i, k], k), i), j), over(f[i], i)),
    (over(over(f[j] * M[i, j] / over(M[i, k], k), j), i), L),
    (over(over(f[j] * M[i, j] / over(f[k], k), j), i), L),
    (over(over(f[i] * M[i, j] / over(M[i, k], k, end=K), i), j), over(f[i], i)),
    (sp.exp(over(f[i], i)), over(sp.exp(f[i]), i)),
    (dd(x**3, x), 3 * x**3),
    (dd(x**3, x, x), 3 * x**2),
    (dd(x * y, x), x),
    (dd(f[n] * f[k], f[k]), f[n]),
    (dd(over(f[i] * g[i], i), f[n]), g[n]),  # n may lie outside
    (dd(over(f[i] ** 2, i), f[n]), 2 * f[n]),
    (dd(M[i, j], M[j, i]), sp.Integer(1)),
    (dd(sp.Function("u")(x), x), dd(sp.Function("u")(x), x)),  # nothing is known of it
    (dd(f[n] * f[n, k], f[n]), f[n, k]),  # one name, two kinds of table
    (dd(n**2, n), 2 * n),  # a whole number does not move
    (dd(f[n], n), sp.Integer(0)),  # an index is no variable
    (dd(over(f[i], i, end=n), n), f[n]),
    (dd(f[n] + M[n, n], f[n]), sp.Integer(2)),
    (sp.MatMul(dd(x**2, x), A, evaluate=False), 2 * x * A),  # true, but beyond this room
    (sp.Trace(A * B), sp.Trace(A * B.T)),
    (sp.Trace(A * B * C), sp.Trace(B * A * C)),
    (sp.Trace(A * B), sp.Trace(A) * sp.Trace(B)),
    (sp.Trace(sp.Identity(d)), sp.Integer(1)),
    (sp.Trace(v * v.T), d),
    ((A * B) ** 2, A**2 * B**2),
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


def test_what_is_proved_of_derivatives_is_true_of_numbers() -> None:
    rng = np.random.default_rng(3)
    env = {"L": 3, "n": 1, "f": rng.normal(size=3), "g": rng.normal(size=3), "x": 0.7, "y": 1.3}
    shares = sp.exp(f[n]) * over(delta(i, n), i) / over(sp.exp(f[j]), j)
    pairs = [
        (dd(sp.log(over(sp.exp(f[i]), i)), f[n]), shares),
        (
            dd(over(f[i] * g[i], i) ** 2, f[n]),
            2 * over(f[i] * g[i], i) * over(delta(i, n) * g[i], i),
        ),
        (dd(sp.exp(x * y) / x, x, x), dd(sp.exp(x * y) * (y / x - 1 / x**2), x)),
    ]
    for before, after in pairs:
        assert proved_equal(before, after)
        assert value(before, env) == pytest.approx(value(after, env), abs=1e-6)


# --- Hypotheses -----------------------------------------------------------------------------------


ONE = over(delta(k, any_i), k)


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
        # A sum that is known is met before the sum around it swallows its terms.
        (over(f[i] * over(delta(i, j) * f[j], j), i), over(f[i] ** 2, i), {ONE: 1}),
        (
            over(f[t[i]] * over(delta(j, t[i]), j), i),
            over(f[t[i]], i),
            {over(delta(k, t[any_i]), k): 1},
        ),
        # What a name stands for is put in before a derivative is taken.
        (dd(x * y, x), 3 * x**2, {y: x**2}),
        (dd(x * f[n], x), 2 * x * n, {f[any_k]: x * any_k}),
        (dd(y, x), 2 * x, {y: z, z: x**2}),
        (dd(f[0] * g[0], f[0]), 2 * f[0], {g[any_k]: f[any_k]}),
        # What is said of one point is used afterwards.
        (dd(x**3, x), 12, {x: 2}),
        (dd(sp.exp(x) + y, x), 1, {x: 0}),
        (
            dd(sp.log(over(sp.exp(f[i]), i)), f[n]),
            sp.exp(f[n]) / z,
            {over(sp.exp(f[i]), i): z, ONE: 1},
        ),
        (sp.Trace(A * C * B), sp.Trace(C), {B * A: sp.Identity(d)}),
        (sp.Trace(A * B), d, {A * B: sp.Identity(d)}),
        (sp.Trace(A * B * C), sp.Trace(C.T), {(A * B).T: sp.Identity(d)}),
        (sp.Trace(v * v.T), d, {v[any_i, 0]: 1}),
        ((A * B) ** 2, A * C, {B * A * B: C}),
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
        # What is said of one point, or of a whole sum, is not differentiated.
        (dd(x**3, x), 0, {x: 2}),
        (dd(sp.log(over(sp.exp(f[i]), i)), f[n]), 0, {over(sp.exp(f[i]), i): z}),
        (dd(f[0] ** 2, f[0]), 0, {f[0]: 3}),
        (dd(x * y, x), y, {y: x**2}),
        (over(dd(x * f[i], x), i), 3 * L * x**2, {f[i]: x**2}),
        (sp.Trace(A * C * B), sp.Trace(C), {A * B: sp.Identity(d)}),
        # A delta is known for one index, not for another.
        (over(f[i] * over(delta(j, t[i]), j), i), over(f[i], i), {over(delta(k, t[0]), k): 1}),
        (over(f[i] * over(delta(i, j), j, end=K), i), over(f[i], i), {ONE: 1}),
    ],
)
def test_a_hypothesis_reaches_no_further_than_it_says(
    before: Any, after: Any, using: dict[Any, Any]
) -> None:
    assert not proved_equal(before, after, using)


def test_a_normal_form_keeps_hypotheses_away_from_summation_variables() -> None:
    for line, using in ((over(i, i), (i, x)), (over(f[i], i), (f[i], x))):
        assert NormalForm((using,)).scalar(line) == NormalForm(()).scalar(line)


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
        ({dd(x * y, x): x}, "using must hold no derivative"),
        ({y: dd(x**2, x)}, "using must hold no derivative"),
    ],
)
def test_bad_hypotheses_are_refused(using: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        Step(x, "A line.", using)
