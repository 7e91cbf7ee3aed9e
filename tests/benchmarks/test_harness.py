"""The arithmetic of the harness, with a clock of its own: nothing here takes time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import harness
from benchmarks.harness import Agreement, Case, Contender, Outcome, Target, Time, measure
from benchmarks.spread import ratios, rounded, spread

RIGHT = Agreement("largest error", 0.0, 1e-9)
WRONG = Agreement("largest error", 1.0, 1e-9)
times = st.floats(1e-9, 1e9)


class Bench:
    """Contenders that take a set time on a clock that only they move."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[str] = []
        self.drawn: dict[str, list[float]] = {}

    def read(self) -> Time:
        """Return the moment; the wall is twice as slow as the processor."""
        return Time(self.now, 2 * self.now)

    def contender(self, name: str, *seconds: float, check: Any = RIGHT, **more: Any) -> Contender:
        """Return a contender whose runs take these seconds in turn, the last one for ever."""
        durations = self._durations(seconds)

        def run(rng: np.random.Generator) -> None:
            self.asked.append(name)
            self.drawn.setdefault(name, []).append(rng.random())
            self.now += next(durations)

        return Contender(name, lambda: run, lambda run: check, **more)

    @staticmethod
    def _durations(seconds: tuple[float, ...]) -> Iterator[float]:
        yield from seconds
        while True:
            yield seconds[-1]

    def measure(self, *contenders: Contender, rounds: int = 3, **more: Any) -> list[Outcome]:
        """Measure a case of these contenders."""
        case = Case("case", "family", "A case", "unit", contenders, rounds=rounds)
        return measure(case, read=self.read, **more)


@pytest.fixture
def bench() -> Bench:
    """A fresh bench."""
    return Bench()


# Medians, quartiles, ratios ------------------------------------------------------------------


def test_quartiles_are_those_of_numpy_and_need_no_order() -> None:
    values = [9.0, 1.0, 5.0, 3.0, 7.0, 20.0]
    found = spread(values)
    assert found[:3] == tuple(np.percentile(values, [25, 50, 75]))
    assert found.largest == 20.0


@given(st.lists(times, min_size=1))
def test_the_median_lies_between_the_quartiles(values: list[float]) -> None:
    found = spread(values)
    assert min(values) <= found.low <= found.median <= found.high <= found.largest
    assert found.largest == max(values)


@given(st.lists(st.tuples(times, times), min_size=1))
def test_a_ratio_is_taken_inside_its_round(pairs: list[tuple[float, float]]) -> None:
    peer, ours = zip(*pairs, strict=True)
    assert ratios(peer, ours) == [p / o for p, o in pairs]
    assert ratios(peer, peer) == [1.0] * len(peer)


def test_a_slow_round_changes_no_ratio() -> None:
    ours, peer = np.array([1.0, 1.0, 1.0]), np.array([3.0, 3.0, 3.0])
    load = np.array([1.0, 10.0, 2.0])
    assert spread(ratios((peer * load).tolist(), (ours * load).tolist())) == (3.0, 3.0, 3.0, 3.0)


def test_ratios_of_other_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="peer must have the 2 rounds of ours, got 1"):
        ratios([1.0], [1.0, 2.0])


def test_no_round_has_no_spread() -> None:
    with pytest.raises(ValueError, match="at least one number, got none"):
        spread([])


@given(st.floats(1e-12, 1e12))
def test_rounding_keeps_three_digits(value: float) -> None:
    assert abs(rounded(value) - value) <= 0.005 * value
    assert len(f"{rounded(value):e}".rstrip("0").partition("e")[0].rstrip("0")) <= len("1.23")


# Measuring -----------------------------------------------------------------------------------


def test_rounds_are_interleaved_and_each_begins_with_another(bench: Bench) -> None:
    bench.measure(*(bench.contender(name, 1.0) for name in "abc"), rounds=4)
    warm, timed = bench.asked[:3], bench.asked[3:]
    assert warm == ["a", "b", "c"]
    assert ["".join(timed[i : i + 3]) for i in (0, 3, 6, 9)] == ["abc", "bca", "cab", "abc"]


@given(st.lists(st.integers(), max_size=6, unique=True), st.integers(0, 20))
def test_everybody_has_a_turn_in_every_round(items: list[int], number: int) -> None:
    assert sorted(harness.in_turn(items, number)) == sorted(items)


def test_the_warm_up_is_not_counted(bench: Bench) -> None:
    (outcome,) = bench.measure(bench.contender("a", 50.0, 2.0))
    assert outcome.cpu == spread([2.0, 2.0, 2.0])


def test_processor_and_wall_are_kept_apart(bench: Bench) -> None:
    (outcome,) = bench.measure(bench.contender("a", 3.0))
    assert (outcome.cpu.median, outcome.wall.median) == (3.0, 6.0)


def test_times_are_those_of_one_unit(bench: Bench) -> None:
    ours, peer = bench.measure(
        bench.contender("ours", 4.0, units=8.0), bench.contender("peer", 3.0, units=2.0)
    )
    assert ours.cpu.median == 0.5
    assert peer.ratio(ours).median == 3.0


def test_what_is_short_is_repeated_and_divided_again(bench: Bench) -> None:
    (outcome,) = bench.measure(bench.contender("a", 0.25), rounds=2, least_seconds=1.0)
    assert len(bench.asked) == 1 + 2 * 4
    assert outcome.cpu.median == 0.25


