"""Contenders, cases, and how a case is measured.

A case asks some contenders the same question.
Each contender is made ready, which imports what it needs, then asked once and its answer compared
with the truth.
Whoever is off is not timed.
Then all are timed in turn, round after round, each round in another order, so that a busy moment
of the machine meets everybody.
"""

from __future__ import annotations

import importlib.util
import math
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from benchmarks.spread import Spread, ratios, spread

Run = Callable[[np.random.Generator], object]
Say = Callable[[str], None]
Item = TypeVar("Item")

LEAST_SECONDS = 0.05  # what is shorter is repeated inside a round
MOST_REPEATS = 1000
NOT_INSTALLED = "not installed"
DISAGREES = "disagrees"
WARM_UP = 10**6  # the number of a round that is not counted


@dataclass(frozen=True)
class Time:
    """A moment or a duration on two clocks.

    Parameters
    ----------
    cpu : float
        Seconds that the processors worked for this process.
    wall : float
        Seconds that went by.
    """

    cpu: float
    wall: float


Clock = Callable[[], Time]


def clock() -> Time:
    """Return the present moment."""
    return Time(time.process_time(), time.perf_counter())


@dataclass(frozen=True)
class Agreement:
    """How an answer compares with the truth, and how it must compare.

    Parameters
    ----------
    measure : str
        What was compared, such as "largest error" or "p-value".
    value : float
        What came out.
    bound : float
        What was allowed.
    at_least : bool
        Whether the value must not fall below the bound, as a p-value, or not rise above it.

    Examples
    --------
    >>> Agreement("largest error", 2e-9, 1e-8).holds
    True
    >>> Agreement("p-value", 2e-9, 1e-6, at_least=True).holds
    False
    """

    measure: str
    value: float
    bound: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the answer may be timed; no answer that is not a number may."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


@dataclass(frozen=True)
class Contender:
    """Somebody who can answer the question of a case.

    Parameters
    ----------
    name : str
        As the table shows it.
    prepare : callable
        Imports, compiles and sets up what is not to be timed, and returns what is.
    check : callable
        Gets what `prepare` returned, and compares an answer with the truth.
    needs : str
        The module without which it cannot run, empty if it needs none.
    units : float
        How much of the case's unit one run does, such as the tokens that it generates.
    once : bool
        Never repeat it inside a round, because its time depends on the seed.
    """

    name: str
    prepare: Callable[[], Run]
    check: Callable[[Run], Agreement]
    needs: str = ""
    units: float = 1.0
    once: bool = False

    @property
    def is_installed(self) -> bool:
        """Whether what it needs can be imported."""
        return not self.needs or _can_be_imported(self.needs)


@dataclass(frozen=True)
class Target:
    """What a case is meant to reach.

    Parameters
    ----------
    words : str
        The target in words.
    contender : str
        Whose result is looked at.
    quantity : str
        Its "ratio" (its median time over ours), "seconds" (its median processor time a unit)
        or "agreement" (how its answer compares with the truth).
    bound : float
        The target itself.
    at_least : bool
        Whether the quantity must not fall below it, or not rise above it.
    """

    words: str
    contender: str
    quantity: str
    bound: float
    at_least: bool

    def is_met(self, measured: float) -> bool:
        """Tell whether a measured quantity reaches the target."""
        return measured >= self.bound if self.at_least else measured <= self.bound


@dataclass(frozen=True)
class Case:
    """A question, who answers it, and what we aim at.

    Parameters
    ----------
    name : str
        Short and unique, of lower-case letters, digits and dashes.
    family : str
        What it is about; cases of one family differ in their settings.
    title : str
        The question in a few words.
    unit : str
        What the times refer to, such as "token".
    contenders : sequence of Contender
        Ours first.
    settings : mapping
        Sizes of the problem.
    targets : sequence of Target
        What we aim at.
    rounds : int
        How often everybody is timed.
    """

    name: str
    family: str
    title: str
    unit: str
    contenders: Sequence[Contender]
    settings: Mapping[str, int] = field(default_factory=dict)
    targets: Sequence[Target] = ()
    rounds: int = 9

    def generator(self, number: int) -> np.random.Generator:
        """Return the generator of a round, the same for every contender."""
        return np.random.default_rng([zlib.crc32(self.name.encode()), number])


