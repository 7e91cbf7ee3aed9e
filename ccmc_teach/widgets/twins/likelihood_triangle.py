"""The mathematics of the likelihood on the triangle: one row over three words, and its cloud."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ccmc_teach.widgets.twins.basics import (
    MAX_LABEL,
    decimal,
    drawn,
    is_law,
    is_number,
    labels_problem,
    percent,
    uniform,
)

MOST_PROMPTS = 2000
LEAST_SHARE = 0.01
STEPS = 40
# Counts of the three words in the kinds of prompts of each family; the first word is the query.
FAMILIES: dict[str, list[list[int]]] = {
    "balanced": [[3, 2, 2], [2, 3, 2], [2, 2, 3]],
    "skewed": [[1, 1, 8], [2, 1, 9], [1, 2, 9]],
    "missing": [[1, 1, 0], [2, 1, 0], [1, 2, 0]],
}
# By how much the log-likelihood falls from its maximum to the edge of the 50 % and 95 % regions:
# half the quantiles of chi-square with two degrees of freedom, and with one.
FALLS = [0.6931471805599453, 2.995732273553991]
FALLS_OF_ONE_RATIO = [0.22746821155978638, 1.920729410347062]

_MOST_ROUNDS = 300
_SETTLED = 1e-13
_CLOSE = 1e-9


def choices(truth: Sequence[float], family: str, n: int, seed: int) -> list[list[int]]:
    """Draw prompts and their next tokens, and count what was chosen in each kind of prompt.

    The first n prompts of an endless list: more prompts keep the earlier ones.

    Parameters
    ----------
    truth : sequence of float, shape (3,)
        The row of the query, all positive.
    family : str
        Name of a family of prompts.
    n : int
        Number of prompts.
    seed : int
        Seed of the data, from 0 to 2**32 - 1.

    Returns
    -------
    list of list of int, shape (3, 3)
        How often each token came next, one kind of prompt a row.

    Examples
    --------
    >>> choices([0.2, 0.5, 0.3], "missing", 10, 1)
    [[1, 3, 0], [0, 3, 0], [1, 2, 0]]
    """
    kinds = FAMILIES[family]
    even = [1.0] * len(kinds)
    weights = [[m * w for m, w in zip(kind, truth, strict=True)] for kind in kinds]
    table = [[0, 0, 0] for _ in kinds]
    for i in range(n):
        kind = drawn(even, uniform(seed, 0, i))
        table[kind][drawn(weights[kind], uniform(seed, 1, i))] += 1
    return table


def estimate(family: str, table: Sequence[Sequence[int]]) -> list[float]:
    """Return the row of the largest likelihood, as a stationary law of its own rates.

    Parameters
    ----------
    family : str
        Name of a family of prompts.
    table : sequence of sequences of int, shape (3, 3)
        Choices by kind of prompt, not all zero.

    Returns
    -------
    list of float, shape (3,)
        The maximum; a word that was never chosen has the share 0, and so has one that was never
        in a prompt, about which the choices tell nothing.

    Examples
    --------
    >>> estimate("missing", [[1, 3, 0], [0, 0, 0], [0, 0, 0]])
    [0.25, 0.75, 0.0]
    """
    row = [1 / 3, 1 / 3, 1 / 3]
    for _ in range(_MOST_ROUNDS):
        new = _stationary(_rates(FAMILIES[family], table, row))
        is_still = all(abs(a - b) <= _SETTLED * a for a, b in zip(new, row, strict=True))
        row = new
        if is_still:
            break
    return row


def _rates(
    kinds: Sequence[Sequence[int]], table: Sequence[Sequence[int]], row: Sequence[float]
) -> list[list[float]]:
    """Return the rates [i][j] at which probability flows from the present j to the chosen i."""
    rates = [[0.0] * 3 for _ in range(3)]
    for kind, chosen in zip(kinds, table, strict=True):
        on_offer = _dot(kind, row)
        for i in range(3):
            for j in range(3):
                if chosen[i]:
                    rates[i][j] += chosen[i] * kind[j] / on_offer
    # A word that is in no prompt goes to the query and never comes back.
    for j in range(3):
        if not any(kind[j] for kind in kinds):
            rates[0][j] = 1.0
    return rates


def _stationary(rates: Sequence[Sequence[float]]) -> list[float]:
    """Return the stationary law of three states: a sum over the trees that lead to each."""
    trees = []
    for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        direct = rates[a][b] * rates[a][c]
        trees.append(direct + rates[b][c] * rates[a][b] + rates[c][b] * rates[a][c])
    total = trees[0] + trees[1] + trees[2]
    return [tree / total for tree in trees]


def targets() -> list[list[float]]:
    """Return the laws on the border of the triangle at which the rays of a region aim.

    Returns
    -------
    list of list of float, shape (3 * STEPS, 3)
        Once around, from the first corner over the second and the third.

    Examples
    --------
    >>> targets()[0], targets()[STEPS]
    ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    """
    result = []
    for corner in range(3):
        for step in range(STEPS):
            law = [0.0, 0.0, 0.0]
            law[corner] = (STEPS - step) / STEPS
            law[(corner + 1) % 3] = step / STEPS
            result.append(law)
    return result


def reach(
    family: str,
    table: Sequence[Sequence[int]],
    best: Sequence[float],
    target: Sequence[float],
    fall: float,
) -> float:
    """Return how far a region of likelihood reaches from the maximum towards another law.

    Parameters
    ----------
    family : str
        Name of a family of prompts.
    table : sequence of sequences of int, shape (3, 3)
        Choices by kind of prompt.
    best : sequence of float, shape (3,)
        The maximum.
    target : sequence of float, shape (3,)
        The other law.
    fall : float
        By how much the log-likelihood has fallen at the edge of the region.

    Returns
    -------
    float
        Part of the way, from 0 to 1; 1 where the target itself is in the region.

    Examples
    --------
    With four choices of four, the likelihood of a share w is its fourth power.

    >>> part = reach("missing", [[4, 0, 0], [0, 0, 0], [0, 0, 0]], [1, 0, 0], [0, 1, 0], 4.0)
    >>> round(1 - part, 9) == round(math.exp(-1), 9)
    True
    """
    terms = _terms(FAMILIES[family], table, best, target)
    is_possible = all(1 + slope > 0 for weight, slope in terms if weight > 0)
    if is_possible and _fallen(terms, 1.0)[0] >= -fall:
        return 1.0
    low, high = 0.0, 1.0
    curvature = 0.0
    for weight, slope in terms:
        curvature += weight * slope * slope
    part = min(math.sqrt(2 * fall / curvature), 0.5) if curvature > 0 else 0.5
    for _ in range(100):
        value, slope = _fallen(terms, part)
        if value >= -fall:
            low = part
        else:
            high = part
        following = part - (value + fall) / slope if slope < 0 else high
        if not low < following < high:
            following = (low + high) / 2
        is_close = abs(following - part) <= _CLOSE * part
        part = following
        if is_close:
            break
    return part


def _terms(
    kinds: Sequence[Sequence[int]],
    table: Sequence[Sequence[int]],
    best: Sequence[float],
    target: Sequence[float],
) -> list[tuple[int, float]]:
    """Return weights c and slopes a: the log-likelihood changes by the sum of c log(1 + a t)."""
    way = [b - a for a, b in zip(best, target, strict=True)]
    terms = []
    for j in range(3):
        chosen = table[0][j] + table[1][j] + table[2][j]
        if chosen:
            terms.append((chosen, way[j] / best[j]))
    for kind, row in zip(kinds, table, strict=True):
        size = row[0] + row[1] + row[2]
        if size:
            terms.append((-size, _dot(kind, way) / _dot(kind, best)))
    return terms


def _fallen(terms: Sequence[tuple[int, float]], part: float) -> tuple[float, float]:
    """Return the change of the log-likelihood after a part of the way, and its slope."""
    value = 0.0
    steepness = 0.0
    for weight, slope in terms:
        there = 1 + slope * part
        value += weight * math.log(there)
        steepness += weight * slope / there
    return value, steepness


def cloud(truth: Sequence[float], family: str, n: int, seed: int) -> dict[str, Any]:
    """Return all that the picture shows of the data: choices, maximum, regions and ellipse.

    Parameters
    ----------
    truth : sequence of float, shape (3,)
        The row of the query, all positive.
    family : str
        Name of a family of prompts.
    n : int
        Number of prompts.
    seed : int
        Seed of the data.

    Returns
    -------
    dict
        ``choices`` (3, 3), ``best`` (3,), and ``never``, the words that were in prompts but never
        chosen.
        ``inner`` and ``outer`` hold how far the 50 % and the 95 % region reach towards each of the
        `targets`, or in the family "missing" towards the first and the second corner alone.
        ``area`` is the share of the triangle that the 95 % region covers, and ``axes`` (2, 3) are
        those of the 95 % ellipse, empty where there is none.

    Examples
    --------
    >>> now = cloud([0.2, 0.5, 0.3], "balanced", 30, 1)
    >>> sum(map(sum, now["choices"])), len(now["outer"]), 0 < now["area"] < 0.2
    (30, 120, True)
    """
    table = choices(truth, family, n, seed)
    best = estimate(family, table)
    is_open = family == "missing"
    falls = FALLS_OF_ONE_RATIO if is_open else FALLS
    aims = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]] if is_open else targets()
    inner, outer = ([reach(family, table, best, aim, fall) for aim in aims] for fall in falls)
    present = [any(kind[j] for kind in FAMILIES[family]) for j in range(3)]
    never = [j for j in range(3) if present[j] and not any(row[j] for row in table)]
    return {
        "choices": table,
        "best": best,
        "never": never,
        "inner": inner,
        "outer": outer,
        "area": area(best, outer),
        "axes": [] if is_open or never else _axes(family, table, best),
    }


def area(best: Sequence[float], parts: Sequence[float]) -> float:
    """Return the share of the triangle that a region covers.

    Parameters
    ----------
    best : sequence of float, shape (3,)
        The law from which the rays start.
    parts : sequence of float
        How far each ray reaches towards its target; two of them are rays towards the first and
        the second corner, and make a wedge from the third one.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> area([0.25, 0.25, 0.5], [0.5] * (3 * STEPS)), area([0.25, 0.75, 0.0], [1, 0.5])
    (0.25, 0.875)
    """
    if len(parts) == 2:
        return parts[0] * (1 - best[0]) + parts[1] * best[0]
    total = 0.0
    for k in range(len(parts)):
        # The side between two corners lies opposite of the third one.
        opposite = best[(k // STEPS + 2) % 3]
        total += parts[k] * parts[(k + 1) % len(parts)] * opposite
    return total / STEPS


def _axes(family: str, table: Sequence[Sequence[int]], best: Sequence[float]) -> list[list[float]]:
    """Return the axes u, v of the 95 % ellipse ``best + cos(a) u + sin(a) v``."""
    ways = ([1.0, -1.0, 0.0], [0.0, -1.0, 1.0])
    first = _information(family, table, best, ways[0], ways[0])
    mixed = _information(family, table, best, ways[0], ways[1])
    second = _information(family, table, best, ways[1], ways[1])
    # Cholesky factors of the information.
    a = math.sqrt(first)
    b = mixed / a
    c = math.sqrt(second - b * b)
    size = math.sqrt(2 * FALLS[1])
    along, across, up = size / a, -size * b / (a * c), size / c
    return [[along, -along, 0.0], [across, -across - up, up]]


def _information(
    family: str,
    table: Sequence[Sequence[int]],
    best: Sequence[float],
    one: Sequence[float],
    other: Sequence[float],
) -> float:
    total = 0.0
    for j in range(3):
        chosen = table[0][j] + table[1][j] + table[2][j]
        total += chosen * (one[j] / best[j]) * (other[j] / best[j])
    for kind, row in zip(FAMILIES[family], table, strict=True):
        size = row[0] + row[1] + row[2]
        on_offer = _dot(kind, best)
        total -= size * (_dot(kind, one) / on_offer) * (_dot(kind, other) / on_offer)
    return total


def _dot(kind: Sequence[float], row: Sequence[float]) -> float:
    return kind[0] * row[0] + kind[1] * row[1] + kind[2] * row[2]


def divergence(truth: Sequence[float], best: Sequence[float]) -> str:
    """Write the Kullback-Leibler divergence of the maximum from the truth.

    Parameters
    ----------
    truth, best : sequence of float, shape (3,)
        Two laws, the first one positive.

    Returns
    -------
    str
        Four decimals, or the word for a maximum that rules a word out.

    Examples
    --------
    >>> divergence([0.5, 0.25, 0.25], [0.5, 0.25, 0.25]), divergence([0.2, 0.5, 0.3], [0, 0.5, 0.5])
    ('0.0000', 'infinite')
    """
    total = 0.0
    for p, w in zip(truth, best, strict=True):
        if not w > 0:
            return "infinite"
        total += p * math.log(p / w)
    return decimal(total, 4)


def summary(labels: Sequence[str], truth: Sequence[float], family: str, now: dict[str, Any]) -> str:
    """Say what the data tell about the row.

    Parameters
    ----------
    labels : sequence of str, shape (3,)
        Words.
    truth : sequence of float, shape (3,)
        The row of the query.
    family : str
        Name of the family of prompts.
    now : dict
        What `cloud` returns.

    Returns
    -------
    str
        Two sentences.

    Examples
    --------
    >>> now = cloud([0.2, 0.5, 0.3], "missing", 30, 1)
    >>> summary(["cat", "dog", "owl"], [0.2, 0.5, 0.3], "missing", now)[:56]
    '30 prompts without owl: most likely, cat has 16% of what'
    """
    n = 0
    for row in now["choices"]:
        n += row[0] + row[1] + row[2]
    prompts = "1 prompt" if n == 1 else f"{n} prompts"
    covers = f"The 95% cloud covers {percent(now['area'], 2)} of the triangle."
    best = now["best"]
    if family == "missing":
        first, second, third = labels
        return (
            f"{prompts} without {third}: most likely, {first} has {percent(best[0], 0)} of what "
            f"{first} and {second} have together, and {third} can have any share. {covers}"
        )
    return (
        f"{prompts}: most likely is {_listed(labels, best)}; "
        f"the truth is {_listed(labels, truth)}. {covers}"
    )


def _listed(labels: Sequence[str], law: Sequence[float]) -> str:
    pairs = zip(labels, law, strict=True)
    return ", ".join(f"{word} {percent(share, 0)}" for word, share in pairs)


def caution(labels: Sequence[str], family: str, now: dict[str, Any]) -> str:
    """Say what to make of the ellipse of the Fisher information, or why there is none.

    Parameters
    ----------
    labels : sequence of str, shape (3,)
        Words.
    family : str
        Name of the family of prompts.
    now : dict
        What `cloud` returns.

    Returns
    -------
    str
        One or two sentences.

    Examples
    --------
    >>> now = cloud([0.2, 0.5, 0.3], "balanced", 1, 1)
    >>> caution(["cat", "dog", "owl"], "balanced", now)
    'Never chosen so far: cat, owl. So the maximum lies on the border, and there is no ellipse.'
    """
    best, axes = now["best"], now["axes"]
    if family == "missing":
        return (
            f"All rows on the thick line are equally likely: no number of such prompts tells the "
            f"share of {labels[2]}. So there is no ellipse."
        )
    if not axes:
        words = ", ".join(labels[j] for j in now["never"])
        return (
            f"Never chosen so far: {words}. So the maximum lies on the border, and there is no "
            "ellipse."
        )
    size = percent(2 * math.pi * axes[0][0] * axes[1][2], 2)
    expected = f"The Fisher information expects the dashed ellipse, {size} of the triangle"
    widths = [axes[0][j] * axes[0][j] + axes[1][j] * axes[1][j] for j in range(3)]
    if any(width > best[j] * best[j] for j, width in enumerate(widths)):
        return f"{expected}. It leaves the triangle: for so few choices it is a rough guide."
    return f"{expected}."


def problem(labels: object, truth: object, family: object, n: object, seed: object) -> str:
    """Say in one sentence what is wrong with the inputs of the likelihood triangle.

    Parameters
    ----------
    labels, truth, family, n, seed : object
        Anything at all: three words, a law over them, a family of prompts, a number of prompts and
        a seed if all is well.

    Returns
    -------
    str
        A sentence, or the empty string where nothing is wrong.

    Examples
    --------
    >>> problem(["cat", "dog", "owl"], [0.5, 0.5, 0.0], "balanced", 30, 1)
    'The truth must hold 3 numbers of at least 0.01 that sum to 1.'
    >>> problem(["cat", "dog", "owl"], [0.2, 0.5, 0.3], "balanced", 30, 1)
    ''
    """
    if labels_problem(labels) or not isinstance(labels, list) or len(labels) != 3:
        return f"The labels must be 3 different words of at most {MAX_LABEL} characters each."
    if not is_law(truth, 3) or not all(share >= LEAST_SHARE for share in truth):
        return f"The truth must hold 3 numbers of at least {LEAST_SHARE} that sum to 1."
    if not isinstance(family, str) or family not in FAMILIES:
        return f"The family must be one of {', '.join(FAMILIES)}."
    if not is_number(n) or n != int(n) or not 1 <= n <= MOST_PROMPTS:
        return f"The number of prompts must be a whole number from 1 to {MOST_PROMPTS}."
    if not is_number(seed) or seed != int(seed) or not 0 <= seed < 2**32:
        return "The seed must be a whole number from 0 to 4294967295."
    return ""
