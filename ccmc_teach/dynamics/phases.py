"""The phases of a chain with two tokens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ccmc_teach.dynamics.flow import Array, as_positive_matrix

# Entries of P this close to one half lie on the border of two phases.
TOLERANCE = 1e-8


@dataclass(frozen=True, eq=False)
class Regime:
    """What a long text over two tokens does, if its prompt holds both.

    Attributes
    ----------
    phase : str
        ``"token 0 wins"``, ``"token 1 wins"``, ``"either wins"``, ``"coexistence"``,
        ``"Polya urn"`` or ``"border"``.
    winners : tuple of int
        The tokens that can win, that is, take a share that tends to 1; none where both stay.
    shares : ndarray of shape (2,) or None
        The limit of the shares where it is certain, and None where luck decides or nobody knows.
    exponent : tuple of float
        For each of the winners, the exponent with which the count of the other token then grows.
    meaning : str
        One sentence for the reader.

    Examples
    --------
    >>> regime([[0.7, 0.3], [0.6, 0.4]]).meaning
    'Token 0 takes over, whatever their counts, and the count of token 1 grows like t**0.429.'
    """

    phase: str
    winners: tuple[int, ...]
    shares: Array | None
    exponent: tuple[float, ...]
    meaning: str


def regime(P: ArrayLike) -> Regime:
    """Return the phase of a chain with two tokens: who wins, or whether both stay.

    Parameters
    ----------
    P : array of shape (2, 2)
        Base transition matrix with positive entries.

    Returns
    -------
    Regime
        Decided by ``a = P[0, 0]`` and ``b = P[1, 1]`` alone.
        A token can win if it is **self-dominant**, that is, if it follows itself more often than
        not; the values 1/2, within 1e-8, are the borders between the phases.

    Raises
    ------
    ValueError
        If P is not as above.

    Notes
    -----
    One half and one half is the classic Polya urn: the shares tend to a random limit.
    With only one of a and b at one half, the mean field is undecided at first order and
    very slow, and this function claims nothing.
    Where both stay, the share of token 0 tends to ``x / (x + y)`` with
    ``x = (1 - a) (1 - 2 b)`` and ``y = (1 - b) (1 - 2 a)``.

    Examples
    --------
    >>> regime([[0.3, 0.7], [0.6, 0.4]]).shares.round(3)
    array([0.368, 0.632])
    >>> regime([[0.8, 0.2], [0.4, 0.6]]).winners
    (0, 1)
    """
    base = as_positive_matrix(P)
    if len(base) != 2:
        raise ValueError(f"P must have 2 tokens for its phase, got {len(base)}.")
    excess = np.diag(base) - 0.5
    at_border = np.abs(excess) <= TOLERANCE
    if at_border.any():
        return _border(base, bool(at_border.all()))
    winners = tuple(np.flatnonzero(excess > 0).tolist())
    if not winners:
        return _coexistence(base)
    exponents = tuple(float(base[w, 1 - w] / base[w, w]) for w in winners)
    if len(winners) == 2:
        return _either_wins(exponents)
    return _one_wins(winners[0], exponents[0])


def _coexistence(P: Array) -> Regime:
    a, b = np.diag(P)
    # Every factor is positive here, and the other entries of P are 1 - a and 1 - b.
    pull = np.array([P[0, 1] * (P[1, 0] - b), P[1, 0] * (P[0, 1] - a)])
    shares = pull / pull.sum()
    shares.setflags(write=False)
    meaning = f"Both tokens stay, and the share of token 0 tends to {shares[0]:.3g}."
    return Regime("coexistence", (), shares, (), meaning)


def _one_wins(winner: int, exponent: float) -> Regime:
    meaning = (
        f"Token {winner} takes over, whatever their counts, and the count of token {1 - winner} "
        f"grows like t**{exponent:.3g}."
    )
    shares = np.eye(2)[winner]
    shares.setflags(write=False)
    return Regime(f"token {winner} wins", (winner,), shares, (exponent,), meaning)


def _either_wins(exponents: tuple[float, ...]) -> Regime:
    meaning = (
        "One token takes over, prompt and early luck decide which, and the count of the other "
        f"grows like t**{exponents[0]:.3g} if token 0 wins and like t**{exponents[1]:.3g} if "
        "token 1 wins."
    )
    return Regime("either wins", (0, 1), None, exponents, meaning)


def _border(P: Array, is_urn: bool) -> Regime:
    if is_urn:
        meaning = "Both tokens stay, with shares that tend to a limit drawn by chance."
        return Regime("Polya urn", (), None, (), meaning)
    meaning = (
        f"P[0, 0] = {P[0, 0]:.3g} and P[1, 1] = {P[1, 1]:.3g} lie on the border between two "
        "phases, where the first order decides nothing and all is slow."
    )
    return Regime("border", (), None, (), meaning)
