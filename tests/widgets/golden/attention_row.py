"""Cases for an attention row."""

from __future__ import annotations

from typing import Any

from ccmc_teach.widgets.twins.attention_row import preset
from widgets.golden.basics import WORDS

TWO, THREE, FOUR = (preset(size) for size in (2, 3, 4))

# Function, arguments and why the case is there.
CASES: list[tuple[str, list[Any], str]] = [
    *(("preset", [size], f"{size} words") for size in (2, 3, 4)),
    ("softmax", [[0.5, -1.0, 2.0]], "three scores"),
    ("softmax", [[4.0, -4.0, -4.0, -4.0]], "one dominant score"),
    ("softmax", [[1.5, 1.5]], "equal scores"),
    ("softmax", [[1000.0, 999.0]], "nothing overflows"),
    ("transition_matrix", [FOUR], "all rows"),
    ("shifted", [THREE, 1, 2.0], "up"),
    ("shifted", [THREE, 2, -0.3], "down"),
    ("with_score", [TWO, 0, 1, 3.96], "rounded to a step"),
    ("with_score", [TWO, 1, 0, 7.0], "held from above"),
    ("with_score", [TWO, 1, 1, -4.2], "held from below"),
    ("level", [FOUR, 3], "one row"),
    ("dominant", [FOUR, 2], "the largest"),
    ("dominant", [[[1.0, 1.0], [0.0, 0.0]], 0], "the first of equal ones"),
    ("with_column", [THREE, 1, 1.0], "in every row"),
    ("with_column", [TWO, 0, 3.9], "held from above"),
    ("first_and_second", [FOUR[0]], "the largest two"),
    ("first_and_second", [[0.0, 1.0, 1.0]], "equal ones in order"),
    ("first_and_second", [[2.0, 2.0]], "two equal ones"),
    ("formula", [FOUR[0], 1], "a fraction"),
    ("formula", [[4.0, -4.0], 1], "a small one"),
    ("note", [WORDS, FOUR[0], 0, 0.0], "log-odds"),
    ("note", [WORDS, FOUR[0], 0, 2.0], "a constant"),
    ("note", [WORDS, FOUR[0], 1, -0.5], "a negative one"),
    ("note", [WORDS, [1.0] * 4, 3, 0.0], "equal scores"),
    ("note", [WORDS, [-4.0, -4.0, 4.0, -4.0], 2, 0.0], "a dominant score"),
    ("law_said", [WORDS, [0.125, 0.5, 0.375, 0.0]], "four words"),
    ("scores_problem", [THREE, WORDS[:3]], "nothing is wrong"),
    ("scores_problem", [THREE, WORDS], "a row is missing"),
    ("scores_problem", [[[0, 1], [1, 4.5]], ["a", "b"]], "too large"),
    ("scores_problem", [[[0, 1], [1]], ["a", "b"]], "too short a row"),
    ("scores_problem", [[[-4, 4], [0, "1"]], ["a", "b"]], "no number"),
    ("problem", [WORDS, FOUR], "nothing is wrong"),
    ("problem", [list("abcde"), FOUR], "five words are too many"),
    ("problem", [None, FOUR], "labels are no list"),
    ("problem", [WORDS, None], "scores are no list"),
]
