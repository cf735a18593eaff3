"""Count the solutions of a problem without listing them.

Where kernels do not reach far, one table of their reaches serves every strip. Else few progressions
are counted one by one, and more by floor sums: with one of d and j = k - 1 fixed, the points of a
strip are the integer points of a polygon.
"""

from __future__ import annotations

from itertools import chain

from solver.errors import LimitError
from solver.inverse.problem import Problem
from solver.inverse.reaches import FURTHEST, kernels_within, points
from solver.inverse.strips import FAR, Strip
from solver.sizes.domain import LARGEST, Domain

_FEW = 64  # progressions that are counted faster than a polygon is set up
_SHORT = 500  # reaches of a table for each polygon in its place
_MOST_STEPS = 100_000  # polygons; each takes some ten microseconds


def count(problem: Problem, steps: int = _MOST_STEPS) -> int:
    """Count the solutions exactly.

    steps: the most polygons that are counted. Raises LimitError where that is not enough.
    """
    if problem.others:
        return sum(count(part, steps) for part in problem.parts)
    strides = problem.strides()
    saturated = _saturation(problem)
    budget = _Budget(steps)
    total = 0
    for s in strides:
        here = 0
        budget.spend()
        for strip in problem.strips(s):
            budget.spend()
            here += _count_strip(strip, budget)
        total += here
        if s >= saturated:
            # From here on the stride changes nothing.
            return total + here * strides.clip(s + 1, LARGEST).size()
    return total


def has_solution(problem: Problem, steps: int = _MOST_STEPS) -> bool:
    """Tell whether there is any solution; stops at the first. Raises LimitError as `count` does."""
    budget = _Budget(steps)
    for part in problem.parts:
        saturated = _saturation(part)
        for s in part.strides():
            budget.spend()
            for strip in part.strips(s):
                budget.spend()
                if _count_strip(strip, budget):
                    return True
            if s >= saturated:  # the larger ones have no more
                break
    return False


def surely_few(problem: Problem, most: int) -> bool:
    """Tell whether bounds on a few strips show that there are no more solutions than `most`."""
    parts = problem.parts if problem.others else (problem,)
    strips = chain.from_iterable(part.strips(s) for part in parts for s in part.strides())
    for number, strip in enumerate(strips):
        most -= strip.at_most
        if most < 0 or number == _FEW:
            return False
    return True


def nearest_value(
    problem: Problem, name: str, start: int, stop: int, steps: int = _MOST_STEPS
) -> int | None:
    """The value of one hyperparameter nearest to start that has a solution, up to stop.

    stop may lie below or above start; the rest of the box stays. A growing range never loses a
    solution, so halving finds the value. Raises LimitError.
    """
    sign = 1 if start <= stop else -1

    def some(near: int, far: int) -> bool:
        domain = Domain([(min(near, far), max(near, far))])
        return has_solution(problem.narrowed(**{name: domain}), steps)

    if not some(start, stop):
        return None
    while start != stop:
        middle = start + (stop - start) * sign // 2 * sign
        if some(start, middle):
            stop = middle
        else:
            start = middle + sign
    return start


class _Budget:
    """Stop a count that would take minutes, and keep the tables that it has paid for."""

    def __init__(self, steps: int) -> None:
        self.left = steps
        self.tables: dict[object, list[int]] = {}

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise LimitError(
                "the box is too large to count",
                right="a narrower --stride, --padding or --dilation",
            )

    def kernels_within(self, reaches: Domain, dilations: Domain, furthest: int) -> list[int]:
        """The table of some kernels up to a reach, or further; strides share it."""
        self.spend(furthest // _SHORT)
        known = reaches.ranges, dilations.ranges
        table = self.tables.get(known, [])
        if len(table) <= furthest:
            table = self.tables[known] = kernels_within(reaches, dilations, furthest)
        return table


def _count_strip(strip: Strip, budget: _Budget) -> int:
    if strip.empty or (furthest := strip.furthest) < 0:
        return 0
    # A kernel of at least 2 reaches at least its dilation, and at least its size less one.
    dilations = strip.dilations.clip(1, furthest)
    reaches = strip.reaches.clip(1, furthest)
    polygons = min(dilations.size(), reaches.size())
    if strip.asks_reach and furthest <= _SHORT * (1 + polygons) and furthest <= FURTHEST:
        return points(strip, budget.kernels_within(strip.reaches, strip.dilations, furthest))
    if strip.effort <= _FEW * (1 + polygons):
        budget.spend(strip.effort // 10)
        return strip.number()
    budget.spend(polygons)
    total = 0
    if strip.reaches.first == 0 and strip.least <= 0 <= strip.most:
        # A kernel of 1 reaches nothing, whatever the dilation.
        total += _polygon(strip, 0, Domain([(0, 0)]), by_size=False) * strip.dilations.size()
    by_size = reaches.size() < dilations.size()
    outer, inner = (reaches, dilations) if by_size else (dilations, reaches)
    return total + sum(_polygon(strip, w, inner, by_size) for w in outer)


def _polygon(strip: Strip, w: int, inner: Domain, by_size: bool) -> int:
    """Count the (u, v) of a strip whose reach is w*u.

    by_size: w is j and u a dilation; else w is a dilation and u is j.
    """
    from solver.sizes.lattice import Line, count_points

    lowers: list[Line] = []
    uppers: list[Line] = []

    def bound(a: int, b: int, c: int) -> None:
        """Add a*u + b*v <= c."""
        if b > 0:
            uppers.append((-a, c, b))
        else:
            lowers.append((a, -c, -b))

    bound(w, -strip.factor, strip.base - strip.low)
    if strip.high < FAR:
        bound(-w, strip.factor, strip.high - strip.base)
    for a, b, c in strip.sides:
        # these bound j itself, which is w or u
        bound(0, b, c - a * w) if by_size else bound(a, b, c)
    if w:
        inner = inner.clip(-(-strip.least // w), strip.most // w)
    return sum(
        count_points(u0, u1, [*lowers, (0, v0, 1)], [*uppers, (0, v1, 1)])
        for u0, u1 in inner.ranges
        for v0, v1 in strip.values.ranges
    )


def _saturation(problem: Problem) -> int:
    """A stride from which on every larger one has the same solutions."""
    region, box = problem.region, problem.box
    if (
        problem.demands
        or problem.free is not None
        or problem.empty
        or any(a for a, _ in region.lows)
    ):
        return LARGEST
    least, greatest = problem.net_paddings()
    top = box.padding.last if problem.ceil_mode else greatest
    # The highs rise with the stride and stop mattering at the top; so does a >= s.
    rises = [-((b - top) // a) for a, b in region.highs if a > 0]
    ceil_rise = max(b for _, b in region.lows) - least + 1 if problem.ceil_mode else 1
    tied = 1 if problem.limits.dilated_strides else 2
    return max([box.output_padding.last + 1, ceil_rise, tied, *rises])
