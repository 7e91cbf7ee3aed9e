"""The maximum of the likelihood, and whether it is finite."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.cases.problems import Array, Data, Tokens, data_set, grouped
from benchmarks.harness import Agreement, Case, Contender, Run, Target
from benchmarks.peers import existence, likelihood
from benchmarks.truths import distance, have_paths_everywhere, largest_likelihood

OURS = "fit"
CHOIX = "choix, spectral"
SCIPY = "SciPy, strong components"

Prepare = Callable[[Array, Tokens, Tokens], likelihood.Fit]
Way = Callable[["Problem"], list[Contender]]


class Problem:
    """A data set that is made when it is first needed, with its true answers.

    Parameters
    ----------
    make : callable
        Makes the data.
    """

    def __init__(self, make: Callable[[], Data]) -> None:
        self._make = make

    @cached_property
    def data(self) -> Data:
        """The data."""
        return self._make()

    @cached_property
    def maximum(self) -> Array:
        """The maximum likelihood estimate by Newton's method."""
        return largest_likelihood(self.data.M, self.data.q, self.data.y)

    @cached_property
    def graphs(self) -> existence.Graphs:
        """Who was chosen over whom."""
        return existence.choices(self.data.M, self.data.q, self.data.y)

    @cached_property
    def is_connected(self) -> NDArray[np.bool_]:
        """Which of the graphs lead from everywhere to everywhere."""
        return have_paths_everywhere(self.graphs)


def cases(quick: bool) -> list[Case]:
    """Return fits of several sizes, and the test of existence."""
    if quick:
        return [fit_case(2_000, 8), small_fit_case(), *existence_cases(n=5_000, K=50)]
    growth = [fit_case(n, 8) for n in (2_000, 20_000, 200_000)]
    return [fit_case(20_000, 20), *growth, small_fit_case(), *existence_cases(n=100_000, K=200)]


def ours(M: Array, q: Tokens, y: Tokens) -> likelihood.Fit:
    """Return our estimate."""
    from ccmc_teach.estimation import fit

    return lambda: fit(M, q, y)


def fit_case(n: int, K: int, L: int = 20) -> Case:
    """Return the case of the maximum of the likelihood of n prompts."""
    problem = Problem(lambda: data_set(n, K, L))
    everybody = [
        fit_contender(OURS, ours, problem, 1e-9, "ccmc_teach.estimation"),
        fit_contender(CHOIX, likelihood.choix_spectral, problem, 1e-8, "choix"),
        fit_contender("SciPy L-BFGS-B", likelihood.scipy_lbfgs, problem, 1e-6, "scipy"),
    ]
    if n <= 20_000:
        everybody += [
            fit_contender("choix, MM", likelihood.choix_mm, problem, 1e-7, "choix"),
            fit_contender("PyTorch Adam on W", likelihood.torch_adam, problem, 1e-5, "torch"),
        ]
    return Case(
        name=f"fit-{n}-prompts-{K}-tokens",
        family="fit",
        title=f"Fit of {grouped(n)} prompts of {L} tokens, K = {K}",
        unit="fit",
        contenders=everybody,
        settings={"n": n, "K": K, "L": L},
        targets=_fit_targets() if (n, K) == (20_000, 20) else [],
        rounds=5,
    )


def _fit_targets() -> list[Target]:
    return [
        Target("at least 25 times as fast as choix", CHOIX, "ratio", 25, at_least=True),
        Target("off by at most 1e-9", OURS, "agreement", 1e-9, at_least=False),
    ]


def small_fit_case(n: int = 500, K: int = 4, L: int = 10) -> Case:
    """Return a small fit, for peers that take long."""
    problem = Problem(lambda: data_set(n, K, L))
    conditional = likelihood.statsmodels_conditional
    return Case(
        name=f"fit-{n}-prompts-{K}-tokens",
        family="fit",
        title=f"Fit of {n} prompts of {L} tokens, K = {K}",
        unit="fit",
        contenders=[
            fit_contender(OURS, ours, problem, 1e-9, "ccmc_teach.estimation"),
            fit_contender("statsmodels", conditional, problem, 1e-3, "statsmodels"),
            fit_contender(CHOIX, likelihood.choix_spectral, problem, 1e-8, "choix"),
            fit_contender("SciPy L-BFGS-B", likelihood.scipy_lbfgs, problem, 1e-6, "scipy"),
        ],
        settings={"n": n, "K": K, "L": L},
        rounds=5,
    )


