"""The mathematics of position weights: weights by place, weighted counts, words that move."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ccmc_teach.widgets.twins.basics import (
    NOTHING,
    decimal,
    is_number,
    labels_problem,
    percent,
    prompt_problem,
    table_problem,
)

MAX_LENGTH = 30
TABLE_FLOOR = 0.01
SLOWEST = 0.001
UNHEARD = (
    "With these weights the last word hears no word that it could let follow, because every "
    "weight times taste is zero: let it hear more places."
)
# Shapes of the weights, with the name and the range of the number that each takes.
SHAPES: dict[str, list[Any] | None] = {
    "uniform": None,
    "exponential": ["rate", 0, 1],
    "power": ["exponent", 0, 3],
    "window": ["size", 1, 15],
    "sink": ["mass", 0, 0.9],
    "absolute": None,
}


def place_weights(shape: str, value: float, table: Sequence[float], length: int) -> list[float]:
    """Return the weight of every place of a prompt, the oldest first.

    Parameters
    ----------
    shape : str
        One of the shapes; age is the distance from the last place.
    value : float
        The rate, exponent, size or mass of the shape; others do not look at it.
    table : sequence of float, at least (L,)
        What the shape "absolute" gives to each place.
    length : int
        Length L of the prompt.

    Returns
    -------
    list of float, shape (L,)
        Weights as `ccmc_teach.positions.weights` gives them; those of a sink are divided by the
        weight of the first place, so that no weight exceeds 1.

    Examples
    --------
    >>> place_weights("window", 2, [], 3)
    [0.0, 1.0, 1.0]
    >>> place_weights("sink", 0.5, [], 2)
    [1.0, 0.3333333333333333]
    """
    ages = range(length - 1, -1, -1)
    if shape == "exponential":
        return [math.exp(-value * age) for age in ages]
    if shape == "power":
        return [float((1 + age) ** -value) for age in ages]
    if shape == "window":
        return [1.0 if age < value else 0.0 for age in ages]
    if shape == "sink":
        rest = (1 - value) / (1 - value + value * length)
        return [1.0 if age == length - 1 else rest for age in ages]
    if shape == "absolute":
        return [float(weight) for weight in table[:length]]
    return [1.0] * length


def effective_number(weights: Sequence[float]) -> float:
    """Return how many places are heard, in effective number.

    Parameters
    ----------
    weights : sequence of float, shape (L,)
        Weights that are not negative, not all zero.

    Returns
    -------
    float
        The square of the sum over the sum of the squares: L for equal weights, 1 for a single one.

    Examples
    --------
    >>> effective_number([1.0, 1.0, 0.0]), effective_number([0.5, 0.0])
    (2.0, 1.0)
    """
    loudest = max(weights)
    total = 0.0
    squares = 0.0
    for weight in weights:
        total += weight / loudest
        squares += weight / loudest * (weight / loudest)
    return total * total / squares


def weighted_counts(prompt: Sequence[int], weights: Sequence[float], size: int) -> list[float]:
    """Add up the weights of the places of each token.

    Parameters
    ----------
    prompt : sequence of int, shape (L,)
        Tokens in 0..size-1.
    weights : sequence of float, shape (L,)
        Weight of each place.
    size : int
        Vocabulary size K.

    Returns
    -------
    list of float, shape (K,)
        Weighted count of each token.

    Examples
    --------
    >>> weighted_counts([1, 0, 1], [0.25, 0.5, 1.0], 3)
    [0.5, 1.25, 0.0]
    """
    result = [0.0] * size
    for token, weight in zip(prompt, weights, strict=True):
        result[token] += weight
    return result


def effective_counts(prompt: Sequence[int], weights: Sequence[float], size: int) -> list[float]:
    """Return weighted counts on the scale of counts: they add up to the length of the prompt.

    Parameters
    ----------
    prompt : sequence of int, shape (L,)
        Tokens in 0..size-1.
    weights : sequence of float, shape (L,)
        Weight of each place, not all zero.
    size : int
        Vocabulary size K.

    Returns
    -------
    list of float, shape (K,)
        Counts that give the same next-token law.

    Examples
    --------
    >>> effective_counts([1, 0, 1], [0.25, 0.25, 0.5], 2)
    [0.75, 2.25]
    """
    total = 0.0
    for weight in weights:
        total += weight
    return [len(prompt) * part / total for part in weighted_counts(prompt, weights, size)]


def place_attention(
    prompt: Sequence[int], tastes: Sequence[float], weights: Sequence[float]
) -> list[float]:
    """Return the attention of the last word over the places: weight times taste, normalised.

    Parameters
    ----------
    prompt : sequence of int, shape (L,)
        Tokens in 0..K-1.
    tastes : sequence of float, shape (K,)
        Row of the transition matrix that belongs to the last token.
    weights : sequence of float, shape (L,)
        Weight of each place.

    Returns
    -------
    list of float, shape (L,)
        Shares that sum to 1.

    Raises
    ------
    ValueError
        If every product is zero.

    Examples
    --------
    >>> place_attention([0, 1], [0.25, 0.75], [1.0, 1.0])
    [0.25, 0.75]
    """
    parts = [weight * tastes[token] for token, weight in zip(prompt, weights, strict=True)]
    total = 0.0
    for part in parts:
        total += part
    if not total > 0:
        raise ValueError(UNHEARD)
    return [part / total for part in parts]


def moved(prompt: Sequence[int], place: int, target: int) -> list[int]:
    """Take a word from its place to another one; what lies between moves up.

    Parameters
    ----------
    prompt : sequence of int, shape (L,)
        Tokens; the last one, the query, stays.
    place, target : int
        Places from 0 to L - 2; a target outside is held inside.

    Returns
    -------
    list of int, shape (L,)
        The new prompt.

    Examples
    --------
    >>> moved([3, 1, 2, 0], 0, 2), moved([3, 1, 2, 0], 2, -5)
    ([1, 2, 3, 0], [2, 3, 1, 0])
    """
    result = list(prompt)
    token = result.pop(place)
    result.insert(min(max(target, 0), len(prompt) - 2), token)
    return result


def with_front(prompt: Sequence[int], token: int, copies: int) -> list[int]:
    """Write copies of a token before the prompt.

    Parameters
    ----------
    prompt : sequence of int, shape (L,)
        Tokens.
    token : int
        The token.
    copies : int
        How many copies.

    Returns
    -------
    list of int, shape (L + copies,)
        The new prompt.

    Examples
    --------
    >>> with_front([0], 1, 2)
    [1, 1, 0]
    """
    return [token] * copies + list(prompt)


def older_weight(rate: float, length: int) -> float:
    """Return what endlessly many words before a prompt would weigh together, exponentially.

    Parameters
    ----------
    rate : float
        Rate above 0.
    length : int
        Length L of the prompt.

    Returns
    -------
    float
        Sum of ``exp(-rate * age)`` over all ages from L on.

    Examples
    --------
    >>> round(older_weight(math.log(2), 1), 12)
    1.0
    """
    return math.exp(-rate * length) / (1 - math.exp(-rate))


def heard(shape: str, value: float, weights: Sequence[float]) -> str:
    """Say how much of a prompt is heard.

    Parameters
    ----------
    shape : str
        Shape of the weights.
    value : float
        Its number.
    weights : sequence of float, shape (L,)
        Weight of each place.

    Returns
    -------
    str
        One or two sentences.

    Examples
    --------
    >>> heard("window", 2, [0.0, 1.0, 1.0])
    'Effectively heard: 2.0 of 3 places. Old places not heard at all: 1.'
    """
    length = len(weights)
    number = f"Effectively heard: {decimal(effective_number(weights), 1)} of {length} places."
    return number + _about(shape, value, weights)


def _about(shape: str, value: float, weights: Sequence[float]) -> str:
    length = len(weights)
    if shape == "uniform" or (shape in ("exponential", "power", "sink") and value == 0):
        return " Positions do not matter."
    if shape == "exponential" and value < SLOWEST:
        return " Memory: more than 1000 words."
    if shape == "exponential":
        return f" Memory: 1/rate = {decimal(1 / value, 1)} words."
    if shape == "power":
        return f" The oldest place still weighs {decimal(weights[0], 3)}."
    if shape == "window":
        silent = max(length - int(value), 0)
        if silent == 0:
            return " The window holds the whole prompt."
        return f" Old places not heard at all: {silent}."
    if shape == "sink":
        total = 0.0
        for weight in weights:
            total += weight
        return f" The first place holds {percent(weights[0] / total, 0)} of all weight."
    return ""


def problem(
    labels: object, P: object, prompt: object, shape: object, value: object, table: object
) -> str:
    """Say in one sentence what is wrong with the inputs of position weights.

    Parameters
    ----------
    labels, P, prompt, shape, value, table : object
        Anything at all: words, a transition matrix, a list of tokens, a shape, its number and a
        list of weights if all is well.

    Returns
    -------
    str
        A sentence, or the empty string where nothing is wrong.

    Examples
    --------
    >>> row = [0.5, 0.5]
    >>> problem(["cat", "dog"], [row, row], [0, 1], "window", 0, [1.0] * 30)
    'The size of the window must be a number from 1 to 15.'
    >>> problem(["cat", "dog"], [row, row], [0, 1], "window", 2, [1.0] * 30)
    ''
    """
    wrong = labels_problem(labels)
    if wrong or not isinstance(labels, list):
        return wrong
    wrong = table_problem(P, labels) or prompt_problem(prompt, len(labels))
    if wrong or not isinstance(P, list) or not isinstance(prompt, list):
        return wrong
    if len(prompt) > MAX_LENGTH:
        return f"The prompt holds {len(prompt)} words; this picture has room for {MAX_LENGTH}."
    wrong = _weights_problem(shape, value, table)
    if wrong or not isinstance(shape, str) or not isinstance(table, list):
        return wrong
    tokens = [int(token) for token in prompt]
    tastes = P[tokens[-1]]
    if not any(tastes[token] > 0 for token in tokens):
        return NOTHING
    if shape == "absolute" and not table[len(tokens) - 1] > 0:
        return "The table must give the place of the last word a weight above 0."
    number = value if is_number(value) else 0
    weights = place_weights(shape, number, table, len(tokens))
    products = [weight * tastes[token] for token, weight in zip(tokens, weights, strict=True)]
    return "" if any(product > 0 for product in products) else UNHEARD


def _weights_problem(shape: object, value: object, table: object) -> str:
    if not isinstance(shape, str) or shape not in SHAPES:
        return f"The shape must be one of {', '.join(SHAPES)}."
    about = SHAPES[shape]
    if about is not None:
        name, least, most = about
        if not is_number(value) or not least <= value <= most:
            return f"The {name} of the {shape} must be a number from {least} to {most}."
    if not isinstance(table, list) or len(table) != MAX_LENGTH:
        return f"The table must hold {MAX_LENGTH} weights, one for each place."
    if not all(is_number(weight) and 0 <= weight <= 1 for weight in table):
        return "The table must hold weights from 0 to 1."
    return ""
