"""Constants of a model's code that know sizes: 0.5 * h, 2.0 < h, "%d" % h.

Python asks what stands first, and a plain number answers a size as it does any number. So while a
model runs, what is written in its functions, and what its modules hold, are numbers that ask the
size.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from operator import is_
from types import CodeType, FunctionType
from typing import Any

from solver.reading.live.running.carrier import formulaic
from solver.reading.paths.size import Part, Size, told
from solver.reading.paths.words import said


class KnowingFloat(float):
    """Be a number of a program, whose operators leave it to a size what comes out."""


class KnowingText(str):
    """Be words of a program that are filled in: a size is asked for its own."""

    def __mod__(self, values: Any) -> str:
        if formulaic(values) and not said(sys._getframe(1)):
            values = tuple(map(told, values)) if isinstance(values, tuple) else told(values)
        return str.__mod__(self, values)


def _operator(name: str, turned: str) -> Callable[[Any, Any], Any]:
    plain = getattr(float, f"__{name}__")

    def operate(self: Any, other: Any) -> Any:
        if isinstance(other, (Size, Part)):
            return getattr(other, f"__{turned}__")(float(self))
        return constant(plain(self, other))

    return operate


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "divmod"):
    setattr(KnowingFloat, f"__{_name}__", _operator(_name, f"r{_name}"))
    setattr(KnowingFloat, f"__r{_name}__", _operator(f"r{_name}", _name))
for _name, _turned in {"lt": "gt", "le": "ge", "eq": "eq", "ne": "ne"}.items():
    setattr(KnowingFloat, f"__{_name}__", _operator(_name, _turned))
    setattr(KnowingFloat, f"__{_turned}__", _operator(_turned, _name))
KnowingFloat.__hash__ = float.__hash__  # type: ignore[method-assign]
KnowingFloat.__neg__ = lambda self: KnowingFloat(-float(self))  # type: ignore[method-assign]


def constant(value: Any) -> Any:
    """A value, with numbers and words that know sizes in the place of plain ones.

    >>> constant(0.5) * 8, type(constant((1, 0.5))[1]).__name__
    (4.0, 'KnowingFloat')
    """
    kind = type(value)
    if kind is float:
        return KnowingFloat(value)
    if kind is str:
        return KnowingText(value) if "%" in value else value
    if kind is tuple:
        return _each(value) or value
    if kind is CodeType:
        found = _each(value.co_consts)
        return value.replace(co_consts=found) if found else value
    return value


def _each(values: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Constants for values; None where they stay the same."""
    found = tuple(map(constant, values))
    return None if all(map(is_, found, values)) else found


@contextmanager
def knowing(functions: Iterable[FunctionType]) -> Iterator[None]:
    """Let functions hold such constants."""
    before = [(each, each.__code__, each.__defaults__, each.__kwdefaults__) for each in functions]
    try:
        for each, code, defaults, named in before:
            each.__code__, each.__defaults__ = constant(code), constant(defaults)
            each.__kwdefaults__ = named and {name: constant(value) for name, value in named.items()}
        yield
    finally:
        for each, code, defaults, named in before:
            each.__code__, each.__defaults__, each.__kwdefaults__ = code, defaults, named
