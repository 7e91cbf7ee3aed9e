"""The bibliography: entries sorted by author and year, and labelled so."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybtex.database import Entry
from pybtex.plugin import register_plugin
from pybtex.style.formatting.unsrt import Style as UnsortedStyle
from pybtex.style.labels import BaseLabelStyle
from pybtex.style.template import Node, field, sentence
from sphinxcontrib.bibtex.plugin import register_plugin as register_reference_style
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

if TYPE_CHECKING:
    from sphinx.application import Sphinx

STYLE = "course"


def label(names: list[str], year: str) -> str:
    """Return the label of an entry.

    Parameters
    ----------
    names : list of str
        Family names of the authors.
    year : str
        Year of publication.

    Examples
    --------
    >>> label(["Press", "Wolf"], "2017"), label(["Ildiz", "Huang", "Li"], "2024")
    ('Press and Wolf 2017', 'Ildiz et al. 2024')
    """
    who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return f"{who} {year}"


class AuthorYearLabels(BaseLabelStyle):  # type: ignore[misc]
    """Labels such as "Press and Wolf 2017", with a letter where two would be the same."""

    def format_labels(self, sorted_entries: Iterable[Entry]) -> Iterator[str]:
        """Yield one label for each entry."""
        plain = [
            label([" ".join(person.last_names) for person in entry.persons["author"]], year)
            for entry in sorted_entries
            for year in [entry.fields.get("year", "")]
        ]
        count, seen = Counter(plain), Counter[str]()
        for text in plain:
            yield text + (chr(ord("a") + seen[text]) if count[text] > 1 else "")
            seen[text] += 1


class CourseStyle(UnsortedStyle):  # type: ignore[misc]
    """The plain style, sorted by author, year and title; titles keep their capitals."""

    default_sorting_style = "author_year_title"
    default_label_style = AuthorYearLabels

    def format_title(self, e: Entry, which_field: str, as_sentence: bool = True) -> Node:
        """Return the template of a title."""
        title = field(which_field)
        return sentence[title] if as_sentence else title


def round_brackets() -> BracketStyle:
    """Return the marks around a citation."""
    return BracketStyle(left="(", right=")")


@dataclass
class RoundAuthorYear(AuthorYearReferenceStyle):
    """Citations in the text such as "Ildiz et al. (2024)"."""

    bracket_parenthetical: BracketStyle = dataclasses.field(default_factory=round_brackets)
    bracket_textual: BracketStyle = dataclasses.field(default_factory=round_brackets)
    bracket_author: BracketStyle = dataclasses.field(default_factory=round_brackets)
    bracket_label: BracketStyle = dataclasses.field(default_factory=round_brackets)
    bracket_year: BracketStyle = dataclasses.field(default_factory=round_brackets)


def register(app: Sphinx) -> None:
    """Make the styles known by their name."""
    register_plugin("pybtex.style.formatting", STYLE, CourseStyle, force=True)
    register_reference_style("sphinxcontrib.bibtex.style.referencing", STYLE, RoundAuthorYear)
