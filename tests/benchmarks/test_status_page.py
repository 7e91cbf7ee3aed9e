"""The status page and the results that it reads: nothing on it is typed, nothing is left out."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import cases, record
from benchmarks.harness import Agreement
from benchmarks.spread import rounded

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "chapters" / "reference" / "status.md"
RESULTS = ROOT / "chapters" / "data" / "benchmarks.json"
LARGEST_RESULTS = 60_000
QUARTILES = ("low", "median", "high")

Results = dict[str, Any]


def committed() -> Results:
    """Return the results that the page shows."""
    held: Results = json.loads(RESULTS.read_text(encoding="utf-8"))
    return held


def contenders(results: Results) -> list[Results]:
    """Return all contenders of all cases."""
    return [each for case in results["cases"] for each in case["contenders"]]


def numbers(value: object) -> list[float]:
    """Return every number with a fraction in some JSON."""
    if isinstance(value, dict):
        return [each for part in value.values() for each in numbers(part)]
    if isinstance(value, list):
        return [each for part in value for each in numbers(part)]
    return [value] if isinstance(value, float) else []


# The results ---------------------------------------------------------------------------------


def test_results_are_those_of_a_whole_run() -> None:
    held = committed()
    assert set(held) == set(record.new(quick=False))
    assert held["quick"] is False
    for found, case in zip(held["cases"], cases.all_cases(), strict=True):
        assert found["name"] == case.name
        assert (found["family"], found["title"], found["unit"]) == (
            *(case.family, case.title, case.unit),
        )
        assert found["settings"] == case.settings
        assert found["rounds"] == case.rounds
        names = [each.name for each in case.contenders]
        assert [each["name"] for each in found["contenders"]] == names
        assert [each["words"] for each in found["targets"]] == [t.words for t in case.targets]


def test_nobody_failed_and_only_pytorch_may_be_missing() -> None:
    missing = [each for each in contenders(committed()) if "reason" in each]
    reasons = {(each["package"], each["reason"]) for each in missing}
    assert reasons <= {("torch", "not installed")}


def test_every_answer_was_right() -> None:
    for each in contenders(committed()):
        if "cpu" in each:
            assert Agreement(**each["agreement"]).holds, each


def test_spreads_are_in_order_and_ratios_fit_the_times() -> None:
    for case in committed()["cases"]:
        ours = case["contenders"][0]
        for each in case["contenders"]:
            for spread in (each[name] for name in ("cpu", "wall", "ratio") if name in each):
                assert spread["low"] <= spread["median"] <= spread["high"] <= spread["largest"]
            if "ratio" in each:
                # The median of ratios is not the ratio of medians, but lies near it, except
                # where the seed decides how long ours takes.
                about = each["cpu"]["median"] / ours["cpu"]["median"]
                assert 1 / 3 < each["ratio"]["median"] / about < 3, (case["name"], each["name"])


def test_targets_are_judged_as_they_are_worded() -> None:
    for found, case in zip(committed()["cases"], cases.all_cases(), strict=True):
        for judged, target in zip(found["targets"], case.targets, strict=True):
            assert (judged["quantity"], judged["bound"]) == (target.quantity, target.bound)
            measured = judged["measured"]
            assert judged["met"] is (None if measured is None else target.is_met(measured))


def test_the_file_is_small_rounded_and_without_a_name() -> None:
    held = committed()
    assert RESULTS.stat().st_size < LARGEST_RESULTS
    assert all(value == rounded(value) for value in numbers(held["cases"]))
    assert set(held["machine"]) == {"cores", "architecture", "system", "python"}
    text = RESULTS.read_text(encoding="utf-8")
    assert not re.search(r"20\d\d-\d\d|host|user|/tmp|/home", text)


# The page ------------------------------------------------------------------------------------


class Executed:
    """The page, run on some results.

    Parameters
    ----------
    results : dict
        What it reads.
    folder : Path
        Where it runs.
    monkeypatch : pytest.MonkeyPatch
        Puts it there.
    """

    def __init__(self, results: Results, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.glued: dict[str, str] = {}
        self.shown: list[str] = []
        for name in ("data", "reference"):
            (folder / "chapters" / name).mkdir(parents=True)
        (folder / "chapters" / "data" / "benchmarks.json").write_text(json.dumps(results))
        monkeypatch.chdir(folder / "chapters" / "reference")
        monkeypatch.setattr("myst_nb.glue", self._glue)
        names: dict[str, Any] = {}
        for cell in re.findall(r"^```\{code-cell\}.*?\n(.*?)^```$", PAGE.read_text(), re.M | re.S):
            self._run(re.sub(r"^:.*\n", "", cell, flags=re.M), names)

    def _glue(self, name: str, value: str, display: bool) -> None:
        self.glued[name] = value

    def _run(self, code: str, names: dict[str, Any]) -> None:
        tree = ast.parse(code)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            text = getattr(value, "data", None) or getattr(value, "alt", "")
            self.shown += [text] if text else []


Run = Callable[[Results], Executed]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the page on some results, each time in a folder of its own."""
    runs: list[Executed] = []

    def run_it(results: Results) -> Executed:
        runs.append(Executed(results, tmp_path / str(len(runs)), monkeypatch))
        return runs[-1]

    return run_it


def scaled(value: Any, names: set[str], factor: float, inside: bool = False) -> Any:
    """Return JSON with every number below some names multiplied."""
    if isinstance(value, dict):
        return {k: scaled(v, names, factor, inside or k in names) for k, v in value.items()}
    if isinstance(value, list):
        return [scaled(each, names, factor, inside) for each in value]
    return value * factor if inside else value


