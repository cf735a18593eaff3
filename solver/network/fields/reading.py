"""What each operation reads, axis by axis: one window law serves spans, coverage and tiles.

A link says that output y along one axis of the shape reads certain elements along one axis of an
input, all of them, or why that is not known. Some windows begin where the size says: padding that
keeps n/stride, cropping to fit. They are known at given sizes, or for the sizes of a residue class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from solver.frameworks.resize import fraction
from solver.layers.kind import PARTS, RESIZE, UNPOOL, UNSHUFFLE, WHOLE
from solver.layers.layer import Layer
from solver.layers.window import Window
from solver.network.fields.resampling import Ratio, adaptive, resample
from solver.network.fields.sizes import Sizes
from solver.network.graph.computed import Recur, Tile
from solver.network.graph.dim import Dim
from solver.network.graph.merging import Concat, CropLike, Expand, Meet, Part, ResizeLike
from solver.network.graph.operation import Apply, Operation, Pointwise, Shape, in_shape
from solver.network.graph.shaping import (
    Flatten,
    GlobalPool,
    Linear,
    MatMul,
    Permute,
    Reshape,
    Squeeze,
    Unflatten,
    Unfold,
    Unsqueeze,
)
from solver.network.graph.slicing import Slice

_DEPENDS = "where it reads depends on the size: give the sizes"
#: Operations of which it is known what they read, of their first input.
_CUTS = (CropLike, ResizeLike, Part, Slice, Tile)
_MOVES = (Permute, Squeeze, Unsqueeze, Flatten, Reshape, Unfold)
_READ = (Apply, Pointwise, GlobalPool, Recur, Linear, *_CUTS, *_MOVES)


class Link(NamedTuple):
    """Hold what is read along an axis of one input.

    axis: of the input's shape. to: the axis of the output's shape along which it moves, None where
    it does not. window: what is read, None for everything. why: not empty where it is not known.
    part: whether only some of the outputs read here, as of tensors behind each other.
    """

    axis: int
    to: int | None
    window: Window | None = Window()
    why: str = ""
    part: bool = False


def links(
    operation: Operation, given: Sequence[Shape], out: Shape, sizes: Sizes
) -> list[list[Link]]:
    """Return what is read of each input. given, out: the shapes that come in and out.

    >>> from solver import Conv
    >>> shape = (Dim(1), Dim(8), Dim.letter("n"))
    >>> links(Apply(Conv(3, padding=1)), [shape], shape, Sizes())[0][2].window.read(0)
    [-1, 0, 1]
    """
    if isinstance(operation, Meet):
        return [_repeated(shape, out) for shape in given]
    if isinstance(operation, Expand):  # of another tensor only the sizes matter
        return [_repeated(given[0], out), *([] for _ in given[1:])]
    if isinstance(operation, Concat):
        return _concatenated(in_shape(operation.axis, out), given, sizes)
    if isinstance(operation, MatMul):
        return _multiplied(given, out)
    if not given:  # a constant reads nothing
        return []
    shape = given[0]
    rest: list[list[Link]] = [[] for _ in given[1:]]  # of the others only the sizes matter
    if not isinstance(operation, _READ):
        why = f"not known what {operation.title} reads"
        return [[Link(axis, None, None, why) for axis, _ in enumerate(each)] for each in given]
    same = [Link(axis, axis) for axis in range(len(shape))]
    if isinstance(operation, Apply):
        same = _applied(operation, shape, out, sizes)
    elif isinstance(operation, CropLike):
        same[2:] = [_fitted(axis, operation, given, sizes) for axis in range(2, len(shape))]
    elif isinstance(operation, ResizeLike):
        for axis in range(2, len(shape)):
            same[axis] = _resized(axis, sizes.ratio(out[axis], shape[axis]))
    elif isinstance(operation, (Part, Slice)):
        same[in_shape(operation.axis, shape)] = _cut(operation, shape, out, sizes)
    elif isinstance(operation, GlobalPool):
        kept = operation.keep
        same[2:] = [Link(axis, axis if kept else None, None) for axis in range(2, len(shape))]
    elif isinstance(operation, Recur):
        same = [Link(axis, axis if axis == 0 else None, None) for axis in range(len(shape))]
    elif isinstance(operation, Linear):
        same[-1] = Link(len(shape) - 1, len(shape) - 1, None)
    elif isinstance(operation, Permute):
        order = [axis % len(shape) for axis in operation.order]
        same = [Link(axis, order.index(axis)) for axis in range(len(shape))]
    elif isinstance(operation, Squeeze):
        gone = {in_shape(axis, shape) for axis in operation.axes}
        same = _moved(shape, [axis for axis in range(len(shape)) if axis not in gone])
    elif isinstance(operation, Unsqueeze):
        new = {axis % len(out) for axis in operation.axes}
        same = [Link(i, to) for i, to in enumerate(x for x in range(len(out)) if x not in new)]
    elif isinstance(operation, (Flatten, Reshape, Unflatten, Unfold)):
        same = _reshaped(operation, shape, out)
    elif isinstance(operation, Tile):
        same = [_tiled(axis, shape[axis], out[axis], sizes) for axis in range(len(shape))]
    return [same, *rest]


def _applied(operation: Apply, shape: Shape, out: Shape, sizes: Sizes) -> list[Link]:
    layer = operation.layer
    axes = operation.axes or layer.axes or len(shape) - 2
    first = len(shape) - axes
    found = [Link(axis, axis) for axis in range(first)]
    if layer.row.kind.mixes:
        found[-1] = Link(first - 1, None, None)
    for index, axis in enumerate(range(first, len(shape))):
        known = layer_taps(layer, index, axes, shape[axis], out[axis], sizes)
        found.append(_link(axis, axis, known))
    return found


def _link(axis: int, to: int, known: Window | str | None) -> Link:
    """Return a link with a window, with everything, or with the reason why it is not known."""
    return Link(axis, to, None, known) if isinstance(known, str) else Link(axis, to, known)


def layer_taps(
    layer: Layer, index: int, axes: int, before: Dim, after: Dim, sizes: Sizes
) -> Window | str | None:
    """Return what a layer reads along an axis: None for everything, or why it is not known."""
    along = layer.along(axes)[index]
    kind, window = layer.row.kind, along.window
    if window is not None:
        residue = sizes.modulo(before, window.begin_map.period) if window.moves else 0
        return _DEPENDS if residue is None else window.at(residue)
    if kind == WHOLE or (kind == PARTS and after.number == 1):
        return None
    values = layer.values(axes)
    if kind == PARTS:
        if before == after:
            return Window()
        numbers = sizes.number(before), sizes.number(after)
        return _DEPENDS if None in numbers else adaptive(*numbers)  # type: ignore[arg-type]
    if kind.keeps:
        (factor,) = {int(value[index]) for value in values.values()}
        if kind == UNSHUFFLE:
            return Window(factor, factor)
        return Window(factor, factor).transposed
    if kind == UNPOOL and "kernel_size" in values:
        k, (p, _) = int(values["kernel_size"][index]), values["padding"][index]
        return Window(k, int(values["stride"][index] or k), p).transposed
    if kind == RESIZE:
        given = dict(layer.arguments)
        # Areas are those of adaptive pooling: the sizes tell, whatever factor was given.
        ratio = None if given.get("mode") == "area" else _scale(layer, index, axes)
        ratio = ratio or sizes.ratio(after, before)
        if ratio is None:
            return _DEPENDS
        numbers = sizes.number(before), sizes.number(after)
        if None not in numbers:
            ratio = ratio._replace(sizes=numbers)  # type: ignore[arg-type]
        if layer.row.name.startswith("UpsamplingBilinear"):
            given |= {"mode": "bilinear", "align_corners": True}
        return resample(given, ratio, layer.framework.name)
    return f"not known what {layer.name} reads"


def _scale(layer: Layer, index: int, axes: int) -> Ratio | None:
    """Return the factor of a resizing where its coordinates use the factor itself."""
    if layer.arguments.get("recompute_scale_factor"):
        return None
    values = layer.values(axes)
    given = next((values[x] for x in ("scale_factor", "scales") if x in values), None)
    if given is None or given[index] is None:
        return None
    ratio = fraction(float(given[index]))
    return Ratio(ratio.numerator, ratio.denominator)


def _resized(axis: int, ratio: Ratio | None) -> Link:
    """Resize to fit: the nearest element, as frameworks have it unless they are told otherwise."""
    return _link(axis, axis, _DEPENDS if ratio is None else resample({}, ratio))


def _fitted(axis: int, operation: CropLike, given: Sequence[Shape], sizes: Sizes) -> Link:
    one, like = given[0][axis], given[1][axis]
    less = sizes.difference(one, like)
    if less is None:
        return _link(axis, axis, _DEPENDS)
    begin = -less // 2 if operation.pads else -(less // 2)
    return Link(axis, axis, Window(begin=begin))


def _cut(operation: Part | Slice, shape: Shape, out: Shape, sizes: Sizes) -> Link:
    axis = in_shape(operation.axis, shape)
    step, start = 1, 0
    if isinstance(operation, Slice):
        first, step, length = operation.start, operation.step, sizes.number(shape[axis])
        if step < 0:
            return _link(axis, axis, f"not known what {operation.title} reads")
        if isinstance(first, Dim) and (first := sizes.number(first)) is None:
            return _link(axis, axis, _DEPENDS)
        if length is not None:
            first = replace(operation, start=first, stop=None).places(length).start
        start = first or 0
        end = Dim(0) if start >= 0 else shape[axis]
        if end.number is not None and start < -end.number:  # it begins before the first element
            start = -end.number
    elif isinstance(operation.sizes, int):
        last = operation.rest and operation.index == operation.sizes - 1
        end = shape[axis] + out[axis] * -1 if last else out[axis] * operation.index
    else:
        end = Dim(sum(operation.sizes[: operation.index]))
    number = sizes.number(end)
    return _link(axis, axis, _DEPENDS if number is None else Window(1, step, -number - start))


def _tiled(axis: int, before: Dim, after: Dim, sizes: Sizes) -> Link:
    """Repeat an axis: at given sizes, what lies beyond its end is its beginning again."""
    if before == after:
        return Link(axis, axis)
    if before.number == 1:
        return Link(axis, axis, Window(1, 0))
    known = None if sizes.number(before) is None else Window()
    return _link(axis, axis, known or _DEPENDS)


def _repeated(shape: Shape, out: Shape) -> list[Link]:
    """Repeat what has size 1: every output reads element 0."""
    more = len(out) - len(shape)
    return [
        Link(axis, axis + more, Window(1, 0 if dim.number == 1 != out[axis + more].number else 1))
        for axis, dim in enumerate(shape)
    ]


def _concatenated(axis: int, given: Sequence[Shape], sizes: Sizes) -> list[list[Link]]:
    found, before = [], Dim(0)
    for shape in given:
        row = [Link(i, i) for i in range(len(shape))]
        number = sizes.number(before)
        known = _DEPENDS if number is None else Window(begin=number)
        row[axis] = _link(axis, axis, known)._replace(part=True)
        found.append(row)
        before = shape[axis] if before.number == 0 else before + shape[axis]
    return found


def _multiplied(given: Sequence[Shape], out: Shape) -> list[list[Link]]:
    found = []
    for number, shape in enumerate(given):
        row = _repeated(shape[:-2], out[:-2])
        kept = len(shape) - 2 + number
        row += [Link(kept, len(out) - 2 + number), Link(2 * len(shape) - 3 - kept, None, None)]
        found.append(sorted(row))
    return found


def _moved(shape: Shape, kept: list[int]) -> list[Link]:
    """Leave out axes of one element, which is read wherever they were."""
    return [
        Link(axis, kept.index(axis)) if axis in kept else Link(axis, None, Window(1, 0))
        for axis in range(len(shape))
    ]


def _reshaped(operation: Operation, shape: Shape, out: Shape) -> list[Link]:
    """Keep the axes that stay, and those that only lose axes of one element beside them."""
    front = 0
    while front < min(len(shape), len(out)) and shape[front] == out[front]:
        front += 1
    back = 0
    while back < min(len(shape), len(out)) - front and shape[-1 - back] == out[-1 - back]:
        back += 1
    found = [Link(axis, axis) for axis in range(front)]
    inner, outer = range(front, len(shape) - back), range(front, len(out) - back)
    mixed = [axis for axis in inner if shape[axis].number != 1]
    wide = [axis for axis in outer if out[axis].number != 1]
    for axis in inner:
        home = [to for to in outer if out[to].letters & shape[axis].letters]
        to = home[0] if len(home) == 1 else None
        if len(mixed) == len(wide) == 1 and axis == mixed[0]:
            found.append(Link(axis, wide[0]))
        else:
            found.append(Link(axis, to, None, f"{operation.title} mixes axes"))
    return [*found, *(Link(len(shape) - i, len(out) - i) for i in range(back, 0, -1))]
