"""Sizes as a program sees them: whole numbers that carry their formula.

At a size of 64 it is 64 for whatever asks, and arithmetic with it gives sizes again; a quotient is
a float that carries its ratio. A comparison is answered for the size that it is, and kept.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable
from typing import Any

from solver.errors import SolverError
from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Unclear
from solver.reading.functions.sizes import calculated, comparison, rounded
from solver.reading.paths.decisions import Decisions, Lost
from solver.reading.paths.forgetting import forgotten
from solver.reading.paths.lookup import compared
from solver.reading.paths.words import said

Formula = Dim | Ratio | None
#: The largest size that is told as a number where another one is divided by it.
_FEW = 16


class Size(int):
    """Be a whole number that carries a formula, None where there is none."""

    own: Dim | None
    made: Decisions

    @property
    def formula(self) -> Dim | None:
        """Its own formula, or the number that it has been told to be since."""
        return self.made.told.get(self.own, self.own)


class Part(float):
    """Be a number that is no whole one and carries a ratio of sizes, None where there is none."""

    formula: Ratio | None
    made: Decisions


def size(value: int, formula: Formula | int, made: Decisions) -> int:
    """A whole number with a formula; a plain one where the formula is a number.

    >>> made = Decisions({"n": 64})
    >>> half = size(64, Dim.letter("n"), made) // 2
    >>> half, half + 0 == 32, half > 30, len(made.made)
    (floor(n/2), True, True, 1)
    """
    if isinstance(formula, Dim):
        formula = formula if formula.number is None else formula.number
    if formula == value and isinstance(formula, int):
        return value
    known = isinstance(formula, Dim) and formula.at(made.values) == value
    found = Size(value)
    found.own, found.made = formula if known else None, made  # type: ignore[assignment]
    return found


def part(value: float, formula: Formula, made: Decisions) -> float:
    """A number with the ratio that it is; a plain one where that is a number."""
    if isinstance(formula, Ratio) and formula.top.number is not None:
        return value
    found = Part(value)
    found.formula = formula if isinstance(formula, Ratio) else None
    found.made = made
    return found


def _numeric(value: Any) -> bool:
    return isinstance(value, (int, float))


def exact(value: Any) -> Any:
    """What stands for a number in formulas. Raises Unclear for one that has lost its own."""
    if isinstance(value, (Size, Part)):
        if value.formula is None:
            raise Unclear
        return value.formula
    return bare(value)


def _made(one: Any, other: Any = None) -> Decisions:
    found: Decisions = (one if isinstance(one, (Size, Part)) else other).made
    return found


def _result(value: Any, formula: Any, made: Decisions) -> Any:
    if isinstance(value, int):
        if isinstance(formula, Ratio) and formula.bottom == 1:
            formula = formula.top
        return size(value, formula, made)
    if isinstance(formula, (Dim, int)):
        formula = Ratio(Dim(0) + formula)
    return part(value, formula, made)


def _calculated(name: str, value: Any, args: list[Any]) -> Any:
    made = _made(*args)
    formula = _formula(name, args)
    if formula is None and name in ("floordiv", "mod") and _few(args[1]):
        told(args[1])
        formula = _formula(name, args)
    return _result(value, formula, made)


def _formula(name: str, args: list[Any]) -> Any:
    """What is calculated of sizes, None where that is no formula."""
    try:
        given = [+x if isinstance(x, bool) else exact(x) for x in args]
        return None if _inexact(name, given) else calculated(name, given)
    except (Unclear, SolverError, ArithmeticError):
        return None


def _few(value: Any) -> bool:
    """Whether a size is one of few: what is divided by it is, of each of them, a formula."""
    return isinstance(value, Size) and value.formula is not None and 0 < bare(value) <= _FEW


def _inexact(name: str, given: list[Any]) -> bool:
    """Whether rounding may carry what comes out across a whole number: 1/49*49 is less than 1.

    A quotient is rounded, so that below and above whole numbers it stays there; once it is
    multiplied, or meets another one, it may not. What has a power of two below is exact.
    """
    rounded = sum(isinstance(x, Ratio) and not _of_two(x.bottom) for x in given)
    scaled = name == "truediv" or (
        name == "mul" and not any(isinstance(x, (int, float)) and _of_two(x) for x in given)
    )
    return rounded > 1 or (rounded == 1 and scaled)


def _of_two(number: float) -> bool:
    return abs(math.frexp(number)[0]) in (0, 0.5)


def _two(name: str, plain: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    def forwards(self: Any, other: Any) -> Any:
        if not _numeric(other):
            return NotImplemented
        return _calculated(name, plain(bare(self), bare(other)), [self, other])

    def backwards(self: Any, other: Any) -> Any:
        if not _numeric(other):
            return NotImplemented
        return _calculated(name, plain(bare(other), bare(self)), [other, self])

    return forwards, backwards


def bare(value: Any) -> Any:
    """The number without its formula."""
    if isinstance(value, Size):
        return int.__int__(value)
    return float.__float__(value) if isinstance(value, float) else value


def _divmod(self: Any, other: Any) -> Any:
    return (self // other, self % other) if _numeric(other) else NotImplemented


def _rdivmod(self: Any, other: Any) -> Any:
    return (other // self, other % self) if _numeric(other) else NotImplemented


def _pow(self: Any, other: Any, modulo: Any = None) -> Any:
    if type(other) is int and 0 <= other <= 8 and modulo is None:
        found: Any = 1
        for _ in range(other):
            found = found * self
        return found
    return _calculated("pow", pow(bare(self), bare(other), modulo), [self, other])


def _rpow(self: Any, other: Any, modulo: Any = None) -> Any:
    return _result(pow(other, bare(self), modulo), None, self.made)


def _shifted(sign: str) -> Callable[[Any, Any], Any]:
    def shift(self: Any, other: Any) -> Any:
        if type(other) is not int or not 0 <= other < 64:
            return NotImplemented
        return self * (1 << other) if sign == "<<" else self // (1 << other)

    return shift


def _and(self: Any, other: Any) -> Any:
    if not isinstance(other, int):
        return NotImplemented
    low = (other if other >= 0 else ~other) + 1
    if type(other) is int and low & (low - 1) == 0:  # the lowest bits, or all but these
        return self % low if other >= 0 else self // low * low
    return _calculated("and", bare(self) & bare(other), [self, other])


def _losing(plain: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operation that is no arithmetic: its result is a size without a formula."""

    def lose(self: Any, other: Any) -> Any:
        if not isinstance(other, int):
            return NotImplemented
        return size(plain(bare(self), bare(other)), None, _made(self, other))

    return lose


