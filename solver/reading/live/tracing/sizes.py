"""Sizes as JAX takes them: symbolic dimensions, each a number here that carries a formula.

JAX computes with whatever has the operators of a dimension, and asks such a one no number. So what
a program does with sizes is done by `Size`; words and look-ups of JAX itself decide nothing.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from solver.network.graph.dim import Dim
from solver.network.graph.operation import Shape
from solver.network.graph.values import bounded
from solver.reading.paths.decisions import Decisions, Enough, Lost
from solver.reading.paths.extreme import extreme
from solver.reading.paths.lookup import compared
from solver.reading.paths.size import Part, Size, bare, size, told
from solver.reading.paths.words import said

#: Packages that look sizes up, and name them, only to remember what they have done.
_REMEMBERING = {"jax", "jaxlib", "flax", "functools", "weakref", "numpy", "einops", "equinox"}
#: Functions of JAX that look up what it has traced before.
_LOOKING_UP = {
    ("jax._src.tree_util", "__eq__"),  # of what stays as it is while a function is traced
    ("jax._src.core", "__new__"),
    ("jax._src.pjit", "_infer_params"),
}


class JaxRun:
    """Hold what the sizes of one run share: what is decided, and an array that stands for them.

    over: whether it has ended: what JAX remembers of it is like nothing that comes later.
    """

    def __init__(self, decisions: Decisions) -> None:
        self.decisions = decisions
        self.array: Any = None
        self.over = False

    def size(self, dim: Dim) -> Any:
        """A dimension as JAX takes it: a number where it is one."""
        values = self.decisions.values
        return self.carried(size(dim.at(values), dim, self.decisions))

    def carried(self, value: Any) -> Any:
        """A number with its formula. Raises Enough for one that is too large."""
        if isinstance(value, Size):
            if value.formula is not None and not bounded(value.formula):
                raise Enough
            return JaxSize(self, value)
        return JaxPart(self, value) if isinstance(value, Part) else value


class _Carried:
    """Be a number of a run. Its operators are those of the number."""

    __slots__ = ("number", "run")

    def __init__(self, run: JaxRun, number: Any) -> None:
        self.run, self.number = run, number

    def __neg__(self) -> Any:
        return self * -1  # type: ignore[operator]

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __jax_array__(self) -> Any:
        return self.run.array

    def __hash__(self) -> int:
        frame = sys._getframe(1)
        if _remembers(frame):
            return hash((id(self.run), self.number.formula))
        if not compared(frame, self.run.decisions):
            raise Lost
        return hash(bare(self.number))

    def __format__(self, how: str) -> str:
        return self._words(sys._getframe(1), how)

    def __repr__(self) -> str:
        return self._words(sys._getframe(1))

    __str__ = __repr__

    def _words(self, frame: FrameType, how: str = "") -> str:
        if _remembers(frame) or said(frame):
            return str(self.number.formula)
        return format(told(self.number), how)


class JaxSize(_Carried):
    """Be a dimension: what JAX asks of one."""

    __slots__ = ()

    def dimension_as_value(self) -> Any:
        """It as an array whose element nobody knows."""
        return self.run.array

    def max(self, other: Any) -> Any:
        """The larger one: where JAX takes 0 for less, that is a case of its own."""
        if type(other) is int and other == 0:
            return self if self.number > 0 else 0
        return self.run.carried(extreme("max", [self.number, _plain(other)]))

    def min(self, other: Any) -> Any:
        """The smaller one."""
        return self.run.carried(extreme("min", [self.number, _plain(other)]))

    rmax, rmin = max, min


class JaxPart(_Carried):
    """Be a ratio of sizes."""

    __slots__ = ()

    def __ceil__(self) -> Any:
        return self.run.carried(math.ceil(self.number))

    def __floor__(self) -> Any:
        return self.run.carried(math.floor(self.number))

    def __round__(self, digits: int | None = None) -> Any:
        return self.run.carried(round(self.number, digits))


def _remembers(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] in _REMEMBERING


def _looks_up(frame: FrameType) -> bool:
    """Tell whether JAX compares what it remembers: a size is like itself there, and no number."""
    module, name = frame.f_globals.get("__name__"), frame.f_code.co_name
    return (module, name) in _LOOKING_UP


def _plain(value: Any) -> Any:
    """A number as `Size` computes with it; anything else as it is."""
    if isinstance(value, _Carried):
        return value.number
    return operator.index(value) if hasattr(value, "__index__") and not _array(value) else value


def _array(value: Any) -> bool:
    return bool(getattr(value, "shape", ()))


def _calculated(name: str) -> Callable[[Any, Any], Any]:
    def calculate(self: _Carried, other: Any) -> Any:
        other = _plain(other)
        if not isinstance(other, (int, float)):
            return NotImplemented
        found = getattr(self.number, name)(other)
        return found if found is NotImplemented else self.run.carried(found)

    return calculate


def _over(self: JaxSize, other: Any) -> Any:
    """How often a size goes into a number: what it is here, which decides.

    There is no formula for that, and few values: 3//h is 0 where h > 3.
    """
    other = _plain(other)
    if not isinstance(other, int):
        return NotImplemented
    if isinstance(other, Size) or self.number < 1:
        return self.run.carried(other // self.number)
    found = other // int(self.number)
    if not self.number * found <= other < self.number * (found + 1):
        raise Lost
    return found


def _compared(name: str) -> Callable[[Any, Any], Any]:
    def compare(self: _Carried, other: Any) -> Any:
        other = _plain(other)
        if not isinstance(other, (int, float)):
            return NotImplemented
        return getattr(self.number, name)(other)

    return compare


def _equal(self: _Carried, other: Any) -> Any:
    own = isinstance(other, _Carried) and other.run is self.run
    another = isinstance(other, _Carried) and not own
    if self.run.over or another or _looks_up(sys._getframe(1)):
        return own and other.number.formula == self.number.formula
    other = _plain(other)
    return self.number == other if isinstance(other, (int, float)) else NotImplemented


def _unequal(self: _Carried, other: Any) -> Any:
    found = _equal(self, other)
    return found if found is NotImplemented else not found


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    for _side in (f"__{_name}__", f"__r{_name}__"):
        setattr(_Carried, _side, _calculated(_side))
for _name in ("lt", "le", "gt", "ge"):
    setattr(_Carried, f"__{_name}__", _compared(f"__{_name}__"))
_Carried.__eq__, _Carried.__ne__ = _equal, _unequal  # type: ignore[method-assign,assignment]
JaxSize.__rfloordiv__ = _over  # type: ignore[attr-defined]
JaxSize.__rmod__ = lambda self, other: other - other // self * self  # type: ignore[attr-defined]


def dims(shape: Sequence[Any]) -> Shape:
    """The shape of an array of JAX as ours. Raises Lost for a size without a formula."""
    found = [n.number.formula if isinstance(n, JaxSize) else Dim(int(n)) for n in shape]
    if None in found:
        raise Lost
    return tuple(found)
