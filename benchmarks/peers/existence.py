"""Whether the likelihood has a finite maximum, by graph libraries.

Every function here returns a test of K graphs, an array of shape (K, K, K) with an edge from j to
i at ``[k, j, i]``: which of them lead from everywhere to everywhere.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Graphs = NDArray[np.bool_]
Test = Callable[[Graphs], NDArray[np.bool_]]


def scipy_components() -> Test:
    """Return the test by the strong components of SciPy."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    def test(graphs: Graphs) -> NDArray[np.bool_]:
        found = [
            connected_components(csr_array(graph), connection="strong", return_labels=False)
            for graph in graphs
        ]
        return np.asarray(np.array(found) == 1)

    return test


def networkx_components() -> Test:
    """Return the test by NetworkX."""
    import networkx

    def test(graphs: Graphs) -> NDArray[np.bool_]:
        found = []
        for graph in graphs:
            directed = networkx.DiGraph()
            directed.add_nodes_from(range(len(graph)))
            directed.add_edges_from(np.argwhere(graph).tolist())
            found.append(networkx.is_strongly_connected(directed))
        return np.array(found)

    return test


def choices(M: NDArray[np.float64], q: NDArray[np.int64], y: NDArray[np.int64]) -> Graphs:
    """Return who was chosen over whom, query by query.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts of the prompts.
    q, y : arrays of shape (n,)
        Queries and next tokens.

    Returns
    -------
    ndarray of shape (K, K, K), bool
        ``[k, j, i]``: with query k, i was chosen while another token j was present.

    Examples
    --------
    >>> choices(np.array([[1.0, 1.0]]), q=np.array([0]), y=np.array([1]))[0]
    array([[False,  True],
           [False, False]])
    """
    K = M.shape[1]
    # One matrix product for each query counts how often each pair came.
    graphs = np.empty((K, K, K), dtype=bool)
    for k in range(K):
        mine = q == k
        present = (M[mine] > 0).astype(np.float32)
        graphs[k] = present.T @ np.eye(K, dtype=np.float32)[y[mine]] > 0
        np.fill_diagonal(graphs[k], False)
    return graphs
