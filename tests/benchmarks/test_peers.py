"""Every peer gives right answers on small cases; Numba's functions are tested without Numba."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmarks import cases, truths
from benchmarks.cases import ensembles as ensemble_cases
from benchmarks.cases import exact as exact_cases
from benchmarks.cases import likelihood as likelihood_cases
from benchmarks.cases import paths as path_cases
from benchmarks.cases.problems import data_set
from benchmarks.harness import Case, Contender
from benchmarks.peers import ensembles, existence, likelihood, paths

CHAIN = truths.path_laws(path_cases.SMALL, path_cases.SMALL_PROMPT, path_cases.SMALL_T)
DATA = data_set(n=400, K=4, L=10)
MAXIMUM = truths.largest_likelihood(DATA.M, DATA.q, DATA.y)


def uncompiled(function: Any) -> Any:
    """Return a function as it is."""
    return function


def installed(package: str) -> None:
    """Skip where a package of the benchmarks is not there."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is a peer of the benchmarks and not installed")


# One path ------------------------------------------------------------------------------------

SAMPLERS: dict[str, tuple[str, Callable[[], paths.Sampler]]] = {
    "NumPy attention": ("numpy", paths.numpy_attention),
    "NumPy counts": ("numpy", paths.numpy_counts),
    "Numba counts, not compiled": ("numpy", lambda: paths.numba_counts(uncompiled)),
    "Numba counts": ("numba", paths.numba_counts),
    "PyTorch layer": ("torch", paths.torch_layer),
    "PyTorch by hand": ("torch", paths.torch_by_hand),
}


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_path_follows_the_law(name: str) -> None:
    # The seed is fixed; another would fail once in a million.
    package, make = SAMPLERS[name]
    installed(package)
    found = path_cases.checked_sampler(make(), CHAIN)
    assert found.holds, found


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_path_begins_with_its_prompt_and_comes_from_its_generator(name: str) -> None:
    package, make = SAMPLERS[name]
    installed(package)
    prompt, P = path_cases.SMALL_PROMPT.copy(), path_cases.SMALL
    one, two, three = (make()(P, prompt, 30, np.random.default_rng(s)) for s in (1, 1, 2))
    assert one.shape == (35,)
    assert one[:5].tolist() == prompt.tolist() == path_cases.SMALL_PROMPT.tolist()
    assert (one == two).all()
    assert (one != three).any()


def test_a_wrong_path_is_noticed() -> None:
    def forgetful(P: Any, prompt: Any, T: int, rng: np.random.Generator) -> Any:
        return paths.numpy_counts()(P, prompt[1:], T + 1, rng)

    assert not path_cases.checked_sampler(forgetful, CHAIN).holds


def test_the_ordinary_chain_has_another_law() -> None:
    installed("quantecon")
    law = truths.chain_laws(path_cases.SMALL, 1, path_cases.SMALL_T)
    assert path_cases.checked_sampler(paths.quantecon_chain(), law).holds
    assert not path_cases.checked_sampler(paths.quantecon_chain(), CHAIN).holds


# Ensembles -----------------------------------------------------------------------------------


@pytest.mark.parametrize("compile_it", [uncompiled, None])
def test_an_ensemble_follows_the_law(compile_it: Any) -> None:
    if compile_it is None:
        installed("numba")
    sampler = ensembles.numba_ensemble(compile_it)
    found = ensemble_cases.checked_ensemble(sampler, R=2000)
    assert found.holds, found


def test_an_ensemble_counts_every_token() -> None:
    sampler = ensembles.numba_ensemble(uncompiled)
    M = sampler(path_cases.SMALL, path_cases.SMALL_PROMPT, 20, 7, np.random.default_rng(1))
    assert M.shape == (3, 7)
    assert (M.sum(axis=0) == 25).all()
    assert (M >= [[1], [2], [2]]).all()
    assert (M[:, :1] != M).any()


def test_paths_needed_have_the_error_that_they_should() -> None:
    # The mean of 200 largest errors; fails by chance once in ten thousand seeds.
    R = round(exact_cases.paths_needed(0.02))
    rng, law = np.random.default_rng(6), np.full(500, 1 / 500)
    gaps = [truths.furthest_distribution(rng.multinomial(R, law), law).value for _ in range(200)]
    assert np.mean(gaps) == pytest.approx(0.02, rel=0.08)


# The maximum of the likelihood ---------------------------------------------------------------

FITS: dict[str, tuple[str, likelihood_cases.Prepare, float]] = {
    "SciPy": ("scipy", likelihood.scipy_lbfgs, 1e-7),
    "choix, spectral": ("choix", likelihood.choix_spectral, 1e-8),
    "choix, MM": ("choix", likelihood.choix_mm, 1e-7),
    "statsmodels": ("statsmodels", likelihood.statsmodels_conditional, 1e-3),
    "PyTorch": ("torch", likelihood.torch_adam, 1e-5),
}


