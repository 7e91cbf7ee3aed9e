"""Steps and derivations: what is let in, what stops them, and how they are shown."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest
import sympy as sp

from ccmc_teach import symbolic
from ccmc_teach.symbolic import Derivation, DerivationError, Step
from ccmc_teach.symbolic.notation import latex
from symbolic.evaluation import f, i, made, x, y, z

DERIVATIONS = [
    getattr(symbolic, name)
    for name in symbolic.__all__
    if inspect.isfunction(getattr(symbolic, name)) and name != "proved_equal"
]


# --- Steps and derivations ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "got"),
    [
        ("x + 1", "got str 'x \\+ 1'"),
        (None, "got NoneType None"),
        (True, "got the truth value True"),
        (sp.Eq(x, x), "got the truth value True"),
        ([x, y], "got list"),
        (x < y, "got x < y"),
        (sp.Ne(x, y), "got Ne\\(x, y\\)"),
        (0.5, "be exact and finite, .* got 0.5"),
        (x + 0.5, "be exact and finite, .* got 0.5"),
        (sp.Matrix([x, 0.5]), "be exact and finite, .* got 0.5"),
        (sp.nan, "got nan"),
        (sp.zoo, "got zoo"),
        (x + sp.oo, "got oo"),
        (sp.Sum(f[i], (i, 0, sp.oo)), "got oo"),
        (sp.Symbol("a", commutative=False), "symbols that commute, got a"),
    ],
)
def test_a_line_is_an_exact_sympy_object(line: Any, got: str) -> None:
    with pytest.raises(ValueError, match=f"^expression must .*{got}.*"):
        Step(line, "A line.")


def test_a_line_keeps_what_it_was_when_the_caller_changes_a_matrix() -> None:
    table = sp.Matrix([x, y])
    step = Step(table, "A line.")
    table[0] = sp.Integer(0)
    assert step.expression == sp.ImmutableMatrix([x, y])


@pytest.mark.parametrize("justification", ["", "  ", None, 5])
def test_a_step_needs_a_reason(justification: Any) -> None:
    with pytest.raises(ValueError, match=r"^justification must be a text"):
        Step(x, justification)


@pytest.mark.parametrize(
    ("title", "steps", "sentence"),
    [
        ("", [Step(x, "A line.")], "title must be a text"),
        (None, [Step(x, "A line.")], "title must be a text"),
        ("T", [], "steps must hold at least one Step"),
        ("T", Step(x, "A line."), "steps must be a sequence of Step"),
        ("T", 3, "steps must be a sequence of Step"),
        ("T", [Step(x, "A line."), x], "steps must hold Step objects, got steps\\[1\\] = x"),
    ],
)
def test_a_derivation_needs_steps(title: Any, steps: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        Derivation(title, steps)


SQUARE = [(x + 1) ** 2, (x + 1) * (x + 1), x**2 + 2 * x + 1, x * (x + 2) + 1]


@pytest.mark.parametrize("wrong", [1, 2, 3])
def test_one_wrong_line_stops_the_derivation_and_is_named(wrong: int) -> None:
    lines = [line + int(place == wrong) for place, line in enumerate(SQUARE)]
    steps = [Step(line, "A line.") for line in lines]
    with pytest.raises(DerivationError) as caught:
        Derivation("The square", steps)
    error = caught.value
    assert error.line == wrong + 1
    assert error.before == lines[wrong - 1]
    assert error.after == lines[wrong]
    assert error.difference == 1
    assert str(error) == (
        f"line {wrong + 1} of 'The square' is not proved equal to line {wrong}: "
        "the difference 1 does not reduce to 0."
    )


def test_lines_of_unlike_shapes_are_named() -> None:
    with pytest.raises(DerivationError, match=r"its shape is \(2, 1\) and not \(\)") as caught:
        Derivation("Shapes", [Step(x, "A number."), Step(sp.Matrix([x, y]), "A column.")])
    assert caught.value.difference is None
    with pytest.raises(DerivationError, match=r"its shape is \(1, 2\) and not \(2, 1\)"):
        Derivation(
            "Shapes", [Step(sp.Matrix([x, y]), "A column."), Step(sp.Matrix([[x, y]]), "A row.")]
        )


def test_a_long_difference_is_cut() -> None:
    lines = [Step(x, "Start."), Step(sum(sp.symbols("a:200")), "Nonsense.")]
    with pytest.raises(DerivationError) as caught:
        Derivation("Long", lines)
    assert len(str(caught.value)) < 500
    assert str(caught.value).endswith(" ... does not reduce to 0.")


def test_a_new_chain_is_not_compared_with_the_last() -> None:
    steps = [Step(x, "One chain."), Step(y, "Another.", begins=True), Step(y + 0, "The same.")]
    assert len(Derivation("Two chains", steps).steps) == 3
    with pytest.raises(DerivationError, match="line 4"):
        Derivation("Two chains", [*steps, Step(x, "Back to the first?")])
    with pytest.raises(DerivationError, match="line 3"):
        Derivation("Two chains", [*steps[:2], Step(y + 1, "Wrong at once.")])


def test_a_derivation_cannot_be_changed_afterwards() -> None:
    steps = [Step(x, "A line.")]
    derivation = Derivation("Fixed", steps)
    steps.append(Step(y, "A lie."))
    assert len(derivation.steps) == 1
    with pytest.raises(AttributeError):
        derivation.steps = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        derivation.steps[0].expression = y  # type: ignore[misc]


# --- The derivations of the course ----------------------------------------------------------------


def changed(line: Any) -> Any:
    """Return a line that is not equal to this one."""
    if isinstance(line, sp.Eq):
        return sp.Eq(line.lhs, line.rhs + 1)
    if not getattr(line, "is_Matrix", False):
        return line + 1
    return sp.MatrixSymbol("other", *line.shape) if isinstance(line, sp.ZeroMatrix) else 2 * line


@pytest.mark.parametrize("derive", DERIVATIONS)
def test_any_other_line_is_refused(derive: Any) -> None:
    steps = list(made(derive).steps)
    for place, step in enumerate(steps):
        if place and not step.begins:
            wrong = Step(changed(step.expression), step.justification, dict(step.using))
            with pytest.raises(DerivationError, match=f"line {place + 1} of"):
                Derivation("With a slip", [*steps[:place], wrong])


@pytest.mark.parametrize("derive", DERIVATIONS)
def test_no_hypothesis_is_idle(derive: Any) -> None:
    steps = list(made(derive).steps)
    for place, step in enumerate(steps):
        for left in dict(step.using):
            fewer = {other: right for other, right in step.using if other != left}
            without = Step(step.expression, step.justification, fewer)
            with pytest.raises(DerivationError, match=f"line {place + 1} of"):
                Derivation("Without a hypothesis", [*steps[:place], without])


# --- How a derivation is shown --------------------------------------------------------------------


class Page(HTMLParser):
    """The elements of a page, its text, and what stands inside the formulas."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.texts.setdefault(self.open[-1], []).append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


