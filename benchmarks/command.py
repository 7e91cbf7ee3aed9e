"""The command line: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import functools
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from benchmarks import record
from benchmarks.cases import all_cases
from benchmarks.harness import LEAST_SECONDS, Case, Outcome, Say, measure

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "chapters" / "data" / "benchmarks.json"
INTERRUPTED = 130
QUICK_ROUNDS = 3
QUICK_SECONDS = 0.01

Measure = Callable[[Case, Say], list[Outcome]]


@dataclass
class Screen:
    """Says what is being done, on a line that is redrawn where there is a terminal.

    Parameters
    ----------
    stream : text stream
        Where to write.
    """

    stream: TextIO
    _width: int = 0

    def line(self, words: str) -> None:
        """Write a line that stays."""
        self.passing("")
        print(words, file=self.stream, flush=True)

    def passing(self, words: str) -> None:
        """Write a line that the next one replaces; nothing where there is no terminal."""
        if self.stream.isatty():
            text = words[:78]
            self.stream.write("\r" + text.ljust(self._width) + ("" if text else "\r"))
            self.stream.flush()
            self._width = len(text)


def main(words: Sequence[str] | None = None) -> int:
    """Measure what the words of a command line ask for, and return the exit status.

    Parameters
    ----------
    words : sequence of str, optional
        The options; those of the program if not given.
    """
    options = _parser().parse_args(words)
    cases = [case for case in all_cases(options.quick) if _is_wanted(case, options.only)]
    if not cases:
        print(f"No case has one of {', '.join(options.only)} in its name.", file=sys.stderr)
        return 2
    file = options.output or ROOT / "_build" / _file_name(options)
    started = record.to_go_on_with(file, options.quick) if options.resume else None
    screen = Screen(sys.stdout)
    held = started or record.new(options.quick)
    try:
        measure_all(cases, held, file, _measure_as(options.quick), screen)
    except KeyboardInterrupt:
        number = len(held["cases"])
        screen.line(f"Stopped. {number} of {len(cases)} cases stand in {file};")
        screen.line("the option --resume goes on from there.")
        return INTERRUPTED
    screen.line(record.table(held))
    if not (options.quick or options.only or options.output):
        record.write(held, RESULTS)
        file = RESULTS
    screen.line(f"The results stand in {file}.")
    return 0


def measure_all(
    cases: Iterable[Case], held: record.Record, file: Path, how: Measure, screen: Screen
) -> None:
    """Measure the cases that a record does not hold yet, and write it as each case ends.

    Parameters
    ----------
    cases : iterable of Case
        The cases.
    held : dict
        The record, which grows.
    file : Path
        Where it is written.
    how : callable
        Measures one case.
    screen : Screen
        Is told what is being done.
    """
    done = {each["name"] for each in held["cases"]}
    waiting = [case for case in cases if case.name not in done]
    for number, case in enumerate(waiting, start=1):
        label = f"[{number}/{len(waiting)}] {case.title}"
        say = functools.partial(_say, screen, label)
        began = time.monotonic()
        outcomes = how(case, say)
        held["cases"].append(record.case_record(case, outcomes))
        record.write(held, file)
        screen.line(f"{label}: {time.monotonic() - began:.1f} s")


def _say(screen: Screen, label: str, words: str) -> None:
    screen.passing(f"{label}: {words}")


def _measure_as(quick: bool) -> Measure:
    rounds = QUICK_ROUNDS if quick else None
    seconds = QUICK_SECONDS if quick else LEAST_SECONDS
    return lambda case, say: measure(case, rounds=rounds, least_seconds=seconds, say=say)


def _is_wanted(case: Case, only: Sequence[str]) -> bool:
    return not only or any(word in case.name for word in only)


def _file_name(options: argparse.Namespace) -> str:
    """Return where results stand meanwhile; parts apart, so that a whole run is never mixed."""
    kinds = [name for name in ("quick", "only") if getattr(options, name)]
    return "-".join(["benchmarks", *kinds]) + ".json"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tasks.py bench",
        description="Measure the course's algorithms side by side with their peers."
        " A whole run writes chapters/data/benchmarks.json, which the status page shows.",
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="small problems, to see that all is well")
    add("--only", nargs="+", default=[], metavar="WORD", help="cases with a word in their name")
    add("--resume", action="store_true", help="go on with a run that was interrupted")
    add("--output", type=Path, metavar="FILE", help="write the results here instead")
    return parser
