"""When two lines count as proved equal.

Both lines are brought to a normal form, the hypotheses of the step being used on the way.
Scalars are multiplied out, finite sums lose their constants and change their order, and what is
left of the difference is reduced as a fraction of polynomials.
Matrix products are multiplied out, and a hypothesis may replace neighbouring factors.
The factors under a trace may be turned round in a circle, and transposed all at once.

A derivative is worked out before anything else, so a hypothesis never touches its variable.
Inside of it only those hypotheses are used whose left side does not hold the variable: they say
what another name stands for, for every value of the variable.
The others speak of one point, so they are used on the result alone.
A name that no hypothesis defines is a constant.

Every rule is an identity, so a difference of zero is a proof.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.core.relational import Relational
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.indexed import IndexException

__all__ = ["compare", "differentiated", "exact_hypotheses", "exact_line", "proved_equal"]

Hypotheses = tuple[tuple[Any, Any], ...]

# Hypotheses may need each other, but not more often than this; then a step stays undecided.
MOST_PASSES = 5
# A sum with numbers for limits is written out up to this length.
MOST_TERMS = 100
# Sums that share their terms are tried in every order, which is many orders soon.
MOST_NESTED = 4
# A longer difference would bury the sentence that reports it.
LONGEST_SHOWN = 300

_LINE_TYPES = (sp.Expr, sp.MatrixBase, sp.MatrixExpr, sp.Eq)
# A line with nan would prove anything, because SymPy lets nan equal itself.
_INFINITE = tuple(type(number) for number in (sp.oo, -sp.oo, sp.zoo, sp.nan))
# What SymPy raises where it does not know how to go on.
_UNDECIDED = (
    *(ArithmeticError, AttributeError, IndexError, IndexException),
    *(NotImplementedError, TypeError, ValueError),
)
_FIXED_DELTA = sp.Function("delta")
# Summation variables of normal forms, in the order in which nested sums use them up.
_BOUND = tuple(sp.Dummy(f"k{place}", integer=True) for place in range(12))


def proved_equal(before: Any, after: Any, using: Mapping[Any, Any] | None = None) -> bool:
    """Say whether SymPy proves two lines equal under the hypotheses.

    Parameters
    ----------
    before, after : sympy expressions, matrices or equations
        The lines to compare.
    using : mapping from sympy objects to sympy objects, optional
        Hypotheses, left side to right side; a ``Wild`` on the left stands for every value.

    Returns
    -------
    bool
        False also where SymPy cannot decide.

    Raises
    ------
    ValueError
        If a line or a hypothesis is no exact SymPy object.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> proved_equal((x**2 - y**2) / (x - y), x + y)
    True
    >>> proved_equal(sp.sqrt(x**2), x)
    False
    """
    lines = exact_line(before, "before"), exact_line(after, "after")
    return compare(*lines, exact_hypotheses(using))[0]


def exact_line(expression: Any, name: str) -> Any:
    """Return a line as an immutable SymPy object that holds no rounded and no infinite number.

    Parameters
    ----------
    expression : sympy expression, matrix, matrix expression or Eq
        The line; Python integers and fractions will do, text will not.
    name : str
        What the sentence of an error calls the line.

    Returns
    -------
    sympy object

    Raises
    ------
    ValueError
        If the line is something else, or holds a floating-point number, an infinity, ``nan`` or a
        symbol that does not commute.

    Examples
    --------
    >>> exact_line(sp.Matrix([1, 2]), "line")
    Matrix([
    [1],
    [2]])
    """
    try:
        # SymPy copies a mutable matrix into an immutable one here.
        line = sp.sympify(expression, strict=True)
    except (sp.SympifyError, TypeError, ValueError):
        line = None
    if not isinstance(line, _LINE_TYPES):
        got = f"the truth value {line}" if line in (sp.true, sp.false) else _shown(expression)
        raise ValueError(f"{name} must be a SymPy expression, matrix or Eq, got {got}.")
    if any(not symbol.is_commutative for symbol in line.atoms(sp.Symbol)):
        raise ValueError(f"{name} must have symbols that commute, got {_shown(line)}.")
    inexact = sorted(sp.sstr(part, full_prec=False) for part in line.atoms(sp.Float, *_INFINITE))
    if inexact:
        raise ValueError(
            f"{name} must be exact and finite, such as Rational(1, 2), got {inexact[0]} in it."
        )
    return line


def exact_hypotheses(using: Mapping[Any, Any] | None) -> Hypotheses:
    """Return the hypotheses of a step as pairs of exact SymPy objects.

    Parameters
    ----------
    using : mapping from sympy objects to sympy objects, or None
        Left sides to right sides.

    Returns
    -------
    tuple of pairs

    Raises
    ------
    ValueError
        If the two sides have unlike shapes, or a left side holds no symbol, or it turns up on its
        own right side.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> exact_hypotheses({x: 2 * y})
    ((x, 2*y),)
    """
    if using is not None and not isinstance(using, Mapping):
        raise ValueError(f"using must map left sides to right sides, got {_shown(using)}.")
    pairs = tuple(
        (exact_line(left, "using"), exact_line(right, "using"))
        for left, right in (using or {}).items()
    )
    for left, right in pairs:
        _refuse_bad_hypothesis(left, right)
    return pairs


@functools.lru_cache(maxsize=1024)  # Prompts with equal counts share their last lines.
def compare(before: Any, after: Any, using: Hypotheses) -> tuple[bool, Any, str]:
    """Return whether two lines are proved equal, their difference, and why they are not.

    Parameters
    ----------
    before, after : sympy objects
        Exact lines, as :func:`exact_line` returns them.
    using : tuple of pairs
        Exact hypotheses, as :func:`exact_hypotheses` returns them.

    Returns
    -------
    is_proved : bool
    difference : sympy object or None
        What is left of ``after - before``, or None where they cannot be subtracted.
    reason : str
        The empty text where the lines are proved equal.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> compare((x + 1) ** 2, x**2 + 1, ())
    (False, -2*x, 'the difference -2*x does not reduce to 0')
    """
    if isinstance(before, Relational) != isinstance(after, Relational):
        return False, None, "an equation and an expression cannot be compared"
    if shape_of(before) != shape_of(after):
        return False, None, f"its shape is {shape_of(after)} and not {shape_of(before)}"
    try:
        before, after = (differentiated(line, using) for line in (before, after))
        _refuse_other_binders(before, after, using)
        difference = _difference(before, after, using)
    except _UNDECIDED as error:
        return False, None, f"SymPy cannot decide it ({type(error).__name__}: {error})"
    if _is_zero(difference):
        return True, difference, ""
    return False, difference, f"the difference {_shown(difference)} does not reduce to 0"


def shape_of(line: Any) -> tuple[Any, ...]:
    """Return the shape of a matrix, and the empty shape of anything else.

    Parameters
    ----------
    line : sympy object

    Returns
    -------
    tuple

    Examples
    --------
    >>> shape_of(sp.Matrix([1, 2])), shape_of(sp.Symbol("x"))
    ((2, 1), ())
    """
    return tuple(line.shape) if isinstance(line, (sp.MatrixBase, sp.MatrixExpr)) else ()


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, sp.Basic) else f"{type(value).__name__} {value!r}"
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + " ..."


def _refuse_bad_hypothesis(left: Any, right: Any) -> None:
    if isinstance(left, Relational) or isinstance(right, Relational):
        fault = "map expressions to expressions"
    elif not left.free_symbols:
        fault = "have a symbol on each left side"
    elif shape_of(left) != shape_of(right):
        fault = "have sides of one shape"
    elif right.atoms(sp.Wild) - left.atoms(sp.Wild):
        fault = "name every Wild on its left side"
    elif left != right and right.has(left):
        fault = "not define anything by itself"
    elif left.has(sp.Derivative) or right.has(sp.Derivative):
        fault = "hold no derivative"
    else:
        return
    raise ValueError(f"using must {fault}, got {_shown(left)}: {_shown(right)}.")


def _refuse_other_binders(before: Any, after: Any, using: Hypotheses) -> None:
    """Stop where a hypothesis could touch the variable of an integral, a product or the like."""
    for node in itertools.chain.from_iterable(map(sp.preorder_traversal, (before, after))):
        if using and not isinstance(node, sp.Sum) and getattr(node, "bound_symbols", None):
            raise NotImplementedError(f"hypotheses reach into sums alone, not into {node}")


# --- Derivatives ----------------------------------------------------------------------------------


def differentiated(line: Any, using: Hypotheses = ()) -> Any:
    """Return a line with its derivatives worked out.

    Parameters
    ----------
    line : sympy object
        An exact line, as :func:`exact_line` returns it.
    using : tuple of pairs
        Exact hypotheses; those that define other names are put in first.

    Returns
    -------
    sympy object

    Raises
    ------
    NotImplementedError
        If a variable is no real number, or SymPy cannot work a derivative out.

    Examples
    --------
    >>> t, a = sp.symbols("t a")
    >>> differentiated(sp.Derivative(a * t, t))
    a
    >>> differentiated(sp.Derivative(a * t, t), ((a, t**2), (t, sp.Integer(5))))
    3*t**2
    """
    return _without_derivatives(_with_fresh_variables(line), using)


def _without_derivatives(node: Any, using: Hypotheses) -> Any:
    if not isinstance(node, sp.Basic) or not node.has(sp.Derivative):
        return node
    if isinstance(node, sp.MatrixExpr) and not isinstance(node, sp.MatrixBase):
        raise NotImplementedError(f"derivatives stand inside numbers alone, not inside {node}")
    parts = [_without_derivatives(part, using) for part in node.args]
    if not isinstance(node, sp.Derivative):
        return node.func(*parts)
    result, *variables = parts
    for variable, times in variables:
        for _ in range(int(times)):
            result = _derivative(result, variable, using)
    return result


def _derivative(expression: Any, variable: Any, using: Hypotheses) -> Any:
    if not isinstance(variable, (sp.Symbol, sp.Indexed)) or variable.is_integer:
        raise NotImplementedError(f"{variable} is no variable to differentiate by")
    name = variable.base if isinstance(variable, sp.Indexed) else variable
    definitions = tuple((left, right) for left, right in using if not left.has(name))
    _refuse_other_binders(expression, variable, using)
    result = _NormalForm(definitions).scalar(expression).diff(variable)
    if result.has(sp.Derivative, sp.Subs, *_INFINITE):
        raise NotImplementedError(f"the derivative by {variable} cannot be worked out")
    return result


# --- The difference of two lines ------------------------------------------------------------------


def _difference(before: Any, after: Any, using: Hypotheses) -> Any:
    """Return what is left of ``after - before`` under the hypotheses: zero proves equality."""
    if isinstance(before, Relational):
        return _difference_of_equations(before, after, using)
    if shape_of(before):
        form = _NormalForm(using)
        return _reduced_matrix(sp.expand(form.matrix(after) - form.matrix(before)).doit())
    difference = _difference_of_scalars(before, after, _NormalForm(using))
    # Entries of matrix products are compared as such first, and only then as sums of products:
    # a long product becomes a sum that is nested too deeply.
    entries = (MatrixElement, sp.Trace)
    if difference != 0 and (before.has(*entries) or after.has(*entries)):
        return _difference_of_scalars(before, after, _NormalForm(using, spell_out=True))
    return difference


def _difference_of_equations(before: Any, after: Any, using: Hypotheses) -> Any:
    """Compare side by side, then with everything on the left; no other step between equations."""
    sides = zip(before.args, after.args, strict=True)
    if all(_is_zero(_difference(old, new, using)) for old, new in sides):
        return sp.S.Zero
    return _difference(before.lhs - before.rhs, after.lhs - after.rhs, using)


def _difference_of_scalars(before: Any, after: Any, form: _NormalForm) -> Any:
    return _reduced(form.scalar(after) - form.scalar(before))


def _is_zero(difference: Any) -> bool:
    if isinstance(difference, sp.MatrixBase):
        return all(entry == 0 for entry in difference)
    return bool(difference == 0) or isinstance(difference, sp.ZeroMatrix)


def _reduced(difference: Any) -> Any:
    """Reduce a difference of normal forms as a fraction of polynomials, sums being atoms."""
    if difference == 0:
        return difference
    atoms = {total: sp.Dummy() for total in _outermost_sums(difference)}
    fraction = sp.cancel(sp.together(difference.xreplace(atoms)))
    return fraction.xreplace({atom: total for total, atom in atoms.items()})


def _outermost_sums(expression: Any) -> list[Any]:
    walk = sp.preorder_traversal(expression)
    found = []
    for node in walk:
        if isinstance(node, sp.Sum):
            found.append(node)
            walk.skip()
    return found


def _reduced_matrix(difference: Any) -> Any:
    is_written_out = isinstance(difference, sp.MatrixBase)
    return _entrywise(_reduced, difference) if is_written_out else difference


def _entrywise(function: Callable[[Any], Any], matrix: Any) -> Any:
    # The applyfunc of SymPy compares every entry with zero first, which takes longer than the work.
    return sp.ImmutableMatrix(*matrix.shape, [function(entry) for entry in matrix])


# --- Normal forms ---------------------------------------------------------------------------------


class _NormalForm:
    """Bring lines to a form in which equal lines look alike, under given hypotheses."""

    def __init__(self, using: Hypotheses, spell_out: bool = False) -> None:
        self.spell_out = spell_out
        # A sum is met in normal form, so that is what a hypothesis on a sum must look like.
        self.using = [(_normal_sum(_with_fresh_variables(left)), right) for left, right in using]
        self.patterns = {left: _patterns(left) for left, _ in self.using if left.has(sp.Wild)}
        exact = [(left, right) for left, right in self.using if not left.has(sp.Wild)]
        self.names = {left: right for left, right in exact if _is_name(left)}
        self.products = [(left, right) for left, right in exact if not _is_name(left)]

    def scalar(self, expression: Any) -> Any:
        """Use the hypotheses and normalise the sums until nothing changes."""
        for _ in range(MOST_PASSES):
            # Every sum gets variables of its own, so that no hypothesis on a free symbol
            # touches a summation variable that happens to have the same name.
            start = self._substituted(_with_fresh_variables(expression))
            rewritten = _expanded(self._visit(start) if self._must_visit(start) else start)
            if rewritten == expression:
                break
            expression = rewritten
        return expression

    def matrix(self, expression: Any) -> Any:
        """Multiply a matrix expression out, using the hypotheses wherever factors fit."""
        for _ in range(MOST_PASSES):
            rewritten = _with_powers_written_out(self._substituted(expression))
            if rewritten.has(sp.MatrixSymbol):
                rewritten = sp.expand_mul(rewritten).doit()
            if rewritten.has(sp.ImmutableMatrix):
                rewritten = rewritten.as_explicit()
            if isinstance(rewritten, sp.MatrixBase):
                return _entrywise(self.scalar, rewritten)
            if rewritten == expression:
                break
            expression = rewritten
        return expression

    def _substituted(self, expression: Any) -> Any:
        # xreplace looks for whole names, subs finds a product of numbers inside a longer one.
        result = expression.xreplace(self.names)
        for left, right in self.products:
            if isinstance(left, sp.MatMul):
                result = _with_neighbours_replaced(result, left, right)
            elif left.free_symbols <= result.free_symbols:
                result = result.subs(left, right)
        return result

    def _must_visit(self, expression: Any) -> bool:
        return len(self.names) < len(self.using) or expression.has(sp.Sum, sp.MatrixExpr)

    def _visit(self, node: Any) -> Any:
        """Rewrite an expression from its smallest parts upwards."""
        rewritten = self._by_hypothesis(node)
        if rewritten is not node or not node.args or isinstance(node, sp.IndexedBase):
            return rewritten
        if isinstance(node, MatrixElement):
            return self._entry(node)
        if isinstance(node, sp.Trace):
            return self._trace(node)
        if isinstance(node, sp.MatrixExpr):
            return self.matrix(node)
        node = node.func(*(self._visit(part) for part in node.args))
        if not isinstance(node, sp.Sum):
            return self._by_hypothesis(node)
        # A sum that a hypothesis knows must be met before the sum around it swallows its terms.
        node = _normal_sum(node)
        known = {total: self._by_hypothesis(total) for total in _outermost_sums(node)}
        return self._by_hypothesis(node.xreplace(known))

    def _by_hypothesis(self, node: Any) -> Any:
        for left, right in self.using:
            if node.func != left.func:
                continue
            for values in self._matches(node, left):
                if left.xreplace(values) == node:
                    return _with_fresh_variables(right).xreplace(values)
        return node

    def _matches(self, node: Any, left: Any) -> Iterator[Any]:
        """Yield values of the wildcards that may turn the left side into the expression."""
        if left not in self.patterns:
            yield {}
            return
        written = _with_deltas_fixed(node)
        found = (written.match(pattern) for pattern in self.patterns[left])
        yield from (values for values in found if values is not None)

    def _entry(self, node: Any) -> Any:
        row, column = (self._visit(place) for place in node.args[1:])
        parent = self.matrix(node.parent)
        if isinstance(parent, sp.MatrixBase) or self.spell_out:
            return parent[row, column]
        total = sp.S.Zero
        for term in sp.MatAdd.make_args(parent):
            number, matrix = term.as_coeff_mmul()
            total += number * MatrixElement(matrix, row, column)
        return total

    def _trace(self, node: Any) -> Any:
        parent = self.matrix(node.arg)
        if isinstance(parent, sp.MatrixBase):
            return self.scalar(parent.trace())
        total = sp.S.Zero
        for term in sp.MatAdd.make_args(parent):
            number, matrix = term.as_coeff_mmul()
            total += number * self._trace_of_product(matrix)
        return total

    def _trace_of_product(self, matrix: Any) -> Any:
        turns = _turned_round(matrix)
        for turn in turns:
            rewritten = self.matrix(turn)
            if rewritten != turn:
                # A hypothesis fits across the ends; the next pass goes on from here.
                return sp.Trace(rewritten).doit()
        if turns[0].shape == (1, 1):
            return self._entry(MatrixElement(turns[0], 0, 0))
        return sp.Trace(turns[0]).doit()


def _turned_round(matrix: Any) -> list[Any]:
    """Return all products that have the trace of this one: first a number, if there is one."""
    circles = [sp.MatMul.make_args(one) for one in (matrix, sp.Transpose(matrix).doit())]
    turns = [
        sp.MatMul(*circle[start:], *circle[:start]).doit()
        for circle in circles
        for start in range(len(circle))
    ]
    return sorted(turns, key=lambda turn: (turn.shape != (1, 1), sp.default_sort_key(turn)))


def _with_powers_written_out(expression: Any) -> Any:
    """Write powers of products and sums as products, so that their neighbours can meet."""
    powers = [power for power in expression.atoms(sp.MatPow) if not power.base.is_symbol]
    whole = [power for power in powers if power.exp.is_Integer and power.exp.is_positive]
    return expression.xreplace({power: sp.MatMul(*[power.base] * power.exp) for power in whole})


def _with_neighbours_replaced(node: Any, left: Any, right: Any) -> Any:
    """Replace neighbouring factors of matrix products: matrices do not commute."""
    if not node.has(sp.MatMul):
        return node
    node = node.func(*(_with_neighbours_replaced(part, left, right) for part in node.args))
    size = len(left.args)
    for start in range(len(node.args) - size + 1 if isinstance(node, sp.MatMul) else 0):
        if node.args[start : start + size] == left.args:
            return sp.MatMul(*node.args[:start], right, *node.args[start + size :])
    return node


def _with_deltas_fixed(expression: Any) -> Any:
    """Return the expression with deltas that keep the order of their indices."""
    deltas = expression.atoms(sp.KroneckerDelta)
    return expression.xreplace({delta: _FIXED_DELTA(*delta.args) for delta in deltas})


def _patterns(left: Any) -> list[Any]:
    """Return the left side of a hypothesis with the indices of its deltas in every order.

    SymPy sorts the two indices of a delta, and a wildcard sorts unlike what it stands for.
    """
    deltas = sorted(left.atoms(sp.KroneckerDelta), key=sp.default_sort_key)
    orders = itertools.product((1, -1), repeat=len(deltas))
    return [
        left.xreplace(
            {
                delta: _FIXED_DELTA(*delta.args[::way])
                for delta, way in zip(deltas, ways, strict=True)
            }
        )
        for ways in orders
    ]


def _is_name(expression: Any) -> bool:
    return isinstance(expression, (sp.Symbol, sp.Indexed, sp.MatrixSymbol))


# --- Finite sums ----------------------------------------------------------------------------------


def _with_fresh_variables(expression: Any) -> Any:
    """Rename the variables of every sum to symbols that occur nowhere else."""
    if not isinstance(expression, sp.Basic) or not expression.has(sp.Sum):
        return expression
    parts = [_with_fresh_variables(part) for part in expression.args]
    if not isinstance(expression, sp.Sum):
        return expression.func(*parts)
    return sp.Sum(*_renamed(parts[0], parts[1:]))


def _renamed(summand: Any, limits: Sequence[Any]) -> list[Any]:
    """Return summand and limits with new variables; the limits of inner sums come first."""
    renamed: list[Any] = []
    for variable, *ends in limits:
        fresh = {variable: sp.Dummy(variable.name, integer=True)}
        summand = summand.xreplace(fresh)
        # The ends of an inner sum may hold this variable, its own ends may not.
        renamed = [
            sp.Tuple(inner, *(end.xreplace(fresh) for end in its_ends))
            for inner, *its_ends in renamed
        ]
        renamed.append(sp.Tuple(fresh[variable], *ends))
    return [summand, *renamed]


def _normal_sum(total: Any) -> Any:
    """Return a finite sum as sums of products, constants in front; leave anything else alone."""
    if not isinstance(total, sp.Sum) or any(len(limit) != 3 for limit in total.limits):
        return total
    result = total.function
    for limit in total.limits:
        terms = sp.Add.make_args(_expanded(result))
        places = _places(limit)
        if 0 < len(places) * len(terms) <= MOST_TERMS:
            result = sp.Add(*(result.xreplace({limit[0]: place}) for place in places))
        else:
            result = sp.Add(*(_sum_of_product(term, [limit]) for term in terms))
    return result


def _expanded(expression: Any) -> Any:
    """Multiply out, but leave exponentials of sums alone: SymPy would make them products."""
    exponents = [total for power in expression.atoms(sp.exp) for total in _outermost_sums(power)]
    if not exponents:
        return sp.expand(expression)
    atoms = {total: sp.Dummy() for total in exponents}
    expanded = sp.expand(expression.xreplace(atoms))
    return expanded.xreplace({atom: total for total, atom in atoms.items()})


def _places(limit: Any) -> list[Any]:
    """Return the values of a summation variable, and none if its limits are not numbers."""
    _, low, high = limit
    if not (low.is_Integer and high.is_Integer and high - low < MOST_TERMS):
        return []
    return [sp.Integer(place) for place in range(int(low), int(high) + 1)]


def _sum_of_product(term: Any, limits: list[Any]) -> Any:
    factors, limits = _joined_sums(term, limits)
    factors = _with_deltas_used(factors, {limit[0] for limit in limits})
    factors, limits = _with_denominators_cancelled(factors, limits)
    product = sp.S.One
    while limits:
        group, used = _connected(factors, limits)
        factors = [factor for factor in factors if factor not in group]
        limits = [limit for limit in limits if limit not in used]
        product *= _canonical_sum(sp.Mul(*group), used)
    return product * sp.Mul(*factors)


def _joined_sums(term: Any, limits: list[Any]) -> tuple[list[Any], list[Any]]:
    """Pull the inner sums of a product out to the front: finite sums may change their order."""
    factors: list[Any] = []
    waiting = list(sp.Mul.make_args(term))
    while waiting:
        base, power = waiting.pop().as_base_exp()
        is_count = power.is_Integer and power.is_positive
        if isinstance(base, sp.Sum) and is_count and _is_free_of(base, limits):
            for _ in range(int(power)):
                summand, *inner = _renamed(base.function, base.limits)
                waiting.extend(sp.Mul.make_args(summand))
                limits = [*limits, *inner]
        else:
            factors.append(base**power)
    return factors, limits


def _is_free_of(inner: Any, limits: Sequence[Any]) -> bool:
    """Say whether no limit of a sum depends on a variable, its own or of the sums around it."""
    variables = {*inner.variables, *(limit[0] for limit in limits)}
    return not any(end.free_symbols & variables for limit in inner.limits for end in limit[1:])


def _with_deltas_used(factors: list[Any], variables: set[Any]) -> list[Any]:
    """Use delta(a, b) f(a) = delta(a, b) f(b), always towards the simpler of the two."""

    def simplicity(index: Any) -> tuple[bool, int, bool, str]:
        return not index.is_number, len(index.args), index in variables, str(index)

    for place in range(len(factors)):
        delta = factors[place]
        if isinstance(delta, sp.KroneckerDelta):
            kept, dropped = sorted(delta.args, key=simplicity)
            factors = [factor.xreplace({dropped: kept}) for factor in factors]
            factors[place] = delta
    return factors


def _with_denominators_cancelled(
    factors: list[Any], limits: list[Any]
) -> tuple[list[Any], list[Any]]:
    """Cancel a sum over one variable with an equal sum below: else the order would matter."""
    for limit in limits if any(_is_below(factor) for factor in factors) else ():
        above = [factor for factor in factors if factor.has(limit[0])]
        rest = [factor for factor in factors if factor not in above]
        others = [other for other in limits if other is not limit]
        if not above or any(other.has(limit[0]) for other in others):
            continue
        base = _canonical_sum(sp.Mul(*above), [limit])
        if any(_is_below(factor) and factor.as_base_exp()[0] == base for factor in rest):
            return _with_denominators_cancelled([*sp.Mul.make_args(sp.Mul(base, *rest))], others)
    return factors, limits


def _is_below(factor: Any) -> bool:
    base, power = factor.as_base_exp()
    return isinstance(base, sp.Sum) and power.is_Integer and power.is_negative


def _connected(factors: list[Any], limits: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return the factors and the limits that hang together with the first limit."""
    used = limits[:1]
    while True:
        variables = {limit[0] for limit in used}
        group = [factor for factor in factors if factor.free_symbols & variables]
        seen = variables.union(*(factor.free_symbols for factor in group))
        grown = [limit for limit in limits if limit[0] in seen]
        if len(grown) == len(used):
            return group, used
        used = grown


def _canonical_sum(summand: Any, limits: list[Any]) -> Any:
    """Return the sum with canonical variables; of an empty product, the number of terms."""
    if summand == 1:
        _, low, high = limits[0]
        return high - low + 1
    taken = summand.atoms(sp.Dummy)
    names = [variable for variable in _BOUND if variable not in taken]
    if len(limits) > min(len(names), MOST_NESTED):
        raise NotImplementedError("the sums are nested too deeply")
    sums = (_named(summand, order, names) for order in itertools.permutations(limits))
    return min(sums, key=sp.default_sort_key)


def _named(summand: Any, limits: Sequence[Any], names: Sequence[Any]) -> Any:
    pairs = list(zip(limits, names, strict=False))
    named = summand.xreplace({limit[0]: name for limit, name in pairs})
    return sp.Sum(named, *((name, *limit[1:]) for limit, name in pairs))
