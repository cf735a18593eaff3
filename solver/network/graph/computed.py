"""Operations to sizes that a network computes from others: become, repeat.

What is computed is a dimension like any other, so these hold for every n.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from solver.errors import SizeError, SolverError
from solver.layers.window import Window
from solver.network.graph.demand import AT_MOST, Ask
from solver.network.graph.dim import Dim, volume
from solver.network.graph.operation import Apply, Cost, Operation, Shape, in_shape, never_empty
from solver.network.graph.reads import DEPENDS, Link, link, same
from solver.network.graph.sizes import Sizes
from solver.sizes.sizeset import SizeSet


class Become(Operation):
    """Have a shape of its own, whatever comes in: a constant, what is resized to computed sizes.

    parameters: how many it has, such as a constant that is learned. least: the smallest size that
    it may have.
    """

    name: str
    to: Shape
    parameters: int = 0
    least: int = 1

    @property
    def title(self) -> str:
        return f"{self.name}({', '.join(map(str, self.to))})"

    def bind(self, values: Mapping[str, int]) -> Become:
        return self.replaced(to=tuple(dim.bind(values) for dim in self.to))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        for dim in self.to:
            rule = f"{self.name} must have sizes"
            if dim.number is None and self.least:
                ask(rule, dim, SizeSet(minimum=1))
            elif dim.number is None and not never_empty(dim):
                ask(rule, Dim(0), dim, AT_MOST)
            elif dim.number is not None and dim.number < self.least:
                raise SizeError(rule, str(dim), f"{self.least} or more")
        return self.to

    def cost(self, given: Sequence[Shape], out: Shape) -> Cost:
        return Cost(self.parameters)


class Taken(Become):
    """Take what stands at known places of an axis, counted from its end where negative.

    count: of the elements that the axis must have. places: those that depend on sizes.
    """

    axis: int = 0
    count: int = 1
    places: tuple[Dim, ...] = ()

    def bind(self, values: Mapping[str, int]) -> Become:
        places = tuple(dim.bind(values) for dim in self.places)
        return super().bind(values).replaced(places=places)

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        dim, rule = given[0][self.axis], "the places must be in the axis"
        ask(rule, dim, SizeSet(minimum=self.count))
        for place in self.places:
            ask(rule, place + 1, dim, AT_MOST)
            ask(rule, place * -1, dim, AT_MOST)
        return super().shape(given, ask)


class CountedOn(Become):
    """Count on from a number. end: one more than the last, where no number is larger."""

    end: Dim | None = None

    def bind(self, values: Mapping[str, int]) -> Become:
        end = None if self.end is None else self.end.bind(values)
        return super().bind(values).replaced(end=end)


class LookedUp(Become):
    """Look up in a table of so many rows. end: one more than the largest number that comes in,
    0 where that is not known.
    """

    rows: int = 0
    end: Dim = Dim(0)

    def bind(self, values: Mapping[str, int]) -> Become:
        return super().bind(values).replaced(end=self.end.bind(values))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        if self.end != Dim(0):
            ask("every number must have a row in the table", self.end, Dim(self.rows), AT_MOST)
        return super().shape(given, ask)


class Tiled(Operation):
    """Repeat each axis of the shape so many times."""

    repeats: tuple[Dim, ...]

    @property
    def title(self) -> str:
        return f"tile({', '.join(map(str, self.repeats))})"

    def bind(self, values: Mapping[str, int]) -> Tiled:
        return Tiled(tuple(dim.bind(values) for dim in self.repeats))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        if len(shape) != len(self.repeats):
            raise SolverError("every axis is repeated", f"{len(self.repeats)} of {len(shape)} axes")
        return tuple(dim * times for dim, times in zip(shape, self.repeats, strict=True))

    @property
    def beyond(self) -> str:
        return "wrap"  # at given sizes, what lies beyond the end of an axis is its beginning again

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        found = []
        for axis, (before, after) in enumerate(zip(given[0], out, strict=True)):
            if before == after or sizes.number(before) is not None:
                window = Window(1, 0 if before.number == 1 and before != after else 1)
                found.append(Link(axis, axis, window))
            else:
                found.append(link(axis, DEPENDS))
        return found


class Begun(Operation):
    """Begin a sequence with a state, the second tensor, which must have a shape."""

    state: Shape

    @property
    def title(self) -> str:
        return "initial state"

    def bind(self, values: Mapping[str, int]) -> Begun:
        return Begun(tuple(dim.bind(values) for dim in self.state))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        shape, state = given
        rule = "a state must be as the layer's own"
        if len(state) != len(self.state):
            raise SolverError(rule, f"{len(state)} axes", f"{len(self.state)}")
        for dim, own in zip(state, self.state, strict=True):
            ask(rule, dim, own)
        return shape

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        return same(given[0])


class Recur(Operation):
    """Go through a sequence step by step: LSTM, GRU and their kin.

    features: of each output. of: of each input, None where it is not told. axis: of the shape,
    along which they lie. keep: whether every step gives an output, or only the last.
    gates: their number, biases of each, and directions, where `of` is not told: the weights follow.
    """

    name: str
    features: int
    of: int | None = None
    axis: int = -1
    keep: bool = True
    parameters: int = 0
    gates: tuple[int, int, int] = (0, 0, 0)

    @property
    def title(self) -> str:
        return f"{self.name}({'?' if self.of is None else self.of}, {self.features})"

    def weights(self, width: int) -> int:
        """How many parameters it has for inputs of so many features."""
        gates, biases, sides = self.gates
        hidden = self.features // max(sides, 1)
        return self.parameters or sides * gates * hidden * (width + hidden + biases)

    def cost(self, given: Sequence[Shape], out: Shape) -> Cost:
        return Cost(self.weights(given[0][self.axis].number or 0))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        axis = in_shape(self.axis, shape)
        if len(shape) not in (2, 3):
            raise SolverError("a recurrent layer takes 2 axes, or 3 with a batch", f"{len(shape)}")
        if self.of is not None:
            ask("a recurrent layer must get its input_size", shape[axis], Dim(self.of))
        if not self.keep:
            return (shape[0], Dim(self.features))
        return (*shape[:axis], Dim(self.features), *shape[axis + 1 :])

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        return [Link(axis, 0 if axis == 0 else None, None) for axis in range(len(given[0]))]


class ConvRecur(Operation):
    """Go through a sequence of maps step by step, whose state is convolved too: ConvLSTM of Keras.

    step: the convolution of the maps, over the steps as over one more axis.
    """

    step: Apply

    @property
    def title(self) -> str:
        return f"recurrent {self.step.title}"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape | None:
        return self.step.shape(given, ask)

    def cost(self, given: Sequence[Shape], out: Shape) -> Cost:
        before, after = given[0][1].number or 0, out[1].number or 0
        kernel = self.step.layer.values(len(out) - 2)["kernel_size"]
        weights = 4 * after * (before + after) * prod(kernel)
        return Cost(weights + 4 * after, (volume(out[2:]) * weights,))
