"""Why there is no answer, and the nearest thing that works.

Every statement here is proved: slopes and windows are exact, and "needs kernel_size >= 9" is the
smallest answer of the same problem with that one domain opened.
"""

from __future__ import annotations

from itertools import combinations
from math import gcd, lcm

from solver.domain import Domain
from solver.errors import LimitError
from solver.inverse.answer import code
from solver.inverse.axis import Axis
from solver.inverse.counting import count
from solver.inverse.problem import Inputs, Problem
from solver.inverse.question import Ask, Every, Numbers
from solver.inverse.window import NOTHING, Window, bounds_at, forced_stride, period_of
from solver.operations import MINIMUM

_FURTHEST = 10**9  # how far one domain is opened in search of an answer
_OPENED = 64  # how far all are opened together
_MOST_STEPS = 5_000  # of each count in that search


def why_none(axis: Axis) -> str:
    """Return the fact that blocks an axis without solutions, and the nearest thing that works."""
    for ask in axis.asks:
        if blocked := _why_ask(axis, ask):
            return blocked
    if blocked := _why_together(axis):
        return blocked
    return _why_box(axis.problem)


def _why_ask(axis: Axis, ask: Ask) -> str | None:
    """Say why one ask cannot be met by any layer of this operation."""
    if not isinstance(ask, Every):
        return None
    title, transposed = axis.operation.title, axis.operation.transposed
    article = "an" if title[0] in "aeiou" else "a"
    if not ask.asked:
        text = str(ask.target)
        if ask.target.whole and ask.target.denominator > 1:
            fractional = ~ask.target.whole
            return f"{text} is not whole for {fractional}: ceil({text}) or floor({text})?"
        return f"{text} is never a whole number" if ask.target.denominator > 1 else "no n is asked"
    if ask.asked.finite:
        return None
    above, below = forced_stride(transposed, ask.size, ask.target)
    rise = ask.target.slope[0]
    if rise <= 0:
        kind = "stays constant" if rise == 0 else "shrinks as n grows"
        return (
            f"the output of {article} {title} grows with its input, and {ask.target} {kind}: "
            "ask for one size, or for finitely many with --where"
        )
    if above < below:
        if transposed:
            return "a transposed convolution cannot shrink its input: use conv"
        return f"{article} {title} cannot grow its input: use deconv"
    if above % below:
        verb = "multiplies" if transposed else "divides"
        common = gcd(above, below)
        return (
            f"{article} {title} {verb} the size by a whole stride, and {above // common}"
            f"/{below // common} is not whole: combine a conv and a deconv"
        )
    window = axis.window_of(ask)
    stride = above // below
    low, high = window.at(stride)
    if window == NOTHING or low > high:
        return _why_residues(transposed, stride, ask)
    return None


def _why_residues(transposed: bool, stride: int, ask: Every) -> str:
    """Name two residues that no stride-s layer serves together."""
    needs = [
        (*bounds_at(transposed, stride, ask.size.at(r), ask.target.at(r)), r)
        for r in period_of(ask.size, ask.target, ask.asked)
    ]
    most = max(needs)
    least = min(needs, key=lambda need: need[1])
    period = lcm(ask.size.period, ask.target.period, ask.asked.modulus)
    z = "2*padding - dilation*(kernel_size - 1)" + (" - output_padding" if transposed else "")
    return (
        f"no layer of stride {stride} does this for every n: n = {most[2]} (mod {period}) "
        f"needs {z} >= {most[0]}, n = {least[2]} (mod {period}) needs <= {least[1]}; each class "
        f'alone may have an answer: --where "n % {period} == {most[2]}"'
    )


def _why_together(axis: Axis) -> str | None:
    """Name two asks that no layer meets together."""
    asks = [ask for ask in axis.asks if not isinstance(ask, Inputs)]
    for ask in asks:
        if not _possible(axis.window_of(ask)):
            return f"{_say(ask)}: no layer does this"
    for left, right in combinations(asks[:50], 2):
        if not _possible(axis.window_of(left) & axis.window_of(right)):
            return f"{_say(left)} and {_say(right)}: no one layer does both"
    if not _possible(axis.window):
        return "no one layer does all of these"
    return None


