"""The front door: ``index.html`` leads to the first page of the book."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# The empty icon keeps the browser from asking for one while it is led away.
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="0; url={first}">
<link rel="icon" href="data:,">
<title>{title}</title>
</head>
<body><main><h1>{title}</h1><p><a href="{first}">Open the course</a></p></main></body>
</html>
"""


def front_door(first: str, title: str) -> str:
    """Return a page that leads to the first page of the book at once, or by its link.

    Parameters
    ----------
    first : str
        Address of the first page.
    title : str
        Title of the site.

    Examples
    --------
    >>> 'url=intro.html"' in front_door("intro.html", "A & B")
    True
    """
    return _PAGE.format(first=escape(first), title=escape(title))


def write_front_door(app: Sphinx, exception: Exception | None) -> None:
    """Write ``index.html`` unless the book has a page of that name."""
    page = Path(app.outdir) / "index.html"
    if exception or app.builder.format != "html" or app.config["root_doc"] == "index":
        return
    first = app.builder.get_target_uri(app.config["root_doc"])
    page.write_text(front_door(first, app.config["html_title"]), "utf-8")


def register(app: Sphinx) -> None:
    """Connect the room to Sphinx."""
    # Before another extension writes its own.
    app.connect("build-finished", write_front_door, priority=400)
