"""Which gains in receptive field are possible behind each node, exactly, as bits.

Bit i stands for a gain of i units; one more than is asked for stands for all larger ones. Taking
the gains of several ways together is one `or`, a layer is one shift.
"""

from __future__ import annotations

from functools import reduce
from math import gcd
from sys import getsizeof
from typing import Any

from solver.spaces.automaton import Bundle
from solver.spaces.diagram import Diagram
from solver.spaces.goal import Interval
from solver.spaces.pattern import Pattern, patterns
from solver.spaces.steps import Extras, Node


class Gains:
    """Hold the possible gains behind every node of a diagram, to keep a limit.

    Nodes may also be of steps that know a size map more. Raises LimitError where the gains take
    more memory than the diagram is allowed.
    """

    def __init__(self, diagram: Diagram, interval: Interval) -> None:
        self._diagram = diagram
        beyond = diagram.steps.most_gain + 2
        low = min(interval[0], beyond)
        high = None if interval[1] is None else min(interval[1], beyond)
        spans = {o.span for state in diagram.steps.automaton.states for o in state.options}
        self._unit = reduce(gcd, spans, 0) or 1
        self._low = -(-max(low - 1, 0) // self._unit)
        self._high = None if high is None else (high - 1) // self._unit
        self._top = self._low if self._high is None else self._high + 1
        self._bits: list[dict[Any, int]] = [{} for _ in diagram.stages]
        memory = 0
        for number in range(len(self._bits) - 1, -1, -1):
            shared = patterns(diagram.steps, number)
            if shared is None:
                self._each(number)
            else:
                self._sharing(number, shared)
            memory += sum(map(getsizeof, self._bits[number].values()))
            diagram.budget.spend_memory(memory)

    def possible(self, node: Node, gained: int) -> bool:
        """Tell whether a design can go on from a node and keep the limit."""
        bits = self._bits[node[0]].get(self._plain(node), 0) if self._bits else 0
        so_far = gained // self._unit
        bits >>= max(self._low - so_far, 0)
        if self._high is None or not bits:
            return bits != 0
        return self._high >= so_far and bool(
            bits & (1 << self._high - max(self._low, so_far) + 1) - 1
        )

    def _plain(self, node: Node) -> Any:
        """What these nodes know of a node."""
        steps = self._diagram.steps
        if isinstance(node[2], int):
            return node[2]
        sizes, extras = node[2]
        if steps.simple:
            return sizes[0]
        if extras is None:
            return node[2]
        made = extras.map if steps.mapped else None
        kept = Extras(made, extras.span if steps.spanned else None, extras.sums)
        return sizes, (None if kept == (None, None, ()) else kept)

    def _saturated(self, bits: int) -> int:
        above = bits >> self._top
        return bits ^ above << self._top | 1 << self._top if above else bits

    def _shift(self, span: int, jump: Any) -> int:
        return min(int(span * jump) // self._unit, self._top)

    def _sharing(self, number: int, shared: dict[Pattern, list[Bundle]]) -> None:
        steps, into = self._diagram.steps, self._bits[number]
        jump = steps.stages[number][1]
        parts = []
        for pattern, bundles in shared.items():
            rows = [(s, shift, self._bits[target].get) for s, shift, target in pattern]
            known: dict[int, int] = {}
            spans = {bundle.span for bundle in bundles}
            parts.append((rows, [(span, self._shift(span, jump)) for span in spans], known))
        for n in self._diagram.stages[number]:
            found = int(steps.accepts((number, jump, n)))
            for rows, moves, known in parts:
                for span, shift in moves:
                    moved = n - span
                    value = known.get(moved)
                    if value is None:
                        value = 0
                        for stride, more, get in rows:
                            if moved + more > 0:
                                value |= get((moved - 1 + more) // stride + 1, 0)
                        known[moved] = value
                    found |= value << shift
            into[n] = self._saturated(found)

    def _each(self, number: int) -> None:
        steps, into = self._diagram.steps, self._bits[number]
        jump = steps.stages[number][1]
        for inner in self._diagram.stages[number]:
            node = number, jump, inner
            found = int(steps.accepts(node))
            for (target, _, child), bundles in steps.expand(node):
                behind = self._bits[target].get(child, 0)
                if behind:
                    for shift in {self._shift(bundle.span, jump) for bundle in bundles}:
                        found |= behind << shift
            into[inner] = self._saturated(found)
