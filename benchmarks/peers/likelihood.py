"""The maximum of the likelihood by choix, SciPy, statsmodels and PyTorch.

Every function here gets the data and returns a fit, which gives the estimate of P, an array of
shape (K, K), each time it is called.
What a library needs in another form is put into that form before, so it is not timed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Tokens = NDArray[np.int64]
Fit = Callable[[], Array]
Choices = list[tuple[int, tuple[int, ...]]]


def choix_spectral(M: Array, q: Tokens, y: Tokens) -> Fit:
    """Return choix's iterated spectral ranking; a token that stands twice is listed twice."""
    import choix

    return _by_rows(M, q, y, lambda K, data: choix.ilsr_top1(K, data))


def choix_mm(M: Array, q: Tokens, y: Tokens) -> Fit:
    """Return choix's minorisation-maximisation algorithm."""
    import choix

    return _by_rows(M, q, y, lambda K, data: choix.mm_top1(K, data))


def _by_rows(M: Array, q: Tokens, y: Tokens, rank: Callable[[int, Choices], Array]) -> Fit:
    K = M.shape[1]
    rows = [as_choices(M[q == k], y[q == k]) for k in range(K)]
    return lambda: np.array([softmax(rank(K, data)) for data in rows])


def as_choices(M: Array, y: Tokens) -> Choices:
    """Return every prompt as the winner and the list of losers.

    A token that stands m times in the prompt weighs m, so it is listed m times; the winner stands
    m - 1 times among the losers.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts of the prompts.
    y : array of shape (n,)
        Next tokens.

    Examples
    --------
    >>> as_choices(np.array([[2.0, 1.0]]), np.array([0]))
    [(0, (0, 1))]
    """
    losers = M.astype(np.int64)
    losers[np.arange(len(y)), y] -= 1
    tokens = np.arange(M.shape[1])
    return [
        (int(winner), tuple(np.repeat(tokens, row).tolist()))
        for winner, row in zip(y, losers, strict=True)
    ]


def scipy_lbfgs(M: Array, q: Tokens, y: Tokens) -> Fit:
    """Return SciPy's quasi-Newton method on the logits, with the gradient."""
    from scipy.optimize import minimize

    K = M.shape[1]
    rows = [(M[q == k], y[q == k]) for k in range(K)]
    options = {"ftol": 1e-15, "gtol": 1e-10, "maxiter": 1000}

    def fit() -> Array:
        found = [
            minimize(loss_of_row, np.zeros(K), row, "L-BFGS-B", jac=True, options=options).x
            for row in rows
        ]
        return np.array([softmax(theta) for theta in found])

    return fit


def loss_of_row(theta: Array, M: Array, y: Tokens) -> tuple[float, Array]:
    """Return the mean negative log-likelihood of one row and its gradient.

    Parameters
    ----------
    theta : array of shape (K,)
        Logits of the row.
    M : array of shape (n, K)
        Counts of the prompts.
    y : array of shape (n,)
        Next tokens.

    Examples
    --------
    >>> loss, gradient = loss_of_row(np.zeros(2), np.array([[1.0, 3.0]]), np.array([1]))
    >>> round(loss, 4), gradient
    (0.2877, array([ 0.25, -0.25]))
    """
    p = M * np.exp(theta - theta.max())
    p /= p.sum(axis=1, keepdims=True)
    n = len(y)
    chosen = np.bincount(y, minlength=len(theta))
    return -float(np.log(p[np.arange(n), y]).mean()), (p.sum(axis=0) - chosen) / n


def statsmodels_conditional(M: Array, q: Tokens, y: Tokens) -> Fit:
    """Return statsmodels' conditional logit, with the logarithms of the counts as offsets."""
    from statsmodels.discrete.conditional_models import ConditionalLogit

    K = M.shape[1]
    tables = [as_long_table(M[q == k], y[q == k]) for k in range(K)]

    def fit() -> Array:
        found = []
        for chosen, token, prompt, offset in tables:
            dummies = np.eye(K)[token][:, 1:]
            model = ConditionalLogit(chosen, dummies, groups=prompt, offset=offset)
            found.append(softmax(np.append(0.0, model.fit(disp=False).params)))
        return np.array(found)

    return fit


def as_long_table(M: Array, y: Tokens) -> tuple[Tokens, Tokens, Tokens, Array]:
    """Return a line for every token of every prompt.

    Parameters
    ----------
    M : array of shape (n, K)
        Counts of the prompts.
    y : array of shape (n,)
        Next tokens.

    Returns
    -------
    chosen, token, prompt, offset : arrays of one length
        Whether it was chosen, which token, in which prompt, and the logarithm of its count.

    Examples
    --------
    >>> as_long_table(np.array([[1.0, 1.0, 0.0]]), np.array([1]))[:3]
    (array([0, 1]), array([0, 1]), array([0, 0]))
    """
    prompt, token = np.nonzero(M)
    chosen = (token == y[prompt]).astype(np.int64)
    return chosen, token, prompt, np.log(M[prompt, token])


def torch_adam(M: Array, q: Tokens, y: Tokens, steps: int = 300) -> Fit:
    """Return PyTorch's Adam on the weights of the layer, every step on all prompts.

    Parameters
    ----------
    M, q, y : arrays of shape (n, K), (n,) and (n,)
        The data.
    steps : int
        How many steps; their size falls to zero along half a wave of the cosine.
    """
    import torch

    logs = torch.log(torch.from_numpy(M))
    queries, targets = torch.from_numpy(q), torch.from_numpy(y)
    K = M.shape[1]

    def fit() -> Array:
        W = torch.zeros((K, K), dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.Adam([W], lr=0.2)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(steps):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(logs + W[queries], targets)
            loss.backward()
            optimizer.step()
            schedule.step()
        return np.asarray(torch.softmax(W, dim=1).detach().numpy())

    return fit


def softmax(scores: Array) -> Array:
    """Return exponentials divided by their sum.

    Examples
    --------
    >>> softmax(np.array([0.0, 0.0]))
    array([0.5, 0.5])
    """
    weights = np.exp(scores - scores.max())
    return np.asarray(weights / weights.sum())
