"""A part of a network as a network of its own: up to a layer, or from one on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from solver.errors import LimitError, SolverError
from solver.ground.record import Record
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Input, Shape
from solver.network.graph.walk import Node

G = TypeVar("G", bound=Graph)


def cut(network: G, from_: str = "", to: str = "") -> G:
    """The layers of a network from one on, up to one, or between: names of nodes; "" for its ends.

    What goes into the first has free sizes then, and its channels. Raises SolverError where layers
    behind it read more of what stands before it, LimitError where its input is not known.

    >>> from solver import Conv, MaxPool, trace
    >>> net = trace(lambda x: Conv(5)(MaxPool(2)(Conv(3)(x))), channels=3)
    >>> head, tail = cut(net, to="maxpool_2"), cut(net, from_="maxpool_2")
    >>> head.formula(), str(head.valid().inputs), tail.formula(), str(tail.valid().inputs)
    ('floor(n/2) - 1', 'n >= 4', 'floor(n/2) - 4', 'n >= 10')
    """
    found = network
    if to:
        at = found.find(to)
        paths = [each for each in found.ways if found.beside(each, at) is not None]
        ends = ((path, found.beside(path, at)) for path in paths)
        main, *others = (_upto(path, end) for path, end in ends if end is not None)
        found = type(network)(main.nodes, main.outputs, main.notes, main.written, others)
    if from_:
        found = _since(found, found.find(from_))
    if network.again is not None and found is not network:
        read = network.again
        found.source, found.again = network.source, lambda text: cut(read(text), from_, to)
    return found


def _upto(network: G, end: int) -> G:
    """What a node comes from, and it."""
    wanted = _sources(network.nodes, [end])
    kept = [at for at in range(end + 1) if at in wanted or at in network.inputs]
    nodes = _renumbered(network.nodes, kept)
    return type(network)(nodes, [kept.index(end)], network.notes, network.written)


def _since(network: G, start: int) -> G:
    """A node, and what reads it."""
    if network.paths:
        right = "--to, which cuts every path"
        raise SolverError("a network that branches on sizes has no one start", right=right)
    node = network.nodes[start]
    if isinstance(node.operation, Input):
        return network
    behind, fixed = {start}, set[int]()
    for at, each in enumerate(network.nodes):
        if not each.inputs and not isinstance(each.operation, Input):
            fixed.add(at)  # a constant
        elif each.inputs and fixed.issuperset(each.inputs):
            fixed.add(at)
        elif not behind.isdisjoint(each.inputs):
            behind.add(at)
    source = next((at for at in node.inputs if at not in fixed), None)
    read = {i for at in behind for i in network.nodes[at].inputs} - behind - fixed
    if source is None or read != {source}:
        more = sorted(read - {source})
        rule = f"what stands behind {node.name} reads more of what stands before it"
        names = ", ".join(network.nodes[at].name for at in more) or "nothing"
        raise SolverError(rule, names, "a layer through which everything goes")
    needed = fixed.intersection(_sources(network.nodes, behind))
    outputs = [at for at in network.outputs if at in behind]
    kept = [source, *sorted(needed | behind)]
    nodes = _renumbered(network.nodes, kept, {source: _input(network, source)})
    if any(_letters(each.operation) for each in nodes[1:]):
        raise LimitError(f"sizes of the input are computed with behind {node.name}")
    return type(network)(nodes, [kept.index(at) for at in outputs], network.notes)


def _sources(nodes: Sequence[Node], wanted: Iterable[int]) -> set[int]:
    """All that nodes come from, and they."""
    found = set(wanted)
    for at in range(len(nodes) - 1, -1, -1):
        if at in found:
            found.update(nodes[at].inputs)
    return found


def _input(network: Graph, at: int) -> Node:
    """An input of the shape of a node, each free size a letter."""
    shape = network.walk.shapes[at]
    if shape is None:
        raise LimitError("the size there is not known", network.nodes[at].label)
    free = [i for i, dim in enumerate(shape) if dim.letters]
    letters = LETTERS.get(len(free))
    if letters is None:
        raise SolverError("a network has one to three axes", f"{len(free)} free sizes")
    made: Shape = tuple(
        Dim.letter(letters[free.index(i)]) if i in free else dim for i, dim in enumerate(shape)
    )
    return Node("input", Input(made))


def _renumbered(
    nodes: Sequence[Node], kept: Sequence[int], other: dict[int, Node] | None = None
) -> list[Node]:
    """The nodes that are kept, with the numbers they have then; others in place of some."""
    number = {at: i for i, at in enumerate(kept)}
    found = []
    for at in kept:
        node = (other or {}).get(at, nodes[at])
        found.append(node._replace(inputs=tuple(number[i] for i in node.inputs)))
    return found


def _letters(value: Any) -> bool:
    """Whether sizes of the input stand in an operation."""
    if isinstance(value, Dim):
        return bool(value.letters)
    if isinstance(value, Record):
        return any(_letters(getattr(value, name)) for name in value.fields)
    return isinstance(value, (tuple, list)) and any(map(_letters, value))
