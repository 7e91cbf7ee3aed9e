"""Large experiments on a Dask cluster: the same numbers as on one core.

The functions that take long accept any executor of the standard library's kind, and a Dask client
has one.
So an ensemble and a sweep run here on a local cluster of a few processes, and an assertion
compares every number with the one computed without it.
For a real cluster, only the line that makes the client changes.

Run it from the folder of the course, in an environment that has the course's package::

    python -m pip install -r benchmarks/requirements-dask.in
    python -m benchmarks.dask_cluster
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccmc_teach.generation import simulate_many, simulate_runs, sweep

Array = NDArray[np.float64]

WORKERS = 2
PATHS = 40_000
TIMES = (10, 100, 1000)
PROMPT = (0, 1)
# Chances to stay: below one half the tokens coexist, above it one of them takes all.
CHANCES = (0.3, 0.45, 0.55, 0.7)
SEEDS_EACH = 8
TOKENS = 20_000


def two_tokens(stay: float) -> Array:
    """Return the transition matrix of two tokens that stay with the same probability.

    Parameters
    ----------
    stay : float
        The probability that a token follows itself in the base chain.

    Examples
    --------
    >>> two_tokens(0.75)
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    return np.array([[stay, 1 - stay], [1 - stay, stay]])


def final_share(stay: float, rng: np.random.Generator) -> float:
    """Return the share of the commoner token at the end of a long text.

    Parameters
    ----------
    stay : float
        The probability that a token follows itself in the base chain.
    rng : numpy.random.Generator
        The source of randomness.
    """
    runs = simulate_runs(two_tokens(stay), PROMPT, TOKENS, rng)
    m = runs.counts_at([runs.reached])[0]
    return float(m.max() / m.sum())


def ensemble(executor: Executor | None) -> Array:
    """Return the counts of many paths at three times, of shape (3, 2, paths)."""
    return simulate_many(
        two_tokens(0.6), PROMPT, TIMES, PATHS, np.random.default_rng(1), executor=executor
    )


def sweep_of_shares(executor: Executor | None) -> Array:
    """Return the final shares, of shape (chances, seeds)."""
    settings = np.repeat(CHANCES, SEEDS_EACH).tolist()
    shares = sweep(final_share, settings, np.random.default_rng(2), executor=executor)
    return np.reshape(shares, (len(CHANCES), SEEDS_EACH))


def timed(experiment: Callable[[Executor | None], Array], executor: Executor | None) -> Any:
    """Return what an experiment gives, and the seconds on the wall."""
    began = time.perf_counter()
    return experiment(executor), time.perf_counter() - began


def compare(experiment: Callable[[Executor | None], Array], executor: Executor) -> Array:
    """Run an experiment here and on the cluster, and see that every number is the same."""
    alone, seconds_alone = timed(experiment, None)
    shared, seconds_shared = timed(experiment, executor)
    assert np.array_equal(alone, shared), f"{experiment.__name__} gave other numbers"
    print(
        f"{experiment.__name__}: {alone.size} numbers, all the same;"
        f" {seconds_alone:.1f} s alone, {seconds_shared:.1f} s on {WORKERS} workers"
    )
    return np.asarray(alone)


def main() -> None:
    """Start a local cluster and compare."""
    from distributed import Client, LocalCluster

    options = {"n_workers": WORKERS, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        executor = client.get_executor()
        M = compare(ensemble, executor)
        shares = compare(sweep_of_shares, executor)
    for time_, counts in zip(TIMES, M, strict=True):
        spread = (counts[0] / counts.sum(axis=0)).std()
        print(f"share of token 0 after {time_:4} tokens: standard deviation {spread:.3f}")
    for stay, row in zip(CHANCES, shares, strict=True):
        print(f"chance to stay {stay}: share of the commoner token, median {np.median(row):.3f}")


if __name__ == "__main__":
    main()
