"""Checks for the notebooks: one readable line in place of a traceback.

A check raises :class:`CheckFailed`, and a notebook shows nothing of it but its sentence.
To a program that grades, the same exception is an ordinary ``AssertionError``.
A check cell of a notebook looks like this::

    with checks.task("1", ok="`law` is a distribution over the four tokens"):
        law = checks.distribution(law, "law", size=4)
        checks.need(law[3] == 0, "the prompt holds no *fox*, so `law[3]` should be 0.")

The names in the sentences are the names that the learner sees in the notebook.
Only numpy is needed; SymPy loads with the first symbolic check.
"""

from __future__ import annotations

import copy
import textwrap
import warnings
from collections.abc import Callable, Collection, Iterable, Sequence
from math import comb
from types import FrameType, TracebackType
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "CheckFailed",
    "array",
    "close",
    "distribution",
    "expression",
    "function_on",
    "need",
    "number",
    "recognise",
    "rows_are_distributions",
    "symbolic_equal",
    "symbolic_matrix",
    "task",
    "whole_number",
]

RED, PLAIN = "\x1b[31m", "\x1b[0m"

# Longer texts are cut: they come from exceptions and inputs of any size.
LONGEST_SENTENCE = 600
WIDTH = 76
LONGEST_CAUSE = 160
LONGEST_VALUE = 80
LONGEST_ARGUMENT = 120

# An honest answer has some twenty nodes.  Up to these sizes SymPy decides within seconds.
MOST_NODES = 150
MOST_TERMS = 500
LARGEST_EXPONENT = 60
LARGEST_INTEGER = 10**60
FLOAT_TOLERANCE = 1e-10

COMMON_KINDS = {"ndarray": "a NumPy array", "str": "text", "bool": "True or False"}


class CheckFailed(AssertionError):
    """Say in one sentence what is not right yet.

    Parameters
    ----------
    sentence : str
        The sentence; line breaks become spaces, and a very long sentence is cut.

    Examples
    --------
    >>> print(CheckFailed("`law` sums to 2."))
    `law` sums to 2.
    """

    task: str | None = None

    def __init__(self, sentence: str) -> None:
        super().__init__(_cut(sentence, LONGEST_SENTENCE))

    def _render_traceback_(self) -> list[str]:
        """Return what IPython prints in place of a traceback."""
        where = f"✗ Task {self.task}, not yet:" if self.task else "✗ Not yet:"
        # Feedback pages do not wrap, so the sentence is wrapped here.
        wrapped = textwrap.wrap(f"{where} {self}", WIDTH, break_on_hyphens=False)
        return [wrapped[0].replace(where, f"{RED}{where}{PLAIN}", 1), *wrapped[1:]]


class task:
    """Check one task: print a tick, or turn whatever goes wrong into one readable line.

    Parameters
    ----------
    name : str
        The name of the task, as in its heading.
    ok : str
        What the tick says, without a full stop.

    Raises
    ------
    CheckFailed
        At the end of the block, if it raised an exception.
        Interrupts and exits pass through unchanged.

    Examples
    --------
    >>> with task("1", ok="`p` is a probability"):
    ...     p = number(0.5, "p", 0, 1)
    ✓ Task 1: `p` is a probability.
    >>> with task("1"):
    ...     p = 1 / 0
    Traceback (most recent call last):
        ...
    ccmc_teach.checks.CheckFailed: your code raised ZeroDivisionError: division by zero.
    """

    def __init__(self, name: str, ok: str = "looks good") -> None:
        self.name, self.ok = name, ok

    def __enter__(self) -> task:
        """Return the task, and silence warnings until the end of the block."""
        # A warning on the way to a right result is no mistake, but graders take it for one.
        self._silence = warnings.catch_warnings(action="ignore")
        self._silence.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        """Print the tick, or raise the sentence."""
        self._silence.__exit__(kind, error, trace)
        if error is None:
            print(f"✓ Task {self.name}: {self.ok}.")
        if not isinstance(error, Exception):
            return False
        failed = error if isinstance(error, CheckFailed) else CheckFailed(_diagnosis(error))
        failed.task = self.name
        raise failed from None


