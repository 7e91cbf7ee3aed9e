"""Joining modules: one text for a live notebook, one for a page opened from a disk."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from ccmc_teach.widgets.link import (
    SOURCES,
    link,
    ordered,
    parse,
    static_script,
    static_scripts,
    widgets,
)
from widgets.conftest import Pages

ALL = sorted(file.stem for file in SOURCES.glob("*.mjs"))
WIDGETS = widgets()


# A host that notes who has come.
HOST = (
    "export const register = (name, widget) => { window.result ??= []; "
    "window.result.push(`${name} ${widget.render()}`); };\n"
)


def write(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        (folder / f"{name}.mjs").write_text(text, "utf-8")
    return folder


def run(browser: Browser, script: str) -> Any:
    """Run a text as a module script and return what it leaves in ``window.result``."""
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content(f'<script type="module">{script}</script>')
    result = page.evaluate("window.result")
    page.close()
    assert not errors
    return result


def test_parse_takes_names_in_the_order_of_the_source() -> None:
    module = parse(
        "dice",
        "// A die.\n"
        'import { one, two as pair } from "./small.mjs";\n'
        'import {\n  three,\n} from "./more.mjs";\n'
        "export const six = 6;\nexport class Die {}\nexport async function roll() {}\n"
        "export function stop() {}\nconst hidden = 1;\nexport default { six };\n",
    )
    assert module.imports == (("small", "one, two: pair"), ("more", "three"))
    assert module.exports == ("six", "Die", "roll", "stop", "default")
    assert "import" not in module.body
    assert "export" not in module.body
    assert "A die" not in module.body


@pytest.mark.parametrize(
    "line",
    [
        'import draw from "./draw.mjs";',
        'import * as draw from "./draw.mjs";',
        'import "./draw.mjs";',
        'import { line } from "https://example.org/draw.mjs";',
        'import { line } from "../draw.mjs";',
        'const draw = await import("./draw.mjs");',
        "const here = import.meta.url;",
        "export let moving = 1;",
        "export { six };",
        'export * from "./draw.mjs";',
        "export const six = 1;\nexport const six = 2;",
        "export default 1;\nexport default 2;",
    ],
)
def test_what_cannot_be_joined_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"dice\.mjs holds .*; a joined module needs"):
        parse("dice", line + "\n")


def test_dependencies_come_first_and_once(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        a='import { b } from "./b.mjs";\nimport { c } from "./c.mjs";\nexport const a = b + c;\n',
        b='import { c } from "./c.mjs";\nexport const b = c;\n',
        c="export const c = 1;\n",
    )
    assert [module.name for module in ordered(["a", "c"], folder)] == ["c", "b", "a"]


def test_a_circle_is_refused(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        a='import { b } from "./b.mjs";\nexport const a = 1;\n',
        b='import { a } from "./a.mjs";\nexport const b = 1;\n',
    )
    with pytest.raises(ValueError, match=r"in a circle: a -> b -> a\.$"):
        ordered(["a"], folder)


def test_a_missing_module_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, a='import { b } from "./b.mjs";\nexport const a = 1;\n')
    with pytest.raises(ValueError, match=r"b\.mjs"):
        ordered(["a"], folder)


def test_a_widget_needs_a_default_export(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no default export"):
        link("a", write(tmp_path, a="export const a = 1;\n"))


def test_names_of_different_modules_never_meet(tmp_path: Path, browser: Browser) -> None:
    folder = write(
        tmp_path,
        a='import { size as width } from "./c.mjs";\nconst size = 2;\nconst a = width * size;\n'
        "export default { render: () => a };\n",
        b='import { size } from "./c.mjs";\nconst a = 5;\n'
        "export default { render: () => a * size };\n",
        c="const secret = 7;\nexport const size = secret;\n",
        host=HOST,
    )
    assert run(browser, static_script(folder)) == ["a.mjs 14", "b.mjs 35"]
    linked = link("a", folder).replace("export default", "window.result =")
    assert run(browser, linked + "\nwindow.result = window.result.render();") == 14


def test_the_classic_script_leaves_no_global_name(browser: Browser) -> None:
    page = browser.new_page()
    before = set(page.evaluate("Object.keys(window)"))
    page.add_script_tag(content=static_script())
    assert set(page.evaluate("Object.keys(window)")) == before
    assert page.evaluate("typeof $draw") == "undefined"
    page.close()


@pytest.mark.parametrize("name", ALL)
def test_joined_exports_are_the_module_s_own(browser: Browser, pages: Pages, name: str) -> None:
    page = browser.new_page()
    page.goto(pages.url + "empty.html")
    own = page.evaluate(f"async () => Object.keys(await import('./js/{name}.mjs'))")
    page.close()
    exports = ordered([name])[-1].exports
    assert sorted(exports) == sorted(own)


@pytest.mark.parametrize("widget", WIDGETS)
def test_linked_module_has_no_import_and_one_export(widget: str) -> None:
    text = link(widget)
    assert not re.search(r"^\s*import\b", text, re.MULTILINE)
    assert re.findall(r"^export .*", text, re.MULTILINE) == [f"export default ${widget}.default;"]


def test_every_widget_has_a_script_after_the_kit() -> None:
    scripts = static_scripts()
    assert list(scripts) == ["kit", *WIDGETS]
    for name in WIDGETS:
        assert re.findall(r'register\("(\w+)\.mjs"', scripts[name]) == [name]
    assert "register(" not in scripts["kit"].replace("function register(", "")
    assert static_script() == "".join(scripts.values())
    assert {"assumption_switches", "counts_times_tastes"} <= set(WIDGETS)


SHELF = 'window[Symbol.for("ccmc")]'


def shared(tmp_path: Path) -> Path:
    """Write two widgets, modules for both and for one of them, and a module that nobody needs."""
    return write(
        tmp_path,
        a='import { both } from "./both.mjs";\nimport { own } from "./own_a.mjs";\n'
        "export default { render: () => both + own };\n",
        b='import { both } from "./both.mjs";\nexport default { render: () => both };\n',
        both='import { deep } from "./deep.mjs";\nexport const both = deep + 1;\n',
        deep="export const deep = 40;\n",
        own_a='import { deep } from "./deep.mjs";\nexport const own = deep;\n',
        unused="export const unused = 1;\n",
        host=HOST,
    )


def test_the_kit_holds_what_most_widgets_need_and_a_widget_the_rest(tmp_path: Path) -> None:
    scripts = static_scripts(shared(tmp_path))
    scopes = {
        name: re.findall(r"^const \$(\w+) = \(", text, re.M) for name, text in scripts.items()
    }
    assert scopes == {"kit": ["host", "deep", "both"], "a": ["own_a", "a"], "b": ["b"]}
    assert "const { $both, $deep, $host } = " + SHELF in scripts["a"]
    assert "const { $both, $host } = " + SHELF in scripts["b"]


def test_what_half_of_the_widgets_share_is_copied(tmp_path: Path, browser: Browser) -> None:
    folder = shared(tmp_path)
    for name in "cd":
        write(folder, **{name: "export default { render: () => 0 };\n"})
    scripts = static_scripts(folder)
    assert "$both =" not in scripts["kit"]
    assert "$both =" in scripts["a"]
    assert "$both =" in scripts["b"]
    write(folder, c='import { both } from "./both.mjs";\nexport default { render: () => both };\n')
    assert "$both =" in static_scripts(folder)["kit"]
    assert run(browser, scripts["kit"] + scripts["a"] + scripts["b"]) == ["a.mjs 81", "b.mjs 41"]


def test_scripts_work_apart_and_in_any_number(tmp_path: Path, browser: Browser) -> None:
    scripts = static_scripts(shared(tmp_path))
    assert run(browser, scripts["kit"] + scripts["b"]) == ["b.mjs 41"]
    assert run(browser, scripts["kit"] + scripts["b"] + scripts["a"]) == ["b.mjs 41", "a.mjs 81"]
    again = scripts["kit"].replace("deep = 40", "deep = 0")
    both = scripts["kit"] + scripts["b"] + again + scripts["a"]
    assert run(browser, both) == ["b.mjs 41", "a.mjs 81"], "the first kit stays"


def test_a_widget_called_kit_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, host=HOST, kit="export default {};\n")
    with pytest.raises(ValueError, match=r"^kit\.mjs is a widget; the name belongs to"):
        static_scripts(folder)


def test_joining_is_deterministic_and_needs_no_kernel() -> None:
    code = (
        "import sys; from ccmc_teach.widgets import static_script; "
        "sys.stdout.buffer.write(static_script().encode()); "
        "assert not {'anywidget', 'ipywidgets', 'matplotlib'} & set(sys.modules)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {static_script().encode()}
