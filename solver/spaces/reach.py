"""Which sizes can still come to the goal: exact for one size, and one size at a time for several.

A stage is a state of the automaton with a jump, or with all jumps from one on. Forward from the
input and backward from the goal it has a set of sizes, and their intersection is what it is worth.
Several sizes must come to their goals together; here each does on its own, so the sets are
supersets then, and the diagram decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from solver.ground.named import NamedTuple
from solver.spaces.automaton import Automaton, Group
from solver.spaces.bits import Bits
from solver.spaces.budget import Budget
from solver.spaces.goal import ANYTHING, Interval, Number
from solver.spaces.option import Ask, passes
from solver.spaces.transition import Transition

Stage = tuple[int, Any]  # state of the automaton, jump

#: Sizes looked at for each state that may be kept.
_SPARE = 4


class Narrowing(Protocol):
    """What marks ask for, as far as it narrows sizes."""

    def narrowed(
        self, asks: Sequence[Ask], windows: Sequence[Bits], jump: Any
    ) -> tuple[Bits, ...]: ...


class Move(NamedTuple):
    """Hold layers of one stride and the stage behind them; they differ in net padding."""

    group: Group
    target: Stage


class Reach:
    """Hold the stages on a way from the input to the goal in order, with their moves and sizes.

    windows: one per number and stage. between: the limit on sizes that are neither the input nor
    the output. merged: jumps from here on are one stage, which takes
    less time and may let more sizes through; jumps and total are then not looked at. reads: the
    receptive field at least; where padding leaves no room for it, sizes are not looked at.
    demands: what marks ask for.
    """

    def __init__(
        self,
        automaton: Automaton,
        numbers: Sequence[Number],
        between: Interval = ANYTHING,
        jumps: Interval = ANYTHING,
        total: Any = ANYTHING,
        merged: int | None = None,
        reads: int = 0,
        budget: Budget = Budget(),  # noqa: B008 - immutable
        demands: Narrowing | None = None,
    ) -> None:
        self.automaton = automaton
        self._demands = demands
        self.numbers = numbers
        self.start: Stage = (0, automaton.start)
        self._jumps = jumps if merged is None else ANYTHING
        self._total: Any = total if merged is None else ANYTHING
        self._merged, self._between = merged, between
        self.windows: dict[Stage, tuple[Bits, ...]] = {}
        self.moves: dict[Stage, list[Move]] = {}
        #: Every stage that is reached from the input, whether or not it leads on.
        self._budget = budget
        self._steps = 0
        roomy = reads <= 1 or all(reads <= one.input + _room(automaton, one) for one in numbers)
        self.forward = self._forward() if roomy else {}
        #: The moves of each before those that miss the goal are dropped: none where nothing fits.
        self.tried = {stage: list(moves) for stage, moves in self.moves.items()}
        for stage in reversed(self.forward):
            self._backward(stage, self.forward[stage])
        self.stages = list(reversed(self.windows))

    def _forward(self) -> dict[Stage, tuple[Bits, ...]]:
        waiting: list[dict[Any, tuple[Bits, ...]]] = [{} for _ in self.automaton.states]
        waiting[0][self.start[1]] = tuple(Bits(number.input, 1) for number in self.numbers)
        found: dict[Stage, tuple[Bits, ...]] = {}
        count = 0
        for state, stages in enumerate(waiting):
            groups = self.automaton.groups(state)
            for jump, windows in stages.items():
                stage = (state, jump)
                found[stage] = windows
                # These are more than the states that will be kept, by how much nobody knows yet.
                count += min(window.bits.bit_count() for window in windows)
                self._budget.spend("sizes", count // _SPARE)
                inner = windows
                if not self.automaton.states[stage[0]].untouched:
                    inner = tuple(map(self._inner, windows, self.numbers))
                self.moves[stage] = moves = []
                for target, group in groups:
                    transitions, asks = group.transitions, group.asks
                    self.spend(len(transitions) * sum(map(_cost, inner)))
                    here = windows if asks and passes(asks) else inner
                    reached: Sequence[Bits] = [
                        window.through(along(transitions, number.lane))
                        for window, number in zip(here, self.numbers, strict=True)
                    ]
                    after = transitions[0].after(jump)
                    if asks and self._demands is not None:
                        reached = self._demands.narrowed(asks, reached, after)
                    if not all(window.bits for window in reached):
                        continue
                    if not inside(after, self._jumps):
                        continue
                    if self._merged is not None:
                        after = merged(after, self._merged)
                    moves.append(Move(group, (target, after)))
                    known = waiting[target].get(after, reached)
                    waiting[target][after] = tuple(map(Bits.__or__, known, reached))
        return found

    def _backward(self, stage: Stage, forward: tuple[Bits, ...]) -> None:
        """Keep of a stage what leads to the goal, or nothing."""
        self.moves[stage] = [m for m in self.moves[stage] if m.target in self.windows]
        ends = self.automaton.states[stage[0]].accepts and inside(stage[1], self._total)
        kept = []
        behind = [(group, self.behind(group, target)) for group, target in self.moves[stage]]
        for i, (here, number) in enumerate(zip(forward, self.numbers, strict=True)):
            bits = marked = 0
            for group, windows in behind:
                self.spend(len(group.transitions) * _cost(here))
                lane = along(group.transitions, number.lane)
                came = windows[i].before(lane, here)
                if group.asks and passes(group.asks):
                    marked |= came
                else:
                    bits |= came
            through = Bits(here.low, bits)
            if not self.automaton.states[stage[0]].untouched:
                through = self._inner(through, number)
            if marked:
                through |= Bits(here.low, marked)
            if ends:
                through |= here if number.output is None else here.meet(number.output)
            kept.append(through)
        if all(window.bits for window in kept):
            self.windows[stage] = tuple(kept)

    def behind(self, group: Group, target: Stage) -> tuple[Bits, ...]:
        """The sizes behind layers, that are alive where they lead and that marks ask for."""
        windows = self.windows[target]
        if self._demands is None or not group.asks:
            return windows
        return self._demands.narrowed(group.asks, windows, target[1])

    def spend(self, count: int) -> None:
        """Count steps, of the search behind it too. Raises LimitError where they are too many."""
        self._steps += count
        self._budget.spend_steps(self._steps)

    def _inner(self, window: Bits, number: Number) -> Bits:
        """The sizes that another layer may follow."""
        return window if number.probe else window.within(*self._between)


def _room(automaton: Automaton, number: Number) -> int:
    """How far what one output reads may go beyond the input, at most, where no layer is transposed.

    With a total stride S, outputs 1 to m read (m - 1)*S + receptive field elements one after the
    other, and there are no more than the input and its padding. A negative number where none ends.
    """
    least = number.output.first if number.output else 1
    rest: dict[int, int] = {}
    pads: dict[int, int] = {}
    for state in range(len(automaton.states) - 1, -1, -1):
        found = [1 - least] if automaton.states[state].accepts else []
        for target, group in automaton.groups(state):
            if target in rest:
                if id(group) not in pads:
                    rows = zip(group.transitions, group.bundles, strict=True)
                    widest = [one.net_padding + max(b.span for b in row) for one, row in rows]
                    pads[id(group)] = max(widest)
                found.append(pads[id(group)] + group.transitions[0].stride * rest[target])
        if found:
            rest[state] = max(found)
    return rest.get(0, -number.input)


def _cost(window: Bits) -> int:
    """The steps that one layer takes at all sizes of a window at once."""
    return 10 + window.bits.bit_length() // 500


def inside(number: Any, interval: Interval) -> bool:
    """Tell whether a number keeps a limit.

    >>> inside(5, (3, None)), inside(5, (0, 4))
    (True, False)
    """
    if isinstance(number, tuple):  # of several lanes, all under one limit or each under its own
        each = interval if isinstance(interval[0], tuple) else (interval,) * len(number)
        return all(map(inside, number, each))
    low, high = interval
    return bool(low <= number and (high is None or number <= high))


def merged(jump: Any, most: int) -> Any:
    """A jump, or of each lane, where all from one on are counted together."""
    return tuple([min(each, most) for each in jump]) if isinstance(jump, tuple) else min(jump, most)


def along(transitions: Sequence[Any], lane: int) -> Sequence[Transition]:
    """What layers do on a lane."""
    if isinstance(transitions[0], Transition):
        return transitions
    return list(dict.fromkeys(each.lanes[lane] for each in transitions))
