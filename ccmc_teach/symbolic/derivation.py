"""Derivations: lists of lines, each with its reason and its proof, and how they are shown."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ccmc_teach.symbolic.notation import latex
from ccmc_teach.symbolic.proof import compare, exact_hypotheses, exact_line

__all__ = ["Derivation", "DerivationError", "PromptDerivation", "Step"]

PROVED = "SymPy has proved each line equal to the one above it."

# A formula that is too long for a phone scrolls by itself; the page never does.
_SCROLLS = "overflow-x: auto; overflow-y: hidden"


class DerivationError(ValueError):
    """Says which line of a derivation is not proved equal to the line before it.

    Attributes
    ----------
    line : int
        Number of the line that failed; the first line is 1.
    before, after : sympy object
        The two lines that were compared.
    difference : sympy object or None
        What is left of ``after - before``, or None where the lines cannot be subtracted.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> try:
    ...     _ = Derivation("A slip", [Step((x + 1) ** 2, "Start."), Step(x**2 + 1, "Expand.")])
    ... except DerivationError as error:
    ...     print(error.line, error.difference)
    2 -2*x
    """

    def __init__(self, message: str, line: int, before: Any, after: Any, difference: Any) -> None:
        super().__init__(message)
        self.line = line
        self.before = before
        self.after = after
        self.difference = difference


@dataclass(frozen=True, init=False)
class Step:
    """One line of a derivation, the reason why it holds, and the hypotheses that it uses.

    Parameters
    ----------
    expression : sympy expression, matrix, matrix expression or Eq
        The line, exact: floating-point numbers and infinities are refused.
    justification : str
        A sentence; mathematics may stand between dollar signs.
    using : mapping from sympy objects to sympy objects, optional
        Hypotheses, left side to right side; a ``Wild`` on the left stands for every value.
    begins : bool
        Whether the line begins a new chain of equalities; the first line always does.

    Raises
    ------
    ValueError
        If the expression is no exact SymPy object, the justification is empty, or a hypothesis
        has sides of unlike shapes or no symbol on its left side.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> Step(x + y, "Put $y = 2 x$.", using={y: 2 * x}).using
    ((y, 2*x),)
    """

    expression: Any
    justification: str
    using: tuple[tuple[Any, Any], ...]
    begins: bool

    def __init__(
        self,
        expression: Any,
        justification: str,
        using: Mapping[Any, Any] | None = None,
        *,
        begins: bool = False,
    ) -> None:
        # A frozen dataclass is filled in this way by the code that it generates, too.
        object.__setattr__(self, "expression", exact_line(expression, "expression"))
        object.__setattr__(self, "justification", _sentence(justification, "justification"))
        object.__setattr__(self, "using", exact_hypotheses(using))
        object.__setattr__(self, "begins", bool(begins))


@dataclass(frozen=True, init=False, repr=False)
class Derivation:
    """A list of steps, each proved equal to the one before it when the list is made.

    It displays as numbered mathematics on a page, in a notebook and in print.

    Parameters
    ----------
    title : str
        What is derived.
    steps : sequence of Step
        At least one; the first step is where the derivation starts.
    remark : str
        What is left to say under the last line.

    Raises
    ------
    ValueError
        If there are no steps or one of them is no Step.
    DerivationError
        If a step is not proved; it names the line and shows the difference.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> Derivation("A square", [
    ...     Step((x + 1) ** 2, "Start."),
    ...     Step(x**2 + 2 * x + 1, "Multiply out."),
    ... ])
    A square
      1.   (x + 1)**2
           Start.
      2. = x**2 + 2*x + 1
           Multiply out.
    SymPy has proved each line equal to the one above it.
    """

    title: str
    steps: tuple[Step, ...]
    remark: str

    def __init__(self, title: str, steps: Sequence[Step], remark: str = "") -> None:
        object.__setattr__(self, "title", _sentence(title, "title"))
        object.__setattr__(self, "steps", _as_steps(steps))
        object.__setattr__(self, "remark", _sentence(remark, "remark") if remark else "")
        self._prove()

    @property
    def final(self) -> Any:
        """The expression of the last line."""
        return self.steps[-1].expression

    def _prove(self) -> None:
        for line, (first, second) in enumerate(itertools.pairwise(self.steps), start=2):
            if second.begins:
                continue
            before, after = first.expression, second.expression
            is_proved, difference, reason = compare(before, after, second.using)
            if not is_proved:
                message = (
                    f"line {line} of {self.title!r} is not proved equal to line {line - 1}: "
                    f"{reason}."
                )
                raise DerivationError(message, line, before, after, difference)

    def __repr__(self) -> str:
        """Return the numbered lines as plain text."""
        return _as_text(self)

    def _repr_html_(self) -> str:
        return _as_html(self)

    def _repr_latex_(self) -> str:
        return _as_latex(self)


@dataclass(frozen=True, init=False, repr=False)
class PromptDerivation(Derivation):
    """A derivation that is shown for one prompt and proved, line by line, for many.

    Parameters
    ----------
    title, steps, remark
        As for :class:`Derivation`: the lines for the prompt that is shown.
    prompts : sequence of prompts
        The prompts for which the derivation was proved.

    Examples
    --------
    >>> step = Step(sp.Symbol("a_1"), "The weight of the only position.")
    >>> PromptDerivation("Short prompts", [step], prompts=[(0,), (1,)]).prompts_proved
    2
    """

    prompts: tuple[tuple[int, ...], ...]

    def __init__(
        self,
        title: str,
        steps: Sequence[Step],
        remark: str = "",
        prompts: Iterable[tuple[int, ...]] = (),
    ) -> None:
        super().__init__(title, steps, remark)
        object.__setattr__(self, "prompts", tuple(prompts))

    @property
    def prompts_proved(self) -> int:
        """The number of prompts for which the derivation was proved."""
        return len(self.prompts)


def _sentence(text: Any, name: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{name} must be a text that says something, got {text!r:.60}.")
    return " ".join(text.split())


def _as_steps(steps: Any) -> tuple[Step, ...]:
    if isinstance(steps, Step) or not isinstance(steps, Iterable):
        raise ValueError(f"steps must be a sequence of Step objects, got {steps!r:.60}.")
    checked = tuple(steps)
    if not checked:
        raise ValueError("steps must hold at least one Step, got none.")
    for place, step in enumerate(checked):
        if not isinstance(step, Step):
            raise ValueError(f"steps must hold Step objects, got steps[{place}] = {step!r:.60}.")
    return checked


def _sign(derivation: Derivation, place: int) -> str:
    """Return the sign in front of a line: = inside a chain, nothing at its beginning."""
    step = derivation.steps[place]
    has_none = place == 0 or step.begins or isinstance(step.expression, sp.Eq)
    return "" if has_none else "="


def _last_words(derivation: Derivation) -> str:
    # A single line or the beginning of a chain needs no proof.
    has_proofs = any(not step.begins for step in derivation.steps[1:])
    return " ".join(filter(None, [PROVED if has_proofs else "", derivation.remark]))


def _as_text(derivation: Derivation) -> str:
    lines = [derivation.title]
    for place, step in enumerate(derivation.steps):
        head = f"{place + 1:3}. {_sign(derivation, place):1} "
        indent = " " * len(head)
        lines.append(head + str(step.expression).replace("\n", "\n" + indent))
        lines.append(indent + step.justification)
        lines.extend(f"{indent}Used: {left} = {right}" for left, right in step.using)
    return "\n".join(filter(None, [*lines, _last_words(derivation)]))


def _as_html(derivation: Derivation) -> str:
    items = "\n".join(_html_item(derivation, place) for place in range(len(derivation.steps)))
    last_words = _html_text(_last_words(derivation))
    return (
        f'<div class="ccmc-derivation-block">\n'
        f'<p class="ccmc-derivation-title"><strong>{_html_text(derivation.title)}</strong></p>\n'
        f'<ol class="ccmc-derivation">\n{items}\n</ol>\n'
        f'<p class="ccmc-derivation-end">{last_words}</p>\n</div>'
    )


def _html_item(derivation: Derivation, place: int) -> str:
    step = derivation.steps[place]
    formula = html.escape(f"{_sign(derivation, place)} {latex(step.expression)}".strip())
    opening = f'<li><div class="math notranslate nohighlight" style="{_SCROLLS}">'
    return (
        f"{opening}\\[ {formula} \\]</div>\n"
        f"<p>{_html_text(step.justification)}{_html_used(step)}</p></li>"
    )


def _html_used(step: Step) -> str:
    if not step.using:
        return ""
    formulas = (f"{latex(left)} = {latex(right)}" for left, right in step.using)
    # Columns inside a line of text are set small.
    small = ",\n".join(_html_formula(tex.replace("{matrix}", "{smallmatrix}")) for tex in formulas)
    style = f"display: block; {_SCROLLS}"
    return f'\n<span class="ccmc-hypotheses" style="{style}">Used: {small}.</span>'


def _html_formula(tex: str) -> str:
    return f'<span class="math notranslate nohighlight">\\( {html.escape(tex)} \\)</span>'


def _html_text(text: str) -> str:
    """Escape a sentence; what stands between dollar signs becomes a formula."""
    parts = re.split(r"\$([^$]+)\$", text)
    return "".join(
        _html_formula(part) if place % 2 else html.escape(part) for place, part in enumerate(parts)
    )


def _as_latex(derivation: Derivation) -> str:
    rows = [rf"& \textbf{{{_tex_text(derivation.title)}}}"]
    for place, step in enumerate(derivation.steps):
        rows.append(rf"& \text{{{place + 1}. {_tex_text(step.justification)}}}")
        rows.append(rf"& \quad {_sign(derivation, place)} {latex(step.expression)}")
    return "$$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$$"


def _tex_text(text: str) -> str:
    """Escape a sentence for TeX; formulas between dollar signs stay as they are."""
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {letter: "\\" + letter for letter in "#%&_{}$"}
    parts = re.split(r"(\$[^$]+\$)", text)
    return "".join(
        part if place % 2 else "".join(special.get(letter, letter) for letter in part)
        for place, part in enumerate(parts)
    )
