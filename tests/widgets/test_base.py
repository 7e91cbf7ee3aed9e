"""What all widgets share: the two outputs, the twin's HTML, and the static switch."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html import unescape
from typing import Any

import pytest

from ccmc_teach import figures, widgets
from ccmc_teach.widgets import CountsTimesTastes, CourseWidget, NumberTable
from ccmc_teach.widgets.link import SOURCES
from widgets.conftest import switches

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(params=[CountsTimesTastes, switches], ids=["counts", "switches"])
def widget(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("CCMC_STATIC", raising=False)
    return request.param()


def state_of(html: str) -> dict[str, Any]:
    """Return the inputs that a twin carries, as a browser would read them."""
    state: dict[str, Any] = json.loads(unescape(re.search(r'data-state="([^"]*)"', html)[1]))  # type: ignore[index]
    return state


def test_a_live_output_has_the_view_and_the_twin(widget: CourseWidget) -> None:
    data, _ = widget._repr_mimebundle_()
    assert data[VIEW]["model_id"] == widget.model_id
    assert data["text/html"] == widget.static_html()
    assert data["text/plain"] == widget.summary()


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


def test_the_static_switch_needs_a_value(
    widget: CourseWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCMC_STATIC", "")
    assert VIEW in widget._repr_mimebundle_()[0]


def test_the_twin_names_module_and_inputs(widget: CourseWidget) -> None:
    html = widget.static_html()
    assert (SOURCES / widget.module).is_file()
    assert f'data-module="{widget.module}"' in html
    assert state_of(html) == json.loads(json.dumps(widget.inputs()))
    assert widget.title() in unescape(html)
    assert html == widget.static_html(), "the same inputs give the same page"


def test_the_twin_is_well_formed(widget: CourseWidget) -> None:
    root = ET.fromstring(widget.static_html())
    assert root.attrib["class"] == "ccmc-static"
    assert [child.attrib["class"] for child in root] == ["ccmc-fallback"]
    assert not root.findall(".//script")


def test_inputs_are_the_synchronised_traits_of_the_widget_alone(widget: CourseWidget) -> None:
    own = {name for name in widget.keys if name[0] != "_" and name not in base_traits()}
    assert set(widget.inputs()) == own


def base_traits() -> set[str]:
    import anywidget

    return set(anywidget.AnyWidget().keys)


def test_a_widget_fits_the_budget_of_a_page() -> None:
    import gzip

    added = widgets.static_script() + CountsTimesTastes().static_html()
    assert len(gzip.compress(added.encode(), 9)) <= 25_000


def test_the_key_frame_shows_the_numbers_of_the_screen() -> None:
    widget = CountsTimesTastes(
        labels=["a", "b"], P=[[0.125, 0.875], [0.5, 0.5]], prompt=[1, 0, 0, 1, 0]
    )
    html = widget.static_html()
    assert widget.summary() in html
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", html)
    assert {"3", "2", "0.88", "18%", "82%", "plain chain"} <= set(texts)
    assert "13%" not in texts
    even = CountsTimesTastes(labels=["a", "b"], P=[[0.125, 0.875]] * 2, prompt=[1, 0]).static_html()
    assert "a 13%, b 88%" in even, "halves go up, as on the screen"
    assert ">13%<" in even


def test_the_key_frame_draws_counts_tastes_and_the_next_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[tuple[list[float], Any]] = []
    bars = figures.bars

    def spy(ax: Any, values: Any, labels: Any, **options: Any) -> None:
        drawn.append((list(values), options.get("ghost")))
        bars(ax, values, labels, **options)

    monkeypatch.setattr(figures, "bars", spy)
    widget = CountsTimesTastes()
    widget.picture_html()
    (counts, _), (tastes, _), (law, ghost) = drawn
    assert counts == [2, 3, 3, 1]
    assert tastes == list(ghost) == [0.15, 0.45, 0.25, 0.15]
    assert law == widget.next_token_law.tolist()


def test_a_long_prompt_leaves_the_strip_out_of_the_key_frame() -> None:
    short = CountsTimesTastes(prompt=[0, 1] * 7).static_html()
    long = CountsTimesTastes(prompt=[0, 1] * 12).static_html()
    assert "query" in short
    assert "query" not in long


def test_a_table_is_escaped_and_has_heads() -> None:
    html = NumberTable("a & b", ("x", "<y>"), [("&", "1")]).html()
    root = ET.fromstring(html)
    assert root.find("caption").text == "a & b"  # type: ignore[union-attr]
    assert [(cell.text, cell.get("scope")) for cell in root.iter("th")] == [
        ("x", "col"),
        ("<y>", "col"),
        ("&", "row"),
    ]
    blank = ET.fromstring(NumberTable("", ("", "x"), [("a", "1")]).html())
    assert [cell.text for cell in blank.iter("th")] == ["x", "a"], "a blank head is no head"
    assert ET.fromstring(NumberTable("", ("x",), [("1",)]).html()).find("caption") is None


def test_the_widgets_have_the_colours_of_the_figures() -> None:
    css = (SOURCES / "style.mjs").read_text("utf-8")
    light = dict(re.findall(r"--(\w+):(#\w+)", css.split("data-theme=dark")[0]))
    assert tuple(light[f"c{j}"] for j in range(5)) == figures.TOKEN_COLOURS
    names = {"ink": figures.INK, "soft": figures.SOFT, "line": figures.LINE, "panel": figures.PANEL}
    assert {name: light[name] for name in names} == names


def test_the_door_of_the_room_is_lazy() -> None:
    code = (
        "import sys, ccmc_teach.widgets as w; assert 'anywidget' not in sys.modules; "
        "assert set(w.__all__) <= set(dir(w)); [getattr(w, name) for name in w.__all__]; "
        "assert 'matplotlib' not in sys.modules, 'a widget that is not shown needs no figures'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = widgets.nothing


def test_a_bare_base_class_says_what_is_missing() -> None:
    bare = CourseWidget()
    with pytest.raises(NotImplementedError):
        bare.title()
    with pytest.raises(NotImplementedError):
        bare.summary()
