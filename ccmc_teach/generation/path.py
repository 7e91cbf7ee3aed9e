"""One path, token by token: read a past position, and accept it or look again.

The next token is j with a probability proportional to ``P[q, j]`` times the count of j.
A position drawn evenly from the text holds j with a probability proportional to that count.
So the token of a position drawn evenly, accepted with the probability ``P[q, j] / max_i P[q, i]``,
follows the law exactly, at a cost that depends neither on K nor on the length of the text.
Where positions have weights, the position is drawn in proportion to them.

Numpy draws a **block** of such proposals at once, for a text that still grows while they are used:
a proposal that points past the end of the text is refused, which leaves the others even.

Where rows are very unequal nearly every proposal is refused.
Then the next tokens are drawn from the law itself, from running counts at a cost of K a token.
What was refused says nothing about the token that comes, so the law of the text stays exact.
Decoding rules need the law in any case and always go that way.
"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import as_whole_number
from ccmc_teach.decoding import Rule
from ccmc_teach.generation.memory import Memory, Tally, memory_of
from ccmc_teach.generation.progress import Progress, interruptible, reporting
from ccmc_teach.generation.rule import as_rule
from ccmc_teach.generation.start import (
    Array,
    Base,
    Start,
    as_generator,
    nothing_to_attend_to,
    start_of,
)

__all__ = ["Writer", "simulate"]

SMALLEST_BLOCK = 64
LARGEST_BLOCK = 1 << 16
# A block that accepts fewer of its proposals is followed by draws from the law itself.
LEAST_ACCEPTANCE = 1 / 40
# With decoding rules: tokens from one report of progress to the next.
TOKENS_BY_LAW = 1024


def simulate(
    P: Base,
    prompt: ArrayLike,
    T: int,
    rng: np.random.Generator,
    *,
    positions: str = "uniform",
    rules: Rule | None = None,
    progress: Progress = None,
    **parameters: Any,
) -> NDArray[np.int64]:
    """Continue a prompt by T tokens of the context-conditioned Markov chain.

    This sampler is for texts that are wanted token by token, in every regime, with any position
    weights and any decoding rules.
    Its cost a token depends neither on K nor on the length of the text; with rules it is K.
    With rules and the position weights ``power`` it is the length of the text.

    Parameters
    ----------
    P : array of shape (K, K), or callable
        Base transition matrix, one probability law a row.
        Only rows and columns of tokens in the prompt are used and only these rows are checked,
        so a large matrix may stay on disk (``np.load(..., mmap_mode="r")``).
        A callable spares the matrix altogether: it gets the different tokens of the prompt, of
        shape (k,) and in rising order, and returns their rows and columns, of shape (k, k).
        Each row may carry a positive factor, which changes nothing:
        ``lambda tokens: attention.transition_matrix(W, E[tokens])`` will do.
    prompt : sequence of L tokens
        The tokens to start from, at least one.
    T : int
        How many tokens to generate.
    rng : numpy.random.Generator
        The only source of randomness.
    positions : str
        Kind of position weights, as in :func:`ccmc_teach.positions.weights`.
    rules : Rule, optional
        Decoding rules from :func:`ccmc_teach.decoding.rules`.
        They act on the law of the next token and see the plain counts of the text so far.
    progress : None, bool or callable
        ``True`` draws a bar where tqdm is installed; a callable is called as
        ``progress(done, total)`` from time to time.
    **parameters
        What the kind of position weights takes.
        A ``table`` of absolute weights must be as long as the text gets, L + T.

    Returns
    -------
    ndarray of shape (L + T,), int64
        The prompt, then the generated tokens.

    Raises
    ------
    ValueError
        If an argument is not as above, or if a query can attend to nothing.
    Interrupted
        If it is stopped by hand; ``partial`` holds the text as far as it got, prompt first.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> text = simulate([[0.6, 0.4], [0.4, 0.6]], prompt=[0, 1], T=1000, rng=rng)
    >>> len(text), text[:2]
    (1002, array([0, 1]))
    """
    start = start_of(P, prompt)
    steps = as_whole_number(T, "T", least=0)
    memory = memory_of(positions, len(start.prompt), steps, parameters)
    writer = Writer(start, memory, as_rule(rules))
    generator = as_generator(rng)
    with interruptible(lambda: writer.so_far(steps)), reporting(progress, steps) as report:
        while writer.written < steps:
            writer.write(steps - writer.written, generator)
            report(writer.written)
    return writer.text()


class Writer:
    """A text that is written block by block.

    Parameters
    ----------
    start : Start
        Where the text begins.
    memory : Memory
        The position weights.
    rule : Rule or None
        The decoding rules.
    """

    def __init__(self, start: Start, memory: Memory, rule: Rule | None = None) -> None:
        self.start = start
        self._memory = memory
        self._rule = rule
        # The smallest type that holds the tokens: long texts are bound by memory.
        code = np.min_scalar_type(start.k - 1).char
        self.history = array(code)
        self.append(start.prompt)
        self._rows = _Rows(start.base)
        self._best = start.base.max(axis=0)
        self._propose = memory.proposals()
        self._tally = memory.tally(start.prompt, start.k) if rule else None

    @property
    def written(self) -> int:
        """Return how many tokens follow the prompt."""
        return len(self.history) - len(self.start.prompt)

    @property
    def is_plain(self) -> bool:
        """Return whether there are neither position weights nor decoding rules."""
        return self._memory.is_uniform and self._rule is None

    def text(self) -> NDArray[np.int64]:
        """Return prompt and text in the tokens of the prompt, of shape (L + written,)."""
        text: NDArray[np.int64] = self.start.tokens[self.numbers()]
        return text

    def numbers(self, first: int = 0) -> NDArray[Any]:
        """Return a copy of the history from a given place on."""
        numbers: NDArray[Any] = np.frombuffer(self.history, self.history.typecode)[first:].copy()
        return numbers

    def append(self, numbers: NDArray[np.int64]) -> None:
        """Append tokens that were drawn elsewhere, to a text without decoding rules."""
        self.history.frombytes(numbers.astype(self.history.typecode).tobytes())

    def so_far(self, asked: int) -> tuple[str, NDArray[np.int64]]:
        """Return what an interruption keeps, in words and as the text."""
        return f"{self.written} of {asked} tokens", self.text()

    def write(self, most: int, rng: np.random.Generator) -> None:
        """Append a block of tokens, at least one and not more than ``most``."""
        n = len(self.history)
        if self._tally is not None:
            self._draw_from_the_law(self._tally, min(most, TOKENS_BY_LAW), rng)
            return
        block = min(n // 8, 4 * most, LARGEST_BLOCK) + SMALLEST_BLOCK
        if self._memory.is_uniform:
            self._look_back_evenly(block, rng)
        else:
            self._look_back(block, rng)
        gained = len(self.history) - n
        if gained < block * LEAST_ACCEPTANCE and gained < most:
            tally = self._memory.tally(self.numbers(), self.start.k)
            self._draw_from_the_law(tally, min(block // 4, most - gained), rng)
        # Which tokens are cut does not depend on what they are, so this changes no law.
        del self.history[n + most :]

    def _look_back(self, block: int, rng: np.random.Generator) -> None:
        """Use up a block of proposals of any kind of position weights."""
        history, rows, n = self.history, self._rows, len(self.history)
        needed, where = self._propose(n, block, rng)
        row = rows[history[-1]]
        for least, place, u in zip(
            needed.tolist(), where.tolist(), rng.random(block).tolist(), strict=True
        ):
            if least < n:
                j = history[place]
                if u < row[j]:
                    history.append(j)
                    n += 1
                    row = rows[j]

    def _look_back_evenly(self, block: int, rng: np.random.Generator) -> None:
        """Do the same for positions of equal weights, with most of the work in numpy."""
        n = len(self.history)
        where = rng.integers(n + block, size=block)
        uniforms = rng.random(block)
        found = self._tokens_at(where)
        # No row accepts a token more readily than the best one does.
        hopeful = (found < 0) | (uniforms < self._best[np.maximum(found, 0)])
        row, rows = self._rows[self.history[-1]], self._rows
        new: list[int] = []
        for j, u in zip(found[hopeful].tolist(), uniforms[hopeful].tolist(), strict=True):
            if j < 0:
                if ~j >= len(new):
                    continue
                j = new[~j]
            if u < row[j]:
                new.append(j)
                row = rows[j]
        self.history.fromlist(new)

    def _tokens_at(self, where: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the tokens at some positions, and -1 - i for the i-th one not yet written."""
        n = len(self.history)
        history = np.frombuffer(self.history, self.history.typecode)
        return np.where(where < n, history[np.minimum(where, n - 1)], n - 1 - where)

    def _draw_from_the_law(self, tally: Tally, size: int, rng: np.random.Generator) -> None:
        """Draw tokens by inversion of the law, at a cost of k each."""
        query = self.history[-1]
        for u in rng.random(size).tolist():
            weights = tally.weighted() * self.start.base[query]
            cumulative = weights.cumsum()
            if not cumulative[-1] > 0:
                raise nothing_to_attend_to(self.start, query, tally.n)
            if self._rule is not None:
                cumulative = self._rule.apply(weights / cumulative[-1], tally.counts).cumsum()
            query = int(cumulative.searchsorted(u * cumulative[-1], side="right"))
            self.history.append(query)
            tally.add(query)


class _Rows(dict[int, list[float]]):
    """Rows of the base as lists, which Python reads fast, each made when it is first used."""

    def __init__(self, base: Array) -> None:
        super().__init__()
        self._base = base

    def __missing__(self, query: int) -> list[float]:
        row: list[float] = self._base[query].tolist()
        self[query] = row
        return row
