"""Why marks leave no design: which of them is missed, and what can come there instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from solver.layers.marking import Mark
from solver.sizes.domain import Domain
from solver.spaces.bits import Bits
from solver.spaces.demand import MarkDemands
from solver.spaces.goal import Every, words
from solver.spaces.reach import Reach, along
from solver.spaces.space import Space

#: What is next to the sizes that are wanted, in words.
Nearest = Callable[[list[Bits], Domain, str], str]
_MOST_SHOWN = 6


def why_missed(space: Space, nearest: Nearest) -> str:
    """Why a space without limits has no design, though it has some where marks ask for nothing."""
    marks = list(dict.fromkeys(reversed(space.automaton.marks)))
    for mark in marks:
        alone = asking(space, [mark])
        if not alone.count:
            return _alone(alone, mark, nearest)
    for last in range(2, len(marks) + 1):
        if not asking(space, marks[:last]).count:
            shown = ", ".join(map(_named, marks[:last]))
            return f"each mark can be had on its own, but no design has all of {shown}"
    return "each mark can be had on its own, but no design has all of them"


def asking(space: Space, marks: Sequence[Mark], limits: bool = True) -> Space:
    """The space in which only some marks ask for something. limits: also for what limits say."""
    given = space.goals.given
    assert given is not None
    free = tuple(mark for mark in space.automaton.marks if mark not in marks)
    loose = () if limits else tuple(marks)
    goals = space.goals.changed(given=given._replace(free=free, loose=loose))
    return space.replaced(goals)


def _alone(space: Space, mark: Mark, nearest: Nearest) -> str:
    """Why no design meets one mark."""
    goals = space.goals
    numbers = [number._replace(output=None) for number in goals.numbers]
    open_end = space.replaced(goals.changed(numbers=numbers, every=()))
    if open_end.count:
        return f"no design that has {_named(mark)} gives {_output(space, mark, nearest)}"
    if mark.limits and asking(open_end, [mark], limits=False).count:
        limits = (f"{k.replace('_', ' ')} {words(v)}" for k, v in mark.limits.items())
        return f"no design has {_named(mark)} with {' and '.join(limits)} there"
    return f"no design has {_named(mark)}: {_sizes(open_end, mark, nearest)}"


def _output(space: Space, mark: Mark, nearest: Nearest) -> str:
    """What must come out, and where that is one number what comes next to it."""
    shown = space.output
    if isinstance(shown, (list, tuple)) or len(space.goals.numbers) != 1 or space.goals.every:
        return "what must come out" if isinstance(shown, (list, tuple)) else str(shown)
    demands = MarkDemands(space.goals, [mark], space.automaton.floors)
    numbers = [number._replace(output=None) for number in demands.numbers]
    reach = Reach(space.automaton, numbers, demands=demands)
    ends = [stage for stage in reach.stages if space.automaton.states[stage[0]].accepts]
    wanted = space.goals.numbers[0].output
    assert wanted is not None
    return f"{shown}: {nearest([reach.windows[end][0] for end in ends], wanted, 'come out')}"


def _sizes(space: Space, mark: Mark, nearest: Nearest) -> str:
    """What can come where a mark stands, in words."""
    wanted = MarkDemands(space.goals, [mark], space.automaton.floors)
    demand = wanted.of[mark]
    free = asking(space, [])
    reach = Reach(free.automaton, wanted.numbers)
    there: list[list[Bits]] = []
    jumps: list[Any] = []
    for stage, moves in reach.tried.items():
        for group, _ in moves:
            if (mark, True) in group.asks:
                rows = zip(reach.forward[stage], reach.numbers, strict=True)
                there.append([w.through(along(group.transitions, n.lane)) for w, n in rows])
                jumps.append(group.transitions[0].after(stage[1]))
    if not there:
        return "no sizes come there"
    for every in demand.every:
        possible = sorted({jump[every.lane] if space.alike else jump for jump in jumps})
        if text := _strides(every, possible):
            return text
    for i, domain in enumerate(demand.domains):
        windows = [row[i] for row in there]
        if domain is None or any(window.meet(domain).bits for window in windows):
            continue
        if reach.numbers[i].probe:
            return "the stride is possible, but no padding and kernels fit it"
        behind = f" for {reach.numbers[i].input}" if len(there[0]) > 1 else ""
        return nearest(windows, domain, "come there") + behind
    return "its sizes can be had one by one, but not together"


def _strides(every: Every, possible: Sequence[Any]) -> str:
    """That the growth of a target is possible nowhere, or nothing."""
    rise, period = every.target.slope
    if any(jump * rise == period for jump in possible):
        return ""
    shown = ", ".join(map(str, possible[:_MOST_SHOWN]))
    more = ", ..." if len(possible) > _MOST_SHOWN else ""
    stride = f"{period // rise}" if period % rise == 0 else f"{period}/{rise}"
    return f"it needs a total stride of {stride} there, possible are {shown}{more}"


def _named(mark: Mark) -> str:
    """A mark in words: its size, and its name."""
    size = mark.asked or "what is asked"
    return f"{size} at {mark.name}" if mark.name else f"{size} on the way"
