"""Edits of the node that fails, and of the layers before it, worked out from the numbers there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from solver.errors import SolverError
from solver.network.diagnosis.edits import Proposal, by, called, rewriting, sizes_of, word
from solver.network.diagnosis.fault import first_fault, prefix
from solver.network.diagnosis.features import (
    adaptive,
    averages,
    ends,
    of_linear,
    of_reshape,
    whole,
)
from solver.network.diagnosis.merging import everywhere, fit_line, of_merging
from solver.network.diagnosis.rewrite import language, put_before, relayered, replaced
from solver.network.diagnosis.settings import Change, changed
from solver.network.diagnosis.wanted import WantedRows
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.merging import Concat, Elementwise, ResizeLike
from solver.network.graph.operation import Apply, Input, Pointwise, Shape
from solver.network.graph.shaping import Linear, Permute, Reshape
from solver.network.graph.sized import ApplyWithOutputSize, Paired, sized

#: How many nodes one edit may change.
_MOST_LEVELS = 16

#: What is done at every level alike; a kernel is not changed twice.
_AT_EVERY_LEVEL = ("crop", "pad", "resize")


def of_node(network: Graph, at: int, values: Mapping[str, int]) -> Iterator[Proposal]:
    """Propose edits of a node that fails at these sizes, or of what it reads."""
    try:
        shapes = prefix(network, at).at(dict(values)).shapes if at else ()
    except SolverError:
        return
    node = network.nodes[at]
    given = [shapes[i] for i in node.inputs]
    known = [shape for shape in given if shape is not None]
    if len(known) < len(given) or not known:
        return
    operation = node.operation
    if isinstance(operation, (Elementwise, Concat)):
        yield from of_merging(network, at, known)
        yield from everywhere(network, values)
    elif isinstance(operation, Linear):
        yield from of_linear(network, at, known[0], shapes, values)
    elif isinstance(operation, Reshape):
        yield from of_reshape(network, at, known[0], shapes)
    elif isinstance(operation, Paired):
        yield from _of_unpooling(network)
    elif isinstance(operation, WantedRows):
        yield from _of_rows(network)
    elif isinstance(operation, ApplyWithOutputSize):
        yield from _of_output_size(network, at, operation, shapes)
    elif isinstance(operation, Apply):
        yield from _of_channels(network, at, operation, known[0])
        yield from _of_view(network, at, operation, shapes)
        if averages(operation) or ends(network, at, len(known[0]) - 2):
            yield from whole(network, at, sizes_of(known[0]))
        if averages(operation):
            yield adaptive(network, at, at, 1, len(known[0]) - 2, max(sizes_of(known[0])))


def _of_unpooling(network: Graph) -> Iterator[Proposal]:
    """Propose to tell every unpooling the size before its pooling, which rounding loses."""
    result, said = network, list[Change]()
    for i, node in enumerate(network.nodes):
        pair = network.nodes[node.inputs[0]] if node.inputs else node
        if isinstance(node.operation, Apply) and isinstance(pair.operation, Paired):
            pooled = network.nodes[pair.inputs[1]].inputs[0]
            to = network.walk.shapes[pooled]
            if node.operation.layer.row.kind.with_output_size and to is not None:
                result = replaced(result, i, sized(node.operation.layer, to))
                size = f"{network.nodes[pooled].name}.shape"
                said.append(Change(node.name, "output_size", None, size))
    text = "; ".join(f"{each.layer}: output_size={each.after}" for each in said)
    yield Proposal("output_size", 1, text, result, changes=tuple(said))


def _of_output_size(
    network: Graph, at: int, operation: ApplyWithOutputSize, shapes: Sequence[Shape | None]
) -> Iterator[Proposal]:
    """Propose to resize what a layer gives to the sizes that it cannot give."""
    node, axes = network.nodes[at], len(operation.to)
    if not operation.layer.row.kind.transposed:
        return
    plain = Apply(operation.layer.changed(output_padding=(0,) * axes), operation.axes)
    for i, shape in enumerate(prefix(network, at).walk.shapes):
        if shape is not None and shape[2:] == operation.to:
            made = put_before(replaced(network, at, plain), at + 1, at, ResizeLike(), [i])
            like, size = network.nodes[i].name, by(sizes_of(shapes[i] or ()))
            resized = f"and resize it to {size}, the size of {like}"
            text = f"call {node.name} without output_size, {resized}"
            torch = language(network) == "torch"
            code = fit_line("resize", node.name, like, axes) if torch else None
            yield Proposal("resize", 1, text, made, code)
            return


def _of_view(
    network: Graph, at: int, operation: Apply, shapes: Sequence[Shape | None]
) -> Iterator[Proposal]:
    """Propose as many channels as a layer takes where a reshape makes others."""
    i, wanted = network.nodes[at].inputs[0], operation.layer.channels.before
    while isinstance(network.nodes[i].operation, Pointwise):
        i = network.nodes[i].inputs[0]
    node, given = network.nodes[i], shapes[i]
    if not isinstance(node.operation, Reshape) or not isinstance(wanted, int) or given is None:
        return
    before = given[1].number
    if before and before != wanted and len(given) > 2:
        to = (*node.operation.to[:1], Dim(wanted), *node.operation.to[2:])
        text, made = f"{node.name}: reshape to {wanted} channels", replaced(network, i, Reshape(to))
        said = (Change(node.name, "channels", before, wanted),)
        one, read = word(node.name), word(network.nodes[node.inputs[0]].name)
        sizes = [-1, *(dim and dim.number for dim in to[1:])]
        fixed = None not in sizes and language(network) == "torch"
        code = f"{one} = {read}.reshape{tuple(sizes)}" if fixed else None
        yield Proposal("reshape", 1, text, made, code, changes=said, strained=False)


def _of_rows(network: Graph) -> Iterator[Proposal]:
    """Propose to flatten before the first linear layer that gets more than features."""
    for node in network.nodes:
        given = network.walk.shapes[node.inputs[0]] if node.inputs else None
        if isinstance(node.operation, Linear) and given is not None and len(given) > 2:
            turned = network.nodes[node.inputs[0]]
            x = turned.inputs[0] if isinstance(turned.operation, Permute) else node.inputs[0]
            name, one = network.nodes[x].name, word(network.nodes[x].name)
            flat = Reshape((Dim(1), None, *(Dim(1),) * (len(given) - 2)))  # axes are kept, of 1
            keras = language(network) == "keras"
            line = f"keras.layers.Flatten()({one})" if keras else f"torch.flatten({one}, 1)"
            said = (Change(name, "flatten", None, 1),)
            text, made = f"flatten {name} before {node.name}", put_before(network, x + 1, x, flat)
            yield Proposal("flatten", 1, text, made, f"{one} = {line}", None, said, False)
            return


def repeated(each: Proposal, values: Mapping[str, int]) -> Proposal:
    """An edit together with the same at every later node that fails then.

    A network with several levels often needs the same at each of them.
    """
    for _ in range(_MOST_LEVELS):
        at = first_fault(each.network, values) if each.kind in _AT_EVERY_LEVEL else None
        if at is None:
            return each
        further = (other for other in of_node(each.network, at, values) if other.kind == each.kind)
        other = next(further, None)
        if other is None:
            return each
        code = None if each.code is None or other.code is None else f"{each.code}\n{other.code}"
        text = f"{each.text}; {other.text}"
        each = each._replace(
            size=each.size + other.size, text=text, network=other.network, code=code
        )
    return each


def _of_channels(network: Graph, at: int, operation: Apply, given: Shape) -> Iterator[Proposal]:
    """Propose the channels that come in."""
    channels = given[1].number
    layer, axes = operation.layer, len(given) - 2
    if channels is None:
        return
    try:
        layer.channels_after(channels, axes)
    except SolverError:
        yield from _channels(network, at, operation, channels, axes)


def _channels(
    network: Graph, at: int, operation: Apply, channels: int, axes: int
) -> Iterator[Proposal]:
    layer = operation.layer
    wanted = layer.channels.before
    node = network.nodes[at]
    if not isinstance(wanted, int):
        return
    try:
        new = changed(layer, axes, in_channels=(channels,))
    except SolverError:
        return
    name = node.name
    said = (Change(called(node), "in_channels", wanted, channels),)
    result = relayered(network, {at: operation.replaced(layer=new)})
    yield Proposal(
        "in_channels",
        abs(wanted - channels),
        f"{name}: in_channels={channels}",
        result,
        rewriting(node, new, axes, channels, said),
        changes=said,
        strained=False,
    )
    for i in network.inputs:
        node = network.nodes[i]
        assert isinstance(node.operation, Input)
        shape = node.operation.of
        if shape[1].number == channels:
            other = node.operation.replaced(of=(shape[0], type(shape[1])(wanted), *shape[2:]))
            text, size = f"{node.name}: {wanted} channels", abs(wanted - channels)
            said = (Change(node.name, "channels", channels, wanted),)
            result = replaced(network, i, other)
            yield Proposal("in_channels", size, text, result, changes=said, strained=False)