def need(ok: object, why: str) -> None:
    """Fail with a sentence unless a condition holds.

    Parameters
    ----------
    ok : object
        The condition.
    why : str
        The sentence: what is wrong, and what to try.

    Raises
    ------
    CheckFailed
        If the condition is false.

    Examples
    --------
    >>> need(2 + 2 == 4, "two and two should be four.")
    """
    if not ok:
        raise CheckFailed(why)


def number(value: Any, name: str, low: float = -np.inf, high: float = np.inf) -> float:
    """Return an answer as a float, if it is one finite number between two bounds.

    Parameters
    ----------
    value : Any
        The answer; real numbers of Python, numpy and SymPy will do.
    name : str
        The name of the answer.
    low, high : float
        The bounds, which are themselves allowed.

    Returns
    -------
    float

    Raises
    ------
    CheckFailed
        If the answer is anything else.

    Examples
    --------
    >>> number(1 / 4, "p", 0, 1)
    0.25
    >>> number("0.25", "p")
    Traceback (most recent call last):
        ...
    ccmc_teach.checks.CheckFailed: `p` is text: write the number without the quotes.
    """
    _refuse_missing(value, name)
    need(not isinstance(value, str), f"`{name}` is text: write the number without the quotes.")
    shape = value.shape if isinstance(value, np.ndarray) else ()
    need(not shape, f"`{name}` should be one number, but it is an array of shape {shape}.")
    try:
        result = None if isinstance(value, (bool, np.bool_)) else float(value)
    except (TypeError, ValueError, OverflowError):
        result = None
    if result is None:
        raise CheckFailed(f"`{name}` should be one real number, but it is {_kind(value)}.")
    need(np.isfinite(result), f"`{name}` is {result}: something was divided by zero or overflowed.")
    need(
        low <= result <= high,
        f"`{name}` is {result:.6g}, but it must lie between {low:g} and {high:g}.",
    )
    return result


def whole_number(value: Any, name: str, low: float = -np.inf, high: float = np.inf) -> int:
    """Return an answer as an int, if it is one whole number between two bounds.

    Parameters
    ----------
    value : Any
        The answer; a float such as 3.0 will do.
    name : str
        The name of the answer.
    low, high : float
        The bounds, which are themselves allowed.

    Returns
    -------
    int

    Raises
    ------
    CheckFailed
        If the answer is anything else.

    Examples
    --------
    >>> whole_number(3.0, "copies")
    3
    >>> whole_number(3.5, "copies")
    Traceback (most recent call last):
        ...
    ccmc_teach.checks.CheckFailed: `copies` is 3.5, but it must be a whole number.
    """
    result = number(value, name, low, high)
    need(result == int(result), f"`{name}` is {result:.6g}, but it must be a whole number.")
    return int(result)


def array(
    value: Any, name: str, shape: tuple[int | None, ...] | None = None
) -> NDArray[np.float64]:
    """Return an answer as a new float array, if it holds finite numbers in the right shape.

    Parameters
    ----------
    value : Any
        The answer; a numpy array, a list or a tuple.
    name : str
        The name of the answer.
    shape : tuple, optional
        The shape it must have; ``None`` in the tuple allows any length of that axis.

    Returns
    -------
    ndarray of the shape of the answer, float64
        A copy.

    Raises
    ------
    CheckFailed
        If the answer is anything else.

    Examples
    --------
    >>> array([0.5, 0.5], "law", shape=(2,))
    array([0.5, 0.5])
    >>> array([[0.5], [0.5]], "law", shape=(2,))
    Traceback (most recent call last):
        ...
    ccmc_teach.checks.CheckFailed: `law` should have shape (2,), but it has shape (2, 1).
    """
    _refuse_missing(value, name)
    need(
        isinstance(value, (np.ndarray, list, tuple)),
        f"`{name}` should be a NumPy array, but it is {_kind(value)}.",
    )
    result = _as_floats(value)
    if result is None:
        raise CheckFailed(f"`{name}` should hold real numbers, in rows of equal length.")
    fits = shape is None or (
        len(shape) == result.ndim
        and all(want in (None, got) for want, got in zip(shape, result.shape, strict=True))
    )
    need(fits, f"`{name}` should have shape {_shape(shape)}, but it has shape {result.shape}.")
    need(
        np.isfinite(result).all(),
        f"`{name}` contains nan or inf: something was divided by zero or overflowed.",
    )
    return result


