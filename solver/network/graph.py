"""A network: operations on tensors, each after those it reads; shapes for every n or for one input.

The shapes are worked out once, from the inputs on, and everything else asks them: formulas, valid
inputs, costs. The same walk serves numbers and letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from solver.domain import whole_number
from solver.errors import LimitError, SizeError, SolverError
from solver.network.demand import EQUAL, SETTLED, Demand, minimum
from solver.network.dim import Dim, Inexpressible
from solver.network.operation import Input, Operation, Shape
from solver.sizeset import SizeSet
from solver.value import Value

#: What all operations of a network may read together.
MOST_READS = 30_000
#: Pieces that are walked one by one.
MOST_PIECES = 256
#: Sizes of a piece that are walked one by one, where it has shapes that are no formula.
_FEW = 64


class Node(NamedTuple):
    """Hold one operation of a network.

    name: as its source calls it, else its place. inputs: the numbers of the nodes it reads.
    where: where it is written, as "line 12". of: what holds its weights, where its source says so:
    nodes of the same are one layer that is called several times.
    """

    name: str
    operation: Operation
    inputs: tuple[int, ...] = ()
    where: str = ""
    of: str = ""

    @property
    def label(self) -> str:
        """Return the name, what it is, and where it is written."""
        title = self.operation.title
        text = title if title == self.name else f"{self.name}: {title}"
        return f"{text} ({self.where})" if self.where else text


_COMPUTED = "it computes sizes of others, and a size of 1 is repeated here: they may be others"


class Walk(NamedTuple):
    """Hold the shape of every node, None where it is not understood, and what was demanded."""

    shapes: tuple[Shape | None, ...]
    demands: tuple[Demand, ...]


class Piece(NamedTuple):
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

    def walk(self) -> Walk:
        """Return what was found. Raises the first SolverError where a shape cannot be."""
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
    ) -> Dim | bool | None:
        """Keep what is demanded; what numbers already decide is not kept, or raised."""
        if dim is other or dim == other:
            return None
        if relation == SETTLED:
            demand = Demand(len(self.nodes), rule, dim, other, relation)
            settled = not demand.letters <= self._upto.keys() or demand.holds(self._upto)
            (self.pieces if settled else self.later).append(demand)
            return settled
        least = minimum(dim, other)
        demand = Demand(len(self.nodes), rule, dim, other, relation, wish, least)
        if dim.parts or (isinstance(other, Dim) and other.parts):
            small = demand.repeats(self._near)
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

    def piece(self, first: int, last: int | None) -> Piece:
        """Return what was found as what holds for the sizes from first to last."""
        fault = self.faults[0] if self.faults else None
        return Piece(first, last, None if fault else self.walk(), fault)

    def settled(self, letters: Iterable[str]) -> int:
        """Return the least size, of all these letters alike, of the piece it has walked in."""
        asked = [demand for demand in self.pieces if demand.letters <= set(letters)]
        return max((demand.holds_from() for demand in asked), default=1)


def whole(pieces: Sequence[Piece]) -> Walk:
    """Return the walk of the last piece that runs at any size. Raises SolverError where none does.

    pieces: the last first.
    """
    for piece in pieces:
        if piece.walk is not None:
            return piece.walk
    fault = pieces[0].fault
    assert fault is not None
    raise fault


class Network(Value):
    """Hold the nodes of a network, and which of them come out.

    notes: what whoever reads its answers should know, such as what was assumed of its source.
    written: sizes that its source names for the input, by letters; they are free all the same.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        outputs: Sequence[int] | None = None,
        notes: Iterable[str] = (),
        written: Mapping[str, int] | None = None,
    ) -> None:
        self.nodes, self.notes = tuple(nodes), tuple(notes)
        self.written = dict(written or {})
        if not self.nodes:
            raise SolverError("a network needs an input")
        self.outputs = (len(self.nodes) - 1,) if outputs is None else tuple(outputs)

    def made_of(self) -> tuple[Any, ...]:
        return self.nodes, self.outputs, self.notes

    def __reduce__(self) -> tuple[type[Network], tuple[Any, ...]]:
        return Network, self.made_of()

    @classmethod
    def of(
        cls,
        walker: Walker,
        outputs: Sequence[int],
        notes: Iterable[str] = (),
        written: Mapping[str, int] | None = None,
    ) -> Network:
        """Return the network of the nodes a walker has gone through."""
        made = cls(walker.nodes, outputs, notes, written)
        if walker.settled(made.letters) == 1:
            made.pieces = (walker.piece(1, None),)
        return made

    @cached_property
    def walk(self) -> Walk:
        """Return the shapes and demands for every n: where shapes are piecewise, of the last piece.

        Where nothing runs there, of the last piece where something does. Raises SolverError where a
        shape cannot be for any input, and names the node.
        """
        if len(self.pieces) == 1:
            return whole(self.pieces)
        from solver.network.validity import main_walk

        return main_walk(self.pieces)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Return the pieces for all axes alike, the last first."""
        return self.pieces_of(self.letters)

    def pieces_of(
        self, letters: Sequence[str], given: Mapping[str, int] | None = None
    ) -> tuple[Piece, ...]:
        """Return the pieces along letters that are alike, the last first. given: other sizes."""
        found: list[Piece] = []
        last: int | None = None
        known = [size for letter, size in self._known if letter in letters]
        while last is None or last >= max(known, default=1):
            if len(found) == MOST_PIECES:
                raise LimitError(f"the sizes fall into at most {MOST_PIECES} pieces")
            walker = self._through(Walker(given, dict.fromkeys(letters, last) if last else None))
            first = walker.settled(letters)
            if last is not None and None in walker.shapes and last - first < _FEW:
                for n in range(last, first - 1, -1):  # numbers may be understood all the same
                    one = Walker({**dict.fromkeys(letters, n), **(given or {})})
                    try:
                        found.append(self._through(one).piece(n, n))
                    except LimitError as fault:  # not followed
                        found.append(Piece(n, n, None, fault))
            else:
                found.append(walker.piece(first, last))
            last = first - 1
        return tuple(found)

    @property
    def _known(self) -> list[tuple[str, int]]:
        """Return the sizes from which on it is known, where its source tells no smaller ones."""
        inputs = (self.nodes[i].operation for i in self.inputs)
        return [(x, size) for each in inputs for x, size, _ in each.least]  # type: ignore[attr-defined]

    def _through(self, walker: Walker) -> Walker:
        """Take all nodes, up to the first whose shape cannot be."""
        for node in self.nodes:
            if walker.take(node) is not None:
                break
        return walker

    def _shapes(self) -> tuple[Shape | None, ...]:
        try:
            return self.walk.shapes
        except SolverError:
            return ()

    @cached_property
    def inputs(self) -> tuple[int, ...]:
        """Return the numbers of the nodes that are inputs."""
        return tuple(i for i, node in enumerate(self.nodes) if isinstance(node.operation, Input))

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """Return the letters of the free sizes of the inputs, in order."""
        shapes = (self.nodes[i].operation.of for i in self.inputs)  # type: ignore[attr-defined]
        return tuple(
            dict.fromkeys(letter for shape in shapes for dim in shape for letter in dim.letters)
        )

    def at(self, sizes: Mapping[str, int] | int | Sequence[int]) -> Walk:
        """Return the shapes at sizes: one for all letters, one per letter, or by name.

        Raises SizeError, which names the node, where it does not run.
        """
        walk, fault = self.run(sizes)
        if fault is not None:
            raise fault
        return walk

    def run(
        self, sizes: Mapping[str, int] | int | Sequence[int]
    ) -> tuple[Walk, SolverError | None]:
        """Return the shapes at sizes up to the first node that does not run, and why it does not.

        Raises LimitError where that is not known.

        >>> from solver import Conv
        >>> from solver.network import trace
        >>> walk, fault = trace(lambda x: Conv(3)(Conv(3)(x)), axes=1).run(4)
        >>> len(walk.shapes), fault.received
        (2, '2 + 0 < 3')
        """
        walker = Walker(self.values(sizes), usual=self._shapes)
        for node in self.nodes:
            try:
                walker.step(node)
            except LimitError:
                raise
            except SolverError as fault:
                return walker.walk(), fault
        return walker.walk(), None

    def runs(self, values: Mapping[str, int], exact: bool = False) -> bool:
        """Tell whether it runs at values of letters; exact: and drops nothing, and crops evenly."""
        walker = Walker(values, usual=self._shapes)
        try:
            for node in self.nodes:
                walker.step(node)
        except LimitError:
            raise
        except SolverError:
            return False
        return not (exact and walker.dropped)

    def there(self, sizes: Mapping[str, int] | int | Sequence[int]) -> Network:
        """Return the network as it is at sizes: its shapes are numbers, and what it computes.

        Raises SizeError, which names the node, where it does not run.
        """
        values = self.values(sizes)
        nodes = (
            node._replace(operation=node.operation.bind(values)) if node.inputs else node
            for node in self.nodes
        )
        return Network(nodes, self.outputs, self.notes).shaped(self.at(values))

    def shaped(self, walk: Walk) -> Network:
        """Return the network with these shapes, which it has at some sizes only."""
        made = Network(self.nodes, self.outputs, self.notes)
        made.pieces = (Piece(1, None, walk),)
        return made

    def values(self, sizes: Mapping[str, int] | int | Sequence[int]) -> dict[str, int]:
        """Return the value of each letter."""
        if isinstance(sizes, Mapping):
            found = dict(sizes)
        elif isinstance(sizes, Sequence):
            if len(sizes) != len(self.letters):
                rule = f"one size is given for each of {', '.join(self.letters)}"
                raise SolverError(rule, received=f"{len(sizes)} sizes")
            found = dict(zip(self.letters, sizes, strict=True))
        else:
            found = dict.fromkeys(self.letters, sizes)
        return {letter: whole_number(size, "an input size", 1) for letter, size in found.items()}

    def sizes(self, at: int) -> Shape | None:
        """Return the shape of a node for every n."""
        return self.walk.shapes[at]

    def size(self, sizes: Mapping[str, int] | int | Sequence[int], name: str = "") -> Any:
        """Return the sizes of the output, or of the node of a name, at sizes of the input.

        An int where all axes are alike, else a tuple with one per axis; features where a network
        ends in features. Raises SizeError, which names the node, where it does not run.

        >>> from solver import Conv
        >>> from solver.network import trace
        >>> net = trace(Conv(7, stride=2, padding=3))
        >>> net.size(224), net.size((224, 320)), net.formula()
        (112, (112, 160), 'ceil(n/2)')
        """
        at = self.find(name) if name else self.outputs[0]
        shape = self.at(sizes).shapes[at]
        if shape is None:
            raise SolverError("this node is not understood", self.nodes[at].label)
        numbers = [dim.factor for dim in shape[2:] or shape[1:]]
        return numbers[0] if len(set(numbers)) == 1 else tuple(numbers)

    def formula(self, name: str = "") -> str:
        """Return the sizes of the output, or of the node of a name, for every n."""
        from solver.network.summary import formula

        return formula(self, self.find(name) if name else self.outputs[0])

    def find(self, name: str) -> int:
        """Return the number of the node with this name. Raises SolverError for an unknown one."""
        from difflib import get_close_matches

        for number, node in enumerate(self.nodes):
            if node.name == name:
                return number
        names = [node.name for node in self.nodes]
        near = get_close_matches(name[:60], names, 3) or names[:3]
        raise SolverError("the network has no node of this name", name, ", ".join(near))

    def __len__(self) -> int:
        return len(self.nodes)

    def __str__(self) -> str:
        """Return what is known of it for every n, as text.

        >>> from solver import Conv
        >>> from solver.network import trace
        >>> print(str(trace(Conv(3, padding=1), axes=1)).partition("\\n")[0])
        n -> n, for every n >= 1
        """
        from solver.render.network import shown

        return shown(self)

    def _repr_html_(self) -> str:
        from solver.render.network import html

        return html(self)

    def __repr__(self) -> str:
        return f"<Network of {len(self.nodes)} nodes>"
