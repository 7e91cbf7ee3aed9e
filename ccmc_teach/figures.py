"""Pictures in the style of the course: an alternative text each, and colours that follow the page.

:func:`subplots` makes a plain matplotlib figure under the house style and leaves the reader's own
style alone.
The drawing functions put one kind of picture on one pair of axes.
:class:`Picture` shows a figure together with the text that stands for it.

Colours are never the only code: marks carry their names and numbers, too.
On a page every colour is a CSS variable, so the dark mode of the page recolours the picture.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Patch, Polygon, Rectangle
from matplotlib.text import Annotation
from numpy.typing import ArrayLike, NDArray

from ccmc_teach import chain

__all__ = [  # noqa: RUF022 (plain alphabetical order, as in all rooms)
    "GRID",
    "INK",
    "LINE",
    "PANEL",
    "PAPER",
    "Picture",
    "SOFT",
    "TOKEN_COLOURS",
    "bars",
    "chain_diagram",
    "house_style",
    "lines",
    "matrix",
    "prompt_strip",
    "subplots",
]

# A format such as "{:.2f}", or a function from a number to its text.
NumberFormat = str | Callable[[float], str]
Array = NDArray[np.float64]

TOKEN_COLOURS = ("#2156c4", "#c9471b", "#2a9d8a", "#5f2b63", "#bd8a12")
INK, SOFT, LINE = "#1c2733", "#5a6775", "#d9dfe6"
GRID, PAPER, PANEL = "#ecf0f4", "#ffffff", "#f6f8fa"

# Dark enough to be read on the colours of tokens 2 and 4 on a light and on a dark page.
DARK_INK = "#0d1b19"
# With more colour than this the numbers of a matrix would be hard to read on a dark page.
STRONGEST_TINT = 0.41
# A diagram of more tokens is a ball of wool.
MOST_TOKENS_IN_DIAGRAM = 4
# The width of a figure on a page; text of 12 points becomes about as large as the text around it.
PIXELS_PER_INCH = 88
SHORTEST_ALT = 20

_STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": LINE,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.prop_cycle": cycler(color=TOKEN_COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12.5,
    "axes.titleweight": "bold",
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "grid.color": GRID,
    "hatch.color": SOFT,
    "legend.frameon": False,
    "lines.linewidth": 2.2,
    "patch.edgecolor": INK,
    # Text stays text: it is smaller and crisper than outlines, can be found and copied, and
    # follows the font of the page. The layout holds, because it is computed with DejaVu Sans,
    # which is wider than the fonts of nearly all pages, and centred labels stay centred.
    "svg.fonttype": "none",
    "svg.hashsalt": "ccmc",
    "text.color": INK,
    "xtick.color": SOFT,
    "xtick.labelcolor": SOFT,
    "ytick.color": SOFT,
    "ytick.labelcolor": SOFT,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Use the style of the course inside a ``with`` block, and the reader's own after it.

    Yields
    ------
    None

    Examples
    --------
    >>> before = mpl.rcParams["font.size"]
    >>> with house_style():
    ...     mpl.rcParams["font.size"]
    12.0
    >>> mpl.rcParams["font.size"] == before
    True
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        for name, value in _STYLE.items():
            mpl.rcParams[name] = value
        yield


def subplots(
    nrows: int = 1,
    ncols: int = 1,
    *,
    width: float = 7.2,
    height: float = 3.0,
    **subplot_options: Any,
) -> tuple[Figure, Any]:
    """Make a figure in the style of the course, without touching the style of anything else.

    Parameters
    ----------
    nrows, ncols : int
        Rows and columns of axes.
    width, height : float
        Size in inches; about 6 inches fill a column of text and can still be read on a phone.
    **subplot_options
        Handed to ``matplotlib.figure.Figure.subplots``.

    Returns
    -------
    fig : matplotlib.figure.Figure
        A plain figure: pyplot does not know it, so it is shown once, by :class:`Picture`.
    axes : matplotlib.axes.Axes or array of them

    Raises
    ------
    ValueError
        If the size is not finite and positive, or a number of rows or columns is no whole number.

    Examples
    --------
    >>> fig, ax = subplots(width=6, height=2)
    >>> fig.get_size_inches()
    array([6., 2.])
    """
    rows, columns = chain.as_whole_number(nrows, "nrows"), chain.as_whole_number(ncols, "ncols")
    size = [_positive(width, "width"), _positive(height, "height")]
    with house_style():
        fig = Figure(figsize=(size[0], size[1]), layout="constrained")
        return fig, fig.subplots(rows, columns, **subplot_options)


class Picture:
    """A figure with the text that stands for it where it cannot be seen.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure; it is drawn once, when the picture is first shown.
    alt : str
        What a reader who does not see the figure needs to know: a sentence, not a file name.
    caption : str, optional
        Text to show below the figure.

    Raises
    ------
    ValueError
        If ``fig`` is no figure, or ``alt`` is missing, shorter than 20 characters or a file name.

    Examples
    --------
    >>> fig, ax = subplots()
    >>> _ = ax.plot([1, 2, 3], [0.2, 0.5, 0.6])
    >>> Picture(fig, alt="The share of cat rises from 0.2 to 0.6 within three words.")
    The share of cat rises from 0.2 to 0.6 within three words.
    """

    def __init__(self, fig: Figure, alt: str, caption: str | None = None) -> None:
        if not isinstance(fig, Figure):
            raise ValueError(f"fig must be a matplotlib Figure, got {type(fig).__name__}.")
        self.fig = fig
        self.alt = _checked_alt(alt)
        self.caption = _checked_caption(caption)
        # The layout of matplotlib moves a little with every drawing, so each is made only once.
        self._svg: str | None = None
        self._png: bytes | None = None

    def __repr__(self) -> str:
        """Return the alternative text."""
        return self.alt

    @property
    def svg(self) -> str:
        """The figure as an ``<svg>`` element for a page, with colours as CSS variables."""
        if self._svg is None:
            self._svg = _inline_svg(self.fig, self.alt, self.caption)
        return self._svg

    @property
    def png(self) -> bytes:
        """The figure as a PNG file in the light colours, for print."""
        if self._png is None:
            _ = self.svg  # Always drawn first, for the layout's sake.
            buffer = io.BytesIO()
            with house_style():
                self.fig.savefig(buffer, format="png", dpi=200, **_CROPPED)
            self._png = buffer.getvalue()
        return self._png

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        caption = f"\n<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        return {
            "text/html": f'<figure class="ccmc-figure">\n{self.svg}{caption}\n</figure>',
            "image/png": base64.b64encode(self.png).decode("ascii"),
            "text/plain": self.alt,
        }


# --- From a figure to a page ----------------------------------------------------------------------

# A drawing with equal units on both axes seldom fills its figure.
_CROPPED: dict[str, Any] = {"bbox_inches": "tight", "pad_inches": 0.04}

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_FONT = "var(--ccmc-font, system-ui), sans-serif"

_VARIABLES = {colour: f"c{token}" for token, colour in enumerate(TOKEN_COLOURS)} | {
    INK: "ink",
    SOFT: "soft",
    LINE: "line",
    GRID: "grid",
    PAPER: "paper",
    PANEL: "panel",
}
# Greys that are not of the house follow the page, too: name of the variable, lightness up to.
_GREYS = (("ink", 0.25), ("soft", 0.7), ("line", 0.9), ("grid", 0.97), ("paper", 1.0))


def _inline_svg(fig: Figure, alt: str, caption: str | None) -> str:
    buffer = io.BytesIO()
    with house_style():
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, **_CROPPED)
    root = ET.fromstring(buffer.getvalue())
    _drop_page_wide_parts(root)
    _rename_ids(root, f"{alt}\n{caption}")
    for element in root.iter():
        _make_compact(element)
        for name in ("style", "fill", "stroke"):
            if name in element.attrib:
                element.set(name, _with_variables(element.get(name, "")))
    _fit_to_column(root, alt)
    return ET.tostring(root, encoding="unicode")


def _drop_page_wide_parts(root: ET.Element) -> None:
    """Drop the metadata, and the style sheet of matplotlib that would reach the whole page."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{_SVG}metadata", f"{_SVG}style"):
                parent.remove(child)


