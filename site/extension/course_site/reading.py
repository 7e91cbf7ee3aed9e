"""Minutes that the main path of a page takes.

The main path is what a reader sees without opening anything: dropdowns, solutions and hidden
cells are not counted, and neither is the head of the chapter.  The speeds are those of a reader
who follows, not of one who skims: they are stated here once, and a chapter's head must agree
with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from docutils import nodes

from course_site.blocks import GLANCE, SESSION, is_dropdown

#: Words of prose in a minute.
WORDS_PER_MINUTE = 220
#: Seconds for one line of code, one formula in a line of text, one formula on a line of its own.
SECONDS_PER_CODE_LINE = 2.0
SECONDS_PER_FORMULA = 1.5
SECONDS_PER_DISPLAY = 6.0
#: Seconds for one picture, table or other output of a cell, and to try one widget.
SECONDS_PER_OUTPUT = 8.0
SECONDS_PER_WIDGET = 45.0

_WORD = re.compile(r"[^\W_][\w'’.-]*")
_WIDGET_MARK = "ccmc-static"
_DISPLAY_MARK = r"\["
_HIDING_CLASSES = {"dropdown", GLANCE, SESSION}


@dataclass(frozen=True)
class MainPath:
    """What the main path of a page consists of, as counts.

    Attributes
    ----------
    words, code_lines, formulas, displays, outputs, widgets : int
        Words of prose, lines of visible code, formulas inside text, formulas on their own
        lines, outputs of cells, and widgets.
    """

    words: int = 0
    code_lines: int = 0
    formulas: int = 0
    displays: int = 0
    outputs: int = 0
    widgets: int = 0

    @property
    def minutes(self) -> float:
        """Reading time in minutes, at the speeds of this module."""
        seconds = (
            self.code_lines * SECONDS_PER_CODE_LINE
            + self.formulas * SECONDS_PER_FORMULA
            + self.displays * SECONDS_PER_DISPLAY
            + self.outputs * SECONDS_PER_OUTPUT
            + self.widgets * SECONDS_PER_WIDGET
        )
        return self.words / WORDS_PER_MINUTE + seconds / 60

    def __str__(self) -> str:
        """Return the counts as a phrase."""
        return (
            f"{self.words} words, {self.code_lines} lines of code, {self.formulas} formulas in "
            f"text, {self.displays} on lines of their own, {self.outputs} outputs, "
            f"{self.widgets} widgets"
        )


def _is_hidden(node: nodes.Element) -> bool:
    """Tell whether a reader must open a node, or looks it up, to see its content."""
    mode = node.get("hide_mode")
    return (
        is_dropdown(node)
        or mode == "all"
        or bool(_HIDING_CLASSES.intersection(node.get("classes", [])))
        or isinstance(node, nodes.comment | nodes.system_message | nodes.target)
    )


def _hides(node: nodes.Element, part: str) -> bool:
    """Tell whether a cell hides its ``input`` or its ``output``."""
    return part in (node.get("hide_mode") or "").split("+")


def visible(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield the nodes of the main path, from the top down.

    A formula, a block of code and the output of a cell are yielded whole, without their parts.
    """
    if isinstance(node, nodes.Element) and _is_hidden(node):
        return
    yield node
    whole = (nodes.math, nodes.math_block, nodes.literal_block, nodes.raw, nodes.image)
    if isinstance(node, whole) or _is_output(node):
        return
    for child in node.children:
        if isinstance(node, nodes.Element) and _is_hidden_part(node, child):
            continue
        yield from visible(child)


def _is_output(node: nodes.Node) -> TypeGuard[nodes.container]:
    """Tell whether a node holds the variants of one output of a cell."""
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


def _is_hidden_part(cell: nodes.Element, part: nodes.Node) -> bool:
    """Tell whether a part of a cell is hidden by the cell's tags."""
    kind = part.get("nb_element", "") if isinstance(part, nodes.Element) else ""
    return (kind == "cell_code_source" and _hides(cell, "input")) or (
        kind == "cell_code_output" and _hides(cell, "output")
    )


def words(text: str) -> int:
    """Count the words of a text.

    Examples
    --------
    >>> words("The layer's output -- a mean -- is 0.5 at most.")
    9
    """
    return len(_WORD.findall(text))


def main_path(document: nodes.Element) -> MainPath:
    """Count what the main path of a parsed page consists of."""
    total = dict.fromkeys(MainPath.__dataclass_fields__, 0)
    for node in visible(document):
        if isinstance(node, nodes.math):
            total["formulas"] += 1
        elif isinstance(node, nodes.math_block):
            total["displays"] += 1
        elif isinstance(node, nodes.literal_block):
            total["code_lines"] += sum(bool(line.strip()) for line in node.astext().splitlines())
        elif _is_output(node):
            html = "".join(raw.astext() for raw in node.findall(nodes.raw))
            total["widgets" if _WIDGET_MARK in html else "outputs"] += 1
            total["displays"] += html.count(_DISPLAY_MARK)
        elif isinstance(node, nodes.Text):
            total["words"] += words(node.astext())
    return MainPath(**total)
