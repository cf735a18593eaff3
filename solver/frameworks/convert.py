"""Take a layer from one framework to another: what does the same, for which sizes, read alike.

Two layers agree in size where their size maps are equal, and in alignment where their windows start
at the same element: both are maps of n, so where they agree is a size set, known for every n.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import product
from operator import and_
from typing import NamedTuple

from solver.errors import SolverError
from solver.frameworks import act as acts
from solver.frameworks.act import Act, Reading, agreement, of_framework, reading
from solver.frameworks.layer import FrameworkLayer
from solver.frameworks.writing import write
from solver.frameworks.writing.written import Written
from solver.sizeset import SizeSet

#: The most residue classes that are written out one by one.
MOST_CLASSES = 12


class Candidate(NamedTuple):
    """Hold layers of the other framework, and where they agree with the layer asked about.

    same_size: the inputs at which the sizes agree. aligned: those at which every output also reads
    the same inputs. shift: how many elements later each output reads, where that is one number.
    """

    written: Written
    same_size: SizeSet
    aligned: SizeSet
    shift: int | None = None


class Conversion(NamedTuple):
    """Hold what is known about a layer in another framework.

    exact: layers that do the same for every n, or None. classes: where the padding depends on n,
    layers that do the same for the n of each class. simple: one layer alone, which agrees as far as
    it can. wider: the same as exact, padding wider and cropping outputs instead of padding before.
    reason: why there is nothing.
    """

    source: FrameworkLayer
    target: str
    axes: int
    exact: Candidate | None
    classes: tuple[Candidate, ...] = ()
    simple: Candidate | None = None
    wider: Candidate | None = None
    reason: SolverError | None = None

    @property
    def found(self) -> bool:
        return bool(self.exact or self.classes or self.simple)


def convert(
    source: FrameworkLayer, target: str, axes: int, sizes: Sequence[int] | None = None
) -> Conversion:
    """Return what does in another framework what a layer does in its own.

    axes: of the input. sizes: of one input; then what is exact there comes first.
    Raises SolverError where the layer itself is refused.

    >>> from solver.frameworks import layer
    >>> same = layer("keras", "Conv2D", filters=64, kernel_size=3, strides=2, padding="same")
    >>> found = convert(same, "torch", 2)
    >>> [(str(each.aligned), each.written.layers[0]) for each in found.classes]
    [('even n', layer('torch', 'ZeroPad2d', padding=(0, 1, 0, 1))), \
('odd n', layer('torch', 'LazyConv2d', out_channels=64, kernel_size=3, stride=2, padding=1))]
    >>> str(found.simple.same_size), str(found.simple.aligned)
    ('n >= 1', 'odd n')
    """
    act = of_framework(source, axes)
    try:
        exact = _candidate(write(target, act), act)
    except SolverError as fault:
        exact, reason = None, fault
    else:
        simple = None if len(exact.written.layers) == 1 else _simple(target, act)
        return Conversion(source, target, axes, exact, (), simple, _wider(target, act, exact))
    moving = any(r.ends is None for r in act.readings)
    classes = tuple(_classes(target, act, sizes)) if moving else ()
    simple = _simple(target, act)
    return Conversion(source, target, axes, None, classes, simple, None, reason)


def _candidate(written: Written, act: Act) -> Candidate:
    """Compare layers with what was asked, on all axes."""
    sizes, aligned, shifts = [], [], set()
    for axis, wanted in enumerate(act.readings):
        found = reading(written.layers, axis, act.axes)
        same, alike = agreement(wanted, found)
        sizes.append(same)
        aligned.append(alike)
        shift = wanted.begin - found.begin
        shifts.add(int(shift(0)) if shift.rise == 0 and shift.period == 1 else None)
    shift_ = shifts.pop() if len(shifts) == 1 else None
    return Candidate(written, reduce(and_, sizes), reduce(and_, aligned), shift_)


def _classes(target: str, act: Act, sizes: Sequence[int] | None) -> Iterator[Candidate]:
    """Yield layers for each class of n, for all axes alike; for given sizes only theirs."""
    if sizes is not None:
        written = _try(target, act.at(sizes))
        if written is not None:
            yield _candidate(written, act)
        return
    period = max(reading.begin.period for reading in act.readings)
    if period > MOST_CLASSES:
        return
    seen: list[Written] = []
    # A class is entered at a size past every beginning.
    start = max(reading.window.span for reading in act.readings) * period
    for n in range(start, start + period):
        written = _try(target, act.at([n] * act.axes))
        if written is not None and written not in seen:
            seen.append(written)
            yield _candidate(written, act)


def _simple(target: str, act: Act) -> Candidate | None:
    """Return the one layer that agrees best: in size at the most n, then in what it reads."""
    found = []
    for padding in _paddings(target, act):
        written = _try(target, padding)
        if written is not None and len(written.layers) == 1:
            found.append(_candidate(written, act))
    found = [each for each in found if each.same_size]
    return max(found, key=_agreeing, default=None)


def _agreeing(candidate: Candidate) -> tuple[float, float, int]:
    """Rank by the share of sizes that agree, then of those aligned, then by the smallest shift."""
    same, aligned = candidate.same_size, candidate.aligned
    shift = abs(candidate.shift) if candidate.shift is not None else 0
    share = (len(s.residues) * 10**6 // s.modulus for s in (same, aligned))
    return (*share, -shift)  # type: ignore[return-value]


def _paddings(target: str, act: Act) -> Iterator[Act]:
    """Yield what one layer of the other framework could do instead, other padding apart."""
    for step in range(_SEARCHED):
        readings = []
        for each in act.readings:
            ends = _symmetric(each, step, act.transposed)
            if ends is None:
                return
            window = each.window._replace(pads=ends)
            readings.append(Reading(window, window.begin, window.size_map, each.accepts))
        yield act._replace(readings=tuple(readings))
    if target == "keras":
        same = (r.window._replace(pads="same_upper") for r in act.readings)
        yield act._replace(
            readings=tuple(
                Reading(w, w.begin, w.size_map, r.accepts)
                for w, r in zip(same, act.readings, strict=True)
            )
        )


_SEARCHED = 64


def _symmetric(each: Reading, step: int, transposed: bool) -> tuple[int, int] | None:
    """Return the padding alike at both ends that is `step` wide; transposed, with the same size."""
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


def _wider(target: str, act: Act, exact: Candidate) -> Candidate | None:
    """Return one wider padded layer and a cropping that do what padding before does."""
    if target != "torch" or act.transposed or len(exact.written.layers) < 2:
        return None
    return next(_wider_paddings(act), None) if act.kind == acts.CONV else None


def _wider_paddings(act: Act) -> Iterator[Candidate]:
    from solver.frameworks.writing.torch import pad

    widths = []
    for each in act.readings:
        ends, stride = each.ends, each.window.stride
        if ends is None or min(ends) < 0:
            return
        least = max(ends)
        widths.append([p for p in range(least, least + stride) if (p - ends[0]) % stride == 0])
    for chosen in product(*widths):
        readings, crops = [], []
        for each, p in zip(act.readings, chosen, strict=True):
            window = each.window._replace(pads=(p, p))
            front = (p - int(each.begin(0))) // window.stride
            behind = window.size_map - each.size - front
            if behind.rise or behind.period > 1 or behind(0) < 0:
                return
            readings.append(Reading(window, window.begin, window.size_map, each.accepts))
            crops.append((-front, -int(behind(0))))
        made = write("torch", act._replace(readings=tuple(readings)))
        yield _candidate(Written((*made.layers, pad(crops))), act)


def _try(target: str, act: Act) -> Written | None:
    try:
        return write(target, act)
    except SolverError:
        return None
