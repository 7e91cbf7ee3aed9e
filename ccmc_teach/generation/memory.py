"""Position weights as samplers use them: where to look next, and sums that are kept up to date.

A sampler that reads a past position and accepts or refuses it needs **proposals**: positions drawn
in proportion to their weights.
A sampler that inverts the law needs a **tally**: the weighted counts of the text, brought up to
date token by token, of one text or of many side by side.

:mod:`ccmc_teach.positions` defines the weights; here they are only put to use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ccmc_teach import positions
from ccmc_teach.generation.start import Array

__all__ = ["Memory", "Proposals", "Tally", "memory_of"]

Integers = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Memory:
    """A kind of position weights, for texts up to a given length.

    Attributes
    ----------
    kind : str
        The kind, as :func:`ccmc_teach.positions.weights` names it.
    end : int
        The length of the longest text, prompt included.
    parameters : dict
        What the kind takes.
    """

    kind: str
    end: int
    parameters: dict[str, Any]

    @property
    def is_uniform(self) -> bool:
        """Return whether weighted counts are plain counts."""
        return self.kind == "uniform"

    @property
    def is_tallied(self) -> bool:
        """Return whether weighted counts can be brought up to date without the whole text."""
        return self.kind != "power"

    def table(self) -> Array:
        """Return the weights of a text of full length, the first position first."""
        return positions.weights(self.kind, self.end, **self.parameters)

    def proposals(self) -> Proposals:
        """Return what draws past positions in proportion to their weights."""
        if self.kind == "uniform":
            return _EvenProposals()
        if self.kind == "sink":
            return _SinkProposals(self.parameters["mass"], self.parameters.get("first", 1))
        if self.kind == "absolute":
            return _PlaceProposals(self.table())
        return _AgeProposals(self.table()[::-1])

    def tally(self, history: Integers, k: int, paths: int | None = None) -> Tally:
        """Return the weighted counts of a text, to be kept up to date.

        Parameters
        ----------
        history : ndarray of shape (n,)
            The text so far, in numbers from 0 to k - 1.
        k : int
            How many different tokens there are.
        paths : int, optional
            How many texts go on from here side by side; without it one text does.

        Returns
        -------
        Tally
        """
        return _TALLIES[self.kind](self, history, k, paths)


def memory_of(kind: str, L: int, T: int, parameters: dict[str, Any]) -> Memory:
    """Check a kind of position weights for a prompt of length L and T more tokens.

    Parameters
    ----------
    kind : str
        As in :func:`ccmc_teach.positions.weights`.
    L, T : int
        Length of the prompt, number of tokens to come.
    parameters : dict
        What the kind takes.

    Returns
    -------
    Memory

    Raises
    ------
    ValueError
        If the kind or its parameters are refused by :func:`ccmc_teach.positions.weights`, or if
        a table of absolute weights is shorter than the text gets or has a 0 where a query stands.

    Examples
    --------
    >>> memory_of("window", 3, 100, {"size": 8}).end
    103
    """
    positions.weights(kind, L, **parameters)
    memory = Memory(kind, L + T, parameters)
    if kind == "absolute":
        table = memory.table()
        is_zero = table[L - 1 :] == 0
        if is_zero.any():
            raise ValueError(
                "table must be positive wherever the text may end, got 0 at position "
                f"{L - 1 + int(is_zero.argmax())} for a prompt of length {L} and {T} more tokens."
            )
        memory = Memory(kind, L + T, {"table": table})
    return memory


# Proposals.


class Proposals(Protocol):
    """Draws past positions in proportion to their weights.

    The text grows while a batch of proposals is used up, so each comes as two numbers:
    the proposal holds once the text is longer than ``needed`` and is refused before, and
    ``where`` is then the place of the token, counted from the end of the text if negative.
    What is not refused follows the weights of the text as long as it is at that moment.
    """

    def __call__(self, n: int, size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        """Return ``needed`` and ``where`` of a batch, drawn when the text has length n."""
        ...


class _EvenProposals:
    def __call__(self, n: int, size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        needed = rng.integers(n + size, size=size)
        return needed, needed


class _SinkProposals:
    """An even proposal turns into one of the first positions with the probability ``mass``.

    It is refused or not before it turns, so the sinks get their share of what is not refused.
    """

    def __init__(self, mass: float, first: int) -> None:
        self.mass, self.first = float(mass), int(first)

    def __call__(self, n: int, size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        needed = rng.integers(n + size, size=size)
        sinks = rng.integers(self.first, size=size)
        return needed, np.where(rng.random(size) < self.mass, sinks, needed)


class _PlaceProposals:
    """Weights that stay with their positions."""

    def __init__(self, weights: Array) -> None:
        self.cumulative = weights.cumsum()

    def __call__(self, n: int, size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        needed = _inverted(self.cumulative[: n + size], size, rng)
        return needed, needed


class _AgeProposals:
    """Weights that depend on the age of a position alone."""

    def __init__(self, weights: Array) -> None:
        cumulative = weights.cumsum()
        # Ages that add nothing to the sum are never drawn.
        self.cumulative = cumulative[: int(cumulative.searchsorted(cumulative[-1])) + 1].copy()

    def __call__(self, n: int, size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
        age = _inverted(self.cumulative[: n + size], size, rng)
        return age, -1 - age


def _inverted(cumulative: Array, size: int, rng: np.random.Generator) -> NDArray[np.intp]:
    place: NDArray[np.intp] = cumulative.searchsorted(
        rng.random(size) * cumulative[-1], side="right"
    )
    return place


# Tallies.


class Tally:
    """Plain counts of one text, of shape (k,), or of many side by side, of shape (k, paths).

    Attributes
    ----------
    counts : ndarray of shape (k,) or (k, paths), float64
        How often each token stands in the text.
    n : int
        The length of the text.
    """

    def __init__(self, memory: Memory, history: Integers, k: int, paths: int | None) -> None:
        self.n = len(history)
        self._paths = paths
        # Cell of token q of path r in the flat array: q * paths + r.
        self._stride = 1 if paths is None else paths
        self._offset: Any = 0 if paths is None else np.arange(paths)
        self.counts = self._side_by_side(np.bincount(history, minlength=k).astype(np.float64))
        self._flat = self.counts.reshape(-1)

    def weighted(self) -> Array:
        """Return the weighted counts of the text as it is now; not to be changed."""
        return self.counts

    def add(self, token: Any) -> None:
        """Append a token to the text, or one to each of the texts."""
        self._flat[self._cell(token)] += 1
        self.n += 1

    def _cell(self, token: Any) -> Any:
        return token * self._stride + self._offset

    def _side_by_side(self, column: Array) -> Array:
        if self._paths is None:
            return column.copy()
        return np.repeat(column[:, np.newaxis], self._paths, axis=1)


class _WeightedTally(Tally):
    """A tally that keeps weighted sums beside the counts."""

    def __init__(self, memory: Memory, history: Integers, k: int, paths: int | None) -> None:
        super().__init__(memory, history, k, paths)
        weights = positions.weights(memory.kind, self.n, **memory.parameters)
        sums: Array = np.bincount(history, weights, minlength=k).astype(np.float64)
        self.sums = self._side_by_side(sums)
        self._flat_sums = self.sums.reshape(-1)

    def weighted(self) -> Array:
        return self.sums


class _AbsoluteTally(_WeightedTally):
    def __init__(self, memory: Memory, history: Integers, k: int, paths: int | None) -> None:
        super().__init__(memory, history, k, paths)
        self._table = memory.table()

    def add(self, token: Any) -> None:
        self._flat_sums[self._cell(token)] += self._table[self.n]
        super().add(token)


class _ExponentialTally(_WeightedTally):
    def __init__(self, memory: Memory, history: Integers, k: int, paths: int | None) -> None:
        super().__init__(memory, history, k, paths)
        self._decay = positions.weights("exponential", 2, **memory.parameters)[0]

    def add(self, token: Any) -> None:
        self.sums *= self._decay
        self._flat_sums[self._cell(token)] += 1
        super().add(token)


class _WindowTally(_WeightedTally):
    """The tokens of the window stand in a ring: the new one takes the place of the oldest."""

    def __init__(self, memory: Memory, history: Integers, k: int, paths: int | None) -> None:
        super().__init__(memory, history, k, paths)
        self._size = min(int(memory.parameters["size"]), memory.end)
        shape = (self._size,) if paths is None else (self._size, paths)
        self._ring = np.zeros(shape, np.min_scalar_type(k - 1))
        recent = np.arange(max(0, self.n - self._size), self.n)
        tokens = history[recent] if paths is None else history[recent][:, np.newaxis]
        self._ring[recent % self._size] = tokens

    def add(self, token: Any) -> None:
        slot = self.n % self._size
        if self.n >= self._size:
            leaving = self._ring[slot].astype(np.intp)
            self._flat_sums[self._cell(leaving)] -= 1
        self._ring[slot] = token
        self._flat_sums[self._cell(token)] += 1
        super().add(token)


class _SinkTally(Tally):
    def __init__(self, memory: Memory, history: Integers, k: int, paths: int | None) -> None:
        super().__init__(memory, history, k, paths)
        self._mass = float(memory.parameters["mass"])
        self._first = int(memory.parameters.get("first", 1))
        sinks = np.bincount(history[: self._first], minlength=k).astype(np.float64)
        self._sinks = sinks if paths is None else sinks[:, np.newaxis]

    def weighted(self) -> Array:
        share = self._mass * self.n / self._first
        return (1 - self._mass) * self.counts + share * self._sinks


class _PowerTally(Tally):
    """No sum can be kept up to date, so the whole text is kept and read again at every step."""

    def __init__(self, memory: Memory, history: Integers, k: int, paths: int | None) -> None:
        super().__init__(memory, history, k, paths)
        self._by_age = memory.table()
        self._text = np.empty(memory.end, history.dtype)
        self._text[: self.n] = history

    def weighted(self) -> Array:
        weights = self._by_age[len(self._by_age) - self.n :]
        k = len(self.counts)
        return np.bincount(self._text[: self.n], weights, minlength=k).astype(np.float64)

    def add(self, token: Any) -> None:
        self._text[self.n] = token
        super().add(token)


_TALLIES: dict[str, type[Tally]] = {
    "uniform": Tally,
    "absolute": _AbsoluteTally,
    "exponential": _ExponentialTally,
    "window": _WindowTally,
    "power": _PowerTally,
    "sink": _SinkTally,
}
