"""What a target asks of a layer: for each stride, an interval for one number.

A layer's size depends on kernel, padding and dilation only through the net padding
Y = P - d(k - 1) (see `solver.sizes.formulas`); write Z for Y - output_padding. Then

    convolution   m1 <= (n - 1 + Z)//s + 1 <= m2   <=>   (m1 - 1)s + 1 - n <= Z <= m2*s - n
    transposed    m1 <= (n - 1)s + 1 - Z <= m2    <=>   (n-1)s + 1 - m2 <= Z <= (n-1)s + 1 - m1

Both bounds are lines in s. A target for every n is the same with s fixed by the slopes and the
bounds taken over one period. So every question, however many sizes and axes it names, becomes one
`Region`, and regions of several questions about one layer intersect.
"""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.sizes.domain import LARGEST, LONGEST_PERIOD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solver.sizes.sizeset import SizeSet
    from solver.sizes.target import SizeExpression

Bound = tuple[int, int]  # (a, b) is the line a*s + b


class Region(NamedTuple):
    """Hold the (s, Z) with s in strides, Z >= every line of lows and <= every line of highs.

    kernels: the least and the greatest kernel_size, for a kernel that must lie in the input.

    >>> w = for_sizes(False, 224, 112, 112)  # a convolution, 224 -> 112
    >>> w.at(2)
    (-1, 0)
    """

    lows: tuple[Bound, ...]
    highs: tuple[Bound, ...]
    first: int = 1
    last: int | None = None
    kernels: tuple[int, int] = (1, LARGEST)

    def at(self, s: int) -> tuple[int, int]:
        """The least and greatest Z at a stride; the interval may be empty."""
        low = max([a * s + b for a, b in self.lows])
        return low, min([a * s + b for a, b in self.highs])

    @property
    def strides(self) -> tuple[int, int | None]:
        """The first and the last stride that leave the region open; 1, 0 where none does.

        >>> for_sizes(False, 224, 112, 112).strides
        (1, None)
        >>> (for_sizes(False, 224, 112, 112) & for_sizes(False, 7, 4, 4)).strides
        (2, 2)
        """
        first, last = self.first, self.last
        for a, b in self.lows:
            for c, d in self.highs:
                # a*s + b <= c*s + d
                if c > a:
                    first = max(first, -((d - b) // (c - a)))
                elif c < a:
                    bound = (d - b) // (a - c)
                    last = bound if last is None else min(last, bound)
                elif b > d:
                    return 1, 0
        return (first, last) if last is None or first <= last else (1, 0)

    @property
    def possible(self) -> bool:
        """Tell whether some stride leaves the region open.

        >>> for_sizes(False, 224, 112, 112).possible, NOTHING.possible
        (True, False)
        """
        return self.strides != (1, 0) and self.kernels[0] <= self.kernels[1]

    def __and__(self, other: Region) -> Region:
        if ANYTHING in (self, other):
            return self if other == ANYTHING else other
        if self == other:
            return self
        lasts = [w.last for w in (self, other) if w.last is not None]
        return Region(
            _outermost((*self.lows, *other.lows), 1),
            _outermost((*self.highs, *other.highs), -1),
            max(self.first, other.first),
            min(lasts, default=None),
            (max(self.kernels[0], other.kernels[0]), min(self.kernels[1], other.kernels[1])),
        )


def _outermost(lines: tuple[Bound, ...], sign: int) -> tuple[Bound, ...]:
    """Leave out the lines that another one makes idle for every stride from 1 on.

    sign: 1 where the highest line counts, -1 where the lowest does.
    """
    kept: list[Bound] = []
    for a, b in dict.fromkeys(lines):
        if not any(sign * c >= sign * a and sign * (c + d) >= sign * (a + b) for c, d in kept):
            kept = [
                (c, d)
                for c, d in kept
                if not (sign * a >= sign * c and sign * (a + b) >= sign * (c + d))
            ]
            kept.append((a, b))
    return tuple(kept)


#: Beyond every Z that occurs, so that a region always has a bound.
_FAR = 10**40

#: Every layer, and no layer at all.
ANYTHING = Region(((0, -_FAR),), ((0, _FAR),))
NOTHING = Region(((0, 1),), ((0, 0),), 1, 0)


def for_sizes(
    transposed: bool, n: int, smallest: int, largest: int, inside: bool = False
) -> Region:
    """What the layer must satisfy to take size n to one of smallest..largest.

    An output is at least 1, which also says that the kernel fits; inside: in the unpadded input.
    """
    smallest = max(smallest, 1)
    if smallest > largest:
        return NOTHING
    if transposed:
        return Region(((n - 1, 1 - largest),), ((n - 1, 1 - smallest),))
    kernels = 1, n if inside else LARGEST
    return Region(((smallest - 1, 1 - n),), ((largest, -n),), kernels=kernels)


def for_none(transposed: bool, n: int, inside: bool = False) -> list[Region]:
    """What the layer must satisfy for its kernel not to fit size n: an output below 1.

    >>> for_none(False, 2)[0].at(1)[1]  # n - 1 + Z < 0
    -2
    """
    if transposed:
        return [Region(((n - 1, 1),), ANYTHING.highs)]
    below = Region(ANYTHING.lows, ((0, -n),))
    if not inside:
        return [below]
    return [below._replace(kernels=(1, n)), ANYTHING._replace(kernels=(n + 1, LARGEST))]


def forced_stride(
    transposed: bool, size: SizeExpression, target: SizeExpression
) -> tuple[int, int]:
    """Return (numerator, denominator) of the stride that gives the target its slope.

    A layer can have the slope only if the denominator divides the numerator and both are positive.
    """
    size_rise, size_period = size.slope
    target_rise, target_period = target.slope
    grow, shrink = target_rise * size_period, size_rise * target_period
    return (grow, shrink) if transposed else (shrink, grow)


def for_every(
    transposed: bool,
    size: SizeExpression,
    target: SizeExpression,
    asked: SizeSet,
    inside: bool = False,
) -> list[Region]:
    """What the layer must satisfy to take size(n) to target(n) for every asked n it fits.

    asked: input sizes where both are whole. Its periodic part fixes the stride; a kernel fits from
    some n on. Its exceptions outside the periodic classes are ordinary numbers, and the kernel may
    fit only the larger ones: one region for each number from which on it fits, without overlap.
    """
    region = ANYTHING
    if not asked.finite:
        above, below = forced_stride(transposed, size, target)
        if above <= 0 or below <= 0 or above % below:
            return []
        stride = above // below
        low, high = tail_bounds(transposed, stride, size, target, asked)
        region = Region(((0, low),), ((0, high),), stride, stride)
    found = []
    for n in reversed(asked.apart):
        # Either the kernel fits no larger exception than those so far, or it fits this one too.
        if region != ANYTHING:
            found += [region & none for none in for_none(transposed, size.at(n), inside)]
        wanted = target.at(n)
        region &= for_sizes(transposed, size.at(n), wanted, wanted, inside)
        if not region.possible:
            break
    else:
        if region is not ANYTHING:
            found.append(region)
    return [region for region in found if region.possible]


def tail_bounds(
    transposed: bool,
    stride: int,
    size: SizeExpression,
    target: SizeExpression,
    asked: SizeSet,
) -> tuple[int, int]:
    """The bounds on Z over one period of the asked classes, at the forced stride."""
    bounds = [
        bounds_at(transposed, stride, size.at(r), target.at(r))
        for r in period_of(size, target, asked)
    ]
    lows, highs = zip(*bounds, strict=True)
    return max(lows), min(highs)


def bounds_at(transposed: bool, stride: int, n: int, m: int) -> tuple[int, int]:
    """The least and greatest Z that take n to m, whatever their signs.

    >>> bounds_at(False, 2, 224, 112), bounds_at(True, 2, 0, 0)
    ((-1, 0), (-1, -1))
    """
    if transposed:
        exact = (n - 1) * stride + 1 - m
        return exact, exact
    return (m - 1) * stride + 1 - n, m * stride - n


def period_of(size: SizeExpression, target: SizeExpression, asked: SizeSet) -> Iterable[int]:
    """The asked residues of one period common to both expressions."""
    period = lcm(size.period, target.period, asked.modulus)
    if period // asked.modulus * asked.per_period > LONGEST_PERIOD:
        raise LimitError(
            f"a target for every n may repeat after {LONGEST_PERIOD:,} sizes at most",
            received=f"a period of {period:,}",
        )
    return asked.classes(period)
