"""Resizing by a factor, as frameworks compute it: a product in floating point, cut to a whole.

For most factors people write, that is floor(p*n/q) for whole p and q at every size; where the
rounding of the product makes it something else, no formula is claimed.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from solver.errors import SolverError
from solver.layers.rule import AxisRule
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet

if TYPE_CHECKING:
    from fractions import Fraction

_LONGEST = 10**6
#: The sizes a formula is claimed for.
LARGEST = 2**24


def resized(scale: float, rule: str, least: int = 1) -> AxisRule:
    """Return floor(n*scale) computed in double precision, of which at least `least` is accepted.

    >>> resized(0.5, "").size(7), resized(0.29, "").size(100)  # not 29: 100*0.29 is less
    (3, 28)
    >>> str(resized(1 / 3, "").size_map)
    'floor(n/3)'
    """
    if not isfinite(scale) or scale <= 0:
        rule = "a scale factor must be greater than zero"
        raise SolverError(rule, repr(scale), "a factor of 1 or more, or a part of 1")

    def size(n: int) -> int:
        return int(float(n) * float(scale))

    first = max(1, _first(scale, least))
    unproved = None
    if not proved(scale):
        unproved = SolverError(
            "no formula holds for every n: the product is rounded before it is cut",
            received=f"a factor of {scale!r}",
            right="a size, or a factor such as 0.5, 2 or 1.5",
        )
    return AxisRule(size_map(scale), SizeSet(minimum=first), rule, None, None, size, unproved)


def proved(scale: float) -> bool:
    """Tell whether floor(p*n/q) is what is computed at every n up to LARGEST.

    Stored above p/q, a factor never falls short of a whole product; stored below, the rounding
    makes up for it at every n only where it lacks at most 2**-54 of itself. Products that are not
    whole are at least 1/q away from the next whole number, which no rounding bridges.

    >>> proved(0.5), proved(1 / 3), proved(0.29)
    (True, True, False)
    """
    ratio = fraction(scale)
    if ratio.denominator > _LONGEST or ratio * LARGEST * ratio.denominator >= 2**51:
        return False
    if ratio == scale:
        return True
    from fractions import Fraction  # most factors are whole

    exact = Fraction(scale)
    return exact >= ratio or (ratio - exact) * 2**54 <= ratio


def size_map(scale: float) -> SizeMap:
    """Return floor(n*scale) with the scale taken as the shortest fraction that is stored as it."""
    ratio = fraction(scale)
    return SizeMap.line(ratio.numerator, 0, ratio.denominator)


def fraction(scale: float) -> int | Fraction:
    """The simplest fraction that rounds to a factor, or the factor itself exactly.

    >>> fraction(1 / 3), fraction(0.29), fraction(2.0)
    (Fraction(1, 3), Fraction(29, 100), 2)
    """
    if float(scale).is_integer():
        return int(scale)
    from fractions import Fraction  # most factors are whole

    exact = Fraction(scale)
    for most in (10, 1000, _LONGEST):
        near = exact.limit_denominator(most)
        if float(near) == scale:
            return near
    return exact


def _first(scale: float, least: int) -> int:
    """The smallest n with int(n*scale) >= least; a product never falls as n grows."""
    above, below = scale.as_integer_ratio()
    n = max(0, least * below // above - 1)
    while int(n * scale) < least:
        n += 1
    return n


def rounded_product(n: int, scale: float) -> int:
    """Return floor(n*scale) with every step rounded to single precision, as onnxruntime does.

    >>> rounded_product(21, 3.3333332538604736), int(21 * 3.3333332538604736)
    (70, 69)
    """
    return int(_single(_single(float(n)) * _single(scale)))


def _single(value: float) -> float:
    """Round a double to the nearest single."""
    from struct import pack, unpack

    return float(unpack("f", pack("f", value))[0])
