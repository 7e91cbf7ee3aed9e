"""What the tests of the built site share: its pages, and what stands in them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

import yaml

ROOT = Path(__file__).resolve().parents[2]
EXTRA_PAGES = ("index.html", "search.html")


def entries(node: Any) -> Iterator[str]:
    """Yield the files that a table of contents names, in order."""
    if isinstance(node, list):
        for child in node:
            yield from entries(child)
    elif isinstance(node, dict):
        for key in ("root", "file"):
            if key in node:
                yield node[key]
        for key in ("parts", "chapters", "sections"):
            yield from entries(node.get(key, []))


def pages() -> list[str]:
    """Return the pages of the book by their address below the root of the site."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    return [f"{name}.html" for name in entries(toc)]


@dataclass
class Page(HTMLParser):
    """What a page offers to links and where its own links lead."""

    names: set[str] = field(default_factory=set)
    repeated: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one element offers and where it leads."""
        values = dict(attrs)
        if name := values.get("id"):
            if name in self.names:
                self.repeated.append(name)
            self.names.add(name)
        if tag == "img":
            self.images.append(values.get("alt"))
        for key in ("href", "src"):
            if (link := values.get(key)) is not None:
                self.links.append(link)


@cache
def read(path: Path) -> Page:
    """Parse one page of the built site."""
    page = Page()
    page.feed(path.read_text("utf-8"))
    return page


def offers(place: Path, anchor: str) -> bool:
    """Tell whether a file of the site has the place that an anchor names."""
    return not anchor or place.suffix != ".html" or anchor in read(place).names


def dead_links(site: Path, name: str) -> list[str]:
    """Return the internal links of a page that lead nowhere, anchors included.

    Parameters
    ----------
    site : Path
        Folder of the built site.
    name : str
        Address of the page below it.
    """
    dead = []
    for link in read(site / name).links:
        target, anchor = urldefrag(link)
        if urlsplit(link).scheme or link.startswith("//"):
            continue
        path = posixpath.join(posixpath.dirname(name), unquote(urlsplit(target).path))
        place = site / (posixpath.normpath(path) if target else name)
        exists = place.is_file()
        if not exists or not offers(place, unquote(anchor)):
            dead.append(link)
    return dead
