"""The symbols of the course, and how SymPy writes them.

Positions are numbered from 0 to L - 1 inside the sums, as in Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

__all__ = [
    "added",
    "fraction",
    "latex",
    "over_data",
    "over_dimensions",
    "over_positions",
    "over_tokens",
    "product",
    "selects",
]

# K tokens, L positions, d dimensions, N pairs of a prompt and its next token.
K, L, d, N = sp.symbols("K L d N", integer=True, positive=True)
# The query, next tokens, and "for every position i" or "for every token k".
q, i, j = sp.symbols("q i j", integer=True)
each_i, each_k = sp.Wild("i"), sp.Wild("k")
# Tokens, scores (logits) of tokens, transition probabilities, counts.
x, theta, P, m = (sp.IndexedBase(name) for name in ("x", "theta", "P", "m"))

# What plain names cannot say: a bold one, a matrix of logarithms.
_MATRIX_NAMES = {"1": r"\mathbf{1}", "log P": r"(\log P)"}
_WHOLE_RANGES = tuple((0, size - 1) for size in (K, L, d, N))


def over_positions(term: Callable[[Any], Any], name: str) -> Any:
    """Return a sum over all positions of the prompt.

    Parameters
    ----------
    term : callable
        From the position to the summand.
    name : str
        Name of the position, i or l.

    Returns
    -------
    sympy.Sum

    Examples
    --------
    >>> over_positions(lambda i: x[i], "i")
    Sum(x[i], (i, 0, L - 1))
    """
    place = sp.Symbol(name, integer=True)
    return sp.Sum(term(place), (place, 0, L - 1))


def over_tokens(term: Callable[[Any], Any], name: str = "k") -> Any:
    """Return a sum over all tokens of the vocabulary.

    Parameters
    ----------
    term : callable
        From the token to the summand.
    name : str
        Name of the token, by default k.

    Returns
    -------
    sympy.Sum

    Examples
    --------
    >>> over_tokens(lambda k: P[q, k])
    Sum(P[q, k], (k, 0, K - 1))
    """
    token = sp.Symbol(name, integer=True)
    return sp.Sum(term(token), (token, 0, K - 1))


def over_dimensions(term: Callable[[Any], Any], name: str) -> Any:
    """Return a sum over all dimensions of the embeddings.

    Parameters
    ----------
    term : callable
        From the dimension to the summand.
    name : str
        Name of the dimension, a or b.

    Returns
    -------
    sympy.Sum

    Examples
    --------
    >>> over_dimensions(lambda a: x[a], "a")
    Sum(x[a], (a, 0, d - 1))
    """
    dimension = sp.Symbol(name, integer=True)
    return sp.Sum(term(dimension), (dimension, 0, d - 1))


def over_data(term: Callable[[Any], Any]) -> Any:
    """Return a sum over all pairs of a prompt and its next token.

    Parameters
    ----------
    term : callable
        From the number n of the pair to the summand.

    Returns
    -------
    sympy.Sum

    Examples
    --------
    >>> over_data(lambda n: m[n, j])
    Sum(m[n, j], (n, 0, N - 1))
    """
    pair = sp.Symbol("n", integer=True)
    return sp.Sum(term(pair), (pair, 0, N - 1))


def selects(token: Any, other: Any) -> Any:
    """Return the indicator that two tokens are the same: 1 if so, otherwise 0.

    Parameters
    ----------
    token, other : sympy expressions

    Returns
    -------
    sympy.KroneckerDelta

    Examples
    --------
    >>> selects(1, 1), selects(0, 1)
    (1, 0)
    """
    return sp.KroneckerDelta(token, other)


def product(*factors: Any) -> Any:
    """Return a product that keeps the order in which it is written.

    Parameters
    ----------
    *factors : sympy expressions

    Returns
    -------
    sympy.Mul

    Examples
    --------
    >>> latex(product(m[j], P[q, j]))
    'm_{j} P_{qj}'
    """
    return sp.Mul(*factors, evaluate=False)


def added(*terms: Any) -> Any:
    """Return a sum that keeps the order in which it is written.

    Parameters
    ----------
    *terms : sympy expressions

    Returns
    -------
    sympy.Add

    Examples
    --------
    >>> latex(added(2 * P[0, 0], P[0, 1]))
    '2 P_{00} + P_{01}'
    """
    return sp.Add(*terms, evaluate=False)


def fraction(numerator: Any, denominator: Any) -> Any:
    r"""Return a fraction in which nothing has cancelled yet.

    Parameters
    ----------
    numerator, denominator : sympy expressions

    Returns
    -------
    sympy.Mul

    Examples
    --------
    >>> c = sp.Symbol("c")
    >>> print(latex(fraction(product(c, q), product(c, j))))
    \frac{c q}{c j}
    """
    return product(numerator, sp.Pow(denominator, -1, evaluate=False))


def latex(expression: Any) -> str:
    r"""Write an expression in the notation of the course.

    Parameters
    ----------
    expression : sympy expression, matrix, matrix expression or Eq

    Returns
    -------
    str
        TeX without delimiters; products and sums keep the order in which they were made.

    Examples
    --------
    >>> print(latex(product(m[j], sp.exp(theta[q, j]))))
    m_{j} e^{\theta_{qj}}
    >>> print(latex(over_positions(lambda i: selects(x[i], j), "i")))
    \sum_{i} \mathbf{1}\{x_{i} = j\}
    """
    if expression == sp.Identity(1):
        return "1"
    printer = _Printer({"mat_delim": "(", "mat_str": "matrix", "order": "none"})
    return str(printer.doprint(expression))


def _has_mark(expression: Any, mark: str) -> bool:
    """Say whether a name ends in an index or an exponent of its own; TeX allows no second one."""
    return isinstance(expression, sp.MatrixSymbol) and mark in expression.name


class _Printer(LatexPrinter):  # type: ignore[misc]
    """Indices without commas, indicators, short sums; positive terms first, numbers last."""

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        def place(term: Any) -> tuple[bool, bool]:
            return str(self._print(term)).startswith("-"), bool(term.is_number)

        terms = sorted(expr.args, key=place)
        written = str(super()._print_Add(expr.func(*terms, evaluate=False), order))
        return written.replace("+ - ", "- ")  # SymPy overlooks the minus sign of a matrix product.

    def _print_Transpose(self, expr: Any) -> str:
        body = self.parenthesize(expr.arg, 90, strict=True)
        return rf"({body})^{{\top}}" if _has_mark(expr.arg, "^") else rf"{body}^{{\top}}"

    def _print_MatMul(self, expr: Any) -> str:
        # SymPy puts a fraction in front of matrices into brackets.
        bracketed = r"^(-?\s*)\\left\((\\frac\{\d+\}\{\d+\})\\right\)"
        return re.sub(bracketed, r"\1\2", str(super()._print_MatMul(expr)))

    def _print_Derivative(self, expr: Any) -> str:
        # A number that stands alone gets a straight d, one of many a round one.
        if len(expr.variable_count) != 1:
            return str(super()._print_Derivative(expr))
        ((variable, times),) = expr.variable_count
        sign = r"\partial" if variable.is_Indexed else "d"
        power = "" if times == 1 else f"^{{{times}}}"
        below = f"{sign} {self._print(variable)}{power}"
        body = self._print(expr.expr)
        if expr.expr.is_Add or expr.expr.has(sp.Derivative) or body.startswith("-"):
            body = rf"\left({body}\right)"
        return rf"\frac{{{sign}{power}}}{{{below}}} {body}"

    def _print_Identity(self, expr: Any) -> str:
        return "I"

    def _print_ZeroMatrix(self, expr: Any) -> str:
        return "0"

    def _print_MatrixSymbol(self, expr: Any) -> str:
        return _MATRIX_NAMES.get(expr.name) or str(super()._print_MatrixSymbol(expr))

    def _print_log(self, expr: Any, exp: str | None = None) -> str:
        if exp is None and isinstance(expr.args[0], (sp.Symbol, sp.Indexed)):
            return rf"\log {self._print(expr.args[0])}"
        return str(super()._print_log(expr, exp))

    def _print_Wild(self, expr: Any) -> str:
        return str(self._print(sp.Symbol(expr.name)))

    def _print_Indexed(self, expr: Any) -> str:
        return self._with_indices(self._print(expr.base), expr.indices)

    def _print_MatrixElement(self, expr: Any) -> str:
        # A vector needs one index, a matrix with one entry none at all.
        rows, columns = expr.parent.shape
        places = [place for place, size in ((expr.i, rows), (expr.j, columns)) if size != 1]
        body = self._print(expr.parent)
        is_name = isinstance(expr.parent, sp.MatrixSymbol) and not _has_mark(expr.parent, "_")
        if places and not is_name:
            body = rf"\left[ {body} \right]"
        return self._with_indices(body, places)

    def _with_indices(self, body: str, places: Sequence[Any]) -> str:
        if not places:
            return body
        is_short = all(
            place.is_Symbol or place.is_Indexed or len(str(place)) == 1 for place in places
        )
        return f"{body}_{{{('' if is_short else ',').join(map(self._print, places))}}}"

    def _print_KroneckerDelta(self, expr: Any, exp: str | None = None) -> str:
        left, right = sorted(expr.args, key=lambda side: -len(side.args))
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\mathbf{{1}}{power}\{{{self._print(left)} = {self._print(right)}\}}"

    def _print_Sum(self, expr: Any) -> str:
        if any(tuple(limit[1:]) not in _WHOLE_RANGES for limit in expr.limits):
            return str(super()._print_Sum(expr))
        summand = self._print(expr.function)
        if expr.function.is_Add:
            summand = rf"\left({summand}\right)"
        # The last limit belongs to the outermost sum, which is read first.
        variables = ", ".join(self._print(limit[0]) for limit in reversed(expr.limits))
        return rf"\sum_{{{variables}}} {summand}"
