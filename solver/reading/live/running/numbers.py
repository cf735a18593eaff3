"""Python's own number functions, as a model calls them: these keep the formulas of sizes."""

from __future__ import annotations

import builtins
import math
from typing import Any

from solver.reading.live.running.carrier import formulaic
from solver.reading.paths.extreme import extreme
from solver.reading.paths.size import Part, Size


class _Like(type):
    """Be taken for the class that it stands for."""

    stands_for: Any

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.stands_for)

    def __subclasscheck__(cls, subclass: Any) -> bool:
        return issubclass(subclass, cls.stands_for)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls.stands_for

    def __hash__(cls) -> int:
        return hash(cls.stands_for)

    def __or__(cls, other: Any) -> Any:
        return cls.stands_for | other

    def __ror__(cls, other: Any) -> Any:
        return other | cls.stands_for

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.stands_for, name)


class WholeNumber(metaclass=_Like):
    """Stand for int: a size stays one, and a part of one is cut to a size."""

    stands_for = int

    def __new__(cls, value: Any = 0, *base: Any) -> Any:
        if isinstance(value, Size):
            return value
        return value.__trunc__() if isinstance(value, Part) else int(value, *base)


class FloatNumber(metaclass=_Like):
    """Stand for float: a size stays what it is."""

    stands_for = float

    def __new__(cls, value: Any = 0.0) -> Any:
        return value / 1 if isinstance(value, (Size, Part)) else float(value)


def _extreme(name: str) -> Any:
    plain = getattr(builtins, name)

    def function(*values: Any, **words: Any) -> Any:
        given = values[0] if len(values) == 1 else values
        given = list(given) if not isinstance(given, (tuple, list)) else given
        if words or not all(isinstance(each, (int, float)) for each in given):
            return plain(given, **words)
        return extreme(name, given)

    return function


STAND_INS = {
    "int": WholeNumber,
    "float": FloatNumber,
    "max": _extreme("max"),
    "min": _extreme("min"),
}


class Arrays:
    """Stand for numpy: arrays of sizes keep their formulas."""

    def __init__(self, numpy: Any) -> None:
        self._numpy = numpy

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._numpy, name)
        if name not in _OF_SIZES:
            return found

        def function(values: Any, *args: Any, **words: Any) -> Any:
            if isinstance(values, (Size, Part)) and name in ("ceil", "floor"):
                return getattr(math, name)(values)
            if formulaic(values):
                values = self._numpy.array(values, dtype=object)
                words.pop("dtype", None)
                if name in ("ceil", "floor"):
                    return self._numpy.vectorize(getattr(math, name), otypes=[object])(values)
            return found(values, *args, **words)

        return function


_OF_SIZES = ("array", "asarray", "prod", "sum", "min", "max", "ceil", "floor", "atleast_1d", "any")
