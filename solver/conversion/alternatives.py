"""Every way to pad and crop that does what a layer does: outputs in front are paid by padding.

A convolution that starts `begin` before its n inputs and gives m outputs is also one that starts
earlier by whole strides, whose further outputs are cropped:

    padding_begin = begin + s*crop_begin
    least <= padding_end - s*crop_end <= least + s - 1    where least = (m - 1)s - begin + span - n

For every n of a residue class begin and least are numbers. Paddings between strides read other
elements, so these are all. Of a transposed convolution the full output is cropped by the layer's
own padding or behind it, whatever n.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import product
from math import lcm, prod
from operator import and_

from solver.conversion.conversion import MOST_CLASSES, Conversion
from solver.errors import LimitError, SolverError
from solver.frameworks.code import write
from solver.frameworks.spec import LayerSpec, Reading, agreement, of_layer, reading
from solver.frameworks.torch.write import pad
from solver.frameworks.written import Written
from solver.ground.named import NamedTuple
from solver.inverse.family import BEGIN, END, EXTRA, PADDING, Affine, Condition, condition
from solver.layers.kind import AVERAGE
from solver.sizes.expression import letters
from solver.sizes.sizeset import SizeSet

CROP_BEGIN, CROP_END = letters("crop_begin crop_end")
#: Ways to pad and crop that are written out, at most.
_MOST = 200


class _Amounts(NamedTuple):
    """Hold what pads one axis and what is cropped behind it, in elements, at both ends."""

    padding: tuple[int, int]
    crop: tuple[int, int]


class Alternative(NamedTuple):
    """Hold layers that pad and crop to do what a layer does.

    padding, crop: of each axis (begin, end), in elements; of a transposed convolution what the
    layer itself crops, its output padding taken off the end. alike: for each axis the inputs at
    which it is exact.
    """

    padding: tuple[tuple[int, int], ...]
    crop: tuple[tuple[int, int], ...]
    written: Written
    alike: tuple[SizeSet, ...]

    @property
    def aligned(self) -> SizeSet:
        """The n at which it is exact where n is the size of every axis."""
        return reduce(and_, self.alike)

    def exact(self, sizes: Sequence[int]) -> bool:
        """Tell whether it is exact at one input."""
        return all(n in each for n, each in zip(sizes, self.alike, strict=True))


class Family(NamedTuple):
    """Hold all that is exact on a class of inputs, axis by axis: the n, and the conditions."""

    inputs: tuple[SizeSet, ...]
    conditions: tuple[tuple[Condition, ...], ...]

    @property
    def told(self) -> list[str]:
        """The n and the conditions in words, once where all axes are alike."""
        rows = [*zip(self.inputs, self.conditions, strict=True)]
        alike = len({*rows}) == 1
        return [
            f"{'' if alike else f'axis {axis}: '}exact for {inputs} exactly when: "
            + "; ".join(map(str, each))
            for axis, (inputs, each) in enumerate(rows[:1] if alike else rows)
        ]


class Alternatives(NamedTuple):
    """Hold the ways to pad and crop: written out up to the reach of the kernel, and all of them."""

    listed: tuple[Alternative, ...]
    families: tuple[Family, ...]


def alternatives(found: Conversion, inputs: Sequence[Sequence[int]] = ()) -> Alternatives:
    """Every way to pad and crop that does in a framework what a layer does, at these inputs.

    inputs: a size for each axis; without them one of each class of n. Raises SolverError for what
    slides no window, LimitError for strides with too many classes.

    >>> from solver import convert, layer
    >>> same = layer("keras", "Conv1D", filters=8, kernel_size=3, strides=2, padding="same")
    >>> ways = alternatives(convert(same, "torch", 1), [[224]])
    >>> [(each.padding, each.crop, str(each.aligned)) for each in ways.listed]
    [(((0, 1),), ((0, 0),), 'even n'), (((2, 2),), ((1, 0),), 'even n')]
    >>> print(*ways.families[0].told)
    exact for even n exactly when: padding_begin = 2*crop_begin; 1 <= padding_end - 2*crop_end <= 2
    """
    spec = found.spec
    if not isinstance(spec, LayerSpec) or not spec.kind.slides or spec.kind.pads:
        raise SolverError("what pads and crops slides windows", found.source.name, "a convolution")
    if spec.padding_mode != "zeros" or (spec.kind == AVERAGE and not spec.counts_padding):
        rule = "padding and cropping stand for each other where zeros are padded and count"
        raise LimitError(rule, spec.padding_mode, "zeros, counted in averages")
    sizes = inputs or [[n] * spec.axes for n in _classes(spec)]
    listed: dict[Written, Alternative] = {}
    families: dict[Family, None] = {}
    for each in sizes:
        families[_family(spec, each)] = None
        for made in _made(spec, found.target, each):
            listed.setdefault(made.written, made)
    return Alternatives(tuple(listed.values()), tuple(families))


def _classes(spec: LayerSpec) -> range:
    """A large n of each class of which padding and cropping are the same numbers."""
    if spec.transposed:
        return range(_large(spec), _large(spec) + 1)
    windows = [each.window.stride for each in spec.readings]
    period = lcm(*windows, *(each.begin.period for each in spec.readings))
    if period > MOST_CLASSES:
        rule = f"at most {MOST_CLASSES} classes of n are told apart"
        raise LimitError(rule, f"{period:,}", "--input 224")
    start = period * _large(spec)
    return range(start, start + period)


def _large(spec: LayerSpec) -> int:
    return max(int(each.window.span) + abs(int(each.begin(0))) for each in spec.readings)


def _made(spec: LayerSpec, target: str, sizes: Sequence[int]) -> Iterator[Alternative]:
    """Yield what is written out at one input."""
    axes = [[*_ways(spec, each, n)] for each, n in zip(spec.readings, sizes, strict=True)]
    if (count := prod(map(len, axes))) > _MOST:
        raise LimitError(f"at most {_MOST} ways are written out", f"{count:,}", "a smaller kernel")
    alike = len({*map(tuple, axes)}) == 1
    for ways in ([way] * spec.axes for way in axes[0]) if alike else product(*axes):
        readings = (_padded(spec, each, way) for each, way in zip(spec.readings, ways, strict=True))
        crops = [way.crop for way in ways]
        try:
            written = write(target, spec._replace(readings=tuple(readings)))
            layers = written.layers
            if any(map(any, crops)):
                behind = pad([(-begin, -end) for begin, end in crops])
                layers += write(target, of_layer(behind, spec.axes)).layers
        except SolverError:
            continue  # what this framework does not say
        pairs = zip(spec.readings, range(spec.axes), strict=True)
        sets = tuple(agreement(x, reading(layers, axis, spec.axes))[1] for x, axis in pairs)
        if all(n in each for n, each in zip(sizes, sets, strict=True)):
            padding = tuple(way.padding for way in ways)
            yield Alternative(padding, tuple(crops), Written(layers, written.notes), sets)


def _padded(spec: LayerSpec, each: Reading, way: _Amounts) -> Reading:
    begin, end = way.padding
    if spec.transposed:
        begin, end = (each.window.span - 1 - x for x in way.padding)
    window = each.window.padded((begin, end))
    return Reading(window, window.begin_map, window.size_map, each.accepts)


def _ways(spec: LayerSpec, each: Reading, n: int) -> Iterator[_Amounts]:
    """Yield the ways of one axis at one size, the one without cropping first."""
    begin, end = each.ends or each.at(n).window.pads
    window = each.window
    if spec.transposed:
        front, behind = (window.span - 1 - x for x in (begin, end))
        extra = max(window.input_dilation, window.dilation) - 1
        yield _Amounts((front, behind), (0, 0))
        for own in range(min(front, behind + extra) + 1):
            taken = min(own, behind)  # the rest is output padding
            if (own, taken) != (front, behind):
                yield _Amounts((own, taken), (front - own, behind - taken))
        return
    yield _Amounts((begin, end), (0, 0))
    size, stride = int(each.size(n)), window.stride
    for front in range((max(window.span - 1, begin) - begin) // stride + 1):
        own = begin + front * stride
        windows = (n + 2 * own - window.span) // stride + 1
        if own >= 0 and windows >= size + front and (own, own) != (begin, end):
            yield _Amounts((own, own), (front, windows - size - front))


def _family(spec: LayerSpec, sizes: Sequence[int]) -> Family:
    """All that is exact on the class of an input."""
    rows = (_conditions(spec, each, n) for each, n in zip(spec.readings, sizes, strict=True))
    inputs, found = zip(*rows, strict=True)
    return Family(inputs, found)


def _conditions(spec: LayerSpec, each: Reading, n: int) -> tuple[SizeSet, tuple[Condition, ...]]:
    begin, end = each.at(n).window.pads
    window = each.window
    if spec.transposed:
        front, behind = (window.span - 1 - x for x in (begin, end))
        own = condition(PADDING - EXTRA + CROP_END, behind)
        return each.accepts, (condition(PADDING + CROP_BEGIN, front), own)
    stride = window.stride
    modulus = lcm(stride, each.begin.period)
    least = (int(each.size(n)) - 1) * stride - begin + window.span - n
    first = condition(BEGIN, Affine({CROP_BEGIN: stride}, begin))
    last = Affine({END: 1, CROP_END: -stride})
    ends = (last, least) if stride == 1 else (least, last, least + stride - 1)
    inputs = each.accepts & SizeSet(modulus, [n % modulus])
    return inputs, (first, condition(*ends, relation="==" if stride == 1 else "<="))
