"""Networks as plain functions: layers called on a tensor make nodes, and so do the functions here.

def unet(x):
    skip = Conv(3)(x)
    x = ConvTranspose(2, 2)(MaxPool(2)(skip))
    return concat(crop(skip, like=x), x)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from solver.errors import SolverError
from solver.frameworks import layer as framework_layer
from solver.layers.layer import Layer
from solver.network.graph import merging, shaping
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.operation import Apply, Around, Input, Operation, Pointwise, Shape
from solver.network.graph.walk import Node, Walker
from solver.network.network import Network
from solver.sizes.domain import Domain, whole_number

if TYPE_CHECKING:
    from solver.spaces.choice import Choice


class Tensor:
    """Stand for a tensor of a network that is being written down.

    >>> from solver import Conv, trace
    >>> trace(lambda x: x + Conv(3, padding=1)(x), axes=1).formula()
    'n'
    """

    def __init__(self, walker: Walker, at: int) -> None:
        self._walker, self.at = walker, at

    @property
    def shape(self) -> Shape | None:
        """The shape for every n: batch, channels, sizes."""
        return self._walker.shapes[self.at]

    def then(self, operation: Operation, *others: Tensor, name: str | None = None) -> Tensor:
        """What an operation makes of this tensor and others."""
        for other in others:
            if not isinstance(other, Tensor) or other._walker is not self._walker:
                raise SolverError("tensors of one network go together", received=repr(other))
        number = len(self._walker.nodes)
        name = name or f"{operation.word}_{number}"
        inputs = (self.at, *(other.at for other in others)) if others else (self.at,)
        self._walker.take(Node(name, operation, inputs))
        return Tensor(self._walker, number)

    def through(self, layer: Layer | Choice) -> Tensor:
        """What a layer, or an unknown one, makes of this tensor; as layer(tensor) does."""
        if isinstance(layer, Layer):
            return self.then(Apply(layer))
        from solver.network.unknowns.unknown import UnknownLayer

        return self.then(UnknownLayer(layer))

    def named(self, name: str) -> Tensor:
        """Give the tensor a name, by which it can be asked for."""
        nodes = self._walker.nodes
        nodes[self.at] = nodes[self.at]._replace(name=name)
        return self

    def __add__(self, other: Tensor) -> Tensor:
        return self.then(merging.Elementwise("add"), other)

    def __mul__(self, other: Tensor) -> Tensor:
        return self.then(merging.Elementwise("multiply"), other)

    def __repr__(self) -> str:
        return f"<tensor of {self._walker.nodes[self.at].label}>"


def trace(
    function: Layer | Callable[..., Tensor | Sequence[Tensor]],
    channels: int | Sequence[int] = 1,
    axes: int = 2,
) -> Network:
    """The network that a function writes down.

    function: takes one tensor for each entry of channels, and returns one or several. channels: of
    each input. axes: the number of its sizes. Where a layer cannot be for any input, the network
    says so when it is asked for sizes.

    >>> from solver import Conv, MaxPool
    >>> net = trace(lambda x: MaxPool(2)(Conv(3)(x)), channels=3)
    >>> [str(dim) for dim in net.sizes(net.outputs[0])]
    ['1', '3', 'floor(h/2) - 1', 'floor(w/2) - 1']
    """
    if axes not in LETTERS:
        raise SolverError("a network has one to three axes", received=str(axes))
    counts = (channels,) if isinstance(channels, int) else tuple(channels)
    walker = Walker()
    given = []
    for number, count in enumerate(counts):
        name = "input" if len(counts) == 1 else f"input_{number + 1}"
        walker.step(Node(name, Input(input_shape(count, LETTERS[axes]))))
        given.append(Tensor(walker, number))
    found = function(*given)
    outputs: list[Tensor] = list(found) if isinstance(found, (list, tuple)) else [found]  # type: ignore[list-item]
    if not outputs or not all(isinstance(each, Tensor) for each in outputs):
        raise SolverError("a network gives back tensors", received=repr(found))
    if any(_in_letters(node) for node in walker.nodes):
        from solver.network.lettered import LetteredNetwork

        return LetteredNetwork(walker.nodes, [each.at for each in outputs])
    return Network.of(walker, [each.at for each in outputs])


def _in_letters(node: Node) -> bool:
    return isinstance(node.operation, Apply) and bool(node.operation.layer.letters)


def input_shape(channels: int, letters: Sequence[str]) -> Shape:
    """The shape of an input: a batch of one, channels, and a free size for each letter."""
    count = whole_number(channels, "channels", 1)
    return (Dim(1), Dim(count), *(Dim.letter(letter) for letter in letters))


def add(first: Tensor, *others: Tensor) -> Tensor:
    """The sum of tensors of equal sizes.

    >>> from solver import Conv, trace
    >>> trace(lambda x: add(x, Conv(3, padding=1)(x)), axes=1).size(8)
    8
    """
    return first.then(merging.Elementwise("add"), *others)


def concat(first: Tensor, *others: Tensor, axis: int = 1) -> Tensor:
    """Return tensors behind each other along an axis of the shape: 1 for the channels.

    >>> from solver import MaxPool, trace
    >>> trace(lambda x: concat(x, MaxPool(2)(x), axis=2), axes=1).size(8)
    12
    """
    return first.then(merging.Concat(axis), *others)


def crop(x: Tensor, like: Tensor) -> Tensor:
    """Return x cropped to the sizes of another tensor, alike at both ends.

    >>> from solver import Conv, trace
    >>> trace(lambda x: add(crop(x, like=Conv(3)(x)), Conv(3)(x)), axes=1).size(8)
    6
    """
    return x.then(merging.CropLike(), like)


def pad(
    x: Tensor, begin: int = 0, end: int | None = None, *, total: Iterable[int] | str | None = None
) -> Tensor:
    """Return x with zeros at both ends of every axis; negative numbers crop.

    total: instead, where how much is the question, the totals that are possible, or what may stand
    at each end, as "0..11:0".

    >>> from solver import trace
    >>> trace(lambda x: pad(x, 1), axes=1).size(8), trace(lambda x: pad(x, 0, -1), axes=1).size(8)
    (10, 7)
    """
    if total is not None:
        from solver.network.unknowns.unknown import UnknownPad
        from solver.sizes.ends import Ends

        if isinstance(total, str) and ":" in total:
            return x.then(UnknownPad(Ends.parse(total, "padding")))
        return x.then(UnknownPad(Domain.of(total)))
    padding = Around(begin, begin if end is None else end)
    return x.then(padding if x.shape is None else padding.along(len(x.shape) - 2))


def pad_like(x: Tensor, like: Tensor) -> Tensor:
    """Return x padded to the sizes of another tensor, alike at both ends.

    >>> from solver import Conv, trace
    >>> trace(lambda x: add(x, pad_like(Conv(3)(x), like=x)), axes=1).size(8)
    8
    """
    return x.then(merging.CropLike(pads=True), like)


def upsample(x: Tensor, factor: int) -> Tensor:
    """Return x resized by a factor.

    >>> from solver import MaxPool, trace
    >>> trace(lambda x: upsample(MaxPool(2)(x), 2), axes=1).formula()
    '2*floor(n/2)'
    """
    return x.then(Apply(framework_layer("torch", "Upsample", scale_factor=factor)))


def resize(x: Tensor, like: Tensor) -> Tensor:
    """Return x resized to the sizes of another tensor.

    >>> from solver import MaxPool, trace
    >>> trace(lambda x: add(x, resize(MaxPool(2)(x), like=x)), axes=1).formula()
    'n'
    """
    return x.then(merging.ResizeLike(), like)


def split(x: Tensor, parts: int | Sequence[int], axis: int = 1) -> tuple[Tensor, ...]:
    """The parts of x along an axis of the shape: so many equal ones, or of these sizes.

    >>> from solver import trace
    >>> halves = trace(lambda x: add(*split(x, 2, axis=2)), axes=1)
    >>> halves.size(8), halves.formula()
    (4, 'floor(n/2)')
    """
    sizes = parts if isinstance(parts, int) else tuple(parts)
    count = sizes if isinstance(sizes, int) else len(sizes)
    return tuple(x.then(merging.SplitPart(sizes, index, axis)) for index in range(count))


def global_pool(x: Tensor) -> Tensor:
    """One element for each channel; the axes stay, with size 1.

    >>> from solver import trace
    >>> trace(global_pool, channels=3).size(8)
    1
    """
    return x.then(shaping.GlobalPool())


def flatten(x: Tensor, start: int = 1) -> Tensor:
    """Return x with all axes from `start` on as one.

    >>> from solver import trace
    >>> trace(flatten, channels=3).size(8)
    192
    """
    return x.then(shaping.Flatten(start))


def reshape(x: Tensor, *sizes: int) -> Tensor:
    """Return x in another shape (without the batch); -1 stands for what is left over.

    >>> from solver import trace
    >>> trace(lambda x: reshape(x, 4, -1), channels=8, axes=1).size(6)
    12
    """
    return x.then(shaping.Reshape((Dim(1), *(None if n == -1 else Dim(n) for n in sizes))))


def linear(x: Tensor, features: int, of: int | None = None) -> Tensor:
    """Return x with its last axis multiplied by a matrix. of: the features it must have.

    >>> from solver import trace
    >>> trace(lambda x: linear(flatten(global_pool(x)), 10), channels=3).size(8)
    10
    """
    return x.then(shaping.Linear(features, of))


def pointwise(x: Tensor, name: str = "relu", weights: int = 0) -> Tensor:
    """Return x with its values changed and its sizes kept: an activation, a normalization.

    >>> from solver import trace
    >>> trace(pointwise).formula()
    'n'
    """
    return x.then(Pointwise(name, weights))
