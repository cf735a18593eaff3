"""The tensors between an input and an output along an axis, and which elements read which."""

from __future__ import annotations

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.stack import Stack
from solver.layers.window import Window
from solver.network.fields.backward import length
from solver.network.fields.field import Fields
from solver.network.graph.summary import brief
from solver.render.pictures.called import called
from solver.render.pictures.window_reads import WindowReads


class FieldRow(NamedTuple):
    """Hold a tensor: what makes it, its elements along the axis, and what they read.

    reads: by their numbers, the tensors before it, and by which window.
    """

    name: str
    size: int
    reads: tuple[tuple[int, WindowReads], ...] = ()


def of_stack(stack: Stack, size: int, axis: int) -> list[FieldRow]:
    """The input of a stack, and what comes out of each of its layers."""
    sizes = [n[axis] if isinstance(n, tuple) else n for n in stack.sizes(size)]
    found = [FieldRow("input", sizes[0])]
    for i, layer in enumerate(stack.layers):
        reads = WindowReads.of(layer, axis, sizes[i], sizes[i + 1])
        found.append(FieldRow(called(layer), sizes[i + 1], ((i, reads),)))
    return found


def of_network(found: Fields, letter: str, node: int) -> list[FieldRow]:
    """All that a node of a network at a size reads along a letter, and the node as the last.

    What only changes values, element by element, is no tensor of its own. Raises SolverError where
    something reads everything, or it is not known what it reads.
    """
    network, size = found.network, (found.sizes.values or {})[letter]
    wanted = {node}
    for at in range(node, -1, -1):
        if at in wanted:
            inputs = zip(network.nodes[at].inputs, found.links[at], strict=False)
            wanted |= {each for each, row in inputs if row and found.of(each, letter)}
    place, rows = dict[int, int](), list[FieldRow]()
    for at in sorted(wanted):
        reads = _reads(found, letter, size, at)
        if len(reads) == 1 and reads[0][1].window == Window():
            place[at] = place[reads[0][0]]
            continue
        operation = network.nodes[at].operation
        name = f"{network.nodes[at].name}: {brief(operation)}" if reads else network.nodes[at].name
        place[at] = len(rows)
        inner = tuple((place[each], window) for each, window in reads)
        rows.append(FieldRow(name, length(found, letter, size, at), inner))
    return rows


def _reads(found: Fields, letter: str, size: int, at: int) -> list[tuple[int, WindowReads]]:
    """What a node reads along a letter: by the numbers of its inputs, and by which window."""
    node, reads = found.network.nodes[at], list[tuple[int, WindowReads]]()
    own = found.of(at, letter)
    for number, row in zip(node.inputs, found.links[at], strict=False):
        field = found.of(number, letter)
        if not row or field is None:
            continue
        link = None if field.axis is None else row[field.axis]
        if own is None or link is None or link.window is None or link.to != own.axis:
            why = (link.why if link else "") or "it reads everything along the axis"
            right = "the layer before it"
            raise SolverError(
                "what is read is drawn window by window", f"{node.label}: {why}", right
            )
        if not link.window.stride:
            raise SolverError("what is read is drawn window by window", f"{node.label} repeats one")
        before, after = (length(found, letter, size, each) for each in (number, at))
        window = WindowReads(link.window, before, after, node.operation.beyond)
        reads.append((number, window))
    return reads
