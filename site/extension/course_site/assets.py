"""The scripts that a page needs, and no others."""

from __future__ import annotations

import re
import shutil
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LOGGER = logging.getLogger(__name__)

KIT = "kit"
_WIDGET_MARK = "ccmc-static"
_WIDGET_MODULE = re.compile(r'class="ccmc-static" data-module="([^"]*)"')
_MATHS_MARK = 'class="math '


def script_file(name: str) -> str:
    """Return the file name of a script of the widgets.

    Examples
    --------
    >>> script_file("kit")
    'ccmc-kit.js'
    """
    return f"ccmc-{name}.js"


def write_widget_scripts(app: Sphinx) -> None:
    """Write the kit and one script for each widget beside the other static files."""
    if app.builder.format != "html":
        return
    folder = Path(app.doctreedir) / "course_site"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in _scripts().items():
        (folder / script_file(name)).write_text(text, "utf-8")
    app.config["html_static_path"].append(str(folder))


def _scripts() -> dict[str, str]:
    scripts: dict[str, str] = import_module("ccmc_teach.widgets").static_scripts()
    return scripts


def has_widget(body: str) -> bool:
    """Tell whether a page's HTML holds the static twin of a widget."""
    return _WIDGET_MARK in body


def widgets_of(body: str) -> list[str]:
    """Return the names of the widgets on a page, each once, in the order of the page.

    Examples
    --------
    >>> widgets_of('<div class="ccmc-static" data-module="counts_times_tastes.mjs">')
    ['counts_times_tastes']
    """
    modules = dict.fromkeys(_WIDGET_MODULE.findall(body))
    return [module.removesuffix(".mjs") for module in modules]


def has_maths(body: str) -> bool:
    """Tell whether a page's HTML holds formulas, be it in text or in the output of a cell."""
    return _MATHS_MARK in body


def load_widget_scripts(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Load the kit and the scripts of its own widgets on a page with a widget."""
    body = context.get("body", "")
    if not has_widget(body):
        return
    known = _scripts().keys() - {KIT}
    found = widgets_of(body)
    for name in [name for name in found if name not in known]:
        LOGGER.warning(
            "A widget asks for the module %s.mjs, which no widget of the course has.",
            name,
            location=pagename,
        )
    for name in (KIT, *(name for name in found if name in known)):
        app.add_js_file(script_file(name), loading_method="defer")


def note_maths_of_outputs(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Let Sphinx load MathJax also where the only formulas stand in the output of a cell."""
    if has_maths(context.get("body", "")):
        app.env.get_domain("math").data["has_equations"][pagename] = True


def register(app: Sphinx) -> None:
    """Connect the room to Sphinx."""
    app.connect("builder-inited", write_widget_scripts)
    app.connect("html-page-context", note_maths_of_outputs, priority=400)
    app.connect("html-page-context", load_widget_scripts)
