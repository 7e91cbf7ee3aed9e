"""Where a long text goes: the mean field, its rest points, phases and growth exponents.

A generated text adds to its own counts, and its counts steer what is generated next.
This room follows the **shares** v, the counts divided by their sum, while the text gets long.

* While the text doubles, the shares hardly move in any one step.
  So the text samples the frozen chain, whose stationary law is mu(v).
* In the **log length** s, the logarithm of the length of the text, the shares then follow the
  **mean field** ``dv/ds = mu(v) - v``.
* Written for the counts, token by token, this is ``d log m_k / ds = gamma_k(v)`` with the growth
  ``gamma_k(v) = sum_i w_i P[i, k]`` and the weights ``w_i = mu_i(v) / (P v)_i``.
  The code solves it in this form, so no share can turn negative, and 0 stays 0.
* Where the shares rest at v, the count of token k grows like ``t**gamma_k``.
  The tokens of the **support**, those with a positive share, have ``gamma_k = 1``.
  A token outside with ``gamma_k > 1`` invades, and one with ``gamma_k < 1`` is left behind.

That v rests on the support S means ``gamma_k = 1`` for every k in S.
In the weights this is linear: ``P[S, S].T @ w = 1``.
A solution with positive weights gives one point, because ``v = diag(w) P[S, S] v`` says that v is
the stationary law of a chain: the columns of ``diag(w) P[S, S]`` sum to 1.
So all rest points are found exactly, one linear system for each set of tokens.

The generator of this course is, rule for rule, the vertex-reinforced random walk of
Pemantle (1992), whose theorems need a reversible P, and Benaim (1997) studies it by the mean field.
This identification is our own remark.
The theory needs every token to be able to follow every other, so P must be positive here.

References
----------
R. Pemantle, "Vertex-reinforced random walk", Probability Theory and Related Fields 92:117-136,
1992.

M. Benaim, "Vertex-reinforced random walks and a conjecture of Pemantle", The Annals of
Probability 25:361-392, 1997.

K. B. Athreya, S. Karlin, "Embedding of urn schemes into continuous time Markov branching
processes and related limit theorems", The Annals of Mathematical Statistics 39:1801-1817, 1968.
"""

from __future__ import annotations

from ccmc_teach.dynamics.flow import FlowLimits, flow_limits, jacobian, mean_field
from ccmc_teach.dynamics.phases import Regime, regime
from ccmc_teach.dynamics.rest import RestPoint, attractors, growth_exponents, rest_points
from ccmc_teach.dynamics.reversible import is_reversible, local_maxima, symmetric_form

__all__ = [
    "FlowLimits",
    "Regime",
    "RestPoint",
    "attractors",
    "flow_limits",
    "growth_exponents",
    "is_reversible",
    "jacobian",
    "local_maxima",
    "mean_field",
    "regime",
    "rest_points",
    "symmetric_form",
]
