"""One ``tasks.py`` at a time sets up and builds in a folder."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _take(number: int) -> None:
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def alone(file: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other process holds a file, and hold it.

    The system lets go of it when the process ends, in whatever way.

    Parameters
    ----------
    file : Path
        The file, made if it is not there.
    say : callable
        Gets one sentence if there is somebody to wait for.

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, alone(Path(folder) / "lock", print):
    ...     print("alone")
    alone
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as held:
        waiting = False
        while True:
            try:
                _take(held.fileno())
                break
            except OSError:
                if not waiting:
                    say("Another tasks.py is at work in this folder; this one waits for it.")
                waiting = True
                time.sleep(0.3)
        yield
