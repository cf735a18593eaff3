"""Count the designs behind every node exactly, and how many of them read how much.

The receptive field is 1 plus a sum of (e - 1)*jump over the layers, so the designs behind a node
have a generating polynomial in it. Its coefficients stand side by side in one big integer, wide
enough that none runs into the next: adding polynomials is one addition, a layer is one shift. The
numbers below a bound are a mask, and their sum is a remainder: base - 1 divides base**i - 1.
"""

from __future__ import annotations

from functools import reduce
from math import gcd
from sys import getsizeof
from typing import Any

from solver.spaces.automaton import Bundle
from solver.spaces.diagram import Diagram
from solver.spaces.goal import ANYTHING, Interval
from solver.spaces.pattern import Pattern, patterns
from solver.spaces.steps import Node


class Counts:
    """Count completions: ways from a node to the goal, with a receptive field in an interval.

    interval: of the receptive field, where the diagram leaves it open. kept: keep what is behind
    every node, for `completions`; else only what the count needs. Raises LimitError where that
    takes more memory than the diagram is allowed.
    """

    def __init__(
        self,
        diagram: Diagram,
        interval: Interval = ANYTHING,
        kept: bool = True,
    ) -> None:
        self.diagram = diagram
        self._kept = kept
        # More than can be gained is as much as a little more than that.
        beyond = diagram.steps.most_gain + 1
        self._low = min(max(interval[0] - 1, 0), beyond)
        self._high = None if interval[1] is None else min(interval[1], beyond)
        self._unit = self._common_unit()
        self._slots = -(-(self._low if self._high is None else self._high) // self._unit)
        self._totals = self._pass(0)
        self._width = self._total(self._root).bit_length() + 1 if self._totals else 1
        self._known: dict[tuple[Node, int], int] = {}
        limited = self._totals and (self._low > 0 or self._high is not None)
        self._packed = self._pass(self._width) if limited else None

    @property
    def _root(self) -> Node:
        return 0, self.diagram.steps.start, self.diagram.stages[0][0]

    @property
    def count(self) -> int:
        """The number of designs."""
        return self.completions(self._root, 0) if self._totals else 0

    def completions(self, node: Node, gained: int) -> int:
        """Count the ways from a node on; gained: the receptive field so far, less one."""
        if self._packed is None:
            return self._total(node)
        key = node, gained
        if key not in self._known:
            if self._high is None:
                found = self._total(node) - self._below(node, self._low - gained)
            else:
                found = self._below(node, self._high - gained)
                found -= self._below(node, self._low - gained)
            self._known[key] = found
        return self._known[key]

    def ends(self, node: Node, gained: int) -> bool:
        """Tell whether a design that has gained so much may end at a node."""
        high = self._high
        return (
            self._low <= gained
            and (high is None or gained < high)
            and (self.diagram.steps.accepts(node))
        )

    def _total(self, node: Node) -> int:
        return self._totals[node[0]].get(node[2], 0)

    def _below(self, node: Node, gain: int) -> int:
        """Count the ways that gain less than this."""
        if gain <= 0 or self._packed is None:
            return 0
        slots = -(-gain // self._unit)
        packed = self._packed[node[0]].get(node[2], 0) & (1 << slots * self._width) - 1
        return packed % ((1 << self._width) - 1)

    def _common_unit(self) -> int:
        states = self.diagram.steps.automaton.states
        return reduce(gcd, {option.span for state in states for option in state.options}, 0) or 1

    def _pass(self, width: int) -> list[dict[Any, int]]:
        """The polynomial behind each node with slots of a width; for 0 its value at 1."""
        stages = self.diagram.stages
        behind: list[dict[Any, int]] = [{} for _ in stages]
        last_use = self._last_uses()
        done = memory = 0
        for number in range(len(stages) - 1, -1, -1):
            shared = patterns(self.diagram.steps, number)
            if shared is None:
                self._each(number, behind, width)
            else:
                self._sharing(number, shared, behind, width)
            memory += sum(map(getsizeof, behind[number].values()))
            if not self._kept:
                for unused in last_use.get(number, ()):
                    memory -= sum(map(getsizeof, behind[unused].values()))
                    behind[unused] = {}
            self.diagram.budget.spend_memory(memory)
            done += len(stages[number])
            self.diagram.budget.tell("states counted", done)
        return behind

    def _last_uses(self) -> dict[int, list[int]]:
        """The stages that are needed no more once a stage is done."""
        steps = self.diagram.steps
        first: dict[int, int] = {}
        for number in range(len(self.diagram.stages) - 1, -1, -1):
            first |= {row.target: number for row in steps.rows(number)}
        found: dict[int, list[int]] = {}
        for target, number in first.items():
            found.setdefault(number, []).append(target)
        return found

    def _sharing(
        self,
        number: int,
        shared: dict[Pattern, list[Bundle]],
        behind: list[dict[Any, int]],
        width: int,
    ) -> None:
        steps, into = self.diagram.steps, behind[number]
        jump = steps.stages[number][1]
        mask = (1 << self._slots * width) - 1
        parts = []
        for pattern, bundles in shared.items():
            times: dict[int, int] = {}
            for bundle in bundles:
                times[bundle.span] = times.get(bundle.span, 0) + len(bundle.options)
            rows = [(s, shift, behind[target].get) for s, shift, target in pattern]
            shifts = [
                (span, many, shift)
                for span, many in times.items()
                if (shift := self._shift(span, jump, width)) is not None
            ]
            known: dict[int, int] = {}
            parts.append((rows, shifts, known))
        for n in self.diagram.stages[number]:
            total = int(steps.accepts((number, jump, n)))
            for rows, shifts, known in parts:
                for span, many, shift in shifts:
                    moved = n - span
                    value = known.get(moved)
                    if value is None:
                        value = 0
                        for stride, more, get in rows:
                            if moved + more > 0:
                                value += get((moved - 1 + more) // stride + 1, 0)
                        known[moved] = value
                    total += many * value << shift
            into[n] = total & mask if width else total

    def _each(self, number: int, behind: list[dict[Any, int]], width: int) -> None:
        steps, into = self.diagram.steps, behind[number]
        jump = steps.stages[number][1]
        mask = (1 << self._slots * width) - 1
        for inner in self.diagram.stages[number]:
            node = number, jump, inner
            total = int(steps.accepts(node))
            for (target, _, child), bundles in steps.expand(node):
                value = behind[target].get(child, 0)
                if value:
                    for span, _, options in bundles:
                        shift = self._shift(span, jump, width)
                        if shift is not None:
                            total += len(options) * value << shift
            into[inner] = total & mask if width else total

    def _shift(self, span: int, jump: Any, width: int) -> int | None:
        """The bits a layer moves a polynomial by, or None if it gains more than is asked."""
        if not width:
            return 0
        slots = span * jump // self._unit
        return slots * width if slots < self._slots else None
