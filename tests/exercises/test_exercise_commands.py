"""``python -m ccmc_grading``: what it writes, what it says, and how it ends."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ccmc_grading import masters
from ccmc_grading.__main__ import EXERCISES, main
from exercise_material import MASTER, RELEASE, ROOT, master, prepared, with_answers


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Return a folder with a master of its own."""
    target = tmp_path / "source" / "mapping" / "mapping.ipynb"
    target.parent.mkdir(parents=True)
    shutil.copy(MASTER, target)
    return tmp_path


def options(bank: Path) -> list[str]:
    return ["--source", str(bank / "source"), "--release", str(bank / "release")]


def test_release_writes_what_the_repository_holds(
    bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["release", *options(bank)]) == 0
    made = bank / "release" / "mapping" / "mapping.ipynb"
    assert made.read_bytes() == RELEASE.read_bytes()
    assert capsys.readouterr().out == f"written   {made}\n"
    assert main(["release", *options(bank)]) == 0
    assert capsys.readouterr().out == f"unchanged {made}\n"


def test_check_tells_a_stale_release(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = bank / "release" / "mapping" / "mapping.ipynb"
    assert main(["check", *options(bank)]) == 1
    main(["release", *options(bank)])
    capsys.readouterr()
    assert main(["check", *options(bank)]) == 0
    assert capsys.readouterr() == ("", "")
    made.write_text(made.read_text(encoding="utf-8").replace("cat", "cow"), encoding="utf-8")
    assert main(["check", *options(bank)]) == 1
    said = capsys.readouterr().err
    assert said == f"{made} is out of date: run `python -m ccmc_grading release`.\n"


def test_the_repository_is_checked_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert EXERCISES == ROOT / "exercises"
    assert main(["check"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_bank_of_ones_own_is_found(
    bank: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CCMC_SOURCE_DIR", str(bank / "source"))
    assert main(["release", "--release", str(bank / "release")]) == 0
    assert (bank / "release" / "mapping" / "mapping.ipynb").exists()


def test_an_empty_bank_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["release", *options(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said == f"ccmc_grading: there are no masters in {tmp_path / 'source'}.\n"


def test_a_wrong_master_is_named(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = bank / "source" / "mapping" / "mapping.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("### END SOLUTION", "### END", 1), encoding="utf-8")
    assert main(["release", *options(bank)]) == 1
    assert "cell task-1 has a SOLUTION region that does not end" in capsys.readouterr().err
    assert not (bank / "release").exists()


def test_mark_prints_points_and_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mark", str(MASTER), "--id", "ada"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "✓ 1 of 1  task-1-law"
    assert "? 0 of 3  task-5: a person has to read this." in lines
    assert lines[-1] == "together 17 of 20, 3 of them unread"
    assert main(["mark", str(RELEASE)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("✗ 0 of 1  task-1-law: there is no `law`: run the cell")
    assert lines[-1] == "together 0 of 20"


def test_the_page_for_instructors_shows_what_mark_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [*prepared().MUTANTS, *prepared().UNUSUAL]
    cells = {
        name: source
        for answer in answers
        if answer.name in ("square", "the row that is dictated")
        for name, source in answer.cells.items()
    }
    notebook = tmp_path / "mapping.ipynb"
    masters.write(with_answers(master(), cells), notebook)
    main(["mark", str(notebook), "--id", "s05"])
    printed = capsys.readouterr().out.splitlines()
    page = (ROOT / "chapters" / "reference" / "instructors.md").read_text(encoding="utf-8")
    shown = page.partition("ccmc_grading mark ~/Downloads/mapping.ipynb --id s05\n")[2]
    lines = [line for line in shown.partition("```")[0].splitlines() if line != "..."]
    assert len(lines) == 4
    assert [line for line in lines if line not in printed] == []


def test_mark_names_what_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mark", str(tmp_path / "mapping.ipynb")]) == 1
    assert "there is no notebook at" in capsys.readouterr().err
    shutil.copy(RELEASE, tmp_path / "other.ipynb")
    assert main(["mark", str(tmp_path / "other.ipynb")]) == 1
    assert "no master is called other.ipynb" in capsys.readouterr().err


def test_the_module_runs_from_a_shell() -> None:
    command = [sys.executable, "-m", "ccmc_grading"]
    folder = ROOT / "exercises" / "grading"
    done = subprocess.run(
        [*command, "check"], capture_output=True, text=True, cwd=folder, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 2
    assert "verb" in done.stderr
    done = subprocess.run(
        [*command, "--help"], capture_output=True, text=True, cwd=folder, check=True
    )
    assert all(verb in done.stdout for verb in ("release", "check", "mark"))
