"""What a size is compared with, unseen, where a program looks it up in a set or a dictionary.

Python asks for its hash, and for equality only where hashes meet: that it is none of the others is
decided without a word. So what is looked up, and where, is taken from the source of the line, and
every key is compared, as in a list.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import combinations, islice
from types import CodeType, FrameType
from typing import Any

from solver.reading.paths.decisions import Decisions
from solver.reading.paths.written import Unseen, value_of

#: The most keys that are compared, and methods that look up their first argument.
_MOST = 1024
_METHODS = {"get", "setdefault", "pop", "add", "discard", "remove", "__contains__", "__getitem__"}


def compared(frame: FrameType, made: Decisions) -> bool:
    """Compare what is looked up where a frame is, with all that it might be.

    False where that is not known. What a function remembers is forgotten first, once in a run.
    """
    if frame.f_code.co_filename == __file__:
        return True  # it has been compared where the program itself looked it up
    found = _parsed(frame.f_code, frame.f_lasti)
    if found is None:
        return False
    try:
        if isinstance(found, ast.Call) and (remembering := _remembering(found, frame)):
            made.forget(remembering)
            return True
        for one, other in _pairs(found, frame):
            one == other  # noqa: B015  # what it decides is kept
    except Exception:  # it is no such expression, or whatever a foreign attribute raises
        return False
    return True


def _remembering(call: ast.Call, frame: FrameType) -> Any:
    """The function that is called, if it remembers what it gave: it would give that again."""
    try:
        function = value_of(call.func, frame)
    except Unseen:
        return None
    return function if hasattr(function, "cache_clear") else None


def _pairs(node: ast.expr, frame: FrameType) -> Iterator[tuple[Any, Any]]:
    """What is compared by an expression that looks something up."""
    match node:
        case ast.Compare(key, [ast.In() | ast.NotIn()], [container]):
            yield from _keys(value_of(key, frame), _container(container, frame))
        case ast.Subscript(container, key):
            yield from _keys(value_of(key, frame), _container(container, frame))
        case ast.Call(ast.Attribute(container, name), [key, *_]) if name in _METHODS:
            yield from _keys(value_of(key, frame), _container(container, frame))
        case ast.Call(ast.Name("set" | "frozenset"), [several]):
            yield from combinations(_few(_container(several, frame)), 2)
        case ast.Set() | ast.Dict():
            yield from combinations(_few(_container(node, frame)), 2)
        case _:
            raise Unseen


def _keys(key: Any, container: Any) -> Iterator[tuple[Any, Any]]:
    for each in _few(container):
        yield key, each
        if key == each:
            return


def _few(container: Any) -> list[Any]:
    if not isinstance(container, Collection) or len(container) > _MOST:
        raise Unseen
    return list(container)


def _container(node: ast.expr, frame: FrameType) -> Any:
    """What is looked into: of a display its keys."""
    match node:
        case ast.Set(several) | ast.Dict(several):
            return [value_of(each, frame) for each in several]
    return value_of(node, frame)


@lru_cache(4096)
def _parsed(code: CodeType, at: int) -> ast.expr | None:
    """The expression that an instruction is of, from its place in the source."""
    first, last, begin, end = next(islice(code.co_positions(), at // 2, None))
    if first is None or last is None:
        return None
    lines = [line.encode() for line in linecache.getlines(code.co_filename)[first - 1 : last]]
    if not lines:
        return None
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][begin:]
    source = b"".join([b"(", *lines, b")"])
    try:
        return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError):
        return None
