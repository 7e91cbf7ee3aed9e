"""Assumptions as switches: turn one off and see the smallest example where the conclusion fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import traitlets

from ccmc_teach.widgets.base import CourseWidget, InputError, NumberTable, as_input, paragraph
from ccmc_teach.widgets.link import link


@dataclass(frozen=True)
class Assumption:
    """One assumption of a conclusion, and what happens without it.

    Numbers come from the caller, formatted there: this class holds text alone.

    Parameters
    ----------
    name : str
        Short name, shown beside the switch.
    holds : str
        One sentence, shown while the assumption is on.
    fails : str
        One or two sentences, shown while it is off: the counter-example and what breaks, with its
        numbers.
    columns : sequence of str, optional
        Head of a small table of numbers; the first column names the rows.
    rows : sequence of sequences of str, optional
        Rows of that table, each as long as ``columns``.

    Raises
    ------
    ValueError
        If a text is empty or a row does not fit the columns.

    Examples
    --------
    >>> tied = Assumption(
    ...     "Tied read-out", "The read-out undoes the embedding.", "Without it mass leaks to fox.",
    ...     columns=("word", "attention", "chain"), rows=[("fox", "0.30", "0.00")],
    ... )
    >>> tied.rows
    (('fox', '0.30', '0.00'),)
    """

    name: str
    holds: str
    fails: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()

    def html(self) -> str:
        """Return the assumption as an HTML list item, with its counter-example.

        Returns
        -------
        str
            An ``li`` element.
        """
        numbers = NumberTable("", self.columns, self.rows).html() if self.rows else ""
        name = f"<p><strong>{escape(self.name)}.</strong> {escape(self.holds)}</p>"
        return f"<li>{name}<p><em>Switched off:</em> {escape(self.fails)}</p>{numbers}</li>"

    def __post_init__(self) -> None:
        """Check every text and freeze the table."""
        for field in ("name", "holds", "fails"):
            _require_text(field, getattr(self, field))
        columns = _as_texts("columns", self.columns)
        rows = tuple(_as_texts(f"rows[{i}]", row) for i, row in enumerate(self.rows))
        if bool(columns) != bool(rows):
            raise ValueError(
                "columns and rows of an Assumption belong together: give both or none."
            )
        for i, row in enumerate(rows):
            if len(row) != len(columns):
                raise ValueError(
                    f"rows[{i}] of an Assumption has {len(row)} cells and needs {len(columns)}, "
                    "one for each column."
                )
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "rows", rows)


def _require_text(name: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} of an Assumption is {value!r}; it needs a non-empty text.")


def _as_texts(name: str, values: Sequence[str]) -> tuple[str, ...]:
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise ValueError(
            f"{name} of an Assumption is {values!r}; it needs a sequence of texts, numbers "
            "formatted."
        )
    return tuple(values)


class AssumptionSwitches(CourseWidget):
    """Assumptions as switches, all on at first, under the conclusion that they carry together.

    Turning one off shows the smallest example in which the conclusion fails.
    Where no script runs, every assumption is listed with its example.

    Parameters
    ----------
    conclusion : str
        What holds while every assumption is on, in one sentence.
    assumptions : sequence of Assumption
        At least one, with different names.
    question : str, optional
        Title of the widget.
    on : sequence of bool, optional
        State of each switch; all on if left out.

    Raises
    ------
    InputError
        If an input does not fit; it is a ``ValueError`` and keeps the old inputs.

    Examples
    --------
    >>> switches = AssumptionSwitches(
    ...     conclusion="The layer is a Markov chain tilted by the counts.",
    ...     assumptions=[Assumption("Tied read-out", "It undoes the embedding.", "Mass leaks.")],
    ... )
    >>> switches.on, switches.holds
    ((True,), True)
    >>> switches.on = [False]
    >>> switches.off
    ('Tied read-out',)
    """

    module = "assumption_switches.mjs"
    _esm = link("assumption_switches")

    conclusion = as_input(traitlets.Unicode())
    assumptions = as_input(traitlets.Any(())).tag(
        to_json=lambda values, _: [asdict(value) for value in values],
        from_json=lambda values, _: [Assumption(**value) for value in values],
    )
    question = as_input(traitlets.Unicode("What breaks when an assumption fails?"))
    on = as_input(traitlets.Any(()))

    def __init__(self, conclusion: str, assumptions: Sequence[Assumption], **options: Any) -> None:
        options.setdefault("on", (True,) * len(assumptions))
        super().__init__(conclusion=conclusion, assumptions=assumptions, **options)

    @traitlets.validate("conclusion", "question")
    def _check_text(self, proposal: Any) -> str:
        if not proposal.value.strip():
            raise InputError(
                f"{proposal.trait.name} must be a non-empty text, got {proposal.value!r}."
            )
        return str(proposal.value)

    @traitlets.validate("assumptions")
    def _check_assumptions(self, proposal: Any) -> tuple[Assumption, ...]:
        given = tuple(proposal.value)
        names = [item.name for item in given if isinstance(item, Assumption)]
        if not given or len(set(names)) < len(given):
            raise InputError(
                "assumptions must hold at least one Assumption, all with different names, "
                f"got {given!r}."
            )
        return given

    @traitlets.validate("on")
    def _check_on(self, proposal: Any) -> tuple[bool, ...]:
        given = tuple(proposal.value)
        if len(given) != len(self.assumptions) or not all(isinstance(item, bool) for item in given):
            raise InputError(
                f"on must hold True or False for each of the {len(self.assumptions)} assumptions, "
                f"got {given!r}."
            )
        return given

    @property
    def holds(self) -> bool:
        """Whether every assumption is on."""
        return all(self.on)

    @property
    def off(self) -> tuple[str, ...]:
        """Names of the assumptions that are off."""
        pairs = zip(self.assumptions, self.on, strict=True)
        return tuple(item.name for item, on in pairs if not on)

    def title(self) -> str:
        """Return the question that the widget answers."""
        return str(self.question)

    def summary(self) -> str:
        """Return the conclusion and what it rests on in one sentence.

        Returns
        -------
        str
            The conclusion, and which assumptions it needs.
        """
        names = ", ".join(item.name for item in self.assumptions)
        return f"{self.conclusion} It rests on: {names}."

    def fallback_html(self) -> str:
        """Return the conclusion and the list of assumptions, each with its counter-example.

        Returns
        -------
        str
            A paragraph and a list.
        """
        items = "".join(item.html() for item in self.assumptions)
        return f"{paragraph(self.conclusion)}<ul>{items}</ul>"
