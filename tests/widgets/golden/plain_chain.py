"""Cases for the plain chain."""

from __future__ import annotations

from typing import Any

from ccmc_teach.widgets.twins.plain_chain import preset
from widgets.golden.basics import TABLE, WORDS

NAMES = ("mixing", "slow", "rhythm", "trap", "islands")
THREE = ["cat", "dog", "owl"]
MIXING, SLOW, RHYTHM, TRAP, ISLANDS = (preset(name, 3) for name in NAMES)
SWAP = [[0.0, 1.0], [1.0, 0.0]]
EYE = [[1.0, 0.0], [0.0, 1.0]]
EVEN = [[0.5, 0.5], [0.5, 0.5]]
# Of four words one is left for ever, two swap for ever, one stays.
PARTED = [
    [0.25, 0.25, 0.25, 0.25],
    [0.0, 0.0, 1.0, 0.0],
    [0.0, 1.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 1.0],
]
LEFT = [[0.5, 0.5, 0.0], [0.0, 0.25, 0.75], [0.0, 0.5, 0.5]]
# A ring of four words and a short cut back: round trips of 4 and of 2 steps.
RING = [[0.0, 1.0, 0.0, 0.0], [0.5, 0.0, 0.5, 0.0], [0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]]
BACKWARDS = [[0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]
RARE = [[0.5, 0.499999, 1e-6], [1e-6, 0.0, 0.999999], [0.0, 1e-6, 0.999999]]

# Function, arguments and why the case is there.
CASES: list[tuple[str, list[Any], str]] = [
    *(("preset", [name, size], f"{size} words") for name in NAMES for size in (2, 3, 4)),
    ("walk", [MIXING, 0, 3, 40], "the first text"),
    ("walk", [MIXING, 2, 3, 40], "from another word"),
    ("walk", [MIXING, 0, 2**32 - 1, 12], "the largest seed"),
    ("walk", [TRAP, 1, 0, 30], "it is caught"),
    ("walk", [RHYTHM, 1, 9, 7], "nothing is left to luck"),
    ("walk", [EYE, 1, 1, 1], "one word, no step"),
    ("shares", [[2, 0, 2, 2], 3], "a word that is never seen"),
    ("shares", [[1], 2], "one word"),
    ("milestones", [1], "the shortest"),
    ("milestones", [24], "steps of one, then two"),
    ("milestones", [25], "the end is not passed"),
    ("milestones", [2000], "the longest"),
    ("running_shares", [[0, 1, 1, 2, 0], 3, [1, 2, 5]], "beginnings"),
    ("running_shares", [[0], 2, [1]], "one word"),
    ("power", [MIXING, 0], "no step"),
    ("power", [MIXING, 1], "one step"),
    ("power", [MIXING, 11], "an odd power"),
    ("power", [SLOW, 1999], "the largest power"),
    ("power", [SWAP, 12], "an even power of a rhythm"),
    ("spread", [MIXING], "a chain"),
    ("spread", [EYE], "nothing in common"),
    ("spread", [EVEN], "equal rows"),
    ("forgotten", [MIXING, 0.01], "soon"),
    ("forgotten", [SLOW, 0.01], "late"),
    ("forgotten", [ISLANDS, 0.01], "never"),
    ("forgotten", [EVEN, 0.01], "in one step"),
    ("meeting", [MIXING, 3], "texts meet"),
    ("meeting", [SLOW, 3], "later"),
    ("meeting", [RHYTHM, 3], "never"),
    ("led_to", [PARTED, 0], "to all"),
    ("led_to", [PARTED, 2], "to and fro"),
    ("led_to", [RHYTHM, 2], "step by step"),
    ("closed_classes", [MIXING], "all words"),
    ("closed_classes", [PARTED], "one word is in none"),
    ("closed_classes", [TRAP], "a single word"),
    ("closed_classes", [ISLANDS], "two"),
    ("period", [MIXING, [0, 1, 2]], "none"),
    ("period", [RHYTHM, [0, 1, 2]], "three"),
    ("period", [PARTED, [1, 2]], "of a part"),
    ("period", [RING, [0, 1, 2, 3]], "the common divisor"),
    ("period", [BACKWARDS, [0, 1, 2, 3]], "words are found in another order"),
    ("period", [EYE, [1]], "one word"),
    ("stationary", [MIXING, [0, 1, 2]], "all words"),
    ("stationary", [PARTED, [1, 2]], "a part"),
    ("stationary", [RARE, [0, 1, 2]], "rare steps"),
    ("stationary", [TABLE, [0, 1, 2, 3]], "four words"),
    ("limit", [LEFT, 0], "a word that is left"),
    ("limit", [PARTED, 0], "luck decides"),
    ("limit", [PARTED, 1], "it has decided"),
    ("named", [WORDS, [0, 1, 3]], "three words"),
    ("named", [WORDS, [2]], "one word"),
    ("law_said", [THREE, [0.125, 0.875, 0.0]], "three words"),
    ("verdict", [THREE, MIXING], "forgotten"),
    ("verdict", [THREE, RHYTHM], "a rhythm"),
    ("verdict", [THREE, TRAP], "one word is left"),
    ("verdict", [THREE, LEFT], "two words are left"),
    ("verdict", [THREE, ISLANDS], "two classes"),
    ("verdict", [WORDS, PARTED], "two classes and a word in none"),
    ("verdict", [WORDS, RING], "a rhythm of two"),
    ("problem", [WORDS, TABLE], "nothing is wrong"),
    ("problem", [THREE, RARE], "the smallest entry"),
    ("problem", [None, TABLE], "labels are no list"),
    ("problem", [list("abcde"), TABLE], "five words are too many"),
    ("problem", [WORDS, TABLE[:3]], "a row is missing"),
    ("problem", [["a", "b"], [[0.5, 0.5], [1e-7, 0.9999999]]], "a step too rare"),
    ("problem", [["a", "b"], [[0.5, 0.6], [1.0, 0.0]]], "no law"),
]
