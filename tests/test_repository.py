"""What the repository as a whole promises: licences, lists, versions, and what no file may hold."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from course_tasks.lock_files import pins
from course_tasks.verbs import VERBS

ROOT = Path(__file__).resolve().parents[1]
LONGEST_FUNCTION = 40
LARGEST_FILE = 1_000_000
MASTERS = ("exercises/source", "exercises/mutants")
PROGRAMS = {"tasks.py", ".ci/run", ".binder/postBuild"}
VENDORED = "site/vendor/mathjax/"
LEGAL_CODE = "419896aea50c15d6e40c5b4baf4bd346f78223b9a354c7357ad00262afdc08ec"


def joined(words: str) -> tuple[str, ...]:
    """Return words that were written apart, so that this file does not hold them itself."""
    return tuple(word.replace("~", "") for word in words.split())


UNFINISHED = joined("TO~DO FIX~ME XX~X HA~CK lorem~ipsum")
REGISTRIES = joined(
    "pypi~.org python~hosted npm~js.org npm~js.com --index~-url --extra~-index --find~-links"
)
OTHER_HOSTS = joined("jsdelivr~.net unpkg~.com cdn~js google~apis gstatic~.com")
ELSEWHERE = joined("../sh~ared /wo~rk/ /ro~ot/")


def git(*words: str, folder: Path = ROOT) -> bytes:
    """Return what git prints."""
    return subprocess.run(["git", *words], cwd=folder, check=True, stdout=subprocess.PIPE).stdout


def names() -> list[str]:
    """Return the files of the repository, also those not yet committed, also without git."""
    try:
        listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    except (OSError, subprocess.CalledProcessError):
        made = {".venv", "_build", "__pycache__"}
        paths = [file.relative_to(ROOT) for file in ROOT.rglob("*") if file.is_file()]
        return sorted(path.as_posix() for path in paths if not made & set(path.parts))
    found = sorted(set(listed.decode().split("\0")) - {""})
    return [name for name in found if (ROOT / name).is_file()]


NAMES = names()
OWN = [name for name in NAMES if not name.startswith(VENDORED)]


def text(name: str) -> str:
    """Return a file of the repository, or an empty string if it is no text."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def holders(words: tuple[str, ...], files: list[str]) -> list[str]:
    """Return where one of the words stands."""
    return [
        f"{name}:{number}: {word}"
        for name in files
        for number, line in enumerate(text(name).splitlines(), start=1)
        for word in words
        if word in line
    ]


def metadata() -> dict[str, Any]:
    """Return the contents of ``pyproject.toml``."""
    return tomllib.loads(text("pyproject.toml"))


def words_of(requirements: str) -> dict[str, str]:
    """Return the requirements of a list by name, without comments and options."""
    lines = [line.split("#")[0].strip() for line in requirements.splitlines()]
    lines = [line for line in lines if line and not line.startswith("-")]
    return {re.split(r"[^A-Za-z0-9._-]", line)[0].lower(): line for line in lines}


# What no file may hold -----------------------------------------------------------------------


def test_nothing_is_left_unfinished() -> None:
    # An exercise is unfinished on purpose: the learner finishes it.
    assert holders(UNFINISHED, [name for name in OWN if not name.startswith("exercises/")]) == []


def test_no_registry_is_named() -> None:
    assert holders(REGISTRIES, OWN) == []


def test_no_page_asks_another_host() -> None:
    sources = ("chapters/", "site/", "ccmc_teach/", "exercises/", "intro.md", "_config.yml")
    assert holders(OTHER_HOSTS, [name for name in OWN if name.startswith(sources)]) == []


def test_no_path_of_somebodys_machine_is_named() -> None:
    assert holders(ELSEWHERE, OWN) == []


def test_the_address_of_the_repository_stands_in_one_place() -> None:
    address = yaml.safe_load(text("_config.yml"))["repository"]["url"].partition("://")[2]
    assert [name for name in OWN if address in text(name)] == ["_config.yml"]


