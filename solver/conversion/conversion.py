"""Take a layer from one framework to another: what does the same, for which sizes, read alike.

Two layers agree in size where their size maps are equal, and in alignment where their windows start
at the same element: both are maps of n, so where they agree is a size set, known for every n.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import reduce
from math import lcm
from operator import and_

from solver.conversion.nearest import Nearest, nearest
from solver.errors import LimitError, SolverError
from solver.frameworks import positions, sampling
from solver.frameworks.code import in_one_line, writable, write
from solver.frameworks.keras.rules import conv_transpose as keras_transpose
from solver.frameworks.onnx.rules import pinned
from solver.frameworks.sampling import Sampled
from solver.frameworks.spec import LayerSpec, Reading, agreement, of_layer, reading
from solver.frameworks.torch.write import at_run_time, pad
from solver.frameworks.written import Written, moving
from solver.ground.answers import Answers, Count
from solver.ground.named import NamedTuple
from solver.layers.kind import AVERAGE, CONV
from solver.layers.layer import Layer
from solver.layers.window import UPPER, Pads
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet

#: The most residue classes that are written out one by one.
MOST_CLASSES = 12


class Candidate(NamedTuple):
    """Hold layers of the other framework, and where they agree with the layer asked about.

    same_sizes: for each axis the inputs at which the sizes agree. alike: for each axis those at
    which every output also reads the same inputs. shift: how many elements later the first window
    starts, as a map of n; None where the axes differ. instead: layers that do the same with wider
    padding and outputs cropped, in place of padding before.
    """

    written: Written
    same_sizes: tuple[SizeSet, ...]
    alike: tuple[SizeSet, ...]
    shift: SizeMap | None = None
    instead: Written | None = None

    def __repr__(self) -> str:
        return f"<{in_one_line(self.written)}: reads as asked for {self.aligned}>"

    @property
    def same_size(self) -> SizeSet:
        """The n at which the sizes agree where n is the size of every axis."""
        return reduce(and_, self.same_sizes)

    @property
    def aligned(self) -> SizeSet:
        """The n at which all is read alike where n is the size of every axis."""
        return reduce(and_, self.alike)


@dataclass(frozen=True, repr=False)
class Conversion(Answers[Candidate]):
    """Hold what is known about a layer in another framework: what does the same, the best first.

    exact: layers that do the same for every n, or None. classes: where the padding depends on n,
    layers that do the same for the n of each class. simple: one layer alone, which agrees as far as
    it can. spec: what the layer does. fault: why there is nothing that is exact for every n.
    nearest: the nearest change with which there is. sizes: of the one input that is asked about.

    >>> from solver import convert, layer
    >>> found = convert(layer("torch", "MaxPool2d", kernel_size=2), "keras", 2)
    >>> found, found.count, found.reason
    (convert(layer('torch', 'MaxPool2d', kernel_size=2), 'keras', 2), 1, None)
    """

    source: Layer
    target: str
    spec: LayerSpec | Sampled
    exact: Candidate | None
    classes: tuple[Candidate, ...] = ()
    simple: Candidate | None = None
    fault: SolverError | None = field(default=None, compare=False)
    nearest: Nearest | None = None
    sizes: tuple[int, ...] | None = None

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """What is exact, for every n or for a class; then one layer alone, where it is another."""
        exact = (self.exact, *self.classes)
        return tuple(dict.fromkeys(each for each in (*exact, self.simple) if each is not None))

    @property
    def count(self) -> Count:
        return Count(len(self.candidates))

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self.candidates)

    @property
    def found(self) -> bool:
        """Whether there is anything, exact or nearly so."""
        return bool(self)

    @property
    def reason(self) -> str | None:
        """Why nothing is exact, or None where something is."""
        return None if self.fault is None or self.classes else self.fault.rule

    def __repr__(self) -> str:
        sizes = "" if self.sizes is None else f", {self.sizes}"
        return f"convert({self.source!r}, {self.target!r}, {self.spec.axes}{sizes})"

    @property
    def with_output_size(self) -> bool:
        """Tell whether the layer is told its output, whatever the input."""
        return self.source.arguments.get("output_shape") is not None

    @property
    def size_maps(self) -> list[SizeMap]:
        """The size that comes out along each axis."""
        if self.with_output_size:
            return [along.size_map for along in self.source.along(self.spec.axes)]
        return [reading.size for reading in self.spec.readings]

    @property
    def run_time(self) -> str | None:
        """Lines that pad for the size that comes in, where nothing else is always exact.

        An average that leaves its padding out cannot be padded before; what is cropped from a
        transposed convolution is no padding.
        """
        if isinstance(self.spec, Sampled) or self.spec.transposed:
            return None
        average = self.spec.kind == AVERAGE and not self.spec.counts_padding
        if self.exact or self.target != "torch" or average or moving(self.spec) is None:
            return None
        return at_run_time(self.spec)


def convert(
    source: Layer, target: str, axes: int, sizes: Sequence[int] | None = None
) -> Conversion:
    """Say what does in another framework what a layer does in its own.

    axes: of the input. sizes: of one input; then what is exact there comes first.
    Raises SolverError where the layer itself is refused, or the framework is not known.

    >>> from solver.frameworks import layer
    >>> same = layer("keras", "Conv2D", filters=64, kernel_size=3, strides=2, padding="same")
    >>> found = convert(same, "torch", 2)
    >>> [(str(each.aligned), each.written.layers[0]) for each in found.classes]
    [('even n', layer('torch', 'ZeroPad2d', padding=(0, 1, 0, 1))), \
('odd n', layer('torch', 'LazyConv2d', out_channels=64, kernel_size=3, stride=2, padding=1))]
    >>> str(found.simple.same_size), str(found.simple.aligned)
    ('n >= 1', 'odd n')
    """
    found = _convert(source, writable(target), axes, sizes)
    return found if sizes is None else replace(found, sizes=tuple(sizes))


def _convert(source: Layer, target: str, axes: int, sizes: Sequence[int] | None) -> Conversion:
    if source.arguments.get("output_shape") is not None and source.row.kind.transposed:
        return _told(source, target, axes, sizes)
    other = source.row.kind.samples
    spec = sampling.of_layer(source, axes) if other else of_layer(source, axes)
    try:
        exact = _candidate(write(target, spec), spec)
    except SolverError as fault:
        classes = tuple(_classes(target, spec, sizes))
        change = nearest(target, spec, sizes)
        if not (classes or change or spec.kind.slides):
            raise LimitError(fault.rule, fault.received, fault.right) from None
        reason = SolverError(fault.rule, fault.received, change.change if change else None)
        return Conversion(
            source, target, spec, None, classes, _simple(target, spec), reason, change
        )
    simple = None if len(exact.written.layers) == 1 else _simple(target, spec)
    return Conversion(source, target, spec, exact, (), simple)


def _told(source: Layer, target: str, axes: int, sizes: Sequence[int] | None) -> Conversion:
    """Convert a layer that is told its output: what is cropped is known at one input only."""
    told = source.along(axes)
    inputs = sizes or [each.accepts.first(1) or 1 for each in told]
    spec = of_layer(pinned(source, inputs), axes)
    rows = zip(spec.readings, told, inputs, strict=True)
    accepted = (
        each._replace(accepts=along.accepts & SizeSet.of([n]) if sizes else along.accepts)
        for each, along, n in rows
    )
    spec = spec._replace(readings=tuple(accepted))
    if sizes is None:
        rule = "output_shape fixes the size, so what is cropped depends on the input"
        right = f"--input {'x'.join(map(str, inputs))}"
        return Conversion(source, target, spec, None, fault=SolverError(rule, None, right))
    try:
        return Conversion(source, target, spec, _candidate(write(target, spec), spec))
    except SolverError as fault:
        return Conversion(source, target, spec, None, fault=fault)


def _candidate(
    written: Written, spec: LayerSpec | Sampled, at: Sequence[int] | None = None
) -> Candidate:
    """Compare layers with what was asked, axis by axis; at: sizes of the classes they are for."""
    if isinstance(spec, Sampled):
        made = sampling.of_layer(written.layers[0], spec.axes)
        pairs = [positions.agreement(spec, made, axis) for axis in range(spec.axes)]
        same_sizes, alike = zip(*pairs, strict=True)
        return Candidate(written, same_sizes, alike)
    same_sizes, alike = _agreements(written, spec)
    shifts = {
        wanted.begin - reading(written.layers, axis, spec.axes).begin
        for axis, wanted in enumerate(spec.readings)
    }
    shift = shifts.pop() if len(shifts) == 1 else None
    instead = None
    if len(written.layers) > 1 and written.layers[0].framework.name == "torch":
        instead = _wider(spec, [1] * spec.axes if at is None else at)
        if instead is not None:
            pairs_of = zip(alike, _agreements(instead, spec)[1], strict=True)
            instead = instead if all(one <= other for one, other in pairs_of) else None
    return Candidate(written, same_sizes, alike, shift, instead)


def _agreements(
    written: Written, spec: LayerSpec
) -> tuple[tuple[SizeSet, ...], tuple[SizeSet, ...]]:
    """Return for each axis the n at which the sizes agree, and those at which all else does."""
    pairs = [
        agreement(wanted, reading(written.layers, axis, spec.axes))
        for axis, wanted in enumerate(spec.readings)
    ]
    same_sizes, alike = zip(*pairs, strict=True)
    return same_sizes, alike


def _classes(
    target: str, spec: LayerSpec | Sampled, sizes: Sequence[int] | None
) -> Iterator[Candidate]:
    """Yield layers for each class of n, for all axes alike; for given sizes only theirs."""
    if isinstance(spec, Sampled):
        found = (_try(target, each) for each in (spec.at(sizes) if sizes else ()))
        here = tuple(SizeSet.of([n]) for n in sizes or ())
        yield from [Candidate(written, here, here) for written in found if written][:1]
        return
    if all(reading.ends is not None for reading in spec.readings):
        return
    if sizes is not None:
        written = _try(target, spec.at(sizes))
        if written is not None:
            yield _candidate(written, spec, sizes)
        return
    # The end may depend on n where the begin does not.
    moving = (each.window.stride for each in spec.readings if each.ends is None)
    period = lcm(*moving, *(each.begin.period for each in spec.readings))
    if period > MOST_CLASSES:
        return
    seen: list[Written] = []
    # A class is entered at a size past every beginning.
    start = max(reading.window.span for reading in spec.readings) * period
    for n in range(start, start + period):
        readings = (each if each.ends is not None else each.at(n) for each in spec.readings)
        written = _try(target, spec._replace(readings=tuple(readings)))
        if written is not None and written not in seen:
            seen.append(written)
            yield _candidate(written, spec, [n] * spec.axes)


def _simple(target: str, spec: LayerSpec | Sampled) -> Candidate | None:
    """The one layer that agrees best: in size at the most n, then in what it reads."""
    found = []
    for other in spec.ways() if isinstance(spec, Sampled) else _paddings(target, spec):
        written = _try(target, other)
        if written is not None and len(written.layers) == 1:
            with suppress(LimitError):  # sizes that differ are compared along a whole stride
                found.append(_candidate(written, spec))
    found = [each for each in found if each.same_size]
    return max(found, key=_agreeing, default=None)


def _agreeing(candidate: Candidate) -> tuple[float, float, int]:
    """Rank by the share of sizes that agree, then of those aligned, then by the smallest shift."""
    same, aligned = candidate.same_size, candidate.aligned
    shift = 0 if candidate.shift is None else max(map(abs, candidate.shift.values))
    share = (s.per_period * 10**6 // s.modulus for s in (same, aligned))
    return (*share, -shift)  # type: ignore[return-value]


def _paddings(target: str, spec: LayerSpec) -> Iterator[LayerSpec]:
    """Yield what one layer of the other framework could do instead, other padding apart."""
    widest = max(each.window.stride * each.window.input_dilation for each in spec.readings)
    if spec.kind.pads or widest > _LONGEST_STRIDE:
        return
    for step in range(_SEARCHED):
        pads = [_symmetric(each, step, spec.transposed) for each in spec.readings]
        if None in pads:
            break
        yield _padded(spec, [p for p in pads if p is not None])
    if target == "keras":
        yield _padded(spec, [_same(each, spec.transposed) for each in spec.readings])


def _padded(spec: LayerSpec, pads: Sequence[Pads]) -> LayerSpec:
    readings = []
    for each, ends in zip(spec.readings, pads, strict=True):
        window = each.window.padded(ends)
        readings.append(Reading(window, window.begin_map, window.size_map, each.accepts))
    return spec._replace(readings=tuple(readings))


def _same(each: Reading, transposed: bool) -> Pads:
    """The padding that Keras calls same."""
    if not transposed:
        return UPPER
    own = each.window
    window = keras_transpose(own.kernel_size, own.input_dilation, "same", None, own.dilation).window
    assert window is not None
    return window.pads


_SEARCHED = 64
#: Sizes that differ are compared along a whole stride, for every padding that is searched.
_LONGEST_STRIDE = 4096


def _symmetric(each: Reading, step: int, transposed: bool) -> tuple[int, int] | None:
    """The padding alike at both ends that is `step` wide; transposed, with the same size."""
    window = each.window
    if not transposed:
        return (step, step) if step <= max(window.span, 1) else None
    most = max(window.input_dilation, window.dilation) - 1
    ends = each.ends
    if ends is None or step > window.span - 1:
        return None
    begin = window.span - 1 - step
    extra = sum(ends) - 2 * begin
    return (begin, begin + extra) if 0 <= extra <= most else (begin, begin)


def _wider(spec: LayerSpec, sizes: Sequence[int]) -> Written | None:
    """A convolution padded wider at both ends, and a cropping, that do it at these sizes."""
    if spec.kind != CONV or spec.padding_mode != "zeros":
        return None
    pads: list[Pads] = []
    crops = []
    for each, n in zip(spec.readings, sizes, strict=True):
        begin, end = each.at(n).window.pads
        if min(begin, end) < 0:
            return None
        stride = each.window.stride
        # Wider by whole strides before the first window, so that windows fall on windows.
        padding = max(begin, end) + (begin - max(begin, end)) % stride
        front = (padding - begin) // stride
        wide = each.window.padded((padding, padding)).size_map
        behind = int(wide(n)) - int(each.size(n)) - front
        if behind < 0:
            return None
        pads.append((padding, padding))
        crops.append((-front, -behind))
    made = _try("torch", _padded(spec, pads))
    return None if made is None else Written((*made.layers, pad(crops)))


def _try(target: str, spec: LayerSpec | Sampled) -> Written | None:
    try:
        return write(target, spec)
    except SolverError:
        return None
