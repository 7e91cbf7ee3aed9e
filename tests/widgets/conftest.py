"""Bare pages for the widgets, one for each host, in a temporary folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browser import serve

from ccmc_teach.widgets import (
    Assumption,
    AssumptionSwitches,
    CountsTimesTastes,
    static_script,
)
from ccmc_teach.widgets.link import SOURCES, link

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


def switches(**options: Any) -> AssumptionSwitches:
    """Return the switches that every test page shows."""
    return AssumptionSwitches(
        conclusion="The layer is a Markov chain tilted by the counts of the prompt.",
        assumptions=[
            Assumption(
                "Tied read-out",
                "The read-out turns the embedding of a word back into that word alone.",
                "With an untied read-out the word cat, which is not in the prompt, gets 0.31.",
                columns=("next word", "attention", "chain"),
                rows=[("cat", "0.31", "0.00"), ("dog", "0.69", "1.00")],
            ),
            Assumption(
                "No positions",
                "A word is heard the same wherever it stands.",
                "With positions the prompts dog cat and cat dog give different laws.",
                columns=("prompt", "next is cat", "next is dog"),
                rows=[("dog cat", "0.27", "0.73"), ("cat dog", "0.50", "0.50")],
            ),
            Assumption(
                "Values are the embeddings",
                "What is read at a position is the word that stands there.",
                "With swapped values attention on cat writes dog.",
            ),
        ],
        **options,
    )


def page_text(body: str, head: str = "", attributes: str = "") -> str:
    """Return a bare page with one heading."""
    return HEAD.format(body=body, head=head, attributes=attributes)


@dataclass(frozen=True)
class Pages:
    """Where the bare pages stand: a folder, and its address on the loopback interface."""

    folder: Path
    url: str

    def write(self, name: str, text: str) -> str:
        """Write a page and return its address."""
        (self.folder / name).write_text(text, "utf-8")
        return self.url + name


def module_page(widgets: list[Any], how: str) -> str:
    """Return a page that mounts widgets by their modules, each in a shadow root of its own."""
    calls = "".join(
        f"await go({i}, {json.dumps(widget.module)}, {json.dumps(widget.inputs())});"
        for i, widget in enumerate(widgets)
    )
    script = f"""{BARE_MODEL}
    window.models = []; window.stops = [];
    async function go(i, name, values) {{
      const el = document.createElement("div"), outer = document.createElement("div");
      outer.attachShadow({{mode: "open"}}).append(el);
      document.querySelector("main").append(outer);
      const {{ default: widget }} = {how};
      window.models[i] = new BareModel(values);
      window.stops[i] = await widget.render({{ model: window.models[i], el }});
    }}
    {calls} window.ready = true;"""
    return page_text("", f'<script type="module">{script}</script>')


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Build the bare pages once and serve them."""
    folder = tmp_path_factory.mktemp("pages")
    shutil.copytree(SOURCES, folder / "js")
    widgets = [CountsTimesTastes(), switches()]
    script = '<script src="widgets.js"></script>'
    twins = "".join(widget.static_html() for widget in widgets)
    texts = {
        "widgets.js": static_script(),
        "static.html": page_text(twins, script),
        "dark.html": page_text(twins, script, ' data-theme="dark"'),
        "modules.html": module_page(widgets, "await import(`./js/${name}`)"),
        "blob.html": module_page(
            widgets,
            "await fetch(`linked/${name}`).then((r) => r.text()).then((text) => "
            'import(URL.createObjectURL(new Blob([text], { type: "text/javascript" }))))',
        ),
        "empty.html": page_text(""),
    }
    (folder / "linked").mkdir()
    for widget in widgets:
        texts[f"linked/{widget.module}"] = link(widget.module.removesuffix(".mjs"))
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    with serve(folder) as url:
        yield Pages(folder, url)
