"""Whether words that are made of sizes are only said: raised, printed, logged.

What a program says of its sizes may say it of all of them. Any other words may decide something,
unseen. Where they go is taken from the source of the statement.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from types import FrameType

from solver.reading.paths.written import SCOPES, Place, around, place_of, tree_of

#: What ends words, by its last name; of the others, all but their first argument.
_SAYING = {"print", "warn", "warning", "warning_once", "debug", "info", "error", "critical", "log"}
_ASSERTING = {"_assert", "_check", "torch_compilable_check"}
#: Packages that only say what they are given.
_PACKAGES = {"logging", "warnings", "solver"}


def said(frame: FrameType) -> bool:
    """Tell whether words that are made where a frame is are only said."""
    if str(frame.f_globals.get("__name__")).partition(".")[0] in _PACKAGES:
        return True
    place = place_of(frame.f_code, frame.f_lasti)
    return place is not None and _said(frame.f_code.co_filename, place)


@lru_cache(4096)
def _said(file: str, place: Place) -> bool:
    tree = tree_of(file)
    return tree is not None and _ends(tree, place, frozenset())


def _ends(tree: ast.AST, place: Place, names: frozenset[str]) -> bool:
    """Whether what is made at a place is only said. names: that have been gone through."""
    nodes = list(around(tree, place))
    at = max((n for n, node in enumerate(nodes) if isinstance(node, ast.stmt)), default=0)
    inner = nodes[at + 1 :]
    match nodes[at]:
        case ast.Raise():
            return True
        case ast.Assert(_, message):
            return inner[:1] == [message]
        case ast.Expr(ast.Call(ast.Name(name) | ast.Attribute(_, name), args)):
            return name in _SAYING or (name in _ASSERTING and inner[1:2] != args[:1])
        case ast.Assign([ast.Name(name)]) | ast.AugAssign(ast.Name(name)):
            function = next(n for n in reversed(nodes[:at]) if isinstance(n, SCOPES))
            return name in names or all(
                _ends(tree, (node.lineno, node.col_offset), names | {name})
                for node in ast.walk(function)
                if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
            )
    return False
