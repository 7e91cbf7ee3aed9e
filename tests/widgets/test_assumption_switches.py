"""Assumptions as switches: in Python, and on the screen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from browser import RecordedPage
from playwright.sync_api import Locator

from ccmc_teach.widgets import Assumption, AssumptionSwitches
from ccmc_teach.widgets.base import InputError
from widgets.conftest import Pages
from widgets.examples.assumption_switches import example as switches

OpenPage = Callable[..., RecordedPage]
MODEL = "document.querySelector('.ccmc-static').model"


@pytest.fixture
def panel(open_page: OpenPage, pages: Pages) -> Locator:
    page = open_page(pages.of("assumption_switches"))
    root: Locator = page.locator('.ccmc-widget[data-widget="assumption-switches"]')
    root.get_by_role("switch").first.wait_for()
    return root


def settle(panel: Locator) -> None:
    panel.page.evaluate(
        "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
    )


def verdict(panel: Locator) -> str:
    return panel.locator(".claim > .shown").inner_text()


def state(panel: Locator) -> list[bool]:
    levers = panel.get_by_role("switch").all()
    return [lever.get_attribute("aria-checked") == "true" for lever in levers]


# ---- in Python


def test_all_assumptions_hold_at_first() -> None:
    widget = switches()
    assert widget.on == (True, True, True)
    assert widget.holds
    assert widget.off == ()
    widget.on = [True, False, True]
    assert not widget.holds
    assert widget.off == ("No positions",)
    assert widget.summary().startswith("The layer is a Markov chain tilted by the counts")


def test_an_assumption_keeps_its_own_texts() -> None:
    rows = [["cat", "0.3"]]
    assumption = Assumption("A", "h", "f", columns=["word", "next"], rows=rows)
    rows[0][1] = "9"
    rows.append(["dog", "0.7"])
    assert assumption.rows == (("cat", "0.3"),)
    assert assumption.columns == ("word", "next")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "name"),
        ({"holds": "  "}, "holds"),
        ({"fails": None}, "fails"),
        ({"rows": [("a", "b")]}, "belong together"),
        ({"columns": ("a", "b")}, "belong together"),
        (
            {"columns": ("a", "b"), "rows": [("a", "b"), ("c",)]},
            r"rows\[1\] .* 1 cells and needs 2",
        ),
        ({"columns": ("a", "b"), "rows": [("a", 0.5)]}, r"rows\[0\] .* numbers formatted"),
        ({"columns": "ab", "rows": [("a", "b")]}, "columns"),
        ({"columns": ("a", "b"), "rows": ["ab"]}, r"rows\[0\]"),
    ],
)
def test_a_bad_assumption_gets_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        Assumption(**{"name": "n", "holds": "h", "fails": "f", **changes})
    assert "\n" not in str(caught.value)


GOOD = Assumption("A", "h", "f")


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"conclusion": " "}, "conclusion"),
        ({"assumptions": []}, "at least one Assumption"),
        ({"assumptions": [GOOD, GOOD]}, "different names"),
        ({"assumptions": ["A"]}, "at least one Assumption"),
        ({"on": [True, False]}, "on must hold True or False for each of the 1"),
        ({"on": [1]}, "on must hold True or False"),
        ({"question": ""}, "question"),
    ],
)
def test_bad_inputs_get_one_sentence(inputs: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        AssumptionSwitches(**{"conclusion": "C.", "assumptions": [GOOD], **inputs})


def test_a_refused_input_keeps_the_old_one() -> None:
    widget = switches(on=[True, False, True])
    with pytest.raises(ValueError, match="on must hold"):
        widget.on = [True]
    assert widget.on == (True, False, True)


def test_state_travels_as_plain_json() -> None:
    widget = switches()
    values = json.loads(json.dumps(widget.get_state(list(widget.inputs()))))
    assert values == json.loads(json.dumps(widget.inputs()))
    assert values["assumptions"][0]["rows"] == [["cat", "0.31", "0.00"], ["dog", "0.69", "1.00"]]
    widget.set_state({"on": [False, True, True], "assumptions": values["assumptions"]})
    assert widget.off == ("Tied read-out",)
    assert widget.assumptions == switches().assumptions


# ---- on the screen


def test_at_rest_the_conclusion_holds(panel: Locator) -> None:
    assert state(panel) == [True, True, True]
    assert verdict(panel).startswith("✓ The conclusion holds")
    assert "tilted by the counts of the prompt." in verdict(panel)
    assert not panel.get_by_role("table").count()
    for assumption in switches().assumptions:
        assert panel.get_by_text(assumption.holds).is_visible()
        assert not panel.get_by_text(assumption.fails).count()
    assert panel.get_by_role("region", name="What breaks when an assumption fails?").count() == 1


def test_a_switch_shows_its_counter_example(panel: Locator) -> None:
    panel.get_by_role("switch", name="Tied read-out").click()
    settle(panel)
    tied = switches().assumptions[0]
    assert state(panel) == [False, True, True]
    assert verdict(panel).startswith("✗ The conclusion can fail")
    assert panel.locator(".hint").inner_text() == "Off: 1 of 3."
    assert panel.get_by_text(tied.fails).is_visible()
    lines = panel.get_by_role("table").locator("tr").all()
    shown = [tuple(cell.inner_text() for cell in line.locator("th,td").all()) for line in lines]
    assert shown == [tied.columns, *tied.rows]
    panel.get_by_role("switch", name="Tied read-out").click()
    settle(panel)
    assert verdict(panel).startswith("✓ The conclusion holds")
    assert not panel.get_by_role("table").count()


def test_switches_by_key(panel: Locator) -> None:
    panel.get_by_role("switch").first.focus()
    for key in ("Space", "Tab", "Enter", "Tab", "Space"):
        panel.page.keyboard.press(key)
    settle(panel)
    assert state(panel) == [False, False, False]
    assert panel.locator(".hint").inner_text() == "Off: 3 of 3."
    assert panel.page.evaluate(f"{MODEL}.get('on')") == [False, False, False]


def test_two_switches_in_one_frame_both_turn(panel: Locator) -> None:
    panel.get_by_role("switch").first.evaluate(
        "node => node.closest('ul').querySelectorAll('[role=switch]').forEach(n => n.click())"
    )
    settle(panel)
    assert state(panel) == [False, False, False]


def test_the_verdict_takes_the_same_room(panel: Locator) -> None:
    def top() -> float:
        first = panel.get_by_role("switch").first
        script = "(node, top) => node.getBoundingClientRect().top - top"
        edge = panel.evaluate("node => node.getBoundingClientRect().top")
        return float(first.evaluate(script, edge))

    before = top()
    panel.get_by_role("switch").nth(2).click()
    settle(panel)
    assert top() == before


def test_it_is_told_to_screen_readers(panel: Locator) -> None:
    panel.get_by_role("switch", name="No positions").click()
    panel.page.wait_for_timeout(900)
    status = panel.get_by_role("status").text_content()
    assert status is not None
    assert status.startswith(
        "The conclusion can fail. No positions is off: With positions the prompts"
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("assumptions", None), ("assumptions", []), ("assumptions", [None]), ("assumptions", [{}]),
        ("assumptions", [{"name": "A", "holds": "h", "fails": 3, "columns": [], "rows": []}]),
        ("assumptions", [
            {"name": "A", "holds": "h", "fails": "f", "columns": ["a"], "rows": [["b", "c"]]}
        ]),
        ("assumptions", [
            {"name": "A", "holds": "h", "fails": "f", "columns": ["a", "b"], "rows": [["c"]]}
        ]),
        ("conclusion", None), ("conclusion", ""),
    ],
)  # fmt: skip
def test_hostile_inputs_get_a_sentence(panel: Locator, key: str, value: Any) -> None:
    panel.page.evaluate(f"([key, value]) => {MODEL}.set(key, value)", [key, value])
    settle(panel)
    assert panel.locator(".problem").inner_text().endswith(".")
    assert not panel.get_by_role("switch").count()


def test_hostile_states_mean_on(panel: Locator) -> None:
    for value in (None, "x", 3, [0, "", None], [False]):
        panel.page.evaluate(f"value => {MODEL}.set('on', value)", value)
        settle(panel)
        assert state(panel) == ([False, True, True] if value == [False] else [True, True, True])
    assert "undefined" not in panel.evaluate("node => node.shadowRoot.innerHTML")


def test_new_assumptions_are_drawn(panel: Locator) -> None:
    new = [{"name": "Only one", "holds": "h", "fails": "f", "columns": [], "rows": []}]
    panel.page.evaluate(f"value => {MODEL}.set('assumptions', value)", new)
    settle(panel)
    assert panel.get_by_role("switch").all_inner_texts() == ["Only one"]
