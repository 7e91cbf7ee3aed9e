"""Bare pages for every widget, one for each host, in a temporary folder; and the two languages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser import RecordedPage, serve
from playwright.sync_api import Browser

from ccmc_teach.widgets import static_script, static_scripts
from ccmc_teach.widgets.base import CourseWidget
from ccmc_teach.widgets.link import SOURCES, link
from widgets.examples import example
from widgets.languages import Ask, camel

HEAD = (
    '<!DOCTYPE html><html lang="en"{attributes}><head><meta charset="utf-8"><title>Widgets</title>'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    '<link rel="icon" href="data:,"><style>body{{font:16px/1.5 sans-serif;max-width:820px;'
    "margin:24px auto;padding:0 12px;background:#fff;color:#1c2733}}"
    "html[data-theme=dark] body{{background:#14181d;color:#e6eaef}}"
    "html[data-theme=dark]{{color-scheme:dark}}</style>{head}</head>"
    "<body><main><h1>Widgets</h1>{body}</main></body></html>"
)

# The contract of a host that leaves off(), save_changes() and send() unimplemented.
BARE_MODEL = """
class BareModel {
  #values; #target = new EventTarget();
  constructor(values) { this.#values = values; }
  get(key) { return this.#values[key]; }
  set(key, value) {
    this.#values[key] = value;
    this.#target.dispatchEvent(new CustomEvent(`change:${key}`));
  }
  on(event, react) { this.#target.addEventListener(event, react); }
  off() { throw new Error("off is not implemented"); }
  save_changes() { throw new Error("save_changes is not implemented"); }
  send() { throw new Error("send is not implemented"); }
}
"""


def page_text(body: str, head: str = "", attributes: str = "") -> str:
    """Return a bare page with one heading."""
    return HEAD.format(body=body, head=head, attributes=attributes)


def script_tags(*names: str) -> str:
    """Return the tags of the kit and of some widgets, as a page of the site has them."""
    return "".join(f'<script defer src="ccmc-{name}.js"></script>' for name in ("kit", *names))


@dataclass(frozen=True)
class Pages:
    """Where the bare pages stand: a folder, and its address on the loopback interface."""

    folder: Path
    url: str

    def write(self, name: str, text: str) -> str:
        """Write a page and return its address."""
        (self.folder / name).write_text(text, "utf-8")
        return self.url + name

    def show(self, *widgets: CourseWidget, dark: bool = False) -> str:
        """Write a static page with some widgets and return its address."""
        stems = [widget.module.removesuffix(".mjs") for widget in widgets]
        body = "".join(widget.static_html() for widget in widgets)
        attributes = ' data-theme="dark"' if dark else ""
        name = f"shown-{len(list(self.folder.glob('shown-*')))}.html"
        return self.write(name, page_text(body, script_tags(*dict.fromkeys(stems)), attributes))

    def of(self, name: str, how: str = "static") -> str:
        """Return the address of the page of one widget.

        ``how`` is "static" or "dark" for a page as the site has it, "modules" for one that imports
        the module, "blob" for one that runs the joined text, as a live notebook does.
        """
        page = f"{name}-{how}.html"
        if not (self.folder / page).is_file():
            self._make(page, name, how)
        return self.url + page

    def _make(self, page: str, name: str, how: str) -> None:
        widget = example(name)
        if how in ("static", "dark"):
            attributes = ' data-theme="dark"' if how == "dark" else ""
            self.write(page, page_text(widget.static_html(), script_tags(name), attributes))
            return
        if how == "blob":
            self.write(f"linked-{widget.module}", link(name))
        self.write(page, module_page(widget, HOW[how]))


HOW = {
    "modules": "await import(`./js/${name}`)",
    "blob": "await fetch(`linked-${name}`).then((r) => r.text()).then((text) => "
    'import(URL.createObjectURL(new Blob([text], { type: "text/javascript" }))))',
}


def module_page(widget: CourseWidget, how: str) -> str:
    """Return a page that mounts a widget by its module, in a shadow root of its own."""
    script = f"""{BARE_MODEL}
    const name = {json.dumps(widget.module)};
    const el = document.createElement("div"), outer = document.createElement("div");
    outer.attachShadow({{mode: "open"}}).append(el);
    document.querySelector("main").append(outer);
    const {{ default: widget }} = {how};
    window.model = new BareModel({json.dumps(widget.inputs())});
    window.stop = await widget.render({{ model: window.model, el }});
    window.ready = true;"""
    return page_text("", f'<script type="module">{script}</script>')


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Serve a folder with the scripts and the modules; its pages are written when asked for."""
    folder = tmp_path_factory.mktemp("pages")
    shutil.copytree(SOURCES, folder / "js")
    texts = {f"ccmc-{name}.js": text for name, text in static_scripts().items()}
    texts |= {"widgets.js": static_script(), "empty.html": page_text("")}
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    with serve(folder) as url:
        yield Pages(folder, url)


@pytest.fixture(scope="module")
def ask(browser: Browser, pages: Pages) -> Iterator[Ask]:
    """Return a function that sends a batch of calls to a module of the twins in the browser."""
    page = browser.new_page()
    page.goto(pages.url + "empty.html")
    script = """async ([module, calls]) => {
      const twins = await import(`./js/twins_${module}.mjs`);
      return calls.map(([name, args]) => {
        try { return { answer: twins[name](...args) }; }
        catch (error) { return { refusal: error.message }; }
      });
    }"""
    yield lambda module, calls: page.evaluate(
        script, [module, [[camel(name), arguments] for name, arguments in calls]]
    )
    page.close()


KIT = (
    "draw", "mount", "controls", "host", "prompt_strip", "predictions", "matrix_view", "row_bars",
    "chain_diagram", "line_plot", "ternary_plot", "twins_basics",
)  # fmt: skip


@pytest.fixture
def bench(open_page: Callable[..., RecordedPage], pages: Pages) -> RecordedPage:
    """Return an empty page with all that the modules of the kit export at hand, as ``kit``.

    There ``show(...nodes)`` puts nodes on the page, and ``view(css, draw)`` makes a view, whose
    ``root`` takes the parts.
    """
    page = open_page(pages.url + "empty.html")
    page.evaluate(
        """async (names) => {
          const modules = await Promise.all(names.map((name) => import(`./js/${name}.mjs`)));
          window.kit = Object.assign({}, ...modules);
          window.show = (...nodes) => document.querySelector("main").replaceChildren(...nodes);
          window.view = (css, draw) => kit.mount(document.querySelector("main"),
            { name: "bench", title: "Bench", css, draw });
        }""",
        list(KIT),
    )
    return page
