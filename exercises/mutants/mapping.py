"""Answers to the notebook ``mapping`` for testing its tests.

``MUTANTS`` are wrong answers that learners might give.
Each says which checks must fail, what their message must contain, and how many points are lost.
``UNUSUAL`` are right answers in another form than the reference; they must lose nothing.
All answers are tried on top of the reference solution, for the student named ``STUDENT``, whose
numbers let every slip show.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["MUTANTS", "STUDENT", "UNUSUAL", "Answer"]

STUDENT = "ada"


@dataclass(frozen=True)
class Answer:
    """What a learner writes in place of the reference solution, and what comes of it.

    Parameters
    ----------
    name : str
        What is wrong, or unusual.
    cells : dict
        The source of each answer cell that differs from the reference, by its name.
    fails : dict
        A part of the message of each check that must fail, by its name; no other may fail.
    loses : int
        The points that are lost.
    """

    name: str
    cells: dict[str, str]
    fails: dict[str, str] = field(default_factory=dict)
    loses: int = 0


def _law(expression: str, twice: str = "law[again] * after[again]") -> dict[str, str]:
    """Return an answer to task 1 that differs from the reference in one expression."""
    return {
        "task-1": f"""\
def tilt(m, row):
    return m * row / (m * row).sum()

seen = np.bincount(prompt, minlength=4)
q = prompt[-1]
law = tilt(seen, P[q])
grown = seen + (np.arange(4) == again)
after = tilt(grown, P[again])
twice = {twice}
law = {expression}"""
    }


def _row(body: str) -> dict[str, str]:
    """Return an answer to task 4 with another body."""
    lines = ["def recover_row(q, M, laws):", *(f"    {line}" for line in body.splitlines())]
    return {"task-4": "\n".join(lines)}


def _owl(body: str) -> dict[str, str]:
    """Return an answer to task 6 a) with another body."""
    lines = ["def owl_row(cat_row, dog_row, a, b):", *(f"    {line}" for line in body.splitlines())]
    return {"task-6": "\n".join(lines)}


RIGHT_OWL = """\
dictated = cat_row**a * dog_row**b
dictated /= dictated.sum()
far = max([[0.8, 0.1, 0.1], [0.1, 0.1, 0.8]], key=lambda row: abs(row - dictated).max())
"""

LIKES = """\
M, laws = np.asarray(M, float), np.asarray(laws, float)
if ((laws > 0) != (M > 0)).any():
    return None
