"""The mathematics of an attention row: scores, their softmax, and what a constant does to them.

Row q of a table of scores belongs to the query q: entry j is the score of word j.
A constant may be added to one row, the row of the query.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ccmc_teach.widgets.twins.basics import decimal, is_number, labels_problem, percent

MAX_WORDS = 4
MAX_SCORE = 4
MAX_SHIFT = 3
STEP = 0.1

_SCORES = {
    2: [[0.5, 1.2], [1.0, -0.8]],
    3: [[-0.5, 1.1, 0.4], [1.2, -0.8, 0.3], [0.0, 0.6, -1.0]],
    4: [
        [-0.5, 1.1, 0.4, -1.2],
        [1.2, -0.8, 0.3, 0.5],
        [0.0, 0.6, -1.0, 0.9],
        [-0.3, 0.2, 1.5, 0.0],
    ],
}
_CERTAIN = 0.99
_EQUAL = 1e-9


def preset(size: int) -> list[list[float]]:
    """Return a table of scores whose softmax is easy to read.

    Parameters
    ----------
    size : int
        Vocabulary size K, 2 to 4.

    Returns
    -------
    list of list of float, shape (K, K)
        Scores.

    Examples
    --------
    >>> preset(2)
    [[0.5, 1.2], [1.0, -0.8]]
    """
    return [list(row) for row in _SCORES[size]]


def softmax(row: Sequence[float]) -> list[float]:
    """Turn a row of scores into a law.

    Parameters
    ----------
    row : sequence of float, shape (K,)
        Scores.

    Returns
    -------
    list of float, shape (K,)
        Exponentials, divided by their sum.

    Examples
    --------
    >>> softmax([1.5, 1.5])
    [0.5, 0.5]
    """
    top = max(row)
    parts = [math.exp(score - top) for score in row]
    total = 0.0
    for part in parts:
        total += part
    return [part / total for part in parts]


def transition_matrix(scores: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the softmax of every row.

    Parameters
    ----------
    scores : sequence of sequences of float, shape (K, K)
        Scores.

    Returns
    -------
    list of list of float, shape (K, K)
        A transition matrix.

    Examples
    --------
    >>> transition_matrix([[0.0, 0.0], [2.0, 2.0]])
    [[0.5, 0.5], [0.5, 0.5]]
    """
    return [softmax(row) for row in scores]


def shifted(scores: Sequence[Sequence[float]], query: int, shift: float) -> list[list[float]]:
    """Add a constant to one row.

    Parameters
    ----------
    scores : sequence of sequences of float, shape (K, K)
        Scores.
    query : int
        The row.
    shift : float
        The constant.

    Returns
    -------
    list of list of float, shape (K, K)
        The new table.

    Examples
    --------
    >>> shifted([[0.0, 1.0], [0.5, 0.5]], 0, 2.0)
    [[2.0, 3.0], [0.5, 0.5]]
    """
    return [
        [score + shift if i == query else score for score in row] for i, row in enumerate(scores)
    ]


def with_score(
    scores: Sequence[Sequence[float]], query: int, word: int, value: float
) -> list[list[float]]:
    """Set one score, held between -4 and 4 and rounded to a step of 0.1.

    Parameters
    ----------
    scores : sequence of sequences of float, shape (K, K)
        Scores.
    query, word : int
        Row and column.
    value : float
        The wanted score.

    Returns
    -------
    list of list of float, shape (K, K)
        The new table.

    Examples
    --------
    >>> with_score([[0.0, 1.0], [0.5, 0.5]], 0, 1, 9.0)
    [[0.0, 4.0], [0.5, 0.5]]
    """
    held = min(max(value, -MAX_SCORE), MAX_SCORE)
    result = [list(row) for row in scores]
    result[query][word] = math.floor(held * 10 + 0.5) / 10
    return result


def level(scores: Sequence[Sequence[float]], query: int) -> list[list[float]]:
    """Make all scores of a row zero.

    Parameters
    ----------
    scores : sequence of sequences of float, shape (K, K)
        Scores.
    query : int
        The row.

    Returns
    -------
    list of list of float, shape (K, K)
        The new table.

    Examples
    --------
    >>> level([[1.0, 2.0], [0.5, 0.5]], 0)
    [[0.0, 0.0], [0.5, 0.5]]
    """
    return [[0.0] * len(row) if i == query else list(row) for i, row in enumerate(scores)]


def dominant(scores: Sequence[Sequence[float]], query: int) -> list[list[float]]:
    """Give the largest score of a row all it can get, and the others as little as there is.

    Parameters
    ----------
    scores : sequence of sequences of float, shape (K, K)
        Scores.
    query : int
        The row.

    Returns
    -------
    list of list of float, shape (K, K)
        The new table.

    Examples
    --------
    >>> dominant([[1.0, 2.0], [0.5, 0.5]], 0)
    [[-4.0, 4.0], [0.5, 0.5]]
    """
    result = [list(row) for row in scores]
    best = result[query].index(max(result[query]))
    result[query] = [float(MAX_SCORE if j == best else -MAX_SCORE) for j in range(len(scores))]
    return result


def with_column(scores: Sequence[Sequence[float]], word: int, constant: float) -> list[list[float]]:
    """Add a constant to one column, as far as scores go.

    Parameters
    ----------
    scores : sequence of sequences of float, shape (K, K)
        Scores.
    word : int
        The column.
    constant : float
        The constant.

    Returns
    -------
    list of list of float, shape (K, K)
        The new table.

    Examples
    --------
    >>> with_column([[0.0, 1.0], [0.5, 3.5]], 1, 1.0)
    [[0.0, 2.0], [0.5, 4.0]]
    """
    result = [list(row) for row in scores]
    for query, row in enumerate(scores):
        result = with_score(result, query, word, row[word] + constant)
    return result


