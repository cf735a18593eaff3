"""Edits where features do not fit: of a linear layer, a flattening, the pooling before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from solver.errors import SolverError
from solver.frameworks import layer as framework_layer
from solver.layers.kind import AVERAGE
from solver.network.diagnosis.edits import Proposal, by, called, rewriting, sizes_of, word
from solver.network.diagnosis.rewrite import language, put_before, relayered, replaced, windows
from solver.network.diagnosis.settings import Change, changed, changes, told
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply, Input, Operation, Pointwise, Shape
from solver.network.graph.shaping import Flatten, Linear, Reshape


def of_linear(
    network: Graph,
    at: int,
    given: Shape,
    shapes: Sequence[Shape | None],
    values: Mapping[str, int],
) -> Iterator[Proposal]:
    """Propose other features for a linear layer, a flattening or a pooling before it."""
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
        result = relayered(result, {at: operation.replaced(of=received)})
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


def of_reshape(
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
        result = relayered(result, {i: linear.replaced(of=received)})
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
            yield from whole(network, pool, sizes_of(shapes[network.nodes[pool].inputs[0]] or ()))
        yield adaptive(network, at, pool, side, axes, change)


def whole(network: Graph, at: int, sizes: Sequence[int]) -> Iterator[Proposal]:
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
        result, said = relayered(network, {at: Apply(new)}), changes(called(node), layer, new)
        text = f"{called(node)}: " + ", ".join(f"{x.argument}={x.after!r}" for x in said)
        code, size = rewriting(node, new, axes, None, said), max(sizes)
        yield Proposal("kernel_size", size, text, result, code, changes=said, strained=False)


def adaptive(
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
        result = relayered(network, {pool: node.operation.replaced(layer=new)})
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
    return at if averages(network.nodes[at].operation) else None


def ends(network: Graph, at: int, axes: int) -> bool:
    """Whether a layer that is not padded is the last to slide, and what it gives is flattened."""
    flat = any(isinstance(each.operation, (Flatten, Reshape)) for each in network.nodes[at + 1 :])
    found = windows(network.nodes[at].operation, axes) or []
    return flat and all(w.span > 1 == w.input_dilation and w.pads == (0, 0) for w in found)


def averages(operation: Operation) -> bool:
    """Whether an operation is average pooling."""
    return isinstance(operation, Apply) and operation.layer.row.kind == AVERAGE


def _flattened(network: Graph, at: int) -> Iterator[int]:
    """Yield the flattening before a node, past what keeps the shape."""
    while network.nodes[at].inputs:
        at = network.nodes[at].inputs[0]
        if isinstance(network.nodes[at].operation, Flatten):
            yield at
            return
