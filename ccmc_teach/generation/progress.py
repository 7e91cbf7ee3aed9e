"""How long work reports its progress, and keeps what it has when it is stopped by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

__all__ = ["Interrupted", "Progress", "interruptible", "message", "reporting"]

Progress = Callable[[int, int], object] | bool | None

HOW_TO_GET_IT = "import sys; sys.last_value.partial"


class Interrupted(KeyboardInterrupt):
    """Work was stopped by hand; what had been computed by then stands in ``partial``.

    In a notebook or at the prompt, the cell after the interruption reads it by
    ``import sys; sys.last_value.partial``.

    Attributes
    ----------
    partial : object
        What was computed; its form is said by the function that was stopped.

    Examples
    --------
    >>> try:
    ...     raise Interrupted("Stopped after 2 of 9 tokens.", partial=[0, 1])
    ... except Interrupted as stop:
    ...     print(stop.partial)
    [0, 1]
    """

    def __init__(self, message: str, partial: Any = None) -> None:
        super().__init__(message)
        self.partial = partial


@contextmanager
def interruptible(partial: Callable[[], tuple[str, Any]]) -> Iterator[None]:
    """Turn an interruption of the block into :class:`Interrupted`.

    Parameters
    ----------
    partial : callable
        Called when the block is interrupted; returns what is there in words, such as
        ``"3 of 9 tokens"``, and the thing itself.

    Yields
    ------
    None

    Raises
    ------
    Interrupted
        In place of a ``KeyboardInterrupt`` of the block.

    Examples
    --------
    >>> try:
    ...     with interruptible(lambda: ("2 of 9 tokens", [0, 1])):
    ...         raise KeyboardInterrupt
    ... except Interrupted as stop:
    ...     print(stop.partial)
    [0, 1]
    """
    try:
        yield
    except KeyboardInterrupt as stop:
        words, kept = partial()
        raise Interrupted(message(words), kept) from stop


def message(words: str) -> str:
    """Return what an interruption says about the work that is kept.

    Parameters
    ----------
    words : str
        What is kept.

    Returns
    -------
    str

    Examples
    --------
    >>> message("2 of 9 tokens")
    'Stopped by hand; 2 of 9 tokens are kept and read by: import sys; sys.last_value.partial'
    """
    return f"Stopped by hand; {words} are kept and read by: {HOW_TO_GET_IT}"


@contextmanager
def reporting(progress: Progress, total: int) -> Iterator[Callable[[int], object]]:
    """Give the block a function to call with how much is done.

    Parameters
    ----------
    progress : None, bool or callable
        ``None`` and ``False`` report nothing, ``True`` draws a bar where tqdm is installed, and a
        callable is called as ``progress(done, total)``.
    total : int
        How much there is to do.

    Yields
    ------
    callable
        To be called with the amount done so far.

    Raises
    ------
    ValueError
        If progress is anything else, or ``True`` where tqdm is not installed.

    Examples
    --------
    >>> with reporting(lambda done, total: print(done, "of", total), total=2) as report:
    ...     report(1)
    1 of 2
    """
    if progress is None or progress is False:
        yield lambda done: None
    elif progress is True:
        with _bar(total) as bar:
            yield lambda done: bar.update(done - bar.n)
    elif callable(progress):
        yield lambda done: progress(done, total)
    else:
        raise ValueError(f"progress must be None, True or a callable, got {progress!r}.")


def _bar(total: int) -> Any:
    try:
        tqdm = import_module("tqdm.auto").tqdm
    except ImportError:
        raise ValueError(
            "progress must be None or a callable where tqdm is not installed, got True: "
            "pip install tqdm, or pass progress=print."
        ) from None
    return tqdm(total=total)
