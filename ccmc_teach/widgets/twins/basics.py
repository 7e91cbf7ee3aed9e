"""What the mathematics of several widgets needs: words, counts, the law, chance, and checks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeGuard

MAX_LABEL = 10
TASTE_FLOOR = 0.01

NOTHING = "The last word can attend to nothing in this prompt: every count times its taste is zero."

_LARGEST = 2**53
_WORD = 2**32


def decimal(value: float, digits: int) -> str:
    """Write a number with a fixed number of decimals, halves rounded away from zero.

    Parameters
    ----------
    value : float
        The number; below 1e9 in size.
    digits : int
        Number of decimals, 0 to 4.

    Returns
    -------
    str
        The same string as on the screen.

    Raises
    ------
    ValueError
        If the number is not finite or too large, or ``digits`` is out of range.

    Examples
    --------
    >>> decimal(0.125, 2), decimal(-2.5, 0), decimal(-0.001, 1)
    ('0.13', '-3', '0.0')
    """
    if not abs(value) < 1e9 or digits not in range(5):
        raise ValueError("A number on the screen must be below 1e9 and have 0 to 4 decimals.")
    units = math.floor(abs(value) * 10**digits + 0.5)
    whole, rest = divmod(units, 10**digits)
    sign = "-" if value < 0 and units > 0 else ""
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"


def percent(value: float, digits: int) -> str:
    """Write a share as a percentage with a fixed number of decimals.

    Parameters
    ----------
    value : float
        The share, 1 for all.
    digits : int
        Number of decimals, 0 to 4.

    Returns
    -------
    str
        The same string as on the screen.

    Raises
    ------
    ValueError
        If the share is not finite or too large, or ``digits`` is out of range.

    Examples
    --------
    >>> percent(0.125, 0)
    '13%'
    """
    return f"{decimal(100.0 * value, digits)}%"


def counts(prompt: Sequence[int], size: int) -> list[int]:
    """Count the tokens of a prompt.

    Parameters
    ----------
    prompt : sequence of int, shape (L,)
        Tokens in 0..size-1.
    size : int
        Vocabulary size K.

    Returns
    -------
    list of int, shape (K,)
        How often each token stands in the prompt.

    Examples
    --------
    >>> counts([1, 0, 1], 3)
    [1, 2, 0]
    """
    result = [0] * size
    for token in prompt:
        result[token] += 1
    return result


def next_token_law(tastes: Sequence[float], m: Sequence[float]) -> list[float]:
    """Return counts times tastes, divided by their sum.

    Parameters
    ----------
    tastes : sequence of float, shape (K,)
        Row of the transition matrix that belongs to the last token.
    m : sequence of float, shape (K,)
        Counts of the prompt.

    Returns
    -------
    list of float, shape (K,)
        Probability of each next token.

    Raises
    ------
    ValueError
        If every product is zero or the lengths differ.

    Examples
    --------
    >>> next_token_law([0.25, 0.75], [3, 1])
    [0.5, 0.5]
    """
    if len(tastes) != len(m):
        raise ValueError("There must be one count for each taste.")
    total = 0.0
    for taste, count in zip(tastes, m, strict=True):
        total += count * taste
    if not total > 0:
        raise ValueError(NOTHING)
    return [count * taste / total for taste, count in zip(tastes, m, strict=True)]


def attention_weights(prompt: Sequence[int], tastes: Sequence[float]) -> list[float]:
    """Return the softmax over the positions, the score of a position being its log taste.

    Parameters
    ----------
    prompt : sequence of int, shape (L,)
        Tokens in 0..K-1.
    tastes : sequence of float, shape (K,)
        Row of the transition matrix that belongs to the last token.

    Returns
    -------
    list of float, shape (L,)
        Attention of the last token over the positions of the prompt.

    Raises
    ------
    ValueError
        If every token of the prompt has taste zero.

    Examples
    --------
    >>> [round(weight, 6) for weight in attention_weights([0, 1, 0], [0.25, 0.5])]
    [0.25, 0.5, 0.25]
    """
    scores = [math.log(tastes[token]) if tastes[token] > 0 else -math.inf for token in prompt]
    top = max(scores, default=-math.inf)
    if top == -math.inf:
        raise ValueError(NOTHING)
    parts = [math.exp(score - top) for score in scores]
    total = 0.0
    for part in parts:
        total += part
    return [part / total for part in parts]


def with_taste(tastes: Sequence[float], token: int, value: float) -> list[float]:
    """Set one taste and rescale the others, so that the row still sums to 1.

    Positive tastes stay at or above the floor 0.01, zero tastes stay zero.
    Where the token held everything, what it gives up is shared equally.

    Parameters
    ----------
    tastes : sequence of float, shape (K,)
        A row that sums to 1.
    token : int
        The token whose taste is set.
    value : float
        The wanted taste; it is held between the floor and what the others leave.

    Returns
    -------
    list of float, shape (K,)
        The new row.

    Examples
    --------
    >>> [round(taste, 3) for taste in with_taste([0.2, 0.3, 0.5, 0.0], 0, 0.6)]
    [0.6, 0.151, 0.249, 0.0]
    """
    others = [i for i in range(len(tastes)) if i != token and tastes[i] > 0]
    if not others:
        others = [i for i in range(len(tastes)) if i != token]
    value = min(max(value, TASTE_FLOOR), 1 - TASTE_FLOOR * len(others))
    free = 1 - value - TASTE_FLOOR * len(others)
    above = [max(tastes[i] - TASTE_FLOOR, 0.0) for i in others]
    total = 0.0
    for part in above:
        total += part
    result = [0.0] * len(tastes)
    result[token] = value
    for i, part in zip(others, above, strict=True):
        result[i] = TASTE_FLOOR + free * (part / total if total > 0 else 1 / len(others))
    return result


def with_border(row: Sequence[float], token: int, value: float) -> list[float]:
    """Move the border between one share of a row and the next; the others stay.

    Parameters
    ----------
    row : sequence of float, shape (K,)
        A row that sums to 1.
    token : int
        The token before the border, 0..K-2.
    value : float
        The wanted share of that token; both sides keep the floor 0.01, or what they held together
        where that is less than two floors.

    Returns
    -------
    list of float, shape (K,)
        The new row.

    Examples
    --------
    >>> with_border([0.25, 0.5, 0.25], 0, 0.5), with_border([0.25, 0.5, 0.25], 1, 0.25)
    ([0.5, 0.25, 0.25], [0.25, 0.25, 0.5])
    """
    both = row[token] + row[token + 1]
    floor = min(TASTE_FLOOR, both / 2)
    held = min(max(value, floor), both - floor)
    result = list(row)
    result[token] = held
    result[token + 1] = both - held
    return result


def mixed(number: int) -> int:
    """Mix the bits of a whole number below 2**32: the hash function triple32.

    It is a bijection of the numbers below 2**32, in integer operations alone.

    Parameters
    ----------
    number : int
        Any whole number up to 2**53 in size; what is above 32 bits is left out.

    Returns
    -------
    int
        A number in 0..2**32-1 that looks as if it had nothing to do with the first.

    Examples
    --------
    >>> mixed(0), mixed(1), mixed(2**32 + 1)
    (0, 69681622, 69681622)
    """
    x = number % _WORD
    x ^= x >> 17
    x = x * 0xED5AD4BB % _WORD
    x ^= x >> 11
    x = x * 0xAC4C1B51 % _WORD
    x ^= x >> 15
    x = x * 0x31848BAB % _WORD
    return x ^ (x >> 14)


def uniform(seed: int, run: int, step: int) -> float:
    """Return the random number of a step of a run: a hash of three counters, without any state.

    So every number can be had on its own, in any order, and is the same in the kernel and on the
    screen, bit for bit.
    It has 32 random bits and lies in the middle of one of 2**32 equal parts of the unit interval:
    never 0, never 1.

    Parameters
    ----------
    seed, run, step : int
        Whole numbers from 0 to 2**32-1.

    Returns
    -------
    float
        A number above 0 and below 1.

    Examples
    --------
    >>> round(uniform(1, 0, 0), 6), round(uniform(1, 0, 1), 6)
    (0.593361, 0.252094)
    """
    return (mixed(step + mixed(run + mixed(seed))) + 0.5) / _WORD


def drawn(weights: Sequence[float], chance: float) -> int:
    """Return the token that a random number draws from a law.

    Parameters
    ----------
    weights : sequence of float, shape (K,)
        Weights that are not negative, not all zero; they need not sum to 1.
    chance : float
        A number of at least 0 and below 1, such as `uniform` gives.

    Returns
    -------
    int
        The first token at which the running sum of weights exceeds ``chance`` times their sum.

    Raises
    ------
    ValueError
        If no weight is positive or ``chance`` is not below 1.

    Examples
    --------
    >>> [drawn([1.0, 0.0, 3.0], chance) for chance in (0.0, 0.24, 0.25, 0.99)]
    [0, 0, 2, 2]
    """
    total = 0.0
    for weight in weights:
        total += weight
    level = chance * total
    below = 0.0
    for token, weight in enumerate(weights):
        below += weight
        if level < below:
            return token
    raise ValueError("To draw a token, a weight must be positive and the chance below 1.")


def labels_problem(labels: object) -> str:
    """Say in one sentence what is wrong with the words of a widget.

    Parameters
    ----------
    labels : object
        Anything at all: two to five different words if all is well.

    Returns
    -------
    str
        A sentence, or the empty string where nothing is wrong.

    Examples
    --------
    >>> labels_problem(["cat", "cat"])
    'The labels must be 2 to 5 different words of at most 10 characters each.'
    """
    if _are_labels(labels):
        return ""
    return f"The labels must be 2 to 5 different words of at most {MAX_LABEL} characters each."


def table_problem(P: object, labels: Sequence[str]) -> str:
    """Say in one sentence what is wrong with a transition matrix.

    Parameters
    ----------
    P : object
        Anything at all: a list of K rows, each a law over K words, if all is well.
    labels : sequence of str, shape (K,)
        Words that `labels_problem` accepts.

    Returns
    -------
    str
        A sentence, or the empty string where nothing is wrong.

    Examples
    --------
    >>> table_problem([[0.5, 0.5], [0.5, 0.6]], ["cat", "dog"])
    'Row dog of P must hold 2 non-negative numbers that sum to 1.'
    """
    size = len(labels)
    if not isinstance(P, list) or len(P) != size:
        return f"P must be a table of {size} rows, one for each word."
    for label, row in zip(labels, P, strict=True):
        if not is_law(row, size):
            return f"Row {label} of P must hold {size} non-negative numbers that sum to 1."
    return ""


def prompt_problem(prompt: object, size: int) -> str:
    """Say in one sentence what is wrong with a prompt.

    Parameters
    ----------
    prompt : object
        Anything at all: a list of tokens in 0..size-1, not empty, if all is well.
    size : int
        Vocabulary size K.

    Returns
    -------
    str
        A sentence, or the empty string where nothing is wrong.

    Examples
    --------
    >>> prompt_problem([0, 2], 2)
    'The prompt must hold at least one word and only the tokens 0 to 1.'
    """
    if are_tokens(prompt, size) and len(prompt) > 0:
        return ""
    return f"The prompt must hold at least one word and only the tokens 0 to {size - 1}."


def is_number(value: Any) -> TypeGuard[float]:
    """Tell whether a value is a number that both languages hold alike: finite, below 2**53.

    Parameters
    ----------
    value : object
        Anything at all.

    Returns
    -------
    bool
        Truth values are no numbers.

    Examples
    --------
    >>> is_number(0.5), is_number(True), is_number("1"), is_number(float("nan"))
    (True, False, False, False)
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def is_law(row: object, size: int) -> TypeGuard[list[float]]:
    """Tell whether a value is a list of so many non-negative numbers that sum to 1.

    Parameters
    ----------
    row : object
        Anything at all.
    size : int
        Vocabulary size K.

    Returns
    -------
    bool
        Sums within 1e-8 of 1 count as 1.

    Examples
    --------
    >>> is_law([0.25, 0.75], 2), is_law([0.5, 0.6], 2), is_law("ab", 2)
    (True, False, False)
    """
    if not isinstance(row, list) or len(row) != size:
        return False
    if not all(is_number(value) and value >= 0 for value in row):
        return False
    total = 0.0
    for value in row:
        total += value
    return abs(total - 1) <= 1e-8


def are_tokens(tokens: object, size: int) -> TypeGuard[list[int]]:
    """Tell whether a value is a list of tokens; the empty list is one.

    Parameters
    ----------
    tokens : object
        Anything at all.
    size : int
        Vocabulary size K.

    Returns
    -------
    bool
        Whether every entry is a whole number in 0..size-1.

    Examples
    --------
    >>> are_tokens([0, 1], 2), are_tokens([2], 2), are_tokens([], 2), are_tokens(None, 2)
    (True, False, True, False)
    """
    return isinstance(tokens, list) and all(
        is_number(token) and token in range(size) for token in tokens
    )


def _are_labels(labels: object) -> TypeGuard[list[str]]:
    if not isinstance(labels, list) or not 2 <= len(labels) <= 5:
        return False
    if not all(isinstance(word, str) and 1 <= len(word) <= MAX_LABEL for word in labels):
        return False
    return len(set(labels)) == len(labels) and all(word.replace(" ", "") for word in labels)
