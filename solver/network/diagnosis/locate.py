"""Which places of a network may be meant by the numbers of a message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import prod

from solver.layers.layer import Layer
from solver.network.diagnosis import wordings
from solver.network.diagnosis.messages import Message, Place
from solver.network.diagnosis.rewrite import windows
from solver.network.graph.demand import Demand
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.merging import Concat, Elementwise
from solver.network.graph.operation import Apply, Operation, Shape
from solver.network.graph.shaping import Linear, MatMul, Reshape
from solver.network.graph.sized import ApplyWithOutputSize
from solver.sizes.sizeset import SizeSet

#: The number of a node, the values its dimensions would have, and the reason.
Location = tuple[int, list[tuple[Dim, int]], str]


def locate(network: Graph, message: Message) -> Iterator[Location]:
    """Yield every place that may have these numbers: node, dimensions with values, the reason."""
    for location in _by_numbers(network, message):
        if _may_be(network, location[0], message.place) and _is_a(
            network, location[0], message.layer
        ):
            yield location


def _is_a(network: Graph, at: int, name: str | None) -> bool:
    """Tell whether a node may be of the class that Keras names."""
    layer = getattr(network.nodes[at].operation, "layer", None)
    if not name or layer is None or layer.framework.name != "keras":
        return True
    return bool(layer.name == name)


def _may_be(network: Graph, at: int, place: Place) -> bool:
    """Tell whether nothing that a message says of its place is against a node."""
    node, shapes = network.nodes[at], network.walk.shapes
    before = {shape[1].number for i in node.inputs if (shape := shapes[i]) and len(shape) > 1}
    out = shapes[at] or ()
    made = out[1].number if len(out) > 2 else out[-1].number if out else None
    found = windows(node.operation, len(out) - 2) or ()
    strides = tuple(window.stride for window in found)
    layer = getattr(node.operation, "layer", None)
    pools = layer is not None and layer.row.kind.pools  # no filter tells what it makes
    return (
        ("before" not in place or None in before or any(before >= {*x} for x in place["before"]))
        and ("after" not in place or not pools)
        and ("after" not in place or made is None or (made,) in place["after"])
        and ("stride" not in place or not strides or strides in place["stride"])
    )


def names(network: Graph) -> list[set[str]]:
    """The words by which a message may call each node.

    Those of its path; of layers of Keras that were given no name the one that Keras gives, which
    counts the layers of a class in the order in which they are made, once from 1 on.
    """
    found, count, last = [], dict[str, int](), dict[str, set[str]]()
    keras = any(_framework(node.operation) == "keras" for node in network.nodes)
    for node in network.nodes:
        words = {*re.findall(_WORD, node.name)}
        if keras and (not node.of or node.of.isdigit()):
            name = _snake(node.operation)
            number = count[name] = count.get(name, -1) + 1
            words = last[name] = {f"{name}_{number}" if number else name}
        found.append(words)
    for name, words in last.items():
        words.add(f"{name}_{count[name] + 1}")  # counted from 1 on
    return found


def name_words(name: str | None) -> set[str]:
    """The words of the name in a message; runtimes of ONNX put how they run it behind."""
    return {*re.findall(_WORD, (name or "").removesuffix("_nchwc"))}


_WORD = r"[^./\s]+"
_CLASSES = {Linear: "dense", Concat: "concatenate"}


def _framework(operation: object) -> str:
    layer = getattr(operation, "layer", None)
    return "" if layer is None else layer.framework.name


def _snake(operation: Operation) -> str:
    """The name that Keras gives a layer without one, without its number."""
    layer = getattr(operation, "layer", None)
    name = operation.title.partition("(")[0] if layer is None else layer.name
    name = _CLASSES.get(type(operation), re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def _by_numbers(network: Graph, message: Message) -> Iterator[Location]:
    kind, numbers = message.kind, message.numbers
    if kind == wordings.MEET and "sizes" in numbers:
        yield from _meet(network, *numbers["sizes"][:2])
    elif kind == wordings.KERNEL:
        yield from _kernels(network, numbers)
    elif kind == wordings.OUTPUT:
        yield from _outputs(network, numbers)
    elif kind in (wordings.FEATURES, wordings.CHANNELS) and "wanted" in numbers:
        yield from _features(network, numbers["received"][0], numbers["wanted"][0])
    elif kind == wordings.PADDING:
        yield from _reflected(network, numbers["padding"], numbers["size"][0])
    elif kind == wordings.ELEMENTS:
        yield from _elements(network, numbers["size"][0], numbers["shape"])
    elif kind == wordings.PARTS:
        yield from _cut(network, numbers["size"][0])
    elif kind == wordings.ROWS:
        yield from _batches(network, numbers["received"][0] // numbers["wanted"][0])
    elif kind == wordings.OUTPUT_SIZE:
        yield from _sized(network, numbers["wanted"], numbers["most"])


def _meet(network: Graph, one: int, other: int) -> Iterator[Location]:
    for demand in network.walk.demands:
        node = network.nodes[demand.at]
        if not isinstance(node.operation, (Elementwise, Concat)) or not isinstance(
            demand.other, Dim
        ):
            continue
        for x, y in ((one, other), (other, one)):
            reason = f"{demand.rule}: {x} = {demand.dim} and {y} = {demand.other}"
            yield demand.at, [(demand.dim, x), (demand.other, y)], reason


def _applied(
    network: Graph,
) -> Iterator[tuple[int, Apply, Shape, Shape]]:
    """Yield the layers of a network: the number, the layer, the sizes before it, its input."""
    shapes = network.walk.shapes
    for at, node in enumerate(network.nodes):
        operation = node.operation
        if not isinstance(operation, Apply) or (given := shapes[node.inputs[0]]) is None:
            continue
        axes = operation.over(given)
        yield at, operation, given[len(given) - axes :], given


def _kernels(network: Graph, numbers: wordings.Numbers) -> Iterator[Location]:
    for at, operation, sizes, _ in _applied(network):
        found = windows(operation, len(sizes))
        if found is None or any(w.input_dilation > 1 or w.moves for w in found):
            continue
        spans = tuple(window.span for window in found)
        pads = [int(window.total) for window in found]
        wanted = numbers.get("input") or numbers.get("size")
        if wanted is None:
            continue
        kernel = numbers.get("kernel", spans)
        if len(wanted) == len(sizes) + 1:  # one axis is run as two
            wanted, kernel = wanted[1:], kernel[-len(sizes) :]
        if "input" in numbers:
            pads, kernel = [0] * len(sizes), spans
        rule = "the kernel must fit: "
        if len(wanted) == len(sizes) and kernel == spans:
            values = [n - p for n, p in zip(wanted, pads, strict=True)]
            known = [i for i, n in enumerate(wanted) if n or len({*wanted}) == 1]  # 0 is free too
            if any(_refuses(operation, i, values) for i in known):
                pairs = [(sizes[i], values[i]) for i in known]
                yield at, pairs, rule + f"{_by(wanted)} < {_by(spans)}"
        elif len(wanted) == 1 == len(kernel):
            values = [wanted[0] - p for p in pads]
            for i, (dim, span) in enumerate(zip(sizes, spans, strict=True)):
                if span == kernel[0] and _refuses(operation, i, values):
                    yield at, [(dim, values[i])], rule + f"{wanted[0]} < {span}"


def _refuses(operation: Apply, index: int, values: Sequence[int]) -> bool:
    """Tell whether a layer does not take the size of an axis."""
    return not _takes(operation.layer, values[index], index, len(values))


def _by(numbers: Sequence[int]) -> str:
    return "x".join(map(str, numbers))


def _outputs(network: Graph, numbers: wordings.Numbers) -> Iterator[Location]:
    if "output" not in numbers:
        return
    for at, operation, sizes, given in _applied(network):
        axes = len(sizes)
        maps = [None if each.unproved else each.size_map for each in operation.layer.along(axes)]
        channels = numbers.get("channels")
        if None in maps or (channels and given[-axes - 1].number not in (None, *channels)):
            continue
        out, before = numbers["output"][-axes:], numbers.get("input", ())[-axes:]
        rule = f"what comes out is too small: {_by(before) or '?'} -> {_by(out)}"
        if before and len(before) == axes == len(out):
            if all(f and f(n) == m for f, n, m in zip(maps, before, out, strict=True)):
                yield at, list(zip(sizes, before, strict=True)), rule
        elif len(out) == 1:
            for dim, size_map in zip(sizes, maps, strict=True):
                if size_map and size_map.rise > 0 and len(dim.parts) == 1:
                    yield at, [(dim.through(size_map), out[0])], rule


def _features(network: Graph, received: int, wanted: int) -> Iterator[Location]:
    reason = f"a linear layer must get its in_features: {received}, wanted {wanted}"
    for at, node in enumerate(network.nodes):
        shapes = [network.walk.shapes[i] for i in node.inputs]
        if None in shapes:
            continue
        if isinstance(node.operation, Linear) and node.operation.of == wanted:
            yield at, [(shapes[0][-1], received)], reason  # type: ignore[index]
        elif isinstance(node.operation, MatMul):
            pairs = [(shapes[0][-1], received), (shapes[1][-2], wanted)]  # type: ignore[index]
            yield at, pairs, reason


def _reflected(network: Graph, ends: tuple[int, ...], size: int) -> Iterator[Location]:
    for at, operation, sizes, _ in _applied(network):
        found = windows(operation, len(sizes))
        for i, dim in enumerate(sizes):
            if found and found[i].pads != ends and operation.layer.row.kind.slides:
                continue
            if not _takes(operation.layer, size, i, len(sizes)):
                reason = f"reflected padding {_by(ends)} must be less than the input: {size}"
                yield at, [(dim, size)], reason


def _takes(layer: Layer, size: int, index: int, axes: int) -> bool:
    return size in layer.rule(index, axes).something


def _elements(network: Graph, size: int, shape: Sequence[int]) -> Iterator[Location]:
    """Yield what is reshaped and has so many elements, for each batch that may have been run."""
    for at, node in enumerate(network.nodes):
        if not isinstance(node.operation, Reshape):
            continue
        given = network.walk.shapes[node.inputs[0]]
        if given is None:
            continue
        whole = prod(given, start=Dim(1))
        reason = f"reshape to {_by(shape)} must keep the number of elements: {size}"
        first = node.operation.to[0] if node.operation.to else None
        batched = first is not None and first.number == given[0].number == 1 != shape[0]
        for batch in _divisors(size, shape[0]) if batched else (1,):
            one = size // batch
            if batch == 1:
                yield at, [(whole, size)], reason
            elif Demand(at, "", whole, Dim(one)).inputs():
                yield at, [(whole, one)], f"{reason}, as of a batch of {batch} with {one} each"


def _divisors(size: int, told: int) -> list[int]:
    """The batches that so many elements may be of: the one that is told, or any."""
    tried = range(1, _LARGEST_BATCH + 1) if told < 0 else (told,)
    return [batch for batch in tried if batch and size % batch == 0]


#: The largest batch that is looked for.
_LARGEST_BATCH = 4096


def _batches(network: Graph, times: int) -> Iterator[Location]:
    """Yield what takes so many rows of so many features, of a batch of one, for more of a batch."""
    for at, node in enumerate(network.nodes):
        given = network.walk.shapes[node.inputs[0]] if node.inputs else None
        if isinstance(node.operation, Reshape) and given is not None:
            to = [1 if dim is None else dim.number or 0 for dim in node.operation.to]
            if wanted := prod(to):
                reason = f"reshape to {_by(to)} makes {times} rows of each that goes in"
                yield at, [(prod(given, start=Dim(1)), times * wanted)], reason


def _cut(network: Graph, size: int) -> Iterator[Location]:
    """Yield what does not take a size, of which it wants equal parts."""
    for demand in network.walk.demands:
        if isinstance(demand.other, SizeSet) and size not in demand.other:
            yield demand.at, [(demand.dim, size)], f"{demand.rule}: {size} = {demand.dim}"


def _sized(network: Graph, wanted: Sequence[int], most: Sequence[int]) -> Iterator[Location]:
    """Yield layers that are called with an output_size they cannot give."""
    for at, node in enumerate(network.nodes):
        operation = node.operation
        shape = network.walk.shapes[node.inputs[0]] if node.inputs else None
        if not isinstance(operation, ApplyWithOutputSize) or shape is None:
            continue
        axes = len(operation.to)
        rules = operation.layer.along(axes)
        if len(wanted) != axes or any(rule.unproved for rule in rules):
            continue
        usual = [d.through(rule.size_map) for d, rule in zip(shape[-axes:], rules, strict=True)]
        reason = f"output_size is one that the layer can give: {_by(wanted)}, at most {_by(most)}"
        yield at, [*zip(operation.to, wanted, strict=True), *zip(usual, most, strict=True)], reason
