"""All rest points of the mean field, their stability and the growth exponents there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import as_prompt, stationary
from ccmc_teach.dynamics.flow import Array, as_positive_matrix, jacobian

# Rates, weights and singular values below this count as 0.
TOLERANCE = 1e-8

# Every set of tokens is a possible support, and 12 tokens have 4095 of them.
MOST_TOKENS = 12

# The support of a rest point, its weights w, and whether no other point has this support.
Balance = tuple[NDArray[np.int64], Array, bool]


@dataclass(frozen=True, eq=False)
class RestPoint:
    """Shares that the mean field leaves as they are.

    Attributes
    ----------
    shares : ndarray of shape (K,)
        The point v; exactly 0 outside the support.
    support : tuple of int
        The tokens with a positive share.
    growth : ndarray of shape (K,)
        The growth exponents gamma_k: exactly 1 on the support.
        On the event that the shares of a text tend to v, the count of a token k of the prompt
        outside the support grows like ``t**gamma_k`` if ``gamma_k < 1``.
        If ``gamma_k > 1`` the token invades, and a text that holds it does not tend to v.
    rates : ndarray of shape (K - 1,), complex128
        The eigenvalues of the linearised mean field on the simplex, largest real part first.
        Those inside the support are joined by ``gamma_k - 1`` for every token outside.
    stability : str
        ``"stable"`` if all real parts are negative, ``"unstable"`` if one is positive, and
        ``"undecided"`` if the largest is 0 within 1e-8, where only higher orders can tell.
    isolated : bool
        False if a whole continuum of rest points has this very support.
        Then shares, growth and rates describe one of them, that with the most even weights.

    Examples
    --------
    >>> point = rest_points([[0.8, 0.2], [0.4, 0.6]])[0]
    >>> point.support, point.stability, point.growth.round(3)
    ((0,), 'stable', array([1.  , 0.25]))
    """

    shares: Array
    support: tuple[int, ...]
    growth: Array
    rates: NDArray[np.complex128]
    stability: str
    isolated: bool


def rest_points(P: ArrayLike) -> list[RestPoint]:
    """Return all rest points of the mean field, from single tokens to full coexistence.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix with positive entries; K is at most 12.

    Returns
    -------
    list of RestPoint
        In the order of the supports: by size, then by tokens.
        There is at most one entry for each support, and always one for each single token.

    Raises
    ------
    ValueError
        If P is not as above.

    Notes
    -----
    On the support S the weights ``w_i = mu_i / (P v)_i`` of a rest point solve
    ``P[S, S].T @ w = 1``, and v is the stationary law with ``v = diag(w) P[S, S] v``.
    Each positive solution w gives one v, and v gives back w.
    So a support with an invertible block P[S, S] holds one rest point if w > 0, and else none.

    A singular block has no solution, or a line or more of them.
    The Polya urn is of this kind: with all rows of P equal, any tokens that share the same
    probability keep whatever shares they have.
    Such a support is reported once, with ``isolated=False``.
    Blocks with a ratio of singular values below 1e-8 count as singular, and a rest point with a
    share of about 1e-8 or less counts as one of the smaller support.

    Examples
    --------
    >>> for point in rest_points([[0.4, 0.6], [0.8, 0.2]]):
    ...     print(point.support, point.shares.round(3), point.stability)
    (0,) [1. 0.] unstable
    (1,) [0. 1.] unstable
    (0, 1) [0.692 0.308] stable
    """
    base = as_positive_matrix(P)
    return [_rest_point(base, *balance) for balance in balances(base)]


def attractors(P: ArrayLike) -> list[RestPoint]:
    """Return the rest points to which the mean field returns after any small push.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix with positive entries; K is at most 12.

    Returns
    -------
    list of RestPoint
        The stable ones among :func:`rest_points`.

    Raises
    ------
    ValueError
        If P is not as above.

    Notes
    -----
    If P is reversible these are the local maxima of :func:`local_maxima`, and nothing else
    attracts, border cases aside.
    Otherwise there can also be cycles, which :func:`flow_limits` shows as starts that do not
    settle.

    Examples
    --------
    >>> [point.support for point in attractors([[0.8, 0.2], [0.4, 0.6]])]
    [(0,), (1,)]
    """
    return [point for point in rest_points(P) if point.stability == "stable"]


def growth_exponents(P: ArrayLike, winner: ArrayLike) -> Array:
    """Return the exponents with which the counts grow once the winners have taken over.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix with positive entries, one probability law a row.
    winner : int or sequence of int
        The token that wins, or all the tokens that win together.

    Returns
    -------
    ndarray of shape (K,), float64
        ``gamma_k``; exactly 1 for the winners, and ``P[w, k] / P[w, w]`` for a single winner w.
        On the event that the shares tend to the rest point of the winners, and if token k is in
        the prompt, its count grows like ``t**gamma_k`` where ``gamma_k < 1``.
        A token with ``gamma_k > 1`` invades, so that this event does not happen.
        At ``gamma_k = 1`` the first order does not tell.

    Raises
    ------
    ValueError
        If P or winner is not as above, if the winners have no rest point together, or if they
        have a continuum of them with different exponents.

    Notes
    -----
    That a count grows like ``t**gamma`` means that log count over log t tends to gamma.
    Exponents near 1 show only in very long texts.
    If all rows of P equal pi, the exponents ``pi_k / pi_w`` are a theorem on urns
    (Athreya and Karlin, 1968).

    Examples
    --------
    >>> P = [[0.5, 0.25, 0.25], [0.2, 0.4, 0.4], [0.3, 0.3, 0.4]]
    >>> growth_exponents(P, winner=0)
    array([1. , 0.5, 0.5])
    """
    base = as_positive_matrix(P)
    winners: Any = [winner] if isinstance(winner, (int, np.integer)) else winner
    tokens = as_prompt(winners, len(base), "winner")
    support = np.unique(tokens)
    if len(support) < len(tokens):
        raise ValueError(f"winner must name each token once, got {tokens.tolist()}.")
    found = list(_balances_on(base, support[np.newaxis]))
    if not found:
        raise ValueError(
            "winner must be the tokens of a rest point, but no rest point has exactly the tokens "
            f"{support.tolist()}."
        )
    _, weights, is_isolated = found[0]
    if not is_isolated and _growth_varies(base[support], support):
        raise ValueError(
            "winner must have the same exponents wherever the winners rest, but the tokens "
            f"{support.tolist()} have a continuum of rest points with different ones."
        )
    return _growth_on(base, support, weights)


def balances(P: Array) -> Iterator[Balance]:
    """Yield the weights of the rest points, support by support.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix with positive entries, checked; K is at most 12.

    Yields
    ------
    support : ndarray of shape (n,), int64
        Its tokens, growing; supports come by size, then by tokens.
    weights : ndarray of shape (n,), float64
        The positive solution w of ``P[S, S].T @ w = 1``, or one of them.
    is_isolated : bool
        Whether it is the only solution.

    Raises
    ------
    ValueError
        If P has more tokens.

    Examples
    --------
    >>> for support, weights, _ in balances(np.array([[0.4, 0.6], [0.8, 0.2]])):
    ...     print(support, weights)
    [0] [2.5]
    [1] [5.]
    [0 1] [1.5 0.5]
    """
    K = len(P)
    if K > MOST_TOKENS:
        raise ValueError(
            f"P must have at most {MOST_TOKENS} tokens here, because every set of tokens is "
            f"looked at, got {K}."
        )
    for size in range(1, K + 1):
        yield from _balances_on(P, np.array(list(combinations(range(K), size))))


def _balances_on(P: Array, supports: NDArray[np.int64]) -> Iterator[Balance]:
    """Solve ``P[S, S].T @ w = 1`` on supports of one size; keep the positive solutions."""
    blocks = P[supports[:, :, np.newaxis], supports[:, np.newaxis, :]]
    total = blocks.sum(axis=-1)
    # With rows of the sum 1 the weights sum to the size of the support, whatever the scale of P.
    blocks = blocks / total[..., np.newaxis]
    spectrum = np.linalg.svd(blocks, compute_uv=False)
    is_isolated = spectrum[:, -1] > TOLERANCE * spectrum[:, 0]
    weights = np.zeros(supports.shape)
    right = np.ones((*supports.shape, 1))[is_isolated]
    weights[is_isolated] = np.linalg.solve(blocks[is_isolated].swapaxes(-1, -2), right)[..., 0]
    for i in np.flatnonzero(~is_isolated).tolist():
        weights[i] = _most_even_weights(blocks[i])
    for i in np.flatnonzero((weights > TOLERANCE).all(axis=-1)).tolist():
        yield supports[i], weights[i] / total[i], bool(is_isolated[i])


def _most_even_weights(block: Array) -> Array:
    """Return the positive solution w of ``block.T @ w = 1`` of largest entropy, or zeros if none.

    The block is singular, so solutions come in continua.
    The most even one has the form ``w = exp(V x)``, with V an orthogonal basis of the directions
    that the block sees, and x is found by Newton's method on a convex function.
    """
    left, spectrum, right = np.linalg.svd(block.T)
    rank = int((spectrum > TOLERANCE * spectrum[0]).sum())
    seen = right[:rank].T
    goal = left[:, :rank].sum(axis=0) / spectrum[:rank]
    if np.abs(left[:, rank:].sum(axis=0)).max() > TOLERANCE:
        return np.zeros(len(block))
    x = np.zeros(rank)
    for _ in range(200):
        weights: Array = np.exp(seen @ x)
        lack = goal - seen.T @ weights
        if np.abs(lack).max() < 1e-12 * len(block):
            return weights
        move = np.linalg.lstsq((seen.T * weights) @ seen, lack, rcond=None)[0]
        # Shorter than Newton's step while that is long; with exponentials this always descends.
        length = max(np.abs(seen @ move).max(), 1e-300)
        x += move * np.log1p(length) / length
    return np.zeros(len(block))


def _rest_point(
    P: Array, support: NDArray[np.int64], weights: Array, is_isolated: bool
) -> RestPoint:
    block = P[np.ix_(support, support)]
    inside = _shares_from_weights(block, weights)
    shares = np.zeros(len(P))
    shares[support] = inside
    growth = _growth_on(P, support, weights)
    rates = np.empty(len(P) - 1, dtype=np.complex128)
    rates[: len(support) - 1] = _rates_inside(block, inside)
    rates[len(support) - 1 :] = np.delete(growth - 1, support)
    rates = rates[np.argsort(-rates.real, kind="stable")]
    for array in (shares, growth, rates):
        array.setflags(write=False)
    return RestPoint(shares, tuple(support.tolist()), growth, rates, _stability(rates), is_isolated)


def _shares_from_weights(block: Array, weights: Array) -> Array:
    """Return the v with ``v = diag(w) block v``, the stationary law of a chain read column-wise."""
    columns = weights[:, np.newaxis] * block
    return stationary((columns / columns.sum(axis=0)).T)


def _growth_on(P: Array, support: NDArray[np.int64], weights: Array) -> Array:
    growth: Array = weights @ P[support]
    growth[support] = 1
    return growth


def _growth_varies(rows: Array, support: NDArray[np.int64]) -> bool:
    """Return whether weights that differ unseen by the support's columns differ for others."""
    rows = rows / rows[:, support].sum(axis=1, keepdims=True)
    seen = rows[:, support]
    tolerance = TOLERANCE * np.linalg.norm(seen, 2)
    return bool(np.linalg.matrix_rank(rows, tolerance) > np.linalg.matrix_rank(seen, tolerance))


def _rates_inside(block: Array, v: Array) -> NDArray[np.complex128]:
    """Return the rates of changes that keep the support, at the point v of full support."""
    # The scale of the rows of P does not matter to the mean field.
    derivative = jacobian(block / block.sum(axis=1, keepdims=True), v)
    # The last share is 1 minus the others, which leaves one coordinate less.
    on_simplex = derivative[:-1, :-1] - derivative[:-1, -1:]
    return np.asarray(np.linalg.eigvals(on_simplex), dtype=np.complex128)


def _stability(rates: NDArray[np.complex128]) -> str:
    largest = rates.real.max(initial=-np.inf)
    if largest < -TOLERANCE:
        return "stable"
    return "unstable" if largest > TOLERANCE else "undecided"