def _make_compact(element: ET.Element) -> None:
    """Drop the indentation and round the outlines to a hundredth of a point."""
    element.tag = element.tag.removeprefix(_SVG)
    for name in ("text", "tail"):
        if not (getattr(element, name) or "").strip():
            setattr(element, name, None)
    if "d" in element.attrib:
        rounded = re.sub(r"\d+\.\d+", lambda hit: f"{float(hit[0]):.2f}", element.attrib["d"])
        element.set("d", " ".join(rounded.split()))


def _rename_ids(root: ET.Element, salt: str) -> None:
    """Drop the ids that nothing refers to, and make the others unique on a page."""
    content = ET.tostring(root, encoding="unicode") + salt
    prefix = f"ccmc-{hashlib.sha256(content.encode()).hexdigest()[:10]}"
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', content))
    names = {name: f"{prefix}-{place}" for place, name in enumerate(sorted(used))}
    for element in root.iter():
        if element.get("id") in names:
            element.set("id", names[element.attrib["id"]])
        else:
            element.attrib.pop("id", None)
        target = element.attrib.pop(_HREF, None)
        if target is not None:
            element.set("href", f"#{names[target[1:]]}" if target.startswith("#") else target)
        for name, value in element.attrib.items():
            pattern = r"url\(#([^)]+)\)"
            element.set(name, re.sub(pattern, lambda hit: f"url(#{names[hit[1]]})", value))


