"""Executing the chapters and building the site, only where something changed."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course_site.digest import KERNEL_ENVIRONMENT, cache_folder

from course_tasks.environment import Environment
from course_tasks.steps import Program, ProgramFailed, Progress, Step, Stop

LEFT_OUT = ("_build", "__pycache__")  # what is made, not written
CACHES_KEPT = 3  # results of former states of the package, for those who go back and forth


@dataclass(frozen=True)
class Book:
    """The built site of the course.

    Parameters
    ----------
    environment : Environment
        The environment that builds it.

    Example
    -------
    >>> Book(Environment(Path("/course"))).site.parts[-2:]
    ('_build', 'html')
    """

    environment: Environment

    @property
    def site(self) -> Path:
        """The folder of the built site."""
        return self.environment.root / "_build" / "html"

    @property
    def stamp(self) -> Path:
        """The file that says from what the site was built."""
        return self.environment.root / "_build" / "built-from.txt"

    def steps(self, anew: bool = False) -> list[Step]:
        """Return the steps that build the site; none if it stands and nothing changed.

        Parameters
        ----------
        anew : bool
            Build in any case.
        """
        if not anew and self._is_built():
            return []
        return [
            Step("Chapters, each executed unless it is cached", self._execute),
            Step("Pages of the book, every warning an error", self._build),
        ]

    def inputs(self) -> str:
        """Return a digest of every file of the course and of the environment's key."""
        root = self.environment.root
        digest = hashlib.sha256(self.environment.key("book").encode())
        for folder in course_folders(root):
            for file in sorted(each for each in folder.iterdir() if _counts(each)):
                digest.update(file.relative_to(root).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    def _is_built(self) -> bool:
        return (
            (self.site / "index.html").exists()
            and self.stamp.exists()
            and self.stamp.read_text(encoding="utf-8") == self.inputs()
        )

    def _variables(self) -> dict[str, str]:
        # The order in which SymPy prints may follow the hash seed: pages are the same every time.
        return {**self.environment.variables(), **KERNEL_ENVIRONMENT, "PYTHONHASHSEED": "0"}

    def _execute(self, progress: Progress) -> None:
        root = self.environment.root
        cache = cache_folder(root / "_build", root)
        cache.mkdir(parents=True, exist_ok=True)
        os.utime(cache)
        _keep_newest(cache.parent, CACHES_KEPT)
        script = Path(__file__).with_name("execute.py")
        program = Program(
            "chapters", [self.environment.python, script, root, cache], self._variables()
        )
        try:
            progress.run(program)
        except ProgramFailed as failure:
            raise Stop("A chapter could not be executed.", failure) from failure

    def _build(self, progress: Progress) -> None:
        root = self.environment.root
        inputs = self.inputs()
        self.stamp.unlink(missing_ok=True)
        for stale in (self.site, root / "_build" / ".doctrees"):
            shutil.rmtree(stale, ignore_errors=True)
        book = self.environment.programs / "jupyter-book"
        options = ("--all", "-q", "-W", "-n", "--keep-going")
        try:
            progress.run(Program("pages", [book, "build", *options, "."], self._variables()))
        except ProgramFailed as failure:
            raise Stop("The book could not be built without a warning.", failure) from failure
        if not (self.site / "index.html").exists():
            raise Stop(f"The book was built without an error, but {self.site} has no index.html.")
        self.stamp.write_text(inputs, encoding="utf-8")


def course_folders(root: Path) -> Iterator[Path]:
    """Yield every folder of the course in a fixed order: not what is made, hidden or left by tools.

    Parameters
    ----------
    root : Path
        The folder of the course.
    """
    for folder, folders, _ in os.walk(root):
        folders[:] = sorted(name for name in folders if _belongs(name))
        yield Path(folder)


def _belongs(name: str) -> bool:
    return not (name.startswith(".") or name in LEFT_OUT or name.endswith(".egg-info"))


def _keep_newest(folder: Path, number: int) -> None:
    by_age = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in by_age[number:]:
        shutil.rmtree(old, ignore_errors=True)


def _counts(file: Path) -> bool:
    return file.is_file() and not file.name.startswith(".")
