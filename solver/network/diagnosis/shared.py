"""Numbers that a program writes once for several layers: in a constant, a default, a call.

Which layers share a number is found by reading the program again with another one there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.layer import Layer
from solver.network.diagnosis.edits import called
from solver.network.diagnosis.settings import Setting, changes, settings, word_of
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply

#: Programs are read again so many times.
_READ = 12
#: What is written under names with these letters in them, and what is written there to try it.
_NAMED: Mapping[str, tuple[str, Mapping[Any, Any]]] = {
    "strid": ("stride", {1: 2, 2: 1, 3: 1, 4: 1, 5: 1}),
    "pad": ("padding", {0: 1, 1: 0, 2: 0, 3: 0, "same": "valid", "valid": "same"}),
    "dilat": ("dilation", {2: 1, 3: 1, 4: 1}),
}


class Shared(NamedTuple):
    """Hold other settings of layers that share what is written once.

    found: the settings by the numbers of the nodes. line: of the program, and text: of it then.
    """

    found: Mapping[int, Setting]
    line: int
    text: str


def shared(network: Graph, origin: Graph, axes: int) -> Iterator[Shared]:
    """Yield other settings of layers of a network that share a number of its program.

    origin: the network that was read from the program.
    """
    text, again = origin.source, origin.again
    if text is None or again is None:
        return
    layers = {name: layer for name, (_, layer) in _layers(network).items()}
    numbers = {name: i for name, (i, _) in _layers(network).items()}
    own = {layer.name for layer in layers.values()}
    for kind, node, probe in islice(_literals(text, own), _READ):
        try:
            other = _layers(again(_with(text, node, probe)))
        except SolverError:
            continue
        alike = [
            name
            for name, layer in layers.items()
            if name in other and _is(kind, layer, other[name][1])
        ]
        ways = [
            {each.choice: each for each in settings(layers[name], axes, False) if each.kind == kind}
            for name in alike
        ]
        for choice in ways[0] if len(ways) > 1 else ():
            if all(choice in way for way in ways):
                found = {numbers[x]: way[choice] for x, way in zip(alike, ways, strict=True)}
                if len(values := {_value(each.layer, kind) for each in found.values()}) == 1:
                    line = _with(text, node, values.pop()).split("\n")[node.lineno - 1]
                    yield Shared(found, node.lineno, line.strip())


def _layers(network: Graph) -> dict[str, tuple[int, Layer]]:
    """The layers of a network by their names, and the numbers of their last calls."""
    return {
        called(node): (i, node.operation.layer)
        for i, node in enumerate(network.nodes)
        if isinstance(node.operation, Apply)
    }


def _is(kind: str, layer: Layer, other: Layer) -> bool:
    """Whether another layer is written otherwise in an argument of this kind alone."""
    if other.row is not layer.row:
        return False
    return {each.argument for each in changes("", layer, other)} == {word_of(layer, kind)}


def _value(layer: Layer, kind: str) -> Any:
    """What is written for an argument of a layer."""
    word = word_of(layer, kind)
    return layer.arguments.get(word, layer.row.arguments[word].default)


def _with(text: str, node: ast.Constant, value: Any) -> str:
    """A program with another literal in one place."""
    lines = text.split("\n")
    line = lines[node.lineno - 1].encode()
    begin, end = node.col_offset, node.end_col_offset
    lines[node.lineno - 1] = (line[:begin] + repr(value).encode() + line[end:]).decode()
    return "\n".join(lines)


def _literals(text: str, own: set[str]) -> Iterator[tuple[str, ast.Constant, Any]]:
    """Yield what is written under a name, but not of a layer itself: its kind, and a probe of it.

    own: the names of the layers.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a printout
        return
    takes = {name: names for node in ast.walk(tree) for name, names in _parameters(node)}
    for node in ast.walk(tree):
        for name, value in _named(node, takes, own):
            kind, probes = next((way for x, way in _NAMED.items() if x in name.lower()), ("", {}))
            if isinstance(value, ast.Constant) and value.value in probes:
                yield kind, value, probes[value.value]


def _parameters(node: ast.AST) -> Iterator[tuple[str, list[str]]]:
    """Yield by what a function or class of the program is called, and what it takes in order."""
    if isinstance(node, ast.FunctionDef):
        yield node.name, [each.arg for each in node.args.args]
    elif isinstance(node, ast.ClassDef):
        for each in node.body:
            if isinstance(each, ast.FunctionDef) and each.name == "__init__":
                yield node.name, [each.arg for each in each.args.args[1:]]


def _named(
    node: ast.AST, takes: Mapping[str, list[str]], own: set[str]
) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names under which a statement or a call writes values."""
    if isinstance(node, ast.Assign):
        yield from ((each.id, node.value) for each in node.targets if isinstance(each, ast.Name))
    elif isinstance(node, ast.arguments):
        rest = node.args[len(node.args) - len(node.defaults) :]
        yield from ((arg.arg, value) for arg, value in zip(rest, node.defaults, strict=True))
    elif isinstance(node, ast.Call):
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name not in own:
            yield from zip(takes.get(name, ()), node.args, strict=False)
            yield from ((each.arg or "", each.value) for each in node.keywords)
