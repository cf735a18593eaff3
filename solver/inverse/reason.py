"""Why there is no answer, and the nearest thing that works.

Every statement here is proved: slopes and windows are exact, and "needs kernel_size >= 9" is the
smallest answer of the same problem with that one domain opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice
from math import gcd, lcm

from solver.domain import Domain
from solver.inverse.answer import FIELDS, code
from solver.inverse.axis import Axis
from solver.inverse.problem import Inputs, Problem, Row
from solver.inverse.question import Ask, Every, Numbers
from solver.inverse.window import NOTHING, Window, bounds_at, forced_stride, period_of
from solver.operations import MINIMUM

_MOST_ROWS = 100_000
_FURTHEST = {"kernel_size": 10**9, "stride": 10**9, "padding": 10**9}  # others: 4096


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
    extra = " - output_padding" if transposed else ""
    return (
        f"no layer of stride {stride} does this for every n: n = {most[2]} (mod {period}) needs "
        f"2*padding - dilation*(kernel_size - 1){extra} >= {most[0]}, n = {least[2]} (mod {period}) needs "
        f'<= {least[1]}; each class alone may have an answer: --where "n % {period} == {most[2]}"'
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
    if not problem.ceil_mode and problem.box.end is None:
        uneven = problem.narrowed(end=problem.box.padding)
        row = next(iter(uneven.rows()), None)
        if row is not None and isinstance(row[2], tuple):
            return _why_parity(problem, row, sum(row[2]))
    needs = [need for name in problem.operation.hyperparameters if (need := _need(problem, name))]
    if needs:
        return "; or ".join(needs[:3])
    opened = problem
    for name in problem.operation.hyperparameters:
        opened = opened.narrowed(**{name: Domain([(MINIMUM[name], 64)])})
    example = next(iter(opened.rows()), None)
    if example is None:
        return "no layer with hyperparameters up to 64 does this"
    return f"no one hyperparameter is in the way alone; {_name(problem, example)} works"


def _why_parity(problem: Problem, row: Row, total: int) -> str:
    ways = []
    for name in ("output_padding", "kernel_size"):
        if name in problem.operation.hyperparameters:
            for found in _nearest(problem, name):
                ways.append(f"{name}={found}")
                break
    ways.append(f"padding {row[2][0]}:{row[2][1]}")  # type: ignore[index]
    return f"2*padding would have to be odd ({total}): {' or '.join(ways)} frees it"


def _need(problem: Problem, name: str) -> str | None:
    domain: Domain = getattr(problem.box, name)
    for found in _nearest(problem, name):
        if found > domain.last:
            return f"needs {name} >= {found}: the box ends at {domain.last}"
        if found < domain.first:
            return f"needs {name} <= {found}: the box starts at {domain.first}"
        return f"needs {name} = {found}: the box has {domain}"
    return None


def _nearest(problem: Problem, name: str) -> Iterator[int]:
    """Yield the value nearest to the box that alone gives an answer: above it, else below."""
    domain: Domain = getattr(problem.box, name)
    at = FIELDS.index(name)
    above = Domain([(domain.last + 1, _FURTHEST.get(name, 4096))])
    below = Domain([(MINIMUM[name], domain.last)])
    for part, choose in ((above, min), (below, max)):
        if part:
            rows = islice(problem.narrowed(**{name: part}).rows(), _MOST_ROWS)
            if name == "stride" and choose is min:
                rows = islice(rows, 1)  # strides come in increasing order
            values = [value for row in rows if isinstance(value := row[at], int)]
            if values:
                yield choose(values)


def _name(problem: Problem, row: Row) -> str:
    return code(problem.operation, [row], problem.ceil_mode)