def distribution(
    value: Any, name: str, size: int | None = None, tol: float = 1e-8
) -> NDArray[np.float64]:
    """Return an answer as a float array, if it is a probability distribution.

    Parameters
    ----------
    value : Any
        The answer; a flat array, list or tuple.
    name : str
        The name of the answer.
    size : int, optional
        The number of entries it must have.
    tol : float
        How far the sum may be from 1, and an entry below 0, for answers that are rounded.

    Returns
    -------
    ndarray of shape (size,), float64
        A copy.

    Raises
    ------
    CheckFailed
        If the answer is anything else.

    Examples
    --------
    >>> distribution([0.25, 0.75], "law")
    array([0.25, 0.75])
    >>> distribution([0.5, 1.5], "law")
    Traceback (most recent call last):
        ...
    ccmc_teach.checks.CheckFailed: `law` sums to 2 instead of 1: divide by the total.
    """
    result = array(value, name, shape=(size,))
    _refuse_negative(result, name, tol)
    total = result.sum()
    need(abs(total - 1) <= tol, f"`{name}` sums to {total:.4g} instead of 1: divide by the total.")
    return result


def rows_are_distributions(
    value: Any, name: str, shape: tuple[int | None, int | None] = (None, None), tol: float = 1e-8
) -> NDArray[np.float64]:
    """Return an answer as a float matrix, if each of its rows is a probability distribution.

    Parameters
    ----------
    value : Any
        The answer; a matrix as an array, or a list of rows.
    name : str
        The name of the answer.
    shape : tuple of two
        The shape it must have; ``None`` allows any length.
    tol : float
        How far the sum of a row may be from 1, and an entry below 0.

    Returns
    -------
    ndarray of two axes, float64
        A copy.

    Raises
    ------
    CheckFailed
        If the answer is anything else.

    Examples
    --------
    >>> rows_are_distributions([[0.5, 0.5], [0, 1]], "P")
    array([[0.5, 0.5],
           [0. , 1. ]])
    >>> rows_are_distributions([[0.25, 1], [0.75, 0]], "P")
    Traceback (most recent call last):
        ...
    ccmc_teach.checks.CheckFailed: the columns of `P` sum to 1, but its rows should: ...
    """
    result = array(value, name, shape)
    _refuse_negative(result, name, tol)
    sums = result.sum(axis=1)
    bad = np.flatnonzero(abs(sums - 1) > tol)
    if bad.size and (abs(result.sum(axis=0) - 1) <= tol).all():
        raise CheckFailed(
            f"the columns of `{name}` sum to 1, but its rows should: divide along the other axis."
        )
    for row in bad[:1]:
        raise CheckFailed(f"row {row} of `{name}` sums to {sums[row]:.4g} instead of 1.")
    return result


def close(
    got: ArrayLike,
    want: ArrayLike,
    name: str,
    tol: float = 1e-8,
    known: Iterable[tuple[ArrayLike, str]] = (),
) -> None:
    """Compare an answer with the right value, and recognise typical slips.

    Parameters
    ----------
    got : number or array
        The answer, which another check has already found to be finite.
    want : number or array
        The right value.
    name : str
        The name of the answer.
    tol : float
        Entries may differ by this much, or by this fraction of a right value above 1.
    known : pairs of a wrong value and a sentence
        The first wrong value that the answer equals gives the sentence.

    Raises
    ------
    CheckFailed
        If the answer is not right; the sentence never tells the right value.

    Examples
    --------
    >>> close(0.5, 0.5, "p")
    >>> close(2.0, 0.5, "p", known=[(2.0, "`p` is upside down.")])
    Traceback (most recent call last):
        ...
    ccmc_teach.checks.CheckFailed: `p` is upside down.
    """
    if _is_same(got, want, tol):
        return
    recognise(got, known, tol)
    raise CheckFailed(f"`{name}` = {_shown(got)} is not what was asked for.")


