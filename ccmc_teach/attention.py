"""One layer of self-attention, and the way between its weights and a transition matrix.

The layer of this room is the one that the course starts from:

* The **embeddings** E of shape (K, d) give token k the vector ``e_k``, which is row k.
* The **key-query matrix** W of shape (d, d) gives position i of a prompt x of length L the score
  ``e_{x_i}^T W e_{x_L}``; softmax turns the scores of a prompt into attention weights.
  There is one head, the values are the embeddings themselves, and nothing scales the scores.
* The **read-out** C of shape (K, d) satisfies ``C E^T = I``.
  It turns the output of the layer into the law of the next token, without a second softmax.
  Such a C exists if and only if the rows of E are linearly independent, so d >= K is needed;
  of all such C the course takes ``(E E^T)^{-1} E``.
* The **position vectors** U of shape (L_max, d), if there are any, are added to the embeddings
  where scores are computed: row i - 1 belongs to position i, counted from the start of the prompt.
  The values stay without positions.
* The **subspace** ``S_E`` is the span of all ``(e_i - e_j) e_k^T``, of dimension K (K - 1).
  It holds all of W that the transition matrix can tell.

Nothing here counts tokens: the next-token law comes out of the layer by linear algebra alone,
so that it can be held against the chain of :mod:`ccmc_teach.chain`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import as_prompt, as_real_array, as_transition_matrix

__all__ = [
    "as_layer",
    "attention_law",
    "attention_weights",
    "key_query_matrix",
    "project",
    "softmax",
    "transition_matrix",
]

# Below this ratio of singular values half of the digits of float64 are already lost in C.
SMALLEST_RELATIVE_SINGULAR_VALUE = 1e-10


def softmax(scores: ArrayLike) -> NDArray[np.float64]:
    """Turn scores into a probability law along the last axis.

    Parameters
    ----------
    scores : array of shape (..., L)
        Real numbers; ``-inf`` masks an entry, but not all entries of a row.

    Returns
    -------
    ndarray of shape (..., L), float64
        ``exp(scores)`` divided by its sum along the last axis, free of overflow.

    Raises
    ------
    ValueError
        If a score is NaN or ``+inf``, or if a row is empty or masked altogether.

    Examples
    --------
    >>> softmax([0.0, 0.0, -np.inf])
    array([0.5, 0.5, 0. ])
    """
    array = as_real_array(scores, "scores", finite=False)
    if array.ndim == 0 or array.shape[-1] == 0:
        raise ValueError(f"scores must hold at least one score a row, got shape {array.shape}.")
    top = array.max(axis=-1, keepdims=True)
    if not np.isfinite(top).all():
        bad = top[~np.isfinite(top)][0]
        raise ValueError(
            "scores must be numbers or -inf, with a finite number in every row, "
            f"got a row with the maximum {bad}."
        )
    with np.errstate(over="ignore", under="ignore"):
        odds = np.exp(array - top)
    law: NDArray[np.float64] = odds / odds.sum(axis=-1, keepdims=True)
    return law


def attention_weights(
    prompt: ArrayLike, W: ArrayLike, E: ArrayLike, U: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Return the attention that the last position of a prompt pays to every position.

    Parameters
    ----------
    prompt : sequence of L tokens
        Its last token is the query.
    W : array of shape (d, d)
        Key-query matrix.
    E : array of shape (K, d)
        Embeddings; here d may be smaller than K.
    U : array of shape (L_max, d), optional
        Position vectors, with L_max >= L.

    Returns
    -------
    ndarray of shape (L,), float64
        Positive weights that sum to 1, up to rounding.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above, or if the scores leave the range of float64.

    Examples
    --------
    >>> W = np.log([[1.0, 1.0], [3.0, 1.0]])
    >>> attention_weights([0, 1, 0], W, E=np.eye(2))
    array([0.2, 0.6, 0.2])
    """
    key_query, embeddings = as_layer(W, E)
    tokens = as_prompt(prompt, K=len(embeddings))
    vectors = embeddings[tokens]
    if U is not None:
        vectors += _as_position_vectors(U, vectors)
    with np.errstate(over="ignore", invalid="ignore"):
        scores = vectors @ (key_query @ vectors[-1])
    _refuse_overflow(scores, "W, E and U must give scores")
    return softmax(scores)


