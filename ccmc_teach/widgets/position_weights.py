"""Position weights: the reader shapes the weights of the places and moves the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from ccmc_teach import chain, positions
from ccmc_teach.widgets.base import (
    Bet,
    Choice,
    CourseWidget,
    InputError,
    Number,
    NumberTable,
    as_input,
    as_number,
    one_of,
    paragraph,
)
from ccmc_teach.widgets.link import link
from ccmc_teach.widgets.twins import position_weights as twins
from ccmc_teach.widgets.twins.basics import decimal, next_token_law, percent

ANSWERS = {"fox": ("none", "some", "much"), "many": ("none", "less", "full")}
# The first and the last words are heard best.
TABLE = (1.0, 0.7, 0.4, 0.2, 0.1, 0.2, 0.4, 0.7, *[1.0] * (twins.MAX_LENGTH - 8))
LONGEST_WORDS = 12
INPUTS = ("labels", "P", "prompt", "shape", "rate", "exponent", "size", "mass", "table")


class PositionWeights(CourseWidget):
    """Who is heard, the many or the recent? The reader shapes the weights and moves the words.

    Parameters
    ----------
    labels : sequence of str, shape (K,)
        Two to five different words.
    P : array_like, shape (K, K)
        Transition matrix; row q holds the tastes of query q.
    prompt : sequence of int, shape (L,)
        At most 30 tokens; the last one is the query.
    shape : {"exponential", "uniform", "power", "window", "sink", "absolute"}
        Kind of the weights, as in `ccmc_teach.positions.weights`.
    rate, exponent, mass : float
        What the shapes "exponential" (0 to 1), "power" (0 to 3) and "sink" (0 to 0.9) take.
    size : int
        How many places the shape "window" holds, 1 to 15.
    table : sequence of float, shape (30,)
        Weights from 0 to 1 that the shape "absolute" gives to the places, counted from the start.
    question : {"fox", "many"}
        Which prediction is asked for.
    bet : dict
        The reader's bet: empty, or ``question``, ``answer`` and the ``prompt``, ``tastes``,
        ``shape``, ``value`` (the number of the shape) and ``table`` at the time.

    Raises
    ------
    InputError
        If an input does not fit; it is a ``ValueError`` and keeps the old inputs.

    Examples
    --------
    >>> widget = PositionWeights(shape="window", size=4)
    >>> widget.weights
    array([0., 0., 0., 0., 0., 1., 1., 1., 1.])
    >>> widget.next_token_law.round(3)
    array([0.136, 0.409, 0.455, 0.   ])
    """

    module = "position_weights.mjs"
    _esm = link("position_weights")

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
    prompt = as_input(traitlets.Any((3, 1, 1, 0, 2, 1, 2, 2, 0)))
    shape = as_input(Choice("exponential", "uniform", "power", "window", "sink", "absolute"))
    rate = as_input(Number(0.15, 0, 1))
    exponent = as_input(Number(1, 0, 3))
    size = as_input(Number(4, 1, 15, whole=True))
    mass = as_input(Number(0.3, 0, 0.9))
    table = as_input(traitlets.Any(TABLE))
    question = as_input(Choice(*ANSWERS))
    bet = as_input(
        Bet(
            ANSWERS,
            prompt=list,
            tastes=list,
            shape=one_of(twins.SHAPES),
            value=as_number,
            table=list,
        )
    )

    @traitlets.validate(*INPUTS)
    def _check_inputs(self, proposal: Any) -> Any:
        given = {name: getattr(self, name) for name in INPUTS}
        given[proposal.trait.name] = proposal.value
        checked = checked_inputs(**given)
        return checked.get(proposal.trait.name, proposal.value)

    @property
    def query(self) -> int:
        """The last token of the prompt."""
        return int(self.prompt[-1])

    @property
    def tastes(self) -> NDArray[np.float64]:
        """Row of the transition matrix that belongs to the query, shape (K,)."""
        return np.array(self.P[self.query], dtype=float)

    @property
    def value(self) -> float:
        """The number of the shape: its rate, exponent, size or mass; 0 where it takes none."""
        about = twins.SHAPES[self.shape]
        return 0.0 if about is None else getattr(self, about[0])

    @property
    def weights(self) -> NDArray[np.float64]:
        """Weight of every place, the oldest first, shape (L,)."""
        about = twins.SHAPES[self.shape]
        given: dict[str, Any] = {} if about is None else {about[0]: self.value}
        if self.shape == "absolute":
            given = {"table": self.table}
        return positions.weights(self.shape, len(self.prompt), **given)

    @property
    def effective_number(self) -> float:
        """How many places are heard, in effective number."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())

    @property
    def counts(self) -> NDArray[np.float64]:
        """How often each token stands in the prompt, shape (K,)."""
        return np.asarray(chain.counts([self.prompt], len(self.labels))[0])

    @property
    def effective_counts(self) -> NDArray[np.float64]:
        """Weighted counts on the scale of counts, shape (K,): they add up to L."""
        weights = self.weights
        table = chain.counts([self.prompt], len(self.labels), weights=weights)
        return np.asarray(table[0] * len(self.prompt) / weights.sum())

    @property
    def attention(self) -> NDArray[np.float64]:
        """Attention of the last word over the places, shape (L,)."""
        parts = self.weights * self.tastes[list(self.prompt)]
        return np.asarray(parts / parts.sum())

    @property
    def next_token_law(self) -> NDArray[np.float64]:
        """Probability of each next token, shape (K,)."""
        return self._law(self.effective_counts)

    @property
    def law_without_positions(self) -> NDArray[np.float64]:
        """Probability of each next token where all places weigh the same, shape (K,)."""
        return self._law(self.counts)

    def _law(self, m: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(chain.next_token_law(np.array(self.P), m[None], [self.query])[0])

    def title(self) -> str:
        """Return the question that the widget answers."""
        return "Who is heard, the many or the recent?"

    def summary(self) -> str:
        """Return the next-token law with and without positions in one sentence.

        Returns
        -------
        str
            The same percentages as on the screen.
        """
        shown = self._shown()
        law, plain = (_listed(self.labels, shown[name]) for name in ("law", "plain"))
        return (
            f"After {self.labels[self.query]}, the next word is {law}; without positions, {plain}."
        )

    def _shown(self) -> dict[str, list[float]]:
        """Return what the screen shows, computed as the screen does, to the last bit."""
        K, L = len(self.labels), len(self.prompt)
        tastes = list(self.P[self.query])
        weights = twins.place_weights(self.shape, self.value, self.table, L)
        counts = twins.effective_counts(self.prompt, [1.0] * L, K)
        effective = twins.effective_counts(self.prompt, weights, K)
        return {
            "weights": weights,
            "attention": twins.place_attention(self.prompt, tastes, weights),
            "before": twins.place_attention(self.prompt, tastes, [1.0] * L),
            "counts": counts,
            "effective": effective,
            "tastes": tastes,
            "law": next_token_law(tastes, effective),
            "plain": next_token_law(tastes, counts),
        }

    def heard(self) -> str:
        """Return how much of the prompt is heard, in a sentence or two.

        Returns
        -------
        str
            The sentences under the picture.
        """
        return twins.heard(self.shape, self.value, self._shown()["weights"])

    def picture_html(self) -> str:
        """Return the key frame: the weights over the prompt, effective counts and the next word.

        Returns
        -------
        str
            A ``figure`` with an inline SVG, its colours being variables of the page.
        """
        from ccmc_teach import figures

        fig, ((upper, right), (left, law)) = figures.subplots(2, 2, height=4.6)
        for ax in (upper, right):
            ax.remove()
        self._draw_weights(fig.add_subplot(upper.get_gridspec()[0, :]))
        shown = self._shown()
        look: dict[str, Any] = {"title": "Effective count", "ghost_label": "plain count"}
        look |= {"number": lambda count: decimal(count, 2), "ghost": shown["counts"]}
        figures.bars(left, shown["effective"], self.labels, **look)
        look = {"title": "× taste → next word", "ghost_label": "without positions"}
        look |= {"number": lambda share: percent(share, 0), "ghost": shown["plain"]}
        figures.bars(law, shown["law"], self.labels, **look)
        picture = figures.Picture(fig, self.summary())
        return f'<figure class="ccmc-figure">{picture.svg}</figure>'

    def _draw_weights(self, ax: Any) -> None:
        from ccmc_teach import figures

        weights = self._shown()["weights"]
        places = range(len(weights))
        many = len(weights) > LONGEST_WORDS
        words = [self.labels[token][:1] if many else self.labels[token] for token in self.prompt]
        with figures.house_style():
            ax.bar(places, weights, width=0.74, color=figures.SOFT)
            ax.set_xticks(places, [f"{word}\n{len(words) - 1 - i}" for i, word in enumerate(words)])
            ax.tick_params(axis="x", length=0, labelcolor=figures.INK)
            ax.set_ylim(0, 1.05)
            ax.set_yticks([0, 0.5, 1])
            ax.grid(visible=False, axis="x")
            ax.set_title("Weight of every place, with its word and its age")

    def fallback_html(self) -> str:
        """Return picture, sentences and tables.

        Returns
        -------
        str
            What stands for the widget where no script runs, and in print.
        """
        words = paragraph(f"{self.summary()} {self.heard()}")
        return self.picture_html() + words + self.words_table().html() + self.places_table().html()

    def words_table(self) -> NumberTable:
        """Return the numbers behind the bars.

        Returns
        -------
        NumberTable
            Plain and effective count, taste, next-token law, and the law without positions.
        """
        columns = ("word", "count", "effective count", "taste", "next word", "without positions")
        shown = self._shown()
        rows = [
            (
                word,
                decimal(shown["counts"][j], 0),
                decimal(shown["effective"][j], 2),
                decimal(shown["tastes"][j], 3),
                percent(shown["law"][j], 1),
                percent(shown["plain"][j], 1),
            )
            for j, word in enumerate(self.labels)
        ]
        return NumberTable(f"Next word after {self.labels[self.query]}", columns, rows)

    def places_table(self) -> NumberTable:
        """Return the numbers behind the weights and the attention.

        Returns
        -------
        NumberTable
            Place, word, age, weight, attention, and attention without positions.
        """
        shown = self._shown()
        rows = [
            (
                str(place + 1),
                self.labels[token],
                str(len(self.prompt) - 1 - place),
                decimal(shown["weights"][place], 3),
                percent(shown["attention"][place], 1),
                percent(shown["before"][place], 1),
            )
            for place, token in enumerate(self.prompt)
        ]
        columns = ("place", "word", "age", "weight", "attention", "without positions")
        return NumberTable("Places of the prompt, the oldest first", columns, rows)


def _listed(labels: Sequence[str], shares: Sequence[float]) -> str:
    pairs = zip(labels, shares, strict=True)
    return ", ".join(f"{word} {percent(share, 0)}" for word, share in pairs)


def checked_inputs(
    labels: Any, P: Any, prompt: Any, shape: Any, table: Any, **numbers: Any
) -> dict[str, Any]:
    """Return copies of the inputs, or say what is wrong with them.

    Parameters
    ----------
    labels, P, prompt, shape, table : object
        Inputs of `PositionWeights`.
    **numbers : object
        The numbers of all shapes, by name.

    Returns
    -------
    dict
        ``labels``, ``P``, ``prompt`` and ``table`` as nested tuples.

    Raises
    ------
    InputError
        If they do not fit.

    Examples
    --------
    >>> checked_inputs(["a", "b"], np.eye(2), [1, 0], "uniform", np.ones(30))["prompt"]
    (1, 0)
    """
    try:
        tastes = chain.as_transition_matrix(P, "P").tolist()
        tokens = chain.as_prompt(prompt, len(tastes), "prompt").tolist()
        weights = chain.as_real_array(table, "table", ndim=1).tolist()
    except ValueError as error:
        raise InputError(str(error)) from None
    words = list(labels) if isinstance(labels, list | tuple) else labels
    about = twins.SHAPES.get(shape)
    value = numbers.get(about[0], 0) if about else 0
    wrong = twins.problem(words, tastes, tokens, shape, value, weights)
    if wrong:
        raise InputError(wrong)
    return {
        "labels": tuple(words),
        "P": tuple(map(tuple, tastes)),
        "prompt": tuple(tokens),
        "table": tuple(weights),
    }
