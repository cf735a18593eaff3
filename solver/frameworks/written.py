"""What writing gives: layers of a framework in a row, and what to beware of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from solver.errors import SolverError
from solver.frameworks.positions import same_inputs
from solver.frameworks.resize import fraction, proved
from solver.frameworks.sampling import DCR, How, Sampled
from solver.frameworks.spec import LayerSpec
from solver.ground.named import NamedTuple
from solver.layers.kind import AVERAGE, SHUFFLE
from solver.layers.layer import Layer
from solver.layers.window import LOWER, UPPER
from solver.sizes.sizeset import EVERY

#: Begin and end on each axis.
Ends = Sequence[tuple[int, int]]


class Written(NamedTuple):
    """Hold layers that together do one thing, and notes on where their values may differ."""

    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()


def is_nothing(ends: Ends) -> bool:
    """Tell whether no axis is padded or cropped."""
    return not any(any(pair) for pair in ends)


def rounding_notes(spec: LayerSpec) -> tuple[str, ...]:
    """What to beware of where the windows of an average, counted up, are padded by hand."""
    if spec.kind != AVERAGE or spec.ceiled() is None:
        return ()
    return ("the last average also divides by the padding that counting up takes",)


def symmetric(ends: Ends) -> bool:
    """Tell whether every axis is padded alike at both ends, and none is cropped."""
    return all(begin == end >= 0 for begin, end in ends)


def windows(spec: LayerSpec) -> dict[str, tuple[int, ...]]:
    """The numbers of the windows, one per axis, under PyTorch's names.

    The stride of a transposed convolution is how far apart its inputs are put.
    """
    found = [reading.window for reading in spec.readings]
    return {
        "kernel_size": tuple(w.kernel_size for w in found),
        "stride": tuple(w.input_dilation if spec.transposed else w.stride for w in found),
        "dilation": tuple(w.dilation for w in found),
    }


def says_same(spec: LayerSpec, pads: str = UPPER) -> bool:
    """Tell whether padding that keeps n/stride is what is asked; pads: which end is the odd one's.

    Only where that depends on n, or where something is padded at all.
    """
    for reading in spec.readings:
        same = reading.window.padded(pads)
        # The begin is a table as long as the stride: last.
        if same.size_map != reading.size or same.begin_map != reading.begin:
            return False
    return True


def moving(spec: LayerSpec) -> str | None:
    """Which end gets the odd element of a padding that depends on n.

    None where the padding is fixed, or no word says it.
    """
    if all(reading.ends is not None for reading in spec.readings):
        return None
    return next((pads for pads in (UPPER, LOWER) if says_same(spec, pads)), None)


def way(spec: Sampled, known: Iterable[tuple[How, Any]], title: str) -> Any:
    """The words of the first known way to resize that reads as is asked, on every axis.

    known: ways and a framework's words for them. Raises SolverError where none does.
    """
    for how, words in known:
        other = spec.how(*how)
        if all(same_inputs(spec, other, axis) == EVERY for axis in range(spec.axes)):
            return words
    asked = ", ".join(x for x in (spec.method, spec.where, spec.rounding) if x)
    asked += ", averaged first" if spec.smooth else ""
    raise SolverError(f"{title} resizes in other ways", asked)


def factors(spec: Sampled) -> list[float]:
    """The factor of each axis, as a number that frameworks compute with exactly enough.

    Raises SolverError where a size is fixed, or no number stands for the factor.
    """
    scales = spec.scales()
    if scales is None:
        raise SolverError("a fixed size is no factor", f"{spec.fixed()}", "an input size")
    for scale in scales:
        if not proved(float(scale)) or fraction(float(scale)) != scale:
            raise SolverError("no number stands for this factor at every n", str(scale))
    return [float(scale) for scale in scales]


def one_factor(spec: Sampled) -> int:
    """The whole factor of all axes. Raises SolverError where there is none."""
    if not (factor := spec.factor()):
        scales = "x".join(map(str, spec.scales() or spec.fixed() or ()))
        raise SolverError("factors are whole numbers, the same on all axes", scales)
    return factor


def reordered(spec: Sampled, order: str, last: bool = False) -> tuple[str, ...]:
    """How channels in one order are put in another, before or behind a layer.

    order: the one the layer has. last: whether channels are the last axis.
    """
    if spec.method == order:
        return ()
    name, where, given = ("x", "before", spec.method)
    if spec.kind != SHUFFLE:
        name, where, given = "y", "behind", order
    parts = f"{spec.factor() ** 2}, -1" if given == DCR else f"-1, {spec.factor() ** 2}"
    shape = f"n, h, w, {parts}" if last else f"n, {parts}, h, w"
    axes = "-1, -2" if last else "1, 2"
    whole = "n, h, w, -1" if last else "n, -1, h, w"
    what = f"{name}.reshape({shape}).swapaxes({axes}).reshape({whole})"
    return (f"the order of channels is another; {where} the layer: {what}",)


def without_axes(spec: Sampled) -> tuple[str, ...]:
    """What to do about axes of size 1 that a layer leaves out and another keeps."""
    return ("the axes of size 1 are left out there: flatten behind",) if spec.dropped else ()


def literal(value: Any) -> str:
    """Write an argument as code.

    >>> literal((1, 2)), literal(float("-inf")), literal("same")
    ('(1, 2)', 'float("-inf")', '"same"')
    """
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    return repr(value)


def call(layer: Layer, prefix: str, positional: Sequence[str] = ()) -> str:
    """Write a layer as a call: some arguments by place, the others by name."""
    words = [literal(layer.arguments[name]) for name in positional if name in layer.arguments]
    words += [
        f"{name}={literal(value)}"
        for name, value in layer.arguments.items()
        if name not in positional
    ]
    return f"{prefix}{layer.name}({', '.join(words)})"
