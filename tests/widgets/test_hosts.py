"""One widget, every host: static page, page from a disk, live string, bare contract, two views."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from browser import RecordedPage

from ccmc_teach.widgets import CountsTimesTastes
from widgets.conftest import Pages, page_text, switches
from widgets.screen import Screen

OpenPage = Callable[..., RecordedPage]


def shadow_text(page: RecordedPage) -> list[str]:
    """Return the text of every widget, inside whatever shadow roots."""
    texts: list[str] = page.locator(".ccmc-widget").evaluate_all(
        "nodes => nodes.map(n => n.shadowRoot.querySelector('section').textContent)"
    )
    return texts


def test_the_same_picture_from_every_source(open_page: OpenPage, pages: Pages) -> None:
    texts = {}
    for name in ("static.html", "modules.html", "blob.html"):
        page = open_page(pages.url + name)
        page.locator(".ccmc-widget").nth(1).get_by_role("switch").first.wait_for()
        page.locator(".ccmc-widget").nth(0).get_by_role("slider").first.wait_for()
        texts[name] = shadow_text(page)
        assert not page.troubles, name
    assert texts["static.html"] == texts["modules.html"] == texts["blob.html"]
    assert len(texts["static.html"]) == 2


def test_a_page_from_a_disk(open_page: OpenPage, pages: Pages) -> None:
    page = open_page((pages.folder / "static.html").as_uri())
    screen = Screen(page)
    screen.press(screen.count("dog"), "ArrowUp")
    assert screen.value(screen.count("dog")) == 4
    page.get_by_role("switch", name="No positions").click()
    screen.settle()
    assert page.locator(".ccmc-widget").get_by_text("dog cat and cat dog give").is_visible()
    assert not page.troubles


@pytest.mark.parametrize("name", ["modules.html", "blob.html"])
def test_a_host_that_does_only_half(open_page: OpenPage, pages: Pages, name: str) -> None:
    page = open_page(pages.url + name)
    page.wait_for_function("window.ready")
    screen = Screen(page, "window.models[0]")
    screen.press(screen.count("dog"), "ArrowUp", "ArrowUp")
    assert screen.inputs()["prompt"].count(1) == 5
    assert screen.agrees_with_python()
    page.get_by_role("switch", name="Tied").click()
    page.evaluate("window.stops.forEach(stop => stop())")
    screen.set(prompt=[0, 1])
    page.evaluate("window.models[1].set('on', [true, true, true])")
    page.wait_for_timeout(800)
    assert page.locator(".ccmc-widget").count() == 0
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


def test_cleanup_leaves_nothing(open_page: OpenPage, pages: Pages) -> None:
    page = open_page(pages.url + "empty.html")
    page.evaluate(TWO_VIEWS, CountsTimesTastes().inputs())
    screen = Screen(page, "window.model")
    screen.press(screen.count("dog"), "ArrowUp")
    assert page.evaluate("window.model.heard") > 0
    page.evaluate(
        """() => {
          const { shadowRoot } = document.querySelector(".ccmc-widget");
          window.root = shadowRoot.querySelector("section");
          window.stops.forEach(stop => stop()); }"""
    )
    assert page.evaluate("window.model.heard") == 0
    assert page.locator("main > div").evaluate_all(
        "nodes => nodes.map(n => n.children.length)"
    ) == [0, 0]
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.set_viewport_size({"width": 500, "height": 600})
    screen.set(prompt=[0, 1, 2])
    page.wait_for_timeout(800)
    assert page.evaluate("window.root.dataset.theme") == "light", (
        "it has stopped to follow the page"
    )
    assert not page.troubles


# ---- the twin that needs no script


def test_without_scripts_the_twin_stands_for_itself(open_page: OpenPage, pages: Pages) -> None:
    page = open_page(pages.url + "static.html", java_script_enabled=False)
    text = page.inner_text("main")
    assert "How do counts tilt the chain?" in text
    assert CountsTimesTastes().summary() in text
    for assumption in switches().assumptions:
        assert assumption.name in text
        assert assumption.fails in text
    assert "This part moves where scripts are allowed." in text
    cells = page.locator(".ccmc-numbers").first.locator("tbody tr").first.inner_text().split()
    assert cells == ["cat", "2", "0.150", "0.300", "11.8%", "15.0%"]
    picture = page.locator(".ccmc-static").first.locator("figure svg")
    assert picture.is_visible()


def test_print_shows_the_twin_and_the_screen_the_widget(open_page: OpenPage, pages: Pages) -> None:
    page = open_page(pages.url + "static.html")
    Screen(page)
    fallback, widget = page.locator(".ccmc-fallback").first, page.locator(".ccmc-widget").first
    assert widget.is_visible()
    assert not fallback.is_visible()
    page.emulate_media(media="print")
    assert fallback.is_visible()
    assert not widget.is_visible()


def test_a_widget_that_fails_leaves_its_twin(open_page: OpenPage, pages: Pages) -> None:
    good = CountsTimesTastes().static_html()
    broken = good.replace("counts_times_tastes.mjs", "unknown.mjs")
    unread = good.replace('data-state="{', 'data-state="')
    url = pages.write(
        "broken.html", page_text(broken + unread + good, '<script src="widgets.js"></script>')
    )
    page = open_page(url)
    Screen(page)
    visible = page.locator(".ccmc-fallback").evaluate_all(
        "nodes => nodes.map(n => n.checkVisibility())"
    )
    assert visible == [True, True, False]
    assert page.locator(".ccmc-widget").count() == 1
    assert len(page.console_errors) == 2


def test_the_script_brings_a_widget_to_life_once(open_page: OpenPage, pages: Pages) -> None:
    page = open_page(pages.url + "static.html")
    Screen(page)
    page.add_script_tag(url="widgets.js")
    assert page.locator(".ccmc-widget").count() == 2


def test_hostile_text_stays_text(open_page: OpenPage, pages: Pages) -> None:
    word = "<b>\"&'"
    widget = CountsTimesTastes(labels=[word, "dog", "owl", "</p><i>x"])
    page = open_page(
        pages.write(
            "text.html", page_text(widget.static_html(), '<script src="widgets.js"></script>')
        )
    )
    screen = Screen(page)
    assert json.loads(page.locator(".ccmc-static").get_attribute("data-state"))["labels"][0] == word
    assert page.evaluate("document.querySelectorAll('main b, main i').length") == 0
    assert screen.root.locator("i").count() == 0
    assert screen.count(word).count() == 1
    assert screen.table() == list(widget.table().rows)
