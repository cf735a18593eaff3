"""What a forward takes: tensors, whether a network is trained, random keys."""

from __future__ import annotations

import re
from typing import Any

from solver.reading.text.values import Function, Names, Opaque

_EVALUATED = {"train": False, "training": False, "is_training": False, "deterministic": True}
_RANDOM = re.compile(r"(\w+_)?rngs?")


def fed(forward: Function) -> tuple[Names, Names]:
    """What the arguments of a method without defaults are, by place and by name alone.

    None for a tensor.

    >>> import ast
    >>> node = ast.parse("lambda self, x, y, train, b=1, *, deterministic: x").body[0]
    >>> assert isinstance(node, ast.Expr) and isinstance(node.value, ast.Lambda)
    >>> fed(Function(node.value, [], {}))
    ({'x': None, 'y': None, 'train': False}, {'deterministic': True})
    """
    given = forward.node.args
    names = [arg.arg for arg in (*given.posonlyargs, *given.args)][1:]
    names = names[: max(len(names) - len(given.defaults), 0)]
    pairs = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    alone = {arg.arg: _beside(arg.arg) for arg, default in pairs if default is None}
    named = {name: value for name, value in alone.items() if value is not None}
    return {name: _beside(name) for name in names}, named


def _beside(name: str) -> Any:
    """What an argument is that is no tensor, None where it is one."""
    if _RANDOM.fullmatch(name):
        return Opaque(name)
    return _EVALUATED.get(name)
