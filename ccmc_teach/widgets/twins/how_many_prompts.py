"""The mathematics of how many prompts: three designs of prompts, experiments, fits and risks.

Every prompt holds its query and two other words.
The row of a query is written in **places**: place 0 is the query, the others follow in the order
of the tokens.
What the reader cannot see in the picture, the counts times the tastes, are the **odds** of a row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ccmc_teach.widgets.twins.basics import decimal, mixed, percent, uniform

SIZES = (3, 5, 10, 20)
DESIGNS = ("even", "skewed", "split")
GRID = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
# How often a skewed prompt holds its query, where an even one holds it once.
LOUD = 9
MOST_EXPERIMENTS = 40
MOST_ROUNDS = 2000
LARGEST_CHANGE = 1e-10
LARGEST_RUN = 9999

_STRENGTHS = 4
_PRACTICALLY_ALL = 990


def taste_weights(size: int) -> list[list[int]]:
    """Return the teacher, row by row, in whole numbers from 1 to 4 that need not sum to 1.

    Parameters
    ----------
    size : int
        How many tokens there are.

    Returns
    -------
    list of list of int, shape (K, K)
        Hashes of the places in the table, so that it is the same teacher everywhere.

    Examples
    --------
    >>> taste_weights(3)
    [[2, 3, 2], [1, 2, 1], [3, 3, 3]]
    """
    return [
        [1 + mixed(1000 * size + size * query + token) % _STRENGTHS for token in range(size)]
        for query in range(size)
    ]


def row_tokens(design: str, size: int, query: int) -> list[int]:
    """Return the tokens that are ever seen with a query: the query, then the others.

    Parameters
    ----------
    design : {"even", "skewed", "split"}
        Where the prompts are split, they hold words of one half of the vocabulary only.
    size : int
        How many tokens there are.
    query : int
        The query.

    Returns
    -------
    list of int
        One token a place.

    Examples
    --------
    >>> row_tokens("even", 5, 3), row_tokens("split", 5, 3)
    ([3, 0, 1, 2, 4], [3, 4])
    """
    half = (size + 1) // 2
    if design != "split":
        together = range(size)
    elif query < half:
        together = range(half)
    else:
        together = range(half, size)
    return [query, *(token for token in together if token != query)]


def row_kinds(places: int) -> list[list[int]]:
    """Return the kinds of prompts of a row: which places stand in each.

    Parameters
    ----------
    places : int
        How many tokens are ever seen with the query.

    Returns
    -------
    list of list of int
        The query and two others that are next to each other in the order of the places.

    Examples
    --------
    >>> row_kinds(5), row_kinds(2), row_kinds(1)
    ([[0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 4, 1]], [[0, 1]], [[0]])
    """
    others = places - 1
    if others < 2:
        return [list(range(places))]
    return [[0, 1 + j, 1 + (j + 1) % others] for j in range(others)]


def row_odds(design: str, size: int, query: int) -> list[int]:
    """Return count times taste of every place of a row, in whole numbers.

    Parameters
    ----------
    design : {"even", "skewed", "split"}
        Where the prompts are skewed, they hold the query nine times.
    size, query : int
        How many tokens there are, and the query.

    Returns
    -------
    list of int
        One number a place; the next token follows them in every prompt.

    Examples
    --------
    >>> row_odds("even", 3, 1), row_odds("skewed", 3, 1)
    ([2, 1, 1], [18, 1, 1])
    """
    tastes = taste_weights(size)[query]
    odds = [tastes[token] for token in row_tokens(design, size, query)]
    if design == "skewed":
        odds[0] *= LOUD
    return odds


def degrees(design: str, size: int) -> int:
    """Return how many log-odds the prompts of a design tell about.

    Parameters
    ----------
    design : {"even", "skewed", "split"}
        The prompts.
    size : int
        How many tokens there are.

    Returns
    -------
    int
        The tokens seen with a query, less one, added up over the queries.

    Examples
    --------
    >>> degrees("even", 10), degrees("skewed", 10), degrees("split", 10)
    (90, 90, 40)
    """
    total = 0
    for query in range(size):
        total += len(row_tokens(design, size, query)) - 1
    return total


def tallies(design: str, size: int, run: int, start: int, stop: int) -> list[list[list[int]]]:
    """Return how often each place was chosen in each kind of prompt of each query.

    Parameters
    ----------
    design : {"even", "skewed", "split"}
        The prompts; every query is equally likely, and every kind of its prompts.
    size : int
        How many tokens there are.
    run : int
        Number of the experiment, which decides all chance in it.
    start, stop : int
        Which of its prompts to draw: those from `start` up to, without, `stop`.

    Returns
    -------
    list of list of list of int
        Number ``[query][kind][c]``: the place that stands at ``row_kinds(...)[kind][c]`` came next.

    Examples
    --------
    >>> tallies("even", 3, 1, 0, 20)[0]
    [[1, 0, 1], [3, 0, 0]]
    """
    seed = 10 * size + DESIGNS.index(design)
    odds = [row_odds(design, size, query) for query in range(size)]
    kinds = [row_kinds(len(row)) for row in odds]
    result = [[[0] * len(kind) for kind in row] for row in kinds]
    for i in range(start, stop):
        # One number for the prompt and one for the next token.
        where = uniform(seed, run, 2 * i) * size
        query = math.floor(where)
        kind = math.floor((where - query) * len(kinds[query]))
        places = kinds[query][kind]
        total = 0
        for place in places:
            total += odds[query][place]
        level = uniform(seed, run, 2 * i + 1) * total
        c = 0
        below = odds[query][places[0]]
        while level >= below:
            c += 1
            below += odds[query][places[c]]
        result[query][kind][c] += 1
    return result


def has_maximum(tally: Sequence[Sequence[int]]) -> bool:
    """Tell whether a row has a maximum of the likelihood at positive odds.

    Parameters
    ----------
    tally : sequence of sequences of int
        How often each place was chosen, one sequence for each kind of prompt of the row.

    Returns
    -------
    bool
        Whether every place but the query was chosen, and leads back to the query by choices.

    Examples
    --------
    >>> has_maximum([[1, 2]]), has_maximum([[0, 2]]), has_maximum([[2, 0]]), has_maximum([[5]])
    (True, False, False, True)
    """
    size = row_places(tally)
    kinds = row_kinds(size)
    is_chosen = [False] * size
    leads = [place == 0 for place in range(size)]
    grows = True
    while grows:
        grows = False
        for kind, chosen in zip(kinds, tally, strict=True):
            back = False
            for place, times in zip(kind, chosen, strict=True):
                is_chosen[place] = is_chosen[place] or times > 0
                back = back or (times > 0 and leads[place])
            for place in kind:
                if back and not leads[place]:
                    leads[place] = grows = True
    return all(leads) and all(is_chosen[1:])


def row_places(tally: Sequence[Sequence[int]]) -> int:
    """Return how many places a row has, from the shape of its tally.

    Parameters
    ----------
    tally : sequence of sequences of int
        One sequence for each kind of prompt of the row.

    Returns
    -------
    int
        How many tokens are ever seen with the query.

    Examples
    --------
    >>> row_places([[5]]), row_places([[1, 2]]), row_places([[0, 0, 0]] * 4)
    (1, 2, 5)
    """
    return len(tally[0]) if len(tally) == 1 else len(tally) + 1


def fitted_odds(tally: Sequence[Sequence[int]]) -> list[float]:
    """Return the odds of a row at the maximum of the likelihood.

    Parameters
    ----------
    tally : sequence of sequences of int
        How often each place was chosen, one sequence for each kind of prompt; see `has_maximum`.

    Returns
    -------
    list of float
        Odds that sum to 1, by Luce spectral ranking: a visitor goes from every place of a prompt
        to the place that was chosen, and the maximum is the law that is stationary for the rates
        which it defines itself.

    Examples
    --------
    >>> fitted_odds([[1, 3]])
    [0.25, 0.75]
    >>> [round(share, 6) for share in fitted_odds([[2, 4, 6], [1, 3, 2]])]
    [0.166667, 0.333333, 0.5]
    """
    size = row_places(tally)
    kinds = row_kinds(size)
    odds = [1 / size] * size
    for _ in range(MOST_ROUNDS):
        rates = [[0.0] * size for _ in range(size)]
        for kind, chosen in zip(kinds, tally, strict=True):
            total = 0.0
            for place in kind:
                total += odds[place]
            for place, times in zip(kind, chosen, strict=True):
                for present in kind:
                    rates[present][place] += times / total
        new = _stationary(rates)
        moved = 0.0
        for old, share in zip(odds, new, strict=True):
            moved = max(moved, abs(share - old) / share)
        odds = new
        if moved <= LARGEST_CHANGE:
            break
    return odds


def _stationary(rates: list[list[float]]) -> list[float]:
    """Return the stationary law, by taking the places away from the last to the first."""
    size = len(rates)
    for k in range(size - 1, 0, -1):
        total = 0.0
        for j in range(k):
            total += rates[k][j]
        for i in range(k):
            if rates[i][k] > 0:
                rates[i][k] /= total
                for j in range(k):
                    rates[i][j] += rates[i][k] * rates[k][j]
    law = [1.0] * size
    whole = 1.0
    for k in range(1, size):
        share = 0.0
        for i in range(k):
            share += law[i] * rates[i][k]
        law[k] = share
        whole += share
    return [share / whole for share in law]


def row_risk(truth: Sequence[float], odds: Sequence[float]) -> float:
    """Return the excess risk of a row: what its next-token laws lose against the truth.

    Parameters
    ----------
    truth, odds : sequence of float
        Odds of every place, the true ones and the fitted ones, on any scale.

    Returns
    -------
    float
        The Kullback-Leibler divergence of the law of the next token, in nats, on average over the
        kinds of prompts of the row.

    Examples
    --------
    >>> row_risk([3, 1], [6, 2]), round(row_risk([1, 1], [1, 3]), 6)
    (0.0, 0.143841)
    """
    kinds = row_kinds(len(truth))
    risk = 0.0
    for kind in kinds:
        of_truth = 0.0
        of_fit = 0.0
        for place in kind:
            of_truth += truth[place]
            of_fit += odds[place]
        for place in kind:
            p = truth[place] / of_truth
            risk += p * math.log(p / (odds[place] / of_fit))
    return risk / len(kinds)


def excess_risk(design: str, size: int, table: Sequence[Sequence[Sequence[int]]]) -> float:
    """Return the excess risk of the fit to an experiment, or -1 where no finite fit exists.

    Parameters
    ----------
    design : {"even", "skewed", "split"}
        The prompts.
    size : int
        How many tokens there are.
    table : sequence
        What `tallies` returns.

    Returns
    -------
    float
        Loss of the fit less loss of the teacher, in nats a prompt, on the law of the prompts.

    Examples
    --------
    >>> round(excess_risk("even", 3, tallies("even", 3, 1, 0, 1000)), 6)
    0.00074
    >>> excess_risk("even", 3, tallies("even", 3, 1, 0, 3))
    -1.0
    """
    risk = 0.0
    for query in range(size):
        if not has_maximum(table[query]):
            return -1.0
        risk += row_risk(row_odds(design, size, query), fitted_odds(table[query]))
    return risk / size


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return the slope of the straight line through points on logarithmic axes.

    Parameters
    ----------
    xs, ys : sequence of float
        Positive coordinates, at least two different ones.

    Returns
    -------
    float
        The slope of least squares.

    Examples
    --------
    >>> round(slope([1, 10, 100], [3, 0.3, 0.03]), 12)
    -1.0
    """
    mean_x = 0.0
    mean_y = 0.0
    for x, y in zip(xs, ys, strict=True):
        mean_x += math.log(x) / len(xs)
        mean_y += math.log(y) / len(xs)
    across = 0.0
    along = 0.0
    for x, y in zip(xs, ys, strict=True):
        across += (math.log(x) - mean_x) * (math.log(y) - mean_y)
        along += (math.log(x) - mean_x) * (math.log(x) - mean_x)
    return across / along


