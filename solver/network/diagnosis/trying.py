"""Each proposal is tried: the changed network is walked at the sizes that fail, and for every n."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from solver.errors import LimitError, SolverError
from solver.network.diagnosis.edits import Edit, Proposal
from solver.network.diagnosis.ranking import likely, ranked
from solver.network.diagnosis.wanted import WantedOutput, WantedRows
from solver.network.graph.graph import Graph
from solver.network.graph.merging import Concat, Elementwise
from solver.network.graph.operation import Shape
from solver.network.graph.validity import valid
from solver.network.graph.walk import Known, Walker

_WANTED = (WantedOutput, WantedRows)
_MEET = (Elementwise, Concat, *_WANTED)


class Attempt:
    """Try changed networks at sizes: what they share with the one that fails is walked once.

    at: the number of the node that fails. shapes: of the nodes before it. origin: the network as
    it was read.

    >>> from solver import Conv, trace
    >>> net = trace(lambda x: Conv(5)(Conv(3)(x)), axes=1)
    >>> attempt = Attempt(net, 2, {"n": 5})
    >>> len(attempt.shapes), attempt.runs(trace(Conv(5), axes=1))
    (2, True)
    """

    def __init__(
        self, network: Graph, at: int, values: Mapping[str, int], origin: Graph | None = None
    ) -> None:
        self.network, self.at, self.values = network, at, values
        self.origin = network if origin is None else origin
        self.shapes: tuple[Shape | None, ...] = ()
        with suppress(LimitError):  # nothing is claimed there
            self.shapes = network.run(values)[0].shapes

    @property
    def meets(self) -> bool:
        """Whether it fails where sizes meet apart."""
        return isinstance(self.network.nodes[self.at].operation, _MEET)

    def runs(self, changed: Graph, sizes: Mapping[str, int] | None = None) -> bool:
        """Whether a changed network runs, or at other sizes."""
        values = sizes or self.values
        known: Known = ((), ()) if sizes else (self.network.nodes, self.shapes)
        try:
            # Whether sizes that it computes are those of every n is asked only of what runs.
            runs = Walker(values).go(changed.path(values).nodes, known) is None
            return runs and changed.run(values)[1] is None
        except LimitError:  # nothing is claimed there
            return False

    def working(self, proposals: Iterable[Proposal]) -> Iterator[Proposal]:
        """Yield those that run, at their own sizes where they have some."""
        return (each for each in proposals if self.runs(each.network, each.sizes))


def tried(
    attempt: Attempt, proposals: Iterable[Proposal], values: Mapping[str, int] | None
) -> list[Edit]:
    """The edits that work, each once, in the order in which they are told.

    proposals: that run at the sizes that fail. values: these; None to try each at the smallest
    size it accepts. Where only what is wanted of the output fails, no sizes are lost.
    """
    works: dict[str, Proposal] = {}
    for each in proposals:  # the same lines are the same edit, however it was found
        works.setdefault(each.code or each.text, each)
    operation = attempt.network.nodes[attempt.at].operation
    edits = [edit for each in likely(works.values()) if (edit := _edit(each, values))]
    try:
        before = None if isinstance(operation, _WANTED) else valid(attempt.network).something
    except SolverError:
        before = None
    least = min((values or {"": 1}).values())
    return ranked(edits, attempt.network, before, least, attempt.meets)


def _edit(each: Proposal, values: Mapping[str, int] | None) -> Edit | None:
    """A proposal with the sizes at which it runs, None where there are none."""
    network, square = each.network, None
    sizes = dict(each.sizes or values or {})
    try:
        square = valid(network).something
    except LimitError:
        pass
    except SolverError:  # what no input helps
        return None
    alike = {*sizes.values()}
    if square is not None and len(alike) == 1 and alike.pop() not in square:
        square = None  # it runs there on another path
    if not sizes:
        sizes = dict.fromkeys(network.letters, (square and square.first()) or 1)
        if network.run(sizes)[1] is not None:
            return None
    said = each.kind, each.size, each.text, each.code
    return Edit(*said, network, sizes, square, each.changes, each.strained, each.line)
