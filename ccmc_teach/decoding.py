"""Decoding rules: what a text generator does to the next-token law before it draws.

The words of this room:

* The **output temperature** tau flattens (tau > 1) or sharpens (tau < 1) the law of the next token.
  It acts on everything that makes up the law, so on the counts as well.
* The **attention temperature** beta acts on the scores of the attention layer, so on the base
  transition matrix alone: the counts stay as they are.
* **Truncation** (top-k, nucleus) keeps the most probable tokens and refuses the others.
* A **penalty** lowers the scores of tokens that stand in the text already: a presence penalty once,
  a frequency penalty in proportion to their counts.
  A score is the logarithm of a probability, up to a constant that all tokens share.
* A **rule** is one or more of these, applied one after the other.

All rules act on laws of shape (..., K): the last axis runs over the tokens, all others are a batch.
A probability of 0 stays exactly 0, every law keeps a token at least, and nothing becomes NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import (
    ROW_SUM_TOLERANCE,
    as_real_array,
    as_transition_matrix,
    as_whole_number,
)

__all__ = [
    "Rule",
    "attention_temperature",
    "frequency_penalty",
    "nucleus",
    "presence_penalty",
    "rules",
    "temperature",
    "top_k",
]

Array = NDArray[np.float64]

# Sums of a few decimals, such as .1 + .1 + .1 + .4, miss the number that they stand for by less.
NUCLEUS_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Rule:
    """One or more decoding rules, applied in the order written; :func:`rules` makes it.

    Attributes
    ----------
    settings : tuple of (name, value)
        The rules by name, the first one first.

    Examples
    --------
    >>> rule = rules(temperature=0.5, top_k=2)
    >>> rule
    rules(temperature=0.5, top_k=2)
    >>> rule([0.25, 0.5, 0.25], m=[1, 2, 1]).round(3)
    array([0.2, 0.8, 0. ])
    """

    settings: tuple[tuple[str, float], ...]

    def __call__(self, law: ArrayLike, m: ArrayLike) -> Array:
        """Return the law after all rules.

        Parameters
        ----------
        law : array of shape (..., K)
            Laws of the next token.
        m : array of shape (..., K)
            Counts of the text so far, prompt included.

        Returns
        -------
        ndarray of shape (..., K), float64

        Raises
        ------
        ValueError
            If the laws are no probability laws, or if the counts do not fit them.
        """
        laws = _as_law(law)
        return self.apply(laws, _as_counts(m, laws))

    def apply(self, law: Array, m: Array) -> Array:
        """Return the law after all rules, without a check: for loops whose laws are laws already.

        Parameters
        ----------
        law, m : ndarray of shape (..., K), float64

        Returns
        -------
        ndarray of shape (..., K), float64
        """
        for name, value in self.settings:
            law = _RULES[name].apply(law, m, value)
        return law

    def __repr__(self) -> str:
        """Return the call that makes this rule."""
        return f"rules({', '.join(f'{name}={value!r}' for name, value in self.settings)})"


def rules(**settings: Any) -> Rule:
    """Compose decoding rules by name, in the order written.

    Parameters
    ----------
    **settings
        ``temperature=tau``, ``top_k=k``, ``nucleus=mass``, ``presence_penalty=strength`` and
        ``frequency_penalty=strength``, each with the range of the function of that name.
        Without any the rule leaves every law as it is.

    Returns
    -------
    Rule
        A callable ``rule(law, m)`` that can be sent to other processes.

    Raises
    ------
    ValueError
        For an unknown name or a value out of range.

    Examples
    --------
    >>> rules(frequency_penalty=0.1, temperature=1.3, nucleus=0.9)
    rules(frequency_penalty=0.1, temperature=1.3, nucleus=0.9)
    """
    for name in settings:
        if name not in _RULES:
            raise ValueError(f"rules must be named {', '.join(_RULES)}, got {name}.")
    return Rule(tuple((name, _RULES[name].check(value)) for name, value in settings.items()))


def attention_temperature(P: ArrayLike, beta: ArrayLike) -> Array:
    """Return the base transition matrix of the attention layer whose scores are multiplied by beta.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix, one probability law a row.
    beta : float
        A positive number; above 1 it sharpens the rows, below 1 it flattens them.

    Returns
    -------
    ndarray of shape (K, K), float64
        ``P ** beta`` with every row divided by its sum.

    Raises
    ------
    ValueError
        If P is no transition matrix or beta is not positive.

    Examples
    --------
    >>> attention_temperature([[0.25, 0.75], [0.5, 0.5]], beta=2)
    array([[0.1, 0.9],
           [0.5, 0.5]])
    """
    base = as_transition_matrix(P)
    return _powered(base, _as_positive(beta, "beta"))


def temperature(law: ArrayLike, tau: ArrayLike) -> Array:
    """Return the law at output temperature tau: ``law ** (1 / tau)``, normalised.

    Parameters
    ----------
    law : array of shape (..., K)
        Laws of the next token.
    tau : float
        A positive number; 1 leaves the law as it is.

    Returns
    -------
    ndarray of shape (..., K), float64

    Raises
    ------
    ValueError
        If the laws are no probability laws or tau is not positive.

    Examples
    --------
    >>> temperature([0.1, 0.9], tau=2)
    array([0.25, 0.75])
    """
    return _tempered(_as_law(law), None, _as_positive(tau, "tau"))


def top_k(law: ArrayLike, k: Any) -> Array:
    """Keep the k most probable tokens.

    Parameters
    ----------
    law : array of shape (..., K)
        Laws of the next token.
    k : int
        How many tokens may stay; a k of K or more keeps them all.
        Of equally probable tokens the lower one goes first.

    Returns
    -------
    ndarray of shape (..., K), float64

    Raises
    ------
    ValueError
        If the laws are no probability laws or k is no positive whole number.

    Examples
    --------
    >>> top_k([0.2, 0.6, 0.2], k=2)
    array([0.25, 0.75, 0.  ])
    """
    return _topped(_as_law(law), None, as_whole_number(k, "k"))


def nucleus(law: ArrayLike, mass: ArrayLike) -> Array:
    """Keep the smallest set of most probable tokens that holds a given mass.

    Parameters
    ----------
    law : array of shape (..., K)
        Laws of the next token.
    mass : float
        From 0 (exclusive) to 1; a set that misses it by 1e-12 or less holds it.
        Of equally probable tokens the lower one goes first.
        A mass of 1 leaves the law as it is.

    Returns
    -------
    ndarray of shape (..., K), float64

    Raises
    ------
    ValueError
        If the laws are no probability laws or mass is out of range.

    Examples
    --------
    >>> nucleus([0.2, 0.6, 0.2], mass=0.7)
    array([0.25, 0.75, 0.  ])
    """
    return _in_nucleus(_as_law(law), None, _as_mass(mass))


def presence_penalty(law: ArrayLike, m: ArrayLike, strength: ArrayLike) -> Array:
    """Lower the score of every token that stands in the text, however often.

    Parameters
    ----------
    law : array of shape (..., K)
        Laws of the next token.
    m : array of shape (..., K)
        Counts of the text so far, prompt included.
    strength : float
        What a score loses; a negative number rewards.

    Returns
    -------
    ndarray of shape (..., K), float64
        ``law * exp(-strength * (m > 0))``, normalised.

    Raises
    ------
    ValueError
        If the laws are no probability laws, or if the counts do not fit them.

    Examples
    --------
    >>> presence_penalty([0.5, 0.5], m=[4, 0], strength=np.log(4)).round(3)
    array([0.2, 0.8])
    """
    laws = _as_law(law)
    return _penalised_once(laws, _as_counts(m, laws), _as_strength(strength))


def frequency_penalty(law: ArrayLike, m: ArrayLike, strength: ArrayLike) -> Array:
    """Lower the score of every token in proportion to its count.

    Parameters
    ----------
    law : array of shape (..., K)
        Laws of the next token.
    m : array of shape (..., K)
        Counts of the text so far, prompt included.
    strength : float
        What a score loses for each time that its token stands in the text; a negative number
        rewards.

    Returns
    -------
    ndarray of shape (..., K), float64
        ``law * exp(-strength * m)``, normalised.

    Raises
    ------
    ValueError
        If the laws are no probability laws, or if the counts do not fit them.

    Examples
    --------
    >>> frequency_penalty([0.5, 0.5], m=[3, 1], strength=np.log(2)).round(3)
    array([0.2, 0.8])
    """
    laws = _as_law(law)
    return _penalised(laws, _as_counts(m, laws), _as_strength(strength))


# The rules on checked laws.


def _tempered(law: Array, m: Array | None, tau: float) -> Array:
    return _from_scores(_scores(law), divided_by=tau)


def _powered(law: Array, beta: float) -> Array:
    return _from_scores(_scores(law), times=beta)


def _topped(law: Array, m: Array | None, k: float) -> Array:
    order = _most_probable_first(law)
    return _kept(law, order, np.arange(law.shape[-1]) < k)


def _in_nucleus(law: Array, m: Array | None, mass: float) -> Array:
    if mass == 1:
        # Sums that round to 1 early must not cut off rare tokens.
        return law
    order = _most_probable_first(law)
    sorted_law = np.take_along_axis(law, order, axis=-1)
    mass_before = sorted_law.cumsum(axis=-1) - sorted_law
    is_needed = mass_before < mass - NUCLEUS_TOLERANCE
    is_needed[..., 0] = True
    return _kept(law, order, is_needed)


def _penalised_once(law: Array, m: Array, strength: float) -> Array:
    return _penalised(law, (m > 0).astype(np.float64), strength)


def _penalised(law: Array, m: Array, strength: float) -> Array:
    signed = m if strength > 0 else -m
    # Differences of counts are exact where products of large counts are not, and the token that
    # is penalised least keeps its score, so the scores cannot all overflow.
    least = np.where(law > 0, signed, np.inf).min(axis=-1, keepdims=True)
    with np.errstate(over="ignore"):
        return _from_scores(_scores(law) - abs(strength) * np.maximum(signed - least, 0))


def _most_probable_first(law: Array) -> NDArray[np.intp]:
    return np.argsort(-law, axis=-1, kind="stable")


def _kept(law: Array, order: NDArray[np.intp], is_kept: NDArray[np.bool_]) -> Array:
    """Return the law on the tokens whose rank is kept."""
    mask = np.empty(law.shape, dtype=bool)
    np.put_along_axis(mask, order, np.broadcast_to(is_kept, law.shape), axis=-1)
    kept = law * mask
    truncated: Array = kept / kept.sum(axis=-1, keepdims=True)
    return truncated


def _scores(law: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.log(law)


def _from_scores(scores: Array, times: float = 1.0, divided_by: float = 1.0) -> Array:
    # The largest score is taken off before it is scaled: 0 stays 0 whatever the factor.
    gap = scores - scores.max(axis=-1, keepdims=True)
    with np.errstate(over="ignore", under="ignore"):
        odds = np.exp(gap * times / divided_by)
        law: Array = odds / odds.sum(axis=-1, keepdims=True)
    return law


# Checks.


def _as_law(law: ArrayLike) -> Array:
    laws = as_real_array(law, "law")
    if laws.ndim == 0 or laws.shape[-1] == 0:
        raise ValueError(
            f"law must hold a probability for every token along its last axis, got the shape "
            f"{laws.shape}."
        )
    if (laws < 0).any():
        raise ValueError(f"law must not hold negative probabilities, got {laws.min()}.")
    with np.errstate(over="ignore"):
        total = laws.sum(axis=-1)
    is_bad = np.abs(total - 1) > ROW_SUM_TOLERANCE
    if is_bad.any():
        raise ValueError(f"law must sum to 1 along its last axis, got the sum {total[is_bad][0]}.")
    return laws


def _as_counts(m: ArrayLike, law: Array) -> Array:
    held = as_real_array(m, "m")
    if held.shape != law.shape:
        raise ValueError(
            f"m must hold a count for every entry of law, so the shape {law.shape}, got "
            f"{held.shape}."
        )
    if (held < 0).any():
        raise ValueError(f"m must not hold negative counts, got {held.min()}.")
    return held


def _as_positive(value: ArrayLike, name: str) -> float:
    number = float(as_real_array(value, name, ndim=0))
    if number <= 0:
        raise ValueError(f"{name} must be positive, got {number}.")
    return number


def _as_mass(value: ArrayLike) -> float:
    mass = float(as_real_array(value, "mass", ndim=0))
    if not 0 < mass <= 1:
        raise ValueError(f"mass must lie above 0 and not above 1, got {mass}.")
    return mass


def _as_strength(value: ArrayLike) -> float:
    return float(as_real_array(value, "strength", ndim=0))


@dataclass(frozen=True)
class _Kind:
    """How one rule checks its value, once, and how it acts on checked laws, often."""

    check: Callable[[Any], float]
    apply: Callable[[Array, Array, float], Array]


_RULES = {
    "temperature": _Kind(lambda value: _as_positive(value, "temperature"), _tempered),
    "top_k": _Kind(lambda value: as_whole_number(value, "top_k"), _topped),
    "nucleus": _Kind(_as_mass, _in_nucleus),
    "presence_penalty": _Kind(_as_strength, _penalised_once),
    "frequency_penalty": _Kind(_as_strength, _penalised),
}