def small(value: float) -> str:
    """Return a positive number with three significant digits.

    Parameters
    ----------
    value : float
        A number of at least 1e-9 and below 1e9.

    Returns
    -------
    str
        Without an exponent, as a reader of the picture writes it.

    Examples
    --------
    >>> small(0.00447), small(0.0000123456), small(0.5), small(12.345), small(0.0009999), small(317)
    ('0.00447', '0.0000123', '0.500', '12.3', '0.00100', '317')
    """
    digits = 0
    scale = 1
    while math.floor(value * scale + 0.5) < 100:
        digits += 1
        scale *= 10
    units = math.floor(value * scale + 0.5)
    rest = str(units % scale).rjust(digits, "0")
    return f"{units // scale}.{rest}" if digits else str(units)


def grouped(n: int) -> str:
    """Return a whole number with a space between thousands.

    Parameters
    ----------
    n : int
        A number from 0 to 999999.

    Returns
    -------
    str
        The space is one at which no line breaks.

    Examples
    --------
    >>> grouped(500), grouped(20_000).replace("\u00a0", " "), grouped(1005)[-3:]
    ('500', '20 000', '005')
    """
    if n < 1000:
        return str(n)
    return f"{n // 1000}\u00a0{str(n % 1000).rjust(3, '0')}"


