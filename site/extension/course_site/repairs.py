"""Small repairs of what other extensions write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from course_site.blocks import SESSION

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# Every theorem and every exercise of a page would carry the same one.
_REPEATED = {"proof-content", "exercise-content", "solution-content"}


class UniqueNames(SphinxPostTransform):
    """Drop identifiers that several elements of a page share: nothing could lead to them."""

    default_priority = 140
    formats = ("html",)

    def run(self, **_: Any) -> None:
        """Run the transform on one page."""
        for section in self.document.findall(nodes.section):
            section["ids"] = [name for name in section["ids"] if name not in _REPEATED]


class SessionNotes(SphinxPostTransform):
    """Drop notes of the class ``in-a-session``: they speak to readers of the notebook alone.

    On the site the notice at the foot of the page says the same.
    """

    default_priority = 141
    formats = ("html",)

    def run(self, **_: Any) -> None:
        """Run the transform on one page."""
        for note in list(self.document.findall(nodes.Admonition)):
            if isinstance(note, nodes.Element) and SESSION in note["classes"]:
                note.parent.remove(note)


def roles_of_citations(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Make each entry of the bibliography an item of its list, which its own role is not."""
    body = context.get("body", "")
    context["body"] = body.replace('role="doc-biblioentry"', 'role="listitem"')


def register(app: Sphinx) -> None:
    """Connect the room to Sphinx."""
    app.add_post_transform(UniqueNames)
    app.add_post_transform(SessionNotes)
    app.connect("html-page-context", roles_of_citations)
