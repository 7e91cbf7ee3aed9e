"""The kit that all widgets share: theme, announcements, frames, controls, scales and marks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from browser import RecordedPage

from ccmc_teach.widgets import CountsTimesTastes, static_script
from widgets.conftest import Pages
from widgets.screen import Screen

OpenPage = Callable[..., RecordedPage]
COUNTS = "counts_times_tastes"


def test_elements_take_attributes_listeners_and_children(bench: RecordedPage) -> None:
    html = bench.evaluate(
        """() => { const { element, update, write } = kit;
          const given = { class: "a", title: null, hidden: false,
            onclick: () => { node.id = "hit"; } };
          const node = element("p", given, "x", [element("b", {}, "y"), null, [false, "z"]]);
          node.click();
          update(node, { class: null, lang: "en" });
          const bold = node.querySelector("b"), text = bold.firstChild;
          write(bold, 7);
          return [node.outerHTML, bold.firstChild === text, element("rect").namespaceURI];
        }"""
    )
    assert html == ['<p id="hit" lang="en">x<b>7</b>z</p>', True, "http://www.w3.org/2000/svg"]


def test_equal_attributes_and_texts_are_not_written_again(bench: RecordedPage) -> None:
    changes = bench.evaluate(
        """async () => { const { element, update, write, ride, pool } = kit;
          const node = element("p", { class: "a" }, "x"), list = element("ul");
          pool(list, 3, () => element("li"));
          ride(node, 1, 2);
          let seen = 0;
          for (const n of [node, list]) new MutationObserver((all) => (seen += all.length)).observe(
            n, { attributes: true, childList: true, characterData: true, subtree: true });
          update(node, { class: "a" }); write(node, "x"); ride(node, 1, 2);
          pool(list, 3, () => element("li"));
          await Promise.resolve();
          return seen;
        }"""
    )
    assert changes == 0


def test_a_pool_keeps_its_nodes(bench: RecordedPage) -> None:
    assert bench.evaluate(
        """() => { const { element, pool } = kit, list = element("ul"), made = [];
          const make = (i) => { made.push(i); return element("li", {}, String(i)); };
          pool(list, 3, make); const first = list.firstChild;
          pool(list, 1, make); pool(list, 2, make);
          return [made, list.children.length, list.firstChild === first];
        }"""
    ) == [[0, 1, 2, 1], 2, True]


def test_scales_and_their_inverses(bench: RecordedPage) -> None:
    answers = bench.evaluate(
        """() => { const a = kit.linear(0, 10, 200, 100), b = kit.logarithmic(1, 1000, 0, 300);
          return [a(0), a(5), a(10), a.inverse(150),
            b(1), b(10), b(0), b.inverse(200), b.inverse(b(37))];
        }"""
    )
    assert answers == pytest.approx([200, 150, 100, 5, 0, 100, 0, 100, 37])


def test_a_line_through_points(bench: RecordedPage) -> None:
    assert (
        bench.evaluate(
            "kit.polyline([0, 1, 2], [0, 0.5, 1], kit.linear(0, 2, 0, 20), kit.linear(0, 1, 10, 0))"
        )
        == "M0.0,10.0L10.0,5.0L20.0,0.0"
    )


def test_axes_have_grid_ticks_and_labels(bench: RecordedPage) -> None:
    texts, lines, hidden = bench.evaluate(
        """() => { const { axes, linear } = kit;
          const node = axes({ x: linear(0, 4, 0, 100), y: linear(0, 1, 50, 0),
            width: 100, height: 50, xTicks: [0, 2, 4], yTicks: [0, 1],
            yText: (v) => `${100 * v}%`, xLabel: "length", yLabel: "share" });
          const texts = [...node.querySelectorAll("text")];
          const lines = [...node.querySelectorAll("line")];
          return [texts.map((t) => `${t.textContent}@${t.getAttribute("x")}`),
            lines.map((l) => l.getAttribute("class")), node.getAttribute("aria-hidden")];
        }"""
    )
    assert texts == ["0%@-8", "100%@-8", "0@0", "2@50", "4@100", "length@100", "share@-38"]
    assert lines == ["grid", "grid", "axis", "axis", "axis", "axis"]
    assert hidden == "true"


def test_a_slider(bench: RecordedPage) -> None:
    bench.evaluate(
        """() => { window.value = 0.5;
          window.slider = kit.slider({ label: "Taste", minimum: 0, maximum: 1, step: 0.25,
            text: (v) => v.toFixed(2), say: (v) => `taste ${v}`, kind: "k1",
            set: (v) => { window.value = v; window.slider.show(v); } });
          show(window.slider.el); window.slider.show(0.5); }"""
    )
    slider = bench.get_by_role("slider", name="Taste")
    assert bench.locator(".number").inner_text() == "0.50"
    slider.focus()
    bench.keyboard.press("ArrowRight")
    assert bench.evaluate("window.value") == 0.75
    assert slider.get_attribute("aria-valuetext") == "taste 0.75"
    assert slider.evaluate("n => n.style.getPropertyValue('--fill')") == "75%"


def test_a_choice_and_a_toggle(bench: RecordedPage) -> None:
    bench.evaluate(
        """() => { window.seen = [];
          const set = (v) => seen.push(v);
          const one = kit.choice({ legend: "Shape", set,
            options: [["a", "flat"], ["b", "steep"]] });
          const two = kit.choice({ legend: "Other", set,
            options: [["a", "thin"], ["b", "thick"]] });
          const lever = kit.toggle({ label: "Tied", set: (v) => { seen.push(v); lever.show(v); } });
          one.show("a"); two.show("b"); show(one.el, two.el, lever.el); }"""
    )
    bench.get_by_role("radio", name="steep").check()
    assert bench.get_by_role("radio", name="thick").is_checked(), "groups are independent"
    assert bench.get_by_role("group", name="Shape").count() == 1
    lever = bench.get_by_role("switch", name="Tied")
    lever.focus()
    for key in ("Enter", "Space"):
        bench.keyboard.press(key)
    assert bench.evaluate("window.seen") == ["b", False, True]


def test_a_data_table_is_written_only_while_open(bench: RecordedPage) -> None:
    bench.evaluate(
        """() => { window.asked = 0; const t = kit.dataTable("Numbers", ["word", "count"]);
          window.data = (rows) => t.show(() => { asked += 1; return { caption: "Now", rows }; });
          show(t.el); data([["cat", "1"]]); }"""
    )
    assert bench.evaluate("window.asked") == 0
    bench.get_by_text("Numbers").click()
    bench.locator("td").wait_for()
    bench.evaluate("window.node = document.querySelector('td')")
    bench.evaluate("window.data([['cat', '2'], ['dog', '3']])")
    assert bench.locator("td").all_inner_texts() == ["2", "3"]
    assert bench.evaluate("window.node === document.querySelector('td')")
    assert bench.get_by_role("rowheader").all_inner_texts() == ["cat", "dog"]
    bench.evaluate("window.data([['owl', '5']])")
    assert bench.locator("td").all_inner_texts() == ["5"]


RULES = """{ number: { minimum: 1, maximum: 5, value: 2 },
  whole: { minimum: 0, maximum: 9, value: 3, integer: true },
  kind: { choices: ["a", "b"], value: "a" }, raw: {} }"""


@pytest.mark.parametrize(
    ("key", "value", "cleaned"),
    [
        ("number", 3.5, 3.5), ("number", 9, 5), ("number", -1e12, 1), ("number", "7", 2),
        ("number", None, 2), ("number", float("nan"), 2), ("number", float("inf"), 2),
        ("number", [3], 2),
        ("whole", 2.6, 3), ("whole", True, 3), ("kind", "b", "b"), ("kind", "c", "a"),
        ("kind", None, "a"),
        ("raw", "anything", "anything"),
    ],
)  # fmt: skip
def test_traits_are_cleaned_on_the_way_in(
    bench: RecordedPage, key: str, value: Any, cleaned: Any
) -> None:
    got = bench.evaluate(
        "([key, value]) => "
        f"kit.bind(new kit.Model({{ [key]: value }}), {RULES}, () => {{}}).get(key)",
        [key, value],
    )
    assert got == cleaned


def test_a_model_tells_its_listeners_and_forgets_them(bench: RecordedPage) -> None:
    assert bench.evaluate(
        """() => { const model = new kit.Model({ a: 1 }), heard = [];
          const stop = kit.listen(model, "a", (key) => heard.push(key + model.get("a")));
          model.set("a", 1); model.set("a", 2); model.set("b", 3); stop(); model.set("a", 4);
          return [heard, model.get("a"), model.get("b"), model.get("c") === undefined]; }"""
    ) == [["a2"], 4, 3, True]


def test_short_names_tell_words_apart(bench: RecordedPage) -> None:
    names = bench.evaluate("kit.shortNames(['dog', 'duck', 'dogma', 'owl', '🦊fox'])")
    assert names == ["dog", "du", "dogm", "o", "🦊"]


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("width", [230, 313, 736])
def test_the_strip_places_every_word_inside_and_apart(
    bench: RecordedPage, grouped: bool, width: int
) -> None:
    for prompt in (
        [0],
        [1, 0, 2, 1],
        [0] * 12 + [1] * 12,
        [*range(5)] * 12,
        [3] * 12 + [0] * 4 + [2] * 8,
    ):
        found = bench.evaluate(
            """([prompt, grouped, width]) => {
              const { step, places, groups, lines } = kit.layout(prompt, grouped, width);
              return { step, places, lines, groups: [...groups] }; }""",
            [prompt, grouped, width],
        )
        spots = sorted((place["line"], place["x"]) for place in found["places"])
        assert len(spots) == len(prompt)
        for (line, x), (next_line, next_x) in pairwise(spots):
            assert next_line > line or next_x >= x + found["step"] - 1e-6
        assert all(-1e-6 <= x <= width - found["step"] + 1e-6 for _, x in spots)
        assert 1 <= found["lines"] <= 3
        assert found["step"] >= 8
        if grouped:
            inside = {
                token: (box["left"], box["right"], box["line"]) for token, box in found["groups"]
            }
            for token, place in zip(prompt, found["places"], strict=True):
                left, right, line = inside[token]
                assert line == place["line"]
                assert left - 1e-6 <= place["x"] <= right - found["step"] + 1e-6


# ---- the life of a view


def theme(page: RecordedPage) -> str:
    page.wait_for_timeout(30)
    said: str = page.locator(".ccmc-widget").first.evaluate(
        "node => node.shadowRoot.querySelector('section').dataset.theme"
    )
    return said


def test_the_theme_follows_the_host(open_page: OpenPage, pages: Pages) -> None:
    page = open_page(pages.of(COUNTS))
    Screen(page)
    assert theme(page) == "light"
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert theme(page) == "dark"
    page.evaluate("delete document.documentElement.dataset.theme")
    assert theme(page) == "light"
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    assert theme(page) == "dark"
    page.evaluate("document.body.dataset.jpThemeLight = 'true'")
    assert theme(page) == "light"
    page.evaluate(
        "delete document.body.dataset.jpThemeLight; document.documentElement.className = 'dark'"
    )
    assert theme(page) == "dark"
    page.evaluate(
        "document.documentElement.className = ''; document.body.style.background = '#101010'"
    )
    assert theme(page) == "dark", "where no host speaks, the background decides"
    assert theme(open_page(pages.of(COUNTS, "dark"))) == "dark"


def test_the_system_decides_where_nothing_else_does(open_page: OpenPage, pages: Pages) -> None:
    page = open_page(pages.of(COUNTS), color_scheme="dark")
    Screen(page)
    page.evaluate("document.body.style.background = 'none'")
    assert theme(page) == "dark"
    page.emulate_media(color_scheme="light")
    assert theme(page) == "light"


def test_changes_are_announced_once_things_are_quiet(open_page: OpenPage, pages: Pages) -> None:
    page = open_page(pages.of(COUNTS))
    screen = Screen(page)
    page.wait_for_timeout(800)
    status = screen.root.get_by_role("status")
    first = status.text_content()
    assert first == "After cat, the next word is cat 12%, dog 53%, owl 29%, fox 6%."
    page.clock.install()
    screen.count("dog").focus()
    page.keyboard.press("ArrowUp")
    page.clock.run_for(600)
    page.keyboard.press("ArrowUp")
    page.clock.run_for(600)
    assert status.text_content() == first
    page.clock.run_for(200)
    assert status.text_content() == "After cat, the next word is cat 9%, dog 65%, owl 22%, fox 4%."
    screen.button("Double everything").click()
    page.clock.run_for(900)
    assert str(status.text_content()).startswith("Every count has doubled, and the next-word bars")


def test_plain_keys_stay_inside(open_page: OpenPage, pages: Pages) -> None:
    page = open_page(pages.of(COUNTS))
    screen = Screen(page)
    page.evaluate("window.keys = []; document.addEventListener('keydown', e => keys.push(e.key))")
    screen.press(screen.count("dog"), "ArrowUp", "b", "Home", "Control+s")
    screen.button("No fox").focus()
    page.keyboard.press("d")
    assert page.evaluate("window.keys.filter(k => k !== 'Control')") == ["s"]


def test_drawing_builds_nothing_anew(open_page: OpenPage, pages: Pages) -> None:
    page = open_page(pages.of(COUNTS))
    screen = Screen(page)
    screen.table()
    page.evaluate(
        """() => { window.added = [];
          new MutationObserver((all) => { for (const m of all) for (const n of m.addedNodes)
            if (n.nodeType === 1) window.added.push(n.outerHTML); }).observe(
            document.querySelector('.ccmc-widget').shadowRoot,
            { childList: true, subtree: true }); }"""
    )
    handle = screen.taste("owl")
    x, y = screen.knob(handle)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 65, steps=10)
    page.mouse.up()
    screen.settle()
    assert screen.value(handle) > 0.4
    assert page.evaluate("window.added") == []
    # New copies of a word are new chips, and nothing else is.
    screen.press(screen.count("owl"), "ArrowUp")
    assert [html[:9] for html in page.evaluate("window.added")] == ["<g class="]


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_reduced_motion_means_none(open_page: OpenPage, pages: Pages, motion: str) -> None:
    page = open_page(pages.of(COUNTS), reduced_motion=motion)
    screen = Screen(page)
    screen.choose("grouped by word")
    running = page.evaluate(
        "document.querySelector('.ccmc-widget').shadowRoot.getAnimations().length"
    )
    assert (running > 0) == (motion == "no-preference")


def test_bars_glide_after_a_preset_and_follow_a_hand_at_once(
    open_page: OpenPage, pages: Pages
) -> None:
    page = open_page(pages.of(COUNTS))
    screen = Screen(page)
    moving = (
        "document.querySelector('.ccmc-widget').shadowRoot.getAnimations()"
        ".filter(a => a.effect.target.closest('.eased')).length"
    )
    screen.click("Flood of dog")
    assert page.evaluate(moving) > 0
    handle = screen.count("dog")
    handle.scroll_into_view_if_needed()
    page.wait_for_timeout(700)
    x, y = screen.knob(handle)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 55, steps=4)
    screen.settle()
    assert screen.value(handle) < 10
    assert page.evaluate(moving) == 0
    page.mouse.up()
    screen.click("Start over")
    assert page.evaluate(moving) > 0, "once let go, they glide again"


def test_a_view_in_a_closed_box_draws_when_it_opens(open_page: OpenPage, pages: Pages) -> None:
    page = open_page(pages.url + "empty.html")
    page.evaluate(
        "html => { document.querySelector('main').innerHTML = "
        "`<details><summary>open</summary>${html}</details>`; }",
        CountsTimesTastes().static_html(),
    )
    page.add_script_tag(content=static_script())
    assert page.locator(".ccmc-widget [role=slider]").count() == 0
    page.get_by_text("open", exact=True).click()
    assert Screen(page).agrees_with_python()
    assert not page.troubles
