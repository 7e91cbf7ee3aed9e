"""The record: what is written, how it is rounded, and that nothing measured is lost."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import command, record
from benchmarks.harness import Agreement, Case, Contender, Outcome, Say, Target, Time

RIGHT = Agreement("largest error", 1.23456e-10, 1e-9)


def contender(name: str, needs: str = "") -> Contender:
    """Return a contender by name only."""
    return Contender(name, lambda: lambda rng: None, lambda run: RIGHT, needs)


def outcome(name: str, *cpu: float, needs: str = "", reason: str = "") -> Outcome:
    """Return the outcome of a contender with these times, the wall twice as slow."""
    agreement = None if reason == "not installed" else RIGHT
    times = [Time(each, 2 * each) for each in cpu]
    return Outcome(contender(name, needs), agreement, times, reason)


def case(name: str, *targets: Target) -> Case:
    """Return a case by name only."""
    contenders = [contender("ours"), contender("peer")]
    return Case(name, "family", f"Case {name}", "token", contenders, {"K": 2}, targets)


def a_record(*targets: Target) -> dict[str, Any]:
    """Return the record of a case with three contenders."""
    outcomes = [
        outcome("ours", 1.0, 2.0, 4.0, needs="ccmc_teach.generation"),
        outcome("peer", 30.0, 80.0, 200.0, needs="torch"),
        outcome("other", needs="numba", reason="not installed"),
    ]
    return record.case_record(case("a", *targets), outcomes)


def ratio_target(bound: float, name: str = "peer") -> Target:
    """Return a target for the ratio of a contender."""
    return Target("words", name, "ratio", bound, at_least=True)


# What is written -----------------------------------------------------------------------------


def test_times_and_ratios_have_quartiles_and_few_digits() -> None:
    ours, peer, _ = a_record()["contenders"]
    assert ours["cpu"] == {"low": 1.5, "median": 2.0, "high": 3.0, "largest": 4.0}
    assert ours["wall"]["median"] == 4.0
    assert "ratio" not in ours
    assert peer["ratio"] == {"low": 35.0, "median": 40.0, "high": 45.0, "largest": 50.0}
    assert peer["agreement"] == {
        "measure": "largest error",
        "value": 1.23e-10,
        "bound": 1e-9,
        "at_least": False,
    }


def test_packages_are_named() -> None:
    assert [each["package"] for each in a_record()["contenders"]] == [
        *("ccmc_teach", "torch", "numba")
    ]
    plain = record.case_record(case("a"), [outcome("ours", 1.0)])
    assert plain["contenders"][0]["package"] == "numpy"


def test_whoever_took_no_part_has_a_reason_and_no_number() -> None:
    found = a_record()["contenders"][2]
    assert found == {"name": "other", "package": "numba", "reason": "not installed"}


def test_without_our_own_times_there_is_no_ratio() -> None:
    outcomes = [outcome("ours", reason="failed: KeyError: 'x'"), outcome("peer", 1.0, 2.0)]
    found = record.case_record(case("a", ratio_target(2)), outcomes)
    assert "ratio" not in found["contenders"][1]
    assert found["rounds"] == 2
    assert found["targets"][0]["met"] is None


def test_targets_are_looked_up_where_they_belong() -> None:
    targets = [
        ratio_target(40),
        ratio_target(41),
        Target("words", "ours", "seconds", 2.0, at_least=False),
        Target("words", "ours", "seconds", 1.9, at_least=False),
        Target("words", "peer", "seconds", 80.0, at_least=True),
        Target("words", "peer", "agreement", 1e-9, at_least=False),
        ratio_target(1, "other"),
        Target("words", "other", "agreement", 1e-9, at_least=False),
    ]
    found = a_record(*targets)["targets"]
    assert [each["met"] for each in found] == [True, False, True, False, True, True, None, None]
    assert [each["measured"] for each in found[:3]] == [40.0, 40.0, 2.0]
    assert found[6]["measured"] is None


def test_the_machine_is_described_without_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.node", lambda: "name-of-this-host")
    held = record.new(quick=False)
    assert set(held["machine"]) == {"cores", "architecture", "system", "python"}
    assert set(held["versions"]) == set(record.PACKAGES)
    assert held["versions"]["numpy"].count(".") >= 1
    assert "name-of-this-host" not in json.dumps(held)


def test_a_version_that_is_not_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "PACKAGES", ("numpy", "no-such-package"))
    assert record.versions()["no-such-package"] is None


def test_the_table_says_what_was_found() -> None:
    held = record.new(quick=True)
    held["cases"] = [a_record(ratio_target(41), ratio_target(1, "other"))]
    lines = record.table(held).splitlines()
    assert lines[0] == "Case a (3 rounds)"
    assert lines[1].split() == ["ours", "2", "s", "a", "token"]
    assert lines[2].endswith("80 s a token, 40 times ours (35 to 45)")
    assert lines[3].endswith("not installed")
    assert lines[4] == "    NOT MET: words (40)"
    assert lines[5] == "    not measured: words"


# Nothing measured is lost --------------------------------------------------------------------


def stops_at(name: str) -> command.Measure:
    """Return a way to measure that is interrupted in one of the cases."""

    def how(case: Case, say: Say) -> list[Outcome]:
        say("round 1 of 1")
        if case.name == name:
            raise KeyboardInterrupt
        return [outcome("ours", 1.0), outcome("peer", 3.0)]

    return how


def screen() -> command.Screen:
    """Return a screen that nobody sees."""
    return command.Screen(io.StringIO())


def test_an_interruption_keeps_the_cases_that_ended(tmp_path: Path) -> None:
    file, held = tmp_path / "deep" / "results.json", record.new(quick=False)
    with pytest.raises(KeyboardInterrupt):
        command.measure_all(map(case, "abc"), held, file, stops_at("c"), screen())
    assert [each["name"] for each in json.loads(file.read_text())["cases"]] == ["a", "b"]


def test_a_run_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    file, held = tmp_path / "results.json", record.new(quick=False)
    with pytest.raises(KeyboardInterrupt):
        command.measure_all(map(case, "abc"), held, file, stops_at("b"), screen())
    again, measured = record.to_go_on_with(file, quick=False), []

    def how(case: Case, say: Say) -> list[Outcome]:
        measured.append(case.name)
        return [outcome("ours", 1.0), outcome("peer", 3.0)]

    command.measure_all(map(case, "abc"), again, file, how, screen())
    assert measured == ["b", "c"]
    assert [each["name"] for each in json.loads(file.read_text())["cases"]] == ["a", "b", "c"]


@pytest.mark.parametrize("changed", ["quick", "machine", "versions"])
def test_results_of_another_kind_are_not_mixed(tmp_path: Path, changed: str) -> None:
    file, held = tmp_path / "results.json", record.new(quick=False)
    held["cases"] = [a_record()]
    record.write({**held, changed: "other"}, file)
    assert record.to_go_on_with(file, quick=False)["cases"] == []
    record.write(held, file)
    assert record.to_go_on_with(file, quick=False)["cases"] == held["cases"]


@pytest.mark.parametrize("content", [None, "", "{"])
def test_without_a_readable_file_a_run_begins_anew(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "results.json"
    if content is not None:
        file.write_text(content)
    assert record.to_go_on_with(file, quick=True) == record.new(quick=True)


def test_a_file_is_never_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "results.json"
    record.write({"cases": []}, file)
    monkeypatch.setattr(Path, "replace", lambda self, target: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        record.write({"cases": [1]}, file)
    assert json.loads(file.read_text()) == {"cases": []}


# The command line ----------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_is_redrawn_on_a_terminal_only(tmp_path: Path) -> None:
    for stream, redrawn in ((Terminal(), True), (io.StringIO(), False)):
        shown = command.Screen(stream)
        held = record.new(quick=True)
        command.measure_all([case("a")], held, tmp_path / "r.json", stops_at(""), shown)
        assert ("\r[1/1] Case a: round 1 of 1" in stream.getvalue()) is redrawn
        assert stream.getvalue().endswith(" s\n")


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in which the command measures two cases of no cost."""
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "RESULTS", tmp_path / "chapters" / "data" / "benchmarks.json")
    monkeypatch.setattr(command, "all_cases", lambda quick: [case("one"), case("two")])
    monkeypatch.setattr(command, "_measure_as", lambda quick: stops_at("stop"))
    return tmp_path


