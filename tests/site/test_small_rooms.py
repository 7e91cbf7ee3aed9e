"""The smaller rooms of the extension: addresses, icons, citations, scripts, settings, dropdowns."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import pytest
from course_site import (
    assets,
    citations,
    dropdowns,
    front_door,
    icons,
    launch,
    questions,
    settings,
)
from docutils import nodes
from pybtex.database import Entry, Person

LIBRARY = (
    'x={moon:[384,512,[127769,"dark"],"f186","M1 1z"],'
    '"arrow-up":[384,512,[8593,"up"],"f062","M2 2z"]},y={moon:[512,512,[],"f186","M3 3z"]}'
)


def config(**values: Any) -> dict[str, Any]:
    empty = {"html_baseurl": "", "html_theme_options": {}, "nb_execution_cache_path": ""}
    return {**empty, "nitpick_ignore": [], "nitpick_ignore_regex": [], **values}


# ---- settings


def test_pairs_become_tuples() -> None:
    values = config(nitpick_ignore=[["py:class", "array_like"]])
    settings.pairs_as_tuples(SimpleNamespace(), values)  # type: ignore[arg-type]
    assert values["nitpick_ignore"] == [("py:class", "array_like")]


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("https://github.com/someone/book", "https://someone.github.io/book/"),
        ("https://github.com/someone/book/", "https://someone.github.io/book/"),
        ("https://gitlab.com/someone/book", ""),
        ("https://github.com/someone", ""),
        ("", ""),
    ],
)
def test_address_of_the_site_follows_from_the_repository(repository: str, address: str) -> None:
    values = config(html_theme_options={"repository_url": repository})
    settings.site_address(SimpleNamespace(), values)  # type: ignore[arg-type]
    assert values["html_baseurl"] == address


def test_given_address_stays() -> None:
    values = config(html_baseurl="https://a.example/", html_theme_options={"repository_url": "x"})
    settings.site_address(SimpleNamespace(), values)  # type: ignore[arg-type]
    assert values["html_baseurl"] == "https://a.example/"


def test_cache_is_keyed_unless_a_folder_is_given(tmp_path: Any) -> None:
    app: Any = SimpleNamespace(outdir=tmp_path / "_build" / "html", srcdir=tmp_path)
    values = config()
    settings.key_the_cache(app, values)  # type: ignore[arg-type]
    assert values["nb_execution_cache_path"].startswith(str(tmp_path / "_build/.jupyter_cache"))
    given = config(nb_execution_cache_path="here")
    settings.key_the_cache(app, given)  # type: ignore[arg-type]
    assert given["nb_execution_cache_path"] == "here"


def test_kernels_write_for_a_static_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCMC_STATIC", "")  # put back afterwards, so that no later test is static
    settings.prepare_kernels(SimpleNamespace(), SimpleNamespace())  # type: ignore[arg-type]
    assert os.environ["CCMC_STATIC"] == "1"


# ---- launch


def test_binder_address() -> None:
    address = launch.binder_address(
        "https://binder.example/", "https://github.com/a/b/", "main", "chapters/x.md"
    )
    assert address == "https://binder.example/v2/gh/a/b/main?urlpath=lab/tree/chapters/x.md"


def test_a_notebook_keeps_the_button_of_the_theme() -> None:
    app: Any = SimpleNamespace()
    buttons = [{"label": "launch-buttons"}, {"label": "download-buttons"}]
    context = {"binder_address": "https://binder.example", "header_buttons": list(buttons)}
    launch.offer_launch(app, "page", "page.html", context, None)
    assert context["header_buttons"] == buttons


def test_a_plain_page_gets_a_button() -> None:
    app: Any = SimpleNamespace()
    context = {"binder_address": "https://binder.example", "header_buttons": [{"label": "other"}]}
    launch.offer_launch(app, "page", "page.html", context, None)
    added, other = context["header_buttons"]
    assert isinstance(added, dict)
    assert added["buttons"][0]["url"] == "https://binder.example"
    assert other == {"label": "other"}


# ---- front door


def test_front_door_leads_on_even_without_redirection() -> None:
    page = front_door.front_door("intro.html", "Chains & <counts>")
    assert 'content="0; url=intro.html"' in page
    assert '<a href="intro.html">' in page
    assert '<link rel="icon" href="data:,">' in page
    assert "<title>Chains &amp; &lt;counts&gt;</title>" in page


# ---- assets


def test_marks_of_widgets_and_formulas() -> None:
    assert assets.has_widget('<div class="ccmc-static" data-module="a">')
    assert not assets.has_widget("<p>static</p>")
    assert assets.has_maths('<span class="math notranslate nohighlight">')
    assert not assets.has_maths('<span class="mathematics">')


# ---- icons


def test_icons_in_use_are_drawn_and_no_others() -> None:
    pages = ['<i class="fas fa-moon"></i>', "e.classList.add('fa-solid','fa-missing')"]
    sheet = icons.style_sheet(LIBRARY, icons.names_used(pages))
    assert ".fa-moon::before" in sheet
    assert "arrow-up" not in sheet
    assert "missing" not in sheet


def test_the_solid_outline_wins() -> None:
    assert icons.outlines(LIBRARY)["moon"] == (512, 512, "M3 3z")
    assert icons.outlines(LIBRARY)["arrow-up"] == (384, 512, "M2 2z")


def test_aliases_are_known() -> None:
    assert ".fa-up::before" in icons.style_sheet(LIBRARY, {"up"})
    assert ".fa-dark::before" in icons.style_sheet(LIBRARY, {"dark"})


def test_width_follows_the_outline() -> None:
    assert "width:0.75em" in icons.rule("arrow-up", 384, 512, "M2 2z")


# ---- citations


def entry(year: str, *names: str) -> Entry:
    return Entry("article", {"year": year}, {"author": [Person(name) for name in names]})


def test_labels_name_authors_and_year() -> None:
    style = citations.AuthorYearLabels()
    entries = [
        entry("2017", "Press, Ofir", "Wolf, Lior"),
        entry("1992", "Pemantle, Robin"),
        entry("2024", "Li, A.", "Huang, B.", "Oymak, C."),
        entry("2024", "Li, A.", "Zhou, D.", "Oymak, C."),
    ]
    assert list(style.format_labels(entries)) == [
        "Press and Wolf 2017",
        "Pemantle 1992",
        "Li et al. 2024a",
        "Li et al. 2024b",
    ]


# ---- dropdowns and questions


def test_a_hiding_block_becomes_a_dropdown_with_its_names() -> None:
    link = nodes.reference("", "Exercise 1", refuri="#ex-1")
    title = nodes.title("", "Solution to ", link)
    block = nodes.admonition("", title, nodes.paragraph("", "Ten."))
    block["classes"] = ["solution", "dropdown"]
    block["ids"] = ["ex-1-solution"]
    assert dropdowns.hides_content(block)
    dropdown = dropdowns.as_dropdown(block)
    assert dropdown["design_component"] == "dropdown"
    assert dropdown["container_classes"] == ["sd-mb-3", "solution"]
    heading = dropdown[0]
    assert isinstance(heading, nodes.rubric)
    assert heading["ids"] == ["ex-1-solution"]
    assert heading.astext() == "Solution to Exercise 1"
    assert not list(heading.findall(nodes.reference))
    assert dropdown[1].astext() == "Ten."


def test_blocks_without_title_or_class_stay() -> None:
    assert not dropdowns.hides_content(nodes.admonition("", nodes.title("", "A")))
    assert not dropdowns.hides_content(nodes.container("", nodes.paragraph(), classes=["dropdown"]))


def test_verdicts_are_words() -> None:
    assert questions.verdict("right").astext() == "Right"
    assert questions.verdict("wrong").astext() != questions.verdict("right").astext()
