"""What ``tasks.py`` does and says, run as a reader runs it, without a network."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
import tokenize
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from course_tasks import lock_files, steps, verbs
from course_tasks.book import course_folders
from course_tasks.environment import Environment, explain
from course_tasks.serving import open_server

ROOT = Path(__file__).resolve().parents[1]
STAND_INS = ROOT / "tests" / "stand_ins"
SECONDS = 60


def heed_signals() -> None:
    """Undo what a service manager or nohup may have set: that a signal is ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Course:
    """A small copy of the course in which ``tasks.py`` runs with stand-ins for what it installs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copy(ROOT / "tasks.py", root)
        shutil.copytree(ROOT / "site" / "course_tasks", root / "site" / "course_tasks")
        (root / "site" / "course_tasks" / "execute.py").write_text("print('nothing to execute')")
        extension = root / "site" / "extension" / "course_site"
        extension.mkdir(parents=True)
        shutil.copy(ROOT / "site" / "extension" / "course_site" / "digest.py", extension)
        shutil.copy(ROOT / "pyproject.toml", root)
        (root / "requirements").mkdir()
        (root / "requirements" / "book.txt").write_text("matplotlib==1.0 --hash=sha256:00\n")
        (root / "requirements" / "test.txt").write_text("pytest==1.0 --hash=sha256:00\n")
        (root / "intro.md").write_text("# Hello\n")
        self._write_uv(root / "programs" / "uv")

    def _write_uv(self, uv: Path) -> None:
        uv.parent.mkdir()
        uv.write_text(f"#!{sys.executable}\n{(STAND_INS / 'uv.py').read_text()}")
        uv.chmod(0o755)

    def variables(self, **more: str) -> dict[str, str]:
        """Return the variables of an almost empty environment in which only our uv is found."""
        return {
            "PATH": f"{self.root / 'programs'}{os.pathsep}{os.defpath}",
            "HOME": str(self.root),
            "COURSE": str(self.root),
            "STAND_INS": str(STAND_INS),
            **more,
        }

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        """Start ``tasks.py``."""
        return subprocess.Popen(
            [sys.executable, "tasks.py", *words],
            cwd=self.root,
            env=self.variables(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=heed_signals,
        )

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Run ``tasks.py`` for as long as the block lasts."""
        process = self.start(*words)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run ``tasks.py`` to its end."""
        with self.start(*words, **variables) as process:
            out, err = process.communicate(timeout=SECONDS)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def run_altered(self, alteration: str, *words: str, **variables: str) -> str:
        """Run ``tasks.py`` in a Python that was altered first, and return its complaint."""
        code = f"{alteration}\nsys.argv = {['tasks.py', *words]!r}\n"
        code = f"import sys, runpy\n{code}runpy.run_path('tasks.py', run_name='__main__')"
        process = subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.root,
            env=self.variables(**variables),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert process.returncode == 1, process.stderr
        return process.stderr

    def asked(self) -> list[str]:
        """Return, one a line, what the stand-ins were asked, and forget it."""
        notes = self.root / "_build" / "asked.txt"
        lines = notes.read_text().splitlines() if notes.exists() else []
        notes.unlink(missing_ok=True)
        return lines

    def builds(self) -> int:
        """Return how often the book was built since last asked."""
        return sum(line.startswith("jupyter-book build") for line in self.asked())

    def touch(self, name: str) -> Path:
        """Make an empty file that tells a stand-in how to behave."""
        (self.root / name).touch()
        return self.root / name


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A fresh copy of the course."""
    if os.name == "nt":
        pytest.skip("the stand-ins are scripts with a first line for POSIX systems")
    root = tmp_path / "a course"
    root.mkdir()
    return Course(root)


@pytest.fixture
def built(course: Course) -> Course:
    """A copy of the course that is set up and built."""
    done = course.run("build")
    assert done.returncode == 0, done.stderr
    course.asked()
    return course