likes = np.where(M > 0, laws / np.maximum(M, 1), 0)
"""


def _matrix(rows: str) -> dict[str, str]:
    """Return an answer to task 6 b) with other rows."""
    return {"task-6-matrix": f"{RIGHT_OWL}P_out_of_reach = np.array([{rows}])"}


TASK_1 = [
    Answer(
        "shares of the prompt",
        _law("seen / seen.sum()"),
        {"task-1-form": "where are the likes", "task-1-law": "multiply each by its like"},
        1,
    ),
    Answer(
        "row of P without the counts",
        _law("P[q]"),
        {"task-1-form": "where are the counts", "task-1-law": "multiply by the counts"},
        1,
    ),
    Answer("column of P", _law("tilt(seen, P[:, q])"), {"task-1-law": "a column of `P`"}, 1),
    Answer(
        "row of the first word", _law("tilt(seen, P[prompt[0]])"), {"task-1-law": "first word"}, 1
    ),
    Answer(
        "query left out of the counts",
        _law("tilt(np.bincount(prompt[:-1], minlength=4), P[q])"),
        {"task-1-law": "the last word counts as well"},
        1,
    ),
    Answer(
        "presence for counts", _law("tilt(seen > 0, P[q])"), {"task-1-law": "how often matters"}, 1
    ),
    Answer("counts squared", _law("tilt(seen**2, P[q])"), {"task-1-law": "came in twice"}, 1),
    Answer(
        "products not divided by the total",
        _law("seen * P[q]"),
        {"task-1-form": "divide by the total", "task-1-law": "divide by the total"},
        1,
    ),
    Answer(
        "absent word kept",
        _law("tilt(seen + 0.5, P[q])"),
        {"task-1-form": "outside the prompt", "task-1-law": "outside the prompt"},
        1,
    ),
    Answer(
        "a word of the prompt left out",
        _law("np.eye(4)[again]"),
        {"task-1-form": "each word of the prompt", "task-1-law": "not what was asked"},
        1,
    ),
    Answer("first word alone", _law("law", "law[again]"), {"task-1-twice": "first word alone"}, 2),
    Answer(
        "law of present words only, as a shorter array",
        _law("law[law > 0]"),
        {"task-1-form": "shape (4,)", "task-1-law": "shape (4,)"},
        1,
    ),
    Answer(
        "law as a dictionary",
        _law("dict(zip(words, law))"),
        {"task-1-form": "a dict", "task-1-law": "a dict"},
        1,
    ),
    Answer("square", _law("law", "law[again]**2"), {"task-1-twice": "squared one probability"}, 2),
    Answer(
        "count not raised",
        _law("law", "law[again] * tilt(seen, P[again])[again]"),
        {"task-1-twice": "raise its count"},
        2,
    ),
    Answer(
        "row not changed",
        _law("law", "law[again] * tilt(grown, P[q])[again]"),
        {"task-1-twice": "new last word"},
        2,
    ),
    Answer(
        "plain chain",
        _law("law", "P[q, again] * P[again, again]"),
        {"task-1-twice": "the plain chain"},
        2,
    ),
    Answer(
        "second word alone", _law("law", "after[again]"), {"task-1-twice": "second word alone"}, 2
    ),
    Answer(
        "sum instead of product",
        _law("law", "1 + after[again]"),
        {"task-1-form": "between 0 and 1", "task-1-twice": "between 0 and 1"},
        2,
    ),
    Answer(
        "whole array for one number",
        _law("law", "law * after"),
        {"task-1-form": "an array of shape (4,)", "task-1-twice": "an array of shape (4,)"},
        2,
    ),
]

TASK_2 = [
    Answer(
        "copies that are there forgotten",
        {"task-2": "copies = int(np.ceil(m[:3] @ row[:3] / row[3]))"},
        {"task-2-value": "some copies are there already"},
        2,
    ),
    Answer(
        "rounded down",
        {"task-2": "copies = int(m[:3] @ row[:3] / row[3]) - m[3]"},
        {"task-2-value": "one too few"},
        2,
    ),
    Answer(
        "one more to be safe",
        {"task-2": "copies = int(m[:3] @ row[:3] / row[3]) - m[3] + 2"},
        {"task-2-value": "one too many"},
        2,
    ),
    Answer("far too many", {"task-2": "copies = 1000"}, {"task-2-value": "fewer are enough"}, 2),
    Answer(
        "half of the words", {"task-2": "copies = sum(m[:3]) - m[3]"}, {"task-2-value": "half"}, 2
    ),
    Answer(
        "likeliest only",
        {"task-2": "copies = int(np.ceil((m * row).max() / row[3])) - m[3]"},
        {"task-2-value": "outweigh all of them"},
        2,
    ),
    Answer(
        "not rounded",
        {"task-2": "copies = m[:3] @ row[:3] / row[3] - m[3]"},
        {"task-2-form": "whole number", "task-2-value": "whole number"},
        2,
    ),
    Answer(
        "copies as text",
        {"task-2": "copies = '12'"},
        {"task-2-form": "is text", "task-2-value": "is text"},
        2,
    ),
    Answer(
        "none at all",
        {"task-2": "copies = 0"},
        {"task-2-form": "without a new copy", "task-2-value": "more are needed"},
        2,
    ),
]


def _odds(expression: str) -> dict[str, str]:
    """Return an answer to task 3 with other odds."""
    return {
        "task-3": f"odds = {expression}\nchange = E.inv() * sp.ones(2, 1) * sp.Matrix([[b_0, b_1]])"
    }


def _change(expression: str) -> dict[str, str]:
    """Return an answer to task 3 with another family."""
    return {"task-3": f"odds = m_i / m_j * sp.exp(theta_i - theta_j)\nchange = {expression}"}


TASK_3 = [
    Answer(
        "counts forgotten",
        _odds("sp.exp(theta_i - theta_j)"),
        {"task-3-form": "should double the odds", "task-3-odds": "where are the counts"},
        2,
    ),
    Answer("logits forgotten", _odds("m_i / m_j"), {"task-3-odds": "where are the logits"}, 2),
    Answer(
        "logits without exponential",
        _odds("m_i * theta_i / (m_j * theta_j)"),
        {"task-3-form": "where is the exponential", "task-3-odds": "through their exponentials"},
        2,
    ),
    Answer(
        "upside down",
        _odds("m_j / m_i * sp.exp(theta_j - theta_i)"),
        {"task-3-form": "should double the odds", "task-3-odds": "`j` against `i`"},
        2,
    ),
    Answer(
        "wrong sign of the logits",
        _odds("m_i / m_j * sp.exp(theta_j - theta_i)"),
        {"task-3-odds": "larger logit"},
        2,
    ),
    Answer(
        "log-odds",
        _odds("sp.log(m_i) - sp.log(m_j) + theta_i - theta_j"),
        {"task-3-form": "upside down", "task-3-odds": "take the exponential"},
        2,
    ),
    Answer(
        "probability among the two",
        _odds("m_i * sp.exp(theta_i) / (m_i * sp.exp(theta_i) + m_j * sp.exp(theta_j))"),
        {"task-3-form": "upside down", "task-3-odds": "a probability among the two"},
        2,
    ),
    Answer(
        "odds as text",
        _odds("'m_i/m_j*exp(theta_i - theta_j)'"),
        {"task-3-form": "without the quotes", "task-3-odds": "without the quotes"},
        2,
    ),
    Answer(
        "symbols made anew",
        _odds("sp.exp(theta_i - theta_j) * sp.Symbol('m_i') / sp.Symbol('m_j')"),
        {"task-3-form": "second symbol named m_i", "task-3-odds": "second symbol named m_i"},
        2,
    ),
    Answer(
        "transposed",
        _change("sp.Matrix([b_0, b_1]) * (E.inv() * sp.ones(2, 1)).T"),
        {"task-3-unseen": "transposed", "task-3-whole-family": "another family"},
        2,
    ),
    Answer(
        "a constant everywhere",
        _change("(b_0 + b_1) * sp.ones(2, 2)"),
        {"task-3-unseen": "all entries of W", "task-3-whole-family": "another family"},
        2,
    ),
    Answer(
        "columns of E for embeddings",
        _change("E.T.inv() * sp.ones(2, 1) * sp.Matrix([[b_0, b_1]])"),
        {"task-3-unseen": "columns of `E`", "task-3-whole-family": "another family"},
        2,
    ),
    Answer(
        "multiples of the identity",
        _change("sp.diag(b_0, b_1)"),
        {"task-3-unseen": "by different amounts", "task-3-whole-family": "another family"},
        2,
    ),
    Answer(
        "half of the family",
        _change("E.inv() * sp.ones(2, 1) * sp.Matrix([[b_0, b_0 + 0 * b_1]])"),
        {"task-3-whole-family": "free of each other"},
        1,
    ),
    Answer(
        "squares, which are never negative",
        _change("E.inv() * sp.ones(2, 1) * sp.Matrix([[b_0**2, b_1]])"),
        {"task-3-whole-family": "linearly"},
        1,
    ),
    Answer(
        "one matrix without symbols",
        _change("E.inv() * sp.ones(2, 2)"),
        {"task-3-form": "one matrix", "task-3-whole-family": "free of each other"},
        1,
    ),
    Answer(
        "zero matrix",
        _change("sp.zeros(2, 2)"),
        {
            "task-3-form": "is zero",
            "task-3-unseen": "is zero",
            "task-3-whole-family": "free of each other",
        },
        2,
    ),
    Answer(
        "array for a SymPy matrix",
        _change("np.ones((2, 2))"),
        dict.fromkeys(("task-3-form", "task-3-unseen", "task-3-whole-family"), "SymPy Matrix"),
        2,
    ),
]

ALL_OF_4 = ("task-4-form", "task-4-one", "task-4-several", "task-4-none")

TASK_4 = [
    Answer(
        "the law itself",
        _row("return laws[0]"),
        dict.fromkeys(ALL_OF_4, "take the counts out"),
        5,
    ),
    Answer(
        "multiplied by the counts",
        _row("likes = laws[0] * M[0]\nreturn likes / likes.sum()"),
        {"task-4-form": "divide by them"} | dict.fromkeys(ALL_OF_4[1:], "not multiply"),
        5,
    ),
    Answer(
        "counts taken out twice",
        _row("likes = laws[0] / np.maximum(M[0], 1) ** 2\nreturn likes / likes.sum()"),
        {"task-4-form": "should give the law back"}
        | dict.fromkeys(ALL_OF_4[1:], "not what was asked"),
        5,
    ),
    Answer(
        "likes not divided by the total",
        _row(f"{LIKES}return (likes / likes[:, [q]]).max(axis=0)"),
        dict.fromkeys(ALL_OF_4, "divide by the total"),
        5,
    ),
    Answer(
        "average over the prompts",
        _row(f"""\
{LIKES}
row = (likes / likes.sum(axis=1, keepdims=True)).mean(axis=0)
return row / row.sum()"""),
        {"task-4-several": "a factor of its own", "task-4-none": "a factor of its own"},
        3,
    ),
    Answer(
        "first prompt only",
        _row(f"{LIKES}return likes[0] / likes[0].sum()"),
        {"task-4-several": "a later prompt", "task-4-none": "a later prompt"},
        3,
    ),
    Answer(
        "laws added up",
        _row("row = laws.sum(axis=0) / M.sum(axis=0)\nreturn row / row.sum()"),
        {"task-4-several": "cannot be added up", "task-4-none": "cannot be added up"},
        3,
    ),
    Answer(
        "compared by token 0",
        _row(f"""\
{LIKES}
row = (likes / likes[:, [0]]).max(axis=0)
return row / row.sum()"""),
        {"task-4-several": "returned nan or inf", "task-4-none": "returned nan or inf"},
        3,
    ),
    Answer(
        "never None",
        _row("""\
