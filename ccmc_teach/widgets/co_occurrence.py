"""Which pairs were ever compared: what the words of the prompts say about a row of P."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from ccmc_teach import chain
from ccmc_teach.widgets.base import (
    Bet,
    Choice,
    CourseWidget,
    InputError,
    Number,
    NumberTable,
    as_input,
    one_of,
    paragraph,
)
from ccmc_teach.widgets.link import link
from ccmc_teach.widgets.twins import co_occurrence as twins
from ccmc_teach.widgets.twins.basics import decimal, percent

ANSWERS = {
    "remove": ("none", "one", "all"),
    "tilt": ("none", "some", "all"),
    "inside": ("two", "one", "each"),
}
NODE, COAST, TICKS = 0.33, 0.42, (-3, -1, 0, 1, 3)


class CoOccurrence(CourseWidget):
    """Is a row of P learnable from these prompts? The reader switches prompts on and off.

    Parameters
    ----------
    labels : sequence of str, shape (K,)
        Two to four different words.
    P : array_like, shape (K, K)
        Transition matrix with positive entries, the truth that the data follow.
    supports : sequence of sequences of int
        Different sets of words, each in increasing order.
        Prompts that hold each word of a set once are shown equally often.
    query : int
        The row that is to be learned.
    inside : bool
        Whether the query stands in each of its prompts, as in self-attention, or outside of them.
    alone : bool
        Whether one word is tilted instead of the group that the data tell least about.
    tilt : float
        Logarithm of the factor that multiplies the tastes of the tilted words, -3 to 3.
    question : {"remove", "tilt", "inside"}
        Which prediction is asked for.
    bet : dict
        The reader's bet: empty, or ``question``, ``answer`` and the ``query`` at the time.

    Raises
    ------
    InputError
        If an input does not fit; it is a ``ValueError`` and keeps the old inputs.

    Examples
    --------
    >>> CoOccurrence().islands
    [[0, 1, 2, 3]]
    >>> CoOccurrence(supports=[[0, 1], [2, 3]]).islands
    [[0, 1], [2, 3]]
    >>> CoOccurrence(supports=[[0, 1], [2, 3]], inside=True).islands
    [[0, 1, 2, 3]]
    """

    module = "co_occurrence.mjs"
    _esm = link("co_occurrence")

    labels = as_input(traitlets.Any(("cat", "dog", "owl", "fox")))
    P = as_input(
        traitlets.Any(
            (
                (0.15, 0.45, 0.25, 0.15),
                (0.5, 0.1, 0.2, 0.2),
                (0.25, 0.25, 0.25, 0.25),
                (0.1, 0.2, 0.6, 0.1),
            )
        )
    )
    supports = as_input(traitlets.Any(((0, 1), (1, 2), (2, 3))))
    query = as_input(Number(0, 0, twins.MAX_WORDS - 1, whole=True))
    inside = as_input(traitlets.Bool(False))
    alone = as_input(traitlets.Bool(False))
    tilt = as_input(Number(0.0, -twins.MAX_TILT, twins.MAX_TILT))
    question = as_input(Choice(*ANSWERS))
    bet = as_input(Bet(ANSWERS, query=one_of(range(twins.MAX_WORDS))))

    @traitlets.validate("labels", "P", "supports", "query")
    def _check_inputs(self, proposal: Any) -> Any:
        given = {name: getattr(self, name) for name in ("labels", "P", "supports", "query")}
        given[proposal.trait.name] = proposal.value
        return checked_inputs(**given)[proposal.trait.name]

    @property
    def prompts(self) -> list[list[int]]:
        """The words of each different prompt, with the query where it stands inside."""
        return twins.prompts_of(self.supports, self.query, self.inside)

    @property
    def counts(self) -> NDArray[np.float64]:
        """Counts of the prompts, shape (n, K)."""
        K = len(self.labels)
        table = [np.bincount(words, minlength=K) for words in self.prompts]
        return np.array(table, dtype=np.float64).reshape(-1, K)

    @property
    def co_occurrence(self) -> NDArray[np.bool_]:
        """Which tokens share a prompt, shape (K, K)."""
        present = self.counts > 0
        together: NDArray[np.bool_] = present.T @ present
        return together & ~np.eye(len(self.labels), dtype=bool)

    @property
    def islands(self) -> list[list[int]]:
        """Components of the co-occurrence graph, in the order of their first tokens."""
        return twins.islands(self.prompts, len(self.labels))

    @property
    def free_ratios(self) -> int:
        """How many ratios of the row no data of this kind can tell."""
        return len(self.islands) - 1

    @property
    def laplacian(self) -> NDArray[np.float64]:
        """Hessian of the mean loss in the logits of the row, shape (K, K)."""
        law = self.counts * np.array(self.P[self.query])
        law /= law.sum(axis=1, keepdims=True)
        hessian: NDArray[np.float64] = np.diag(law.sum(axis=0)) - law.T @ law
        return hessian / max(len(law), 1)

    @property
    def smallest_eigenvalue(self) -> float | None:
        """Smallest positive eigenvalue of the Laplacian, None if there is none."""
        values = np.linalg.eigvalsh(self.laplacian)[len(self.islands) :]
        return float(values[0]) if values.size else None

    @property
    def tilted(self) -> list[int]:
        """The tokens whose tastes are multiplied."""
        weakest, single = self._directions()
        return [single] if self.alone and single >= 0 else weakest

    @property
    def tilted_matrix(self) -> NDArray[np.float64]:
        """The matrix P with the tilted row, shape (K, K)."""
        matrix = np.array(self.P)
        matrix[self.query, self.tilted] *= np.exp(self.tilt)
        matrix[self.query] /= matrix[self.query].sum()
        return matrix

    def _directions(self) -> tuple[list[int], int]:
        table = twins.laplacian(self.prompts, self.P[self.query])
        weakest = twins.weakest_group(table, self.query)
        return weakest, twins.single_word(table, weakest)

    def title(self) -> str:
        """Return the question that the widget answers."""
        return "Which pairs were ever compared?"

    def summary(self) -> str:
        """Return who was compared with whom, and what that means, in a few words.

        Returns
        -------
        str
            The same words as on the screen.
        """
        place = "inside" if self.inside else "outside"
        pairs = np.argwhere(np.triu(self.co_occurrence)).tolist()
        edges = ", ".join(f"{self.labels[a]}–{self.labels[b]}" for a, b in pairs) or "none"
        return (
            f"Co-occurrence graph, query {self.labels[self.query]} {place} its prompts. "
            f"Edges: {edges}. {twins.verdict(len(self.islands))}{self._islands_said()}"
        )

    def _islands_said(self) -> str:
        if len(self.islands) == 1:
            return ""
        return "".join(
            f" Island {letter}: {self._named(island)}."
            for letter, island in zip("ABCD", self.islands, strict=False)
        )

    def _named(self, words: Sequence[int]) -> str:
        *most, last = [self.labels[word] for word in words]
        return f"{', '.join(most)} and {last}" if most else last

    def picture_html(self) -> str:
        """Return the key frame: the graph, and the log-likelihood along two directions.

        Returns
        -------
        str
            A ``figure`` with an inline SVG, its colours being variables of the page.
        """
        from ccmc_teach import figures

        fig, (left, right) = figures.subplots(1, 2, height=3.4)
        with figures.house_style():
            self._draw_graph(left)
            self._draw_likelihood(right)
        picture = figures.Picture(fig, self.summary())
        return f'<figure class="ccmc-figure">{picture.svg}</figure>'

    def _draw_graph(self, ax: Any) -> None:
        from ccmc_teach import figures

        places = graph_places(len(self.labels), self.query)
        weights = -self.laplacian
        pairs = np.argwhere(np.triu(self.co_occurrence)).tolist()
        for letter, island in zip("ABCD", self.islands, strict=False):
            lines = [(word, word) for word in island]
            lines += [(a, b) for a, b in pairs if a in island]
            _draw_island(ax, places, lines, letter if len(self.islands) > 1 else "")
        for a, b in pairs:
            width = 1.4 + 36 * weights[a, b]
            ax.plot(*places[[a, b]].T, color=figures.INK, linewidth=width, zorder=3)
        for word, name in enumerate(self.labels):
            _draw_word(ax, places[word], word, name, last=self.inside and word == self.query)
        ax.set_title("Words that were compared", pad=18)
        ax.set_aspect("equal")
        ax.set_axis_off()
        ax.autoscale_view()

    def _draw_likelihood(self, ax: Any) -> None:
        from ccmc_teach import figures

        weakest, single = self._directions()
        t = np.linspace(-twins.MAX_TILT, twins.MAX_TILT, 61)
        for words, style in [(weakest, "-"), ([single], "--")]:
            if words != [-1]:
                row = self.P[self.query]
                line = [twins.likelihood_change(self.prompts, row, words, s) for s in t.tolist()]
                ax.plot(t, line, style, color=figures.INK, label=self._named(words))
        ax.set(title="Log-likelihood per prompt", ylim=(-1.05, 0.1))
        ax.set_xticks(TICKS, [_factor(s) for s in TICKS])
        ax.set_xlabel("taste multiplied by")
        ax.legend(loc="lower center")

    def fallback_html(self) -> str:
        """Return picture, sentence and tables.

        Returns
        -------
        str
            What stands for the widget where no script runs, and in print.
        """
        tables = self.table().html() + self.laws().html()
        return self.picture_html() + paragraph(self.summary()) + tables

    def table(self) -> NumberTable:
        """Return the graph as a table.

        Returns
        -------
        NumberTable
            For every pair the prompts that hold both, whether there are any, and the weight of
            the edge.
        """
        weights = twins.laplacian(self.prompts, self.P[self.query])
        rows = []
        for a in range(len(self.labels)):
            for b in range(a + 1, len(self.labels)):
                both = sum(a in words and b in words for words in self.prompts)
                rows.append(
                    (
                        f"{self.labels[a]} – {self.labels[b]}",
                        f"{both} of {len(self.prompts)}",
                        "yes" if both else "no",
                        decimal(max(0.0, -weights[a][b]), 4),
                    )
                )
        columns = ("pair", "prompts with both", "edge", "weight")
        return NumberTable(f"Pairs compared, query {self.labels[self.query]}", columns, rows)

    def laws(self) -> NumberTable:
        """Return the law of every prompt before and after the tilt.

        Returns
        -------
        NumberTable
            One row for each prompt, and one for the prompt with all words if the data have none.
        """
        everything = list(range(len(self.labels)))
        rows = [self._law_row(words) for words in self.prompts]
        if everything not in self.prompts:
            name, *cells = self._law_row(everything)
            rows.append((f"{name} (never seen)", *cells))
        factor = f"× {decimal(float(np.exp(self.tilt)), 2)}"
        caption = f"Next word, query {self.labels[self.query]}, taste of {self._named(self.tilted)}"
        return NumberTable(f"{caption} {factor}", ("prompt", *self.labels, "changed"), rows)

    def _law_row(self, words: list[int]) -> tuple[str, ...]:
        row, group = self.P[self.query], self.tilted
        old = twins.prompt_law(words, row)
        new = twins.tilted_law(words, row, group, self.tilt)
        moved = self.tilt != 0 and twins.notices(words, group)
        cells = [
            ("–" if word not in words else percent(before, 1))
            + (f" → {percent(after, 1)}" if moved and word in words else "")
            for word, (before, after) in enumerate(zip(old, new, strict=True))
        ]
        return (" ".join(self.labels[word] for word in words), *cells, "yes" if moved else "no")


def _factor(t: float) -> str:
    value = float(np.exp(t))
    return decimal(value, 2 if t < 0 else 1 if t and value < 10 else 0)


def graph_places(size: int, query: int) -> NDArray[np.float64]:
    """Return where the words of a graph stand; of four, the query stands in the middle.

    Parameters
    ----------
    size : int
        Number of words, 2 to 4.
    query : int
        The query.

    Returns
    -------
    ndarray of shape (size, 2)
        Places such that edges do not cross.

    Examples
    --------
    >>> graph_places(2, 0)
    array([[-1.,  0.],
           [ 1.,  0.]])
    """
    if size == 2:
        return np.array([[-1.0, 0.0], [1.0, 0.0]])
    places = np.zeros((size, 2))
    around = [word for word in range(size) if size < 4 or word != query]
    angle = np.pi / 2 - 2 * np.pi * np.arange(len(around)) / len(around)
    places[around] = 2 * np.column_stack([np.cos(angle), np.sin(angle)])
    return places


def _draw_island(
    ax: Any, places: NDArray[np.float64], lines: Sequence[tuple[int, int]], letter: str
) -> None:
    from matplotlib.patches import Polygon

    from ccmc_teach import figures

    colour = figures.TOKEN_COLOURS[lines[0][0]]
    for radius, fill, order in [(COAST + 0.03, colour, 1), (COAST, figures.PANEL, 2)]:
        for a, b in lines:
            shape = _capsule(places[a], places[b], radius)
            ax.add_patch(Polygon(shape, facecolor=fill, edgecolor="none", zorder=order))
    x, y = max((places[a].tolist() for a, _ in lines), key=lambda place: round(place[1], 6))
    ax.text(x, y + COAST + 0.1, letter, ha="center", va="bottom", fontweight="bold", zorder=5)


def _capsule(a: NDArray[np.float64], b: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """Return the outline of all points within a radius of the line from a to b."""
    way = np.arctan2(*(b - a)[::-1])
    half = np.linspace(np.pi / 2, 3 * np.pi / 2, 24)
    arc = np.column_stack([np.cos(half + way), np.sin(half + way)])
    return np.vstack([a + radius * arc, b - radius * arc])


def _draw_word(ax: Any, place: NDArray[np.float64], token: int, name: str, *, last: bool) -> None:
    from matplotlib.patches import Circle

    from ccmc_teach import figures

    colour = figures.TOKEN_COLOURS[token]
    fill = figures.PAPER if last else colour
    x, y = place.tolist()
    ax.add_patch(Circle((x, y), NODE, facecolor=fill, edgecolor=colour, linewidth=2.4, zorder=4))
    on_colour = figures.DARK_INK if token == 2 else figures.PAPER
    text = figures.INK if last else on_colour
    size = min(11.0, 44 / len(name))
    options = {"ha": "center", "va": "center", "fontsize": size, "fontweight": "bold"}
    ax.text(x, y, name, color=text, zorder=5, **options)


def checked_inputs(labels: Any, P: Any, supports: Any, query: Any) -> dict[str, Any]:
    """Return copies of the inputs as tuples, or say what is wrong with them.

    Parameters
    ----------
    labels, P, supports, query : object
        Inputs of `CoOccurrence`.

    Returns
    -------
    dict
        ``labels``, ``P`` and ``supports`` as nested tuples, ``query`` as it is.

    Raises
    ------
    InputError
        If they do not fit.

    Examples
    --------
    >>> checked_inputs(["a", "b"], [[0.5, 0.5], [0.5, 0.5]], [[0, 1]], 0)["supports"]
    ((0, 1),)
    """
    try:
        table = chain.as_transition_matrix(P, "P").tolist()
    except ValueError as error:
        raise InputError(str(error)) from None
    words = list(labels) if isinstance(labels, list | tuple) else labels
    sets = _as_lists(supports)
    wrong = twins.problem(words, table, sets)
    if not wrong and query >= len(words):
        wrong = f"query must be one of the tokens 0 to {len(words) - 1}, got {query}."
    if wrong:
        raise InputError(wrong)
    kept = tuple(tuple(int(word) for word in one) for one in sets)
    return {
        "labels": tuple(words),
        "P": tuple(map(tuple, table)),
        "supports": kept,
        "query": query,
    }


def _as_lists(supports: Any) -> Any:
    if not isinstance(supports, list | tuple):
        return supports
    return [list(one) if isinstance(one, list | tuple) else one for one in supports]