def wait_for(file: Path) -> str:
    """Return the content of a file as soon as it has one."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if file.exists() and file.read_text():
            return file.read_text()
        time.sleep(0.02)
    raise AssertionError(f"{file} did not appear")


def is_alive(number: int) -> bool:
    """Tell whether a process runs, a zombie not counted."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{number}/stat")
    return not (status.exists() and ") Z " in status.read_text())


def old_pythons() -> list[Path]:
    """Return the old Pythons of this machine."""
    names = ["python2.7", *(f"python3.{minor}" for minor in range(4, 11))]
    found = [Path(path) for name in names if (path := shutil.which(name))]
    found += Path.home().glob(".pyenv/versions/[23].*/bin/python")
    return found


# The door ------------------------------------------------------------------------------------


def test_an_old_python_gets_one_sentence(course: Course) -> None:
    alteration = "sys.version_info = (3, 9, 2, 'final', 0)\nsys.version = '3.9.2 (default)'"
    said = course.run_altered(alteration, "serve", PATH="")
    assert said == (
        "The course needs Python 3.11 or newer, and this is Python 3.9.2;"
        " install one and run this command again with it.\n"
    )


def test_an_old_python_names_a_newer_one_that_is_there(course: Course) -> None:
    (course.root / "programs" / "python3.12").symlink_to(sys.executable)
    alteration = "sys.version_info = (3, 8, 0, 'final', 0)\nsys.version = '3.8.0 (default)'"
    said = course.run_altered(alteration, "test", "-x", PATH=str(course.root / "programs"))
    assert said.endswith("this machine has one: run 'python3.12 tasks.py test -x'.\n")
    assert said.count("\n") == 1


