"""Where two size maps are equal, in order, or both even: by a law where there is one."""

from __future__ import annotations

from solver.ground.named import NamedTuple
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import EVERY, NONE, SizeSet, where_nonnegative, where_zero


class Remainder(NamedTuple):
    """Hold a difference of size maps as scale*(floor mod modulus) + constant.

    So differ a map and a coarser multiple of its floor: what goes down to level k and what comes
    back up to it. Where that is zero or not negative is a matter of few remainders.
    """

    scale: int
    floor: SizeMap
    modulus: int
    constant: int

    @classmethod
    def of(cls, fine: SizeMap, coarse: SizeMap) -> Remainder | None:
        """Return fine - coarse, or None where it is not of this form.

        >>> there = SizeMap.line(1, 0, 8)  # floor(n/8), and 2*floor(n/16)
        >>> Remainder.of(there, SizeMap.line(1, 0, 16, scale=2))
        Remainder(scale=1, floor=SizeMap.line(1, 0, 8), modulus=2, constant=0)
        """
        if coarse.period == 1 or coarse.period % fine.period:
            return None
        one, two = fine.parts, coarse.parts
        if one is None or two is None:
            return None
        a, rise, shift, period, offset = one
        h = two.period // period
        if period == 1:  # any line is a multiple of the one that the coarse map counts in
            a, rise, shift, offset = two.scale // h, two.rise, 0, shift
        turn, rest = divmod(two.shift - shift, period)
        if rest or rise != two.rise or two.scale != a * h or fine.rise != a * rise:
            return None
        # With y the floor of the coarse map before it is divided by h, the fine map has the floor
        # y - turn, and a*h*floor(y/h) = a*(y - y mod h).
        floor = SizeMap.line(rise, two.shift, period)
        return cls(a, floor, h, offset - two.offset - a * turn)

    def zero(self) -> SizeSet:
        """Where the difference is zero."""
        remainder, over = divmod(-self.constant, self.scale)
        if over or not 0 <= remainder < self.modulus:
            return NONE
        return SizeSet.where(self.floor, self.modulus, (remainder,))

    def nonnegative(self) -> SizeSet:
        """Where the difference is not negative."""
        least = -(self.constant // self.scale)
        if least <= 0:
            return EVERY
        return SizeSet.where(self.floor, self.modulus, range(least, self.modulus))

    def even(self) -> SizeSet:
        """Where the difference is even, for an odd scale."""
        of = 2 if self.modulus % 2 == 0 else self.modulus
        return SizeSet.where(self.floor, of, range(self.constant % 2, of, 2))


def where_equal(one: SizeMap, other: SizeMap) -> SizeSet:
    """The n >= 1 at which two maps are equal.

    >>> print(where_equal(SizeMap.line(1, 0, 10**12, scale=10**12), SizeMap.line(1, -5)))
    n = 5 (mod 1000000000000)
    """
    if one == other:
        return EVERY
    found = Remainder.of(one, other) or Remainder.of(other, one)
    return where_zero(one - other) if found is None else found.zero()


def where_at_most(one: SizeMap, other: SizeMap) -> SizeSet:
    """The n >= 1 with one(n) <= other(n).

    >>> print(where_at_most(SizeMap.line(1, 0, 2, scale=2), SizeMap.line(1, -1)))
    odd n
    """
    found = Remainder.of(other, one)
    return where_nonnegative(other - one) if found is None else found.nonnegative()


def where_alike(one: SizeMap, other: SizeMap) -> SizeSet:
    """The n >= 1 at which both maps are even, or both odd.

    >>> print(where_alike(SizeMap.line(1), SizeMap.line(1, 0, 2, scale=2)))
    even n
    """
    for left, right in ((one, other), (other, one)):
        parts = left.parts if left.period > 1 else None
        if parts and parts.scale % 2 == 0:  # of one parity for every n
            return SizeSet.where(right, 2, (parts.offset % 2,))
    found = Remainder.of(one, other) or Remainder.of(other, one)  # of odd scale, or seen above
    return where_zero((one - other) % 2) if found is None else found.even()
