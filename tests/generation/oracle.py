"""What the samplers are held against: exact laws of short texts, and a chi-square for them.

Every statistical test of this folder fixes its seeds and fails below a p-value of 1e-6.
There are fewer than 150 such p-values, so a run with fresh seeds would give a false alarm with a
probability below 1.5e-4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from ccmc_teach import attention, chain, positions
from ccmc_teach.decoding import Rule

Array = NDArray[np.float64]
Text = tuple[int, ...]

SMALLEST_P_VALUE = 1e-6

SMALL = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [0.25, 0.25, 0.5]])
# Zeros on the diagonal and beside it; every token still leads to every other.
HOLES = np.array([[0.0, 0.5, 0.5], [0.3, 0.7, 0.0], [0.0, 1.0, 0.0]])

# A table of absolute weights for texts of up to 64 tokens, with old positions that weigh nothing.
TABLE = np.concatenate([[0.0, 0.5, 2.0], 1 + np.arange(61) % 4])
EVERY_KIND: list[tuple[str, dict[str, Any]]] = [
    ("uniform", {}),
    ("absolute", {"table": TABLE}),
    ("exponential", {"rate": 0.5}),
    ("window", {"size": 3}),
    ("power", {"exponent": 1.2}),
    ("sink", {"mass": 0.4, "first": 2}),
]


def next_law(
    P: Array, text: Sequence[int], kind: str, parameters: dict[str, Any], rule: Rule | None = None
) -> Array:
    """Return the law of the next token by the definitions of the other rooms."""
    weights = positions.weights(kind, len(text), **parameters)
    M = chain.counts([text], len(P), weights=weights)
    law = chain.next_token_law(P, M, [text[-1]])[0]
    return law if rule is None else rule(law, chain.counts([text], len(P))[0])


def law_of_texts(next_of: Callable[[Text], Any], prompt: Sequence[int], T: int) -> dict[Text, Any]:
    """Return the probability of every possible continuation, by going through all of them."""
    laws: dict[Text, Any] = {(): 1}
    for _ in range(T):
        laws = {
            (*text, token): chance * step
            for text, chance in laws.items()
            for token, step in enumerate(next_of((*prompt, *text)))
            if step > 0
        }
    return laws


def law_by_definition(
    P: Array,
    prompt: Sequence[int],
    T: int,
    kind: str = "uniform",
    parameters: dict[str, Any] | None = None,
    rule: Rule | None = None,
) -> dict[Text, float]:
    return law_of_texts(lambda text: next_law(P, text, kind, parameters or {}, rule), prompt, T)


def law_by_attention(
    W: Array, E: Array, prompt: Sequence[int], T: int, U: Array | None = None
) -> dict[Text, float]:
    """Return the law of texts whose every token comes out of the attention layer."""

    def next_of(text: Text) -> Array:
        return attention.attention_law(text, W, E, None if U is None else U[: len(text)])

    return law_of_texts(next_of, prompt, T)


def law_in_fractions(P: Sequence[Sequence[Fraction]], prompt: Sequence[int], T: int) -> Any:
    """Return the law of texts in exact fractions, for plain counts."""

    def next_of(text: Text) -> list[Fraction]:
        odds = [text.count(j) * entry for j, entry in enumerate(P[text[-1]])]
        return [entry / sum(odds) for entry in odds]

    return law_of_texts(next_of, prompt, T)


def summed(law: Mapping[Text, Any], K: int, T: int, prompt: Sequence[int]) -> NDArray[np.float64]:
    """Return a law of texts as the law of added counts and last token, as exact_law gives it."""
    table = np.zeros((T + 1,) * (K - 1) + (K,))
    for text, chance in law.items():
        last = (*prompt, *text)[-1]
        table[(*(text.count(j) for j in range(1, K)), last)] += float(chance)
    return table


def p_value(observed: Iterable[float], expected: Iterable[float]) -> float:
    """Return the p-value of a chi-square test of counts against probabilities.

    The rarest cells are pooled until at least 5 are expected in each.
    A count where the probability is 0 gives the p-value 0.
    """
    seen, chance = np.array([*observed], float), np.array([*expected], float)
    if seen[chance == 0].any():
        return 0.0
    order = np.argsort(chance)
    pools, count, mean = [], 0.0, 0.0
    for one, its_mean in zip(seen[order], chance[order] * seen.sum(), strict=True):
        count, mean = count + one, mean + its_mean
        if mean >= 5:
            pools.append((count, mean))
            count, mean = 0.0, 0.0
    pools[-1] = (pools[-1][0] + count, pools[-1][1] + mean)
    counts, means = np.array(pools).T
    return float(scipy.stats.chisquare(counts, means * counts.sum() / means.sum()).pvalue)


def p_value_of_texts(texts: Iterable[Text], law: Mapping[Text, float]) -> float:
    seen = Counter(texts)
    if not seen.keys() <= law.keys():
        return 0.0
    return p_value((seen[text] for text in law), law.values())


def cells_of(texts: NDArray[Any], K: int) -> NDArray[np.int64]:
    """Return added counts of tokens 1..K-1 and last token of every text, of shape (texts, K)."""
    added = [(texts == j).sum(axis=1) for j in range(1, K)]
    return np.column_stack([*added, texts[:, -1]])


def p_value_of_cells(cells: NDArray[Any], law: Array) -> float:
    """Compare rows of added counts and last token to an exact law."""
    if (cells.max(axis=0) >= law.shape).any():
        return 0.0
    flat = np.ravel_multi_index(tuple(cells.T), law.shape)
    return p_value(np.bincount(flat, minlength=law.size), law.ravel())
