"""A stack: layers in order, with the one size map they compose to, what they read and cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import accumulate
from math import prod
from typing import Any, Self, overload

from solver.errors import SolverError
from solver.ground.shown import Reported, shown
from solver.ground.value import Value
from solver.layers import cost
from solver.layers.fields import by_name, is_lettered, read_size, written
from solver.layers.layer import Alike, Layer
from solver.layers.reads import ITSELF, Span
from solver.layers.row import USUAL_AXES
from solver.layers.window import read_through
from solver.sizes.domain import whole_number
from solver.sizes.expression import Symbolic
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import SizeSet


class Stack(Reported, Value):
    """Hold layers in order.

    layers: from the input to the output, one by one or as a list. axes: their number, for the
    costs; without it as many as a layer is written for, else 2. channels: of the input; without it
    in_channels of the first layer that has them, else 1. Raises SolverError where axes or channels
    do not fit together.

    >>> from solver import Conv, MaxPool, n
    >>> stem = Stack(Conv(7, 2, 3, in_channels=3, out_channels=64), MaxPool(3, 2, 1))
    >>> stem.size(224), stem.sizes(224), stem.formula
    (56, (224, 112, 56), 'ceil(n/4)')
    >>> stem.depth, stem.receptive_field, stem.jump, stem.parameters, stem.macs(224)
    (2, 11, 4, 9472, 118013952)
    >>> stem.size(n)
    floor(n/4 + 3/4)
    >>> Stack([Conv(3)]) == Stack(Conv(3)), Stack().size(7)  # no layer changes nothing
    (True, 7)
    """

    __slots__ = ("__dict__", "axes", "channels", "layers")

    layers: tuple[Layer, ...]
    axes: int
    channels: Any  # a whole number, or a size in letters

    def __new__(cls, *layers: Any, axes: int | None = None, channels: int | None = None) -> Self:
        """A stack; with repetitions in letters among the layers, what says their closed forms."""
        listed = bool(layers) and isinstance(layers[0], (list, tuple))
        found = layers[0] if listed else layers
        within = next((layer.within for layer in found if hasattr(layer, "within")), None)
        placed = dict(zip(("axes", "channels"), layers[1:] if listed else (), strict=False))
        given = placed.get("axes", axes), placed.get("channels", channels)
        made: Self = object.__new__(cls) if within is None else within(found, *given)
        return made

    @overload
    def __init__(
        self, layers: Iterable[Layer], /, axes: int | None = None, channels: int | None = None
    ) -> None: ...
    @overload
    def __init__(
        self, *layers: Layer, axes: int | None = None, channels: int | None = None
    ) -> None: ...
    def __init__(self, *layers: Any, axes: int | None = None, channels: int | None = None) -> None:
        found: tuple[Any, ...] = layers
        if len(layers) in (1, 2, 3) and isinstance(layers[0], Iterable):
            placed = dict(zip(("axes", "channels"), layers[1:], strict=False))
            axes, channels = placed.get("axes", axes), placed.get("channels", channels)
            found = tuple(layers[0])
        for layer in found:
            if not isinstance(layer, Layer):
                right = "Stack(Conv(3), MaxPool(2))"
                raise SolverError("a stack is made of layers", repr(layer), right)
        written = {layer.axes for layer in found} - {None}
        if axes is not None:
            written.add(whole_number(axes, "axes", 1, 16))
        if len(written) > 1:
            counts = ", ".join(map(str, sorted(map(int, filter(None, written)))))
            raise SolverError("the layers must agree on the number of axes", received=counts)
        if channels is None:
            known = (layer.channels.before for layer in found)
            channels = next(filter(None, known), 1)
        self._set(found, next(iter(written), None) or USUAL_AXES, read_size(channels, "channels"))
        self.widths  # noqa: B018 - checks that the channels fit together

    @classmethod
    def unchecked(cls, layers: Iterable[Any], axes: int, channels: int) -> Self:
        """A stack of layers in numbers that are known to go together."""
        made = object.__new__(cls)
        made._set(tuple(layers), axes, channels)
        return made

    def _set(self, layers: tuple[Layer, ...], axes: int, channels: Any) -> None:
        for name, value in (("layers", layers), ("axes", axes), ("channels", channels)):
            object.__setattr__(self, name, value)

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The letters that stand in its layers and channels, as `Layer.letters`."""
        if not is_lettered(self.channels) and not any(layer.letters for layer in self.layers):
            return ()
        found: tuple[str, ...] = self._in_letters.letters(self)
        return found

    @property
    def _in_letters(self) -> Any:
        """What says all of this in letters."""
        from solver.layers import lettered_stack

        return lettered_stack

    @property
    def where(self) -> Any:
        """The condition on its letters under which all layers are some, as `OwnLayer.where`."""
        return self._in_letters.where(self)

    def at(self, **letters: Any) -> Stack:
        """The stack with sizes in the place of letters: whole numbers, or sizes in other letters.

        Raises SolverError for a letter that it does not have, and where that is no layer.

        >>> from solver import Conv, MaxPool
        >>> Stack(Conv("k", "s"), MaxPool("s")).at(k=3, s=2)
        Stack([Conv(3, stride=2), MaxPool(2)])
        """
        layers, channels = self._in_letters.put(self, letters)
        return Stack(layers, axes=self.axes, channels=channels)

    def subs(self, *sizes: Any) -> Stack:
        """The stack with sizes in the place of symbols, as SymPy's `subs`."""
        return self.at(**by_name(sizes))

    @cached_property
    def widths(self) -> tuple[Any, ...]:
        """The channels before the first layer and after each."""
        if self.letters:
            return tuple(self._in_letters.said(self, x) for x in self._in_letters.widths(self))
        return self._through(lambda layer, before: layer.channels_after(before), self.channels)

    def _through(self, after: Callable[[Layer, Any], Any], first: Any) -> tuple[Any, ...]:
        """What is before the first layer and after each. Raises an error that names the layer."""
        found = [first]
        for at, layer in enumerate(self.layers, 1):
            try:
                found.append(after(layer, found[-1]))
            except SolverError as fault:
                raise self._fault(fault, at) from None
        return tuple(found)

    # Sizes

    @overload
    def size(self, n: tuple[int, ...]) -> tuple[int, ...]: ...
    @overload
    def size(self, n: Symbolic) -> Any: ...
    @overload
    def size(self, n: Alike) -> Alike: ...
    def size(self, n: Any) -> Any:
        """The size that comes out; n as in `Layer.size`.

        Raises SizeError, which names the layer, where one does not fit.

        >>> from solver import Conv
        >>> Stack([Conv(3), Conv(3, stride=2)]).size((9, 12))
        (3, 4)
        >>> Stack([Conv(3), Conv(3)]).size(4)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        solver.errors.SizeError: layer 2 of 2, Conv(3): the kernel must fit: input + padding >= ...
        """
        return self.sizes(n)[-1]

    @overload
    def sizes(self, n: tuple[int, ...]) -> tuple[tuple[int, ...], ...]: ...
    @overload
    def sizes(self, n: Alike) -> tuple[Alike, ...]: ...
    def sizes(self, n: Any) -> tuple[Any, ...]:
        """The size before the first layer and after each."""
        if self.letters:
            return tuple(self._in_letters.sizes(self, n))
        if isinstance(n, tuple) and self._written and len(n) != self.axes:
            received = f"{len(n)} sizes for {self.axes} axes"
            raise SolverError("the input must have one size per axis of the stack", received)
        each = n if isinstance(n, tuple) else (n,) * (self._written or 1)
        if any(isinstance(x, SizeMap) or getattr(x, "free_symbols", None) for x in each):
            columns = [[f(x) for f in self.size_maps(axis)] for axis, x in enumerate(each)]
            single = len(each) == 1 and each is not n
            return tuple(columns[0] if single else zip(*columns, strict=True))
        return self._through(self._after, n)

    def _after(self, layer: Layer, n: Any) -> Any:
        """The size after a layer; in three axes PyTorch's average pooling is stricter."""
        if self.axes == 3 and isinstance(n, int) and layer.axes is None:
            return layer.size((n, n, n))[0]
        return layer.size(n)

    def size_map(self, axis: int = 0) -> SizeMap:
        """The size map of the whole stack along one axis.

        >>> from solver import Conv, ConvTranspose
        >>> print(Stack([Conv(3, 2, 1), ConvTranspose(4, 2, 1)]).size_map())
        2*ceil(n/2)
        """
        return self.size_maps(axis)[-1]

    @property
    def formula(self) -> str:
        """The folded size formula of the first axis as text."""
        return str(self._in_letters.formula(self) if self.letters else self.size_map())

    def minimum(self, axis: int = 0) -> Any:
        """The smallest input at which every layer fits; every larger one fits too.

        >>> from solver import Conv, MaxPool
        >>> Stack([Conv(3), MaxPool(2), Conv(3)]).minimum()
        8
        """
        if self.letters:
            return self._in_letters.minimum(self, axis)
        maps = self.size_maps(axis)
        least = (layer.minimum(axis, self.axes) for layer in self.layers)
        return max([1, *(f.first(size) for f, size in zip(maps, least, strict=False))])

    def accepts(self, axis: int = 0) -> Any:
        """The inputs at which every layer fits, as a size set; in letters, the condition on n."""
        if self.letters:
            return self._in_letters.accepts(self, axis)
        return SizeSet(minimum=self.minimum(axis))

    def size_maps(self, axis: int = 0) -> list[SizeMap]:
        """The size map before the first layer and after each, along one axis."""
        if self.letters:
            raise self._in_letters.wanting("a size map", self.letters)
        return list(accumulate(self.layers, lambda f, x: x.size_map(axis)(f), initial=IDENTITY))

    # What an output element reads

    def spans(self, axis: int = 0) -> tuple[Span, ...]:
        """What each layer's output elements read of the input, as maps of their position."""
        if self.letters:
            raise self._in_letters.wanting("what each position reads", self.letters)
        reads = accumulate(self.layers, lambda read, x: x.window(axis).behind(read), initial=ITSELF)
        return tuple(reads)[1:]

    @property
    def receptive_field(self) -> Any:
        """The elements from the first to the last that an output reads along the first axis.

        Exact, on an axis without ends: padding counts. Behind transposed layers it depends on the
        position, and is 0 where nothing is read: this is the largest.

        >>> from solver import Conv, ConvTranspose
        >>> Stack([Conv(3), Conv(3, dilation=2)]).receptive_field
        7
        >>> Stack([ConvTranspose(3, stride=2)]).receptive_field  # 2 and 1 in turn
        2
        >>> Stack([ConvTranspose(3, stride=3, dilation=2)]).receptive_field
        1
        """
        found = None if self.letters else read_through(layer.window() for layer in self.layers)
        return self._read("length") if found is None else found

    @property
    def jump(self) -> Any:
        """The input elements between neighbouring outputs (effective or total stride).

        >>> from solver import Conv, ConvTranspose
        >>> Stack([Conv(3, 2), Conv(3, 2)]).jump, Stack([ConvTranspose(2, 2)]).jump
        (4, Fraction(1, 2))
        """
        if self.letters:
            return self._in_letters.said(self, self._in_letters.jump(self))
        return self._read("jump")

    @property
    def offset(self) -> Any:
        """How far outputs stand from the middles of their cells, on average, as `Span.offset`.

        >>> from solver import Conv
        >>> Stack([Conv(3, 2, 1)]).offset, Stack([Conv("k", "s")]).offset
        (Fraction(-1, 2), k/2 - s/2)
        """
        return self._read("offset")

    def _read(self, name: str) -> Any:
        """What is said of all that an output reads."""
        if self.letters:
            return self._in_letters.said(self, getattr(self._in_letters.span(self), name))
        return getattr((self.spans() or (ITSELF,))[-1], name)

    # What it costs

    @property
    def depth(self) -> int:
        """The layers; in a design with branches, those along the longest."""
        return len(self.layers)

    @property
    def parameters(self) -> Any:
        """The weights and biases of all layers."""
        return sum(map(self.parameters_of, range(len(self.layers))))

    def parameters_of(self, index: int) -> Any:
        """The weights and biases of one layer."""
        if self.letters:
            return self._in_letters.said(self, self._in_letters.parameters(self, index))
        return cost.parameters(self.layers[index], self.widths[index], self.axes)

    def macs(self, n: Any) -> Any:
        """The multiply-accumulates for an input of size n: a number, or an expression in n.

        >>> from solver import Conv, n
        >>> Stack([Conv(3, padding=1)], axes=2).macs(n)
        9*n**2
        """
        if self.letters:
            return self._in_letters.macs(self, n)
        sizes = [self._on_axes(size) for size in self.sizes(n)]
        rows = zip(self.layers, self.widths, sizes, sizes[1:], strict=False)
        return sum(cost.macs(*row) for row in rows)

    def activations(self, n: Any) -> Any:
        """The elements that all layers put out, for an input of size n and batch size 1.

        >>> from solver import Conv
        >>> Stack([Conv(3), Conv(3, out_channels=8)], axes=1).activations(10)
        56
        """
        if self.letters:
            return self._in_letters.activations(self, n)
        sizes = map(self._on_axes, self.sizes(n)[1:])
        return sum(c * prod(size) for c, size in zip(self.widths[1:], sizes, strict=True))

    def _on_axes(self, size: Any) -> tuple[Any, ...]:
        if isinstance(size, tuple) and len(size) != self.axes:
            received = f"{len(size)} sizes for {self.axes} axes"
            raise SolverError("the input must have one size per axis of the stack", received)
        return size if isinstance(size, tuple) else (size,) * self.axes

    # As a sequence of layers, and as a value

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __getitem__(self, index: int) -> Layer:
        return self.layers[index]

    def made_of(self) -> tuple[Any, ...]:
        return self.layers, self.axes, self.channels

    @property
    def _written(self) -> int | None:
        return next((layer.axes for layer in self.layers if layer.axes), None)

    def _fault(self, fault: SolverError, at: int) -> SolverError:
        where = f"layer {at} of {len(self.layers)}, {self.layers[at - 1]!r}: "
        return type(fault)(where + fault.rule, fault.received, fault.right)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("stacks are immutable")

    def __reduce__(self) -> tuple[type[Stack], tuple[Any, ...]]:
        return Stack, (self.layers, self.axes, self.channels)

    def code(self, framework: str = "torch") -> str:
        """Lines of code that make the layers in a framework, and run as they are.

        framework: torch, keras, jax, flax (nnx), paddle or onnx. Raises SolverError
        where it has nothing that does it.

        >>> from solver import Conv, MaxPool
        >>> print(Stack([Conv(7, 2, 3, in_channels=3, out_channels=64), MaxPool(3, 2)]).code())
        from torch import nn
        <BLANKLINE>
        model = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        """
        if self.letters:
            raise self._in_letters.wanting("code", self.letters)
        return shown(self, "code", framework)

    def __repr__(self) -> str:
        """Return code that makes this stack: axes and channels only where they are not guessed."""
        more = ""
        if self.axes != (self._written or USUAL_AXES):
            more += f", axes={self.axes}"
        if self.channels != Stack(self.layers, axes=self.axes).channels:
            more += f", channels={written(self.channels)}"
        return f"Stack([{', '.join(map(repr, self.layers))}]{more})"
