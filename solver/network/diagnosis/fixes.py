"""Edits of the node at fault, worked out from the numbers of the fault.

Where a kernel does not fit, the largest that does, the least padding and the largest dilation
follow from n + P >= d(k - 1) + 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from solver.errors import SolverError
from solver.frameworks import layer as framework_layer
from solver.network.diagnosis.edits import (
    Proposal,
    by,
    called,
    changes,
    layer_line,
    sizes_of,
    word,
)
from solver.network.diagnosis.fault import first_fault, prefix
from solver.network.diagnosis.merging import everywhere, of_merging
from solver.network.diagnosis.rewrite import (
    changed,
    language,
    paddings,
    put_before,
    relayered,
    replaced,
    windows,
)
from solver.network.graph.graph import Graph
from solver.network.graph.merging import Concat, Elementwise
from solver.network.graph.operation import Apply, Input, Shape
from solver.network.graph.shaping import Flatten, Linear, Reshape

#: How many nodes one edit may change.
_MOST_LEVELS = 16

#: What is done at every level alike; a kernel is not changed twice.
_AT_EVERY_LEVEL = ("crop", "pad", "resize", "output_padding")


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
        yield from of_merging(network, at, known, shapes)
        yield from everywhere(network, values)
    elif isinstance(operation, Linear):
        yield from _of_linear(network, at, known[0], shapes)
    elif isinstance(operation, Reshape):
        yield from _of_reshape(network, at, known[0], shapes)
    elif isinstance(operation, Apply):
        yield from _of_layer(network, at, operation, known[0])


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
        each = Proposal(each.kind, each.size + other.size, text, other.network, code)
    return each


# A layer that does not take its input


def _of_layer(network: Graph, at: int, operation: Apply, given: Shape) -> Iterator[Proposal]:
    sizes = sizes_of(given)
    axes = len(sizes)
    yield from _of_channels(network, at, operation, given)
    found = windows(operation, axes) or []
    if not 0 < axes == len(found) or any(w.moves or w.input_dilation > 1 for w in found):
        return
    room = [n + int(w.total) for n, w in zip(sizes, found, strict=True)]
    missing = [w.span - n for n, w in zip(room, found, strict=True)]
    if max(missing) <= 0:
        yield from _of_reflected(network, at, operation, given)
        return
    kernel = [
        min(w.kernel_size, (n - 1) // w.dilation + 1) for n, w in zip(room, found, strict=True)
    ]
    if min(kernel) >= 1:
        size = max(w.kernel_size - k for k, w in zip(kernel, found, strict=True))
        yield from changes(network, at, "kernel_size", given, size, {"kernel_size": kernel})
    ends = paddings(operation.layer, axes)
    if ends is not None:
        halves = [max(m + 1, 0) // 2 for m in missing]
        moved = [(b + h, e + h) for (b, e), h in zip(ends, halves, strict=True)]
        yield from changes(network, at, "padding", given, max(halves), {"padding": moved})
    dilation = [
        min(w.dilation, (n - 1) // (w.kernel_size - 1)) if w.kernel_size > 1 else w.dilation
        for n, w in zip(room, found, strict=True)
    ]
    if min(dilation) >= 1 and any(d < w.dilation for d, w in zip(dilation, found, strict=True)):
        size = max(w.dilation - d for d, w in zip(dilation, found, strict=True))
        yield from changes(network, at, "dilation", given, size, {"dilation": dilation})


def _of_reflected(network: Graph, at: int, operation: Apply, given: Shape) -> Iterator[Proposal]:
    """Propose as much padding as the input has to reflect."""
    axes = len(given) - 2
    ends = paddings(operation.layer, axes)
    if ends is None:
        return
    fits = [
        (min(begin, n - 1), min(end, n - 1))
        for (begin, end), n in zip(ends, sizes_of(given), strict=True)
    ]
    size = max(x - y for a, b in zip(ends, fits, strict=True) for x, y in zip(a, b, strict=True))
    if size > 0:
        yield from changes(network, at, "padding", given, size, {"padding": fits})
        yield from changes(network, at, "padding_mode", given, size, {"padding_mode": "zeros"})


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
    if not isinstance(wanted, int):
        return
    try:
        new = changed(layer, axes, in_channels=(channels,))
    except SolverError:
        return
    name = network.nodes[at].name
    code = layer_line(new, axes, channels)
    result = relayered(network, at, operation.replaced(layer=new))
    yield Proposal(
        "in_channels",
        abs(wanted - channels),
        f"{name}: in_channels={channels}",
        result,
        code and f"{word(called(network.nodes[at]))} = {code}",
    )
    for i in network.inputs:
        node = network.nodes[i]
        assert isinstance(node.operation, Input)
        shape = node.operation.of
        if shape[1].number == channels:
            other = node.operation.replaced(of=(shape[0], type(shape[1])(wanted), *shape[2:]))
            text = f"{node.name}: {wanted} channels"
            yield Proposal("in_channels", abs(wanted - channels), text, replaced(network, i, other))


# A linear layer


def _of_linear(
    network: Graph, at: int, given: Shape, shapes: Sequence[Shape | None]
) -> Iterator[Proposal]:
    operation, node = network.nodes[at].operation, network.nodes[at]
    assert isinstance(operation, Linear)
    received = given[-1].number
    if received is None or operation.of is None:
        return
    new = operation.replaced(of=received)
    line = _linear_line(network, at, received)
    text = f"{node.name}: in_features={received}"
    size = abs(received - operation.of)
    yield Proposal("in_features", size, text, relayered(network, at, new), line)
    flat = next(_flattened(network, at), None)
    if flat is not None:
        yield from _of_pooling(network, flat, operation.of, shapes)


def _linear_line(network: Graph, at: int, received: int) -> str | None:
    """A linear layer for other features, as PyTorch writes it."""
    operation = network.nodes[at].operation
    assert isinstance(operation, Linear)
    bias = "" if operation.bias else ", bias=False"
    line = f"nn.Linear({received}, {operation.features}{bias})"
    return f"{word(called(network.nodes[at]))} = {line}" if language(network) == "torch" else None


def _of_reshape(
    network: Graph, at: int, given: Shape, shapes: Sequence[Shape | None]
) -> Iterator[Proposal]:
    """Propose to flatten what is there instead of so many features, or to pool it before."""
    node, operation = network.nodes[at], network.nodes[at].operation
    assert isinstance(operation, Reshape)
    numbers = [dim.number for dim in operation.to if dim is not None]
    wanted, received = prod(n or 0 for n in numbers), prod(dim.number or 0 for dim in given)
    if sum(number != 1 for number in numbers) != 1 or not wanted or not received:
        return
    readers = [
        (i, each.operation)
        for i, each in enumerate(network.nodes)
        if each.inputs == (at,) and isinstance(each.operation, Linear)
    ]
    result = replaced(network, at, Flatten())
    lines: list[str | None] = [
        f"{word(node.name)} = torch.flatten({word(network.nodes[node.inputs[0]].name)}, 1)"
    ]
    text = f"{node.name}: flatten"
    for i, linear in readers:
        result = relayered(result, i, linear.replaced(of=received))
        lines.append(_linear_line(network, i, received))
        text += f"; {network.nodes[i].name}: in_features={received}"
    written = language(network) == "torch" and None not in lines
    code = "\n".join(map(str, lines)) if written else None
    yield Proposal("in_features", abs(received - wanted), text, result, code)
    yield from _of_pooling(network, at, wanted, shapes)


def _of_pooling(
    network: Graph, at: int, features: int, shapes: Sequence[Shape | None]
) -> Iterator[Proposal]:
    """Propose to pool to as many features before a node flattens them."""
    before = shapes[network.nodes[at].inputs[0]]
    channels = before[1].number if before else None
    axes = len(before or ()) - 2
    if not channels or axes not in (1, 2, 3) or features % channels:
        return
    side = round((features // channels) ** (1 / axes))
    if side**axes * channels == features:
        pool = framework_layer("torch", f"AdaptiveAvgPool{axes}d", output_size=side)
        result = put_before(network, at, network.nodes[at].inputs[0], Apply(pool))
        name = network.nodes[network.nodes[at].inputs[0]].name
        text = f"pool {name} to {by([side] * axes)} before it is flattened"
        code = None
        if language(network) == "torch":
            code = f"{word(name)} = nn.AdaptiveAvgPool{axes}d({side})({word(name)})"
        change = max(abs(n - side) for n in sizes_of(before or ()))
        yield Proposal("adaptive pooling", change, text, result, code)


def _flattened(network: Graph, at: int) -> Iterator[int]:
    """Yield the flattening before a node, past what keeps the shape."""
    while network.nodes[at].inputs:
        at = network.nodes[at].inputs[0]
        if isinstance(network.nodes[at].operation, Flatten):
            yield at
            return
