"""Counts, the next-token law, the frozen chain and its stationary law.

The words of this room, used in the same sense all over the course:

* A **token** is a whole number from 0 to K - 1.
  A **prompt** is a sequence of tokens, and its last token is the **query** q.
* The **base transition matrix** P of shape (K, K) holds one probability law a row:
  row q is what query q likes to see next.
* The **counts** m of shape (K,) say how often each token stands in one prompt.
  M of shape (n, K) holds the counts of n prompts.
  Weighted counts add up a weight for each position instead of a one.
* The **context-conditioned Markov chain** draws the next token j with a probability
  proportional to ``P[q, j] * m[j]``.
* The **frozen chain** is the ordinary Markov chain of this rule while the counts stand still.
* Token i **leads to** token j if a path of positive entries goes from i to j.
  A **closed class** is a set of tokens that lead to each other and to no other token.
  A chain has exactly one stationary law if and only if it has exactly one closed class.

Every function returns new arrays and leaves the caller's arrays alone.
Bad input raises ``ValueError``: one sentence that names the argument, what it needs, what it got.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Number, Real
from operator import index
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "as_prompt",
    "as_real_array",
    "as_transition_matrix",
    "as_whole_number",
    "counts",
    "frozen",
    "next_token_law",
    "stationary",
]

# A row written by hand with nine decimals passes, a row that lost an entry does not.
ROW_SUM_TOLERANCE = 1e-8

# Keeps row * K + token inside int64 for any number of prompts that fits into memory.
LARGEST_K = 2**31 - 1


def counts(
    prompts: Sequence[ArrayLike] | ArrayLike,
    K: int,
    weights: Sequence[ArrayLike] | ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Count the tokens of every prompt, or add up the weights of their positions.

    Parameters
    ----------
    prompts : sequence of n prompts
        Prompts of any lengths, each a sequence of tokens; an (n, L) array of integers will do.
        Nothing is padded.
    K : int
        Size of the vocabulary.
    weights : None, sequence of n arrays, or array of shape (L,)
        ``None`` counts every position once.
        A sequence gives each prompt an array of its own, as long as the prompt.
        A single flat array serves all prompts, which must then all have its length.
        Weights are finite and not negative, and the last position, the query, weighs more than 0.
        Their scale does not matter to :func:`next_token_law`.

    Returns
    -------
    ndarray of shape (n, K), float64
        Row i holds the counts of prompt i, token by token.

    Raises
    ------
    ValueError
        For one flat prompt in place of a sequence of prompts, no prompts, an empty prompt,
        a token outside 0..K-1, or weights that do not fit the prompts.

    Examples
    --------
    >>> counts([[0, 2, 2], [1]], K=3)
    array([[1., 0., 2.],
           [0., 1., 0.]])
    >>> counts([[0, 2, 2]], K=3, weights=[0.25, 0.5, 1.0])
    array([[0.25, 0.  , 1.5 ]])
    """
    size = as_whole_number(K, "K")
    tokens, lengths = _joined_prompts(prompts, size)
    joined = None if weights is None else _joined_weights(weights, lengths)
    row = np.repeat(np.arange(len(lengths)), lengths)
    cell = np.bincount(row * size + tokens, joined, minlength=len(lengths) * size)
    if not np.isfinite(cell).all():
        raise ValueError("weights must have finite sums, got sums beyond the range of float64.")
    return cell.reshape(len(lengths), size).astype(np.float64)