likes = np.where(M > 0, laws / np.maximum(M, 1), 0)
row = (likes / likes[:, [q]]).max(axis=0)
return row / row.sum()"""),
        {"task-4-none": "the right answer is None"},
        1,
    ),
    Answer(
        "never None, but sorry for a law of zero",
        _row("""\
if (laws[M > 0] == 0).any():
    return None
likes = np.where(M > 0, laws / np.maximum(M, 1), 0)
row = (likes / likes[:, [q]]).max(axis=0)
return row / row.sum()"""),
        {"task-4-none": "no row explains all of these laws"},
        1,
    ),
    Answer(
        "absent tokens not looked at",
        _row("""\
if (laws[M > 0] == 0).any():
    return None
likes = np.where(M > 0, laws / np.maximum(M, 1), 0)
likes = likes / likes[:, [q]]
row = likes.max(axis=0)
return None if (abs(likes - row)[M > 0] > 1e-6 * row.max()).any() else row / row.sum()"""),
        {"task-4-none": "not in a prompt has no probability"},
        1,
    ),
    Answer(
        "rounding errors taken for contradictions",
        _row(f"""\
{LIKES}
likes = likes / likes[:, [q]]
row = likes.max(axis=0)
return None if (likes != row)[M > 0].any() else row / row.sum()"""),
        {"task-4-several": "None denies it", "task-4-none": "None denies it"},
        3,
    ),
    Answer(
        "prints instead of returning",
        _row("print(laws / M)"),
        {
            "task-4-form": "returned None",
            "task-4-one": "did you forget `return`",
            "task-4-several": "None denies it",
            "task-4-none": "None denies it",
        },
        5,
    ),
    Answer(
        "changes its argument",
        _row("""\
