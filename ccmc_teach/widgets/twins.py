"""The mathematics of the widgets, written twice: here and in ``js/twins.mjs``.

Every public function has a twin of the same name there (``with_count`` is ``withCount``).
Twins do the same IEEE 754 operations in the same order, so integers and strings agree exactly, and
floats agree to the last bit wherever neither ``exp`` nor ``log`` is used.
Twins also refuse the same inputs with the same sentence.
They work on plain lists, for they must not do more than JavaScript can; results for Python readers
come from ``ccmc_teach.chain``, and tests prove that both agree.
``problem`` takes anything at all; the others expect labels, rows and prompts that it accepts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeGuard

MAX_COUNT = 12
MAX_LABEL = 10
TASTE_FLOOR = 0.01

_LARGEST = 2**53
_NOTHING = (
    "The last word can attend to nothing in this prompt: every count times its taste is zero."
)


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
        raise ValueError(_NOTHING)
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
        raise ValueError(_NOTHING)
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


def with_count(prompt: Sequence[int], token: int, count: int) -> list[int]:
    """Add or remove copies of one token; the last token of the prompt stays.

    New copies are spread over the prompt, the same way every time.
    Copies are removed from the end.

    Parameters
    ----------
    prompt : sequence of int, shape (L,)
        Tokens; the last one is the query.
    token : int
        The token whose count is set.
    count : int
        The wanted count; the query keeps at least one copy, and no token goes above 12.

    Returns
    -------
    list of int
        The new prompt.

    Examples
    --------
    >>> with_count([1, 0, 0], 1, 2), with_count([1, 0, 0], 0, 0)
    ([1, 0, 1, 0], [1, 0])
    """
    query = prompt[-1]
    body = list(prompt[:-1])
    fewest = 1 if token == query else 0
    have = body.count(token) + fewest
    count = min(max(count, fewest), MAX_COUNT)
    for copy in range(have, count):
        body.insert((5 * len(body) + 3 * token + copy) % (len(body) + 1), token)
    for _ in range(count, have):
        del body[len(body) - 1 - body[::-1].index(token)]
    return [*body, query]


def with_query(prompt: Sequence[int], token: int) -> list[int]:
    """Make a token the last one; where it stands in the prompt already, the counts stay.

    Parameters
    ----------
    prompt : sequence of int, shape (L,)
        Tokens; the last one is the query.
    token : int
        The new query.

    Returns
    -------
    list of int
        The prompt with the token's last copy and the old query swapped, or with the token added.

    Examples
    --------
    >>> with_query([1, 0, 2], 0), with_query([1, 2], 0)
    ([1, 2, 0], [1, 2, 0])
    """
    result = list(prompt)
    if token not in result:
        return [*result, token]
    place = len(result) - 1 - result[::-1].index(token)
    result[place], result[-1] = result[-1], result[place]
    return result


def doubled(prompt: Sequence[int]) -> list[int]:
    """Write a prompt twice: every count doubles, the last token stays.

    Parameters
    ----------
    prompt : sequence of int, shape (L,)
        Tokens.

    Returns
    -------
    list of int, shape (2 L,)
        The prompt, then the prompt again.

    Examples
    --------
    >>> doubled([1, 0])
    [1, 0, 1, 0]
    """
    return [*prompt, *prompt]


def equal_counts(size: int, query: int, copies: int) -> list[int]:
    """Return a prompt that holds every token equally often and ends in the query.

    Parameters
    ----------
    size : int
        Vocabulary size K.
    query : int
        The last token.
    copies : int
        How often each token stands in the prompt.

    Returns
    -------
    list of int, shape (size * copies,)
        The tokens after the query first, in a circle, over and over.

    Examples
    --------
    >>> equal_counts(3, 1, 2)
    [2, 0, 1, 2, 0, 1]
    """
    return [(query + 1 + position) % size for position in range(size * copies)]


def problem(labels: object, P: object, prompt: object) -> str:
    """Say in one sentence what is wrong with the inputs of counts times tastes.

    Parameters
    ----------
    labels, P, prompt : object
        Anything at all: words, a table of numbers, a list of tokens if all is well.

    Returns
    -------
    str
        A sentence, or the empty string where nothing is wrong.

    Examples
    --------
    >>> problem(["cat", "dog"], [[0.5, 0.5], [0.5, 0.5]], [0, 2])
    'The prompt must hold at least one word and only the tokens 0 to 1.'
    >>> problem(["cat", "dog"], [[0.5, 0.5], [0.5, 0.5]], [0, 1])
    ''
    """
    if not _are_labels(labels):
        return f"The labels must be 2 to 5 different words of at most {MAX_LABEL} characters each."
    size = len(labels)
    if not isinstance(P, list) or len(P) != size:
        return f"P must be a table of {size} rows, one for each word."
    for index, row in enumerate(P):
        if not _is_law(row, size):
            return f"Row {labels[index]} of P must hold {size} non-negative numbers that sum to 1."
    if not _are_tokens(prompt, size):
        return f"The prompt must hold at least one word and only the tokens 0 to {size - 1}."
    m = counts([int(token) for token in prompt], size)
    if max(m) > MAX_COUNT:
        much = labels[m.index(max(m))]
        return f"The prompt holds {much} {max(m)} times; this picture has room for {MAX_COUNT}."
    if not any(taste * count > 0 for taste, count in zip(P[int(prompt[-1])], m, strict=True)):
        return _NOTHING
    return ""


def _are_labels(labels: object) -> TypeGuard[list[str]]:
    if not isinstance(labels, list) or not 2 <= len(labels) <= 5:
        return False
    if not all(isinstance(word, str) and 1 <= len(word) <= MAX_LABEL for word in labels):
        return False
    return len(set(labels)) == len(labels) and all(word.replace(" ", "") for word in labels)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def _is_law(row: object, size: int) -> TypeGuard[list[float]]:
    if not isinstance(row, list) or len(row) != size:
        return False
    if not all(_is_number(value) and value >= 0 for value in row):
        return False
    total = 0.0
    for value in row:
        total += value
    return abs(total - 1) <= 1e-8


def _are_tokens(prompt: object, size: int) -> TypeGuard[list[int]]:
    return (
        isinstance(prompt, list)
        and len(prompt) > 0
        and all(_is_number(token) and token in range(size) for token in prompt)
    )
