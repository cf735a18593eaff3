"""The walk through a network: its nodes in order, the shape of each, and what is demanded.

The same walk serves letters and numbers; where shapes are piecewise, one piece of the sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from solver.errors import LimitError, SizeError, SolverError
from solver.ground.named import NamedTuple
from solver.network.graph.demand import EQUAL, SETTLED, Demand, minimum
from solver.network.graph.dim import Dim, Inexpressible
from solver.network.graph.operation import Operation, Shape
from solver.sizes.sizeset import SizeSet

#: What all operations of a network may read together.
MOST_READS = 600_000
_COMPUTED = "it computes sizes of others, and a size of 1 is repeated here: they may be others"


class Node(NamedTuple):
    """Hold one operation of a network.

    name: as its source calls it, else its place. inputs: the numbers of the nodes it reads.
    where: where it is written, as "line 12". of: what holds its weights, where its source says so:
    nodes of the same are one layer that is called several times. parameters: how many are counted
    here, where its source counts each once itself; else its operation tells.

    >>> from solver import Conv, trace
    >>> trace(Conv(3, padding=1)).nodes[1].label
    'conv_1: Conv(3, padding=1)'
    """

    name: str
    operation: Operation
    inputs: tuple[int, ...] = ()
    where: str = ""
    of: str = ""
    parameters: int | None = None

    @property
    def label(self) -> str:
        """The name, what it is, and where it is written."""
        title = self.operation.title
        text = title if title.startswith(self.name) else f"{self.name}: {title}"
        return f"{text} ({self.where})" if self.where else text


#: Nodes, and the shapes of the first of them.
Known = tuple[Sequence[Node], Sequence[Shape | None]]


class Walk(NamedTuple):
    """Hold the shape of every node, None where it is not understood, and what was demanded."""

    shapes: tuple[Shape | None, ...]
    demands: tuple[Demand, ...]


class WalkPiece(NamedTuple):
    """Hold the walk for the sizes from first to last; last is None for all larger ones.

    fault: instead of a walk, why a shape cannot be there.
    """

    first: int
    last: int | None
    walk: Walk | None
    fault: SolverError | None = None


class Walker:
    """Go through the nodes of a network in order, and work out their shapes.

    values: of letters; without them shapes are for every n. upto: the largest sizes of letters that
    are meant, where shapes are those of the piece that these lie in; else of the last piece. near:
    sizes of letters at which a size of 1 that meets another is repeated: the shapes are those of
    all n of their piece that repeat the same. usual: the shapes for every n, of which the network
    computes sizes, if it does.
    """

    def __init__(
        self,
        values: Mapping[str, int] | None = None,
        upto: Mapping[str, int] | None = None,
        near: Mapping[str, int] | None = None,
        usual: Callable[[], Sequence[Shape | None]] = tuple,
    ) -> None:
        self.nodes: list[Node] = []
        self.shapes: list[Shape | None] = []
        self.demands: list[Demand] = []
        self._values, self._near, self._usual = values, near or {}, usual
        self._upto = upto or self._near
        self._repeats = False  # whether a size of 1 was repeated near there
        self.pieces: list[Demand] = []  # where the last pieces of its shapes begin: see SETTLED
        self.later: list[Demand] = []  # where pieces begin that are not meant
        self.faults: list[SolverError] = []
        self._reads = 0
        self.dropped = False  # whether what is only wished for does not hold

    def step(self, node: Node) -> None:
        """Take the next node. Raises SolverError, which names it, where its shape cannot be."""
        shapes = self.shapes
        given = [shapes[i] for i in node.inputs]
        self._reads += len(given)
        if self._reads > MOST_READS:
            raise LimitError(f"the operations of a network may read {MOST_READS:,} tensors")
        if None in given:
            shape = None
        else:
            operation = node.operation
            if known := self._near or self._values:
                bound = operation.bind(known)
                computed = bool(node.inputs) and bound is not operation and bound != operation
                if computed and self._other_sizes():
                    raise LimitError(f"{node.label}: {_COMPUTED}")
                operation = bound if known is self._values else operation.bind(self._values or {})
            try:
                shape = operation.shape(given, self._ask)  # type: ignore[arg-type]
            except Inexpressible:  # at numbers it may be understood all the same
                shape = None
            except SolverError as fault:
                rule = f"{node.label}: {fault.rule}"
                raise type(fault)(rule, fault.received, fault.right) from None
        self.nodes.append(node)
        shapes.append(shape)

    def _other_sizes(self) -> bool:
        """Tell whether sizes are others here than the formulas for every n say."""
        values = self._values
        if self._near or not values:
            return self._repeats
        pairs = zip(self._usual(), self.shapes, strict=False)
        return any(
            one is not None and two is not None and tuple(dim.bind(values) for dim in one) != two
            for one, two in pairs
        )

    def go(self, nodes: Sequence[Node], known: Known = ((), ())) -> SolverError | None:
        """Take nodes up to the first whose shape cannot be, and return why it cannot.

        known: other nodes and the shapes of the first of them; those that are the same here, and
        read the same, are not worked out again. Raises LimitError where that is not known.
        """
        before, shapes = known
        others = set[int]()
        for at, node in enumerate(nodes):
            same = at < len(shapes) and node is before[at] and others.isdisjoint(node.inputs)
            if same and node.operation.bind(self._values or {}) is node.operation:
                self.nodes.append(node)
                self.shapes.append(shapes[at])
                continue
            try:
                self.step(node)
            except LimitError:
                raise
            except SolverError as fault:
                return fault
            if at >= len(shapes) or self.shapes[at] != shapes[at]:
                others.add(at)
        return None

    def take(self, node: Node) -> SolverError | None:
        """Take the next node, and return why its shape cannot be; the walk goes on without it."""
        try:
            self.step(node)
        except SolverError as fault:
            if isinstance(fault, LimitError):
                raise
            self.nodes.append(node)
            self.shapes.append(None)
            self.faults.append(fault)
            return fault
        return None

    def back(self, count: int) -> None:
        """Forget all nodes but the first so many, and what they demand."""
        for held in (self.nodes, self.shapes):
            del held[count:]
        for told in (self.demands, self.pieces, self.later):
            told[:] = [demand for demand in told if demand.at < count]

    def walk(self) -> Walk:
        """What was found. Raises the first SolverError where a shape cannot be."""
        if self.faults:
            raise self.faults[0]
        return Walk(tuple(self.shapes), tuple(self.demands))

    def _ask(
        self,
        rule: str,
        dim: Dim,
        other: SizeSet | Dim,
        relation: str = EQUAL,
        wish: bool = False,
        limit: bool = False,
    ) -> Dim | bool | None:
        """Keep what is demanded; what numbers already decide is not kept, or raised."""
        between = isinstance(other, Dim)
        if between and dim == other:
            return None
        if relation == SETTLED:
            demand = Demand(len(self.nodes), rule, dim, other, relation)
            settled = not demand.letters <= self._upto.keys() or demand.holds(self._upto)
            (self.pieces if settled else self.later).append(demand)
            return settled
        if not (dim.parts or between) and dim.factor in other:
            return None
        least = None if limit or between else minimum(dim, other)
        demand = Demand(len(self.nodes), rule, dim, other, relation, wish, least, limit)
        if dim.parts or (between and other.parts):  # type: ignore[union-attr]
            small = demand.repeats(self._near) if self._near else None
            if small is not None:
                self._repeats = True
                self.demands.append(Demand(len(self.nodes), rule, small, Dim(1)))
                return other if small is dim else dim  # type: ignore[return-value]
            self.demands.append(demand)
        elif wish:
            self.dropped |= not demand.holds()
        elif not demand.holds():
            received = f"{dim} and {other}" if isinstance(other, Dim) else f"{dim}"
            raise SizeError(rule, received, None if isinstance(other, Dim) else str(other))
        return None

    def piece(self, first: int, last: int | None) -> WalkPiece:
        """What was found as what holds for the sizes from first to last."""
        fault = self.faults[0] if self.faults else None
        return WalkPiece(first, last, None if fault else self.walk(), fault)

    def settled(self, letters: Iterable[str]) -> int:
        """The least size, of all these letters alike, of the piece it has walked in."""
        asked = [demand for demand in self.pieces if demand.letters <= set(letters)]
        return max((demand.holds_from() for demand in asked), default=1)


def whole(pieces: Sequence[WalkPiece]) -> Walk:
    """The walk of the last piece that runs at any size. Raises SolverError where none does.

    pieces: the last first.
    """
    for piece in pieces:
        if piece.walk is not None:
            return piece.walk
    fault = pieces[0].fault
    assert fault is not None
    raise fault