laws /= np.maximum(M, 1)
row = (laws / laws[:, [q]]).max(axis=0)
return row / row.sum()"""),
        {"task-4-form": "work on copies"} | dict.fromkeys(ALL_OF_4[1:], "work on a copy"),
        5,
    ),
    Answer(
        "three tokens taken for granted",
        _row("""\
row = np.zeros(3)
for j in range(3):
    row[j] = laws[0, j] / M[0, j]
return row / row.sum()"""),
        dict.fromkeys(ALL_OF_4[1:], "raised IndexError in line 4 of the cell"),
        4,
    ),
    Answer(
        "a name that does not exist",
        _row("return normalise(laws[0] / M[0])"),
        dict.fromkeys(ALL_OF_4, "NameError in line 2 of the cell with `recover_row`"),
        5,
    ),
]

TASK_6 = [
    Answer(
        "probabilities mixed",
        _owl("row = a * cat_row + b * dog_row\nreturn row / row.sum()"),
        {"task-6-form": "do not mix", "task-6-row": "their logarithms do"},
        2,
    ),
    Answer(
        "powers not divided by the total",
        _owl("return cat_row**a * dog_row**b"),
        {"task-6-form": "divide by the total", "task-6-row": "divide by the total"},
        2,
    ),
    Answer(
        "scores instead of probabilities",
        _owl("return a * np.log(cat_row) + b * np.log(dog_row)"),
        {"task-6-form": "never negative", "task-6-row": "take softmax"},
        2,
    ),
    Answer(
        "coefficients swapped",
        _owl("row = cat_row**b * dog_row**a\nreturn row / row.sum()"),
        {"task-6-form": "wrong order", "task-6-row": "`a` belongs to cat"},
        2,
    ),
    Answer(
        "signs lost",
        _owl("row = cat_row**abs(a) * dog_row**abs(b)\nreturn row / row.sum()"),
        {"task-6-row": "mind the signs"},
        2,
    ),
    Answer(
        "coefficients forgotten",
        _owl("row = cat_row * dog_row\nreturn row / row.sum()"),
        {"task-6-form": "owl *is* cat", "task-6-row": "where are `a` and `b`"},
        2,
    ),
    Answer(
        "numbers of the next cell instead of the arguments",
        _owl("""\
