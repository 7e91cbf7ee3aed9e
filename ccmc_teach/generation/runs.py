"""One path, run by run: as many tokens as one likes, at a cost for each *switch* alone.

A **run** is a stretch of equal tokens, and a **switch** goes from one token to another.
While the query stays i only the count of i grows, so the chance to stay for s more tokens is

    product over r = 0 .. s - 1 of  (m_i + r) / (m_i + r + c),
    c = sum of m_j P[i, j] over the other tokens j, divided by P[i, i].

This is what a coin gives whose chance p of leaving was itself drawn from Beta(c, m_i):
draw p, then the number of stays from the geometric law of p, and the run is there in one step.
The token after it is j with odds ``m_j P[i, j]``.
So the law of the text is exact, and no token is ever drawn one by one.

Where one token wins, the number of switches up to time t grows like t to a power below 1, and
thousands of switches make a text of a billion tokens.
Where tokens live side by side it grows in proportion to t, and to go token by token, as
:func:`ccmc_teach.generation.simulate` does, is the better way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor, isfinite, log1p
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import as_real_array, as_whole_number
from ccmc_teach.generation.progress import Progress, interruptible, reporting
from ccmc_teach.generation.start import (
    Array,
    Base,
    Start,
    as_generator,
    nothing_to_attend_to,
    start_of,
)

__all__ = ["MOST_TOKENS", "Runs", "Trail", "draw_runs", "merged", "simulate_runs"]

Integers = NDArray[np.int64]

# Whole numbers up to 2**53 are exact in float64, in which counts are kept.
MOST_TOKENS = 10**15

# From one report of progress to the next.
SWITCHES_AT_ONCE = 1000


def simulate_runs(
    P: Base,
    prompt: ArrayLike,
    T: int,
    rng: np.random.Generator,
    *,
    max_switches: int = 300_000,
    progress: Progress = None,
) -> Runs:
    """Continue a prompt by T tokens, as runs: exact, at a cost for each switch.

    This sampler is for very long texts in which one token wins, such as the billion tokens that
    show a slow growth exponent.
    It takes neither position weights nor decoding rules.
    With position weights the older tokens of a run fade, so more changes than one count.
    With rules the odds of staying are no longer a ratio of counts.
    Either way the length of a run has no such simple law, and
    :func:`ccmc_teach.generation.simulate` is the way.
    The attention temperature acts on P alone and is no such rule.

    Parameters
    ----------
    P : array of shape (K, K), or callable
        As in :func:`ccmc_teach.generation.simulate`.
        For a callable K is the largest token of the prompt plus 1.
    prompt : sequence of L tokens
        The tokens to start from, at least one.
    T : int
        How many tokens to generate, at most 10**15.
    rng : numpy.random.Generator
        The only source of randomness.
    max_switches : int
        Where to stop if T is not reached by then: the text ends with the token of that switch.
    progress : None, bool or callable
        ``True`` draws a bar where tqdm is installed; a callable is called as
        ``progress(done, total)`` from time to time.

    Returns
    -------
    Runs
        Its ``note`` says so where the switches ran out.

    Raises
    ------
    ValueError
        If an argument is not as above, or if a query can attend to nothing.
    Interrupted
        If it is stopped by hand; ``partial`` holds the runs as far as they got.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> runs = simulate_runs([[0.7, 0.3], [0.7, 0.3]], prompt=[0, 1], T=10**9, rng=rng)
    >>> runs.reached
    1000000000
    >>> runs.counts_at([0]).tolist(), bool(runs.shares_at([10**9])[0, 0] > 0.99)
    ([[1.0, 1.0]], True)
    """
    start = start_of(P, prompt)
    steps = as_whole_number(T, "T", least=0, most=MOST_TOKENS)
    left = as_whole_number(max_switches, "max_switches", least=0, most=MOST_TOKENS)
    trail = Trail(start, steps)
    generator = as_generator(rng)
    with interruptible(trail.so_far), reporting(progress, steps) as report:
        while trail.reached < steps and left:
            batch = min(left, SWITCHES_AT_ONCE)
            trail.extend(*draw_runs(start, trail.m, trail.query, trail.left, batch, generator))
            left -= batch
            report(trail.reached)
    stopped = f"max_switches = {max_switches} switches were used up"
    return trail.runs("" if trail.reached == steps else stopped)


def draw_runs(
    start: Start, m: Array, query: int, T: int, switches: int, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Draw the next runs of a text, up to T tokens or a number of switches.

    Parameters
    ----------
    start : Start
    m : ndarray of shape (k,)
        Counts of the text so far; they are copied.
    query : int
        Its last token, in the numbering of the start.
    T : int
        How many tokens to draw at most.
    switches : int
        How many switches to draw at most.

    Returns
    -------
    tokens, lengths : ndarray of shape (pieces,), int64
        Pieces of runs, of one token and a length each; neighbours may hold the same token.
        Unless all T tokens are drawn the last piece is the single token of the last switch.
        Nothing beyond it is decided, so the text can be continued from there by any sampler.

    Examples
    --------
    >>> start = start_of([[0.5, 0.5], [1.0, 0.0]], [0, 1])
    >>> tokens, lengths = draw_runs(start, start.counts(), 1, 5, 9, np.random.default_rng(1))
    >>> int(tokens[0]), int(lengths.sum())
    (0, 5)
    """
    m, left = m.copy(), T
    pieces = []
    for _ in range(switches):
        weights = m * start.base[query]
        own, weights[query] = float(weights[query]), 0
        cumulative = weights.cumsum()
        others = float(cumulative[-1])
        if own == others == 0:
            raise nothing_to_attend_to(start, query, int(m.sum()))
        stay = _stay(own, others, float(m[query]), left, rng)
        if stay:
            m[query] += stay
            left -= stay
            pieces.append((query, stay))
        if not left:
            break
        query = int(cumulative.searchsorted(rng.random() * others, side="right"))
        m[query] += 1
        left -= 1
        pieces.append((query, 1))
    table = np.array(pieces, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _stay(own: float, others: float, count: float, most: int, rng: np.random.Generator) -> int:
    """Draw how many more tokens equal the query, at most ``most``."""
    if own == 0:
        return 0
    if others == 0:
        return most
    c = others / own * count
    leaving = rng.beta(c, count) if isfinite(c) else 1.0
    if leaving == 1:
        return 0
    # The geometric law is the whole part of an exponential one; a chance of leaving of 0, which
    # is what float64 makes of less than 1e-308, leaves after more than T tokens.
    stays = rng.standard_exponential()
    rate = -log1p(-leaving)
    return floor(stays / rate) if stays < rate * most else most


def merged(tokens: Integers, lengths: Integers) -> tuple[Integers, Integers]:
    """Return pieces of runs as runs: neighbours that hold the same token become one.

    Parameters
    ----------
    tokens, lengths : ndarray of shape (pieces,), int64

    Returns
    -------
    tokens, lengths : ndarray of shape (runs,), int64

    Examples
    --------
    >>> merged(np.array([4, 4, 1]), np.array([1, 2, 5]))
    (array([4, 1]), array([3, 5]))
    """
    if len(tokens) == 0:
        return tokens.copy(), lengths.copy()
    first = np.flatnonzero(np.concatenate([[True], tokens[1:] != tokens[:-1]]))
    return tokens[first], np.add.reduceat(lengths, first)


class Trail:
    """A text that grows by pieces of runs, with its counts and its query.

    Parameters
    ----------
    start : Start
        Where the text begins.
    asked : int
        How many tokens are wanted.
    """

    def __init__(self, start: Start, asked: int) -> None:
        self.start = start
        self.asked = asked
        self.pieces: list[tuple[Integers, Integers]] = []
        self.m = start.counts()
        self.query = int(start.prompt[-1])
        self.reached = 0

    @property
    def left(self) -> int:
        """Return how many tokens are still to come."""
        return self.asked - self.reached

    def extend(self, tokens: Integers, lengths: Integers) -> None:
        """Append pieces of runs."""
        self.pieces.append((tokens, lengths))
        self.m += np.bincount(tokens, lengths, minlength=self.start.k)
        self.query = int(tokens[-1])
        self.reached += int(lengths.sum())

    def runs(self, stopped: str = "") -> Runs:
        """Return all pieces as runs of the prompt's tokens."""
        nothing = np.zeros(0, np.int64)
        tokens, lengths = zip((nothing, nothing), *self.pieces, strict=True)
        start = self.start
        of, long = merged(np.concatenate(tokens), np.concatenate(lengths))
        note = f"Stopped after {int(long.sum())} of {self.asked} tokens: {stopped}."
        return Runs(
            start.tokens[of],
            long,
            prompt_counts=start.widened(start.counts(), axis=0),
            query=int(start.tokens[start.prompt[-1]]),
            asked=self.asked,
            note=note if stopped else "",
        )

    def so_far(self) -> tuple[str, Runs]:
        """Return what an interruption keeps, in words and as runs."""
        runs = self.runs("it was stopped by hand")
        return f"{runs.reached} of {self.asked} tokens", runs


class Runs(Sequence[tuple[int, int]]):
    """A generated text as runs: a sequence of ``(token, length)`` that cannot be changed.

    Every length is 1 or more, neighbouring runs hold different tokens, and the lengths add up to
    ``reached``.
    The prompt is no part of the runs, but counts and shares include it.

    Attributes
    ----------
    tokens, lengths : ndarray of shape (runs,), int64, read-only
        The runs as two columns.
    prompt_counts : ndarray of shape (K,), float64, read-only
        The counts of the prompt.
    query : int
        The last token of the prompt.
    asked : int
        How many tokens were asked for.
    reached : int
        How many tokens there are: all that were asked for, unless a cap fell before.
    note : str
        Where and why it stopped, in a sentence; empty where all tokens were reached.

    Examples
    --------
    >>> runs = Runs([1, 0], [2, 3], prompt_counts=[1, 1], query=1, asked=5)
    >>> runs
    Runs(5 of 5 tokens, switches=1)
    >>> list(runs)
    [(1, 2), (0, 3)]
    >>> runs.counts_at([0, 2, 4])
    array([[1., 1.],
           [1., 3.],
           [3., 3.]])
    >>> runs.text(3)
    array([1, 1, 0])
    """

    __slots__ = ("asked", "lengths", "note", "prompt_counts", "query", "reached", "tokens")

    tokens: Integers
    lengths: Integers
    prompt_counts: Array
    query: int
    asked: int
    reached: int
    note: str

    def __init__(
        self,
        tokens: ArrayLike,
        lengths: ArrayLike,
        *,
        prompt_counts: ArrayLike,
        query: int,
        asked: int,
        note: str = "",
    ) -> None:
        columns = {
            "tokens": _as_column(tokens, "tokens"),
            "lengths": _as_column(lengths, "lengths"),
            "prompt_counts": as_real_array(prompt_counts, "prompt_counts", ndim=1),
        }
        for column in columns.values():
            column.flags.writeable = False
        reached = int(columns["lengths"].sum())
        rest = {"query": query, "asked": asked, "reached": reached, "note": note}
        for name, value in (columns | rest).items():
            object.__setattr__(self, name, value)
        self._refuse_bad_runs()

    def _refuse_bad_runs(self) -> None:
        K = len(self.prompt_counts)
        if len(self.tokens) != len(self.lengths):
            raise ValueError(
                f"lengths must hold one length for each of the {len(self.tokens)} runs, got "
                f"{len(self.lengths)}."
            )
        if ((self.tokens < 0) | (self.tokens >= K)).any():
            raise ValueError(
                f"tokens must lie from 0 to {K - 1}, the tokens of prompt_counts, got "
                f"{self.tokens.min()} to {self.tokens.max()}."
            )
        if (self.lengths < 1).any() or (self.tokens[1:] == self.tokens[:-1]).any():
            raise ValueError(
                "runs must have lengths of 1 or more and differ in token from their neighbours, "
                f"got {[*self][:6]}."
            )

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse every change."""
        raise AttributeError(f"Runs cannot be changed, so {name} cannot be set.")

    def __reduce__(self) -> tuple[Any, ...]:
        """Tell pickle how to make the same runs again."""
        return _remade, (
            (self.tokens, self.lengths, self.prompt_counts),
            (self.query, self.asked, self.note),
        )

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self.tokens)

    @overload
    def __getitem__(self, index: int) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple[int, int]]: ...
    def __getitem__(self, index: int | slice) -> tuple[int, int] | list[tuple[int, int]]:
        """Return one run, or a list of some of them."""
        if isinstance(index, slice):
            tokens, lengths = self.tokens[index].tolist(), self.lengths[index].tolist()
            return list(zip(tokens, lengths, strict=True))
        return int(self.tokens[index]), int(self.lengths[index])

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Go through the runs in Python's own whole numbers."""
        return iter(self[:])

    def __repr__(self) -> str:
        """Return how far the text got, and in how many switches."""
        return f"Runs({self.reached} of {self.asked} tokens, switches={self.switches})"

    @property
    def switches(self) -> int:
        """Return how often the token changes, from the prompt's last one on."""
        if len(self) == 0:
            return 0
        return len(self) - int(self.tokens[0] == self.query)

    def counts_at(self, times: ArrayLike) -> Array:
        """Return the counts after some numbers of generated tokens, prompt included.

        Parameters
        ----------
        times : sequence of whole numbers
            From 0 to ``reached``, in any order.

        Returns
        -------
        ndarray of shape (len(times), K), float64

        Raises
        ------
        ValueError
            If a time lies beyond what was reached.
        """
        moments = self._as_times(times)
        marks, line = np.unique(moments, return_inverse=True)
        ends = self.lengths.cumsum()
        # Runs are cut at the marks, so that every piece lies between two of them.
        cuts = np.unique(np.concatenate([ends, marks, [0]]))
        cuts = cuts[cuts <= (marks[-1] if len(marks) else 0)]
        tokens = self.tokens[ends.searchsorted(cuts[1:])]
        between = marks.searchsorted(cuts[1:])
        K = len(self.prompt_counts)
        cells = np.bincount(between * K + tokens, np.diff(cuts), minlength=len(marks) * K)
        counts: Array = self.prompt_counts + cells.reshape(-1, K).cumsum(axis=0)
        return counts[line]

    def shares_at(self, times: ArrayLike) -> Array:
        """Return the shares of the tokens after some numbers of generated tokens.

        Parameters
        ----------
        times : sequence of whole numbers
            From 0 to ``reached``, in any order.

        Returns
        -------
        ndarray of shape (len(times), K), float64
            Counts, prompt included, divided by their sum.

        Raises
        ------
        ValueError
            If a time lies beyond what was reached.
        """
        counts = self.counts_at(times)
        shares: Array = counts / counts.sum(axis=1, keepdims=True)
        return shares

    def text(self, length: int) -> Integers:
        """Return the first generated tokens one by one.

        Parameters
        ----------
        length : int
            How many, at most ``reached``.

        Returns
        -------
        ndarray of shape (length,), int64

        Raises
        ------
        ValueError
            If there are not so many.
        """
        end = as_whole_number(length, "length", least=0, most=self.reached)
        begin = self.lengths.cumsum() - self.lengths
        return np.repeat(self.tokens, np.clip(end - begin, 0, self.lengths))

    def _as_times(self, times: ArrayLike) -> Integers:
        moments = _as_column(times, "times")
        if len(moments) == 0:
            return moments
        if moments.min() < 0 or moments.max() > self.reached:
            raise ValueError(
                f"times must lie from 0 to {self.reached}, the number of tokens reached, got "
                f"{moments.min()} to {moments.max()}."
            )
        return moments


def _as_column(values: ArrayLike, name: str) -> Integers:
    """Return a copy of a flat sequence of whole numbers, which may be empty."""
    column = np.asarray(values)
    is_whole = column.size == 0 or column.dtype.kind in "iu"
    if column.ndim != 1 or not is_whole:
        raise ValueError(f"{name} must be a flat sequence of whole numbers, got {values!r}.")
    return column.astype(np.int64)


def _remade(columns: tuple[Any, ...], rest: tuple[Any, ...]) -> Runs:
    tokens, lengths, prompt_counts = columns
    query, asked, note = rest
    return Runs(tokens, lengths, prompt_counts=prompt_counts, query=query, asked=asked, note=note)
