"""Why a design space is empty: which limit would have to give, or where the sizes stop.

Questions are asked of relaxed spaces: without the limits, without one of them, without the output.
So every statement is as exact as a count.
"""

from __future__ import annotations

from itertools import count, islice
from typing import Any

from solver.errors import shorten
from solver.ground.shown import named
from solver.sizes.domain import Domain
from solver.spaces.bits import Bits
from solver.spaces.goal import Every, Goals, asked_numbers, words
from solver.spaces.limits import SUMS, plain
from solver.spaces.reach import Reach
from solver.spaces.space import Space

_NAMED = {"macs": "multiply-accumulates", "even_upsampling": "even upsampling", "gaps": "gaps"}
_MOST_SHOWN = 6
_MOST_LOOKED_AT, _FAR = 300, 10**9


def why_empty(space: Space) -> str:
    """Why a space without designs has none, and what would give it some."""
    free = space.relaxed(**dict.fromkeys(space.limits))
    if space.limits and free.count:
        return _limits(space)
    if space.automaton.marks:
        bare = named("solver.spaces.missed:asking")(free, [])
        if bare.count:
            return str(named("solver.spaces.missed:why_missed")(free, _nearest))
        free = bare
    return _sizes(free)


def _limits(space: Space) -> str:
    """Name the limits that must give: one of them, or all."""
    found = []
    for name, limit in space.limits.items():
        without = space.relaxed(**{name: None})
        if without.count:
            text = f"{_NAMED.get(name, name.replace('_', ' '))}"
            if not isinstance(limit, bool):
                text += f" {words(limit)}"
            found.append(f"{text} ({_possible(without, name, limit)})")
    if not found:
        shown = [f"{k} {plain(v)}" for k, v in space.limits.items()]
        return f"the limits leave nothing, and it takes two or more of them: {', '.join(shown)}"
    return f"no design keeps the limit on {' or '.join(found)}"


def _possible(without: Space, name: str, limit: Any) -> str:
    """Say what can be had where a limit is dropped."""
    if name not in SUMS or (name == "receptive_field" and without.alike):
        return f"{without.count:,} design{'s' * (without.count != 1)} without it"
    least, most = (_value(without, name, sign) for sign in ("", "-"))
    if limit[1] is not None and least > limit[1]:
        return f"at least {least:,} is possible"
    if most < limit[0]:
        return f"at most {most:,} is possible"
    return f"between {least:,} and {most:,} there are gaps"


def _value(space: Space, name: str, sign: str) -> int:
    (stack,) = space.best(by=sign + name)
    if name in ("receptive_field", "parameters", "depth"):
        return int(getattr(stack, name))
    at = tuple(space.goals.numbers[i].input for i in space.goals.at)
    return int(getattr(stack, name)(at))


def _sizes(space: Space) -> str:
    """Say where the sizes stop: at a layer that fits nowhere, or short of the output."""
    goals = space.goals
    lanes = len(space.automaton.lanes) or 1
    numbers = [number._replace(output=None) for number in asked_numbers(goals, lanes)]
    reach = Reach(space.automaton, numbers)
    if not reach.windows:
        return _unfit(space, reach)
    ends = [stage for stage in reach.stages if space.automaton.states[stage[0]].accepts]
    for i, number in enumerate(goals.numbers):
        if number.output is None:
            continue
        if not number.output:
            return f"one input, {number.input}, cannot come out in two sizes"
        windows = [reach.windows[stage][i] for stage in ends]
        if not any(window.meet(number.output).bits for window in windows):
            behind = f" for {number.input}" if len(numbers) > 1 else ""
            behind += along_axes(space, number.lane)
            behind += " where the decoder begins" if space.mirrored else ""
            return f"no design gives {number.output}{behind}: {_nearest(windows, number.output)}"
    if goals.every:
        return _every(space, [stage[1] for stage in ends])
    free = [number._replace(output=None) for number in goals.numbers]
    single = space.replaced(goals.changed(numbers=free, every=()))
    if len(free) > 1 and single.count:
        return "every output can be had on its own, but no design gives all of them"
    return "no decoder layer brings its encoder layer's input size back"


def along_axes(space: Space, lane: int) -> str:
    """The axes of a lane by their letters, or nothing where layers treat all axes alike."""
    if not space.alike:
        return ""
    letters = named("solver.network.graph.dim:LETTERS").get(space.axes)
    first = space.automaton.lanes[lane]
    same = [axis for axis, one in enumerate(space.alike) if one == first]
    return f" along {' and '.join(letters[i] if letters else f'axis {i + 1}' for i in same)}"


