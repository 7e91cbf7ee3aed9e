"""A picture without words of its own is found, wherever it comes from."""

from __future__ import annotations

import pytest
from course_site.pictures import describes, nameless_pictures, picture_findings
from docutils import nodes
from docutils.core import publish_doctree

HASH = "0e5a4c1dfae08d7bd0f3b7e6b9a9c3a2b7d1e0f4c5b6a79881726354f0e1d2c3"


@pytest.mark.parametrize(
    "alt",
    [None, "", "  ", "a.png", "../_images/law.svg", f"../_images/{HASH}.png", HASH, "Figure.PNG"],
)
def test_no_words(alt: str | None) -> None:
    assert not describes(alt)


@pytest.mark.parametrize("alt", ["A chain of 3 tokens.", "Chain", "The file law.png, drawn"])
def test_words(alt: str) -> None:
    assert describes(alt)


@pytest.mark.parametrize(
    ("html", "nameless"),
    [
        ('<img src="a.png">', ["img"]),
        ('<img src="a.png" alt="">', ["img"]),
        ('<img src="a.png" alt="A chain."/>', []),
        ("<svg></svg>", ["svg"]),
        ('<svg role="img"></svg>', ["svg"]),
        ('<svg role="img" aria-label="A chain"></svg>', []),
        ('<svg aria-labelledby="t"><title id="t">A chain</title></svg>', []),
        ('<svg aria-hidden="true"></svg>', []),
        ('<figure role="img" aria-label="A chain"><svg></svg></figure>', []),
        ('<figure role="img" aria-label="A chain"><svg></svg></figure><svg></svg>', ["svg"]),
        ('<figure role="img"><svg></svg></figure>', ["figure", "svg"]),
        ('<div role="img"></div>', ["div"]),
        ("<table><tr><td>1</td></tr></table>", []),
    ],
)
def test_pieces_of_html(html: str, nameless: list[str]) -> None:
    assert nameless_pictures(html) == nameless


def sentences(*content: nodes.Node) -> list[str]:
    document = publish_doctree("Text.")
    document += list(content)
    return [sentence for _, sentence in picture_findings(document)]


def test_pictures_of_a_page() -> None:
    assert sentences(nodes.image(uri="a.png", alt="A chain.")) == []
    (found,) = sentences(nodes.image(uri="a.png"))
    assert "needs an alt text" in found
    assert "a.png" in found
    (found,) = sentences(nodes.raw("", "<svg></svg>", format="html"))
    assert "<svg>" in found


def test_other_formats_are_not_looked_at() -> None:
    assert sentences(nodes.raw("", "<svg></svg>", format="latex")) == []


def test_a_widget_needs_its_twin() -> None:
    view = '<script type="application/vnd.jupyter.widget-view+json">{}</script>'
    (found,) = sentences(nodes.raw("", view, format="html"))
    assert "static twin" in found
