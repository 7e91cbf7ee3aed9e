"""One path, and a thousand million tokens by runs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.cases.problems import Array, Tokens, base_matrix, grouped, prompt_of
from benchmarks.harness import Agreement, Case, Contender, Run, Target
from benchmarks.peers import ensembles, paths
from benchmarks.truths import chain_laws, path_laws, sampled

OURS = "simulate"
BY_RUNS = "simulate_runs"
TORCH_LAYER = "PyTorch layer with a cache"
TORCH_BY_HAND = "PyTorch with a cache, by hand"

# Each sampler is checked on all continuations of this prompt by as many tokens.
SMALL = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8], [0.6, 0.3, 0.1]])
SMALL_PROMPT = np.array([0, 1, 2, 2, 1])
SMALL_T = 4
CHECKED_PATHS = 1500

SETTINGS = ((8, 10_000), (2, 10_000), (64, 10_000), (512, 10_000), (8, 1_000), (8, 100_000))
# Where one token soon writes nearly all of the text.
CLEAR_WINNERS: tuple[tuple[str, tuple[tuple[float, ...], ...]], ...] = (
    ("runs-both-favour-0", ((0.7, 0.3), (0.7, 0.3))),
    ("runs-milder", ((0.75, 0.25), (0.6, 0.4))),
    ("runs-three-tokens", ((0.7, 0.2, 0.1), (0.5, 0.3, 0.2), (0.5, 0.3, 0.2))),
)
SEEDS = 15


def ours() -> paths.Sampler:
    """Return the sampler of one path."""
    from ccmc_teach.generation import simulate

    return simulate


def cases(quick: bool) -> list[Case]:
    """Return one path for several numbers of tokens and contexts, and the runs."""
    settings = SETTINGS[:1] if quick else SETTINGS
    by_runs = [
        by_runs_case(name, np.array(P), 10**7 if quick else 10**9) for name, P in CLEAR_WINNERS
    ]
    return [*(path_case(K, L, quick) for K, L in settings), *by_runs]


def path_case(K: int, L: int, quick: bool = False) -> Case:
    """Return the case of one path.

    Who looks back at the whole text generates few tokens, so the context stays what it is;
    the others generate many.
    """
    few = 50 if quick else 200
    many = 2_000 if quick else 20_000
    slow = max(10, few * 8_000 // max(8_000, K * L // 10))
    everybody = [
        sampler_contender(OURS, ours, K, L, many, needs="ccmc_teach.generation"),
        sampler_contender(TORCH_LAYER, paths.torch_layer, K, L, slow, needs="torch"),
        sampler_contender(TORCH_BY_HAND, paths.torch_by_hand, K, L, slow, needs="torch"),
        sampler_contender("NumPy attention", paths.numpy_attention, K, L, slow),
        sampler_contender("NumPy counts, rng.choice", paths.numpy_counts, K, L, many // 10),
        sampler_contender("Numba counts", paths.numba_counts, K, L, many, needs="numba"),
        sampler_contender(
            "QuantEcon, the ordinary chain",
            paths.quantecon_chain,
            K,
            L,
            many,
            needs="quantecon",
            law=chain_laws(SMALL, int(SMALL_PROMPT[-1]), SMALL_T),
        ),
    ]
    return Case(
        name=f"path-{K}-tokens-context-{L}",
        family="one path",
        title=f"One path, K = {K}, context {grouped(L)}",
        unit="token",
        contenders=everybody,
        settings={"K": K, "context": L},
        targets=_targets() if (K, L) == (8, 10_000) else [],
    )


def _targets() -> list[Target]:
    """Return the target against PyTorch, as one uses it and at its very best."""
    return [
        Target(f"at least 300 times as fast as {name}", name, "ratio", 300, at_least=True)
        for name in (TORCH_LAYER, TORCH_BY_HAND)
    ]


def sampler_contender(
    name: str,
    make: Callable[[], paths.Sampler],
    K: int,
    L: int,
    T: int,
    needs: str = "",
    law: Array | None = None,
) -> Contender:
    """Return somebody who generates T tokens from a prompt of L tokens.

    Parameters
    ----------
    name, needs : str
        As in `Contender`.
    make : callable
        Returns the sampler.
    K, L, T : int
        Number of tokens, length of the prompt, tokens to generate.
    law : array of shape (3,) * 4, optional
        The law to be checked against; that of the context-conditioned chain if not given.
    """
    P, prompt = base_matrix(K), prompt_of(K, L)
    truth = path_laws(SMALL, SMALL_PROMPT, SMALL_T) if law is None else law

    def prepare() -> Run:
        sampler = make()
        return lambda rng: sampler(P, prompt, T, rng)

    def check(run: Run) -> Agreement:
        return checked_sampler(make(), truth)

    return Contender(name, prepare, check, needs, units=T)


def checked_sampler(sampler: paths.Sampler, law: Array, times: int = CHECKED_PATHS) -> Agreement:
    """Compare the small continuations of a sampler with their law."""
    rng = np.random.default_rng(3)
    start = len(SMALL_PROMPT)
    return sampled(lambda: sampler(SMALL, SMALL_PROMPT, SMALL_T, rng)[start:], law, times)


def by_runs_case(name: str, P: Array, T: int) -> Case:
    """Return the case of a very long text in which one token wins, once a seed."""
    K = len(P)
    prompt = np.arange(K)
    words = f"at most 0.2 s, the median of {SEEDS} seeds"
    return Case(
        name=name,
        family="by runs",
        title=f"{grouped(T)} tokens, P = {P.tolist()}",
        unit="text",
        contenders=[
            _by_runs(P, prompt, T),
            _counted_one_by_one(P, prompt, T),
        ],
        settings={"K": K, "T": T},
        targets=[Target(words, BY_RUNS, "seconds", 0.2, at_least=False)] if T == 10**9 else [],
        rounds=SEEDS,
    )


def _by_runs(P: Array, prompt: Tokens, T: int) -> Contender:
    def prepare() -> Run:
        from ccmc_teach.generation import simulate_runs

        def run(rng: np.random.Generator) -> object:
            runs = simulate_runs(P, prompt, T, rng)
            if runs.reached != T:
                raise RuntimeError(runs.note)
            return runs

        return run

    def check(run: Run) -> Agreement:
        return checked_sampler(written_out(), path_laws(SMALL, SMALL_PROMPT, SMALL_T))

    return Contender(BY_RUNS, prepare, check, "ccmc_teach.generation", once=True)


def written_out() -> paths.Sampler:
    """Return the sampler of runs with its runs written out token by token."""
    from ccmc_teach.generation import simulate_runs

    def sampler(P: Array, prompt: Tokens, T: int, rng: np.random.Generator) -> Tokens:
        runs = simulate_runs(P, prompt, T, rng)
        return np.concatenate([prompt, np.repeat(runs.tokens, runs.lengths)])

    return sampler


def _counted_one_by_one(P: Array, prompt: Tokens, T: int) -> Contender:
    """Return Numba counting token by token; a part is timed and the whole computed from it."""
    part = min(T, 10**7)

    def prepare() -> Run:
        sampler = ensembles.numba_ensemble()
        return lambda rng: sampler(P, prompt, part, 1, rng)

    def check(run: Run) -> Agreement:
        return checked_sampler(paths.numba_counts(), path_laws(SMALL, SMALL_PROMPT, SMALL_T))

    return Contender("Numba counts", prepare, check, "numba", units=part / T)
