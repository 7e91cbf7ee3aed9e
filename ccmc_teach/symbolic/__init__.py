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
* A step that **begins** a new chain is not compared to the line above it.

In the sums of the course i and l run over all positions of a prompt and k runs over all tokens,
so these limits are left out where a sum is displayed.
"""

from __future__ import annotations

from ccmc_teach.symbolic.derivation import Derivation, DerivationError, PromptDerivation, Step
from ccmc_teach.symbolic.layer import (
    attention_is_a_chain,
    attention_is_a_chain_for_any_K,
    positional_factorisation,
)
from ccmc_teach.symbolic.proof import proved_equal
from ccmc_teach.symbolic.weights import gauge_freedom, inverse_map

__all__ = [
    "Derivation",
    "DerivationError",
    "PromptDerivation",
    "Step",
    "attention_is_a_chain",
    "attention_is_a_chain_for_any_K",
    "gauge_freedom",
    "inverse_map",
    "positional_factorisation",
    "proved_equal",
]
