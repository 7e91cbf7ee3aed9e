"""The maximum of the likelihood as a stationary law: iterated Luce spectral ranking.

Take the prompts with one query, and let w be a guess at its row of P.
In each prompt let every token that is present send a visitor to the token that was chosen, at the
rate ``m_j / sum_l m_l w_l`` from token j.
Over all prompts the visitor moves from j to i at the rate::

    R_ij = sum over prompts in which i was chosen of  m_j / sum_l m_l w_l

If visitors are spread over the tokens like w, then ``sum_j R_ij w_j`` arrive at i, which is the
number of times that i was chosen.
And ``w_i sum_l R_li`` leave i, which is the number of times that i was expected to be chosen.
The likelihood is at its maximum if and only if both are equal for every token.
So **the maximum is the law that is stationary for the rates which it defines itself**.

The rates from j to i are positive where the choice graph has an edge from j to i, so the chain
has one closed class that holds all tokens if and only if the maximum exists and is unique.
The iteration starts from equal probabilities and puts the stationary law in place of w.
As a rule a handful of rounds will do, because the rates stand in for the Fisher information: both
agree on average if the data follow the model.
Where the data are far from the model, rounds can be many.
A row that has not settled by then is finished by Newton's method with the Fisher information
itself.
A step along which scores move apart by r changes the curvature by a factor of ``exp(r)`` at most,
so a fraction ``log(1 + r) / r`` of each step cannot overshoot.

Whatever has found it, an estimate leaves this room only if observed and expected choices agree.

A prior is more of the same data: ``alpha`` is one imagined prompt that holds every token once and
in which each token was chosen alpha times, which adds alpha to every rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import as_real_array, stationary
from ccmc_teach.coverage import as_choices, leads_to_query
from ccmc_teach.estimation.likelihood import graph_laplacian, solve_laplacian

__all__ = ["fit", "fit_seen"]

# A row has settled when no probability changes by more than this part of itself.
LARGEST_CHANGE = 1e-10
# Observed and expected choices may differ by this much for each prompt of a row.
LARGEST_SCORE = 1e-10
MOST_RANKINGS = 60
MOST_NEWTON_STEPS = 500


def fit(M: ArrayLike, q: ArrayLike, y: ArrayLike, alpha: float = 0.0) -> NDArray[np.float64]:
    """Estimate the base transition matrix by maximum likelihood.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts or weighted counts, one prompt a row; each holds its own query.
    q : sequence of n tokens
        The query of every prompt.
    y : sequence of n tokens
        The token that came next, one of its own prompt.
    alpha : float
        With ``alpha > 0`` every row has a Dirichlet prior with the parameters ``1 + alpha``, and
        the estimate is the mode of what the data make of it.
        It then exists whatever the data are.

    Returns
    -------
    ndarray of shape (K, K), float64
        The estimate, all of its entries positive.
        A row whose query never occurs is uniform, which takes ``alpha > 0``.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above, or if ``alpha`` is 0 and some row has no
        maximum, or more than one; the sentence names the row and its tokens.
    RuntimeError
        If no estimate was found at which observed and expected choices agree to 1e-10 a prompt.

    Notes
    -----
    The maximum solves ``observed choices = expected choices`` token by token.
    That it is a stationary law is due to Maystre and Grossglauser; the counts of a prompt enter
    their rates as multiplicities.
    :mod:`ccmc_teach.estimation.ranking` tells the idea.

    References
    ----------
    L. Maystre, M. Grossglauser, "Fast and Accurate Inference of Plackett-Luce Models", Advances in
    Neural Information Processing Systems 28:172-180, 2015.

    Examples
    --------
    If all counts are equal, the estimate is the share of each choice.

    >>> fit(M=[[1, 1]] * 6, q=[0, 0, 0, 0, 1, 1], y=[0, 1, 1, 1, 0, 1])
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """
    counts, query, choice = as_choices(M, q, y)
    prior = float(as_real_array(alpha, "alpha", ndim=0))
    if prior < 0:
        raise ValueError(f"alpha must not be negative, got {prior}.")
    rows = _rows(counts, query, choice)
    if prior == 0:
        _refuse_missing_maximum(_graph(rows), must_be_identified=True)
    return _maximum(rows, np.ones((len(rows), len(rows)), dtype=bool), prior)


def fit_seen(M: ArrayLike, q: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    """Estimate by maximum likelihood among the matrices that know only what was seen.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts or weighted counts, one prompt a row; each holds its own query.
    q : sequence of n tokens
        The query of every prompt.
    y : sequence of n tokens
        The token that came next, one of its own prompt.

    Returns
    -------
    ndarray of shape (K, K), float64
        The one maximum of the likelihood in which row k is 0 for every token that was never seen
        with query k; a row whose query never occurs keeps all for the query itself.
        If every row is identified, this is what :func:`fit` returns.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above, or if some row has no maximum; the sentence
        names the row and its tokens.
    RuntimeError
        If no estimate was found at which observed and expected choices agree to 1e-10 a prompt.

    Examples
    --------
    >>> fit_seen(M=[[1, 1, 0]] * 4, q=[0, 0, 0, 0], y=[0, 1, 1, 1])
    array([[0.25, 0.75, 0.  ],
           [0.  , 1.  , 0.  ],
           [0.  , 0.  , 1.  ]])
    """
    rows = _rows(*as_choices(M, q, y))
    graph = _graph(rows)
    _refuse_missing_maximum(graph, must_be_identified=False)
    is_seen: NDArray[np.bool_] = np.any(graph, axis=2)
    return _maximum(rows, is_seen | np.eye(len(rows), dtype=bool), 0.0)


@dataclass(frozen=True, eq=False)
class _Row:
    """The prompts of one query, those with the same choice side by side.

    The counts M (n_k, K) have 1 as the largest of each prompt, since only ratios matter.
    Token i was chosen in the prompts from ends[i] to ends[i + 1].
    """

    M: NDArray[np.float64]
    ends: NDArray[np.intp]

    def choices(self) -> NDArray[np.float64]:
        return np.diff(self.ends).astype(np.float64)

    def rates(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the rates ``[i, j]`` from the present j to the chosen i."""
        share = 1 / (self.M @ w)
        return np.array([share[a:b] @ self.M[a:b] for a, b in pairwise(self.ends.tolist())])