def _unfit(space: Space, reach: Reach) -> str:
    """Name the last layer that is reached and that nothing survives."""
    depths = space.automaton.depths
    stuck = [stage for stage, moves in reach.tried.items() if not moves]
    state, jump = max(stuck, key=lambda stage: (depths[stage[0]], stage[0]))
    options = space.automaton.states[state].options
    windows = reach.forward[state, jump]
    needs = [_needed(options, number.lane) for number in reach.numbers]
    i = min(range(len(windows)), key=lambda i: windows[i].high - (needs[i] if space.alike else 0))
    needed = needs[i]
    low, high = _lowest(windows[i]), windows[i].high
    before = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    behind = f" for input {reach.numbers[i].input:,}" if len(windows) > 1 else ""
    behind += along_axes(space, reach.numbers[i].lane)
    where = f"layer {depths[state] + 1}"
    if space.automaton.ways(state) > 1 and options:
        where = f"{shorten(repr(options[0].member(0)[0]))}, where it comes last"
    if not options and space.automaton.blocks:
        return f"nothing survives {where}: the branches of a block there meet at no size"
    if high >= needed or not options:
        return f"nothing survives {where}: no layer there takes what comes before"
    return (
        f"nothing survives {where}: it needs a size of at least {needed:,}, "
        f"and what comes before gives {before}{behind}"
    )


def _needed(options: list[Any], lane: int) -> int:
    """The least size on a lane that one of layers takes."""
    lanes = ((option.lanes or (option,) * (lane + 1))[lane] for option in options)
    return min((option.transition.minimum for option in lanes), default=1)


def _nearest(windows: list[Bits], wanted: Domain, come: str = "come out") -> str:
    sizes = {size for window in windows for size in _few(window, wanted)}
    below = max((size for size in sizes if size < wanted.first), default=None)
    above = min((size for size in sizes if size > wanted.last), default=None)
    near = [f"{size:,}" for size in (below, above) if size is not None]
    if len(sizes) == 1:
        return f"only {near[0]} can {come}"
    return f"the nearest that can {come}: {' and '.join(near)}" if near else "there are gaps"


def _few(window: Bits, wanted: Domain) -> list[int]:
    """The sizes of a window next to what is wanted, and the outermost ones."""
    below = window.within(0, wanted.first - 1)
    above = window.within(wanted.last + 1, None)
    found = []
    if below.bits:
        found += [below.high, _lowest(below)]
    if above.bits:
        found += [_lowest(above), above.high]
    return found


def _lowest(window: Bits) -> int:
    return window.low + (window.bits & -window.bits).bit_length() - 1


def _every(space: Space, jumps: list[Any]) -> str:
    """Say what stops a target for every n: the growth, or the padding."""
    goals = space.goals
    alone = (space.replaced(goals.changed(every=[one])) for one in goals.every)
    failing = next((one for one, rest in zip(goals.every, alone, strict=True) if not rest), None)
    if failing is None:
        return "every output can be had on its own, but no design gives all of them"
    target, where, lane = failing
    if space.alike:
        jumps = [jump[lane] for jump in jumps]
    rise, period = target.slope
    asked = f"{target} for every {where}{along_axes(space, lane)}"
    possible = sorted(set(jumps))
    if not any(jump * rise == period for jump in possible):
        shown = ", ".join(map(str, possible[:_MOST_SHOWN]))
        more = ", ..." if len(possible) > _MOST_SHOWN else ""
        stride = f"{period // rise}" if period % rise == 0 else f"{period}/{rise}"
        needs = f"it needs a total stride of {stride}, possible are {shown}{more}"
        return f"no design gives {asked}: {needs}"
    fault = f"no design gives {asked}: the stride is possible, but no padding and kernels fit it"
    return fault if space.alike or not space.automaton.floors else fault + _instead(space, failing)


def _instead(space: Space, asked: Every) -> str:
    """The formulas nearest to a target that designs of its stride have, of the first of them."""
    rise, period = asked.target.slope
    free = space.replaced(Goals((), (), ())).relaxed(total_stride=period // rise)
    n = next(n for n in count(_FAR) if n in asked.where)
    gaps: dict[str, int] = {}
    for design in islice(free, _MOST_LOOKED_AT):
        gaps.setdefault(design.formula, abs(int(design.size(n)) - asked.target.at(n)))
    near = sorted(gaps, key=gaps.__getitem__)[:2]
    return f"; {' and '.join(near)} can come out" if near else ""
