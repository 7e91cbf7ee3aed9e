"""Many paths in Numba, one after the other, counts only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.paths import with_numba

Array = NDArray[np.float64]
Tokens = NDArray[np.int64]
Ensemble = Callable[[Array, Tokens, int, int, np.random.Generator], Array]


def numba_ensemble(compile_it: Callable[[Any], Any] | None = None) -> Ensemble:
    """Return a sampler ``sampler(P, prompt, T, R, rng)`` of counts, an array of shape (K, R).

    Parameters
    ----------
    compile_it : callable, optional
        Compiles a function; Numba's if not given.
    """
    walk = (compile_it or with_numba())(count_many)

    def sampler(P: Array, prompt: Tokens, T: int, R: int, rng: np.random.Generator) -> Array:
        m = np.bincount(prompt, minlength=len(P)).astype(np.float64)
        M = np.repeat(m[:, np.newaxis], R, axis=1)
        walk(P, M, int(prompt[-1]), T, rng)
        return M

    return sampler


def count_many(P: Array, M: Array, first: int, T: int, rng: np.random.Generator) -> None:
    """Add the counts of T more tokens of every path to M.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix.
    M : array of shape (K, R)
        Counts of every path.
    first : int
        The last token of the prompt.
    T : int
        Tokens to add.
    rng : numpy.random.Generator
        The source of uniform numbers, one a token.
    """
    K, R = M.shape
    for r in range(R):
        m = M[:, r].copy()
        q = first
        for _ in range(T):
            total = 0.0
            for j in range(K):
                total += m[j] * P[q, j]
            left = rng.random() * total
            j = 0
            while j < K - 1 and left >= m[j] * P[q, j]:
                left -= m[j] * P[q, j]
                j += 1
            m[j] += 1
            q = j
        M[:, r] = m
