"""The digest that names the execution cache changes with every input, and with nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from course_site.digest import cache_folder, inputs, inputs_digest

ROOT = Path(__file__).resolve().parents[2]
INPUTS = ("ccmc_teach/chain.py", "ccmc_teach/widgets/js/draw.mjs", "requirements/book.txt")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    for name in (*INPUTS, "chapters/data/runs.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.mark.parametrize("name", [*INPUTS, "chapters/data/runs.json"])
def test_changed_input_changes_the_digest(course: Path, name: str) -> None:
    before = inputs_digest(course)
    (course / name).write_text("changed")
    assert inputs_digest(course) != before


def test_new_and_renamed_files_change_the_digest(course: Path) -> None:
    before = inputs_digest(course)
    (course / "ccmc_teach/new.py").write_text("")
    with_new = inputs_digest(course)
    (course / "ccmc_teach/new.py").rename(course / "ccmc_teach/other.py")
    assert len({before, with_new, inputs_digest(course)}) == 3


def test_content_cannot_move_between_files_unnoticed(course: Path) -> None:
    (course / "ccmc_teach/chain.py").write_text("ab")
    (course / "ccmc_teach/chain2.py").write_text("c")
    before = inputs_digest(course)
    (course / "ccmc_teach/chain.py").write_text("a")
    (course / "ccmc_teach/chain2.py").write_text("bc")
    assert inputs_digest(course) != before


def test_a_file_cannot_hide_at_the_end_of_another(course: Path) -> None:
    (course / "ccmc_teach/a.py").write_text("1")
    (course / "ccmc_teach/b.py").write_text("2")
    before = inputs_digest(course)
    (course / "ccmc_teach/b.py").unlink()
    (course / "ccmc_teach/a.py").write_text("1ccmc_teach/b.py2")
    assert inputs_digest(course) != before


@pytest.mark.parametrize(
    "name",
    ["ccmc_teach/__pycache__/chain.pyc", "chapters/mapping.md", "requirements/test.txt"],
)
def test_other_files_do_not_change_the_digest(course: Path, name: str) -> None:
    before = inputs_digest(course)
    path = course / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("anything")
    assert inputs_digest(course) == before


def test_digest_does_not_depend_on_the_place(course: Path, tmp_path: Path) -> None:
    here = inputs_digest(course)
    assert inputs_digest(str(course)) == here
    assert cache_folder("_build", course) == Path("_build/.jupyter_cache") / here


def test_digest_reads_the_package_of_this_course() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in inputs(ROOT)]
    assert "ccmc_teach/chain.py" in names
    assert "requirements/book.txt" in names


def test_digest_needs_the_standard_library_alone() -> None:
    code = (
        "import sys; sys.path.insert(0, 'site/extension'); import course_site.digest; "
        "print('sphinx' in sys.modules or 'docutils' in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "False"
