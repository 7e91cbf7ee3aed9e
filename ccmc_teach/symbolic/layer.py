"""The next-token law of one layer of self-attention, derived as a context-conditioned chain."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from numpy.typing import ArrayLike
from sympy.matrices.expressions.matexpr import MatrixElement

from ccmc_teach import chain
from ccmc_teach.symbolic.derivation import Derivation, PromptDerivation, Step
from ccmc_teach.symbolic.notation import (
    K,
    L,
    P,
    added,
    d,
    each_i,
    each_k,
    j,
    m,
    over_positions,
    over_tokens,
    product,
    q,
    selects,
    theta,
    x,
)

__all__ = ["attention_is_a_chain", "attention_is_a_chain_for_any_K", "grouped"]

# Keeps the proof for all prompts within half a minute.
MOST_PROMPTS = 2000

# --- One prompt after the other -------------------------------------------------------------------


def attention_is_a_chain(
    prompt: ArrayLike = (0, 1, 0), K: int = 3, longest: int = 4
) -> PromptDerivation:
    """Derive the next-token law of the layer for one prompt, and prove it for all short prompts.

    Parameters
    ----------
    prompt : sequence of tokens
        The prompt whose derivation is shown; its last token is the query.
    K : int
        Size of the vocabulary, at most 10.
    longest : int
        The lines are also proved for every prompt of 1 to ``longest`` tokens.

    Returns
    -------
    PromptDerivation
        From the read-out of the layer to the context-conditioned Markov chain, in vectors of
        shape (K, 1); the embeddings have any dimension d, and the scores are symbols.
        ``prompts_proved`` is the number of prompts.

    Raises
    ------
    ValueError
        If the prompt does not fit K, or if there are more than 2000 prompts to prove.

    Notes
    -----
    Ildiz et al. [1]_ establish the link; the lines are worked out in this course.

    References
    ----------
    .. [1] M. E. Ildiz, Y. Huang, Y. Li, A. S. Rawat, S. Oymak, "From Self-Attention to Markov
       Models: Unveiling the Dynamics of Generative Transformers", Proceedings of the 41st
       International Conference on Machine Learning, PMLR 235:20955-20982, 2024.

    Examples
    --------
    >>> attention_is_a_chain(prompt=(0, 1, 1), K=2, longest=3).prompts_proved
    14
    """
    size = chain.as_whole_number(K, "K", most=10)
    shown = tuple(chain.as_prompt(prompt, size).tolist())
    prompts = _all_prompts(size, chain.as_whole_number(longest, "longest"))
    title = "One layer of self-attention follows a context-conditioned Markov chain"
    for other in prompts:
        Derivation(title, _steps_for_prompt(other, size))
    return PromptDerivation(
        title,
        _steps_for_prompt(shown, size),
        f"The same lines are proved for all {len(prompts)} prompts of 1 to {longest} tokens "
        f"over a vocabulary of {size}.",
        prompts if shown in prompts else [*prompts, shown],
    )


def _all_prompts(K: int, longest: int) -> list[tuple[int, ...]]:
    number = 0
    for length in range(1, longest + 1):
        number += K**length
        if number > MOST_PROMPTS:
            raise ValueError(
                f"longest must leave at most {MOST_PROMPTS} prompts to prove, got {longest} "
                f"with K = {K}."
            )
    lengths = range(1, longest + 1)
    return [p for length in lengths for p in itertools.product(range(K), repeat=length)]


def _steps_for_prompt(prompt: tuple[int, ...], K: int) -> list[Step]:
    """Return the derivation for one prompt: tie, add, softmax, group, normalise, count."""
    return [*_read_out(prompt, K), *_softmax(prompt, K), *_as_chain(prompt, K)]


def _read_out(prompt: tuple[int, ...], K: int) -> list[Step]:
    C, e = sp.MatrixSymbol("C", K, d), [sp.MatrixSymbol(f"e_{k}", d, 1) for k in range(K)]
    unit = [sp.eye(K).col(k).as_immutable() for k in range(K)]
    a = _numbered("a", prompt)
    return [
        Step(
            sp.MatMul(C, _weighted(a, [e[token] for token in prompt])),
            "The layer reads out the weighted mean of the embeddings in the prompt.",
        ),
        Step(
            _weighted(a, [unit[token] for token in prompt]),
            "Tying: the read-out turns each embedding into the unit vector of its token.",
            using={C * e[k]: unit[k] for k in sorted(set(prompt))},
        ),
        Step(
            sp.Matrix(_by_token(prompt, a, K)),
            "Adding: the weights of equal tokens meet in one entry.",
        ),
    ]


def _softmax(prompt: tuple[int, ...], K: int) -> list[Step]:
    q, a, s = prompt[-1], _numbered("a", prompt), _numbered("s", prompt)
    exponentials = [sp.exp(score) for score in s]
    total = sp.Add(*exponentials)
    grouped = _by_token(prompt, [sp.exp(theta[q, token]) for token in prompt], K)
    return [
        Step(
            _normalised(_by_token(prompt, exponentials, K), total),
            "Softmax: the weights are exponentials of the scores, divided by their sum.",
            using={weight: power / total for weight, power in zip(a, exponentials, strict=True)},
        ),
        Step(
            _normalised(grouped, added(*filter(None, grouped))),
            "Grouping: a score depends on the token alone, so equal tokens have equal "
            "exponentials, and their number comes out in front.",
            using={score: theta[q, token] for score, token in zip(s, prompt, strict=True)},
        ),
    ]


def _as_chain(prompt: tuple[int, ...], K: int) -> list[Step]:
    q, k = prompt[-1], sp.Symbol("k", integer=True)
    row_sum = sp.Symbol(f"z_{q}", positive=True)
    entries = _by_token(prompt, [P[q, token] for token in prompt], K)
    return [
        Step(
            _normalised(entries, added(*filter(None, entries))),
            f"Normalising: divide above and below by the sum $z_{q}$ of the whole row; this makes "
            "the exponentials a row of transition probabilities.",
            using={P[q, k]: sp.exp(theta[q, k]) / row_sum for k in sorted(set(prompt))},
        ),
        Step(
            _normalised(
                [product(m[k], P[q, k]) for k in range(K)],
                sp.Sum(product(m[k], P[q, k]), (k, 0, K - 1)),
            ),
            "Counting: the numbers in front are the counts of the prompt. This is the chain.",
            using={m[k]: prompt.count(k) for k in range(K)},
        ),
    ]


def _numbered(name: str, prompt: Sequence[int]) -> tuple[Any, ...]:
    """Return one symbol a position, numbered from 1 as in the text."""
    return tuple(sp.symbols(f"{name}_1:{len(prompt) + 1}", real=True))


def _by_token(prompt: Sequence[int], values: Sequence[Any], K: int) -> list[Any]:
    """Add up the values of the positions that hold each token."""
    return [
        sp.Add(*(value for token, value in zip(prompt, values, strict=True) if token == k))
        for k in range(K)
    ]


def _weighted(weights: Sequence[Any], vectors: Sequence[Any]) -> Any:
    """Return a weighted sum of vectors, one summand a position: nothing is added up yet."""
    products = [sp.MatMul(a, v) for a, v in zip(weights, vectors, strict=True)]
    return sp.MatAdd(*products) if len(products) > 1 else products[0]


def _normalised(entries: Sequence[Any], total: Any) -> Any:
    return sp.MatMul(1 / total, sp.ImmutableMatrix(entries))


# --- Any vocabulary, any prompt -------------------------------------------------------------------


def attention_is_a_chain_for_any_K() -> Derivation:
    """Derive the next-token law of the layer for any vocabulary, embeddings and prompt.

    Returns
    -------
    Derivation
        The probability of token j, for K tokens, L positions and d dimensions that stay symbols.
        The one-hot matrix S of shape (L, K) has a one where position i holds token k.

    Notes
    -----
    Hypotheses: ``C E^T = I`` (tying), and every position holds exactly one token.
    Ildiz et al. [1]_ establish the link; the lines are worked out in this course.

    References
    ----------
    .. [1] M. E. Ildiz, Y. Huang, Y. Li, A. S. Rawat, S. Oymak, "From Self-Attention to Markov
       Models: Unveiling the Dynamics of Generative Transformers", Proceedings of the 41st
       International Conference on Machine Learning, PMLR 235:20955-20982, 2024.

    Examples
    --------
    >>> attention_is_a_chain_for_any_K().final
    P[q, j]*m[j]/Sum(P[q, k]*m[k], (k, 0, K - 1))
    """
    title = "Attention is a context-conditioned Markov chain, for any $K$"
    steps = [*_tied(), _softmax_for_any_K(), *grouped(lambda i: sp.exp(theta[q, x[i]]))]
    return Derivation(title, steps)


def _tied() -> list[Step]:
    C, E, X = (sp.MatrixSymbol(*shape) for shape in (("C", K, d), ("E", K, d), ("X", L, d)))
    S, a = sp.MatrixSymbol("S", L, K), sp.MatrixSymbol("a", L, 1)
    return [
        Step(
            MatrixElement(C * X.T * a, j, 0),
            "Token $j$ gets entry $j$ of the read-out of $f = X^\\top a$, the mean of the embedded "
            "prompt $X$ with attention weights $a$.",
        ),
        Step(
            MatrixElement(C * (S * E).T * a, j, 0),
            "Each row of $X$ is the embedding of one token; the one-hot matrix $S$ selects it.",
            using={X: S * E},
        ),
        Step(
            MatrixElement(S.T * a, j, 0),
            "Tying: the read-out undoes the embedding.",
            using={C * E.T: sp.Identity(K)},
        ),
        Step(
            over_positions(lambda i: selects(x[i], j) * a[i, 0], "i"),
            "So token $j$ collects the weights of all positions that hold it.",
            using={S[each_i, each_k]: selects(x[each_i], each_k)},
        ),
    ]


def _softmax_for_any_K() -> Step:
    def exponential(place: Any) -> Any:
        return sp.exp(theta[q, x[place]])

    total = over_positions(exponential, "l")
    return Step(
        over_positions(lambda i: selects(x[i], j) * exponential(i), "i") / total,
        "Softmax: position $i$ has the score $e_{x_i}^\\top W e_q$. It depends on the token alone; "
        "$\\theta_{qk} = e_k^\\top W e_q$ is the score of token $k$.",
        using={sp.MatrixSymbol("a", L, 1)[each_i, 0]: exponential(each_i) / total},
    )


def grouped(
    exponential: Callable[[Any], Any],
    weight: Callable[[Any], Any] = lambda place: sp.S.One,
    *,
    count: Any = m,
    word: str = "count",
    scores: Any = theta,
    base: Any = P,
) -> list[Step]:
    """Return the lines from the softmax over positions to the chain.

    Parameters
    ----------
    exponential : callable
        From a position to the exponential of its score, as the line before displays it.
    weight : callable
        From a position to what is left of this exponential without ``exp(scores[q, x_i])``.
    count : sympy.IndexedBase
        The name of the weighted counts.
    word : str
        What they are called.
    scores, base : sympy.IndexedBase
        The names of the scores of tokens and of the base chain.

    Returns
    -------
    list of Step
        They follow a line that gives the attention of token j, over the sum of all exponentials.

    Examples
    --------
    >>> grouped(lambda i: sp.exp(theta[q, x[i]]))[-1].expression
    P[q, j]*m[j]/Sum(P[q, k]*m[k], (k, 0, K - 1))
    """
    above = product(count[j], sp.exp(scores[q, j]))
    one_each = over_positions(
        lambda place: product(exponential(place), over_tokens(lambda k: selects(x[place], k))), "l"
    )
    held = over_positions(lambda i: selects(x[i], each_k) * weight(i), "i")
    return [
        Step(
            above / over_positions(exponential, "l"),
            f"Grouping: all positions that hold $j$ share one exponential. It comes out, and the "
            f"{word} of $j$ is left.",
            using={count[each_k]: held},
        ),
        Step(
            above / one_each,
            "Every position holds exactly one token, so we may multiply by the number of tokens "
            "that it holds.",
            using={over_tokens(lambda k: selects(x[each_i], k)): sp.S.One},
        ),
        Step(
            above / over_tokens(lambda k: product(count[k], sp.exp(scores[q, k]))),
            f"Exchange the sums: below, too, each token now comes with its {word}.",
            using={count[each_k]: held},
        ),
        Step(
            product(count[j], base[q, j]) / over_tokens(lambda k: product(count[k], base[q, k])),
            "Normalising: divide above and below by the sum $z_q$ of the whole row of "
            "exponentials; this makes them transition probabilities.",
            using={base[q, each_k]: sp.exp(scores[q, each_k]) / sp.Symbol("z_q", positive=True)},
        ),
    ]
