"""How SymPy writes the symbols of the course."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from ccmc_teach.symbolic.notation import latex
from symbolic.evaluation import (
    A,
    B,
    K,
    L,
    M,
    any_i,
    any_k,
    d,
    delta,
    f,
    i,
    j,
    k,
    n,
    over,
    t,
    v,
    x,
    y,
)


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
        (over(f[i], i, end=n), r"\sum_{i=0}^{n - 1} f_{i}"),
        (over(f[i], i, end=d), r"\sum_{i} f_{i}"),
        (sp.Sum(M[i, j], (j, 0, K - 1), (i, 0, L - 1)), r"\sum_{i, j} M_{ij}"),
        (
            sp.Sum(M[i, j], (j, 0, i), (i, 0, L - 1)),
            r"\sum_{\substack{0 \leq j \leq i\\0 \leq i \leq L - 1}} M_{ij}",
        ),
        (sp.Derivative(f[i] + x, f[i]), r"\frac{\partial}{\partial f_{i}} \left(x + f_{i}\right)"),
        (sp.Derivative(-sp.log(x), x), r"\frac{d}{d x} \left(- \log x\right)"),
        (sp.Derivative(x**3, x), r"\frac{d}{d x} x^{3}"),
        (sp.Derivative(x**3, (x, 2)), r"\frac{d^{2}}{d x^{2}} x^{3}"),
        (
            sp.Derivative(y * sp.Derivative(x, x), y),
            r"\frac{d}{d y} \left(y \frac{d}{d x} x\right)",
        ),
        (sp.Derivative(x * y, x, y), r"\frac{\partial^{2}}{\partial y\partial x} x y"),
        (sp.Trace(A * B), r"\operatorname{tr}\left(A B \right)"),
        (sp.Transpose(sp.MatrixSymbol("A^+", d, d)), r"(A^{+})^{\top}"),
        (sp.MatrixSymbol("u_y", d, 1)[i, 0], r"\left[ u_{y} \right]_{i}"),
        (A - A * B / 3, r"A - \frac{1}{3} A B"),
        (sp.Identity(1), "1"),
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
