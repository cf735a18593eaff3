"""Which runs need not be run again at other sizes: those that hold in no place what is new.

A run shows that its numbers stay what they are where it is run again. Another one that has the same
nodes, with numbers of which each stood in its place before, is shown by them: what is padded at the
bottom where h is odd, and what is padded on the right where w is, need not be shown once more
together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from solver.ground.value import frozen
from solver.layers.layer import Layer
from solver.network.graph.dim import Dim
from solver.network.graph.walk import Node


class CheckedPlaces:
    """Hold what stood in runs that were run again, place by place.

    >>> from solver.network.graph.operation import Input
    >>> from solver.network.graph.dim import Dim
    >>> from solver.network.graph.walk import Node
    >>> def run(*sizes):
    ...     return [Node("x", Input(tuple(map(Dim, sizes))))]
    >>> checked = CheckedPlaces()
    >>> checked.take(run(3, 0), [0]), checked.take(run(2, 1), [0])
    (None, None)
    >>> checked.holds(run(3, 1), [0]), checked.holds(run(1, 3), [0])
    (True, False)
    """

    def __init__(self) -> None:
        self._known = set[Any]()

    def take(self, nodes: Sequence[Node], outputs: Sequence[int]) -> None:
        """Keep what stands in a run."""
        self._known.update(_places(nodes, outputs))

    def holds(self, nodes: Sequence[Node], outputs: Sequence[int]) -> bool:
        """Tell whether all that stands in a run stood there in one of those."""
        return self._known.issuperset(_places(nodes, outputs))


def _places(nodes: Sequence[Node], outputs: Sequence[int]) -> Iterator[Any]:
    """Each node without what it is made of, and each part of that with its place."""
    names = [node.name for node in nodes]
    yield tuple(names[at] for at in outputs)
    for name, operation, inputs, *rest in nodes:
        yield name, type(operation), *rest
        read = tuple(names[at] for at in inputs)
        for at, part in enumerate(_parts((*operation.made_of(), read))):
            yield name, at, part


def _parts(value: Any) -> Iterator[Any]:
    if type(value) is Layer:
        yield value.framework.name, value.name, *value.arguments
        value = tuple(value.arguments.values())
    if type(value) in (tuple, Dim):  # of products of sizes each factor has a place
        yield len(value)
        for each in value:
            yield from _parts(each)
    else:
        yield frozen(value)
