"""Checks: what they let pass, what they say, and that they never show a traceback or hang."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from ccmc_teach import checks
from ccmc_teach.checks import CheckFailed

x, y, z = sp.symbols("x y z", positive=True)
t = sp.Symbol("t", real=True)


def refusal(call: Callable[[], object]) -> str:
    """Return the sentence with which a check fails."""
    with pytest.raises(CheckFailed) as caught:
        call()
    return str(caught.value)


def run_cell(source: str, **names: object) -> dict[str, Any]:
    """Run code as a notebook runs a cell."""
    namespace: dict[str, Any] = {"__name__": "__main__", "checks": checks, "np": np, **names}
    exec(compile(source, "<cell>", "exec"), namespace)
    return namespace


def plain(lines: list[str]) -> str:
    """Return rendered lines without colours."""
    return re.sub(r"\x1b\[\d+m", "", "\n".join(lines))


# The exception.


def test_a_failed_check_is_an_assertion_error() -> None:
    assert issubclass(CheckFailed, AssertionError)


def test_a_notebook_shows_the_sentence_alone() -> None:
    assert plain(CheckFailed("`p` is 2.")._render_traceback_()) == "✗ Not yet: `p` is 2."


def test_a_notebook_shows_the_task_in_red() -> None:
    with pytest.raises(CheckFailed) as caught, checks.task("3"):
        checks.need(False, "`p` is 2.")
    assert caught.value._render_traceback_() == ["\x1b[31m✗ Task 3, not yet:\x1b[0m `p` is 2."]


def test_a_long_sentence_is_wrapped_between_words() -> None:
    sentence = "a well-known word " * 15
    lines = CheckFailed(sentence)._render_traceback_()
    assert len(lines) > 2
    assert max(len(plain([line])) for line in lines) <= checks.WIDTH
    assert plain(lines).replace("\n", " ") == f"✗ Not yet: {sentence.strip()}"


def test_a_sentence_has_no_line_breaks_and_an_end() -> None:
    assert str(CheckFailed("one\n  two\tthree")) == "one two three"
    long = str(CheckFailed("word " * 10_000))
    assert len(long) <= checks.LONGEST_SENTENCE
    assert long.endswith("...")


def test_ipython_uses_the_rendering() -> None:
    code = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("from ccmc_teach import checks\\nwith checks.task('1'):\\n    law")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    shown = plain([done.stdout])
    assert "✗ Task 1, not yet: there is no `law`" in shown
    assert "Traceback" not in shown + done.stderr
    assert "line" not in shown


# The task.


def test_a_task_that_is_right_gets_a_tick(capsys: pytest.CaptureFixture[str]) -> None:
    with checks.task("1", ok="`p` is a probability"):
        pass
    assert capsys.readouterr().out == "✓ Task 1: `p` is a probability.\n"


def test_a_task_that_is_wrong_gets_no_tick(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CheckFailed), checks.task("1"):
        checks.need(False, "no.")
    assert capsys.readouterr().out == ""


def test_an_answer_that_is_not_there() -> None:
    message = refusal(lambda: run_cell("with checks.task('1'):\n    law"))
    assert message.startswith("there is no `law`: run the cell with your answer first")


def test_a_stub_that_is_still_there() -> None:
    source = "def f():\n    raise NotImplementedError()\nwith checks.task('1'):\n    f()"
    message = refusal(lambda: run_cell(source))
    assert message == "there is no answer: replace `raise NotImplementedError()` by your code."


def test_a_stub_inside_a_tested_function() -> None:
    source = """
def f(a):
    raise NotImplementedError()
with checks.task('1'):
    checks.function_on(f, [(1,)], abs, "f")
"""
    assert "there is no answer" in refusal(lambda: run_cell(source))


def test_a_name_that_a_function_does_not_know() -> None:
    source = "def f(a):\n    b = a\n    return bb\nwith checks.task('1'):\n    f(2)"
    message = refusal(lambda: run_cell(source))
    assert message == (
        "your code raised NameError in line 3 of the cell with `f`: name 'bb' is not defined."
    )


def test_a_local_name_used_too_early() -> None:
    source = "def f():\n    a = a + 1\nwith checks.task('1'):\n    f()"
    assert "UnboundLocalError in line 2 of the cell with `f`" in refusal(lambda: run_cell(source))


def test_the_place_is_in_the_notebook_and_not_in_a_library() -> None:
    source = (
        "def f(a):\n    return np.linalg.inv(a)\nwith checks.task('1'):\n    f(np.ones((2, 3)))"
    )
    message = refusal(lambda: run_cell(source))
    assert message.startswith("your code raised LinAlgError in line 2 of the cell with `f`:")


def test_the_innermost_function_of_the_notebook_is_named() -> None:
    source = """
