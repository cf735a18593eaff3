"""What an operation of a network is: shapes in, a shape out, and demands on the way.

A shape is (batch, channels, sizes...), channels first as in PyTorch and ONNX; None where an
operation is not understood, and for all that comes behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

from solver.errors import LimitError, SizeError, SolverError
from solver.frameworks import layer as framework_layer
from solver.ground.named import NamedTuple
from solver.ground.record import Record
from solver.layers import cost as costs
from solver.layers.channels import packing
from solver.layers.layer import Layer
from solver.layers.rule import AxisRule
from solver.network.graph.demand import SETTLED, Ask, Demand
from solver.network.graph.dim import Dim, volume
from solver.network.graph.reads import Link, applied, beyond, same
from solver.network.graph.sizes import Sizes
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import EVERY, SizeSet

Shape = tuple[Dim, ...]


class Cost(NamedTuple):
    """Parameters, and the multiply-accumulates as dimensions to be added."""

    parameters: int = 0
    macs: tuple[Dim, ...] = ()


class Operation(Record):
    """Say what every operation can: its title, its shape, its cost, itself at given sizes."""

    @property
    def title(self) -> str:
        """What it is called in a table."""
        return type(self).__name__.lower()

    @property
    def word(self) -> str:
        """Return its kind in one word, for the names of nodes."""
        return _word(self.title)

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape | None:
        """The shape that comes out.

        given: the shapes that come in, all understood. ask: called with (rule, dimension, allowed)
        for everything that must hold. Raises SolverError where nothing could satisfy it.
        """
        raise NotImplementedError

    def cost(self, given: Sequence[Shape], out: Shape) -> Cost:
        """What it costs, for the shapes that come in and out."""
        return Cost()

    def bind(self, values: Mapping[str, int]) -> Operation:
        """The operation where the letters of the inputs have these values."""
        return self

    def reads(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[list[Link]]:
        """What is read of each input: a link for each axis, none where its sizes alone matter.

        given, out: the shapes that come in and out. sizes: for which it is said.

        >>> from solver import Conv
        >>> shape = (Dim(1), Dim(8), Dim.letter("n"))
        >>> [row] = Apply(Conv(3, padding=1)).reads([shape], shape, Sizes())
        >>> row[2].window.read(0)
        [-1, 0, 1]
        """
        if not given:  # a constant reads nothing
            return []
        found = self.reads_first(given, out, sizes)
        if found is not None:
            return [found, *([] for _ in given[1:])]
        why = f"not known what {self.title} reads"
        return [[Link(axis, None, None, why) for axis in range(len(each))] for each in given]

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link] | None:
        """What is read of the first input, None where that is not known."""
        return None

    @property
    def beyond(self) -> str:
        """What it reads beyond the ends of an axis: wrap, reflect, edge; empty for zeros."""
        return ""


@lru_cache(256)
def _word(title: str) -> str:
    """The first word of a title, for names of nodes."""
    return title.partition("(")[0].lower().replace(" ", "_")


def in_shape(axis: int, shape: Shape) -> int:
    """An axis of a shape, counted from the end where it is negative."""
    if not -len(shape) <= axis < len(shape):
        raise SolverError("there is no such axis", f"axis {axis} of {len(shape)}")
    return axis % len(shape)


def channels_last(shape: Shape) -> bool:
    """Tell whether all axes between the first and the last are free, and the last is not."""
    return len(shape) > 2 and not shape[-1].letters and all(dim.letters for dim in shape[1:-1])


def visible(shape: Shape, like: Shape) -> Shape:
    """What is told of a shape: its sizes; else its features; else its batch.

    All of it where sizes of the input stand in front, and no batch: (T, B, F), windows of images.
    like: the shape in formulas.

    >>> n = Dim.letter("n")
    >>> [str(dim) for dim in visible((Dim(9), Dim(1), Dim(37)), (n, Dim(1), Dim(37)))]
    ['9', '1', '37']
    """
    if len(like) > 1 and like[0].letters:
        return shape
    if channels_last(like):
        shape = (shape[0], shape[-1], *shape[1:-1])
    return shape[2:] or shape[1:] or shape


class Input(Operation):
    """Put in a tensor of a shape.

    within: what must hold of the sizes of all inputs: what the source demands of them, in its
    words, and the limits within which it was read as this network; where a letter is a number in
    the shape, every size of each letter first.
    """

    of: Shape
    within: tuple[Demand, ...] = ()

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        for each in self.within:
            if each.other != EVERY:
                ask(each.rule, each.dim, each.other, each.relation, limit=each.limit)
        return self.of

    def bind(self, values: Mapping[str, int]) -> Input:
        for each in self.within:
            if each.limit and each.letters <= values.keys() and not each.holds(values):
                received = ", ".join(f"{x} = {values[x]}" for x in sorted(each.letters))
                raise LimitError(each.rule, received, each.claim)
        bound = tuple(each.bind(values) for each in self.within)
        return Input(tuple(dim.bind(values) for dim in self.of), bound)


class Refuse(Operation):
    """End a path on which the source refuses its input, in the words of its message."""

    message: str

    @property
    def title(self) -> str:
        return "raise"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        raise SizeError(self.message)


class Unknown(Operation):
    """Stand for what is not understood, or not followed: why that is."""

    name: str
    why: str = "not understood"

    @property
    def title(self) -> str:
        return f"{self.name}: {self.why}"

    def shape(self, given: Sequence[Shape], ask: Ask) -> None:
        return None


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

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        return same(given[0])

    def cost(self, given: Sequence[Shape], out: Shape) -> Cost:
        if self.parameters is not None:
            return Cost(self.parameters)
        wide = given[0][1].number if len(given[0]) > 1 else None
        return Cost(self.weights * (wide or 0))


class Apply(Operation):
    """Apply a layer along the last axes.

    axes: how many; None for all behind the channels. parameters: how many are learned, where that
    is not all that the layer has.
    """

    layer: Layer
    axes: int | None = None
    parameters: int | None = None

    @property
    def title(self) -> str:
        return self.layer.title

    @property
    def word(self) -> str:
        return _word(self.layer.name)

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape | None:
        (shape,) = given
        layer, axes = self.layer, self.over(shape)
        if layer.letters:
            return None  # its sizes are no maps of numbers: see `solver.network.letters`
        batch, row, rules = self._before(shape, axes), layer.row, layer.along(axes)
        found = list(shape)
        found[batch - 1] = self._channels(shape[batch - 1], axes, ask)
        if row.whole is not None and any(each.unproved for each in rules):
            return self._together(shape, found)
        asked: list[tuple[str, SizeSet, bool]] = []  # along the axis before
        previous: AxisRule | None = None
        for at, along in enumerate(rules, batch):
            dim = shape[at]
            number = dim.number
            if number is not None and (along.unproved or number not in along.something):
                found[at] = self._computed(shape[batch:], at - batch, along)
                continue
            if along.unproved:
                return None  # floating point decides: there is no formula
            if along.uncounted and not (never_empty(dim) or _counts(dim, 1, ask)):
                found[at] = Dim(along.empty or 0)
                continue
            alike = along is previous and dim.following(shape[at - 1], found[at - 1])
            if not alike:
                previous, asked = along, self._asked(along, dim, axes)
            for rule, allowed, wish in asked:
                ask(rule, dim, allowed, wish=wish)
            if along.clamps and not _counts(dim, along.least, ask):
                found[at] = Dim(0)
            elif not along.keeps:
                found[at] = alike or dim.through(along.size_map)
        return tuple(found)

    def _asked(self, along: AxisRule, dim: Dim, axes: int) -> list[tuple[str, SizeSet, bool]]:
        """What a rule along an axis asks of a dimension, and whether as a wish."""
        asked = []
        accepts = along.something if along.doubtful else along.accepts
        if accepts != EVERY or not (never_empty(dim) or _takes_none(self.layer, axes)):
            asked.append((along.rule, accepts, False))
        if self.layer.row.kind.pools and along.exact is not None:
            asked.append(("pooling drops nothing", along.exact, True))
        return asked

    def _computed(self, sizes: Shape, axis: int, along: AxisRule) -> Dim:
        """The size along one axis as the layer computes it, or refuses it in its own words."""
        number = sizes[axis].factor
        numbers = tuple(number if each.number is None else each.number for each in sizes)
        size = int(self.layer.size(numbers)[axis])
        if not size and along.doubtful:
            raise SizeError("nothing would come out", f"{number} -> {size}")
        return Dim(size)

    def _together(self, shape: Shape, found: list[Dim]) -> Shape | None:
        """The shape where the sizes of all axes decide together: there is no formula for one."""
        axes = self.over(shape)
        numbers = tuple(dim.number for dim in shape[-axes:] if dim.number is not None)
        if len(numbers) < axes:
            return None
        return (*found[:-axes], *map(Dim, self.layer.size(numbers)))

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        return applied(self.layer, self.over(out), given[0], out, sizes)

    @cached_property
    def beyond(self) -> str:
        return beyond(self.layer)

    def _before(self, shape: Shape, axes: int) -> int:
        """How many axes are in front: PyTorch's own layers take no more than batch and channels."""
        batch, layer = len(shape) - axes, self.layer
        if batch < 1 or axes < 1:
            rule = "the input must have one size per axis of the layer"
            received = f"{max(len(shape) - 2, 0)} sizes for {max(axes, 1)} axes"
            raise SolverError(rule, received)
        if batch > 2 and layer.axes and layer.framework.name == "torch":
            kind = layer.row.kind
            if kind.weights is not None or kind.pools or (kind.pads and self.beyond):
                raise SolverError(f"{layer.name} takes {layer.axes + 2} axes", f"{len(shape)}")
        return batch

    def over(self, shape: Shape) -> int:
        """How many axes of a shape it goes along."""
        return self.axes or self.layer.axes or len(shape) - 2

    def _channels(self, channels: Dim, axes: int, ask: Ask) -> Dim:
        number = channels.number
        if number is not None:
            after = self.layer.channels_after(number, axes)
            return channels if after is number else Dim(after)
        kind = self.layer.row.kind
        if kind.keeps:
            wide, parts = packing(self.layer.along(axes))
            if parts > 1:
                rule = f"the channels must be divisible by {parts}"
                ask(rule, channels, SizeSet(parts, [0]))
            return channels.through(SizeMap.line(wide, 0, parts))
        if kind.weights is None:
            return channels
        known = self.layer.channels
        if known.before is not None:
            ask("the input must have the layer's in_channels", channels, Dim(known.before))
        return channels if known.after is None else Dim(known.after)

    def cost(self, given: Sequence[Shape], out: Shape) -> Cost:
        (shape,) = given
        axes = self.over(shape)
        channels = shape[len(shape) - axes - 1].number or self.layer.channels.before or 1
        weights = costs.weights(self.layer, channels, axes)
        if not weights:
            return Cost()
        within = shape if self.layer.row.kind.transposed else out
        windows = within[: -axes - 1] + within[-axes:]  # of each sample of a batch
        parameters = self.parameters
        if parameters is None:
            parameters = costs.parameters(self.layer, channels, axes)
        return Cost(parameters, (volume(windows) * weights,))


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
        """The padding of so many axes."""
        return Apply(framework_layer("torch", "pad", pad=(self.begin, self.end) * axes))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape | None:
        return self.along(len(given[0]) - 2).shape(given, ask)


def never_empty(dim: Dim) -> bool:
    """Tell whether a dimension is seen to be at least 1 at every input."""
    if (single := dim.single) is not None:
        _, alone = single
        return alone.nondecreasing and alone(1) > 0
    maps = [size_map for term in dim.terms for _, size_map in term.parts]
    least = dim.at(dict.fromkeys(dim.letters, 1))
    return least > 0 and all(f.nondecreasing and f(1) >= 0 for f in maps)


@lru_cache(4096)
def _takes_none(layer: Layer, axes: int) -> bool:
    """Tell whether a layer takes axes without elements, as padding with zeros does."""
    try:
        return bool(layer.size((0,) * axes))
    except SolverError:
        return False


def _counts(dim: Dim, least: int, ask: Ask) -> bool:
    """Whether a dimension is so large that the windows over it are counted: else none fits."""
    return bool(ask("windows fit", dim, SizeSet(minimum=least), SETTLED) is not False)
