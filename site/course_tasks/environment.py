"""The private environments, ``.venv`` and that of the benchmarks, made from hash-locked lists."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from course_tasks.steps import Program, ProgramFailed, Progress, Step, Stop

ListName = Literal["book", "test", "bench"]

# The course's own environment, and that of the benchmarks, whose packages the course never needs.
OWN = ".venv"
PEERS = "_build/bench"

# Settings of the reader's own Python, Jupyter and Matplotlib could change what the chapters print.
FOREIGN = (
    "JUPYTER_CONFIG_PATH",
    "JUPYTER_PATH",
    "MPLBACKEND",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
)

# What pip and uv print, in the order in which to look for it.
REASONS = (
    (
        ("DO NOT MATCH THE HASHES", "Hash mismatch"),
        "A downloaded package does not match its hash in {list}, so it was not installed.",
    ),
    (
        ("No space left on device", "os error 28"),
        "The disk is full: the environment needs about 1 GB.",
    ),
    (
        (
            "connection error",
            "Connection refused",
            "ConnectTimeout",
            "dns error",
            "error sending request",
            "Failed to fetch",
            "name resolution",
            "NewConnectionError",
            "ProxyError",
            "ReadTimeout",
            "SSLError",
        ),
        "The packages could not be downloaded: see whether this machine reaches the internet"
        " and run the same command again.",
    ),
    (
        ("No matching distribution found", "no wheel", "no usable wheels"),
        "A package of {list} has no ready-made file for Python {python} on this system:"
        " use Python 3.11 to 3.13 on Linux, macOS or Windows.",
    ),
)


@dataclass(frozen=True)
class Environment:
    """A private environment of the course.

    It is complete when its stamp says so.
    The stamp is opened first, which marks the folder as ours, and completed last,
    so that a set-up that was interrupted is seen and made anew.

    Parameters
    ----------
    root : Path
        The folder of the course.
    place : str
        The folder of the environment in it.

    Example
    -------
    >>> Environment(Path("/course")).folder.name
    '.venv'
    """

    root: Path
    place: str = OWN

    @property
    def folder(self) -> Path:
        """The folder of the environment."""
        return self.root / self.place

    @property
    def programs(self) -> Path:
        """The folder of its programs."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.programs / ("python.exe" if os.name == "nt" else "python")

    @property
    def stamp(self) -> Path:
        """The file that says what the environment holds."""
        return self.folder / "course.json"

    def list_file(self, name: ListName) -> Path:
        """Return the hash-locked list of that name."""
        return self.root / "requirements" / f"{name}.txt"

    def variables(self) -> dict[str, str]:
        """Return the environment variables for programs of the course."""
        own = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        settings = self.folder / "settings"
        own.update(
            VIRTUAL_ENV=str(self.folder),
            PATH=f"{self.programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            PYTHONUTF8="1",
            PYTHONNOUSERSITE="1",
            PYDEVD_DISABLE_FILE_VALIDATION="1",
            IPYTHONDIR=str(settings / "ipython"),
            JUPYTER_CONFIG_DIR=str(settings / "jupyter"),
            JUPYTER_DATA_DIR=str(settings / "jupyter-data"),
            JUPYTER_RUNTIME_DIR=str(settings / "jupyter-runtime"),
            MPLCONFIGDIR=str(settings / "matplotlib"),
        )
        return own

    def program(self, log: str, *words: str | Path) -> Program:
        """Return the environment's Python with these arguments, ready to be run."""
        return Program(log, [self.python, *words], self.variables())

    def steps(self, name: ListName) -> list[Step]:
        """Return the steps that make the environment hold a list; none if it does.

        Raises
        ------
        Stop
            If the folder was made by somebody else.
        """
        held = self._held()
        if held.get(name) == self.key(name):
            return []
        packages = f"Packages of requirements/{name}.txt, by {'uv' if _uv() else 'pip'}"
        rest = [
            Step(packages, functools.partial(self._add_packages, name)),
            Step("The course's own package", functools.partial(self._add_own, name)),
        ]
        if held.get("book") == self.key("book"):
            return rest
        reason = "made anew: it was incomplete or out of date" if held else "made"
        return [Step(f"Private environment in {self.place}, {reason}", self._create), *rest]

    def key(self, name: ListName) -> str:
        """Return a digest of all that decides what a complete environment holds."""
        digest = hashlib.sha256()
        for part in (sys.version, platform.machine(), str(self.root), _declared(self.root)):
            digest.update(part.encode() + b"\0")
        for each in _included(name):
            digest.update(self.list_file(each).read_bytes() + b"\0")
        return digest.hexdigest()

    def remove(self) -> None:
        """Remove the environment, if it is one of ours.

        Raises
        ------
        Stop
            If it was made by somebody else, or cannot be removed.
        """
        self._held()
        _remove(self.folder)

    def _held(self) -> dict[str, str]:
        """Return the stamp; of an environment that does not start, only that it was begun."""
        if not self.folder.exists() or (self.folder.is_dir() and not any(self.folder.iterdir())):
            return {}
        if not self.stamp.exists():
            raise Stop(
                f"The folder {self.folder} was not made by tasks.py, so it is left alone:"
                " move or delete it and run this command again."
            )
        try:
            held = dict(json.loads(self.stamp.read_text(encoding="utf-8")))
        except (ValueError, TypeError):
            held = {}
        return held if held and _starts(self.python) else {"begun": "yes"}

    def _mark(self, held: dict[str, str]) -> None:
        self.stamp.write_text(json.dumps(held, indent=2) + "\n", encoding="utf-8")

    def _create(self, progress: Progress) -> None:
        if Path(sys.prefix).resolve() == self.folder.resolve():
            raise Stop(
                f"{self.place} has to be made anew: run tasks.py with the Python outside it."
            )
        if not _uv() and importlib.util.find_spec("ensurepip") is None:
            raise Stop(
                "This Python has no ensurepip and cannot fill an environment:"
                " install the package python3-venv (Debian, Ubuntu) or uv,"
                " and run this command again."
            )
        _remove(self.folder)
        self.folder.mkdir()
        self._mark({"begun": "yes"})
        venv.create(self.folder, with_pip=False, symlinks=os.name != "nt")
        if not _uv():
            progress.run(self.program("environment", "-m", "ensurepip", "--default-pip"))

    def _add_packages(self, name: ListName, progress: Progress) -> None:
        file = self.list_file(name)
        try:
            progress.run(
                self._install("packages", "--require-hashes", "--only-binary=:all:", "-r", file)
            )
        except ProgramFailed as failure:
            raise Stop(explain(failure.output, f"requirements/{file.name}"), failure) from failure

    def _add_own(self, name: ListName, progress: Progress) -> None:
        for folder in _distributions(self.root, name):
            # Without isolation nothing is fetched: the list holds what builds the package.
            progress.run(
                self._install("course-package", "--no-deps", "--no-build-isolation", "-e", folder)
            )
        if name != "bench":
            # Matplotlib lists the fonts of a machine once, and where that is slow it says so on
            # stderr, which would fail the first chapter that draws.
            progress.run(self.program("fonts", "-c", "import matplotlib.font_manager"))
        self._mark({each: self.key(each) for each in _included(name)})

    def _install(self, log: str, *words: str | Path) -> Program:
        uv = _uv()
        if uv:
            command: list[str | Path] = [uv, "pip", "install", "--python", self.python, *words]
            return Program(log, command, self.variables())
        # What is imported is compiled then; the rest never needs to be.
        options = ("--disable-pip-version-check", "--no-compile")
        return self.program(log, "-m", "pip", "install", *options, *words)


