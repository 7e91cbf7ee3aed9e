"""Many independent tasks, here or on any executor, with the same numbers everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import numpy as np

from ccmc_teach.generation.progress import Progress, interruptible, reporting
from ccmc_teach.generation.start import as_generator

__all__ = ["spawned", "sweep"]

Setting = TypeVar("Setting")
Result = TypeVar("Result")

# Waiting without an end cannot be interrupted by hand on every system.
SECONDS_BETWEEN_LOOKS = 0.2


def sweep(
    task: Callable[[Setting, np.random.Generator], Result],
    settings: Sequence[Setting],
    rng: np.random.Generator,
    *,
    executor: Executor | None = None,
    progress: Progress = None,
) -> list[Result]:
    """Run a task for every setting, each with a generator of its own.

    The generators are spawned from ``rng``, one for each setting, before any task begins.
    So the results are the same numbers in the same order with any executor, any number of workers,
    and without one.

    Parameters
    ----------
    task : callable
        Called as ``task(setting, rng_of_its_own)``.
        For an executor of processes it must be a function that another process can import.
    settings : sequence
        What to run the task for.
    rng : numpy.random.Generator
        Where the generators come from.
    executor : concurrent.futures.Executor, optional
        Anything with its ``submit``, such as a pool of processes or of threads, or the executor of
        a Dask cluster; it is left open.
    progress : None, bool or callable
        ``True`` draws a bar where tqdm is installed; a callable is called as
        ``progress(done, total)`` after every task.

    Returns
    -------
    list
        The results in the order of the settings.

    Raises
    ------
    ValueError
        If rng is no generator, or one that cannot spawn others.
    Interrupted
        If it is stopped by hand; ``partial`` holds a list of ``(index, result)`` of the tasks
        that are done, in the order of the settings.
        Tasks that wait for a worker are cancelled.

    Examples
    --------
    >>> def mean_of_draws(number, rng):
    ...     return float(rng.random(number).mean())
    >>> means = sweep(mean_of_draws, [10, 100_000], np.random.default_rng(1))
    >>> len(means), 0.49 < means[1] < 0.51
    (2, True)
    """
    inputs = list(settings)
    generators = spawned(rng, len(inputs))
    done: dict[int, Result] = {}
    with (
        interruptible(lambda: _so_far(done, len(inputs))),
        reporting(progress, len(inputs)) as tell,
    ):
        if executor is None:
            for index, (setting, generator) in enumerate(zip(inputs, generators, strict=True)):
                done[index] = task(setting, generator)
                tell(len(done))
        else:
            futures = [
                executor.submit(task, *pair) for pair in zip(inputs, generators, strict=True)
            ]
            _collect(futures, done, tell)
    return [done[index] for index in range(len(inputs))]


def spawned(rng: np.random.Generator, number: int) -> list[np.random.Generator]:
    """Return independent generators, which do not change the stream of the one they come from.

    Parameters
    ----------
    rng : numpy.random.Generator
    number : int
        How many to make.

    Returns
    -------
    list of numpy.random.Generator

    Raises
    ------
    ValueError
        If rng is no generator, or was made without a seed sequence, which spawning needs.

    Examples
    --------
    >>> len(spawned(np.random.default_rng(1), 3))
    3
    """
    try:
        return list(as_generator(rng).spawn(number))
    except TypeError:
        raise ValueError(
            "rng must be able to spawn generators, as np.random.default_rng(1) is, got one that "
            "was made without a seed sequence."
        ) from None


def _collect(
    futures: list[Future[Any]], done: dict[int, Any], tell: Callable[[int], object]
) -> None:
    """Fill in the results in the order in which they come."""
    finished: SimpleQueue[int] = SimpleQueue()
    for index, future in enumerate(futures):
        future.add_done_callback(partial(_announce, finished, index))
    try:
        while len(done) < len(futures):
            try:
                index = finished.get(timeout=SECONDS_BETWEEN_LOOKS)
            except Empty:
                continue
            done[index] = futures[index].result()
            tell(len(done))
    except BaseException:
        _give_up(futures, done)
        raise


def _announce(finished: SimpleQueue[int], index: int, future: Future[Any]) -> None:
    finished.put(index)


def _give_up(futures: list[Future[Any]], done: dict[int, Any]) -> None:
    """Cancel what waits, and keep what is done."""
    for index, future in enumerate(futures):
        if not future.cancel() and future.done() and not future.exception():
            done[index] = future.result()


def _so_far(done: dict[int, Any], total: int) -> tuple[str, list[tuple[int, Any]]]:
    return f"{len(done)} of {total} results", sorted(done.items(), key=lambda pair: pair[0])
