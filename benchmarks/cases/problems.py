"""Matrices, prompts and data sets, each from a fixed seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Tokens = NDArray[np.int64]


def grouped(number: int) -> str:
    """Return a whole number with blanks between the thousands at which no line breaks.

    Examples
    --------
    >>> grouped(1234567).split()
    ['1', '234', '567']
    """
    return f"{number:,}".replace(",", "\u00a0")


def base_matrix(K: int, sharpness: float = 1.0, seed: int = 0) -> Array:
    """Return a transition matrix whose rows are the softmax of normal numbers.

    Parameters
    ----------
    K : int
        Number of tokens.
    sharpness : float
        Standard deviation of the logits.
    seed : int
        Seed of the numbers.

    Examples
    --------
    >>> base_matrix(3).sum(axis=1).round(12)
    array([1., 1., 1.])
    """
    logits = sharpness * np.random.default_rng([seed, K]).standard_normal((K, K))
    weights = np.exp(logits)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def prompt_of(K: int, L: int, seed: int = 1) -> Tokens:
    """Return a prompt of L tokens in which every token stands if there is room.

    Parameters
    ----------
    K, L : int
        Number of tokens, length of the prompt.
    seed : int
        Seed of the order.

    Examples
    --------
    >>> sorted(prompt_of(K=3, L=6).tolist())
    [0, 0, 1, 1, 2, 2]
    """
    return np.random.default_rng([seed, K, L]).permutation(np.arange(L) % K)


@dataclass(frozen=True)
class Data:
    """Prompts by their counts, with what came next.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts.
    q, y : arrays of shape (n,)
        Queries and next tokens.
    """

    M: Array
    q: Tokens
    y: Tokens


def data_set(n: int, K: int, L: int, seed: int = 2, crowded: int | None = None) -> Data:
    """Return random prompts of one length, with a next token drawn for each.

    The tastes are mild enough that every token is chosen at times.

    Parameters
    ----------
    n, K, L : int
        Number of prompts, number of tokens, length of a prompt.
    seed : int
        Seed of all that is random.
    crowded : int, optional
        Let half of the prompts end in one of so many tokens; the other rows then have few data.

    Examples
    --------
    >>> data = data_set(n=5, K=3, L=4)
    >>> data.M.sum(axis=1), data.q.shape, data.y.shape
    (array([4., 4., 4., 4., 4.]), (5,), (5,))
    """
    rng = np.random.default_rng([seed, n, K, L])
    prompts = rng.integers(K, size=(n, L))
    if crowded is not None:
        prompts[::2, -1] = rng.integers(crowded, size=len(prompts[::2]))
    cells = np.arange(n)[:, np.newaxis] * K + prompts
    M = np.bincount(cells.ravel(), minlength=n * K).reshape(n, K).astype(np.float64)
    q = prompts[:, -1]
    reach = (M * base_matrix(K, 0.4, seed)[q]).cumsum(axis=1)
    y = (reach <= rng.random((n, 1)) * reach[:, -1:]).sum(axis=1)
    return Data(M, q, y)
