"""A line of a program in which a layer is written with other arguments; the rest of it stays."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

#: So many arguments of a pooling stand in one order in its function, the input with them.
_ALIKE = 4


def rewritten(
    text: str, line: int, name: str, order: Sequence[str], values: Mapping[str, Any]
) -> str | None:
    """The line on which the only call of a name is, with other values of its arguments.

    order: of the arguments in its signature. values: where one is called layer, another layer of
    these arguments is called. A pooling may be the function that is named after it. None where no
    line is that, or where the call goes over more than one.

    >>> text = "pool = nn.MaxPool2d(3, 2)  # halves\\n"
    >>> order = ("kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode")
    >>> rewritten(text, 1, "MaxPool2d", order, {"stride": 1, "ceil_mode": True})
    'pool = nn.MaxPool2d(3, 1, ceil_mode=True)  # halves'
    >>> rewritten("x = F.max_pool2d(x, 3)", 1, "MaxPool2d", order, {"kernel_size": 2})
    'x = F.max_pool2d(x, 2)'
    >>> other = {"layer": "AdaptiveMaxPool2d", "output_size": 1}
    >>> rewritten("x = F.max_pool2d(x, 3)", 1, "MaxPool2d", order, other)
    'x = F.adaptive_max_pool2d(x, 1)'
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a printout
        return None
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and node.lineno == line
        and _called(node.func) in (name, _function(name))
    ]
    lines = text.split("\n")
    if len(calls) != 1 or calls[0].end_lineno != line or any(map(_starred, calls[0].args)):
        return None
    (call,) = calls
    found = lines[line - 1].encode()
    places: list[tuple[int, int, str]] = []
    if _called(call.func) != name:
        if len(call.args) > _ALIKE:
            return None
        order = ("input", *order)
    if "layer" in values:
        return _replaced(call, found, name, values)
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


def _replaced(call: ast.Call, line: bytes, name: str, values: Mapping[str, Any]) -> str | None:
    """A line with another layer in place of a call, or the function that is named after it."""
    function, new = call.func, str(values["layer"])
    if not isinstance(function, ast.Attribute):  # it may not be imported
        return None
    arguments = [repr(value) for argument, value in values.items() if argument != "layer"]
    if function.attr != name:
        new, given = _function(new), call.args[0]
        arguments.insert(0, line[given.col_offset : given.end_col_offset].decode())
    begin = (function.end_col_offset or 0) - len(function.attr)
    text = f"{new}({', '.join(arguments)})".encode()
    return (line[:begin] + text + line[call.end_col_offset :]).decode().strip()


def _function(name: str) -> str:
    """The function that is named after a pooling."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() if "Pool" in name else name


def _called(function: ast.expr) -> str:
    """The last name of what is called."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _starred(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Starred)
