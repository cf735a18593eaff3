"""One layer: an operation of a table with arguments of its own, and all that follows from them.

`Conv(3)`, a `Conv2D` of Keras and a node of ONNX are of one type. The rule of the row says what
happens along an axis, once for layers that are equal; sizes, refusals, windows, channels and costs
are read from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, TypeVar, overload

from solver.errors import SolverError
from solver.ground.shown import shown
from solver.layers.channels import Channels, check_channels, packing
from solver.layers.cost import Costed
from solver.layers.fields import is_lettered
from solver.layers.row import Framework, Row, Values, read_arguments, values, written_axes
from solver.layers.rule import AxisRule
from solver.layers.window import Window
from solver.sizes.domain import LARGEST, whole_number
from solver.sizes.expression import Expression, Symbolic
from solver.sizes.operations import OperationSpec
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet
from solver.sizes.width import alike

#: What comes out is of the type of what goes in: numbers, tuples, arrays, size maps, tensors.
Alike = TypeVar("Alike")


class Layer(Costed):
    """An operation of a framework and its arguments. Made by `solver.layer`.

    What a framework refuses is refused when a size is asked for, as it does itself.

    >>> from solver.frameworks import layer
    >>> conv = layer("keras", "Conv2D", kernel_size=3, strides=2, padding="same")
    >>> conv.size((224, 225)), str(conv.size_map())
    ((112, 113), 'ceil(n/2)')
    """

    __slots__ = ("_given", "_text", "axes", "framework", "letters", "row")

    framework: Framework
    row: Row
    #: The number of axes the layer is written for, or None: as many as it is given.
    axes: int | None
    #: The letters that stand in its hyperparameters; only of our own layers.
    letters: tuple[str, ...]
    #: Of our own layers, what they are.
    operation: ClassVar[OperationSpec]
    ceil_mode: bool

    def __init__(self, framework: Framework, operation: str, given: Mapping[str, Any]) -> None:
        self.framework = framework
        self.letters = ()
        self.row, axes = framework.find(operation)
        self._given = read_arguments(self.row, given)
        self.axes = axes or written_axes(self.row, self._given)
        if self.row.axes and self.axes not in (None, *self.row.axes):
            raise SolverError(
                f"{self.row.title} has no {self.axes} axes", right=self.row.named(self.row.axes[0])
            )
        words = [f"{name}={value!r}" for name, value in self._given.items()]
        self._text = f"layer({', '.join([repr(framework.name), repr(self.name), *words])})"
        if self.axes or self.row.arrange is None:
            self.values(self.axes or 1)  # what is no value at all is refused at once

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The arguments that are given, under the framework's own names."""
        return self._given

    @property
    def name(self) -> str:
        """The framework's own name of the operation."""
        return self.row.named(self.axes)

    @property
    def title(self) -> str:
        """The layer as it is called in a table."""
        words = (f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.name}({', '.join(words)})"

    # Along the axes

    def values(self, axes: int) -> Values:
        """Every argument that sizes depend on, one value per axis."""
        return _values(self, axes)

    def along(self, axes: int | None = None) -> tuple[AxisRule, ...]:
        """What happens along each axis. Raises SolverError where the framework does."""
        return _along(self, axes or self.axes or 1)

    def rule(self, axis: int = 0, axes: int | None = None) -> AxisRule:
        """What happens along one axis; axes: their number, where it matters."""
        return self.along(max(axes or self.axes or 1, axis + 1))[axis]

    def window(self, axis: int = 0) -> Window:
        """The window along one axis: of a transposed convolution over inputs a stride apart.

        Raises SolverError where there is none.

        >>> from solver import Conv, ConvTranspose
        >>> Conv((3, 5), padding="same").window(1).pads
        (2, 2)
        >>> ConvTranspose(4, stride=2, padding=1).window()
        Window(kernel_size=4, stride=1, begin=2, end=2, dilation=1, input_dilation=2)
        """
        window = self.rule(axis).window
        if window is None:
            raise SolverError("there is no window", received=self.title)
        return window

    @property
    def effective_kernel_size(self) -> Any:
        """What the kernel spans along the first axis: dilation*(kernel_size - 1) + 1.

        >>> from solver import Conv
        >>> Conv(3, dilation=4).effective_kernel_size, Conv("k", dilation="d").effective_kernel_size
        (9, d*(k - 1) + 1)
        """
        return self.window().span

    @property
    def receptive_field(self) -> Any:
        """The elements from the first to the last that an output reads along the first axis.

        As of a stack: behind a transposed convolution this is the largest.

        >>> from solver import Conv, ConvTranspose
        >>> Conv(3, dilation=4).receptive_field, ConvTranspose(3, stride=2).receptive_field
        (9, 2)
        >>> Conv("k", dilation="d").receptive_field, ConvTranspose("k", "s").receptive_field
        (d*(k - 1) + 1, ceiling(k/s))
        """
        return self.window().at(1).behind().length  # wherever the padding stands

    # Sizes

    @overload
    def __call__(self, x: tuple[int, ...]) -> tuple[int, ...]: ...
    @overload
    def __call__(self, x: Alike) -> Alike: ...
    def __call__(self, x: Any) -> Any:
        """The sizes that come out, or, of a tensor of a network, the tensor that does.

        >>> from solver import Conv, MaxPool
        >>> MaxPool(2)(Conv(3)(32))
        15
        """
        through = getattr(x, "through", None)
        return self.size(x) if through is None else through(self)

    @overload
    def size(self, n: tuple[int, ...]) -> tuple[int, ...]: ...
    @overload
    def size(self, n: Symbolic) -> Any: ...
    @overload
    def size(self, n: Alike) -> Alike: ...
    def size(self, n: Any) -> Any:
        """The output size for an input size, in elements and of its type.

        n: an int (one axis, or every axis alike); a tuple or list with one size per axis; a NumPy
        array of sizes; an expression, of SymPy or ours, which gives one with floor; or a size map.
        A layer that is written for several axes gives a tuple of sizes for one.
        Where a size depends on the channels too (PixelShuffle), a full shape may be given.
        Raises SolverError where the framework does.

        >>> from solver import Conv
        >>> Conv(7, stride=2, padding=3).size((224, 320))
        (112, 160)
        >>> Conv(7).size(6)
        Traceback (most recent call last):
            ...
        solver.errors.SizeError: the kernel must fit: input + padding >= effective kernel size
          received: 6 + 0 < 7
          right:    an input of at least 7
        """
        if isinstance(n, (tuple, list)):
            found = self._sizes(tuple(n))
            return list(found) if isinstance(n, list) else found
        found = self._sizes((n,) * (self.axes or 1))
        return found[0] if len(found) == 1 else found

    def _sizes(self, sizes: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.row.whole is not None and not any(map(_is_expression, sizes)):
            numbers = tuple(whole_number(n, "an input size", 0) for n in sizes)
            return self.row.whole(self.values(self.axes or len(sizes)), numbers)
        self._check_axes(sizes)
        return tuple(map(_size, _along(self, len(sizes)), sizes))

    def _check_axes(self, sizes: tuple[Any, ...]) -> None:
        """Raise SolverError where there is not one size per axis."""
        if not sizes:
            raise SolverError("an input needs at least one axis", received="()")
        if self.axes not in (None, len(sizes)):
            raise SolverError(
                "the input must have one size per axis of the layer",
                received=f"{len(sizes)} sizes for {self.axes} axes",
            )

    def size_map(self, axis: int = 0) -> SizeMap:
        """The size map along one axis. Raises SolverError where the framework does.

        >>> from solver import Conv
        >>> print(Conv(7, stride=2, padding=3).size_map())
        ceil(n/2)
        """
        rule = self.rule(axis)
        if rule.unproved is not None:
            raise rule.unproved
        return rule.size_map

    def accepts(self, axis: int = 0, axes: int | None = None) -> SizeSet:
        """The input sizes that are accepted along one axis.

        axes: the number of axes of the input; three-dimensional average pooling is stricter.

        >>> from solver import Conv
        >>> from solver.frameworks import layer
        >>> print(Conv(7).accepts(), layer("torch", "PixelUnshuffle", downscale_factor=2).accepts())
        n >= 7 even n
        """
        return self.rule(axis, axes).accepts

    def minimum(self, axis: int = 0, axes: int | None = None) -> int:
        """The smallest input size that is accepted along one axis.

        >>> from solver import Conv, ConvTranspose
        >>> Conv(7).minimum(), Conv(7, padding=3).minimum(), ConvTranspose(1, padding=2).minimum()
        (7, 1, 5)
        """
        least = self.accepts(axis, axes).first()
        if least is None:
            raise SolverError("no input size is accepted", received=self.title)
        return least

    def shape(
        self,
        shape: Sequence[int],
        axes: int | None = None,
        size: Callable[[tuple[int, ...]], Sequence[int]] | None = None,
    ) -> tuple[int, ...]:
        """The full output shape, (N, C, *sizes) or unbatched (C, *sizes).

        axes: the number of sizes at the end; needed to tell an unbatched shape where no
        hyperparameter is a tuple. Else the shape is taken to be batched. size: what gives the
        sizes by the rules of another framework.

        >>> from solver import Conv, MaxPool
        >>> Conv(7, stride=2, padding=3, in_channels=3, out_channels=64).shape((1, 3, 224, 224))
        (1, 64, 112, 112)
        >>> MaxPool(2).shape((64, 112, 112), axes=2)  # unbatched
        (64, 56, 56)
        """
        shape = tuple(shape)
        count = axes or self.axes or len(shape) - 2
        if len(shape) not in (count + 1, count + 2) or count < 1:
            raise SolverError(
                "a shape is (N, C, sizes...) or, unbatched, (C, sizes...)",
                received=str(shape),
                right=f"{max(count, 1) + 1} or {max(count, 1) + 2} numbers",
            )
        sizes = (size or self.size)(shape[-count:])
        batch = tuple(whole_number(n, "the batch size", 0) for n in shape[: -count - 1])
        channels = shape[-count - 1]
        if not is_lettered(channels):
            channels = whole_number(channels, "channels", 1)
        return (*batch, self.channels_after(channels, count), *sizes)

    # Channels

    @property
    def channels(self) -> Channels:
        """The channels as they are given among the arguments."""
        return _channels(self)

    def channels_after(self, channels: int, axes: int | None = None) -> int:
        """The channels that come out. Raises SolverError where others are wanted.

        >>> from solver import Conv, MaxPool
        >>> Conv(3, out_channels=64).channels_after(3), MaxPool(2).channels_after(3)
        (64, 3)
        >>> from solver.frameworks import layer
        >>> layer("torch", "PixelShuffle", upscale_factor=2).channels_after(8)
        2
        """
        if not self.row.kind.keeps:
            return self.channels.past(self.row.kind, channels)
        wide, parts = packing(self.along(axes))
        if channels * wide % parts:
            rule_said = f"the channels must be divisible by {parts}"
            raise SolverError(rule_said, f"{channels} channels")
        return channels * wide // parts

    # As code, and as a value

    def code(
        self, framework: str = "torch", axes: int | None = None, channels: int | None = None
    ) -> str:
        """Lines of code that make the layer in a framework, and run as they are.

        framework: torch, keras, jax, flax (nnx), paddle or onnx. axes: of the input; 2 where
        neither this nor the layer says. channels: of the input, 1 where neither this nor the layer
        says. Raises SolverError where the framework has nothing that does it.

        >>> from solver import Conv
        >>> print(Conv(3, padding=((0, 1),), in_channels=3, out_channels=8).code("torch", axes=1))
        from torch import nn
        <BLANKLINE>
        model = nn.Sequential(
            nn.ZeroPad1d((0, 1)),
            nn.Conv1d(3, 8, kernel_size=3),
        )
        """
        if self.letters:
            from solver.layers.lettered import wanting

            raise wanting("code", self.letters)
        return shown(self, "code", framework, axes, channels)

    def notes(self, sizes: Sequence[int]) -> list[str]:
        """What to beware of for an input: runtimes that disagree with the rule."""
        if self.row.notes is None:
            return []
        return self.row.notes(self.values(len(sizes)), tuple(sizes))

    def changed(self, **arguments: Any) -> Layer:
        """The layer with other arguments, under its own names; None leaves one out.

        >>> from solver import Conv
        >>> Conv(3, padding=1).changed(kernel_size=5)
        Conv(5, padding=1)
        """
        given = {**self.arguments, **arguments}
        kept = {name: value for name, value in given.items() if value is not None}
        return Layer(self.framework, self.name, kept)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Layer) or repr(self) != repr(other):
            return False
        return all(map(alike, self.arguments.values(), other.arguments.values()))

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Layer, (self.framework, self.name, self.arguments)

    def __repr__(self) -> str:
        return self._text