def recognise(got: ArrayLike, known: Iterable[tuple[ArrayLike, str]], tol: float = 1e-8) -> None:
    """Recognise typical slips without telling, or knowing, the right value.

    Parameters
    ----------
    got : number or array
        The answer.
    known : pairs of a wrong value and a sentence
        The first wrong value that the answer equals gives the sentence.
    tol : float
        As for :func:`close`.

    Raises
    ------
    CheckFailed
        If the answer equals one of the wrong values.

    Examples
    --------
    >>> shares = [0.25, 0.75]
    >>> recognise([0.5, 0.5], [(shares, "`law` holds the shares: where is `P`?")])
    >>> recognise([0.25, 0.75], [(shares, "`law` holds the shares: where is `P`?")])
    Traceback (most recent call last):
        ...
    ccmc_teach.checks.CheckFailed: `law` holds the shares: where is `P`?
    """
    for wrong, hint in known:
        need(not _is_same(got, wrong, tol), hint)


def function_on(
    function: Any,
    cases: Iterable[tuple[Any, ...]],
    want: Callable[..., Any],
    name: str,
    tol: float = 1e-8,
    known: Sequence[tuple[Callable[..., Any], str]] = (),
) -> None:
    """Call a learner's function on inputs, and report the first input on which it is wrong.

    Parameters
    ----------
    function : Any
        The learner's function.
    cases : iterable of tuples
        The arguments of each call.  The function gets copies, which it must leave as they are.
    want : callable
        Returns the right result for the same arguments: a number, an array, or None.
    name : str
        The name of the function.
    tol : float
        As for :func:`close`.
    known : pairs of a wrong function and a sentence
        The first wrong function that returns what the learner's returns gives the sentence.

    Raises
    ------
    CheckFailed
        If a result is not right, if a call raises an exception, or if it changes an argument.

    Examples
    --------
    >>> cases = [(1.0,), (2.0,)]
    >>> function_on(lambda x: x + x, cases, want=lambda x: 2 * x, name="double")
    >>> function_on(lambda x: x * x, cases, want=lambda x: 2 * x, name="double")
    Traceback (most recent call last):
        ...
    ccmc_teach.checks.CheckFailed: `double(1)` returned 1, which is not what was asked for.
    """
    _refuse_missing(function, name)
    need(callable(function), f"`{name}` should be a function, but it is {_kind(function)}.")
    for case in cases:
        call = _call(name, case)
        got = _result(function, case, call)
        right = want(*copy.deepcopy(case))
        if _is_same(got, right, tol):
            continue
        for wrong, hint in known:
            need(not _is_same(got, wrong(*copy.deepcopy(case)), tol), f"{hint} ({call})")
        raise CheckFailed(_wrong_result(call, got, right))


def expression(value: Any, name: str, symbols: Collection[Any]) -> Any:
    """Return an answer as a SymPy expression, if it is a small one in the given symbols.

    Parameters
    ----------
    value : Any
        The answer; plain numbers will do.
    name : str
        The name of the answer.
    symbols : collection of sympy.Symbol
        The symbols that it may contain.

    Returns
    -------
    sympy.Expr
        The expression; a float in it becomes the simplest fraction within 1e-10.

    Raises
    ------
    CheckFailed
        If the answer is anything else, or so large that SymPy might never finish with it.

    Examples
    --------
    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> expression(x + 1, "odds", symbols=[x])
    x + 1
    >>> expression("x + 1", "odds", symbols=[x])
    Traceback (most recent call last):
        ...
    ccmc_teach.checks.CheckFailed: `odds` is text: write the expression without the quotes.
    """
    import sympy

    _refuse_missing(value, name)
    need(not isinstance(value, str), f"`{name}` is text: write the expression without the quotes.")
    try:
        result = sympy.sympify(value, strict=True)
    except (sympy.SympifyError, TypeError, ValueError):
        result = None
    if not isinstance(result, sympy.Expr) or result.is_Matrix:
        raise CheckFailed(f"`{name}` should be a SymPy expression, but it is {_kind(value)}.")
    _refuse_hostile(result, name)
    _refuse_strangers(result, name, symbols)
    if not result.has(sympy.Float):
        return result
    return sympy.nsimplify(result, rational=True, tolerance=FLOAT_TOLERANCE)


