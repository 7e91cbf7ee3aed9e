"""Counts times tastes: how the counts of a prompt tilt the Markov chain."""

from __future__ import annotations

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
    NumberTable,
    as_input,
    paragraph,
)
from ccmc_teach.widgets.link import link
from ccmc_teach.widgets.twins.basics import attention_weights, decimal, percent
from ccmc_teach.widgets.twins.counts_times_tastes import problem

LONGEST_STRIP = 14
ANSWERS = {"double": ("same", "all", "common"), "triple": ("triple", "less", "more")}


class CountsTimesTastes(CourseWidget):
    """How do counts tilt the chain? The reader moves counts and tastes and watches the next word.

    Parameters
    ----------
    labels : sequence of str, shape (K,)
        Two to five different words.
    P : array_like, shape (K, K)
        Transition matrix; row q holds the tastes of query q.
    prompt : sequence of int, shape (L,)
        Tokens, each at most twelve times; the last one is the query.
    grouped : bool
        Whether the prompt is shown grouped by word instead of in reading order.
    question : {"double", "triple"}
        Which prediction is asked for.
    bet : dict
        The reader's bet: empty, or ``question``, ``answer`` and the ``prompt`` and ``tastes`` at
        the time.

    Raises
    ------
    InputError
        If an input does not fit; it is a ``ValueError`` and keeps the old inputs.

    Examples
    --------
    >>> widget = CountsTimesTastes()
    >>> widget.counts
    array([2., 3., 3., 1.])
    >>> widget.next_token_law.round(3)
    array([0.118, 0.529, 0.294, 0.059])
    """

    module = "counts_times_tastes.mjs"
    _esm = link("counts_times_tastes")

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
    prompt = as_input(traitlets.Any((1, 0, 2, 1, 3, 2, 1, 2, 0)))
    grouped = as_input(traitlets.Bool(False))
    question = as_input(Choice(*ANSWERS))
    bet = as_input(Bet(ANSWERS, prompt=list, tastes=list))

    @traitlets.validate("labels", "P", "prompt")
    def _check_inputs(self, proposal: Any) -> Any:
        given = {name: getattr(self, name) for name in ("labels", "P", "prompt")}
        given[proposal.trait.name] = proposal.value
        return checked_inputs(**given)[proposal.trait.name]

    @property
    def query(self) -> int:
        """The last token of the prompt."""
        return int(self.prompt[-1])

    @property
    def counts(self) -> NDArray[np.float64]:
        """How often each token stands in the prompt, shape (K,)."""
        table = chain.counts([self.prompt], len(self.labels))
        return np.asarray(table[0], dtype=np.float64)

    @property
    def tastes(self) -> NDArray[np.float64]:
        """Row of the transition matrix that belongs to the query, shape (K,)."""
        return np.array(self.P[self.query], dtype=float)

    @property
    def next_token_law(self) -> NDArray[np.float64]:
        """Probability of each next token, shape (K,)."""
        laws = chain.next_token_law(np.array(self.P), self.counts[None], [self.query])
        return np.asarray(laws[0], dtype=np.float64)

    def title(self) -> str:
        """Return the question that the widget answers."""
        return "How do counts tilt the chain?"

    def summary(self) -> str:
        """Return the next-token law and the plain chain in one sentence.

        Returns
        -------
        str
            The same percentages as on the screen.
        """
        law, plain = self._listed(self.next_token_law), self._listed(self.tastes)
        return (
            f"After {self.labels[self.query]}, the next word is {law}; "
            f"the plain chain, without counts, says {plain}."
        )

    def _listed(self, law: NDArray[np.float64]) -> str:
        words = zip(self.labels, law.tolist(), strict=True)
        return ", ".join(f"{word} {percent(share, 0)}" for word, share in words)

    def picture_html(self) -> str:
        """Return the key frame: the prompt with its attention, counts, tastes and the next word.

        Returns
        -------
        str
            A ``figure`` with an inline SVG, its colours being variables of the page.
        """
        from ccmc_teach import figures

        fig, (upper, lower) = figures.subplots(2, 3, height=4.2, height_ratios=[0.8, 1])
        for ax in upper:
            ax.remove()
        if len(self.prompt) <= LONGEST_STRIP:
            strip = fig.add_subplot(upper[0].get_gridspec()[0, :])
            weights = attention_weights(self.prompt, self.P[self.query])
            figures.prompt_strip(
                strip, self.prompt, self.labels, weights=weights, number=_Percent()
            )
        shares: dict[str, Any] = {"top": max(self.tastes.max(), self.next_token_law.max())}
        law = {"number": _Percent(), "ghost": self.tastes, "ghost_label": "plain chain", **shares}
        panels = [
            ("Count in the prompt", self.counts, {"number": "{:.0f}"}),
            ("× taste", self.tastes, shares),
            ("→ next word", self.next_token_law, law),
        ]
        for ax, (title, values, options) in zip(lower, panels, strict=True):
            figures.bars(ax, values, self.labels, title=title, **options)
        picture = figures.Picture(fig, self.summary())
        return f'<figure class="ccmc-figure">{picture.svg}</figure>'

    def fallback_html(self) -> str:
        """Return picture, sentence and table.

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
            Count, taste, product, next-token law and plain chain of every word.
        """
        columns = ("word", "count", "taste", "count × taste", "next word", "plain chain")
        numbers = zip(
            self.labels,
            self.counts.tolist(),
            self.tastes.tolist(),
            self.next_token_law.tolist(),
            strict=True,
        )
        rows = [
            (
                word,
                decimal(count, 0),
                decimal(taste, 3),
                decimal(count * taste, 3),
                percent(share, 1),
                percent(taste, 1),
            )
            for word, count, taste, share in numbers
        ]
        return NumberTable(f"Next word after {self.labels[self.query]}", columns, rows)


class _Percent(str):
    """A format that rounds as the screen does."""

    def format(self, *values: object, **_: object) -> str:
        return percent(float(str(values[0])), 0)


def checked_inputs(labels: Any, P: Any, prompt: Any) -> dict[str, Any]:
    """Return copies of the inputs as tuples, or say what is wrong with them.

    Parameters
    ----------
    labels, P, prompt : object
        Inputs of `CountsTimesTastes`.

    Returns
    -------
    dict
        ``labels``, ``P`` and ``prompt`` as nested tuples.

    Raises
    ------
    InputError
        If they do not fit.

    Examples
    --------
    >>> checked_inputs(["a", "b"], np.eye(2), [1, 1, 0])
    {'labels': ('a', 'b'), 'P': ((1.0, 0.0), (0.0, 1.0)), 'prompt': (1, 1, 0)}
    """
    try:
        table = chain.as_transition_matrix(P, "P").tolist()
        tokens = chain.as_prompt(prompt, len(table), "prompt").tolist()
    except ValueError as error:
        raise InputError(str(error)) from None
    words = list(labels) if isinstance(labels, list | tuple) else labels
    wrong = problem(words, table, tokens)
    if wrong:
        raise InputError(wrong)
    return {"labels": tuple(words), "P": tuple(map(tuple, table)), "prompt": tuple(tokens)}
