"""The hash-locked lists, compiled with uv, and the versions that Binder installs kept in step."""

from __future__ import annotations

import functools
import os
import re
import shutil
from pathlib import Path

from course_tasks.steps import Program, Progress, Step, Stop

OTHERS = ("bench",)
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
# One list for all systems and Pythons, which names no registry.
COMPILE = (
    "--universal",
    "--fork-strategy=fewest",
    "--python-version=3.11",
    "--generate-hashes",
    "--annotation-style=line",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--quiet",
)


def pins(text: str) -> dict[str, str]:
    r"""Return the version of every package that a list pins.

    Parameters
    ----------
    text : str
        A list of requirements.

    Example
    -------
    >>> pins("-e .\nnumpy==2.4.6\nSymPy==1.14.0 ; python_version > '3'")
    {'numpy': '2.4.6', 'sympy': '1.14.0'}
    """
    return {name.lower().replace("_", "-"): version for name, version in PIN.findall(text)}


def in_step(requirements: str, locked: dict[str, str]) -> str:
    r"""Return a list of requirements with the versions of a lock where it has them.

    Parameters
    ----------
    requirements : str
        A list with pinned versions.
    locked : dict
        Version of every locked package.

    Example
    -------
    >>> in_step("numpy==2.4.1\njupytext==1.19.0", {"numpy": "2.4.6"})
    'numpy==2.4.6\njupytext==1.19.0'
    """

    def renew(found: re.Match[str]) -> str:
        name, version = found.groups()
        return f"{name}=={locked.get(name.lower().replace('_', '-'), version)}"

    return PIN.sub(renew, requirements)


def steps(root: Path, upgrade: bool) -> list[Step]:
    """Return the steps that compile the lists.

    Parameters
    ----------
    root : Path
        The folder of the course.
    upgrade : bool
        Take the newest versions instead of those that the lists hold.

    Raises
    ------
    Stop
        If uv is not found.
    """
    uv = shutil.which("uv")
    if uv is None:
        raise Stop("The lists are compiled by uv, which is not on the path: install uv.")
    words = [uv, "pip", "compile", *COMPILE, *(["--upgrade"] if upgrade else [])]
    agreeing = [*words, "--constraint=requirements/book.txt"]
    others = [each for each in OTHERS if (root / "requirements" / f"{each}.in").exists()]
    return [
        Step("requirements/book.txt", functools.partial(_compile, words, "book")),
        *(
            Step(
                f"requirements/{name}.txt, in agreement with it",
                functools.partial(_compile, agreeing, name),
            )
            for name in ("test", *others)
        ),
        Step("Versions of .binder", functools.partial(_renew_binder, root)),
    ]


def _compile(words: list[str], name: str, progress: Progress) -> None:
    files = [f"--output-file=requirements/{name}.txt", f"requirements/{name}.in"]
    progress.run(Program(f"lock-{name}", [*words, *files], os.environ))


def _renew_binder(root: Path, progress: Progress) -> None:
    locked = pins((root / "requirements" / "book.txt").read_text(encoding="utf-8"))
    file = root / ".binder" / "requirements.txt"
    file.write_text(in_step(file.read_text(encoding="utf-8"), locked), encoding="utf-8")
