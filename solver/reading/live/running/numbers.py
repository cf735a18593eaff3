"""Python's own number functions, as a model calls them: these keep the formulas of sizes."""

from __future__ import annotations

import builtins
import functools
import math
from typing import Any

from solver.errors import SolverError
from solver.reading.functions.call import Unclear
from solver.reading.functions.sizes import calculated
from solver.reading.live.running.carrier import formulaic
from solver.reading.paths.extreme import Extreme
from solver.reading.paths.size import Part, Size, bare, exact, size


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

    def extreme(*values: Any, **words: Any) -> Any:
        given = values[0] if len(values) == 1 else values
        given = list(given) if not isinstance(given, (tuple, list)) else given
        sizes = [each for each in given if isinstance(each, (Size, Part))]
        if words or not sizes or not all(isinstance(each, (int, float)) for each in given):
            return plain(given, **words)
        parts = list[Any]()
        for each in given:
            _put(name, parts, each)
        if len(parts) == 1 or all(isinstance(each, int) for each in parts):
            return Extreme.of(name, parts) if len(parts) > 1 else parts[0]
        return functools.reduce(functools.partial(_one, name), parts)

    return extreme


def _put(name: str, parts: list[Any], value: Any) -> None:
    """Add a size to those that one is taken of, or put it together with one, by a formula."""
    for at, each in enumerate(parts):
        if not isinstance(each, (float, Extreme)) and not isinstance(value, (float, Extreme)):
            try:
                formula = calculated(name, [exact(each), exact(value)])
            except (Unclear, SolverError):
                continue
            plain = getattr(builtins, name)(bare(each), bare(value))
            made = next((x.made for x in (each, value) if isinstance(x, Size)), None)
            parts[at] = plain if made is None else size(plain, formula, made)
            return
    parts.append(value)


def _one(name: str, one: Any, other: Any) -> Any:
    """The larger or smaller of two as it is here, which is a path."""
    # A size stands first: a float would compare with it as with any number.
    first, then = (other, one) if isinstance(other, Size) else (one, other)
    after = first > then if (name == "max") == (first is other) else first < then
    return other if after else one


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
