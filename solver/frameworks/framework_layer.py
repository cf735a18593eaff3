"""A layer of a framework: an operation of its table with arguments of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from solver.errors import SolverError
from solver.frameworks.channels import check_channels
from solver.layers.arguments import is_list
from solver.layers.row import Framework, Values, read_arguments, values, written_axes
from solver.layers.rule import AxisRule
from solver.sizes.domain import whole_number
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet


class FrameworkLayer:
    """Hold an operation of a framework and its arguments. Made by `solver.layer`.

    What the framework refuses is refused when a size is asked for, as it does itself.

    >>> from solver.frameworks import layer
    >>> conv = layer("keras", "Conv2D", kernel_size=3, strides=2, padding="same")
    >>> conv.size((224, 225)), str(conv.size_map())
    ((112, 113), 'ceil(n/2)')
    """

    def __init__(self, framework: Framework, operation: str, given: Mapping[str, Any]) -> None:
        self.framework = framework
        self.row, axes = framework.find(operation)
        self.arguments = read_arguments(self.row, given)
        self.axes = axes or written_axes(self.row, self.arguments)
        if self.row.axes and self.axes not in (None, *self.row.axes):
            raise SolverError(
                f"{self.row.title} has no {self.axes} axes", right=self.row.named(self.row.axes[0])
            )
        self._along: dict[int, tuple[AxisRule, ...]] = {}
        if self.axes or self.row.arrange is None:
            self.values(self.axes or 1)  # what is no value at all is refused at once

    def values(self, axes: int) -> Values:
        """Return every argument that sizes depend on, one value per axis."""
        return values(self.row, self.arguments, axes)

    def along(self, axes: int | None = None) -> tuple[AxisRule, ...]:
        """Return what happens along each axis. Raises SolverError where the framework does."""
        axes = axes or self.axes or 1
        if axes not in self._along:
            found = self.values(axes)
            check_channels(self.arguments)
            if self.row.check is not None:
                self.row.check(found)
            self._along[axes] = tuple(
                self.row.along(**{name: value[i] for name, value in found.items()})
                for i in range(axes)
            )
        return self._along[axes]

    def __call__(self, x: Any) -> Any:
        """Return the sizes that come out, or, of a tensor of a network, the tensor that does."""
        through = getattr(x, "through", None)
        return self.size(x) if through is None else through(self)

    def size(self, sizes: Any) -> Any:
        """Return the sizes that come out.

        sizes: one per axis, as a tuple or list; an int, where all axes are alike; for n, a SymPy
        expression or a size map. Where a size depends on the channels too (PixelShuffle), a full
        shape may be given. Elements. Raises SolverError where the framework does.

        >>> from solver.frameworks import layer
        >>> layer("torch", "MaxPool2d", kernel_size=3, stride=2, ceil_mode=True).size([6, 7])
        [3, 3]
        >>> layer("torch", "ConvTranspose1d", kernel_size=3, output_padding=1).size(7)
        Traceback (most recent call last):
            ...
        solver.errors.SolverError: output padding must be smaller than either stride or dilation
          received: output_padding 1, stride 1, dilation 1
          right:    output_padding at most 0
        """
        if not is_list(sizes):
            found = self._sizes((sizes,) * (self.axes or 1))
            return found[0] if len(found) == 1 else found
        found = self._sizes(tuple(sizes))
        return list(found) if isinstance(sizes, list) else found

    def _sizes(self, sizes: tuple[Any, ...]) -> tuple[Any, ...]:
        symbolic = [isinstance(n, SizeMap) or getattr(n, "free_symbols", None) for n in sizes]
        if self.row.whole is not None and not any(symbolic):
            numbers = tuple(whole_number(n, "an input size", 0) for n in sizes)
            return self.row.whole(self.values(self.axes or len(sizes)), numbers)
        if self.axes not in (None, len(sizes)):
            raise SolverError(
                "the input must have one size per axis of the layer",
                received=f"{len(sizes)} sizes for {self.axes} axes",
            )
        if not sizes:
            raise SolverError("an input needs at least one axis", received="()")
        for along, by_map in zip(self.along(len(sizes)), symbolic, strict=True):
            if by_map and along.unproved is not None:
                raise along.unproved
        return tuple(
            along.size_map(n) if by_map else along.size(whole_number(n, "an input size", 0))
            for along, n, by_map in zip(self.along(len(sizes)), sizes, symbolic, strict=True)
        )

    def size_map(self, axis: int = 0) -> SizeMap:
        """Return the size map along one axis. Raises SolverError where the framework does."""
        along = self.along()[axis]
        if along.unproved is not None:
            raise along.unproved
        return along.size_map

    def accepts(self, axis: int = 0) -> SizeSet:
        """Return the input sizes the framework accepts along one axis.

        >>> from solver.frameworks import layer
        >>> str(layer("torch", "PixelUnshuffle", downscale_factor=2).accepts())
        'even n'
        """
        return self.along()[axis].accepts

    @cached_property
    def name(self) -> str:
        """Return the framework's own name of the operation."""
        return self.row.named(self.axes)

    def notes(self, sizes: Sequence[int]) -> list[str]:
        """Return what to beware of for an input: runtimes that disagree with the rule."""
        if self.row.notes is None:
            return []
        return self.row.notes(self.values(len(sizes)), tuple(sizes))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FrameworkLayer) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __reduce__(self) -> tuple[type[FrameworkLayer], tuple[Any, ...]]:
        return FrameworkLayer, (self.framework, self.name, self.arguments)

    def __repr__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        words = [f"{name}={value!r}" for name, value in self.arguments.items()]
        return f"layer({', '.join([repr(self.framework.name), repr(self.name), *words])})"
