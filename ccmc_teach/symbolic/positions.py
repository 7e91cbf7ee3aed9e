"""The next-token law of the layer when positions count, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from ccmc_teach.symbolic.derivation import Derivation, Step
from ccmc_teach.symbolic.layer import grouped
from ccmc_teach.symbolic.notation import (
    L,
    added,
    d,
    each_i,
    i,
    j,
    over_positions,
    product,
    q,
    selects,
    theta,
    x,
)

__all__ = [
    "positional_factorisation",
    "positional_factorisation_without_cross_terms",
    "relative_position_bias",
]

# Whatever depends on the length of the prompt carries an L, and on the query a q.
_theta_L, _phi_q, _P_L = (sp.IndexedBase(name) for name in ("theta^L", "phi^q", "P^L"))
_phi, _a, _b, _g = (sp.IndexedBase(name) for name in ("phi", "a", "b", "g"))
_m_U, _m_g = sp.IndexedBase("m^U"), sp.IndexedBase("m^g")
_W = sp.MatrixSymbol("W", d, d)
_e_x, _u_i, _r, _e_q, _u_L = (
    sp.MatrixSymbol(name, d, 1) for name in ("e_x", "u_i", "r", "e_q", "u_L")
)

_COLLECTED = "As without positions, token $j$ collects the attention of all positions that hold it."


def positional_factorisation() -> Derivation:
    """Derive the next-token law of the layer with additive position vectors, whatever they are.

    Returns
    -------
    Derivation
        Two chains, for any K, L and d and with no condition on the weights: the score splits into
        a part of the token and a part of the position; and the law is that of a chain, whose base
        row depends on the length of the prompt, tilted by weighted counts, whose weights depend
        on the query.

    Notes
    -----
    Ildiz et al. (ICML 2024) state that positional encoding scales the transition probabilities;
    these lines are worked out in this course.

    Examples
    --------
    >>> positional_factorisation().final
    P^L[q, j]*m^U[j]/Sum(P^L[q, k]*m^U[k], (k, 0, K - 1))
    """

    def exponential(place: Any) -> Any:
        return sp.exp(added(_theta_L[q, x[place]], _phi_q[place]))

    return Derivation(
        "With position vectors, counts become weighted counts",
        [
            *_split_score(),
            Step(_softmax(exponential), _COLLECTED, begins=True),
            *grouped(
                exponential,
                lambda place: sp.exp(_phi_q[place]),
                count=_m_U,
                word="weighted count",
                scores=_theta_L,
                base=_P_L,
            ),
        ],
        "Nothing was assumed about $W$ and the position vectors. The price: the base row $P^L$ "
        "depends on the length of the prompt, and the weights $\\exp(\\phi^q_i)$ in $m^U$ depend "
        "on the query.",
    )


def positional_factorisation_without_cross_terms() -> Derivation:
    """Derive the next-token law of the layer when tokens and positions do not see each other.

    Returns
    -------
    Derivation
        Two chains, for any K, L and d: of the four terms of a score two are left; and the law is
        that of the base chain itself, tilted by weighted counts, whose weights are a softmax over
        positions.

    Notes
    -----
    Ildiz et al. (ICML 2024) state that positional encoding scales the transition probabilities;
    the condition and these lines are worked out in this course.

    Examples
    --------
    >>> positional_factorisation_without_cross_terms().final
    P[q, j]*m^U[j]/Sum(P[q, k]*m^U[k], (k, 0, K - 1))
    """

    def exponential(place: Any) -> Any:
        return sp.exp(added(theta[q, x[place]], _phi[place]))

    return Derivation(
        "Without cross terms, the chain itself is tilted by weighted counts",
        [
            *_score_without_cross_terms(),
            Step(_softmax(exponential), _COLLECTED, begins=True),
            Step(
                _softmax(lambda place: _weighted_exponential(_a[place], place)),
                "Divide above and below by the sum $z$ of all $\\exp(\\phi_l)$: the weights $a_i$ "
                "are a softmax over the positions.",
                using={_a[each_i]: sp.exp(_phi[each_i]) / sp.Symbol("z", positive=True)},
            ),
            *grouped(
                lambda place: _weighted_exponential(_a[place], place),
                lambda place: _a[place],
                count=_m_U,
                word="weighted count",
            ),
        ],
        "Neither the base row depends on the length of the prompt now, nor the weights on the "
        "token of the query.",
    )


def relative_position_bias() -> Derivation:
    """Derive the next-token law of the layer with a bias of the score that depends on the age.

    Returns
    -------
    Derivation
        One chain, for any K and L: the bias b of age a gives a position the weight
        g = exp(b), and the law is that of the base chain, tilted by weighted counts.

    Notes
    -----
    The form of ALiBi (Press et al. 2022) and of windows; no condition on the weights is needed.

    Examples
    --------
    >>> relative_position_bias().final
    P[q, j]*m^g[j]/Sum(P[q, k]*m^g[k], (k, 0, K - 1))
    """

    def exponential(place: Any) -> Any:
        return sp.exp(added(theta[q, x[place]], _b[L - 1 - place]))

    def weighted(place: Any) -> Any:
        return _weighted_exponential(_g[L - 1 - place], place)

    return Derivation(
        "A bias of the score by age gives weighted counts at once",
        [
            Step(
                _softmax(exponential),
                "Position $i$ has the age $L - i - 1$, its distance from the query. A bias $b$ "
                "that depends on the age alone is added to its score.",
            ),
            Step(
                _softmax(weighted),
                "The exponential of a sum is a product: the bias becomes a factor $g$.",
                using={_g[each_i]: sp.exp(_b[each_i])},
            ),
            *grouped(
                weighted,
                lambda place: _g[L - 1 - place],
                count=_m_g,
                word="weighted count",
            ),
        ],
        "No condition was needed: the bias sees neither token nor query. A bias of $-\\infty$ "
        "stands for the weight $g = 0$.",
    )


def _softmax(exponential: Callable[[Any], Any]) -> Any:
    """Return the attention that token j collects."""
    collected = over_positions(lambda i: selects(x[i], j) * exponential(i), "i")
    return collected / over_positions(exponential, "l")


def _weighted_exponential(weight: Any, place: Any) -> Any:
    return product(weight, sp.exp(theta[q, x[place]]))


def _split_score() -> list[Step]:
    of_token, of_place = (MatrixElement(v.T * _W * _r, 0, 0) for v in (_e_x, _u_i))
    return [
        Step(
            MatrixElement((_e_x + _u_i).T * _W * _r, 0, 0),
            "The score of position $i$ when a vector $u_i$ is added to the embedding of its token "
            "$x = x_i$; the query is $r = e_q + u_L$.",
        ),
        Step(added(of_token, of_place), "The score is linear in its left argument."),
        Step(
            added(_theta_L[q, x[i]], _phi_q[i]),
            "The first part sees the token, the second the position. Both see the query, and "
            "through $u_L$ the length of the prompt.",
            using={of_token: _theta_L[q, x[i]], of_place: _phi_q[i]},
        ),
    ]


def _score_without_cross_terms() -> list[Step]:
    token, place = (MatrixElement(v.T * _W * w, 0, 0) for v, w in ((_e_x, _e_q), (_u_i, _u_L)))
    crossed = MatrixElement(_e_x.T * _W * _u_L, 0, 0), MatrixElement(_u_i.T * _W * _e_q, 0, 0)
    return [
        Step(
            MatrixElement((_e_x + _u_i).T * _W * (_e_q + _u_L), 0, 0),
            "The score of position $i$, where the token is $x = x_i$: both the embedding of the "
            "token and that of the query carry a position vector.",
        ),
        Step(
            added(token, *crossed, place),
            "Four terms. The two in the middle let tokens and positions see each other.",
        ),
        Step(
            added(token, place),
            "Decoupling: the weights keep tokens and positions apart, so both cross terms vanish.",
            using=dict.fromkeys(crossed, 0),
        ),
        Step(
            added(theta[q, x[i]], _phi[i]),
            "The first part is the score without positions. The second sees the position and the "
            "last position alone.",
            using={token: theta[q, x[i]], place: _phi[i]},
        ),
    ]
