"""Where two size maps are equal, in order, or both even: size sets, by a law where there is one."""

from __future__ import annotations

from collections.abc import Callable
from math import gcd
from typing import NamedTuple

from solver.domain import LONGEST_PERIOD
from solver.errors import LimitError
from solver.sizemap import SizeMap
from solver.sizeset import EVERY, SizeSet, where_nonnegative, where_zero


class Remainder(NamedTuple):
    """Hold a difference of size maps as scale*((floor + turn) mod modulus) + constant.

    So differ a map and a coarser multiple of its floor: what goes down to level k and what comes
    back up to it. Where that is zero, even or not negative is a matter of few residues.
    """

    scale: int
    floor: SizeMap
    turn: int
    modulus: int
    constant: int

    @classmethod
    def of(cls, fine: SizeMap, coarse: SizeMap) -> Remainder | None:
        """Return fine - coarse, or None where it is not of this form.

        >>> there = SizeMap.line(1, 0, 8)  # floor(n/8), and 2*floor(n/16)
        >>> Remainder.of(there, SizeMap.line(1, 0, 16, scale=2))
        Remainder(scale=1, floor=SizeMap.line(1, 0, 8), turn=0, modulus=2, constant=0)
        """
        one, two = fine.parts, coarse.parts
        if one is None or two is None or two.period == 1 or two.period % one.period:
            return None
        a, rise, shift, period, offset = one
        h = two.period // period
        if period == 1:  # any line is a multiple of the one that the coarse map counts in
            a, rise, shift, offset = two.scale // h, two.rise, 0, shift
        turn, rest = divmod(two.shift - shift, period)
        if rest or rise != two.rise or two.scale != a * h or fine.rise != a * rise:
            return None
        # scale*floor((y + t)/h) = a*(y + t - (y + t) mod h), with y the floor of the fine map
        floor = SizeMap.line(rise, shift, period)
        return cls(a, floor, turn, h, offset - two.offset - a * turn)

    def where(self, holds: Callable[[int], bool]) -> SizeSet:
        """Return the n at which the difference is as wanted."""
        if self.modulus > LONGEST_PERIOD:
            rule = f"a size set has at most {LONGEST_PERIOD:,} classes"
            raise LimitError(rule, received=f"{self.modulus:,}")
        good = [r for r in range(self.modulus) if holds(self.scale * r + self.constant)]
        if len(good) == self.modulus:
            return EVERY
        return SizeSet(self.modulus, [r - self.turn for r in good]).preimage(self.floor)

    def where_zero(self) -> SizeSet:
        """Return the n at which the difference is zero."""
        residue, over = divmod(-self.constant, self.scale)
        if over or not 0 <= residue < self.modulus:
            return SizeSet.of([])
        return SizeSet(self.modulus, [residue - self.turn]).preimage(self.floor)


def where_equal(one: SizeMap, other: SizeMap) -> SizeSet:
    """Return the n >= 1 at which two maps are equal.

    >>> print(where_equal(SizeMap.line(1, 0, 10**12, scale=10**12), SizeMap.line(1, -5)))
    n = 5 (mod 1000000000000)
    """
    if one == other:
        return EVERY
    found = Remainder.of(one, other) or Remainder.of(other, one)
    return where_zero(one - other) if found is None else found.where_zero()


def where_at_most(one: SizeMap, other: SizeMap) -> SizeSet:
    """Return the n >= 1 with one(n) <= other(n).

    >>> print(where_at_most(SizeMap.line(1, 0, 2, scale=2), SizeMap.line(1, -1)))
    odd n
    """
    found = Remainder.of(other, one)
    if found is None or found.modulus > LONGEST_PERIOD:
        return where_nonnegative(other - one)
    return found.where(lambda difference: difference >= 0)


def where_alike(one: SizeMap, other: SizeMap) -> SizeSet:
    """Return the n >= 1 at which both maps are even, or both odd.

    >>> print(where_alike(SizeMap.line(1), SizeMap.line(1, 0, 2, scale=2)))
    even n
    """
    for left, right in ((one, other), (other, one)):
        if left.parts and left.parts[0] % 2 == 0 and left.period > 1:  # of one parity for every n
            odd = left.parts[2] % 2
            if right.rise > 0 and right.nondecreasing:
                return SizeSet(2, [odd]).preimage(right)
    return where_zero((one - other) % 2)


def where_within(size_map: SizeMap, allowed: SizeSet) -> SizeSet:
    """Return the n >= 1 that any size map sends into a set, one that goes down or back included.

    >>> back = SizeMap.line(1) + SizeMap.line(2, 0, 4) + SizeMap.line(-2, 2, 4)  # no growing map
    >>> print(where_within(back, SizeSet(2, [0], 3)))
    even n >= 4
    """
    if size_map.rise > 0 and size_map.nondecreasing:
        return allowed.preimage(size_map)
    found = SizeSet.of([])
    for size in allowed.exceptions:
        found |= where_zero(size_map + -size)
    modulus = allowed.modulus
    period = size_map.period * (modulus // gcd(modulus, size_map.rise))
    if period > LONGEST_PERIOD:
        raise LimitError("these sizes repeat too late", received=f"{period:,}")
    good = set(allowed.residues)
    classes = [n for n in range(1, period + 1) if size_map(n) % modulus in good]
    return found | SizeSet(period, classes) & where_nonnegative(size_map + -allowed.minimum)
