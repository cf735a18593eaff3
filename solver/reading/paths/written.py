"""What runs as it is written: the statement where a frame is, and what stands in it."""

from __future__ import annotations

import ast
import linecache
import operator
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from types import CodeType, FrameType
from typing import Any

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)
_BUILT = {"set", "frozenset", "tuple", "list", "sorted", "int", "len"}
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}

Place = tuple[int, int]


class Unseen(Exception):
    """Say that an expression is not one that may be worked out once more."""


def place_of(code: CodeType, at: int) -> Place | None:
    """The line and the column of an instruction."""
    line, _, column, _ = next(islice(code.co_positions(), at // 2, None))
    return None if line is None or column is None else (line, column)


@lru_cache(64)
def tree_of(file: str) -> ast.Module | None:
    """What a file says, None where that cannot be read."""
    source = b"".join(map(str.encode, linecache.getlines(file)))
    try:
        return ast.parse(source) if source else None
    except (SyntaxError, ValueError):
        return None


def around(node: ast.AST, place: Place) -> Iterator[Any]:
    """The nodes around a place, the outermost first."""
    yield node
    for child in ast.iter_child_nodes(node):
        begin = getattr(child, "lineno", 0), getattr(child, "col_offset", 0)
        end = getattr(child, "end_lineno", 0), getattr(child, "end_col_offset", 0)
        if begin <= place < end:
            yield from around(child, place)
            return


def value_of(node: ast.expr | None, frame: FrameType) -> Any:
    """What an expression without effects is where a frame is."""
    match node:
        case ast.Constant(value):
            return value
        case ast.Name(name):
            return _named(name, frame)
        case ast.Attribute(of, name):
            return getattr(value_of(of, frame), name)
        case ast.Subscript(of, ast.Slice() as part):
            ends = (part.lower, part.upper, part.step)
            return value_of(of, frame)[slice(*(x and value_of(x, frame) for x in ends))]
        case ast.Subscript(of, key):
            return value_of(of, frame)[value_of(key, frame)]
        case ast.Tuple(several) | ast.List(several):
            return tuple(value_of(each, frame) for each in several)
        case ast.UnaryOp(ast.USub(), of):
            return -value_of(of, frame)
        case ast.BinOp(one, kind, other) if type(kind) in _OPERATORS:
            return _OPERATORS[type(kind)](value_of(one, frame), value_of(other, frame))
        case ast.Call(ast.Name(name), [of]) if name in _BUILT:
            return _named(name, frame)(value_of(of, frame))
    raise Unseen


def _named(name: str, frame: FrameType) -> Any:
    for space in (frame.f_locals, frame.f_globals, frame.f_builtins):
        if name in space:
            return space[name]
    raise Unseen