def symbolic_matrix(value: Any, name: str, shape: tuple[int, int], symbols: Collection[Any]) -> Any:
    """Return an answer as a SymPy matrix, if it has the right shape and symbols.

    Parameters
    ----------
    value : Any
        The answer.
    name : str
        The name of the answer.
    shape : tuple of two
        The shape that it must have.
    symbols : collection of sympy.Symbol
        The symbols that it may contain.

    Returns
    -------
    sympy.ImmutableMatrix

    Raises
    ------
    CheckFailed
        If the answer is anything else, or an entry is no :func:`expression`.

    Examples
    --------
    >>> import sympy
    >>> symbolic_matrix(sympy.Matrix([[1, 2]]), "row", shape=(1, 2), symbols=[])
    Matrix([[1, 2]])
    """
    import sympy

    _refuse_missing(value, name)
    if not isinstance(value, sympy.MatrixBase):
        raise CheckFailed(
            f"`{name}` should be a SymPy Matrix, but it is {_kind(value)}: write sp.Matrix(...)."
        )
    need(
        value.shape == shape,
        f"`{name}` should have shape {shape}, but it has shape {value.shape}.",
    )
    entries = [
        expression(value[i, j], f"{name}[{i}, {j}]", symbols)
        for i in range(shape[0])
        for j in range(shape[1])
    ]
    return sympy.ImmutableMatrix(*shape, entries)


def symbolic_equal(
    got: Any,
    want: Any,
    name: str,
    symbols: Collection[Any] | None = None,
    known: Iterable[tuple[Any, str]] = (),
) -> None:
    """Prove that an answer equals the right expression, and recognise typical slips.

    Parameters
    ----------
    got : Any
        The answer.
    want : sympy.Expr
        The right expression.
    name : str
        The name of the answer.
    symbols : collection of sympy.Symbol, optional
        The symbols that the answer may contain, by default those of the right expression.
    known : pairs of a wrong expression and a sentence
        The first wrong expression that the answer equals gives the sentence.

    Raises
    ------
    CheckFailed
        If the answer is no :func:`expression`, differs, or cannot be proved equal.

    Notes
    -----
    Numbers at a few points can refute equality, but only SymPy's algebra can prove it.
    What is neither refuted nor proved counts as not equal.

    Examples
    --------
    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> symbolic_equal((x + 1) ** 2, x**2 + 2 * x + 1, "square")
    >>> symbolic_equal(x**2 + 1, (x + 1) ** 2, "square")
    Traceback (most recent call last):
        ...
    ccmc_teach.checks.CheckFailed: `square` = x**2 + 1 is not the expression that was asked for.
    """
    allowed = want.free_symbols if symbols is None else symbols
    result = expression(got, name, allowed)
    if _agree(result, want):
        need(
            _is_proved(result - want),
            f"`{name}` could not be proved equal to the right expression: write it more simply.",
        )
        return
    for wrong, hint in known:
        need(not _agree(result, wrong), hint)
    raise CheckFailed(f"`{name}` = {result} is not the expression that was asked for.")


