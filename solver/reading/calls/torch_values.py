"""What a traced program of PyTorch computes with: tensors, weights by their shape, and sizes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from solver.errors import SolverError
from solver.network.graph import values
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation, Shape, Unknown
from solver.network.graph.values import Ratio
from solver.reading.calls.building import Builder


class Ref(NamedTuple):
    """Hold the number of the node that makes a tensor."""

    at: int


class Weight(NamedTuple):
    """Hold the shape of a tensor that does not depend on the input.

    parameters: how many of its elements are learned. name: as the module calls it.
    """

    shape: Shape
    parameters: int = 0
    name: str = ""


class Call:
    """Hold one call that is being read: its arguments, where nodes go, and what they are named."""

    def __init__(
        self, to: Builder, label: str, name: str, args: Sequence[Any], words: dict[str, Any]
    ) -> None:
        self.to, self.label, self.name = to, label, name
        self.args, self.words = list(args), words

    def get(self, place: int, word: str, default: Any = None) -> Any:
        """Return an argument by its place or its word."""
        if place < len(self.args):
            return self.args[place]
        return self.words.get(word, default)

    def rest(self, place: int, word: str) -> tuple[Any, ...]:
        """Return sizes that are given as one tuple or one by one."""
        found = self.args[place:] or (self.words.get(word, ()),)
        if len(found) == 1 and is_listed(found[0]):
            return tuple(found[0])
        return tuple(found)

    def tensor(self, value: Any) -> Ref:
        """Return the node of a tensor; a weight becomes one."""
        if isinstance(value, Weight):
            constant = Become("constant", value.shape, value.parameters)
            return Ref(self.to.add(value.name or "constant", constant, of=value.name))
        if not isinstance(value, Ref):
            raise SolverError(f"{self.name} is called on tensors")
        return value

    @property
    def x(self) -> Ref:
        """Return the first argument, a tensor."""
        return self.tensor(self.get(0, "input"))

    @property
    def shape(self) -> Shape:
        """Return the shape of the first argument. Raises Unclear where it is not understood."""
        return self.shape_of(self.x)

    def shape_of(self, value: Any) -> Shape:
        """Return the shape of a tensor. Raises Unclear where it is not understood."""
        shape = value.shape if isinstance(value, Weight) else self.to.shapes[value.at]
        if shape is None:
            raise Unclear
        return shape

    def make(self, operation: Operation, *inputs: Ref) -> Ref:
        """Add a node on the first argument, or on those given."""
        ats = [each.at for each in inputs] or [self.x.at]
        return Ref(self.to.add(self.label, operation, ats, self.label))

    def unknown(self) -> Ref:
        """Add a node that is not understood, on every tensor that goes in."""
        inputs = [a.at for a in flat((self.args, list(self.words.values()))) if isinstance(a, Ref)]
        return Ref(self.to.add(self.label, Unknown(self.name), inputs))


class Unclear(Exception):
    """Say that an argument is not understood: the call becomes a node of that kind."""


def is_listed(value: Any) -> bool:
    """Tell whether a value is several: a size is a tuple, and one."""
    return isinstance(value, (tuple, list)) and not isinstance(value, (Ref, Weight, Ratio))


def flat(value: Any) -> list[Any]:
    """Return everything in nested tuples and lists."""
    if isinstance(value, dict):
        value = tuple(value.values())
    if is_listed(value):
        return [each for part in value for each in flat(part)]
    return [value]


def dim_of(value: Any) -> Dim:
    """Return a size as a dimension. Raises Unclear for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, Ratio)):
        raise Unclear
    if isinstance(value, int):
        return Dim(value)
    if value.bottom > 1:
        raise Unclear
    return value.top


def size_of(dim: Dim) -> int | Ratio:
    """Return a dimension as a program sees it: a plain number where it is one."""
    return Ratio(dim) if dim.number is None else dim.number


def numbers(found: Sequence[Any]) -> tuple[int, ...]:
    """Return plain whole numbers. Raises Unclear for anything else."""
    dims = [dim_of(value).number for value in found]
    if None in dims:
        raise Unclear
    return tuple(n for n in dims if n is not None)


# Sizes: plain numbers, or ratios of dimensions

_EXACT: dict[str, Callable[[Ratio, Ratio], Ratio]] = {
    "add": values.plus,
    "sub": values.minus,
    "mul": values.times,
    "truediv": values.over,
    "floordiv": lambda one, other: values.floor(values.over(one, other)),
    "mod": values.modulo,
    "min": values.least,
    "max": values.most,
}
_PLAIN: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(operator, name)
        for name in ("add", "sub", "mul", "truediv", "floordiv", "pow")
    },
    "mod": operator.mod,
    "min": min,
    "max": max,
}


def calculated(name: str, args: Sequence[Any]) -> Any:
    """Return what arithmetic makes of two sizes. Raises Unclear where that is no size."""
    if all(isinstance(each, (int, float)) for each in args):
        return _PLAIN[name](*args)
    exact = [each if isinstance(each, Ratio) else Ratio.number(each) for each in args]
    if not all(isinstance(each, Ratio) for each in exact):
        raise Unclear
    try:
        found = _EXACT[name](*exact)  # type: ignore[arg-type]
    except SolverError:
        raise Unclear from None
    return size_of(found.top) if found.bottom == 1 else found