def inner(a):
    return a[5]
def outer(a):
    return inner(a)
with checks.task('1'):
    outer([1])
"""
    assert "in line 3 of the cell with `inner`" in refusal(lambda: run_cell(source))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero."),
        (ValueError("two\nlines."), "ValueError: two lines."),
        (KeyError(), "KeyError."),
        (RuntimeError("word " * 500), "RuntimeError: word word"),
    ],
)
def test_any_other_exception_becomes_one_sentence(error: Exception, said: str) -> None:
    def fails() -> None:
        with checks.task("1"):
            raise error

    message = refusal(fails)
    assert message.startswith(f"your code raised {said}")
    assert "\n" not in message
    assert len(message) < 300
    assert message.endswith(".")


def test_endless_recursion_is_an_exception_like_others() -> None:
    source = "def f():\n    return f()\nwith checks.task('1'):\n    f()"
    assert "RecursionError in line 2 of the cell with `f`" in refusal(lambda: run_cell(source))


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_interrupts_pass_through(kind: type[BaseException]) -> None:
    with pytest.raises(kind), checks.task("1"):
        raise kind


def test_the_first_exception_does_not_show() -> None:
    with pytest.raises(CheckFailed) as caught, checks.task("1"):
        raise ValueError("secret")
    assert caught.value.__suppress_context__


def test_warnings_are_silent_within_a_task_only() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with checks.task("1"):
            warnings.warn("inside", stacklevel=1)
            np.log(np.zeros(2))
        with pytest.raises(CheckFailed), checks.task("2"):
            raise ValueError
        warnings.warn("outside", stacklevel=1)
    assert [str(each.message) for each in seen] == ["outside"]


def test_need_takes_any_truth() -> None:
    checks.need(np.bool_(True), "no.")
    checks.need([0], "no.")
    assert refusal(lambda: checks.need(np.bool_(False), "no.")) == "no."
    assert refusal(lambda: checks.need("", "empty.")) == "empty."


# Numbers.

NUMBERS = [0.25, np.float64(0.25), np.float32(0.25), Fraction(1, 4), sp.Rational(1, 4)]
NUMBERS += [np.array(0.25), sp.Float(0.25)]


@pytest.mark.parametrize("value", NUMBERS, ids=repr)
def test_numbers_of_every_kind_will_do(value: object) -> None:
    result = checks.number(value, "p", 0, 1)
    assert result == 0.25
    assert type(result) is float


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (..., "`p` is still `...`: put your answer there."),
        (None, "`p` is None: did you forget to assign or to return a value?"),
        ("0.25", "`p` is text: write the number without the quotes."),
        (True, "`p` should be one real number, but it is True or False."),
        (np.bool_(True), "`p` should be one real number, but it is True or False."),
        ([0.25], "`p` should be one real number, but it is a list."),
        (np.array([0.25]), "`p` should be one number, but it is an array of shape (1,)."),
        ({"p": 0.25}, "`p` should be one real number, but it is a dict."),
        (0.25 + 0j, "`p` should be one real number, but it is a complex."),
        (x, "`p` should be one real number, but it is a Symbol."),
        (np.sum, "`p` should be one real number"),
        (10**400, "`p` should be one real number, but it is an int."),
        (float("nan"), "`p` is nan: something was divided by zero or overflowed."),
        (-np.inf, "`p` is -inf: something was divided by zero or overflowed."),
        (1.5, "`p` is 1.5, but it must lie between 0 and 1."),
        (-1e-9, "`p` is -1e-09, but it must lie between 0 and 1."),
    ],
)
def test_what_is_no_probability_is_named(value: object, said: str) -> None:
    assert refusal(lambda: checks.number(value, "p", 0, 1)).startswith(said)


def test_bounds_are_allowed() -> None:
    assert [checks.number(value, "p", 0, 1) for value in (0, 1)] == [0, 1]


@pytest.mark.parametrize("value", [3, 3.0, np.int64(3), np.float64(3), Fraction(3), sp.Integer(3)])
def test_whole_numbers_of_every_kind_will_do(value: object) -> None:
    result = checks.whole_number(value, "copies", low=3, high=3)
    assert result == 3
    assert type(result) is int


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (3.5, "`copies` is 3.5, but it must be a whole number."),
        (-1, "`copies` is -1, but it must lie between 0 and inf."),
        ("3", "`copies` is text"),
        (None, "`copies` is None"),
    ],
)
def test_what_is_no_count_is_named(value: object, said: str) -> None:
    assert refusal(lambda: checks.whole_number(value, "copies", low=0)).startswith(said)


# Arrays.


@pytest.mark.parametrize(
    "value",
    [
        np.array([1, 0]),
        [1, 0],
        (1.0, 0),
        [sp.Integer(1), Fraction(0)],
        np.array([1, 0], dtype=np.float32),
    ],
)
def test_arrays_of_every_kind_will_do(value: Any) -> None:
    result = checks.array(value, "law", shape=(2,))
    assert result.tolist() == [1, 0]
    assert result.dtype == np.float64


def test_an_array_is_copied() -> None:
    mine = np.array([0.5, 0.5])
    for check in (checks.array, checks.distribution):
        check(mine, "law")[0] = 9
    matrix = np.eye(2)
    checks.rows_are_distributions(matrix, "P")[0, 0] = 9
    assert mine.tolist() == [0.5, 0.5]
    assert matrix[0, 0] == 1


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (..., "`law` is still `...`"),
        (None, "`law` is None"),
        (0.5, "`law` should be a NumPy array, but it is a float."),
        ("0.5", "`law` should be a NumPy array, but it is text."),
        ({0: 0.5}, "`law` should be a NumPy array, but it is a dict."),
        ([0.5, [0.5]], "`law` should hold real numbers, in rows of equal length."),
        (["0.5", "0.5"], "`law` should hold real numbers"),
        ([True, False], "`law` should hold real numbers"),
        ([0.5j, 0.5], "`law` should hold real numbers"),
        ([x, 1 - x], "`law` should hold real numbers"),
        ([0.5, None], "`law` should hold real numbers"),
        ([0.5], "`law` should have shape (2,), but it has shape (1,)."),
        ([[0.5, 0.5]], "`law` should have shape (2,), but it has shape (1, 2)."),
        ([], "`law` should have shape (2,), but it has shape (0,)."),
        (np.array(0.5), "`law` should have shape (2,), but it has shape ()."),
        ([0.5, np.nan], "`law` contains nan or inf: something was divided by zero"),
        ([0.5, np.inf], "`law` contains nan or inf"),
    ],
)
def test_what_is_no_array_is_named(value: object, said: str) -> None:
    assert refusal(lambda: checks.array(value, "law", shape=(2,))).startswith(said)


def test_a_value_that_cannot_be_shown_is_named() -> None:
    message = refusal(lambda: on(lambda a: Strange(), [(7,)], double))
    assert message == "`f(7)` returned a Strange, but numbers were asked for."
    message = refusal(lambda: on(lambda a: 7**100_000, [(7,)], double))
    assert message == "`f(7)` returned an int, but numbers were asked for."


def test_a_length_may_be_free() -> None:
    checks.array(np.zeros((5, 2)), "M", shape=(None, 2))
    message = refusal(lambda: checks.array(np.zeros((5, 3)), "M", shape=(None, 2)))
    assert message == "`M` should have shape (any, 2), but it has shape (5, 3)."
    assert checks.array(np.zeros((1, 2, 3)), "M").shape == (1, 2, 3)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([0.5, 0.6], "`law` sums to 1.1 instead of 1: divide by the total."),
        ([0.5, 0.5 + 1e-7], "`law` sums to 1 instead of 1"),
        ([1.5, -0.5], "`law` has a negative entry, and a probability is never negative."),
        ([1.0], "`law` should have shape (2,)"),
        ([[0.5, 0.5]], "`law` should have shape (2,)"),
    ],
)
def test_what_is_no_distribution_is_named(value: object, said: str) -> None:
    assert refusal(lambda: checks.distribution(value, "law", size=2)).startswith(said)


def test_rounding_errors_below_zero_are_no_negative_probabilities() -> None:
    assert checks.distribution([1.0, -1e-9], "law").tolist() == [1.0, -1e-9]
    assert checks.rows_are_distributions([[1.0, -1e-9]], "P")[0, 1] == -1e-9
    below = [1.0, -2e-8]
    assert "negative entry" in refusal(lambda: checks.distribution(below, "law"))
    assert "negative entry" in refusal(lambda: checks.rows_are_distributions([below], "P"))


def test_a_distribution_may_be_rounded_where_allowed() -> None:
    thirds = [0.333, 0.333, 0.333]
    assert checks.distribution(thirds, "law", tol=0.002).tolist() == thirds
    assert "sums to 0.999" in refusal(lambda: checks.distribution(thirds, "law"))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([[0.2, 0.9], [0.8, 0.1]], "the columns of `P` sum to 1, but its rows should"),
        ([[0.5, 0.5], [0.5, 0.6]], "row 1 of `P` sums to 1.1 instead of 1."),
        ([[0.5, 0.4], [0.3, 0.7]], "row 0 of `P` sums to 0.9 instead of 1."),
        ([[0.5, 0.4], [0.5, 0.6]], "the columns of `P` sum to 1"),
        ([[0.5, 0.5], [1.5, -0.5]], "`P` has a negative entry"),
        ([0.5, 0.5], "`P` should have shape (2, 2), but it has shape (2,)."),
        ([[0.5, 0.5], [np.nan, 1]], "`P` contains nan or inf"),
    ],
)
def test_what_are_no_rows_of_distributions_is_named(value: object, said: str) -> None:
    assert refusal(lambda: checks.rows_are_distributions(value, "P", (2, 2))).startswith(said)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32))
def test_rows_that_are_distributions_pass(rows: int, columns: int, seed: int) -> None:
    P = np.random.default_rng(seed).dirichlet(np.ones(columns), size=rows)
    assert (checks.rows_are_distributions(P, "P") == P).all()


# Comparisons.


def test_the_right_value_comes_before_the_slips() -> None:
    checks.close(0.5, 0.5, "p", known=[(0.5, "a slip.")])


@pytest.mark.parametrize("got", [0.5 + 4e-9, np.float64(0.5), [0.5], np.array([0.5])])
def test_close_is_close(got: Any) -> None:
    checks.close(got, 0.5 if np.ndim(got) == 0 else [0.5], "p")


@pytest.mark.parametrize(
    ("got", "want", "tol", "passes"),
    [
        (1.001, 1, 1e-3 + 1e-12, True),
        (1.0011, 1, 1e-3, False),
        (1000.9, 1000, 1e-3, True),
        (1001.1, 1000, 1e-3, False),
        (0.0009, 0, 1e-3, True),
        (0.0011, 0, 1e-3, False),
        (-1000.9, -1000, 1e-3, True),
        ([1, 2], [1, 2.1], 1e-3, False),
        ([1, 2], [[1, 2]], 1e-3, False),
        ([1, 1], 1, 1e-3, False),
        (np.nan, np.nan, 1e-3, False),
        (3, 3, 0, True),
    ],
)
def test_the_tolerance_is_absolute_below_one_and_relative_above(
    got: Any, want: Any, tol: float, passes: bool
) -> None:
    if passes:
        checks.close(got, want, "p", tol=tol)
    else:
        assert "is not what was asked for" in refusal(lambda: checks.close(got, want, "p", tol=tol))


def test_the_first_slip_that_fits_speaks() -> None:
    known = [(0.1, "one."), (0.2, "two."), (0.2, "three.")]
    assert refusal(lambda: checks.close(0.2, 0.5, "p", known=known)) == "two."
    assert refusal(lambda: checks.close(0.3, 0.5, "p", known=known)) == (
        "`p` = 0.3 is not what was asked for."
    )


def test_the_right_value_is_never_told() -> None:
    message = refusal(lambda: checks.close([0.25, 0.75], [0.3141, 0.6859], "law"))
    assert message == "`law` = [0.25, 0.75] is not what was asked for."
    assert "0.3141" not in message


def test_slips_are_recognised_without_the_right_value() -> None:
    checks.recognise(0.4, known=[(0.5, "a slip.")])
    assert refusal(lambda: checks.recognise(0.5, known=[(0.5, "a slip.")])) == "a slip."
    checks.recognise(0.502, known=[(0.5, "a slip.")], tol=0.001)
    refusal(lambda: checks.recognise(0.502, known=[(0.5, "a slip.")], tol=0.003))


def test_a_large_array_is_shown_by_its_shape() -> None:
    message = refusal(lambda: checks.close(np.arange(100), np.zeros(100), "law"))
    assert message == "`law` = an array of shape (100,) is not what was asked for."


# Functions.


def double(a: float) -> float:
    return 2 * a


def on(function: object, cases: list[tuple[Any, ...]], want: Any, **options: Any) -> None:
    checks.function_on(function, cases, want, "f", **options)


def test_a_right_function_passes_on_every_case() -> None:
    calls = []

    def counted(a: float) -> float:
        calls.append(a)
        return a + a

    on(counted, [(1,), (2,), (3.5,)], double)
    assert calls == [1, 2, 3.5]


def test_the_first_wrong_case_is_reported() -> None:
    message = refusal(lambda: on(lambda a: a**2, [(0,), (2,), (3,), (4,)], double))
    assert message == "`f(3)` returned 9, which is not what was asked for."


@pytest.mark.parametrize(
    ("result", "right", "said"),
    [
        (None, 1.0, "`f(7)` returned None, but there is a result: did you forget `return`?"),
        (1.0, None, "`f(7)` returned 1, but the right answer is None."),
        ("x", 1.0, "`f(7)` returned 'x', but numbers were asked for."),
        ([1, 2], [1, 2, 3], "`f(7)` returned shape (2,), but it should be (3,)."),
        (1, [1], "`f(7)` returned shape (), but it should be (1,)."),
        ([np.nan, 1], [1, 1], "`f(7)` returned nan or inf: something was divided by zero"),
        ([1, 2], [1, 3], "`f(7)` returned [1, 2], which is not what was asked for."),
        (x, 1.0, "`f(7)` returned x, but numbers were asked for."),
    ],
)
def test_wrong_results_are_told_apart(result: object, right: object, said: str) -> None:
    assert refusal(lambda: on(lambda a: result, [(7,)], lambda a: right)).startswith(said)


def test_none_can_be_right() -> None:
    on(lambda a: None, [(7,)], lambda a: None)


def test_lists_and_numpy_numbers_are_results_too() -> None:
    on(lambda a: [np.float64(1), Fraction(2)], [(7,)], lambda a: np.array([1.0, 2.0]))


def test_a_slip_of_a_function_speaks_and_shows_the_input() -> None:
    known = [(lambda a: a + 1, "you added."), (lambda a: a**2, "you squared.")]
    message = refusal(lambda: on(lambda a: a * a, [(0,), (3,)], double, known=known))
    assert message == "you squared. (`f(3)`)"


def test_arguments_are_copies() -> None:
    case = (np.array([1.0, 2.0]), [3, 4])
    seen = []

    def right(a: Any, b: Any) -> Any:
        seen.append((a, b))
        return a.sum() + sum(b)

    on(right, [case], right)
    assert all(a is not case[0] and b is not case[1] for a, b in seen)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda a, b: a.fill(0),
        lambda a, b: b.append(1),
        lambda a, b: b.__setitem__(0, 9),
    ],
)
def test_a_function_must_leave_its_arguments_alone(spoil: Callable[[Any, Any], object]) -> None:
    case = (np.array([1.0, 2.0]), [3, 4])

    def spoils(a: Any, b: Any) -> float:
        spoil(a, b)
        return 1.0

    message = refusal(lambda: on(spoils, [case], lambda a, b: 1.0))
    assert message == "`f([1, 2], [3, 4])` changed its argument: work on a copy."
    assert case[0].tolist() == [1, 2]
    assert case[1] == [3, 4]


def test_an_exception_comes_with_the_input() -> None:
    source = "def f(a):\n    return 1 / a\nchecks.function_on(f, [(0,)], abs, 'f')"
    assert refusal(lambda: run_cell(source)) == (
        "`f(0)` raised ZeroDivisionError in line 2 of the cell with `f`: division by zero."
    )


def test_a_long_input_is_shown_by_its_shape() -> None:
    message = refusal(lambda: on(lambda a: 0, [(np.ones((9, 9)),)], lambda a: 1))
    assert message.startswith("`f(an array of shape (9, 9))` returned 0")


def test_numbers_in_a_call_have_three_digits() -> None:
    message = refusal(lambda: on(lambda a: 0, [(np.array([1 / 3, 2.0]),)], lambda a: 1))
    assert message.startswith("`f([0.333, 2])` returned 0")


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (None, "`f` is None"),
        (..., "`f` is still `...`"),
        (3, "`f` should be a function, but it is an int."),
        (np.ones(2), "`f` should be a function, but it is a NumPy array."),
    ],
)
def test_what_is_no_function_is_named(function: object, said: str) -> None:
    assert refusal(lambda: on(function, [(1,)], double)).startswith(said)


# Expressions.


@pytest.mark.parametrize("value", [x / y, 3, 2.5, sp.pi, sp.exp(x) ** 2, np.float64(2), x - x])
def test_expressions_of_every_kind_will_do(value: object) -> None:
    result = checks.expression(value, "odds", [x, y])
    assert isinstance(result, sp.Expr)
    assert float(abs(result.subs({x: 2, y: 3}) - sp.sympify(value).subs({x: 2, y: 3}))) < 1e-12


def test_floats_become_the_fractions_that_they_round() -> None:
    assert checks.expression(x / 3.0 + 0.1, "odds", [x]) == x / 3 + sp.Rational(1, 10)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (..., "`odds` is still `...`"),
        (None, "`odds` is None"),
        ("x/y", "`odds` is text: write the expression without the quotes."),
        ([x], "`odds` should be a SymPy expression, but it is a list."),
        (True, "`odds` should be a SymPy expression, but it is True or False."),
        (sp.Eq(x, y), "`odds` should be a SymPy expression, but it is an Equality."),
        (sp.Matrix([x]), "`odds` should be a SymPy expression, but it is a MutableDenseMatrix."),
        (np.array([1.0, 2.0]), "`odds` should be a SymPy expression"),
        (object(), "`odds` should be a SymPy expression, but it is an object."),
        (x + z, "`odds` contains the symbol z: use only x, y."),
        (sp.Symbol("x") / y, "`odds` contains a second symbol named x: use the one that is given"),
        (sp.nan, "`odds` contains nan: something was divided by zero."),
        (sp.zoo, "`odds` contains zoo: something was divided by zero."),
        (x + sp.oo * y, "`odds` contains oo: something was divided by zero."),
        (sp.Integral(sp.exp(-(x**2)), x), "`odds` contains Integral: sums, products, powers"),
        (sp.factorial(x), "`odds` contains factorial"),
        (sp.Function("f")(x), "`odds` contains f: sums"),
        (sp.Max(x, y), "`odds` contains Max"),
    ],
)
def test_what_is_no_expression_is_named(value: object, said: str) -> None:
    assert refusal(lambda: checks.expression(value, "odds", [x, y])).startswith(said)


def test_no_symbols_at_all_may_be_allowed() -> None:
    message = refusal(lambda: checks.expression(x, "c", []))
    assert message == "`c` contains the symbol x: use only no symbols at all."


# Each would keep SymPy busy for hours, or fill the memory, if a check computed with it.
HOSTILE = {
    "power": (x + y + 1) ** 10**6,
    "numeric power": sp.Pow(10, 10**9, evaluate=False),
    "broken power": sp.Pow(2, sp.Rational(10**9, 7), evaluate=False),
    "tower": ((x + 1) ** 50 + y) ** 50,
    "product": sp.Mul(*[(x + k * y + z) for k in range(1, 12)]),
    "fractions": sp.Add(*[1 / (x + k * y + z) for k in range(1, 13)]),
    "hyperbolic": sp.Mul(*[sp.tanh(k * x) + y + z for k in range(1, 9)]),
    "long sum": sp.Add(*[k * x**k for k in range(1, 2000)]),
    "deep": sp.Add(x, sp.Mul(y, (x + y + z + 1) ** 30)),
    "long number": sp.Integer(7) ** 100000,
    "long denominator": x / sp.Integer(7) ** 100000,
    "in an exponent": sp.exp((x + y + z) ** 60),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_sizes_are_refused_before_any_algebra(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for function in ("simplify", "cancel", "expand", "together", "nsimplify"):
        monkeypatch.delattr(sp, function)
    message = refusal(lambda: checks.symbolic_equal(HOSTILE[name], x + y + z, "odds"))
    assert re.search(r"very (long|large)", message)


def test_hostile_sizes_that_look_right_are_refused_too() -> None:
    nothing = sp.Add(HOSTILE["power"], -HOSTILE["power"], evaluate=False)
    value = sp.Add(x, nothing, evaluate=False)
    assert "very large" in refusal(lambda: checks.symbolic_equal(value, x, "odds"))


def test_a_bound_of_terms_is_a_bound() -> None:
    rng = np.random.default_rng(4)
    for _ in range(60):
        expr = random_expression(rng, depth=3)
        top, bottom = sp.fraction(sp.together(expr))
        bound_top, bound_bottom = checks._terms(expr)
        assert len(sp.Add.make_args(sp.expand(top))) <= bound_top
        assert len(sp.Add.make_args(sp.expand(bottom))) <= bound_bottom


def random_expression(rng: np.random.Generator, depth: int) -> Any:
    if depth == 0:
        return [x, y, z, sp.Integer(3)][rng.integers(4)]
    parts = [random_expression(rng, depth - 1) for _ in range(2)]
    kind = rng.integers(4)
    if kind == 0:
        return parts[0] + parts[1]
    if kind == 1:
        return parts[0] * parts[1]
    return (parts[0] + parts[1]) ** int(rng.integers(-2, 3))


# Equality of expressions.

ODDS = x / y * sp.exp(t)


@pytest.mark.parametrize(
    "value",
    [
        x * sp.exp(t) / y,
        sp.exp(sp.log(x) - sp.log(y) + t),
        x * sp.exp(2 * t) / (y * sp.exp(t)),
        (x * sp.exp(t) / (x * sp.exp(t) + y)) / (1 - x * sp.exp(t) / (x * sp.exp(t) + y)),
        x * (1 + sp.tanh(t / 2)) / (y * (1 - sp.tanh(t / 2))),
        x / y * (sp.cosh(t) + sp.sinh(t)),
        1.0 * ODDS,
        sp.sqrt(x**2 / y**2) * sp.exp(t),
        x / y / sp.exp(-t),
    ],
    ids=str,
)
def test_another_form_is_proved_equal(value: Any) -> None:
    checks.symbolic_equal(value, ODDS, "odds")


@pytest.mark.parametrize(
    "value",
    [
        ODDS + 1e-6,
        ODDS * (1 + sp.Rational(1, 10**6)),
        y / x * sp.exp(t),
        x / y * sp.exp(-t),
        x / y * (1 + t + t**2 / 2),
        0,
        1 / ODDS,
    ],
    ids=str,
)
def test_what_differs_is_refuted(value: Any) -> None:
    message = refusal(lambda: checks.symbolic_equal(value, ODDS, "odds"))
    assert message.endswith("is not the expression that was asked for.")
    assert message.startswith("`odds` = ")


def test_what_is_neither_refuted_nor_proved_is_not_equal() -> None:
    # Equal for positive numbers up to 1e-15, and different.
    value = ODDS * (1 + sp.exp(-40 - x))
    message = refusal(lambda: checks.symbolic_equal(value, ODDS, "odds"))
    assert message.startswith("`odds` could not be proved equal")


@pytest.mark.parametrize("name", ["u", "v"])
def test_points_cover_both_signs(name: str) -> None:
    u, v = sp.symbols("u v")
    one = sp.Symbol(name)
    got, want = u * v * sp.sqrt(one**2), u * v * one
    assert "not the expression" in refusal(lambda: checks.symbolic_equal(got, want, "c"))


def test_slips_of_expressions_are_recognised() -> None:
    known = [(x / y, "where is t?"), (1 / ODDS, "upside down.")]
    value = y * sp.exp(-t) / x
    assert (
        refusal(lambda: checks.symbolic_equal(value, ODDS, "odds", known=known)) == "upside down."
    )
    checks.symbolic_equal(ODDS, ODDS, "odds", known=[(ODDS, "a slip.")])


def test_other_symbols_can_be_allowed() -> None:
    value = x + z - z + 0 * t
    checks.symbolic_equal(value, x, "c")
    message = refusal(lambda: checks.symbolic_equal(x + z, x, "c", symbols=[x, z]))
    assert message == "`c` = x + z is not the expression that was asked for."
    assert "contains the symbol z" in refusal(lambda: checks.symbolic_equal(x + z, x, "c"))


@given(st.lists(st.integers(-3, 3), min_size=4, max_size=4))
def test_equality_agrees_with_polynomials(numbers: list[int]) -> None:
    a, b, c, d = numbers
    left, right = (a * x + b) * (c * x + d), a * c * x**2 + (a * d + b * c) * x + b * d
    checks.symbolic_equal(left, sp.sympify(right), "c", symbols=[x])
    refusal(lambda: checks.symbolic_equal(left + x, sp.sympify(right), "c", symbols=[x]))


# Matrices.


def test_a_symbolic_matrix_is_returned_unchangeable() -> None:
    result = checks.symbolic_matrix(sp.Matrix([[x, 0.5], [1, y]]), "D", (2, 2), [x, y])
    assert result == sp.ImmutableMatrix([[x, sp.Rational(1, 2)], [1, y]])
    assert isinstance(result, sp.ImmutableMatrix)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "`D` is None"),
        (
            np.ones((2, 2)),
            "`D` should be a SymPy Matrix, but it is a NumPy array: write sp.Matrix(",
        ),
        ([[x, 1], [1, y]], "`D` should be a SymPy Matrix, but it is a list"),
        (x, "`D` should be a SymPy Matrix, but it is a Symbol"),
        (sp.Matrix([x, y]), "`D` should have shape (2, 2), but it has shape (2, 1)."),
        (sp.Matrix([[1, 2], [x, z]]), "`D[1, 1]` contains the symbol z: use only x, y."),
        (sp.Matrix([[1, sp.nan], [x, y]]), "`D[0, 1]` contains nan"),
        (sp.Matrix([[1, 2], [HOSTILE["power"], y]]), "`D[1, 0]` contains a very large number"),
    ],
)
def test_what_is_no_symbolic_matrix_is_named(value: object, said: str) -> None:
    assert refusal(lambda: checks.symbolic_matrix(value, "D", (2, 2), [x, y])).startswith(said)


# Anything at all.


class Strange:
    """An answer whose every use raises."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __float__(self) -> float:
        raise RuntimeError("float")

    def __bool__(self) -> bool:
        raise RuntimeError("bool")

    def __repr__(self) -> str:
        raise RuntimeError("repr")


