"""What an operation of a network is: shapes in, a shape out, and demands on the way.

A shape is (batch, channels, sizes...), channels first as in PyTorch and ONNX; None where an
operation is not understood, and for all that comes behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from solver.errors import LimitError, SizeError, SolverError
from solver.frameworks import act as acts
from solver.frameworks import layer as framework_layer
from solver.frameworks.framework_layer import FrameworkLayer
from solver.layers.layer import Layer
from solver.layers.window import Window
from solver.network.graph.channels import channels_after
from solver.network.graph.demand import SETTLED, Ask
from solver.network.graph.dim import Dim, Inexpressible
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import EVERY, SizeSet

Shape = tuple[Dim, ...]


@dataclass(frozen=True)
class Operation:
    """Say what every operation can: its title, its shape, itself at given sizes."""

    @property
    def title(self) -> str:
        """Return what it is called in a table."""
        return type(self).__name__.lower()

    @property
    def word(self) -> str:
        """Return its kind in one word, for the names of nodes."""
        return self.title.partition("(")[0].lower().replace(" ", "_")

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
    """Put in a tensor of a shape.

    least: of letters, the sizes from which on the network is known, and the node because of which:
    its source computes with a size that a slice cuts, and is another network below.
    """

    of: Shape
    least: tuple[tuple[str, int, str], ...] = ()

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        for letter, size, where in self.least:
            if any(letter in dim.letters for dim in self.of):
                ask(f"{UNFOLLOWED}, at {where}", Dim.letter(letter), SizeSet(minimum=size))
        return self.of

    def bind(self, values: Mapping[str, int]) -> Input:
        for letter, size, where in self.least:
            if values.get(letter, size) < size:
                rule = f"{UNFOLLOWED}, at {where}"
                raise LimitError(rule, f"{letter} = {values[letter]}", f"{size} or more")
        return Input(tuple(dim.bind(values) for dim in self.of))


#: Why a network is not known at small sizes.
UNFOLLOWED = "smaller inputs are not followed: the source computes with a size that a slice cuts"


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

    weights: parameters per channel. parameters: instead, all of them, where the source tells.
    """

    name: str
    weights: int = 0
    parameters: int | None = None

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

    @property
    def word(self) -> str:
        layer = self.layer
        name = type(layer).__name__ if isinstance(layer, Layer) else layer.name
        return name.partition("(")[0].lower().replace(" ", "_")

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape | None:
        (shape,) = given
        layer = self.layer
        axes = self.axes or layer.axes or len(shape) - 2
        batch = len(shape) - axes
        if batch < 1:
            rule = "the input must have one size per axis of the layer"
            raise SolverError(rule, received=f"{len(shape) - 2} sizes for {axes} axes")
        found = list(shape)
        found[batch - 1] = self._channels(shape[batch - 1], axes, ask)
        previous: Effect | None = None
        for index in range(axes):
            dim = shape[batch + index]
            along = effect(layer, index, axes)
            if _unsettled(layer) and not _never_empty(dim):
                nothing = dim.single is None or not dim.single[1].nondecreasing
                if nothing or ask(_EMPTY, dim, SizeSet(minimum=1), SETTLED) is False:
                    raise Inexpressible(_EMPTY, str(dim))
            alike, previous = along is previous, along
            number = dim.number
            if number is not None and (along.size_map is None or number not in along.accepts):
                # computed, or refused, in the words of the layer
                size = int(layer.size((number,) * axes)[index])
                if size < (0 if _pads(layer) else 1):
                    raise SizeError("nothing would come out", f"{number} -> {size}")
                found[batch + index] = Dim(size)
                continue
            if along.size_map is None:
                return None  # floating point decides: there is no formula
            if along.accepts is not EVERY or not (_never_empty(dim) or _takes_none(layer, axes)):
                ask(along.rule, dim, along.accepts)
            if along.whole is not None:
                ask("pooling drops nothing", dim, along.whole, wish=True)
            if along.size_map is not IDENTITY:
                at = batch + index
                same = dim.following(shape[at - 1], found[at - 1]) if alike else None
                found[at] = dim.through(along.size_map) if same is None else same
        return tuple(found)

    def _channels(self, channels: Dim, axes: int, ask: Ask) -> Dim:
        number = channels.number
        if number is not None:
            after = channels_after(self.layer, number, axes)
            return channels if after == number else Dim(after)
        if isinstance(self.layer, FrameworkLayer):
            known = acts.channels(self.layer)
            if known.before is not None:
                ask("the input must have the layer's in_channels", channels, Dim(known.before))
            if known.after is not None:
                return Dim(known.after)
        return channels


