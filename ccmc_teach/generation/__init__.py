"""Samplers of the context-conditioned Markov chain, and the exact law of its texts.

The next token is j with a probability proportional to ``P[q, j]`` times the count of j in the text
so far, where q is the last token; then the text is one token longer.
All samplers draw from exactly this law and differ in what they cost and in what they return:

========================  ============================  ======================================
name                      cost                          made for
========================  ============================  ======================================
:func:`simulate`          a token: does not depend on   a text, token by token; any position
                          K or on the length            weights and decoding rules
:func:`simulate_runs`     a switch of token             billions of tokens where one wins
:func:`simulate_many`     a step and path: K, but       ensembles: counts at chosen times
                          little
:func:`exact_law`         T to the power K              no luck at all, for K up to 4
:func:`generate`          whatever is cheaper           whoever does not care: the front door
========================  ============================  ======================================

:func:`sweep` runs any task for many settings, on any executor, with the same numbers everywhere.

Three habits are shared by all of them:

* Randomness comes from the ``numpy.random.Generator`` that is passed in, and from nowhere else.
* Tokens that the prompt does not hold can never appear, so their rows of P are not even read.
* Long work reports its **progress** where it is asked to.
  Stopped by hand it raises :class:`Interrupted`, which keeps what was computed.
"""

from __future__ import annotations

from ccmc_teach.generation.door import generate
from ccmc_teach.generation.ensemble import simulate_many
from ccmc_teach.generation.exact import exact_law, exact_laws
from ccmc_teach.generation.path import simulate
from ccmc_teach.generation.progress import Interrupted
from ccmc_teach.generation.runs import Runs, simulate_runs
from ccmc_teach.generation.sweep import sweep

__all__ = [
    "Interrupted",
    "Runs",
    "exact_law",
    "exact_laws",
    "generate",
    "simulate",
    "simulate_many",
    "simulate_runs",
    "sweep",
]
