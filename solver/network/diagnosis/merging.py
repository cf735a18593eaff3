"""Edits where branches meet apart: crop, pad, or change a layer of one of them.

One element more at a layer becomes as many at the meeting as the strides of the transposed layers
behind it multiply to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from solver.errors import SolverError
from solver.network.diagnosis.edits import (
    Proposal,
    by,
    called,
    changes,
    layer_line,
    padding,
    sizes_of,
    word,
)
from solver.network.diagnosis.rewrite import (
    changed,
    convolution,
    language,
    output_paddings,
    paddings,
    pooling,
    put_before,
    relayered,
    transposed,
    windows,
)
from solver.network.graph.dim import LETTERS
from solver.network.graph.graph import Graph
from solver.network.graph.merging import Concat, CropLike, Elementwise, ResizeLike
from solver.network.graph.operation import Apply, Operation, Shape
from solver.sizes.sizeset import EVERY, where_nonnegative

#: How many poolings before a meeting, and how many windows of stride 1, are tried.
_NEAREST, _WINDOWS = 12, 2


def of_merging(
    network: Graph, at: int, given: Sequence[Shape], shapes: Sequence[Shape | None]
) -> Iterator[Proposal]:
    """Propose edits of branches that meet apart, and of the layers before."""
    sizes = [sizes_of(shape) for shape in given]
    if len({len(each) for each in sizes}) > 1:
        return
    least, most = (tuple(map(f, zip(*sizes, strict=True))) for f in (min, max))
    apart = max((y - x for x, y in zip(least, most, strict=True)), default=0)
    node = network.nodes[at]
    if least in sizes:
        small = sizes.index(least)
        yield _fitted(network, at, "crop", sizes, small, apart)
        yield _fitted(network, at, "resize", sizes, small, apart)
    else:  # no branch is the smaller one along every axis
        yield _fitted(network, at, "resize", sizes, 0, apart)
    if most in sizes:
        large = sizes.index(most)
        yield _fitted(network, at, "pad", sizes, large, apart)
        for place, each in enumerate(sizes):
            missing = [y - x for x, y in zip(each, most, strict=True)]
            if any(missing):
                yield from _along_branch(network, node.inputs[place], missing, shapes)
    if least in sizes:
        for each, start in zip(sizes, node.inputs, strict=True):
            over = [x - y for x, y in zip(least, each, strict=True)]
            if any(over):
                yield from _along_branch(network, start, over, shapes)
    yield from _ceiled(network, at)


def everywhere(network: Graph, values: Mapping[str, int]) -> Iterator[Proposal]:
    """Propose to crop, or to pad, wherever branches may meet apart: that holds for every n."""
    for kind, pads in (("crop", False), ("pad", True)):
        result, at, texts = network, 0, list[str]()
        while at < len(result.nodes):
            node = result.nodes[at]
            fitted = (
                _smaller(result, at) if isinstance(node.operation, (Elementwise, Concat)) else None
            )
            if fitted is not None:
                like = 1 - fitted if pads else fitted
                one, two = (result.nodes[node.inputs[i]].name for i in (1 - like, like))
                texts.append(f"{one} to {two}")
                inputs = [node.inputs[like]]
                result = put_before(result, at, node.inputs[1 - like], CropLike(pads=pads), inputs)
                at += 1
            at += 1
        if len(texts) > 1:
            text = f"{kind} wherever branches meet: {', '.join(texts)}"
            yield Proposal(kind, _moved(result, values), text, result)


def _smaller(network: Graph, at: int) -> int | None:
    """Which of two branches is never the larger one, None where they are equal or cross."""
    shapes = [network.walk.shapes[i] for i in network.nodes[at].inputs]
    if len(shapes) != 2 or None in shapes:
        return None
    one, two = ((shape or ())[2:] for shape in shapes)
    found = set()
    for x, y in zip(one, two, strict=False):
        if x == y:
            continue
        if x.single is None or y.single is None or x.single[0] != y.single[0]:
            return None
        less = where_nonnegative(y.single[1] - x.single[1])
        more = where_nonnegative(x.single[1] - y.single[1])
        found.add(0 if less == EVERY else 1 if more == EVERY else None)
    return found.pop() if len(found) == 1 else None


def _moved(network: Graph, values: Mapping[str, int]) -> int:
    """How much is cropped and padded in all at these sizes."""
    try:
        shapes = network.at(dict(values)).shapes
    except SolverError:
        return 0
    total = 0
    for node, shape in zip(network.nodes, shapes, strict=True):
        before = shapes[node.inputs[0]] if isinstance(node.operation, CropLike) else None
        if before is not None and shape is not None:
            pairs = zip(sizes_of(before), sizes_of(shape), strict=True)
            total += max((abs(x - y) for x, y in pairs), default=0)
    return total


def _fitted(
    network: Graph, at: int, kind: str, sizes: Sequence[tuple[int, ...]], like: int, apart: int
) -> Proposal:
    """Propose to crop, pad or resize every other branch like one of them.

    In PyTorch as the sizes are then; in Keras, where those of a model are fixed, by these numbers.
    """
    node, written = network.nodes[at], language(network)
    target = node.inputs[like]
    others = {i: each for i, each in zip(node.inputs, sizes, strict=True) if each != sizes[like]}
    result, lines = network, list[str | None]()
    for moved, (i, each) in enumerate(others.items()):
        name, operation = network.nodes[i].name, _FITTED[kind]
        more = [n - m for m, n in zip(each, sizes[like], strict=True)]
        if written == "keras" and kind != "resize":
            operation, line = padding(written, name, [_ends(n) for n in more])
        elif written == "torch":
            line = _fit_line(kind, name, network.nodes[target].name, len(more))
        else:
            line = None
        operands = [target] if operation == _FITTED[kind] else []
        result = put_before(result, at + moved, i, operation, operands)
        lines.append(line)
    names = " and ".join(network.nodes[i].name for i in others)
    text = f"{kind} {names} to {by(sizes[like])}, the size of {network.nodes[target].name}"
    code = None if None in lines else "\n".join(map(str, lines))
    return Proposal(kind, apart, text, result, code)


_FITTED: dict[str, Operation] = {
    "crop": CropLike(both=True),
    "pad": CropLike(pads=True, both=True),
    "resize": ResizeLike(),
}


def _fit_line(kind: str, name: str, like: str, axes: int) -> str:
    """Lines of PyTorch that fit a tensor to another, whatever the sizes are."""
    one, other = word(name), word(like)
    if kind == "resize":
        return f"{one} = F.interpolate({one}, size={other}.shape[2:])"
    letters = [f"d{letter}" for letter in LETTERS[axes]]
    pair = (other, one) if kind == "pad" else (one, other)
    less = [" - ".join(f"{each}.shape[{i}]" for each in pair) for i in range(2, axes + 2)]
    half = "{0} // 2, {0} - {0} // 2" if kind == "pad" else "-({0} // 2), {0} // 2 - {0}"
    ends = ", ".join(half.format(letter) for letter in reversed(letters))
    return f"{', '.join(letters)} = {', '.join(less)}\n{one} = F.pad({one}, ({ends}))"


def _ends(more: int) -> tuple[int, int]:
    """What is padded, or cropped where negative, at both ends; an odd one at the end."""
    begin = abs(more) // 2
    return (begin, more - begin) if more >= 0 else (-begin, more + begin)


def _along_branch(
    network: Graph, start: int, more: Sequence[int], shapes: Sequence[Shape | None]
) -> Iterator[Proposal]:
    """Propose layers before a meeting that give so many elements more, or less where negative."""
    axes = len(more)
    scale, count = [1] * axes, 0
    at = start
    while (node := network.nodes[at]).inputs:
        operation = node.operation
        given = shapes[node.inputs[0]]
        if given is None or len(given) != axes + 2:
            return
        if isinstance(operation, Apply) and (found := windows(operation, axes)):
            if any(m % s for m, s in zip(more, scale, strict=True)):
                return
            wanted = [m // s for m, s in zip(more, scale, strict=True)]
            if transposed(operation):
                yield from _transposed(network, at, operation, wanted, given)
            elif count < _WINDOWS and all(window.stride == 1 for window in found):
                count += 1
                yield from _shrinking(network, at, operation, wanted, given)
            if any(window.stride > 1 for window in found):
                return
            scale = [s * w.input_dilation for s, w in zip(scale, found, strict=True)]
        elif isinstance(operation, (Elementwise, Concat)) or len(node.inputs) > 1:
            return
        at = node.inputs[0]


def _transposed(
    network: Graph, at: int, operation: Apply, more: Sequence[int], given: Shape
) -> Iterator[Proposal]:
    """Propose output_padding; where it would not be legal, padding with it."""
    layer, axes = operation.layer, len(more)
    extra, ends = output_paddings(layer, axes), paddings(layer, axes)
    found = windows(operation, axes)
    if extra is None or found is None:
        return
    most = [max(w.input_dilation, w.dilation) - 1 for w in found]
    new = [a + m for a, m in zip(extra, more, strict=True)]
    if all(0 <= a <= top for a, top in zip(new, most, strict=True)):
        yield from changes(
            network, at, "output_padding", given, max(map(abs, more)), {"output_padding": new}
        )
    if ends is None or any(begin != end for begin, end in ends):
        return
    moved, left = [], []
    for (begin, _), a, m, top in zip(ends, extra, more, most, strict=True):
        # a + m = a' - 2(p' - p), with a' kept where it can be
        fewer = m // 2 if a + m % 2 <= top else -(-m // 2)
        moved.append((begin - fewer, begin - fewer))
        left.append(a + m - 2 * fewer)
    legal = moved != list(ends) and all(begin >= 0 for begin, _ in moved)
    if legal and all(0 <= a <= top for a, top in zip(left, most, strict=True)):
        words: dict[str, object] = {"padding": moved}
        if left != list(extra):
            words["output_padding"] = left
        yield from changes(network, at, "padding", given, max(map(abs, more)), words)


def _shrinking(
    network: Graph, at: int, operation: Apply, more: Sequence[int], given: Shape
) -> Iterator[Proposal]:
    """Propose other paddings and kernels of a layer of stride 1."""
    if not (convolution(operation) or pooling(operation)):
        return
    axes = len(more)
    ends, found = paddings(operation.layer, axes), windows(operation, axes)
    size = max(map(abs, more))
    if ends is not None:
        moved = [(b + m // 2, e + m - m // 2) for (b, e), m in zip(ends, more, strict=True)]
        if all(min(pair) >= 0 for pair in moved):
            yield from changes(network, at, "padding", given, size, {"padding": moved})
    if found and not any(m % w.dilation for m, w in zip(more, found, strict=True)):
        kernel = [w.kernel_size - m // w.dilation for m, w in zip(more, found, strict=True)]
        if min(kernel) >= 1:
            yield from changes(network, at, "kernel_size", given, size, {"kernel_size": kernel})


def _ceiled(network: Graph, at: int) -> Iterator[Proposal]:
    """Propose another rounding of the poolings before a node: each alone, and all."""
    before: set[int] = set()
    pending = list(network.nodes[at].inputs)
    while pending:
        if (i := pending.pop()) not in before:
            before.add(i)
            pending += network.nodes[i].inputs
    pools, seen = [], set[str]()
    for i in sorted(before, reverse=True):
        node = network.nodes[i]
        if pooling(node.operation) and node.of not in seen:
            pools.append(i)
            seen |= {node.of} - {""}
    every, names, lines, up = network, list[str](), list[str](), False
    for i in pools[:_NEAREST]:
        operation = network.nodes[i].operation
        assert isinstance(operation, Apply)
        layer = operation.layer
        now = bool(layer.arguments.get("ceil_mode"))
        try:
            new = operation.replaced(layer=changed(layer, operation.axes or 1, ceil_mode=not now))
        except SolverError:
            continue
        name = called(network.nodes[i])
        shape = network.walk.shapes[network.nodes[i].inputs[0]]
        code = layer_line(new.layer, len(shape or ()) - 2, None)
        line = code and f"{word(name)} = {code}"
        text = f"{name}: ceil_mode={not now}"
        yield Proposal("ceil_mode", 1, text, relayered(network, i, new), line)
        if names and up == now:
            continue  # several are changed alike
        up, every = not now, relayered(every, i, new)
        names, lines = [name, *names], [line or "", *lines]
        if len(names) > 1:
            whole = "\n".join(lines) if all(lines) else None
            text = f"{', '.join(names)}: ceil_mode={up}"
            yield Proposal("ceil_mode", len(names), text, every, whole)