def line_risk(design: str, size: int, n: int) -> float:
    """Return the excess risk that many prompts lead to: half the log-odds, over n.

    Parameters
    ----------
    design : {"even", "skewed", "split"}
        The prompts.
    size, n : int
        How many tokens and how many prompts there are.

    Returns
    -------
    float
        Nats a prompt.

    Examples
    --------
    >>> line_risk("even", 10, 1000), line_risk("split", 10, 1000)
    (0.045, 0.02)
    """
    return degrees(design, size) / (2 * n)


def measured_slope(cells: Sequence[Sequence[int]]) -> float:
    """Return the slope of the mean risk against the number of prompts, on logarithmic axes.

    Parameters
    ----------
    cells : sequence of sequences of int
        For each number of prompts of the grid: how many in a thousand fits exist, and, if they are
        enough, lower quartile, mean and upper quartile of the risk in thousandths of the line.

    Returns
    -------
    float
        Over the numbers of prompts with which practically all fits exist; 0 if they are fewer
        than two.

    Examples
    --------
    >>> cells = [[0]] * 9 + [[1000, 800, 1000, 1200]] * 3
    >>> round(measured_slope(cells), 9), measured_slope([[0]] * 12)
    (-1.0, 0.0)
    """
    xs = []
    ys = []
    for n, cell in zip(GRID, cells, strict=True):
        if cell[0] >= _PRACTICALLY_ALL:
            xs.append(n)
            ys.append(cell[2] / n)
    return slope(xs, ys) if len(xs) > 1 else 0.0


