"""Sweeps here, in threads and in other processes."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from ccmc_teach.generation import Interrupted, simulate, sweep
from generation.oracle import SMALL
from generation.tasks import fail_on_two, mean_of_draws

pytestmark = pytest.mark.filterwarnings("error")

NUMBERS = [3, 1, 4, 1, 5, 9, 2, 6]


class Backwards(Executor):
    """An executor that runs its tasks only when the last one is there, in the wrong order."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.waiting: list[tuple[Future[Any], Any, tuple[Any, ...]]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, fn, args))
        if len(self.waiting) == self.expected:
            for one, task, given in reversed(self.waiting):
                one.set_result(task(*given))
        return future


def swept(executor: Executor | None, seed: int = 1) -> list[float]:
    return sweep(mean_of_draws, NUMBERS, np.random.default_rng(seed), executor=executor)


def test_results_come_in_the_order_of_the_settings() -> None:
    children = np.random.default_rng(1).spawn(len(NUMBERS))
    expected = [float(rng.random(n).mean()) for n, rng in zip(NUMBERS, children, strict=True)]
    assert swept(None) == expected
    assert swept(Backwards(len(NUMBERS))) == expected
    assert swept(None, seed=2) != expected


def test_results_do_not_depend_on_the_workers() -> None:
    here = swept(None)
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(3) as three:
        assert swept(one) == swept(three) == here
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as processes:
        assert swept(processes) == here


def test_equal_settings_get_unlike_generators() -> None:
    results = sweep(mean_of_draws, [5, 5, 5], np.random.default_rng(3))
    assert len(set(results)) == 3


def test_spawning_leaves_the_stream_alone() -> None:
    rng = np.random.default_rng(4)
    state = rng.bit_generator.state
    one, two = (sweep(mean_of_draws, [5], rng) for _ in range(2))
    assert one != two
    assert rng.bit_generator.state == state


def test_no_settings_give_no_results() -> None:
    assert sweep(mean_of_draws, [], np.random.default_rng(5)) == []
    assert sweep(mean_of_draws, [], np.random.default_rng(5), executor=Backwards(0)) == []


@pytest.mark.parametrize("executor", [None, Backwards(len(NUMBERS))])
def test_progress_is_reported_after_every_task(executor: Executor | None) -> None:
    calls: list[tuple[int, int]] = []
    rng = np.random.default_rng(6)
    sweep(
        mean_of_draws,
        NUMBERS,
        rng,
        executor=executor,
        progress=lambda *call: calls.append(call),
    )
    assert calls == [(i, 8) for i in range(1, 9)]


def stop_after(number: int) -> Any:
    def stop(done: int, total: int) -> None:
        if done == number:
            raise KeyboardInterrupt

    return stop


def test_results_before_an_interruption_are_kept() -> None:
    with pytest.raises(Interrupted, match="3 of 8 results are kept") as caught:
        sweep(mean_of_draws, NUMBERS, np.random.default_rng(7), progress=stop_after(3))
    whole = sweep(mean_of_draws, NUMBERS, np.random.default_rng(7))
    assert caught.value.partial == list(enumerate(whole))[:3]


def test_an_interrupted_task_hands_its_own_part_on() -> None:
    def task(T: int, rng: np.random.Generator) -> Any:
        return simulate(SMALL, [0, 1, 2], T, rng, progress=stop_after(5000))

    with pytest.raises(Interrupted) as caught:
        sweep(task, [100, 5000, 100], np.random.default_rng(8))
    assert [index for index, _ in caught.value.partial] == [0]
    inner = caught.value.__cause__
    assert isinstance(inner, Interrupted)
    assert len(inner.partial) == 5003


def test_what_waits_is_cancelled_and_what_is_done_is_kept() -> None:
    """One worker: task 0 is done, task 1 runs, tasks 2 and 3 wait."""
    release, is_running, ran = threading.Event(), threading.Event(), []

    def task(number: int, rng: np.random.Generator) -> int:
        ran.append(number)
        if number == 1:
            is_running.set()
            release.wait(30)
        return 10 * number

    def stop(done: int, total: int) -> None:
        is_running.wait(30)
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as executor:
        with pytest.raises(Interrupted) as caught:
            sweep(task, range(4), np.random.default_rng(9), executor=executor, progress=stop)
        release.set()
    assert caught.value.partial == [(0, 0)]
    assert ran == [0, 1]


def test_results_that_came_out_of_order_are_kept_with_their_index() -> None:
    executor = Backwards(8)
    with pytest.raises(Interrupted, match="8 of 8 results are kept") as caught:
        sweep(
            mean_of_draws,
            NUMBERS,
            np.random.default_rng(1),
            executor=executor,
            progress=stop_after(1),
        )
    assert caught.value.partial == list(enumerate(swept(None)))


@pytest.mark.parametrize("threads", [False, True])
def test_an_error_of_a_task_is_raised_as_it_is(threads: bool) -> None:
    with ThreadPoolExecutor(2) as pool, pytest.raises(ArithmeticError, match="two is no number"):
        sweep(fail_on_two, [1, 2, 3], np.random.default_rng(1), executor=pool if threads else None)


def test_a_generator_that_cannot_spawn_is_refused() -> None:
    class Bare(np.random.PCG64):
        @property
        def seed_seq(self) -> Any:
            raise TypeError("no seed sequence")

    class Sealed(np.random.Generator):
        def spawn(self, n_children: int) -> Any:
            raise TypeError("The underlying SeedSequence does not implement spawning.")

    with pytest.raises(ValueError, match=r"rng must be able to spawn generators, as np"):
        sweep(mean_of_draws, [1], Sealed(Bare(1)))
    with pytest.raises(ValueError, match=r"rng must be a numpy\.random\.Generator"):
        sweep(mean_of_draws, [1], 5)  # type: ignore[arg-type]
