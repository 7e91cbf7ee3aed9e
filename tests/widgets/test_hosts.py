"""What hosts do to a widget, shown on one: two views, frames, broken states, late scripts."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from browser import RecordedPage

from ccmc_teach.widgets import CountsTimesTastes, static_scripts
from widgets.conftest import Pages, page_text, script_tags
from widgets.examples import example
from widgets.screen import Screen

OpenPage = Callable[..., RecordedPage]
COUNTS = "counts_times_tastes"


@pytest.mark.parametrize("how", ["modules", "blob"])
def test_a_bare_host_agrees_with_python(open_page: OpenPage, pages: Pages, how: str) -> None:
    page = open_page(pages.of(COUNTS, how))
    screen = Screen(page, "window.model")
    screen.press(screen.count("dog"), "ArrowUp", "ArrowUp")
    assert screen.inputs()["prompt"].count(1) == 5
    assert screen.agrees_with_python()
    assert not page.troubles


TWO_VIEWS = """async values => {
  const { default: widget } = await import('./js/counts_times_tastes.mjs');
  const { Model } = await import('./js/host.mjs');
  class Counting extends Model {
    saved = 0; heard = 0;
    on(...all) { this.heard += 1; super.on(...all); }
    off(...all) { this.heard -= 1; super.off(...all); }
    save_changes() { this.saved += 1; }
  }
  window.model = new Counting(values);
  window.stops = [0, 1].map(() => {
    const el = document.createElement('div');
    document.querySelector('main').append(el);
    return widget.render({ model: window.model, el });
  });
}"""


def test_two_views_of_one_model(open_page: OpenPage, pages: Pages) -> None:
    page = open_page(pages.url + "empty.html")
    page.evaluate(TWO_VIEWS, CountsTimesTastes().inputs())
    first = Screen(page, "window.model")
    second = Screen(page, "window.model")
    second.root = page.locator(".ccmc-widget").nth(1)
    second.press(second.count("owl"), "ArrowUp")
    first.choose("grouped by word")
    first.click("Nothing")
    assert second.value(second.count("owl")) == 8
    assert second.told().startswith("Right.")
    assert second.root.get_by_role("radio", name="grouped by word").is_checked()
    assert second.agrees_with_python()


def test_changes_of_one_frame_are_saved_once_and_none_is_lost(
    open_page: OpenPage, pages: Pages
) -> None:
    page = open_page(pages.url + "empty.html")
    page.evaluate(TWO_VIEWS, CountsTimesTastes().inputs())
    screen = Screen(page, "window.model")
    press = (
        "node => { for (let i = 0; i < 3; i++) node.dispatchEvent(new KeyboardEvent('keydown', "
        "{ key: 'ArrowUp', bubbles: true, composed: true })); %s }"
    )
    screen.count("dog").evaluate(press % "")
    screen.settle()
    assert page.evaluate("window.model.saved") == 1
    # A view that is closed before its frame came still tells the kernel.
    screen.count("dog").evaluate(press % "window.stops[0]();")
    assert page.evaluate("window.model.saved") == 2
    assert page.evaluate("window.model.get('prompt').filter(t => t === 1).length") == 9


# ---- the twin that needs no script


def test_the_twins_hold_their_words_and_numbers(open_page: OpenPage, pages: Pages) -> None:
    switches = example("assumption_switches")
    page = open_page(pages.show(CountsTimesTastes(), switches), java_script_enabled=False)
    text = page.inner_text("main")
    assert CountsTimesTastes().summary() in text
    for assumption in switches.assumptions:
        assert assumption.name in text
        assert assumption.fails in text
    cells = page.locator(".ccmc-numbers").first.locator("tbody tr").first.inner_text().split()
    assert cells == ["cat", "2", "0.150", "0.300", "11.8%", "15.0%"]
    assert page.locator(".ccmc-static").first.locator("figure svg").is_visible()


def test_a_widget_that_fails_leaves_its_twin(open_page: OpenPage, pages: Pages) -> None:
    good = CountsTimesTastes().static_html()
    broken = good.replace("counts_times_tastes.mjs", "unknown.mjs")
    unread = good.replace('data-state="{', 'data-state="')
    page = open_page(
        pages.write("broken.html", page_text(broken + unread + good, script_tags(COUNTS)))
    )
    Screen(page)
    visible = page.locator(".ccmc-fallback").evaluate_all(
        "nodes => nodes.map(n => n.checkVisibility())"
    )
    assert visible == [True, True, False]
    assert page.locator(".ccmc-widget").count() == 1
    assert len(page.console_errors) == 1


def test_a_widget_whose_script_is_missing_leaves_its_twin(
    open_page: OpenPage, pages: Pages
) -> None:
    both = CountsTimesTastes().static_html() + example("assumption_switches").static_html()
    page = open_page(pages.write("missing.html", page_text(both, script_tags(COUNTS))))
    Screen(page)
    visible = page.locator(".ccmc-fallback").evaluate_all(
        "nodes => nodes.map(n => n.checkVisibility())"
    )
    assert visible == [False, True]
    assert not page.troubles


def test_scripts_work_before_and_after_the_page_is_read(open_page: OpenPage, pages: Pages) -> None:
    scripts = static_scripts()
    early = "".join(f"<script>{scripts[name]}</script>" for name in ("kit", COUNTS))
    url = pages.write("early.html", page_text(CountsTimesTastes().static_html(), early))
    Screen(open_page(url))
    late = open_page(pages.write("late.html", page_text(CountsTimesTastes().static_html())))
    for name in ("kit", COUNTS):
        late.add_script_tag(url=f"ccmc-{name}.js")
    Screen(late)
    assert not late.troubles


def test_the_script_brings_a_widget_to_life_once(open_page: OpenPage, pages: Pages) -> None:
    page = open_page(pages.of(COUNTS))
    screen = Screen(page)
    screen.press(screen.count("dog"), "ArrowUp")
    page.add_script_tag(url="widgets.js")
    assert page.locator(".ccmc-widget").count() == 1
    assert screen.value(screen.count("dog")) == 4
    texts = page.locator("head style").evaluate_all("nodes => nodes.map(n => n.textContent)")
    assert len([text for text in texts if "ccmc-fallback" in text]) == 1


def test_hostile_text_stays_text(open_page: OpenPage, pages: Pages) -> None:
    word = "<b>\"&'"
    widget = CountsTimesTastes(labels=[word, "dog", "owl", "</p><i>x"])
    page = open_page(pages.show(widget))
    screen = Screen(page)
    assert json.loads(page.locator(".ccmc-static").get_attribute("data-state"))["labels"][0] == word
    assert page.evaluate("document.querySelectorAll('main b, main i').length") == 0
    assert screen.root.locator("i").count() == 0
    assert screen.count(word).count() == 1
    assert screen.table() == list(widget.table().rows)
