"""Cases for the likelihood on the triangle."""

from __future__ import annotations

from typing import Any

from ccmc_teach.widgets.twins.likelihood_triangle import FALLS, FALLS_OF_ONE_RATIO, cloud

WORDS = ["cat", "dog", "owl"]
TRUTH = [0.2, 0.5, 0.3]
RARE = [0.38, 0.02, 0.6]
EVEN = [[4, 4, 2], [0, 6, 3], [1, 5, 5]]
BEST = [0.25, 0.25, 0.5]


def told(truth: list[float], family: str, n: int, seed: int) -> dict[str, Any]:
    """Return what sentences need of the data, without the long outlines of the regions."""
    now = cloud(truth, family, n, seed)
    return {name: value for name, value in now.items() if name not in ("inner", "outer")}


INSIDE = told(TRUTH, "balanced", 500, 2)
WIDE = told(TRUTH, "skewed", 30, 1)
BORDER = told(RARE, "balanced", 30, 1)
CORNER = told(TRUTH, "balanced", 1, 1)
OPEN = told(TRUTH, "missing", 30, 2)
PARTS = [(k % 7 + 1) / 8 for k in range(120)]

# Function, arguments and why the case is there.
CASES: list[tuple[str, list[Any], str]] = [
    ("choices", [TRUTH, "balanced", 30, 2], "the default"),
    ("choices", [TRUTH, "skewed", 200, 4294967295], "the largest seed"),
    ("choices", [RARE, "missing", 50, 0], "a word in no prompt"),
    ("choices", [TRUTH, "balanced", 2000, 7], "as many as there can be"),
    ("estimate", ["balanced", EVEN], "all chosen"),
    ("estimate", ["skewed", [[0, 1, 9], [0, 0, 9], [1, 2, 8]]], "rare words"),
    ("estimate", ["balanced", [[3, 0, 2], [1, 0, 4], [0, 0, 0]]], "a word never chosen"),
    ("estimate", ["balanced", [[0, 0, 0], [0, 2, 0], [0, 0, 0]]], "a corner"),
    ("estimate", ["missing", [[4, 6, 0], [0, 9, 0], [1, 10, 0]]], "a word never present"),
    ("targets", [], "once around"),
    ("reach", ["balanced", EVEN, INSIDE["best"], [1.0, 0.0, 0.0], FALLS[0]], "to a corner"),
    ("reach", ["balanced", EVEN, INSIDE["best"], [0.5, 0.5, 0.0], FALLS[1]], "to a side"),
    ("reach", ["balanced", EVEN, INSIDE["best"], INSIDE["best"], FALLS[1]], "no way to go"),
    ("reach", ["missing", [[4, 0, 0], [0, 0, 0], [0, 0, 0]], [1, 0, 0], [0, 1, 0], 4], "a power"),
    (
        "reach",
        [
            "missing",
            [[1, 1, 0], [0, 0, 0], [0, 0, 0]],
            [0.5, 0.5, 0.0],
            [1, 0, 0],
            FALLS_OF_ONE_RATIO[1],
        ],
        "one ratio",
    ),
    ("area", [BEST, PARTS], "a region all around"),
    ("area", [BEST, [1] * 120], "the whole triangle"),
    ("area", [[0.25, 0.75, 0.0], [0.5, 0.25]], "a wedge"),
    ("cloud", [TRUTH, "balanced", 30, 2], "the default"),
    ("cloud", [TRUTH, "skewed", 30, 2], "skewed counts"),
    ("cloud", [TRUTH, "missing", 30, 2], "one ratio free"),
    ("cloud", [TRUTH, "balanced", 1, 1], "a single prompt"),
    ("cloud", [RARE, "balanced", 30, 1], "on the border"),
    ("divergence", [TRUTH, [0.25, 0.4, 0.35]], "finite"),
    ("divergence", [TRUTH, TRUTH], "none"),
    ("divergence", [TRUTH, [0.0, 0.6, 0.4]], "a word ruled out"),
    ("summary", [WORDS, TRUTH, "balanced", INSIDE], "inside"),
    ("summary", [WORDS, TRUTH, "balanced", CORNER], "one prompt"),
    ("summary", [WORDS, TRUTH, "missing", OPEN], "one ratio free"),
    ("caution", [WORDS, "balanced", INSIDE], "an ellipse"),
    ("caution", [WORDS, "skewed", WIDE], "an ellipse that sticks out"),
    ("caution", [WORDS, "balanced", BORDER], "a word never chosen"),
    ("caution", [WORDS, "balanced", CORNER], "two words never chosen"),
    ("caution", [WORDS, "missing", OPEN], "a flat ridge"),
    ("problem", [WORDS, TRUTH, "balanced", 30, 2], "nothing is wrong"),
    ("problem", [WORDS[:2], TRUTH, "balanced", 30, 2], "two words"),
    ("problem", [[*WORDS, "fox"], TRUTH, "balanced", 30, 2], "four words"),
    ("problem", [None, TRUTH, "balanced", 30, 2], "labels are no list"),
    ("problem", [WORDS, [0.5, 0.5, 0.0], "balanced", 30, 2], "a share of zero"),
    ("problem", [WORDS, [0.01, 0.01, 0.98], "balanced", 30, 2], "the smallest shares"),
    ("problem", [WORDS, [0.5, 0.5], "balanced", 30, 2], "a short law"),
    ("problem", [WORDS, [0.4, 0.4, 0.3], "balanced", 30, 2], "too much"),
    ("problem", [WORDS, TRUTH, "toString", 30, 2], "a name that objects inherit"),
    ("problem", [WORDS, TRUTH, ["missing"], 30, 2], "a family that is no text"),
    ("problem", [WORDS, TRUTH, "balanced", 0, 2], "no prompt"),
    ("problem", [WORDS, TRUTH, "balanced", 2001, 2], "too many prompts"),
    ("problem", [WORDS, TRUTH, "balanced", 2.5, 2], "half a prompt"),
    ("problem", [WORDS, TRUTH, "balanced", True, 2], "a truth value is no number"),
    ("problem", [WORDS, TRUTH, "balanced", 2000, 4294967295], "the largest of all"),
    ("problem", [WORDS, TRUTH, "balanced", 30, -1], "a negative seed"),
    ("problem", [WORDS, TRUTH, "balanced", 30, 4294967296], "a seed too large"),
    ("problem", [WORDS, TRUTH, "balanced", 30, "1"], "a seed in words"),
]
