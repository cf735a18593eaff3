"""Fold a tree into human order, exactly: i + 2*1 - 2*(3 - 1) - 1 becomes i - 3.

A size is a sum of terms; a term is a whole coefficient times factors that are not taken apart
(names, parentheses, floors). Every rule holds for all whole numbers:

    c*(x + y)                   c*x + c*y            c a number; a name times a sum stays as it is
    (g*x)/(g*c)                 x/c                  g, c > 0 numbers
    floor(x), ceil(x)           x                    x without a division
    min(x, x + c), max(x + c, x)    x, x + c         c >= 0 a number, also under one floor or ceil
    x**0, x**1                  1, x

Numbers come last and a positive term first: n - 1, not -1 + n.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import reduce
from operator import mul

from solver.sizes.expression import COMPARISONS, Expression, added, apply, call, of, power

#: factors -> coefficient, in the order written; () is the constant.
Sum = dict[tuple[Expression, ...], int]


def normal(node: Expression, values: Mapping[str, int] | None = None) -> Expression:
    """An equal size in human order, with the given names filled in.

    >>> from solver.sizes.grammar import parse
    >>> from solver.sizes.text import text
    >>> tree = parse("floor((i + 2*p - d*(k - 1) - 1)/s) + 1", ("i", "p", "d", "k", "s"))
    >>> text(normal(tree, {"k": 3, "p": 1, "d": 1}))
    'floor((i - 1)/s) + 1'
    >>> text(normal(tree, {"k": 3, "p": 1, "d": 1, "s": 1}))  # stride 1 drops the floor
    'i'
    """
    return _node(_sum(node, values or {}))


def normal_condition(
    node: Expression, values: Mapping[str, int] | None = None
) -> Expression | bool:
    """An equal condition in human order, or True or False where the numbers decide it.

    >>> from solver.sizes.grammar import parse
    >>> from solver.sizes.text import text
    >>> tree = parse("k >= 2 and i + k - 1 >= 4", ("i", "k"))
    >>> text(normal_condition(tree, {"k": 3})), normal_condition(tree, {"k": 1})
    ('i >= 2', False)
    """
    values = values or {}
    if node.kind in COMPARISONS:
        left, right = (_sum(part, values) for part in node.parts)
        if set(right) <= {()}:  # a number on the right takes the number on the left
            right = _plus(right, {(): left.pop((), 0)}, -1)
        if not left and set(right) <= {()}:
            return _HOLDS[node.kind](0, right.get((), 0))
        return apply(node.kind, _node(left), _node(right))
    if node.kind == "not":
        inner = normal_condition(node.parts[0], values)
        return not inner if isinstance(inner, bool) else apply("not", inner)
    absorbing = node.kind == "or"
    kept: Expression | None = None
    for part in node.parts:
        side = normal_condition(part, values)
        if side is absorbing:
            return absorbing
        if not isinstance(side, bool):
            kept = side if kept is None else apply(node.kind, kept, side)
    return not absorbing if kept is None else kept


def whole(node: Expression) -> Expression:
    """An equal tree whose only division is `//`, for languages with integer division.

    A division outside floor and ceil must be exact.

    >>> from solver.sizes.grammar import parse
    >>> from solver.sizes.text import text
    >>> text(whole(parse("ceil((n + 1)/2) + floor(n/3)")))
    '(n + 2)//2 + n//3'
    """
    if node.kind == "call" and node.parts[0] in ("floor", "ceil"):
        inner = node.parts[1]
        if inner.kind == "/" and node.parts[0] == "ceil":
            # ceil(x/y) = floor((x + y - 1)/y) for whole x and y >= 1
            x, y = inner.parts
            inner = apply("/", apply("-", apply("+", x, y), of(1)), y)
        return whole(inner)
    parts = tuple(whole(part) if isinstance(part, Expression) else part for part in node.parts)
    if node.kind == "/":
        return apply("//", normal(parts[0]), parts[1])
    return Expression(node.kind, parts)


def _sum(node: Expression, values: Mapping[str, int]) -> Sum:
    kind, parts = node.kind, node.parts
    if kind == "number":
        return _constant(parts[0])
    if kind == "name":
        return _constant(values[parts[0]]) if parts[0] in values else {(node,): 1}
    if kind == "call":
        kind, parts = parts[0], parts[1:]
    arguments = [_sum(part, values) for part in parts]
    match kind:
        case "+":
            return _plus(arguments[0], arguments[1])
        case "-":
            return _plus(arguments[0], arguments[1], -1)
        case "*":
            return _times(*arguments)
        case "/":
            return _over(*arguments)
        case "//":
            return _round("floor", _over(*arguments))
        case "%" | "Mod":
            return _modulo(*arguments)
        case "floor" | "ceil":
            return _round(kind, *arguments)
        case "**":
            return _power(*arguments)
    return _least(arguments, kind)


def _plus(x: Sum, y: Sum, sign: int = 1) -> Sum:
    total = dict(x)
    for factors, c in y.items():
        total[factors] = total.get(factors, 0) + sign * c
    return {factors: c for factors, c in total.items() if c}


def _times(x: Sum, y: Sum) -> Sum:
    for one, other in ((x, y), (y, x)):
        if set(one) <= {()}:
            return {factors: c * one[()] for factors, c in other.items()} if one else {}
    (left, c), (right, e) = _term(x), _term(y)
    return {left + right: c * e}


def _over(x: Sum, y: Sum) -> Sum:
    if not x:
        return {}
    if set(y) == {()} and y[()] > 0:
        common = math.gcd(y[()], *x.values())
        x = {factors: c // common for factors, c in x.items()}
        y = {(): y[()] // common}
        if y[()] == 1:
            return x
    return {(apply("/", _node(x), _node(y)),): 1}


def _modulo(x: Sum, y: Sum) -> Sum:
    if set(y) == {()} and set(x) <= {()}:
        return _constant(x.get((), 0) % y[()])
    if y == {(): 1} and _is_whole(_node(x)):
        return {}
    return {(apply("%", _node(x), _node(y)),): 1}


def _power(x: Sum, y: Sum) -> Sum:
    if not y:
        return _constant(1)
    if y == {(): 1} or x == {(): 1}:
        return x
    if set(x) | set(y) == {()} and y[()] > 0:
        return _constant(power(x.get((), 0), y[()]))
    return {(apply("**", _node(x), _node(y)),): 1}


def _round(name: str, x: Sum) -> Sum:
    node = _node(x)
    if _is_whole(node):
        return x
    if node.kind == "/":
        numerator, denominator = (_sum(part, {}) for part in node.parts)
        if set(numerator) | set(denominator) == {()}:
            top, bottom = numerator[()], denominator[()]
            return _constant(top // bottom if name == "floor" else -(-top // bottom))
    return {(call(name, node),): 1}


def _least(arguments: list[Sum], name: str) -> Sum:
    """Drop the arguments of min or max that another one always beats."""
    sign = 1 if name == "min" else -1
    kept: list[Sum] = []
    for x in arguments:
        gaps = [_gap(x, y) for y in kept]
        if any(gap is not None and sign * gap >= 0 for gap in gaps):
            continue
        kept = [y for y, gap in zip(kept, gaps, strict=True) if gap is None] + [x]
    if len(kept) == 1:
        return kept[0]
    return {(call(name, *map(_node, kept)),): 1}


def _gap(x: Sum, y: Sum) -> int | None:
    """A number with the sign of x - y, or None where the sign depends on the names."""
    difference = _plus(x, y, -1)
    if set(difference) <= {()}:
        return difference.get((), 0)
    first, second = _rounded(x), _rounded(y)
    if first and second and first[:2] == second[:2]:
        # both are floor(./c): floor is nondecreasing
        difference = _plus(first[2], second[2], -1)
        if set(difference) <= {()}:
            return difference.get((), 0)
    return None


def _rounded(x: Sum) -> tuple[str, int, Sum] | None:
    """Read x as floor(y/c) or ceil(y/c), c a number; what is added outside goes in c times."""
    outside = {factors: c for factors, c in x.items() if factors}
    if len(outside) != 1:
        return None
    ((factors, coefficient),) = outside.items()
    if coefficient != 1 or len(factors) != 1 or factors[0].kind != "call":
        return None
    name, *arguments = factors[0].parts
    if name not in ("floor", "ceil") or arguments[0].kind != "/":
        return None
    numerator, denominator = arguments[0].parts
    if denominator.kind != "number":
        return None
    c = denominator.parts[0]
    return name, c, _plus(_sum(numerator, {}), _constant(x.get((), 0) * c))


def _term(x: Sum) -> tuple[tuple[Expression, ...], int]:
    """A sum as one term, in parentheses if need be."""
    if len(x) == 1:
        ((factors, c),) = x.items()
        return factors, c
    return (_node(x),), 1


def _node(x: Sum) -> Expression:
    terms = sorted(x.items(), key=lambda term: term[0] == ())
    first = next((term for term in terms if term[1] > 0), None)
    if first is not None:
        terms.remove(first)
        terms.insert(0, first)
    return added((c < 0, _product(factors, abs(c))) for factors, c in terms)


def _product(factors: tuple[Expression, ...], c: int) -> Expression:
    return reduce(mul, (of(c), *factors) if c != 1 or not factors else factors)


def _is_whole(node: Expression) -> bool:
    """Tell whether whole names give a whole size: no division outside floor and ceil."""
    if node.kind == "/":
        return False
    if node.kind == "call" and node.parts[0] in ("floor", "ceil"):
        return True
    if node.kind == "**" and any(c < 0 for c in _sum(node.parts[1], {}).values()):
        return False
    return all(_is_whole(part) for part in node.parts if isinstance(part, Expression))


def _constant(value: int) -> Sum:
    return {(): value} if value else {}


_HOLDS = {
    "==": int.__eq__,
    "!=": int.__ne__,
    "<": int.__lt__,
    "<=": int.__le__,
    ">": int.__gt__,
    ">=": int.__ge__,
}
