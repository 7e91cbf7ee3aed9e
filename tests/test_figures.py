"""Figures: what is drawn where, what reaches the page, and what stays untouched."""

from __future__ import annotations

import base64
import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import same_color, to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Rectangle
from scipy.optimize import isotonic_regression

from ccmc_teach import figures

ROOT = Path(__file__).resolve().parent.parent
WORDS = ["cat", "dog", "owl", "fox"]
P = np.array(
    [
        [0.15, 0.45, 0.25, 0.15],
        [0.50, 0.10, 0.20, 0.20],
        [0.25, 0.25, 0.25, 0.25],
        [0.10, 0.20, 0.60, 0.10],
    ]
)
ALT = "A picture that is drawn in order to be tested."


def draw_bars(ax: Any) -> None:
    figures.bars(ax, [2, 3, 3, 1], WORDS, [1, 2, 3, 4], ghost_label="before", title="Counts")


def draw_matrix(ax: Any) -> None:
    figures.matrix(ax, P, WORDS, highlight=1, title="Table")


def draw_diagram(ax: Any) -> None:
    figures.chain_diagram(ax, P, WORDS, title="Chain")


def draw_prompt(ax: Any) -> None:
    figures.prompt_strip(ax, [1, 0, 2], WORDS, [0.5, 0.25, 0.25], title="Prompt")


def draw_lines(ax: Any) -> None:
    figures.lines(ax, [1, 2], [[0.2, 0.6], [0.8, 0.4]], WORDS[:2], title="Shares")


DRAWINGS: list[Callable[[Any], None]] = [
    draw_bars,
    draw_matrix,
    draw_diagram,
    draw_prompt,
    draw_lines,
]


def picture_of(draw: Callable[[Any], None], alt: str = ALT, caption: str | None = None) -> Any:
    fig, ax = figures.subplots(width=4)
    draw(ax)
    return figures.Picture(fig, alt, caption)


def parsed(picture: Any) -> ET.Element:
    return ET.fromstring(picture.svg)


def texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def patches(ax: Any, kind: type) -> list[Any]:
    return [patch for patch in ax.patches if type(patch) is kind]


# --- Nothing else is touched ----------------------------------------------------------------------


# Nothing that the house style sets itself, and one thing that it does.
STYLE_OF_A_READER: dict[Any, Any] = {
    "axes.linewidth": 5,
    "axes.titlepad": 40,
    "xtick.major.size": 20,
    "font.size": 30,
}


@pytest.mark.parametrize("draw", DRAWINGS)
def test_the_reader_s_style_is_left_alone(draw: Callable[[Any], None]) -> None:
    with mpl.rc_context(STYLE_OF_A_READER):
        before = dict(mpl.rcParams)
        picture_of(draw)._repr_mimebundle_()
        assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("draw", DRAWINGS)
def test_the_reader_s_style_does_not_change_a_picture(draw: Callable[[Any], None]) -> None:
    plain = picture_of(draw)._repr_mimebundle_()
    for name, value in STYLE_OF_A_READER.items():
        with mpl.rc_context({name: value}):
            assert picture_of(draw)._repr_mimebundle_() == plain


def _fail_inside_the_style() -> None:
    with figures.house_style():
        figures.subplots()[1].plot([1], [1], marker="no such marker")


def test_the_style_is_put_back_after_an_error() -> None:
    with mpl.rc_context(STYLE_OF_A_READER):
        before = dict(mpl.rcParams)
        with pytest.raises(ValueError, match="Unrecognized marker style"):
            _fail_inside_the_style()
        assert dict(mpl.rcParams) == before


def test_pyplot_is_never_loaded() -> None:
    code = (
        "import sys; from ccmc_teach import figures as f; fig, ax = f.subplots();"
        "f.bars(ax, [1, 2], ['cat', 'dog']);"
        f"f.Picture(fig, {ALT!r})._repr_mimebundle_();"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_caller_s_arrays_are_left_alone() -> None:
    values, table, weights = np.array([1.0, 2.0]), np.eye(2), np.array([0.5, 0.5])
    _, axes = figures.subplots(1, 3)
    figures.bars(axes[0], values, WORDS[:2])
    figures.matrix(axes[1], table, WORDS[:2])
    figures.prompt_strip(axes[2], [0, 1], WORDS, weights)
    assert values.tolist() == [1, 2]
    assert table.tolist() == [[1, 0], [0, 1]]
    assert weights.tolist() == [0.5, 0.5]


# --- subplots -------------------------------------------------------------------------------------


def test_subplots_make_a_plain_figure_of_the_given_size() -> None:
    fig, axes = figures.subplots(2, 3, width=5, height=4, sharey=True)
    assert type(fig) is Figure
    assert fig.get_size_inches().tolist() == [5, 4]
    assert axes.shape == (2, 3)
    assert axes[0, 0].get_shared_y_axes().joined(axes[0, 0], axes[1, 2])
    assert fig.get_layout_engine() is not None


def test_subplots_have_the_house_style() -> None:
    _, ax = figures.subplots()
    assert [ax.spines[side].get_visible() for side in ("left", "top", "right")] == [1, 0, 0]
    (line,) = ax.plot([0, 1], [0, 1])
    assert same_color(line.get_color(), figures.TOKEN_COLOURS[0])
    assert same_color(ax.title.get_color(), figures.INK)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"width": 0}, "width"),
        ({"width": -1}, "width"),
        ({"width": float("nan")}, "width"),
        ({"height": float("inf")}, "height"),
        ({"height": "3"}, "height"),
        ({"nrows": 0}, "nrows"),
        ({"ncols": 1.5}, "ncols"),
    ],
)
def test_subplots_refuse_bad_sizes(options: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} must"):
        figures.subplots(**options)


