"""Cases for position weights."""

from __future__ import annotations

from typing import Any

from widgets.golden.basics import TABLE, WORDS

PROMPT = [3, 1, 1, 0, 2, 1, 2, 2, 0]
ONES = [1.0] * 30
CURVE = [1.0, 0.7, 0.4, 0.2, 0.1, 0.2, 0.4, 0.7, *[1.0] * 22]
NEVER = [[0.0, 1.0], [0.5, 0.5]]

# Function, arguments and why the case is there.
CASES: list[tuple[str, list[Any], str]] = [
    ("place_weights", ["uniform", 0, ONES, 4], "equal weights"),
    ("place_weights", ["exponential", 0.15, ONES, 9], "the default"),
    ("place_weights", ["exponential", 0, ONES, 3], "rate 0 is equal"),
    ("place_weights", ["power", 1, ONES, 5], "one over the age plus one"),
    ("place_weights", ["power", 2.35, ONES, 30], "an exponent that is no whole number"),
    ("place_weights", ["window", 4, ONES, 9], "the last four"),
    ("place_weights", ["window", 9, ONES, 4], "wider than the prompt"),
    ("place_weights", ["window", 1, ONES, 4], "the last word alone"),
    ("place_weights", ["sink", 0.3, ONES, 9], "the first place is loudest"),
    ("place_weights", ["sink", 0, ONES, 3], "mass 0 is equal"),
    ("place_weights", ["absolute", 0, CURVE, 9], "the start of the table"),
    ("place_weights", ["exponential", 0.5, ONES, 1], "one word"),
    ("effective_number", [[1.0, 0.5, 0.25]], "between one and three"),
    ("effective_number", [[0.0, 0.01]], "one place"),
    ("effective_number", [[1e-200, 1e-200]], "tiny weights do not vanish"),
    ("weighted_counts", [PROMPT, CURVE[:9], 4], "sums of weights"),
    ("weighted_counts", [[1], [0.5], 3], "absent words"),
    ("effective_counts", [PROMPT, [1.0] * 9, 4], "equal weights are counts"),
    ("effective_counts", [PROMPT, CURVE[:9], 4], "on the scale of counts"),
    ("place_attention", [PROMPT, TABLE[0], [1.0] * 9], "tastes alone"),
    ("place_attention", [PROMPT, TABLE[0], CURVE[:9]], "weight times taste"),
    ("place_attention", [[1, 0], [0.0, 1.0], [0.5, 1.0]], "a taste of zero"),
    ("moved", [PROMPT, 0, 7], "the fox goes next to the end"),
    ("moved", [PROMPT, 7, 0], "a word goes to the front"),
    ("moved", [PROMPT, 2, 40], "held before the last word"),
    ("moved", [PROMPT, 2, -3], "held at the start"),
    ("with_front", [[2, 0], 1, 3], "three copies"),
    ("with_front", [[2, 0], 1, 0], "none"),
    ("older_weight", [0.15, 9], "the default"),
    ("older_weight", [1, 30], "next to nothing"),
    ("heard", ["uniform", 0, [1.0, 1.0]], "all alike"),
    ("heard", ["exponential", 0, [1.0, 1.0]], "nothing fades"),
    ("heard", ["exponential", 0.15, [0.75, 0.86, 1.0]], "a memory"),
    ("heard", ["exponential", 0.001, [1.0, 1.0]], "the slowest memory with a number"),
    ("heard", ["exponential", 1e-9, [1.0, 1.0]], "next to no forgetting"),
    ("heard", ["power", 1, [0.25, 0.5, 1.0]], "the oldest place"),
    ("heard", ["window", 2, [0.0, 1.0, 1.0]], "one silent place"),
    ("heard", ["window", 5, [1.0, 1.0]], "all in the window"),
    ("heard", ["sink", 0.5, [1.0, 0.25, 0.25]], "the share of the first place"),
    ("heard", ["sink", 0, [1.0, 1.0]], "no sink"),
    ("heard", ["absolute", 0, [1.0, 0.5]], "a table"),
    ("problem", [WORDS, TABLE, PROMPT, "exponential", 0.15, ONES], "nothing is wrong"),
    ("problem", [None, TABLE, PROMPT, "exponential", 0.15, ONES], "labels are no list"),
    ("problem", [WORDS, TABLE[:2], PROMPT, "exponential", 0.15, ONES], "rows are missing"),
    ("problem", [WORDS, TABLE, [4], "exponential", 0.15, ONES], "an unknown token"),
    ("problem", [WORDS, TABLE, [0] * 30, "exponential", 0.15, ONES], "thirty words fit"),
    ("problem", [WORDS, TABLE, [0] * 31, "exponential", 0.15, ONES], "too many words"),
    ("problem", [WORDS, TABLE, PROMPT, "linear", 0.15, ONES], "an unknown shape"),
    ("problem", [WORDS, TABLE, PROMPT, "toString", 0.15, ONES], "a name that objects inherit"),
    ("problem", [WORDS, TABLE, PROMPT, ["window"], 4, ONES], "a shape that is no text"),
    ("problem", [WORDS, TABLE, PROMPT, "exponential", 1.5, ONES], "too fast"),
    ("problem", [WORDS, TABLE, PROMPT, "power", -0.1, ONES], "a negative exponent"),
    ("problem", [WORDS, TABLE, PROMPT, "window", True, ONES], "a truth value is no number"),
    ("problem", [WORDS, TABLE, PROMPT, "sink", 0.91, ONES], "too much mass"),
    ("problem", [WORDS, TABLE, PROMPT, "uniform", None, ONES], "no number is needed"),
    ("problem", [WORDS, TABLE, PROMPT, "absolute", 0, ONES[:9]], "a short table"),
    ("problem", [WORDS, TABLE, PROMPT, "uniform", 0, [*ONES[:29], 1.5]], "a weight above 1"),
    ("problem", [WORDS, TABLE, PROMPT, "uniform", 0, [*ONES[:29], "1"]], "a weight in words"),
    ("problem", [WORDS, TABLE, PROMPT, "absolute", 0, [*ONES[:8], 0.0, *ONES[9:]]], "a mute end"),
    ("problem", [WORDS, TABLE, PROMPT, "uniform", 0, [*ONES[:8], 0.0, *ONES[9:]]], "not looked at"),
    ("problem", [["a", "b"], NEVER, [0], "uniform", 0, ONES], "nothing to attend to"),
    ("problem", [["a", "b"], NEVER, [1, 0, 0], "window", 2, ONES], "nothing within the window"),
    ("problem", [["a", "b"], NEVER, [1, 0, 0], "window", 3, ONES], "the window reaches it"),
]