def first_and_second(row: Sequence[float]) -> tuple[int, int]:
    """Return the words of the largest and of the next score; of equal ones the first comes first.

    Parameters
    ----------
    row : sequence of float, shape (K,)
        Scores.

    Returns
    -------
    tuple of int
        Two different words.

    Examples
    --------
    >>> first_and_second([0.5, 1.0, 1.0]), first_and_second([0.5, 0.0])
    ((1, 2), (0, 1))
    """
    order = sorted(range(len(row)), key=lambda word: -row[word])
    return order[0], order[1]


def formula(row: Sequence[float], word: int) -> str:
    """Write a probability as a fraction of exponentials.

    Parameters
    ----------
    row : sequence of float, shape (K,)
        Scores.
    word : int
        The word whose probability is written.

    Returns
    -------
    str
        The fraction, its value, and the percentage.

    Examples
    --------
    >>> formula([0.0, 0.0], 1)
    'exp(0.0) / (exp(0.0) + exp(0.0)) = 1.00 / 2.00 = 50.0%'
    """
    total = 0.0
    for score in row:
        total += math.exp(score)
    terms = " + ".join(f"exp({decimal(score, 1)})" for score in row)
    above = decimal(math.exp(row[word]), 2)
    share = percent(softmax(row)[word], 1)
    return f"exp({decimal(row[word], 1)}) / ({terms}) = {above} / {decimal(total, 2)} = {share}"


def note(labels: Sequence[str], row: Sequence[float], query: int, shift: float) -> str:
    """Say what is to be seen in the row of the query.

    Parameters
    ----------
    labels : sequence of str, shape (K,)
        The words.
    row : sequence of float, shape (K,)
        Scores of the query without the constant.
    query : int
        The query.
    shift : float
        The constant.

    Returns
    -------
    str
        One or two sentences.

    Examples
    --------
    >>> note(["cat", "dog"], [1.0, 1.0], 0, 0.0)
    'All scores of row cat are equal, so every word is as likely as any other.'
    """
    first, second = first_and_second(row)
    if abs(shift) > _EQUAL:
        sign = "+" if shift > 0 else ""
        return (
            f"Row {labels[query]} has {sign}{decimal(shift, 1)}: a factor of "
            f"{decimal(math.exp(shift), 2)} on every exponential and on their sum, so it cancels."
        )
    if max(row) - min(row) < _EQUAL:
        return (
            f"All scores of row {labels[query]} are equal, so every word is as likely as any other."
        )
    if softmax(row)[first] > _CERTAIN:
        return (
            "One score is far above the others: softmax is almost certain of "
            f"{labels[first]}, but never quite."
        )
    return (
        f"The log-odds of {labels[first]} against {labels[second]} are "
        f"{decimal(row[first] - row[second], 1)}, the difference of their scores."
    )


def law_said(labels: Sequence[str], law: Sequence[float]) -> str:
    """Write a law as in "cat 60.0%, dog 40.0%".

    Parameters
    ----------
    labels : sequence of str, shape (K,)
        The words.
    law : sequence of float, shape (K,)
        A law.

    Returns
    -------
    str
        Words and percentages.

    Examples
    --------
    >>> law_said(["cat", "dog"], [0.625, 0.375])
    'cat 62.5%, dog 37.5%'
    """
    pairs = zip(labels, law, strict=True)
    return ", ".join(f"{word} {percent(value, 1)}" for word, value in pairs)


def scores_problem(scores: object, labels: Sequence[str]) -> str:
    """Say in one sentence what is wrong with a table of scores.

    Parameters
    ----------
    scores : object
        Anything at all: a list of K rows of K numbers from -4 to 4 if all is well.
    labels : sequence of str, shape (K,)
        Words that are in order.

    Returns
    -------
    str
        A sentence, or the empty string where nothing is wrong.

    Examples
    --------
    >>> scores_problem([[0, 9], [1, 2]], ["cat", "dog"])
    'Row cat of the scores must hold 2 numbers from -4 to 4.'
    """
    size = len(labels)
    if not isinstance(scores, list) or len(scores) != size:
        return f"The scores must be a table of {size} rows, one for each word."
    for label, row in zip(labels, scores, strict=True):
        if not isinstance(row, list) or len(row) != size or not all(map(_is_score, row)):
            return (
                f"Row {label} of the scores must hold {size} numbers from -{MAX_SCORE} "
                f"to {MAX_SCORE}."
            )
    return ""


def _is_score(value: object) -> bool:
    return is_number(value) and abs(value) <= MAX_SCORE


def problem(labels: object, scores: object) -> str:
    """Say in one sentence what is wrong with the inputs.

    Parameters
    ----------
    labels : object
        Anything at all: two to four different words if all is well.
    scores : object
        Anything at all: a table of scores if all is well.

    Returns
    -------
    str
        A sentence, or the empty string where nothing is wrong.

    Examples
    --------
    >>> problem(["cat", "dog"], [[0, 1], [1, 2]])
    ''
    >>> problem(list("abcde"), [])
    'The picture has room for 4 words at most.'
    """
    wrong = labels_problem(labels)
    if wrong or not isinstance(labels, list):
        return wrong
    if len(labels) > MAX_WORDS:
        return f"The picture has room for {MAX_WORDS} words at most."
    return scores_problem(scores, labels)
