"""What a reader can ask ``tasks.py`` for."""

from __future__ import annotations

import argparse
import functools
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from course_tasks import lock_files
from course_tasks.alone import alone
from course_tasks.book import Book, course_folders
from course_tasks.environment import PEERS, Environment, ListName
from course_tasks.serving import serve
from course_tasks.steps import (
    Program,
    ProgramFailed,
    Progress,
    Step,
    Stop,
    closing_lines,
    stoppable,
)

ROOT = Path(__file__).resolve().parents[2]
INTERRUPTED = 130
LOCK = "lock"
CACHES = (".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache")
CHECKS = (
    ("Lint", "lint", ("ruff", "check", "--quiet")),
    ("Format", "format", ("ruff", "format", "--check", "--quiet", "--diff")),
    ("Types", "types", ("mypy",)),
)


@dataclass(frozen=True)
class Workshop:
    """The folder of the course with what is done in it.

    Parameters
    ----------
    root : Path
        The folder of the course.
    progress : Progress
        Where to say what is being done.
    """

    root: Path
    progress: Progress

    @property
    def environment(self) -> Environment:
        """The private environment."""
        return Environment(self.root)

    @property
    def peers(self) -> Environment:
        """The environment of the benchmarks."""
        return Environment(self.root, PEERS)

    @property
    def book(self) -> Book:
        """The book."""
        return Book(self.environment)

    def prepare(self, name: ListName, built: bool, *rest: Step, anew: bool = False) -> int:
        """Set up, build the book if asked, and do the rest, as one numbered walk.

        Parameters
        ----------
        name : str
            The list that the environment has to hold.
        built : bool
            Whether the book is needed.
        *rest : Step
            What is done then.
        anew : bool
            Build the book even if nothing changed.

        Returns
        -------
        int
            The first status of the rest that is not 0.
        """
        with alone(self.root / "_build" / LOCK, self.progress.say):
            steps = (self.peers if name == "bench" else self.environment).steps(name)
            steps += self.book.steps(anew) if built else []
            self.progress.walk(steps, after=len(rest))
        return self.progress.walk(rest, before=len(steps))

    def speaking(self, title: str, *words: str | Path) -> Step:
        """Return the step that runs something which speaks for itself."""
        program = self.environment.program("", *words)
        return Step(title, lambda progress: progress.show(program))


def serve_book(workshop: Workshop, words: Sequence[str]) -> int:
    """Set up, build the book if anything changed, serve it on loopback (--port 8000)."""
    parser = _parser("serve", serve_book)
    parser.add_argument("--port", type=_port, default=8000, help="8000 if not given")
    port = parser.parse_args(words).port
    workshop.prepare("book", True)
    serve(workshop.book.site, port, workshop.progress)
    return 0


def test(workshop: Workshop, words: Sequence[str]) -> int:
    """Set up, build the book if anything changed, run every test (options of pytest may follow)."""
    tests = workshop.speaking("Tests", "-m", "pytest", *words)
    return workshop.prepare("test", True, tests)


def build(workshop: Workshop, words: Sequence[str]) -> int:
    """Set up and build the book, whether or not something changed."""
    _parser("build", build).parse_args(words)
    workshop.prepare("book", True, anew=True)
    workshop.progress.say(f"The book is at {(workshop.book.site / 'index.html').as_uri()}")
    return 0


def check(workshop: Workshop, words: Sequence[str]) -> int:
    """Lint, format and types of the code, all three even where one fails."""
    _parser("check", check).parse_args(words)
    failures: list[ProgramFailed] = []
    steps = []
    for title, log, command in CHECKS:
        program = workshop.environment.program(log, "-m", *command)
        steps.append(Step(title, functools.partial(_collect, failures, program)))
    workshop.prepare("test", False, *steps)
    for failure in failures:
        workshop.progress.say(failure.output)
    if failures:
        names = " and ".join(failure.log.stem for failure in failures)
        raise Stop(f"The code does not pass the check of {names}.")
    return 0


