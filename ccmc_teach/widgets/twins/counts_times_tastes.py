"""The mathematics of counts times tastes: prompts whose counts change, and checks of the inputs."""

from __future__ import annotations

from collections.abc import Sequence

from ccmc_teach.widgets.twins.basics import (
    NOTHING,
    counts,
    labels_problem,
    prompt_problem,
    table_problem,
)

MAX_COUNT = 12


def with_count(prompt: Sequence[int], token: int, count: int) -> list[int]:
    """Add or remove copies of one token; the last token of the prompt stays.

    New copies are spread over the prompt, the same way every time.
    Copies are removed from the end.

    Parameters
    ----------
    prompt : sequence of int, shape (L,)
        Tokens; the last one is the query.
    token : int
        The token whose count is set.
    count : int
        The wanted count; the query keeps at least one copy, and no token goes above 12.

    Returns
    -------
    list of int
        The new prompt.

    Examples
    --------
    >>> with_count([1, 0, 0], 1, 2), with_count([1, 0, 0], 0, 0)
    ([1, 0, 1, 0], [1, 0])
    """
    query = prompt[-1]
    body = list(prompt[:-1])
    fewest = 1 if token == query else 0
    have = body.count(token) + fewest
    count = min(max(count, fewest), MAX_COUNT)
    for copy in range(have, count):
        body.insert((5 * len(body) + 3 * token + copy) % (len(body) + 1), token)
    for _ in range(count, have):
        del body[len(body) - 1 - body[::-1].index(token)]
    return [*body, query]


def with_query(prompt: Sequence[int], token: int) -> list[int]:
    """Make a token the last one; where it stands in the prompt already, the counts stay.

    Parameters
    ----------
    prompt : sequence of int, shape (L,)
        Tokens; the last one is the query.
    token : int
        The new query.

    Returns
    -------
    list of int
        The prompt with the token's last copy and the old query swapped, or with the token added.

    Examples
    --------
    >>> with_query([1, 0, 2], 0), with_query([1, 2], 0)
    ([1, 2, 0], [1, 2, 0])
    """
    result = list(prompt)
    if token not in result:
        return [*result, token]
    place = len(result) - 1 - result[::-1].index(token)
    result[place], result[-1] = result[-1], result[place]
    return result


def doubled(prompt: Sequence[int]) -> list[int]:
    """Write a prompt twice: every count doubles, the last token stays.

    Parameters
    ----------
    prompt : sequence of int, shape (L,)
        Tokens.

    Returns
    -------
    list of int, shape (2 L,)
        The prompt, then the prompt again.

    Examples
    --------
    >>> doubled([1, 0])
    [1, 0, 1, 0]
    """
    return [*prompt, *prompt]


def equal_counts(size: int, query: int, copies: int) -> list[int]:
    """Return a prompt that holds every token equally often and ends in the query.

    Parameters
    ----------
    size : int
        Vocabulary size K.
    query : int
        The last token.
    copies : int
        How often each token stands in the prompt.

    Returns
    -------
    list of int, shape (size * copies,)
        The tokens after the query first, in a circle, over and over.

    Examples
    --------
    >>> equal_counts(3, 1, 2)
    [2, 0, 1, 2, 0, 1]
    """
    return [(query + 1 + position) % size for position in range(size * copies)]


def problem(labels: object, P: object, prompt: object) -> str:
    """Say in one sentence what is wrong with the inputs of counts times tastes.

    Parameters
    ----------
    labels, P, prompt : object
        Anything at all: words, a table of numbers, a list of tokens if all is well.

    Returns
    -------
    str
        A sentence, or the empty string where nothing is wrong.

    Examples
    --------
    >>> problem(["cat", "dog"], [[0.5, 0.5], [0.5, 0.5]], [0, 2])
    'The prompt must hold at least one word and only the tokens 0 to 1.'
    >>> problem(["cat", "dog"], [[0.5, 0.5], [0.5, 0.5]], [0, 1])
    ''
    """
    wrong = labels_problem(labels)
    if wrong or not isinstance(labels, list):
        return wrong
    wrong = table_problem(P, labels) or prompt_problem(prompt, len(labels))
    if wrong or not isinstance(P, list) or not isinstance(prompt, list):
        return wrong
    m = counts([int(token) for token in prompt], len(labels))
    if max(m) > MAX_COUNT:
        much = labels[m.index(max(m))]
        return f"The prompt holds {much} {max(m)} times; this picture has room for {MAX_COUNT}."
    if not any(taste * count > 0 for taste, count in zip(P[int(prompt[-1])], m, strict=True)):
        return NOTHING
    return ""
