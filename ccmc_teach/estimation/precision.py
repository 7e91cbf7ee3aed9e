"""How far an estimate can be trusted: standard errors, likelihood ratios, regions."""

from __future__ import annotations

from math import erfc, exp, fsum, inf, lgamma, log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import (
    as_real_array,
    as_transition_matrix,
    as_whole_number,
    next_token_law,
)
from ccmc_teach.coverage import as_choices, as_queried_counts, is_identified, seen
from ccmc_teach.estimation.likelihood import graph_laplacian, hessian, solve_laplacian
from ccmc_teach.estimation.ranking import _named, fit_seen

__all__ = ["LikelihoodRatio", "in_confidence_region", "likelihood_ratio", "standard_errors"]


class LikelihoodRatio(NamedTuple):
    """What a likelihood-ratio test found.

    Attributes
    ----------
    statistic : float
        Twice the log-likelihood that P lacks to the maximum; 0 or more, ``inf`` where P rules out
        what happened.
    degrees : int
        Degrees of freedom: the number of log-odds that the prompts tell about.
    p_value : float
        The probability of a larger statistic under P, by the chi-square law of many prompts.

    Examples
    --------
    >>> LikelihoodRatio(statistic=0.0, degrees=2, p_value=1.0).degrees
    2
    """

    statistic: float
    degrees: int
    p_value: float


