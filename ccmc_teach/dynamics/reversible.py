"""Reversible base chains, whose mean field climbs a quadratic form."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import stationary
from ccmc_teach.dynamics.flow import Array, as_positive_matrix
from ccmc_teach.dynamics.rest import TOLERANCE, balances


def is_reversible(P: ArrayLike) -> bool:
    """Return whether the base chain looks the same forward and backward in time.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix with positive entries, one probability law a row.

    Returns
    -------
    bool
        True if ``varpi_i P[i, j] = varpi_j P[j, i]`` for all tokens, within a relative 1e-8.
        Every chain with two tokens is reversible.

    Raises
    ------
    ValueError
        If P is not as above.

    Notes
    -----
    By the criterion of Kolmogorov this is so if and only if every cycle has the same probability
    in both directions.
    In a positive matrix the triangles through token 0 are enough: then the stationary law varpi
    is proportional to ``P[0, j] / P[j, 0]``.

    Examples
    --------
    >>> is_reversible([[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [0.5, 0.25, 0.25]])
    True
    >>> is_reversible([[0.2, 0.6, 0.2], [0.2, 0.2, 0.6], [0.6, 0.2, 0.2]])
    False
    """
    flow = _flow_form(as_positive_matrix(P))
    return bool(np.allclose(flow, flow.T, rtol=TOLERANCE, atol=0))


def symmetric_form(P: ArrayLike) -> Array:
    """Return the symmetric matrix ``A = diag(varpi) P`` of a reversible chain.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix of a reversible chain, with positive entries.

    Returns
    -------
    ndarray of shape (K, K), float64
        A, exactly symmetric, with the sum 1; varpi is the stationary law of P.

    Raises
    ------
    ValueError
        If P is not as above.

    Notes
    -----
    Rows may be scaled without any change of the generated text, so A generates the same texts.
    With it ``mu_i(v) = v_i (A v)_i / H(v)``, where ``H(v) = v.T A v`` never decreases along the
    mean field.

    Examples
    --------
    >>> symmetric_form([[0.5, 0.5], [0.25, 0.75]]).round(4)
    array([[0.1667, 0.1667],
           [0.1667, 0.5   ]])
    """
    flow = _flow_form(_as_reversible_matrix(P))
    return (flow + flow.T) / 2


def local_maxima(P: ArrayLike) -> Array:
    """Return the strict local maxima of ``H(v) = v.T A v`` on the simplex.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix of a reversible chain, with positive entries; K is at most 12.

    Returns
    -------
    ndarray of shape (n, K), float64
        One maximum a row, ordered by its support as in :func:`rest_points`.
        Maxima at which a derivative that should be negative is 0 are left out,
        so an urn of Polya has none.

    Raises
    ------
    ValueError
        If P is not as above.

    Notes
    -----
    On a support S the only critical point is proportional to the solution x of ``A[S, S] x = 1``.
    It is a maximum on S if ``diag(v)**(1/2) A[S, S] diag(v)**(1/2)`` has, beside its eigenvalue
    H with the vector ``v**(1/2)``, only negative ones.
    It is a maximum on the simplex if also ``(A v)_k < H`` outside of S.

    For a symmetric A, Pemantle (1992) shows that the shares of a text approach the critical points
    of H, and Benaim (1997) does so by the mean field.

    Examples
    --------
    >>> local_maxima([[0.8, 0.2], [0.4, 0.6]])
    array([[1., 0.],
           [0., 1.]])
    """
    base = _as_reversible_matrix(P)
    form = symmetric_form(base)
    rows = [np.empty((0, len(form)))]
    for support, weights, is_isolated in balances(base):
        v = np.zeros(len(form))
        # The weights of the rows of A in place of P, which are the shares up to a factor.
        v[support] = weights / form.sum(axis=1)[support]
        v /= v.sum()
        if is_isolated and _is_strict_maximum(form, v, support):
            rows.append(v[np.newaxis])
    return np.concatenate(rows)


def _as_reversible_matrix(P: ArrayLike) -> Array:
    base = as_positive_matrix(P)
    if not is_reversible(base):
        raise ValueError(
            "P must be reversible, but some cycle of three tokens is more probable in one "
            "direction than in the other."
        )
    return base


def _flow_form(P: Array) -> Array:
    form: Array = stationary(P)[:, np.newaxis] * P
    return form


def _is_strict_maximum(form: Array, v: Array, support: NDArray[np.int64]) -> bool:
    height = v @ form @ v
    root = np.sqrt(v[support])
    scaled = root[:, np.newaxis] * form[np.ix_(support, support)] * root
    others = np.linalg.eigvalsh(scaled)[:-1]
    outside = np.delete(form @ v, support) - height
    return bool((np.append(others, outside) < -TOLERANCE * height).all())
