"""Learning the base transition matrix from prompts and the tokens that came next.

Data are n prompts, each with its query and with the token that came next: M of shape (n, K)
holds their counts, q their queries, y the next tokens.
Weighted counts will do everywhere, and so will one generated text, which is read as one prompt for
each of its tokens.

* Every prompt tells about one row of P, that of its query, so the **likelihood** falls apart into
  rows: :func:`log_likelihood`, and its second derivatives in :func:`hessian`.
* :func:`fit` finds the **maximum of the likelihood** by Luce spectral ranking: the estimate of a
  row is the stationary law of a Markov chain that the choices themselves define.
* :func:`standard_errors` and :func:`likelihood_ratio` say **how far to trust** it.
* :func:`gradient_descent` does what training does: it follows the :func:`gradient` of the
  :func:`loss` in the weights W of the attention layer.
  It ends at the same matrix, by a longer way.

Which data allow any of this is the subject of :mod:`ccmc_teach.coverage`.
"""

from __future__ import annotations

from ccmc_teach.estimation.descent import Descent, gradient, gradient_descent, loss
from ccmc_teach.estimation.likelihood import hessian, log_likelihood
from ccmc_teach.estimation.precision import (
    LikelihoodRatio,
    in_confidence_region,
    likelihood_ratio,
    standard_errors,
)
from ccmc_teach.estimation.ranking import fit, fit_seen

__all__ = [
    "Descent",
    "LikelihoodRatio",
    "fit",
    "fit_seen",
    "gradient",
    "gradient_descent",
    "hessian",
    "in_confidence_region",
    "likelihood_ratio",
    "log_likelihood",
    "loss",
    "standard_errors",
]
