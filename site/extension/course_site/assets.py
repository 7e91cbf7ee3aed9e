"""The scripts that a page needs, and no others."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WIDGETS_SCRIPT = "ccmc-widgets.js"
_WIDGET_MARK = "ccmc-static"
_MATHS_MARK = 'class="math '


def write_widgets_script(app: Sphinx) -> None:
    """Write the one script that moves all widgets beside the other static files."""
    if app.builder.format != "html":
        return
    folder = Path(app.doctreedir) / "course_site"
    folder.mkdir(parents=True, exist_ok=True)
    widgets = import_module("ccmc_teach.widgets")
    (folder / WIDGETS_SCRIPT).write_text(widgets.static_script(), "utf-8")
    app.config["html_static_path"].append(str(folder))


def has_widget(body: str) -> bool:
    """Tell whether a page's HTML holds the static twin of a widget."""
    return _WIDGET_MARK in body


def has_maths(body: str) -> bool:
    """Tell whether a page's HTML holds formulas, be it in text or in the output of a cell."""
    return _MATHS_MARK in body


def load_widgets_script(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Load the widgets' script on pages with a widget only."""
    if has_widget(context.get("body", "")):
        app.add_js_file(WIDGETS_SCRIPT, loading_method="defer")


def note_maths_of_outputs(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Let Sphinx load MathJax also where the only formulas stand in the output of a cell."""
    if has_maths(context.get("body", "")):
        app.env.get_domain("math").data["has_equations"][pagename] = True


def register(app: Sphinx) -> None:
    """Connect the room to Sphinx."""
    app.connect("builder-inited", write_widgets_script)
    app.connect("html-page-context", note_maths_of_outputs, priority=400)
    app.connect("html-page-context", load_widgets_script)