# --- The alternative text -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "alt",
    [
        None,
        "",
        "   \n ",
        7,
        "x" * 19,
        "x" + " " * 30 + "y",
        "figure-of-the-transition-matrix.png",
        "figure_of_the_transition_matrix.SVG",
        " figure_of_the_transition_matrix.jpeg\n",
    ],
)
def test_an_alt_that_says_nothing_is_refused(alt: Any) -> None:
    fig, _ = figures.subplots()
    with pytest.raises(ValueError, match=r"^alt must say in a sentence"):
        figures.Picture(fig, alt)


@pytest.mark.parametrize("alt", ["x" * 20, "The picture is stored in the file plot.png"])
def test_an_alt_that_says_something_will_do(alt: str) -> None:
    fig, _ = figures.subplots()
    assert figures.Picture(fig, alt).alt == alt


def test_alt_and_caption_lose_line_breaks() -> None:
    fig, _ = figures.subplots()
    picture = figures.Picture(fig, "  Two words\n   stand on two lines. ", "A\n caption")
    assert picture.alt == "Two words stand on two lines."
    assert picture.caption == "A caption"


@pytest.mark.parametrize("caption", ["", "  ", 3])
def test_an_empty_caption_is_refused(caption: Any) -> None:
    fig, _ = figures.subplots()
    with pytest.raises(ValueError, match=r"^caption must be a text or None"):
        figures.Picture(fig, ALT, caption)


@pytest.mark.parametrize("fig", [None, "figure", figures.subplots(), figures.subplots()[1]])
def test_only_figures_become_pictures(fig: Any) -> None:
    with pytest.raises(ValueError, match=r"^fig must be a matplotlib Figure"):
        figures.Picture(fig, ALT)


# --- What a picture shows on a page ---------------------------------------------------------------


