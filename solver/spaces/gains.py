"""Which gains in receptive field are possible behind each node, exactly, as bits.

Bit i stands for a gain of i units; one more than is asked for stands for all larger ones. Taking
the gains of several ways together is one `or`, a layer is one shift. Where the depth comes first,
the gains of each number of layers are kept apart.
"""

from __future__ import annotations

from functools import reduce
from math import gcd
from sys import getsizeof
from typing import Any

from solver.ground.named import NamedTuple
from solver.spaces.diagram import Diagram, most_gain
from solver.spaces.goal import Interval
from solver.spaces.node import Extras, Node
from solver.spaces.pattern import Alike, Pattern, patterns


class Chance(NamedTuple):
    """Hold what a design may still gain, at least and at most, with so many layers."""

    layers: int
    least: int
    most: int


class Gains:
    """Hold the possible gains behind every node of a diagram, to keep a limit.

    apart: those of each depth; else all are said to be of 0 layers. Nodes may also be of
    steps that know a size map more. Raises LimitError where the gains take more memory than the
    diagram is allowed.
    """

    def __init__(self, diagram: Diagram, interval: Interval, apart: bool = False) -> None:
        self.steps, self._diagram = diagram.steps, diagram
        self.layer = int(apart)
        beyond = most_gain(diagram.steps) + 2
        low = min(interval[0], beyond)
        high = None if interval[1] is None else min(interval[1], beyond)
        spans = {o.span for state in diagram.steps.automaton.states for o in state.options}
        self._unit = reduce(gcd, spans, 0) or 1
        self._low = -(-max(low - 1, 0) // self._unit)
        self._high = None if high is None else (high - 1) // self._unit
        self._top = self._low if self._high is None else self._high + 1
        self._bits: list[dict[Any, dict[int, int]]] = [{} for _ in diagram.stages]
        memory = 0
        for number in diagram.backwards("states and what they gain"):
            shared = patterns(diagram.steps, number)
            if shared is None:
                self._each(number)
            else:
                self._sharing(number, shared)
            behind = self._bits[number].values()
            memory += sum(getsizeof(bits) for each in behind for bits in each.values())
            diagram.budget.spend_memory(memory)

    def left(self, node: Node, gained: int) -> list[Chance]:
        """What a design may gain from a node on and keep the limit: nothing where it cannot."""
        found: list[Chance] = []
        so_far = gained // self._unit
        low = max(self._low - so_far, 0)
        for layers, bits in self._at(node).items():
            bits >>= low
            if self._high is not None:
                bits &= (1 << max(self._high - so_far - low + 1, 0)) - 1
            if bits:
                ends = (bits & -bits).bit_length(), bits.bit_length()
                found.append(Chance(layers, *((low + end - 1) * self._unit for end in ends)))
        return found

    def ways(self, node: Node) -> list[tuple[int, int]]:
        """Each number of layers and gain that a design may have from the first node on."""
        return [
            (left.layers, gain)
            for left in self.left(node, 0)
            for gain in range(left.least, left.most + 1, self._unit)
            if self.exactly(node, left.layers, gain)
        ]

    def exactly(self, node: Node, layers: int, gain: int) -> bool:
        """Tell whether a design may have exactly so many layers and gain from a node on."""
        return gain >= 0 and bool(self._at(node).get(layers, 0) >> gain // self._unit & 1)

    def _at(self, node: Node) -> dict[int, int]:
        return self._bits[node[0]].get(self._plain(node), {})

    def _plain(self, node: Node) -> Any:
        """What these nodes know of a node."""
        steps = self.steps
        if isinstance(node[2], int):
            return node[2]
        sizes, extras = node[2]
        if steps.simple:
            return sizes[0]
        if extras is None:
            return node[2]
        made = extras.map if steps.mapped else None
        need = extras.need if steps.needs else None
        kept = Extras(made, extras.span if steps.spanned else None, extras.sums, need)
        return sizes, (None if kept == Extras(None, None, ()) else kept)

    def _saturated(self, found: dict[int, int]) -> dict[int, int]:
        for layers, bits in found.items():
            if above := bits >> self._top:
                found[layers] = bits ^ above << self._top | 1 << self._top
        return found

    def _shift(self, span: int, jump: Any) -> int:
        return min(int(span * jump) // self._unit, self._top)

    def _sharing(self, number: int, shared: dict[Pattern, list[Alike]]) -> None:
        steps, into = self.steps, self._bits[number]
        jump = steps.stages[number][1]
        parts = []
        for pattern, kinds in shared.items():
            rows = [(s, shift, self._bits[target].get) for s, shift, target in pattern]
            known: dict[int, dict[int, int]] = {}
            alike = {(bundle.span, self.layer * bundle.price.depth) for bundle, _ in kinds}
            moves = [(span, layers, self._shift(span, jump)) for span, layers in alike]
            parts.append((rows, moves, known))
        for n in self._diagram.stages[number]:
            found = {0: 1} if steps.accepts((number, jump, n)) else {}
            for rows, moves, known in parts:
                for span, layers, shift in moves:
                    moved = n - span
                    value = known.get(moved)
                    if value is None:
                        value = known[moved] = {}
                        for stride, more, get in rows:
                            if moved + more > 0:
                                self._add(value, get((moved - 1 + more) // stride + 1, {}))
                    self._add(found, value, layers, shift)
            into[n] = self._saturated(found)

    def _each(self, number: int) -> None:
        steps, into = self.steps, self._bits[number]
        jump = steps.stages[number][1]
        for inner in self._diagram.stages[number]:
            node = number, jump, inner
            found = {0: 1} if steps.accepts(node) else {}
            for (target, _, child), bundles in steps.expand(node):
                behind = self._bits[target].get(child)
                if behind:
                    alike = {(bundle.span, self.layer * bundle.price.depth) for bundle in bundles}
                    for span, layers in alike:
                        self._add(found, behind, layers, self._shift(span, jump))
            into[inner] = self._saturated(found)

    @staticmethod
    def _add(into: dict[int, int], bits: dict[int, int], layers: int = 0, shift: int = 0) -> None:
        """Take in what is possible behind a layer."""
        for more, each in bits.items():
            into[more + layers] = into.get(more + layers, 0) | each << shift
