"""How precise an estimate from many prompts is."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from ccmc_teach.symbolic.derivation import Derivation, Step
from ccmc_teach.symbolic.notation import K, added, each_i, fraction, over_tokens, product

__all__ = ["excess_risk", "information_and_resistance"]

# --- The risk of an estimate ----------------------------------------------------------------------

_H, _pseudo, _A, _Pi = (sp.MatrixSymbol(name, K, K) for name in ("H", "H^+", "A", "Pi"))
_delta, _gradient, _z, _one = (sp.MatrixSymbol(name, K, 1) for name in ("delta", "g", "z", "1"))
_n = sp.Symbol("n", positive=True)

_PROJECTION = {_Pi: _A * _pseudo * _A}
_ROOT = {_H: _A * _A}
_UNDONE = {_pseudo * _H * _pseudo: _pseudo}


def excess_risk() -> Derivation:
    """Derive the excess risk of the maximum likelihood estimate, to leading order.

    Returns
    -------
    Derivation
        Four chains, for any K, if every row is identified: the excess risk of one row is a
        quadratic form in a standard normal vector; its matrix is a projection; its mean is half
        the trace of the projection, over n; and all rows together give K (K - 1) / 2 n.

    Notes
    -----
    The limit theorems that are used stand in the justifications: the expansion of the risk to
    second order and of its gradient to first order, the central limit theorem for the gradient,
    and the equality of its covariance with the second derivatives.  What SymPy proves is the
    algebra between them.  Wilks [1]_ found the law of the likelihood ratio in this way.

    References
    ----------
    .. [1] S. S. Wilks, "The Large-Sample Distribution of the Likelihood Ratio for Testing
       Composite Hypotheses", Annals of Mathematical Statistics 9, 60-62, 1938.

    Examples
    --------
    >>> excess_risk().final
    K*(K - 1)/(2*n)
    """
    return Derivation(
        "The excess risk is half the number of degrees of freedom, over $n$",
        [*_whitened(), *_projection(), *_degrees_of_freedom()],
        "If only some tokens of a row can be compared, and they fall into $c_q$ groups, then "
        "$K - c_q$ takes the place of $K - 1$. The constant one half never changes. The mean is "
        "taken over finite estimates; an infinite one becomes ever rarer as $n$ grows.",
    )


def _number(matrix: Any) -> Any:
    return MatrixElement(matrix, 0, 0)


def _whitened() -> list[Step]:
    half = sp.Rational(1, 2)
    return [
        Step(
            product(half, _number(_delta.T * _H * _delta)),
            "The excess risk of one row, whose error is $\\delta$, to second order: at the truth "
            "the gradient of the risk is zero. $H$ holds the second derivatives.",
        ),
        Step(
            product(half, _number(_gradient.T * _pseudo * _H * _pseudo * _gradient)),
            "At the estimate the gradient of the average loss is zero. To first order this says "
            "$g + H \\delta = 0$, where $g$ is this gradient at the truth.",
            using={_delta: -_pseudo * _gradient, _pseudo.T: _pseudo},
        ),
        Step(
            product(half, _number(_gradient.T * _pseudo * _gradient)),
            "A pseudo-inverse undoes $H$ wherever $H$ is not zero.",
            using=_UNDONE,
        ),
        Step(
            fraction(_number(_z.T * _A * _pseudo * _A * _z), 2 * _n),
            "A limit theorem and no algebra: with $n$ prompts, $g$ is nearly $A z / \\sqrt{n}$ "
            "with a standard normal $z$. Its covariance is $H / n$, and $A$ is the root of $H$.",
            using={_gradient: _A * _z / sp.sqrt(_n), _A.T: _A},
        ),
        Step(
            fraction(_number(_z.T * _Pi * _z), 2 * _n),
            "Give the matrix in the middle a name.",
            using=_PROJECTION,
        ),
    ]


def _projection() -> list[Step]:
    twice = sp.MatMul(_Pi, _Pi, evaluate=False)
    return [
        Step(twice, "What does this matrix do if it is applied twice?", begins=True),
        Step(
            sp.MatMul(_A, _pseudo, _A, _A, _pseudo, _A, evaluate=False),
            "Put in what it stands for.",
            using=_PROJECTION,
        ),
        Step(_A * _pseudo * _H * _pseudo * _A, "$A$ is the root of $H$.", using=_ROOT),
        Step(
            _Pi,
            "The same as once: it is a projection. So $z^\\top \\Pi z$ adds the squares of as many "
            "standard normal numbers as the projection has dimensions, and its law is chi-squared.",
            using={**_UNDONE, **_PROJECTION},
        ),
    ]


def _degrees_of_freedom() -> list[Step]:
    without_mean = sp.Identity(K) - _one * _one.T / K
    return [
        Step(
            fraction(sp.Trace(_Pi), 2 * _n),
            "The mean: $z z^\\top$ has the mean $I$, so $z^\\top \\Pi z$ has the mean "
            "$\\operatorname{tr} \\Pi$, the number of dimensions.",
            begins=True,
        ),
        Step(
            fraction(sp.Trace(_A * _pseudo * _A), 2 * _n),
            "Put in what the projection stands for.",
            using=_PROJECTION,
        ),
        Step(
            fraction(sp.Trace(_pseudo * _H), 2 * _n),
            "A trace does not change when the factors are turned round in a circle.",
            using=_ROOT,
        ),
        Step(
            fraction(sp.Trace(without_mean), 2 * _n),
            "$H$ is the Laplacian of a connected graph. All that it cannot see is a constant, so "
            "$H^+ H$ takes off the mean.",
            using={_pseudo * _H: without_mean},
        ),
        Step(
            fraction(K - 1, 2 * _n),
            "$I$ has the trace $K$, and the mean takes one away.",
            using={_one[each_i, 0]: 1},
        ),
        Step(
            over_tokens(lambda q: fraction(K - 1, 2 * _n), "q"),
            "The rows share no parameters, so their excess risks add up.",
            begins=True,
        ),
        Step(K * (K - 1) / (2 * _n), "There are $K$ rows."),
    ]


# --- The error of a log-odds ----------------------------------------------------------------------

_c_01, _c_02, _c_12 = sp.symbols("c_01 c_02 c_12", positive=True)
_v_0, _v_2 = sp.symbols("v_0 v_2", real=True)
_L, _L_pseudo = sp.MatrixSymbol("L", 3, 3), sp.MatrixSymbol("L^+", 3, 3)
_b, _v, _ones = (sp.MatrixSymbol(name, 3, 1) for name in ("b", "v", "1"))
_CURRENT = sp.ImmutableMatrix([1, -1, 0])
_PARALLEL = 1 / (_c_01 + 1 / (1 / _c_02 + 1 / _c_12))


def information_and_resistance() -> Derivation:
    """Derive the variance of an estimated log-odds as a resistance, for three tokens.

    Returns
    -------
    Derivation
        Two chains, for K = 3: the potentials that drive one unit of current through the network
        of the Laplacian; and the variance of the log-odds of tokens 0 and 1, times n, which is
        the resistance between them.

    Notes
    -----
    That the variance of the estimate tends to the pseudo-inverse of the information, over n, is a
    limit theorem; SymPy proves the rest.

    Examples
    --------
    >>> print(information_and_resistance().final)
    (c_02 + c_12)/(c_01*c_02 + c_01*c_12 + c_02*c_12)
    """
    return Derivation(
        "The variance of a log-odds is a resistance",
        [*_potentials(), *_resistance()],
        "Two tokens that are rarely seen together can still be compared through a third, as a "
        "current finds its way round a thin wire.",
    )


def _potentials() -> list[Step]:
    laplacian = sp.ImmutableMatrix(
        [
            [added(_c_01, _c_02), -_c_01, -_c_02],
            [-_c_01, added(_c_01, _c_12), -_c_12],
            [-_c_02, -_c_12, added(_c_02, _c_12)],
        ]
    )
    return [
        Step(
            sp.MatMul(laplacian, sp.ImmutableMatrix([_v_0, 0, _v_2])),
            "Read the Laplacian $L$ of three tokens as a network of wires: the weight $c_{ij}$, "
            "the mean of $p_i p_j$, is the conductance between $i$ and $j$. At potentials $v$ the "
            "current $L v$ flows in.",
        ),
        Step(
            _CURRENT,
            "With these potentials one unit flows in at token 0 and out at token 1, and nothing "
            "is lost at token 2.",
            using={_v_0: _PARALLEL, _v_2: fraction(product(_c_02, _v_0), added(_c_02, _c_12))},
        ),
    ]


def _resistance() -> list[Step]:
    centred = sp.Identity(3) - _ones * _ones.T / 3
    pairs = added(_c_01 * _c_02, _c_01 * _c_12, _c_02 * _c_12)
    return [
        Step(
            MatrixElement(_b.T * _L_pseudo * _b, 0, 0),
            "A limit theorem: the variance of the estimated $\\theta_{q0} - \\theta_{q1}$, times "
            "$n$, tends to this number. The vector $b$ is $(1, -1, 0)$.",
            begins=True,
        ),
        Step(
            MatrixElement(_b.T * _L_pseudo * _L * _v, 0, 0),
            "The potentials above drive the current $b$.",
            using={_L * _v: _b},
        ),
        Step(
            MatrixElement(_b.T * _v, 0, 0),
            "The pseudo-inverse undoes $L$ up to the mean, and $b$ does not see a mean.",
            using={_L_pseudo * _L: centred, _b.T * _ones: sp.ZeroMatrix(1, 1)},
        ),
        Step(
            _v_0,
            "What is left is the difference of the potentials. For one unit of current it is the "
            "resistance between the tokens 0 and 1.",
            using={_b: _CURRENT, _v: sp.ImmutableMatrix([_v_0, 0, _v_2])},
        ),
        Step(
            _PARALLEL,
            "Two ways in parallel: conductances add. The way over token 2 has two wires in "
            "series: resistances add.",
            using={_v_0: _PARALLEL},
        ),
        Step(
            fraction(added(_c_02, _c_12), pairs),
            "As one fraction.",
        ),
    ]