def standard_errors(P: ArrayLike, M: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return the standard error of every entry of an estimate.

    Parameters
    ----------
    P : array of shape (K, K)
        The estimate, or the true matrix, with positive entries.
    M : array of shape (n, K)
        Counts or weighted counts, one prompt a row; each holds its own query.
    q : sequence of n tokens
        The query of every prompt.

    Returns
    -------
    ndarray of shape (K, K), float64
        Standard deviation of the estimated ``P[k, j]`` if prompts like these are many.
        The estimate plus and minus 1.96 of them is an interval at the level 95 %.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above, if P has an entry of 0, or if a row is not
        identified, so that no number of such prompts would teach it.

    Notes
    -----
    The inverse of the Fisher information is the covariance of the logits.
    A small change of logits moves row k by ``diag(P_k) - P_k P_k^T`` times that change.
    Logits are known only up to a constant, which this matrix takes out.

    Examples
    --------
    Four prompts that hold both tokens once are four tosses of a coin for row 0.

    >>> standard_errors([[0.5, 0.5], [0.5, 0.5]], M=[[1, 1]] * 5, q=[0, 0, 0, 0, 1])
    array([[0.25, 0.25],
           [0.5 , 0.5 ]])
    """
    base = as_transition_matrix(P)
    if (base == 0).any():
        k, j = np.argwhere(base == 0)[0]
        raise ValueError(
            f"P must have positive entries for standard errors to mean anything, got "
            f"P[{k}, {j}] = 0."
        )
    counts, query = as_queried_counts(M, q)
    information = len(query) * hessian(base, counts, query)
    _refuse_unidentified(counts, query)
    moves = graph_laplacian(base[:, :, np.newaxis] * base[:, np.newaxis, :])
    logits = solve_laplacian(information, moves)
    variance: NDArray[np.float64] = (moves * logits.swapaxes(-1, -2)).sum(axis=-1)
    errors: NDArray[np.float64] = np.sqrt(variance)
    return errors


def likelihood_ratio(
    P: ArrayLike, M: ArrayLike, q: ArrayLike, y: ArrayLike, row: int | None = None
) -> LikelihoodRatio:
    """Test whether a transition matrix can have produced the data.

    Parameters
    ----------
    P : array of shape (K, K)
        The matrix to be tested, one probability law a row.
    M : array of shape (n, K)
        Counts or weighted counts, one prompt a row; each holds its own query.
    q : sequence of n tokens
        The query of every prompt.
    y : sequence of n tokens
        The token that came next, one of its own prompt.
    row : int, optional
        Tests this row of P alone; without it all rows together.

    Returns
    -------
    LikelihoodRatio
        The statistic ``2 (max log-likelihood - log-likelihood of P)``, its degrees of freedom, and
        the probability of a larger one.
        The degrees add up over rows: the number of tokens seen with the query, less one.
        Tokens that were never seen, and queries that never occur, count for nothing.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above, if the next-token law is not defined for
        some prompt, or if a row has no maximum at positive probabilities.
    RuntimeError
        If :func:`ccmc_teach.estimation.fit_seen` finds no estimate.

    Notes
    -----
    By the theorem of Wilks (1938) the statistic follows a chi-square law if prompts are many and
    independent.
    In one generated text this holds row by row where the information grows without bound; the
    course shows rows where it does not.

    References
    ----------
    S. S. Wilks, "The Large-Sample Distribution of the Likelihood Ratio for Testing Composite
    Hypotheses", Annals of Mathematical Statistics 9:60-62, 1938.

    Examples
    --------
    Ten choices of either token, where P expects five of the first and fifteen of the second.

    >>> P = [[0.25, 0.75], [0.5, 0.5]]
    >>> test = likelihood_ratio(P, M=[[1, 1]] * 20, q=[0] * 20, y=[0, 1] * 10)
    >>> test.degrees, round(test.statistic, 4), round(test.p_value, 4)
    (1, 5.7536, 0.0165)
    """
    base = as_transition_matrix(P)
    counts, query, choice = as_choices(M, q, y)
    chosen = np.arange(len(choice)), choice
    under_P = next_token_law(base, counts, query)[chosen]
    if row is not None:
        part = query == as_whole_number(row, "row", least=0, most=len(base) - 1)
        if not part.any():
            return LikelihoodRatio(statistic=0.0, degrees=0, p_value=1.0)
        counts, query, choice, under_P = counts[part], query[part], choice[part], under_P[part]
        chosen = np.arange(len(choice)), choice
    at_most = next_token_law(fit_seen(counts, query, choice), counts, query)[chosen]
    with np.errstate(divide="ignore"):
        statistic = max(0.0, 2 * float(np.log(at_most / under_P).sum()))
    degrees = int(seen(counts, query).sum()) - len(np.unique(query))
    return LikelihoodRatio(statistic, degrees, _chi_square_tail(statistic, degrees))


def in_confidence_region(
    P: ArrayLike,
    M: ArrayLike,
    q: ArrayLike,
    y: ArrayLike,
    level: float = 0.95,
    row: int | None = None,
) -> bool:
    """Return whether a transition matrix lies in the likelihood-ratio region of the data.

    Parameters
    ----------
    P : array of shape (K, K)
        The matrix in question, one probability law a row.
    M : array of shape (n, K)
        Counts or weighted counts, one prompt a row; each holds its own query.
    q : sequence of n tokens
        The query of every prompt.
    y : sequence of n tokens
        The token that came next, one of its own prompt.
    level : float
        The share of data sets, strictly between 0 and 1, whose region is to hold the true matrix.
    row : int, optional
        The region of this row alone; without it that of all rows together.

    Returns
    -------
    bool
        True if the test of :func:`likelihood_ratio` does not refuse P at ``1 - level``.

    Raises
    ------
    ValueError
        As in :func:`likelihood_ratio`, or if the level is not strictly between 0 and 1.
    RuntimeError
        If :func:`ccmc_teach.estimation.fit_seen` finds no estimate.

    Examples
    --------
    >>> P, data = [[0.25, 0.75], [0.5, 0.5]], ([[1, 1]] * 20, [0] * 20, [0, 1] * 10)
    >>> in_confidence_region(P, *data), in_confidence_region(P, *data, level=0.99)
    (False, True)
    """
    share = float(as_real_array(level, "level", ndim=0))
    if not 0 < share < 1:
        raise ValueError(f"level must lie strictly between 0 and 1, got {share}.")
    return likelihood_ratio(P, M, q, y, row).p_value >= 1 - share


def _refuse_unidentified(counts: NDArray[np.float64], query: NDArray[np.int64]) -> None:
    is_open = ~is_identified(counts, query)
    if is_open.any():
        k = int(is_open.argmax())
        raise ValueError(
            "M and q must identify every row for it to have standard errors, but with query "
            f"{k} {_named(~seen(counts, query)[k])} never seen."
        )


def _chi_square_tail(x: float, degrees: int) -> float:
    """Return the probability that a chi-square variable exceeds x.

    For whole degrees of freedom the incomplete gamma function is a finite sum.
    """
    half = x / 2
    if half == 0:
        return 1.0
    if half == inf:
        return 0.0
    start = degrees % 2 / 2
    powers = [start + i for i in range(degrees // 2)]
    terms = [exp(a * log(half) - half - lgamma(a + 1)) for a in powers]
    return min(1.0, fsum([*terms, erfc(sqrt(half)) if start else 0.0]))