def test_repeats_have_an_end(bench: Bench) -> None:
    bench.measure(bench.contender("a", 1e-12), rounds=1, least_seconds=1.0)
    assert len(bench.asked) == 1 + harness.MOST_REPEATS


def test_what_depends_on_the_seed_runs_once_a_round_without_warm_up(bench: Bench) -> None:
    (outcome,) = bench.measure(bench.contender("a", 1.0, 2.0, 4.0, once=True), least_seconds=99.0)
    assert [each.cpu for each in outcome.times] == [1.0, 2.0, 4.0]


def test_everybody_gets_the_same_numbers_and_each_round_others(bench: Bench) -> None:
    bench.measure(bench.contender("a", 1.0, once=True), bench.contender("b", 1.0, once=True))
    assert bench.drawn["a"] == bench.drawn["b"]
    assert len(set(bench.drawn["a"])) == 3


def test_fewer_rounds_can_be_asked_for_but_not_more(bench: Bench) -> None:
    (outcome,) = bench.measure(bench.contender("a", 1.0), rounds=5)
    assert len(outcome.times) == 5
    case = Case("case", "family", "A case", "unit", [bench.contender("a", 1.0)], rounds=5)
    for asked, counted in ((2, 2), (9, 5)):
        (outcome,) = measure(case, rounds=asked, read=bench.read)
        assert len(outcome.times) == counted


# Who takes no part ---------------------------------------------------------------------------


def test_a_missing_peer_is_named_and_nothing_is_put_in_its_place(bench: Bench) -> None:
    missing = bench.contender("peer", 1.0, needs="no_such_package.part")
    ours, peer = bench.measure(bench.contender("ours", 1.0), missing)
    assert peer.reason == "not installed"
    assert peer.times == []
    assert peer.agreement is None
    assert "peer" not in bench.asked
    assert len(ours.times) == 3


def test_what_is_installed_is_seen() -> None:
    def needing(name: str) -> bool:
        return Contender("a", lambda: lambda rng: None, lambda run: RIGHT, name).is_installed

    assert [needing(name) for name in ("", "numpy", "ccmc_teach.chain", "ccmc_teach.nothing")] == [
        *(True, True, True, False)
    ]


def test_a_wrong_answer_is_not_timed(bench: Bench) -> None:
    ours, peer = bench.measure(
        bench.contender("ours", 1.0), bench.contender("peer", 1.0, check=WRONG)
    )
    assert (peer.reason, peer.times, peer.agreement) == ("disagrees", [], WRONG)
    assert len(ours.times) == 3


@pytest.mark.parametrize(
    ("value", "at_least", "holds"),
    [(0.5, True, True), (0.5, False, True), (0.4, True, False), (0.6, False, False)],
)
def test_the_bound_itself_is_allowed(value: float, at_least: bool, holds: bool) -> None:
    assert Agreement("p-value", value, 0.5, at_least).holds is holds


@pytest.mark.parametrize("at_least", [True, False])
def test_what_is_not_a_number_agrees_with_nothing(at_least: bool) -> None:
    assert not Agreement("largest error", float("nan"), 1.0, at_least).holds


def failing(where: str, bench: Bench) -> Contender:
    """Return a contender that fails at one of its three moments."""

    def fail(*arguments: Any) -> Any:
        raise ZeroDivisionError("by zero")

    whole = bench.contender("peer", 1.0)
    steps: dict[str, dict[str, Any]] = {
        "prepare": {"prepare": fail},
        "check": {"check": fail},
        "run": {"prepare": lambda: fail},
    }
    return replace(whole, **steps[where])


@pytest.mark.parametrize("where", ["prepare", "check", "run"])
def test_a_peer_that_fails_stops_nobody_else(bench: Bench, where: str) -> None:
    ours, peer = bench.measure(bench.contender("ours", 1.0), failing(where, bench))
    assert peer.reason == "failed: ZeroDivisionError: by zero"
    assert peer.times == []
    assert len(ours.times) == 3


def test_a_failure_in_a_later_round_takes_the_earlier_ones_back(bench: Bench) -> None:
    def run(rng: np.random.Generator) -> None:
        bench.asked.append("peer")
        if bench.asked.count("peer") == 2:
            raise RuntimeError("stopped at 5 of 9 tokens")

    peer = Contender("peer", lambda: run, lambda run: RIGHT, once=True)
    ours, outcome = bench.measure(bench.contender("ours", 1.0), peer)
    assert outcome.reason == "failed: RuntimeError: stopped at 5 of 9 tokens"
    assert outcome.times == []
    assert bench.asked.count("peer") == 2
    assert len(ours.times) == 3


def test_an_interruption_is_no_failure_of_a_peer(bench: Bench) -> None:
    def run(rng: np.random.Generator) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.measure(Contender("peer", lambda: run, lambda run: RIGHT))


def test_it_says_what_it_does(bench: Bench) -> None:
    said: list[str] = []
    bench.measure(bench.contender("ours", 1.0), rounds=2, say=said.append)
    assert said == ["checking ours", "round 1 of 2", "round 2 of 2"]


# Targets -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at_least", "measured", "met"),
    [(True, 300, True), (True, 299, False), (False, 300, True), (False, 301, False)],
)
def test_a_target_is_met_from_its_bound_on(at_least: bool, measured: float, met: bool) -> None:
    assert Target("words", "peer", "ratio", 300, at_least).is_met(measured) is met