def test_old_pythons_of_this_machine_get_the_sentence_too(course: Course) -> None:
    for python in old_pythons():
        probe = [str(python), "-c", "import sys; sys.exit(sys.version_info >= (3, 11))"]
        if subprocess.run(probe, capture_output=True, check=False).returncode:
            continue
        process = subprocess.run(
            [str(python), "tasks.py", "serve"],
            cwd=course.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 1
        assert process.stdout == ""
        assert process.stderr.startswith("The course needs Python 3.11 or newer, and this is")
        assert process.stderr.count("\n") == 1


def test_the_door_has_no_syntax_that_an_old_python_cannot_read() -> None:
    source = (ROOT / "tasks.py").read_text(encoding="ascii")
    tree = ast.parse(source, feature_version=(3, 4))
    annotated = (ast.AnnAssign, ast.AsyncFunctionDef, ast.JoinedStr, ast.NamedExpr, ast.Nonlocal)
    for node in ast.walk(tree):
        assert not isinstance(node, annotated)
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert all(each.annotation is None for each in node.args.args)
            assert node.args.kwonlyargs + node.args.posonlyargs == []
        if isinstance(node, ast.ImportFrom):
            assert node.module != "__future__"
    with (ROOT / "tasks.py").open("rb") as file:
        words = {token.string for token in tokenize.tokenize(file.readline)}
    assert not words & {"print", "async", "await", "->"}


def test_help_names_every_verb_and_is_the_answer_to_nothing(course: Course) -> None:
    answers = [course.run(*words) for words in ([], ["help"], ["--help"])]
    assert len({answer.stdout for answer in answers}) == 1
    assert all(answer.returncode == 0 for answer in answers)
    for name in verbs.VERBS:
        assert f"\n  {name} " in answers[0].stdout
    assert not (course.root / ".venv").exists()


def test_an_unknown_verb_is_refused_with_the_known_ones(course: Course) -> None:
    done = course.run("sreve")
    assert done.returncode == 2
    assert done.stderr.startswith("There is no verb 'sreve'; there are serve, test, ")


@pytest.mark.parametrize("port", ["70000", "65536", "-1", "http", "8000.5", ""])
def test_a_port_that_is_none_is_refused_before_anything_is_done(course: Course, port: str) -> None:
    done = course.run("serve", f"--port={port}")
    assert done.returncode == 2
    assert f"a port is a number from 0 to 65535, not '{port}'" in done.stderr
    assert not (course.root / ".venv").exists()


# Set-up --------------------------------------------------------------------------------------


def test_the_steps_are_numbered_and_end_with_what_was_asked(course: Course) -> None:
    done = course.run("build")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    begun = [line for line in lines if "] done" not in line]
    assert [line[:5] for line in begun[:-1]] == [f"[{number}/5]" for number in range(1, 6)]
    assert "Private environment in .venv, made" in begun[0]
    assert "requirements/book.txt, by uv" in begun[1]
    assert begun[-1].startswith("The book is at file:///")
    assert len([line for line in lines if "] done, " in line]) == 5


def test_serving_installs_only_what_the_book_needs(course: Course) -> None:
    course.run("build")
    installed = [line for line in course.asked() if line.startswith("pip install")]
    assert len(installed) == 2
    assert "--require-hashes --only-binary=:all:" in installed[0]
    assert installed[0].endswith("requirements/book.txt")
    assert "--no-deps --no-build-isolation -e" in installed[1]
    assert installed[1].endswith(str(course.root))


def test_what_is_set_up_is_not_set_up_again(built: Course) -> None:
    done = built.run("build")
    assert "[1/2]" in done.stdout
    assert not [line for line in built.asked() if line.startswith("pip install")]


def test_tests_add_their_list_to_the_environment_of_the_book(built: Course) -> None:
    marker = built.root / ".venv" / "still-there"
    marker.touch()
    done = built.run("test")
    assert done.returncode == 0, done.stderr
    assert marker.exists()
    installed = [line for line in built.asked() if line.startswith("pip install")]
    assert installed[0].endswith("requirements/test.txt")
    # What tests the book also builds it.
    assert "[1/2]" in built.run("build").stdout


@pytest.mark.parametrize("changed", ["requirements/book.txt", "pyproject.toml"])
def test_a_changed_list_or_package_makes_the_environment_anew(built: Course, changed: str) -> None:
    marker = built.root / ".venv" / "still-there"
    marker.touch()
    file = built.root / changed
    file.write_text(file.read_text().replace("1.0", "1.1").replace("0.1.0", "0.2.0"))
    done = built.run("build")
    assert done.returncode == 0, done.stderr
    assert "made anew: it was incomplete or out of date" in done.stdout
    assert not marker.exists()


def test_a_changed_setting_of_a_tool_does_not(built: Course) -> None:
    file = built.root / "pyproject.toml"
    file.write_text(file.read_text() + "\n[tool.other]\nsetting = 1\n")
    assert "[1/2]" in built.run("build").stdout


def test_a_moved_course_makes_its_environment_anew(built: Course) -> None:
    built.root = built.root.rename(built.root.with_name("moved"))
    assert "made anew" in built.run("build").stdout


def test_a_broken_environment_is_made_anew(built: Course) -> None:
    python = Environment(built.root).python
    python.unlink()
    python.symlink_to(built.root / "no-such-python")
    done = built.run("build")
    assert done.returncode == 0, done.stderr
    assert "made anew" in done.stdout


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_a_spoilt_stamp_makes_it_anew(built: Course, content: str) -> None:
    Environment(built.root).stamp.write_text(content)
    done = built.run("build")
    assert done.returncode == 0, done.stderr
    assert "made anew" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_set_up_leaves_nothing_running_and_is_seen(
    course: Course, number: signal.Signals
) -> None:
    slow = course.touch("slow")
    with course.running("serve") as process:
        installer = int(wait_for(course.root / "_build" / "uv.pid"))
        process.send_signal(number)
        out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert out.endswith("Stopped.\n")
    assert err == ""
    assert not is_alive(installer)
    slow.unlink()
    again = course.run("build")
    assert again.returncode == 0, again.stderr
    assert "made anew: it was incomplete" in again.stdout


def test_an_environment_of_somebody_else_is_left_alone(course: Course) -> None:
    theirs = course.root / ".venv" / "theirs.txt"
    theirs.parent.mkdir()
    theirs.write_text("work of a year")
    for words in (["serve"], ["clean", "--all"]):
        done = course.run(*words)
        assert done.returncode == 1
        assert "was not made by tasks.py, so it is left alone" in done.stderr
        assert theirs.read_text() == "work of a year"


def test_an_empty_folder_is_nobodys(course: Course) -> None:
    (course.root / ".venv").mkdir()
    assert course.run("build").returncode == 0


def test_a_python_without_ensurepip_gets_one_sentence(course: Course) -> None:
    said = course.run_altered("sys.modules['ensurepip'] = None", "serve", CCMC_NO_UV="1")
    assert said == (
        "This Python has no ensurepip and cannot fill an environment:"
        " install the package python3-venv (Debian, Ubuntu) or uv, and run this command again.\n"
    )
    assert not (course.root / ".venv").exists()


def test_uv_needs_no_ensurepip(course: Course) -> None:
    alteration = "sys.modules['ensurepip'] = None"
    course.touch("fail-jupyter-book")
    assert "The book could not be built" in course.run_altered(alteration, "serve")


def test_a_failed_download_says_so_by_pip(course: Course) -> None:
    unreachable = {
        "CCMC_NO_UV": "1",
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_RETRIES": "1",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_CONFIG_FILE": os.devnull,
    }
    done = course.run("serve", **unreachable)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "The packages could not be downloaded: see whether this machine reaches the internet"
        " and run the same command again.\n"
    )
    log = course.root / "_build" / "log" / "packages.txt"
    assert f"The last lines of {log}:" in done.stderr
    assert "requirements/book.txt, by pip" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_failed_download_says_so_by_uv(course: Course) -> None:
    course.touch("offline")
    done = course.run("serve")
    assert done.returncode == 1
    assert "could not be downloaded" in done.stderr.splitlines()[-1]
    assert "    error: Failed to fetch the page: dns error" in done.stderr


