"""How many prompts: the risk of the fit against the number of prompts, simulated and live."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from ccmc_teach.widgets.base import (
    Bet,
    Choice,
    CourseWidget,
    InputError,
    NumberTable,
    as_input,
    paragraph,
)
from ccmc_teach.widgets.link import SOURCES, link
from ccmc_teach.widgets.twins import how_many_prompts as twins

ANSWERS = {"double": ("two", "four", "eight"), "halves": ("stays", "same", "half")}
LOWEST, HIGHEST = 1e-6, 1.0

Experiment = tuple[str, int, int, int]


@cache
def replicates() -> dict[str, Any]:
    """Return what 2000 simulated fits gave for each design, vocabulary and number of prompts.

    Returns
    -------
    dict
        ``seed``, ``replicates``, and for each design and vocabulary a list with, for each number
        of prompts of the grid, how many fits in a thousand exist and, if they are at least half,
        lower quartile, mean and upper quartile of the risk in thousandths of the theory.

    Examples
    --------
    >>> table = replicates()
    >>> table["replicates"], len(table["even"]["5"])
    (2000, 12)
    """
    text = (SOURCES / "how_many_prompts_replicates.mjs").read_text("utf-8")
    found: dict[str, Any] = json.loads(text.partition("=")[2].strip().removesuffix(";"))
    return found


@lru_cache(maxsize=4 * twins.MOST_EXPERIMENTS)
def risk_of(design: str, size: int, n: int, run: int) -> float:
    """Return the excess risk of one experiment, infinite where no finite fit exists.

    Parameters
    ----------
    design, size, n, run : str, int, int, int
        Its prompts, vocabulary, number of prompts, and the number that decides its chance.

    Returns
    -------
    float
        Nats a prompt.

    Examples
    --------
    >>> round(risk_of("even", 3, 1000, 1), 6), risk_of("even", 20, 20, 1)
    (0.00074, inf)
    """
    risk = twins.excess_risk(design, size, twins.tallies(design, size, run, 0, n))
    return risk if risk >= 0 else float("inf")


class HowManyPrompts(CourseWidget):
    """Twice the vocabulary, how much more data? The risk of the fit against the prompts.

    Parameters
    ----------
    K : {5, 3, 10, 20}
        Vocabulary size.
    n : {20, 50, 100, 200, 500, 1000, ..., 100000}
        Number of prompts.
    design : {"even", "skewed", "split"}
        The prompts hold their query once, or nine times, or words of one half only.
    experiments : sequence of (design, K, n, run)
        At most 40 fits of the reader's own; `run` decides all chance in each.
    together : bool
        Whether the curves of all vocabularies are shown.
    collapsed : bool
        Whether the prompts are measured in units of the square of K.
    question : {"double", "halves"}
        Which prediction is asked for.
    bet : dict
        The reader's bet: empty, or ``question`` and ``answer``.

    Raises
    ------
    InputError
        If an input does not fit; it is a ``ValueError`` and keeps the old inputs.

    Examples
    --------
    >>> widget = HowManyPrompts(K=10, n=10_000, experiments=[("even", 3, 1000, 1)])
    >>> widget.line, widget.excess_risks.round(5)
    (0.0045, array([0.00074]))
    """

    module = "how_many_prompts.mjs"
    _esm = link("how_many_prompts")

    K = as_input(Choice(5, 3, 10, 20))
    n = as_input(Choice(1000, *(n for n in twins.GRID if n != 1000)))
    design = as_input(Choice(*twins.DESIGNS))
    experiments = as_input(traitlets.Any(()))
    together = as_input(Choice(False, True))
    collapsed = as_input(Choice(False, True))
    question = as_input(Choice(*ANSWERS))
    bet = as_input(Bet(ANSWERS))

    @traitlets.validate("experiments")
    def _check_experiments(self, proposal: Any) -> tuple[Experiment, ...]:
        return checked_experiments(proposal.value)

    @property
    def degrees(self) -> int:
        """How many log-odds the prompts tell about."""
        return twins.degrees(self.design, self.K)

    @property
    def line(self) -> float:
        """The excess risk that theory gives for many prompts: half the log-odds, over n."""
        return twins.line_risk(self.design, self.K, self.n)

    @property
    def cells(self) -> list[list[int]]:
        """The row of `replicates` of the design and the vocabulary, one entry for each n."""
        found: list[list[int]] = replicates()[self.design][str(self.K)]
        return found

    @property
    def excess_risks(self) -> NDArray[np.float64]:
        """Excess risk of every experiment, infinite where no finite fit exists."""
        return np.array([risk_of(*one) for one in self.experiments], dtype=float)

    def title(self) -> str:
        """Return the question that the widget answers."""
        return "Twice the vocabulary, how much more data?"

    def summary(self) -> str:
        """Return what the simulated fits show, in a few sentences.

        Returns
        -------
        str
            The same sentences as on the screen.
        """
        return twins.reading(self.design, self.K, self.n, self.cells)

    def picture_html(self) -> str:
        """Return the key frame: excess risk against the number of prompts.

        Returns
        -------
        str
            A ``figure`` with an inline SVG, its colours being variables of the page.
        """
        from ccmc_teach import figures

        fig, ax = figures.subplots(height=3.6)
        with figures.house_style():
            for k, size in enumerate(twins.SIZES):
                if self.together or size == self.K:
                    self._draw_size(ax, size, figures.TOKEN_COLOURS[k], figures.INK)
            ax.set_xscale("log")
            ax.set_yscale("log")
            ax.set_ylim(LOWEST, HIGHEST)
            ax.set_xlabel("n / K²" if self.collapsed else "n, the number of prompts")
            ax.set_title("Excess risk")
            ax.legend(frameon=False, loc="lower left")
        picture = figures.Picture(fig, self.summary())
        return f'<figure class="ccmc-figure">{picture.svg}</figure>'

    def _draw_size(self, ax: Any, size: int, colour: str, ink: str) -> None:
        """Draw theory, band, mean and the experiments of one vocabulary."""
        unit = size**2 if self.collapsed else 1
        rows = replicates()[self.design][str(size)]
        shown = [(n, cell) for n, cell in zip(twins.GRID, rows, strict=True) if len(cell) > 1]
        n = np.array([n for n, _ in shown])
        line = twins.degrees(self.design, size) / (2 * n)
        low, mean, high = (
            line * np.array([cell[k] for _, cell in shown]) / 1000 for k in (1, 2, 3)
        )
        ax.fill_between(n / unit, low, high, color=colour, alpha=0.18, linewidth=0)
        ax.plot(n / unit, mean, color=colour, linewidth=2, label=f"K = {size}")
        ax.plot(n / unit, line, color=ink, linewidth=1.2, linestyle="--")
        for (design, K, prompts, _), risk in zip(self.experiments, self.excess_risks, strict=True):
            if (design, K) == (self.design, size):
                face = colour if risk < np.inf else "none"
                ax.plot(prompts / unit, min(risk, HIGHEST), "o", color=colour, markerfacecolor=face)

    def fallback_html(self) -> str:
        """Return picture, sentences and tables.

        Returns
        -------
        str
            What stands for the widget where no script runs, and in print.
        """
        tables = [self.risks_table(), *([self.experiments_table()] if self.experiments else [])]
        words = paragraph(
            "Line and band: mean and middle half of the simulated fits; dashed: the theory. "
            + self.summary()
        )
        return self.picture_html() + words + "".join(table.html() for table in tables)

    def risks_table(self) -> NumberTable:
        """Return the numbers behind the curve.

        Returns
        -------
        NumberTable
            For each number of prompts: share of finite fits, quartiles and mean of the excess
            risk, and the theory.
        """
        columns = ("n", "finite fits", "lower quartile", "mean", "upper quartile", "theory")
        caption = f"Simulated fits with {self.design} prompts and K = {self.K}"
        return NumberTable(caption, columns, twins.replicate_rows(self.design, self.K, self.cells))

    def experiments_table(self) -> NumberTable:
        """Return the numbers behind the dots.

        Returns
        -------
        NumberTable
            For each experiment: its number, prompts, K, n, excess risk, and the risk over the
            theory.
        """
        rows = [
            twins.experiment_row(
                i + 1, one[0], one[1], one[2], float(risk) if risk < np.inf else -1.0
            )
            for i, (one, risk) in enumerate(zip(self.experiments, self.excess_risks, strict=True))
        ]
        columns = ("", "prompts", "K", "n", "excess risk", "times theory")
        return NumberTable("Each with chance of its own" if rows else "None yet", columns, rows)


def checked_experiments(experiments: Any) -> tuple[Experiment, ...]:
    """Return a copy of a list of experiments, or say what is wrong with it.

    Parameters
    ----------
    experiments : object
        A sequence of ``(design, K, n, run)``.

    Returns
    -------
    tuple of tuple
        The experiments.

    Raises
    ------
    InputError
        If they do not fit.

    Examples
    --------
    >>> checked_experiments([["even", 5, 1000, 1]])
    (('even', 5, 1000, 1),)
    """
    given = experiments
    if isinstance(given, list | tuple):
        given = [list(one) if isinstance(one, list | tuple) else one for one in given]
    wrong = twins.experiments_problem(given)
    if wrong:
        raise InputError(wrong)
    return tuple((design, int(K), int(n), int(run)) for design, K, n, run in given)