def test_names_are_in_order_on_every_system() -> None:
    assert len({name.lower() for name in NAMES}) == len(NAMES)
    assert [name for name in OWN if not re.fullmatch(r"[A-Za-z0-9._/-]+", name)] == []
    assert [name for name in NAMES if (ROOT / name).is_symlink()] == []


def test_no_file_is_large() -> None:
    assert [name for name in OWN if (ROOT / name).stat().st_size > LARGEST_FILE] == []


def test_text_ends_as_it_should() -> None:
    for name in OWN:
        content = (ROOT / name).read_bytes()
        if text(name):
            assert b"\r" not in content, name
            assert content.endswith(b"\n"), name
            assert not content.endswith(b"\n\n"), name


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_programs_are_executable_and_nothing_else_is() -> None:
    assert {name for name in NAMES if os.access(ROOT / name, os.X_OK)} == PROGRAMS
    for name in PROGRAMS:
        assert text(name).startswith("#!/usr/bin/env ")


# Code ----------------------------------------------------------------------------------------


def python_files() -> list[str]:
    """Return the Python files of the repository."""
    return [name for name in OWN if name.endswith(".py")]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its docstring."""
    whole = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return whole
    docstring = function.body[0]
    return whole - ((docstring.end_lineno or 0) - docstring.lineno + 1)


def test_functions_are_short() -> None:
    long = [
        f"{name}:{function.lineno} {function.name}: {length(function)} lines"
        for name in python_files()
        for function in functions(ast.parse(text(name)))
        if length(function) > LONGEST_FUNCTION
    ]
    assert long == []


def test_closeness_names_its_tolerance() -> None:
    # np.allclose(a, b, 4) asks for a relative tolerance of 4 and so for nothing.
    compared = {"allclose", "assert_allclose", "isclose", "approx"}
    most = {"approx": 1}
    found = []
    for name in python_files():
        for node in ast.walk(ast.parse(text(name))):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if called in compared and len(node.args) > most.get(called, 2):
                    found.append(f"{name}:{node.lineno}")
    assert found == []


def test_tests_do_not_all_of_a_single_comparison() -> None:
    # An assertion returns None, so taking all of several stops after the first.
    pattern = re.compile(r"\b(all|any)\(\s*(np\.testing\.)?assert_")
    assert [name for name in python_files() if pattern.search(text(name))] == []


# The lists -----------------------------------------------------------------------------------


def test_lists_are_complete_and_hashed() -> None:
    for name in ("book", "test"):
        locked = text(f"requirements/{name}.txt")
        assert set(words_of(text(f"requirements/{name}.in"))) <= set(pins(locked))
        entries = [line for line in locked.splitlines() if re.match(r"[a-z0-9]", line)]
        assert all("==" in line and line.endswith("\\") for line in entries)
        assert all(len(digest) == 64 for digest in re.findall(r"--hash=sha256:(\w+)", locked))
        for entry in re.split(r"\n(?=[a-z0-9])", locked):
            assert "--hash=sha256:" in entry


def test_what_tests_the_book_also_builds_it() -> None:
    book, test = (pins(text(f"requirements/{name}.txt")) for name in ("book", "test"))
    assert book.items() <= test.items()
    assert text("requirements/test.in").startswith("-r book.in\n")


def test_jupyter_book_is_pinned_where_it_is_asked_for() -> None:
    # Its next major version ignores the configuration, writes nothing and says that all is well.
    assert words_of(text("requirements/book.in"))["jupyter-book"] == "jupyter-book==1.0.4.post1"


def test_the_package_asks_for_ranges_that_the_lists_meet() -> None:
    locked = pins(text("requirements/book.txt"))
    for requirement in metadata()["project"]["dependencies"]:
        name, _, lowest = requirement.partition(">=")
        assert lowest, requirement
        have, need = (
            [int(part) for part in version.split(".")] for version in (locked[name], lowest)
        )
        assert have >= need, requirement
    assert "setuptools" in locked


# Binder --------------------------------------------------------------------------------------


def test_binder_has_the_versions_of_the_lists() -> None:
    binder = text(".binder/requirements.txt")
    locked = pins(text("requirements/test.txt"))
    asked = pins(binder)
    assert set(asked) == set(words_of(binder))
    assert binder.splitlines().count("-e .") == 1
    for name, version in asked.items():
        assert locked.get(name, version) == version
    depends = {each.partition(">=")[0] for each in metadata()["project"]["dependencies"]}
    assert depends <= set(asked)
    assert asked["jupytext"] == "1.19.0"


def test_binder_has_a_python_that_the_package_allows() -> None:
    assert text(".binder/runtime.txt") == "python-3.11\n"
    assert metadata()["project"]["requires-python"] == ">=3.11"


def test_binder_removes_the_masters() -> None:
    for folder in (*MASTERS, "exercises/grading"):
        assert folder in text(".binder/postBuild")


def code_cells(name: str) -> str:
    """Return the code of all cells of a chapter."""
    return "\n".join(re.findall(r"^```\{code-cell\}.*?\n(.*?)^```$", text(name), re.M | re.S))


def imported(code: str) -> set[str]:
    """Return the names of the packages that code imports."""
    lines = [line for line in code.splitlines() if re.match(r"\s*(import|from)\s", line)]
    found = re.findall(r"^\s*(?:from|import)\s+([A-Za-z_]\w*)", "\n".join(lines), re.M)
    return set(found)


def test_chapters_import_only_what_a_live_session_has() -> None:
    asked = {name.replace("-", "_") for name in pins(text(".binder/requirements.txt"))}
    there = asked | {"ccmc_teach", "IPython"} | set(sys.stdlib_module_names)
    pages = [name for name in OWN if re.fullmatch(r"(intro|chapters/.*)\.md", name)]
    missing = {name: imported(code_cells(name)) - there for name in pages}
    assert {name: lacks for name, lacks in missing.items() if lacks} == {}
    assert "numpy" in imported(code_cells("chapters/mapping.md"))


# Licences and citation -----------------------------------------------------------------------


def test_the_code_has_its_licence() -> None:
    first, _, rest = text("LICENSE").partition("\n")
    assert first == "BSD 3-Clause License"
    assert "Copyright (c) 2026, the course contributors" in rest
    project = metadata()["project"]
    assert project["license"] == "BSD-3-Clause"
    assert project["license-files"] == ["LICENSE"]


def test_the_text_has_its_licence_word_for_word() -> None:
    notice, _, legal_code = text("LICENSE-TEXT").partition("=" * 71 + "\n\n")
    assert hashlib.sha256(legal_code.encode()).hexdigest() == LEGAL_CODE
    assert "CC BY 4.0" in notice
    assert "the course contributors" in notice


def test_the_vendored_files_have_their_licence() -> None:
    assert "Apache License" in text(f"{VENDORED}LICENSE")


def test_the_citation_is_valid() -> None:
    citation = yaml.safe_load(text("CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    assert citation["type"] in ("software", "dataset")
    assert citation["authors"] == [{"name": "the course contributors"}]
    assert citation["version"] == metadata()["project"]["version"]
    (paper,) = citation["references"]
    assert {"type", "title", "authors"} <= set(paper)
    assert [each["family-names"] for each in paper["authors"]] == [
        "Ildiz",
        "Huang",
        "Li",
        "Rawat",
        "Oymak",
    ]
    assert (paper["volume"], paper["start"], paper["end"]) == (235, 20955, 20982)
    assert paper["identifiers"] == [{"type": "other", "value": "arXiv:2402.13512"}]


def test_the_citation_agrees_with_the_bibliography() -> None:
    (paper,) = yaml.safe_load(text("CITATION.cff"))["references"]
    entry = re.search(r"@\w+\{ildiz2024,(.*?)\n\}", text("references.bib"), re.S)
    assert entry is not None
    said = entry[1].replace("{", "").replace("}", "")
    for value in (paper["title"], paper["collection-title"], "20955--20982", "235"):
        assert str(value) in said


# What is exported, run and promised ----------------------------------------------------------


def test_an_exported_tree_holds_no_master(tmp_path: Path) -> None:
    for name in NAMES:
        copy = tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    git("init", "--quiet", folder=tmp_path)
    git("add", "--all", folder=tmp_path)
    author = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    git(*author, "commit", "--quiet", "--message=all", folder=tmp_path)
    with tarfile.open(fileobj=BytesIO(git("archive", "HEAD", folder=tmp_path))) as archive:
        exported = archive.getnames()
    assert "chapters/mapping.md" in exported
    assert any(name.startswith("exercises/release/") for name in exported)
    assert [name for name in exported if name.startswith(MASTERS)] == []
    # There is something to hold back, unless this is such a tree itself.
    held_back = [name for name in NAMES if name.startswith(MASTERS)]
    assert held_back or not (ROOT / ".git").exists()


def workflows() -> dict[str, dict[Any, Any]]:
    """Return the workflows by file."""
    files = [name for name in OWN if name.startswith(".github/workflows/")]
    return {name: yaml.safe_load(text(name)) for name in files}


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every job that has steps."""
    for file, workflow in workflows().items():
        for name, job in workflow["jobs"].items():
            if "uses" not in job:
                yield f"{file}: {name}", job