# What pip and uv really print.
PRINTED = {
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.": "its hash",
    "  × Failed to download `six==1.16.0`\n  ╰─▶ Hash mismatch for `six==1.16.0`": "its hash",
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device": (
        "disk is full"
    ),
    "NameResolutionError(<urllib3.connection>: Failed to resolve: Temporary failure in name"
    " resolution)\nERROR: No matching distribution found for six": "could not be downloaded",
    "NewConnectionError: [Errno 111] Connection refused\nERROR: No matching distribution found": (
        "could not be downloaded"
    ),
    "ReadTimeoutError(Read timed out. (read timeout=15))": "could not be downloaded",
    "ERROR: No matching distribution found for numpy==2.4.6": "no ready-made file for Python",
    "hint: `numpy` was found, but has no usable wheels": "no ready-made file for Python",
    "something that nobody has seen yet": "could not be installed",
}


@pytest.mark.parametrize("printed", PRINTED)
def test_a_failed_installation_is_explained_in_one_sentence(printed: str) -> None:
    sentence = explain(printed, "requirements/book.txt")
    assert PRINTED[printed] in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_two_at_once_do_not_get_into_each_others_way(course: Course) -> None:
    slow = course.touch("slow")
    with course.running("build") as first:
        wait_for(course.root / "_build" / "uv.pid")
        with course.running("build") as second:
            assert second.stdout is not None
            line = second.stdout.readline()
            assert line == "Another tasks.py is at work in this folder; this one waits for it.\n"
            slow.unlink()
            first.send_signal(signal.SIGINT)
            first.communicate(timeout=SECONDS)
            out, err = second.communicate(timeout=SECONDS)
    assert second.returncode == 0, err
    assert "The book is at" in out