def _possible(window: Window) -> bool:
    """Tell whether some stride leaves the window open, whatever the box."""
    first, last = window.first, window.last
    for a, b in window.lows:
        for c, d in window.highs:
            # a*s + b <= c*s + d
            if c > a:
                first = max(first, -((d - b) // (c - a)))
            elif c < a:
                bound = (d - b) // (a - c)
                last = bound if last is None else min(last, bound)
            elif b > d:
                return False
    return last is None or first <= last


def _say(ask: Ask) -> str:
    if isinstance(ask, Every):
        return f"{ask.size} -> {ask.target}"
    assert isinstance(ask, Numbers)
    same = ask.smallest == ask.largest
    return f"{ask.input} -> {ask.smallest if same else f'{ask.smallest}..{ask.largest}'}"


def _why_box(problem: Problem) -> str:
    """Open one domain after the other; say which one is in the way, and what it would need."""
    if uneven := _uneven(problem):
        return uneven
    needs = [need for name in problem.operation.hyperparameters if (need := _need(problem, name))]
    if needs:
        return "; or ".join(needs[:3])
    opened = problem
    for name in problem.operation.hyperparameters:
        opened = opened.narrowed(**{name: Domain([(MINIMUM[name], _OPENED)])})
    example = next(iter(opened.rows()), None)
    if example is None:
        return f"no layer with hyperparameters up to {_OPENED} does this"
    works = code(problem.operation, [example], problem.ceil_mode)
    return f"no one hyperparameter is in the way alone; {works} works"


def _uneven(problem: Problem) -> str | None:
    """Say that only different paddings at the two ends would do, where that is so."""
    box = problem.box
    if problem.ceil_mode or box.end is not None or box.padding.size() > _OPENED:
        return None
    if problem.strides().size() * box.output_padding.size() > _OPENED:
        return None
    row = next(iter(problem.narrowed(end=box.padding).rows()), None)
    gapless = problem.narrowed(padding=Domain([(box.padding.first, box.padding.last)]))
    if row is None or not isinstance(row[2], tuple) or count(gapless):
        return None
    begin, end = row[2]
    ways = [
        f"{name}={found}"
        for name in ("output_padding", "kernel_size")
        if name in problem.operation.hyperparameters
        and (found := _nearest(problem, name)) is not None
    ]
    ways.append(f"padding {begin}:{end}")
    return f"2*padding would have to be odd ({begin + end}): {' or '.join(ways)} frees it"


def _need(problem: Problem, name: str) -> str | None:
    domain: Domain = getattr(problem.box, name)
    found = _nearest(problem, name)
    if found is None:
        return None
    if found > domain.last:
        return f"needs {name} >= {found}: the box ends at {domain.last}"
    if found < domain.first:
        return f"needs {name} <= {found}: the box starts at {domain.first}"
    return f"needs {name} = {found}: the box has {domain}"


def _nearest(problem: Problem, name: str) -> int | None:
    """Return the value nearest to the box that alone gives an answer: above it, else below.

    The count of a growing domain never falls, so the first value that counts is found by halving.
    """
    domain: Domain = getattr(problem.box, name)

    def some(first: int, last: int) -> bool:
        part = problem.narrowed(**{name: Domain([(first, last)])})
        return count(part, _MOST_STEPS) > 0

    try:
        first, last = domain.last + 1, _FURTHEST
        if some(first, last):
            while first < last:
                middle = (first + last) // 2
                first, last = (first, middle) if some(first, middle) else (middle + 1, last)
            return first
        first, last = MINIMUM[name], domain.last
        if some(first, last):
            while first < last:
                middle = (first + last + 1) // 2
                first, last = (middle, last) if some(middle, last) else (first, middle - 1)
            return first
    except LimitError:
        pass
    return None
