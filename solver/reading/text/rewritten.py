"""A line of a program in which a layer is written with other arguments; the rest of it stays."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any


def rewritten(
    text: str, line: int, name: str, order: Sequence[str], values: Mapping[str, Any]
) -> str | None:
    """The line on which the only call of a name is, with other values of its arguments.

    order: of the arguments in its signature. None where no line is that, or where the call goes
    over more than one.

    >>> text = "pool = nn.MaxPool2d(3, 2)  # halves\\n"
    >>> order = ("kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode")
    >>> rewritten(text, 1, "MaxPool2d", order, {"stride": 1, "ceil_mode": True})
    'pool = nn.MaxPool2d(3, 1, ceil_mode=True)  # halves'
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a printout
        return None
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.lineno == line and _called(node.func) == name
    ]
    lines = text.split("\n")
    if len(calls) != 1 or calls[0].end_lineno != line or any(map(_starred, calls[0].args)):
        return None
    (call,) = calls
    found = lines[line - 1].encode()
    places: list[tuple[int, int, str]] = []
    for argument, value in values.items():
        given = next((k.value for k in call.keywords if k.arg == argument), None)
        at = order.index(argument)
        if given is None and at < len(call.args):
            given = call.args[at]
        if given is None:
            end = (call.end_col_offset or 0) - 1
            comma = ", " if call.args or call.keywords else ""
            places.append((end, end, f"{comma}{argument}={value!r}"))
        elif given.lineno == given.end_lineno:
            places.append((given.col_offset, given.end_col_offset or 0, repr(value)))
        else:
            return None
    for begin, end, new in sorted(places, key=lambda place: -place[0]):
        found = found[:begin] + new.encode() + found[end:]
    return found.decode().strip()


def _called(function: ast.expr) -> str:
    """The last name of what is called."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _starred(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Starred)
