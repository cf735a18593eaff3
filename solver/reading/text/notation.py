"""Layers in the notation that we print: `Conv(7, stride=2, padding=3)`, `conv k3 s2 p1`.

A text is that where each of its statements is such a layer, or a list of them. Channels need not be
told, and nothing is executed. Where layers of a framework stand among ours, ours are written as
`solver.Conv(...)`, and the text is read as a program.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from solver.errors import SolverError
from solver.layers.layer import Layer
from solver.layers.own import LAYERS
from solver.layers.stack import Stack
from solver.network.network import Network
from solver.network.tensor import Tensor, trace
from solver.reading.functions.table import is_layer
from solver.sizes.formulas import WORDS
from solver.sizes.operations import LETTERS, OPERATIONS

#: What stands between layers of one statement, outside of brackets, and between any.
_COMMA = r",\s+(?![^(]*\))"
_BETWEEN = rf"{_COMMA}|[;\n]"
_HYPERPARAMETERS = {letter: name for name, letter in LETTERS.items()}
#: The classes of layers by the names that operations go by.
_CLASSES = {
    re.sub("[-_]", "", name).lower(): LAYERS[row.name]
    for row in OPERATIONS
    for name in (row.name, row.layer, *row.aliases)
}
_VALUE = r"(?:\d+(?::\d+)?(?:x\d+(?::\d+)?)*|\([\d,()]+\))"
_KERNEL = r"\d+(?:x\d+)+"
_SHORT = rf"([A-Za-z][\w-]*)((?: +(?:[kspda]{_VALUE}|{_KERNEL}|c\d+|ceil|{'|'.join(WORDS)}))+)"


def is_notation(text: str) -> bool:
    """Tell whether a text is layers of ours and nothing else.

    >>> is_notation("conv k3 s2 p1; Conv(3)"), is_notation("nn.Conv2d(3, 8, 3)")
    (True, False)
    """
    if len(text) > _LONGEST or re.search(_UNKNOWN, text):
        return False
    return all(map(_is_layers, _statements(text)))


#: What makes a hyperparameter unknown.
_UNKNOWN = r"\.\.|\{|\brange\("


def as_program(text: str) -> str | None:
    """A text of layers of ours and of frameworks as a program, line by line; None of any other.

    Layers that need no arguments may be words. Raises SolverError that shows what is no layer among
    layers as we print them, which no program has.

    >>> as_program("maxpool k2; Upsample(scale_factor=2); bn; relu")
    'solver.MaxPool(2);Upsample(scale_factor=2);BatchNormalization();Relu()'
    >>> as_program("x = MaxPool(2); ReLU()")
    """
    if len(text) > _LONGEST:
        return None
    found = []
    for part in re.split(r"([;\n])", text):
        plain = part.partition("#")[0].strip()
        calls = [plain] if plain in ("", ";") else [*_called(plain)]
        if all(calls) or not plain:
            found.append("; ".join(calls) or part)
        elif _is_meant(text):
            right = "conv k3 s2 p1, Conv(3, stride=2), nn.ReLU() or relu"
            raise SolverError("this is no layer", text=plain, at=0, right=right)
        else:
            return None
    return "".join(found)


def _is_meant(text: str) -> bool:
    """Tell whether layers as we print them are what a text is meant to be, which is no program."""
    if len(text) > _SHORTEST or not any(map(_is_short, re.split(_BETWEEN, text))):
        return False
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return True
    return False


def _called(part: str) -> Iterator[str]:
    """Yield the layers of a statement as calls in a program, "" for what is none."""
    for each in [part] if _is_layers(part) else re.split(_COMMA, part):
        if _is_layers(each) and not re.search(_BY_PLACE, each):
            yield from (f"solver.{layer}" for layer in _written(each))
        else:
            yield each if _is_of_a_framework(each) else _without_arguments(each)


#: What others write Conv(64, 128, 3) for: a block with channels. Among their layers it is theirs.
_BY_PLACE = r"(?i)conv\w*\(\s*\d+\s*,\s*\d"


def _is_of_a_framework(part: str) -> bool:
    try:
        call = ast.parse(part, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return isinstance(call, ast.Call) and is_layer(ast.unparse(call.func).rpartition(".")[2])


#: What people call layers for short.
_SHORTER = {"bn": "BatchNormalization", "batchnorm": "BatchNormalization"}


def _without_arguments(word: str) -> str:
    """The call of the layer that a word names; "" where it names none."""
    name = _SHORTER.get(word.lower().replace("_", ""), f"{word[:1].upper()}{word[1:]}")
    return f"{name}()" if word.isidentifier() and is_layer(name) else ""


#: Characters of such a text, and of one of which a fault is shown.
_LONGEST, _SHORTEST = 100_000, 2_000


def read_notation(text: str, axes: int | None, channels: int | None) -> Network:
    """The network of layers in order; axes, channels: of the input, 2 and 1 unless they are told.

    >>> net = read_notation("conv k7 s2 p3, MaxPool k2 s2; Conv(3)", None, None)
    >>> net.formula()
    'floor((n - 7)/4)'
    >>> read_notation("conv k3 p2:0", None, None).formula()
    'n'
    """
    layers = read_layers(text)
    stack = Stack(layers)

    def net(x: Tensor) -> Tensor:
        for layer in layers:
            x = layer(x)
        return x

    return trace(net, channels or 1, axes or stack.axes or 2)


def read_layers(text: str) -> list[Layer]:
    """The layers of a text in order. Raises SolverError that shows one that cannot be.

    >>> read_layers("conv k7 s2 p3, MaxPool k2 s2; Conv(3)")
    [Conv(7, stride=2, padding=3), MaxPool(2), Conv(3)]
    """
    return [layer for part in _statements(text) for layer in _layers(part)]


def _statements(text: str) -> list[str]:
    parts = (part.partition("#")[0].strip() for part in re.split(r"[;\n]", text))
    return [part for part in parts if part]


def _is_layers(part: str) -> bool:
    if all(map(_is_short, re.split(_COMMA, part))):
        return True
    try:
        calls = _calls(ast.parse(part, mode="eval").body)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return all(isinstance(x, ast.Call) and _of_ours(getattr(x.func, "id", "")) for x in calls)


def _is_short(words: str) -> bool:
    found = _short(words)
    return bool(found) and _of_ours(found and found[1])


def _short(words: str) -> re.Match[str] | None:
    return re.fullmatch(_SHORT, words.strip())


def _class(name: str) -> Any:
    return _CLASSES[re.sub("[-_]", "", name).lower()]


def _of_ours(name: str | None) -> bool:
    return bool(name) and re.sub("[-_]", "", str(name)).lower() in _CLASSES


def _calls(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]


def _layers(part: str) -> Iterator[Layer]:
    """Yield the layers of a statement. Raises SolverError that shows one that cannot be."""
    shorts = [*map(_short, re.split(_COMMA, part))]
    for found in shorts if all(shorts) else ():
        assert found is not None
        told = [*map(_told, found[2].split())]
        names = [name for name, _ in told]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise SolverError(f"a layer has one {twice}", text=part, at=part.find(found[0].strip()))
        yield _made(part, found[1], [], dict(told))
    for call in () if all(shorts) else _calls(ast.parse(part, mode="eval").body):
        assert isinstance(call, ast.Call)
        try:
            args = [ast.literal_eval(each) for each in call.args]
            given = {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
        except ValueError:
            rule = "the arguments of a layer are numbers, words and tuples of them"
            raise SolverError(rule, text=part, at=call.col_offset) from None
        yield _made(part, call.func.id, args, given)  # type: ignore[attr-defined]


def _written(part: str) -> Iterator[str]:
    """Yield the calls of our classes that are the layers of a statement."""
    if all(map(_short, re.split(_COMMA, part))):
        yield from map(repr, _layers(part))
        return
    for call in _calls(ast.parse(part, mode="eval").body):
        assert isinstance(call, ast.Call)
        title = _class(call.func.id).__name__  # type: ignore[attr-defined]
        yield title + ast.unparse(call)[len(ast.unparse(call.func)) :]


def _told(word: str) -> tuple[str, Any]:
    """The argument that a word of the short notation tells."""
    if word in WORDS:
        return "padding", word
    if word == "ceil":
        return "ceil_mode", True
    if word.startswith("c"):
        return "out_channels", int(word[1:])
    if word[0].isdigit():
        word = f"k{word}"
    name, value = _HYPERPARAMETERS[word[0]], word[1:]
    if ":" in value:  # begin:end of each axis
        return name, tuple(
            ast.literal_eval(f"({each.replace(':', ',')})") for each in value.split("x")
        )
    return name, ast.literal_eval(f"({value.replace('x', ',')})")


def _made(part: str, name: str, args: list[Any], given: dict[str, Any]) -> Layer:
    try:
        made: Layer = _class(name)(*args, **given)
    except TypeError as fault:
        rule = str(fault).partition("() ")[2]
        raise SolverError(f"{name} {rule}", text=part, at=0) from None
    return made
