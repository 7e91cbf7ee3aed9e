"""Releases: nothing secret is left in them, and they are what nbgrader itself would make."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from ccmc_grading import masters
from exercise_material import EXERCISES, MASTER, RELEASE, master, released
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SOURCES = sorted((EXERCISES / "source").glob("*/*.ipynb"))


def cell(source: str, kind: str, name: str = "one", text: bool = False) -> Any:
    """Return a cell of one kind: answer, test, given, read (by a person) or plain."""
    marks = {
        "grade": kind in ("test", "read"),
        "solution": kind in ("answer", "read"),
        "locked": kind in ("test", "given"),
        "grade_id": name,
        "schema_version": 3,
        "task": False,
    }
    if marks["grade"]:
        marks["points"] = 2
    metadata = {} if kind == "plain" else {"nbgrader": marks}
    make: Any = new_markdown_cell if text else new_code_cell
    return make(source, metadata=metadata)


def released_cell(*arguments: Any, **options: Any) -> Any:
    notebook = new_notebook(cells=[cell(*arguments, **options)])
    return masters.release(notebook).cells[0]


def region(kind: str, body: str, indent: str = "") -> str:
    return f"{indent}### BEGIN {kind}\n{body}\n{indent}### END {kind}"


# The releases of the course.


def test_there_are_masters() -> None:
    assert MASTER in SOURCES


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_release_is_up_to_date(source: Path) -> None:
    target = EXERCISES / "release" / source.relative_to(EXERCISES / "source")
    made = masters.text(masters.release(masters.read(source)))
    assert target.read_text(encoding="utf-8") == made


def test_every_release_has_a_master() -> None:
    names = [path.relative_to(EXERCISES / "source") for path in SOURCES]
    found = sorted((EXERCISES / "release").glob("*/*.ipynb"))
    assert [path.relative_to(EXERCISES / "release") for path in found] == names


def secret_lines(notebook: Any) -> tuple[set[str], str]:
    """Return the lines of all regions, and all that stands outside of them."""
    pattern = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", re.S)
    secret, rest = set(), []
    for each in notebook.cells:
        for match in pattern.finditer(each.source):
            secret |= {line.strip() for line in match[2].split("\n")}
        rest.append(pattern.sub("", each.source))
    return secret, "\n".join(rest)


def test_no_line_of_a_solution_or_hidden_test_is_released() -> None:
    secret, rest = secret_lines(master())
    # Brackets and lines that learners are given as well say nothing.
    secret = {line for line in secret if len(line) > 3 and line not in rest}
    assert len(secret) > 150
    text = json.dumps(released(), ensure_ascii=False)
    text += "\n".join(each.source for each in released().cells)
    assert {line for line in secret if line in text} == set()
    assert not re.search("BEGIN|SOLUTION|HIDDEN TESTS", text)


def test_nothing_was_run_in_master_and_release() -> None:
    for notebook in (master(), released()):
        for each in notebook.cells:
            if each.cell_type == "code":
                assert each.outputs == []
                assert each.execution_count is None
        assert set(notebook.metadata) == {"kernelspec", "language_info"}
        assert notebook.metadata.kernelspec == {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        }
        assert notebook.metadata.language_info == {"name": "python"}
        nbformat.validate(notebook)


def test_the_master_is_readable_in_a_diff() -> None:
    text = MASTER.read_text(encoding="utf-8")
    assert text == masters.text(master())
    assert "\\u" not in text


# One cell at a time.


def test_a_solution_becomes_a_stub() -> None:
    source = f"x = 1\n{region('SOLUTION', 'y = 2')}\nz = 3"
    made = released_cell(source, "answer")
    assert made.source == "x = 1\n# YOUR CODE HERE\nraise NotImplementedError()\nz = 3"


def test_a_stub_is_indented_like_its_solution() -> None:
    source = f"def f(x):\n{region('SOLUTION', '    return x', '    ')}"
    made = released_cell(source, "answer")
    assert made.source == "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"


def test_every_solution_of_a_cell_becomes_a_stub() -> None:
    source = f"{region('SOLUTION', 'a')}\nkept\n{region('SOLUTION', 'b')}"
    assert released_cell(source, "answer").source.count("raise NotImplementedError()") == 2


def test_an_answer_without_a_region_goes_as_a_whole() -> None:
    assert released_cell("secret", "answer").source == "\n".join(masters.CODE_STUB)
    assert released_cell("secret", "read", text=True).source == "YOUR ANSWER HERE"


def test_a_written_solution_becomes_a_stub() -> None:
    made = released_cell(f"Say why.\n\n{region('SOLUTION', 'Because.')}", "read", text=True)
    assert made.source == "Say why.\n\nYOUR ANSWER HERE"


def test_hidden_tests_go_and_visible_ones_stay() -> None:
    source = f"assert x\n{region('HIDDEN TESTS', 'assert y')}\nassert z"
    assert released_cell(source, "test").source == "assert x\nassert z"
    assert masters.without_hidden_tests(cell(source, "test")) == "assert x\nassert z"


@pytest.mark.parametrize("kind", ["given", "test", "plain"])
def test_other_sources_stay(kind: str) -> None:
    assert released_cell("x = 1\n\n\ny = 2", kind).source == "x = 1\n\n\ny = 2"


@pytest.mark.parametrize(
    ("kind", "deletable", "editable"),
    [
        ("given", False, False),
        ("test", False, False),
        ("answer", False, None),
        ("read", False, None),
        ("plain", None, None),
    ],
)
def test_learners_change_answers_and_nothing_else(
    kind: str, deletable: bool | None, editable: bool | None
) -> None:
    metadata = released_cell("x", kind).metadata
    assert metadata.get("deletable") is deletable
    assert metadata.get("editable") is editable
    assert ("checksum" in metadata.get("nbgrader", {})) == (kind != "plain")


def test_outputs_go() -> None:
    made = cell("x", "given")
    made.outputs = [nbformat.v4.new_output("stream", text="secret")]
    made.execution_count = 7
    made.metadata.update(collapsed=True, scrolled=True, tags=["kept"])
    (made,) = masters.release(new_notebook(cells=[made])).cells
    assert made.outputs == []
    assert made.execution_count is None
    assert "collapsed" not in made.metadata
    assert "scrolled" not in made.metadata
    assert made.metadata.tags == ["kept"]


def test_the_master_is_left_as_it_is() -> None:
    notebook = master()
    before = copy.deepcopy(notebook)
    masters.release(notebook)
    assert notebook == before


def test_kinds_of_cells() -> None:
    kinds = {kind: cell("x", kind) for kind in ("answer", "read", "test", "given", "plain")}
    assert [kind for kind in kinds if masters.is_answer(kinds[kind])] == ["answer", "read"]
    assert [kind for kind in kinds if masters.is_test(kinds[kind])] == ["test"]
    assert [kind for kind in kinds if masters.is_given(kinds[kind])] == ["given"]


# Masters that are wrong.

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@pytest.mark.parametrize(
    ("kind", "source", "said"),
    [
        ("answer", f"{BEGIN}\nx", "has a SOLUTION region that does not end"),
        ("answer", f"x\n{END}", "has a SOLUTION region that does not pair up"),
        ("answer", f"{BEGIN}\n{BEGIN}\n{END}", "has a SOLUTION region that does not pair up"),
        ("answer", f"{BEGIN}\nx\n{END}\n{END}", "has a SOLUTION region that does not pair up"),
        ("test", f"{BEGIN}\nx\n{END}", "holds a SOLUTION region, but is of another kind"),
        ("given", f"{BEGIN}\nx\n{END}", "holds a SOLUTION region, but is of another kind"),
        ("answer", region("HIDDEN TESTS", "x"), "holds a HIDDEN TESTS region, but"),
        ("given", region("HIDDEN TESTS", "x"), "holds a HIDDEN TESTS region, but"),
        ("test", "### BEGIN HIDDEN TESTS\nx", "has a HIDDEN TESTS region that does not end"),
        ("test", region("MARK SCHEME", "x"), "holds a MARK SCHEME region, but"),
        ("test", "### AUTOTEST x", "uses AUTOTEST, which releases do not support"),
    ],
)
def test_a_wrong_region_is_refused(kind: str, source: str, said: str) -> None:
    if kind == "answer" and "HIDDEN" in source:
        source = f"{BEGIN}\nx\n{END}\n{source}"
    with pytest.raises(masters.MasterError, match=f"^cell one {said}"):
        released_cell(source, kind)


def test_a_region_in_a_plain_cell_is_refused_by_its_id() -> None:
    plain = new_code_cell(f"{BEGIN}\nx\n{END}", id="two")
    with pytest.raises(masters.MasterError, match=r"^cell two holds a SOLUTION region"):
        masters.release(new_notebook(cells=[plain]))


def test_equal_names_are_refused() -> None:
    cells = [cell("x", "answer"), cell("y", "test")]
    with pytest.raises(masters.MasterError, match=r"^2 cells have the name one"):
        masters.release(new_notebook(cells=cells))


# Files.


def test_reading_and_writing_keep_every_byte(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "mapping.ipynb"
    masters.write(masters.read(RELEASE), target)
    assert target.read_bytes() == RELEASE.read_bytes()
    assert b"\r" not in target.read_bytes()


def test_what_is_no_notebook_is_named(tmp_path: Path) -> None:
    with pytest.raises(masters.MasterError, match=r"there is no notebook at .*absent\.ipynb\.$"):
        masters.read(tmp_path / "absent.ipynb")
    for name, content in {"text": b"hello", "other": b'{"a": 1}', "bytes": b"\xff\xfe"}.items():
        path = tmp_path / f"{name}.ipynb"
        path.write_bytes(content)
        with pytest.raises(masters.MasterError, match="holds no notebook"):
            masters.read(path)
