"""The steps of a search in which layers act unlike on the axes: sizes, jumps and reads of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.spaces.automaton import Automaton
from solver.spaces.goal import ANYTHING, Every, Goals, Interval, meet
from solver.spaces.limits import PLACED, amount, waited
from solver.spaces.node import Advance, Extras, Node
from solver.spaces.option import Option
from solver.spaces.states import Bundle
from solver.spaces.steps import Steps


class CrossedSteps(Steps):
    """Make the steps of a search where axes differ.

    Jumps, size maps, what is read and what is needed are tuples with one for each lane. A sum along
    a lane has its number behind its name, "latency 1".
    """

    gain_limit = ANYTHING  # what is read is a sum of each lane

    def __init__(
        self, automaton: Automaton, goals: Goals, limits: dict[str, Any], *args: Any, **more: Any
    ) -> None:
        self._lanes = range(len(automaton.lanes))
        #: The lane of each axis.
        self._axes = [automaton.lanes.index(first) for first in automaton.alike]
        super().__init__(automaton, goals, limits, *args, **more)

    @property
    def late(self) -> bool:
        return self.spanned and self.transposed

    def _total_strides(self) -> Any:
        found: list[Interval] = [self._total] * len(self._lanes)
        for every in self.goals.every if self.automaton.floors else ():
            found[every.lane] = meet(found[every.lane], every.total_stride)
        return tuple(found)

    @property
    def root(self) -> Node | None:
        if not self.stages:
            return None
        many = len(self._lanes)
        extras = Extras(
            (0 if self.automaton.floors else IDENTITY,) * many if self.mapped else None,
            (0,) * many if self.spanned else None,
            tuple(int(name.startswith("receptive_field")) for name in self.summed),
            (0,) * many if self.needs else None,
        )
        sizes = tuple(number.input for number in self.numbers)
        return 0, self.start, (sizes, extras if self._asks else None)

    def _after(self, row: Advance, sizes: tuple[int, ...]) -> tuple[int, ...] | None:
        found = []
        lanes = row.transition.lanes
        for n, window, number in zip(sizes, row.windows, self.numbers, strict=True):
            transition = lanes[number.lane]
            if n < transition.minimum:
                return None
            size = transition.size(n)
            if size not in window or not transition.returns(n):
                return None
            found.append(size)
        return tuple(found)

    def _composed(self, transition: Any, made: Any, jump: Any, lane: int = 0) -> Any:
        found = []
        for at, (each, one, apart) in enumerate(zip(transition.lanes, made, jump, strict=True)):
            composed = super()._composed(each, one, apart, at)
            if composed is None:
                return None
            found.append(composed)
        return tuple(found)

    def _every_along(self, lane: int) -> Sequence[Every]:
        return [one for one in self._targets if one.lane == lane]

    def _met(self, made: Any) -> bool:
        if made is None or not isinstance(made[0], SizeMap):
            return True
        if made not in self._meets:
            met = (every.meets(made[every.lane]) for every in self._every)
            self._meets[made] = all(met)
        return self._meets[made]

    def _reads(self, option: Option, read: Any, ends: bool) -> Any:
        rows = zip(option.lanes, read, strict=True)
        return tuple([self.shapes.behind(each, one, ends) for each, one in rows])

    def _needed(self, option: Option, need: Any, most: Any) -> Any:
        found = []
        for each, one, strides in zip(option.lanes, need, most, strict=True):
            needed = super()._needed(each, one, strides)
            if needed is None:
                return None
            found.append(needed)
        return tuple(found)

    @cached_property
    def _most_strides(self) -> list[Any]:
        none = (None if self.transposed else 1,) * len(self._lanes)
        found: list[Any] = [none] * len(self.stages)
        for number in () if self.transposed else range(len(self.stages) - 1, -1, -1):
            rows = [(row.transition.lanes, found[row.target]) for row in self.rows(number)]
            behind = [[each[i].stride * most[i] for each, most in rows] for i in self._lanes]
            found[number] = tuple(max(strides, default=1) for strides in behind)
        return found

    def read(self, read: Any) -> Any:
        return tuple([self.shapes.length(each) for each in read])

    def across(self, values: Sequence[Any]) -> int:
        return sum([int(values[lane]) for lane in self._axes])

    def grown(self, before: Any, after: Any) -> int:
        return self.across(after) - self.across(before)

    @property
    def shares(self) -> int:
        return len(self._axes)

    def amount(self, name: str, bundle: Bundle, jump: Any, volumes: Any) -> int:
        word, _, lane = name.partition(" ")
        along = bundle.price.along
        if word in PLACED:
            return waited(word, along[int(lane)], jump[int(lane)])
        if word != "receptive_field":
            return amount(name, bundle, jump, volumes)
        if lane:
            return int(along[int(lane)].span * jump[int(lane)])
        return self.across([each.span * one for each, one in zip(along, jump, strict=True)])