def _rows(
    counts: NDArray[np.float64], query: NDArray[np.int64], choice: NDArray[np.int64]
) -> list[_Row]:
    K = counts.shape[1]
    code = query * K + choice
    # The smallest integers that will do are sorted much faster.
    order = np.argsort(code.astype(np.min_scalar_type(K * K)), kind="stable")
    table = counts[order]
    table /= table.max(axis=1, keepdims=True)
    ends = np.searchsorted(code[order], np.arange(K * K + 1))
    spans = [ends[k * K : (k + 1) * K + 1] for k in range(K)]
    return [_Row(table[span[0] : span[-1]], span - span[0]) for span in spans]


def _graph(rows: list[_Row]) -> NDArray[np.bool_]:
    """Return ``[k, j, i]``: i was chosen while j was present, j = i included.

    The rates are positive on the edges of the choice graph and on nothing else.
    """
    rates = np.array([row.rates(np.ones(len(rows))) for row in rows])
    graph: NDArray[np.bool_] = rates.swapaxes(1, 2) > 0
    return graph


def _maximum(rows: list[_Row], takes_part: NDArray[np.bool_], alpha: float) -> NDArray[np.float64]:
    """Return the maximum among the laws of the tokens that take part in each row."""
    K = len(rows)
    w: NDArray[np.float64] = takes_part / takes_part.sum(axis=1, keepdims=True)
    # A single token has all the probability from the start.
    unsettled = np.arange(K if K > 1 else 0)
    for _ in range(MOST_RANKINGS):
        if not len(unsettled):
            break
        rates = np.array([rows[k].rates(w[k]) for k in unsettled]) + alpha
        # A token that takes no part goes to the query and never comes back.
        rates[np.arange(len(unsettled)), unsettled] += ~takes_part[unsettled]
        new = _stationary(rates)
        _refuse_zeros(new[takes_part[unsettled]])
        is_moving = np.abs(new - w[unsettled]) > LARGEST_CHANGE * new
        w[unsettled] = new
        unsettled = unsettled[is_moving.any(axis=1)]
    for k in unsettled:
        part = takes_part[k]
        row = rows[k]
        w[k, part] = _newton(row.M[:, part], row.choices()[part], w[k, part], alpha)
    _refuse_unequal_choices(rows, w, alpha)
    return w


