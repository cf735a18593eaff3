"""What an operation reads, axis by axis: links from outputs to the elements of an input.

Some windows begin where the size says: padding that keeps n/stride, cropping to fit. They are known
at given sizes, or for the sizes of a residue class.
"""

from __future__ import annotations

from collections.abc import Sequence

from solver.ground.named import NamedTuple
from solver.layers.kind import CENTRE, PARTS, RESIZE, UNSHUFFLE, WHOLE
from solver.layers.layer import Layer
from solver.layers.window import Window
from solver.network.graph.dim import Dim
from solver.network.graph.sizes import Scale, Sizes

DEPENDS = "where it reads depends on the size: give the sizes"


class Link(NamedTuple):
    """What output y along one axis reads along an axis of one input.

    axis: of the input's shape. to: the axis of the output's shape along which it moves, None where
    it does not. window: what is read, None for everything. why: not empty where it is not known.
    part: whether only some of the outputs read here, as of tensors behind each other. placed:
    whether an output is weighed of what lies around a place, as in resizing. every: whether all
    outputs together read everything, wherever each does.
    """

    axis: int
    to: int | None
    window: Window | None = Window()
    why: str = ""
    part: bool = False
    placed: bool = False
    every: bool = False


def link(axis: int, known: Window | str | None) -> Link:
    """A link along one axis by a window, to everything, or with the reason why it is not known."""
    return Link(axis, axis, None, known) if isinstance(known, str) else Link(axis, axis, known)


def same(shape: Sequence[Dim]) -> list[Link]:
    """Every output reads the element at its own place."""
    return [Link(axis, axis) for axis in range(len(shape))]


def without(shape: Sequence[Dim], gone: set[int], window: Window | None) -> list[Link]:
    """Some axes are left out, of which every output reads a window, or all."""
    kept = [axis for axis in range(len(shape)) if axis not in gone]
    return [
        Link(axis, None, window) if axis in gone else Link(axis, kept.index(axis))
        for axis in range(len(shape))
    ]


def repeated(shape: Sequence[Dim], out: Sequence[Dim]) -> list[Link]:
    """Axes of size 1 are repeated: every output reads element 0."""
    more = len(out) - len(shape)
    return [
        Link(axis, axis + more, Window(1, 0 if dim.number == 1 != out[axis + more].number else 1))
        for axis, dim in enumerate(shape)
    ]


def reshaped(title: str, shape: Sequence[Dim], out: Sequence[Dim]) -> list[Link]:
    """The axes are kept that stay, and those that only lose axes of one element beside them."""
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
            found.append(Link(axis, to, None, f"{title} mixes axes", every=True))
    return [*found, *(Link(len(shape) - i, len(out) - i) for i in range(back, 0, -1))]


def resized(before: Dim, after: Dim, sizes: Sizes) -> Window | str:
    """The nearest element, as frameworks resize unless they are told otherwise."""
    from solver.network.graph.resampling import resample  # few networks resize

    ratio = sizes.ratio(after, before)
    return DEPENDS if ratio is None else resample({}, ratio)


def applied(
    layer: Layer,
    axes: int,
    shape: Sequence[Dim],
    out: Sequence[Dim],
    sizes: Sizes,
) -> list[Link]:
    """What a layer reads along its axes, the last ones of a shape, and before them."""
    first = len(shape) - axes
    found = same(shape[:first])
    if layer.row.kind.mixes:
        found[-1] = Link(first - 1, None, None)
    if layer.row.kind == CENTRE:
        return found + _centred(range(first, len(shape)), shape, out, sizes)
    for index, axis in enumerate(range(first, len(shape))):
        known = layer_window(layer, index, axes, shape[axis], out[axis], sizes)
        found.append(link(axis, known)._replace(placed=layer.row.kind == RESIZE))
    return found


def _centred(axes: range, shape: Sequence[Dim], out: Sequence[Dim], sizes: Sizes) -> list[Link]:
    """Crop alike at both ends, where no axis is shorter than what is left: else all are resized."""
    less = [sizes.difference(shape[axis], out[axis]) for axis in axes]
    if any(each is None or each < 0 for each in less):
        return [link(axis, DEPENDS) for axis in axes]
    rows = zip(axes, less, strict=True)
    return [link(axis, Window(1, begin=-((each or 0) // 2))) for axis, each in rows]


def layer_window(
    layer: Layer, index: int, axes: int, before: Dim, after: Dim, sizes: Sizes
) -> Window | str | None:
    """What a layer reads along an axis: None for everything, or why it is not known."""
    along = layer.along(axes)[index]
    kind, window = layer.row.kind, along.window
    if window is not None:
        residue = sizes.modulo(before, window.begin_map.period) if window.moves else 0
        return DEPENDS if residue is None else window.at(residue)
    if kind == WHOLE or (kind == PARTS and after.number == 1):
        return None
    values = layer.values(axes)
    if kind == PARTS:
        if before == after:
            return Window()
        from solver.network.graph.resampling import adaptive  # most pool to 1

        numbers = sizes.number(before), sizes.number(after)
        return DEPENDS if None in numbers else adaptive(*numbers)  # type: ignore[arg-type]
    if kind.keeps:
        (factor,) = {int(value[index]) for value in values.values()}
        if kind == UNSHUFFLE:
            return Window(factor, factor)
        return Window(factor, factor).transposed
    if kind == RESIZE:
        from solver.network.graph.resampling import resample  # few networks resize

        rows = layer.row.arguments.items()
        defaults = {name: each.default for name, each in rows if each.default is not None}
        given = {**defaults, **layer.arguments}
        # Areas are those of adaptive pooling: the sizes tell, whatever factor was given.
        ratio = None if given.get("mode") == "area" else _scale(layer, index, axes)
        ratio = ratio or sizes.ratio(after, before)
        if ratio is None:
            return DEPENDS
        numbers = sizes.number(before), sizes.number(after)
        if None not in numbers:
            ratio = ratio._replace(sizes=numbers)  # type: ignore[arg-type]
        if layer.row.name.startswith("UpsamplingBilinear"):
            given |= {"mode": "bilinear", "align_corners": True}
        return resample(given, ratio, layer.framework.name)
    return f"not known what {layer.name} reads"


def _scale(layer: Layer, index: int, axes: int) -> Scale | None:
    """The factor of a resizing where its coordinates use the factor itself."""
    if layer.arguments.get("recompute_scale_factor"):
        return None
    values = layer.values(axes)
    given = next((values[x] for x in ("scale_factor", "scales") if x in values), None)
    if given is None or given[index] is None:
        return None
    from solver.frameworks.resize import fraction  # few networks resize by a fraction

    ratio = fraction(float(given[index]))
    return Scale(ratio.numerator, ratio.denominator)


def beyond(layer: Layer) -> str:
    """What a layer reads beyond the ends of an axis: wrap, reflect, edge; empty for zeros.

    >>> from solver import Conv
    >>> beyond(Conv(3, padding=1, padding_mode="circular")), beyond(Conv(3))
    ('wrap', '')
    """
    given = layer.arguments
    words = [layer.row.name, *(given.get(name, "") for name in ("padding_mode", "mode"))]
    words += [given["padding"]] if isinstance(given.get("padding"), str) else []
    text = " ".join(map(str, words)).lower()
    for mode, names in _REPEATS.items():
        if any(name in text for name in names):
            return mode
    return ""


_REPEATS = {"wrap": ("circular", "wrap"), "reflect": ("reflect",), "edge": ("replic", "edge")}