def next_token_law(P: ArrayLike, M: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return the law of the next token for every prompt: row q of P, tilted by the counts.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix, one probability law a row.
    M : array of shape (n, K)
        Counts or weighted counts, one prompt a row, as :func:`counts` returns them.
    q : sequence of n tokens
        The query of every prompt.

    Returns
    -------
    ndarray of shape (n, K), float64
        Row i is ``P[q[i]] * M[i]`` divided by its sum.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above, or if a query can attend to nothing:
        then its prompt holds no token to which row q of P gives a positive probability.

    Notes
    -----
    Ildiz et al. (2024) establish that one layer of self-attention follows this law, under
    conditions that :mod:`ccmc_teach.attention` states.

    References
    ----------
    M. E. Ildiz, Y. Huang, Y. Li, A. S. Rawat, S. Oymak, "From Self-Attention to Markov Models:
    Unveiling the Dynamics of Generative Transformers", Proceedings of the 41st International
    Conference on Machine Learning, PMLR 235:20955-20982, 2024.

    Examples
    --------
    >>> P = [[0.5, 0.5], [0.25, 0.75]]
    >>> next_token_law(P, [[3, 1], [1, 1]], q=[0, 1])
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    base = as_transition_matrix(P)
    table = as_real_array(M, "M", ndim=2)
    _refuse_unlike_counts(table, len(base), "M")
    query = as_prompt(q, K=len(base), name="q")
    if len(query) != len(table):
        raise ValueError(
            f"q must hold one query for each of the {len(table)} rows of M, got {len(query)}."
        )
    law, is_empty = _tilted(base[query], table)
    if is_empty.any():
        row = int(is_empty.argmax())
        raise ValueError(
            f"M must let every query attend to something, but row {row} of M has no count on a "
            f"token to which row {query[row]} of P gives a positive probability."
        )
    return law


def frozen(P: ArrayLike, m: ArrayLike) -> NDArray[np.float64]:
    """Return the transition matrix of the chain whose counts are held fixed.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix, one probability law a row.
    m : array of shape (..., K)
        Counts, weighted counts or shares; leading axes are a batch.

    Returns
    -------
    ndarray of shape (..., K, K), float64
        Row k of each matrix is ``P[k] * m`` divided by its sum.

    Raises
    ------
    ValueError
        If shapes or numbers are not as above, or if a token can attend to nothing:
        then m has no count where that token's row of P is positive.

    Examples
    --------
    >>> frozen([[0.5, 0.5], [0.25, 0.75]], [3, 1])
    array([[0.75, 0.25],
           [0.5 , 0.5 ]])
    """
    base = as_transition_matrix(P)
    held = as_real_array(m, "m")
    _refuse_unlike_counts(held, len(base), "m")
    chain, is_empty = _tilted(base, held[..., np.newaxis, :])
    if is_empty.any():
        *batch, row = map(int, np.argwhere(is_empty)[0])
        raise ValueError(
            f"{_entry('m', batch)} must let every token attend to something, but has no count on "
            f"a token to which row {row} of P gives a positive probability."
        )
    return chain


def stationary(Q: ArrayLike) -> NDArray[np.float64]:
    """Return the stationary law of a Markov chain with exactly one closed class.

    Parameters
    ----------
    Q : array of shape (..., K, K)
        Transition matrices, one probability law a row; leading axes are a batch.

    Returns
    -------
    ndarray of shape (..., K), float64
        The law that one step of the chain leaves as it is.
        Tokens outside the closed class, which the chain leaves for ever, have exactly 0.

    Raises
    ------
    ValueError
        If Q is no transition matrix, if it has several closed classes (the sentence lists them),
        or if it holds moves so rare that their products leave the range of float64.

    Notes
    -----
    Which tokens lead to which is decided on exact zeros.
    The law is found by the elimination of Grassmann, Taksar and Heyman (1985).
    It adds, multiplies and divides numbers that are not negative and never subtracts.
    So every entry, however small, comes out with a small relative error.

    References
    ----------
    W. K. Grassmann, M. I. Taksar, D. P. Heyman, "Regenerative Analysis and Steady State
    Distributions for Markov Chains", Operations Research 33:1107-1116, 1985.

    Examples
    --------
    >>> stationary([[0.5, 0.5], [0.25, 0.75]])
    array([0.33333333, 0.66666667])
    """
    chain = _as_transition_matrices(Q, "Q")
    root = _token_of_the_closed_class(chain)
    # The elimination keeps token 0 to the end, so a token of the closed class is put there.
    tokens = np.arange(chain.shape[-1])
    order = np.argsort(tokens != root[..., np.newaxis], axis=-1, kind="stable")
    chain = np.take_along_axis(chain, order[..., :, np.newaxis], axis=-2)
    chain = np.take_along_axis(chain, order[..., np.newaxis, :], axis=-1)
    law = np.empty(order.shape)
    np.put_along_axis(law, order, _eliminated(chain), axis=-1)
    return law


def as_prompt(prompt: ArrayLike, K: int | None = None, name: str = "prompt") -> NDArray[np.int64]:
    """Return a checked copy of one prompt.

    Parameters
    ----------
    prompt : sequence of L tokens
        Whole numbers, at least one of them; floats and booleans are refused.
    K : int, optional
        Size of the vocabulary; without it any token from 0 upwards will do.
    name : str
        What the sentence of an error calls the prompt.

    Returns
    -------
    ndarray of shape (L,), int64

    Raises
    ------
    ValueError
        If the prompt is empty, is no flat sequence, or holds anything but tokens from 0 to K - 1.

    Examples
    --------
    >>> as_prompt([2, 0, 1], K=3)
    array([2, 0, 1])
    """
    size = LARGEST_K if K is None else as_whole_number(K, "K")
    tokens = _as_integers(prompt, name)
    is_outside = (tokens < 0) | (tokens >= size)
    if is_outside.any():
        place = int(is_outside.argmax())
        raise ValueError(
            f"{name} must hold tokens from 0 to {size - 1}, got {name}[{place}] = "
            f"{_shown(int(tokens[place]))}."
        )
    return tokens.astype(np.int64)


def as_transition_matrix(P: ArrayLike, name: str = "P") -> NDArray[np.float64]:
    """Return a checked copy of a transition matrix.

    Parameters
    ----------
    P : array of shape (K, K)
        Finite numbers, none negative; every row sums to 1 within 1e-8.
    name : str
        What the sentence of an error calls the matrix.

    Returns
    -------
    ndarray of shape (K, K), float64
        The same numbers: rows are checked, never rescaled.

    Raises
    ------
    ValueError
        If P is not a square matrix of such rows; the sentence names the first bad row.

    Examples
    --------
    >>> as_transition_matrix([[1, 0], [0.5, 0.5]])
    array([[1. , 0. ],
           [0.5, 0.5]])
    """
    return _as_transition_matrices(as_real_array(P, name, ndim=2), name)


def as_real_array(
    values: ArrayLike, name: str, ndim: int | None = None, *, finite: bool = True
) -> NDArray[np.float64]:
    """Return a checked float64 copy of an array of real numbers.

    Parameters
    ----------
    values : array of any shape
        Integers, floats or exact fractions; text, booleans and complex numbers are refused.
    name : str
        What the sentence of an error calls the array.
    ndim : int, optional
        The number of axes that the array must have.
    finite : bool
        Whether infinities and NaN are refused.

    Returns
    -------
    ndarray of the same shape, float64

    Raises
    ------
    ValueError
        If the values are no numbers, not finite, ragged, or have another number of axes.

    Examples
    --------
    >>> as_real_array([1, 2], name="m", ndim=1)
    array([1., 2.])
    """
    array = _as_floats(values, name)
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must be {ndim}-dimensional, got the shape {array.shape}.")
    is_bad = ~np.isfinite(array)
    if finite and is_bad.any():
        place = np.argwhere(is_bad)[0]
        raise ValueError(
            f"{name} must hold finite numbers, got {_entry(name, place)} = {array[tuple(place)]}."
        )
    return array


def as_whole_number(value: Any, name: str, least: int = 1, most: int = LARGEST_K) -> int:
    """Return a checked whole number, such as the size of a vocabulary.

    Parameters
    ----------
    value : int
        A Python or numpy integer; floats and booleans are refused.
    name : str
        What the sentence of an error calls the number.
    least, most : int
        The smallest and the largest number allowed.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the value is no whole number from least to most.

    Examples
    --------
    >>> as_whole_number(4, name="K")
    4
    """
    try:
        number = None if isinstance(value, (bool, np.bool_)) else index(value)
    except TypeError:
        number = None
    if number is None or not least <= number <= most:
        raise ValueError(
            f"{name} must be a whole number from {least} to {most}, got {_shown(value)}."
        )
    return number


def _shown(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _entry(name: str, place: Iterable[int]) -> str:
    inside = ", ".join(str(int(i)) for i in place)
    return f"{name}[{inside}]" if inside else name


def _listed(items: Sequence[object], most: int) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(map(str, items[:most])) + more


def _as_floats(values: ArrayLike, name: str) -> NDArray[np.float64]:
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} must be an array of numbers with rows of equal length, got {_shown(values)}."
        ) from None
    is_exact = array.dtype.kind == "O" and all(map(_is_real, array.flat))
    if array.dtype.kind not in "iuf" and not is_exact:
        raise ValueError(f"{name} must hold real numbers, got {_shown(values)}.")
    try:
        with np.errstate(over="ignore"):
            return array.astype(np.float64)
    except OverflowError:
        raise ValueError(
            f"{name} must hold numbers in the range of float64, got {_shown(values)}."
        ) from None