def _with_variables(style: str) -> str:
    """Replace the colours of the house by CSS variables, with the colour as the fallback."""
    style = style.replace("'DejaVu Sans'", _FONT)
    return re.sub(r"#[0-9a-f]{6}\b", lambda hit: _variable(hit[0]), style)


def _variable(colour: str) -> str:
    name = _VARIABLES.get(colour) or _grey_name(colour)
    return f"var(--ccmc-{name}, {colour})" if name else colour


def _grey_name(colour: str) -> str | None:
    red, green, blue = to_rgb(colour)
    if not red == green == blue:
        return None
    return next(name for name, lightest in _GREYS if red <= lightest)


def _fit_to_column(root: ET.Element, alt: str) -> None:
    root.attrib.pop("version", None)
    root.set("xmlns", _SVG.strip("{}"))
    for name in ("width", "height"):
        points = float(root.get(name, "").removesuffix("pt"))
        root.set(name, str(round(points / 72 * PIXELS_PER_INCH)))
    root.set("role", "img")
    root.set("aria-label", alt)
    # The joins stand in the style sheet that was dropped; a child without its own inherits them.
    root.set(
        "style",
        "max-width: 100%; height: auto; background: var(--ccmc-paper, #ffffff); "
        "stroke-linejoin: round; stroke-linecap: butt",
    )


def _checked_alt(alt: Any) -> str:
    text = " ".join(alt.split()) if isinstance(alt, str) else ""
    is_file = re.fullmatch(r"\S+\.(?:png|svg|jpe?g|gif|pdf|webp)", text, re.IGNORECASE)
    if len(text) < SHORTEST_ALT or is_file:
        raise ValueError(
            f"alt must say in a sentence of at least {SHORTEST_ALT} characters what the figure "
            f"shows, got {alt!r:.60}."
        )
    return text


def _checked_caption(caption: Any) -> str | None:
    if caption is None:
        return None
    if not isinstance(caption, str) or not caption.strip():
        raise ValueError(f"caption must be a text or None, got {caption!r:.60}.")
    return " ".join(caption.split())


# --- Bars -----------------------------------------------------------------------------------------


