"""Whether words that are made of sizes are only said: raised, printed, logged.

What a program says of its sizes may say it of all of them. Any other words may decide something,
unseen. Where they go is taken from the source of the statement.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from types import FrameType
from typing import Any

#: What ends words, by its last name; of the others, all but their first argument.
_SAYING = {"print", "warn", "warning", "warning_once", "debug", "info", "error", "critical", "log"}
_ASSERTING = {"_assert", "_check", "torch_compilable_check"}
#: Packages that only say what they are given.
_PACKAGES = {"logging", "warnings", "solver"}

Place = tuple[int, int]


def said(frame: FrameType) -> bool:
    """Tell whether words that are made where a frame is are only said."""
    if str(frame.f_globals.get("__name__")).partition(".")[0] in _PACKAGES:
        return True
    code = frame.f_code
    line, _, column, _ = next(islice(code.co_positions(), frame.f_lasti // 2, None))
    return line is not None and column is not None and _said(code.co_filename, (line, column))


@lru_cache(4096)
def _said(file: str, place: Place) -> bool:
    tree = _tree(file)
    return tree is not None and _ends(tree, place, frozenset())


@lru_cache(64)
def _tree(file: str) -> ast.Module | None:
    source = b"".join(map(str.encode, linecache.getlines(file)))
    try:
        return ast.parse(source) if source else None
    except (SyntaxError, ValueError):
        return None


def _ends(tree: ast.AST, place: Place, names: frozenset[str]) -> bool:
    """Whether what is made at a place is only said. names: that have been gone through."""
    around = list(_around(tree, place))
    at = max((n for n, node in enumerate(around) if isinstance(node, ast.stmt)), default=0)
    inner = around[at + 1 :]
    match around[at]:
        case ast.Raise():
            return True
        case ast.Assert(_, message):
            return inner[:1] == [message]
        case ast.Expr(ast.Call(ast.Name(name) | ast.Attribute(_, name), args)):
            return name in _SAYING or (name in _ASSERTING and inner[1:2] != args[:1])
        case ast.Assign([ast.Name(name)]) | ast.AugAssign(ast.Name(name)):
            function = next(n for n in reversed(around[:at]) if isinstance(n, _SCOPES))
            return name in names or all(
                _ends(tree, (node.lineno, node.col_offset), names | {name})
                for node in ast.walk(function)
                if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
            )
    return False


_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)


def _around(node: ast.AST, place: Place) -> Iterator[Any]:
    """The nodes around a place, the outermost first."""
    yield node
    for child in ast.iter_child_nodes(node):
        begin = getattr(child, "lineno", 0), getattr(child, "col_offset", 0)
        end = getattr(child, "end_lineno", 0), getattr(child, "end_col_offset", 0)
        if begin <= place < end:
            yield from _around(child, place)
            return
