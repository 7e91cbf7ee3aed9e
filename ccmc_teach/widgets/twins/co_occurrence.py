"""The mathematics of co-occurrence: prompts as sets of words, islands, and what the data can see.

A design is a list of different sets of words; prompts that hold each word of a set once are shown
equally often.
A direction multiplies the tastes of a group of words by ``exp(t)``.
A prompt notices that only if it holds words of the group and others too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations, pairwise

from ccmc_teach.widgets.twins.basics import (
    are_tokens,
    counts,
    labels_problem,
    next_token_law,
    table_problem,
)

MAX_WORDS = 4
MAX_TILT = 3

# Sums of products of tastes that differ by less are called equal, so that rounding decides nothing.
_EQUAL = 1e-12
_SWEEPS = 12


def possible_supports(size: int) -> list[list[int]]:
    """List all sets of words: pairs first, larger sets after them, single words last.

    Parameters
    ----------
    size : int
        Vocabulary size K.

    Returns
    -------
    list of list of int
        All 2**K - 1 sets, each in increasing order.

    Examples
    --------
    >>> possible_supports(3)
    [[0, 1], [0, 2], [1, 2], [0, 1, 2], [0], [1], [2]]
    """
    many = [list(words) for n in range(2, size + 1) for words in combinations(range(size), n)]
    return many + [[word] for word in range(size)]


def with_support(supports: Sequence[Sequence[int]], words: Sequence[int]) -> list[list[int]]:
    """Switch a set of words on if it is off, and off if it is on.

    Parameters
    ----------
    supports : sequence of sequences of int
        Sets that are on, each in increasing order.
    words : sequence of int
        The set to switch, in increasing order.

    Returns
    -------
    list of list of int
        Sets that are on now.

    Examples
    --------
    >>> with_support([[0, 1]], [1, 2]), with_support([[0, 1]], [0, 1])
    ([[0, 1], [1, 2]], [])
    """
    rest = [list(known) for known in supports if list(known) != list(words)]
    return rest if len(rest) < len(supports) else [*rest, list(words)]


def preset(name: str, size: int, query: int) -> list[list[int]]:
    """Return a design that has a name.

    Parameters
    ----------
    name : {"together", "chain", "islands", "star"}
        All words in one prompt; every word with the next one; two halves; every word with the
        query.
    size : int
        Vocabulary size K.
    query : int
        The centre of the star.

    Returns
    -------
    list of list of int
        Sets that are on.

    Examples
    --------
    >>> preset("chain", 4, 0), preset("islands", 4, 0)
    ([[0, 1], [1, 2], [2, 3]], [[0, 1], [2, 3]])
    """
    half = (size + 1) // 2
    if name == "together":
        return [list(range(size))]
    if name == "chain":
        return [[word, word + 1] for word in range(size - 1)]
    if name == "islands":
        return [list(range(half)), list(range(half, size))]
    return [sorted([word, query]) for word in range(size) if word != query]


def prompts_of(supports: Sequence[Sequence[int]], query: int, inside: bool) -> list[list[int]]:
    """Return the words of each different prompt of a design.

    Parameters
    ----------
    supports : sequence of sequences of int
        Sets that are on, each in increasing order.
    query : int
        The query.
    inside : bool
        Whether the query stands in each of its prompts, as in self-attention.

    Returns
    -------
    list of list of int
        Different sets of words, each in increasing order.

    Examples
    --------
    >>> prompts_of([[1], [0, 1]], 0, False), prompts_of([[1], [0, 1]], 0, True)
    ([[1], [0, 1]], [[0, 1]])
    """
    result: list[list[int]] = []
    for support in supports:
        words = sorted({*support, query}) if inside else list(support)
        if words not in result:
            result.append(words)
    return result


def islands(prompts: Sequence[Sequence[int]], size: int) -> list[list[int]]:
    """Return the components of the co-occurrence graph.

    Parameters
    ----------
    prompts : sequence of sequences of int
        Words of each prompt.
    size : int
        Vocabulary size K.

    Returns
    -------
    list of list of int
        The components in the order of their first words, each in increasing order.

    Examples
    --------
    >>> islands([[0, 2], [2, 3]], 4)
    [[0, 2, 3], [1]]
    """
    home = list(range(size))
    for words in prompts:
        joined = {home[word] for word in words}
        home = [min(joined) if at in joined else at for at in home]
    return [[word for word in range(size) if home[word] == at] for at in sorted(set(home))]


def prompt_law(words: Sequence[int], tastes: Sequence[float]) -> list[float]:
    """Return the law of the next word after a prompt that holds each of its words once.

    Parameters
    ----------
    words : sequence of int
        Words of the prompt.
    tastes : sequence of float, shape (K,)
        Positive row of the transition matrix.

    Returns
    -------
    list of float, shape (K,)
        Probability of each next word.

    Examples
    --------
    >>> prompt_law([0, 2], [0.25, 0.5, 0.25])
    [0.5, 0.0, 0.5]
    """
    return next_token_law(tastes, counts(words, len(tastes)))


def laplacian(prompts: Sequence[Sequence[int]], tastes: Sequence[float]) -> list[list[float]]:
    """Return the second derivatives of the mean loss in the logits of the row, a graph Laplacian.

    Parameters
    ----------
    prompts : sequence of sequences of int
        Words of each prompt; all are shown equally often.
    tastes : sequence of float, shape (K,)
        Positive row of the transition matrix.

    Returns
    -------
    list of list of float, shape (K, K)
        The weight of the edge between i and j, the mean of p_i p_j, stands with a minus sign at
        (i, j); every row sums to zero.

    Examples
    --------
    >>> laplacian([[0, 1], [2]], [0.25, 0.25, 0.5])
    [[0.125, -0.125, 0.0], [-0.125, 0.125, 0.0], [0.0, 0.0, 0.0]]
    """
    size = len(tastes)
    result = [[0.0] * size for _ in range(size)]
    for words in prompts:
        law = prompt_law(words, tastes)
        for i, j in combinations(words, 2):
            weight = law[i] * law[j] / len(prompts)
            result[i][j] -= weight
            result[j][i] -= weight
            result[i][i] += weight
            result[j][j] += weight
    return result


def eigenvalues(matrix: Sequence[Sequence[float]]) -> list[float]:
    """Return the eigenvalues of a symmetric matrix, by Jacobi's rotations.

    Parameters
    ----------
    matrix : sequence of sequences of float, shape (K, K)
        A symmetric matrix.

    Returns
    -------
    list of float, shape (K,)
        Eigenvalues in increasing order.

    Examples
    --------
    >>> [round(value, 9) for value in eigenvalues([[2.0, 1.0], [1.0, 2.0]])]
    [1.0, 3.0]
    """
    a = [list(row) for row in matrix]
    for _ in range(_SWEEPS):
        for p, q in combinations(range(len(a)), 2):
            if a[p][q] != 0:
                _rotate(a, p, q)
    return sorted(a[k][k] for k in range(len(a)))


def _rotate(a: list[list[float]], p: int, q: int) -> None:
    """Make the entry (p, q) zero by a rotation in the plane of p and q."""
    theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
    t = (1.0 if theta >= 0 else -1.0) / (abs(theta) + math.sqrt(theta * theta + 1))
    c = 1 / math.sqrt(t * t + 1)
    s = t * c
    for row in a:
        row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
    for k in range(len(a)):
        a[p][k], a[q][k] = c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]


def weakest_group(table: Sequence[Sequence[float]], query: int) -> list[int]:
    """Return the group of words that the data tell least well from the others.

    For every way to split the words in two, the second derivative of the loss along the direction
    that tilts one side is the total weight of the edges between the sides; it is compared per
    length of the direction.
    It is zero where the sides are islands.

    Parameters
    ----------
    table : sequence of sequences of float, shape (K, K)
        A graph Laplacian.
    query : int
        The query.

    Returns
    -------
    list of int
        The smaller side, or of two equal sides the one without the query.

    Examples
    --------
    >>> weakest_group(laplacian([[0, 1], [2]], [0.25, 0.25, 0.5]), 0)
    [2]
    """
    size = len(table)
    best, weakest = math.inf, [0]
    for n in range(1, size // 2 + 1):
        for group in combinations(range(size), n):
            if 2 * n == size and query in group:
                continue
            share = _cut(table, group) / (n * (size - n))
            if share < best - _EQUAL:
                best, weakest = share, list(group)
    return weakest


def _cut(table: Sequence[Sequence[float]], group: Sequence[int]) -> float:
    """Return the total weight of the edges between a group and the other words."""
    total = 0.0
    for i in group:
        for j in range(len(table)):
            if j not in group:
                total -= table[i][j]
    return total


def single_word(table: Sequence[Sequence[float]], group: Sequence[int]) -> int:
    """Return a word whose taste alone the data can see, to be set beside a group.

    Parameters
    ----------
    table : sequence of sequences of float, shape (K, K)
        A graph Laplacian.
    group : sequence of int
        A group of words.

    Returns
    -------
    int
        The first joined word of the group, else of the others, that is not a side by itself;
        -1 if there is none.

    Examples
    --------
    >>> table = laplacian([[0, 1], [2, 3]], [0.25, 0.25, 0.25, 0.25])
    >>> single_word(table, [2, 3]), single_word(table, [3])
    (2, 0)
    """
    size = len(table)
    others = [word for word in range(size) if word not in group]
    for side in (list(group), others):
        for word in side:
            if len(side) > 1 and table[word][word] > _EQUAL:
                return word
    return -1


def notices(words: Sequence[int], group: Sequence[int]) -> bool:
    """Tell whether a prompt holds words of a group and others too.

    Parameters
    ----------
    words : sequence of int
        Words of the prompt.
    group : sequence of int
        A group of words.

    Returns
    -------
    bool
        Whether the law of the prompt changes when the tastes of the group are multiplied.

    Examples
    --------
    >>> notices([0, 1], [1, 2]), notices([1, 2], [1, 2]), notices([0], [1, 2])
    (True, False, False)
    """
    within = sum(word in group for word in words)
    return 0 < within < len(words)


def tilted_law(
    words: Sequence[int], tastes: Sequence[float], group: Sequence[int], t: float
) -> list[float]:
    """Return the law of the next word once the tastes of a group are multiplied by ``exp(t)``.

    Parameters
    ----------
    words : sequence of int
        Words of the prompt.
    tastes : sequence of float, shape (K,)
        Positive row of the transition matrix.
    group : sequence of int
        Words whose tastes are multiplied.
    t : float
        Logarithm of the factor.

    Returns
    -------
    list of float, shape (K,)
        Probability of each next word; to the last bit the old one where the prompt does not
        notice.

    Examples
    --------
    >>> tilted_law([0, 1], [0.25, 0.75], [0, 1], 2.0)
    [0.25, 0.75]
    """
    if not notices(words, group):
        return prompt_law(words, tastes)
    factor = math.exp(t)
    return prompt_law(
        words, [taste * (factor if j in group else 1.0) for j, taste in enumerate(tastes)]
    )


def likelihood_change(
    prompts: Sequence[Sequence[int]], tastes: Sequence[float], group: Sequence[int], t: float
) -> float:
    """Return by how much the expected log-likelihood of one prompt changes along a direction.

    Parameters
    ----------
    prompts : sequence of sequences of int
        Words of each prompt; all are shown equally often, the next words follow ``tastes``.
    tastes : sequence of float, shape (K,)
        Positive row of the transition matrix, the truth.
    group : sequence of int
        Words whose tastes are multiplied.
    t : float
        Logarithm of the factor.

    Returns
    -------
    float
        Zero or less; exactly zero where no prompt notices.

    Examples
    --------
    >>> likelihood_change([[0, 1], [2, 3]], [0.25, 0.25, 0.25, 0.25], [2, 3], 3.0)
    0.0
    >>> round(likelihood_change([[0, 1]], [0.5, 0.5], [1], 1.0), 4)
    -0.1201
    """
    total = 0.0
    for words in prompts:
        if notices(words, group):
            law = prompt_law(words, tastes)
            mass = 0.0
            for word in group:
                mass += law[word]
            total += min(0.0, t * mass - math.log(1 + mass * (math.exp(t) - 1)))
    return total / len(prompts) if prompts else 0.0


def verdict(parts: int) -> str:
    """Say what so many islands mean.

    Parameters
    ----------
    parts : int
        Number of islands, 1 to 4.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> verdict(1), verdict(2)
    ('Connected: every ratio is fixed.', '2 islands: one ratio is free.')
    """
    if parts == 1:
        return "Connected: every ratio is fixed."
    if parts == 2:
        return "2 islands: one ratio is free."
    return f"{parts} islands: {'two' if parts == 3 else 'three'} ratios are free."


def problem(labels: object, P: object, supports: object) -> str:
    """Say in one sentence what is wrong with the inputs of co-occurrence.

    Parameters
    ----------
    labels, P, supports : object
        Anything at all: words, a table of positive numbers, a list of different sets of words if
        all is well.

    Returns
    -------
    str
        A sentence, or the empty string where nothing is wrong.

    Examples
    --------
    >>> problem(["cat", "dog"], [[0.5, 0.5], [1.0, 0.0]], [])
    'Row dog of P must be positive: a word of taste zero is never chosen.'
    >>> problem(["cat", "dog"], [[0.5, 0.5], [0.5, 0.5]], [[0, 1]])
    ''
    """
    wrong = labels_problem(labels)
    if wrong or not isinstance(labels, list):
        return wrong
    if len(labels) > MAX_WORDS:
        return f"There are {len(labels)} words; this picture has room for {MAX_WORDS}."
    wrong = table_problem(P, labels)
    if wrong or not isinstance(P, list):
        return wrong
    for label, row in zip(labels, P, strict=True):
        if min(row) <= 0:
            return f"Row {label} of P must be positive: a word of taste zero is never chosen."
    if not _are_supports(supports, len(labels)):
        return (
            "The supports must be different lists of different tokens from 0 to "
            f"{len(labels) - 1}, each in increasing order and not empty."
        )
    return ""


def _are_supports(supports: object, size: int) -> bool:
    if not isinstance(supports, list):
        return False
    for k, words in enumerate(supports):
        if not are_tokens(words, size) or not words or words in supports[:k]:
            return False
        if any(b <= a for a, b in pairwise(words)):
            return False
    return True