def bars(
    ax: Axes,
    values: ArrayLike,
    labels: Sequence[str],
    ghost: ArrayLike | None = None,
    *,
    ghost_label: str = "",
    number: NumberFormat = "{:.2f}",
    top: float | None = None,
    title: str = "",
) -> None:
    """Draw one bar a token, its number on top, with a dashed outline for comparison.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    values : array of shape (K,)
        Heights of the bars, not negative.
    labels : sequence of K str
        Names of the tokens.
    ghost : array of shape (K,), optional
        Heights of the dashed outlines.
    ghost_label : str
        What the outlines show.
    number : str or callable
        Format of the numbers, such as ``"{:.0f}"`` for counts or ``"{:.0%}"`` for percent, or a
        function from a number to its text.
    top : float, optional
        The height that fills the picture; give several pictures the same to compare them.
    title : str
        What the bars show.

    Raises
    ------
    ValueError
        If numbers are negative or not finite, lengths differ, or ``number`` is no format.

    Examples
    --------
    >>> fig, ax = subplots(width=3)
    >>> bars(ax, [2, 3, 1], ["cat", "dog", "owl"], number="{:.0f}")
    >>> [text.get_text() for text in ax.texts]
    ['2', '3', '1']
    """
    _refuse_other_axes(ax)
    heights = _not_negative(values, "values", ndim=1)
    names = _checked_labels(labels, len(heights))
    outlines = np.zeros_like(heights) if ghost is None else _not_negative(ghost, "ghost", ndim=1)
    if outlines.shape != heights.shape:
        raise ValueError(f"ghost must hold {len(heights)} numbers, got {len(outlines)}.")
    highest = np.maximum(heights, outlines)
    places = range(len(heights))
    with house_style():
        ax.bar(places, heights, width=0.74, color=[_colour(k) for k in places])
        if ghost is not None:
            _draw_ghost(ax, outlines, ghost_label)
        for k in places:
            _write_above(ax, k, highest[k], _formatted(number, heights[k]))
        _dress_bars(ax, names, highest.max() if top is None else _positive(top, "top"), title)


def _draw_ghost(ax: Axes, heights: Array, label: str) -> None:
    look: dict[str, Any] = {
        "fill": False,
        "edgecolor": SOFT,
        "linewidth": 1.3,
        "linestyle": (0, (3, 2)),
    }
    ax.bar(range(len(heights)), heights, width=0.9, **look)
    if label:
        ax.legend(
            [Patch(**look)],
            [label],
            loc="upper center",
            bbox_to_anchor=(0.5, -0.14),
            labelcolor=SOFT,
            fontsize=11,
        )


def _write_above(ax: Axes, place: float, height: float, text: str) -> None:
    ax.annotate(
        text,
        (place, height),
        xytext=(0, 4),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontweight="bold",
    )


def _dress_bars(ax: Axes, names: Sequence[str], highest: float, title: str) -> None:
    ax.set_xticks(range(len(names)), names)
    ax.tick_params(axis="x", length=0, labelcolor=INK, labelsize=12)
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.spines["left"].set_visible(False)
    # Room for the numbers above the bars.
    ax.set_ylim(0, 1.22 * highest if highest > 0 else 1.0)
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.set_title(title)


# --- Matrices -------------------------------------------------------------------------------------


def matrix(
    ax: Axes,
    P: ArrayLike,
    labels: Sequence[str],
    *,
    columns: Sequence[str] | None = None,
    number: NumberFormat = "{:.2f}",
    row_title: str = "from",
    column_title: str = "to",
    highlight: int | None = None,
    title: str = "",
) -> None:
    """Draw a table of numbers, each on the colour of its column, the stronger the larger.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    P : array of shape (K, J)
        Numbers that are not negative, such as a transition matrix: rows are where the chain
        comes from (the query), columns where it goes to.
    labels : sequence of K str
        Names of the rows, and of the columns if P is square.
    columns : sequence of J str, optional
        Names of the columns.
    number : str or callable
        Format of the numbers, or a function from a number to its text.
    row_title, column_title : str
        What rows and columns are.
    highlight : int, optional
        A row to outline.
    title : str
        What the table shows.

    Raises
    ------
    ValueError
        If numbers are negative or not finite, names do not fit the shape, there is no such row
        as ``highlight``, or ``number`` is no format.

    Examples
    --------
    >>> fig, ax = subplots(width=3, height=2)
    >>> matrix(ax, [[0.5, 0.5], [0.25, 0.75]], ["cat", "dog"])
    >>> [text.get_text() for text in ax.texts]
    ['0.50', '0.50', '0.25', '0.75']
    """
    _refuse_other_axes(ax)
    table = _not_negative(P, "P", ndim=2)
    rows, width = table.shape
    row_names = _checked_labels(labels, rows)
    column_names = _checked_labels(labels if columns is None else columns, width, "columns")
    with house_style():
        largest = table.max() or 1.0
        for (row, column), value in np.ndenumerate(table):
            tint = STRONGEST_TINT * value / largest
            _draw_cell(ax, row, column, tint, _formatted(number, value))
        if highlight is not None:
            row = chain.as_whole_number(highlight, "highlight", least=0, most=rows - 1)
            outline = Rectangle((-0.5, row - 0.5), width, 1, fill=False, ec=INK, lw=2, zorder=3)
            outline.set_clip_on(False)
            ax.add_patch(outline)
        _dress_matrix(ax, row_names, column_names)
        ax.set(ylabel=row_title, xlabel=column_title)
        ax.set_title(title, pad=10)


