"""The functions that a model may run, as far as names lead from its modules: its own code."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

#: Packages whose functions need no stand-ins, and keep no sizes.
_FOREIGN = {"torch", "numpy", "solver", "huggingface_hub", *sys.stdlib_module_names} - {"__main__"}
#: The most values of a list or a dictionary that are gone through.
_MOST = 1000


def functions_of(modules: Iterable[Any]) -> list[FunctionType]:
    """The functions of a model's modules, and those that their code names, and so on."""
    found, seen = list[FunctionType](), set[int]()
    waiting: list[Any] = [each for module in modules for each in (module, *vars(module).values())]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, FunctionType):
            if _own(each.__globals__.get("__name__")):
                found.append(each)
            waiting += _named(each)
        else:
            waiting += _inside(each)
    return found


def _own(name: Any) -> bool:
    return str(name).partition(".")[0] not in _FOREIGN


def _inside(value: Any) -> Iterator[Any]:
    """What holds functions in something that is none."""
    if isinstance(value, type):
        if _own(value.__module__):
            yield from vars(value).values()
            yield from value.__mro__[1:]
    elif type(value) in (dict, list, tuple):  # others may load what they hold
        yield from list(value.values() if isinstance(value, dict) else value)[:_MOST]
    elif isinstance(value, property):
        yield value.fget
    elif isinstance(value, (staticmethod, classmethod, MethodType)):
        yield value.__func__
    elif isinstance(value, (partial, cached_property)):
        yield value.func
    else:
        yield type(value)
        yield getattr(value, "__dict__", {}).get("__wrapped__")


def _named(function: FunctionType) -> Iterator[Any]:
    """What a function encloses, and what its code names."""
    space = function.__globals__
    names = set(_names(function.__code__)) if _own(space.get("__name__")) else set()
    for each in (space[name] for name in names & space.keys()):
        if isinstance(each, ModuleType):
            yield from (vars(each)[name] for name in names & vars(each).keys())
        else:
            yield each
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # nothing is in it yet
            continue


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)