def _is_real(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _as_integers(prompt: ArrayLike, name: str) -> NDArray[Any]:
    """Return one prompt as an array of integers, with Python's own where int64 may be too small."""
    # Left to itself numpy turns True into 1, and would hide it among other tokens.
    tokens = np.asarray(prompt, dtype=object if isinstance(prompt, (list, tuple)) else None)
    if tokens.ndim != 1:
        got = f"an array of shape {tokens.shape}" if tokens.ndim else _shown(prompt)
        raise ValueError(f"{name} must be one flat sequence of tokens, got {got}.")
    if tokens.size == 0:
        raise ValueError(f"{name} must hold at least one token, got none.")
    if tokens.dtype.kind not in "iu":
        tokens = tokens.astype(object)
        _refuse_other_types(tokens.tolist(), name)
    return tokens


def _refuse_other_types(tokens: list[Any], name: str) -> None:
    for kind in dict.fromkeys(map(type, tokens)):
        if issubclass(kind, bool) or not issubclass(kind, (int, np.integer)):
            place = [type(token) for token in tokens].index(kind)
            raise ValueError(
                f"{name} must hold tokens, which are whole numbers, got {name}[{place}] = "
                f"{_shown(tokens[place])} of type {kind.__name__}."
            )


def _joined_prompts(prompts: Any, K: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the checked tokens of all prompts end to end, and the length of each prompt."""
    if _is_clean_table(prompts, K):
        return prompts.reshape(-1).astype(np.int64), np.full(*prompts.shape)
    items = _items(prompts, "prompts", "a sequence of one or more prompts")
    if _is_scalar(items[0]):
        raise ValueError(
            f"prompts must be a sequence of prompts, got the flat sequence {_shown(prompts)}: "
            "a single prompt is written [prompt]."
        )
    parts = [as_prompt(item, K, f"prompts[{i}]") for i, item in enumerate(items)]
    return np.concatenate(parts), np.array([len(part) for part in parts])


def _is_clean_table(prompts: Any, K: int) -> bool:
    """Return whether all prompts can be checked at once; if not, one by one finds the fault."""
    is_table = isinstance(prompts, np.ndarray) and prompts.ndim == 2 and prompts.size > 0
    is_whole = is_table and prompts.dtype.kind in "iu"
    return is_whole and bool(prompts.min() >= 0 and prompts.max() < K)


def _items(values: Any, name: str, need: str) -> list[Any]:
    try:
        items = [] if isinstance(values, (str, bytes)) else list(values)
    except TypeError:
        items = []
    if not items:
        raise ValueError(f"{name} must be {need}, got {_shown(values)}.")
    return items


def _is_scalar(value: object) -> bool:
    return isinstance(value, (Number, np.generic, str, bytes))


def _joined_weights(weights: Any, lengths: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the checked weights of all positions end to end."""
    parts = _weights_per_prompt(weights, lengths)
    for i, (part, length) in enumerate(zip(parts, lengths, strict=True)):
        if len(part) != length:
            raise ValueError(
                f"weights must hold a weight for each of the {length} positions of prompts[{i}], "
                f"got {len(part)}."
            )
    joined = np.concatenate(parts)
    is_bad = joined < 0
    ends = np.cumsum(lengths) - 1
    is_bad[ends] |= joined[ends] == 0
    if is_bad.any():
        place = int(is_bad.argmax())
        raise ValueError(
            "weights must not be negative and must be positive at the last position of a prompt, "
            f"got {joined[place]} for {_position('prompts', lengths, place)}."
        )
    return joined


def _weights_per_prompt(weights: Any, lengths: NDArray[np.int64]) -> list[NDArray[np.float64]]:
    items = _items(weights, "weights", "an array of weights for each prompt")
    if _is_scalar(items[0]):
        return [as_real_array(items, "weights", ndim=1)] * len(lengths)
    if len(items) != len(lengths):
        raise ValueError(
            f"weights must hold an array for each of the {len(lengths)} prompts, got {len(items)}."
        )
    return [as_real_array(item, f"weights[{i}]", ndim=1) for i, item in enumerate(items)]


def _position(name: str, lengths: NDArray[np.int64], place: int) -> str:
    ends = np.cumsum(lengths)
    i = int(np.searchsorted(ends, place, side="right"))
    return f"{name}[{i}][{place - int(ends[i] - lengths[i])}]"


def _as_transition_matrices(Q: ArrayLike, name: str) -> NDArray[np.float64]:
    chain = as_real_array(Q, name)
    if chain.ndim < 2 or chain.shape[-1] != chain.shape[-2] or chain.shape[-1] == 0:
        raise ValueError(
            f"{name} must be square with a row for every token, got an array of shape "
            f"{chain.shape}."
        )
    is_negative = chain < 0
    if is_negative.any():
        place = np.argwhere(is_negative)[0]
        raise ValueError(
            f"{name} must not have negative entries, got {_entry(name, place)} = "
            f"{chain[tuple(place)]}."
        )
    with np.errstate(over="ignore"):
        total = chain.sum(axis=-1)
    is_bad = np.abs(total - 1) > ROW_SUM_TOLERANCE
    if is_bad.any():
        place = np.argwhere(is_bad)[0]
        raise ValueError(
            f"every row of {name} must sum to 1, got row {place[-1]} of "
            f"{_entry(name, place[:-1])} with the sum {total[tuple(place)]}."
        )
    return chain


def _refuse_unlike_counts(m: NDArray[np.float64], K: int, name: str) -> None:
    if m.ndim == 0 or m.shape[-1] != K:
        raise ValueError(
            f"{name} must hold a count for each of the {K} tokens of P along its last axis, got "
            f"an array of shape {m.shape}."
        )
    is_negative = m < 0
    if is_negative.any():
        place = np.argwhere(is_negative)[0]
        raise ValueError(
            f"{name} must not have negative counts, got {_entry(name, place)} = {m[tuple(place)]}."
        )


def _tilted(
    rows: NDArray[np.float64], m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return rows * m with each row divided by its sum, and which of the sums are 0."""
    # Mantissas and binary exponents are multiplied apart.
    # So nothing over- or underflows, and ordinary numbers give the plain formula bit for bit.
    mantissa, exponent = np.frexp(rows)
    mantissa_m, exponent_m = np.frexp(m)
    product = mantissa * mantissa_m
    power = np.where(product > 0, exponent + exponent_m, -(10**6))
    with np.errstate(under="ignore", invalid="ignore"):
        product = np.ldexp(product, power - power.max(axis=-1, keepdims=True))
        total = product.sum(axis=-1, keepdims=True)
        return product / total, total[..., 0] == 0


def _leads_to(chain: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which tokens lead to which, by squaring the graph of the chain."""
    K = chain.shape[-1]
    reach = (chain > 0) | np.eye(K, dtype=bool)
    # After s squarings all paths of up to 2**s steps are in; K - 1 steps reach everything.
    for _ in range((K - 1).bit_length()):
        steps = reach.astype(np.float32)
        reach = steps @ steps > 0
    return reach


def _token_of_the_closed_class(chain: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return, for each matrix, the first token that every token leads to."""
    reach = _leads_to(chain)
    is_common = reach.all(axis=-2)
    has_none = ~is_common.any(axis=-1)
    if has_none.any():
        batch = np.argwhere(has_none)[0]
        classes = _closed_classes(reach[tuple(batch)])
        raise ValueError(
            "Q must have exactly one closed class for its stationary law to be unique, but "
            f"{_entry('Q', batch)} has {len(classes)}: {_listed(classes, most=4)}."
        )
    first: NDArray[np.intp] = is_common.argmax(axis=-1)
    return first


def _closed_classes(reach: NDArray[np.bool_]) -> list[str]:
    leads_back = (reach <= reach.T).all(axis=1)
    classes = {tuple(np.flatnonzero(row).tolist()) for row in reach[leads_back]}
    return [f"{{{_listed(tokens, most=8)}}}" for tokens in sorted(classes)]


def _eliminated(chain: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the stationary law by elimination; every token must lead to token 0.

    Tokens leave one by one from the last.
    What is left is the chain watched only while it visits the tokens that stay.
    Then they come back in turn, each with its share in the balance of flow.
    """
    K = chain.shape[-1]
    leaves = np.ones(chain.shape[:-1])
    for k in range(K - 1, 0, -1):
        leaves[..., k] = chain[..., k, :k].sum(axis=-1)
        if not (leaves[..., k] > 0).all():
            raise ValueError(
                "Q must not hold moves so rare that their products vanish in float64, got a path "
                "with a probability of 0 after rounding."
            )
        landing = chain[..., k, :k] / leaves[..., k, np.newaxis]
        chain[..., :k, :k] += chain[..., :k, k, np.newaxis] * landing[..., np.newaxis, :]
    law = np.zeros(chain.shape[:-1])
    law[..., 0] = 1
    for k in range(1, K):
        enters = (law[..., :k] * chain[..., :k, k]).sum(axis=-1)
        flow = enters + leaves[..., k]
        law[..., :k] *= (leaves[..., k] / flow)[..., np.newaxis]
        law[..., k] = enters / flow
    return law
