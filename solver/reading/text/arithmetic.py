"""Arithmetic of a program that is read: numbers with limits, sizes of tensors, lists and words."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Unclear, Wire
from solver.reading.functions.sizes import calculated
from solver.reading.text.inside import leaves
from solver.reading.text.values import Dotted, Method, Opaque, is_list
from solver.sizes.width import is_int

MOST_ITEMS = 10_000
_LARGEST = 2**63
_NUMBERS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Pow: operator.pow, ast.LShift: operator.lshift, ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor,
}  # fmt: skip
_SETS: dict[type, Callable[[Any, Any], Any]] = {
    ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor,
    ast.Sub: operator.sub,
}  # fmt: skip
_SIZES = (int, float, Dim, Ratio)
_SIZED: dict[type, str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv",
    ast.FloorDiv: "floordiv", ast.Mod: "mod",
}  # fmt: skip
#: The largest power of a size, and the places by which one is shifted.
_POWERS, _SHIFTS = 4, 32
#: What makes whole numbers of parts of sizes.
ROUND = ("int", "math.floor", "math.ceil", "floor", "ceil", "round", "abs")


def binary(kind: type, one: Any, two: Any) -> Any:
    """Return one op two, None where that is not known. Raises SolverError for no number.

    kind: the class of the operator in Python's own grammar.

    >>> binary(ast.FloorDiv, 7, 2), str(binary(ast.Sub, Dim.letter("h"), 1))
    (3, 'h - 1')
    """
    if isinstance(one, (int, float)) and isinstance(two, (int, float)):
        return _number(kind, one, two)
    if isinstance(one, _SIZES) and isinstance(two, _SIZES):
        return size(kind, one, two)
    if kind is ast.Add and type(one) is type(two) in (list, tuple, str):
        limited(len(one) + len(two))
        return operator.add(one, two)
    if kind in _SETS and type(one) is type(two) is set:
        return _SETS[kind](one, two)
    if kind is ast.Mult and is_list(one) and is_int(two):
        limited(len(one) * two)
        return one * two
    return None


def too_large(value: Any) -> bool:
    """Tell whether a value is a number that a program may not compute with."""
    return isinstance(value, (int, float)) and _LARGEST < abs(value) < math.inf


def limited(count: int) -> None:
    """Raise LimitError where a list grows too long."""
    if count > MOST_ITEMS:
        raise LimitError(f"a list may have {MOST_ITEMS:,} entries")


def _number(kind: type, one: Any, two: Any) -> Any:
    if kind not in _NUMBERS:
        return None
    if too_large(one) or too_large(two) or (kind in (ast.Pow, ast.LShift) and abs(two) > 64):
        raise SolverError("this number is too large")
    try:
        found = _NUMBERS[kind](one, two)
    except (ZeroDivisionError, OverflowError, ValueError, TypeError) as fault:
        raise SolverError(f"this is no number ({fault})") from None
    if not isinstance(found, (int, float)):
        return None
    return checked(found)


def checked(value: Any) -> Any:
    """A value. Raises SolverError for too large a number."""
    if too_large(value):
        raise SolverError("this number is too large")
    return value


def size(kind: type, one: Any, two: Any) -> Any:
    """Return one op two of sizes and parts of sizes, None where that is not known.

    >>> half = size(ast.Div, Dim.letter("h"), 2)
    >>> str(half), str(size(ast.Mult, half, 4))
    ('h/2', '2*h')
    """
    power = is_int(two) and two
    if kind is ast.Pow and 0 < power <= _POWERS:
        return size(ast.Mult, one, size(kind, one, two - 1)) if two > 1 else one
    if kind in (ast.LShift, ast.RShift) and 0 <= power <= _SHIFTS:
        return size(ast.Mult if kind is ast.LShift else ast.FloorDiv, one, 1 << two)
    if kind is ast.BitAnd and is_int(two) and two >= 0 and not two & (two + 1):
        return size(ast.Mod, one, two + 1)
    if kind not in _SIZED:
        return None
    try:
        return calculated(_SIZED[kind], [one, two])
    except (Unclear, SolverError, ArithmeticError) as fault:
        if isinstance(fault, LimitError):
            raise
        return None


def unknown(value: Any) -> bool:
    """Tell whether a value, or a part of it, is not known or a tensor."""
    return any(isinstance(each, (Opaque, Wire, Dotted, Method)) for each in leaves(value))


def undecided(value: Any) -> bool:
    """Tell whether a value depends on the sizes of the input, or is not known."""
    return unknown(value) or any(isinstance(each, (Dim, Ratio)) for each in leaves(value))
