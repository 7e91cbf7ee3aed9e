"""Training the attention layer: the loss in its weights W, the gradient, and the way down.

The layer gives token j the probability that is the sum of the attention on all positions that
hold j, and the loss is the mean of minus the logarithm of the probability of what came next.
In the scores ``theta[q, j] = e_j^T W e_q`` the derivative of the loss is simple: the law of the
next token less what happened, averaged over the prompts with query q.
By the chain rule the gradient in W is the sum of these numbers times ``e_j e_q^T``.

For each prompt the numbers add up to 0, over j.
So the gradient is made of differences ``(e_i - e_j) e_q^T`` and **lies in the subspace S_E**.
What W holds outside of ``S_E`` stays for ever as it was at the start, and inside of ``S_E`` the
loss is convex.
Hence plain gradient descent leads to one matrix, the one that holds the maximum of the likelihood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.attention import as_layer
from ccmc_teach.chain import as_real_array, as_whole_number, counts
from ccmc_teach.coverage import as_choices

__all__ = ["Descent", "gradient", "gradient_descent", "loss"]


LARGEST_SCORE = 1e200

Prompts = Sequence[ArrayLike] | ArrayLike


@dataclass(frozen=True, eq=False)
class Descent:
    """What gradient descent came to.

    Attributes
    ----------
    W : ndarray of shape (d, d), float64
        The key-query matrix after the last step.
    losses : ndarray of shape (steps + 1,), float64
        The loss before the first step and after each step, in nats a prompt.

    Examples
    --------
    >>> Descent(W=np.zeros((2, 2)), losses=np.array([0.7, 0.6])).losses[-1]
    np.float64(0.6)
    """

    W: NDArray[np.float64]
    losses: NDArray[np.float64]


def loss(W: ArrayLike, E: ArrayLike, prompts: Prompts, y: ArrayLike) -> float:
    """Return the loss of the attention layer: the mean negative log-likelihood.

    Parameters
    ----------
    W : array of shape (d, d)
        Key-query matrix.
    E : array of shape (K, d)
        Embeddings; here d may be smaller than K.
    prompts : sequence of n prompts
        Prompts of any lengths, each a sequence of tokens.
    y : sequence of n tokens
        The token that came next, one of its own prompt.

    Returns
    -------
    float
        In nats a prompt.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above, or if scores reach 1e200.

    Examples
    --------
    >>> loss(np.log([[1.0, 1.0], [3.0, 1.0]]), np.eye(2), prompts=[[1, 0]], y=[0])
    1.3862943611198906
    """
    key_query, embeddings = as_layer(W, E)
    return _loss_and_slope(_scores(key_query, embeddings), _as_pairs(prompts, y, len(embeddings)))[
        0
    ]


def gradient(W: ArrayLike, E: ArrayLike, prompts: Prompts, y: ArrayLike) -> NDArray[np.float64]:
    """Return the gradient of the loss in the key-query matrix.

    Parameters
    ----------
    W : array of shape (d, d)
        Key-query matrix.
    E : array of shape (K, d)
        Embeddings; here d may be smaller than K.
    prompts : sequence of n prompts
        Prompts of any lengths, each a sequence of tokens.
    y : sequence of n tokens
        The token that came next, one of its own prompt.

    Returns
    -------
    ndarray of shape (d, d), float64
        The derivative of :func:`loss` by every entry of W, a matrix of the subspace ``S_E``.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above, or if scores reach 1e200.

    Examples
    --------
    Attention gives token 1 the probability 1/2, and token 1 came next.

    >>> gradient(np.zeros((2, 2)), np.eye(2), prompts=[[1, 0]], y=[1])
    array([[ 0.5,  0. ],
           [-0.5,  0. ]])
    """
    key_query, embeddings = as_layer(W, E)
    pairs = _as_pairs(prompts, y, len(embeddings))
    return _in_weights(_loss_and_slope(_scores(key_query, embeddings), pairs)[1], embeddings)


def gradient_descent(
    W: ArrayLike,
    E: ArrayLike,
    prompts: Prompts,
    y: ArrayLike,
    steps: int,
    step_size: float,
    momentum: float = 0.0,
) -> Descent:
    """Train the key-query matrix by gradient descent on all prompts at once.

    Parameters
    ----------
    W : array of shape (d, d)
        Key-query matrix to start from.
    E : array of shape (K, d)
        Embeddings, which stay as they are; here d may be smaller than K.
    prompts : sequence of n prompts
        Prompts of any lengths, each a sequence of tokens.
    y : sequence of n tokens
        The token that came next, one of its own prompt.
    steps : int
        Number of steps, 0 or more.
    step_size : float
        Positive; each step is this number times the gradient.
        With orthonormal embeddings and no momentum the loss falls in every step if it is below 4.
    momentum : float
        From 0 to below 1: this share of each step is repeated in the next, as by a ball that
        rolls on.

    Returns
    -------
    Descent
        The last W and the losses on the way.
        To go on from there, call again with its W.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above, or if scores reach 1e200.

    Notes
    -----
    If every row is identified and its likelihood has a finite maximum, the part of W in ``S_E``
    goes to ``key_query_matrix(fit(M, q, y), E)``.
    The part outside of ``S_E`` does not move.

    Prompts that differ only in the order of their older tokens are the same to the layer, so they
    are counted once and weighted.

    Examples
    --------
    >>> prompts, y = [[1, 0], [1, 0], [1, 0], [0, 1]], [1, 1, 0, 0]
    >>> descent = gradient_descent(np.zeros((2, 2)), np.eye(2), prompts, y, 50, step_size=0.5)
    >>> bool(descent.losses[-1] < descent.losses[0])
    True
    """
    key_query, embeddings = as_layer(W, E)
    pairs = _as_pairs(prompts, y, len(embeddings))
    length = as_whole_number(steps, "steps", least=0)
    size, share = _as_step(step_size, momentum)
    losses, step = np.empty(length + 1), np.zeros_like(key_query)
    for t in range(length):
        losses[t], slope = _loss_and_slope(_scores(key_query, embeddings), pairs)
        with np.errstate(over="ignore", invalid="ignore"):
            step = share * step - size * _in_weights(slope, embeddings)
            key_query += step
    losses[length], _ = _loss_and_slope(_scores(key_query, embeddings), pairs)
    return Descent(key_query, losses)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """The data as far as the layer can tell prompts apart, sorted by query.

    log_counts (g, K) of the different prompts, -inf for tokens that are absent; their queries and
    copies (g,); choices (K, K): how often j came next with query q; the number n of prompts; and
    offset: the sum of the logarithms of the counts of what came next.
    """

    log_counts: NDArray[np.float64]
    query: NDArray[np.int64]
    copies: NDArray[np.int64]
    choices: NDArray[np.int64]
    n: int
    offset: float


def _as_pairs(prompts: Any, y: ArrayLike, K: int) -> _Pairs:
    table = counts(prompts, K)
    query = [prompt[-1] for prompt in prompts]
    M, q, choice = as_choices(table, query, y)
    different, copies = np.unique(np.column_stack([q, M]), axis=0, return_counts=True)
    choices = np.bincount(q * K + choice, minlength=K * K).reshape(K, K)
    offset = float(np.log(M[np.arange(len(q)), choice]).sum())
    with np.errstate(divide="ignore"):
        log_counts = np.log(different[:, 1:])
    return _Pairs(log_counts, different[:, 0].astype(np.int64), copies, choices, len(q), offset)


def _loss_and_slope(
    scores: NDArray[np.float64], pairs: _Pairs
) -> tuple[float, NDArray[np.float64]]:
    """Return the loss and its derivative by the scores ``[q, j]`` of key j with query q."""
    attention = pairs.log_counts + scores[pairs.query]
    top = attention.max(axis=1, keepdims=True)
    with np.errstate(over="ignore"):
        law = np.exp(attention - top)
    total = law.sum(axis=1, keepdims=True)
    law *= pairs.copies[:, np.newaxis] / total
    expected = np.zeros_like(scores)
    first = np.flatnonzero(np.diff(pairs.query, prepend=-1))
    expected[pairs.query[first]] = np.add.reduceat(law, first)
    normalisers = float(pairs.copies @ (np.log(total) + top)[:, 0])
    value = (normalisers - float((pairs.choices * scores).sum()) - pairs.offset) / pairs.n
    return value, (expected - pairs.choices) / pairs.n


def _in_weights(slope: NDArray[np.float64], embeddings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of ``slope[q, j] e_j e_q^T``."""
    with np.errstate(over="ignore", invalid="ignore"):
        weights: NDArray[np.float64] = embeddings.T @ slope.T @ embeddings
    if not np.isfinite(weights).all():
        raise ValueError("E must give a gradient within the range of float64, got one beyond it.")
    return weights


def _scores(key_query: NDArray[np.float64], embeddings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the scores ``[q, j]`` of key j with query q."""
    with np.errstate(over="ignore", invalid="ignore"):
        scores: NDArray[np.float64] = (embeddings @ key_query @ embeddings.T).T
    # Far inside the range of float64, so that differences and sums of scores stay in it.
    if not (np.abs(scores) < LARGEST_SCORE).all():
        raise ValueError(
            f"W and E must give scores below {LARGEST_SCORE:.0e} in size, got larger ones."
        )
    return scores


def _as_step(step_size: float, momentum: float) -> tuple[float, float]:
    size = float(as_real_array(step_size, "step_size", ndim=0))
    share = float(as_real_array(momentum, "momentum", ndim=0))
    if size <= 0:
        raise ValueError(f"step_size must be positive, got {size}.")
    if not 0 <= share < 1:
        raise ValueError(f"momentum must lie from 0 to below 1, got {share}.")
    return size, share