ANYTHING = [0, "", b"x", {}, set(), range(3), Strange, print, iter([]), float, 1j, sp, Exception()]
CHECKS: list[Callable[[Any], object]] = [
    lambda value: checks.number(value, "a", 5, 6),
    lambda value: checks.whole_number(value, "a", 5, 6),
    lambda value: checks.array(value, "a", (7,)),
    lambda value: checks.distribution(value, "a", 7),
    lambda value: checks.rows_are_distributions(value, "a", (7, 7)),
    lambda value: checks.expression(value, "a", []),
    lambda value: checks.symbolic_matrix(value, "a", (7, 7), []),
]


PAIRS = [
    (check, value)
    for check in CHECKS
    for value in ANYTHING
    # Numbers are expressions.
    if not (check is CHECKS[5] and value in (0, 1j))
]


@pytest.mark.parametrize(("check", "value"), PAIRS)
def test_any_answer_gets_a_sentence(check: Callable[[Any], object], value: object) -> None:
    assert "`a" in refusal(lambda: check(value))


@pytest.mark.parametrize("check", CHECKS)
def test_even_a_hostile_answer_gets_a_sentence(check: Callable[[Any], object]) -> None:
    def in_a_task() -> None:
        with checks.task("1"):
            check(Strange())

    assert refusal(in_a_task)
