"""Receptive fields over graphs: which input elements output y of every node reads, for every y.

Windows compose, branches that meet are read together (their hull), and what mixes a whole axis
reads everything. Each letter of the input's sizes has a field of its own at every node; inputs that
share a letter are read as one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache, reduce
from typing import TYPE_CHECKING, Any

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.ground.shown import drawn
from solver.ground.value import Value
from solver.layers.reads import ITSELF, Span
from solver.layers.window import Window
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Input
from solver.network.graph.reads import Link
from solver.network.graph.sizes import Sizes
from solver.sizes.sizeset import SizeSet

if TYPE_CHECKING:
    from fractions import Fraction


class Field(NamedTuple):
    """Hold what a node reads along a letter.

    axis: of its shape, along which y counts; None where there is none. span: the first and the last
    element that output y reads, exactly; None for the whole length, or where no map says it. why:
    the reason then.
    """

    axis: int | None
    span: Span | None
    why: str = ""

    @property
    def everything(self) -> bool:
        """Tell whether outputs read along the whole input, and not a window of it."""
        return self.span is None and not self.why

    @property
    def known(self) -> Span:
        """The span. Raises SolverError where there is none."""
        if self.span is None:
            rule = "no span says what an output reads here"
            raise SolverError(rule, self.why or "every output reads everything")
        return self.span

    def through(self, link: Link) -> Field:
        """What is read by reading this through a link."""
        if link.window is None and not link.why:  # everything along the axis, at any y
            return Field(link.to, None)
        if self.span is None or link.window is None:
            return Field(link.to, None, self.why or ("" if self.everything else link.why))
        if link.part:
            return Field(link.to, None, "tensors behind each other are read piece by piece")
        try:
            return Field(link.to, _behind(link.window, self.span))
        except LimitError as fault:
            return Field(link.to, None, fault.rule)

    def joined(self, other: Field) -> Field:
        """What is read by reading both."""
        axis = self.axis if other.axis in (None, self.axis) else other.axis
        if self.everything or other.everything:
            return Field(axis, None)
        if self.axis != other.axis:
            return Field(None, None, "it is read along two axes at once")
        if self.span is None or other.span is None:
            return Field(axis, None, self.why or other.why)
        try:
            return Field(axis, self.span.hull(other.span))
        except SolverError as fault:
            if self.span.jump == other.span.jump:
                return Field(axis, None, fault.rule)
            jumps = f"{self.span.jump} and {other.span.jump}"
            return Field(axis, None, f"branches with jumps {jumps} meet")


@lru_cache(16)  # axes that are alike read alike
def _behind(window: Window, read: Span) -> Span:
    return window.behind(read)


class Note(NamedTuple):
    """Say that branches meet whose outputs do not stand at the same places of the input.

    at: the number of the node. offsets: of each branch, in elements of the input (Span.offset).
    """

    at: int
    letter: str
    offsets: tuple[int | Fraction, ...]


class Checkerboard(NamedTuple):
    """Say that the outputs of a node are covered unevenly: by so many elements, by phase."""

    at: int
    letter: str
    overlaps: tuple[int, ...]


class Fields(Value):
    """Hold the fields of every node of a network. Made by `fields`.

    network: as it is at the sizes, where they are given. nodes: the field of each letter that a
    node reads; None where a node is not understood. modulus: per letter, the fields hold for
    n = residue modulo this; empty for given sizes.
    """

    def __init__(self, network: Graph, sizes: Sizes) -> None:
        self.network, self.sizes = network, sizes
        self.links: list[list[list[Link]]] = []
        self._known: list[bool] = []  # whether a node and all before it are understood
        for node, shape in zip(network.nodes, network.walk.shapes, strict=True):
            given = [network.walk.shapes[i] for i in node.inputs if self._known[i]]
            known = [each for each in given if each is not None]
            self._known.append(shape is not None and len(known) == len(node.inputs))
            inner = self._known[-1] and not isinstance(node.operation, Input)
            self.links.append(node.operation.reads(known, shape or (), sizes) if inner else [])

    def made_of(self) -> tuple[Any, ...]:
        return self.network, self.sizes

    def __repr__(self) -> str:
        return f"Fields({self.network!r}, {self.sizes!r})"

    def draw(self, output: int | None = None, **options: Any) -> Any:
        """A picture of what an output reads, or, with every=True, of how evenly all of them do.

        options: node, its name; letter, of the axis. Raises SolverError without sizes, and where
        an output reads everything.

        >>> from solver import Conv, trace
        >>> trace(Conv(3)).fields(8).draw()
        <Picture of what output 3 of 6 reads of 8, 412 x 242>
        """
        return drawn(self, output, **options)

    @property
    def modulus(self) -> dict[str, int]:
        return {} if self.sizes.values is not None else dict(self.sizes.modulus)

    @property
    def residue(self) -> int:
        return self.sizes.residue

    def of(self, at: int, letter: str) -> Field | None:
        """The field of a node, None where it reads nothing of this letter.

        Raises SolverError where the node is not understood.
        """
        found = self.nodes[at]
        if found is None:
            rule = "what a node reads is known where all before it is understood"
            raise SolverError(rule, self.network.nodes[at].label)
        return found.get(letter)

    def holds_for(self, letter: str) -> str:
        """The sizes it holds for, in words.

        >>> from solver import Conv, trace
        >>> fields(trace(Conv(3), axes=1)).holds_for("n")
        'every n'
        """
        if self.sizes.values is not None:
            return f"{letter} = {self.sizes.values[letter]}"
        modulus, inputs = self.modulus.get(letter, 1), self.inputs(letter)
        if inputs != SizeSet(modulus, [self.residue]):
            return inputs.text(letter)
        residue = self.residue % modulus
        return f"every {letter}" if modulus == 1 else f"{letter} = {residue} (mod {modulus})"

    def inputs(self, letter: str) -> SizeSet:
        """The sizes of a letter for which it holds, where none are given: what outputs read.

        These are sizes of the main path, and of others in which the outputs read the same.
        """
        sizes = self.network.region((letter,))
        for other in self._others:
            if other._out(letter) == self._out(letter):
                sizes |= other.network.region((letter,))
        return sizes & SizeSet(self.modulus.get(letter, 1), [self.residue])

    @cached_property
    def _others(self) -> list[Fields]:
        """The fields of the other paths that do not refuse their sizes."""
        found = []
        for path in self.network.paths:
            with suppress(SolverError):
                found.append(Fields(path, Sizes(residue=self.residue)))
        return found

    def _out(self, letter: str) -> tuple[object, ...]:
        nodes = (self.nodes[at] for at in self.network.outputs)
        fields = (None if node is None else node.get(letter) for node in nodes)
        return (self.modulus.get(letter, 1), *fields)

    @cached_property
    def nodes(self) -> list[dict[str, Field] | None]:
        found: list[dict[str, Field] | None] = []
        for at, node in enumerate(self.network.nodes):
            if isinstance(node.operation, Input) and self._known[at]:
                found.append(_begun(node.operation.of))
                continue
            branches = self._branches(at, found)
            joined = {letter: reduce(Field.joined, many) for letter, many in branches.items()}
            found.append(joined if self._known[at] else None)
        return found

    def _branches(
        self, at: int, nodes: Sequence[dict[str, Field] | None]
    ) -> dict[str, list[Field]]:
        """What a node reads along each letter by each of its inputs whose elements matter."""
        branches: dict[str, list[Field]] = {}
        for number, row in zip(self.network.nodes[at].inputs, self.links[at], strict=False):
            for letter, field in (nodes[number] or {}).items() if row else ():
                passed = field if field.axis is None else field.through(row[field.axis])
                branches.setdefault(letter, []).append(passed)
        return branches

    @cached_property
    def notes(self) -> list[Note]:
        """Where branches meet whose outputs stand at other places of the input."""
        found = []
        for at, node in enumerate(self.nodes):
            branches = self._branches(at, self.nodes) if node and len(self.links[at]) > 1 else {}
            for letter, many in branches.items():
                spans = [field.span for field in many if field.span is not None]
                if node and node[letter].span is not None:
                    offsets = tuple(o for span in spans if (o := span.offset) is not None)
                    if len(set(offsets)) > 1:
                        found.append(Note(at, letter, offsets))
        return found

    @cached_property
    def checkerboards(self) -> list[Checkerboard]:
        """The nodes whose outputs are covered unevenly by the windows of one layer.

        >>> from solver import ConvTranspose, trace
        >>> fields(trace(ConvTranspose(3, stride=2), axes=1)).checkerboards
        [Checkerboard(at=1, letter='n', overlaps=(2, 1))]
        """
        found = []
        for at, node in enumerate(self.network.nodes):
            for number, row in zip(node.inputs, self.links[at], strict=False):
                for letter, field in (self.nodes[number] or {}).items():
                    if not row or field.axis is None or field.everything:
                        continue
                    link = row[field.axis]
                    # What is weighed by places has phases that are meant.
                    if link.window is None or link.window.input_dilation == 1 or link.placed:
                        continue
                    overlaps = link.window.overlaps
                    if len(set(overlaps)) > 1:
                        found.append(Checkerboard(at, letter, overlaps))
        return found


def _begun(shape: Sequence[Dim]) -> dict[str, Field]:
    """The fields of an input: each element reads itself."""
    found: dict[str, Field] = {}
    for axis, dim in enumerate(shape):
        for letter in dim.letters:
            field = Field(axis, ITSELF)
            found[letter] = found[letter].joined(field) if letter in found else field
    return found


def fields(
    network: Graph,
    sizes: Mapping[str, int] | int | Sequence[int] | None = None,
    residue: int | None = None,
) -> Fields:
    """What every node reads of the input.

    sizes: of the input, in elements, as in `Network.at`. Without them for every n where that is one
    answer, else for every n = residue modulo `Fields.modulus`: padding that keeps n/stride and
    cropping to fit begin where the size says; 0 without one. Raises SizeError where the sizes do
    not run.

    >>> from solver import Conv, ConvTranspose, MaxPool, concat, trace
    >>> def net(x):
    ...     skip = Conv(3, padding=1)(x)
    ...     return concat(skip, ConvTranspose(2, 2)(MaxPool(2)(skip)))
    >>> found = fields(trace(net, axes=1))
    >>> span = found.of(found.network.outputs[0], "n").span
    >>> span.length, span.jump, [(span.first(y), span.last(y)) for y in range(4)]
    (4, 1, [(-1, 2), (-1, 2), (1, 4), (1, 4)])
    >>> from solver import global_pool
    >>> found = fields(trace(lambda x: global_pool(Conv(3)(x)), axes=1))
    >>> found.of(2, "n").everything
    True
    """
    if sizes is not None:
        return Fields(network.there(sizes), Sizes(network.values(sizes)))
    if residue is None:
        return Fields(network, Sizes())
    return Fields(network.of_class(residue), Sizes(residue=residue))


class Phase(NamedTuple):
    """Hold what the outputs of one phase read, by the first of them: elements, and the middle."""

    first: int
    last: int
    centre: int | Fraction


def phases(span: Span) -> list[Phase | None]:
    """What outputs 0, 1, ... read until it repeats, moved; None for those without inputs.

    >>> from solver.layers.window import Window
    >>> phases(Window(3, 2).transposed.behind())[1]
    Phase(first=0, last=0, centre=0)
    >>> phases(Window(input_dilation=2).behind())
    [Phase(first=0, last=0, centre=0), None]
    """
    centres = ((y, span.centre(y)) for y in range(span.period))
    return [
        None if centre is None else Phase(int(span.first(y)), int(span.last(y)), centre)
        for y, centre in centres
    ]
