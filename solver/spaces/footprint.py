"""Footprints: exactly which elements outputs read, as a set that repeats.

Output y of a layer, or of a block, reads a finite set of elements; after some outputs, a turn, the
sets come again, moved. So a footprint is one set for each output of a turn, as the bits of a number
with where they begin. In order they compose, and where branches meet they are united: an element is
read where one branch reads it. What joins does not choose, so nothing but the sets is carried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache, reduce
from math import gcd, lcm
from operator import or_
from typing import Any

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.layers.window import Window

#: The first element and the bits from it on; 0 bits where nothing is read.
Elements = tuple[int, int]

MOST_TOLD = 1 << 16  # elements that are told apart


class Footprint(NamedTuple):
    """Hold what each output of a turn reads, and how far on the next turn reads.

    gain: in elements; 0 where every output reads the whole input. mixed: whether it unites branches
    of which none reads all that the others read; along several axes these read less than the sets
    of each axis together.

    >>> Footprint.of(Window(2, 3, dilation=2)).reads(1)
    [3, 5]
    >>> down, up = Footprint.of(Window(2, 2)), Footprint.of(Window(2, 2).transposed)
    >>> [up.behind(down).reads(y) for y in range(4)]
    [[0, 1], [0, 1], [2, 3], [2, 3]]
    """

    gain: int
    turn: tuple[Elements, ...]
    mixed: bool = False

    @classmethod
    def of(cls, window: Window) -> Footprint:
        """What a window reads. Raises LimitError for too many elements."""
        return _of_window(window._replace(end=0))

    def reads(self, y: int) -> list[int]:
        """The elements that output y reads, in order."""
        low, bits = self._at(y)
        return [low + at for at in _places(bits)]

    def behind(self, before: Footprint) -> Footprint:
        """What is read through what reads `before` of the input. Raises LimitError."""
        if ITS_OWN in (self, before):
            return before if self == ITS_OWN else self
        if not (self.gain and before.gain):
            return WHOLE
        return _composed(self, before)._replace(mixed=self.mixed or before.mixed)

    def beside(self, other: Footprint) -> Footprint:
        """What both read together, of one jump. Raises LimitError.

        >>> one, two, both = (Footprint.of(Window(*x)) for x in ((1, 2), (1, 2, 1), (3, 2, 1)))
        >>> one.beside(two).mixed, one.beside(two).beside(both).mixed
        (True, False)
        """
        if self == other:
            return self
        if not (self.gain and other.gain):
            return WHOLE
        found = _united(self, other)
        for each in (self, other):
            if (each.gain, each.turn) == (found.gain, found.turn) and not each.mixed:
                return each
        return found._replace(mixed=True)

    @property
    def moved(self) -> Footprint:
        """It beginning at element 0, where all outputs read alike."""
        return self._replace(turn=((0, self.turn[0][1]),)) if len(self.turn) == 1 else self

    def _at(self, y: int) -> Elements:
        turns, at = divmod(y, len(self.turn))
        low, bits = self.turn[at]
        return low + turns * self.gain, bits


ITS_OWN = Footprint(1, ((0, 1),))
#: Behind what pools all of its input every output reads everything.
WHOLE = Footprint(0, ((0, 1),))


def footprint(option: Any) -> Footprint:
    """What an option reads: of a block that of all its branches."""
    if option.footprint is not None:
        found: Footprint = option.footprint
        return found
    (layer,) = option.layers
    axis = option.axis
    if getattr(layer.row, "whole", False) is True:
        return WHOLE
    return Footprint.of(layer.window(axis))


@lru_cache(4096)
def _of_window(window: Window) -> Footprint:
    s, m = window.stride, window.input_dilation
    common = gcd(s, m)
    check(window.kernel_size * m // common)
    turn = [set(window.read(y)) for y in range(m // common)]
    return _made(s // common, map(_elements, turn))


@lru_cache(1 << 14)
def _composed(own: Footprint, before: Footprint) -> Footprint:
    turns = lcm(own.gain, len(before.turn)) // own.gain
    check(turns * sum(bits.bit_count() for _, bits in own.turn))
    count = turns * len(own.turn)
    found = (_all(before._at(x) for x in own.reads(y)) for y in range(count))
    return _made(before.gain * turns * own.gain // len(before.turn), found)


@lru_cache(1 << 14)
def _united(one: Footprint, two: Footprint) -> Footprint:
    count = lcm(len(one.turn), len(two.turn))
    check(count)
    found = (_all((one._at(y), two._at(y))) for y in range(count))
    return _made(one.gain * (count // len(one.turn)), found)


def _made(gain: int, turn: Iterable[Elements]) -> Footprint:
    """A footprint of the shortest turn that says the same."""
    every = tuple(turn)
    count = len(every)
    check(sum(bits.bit_length() for _, bits in every))
    for short in (x for x in range(1, count) if count % x == gain * x % count == 0):
        by = gain * short // count
        if all(
            (bits, low + by * bool(bits)) == (more, at)
            for (low, bits), (at, more) in zip(every, every[short:], strict=False)
        ):
            return Footprint(by, every[:short])
    return Footprint(gain, every)


def _all(parts: Iterable[Elements]) -> Elements:
    """The union of elements."""
    some = [part for part in parts if part[1]]
    low = min((start for start, _ in some), default=0)
    return low, reduce(or_, (bits << start - low for start, bits in some), 0)


def _elements(places: set[int]) -> Elements:
    return _all((place, 1) for place in places)


def _places(bits: int) -> Iterator[int]:
    while bits:
        last = bits & -bits
        yield last.bit_length() - 1
        bits ^= last


def check(count: int) -> None:
    """Raise LimitError where too many elements would be told apart."""
    if count > MOST_TOLD:
        rule = f"at most {MOST_TOLD:,} elements are told apart by what reads them"
        raise LimitError(rule, f"{count:,}", "smaller kernels and strides")
