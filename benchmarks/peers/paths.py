"""One path: attention in NumPy and in PyTorch, counts in NumPy and Numba, an ordinary chain.

Every function here returns a sampler ``sampler(P, prompt, T, rng)``, which gives the prompt
followed by T tokens, an array of shape (L + T,).
Attention has one-hot embeddings, the smallest that the theory allows, and so the fastest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Tokens = NDArray[np.int64]
Sampler = Callable[[Array, Tokens, int, np.random.Generator], Tokens]


def numpy_attention() -> Sampler:
    """Return the layer as one writes it down in NumPy: every step looks at the whole text."""
    return _numpy_attention


def _numpy_attention(P: Array, prompt: Tokens, T: int, rng: np.random.Generator) -> Tokens:
    K, L = len(P), len(prompt)
    E, W = np.eye(K), np.log(P).T
    x = np.concatenate([prompt, np.zeros(T, dtype=np.int64)])
    X = np.empty((L + T, K))
    X[:L] = E[prompt]
    for n in range(L, L + T):
        scores = X[:n] @ (W @ X[n - 1])
        weights = np.exp(scores - scores.max())
        weights /= weights.sum()
        x[n] = rng.choice(K, p=weights @ X[:n])
        X[n] = E[x[n]]
    return x


def torch_layer() -> Sampler:
    """Return a PyTorch module with a cache around PyTorch's own attention."""
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    class Layer(torch.nn.Module):  # type: ignore[misc, unused-ignore]
        """One head that keeps the keys and values of the text so far."""

        def __init__(self, P: Array, longest: int) -> None:
            super().__init__()
            K = len(P)
            self.embed = torch.nn.Embedding.from_pretrained(torch.eye(K))
            self.project = torch.nn.ModuleList(torch.nn.Linear(K, K, bias=False) for _ in range(3))
            W = torch.log(torch.tensor(P, dtype=torch.float32)).T
            for linear, weight in zip(self.project, (W, torch.eye(K), torch.eye(K)), strict=True):
                linear.weight = torch.nn.Parameter(weight)
            self.keys, self.values = torch.empty(2, 1, longest, K)
            self.n = 0

        def forward(self, tokens: torch.Tensor) -> torch.Tensor:
            """Read tokens, and return the law of the next one."""
            embedded = self.embed(tokens)
            to_query, to_key, to_value = self.project
            here, self.n = self.n, self.n + len(tokens)
            self.keys[0, here : self.n] = to_key(embedded)
            self.values[0, here : self.n] = to_value(embedded)
            query = to_query(embedded[-1:])[None]
            keys, values = self.keys[:, : self.n], self.values[:, : self.n]
            return scaled_dot_product_attention(query, keys, values, scale=1.0)[0, 0]

    def sampler(P: Array, prompt: Tokens, T: int, rng: np.random.Generator) -> Tokens:
        source = torch.Generator().manual_seed(int(rng.integers(2**63)))
        layer, new = Layer(P, len(prompt) + T), torch.from_numpy(prompt)
        x = [new]
        with torch.inference_mode():
            for _ in range(T):
                new = torch.multinomial(layer(new), 1, generator=source)
                x.append(new)
        return np.asarray(torch.cat(x).numpy())

    return sampler


def torch_by_hand() -> Sampler:
    """Return the layer in PyTorch with a cache, with nothing that can be left out."""
    return _torch_by_hand


def _torch_by_hand(P: Array, prompt: Tokens, T: int, rng: np.random.Generator) -> Tokens:
    import torch

    source = torch.Generator().manual_seed(int(rng.integers(2**63)))
    K, L = len(P), len(prompt)
    E, W = torch.eye(K), torch.log(torch.tensor(P, dtype=torch.float32)).T
    x = torch.cat([torch.from_numpy(prompt), torch.zeros(T, dtype=torch.int64)])
    keys, values = torch.empty(2, L + T, K)
    keys[:L] = values[:L] = E[x[:L]]
    with torch.inference_mode():
        for n in range(L, L + T):
            query = torch.mv(W, E[x[n - 1]])
            weights = torch.softmax(torch.mv(keys[:n], query), dim=0)
            law = torch.mv(values[:n].T, weights)
            x[n] = torch.multinomial(law, 1, generator=source)[0]
            keys[n] = values[n] = E[x[n]]
    return np.asarray(x.numpy())


def numpy_counts() -> Sampler:
    """Return the chain as one writes it down in NumPy: counts, a product, ``rng.choice``."""
    return _numpy_counts


def _numpy_counts(P: Array, prompt: Tokens, T: int, rng: np.random.Generator) -> Tokens:
    K, L = len(P), len(prompt)
    m = np.bincount(prompt, minlength=K).astype(np.float64)
    x = np.concatenate([prompt, np.zeros(T, dtype=np.int64)])
    for n in range(L, L + T):
        law = m * P[x[n - 1]]
        law /= law.sum()
        x[n] = rng.choice(K, p=law)
        m[x[n]] += 1
    return x


def numba_counts(compile_it: Callable[[Any], Any] | None = None) -> Sampler:
    """Return the chain as a compiled scan over the counts.

    Parameters
    ----------
    compile_it : callable, optional
        Compiles a function; Numba's if not given.
    """
    walk = (compile_it or with_numba())(walk_along)

    def sampler(P: Array, prompt: Tokens, T: int, rng: np.random.Generator) -> Tokens:
        x = np.concatenate([prompt, np.zeros(T, dtype=np.int64)])
        m = np.bincount(prompt, minlength=len(P)).astype(np.float64)
        walk(P, m, x, len(prompt), rng)
        return x

    return sampler


def walk_along(P: Array, m: Array, x: Tokens, start: int, rng: np.random.Generator) -> None:
    """Write tokens into x from the place `start` on, and count them in m.

    Parameters
    ----------
    P : array of shape (K, K)
        Base transition matrix.
    m : array of shape (K,)
        Counts of the tokens before the place.
    x : array of shape (L + T,)
        The text; what stands before the place is the prompt.
    start : int
        L, the length of the prompt.
    rng : numpy.random.Generator
        The source of uniform numbers, one a token.
    """
    K = len(m)
    for n in range(start, len(x)):
        q = x[n - 1]
        total = 0.0
        for j in range(K):
            total += m[j] * P[q, j]
        left = rng.random() * total
        j = 0
        while j < K - 1 and left >= m[j] * P[q, j]:
            left -= m[j] * P[q, j]
            j += 1
        m[j] += 1
        x[n] = j


def quantecon_chain() -> Sampler:
    """Return the ordinary chain with the same matrix, which does not look at the counts."""
    return _quantecon_chain


def _quantecon_chain(P: Array, prompt: Tokens, T: int, rng: np.random.Generator) -> Tokens:
    from quantecon import MarkovChain

    walk = MarkovChain(P).simulate(T + 1, init=int(prompt[-1]), random_state=rng)
    return np.concatenate([prompt, walk[1:]])


def with_numba() -> Callable[[Any], Any]:
    """Return the compiler of Numba, which compiles a function when it is first called."""
    import numba

    compiler: Callable[[Any], Any] = numba.njit
    return compiler