@pytest.mark.parametrize("derive", DERIVATIONS)
def test_the_page_shows_a_numbered_list_of_formulas(derive: Any) -> None:
    derivation = made(derive)
    page = Page(derivation._repr_html_())
    assert ("ol", {"class": "ccmc-derivation"}) in page.tags
    assert page.count("ol") == 1
    assert page.count("li") == len(derivation.steps)
    formulas = [attributes for tag, attributes in page.tags if tag == "div"][1:]
    assert len(formulas) == len(derivation.steps)
    for attributes in formulas:
        assert attributes["class"] == "math notranslate nohighlight"
        assert "overflow-x: auto" in (attributes["style"] or "")
    for step, shown in zip(derivation.steps, page.texts["div"], strict=True):
        assert re.fullmatch(r"\\\[ .* \\\]", shown)
        assert latex(step.expression) in shown
    assert all(
        re.fullmatch(r"\\\( .* \\\)", shown)
        for shown in page.texts["span"]
        if "Used" not in shown and shown not in (".", ",\n")
    )


@pytest.mark.parametrize("derive", DERIVATIONS)
def test_nothing_but_tags_holds_a_raw_sign(derive: Any) -> None:
    page = made(derive)._repr_html_()
    tags = r"</?(?:div|p|strong|ol|li|span)(?: [a-z-]+=\"[^\"<>]*\")*>"
    assert not re.search(r"[<>]", re.sub(tags, "", page))


def test_text_and_formulas_are_escaped() -> None:
    case = sp.Piecewise((x, x < y), (y, True))
    derivation = Derivation(
        'Less <b> & "more"', [Step(case, "If $x < y$ & not <i>.", {z: case})], "Then <u>."
    )
    shown = derivation._repr_html_()
    assert "&lt;b&gt; &amp;" in shown
    assert "&lt;i&gt;" in shown
    assert "&lt;u&gt;" in shown
    page = Page(shown)
    assert {tag for tag, _ in page.tags} == {"div", "p", "strong", "ol", "li", "span"}
    assert r"\text{for}\: x < y" in page.texts["div"][0]
    assert r"\( x < y \)" in page.texts["span"]


