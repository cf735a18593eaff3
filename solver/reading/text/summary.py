"""The network of a summary: layers with sizes at one input, held against our rules.

At the input shown every size is the summary's. At others a size is claimed where all layers that
fit do the same. Keras shows what is connected to what; PyTorch's summaries do not: see `flow`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.network.graph.computed import Become
from solver.network.graph.demand import EQUAL, Demand
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.operation import Input, Shape
from solver.network.network import Network
from solver.reading.paths.building import Builder
from solver.reading.text.fits import BOX
from solver.reading.text.made import Made, Shown
from solver.reading.text.rows import Sizes, Summary, SummaryRow
from solver.reading.text.source import Source
from solver.sizes.sizeset import EVERY, SizeSet

_BOX = f"a summary shows sizes at one input; other sizes are those of the layers that fit: {BOX}"
_ALIKE = "layers that a summary does not tell apart do the same here"
_PINNED = "a summary does not tell what this makes of other sizes"
_BLOCKS = "padding to whole blocks is not shown"
_HIDDEN = "so would a pooling in front that is not shown"
_ALL = (EVERY, SizeSet(minimum=1))


class ShownTensor(NamedTuple):
    """Hold a tensor: its node, and its sizes at the input shown."""

    at: int
    sizes: Shown


class Drawn:
    """Draw the network of a summary, row by row."""

    def __init__(self, source: Source, summary: Summary, channels: int | None) -> None:
        self.source, self.summary, self.last = source, summary, summary.last
        self.channels = channels
        self._to, self.notes = Builder(), {_BOX: None}
        self._limits: dict[tuple[Dim, SizeSet | Dim], Demand] = {}
        self._written: dict[str, int] = {}

    def network(self, ends: Sequence[ShownTensor]) -> Network:
        """The network with these outputs."""
        found = Network(self._to.nodes, [end.at for end in ends], self.notes, self._written)
        return found.restricted(self._limits.values()) if self._limits else found

    def shape(self, tensor: ShownTensor) -> Shape:
        """The shape of a tensor for every n."""
        shape = self._to.shapes[tensor.at]
        assert shape is not None
        return shape

    def shown(self, shape: Sizes | None) -> Shown | None:
        """Sizes without the batch, the channels first; None where some are not shown."""
        own = (shape or ())[1:]
        known = tuple(size for size in own if size is not None)
        if not known or len(known) < len(own):
            return None
        return (known[-1], *known[:-1]) if self.last else known

    def out(self, row: SummaryRow) -> Shown:
        """What a row shows that comes out. Raises LimitError where it does not."""
        found = self.shown(row.shape)
        if found is None:
            rule = f"{self.source.place(row.line)}: the summary shows no size for {row.name}"
            raise LimitError(rule, right="a summary of the model built for an input, or its code")
        return found

    def note(self, row: SummaryRow, text: str) -> None:
        """Keep what was assumed of a row."""
        if len(self.notes) < 100:
            self.notes[f"{self.source.place(row.line)}: {row.name}: {text}"] = None

    # Nodes

    def enter(self, sizes: Shown, tokens: bool = False) -> ShownTensor:
        """An input; one number has one letter. tokens: whether it is a row of them."""
        free, names = (
            (sizes, LETTERS[1]) if tokens else (sizes[1:], LETTERS.get(len(sizes) - 1, ()))
        )
        dims = [*map(Dim, () if tokens else sizes[:1])]
        for size, name in zip(free, names or map(str, free), strict=True):
            if not names:
                dims.append(Dim(size))
                continue
            while self._written.setdefault(name, size) != size:
                name += "_2"
            dims.append(Dim.letter(name))
        count = sum(isinstance(node.operation, Input) for node in self._to.nodes)
        label = f"input_{count + 1}" if count else "input"
        return ShownTensor(self._to.add(label, Input((Dim(1), *dims))), sizes)

    def put(self, row: SummaryRow, found: Made | None, given: Sequence[ShownTensor]) -> ShownTensor:
        """What a row makes of tensors; where that is not told, at the input shown alone."""
        out = self.out(row)
        if found is not None:
            shapes = [self.shape(each) for each in given]
            shape = self._tried(found, shapes)
            if shape is not None and tuple(d.at(self._written) for d in shape[1:]) == out:
                for dim, agreed in zip(shapes[0][2:], found.agreed, strict=False):
                    self._limit(_ALIKE, dim, agreed)
                if any(each not in _ALL for each in found.agreed):
                    several = f"{found.several} layers fit" if found.several > 1 else _HIDDEN
                    self.note(row, several)
                at = self._to.add(row.name, found.operation, [each.at for each in given])
                return ShownTensor(at, out)
        return self.pinned(row, out, given)

    def _tried(self, found: Made, shapes: Sequence[Shape]) -> Shape | None:
        try:
            return found.operation.shape(shapes, lambda *_, **__: True)
        except SolverError:
            return None

    def pinned(self, row: SummaryRow, out: Shown, given: Sequence[ShownTensor]) -> ShownTensor:
        """What is known at the input shown alone."""
        self.note(row, _PINNED)
        for letter, size in self._written.items():
            self._limit(_PINNED, Dim.letter(letter), SizeSet.of([size]))
        to = Become(row.kind or row.name, (Dim(1), *map(Dim, out)), row.params or 0)
        return ShownTensor(self._to.add(row.name, to, [each.at for each in given[:1]]), out)

    def become(self, row: SummaryRow, name: str, shape: Shape, tensor: ShownTensor) -> ShownTensor:
        """A tensor of a shape that is known and whose making is not shown."""
        sizes = tuple(dim.at(self._written) for dim in shape[1:])
        at = self._to.add(f"{row.name}.{name}", Become(name, shape), [tensor.at])
        return ShownTensor(at, sizes)

    def in_blocks(self) -> None:
        """Claim only what is claimed where padding to whole blocks, which is not shown, is none."""
        for letter, size in self._written.items():
            self._limit(_BLOCKS, Dim.letter(letter), SizeSet(size & -size, [0]))

    def fix(self, tensor: ShownTensor) -> None:
        """Claim only what is claimed where a tensor has the sizes shown."""
        for dim, size in zip(self.shape(tensor)[2:], tensor.sizes[1:], strict=True):
            self._limit(_PINNED, dim, SizeSet.of([size]))

    def alike(self, tensor: ShownTensor, others: Iterator[ShownTensor]) -> None:
        """Claim what is claimed where tensors of the same sizes here have them everywhere."""
        for other in others:
            for one, two in zip(self.shape(tensor)[2:], self.shape(other)[2:], strict=True):
                if one != two and one.letters and two.letters:
                    self._limit(_ALIKE, one, two)

    def _limit(self, rule: str, dim: Dim, allowed: SizeSet | Dim) -> None:
        if dim.letters and allowed not in _ALL:
            self._limits.setdefault(
                (dim, allowed), Demand(0, rule, dim, allowed, EQUAL, limit=True)
            )