def written(folder: Path) -> set[str]:
    """Return the files of a folder."""
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_a_whole_run_writes_what_the_page_reads(
    measured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([]) == 0
    assert written(measured) == {"_build/benchmarks.json", "chapters/data/benchmarks.json"}
    held = json.loads(command.RESULTS.read_text())
    assert [each["name"] for each in held["cases"]] == ["one", "two"]
    assert "3 times ours" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (["--quick"], "_build/benchmarks-quick.json"),
        (["--only", "two"], "_build/benchmarks-only.json"),
        (["--quick", "--only", "two"], "_build/benchmarks-quick-only.json"),
        (["--output", "OTHER"], "other.json"),
    ],
)
def test_a_part_of_a_run_does_not_reach_the_page(
    measured: Path, words: list[str], file: str
) -> None:
    place = str(measured / "other.json")
    assert command.main([place if word == "OTHER" else word for word in words]) == 0
    assert written(measured) == {file}


def test_cases_can_be_chosen(measured: Path) -> None:
    command.main(["--only", "two", "three"])
    held = json.loads((measured / "_build" / "benchmarks-only.json").read_text())
    assert [each["name"] for each in held["cases"]] == ["two"]


def test_no_such_case_is_one_sentence(measured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--only", "three"]) == 2
    assert capsys.readouterr().err == "No case has one of three in its name.\n"


def test_an_interrupted_command_says_what_stands_where(
    measured: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_measure_as", lambda quick: stops_at("two"))
    assert command.main([]) == command.INTERRUPTED
    said = capsys.readouterr().out
    assert f"1 of 2 cases stand in {measured / '_build' / 'benchmarks.json'}" in said
    assert written(measured) == {"_build/benchmarks.json"}
    monkeypatch.setattr(command, "_measure_as", lambda quick: stops_at("one"))
    assert command.main(["--resume"]) == 0
    assert written(measured) == {"_build/benchmarks.json", "chapters/data/benchmarks.json"}
