"""The mean field: its flow along the log length of a text, its derivative, and where it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccmc_teach.chain import as_real_array, as_transition_matrix, as_whole_number

Array = NDArray[np.float64]

# The derivative divides by the square of what a token attends to, which must stay in float64.
SMALLEST_ENTRY = 1e-150

# Estimated relative error of a count in one step, the largest growth of the logarithm of a count
# in one step, and the log length of the first step tried.
STEP_ERROR = 1e-8
STEP_GROWTH = 1.0
FIRST_STEP = 0.1

# The flow has settled once no share moves faster than this and no token that it holds
# multiplies faster than the text by more than this.
SETTLED_SPEED = 1e-9
SETTLED_GROWTH = 1e-6

# Ends of the flow that are closer than this are one limit.
SAME_LIMIT = 1e-5

# Log length between two looks at whether the flow has settled.
LOOK_EVERY = 8.0


@dataclass(frozen=True, eq=False)
class FlowLimits:
    """Where the mean field ends from many starts.

    Attributes
    ----------
    starts : ndarray of shape (R, K)
        The shares at the start.
    ends : ndarray of shape (R, K)
        The shares where the flow was left, settled or not.
    limits : ndarray of shape (n, K)
        The different ends of the starts that settled; that of the most starts comes first.
    reached : ndarray of shape (R,), int64
        For every start the row of ``limits`` that it reached, or -1 if it did not settle.

    Examples
    --------
    >>> flow = flow_limits([[0.7, 0.3], [0.3, 0.7]], [[3, 1], [1, 2]])
    >>> flow.reached
    array([0, 1])
    """

    starts: Array
    ends: Array
    limits: Array
    reached: NDArray[np.int64]


def mean_field(P: ArrayLike, m0: ArrayLike, s: ArrayLike) -> Array:
    """Follow the shares along the mean field, the law of large numbers of a long text.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix with positive entries, one probability law a row.
    m0 : array of shape (..., K)
        Counts or shares at the start, not all of them 0; leading axes are a batch.
    s : array of shape (S,)
        Log lengths, growing; the start is at ``s[0]``.
        From a text of length t0 on, the length t stands at ``s = log(t / t0)``.

    Returns
    -------
    ndarray of shape (S, ..., K), float64
        The shares at every log length; the first row holds those of m0.
        They are never negative and sum to 1, and a share of exactly 0 stays 0.

    Raises
    ------
    ValueError
        If P, m0 or s is not as above.

    Notes
    -----
    The logarithms of the counts follow ``d log m_k / ds = gamma_k(v)`` by the classic
    Runge-Kutta method of order 4, with one step size for the whole batch.
    The step adapts so that the estimated relative error of a share, small or large, stays below
    1e-8 in each step; the estimate is the distance to a solution of order 3.
    Where nearby paths part, near a rest point that repels, errors grow as the paths part.

    The mean field tells what a text does once it is long.
    Near a rest point that repels it is luck that decides, and the mean field does not know it.

    Examples
    --------
    >>> mean_field([[0.7, 0.3], [0.6, 0.4]], [1, 1], s=[0, 2, 4]).round(3)
    array([[0.5  , 0.5  ],
           [0.784, 0.216],
           [0.924, 0.076]])
    """
    base = as_positive_matrix(P)
    start = _as_shares(m0, len(base), "m0")
    grid = _as_grid(s)
    path = np.empty((len(grid), *start.shape))
    path[0] = start
    if start.size:
        for row, log_counts in enumerate(_flow(base, start, np.diff(grid)), start=1):
            path[row] = _shares(log_counts)
    return path


def jacobian(P: ArrayLike, v: ArrayLike) -> Array:
    """Return the derivative of the mean field ``mu(v) - v`` with respect to the shares.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix with positive entries, one probability law a row.
    v : array of shape (K,)
        Shares, or counts, which are divided by their sum.

    Returns
    -------
    ndarray of shape (K, K), float64
        Entry (j, k) is the derivative of component j by share k.
        A change of the shares that sums to 0 gives a change of the field that sums to 0.

    Raises
    ------
    ValueError
        If P or v is not as above.

    Notes
    -----
    With the frozen chain Q, its stationary law mu, ``Z = inv(I - Q + 1 mu)`` and the weights w of
    this room, a change dQ moves mu by ``mu dQ Z``.
    Hence the derivative of mu is ``Z.T (diag(gamma) - diag(v) P.T diag(w / (P v)) P)``.

    At a rest point with full support it is ``((I - B Q) Z).T`` with the chain B, which is Q read
    backward in time.
    If P is reversible then B = Q, and the rates are the eigenvalues of the frozen chain itself,
    all but the eigenvalue 1.

    Examples
    --------
    >>> jacobian([[0.75, 0.25], [0.5, 0.5]], [1, 0])
    array([[-1.        , -0.33333333],
           [ 0.        , -0.66666667]])
    """
    base = as_positive_matrix(P)
    shares = _as_shares(v, len(base), "v")
    if shares.ndim != 1:
        raise ValueError(f"v must be 1-dimensional, got the shape {shares.shape}.")
    weights = _weights(base, shares)
    attention = base @ shares
    mu = weights * attention
    seen = shares[:, np.newaxis] * base.T * (weights / attention) @ base
    push = np.diag(weights @ base) - seen
    one = np.eye(len(base))
    frozen = base * shares / attention[:, np.newaxis]
    derivative: Array = np.linalg.solve((one - frozen + mu).T, push) - one
    return derivative


def flow_limits(
    P: ArrayLike,
    starts: ArrayLike | np.random.Generator,
    *,
    R: int = 64,
    longest: float = 1000.0,
) -> FlowLimits:
    """Follow the mean field from many starts and say where it ends, or that it does not.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix with positive entries, one probability law a row.
    starts : array of shape (R, K), or numpy.random.Generator
        Counts or shares to start from.
        A generator draws R starts, uniform on the simplex.
    R : int
        The number of starts to draw; not used if starts are given.
    longest : float
        The log length after which the flow is left.

    Returns
    -------
    FlowLimits
        A start has settled when no share moves faster than 1e-9 and no token that it holds, however
        rare, grows faster than the text by more than 1e-6.
        Ends within 1e-5 of each other are one limit.

    Raises
    ------
    ValueError
        If P, starts, R or longest is not as above.

    Notes
    -----
    A flow that goes round, ever more slowly, from one single token to the next looks settled for
    a long time, yet the token that comes next multiplies all the while.
    The second condition sees that, and the answer is that the start did not settle.
    A very slow approach, as at a border between phases, also counts as not settled.
    A start exactly at a rest point that repels may stay there.

    Examples
    --------
    >>> flow = flow_limits([[0.3, 0.7], [0.6, 0.4]], np.random.default_rng(0), R=5)
    >>> flow.limits.round(3), flow.reached
    (array([[0.368, 0.632]]), array([0, 0, 0, 0, 0]))
    """
    base = as_positive_matrix(P)
    begin = _as_starts(starts, len(base), R)
    span = float(as_real_array(longest, "longest", ndim=0))
    if span <= 0:
        raise ValueError(f"longest must be a positive log length, got {span}.")
    ends, is_settled = _settled_ends(base, begin, span)
    limits, reached = _clustered(ends, is_settled)
    for array in (begin, ends, limits, reached):
        array.setflags(write=False)
    return FlowLimits(begin, ends, limits, reached)


def as_positive_matrix(P: ArrayLike) -> Array:
    """Return a checked copy of a transition matrix without zeros.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix with positive entries, one probability law a row.

    Returns
    -------
    ndarray of shape (K, K), float64

    Raises
    ------
    ValueError
        If P is no transition matrix, or has an entry 0 or below 1e-150.

    Examples
    --------
    >>> as_positive_matrix([[0.5, 0.5], [0.25, 0.75]])
    array([[0.5 , 0.5 ],
           [0.25, 0.75]])
    """
    base = as_transition_matrix(P)
    is_small = base < SMALLEST_ENTRY
    if is_small.any():
        row, token = np.argwhere(is_small)[0]
        raise ValueError(
            f"P must have only positive entries, of {SMALLEST_ENTRY} or more, because this theory "
            "needs every token to be able to follow every other, got "
            f"P[{row}, {token}] = {base[row, token]}."
        )
    return base


def _as_shares(m: ArrayLike, K: int, name: str) -> Array:
    held = as_real_array(m, name)
    if held.ndim == 0 or held.shape[-1] != K:
        raise ValueError(
            f"{name} must hold a count for each of the {K} tokens of P along its last axis, got an "
            f"array of shape {held.shape}."
        )
    if (held < 0).any():
        raise ValueError(f"{name} must not have negative counts, got {held.min()}.")
    largest = held.max(axis=-1, keepdims=True)
    if not (largest > 0).all():
        raise ValueError(f"{name} must hold at least one token, got counts that are all 0.")
    # Divided twice, so that no sum can overflow.
    held /= largest
    held /= held.sum(axis=-1, keepdims=True)
    return held


def _as_grid(s: ArrayLike) -> Array:
    grid = as_real_array(s, "s", ndim=1)
    if grid.size == 0:
        raise ValueError("s must hold at least one log length, got none.")
    is_back = np.diff(grid) <= 0
    if is_back.any():
        place = int(is_back.argmax())
        raise ValueError(
            f"s must hold log lengths that grow, got s[{place + 1}] = {grid[place + 1]} after "
            f"s[{place}] = {grid[place]}."
        )
    return grid


def _as_starts(starts: ArrayLike | np.random.Generator, K: int, R: int) -> Array:
    if isinstance(starts, np.random.Generator):
        return starts.dirichlet(np.ones(K), size=as_whole_number(R, "R"))
    given = _as_shares(starts, K, "starts")
    if given.ndim != 2 or len(given) == 0:
        raise ValueError(
            f"starts must be a table with one or more starts, one a row, got the shape "
            f"{given.shape}."
        )
    return given


def _weights(P: Array, v: Array) -> Array:
    """Return w_i = mu_i(v) / (P v)_i for shares of shape (..., K).

    They are the stationary weights of the chain in continuous time that goes from i to j at the
    rate P[i, j] v[j], scaled so that the stationary law mu of the frozen chain sums to 1.
    """
    token = np.arange(len(P))
    balance = P * v[..., np.newaxis, :]
    balance[..., token, token] = 0
    # As the sum of the other rates, so that slow chains lose no digits by cancellation.
    balance[..., token, token] = -balance.sum(axis=-1)
    # One balance follows from the others, and the sum of mu takes its place.
    balance[..., :, -1] = v @ P.T
    right = np.zeros((*v.shape, 1))
    right[..., -1, 0] = 1
    solution = np.linalg.solve(balance.swapaxes(-1, -2), right)
    return np.asarray(solution[..., 0], dtype=np.float64)


def _shares(log_counts: Array) -> Array:
    v: Array = np.exp(log_counts - log_counts.max(axis=-1, keepdims=True))
    v /= v.sum(axis=-1, keepdims=True)
    return v


def _growth_at(P: Array, log_counts: Array) -> Array:
    """Return gamma_k = d log m_k / ds, also for the tokens whose count is 0."""
    growth: Array = _weights(P, _shares(log_counts)) @ P
    return growth


def _flow(P: Array, start: Array, spans: Array) -> Iterator[Array]:
    """Yield the logarithms of the counts after each of the spans of log length."""
    with np.errstate(divide="ignore"):
        log_counts = np.log(start)
    growth = _growth_at(P, log_counts)
    step = FIRST_STEP
    for span in spans.tolist():
        log_counts, growth, step = _carried(P, log_counts, growth, span, step)
        yield log_counts


def _carried(
    P: Array, log_counts: Array, growth: Array, span: float, step: float
) -> tuple[Array, Array, float]:
    """Return log counts and growth at the end of a span, and the step to try after it."""
    left = span
    while left > 0:
        # The estimate of the error is blind to a step that jumps over the whole change.
        fastest = float(growth[log_counts > -np.inf].max())
        h = min(step, left, STEP_GROWTH / fastest)
        there, growth_there, error = _runge_kutta_step(P, log_counts, growth, h)
        wanted = h * min(4.0, 0.9 * (STEP_ERROR / max(error, 1e-300)) ** 0.25)
        if error > STEP_ERROR:
            step = wanted
            continue
        # A step that was cut short says nothing against the longer one.
        step = max(step, wanted) if h < step else wanted
        log_counts, growth, left = there, growth_there, left - h
    return log_counts, growth, step


def _runge_kutta_step(
    P: Array, log_counts: Array, growth: Array, h: float
) -> tuple[Array, Array, float]:
    """Return log counts and growth one step further, and the estimated error of the step."""
    second = _growth_at(P, log_counts + h / 2 * growth)
    third = _growth_at(P, log_counts + h / 2 * second)
    fourth = _growth_at(P, log_counts + h * third)
    there = log_counts + h / 6 * (growth + 2 * (second + third) + fourth)
    growth_there = _growth_at(P, there)
    # With the growth at the end in place of the fourth stage the formula has order 3.
    gap = np.abs(fourth - growth_there)[there > -np.inf]
    return there, growth_there, h / 6 * float(gap.max())


def _settled_ends(P: Array, starts: Array, longest: float) -> tuple[Array, NDArray[np.bool_]]:
    """Return the ends of the flow and whether it has settled there."""
    with np.errstate(divide="ignore"):
        log_counts = np.log(starts)
    is_settled = np.zeros(len(starts), dtype=bool)
    step, left = FIRST_STEP, longest
    while left > 0 and not is_settled.all():
        span = min(LOOK_EVERY, left)
        moving = log_counts[~is_settled]
        growth = _growth_at(P, moving)
        moving, growth, step = _carried(P, moving, growth, span, step)
        log_counts[~is_settled] = moving
        is_settled[~is_settled] = _has_settled(moving, growth)
        left -= span
    return _shares(log_counts), is_settled


def _has_settled(log_counts: Array, growth: Array) -> NDArray[np.bool_]:
    excess = np.where(log_counts > -np.inf, growth - 1, 0)
    speed = np.abs(_shares(log_counts) * excess).max(axis=-1)
    settled: NDArray[np.bool_] = (speed < SETTLED_SPEED) & (excess.max(axis=-1) < SETTLED_GROWTH)
    return settled


def _clustered(ends: Array, is_settled: NDArray[np.bool_]) -> tuple[Array, NDArray[np.int64]]:
    """Return the different ends, the most frequent first, and which of them each start reached."""
    reached = np.full(len(ends), -1)
    limits: list[Array] = []
    for start in np.flatnonzero(is_settled).tolist():
        gaps = [float(np.abs(limit - ends[start]).max()) for limit in limits]
        if min(gaps, default=np.inf) > SAME_LIMIT:
            gaps.append(0.0)
            limits.append(ends[start])
        reached[start] = int(np.argmin(gaps))
    often = np.bincount(reached[is_settled], minlength=len(limits))
    order = np.argsort(-often, kind="stable")
    rank = np.append(np.argsort(order), -1)
    return np.array(limits).reshape(-1, ends.shape[1])[order], rank[reached]
