"""When an equation with one floor in letters holds for every value of one of them.

Both sides are one staircase each (`solver.sizes.staircase`), and D, u, v are at least 1:

    floor((u*n + b)/D) = (u*n + c)/v     D = u*v, and 0 <= b - u*c <= D - 1      u or v is 1
    floor((n + b)/D) = floor((n + c)/v)  D = v, and b = c
    (a*n + b)/w = (u*n + c)/v            a*v = u*w, and b*v = c*w
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.sizes.expression import Expression, substitute
from solver.sizes.letters import least
from solver.sizes.polynomial import Polynomial
from solver.sizes.readable_conditions import is_0
from solver.sizes.staircase import LetteredSize, read_staircase
from solver.symbolic.trees import from_sympy, into_sympy

_ONE = Polynomial.of(1)


class Holds(NamedTuple):
    """Hold when an equation holds: where, and where 0 <= size <= width besides."""

    where: tuple[Any, ...]
    size: Any
    width: Any


def holds_for_every(left: Any, right: Any, n: Any) -> Holds:
    """When two sizes are equal for every n, in the symbols that stand in them.

    Raises LimitError outside of the forms above, and SolverError where a symbol may be below the
    smallest value of its letter.

    >>> from sympy import floor, symbols
    >>> n, k, s = symbols("n k s", integer=True, positive=True)
    >>> holds_for_every(floor((n - k)/s) + 1, n/s, n)
    Holds(where=(), size=-k + s, width=s - 1)
    """
    symbols = {symbol.name: symbol for symbol in (left - right).free_symbols | {n}}
    for name, symbol in symbols.items():
        smallest = 1 if symbol == n else least(name)
        if not (symbol.is_positive or (smallest == 0 and symbol.is_nonnegative)):
            assumed = "positive" if smallest else "nonnegative"
            right_one = f"Symbol({name!r}, integer=True, {assumed}=True)"
            raise SolverError(f"{name} is at least {smallest}", str(symbol), right_one)
    if "n" in symbols and symbols["n"] != n:
        raise SolverError("n is the symbol it holds for", str(n), f"another name than n for {n}")
    one, other = (
        read_staircase(substitute(from_sympy(size), {n.name: "n"})) for size in (left, right)
    )
    if other.rounded and not one.rounded:
        one, other = other, one
    slopes = one.slope * other.divisor - other.slope * one.divisor
    asked = [*one.where, *other.where, is_0(slopes), *_asked(one, other)]
    where = tuple(_given(condition, symbols) for condition in asked if condition is not True)
    known = {each.lhs: each.rhs for each in where if getattr(each.lhs, "is_Symbol", False)}
    size, width = (into_sympy(part.expression, symbols) for part in _between(one, other))
    if sympy.false in where:
        return Holds((sympy.false,), size, width)
    return Holds(where, *(sympy.expand(part.xreplace(known)) for part in (size, width)))


def _asked(one: LetteredSize, other: LetteredSize) -> Iterator[Expression | bool]:
    """That the sizes are of the forms that are decided."""
    if one.rounded and other.rounded and _ONE not in (one.slope, other.slope):
        raise LimitError("n stands alone in one of two floors", f"{one} and {other}")
    if one.rounded and other.rounded and one.slope != other.slope:
        raise LimitError("n has the same factor in both floors", f"{one} and {other}")
    if one.rounded and not other.rounded and _ONE not in (other.slope, other.divisor):
        raise LimitError("the other side is n/s or s*n, with what is added", str(other))
    if one.rounded and not other.rounded and other.divisor != _ONE and one.slope != _ONE:
        raise LimitError("n stands alone in the floor", str(one))
    yield True


def _between(one: LetteredSize, other: LetteredSize) -> tuple[Polynomial, Polynomial]:
    """What must be from 0 on, and up to what."""
    if not one.rounded:
        return one.rest * other.divisor - other.rest * one.divisor, Polynomial.of(0)
    if other.rounded:
        return one.rest - other.rest, Polynomial.of(0)
    if other.divisor != _ONE:  # it is asked for the n at which (n + c)/v is whole
        return one.rest - other.rest, one.divisor - 1
    return one.rest - one.divisor * other.rest, one.divisor - 1


def _given(condition: Expression | bool, symbols: Mapping[str, Any]) -> Any:
    if isinstance(condition, bool):
        return sympy.true if condition else sympy.false
    return into_sympy(condition, symbols)
