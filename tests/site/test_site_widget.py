"""The widget of chapter mapping on the built page: moved by key and pointer, checked by Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import RecordedPage

from ccmc_teach.chain import next_token_law

Open = Callable[..., RecordedPage]
WORDS = ("cat", "dog", "owl", "fox")
NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(params=["http", "file"])
def page(request: pytest.FixtureRequest, open_page: Open, site_folder: Path) -> RecordedPage:
    """Return the chapter, over http and opened by double click."""
    if request.param == "file":
        page = open_page((site_folder / "chapters" / "mapping.html").as_uri())
    else:
        page = open_page("chapters/mapping.html")
    handle(page, "Count of dog in the prompt").wait_for()
    return page


def widget(page: RecordedPage) -> Any:
    return page.locator('.ccmc-widget[data-widget="counts-times-tastes"]').first


def handle(page: RecordedPage, name: str) -> Any:
    return widget(page).get_by_role("slider", name=name, exact=True)


def values(page: RecordedPage, name: str) -> np.ndarray:
    """Return the numbers that the handles of all words tell a screen reader."""
    page.evaluate(NEXT_FRAME)
    handles = [handle(page, name.format(word)) for word in WORDS]
    return np.array([float(one.get_attribute("aria-valuenow")) for one in handles])


def shown_law(page: RecordedPage) -> np.ndarray:
    """Return the law of the next word as the table of numbers shows it."""
    page.evaluate(NEXT_FRAME)
    details = widget(page).locator("details").first
    details.evaluate("(node) => { node.open = true; }")
    page.evaluate(NEXT_FRAME)
    heads = details.locator("thead th").all_inner_texts()
    cells = details.locator("tbody tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText))"
    )
    assert [row[0] for row in cells] == list(WORDS)
    return np.array([float(row[heads.index("next word")].rstrip("%")) / 100 for row in cells])


def python_law(page: RecordedPage) -> np.ndarray:
    """Return the law that Python computes from the counts and tastes on the screen."""
    counts = values(page, "Count of {} in the prompt")
    tastes = values(page, "Taste of the last word for {}")
    others = np.full((3, 4), 0.25)
    P = np.vstack([tastes / tastes.sum(), others])
    law: np.ndarray = next_token_law(P, counts[None, :], np.array([0]))[0]
    return law


def assert_agreement(page: RecordedPage) -> None:
    # The screen rounds to tenths of a percent, and the tastes that it tells to hundredths.
    np.testing.assert_allclose(shown_law(page), python_law(page), rtol=0, atol=0.006)


def test_first_picture_agrees_with_python(page: RecordedPage) -> None:
    np.testing.assert_array_equal(values(page, "Count of {} in the prompt"), [2, 3, 3, 1])
    np.testing.assert_allclose(
        shown_law(page), np.array([0.3, 1.35, 0.75, 0.15]) / 2.55, rtol=0, atol=0.0005 + 1e-9
    )
    assert_agreement(page)


def test_moved_by_key(page: RecordedPage) -> None:
    before = shown_law(page)
    handle(page, "Count of dog in the prompt").focus()
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    np.testing.assert_array_equal(values(page, "Count of {} in the prompt"), [2, 7, 3, 1])
    assert shown_law(page)[1] > before[1] + 0.1
    assert_agreement(page)
    handle(page, "Taste of the last word for owl").focus()
    page.keyboard.press("PageUp")
    assert values(page, "Taste of the last word for {}")[2] > 0.25
    assert_agreement(page)
    assert page.troubles == []


def test_moved_by_pointer(page: RecordedPage) -> None:
    owl = handle(page, "Count of owl in the prompt")
    owl.scroll_into_view_if_needed()
    box = owl.bounding_box()
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + box["height"] * 0.8)
    page.mouse.down()
    page.mouse.move(x, box["y"] + box["height"] * 0.3, steps=6)
    page.mouse.up()
    counts = values(page, "Count of {} in the prompt")
    assert counts[2] > 3
    np.testing.assert_array_equal(counts[[0, 1, 3]], [2, 3, 1])
    assert_agreement(page)
    assert page.troubles == []


def test_paper_shows_the_picture_in_its_place(page: RecordedPage) -> None:
    page.emulate_media(media="print")
    assert not widget(page).is_visible()
    fallback = page.locator(".ccmc-static > .ccmc-fallback").first
    assert fallback.is_visible()
    assert fallback.locator("svg, img").first.is_visible()
    assert "dog 53%" in fallback.inner_text()


def test_without_scripts_the_picture_stands_there(open_page: Open) -> None:
    page = open_page("chapters/mapping.html", java_script_enabled=False)
    fallback = page.locator(".ccmc-static > .ccmc-fallback").first
    assert fallback.locator("svg, img").first.is_visible()
    assert "dog 53%" in fallback.inner_text()