def test_settings_of_the_readers_python_do_not_reach_the_chapters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    foreign = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONWARNINGS", "JUPYTER_PATH")
    for name in (*foreign, "JUPYTER_CONFIG_PATH", "MPLBACKEND"):
        monkeypatch.setenv(name, "/somewhere")
    monkeypatch.setenv("OTHER", "kept")
    own = Environment(Path("/course")).variables()
    assert "/somewhere" not in own.values()
    assert own["OTHER"] == "kept"
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "MPLCONFIGDIR"):
        assert Path("/course/.venv") in Path(own[name]).parents


# Building ------------------------------------------------------------------------------------


def test_the_book_is_built_strictly(course: Course) -> None:
    course.run("build")
    assert "jupyter-book build --all -q -W -n --keep-going ." in course.asked()


def test_tests_build_the_book_only_if_something_changed(built: Course) -> None:
    assert built.run("test").returncode == 0
    assert built.builds() == 0
    (built.root / "intro.md").write_text("# Hello again\n")
    built.run("test")
    assert built.builds() == 1
    (built.root / "chapters").mkdir()
    (built.root / "chapters" / "new.md").write_text("# New\n")
    built.run("test")
    assert built.builds() == 1
    built.run("test")
    assert built.builds() == 0


def test_a_page_that_no_longer_belongs_does_not_stay(built: Course) -> None:
    stale = built.root / "_build" / "html" / "stale.html"
    stale.touch()
    assert built.run("build").returncode == 0
    assert not stale.exists()


def test_what_tools_leave_does_not_build_the_book_again(built: Course) -> None:
    for folder in ("__pycache__", ".pytest_cache", "x.egg-info", ".ipynb_checkpoints"):
        (built.root / folder).mkdir(exist_ok=True)
        (built.root / folder / "file").touch()
    built.run("test")
    assert built.builds() == 0


def test_a_warning_fails_the_build_and_the_next_run_builds_again(built: Course) -> None:
    (built.root / "intro.md").write_text("# Hello {unknown}`role`\n")
    failing = built.touch("fail-jupyter-book")
    for _ in range(2):
        done = built.run("serve")
        assert done.returncode == 1
        lines = done.stderr.splitlines()
        assert lines[0] == f"The last lines of {built.root / '_build' / 'log' / 'pages.txt'}:"
        assert lines[1:] == [
            "    WARNING: jupyter-book found something",
            "The book could not be built without a warning.",
        ]
    assert built.builds() == 2
    failing.unlink()
    assert built.run("build").returncode == 0


def test_a_failed_build_is_not_taken_for_a_built_one(built: Course) -> None:
    built.touch("fail-jupyter-book")
    assert built.run("build").returncode == 1
    assert built.run("test").returncode == 1


def test_a_chapter_that_fails_stops_the_build(course: Course) -> None:
    script = course.root / "site" / "course_tasks" / "execute.py"
    script.write_text("import sys; sys.exit('chapters/one.md:\\nNameError: P')")
    done = course.run("serve")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-3:] == [
        "    chapters/one.md:",
        "    NameError: P",
        "A chapter could not be executed.",
    ]
    assert course.builds() == 0


def test_a_build_without_a_first_page_is_a_failure(course: Course) -> None:
    # As when a newer Jupyter Book ignores the configuration and says that all is well.
    course.touch("ignored-configuration")
    done = course.run("build")
    assert done.returncode == 1
    assert "has no index.html" in done.stderr


def test_former_results_are_kept_for_a_while_only(built: Course) -> None:
    caches = built.root / "_build" / ".jupyter_cache"
    (current,) = caches.iterdir()
    for number in range(5):
        old = caches / f"old{number}"
        old.mkdir()
        os.utime(old, (number + 1, number + 1))
    built.run("build")
    assert {each.name for each in caches.iterdir()} == {current.name, "old4", "old3"}


# Serving -------------------------------------------------------------------------------------


