"""Every page in Chromium, network off, over http and by double click: nothing goes wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browser import RecordedPage
from built_site import ROOT, pages

#: Formulas that MathJax refused, and names that it did not know.
TEX_ERRORS = """
[...document.querySelectorAll("mjx-container")]
  .filter((box) => box.querySelector(
    "merror, [data-mjx-error], [data-mml-node=merror], [mathcolor=red]"))
  .map((box) => box.textContent.trim().slice(0, 80))
"""
#: Formulas that MathJax never looked at.
RAW_TEX = r"""
(() => {
  const root = document.querySelector("main, article");
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (/\\[()\[\]]/.test(node.data) && !node.parentElement.closest("pre, code, script, style"))
      found.push(node.data.trim().slice(0, 80));
  }
  return found;
})()
"""
TYPESET = "window.MathJax?.startup?.promise?.then(() => null)"

Open = Callable[..., RecordedPage]


@pytest.fixture(params=["http", "file"])
def address(request: pytest.FixtureRequest, site_folder: Path) -> Callable[[str], str]:
    """Return a function that makes the address of a page, over http or as a file."""
    if request.param == "file":
        return lambda name: (site_folder / name).as_uri()
    return lambda name: request.getfixturevalue("site_url") + name


@pytest.mark.parametrize("name", [*pages(), "search.html"])
def test_page_is_whole(open_page: Open, address: Callable[[str], str], name: str) -> None:
    page = open_page(address(name))
    page.evaluate(TYPESET)
    page.wait_for_load_state("networkidle")
    assert page.troubles == []
    assert page.evaluate(TEX_ERRORS) == []
    assert page.evaluate(RAW_TEX) == []


def test_the_front_door_leads_to_the_introduction(
    open_page: Open, address: Callable[[str], str]
) -> None:
    page = open_page(address("index.html"))
    page.wait_for_url("**/intro.html")
    assert page.troubles == []


def test_search_finds_a_chapter(open_page: Open, address: Callable[[str], str]) -> None:
    page = open_page(address("search.html") + "?q=stationary")
    page.locator("#search-results li a").first.wait_for()
    found = page.locator("#search-results li a").all_inner_texts()
    assert any("Markov chain" in title for title in found)
    assert page.troubles == []


def formulas(open_page: Open, tmp_path: Path, *tex: str) -> RecordedPage:
    """Open a page that holds formulas and the vendored MathJax with the settings of the site."""
    script = (ROOT / "site" / "vendor" / "mathjax" / "tex-svg.js").as_uri()
    settings = (
        "{options: {enableMenu: false, enableAssistiveMml: true},"
        " tex: {packages: {'[-]': ['require', 'autoload']}}}"
    )
    body = "".join(rf"<p>\({text}\)</p>" for text in tex)
    path = tmp_path / "formulas.html"
    path.write_text(
        f"<link rel=icon href='data:,'><script>MathJax = {settings}</script>"
        f"<script src='{script}'></script><article>{body}</article>"
    )
    page = open_page(path.as_uri())
    page.evaluate(TYPESET)
    return page


BAD = [r"\frac{1", r"a^b^c", r"\nosuchcommand", r"\begin{nosuch}\end{nosuch}"]


@pytest.mark.parametrize("tex", BAD)
def test_bad_tex_is_noticed(open_page: Open, tmp_path: Path, tex: str) -> None:
    page = formulas(open_page, tmp_path, tex, "x")
    # MathJax does not even start on a formula whose braces do not match.
    assert len(page.evaluate(TEX_ERRORS) + page.evaluate(RAW_TEX)) == 1


def test_an_untouched_formula_is_noticed(open_page: Open, tmp_path: Path) -> None:
    path = tmp_path / "raw.html"
    icon = "<link rel=icon href='data:,'>"
    path.write_text(icon + r"<article><p>so \(x\)</p><pre>\(y\)</pre></article>")
    assert open_page(path.as_uri()).evaluate(RAW_TEX) == [r"so \(x\)"]


def test_no_command_loads_a_part_that_is_not_vendored(open_page: Open, tmp_path: Path) -> None:
    commands = [r"\color{red}{a}", r"\cancel{a}", r"\boldsymbol{a}", r"\require{bbox}", r"\bbox{a}"]
    page = formulas(open_page, tmp_path, *commands, r"\mathbf 1 \in \mathbb R^{d \times d}")
    page.wait_for_load_state("networkidle")
    assert page.troubles == []
    assert page.locator("mjx-container").count() == len(commands) + 1


def test_formulas_have_no_menu_and_speak_mathml(open_page: Open, site_url: str) -> None:
    page = open_page(f"{site_url}chapters/mapping.html")
    page.evaluate(TYPESET)
    formula = page.locator("article mjx-container").first
    assert formula.get_attribute("tabindex") is None
    assert page.locator("article mjx-container mjx-assistive-mml math").count() == (
        page.locator("article mjx-container").count()
    )
    formula.click(button="right")
    page.wait_for_timeout(200)
    assert page.locator(".CtxtMenu_Menu").count() == 0
    assert page.troubles == []


def test_a_page_loads_the_kit_and_the_scripts_of_its_own_widgets(site_folder: Path) -> None:
    seen = set()
    for name in pages():
        text = (site_folder / name).read_text("utf-8")
        twins = re.findall(r'class="ccmc-static" data-module="(\w+)\.mjs"', text)
        wanted = ["kit", *dict.fromkeys(twins)] if twins else []
        scripts = re.findall(r'<script [^>]*src="[./]*_static/ccmc-(\w+)\.js[^"]*"', text)
        assert scripts == wanted, name
        assert text.count('class="ccmc-static"') == len(twins), name
        seen |= set(scripts)
    assert {"kit", "assumption_switches", "counts_times_tastes"} <= seen
    for script in seen:
        assert (site_folder / "_static" / f"ccmc-{script}.js").is_file()


def test_scripts_of_widgets_wait_for_the_page(site_folder: Path) -> None:
    text = (site_folder / "chapters" / "mapping.html").read_text("utf-8")
    tags = re.findall(r"<script [^>]*ccmc-[^>]*>", text)
    assert len(tags) == 3
    assert all(tag.startswith("<script defer") for tag in tags)
