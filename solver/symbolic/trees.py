"""SymPy's trees read into ours, node by node: nothing is printed and parsed on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_, mul
from typing import Any

import sympy

from solver.errors import SolverError
from solver.sizes.expression import (
    ARITHMETIC,
    Expression,
    added,
    apply,
    call,
    evaluate,
    named,
    of,
)

_CLASS = "sums, products, quotients, powers, floor, ceiling, Min, Max, Mod of whole symbols"
_CALLS: Mapping[Any, str] = {
    sympy.floor: "floor",
    sympy.ceiling: "ceil",
    sympy.Min: "min",
    sympy.Max: "max",
}
_RELATIONS: Mapping[Any, str] = {
    sympy.Eq: "==",
    sympy.Ne: "!=",
    sympy.Lt: "<",
    sympy.Le: "<=",
    sympy.Gt: ">",
    sympy.Ge: ">=",
}


def from_sympy(size: Any) -> Expression:
    """A size or a condition of SymPy as a tree. Raises SolverError for what is neither.

    >>> from sympy import Symbol, floor
    >>> k, s = Symbol("k"), Symbol("s")
    >>> print(from_sympy(floor((k - 1)/(2*s)) + s/2), "|", from_sympy(3*2**(k - 1)/s**k))
    s/2 + floor((k - 1)/(2*s)) | 3*2**(k - 1)/s**k
    """
    kind = size.func
    if size.is_Integer:
        return of(int(size))
    if size.is_Symbol:
        return named(size.name)
    if kind in _CALLS:
        return call(_CALLS[kind], *map(from_sympy, size.args))
    if kind in _RELATIONS:
        return apply(_RELATIONS[kind], *map(from_sympy, size.args))
    if kind is sympy.Mod:
        return apply("%", *map(from_sympy, size.args))
    if size.is_Pow and size.exp.free_symbols:
        return from_sympy(size.base) ** from_sympy(size.exp)
    if kind in (sympy.And, sympy.Or, sympy.Not):
        return _JOINED[kind](*map(from_sympy, size.args))
    return _ratio(size)


def _ratio(size: Any) -> Expression:
    """A sum, a product, a power, or a quotient, as people write it."""
    above, below = size.as_numer_denom()
    if size.is_Add and (below == 1 or sum(map(_is_quotient, size.args)) < 2):
        terms = (term.as_coeff_Mul() for term in size.as_ordered_terms())
        return added((bool(c < 0), from_sympy(abs(c) * rest)) for c, rest in terms)
    if below != 1:
        return from_sympy(above) / from_sympy(below)
    c, rest = size.as_coeff_Mul()
    if size.is_Mul and c.is_Integer:  # 1.5*s is none
        factors = [from_sympy(part) for part in rest.as_ordered_factors()]
        found = reduce(mul, factors if abs(c) == 1 else [of(abs(int(c))), *factors])
        return -found if c < 0 else found
    if size.is_Pow and size.exp.is_Integer and 0 < size.exp <= _HIGHEST:
        return reduce(mul, [from_sympy(size.base)] * int(size.exp))
    raise SolverError(f"a size is made of {_CLASS}", received=str(size)[:80])


def _is_quotient(term: Any) -> bool:
    return bool(term.as_numer_denom()[1] != 1)


_HIGHEST = 64
_JOINED: Mapping[Any, Callable[..., Expression]] = {
    sympy.And: lambda *parts: reduce(and_, parts),
    sympy.Or: lambda *parts: reduce(lambda one, other: apply("or", one, other), parts),
    sympy.Not: lambda part: apply("not", part),
}


def into_sympy(node: Expression, symbols: Mapping[str, Any]) -> Any:
    """A tree as a SymPy expression or condition, in the given symbols.

    Remainders become x - y*floor(x/y), which SymPy handles reliably where its Mod does not.

    >>> s = sympy.Symbol("s")
    >>> into_sympy(named("s") % 2, {"s": s})
    s - 2*floor(s/2)
    """
    return evaluate(node, symbols, _OPERATORS, sympy.Integer)


def _remainder(x: Any, y: Any) -> Any:
    return x - y * sympy.floor(x / y)


_OPERATORS: Mapping[str, Callable[..., Any]] = {
    **ARITHMETIC,
    "//": lambda x, y: sympy.floor(x / y),
    "%": _remainder,
    "Mod": _remainder,
    "floor": sympy.floor,
    "ceil": sympy.ceiling,
    "min": sympy.Min,
    "max": sympy.Max,
    "==": sympy.Eq,
    "!=": sympy.Ne,
    "<": sympy.Lt,
    "<=": sympy.Le,
    ">": sympy.Gt,
    ">=": sympy.Ge,
    "and": sympy.And,
    "or": sympy.Or,
    "not": sympy.Not,
}