def _cut(text: str, longest: int) -> str:
    """Return a text on one line, without its end if it is too long."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 3]}..."


def _kind(value: object) -> str:
    """Return what an answer is, as in "a list"."""
    name = type(value).__name__
    if name in COMMON_KINDS:
        return COMMON_KINDS[name]
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _shape(shape: tuple[int | None, ...] | None) -> str:
    """Return a shape as Python writes it, with "any" for a free length."""
    lengths = ["any" if length is None else str(length) for length in shape or ()]
    return f"({', '.join(lengths)}{',' if len(lengths) == 1 else ''})"


def _shown(value: Any, digits: int = 6, longest: int = LONGEST_VALUE) -> str:
    """Return a value on one line, with few digits; a large array by its shape."""
    numbers = _as_floats(value)
    if numbers is None:
        return _represented(value, longest)
    if numbers.size <= longest:
        style: Any = {"float": f"{{:.{digits}g}}".format}
        text = " ".join(np.array2string(numbers, separator=", ", formatter=style).split())
        if len(text) <= longest:
            return text
    return f"an array of shape {numbers.shape}"


def _represented(value: object, longest: int) -> str:
    """Return the start of what Python shows of a value, or what the value is."""
    try:
        return _cut(repr(value), longest)
    except Exception:
        return _kind(value)


def _call(name: str, case: Sequence[Any]) -> str:
    """Return a call as a learner would type it, as far as it is short."""
    arguments = ", ".join(_shown(argument, digits=3, longest=LONGEST_ARGUMENT) for argument in case)
    return f"`{name}({arguments})`"


def _as_floats(value: Any) -> NDArray[np.float64] | None:
    """Return real numbers as a new array, and None for anything else."""
    try:
        found = np.asarray(value)
        # Left to itself numpy reads text, truth values and None as numbers.
        if found.dtype.kind not in "iufO" or not all(map(_is_number, found.flat)):
            return None
        return found.astype(np.float64)
    except Exception:
        # Objects of a learner's own class may raise anything.
        return None


def _is_number(value: object) -> bool:
    return hasattr(value, "__float__") and not isinstance(value, (bool, np.bool_))


def _is_same(got: Any, want: Any, tol: float) -> bool:
    """Return whether two results agree: both None, or numbers of one shape within tol."""
    if got is None or want is None:
        return got is want
    left, right = _as_floats(got), _as_floats(want)
    if left is None or right is None or left.shape != right.shape:
        return False
    # A comparison with nan is false, so that nan never agrees.
    with np.errstate(invalid="ignore"):
        return bool((abs(left - right) <= tol * np.maximum(1, abs(right))).all())


def _refuse_missing(value: object, name: str) -> None:
    need(value is not Ellipsis, f"`{name}` is still `...`: put your answer there.")
    need(value is not None, f"`{name}` is None: did you forget to assign or to return a value?")


def _refuse_negative(values: NDArray[np.float64], name: str, tol: float) -> None:
    is_negative = (values < -tol).any()
    need(not is_negative, f"`{name}` has a negative entry, and a probability is never negative.")


def _diagnosis(error: Exception) -> str:
    """Return a sentence for an exception that is not ours."""
    if isinstance(error, NotImplementedError):
        return "there is no answer: replace `raise NotImplementedError()` by your code."
    trace = error.__traceback__
    if type(error) is NameError and trace is not None and trace.tb_next is None:
        return (
            f"there is no `{error.name}`: run the cell with your answer first, "
            "and check how the name is spelt."
        )
    return f"your code raised {_raised(error)}."


def _raised(error: Exception) -> str:
    """Return kind, place and text of an exception in the learner's code."""
    text = _cut(str(error), LONGEST_CAUSE).rstrip(".")
    place = _place(error.__traceback__)
    return f"{type(error).__name__}{place}: {text}" if text else f"{type(error).__name__}{place}"


def _place(trace: TracebackType | None) -> str:
    """Return the last line that a notebook's own function was in."""
    place = ""
    while trace is not None:
        frame: FrameType = trace.tb_frame
        code = frame.f_code
        # Code of a notebook lives in __main__; a cell itself needs no naming.
        if frame.f_globals.get("__name__") == "__main__" and code.co_name.isidentifier():
            place = f" in line {trace.tb_lineno} of the cell with `{code.co_name}`"
        trace = trace.tb_next
    return place


def _result(function: Callable[..., Any], case: tuple[Any, ...], call: str) -> Any:
    """Return what a learner's function makes of copies of the arguments."""
    arguments = copy.deepcopy(case)
    try:
        got = function(*arguments)
    except (CheckFailed, NotImplementedError):
        raise
    except Exception as error:
        raise CheckFailed(f"{call} raised {_raised(error)}.") from None
    need(
        all(_is_same(now, before, 0) for now, before in zip(arguments, case, strict=True)),
        f"{call} changed its argument: work on a copy.",
    )
    return got


def _wrong_result(call: str, got: Any, right: Any) -> str:
    """Return the sentence for a result that no typical slip explains."""
    if got is None:
        return f"{call} returned None, but there is a result: did you forget `return`?"
    if right is None:
        return f"{call} returned {_shown(got)}, but the right answer is None."
    numbers, wanted = _as_floats(got), np.asarray(right)
    if numbers is None:
        return f"{call} returned {_shown(got)}, but numbers were asked for."
    if numbers.shape != wanted.shape:
        return f"{call} returned shape {numbers.shape}, but it should be {wanted.shape}."
    if not np.isfinite(numbers).all():
        return f"{call} returned nan or inf: something was divided by zero or overflowed."
    return f"{call} returned {_shown(got)}, which is not what was asked for."


