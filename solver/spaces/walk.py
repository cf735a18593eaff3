"""From the number of a design to its path and back: count what is skipped, never visit it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from solver.spaces.counting import Counts
from solver.spaces.node import Node
from solver.spaces.option import Option
from solver.spaces.states import Bundle, Pick
from solver.spaces.steps import Steps

#: An option, the node behind it, and the span gained.
Step = tuple[int, Node, int]

#: What a layer between two nodes gains.
Gain = Callable[[Node, Bundle, Node], int]

#: Nodes whose choices are remembered.
_REMEMBERED = 10_000


def spans(node: Node, bundle: Bundle, child: Node) -> int:
    """What a receptive field gains behind a layer."""
    return int(bundle.span * node[1]) if bundle.span else 0


def choices(steps: Steps, node: Node, gain: Gain = spans) -> list[Step]:
    """The options at a node in order: (option, the node behind it, what is gained)."""
    return sorted(
        (option, child, gain(node, bundle, child))
        for child, bundles in steps.expand(node)
        for bundle in bundles
        for option in bundle.options
    )


class DesignWalk:
    """Walk through the designs of a diagram in their order."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._steps = counts.diagram.steps
        self._choices: dict[Node, list[Step]] = {}

    def choices(self, node: Node) -> list[Step]:
        """The options at a node, of the nodes met lately worked out once."""
        found = self._choices.get(node)
        if found is None:
            if len(self._choices) >= _REMEMBERED:
                self._choices.clear()
            self._choices[node] = found = choices(self._steps, node, self._counts.gain)
        return found

    def _members(self, node: Node) -> list[Option]:
        """The options at a node, each with how many blocks it stands for."""
        steps = self._steps
        options: list[Option] = steps.automaton.states[steps.stages[node[0]][0]].options
        return options

    def paths(self, skip: int) -> Iterator[tuple[Pick, ...]]:
        """Yield the option of each layer, design by design, after skipping some."""
        counts, root = self._counts, self._steps.root
        if root is None or not counts.count:
            return
        blocks = self._steps.automaton.blocks
        path: list[Pick] = []
        waiting = [_Turn(root, 0, self.choices(root))]
        new = True
        while waiting:
            turn = waiting[-1]
            if new and counts.ends(turn.node, turn.gained):
                if skip:
                    skip -= 1
                else:
                    yield tuple(path)
            new = False
            while (choice := turn.next()) is not None:
                option, child, gain = choice
                behind = counts.completions(child, turn.gained + gain)
                many = self._members(turn.node)[option].many if blocks else 1
                member = turn.member + (skip // behind if behind else many)
                if member >= many:
                    skip -= behind * (many - turn.member)
                    turn.member = 0
                    continue
                skip -= behind * (member - turn.member)
                path.append(option if many == 1 else (option, member))
                turn.member = member + 1 if member + 1 < many else 0
                turn.held = choice if turn.member else None
                waiting.append(_Turn(child, turn.gained + gain, self.choices(child)))
                new = True
                break
            else:
                waiting.pop()
                if path:
                    path.pop()

    def position(self, path: Sequence[Pick]) -> int | None:
        """How many designs come before one, or None where it is none of them."""
        counts, node, gained = self._counts, self._steps.root, 0
        if node is None or not counts.count:
            return None
        blocks = self._steps.automaton.blocks
        before = 0
        for wanted in path:
            number, member = wanted if isinstance(wanted, tuple) else (wanted, 0)
            before += counts.ends(node, gained)
            step: tuple[Node, int] | None = None
            for option, child, gain in self.choices(node):
                behind = counts.completions(child, gained + gain)
                if option == number:
                    step = child, gained + gain
                    before += member * behind
                    break
                before += behind * (self._members(node)[option].many if blocks else 1)
            if step is None or not counts.completions(*step):
                return None
            node, gained = step
        return before if counts.ends(node, gained) else None


class _Turn:
    """Hold a node on the way and the choices left: of a block that is held, from a member on."""

    __slots__ = ("_choices", "gained", "held", "member", "node")

    def __init__(self, node: Node, gained: int, choices: list[Step]) -> None:
        self.node, self.gained, self.member = node, gained, 0
        self.held: Step | None = None
        self._choices = iter(choices)

    def next(self) -> Step | None:
        """The next choice, or None."""
        found = self.held
        if found is None:
            return next(self._choices, None)
        self.held = None
        return found