@pytest.fixture
def busy() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_busy_port_gives_the_next_free_one_and_says_so(built: Course, busy: int) -> None:
    with built.running("serve", "--port", str(busy)) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said == f"Port {busy} is not free, so the next free one is taken.\n"
        address = process.stdout.readline().split()[4]
        page = urllib.request.urlopen(address).read()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, err) == (130, "Stopped.\n", "")
    assert busy < int(address.rstrip("/").rpartition(":")[2]) <= busy + 100
    assert address.startswith("http://127.0.0.1:")
    assert page == b"<h1>built</h1>"


def test_no_free_port_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setattr("course_tasks.serving.PORTS_TRIED", 1)
        with pytest.raises(steps.Stop, match=f"None of the ports {port} to {port} can be opened"):
            open_server(tmp_path, port)


def test_the_last_port_is_not_passed(tmp_path: Path) -> None:
    try:
        listener = socket.create_server(("127.0.0.1", 65535))
    except OSError:
        listener = socket.socket()
    with listener, pytest.raises(steps.Stop, match="ports 65535 to 65535"):
        open_server(tmp_path, 65535)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("page.html", "text/html"),
        ("script.js", "text/javascript"),
        ("module.mjs", "text/javascript"),
        ("style.css", "text/css"),
        ("picture.svg", "image/svg+xml"),
    ],
)
def test_files_have_their_type_and_are_looked_at_again(built: Course, name: str, kind: str) -> None:
    (built.root / "_build" / "html" / name).touch()
    with built.running("serve", "--port=0") as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[4]
        answer = urllib.request.urlopen(address + name)
    assert answer.headers["Content-type"] == kind
    assert answer.headers["Cache-Control"] == "no-cache"


# Testing, checking, cleaning, locking --------------------------------------------------------


def test_options_after_test_go_to_pytest_and_its_status_comes_back(built: Course) -> None:
    assert built.run("test", "-k", "chain", "--lf").returncode == 0
    assert "pytest -k chain --lf" in built.asked()
    built.touch("fail-pytest")
    done = built.run("test")
    assert done.returncode == 1
    assert "WARNING: pytest found something" in done.stderr


def test_every_check_runs_even_where_one_fails(course: Course) -> None:
    failing = course.touch("fail-ruff")
    done = course.run("check")
    assert done.returncode == 1
    asked = course.asked()
    assert "ruff check --quiet" in asked
    assert "ruff format --check --quiet --diff" in asked
    assert "mypy" in asked
    assert done.stderr == "The code does not pass the check of lint and format.\n"
    assert done.stdout.count("WARNING: ruff found something") == 2
    failing.unlink()
    assert course.run("check").returncode == 0


def test_cleaning_removes_what_was_made_and_nothing_else(built: Course) -> None:
    written = [file for file in built.root.rglob("*") if ".venv" not in file.parts]
    written = [file for file in written if not {"_build", "__pycache__"} & set(file.parts)]
    (built.root / ".pytest_cache").mkdir()
    assert built.run("clean").returncode == 0
    assert (built.root / ".venv").exists()
    left = {
        file
        for file in built.root.rglob("*")
        if ".venv" not in file.parts and "__pycache__" not in file.parts
    }
    assert left == {*written, built.root / "_build", built.root / "_build" / "lock"}
    assert built.run("clean", "--all").returncode == 0
    assert not (built.root / ".venv").exists()


def test_locking_names_no_registry_and_keeps_binder_in_step(course: Course) -> None:
    binder = course.root / ".binder" / "requirements.txt"
    binder.parent.mkdir()
    binder.write_text("-e .\nnumpy==1.0\njupytext==1.19.0\n")
    done = course.run("lock")
    assert done.returncode == 0, done.stderr
    book, test = (line.split() for line in course.asked())
    for words in (book, test):
        assert words[:2] == ["pip", "compile"]
        assert {"--universal", "--generate-hashes", "--no-emit-index-url"} <= set(words)
        assert "--upgrade" not in words
    assert "--constraint=requirements/book.txt" in test
    assert binder.read_text() == "-e .\nnumpy==9.9.9\njupytext==1.19.0\n"
    course.run("lock", "--upgrade")
    assert all("--upgrade" in line for line in course.asked())