def test_every_number_in_a_sentence_comes_from_the_file(run: Run) -> None:
    before = run(committed()).glued
    changed = scaled(committed(), {"cpu", "ratio"}, 7.0)
    changed["machine"] |= {"cores": 77, "python": "3.99.9"}
    changed["versions"]["numpy"] = "9.9.9"
    for case in changed["cases"]:
        case["targets"] = [{**target, "met": False} for target in case["targets"] * 2]
    after = run(changed).glued
    used = set(re.findall(r"\{eval\}`(\w+)`", PAGE.read_text()))
    assert used == set(before)
    assert [name for name in used if before[name] == after[name]] == []


def test_no_result_is_typed() -> None:
    text = re.sub(r"^```.*?^```$", "", PAGE.read_text(), flags=re.M | re.S)
    text = text.partition("(status)=")[2]
    assert not re.search(r"\d+(\.\d+)? ?(s|ms|µs|ns|times)\b", text.replace("a hundred times", ""))


def test_every_case_contender_and_target_is_on_the_page(run: Run) -> None:
    results = committed()
    shown = "\n".join(run(results).shown)
    for case in results["cases"]:
        assert all(target["words"] in shown for target in case["targets"])
    for each in contenders(results):
        assert each["name"].partition(" ")[0] in shown


def plain(value: float) -> str:
    """Return a number with three digits that count, written out."""
    return f"{float(f'{value:.3g}'):g}"


def test_tables_show_every_ratio_with_its_quartiles(run: Run) -> None:
    results = committed()
    shown = "\n".join(run(results).shown)
    for case in results["cases"]:
        for each in case["contenders"]:
            if "ratio" in each:
                low, median, high = (plain(each["ratio"][name]) for name in QUARTILES)
                assert f"**{median}** ({low}–{high})" in shown.replace("\u2060", "")


def rows(markdown: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the head of a table with each of its rows, both as cells."""
    lines = [line.strip("| ").split(" | ") for line in markdown.splitlines()]
    yield from ((lines[0], line) for line in lines[2:])


def test_a_ratio_stands_in_the_row_and_column_where_it_belongs(run: Run) -> None:
    results = committed()
    owners: dict[str, tuple[Results, str]] = {}
    for case in results["cases"]:
        for each in case["contenders"]:
            if "ratio" in each:
                owners[str(len(owners) + 1)] = (case, each["name"])
                each["ratio"] = dict.fromkeys(QUARTILES, len(owners))
    found = set()
    for markdown in run(results).shown:
        for head, cells in rows(markdown) if markdown.startswith("| one ") else ():
            for place, cell in enumerate(cells):
                if number := re.match(r"\*\*(\d+)\*\*", cell):
                    case, name = owners[number[1]]
                    found.add(number[1])
                    assert cells[0] == name
                    column = head[place].replace("\u00a0", " ").replace(" = ", " ")
                    sizes = {f"{k} {v:,}".replace(",", " ") for k, v in case["settings"].items()}
                    assert set(column.split(", ")) <= sizes or head[place] in case["title"]
    assert found == set(owners)


def test_a_target_that_is_missed_is_said_to_be_missed(run: Run) -> None:
    results = committed()
    for met, words in ((True, "✓ met"), (False, "✗ not met"), (None, "– not measured")):
        for case in results["cases"]:
            case["targets"] = [{**target, "met": met} for target in case["targets"]]
        executed = run(results)
        assert executed.shown[0].count(words) == int(executed.glued["number_of_targets"]) > 0
        assert executed.glued["number_met"] == (executed.glued["number_of_targets"] if met else "0")


def test_every_target_has_its_own_number(run: Run) -> None:
    results = committed()
    aims = [target for case in results["cases"] for target in case["targets"]]
    for number, target in enumerate(aims, start=2):
        target["measured"] = float(number)
    shown = run(results).shown[0]
    words = {"ratio": "{} times", "seconds": "{} s", "agreement": "{}"}
    for number, target in enumerate(aims, start=2):
        measured = words[target["quantity"]].format(number)
        assert f"| {target['words']} | {measured} |" in shown


@pytest.mark.parametrize("package", ["torch", "numba", "choix"])
def test_the_page_stands_where_a_peer_is_missing(run: Run, package: str) -> None:
    results = committed()
    for case in results["cases"]:
        for place, each in enumerate(case["contenders"]):
            if each["package"] == package:
                missing = {"name": each["name"], "package": package, "reason": "not installed"}
                case["contenders"][place] = missing
    executed = run(results)
    assert any("not installed" in shown for shown in executed.shown)
    if package == "torch":
        assert executed.glued["layer_ratio"] == "(not measured)"


def test_pictures_say_what_they_show(run: Run) -> None:
    executed = run(committed())
    alts = [shown for shown in executed.shown if shown.startswith("Time for one")]
    assert len(alts) == 3
    times = {duration for alt in alts for duration in re.findall(r"from ([\d.]+ [mµn]?s) to", alt)}
    assert len(times) > 5


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1.234, "1.23 s"), (1.0, "1 s"), (0.5, "500 ms"), (4.78e-5, "47.8 µs"), (2.18e-7, "218 ns")],
)
def test_durations_have_the_unit_that_suits_them(seconds: float, words: str) -> None:
    source = PAGE.read_text()
    names: dict[str, Any] = {}
    exec(source[source.index("def duration") :].partition("```")[0], names)
    assert names["duration"](seconds) == words
