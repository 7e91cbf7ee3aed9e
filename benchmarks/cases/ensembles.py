"""Many paths at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.cases.problems import Array, Tokens, base_matrix, grouped, prompt_of
from benchmarks.harness import Agreement, Case, Contender, Run, Target
from benchmarks.peers import ensembles
from benchmarks.truths import counted, two_token_law

OURS = "simulate_many"
SMALL = np.array([[0.7, 0.3], [0.4, 0.6]])
SMALL_PROMPT = np.array([0, 0, 1])
SMALL_T = 40


def ours() -> ensembles.Ensemble:
    """Return the sampler of ensembles, asked for its last counts only."""
    from ccmc_teach.generation import simulate_many

    def sampler(P: Array, prompt: Tokens, T: int, R: int, rng: np.random.Generator) -> Array:
        return np.asarray(simulate_many(P, prompt, [T], R, rng)[0])

    return sampler


def cases(quick: bool) -> list[Case]:
    """Return ensembles over 2, 8 and 64 tokens."""
    return [ensemble_case(K, quick) for K in ((8,) if quick else (8, 2, 64))]


def ensemble_case(K: int, quick: bool = False) -> Case:
    """Return the case of an ensemble of ten thousand paths."""
    R, T = 10_000, 50 if quick else 1000 if K < 64 else 200
    words = "at most 45 ns a token"
    return Case(
        name=f"ensemble-{K}-tokens",
        family="ensemble",
        title=f"{grouped(R)} paths of {grouped(T)} tokens, K = {K}",
        unit="token",
        contenders=[
            ensemble_contender(OURS, ours, K, T, R, "ccmc_teach.generation"),
            ensemble_contender("Numba counts", ensembles.numba_ensemble, K, T, R, "numba"),
        ],
        settings={"K": K, "T": T, "R": R},
        targets=[Target(words, OURS, "seconds", 45e-9, at_least=False)] if K == 8 else [],
        rounds=7,
    )


def ensemble_contender(
    name: str, make: Callable[[], ensembles.Ensemble], K: int, T: int, R: int, needs: str = ""
) -> Contender:
    """Return somebody who generates R paths of T tokens from a prompt of ten of each kind."""
    P, prompt = base_matrix(K), prompt_of(K, 10 * K)

    def prepare() -> Run:
        sampler = make()
        return lambda rng: sampler(P, prompt, T, R, rng)

    return Contender(name, prepare, lambda run: checked_ensemble(make()), needs, units=T * R)


def checked_ensemble(sampler: ensembles.Ensemble, R: int = 20_000) -> Agreement:
    """Compare the counts of a small ensemble with their exact law."""
    M = sampler(SMALL, SMALL_PROMPT, SMALL_T, R, np.random.default_rng(4))
    added = (M[1] - (SMALL_PROMPT == 1).sum()).astype(np.int64)
    law = two_token_law(SMALL, SMALL_PROMPT, SMALL_T).sum(axis=1)
    return counted(np.bincount(added, minlength=SMALL_T + 1).astype(np.float64), law)