@pytest.mark.parametrize("name", FITS)
def test_a_fit_finds_the_maximum(name: str) -> None:
    package, prepare, bound = FITS[name]
    installed(package)
    found = prepare(DATA.M, DATA.q, DATA.y)()
    assert truths.distance(found, MAXIMUM, bound).holds


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    theta = np.random.default_rng(3).standard_normal(4)
    M, y = DATA.M[DATA.q == 2], DATA.y[DATA.q == 2]
    _, gradient = likelihood.loss_of_row(theta, M, y)
    step = 1e-6
    for k in range(4):
        ahead, behind = (
            likelihood.loss_of_row(theta + sign * step * np.eye(4)[k], M, y)[0] for sign in (1, -1)
        )
        assert gradient[k] == pytest.approx((ahead - behind) / (2 * step), abs=1e-8)


def test_a_token_that_stands_twice_is_listed_twice() -> None:
    M = np.array([[2.0, 0.0, 3.0], [1.0, 1.0, 0.0]])
    found = likelihood.as_choices(M, np.array([2, 1]))
    assert found == [(2, (0, 0, 2, 2)), (1, (0,))]


def test_a_long_table_has_a_line_for_every_token_that_is_there() -> None:
    M = np.array([[2.0, 0.0, 3.0], [1.0, 1.0, 0.0]])
    chosen, token, prompt, offset = likelihood.as_long_table(M, np.array([2, 0]))
    assert prompt.tolist() == [0, 0, 1, 1]
    assert token.tolist() == [0, 2, 0, 1]
    assert chosen.tolist() == [0, 1, 1, 0]
    np.testing.assert_allclose(offset, np.log([2, 3, 1, 1]), rtol=1e-15)


# Existence -----------------------------------------------------------------------------------

TESTS = {"scipy": existence.scipy_components, "networkx": existence.networkx_components}


@pytest.mark.parametrize("package", TESTS)
def test_components_are_found(package: str) -> None:
    installed(package)
    rng = np.random.default_rng(5)
    graphs = rng.random((60, 5, 5)) < rng.uniform(0.1, 0.7, size=(60, 1, 1))
    graphs &= ~np.eye(5, dtype=bool)
    expected = truths.have_paths_everywhere(graphs)
    assert 10 < expected.sum() < 50
    assert (TESTS[package]()(graphs) == expected).all()


def test_choices_are_edges_from_who_was_there_to_who_was_chosen() -> None:
    data = data_set(n=60, K=5, L=3)
    expected = np.zeros((5, 5, 5), dtype=bool)
    for m, k, i in zip(data.M, data.q, data.y, strict=True):
        for j in np.flatnonzero(m):
            expected[k, j, i] |= i != j
    assert (existence.choices(data.M, data.q, data.y) == expected).all()


# Ours, and all of them together --------------------------------------------------------------

QUICK = {case.name: case for case in cases.all_cases(quick=True)}
EVERYBODY = [
    pytest.param(contender, id=f"{case.name}: {contender.name}")
    for case in (
        path_cases.path_case(8, 100, quick=True),
        ensemble_cases.ensemble_case(8, quick=True),
        exact_cases.exact_case(T=60, R=300),
        likelihood_cases.fit_case(400, 4),
        *likelihood_cases.existence_cases(n=2000, K=20),
        QUICK["runs-three-tokens"],
    )
    for contender in case.contenders
]


@pytest.mark.parametrize("contender", EVERYBODY)
def test_everybody_who_is_installed_runs_and_agrees(contender: Contender) -> None:
    if not contender.is_installed:
        pytest.skip(f"{contender.needs} is a peer of the benchmarks and not installed")
    run = contender.prepare()
    found = contender.check(run)
    assert found.holds, found
    run(np.random.default_rng(1))


@pytest.mark.parametrize("quick", [True, False])
def test_cases_are_named_once_and_begin_with_ours(quick: bool) -> None:
    found = cases.all_cases(quick)
    assert len({case.name for case in found}) == len(found)
    for case in found:
        assert case.contenders[0].needs.startswith("ccmc_teach."), case.name
        names = [each.name for each in case.contenders]
        assert len(set(names)) == len(names) > 1
        assert all(target.contender in names for target in case.targets)
        assert {target.quantity for target in case.targets} <= {"ratio", "seconds", "agreement"}


def targets(quick: bool) -> list[str]:
    """Return the targets of all cases in words."""
    return [target.words for case in cases.all_cases(quick) for target in case.targets]


def test_targets_are_those_of_the_whole_version() -> None:
    assert len(targets(quick=False)) == 10


def test_every_size_that_the_page_draws_is_there() -> None:
    found: list[Case] = cases.all_cases()
    contexts = {
        c.settings["context"] for c in found if c.family == "one path" and c.settings["K"] == 8
    }
    kinds = {c.settings["K"] for c in found if c.settings.get("context") == 10_000}
    prompts = {c.settings["n"] for c in found if c.family == "fit" and c.settings["K"] == 8}
    assert contexts == {1_000, 10_000, 100_000}
    assert kinds == {2, 8, 64, 512}
    assert prompts == {2_000, 20_000, 200_000}
