"""Plant one bug at a time in a copy of the project and see whether its tests turn red.

Every ``*.toml`` beside this file is an area with entries of this form::

    [[bug]]
    file = "ccmc_teach/chain.py"
    old = "axis=-1"          # occurs exactly once in the file
    new = "axis=0"
    tests = ["tests/test_chain.py"]

Run ``python tests/planted_bugs/run.py`` for all areas or name some of them.
The exit code is 0 if enough bugs were caught, 1 if not, and 2 if the run makes no sense:
a bug does not fit its file, or the tests are red without any bug.
The standard library is enough for this file; the tests themselves need their own packages.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent

LEFT_BEHIND = (
    ".git",
    ".hypothesis",
    ".venv",
    ".*_cache",
    "__pycache__",
    "_build",
    "*.egg-info",
    "node_modules",
)
# Exit codes of pytest.
GREEN, RED, BROKEN_IMPORT = 0, 1, 2


class PlantingError(Exception):
    """A run that makes no sense; the message is one sentence."""


@dataclass(frozen=True)
class Bug:
    """One change of one file, and the tests that must notice it."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def planted(self, text: str) -> str:
        """Return the text of the file with the bug in it."""
        if text.count(self.old) != 1 or self.old == self.new:
            raise PlantingError(
                f"{self.name}: `old` must occur exactly once in {self.file} and differ from "
                f"`new`, found {text.count(self.old)} times: {self.summary()}."
            )
        return text.replace(self.old, self.new)

    def summary(self) -> str:
        """Return the change on one short line."""
        old, new = (" ".join(text.split()) for text in (self.old, self.new))
        return f"{_shortened(old)} -> {_shortened(new) or 'nothing'}"


def main(words: Sequence[str] | None = None, folder: Path = FOLDER, root: Path = ROOT) -> int:
    """Run the command line and return the exit code."""
    options = _parsed(words)
    try:
        bugs = read_bugs(folder, options.areas)
        for bug in bugs:
            bug.planted(_source(root, bug))
        if options.list:
            print(*(f"{bug.name}  {bug.file}: {bug.summary()}" for bug in bugs), sep="\n")
            return 0
        caught = hunt(bugs, root, options.limit)
    except PlantingError as error:
        print(error, file=sys.stderr)
        return 2
    share = caught / len(bugs)
    print(f"{caught} of {len(bugs)} planted bugs caught ({share:.0%}; at least {options.least} %).")
    return 0 if 100 * share >= options.least else 1


def read_bugs(folder: Path, areas: Iterable[str] = ()) -> list[Bug]:
    """Return the bugs of the named areas, or of all areas where none is named."""
    known = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    wanted = list(areas) or list(known)
    unknown = [area for area in wanted if area not in known]
    if not known:
        raise PlantingError(f"There are no areas in {folder}.")
    if unknown:
        raise PlantingError(
            f"There is no area {', '.join(unknown)}: the areas are {', '.join(known)}."
        )
    bugs = []
    for area in wanted:
        entries = tomllib.loads(known[area].read_text(encoding="utf-8")).get("bug", [])
        bugs += [_as_bug(entry, f"{area} {i}") for i, entry in enumerate(entries, start=1)]
    if not bugs:
        raise PlantingError(f"There is no bug in {', '.join(wanted)}.")
    return bugs


def hunt(bugs: Sequence[Bug], root: Path, limit: float) -> int:
    """Return how many bugs are caught, with a line for each."""
    with tempfile.TemporaryDirectory(prefix="planted-bugs-") as scratch:
        copy = Path(scratch, "project")
        shutil.copytree(root, copy, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
        tests = sorted({test for bug in bugs for test in bug.tests})
        print(f"Without a bug: {len(tests)} groups of tests ...", flush=True)
        code, output = run_tests(copy, root, tests, limit * len(tests))
        if code != GREEN:
            raise PlantingError(f"{output}\nThe tests must be green before a bug is planted.")
        return sum(_is_caught(bug, copy, root, limit) for bug in bugs)


def run_tests(copy: Path, root: Path, tests: Iterable[str], limit: float) -> tuple[int | None, str]:
    """Return the exit code of pytest in the copy, None after the time limit, and its output."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(copy), os.environ.get("PYTHONPATH")])),
        # A bug of the same size in the same second would hide behind an old .pyc file.
        "PYTHONDONTWRITEBYTECODE": "1",
        "CCMC_SITE": os.environ.get("CCMC_SITE") or str(root / "_build" / "html"),
    }
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    with subprocess.Popen(
        [*command, "--hypothesis-seed=0", *tests],
        cwd=copy,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            _stop(process)
            return None, f"No end after {limit:.0f} s."
    return process.returncode, output


def _is_caught(bug: Bug, copy: Path, root: Path, limit: float) -> bool:
    path = copy / bug.file
    sound = path.read_bytes()
    path.write_bytes(bug.planted(_source(copy, bug)).encode("utf-8"))
    start = time.monotonic()
    code, _ = run_tests(copy, root, bug.tests, limit)
    path.write_bytes(sound)
    # Examples that one bug has left behind must not help to catch the next.
    shutil.rmtree(copy / ".hypothesis", ignore_errors=True)
    verdicts = {GREEN: "SURVIVED", RED: "caught", BROKEN_IMPORT: "caught at import"}
    verdict = "caught by the time limit" if code is None else verdicts.get(code, f"ERROR {code}")
    seconds = time.monotonic() - start
    print(f"{verdict:8}  {bug.name}  {bug.file}: {bug.summary()}  ({seconds:.1f} s)", flush=True)
    return verdict.startswith("caught")


def _stop(process: subprocess.Popen[str]) -> None:
    # Tests may have started browsers and servers, which live in the session of the process.
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)


def _as_bug(entry: dict[str, object], name: str) -> Bug:
    try:
        file, old, new = (str(entry[key]) for key in ("file", "old", "new"))
        tests = entry["tests"]
    except KeyError as missing:
        raise PlantingError(f"{name}: the entry needs the key {missing}.") from None
    if not isinstance(tests, list) or not tests:
        raise PlantingError(f"{name}: `tests` must be a list of arguments for pytest, got {tests}.")
    return Bug(name, file, old, new, tuple(map(str, tests)))


def _source(root: Path, bug: Bug) -> str:
    path = root / bug.file
    if not path.is_file():
        raise PlantingError(f"{bug.name}: there is no file {bug.file}.")
    return path.read_bytes().decode("utf-8")


def _shortened(text: str) -> str:
    return text if len(text) <= 50 else f"{text[:47]}..."


def _parsed(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("areas", nargs="*", metavar="area", help="areas to run; all if none")
    parser.add_argument("--list", action="store_true", help="list the bugs and plant none")
    parser.add_argument("--least", type=float, default=90, help="per cent that must be caught")
    parser.add_argument("--limit", type=float, default=300, help="seconds that one bug may take")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
