"""Quick questions on the site: one open option at a time, each with its verdict in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from course_site.blocks import QUESTION, admonitions, options

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_WORDS = {"right": "Right", "wrong": "Not this one"}


def verdict(name: str) -> nodes.paragraph:
    """Return the line that stands above the feedback of an option."""
    return nodes.paragraph("", _WORDS[name], classes=["verdict"])


class QuickQuestions(SphinxPostTransform):
    """Name the options of a question as one group and put the verdict into words.

    Disclosure elements of one name close each other, with no script.
    """

    # Before dropdowns become HTML.
    default_priority = 160
    formats = ("html",)

    def run(self, **_: Any) -> None:
        """Run the transform on one page."""
        for number, question in enumerate(admonitions(self.document, QUESTION), start=1):
            for node, option in options(question):
                node["details_name"] = f"quick-question-{number}"
                node[1:1] = [verdict(name) for name in option.verdicts]


def register(app: Sphinx) -> None:
    """Connect the room to Sphinx."""
    app.add_post_transform(QuickQuestions)
