"""Checks that every picture can be read without seeing it, and that every widget has its twin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LOGGER = logging.getLogger(__name__)

_FILE_NAME = re.compile(r"[\w./-]*\.(?:png|svg|jpe?g|gif|webp)|[0-9a-f]{32,}", re.IGNORECASE)
_WIDGET_VIEW = "application/vnd.jupyter.widget-view"


def describes(alt: str | None) -> bool:
    """Tell whether an alternative text says something.

    Examples
    --------
    >>> describes("Bars of the next-token law: dog 54 %, owl 30 %.")
    True
    >>> describes("../_images/0f3c2d.png"), describes(" "), describes(None)
    (False, False, False)
    """
    text = (alt or "").strip()
    return bool(text) and not _FILE_NAME.fullmatch(text)


class _Pictures(HTMLParser):
    """Collects the tags of the pictures in a piece of HTML that have no words of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.nameless: list[str] = []
        self._figures: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        values = dict(attrs)
        named = bool(values.get("aria-labelledby")) or describes(values.get("aria-label"))
        if tag == "figure":
            self._figures.append(named)
        if not self._speaks(tag, values, named):
            self.nameless.append(tag)

    def _speaks(self, tag: str, values: dict[str, str | None], named: bool) -> bool:
        """Tell whether an element is no picture, or one with words for it."""
        if tag == "img":
            return describes(values.get("alt"))
        if tag == "svg":
            return named or values.get("aria-hidden") == "true" or any(self._figures)
        return named or values.get("role") != "img"

    def handle_endtag(self, tag: str) -> None:
        """Leave a figure."""
        if tag == "figure" and self._figures:
            self._figures.pop()


def nameless_pictures(html: str) -> list[str]:
    """Return the tags of the pictures in a piece of HTML that say nothing to a screen reader.

    Parameters
    ----------
    html : str
        A piece of a page, such as the output of a cell.

    Examples
    --------
    >>> nameless_pictures('<img src="a.png"><svg role="img" aria-label="A chain"></svg>')
    ['img']
    """
    parser = _Pictures()
    parser.feed(html)
    return parser.nameless


def picture_findings(document: nodes.document) -> Iterator[tuple[nodes.Node, str]]:
    """Yield what is wrong with the pictures and widgets of a page that is ready to be written."""
    for image in document.findall(nodes.image):
        if not describes(image.get("alt")):
            yield (
                image,
                "A picture needs an alt text that says what it shows: use figures.Picture(figure, "
                f"alt=...) in a cell or the alt of the image (file {image.get('uri', '?')}).",
            )
    for raw in document.findall(nodes.raw):
        if "html" not in raw.get("format", ""):
            continue
        for tag in nameless_pictures(raw.astext()):
            yield raw, f"A picture <{tag}> in the output of a cell needs an alt text or a label."
        if _WIDGET_VIEW in raw.astext():
            yield raw, "A widget without a static twin would be dead on the page: use ccmc_teach."


def check_pictures(app: Sphinx, document: nodes.document, name: str) -> None:
    """Report the findings of one page, each with its place in the source."""
    if app.builder.format != "html":
        return
    for node, sentence in picture_findings(document):
        place = node if node.line or node.source else name
        LOGGER.warning("%s", sentence, location=place, type="course", subtype="picture")


def register(app: Sphinx) -> None:
    """Connect the room to Sphinx."""
    app.connect("doctree-resolved", check_pictures, priority=900)
