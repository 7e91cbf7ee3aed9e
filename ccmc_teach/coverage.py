"""What the prompts must contain before a transition matrix can be learnt from them.

Data are n prompts, each with its query and with the token that came next.
M of shape (n, K) holds their counts, q their queries, y the next tokens.
Every prompt tells about one row of P only, that of its query, so all graphs come row by row:

* Token j is **seen** with query k if some prompt with query k holds j.
* The **co-occurrence graph** of row k joins i and j if some prompt with query k holds both.
* The **choice graph** of row k has an edge from j to i if, with query k, token i came next
  although token j was there as well.
* Row k is **identified** if the law of the next token tells everything about it.
  This is so if and only if its co-occurrence graph is connected.
* The likelihood of row k has a **finite maximum**, one that is attained by positive
  probabilities, if and only if no edge of its choice graph is one-way: from each end of it a
  path of edges leads back to the other.
  Otherwise some probabilities are driven towards 0 for ever.

One fact makes both questions easy.
The query is the last token of its own prompt, so token k stands in every prompt of row k.
It is a **hub**: the co-occurrence graph joins it to every token that was seen, and the choice
graph joins it to them directly or through the token that was chosen.
All other tokens are islands without any edge.
So row k is identified if and only if every token was seen with query k.
An edge of the choice graph leads from k to every other token that was ever chosen.
So no edge is one-way if and only if every token that was seen was also chosen at least once, and
leads to k along a path of choices.
Neither takes a search for components.

In the theory of choice the criterion for a finite maximum is that of Ford (1957).
Its form for the rows of a transition matrix is derived in the course.

References
----------
L. R. Ford, "Solution of a Ranking Problem from Binary Comparisons", American Mathematical Monthly
64, 1957.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import as_prompt, as_real_array, as_transition_matrix, next_token_law

__all__ = [
    "as_choices",
    "as_queried_counts",
    "choice_graph",
    "co_occurrence",
    "effective_resistance",
    "has_finite_mle",
    "is_identified",
    "leads_to_query",
    "seen",
    "twin",
]

# A Laplacian written by hand with nine digits passes, one that lost an entry does not.
LAPLACIAN_TOLERANCE = 1e-8


def seen(M: ArrayLike, q: ArrayLike) -> NDArray[np.bool_]:
    """Return which tokens were seen with which query.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts or weighted counts, one prompt a row; each holds its own query.
    q : sequence of n tokens
        The query of every prompt.

    Returns
    -------
    ndarray of shape (K, K), bool
        Entry ``[k, j]``: some prompt with query k holds token j.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above.

    Examples
    --------
    >>> seen([[1, 2, 0], [0, 1, 0]], q=[0, 1])
    array([[ True,  True, False],
           [False,  True, False],
           [False, False, False]])
    """
    counts, query = as_queried_counts(M, q)
    return _tokens_together(counts, query, counts.shape[1])


def co_occurrence(M: ArrayLike, q: ArrayLike) -> NDArray[np.bool_]:
    """Return the co-occurrence graph of every row: which tokens share a prompt.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts or weighted counts, one prompt a row; each holds its own query.
    q : sequence of n tokens
        The query of every prompt.

    Returns
    -------
    ndarray of shape (K, K, K), bool
        Entry ``[k, i, j]``: some prompt with query k holds both i and j, with i != j.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above.

    Examples
    --------
    >>> co_occurrence([[1, 2, 0], [0, 1, 0]], q=[0, 1])[0]
    array([[False,  True, False],
           [ True, False, False],
           [False, False, False]])
    """
    counts, query = as_queried_counts(M, q)
    # In float32 numpy multiplies with BLAS; sums of ones never come back to 0.
    present = (counts > 0).astype(np.float32)
    rows = [present[query == k] for k in range(counts.shape[1])]
    return _without_loops(np.array([row.T @ row > 0 for row in rows]))


def choice_graph(M: ArrayLike, q: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]:
    """Return the choice graph of every row: which token came next in whose presence.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts or weighted counts, one prompt a row; each holds its own query.
    q : sequence of n tokens
        The query of every prompt.
    y : sequence of n tokens
        The token that came next, one of its own prompt.

    Returns
    -------
    ndarray of shape (K, K, K), bool
        Entry ``[k, j, i]`` is an edge from j to i: with query k, token i was chosen at least
        once while j != i was present.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above.

    Examples
    --------
    >>> choice_graph([[1, 2, 0], [0, 1, 0]], q=[0, 1], y=[1, 1])[0]
    array([[False,  True, False],
           [False, False, False],
           [False, False, False]])
    """
    present = _present_at_choices(*as_choices(M, q, y))
    return _without_loops(present.swapaxes(1, 2))


def is_identified(M: ArrayLike, q: ArrayLike) -> NDArray[np.bool_]:
    """Return for each row whether the prompts can tell it from every other row.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts or weighted counts, one prompt a row; each holds its own query.
    q : sequence of n tokens
        The query of every prompt.

    Returns
    -------
    ndarray of shape (K,), bool
        True for row k if every token was seen with query k.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above.

    Notes
    -----
    If the prompts do not identify a row, more of the same prompts do not either:
    :func:`twin` then returns another matrix that fits just as well.

    Examples
    --------
    >>> is_identified([[1, 2], [0, 1]], q=[0, 1])
    array([ True, False])
    """
    has_all: NDArray[np.bool_] = np.all(seen(M, q), axis=1)
    return has_all


def has_finite_mle(M: ArrayLike, q: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]:
    """Return for each row whether its likelihood has a maximum at positive probabilities.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts or weighted counts, one prompt a row; each holds its own query.
    q : sequence of n tokens
        The query of every prompt.
    y : sequence of n tokens
        The token that came next, one of its own prompt.

    Returns
    -------
    ndarray of shape (K,), bool
        True for row k if no edge of its choice graph is one-way.
        Tokens that were never seen with k do no harm here: they leave the likelihood as it is.
        For the same reason a row whose query never occurs has its maximum everywhere.
        The maximum is a single point if and only if the row is identified as well.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above.

    Examples
    --------
    With query 0, token 1 was chosen and token 0 was not.
    The estimate of ``P[0, 1] / P[0, 0]`` grows for ever.
    One choice of token 0 puts an end to it.

    >>> has_finite_mle([[1, 1], [1, 1]], q=[0, 0], y=[1, 1])
    array([False,  True])
    >>> has_finite_mle([[1, 1], [1, 1]], q=[0, 0], y=[1, 0])
    array([ True,  True])
    """
    present = _present_at_choices(*as_choices(M, q, y))
    together, is_chosen = present.any(axis=1), present.any(axis=2)
    is_fine = ~together | (is_chosen & _leading_back(present))
    is_finite: NDArray[np.bool_] = np.all(is_fine, axis=1)
    return is_finite


def leads_to_query(graph: ArrayLike) -> NDArray[np.bool_]:
    """Return for each row which tokens lead to the query along a path of choices.

    Parameters
    ----------
    graph : array of shape (K, K, K), bool
        Choice graphs as :func:`choice_graph` returns them.

    Returns
    -------
    ndarray of shape (K, K), bool
        Entry ``[k, j]``: edges of ``graph[k]`` lead from j to k.
        Every token leads to itself.

    Raises
    ------
    ValueError
        If the array is no table of K graphs on K tokens.

    Examples
    --------
    >>> leads_to_query(choice_graph([[1, 1], [1, 1]], q=[0, 1], y=[0, 0]))
    array([[ True,  True],
           [False,  True]])
    """
    edges = np.asarray(graph)
    if edges.dtype != bool or edges.ndim != 3 or len(set(edges.shape)) != 1 or edges.size == 0:
        raise ValueError(
            "graph must be a boolean array of shape (K, K, K), got the type "
            f"{edges.dtype} and the shape {edges.shape}."
        )
    # No copy is made of what choice_graph returns, which is laid out like this already.
    return _leading_back(np.ascontiguousarray(edges.swapaxes(1, 2)))


def twin(P: ArrayLike, M: ArrayLike, q: ArrayLike) -> NDArray[np.float64] | None:
    """Return another transition matrix that these prompts cannot tell from P.

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
    ndarray of shape (K, K), float64, or None
        A matrix that differs from P in every row that is not identified, and in no other.
        :func:`ccmc_teach.chain.next_token_law` returns the same numbers for both, bit for bit.
        So the likelihood of any next tokens is the same too.
        ``None`` if every row is identified.

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above, if the next-token law is not defined for
        some prompt, or if a row to be changed holds entries so small that no half of them exists.

    Notes
    -----
    In a row that is not identified, the tokens seen with its query keep half of their probability.
    The tokens never seen share the rest in their old proportion, or evenly if they had nothing.
    Only ratios between tokens that were seen reach the law, and halves are exact in floating point.
    A row whose query never occurs can be anything; here its likeliest token is halved.

    Examples
    --------
    >>> P = [[0.5, 0.25, 0.25], [0.2, 0.2, 0.6], [0.1, 0.8, 0.1]]
    >>> M, q = [[2, 1, 0], [1, 1, 1], [1, 1, 1]], [0, 1, 2]
    >>> twin(P, M, q)
    array([[0.25 , 0.125, 0.625],
           [0.2  , 0.2  , 0.6  ],
           [0.1  , 0.8  , 0.1  ]])
    """
    base = as_transition_matrix(P)
    next_token_law(base, M, q)
    together = seen(M, q)
    is_open = ~is_identified(M, q)
    if not is_open.any():
        return None
    for k in np.flatnonzero(is_open):
        halved = together[k] if together[k].any() else np.arange(len(base)) == base[k].argmax()
        base[k] = _shifted(base[k], halved, f"row {k} of P")
    return base


def effective_resistance(laplacian: ArrayLike) -> NDArray[np.float64]:
    """Return the effective resistance between all nodes of a weighted graph.

    Parameters
    ----------
    laplacian : array of shape (..., K, K)
        Graph Laplacians; leading axes are a batch.
        Off the diagonal stands the conductance of an edge with a minus sign, or 0 for no edge;
        the diagonal makes every row sum to 0.

    Returns
    -------
    ndarray of shape (..., K, K), float64
        Entry ``[..., i, j]`` is the voltage between i and j when a current of 1 flows from i to j;
        infinite if no path joins them, and 0 for i = j.

    Raises
    ------
    ValueError
        If a matrix is not symmetric, has a positive entry off the diagonal, or a row whose sum is
        not 0, within 1e-8 of its largest entry.

    Notes
    -----
    With the Laplacian of :func:`ccmc_teach.estimation.hessian`, resistance [k, i, j] divided by
    the number of prompts is the asymptotic variance of the estimated log-odds of i against j in
    row k; the course derives this.

    Nodes leave one by one from the last.
    The edges of the node that leaves become edges between its neighbours, so that no resistance
    among the others changes: the star-mesh transform.
    It adds, multiplies and divides numbers that are not negative, so it loses no digits.
    Then the nodes come back in turn.
    A node that hangs on the others with the total conductance c, a share s_i of it towards i, has
    the resistance ``1 / c + sum_i s_i R_ij - sum_{i, l} s_i s_l R_il / 2`` to node j.
    No resistance to that node is below 1 / c, so this one subtraction can make rounding errors
    grow by a factor of K + 1 at most.

    Examples
    --------
    >>> effective_resistance([[2.0, -2.0, 0.0], [-2.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    array([[0. , 0.5, inf],
           [0.5, 0. , inf],
           [inf, inf, 0. ]])
    """
    conductance = _as_conductances(laplacian)
    K = conductance.shape[-1]
    totals, shares = np.zeros(conductance.shape[:-1]), np.zeros_like(conductance)
    for k in range(K - 1, 0, -1):
        edges = conductance[..., k, :k]
        totals[..., k] = edges.sum(axis=-1)
        shares[..., k, :k] = _divided(edges, totals[..., k, np.newaxis])
        conductance[..., :k, :k] += edges[..., :, np.newaxis] * shares[..., k, np.newaxis, :k]
    resistance = np.zeros_like(conductance)
    for k in range(1, K):
        to_others = _mixed(resistance[..., :k, :k], shares[..., k, :k])
        spread = _mixed(to_others[..., np.newaxis], shares[..., k, :k]) / 2
        with np.errstate(divide="ignore", over="ignore"):
            to_others += 1 / totals[..., k, np.newaxis] - spread
        resistance[..., k, :k] = resistance[..., :k, k] = to_others
    return resistance


def as_queried_counts(M: ArrayLike, q: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return checked copies of counts and queries.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts or weighted counts, none negative; each row has a positive count of its own query.
    q : sequence of n tokens
        The query of every prompt; at least one.

    Returns
    -------
    M : ndarray of shape (n, K), float64
    q : ndarray of shape (n,), int64

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above.

    Examples
    --------
    >>> as_queried_counts([[1, 2], [0, 1]], q=[0, 1])
    (array([[1., 2.],
           [0., 1.]]), array([0, 1]))
    """
    counts = as_real_array(M, "M", ndim=2)
    if counts.size == 0:
        raise ValueError(
            "M must hold the counts of at least one prompt and one token, got an array of shape "
            f"{counts.shape}."
        )
    if counts.min() < 0:
        i, j = np.argwhere(counts < 0)[0]
        raise ValueError(f"M must not have negative counts, got M[{i}, {j}] = {counts[i, j]}.")
    query = _as_tokens_of_prompts(q, counts, "q")
    return counts, query


def as_choices(
    M: ArrayLike, q: ArrayLike, y: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return checked copies of counts, queries and next tokens.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts or weighted counts, none negative; each row has a positive count of its own query.
    q : sequence of n tokens
        The query of every prompt; at least one.
    y : sequence of n tokens
        The token that came next, with a positive count in its own prompt: attention copies.

    Returns
    -------
    M : ndarray of shape (n, K), float64
    q : ndarray of shape (n,), int64
    y : ndarray of shape (n,), int64

    Raises
    ------
    ValueError
        If shapes, tokens or numbers are not as above.

    Examples
    --------
    >>> as_choices([[1, 2]], q=[0], y=[1])
    (array([[1., 2.]]), array([0]), array([1]))
    """
    counts, query = as_queried_counts(M, q)
    return counts, query, _as_tokens_of_prompts(y, counts, "y")


def _as_tokens_of_prompts(
    tokens: ArrayLike, counts: NDArray[np.float64], name: str
) -> NDArray[np.int64]:
    n, K = counts.shape
    checked = as_prompt(tokens, K=K, name=name)
    if len(checked) != n:
        raise ValueError(
            f"{name} must hold one token for each of the {n} prompts, got {len(checked)}."
        )
    is_absent = counts[np.arange(n), checked] == 0
    if is_absent.any():
        row = int(is_absent.argmax())
        raise ValueError(
            f"{name} must hold a token of each prompt, but prompt {row} has no count of "
            f"{name}[{row}] = {checked[row]}."
        )
    return checked


def _tokens_together(
    counts: NDArray[np.float64], group: NDArray[np.int64], groups: int
) -> NDArray[np.bool_]:
    """Return, for each group of prompts, the tokens that its prompts hold: (groups, K)."""
    n, K = counts.shape
    cells = np.flatnonzero(counts > 0)
    # How far it is from the cells of a prompt to those of its group.
    way = (group - np.arange(n)) * K
    together = np.zeros(groups * K, dtype=bool)
    together[cells + way[cells // K]] = True
    return together.reshape(groups, K)


def _present_at_choices(
    counts: NDArray[np.float64], query: NDArray[np.int64], choice: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return ``[k, i, j]``: with query k, i was chosen while j was present, j = i included."""
    K = counts.shape[1]
    return _tokens_together(counts, query * K + choice, K * K).reshape(K, K, K)


def _without_loops(graph: NDArray[np.bool_]) -> NDArray[np.bool_]:
    nodes = np.arange(graph.shape[-1])
    graph[..., nodes, nodes] = False
    return graph


def _leading_back(present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return ``[k, j]``: j leads to k, where edges go from the present j to the chosen i."""
    nodes = np.arange(len(present))
    # The first step needs no product: with query k it is row k.
    back: NDArray[np.bool_] = present[nodes, nodes] | np.eye(len(present), dtype=bool)
    while not back.all():
        wider = back | (back[:, np.newaxis, :] @ present)[:, 0, :]
        if (wider == back).all():
            break
        back = wider
    return back


def _shifted(row: NDArray[np.float64], halved: NDArray[np.bool_], name: str) -> NDArray[np.float64]:
    """Return a law that gives some tokens half of what they had, and the others the rest."""
    kept = row[halved] / 2
    if (kept * 2 != row[halved]).any():
        raise ValueError(
            f"P must not hold numbers without an exact half in float64, got {row[halved].min()} in "
            f"{name}."
        )
    others = row[~halved] if row[~halved].any() else np.ones(np.count_nonzero(~halved))
    shifted = np.empty_like(row)
    shifted[halved] = kept
    shifted[~halved] = others / others.sum() * (1 - kept.sum())
    return shifted


def _as_conductances(laplacian: ArrayLike) -> NDArray[np.float64]:
    matrix = as_real_array(laplacian, "laplacian")
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2] or matrix.size == 0:
        raise ValueError(
            f"laplacian must be square with a row for every node, got an array of shape "
            f"{matrix.shape}."
        )
    unit = LAPLACIAN_TOLERANCE * np.abs(matrix).max(axis=(-1, -2))
    skew = np.abs(matrix - matrix.swapaxes(-1, -2)).max(axis=(-1, -2))
    if (skew > unit).any():
        raise ValueError(
            f"laplacian must be symmetric, got entries [i, j] and [j, i] {skew.max()} apart."
        )
    sums = np.abs(matrix.sum(axis=-1)).max(axis=-1)
    if (sums > unit).any():
        raise ValueError(f"every row of laplacian must sum to 0, got a sum of {sums.max()}.")
    nodes = np.arange(matrix.shape[-1])
    matrix[..., nodes, nodes] = 0
    if matrix.max() > 0:
        raise ValueError(
            f"laplacian must not have positive entries off the diagonal, got {matrix.max()}."
        )
    conductance: NDArray[np.float64] = -(matrix + matrix.swapaxes(-1, -2)) / 2
    return conductance


def _divided(edges: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shares of the edges in their total, and nothing where there is no edge."""
    return np.divide(edges, total, out=np.zeros_like(edges), where=total > 0)


def _mixed(resistance: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of the rows with these shares; what has no share may be infinite."""
    # 0 times infinity would be NaN.
    weight = shares[..., :, np.newaxis]
    known = np.where(weight > 0, resistance, 0.0)
    mean: NDArray[np.float64] = (weight * known).sum(axis=-2)
    return mean
