"""Normalizations: what they ask of the sizes of a tensor, which they keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from solver.errors import SolverError
from solver.network.graph.demand import Ask
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Pointwise, Shape, in_shape
from solver.sizes.sizeset import SizeSet


class Normalize(Pointwise):
    """Bring the values of a tensor to one mean and spread, and scale them.

    channels: for which it is made, None for any. last: the sizes of the last axes for which it is
    made. groups: into which the channels fall. at: the axis of the channels. apart: the axes whose
    elements have a mean each, where PyTorch asks for more than one value for each mean; None where
    it does not. ranks: how many axes the tensor may have; empty for any.
    """

    channels: int | None = None
    last: Shape = ()
    groups: int = 1
    at: int = 1
    apart: tuple[int, ...] | None = None
    ranks: tuple[int, ...] = ()

    def bind(self, values: Mapping[str, int]) -> Normalize:
        return self.replaced(last=tuple(dim.bind(values) for dim in self.last))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        shape = given[0]
        if self.ranks and len(shape) not in self.ranks:
            wanted = " or ".join(map(str, self.ranks))
            raise SolverError(f"{self.name} takes {wanted} axes", f"{len(shape)}")
        if self.channels is not None:
            dim = shape[in_shape(self.at, shape)]
            ask("a normalization must get its channels", dim, Dim(self.channels))
        if self.groups > 1:
            whole = SizeSet(self.groups, [0])
            ask("the channels must be divisible by groups", shape[in_shape(self.at, shape)], whole)
        sizes = ", ".join(map(str, self.last))
        rule = f"the last sizes must be the normalized_shape ({sizes})"
        if len(self.last) > len(shape):
            raise SolverError(rule, f"{len(shape)} axes")
        for dim, size in zip(shape[len(shape) - len(self.last) :], self.last, strict=True):
            ask(rule, dim, size)
        if self.apart is not None:
            together = (dim for axis, dim in enumerate(shape) if axis not in self.apart)
            rule = "a normalization needs more than one value for each mean"
            ask(rule, prod(together, start=Dim(1)), SizeSet(minimum=self.groups + 1))
        return shape