def attention_law(
    prompt: ArrayLike, W: ArrayLike, E: ArrayLike, U: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Return the law of the next token as the attention layer itself computes it.

    Parameters
    ----------
    prompt : sequence of L tokens
        Its last token is the query.
    W : array of shape (d, d)
        Key-query matrix.
    E : array of shape (K, d)
        Embeddings with linearly independent rows, so d >= K.
    U : array of shape (L_max, d), optional
        Position vectors, with L_max >= L.

    Returns
    -------
    ndarray of shape (K,), float64
        ``C X^T s``: the rows of X are the embeddings of the prompt, s its attention weights.
        Entries sum to 1 up to rounding.
        Those of tokens that the prompt lacks are 0 up to rounding of either sign.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above, or if no read-out exists because d < K or
        because the rows of E depend on each other.

    Notes
    -----
    Ildiz et al. (2024) establish the link from this law to a Markov chain.
    Nothing here makes use of it.

    References
    ----------
    M. E. Ildiz, Y. Huang, Y. Li, A. S. Rawat, S. Oymak, "From Self-Attention to Markov Models:
    Unveiling the Dynamics of Generative Transformers", Proceedings of the 41st International
    Conference on Machine Learning, PMLR 235:20955-20982, 2024.

    Examples
    --------
    >>> W = np.log([[1.0, 1.0], [3.0, 1.0]])
    >>> attention_law([0, 1, 0], W, E=np.eye(2))
    array([0.4, 0.6])
    """
    weights = attention_weights(prompt, W, E, U)
    embeddings = _as_embeddings(E)
    read_out = _read_out(embeddings)
    output = weights @ embeddings[as_prompt(prompt, K=len(embeddings))]
    return read_out @ output


def transition_matrix(W: ArrayLike, E: ArrayLike) -> NDArray[np.float64]:
    """Return the base transition matrix that a key-query matrix holds.

    Parameters
    ----------
    W : array of shape (d, d)
        Key-query matrix.
    E : array of shape (K, d)
        Embeddings; here d may be smaller than K.

    Returns
    -------
    ndarray of shape (K, K), float64
        ``P[q, j]`` is the softmax over j of ``e_j^T W e_q``.
        Its entries are positive, but a log-odds beyond about 745 rounds to 0.

    Raises
    ------
    ValueError
        If shapes or numbers are not as above, or if the scores leave the range of float64.

    Examples
    --------
    >>> transition_matrix(np.log([[1.0, 1.0], [3.0, 1.0]]), E=np.eye(2))
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """
    key_query, embeddings = as_layer(W, E)
    with np.errstate(over="ignore", invalid="ignore"):
        scores = embeddings @ key_query @ embeddings.T
    _refuse_overflow(scores, "W and E must give scores")
    return softmax(scores.T)


def key_query_matrix(P: ArrayLike, E: ArrayLike) -> NDArray[np.float64]:
    """Return the one key-query matrix in ``S_E`` that holds a given transition matrix.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix with positive entries.
    E : array of shape (K, d)
        Embeddings with linearly independent rows, so d >= K.

    Returns
    -------
    ndarray of shape (d, d), float64
        The W in ``S_E`` with ``transition_matrix(W, E) == P`` up to rounding.

    Raises
    ------
    ValueError
        If P is no transition matrix or has an entry of 0, which no finite W can give,
        or if the rows of E depend on each other.

    Notes
    -----
    With ``G = E E^T`` and the vector 1 of ones, the closed form is
    ``W = E^T G^{-1} (I - 1 1^T G^{-1} / (1^T G^{-1} 1)) (log P)^T G^{-1} E``.
    The bracket moves every column of log-odds to the one representative that lies in ``S_E``.
    This closed form is derived in the course.

    Examples
    --------
    >>> W = key_query_matrix([[0.25, 0.75], [0.5, 0.5]], E=np.eye(2))
    >>> transition_matrix(W, E=np.eye(2))
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """
    base = as_transition_matrix(P)
    embeddings = _as_embeddings(E)
    if len(base) != len(embeddings):
        raise ValueError(
            f"E must hold one row for each of the {len(base)} tokens of P, got {len(embeddings)}."
        )
    if (base == 0).any():
        q, j = np.argwhere(base == 0)[0]
        raise ValueError(
            f"P must have positive entries for W to be finite, got P[{q}, {j}] = 0, whose "
            "logarithm is -inf."
        )
    read_out = _read_out(embeddings)
    logits = np.log(base).T
    with np.errstate(over="ignore", invalid="ignore"):
        # Row sums of (E E^T)^{-1} = C C^T.
        sums = read_out @ read_out.sum(axis=0)
        logits -= sums @ logits / sums.sum()
        key_query = read_out.T @ logits @ read_out
    _refuse_overflow(key_query, "E must give a W")
    return key_query


def project(W: ArrayLike, E: ArrayLike) -> NDArray[np.float64]:
    """Return the orthogonal projection of a key-query matrix onto ``S_E``.

    Parameters
    ----------
    W : array of shape (d, d)
        Key-query matrix.
    E : array of shape (K, d)
        Embeddings with linearly independent rows, so d >= K.

    Returns
    -------
    ndarray of shape (d, d), float64
        The matrix of ``S_E`` nearest to W in the Frobenius norm.
        It has the same transition matrix as W.

    Raises
    ------
    ValueError
        If shapes or numbers are not as above, or if the rows of E depend on each other.

    Notes
    -----
    Matrices of ``S_E`` map the span R of the embeddings into the span D of their differences and
    send everything orthogonal to R to 0, so the projection of W is ``Pi_D W Pi_R``.
    All embeddings lie in one hyperplane of R, with the normal vector ``v = C^T 1``.
    Their differences are what is orthogonal to v, hence ``Pi_D = Pi_R - v v^T / (v^T v)``.

    Examples
    --------
    >>> project([[4.0, 0.0], [0.0, 2.0]], E=np.eye(2))
    array([[ 2., -1.],
           [-2.,  1.]])
    """
    key_query, embeddings = as_layer(W, E)
    left, singular, right = _singular_value_decomposition(embeddings)
    # The smallest singular value as the unit keeps v in range; only its direction matters.
    normal = (left.sum(axis=0) * (singular[-1] / singular)) @ right
    normal /= np.linalg.norm(normal)
    onto_span = right.T @ right
    onto_differences = onto_span - np.outer(normal, normal)
    with np.errstate(over="ignore", invalid="ignore"):
        projection = onto_differences @ key_query @ onto_span
    _refuse_overflow(projection, "W must have a projection")
    return projection


def as_layer(W: ArrayLike, E: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return checked copies of the weights of a layer; d may be smaller than K.

    Parameters
    ----------
    W : array of shape (d, d)
        Key-query matrix.
    E : array of shape (K, d)
        Embeddings, one token a row.

    Returns
    -------
    W : ndarray of shape (d, d), float64
    E : ndarray of shape (K, d), float64

    Raises
    ------
    ValueError
        If shapes or numbers are not as above.

    Examples
    --------
    >>> W, E = as_layer([[2]], [[1], [3]])
    >>> W.shape, E.shape
    ((1, 1), (2, 1))
    """
    embeddings = _as_embeddings(E)
    key_query = as_real_array(W, "W", ndim=2)
    d = embeddings.shape[1]
    if key_query.shape != (d, d):
        raise ValueError(
            f"W must have the shape ({d}, {d}) for embeddings E of dimension d = {d}, got "
            f"{key_query.shape}."
        )
    return key_query, embeddings


def _as_embeddings(E: ArrayLike) -> NDArray[np.float64]:
    embeddings = as_real_array(E, "E", ndim=2)
    if embeddings.size == 0:
        raise ValueError(
            f"E must hold a vector for every token, got an array of shape {embeddings.shape}."
        )
    return embeddings


def _as_position_vectors(U: ArrayLike, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    positions = as_real_array(U, "U", ndim=2)
    length, d = vectors.shape
    if positions.shape[1] != d or len(positions) < length:
        raise ValueError(
            f"U must hold a vector of dimension d = {d} for each of the {length} positions of the "
            f"prompt, got an array of shape {positions.shape}."
        )
    return positions[:length]


def _singular_value_decomposition(
    embeddings: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return left (K, K), singular values (K,) and right (K, d) of independent embeddings."""
    K, d = embeddings.shape
    if d < K:
        raise ValueError(
            f"E must have d >= K for its rows to be linearly independent and a read-out C with "
            f"C E^T = I to exist, got K = {K} tokens in dimension d = {d}."
        )
    left, singular, right = np.linalg.svd(embeddings, full_matrices=False)
    is_small = singular <= SMALLEST_RELATIVE_SINGULAR_VALUE * singular[0]
    if is_small.any():
        ratio = singular[-1] / singular[0] if singular[0] > 0 else 0.0
        raise ValueError(
            f"E must have linearly independent rows, got rank {K - is_small.sum()} for K = {K} "
            f"rows (smallest singular value {ratio:.1g} of the largest, needed "
            f"{SMALLEST_RELATIVE_SINGULAR_VALUE:.0e})."
        )
    return left, singular, right


def _read_out(embeddings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return C = (E E^T)^{-1} E."""
    left, singular, right = _singular_value_decomposition(embeddings)
    # Through the singular values, because E E^T would square their spread.
    with np.errstate(over="ignore", invalid="ignore"):
        read_out: NDArray[np.float64] = (left / singular) @ right
    _refuse_overflow(read_out, "E must have a read-out C")
    return read_out


def _refuse_overflow(result: NDArray[np.float64], need: str) -> None:
    if not np.isfinite(result).all():
        raise ValueError(f"{need} within the range of float64, got numbers beyond it.")
