"""The inputs of an ONNX model as shapes: which sizes are free, and the letters they get.

The question is about every n, so a size of an image is free even where the file has a number there:
numbers that a model has baked in elsewhere become demands. The batch and the channels stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.network.graph.demand import EQUAL, Demand
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.operation import Shape
from solver.reading.onnx.program import Body, OnnxNode

#: The most axes of an input, and the most characters of a letter.
_MOST_AXES, _LONGEST = 64, 30
#: Names of a first axis that is no batch, and of one that is, where there are few axes.
_SIZES = re.compile(r"height|width|len|samples|frames|time|seq|steps|tokens|nodes|edges", re.I)
_BATCH = re.compile(r"batch|dynamic|^unk|^(n|b|bs|none)$", re.I)
#: The most channels of an input that has them last, as exported from TensorFlow.
_FEW = 4


class Inputs(NamedTuple):
    """Hold the shapes of the inputs by name.

    written: the numbers in the file that letters stand in for. named: the letters of axes whose
    size the file leaves open, with their name: axes of one name have a letter each, unless the
    graph makes them equal.
    """

    shapes: Mapping[str, Shape | None]
    written: Mapping[str, int]
    named: Mapping[str, str]

    @property
    def letters(self) -> list[str]:
        """The letters of all free sizes, in order."""
        found = (dim for shape in self.shapes.values() for dim in shape or ())
        return list(dict.fromkeys(letter for dim in found for letter in dim.letters))

    def alike(self, demand: Demand) -> dict[str, str]:
        """The letter that another one becomes, where axes of one name must be equal."""
        one, other = (str(dim) for dim in (demand.dim, demand.other))
        if demand.relation != EQUAL or not {one, other} <= self.named.keys():
            return {}
        first, then = sorted((one, other), key=self.letters.index)
        return {then: first} if self.named[one] == self.named[other] else {}

    def renamed(self, names: Mapping[str, str]) -> Inputs:
        """The same with other letters for some."""
        shapes = {
            name: shape and tuple(dim.renamed(names) for dim in shape)
            for name, shape in self.shapes.items()
        }
        return self._replace(shapes=shapes)


def read_inputs(graph: Any, body: Body, free: bool) -> Inputs:
    """The inputs of a graph."""
    inputs = [each for each in graph.input if str(each.name) not in body.weights]
    readers: dict[str, list[OnnxNode]] = {}
    for node in body.nodes:
        for name in node.inputs:
            readers.setdefault(name, []).append(node)
    found = Letters(free)
    found.reserve(inputs)
    shapes = {str(x.name): found.shape(x, channels_last(x, readers)) for x in inputs}
    return Inputs(shapes, found.written, found.named)


class Letters:
    """Give every free size its letter; sizes of one number have the same."""

    def __init__(self, free: bool = True) -> None:
        self._free = free
        self._known: dict[tuple[str, str | int], Dim] = {}
        self._used, self._names = set[str](), set[str]()
        self.written: dict[str, int] = {}
        self.named: dict[str, str] = {}

    def reserve(self, inputs: Sequence[Any]) -> None:
        """Take the names of batches, which are one."""
        for each in inputs:
            dims = each.type.tensor_type.shape.dim
            if len(dims) > _MOST_AXES:
                raise LimitError(f"an input has at most {_MOST_AXES} axes", f"{len(dims)}")
            name = _name(dims[0]) if len(dims) > 1 else ""
            if name and not _SIZES.search(name) and (len(dims) > 3 or _BATCH.search(name)):
                self._known["name", name] = Dim(1)
        for each in inputs:
            self._names.update(map(_name, each.type.tensor_type.shape.dim))

    def shape(self, given: Any, last: bool = False) -> Shape | None:
        """The shape of an input, None of what has none, such as a sequence of tensors.

        last: whether its channels are the last axis.
        """
        kind = given.type.tensor_type
        if not kind.HasField("shape"):
            return None
        dims, rank = kind.shape.dim, len(kind.shape.dim)
        sizes = range(1, rank - 1) if last else range(2, rank)
        names = LETTERS.get(len(sizes), tuple(f"x{i}" for i in range(1, len(sizes) + 1)))
        found = []
        for axis, dim in enumerate(dims):
            name = names[axis - sizes.start] if axis in sizes else f"c{axis}"
            found.append(self._dim(dim, axis, name, axis in sizes, rank))
        return tuple(found)

    def _dim(self, dim: Any, axis: int, name: str, size: bool, rank: int) -> Dim:
        if told := _name(dim):
            return self._known.get(("name", told)) or self._own(told)
        number = int(dim.dim_value) if dim.HasField("dim_value") else None
        if number is not None and (number < 0 or (number == 0 and axis > 0)):
            number = None  # how some exporters write that it is open
        if number is None and axis == 0 and rank > 1:
            return Dim(1)
        if number is not None and not (size and self._free):
            return Dim(max(number, 1) if axis == 0 else number)
        if number is None:
            return self._own(name, named=False)
        if (name, number) not in self._known:
            found = self._known[name, number] = self._new(name)
            self.written[str(found)] = number
        return self._known[name, number]

    def _own(self, name: str, named: bool = True) -> Dim:
        """The letter of an axis whose size is open: of this name in the file, or the usual one."""
        found = self._new(name, named)
        self.named[str(found)] = name
        return found

    def _new(self, name: str, named: bool = False) -> Dim:
        """A letter that no other size has: what is no identifier becomes one."""
        plain = re.sub(r"\W", "_", name, flags=re.ASCII)[:_LONGEST]
        plain = plain if re.match(r"[A-Za-z]", plain) else f"n_{plain}"
        letter, count = plain, 1
        while letter in self._used or (letter in self._names and not named):
            count += 1
            letter = f"{plain}_{count}"
        self._used.add(letter)
        return Dim.letter(letter)


def _name(dim: Any) -> str:
    """The name of an axis, empty where it has none, or one that says nothing."""
    name = str(dim.dim_param)
    return name if re.search(r"\w", name) else ""


def channels_last(given: Any, readers: Mapping[str, Sequence[OnnxNode]]) -> bool:
    """Tell whether the channels of an input are its last axis: it is transposed, or they are few.

    readers: the nodes that read each tensor.
    """
    dims = given.type.tensor_type.shape.dim
    if len(dims) < 3:
        return False
    order = [0, len(dims) - 1, *range(1, len(dims) - 1)]
    name = str(given.name)
    for _ in range(8):  # past what changes values only, such as a normalization
        nodes = readers.get(name, ())
        if any(node.op == "Transpose" and _order(node) == order for node in nodes):
            return True
        if len(nodes) != 1 or nodes[0].op not in ("Sub", "Div", "Mul", "Add", "Cast"):
            break
        name = str(nodes[0].outputs[0])
    first, last = dims[1], dims[-1]
    if any(node.op in ("Conv", "MaxPool", "AveragePool") for node in readers.get(name, ())):
        return False
    known = last.HasField("dim_value") and 1 <= last.dim_value <= _FEW
    return bool(known and (first.dim_value > _FEW or not first.HasField("dim_value")))


def _order(node: OnnxNode) -> list[int]:
    return list(node.words.get("perm") or ())
