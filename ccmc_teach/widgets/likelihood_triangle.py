"""The likelihood on the triangle: which rows over three words could be behind the data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

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
from ccmc_teach.widgets.twins import likelihood_triangle as twins
from ccmc_teach.widgets.twins.basics import drawn, percent, uniform

ANSWERS = {"four": ("half", "quarter", "same"), "unseen": ("point", "band", "all")}
INPUTS = ("labels", "truth", "family", "n", "seed")
HALF_HEIGHT = math.sqrt(3) / 2


class LikelihoodTriangle(CourseWidget):
    """How fast does the cloud of possible rows shrink? The reader adds data and moves the truth.

    A layer with three words writes one next token for each of n prompts, all with the first word
    as their query; every point of the triangle is a row that could be behind them.

    Parameters
    ----------
    labels : sequence of str, shape (3,)
        Three different words; the first one is the query.
    truth : sequence of float, shape (3,)
        The row that draws the next tokens; every share is at least 0.01.
    n : int
        Number of prompts, from 1 to 2000.
    family : {"balanced", "skewed", "missing"}
        Which words the prompts hold: about equally many, mostly the third, or never the third.
    seed : int
        Seed of the prompts and the next tokens, from 0 to 2**32 - 1.
    question : {"four", "unseen"}
        Which prediction is asked for.
    bet : dict
        The reader's bet: empty, or ``question``, ``answer`` and the ``truth``, ``family``, ``n``
        and ``seed`` at the time.

    Raises
    ------
    InputError
        If an input does not fit; it is a ``ValueError`` and keeps the old inputs.

    Examples
    --------
    >>> widget = LikelihoodTriangle(n=500)
    >>> widget.estimate.round(2)
    array([0.2, 0.5, 0.3])
    >>> round(widget.relative_likelihood(widget.truth), 2) > 0.05
    True
    """

    module = "likelihood_triangle.mjs"
    _esm = link("likelihood_triangle")

    labels = as_input(traitlets.Any(("cat", "dog", "owl")))
    truth = as_input(traitlets.Any((0.2, 0.5, 0.3)))
    n = as_input(Number(30, 1, twins.MOST_PROMPTS, whole=True))
    family = as_input(Choice(*twins.FAMILIES))
    seed = as_input(Number(2, 0, 2**32 - 1, whole=True))
    question = as_input(Choice(*ANSWERS))
    bet = as_input(
        Bet(
            ANSWERS,
            truth=list,
            family=one_of(twins.FAMILIES),
            n=one_of(range(1, twins.MOST_PROMPTS + 1)),
            seed=one_of(range(2**32)),
        )
    )

    @traitlets.validate("labels", "truth")
    def _check_inputs(self, proposal: Any) -> Any:
        given = {name: getattr(self, name) for name in INPUTS}
        given[proposal.trait.name] = proposal.value
        return checked_inputs(**given)[proposal.trait.name]

    @property
    def kinds(self) -> NDArray[np.float64]:
        """Counts of the three words in every kind of prompt, shape (3, 3)."""
        return np.array(twins.FAMILIES[self.family], dtype=np.float64)

    @property
    def choices(self) -> NDArray[np.int64]:
        """How often each token came next, one kind of prompt a row, shape (3, 3)."""
        return np.array(self._now()["choices"], dtype=np.int64)

    @property
    def data(self) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
        """The data as `ccmc_teach.estimation` takes them: M (n, 3), q (n,) and y (n,).

        Every prompt has the query 0, so they tell about the first row of a matrix alone.
        """
        M, y = np.empty((self.n, 3)), np.empty(self.n, dtype=np.int64)
        for i in range(self.n):
            M[i] = self.kinds[drawn([1.0] * 3, uniform(self.seed, 0, i))]
            y[i] = drawn((M[i] * self.truth).tolist(), uniform(self.seed, 1, i))
        return M, np.zeros(self.n, dtype=np.int64), y

    @property
    def estimate(self) -> NDArray[np.float64]:
        """The row of the largest likelihood, shape (3,).

        It is 0 for words that were never chosen, and for a word that is in no prompt.
        """
        return np.array(self._now()["best"])

    @property
    def area(self) -> float:
        """Share of the triangle that the 95 % region covers."""
        return float(self._now()["area"])

    @property
    def divergence(self) -> float:
        """Kullback-Leibler divergence of the estimate from the truth, ``inf`` on the border."""
        ratio = np.array(self.truth) / np.where(self.estimate > 0, self.estimate, 1)
        if not (self.estimate > 0).all():
            return math.inf
        return float(np.array(self.truth) @ np.log(ratio))

    def relative_likelihood(self, row: ArrayLike) -> float:
        """Return how likely the data are under a row, as a share of the largest likelihood.

        Parameters
        ----------
        row : array of shape (3,)
            A probability law over the three words.

        Returns
        -------
        float
            From 0 to 1.
            Where all three words are in the prompts, the 95 % region holds the rows with at least
            0.05.

        Raises
        ------
        ValueError
            If the row is no law over three words, or if it rules out all words of some prompt.

        Examples
        --------
        >>> widget = LikelihoodTriangle()
        >>> widget.relative_likelihood(widget.estimate)
        1.0
        """
        law = chain.as_transition_matrix(np.tile(row, (3, 1)), "row")
        zeros = np.zeros(len(self.kinds), dtype=np.int64)
        here = chain.next_token_law(law, self.kinds, zeros)
        best = chain.next_token_law(np.tile(self.estimate, (3, 1)), self.kinds, zeros)
        seen = self.choices > 0
        with np.errstate(divide="ignore"):
            fall = self.choices[seen] @ np.log(here[seen] / best[seen])
        return min(1.0, math.exp(fall))

    def _now(self) -> dict[str, Any]:
        """Return what the screen shows, computed as the screen does, to the last bit."""
        return twins.cloud(self.truth, self.family, int(self.n), int(self.seed))

    def title(self) -> str:
        """Return the question that the widget answers."""
        return "How fast does the cloud of possible rows shrink?"

    def summary(self) -> str:
        """Return what the data tell about the row.

        Returns
        -------
        str
            The same sentences as on the screen.
        """
        now = self._now()
        told = twins.summary(self.labels, self.truth, self.family, now)
        return f"{told} {twins.caution(self.labels, self.family, now)}"

    def picture_html(self) -> str:
        """Return the key frame: the triangle with regions, maximum, truth and ellipse.

        Returns
        -------
        str
            A ``figure`` with an inline SVG, its colours being variables of the page.
        """
        from ccmc_teach import figures

        fig, ax = figures.subplots(height=3.8)
        with figures.house_style():
            self._draw(ax)
            ax.legend(loc="upper left", bbox_to_anchor=(0.9, 0.95))
        picture = figures.Picture(fig, self.summary())
        return f'<figure class="ccmc-figure">{picture.svg}</figure>'

    def _draw(self, ax: Any) -> None:
        from ccmc_teach import figures

        now, ink, colour = self._now(), figures.INK, figures.TOKEN_COLOURS[3]
        ax.set_axis_off()
        ax.set_aspect("equal")
        ax.plot(*_places([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]), color=figures.LINE, lw=1.2)
        for name, part, depth in (("95% cloud", "outer", 0.17), ("50% cloud", "inner", 0.34)):
            place = _places(_outline(now["best"], now[part]))
            ax.fill(*place, facecolor=colour, alpha=depth, lw=0, label=name)
            ax.plot(*place, color=colour, lw=1)
        if now["axes"]:
            ellipse = _places(_ellipse(now["best"], now["axes"]))
            ax.plot(*ellipse, color=ink, lw=1.3, ls="--", label="95% ellipse")
        if self.family == "missing":
            flat = _places([now["best"], [0, 0, 1]])
            ax.plot(*flat, color=colour, lw=3, label="most likely rows")
        else:
            best = _places([now["best"]])
            ax.plot(*best, "o", color=colour, ms=8, ls="", label="most likely row")
        look = {"ms": 9, "mfc": figures.PAPER, "mec": ink, "mew": 2, "ls": ""}
        ax.plot(*_places([self.truth]), "o", label="the truth", **look)
        for j, corner in enumerate(np.eye(3)):
            [x], [y] = _places([corner])
            look = {"ha": "center", "va": "center", "fontweight": "bold"}
            ax.text(x, y + (-0.06 if j else 0.06), self.labels[j], color=ink, **look)

    def fallback_html(self) -> str:
        """Return picture, sentences and table.

        Returns
        -------
        str
            What stands for the widget where no script runs, and in print.
        """
        return self.picture_html() + paragraph(self.summary()) + self.table().html()

    def table(self) -> NumberTable:
        """Return the numbers behind the picture.

        Returns
        -------
        NumberTable
            Truth, estimate and choices, in all and by kind of prompt.
        """
        now, is_open = self._now(), self.family == "missing"
        likely = [percent(share, 1) for share in now["best"]]
        gap = twins.divergence(self.truth, now["best"])
        told = (
            "no single most likely row"
            if is_open
            else f"Kullback-Leibler divergence of the most likely row from the truth: {gap}"
        )
        first, second, _ = self.labels
        rows = [
            ("truth", *(percent(share, 1) for share in self.truth)),
            (f"most likely, of {first} and {second}", *likely[:2], "any")
            if is_open
            else ("most likely", *likely),
            ("chosen", *map(str, self.choices.sum(axis=0))),
        ]
        for kind, chosen in zip(twins.FAMILIES[self.family], now["choices"], strict=True):
            rows.append((f"chosen after {_kind_name(kind, self.labels)}", *map(str, chosen)))
        area = percent(now["area"], 2)
        caption = f"{self.n} prompts; {told}; 95% cloud: {area} of the triangle"
        return NumberTable(caption, ("", *self.labels), rows)


def _kind_name(kind: Sequence[int], labels: Sequence[str]) -> str:
    named = zip(kind, labels, strict=True)
    return ", ".join(f"{count} × {word}" for count, word in named if count)


def _outline(best: Sequence[float], parts: Sequence[float]) -> NDArray[np.float64]:
    """Return the laws around a region, the first one again at the end."""
    aims = np.array(twins.targets())
    if len(parts) == 2:
        aims = np.eye(3)
        parts = [*parts, 1.0]
    laws = np.array(best) + np.array(parts)[:, np.newaxis] * (aims - np.array(best))
    return np.vstack([laws, laws[:1]])


def _ellipse(best: Sequence[float], axes: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Return the laws along the ellipse, not a number outside of the triangle."""
    turns = np.linspace(0, 2 * np.pi, 121)
    laws = np.array(best) + np.outer(np.cos(turns), axes[0]) + np.outer(np.sin(turns), axes[1])
    laws[(laws < 0).any(axis=1)] = np.nan
    return np.asarray(laws)


def _places(laws: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return places in a triangle of side 1: the first word on top, then left, then right."""
    top, _, right = np.array(laws, dtype=np.float64).T
    return right + top / 2, top * HALF_HEIGHT


def checked_inputs(labels: Any, truth: Any, family: Any, n: Any, seed: Any) -> dict[str, Any]:
    """Return copies of the inputs as tuples, or say what is wrong with them.

    Parameters
    ----------
    labels, truth, family, n, seed : object
        Inputs of `LikelihoodTriangle`.

    Returns
    -------
    dict
        ``labels`` and ``truth`` as tuples.

    Raises
    ------
    InputError
        If they do not fit.

    Examples
    --------
    >>> checked_inputs(["a", "b", "c"], [0.2, 0.5, 0.3], "balanced", 30, 1)["truth"]
    (0.2, 0.5, 0.3)
    """
    try:
        law = chain.as_real_array(truth, "truth", ndim=1).tolist()
    except ValueError as error:
        raise InputError(str(error)) from None
    words = list(labels) if isinstance(labels, list | tuple) else labels
    wrong = twins.problem(words, law, family, n, seed)
    if wrong:
        raise InputError(wrong)
    return {"labels": tuple(words), "truth": tuple(law)}
