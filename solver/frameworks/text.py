"""Read a layer as it is written in a program: one call with plain arguments, never executed."""

from __future__ import annotations

import ast
from typing import Any

from solver.errors import SolverError
from solver.frameworks import layer
from solver.frameworks.layer import FrameworkLayer
from solver.frameworks.table import Framework, Row

_LONGEST = 2000


def read_layer(framework: Framework, text: str) -> FrameworkLayer:
    """Return the layer that a call describes; what goes in (x, rngs) may be named and is not used.

    Raises SolverError with the place of what is not understood.

    >>> from solver.frameworks import framework
    >>> read_layer(framework("keras"), 'layers.Conv2D(64, 3, strides=2, padding="same")').size(7)
    (4, 4)
    >>> read_layer(framework("torch"), "nn.Conv2d(3, 64, k)")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: kernel_size must be a number, a word or a tuple of them
      nn.Conv2d(3, 64, k)
                       ^
    """
    call = _call(text.strip())
    text = text.strip()
    operation = _dotted(call.func, text)
    row, _ = framework.find(operation)
    arguments = [node for node in call.args if not _names_input(node)]
    names = _positional(row, arguments, text)
    given: dict[str, Any] = {}
    for name, node in [*zip(names, arguments, strict=False), *_keywords(call, text)]:
        if name in given:
            raise SolverError(f"{name} is given twice", text=text, at=node.col_offset)
        value = _value(row, name, node, text)
        if value is not _LEFT_OUT:
            given[name] = value
    return layer(framework.name, operation, **given)


_LEFT_OUT = object()


def _call(text: str) -> ast.Call:
    if len(text) > _LONGEST:
        raise SolverError(f"a layer is written in at most {_LONGEST:,} characters", text)
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        at = getattr(fault, "offset", None) or 1
        right = 'Conv2D(64, 3, padding="same")'
        raise SolverError("this is no call", text=text, at=at - 1, right=right) from None
    if not isinstance(tree, ast.Call):
        raise SolverError("a layer is written as a call", text=text, at=0, right="Conv2d(3, 64, 7)")
    return tree


def _dotted(node: ast.expr, text: str) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, text)}.{node.attr}"
    if isinstance(node, ast.Name):
        return node.id
    raise SolverError("an operation is called by its name", text=text, at=node.col_offset)


def _names_input(node: ast.expr) -> bool:
    """Tell whether an argument is what goes in, such as x or self.weight, and not a number."""
    return isinstance(node, (ast.Name, ast.Attribute)) and not (
        isinstance(node, ast.Name) and len(node.id) == 1 and node.id in "kspd"
    )


def _positional(row: Row, arguments: list[ast.expr], text: str) -> list[str]:
    names = list(row.arguments)
    if len(arguments) > len(names):
        node = arguments[len(names)]
        raise SolverError(
            f"{row.named(None)} takes {len(names)} arguments", text=text, at=node.col_offset
        )
    return names


def _keywords(call: ast.Call, text: str) -> list[tuple[str, ast.expr]]:
    found = []
    for keyword in call.keywords:
        if keyword.arg is None:
            at = keyword.value.col_offset
            raise SolverError("arguments are written one by one", text=text, at=at)
        found.append((keyword.arg, keyword.value))
    return found


def _value(row: Row, name: str, node: ast.expr, text: str) -> Any:
    if name == "rngs":
        return _LEFT_OUT
    try:
        own = row.argument(name)
    except SolverError as fault:
        start = text.rfind(name, 0, node.col_offset)
        raise SolverError(
            fault.rule, text=text, at=start if start >= 0 else node.col_offset, right=fault.right
        ) from None
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        if row.arguments[own].read is None:
            return _LEFT_OUT  # an initializer, an activation: sizes do not depend on it
        raise SolverError(
            f"{own} must be a number, a word or a tuple of them", text=text, at=node.col_offset
        ) from None
