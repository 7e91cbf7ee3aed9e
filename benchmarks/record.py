"""The machine, the versions, and the file of results.

The file is small JSON that the status page reads: rounded, and without date, place or owner.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness import Case, Outcome, Target
from benchmarks.spread import Spread, rounded

Record = dict[str, Any]

# What is imported, and the name under which it is installed, where the two differ.
PACKAGES = ("numpy", "torch", "numba", "quantecon", "choix", "scipy", "statsmodels", "networkx")


def machine() -> Record:
    """Return what kind of machine this is, without its name."""
    return {
        "cores": os.cpu_count() or 1,
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def versions() -> dict[str, str | None]:
    """Return the version of every package that takes part, None for one that is not installed."""
    return {name: _version(name) for name in PACKAGES}


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def new(quick: bool) -> Record:
    """Return a record without cases.

    Parameters
    ----------
    quick : bool
        Whether it is of the short version.
    """
    return {
        "quick": quick,
        "threads": 1,
        "machine": machine(),
        "versions": versions(),
        "cases": [],
    }


def case_record(case: Case, outcomes: Sequence[Outcome]) -> Record:
    """Return what was found in a case.

    Parameters
    ----------
    case : Case
        The case.
    outcomes : sequence of Outcome
        What became of its contenders, ours first.
    """
    ours = outcomes[0]
    return {
        "name": case.name,
        "family": case.family,
        "title": case.title,
        "unit": case.unit,
        "settings": dict(case.settings),
        "rounds": max(len(each.times) for each in outcomes),
        "contenders": [_contender_record(each, ours) for each in outcomes],
        "targets": [target_record(target, outcomes) for target in case.targets],
    }


def _contender_record(outcome: Outcome, ours: Outcome) -> Record:
    found: Record = {"name": outcome.contender.name, "package": _package(outcome)}
    if outcome.agreement:
        found["agreement"] = {
            "measure": outcome.agreement.measure,
            "value": rounded(outcome.agreement.value),
            "bound": rounded(outcome.agreement.bound),
            "at_least": outcome.agreement.at_least,
        }
    if outcome.reason:
        return {**found, "reason": outcome.reason}
    found["cpu"] = _spread_record(outcome.cpu)
    found["wall"] = _spread_record(outcome.wall)
    if ours.times and outcome is not ours:
        found["ratio"] = _spread_record(outcome.ratio(ours))
    return found


def _package(outcome: Outcome) -> str:
    return outcome.contender.needs.partition(".")[0] or "numpy"


def _spread_record(found: Spread) -> dict[str, float]:
    return {name: rounded(value) for name, value in found._asdict().items()}


def target_record(target: Target, outcomes: Sequence[Outcome]) -> Record:
    """Return a target with what was measured and whether it is met, both None if nothing was.

    Parameters
    ----------
    target : Target
        The target.
    outcomes : sequence of Outcome
        What became of the contenders of its case, ours first.
    """
    measured = _quantity(target, outcomes)
    return {
        "words": target.words,
        "quantity": target.quantity,
        "bound": target.bound,
        "measured": None if measured is None else rounded(measured),
        "met": None if measured is None else target.is_met(measured),
    }


def _quantity(target: Target, outcomes: Sequence[Outcome]) -> float | None:
    ours = outcomes[0]
    theirs = next(each for each in outcomes if each.contender.name == target.contender)
    if target.quantity == "agreement":
        return theirs.agreement.value if theirs.agreement else None
    if not (theirs.times and ours.times):
        return None
    return theirs.cpu.median if target.quantity == "seconds" else theirs.ratio(ours).median


def write(record: Record, file: Path) -> None:
    """Write a record so that the file is whole at every moment.

    Parameters
    ----------
    record : dict
        The record.
    file : Path
        Where to.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(file.name + ".part")
    half.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    half.replace(file)


def to_go_on_with(file: Path, quick: bool) -> Record:
    """Return the record that a run can go on with: that of the file if it is of the same kind.

    Parameters
    ----------
    file : Path
        Where an interrupted run wrote.
    quick : bool
        Whether it is about the short version.
    """
    fresh = new(quick)
    try:
        held: Record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return fresh
    same = all(held.get(name) == fresh[name] for name in fresh if name != "cases")
    return held if same else fresh


def table(record: Record) -> str:
    """Return the ratios of a record as lines of text.

    Parameters
    ----------
    record : dict
        The record.
    """
    lines = []
    for case in record["cases"]:
        lines.append(f"{case['title']} ({case['rounds']} rounds)")
        lines += [_contender_line(each, case["unit"]) for each in case["contenders"]]
        lines += [_target_line(each) for each in case["targets"]]
    return "\n".join(lines)


def _contender_line(contender: Record, unit: str) -> str:
    name = f"    {contender['name']:45}"
    if "reason" in contender:
        return f"{name} {contender['reason']}"
    line = f"{name} {contender['cpu']['median']:9.3g} s a {unit}"
    if "ratio" not in contender:
        return line
    low, median, high = (contender["ratio"][each] for each in ("low", "median", "high"))
    return f"{line}, {median:.3g} times ours ({low:.3g} to {high:.3g})"


def _target_line(target: Record) -> str:
    word = {True: "met", False: "NOT MET", None: "not measured"}[target["met"]]
    measured = "" if target["measured"] is None else f" ({target['measured']:.3g})"
    return f"    {word}: {target['words']}{measured}"
