"""Texts written run by run, against the exact law, urns, known growth and texts spelt out."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ccmc_teach.generation import Interrupted, Runs, exact_law, simulate_runs
from ccmc_teach.generation.runs import draw_runs, merged
from ccmc_teach.generation.start import start_of
from generation.oracle import (
    HOLES,
    SMALL,
    SMALLEST_P_VALUE,
    Array,
    cells_of,
    law_by_definition,
    p_value,
    p_value_of_cells,
    p_value_of_texts,
)

pytestmark = pytest.mark.filterwarnings("error")


@st.composite
def some_runs(draw: st.DrawFn) -> tuple[Runs, list[int], list[int]]:
    """Return runs, their prompt and their text."""
    K = draw(st.integers(2, 5))
    prompt = draw(st.lists(st.integers(0, K - 1), min_size=1, max_size=4))
    text = draw(st.lists(st.integers(0, K - 1), max_size=30))
    tokens, lengths = merged(np.array(text, dtype=np.int64), np.ones(len(text), dtype=np.int64))
    counts = [prompt.count(j) for j in range(K)]
    runs = Runs(tokens, lengths, prompt_counts=counts, query=prompt[-1], asked=len(text))
    return runs, prompt, text


# The law.


@pytest.mark.parametrize("P", [SMALL, HOLES])
def test_short_texts_follow_the_law_of_all_texts(P: Array) -> None:
    rng = np.random.default_rng(70)
    texts = [tuple(simulate_runs(P, [0, 2, 1], 5, rng).text(5).tolist()) for _ in range(5000)]
    assert p_value_of_texts(texts, law_by_definition(P, [0, 2, 1], 5)) > SMALLEST_P_VALUE


@pytest.mark.parametrize(
    ("P", "prompt", "T"),
    [
        ([[0.8, 0.2], [0.3, 0.7]], [0, 1], 100),
        ([[0.999, 0.001], [0.4, 0.6]], [1, 1, 0], 60),
        ([[0.01, 0.99], [0.95, 0.05]], [0, 1], 40),
        (SMALL, [0, 2, 1], 25),
        (HOLES, [2, 1, 0, 1], 25),
    ],
)
def test_longer_texts_follow_the_exact_law(P: Any, prompt: list[int], T: int) -> None:
    rng = np.random.default_rng(71)
    texts = np.array([simulate_runs(P, prompt, T, rng).text(T) for _ in range(4000)])
    assert p_value_of_cells(cells_of(texts, len(P)), exact_law(P, prompt, T)) > SMALLEST_P_VALUE


@pytest.mark.parametrize(("own", "other"), [(1, 1), (7, 2), (3, 30), (1, 400), (2000, 1)])
def test_the_first_run_has_the_law_of_its_product(own: int, other: int) -> None:
    """P(stay s times more) = product of (m + r) / (m + r + c)."""
    start = start_of([[0.6, 0.4], [0.5, 0.5]], [1] * other + [0] * own)
    rng, T = np.random.default_rng(72), 10**7
    stays = []
    for _ in range(4000):
        tokens, lengths = draw_runs(start, start.counts(), 0, T, 1, rng)
        stays.append(int(lengths[0]) if tokens[0] == 0 else 0)
    r = np.arange(3000)
    survival = np.cumprod((own + r) / (own + r + other * 0.4 / 0.6))
    law = -np.diff(np.concatenate([[1], survival]))
    seen = np.bincount(np.minimum(stays, 3000), minlength=3001)
    assert p_value(seen, [*law, survival[-1]]) > SMALLEST_P_VALUE


def test_a_text_may_be_continued_after_any_batch() -> None:
    """Batches of one switch each: a stay that was over must not begin again."""
    start, rng = start_of([[0.6, 0.4], [0.3, 0.7]], [0, 1]), np.random.default_rng(73)
    cells = []
    for _ in range(4000):
        m, query, left, last = start.counts(), 1, 12, 1
        while left:
            tokens, lengths = draw_runs(start, m, query, left, 1, rng)
            m += np.bincount(tokens, lengths, minlength=2)
            query = last = int(tokens[-1])
            left -= int(lengths.sum())
        cells.append([int(m[1]) - 1, last])
    law = exact_law([[0.6, 0.4], [0.3, 0.7]], [0, 1], 12)
    assert p_value_of_cells(np.array(cells), law) > SMALLEST_P_VALUE


def test_many_switches_in_several_batches_follow_the_exact_law() -> None:
    """With more than a thousand switches a text needs several batches."""
    rng, T = np.random.default_rng(74), 2500
    counts = [simulate_runs([[0.5, 0.5]] * 2, [0, 1], T, rng).counts_at([T])[0] for _ in range(300)]
    shares = np.array(counts)[:, 1] / (T + 2)
    assert scipy.stats.kstest(shares, "uniform").pvalue > SMALLEST_P_VALUE


@pytest.mark.parametrize("prompt", [[0, 1], [0, 1, 1], [0, 0, 0, 1, 1]])
def test_equal_tastes_are_a_polya_urn(prompt: list[int]) -> None:
    rng, T = np.random.default_rng(75), 40
    runs = [simulate_runs([[0.5, 0.5]] * 2, prompt, T, rng) for _ in range(2500)]
    ones = [int(one.counts_at([T])[0, 1]) - prompt.count(1) for one in runs]
    law = scipy.stats.betabinom.pmf(np.arange(T + 1), T, prompt.count(1), prompt.count(0))
    assert p_value(np.bincount(ones, minlength=T + 1), law) > SMALLEST_P_VALUE


def test_unequal_tastes_have_the_limit_of_two_yule_processes() -> None:
    """N_2 / N_1**rho tends to the ratio of two Gamma variables, rho = .3 / .7."""
    rng, rho = np.random.default_rng(76), 0.3 / 0.7
    last = np.array(
        [simulate_runs([[0.7, 0.3]] * 2, [0, 1, 1], 10**6, rng).counts_at([10**6])[0]
         for _ in range(250)]
    )  # fmt: skip
    limit = rng.gamma(2, size=100_000) / rng.gamma(1, size=100_000) ** rho
    found = last[:, 1] / last[:, 0] ** rho
    assert scipy.stats.ks_2samp(found, limit).pvalue > SMALLEST_P_VALUE


@pytest.mark.parametrize(
    ("P", "exponent"),
    [([[0.7, 0.3], [0.7, 0.3]], 3 / 7), ([[0.75, 0.25], [0.6, 0.4]], 1 / 3)],
)
def test_the_loser_grows_with_the_exponent_of_the_row_of_the_winner(
    P: Any, exponent: float
) -> None:
    """From 10**5 to 10**9 tokens; over 15 seeds the mean slope is off by .02 or less."""
    slopes = []
    for seed in range(15):
        runs = simulate_runs(P, [0, 1], 10**9, np.random.default_rng(seed))
        early, late = runs.counts_at([10**5, 10**9])[:, 1]
        slopes.append(np.log(late / early) / np.log(10**4))
    assert np.mean(slopes) == pytest.approx(exponent, abs=0.02)


# Limits.


def test_a_token_that_never_stays_and_one_that_never_leaves() -> None:
    swap = simulate_runs([[0.0, 1.0], [1.0, 0.0]], [0, 1], 7, np.random.default_rng(1))
    assert list(swap) == [(0, 1), (1, 1)] * 3 + [(0, 1)]
    trap = simulate_runs([[1.0, 0.0], [0.5, 0.5]], [1, 0], 10**15, np.random.default_rng(2))
    assert list(trap) == [(0, 10**15)]
    assert trap.reached == 10**15
    assert trap.switches == 0


def test_a_prompt_of_one_kind_is_one_run() -> None:
    runs = simulate_runs(SMALL, [2, 2], 10**12, np.random.default_rng(3))
    assert list(runs) == [(2, 10**12)]
    assert runs.counts_at([10**12]).tolist() == [[0, 0, 2 + 10**12]]


def test_no_tokens_are_no_runs() -> None:
    runs = simulate_runs(SMALL, [0, 1], 0, np.random.default_rng(4))
    assert (list(runs), runs.reached, runs.asked, runs.note, runs.switches) == ([], 0, 0, "", 0)
    assert runs.counts_at([0, 0]).tolist() == [[1, 1, 0]] * 2
    assert runs.text(0).tolist() == []


def test_counts_stay_whole_at_any_length() -> None:
    for seed in range(5):
        T = 10**15
        runs = simulate_runs([[0.99, 0.01]] * 2, [0, 1], T, np.random.default_rng(seed))
        assert sum(length for _, length in runs) == T == runs.reached
        assert runs.counts_at([T]).sum() == T + 2
        assert (runs.counts_at([T]) % 1 == 0).all()


def test_a_rare_leaver_does_not_leave() -> None:
    """The chance of leaving is often below the smallest float."""
    P = [[1 - 1e-9, 1e-9], [0.5, 0.5]]
    runs = [simulate_runs(P, [1, 0], 10**6, np.random.default_rng(seed)) for seed in range(50)]
    assert sum(len(one) == 1 for one in runs) >= 49


@pytest.mark.parametrize("smallest", [1e-300, 1e-320])
def test_a_token_that_nearly_always_leaves(smallest: float) -> None:
    P = [[smallest, 1.0], [0.5, 0.5]]
    runs = simulate_runs(P, [1, 0], 1000, np.random.default_rng(5))
    assert all(length == 1 for token, length in runs if token == 0)


def test_tokens_keep_their_names() -> None:
    P = np.full((6, 6), 1 / 6)
    runs = simulate_runs(P, [5, 2], 500, np.random.default_rng(6))
    assert set(runs.tokens.tolist()) == {2, 5}
    assert runs.prompt_counts.tolist() == [0, 0, 1, 0, 0, 1]
    assert runs.query == 2


# The cap.


@pytest.mark.parametrize("cap", [0, 1, 7, 1000, 1700])
def test_the_cap_falls_at_a_switch_and_says_so(cap: int) -> None:
    rng = np.random.default_rng(7)
    runs = simulate_runs([[0.3, 0.7], [0.7, 0.3]], [0, 1], 10**6, rng, max_switches=cap)
    assert runs.switches == cap
    assert runs.asked == 10**6
    assert runs.reached == runs.lengths.sum() < 10**6
    assert runs.note == (
        f"Stopped after {runs.reached} of 1000000 tokens: max_switches = {cap} switches were used "
        "up."
    )
    if cap:
        assert runs[-1][1] == 1
    assert runs.shares_at([runs.reached]).sum() == pytest.approx(1)


def test_a_cap_that_is_not_reached_changes_nothing() -> None:
    one, two = (
        simulate_runs(SMALL, [0, 1, 2], 400, np.random.default_rng(8), max_switches=cap)
        for cap in (400, 300_000)
    )
    assert list(one) == list(two)
    assert one.note == two.note == ""


# Runs as a sequence.


@given(some_runs(), st.data())
def test_counts_are_those_of_the_text_spelt_out(case: Any, data: st.DataObject) -> None:
    runs, prompt, text = case
    K = len(runs.prompt_counts)
    times = data.draw(st.lists(st.integers(0, len(text)), max_size=6))
    counts = runs.counts_at(times)
    assert counts.shape == (len(times), K)
    for row, t in zip(counts, times, strict=True):
        assert row.tolist() == [(prompt + text[:t]).count(j) for j in range(K)]
    assert (runs.shares_at(times) == counts / counts.sum(axis=1, keepdims=True)).all()


@given(some_runs(), st.data())
def test_runs_spell_their_text(case: Any, data: st.DataObject) -> None:
    runs, prompt, text = case
    assert runs.text(len(text)).tolist() == text
    part = data.draw(st.integers(0, len(text)))
    assert runs.text(part).tolist() == text[:part]
    changes = sum(a != b for a, b in zip([prompt[-1], *text], text, strict=False))
    assert runs.switches == changes


@given(some_runs())
def test_runs_are_a_sequence_of_python_numbers(case: Any) -> None:
    runs, _, text = case
    items = list(runs)
    assert [token for token, length in items for _ in range(length)] == text
    assert all(type(number) is int for item in items for number in item)
    assert len(runs) == len(items)
    assert [runs[i] for i in range(len(runs))] == items
    assert runs[1:] == items[1:]
    assert [*reversed(runs)] == items[::-1]
    copy = pickle.loads(pickle.dumps(runs))
    assert list(copy) == items
    assert repr(copy) == repr(runs)
    assert (copy.prompt_counts == runs.prompt_counts).all()


def test_runs_cannot_be_changed() -> None:
    tokens, lengths, counts = np.array([0, 1]), np.array([2, 3]), np.array([1.0, 1.0])
    runs = Runs(tokens, lengths, prompt_counts=counts, query=0, asked=9, note="A note.")
    tokens[:], lengths[:], counts[:] = 7, 7, 7
    assert list(runs) == [(0, 2), (1, 3)]
    assert runs.prompt_counts.tolist() == [1, 1]
    for column in (runs.tokens, runs.lengths, runs.prompt_counts):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 5
    with pytest.raises(AttributeError, match="Runs cannot be changed, so note cannot be set"):
        runs.note = ""
    with pytest.raises(AttributeError):
        runs.more = 1
    assert repr(runs) == "Runs(5 of 9 tokens, switches=1)"
    assert (runs.note, runs.asked, runs.reached) == ("A note.", 9, 5)


def test_times_are_taken_in_any_order_and_type() -> None:
    runs = Runs([1, 0], [2, 3], prompt_counts=[1, 1], query=1, asked=5)
    expected = [[4, 3], [1, 1], [2, 3], [1, 1]]
    for times in ([5, 0, 3, 0], (5, 0, 3, 0), np.array([5, 0, 3, 0], np.uint8)):
        assert runs.counts_at(times).tolist() == expected
    assert runs.counts_at([]).shape == (0, 2)
    assert runs.counts_at(range(2)).tolist() == [[1, 1], [1, 2]]


# Randomness, progress, interruption.


def test_a_seed_fixes_the_runs_and_nothing_else_moves() -> None:
    P, prompt = SMALL.copy(), np.array([0, 1, 2])
    world = str(np.random.get_state())  # noqa: NPY002
    one, two, other = (
        list(simulate_runs(P, prompt, 500, np.random.default_rng(seed))) for seed in (9, 9, 10)
    )
    assert one == two != other
    assert str(np.random.get_state()) == world  # noqa: NPY002
    assert (P == SMALL).all()
    assert prompt.tolist() == [0, 1, 2]


def test_progress_is_reported_and_runs_stopped_by_hand_are_kept() -> None:
    P, calls = [[0.3, 0.7], [0.7, 0.3]], []

    def stop(done: int, total: int) -> None:
        calls.append((done, total))
        if len(calls) == 3:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=r"of 9000 tokens are kept and read by: import") as caught:
        simulate_runs(P, [0, 1], 9000, np.random.default_rng(11), progress=stop)
    kept = caught.value.partial
    whole = simulate_runs(P, [0, 1], 9000, np.random.default_rng(11))
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})
    assert {total for _, total in calls} == {9000}
    assert kept.switches == 3000
    assert kept.text(kept.reached).tolist() == whole.text(kept.reached).tolist()
    assert kept.note == f"Stopped after {kept.reached} of 9000 tokens: it was stopped by hand."


# Bad input.

RUNS = Runs([1, 0], [2, 3], prompt_counts=[1, 1], query=1, asked=5)
BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: simulate_runs(SMALL, [3], 5, np.random.default_rng(1)), "tokens from 0 to 2"),
    (
        lambda: simulate_runs([[1]], [0], 10**15 + 1, np.random.default_rng(1)),
        "to 1000000000000000",
    ),
    (lambda: simulate_runs([[1]], [0], 1e9, np.random.default_rng(1)), "T must be a whole number"),  # type: ignore[arg-type]
    (lambda: simulate_runs([[1]], [0], 5, 1), "rng must be a numpy.random.Generator"),  # type: ignore[arg-type]
    (
        lambda: simulate_runs([[1]], [0], 5, np.random.default_rng(1), max_switches=-1),
        "max_switches must be a whole number from 0",
    ),
    (
        lambda: simulate_runs(HOLES, [1, 0], 5, np.random.default_rng(1), max_switches=2.5),  # type: ignore[arg-type]
        "max_switches must be a whole number",
    ),
    (
        lambda: simulate_runs(HOLES, [0], 5, np.random.default_rng(1)),
        "at length 1, prompt included: row 0 of P",
    ),
    (
        lambda: RUNS.counts_at([6]),
        "times must lie from 0 to 5, the number of tokens reached, got 6",
    ),
    (lambda: RUNS.counts_at([-1, 2]), "got -1 to 2"),
    (lambda: RUNS.shares_at([2.0]), "times must be a flat sequence of whole numbers, got [2.0]"),
    (lambda: RUNS.counts_at(3), "times must be a flat sequence of whole numbers, got 3"),
    (lambda: RUNS.counts_at([True]), "times must be a flat sequence of whole numbers"),
    (lambda: RUNS.text(6), "length must be a whole number from 0 to 5, got 6"),
    (
        lambda: Runs([0, 0], [1, 1], prompt_counts=[2], query=0, asked=2),
        "differ in token from their neighbours, got [(0, 1), (0, 1)]",
    ),
    (lambda: Runs([0], [0], prompt_counts=[2], query=0, asked=2), "lengths of 1 or more"),
    (lambda: Runs([0], [1, 2], prompt_counts=[2], query=0, asked=2), "each of the 1 runs, got 2"),
    (lambda: Runs([2], [1], prompt_counts=[1, 1], query=0, asked=1), "from 0 to 1, the tokens of"),
    (lambda: Runs([-1], [1], prompt_counts=[1, 1], query=0, asked=1), "got -1 to -1"),
    (
        lambda: Runs([0.5], [1], prompt_counts=[1], query=0, asked=1),
        "tokens must be a flat sequence of whole numbers, got [0.5]",
    ),
    (lambda: Runs([0], [[1]], prompt_counts=[1], query=0, asked=1), "lengths must be a flat"),
]


@pytest.mark.parametrize(("call", "words"), BAD)
def test_bad_input_is_refused(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
        call()
    assert words in str(refusal.value)


def test_pieces_of_no_length_at_all_merge_to_nothing() -> None:
    nothing: NDArray[np.int64] = np.zeros(0, np.int64)
    tokens, lengths = merged(nothing, nothing)
    assert len(tokens) == len(lengths) == 0
