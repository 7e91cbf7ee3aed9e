"""What all widgets share: the two outputs, the twin's HTML, and the static switch."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets

from ccmc_teach import figures, widgets
from ccmc_teach.widgets import CountsTimesTastes, CourseWidget, NumberTable, link
from ccmc_teach.widgets.base import Bet, Choice, InputError, Number, as_number, one_of
from ccmc_teach.widgets.link import SOURCES

VIEW = "application/vnd.jupyter.widget-view+json"


def test_the_static_switch_needs_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCMC_STATIC", "")
    assert VIEW in CountsTimesTastes()._repr_mimebundle_()[0]


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


def test_every_widget_with_both_files_stands_at_the_door() -> None:
    assert {
        "AssumptionSwitches": "assumption_switches",
        "CountsTimesTastes": "counts_times_tastes",
    }.items() <= widgets._WIDGETS.items()
    assert set(widgets._WIDGETS.values()) <= set(link.widgets())
    for kind, name in widgets._WIDGETS.items():
        found = getattr(widgets, kind)
        assert issubclass(found, CourseWidget)
        assert found.module == f"{name}.mjs"
        assert kind in widgets.__all__
    assert widgets.__all__ == sorted(widgets.__all__)


def test_a_name_without_both_files_is_not_exported(tmp_path: Path) -> None:
    package = tmp_path / "ccmc_teach"
    shutil.copytree(Path(widgets.__file__).parent, package / "widgets")
    (package / "__init__.py").write_text("")
    (package / "widgets" / "lone_wolf.py").write_text("class LoneWolf: ...\n")
    (package / "widgets" / "js" / "lone_cub.mjs").write_text("export default {};\n")
    for stem in ("whole_pack.py", "js/whole_pack.mjs"):
        (package / "widgets" / stem).write_text("class WholePack: ...\n")
    code = "import ccmc_teach.widgets as w; print(w.__all__, w.WholePack.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert "'WholePack'" in done.stdout
    assert "Lone" not in done.stdout


class Panel(traitlets.HasTraits):
    """Inputs to try."""

    share = Number(0.5, 0.0, 1.0)
    copies = Number(3, 1, 20, whole=True)
    kind = Choice("none", "window", 2)


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("share", 0, 0.0), ("share", np.float64(0.25), 0.25), ("share", 1, 1.0), ("copies", 20, 20),
        ("copies", 5.0, 5), ("copies", np.int64(4), 4), ("kind", "window", "window"),
        ("kind", 2, 2),
    ],
)  # fmt: skip
def test_inputs_take_what_fits(key: str, value: Any, kept: Any) -> None:
    got = getattr(Panel(**{key: value}), key)
    assert got == kept
    assert type(got) is type(kept)
    json.dumps(got)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("share", 1.5, "share must be a number from 0.0 to 1.0, got 1.5"),
        ("share", -0.1, "share must be"), ("share", math.nan, "got nan"), ("share", "1", "got '1'"),
        ("share", True, "got True"), ("share", None, "got None"), ("share", [0.5], "got"),
        ("copies", 2.5, "copies must be a whole number from 1 to 20, got 2.5"),
        ("copies", 0, "got 0"), ("copies", 21, "got 21"), ("copies", math.inf, "got inf"),
        ("kind", "other", "kind must be one of 'none', 'window', 2, got 'other'"),
        ("kind", 2.0, "got 2.0"), ("kind", None, "got None"), ("kind", [], "got"),
    ],
)  # fmt: skip
def test_inputs_refuse_in_one_sentence(key: str, value: Any, sentence: str) -> None:
    panel = Panel()
    before = getattr(panel, key)
    with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
        setattr(panel, key, value)
    assert str(caught.value).endswith(".")
    assert getattr(panel, key) == before


def test_a_bare_base_class_says_what_is_missing() -> None:
    bare = CourseWidget()
    with pytest.raises(NotImplementedError):
        bare.title()
    with pytest.raises(NotImplementedError):
        bare.summary()


# A bet.


class Bookmaker(traitlets.HasTraits):
    bet = Bet({"double": ("two", "four")}, prompt=list, share=as_number, seed=one_of(range(3)))
    plain = Bet({"double": ("two", "four")})


BET = {"question": "double", "answer": "two", "prompt": (1, 0), "share": 1, "seed": 2}


def test_a_bet_is_kept_as_a_copy() -> None:
    prompt = [1, 0]
    given = {**BET, "prompt": prompt}
    bookmaker = Bookmaker(bet=given)
    prompt.append(9)
    given["seed"] = 9
    assert bookmaker.bet == {**BET, "prompt": [1, 0]}
    assert type(bookmaker.bet["share"]) is float
    bookmaker.bet = {}
    assert bookmaker.bet == {}


@pytest.mark.parametrize(
    "bad",
    [
        {**BET, "answer": "eight"},
        {**BET, "question": "triple"},
        {**BET, "question": ["double"]},
        {**BET, "seed": 3},
        {**BET, "share": "1"},
        {**BET, "share": True},
        {**BET, "prompt": 5},
        {**BET, "more": 1},
        {key: BET[key] for key in BET if key != "seed"},
        [],
        None,
        "question",
        list(BET),
    ],
)
def test_a_strange_bet_is_refused_and_the_old_one_stays(bad: object) -> None:
    bookmaker = Bookmaker(bet=BET)
    with pytest.raises(InputError) as caught:
        bookmaker.bet = bad
    assert str(caught.value) == (
        "bet must be empty or hold a question, one of its answers, and the prompt, share and seed "
        f"at the time, got {bad!r}."
    )
    assert bookmaker.bet["seed"] == 2


def test_a_bet_on_nothing_but_a_question_says_so() -> None:
    with pytest.raises(InputError, match="hold a question and one of its answers, got"):
        Bookmaker(plain=BET)
