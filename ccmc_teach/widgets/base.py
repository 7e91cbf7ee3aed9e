"""What all widgets share: one class on top of anywidget, and the twin that needs no kernel.

Every widget shows itself twice in one output.
A live notebook takes the widget view, which talks to Python.
Everything else takes the ``text/html`` twin: a ``div.ccmc-static`` that names the ES module and
holds the inputs, with a picture, a sentence and a table inside that stand for themselves where no
script runs, and in print.
Where the environment variable ``CCMC_STATIC`` is set, the twin is the whole output.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from numbers import Real
from typing import Any, ClassVar

import anywidget
import numpy as np
import traitlets


class InputError(traitlets.TraitError, ValueError):
    """A widget's input is refused; the message says in one sentence what it needs.

    Traitlets rolls a group of assignments back on its own error class only, and the course
    promises ``ValueError``: this is both.
    """


class Number(traitlets.TraitType[float, float]):
    """An input that is a number in a range.

    Parameters
    ----------
    default : float
        Value at first.
    minimum, maximum : float
        Ends of the range, both included.
    whole : bool, optional
        Whether only whole numbers fit; they are kept as ``int``.

    Raises
    ------
    InputError
        When something else is assigned; the sentence names the input and the range.

    Examples
    --------
    >>> class Wheel(traitlets.HasTraits):
    ...     spokes = Number(8, 1, 36, whole=True)
    >>> Wheel(spokes=12.0).spokes
    12
    >>> Wheel(spokes=0)
    Traceback (most recent call last):
    ...
    ccmc_teach.widgets.base.InputError: spokes must be a whole number from 1 to 36, got 0.
    """

    def __init__(
        self, default: float, minimum: float, maximum: float, *, whole: bool = False
    ) -> None:
        self.minimum, self.maximum, self.whole = minimum, maximum, whole
        super().__init__(default)

    def validate(self, obj: Any, value: Any) -> float:
        """Return the number, or say what is wrong with it."""
        if _is_number(value) and self.minimum <= value <= self.maximum:
            if not self.whole:
                return float(value)
            if value == int(value):
                return int(value)
        kind = "a whole number" if self.whole else "a number"
        raise InputError(
            f"{self.name} must be {kind} from {self.minimum} to {self.maximum}, got {value!r}."
        )


class Choice(traitlets.TraitType[Any, Any]):
    """An input that is one of a few values; the first is the default.

    Parameters
    ----------
    *values : object
        What may be chosen.

    Raises
    ------
    InputError
        When something else is assigned; the sentence names the input and the values.

    Examples
    --------
    >>> class Door(traitlets.HasTraits):
    ...     state = Choice("open", "shut")
    >>> Door().state
    'open'
    >>> Door(state="ajar")
    Traceback (most recent call last):
    ...
    ccmc_teach.widgets.base.InputError: state must be one of 'open', 'shut', got 'ajar'.
    """

    def __init__(self, *values: Any) -> None:
        self.values = values
        super().__init__(values[0])

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the value, or say what is wrong with it."""
        # Equal is not enough: 1 equals True.
        for known in self.values:
            if type(known) is type(value) and known == value:
                return known
        listed = ", ".join(map(repr, self.values))
        raise InputError(f"{self.name} must be one of {listed}, got {value!r}.")


class Bet(traitlets.TraitType[Any, Any]):
    """The reader's bet: empty, or a question, one of its answers, and what was there at the time.

    Parameters
    ----------
    answers : mapping of str to sequence of str
        The answers of each question.
    **at_the_time : callable
        What else a bet holds: for each name a function that returns the value or a copy of it,
        and raises ``ValueError`` or ``TypeError`` if it does not fit; ``list`` will often do.

    Raises
    ------
    InputError
        When a bet with other keys is assigned, or one whose answer or values do not fit.

    Examples
    --------
    >>> class Table(traitlets.HasTraits):
    ...     bet = Bet({"double": ("two", "four")}, prompt=list)
    >>> Table(bet={"question": "double", "answer": "two", "prompt": (1, 0)}).bet
    {'question': 'double', 'answer': 'two', 'prompt': [1, 0]}
    >>> Table(bet={"question": "double"})
    Traceback (most recent call last):
    ...
    ccmc_teach.widgets.base.InputError: bet must be empty or hold a question, one of its answers,
    and the prompt at the time, got {'question': 'double'}.
    """

    def __init__(
        self, answers: Mapping[str, Sequence[str]], **at_the_time: Callable[[Any], Any]
    ) -> None:
        self.answers, self.at_the_time = answers, at_the_time
        super().__init__({})

    def validate(self, obj: Any, value: Any) -> dict[str, Any]:
        """Return a copy of the bet, or say what is wrong with it."""
        if isinstance(value, Mapping) and not value:
            return {}
        try:
            return self._checked(value)
        except (KeyError, TypeError, ValueError):
            raise InputError(
                f"{self.name} must be empty or hold {self._parts()}, got {value!r}."
            ) from None

    def _checked(self, bet: Mapping[str, Any]) -> dict[str, Any]:
        if set(bet) != {"question", "answer", *self.at_the_time}:
            raise KeyError
        if bet["answer"] not in self.answers[bet["question"]]:
            raise ValueError
        return {**bet, **{name: check(bet[name]) for name, check in self.at_the_time.items()}}

    def _parts(self) -> str:
        if not self.at_the_time:
            return "a question and one of its answers"
        *names, last = self.at_the_time
        listed = f"{', '.join(names)} and {last}" if names else last
        return f"a question, one of its answers, and the {listed} at the time"


