"""The mathematics of a plain Markov chain: a walk, its shares, closed classes and what they keep.

A text of n words has made n - 1 steps, so the law of its last word, first word by first word, is
the power n - 1 of the transition matrix.
Which words lead to which is decided on exact zeros.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from ccmc_teach.widgets.twins.basics import (
    counts,
    drawn,
    labels_problem,
    percent,
    table_problem,
    uniform,
)

MAX_WORDS = 4
MAX_LENGTH = 2000
SMALLEST = 1e-6

_MIXING = {
    2: [[0.7, 0.3], [0.4, 0.6]],
    3: [[0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [0.3, 0.3, 0.4]],
    4: [[0.1, 0.5, 0.2, 0.2], [0.5, 0.1, 0.3, 0.1], [0.2, 0.3, 0.4, 0.1], [0.3, 0.2, 0.2, 0.3]],
}
_STAY = 0.9


def preset(name: str, size: int) -> list[list[float]]:
    """Return a chain that has a name.

    Parameters
    ----------
    name : {"mixing", "slow", "rhythm", "trap", "islands"}
        Every word can follow every other; nine times in ten a word stays, else as before; each
        word is followed by the next one for certain; the last word is never left; two halves.
    size : int
        Vocabulary size K, 2 to 4.

    Returns
    -------
    list of list of float, shape (K, K)
        Transition matrix.

    Examples
    --------
    >>> preset("rhythm", 3)
    [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    >>> preset("islands", 2)
    [[1.0, 0.0], [0.0, 1.0]]
    """
    base = [list(row) for row in _MIXING[size]]
    one = _identity(size)
    if name == "slow":
        return [
            [_STAY * one[i][j] + (1 - _STAY) * value for j, value in enumerate(row)]
            for i, row in enumerate(base)
        ]
    if name == "rhythm":
        return [*one[1:], one[0]]
    if name == "trap":
        return [*base[:-1], one[-1]]
    return _halves(base) if name == "islands" else base


def _identity(size: int) -> list[list[float]]:
    return [[1.0 if i == j else 0.0 for j in range(size)] for i in range(size)]


def _halves(base: Sequence[Sequence[float]]) -> list[list[float]]:
    half = (len(base) + 1) // 2
    result = []
    for i, row in enumerate(base):
        kept = [value if (i < half) == (j < half) else 0.0 for j, value in enumerate(row)]
        total = _sum(kept)
        result.append([value / total for value in kept])
    return result


def _sum(values: Sequence[float]) -> float:
    """Add from the left, as JavaScript does."""
    total = 0.0
    for value in values:
        total += value
    return total


def walk(P: Sequence[Sequence[float]], start: int, seed: int, length: int) -> list[int]:
    """Walk the chain: draw each word from the row of the word before.

    Parameters
    ----------
    P : sequence of sequences of float, shape (K, K)
        Transition matrix.
    start : int
        The first word.
    seed : int
        Number of the luck; step t of every walk with this seed uses the same random number.
    length : int
        Number of words, the first included, at least 1.

    Returns
    -------
    list of int, shape (length,)
        Tokens.

    Examples
    --------
    >>> walk([[0.0, 1.0], [1.0, 0.0]], 0, 1, 5)
    [0, 1, 0, 1, 0]
    """
    tokens = [start]
    for step in range(length - 1):
        tokens.append(drawn(P[tokens[-1]], uniform(seed, 0, step)))
    return tokens


def shares(tokens: Sequence[int], size: int) -> list[float]:
    """Return the share of each word in a text.

    Parameters
    ----------
    tokens : sequence of int, shape (n,)
        A text of at least one word.
    size : int
        Vocabulary size K.

    Returns
    -------
    list of float, shape (K,)
        Shares, which sum to 1.

    Examples
    --------
    >>> shares([0, 1, 0, 0], 2)
    [0.75, 0.25]
    """
    return [count / len(tokens) for count in counts(tokens, size)]


def milestones(length: int) -> list[int]:
    """List lengths at which a curve is drawn: every one at first, then a twelfth apart.

    Parameters
    ----------
    length : int
        The last of them, at least 1.

    Returns
    -------
    list of int
        Increasing, from 1 to ``length``.

    Examples
    --------
    >>> milestones(3), milestones(30)[-4:], len(milestones(2000))
    ([1, 2, 3], [24, 26, 28, 30], 82)
    """
    result = []
    at = 1
    while at < length:
        result.append(at)
        at += max(1, at // 12)
    return [*result, length]


def running_shares(tokens: Sequence[int], size: int, lengths: Sequence[int]) -> list[list[float]]:
    """Return the share of each word in the beginnings of a text.

    Parameters
    ----------
    tokens : sequence of int, shape (n,)
        A text.
    size : int
        Vocabulary size K.
    lengths : sequence of int
        Lengths of the beginnings, increasing, from 1 to n.

    Returns
    -------
    list of list of float, shape (len(lengths), K)
        Shares at each length.

    Examples
    --------
    >>> running_shares([0, 1, 1, 1], 2, [1, 2, 4])
    [[1.0, 0.0], [0.5, 0.5], [0.25, 0.75]]
    """
    m = [0] * size
    result = []
    for before, length in pairwise([0, *lengths]):
        for token in tokens[before:length]:
            m[token] += 1
        result.append([count / length for count in m])
    return result


def power(P: Sequence[Sequence[float]], steps: int) -> list[list[float]]:
    """Return a power of the transition matrix: the laws after so many steps.

    Parameters
    ----------
    P : sequence of sequences of float, shape (K, K)
        Transition matrix.
    steps : int
        The exponent, at least 0.

    Returns
    -------
    list of list of float, shape (K, K)
        Row q is the law of the word that stands so many steps after q.

    Examples
    --------
    >>> power([[0.5, 0.5], [0.25, 0.75]], 2)
    [[0.375, 0.625], [0.3125, 0.6875]]
    """
    result = _identity(len(P))
    square: Sequence[Sequence[float]] = P
    while steps > 0:
        if steps % 2:
            result = _product(result, square)
        square = _product(square, square)
        steps //= 2
    return result


def _product(A: Sequence[Sequence[float]], B: Sequence[Sequence[float]]) -> list[list[float]]:
    size = len(A)
    return [[_sum([row[k] * B[k][j] for k in range(size)]) for j in range(size)] for row in A]


def spread(rows: Sequence[Sequence[float]]) -> float:
    """Return how far apart the rows of a table are: the largest difference within a column.

    Parameters
    ----------
    rows : sequence of sequences of float, shape (K, K)
        Laws.

    Returns
    -------
    float
        From 0, where all rows are equal, to 1.

    Examples
    --------
    >>> spread([[0.5, 0.5], [0.25, 0.75]])
    0.25
    """
    result: float = max(max(column) - min(column) for column in zip(*rows, strict=True))
    return result


def forgotten(P: Sequence[Sequence[float]], level: float) -> int:
    """Return the first word at which the first word makes less difference than a level.

    Parameters
    ----------
    P : sequence of sequences of float, shape (K, K)
        Transition matrix.
    level : float
        Largest difference between the laws from two first words.

    Returns
    -------
    int
        Number of the word, counted from 1; 0 if no word up to `MAX_LENGTH` is one.

    Examples
    --------
    >>> forgotten([[0.5, 0.5], [0.25, 0.75]], 0.3), forgotten([[0.0, 1.0], [1.0, 0.0]], 0.3)
    (2, 0)
    """
    laws = _identity(len(P))
    for word in range(1, MAX_LENGTH + 1):
        if spread(laws) < level:
            return word
        laws = _product(laws, P)
    return 0


def meeting(P: Sequence[Sequence[float]], seed: int) -> int:
    """Return the word from which walks from all first words agree, if luck is the same.

    Parameters
    ----------
    P : sequence of sequences of float, shape (K, K)
        Transition matrix.
    seed : int
        Number of the luck.

    Returns
    -------
    int
        Number of the word, counted from 1; 0 if they have not met by `MAX_LENGTH`.

    Examples
    --------
    >>> meeting([[0.5, 0.5], [0.5, 0.5]], 1), meeting([[0.0, 1.0], [1.0, 0.0]], 1)
    (2, 0)
    """
    tokens = list(range(len(P)))
    for step in range(MAX_LENGTH - 1):
        chance = uniform(seed, 0, step)
        tokens = [drawn(P[token], chance) for token in tokens]
        if min(tokens) == max(tokens):
            return step + 2
    return 0


def led_to(P: Sequence[Sequence[float]], token: int) -> list[int]:
    """List the tokens that a token leads to, itself included.

    Parameters
    ----------
    P : sequence of sequences of float, shape (K, K)
        Transition matrix.
    token : int
        Where the paths start.

    Returns
    -------
    list of int
        In increasing order.

    Examples
    --------
    >>> led_to([[0.5, 0.5], [0.0, 1.0]], 0), led_to([[0.5, 0.5], [0.0, 1.0]], 1)
    ([0, 1], [1])
    """
    found = [token]
    # A list that grows while it is walked gives its new members too.
    for i in found:
        found.extend([j for j, value in enumerate(P[i]) if value > 0 and j not in found])
    return sorted(found)


def closed_classes(P: Sequence[Sequence[float]]) -> list[list[int]]:
    """List the closed classes: tokens that lead to each other and to no other token.

    Parameters
    ----------
    P : sequence of sequences of float, shape (K, K)
        Transition matrix.

    Returns
    -------
    list of list of int
        In the order of their first tokens.

    Examples
    --------
    >>> closed_classes([[0.5, 0.5], [0.0, 1.0]]), closed_classes([[1.0, 0.0], [0.0, 1.0]])
    ([[1]], [[0], [1]])
    """
    result: list[list[int]] = []
    for token in range(len(P)):
        members = led_to(P, token)
        if members not in result and all(token in led_to(P, other) for other in members):
            result.append(members)
    return result


def period(P: Sequence[Sequence[float]], members: Sequence[int]) -> int:
    """Return the greatest common divisor of the lengths of all round trips in a closed class.

    Parameters
    ----------
    P : sequence of sequences of float, shape (K, K)
        Transition matrix.
    members : sequence of int
        A closed class.

    Returns
    -------
    int
        1 if the class has no rhythm.

    Examples
    --------
    >>> period([[0.0, 1.0], [1.0, 0.0]], [0, 1]), period([[0.5, 0.5], [1.0, 0.0]], [0, 1])
    (2, 1)
    """
    depth = {members[0]: 0}
    result = 0
    # A path between two members has fewer steps than there are members.
    for i in list(members) * len(members):
        for j in members:
            if i in depth and P[i][j] > 0:
                depth.setdefault(j, depth[i] + 1)
                result = math.gcd(result, depth[i] + 1 - depth[j])
    return result


def stationary(P: Sequence[Sequence[float]], members: Sequence[int]) -> list[float]:
    """Return the stationary law that lives on a closed class, by elimination.

    Parameters
    ----------
    P : sequence of sequences of float, shape (K, K)
        Transition matrix whose positive entries are at least `SMALLEST`.
    members : sequence of int
        A closed class.

    Returns
    -------
    list of float, shape (K,)
        0 outside of the class.

    Examples
    --------
    >>> stationary([[0.5, 0.5], [0.5, 0.5]], [0, 1]), stationary([[1.0, 0.0], [0.0, 1.0]], [1])
    ([0.5, 0.5], [0.0, 1.0])
    """
    A = _eliminated([[P[i][j] for j in members] for i in members])
    weights = [1.0]
    for k in range(1, len(members)):
        weights.append(_sum([weight * A[i][k] for i, weight in enumerate(weights)]))
    total = _sum(weights)
    result = [0.0] * len(P)
    for token, weight in zip(members, weights, strict=True):
        result[token] = weight / total
    return result


def _eliminated(A: list[list[float]]) -> list[list[float]]:
    """Take states out of a chain from the last on, keeping how the others reach them."""
    for k in range(len(A) - 1, 0, -1):
        out = _sum(A[k][:k])
        for i in range(k):
            A[i][k] /= out
            for j in range(k):
                A[i][j] += A[i][k] * A[k][j]
    return A


def limit(P: Sequence[Sequence[float]], token: int) -> list[float] | None:
    """Return where the shares of a walk go that stands on a token.

    Parameters
    ----------
    P : sequence of sequences of float, shape (K, K)
        Transition matrix.
    token : int
        Where the walk stands.

    Returns
    -------
    list of float, shape (K,), or None
        The stationary law of the only closed class that the token leads to; None if it leads to
        several, so that luck decides.

    Examples
    --------
    >>> limit([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], 1)
    [0.0, 1.0, 0.0]
    >>> limit([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], 0) is None
    True
    """
    reached = led_to(P, token)
    classes = [members for members in closed_classes(P) if members[0] in reached]
    return stationary(P, classes[0]) if len(classes) == 1 else None


def named(labels: Sequence[str], words: Sequence[int]) -> str:
    """Write words as in "cat, dog and owl".

    Parameters
    ----------
    labels : sequence of str, shape (K,)
        The words.
    words : sequence of int
        Tokens, at least one.

    Returns
    -------
    str
        The words.

    Examples
    --------
    >>> named(["cat", "dog", "owl"], [0, 2]), named(["cat", "dog"], [1])
    ('cat and owl', 'dog')
    """
    *most, last = [labels[word] for word in words]
    return f"{', '.join(most)} and {last}" if most else last


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


def verdict(labels: Sequence[str], P: Sequence[Sequence[float]]) -> str:
    """Say what a chain keeps of its first word, and what its shares tend to.

    Parameters
    ----------
    labels : sequence of str, shape (K,)
        The words.
    P : sequence of sequences of float, shape (K, K)
        Transition matrix.

    Returns
    -------
    str
        Two sentences.

    Examples
    --------
    >>> verdict(["cat", "dog"], [[0.5, 0.5], [0.5, 0.5]])
    'The first word is forgotten. Stationary law: cat 50.0%, dog 50.0%.'
    >>> verdict(["cat", "dog"], [[1.0, 0.0], [0.0, 1.0]])[:54]
    '2 closed classes: cat; dog. No unique stationary law, '
    """
    classes = closed_classes(P)
    if len(classes) > 1:
        listed = "; ".join(named(labels, members) for members in classes)
        return (
            f"{len(classes)} closed classes: {listed}. "
            "No unique stationary law, for a text never leaves the class that it enters."
        )
    members = classes[0]
    law = f"Stationary law: {law_said(labels, stationary(P, members))}."
    rhythm = period(P, members)
    if rhythm > 1:
        return (
            f"A rhythm of {rhythm} steps: the shares settle, the law of a far word never does. "
            f"{law}"
        )
    if len(members) == 1:
        return f"{labels[members[0]]} is never left, and every text ends there. {law}"
    if len(members) < len(P):
        return f"Sooner or later only {named(labels, members)} are left. {law}"
    return f"The first word is forgotten. {law}"


def problem(labels: object, P: object) -> str:
    """Say in one sentence what is wrong with the inputs.

    Parameters
    ----------
    labels : object
        Anything at all: two to four different words if all is well.
    P : object
        Anything at all: a transition matrix whose entries are 0 or at least `SMALLEST` if all is
        well.

    Returns
    -------
    str
        A sentence, or the empty string where nothing is wrong.

    Examples
    --------
    >>> problem(["cat", "dog"], [[0.5, 0.5], [0.0, 1.0]])
    ''
    >>> problem(list("abcde"), [])
    'The picture has room for 4 words at most.'
    """
    wrong = labels_problem(labels)
    if wrong or not isinstance(labels, list):
        return wrong
    if len(labels) > MAX_WORDS:
        return f"The picture has room for {MAX_WORDS} words at most."
    wrong = table_problem(P, labels)
    if wrong or not isinstance(P, list):
        return wrong
    for label, row in zip(labels, P, strict=True):
        if any(0 < value < SMALLEST for value in row):
            return f"Row {label} of P must hold zeros and numbers of at least 0.000001."
    return ""
