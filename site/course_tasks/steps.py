"""Numbered steps with progress, programs that write to a log, reasons to stop."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_BETWEEN_LINES = 20.0  # where there is no terminal to redraw
LINES_SHOWN = 20
CHARACTERS_SHOWN = 80
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class ProgramFailed(Exception):
    """A program ended with an error.

    Parameters
    ----------
    name : str
        Name of the program.
    status : int
        Its exit status.
    log : Path
        The file that holds all it printed.
    """

    def __init__(self, name: str, status: int, log: Path) -> None:
        super().__init__(f"The program {name} ended with status {status}.")
        self.log = log

    @property
    def output(self) -> str:
        """All that the program printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")


class Stop(Exception):
    """A reason to stop, worded for the reader in one sentence.

    Parameters
    ----------
    sentence : str
        The reason.
    failure : ProgramFailed, optional
        The program that failed, whose last lines are worth showing.

    Example
    -------
    >>> str(Stop("The disk is full."))
    'The disk is full.'
    """

    def __init__(self, sentence: str, failure: ProgramFailed | None = None) -> None:
        super().__init__(sentence)
        self.failure = failure


@dataclass(frozen=True)
class Program:
    """A program to run.

    Parameters
    ----------
    log : str
        Name of the log file in ``_build/log``, without ending.
    words : sequence of str or Path
        The program and its arguments.
    variables : mapping
        Its environment variables.
    """

    log: str
    words: Sequence[str | Path]
    variables: Mapping[str, str]

    def start(self, folder: Path, output: int | None = None) -> subprocess.Popen[bytes]:
        """Start it in a folder.

        With an output it runs apart from the terminal, in a session of its own,
        so that it can be ended with all that it started.

        Raises
        ------
        Stop
            If it cannot be started.
        """
        words = [str(word) for word in self.words]
        apart = output is not None
        try:
            return subprocess.Popen(
                words,
                cwd=folder,
                env=dict(self.variables),
                stdin=subprocess.DEVNULL if apart else None,
                stdout=output,
                stderr=subprocess.STDOUT if apart else None,
                start_new_session=apart and os.name != "nt",
            )
        except OSError as error:
            raise Stop(f"The program {words[0]} cannot be started: {error.strerror}.") from error


@dataclass(frozen=True)
class Step:
    """One numbered step.

    Parameters
    ----------
    title : str
        What is being done, as the reader sees it.
    action : callable
        Does it; gets the `Progress` that it reports to.
        A status other than None or 0 ends the walk.
    """

    title: str
    action: Callable[[Progress], int | None]


