"""Where two ways to resize read the same inputs: decided in integers, for every n.

Output j of m reads around a position x of the n inputs, which is (j + 1/2)n/m - 1/2, jn/m or
j(n - 1)/(m - 1); the nearest input is x, rounded one way or another. By a factor p/q, output j + p
reads q inputs further than output j, so one turn of p outputs tells about all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.errors import LimitError
from solver.frameworks.sampling import (
    CORNERS,
    DOWN,
    HALF,
    NEAREST,
    PLAIN,
    SHIFTED,
    UP,
    Grid,
    Sampled,
)
from solver.layers.kind import PARTS, RESIZE
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import EVERY, NONE, SizeSet, where_zero
from solver.sizes.slope import whole

if TYPE_CHECKING:
    from fractions import Fraction

_LONGEST = 10**4


def agreement(one: Sampled, other: Sampled, axis: int) -> tuple[SizeSet, SizeSet]:
    """The inputs with one size for both, and those where every output reads alike."""
    here, there = one.readings[axis], other.readings[axis]
    both = here.accepts & there.accepts & _equal(here.size, there.size)
    if one.kind != RESIZE:
        alike = one.kind == other.kind and (one.kind != PARTS or one.method == other.method)
        return both, both if alike else NONE
    if here.scale != there.scale:
        # One is given by a factor, one by a size: alike where the size is the whole product.
        scale, m = here.scale or there.scale, int((there if here.scale else here).size(1))
        product = m / scale if scale else whole(0)
        given = [int(product)] if product.denominator == 1 else []
        given = [1] if here.scale and there.scale else [1, *given]
        return both, both & same_inputs(one, other, axis) & SizeSet.of(given)
    return both, both & same_inputs(one, other, axis)


def _equal(one: SizeMap, other: SizeMap) -> SizeSet:
    return EVERY if one == other else where_zero(one - other)


def same_inputs(one: Sampled, other: Sampled, axis: int) -> SizeSet:
    """The n at which two ways to resize read alike, where their sizes are the same.

    >>> from solver.frameworks import layer
    >>> from solver.frameworks.sampling import of_layer
    >>> near, exact = (of_layer(layer("torch", "Upsample", scale_factor=1.5, mode=mode), 1)
    ...                for mode in ("nearest", "nearest-exact"))
    >>> str(same_inputs(near, exact, 0))  # output 1 of 3 reads inputs 0 and 1
    'n in {1}'
    """
    grid = one.readings[axis]
    if not {one.where, other.where} <= {HALF, PLAIN, CORNERS, SHIFTED}:
        # Parts of an input, or positions with exceptions: nothing is said but of equal words.
        return EVERY if one.way == other.way else NONE
    # From one element there is only one thing to read, from as many as before each itself.
    trivial = SizeSet.of([1])
    if {one.where, other.where} <= {HALF, PLAIN, CORNERS}:
        trivial |= EVERY if grid.scale == 1 else NONE
        trivial |= SizeSet.of([] if grid.scale else [int(grid.size(1))])
    if one.smooth != other.smooth and one.method == other.method:
        # Averaging first matters only where something is made smaller.
        larger = EVERY if grid.scale is not None and grid.scale >= 1 else trivial
        if grid.scale is None:
            larger = SizeSet.of(range(1, int(grid.size(1)) + 1))
        return larger if one.where == other.where else larger & trivial
    if one.method != other.method:
        return trivial
    if (one.where, one.rounding) == (other.where, other.rounding):
        return EVERY
    if one.method != NEAREST or CORNERS in (one.where, other.where):
        return trivial
    return _where_nearest(one, other, grid)


def _where_nearest(one: Sampled, other: Sampled, grid: Grid) -> SizeSet:
    """The n at which two ways to take the nearest input take the same one everywhere."""

    def same(n: int) -> bool:
        m = int(grid.size(n))
        ratio = grid.scale or whole(m) / n
        rows = ([min(index(a, j, ratio), n - 1) for a in (one, other)] for j in range(m))
        return all(here == there for here, there in rows)

    if grid.scale is None:
        m = int(grid.size(1))
        if m > _LONGEST:
            raise LimitError("fixed sizes are compared", str(m), f"at most {_LONGEST:,}")
        # Between n and n + 2m every position grows by 2j or by 2j + 1: by one or the other for all.
        found = SizeSet.of(n for n in range(1, 4 * m) if same(n))
        if (one.where == PLAIN) != (other.where == PLAIN):
            return found
        turn = [n for n in range(2 * m, 4 * m) if n in found]
        return found | SizeSet(2 * m, turn, 2 * m)
    # The first turn may be held back at input 0; from then on each turn is like the one before.
    turns = range(2 * grid.scale.numerator)
    pairs = ([index(a, j, grid.scale) for a in (one, other)] for j in turns)
    apart = next(((j, *pair) for j, pair in enumerate(pairs) if pair[0] != pair[1]), None)
    if apart is None:
        return EVERY
    # From some n on that output exists, and the end of the input does not hide the difference.
    last = max(*apart[1:], grid.size.first(apart[0] + 1)) + 1
    return SizeSet.of(n for n in range(1, last + 1) if same(n))


def index(spec: Sampled, j: int, scale: Fraction) -> int:
    """Which input output j takes as its nearest, where the input is long enough.

    scale: outputs per input.
    """
    p, q = scale.numerator, scale.denominator
    # The position, in units of 1/(2p).
    position = {HALF: (2 * j + 1) * q - p, PLAIN: 2 * j * q, SHIFTED: (2 * j + 1) * q}[spec.where]
    rounded = {
        "floor": position // (2 * p),
        "ceil": -(-position // (2 * p)),
        UP: (position + p) // (2 * p),
        DOWN: -((p - position) // (2 * p)),
    }
    return max(rounded[spec.rounding], 0)
