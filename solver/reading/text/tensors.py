"""A call of a function of tensors, and what such functions share."""

from __future__ import annotations

from typing import Any, NamedTuple

from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation, Shape, Unknown
from solver.network.graph.values import Ratio
from solver.reading.text.building import Build, Wire
from solver.reading.text.values import Names, Opaque, is_list, leaves, wires_in


class Call(NamedTuple):
    """Hold a call: what goes in first, the other arguments, and the name for what comes out."""

    build: Build
    word: str
    first: Any
    args: tuple[Any, ...]
    keywords: Names
    name: str
    line: int
    last: bool

    @property
    def shape(self) -> Shape | None:
        return self.build.shape(self.first) if isinstance(self.first, Wire) else None

    def argument(self, place: int, *names: str, default: Any = None) -> Any:
        """Return an argument by its place behind the tensor, or by its name."""
        for name in names:
            if name in self.keywords:
                return self.keywords[name]
        return self.args[place] if place < len(self.args) else default

    def axis(self, place: int, *names: str, default: int = 1) -> int | None:
        found = self.argument(place, *names, default=default)
        return found if type(found) is int else None

    def add(self, operation: Operation, *wires: Wire) -> Wire:
        return self.build.add(operation, wires or (self.first,), self.name, self.line)

    def unknown(self) -> Wire:
        """Put in what is not understood, behind all the tensors it reads."""
        wires = wires_in([self.first, *self.args, self.keywords])
        return self.add(Unknown(self.word[:80]), *wires)


def shape_of(build: Build, wire: Wire) -> Any:
    """Return the sizes of a tensor: numbers where they are, else dimensions."""
    shape = build.shape(wire)
    if shape is None:
        return Opaque("shape")
    return tuple(dim if dim.number is None else dim.number for dim in shape)


def plain_factor(value: Any) -> bool:
    """Tell whether a value changes no size of what it is added to or multiplied with."""
    if isinstance(value, Opaque):
        return value.parameter
    return isinstance(value, (int, float, Dim))


def measured(value: Any) -> bool:
    """Tell whether a value holds a size of a tensor."""
    return any(isinstance(each, (Dim, Opaque, Ratio)) for each in leaves(value))


def to_sizes(given: Call, size: Any, operation: Operation) -> Wire | None:
    """Bring a tensor to the sizes of another one, which is found by its sizes; None of none."""
    shape = given.shape
    if shape is None:
        return None
    sizes = list(size) if is_list(size) else [size] * (len(shape) - 2)
    if any(isinstance(each, Opaque) for each in sizes) or len(sizes) != len(shape) - 2:
        return None
    target = tuple(Dim(each) if isinstance(each, int) else each for each in sizes)
    for at in range(len(given.build.shapes) - 1, -1, -1):
        found = given.build.shapes[at]
        if found is not None and at != given.first.at and found[2:] == target:
            return given.add(operation, given.first, Wire(at))
    return None
