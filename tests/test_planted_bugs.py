"""The runner of planted bugs on a toy project, and whether all real bugs still fit their files."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "planted_bugs"

SOUND = "def double(x):\n    return 2 * x\n\n\ndef name():\n    return 'double'\n"
TEST = "from toy import double\n\n\ndef test_double():\n    assert double(3) == 6\n"
CAUGHT = '[[bug]]\nfile = "toy.py"\nold = "2 * x"\nnew = "3 * x"\ntests = ["test_toy.py"]\n'
SURVIVOR = CAUGHT.replace("2 * x", "'double'").replace("3 * x", "'treble'")
AT_IMPORT = CAUGHT.replace("2 * x", "def double").replace("3 * x", "def treble")


def loaded_runner() -> ModuleType:
    specification = importlib.util.spec_from_file_location("planted_bugs_run", FOLDER / "run.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    # A dataclass looks its module up.
    sys.modules[module.__name__] = module
    specification.loader.exec_module(module)
    return module


run = loaded_runner()


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    (tmp_path / "toy.py").write_text(SOUND, encoding="utf-8")
    (tmp_path / "test_toy.py").write_text(TEST, encoding="utf-8")
    (tmp_path / "bugs").mkdir()
    return tmp_path


def hunt_in(toy: Path, bugs: str, *words: str) -> int:
    (toy / "bugs" / "area.toml").write_text(bugs, encoding="utf-8")
    code = run.main(words, folder=toy / "bugs", root=toy)
    assert (toy / "toy.py").read_text(encoding="utf-8") == SOUND
    assert isinstance(code, int)
    return code


def test_every_planted_bug_fits_its_file() -> None:
    bugs = run.read_bugs(FOLDER)
    for bug in bugs:
        assert bug.planted((ROOT / bug.file).read_text(encoding="utf-8"))
        for test in bug.tests:
            assert (ROOT / test.partition("::")[0]).exists(), f"{bug.name}: {test}"
    changes = [(bug.file, bug.old, bug.new) for bug in bugs]
    assert len(set(changes)) == len(changes)


def test_caught_and_surviving_bugs_are_told_apart(
    toy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hunt_in(toy, CAUGHT + SURVIVOR + AT_IMPORT) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("caught    area 1  toy.py: 2 * x -> 3 * x")
    assert lines[2].startswith("SURVIVED  area 2  toy.py: 'double' -> 'treble'")
    assert lines[3].startswith("caught at import  area 3")
    assert lines[4] == "2 of 3 planted bugs caught (67%; at least 90 %)."


def test_the_share_that_must_be_caught_can_be_set(toy: Path) -> None:
    assert hunt_in(toy, CAUGHT + SURVIVOR, "--least", "50") == 0


def test_red_tests_stop_the_run(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (toy / "test_toy.py").write_text("def test_red():\n    assert False\n", encoding="utf-8")
    assert hunt_in(toy, CAUGHT) == 2
    captured = capsys.readouterr()
    assert "The tests must be green before a bug is planted." in captured.err
    assert "area 1" not in captured.out


def test_a_run_that_does_not_end_is_stopped(toy: Path) -> None:
    code, output = run.run_tests(toy, toy, ["test_toy.py"], 0.01)
    assert code is None
    assert output == "No end after 0 s."


def test_bugs_are_listed_without_being_planted(
    toy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hunt_in(toy, CAUGHT + SURVIVOR, "--list", "area") == 0
    assert capsys.readouterr().out.splitlines() == [
        "area 1  toy.py: 2 * x -> 3 * x",
        "area 2  toy.py: 'double' -> 'treble'",
    ]


@pytest.mark.parametrize(
    ("bugs", "words", "sentence"),
    [
        (CAUGHT.replace('"2 * x"', '"double"'), [], "exactly once in toy.py"),
        (CAUGHT.replace('"2 * x"', '"4 * x"'), [], "found 0 times: 4 * x -> 3 * x."),
        (CAUGHT.replace('"3 * x"', '"2 * x"'), [], "differ from `new`"),
        (CAUGHT.replace("toy.py", "gone.py", 1), [], "area 1: there is no file gone.py."),
        (CAUGHT.replace("old", "odd"), [], "area 1: the entry needs the key 'old'."),
        (CAUGHT.replace('["test_toy.py"]', "[]"), [], "area 1: `tests` must be a list"),
        (CAUGHT, ["other"], "There is no area other: the areas are area."),
        ("", [], "There is no bug in area."),
    ],
)
def test_a_run_that_makes_no_sense_is_refused(
    toy: Path, capsys: pytest.CaptureFixture[str], bugs: str, words: list[str], sentence: str
) -> None:
    assert hunt_in(toy, bugs, *words) == 2
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.out == ""


def test_a_folder_without_areas_is_refused(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main([], folder=toy, root=toy) == 2
    assert "There are no areas" in capsys.readouterr().err