def reading(design: str, size: int, n: int, cells: Sequence[Sequence[int]]) -> str:
    """Say what the simulated fits show at one number of prompts.

    Parameters
    ----------
    design : {"even", "skewed", "split"}
        The prompts.
    size, n : int
        How many tokens and how many prompts there are.
    cells : sequence of sequences of int
        As in `measured_slope`.

    Returns
    -------
    str
        A few sentences.

    Examples
    --------
    >>> print(reading("even", 5, 100, [[0]] * 12).replace("\u00a0", " "))
    With even prompts, K = 5 and n = 100, 100% of the experiments have no finite fit: take more \
prompts.
    """
    cell = cells[GRID.index(n)]
    start = f"With {design} prompts, K = {size} and n = {grouped(n)}, "
    without = percent((1000 - cell[0]) / 1000, 0)
    if len(cell) == 1:
        return f"{start}{without} of the experiments have no finite fit: take more prompts."
    number = degrees(design, size)
    name = f"{number}/2n" if design == "split" else "K(K−1)/2n"
    text = (
        f"{start}the mean excess risk is {small(cell[2] / 1000 * line_risk(design, size, n))}, "
        f"which is {decimal(cell[2] / 1000, 2)} times {name}."
    )
    if cell[0] < 1000:
        share = "less than 1%" if cell[0] > 990 else without
        text += f" In {share} of the experiments no finite fit exists."
    steep = measured_slope(cells)
    if steep < 0:
        text += f" Measured slope: −{decimal(-steep, 2)}."
    if design == "split":
        text += " The ratios between the halves are never learned, whatever n."
    return text