class Tags(HTMLParser):
    """The start tags of a page, with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page_gets_a_figure_with_a_labelled_image() -> None:
    bundle = picture_of(draw_bars, caption="Counts & more")._repr_mimebundle_()
    tags = Tags(bundle["text/html"])
    assert tags.open == []
    assert tags.found[0] == ("figure", {"class": "ccmc-figure"})
    name, attributes = tags.found[1]
    assert (name, attributes["role"], attributes["aria-label"]) == ("svg", "img", ALT)
    assert [tag for tag, _ in tags.found].count("figcaption") == 1
    assert tags.words.endswith("Counts & more\n")


def test_without_a_caption_there_is_none() -> None:
    assert "figcaption" not in picture_of(draw_bars)._repr_mimebundle_()["text/html"]


def test_text_cannot_become_markup() -> None:
    nasty = "</figure><script>x</script>"

    def draw(ax: Any) -> None:
        figures.bars(ax, [1], [nasty])

    page = picture_of(draw, alt=nasty, caption=nasty)._repr_mimebundle_()["text/html"]
    tags = Tags(page)
    names = {tag for tag, _ in tags.found}
    assert "script" not in names
    assert {"figure", "svg", "figcaption", "text"} <= names
    assert tags.found[1][1]["aria-label"] == nasty
    assert tags.words.count("<script>x</script>") == 2
    assert tags.open == []


def test_print_gets_a_png_in_light_colours() -> None:
    bundle = picture_of(draw_bars)._repr_mimebundle_()
    data = base64.b64decode(bundle["image/png"], validate=True)
    assert data.startswith(b"\x89PNG")
    pixels = imread(io.BytesIO(data))
    assert pixels[0, 0, :3].tolist() == [1, 1, 1]
    assert 500 < pixels.shape[1] < 900
    blue = np.abs(pixels[..., :3] - to_rgb(figures.TOKEN_COLOURS[0])).max(axis=-1) < 0.01
    assert blue.mean() > 0.01


def test_plain_text_is_the_alt() -> None:
    picture = picture_of(draw_bars)
    assert picture._repr_mimebundle_()["text/plain"] == repr(picture) == ALT


def test_the_image_shrinks_with_the_column() -> None:
    root = parsed(picture_of(draw_lines))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert int(root.attrib["width"]) == round(width / 72 * 88)
    assert int(root.attrib["height"]) == round(height / 72 * 88)
    style = root.attrib["style"]
    assert "max-width: 100%; height: auto" in style
    assert "background: var(--ccmc-paper, #ffffff)" in style


def test_empty_margins_are_cut_off() -> None:
    fig, ax = figures.subplots(width=9, height=1.5)
    figures.chain_diagram(ax, np.full((3, 3), 1 / 3), WORDS[:3])
    assert int(parsed(figures.Picture(fig, ALT)).attrib["width"]) < 3 * 88


def test_nothing_reaches_beyond_the_figure() -> None:
    svg = picture_of(draw_lines).svg
    assert svg.startswith("<svg ")
    for part in ("<?xml", "<!DOCTYPE", "<!--", "<style", "<metadata", "xlink", "ns0:", "Date"):
        assert part not in svg


def test_joins_of_lines_are_those_of_matplotlib() -> None:
    assert (
        "stroke-linejoin: round; stroke-linecap: butt"
        in parsed(picture_of(draw_lines)).attrib["style"]
    )


@pytest.mark.parametrize("draw", DRAWINGS)
def test_text_stays_text_in_the_font_of_the_page(draw: Callable[[Any], None]) -> None:
    picture = picture_of(draw)
    words = {element.text for element in parsed(picture).iter() if element.tag.endswith("text")}
    assert {"cat", "dog"} <= words
    assert "DejaVu" not in picture.svg
    assert "var(--ccmc-font, system-ui), sans-serif" in picture.svg


def test_outlines_are_rounded_and_not_distorted() -> None:
    def draw(ax: Any) -> None:
        ax.plot([0.123456, 0.654321], [0.1, 0.9], gid="line")

    (path,) = [
        element.attrib["d"]
        for element in parsed(picture_of(draw)).iter()
        if "--ccmc-c0" in element.attrib.get("style", "")
    ]
    assert re.fullmatch(r"M \d+\.\d\d \d+\.\d\d L \d+\.\d\d \d+\.\d\d", path)


# --- Ids ------------------------------------------------------------------------------------------


def ids(svg: str) -> list[str]:
    return re.findall(r'\bid="([^"]+)"', svg)


def targets(svg: str) -> set[str]:
    return set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))


def draw_everything(ax: Any) -> None:
    ax.plot([0, 1], [0, 1], "o-")
    ax.bar([0], [1], hatch="//")
    ax.imshow([[1, 2], [3, 4]])


@pytest.mark.parametrize("draw", [*DRAWINGS, draw_everything])
def test_every_id_is_used_once_and_every_reference_arrives(draw: Callable[[Any], None]) -> None:
    svg = picture_of(draw).svg
    assert len(ids(svg)) == len(set(ids(svg)))
    assert set(ids(svg)) == targets(svg)


def test_pictures_on_one_page_do_not_share_ids() -> None:
    drawn = [picture_of(draw).svg for draw in (*DRAWINGS, draw_everything)]
    drawn += [picture_of(draw_lines, alt="The same picture in other words.").svg]
    drawn += [picture_of(draw_lines, caption="The same picture again.").svg]
    every = [name for svg in drawn for name in ids(svg)]
    assert len(every) > 10
    assert len(every) == len(set(every))


@pytest.mark.parametrize("draw", [*DRAWINGS, draw_everything])
def test_a_picture_is_the_same_every_time(draw: Callable[[Any], None]) -> None:
    picture = picture_of(draw)
    first = picture._repr_mimebundle_()
    assert picture._repr_mimebundle_() == first
    assert picture_of(draw)._repr_mimebundle_() == first


def test_a_picture_is_the_same_in_every_process() -> None:
    code = (
        "from tests.test_figures import draw_everything, draw_lines, picture_of;"
        "print(picture_of(draw_everything).svg + picture_of(draw_lines).svg)"
    )
    outputs = set()
    for seed in ("1", "2"):
        env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, env=env, cwd=ROOT
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1


# --- Colours --------------------------------------------------------------------------------------

HOUSE = {
    **{colour: f"c{token}" for token, colour in enumerate(figures.TOKEN_COLOURS)},
    figures.INK: "ink",
    figures.SOFT: "soft",
    figures.LINE: "line",
    figures.GRID: "grid",
    figures.PAPER: "paper",
    figures.PANEL: "panel",
}


def css_palettes() -> dict[str, dict[str, str]]:
    """Return the colours that the style sheet of the site gives to light and dark pages."""
    text = (ROOT / "site" / "styles" / "course.css").read_text(encoding="utf-8")
    palettes = {}
    for page in ("light", "dark"):
        (block, *_) = re.findall(rf'^html\[data-theme="{page}"\] {{([^}}]*)}}', text, re.MULTILINE)
        palettes[page] = dict(re.findall(r"--ccmc-(\w+): (#[0-9a-f]{6});", block))
    return palettes


def contrast(first: Any, second: Any) -> float:
    """Return the contrast of two colours as the guidelines of the W3C define it."""

    def luminance(colour: Any) -> float:
        rgb = np.array(colour)
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    bright, dark = sorted([luminance(first), luminance(second)], reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_the_colours_are_those_of_the_site() -> None:
    assert {name: colour for colour, name in HOUSE.items()} == css_palettes()["light"]


@pytest.mark.parametrize("draw", DRAWINGS)
def test_every_colour_is_a_variable_with_its_own_fallback(draw: Callable[[Any], None]) -> None:
    svg = picture_of(draw).svg
    pairs = re.findall(r"var\(--ccmc-(\w+), (#[0-9a-f]{6})\)", svg)
    assert len(set(pairs)) >= 4
    assert {colour: name for name, colour in pairs}.items() <= HOUSE.items()
    bare = re.sub(r"var\(--ccmc-[^)]*\)", "", svg)
    assert set(re.findall(r"#[0-9a-f]{6}\b", bare)) <= {figures.DARK_INK}


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ("black", "var(--ccmc-ink, #000000)"),
        ("0.25", "var(--ccmc-soft, #404040)"),
        ("0.4", "var(--ccmc-soft, #666666)"),
        ("0.75", "var(--ccmc-line, #bfbfbf)"),
        ("0.95", "var(--ccmc-grid, #f2f2f2)"),
        ("#fefefe", "var(--ccmc-paper, #fefefe)"),
        ("#123456", "#123456"),
        ("#333366", "#333366"),
        ("#c9471b", "var(--ccmc-c1, #c9471b)"),
    ],
)
def test_greys_follow_the_page_and_other_colours_stay(colour: str, expected: str) -> None:
    def draw(ax: Any) -> None:
        ax.plot([0, 1], [0, 1], color=colour, linewidth=7.5)

    styles = [element.attrib.get("style", "") for element in parsed(picture_of(draw)).iter()]
    (style,) = [style for style in styles if "stroke-width: 7.5" in style]
    assert f"stroke: {expected};" in style


def test_opacity_survives() -> None:
    def draw(ax: Any) -> None:
        ax.fill_between([0, 1], 0, 1, color=figures.TOKEN_COLOURS[0], alpha=0.2)

    assert "opacity: 0.2" in picture_of(draw).svg


@pytest.mark.parametrize("page", ["light", "dark"])
def test_numbers_can_be_read_on_every_tint(page: str) -> None:
    colours = css_palettes()[page]
    ink, panel = to_rgb(colours["ink"]), np.array(to_rgb(colours["panel"]))
    for token in range(5):
        strongest = np.array(to_rgb(colours[f"c{token}"]))
        for tint in np.linspace(0, figures.STRONGEST_TINT, 5):
            assert contrast(ink, tint * strongest + (1 - tint) * panel) >= 4.5


@pytest.mark.parametrize("page", ["light", "dark"])
def test_names_can_be_read_on_every_token(page: str) -> None:
    colours = css_palettes()[page]
    fixed = {figures.PAPER: colours["paper"], figures.DARK_INK: figures.DARK_INK}
    for token in range(6):
        behind = colours[f"c{token}"] if token < 5 else colours["soft"]
        assert contrast(to_rgb(fixed[figures._on(token)]), to_rgb(behind)) >= 4.5


# --- Bars -----------------------------------------------------------------------------------------


def test_bars_have_heights_numbers_names_and_colours() -> None:
    _, ax = figures.subplots()
    figures.bars(ax, [2, 3, 0, 1], WORDS, number="{:.0f}", title="Counts")
    drawn = patches(ax, Rectangle)
    assert [bar.get_height() for bar in drawn] == [2, 3, 0, 1]
    for token, bar in enumerate(drawn):
        assert bar.get_x() + bar.get_width() / 2 == pytest.approx(token)
        assert same_color(bar.get_facecolor(), figures.TOKEN_COLOURS[token])
    assert texts(ax) == ["2", "3", "0", "1"]
    assert [text.xy for text in ax.texts] == [(0, 2), (1, 3), (2, 0), (3, 1)]
    assert [label.get_text() for label in ax.get_xticklabels()] == WORDS
    assert ax.get_title(loc="left") == "Counts"
    assert ax.get_ylim()[1] > 3


def test_a_ghost_is_a_dashed_outline_and_numbers_stand_above_both() -> None:
    _, ax = figures.subplots()
    figures.bars(ax, [0.2, 0.8], WORDS[:2], [0.5, 0.5], ghost_label="plain chain", number="{:.0%}")
    first, second = patches(ax, Rectangle)[2:]
    assert (first.get_height(), second.get_height()) == (0.5, 0.5)
    assert not first.get_fill()
    assert first.get_linestyle() != "solid"
    assert same_color(first.get_edgecolor(), figures.SOFT)
    assert first.get_width() > patches(ax, Rectangle)[0].get_width()
    assert [text.xy[1] for text in ax.texts] == [0.5, 0.8]
    assert texts(ax) == ["20%", "80%"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["plain chain"]


def test_a_ghost_without_a_label_needs_no_legend() -> None:
    _, ax = figures.subplots()
    figures.bars(ax, [1, 2], WORDS[:2], [2, 1])
    assert ax.get_legend() is None


def test_a_common_top_makes_bars_comparable() -> None:
    _, (left, right) = figures.subplots(1, 2)
    figures.bars(left, [1, 2], WORDS[:2], top=5)
    figures.bars(right, [5, 4], WORDS[:2])
    assert left.get_ylim() == right.get_ylim()


def test_bars_of_nothing_have_an_axis_all_the_same() -> None:
    _, ax = figures.subplots()
    figures.bars(ax, [0, 0], WORDS[:2])
    assert ax.get_ylim() == (0, 1)


def test_a_sixth_token_is_grey() -> None:
    _, ax = figures.subplots()
    figures.bars(ax, np.ones(7), list("abcdefg"))
    colours = [bar.get_facecolor() for bar in patches(ax, Rectangle)]
    assert same_color(colours[4], figures.TOKEN_COLOURS[4])
    assert same_color(colours[5], figures.SOFT)
    assert same_color(colours[6], figures.SOFT)


def test_a_function_may_write_the_numbers() -> None:
    _, ax = figures.subplots()
    figures.bars(ax, [1, 2], WORDS[:2], number=lambda value: f"<{value:.0f}>")
    assert texts(ax) == ["<1>", "<2>"]


def test_dollar_signs_in_names_are_no_formula() -> None:
    _, ax = figures.subplots()
    figures.bars(ax, [1], ["$a$"])
    assert ">$a$</text>" in figures.Picture(ax.figure, ALT).svg


# --- Matrices -------------------------------------------------------------------------------------


def test_a_matrix_has_rows_for_the_query_and_columns_for_the_next_token() -> None:
    _, ax = figures.subplots()
    figures.matrix(ax, P, WORDS)
    for text in ax.texts:
        column, row = text.get_position()
        assert text.get_text() == f"{P[int(row), int(column)]:.2f}"
    assert len(ax.texts) == 16
    low, high = ax.get_ylim()
    assert low > high, "row 0 stands at the top"
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("from", "to")
    assert [label.get_text() for label in ax.get_xticklabels()] == WORDS
    assert [label.get_text() for label in ax.get_yticklabels()] == WORDS


def test_the_tint_of_a_cell_tells_its_column_and_its_size() -> None:
    _, ax = figures.subplots()
    figures.matrix(ax, P, WORDS)
    tinted = [patch for patch in patches(ax, Rectangle) if patch.get_alpha() is not None]
    assert len(tinted) == 16
    for patch in tinted:
        column = round(patch.get_x() + patch.get_width() / 2)
        row = round(patch.get_y() + patch.get_height() / 2)
        assert patch.get_alpha() == pytest.approx(figures.STRONGEST_TINT * P[row, column] / 0.6)
        assert same_color(patch.get_facecolor()[:3], figures.TOKEN_COLOURS[column])


def test_a_matrix_need_not_be_square() -> None:
    _, ax = figures.subplots()
    figures.matrix(ax, [[1, 2, 3], [4, 5, 6]], WORDS[:2], columns=["a", "b", "c"], number="{:.0f}")
    assert texts(ax) == list("123456")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "c"]
    assert [label.get_text() for label in ax.get_yticklabels()] == WORDS[:2]


def test_a_matrix_of_zeros_has_no_tint() -> None:
    _, ax = figures.subplots()
    figures.matrix(ax, np.zeros((2, 2)), WORDS[:2])
    assert {patch.get_alpha() for patch in patches(ax, Rectangle)} == {None, 0}


def test_a_highlight_outlines_one_row() -> None:
    _, ax = figures.subplots()
    figures.matrix(ax, P[:, :3], WORDS, columns=WORDS[:3], highlight=2)
    (outline,) = [patch for patch in patches(ax, Rectangle) if not patch.get_fill()]
    assert outline.get_bbox().bounds == (-0.5, 1.5, 3, 1)


@pytest.mark.parametrize("row", [-1, 4, 1.0, "cat", True])
def test_a_highlight_must_be_a_row(row: Any) -> None:
    _, ax = figures.subplots()
    with pytest.raises(ValueError, match=r"^highlight must be a whole number from 0 to 3"):
        figures.matrix(ax, P, WORDS, highlight=row)


# --- State diagrams -------------------------------------------------------------------------------

SPARSE = np.array([[0.9, 0.1, 0.0], [0.0, 0.5, 0.5], [0.3, 0.7, 0.0]])


def diagram(table: Any) -> tuple[Any, list[Any], Any]:
    """Return axes, arrows in reading order of the table, and the centres of the circles."""
    _, ax = figures.subplots()
    figures.chain_diagram(ax, table, WORDS[: len(table)])
    centres = np.array([circle.get_center() for circle in patches(ax, Circle)])
    return ax, patches(ax, Polygon), centres


@pytest.mark.parametrize(
    "table", [np.array([[1.0]]), SPARSE[:2, :2] + [[0, 0], [0, 0.5]], SPARSE, P]
)
def test_every_possible_step_has_an_arrow_from_circle_to_circle(table: Any) -> None:
    ax, arrows, centres = diagram(table)
    steps = np.argwhere(table > 0)
    assert len(arrows) == len(steps)
    for (i, j), arrow in zip(steps, arrows, strict=True):
        outline = arrow.get_xy()
        point = outline[(len(outline) - 1) // 2]
        start = (outline[0] + outline[-2]) / 2
        assert np.linalg.norm(start - centres[i]) == pytest.approx(0.33, abs=0.06)
        assert np.linalg.norm(point - centres[j]) == pytest.approx(0.33, abs=0.06)
        assert same_color(arrow.get_facecolor()[:3], figures.TOKEN_COLOURS[i])
    assert texts(ax) == [f"{table[i, j]:.2f}" for i, j in steps] + WORDS[: len(table)]


@pytest.mark.parametrize("table", [SPARSE, P])
def test_every_number_stands_near_its_own_arrow(table: Any) -> None:
    ax, arrows, _ = diagram(table)
    for arrow, number in zip(arrows, ax.texts, strict=False):
        distances = [
            np.linalg.norm(other.get_xy() - number.get_position(), axis=1).min() for other in arrows
        ]
        assert arrows[int(np.argmin(distances))] is arrow


def test_numbers_do_not_cover_each_other() -> None:
    ax, _, _ = diagram(P)
    places = np.array([number.get_position() for number in ax.texts[:16]])
    apart = np.abs(places[:, None] - places[None])
    is_clear = (apart[..., 0] > 0.25) | (apart[..., 1] > 0.12)
    assert (is_clear | np.eye(16, dtype=bool)).all()


def test_likelier_steps_have_wider_arrows() -> None:
    _, arrows, _ = diagram(P)
    widths = [float(np.linalg.norm(arrow.get_xy()[0] - arrow.get_xy()[-2])) for arrow in arrows]
    np.testing.assert_allclose(widths, 0.018 + 0.11 * P.ravel(), rtol=1e-9)


def test_a_diagram_is_inside_its_axes_and_round() -> None:
    ax, arrows, centres = diagram(P)
    points = np.concatenate([arrow.get_xy() for arrow in arrows] + [centres - 0.3, centres + 0.3])
    points = np.concatenate([points, [text.get_position() for text in ax.texts]])
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    assert left < points[:, 0].min()
    assert points[:, 0].max() < right
    assert low < points[:, 1].min()
    assert points[:, 1].max() < high
    assert ax.get_aspect() == 1


def test_circles_carry_their_names() -> None:
    ax, _, centres = diagram(P)
    for token, centre in enumerate(centres):
        assert ax.texts[16 + token].get_text() == WORDS[token]
        assert ax.texts[16 + token].get_position() == pytest.approx(centre)
    assert len({tuple(centre.round(6)) for centre in centres}) == 4


def test_steps_back_and_forth_are_two_arrows_beside_each_other() -> None:
    _, arrows, _ = diagram([[0.0, 1.0], [1.0, 0.0]])
    there, back = (arrow.get_xy() for arrow in arrows)
    assert there[:, 1].min() > back[:, 1].max()


# --- Prompts --------------------------------------------------------------------------------------


def test_a_prompt_is_a_row_of_words_with_the_query_outlined() -> None:
    _, ax = figures.subplots()
    figures.prompt_strip(ax, [1, 0, 2, 1], WORDS)
    words = patches(ax, FancyBboxPatch)
    assert [word.get_x() + word.get_width() / 2 for word in words] == pytest.approx([0, 1, 2, 3])
    assert texts(ax) == ["dog", "cat", "owl", "dog", "↑ query"]
    for token, word in zip([1, 0, 2], words, strict=False):
        assert same_color(word.get_facecolor(), figures.TOKEN_COLOURS[token])
    assert same_color(words[3].get_facecolor(), figures.PAPER)
    assert same_color(words[3].get_edgecolor(), figures.TOKEN_COLOURS[1])
    assert words[3].get_linewidth() > 2
    assert ax.texts[-1].get_position()[0] == 3
    assert same_color(ax.texts[3].get_color(), figures.INK)
    assert same_color(ax.texts[2].get_color(), figures.DARK_INK)


def test_attention_is_drawn_to_scale() -> None:
    _, ax = figures.subplots()
    weights = np.array([0.2, 0.5, 0.1, 0.2])
    figures.prompt_strip(ax, [1, 0, 2, 1], WORDS, weights)
    drawn = patches(ax, Rectangle)
    heights = np.array([bar.get_height() for bar in drawn])
    np.testing.assert_allclose(heights / heights.max(), weights / weights.max(), rtol=1e-12)
    for token, bar in zip([1, 0, 2, 1], drawn, strict=True):
        assert same_color(bar.get_facecolor(), figures.TOKEN_COLOURS[token])
    assert texts(ax)[4:8] == ["20%", "50%", "10%", "20%"]
    assert max(bar.get_y() + bar.get_height() for bar in drawn) < ax.get_ylim()[1]


def test_attention_of_zero_has_no_height() -> None:
    _, ax = figures.subplots()
    figures.prompt_strip(ax, [1, 0], WORDS, [0, 0])
    assert [bar.get_height() for bar in patches(ax, Rectangle)] == [0, 0]


# --- Lines ----------------------------------------------------------------------------------------


def test_lines_differ_by_dashes_and_carry_their_names_at_their_ends() -> None:
    _, ax = figures.subplots()
    ys = [[0, 1], [0, 2], [0, 3], [0, 4], [0, 5]]
    figures.lines(ax, [1, 2], ys, list("abcde"))
    assert [line.get_ydata().tolist() for line in ax.lines] == ys
    assert len({str(line._unscaled_dash_pattern) for line in ax.lines}) == 5
    assert texts(ax) == list("abcde")
    assert [text.xy for text in ax.texts] == [(2, 1), (2, 2), (2, 3), (2, 4), (2, 5)]
    for token, line in enumerate(ax.lines):
        assert same_color(line.get_color(), figures.TOKEN_COLOURS[token])
        assert same_color(ax.texts[token].arrow_patch.get_edgecolor(), line.get_color())


def test_names_of_close_lines_keep_apart_whatever_is_done_to_the_axes_later() -> None:
    fig, ax = figures.subplots(height=2)
    figures.lines(ax, [1, 2], [[1, 0.500], [1, 0.501], [1, 0.502], [1, 9.0]], WORDS)
    ax.set(yscale="log", ylim=(0.1, 20), xlabel="words generated")
    fig.draw_without_rendering()
    labels: list[Any] = list(ax.texts)
    ends = ax.transData.transform([label.xy for label in labels])[:, 1] * 72 / fig.dpi
    places = ends + [label.xyann[1] for label in labels]
    np.testing.assert_allclose(np.diff(places[:3]), 14, atol=1e-6)
    assert places[:3].mean() == pytest.approx(ends[:3].mean())
    assert places[3] == pytest.approx(ends[3])


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=12),
    st.floats(0.1, 50),
)
def test_places_move_as_little_as_possible(places: list[float], distance: float) -> None:
    wanted = np.array(places)
    moved = figures._kept_apart(wanted, distance)
    order = np.argsort(wanted, kind="stable")
    offsets = distance * np.arange(len(wanted))
    best = isotonic_regression(wanted[order] - offsets).x + offsets
    np.testing.assert_allclose(moved[order], best, atol=1e-9 * (1 + np.abs(best).max()))


# --- Bad input ------------------------------------------------------------------------------------

NAN = float("nan")
# The arguments are wrong on purpose, which a type checker would see, too.
unchecked: Any = figures


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda ax: unchecked.bars(ax, [1, -1], WORDS[:2]), "values must hold no negative"),
        (lambda ax: unchecked.bars(ax, [1, NAN], WORDS[:2]), "values must hold finite numbers"),
        (lambda ax: unchecked.bars(ax, [], []), "values must hold at least one number"),
        (lambda ax: unchecked.bars(ax, [[1]], ["a"]), "values must be 1-dimensional"),
        (lambda ax: unchecked.bars(ax, [1, 2], WORDS), "labels must be 2 names"),
        (lambda ax: unchecked.bars(ax, [1, 2, 3], "cat"), "labels must be 3 names"),
        (lambda ax: unchecked.bars(ax, [1, 2], None), "labels must be 2 names"),
        (lambda ax: unchecked.bars(ax, [1, 2], [1, 2]), "labels must be 2 names"),
        (lambda ax: unchecked.bars(ax, [1, 2], ["cat", " "]), "labels must be 2 names"),
        (lambda ax: unchecked.bars(ax, [1, 2], ["cat", "\x00"]), "labels must be 2 names"),
        (lambda ax: unchecked.bars(ax, [1, 2], WORDS[:2], [1]), "ghost must hold 2 numbers"),
        (lambda ax: unchecked.bars(ax, [1, 2], WORDS[:2], [1, -1]), "ghost must hold no negative"),
        (lambda ax: unchecked.bars(ax, [1, 2], WORDS[:2], top=0), "top must be positive"),
        (
            lambda ax: unchecked.bars(ax, [1, 2], WORDS[:2], number="{} {}"),
            "number must be a format",
        ),
        (
            lambda ax: unchecked.bars(ax, [1, 2], WORDS[:2], number="{:d}"),
            "number must be a format",
        ),
        (lambda ax: unchecked.bars(ax, [1, 2], WORDS[:2], number=None), "number must be a format"),
        (lambda ax: unchecked.bars(ax, [1, 2], WORDS[:2], number=len), "number must be a format"),
        (
            lambda ax: unchecked.bars([ax], [1, 2], WORDS[:2]),
            "ax must be one pair of matplotlib axes",
        ),
        (
            lambda ax: unchecked.matrix(ax, [[1, -2]], ["a"], columns=["b", "c"]),
            "P must hold no neg",
        ),
        (lambda ax: unchecked.matrix(ax, [1, 2], ["a", "b"]), "P must be 2-dimensional"),
        (lambda ax: unchecked.matrix(ax, [[1, 2]], ["a"]), "columns must be 2 names"),
        (lambda ax: unchecked.matrix(ax, [[1, 2]], ["a", "b"]), "labels must be 1 names"),
        (lambda ax: unchecked.matrix(None, [[1]], ["a"]), "ax must be one pair of matplotlib axes"),
        (
            lambda ax: unchecked.chain_diagram(ax, [[0.5, 0.6], [0, 1]], WORDS[:2]),
            "every row of P must sum to 1",
        ),
        (lambda ax: unchecked.chain_diagram(ax, np.eye(5), list("abcde")), "P must have at most 4"),
        (lambda ax: unchecked.chain_diagram(ax, np.eye(2), WORDS), "labels must be 2 names"),
        (lambda ax: unchecked.chain_diagram(None, np.eye(2), WORDS[:2]), "ax must be one pair"),
        (
            lambda ax: unchecked.prompt_strip(ax, [0, 4], WORDS),
            "prompt must hold tokens from 0 to 3",
        ),
        (lambda ax: unchecked.prompt_strip(ax, [], WORDS), "prompt must"),
        (lambda ax: unchecked.prompt_strip(ax, [0], []), "labels must be a list of names"),
        (lambda ax: unchecked.prompt_strip(ax, [0], 7), "labels must be a list of names"),
        (lambda ax: unchecked.prompt_strip(ax, [0, 1], WORDS, [1]), "weights must hold 2 numbers"),
        (lambda ax: unchecked.prompt_strip(ax, [0], WORDS, [-1]), "weights must hold no negative"),
        (lambda ax: unchecked.prompt_strip(None, [0], WORDS), "ax must be one pair"),
        (lambda ax: unchecked.lines(ax, [1, 2], [1, 2], ["a"]), "ys must be 2-dimensional"),
        (lambda ax: unchecked.lines(ax, [1, 2], [[1, 2, 3]], ["a"]), "ys must have one column"),
        (lambda ax: unchecked.lines(ax, [], [[]], ["a"]), "ys must have one column"),
        (lambda ax: unchecked.lines(ax, [1, 2], [[1, NAN]], ["a"]), "ys must hold finite numbers"),
        (lambda ax: unchecked.lines(ax, [1, 2], [[1, 2]], WORDS), "labels must be 1 names"),
        (lambda ax: unchecked.lines(None, [1, 2], [[1, 2]], ["a"]), "ax must be one pair"),
    ],
)
def test_bad_input_gets_a_sentence_that_names_the_argument(
    draw: Callable[[Any], None], sentence: str
) -> None:
    _, ax = figures.subplots()
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        draw(ax)
