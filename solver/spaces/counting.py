"""Count the designs behind every node exactly, and how many of them read how much.

The receptive field is 1 plus a sum of (e - 1)*jump over the layers. Behind a node every gain is a
multiple of its jump, so what matters is how many designs gain at least 0, 1, 2, ... jumps. These
numbers stand side by side in one big integer, wide enough that none runs into the next: adding
them is one addition, a layer is one shift, and a stride repeats each of them. What is read and the
outputs share the input and its padding, so the size at a node bounds what was gained before it:
only the numbers that can still be asked for are kept, and they move with the size as e does.
"""

from __future__ import annotations

from array import array
from functools import reduce
from itertools import groupby
from math import gcd
from sys import getsizeof
from typing import Any

from solver.ground.named import NamedTuple
from solver.spaces.diagram import Diagram, most_gain
from solver.spaces.goal import ANYTHING, UNBOUNDED, Interval
from solver.spaces.node import Node
from solver.spaces.pattern import Alike, Pattern, patterns
from solver.spaces.states import Bundle

#: Bits of a machine word.
_WORD = 64


class Slots(NamedTuple):
    """Hold which numbers the nodes of a stage keep: i is of those that gain i*unit jumps or more.

    unit: spans are multiples of it. shift: at size n the first is (n + shift)//unit. last: which is
    the last. width: bits of each, whole words of a machine.
    """

    unit: int
    shift: int
    last: int
    width: int = _WORD

    def first(self, size: int) -> int:
        """The first that is kept at a size."""
        return max((size + self.shift) // self.unit, 0)


class Lane(NamedTuple):
    """Hold layers of one stride that differ in padding: from a moved size to sizes in a row.

    more: as in patterns, the least. offsets: of the sizes. known: their numbers together.
    """

    stride: int
    more: int
    target: int
    offsets: list[int]
    known: dict[int, tuple[int, int]]


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
        beyond = 0 if interval == ANYTHING else most_gain(diagram.steps) + 1
        self._low = min(max(interval[0] - 1, 0), beyond)
        self._high = None if interval[1] is None else min(interval[1], beyond)
        self._open = self._low == 0 and self._high is None
        self._slots = self._kept_slots()
        self._known: dict[tuple[Node, int], int] = {}
        self._behind = self._pass()

    @property
    def count(self) -> int:
        """The number of designs."""
        root = self.diagram.steps.root
        return 0 if root is None else self.completions(root, 0)

    def completions(self, node: Node, gained: int) -> int:
        """Count the ways from a node on; gained: the receptive field so far, less one."""
        packed = self._behind[node[0]].get(node[2], 0)
        if self._open or not packed:
            return packed
        key = node, gained
        if key not in self._known:
            self._known[key] = self._within(node, packed, gained)
        return self._known[key]

    def gain(self, node: Node, bundle: Bundle, child: Node) -> int:
        """What a layer adds to what is gained."""
        return int(bundle.span * node[1]) if bundle.span else 0

    def _within(self, node: Node, packed: int, gained: int) -> int:
        """How many of these ways read as much as is asked for."""
        found = self._at_least(node, packed, self._low - gained)
        if self._high is not None:
            found -= self._at_least(node, packed, self._high - gained)
        return found

    def ends(self, node: Node, gained: int) -> bool:
        """Tell whether a design that has gained so much may end at a node."""
        high = self._high
        return (
            self._low <= gained
            and (high is None or gained < high)
            and (self.diagram.steps.accepts(node))
        )

    def _at_least(self, node: Node, packed: int, gain: int) -> int:
        """How many ways from a node on gain at least so much."""
        slots = self._slots[node[0]]
        asked: int = max(-(-gain // (slots.unit * node[1])), 0)
        at = asked - slots.first(self.diagram.steps.sizes(node)[0])
        return packed >> at * slots.width & (1 << slots.width) - 1

    def _kept_slots(self) -> list[Slots]:
        """What the nodes of each stage keep, by the most that padding can have added there."""
        steps = self.diagram.steps
        if self._open:
            most = max((n.high for seen in steps.reach.windows.values() for n in seen), default=0)
            return [Slots(UNBOUNDED, -most, 0)] * len(steps.stages)
        spans = {option.span for state in steps.automaton.states for option in state.options}
        unit = reduce(gcd, spans, 0) or 1
        top = self._low if self._high is None else self._high
        padding = [0] * len(steps.stages)
        found = []
        for number, (state, jump) in enumerate(steps.stages):
            for transition, target, bundles, *_ in steps.rows(number):
                pad = transition.net_padding + max(bundle.span for bundle in bundles)
                padding[target] = max(padding[target], padding[number] + jump * pad)
            # gained + (n - 1)*jump <= input - 1 + padding
            beyond = self._low - (steps.numbers[0].input - 1) - padding[number]
            alone = steps.merged is None or jump < steps.merged
            shift = beyond // jump - 1 if alone else -UNBOUNDED
            words = steps.automaton.paths[state].bit_length() // _WORD + 1
            found.append(Slots(unit, shift, -(-top // (unit * jump)), words * _WORD))
        return found

    def _pass(self) -> list[dict[Any, int]]:
        """The packed numbers behind each node."""
        stages = self.diagram.stages
        behind: list[dict[Any, int]] = [{} for _ in stages]
        last_use = self._last_uses()
        memory = 0
        for number in self.diagram.backwards("states counted"):
            shared = self._patterns(number)
            if shared is None:
                self._each(number, behind)
            else:
                self._sharing(number, shared, behind)
            memory += self._held(behind[number])
            if not self._kept:
                for unused in last_use.get(number, ()):
                    memory -= self._held(behind[unused])
                    behind[unused] = {}
            self.diagram.budget.spend_memory(memory)
        return behind

    def _patterns(self, number: int) -> dict[Pattern, list[Alike]] | None:
        return patterns(self.diagram.steps, number)

    def _held(self, behind: dict[Any, Any]) -> int:
        """The bytes that numbers take."""
        return sum(map(getsizeof, behind.values()))

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
        shared: dict[Pattern, list[Alike]],
        behind: list[dict[Any, int]],
    ) -> None:
        steps, into = self.diagram.steps, behind[number]
        jump, here = steps.stages[number][1], self._slots[number]
        unit, shift, last, _ = here
        parts = []
        for pattern, kinds in shared.items():
            times: dict[int, int] = {}
            for bundle, _ in kinds:
                times[bundle.span] = times.get(bundle.span, 0) + bundle.many
            moves = [(span, span // unit, many) for span, many in times.items()]
            known: dict[int, int] = {}
            parts.append((moves, _lanes(pattern), known))
        for n in self.diagram.stages[number]:
            first = here.first(n)
            total = int(not first and steps.accepts((number, jump, n)))
            for moves, lanes, known in parts:
                for span, up, many in moves:
                    moved = n - span
                    value = known.get(moved)
                    if value is None:
                        value = 0
                        for lane in lanes:
                            value += self._through(lane, moved, here, behind)
                        known[moved] = value
                    if moved + shift >= 0 or up == first:  # then the first that is kept moves along
                        total += value if many == 1 else many * value
                    elif value:
                        total += many * raised(value, min(up, last + 1) - first, here.width)
            into[n] = self._cut(total, last + 1 - first, here.width)

    def _through(self, lane: Lane, moved: int, here: Slots, behind: list[dict[Any, int]]) -> int:
        """The numbers behind all layers of a lane together."""
        there = self._slots[lane.target]
        size = (moved - 1 + lane.more) // lane.stride + 1
        found = lane.known.get(size)
        if found is None:
            get, first, packed = behind[lane.target].get, 0, 0
            for offset in lane.offsets:
                value = get(size + offset)
                if value:
                    higher = there.first(size + offset)
                    if packed and higher > first:
                        packed >>= (higher - first) * there.width
                    first, packed = higher, packed + value
            packed = self._repeated(packed, lane.stride, there.width, here.width)
            found = lane.known[size] = packed, self._start(first, lane.stride)
        packed, start = found
        drop = here.first(moved) - start
        return packed >> drop * here.width if drop else packed

    def _each(self, number: int, behind: list[dict[Any, int]]) -> None:
        steps, into = self.diagram.steps, behind[number]
        jump, here = steps.stages[number][1], self._slots[number]
        known: dict[Node, tuple[int, int]] = {}
        for inner in self.diagram.stages[number]:
            node = number, jump, inner
            first = here.first(steps.sizes(node)[0])
            total = int(not first and steps.accepts(node))
            for child, bundles in steps.expand(node):
                target, after, inside = child
                if child not in known:
                    stride, there = 1 if self._open else after // jump, self._slots[target]
                    start = self._start(there.first(steps.sizes(child)[0]), stride)
                    packed = behind[target].get(inside, 0)
                    packed = self._repeated(packed, stride, there.width, here.width)
                    known[child] = packed, start
                value, start = known[child]
                if self._open:
                    total += value * sum([bundle.many for bundle in bundles])
                elif value:
                    for span, _, _, many in bundles:
                        up = min(start + span // here.unit, here.last + 1) - first
                        total += many * raised(value, up, here.width)
            into[inner] = self._cut(total, here.last + 1 - first, here.width)

    def _repeated(self, packed: int, stride: int, width: int, wider: int) -> int:
        """Repeat each number: at least i before a stride is at least ceil(i/stride) behind it."""
        if self._open or (stride == 1 and width == wider):
            return packed
        words, wide = width // _WORD, wider // _WORD
        count = -(-packed.bit_length() // width)
        source = array("Q", packed.to_bytes(count * width // 8, "little"))
        found = array("Q", bytes(count * stride * wider // 8))
        for word in range(words):
            alike = source[word::words]
            for at in range(word, stride * wide, wide):
                found[at :: stride * wide] = alike
        return int.from_bytes(found.tobytes(), "little")

    def _start(self, first: int, stride: int) -> int:
        """Which number before a stride is the first of those repeated; below 0 all are alike."""
        return 0 if self._open else stride * (first - 1) + 1

    def _cut(self, packed: int, count: int, width: int) -> int:
        """So many numbers."""
        bits = count * width
        return packed if self._open or packed.bit_length() <= bits else packed & (1 << bits) - 1


def raised(packed: int, up: int, width: int) -> int:
    """Move numbers up, or down where that is negative, and fill up with the first."""
    if up <= 0:
        return packed >> -up * width
    one = (1 << width) - 1
    return (packed << up * width) + (packed & one) * (((1 << up * width) - 1) // one)


def _lanes(pattern: Pattern) -> list[Lane]:
    """The rows of a pattern that lead from any moved size to sizes in a row."""
    found = []
    rows = sorted((target, stride, more % stride, more) for stride, more, target in pattern)
    for (target, stride, _), alike in groupby(rows, key=lambda row: row[:3]):
        least, *rest = [more for *_, more in alike]
        offsets = [0, *((more - least) // stride for more in rest)]
        found.append(Lane(stride, least, target, offsets, {}))
    return found