def replicate_rows(design: str, size: int, cells: Sequence[Sequence[int]]) -> list[list[str]]:
    """Return the numbers behind a curve, formatted.

    Parameters
    ----------
    design : {"even", "skewed", "split"}
        The prompts.
    size : int
        How many tokens there are.
    cells : sequence of sequences of int
        As in `measured_slope`.

    Returns
    -------
    list of list of str
        For each number of prompts: the number, the share of finite fits, lower quartile, mean and
        upper quartile of the excess risk, and the line.

    Examples
    --------
    >>> replicate_rows("even", 3, [[1000, 500, 1000, 1500]] * 12)[0]
    ['20', '100.0%', '0.0750', '0.150', '0.225', '0.150']
    """
    rows = []
    for n, cell in zip(GRID, cells, strict=True):
        line = line_risk(design, size, n)
        numbers = ["–"] * 3 if len(cell) == 1 else [small(v / 1000 * line) for v in cell[1:]]
        rows.append([grouped(n), percent(cell[0] / 1000, 1), *numbers, small(line)])
    return rows


def experiment_row(number: int, design: str, size: int, n: int, risk: float) -> list[str]:
    """Return one experiment of the reader's own, formatted.

    Parameters
    ----------
    number : int
        Which one it is, counted from 1.
    design : {"even", "skewed", "split"}
        The prompts.
    size, n : int
        How many tokens and how many prompts there are.
    risk : float
        What `excess_risk` returns.

    Returns
    -------
    list of str
        Number, prompts, K, n, excess risk, and the risk over the line.

    Examples
    --------
    >>> experiment_row(1, "even", 5, 500, 0.025)
    ['1', 'even', '5', '500', '0.0250', '1.25']
    >>> experiment_row(2, "split", 5, 20, -1.0)[-2:]
    ['no finite fit', '–']
    """
    start = [str(number), design, str(size), grouped(n)]
    if risk < 0:
        return [*start, "no finite fit", "–"]
    return [*start, small(risk), decimal(risk / line_risk(design, size, n), 2)]


def experiments_problem(experiments: object) -> str:
    """Say in one sentence what is wrong with a list of experiments.

    Parameters
    ----------
    experiments : object
        Anything at all: a list of ``[design, size, n, run]`` if all is well.

    Returns
    -------
    str
        A sentence, or the empty string where nothing is wrong.

    Examples
    --------
    >>> experiments_problem([["even", 5, 1000, 1]])
    ''
    >>> experiments_problem(3)
    'The experiments must be a list of at most 40 experiments.'
    """
    if not isinstance(experiments, list) or len(experiments) > MOST_EXPERIMENTS:
        return f"The experiments must be a list of at most {MOST_EXPERIMENTS} experiments."
    for one in experiments:
        if not _is_experiment(one):
            return (
                "An experiment must name a design, a vocabulary, a number of prompts of the list "
                f"and a run from 1 to {LARGEST_RUN}."
            )
    return ""


def _is_experiment(one: object) -> bool:
    if not isinstance(one, list) or len(one) != 4:
        return False
    design, size, n, run = one
    if not isinstance(design, str) or design not in DESIGNS:
        return False
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in one[1:]):
        return False
    return size in SIZES and n in GRID and 1 <= run <= LARGEST_RUN and run == math.floor(run)
