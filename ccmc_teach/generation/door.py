"""The front door: one path by whichever way is cheaper at the moment.

Counts and last token decide the law of everything that follows, however they came about.
So a text may be continued by tokens or by runs, and the choice may rest on what was seen so far:
it changes what the text costs and nothing about its law.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import as_whole_number
from ccmc_teach.decoding import Rule
from ccmc_teach.generation.memory import memory_of
from ccmc_teach.generation.path import Writer
from ccmc_teach.generation.progress import Progress, interruptible, reporting
from ccmc_teach.generation.rule import as_rule
from ccmc_teach.generation.runs import (
    MOST_TOKENS,
    SWITCHES_AT_ONCE,
    Runs,
    Trail,
    draw_runs,
    merged,
)
from ccmc_teach.generation.start import Base, as_generator, start_of

__all__ = ["generate"]

Integers = NDArray[np.int64]

# A switch costs as much as some twenty tokens drawn one by one.
TOKENS_PER_SWITCH = 20

SMALLEST_CHUNK = 1000
LARGEST_CHUNK = 1_000_000


def generate(
    P: Base,
    prompt: ArrayLike,
    T: int,
    rng: np.random.Generator,
    *,
    positions: str = "uniform",
    rules: Rule | None = None,
    max_switches: int = 300_000,
    max_tokens: int = 10_000_000,
    progress: Progress = None,
    **parameters: Any,
) -> Runs:
    """Continue a prompt by T tokens in the cheapest exact way.

    This is the door for a reader who does not care which sampler draws the text.
    It begins token by token, goes over to runs where they are long, and comes back where they
    are not.
    Counts and last token decide the law of all that follows, so a choice that rests on what was
    seen so far leaves the text exact.
    With position weights or decoding rules it stays with tokens.

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
    positions, rules, **parameters
        As in :func:`ccmc_teach.generation.simulate`.
    max_switches : int
        How many switches are drawn as runs at most.
    max_tokens : int
        Up to which length of the text tokens are drawn one by one.
    progress : None, bool or callable
        ``True`` draws a bar where tqdm is installed; a callable is called as
        ``progress(done, total)`` from time to time.

    Returns
    -------
    Runs
        Its ``note`` says so where both limits kept the text from reaching T tokens.

    Raises
    ------
    ValueError
        If an argument is not as above, or if a query can attend to nothing.
    Interrupted
        If it is stopped by hand; ``partial`` holds the runs as far as they got.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> generate([[0.7, 0.3], [0.7, 0.3]], prompt=[0, 1], T=10**9, rng=rng).reached
    1000000000
    """
    start = start_of(P, prompt)
    steps = as_whole_number(T, "T", least=0, most=MOST_TOKENS)
    switches = as_whole_number(max_switches, "max_switches", least=0, most=MOST_TOKENS)
    most = as_whole_number(max_tokens, "max_tokens", least=0)
    singly = min(steps, most)
    writer = Writer(
        start, memory_of(positions, len(start.prompt), singly, parameters), as_rule(rules)
    )
    journey = _Journey(writer, steps, singly, switches if writer.is_plain else 0)
    generator = as_generator(rng)
    with interruptible(journey.trail.so_far), reporting(progress, steps) as report:
        while journey.advance(generator):
            report(journey.trail.reached)
    return journey.trail.runs(journey.stopped())


class _Journey:
    """A text on its way, and what it may still cost."""

    def __init__(self, writer: Writer, asked: int, singly: int, switches: int) -> None:
        self.trail = Trail(writer.start, asked)
        self._writer = writer
        self._singly = singly
        self._switches = switches
        self._mean_run = 0.0
        self._pieces_written = 0

    def advance(self, rng: np.random.Generator) -> bool:
        """Go on by one chunk of tokens or one batch of runs; return whether that was possible."""
        trail = self.trail
        may_go_singly = trail.reached < self._singly
        pays = self._mean_run >= TOKENS_PER_SWITCH or not may_go_singly
        if not trail.left:
            return False
        if self._switches and pays:
            tokens, lengths = self._runs(rng)
        elif may_go_singly:
            tokens, lengths = self._tokens(rng)
        else:
            return False
        self._mean_run = float(lengths.mean())
        trail.extend(tokens, lengths)
        return True

    def stopped(self) -> str:
        """Return why the text ends before all tokens are reached, or nothing if it does not."""
        if not self.trail.left:
            return ""
        if not self._writer.is_plain:
            return f"max_tokens = {self._singly} were drawn one by one"
        return (
            f"max_tokens = {self._singly} is the length up to which tokens are drawn one by one, "
            "and the switches of max_switches were used up"
        )

    def _runs(self, rng: np.random.Generator) -> tuple[Integers, Integers]:
        trail = self.trail
        batch = min(self._switches, SWITCHES_AT_ONCE)
        self._switches -= batch
        return merged(*draw_runs(trail.start, trail.m, trail.query, trail.left, batch, rng))

    def _tokens(self, rng: np.random.Generator) -> tuple[Integers, Integers]:
        trail, writer = self.trail, self._writer
        for tokens, lengths in trail.pieces[self._pieces_written :]:
            writer.append(np.repeat(tokens, lengths))
        first = len(writer.history)
        chunk = min(max(SMALLEST_CHUNK, trail.reached // 2), LARGEST_CHUNK)
        end = trail.reached + min(chunk, self._singly - trail.reached)
        while writer.written < end:
            writer.write(end - writer.written, rng)
        # The new piece stands in the history already.
        self._pieces_written = len(trail.pieces) + 1
        tokens = writer.numbers(first).astype(np.int64)
        return merged(tokens, np.ones_like(tokens))
