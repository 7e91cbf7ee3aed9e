"""The front door: the law of its texts, its choices, its limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.stats

from ccmc_teach import decoding
from ccmc_teach.generation import Interrupted, Runs, door, exact_law, generate, simulate
from ccmc_teach.generation.path import Writer
from ccmc_teach.generation.runs import draw_runs
from generation.oracle import (
    HOLES,
    SMALL,
    SMALLEST_P_VALUE,
    Array,
    cells_of,
    law_by_definition,
    p_value_of_cells,
    p_value_of_texts,
)

pytestmark = pytest.mark.filterwarnings("error")

TOGETHER = [[0.3, 0.7], [0.7, 0.3]]
WINNER = [[0.7, 0.3], [0.7, 0.3]]


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the door choose anew every few tokens."""
    monkeypatch.setattr(door, "SMALLEST_CHUNK", 3)
    monkeypatch.setattr(door, "LARGEST_CHUNK", 8)
    monkeypatch.setattr(door, "SWITCHES_AT_ONCE", 2)
    monkeypatch.setattr(door, "TOKENS_PER_SWITCH", 2.5)


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of the ways taken, R for runs and T for tokens."""
    taken: list[str] = []
    write = Writer.write

    def by_runs(*arguments: Any) -> Any:
        taken.append("R")
        return draw_runs(*arguments)

    def by_tokens(*arguments: Any) -> None:
        taken.append("T")
        write(*arguments)

    monkeypatch.setattr(door, "draw_runs", by_runs)
    monkeypatch.setattr(Writer, "write", by_tokens)
    return taken


@pytest.mark.parametrize("P", [SMALL, HOLES])
def test_short_texts_follow_the_law_of_all_texts(P: Array) -> None:
    rng = np.random.default_rng(90)
    texts = [tuple(generate(P, [0, 2, 1], 4, rng).text(4).tolist()) for _ in range(4000)]
    assert p_value_of_texts(texts, law_by_definition(P, [0, 2, 1], 4)) > SMALLEST_P_VALUE


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize(
    ("P", "prompt"), [([[0.7, 0.3], [0.4, 0.6]], [0, 1]), (SMALL, [1, 0, 2]), (HOLES, [1, 0, 2])]
)
def test_changing_between_the_ways_changes_no_law(
    P: Any, prompt: list[int], ways: list[str]
) -> None:
    rng, T = np.random.default_rng(91), 40
    texts = np.array([generate(P, prompt, T, rng).text(T) for _ in range(2500)])
    assert p_value_of_cells(cells_of(texts, len(P)), exact_law(P, prompt, T)) > SMALLEST_P_VALUE
    taken = "".join(ways)
    assert taken.count("TR") > 500
    assert taken.count("RT") > 500


@pytest.mark.usefixtures("small_steps")
def test_a_long_text_of_both_ways_has_the_limit_of_the_urn(ways: list[str]) -> None:
    rng, T = np.random.default_rng(92), 400
    last = [generate([[0.5, 0.5]] * 2, [0, 1], T, rng).shares_at([T])[0, 1] for _ in range(400)]
    assert scipy.stats.kstest(last, "uniform").pvalue > SMALLEST_P_VALUE
    assert {"R", "T"} == set(ways)


def test_a_winner_is_followed_by_runs(ways: list[str]) -> None:
    runs = generate(WINNER, [0, 1], 10**9, np.random.default_rng(1))
    assert runs.reached == 10**9
    assert runs.note == ""
    assert ways[0] == "T"
    assert ways[-1] == "R"
    assert ways.count("T") < 300


def test_tokens_that_live_together_are_written_one_by_one(ways: list[str]) -> None:
    runs = generate(TOGETHER, [0, 1], 50_000, np.random.default_rng(2))
    assert runs.reached == 50_000
    assert set(ways) == {"T"}
    assert runs.shares_at([50_000])[0] == pytest.approx([0.5, 0.5], abs=0.05)


@pytest.mark.parametrize(
    ("positions", "parameters", "rules"),
    [
        ("window", {"size": 3}, None),
        ("power", {"exponent": 1.0}, None),
        ("uniform", {}, decoding.rules(temperature=1.5)),
        ("sink", {"mass": 0.2}, decoding.rules(top_k=2)),
    ],
)
def test_weights_and_rules_stay_with_tokens(
    positions: str, parameters: dict[str, Any], rules: Any, ways: list[str]
) -> None:
    options: dict[str, Any] = {"positions": positions, "rules": rules, **parameters}
    runs = generate(SMALL, [0, 2, 1], 900, np.random.default_rng(3), **options)
    text = simulate(SMALL, [0, 2, 1], 900, np.random.default_rng(3), **options)
    assert runs.text(900).tolist() == text[3:].tolist()
    assert set(ways) == {"T"}


def test_weights_follow_their_law_through_the_door() -> None:
    rng = np.random.default_rng(93)
    options: dict[str, Any] = {"positions": "window", "size": 2}
    texts = [
        tuple(generate(SMALL, [0, 2, 1], 4, rng, **options).text(4).tolist()) for _ in range(3000)
    ]
    law = law_by_definition(SMALL, [0, 2, 1], 4, "window", {"size": 2})
    assert p_value_of_texts(texts, law) > SMALLEST_P_VALUE


# Limits.


def test_both_limits_are_named_where_they_stop_the_text() -> None:
    rng = np.random.default_rng(4)
    runs = generate(TOGETHER, [0, 1], 10**6, rng, max_tokens=3000, max_switches=1500)
    assert runs.reached < 10**6
    assert runs.note == (
        f"Stopped after {runs.reached} of 1000000 tokens: max_tokens = 3000 is the length up to "
        "which tokens are drawn one by one, and the switches of max_switches were used up."
    )
    assert 4500 < runs.reached < 6500
    assert (runs.text(3000) != runs.text(3001)[1:]).any()


def test_tokens_alone_stop_at_their_own_limit() -> None:
    rng = np.random.default_rng(5)
    runs = generate(TOGETHER, [0, 1], 9000, rng, max_tokens=3000, positions="sink", mass=0.1)
    assert runs.reached == 3000
    assert runs.note == (
        "Stopped after 3000 of 9000 tokens: max_tokens = 3000 were drawn one by one."
    )


@pytest.mark.parametrize("limits", [{"max_switches": 0}, {"max_tokens": 0}])
def test_either_way_alone_will_do(limits: dict[str, Any], ways: list[str]) -> None:
    runs = generate(SMALL, [0, 1, 2], 2000, np.random.default_rng(6), **limits)
    assert runs.reached == 2000
    assert runs.note == ""
    assert len(set(ways)) == 1


def test_no_tokens_at_all() -> None:
    runs = generate(SMALL, [0, 1, 2], 0, np.random.default_rng(7))
    assert isinstance(runs, Runs)
    assert (len(runs), runs.note) == (0, "")


def test_a_callable_matrix_is_taken() -> None:
    runs = generate(lambda tokens: np.ones((2, 2)), [8, 3], 500, np.random.default_rng(8))
    assert set(runs.tokens.tolist()) == {3, 8}
    assert runs.prompt_counts.tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 1]


# Randomness, progress, interruption, bad input.


def test_a_seed_fixes_the_runs() -> None:
    one, two, other = (
        list(generate(SMALL, [0, 1, 2], 5000, np.random.default_rng(seed))) for seed in (9, 9, 10)
    )
    assert one == two != other


@pytest.mark.parametrize("P", [TOGETHER, WINNER])
def test_what_was_stopped_by_hand_is_kept(P: Any) -> None:
    T, calls = 10**6, []

    def stop(done: int, total: int) -> None:
        calls.append((done, total))
        if len(calls) == 4:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=r"of 1000000 tokens are kept") as caught:
        generate(P, [0, 1], T, np.random.default_rng(11), progress=stop)
    kept = caught.value.partial
    whole = generate(P, [0, 1], T, np.random.default_rng(11))
    assert kept.reached == calls[-1][0] > calls[0][0] > 0
    assert calls[-1][1] == T
    assert kept.counts_at([kept.reached]).tolist() == whole.counts_at([kept.reached]).tolist()


BAD: list[tuple[dict[str, Any], str]] = [
    ({"T": -1}, "T must be a whole number from 0"),
    ({"T": 1e9}, "T must be a whole number"),
    ({"prompt": [3]}, "prompt must hold tokens from 0 to 2"),
    ({"rng": 1}, "rng must be a numpy.random.Generator"),
    ({"max_switches": -1}, "max_switches must be a whole number from 0"),
    ({"max_tokens": 1.5}, "max_tokens must be a whole number from 0"),
    ({"positions": "alibi"}, "kind must be one of"),
    ({"rules": 3}, "rules must be None or made by"),
    ({"progress": 3}, "progress must be None, True or a callable"),
    ({"P": HOLES, "prompt": [0]}, "at length 1, prompt included: row 0 of P"),
]


@pytest.mark.parametrize(("changes", "words"), BAD)
def test_bad_input_is_refused(changes: dict[str, Any], words: str) -> None:
    arguments: dict[str, Any] = {
        "P": SMALL,
        "prompt": [0],
        "T": 5,
        "rng": np.random.default_rng(1),
    } | changes
    with pytest.raises(ValueError, match=r"\A[^\n]*\.\Z") as refusal:
        generate(**arguments)
    assert words in str(refusal.value)
