"""SymPy expressions with floor and ceiling in one whole symbol, compared exactly.

SymPy's trees go in; it proves nothing here. Built from sums, rational factors, floor, ceiling, Min,
Max, Abs and Mod by numbers, an expression is a piecewise size map. So where two of them agree is
known for every value, negative ones included: there -m takes the place of the symbol.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import reduce
from typing import Any

import sympy

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.sizes.piecewise import Piece, Piecewise
from solver.sizes.sizemap import IDENTITY

_CLASS = "sums, rational factors, floor, ceiling, Min, Max, Abs, Mod by a positive number"
_MOST_LISTED = 64  # members that are listed one by one
#: What is compared, as a function of the sign of left - right; 1 where it holds, else 0.
_COMPARE: dict[Any, Any] = {
    sympy.Eq: lambda sign: 1 - abs(sign),
    sympy.Ne: abs,
    sympy.Ge: lambda sign: sign.least(0) + 1,
    sympy.Gt: lambda sign: sign.greatest(0),
    sympy.Le: lambda sign: (-sign).least(0) + 1,
    sympy.Lt: lambda sign: (-sign).greatest(0),
}
#: What SymPy's functions make of piecewise size maps.
_FUNCTIONS: dict[Any, Callable[..., Piecewise]] = {
    sympy.Add: lambda *parts: reduce(operator.add, parts),
    sympy.Mul: lambda *parts: reduce(operator.mul, parts),
    sympy.Min: lambda *parts: reduce(Piecewise.least, parts),
    sympy.Max: lambda *parts: reduce(Piecewise.greatest, parts),
    sympy.floor: Piecewise.floor,
    sympy.ceiling: Piecewise.ceil,
    sympy.Abs: abs,
    sympy.Mod: operator.mod,
}


class Half(NamedTuple):
    """Hold one direction in which a symbol runs: it is direction*m for the allowed m >= start."""

    direction: int
    value: Piecewise
    allowed: Piecewise


def equal_for_all(left: Any, right: Any, n: Any) -> bool:
    """Tell whether two expressions in n are equal for every value n may have.

    n: a SymPy symbol that is known to be whole; its other assumptions (positive, nonnegative,
    negative, even, odd, ...) say which values it may have. Raises SolverError where an expression
    is built from anything else.

    >>> from sympy import ceiling, floor
    >>> from solver import n
    >>> equal_for_all(floor((n - 1)/2) + 1, ceiling(n/2), n)
    True
    >>> equal_for_all(floor(n/2) + floor((n + 1)/2), n, n), equal_for_all(floor(n/2)*2, n, n)
    (True, False)
    """
    return first_difference(left, right, n) is None


def first_difference(left: Any, right: Any, n: Any) -> int | None:
    """The n nearest to 0 at which two expressions differ, or None where there is none.

    >>> from sympy import floor
    >>> from solver import n
    >>> first_difference(floor(n/3), floor((n + 1)/3), n)
    2
    """
    found = []
    for half in halves(n):
        sign = (read(left, n, half.value) - read(right, n, half.value)).sign()
        first = abs(sign).least(half.allowed).first(half.value.starts[0])
        found += [] if first is None else [half.direction * first]
    return min(found, key=abs, default=None)


def where(kind: Any, left: Any, right: Any, n: Any) -> Any:
    """The values of n at which a comparison holds, as a SymPy set.

    kind: Eq, Ne, Lt, Le, Gt or Ge of SymPy.

    >>> from sympy import Eq, Ge, floor
    >>> from solver import n
    >>> where(Eq, 3*floor(n/3), n, n), where(Ge, floor(n/2), 100, n)
    (Range(3, oo, 3), Range(200, oo, 1))
    """
    sets: list[Any] = []
    listed: list[int] = []
    for half in halves(n):
        sign = (read(left, n, half.value) - read(right, n, half.value)).sign()
        for piece in _COMPARE[kind](sign).least(half.allowed):
            for first, last, step in _progressions(piece):
                if last is not None and (last - first) // step < _MOST_LISTED:
                    listed += [half.direction * m for m in range(first, last + 1, step)]
                else:
                    end = sympy.oo if last is None else last + 1
                    ends = (half.direction * part for part in (first, end, step))
                    sets.append(sympy.Range(*ends))
    if sets == [sympy.Range(0, sympy.oo), sympy.Range(-1, -sympy.oo, -1)]:
        return sympy.S.Integers
    sets = [_longer(part, listed) for part in sets]
    sets += [sympy.FiniteSet(*listed)] if listed else []
    return sympy.Union(*sets, evaluate=False) if len(sets) > 1 else (*sets, sympy.S.EmptySet)[0]


def _longer(numbers: Any, listed: list[int]) -> Any:
    """Let a range begin with the listed numbers before it, and take them off the list."""
    first, step = int(numbers.start), int(numbers.step)
    while first - step in listed:
        first -= step
        listed.remove(first)
    return sympy.Range(first, numbers.stop, step)


def halves(n: Any) -> list[Half]:
    """The directions in which a symbol runs, by its assumptions."""
    if not (isinstance(n, sympy.Symbol) and n.is_integer):
        raise SolverError(
            "the symbol must be known to be whole",
            received=str(n),
            right="Symbol('n', integer=True), or solver.n",
        )
    if n.is_positive is not False and (n.is_prime is not None or n.is_composite is not None):
        raise SolverError("primes are no residue classes", received=str(n))
    found = []
    if n.is_negative is not True and n.is_nonpositive is not True:
        found.append((1, 1 if n.is_positive or n.is_zero is False else 0))
    if n.is_positive is not True and n.is_nonnegative is not True:
        found.append((-1, 1 if found or n.is_negative or n.is_zero is False else 0))
    if n.is_zero:
        found = [(1, 0)]
    return [
        Half(sign, sign * Piecewise.of(IDENTITY, first), _allowed(n, first))
        for sign, first in found
    ]


def _allowed(n: Any, first: int) -> Piecewise:
    """Return 1 for the m that parity and being 0 allow."""
    m = Piecewise.of(IDENTITY, first)
    if n.is_zero:
        return 1 - m.sign()
    if n.is_even is None:
        return Piecewise.of(1, first)
    even = (m / 2).whole()
    return even if n.is_even else 1 - even


def read(expression: Any, n: Any, value: Piecewise) -> Piecewise:
    """An expression in n as a piecewise size map. Raises SolverError outside the class.

    value: what n is.
    """
    try:
        return _read(expression, n, value)
    except RecursionError:
        raise LimitError("an expression is nested too deeply") from None


def _read(expression: Any, n: Any, value: Piecewise) -> Piecewise:
    if isinstance(expression, (int, Fraction)) and not isinstance(expression, bool):
        expression = sympy.Rational(expression.numerator, expression.denominator)
    if expression == n:
        return value
    if getattr(expression, "is_Rational", False):
        return Piecewise.of(int(expression.p), value.starts[0]) / int(expression.q)
    arguments: Any = getattr(expression, "args", ())
    function = _FUNCTIONS.get(type(expression))
    by = arguments[1] if isinstance(expression, sympy.Mod) else None
    if function is None or (by is not None and not (by.is_Rational and by > 0)):
        raise _refused(expression, n)
    return function(*(_read(part, n, value) for part in arguments))


def _refused(expression: Any, n: Any) -> SolverError:
    """What is wrong with a part that no expression in n is built from."""
    right = None
    if getattr(expression, "is_Symbol", False):
        right = "solver.n, or one Symbol with its assumptions, used throughout"
        if expression.name == n.name:
            rule = f"this is another {n}, with other assumptions"
            return SolverError(rule, str(expression), right)
    elif getattr(expression, "is_Float", False):
        right = "Rational(1, 2) for 0.5"
    elif isinstance(expression, (str, bool)):
        right = "Eq(floor(n/2), 3): == compares how expressions look, and text is not read"
    return SolverError(f"an expression is built from {_CLASS} and {n}", str(expression)[:80], right)


def _progressions(piece: Piece) -> Iterator[tuple[int, int | None, int]]:
    """Yield (first, last, step) of the members of a truth on a piece."""
    period = piece.value.period
    residues = [m for m in range(piece.first, piece.first + period) if piece.value.at(m)]
    if len(residues) == period:
        yield piece.first, piece.last, 1
        return
    for first in residues:
        if piece.last is None:
            yield first, None, period
        elif first <= piece.last:
            yield first, piece.last - (piece.last - first) % period, period