def test_workflows_ask_for_the_least() -> None:
    assert len(workflows()) == 2
    for name, workflow in workflows().items():
        assert workflow["permissions"] == {"contents": "read"}, name
    rights = {name: job["permissions"] for name, job in jobs() if "permissions" in job}
    assert rights == {
        ".github/workflows/publish.yml: publish": {"pages": "write", "id-token": "write"}
    }


def test_workflows_end_and_pin_what_they_use() -> None:
    for name, job in jobs():
        assert job["timeout-minutes"] <= 40, name
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]), step


def test_workflows_run_what_is_there() -> None:
    for name, job in jobs():
        for step in job["steps"]:
            words = step.get("run", "").split()
            for word in words:
                if "/" in word or word.endswith(".py"):
                    assert (ROOT / word).exists(), f"{name}: {word}"
            if "tasks.py" in words:
                assert words[words.index("tasks.py") + 1] in VERBS


def test_every_python_that_is_promised_is_tested() -> None:
    job = workflows()[".github/workflows/test.yml"]["jobs"]["everything"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert {"run": "bash .ci/run"} in job["steps"]
    assert workflows()[".github/workflows/publish.yml"]["jobs"]["publish"]["needs"] == [
        "test",
        "build",
    ]


def test_continuous_integration_is_one_script() -> None:
    script = text(".ci/run")
    subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=True)
    assert "export CI=true" in script
    assert script.index("tasks.py check") < script.index("tasks.py test")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_what_is_said_of_tasks_is_so(name: str) -> None:
    asked = set(re.findall(r"tasks\.py ([a-z-]+)", text(name)))
    assert asked
    assert asked <= set(VERBS)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_what_is_said_to_be_there_is_there(name: str) -> None:
    linked = re.findall(r"\]\(([^)#:]+)\)", text(name))
    named = re.findall(r"`([a-zA-Z_.-]+/[a-zA-Z0-9_./-]*|[A-Z_]+\.md)`", text(name))
    absent = [each for each in {*linked, *named} if not (ROOT / each).exists()]
    assert [each for each in absent if not each.startswith((".venv", "_build"))] == []


def test_the_two_commands_stand_first() -> None:
    top = "\n".join(text("README.md").splitlines()[:20])
    assert "python3 tasks.py serve" in top
    assert "python3 tasks.py test" in top


def test_the_changelog_has_its_form() -> None:
    headings = re.findall(r"^## (.*)$", text("CHANGELOG.md"), re.M)
    assert headings[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", each) for each in headings[1:])
    kinds = set(re.findall(r"^### (.*)$", text("CHANGELOG.md"), re.M))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
