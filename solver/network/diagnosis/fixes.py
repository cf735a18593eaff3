"""Edits of the node that fails, and of the layers before it, worked out from the numbers there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from solver.errors import SolverError
from solver.frameworks import layer as framework_layer
from solver.layers.kind import AVERAGE
from solver.network.diagnosis.edits import Proposal, by, called, layer_line, sizes_of, word
from solver.network.diagnosis.fault import first_fault, prefix
from solver.network.diagnosis.merging import everywhere, of_merging
from solver.network.diagnosis.rewrite import language, put_before, relayered, replaced
from solver.network.diagnosis.settings import Change, changed, changes, told
from solver.network.diagnosis.wanted import WantedRows
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.merging import Concat, Elementwise
from solver.network.graph.operation import Apply, Input, Operation, Pointwise, Shape
from solver.network.graph.shaping import Flatten, Linear, Permute, Reshape
from solver.network.graph.sized import Paired, sized

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
        yield from _of_linear(network, at, known[0], shapes, values)
    elif isinstance(operation, Reshape):
        yield from _of_reshape(network, at, known[0], shapes)
    elif isinstance(operation, Paired):
        yield from _of_unpooling(network)
    elif isinstance(operation, WantedRows):
        yield from _of_rows(network)
    elif isinstance(operation, Apply):
        yield from _of_channels(network, at, operation, known[0])
        if _averages(operation):
            yield from _whole(network, at, sizes_of(known[0]))
            yield _adaptive(network, at, at, 1, len(known[0]) - 2, max(sizes_of(known[0])))


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
    code = layer_line(new, axes, channels)
    result = relayered(network, at, operation.replaced(layer=new))
    yield Proposal(
        "in_channels",
        abs(wanted - channels),
        f"{name}: in_channels={channels}",
        result,
        code and f"{word(called(node))} = {code}",
        changes=(Change(called(node), "in_channels", wanted, channels),),
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


# A linear layer


def _of_linear(
    network: Graph,
    at: int,
    given: Shape,
    shapes: Sequence[Shape | None],
    values: Mapping[str, int],
) -> Iterator[Proposal]:
    operation, node = network.nodes[at].operation, network.nodes[at]
    assert isinstance(operation, Linear)
    received = given[-1].number
    if received is None or operation.of is None:
        return
    text, result, before, said = "", network, list[str | None](), list[Change]()
    if len(given) > 2:
        flat, received = node.inputs[0], prod(dim.factor for dim in given[1:])
        name = word(network.nodes[flat].name)
        result, at = put_before(network, at, flat, Flatten()), at + 1
        text, before = f"flatten {name} before; ", [f"{name} = torch.flatten({name}, 1)"]
        said.append(Change(network.nodes[flat].name, "flatten", None, 1))
    line = _linear_line(result, at, received)
    code = None if None in (*before, line) else "\n".join(map(str, (*before, line)))
    if received == operation.of:
        text, code = f"flatten {name} before {node.name}", before[0]
    else:
        text += f"{node.name}: in_features={received}"
        said.append(Change(called(node), "in_features", operation.of, received))
        result = relayered(result, at, operation.replaced(of=received))
    size = abs(received - operation.of)
    flattening = next(_flattened(network, at), None) if len(given) == 2 else None
    pooling = (
        [] if flattening is None else [*_of_pooling(network, flattening, operation.of, shapes)]
    )
    # Where a pooling is to leave one of each channel, it is not the features that are wrong.
    pooled = any(each.kind == "kernel_size" for each in pooling)
    if language(network) != "keras":
        said_so = Proposal("in_features", size, text, result, code, changes=tuple(said))
        yield said_so._replace(strained=pooled)
    elif len(given) == 2:
        yield from _built(network, result, size, values)
    yield from pooling


def _built(
    network: Graph, result: Graph, size: int, values: Mapping[str, int]
) -> Iterator[Proposal]:
    """Propose that a model of Keras is made for the input that it gets: its features follow.

    result: with these features.
    """
    node = network.nodes[network.inputs[0]]
    assert isinstance(node.operation, Input)
    _, channels, *dims = node.operation.of
    written = [network.written.get(dim.single[0]) if dim.single else None for dim in dims]
    if None in written or channels.number is None:
        return
    before = (*written, channels.number)
    after = (*(dim.at(values) for dim in dims), channels.number)
    text = f"an input of the shape {after}: {before} is written"
    said = (Change(node.name, "shape", before, after),)
    code = f"{word(node.name)} = keras.Input({after})"
    yield Proposal("input shape", size, text, result, code, changes=said)


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
    said, size = (Change(called(node), "in_features", wanted, received),), abs(received - wanted)
    yield Proposal("in_features", size, text, result, code, changes=said, strained=False)
    yield from _of_pooling(network, at, wanted, shapes)


def _of_pooling(
    network: Graph, at: int, features: int, shapes: Sequence[Shape | None]
) -> Iterator[Proposal]:
    """Propose to pool to as many features before a node flattens them: by the pooling there."""
    before = network.nodes[at].inputs[0]
    shape = shapes[before]
    channels = shape[1].number if shape else None
    axes = len(shape or ()) - 2
    if not channels or axes not in (1, 2, 3) or features % channels:
        return
    side = round((features // channels) ** (1 / axes))
    if side**axes * channels == features:
        change, pool = max(abs(n - side) for n in sizes_of(shape or ())), _pooled(network, before)
        if pool is not None and side == 1:
            yield from _whole(network, pool, sizes_of(shapes[network.nodes[pool].inputs[0]] or ()))
        yield _adaptive(network, at, pool, side, axes, change)


def _whole(network: Graph, at: int, sizes: Sequence[int]) -> Iterator[Proposal]:
    """Propose that the last average pooling is as large as what it pools."""
    node = network.nodes[at]
    later = [each.operation for each in network.nodes[at + 1 :]]
    if any(isinstance(each, Apply) and each.layer.row.kind.slides for each in later):
        return
    assert isinstance(node.operation, Apply)
    layer, axes = node.operation.layer, len(sizes)
    try:
        kernels = told(layer, axes, "kernel_size")
        tied = {"stride": tuple(sizes)} if told(layer, axes, "stride") == kernels else {}
        new = changed(layer, axes, kernel_size=tuple(sizes), **tied)
    except SolverError:
        return
    if new != layer:
        result, said = relayered(network, at, Apply(new)), changes(called(node), layer, new)
        text = f"{called(node)}: " + ", ".join(f"{x.argument}={x.after!r}" for x in said)
        line = layer_line(new, axes, None)
        code, size = line and f"{word(called(node))} = {line}", max(sizes)
        yield Proposal("kernel_size", size, text, result, code, changes=said, strained=False)


def _adaptive(
    network: Graph, at: int, pool: int | None, side: int, axes: int, size: int
) -> Proposal:
    """Propose adaptive pooling instead of a pooling, or where there is none before a node."""
    keras, torch = (language(network) == name for name in ("keras", "torch"))
    own = f"AdaptiveAveragePooling{axes}D" if keras else f"AdaptiveAvgPool{axes}d"
    new = framework_layer("keras" if keras else "torch", own, output_size=side)
    title = f"nn.{new.name}({side})"
    if pool is not None:
        node = network.nodes[pool]
        assert isinstance(node.operation, Apply)
        result = relayered(network, pool, node.operation.replaced(layer=new))
        said = (Change(called(node), "layer", node.operation.layer.name, new.name),)
        code = f"{word(called(node))} = {title}" if torch else None
        text = f"{called(node)}: {new.name}({side})"
        return Proposal("adaptive pooling", size, text, result, code, changes=said)
    before = network.nodes[at].inputs[0]
    name = network.nodes[before].name
    result = put_before(network, at, before, Apply(new))
    code = f"{word(name)} = {title}({word(name)})" if torch else None
    text = f"pool {name} to {by([side] * axes)} before it is flattened"
    return Proposal("adaptive pooling", size, text, result, code)


def _pooled(network: Graph, at: int) -> int | None:
    """The average pooling behind which up to a node nothing else comes but what keeps the shape."""
    while isinstance(network.nodes[at].operation, Pointwise):
        at = network.nodes[at].inputs[0]
    return at if _averages(network.nodes[at].operation) else None


def _averages(operation: Operation) -> bool:
    return isinstance(operation, Apply) and operation.layer.row.kind == AVERAGE


def _flattened(network: Graph, at: int) -> Iterator[int]:
    """Yield the flattening before a node, past what keeps the shape."""
    while network.nodes[at].inputs:
        at = network.nodes[at].inputs[0]
        if isinstance(network.nodes[at].operation, Flatten):
            yield at
            return
