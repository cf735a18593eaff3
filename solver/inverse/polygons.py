"""Count the solutions of a problem of any size, by the points of polygons.

With the stride, the output padding and one of kernel and dilation fixed, the window is a strip
low <= base + factor*v - w*u <= high, where v is the padding (or the input, where that is asked
for) and w*u the reach, w fixed: the integer points of a polygon, counted by floor sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from solver.domain import LARGEST, Domain
from solver.errors import LimitError
from solver.inverse.problem import Problem
from solver.inverse.window import ANYTHING
from solver.lattice import Line, count_points

_MOST_STEPS = 200_000  # polygons; each takes some ten microseconds


def count_polygons(problem: Problem, steps: int = _MOST_STEPS) -> int:
    """Count the solutions exactly. Raises LimitError where even that would take too long.

    steps: the number of polygons that may be counted.
    """
    budget = _Budget(steps)
    bound_twice = problem.window != ANYTHING or problem.largest_kernel < LARGEST
    if problem.free is not None and bound_twice:
        # Bounds on the kernel besides the strip: rare, and small because they bind.
        return sum(budget.spend() for _ in problem.rows())
    total = 0
    saturated = _saturation(problem)
    strides = problem.strides()
    for s in strides:
        here = sum(_count_strip(problem, strip, budget) for strip in _strips(problem, s))
        total += here
        budget.spend()
        if s >= saturated:
            # From here on the stride changes nothing.
            return total + here * strides.clip(s + 1, LARGEST).size()
    return total


class _Budget:
    """Stop a count that would take minutes."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self) -> int:
        self.left -= 1
        if self.left < 0:
            raise LimitError(
                "the box is too large to count",
                right="a narrower --stride, --padding or --dilation",
            )
        return 1


class _Strip(NamedTuple):
    """Hold low <= base + factor*v - x <= high with v in values; high may be absent.

    smallest_kernel: a bound on k alone; halved: v is a pooling padding, so also v <= k/2.
    """

    low: int
    high: int | None
    base: int
    factor: int
    values: Domain
    least_dilation: int
    smallest_kernel: int = 1
    halved: bool = False


def _strips(problem: Problem, s: int) -> Iterator[_Strip]:
    box, free = problem.box, problem.free
    pooling, ceil_mode = problem.operation.pooling, problem.ceil_mode
    for a in problem.output_paddings(s):
        least = a + 1 if a >= s else 1
        if free is not None:
            inputs = problem.inputs(s)
            for begin, end in problem.paddings():
                total, widest = begin + end, max(begin, end)
                kernel = 2 * widest if pooling else 1
                if problem.operation.transposed:
                    low, high = 1 - s - free.largest + a, 1 - s - free.smallest + a
                    yield _Strip(low, high, total, -s, inputs, least)
                    continue
                low, high = (free.smallest - 1) * s + 1, free.largest * s
                for (first, last), lower, upper in _cases(ceil_mode, s, low, high):
                    values = inputs.clip(first - begin, last - begin)
                    yield _Strip(lower, upper, total, 1, values, least, kernel)
            continue
        low, high = problem.window.at(s)
        low, high = low + a, high + a
        if low > high:
            continue
        for begins, lower, upper in _cases(ceil_mode, s, low, high):
            paddings = box.padding.clip(*begins)
            if box.end is None:
                yield _Strip(lower, upper, 0, 2, paddings, least, 1, pooling)
                continue
            for begin in paddings:
                kernel = 2 * begin if pooling else 1
                yield _Strip(lower, upper, begin, 1, box.end, least, kernel, pooling)


def _cases(
    ceil_mode: bool, s: int, low: int, high: int
) -> list[tuple[tuple[int, int], int, int | None]]:
    """Return (range of the begin, bounds on the net padding Y), disjoint cases of one window.

    In ceil mode min(Y + s - 1, begin) is what must lie in low..high; else it is Y.
    """
    if not ceil_mode:
        return [((-2 * LARGEST, 2 * LARGEST), low, high)]
    return [
        ((low, high), low - s + 1, None),
        ((high + 1, 2 * LARGEST), low - s + 1, high - s + 1),
    ]


def _count_strip(problem: Problem, strip: _Strip, budget: _Budget) -> int:
    if not strip.values:
        return 0
    sizes = problem.box.kernel_size.clip(strip.smallest_kernel, problem.largest_kernel)
    dilations = problem.box.dilation.clip(strip.least_dilation, LARGEST)
    if not sizes or not dilations:
        return 0
    total = 0
    if sizes.first == 1:
        # k = 1 reaches nothing, whatever the dilation.
        alone = _polygon(strip, 0, Domain([(0, 0)]), by_size=False)
        total += alone * dilations.size()
    reaches = Domain((first - 1, last - 1) for first, last in sizes.ranges).clip(1, LARGEST)
    ends = [strip.base + strip.factor * v for v in (strip.values.first, strip.values.last)]
    furthest = max(ends) - strip.low
    # A kernel of at least 2 reaches at least its dilation, and at least its size less one.
    dilations, reaches = dilations.clip(1, furthest), reaches.clip(1, furthest)
    if dilations.size() <= reaches.size():
        for d in dilations:
            budget.spend()
            total += _polygon(strip, d, reaches, by_size=False)
    else:
        for j in reaches:
            budget.spend()
            total += _polygon(strip, j, dilations, by_size=True)
    return total


def _polygon(strip: _Strip, w: int, inner: Domain, by_size: bool) -> int:
    """Count the (u, v) with u in inner, v in values and the strip met by the reach w*u.

    by_size: w is k - 1 and u a dilation; else w is a dilation and u is k - 1.
    """
    low, high, base, factor = strip[:4]
    lowers: list[Line] = []
    uppers: list[Line] = []
    # base + factor*v - w*u >= low and <= high, as bounds on v
    sign = 1 if factor > 0 else -1
    first, second = (lowers, uppers) if factor > 0 else (uppers, lowers)
    first.append((sign * w, sign * (low - base), abs(factor)))
    if high is not None:
        second.append((sign * w, sign * (high - base), abs(factor)))
    if strip.halved:
        uppers.append((0, w + 1, 2) if by_size else (1, 1, 2))
    return sum(
        count_points(u0, u1, [*lowers, (0, v0, 1)], [*uppers, (0, v1, 1)])
        for u0, u1 in inner.ranges
        for v0, v1 in strip.values.ranges
    )


def _saturation(problem: Problem) -> int:
    """Return a stride from which on every larger one has the same solutions."""
    window, box = problem.window, problem.box
    if problem.free is not None or any(a for a, _ in window.lows):
        return LARGEST
    least, greatest = problem.net_paddings(1)
    top = box.padding.last if problem.ceil_mode else greatest
    # The highs rise with the stride and stop mattering at the top; so does a >= s.
    rises = [-((b - top) // a) for a, b in window.highs if a > 0]
    ceil_rise = max(b for _, b in window.lows) - least + 1 if problem.ceil_mode else 1
    return max([box.output_padding.last + 1, ceil_rise, *rises])
