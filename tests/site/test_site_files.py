"""The files of the built site: pages, links, names, and what must never be published."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from built_site import EXTRA_PAGES, ROOT, dead_links, pages, read
from course_site.pictures import describes

PUBLISHED = (".html", ".ipynb", ".md", ".js", ".txt", ".json", ".css", ".svg")
SOURCES = ROOT / "exercises" / "source"
HIDDEN = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)(.*?)### END \1", re.DOTALL)


@pytest.mark.parametrize("name", [*pages(), *EXTRA_PAGES])
def test_every_page_of_the_contents_exists(site_folder: Path, name: str) -> None:
    assert (site_folder / name).is_file()


@pytest.mark.parametrize("name", [*pages(), *EXTRA_PAGES])
def test_no_internal_link_is_dead(site_folder: Path, name: str) -> None:
    assert dead_links(site_folder, name) == []


@pytest.mark.parametrize("name", pages())
def test_no_two_elements_share_a_name(site_folder: Path, name: str) -> None:
    assert read(site_folder / name).repeated == []


@pytest.mark.parametrize("name", pages())
def test_every_image_says_what_it_shows_or_is_an_icon(site_folder: Path, name: str) -> None:
    text = (site_folder / name).read_text("utf-8")
    article = text[text.index("<article") : text.index("</article>")]
    alts = re.findall(r"<img\b[^>]*>", article)
    silent = [tag for tag in alts if not describes((re.findall(r'alt="([^"]*)"', tag) or [""])[0])]
    assert silent == []
    assert None not in read(site_folder / name).images


@pytest.mark.parametrize("name", pages())
def test_every_page_offers_to_run_it(site_folder: Path, name: str) -> None:
    text = (site_folder / name).read_text("utf-8")
    assert "python3 tasks.py serve" in text
    assert "urlpath=lab/tree/" in text
    assert "launch-buttons" in text
    source = name.removesuffix(".html")
    assert re.search(rf"urlpath=lab/tree/{source}\.(?:md|ipynb)\"", text)


def test_the_address_of_the_repository_stands_in_one_place() -> None:
    config = (ROOT / "_config.yml").read_text("utf-8")
    (address,) = re.findall(r"url: (https://github\.com/\S+)", config)
    assert config.count(address) == 1
    kinds = {".py", ".md", ".html", ".js", ".css"}
    folders = [ROOT / "site", ROOT / "chapters"]
    files = [ROOT / "intro.md", *(path for folder in folders for path in folder.rglob("*"))]
    texts = [path for path in files if path.suffix in kinds]
    assert [path for path in texts if address in path.read_text("utf-8")] == []


def parts(cell: dict[str, Any]) -> tuple[str, str]:
    """Return what a cell of a master shows to learners, and what it keeps from them."""
    text = "".join(cell["source"])
    role = cell["metadata"].get("nbgrader", {})
    if cell["cell_type"] == "markdown" and role.get("solution"):
        return "", text
    return HIDDEN.sub("", text), "\n".join(found[2] for found in HIDDEN.finditer(text))


def hidden_lines() -> set[str]:
    """Return the telling lines of solutions and hidden tests, without those shown elsewhere."""
    masters = [json.loads(path.read_text("utf-8")) for path in SOURCES.rglob("*.ipynb")]
    pairs = [parts(cell) for master in masters for cell in master["cells"]]
    shown = "\n".join(text for text, _ in pairs)
    hidden = {line.strip() for _, text in pairs for line in text.splitlines()}
    return {line for line in hidden if len(line) > 20 and line not in shown}


def test_no_solution_and_no_hidden_test_is_published(site_folder: Path) -> None:
    if not SOURCES.is_dir():
        pytest.skip("the masters are not here, as in an exported tree or on Binder")
    secrets = hidden_lines()
    assert secrets, "no solutions were found in the masters: the marks have changed"
    for path in site_folder.rglob("*"):
        if path.suffix in PUBLISHED and "mathjax" not in path.parts:
            text = path.read_text("utf-8", errors="replace")
            plain = text.replace("\\n", "\n").replace('\\"', '"')
            assert [line for line in secrets if line in text or line in plain] == [], path


def test_masters_mutants_and_grader_are_not_published(site_folder: Path) -> None:
    names = {part for path in site_folder.rglob("*") for part in path.parts}
    parts = names - set(site_folder.parts)
    assert not parts & {"source", "mutants", "grading", "nbgrader_config.py", "refresh.py"}


def test_the_styles_name_no_other_host(site_folder: Path) -> None:
    elsewhere = re.compile(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)\"']*")
    for path in site_folder.rglob("*.css"):
        assert elsewhere.findall(path.read_text("utf-8")) == [], path
