"""The tensors of a run: how the rules of functions know them, and the nodes they come from."""

from __future__ import annotations

from typing import Any

from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Unknown
from solver.reading.functions.call import Weight, Wire, leaves, listed
from solver.reading.live.running.book import Book
from solver.reading.live.running.carrier import number
from solver.reading.paths.recorder import Recorder
from solver.reading.paths.size import size

#: The most elements of a constant that are followed.
ELEMENTS = 128


class Tensors:
    """Hold what tensors are made of: a model's constants, and the nodes of a run."""

    def __init__(self, book: Book, carrier: Any, to: Recorder) -> None:
        self.book, self.torch, self.carrier, self.to = book, book.torch, carrier, to

    def wired(self, value: Any) -> bool:
        return isinstance(value, self.carrier) and value.wire is not None

    def wire(self, x: Any) -> Wire:
        if x.wire is None:
            shape = tuple(Dim(int(n)) for n in x.plain.shape)
            x.wire = Wire(self.to.add("constant", Become("constant", shape, least=0)))
        return x.wire  # type: ignore[no-any-return]

    def known(self, value: Any) -> Any:
        """A value as the rules of functions know it."""
        if isinstance(value, self.carrier):
            return value.known
        if isinstance(value, self.torch.Tensor):
            return self.weight(value)
        if isinstance(value, (tuple, list)):
            return tuple(map(self.known, value))
        if isinstance(value, dict):
            return {name: self.known(each) for name, each in value.items()}
        if isinstance(value, slice):
            return slice(*map(self.known, (value.start, value.stop, value.step)))
        return number(value)

    def weight(self, tensor: Any) -> Weight:
        shape = tuple(Dim(int(n)) for n in tensor.shape)
        name = self.book.parameters.get(id(tensor), "")
        small = not tensor.is_meta and tensor.numel() <= ELEMENTS and not name
        elements = tuple(tensor.reshape(-1).tolist()) if small else None
        return Weight(shape, int(tensor.numel()) if name else 0, name, elements)

    def paired(self, found: Any, real: Any) -> Any:
        """Tensors of PyTorch with the nodes they come from."""
        if isinstance(real, self.torch.Tensor):
            wire = next((each for each in leaves(found) if isinstance(each, Wire)), None)
            return self.tensor(real, wire)
        if isinstance(real, (tuple, list)):
            several = listed(found) and len(found) == len(real)
            each = found if several else (found, *(None,) * (len(real) - 1))
            pairs = [self.paired(*pair) for pair in zip(each, real, strict=True)]
            return type(real)(pairs) if type(real) in (tuple, list) else _like(real, pairs)
        return real

    def tensor(self, real: Any, wire: Wire | None) -> Any:
        if wire is None:
            wire = Wire(self.to.add("part", Unknown("part")))
        shape = self.to.shapes[wire.at]
        values = self.to.decisions.values
        if shape is not None and [dim.at(values) for dim in shape] != [*map(int, real.shape)]:
            node = self.to.nodes[wire.at]
            self.to.nodes[wire.at] = node._replace(operation=Unknown(node.operation.word))
            self.to.shapes[wire.at] = None
        return self.carrier.of(real, wire)

    def sizes(self, x: Any) -> list[int]:
        """The sizes of a tensor, with their formulas."""
        plain = [int(n) for n in x.plain.shape]
        if x.wire is None:
            return plain
        shape = self.to.shapes[x.wire.at] or (None,) * len(plain)
        return [size(n, dim, self.to.decisions) for n, dim in zip(plain, shape, strict=True)]

    def told(self, found: Any) -> bool:
        """Whether the rule of a function gives shapes for all that comes out."""
        several = found if listed(found) else (found,)
        wires = [each for each in several if isinstance(each, Wire)]
        return len(wires) == len(several) and all(self.to.shapes[each.at] for each in wires)

    def by_rule(self, found: Any, name: str, dtype: Any = None) -> Any:
        """Tensors of the shapes that the rule gives."""
        if listed(found):
            return tuple(self.by_rule(each, name, dtype) for each in found)
        if not isinstance(found, Wire):
            return found
        shape = self.to.shapes[found.at]
        if shape is None:
            raise NotImplementedError(f"{name} has no shapes without values")
        sizes = [dim.at(self.to.decisions.values) for dim in shape]
        dtype = dtype if dtype is not None and dtype.is_floating_point else None
        return self.torch.empty(sizes, device="meta", dtype=dtype)


def _like(real: Any, parts: list[Any]) -> Any:
    return type(real)(*parts) if hasattr(real, "_fields") else type(real)(parts)