cat_row, dog_row, a, b = draw_task_6(STUDENT_ID)
row = cat_row**a * dog_row**b
return row / row.sum()"""),
        {"task-6-form": "owl *is* cat", "task-6-row": "returned shape (3,)"},
        2,
    ),
    Answer(
        "the row that is dictated",
        _matrix("cat_row, dog_row, dictated"),
        {"task-6-out-of-reach": "some W reaches it"},
        1,
    ),
    Answer(
        "almost the row that is dictated",
        _matrix("cat_row, dog_row, 0.98 * dictated + 0.02 / 3"),
        {"task-6-out-of-reach": "comes close to it"},
        1,
    ),
    Answer(
        "rows in another order",
        _matrix("dog_row, cat_row, far"),
        {"task-6-form": "the first two rows", "task-6-out-of-reach": "the first two rows"},
        1,
    ),
    Answer(
        "zero entries",
        _matrix("cat_row, dog_row, [1, 0, 0]"),
        {"task-6-form": "should be positive", "task-6-out-of-reach": "should be positive"},
        1,
    ),
    Answer(
        "columns for rows",
        {"task-6-matrix": _matrix("cat_row, dog_row, far")["task-6-matrix"] + ".T"},
        {"task-6-form": "the columns of", "task-6-out-of-reach": "the columns of"},
        1,
    ),
]

MUTANTS = [*TASK_1, *TASK_2, *TASK_3, *TASK_4, *TASK_6]

FIRST_AGAINST_BOTH = "m_i*sp.exp(theta_i) / (m_i*sp.exp(theta_i) + m_j*sp.exp(theta_j))"

UNUSUAL = [
    Answer("law as a list of three decimals", _law("[round(p, 3) for p in law]")),
    Answer("law as a tuple of SymPy numbers", _law("tuple(sp.nsimplify(p) for p in law)")),
    Answer(
        "the given names are changed on the way",
        {"task-1": _law("law")["task-1"] + "\nprompt = np.append(prompt, again)\nP = P[q]"},
    ),
    Answer(
        "copies as a float",
        {"task-2": "copies = float(np.ceil(m[:3] @ row[:3] / row[3]) - m[3])"},
    ),
    Answer(
        "copies by trying, in the given array",
        {
            "task-2": """\
