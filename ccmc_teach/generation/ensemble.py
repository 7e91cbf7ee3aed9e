"""Many paths side by side: counts at chosen times, nothing else is kept.

The counts of R paths stand in an array of shape (K, R): a row for each token.
One step of all paths at once is a handful of operations on whole rows:
take row q of P for every path, multiply it by the counts, add up along the tokens, draw one number
a path and compare.

The paths are split into blocks of a fixed number, each with a generator of its own.
So the numbers depend neither on the executor nor on the number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import as_whole_number
from ccmc_teach.decoding import Rule
from ccmc_teach.generation.memory import Memory, memory_of
from ccmc_teach.generation.progress import (
    Interrupted,
    Progress,
    interruptible,
    message,
    reporting,
)
from ccmc_teach.generation.rule import as_rule
from ccmc_teach.generation.start import Array, Base, Start, nothing_to_attend_to, start_of
from ccmc_teach.generation.sweep import sweep

__all__ = ["as_times", "simulate_many"]

# The working arrays of a block then fit into the cache of a processor for small K.
PATHS_AT_ONCE = 10_000

# From one report of progress to the next.
STEPS_AT_ONCE = 256


def simulate_many(
    P: Base,
    prompt: ArrayLike,
    times: Sequence[int] | NDArray[np.integer[Any]],
    R: int,
    rng: np.random.Generator,
    *,
    positions: str = "uniform",
    rules: Rule | None = None,
    executor: Executor | None = None,
    progress: Progress = None,
    **parameters: Any,
) -> Array:
    """Continue one prompt R times, independently, and return the counts at chosen times.

    This sampler is for ensembles in every regime: its cost a step and path is K, but a small one.

    Parameters
    ----------
    P : array of shape (K, K), or callable
        As in :func:`ccmc_teach.generation.simulate`.
        For a callable K is the largest token of the prompt plus 1.
    prompt : sequence of L tokens
        The tokens to start from, at least one.
    times : sequence of whole numbers
        When to look: numbers of generated tokens, each larger than the one before; 0 will do.
    R : int
        How many paths to generate.
    rng : numpy.random.Generator
        Where the generators of the blocks of paths are spawned from.
    positions : str
        Kind of position weights, as in :func:`ccmc_teach.positions.weights`, but not ``power``.
    rules : Rule, optional
        Decoding rules from :func:`ccmc_teach.decoding.rules`.
        They act on the law of the next token and see the plain counts of each text so far.
    executor : concurrent.futures.Executor, optional
        Where to run blocks of 10 000 paths, as in :func:`ccmc_teach.generation.sweep`.
    progress : None, bool or callable
        ``True`` draws a bar where tqdm is installed; a callable is called as
        ``progress(done, total)`` from time to time, in steps times paths.
    **parameters
        What the kind of position weights takes.
        A ``table`` of absolute weights must be as long as the texts get.

    Returns
    -------
    ndarray of shape (len(times), K, R), float64
        Plain counts of every path, prompt included.

    Raises
    ------
    ValueError
        If an argument is not as above, or if a query can attend to nothing.
    Interrupted
        If it is stopped by hand; ``partial`` holds counts of shape (times, K, paths): all times
        of the blocks that are done, or, before the first is done, its times reached by then.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> M = simulate_many([[0.5, 0.5], [0.5, 0.5]], [0, 1], times=[0, 98], R=4000, rng=rng)
    >>> M.shape, M[0, :, 0], bool((M.sum(axis=1) == [[2], [100]]).all())
    ((2, 2, 4000), array([1., 1.]), True)
    """
    start = start_of(P, prompt)
    moments = as_times(times)
    paths = as_whole_number(R, "R")
    memory = _as_tallied(memory_of(positions, len(start.prompt), moments[-1], parameters))
    block = _Block(start, moments, memory, as_rule(rules))
    try:
        with reporting(progress, paths * moments[-1]) as report:
            run = _one_by_one if executor is None else partial(_on_executor, executor)
            counts = np.concatenate(run(block, _sizes(paths), rng, report), axis=2)
    except Interrupted as stop:
        words, kept = _words_and_counts(_kept(stop, block))
        raise Interrupted(message(words), start.widened(kept, axis=1)) from stop
    return start.widened(counts, axis=1)


def as_times(times: Any, name: str = "times") -> list[int]:
    """Return checked times: whole numbers, at least one, each larger than the one before.

    Parameters
    ----------
    times : sequence of whole numbers
    name : str
        What the sentence of an error calls them.

    Returns
    -------
    list of int

    Raises
    ------
    ValueError
        If they are anything else.

    Examples
    --------
    >>> as_times(np.array([0, 10, 100]))
    [0, 10, 100]
    """
    try:
        items = list(times)
    except TypeError:
        items = []
    if not items:
        raise ValueError(f"{name} must be a sequence of one or more whole numbers, got {times!r}.")
    moments = [as_whole_number(t, f"{name}[{i}]", least=0) for i, t in enumerate(items)]
    for i, (earlier, later) in enumerate(pairwise(moments)):
        if later <= earlier:
            raise ValueError(
                f"{name} must increase, got {name}[{i}] = {earlier} and {name}[{i + 1}] = {later}."
            )
    return moments


def _one_by_one(
    block: _Block, sizes: list[int], rng: np.random.Generator, report: Callable[[int], object]
) -> list[Array]:
    """Run the blocks here, with a report every few steps."""
    before = 0

    def task(paths: int, generator: np.random.Generator) -> Array:
        nonlocal before
        counts = block.run(paths, generator, lambda steps: report(before + steps * paths))
        before += paths * block.times[-1]
        return counts

    return sweep(task, sizes, rng)


def _on_executor(
    executor: Executor,
    block: _Block,
    sizes: list[int],
    rng: np.random.Generator,
    report: Callable[[int], object],
) -> list[Array]:
    """Run the blocks on an executor, with a report after each."""
    work = sum(sizes) * block.times[-1]

    def share(done: int, total: int) -> None:
        report(work * done // total)

    return sweep(block, sizes, rng, executor=executor, progress=share)


def _sizes(paths: int) -> list[int]:
    whole, rest = divmod(paths, PATHS_AT_ONCE)
    return [PATHS_AT_ONCE] * whole + [rest] * (rest > 0)


def _as_tallied(memory: Memory) -> Memory:
    if not memory.is_tallied:
        raise ValueError(
            f"positions must not be {memory.kind} in simulate_many, since its weighted counts "
            "need the whole of every text at every step: simulate draws one path at a time."
        )
    return memory


@dataclass(frozen=True)
class _Block:
    """The task of a sweep: some paths from the prompt to the last time."""

    start: Start
    times: list[int]
    memory: Memory
    rule: Rule | None

    def __call__(self, paths: int, rng: np.random.Generator) -> Array:
        return self.run(paths, rng, lambda steps: None)

    def run(self, paths: int, rng: np.random.Generator, report: Callable[[int], object]) -> Array:
        """Return the counts at all times, of shape (len(times), k, paths)."""
        walk = _Walk(self, paths)
        counts: list[Array] = []
        shape = (self.start.k, paths)
        with interruptible(lambda: _words_and_counts([_stacked(counts, shape)])):
            steps = 0
            for time in self.times:
                while steps < time:
                    stop = min(time, steps + STEPS_AT_ONCE)
                    walk.advance(stop - steps, rng)
                    steps = stop
                    report(steps)
                counts.append(walk.tally.counts.copy())
        return _stacked(counts, shape)


class _Walk:
    """Paths that go on side by side."""

    def __init__(self, block: _Block, paths: int) -> None:
        self._start, self._rule = block.start, block.rule
        self._columns = np.ascontiguousarray(block.start.base.T)
        self._may_stop = not (block.start.base > 0).all()
        self.tally = block.memory.tally(block.start.prompt, block.start.k, paths)
        self._query = np.full(paths, block.start.prompt[-1], np.intp)
        self._weights = np.empty((block.start.k, paths))
        self._uniforms = np.empty(paths)

    def advance(self, steps: int, rng: np.random.Generator) -> None:
        """Add some tokens to every path, by inversion of the law of the next token."""
        query, uniforms = self._query, self._uniforms
        for _ in range(steps):
            cumulative = self._cumulative_weights()
            rng.random(out=uniforms)
            uniforms *= cumulative[-1]
            query[:] = 0
            for row in cumulative[:-1]:
                query += row <= uniforms
            self.tally.add(query)

    def _cumulative_weights(self) -> Array:
        weights = self._weights
        np.take(self._columns, self._query, axis=1, out=weights, mode="clip")
        weights *= self.tally.weighted()
        if self._rule is not None:
            self._apply(self._rule)
        for lower, upper in pairwise(weights):
            upper += lower
        if self._may_stop:
            self._refuse_empty(weights[-1])
        return weights

    def _apply(self, rule: Rule) -> None:
        total = self._weights.sum(axis=0)
        self._refuse_empty(total)
        self._weights[:] = rule.apply((self._weights / total).T, self.tally.counts.T).T

    def _refuse_empty(self, total: Array) -> None:
        is_empty = ~(total > 0)
        if is_empty.any():
            query = int(self._query[is_empty.argmax()])
            raise nothing_to_attend_to(self._start, query, self.tally.n)


def _stacked(counts: list[Array], shape: tuple[int, int]) -> Array:
    return np.array(counts).reshape(len(counts), *shape)


def _words_and_counts(parts: list[Array]) -> tuple[str, Array]:
    counts = np.concatenate(parts, axis=2)
    return f"the counts of {counts.shape[2]} paths at {len(counts)} times", counts


def _kept(stop: Interrupted, block: _Block) -> list[Array]:
    """Return the blocks that are done, or else what the block in progress had got."""
    done = [part for _, part in stop.partial]
    in_progress = stop.__cause__
    if not done and isinstance(in_progress, Interrupted):
        done = [in_progress.partial]
    return done or [_stacked([], (block.start.k, 0))]
