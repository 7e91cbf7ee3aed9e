"""What every widget keeps to, whatever it shows: hosts, accessibility, sizes, hostile inputs."""

from __future__ import annotations

import gzip
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import RecordedPage

from ccmc_teach.widgets import CourseWidget, static_scripts
from ccmc_teach.widgets.link import SOURCES
from widgets.conftest import Pages, page_text, script_tags
from widgets.examples import NAMES, class_of, example
from widgets.screen import View

OpenPage = Callable[..., RecordedPage]
VIEW = "application/vnd.jupyter.widget-view+json"
WIDE: dict[str, Any] = {"viewport": {"width": 1000, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 375, "height": 812},
    "has_touch": True,
    "is_mobile": True,
}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LARGEST = {"kit": 12_000, "widget": 13_000, "page": 25_000}  # bytes, compressed

every_widget = pytest.mark.parametrize("name", NAMES)


def violations(page: RecordedPage) -> list[tuple[str, str]]:
    found = Axe().run(page.page, options={"runOnly": WCAG}).response["violations"]
    return [(rule["id"], node["html"][:120]) for rule in found for node in rule["nodes"]]


@pytest.fixture
def look(open_page: OpenPage, pages: Pages) -> Callable[..., View]:
    """Return a function that opens the page of a widget."""

    def look(name: str, how: str = "static", **options: Any) -> View:
        page = open_page(pages.of(name, how), **options)
        bare = how in ("modules", "blob")
        return View(page, name, *(["window.model"] if bare else []))

    return look


# ---- in Python


@pytest.fixture
def widget(name: str, monkeypatch: pytest.MonkeyPatch) -> CourseWidget:
    monkeypatch.delenv("CCMC_STATIC", raising=False)
    return example(name)


@every_widget
def test_a_live_output_has_the_view_and_the_twin(widget: CourseWidget) -> None:
    data, _ = widget._repr_mimebundle_()
    assert data[VIEW]["model_id"] == widget.model_id
    assert data["text/html"] == widget.static_html()
    assert data["text/plain"] == widget.summary()


