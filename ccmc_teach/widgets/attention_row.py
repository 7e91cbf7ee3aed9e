"""An attention row: scores, the softmax of one row, and the transition matrix that it joins."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from ccmc_teach import attention, chain
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
from ccmc_teach.widgets.twins import attention_row as twins
from ccmc_teach.widgets.twins.basics import decimal, percent

ANSWERS = {
    "shift": ("nothing", "larger", "uneven"),
    "odds": ("chance", "odds", "rows"),
    "column": ("nothing", "row", "gains"),
}


class AttentionRow(CourseWidget):
    """Where is the Markov chain inside softmax? The reader moves scores and sees a row of P.

    Parameters
    ----------
    labels : sequence of str, shape (K,)
        Two to four different words.
    scores : array_like, shape (K, K)
        Row q holds the scores that the query q gives to every word, numbers from -4 to 4.
    query : int
        The last word of the prompt, whose row is chosen.
    shift : float
        A constant that is added to the chosen row, -3 to 3.
    question : {"shift", "odds", "column"}
        Which prediction is asked for.
    bet : dict
        The reader's bet: empty, or ``question``, ``answer``, and the ``query`` and the ``scores``
        before the change.

    Raises
    ------
    InputError
        If an input does not fit; it is a ``ValueError`` and keeps the old inputs.

    Examples
    --------
    >>> AttentionRow().row.round(3)
    array([0.112, 0.556, 0.276, 0.056])
    >>> bool(np.allclose(AttentionRow(shift=2).P, AttentionRow().P))
    True
    """

    module = "attention_row.mjs"
    _esm = link("attention_row")

    labels = as_input(traitlets.Any(("cat", "dog", "owl", "fox")))
    scores = as_input(traitlets.Any(tuple(map(tuple, twins.preset(4)))))
    query = as_input(Number(0, 0, twins.MAX_WORDS - 1, whole=True))
    shift = as_input(Number(0.0, -twins.MAX_SHIFT, twins.MAX_SHIFT))
    question = as_input(Choice(*ANSWERS))
    bet = as_input(Bet(ANSWERS, query=one_of(range(twins.MAX_WORDS)), scores=list))

    @traitlets.validate("labels", "scores", "query")
    def _check_inputs(self, proposal: Any) -> Any:
        given = {name: getattr(self, name) for name in ("labels", "scores", "query")}
        given[proposal.trait.name] = proposal.value
        return checked_inputs(**given)[proposal.trait.name]

    @traitlets.validate("bet")
    def _check_bet(self, proposal: Any) -> dict[str, Any]:
        bet: dict[str, Any] = proposal.value
        if bet and bet["query"] >= len(bet["scores"]):
            raise InputError(f"bet must hold a row of scores for its query, got {bet!r}.")
        return bet

    @property
    def shown_scores(self) -> NDArray[np.float64]:
        """The scores with the constant in the chosen row, shape (K, K)."""
        return np.array(twins.shifted(self.scores, self.query, self.shift))

    @property
    def P(self) -> NDArray[np.float64]:
        """The transition matrix, shape (K, K): the softmax of every row."""
        law: NDArray[np.float64] = attention.softmax(self.shown_scores)
        return law

    @property
    def row(self) -> NDArray[np.float64]:
        """The chosen row of the transition matrix, shape (K,)."""
        law: NDArray[np.float64] = self.P[self.query]
        return law

    @property
    def key_query_matrix(self) -> NDArray[np.float64]:
        """The key-query matrix W that gives these scores to one-hot embeddings, shape (K, K)."""
        return self.shown_scores.T.copy()

    def title(self) -> str:
        """Return the question that the widget answers."""
        return "Where is the Markov chain inside softmax?"

    def summary(self) -> str:
        """Return the law of the chosen row, and what is to be seen in it.

        Returns
        -------
        str
            The same words as a screen reader is told.
        """
        row = self.scores[self.query]
        return f"{self._row_said()} {twins.note(self.labels, row, self.query, self.shift)}"

    def _row_said(self) -> str:
        law = twins.softmax(twins.shifted(self.scores, self.query, self.shift)[self.query])
        return f"Row {self.labels[self.query]}: {twins.law_said(self.labels, law)}."

    def picture_html(self) -> str:
        """Return the key frame: the scores, the softmax of the chosen row, and P.

        Returns
        -------
        str
            A ``figure`` with an inline SVG, its colours being variables of the page.
        """
        from ccmc_teach import figures

        scores = self.shown_scores
        low = scores.min()
        fig, (left, middle, right) = figures.subplots(1, 3, width=9.0, height=3.0)
        with figures.house_style():
            # The picture tints from the lowest score up; the numbers are the scores.
            figures.matrix(
                left,
                scores - low,
                self.labels,
                number=lambda value: decimal(float(value + low), 1),
                highlight=self.query,
                title="Scores",
            )
            figures.bars(
                middle,
                self.row,
                self.labels,
                number="{:.0%}",
                top=1.0,
                title=f"Softmax of row {self.labels[self.query]}",
            )
            figures.matrix(
                right,
                self.P,
                self.labels,
                number="{:.0%}",
                highlight=self.query,
                title="Transition matrix P",
            )
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
        """Return the numbers of the chosen row.

        Returns
        -------
        NumberTable
            For every word its score, the exponential of the score, and the probability.
        """
        row = twins.shifted(self.scores, self.query, self.shift)[self.query]
        law = twins.softmax(row)
        rows = [
            (word, decimal(score, 1), decimal(float(np.exp(score)), 2), percent(share, 1))
            for word, score, share in zip(self.labels, row, law, strict=True)
        ]
        columns = ("word", "score", "exponential", "probability")
        return NumberTable(self._row_said(), columns, rows)


def checked_inputs(labels: Any, scores: Any, query: Any) -> dict[str, Any]:
    """Return copies of the inputs as tuples, or say what is wrong with them.

    Parameters
    ----------
    labels, scores, query : object
        Inputs of `AttentionRow`.

    Returns
    -------
    dict
        ``labels`` and ``scores`` as nested tuples, ``query`` as it is.

    Raises
    ------
    InputError
        If they do not fit.

    Examples
    --------
    >>> checked_inputs(["a", "b"], [[1, 0], [0.5, 0.5]], 0)["scores"]
    ((1.0, 0.0), (0.5, 0.5))
    """
    try:
        table = chain.as_real_array(scores, "scores", ndim=2).tolist()
    except ValueError as error:
        raise InputError(str(error)) from None
    words = list(labels) if isinstance(labels, list | tuple) else labels
    wrong = twins.problem(words, table)
    if not wrong and query >= len(words):
        wrong = f"query must be one of the tokens 0 to {len(words) - 1}, got {query}."
    if wrong:
        raise InputError(wrong)
    return {"labels": tuple(words), "scores": tuple(map(tuple, table)), "query": query}
