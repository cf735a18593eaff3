"""The inputs of an ONNX model as shapes: which sizes are free, and the letters they get.

The question is about every n, so a size of an image is free even where the file has a number there:
numbers that a model has baked in elsewhere become demands. The batch and the channels stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import LimitError
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.operation import Shape

#: The most axes of an input, and the most characters of a letter.
_MOST_AXES, _LONGEST = 64, 30
#: Names of a first axis that is no batch.
_SIZES = re.compile(r"height|width|length|samples|frames|time|seq", re.IGNORECASE)
#: The most channels of an input that has them last, as exported from TensorFlow.
_FEW = 4


class Letters:
    """Give every free size its letter: one name or one number, one letter."""

    def __init__(self, free: bool = True) -> None:
        self._free = free
        self._known: dict[tuple[str, str | int], Dim] = {}
        self._used: set[str] = set()
        self.written: dict[str, int] = {}  # the numbers that letters stand in for

    def reserve(self, inputs: Sequence[Any]) -> None:
        """Take the names that sizes have, before letters are given; batches are one."""
        for each in inputs:
            dims = each.type.tensor_type.shape.dim
            if len(dims) > _MOST_AXES:
                raise LimitError(f"an input has at most {_MOST_AXES} axes", f"{len(dims)}")
            if len(dims) > 1 and dims[0].dim_param and not _SIZES.search(dims[0].dim_param):
                self._known["name", str(dims[0].dim_param)] = Dim(1)
        for each in inputs:
            for dim in each.type.tensor_type.shape.dim:
                if dim.dim_param and ("name", str(dim.dim_param)) not in self._known:
                    self._known["name", str(dim.dim_param)] = self._new(str(dim.dim_param))

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
        if dim.dim_param:
            return self._known["name", str(dim.dim_param)]
        number = int(dim.dim_value) if dim.HasField("dim_value") else None
        if number is not None and (number < 0 or (number == 0 and axis > 0)):
            number = None  # how some exporters write that it is open
        if number is None and axis == 0 and rank > 1:
            return Dim(1)
        if number is not None and not (size and self._free):
            return Dim(max(number, 1) if axis == 0 else number)
        key = (name, number or 0)
        if key not in self._known:
            self._known[key] = self._new(name)
            if number:
                self.written[self._known[key].single[0]] = number  # type: ignore[index]
        return self._known[key]

    def _new(self, name: str) -> Dim:
        """A letter that no other size has: what is no identifier becomes one."""
        plain = re.sub(r"\W", "_", name, flags=re.ASCII)[:_LONGEST]
        plain = plain if re.match(r"[A-Za-z]", plain) else f"n_{plain}"
        letter, count = plain, 1
        while letter in self._used:
            count += 1
            letter = f"{plain}_{count}"
        self._used.add(letter)
        return Dim.letter(letter)


def channels_last(given: Any, readers: Mapping[str, Sequence[Any]]) -> bool:
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
        if any(node.op_type == "Transpose" and _order(node) == order for node in nodes):
            return True
        if len(nodes) != 1 or nodes[0].op_type not in ("Sub", "Div", "Mul", "Add", "Cast"):
            break
        name = str(nodes[0].output[0])
    first, last = dims[1], dims[-1]
    if any(node.op_type in ("Conv", "MaxPool", "AveragePool") for node in readers.get(name, ())):
        return False
    known = last.HasField("dim_value") and 1 <= last.dim_value <= _FEW
    return bool(known and (first.dim_value > _FEW or not first.HasField("dim_value")))


def _order(node: Any) -> list[int]:
    return [i for a in node.attribute if a.name == "perm" for i in a.ints]