@dataclass
class Outcome:
    """What became of one contender.

    Parameters
    ----------
    contender : Contender
        Who.
    agreement : Agreement, optional
        How its answer compares with the truth.
    times : list of Time
        One a round, for one unit.
    reason : str
        Why there are no times, empty if there are.
    """

    contender: Contender
    agreement: Agreement | None = None
    times: list[Time] = field(default_factory=list)
    reason: str = ""

    def fail(self, error: Exception) -> None:
        """Take the contender out, with the reason."""
        self.times.clear()
        self.reason = f"failed: {type(error).__name__}: {error}"

    @property
    def cpu(self) -> Spread:
        """Processor time for one unit."""
        return spread([each.cpu for each in self.times])

    @property
    def wall(self) -> Spread:
        """Time on the wall for one unit."""
        return spread([each.wall for each in self.times])

    def ratio(self, ours: Outcome) -> Spread:
        """Return its processor time over ours, round by round."""
        return spread(ratios([t.cpu for t in self.times], [t.cpu for t in ours.times]))


def measure(
    case: Case,
    *,
    rounds: int | None = None,
    least_seconds: float = LEAST_SECONDS,
    read: Clock = clock,
    say: Say = lambda words: None,
) -> list[Outcome]:
    """Check everybody, then time everybody in turn.

    Parameters
    ----------
    case : Case
        What to measure.
    rounds : int, optional
        How many rounds at most; the case's own number if not given.
    least_seconds : float
        Repeat what is shorter than this inside a round.
    read : callable
        The clock.
    say : callable
        Is told what is being done.

    Returns
    -------
    list of Outcome
        In the order of the contenders.
    """
    outcomes = [Outcome(contender) for contender in case.contenders]
    ready = []
    for outcome in outcomes:
        say(f"checking {outcome.contender.name}")
        runner = _made_ready(case, outcome, least_seconds, read)
        ready += [runner] if runner else []
    last = case.rounds if rounds is None else min(rounds, case.rounds)
    for number in range(last):
        say(f"round {number + 1} of {last}")
        for runner in in_turn(ready, number):
            runner.time(case.generator(number), read)
    return outcomes


def in_turn(items: Sequence[Item], number: int) -> list[Item]:
    """Return the items in the order of a round: each round another one begins.

    Examples
    --------
    >>> [in_turn("abc", number) for number in range(3)]
    [['a', 'b', 'c'], ['b', 'c', 'a'], ['c', 'a', 'b']]
    """
    first = number % len(items) if items else 0
    return [*items[first:], *items[:first]]


@dataclass(frozen=True)
class _Runner:
    """A contender that is ready, and how often it runs in a round."""

    outcome: Outcome
    run: Run
    repeats: int

    def time(self, rng: np.random.Generator, read: Clock) -> None:
        if self.outcome.reason:
            return
        try:
            taken = _taken(self.run, self.repeats, rng, read)
        except Exception as error:
            self.outcome.fail(error)
            return
        units = self.repeats * self.outcome.contender.units
        self.outcome.times.append(Time(taken.cpu / units, taken.wall / units))


def _made_ready(case: Case, outcome: Outcome, least_seconds: float, read: Clock) -> _Runner | None:
    """Prepare, check and warm up a contender, or write down why it takes no part."""
    contender = outcome.contender
    if not contender.is_installed:
        outcome.reason = NOT_INSTALLED
        return None
    try:
        run = contender.prepare()
        outcome.agreement = contender.check(run)
        if not outcome.agreement.holds:
            outcome.reason = DISAGREES
            return None
        return _Runner(outcome, run, _repeats(case, contender, run, least_seconds, read))
    except Exception as error:  # whatever a peer raises, the others go on
        outcome.fail(error)
        return None


def _repeats(case: Case, contender: Contender, run: Run, least_seconds: float, read: Clock) -> int:
    """Run once to warm up, and return how many runs fill a round."""
    if contender.once:
        return 1
    seconds = _taken(run, 1, case.generator(WARM_UP), read).cpu
    return min(MOST_REPEATS, max(1, math.ceil(least_seconds / max(seconds, 1e-9))))


def _taken(run: Run, repeats: int, rng: np.random.Generator, read: Clock) -> Time:
    before = read()
    for _ in range(repeats):
        run(rng)
    after = read()
    return Time(after.cpu - before.cpu, after.wall - before.wall)


def _can_be_imported(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