@dataclass(frozen=True)
class Around(Operation):
    """Pad with zeros at both ends of every axis, of a shape that is not known yet; negative crops.

    What comes out of an unknown layer has a shape only where the layer is filled in.
    """

    begin: int
    end: int

    @property
    def title(self) -> str:
        return f"pad({self.begin}, {self.end})"

    def along(self, axes: int) -> Apply:
        """Return the padding of so many axes."""
        return Apply(framework_layer("torch", "pad", pad=(self.begin, self.end) * axes))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape | None:
        return self.along(len(given[0]) - 2).shape(given, ask)


_EMPTY = "what runtimes make of an axis without elements is not followed"


def _unsettled(layer: Layer | FrameworkLayer) -> bool:
    """Tell whether it takes an axis without elements in some runtimes: ONNX says nothing of it."""
    return isinstance(layer, FrameworkLayer) and layer.framework.name == "onnx" and not _pads(layer)


def _never_empty(dim: Dim) -> bool:
    """Tell whether a dimension is seen to be at least 1 at every input."""
    maps = [size_map for term in dim.terms for _, size_map in term.parts]
    least = dim.at(dict.fromkeys(dim.letters, 1))
    return least > 0 and all(f.nondecreasing and f(1) >= 0 for f in maps)


def _pads(layer: Layer | FrameworkLayer) -> bool:
    """Tell whether a layer pads, or crops: it may leave nothing."""
    return isinstance(layer, FrameworkLayer) and layer.row.kind.pads


@lru_cache(4096)
def _takes_none(layer: Layer | FrameworkLayer, axes: int) -> bool:
    """Tell whether a layer takes an axis without elements, as padding with zeros does."""
    try:
        return bool(min(layer.size((0,) * axes)) >= (0 if _pads(layer) else 1))
    except SolverError:
        return False


class Effect(NamedTuple):
    """Hold what a layer does to sizes along one axis.

    size_map: None where there is no formula. accepts: the sizes it takes; rule: why. whole: the
    sizes at which a pooling leaves no more unread at the end than between its windows; None for all
    else.
    """

    size_map: SizeMap | None
    accepts: SizeSet
    rule: str
    whole: SizeSet | None


@lru_cache(4096)
def effect(layer: Layer | FrameworkLayer, index: int, axes: int) -> Effect:
    """Return what a layer does along one axis: one object for axes alike.

    >>> from solver import MaxPool
    >>> print(effect(MaxPool(3, 2), 0, 1).whole)
    odd n >= 3
    """
    if isinstance(layer, Layer):
        transposed = layer.operation.transposed
        rule = "something must come out" if transposed else "the kernel must fit"
        size_map: SizeMap | None = layer.size_map(index)
        accepts, pools = layer.accepts(index, axes), layer.operation.pooling
        window: Window | None = acts.of_layer(layer, axes).readings[index].window
    else:
        along = layer.along(axes)[index]
        size_map = None if along.unproved else along.size_map
        accepts, rule, window = along.accepts, along.rule, along.window
        pools = layer.row.kind.pools
    if size_map is not None and size_map.rise > 0 and accepts and not _pads(layer):
        # JAX may leave nothing: that is no answer for a network.
        something = size_map.first(1)
        first = accepts.first()
        if first is not None and first < something:
            accepts &= SizeSet(minimum=something)
    whole = None
    if pools and window and window.stride > 1 and size_map and size_map.shift is not None:
        whole = _whole(window, size_map.shift + 1 - window.stride)
    made = Effect(
        IDENTITY if size_map == IDENTITY else size_map,
        EVERY if accepts == EVERY else accepts,
        rule,
        whole,
    )
    leading = effect(layer, 0, axes) if index else made
    return leading if leading == made else made


def _whole(window: Window, net: int) -> SizeSet | None:
    """Return the sizes at which windows leave no more unread at the end than between them.

    net: the net padding that counts the windows; ceil mode has more than the window tells.
    """
    if isinstance(window.pads, str):
        return None
    begin, span, stride = window.pads[0], window.span, window.stride
    # Of n - 1 + net what is left over stride lies behind the start of the last window: as much of
    # it as that window reads, or as lies between windows, is not missed.
    spare = max(net - begin + max(span, stride) - 1, 0)
    return SizeSet(stride, range(1 - net, 1 - net + min(spare + 1, stride)), 1 - net)
