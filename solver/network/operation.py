"""What an operation of a network is: shapes in, a shape out, and demands on the way.

A shape is (batch, channels, sizes...), channels first as in PyTorch and ONNX; None where an
operation is not understood, and for all that comes behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from solver.errors import SolverError
from solver.frameworks import act as acts
from solver.frameworks.layer import FrameworkLayer
from solver.layer import Layer
from solver.network.channels import channels_after
from solver.network.demand import Ask
from solver.network.dim import Dim
from solver.sizemap import IDENTITY, SizeMap
from solver.sizeset import EVERY, SizeSet

Shape = tuple[Dim, ...]


@dataclass(frozen=True)
class Operation:
    """Say what every operation can: its title, its shape, itself at given sizes."""

    @property
    def title(self) -> str:
        """Return what it is called in a table."""
        return type(self).__name__.lower()

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape | None:
        """Return the shape that comes out.

        given: the shapes that come in, all understood. ask: called with (rule, dimension, allowed)
        for everything that must hold. Raises SolverError where nothing could cure it.
        """
        raise NotImplementedError

    def bind(self, values: Mapping[str, int]) -> Operation:
        """Return the operation where the letters of the inputs have these values."""
        return self


def in_shape(axis: int, shape: Shape) -> int:
    """Return an axis of a shape, counted from the end where it is negative."""
    if not -len(shape) <= axis < len(shape):
        raise SolverError("there is no such axis", f"axis {axis} of {len(shape)}")
    return axis % len(shape)


@dataclass(frozen=True)
class Input(Operation):
    """Put in a tensor of a shape."""

    of: Shape

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        return self.of

    def bind(self, values: Mapping[str, int]) -> Input:
        return Input(tuple(dim.bind(values) for dim in self.of))


@dataclass(frozen=True)
class Unknown(Operation):
    """Stand for what is not understood."""

    name: str

    @property
    def title(self) -> str:
        return f"{self.name}: not understood"

    def shape(self, given: Sequence[Shape], ask: Ask) -> None:
        return None


@dataclass(frozen=True)
class Pointwise(Operation):
    """Change values and no size: an activation, a normalization, dropout.

    weights: parameters per channel.
    """

    name: str
    weights: int = 0

    @property
    def title(self) -> str:
        return self.name

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        return given[0]


@dataclass(frozen=True)
class Apply(Operation):
    """Apply a layer, ours or a framework's, along the last axes.

    axes: how many; None for all behind the channels.
    """

    layer: Layer | FrameworkLayer
    axes: int | None = None

    @property
    def title(self) -> str:
        if isinstance(self.layer, Layer):
            return repr(self.layer)
        words = (f"{name}={value!r}" for name, value in self.layer.arguments.items())
        return f"{self.layer.name}({', '.join(words)})"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        axes = self.axes or self.layer.axes or len(shape) - 2
        if len(shape) < axes + 1:
            raise SolverError(
                "the input must have one size per axis of the layer",
                received=f"{len(shape) - 2} sizes for {axes} axes",
            )
        *batch, channels = shape[: len(shape) - axes]
        sizes = [self._along(i, axes, dim, ask) for i, dim in enumerate(shape[-axes:])]
        return (*batch, self._channels(channels, axes), *sizes)

    def _along(self, index: int, axes: int, dim: Dim, ask: Ask) -> Dim:
        size_map, accepts, rule = along(self.layer, index, axes)
        number = dim.number
        if number is not None and number not in accepts:
            given = (number,) * axes
            # raises in the words of the layer
            return Dim(int(self.layer.size(given)[index]))
        if size_map is None:  # no formula: floating point decides
            assert isinstance(self.layer, FrameworkLayer)
            if number is None:
                unproved = self.layer.along(axes)[index].unproved
                assert unproved is not None
                raise unproved
            return Dim(int(self.layer.along(axes)[index].size(number)))
        if accepts != EVERY:
            ask(rule, dim, accepts)
        elif dim.single and dim.single[1](1) < 1:  # cropping may have left nothing
            ask("an input size must be at least 1", dim, SizeSet())
        if (whole := whole_windows(self.layer, index, axes)) is not None:
            ask("pooling drops nothing", dim, whole, wish=True)
        return dim if size_map == IDENTITY else dim.through(size_map)

    def _channels(self, channels: Dim, axes: int) -> Dim:
        number = channels.number
        return channels if number is None else Dim(channels_after(self.layer, number, axes))


def along(
    layer: Layer | FrameworkLayer, index: int, axes: int
) -> tuple[SizeMap | None, SizeSet, str]:
    """Return the size map along an axis, None without a formula, what is accepted, and the rule."""
    if isinstance(layer, Layer):
        transposed = layer.operation.transposed
        rule = "something must come out" if transposed else "the kernel must fit"
        return layer.size_map(index), layer.accepts(index, axes), rule
    found = layer.along(axes)[index]
    return None if found.unproved else found.size_map, found.accepts, found.rule


def whole_windows(layer: Layer | FrameworkLayer, index: int, axes: int) -> SizeSet | None:
    """Return the sizes at which the windows of a pooling end with the input, None for others.

    >>> from solver.layers import MaxPool
    >>> print(whole_windows(MaxPool(3, 2), 0, 1))
    odd n >= 3
    """
    if isinstance(layer, Layer):
        if not layer.operation.pooling:
            return None
        window = acts.of_layer(layer, axes).readings[index].window
    else:
        found = layer.along(axes)[index].window
        if found is None or layer.row.kind not in (acts.MAX, acts.AVERAGE):
            return None
        window = found
    if window.stride == 1 or isinstance(window.pads, str):
        return None
    short = window.span - sum(window.pads)
    return SizeSet(window.stride, [short], short)
