"""Medians, quartiles and ratios of interleaved rounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

DIGITS = 3  # more would claim a precision that no run has


class Spread(NamedTuple):
    """Median and quartiles of what some rounds gave.

    Parameters
    ----------
    low, median, high : float
        The quartiles.
    largest : float
        The largest of all.
    """

    low: float
    median: float
    high: float
    largest: float


def spread(values: Sequence[float]) -> Spread:
    """Return the quartiles of some numbers and the largest of them.

    Parameters
    ----------
    values : sequence of float
        At least one number.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> spread([4.0, 1.0, 3.0, 2.0, 10.0])
    Spread(low=2.0, median=3.0, high=4.0, largest=10.0)
    """
    if not values:
        raise ValueError("values must hold at least one number, got none.")
    low, median, high = np.quantile(np.asarray(values, dtype=np.float64), [0.25, 0.5, 0.75])
    return Spread(float(low), float(median), float(high), float(max(values)))


def ratios(peer: Sequence[float], ours: Sequence[float]) -> list[float]:
    """Return the time of a peer over ours, round by round.

    What slows the machine down for a while slows both, so a ratio inside one round moves less
    than either time.

    Parameters
    ----------
    peer, ours : sequence of float
        Times of the same rounds, in the same unit.

    Raises
    ------
    ValueError
        If they do not have the same number of rounds.

    Examples
    --------
    >>> ratios([6.0, 8.0], ours=[2.0, 4.0])
    [3.0, 2.0]
    """
    if len(peer) != len(ours):
        raise ValueError(f"peer must have the {len(ours)} rounds of ours, got {len(peer)}.")
    return [theirs / own for theirs, own in zip(peer, ours, strict=True)]


def rounded(value: float, digits: int = DIGITS) -> float:
    """Return a number with that many digits that count.

    Parameters
    ----------
    value : float
        Any finite number.
    digits : int
        At least 1.

    Examples
    --------
    >>> rounded(1234.5), rounded(0.00012345)
    (1230.0, 0.000123)
    """
    return float(f"{value:.{digits}g}")
