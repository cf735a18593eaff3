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

    gain: in elements; 0 where every output reads all of the input, but for what layers before
    leave out: then the turn is one period, and the residues that are read. over: the fewest axes
    along which less may be read, 0 for none: where branches are united of which none reads all
    that the others read.

    >>> Footprint.of(Window(2, 3, dilation=2)).reads(1)
    [3, 5]
    >>> down, up = Footprint.of(Window(2, 2)), Footprint.of(Window(2, 2).transposed)
    >>> [up.behind(down).reads(y) for y in range(4)]
    [[0, 1], [0, 1], [2, 3], [2, 3]]
    """

    gain: int
    turn: tuple[Elements, ...]
    over: int = 0

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
        over = _least(self.over, before.over)
        if not before.gain:
            return before._replace(over=over)
        return (_composed if self.gain else _pooled)(self, before)._replace(over=over)

    def beside(self, other: Footprint) -> Footprint:
        """What both read together, of one jump. Raises LimitError.

        >>> one, two, both = (Footprint.of(Window(*x)) for x in ((1, 2), (1, 2, 1), (3, 2, 1)))
        >>> one.beside(two).over, one.beside(two).beside(both).over
        (2, 0)
        """
        if self == other:
            return self
        if WHOLE in (self, other):
            return WHOLE
        pooled = (not self.gain) + (not other.gain)
        found = (_united, _beside_pooled, _both_pooled)[pooled](self, other)
        for each in (self, other):
            if (each.gain, each.turn) == (found.gain, found.turn) and not each.over:
                return each
        over = 1 if found is WHOLE else 2  # what only one of them reads is not told apart there
        return found._replace(over=_least(over, _least(self.over, other.over)))

    @property
    def moved(self) -> Footprint:
        """It beginning at element 0, where all outputs read alike."""
        if len(self.turn) > 1 or not self.gain:
            return self
        return self._replace(turn=((0, self.turn[0][1]),))

    def _at(self, y: int) -> Elements:
        turns, at = divmod(y, len(self.turn))
        low, bits = self.turn[at]
        return low + turns * self.gain, bits


ITS_OWN = Footprint(1, ((0, 1),))
#: Behind what pools all of its input every output reads everything.
WHOLE = Footprint(0, ((1, 1),))


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


def _least(one: int, two: int) -> int:
    """The smaller of two numbers of axes, where 0 stands for none."""
    return min(one or two, two or one)


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


@lru_cache(1 << 10)
def _pooled(own: Footprint, before: Footprint) -> Footprint:
    """What is read by what pools all, or some residues, of what reads `before`."""
    ((period, residues),) = own.turn
    count = lcm(period, len(before.turn))
    check(count)
    gain = before.gain * (count // len(before.turn))
    read = (before.reads(y + at) for y in range(0, count, period) for at in _places(residues))
    return _residues(gain, {x % gain for each in read for x in each})


@lru_cache(1 << 10)
def _both_pooled(one: Footprint, two: Footprint) -> Footprint:
    ((first, _),), ((second, _),) = one.turn, two.turn
    period = lcm(first, second)
    check(period)
    pairs = ((turn, x) for (turn,) in (one.turn, two.turn) for x in range(period))
    return _residues(period, {x for (turn, bits), x in pairs if bits >> x % turn & 1})


@lru_cache(1 << 10)
def _beside_pooled(one: Footprint, two: Footprint) -> Footprint:
    """What pools beside what does not: what it pools, where the other reads nothing else."""
    all_of, some = (one, two) if two.gain else (two, one)
    ((period, bits),) = all_of.turn
    moves = period // gcd(period, some.gain)
    check(moves * len(some.turn))
    read = (x for y in range(moves * len(some.turn)) for x in some.reads(y))
    return all_of if all(bits >> x % period & 1 for x in read) else WHOLE


def _residues(period: int, read: set[int]) -> Footprint:
    """What reads all elements of some residues, of the shortest period that says the same."""
    for short in (x for x in range(1, period + 1) if period % x == 0):
        if all((x + short) % period in read for x in read):
            return Footprint(0, ((short, sum(1 << x for x in read if x < short)),))
    raise AssertionError  # the period itself does


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
