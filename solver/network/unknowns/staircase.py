"""A demand on a size behind the unknown layer, for every n, as bounds on the layer.

The later size F(m) must be t(n), or at most, or at least: so m, which comes out of the layer, lies
between two staircases of n. Equal slopes fix the stride; one period gives the bounds on the net
padding, see `solver.inverse.region`.
"""

from __future__ import annotations

from math import gcd, lcm

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.inverse.region import ANYTHING, Region, bounds_at
from solver.network.graph.demand import AT_MOST, SQUARE, Demand
from solver.sizes.domain import LONGEST_PERIOD
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet


class Impossible(Exception):
    """Say that no layer gives what a node asks for."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(number, why)
        self.blocked = number, why


class Staircase(NamedTuple):
    """Hold a demand: size(m) = other(n), or <= it, or >= it where flipped.

    before: the size that goes into the layer, a map of n; m comes out of it.
    """

    demand: Demand
    before: SizeMap
    size: SizeMap
    other: SizeMap
    flipped: bool

    @property
    def equal(self) -> bool:
        return self.demand.relation != AT_MOST

    def stride(self, transposed: bool) -> tuple[int, int]:
        """The stride that gives both sides one slope, as a fraction in lowest terms."""
        inside = self.before.rise * self.size.rise * self.other.period
        outside = self.other.rise * self.before.period * self.size.period
        above, below = (outside, inside) if transposed else (inside, outside)
        common = gcd(above, below) or 1
        return above // common, below // common

    def region(self, transposed: bool, stride: int, asked: SizeSet) -> Region:
        """What the layer must satisfy for the demand to hold from some asked n on."""
        above, below = self.stride(transposed)
        if (above, below) != (stride, 1):  # only where one side is at most the other
            # below*stride > above: a convolution makes its side too small, the other too large
            smaller = (below * stride > above) != transposed
            if smaller != self.flipped:
                return ANYTHING
            raise Impossible(self.demand.at, words(self.demand))
        turns = lcm(self.before.period, self.other.period, asked.modulus)
        gain = self.other.rise * (turns // self.other.period)
        period = turns * (self.size.rise // gcd(gain, self.size.rise))
        if period // asked.modulus * asked.per_period > LONGEST_PERIOD:
            raise LimitError("this repeats too late", received=f"a period of {period:,}")
        lows, highs = [], []
        classes = list(asked.classes(period))
        for r in classes:
            n, wanted = int(self.before(r)), int(self.other(r))
            first, last = self.size.first(wanted), self.size.first(wanted + 1) - 1
            # A larger net padding makes more come out, of a transposed convolution less.
            least, most = (last, first) if transposed else (first, last)
            lows.append(bounds_at(transposed, stride, n, least)[0])
            highs.append(bounds_at(transposed, stride, n, most)[1])
        low, high = max(lows), min(highs)
        if not self.equal:
            if self.flipped != transposed:
                return Region(((0, low),), ANYTHING.highs, stride, stride)
            return Region(ANYTHING.lows, ((0, high),), stride, stride)
        if low > high:
            one, two = classes[lows.index(low)], classes[highs.index(high)]
            why = f"{words(self.demand)}: no layer of stride {stride} does this"
            if one != two:
                why += f" both for n = {one} and for n = {two} (mod {period})"
                why += f'; one class alone may have an answer: --where "n % {period} == {one}"'
            raise Impossible(self.demand.at, why)
        return Region(((0, low),), ((0, high),), stride, stride)


def words(demand: Demand) -> str:
    """What a demand says, in n and m, the size that comes out of the unknown layer."""
    behind = {letter for letter in demand.letters if letter == "m" or letter.startswith("m_")}
    before = demand.letters - behind
    if len(behind) > 1 or len(before) > 1:
        return demand.text
    return demand.renamed({**dict.fromkeys(behind, "m"), **dict.fromkeys(before, SQUARE)}).text