def fit_contender(
    name: str, prepare_fit: Prepare, problem: Problem, bound: float, needs: str
) -> Contender:
    """Return somebody who finds the maximum of the likelihood.

    Parameters
    ----------
    name, needs : str
        As in `Contender`.
    prepare_fit : callable
        Gets the data and returns the fit.
    problem : Problem
        The data, with the truth.
    bound : float
        How far an entry of P may be from the truth.
    """

    def prepare() -> Run:
        data = problem.data
        fit = prepare_fit(data.M, data.q, data.y)
        return lambda rng: fit()

    def check(run: Run) -> Agreement:
        return distance(np.asarray(run(np.random.default_rng(0))), problem.maximum, bound)

    return Contender(name, prepare, check, needs)


def existence_cases(n: int, K: int, L: int = 50) -> list[Case]:
    """Return the test of existence from the prompts, and from the graphs of choices alone.

    Half of the prompts end in one of a tenth of the tokens, so some rows have a finite maximum.
    """
    problem = Problem(lambda: data_set(n, K, L, crowded=K // 10))
    words = "at least 15 times as fast as SciPy"
    aim = [Target(words, SCIPY, "ratio", 15, at_least=True)] if K == 200 else []
    ways: list[tuple[str, str, Way, list[Target]]] = [
        ("prompts", f"{grouped(n)} prompts", _from_prompts, []),
        ("graphs", "from the graphs", _from_graphs, aim),
    ]
    return [
        Case(
            name=f"existence-from-{name}-{K}-tokens",
            family="existence",
            title=f"Is the maximum finite? K = {K}, {title}",
            unit="test",
            contenders=way(problem),
            settings={"n": n, "K": K},
            targets=targets,
            rounds=5,
        )
        for name, title, way, targets in ways
    ]


def _from_prompts(problem: Problem) -> list[Contender]:
    def ours() -> Run:
        from ccmc_teach.coverage import has_finite_mle

        data = problem.data
        return lambda rng: has_finite_mle(data.M, data.q, data.y)

    def scipys() -> Run:
        test, data = existence.scipy_components(), problem.data
        return lambda rng: test(existence.choices(data.M, data.q, data.y))

    return [
        _tester("has_finite_mle", ours, problem, "ccmc_teach.coverage"),
        _tester(SCIPY, scipys, problem, "scipy"),
    ]


def _from_graphs(problem: Problem) -> list[Contender]:
    def on_graphs(make: Callable[[], existence.Test]) -> Run:
        test, graphs = make(), problem.graphs
        return lambda rng: test(graphs)

    everybody = (
        ("leads_to_query", our_test, "ccmc_teach.coverage"),
        (SCIPY, existence.scipy_components, "scipy"),
        ("NetworkX", existence.networkx_components, "networkx"),
    )
    return [
        _tester(name, partial(on_graphs, make), problem, needs) for name, make, needs in everybody
    ]


def our_test() -> existence.Test:
    """Return the test by the paths to the query, where every token was seen with every query."""
    from ccmc_teach.coverage import leads_to_query

    def test(graphs: existence.Graphs) -> NDArray[np.bool_]:
        is_chosen = graphs.any(axis=1) | np.eye(len(graphs), dtype=bool)
        return np.asarray((is_chosen & leads_to_query(graphs)).all(axis=1))

    return test


def _tester(name: str, prepare: Callable[[], Run], problem: Problem, needs: str) -> Contender:
    """Return somebody whose answers are compared with a search from every side."""

    def check(run: Run) -> Agreement:
        found = np.asarray(run(np.random.default_rng(0)))
        return Agreement("rows that differ", int((found != problem.is_connected).sum()), 0)

    return Contender(name, prepare, check, needs)
