"""Whether a program forgets how it has decided: an `if` that makes tensors fit, and no more.

What comes then sees only sizes, which carry their formulas. Any other decision may be kept, in a
flag, a counter or a list, and come back much later: this is taken from the source of the statement.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

from solver.reading.paths.written import SCOPES, Unseen, around, place_of, tree_of, value_of

#: Functions that make a tensor fit, of packages that say nothing of it elsewhere.
_FITTING, _PACKAGES = {"pad", "interpolate"}, {"torch", "keras"}
#: What may stand in an expression that has no effects and decides nothing, and what decides.
_PLAIN: tuple[type[ast.AST], ...] = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Tuple, ast.List),
    *(ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context),
)
_DECIDING = (
    *(*_PLAIN, ast.Compare, ast.BoolOp, ast.cmpop, ast.boolop),
    *(ast.GeneratorExp, ast.ListComp, ast.comprehension),
)
_CALLED = {"len", "int", "ceil", "floor", "size", "dim"}
_ASKED = {"any", "all", "max", "min", "abs"}


def forgotten() -> bool:
    """Tell whether the program that asks something now will not know what it was told."""
    frame: FrameType | None = sys._getframe(1)
    while frame and str(frame.f_globals.get("__name__")).partition(".")[0] == "solver":
        frame = frame.f_back
    if frame is None:
        return False
    code = frame.f_code
    place, tree = place_of(code, frame.f_lasti), tree_of(code.co_filename)
    if tree is None or place is None:
        return False
    if code.co_name == "<genexpr>" and frame.f_back is not None:
        frame = frame.f_back
    nodes = list(around(tree, place))
    at = max((n for n, node in enumerate(nodes) if isinstance(node, ast.stmt)), default=0)
    asked, inner = nodes[at], nodes[at + 1 :]
    if not isinstance(asked, ast.If) or inner[:1] not in ([], [asked.test]):
        return False
    scope = next(node for node in reversed(nodes[:at]) if isinstance(node, SCOPES))
    body = (*asked.body, *asked.orelse)
    if not _of(asked.test, _DECIDING, _CALLED | _ASKED) or isinstance(scope, ast.Module):
        return False
    return all(_fits(each, scope, frame) for each in body)


def _of(node: ast.AST, kinds: tuple[type[ast.AST], ...], called: set[str]) -> bool:
    """Whether an expression holds nothing but these, and calls nothing but these names."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", None))
        of = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        given = (*of, *node.args, *(each.value for each in node.keywords))
        return name in called and all(_of(each, kinds, called) for each in given)
    children = ast.iter_child_nodes(node)
    return isinstance(node, kinds) and all(_of(each, kinds, called) for each in children)


def _fits(node: ast.stmt, scope: ast.AST, frame: FrameType) -> bool:
    """Whether a statement makes a tensor fit, or says by how much it is padded."""
    match node:
        case ast.Pass():
            return True
        case ast.Assign([ast.Name(name)], value) if _tensor(frame, name) and _fitting(value, frame):
            return True
        case ast.Assign([ast.Name(name)], value):
            return _of(value, _PLAIN, _CALLED | _ASKED) and _given(name, scope, frame)
        case ast.Assign([ast.Subscript(ast.Name(name), key)], value):
            plain = _of(value, _PLAIN, _CALLED) and _of(key, _PLAIN, _CALLED)
            return plain and _fresh(name, scope) and _given(name, scope, frame)
    return False


def _tensor(frame: FrameType, name: str) -> bool:
    return hasattr(frame.f_locals.get(name), "shape")


def _fitting(node: ast.expr, frame: FrameType) -> bool:
    """Whether an expression is a tensor that is padded, resized or cut."""
    match node:
        case ast.Call(ast.Attribute(of, "contiguous"), []):
            return _fitting(of, frame)
        case ast.Call(_, given, words) if _known(node, frame):
            return all(_of(x, _PLAIN, _CALLED) for x in (*given, *(word.value for word in words)))
        case ast.Subscript(ast.Name(name), key):
            return _tensor(frame, name) and _of(key, _PLAIN, _CALLED)
    return False


def _known(call: ast.Call, frame: FrameType) -> bool:
    try:
        function: Any = value_of(call.func, frame)
    except (Unseen, AttributeError, LookupError, TypeError):  # it is not called here, or not there
        return False
    package = str(getattr(function, "__module__", "")).partition(".")[0]
    return package in _PACKAGES and getattr(function, "__name__", "") in _FITTING


def _given(name: str, scope: ast.AST, frame: FrameType, seen: frozenset[str] = frozenset()) -> bool:
    """Whether all that a function does with a name is to pad by it, or by what is made of it."""
    into = set[ast.AST]()
    for each in ast.walk(scope):
        match each:
            case ast.Call(_, [_, *given], words) if _known(each, frame):
                into.update(x for x in (*given, *(word.value for word in words)))
            case ast.Subscript(value, _, ast.Store()):
                into.add(value)
            case ast.Assign([ast.Name(other)], value) if other not in seen | {name}:
                if _holds(value, name) and _given(other, scope, frame, seen | {name}):
                    into.add(value)
    plain = (each for each in into if _of(each, _PLAIN, _CALLED | _ASKED))
    inner = {id(x) for each in plain for x in ast.walk(each)}
    return all(id(x) in inner for x in _named(scope, name) if isinstance(x.ctx, ast.Load))


def _holds(node: ast.AST, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))


def _named(scope: ast.AST, name: str) -> Iterator[ast.Name]:
    for each in ast.walk(scope):
        if isinstance(each, ast.Name) and each.id == name:
            yield each
        elif isinstance(each, (ast.Global, ast.Nonlocal)) and name in each.names:
            yield ast.Name(name, ast.Load())


def _fresh(name: str, scope: ast.AST) -> bool:
    """Whether a list is always one that the function has made."""
    made = [
        each.value
        for each in ast.walk(scope)
        if isinstance(each, ast.Assign) and [getattr(x, "id", "") for x in each.targets] == [name]
    ]
    stored = sum(isinstance(each.ctx, ast.Store) for each in _named(scope, name))
    lists = (x.left if isinstance(x, ast.BinOp) and isinstance(x.op, ast.Mult) else x for x in made)
    return 0 < stored == len(made) and all(isinstance(each, ast.List) for each in lists)