@every_widget
def test_a_static_output_is_the_twin_alone(
    widget: CourseWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCMC_STATIC", "1")
    still = type(widget)(**{name: getattr(widget, name) for name in widget.inputs()})
    data, metadata = still._repr_mimebundle_()
    assert set(data) == {"text/html", "text/plain"}
    assert metadata == {}
    assert still.comm is None
    assert data["text/html"] == widget.static_html()


@every_widget
def test_the_twin_names_module_and_inputs(widget: CourseWidget, name: str) -> None:
    html = widget.static_html()
    state = json.loads(unescape(re.search(r'data-state="([^"]*)"', html)[1]))  # type: ignore[index]
    assert widget.module == f"{name}.mjs"
    assert f'data-module="{name}.mjs"' in html
    assert state == json.loads(json.dumps(widget.inputs()))
    assert widget.title() in unescape(html)
    assert html == widget.static_html(), "the same inputs give the same page"


@every_widget
def test_the_twin_is_well_formed(widget: CourseWidget) -> None:
    root = ET.fromstring(widget.static_html())
    assert root.attrib["class"] == "ccmc-static"
    assert [child.attrib["class"] for child in root] == ["ccmc-fallback"]
    assert not root.findall(".//script")


@every_widget
def test_inputs_are_the_synchronised_traits_of_the_widget_alone(widget: CourseWidget) -> None:
    base = set(CourseWidget().keys)
    assert set(widget.inputs()) == {key for key in widget.keys if key[0] != "_"} - base


@every_widget
def test_what_a_view_sends_is_taken(widget: CourseWidget) -> None:
    values = json.loads(json.dumps(widget.get_state(list(widget.inputs()))))
    before = json.loads(json.dumps(widget.inputs()))
    widget.set_state(values)
    assert json.loads(json.dumps(widget.inputs())) == before


@every_widget
def test_a_widget_says_what_it_is_in_whole_sentences(widget: CourseWidget, name: str) -> None:
    assert widget.title().endswith("?")
    assert widget.summary().endswith(".")
    assert "\n" not in widget.summary()
    assert class_of(name).__doc__


def size(text: str) -> int:
    """Return how many bytes of a text travel."""
    return len(gzip.compress(text.encode(), 9))


@every_widget
def test_scripts_fit_the_budget(widget: CourseWidget, name: str) -> None:
    scripts = static_scripts()
    assert size(scripts["kit"]) <= LARGEST["kit"]
    assert size(scripts[name]) <= LARGEST["widget"]
    assert size(scripts["kit"] + scripts[name]) <= LARGEST["page"]


# ---- hosts


@every_widget
def test_the_same_picture_from_every_source(look: Callable[..., View], name: str) -> None:
    texts = set()
    for how in ("static", "dark", "modules", "blob"):
        view = look(name, how)
        texts.add(view.text())
        assert not view.page.troubles, how
    assert len(texts) == 1


@every_widget
def test_a_page_from_a_disk(
    open_page: OpenPage, look: Callable[..., View], pages: Pages, name: str
) -> None:
    served = look(name)
    file = pages.folder / Path(urlsplit(pages.of(name)).path).name
    view = View(open_page(file.as_uri()), name)
    assert view.text() == served.text()
    view.stir()
    assert not view.page.troubles


@every_widget
@pytest.mark.parametrize("how", ["modules", "blob"])
def test_a_host_that_does_only_half(look: Callable[..., View], name: str, how: str) -> None:
    view = look(name, how, reduced_motion="reduce")
    view.stir()
    view.page.evaluate("window.stop()")
    view.set(**dict.fromkeys(example(name).inputs()))
    view.page.wait_for_timeout(800)
    assert view.page.locator(".ccmc-widget").count() == 0
    assert not view.page.troubles


COUNTED = """async ([name, values]) => {
  const { default: widget } = await import(`./js/${name}.mjs`);
  const { Model } = await import('./js/host.mjs');
  class Counting extends Model {
    heard = 0;
    on(...all) { this.heard += 1; super.on(...all); }
    off(...all) { this.heard -= 1; super.off(...all); }
  }
  window.model = new Counting(values);
  window.boxes = [0, 1].map(() => document.createElement('div'));
  document.querySelector('main').append(...boxes);
  window.stops = boxes.map((el) => widget.render({ model: window.model, el }));
}"""


@every_widget
def test_cleanup_leaves_nothing(open_page: OpenPage, pages: Pages, name: str) -> None:
    page = open_page(pages.url + "empty.html")
    page.evaluate(COUNTED, [name, example(name).inputs()])
    view = View(page, name, "window.model")
    view.stir()
    assert page.evaluate("window.model.heard") > 0
    page.evaluate(
        """() => {
          const { shadowRoot } = document.querySelector(".ccmc-widget");
          window.root = shadowRoot.querySelector("section");
          window.stops.forEach(stop => stop()); window.frames_ = 0;
          const raf = window.requestAnimationFrame;
          window.requestAnimationFrame = (f) => { window.frames_ += 1; return raf(f); }; }"""
    )
    assert page.evaluate("window.model.heard") == 0
    assert page.evaluate("window.boxes.map(n => n.children.length)") == [0, 0]
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.set_viewport_size({"width": 500, "height": 600})
    page.wait_for_timeout(800)
    assert page.evaluate("window.root.dataset.theme") == "light", "it follows the page no longer"
    assert page.evaluate("window.frames_") == 0, "nothing goes on in the background"
    assert not page.troubles


@every_widget
def test_two_views_of_one_model_show_the_same(open_page: OpenPage, pages: Pages, name: str) -> None:
    page = open_page(pages.url + "empty.html", reduced_motion="reduce")
    page.evaluate(COUNTED, [name, example(name).inputs()])
    view = View(page, name, "window.model")
    before = view.get(*example(name).inputs())
    view.root.get_by_role("slider").or_(view.root.get_by_role("switch")).first.focus()
    for key in ("ArrowUp", "ArrowRight", "Space"):
        page.keyboard.press(key)
    view.settle()
    after = view.get(*before)
    assert after != before, "the first slider or switch moves an input"
    second = page.locator(".ccmc-widget").nth(1)
    tables = [
        node.evaluate("n => n.shadowRoot.querySelector('svg, ul').outerHTML")
        for node in (view.root, second)
    ]
    # Numbers that keep names of groups apart may differ.
    assert re.sub(r"choice-\d+", "", tables[0]) == re.sub(r"choice-\d+", "", tables[1])


@every_widget
def test_without_scripts_the_twin_stands_for_itself(
    open_page: OpenPage, pages: Pages, name: str
) -> None:
    page = open_page(pages.of(name), java_script_enabled=False)
    text = page.inner_text("main")
    assert example(name).title() in text
    assert "This part moves where scripts are allowed." in text
    assert page.locator(".ccmc-fallback").locator("figure svg, ul, table").first.is_visible()
    assert page.troubles == []


@every_widget
def test_print_shows_the_twin_and_the_screen_the_widget(
    look: Callable[..., View], name: str
) -> None:
    view = look(name)
    fallback, widget = view.page.locator(".ccmc-fallback"), view.page.locator(".ccmc-widget")
    assert (widget.is_visible(), fallback.is_visible()) == (True, False)
    view.page.emulate_media(media="print")
    assert (widget.is_visible(), fallback.is_visible()) == (False, True)


def test_all_widgets_live_on_one_page(open_page: OpenPage, pages: Pages) -> None:
    widgets = [example(name) for name in NAMES]
    page = open_page(pages.show(*widgets, *widgets[:1]))
    for name in NAMES:
        View(page, name)
    assert page.locator(".ccmc-static[data-live]").count() == len(NAMES) + 1
    assert page.troubles == []


# ---- no reader is shut out


LOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "wide": ("static", WIDE),
    "dark": ("dark", WIDE),
    "phone": ("static", PHONE),
}


