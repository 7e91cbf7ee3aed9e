"""Cases for co-occurrence."""

from __future__ import annotations

from typing import Any

from ccmc_teach.widgets.twins.co_occurrence import laplacian
from widgets.golden.basics import TABLE, WORDS

CHAIN = [[0, 1], [1, 2], [2, 3]]
ISLANDS = [[0, 1], [2, 3]]
CAT, OWL = TABLE[0], TABLE[2]
EYE = [[1.0, 0.0], [0.0, 1.0]]
EVEN = [[0.5, 0.5], [0.5, 0.5]]

# Function, arguments and why the case is there.
CASES: list[tuple[str, list[Any], str]] = [
    ("possible_supports", [2], "one pair, two single words"),
    ("possible_supports", [4], "all sets of four words"),
    ("with_support", [CHAIN, [1, 2]], "off"),
    ("with_support", [CHAIN, [0, 1, 2]], "on, at the end"),
    ("with_support", [[[0, 1]], [0]], "part of a set is another set"),
    ("preset", ["together", 3, 1], "one prompt"),
    ("preset", ["chain", 4, 2], "pairs in a row"),
    ("preset", ["islands", 3, 0], "the first half is the larger"),
    ("preset", ["star", 4, 2], "in increasing order"),
    ("preset", ["chain", 2, 0], "two words"),
    ("prompts_of", [CHAIN, 0, False], "the sets themselves"),
    ("prompts_of", [CHAIN, 0, True], "the query joins"),
    ("prompts_of", [[[1], [0, 1]], 0, True], "two sets become the same prompt"),
    ("prompts_of", [[[0]], 3, True], "in increasing order"),
    ("prompts_of", [[], 1, True], "no data"),
    ("islands", [CHAIN, 4], "a chain"),
    ("islands", [ISLANDS, 4], "two islands"),
    ("islands", [[[2, 3], [0, 3]], 4], "islands grow together backwards"),
    ("islands", [[[1, 3], [0, 2], [2, 3]], 4], "and through each other"),
    ("islands", [[], 3], "every word alone"),
    ("islands", [[[0], [1]], 2], "single words join nothing"),
    ("prompt_law", [[0, 1], CAT], "two words"),
    ("prompt_law", [[3], CAT], "one word is certain"),
    ("laplacian", [CHAIN, CAT], "a chain"),
    ("laplacian", [[[0, 1, 2, 3]], CAT], "all words"),
    ("laplacian", [[[0], [1, 2]], CAT], "a single word counts as a prompt"),
    ("laplacian", [[], CAT], "no data"),
    ("eigenvalues", [laplacian(CHAIN, CAT)], "a chain"),
    ("eigenvalues", [laplacian(ISLANDS, OWL)], "two zeros"),
    ("eigenvalues", [[[2.0, -1.0], [-1.0, 3.0]]], "negative off the diagonal"),
    ("eigenvalues", [[[1.0, 0.5], [0.5, 1.0]]], "an equal diagonal"),
    ("weakest_group", [laplacian(CHAIN, CAT), 0], "the smaller weight"),
    ("weakest_group", [laplacian(CHAIN, TABLE[1]), 1], "the end of a chain"),
    ("weakest_group", [laplacian(ISLANDS, OWL), 0], "the island without the query"),
    ("weakest_group", [laplacian(ISLANDS, OWL), 2], "which is the other one now"),
    ("weakest_group", [laplacian([[1, 2, 3]], OWL), 0], "the smaller side holds the query"),
    ("weakest_group", [laplacian([[0, 1, 2, 3]], OWL), 3], "a tie goes to the first"),
    ("weakest_group", [laplacian([[0, 1]], [0.3, 0.7]), 1], "two words"),
    ("single_word", [laplacian(ISLANDS, OWL), [2, 3]], "a word of the group"),
    ("single_word", [laplacian([[1, 2, 3]], OWL), [0]], "a word of the others"),
    ("single_word", [laplacian([[0, 1]], OWL), [2, 3]], "the group is not joined"),
    ("single_word", [laplacian([], OWL), [1]], "no data"),
    ("single_word", [laplacian([[0, 1]], [0.5, 0.5]), [1]], "both sides are single words"),
    ("notices", [[0, 1], [1, 2]], "a word of the group and another"),
    ("notices", [[1, 2], [1, 2]], "all of them"),
    ("notices", [[0, 3], [1, 2]], "none of them"),
    ("tilted_law", [[0, 1, 2], CAT, [2], 1.5], "one word is tilted"),
    ("tilted_law", [[2, 3], CAT, [2, 3], 2.5], "both are"),
    ("tilted_law", [[0, 1, 2, 3], CAT, [2, 3], -3.0], "down"),
    ("likelihood_change", [CHAIN, CAT, [2, 3], 3.0], "one prompt of three notices"),
    ("likelihood_change", [CHAIN, CAT, [2], -3.0], "two of three"),
    ("likelihood_change", [ISLANDS, CAT, [2, 3], 3.0], "flat"),
    ("likelihood_change", [CHAIN, CAT, [1], 0.0], "nothing is tilted"),
    ("likelihood_change", [[], CAT, [1], 1.0], "no data"),
    *(("verdict", [parts], "how many islands") for parts in (1, 2, 3, 4)),
    ("problem", [WORDS, TABLE, CHAIN], "nothing is wrong"),
    ("problem", [WORDS, TABLE, []], "no data are no fault"),
    ("problem", [None, TABLE, CHAIN], "labels are no list"),
    ("problem", [list("abcde"), TABLE, CHAIN], "five words are too many"),
    ("problem", [WORDS, TABLE[:3], CHAIN], "a row is missing"),
    ("problem", [["a", "b"], EYE, [[0, 1]]], "a taste of zero"),
    ("problem", [["a", "b"], [[0.5, 0.5], [0.0, 1.0]], []], "in the second row"),
    ("problem", [["a", "b"], EVEN, None], "supports are no list"),
    ("problem", [["a", "b"], EVEN, [0]], "a set is no list"),
    ("problem", [["a", "b"], EVEN, [[]]], "an empty set"),
    ("problem", [["a", "b"], EVEN, [[0, 2]]], "an unknown token"),
    ("problem", [["a", "b"], EVEN, [[1, 0]]], "not in increasing order"),
    ("problem", [["a", "b"], EVEN, [[0, 0]]], "a token twice"),
    ("problem", [["a", "b"], EVEN, [[0, 1], [0], [0, 1]]], "a set twice"),
    ("problem", [["a", "b"], EVEN, [[0], [1], [0, 1]]], "all sets"),
]
