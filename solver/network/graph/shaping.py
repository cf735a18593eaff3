"""Operations that change a shape without a window: flatten, reshape, linear layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from solver.errors import SizeError, SolverError
from solver.layers.layer import Layer
from solver.layers.window import Window
from solver.network.graph.demand import SETTLED, Ask
from solver.network.graph.dim import Dim, Inexpressible
from solver.network.graph.merging import broadcast
from solver.network.graph.operation import Cost, Operation, Shape, in_shape, never_empty
from solver.network.graph.reads import Link, repeated, reshaped, same, without
from solver.network.graph.sizes import Sizes
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import EVERY, SizeSet, where_nonnegative

_ONE = "an axis that is left out where its size is 1 is not followed there"


class GlobalPool(Operation):
    """Pool each channel to one element; keep: whether the axes stay, with size 1.

    some: whether there must be elements.
    """

    keep: bool = True
    some: bool = False

    @property
    def title(self) -> str:
        return "global pooling"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        _ask_some(shape[2:] if self.some else (), ask)
        return (*shape[:2], *(Dim(1) for _ in shape[2:])) if self.keep else shape[:2]

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        pooled = range(2, len(given[0]))
        return [*same(given[0][:2]), *(Link(i, i if self.keep else None, None) for i in pooled)]


def _ask_some(dims: Sequence[Dim], ask: Ask) -> None:
    for dim in dims:
        if not never_empty(dim):
            ask("what is made one must have elements", dim, SizeSet(minimum=1))


class Flatten(Operation):
    """Make one axis of those from start to end of the shape."""

    start: int = 1
    end: int = -1

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        first, last = in_shape(self.start, shape), in_shape(self.end, shape)
        flat = prod(shape[first : last + 1], start=Dim(1))
        return (*shape[:first], flat, *shape[last + 1 :])

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        return reshaped(self.title, given[0], out)


class Linear(Operation):
    """Multiply the last axis by a matrix.

    parameters: how many are learned, where that is not all of the matrix and the bias.
    """

    features: int
    of: int | None = None
    bias: bool = True
    parameters: int | None = None

    @property
    def title(self) -> str:
        return f"Linear({'?' if self.of is None else self.of}, {self.features})"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        if self.of is not None:
            ask(f"a linear layer must get its {self.of:,} in_features", shape[-1], Dim(self.of))
        return (*shape[:-1], Dim(self.features))

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        *kept, last = same(given[0])
        return [*kept, last._replace(window=None)]

    def cost(self, given: Sequence[Shape], out: Shape) -> Cost:
        weights = (self.of or given[0][-1].number or 0) * self.features
        held = weights + (self.features if self.bias else 0)
        held = held if self.parameters is None else self.parameters
        return Cost(held, (prod(given[0], start=Dim(self.features)),))


class Reshape(Operation):
    """Reshape to a target; None in it stands for what is left over.

    least: of a size that is not that of the input in its place.
    """

    to: tuple[Dim | None, ...]
    least: int = 0

    @property
    def title(self) -> str:
        return f"reshape({', '.join('-1' if dim is None else str(dim) for dim in self.to)})"

    def bind(self, values: Mapping[str, int]) -> Reshape:
        to = (None if dim is None else dim.bind(values) for dim in self.to)
        return self.replaced(to=tuple(to))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape | None:
        (shape,) = given
        self._ask_sizes(shape, ask)
        if self.to.count(None) > 1:
            raise SolverError("one size at most is left over", self.title)
        # What stays as it is cancels, if it is not 0; products are formed of the rest only.
        rest, known = list(shape), []
        for dim in self.to:
            if dim in rest and dim.number != 0:
                rest.remove(dim)
            elif dim is not None:
                known.append(dim)
        above, below = prod(rest, start=Dim(1)), prod(known, start=Dim(1))
        rule = f"{self.title} must keep the number of elements"
        if below.number == 0 and None in self.to:
            raise SizeError(rule, f"{above} and 0")
        if below.number == 0:
            ask(rule, above, below)
            return tuple(dim for dim in self.to if dim is not None)
        try:
            left, divisor = above.over(below)
        except Inexpressible:
            if None in self.to:
                raise
            _ask_alike(rule, above, below, ask)
            return tuple(dim for dim in self.to if dim is not None)
        if None not in self.to:
            ask(rule, left, Dim(divisor))
            return tuple(dim for dim in self.to if dim is not None)
        if divisor > 1:
            ask(rule, left, SizeSet(divisor, [0]))
            left = left.through(SizeMap.line(1, 0, divisor))
        return tuple(left if dim is None else dim for dim in self.to)

    def _ask_sizes(self, shape: Shape, ask: Ask) -> None:
        for place, dim in enumerate(self.to if self.least else ()):
            if dim is not None and dim not in shape[place : place + 1] and not never_empty(dim):
                ask(f"{self.title} must have sizes", dim, SizeSet(minimum=self.least))

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        return reshaped(self.title, given[0], out)


class Unflatten(Operation):
    """Make several axes of one axis of the shape; -1 in the sizes stands for what is left over."""

    axis: int
    sizes: tuple[int | Dim, ...]

    @property
    def title(self) -> str:
        return f"unflatten({self.axis}, ({', '.join(map(str, self.sizes))}))"

    def bind(self, values: Mapping[str, int]) -> Unflatten:
        bound = (n.bind(values) if isinstance(n, Dim) else n for n in self.sizes)
        return Unflatten(self.axis, tuple(bound))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape | None:
        (shape,) = given
        axis = in_shape(self.axis, shape)
        dims = (n if isinstance(n, Dim) else None if n == -1 else Dim(n) for n in self.sizes)
        found = Reshape(tuple(dims)).shape([(shape[axis],)], ask)
        return None if found is None else (*shape[:axis], *found, *shape[axis + 1 :])

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        return reshaped(self.title, given[0], out)


def _ask_alike(rule: str, one: Dim, other: Dim, ask: Ask) -> None:
    """Ask that two products are equal: letter by letter where one side is never the larger."""
    pairs = None if one.more or other.more else one.by_letter(other)
    differences = [x - y for x, y in pairs.values()] if pairs else []
    if not pairs or not any(
        all(where_nonnegative(sign * each) == EVERY for each in differences) for sign in (1, -1)
    ):
        ask(rule, one, other)
        return
    for letter, (x, y) in pairs.items():
        ask(rule, Dim.of(letter, x), Dim.of(letter, y))


class Reduce(Operation):
    """Make one element of all along some axes of the shape; keep: whether these stay, with size 1.

    axes: None for all. some: whether there must be elements.
    """

    name: str
    axes: tuple[int, ...] | None = None
    keep: bool = True
    some: bool = False

    @property
    def title(self) -> str:
        return f"{self.name}({'' if self.axes is None else ', '.join(map(str, self.axes))})"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        gone = self._gone(shape)
        _ask_some([shape[axis] for axis in gone] if self.some else (), ask)
        if self.keep:
            return tuple(Dim(1) if axis in gone else dim for axis, dim in enumerate(shape))
        return tuple(dim for axis, dim in enumerate(shape) if axis not in gone)

    def _gone(self, shape: Shape) -> set[int]:
        axes = range(len(shape)) if self.axes is None else self.axes
        return {in_shape(axis, shape) for axis in axes}

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        gone = self._gone(given[0])
        if not self.keep:
            return without(given[0], gone, None)
        return [Link(axis, axis, None if axis in gone else Window()) for axis in range(len(out))]


class Permute(Operation):
    """Put the axes in another order."""

    order: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"permute{self.order}"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        order = [in_shape(axis, shape) for axis in self.order]
        if sorted(order) != list(range(len(shape))):
            raise SolverError("every axis is named once", f"{self.order} of {len(shape)} axes")
        return tuple(shape[axis] for axis in order)

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        order = [axis % len(out) for axis in self.order]
        return [Link(axis, order.index(axis)) for axis in range(len(out))]


class Chain(Operation):
    """Do one operation after the other on one tensor."""

    operations: tuple[Operation, ...]

    @property
    def title(self) -> str:
        return ", ".join(operation.title for operation in self.operations)

    def bind(self, values: Mapping[str, int]) -> Chain:
        return Chain(tuple(operation.bind(values) for operation in self.operations))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape | None:
        (shape,) = given
        found: Shape | None = shape
        for operation in self.operations:
            found = None if found is None else operation.shape([found], ask)
        return found

    def cost(self, given: Sequence[Shape], out: Shape) -> Cost:
        parameters, macs = 0, list[Dim]()
        for operation in self.operations:
            # The network has asked when it was walked.
            behind = operation.shape(given, lambda *_, **__: None)
            if behind is None:
                break
            cost = operation.cost(given, behind)
            parameters, macs, given = parameters + cost.parameters, [*macs, *cost.macs], [behind]
        return Cost(parameters, tuple(macs))


class Squeeze(Operation):
    """Leave out axes of size 1. others: whether all are meant, so that no other has size 1."""

    axes: tuple[int, ...]
    others: bool = False

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        gone = {in_shape(axis, shape) for axis in self.axes}
        for axis in gone:
            ask("an axis that is left out has size 1", shape[axis], Dim(1))
        kept = tuple(dim for axis, dim in enumerate(shape) if axis not in gone)
        for dim in kept if self.others else ():
            grows = dim.single is not None and dim.single[1].nondecreasing
            least = dim.at(dict.fromkeys(dim.letters, 1))
            if least < 2 and not (grows and ask(_ONE, dim, SizeSet(minimum=2), SETTLED)):
                raise Inexpressible(_ONE, str(dim))
        return kept

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        return without(given[0], {in_shape(axis, given[0]) for axis in self.axes}, Window(1, 0))


class Unsqueeze(Operation):
    """Put in axes of size 1, at these places of the shape that comes out."""

    axes: tuple[int, ...]

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        count = len(shape) + len(self.axes)
        new = {axis % count for axis in self.axes}
        rest = iter(shape)
        return tuple(Dim(1) if axis in new else next(rest) for axis in range(count))

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        new = {axis % len(out) for axis in self.axes}
        kept = (axis for axis in range(len(out)) if axis not in new)
        return [Link(axis, to) for axis, to in enumerate(kept)]


class MatMul(Operation):
    """Multiply the last two axes of two tensors as matrices."""

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        one, two = given
        if not (one and two):
            raise SolverError("matrices have axes", f"{len(one)} and {len(two)}")
        # A vector is a row on the left and a column on the right, and leaves no axis.
        ask("rows must be as long as columns", one[-1], two[-2 if len(two) > 1 else -1])
        batch = broadcast((one[:-2], two[:-2]), ask)
        return (*batch, *one[-2:-1], *(two[-1:] if len(two) > 1 else ()))

    def reads(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[list[Link]]:
        found = []
        for number, shape in enumerate(given):
            row = repeated(shape[:-2], out[:-2])
            kept = len(shape) - 2 + number
            row += [Link(kept, len(out) - 2 + number), Link(2 * len(shape) - 3 - kept, None, None)]
            found.append(sorted(row))
        return found

    def cost(self, given: Sequence[Shape], out: Shape) -> Cost:
        return Cost(0, (prod(out, start=given[0][-1]),))


class Unfold(Operation):
    """Lay out the blocks that a window of PyTorch's Unfold finds."""

    layer: Layer

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        blocks = Dim(1)
        for dim, along in zip(shape[2:], self.layer.along(2), strict=True):
            ask(along.rule, dim, along.accepts)
            blocks = blocks * dim.through(along.size_map)
        return (shape[0], shape[1] * prod(self.layer.values(2)["kernel_size"]), blocks)

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        return reshaped(self.title, given[0], out)


class Fold(Operation):
    """Put the blocks that a window of PyTorch's Unfold finds back to where it finds them."""

    layer: Layer
    to: Shape

    @property
    def title(self) -> str:
        return f"fold({', '.join(map(str, self.to))})"

    def bind(self, values: Mapping[str, int]) -> Fold:
        return self.replaced(to=tuple(dim.bind(values) for dim in self.to))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        if len(shape) != 3:
            raise SolverError("blocks are one axis behind the channels", f"{len(shape)} axes")
        count = prod(self.layer.values(len(self.to))["kernel_size"])
        whole = (shape[0], shape[1], *self.to)
        (_, _, blocks) = Unfold(self.layer).shape([whole], ask)
        ask("the channels must be those of whole blocks", shape[1], SizeSet(count, [0]))
        ask("there is a block for each place of the window", shape[2], blocks)
        return (shape[0], shape[1].through(SizeMap.line(1, 0, count)), *self.to)

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        return reshaped(self.title, given[0], out)