def _negative(self: Any) -> Any:
    return 0 - self


def _absolute(self: Any) -> Any:
    return self if self >= 0 else 0 - self


def _compared(relation: str, plain: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
    def compare(self: Any, other: Any) -> Any:
        if not isinstance(other, (int, float)):
            return NotImplemented
        return _decided(self, relation, other, plain)

    return compare


def _decided(one: Any, relation: str, other: Any, plain: Callable[[Any, Any], bool]) -> bool:
    """Answer a comparison for the sizes that there are, and keep it."""
    truth, made = plain(bare(one), bare(other)), _made(one, other)
    if isinstance(other, float) and not math.isfinite(other):
        return truth
    try:
        demand, expected = comparison(exact(one), relation, exact(other))
    except (Unclear, SolverError):
        return made.guess(truth)
    return truth if (made.decide(demand, forgotten) == expected) == truth else made.guess(truth)


def _hash(self: Any) -> int:
    """Its number's. What it is looked up in compares unseen: that is followed, or nothing is."""
    if not compared(sys._getframe(1), self.made):
        raise Lost
    return hash(bare(self))


def _format(self: Any, how: str = "") -> str:
    """Its number, for the sizes that have it; what is only said is said of all: its formula."""
    if said(sys._getframe(1)):
        return format(bare(self), how) if self.formula is None else str(self.formula)
    return format(told(self), how)


def told(value: Any) -> Any:
    """The number that a size is here, which is decided. Raises Lost without a formula."""
    if isinstance(value, (Size, Part)):
        if value.formula is None:
            raise Lost
        top = value.formula.top if isinstance(value.formula, Ratio) else value.formula
        value.made.tell(top)
    return bare(value)


def _truth(self: Any) -> bool:
    return bool(self != 0)


def _universal(self: Any, function: Any, method: str, *inputs: Any, **words: Any) -> Any:
    """A function of NumPy: on objects it calls Python's own operators; else a number is left."""
    array, run = sys.modules["numpy"].array, getattr(function, method)
    try:
        plain = (each.tolist() if hasattr(each, "tolist") else each for each in inputs)
        return run(*(array(each, dtype=object) for each in plain), **words)
    except (AttributeError, TypeError):
        found = run(*map(bare, inputs), **words)
        return part(float(found), None, self.made) if _numeric(found) else found


def _up(self: Part) -> int:
    return _rounded(self, "ceil", math.ceil(bare(self)))


def _down(self: Part) -> int:
    return _rounded(self, "floor", math.floor(bare(self)))


def _to_zero(self: Part) -> int:
    if self.formula is None:
        return size(math.trunc(bare(self)), None, self.made)
    return _down(self) if self >= 0 else _up(self)


def _nearest(self: Part, digits: int | None = None) -> Any:
    if digits is not None:
        return part(round(bare(self), digits), None, self.made)
    return _rounded(self, "round", round(bare(self)))


def _rounded(self: Part, name: str, value: int) -> int:
    try:
        formula = rounded(name, exact(self))
    except (Unclear, SolverError):
        formula = None
    return size(value, formula, self.made)


_ARITHMETIC = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "truediv": operator.truediv,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
}
_COMPARISONS = {
    "eq": ("==", operator.eq),
    "ne": ("!=", operator.ne),
    "lt": ("<", operator.lt),
    "le": ("<=", operator.le),
    "gt": (">", operator.gt),
    "ge": (">=", operator.ge),
}