def test_locking_without_uv_is_one_sentence(course: Course) -> None:
    (course.root / "programs" / "uv").unlink()
    done = course.run("lock", PATH=str(course.root / "programs"))
    assert done.returncode == 1
    assert done.stderr == ("The lists are compiled by uv, which is not on the path: install uv.\n")


def test_releases_are_made_by_the_grader(built: Course) -> None:
    assert built.run("release", "mapping").returncode == 0
    assert "ccmc_grading release mapping" in built.asked()


# Progress ------------------------------------------------------------------------------------


class Terminal(list[str]):
    """A stream that is a terminal and keeps what is written."""

    encoding = "ascii"

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.append(text)
        return len(text)

    def flush(self) -> None:
        pass


def slow_program(seconds: float) -> steps.Program:
    """Return a program that says something and then takes its time."""
    code = f"import time; print('Collecting numpy é', flush=True); time.sleep({seconds})"
    return steps.Program("slow", [sys.executable, "-c", code], os.environ)


def test_a_terminal_sees_seconds_and_the_last_line_of_a_long_step(tmp_path: Path) -> None:
    terminal = Terminal()
    progress = steps.Progress(tmp_path, terminal)  # type: ignore[arg-type]
    progress.walk([steps.Step("Packages", lambda progress: progress.run(slow_program(1.3)))])
    written = "".join(terminal)
    assert written.startswith("[1/1] Packages\r[1/1] Packages: 1 s")
    assert "Collecting numpy ?" in written
    assert written.endswith("\n")
    assert max(len(line.rstrip("\n")) for line in written.split("\r")) < 80


def test_elsewhere_a_long_step_says_that_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(steps, "SECONDS_BETWEEN_LINES", 0.1)
    progress = steps.Progress(tmp_path)
    progress.walk([steps.Step("Packages", lambda progress: progress.run(slow_program(0.9)))])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "[1/1] Packages"
    assert lines[1].startswith("[1/1] ")
    assert "Collecting numpy" in lines[1]
    assert float(lines[-1].split()[-2]) >= 0.9


def test_a_walk_ends_with_the_first_status(tmp_path: Path) -> None:
    seen: list[int] = []

    def step(number: int, status: int) -> steps.Step:
        def act(progress: steps.Progress) -> int:
            seen.append(number)
            return status

        return steps.Step(str(number), act)

    assert steps.Progress(tmp_path).walk([step(1, 0), step(2, 5), step(3, 0)]) == 5
    assert seen == [1, 2]


def test_a_program_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    missing = steps.Program("x", [tmp_path / "missing"], {})
    with pytest.raises(steps.Stop, match="cannot be started: No such file or directory"):
        steps.Progress(tmp_path).run(missing)