@lru_cache(maxsize=4096)
def _values(layer: Layer, axes: int) -> Values:
    """The values that layers which are equal have along the axes."""
    return values(layer.row, layer.arguments, axes)


@lru_cache(maxsize=4096)
def _along(layer: Layer, axes: int) -> tuple[AxisRule, ...]:
    """What layers that are equal do along each axis: axes alike have one rule."""
    found = layer.values(axes)
    if not layer.letters:
        check_channels(layer.arguments)
    if layer.row.check is not None:
        layer.row.check(found)
    along = ({name: value[axis] for name, value in found.items()} for axis in range(axes))
    return tuple(_rule(layer.row.along, **given) for given in along)


@lru_cache(maxsize=4096, typed=True)
def _rule(along: Callable[..., AxisRule], **given: Any) -> AxisRule:
    """What happens along an axis, once for all layers that have these arguments there."""
    return along(**given)


@lru_cache(maxsize=4096)
def _channels(layer: Layer) -> Channels:
    """The channels of layers that are equal."""
    return Channels.of(layer.row.kind, layer.arguments)


def _is_expression(n: Any) -> bool:
    return isinstance(n, (SizeMap, Expression)) or bool(getattr(n, "free_symbols", None))


def _size(rule: AxisRule, n: Any) -> Any:
    if type(n) is int and 0 < n <= LARGEST:
        return rule.size(n)
    if _is_expression(n):
        return rule.after(n)
    if getattr(n, "shape", ()) != ():
        return rule.array(n)
    return rule.size(whole_number(n, "an input size", 0))