def _draw_cell(ax: Axes, row: int, column: int, tint: float, text: str) -> None:
    corner = (column - 0.47, row - 0.47)
    ax.add_patch(Rectangle(corner, 0.94, 0.94, color=PANEL, lw=0))
    ax.add_patch(Rectangle(corner, 0.94, 0.94, color=_colour(column), alpha=tint, lw=0))
    _write_centred(ax, (column, row), text)


def _dress_matrix(ax: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.xaxis.set_label_position("top")
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(
        length=0, labelcolor=INK, labelsize=12, top=True, labeltop=True, labelbottom=False
    )
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    for label in (ax.xaxis.label, ax.yaxis.label):
        label.set_color(SOFT)


# --- State diagrams -------------------------------------------------------------------------------

_NODE_RADIUS = 0.3
_LOOP_RADIUS = 0.23
_POINTS = 51


def chain_diagram(
    ax: Axes,
    P: ArrayLike,
    labels: Sequence[str],
    *,
    number: NumberFormat = "{:.2f}",
    title: str = "",
) -> None:
    """Draw a chain as circles and arrows: the wider an arrow, the likelier the step.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    P : array of shape (K, K)
        Transition matrix of at most 4 tokens; a step of probability 0 gets no arrow.
    labels : sequence of K str
        Names of the tokens.
    number : str or callable
        Format of the probabilities on the arrows, or a function from a number to its text.
    title : str
        What the diagram shows.

    Raises
    ------
    ValueError
        If P is no transition matrix or has more than 4 tokens, names do not fit, or ``number``
        is no format.

    Examples
    --------
    >>> fig, ax = subplots(width=4)
    >>> chain_diagram(ax, [[0.5, 0.5], [0, 1]], ["cat", "dog"])
    >>> [text.get_text() for text in ax.texts]
    ['0.50', '0.50', '1.00', 'cat', 'dog']
    """
    _refuse_other_axes(ax)
    base = chain.as_transition_matrix(P)
    K = len(base)
    if K > MOST_TOKENS_IN_DIAGRAM:
        raise ValueError(
            f"P must have at most {MOST_TOKENS_IN_DIAGRAM} tokens for a diagram, got {K}; "
            f"a matrix can show more."
        )
    names = _checked_labels(labels, K)
    centres = _corners(K)
    with house_style():
        for i, j in np.argwhere(base > 0).tolist():
            path = _loop(centres[i]) if i == j else _bow(centres[i], centres[j])
            _draw_arrow(ax, path, base[i, j], _colour(i))
            place = _beside_loop(path, centres[i]) if i == j else _on_bow(path)
            _write_on_paper(ax, place, _formatted(number, base[i, j]))
        for k, centre in enumerate(centres):
            ax.add_patch(Circle(tuple(centre), _NODE_RADIUS, color=_colour(k), zorder=3))
            _write_centred(ax, centre, names[k], color=_on(k), zorder=4, fontweight="bold")
        _leave_room(ax, centres)
        ax.set_title(title)


def _write_centred(ax: Axes, place: ArrayLike, text: str, **look: Any) -> None:
    across, up = np.asarray(place, dtype=float)
    ax.text(across, up, text, ha="center", va="center", **look)


def _corners(K: int) -> Array:
    """Return the centres of K circles, clockwise, the first at the top or on the left."""
    start = {1: 0.5, 2: 1.0, 4: 0.75}.get(K, 0.5)
    angle = np.pi * (start - 2 * np.arange(K) / K)
    radius = {1: 0.0, 2: 0.95, 3: 1.05}.get(K, 1.2)
    centres: Array = radius * np.column_stack([np.cos(angle), np.sin(angle)])
    return centres


def _bow(start: Array, end: Array) -> Array:
    """Return points of a curve from circle to circle that bends to its left."""
    across = np.array([start[1] - end[1], end[0] - start[0]])
    control = (start + end) / 2 + 0.3 * across / np.sqrt(np.linalg.norm(across))
    t = np.linspace(0, 1, _POINTS)[:, None]
    curve: Array = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end
    gap = _NODE_RADIUS + 0.03
    nearest = np.minimum(*(np.linalg.norm(curve - centre, axis=1) for centre in (start, end)))
    between: Array = curve[nearest > gap]
    return between


def _on_bow(path: Array) -> Array:
    """Return the place of a number: in the middle of a side, near the start of a diagonal."""
    is_diagonal = np.linalg.norm(path[-1] - path[0]) > 1.35
    place: Array = path[int((0.25 if is_diagonal else 0.45) * len(path))]
    return place


def _loop(centre: Array) -> Array:
    """Return points of a loop on the outer side of a circle, back to the circle."""
    outward = _outward(centre)
    middle = centre + outward * (_NODE_RADIUS + 0.6 * _LOOP_RADIUS)
    angle = np.arctan2(-outward[1], -outward[0]) - np.linspace(0, 2 * np.pi, _POINTS)
    curve: Array = middle + _LOOP_RADIUS * np.column_stack([np.cos(angle), np.sin(angle)])
    outside: Array = curve[np.linalg.norm(curve - centre, axis=1) > _NODE_RADIUS + 0.03]
    return outside


def _outward(centre: Array) -> Array:
    length = np.linalg.norm(centre)
    direction: Array = centre / length if length else np.array([0.0, 1.0])
    return direction


def _beside_loop(path: Array, centre: Array) -> Array:
    """Return the place of a number just outside a loop; numbers are wider than high."""
    outward = _outward(centre)
    place: Array = path[len(path) // 2] + outward * (0.13 + 0.12 * abs(outward[0]))
    return place


def _draw_arrow(ax: Axes, path: Array, probability: float, colour: str) -> None:
    outline = _arrow(path, width=0.018 + 0.11 * probability, head=0.13 + 0.08 * probability)
    ax.add_patch(Polygon(outline, closed=True, color=colour, lw=0, alpha=0.85))


def _write_on_paper(ax: Axes, place: Array, text: str) -> None:
    box = {"boxstyle": "round,pad=0.12", "facecolor": PAPER, "edgecolor": "none"}
    _write_centred(ax, place, text, fontsize=10.5, zorder=2, bbox=box)


def _arrow(path: Array, width: float, head: float) -> Array:
    """Return the outline of an arrow along a path: a band of one width, then a triangle."""
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    left_to_go = steps.sum() - np.concatenate([[0.0], steps.cumsum()])
    band = path[left_to_go >= head]
    along = np.gradient(band, axis=0)
    across = np.column_stack([-along[:, 1], along[:, 0]])
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    towards = (path[-1] - band[-1]) / np.linalg.norm(path[-1] - band[-1])
    wing = (width / 2 + 0.35 * head) * np.array([-towards[1], towards[0]])
    left, right = band + width / 2 * across, band - width / 2 * across
    triangle = [band[-1] + wing, path[-1], band[-1] - wing]
    return np.concatenate([left, triangle, right[::-1]])


def _leave_room(ax: Axes, centres: Array) -> None:
    reach = centres + np.array([_outward(centre) for centre in centres]) * 1.05
    inner = np.concatenate([centres - _NODE_RADIUS, centres + _NODE_RADIUS, reach])
    (left, low), (right, high) = inner.min(axis=0), inner.max(axis=0)
    ax.set_xlim(left - 0.05, right + 0.05)
    ax.set_ylim(low - 0.05, high + 0.05)
    ax.set_aspect("equal")
    ax.set_axis_off()


# --- Prompts --------------------------------------------------------------------------------------


def prompt_strip(
    ax: Axes,
    prompt: ArrayLike,
    labels: Sequence[str],
    weights: ArrayLike | None = None,
    *,
    number: NumberFormat = "{:.0%}",
    title: str = "",
) -> None:
    """Draw a prompt as a row of words, the query outlined, with attention as bars above it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    prompt : sequence of L tokens
        The prompt in reading order; up to a dozen words look well.
    labels : sequence of K str
        Names of the tokens.
    weights : array of shape (L,), optional
        Attention weights of the positions, not negative.
    number : str or callable
        Format of the weights, or a function from a number to its text.
    title : str
        What the strip shows.

    Raises
    ------
    ValueError
        If the prompt does not fit the names, the weights do not fit the prompt, or ``number`` is
        no format.

    Examples
    --------
    >>> fig, ax = subplots(width=4, height=1.5)
    >>> prompt_strip(ax, [1, 0], ["cat", "dog"], weights=[0.75, 0.25])
    >>> [text.get_text() for text in ax.texts]
    ['dog', 'cat', '75%', '25%', '↑ query']
    """
    _refuse_other_axes(ax)
    names = _checked_labels(labels)
    tokens = chain.as_prompt(prompt, len(names))
    heights = None if weights is None else _not_negative(weights, "weights", ndim=1)
    if heights is not None and len(heights) != len(tokens):
        raise ValueError(f"weights must hold {len(tokens)} numbers, got {len(heights)}.")
    with house_style():
        for place, token in enumerate(tokens):
            is_query = place == len(tokens) - 1
            _draw_word(ax, place, token, names[token], is_query=is_query)
        if heights is not None:
            _draw_attention(ax, tokens, heights, number)
        ax.text(len(tokens) - 1, -0.45, "↑ query", ha="center", va="top", color=SOFT, fontsize=11)
        ax.set_xlim(-0.6, len(tokens) - 0.4)
        ax.set_ylim(-0.85, 0.35 if heights is None else 2.4)
        ax.set_aspect("equal")
        ax.set_axis_off()
        ax.set_title(title)


def _draw_word(ax: Axes, place: int, token: int, name: str, *, is_query: bool) -> None:
    colour = _colour(token)
    word = FancyBboxPatch(
        (place - 0.4, -0.28),
        0.8,
        0.56,
        boxstyle="round,pad=0.04,rounding_size=0.16",
        facecolor=PAPER if is_query else colour,
        edgecolor=colour,
        linewidth=2.4 if is_query else 0,
    )
    ax.add_patch(word)
    text_colour = INK if is_query else _on(token)
    _write_centred(ax, (place, 0), name, color=text_colour, fontsize=11, fontweight="bold")


def _draw_attention(
    ax: Axes, tokens: NDArray[np.int64], weights: Array, number: NumberFormat
) -> None:
    tallest = weights.max() or 1.0
    for place, (token, weight) in enumerate(zip(tokens, weights, strict=True)):
        height = 1.55 * weight / tallest
        ax.add_patch(Rectangle((place - 0.4, 0.45), 0.8, height, color=_colour(token), lw=0))
        text = _formatted(number, weight)
        ax.text(place, 0.53 + height, text, ha="center", va="bottom", fontsize=11, color=SOFT)


# --- Lines ----------------------------------------------------------------------------------------

_DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (3, 1.5)))


