"""Answers by another road, against which every contender is checked before it is timed.

They are slow and short.
None of them calls the rooms that are measured.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Agreement

Array = NDArray[np.float64]
Tokens = NDArray[np.int64]
Counts = NDArray[np.float64] | NDArray[np.int64]

# A right sampler is refused once in a million checks; the seeds are fixed, so it stays as it is.
SMALLEST_P_VALUE = 1e-6
FEWEST_EXPECTED = 5.0


def path_laws(P: Array, prompt: Tokens, T: int) -> Array:
    """Return the probability of every continuation, by the product of its steps.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix.
    prompt : array of shape (L,)
        The prompt.
    T : int
        Tokens added; there are ``K**T`` continuations.

    Returns
    -------
    ndarray of shape (K,) * T
        Entry ``[x_1, ..., x_T]`` is the probability that these tokens follow in this order.

    Examples
    --------
    >>> path_laws(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 1]), T=1)
    array([0.25, 0.75])
    """
    K = len(P)
    law = np.empty((K,) * T)
    for path in itertools.product(range(K), repeat=T):
        law[path] = math.prod(_step_laws(P, prompt, path))
    return law


def _step_laws(P: Array, prompt: Tokens, path: tuple[int, ...]) -> Iterator[float]:
    m, q = np.bincount(prompt, minlength=len(P)).astype(np.float64), int(prompt[-1])
    for token in path:
        weights = m * P[q]
        yield float(weights[token] / weights.sum())
        m[token] += 1
        q = token


def chain_laws(P: Array, first: int, T: int) -> Array:
    """Return the probability of every walk of T steps of an ordinary Markov chain.

    Parameters
    ----------
    P : array of shape (K, K)
        Transition matrix.
    first : int
        Where the walk starts.
    T : int
        Steps.

    Returns
    -------
    ndarray of shape (K,) * T

    Examples
    --------
    >>> chain_laws(np.array([[0.5, 0.5], [0.25, 0.75]]), first=0, T=2)
    array([[0.25 , 0.25 ],
           [0.125, 0.375]])
    """
    law: Array = P[first]
    for _ in range(T - 1):
        law = law[..., np.newaxis] * P
    return law


def sampled(draw: Callable[[], Tokens], law: Array, times: int) -> Agreement:
    """Compare drawn continuations with their law, by chi-square over pooled cells.

    Parameters
    ----------
    draw : callable
        Returns one continuation, an array of shape (T,).
    law : array of shape (K,) * T
        The law that it should follow.
    times : int
        How many to draw.
    """
    seen = np.zeros(law.shape)
    for _ in range(times):
        seen[tuple(draw())] += 1
    return counted(seen.ravel(), law.ravel())


def counted(seen: Counts, law: Array) -> Agreement:
    """Compare counts of cells with the law of the cells, by chi-square.

    Cells of which fewer than five are expected are pooled, from the rarest on.

    Parameters
    ----------
    seen : array of shape (n,)
        How often each cell came.
    law : array of shape (n,)
        The probability of each cell.

    Examples
    --------
    >>> round(counted(np.array([52.0, 48.0]), np.array([0.5, 0.5])).value, 3)
    0.689
    """
    from scipy.stats import chi2

    expected = law * seen.sum()
    impossible = bool((seen[expected == 0] > 0).any())
    statistic = [(s - e) ** 2 / e for s, e in _pooled(seen, expected)]
    p_value = 0.0 if impossible else float(chi2.sf(sum(statistic), max(len(statistic) - 1, 1)))
    return Agreement("p-value", p_value, SMALLEST_P_VALUE, at_least=True)


def _pooled(seen: Counts, expected: Array) -> list[tuple[float, float]]:
    """Return seen and expected counts of pools, filled with cells from the rarest on."""
    pools: list[tuple[float, float]] = [(0.0, 0.0)]
    for cell in np.argsort(expected):
        if pools[-1][1] >= FEWEST_EXPECTED:
            pools.append((0.0, 0.0))
        pools[-1] = (pools[-1][0] + seen[cell], pools[-1][1] + expected[cell])
    return pools


def two_token_law(P: Array, prompt: Tokens, T: int) -> Array:
    """Return the exact law of the chain on two tokens after T steps, forwards step by step.

    Parameters
    ----------
    P : array of shape (2, 2)
        Base transition matrix.
    prompt : array of shape (L,)
        The prompt.
    T : int
        Tokens added.

    Returns
    -------
    ndarray of shape (T + 1, 2)
        Entry ``[a, x]``: probability that a of the T tokens were token 1, and x was the last.

    Examples
    --------
    >>> two_token_law(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 1]), T=1)
    array([[0.25, 0.  ],
           [0.  , 0.75]])
    """
    m = np.bincount(prompt, minlength=2)
    law = np.zeros((T + 1, 2))
    law[0, prompt[-1]] = 1
    for t in range(T):
        ones = np.arange(t + 1)
        weights = np.stack([m[0] + t - ones, m[1] + ones])[:, :, np.newaxis] * P.T[:, np.newaxis]
        zero, one = weights / weights.sum(axis=0) * law[: t + 1]
        law[: t + 2] = 0
        law[: t + 1, 0] = zero.sum(axis=1)
        law[1 : t + 2, 1] = one.sum(axis=1)
    return law


def distance(law: Array, truth: Array, bound: float) -> Agreement:
    """Return the largest difference of two arrays, with what is allowed.

    Parameters
    ----------
    law, truth : arrays of one shape
        What came out, and what should have.
    bound : float
        What is allowed.
    """
    return Agreement("largest error", float(np.abs(law - truth).max()), bound)


def furthest_distribution(seen: Counts, law: Array) -> Agreement:
    """Compare counts of ordered cells with their law, by the distribution functions.

    Parameters
    ----------
    seen : array of shape (n,)
        How often each cell came.
    law : array of shape (n,)
        The probability of each cell.
    """
    R = seen.sum()
    gap = np.abs(np.cumsum(seen) / R - np.cumsum(law)).max()
    # The inequality of Dvoretzky, Kiefer and Wolfowitz with the constant of Massart.
    return Agreement("largest error", float(gap), math.sqrt(math.log(2 / SMALLEST_P_VALUE) / 2 / R))


def largest_likelihood(M: Array, q: Tokens, y: Tokens) -> Array:
    """Return the maximum likelihood estimate by Newton's method on the logits, row by row.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts of the prompts.
    q, y : arrays of shape (n,)
        Queries and next tokens; every row must have a finite maximum.

    Returns
    -------
    ndarray of shape (K, K)
    """
    return np.array([_newton(M[q == k], y[q == k]) for k in range(M.shape[1])])


def _newton(M: Array, y: Tokens, steps: int = 60) -> Array:
    K = M.shape[1]
    chosen = np.bincount(y, minlength=K)
    theta = np.zeros(K)
    for _ in range(steps):
        p = M * np.exp(theta)
        p /= p.sum(axis=1, keepdims=True)
        score = chosen - p.sum(axis=0)
        information = np.diag(p.sum(axis=0)) - p.T @ p
        # One logit is free, so the first stays where it is.
        step = np.linalg.solve(information[1:, 1:], score[1:])
        theta[1:] += step / max(1.0, float(np.abs(step).max()))
    w = np.exp(theta - theta.max())
    return np.asarray(w / w.sum())


def have_paths_everywhere(graph: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which graphs lead from everywhere to everywhere, by searching from each vertex.

    Parameters
    ----------
    graph : array of shape (n, K, K)
        One graph each; entry ``[k, j, i]`` is an edge from j to i.

    Returns
    -------
    ndarray of shape (n,), bool

    Examples
    --------
    >>> have_paths_everywhere(np.array([[[0, 1], [1, 0]], [[0, 1], [0, 0]]], dtype=bool))
    array([ True, False])
    """
    return np.array([_reaches_all(each) and _reaches_all(each.T) for each in graph])


def _reaches_all(edges: NDArray[np.bool_]) -> bool:
    """Tell whether the first vertex leads to all."""
    seen, waiting = {0}, [0]
    while waiting:
        new = set(np.flatnonzero(edges[waiting.pop()]).tolist()) - seen
        seen |= new
        waiting += new
    return len(seen) == len(edges)