class Progress:
    """Says what is being done, a line a step.

    On a terminal the line is redrawn, elsewhere a new one follows now and then.

    Parameters
    ----------
    root : Path
        The folder of the course.
    stream : text stream, optional
        Where to write, standard output if not given.

    Example
    -------
    >>> import io
    >>> said = io.StringIO()
    >>> Progress(Path("."), said).walk([Step("Counting to three", lambda progress: None)])
    0
    >>> print(said.getvalue())
    [1/1] Counting to three
    [1/1] done, 0.0 s
    """

    def __init__(self, root: Path, stream: TextIO | None = None) -> None:
        self.root = root
        self._stream = sys.stdout if stream is None else stream
        self._terminal = self._stream.isatty()
        self._label = ""
        self._title = ""
        self._began = 0.0
        self._spoke = 0.0

    def walk(self, steps: Sequence[Step], before: int = 0, after: int = 0) -> int:
        """Do the steps one after the other, numbered.

        Parameters
        ----------
        steps : sequence of Step
            What to do.
        before, after : int
            How many other steps are counted before and after these.

        Returns
        -------
        int
            The first status that is not 0; no step follows it.
        """
        last = before + len(steps) + after
        for number, step in enumerate(steps, start=before + 1):
            self._begin(f"[{number}/{last}]", step.title)
            try:
                status = step.action(self)
            except BaseException:
                self.say("", only_terminal=True)
                raise
            if status:
                return status
            self._end()
        return 0

    def say(self, sentence: str, only_terminal: bool = False) -> None:
        """Write one line."""
        if self._terminal or not only_terminal:
            self._write(sentence + "\n")

    def run(self, program: Program) -> None:
        """Run a program quietly: it prints to its log, whose last line is shown meanwhile.

        Raises
        ------
        ProgramFailed
            If the program ends with another status than 0.
        """
        log = self.root / "_build" / "log" / f"{program.log}.txt"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as file:
            child = program.start(self.root, file.fileno())
            try:
                self._wait(child, log)
            except BaseException:
                end_family(child)
                raise
        if child.returncode:
            raise ProgramFailed(Path(program.words[0]).name, child.returncode, log)

    def show(self, program: Program) -> int:
        """Run a program that speaks for itself, and return its exit status."""
        self.say("", only_terminal=True)
        child = program.start(self.root)
        try:
            return child.wait()
        except BaseException:
            # The terminal has told the program too: it gets time to close what it opened.
            with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                child.wait(10)
            child.kill()
            raise

    def _wait(self, child: subprocess.Popen[bytes], log: Path) -> None:
        while True:
            try:
                child.wait(SECONDS_BETWEEN_LOOKS)
            except subprocess.TimeoutExpired:
                self._beat(last_line(log))
            else:
                return

    def _begin(self, label: str, title: str) -> None:
        self._label, self._title = label, title
        self._began = self._spoke = time.monotonic()
        self._write(f"{label} {title}" + ("" if self._terminal else "\n"))

    def _beat(self, detail: str) -> None:
        now = time.monotonic()
        seconds = f"{now - self._began:.0f} s"
        if self._terminal:
            self._redraw(f"{self._label} {self._title}: {seconds}  {detail}")
        elif now - self._spoke >= SECONDS_BETWEEN_LINES:
            self._spoke = now
            self._write(f"{self._label} {seconds}  {detail[:CHARACTERS_SHOWN]}\n")

    def _end(self) -> None:
        seconds = f"{time.monotonic() - self._began:.1f} s"
        if self._terminal:
            self._redraw(f"{self._label} {self._title}: {seconds}")
            self._write("\n")
        else:
            self._write(f"{self._label} done, {seconds}\n")

    def _redraw(self, line: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        self._write("\r" + line[:width].ljust(width))

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()


def last_line(log: Path) -> str:
    r"""Return the last line of a file that holds a letter or a digit, or an empty string.

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = Path(folder) / "log.txt"
    ...     _ = log.write_text("Collecting numpy\nCollecting sympy\n\n")
    ...     last_line(log)
    'Collecting sympy'
    """
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 2000))
        lines = _lines(file.read().decode("utf-8", "replace"))
    return next((line for line in reversed(lines) if any(map(str.isalnum, line))), "").strip()


def closing_lines(text: str, number: int = LINES_SHOWN) -> str:
    r"""Return the last lines of a text that hold more than blanks, indented.

    Example
    -------
    >>> closing_lines("Collecting numpy\n\nERROR: no network\n", number=1)
    '    ERROR: no network'
    """
    kept = [line.rstrip() for line in _lines(text) if line.strip()]
    return "\n".join("    " + line for line in kept[-number:])


def _lines(text: str) -> list[str]:
    """Split at line ends and where a line is redrawn, without the codes for colours."""
    return COLOUR.sub("", text).replace("\r", "\n").split("\n")


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Let a closed terminal or a service manager end the work as Ctrl+C does.

    Example
    -------
    >>> with stoppable():
    ...     signal.getsignal(signal.SIGTERM) is signal.default_int_handler
    True
    """
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # What was set to be ignored, as nohup does, stays ignored.
    taken = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def end_family(child: subprocess.Popen[bytes]) -> None:
    """End a program that runs in a session of its own, with all that it started."""
    if sys.platform == "win32":
        command = ["taskkill", "/F", "/T", "/PID", str(child.pid)]
        subprocess.run(command, capture_output=True, check=False)
        child.wait()
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(5)
