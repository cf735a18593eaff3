"""What the steps of a search ask of layers that treat all axes alike: one number for all of them.

`CrossedSteps` answers the same with one for each lane, where axes differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

from solver.sizes.sizemap import SizeMap
from solver.spaces.automaton import Automaton
from solver.spaces.goal import ANYTHING, Every, Goals, Interval, Number, meet
from solver.spaces.limits import PLACED, amount
from solver.spaces.node import Advance, Node
from solver.spaces.option import Option, passes
from solver.spaces.reach import inside
from solver.spaces.shapes import Shapes
from solver.spaces.states import Bundle
from solver.spaces.transition import everywhere

if TYPE_CHECKING:
    from solver.spaces.needs import Needs

#: The elements per channel before and after a layer, and the sizes before it.
Volumes = tuple[int, int, list[int]]


class OneLane:
    """Say what layers do to sizes and size maps, and what they read, along all axes alike."""

    automaton: Automaton
    goals: Goals
    limits: dict[str, Any]
    numbers: Sequence[Number]
    shapes: Shapes
    needs: Needs | None
    stages: list[Any]
    spanned: bool
    transposed: bool
    simple: bool
    _total: Any
    _between: Interval | None
    _every: Sequence[Every]
    _targets: Sequence[Every]
    _meets: dict[Any, bool]
    demands: Any
    _memory: int | None

    def sizes(self, node: Node) -> tuple[int, ...]:
        """The sizes at a node."""
        raise NotImplementedError

    def rows(self, number: int) -> list[Advance]:
        """The moves of a stage with all that a step needs to know."""
        raise NotImplementedError

    amount = staticmethod(amount)

    @property
    def late(self) -> bool:
        """Tell whether receptive fields are known at the end only."""
        return self.spanned

    @property
    def gain_limit(self) -> Interval:
        """The limit on receptive fields where they are followed as a gain."""
        return ANYTHING if self.spanned else self.limits.get("receptive_field", ANYTHING)

    def _total_strides(self) -> Any:
        """The limit on total strides, with that of the goals."""
        found = self._total
        for every in self.goals.every if self.automaton.floors else ():
            found = meet(found, every.total_stride)
        return found

    def _met(self, made: Any) -> bool:
        if not isinstance(made, SizeMap):
            return True
        if made not in self._meets:
            self._meets[made] = all(every.meets(made) for every in self._every)
        return self._meets[made]

    def _inner(self, node: Node) -> bool:
        """Tell whether the sizes at a node keep the limit on sizes that another layer follows."""
        between = self._between or ANYTHING
        pairs = zip(self.sizes(node), self.numbers, strict=True)
        return all(number.probe or inside(size, between) for size, number in pairs)

    def _after(self, row: Advance, sizes: tuple[int, ...]) -> tuple[int, ...] | None:
        transition = row.transition
        found = []
        for n, window in zip(sizes, row.windows, strict=True):
            if n < transition.minimum:
                return None
            size = transition.size(n)
            if size not in window or not transition.returns(n):
                return None
            found.append(size)
        return tuple(found)

    def _composed(self, transition: Any, made: Any, jump: Any, lane: int = 0) -> Any:
        """The size map behind a layer, of one before it; None where it must hold and does not."""
        if isinstance(made, int):  # floor((n + made)/jump) goes on
            return made + jump * (transition.net_padding + transition.stride - 1)
        found = transition.size(made)
        back = transition.back
        if back is None or everywhere(back, made, found, self._every_along(lane)):
            return found
        return None

    def _every_along(self, lane: int) -> Sequence[Every]:
        """The targets for every n on a lane."""
        return self._targets

    def _reads(self, option: Option, read: Any, ends: bool) -> Any:
        return self.shapes.behind(option, read, ends)

    def _needed(self, option: Option, need: Any, most: Any) -> Any:
        assert self.needs is not None
        return self.needs.through(option, need, most)

    @cached_property
    def _most_strides(self) -> list[int | None]:
        """The largest total stride behind each stage; None where layers are transposed."""
        found: list[Any] = [None if self.transposed else 1] * len(self.stages)
        for number in () if self.transposed else range(len(self.stages) - 1, -1, -1):
            behind = (row.transition.stride * found[row.target] for row in self.rows(number))
            found[number] = max(behind, default=1)
        return found

    @property
    def _outputs(self) -> int:
        """How many outputs were told apart so far."""
        return self.shapes.work + (self.needs.work if self.needs else 0)

    def volumes(self, before: tuple[int, ...], after: tuple[int, ...]) -> Volumes:
        """The elements per channel before and after a layer where costs are measured."""
        at = self.goals.at
        sizes = [before[i] for i in at]
        return prod(sizes), prod([after[i] for i in at]), sizes

    def read(self, read: Any) -> Any:
        """The length of a shape: with several lanes, of each.

        Of the whole input it is that of the longest axis; where the input is n more than any size.
        """
        if self.shapes.whole(read) and self.goals.numbers:
            return max(number.input for number in self.numbers)
        return self.shapes.length(read)

    def across(self, value: Any) -> int:
        """What is told of an axis; of axes that differ the sum over all `shares`."""
        return int(value)

    def grown(self, before: Any, after: Any) -> Any:
        """How much a jump has grown, as `across`."""
        return after - before

    @property
    def shares(self) -> int:
        """How many axes add to what is told across them."""
        return 1

    def _reads_well(self, read: Any) -> bool:
        """Tell whether what is read keeps the limits on it, where it is known at the end only."""
        interval = self.limits.get("receptive_field", ANYTHING)
        if not self.spanned or self.automaton.lanes or not self.shapes.whole(read):
            lengths = [self.read(read)]
        else:
            lengths = [number.input for number in self.numbers]
        if not all(inside(length, interval) for length in lengths):
            return False
        placed = [name for name in PLACED if name in self.limits] if self.automaton.late else ()
        return all(
            inside(self.shapes.waits(read)[name], _asked(self.limits[name])) for name in placed
        )

    def _fitting(
        self,
        number: int,
        row: Advance,
        before: tuple[int, ...],
        after: tuple[int, ...],
        ended: Any,
    ) -> list[Bundle]:
        """The layers of which what goes in and what comes out fit into the memory together.

        ended: whether no layer may follow; marks, which hold nothing, always may.
        """
        if row.asks and passes(row.asks):
            return row.bundles
        if ended or self._memory is None:
            return [] if ended else row.bundles
        held = self.held(number, row.target, before, after)
        fit = [bundle for bundle in row.bundles if held(bundle) <= self._memory]
        return row.bundles if len(fit) == len(row.bundles) else fit

    def held(
        self, number: int, target: int, before: tuple[int, ...], after: tuple[int, ...]
    ) -> Callable[[Bundle], int]:
        """What goes into a layer and what comes out together; of a block the most inside it."""
        states = self.automaton.states
        widths = [states[self.stages[at][0]].channels or 1 for at in (number, target)]
        *volumes, sizes = self.volumes(before, after)
        plain = sum(width * volume for width, volume in zip(widths, volumes, strict=True))
        return lambda bundle: bundle.price.memory(sizes) if bundle.price.held else plain

    def _asked(
        self,
        row: Advance,
        sizes: tuple[int, ...],
        jump: Any,
        made: Any = None,
        read: Any = None,
    ) -> bool:
        """Tell whether behind a layer marks are met, or missed, as it is asked."""
        if not row.asks or self.demands is None:
            return True
        length = None if read is None else self.read(read)
        return bool(self.demands.hold(row.asks, sizes, jump, made, length))


def _asked(limit: Interval | bool) -> Interval:
    """A limit on where outputs stand as an interval: of what is true, 1."""
    return (1, 1) if isinstance(limit, bool) else limit