def _refuse_strangers(expr: Any, name: str, symbols: Collection[Any]) -> None:
    strangers = sorted(expr.free_symbols - set(symbols), key=str)
    if not strangers:
        return
    stranger = strangers[0]
    if str(stranger) in map(str, symbols):
        raise CheckFailed(
            f"`{name}` contains a second symbol named {stranger}: use the one that is given, "
            "and do not create it again."
        )
    given = ", ".join(map(str, symbols)) or "no symbols at all"
    raise CheckFailed(f"`{name}` contains the symbol {stranger}: use only {given}.")


def _refuse_hostile(expr: Any, name: str) -> None:
    """Refuse what SymPy could compute on for ever."""
    nodes = [expr]
    for count, node in enumerate(nodes, start=1):
        need(count <= MOST_NODES, f"`{name}` is very long: write it more simply.")
        _refuse_head(node, name)
        nodes.extend(node.args[: MOST_NODES + 1])
    need(
        max(max(_terms(node)) for node in nodes) <= MOST_TERMS,
        f"`{name}` would become very long when multiplied out: write it more simply.",
    )


def _refuse_head(node: Any, name: str) -> None:
    import sympy

    atoms = (sympy.Symbol, sympy.Number, sympy.NumberSymbol, type(sympy.I))
    heads = (sympy.Add, sympy.Mul, sympy.Pow, sympy.exp, sympy.log)
    hyperbolic = (sympy.sinh, sympy.cosh, sympy.tanh)
    if node.is_number and node.is_finite is not True and not node.args:
        raise CheckFailed(f"`{name}` contains {node}: something was divided by zero.")
    if not isinstance(node, (atoms, heads, hyperbolic)):
        raise CheckFailed(
            f"`{name}` contains {_cut(type(node).__name__, LONGEST_VALUE)}: sums, products, "
            "powers, exponentials and logarithms are enough."
        )
    is_large = node.is_Rational and max(abs(node.p), node.q) > LARGEST_INTEGER
    if node.is_Pow and node.exp.is_Number:
        is_large = abs(node.exp) > LARGEST_EXPONENT
    need(not is_large, f"`{name}` contains a very large number or power.")


def _terms(expr: Any) -> tuple[int, int]:
    """Bound the number of terms of numerator and denominator after multiplying out."""
    parts = [_terms(part) for part in expr.args]
    if expr.is_Mul:
        return _product(top for top, _ in parts), _product(bottom for _, bottom in parts)
    if expr.is_Add:
        bottom = _product(bottom for _, bottom in parts)
        return sum(top * (bottom // under) for top, under in parts), bottom
    if expr.is_Pow and expr.exp.is_Integer:
        n = abs(int(expr.exp))
        top, bottom = (comb(terms + n - 1, n) for terms in parts[0])
        return (top, bottom) if expr.exp > 0 else (bottom, top)
    hyperbolic = type(expr).__name__ in ("sinh", "cosh", "tanh")
    return (2, 2) if hyperbolic else (1, 1)


def _product(factors: Iterable[int]) -> int:
    result = 1
    for factor in factors:
        # Beyond the limit the exact size is of no use, and the numbers stay small.
        result = min(result * factor, 10 * MOST_TERMS)
    return result


def _agree(got: Any, want: Any) -> bool:
    """Return whether two expressions have equal values at a few points."""
    symbols = sorted(got.free_symbols | want.free_symbols, key=str)
    draws = np.random.default_rng(0).uniform(0.3, 2, size=(3, len(symbols))).tolist()
    for turn, draw in enumerate(draws):
        point = {
            # Every symbol that may be negative is so at one point at least.
            symbol: size if symbol.is_positive or (turn + k) % 2 else -size
            for k, (symbol, size) in enumerate(zip(symbols, draw, strict=True))
        }
        try:
            left, right = (complex(side.evalf(15, subs=point)) for side in (got, want))
        except (TypeError, ValueError, OverflowError):
            return False
        if not abs(left - right) <= 1e-9 * (1 + abs(right)):
            return False
    return True


def _is_proved(difference: Any) -> bool:
    """Return whether SymPy shows that an expression is zero."""
    import sympy

    flat = sympy.expand(difference.rewrite(sympy.exp), power_exp=True)
    return bool(sympy.cancel(sympy.together(flat)) == 0 or sympy.simplify(difference) == 0)
