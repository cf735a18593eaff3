"""Edits where branches meet apart: crop, pad or resize one to the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from solver.errors import SolverError
from solver.layers.kind import RESIZE
from solver.network.diagnosis.edits import Proposal, by, padding, sizes_of, word
from solver.network.diagnosis.onnx_lines import fitting
from solver.network.diagnosis.rewrite import language, put_before
from solver.network.graph.dim import LETTERS
from solver.network.graph.graph import Graph
from solver.network.graph.merging import Concat, CropLike, Elementwise, ResizeLike
from solver.network.graph.operation import Apply, Operation, Shape
from solver.sizes.sizeset import EVERY, where_nonnegative

#: Rounding leaves branches less apart than this: two elements for each of a few levels.
_ROUNDED = 5


def of_merging(network: Graph, at: int, given: Sequence[Shape]) -> Iterator[Proposal]:
    """Propose edits of branches that meet apart."""
    sizes = [sizes_of(shape) for shape in given]
    if len({len(each) for each in sizes}) > 1:
        return
    least, most = (tuple(map(f, zip(*sizes, strict=True))) for f in (min, max))
    apart = max((y - x for x, y in zip(least, most, strict=True)), default=0)
    risen = [_rises(network, i) for i in network.nodes[at].inputs]
    like = {
        "resize": risen.index(False) if False in risen else 0,
        "crop": sizes.index(least) if least in sizes else None,
        "pad": sizes.index(most) if most in sizes else None,
    }
    larger = all(rises == (each == most) for rises, each in zip(risen, sizes, strict=True))
    for kind in _order(network, at, apart, larger):
        place = like[kind]
        if place is not None:
            yield _fitted(network, at, kind, sizes, place, apart)


def _order(network: Graph, at: int, apart: int, larger: bool) -> tuple[str, ...]:
    """How branches are brought together, in the order in which that is done.

    What was resized, or is added to what was made larger, is told its size; what rounding left
    apart is padded, or cropped where what was made larger is too large, and what convolutions that
    are not padded left apart is cropped. larger: whether just what was made larger is too large.
    """
    fitted = ("crop", "pad") if larger else ("pad", "crop")
    torch, node = language(network) == "torch", network.nodes[at]
    adds = isinstance(node.operation, Elementwise) and any(_rises(network, i) for i in node.inputs)
    if adds or (torch and any(_rises(network, i, resized=True) for i in node.inputs)):
        return "resize", *fitted
    return (*fitted, "resize") if apart < _ROUNDED else ("crop", "resize", "pad")


def _rises(network: Graph, at: int, resized: bool = False) -> bool:
    """Tell whether a tensor comes from a layer that makes it larger; resized: by resizing."""
    while (node := network.nodes[at]).inputs:
        operation = node.operation
        kind = operation.layer.row.kind if isinstance(operation, Apply) else None
        if kind is not None and (kind == RESIZE or kind.transposed):
            return kind == RESIZE or not resized
        if kind is not None and (kind.pools or kind.samples):
            return False
        if isinstance(operation, (Elementwise, Concat)):
            return False
        at = node.inputs[0]
    return False


def everywhere(network: Graph, values: Mapping[str, int]) -> Iterator[Proposal]:
    """Propose to fit one branch to another wherever they may meet apart: that holds for every n."""
    for kind in _FITTED:
        result, at, texts, lines = network, 0, list[str](), list[str]()
        while at < len(result.nodes):
            node = result.nodes[at]
            meets = isinstance(node.operation, (Elementwise, Concat))
            if meets and (smaller := _smaller(result, at)) is not None:
                risen = [_rises(result, i) for i in node.inputs]
                first = {"crop": smaller, "pad": 1 - smaller}.get(kind, int(risen[0]))
                moved, like = (node.inputs[i] for i in (1 - first, first))
                one, two = (result.nodes[i].name for i in (moved, like))
                texts.append(f"{one} to {two}")
                lines.append(fit_line(kind, one, two, len(result.walk.shapes[like] or ()) - 2))
                result = put_before(result, at, moved, _FITTED[kind], [like])
                at += 1
            at += 1
        if len(texts) > 1:
            text = f"{kind} wherever branches meet: {'; '.join(texts)}"
            code = "\n".join(lines) if language(network) == "torch" else None
            yield Proposal(kind, _moved(result, values), text, result, code)


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

    In PyTorch, and where Keras resizes images, as the sizes are then; else in Keras, where those of
    a model are fixed, by these numbers.
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
            line = fit_line(kind, name, network.nodes[target].name, len(more))
        elif written == "onnx":
            line = fitting(kind, name, network.nodes[target].name, node.name, len(more))
        elif written == "keras" and len(more) == 2:
            one, other = word(name), word(network.nodes[target].name)
            line = f"{one} = keras.layers.Resizing(*{other}.shape[1:3])({one})"
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


def fit_line(kind: str, name: str, like: str, axes: int) -> str:
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