def clean(workshop: Workshop, words: Sequence[str]) -> int:
    """Remove what was built and what tools left (--all: the environment .venv too)."""
    parser = _parser("clean", clean)
    parser.add_argument("--all", action="store_true", help="remove the environment .venv too")
    everything = parser.parse_args(words).all
    with alone(workshop.root / "_build" / LOCK, workshop.progress.say):
        built = [each for each in (workshop.root / "_build").iterdir() if each.name != LOCK]
        for found in [*built, *(workshop.root / name for name in CACHES)]:
            _discard(found)
        for folder in course_folders(workshop.root):
            _discard(folder / "__pycache__")
        if everything:
            workshop.environment.remove()
    return 0


def lock(workshop: Workshop, words: Sequence[str]) -> int:
    """Compile the hash-locked lists anew with uv (--upgrade: to the newest versions)."""
    parser = _parser("lock", lock)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    return workshop.progress.walk(lock_files.steps(workshop.root, parser.parse_args(words).upgrade))


def vendor(workshop: Workshop, words: Sequence[str]) -> int:
    """Fetch the vendored MathJax anew (options of site/vendor/refresh.py may follow)."""
    refresh = workshop.speaking("Vendored files", Path("site", "vendor", "refresh.py"), *words)
    return workshop.prepare("book", False, refresh)


def bench(workshop: Workshop, words: Sequence[str]) -> int:
    """Set up the peers and measure side by side (--quick: a short version; --help: the options)."""
    program = workshop.peers.program("", "-m", "benchmarks", *words)
    measuring = Step("Benchmarks", lambda progress: progress.show(program))
    return workshop.prepare("bench", False, measuring)


def release(workshop: Workshop, words: Sequence[str]) -> int:
    """Make the notebooks that learners open from the masters (options may follow)."""
    grading = workshop.speaking("Releases", "-m", "ccmc_grading", "release", *words)
    return workshop.prepare("test", False, grading)


def planted_bugs(workshop: Workshop, words: Sequence[str]) -> int:
    """Plant bugs one by one and see the tests go red (options of the runner may follow)."""
    runner = workshop.speaking("Planted bugs", Path("tests", "planted_bugs", "run.py"), *words)
    return workshop.prepare("test", True, runner)


def show_help(workshop: Workshop, words: Sequence[str]) -> int:
    """Say what can be asked for."""
    _parser("help", show_help).parse_args(words)
    width = max(len(name) for name in VERBS)
    workshop.progress.say("python3 tasks.py VERB\n")
    for name, verb in VERBS.items():
        workshop.progress.say(f"  {name:{width}}  {verb.__doc__}")
    return 0


VERBS: dict[str, Callable[[Workshop, Sequence[str]], int]] = {
    "serve": serve_book,
    "test": test,
    "build": build,
    "check": check,
    "clean": clean,
    "lock": lock,
    "vendor": vendor,
    "release": release,
    "planted-bugs": planted_bugs,
    "bench": bench,
    "help": show_help,
}


def main(words: Sequence[str]) -> int:
    """Do what the words of a command line ask for, and return the exit status.

    Parameters
    ----------
    words : sequence of str
        The verb and its options.
    """
    name = words[0] if words and words[0] not in ("-h", "--help") else "help"
    if name not in VERBS:
        print(f"There is no verb {name!r}; there are {', '.join(VERBS)}.", file=sys.stderr)
        return 2
    workshop = Workshop(ROOT, Progress(ROOT))
    try:
        with stoppable():
            return VERBS[name](workshop, words[1:])
    except KeyboardInterrupt:
        workshop.progress.say("Stopped.")
        return INTERRUPTED
    except ProgramFailed as failure:
        return _give_reason(str(failure), failure)
    except Stop as stop:
        return _give_reason(str(stop), stop.failure)


def _give_reason(sentence: str, failure: ProgramFailed | None) -> int:
    if failure:
        print(f"The last lines of {failure.log}:", file=sys.stderr)
        print(closing_lines(failure.output), file=sys.stderr)
    print(sentence, file=sys.stderr)
    return 1


def _collect(failures: list[ProgramFailed], program: Program, progress: Progress) -> None:
    try:
        progress.run(program)
    except ProgramFailed as failure:
        failures.append(failure)


def _discard(found: Path) -> None:
    if found.is_dir():
        shutil.rmtree(found, ignore_errors=True)
    else:
        found.unlink(missing_ok=True)


def _parser(name: str, verb: Callable[[Workshop, Sequence[str]], int]) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"tasks.py {name}", description=verb.__doc__)


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)
