"""The exact law against Monte Carlo."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.cases import ensembles as our_ensembles
from benchmarks.cases.problems import grouped
from benchmarks.harness import Agreement, Case, Contender, Run, Target
from benchmarks.peers import ensembles
from benchmarks.truths import distance, furthest_distribution, two_token_law

OURS = "exact_law"
P = np.array([[0.6, 0.4], [0.5, 0.5]])
PROMPT = np.array([0, 1])
ROUNDING = 1e-10

# Monte Carlo is compared at this error of the distribution function.
ERROR = 1e-3
# The largest error of R paths has about this size times the square root of 1 / R, for large R:
# the mean of Kolmogorov's law.
KOLMOGOROV_MEAN = 0.8687


def cases(quick: bool) -> list[Case]:
    """Return the case of two tokens."""
    return [exact_case(T=500 if quick else 5000, R=1000 if quick else 10_000)]


def paths_needed(error: float) -> float:
    """Return how many paths have this error of the distribution function on average.

    Parameters
    ----------
    error : float
        The largest difference from the exact distribution function.

    Examples
    --------
    >>> round(paths_needed(1e-3))
    754640
    """
    return (KOLMOGOROV_MEAN / error) ** 2


def exact_case(T: int, R: int) -> Case:
    """Return the case of the law of the count after T tokens, with R paths for Monte Carlo."""
    monte_carlo = "Monte Carlo at an error of 0.001"
    words = "at most 0.4 s"
    return Case(
        name="exact-law",
        family="exact law",
        title=f"The law of the counts after {grouped(T)} tokens, K = 2",
        unit="law",
        contenders=[
            _exact(T),
            _sampled(f"{monte_carlo}, simulate_many", our_ensembles.ours, T, R),
            _sampled(f"{monte_carlo}, Numba", ensembles.numba_ensemble, T, R, "numba"),
        ],
        settings={"K": 2, "T": T},
        targets=[Target(words, OURS, "seconds", 0.4, at_least=False)] if T == 5000 else [],
        rounds=5,
    )


def _exact(T: int) -> Contender:
    def prepare() -> Run:
        from ccmc_teach.generation import exact_law

        return lambda rng: exact_law(P, PROMPT, T)

    def check(run: Run) -> Agreement:
        law = np.asarray(run(np.random.default_rng(0)))
        return distance(law, two_token_law(P, PROMPT, T), ROUNDING)

    return Contender(OURS, prepare, check, "ccmc_teach.generation")


def _sampled(
    name: str,
    make: Callable[[], ensembles.Ensemble],
    T: int,
    R: int,
    needs: str = "ccmc_teach.generation",
) -> Contender:
    """Return Monte Carlo with R paths, of which as many are counted as the error needs."""

    def prepare() -> Run:
        sampler = make()
        return lambda rng: sampler(P, PROMPT, T, R, rng)

    def check(run: Run) -> Agreement:
        M = np.asarray(run(np.random.default_rng(5)))
        added = (M[1] - 1).astype(np.int64)
        seen = np.bincount(added, minlength=T + 1).astype(np.float64)
        return furthest_distribution(seen, two_token_law(P, PROMPT, T).sum(axis=1))

    return Contender(name, prepare, check, needs, units=R / paths_needed(ERROR))