@every_widget
@pytest.mark.parametrize("kind", LOOKS)
def test_axe_finds_nothing(look: Callable[..., View], name: str, kind: str) -> None:
    how, options = LOOKS[kind]
    view = look(name, how, reduced_motion="reduce", **options)
    assert violations(view.page) == []
    view.stir()
    assert violations(view.page) == []
    assert not view.page.troubles


@every_widget
def test_axe_finds_nothing_without_scripts(look: Callable[..., View], name: str) -> None:
    page = look(name).page
    page.evaluate("document.querySelectorAll('.ccmc-static').forEach(n => n.stop())")
    page.evaluate("document.querySelectorAll('.ccmc-static').forEach(n => delete n.dataset.live)")
    assert page.locator(".ccmc-fallback").first.is_visible()
    assert violations(page) == []


OUTSIDE = """node => {
  const edge = node.getBoundingClientRect();
  return [...node.shadowRoot.querySelectorAll("text, p, button, legend, .choice")]
    .filter(n => n.checkVisibility() && n.textContent && !n.closest(".unseen, .scroll"))
    .map(n => [n.textContent, n.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.left < edge.left || box.right > edge.right))
    .map(([text]) => text);
}"""


@every_widget
@pytest.mark.parametrize("width", [320, 375, 480, 760])
def test_no_width_makes_the_page_scroll_sideways(
    look: Callable[..., View], name: str, width: int
) -> None:
    view = look(name, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    for stirred in (False, True):
        if stirred:
            view.stir()
        assert view.page.evaluate("document.documentElement.scrollWidth") <= width
        assert view.root.evaluate(OUTSIDE) == []


@every_widget
@pytest.mark.parametrize(("options", "least"), [(WIDE, 24), (PHONE, 44)], ids=["wide", "phone"])
def test_targets_are_large_enough(
    look: Callable[..., View], name: str, options: dict[str, Any], least: int
) -> None:
    view = look(name, **options)
    sizes = view.root.evaluate(
        """w => [...w.shadowRoot.querySelectorAll(
            "button, .choice, summary, input[type=range], .grip, .cells .handle .track")]
          .filter(n => n.checkVisibility({ visibilityProperty: true }))
          .map(n => [n.textContent || n.parentNode.parentNode.getAttribute("aria-label"),
            n.getBoundingClientRect().width, n.getBoundingClientRect().height])"""
    )
    assert len(sizes) >= 1
    # The gap between two cells of a table belongs to both.
    assert [size for size in sizes if min(size[1:]) < least - 3.01] == []


@every_widget
def test_every_slider_speaks(look: Callable[..., View], name: str) -> None:
    view = look(name)
    for slider in view.root.get_by_role("slider").all():
        said = slider.get_attribute("aria-valuetext")
        assert said, slider.evaluate("n => n.outerHTML.slice(0, 200)")
    live = view.root.get_by_role("status")
    view.page.wait_for_timeout(900)
    assert str(live.text_content()).endswith(".")


@every_widget
def test_plain_keys_stay_inside(look: Callable[..., View], name: str) -> None:
    view = look(name)
    view.page.evaluate(
        "window.keys = []; document.addEventListener('keydown', e => keys.push(e.key))"
    )
    for node in view.root.locator("[role=slider], input, button").all()[:6]:
        if node.is_visible():
            node.focus()
            for key in ("b", "ArrowUp", "Control+s"):
                view.page.keyboard.press(key)
    assert set(view.page.evaluate("window.keys")) == {"Control", "s"}


@every_widget
def test_reduced_motion_means_none(look: Callable[..., View], name: str) -> None:
    view = look(name, reduced_motion="reduce")
    view.page.evaluate(
        """node => { window.moved = 0; const watch = () => {
          window.moved += node.shadowRoot.getAnimations().length; requestAnimationFrame(watch); };
          watch(); }""",
        view.root.element_handle(),
    )
    view.stir()
    assert view.page.evaluate("window.moved") == 0


# ---- drawing


INSTRUMENTS = """() => {
  window.reads = []; window.inFrame = false; window.spent = [];
  const raf = window.requestAnimationFrame;
  window.requestAnimationFrame = (f) => raf((t) => {
    window.inFrame = true;
    const start = performance.now();
    try { f(t); } finally { window.inFrame = false; window.spent.push(performance.now() - start); }
  });
  const watch = (proto, name) => {
    const d = Object.getOwnPropertyDescriptor(proto, name);
    const note = () => { if (window.inFrame) window.reads.push(name); };
    if (d.value) proto[name] = function (...all) { note(); return d.value.apply(this, all); };
    else Object.defineProperty(proto, name, { ...d, get() { note(); return d.get.call(this); } });
  };
  for (const name of ["getBoundingClientRect", "getClientRects", "clientWidth", "clientHeight",
    "scrollWidth", "scrollTop"]) watch(Element.prototype, name);
  for (const name of ["offsetWidth", "offsetHeight", "offsetTop", "innerText"])
    watch(HTMLElement.prototype, name);
  for (const name of ["getBBox", "getScreenCTM", "getCTM"])
    watch(SVGGraphicsElement.prototype, name);
  watch(SVGTextContentElement.prototype, "getComputedTextLength");
  const style = window.getComputedStyle;
  window.getComputedStyle = (...all) => {
    if (window.inFrame) window.reads.push("getComputedStyle");
    return style(...all);
  };
}"""


@every_widget
def test_drawing_reads_no_layout(
    open_page: OpenPage, pages: Pages, name: str, record_property: Callable[[str, object], None]
) -> None:
    page = open_page(pages.url + "empty.html")
    page.evaluate(INSTRUMENTS)
    page.evaluate(COUNTED, [name, example(name).inputs()])
    view = View(page, name, "window.model")
    view.page.evaluate("window.spent = []")
    # The frames of the test's own hand read sizes too, so keys and no stir.
    for node in view.root.locator("[role=slider], [role=switch], input[type=range]").all()[:8]:
        if node.is_visible():
            view.press(node, "ArrowUp", "PageDown", "Space")
    assert page.evaluate("window.reads") == []
    spent = sorted(page.evaluate("window.spent"))
    # Measured and not judged: a busy machine is no fault of a widget.
    record_property("slowest_frame_ms", round(spent[-1], 2))
    record_property("median_frame_ms", round(spent[len(spent) // 2], 2))


# ---- hostile inputs


JUNK: list[Any] = [
    None, True, "", "x", -1e12, 1e300, 0.5, float("nan"), [], [9], [None], [[]], ["a", "a"], {},
    {"a": 1}, [[1e12] * 4] * 4, [0.5] * 50,
]  # fmt: skip


@every_widget
def test_hostile_inputs_get_a_sentence_or_are_put_right(
    look: Callable[..., View], name: str
) -> None:
    view = look(name, reduced_motion="reduce")
    keys = list(example(name).inputs())
    good, before = view.get(*keys), view.text()
    for key in keys:
        for junk in JUNK:
            view.set(**{key: junk})
            shown = view.root.evaluate("n => n.shadowRoot.innerHTML")
            assert "NaN" not in shown, (key, junk)
            assert "undefined" not in shown, (key, junk)
            assert view.page.troubles == [], (key, junk)
            said = view.problem()
            assert not said or said.endswith("."), (key, junk)
            if said:
                assert view.root.get_by_role("slider").count() == 0, (key, junk)
        view.set(**{key: good[key]})
        assert view.problem() == "", key
    assert view.text() == before


@every_widget
def test_a_state_from_another_age_never_empties_the_page(
    open_page: OpenPage, pages: Pages, name: str
) -> None:
    html = re.sub(r'data-state="[^"]*"', 'data-state="{}"', example(name).static_html())
    page = open_page(pages.write(f"{name}-empty.html", page_text(html, script_tags(name))))
    page.wait_for_timeout(200)
    said = page.locator(":is(.problem, .ccmc-fallback, [role=slider], [role=switch]):visible")
    assert said.count() > 0
    assert said.first.inner_text().strip() or said.first.get_attribute("aria-label")
    assert not page.page_errors


@every_widget
def test_the_module_names_its_view_after_itself(name: str) -> None:
    assert f'"{name.replace("_", "-")}"' in (SOURCES / f"{name}.mjs").read_text("utf-8")
