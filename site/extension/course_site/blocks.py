"""Finds the course's blocks in a parsed page.

A block is standard MyST markup with a class, so that JupyterLab shows it too:
``at-a-glance``, ``in-one-minute``, ``quick-question`` and ``in-a-session`` on an admonition,
``in-full`` and ``option right`` or ``option wrong`` on a dropdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docutils import nodes

GLANCE = "at-a-glance"
MINUTE = "in-one-minute"
QUESTION = "quick-question"
OPTION = "option"
SESSION = "in-a-session"
VERDICTS = ("right", "wrong")

_MINUTES = re.compile(r"(\d+)\s+minutes?")


@dataclass(frozen=True)
class Glance:
    """What the head of a chapter promises.

    Attributes
    ----------
    minutes : int or None
        Reading time in minutes.
    prerequisites : str
        What the reader needs, empty if nothing is said.
    objectives : tuple of str
        What the reader can do afterwards, one text each.
    """

    minutes: int | None
    prerequisites: str
    objectives: tuple[str, ...]


@dataclass(frozen=True)
class Option:
    """One answer to a quick question.

    Attributes
    ----------
    text : str
        The answer.
    verdicts : tuple of str
        ``("right",)`` or ``("wrong",)`` in a well-formed option.
    feedback : str
        What the reader sees on choosing it.
    """

    text: str
    verdicts: tuple[str, ...]
    feedback: str


def admonitions(document: nodes.document, name: str) -> list[nodes.admonition]:
    """Return the admonitions of a page that carry a class, in order."""
    return [node for node in document.findall(nodes.admonition) if name in node["classes"]]


def is_dropdown(node: nodes.Node) -> bool:
    """Tell whether a node is a dropdown that has not been turned into HTML yet."""
    return isinstance(node, nodes.container) and node.get("design_component") == "dropdown"


def dropdowns(block: nodes.Element, name: str) -> list[nodes.container]:
    """Return the dropdowns below a block whose container carries a class, in order."""
    return [
        node
        for node in block.findall(nodes.container)
        if is_dropdown(node) and name in node["container_classes"]
    ]


def _after(label: str, block: nodes.Element) -> str:
    """Return the text after a label such as ``Time:`` at the start of a paragraph."""
    for paragraph in block.findall(nodes.paragraph):
        text: str = paragraph.astext().strip()
        if text.startswith(label):
            return text.removeprefix(label).strip()
    return ""


def glance(block: nodes.admonition) -> Glance:
    """Read the head of a chapter.

    Parameters
    ----------
    block : docutils admonition
        The admonition of the class ``at-a-glance``.
    """
    found = _MINUTES.search(_after("Time:", block))
    return Glance(
        minutes=int(found[1]) if found else None,
        prerequisites=_after("You need:", block),
        objectives=tuple(item.astext().strip() for item in block.findall(nodes.list_item)),
    )


def options(question: nodes.admonition) -> Iterator[tuple[nodes.container, Option]]:
    """Yield every option of a quick question with its node."""
    for node in dropdowns(question, OPTION):
        title, *body = node.children
        feedback = " ".join(child.astext() for child in body)
        verdicts = tuple(name for name in VERDICTS if name in node["container_classes"])
        yield node, Option(title.astext().strip(), verdicts, feedback.strip())
