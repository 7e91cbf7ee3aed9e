"""Many texts side by side, against exact laws, urns and one another."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import scipy.stats

from ccmc_teach import decoding
from ccmc_teach.generation import Interrupted, ensemble, exact_law, exact_laws, simulate_many
from generation.oracle import (
    EVERY_KIND,
    HOLES,
    SMALL,
    SMALLEST_P_VALUE,
    TABLE,
    Array,
    law_by_definition,
    p_value,
)

pytestmark = pytest.mark.filterwarnings("error")

RULE = decoding.rules(frequency_penalty=0.2, temperature=1.4, nucleus=0.9)
TALLIED = [(kind, parameters) for kind, parameters in EVERY_KIND if kind != "power"]


def p_value_of_counts(counts: Array, prompt: list[int], law: Array) -> float:
    """Compare counts of shape (K, R) to a law of added counts, whatever the last token."""
    K = len(counts)
    added = (counts - np.bincount(prompt, minlength=K)[:, np.newaxis]).astype(int)
    flat = np.ravel_multi_index(tuple(added[1:]), law.shape[:-1])
    cells = law.sum(axis=-1)
    return p_value(np.bincount(flat, minlength=cells.size), cells.ravel())


def added_counts_of(law: dict[tuple[int, ...], float], K: int, T: int) -> Array:
    table = np.zeros((T + 1,) * (K - 1) + (K,))
    for text, chance in law.items():
        table[(*(text.count(j) for j in range(1, K)), text[-1])] += chance
    return table


# The law.


@pytest.mark.parametrize(
    ("P", "prompt", "T"),
    [
        ([[0.8, 0.2], [0.3, 0.7]], [0, 1], 100),
        ([[0.01, 0.99], [0.95, 0.05]], [0, 1, 1], 40),
        (SMALL, [0, 2, 1], 20),
        (HOLES, [2, 1, 0, 1], 20),
        (np.full((4, 4), 0.25), [3, 0, 1, 2], 9),
        (SMALL, [2, 1], 20),
    ],
)
def test_counts_follow_the_exact_law(P: Any, prompt: list[int], T: int) -> None:
    M = simulate_many(P, prompt, [T], 30_000, np.random.default_rng(80))
    assert M.shape == (1, len(P), 30_000)
    assert p_value_of_counts(M[0], prompt, exact_law(P, prompt, T)) > SMALLEST_P_VALUE


def test_counts_follow_the_exact_law_at_every_time() -> None:
    times = [1, 2, 5, 17]
    M = simulate_many(SMALL, [0, 1, 2], times, 30_000, np.random.default_rng(81))
    for counts, law in zip(M, exact_laws(SMALL, [0, 1, 2], times), strict=True):
        assert p_value_of_counts(counts, [0, 1, 2], law) > SMALLEST_P_VALUE


@pytest.mark.parametrize(("kind", "parameters"), TALLIED)
@pytest.mark.parametrize("rule", [None, RULE])
def test_counts_follow_position_weights_and_rules(
    kind: str, parameters: dict[str, Any], rule: decoding.Rule | None
) -> None:
    prompt, T = [0, 2, 1, 1], 5
    rng = np.random.default_rng(82)
    M = simulate_many(SMALL, prompt, [T], 20_000, rng, positions=kind, rules=rule, **parameters)
    law = added_counts_of(law_by_definition(SMALL, prompt, T, kind, parameters, rule), 3, T)
    assert p_value_of_counts(M[0], prompt, law) > SMALLEST_P_VALUE


def test_a_penalty_and_a_sink_follow_the_exact_law_for_long() -> None:
    rule = decoding.rules(frequency_penalty=0.05)
    sink: dict[str, Any] = {"positions": "sink", "mass": 0.3}
    P, prompt, T = [[0.6, 0.4], [0.6, 0.4]], [0, 1], 80
    M = simulate_many(P, prompt, [T], 20_000, np.random.default_rng(83), rules=rule, **sink)
    law = exact_law(P, prompt, T, rules=rule, **sink)
    assert p_value_of_counts(M[0], prompt, law) > SMALLEST_P_VALUE


def test_equal_tastes_have_the_limit_of_dirichlet() -> None:
    """Shares after 2 000 tokens against Beta laws; the urn is off its limit by about 1/2000."""
    M = simulate_many(np.full((3, 3), 1 / 3), [0, 1, 1, 2], [2000], 2000, np.random.default_rng(84))
    shares = M[0] / 2004
    for share, own in zip(shares, [1, 2, 1], strict=True):
        assert scipy.stats.kstest(share, scipy.stats.beta(own, 4 - own).cdf).pvalue > 1e-6


def test_a_frequency_penalty_keeps_the_gap_of_counts() -> None:
    """Equal rows, strength .01: the gap stays near log(p_1 / p_2) / .01."""
    rule = decoding.rules(frequency_penalty=0.01)
    P = [[0.6, 0.4], [0.6, 0.4]]
    M = simulate_many(P, [0, 1], [4000, 8000], 100, np.random.default_rng(85), rules=rule)
    gaps = (M[:, 0] - M[:, 1]).mean(axis=1)
    np.testing.assert_allclose(gaps, np.log(0.6 / 0.4) / 0.01, atol=6)


def test_paths_are_independent() -> None:
    """The variance of a sum of paths is the sum of their variances."""
    M = simulate_many([[0.5, 0.5]] * 2, [0, 1], [50], 40_000, np.random.default_rng(86))
    groups = M[0, 1].reshape(400, 100)
    ratio = groups.mean(axis=1).var() * 100 / groups.var()
    assert ratio == pytest.approx(1, abs=0.4)


# What is returned.


def test_counts_start_with_the_prompt_and_grow_by_one() -> None:
    M = simulate_many(np.full((5, 5), 0.2), [4, 1, 4], [0, 1, 2, 9], 50, np.random.default_rng(1))
    assert M.shape == (4, 5, 50)
    assert M.dtype == np.float64
    assert (M[0] == np.array([0, 1, 0, 0, 2])[:, np.newaxis]).all()
    assert (M.sum(axis=1) == np.array([3, 4, 5, 12])[:, np.newaxis]).all()
    assert (np.diff(M, axis=0) >= 0).all()
    assert (M[:, [0, 2, 3]] == 0).all()


def test_one_token_and_one_path() -> None:
    M = simulate_many([[1.0]], [0, 0], [3], 1, np.random.default_rng(2))
    assert M.tolist() == [[[5.0]]]
    assert M.flags.owndata or M.base is not None


def test_looking_more_often_changes_no_path() -> None:
    one, two = (
        simulate_many(SMALL, [0, 1, 2], times, 40, np.random.default_rng(3))
        for times in ([700], [0, 3, 255, 256, 257, 700])
    )
    assert (one[-1] == two[-1]).all()


def test_the_arrays_of_the_caller_stay_as_they_are() -> None:
    P, prompt, table, times = SMALL.copy(), np.array([0, 1, 2]), TABLE.copy(), np.array([1, 9])
    rng = np.random.default_rng(4)
    simulate_many(P, prompt, times, 5, rng, positions="absolute", table=table)
    assert (P == SMALL).all()
    assert prompt.tolist() == [0, 1, 2]
    assert (table == TABLE).all()
    assert times.tolist() == [1, 9]


# The same numbers everywhere.


@pytest.fixture(scope="module")
def processes() -> Any:
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as executor:
        yield executor


def small_ensemble(executor: Executor | None, seed: int = 5, R: int = 53) -> Array:
    return simulate_many(
        SMALL,
        [0, 1, 2],
        [3, 20],
        R,
        np.random.default_rng(seed),
        positions="window",
        rules=RULE,
        executor=executor,
        size=6,
    )


def test_numbers_do_not_depend_on_the_executor(
    processes: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ensemble, "PATHS_AT_ONCE", 10)
    here = small_ensemble(None)
    assert here.shape == (2, 3, 53)
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(4) as four:
        assert (small_ensemble(one) == here).all()
        assert (small_ensemble(four) == here).all()
    assert (small_ensemble(processes) == here).all()
    assert (small_ensemble(None, seed=6) != here).any()


def test_blocks_of_paths_are_unlike_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "PATHS_AT_ONCE", 10)
    M = simulate_many(SMALL, [0, 1, 2], [200], 30, np.random.default_rng(7))
    blocks = M[0].reshape(3, 3, 10)
    assert (blocks[:, 0] != blocks[:, 1]).any()
    assert (blocks[:, 0] != blocks[:, 2]).any()


def test_more_paths_begin_with_the_same_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "PATHS_AT_ONCE", 10)
    assert (small_ensemble(None, R=20) == small_ensemble(None, R=53)[..., :20]).all()


def test_a_second_ensemble_from_one_generator_is_another_one() -> None:
    rng, world = np.random.default_rng(8), str(np.random.get_state())  # noqa: NPY002
    state = rng.bit_generator.state
    one, two = (simulate_many(SMALL, [0, 1, 2], [50], 20, rng) for _ in range(2))
    assert (one != two).any()
    assert rng.bit_generator.state == state
    assert str(np.random.get_state()) == world  # noqa: NPY002


# Progress and interruption.


@pytest.mark.parametrize("threads", [False, True])
def test_progress_is_counted_in_steps_times_paths(
    threads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ensemble, "PATHS_AT_ONCE", 10)
    calls: list[tuple[int, int]] = []
    with ThreadPoolExecutor(2) as executor:
        simulate_many(
            SMALL,
            [0, 1, 2],
            [100, 600],
            25,
            np.random.default_rng(9),
            executor=executor if threads else None,
            progress=lambda *call: calls.append(call),
        )
    done = [one for one, _ in calls]
    assert done == sorted(set(done))
    assert calls[-1] == (15_000, 15_000)
    assert len(calls) == (3 if threads else 9)


def stopping(when: int) -> Any:
    def stop(done: int, total: int) -> None:
        if done >= when:
            raise KeyboardInterrupt

    return stop


@pytest.mark.parametrize(
    ("when", "shape"),
    [(0, (0, 3, 10)), (3000, (1, 3, 10)), (6001, (3, 3, 10)), (13_000, (3, 3, 20))],
)
def test_counts_of_paths_stopped_by_hand_are_kept(
    when: int, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three blocks of ten paths, three times: 6 000 steps times paths a block."""
    monkeypatch.setattr(ensemble, "PATHS_AT_ONCE", 10)
    # Token 2 stands in no prompt, and is kept as well.
    settings: tuple[Any, Any, Any, Any] = (SMALL, [0, 1], [100, 300, 600], 30)
    words = f"the counts of {shape[2]} paths at {shape[0]} times are kept"
    with pytest.raises(Interrupted, match=words) as caught:
        simulate_many(*settings, np.random.default_rng(10), progress=stopping(when))
    kept = caught.value.partial
    whole = simulate_many(*settings, np.random.default_rng(10))
    assert kept.shape == shape
    assert (kept == whole[: shape[0], :, : shape[2]]).all()


