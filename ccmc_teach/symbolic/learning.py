"""What the loss of the layer looks like to someone who wants to minimise it."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from ccmc_teach.symbolic.derivation import Derivation, Step
from ccmc_teach.symbolic.notation import (
    K,
    added,
    d,
    each_i,
    each_k,
    fraction,
    i,
    j,
    m,
    over_data,
    over_dimensions,
    over_tokens,
    product,
    q,
    selects,
    theta,
)

__all__ = [
    "gradient_of_the_loss",
    "hessian_is_a_laplacian",
    "maximum_likelihood_is_stationary",
    "second_softmax_is_not_convex",
]

# The next token, the law of the next token, a direction in the space of the scores.
_y, _p, _v = sp.Symbol("y", integer=True), sp.MatrixSymbol("p", K, 1), sp.IndexedBase("v")
# "Token i is one of the tokens": it equals exactly one of them.
_ONE_OF_THE_TOKENS = {over_tokens(lambda k: selects(k, each_i)): sp.S.One}


def _tilted(k: Any) -> Any:
    """Return the exponential of the score of token k, times its count."""
    return product(m[k], sp.exp(theta[q, k]))


_TOTAL = over_tokens(_tilted)
_LAW = {_p[each_k, 0]: _tilted(each_k) / _TOTAL}


# --- First derivatives ----------------------------------------------------------------------------


def gradient_of_the_loss() -> Derivation:
    """Derive the gradient of the loss, by the scores and by the key-query weights.

    Returns
    -------
    Derivation
        Four chains, for any K, any d and one prompt with its next token y: the derivative by a
        score is the law of the next token less what happened; the gradient by W is of the form
        E^T (p - u) e_q^T; its coefficients sum to zero; so it lies in the subspace S_E.

    Examples
    --------
    >>> gradient_of_the_loss().steps[4].expression
    -KroneckerDelta(j, y) + p[j, 0]
    """
    return Derivation(
        "The gradient of the loss: what is expected less what happened",
        [*_gradient_by_scores(), *_gradient_by_weights(), *_gradient_in_the_subspace()],
        "Every row of $E - \\mathbf{1} e_0^\\top$ is a difference $e_j - e_0$, so the gradient is "
        "a sum of terms $(e_j - e_0) e_q^\\top$: a step along it never leaves $\\mathcal{S}_E$.",
    )


def _gradient_by_scores() -> list[Step]:
    below = over_tokens(lambda k: product(selects(k, j), _tilted(k)))
    return [
        Step(
            sp.Derivative(-sp.log(_tilted(_y) / _TOTAL), theta[q, j]),
            "The loss of one prompt with counts $m$ and query $q$ is minus the logarithm of the "
            "probability of the token $y$ that followed. How does it change with a score?",
        ),
        Step(
            sp.Derivative(added(sp.log(_TOTAL), -theta[q, _y]), theta[q, j]),
            "The logarithm of a fraction is a difference; $\\log m_y$ does not depend on scores.",
        ),
        Step(
            added(below / _TOTAL, -selects(_y, j)),
            "Differentiate term by term: only the terms of token $j$ hold $\\theta_{qj}$.",
        ),
        Step(
            added(_tilted(j) / _TOTAL, -selects(_y, j)),
            "One term of the sum is left, because $j$ is one of the tokens.",
            using=_ONE_OF_THE_TOKENS,
        ),
        Step(
            added(_p[j, 0], -selects(_y, j)),
            "This is the probability of token $j$, less one if it was $j$ that followed.",
            using=_LAW,
        ),
    ]


_E, _W = sp.MatrixSymbol("E", K, d), sp.IndexedBase("W")
_unit, _one = (sp.MatrixSymbol(name, K, 1) for name in ("u_y", "1"))
_e_q, _e_0 = sp.MatrixSymbol("e_q", d, 1), sp.MatrixSymbol("e_0", d, 1)


def _score(k: Any) -> Any:
    """Return the score of token k, written out with the entries of the weights."""
    return over_dimensions(
        lambda a: over_dimensions(lambda b: product(_E[k, a], _W[a, b], _E[q, b]), "b"), "a"
    )


def _gradient_by_weights() -> list[Step]:
    alpha, beta = sp.symbols("alpha beta", integer=True)
    one_dimension = {over_dimensions(lambda a: selects(a, each_i), "a"): sp.S.One}
    return [
        Step(
            sp.Derivative(-sp.log(_tilted(_y) / _TOTAL), _W[alpha, beta]),
            "The same loss, now differentiated by one entry of the weights.",
            begins=True,
        ),
        Step(
            over_tokens(
                lambda k: product(added(_p[k, 0], -selects(_y, k)), _E[k, alpha], _E[q, beta])
            ),
            "The chain rule: a score is $e_k^\\top W e_q$, so it changes by the entries of $e_k$ "
            "and $e_q$.",
            using={theta[q, each_k]: _score(each_k), **one_dimension, **_ONE_OF_THE_TOKENS, **_LAW},
        ),
        Step(
            MatrixElement(_E.T * (_p - _unit) * _e_q.T, alpha, beta),
            "All entries at once: $u_y$ is the unit vector of the token that followed.",
            using={
                _unit[each_k, 0]: selects(_y, each_k),
                _e_q[each_i, 0]: _E[q, each_i],
            },
        ),
    ]


def _gradient_in_the_subspace() -> list[Step]:
    certain = {_one.T * _p: sp.Identity(1), _one.T * _unit: sp.Identity(1)}
    return [
        Step(
            _one.T * (_p - _unit),
            "The coefficients in the middle, added up.",
            begins=True,
        ),
        Step(
            sp.ZeroMatrix(1, 1),
            "Two laws sum to one each: the coefficients sum to zero.",
            using=certain,
        ),
        Step(
            _E.T * (_p - _unit) * _e_q.T,
            "So in the gradient by $W$ ...",
            begins=True,
        ),
        Step(
            (_E.T - _e_0 * _one.T) * (_p - _unit) * _e_q.T,
            "... taking the same vector $e_0$ off every row of the left $E$ changes nothing.",
            using=certain,
        ),
    ]


# --- Second derivatives ---------------------------------------------------------------------------


def hessian_is_a_laplacian() -> Derivation:
    """Derive the second derivatives of the loss, and why they are never negative.

    Returns
    -------
    Derivation
        Two chains, for any K and one prompt: the second derivatives are diag(p) - p p^T, with no
        trace of the next token; and along any direction v they are a sum of squares, weighted as
        in the Laplacian of a graph.

    Examples
    --------
    >>> hessian_is_a_laplacian().final
    Sum((v[i] - v[j])**2*p[i, 0]*p[j, 0], (j, 0, K - 1), (i, 0, K - 1))/2
    """
    return Derivation(
        "The second derivatives are a graph Laplacian",
        [*_second_derivatives(), *_sum_of_squares()],
        "Nothing in the last line is negative, so the loss is convex. Tokens $i$ and $j$ are "
        "joined by an edge of weight $p_i p_j$, which is there if the prompt holds both.",
    )


def _second_derivatives() -> list[Step]:
    return [
        Step(
            sp.Derivative(added(_p[j, 0], -selects(_y, j)), theta[q, i]),
            "The first derivative by $\\theta_{qj}$, differentiated once more.",
        ),
        Step(
            sp.Derivative(_tilted(j) / _TOTAL, theta[q, i]),
            "What happened is no function of the scores: $y$ leaves for good.",
            using=_LAW,
        ),
        Step(
            added(product(selects(i, j), _p[j, 0]), -product(_p[i, 0], _p[j, 0])),
            "The rule for fractions. This is the entry in row $i$ and column $j$ of "
            "$\\operatorname{diag}(p) - p p^\\top$.",
            using={**_LAW, **_ONE_OF_THE_TOKENS},
        ),
    ]


def _sum_of_squares() -> list[Step]:
    def entry(i: Any, j: Any) -> Any:
        return added(product(selects(i, j), _p[j, 0]), -product(_p[i, 0], _p[j, 0]))

    def mean(power: int, name: str = "i") -> Any:
        return over_tokens(lambda k: product(_p[k, 0], _v[k] ** power), name)

    pair = over_tokens(
        lambda i: over_tokens(lambda j: product(_p[i, 0], _p[j, 0], (_v[i] - _v[j]) ** 2), "j"), "i"
    )
    whole = over_tokens(lambda k: _p[k, 0], "j")
    return [
        Step(
            over_tokens(
                lambda i: product(_v[i], over_tokens(lambda j: product(entry(i, j), _v[j]), "j")),
                "i",
            ),
            "The second derivative along a direction $v$ is $v^\\top H v$, where $H$ holds the "
            "second derivatives.",
            begins=True,
        ),
        Step(
            added(mean(2), -(mean(1) ** 2)),
            "Add up. This is a variance: of $v$, under the law $p$.",
            using=_ONE_OF_THE_TOKENS,
        ),
        Step(
            added(product(whole, mean(2)), -product(mean(1), mean(1, "j"))),
            "A factor of one, and a square written as a product.",
            using={over_tokens(lambda k: _p[k, 0]): sp.S.One},
        ),
        Step(
            product(sp.Rational(1, 2), pair),
            "Multiply out the square to see it. Every pair of tokens stands here twice, hence "
            "the half.",
        ),
    ]


# --- The maximum ----------------------------------------------------------------------------------


def maximum_likelihood_is_stationary() -> Derivation:
    """Show that the likelihood has its maximum where a chain of choices is in balance.

    Returns
    -------
    Derivation
        One chain, for any K and any number N of prompts with counts m[n] that end in q, followed
        by the tokens y[n]: the derivative of the log-likelihood by the score of token i is what
        flows into i less what flows out, for the chain that moves from j to i at the rate R[i, j].

    Notes
    -----
    Maystre and Grossglauser [1]_ compute maximum likelihood estimates in this way; counts
    different from one are the addition of this course.

    References
    ----------
    .. [1] L. Maystre, M. Grossglauser, "Fast and Accurate Inference of Plackett-Luce Models",
       Advances in Neural Information Processing Systems 28, 2015.

    Examples
    --------
    >>> maximum_likelihood_is_stationary().final
    -w[i]*Sum(R[j, i], (j, 0, K - 1)) + Sum(R[i, j]*w[j], (j, 0, K - 1))
    """
    return Derivation(
        "At the maximum of the likelihood, choices balance",
        [*_score_of_a_row(), *_flows()],
        "At the maximum the first line is zero for every $i$, so as much flows into every token "
        "as out of it: the row $w$ is the stationary law of this chain.",
    )


_chosen, _w, _R = (sp.IndexedBase(name) for name in ("y", "w", "R"))
_each_n = sp.Wild("n")


def _available(n: Any, name: str = "k") -> Any:
    """Return what the n-th prompt offers, each token weighted by its row entry."""
    return over_tokens(lambda k: product(m[n, k], _w[k]), name)


def _score_of_a_row() -> list[Step]:
    def tilted(n: Any, k: Any) -> Any:
        return product(m[n, k], sp.exp(theta[q, k]))

    def law(n: Any, k: Any) -> Any:
        return fraction(tilted(n, k), over_tokens(lambda k: tilted(n, k)))

    return [
        Step(
            sp.Derivative(over_data(lambda n: sp.log(law(n, _chosen[n]))), theta[q, i]),
            "The log-likelihood of all prompts that end in $q$: prompt $n$ has the counts "
            "$m_{nk}$, and $y_n$ followed it. We differentiate by the score of token $i$.",
        ),
        Step(
            over_data(lambda n: added(selects(_chosen[n], i), -law(n, i))),
            "As for a single prompt: what happened less what was expected.",
            using=_ONE_OF_THE_TOKENS,
        ),
        Step(
            added(
                over_data(lambda n: selects(_chosen[n], i)),
                -product(_w[i], over_data(lambda n: fraction(m[n, i], _available(n)))),
            ),
            "Write $w_k$ for the exponential of a score; a row of $P$ is $w$, up to a factor. At "
            "the maximum, token $i$ has followed as often as the estimate expects.",
            using={_w[each_k]: sp.exp(theta[q, each_k])},
        ),
    ]


def _flows() -> list[Step]:
    def present(n: Any) -> Any:
        return fraction(product(selects(_chosen[n], i), _available(n, "j")), _available(n))

    def gone(n: Any) -> Any:
        follower = over_tokens(lambda j: selects(_chosen[n], j), "j")
        return fraction(product(m[n, i], follower), _available(n))

    rate = over_data(
        lambda n: fraction(product(selects(_chosen[n], each_i), m[n, each_k]), _available(n))
    )
    return [
        Step(
            added(over_data(present), -product(_w[i], over_data(gone))),
            "Two factors of one: a sum over itself, and the number of tokens that followed a "
            "prompt.",
            using={over_tokens(lambda k: selects(_chosen[_each_n], k)): sp.S.One},
        ),
        Step(
            added(
                over_tokens(lambda j: product(_R[i, j], _w[j]), "j"),
                -product(_w[i], over_tokens(lambda j: _R[j, i], "j")),
            ),
            "Exchange the sums. A prompt in which $j$ was present and $i$ was chosen moves mass "
            "from $j$ to $i$; the first sum flows into $i$, the second flows out.",
            using={_R[each_i, each_k]: rate},
        ),
    ]


# --- A loss that is not convex --------------------------------------------------------------------

_t, _a, _chance = sp.Symbol("t", real=True), sp.Symbol("a"), sp.Symbol("p")
_SPREAD = product(_a, 1 - _a)


def second_softmax_is_not_convex() -> Derivation:
    """Show one line along which the loss bends down if the read-out ends in a second softmax.

    Returns
    -------
    Derivation
        Three chains, for a prompt that holds two tokens once each, with orthonormal embeddings
        and weights on a line: how the attention a on the first token changes; the second
        derivative of the loss of the course, which is positive; and that of the loss after
        softmax, which is negative where a is one quarter.

    Examples
    --------
    >>> second_softmax_is_not_convex().final
    -3*(1 - p)*(4 - 3*p)/64
    """
    return Derivation(
        "With a second softmax the loss is not convex",
        [*_attention_on_a_line(), *_second_derivative_after_softmax()],
        "A probability lies between 0 and 1, so the last line is negative: the loss bends down.",
    )


def _twice(loss: Any) -> Any:
    """Return the second derivative by t, written with derivatives by a."""
    return product(_SPREAD, sp.Derivative(product(_SPREAD, sp.Derivative(loss, _a)), _a))


def _attention_on_a_line() -> list[Step]:
    return [
        Step(
            sp.Derivative(1 / (1 + sp.exp(-_t)), _t),
            "A prompt holds two tokens, each once. The attention on the first is the logistic "
            "function of the difference $t$ of their scores. How fast does it change?",
        ),
        Step(
            _SPREAD,
            "So differentiating by $t$ is differentiating by $a$, times $a (1 - a)$.",
            using={_a: 1 / (1 + sp.exp(-_t))},
        ),
        Step(
            _twice(-sp.log(_a)),
            "In the course $a$ is the probability of the first token. If it follows, the loss is "
            "$-\\log a$; this is its second derivative by $t$.",
            begins=True,
        ),
        Step(_SPREAD, "It is positive everywhere: the loss is convex."),
    ]


def _second_derivative_after_softmax() -> list[Step]:
    softmax = {_chance: fraction(sp.exp(_a), added(sp.exp(_a), sp.exp(1 - _a)))}
    quarter, half = sp.Rational(1, 4), sp.Rational(1, 2)
    bend = added(1 - 2 * _a, -2 * product(_chance, _a, 1 - _a))
    return [
        Step(
            _twice(-sp.log(_chance)),
            "A second softmax, over $a$ and $1 - a$, makes $p = e^a / (e^a + e^{1 - a})$ of it.",
            begins=True,
        ),
        Step(
            product(_SPREAD, sp.Derivative(product(-2, _a, 1 - _a, 1 - _chance), _a)),
            "The first derivative: $p$ changes by $2 p (1 - p)$.",
            using=softmax,
        ),
        Step(
            product(-2, _a, 1 - _a, 1 - _chance, bend),
            "The second, by the rule for products.",
            using=softmax,
        ),
        Step(
            product(
                -2,
                sp.Rational(3, 16),
                1 - _chance,
                added(half, -product(sp.Rational(3, 8), _chance)),
            ),
            "Take the attention $a = \\tfrac{1}{4}$, that is $t = -\\log 3$.",
            using={_a: quarter},
        ),
        Step(
            product(-sp.Rational(3, 64), 1 - _chance, 4 - 3 * _chance),
            "Tidy up.",
        ),
    ]
