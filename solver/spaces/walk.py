"""From the number of a design to its path and back: count what is skipped, never visit it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solver.spaces.counting import Counts
from solver.spaces.node import Node
from solver.spaces.steps import Steps

#: Nodes whose choices are remembered.
_REMEMBERED = 10_000


def choices(steps: Steps, node: Node) -> list[tuple[int, Node, int]]:
    """The options at a node in order: (option, the node behind it, span gained)."""
    return sorted(
        (option, child, int(bundle.span * node[1]))
        for child, bundles in steps.expand(node)
        for bundle in bundles
        for option in bundle.options
    )


class DesignWalk:
    """Walk through the designs of a diagram in their order."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._steps = counts.diagram.steps
        self._choices: dict[Node, list[tuple[int, Node, int]]] = {}

    def choices(self, node: Node) -> list[tuple[int, Node, int]]:
        """The options at a node, of the nodes met lately worked out once."""
        found = self._choices.get(node)
        if found is None:
            if len(self._choices) >= _REMEMBERED:
                self._choices.clear()
            self._choices[node] = found = choices(self._steps, node)
        return found

    def paths(self, skip: int) -> Iterator[tuple[int, ...]]:
        """Yield the option of each layer, design by design, after skipping some."""
        counts, root = self._counts, self._steps.root
        if root is None or not counts.count:
            return
        path: list[int] = []
        waiting = [(root, 0, iter(self.choices(root)))]
        new = True
        while waiting:
            node, gained, choices = waiting[-1]
            if new and counts.ends(node, gained):
                if skip:
                    skip -= 1
                else:
                    yield tuple(path)
            new = False
            for option, child, gain in choices:
                behind = counts.completions(child, gained + gain)
                if skip >= behind:
                    skip -= behind
                    continue
                path.append(option)
                waiting.append((child, gained + gain, iter(self.choices(child))))
                new = True
                break
            else:
                waiting.pop()
                if path:
                    path.pop()

    def position(self, path: Sequence[int]) -> int | None:
        """How many designs come before one, or None where it is none of them."""
        counts, node, gained = self._counts, self._steps.root, 0
        if node is None or not counts.count:
            return None
        before = 0
        for wanted in path:
            before += counts.ends(node, gained)
            step: tuple[Node, int] | None = None
            for option, child, gain in self.choices(node):
                if option == wanted:
                    step = child, gained + gain
                    break
                before += counts.completions(child, gained + gain)
            if step is None or not counts.completions(*step):
                return None
            node, gained = step
        return before if counts.ends(node, gained) else None
