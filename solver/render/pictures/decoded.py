"""An encoder and its decoder as one network, at a size that is given back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solver.errors import SolverError
from solver.frameworks import bare
from solver.layers.layer import Layer
from solver.network.decoders.coded import with_output_padding
from solver.network.decoders.decoded import Decoder
from solver.network.decoders.decoder import Decoders
from solver.network.graph.operation import Apply
from solver.network.graph.summary import brief
from solver.network.graph.walk import Node, Walker
from solver.network.network import Network
from solver.render.network.known import Known
from solver.render.pictures.network import drawn
from solver.render.pictures.picture import Picture

#: The size from which on one is drawn where none is asked about.
_TYPICAL = 64


def draw(found: Decoders) -> Picture:
    """The encoder with the best decoder behind it, in green, and all their sizes.

    The sizes are those that are asked about; of every n the first from 64 on that is given back.
    Raises SolverError where there is no decoder of layers in numbers.

    >>> from solver import Conv, decoders, trace
    >>> print(decoders(trace(Conv(3, stride=2, padding=1), axes=1), 30).draw())
    30 -> 15 -> 30: the encoder and its decoder
    """
    best = next((each for each in found if each.form != "resize" or not each.per_call), None)
    if best is None:
        raise SolverError("there is no decoder to be drawn", received=found.reason)
    sizes = found.n or tuple(_first(best))
    network = found.network.path(sizes)
    walker, last = Walker(), network.outputs[0]
    for node in network.nodes:
        walker.step(node)
    names, taken = list[str](), {node.name for node in network.nodes}
    for i, layer in enumerate(_layers(best, sizes)):
        name = f"decoder.{i}"
        while name in taken:
            name = f"{name}_"
        walker.step(Node(name, Apply(layer), (last,)))
        names, last = [*names, name], len(walker.nodes) - 1
    whole = Network.of(walker, [last])
    title = f"{_text(sizes)} -> {_text(found.at(sizes).sizes[-1])} -> {_text(sizes)}"
    layers = ", ".join(brief(node.operation) for node in walker.nodes[len(network.nodes) :])
    known = Known(whole, whole.values(sizes))
    return drawn(known, f"{title}: the encoder and its decoder", f"decoder: {layers}", names)


def _first(best: Decoder) -> Iterator[int]:
    """A size of each axis that is given back."""
    for inputs in best.inputs:
        size = inputs.first(_TYPICAL) or inputs.first()
        if size is None:
            raise SolverError("there is no decoder to be drawn", received="none gives a size back")
        yield size


def _layers(best: Decoder, sizes: Sequence[int]) -> Iterator[Layer]:
    """The layers, with the output_padding that each has at these sizes."""
    for i, layer in enumerate(best.layers):
        rules = best.per_call[i] if best.per_call else ()
        if not rules or not layer.row.kind.transposed:
            yield bare(layer)
            continue
        extra = [rule(n) for rule, n in zip(rules, sizes, strict=True)]
        yield bare(with_output_padding(layer, extra))


def _text(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes))
