"""What the lines of a region ask of Z, as a step of a derivation."""

from __future__ import annotations

from solver.inverse.family import STRIDE, Affine
from solver.inverse.region import ANYTHING, Bound, Region
from solver.sizes.step import Step, line, link


def between(words: str, region: Region, z: Affine, stride: int | None) -> Step:
    """Say what a region of one low and one high line asks of Z, its constant moved to the bounds.

    >>> from solver.inverse.family import PADDING
    >>> from solver.sizes.text import text
    >>> region = Region(((1, -3),), ((2, 4),))
    >>> [*map(text, between("hence", region, Affine({PADDING: 2}, 1), None).terms)]
    ['stride - 4', '2*padding', '2*stride + 3']
    """
    (low,), (high,) = region.lows, region.highs
    constant = Affine({}, z.constant if z.terms else 0)
    size = z - constant
    least = None if low in ANYTHING.lows else bound(low, stride) - constant
    most = None if high in ANYTHING.highs else bound(high, stride) - constant
    if max(size.terms.values(), default=0) < 0:
        least, most = (None if end is None else -end for end in (most, least))
        size = -size
    if least is not None and most is not None:
        return link(words, least, size, most)
    one = most if least is None else least
    assert one is not None  # a region has a bound
    return line(words, size, "<=" if least is None else ">=", one)


def bound(end: Bound, stride: int | None) -> Affine:
    """A line in the stride, or its value where the stride is known."""
    a, b = end
    return Affine({STRIDE: a}, b) if stride is None else Affine({}, a * stride + b)