def lines(ax: Axes, x: ArrayLike, ys: ArrayLike, labels: Sequence[str], *, title: str = "") -> None:
    """Draw one line a token, each with its own dashes and its name at its right end.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    x : array of shape (n,)
        Common abscissas, such as times.
    ys : array of shape (K, n)
        One line a row.
    labels : sequence of K str
        Names of the lines.
    title : str
        What the lines show.

    Raises
    ------
    ValueError
        If numbers are not finite or the shapes do not fit each other.

    Examples
    --------
    >>> fig, ax = subplots(width=4)
    >>> lines(ax, [1, 2, 3], [[0.2, 0.5, 0.6], [0.8, 0.5, 0.4]], ["cat", "dog"])
    >>> [text.get_text() for text in ax.texts]
    ['cat', 'dog']
    """
    _refuse_other_axes(ax)
    abscissas, heights = chain.as_real_array(x, "x", ndim=1), chain.as_real_array(ys, "ys", ndim=2)
    if heights.shape[1] != len(abscissas) or not heights.size:
        raise ValueError(
            f"ys must have one column for each of the {len(abscissas)} numbers of x, got the "
            f"shape {heights.shape}."
        )
    names = _checked_labels(labels, len(heights))
    with house_style():
        for k, row in enumerate(heights):
            ax.plot(abscissas, row, color=_colour(k), linestyle=_DASHES[k % len(_DASHES)])
        ax.set_title(title)
        _name_the_ends(ax, abscissas[-1], heights[:, -1], names)