def test_the_sign_of_equality_stands_inside_chains_only() -> None:
    steps = [Step(x, "Start."), Step(x + 0, "On."), Step(y, "New.", begins=True)]
    steps += [Step(sp.Eq(x, y), "Newer.", begins=True), Step(sp.Eq(x - y, 0), "On.")]
    derivation = Derivation("Signs", steps)
    shown = Page(derivation._repr_html_()).texts["div"]
    assert shown == [
        r"\[ x \]",
        r"\[ = x \]",
        r"\[ y \]",
        r"\[ x = y \]",
        r"\[ x - y = 0 \]",
    ]
    assert "  2. = x\n" in repr(derivation)
    assert "  3.   y\n" in repr(derivation)


def test_hypotheses_are_shown_beside_their_step() -> None:
    derivation = Derivation("Put in", [Step(x + y, "Start."), Step(3 * x, "Put in.", {y: 2 * x})])
    assert "Used: y = 2*x" in repr(derivation)
    page = derivation._repr_html_()
    first, second = page.split("<li>")[1:]
    assert "Used" not in first
    assert r"Used: <span" in second
    assert r"\( y = 2 x \)" in second


def test_columns_inside_a_sentence_are_small() -> None:
    page = symbolic.attention_is_a_chain(longest=1)._repr_html_()
    used = re.findall(r"ccmc-hypotheses.*?</p>", page, flags=re.DOTALL)
    assert any("{smallmatrix}" in text for text in used)
    assert not any("{matrix}" in text for text in used)
    assert "{matrix}" in page


def test_what_has_been_proved_is_said() -> None:
    single, double = Step(x, "A line."), Step(x, "The same.")
    assert "SymPy has proved" in repr(Derivation("Two", [single, double]))
    assert "SymPy has proved" in Derivation("Two", [single, double])._repr_html_()
    assert "SymPy" not in repr(Derivation("One", [single]))
    assert "SymPy" not in repr(Derivation("One", [single, Step(y, "New.", begins=True)]))
    assert "The end." in repr(Derivation("One", [single], "The end."))


@pytest.mark.parametrize("derive", DERIVATIONS)
def test_print_gets_one_formula_with_balanced_braces(derive: Any) -> None:
    text = made(derive)._repr_latex_()
    assert text.startswith("$$\\begin{aligned}\n")
    assert text.endswith("\n\\end{aligned}$$")
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    assert text.count(r"\quad") == len(made(derive).steps)


def doubled_marks(tex: str) -> list[str]:
    """Return where an index or an exponent stands directly on another, which TeX refuses."""
    tex, found = re.sub(r"\\[{}]", "|", tex), []
    script = r"\s*(?:□|\\[a-zA-Z]+|[^\s\\])\s*"
    double = re.compile(rf"([_^]){script}(?:(?!\1)[_^]{script})?\1")
    while True:
        found += [match[0] for match in double.finditer(tex)]
        smaller = re.sub(r"\{[^{}]*\}", "□", tex)
        if smaller == tex:
            return found
        tex = smaller


def test_a_doubled_mark_is_found() -> None:
    assert doubled_marks(r"u_{y}_{k}")
    assert doubled_marks(r"\frac{1}{H^{+}^{\top}}")
    assert not doubled_marks(r"\theta^{L}_{qx_{i}} + \left[u_{y}\right]_{k} (H^{+})^{\top} a_1 b_2")


@pytest.mark.parametrize("derive", DERIVATIONS)
def test_no_mark_stands_on_another(derive: Any) -> None:
    for step in made(derive).steps:
        for side in (step.expression, *(side for pair in step.using for side in pair)):
            assert doubled_marks(latex(side)) == []


def test_signs_of_tex_are_escaped_in_print() -> None:
    derivation = Derivation("50 % of_it & more", [Step(x, r"A \ line with $x_1 & y$ and #1.")])
    text = derivation._repr_latex_()
    assert r"50 \% of\_it \& more" in text
    assert r"A \textbackslash{} line with $x_1 & y$ and \#1." in text


def test_repr_lists_numbers_lines_and_reasons() -> None:
    text = repr(symbolic.gauge_freedom())
    assert text.splitlines()[0] == "A constant added to a row of scores changes nothing"
    assert re.findall(r"^ *(\d+)\. ", text, flags=re.MULTILINE) == list("12345")
    assert "It cancels" in text


def test_a_derivation_looks_the_same_in_every_process() -> None:
    code = (
        "from ccmc_teach import symbolic as s;"
        "print(s.attention_is_a_chain_for_any_K()._repr_html_(), s.inverse_map()._repr_latex_())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
