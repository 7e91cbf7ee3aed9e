"""Write the golden vectors of the twins: what Python answers, for JavaScript to repeat.

Run this file to write ``golden.json`` anew after a change of the mathematics.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ccmc_teach.widgets import twins

FILE = Path(__file__).with_name("golden.json")

WORDS = ["cat", "dog", "owl", "fox"]
TABLE = [
    [0.15, 0.45, 0.25, 0.15],
    [0.5, 0.1, 0.2, 0.2],
    [0.25, 0.25, 0.25, 0.25],
    [0.1, 0.2, 0.6, 0.1],
]
PROMPT = [1, 0, 2, 1, 3, 2, 1, 2, 0]
EYE = [[1.0, 0.0], [0.0, 1.0]]

# Function, arguments and why the case is there.
CASES: list[tuple[str, list[Any], str]] = [
    ("decimal", [0.125, 2], "a half that floats hold exactly goes up"),
    ("decimal", [-0.125, 2], "and away from zero"),
    ("decimal", [-0.001, 1], "no minus sign before zero"),
    ("decimal", [999.9996, 3], "carries into the whole part"),
    ("decimal", [7.02, 2], "keeps the zero after the point"),
    ("decimal", [12.0, 0], "no point without decimals"),
    ("percent", [0.125, 0], "half a percent"),
    ("percent", [0.52941176, 1], "one decimal"),
    ("percent", [1.0, 2], "certainty"),
    ("counts", [PROMPT, 4], "the default prompt"),
    ("counts", [[2], 4], "one word"),
    ("next_token_law", [TABLE[0], [2, 3, 3, 1]], "the default picture"),
    ("next_token_law", [TABLE[2], [1, 1, 1, 1]], "equal counts give the plain chain"),
    ("next_token_law", [[0.2, 0.3, 0.5], [0, 0, 9]], "one word left"),
    ("next_token_law", [[0.2, 0.8], [0.5, 1.25]], "weighted counts"),
    ("attention_weights", [PROMPT, TABLE[0]], "the default picture"),
    ("attention_weights", [[0] * 12 + [1], [1e-9, 1.0]], "one dominant word"),
    ("attention_weights", [[0, 1], [0.0, 1.0]], "a word of taste zero gets nothing"),
    ("with_taste", [TABLE[0], 1, 0.7], "the others shrink"),
    ("with_taste", [TABLE[0], 1, 2.0], "held below one"),
    ("with_taste", [TABLE[0], 1, 0.0], "held at the floor"),
    ("with_taste", [[0.0, 0.5, 0.5], 1, 0.2], "zero stays zero"),
    ("with_taste", [[0.0, 1.0, 0.0], 1, 0.4], "what is given up is shared"),
    ("with_taste", [[0.98, 0.01, 0.01], 0, 0.5], "all others at the floor"),
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


def answer(function: str, arguments: list[Any]) -> Any:
    """Return what the Python twin answers."""
    return getattr(twins, function)(*arguments)


def text() -> str:
    """Return the golden file: one case a line."""
    lines = [
        json.dumps({"function": f, "arguments": a, "why": why, "answer": answer(f, a)})
        for f, a, why in CASES
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