def _equip(kind: type) -> None:
    """Give a kind of number the operators of sizes."""
    for name, plain in _ARITHMETIC.items():
        forwards, backwards = _two(name, plain)
        setattr(kind, f"__{name}__", forwards)
        setattr(kind, f"__r{name}__", backwards)
    for name, (relation, compare) in _COMPARISONS.items():
        setattr(kind, f"__{name}__", _compared(relation, compare))
    others = {
        "divmod": _divmod,
        "rdivmod": _rdivmod,
        "pow": _pow,
        "rpow": _rpow,
        "neg": _negative,
        "pos": lambda self: self,
        "abs": _absolute,
        "bool": _truth,
        "hash": _hash,
        "array_ufunc": _universal,
        "repr": _format,
        "str": _format,
        "format": _format,
    }
    for name, method in others.items():
        setattr(kind, f"__{name}__", method)


_equip(Size)
_equip(Part)
Size.__lshift__ = _shifted("<<")  # type: ignore[method-assign]
Size.__rshift__ = _shifted(">>")  # type: ignore[method-assign]
Size.__or__ = Size.__ror__ = _losing(operator.or_)  # type: ignore[method-assign]
Size.__xor__ = Size.__rxor__ = _losing(operator.xor)  # type: ignore[method-assign]
Size.__rlshift__ = _losing(lambda a, b: b << a)  # type: ignore[method-assign]
Size.__rrshift__ = _losing(lambda a, b: b >> a)  # type: ignore[method-assign]
Size.__and__ = Size.__rand__ = _and  # type: ignore[method-assign]
for _name in ("ceil", "floor", "trunc", "round"):
    setattr(Size, f"__{_name}__", lambda self, digits=None: self)
Part.__ceil__, Part.__floor__ = _up, _down  # type: ignore[assignment,method-assign]
Part.__trunc__, Part.__round__ = _to_zero, _nearest  # type: ignore[assignment,method-assign]
