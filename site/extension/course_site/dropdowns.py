"""Hidden content as native disclosure elements, which open by key and without any script.

Three kinds of block hide content: dropdowns, blocks that carry the class ``dropdown`` (solutions,
proofs, notes), and cells tagged ``hide-cell`` or ``hide-input``.  The first kind is native
already; this room brings the other two to the same form.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_design.shared import create_component

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_CLASS = "dropdown"
_IN_FULL = "In full"


def without_links(title: nodes.Element) -> list[nodes.Node]:
    """Return the children of a title with links replaced by their text.

    A link inside the handle of a disclosure element could not be reached by a screen reader.
    """
    for link in list(title.findall(nodes.reference)):
        link.replace_self(link.children)
    return list(title.children)


def as_dropdown(block: nodes.Element) -> nodes.Element:
    """Return a dropdown with the title, the content and the names of a titled block.

    Parameters
    ----------
    block : docutils element
        A block whose first child is its title.
    """
    title, *content = block.children
    assert isinstance(title, nodes.Element)
    dropdown: nodes.Element = create_component(
        "dropdown",
        opened=False,
        type="dropdown",
        has_title=True,
        icon=None,
        chevron=None,
        container_classes=["sd-mb-3", *(name for name in block["classes"] if name != _CLASS)],
        title_classes=[],
        body_classes=[],
    )
    rubric = nodes.rubric("", "", *without_links(title), ids=[*block["ids"], *title["ids"]])
    dropdown.extend([rubric, *content])
    dropdown.source, dropdown.line = block.source, block.line
    return dropdown


def hides_content(node: nodes.Node) -> bool:
    """Tell whether a node is a titled block that carries the class ``dropdown``."""
    return (
        isinstance(node, nodes.Element)
        and _CLASS in node.get("classes", [])
        and bool(node.children)
        and isinstance(node[0], nodes.Titular)
    )


class NativeDropdowns(SphinxPostTransform):
    """Replace every titled block of the class ``dropdown`` by a dropdown."""

    # After the titles of exercises are resolved, before dropdowns become HTML.
    default_priority = 150
    formats = ("html",)

    def run(self, **_: Any) -> None:
        """Run the transform on one page."""
        for block in list(self.document.findall(hides_content)):
            if isinstance(block, nodes.Element):
                block.replace_self(as_dropdown(block))


def open_hidden_cell(translator: Any, node: HideCodeCellNode) -> None:
    """Write the start of a hidden cell; its summary is named by its own words."""
    words = str(node["prompt_show"])
    level = "in-full" if words.startswith(_IN_FULL) else "hidden-cell"
    classes = " ".join(["sd-dropdown", "sd-card", level, *node["classes"]])
    translator.body.append(
        f'<details class="{classes}">\n<summary class="sd-summary-title sd-card-header">'
        f'<span class="sd-summary-text">{escape(words)}</span></summary>\n'
        '<div class="sd-summary-content sd-card-body">\n'
    )


def close_hidden_cell(translator: Any, node: HideCodeCellNode) -> None:
    """Write the end of a hidden cell."""
    translator.body.append("</div>\n</details>\n")


def register(app: Sphinx) -> None:
    """Connect the room to Sphinx."""
    app.add_post_transform(NativeDropdowns)
    app.add_node(HideCodeCellNode, override=True, html=(open_hidden_cell, close_hidden_cell))