def _stationary(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the stationary laws for rates ``[..., i, j]`` from j to i."""
    chain = rates.swapaxes(-1, -2).copy()
    tokens = np.arange(chain.shape[-1])
    chain[..., tokens, tokens] = 0
    # In steps so short that every token stays where it is at least half of the time.
    chain /= 2 * chain.sum(axis=-1).max(axis=-1)[..., np.newaxis, np.newaxis]
    chain[..., tokens, tokens] = 1 - chain.sum(axis=-1)
    try:
        return stationary(chain)
    except ValueError:
        # The rates join all tokens, so only products that vanish in float64 can be at fault.
        _refuse_zeros(np.zeros(1))
        raise


def _newton(
    M: NDArray[np.float64],
    choices: NDArray[np.float64],
    w: NDArray[np.float64],
    alpha: float,
) -> NDArray[np.float64]:
    """Return the maximum of one row by Newton's method in its logits."""
    for _ in range(MOST_NEWTON_STEPS):
        law = M * w
        law /= law.sum(axis=1, keepdims=True)
        imagined = len(w) * alpha
        information = graph_laplacian(law.T @ law + imagined * np.outer(w, w))
        score = choices + alpha - law.sum(axis=0) - imagined * w
        step = solve_laplacian(information, score[:, np.newaxis])[:, 0]
        width = float(np.ptp(step))
        if width <= LARGEST_CHANGE:
            break
        w = w * np.exp((step - step.max()) * (np.log1p(width) / width))
        w /= w.sum()
        _refuse_zeros(w)
    return w


def _refuse_zeros(probabilities: NDArray[np.float64]) -> None:
    if not (probabilities > 0).all():
        raise ValueError(
            "M, q, y and alpha must have an estimate within the range of float64, got "
            "probabilities that round to 0."
        )


def _refuse_unequal_choices(rows: list[_Row], w: NDArray[np.float64], alpha: float) -> None:
    K = len(rows)
    for k, row in enumerate(rows):
        observed = row.choices() + alpha
        expected = w[k] * (row.rates(w[k]).sum(axis=0) + K * alpha)
        gap = np.abs(observed - expected).max()
        if not gap <= LARGEST_SCORE * observed.sum():
            raise RuntimeError(
                f"no estimate was found for row {k}: observed and expected choices of a token "
                f"still differ by {gap:.1e}."
            )


def _refuse_missing_maximum(graph: NDArray[np.bool_], *, must_be_identified: bool) -> None:
    is_seen: NDArray[np.bool_] = np.any(graph, axis=2)
    is_chosen = np.any(graph, axis=1)
    faults = [
        (~is_seen & must_be_identified, "never seen"),
        (is_seen & ~is_chosen, "never chosen"),
        (is_seen & ~leads_to_query(graph), "led back to it by no path of choices"),
    ]
    advice = "; alpha > 0 gives an estimate all the same" if must_be_identified else ""
    for is_fault, words in faults:
        if is_fault.any():
            k = int(is_fault.any(axis=1).argmax())
            raise ValueError(
                "M, q and y must have one maximum of the likelihood with positive probabilities "
                f"in every row, but with query {k} {_named(is_fault[k])} {words}{advice}."
            )


def _named(is_meant: NDArray[np.bool_]) -> str:
    tokens = np.flatnonzero(is_meant).tolist()
    names = ", ".join(map(str, tokens[:8])) + (" and others" if len(tokens) > 8 else "")
    return f"token {names} was" if len(tokens) == 1 else f"tokens {names} were"
