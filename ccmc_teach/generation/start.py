"""Where every sampler starts: the prompt, and the part of P that its tokens use.

A token that the prompt does not hold has count 0 and keeps it, so it never appears.
Rows and columns of such tokens are never read: a short prompt makes a small problem, whatever K.
Only ratios inside a row matter, so the part of P that is left need not sum to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import ROW_SUM_TOLERANCE, as_prompt, as_real_array

__all__ = ["Array", "Base", "Start", "as_generator", "nothing_to_attend_to", "start_of"]

Array = NDArray[np.float64]
Base = ArrayLike | Callable[[NDArray[np.int64]], ArrayLike]

# A block of rows that is checked at once; keeps a large P on disk out of the memory.
ENTRIES_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Start:
    """A prompt in the numbering of its own k tokens.

    Attributes
    ----------
    K : int
        Size of the vocabulary; for a callable P the largest token of the prompt plus 1.
    tokens : ndarray of shape (k,), int64
        The different tokens of the prompt, in rising order.
    base : ndarray of shape (k, k), float64
        Their rows and columns of P, every row divided by its largest entry.
        A row of zeros stays one.
    prompt : ndarray of shape (L,), int64
        The prompt, with ``tokens[prompt]`` the one that was given.
    """

    K: int
    tokens: NDArray[np.int64]
    base: Array
    prompt: NDArray[np.int64]

    @property
    def k(self) -> int:
        """Return how many different tokens the prompt holds."""
        return len(self.tokens)

    def counts(self) -> Array:
        """Return how often each of the k tokens stands in the prompt, of shape (k,)."""
        return np.bincount(self.prompt, minlength=self.k).astype(np.float64)

    def widened(self, m: Array, axis: int) -> Array:
        """Return counts of the k tokens as counts of all K tokens along an axis."""
        if self.k == self.K:
            return m
        shape = list(m.shape)
        shape[axis] = self.K
        wide = np.zeros(shape)
        where: list[Any] = [slice(None)] * m.ndim
        where[axis] = self.tokens
        wide[tuple(where)] = m
        return wide


def start_of(P: Base, prompt: ArrayLike) -> Start:
    """Check P and the prompt, and reduce both to the tokens that can appear.

    Parameters
    ----------
    P : array of shape (K, K), or callable
        Base transition matrix, of which only the rows of the prompt's tokens are read and checked.
        A callable gets the different tokens of the prompt, of shape (k,) and in rising order, and
        returns their rows and columns, of shape (k, k), each row up to a positive factor.
    prompt : sequence of L tokens

    Returns
    -------
    Start

    Raises
    ------
    ValueError
        If the prompt holds no tokens of P, or P is no transition matrix on its rows.

    Examples
    --------
    >>> start_of([[0.5, 0.4, 0.1], [0.2, 0.2, 0.6], [0.25, 0.25, 0.5]], [2, 0, 2]).base
    array([[1. , 0.2],
           [0.5, 1. ]])
    """
    if callable(P):
        tokens, numbered = np.unique(as_prompt(prompt), return_inverse=True)
        block, K = _block_from(P, tokens), int(tokens[-1]) + 1
    else:
        table = _as_square(P)
        K = len(table)
        tokens, numbered = np.unique(as_prompt(prompt, K), return_inverse=True)
        block = _checked_block(table, tokens)
    top = block.max(axis=1, keepdims=True)
    base = np.divide(block, top, out=np.zeros_like(block), where=top > 0)
    return Start(K, tokens, base, numbered)


def as_generator(rng: np.random.Generator) -> np.random.Generator:
    """Return the generator, or refuse what is none.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    numpy.random.Generator
        The same one, not a copy.

    Raises
    ------
    ValueError
        If rng is anything else, such as a seed.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> as_generator(rng) is rng
    True
    """
    if not isinstance(rng, np.random.Generator):
        raise ValueError(
            f"rng must be a numpy.random.Generator, such as np.random.default_rng(1), got {rng!r}."
        )
    return rng


def nothing_to_attend_to(start: Start, query: int, length: int) -> ValueError:
    """Return the error for a query that finds nothing in its text to attend to.

    Parameters
    ----------
    start : Start
    query : int
        The query, in the numbering of the start.
    length : int
        The length of the text so far, prompt included.

    Returns
    -------
    ValueError

    Examples
    --------
    >>> print(nothing_to_attend_to(start_of([[0, 1], [1, 0]], [0]), query=0, length=1))
    P must let every query attend to something, but the text stops at length 1, prompt included:
    row 0 of P gives a positive probability to no token that has a weight there.
    """
    token = int(start.tokens[query])
    return ValueError(
        f"P must let every query attend to something, but the text stops at length {length}, "
        f"prompt included: row {token} of P gives a positive probability to no token that has a "
        "weight there."
    )


def _as_square(P: Any) -> NDArray[Any]:
    table = P if isinstance(P, np.ndarray) else as_real_array(P, "P")
    if table.ndim != 2 or table.shape[0] != table.shape[1] or table.size == 0:
        raise ValueError(
            f"P must be square with a row for every token, got an array of shape {table.shape}."
        )
    return table


def _checked_block(table: NDArray[Any], tokens: NDArray[np.int64]) -> Array:
    """Return the rows and columns of some tokens, after a check of the whole rows."""
    at_once = max(1, ENTRIES_AT_ONCE // len(table))
    every = np.arange(len(table))
    parts = []
    for first in range(0, len(tokens), at_once):
        chosen = tokens[first : first + at_once]
        rows = as_real_array(table[chosen], "P", finite=False)
        _refuse_bad_entries(rows, chosen, every)
        _refuse_bad_sums(rows, chosen)
        parts.append(rows[:, tokens])
    return np.concatenate(parts)


def _block_from(P: Callable[[NDArray[np.int64]], ArrayLike], tokens: NDArray[np.int64]) -> Array:
    block = as_real_array(P(tokens.copy()), "what P returns", ndim=2, finite=False)
    if block.shape != (len(tokens), len(tokens)):
        raise ValueError(
            f"what P returns must have a row and a column for each of the {len(tokens)} tokens, "
            f"got the shape {block.shape}."
        )
    _refuse_bad_entries(block, tokens, tokens)
    return block


def _refuse_bad_entries(rows: Array, queries: NDArray[np.int64], tokens: NDArray[np.int64]) -> None:
    is_bad = ~(np.isfinite(rows) & (rows >= 0))
    if is_bad.any():
        row, column = np.argwhere(is_bad)[0]
        raise ValueError(
            "P must hold finite numbers, none of them negative, got "
            f"P[{queries[row]}, {tokens[column]}] = {rows[row, column]}."
        )


def _refuse_bad_sums(rows: Array, queries: NDArray[np.int64]) -> None:
    with np.errstate(over="ignore"):
        total = rows.sum(axis=1)
    is_bad = np.abs(total - 1) > ROW_SUM_TOLERANCE
    if is_bad.any():
        row = int(is_bad.argmax())
        raise ValueError(
            f"every row of P must sum to 1, got row {queries[row]} with the sum {total[row]}."
        )
