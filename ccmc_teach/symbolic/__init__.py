"""Derivations in which every line is proved equal to the line before it.

A :class:`Derivation` is a list of :class:`Step` objects, each an expression and the reason why it
equals the one above.
SymPy proves every step when the derivation is made, so a derivation that does not hold never
comes into being and nothing false can be shown: a wrong step raises :class:`DerivationError`.

The words of this room:

* Two lines are **proved equal** if they have the same normal form, or if their difference is
  reduced to zero by algebra that holds for all values of the symbols.
  No number is ever put in for a symbol, and a step that SymPy cannot decide is not proved.
  Lines that are proved equal are equal wherever both are defined: nothing is divided by zero.
* A **hypothesis** is an equation that a step may use, such as ``C * E.T = I``.
  It stands in the argument ``using`` of the step and is shown beside the step.
  A hypothesis with a SymPy ``Wild`` holds for every value of it:
  ``{P[q, k_]: exp(theta[q, k_]) / z}`` with ``k_ = Wild("k")`` defines a whole row.
* A **derivative** is taken while every other symbol stays constant, except what a hypothesis of
  the step defines: under ``{a: 1 / (1 + exp(-t))}`` the name a moves with t.
  A hypothesis that holds the variable itself, such as ``{t: 0}``, speaks of one point and is used
  on the result.
* A step that **begins** a new chain is not compared to the line above it.

In the sums of the course i and l run over all positions of a prompt, or over all tokens as j, k
and q do, a and b run over all dimensions and n over all pairs of data, so these limits are left
out where a sum is displayed.
"""

from __future__ import annotations

from ccmc_teach.symbolic.derivation import Derivation, DerivationError, PromptDerivation, Step
from ccmc_teach.symbolic.layer import attention_is_a_chain, attention_is_a_chain_for_any_K
from ccmc_teach.symbolic.learning import (
    gradient_of_the_loss,
    hessian_is_a_laplacian,
    maximum_likelihood_is_stationary,
    second_softmax_is_not_convex,
)
from ccmc_teach.symbolic.positions import (
    positional_factorisation,
    positional_factorisation_without_cross_terms,
    relative_position_bias,
)
from ccmc_teach.symbolic.precision import excess_risk, information_and_resistance
from ccmc_teach.symbolic.proof import proved_equal
from ccmc_teach.symbolic.weights import gauge_freedom, inverse_map

__all__ = [
    "Derivation",
    "DerivationError",
    "PromptDerivation",
    "Step",
    "attention_is_a_chain",
    "attention_is_a_chain_for_any_K",
    "excess_risk",
    "gauge_freedom",
    "gradient_of_the_loss",
    "hessian_is_a_laplacian",
    "information_and_resistance",
    "inverse_map",
    "maximum_likelihood_is_stationary",
    "positional_factorisation",
    "positional_factorisation_without_cross_terms",
    "proved_equal",
    "relative_position_bias",
    "second_softmax_is_not_convex",
]
