"""Which input elements each output reads, phase by phase, with the holes between them.

The elements are those of an axis without ends, as the spans of `fields`; a span has a first and a
last element, here are all between that some path leads to. What an output of a node reads is found
by going back through the windows. Along two axes at once that is a block of rows and columns; where
branches meet whose blocks make up none, the axes are told each by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.ground.shown import drawn
from solver.layers.window import Window
from solver.network.fields.backward import spread
from solver.network.fields.coverage import letter_of, runs
from solver.network.fields.field import Fields, fields
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Input
from solver.network.graph.reads import Link

_MOST_PHASES, _MOST_ELEMENTS = 1 << 10, 1 << 24

#: Elements from one on, a byte for each that says whether it is read.
Placed = tuple[int, bytes]


class PhaseTaps(NamedTuple):
    """Hold what output `phase` reads, and, moved, every period-th output behind it, in runs."""

    phase: int
    read: tuple[range, ...]

    @property
    def taps(self) -> int:
        """How many elements are read."""
        return sum(map(len, self.read))

    @property
    def span(self) -> int:
        """The elements from the first to the last that is read, 0 of none."""
        return self.read[-1].stop - self.read[0].start if self.read else 0

    @property
    def holes(self) -> int:
        """The elements of the span that no path reads."""
        return self.span - self.taps


class Taps(NamedTuple):
    """Hold what the outputs of a node read along a letter. Made by `taps`.

    period: after how many outputs it repeats. rise: by how many elements it has moved on then.
    holds_for: the sizes it is told for, in words.
    """

    letter: str
    period: int
    rise: int
    phases: tuple[PhaseTaps, ...]
    holds_for: str

    @property
    def counts(self) -> tuple[int, ...]:
        """The taps of each phase."""
        return tuple(phase.taps for phase in self.phases)

    @property
    def holes(self) -> bool:
        """Tell whether the receptive field of any output has elements inside that none reads."""
        return any(phase.holes for phase in self.phases)

    def draw(self) -> Any:
        """A picture: a row for each phase, with the elements that it reads.

        Raises LimitError for more phases, or longer fields, than there is room for.

        >>> from solver import Conv, trace
        >>> trace(Conv(3, dilation=2), axes=1).taps().draw()
        <Picture of what every output reads, 1 further on along n, 287 x 120>
        """
        return drawn(self)


def taps(
    network: Graph,
    letter: str | None = None,
    output: int | None = None,
    sizes: Mapping[str, int] | int | Sequence[int] | None = None,
    residue: int | None = None,
) -> Taps:
    """Which input elements the outputs read along an axis, phase by phase.

    letter: of the axis; the first one without it. output: the number of a node; the first output
    without it. sizes, residue: as in `fields`, where padding depends on the size. Raises
    SolverError where outputs read everything, LimitError where there are too many phases.

    >>> from solver import Conv, ConvTranspose, taps, trace
    >>> found = taps(trace(ConvTranspose(3, stride=2, padding=1), axes=1))
    >>> [(phase.span, phase.taps, phase.read) for phase in found.phases]
    [(1, 1, (range(0, 1),)), (2, 2, (range(0, 2),))]
    >>> grid = taps(trace(lambda x: Conv(3, dilation=2)(Conv(3, dilation=2)(x)), axes=1))
    >>> grid.phases[0].span, grid.phases[0].taps, grid.holes
    (9, 5, True)
    >>> taps(trace(ConvTranspose(1, stride=2), axes=1)).counts  # every other output reads nothing
    (1, 0)
    """
    letter = letter_of(network, letter)
    found = fields(network, sizes, residue)
    at = found.network.outputs[0] if output is None else network.beside(found.network, output)
    if at is None or found.of(at, letter) is None:
        rule = "taps lie along a size of the input that the output reads"
        raise SolverError(rule, letter, ", ".join(network.letters))
    return of_node(found, at, letter)


def of_node(found: Fields, at: int, letter: str) -> Taps:
    """The taps of a node along a letter that it reads. Raises as `taps`."""
    field = found.of(at, letter)
    assert field is not None
    span = field.known
    period = span.period
    if period > _MOST_PHASES or period * (span.length + 1) > _MOST_ELEMENTS:
        rule = f"at most {_MOST_PHASES:,} phases are told apart, of short receptive fields"
        raise LimitError(rule, f"{period:,} of {span.length:,}")
    phases = []
    for y in range(period):
        read, _ = _back(found, at, {letter: y})
        start, mask = read[letter]
        parts = (range(start + run.start, start + run.stop) for run in runs(mask, 1))
        phases.append(PhaseTaps(y, tuple(parts)))
    rise = span.first.rise * (period // span.first.period)
    return Taps(letter, period, rise, tuple(phases), found.holds_for(letter))


def pattern(found: Fields, at: int, periods: Mapping[str, int]) -> dict[tuple[int, ...], int]:
    """The taps of each combination of phases, by the phase along each letter.

    periods: of the letters, as in `Taps`. Empty where the elements that are read together are no
    block of rows and columns.

    >>> from solver import ConvTranspose, trace
    >>> found = fields(trace(ConvTranspose(3, stride=2)))
    >>> pattern(found, 1, {"h": 2, "w": 2})
    {(0, 0): 4, (0, 1): 2, (1, 0): 2, (1, 1): 1}
    """
    counts = {}
    for places in product(*map(range, periods.values())):
        read, block = _back(found, at, dict(zip(periods, places, strict=True)))
        if not block:
            return {}
        counts[places] = prod(mask.count(1) for _, mask in read.values())
    return counts


def _back(found: Fields, at: int, places: Mapping[str, int]) -> tuple[dict[str, Placed], bool]:
    """What is read along letters by one output of a node; whether together it is a block."""
    network, nothing = found.network, dict.fromkeys(places, (0, b""))
    wanted: dict[int, dict[str, Placed]] = {at: {x: (y, b"\1") for x, y in places.items()}}
    read, block = dict[str, Placed](), True
    for number in range(at, -1, -1):
        own, node = wanted.pop(number, None), network.nodes[number]
        if own is None:
            continue
        if isinstance(node.operation, Input):
            read, whole = _both(read, own)
            block = block and whole
        for source, row in zip(node.inputs, found.links[number], strict=False):
            passed = {}
            for letter, placed in own.items() if row else ():
                field = found.of(source, letter)
                if field is not None:
                    link = None if field.axis is None else row[field.axis]
                    passed[letter] = _through(found, number, letter, link, placed)
            if passed and all(mask for _, mask in passed.values()):
                wanted[source], whole = _both(wanted.get(source, {}), passed)
                block = block and whole and len(passed) == len(places)
    return read or nothing, block


def _through(found: Fields, at: int, letter: str, link: Link | None, placed: Placed) -> Placed:
    """What is read of an input where elements of a node are wanted; (0, b"") of nothing."""
    field, label = found.of(at, letter), found.network.nodes[at].label
    if link is None or link.why or link.part or field is None or field.axis != link.to:
        why = link.why if link is not None else ""
        raise SolverError("it is not known which elements are read", label + (why and f": {why}"))
    if link.window is None:
        raise SolverError("an output that reads everything has no taps", label)
    start, mask = placed
    k, s, begin, _, d, m = window = link.window
    # The first place that is read, as an element and how far behind it.
    first, rest = divmod(s * start - begin, m)
    width = (s * (len(mask) - 1) + d * (k - 1) + rest) // m + 1
    moved: Window = window._replace(begin=-rest)
    return _trimmed(first, spread(mask, moved, width) or b"\1" * width)


def _trimmed(start: int, mask: bytes) -> Placed:
    """The same elements from the first to the last that is read."""
    kept = mask.lstrip(b"\0")
    return (start + len(mask) - len(kept), kept.rstrip(b"\0")) if kept else (0, b"")


def _both(one: dict[str, Placed], other: dict[str, Placed]) -> tuple[dict[str, Placed], bool]:
    """What is in one block or the other, along each letter; whether together they are a block."""
    if not one or not other:
        return one or other, True
    joined = {x: _either(one.get(x), other.get(x)) for x in {**one, **other}}
    apart = [x for x in joined if one.get(x) != other.get(x)]
    return joined, len(apart) < 2 or joined in (one, other)


def _either(one: Placed | None, other: Placed | None) -> Placed:
    if one is None or other is None:
        return one or other or (0, b"")
    start = min(one[0], other[0])
    (a, b) = (bytes(at - start) + mask for at, mask in (one, other))
    whole = int.from_bytes(a, "little") | int.from_bytes(b, "little")
    return start, whole.to_bytes(max(len(a), len(b)), "little")
