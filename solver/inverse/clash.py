"""The last lines of a derivation without an answer: what contradicts what.

Two targets contradict each other through the lines that bound Z; a box contradicts its region
stride by stride. Both bounds are nondecreasing in the stride, so one stride speaks for all that lie
below it, or above.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import Any

from solver.errors import LimitError
from solver.inverse.axis import Axis
from solver.inverse.counting import has_solution
from solver.inverse.family import KERNEL, PADDING, STRIDE, Affine
from solver.inverse.problem import Problem
from solver.inverse.region import ANYTHING, Region
from solver.inverse.step import between
from solver.sizes.domain import LARGEST
from solver.sizes.expression import apply
from solver.sizes.step import Step, line, said, say

_MOST_STRIDES = 6  # that are written out
_REACH = 1 << 40  # no sum of hyperparameters of a box that is searched for neighbours is larger


def clash(axis: Axis, z: Affine) -> Iterator[Step]:
    """Show two bounds on Z that no stride lets stand together, where two of them do so alone."""
    parts = [axis.regions_of(ask) for ask in axis.asks]
    if any(len(regions) != 1 for regions in parts):
        return
    regions = [regions[0] for regions in parts]
    if max(w.kernels[0] for w in regions) > min(w.kernels[1] for w in regions):
        yield say("No {} lies inside these inputs and outside of the others.", KERNEL)
        return
    first = max(region.first for region in regions)
    last = min((w.last for w in regions if w.last is not None), default=None)
    lows = [low for w in regions for low in w.lows if low not in ANYTHING.lows]
    highs = [high for w in regions for high in w.highs if high not in ANYTHING.highs]
    pairs = [Region((low,), (high,), first, last) for low, high in product(lows, highs)]
    alone = next((pair for pair in pairs if not pair.possible), None)
    if alone is not None:
        yield from _together(alone, z)
        return
    ends = [(pair, *pair.strides) for pair in pairs]
    least = max(ends, key=lambda end: end[1])
    most = min(ends, key=lambda end: LARGEST if end[2] is None else end[2])
    for pair, start, stop in (least, most):
        yield between("Together", pair, z, None)
        if start > first:
            yield line("hence", STRIDE, ">=", start)
        if stop is not None and stop != last:
            yield line("hence", STRIDE, "<=", stop)
    yield say("which no stride meets.")


def _together(pair: Region, z: Affine) -> Iterator[Step]:
    """Show that no stride leaves room between one low and one high bound."""
    ((a, b),), ((c, d),) = pair.lows, pair.highs
    if pair.first == pair.last or a == c:
        yield between("Together", pair, z, pair.first if pair.first == pair.last else None)
        yield say("which no number meets.")
        return
    yield between("Together", pair, z, None)
    if a > c:
        yield line("hence", STRIDE, "<=", (d - b) // (a - c))
    else:
        yield line("hence", STRIDE, ">=", -((d - b) // (c - a)))
    sign, end = (">=", pair.first) if a > c else ("<=", pair.last)
    assert end is not None  # else there would be room
    yield say("which contradicts {}.", apply(sign, STRIDE, end))


def nothing_in_the_box(problem: Problem, z: Affine) -> Iterator[Step]:
    """Show stride by stride that Z is nowhere in the box where the region wants it."""
    if problem.others or problem.free is not None or problem.empty or not z.terms:
        return
    region = problem.region
    strides = problem.box.stride.clip(region.first, LARGEST if region.last is None else region.last)
    if not strides:
        yield say(f"The box has no such stride: it has {problem.box.stride}.")
        return
    if not problem.ceil_mode:
        least, greatest = _reach(problem)
        chain = line("In the box", least, "<=", z, "<=", greatest)
        if _halved(problem):
            chain = chain._replace(words=said("In the box, and as {},", 2 * PADDING <= KERNEL))
        yield chain
        below = max(((least - d - 1) // c for c, d in region.highs if c), default=0)
        above = min(((greatest - b) // a + 1 for a, b in region.lows if a), default=LARGEST)
        if few := strides.clip(1, below):
            s = few.last
            upto = apply("<=" if few.size() > 1 else "==", STRIDE, s)
            yield say("For {} it must be at most {}: too little.", upto, region.at(s)[1])
        if many := strides.clip(above, LARGEST):
            s = many.first
            upto = apply(">=" if many.size() > 1 else "==", STRIDE, s)
            yield say("For {} it must be at least {}: too much.", upto, region.at(s)[0])
        strides = strides.clip(below + 1, above - 1)
    for s in islice(strides, _MOST_STRIDES):
        low, high = region.at(s)
        if low > high:
            yield say("For {} no number lies in the bounds above.", STRIDE.equals(s))
            continue
        below_it, above_it = (
            _neighbour(problem, s, end, step) for end, step in ((low, -1), (high, 1))
        )
        near = [value for value in (below_it, above_it) if value is not None]
        if near:
            wanted, ends = ("be {}", (low,)) if low == high else ("lie from {} to {}", (low, high))
            comes = "values in the box that come nearest are {} and {}"
            comes = comes if len(near) > 1 else "value in the box that comes nearest is {}"
            yield say(
                f"For {{}}, {{}} must {wanted}; the {comes}.", STRIDE.equals(s), z, *ends, *near
            )
    if (more := strides.size() - _MOST_STRIDES) > 0:
        yield say(f"The other {more:,} strides of the box were gone through in the same way.")


def _reach(problem: Problem) -> tuple[int, int]:
    """Bounds on Z over the box, with the rule that a pooling's padding has."""
    least, greatest = problem.net_paddings()
    # 2p <= k makes 2p - d(k - 1) <= 1
    return least, min(greatest, 1) if _halved(problem) else greatest


def _halved(problem: Problem) -> bool:
    return problem.widest is not None and problem.widest.factor == 2


def _neighbour(problem: Problem, s: int, end: int, step: int) -> int | None:
    """The value of Z in the box next to an end of an interval, or None."""

    def reached(distance: int) -> bool:
        first, last = sorted((end, end + step * distance))
        ends: dict[str, Any] = {"lows": ((0, first),), "highs": ((0, last),), "first": s, "last": s}
        region = problem.region._replace(**ends)
        return has_solution(problem._replace(region=region), 1_000)

    try:
        if not reached(_REACH):
            return None
        low, high = 0, _REACH  # not reached at low
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if reached(middle) else (middle, high)
        return end + step * high
    except LimitError:
        return None
