"""Why there is no answer, and the nearest thing that works.

Every statement here is proved: slopes and regions are exact, and "needs kernel_size >= 9" is the
smallest answer of the same problem with that one domain opened.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import combinations, product
from math import gcd, lcm

from solver.errors import LimitError
from solver.frameworks.limits import Limits
from solver.inverse.answer import code
from solver.inverse.axis import Axis
from solver.inverse.counting import count, has_solution, nearest_value
from solver.inverse.family import net_padding_terms
from solver.inverse.problem import FreeInputs, Problem
from solver.inverse.question import Ask, Numbers, SizeEquation, inputs
from solver.inverse.region import bounds_at, forced_stride, period_of, tail_bounds
from solver.sizes.domain import Domain
from solver.sizes.operations import MINIMUM

_FURTHEST = 10**9  # how far one domain is opened in search of an answer
_OPENED = 64  # how far all are opened together
_MOST_STEPS = 5_000  # of each count in that search


def why_none(axis: Axis) -> str:
    """The fact that blocks an axis without solutions, and the nearest thing that works."""
    if blocked := _why_framework(axis):
        return blocked
    for ask in axis.asks:
        if blocked := _why_ask(axis, ask):
            return blocked
    if blocked := _why_together(axis):
        return blocked
    return why_box(axis.problem)


def _why_framework(axis: Axis) -> str | None:
    """Say that only a rule of the framework is in the way, where that is so."""
    if axis.limits == Limits():
        return None
    free = axis.problem._replace(limits=Limits())
    row = next(iter(free.rows()), None)
    if row is None and axis.problem.undilated and axis.box.dilation.first > 1:
        return "pooling has no dilation"
    if row is None:
        return None
    works = code(axis.operation, [row], axis.problem.ceil_mode)
    rule = axis.limits.rule
    if axis.operation.pooling:
        widest = axis.problem.widest
        rule = f"each padding of a pooling is {widest.words}" if widest else ""
        rule = "pooling has no dilation" if axis.problem.undilated else rule
    return f"{rule}: in PyTorch {works} would do it"


def _why_ask(axis: Axis, ask: Ask) -> str | None:
    """Say why one ask cannot be met by any layer of this operation."""
    if not isinstance(ask, SizeEquation):
        return _why_numbers(axis, ask)
    title, transposed = axis.operation.title, axis.operation.transposed
    article = "an" if title[0] in "aeiou" else "a"
    if not ask.asked:
        return _why_nothing(axis, ask)
    if ask.asked.finite:
        return None
    above, below = forced_stride(transposed, ask.size, ask.target)
    if ask.target.slope[0] <= 0:
        return (
            f"the output of {article} {title} grows with its input, and {ask.target} does not: "
            "ask for one size, or for finitely many with --where"
        )
    if above < below:
        # a little can be added or taken off, but no multiple for every n
        if transposed:
            return "no transposed convolution divides its input for every n: use conv"
        return f"no {title} multiplies its input for every n: use deconv"
    if above % below:
        verb = "multiplies" if transposed else "divides"
        common = gcd(above, below)
        return (
            f"{article} {title} {verb} the size by a whole stride, and {above // common}"
            f"/{below // common} is not whole: combine a conv and a deconv"
        )
    if axis.regions_of(ask):
        return None
    stride = above // below
    low, high = tail_bounds(transposed, stride, *ask)
    if low > high:
        return _why_residues(axis, stride, ask)
    return f"no layer of stride {stride} serves the classes and the other sizes of {ask.asked}"


def _why_numbers(axis: Axis, ask: Numbers | FreeInputs) -> str | None:
    """Say why a pooling adds too little to sizes that are numbers; None of any other reason."""
    largest = ask.input if isinstance(ask, Numbers) else ask.inputs.last
    widest = axis.problem.widest
    if widest is None or widest.factor != 2 or ask.smallest <= largest + 1:
        return None
    # 2p <= k, so Y = 2p - d(k - 1) <= 1
    return (
        "a pooling adds at most 1 to its input: its own padding is at most half of "
        "kernel_size; wider padding is a layer before it, as in -p 0..9:0..9"
    )


def _why_nothing(axis: Axis, ask: SizeEquation) -> str:
    """Say why no n is asked."""
    text = str(ask.target)
    if not ask.target.whole:
        return f"{text} is never a whole number"
    if wanted := inputs(ask.size, axis.question.where):
        return f"{text} is not whole for {wanted}: ceil({text}) or floor({text})?"
    return "no n is asked: none meets the condition and makes the input a whole number from 1 on"


def _why_residues(axis: Axis, stride: int, ask: SizeEquation) -> str:
    """Name two residues that no stride-s layer serves together."""
    transposed, known = axis.operation.transposed, {"stride": stride}
    needs = [
        (*bounds_at(transposed, stride, ask.size.at(r), ask.target.at(r)), r)
        for r in period_of(ask.size, ask.target, ask.asked)
    ]
    most = max(needs)
    least = min(needs, key=lambda need: need[1])
    period = lcm(ask.size.period, ask.target.period, ask.asked.modulus)
    z = net_padding_terms(axis.operation, known, axis.box.end is None, axis.question.ceil_mode)
    return (
        f"no layer of stride {stride} does this for every n: n = {most[2]} (mod {period}) "
        f"needs {z} >= {most[0]}, n = {least[2]} (mod {period}) needs <= {least[1]}; each class "
        f'alone may have an answer: --where "n % {period} == {most[2]}"'
    )


def _why_together(axis: Axis) -> str | None:
    """Name two asks that no layer meets together."""
    asks = [ask for ask in axis.asks if not isinstance(ask, FreeInputs)]
    for ask in asks:
        if not any(region.possible for region in axis.regions_of(ask)):
            return f"{_say(ask)}: no layer does this"
    for left, right in combinations(asks[:50], 2):
        pairs = product(axis.regions_of(left), axis.regions_of(right))
        if not any((one & other).possible for one, other in pairs):
            return f"{_say(left)} and {_say(right)}: no one layer does both"
    return None if axis.regions else "no one layer does all of these"


def _say(ask: Ask) -> str:
    if isinstance(ask, SizeEquation):
        return f"{ask.size} -> {ask.target}"
    assert isinstance(ask, Numbers)
    same = ask.smallest == ask.largest
    return f"{ask.input} -> {ask.smallest if same else f'{ask.smallest}..{ask.largest}'}"


def why_box(problem: Problem) -> str:
    """Open one domain after the other; say which one is in the way, and what it would need."""
    most = problem.region.kernels[1]
    if not problem.others and most < problem.box.kernel_size.first:
        return (
            f"average pooling in three axes needs kernel_size <= {most}, inside the unpadded input"
        )
    if wider := _wider(problem):
        return "; or ".join([wider, *_needs(problem)[0][:2]])
    with suppress(LimitError):
        if uneven := _uneven(problem):
            return uneven
    needs, complete = _needs(problem)
    if needs:
        return "; or ".join(needs[:3])
    opened = problem
    for name in _open(problem):
        opened = opened.narrowed(**{name: Domain([(MINIMUM[name], _OPENED)])})
    if problem.box.end is not None:
        opened = opened.narrowed(end=Domain([(0, _OPENED)]))
    try:
        if not has_solution(opened, _MOST_STEPS):
            reach = f", and nothing with all hyperparameters up to {_OPENED} either"
            return "nothing in the box" + reach
    except LimitError:
        return "nothing in the box"
    example = next(iter(opened.rows()))
    works = code(problem.operation, [example], problem.ceil_mode)
    alone = "no one hyperparameter is in the way alone; " if complete else "nothing in the box; "
    return f"{alone}{works} works"


def _wider(problem: Problem) -> str | None:
    """Say that only the own padding of a pooling is in the way, where that is so."""
    row = next(iter(_any_width(problem).rows()), None) if problem.widest else None
    if row is None or problem.widest is None:
        return None
    begin, end = row[2] if isinstance(row[2], tuple) else (row[2], row[2])
    return (
        f"padding {begin}:{end} works as a layer before a pooling of kernel_size {row[0]}, whose "
        f"own padding is {problem.widest.words}"
    )


def _any_width(problem: Problem) -> Problem:
    """The same problem without a limit on the padding of a pooling."""
    return problem._replace(limits=problem.limits._replace(widest=None))


def _uneven(problem: Problem) -> str | None:
    """Say that only different paddings at the two ends would do, where that is so."""
    box = problem.box
    if problem.others or problem.ceil_mode or box.end is not None or box.padding.size() > _OPENED:
        return None
    if problem.strides().size() * box.output_padding.size() > _OPENED:
        return None
    row = next(iter(problem.narrowed(end=box.padding).rows()), None)
    gapless = _any_width(problem).narrowed(padding=Domain([(box.padding.first, box.padding.last)]))
    if row is None or not isinstance(row[2], tuple) or count(gapless):
        return None
    total = sum(row[2])
    ways = [
        f"{name}={found}"
        for name in ("output_padding", "kernel_size")
        if name in problem.operation.hyperparameters
        for found in _nearest(problem, name)[::-1]
        if found is not None
    ]
    ways.append(f"padding {total // 2}:{total - total // 2}")
    return f"2*padding would have to be odd, namely {total}: {' or '.join(ways)} frees it"


def _open(problem: Problem) -> list[str]:
    """The hyperparameters that may have other values in the framework."""
    names = problem.operation.hyperparameters
    return [name for name in names if name != "dilation" or not problem.undilated]


def _needs(problem: Problem) -> tuple[list[str], bool]:
    """Say for each hyperparameter what it alone would need, the smallest change first.

    Tell also whether every one was worked out to the end.
    """
    found = []
    complete = True
    for name in _open(problem):
        domain: Domain = getattr(problem.box, name)
        try:
            below, inside, above = _nearest(problem, name)
        except LimitError:
            complete = False
            continue
        if inside is not None:
            found.append((0, f"{name} = {inside} works, and the box {domain} leaves it out"))
            continue
        bounds, changes, box = [], [], f"has {domain}"
        if below is not None:
            bounds.append(f"<= {below}")
            changes.append(100 * (domain.first + 1) // (below + 1))
            box = f"starts at {domain.first}"
        if above is not None:
            bounds.append(f">= {above}")
            changes.append(100 * (above + 1) // (domain.last + 1))
            box = f"ends at {domain.last}" if below is None else f"has {domain}"
        if bounds:
            found.append((min(changes), f"needs {name} {' or '.join(bounds)}: the box {box}"))
    return [text for _, text in sorted(found, key=lambda need: need[0])], complete


def _nearest(problem: Problem, name: str) -> tuple[int | None, int | None, int | None]:
    """The values that alone give an answer: below the box, in its holes, above it.

    Raises LimitError.
    """
    domain: Domain = getattr(problem.box, name)
    least, first, last = MINIMUM[name], domain.first, domain.last
    above = nearest_value(problem, name, last + 1, _FURTHEST, _MOST_STEPS)
    inside = nearest_value(problem, name, first, last, _MOST_STEPS)
    below = None
    if least < first:
        below = nearest_value(problem, name, first - 1, least, _MOST_STEPS)
    return below, inside, above