def _name_the_ends(ax: Axes, x: float, ends: Array, names: Sequence[str]) -> None:
    labels = [
        ax.annotate(
            name,
            (x, end),
            xytext=(20, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            fontweight="bold",
            annotation_clip=False,
            # A leader in the colour of the line, because names that keep apart leave their lines.
            arrowprops={
                "arrowstyle": "-",
                "color": _colour(k),
                "linewidth": 1.5,
                "relpos": (0, 0.5),
                "shrinkA": 2,
                "shrinkB": 3,
            },
        )
        for k, (name, end) in enumerate(zip(names, ends, strict=True))
    ]
    ax.add_artist(_KeepApart(labels))


class _KeepApart(Artist):
    """Draws nothing, but moves labels apart just before they are drawn, when the scale is known."""

    def __init__(self, labels: Sequence[Annotation]) -> None:
        super().__init__()
        self.labels = labels
        self.set_in_layout(False)
        self.set_zorder(-1)

    def draw(self, renderer: Any) -> None:
        """Give each label its height, in points above the end of its line."""
        ax = self.labels[0].axes
        assert ax is not None
        ends = ax.transData.transform([label.xy for label in self.labels])[:, 1]
        wanted = ends / renderer.points_to_pixels(1)
        for label, shift in zip(self.labels, _kept_apart(wanted, 14.0) - wanted, strict=True):
            label.xyann = (20, shift)


def _kept_apart(places: Array, distance: float) -> Array:
    """Move places as little as needed until neighbours keep a distance."""
    order = np.argsort(places, kind="stable")
    offsets = distance * np.arange(len(places))
    # Pool neighbours that are out of order once the distances are taken off.
    blocks: list[list[float]] = []
    for value in places[order] - offsets:
        blocks.append([value])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    moved = np.empty_like(places)
    moved[order] = np.concatenate([np.full(len(b), np.mean(b)) for b in blocks]) + offsets
    return moved


# --- Colours and checks ---------------------------------------------------------------------------


def _colour(token: int) -> str:
    """Return the colour of a token; a sixth token and those after it are grey, not used twice."""
    return TOKEN_COLOURS[token] if token < len(TOKEN_COLOURS) else SOFT


def _on(token: int) -> str:
    """Return a colour for text on the colour of a token that can be read on both pages."""
    return DARK_INK if token in (2, 4) else PAPER


def _positive(value: Any, name: str) -> float:
    number = chain.as_real_array(value, name, ndim=0)
    if number <= 0:
        raise ValueError(f"{name} must be positive, got {value}.")
    return float(number)


def _not_negative(values: ArrayLike, name: str, ndim: int) -> Array:
    array = chain.as_real_array(values, name, ndim=ndim)
    if not array.size:
        raise ValueError(f"{name} must hold at least one number, got none.")
    if (array < 0).any():
        raise ValueError(f"{name} must hold no negative numbers, got {array.min()}.")
    return array


def _checked_labels(labels: Any, number: int | None = None, name: str = "labels") -> list[str]:
    names = list(labels) if isinstance(labels, Iterable) and not isinstance(labels, str) else []
    is_list = bool(names) and all(
        isinstance(n, str) and n.strip() and n.isprintable() for n in names
    )
    if not is_list or (number is not None and len(names) != number):
        needed = "a list of" if number is None else number
        raise ValueError(f"{name} must be {needed} names, got {labels!r:.60}.")
    # matplotlib would read a pair of dollar signs as a formula.
    return [label.replace("$", r"\$") for label in names]


def _refuse_other_axes(ax: Any) -> None:
    if not isinstance(ax, Axes):
        raise ValueError(f"ax must be one pair of matplotlib axes, got {type(ax).__name__}.")


def _formatted(number: Any, value: float) -> str:
    try:
        text = number(value) if callable(number) else number.format(value)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        text = None
    if not isinstance(text, str):
        raise ValueError(f"number must be a format such as '{{:.2f}}', got {number!r:.60}.")
    return text
