"""Numbers in a sentence: computed on the page, and alive in a notebook.

A chapter writes the role ``eval`` with the name of a variable.
JupyterLab puts in what the variable holds in the running session.
A page of the site is made after its cells have run, so there it is the value that a cell has glued
under the same name; a name that nothing was glued under fails the build.
"""

from __future__ import annotations

from docutils.parsers.rst import roles
from myst_nb.ext.glue.roles import PasteTextRole
from sphinx.application import Sphinx


def register(app: Sphinx) -> None:
    """Take over the role once every extension has registered its own."""
    app.connect("builder-inited", _take_over)


def _take_over(app: Sphinx) -> None:
    roles.register_local_role("eval", PasteTextRole())