def explain(output: str, list_name: str) -> str:
    """Return one sentence that says why an installation failed.

    Parameters
    ----------
    output : str
        What pip or uv printed.
    list_name : str
        The list that was being installed.

    Example
    -------
    >>> explain("OSError: [Errno 28] No space left on device", "requirements/book.txt")
    'The disk is full: the environment needs about 1 GB.'
    """
    for signs, sentence in REASONS:
        if any(sign.lower() in output.lower() for sign in signs):
            return sentence.format(list=list_name, python=platform.python_version())
    return f"The packages of {list_name} could not be installed."


def _included(name: ListName) -> tuple[ListName, ...]:
    """Return the lists that a list contains: what tests the book also builds it."""
    if name == "bench":
        return (name,)
    return ("book", "test") if name == "test" else ("book",)


def _uv() -> str | None:
    return None if os.environ.get("CCMC_NO_UV") else shutil.which("uv")


def _starts(python: Path) -> bool:
    try:
        return not subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode
    except OSError:
        return False


def _distributions(root: Path, name: ListName) -> list[Path]:
    """Return the folders of the packages to install, the grader's only where it is tested."""
    grading = root / "exercises" / "grading"
    wanted = [root, grading] if name == "test" else [root]
    return [folder for folder in wanted if (folder / "pyproject.toml").exists()]


def _declared(root: Path) -> str:
    """Return the part of ``pyproject.toml`` that decides how the package is installed."""
    with (root / "pyproject.toml").open("rb") as file:
        tables = tomllib.load(file)
    tools = tables.get("tool", {})
    return repr([tables.get("build-system"), tables.get("project"), tools.get("setuptools")])


def _remove(folder: Path) -> None:
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise Stop(
            f"The folder {folder} cannot be removed ({error.strerror}):"
            " end the programs that use it and run this command again."
        ) from error
