"""Tensors of a run: on the meta device, or short ones made of sizes; each knows its node."""

from __future__ import annotations

from typing import Any

from solver.reading.functions.call import UNTOLD, Weight, Wire
from solver.reading.paths.size import Part, Size, bare


def carrier_of(torch: Any) -> Any:
    """The class of tensors whose sizes carry formulas, of a PyTorch."""

    class Carrier(torch.Tensor):  # type: ignore[misc]
        """Be a tensor that depends on the input, or on its sizes.

        plain: the tensor of PyTorch's own, on the meta device; of one made of sizes, with values.
        wire: the node it comes from. elements: of one made of sizes, its numbers. most: the largest
        of them, where it is known.
        """

        __torch_function__ = torch._C._disabled_torch_function_impl
        plain: Any
        wire: Wire | None
        elements: tuple[Any, ...] | None
        most: int | None = None

        @classmethod
        def of(cls, plain: Any, wire: Wire | None, elements: Any = None) -> Any:
            """A tensor of a node, or of sizes."""
            made = torch.Tensor._make_subclass(cls, plain)
            made.plain, made.wire, made.elements = plain, wire, elements
            return made

        @property
        def known(self) -> Wire | Weight:
            """What the rules of functions know it as."""
            if self.wire is not None:
                return self.wire
            from solver.network.graph.dim import Dim

            shape = tuple(Dim(int(size)) for size in self.plain.shape)
            return Weight(shape, 0, "", tuple(map(number, self.elements or ())))

    return Carrier


def number(value: Any) -> Any:
    """What stands for a number in formulas."""
    if isinstance(value, (Size, Part)):
        return UNTOLD if value.formula is None else value.formula
    return bare(value)


def formulaic(value: Any) -> bool:
    """Tell whether there is a size with a formula, or one that is lost, in a value."""
    if isinstance(value, (Size, Part)):
        return True
    if isinstance(value, (tuple, list)):
        return any(map(formulaic, value))
    if isinstance(value, dict):
        return any(map(formulaic, value.values()))
    return isinstance(value, slice) and formulaic((value.start, value.stop, value.step))
