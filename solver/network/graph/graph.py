"""A network: operations on tensors, each after those it reads; shapes for every n or for one input.

The shapes are worked out once, from the inputs on, and everything else asks them: formulas, valid
inputs, costs. The same walk serves numbers and letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property, reduce
from itertools import zip_longest
from math import lcm
from operator import or_
from typing import Any, Self

from solver.errors import LimitError, SolverError
from solver.ground.value import Value
from solver.network.graph.demand import Demand
from solver.network.graph.dim import misfit
from solver.network.graph.operation import Input, Shape, Unknown, channels_last, visible
from solver.network.graph.pieces import main_walk
from solver.network.graph.walk import Node, Walk, Walker, WalkPiece, whole
from solver.sizes.domain import whole_number
from solver.sizes.sizeset import SizeSet

#: Of an input: one for each letter, or for all.
Sizes = Mapping[str, int] | int | Sequence[int]
#: Pieces that are walked one by one.
MOST_PIECES = 256
#: Sizes of a piece that are walked one by one, where it has shapes that are no formula.
_FEW = 64
#: Why nothing is known of some sizes.
ELSEWHERE = "no path that was followed is taken there"


class Graph(Value):
    """Hold the nodes of a network, and which of them come out; `Network` answers questions on it.

    names: of what comes out, as its source tells them; else those of the nodes.
    notes: what whoever reads its answers should know, such as what was assumed of its source.
    written: sizes that its source names for the input, by letters; they are free all the same.
    paths: what else it is, where its source branches on sizes: networks whose inputs say within
    which sizes they hold, as those of its own nodes, the main path, do. No sizes lie in two paths;
    where they lie in none, nothing is claimed.

    >>> from solver import Conv, trace
    >>> from solver.network.graph.demand import Demand
    >>> from solver.network.graph.dim import Dim
    >>> from solver.sizes.sizeset import SizeSet
    >>> even = Demand(0, "h % 2 == 0", Dim.letter("n"), SizeSet(2, [0]), limit=True)
    >>> odd = trace(Conv(3), axes=1).restricted([even.negated()])
    >>> net = trace(Conv(2, stride=2), axes=1).restricted([even])
    >>> net = type(net)(net.nodes, paths=[odd])
    >>> net.size(8), net.size(9)
    (4, 7)
    """

    #: The program it was read from, where it was, and what reads another one likewise.
    source: str | None = None
    again: Callable[[str], Graph] | None = None

    def __init__(
        self,
        nodes: Iterable[Node],
        outputs: Sequence[int] | None = None,
        notes: Iterable[str] = (),
        written: Mapping[str, int] | None = None,
        paths: Iterable[Graph] = (),
        names: Iterable[str] = (),
    ) -> None:
        self.nodes, self.notes = tuple(nodes), tuple(notes)
        self.written, self.paths = dict(written or {}), tuple(paths)
        if not self.nodes:
            raise SolverError("a network needs an input")
        self.outputs = (len(self.nodes) - 1,) if outputs is None else tuple(outputs)
        told = zip_longest(self.outputs, names)
        self.names = tuple(name or self.nodes[at].name for at, name in told)

    def made_of(self) -> tuple[Any, ...]:
        return self.nodes, self.outputs, self.notes, self.paths, self.names

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        return type(self), (*self.made_of()[:3], self.written, self.paths, self.names)

    @classmethod
    def of(
        cls,
        walker: Walker,
        outputs: Sequence[int],
        notes: Iterable[str] = (),
        written: Mapping[str, int] | None = None,
        names: Iterable[str] = (),
    ) -> Self:
        """The network of the nodes a walker has gone through."""
        made = cls(walker.nodes, outputs, notes, written, names=names)
        if walker.settled(made.letters) == 1:
            made.pieces = (walker.piece(1, None),)
        return made

    def changed(
        self, nodes: Iterable[Node], outputs: Sequence[int], names: Iterable[str] = ()
    ) -> Self:
        """A network of the same kind with other nodes."""
        return type(self)(nodes, outputs, names=names)

    def restricted(self, within: Iterable[Demand]) -> Self:
        """The network where more must hold of the sizes of its inputs."""
        nodes, first = [*self.nodes], self.inputs[0]
        operation, more = nodes[first].operation, tuple(within)
        assert isinstance(operation, Input)
        operation = operation.replaced(within=(*operation.within, *more))
        nodes[first] = nodes[first]._replace(operation=operation)
        return type(self)(nodes, self.outputs, self.notes, self.written, self.paths, self.names)

    @cached_property
    def within(self) -> tuple[Demand, ...]:
        """What must hold of the sizes of the inputs."""
        inputs = (self.nodes[i].operation for i in self.inputs)
        return tuple(each for op in inputs for each in op.within)  # type: ignore[attr-defined]

    def region(self, letters: Sequence[str], given: Mapping[str, int] | None = None) -> SizeSet:
        """The sizes, of all these letters alike, at which its nodes are what it is.

        given: other sizes; without them what ties these letters to others is left out.
        """
        limits = (each.bind(given or {}) for each in self.within if each.limit)
        return SizeSet.common(each.inputs() for each in limits if each.letters <= {*letters})

    @cached_property
    def ways(self) -> tuple[Self, ...]:
        """Every path as a network of its own, the main one first."""
        if not self.paths:
            return (self,)
        main = type(self)(self.nodes, self.outputs, self.notes, self.written, names=self.names)
        return (main, *self.paths)  # type: ignore[arg-type]

    def each(self, change: Callable[[Graph], Graph]) -> Graph:
        """The network with every path changed."""
        main, *others = map(change, self.ways)
        known = main.nodes, main.outputs, main.notes, main.written
        return type(self)(*known, others, main.names)

    def path(self, sizes: Sizes) -> Self:
        """What it is at sizes. Raises LimitError where it has paths, and none is known there."""
        if not self.paths:
            return self
        values = self.values(sizes)
        if missing := set(self.letters) - values.keys():
            raise SolverError("a path is taken at a size for each letter", ", ".join(missing))
        for path in self.ways:
            if all(each.holds(values) for each in path.within if each.limit):
                return path
        raise self.unknown(", ".join(f"{letter} = {size}" for letter, size in values.items()))

    def of_class(self, residue: int) -> Self:
        """What it is at large sizes, of all letters alike, that leave a residue: the path there."""
        if not self.paths:
            return self
        regions = [path.region(self.letters) for path in self.ways]
        step = lcm(*(region.modulus for region in regions))
        last = max(run[-1] for r in regions for run in (range(r.minimum + 1), *r.exception_ranges))
        return self.path(residue + step * (1 + last))

    def unclaimed(self, letters: Sequence[str], given: Mapping[str, int] | None = None) -> SizeSet:
        """The sizes, as of `region`, that lie within no path: of them nothing is known."""
        return ~reduce(or_, (path.region(letters, given) for path in self.ways))

    def unknown(self, sizes: SizeSet | str) -> LimitError:
        """The error that nothing is claimed for sizes."""
        blind = self.blind(self._through(Walker()).shapes)
        why = [each.rule for each in self.within if each.limit]
        told = ELSEWHERE if self.paths else blind.label if blind else why[0]
        return LimitError(f"nothing is claimed for {sizes}: {told}")

    def blind(self, shapes: Sequence[Shape | None]) -> Node | None:
        """The first node that is not followed, where what comes out lies behind it.

        shapes: of the nodes, as far as it runs. A node whose size is only no formula refuses what
        it refuses; what reads it is not followed.
        """
        if len(shapes) < len(self) or all(shapes[at] is not None for at in self.outputs):
            return None
        unknown = (i for i, shape in enumerate(shapes) if shape is None)
        read = {i for node in self.nodes for i in node.inputs}
        blind = (i for i in unknown if i in read or isinstance(self.nodes[i].operation, Unknown))
        return next((self.nodes[i] for i in blind), None)

    def beside(self, path: Graph, at: int) -> int | None:
        """The node of a path that is there what a node here is: an output, or of its name."""
        if at in self.outputs:
            return dict(zip(self.outputs, path.outputs, strict=False)).get(at)
        names = [node.name for node in path.nodes]
        return names.index(self.nodes[at].name) if self.nodes[at].name in names else None

    @cached_property
    def walk(self) -> Walk:
        """The shapes and demands for every n: where shapes are piecewise, of the last piece.

        Where nothing runs there, of the last piece where something does. Raises SolverError where a
        shape cannot be for any input, and names the node.
        """
        if len(self.pieces) == 1:
            return whole(self.pieces)
        return main_walk(self.pieces)

    @cached_property
    def pieces(self) -> tuple[WalkPiece, ...]:
        """The pieces for all axes alike, the last first."""
        return self.ways[0].pieces if self.paths else self.pieces_of(self.letters)

    def pieces_of(
        self, letters: Sequence[str], given: Mapping[str, int] | None = None
    ) -> tuple[WalkPiece, ...]:
        """The pieces along letters that are alike, the last first. given: other sizes."""
        found: list[WalkPiece] = []
        region = self.region(letters, given)
        least = region.first()
        last = None if least is None or not region.finite else region.exception_ranges[-1][-1]
        while last is None or (least is not None and last >= least):
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
                        found.append(WalkPiece(n, n, None, fault))
            else:
                found.append(walker.piece(first, last))
            last = first - 1
        return tuple(found)

    def _through(self, walker: Walker) -> Walker:
        """Take all nodes, up to the first whose shape cannot be."""
        for node in self.nodes:
            if walker.take(node) is not None:
                break
        return walker

    def _walker(self, sizes: Sizes) -> Walker:
        """What goes through it at sizes."""
        values = self.values(sizes)
        return Walker(values, usual=cache(lambda: self._usual(values)))

    def _usual(self, values: Mapping[str, int]) -> Sequence[Shape | None]:
        """The shapes of which it computes sizes: of a path, in the piece that it is taken in."""
        return self._through(Walker(upto=values)).shapes if self.within else self._shapes()

    def _shapes(self) -> Sequence[Shape | None]:
        try:
            return self.walk.shapes
        except SolverError:
            return ()

    @cached_property
    def inputs(self) -> tuple[int, ...]:
        """The numbers of the nodes that are inputs."""
        return tuple(i for i, node in enumerate(self.nodes) if isinstance(node.operation, Input))

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The letters of the free sizes of the inputs, in order."""
        inputs: list[Any] = [self.nodes[i].operation for i in self.inputs]
        found = dict.fromkeys(x for each in inputs for dim in each.of for x in dim.letters)
        told = dict.fromkeys(x for each in inputs for demand in each.within for x in demand.letters)
        return tuple(found if told.keys() <= found.keys() else told)

    def laid(self, shape: Shape, at: int) -> Shape:
        """The shape of a node with its channels, last in JAX and of tokens, behind the batch."""
        like = self.formulas(shape, at)
        return (shape[0], shape[-1], *shape[1:-1]) if channels_last(like) else shape

    def formulas(self, shape: Shape, at: int) -> Shape:
        """The shape of a node for every n, of one at a size; the same where it has no formulas."""
        try:
            return (any(dim.letters for dim in shape) and shape) or self.walk.shapes[at] or shape
        except SolverError:
            return shape

    def at(self, sizes: Sizes) -> Walk:
        """The shapes at sizes: one for all letters, one per letter, or by name.

        Raises SizeError, which names the node, where it does not run.
        """
        walk, fault = self.run(sizes)
        if fault is not None:
            raise fault
        return walk

    def run(self, sizes: Sizes) -> tuple[Walk, SolverError | None]:
        """The shapes at sizes up to the first node that does not run, and why it does not.

        Raises LimitError where that is not known.

        >>> from solver import Conv, trace
        >>> walk, fault = trace(lambda x: Conv(3)(Conv(3)(x)), axes=1).run(4)
        >>> len(walk.shapes), fault.received
        (2, '2 + 0 < 3')
        """
        network = self.path(sizes)
        walker = network._walker(sizes)
        fault = walker.go(network.nodes)
        return walker.walk(), fault

    def runs(self, sizes: Sizes, exact: bool = False) -> bool:
        """Tell whether it runs at sizes; exact: and no pooling drops anything, and crops are even.

        >>> from solver import MaxPool, trace
        >>> net = trace(MaxPool(2), axes=1)
        >>> net.runs(1), net.runs(5), net.runs(5, exact=True)
        (False, True, False)
        """
        network = self.path(sizes)
        walker = network._walker(sizes)
        if walker.go(network.nodes) is not None:
            return False
        if blind := network.blind(walker.shapes):
            raise LimitError("what is behind this is not known", blind.label)
        return not (exact and walker.dropped)

    def there(self, sizes: Sizes) -> Self:
        """The network as it is at sizes: its shapes are numbers, and what it computes.

        Raises SizeError, which names the node, where it does not run.
        """
        network, values = self.path(sizes), self.values(sizes)
        nodes = (
            node._replace(operation=node.operation.bind(values)) if node.inputs else node
            for node in network.nodes
        )
        made = type(self)(nodes, network.outputs, network.notes, names=network.names)
        return made.shaped(network.at(values))

    def shaped(self, walk: Walk) -> Self:
        """The network with these shapes, which it has at some sizes only."""
        made = type(self)(self.nodes, self.outputs, self.notes, names=self.names)
        made.pieces = (WalkPiece(1, None, walk),)
        return made

    def values(self, sizes: Sizes) -> dict[str, int]:
        """The value of each letter."""
        if isinstance(sizes, Mapping):
            found = dict(sizes)
        elif isinstance(sizes, Sequence):
            if len(sizes) != len(self.letters):
                raise misfit(sizes, self.letters)
            found = dict(zip(self.letters, sizes, strict=True))
        else:
            found = dict.fromkeys(self.letters, sizes)
        return {letter: whole_number(size, "an input size", 1) for letter, size in found.items()}

    def sizes(self, at: int) -> Shape | None:
        """The shape of a node for every n."""
        return self.walk.shapes[at]

    def size(self, sizes: Sizes, name: str = "") -> int | tuple[int, ...]:
        """The sizes of the output, or of the node of a name, at sizes of the input.

        An int where all axes are alike, else a tuple with one per axis; features where a network
        ends in features. Raises SizeError, which names the node, where it does not run.

        >>> from solver import Conv, trace
        >>> net = trace(Conv(7, stride=2, padding=3))
        >>> net.size(224), net.size((224, 320))
        (112, (112, 160))
        """
        network = self.path(sizes)
        at = network.find(name) if name else network.outputs[0]
        shape = network.at(sizes).shapes[at]
        if shape is None:
            blind = network.nodes[network.at(sizes).shapes.index(None)]
            raise LimitError("what is behind this is not known", blind.label)
        numbers = [dim.factor for dim in visible(shape, network.formulas(shape, at))]
        return numbers[0] if len(set(numbers)) == 1 else tuple(numbers)

    def find(self, name: str) -> int:
        """The number of the node, or else the output, with this name.

        Raises SolverError for an unknown one.
        """
        from difflib import get_close_matches

        for number, node in enumerate(self.nodes):
            if node.name == name:
                return number
        if name in self.names:
            return self.outputs[self.names.index(name)]
        names = [*dict.fromkeys((*(node.name for node in self.nodes), *self.names))]
        near = get_close_matches(name[:60], names, 3) or names[:3]
        raise SolverError("the network has no node of this name", name, ", ".join(near))

    def __len__(self) -> int:
        return len(self.nodes)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.nodes)} nodes>"
