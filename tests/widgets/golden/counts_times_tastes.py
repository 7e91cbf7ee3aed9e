"""Cases for counts times tastes."""

from __future__ import annotations

from typing import Any

from widgets.golden.basics import PROMPT, TABLE, WORDS

EYE = [[1.0, 0.0], [0.0, 1.0]]

# Function, arguments and why the case is there.
CASES: list[tuple[str, list[Any], str]] = [
    ("with_count", [PROMPT, 1, 9], "copies are spread"),
    ("with_count", [PROMPT, 1, 1], "copies leave from the end"),
    ("with_count", [PROMPT, 1, 0], "a word leaves"),
    ("with_count", [PROMPT, 0, 0], "the query keeps one copy"),
    ("with_count", [PROMPT, 3, 40], "held at the largest count"),
    ("with_query", [PROMPT, 3], "two words change places"),
    ("with_query", [[0, 0], 2], "a new word is added"),
    ("with_query", [PROMPT, 0], "the same word"),
    ("doubled", [PROMPT], "written twice"),
    ("equal_counts", [4, 2, 2], "ends in the query"),
    ("problem", [WORDS, TABLE, PROMPT], "nothing is wrong"),
    ("problem", [None, TABLE, PROMPT], "labels are no list"),
    ("problem", [["cat"], [[1.0]], [0]], "too few labels"),
    ("problem", [list("abcdef"), TABLE, PROMPT], "too many labels"),
    ("problem", [["cat", "cat"], EYE, [0]], "labels repeat"),
    ("problem", [["cat", " "], EYE, [0]], "a blank label"),
    ("problem", [["cat", "hippopotamus"], EYE, [0]], "a long label"),
    ("problem", [["cat", 5], EYE, [0]], "a label that is no text"),
    ("problem", [["🦊" * 10, "b"], EYE, [0, 1]], "characters are counted, not code units"),
    ("problem", [WORDS, TABLE[:3], PROMPT], "a row is missing"),
    ("problem", [WORDS, "P", PROMPT], "P is no table"),
    ("problem", [["a", "b"], [[1.0, 0.0], [0.5, 0.6]], [0]], "a row sums to more than 1"),
    ("problem", [["a", "b"], [[0.5, 0.5 + 1e-7], [0.5, 0.5]], [0]], "a row sums to almost 1"),
    ("problem", [["a", "b"], [[0.5, 0.5 + 1e-9], [0.5, 0.5]], [0]], "rounding is forgiven"),
    ("problem", [["a", "b"], [[1.5, -0.5], [0.5, 0.5]], [0]], "a negative taste"),
    ("problem", [["a", "b"], [[0.5, 0.5], [True, False]], [0]], "truth values are no numbers"),
    ("problem", [["a", "b"], [[0.5, 0.5], [0.5, 0.5, 0.0]], [0]], "a row too long"),
    ("problem", [["a", "b"], EYE, []], "an empty prompt"),
    ("problem", [["a", "b"], EYE, [2]], "an unknown token"),
    ("problem", [["a", "b"], EYE, [0.5]], "half a token"),
    ("problem", [["a", "b"], EYE, [True]], "a truth value is no token"),
    ("problem", [["a", "b"], EYE, [1] * 12], "twelve copies fit"),
    ("problem", [["a", "b"], EYE, [1] * 13], "too many copies"),
    ("problem", [["a", "b"], [[0.0, 1.0], [0.5, 0.5]], [0]], "nothing to attend to"),
]
