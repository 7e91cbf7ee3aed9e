"""The twins as a whole: every module stands in both languages and answers as its file says."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser

from ccmc_teach.widgets.link import SOURCES
from widgets import golden
from widgets.conftest import Pages
from widgets.languages import TWINS, Ask, camel, public, python, same


@pytest.mark.parametrize("module", TWINS)
def test_golden_file_is_what_python_answers(module: str) -> None:
    assert golden.file(module).read_text("utf-8") == golden.text(module)


@pytest.mark.parametrize("module", TWINS)
def test_golden_vectors_in_the_browser(ask: Ask, module: str) -> None:
    cases = json.loads(golden.file(module).read_text("utf-8"))
    answers = ask(module, [(case["function"], case["arguments"]) for case in cases])
    for case, got in zip(cases, answers, strict=True):
        assert same(got, {"answer": case["answer"]}), (case, got)


@pytest.mark.parametrize("module", TWINS)
def test_every_function_stands_in_both_languages_and_has_a_golden_case(
    browser: Browser, pages: Pages, module: str
) -> None:
    page = browser.new_page()
    page.goto(pages.url + "empty.html")
    exports = page.evaluate(
        """async name => { const twins = await import(`./js/${name}.mjs`);
          return Object.fromEntries(Object.entries(twins).map(([name, value]) =>
            [name, typeof value === "function" ? null : value])); }""",
        f"twins_{module}",
    )
    page.close()
    functions, constants = public(module)
    assert sorted(exports) == sorted([*map(camel, functions), *constants])
    assert {function for function, _, _ in golden.cases(module)} == set(functions)
    values = {name: getattr(golden.twin(module), name) for name in constants}
    assert json.loads(json.dumps(values)) == {name: exports[name] for name in constants}


def test_no_twin_stands_alone() -> None:
    in_js = {file.stem.removeprefix("twins_") for file in SOURCES.glob("twins_*.mjs")}
    cases = {file.stem for file in golden.FOLDER.glob("*.py") if file.stem[0] != "_"}
    answers = {file.stem for file in golden.FOLDER.glob("*.json")}
    assert in_js == cases == answers == set(TWINS)
    assert {"basics", "counts_times_tastes"} <= set(TWINS)


def test_answers_are_compared_to_the_last_digits() -> None:
    assert same([1, 0.5, "a", {"b": None}], [1, 0.5, "a", {"b": None}])
    assert same(0.1 + 0.2, 0.3)
    assert same(1, 1.0)
    for got, wanted in [(1.000001, 1.0), ([1], [1, 2]), (True, 1), ("1", 1), ({"a": 1}, {"b": 1})]:
        assert not same(got, wanted)
    assert python("basics", [("decimal", [1e9, 0])])[0]["refusal"].startswith("A number on")
    assert public("counts_times_tastes")[1] == ["MAX_COUNT"]
