"""Compute how many prompts it takes until a finite maximum of the likelihood exists.

For each spread of the logits, many transition matrices are drawn.
For each, prompts and next tokens are drawn until a finite maximum exists in every row; the number
of prompts is doubled each time, from `GRID[0]` to `GRID[-1]`.

Run ``python chapters/data/coverage_existence.py`` to write ``coverage_existence.json`` anew; it
takes about two minutes on one processor.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ccmc_teach import chain, coverage
from ccmc_teach.attention import softmax

FILE = Path(__file__).with_suffix(".json")
SEED, DRAWS = 6, 200
K, LENGTH = 8, 8
SPREADS = (1.0, 2.0)
GRID: list[int] = [K**2 * 2**k for k in range(1, 15)]


def transition_matrix(spread: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a matrix whose logits are independent normal numbers of a standard deviation."""
    return softmax(rng.normal(scale=spread, size=(K, K)))


def pairs(
    P: NDArray[np.float64], n: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return counts, queries and next tokens of prompts whose tokens are uniform."""
    prompts = rng.integers(K, size=(n, LENGTH))
    M = chain.counts(prompts, K)
    q = prompts[:, -1]
    steps = chain.next_token_law(P, M, q).cumsum(axis=1)
    y = (steps < rng.random((n, 1)) * steps[:, -1:]).sum(axis=1)
    return M, q, y


def first_with_maximum(spread: float, draw: int) -> int | None:
    """Return the first number of prompts of the grid that is enough, or None."""
    rng = np.random.default_rng([SEED, round(10 * spread), draw])
    P = transition_matrix(spread, rng)
    choices = np.zeros((K, K, K), dtype=bool)
    done = 0
    for n in GRID:
        choices |= coverage.choice_graph(*pairs(P, n - done, rng))
        done = n
        if all(map(strongly_connected, choices)):
            return n
    return None


def strongly_connected(graph: NDArray[np.bool_]) -> bool:
    """Tell whether every token is reached from every other along the edges."""
    reached = graph | np.eye(K, dtype=bool)
    for _ in range(K):
        reached = (reached.astype(int) @ reached.astype(int)) > 0
    return bool(reached.all())


def results() -> dict[str, object]:
    """Return all that the file holds."""
    first = {str(s): [first_with_maximum(s, d) for d in range(DRAWS)] for s in SPREADS}
    return {"seed": SEED, "K": K, "length": LENGTH, "grid": GRID, "first": first}


if __name__ == "__main__":
    FILE.write_text(json.dumps(results()) + "\n", "utf-8")
