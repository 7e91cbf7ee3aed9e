"""Which key-query weights give which transition matrix."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from ccmc_teach.symbolic.derivation import Derivation, Step
from ccmc_teach.symbolic.notation import (
    K,
    P,
    added,
    d,
    each_i,
    each_k,
    fraction,
    j,
    over_tokens,
    product,
    q,
    theta,
)

__all__ = ["gauge_freedom", "inverse_map"]


def gauge_freedom() -> Derivation:
    """Show that a constant added to a row of scores changes no transition probability.

    Returns
    -------
    Derivation
        Row q of the transition matrix for any K: the constant cancels, and only differences of
        scores are left.

    Examples
    --------
    >>> gauge_freedom().final
    1/Sum(exp(-theta[q, j] + theta[q, k]), (k, 0, K - 1))
    """
    c = sp.Symbol("c_q", real=True)
    lift, above = sp.exp(c), sp.exp(theta[q, j])
    below = over_tokens(lambda k: sp.exp(theta[q, k]))
    lifted = over_tokens(lambda k: sp.exp(added(theta[q, k], c)))
    return Derivation(
        "A constant added to a row of scores changes nothing",
        [
            Step(
                sp.exp(added(theta[q, j], c)) / lifted,
                "Row $q$ of the transition matrix, after $c_q$ is added to all scores "
                "$\\theta_{qk}$ of the query $q$.",
            ),
            Step(
                product(lift, above) / over_tokens(lambda k: product(lift, sp.exp(theta[q, k]))),
                "The exponential of a sum is a product of exponentials.",
            ),
            Step(
                fraction(product(lift, above), product(lift, below)),
                "The common factor does not depend on $k$ and leaves the sum.",
            ),
            Step(above / below, "It cancels: this is the row before the constant was added."),
            Step(
                1 / over_tokens(lambda k: sp.exp(added(theta[q, k], -theta[q, j]))),
                "Divided by the exponential above, only differences of scores are left.",
            ),
        ],
    )


def inverse_map() -> Derivation:
    """Check the key-query weights that belong to a given transition matrix.

    Returns
    -------
    Derivation
        Three chains, for any K, any d and any embeddings with an invertible ``G = E E^T``:
        the scores of the closed form are log P up to a constant a row; softmax returns P; and
        the closed form lies in the subspace S_E that is spanned by (e_i - e_j) e_k^T.

    Examples
    --------
    >>> inverse_map().final
    (-e_0*1.T + E.T)*B*E
    """
    return Derivation(
        "From a transition matrix to key-query weights",
        [*_scores(), *_back_to_probabilities(), *_place_in_the_subspace()],
        "Every row of $E - \\mathbf{1} e_0^\\top$ is a difference $e_j - e_0$, so $W_P$ is a sum "
        "of terms $B_{jk} (e_j - e_0) e_k^\\top$ and lies in $\\mathcal{S}_E$.",
    )


# One matrix, one name: embeddings, their Gram matrix, the weights, and the ones.
_E, _G = sp.MatrixSymbol("E", K, d), sp.MatrixSymbol("G", K, K)
_W, _log_P = sp.MatrixSymbol("W_P", d, d), sp.MatrixSymbol("log P", K, K)
_D, _B = sp.MatrixSymbol("D", K, K), sp.MatrixSymbol("B", K, K)
_one, _c = sp.MatrixSymbol("1", K, 1), sp.MatrixSymbol("c", K, 1)
_g = sp.Symbol("g", nonzero=True)


def _centred() -> Any:
    """Return (log P)^T less the constants that move the closed form into the subspace."""
    return (sp.Identity(K) - _one * _one.T * _G.I / _g) * _log_P.T


def _scores() -> list[Step]:
    closed_form = _E.T * _G.I * _D * _G.I * _E
    return [
        Step(
            MatrixElement(_E * _W * _E.T, j, q),
            "The score of token $j$ for the query $q$ is $e_j^\\top W_P e_q$.",
        ),
        Step(
            MatrixElement(_E * closed_form * _E.T, j, q),
            "Put in the closed form.",
            using={_W: closed_form},
        ),
        Step(
            MatrixElement(_D, j, q),
            "The Gram matrix cancels on both sides.",
            using={_E * _E.T: _G},
        ),
        Step(
            MatrixElement(_log_P.T - _one * _c.T, j, q),
            "$D$ is $(\\log P)^\\top$ with a constant taken off each column; $g$ is the number "
            "$\\mathbf{1}^\\top G^{-1} \\mathbf{1}$.",
            using={_D: _centred(), _c.T: _one.T * _G.I * _log_P.T / _g},
        ),
        Step(
            sp.log(P[q, j]) - _c[q, 0],
            "So the scores of query $q$ are the logarithms of its row, up to the constant $c_q$.",
            using={_log_P[each_i, each_k]: sp.log(P[each_i, each_k]), _one[each_i, 0]: 1},
        ),
    ]


def _back_to_probabilities() -> list[Step]:
    def exponential(k: Any) -> Any:
        # SymPy would pull the probability out at once, and the reader would miss a line.
        return sp.exp(sp.log(P[q, k]) - _c[q, 0], evaluate=False)

    row_sum = over_tokens(lambda k: P[q, k])
    return [
        Step(
            fraction(exponential(j), over_tokens(exponential)),
            "Softmax turns these scores into transition probabilities.",
            begins=True,
        ),
        Step(P[q, j] / row_sum, "The constant cancels, as in every row of scores."),
        Step(
            P[q, j],
            "A row of a transition matrix sums to one: we are back at $P$.",
            using={row_sum: sp.S.One},
        ),
    ]


def _place_in_the_subspace() -> list[Step]:
    first, nothing = sp.MatrixSymbol("e_0", d, 1), sp.ZeroMatrix(1, K)
    return [
        Step(
            _one.T * _B,
            "The closed form is $W_P = E^\\top B E$. We add up the columns of $B$.",
            begins=True,
        ),
        Step(
            _one.T * _G.I * _D * _G.I,
            "Put in what $B$ stands for.",
            using={_B: _G.I * _D * _G.I},
        ),
        Step(
            nothing,
            "Multiply out: two terms cancel. Every column of $B$ sums to zero.",
            using={_D: _centred(), _one.T * _G.I * _one: _g * sp.Identity(1)},
        ),
        Step(_E.T * _B * _E, "Now look at $W_P = E^\\top B E$ itself.", begins=True),
        Step(
            (_E.T - first * _one.T) * _B * _E,
            "Taking the same vector $e_0$ off every row of the left $E$ changes nothing.",
            using={_one.T * _B: nothing},
        ),
    ]