def test_the_last_line_is_one_that_says_something(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("first\n\x1b[92mreading 50%\rreading 99%\x1b[0m\n=======\n\n")
    assert steps.last_line(log) == "reading 99%"
    log.write_bytes(b"\xff\xfe" * 2000)
    assert steps.last_line(log) == ""


# The lists -----------------------------------------------------------------------------------


def test_pins_are_read_from_a_real_lock() -> None:
    text = textwrap.dedent(
        """\
        appnope==1.0.0 ; sys_platform == 'darwin' \\
            --hash=sha256:00
            # via ipykernel==7.4.0
        jupyter_client==8.10.0
        """
    )
    assert lock_files.pins(text) == {"appnope": "1.0.0", "jupyter-client": "8.10.0"}


def test_folders_of_the_course_leave_out_what_is_made(tmp_path: Path) -> None:
    for name in ("chapters/data", "_build/html", ".venv/lib", "a.egg-info", "b/__pycache__"):
        (tmp_path / name).mkdir(parents=True)
    names = [each.relative_to(tmp_path).as_posix() for each in course_folders(tmp_path)]
    assert names == [".", "b", "chapters", "chapters/data"]


def test_the_stamp_is_written_last(built: Course) -> None:
    held = json.loads(Environment(built.root).stamp.read_text())
    assert held == {"book": held["book"]}
    assert len(held["book"]) == 64


# Benchmarks ----------------------------------------------------------------------------------


@pytest.fixture
def peers(course: Course) -> Course:
    """A copy of the course with benchmarks."""
    (course.root / "requirements" / "bench.txt").write_text("numba==1.0 --hash=sha256:00\n")
    shutil.copy(STAND_INS / "program.py", course.root / "benchmarks.py")
    return course


def test_benchmarks_have_an_environment_of_their_own(peers: Course) -> None:
    done = peers.run("bench", "--quick")
    assert done.returncode == 0, done.stderr
    assert "Private environment in _build/bench, made" in done.stdout
    asked = peers.asked()
    assert asked[0].endswith("requirements/bench.txt")
    assert "--require-hashes --only-binary=:all:" in asked[0]
    assert asked[-1] == "benchmarks --quick"
    assert not (peers.root / ".venv").exists()
    held = json.loads((peers.root / "_build" / "bench" / "course.json").read_text())
    assert set(held) == {"bench"}


def test_benchmarks_are_set_up_once_and_leave_the_book_alone(peers: Course) -> None:
    peers.run("build")
    peers.run("bench")
    stamp = Environment(peers.root).stamp.read_text()
    peers.asked()
    assert "[1/1] Benchmarks" in peers.run("bench").stdout
    assert peers.asked() == ["benchmarks"]
    assert Environment(peers.root).stamp.read_text() == stamp
    assert "[1/2]" in peers.run("build").stdout


def test_a_changed_list_of_peers_makes_their_environment_anew(peers: Course) -> None:
    peers.run("build")
    peers.run("bench")
    (peers.root / "requirements" / "bench.txt").write_text("numba==1.1 --hash=sha256:00\n")
    assert "in _build/bench, made anew: it was incomplete" in peers.run("bench").stdout
    assert "[1/2]" in peers.run("build").stdout


def test_the_status_of_the_benchmarks_comes_back(peers: Course) -> None:
    peers.touch("fail-benchmarks")
    done = peers.run("bench")
    assert done.returncode == 1
    assert "WARNING: benchmarks found something" in done.stderr


def test_cleaning_removes_the_environment_of_the_peers(peers: Course) -> None:
    peers.run("bench")
    assert peers.run("clean").returncode == 0
    assert not (peers.root / "_build" / "bench").exists()


def test_locking_includes_the_peers_in_agreement_with_the_book(peers: Course) -> None:
    (peers.root / ".binder").mkdir()
    (peers.root / ".binder" / "requirements.txt").write_text("numpy==1.0\n")
    (peers.root / "requirements" / "bench.in").write_text("numba\n")
    assert peers.run("lock").returncode == 0
    last = peers.asked()[-1].split()
    assert last[-2:] == ["--output-file=requirements/bench.txt", "requirements/bench.in"]
    assert {"--universal", "--generate-hashes", "--constraint=requirements/book.txt"} <= set(last)


def test_the_list_of_peers_is_complete_hashed_and_agrees_with_the_book() -> None:
    lists = ROOT / "requirements"
    text = (lists / "bench.txt").read_text()
    book, bench = lock_files.pins((lists / "book.txt").read_text()), lock_files.pins(text)
    wanted = [line for line in (lists / "bench.in").read_text().splitlines() if line[0] != "#"]
    assert set(wanted) <= set(bench)
    assert {name for name in book.keys() & bench.keys() if book[name] != bench[name]} == set()
    # It is used where it is installed, and too large to be asked for.
    assert "torch" not in bench
    assert text.count(" \\\n    --hash=sha256:") >= len(bench) > 10
