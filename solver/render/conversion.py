"""The report of a conversion: the layers, for which sizes they are exact, and what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from solver.conversion.conversion import Candidate, Conversion, convert
from solver.conversion.weights import carried
from solver.frameworks.code import in_one_line, line, of_written
from solver.frameworks.sampling import Sampled
from solver.frameworks.spec import LayerSpec
from solver.layers.layer import Layer
from solver.layers.row import USUAL_AXES
from solver.render.report import Report, Verbatim
from solver.render.sets import size_set
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet, where_zero

if TYPE_CHECKING:
    from solver.render.explanation import Explained

#: Classes of n that are told apart in words.
_MOST_SHIFTS = 6


class Converted(Report):
    """What is said of a conversion. source: the layer as it was written. wanted: edits to a size.

    >>> from solver import convert, layer
    >>> up = layer("keras", "Conv1DTranspose", filters=8, kernel_size=3, strides=2, padding="same")
    >>> print(convert(up, "torch", 1))
    nn.LazyConvTranspose1d(8, kernel_size=3, stride=2) -> nn.ZeroPad1d((0, -1))
    exact for every n >= 1: the size is 2*n
    of the full output it crops 0 at the begin and 1 at the end
    one layer alone: nn.LazyConvTranspose1d(8, kernel_size=3, stride=2, padding=1, output_padding=1)
      same size for every n >= 1; never the same elements: it crops 1 more at the begin
    weights: w.transpose(2, 1, 0)
    """

    def __init__(
        self, found: Conversion, source: str | None = None, wanted: Explained | None = None
    ) -> None:
        self.found, self.wanted = found, wanted
        self.source = line(found.source) if source is None else source

    @property
    def answered(self) -> bool:
        if self.wanted is not None and self.wanted.found.node is not None:
            return bool(self.found) and bool(self.wanted.fixes)
        return bool(self.found)

    def headline(self) -> str:
        found = self.found
        if not found:
            return f"none: {found.fault.rule}" if found.fault else "none"
        if found.exact or not found.classes or found.sizes is not None:
            return in_one_line(found.candidates[0].written)
        return "; ".join(f"{each.aligned}: {in_one_line(each.written)}" for each in found.classes)

    def facts(self) -> Iterator[str]:
        """What it is good for, and what else there is."""
        found, sizes = self.found, self.found.sizes
        if sizes is not None:
            yield f"{_by(sizes)} -> {_by(found.source.size(sizes))}"
        yield from _exact(found)
        if found.classes and sizes is None:
            yield f"the size is {_size(found)}"
        for each in found.classes:
            if each.instead:
                where = str(each.aligned) if sizes is None else sets_words(each.alike)
                yield f"also exact for {where}: {in_one_line(each.instead)}"
        yield from _alone(found)
        if found.run_time and sizes is None:
            yield "for every n at once only padding worked out at run time is exact:"
            yield from (Verbatim(f"  {text}") for text in found.run_time.splitlines())
            yield "  ... then the layer without padding"
        if (weights := how_carried(found)) and weights != "w":
            yield f"weights: {weights}"
        yield from (f"note: {note}" for note in notes(found))
        if self.wanted is not None:
            yield self.wanted.headline()
            yield from self.wanted.facts()

    def codes(self) -> Iterator[str]:
        """What is exact, or for the first class, or agrees best."""
        for best in self.found.best():
            if best.written.layers:
                yield of_written(best.written, self.found.spec)

    def record(self) -> dict[str, Any]:
        found, sizes = self.found, self.found.sizes
        at = {} if sizes is None else {"input": list(sizes), "output": [*found.source.size(sizes)]}
        return {
            "schema": 1,
            "command": "convert",
            "from": found.source.framework.name,
            "to": found.target,
            "source": self.source,
            **at,
            "size": [*map(str, found.size_maps)],
            "exact": _candidate(found.exact, sizes),
            "classes": [_candidate(each, sizes) for each in found.classes],
            "simple": _candidate(found.simple, sizes),
            "run_time": found.run_time,
            "weights": how_carried(found),
            "code": next(self.codes(), None),
            "notes": notes(found),
            "reason": found.reason,
            "nearest": _nearest(found),
            **({} if self.wanted is None else {"wanted": _wanted(self.wanted)}),
        }


def converted(given: Layer, target: str, size: int | Sequence[int] | None = None) -> Conversion:
    """A layer in a framework; size: of one input, of all axes where it is a number.

    Raises SizeError for an input that the layer does not take.
    """
    told = {"linear": 1, "trilinear": 3} if given.framework.name == "torch" else {}
    usual = told.get(given.arguments.get("mode", ""), USUAL_AXES)
    sizes = None if size is None else (size,) if isinstance(size, int) else tuple(size)
    axes = given.axes or (len(sizes) if sizes and len(sizes) > 1 else usual)
    if sizes is not None:
        sizes *= axes if len(sizes) == 1 else 1
        given.size(sizes)  # raises where the layer does not take it
    return convert(given, target, axes, sizes)


def _alone(found: Conversion) -> Iterator[str]:
    """Yield one layer alone, and how far it agrees."""
    alone, sizes = found.simple, found.sizes
    if alone is None:
        return
    if found.exact or alone.written not in [each.written for each in found.classes]:
        yield f"one layer alone: {in_one_line(alone.written)}"
        yield "  " + _agrees(alone, found.spec, sizes)
    elif alone.same_size != alone.aligned and sizes is None:
        yield f"{in_one_line(alone.written)} alone: {_agrees(alone, found.spec, sizes)}"


def _exact(found: Conversion) -> Iterator[str]:
    """Yield where it is exact, or why nothing is."""
    if found.exact is None:
        yield from _not_exact(found)
        return
    how = "the same windows" if found.exact.written.notes else "exact"
    if found.with_output_size:
        here = " x ".join(str(each.first(1)) for each in found.exact.alike)
        yield f"{how} for n = {here} only: output_shape fixes the size, whatever is cropped"
    else:
        yield f"{how} for every {found.exact.aligned}: the size is {_size(found)}"
    spec = found.spec
    if isinstance(spec, LayerSpec) and spec.transposed and len(found.exact.written.layers) > 1:
        crops = dict.fromkeys(spec.crops())
        ends = "; ".join(f"{begin} at the begin and {end} at the end" for begin, end in crops)
        yield f"of the full output it crops {ends}"
    if found.exact.instead:
        yield f"also exact: {in_one_line(found.exact.instead)}"


def _not_exact(found: Conversion) -> Iterator[str]:
    fault = found.fault
    if found.with_output_size and fault:
        yield f"exact for one input, such as {fault.right}"
    elif not found.classes and fault:
        parts = (f"not exactly: {fault.rule}", fault.received)
        yield "; ".join(part for part in parts if part)
    if not found.classes and found.nearest:
        yield f"nearest accepted change: {found.nearest.change}"
        if found.simple is None or found.simple.written != found.nearest.written:
            yield f"  {in_one_line(found.nearest.written)}"


def _size(found: Conversion) -> str:
    return " x ".join(dict.fromkeys(map(str, found.size_maps)))


def sets_words(sets: Sequence[SizeSet]) -> str:
    """Where something holds axis by axis; one set for all where they are alike.

    >>> sets_words([SizeSet(2, [0]), SizeSet(2, [1])]), sets_words([SizeSet(2, [0])] * 2)
    ('even n x odd n', 'even n')
    """
    return " x ".join(map(str, sets if len(set(sets)) > 1 else sets[:1]))


def _agrees(candidate: Candidate, spec: LayerSpec | Sampled, sizes: Sequence[int] | None) -> str:
    """Say where sizes agree, and where the same elements are read."""
    same_sizes: tuple[SizeSet, ...] = (candidate.same_size,)
    alike: tuple[SizeSet, ...] = (candidate.aligned,)
    if sizes is not None:
        same_sizes, alike = candidate.same_sizes, candidate.alike
    same = f"same size for every {sets_words(same_sizes)}"
    if alike == same_sizes:
        return f"{same}, and the same elements"
    where = f"the same elements for {sets_words(alike)} only" if all(alike) else ""
    where = where or "never the same elements"
    transposed = isinstance(spec, LayerSpec) and spec.transposed
    shifts = "; ".join(_shifts(candidate.shift, transposed)) if candidate.shift else ""
    return f"{same}; {where}{': ' if shifts else ''}{shifts}"


def _shifts(shift: SizeMap, transposed: bool) -> Iterator[str]:
    """Say how far outputs are shifted, class by class where that depends on n."""
    values = sorted(set(shift.values) - {0})
    for value in values[:_MOST_SHIFTS]:
        inputs = where_zero(shift - value)
        where = "" if shift.period == 1 else f" for {inputs}"
        if transposed:
            more = "more" if value > 0 else "fewer"
            yield f"it crops {abs(value)} {more} at the begin{where}"
        else:
            elements = "element" if abs(value) == 1 else "elements"
            direction = "earlier" if value < 0 else "later"
            yield f"it reads {abs(value)} {elements} {direction}{where}"
    if len(values) > _MOST_SHIFTS:
        yield f"and so on: by {values[0]} to {values[-1]} elements in all"


def how_carried(found: Conversion) -> str | None:
    """How the weights go over, as a NumPy expression of w; None where there are none."""
    for best in found.best():
        carry = (carried(found.source, layer, found.spec.axes) for layer in best.written.layers)
        return next(filter(None, carry), None)
    return None


def notes(found: Conversion) -> list[str]:
    """What to beware of: values, and runtimes and versions that differ."""
    best = found.exact or (found.classes[0] if found.classes else None)
    said = list(best.written.notes) if best else []
    if (sizes := found.sizes) is not None:
        layers = best.written.layers if best and len(best.written.layers) == 1 else ()
        for layer in (found.source, *layers):
            said += [f"{layer.name}: {note}" for note in layer.notes(sizes)]
    return said


def _candidate(candidate: Candidate | None, at: Sequence[int] | None) -> dict[str, Any] | None:
    if candidate is None:
        return None
    return {
        "layers": [line(layer) for layer in candidate.written.layers],
        "same_size": _sizesets_words(candidate.same_size, candidate.same_sizes, at),
        "aligned": _sizesets_words(candidate.aligned, candidate.alike, at),
        "shift": None if candidate.shift is None else str(candidate.shift),
        "instead": candidate.instead and [line(layer) for layer in candidate.instead.layers],
        "notes": list(candidate.written.notes),
    }


def _sizesets_words(
    together: SizeSet, each: Sequence[SizeSet], at: Sequence[int] | None
) -> dict[str, Any] | list[dict[str, Any]]:
    """Where something holds; of one input with axes that differ, a set for each axis."""
    if at is None or len(set(each)) == 1:
        return size_set(together)
    return [*map(size_set, each)]


def _nearest(found: Conversion) -> dict[str, Any] | None:
    if found.nearest is None or found.classes:
        return None
    layers = [line(layer) for layer in found.nearest.written.layers]
    return {"change": found.nearest.change, "layers": layers}


def _wanted(explained: Explained) -> dict[str, Any]:
    record = explained.record()
    names = ("runs", "reason", "edits", "single_changes")
    return {name: record[name] for name in names if name in record}


def _by(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes))
