"""The exact law of a text, by passing probabilities from step to step.

Last token and counts are all that the next token depends on, so the law of this pair after t + 1
tokens follows from its law after t.
There are about t**(K - 1) pairs of counts, which makes this a tool for small K: the oracle that
samplers are held against, and the law of the course's small examples without any luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import as_transition_matrix, as_whole_number
from ccmc_teach.decoding import Rule
from ccmc_teach.generation.ensemble import as_times
from ccmc_teach.generation.memory import Memory, memory_of
from ccmc_teach.generation.rule import as_rule
from ccmc_teach.generation.start import Array, Start, nothing_to_attend_to, start_of

__all__ = ["exact_law", "exact_laws"]

MOST_TOKENS_OF_VOCABULARY = 4
MOST_BYTES = 10**9
# The law before a step, the law after it, counts and flows, all of the same size.
ARRAYS_AT_ONCE = 5


def exact_law(
    P: ArrayLike,
    prompt: ArrayLike,
    T: int,
    *,
    positions: str = "uniform",
    rules: Rule | None = None,
    **parameters: Any,
) -> Array:
    """Return the law of the counts and the last token after T generated tokens.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix, one probability law a row; K is at most 4.
    prompt : sequence of L tokens
        The tokens to start from, at least one.
    T : int
        How many tokens are generated.
    positions : str
        ``uniform`` or ``sink``: with the other kinds the law depends on the order of the tokens,
        which the counts forget.
    rules : Rule, optional
        Decoding rules from :func:`ccmc_teach.decoding.rules`.
    **parameters
        What the kind of position weights takes.

    Returns
    -------
    ndarray of shape (T+1,) * (K-1) + (K,), float64
        Entry ``[a_1, ..., a_(K-1), q]`` is the probability that token j was generated ``a_j``
        times for every j from 1 to K - 1, so that token 0 was generated the other times, and that
        q is the last token of the text.

    Raises
    ------
    ValueError
        If an argument is not as above, if a query can attend to nothing, or if the work would
        need more than about 1 GB.

    Examples
    --------
    >>> exact_law([[0.5, 0.5], [0.5, 0.5]], prompt=[0, 1], T=2).sum(axis=1)
    array([0.33333333, 0.33333333, 0.33333333])
    """
    steps = as_whole_number(T, "T", least=0)
    return next(exact_laws(P, prompt, [steps], positions=positions, rules=rules, **parameters))


def exact_laws(
    P: ArrayLike,
    prompt: ArrayLike,
    times: Sequence[int] | NDArray[np.integer[Any]],
    *,
    positions: str = "uniform",
    rules: Rule | None = None,
    **parameters: Any,
) -> Iterator[Array]:
    """Yield the law at each of several times, all at the cost of the last one.

    Parameters
    ----------
    P, prompt, positions, rules, **parameters
        As in :func:`ccmc_teach.generation.exact_law`.
    times : sequence of whole numbers
        Numbers of generated tokens, each larger than the one before.

    Yields
    ------
    ndarray of shape (t+1,) * (K-1) + (K,), float64
        The law after t tokens, for every t in turn.

    Raises
    ------
    ValueError
        As in :func:`exact_law`, and before the first law is asked for.

    Examples
    --------
    >>> for law in exact_laws([[0.5, 0.5], [0.5, 0.5]], prompt=[0, 1], times=[1, 3]):
    ...     print(law.sum(axis=1))
    [0.5 0.5]
    [0.25 0.25 0.25 0.25]
    """
    start = start_of(as_transition_matrix(P), prompt)
    moments = as_times(times)
    _refuse_large(start.K, moments[-1])
    memory = memory_of(positions, len(start.prompt), moments[-1], parameters)
    if positions not in ("uniform", "sink"):
        raise ValueError(
            f"positions must be uniform or sink for an exact law, got {positions}, with which the "
            "law depends on the order of the tokens, and counts forget the order: simulate and "
            "simulate_many draw such texts."
        )
    step = _Step(start, moments[-1], as_rule(rules), memory)
    return _laws(step, start, moments)


def _laws(step: _Step, start: Start, times: list[int]) -> Iterator[Array]:
    law, t = step.first_law(), 0
    for time in times:
        while t < time:
            law = step(law, t)
            t += 1
        yield _widened(law, start, t)


class _Step:
    """One more token: from the law after t of them to the law after t + 1."""

    def __init__(self, start: Start, T: int, rule: Rule | None, memory: Memory) -> None:
        self._start, self._rule = start, rule
        self._mass = float(memory.parameters.get("mass", 0))
        sinks = start.prompt[: int(memory.parameters.get("first", 1))]
        self._sink_shares = np.bincount(sinks, minlength=start.k) / len(sinks)
        # Counts of all tokens in every cell, but that of token 0 still lacks t.
        added = np.indices((T + 1,) * (start.k - 1), dtype=np.float64)
        self._counts_at_0 = np.stack([-added.sum(axis=0), *added], axis=-1) + start.counts()

    def first_law(self) -> Array:
        """Return the law of the prompt itself."""
        k = self._start.k
        law = np.zeros((1,) * (k - 1) + (k,))
        law[..., self._start.prompt[-1]] = 1
        return law

    def __call__(self, law: Array, t: int) -> Array:
        """Return the law after t + 1 tokens."""
        counts = self._counts_at_0[_box(t, law.ndim)].copy()
        counts[..., 0] += t
        # Corners of the box hold counts that add up to more than t, and are never reached.
        np.maximum(counts, 0, out=counts)
        weights = counts
        if self._mass:
            length = len(self._start.prompt) + t
            weights = (1 - self._mass) * counts + self._mass * length * self._sink_shares
        return _moved(self._flow(law, weights, counts), t)

    def _flow(self, law: Array, weights: Array, counts: Array) -> Array:
        """Return how much probability goes from every cell to each next token."""
        total = weights @ self._start.base.T
        is_reached = law > 0
        self._refuse_empty(is_reached & (total == 0), counts)
        if self._rule is not None:
            return self._flow_by_rule(self._rule, law, weights, counts)
        passed = np.divide(law, total, out=np.zeros_like(law), where=is_reached)
        return (passed @ self._start.base) * weights

    def _flow_by_rule(self, rule: Rule, law: Array, weights: Array, counts: Array) -> Array:
        """Do the same query by query: the rule acts on the law of each."""
        flow = np.zeros_like(law)
        for query, row in enumerate(self._start.base):
            is_reached = law[..., query] > 0
            if is_reached.any():
                odds = weights[is_reached] * row
                laws = odds / odds.sum(axis=-1, keepdims=True)
                chances = law[is_reached, query]
                flow[is_reached] += chances[:, np.newaxis] * rule.apply(laws, counts[is_reached])
        return flow

    def _refuse_empty(self, is_empty: NDArray[np.bool_], counts: Array) -> None:
        if is_empty.any():
            *cell, query = np.argwhere(is_empty)[0].tolist()
            raise nothing_to_attend_to(self._start, query, int(counts[tuple(cell)].sum()))


def _box(t: int, ndim: int) -> tuple[slice, ...]:
    return (slice(0, t + 1),) * (ndim - 1)


def _moved(flow: Array, t: int) -> Array:
    """Put what goes to token j > 0 one place further along the axis of its count."""
    k = flow.shape[-1]
    law = np.zeros((t + 2,) * (k - 1) + (k,))
    for j in range(k):
        place: list[slice | int] = [*_box(t, k), j]
        if j:
            place[j - 1] = slice(1, t + 2)
        law[tuple(place)] = flow[..., j]
    return law


def _widened(law: Array, start: Start, t: int) -> Array:
    """Return a copy as the law of all K tokens; those that the prompt lacks never come."""
    if start.k == start.K:
        return law.copy()
    wide = np.zeros((t + 1,) * (start.K - 1) + (start.K,))
    cells = np.argwhere(law > 0)
    added = np.zeros((len(cells), start.K), dtype=np.int64)
    added[:, start.tokens[1:]] = cells[:, :-1]
    added[:, start.tokens[0]] = t - cells[:, :-1].sum(axis=1)
    wide[(*added[:, 1:].T, start.tokens[cells[:, -1]])] = law[law > 0]
    return wide


def _refuse_large(K: int, T: int) -> None:
    if K > MOST_TOKENS_OF_VOCABULARY:
        raise ValueError(
            f"P must have at most {MOST_TOKENS_OF_VOCABULARY} tokens for an exact law, got {K}: "
            "simulate_many estimates it."
        )
    size = 8 * ARRAYS_AT_ONCE * K * (T + 1) ** (K - 1)
    if size > MOST_BYTES:
        raise ValueError(
            f"T must be small enough for about 1 GB of memory, got {T}, which for {K} tokens "
            f"takes {size / 1e9:.1f} GB: simulate_many estimates the law."
        )
