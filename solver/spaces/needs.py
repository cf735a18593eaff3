"""Gaps: whether every element of the input is read, by the law of what is still needed.

Of a layer's outputs a set N is read further on. What is read of the input is all of it exactly when
for each of some shapes Q, with a period M, every multiple of M is a q + n with q in Q and n in N:
before the first layer for Q = {0} and M = 1. Behind a footprint whose outputs P*u + r read G*u + S,
S of r, the shapes are, for each z below G/gcd(M, G), all P*(M*z + q - s)/G + r that are whole, s in
S and q in Q, with the period P*M/gcd(M, G): translations by M change nothing, so there are few. A
shape that is empty is a gap; at the end every output counts, and every other shape is met.
A block is such a footprint too: an element is read where one of its branches reads it.
The ends of the axis are left out: less than one stride may be lost there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd, lcm
from typing import TYPE_CHECKING, Any

from solver.errors import LimitError
from solver.layers.layer import Layer
from solver.spaces.footprint import Footprint, check, footprint

if TYPE_CHECKING:
    from fractions import Fraction

#: (M, Q): the first element of Q is from 0 to M - 1.
Need = tuple[int, tuple[int, ...]]


class Needs:
    """Work out what is still needed behind layers, and number it: 0 before the first layer.

    axes: how many are alike, and read through the same layers. work: how many elements of shapes
    were told apart so far.
    """

    def __init__(self, axes: int = 1) -> None:
        self._axes = axes
        self.work = 0
        first: frozenset[Need] = frozenset({(1, (0,))})
        self._numbers = {first: 0}
        self._needs = [first]
        self._behind: dict[tuple[Footprint, int, int | None], int | None] = {}
        self._options: dict[tuple[int, int, int | None], int | None] = {}

    def behind(self, read: Footprint, number: int, most: int | None = None) -> int | None:
        """The number of what is needed behind what stays and reads so, None where there is a gap.

        most: the largest total stride that may follow, where nothing is transposed: what reads so
        many elements in a row needs nothing more. Raises LimitError for shapes that are too large.

        >>> from solver.layers.window import Window
        >>> needs = Needs()
        >>> one, two, four = (Footprint.of(Window(k, 2)) for k in (1, 2, 4))
        >>> needs.behind(two, 0), needs.behind(one, 0)
        (0, None)
        >>> wide = needs.behind(four, 0)
        >>> wide, needs.behind(one, wide), needs.behind(four, 0, most=2)
        (1, 0, 2)
        >>> needs.behind(one.beside(Footprint.of(Window(1, 2, 1))), 0)  # each reads what one skips
        0
        """
        if all(period == 1 for period, _ in self._needs[number]):
            read = read.moved  # every translation is the same
        key = read, number, most
        if key not in self._behind:
            self._behind[key] = self._worked_out(read, number, most)
        if 0 < read.over <= self._axes and self._behind[key] is not None:
            if read.over == 1:
                rule = "gaps are not followed beside what pools all that layers do not leave out"
                raise LimitError(rule, right="no limit on gaps")
            rule = "gaps along several axes are followed where one branch reads what others read"
            raise LimitError(rule, right="one axis, or no limit on gaps")
        return self._behind[key]

    def through(self, option: Any, number: int, most: int | None) -> int | None:
        """The same behind an option that stays."""
        key = id(option), number, most
        if key not in self._options:
            self._options[key] = self.behind(footprint(option), number, most)
        return self._options[key]

    def _worked_out(self, read: Footprint, number: int, most: int | None) -> int | None:
        found: set[Need] = set()
        if not read.gain and not self._pooled(read, number):
            return None
        gain, count = read.gain, len(read.turn)
        reads = [(r, s) for r in range(count) for s in read.reads(r)]
        for period, shape in self._needs[number] if gain else ():
            check(len(reads) * len(shape))
            turns = gain // gcd(period, gain)
            check(turns)
            self.work += len(reads) * len(shape) + turns
            parts: list[set[int]] = [set() for _ in range(turns)]
            known = {period * z % gain: z for z in range(turns)}
            for r, x in {(r, s - q) for r, s in reads for q in shape}:
                if (z := known.get(x % gain)) is not None:
                    parts[z].add(count * ((period * z - x) // gain) + r)
            if not all(parts):
                return None
            period = count * period * turns // gain
            found |= {(period, _moved(part, period)) for part in parts if not _runs(part, most)}
        kept = frozenset(_least(found))
        if kept not in self._numbers:
            self._numbers[kept] = len(self._needs)
            self._needs.append(kept)
        return self._numbers[kept]

    def _pooled(self, read: Footprint, number: int) -> bool:
        """Tell whether what reads the same elements behind every output reads what is needed."""
        ((turn, residues),) = read.turn
        return all(
            any(residues >> (q + period * z) % turn & 1 for q in shape)
            for period, shape in self._needs[number]
            for z in range(turn)
        )


def _moved(shape: Iterable[int], period: int) -> tuple[int, ...]:
    """A shape moved by multiples of a period, to begin as near to 0 as it can."""
    first, *rest = sorted(shape)
    by = first // period * period
    return (first - by, *(x - by for x in rest))


def _runs(shape: set[int], most: int | None) -> bool:
    """Tell whether so many elements in a row are there."""
    if most is None or len(shape) < most:
        return False
    run, before = 0, None
    for x in sorted(shape):
        run = run + 1 if before is not None and x == before + 1 else 1
        before = x
        if run >= most:
            return True
    return False


def _least(needs: set[Need]) -> list[Need]:
    """Those of needs that no other implies: a part of a shape, moved, is needed with it."""
    kept: list[Need] = []
    for period, shape in sorted(needs, key=lambda need: (len(need[1]), need)):
        inside = set(shape)
        if not any(
            other == period
            and any(
                (x - part[0]) % period == 0 and all(x - part[0] + y in inside for y in part)
                for x in shape
            )
            for other, part in kept
        ):
            kept.append((period, shape))
    return kept


def read_share(layers: Iterable[Layer], axis: int = 0) -> Fraction:
    """The share of an axis without ends that all outputs together read.

    Raises LimitError where it repeats too late.

    >>> from solver import Conv, ConvTranspose
    >>> read_share([Conv(1, 2), Conv(3, 2)]), read_share([Conv(4, 2), Conv(1, 2)])
    (Fraction(1, 2), Fraction(1, 1))
    >>> from solver.layers.branching import Block
    >>> read_share([Block("add", [[Conv(1, 4)], [Conv(1, 4, 1)]])])
    Fraction(1, 2)
    >>> read_share([ConvTranspose(2, 2), Conv(1, 4)])
    Fraction(1, 2)
    """
    from fractions import Fraction  # only where a share is told

    period, read = _read_of(layers, 1, {0}, axis)
    return Fraction(len(read), period)


def _read_of(layers: Iterable[Any], period: int, read: set[int], axis: int) -> tuple[int, set[int]]:
    """What layers read of their input, for outputs that are read every period.

    Of a block it is what any of its branches reads.
    """
    for layer in reversed(list(layers)):
        if getattr(layer, "branches", None):
            found = [_read_of(branch, period, read, axis) for branch in layer.branches]
            period = lcm(*(turn for turn, _ in found))
            check(period * len(found))
            read = {
                x + turn * i for turn, each in found for x in each for i in range(period // turn)
            }
        elif getattr(layer.row, "whole", False) is True:  # an operator that reads all
            period, read = 1, {0}
        else:
            k, s, begin, _, d, m = layer.window(axis)
            check(max(s * period, k * len(read)))
            period, read = (
                s * period,
                {(s * r + d * t - begin) % (s * period) for r in read for t in range(k)},
            )
            if m > 1:
                turn = lcm(period, m)
                check(turn)
                every = {r + period * i for r in read for i in range(turn // period)}
                period, read = turn // m, {x // m for x in every if x % m == 0}
        if len(read) == period:
            period, read = 1, {0}
    return period, read


def unread_at(layers: Sequence[Layer], sizes: Sequence[int], axis: int = 0) -> int:
    """How many elements along an axis no output reads, with the size before each layer and after.

    Raises LimitError where too many are looked at.

    >>> from solver import Conv
    >>> unread_at([Conv(2, 2), Conv(3, 2)], (15, 7, 3)), unread_at([Conv(1, 3)], (8, 3))
    (1, 5)
    """
    read = list(range(sizes[-1]))
    for layer, size in zip(reversed(layers), sizes[-2::-1], strict=True):
        k, s, begin, _, d, m = layer.window(axis)
        check(k * len(read))
        places = {s * y + d * t - begin for y in read for t in range(k)}
        read = [place // m for place in places if place % m == 0 and 0 <= place // m < size]
    return sizes[0] - len(read)
