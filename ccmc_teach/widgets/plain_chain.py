"""The plain chain: edit a transition matrix, walk along it, and see what it forgets."""

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
    Number,
    NumberTable,
    as_input,
    one_of,
    paragraph,
)
from ccmc_teach.widgets.link import link
from ccmc_teach.widgets.twins import plain_chain as twins
from ccmc_teach.widgets.twins.basics import percent

ANSWERS = {
    "first": ("more", "other", "no"),
    "slow": ("even", "same", "first"),
    "rhythm": ("both", "shares", "none"),
}
LARGEST_SEED = 2**32 - 1


class PlainChain(CourseWidget):
    """How soon is the first word forgotten? The reader edits a chain and walks along it.

    Parameters
    ----------
    labels : sequence of str, shape (K,)
        Two to four different words.
    P : array_like, shape (K, K)
        Transition matrix whose entries are 0 or at least 0.000001.
    start : int
        The first word.
    length : int
        Number of words in the text, the first included, 1 to 2000.
    seed : int
        Number of the luck; texts with the same seed use the same random numbers.
    theory : bool
        Whether the picture shows where the chain leads: its stationary law, or why there is none.
    question : {"first", "slow", "rhythm"}
        Which prediction is asked for.
    bet : dict
        The reader's bet: empty, or ``question``, ``answer`` and the ``seed`` at the time.

    Raises
    ------
    InputError
        If an input does not fit; it is a ``ValueError`` and keeps the old inputs.

    Examples
    --------
    >>> PlainChain().walk
    array([0, 1, 0])
    >>> PlainChain().stationary.round(3)
    array([0.357, 0.31 , 0.333])
    >>> PlainChain(labels=["a", "b"], P=[[1, 0], [0, 1]]).closed_classes
    [[0], [1]]
    """

    module = "plain_chain.mjs"
    _esm = link("plain_chain")

    labels = as_input(traitlets.Any(("cat", "dog", "owl")))
    P = as_input(traitlets.Any(tuple(map(tuple, twins.preset("mixing", 3)))))
    start = as_input(Number(0, 0, twins.MAX_WORDS - 1, whole=True))
    length = as_input(Number(3, 1, twins.MAX_LENGTH, whole=True))
    seed = as_input(Number(3, 0, LARGEST_SEED, whole=True))
    theory = as_input(traitlets.Bool(False))
    question = as_input(Choice(*ANSWERS))
    bet = as_input(Bet(ANSWERS, seed=one_of(range(LARGEST_SEED + 1))))

    @traitlets.validate("labels", "P", "start")
    def _check_inputs(self, proposal: Any) -> Any:
        given = {name: getattr(self, name) for name in ("labels", "P", "start")}
        given[proposal.trait.name] = proposal.value
        return checked_inputs(**given)[proposal.trait.name]

    @property
    def walk(self) -> NDArray[np.int64]:
        """The text as tokens, shape (length,); the same as on the screen."""
        return np.array(twins.walk(self.P, self.start, self.seed, self.length), dtype=np.int64)

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of each word in the text, shape (K,)."""
        found: NDArray[np.float64] = (
            np.bincount(self.walk, minlength=len(self.labels)) / self.length
        )
        return found

    @property
    def last_word_laws(self) -> NDArray[np.float64]:
        """Law of the last word of the text, one row for each first word, shape (K, K)."""
        return np.linalg.matrix_power(np.array(self.P), self.length - 1)

    @property
    def closed_classes(self) -> list[list[int]]:
        """Tokens that lead to each other and to no others, in the order of their first tokens."""
        return twins.closed_classes(self.P)

    @property
    def stationary(self) -> NDArray[np.float64] | None:
        """The stationary law, shape (K,); None if there are several, one for each closed class."""
        if len(self.closed_classes) > 1:
            return None
        law: NDArray[np.float64] = chain.stationary(self.P)
        return law

    @property
    def period(self) -> int | None:
        """Rhythm of the closed class, 1 for none; None if there are several closed classes."""
        classes = self.closed_classes
        return twins.period(self.P, classes[0]) if len(classes) == 1 else None

    def title(self) -> str:
        """Return the question that the widget answers."""
        return "How soon is the first word forgotten?"

    def summary(self) -> str:
        """Return the shares of the text, and what the chain keeps of its first word.

        Returns
        -------
        str
            The same words as a screen reader is told.
        """
        return f"{self._walk_said()} {twins.verdict(self.labels, self.P)}"

    def _walk_said(self) -> str:
        words = "1 word" if self.length == 1 else f"{self.length} words"
        law = twins.law_said(self.labels, self.shares.tolist())
        return f"A text of {words} from {self.labels[self.start]}: {law}."

    def picture_html(self) -> str:
        """Return the key frame: the chain, and the shares as the text grows to 2000 words.

        Returns
        -------
        str
            A ``figure`` with an inline SVG, its colours being variables of the page.
        """
        from ccmc_teach import figures

        fig, (left, right) = figures.subplots(1, 2, height=3.4)
        with figures.house_style():
            figures.chain_diagram(left, self.P, self.labels, number="{:.0%}")
            self._draw_shares(right)
        rows = (
            f"From {word}: {twins.law_said(self.labels, row)}."
            for word, row in zip(self.labels, self.P, strict=True)
        )
        picture = figures.Picture(fig, f"{' '.join(rows)} {twins.verdict(self.labels, self.P)}")
        return f'<figure class="ccmc-figure">{picture.svg}</figure>'

    def _draw_shares(self, ax: Any) -> None:
        from ccmc_teach import figures

        tokens = twins.walk(self.P, self.start, self.seed, twins.MAX_LENGTH)
        lengths = twins.milestones(twins.MAX_LENGTH)
        curves = np.array(twins.running_shares(tokens, len(self.labels), lengths))
        ends = twins.limit(self.P, tokens[-1])
        for token, word in enumerate(self.labels):
            colour = figures.TOKEN_COLOURS[token]
            ax.plot(lengths, curves[:, token], color=colour, label=word)
            if ends is not None:
                ax.axhline(ends[token], color=colour, linestyle="--", linewidth=1)
        ax.set(title="Shares as the text grows", xscale="log", ylim=(-0.02, 1.02))
        ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
        ax.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
        ax.set_xlabel("words in the text, dashed: stationary")
        ax.legend(loc="upper right")

    def fallback_html(self) -> str:
        """Return picture, sentence and table.

        Returns
        -------
        str
            What stands for the widget where no script runs, and in print.
        """
        return self.picture_html() + paragraph(self.summary()) + self.table().html()

    def table(self) -> NumberTable:
        """Return the numbers of the text.

        Returns
        -------
        NumberTable
            For every word its count, its share, where the share tends to, and the probability that
            it is the last word, by the first word.
        """
        ends = twins.limit(self.P, int(self.walk[-1]))
        laws = twins.power(self.P, self.length - 1)
        rows = [
            (
                word,
                str(int((self.walk == j).sum())),
                percent(float(self.shares[j]), 1),
                "–" if ends is None else percent(ends[j], 1),
                *(percent(law[j], 1) for law in laws),
            )
            for j, word in enumerate(self.labels)
        ]
        by_first = (f"law from {word}" for word in self.labels)
        columns = ("word", "count", "share", "stationary", *by_first)
        return NumberTable(self._walk_said(), columns, rows)


def checked_inputs(labels: Any, P: Any, start: Any) -> dict[str, Any]:
    """Return copies of the inputs as tuples, or say what is wrong with them.

    Parameters
    ----------
    labels, P, start : object
        Inputs of `PlainChain`.

    Returns
    -------
    dict
        ``labels`` and ``P`` as nested tuples, ``start`` as it is.

    Raises
    ------
    InputError
        If they do not fit.

    Examples
    --------
    >>> checked_inputs(["a", "b"], [[1, 0], [0.5, 0.5]], 0)["P"]
    ((1.0, 0.0), (0.5, 0.5))
    """
    try:
        table = chain.as_transition_matrix(P, "P").tolist()
    except ValueError as error:
        raise InputError(str(error)) from None
    words = list(labels) if isinstance(labels, list | tuple) else labels
    wrong = twins.problem(words, table)
    if not wrong and start >= len(words):
        wrong = f"start must be one of the tokens 0 to {len(words) - 1}, got {start}."
    if wrong:
        raise InputError(wrong)
    return {"labels": tuple(words), "P": tuple(map(tuple, table)), "start": start}