def as_number(value: Any) -> float:
    """Return a number as a float, for a :class:`Bet`; nothing else is taken for one.

    Parameters
    ----------
    value : object
        A number; texts and truth values are none.

    Returns
    -------
    float

    Raises
    ------
    TypeError
        If it is no number.

    Examples
    --------
    >>> as_number(3)
    3.0
    """
    if not _is_number(value):
        raise TypeError
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def one_of(values: Container[Any]) -> Callable[[Any], Any]:
    """Return a function that lets only some values pass, for a :class:`Bet`.

    Parameters
    ----------
    values : container
        What may pass.

    Returns
    -------
    callable
        Returns its argument, or raises ``ValueError``.

    Examples
    --------
    >>> one_of(range(3))(2)
    2
    """

    def check(value: Any) -> Any:
        if value not in values:
            raise ValueError
        return value

    return check


@dataclass(frozen=True)
class NumberTable:
    """The numbers behind a picture, formatted.

    Parameters
    ----------
    caption : str
        What the table shows; empty where a sentence beside it says so.
    columns : sequence of str
        Head of the table, empty where nothing needs to be said; the first column names the rows.
    rows : sequence of sequences of str
        Cells, as many in a row as there are columns.

    Examples
    --------
    >>> NumberTable("Law", ("word", "next"), [("cat", "60%")]).html()[:33]
    '<table class="ccmc-numbers"><capt'
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def html(self) -> str:
        """Return the table as an HTML element.

        Returns
        -------
        str
            A ``table`` with a caption, column heads and row heads.
        """
        head = "".join(
            f'<th scope="col">{escape(cell)}</th>' if cell else "<td></td>" for cell in self.columns
        )
        body = "".join(f"<tr>{_row(cells)}</tr>" for cells in self.rows)
        caption = f"<caption>{escape(self.caption)}</caption>" if self.caption else ""
        return (
            f'<table class="ccmc-numbers">{caption}<thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>"
        )


def _row(cells: Sequence[str]) -> str:
    name, *numbers = cells
    return f'<th scope="row">{escape(name)}</th>' + "".join(
        f"<td>{escape(number)}</td>" for number in numbers
    )


def paragraph(text: str, kind: str = "") -> str:
    """Return a text as an HTML paragraph.

    Parameters
    ----------
    text : str
        Plain text; it is escaped.
    kind : str, optional
        A class for the paragraph.

    Returns
    -------
    str
        A ``p`` element.

    Examples
    --------
    >>> paragraph("a < b")
    '<p>a &lt; b</p>'
    """
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def as_input(trait: Any) -> Any:
    """Mark a trait as an input of the widget: synchronised, and kept in the twin.

    Parameters
    ----------
    trait : traitlets.TraitType
        The trait.

    Returns
    -------
    traitlets.TraitType
        The same trait, tagged.

    Examples
    --------
    >>> as_input(traitlets.Int(3)).metadata["sync"]
    True
    """
    return trait.tag(sync=True, course_input=True)


def is_static() -> bool:
    """Tell whether outputs are for a static page: ``CCMC_STATIC`` is set and not empty.

    Returns
    -------
    bool
        Whether the twin is the whole output.

    Examples
    --------
    >>> is_static() is bool(os.environ.get("CCMC_STATIC"))
    True
    """
    return bool(os.environ.get("CCMC_STATIC"))


class CourseWidget(anywidget.AnyWidget):
    """Base of all widgets of the course.

    A widget names its ES module, tags its inputs with ``as_input``, and says what it shows: a
    question as its title, one sentence, and where it has them a picture and a table.
    """

    module: ClassVar[str]
    _esm: ClassVar[str]

    def open(self) -> None:
        """Connect to a live page; on a static one there is nothing to connect to."""
        if not is_static():
            super().open()

    def inputs(self) -> dict[str, Any]:
        """Return the values of all inputs.

        Returns
        -------
        dict
            Name of each input trait and its value, ready for JSON.
        """
        result = {}
        for name in sorted(self.traits(course_input=True)):
            to_json = self.trait_metadata(name, "to_json", lambda value, _: value)
            result[name] = to_json(getattr(self, name), self)
        return result

    def title(self) -> str:
        """Return the question that the widget answers."""
        raise NotImplementedError

    def summary(self) -> str:
        """Return one sentence with the result."""
        raise NotImplementedError

    def fallback_html(self) -> str:
        """Return what stands for the widget where no script runs, and in print."""
        return paragraph(self.summary())

    def static_html(self) -> str:
        """Return the twin: fallback, module and inputs.

        Returns
        -------
        str
            One ``div`` of class ``ccmc-static``.
        """
        state = escape(json.dumps(self.inputs(), separators=(",", ":")))
        return (
            f'<div class="ccmc-static" data-module="{self.module}" data-state="{state}">'
            f'<div class="ccmc-fallback"><p><strong>{escape(self.title())}</strong></p>'
            f"{self.fallback_html()}"
            "<noscript><p>This part moves where scripts are allowed.</p></noscript></div></div>"
        )

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        twin = {"text/html": self.static_html(), "text/plain": self.summary()}
        if is_static():
            return twin, {}
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**data, **twin}, metadata
