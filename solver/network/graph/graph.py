"""A network: operations on tensors, each after those it reads; shapes for every n or for one input.

The shapes are worked out once, from the inputs on, and everything else asks them: formulas, valid
inputs, costs. The same walk serves numbers and letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Self

from solver.errors import LimitError, SolverError
from solver.ground.value import Value
from solver.network.graph.operation import Input, Shape
from solver.network.graph.pieces import main_walk
from solver.network.graph.walk import Node, Walk, Walker, WalkPiece, whole
from solver.sizes.domain import whole_number

#: Pieces that are walked one by one.
MOST_PIECES = 256
#: Sizes of a piece that are walked one by one, where it has shapes that are no formula.
_FEW = 64


class Graph(Value):
    """Hold the nodes of a network, and which of them come out; `Network` answers questions on it.

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

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        return type(self), self.made_of()

    @classmethod
    def of(
        cls,
        walker: Walker,
        outputs: Sequence[int],
        notes: Iterable[str] = (),
        written: Mapping[str, int] | None = None,
    ) -> Self:
        """The network of the nodes a walker has gone through."""
        made = cls(walker.nodes, outputs, notes, written)
        if walker.settled(made.letters) == 1:
            made.pieces = (walker.piece(1, None),)
        return made

    def changed(self, nodes: Iterable[Node], outputs: Sequence[int]) -> Self:
        """A network of the same kind with other nodes."""
        return type(self)(nodes, outputs)

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
        return self.pieces_of(self.letters)

    def pieces_of(
        self, letters: Sequence[str], given: Mapping[str, int] | None = None
    ) -> tuple[WalkPiece, ...]:
        """The pieces along letters that are alike, the last first. given: other sizes."""
        found: list[WalkPiece] = []
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
                        found.append(WalkPiece(n, n, None, fault))
            else:
                found.append(walker.piece(first, last))
            last = first - 1
        return tuple(found)

    @property
    def _known(self) -> list[tuple[str, int]]:
        """The sizes from which on it is known, where its source tells no smaller ones."""
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
        """The numbers of the nodes that are inputs."""
        return tuple(i for i, node in enumerate(self.nodes) if isinstance(node.operation, Input))

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The letters of the free sizes of the inputs, in order."""
        shapes = (self.nodes[i].operation.of for i in self.inputs)  # type: ignore[attr-defined]
        return tuple(
            dict.fromkeys(letter for shape in shapes for dim in shape for letter in dim.letters)
        )

    def at(self, sizes: Mapping[str, int] | int | Sequence[int]) -> Walk:
        """The shapes at sizes: one for all letters, one per letter, or by name.

        Raises SizeError, which names the node, where it does not run.
        """
        walk, fault = self.run(sizes)
        if fault is not None:
            raise fault
        return walk

    def run(
        self, sizes: Mapping[str, int] | int | Sequence[int]
    ) -> tuple[Walk, SolverError | None]:
        """The shapes at sizes up to the first node that does not run, and why it does not.

        Raises LimitError where that is not known.

        >>> from solver import Conv, trace
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

    def runs(self, sizes: Mapping[str, int] | int | Sequence[int], exact: bool = False) -> bool:
        """Tell whether it runs at sizes; exact: and no pooling drops anything, and crops are even.

        >>> from solver import MaxPool, trace
        >>> net = trace(MaxPool(2), axes=1)
        >>> net.runs(1), net.runs(5), net.runs(5, exact=True)
        (False, True, False)
        """
        walker = Walker(self.values(sizes), usual=self._shapes)
        try:
            for node in self.nodes:
                walker.step(node)
        except LimitError:
            raise
        except SolverError:
            return False
        return not (exact and walker.dropped)

    def there(self, sizes: Mapping[str, int] | int | Sequence[int]) -> Self:
        """The network as it is at sizes: its shapes are numbers, and what it computes.

        Raises SizeError, which names the node, where it does not run.
        """
        values = self.values(sizes)
        nodes = (
            node._replace(operation=node.operation.bind(values)) if node.inputs else node
            for node in self.nodes
        )
        return type(self)(nodes, self.outputs, self.notes).shaped(self.at(values))

    def shaped(self, walk: Walk) -> Self:
        """The network with these shapes, which it has at some sizes only."""
        made = type(self)(self.nodes, self.outputs, self.notes)
        made.pieces = (WalkPiece(1, None, walk),)
        return made

    def values(self, sizes: Mapping[str, int] | int | Sequence[int]) -> dict[str, int]:
        """The value of each letter."""
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
        """The shape of a node for every n."""
        return self.walk.shapes[at]

    def size(self, sizes: Mapping[str, int] | int | Sequence[int], name: str = "") -> Any:
        """The sizes of the output, or of the node of a name, at sizes of the input.

        An int where all axes are alike, else a tuple with one per axis; features where a network
        ends in features. Raises SizeError, which names the node, where it does not run.

        >>> from solver import Conv, trace
        >>> net = trace(Conv(7, stride=2, padding=3))
        >>> net.size(224), net.size((224, 320))
        (112, (112, 160))
        """
        at = self.find(name) if name else self.outputs[0]
        shape = self.at(sizes).shapes[at]
        if shape is None:
            raise SolverError("this node is not understood", self.nodes[at].label)
        numbers = [dim.factor for dim in shape[2:] or shape[1:]]
        return numbers[0] if len(set(numbers)) == 1 else tuple(numbers)

    def find(self, name: str) -> int:
        """The number of the node with this name. Raises SolverError for an unknown one."""
        from difflib import get_close_matches

        for number, node in enumerate(self.nodes):
            if node.name == name:
                return number
        names = [node.name for node in self.nodes]
        near = get_close_matches(name[:60], names, 3) or names[:3]
        raise SolverError("the network has no node of this name", name, ", ".join(near))

    def __len__(self) -> int:
        return len(self.nodes)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.nodes)} nodes>"