def test_blocks_that_an_executor_has_done_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "PATHS_AT_ONCE", 10)
    settings: tuple[Any, Any, Any, Any] = (SMALL, [0, 1], [100, 600], 30)
    with ThreadPoolExecutor(1) as executor, pytest.raises(Interrupted) as caught:
        simulate_many(
            *settings, np.random.default_rng(11), executor=executor, progress=stopping(12_000)
        )
    kept = caught.value.partial
    whole = simulate_many(*settings, np.random.default_rng(11))
    assert kept.shape[2] in (20, 30)
    assert (kept == whole[..., : kept.shape[2]]).all()


# Bad input.

BAD: list[tuple[Any, Any, Any, Any, dict[str, Any], str]] = [
    (SMALL, [0], [3], 0, {}, "R must be a whole number from 1"),
    (SMALL, [0], [3], 2.0, {}, "R must be a whole number from 1"),
    (SMALL, [0], [], 2, {}, "times must be a sequence of one or more whole numbers, got []"),
    (SMALL, [0], 3, 2, {}, "times must be a sequence of one or more whole numbers, got 3"),
    (SMALL, [0], [3, 3], 2, {}, "times must increase, got times[0] = 3 and times[1] = 3"),
    (SMALL, [0], [1, 5, 4], 2, {}, "times must increase, got times[1] = 5 and times[2] = 4"),
    (SMALL, [0], [-1, 4], 2, {}, "times[0] must be a whole number from 0"),
    (SMALL, [0], [1, 4.0], 2, {}, "times[1] must be a whole number from 0"),
    (SMALL, [7], [3], 2, {}, "prompt must hold tokens from 0 to 2"),
    ([[0.5, 0.6], [0.5, 0.5]], [0], [3], 2, {}, "every row of P must sum to 1"),
    (SMALL, [0], [3], 2, {"positions": "power", "exponent": 1}, "must not be power"),
    (SMALL, [0], [3], 2, {"positions": "power"}, "parameters of the kind power must be exponent"),
    (SMALL, [0], [3], 2, {"rules": "cold"}, "rules must be None or made by"),
    (SMALL, [0], [3], 2, {"progress": "yes"}, "progress must be None, True or a callable"),
    (HOLES, [0], [3], 2, {}, "at length 1, prompt included: row 0 of P"),
    (HOLES, [0], [3], 2, {"rules": RULE}, "at length 1, prompt included: row 0 of P"),
    (
        [[0.0, 1.0], [1.0, 0.0]],
        [1, 0, 0],
        [3],
        2,
        {"positions": "window", "size": 2},
        "at length 3, prompt included: row 0 of P",
    ),
]


@pytest.mark.parametrize(("P", "prompt", "times", "R", "options", "words"), BAD)
def test_bad_input_is_refused(
    P: Any, prompt: Any, times: Any, R: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
        simulate_many(P, prompt, times, R, np.random.default_rng(1), **options)
    assert words in str(refusal.value)


@pytest.mark.parametrize("rng", [1, None])
def test_anything_but_a_generator_is_refused(rng: Any) -> None:
    with pytest.raises(ValueError, match=r"rng must be a numpy\.random\.Generator"):
        simulate_many(SMALL, [0, 1], [3], 2, rng)


def test_the_word_power_names_the_way_out() -> None:
    with pytest.raises(ValueError, match="simulate draws one path at a time"):
        simulate_many(SMALL, [0], [3], 2, np.random.default_rng(1), positions="power", exponent=1.0)
