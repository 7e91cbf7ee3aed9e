"""Tiny books with one flaw a page, built as the real one is: each flaw fails the build by name.

Three builds serve all cases: a book without a flaw, one with a flaw on every page, and one with a
cell that raises, which stops the build at once.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
BUILD = "from jupyter_book.cli.main import main; main()"

NOTEBOOK = """---
jupytext:
  text_representation: {extension: .md, format_name: myst, format_version: 0.13}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

"""
HEAD = """
```{admonition} At a glance
:class: at-a-glance

**Time:** 1 minute

**You need:** nothing

**Afterwards you can:**

- name a token,
- count words.
```

```{admonition} In one minute
:class: in-one-minute

Counting.
```
"""
QUESTION = """
````{admonition} Quick question
:class: quick-question

Which one?

```{dropdown} This one
:class-container: option right

Yes.
```

```{dropdown} That one
:class-container: option wrong

No.
```
````
"""
PICTURE = (
    "from IPython.display import Image, display\n"
    "display(Image(data=bytes.fromhex('{png}'), format='png'), metadata={metadata})"
)
PNG = (
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8ffffff7f0009fb03fd2a86e38a0000000049454e44ae426082"
)


def cell(code: str, tags: str = "") -> str:
    return f"\n```{{code-cell}} ipython3\n{tags}{code}\n```\n"


def picture(alt: str | None) -> str:
    option = f"---\nmystnb:\n  image:\n    alt: {alt}\n---\n" if alt else ""
    return cell(PICTURE.format(png=PNG, metadata="{}"), option)


#: Name of the page, its text, and what the build must say of it.
FLAWS = {
    "stderr": (cell("import sys\nprint('oops', file=sys.stderr)"), "stderr was found"),
    "python-warning": (cell("import warnings\nwarnings.warn('old way')"), "stderr was found"),
    "unknown-reference": ("See [](#nowhere).", "cross-reference target not found: 'nowhere'"),
    "unknown-page": ("See [that](nowhere.md).", "cross-reference target not found: 'nowhere.md'"),
    "unknown-citation": ("See {cite:t}`nobody1900`.", 'could not find bibtex key "nobody1900"'),
    "unknown-number": ("It is {eval}`nothing` high.", "nothing"),
    "no-glance": ("-", 'A chapter needs one "At a glance" block, this one has 0.'),
    "no-minute": ("-", 'A chapter needs one "In one minute" block, this one has 0.'),
    "wrong-minutes": (" ".join(["word"] * 1200), "promises 1 minutes, but the main path takes"),
    "no-feedback": (QUESTION.replace("\nNo.\n", "\n"), 'The option "That one" needs feedback'),
    "no-right": (QUESTION.replace("option right", "option wrong"), "of the class right"),
    "no-alt": (picture(None), "A picture needs an alt text"),
    "no-alt-in-html": (
        cell("from IPython.display import HTML\nHTML('<svg></svg>')"),
        "A picture <svg> in the output of a cell needs",
    ),
    "bare-widget": (
        cell("import ipywidgets\nipywidgets.IntSlider()"),
        "A widget without a static twin",
    ),
    "lost-widget": (
        cell(
            "from IPython.display import HTML\n"
            'HTML(\'<div class="ccmc-static" data-module="none.mjs" data-state="{}">A.</div>\')'
        ),
        "A widget asks for the module none.mjs, which no widget of the course has.",
    ),
}
WITHOUT = {
    "no-glance": HEAD[HEAD.index("```{admonition} In one") :],
    "no-minute": HEAD[: HEAD.index("```{admonition} In one")],
}


@dataclass(frozen=True)
class Outcome:
    """How a build ended: its code, what it said in plain text, and where it wrote."""

    code: int
    text: str
    html: Path


def write_book(folder: Path, pages: dict[str, str]) -> None:
    """Write a book of numbered chapters with the configuration of the real one."""
    shutil.copytree(ROOT / "site", folder / "site", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("_config.yml", "references.bib"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "intro.md").write_text("# A book\n\n```{bibliography}\n```\n", "utf-8")
    toc = ["format: jb-book", "root: intro", "parts:", "- caption: All", "  numbered: true"]
    chapters = [f"  - file: {name}" for name in pages]
    (folder / "_toc.yml").write_text("\n".join([*toc, "  chapters:", *chapters]), "utf-8")
    for name, text in pages.items():
        head = WITHOUT.get(name, HEAD)
        (folder / f"{name}.md").write_text(f"{NOTEBOOK}# {name}\n{head}\n{text}\n", "utf-8")


def build(folder: Path, pages: dict[str, str]) -> Outcome:
    """Build a book with the options of the real one."""
    write_book(folder, pages)
    options = ["build", "--all", "-W", "-n", "--keep-going", "."]
    answer = subprocess.run(
        [sys.executable, "-c", BUILD, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        check=False,
    )
    text = COLOUR.sub("", answer.stdout + answer.stderr)
    return Outcome(answer.returncode, text, folder / "_build" / "html")


@pytest.fixture(scope="module")
def flawed(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    pages = {name: text for name, (text, _) in FLAWS.items()}
    return build(tmp_path_factory.mktemp("flawed"), pages)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    note = "\n```{note}\n:class: in-a-session\nThis session ends.\n```\n"
    formula = "\n$a^2$ by {cite:t}`ildiz2024`."
    page = QUESTION + note + picture("A white dot.") + cell("1 + 1") + formula
    twin = cell(
        "from IPython.display import HTML\n"
        'HTML(\'<div class="ccmc-static" data-module="assumption_switches.mjs" \'\n'
        "'data-state=\"{}\">A twin.</div>')"
    )
    inputs = cell("import os\nprint('static', os.environ['CCMC_STATIC'])")
    return build(tmp_path_factory.mktemp("sound"), {"sound": page, "twin": twin + inputs})


def test_a_sound_book_builds(sound: Outcome) -> None:
    assert sound.code == 0, sound.text[-3000:]
    assert "WARNING" not in sound.text.replace("[IPKernelApp] WARNING", "")


def test_a_flawed_book_fails(flawed: Outcome) -> None:
    assert flawed.code == 1


@pytest.mark.parametrize("name", FLAWS)
def test_each_flaw_is_named_with_its_place(flawed: Outcome, name: str) -> None:
    words = FLAWS[name][1]
    lines = [line for line in flawed.text.splitlines() if f"/{name}.md" in line and words in line]
    assert len(lines) == 1, "\n".join(x for x in flawed.text.splitlines() if f"/{name}.md" in x)
    assert "WARNING" in lines[0] or "ERROR" in lines[0]


def test_nothing_else_is_found_in_the_flawed_book(flawed: Outcome) -> None:
    findings = re.findall(r"(?:WARNING|ERROR): .*", flawed.text)
    assert len([line for line in findings if "IPKernelApp" not in line]) == len(FLAWS)


def test_a_raising_cell_fails_the_build(tmp_path: Path) -> None:
    outcome = build(tmp_path, {"raises": cell("assert 1 + 1 == 3, 'arithmetic'")})
    assert outcome.code == 1
    assert "AssertionError: arithmetic" in outcome.text


def test_kernels_know_that_the_page_is_static(sound: Outcome) -> None:
    assert "static 1" in (sound.html / "twin.html").read_text("utf-8")


def test_scripts_are_loaded_where_they_are_needed_only(sound: Outcome) -> None:
    pages = {name: (sound.html / f"{name}.html").read_text("utf-8") for name in ("sound", "twin")}
    scripts = {name: re.findall(r"ccmc-(\w+)\.js", page) for name, page in pages.items()}
    assert scripts == {"sound": [], "twin": ["kit", "assumption_switches"]}
    for name in scripts["twin"]:
        assert (sound.html / "_static" / f"ccmc-{name}.js").is_file()
    assert "tex-svg.js" in pages["sound"]
    assert "tex-svg.js" not in pages["twin"]


def test_questions_are_groups_with_verdicts(sound: Outcome) -> None:
    page = (sound.html / "sound.html").read_text("utf-8")
    assert page.count('name="quick-question-1"') == 2
    assert re.findall(r'<p class="verdict[^"]*">([^<]*)</p>', page) == ["Right", "Not this one"]


def test_citations_name_author_and_year(sound: Outcome) -> None:
    page = (sound.html / "sound.html").read_text("utf-8")
    assert re.search(r"Ildiz <em>et al\.</em> \(<a[^>]*>2024</a>\)", page)
    entry = (sound.html / "intro.html").read_text("utf-8")
    assert "Ildiz et al. 2024" in entry
    assert 'role="listitem"' in entry


def test_notes_for_a_session_are_left_to_the_notebook(sound: Outcome) -> None:
    assert "This session ends." not in (sound.html / "sound.html").read_text("utf-8")
    source = sound.html / "_sources" / "sound.ipynb"
    assert "This session ends." in source.read_text("utf-8")


def test_no_page_names_a_script_of_another_host(sound: Outcome) -> None:
    for page in sound.html.glob("*.html"):
        tags = re.findall(r"<(?:script|link|img)\b[^>]*>", page.read_text("utf-8"))
        fetched = [tag for tag in tags if re.search(r'(?:src|href)="(?:https?:)?//', tag)]
        assert [tag for tag in fetched if 'rel="canonical"' not in tag] == []


def test_only_what_readers_need_is_published(sound: Outcome) -> None:
    names = {path.name for path in sound.html.iterdir()}
    assert {"intro.html", "index.html", "mathjax", "_static"} <= names
    assert not names & {"refresh.py", "__pycache__", "extension", "course_tasks", "tests"}
    icons = (sound.html / "_static" / "course-icons.css").read_text("utf-8")
    assert ".fa-rocket::before" in icons
    assert len(icons) < 40_000
