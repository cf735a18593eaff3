"""What a SymPy expression is at numbers, in exact fractions: by its tree, without SymPy's help."""

from __future__ import annotations

import math
import operator
from fractions import Fraction

import sympy

_CALLS = {
    sympy.Add: lambda *parts: sum(parts),
    sympy.Mul: lambda *parts: math.prod(parts),
    sympy.Pow: lambda base, exponent: base ** int(exponent),
    sympy.floor: lambda x: Fraction(math.floor(x)),
    sympy.ceiling: lambda x: Fraction(math.ceil(x)),
    sympy.Max: max,
    sympy.Min: min,
    sympy.And: lambda *parts: all(parts),
    sympy.Or: lambda *parts: any(parts),
    sympy.Eq: operator.eq,
    sympy.Ne: operator.ne,
    sympy.Ge: operator.ge,
    sympy.Gt: operator.gt,
    sympy.Le: operator.le,
    sympy.Lt: operator.lt,
}


def at(value, numbers):
    """The number or the truth of an expression at numbers for its symbols, by their names."""
    value = sympy.sympify(value)
    if value in (sympy.true, sympy.false):
        return bool(value)
    if value.is_Rational:
        return Fraction(int(value.p), int(value.q))
    if value.is_Symbol:
        return Fraction(numbers[value.name])
    return _CALLS[value.func](*(at(part, numbers) for part in value.args))
