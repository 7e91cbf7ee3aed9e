"""The likelihood of a transition matrix, its curvature, and graph Laplacians.

In the logits ``theta = log P[k]`` of one row the log-likelihood is concave.
Its second derivatives, with the sign turned, are the **Fisher information** of the row.
Tokens i and j that share a prompt add ``p_i p_j`` to it, with p the law of the next token.
So it is the Laplacian of a weighted graph on the tokens, the co-occurrence graph.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import as_transition_matrix, next_token_law
from ccmc_teach.coverage import as_choices, as_queried_counts

__all__ = ["graph_laplacian", "hessian", "log_likelihood", "solve_laplacian"]


def log_likelihood(P: ArrayLike, M: ArrayLike, q: ArrayLike, y: ArrayLike) -> float:
    """Return the log-likelihood of a transition matrix.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix, one probability law a row.
    M : array of shape (n, K)
        Counts or weighted counts, one prompt a row; each holds its own query.
    q : sequence of n tokens
        The query of every prompt.
    y : sequence of n tokens
        The token that came next, one of its own prompt.

    Returns
    -------
    float
        The sum over all prompts of the natural logarithm of the probability of y.
        It is ``-inf`` where P rules out what happened.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above, or if the next-token law is not defined for
        some prompt.

    Examples
    --------
    >>> log_likelihood([[0.5, 0.5], [0.25, 0.75]], M=[[1, 1], [3, 1]], q=[0, 1], y=[1, 1])
    -1.3862943611198906
    """
    counts, query, choice = as_choices(M, q, y)
    chosen = next_token_law(P, counts, query)[np.arange(len(choice)), choice]
    with np.errstate(divide="ignore"):
        return float(np.log(chosen).sum())


def hessian(P: ArrayLike, M: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return the second derivatives of the mean loss in the logits of every row.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix, one probability law a row.
    M : array of shape (n, K)
        Counts or weighted counts, one prompt a row; each holds its own query.
    q : sequence of n tokens
        The query of every prompt.

    Returns
    -------
    ndarray of shape (K, K, K), float64
        Entry ``[k, i, j]`` is the derivative of the mean negative log-likelihood by the logits of
        i and j in row k: the Laplacian ``Lambda_k``.
        It does not depend on what came next, so it is the Fisher information of one prompt too.
        Different rows do not mix.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above, or if the next-token law is not defined for
        some prompt.

    Notes
    -----
    For positive P the rank of ``Lambda_k`` is K less the number of components of the co-occurrence
    graph of row k.

    Examples
    --------
    >>> hessian([[0.5, 0.5], [0.25, 0.75]], M=[[1, 1], [1, 0]], q=[0, 0])[0]
    array([[ 0.125, -0.125],
           [-0.125,  0.125]])
    """
    base = as_transition_matrix(P)
    counts, query = as_queried_counts(M, q)
    law = next_token_law(base, counts, query)
    rows = [law[query == k] for k in range(len(base))]
    return graph_laplacian(np.array([row.T @ row for row in rows]) / len(law))


def graph_laplacian(conductance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Laplacian of a graph with these weights on its edges.

    Parameters
    ----------
    conductance : ndarray of shape (..., K, K)
        Symmetric and not negative; the diagonal is ignored.

    Returns
    -------
    ndarray of shape (..., K, K), float64
        Off the diagonal the weights with a minus sign, on it the sums of each row.

    Examples
    --------
    >>> graph_laplacian(np.array([[9.0, 2.0], [2.0, 0.0]]))
    array([[ 2., -2.],
           [-2.,  2.]])
    """
    nodes = np.arange(conductance.shape[-1])
    edges = conductance.copy()
    edges[..., nodes, nodes] = 0
    laplacian: NDArray[np.float64] = 0 - edges
    # Sums without a subtraction keep the digits of rare tokens.
    laplacian[..., nodes, nodes] = edges.sum(axis=-1)
    return laplacian


def solve_laplacian(
    laplacian: NDArray[np.float64], flows: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the voltages at which these flows leave the nodes of a connected graph.

    Parameters
    ----------
    laplacian : ndarray of shape (..., K, K)
        Laplacians of connected graphs.
    flows : ndarray of shape (..., K, r)
        One right-hand side a column, each with the sum 0.

    Returns
    -------
    ndarray of shape (..., K, r), float64
        A solution x of ``laplacian @ x = flows``.
        It is one of many: voltages are known only up to a constant.

    Examples
    --------
    >>> x = solve_laplacian(np.array([[2.0, -2.0], [-2.0, 2.0]]), np.array([[1.0], [-1.0]]))
    >>> float(x[0, 0] - x[1, 0])
    0.5
    """
    diagonal = np.diagonal(laplacian, axis1=-2, axis2=-1)[..., np.newaxis]
    # In units in which every node has the diagonal 1, rare tokens weigh as much as frequent ones.
    root = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    scaled = laplacian / root / root.swapaxes(-1, -2)
    # The direction that the Laplacian cannot see: all voltages equal.
    blind = root / np.linalg.norm(root, axis=-2, keepdims=True)
    voltages: NDArray[np.float64] = (
        np.linalg.solve(scaled + blind * blind.swapaxes(-1, -2), flows / root) / root
    )
    return voltages
