"""The few icons in use, as one small style sheet in place of a library of two thousand.

The theme loads a script of 1.5 megabytes on every page to draw some twenty icons.  This room
takes the outlines of the icons that the pages use out of that script, once, when the book is
written, and leaves the script empty.  The icons then need neither scripts nor web fonts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pydata_sphinx_theme

if TYPE_CHECKING:
    from sphinx.application import Sphinx

STYLES = "course-icons.css"
_THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
_LIBRARY = "scripts/fontawesome.js"
_USERS = ("**/*.html", "_static/scripts/*-theme.js")

_USED = re.compile(r"\bfa-([a-z0-9]+(?:-[a-z0-9]+)*)\b")
_OUTLINE = re.compile(
    r'[{,]"?([a-z][a-z0-9-]*)"?:\[(\d+),(\d+),\[([^\]]*)\],"[0-9a-f]+","([^"]+)"\]'
)
_ALIAS = re.compile(r'"([a-z][a-z0-9-]*)"')
_HEAD = "/* Outlines: Font Awesome Free (CC BY 4.0), from the script that came with the theme. */"
# The web font of the theme is fetched even for an empty box that is set in it.
_RULE = (
    ".fa-{name}{{font-family:inherit}}"
    ".fa-{name}::before{{content:'';display:inline-block;width:{ratio}em;height:1em;"
    "vertical-align:-.125em;background:currentColor;--outline:url({image});"
    "-webkit-mask:var(--outline) center/contain no-repeat;"
    "mask:var(--outline) center/contain no-repeat}}"
)


def names_used(texts: Iterable[str]) -> set[str]:
    """Return the names of the icons that pages or scripts mention.

    Examples
    --------
    >>> sorted(names_used(['<i class="fa-solid fa-rocket">', '<i class="fas fa-list">']))
    ['list', 'rocket', 'solid']
    """
    return {name for text in texts for name in _USED.findall(text)}


def outlines(library: str) -> dict[str, tuple[int, int, str]]:
    """Return width, height and path of every icon in the theme's script, by name and alias.

    Where an icon comes in several styles, the last one in the script counts: the solid one.

    Examples
    --------
    >>> outlines('x={dot:[512,512,[9679,"spot"],"f001","M0 0h9v9z"]}')
    {'dot': (512, 512, 'M0 0h9v9z'), 'spot': (512, 512, 'M0 0h9v9z')}
    """
    found = {}
    for name, width, height, aliases, path in _OUTLINE.findall(library):
        for known in (name, *_ALIAS.findall(aliases)):
            found[known] = (int(width), int(height), path)
    return found


def rule(name: str, width: int, height: int, path: str) -> str:
    """Return the style rule that draws one icon in the colour of the text around it."""
    box = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'>"
    image = f'"data:image/svg+xml,{quote(f"{box}<path d={path!r}/></svg>", safe=" /:=")}"'
    return _RULE.format(name=name, ratio=f"{width / height:g}", image=image)


def style_sheet(library: str, used: set[str]) -> str:
    """Return the style sheet of the icons in use."""
    found = outlines(library)
    return "\n".join([_HEAD, *(rule(name, *found[name]) for name in sorted(used & set(found)))])


def write_icons(app: Sphinx, exception: Exception | None) -> None:
    """Write the style sheet and empty the script, once all pages are written."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    library = (_THEME / _LIBRARY).read_text("utf-8")
    users = {path for pattern in _USERS for path in out.glob(pattern)}
    used = names_used(path.read_text("utf-8") for path in sorted(users))
    static = out / "_static"
    (static / STYLES).write_text(style_sheet(library, used), "utf-8")
    (static / _LIBRARY).write_text(f"/* The icons in use stand in {STYLES}. */\n", "utf-8")
    (static / f"{_LIBRARY}.map").unlink(missing_ok=True)


def register(app: Sphinx) -> None:
    """Connect the room to Sphinx."""
    app.add_css_file(STYLES)
    app.connect("build-finished", write_icons)
