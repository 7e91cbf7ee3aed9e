"""Position weights: how much every position of a prompt counts.

Positions are numbered from the start of the prompt; the **age** of a position is its distance from
the last one, so the query itself has age 0.

With weights ``a`` the chain is tilted by weighted counts, ``sum of a[i] over positions i that hold
token j``, in place of plain counts; :func:`ccmc_teach.chain.counts` adds them up.
What it needs is what :func:`weights` gives: finite weights, none negative, positive at age 0.
Only ratios matter to the next-token law, so the weights are not normalised.
They have their natural scale instead: 1 for a position that counts once.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import as_real_array, as_whole_number

__all__ = ["weights"]


def weights(kind: str, length: int, **parameters: ArrayLike) -> NDArray[np.float64]:
    """Return the weight of every position of a prompt, the first position first.

    Parameters
    ----------
    kind : str
        One of the kinds below.
    length : int
        Length L of the prompt.
    **parameters
        What the kind takes:

        ``uniform`` (nothing)
            Every position weighs 1: plain counts.
        ``absolute`` (``table`` of shape (L_max,))
            Position i weighs ``table[i]``, for a table at least as long as the prompt.
        ``exponential`` (``rate`` >= 0)
            Age a weighs ``exp(-rate * a)``, as a score bias of ``-rate * a`` gives it.
            This is the form of ALiBi (Press et al. 2022).
        ``window`` (``size`` >= 1)
            The last ``size`` positions weigh 1, older ones 0.
        ``power`` (``exponent`` >= 0)
            Age a weighs ``(1 + a) ** -exponent``.
        ``sink`` (``mass`` from 0 up to but not including 1; ``first``, by default 1)
            The fraction ``mass`` of all weight lies on the first ``first`` positions, evenly.
            The rest is spread evenly over all positions, the first ones included.
            So the first ones weigh ``1 - mass + mass * L / first`` and the others ``1 - mass``.
            With ``mass`` 0 this is ``uniform``.
            It is a simple form of attention sinks (Xiao et al. 2024).

    Returns
    -------
    ndarray of shape (L,), float64
        Finite weights, none negative, the last one positive.

    Raises
    ------
    ValueError
        For an unknown kind, a parameter that the kind does not take or lacks, or a value outside
        the range above.

    References
    ----------
    O. Press, N. A. Smith, M. Lewis, "Train Short, Test Long: Attention with Linear Biases Enables
    Input Length Extrapolation", ICLR 2022, arXiv 2108.12409.

    G. Xiao, Y. Tian, B. Chen, S. Han, M. Lewis, "Efficient Streaming Language Models with
    Attention Sinks", ICLR 2024, arXiv 2309.17453.

    Examples
    --------
    >>> weights("window", 4, size=2)
    array([0., 0., 1., 1.])
    >>> weights("power", 3, exponent=1)
    array([0.33333333, 0.5       , 1.        ])
    """
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ValueError(f"kind must be one of {', '.join(_KINDS)}, got {kind!r}.")
    L = as_whole_number(length, "length")
    _refuse_other_parameters(kind, parameters)
    age = np.arange(L - 1, -1, -1, dtype=np.float64)
    with np.errstate(under="ignore", over="ignore"):
        return _KINDS[kind](age, **parameters)


def _uniform(age: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.ones_like(age)


def _absolute(age: NDArray[np.float64], table: ArrayLike) -> NDArray[np.float64]:
    values = as_real_array(table, "table", ndim=1)
    if len(values) < len(age):
        raise ValueError(
            f"table must hold a weight for each of the {len(age)} positions, got {len(values)}."
        )
    last = values[len(age) - 1]
    if (values < 0).any() or last == 0:
        raise ValueError(
            "table must not hold negative weights and must be positive at the last position, "
            f"got {values.min()} as the smallest weight and {last} as the last."
        )
    return values[: len(age)]


def _exponential(age: NDArray[np.float64], rate: ArrayLike) -> NDArray[np.float64]:
    return np.exp(-_as_number(rate, "rate") * age)


def _window(age: NDArray[np.float64], size: Any) -> NDArray[np.float64]:
    return (age < as_whole_number(size, "size")).astype(np.float64)


def _power(age: NDArray[np.float64], exponent: ArrayLike) -> NDArray[np.float64]:
    return (1 + age) ** -_as_number(exponent, "exponent")


def _sink(age: NDArray[np.float64], mass: ArrayLike, first: Any = 1) -> NDArray[np.float64]:
    L = len(age)
    share = _as_number(mass, "mass")
    if share >= 1:
        raise ValueError(f"mass must be smaller than 1, got {share}.")
    sinks = as_whole_number(first, "first", most=L)
    values = np.full(L, 1 - share)
    values[:sinks] += share * L / sinks
    return values


_KINDS: dict[str, Callable[..., NDArray[np.float64]]] = {
    "uniform": _uniform,
    "absolute": _absolute,
    "exponential": _exponential,
    "window": _window,
    "power": _power,
    "sink": _sink,
}


def _as_number(value: ArrayLike, name: str) -> float:
    number = float(as_real_array(value, name, ndim=0))
    if number < 0:
        raise ValueError(f"{name} must not be negative, got {number}.")
    return number


def _refuse_other_parameters(kind: str, given: dict[str, Any]) -> None:
    taken = dict(list(signature(_KINDS[kind]).parameters.items())[1:])
    needed = {name for name, rule in taken.items() if rule.default is Parameter.empty}
    if not needed <= given.keys() <= taken.keys():
        rules = [name if name in needed else f"{name} (optional)" for name in taken]
        raise ValueError(
            f"parameters of the kind {kind} must be {' and '.join(rules) or 'none'}, got "
            f"{', '.join(given) or 'none'}."
        )