copies = 0
while m[3] * row[3] < m[:3] @ row[:3]:
    copies += 1
    m[3] += 1"""
        },
    ),
    Answer("odds through the law", _odds(f"({FIRST_AGAINST_BOTH}) / (1 - {FIRST_AGAINST_BOTH})")),
    Answer("odds in one exponential", _odds("sp.exp(sp.log(m_i / m_j) + theta_i - theta_j)")),
    Answer("odds with a float", _odds("1.0 * m_i * sp.E**theta_i / (m_j * sp.E**theta_j)")),
    Answer(
        "change with other parameters",
        _change("3 * E.inv() * sp.ones(2, 1) * sp.Matrix([[b_0 - b_1, 2 * b_0 + b_1]])"),
    ),
    Answer(
        "change as an immutable matrix, entry by entry",
        _change("""sp.ImmutableMatrix([
    [(E[1, 1] - E[0, 1]) * b_0, (E[1, 1] - E[0, 1]) * b_1],
    [(E[0, 0] - E[1, 0]) * b_0, (E[0, 0] - E[1, 0]) * b_1],
])"""),
    ),
    Answer(
        "change with floats",
        _change("""\
sp.Matrix(np.linalg.solve(np.array(E, float), np.ones(2))) * sp.Matrix([[b_0, b_1]])"""),
    ),
    Answer(
        "loops, a list, and warnings on the way",
        _row("""\
K = len(M[0])
row = [None] * K
for m, law in zip(M, laws):
    ratio = (law / m) / (law[q] / m[q])
    for j in range(K):
        if (m[j] > 0) != (law[j] > 0):
            return None
        if m[j] == 0:
            continue
        if row[j] is not None and abs(ratio[j] / row[j] - 1) > 1e-6:
            return None
        row[j] = ratio[j]
return [r / sum(row) for r in row]"""),
    ),
    Answer(
        "logarithms and a last look",
        _row("""\
if ((laws > 0) != (M > 0)).any():
    return None
logits = np.log(laws) - np.log(M)
logits = logits - logits[:, [q]]
row = np.exp(np.nanmean(logits, axis=0))
again = row * M / (M @ row)[:, None]
return row / row.sum() if np.allclose(again, laws, rtol=1e-7, atol=0) else None"""),
    ),
    Answer("powers", _owl("row = cat_row**a * dog_row**b\nreturn row / row.sum()")),
    Answer(
        "a list of powers",
        _owl("""\
row = [c**a * d**b for c, d in zip(cat_row, dog_row)]
return [r / sum(row) for r in row]"""),
    ),
    Answer(
        "P_out_of_reach as a list of lists",
        {
            "task-6-matrix": f"""\
{RIGHT_OWL}
P_out_of_reach = [list(cat_row), list(dog_row), far]"""
        },
    ),
]
