"""Operations along one axis that are no layers: frames of it, transforms of all of it, padding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from solver.errors import SizeError, SolverError
from solver.layers.window import Window
from solver.network.graph.demand import AT_MOST, Ask
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Apply, Cost, Operation, Shape, in_shape, never_empty
from solver.network.graph.reads import DEPENDS, Link, same
from solver.network.graph.sizes import Sizes
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet


class Frames(Operation):
    """Lay out the frames of an axis, so long and so far apart, along a new last axis."""

    axis: int
    long: int
    step: int

    @property
    def title(self) -> str:
        return f"frames({self.long}, step={self.step}, axis={self.axis})"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        axis = in_shape(self.axis, shape)
        if self.long < 0 or self.step < 1:
            raise SolverError("frames have a length and a step", f"{self.long} and {self.step}")
        ask("an axis must be as long as a frame", shape[axis], SizeSet(minimum=self.long))
        count = shape[axis].through(SizeMap.line(1, self.step - self.long, self.step))
        return (*shape[:axis], count, *shape[axis + 1 :], Dim(self.long))

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        found, axis = same(given[0]), in_shape(self.axis, given[0])
        found[axis] = Link(axis, axis, Window(self.long, self.step), every=True)
        return found


class Transform(Operation):
    """Work out axes anew, of all of their elements: to sizes of their own.

    of: the sizes that the axes must have, where that is asked. within: whether no more come out
    than there are.
    """

    name: str
    axes: tuple[int, ...]
    to: tuple[Dim, ...]
    of: tuple[int, ...] = ()
    within: bool = False

    @property
    def title(self) -> str:
        return f"{self.name}({', '.join(map(str, self.to))})"

    def bind(self, values: Mapping[str, int]) -> Transform:
        return self.replaced(to=tuple(dim.bind(values) for dim in self.to))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        found, rule = list(shape), f"{self.name} must have elements"
        for place, (axis, to) in enumerate(zip(self.axes, self.to, strict=True)):
            at = in_shape(axis, shape)
            if self.of:
                ask(f"{self.name} must get the sizes it is made of", shape[at], Dim(self.of[place]))
            if self.within:
                ask("no more are taken than there are", to, shape[at], AT_MOST)
            for dim in (shape[at], to):
                if dim.number is None:
                    ask(rule, dim, SizeSet(minimum=1))
                elif dim.number < 1:
                    raise SizeError(rule, str(dim), "1 or more")
            found[at] = to
        return tuple(found)

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        found = same(given[0])
        for axis in self.axes:
            at = in_shape(axis, given[0])
            found[at] = Link(at, at, None)
        return found


_BEYOND = {"reflect": "reflect", "replicate": "edge", "circular": "wrap", "wrap": "wrap"}


class PadBy(Operation):
    """Pad the last axes of the shape in front and behind by computed sizes; negative ones crop.

    ends: of each. mode: constant, reflect, replicate, circular, or wrap, which goes around often.
    """

    ends: tuple[tuple[Dim, Dim], ...]
    mode: str = "constant"

    @property
    def title(self) -> str:
        ends = (f"({begin}, {end})" for begin, end in self.ends)
        return f"pad by ({', '.join(ends)})"

    def bind(self, values: Mapping[str, int]) -> PadBy:
        ends = ((begin.bind(values), end.bind(values)) for begin, end in self.ends)
        return self.replaced(ends=tuple(ends))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        first = len(shape) - len(self.ends)
        if first < 0:
            raise SolverError("there are no such axes", f"{len(self.ends)} of {len(shape)} axes")
        padded = zip(shape[first:], self.ends, strict=True)
        return (*shape[:first], *(self._padded(dim, *ends, ask) for dim, ends in padded))

    def _padded(self, dim: Dim, begin: Dim, end: Dim, ask: Ask) -> Dim:
        if begin.number == end.number == 0:
            return dim
        found = dim + begin + end
        least = 0 if self.mode in ("constant", "circular") else 1
        for pad in (begin, end):
            if self.mode == "reflect":
                ask("padding size should be less than the input size", pad + 1, dim, AT_MOST)
            elif self.mode == "circular":
                ask("padding must not wrap around more than once", pad, dim, AT_MOST)
        if self.mode in ("replicate", "wrap"):
            ask("something must be there to be repeated", Dim(1), dim, AT_MOST)
        each = (dim + begin, dim + end) if self.mode == "constant" else ()
        for left in (*each, found):
            if left != dim and not never_empty(left):
                ask("no more than the input can be cut off", Dim(least), left, AT_MOST)
        return found

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        found = same(given[0])
        for axis, (begin, _) in enumerate(self.ends, len(found) - len(self.ends)):
            number = sizes.number(begin)
            known = "" if number is not None else DEPENDS
            found[axis] = Link(axis, axis, None if known else Window(begin=number), known)
        return found

    @property
    def beyond(self) -> str:
        return _BEYOND.get(self.mode, "")


class GridSample(Operation):
    """Take a tensor at the places of a grid, whose last axis has a coordinate for each axis."""

    @property
    def title(self) -> str:
        return "gridsample"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        one, grid = given
        if len(one) not in (4, 5) or len(grid) != len(one):
            raise SolverError("a grid has as many axes as the tensor, 4 or 5", f"{len(grid)}")
        ask("a grid is for each sample", grid[0], one[0])
        ask("a place has a coordinate for each axis", grid[-1], Dim(len(one) - 2))
        for dim in one[2:]:
            ask("what is sampled must have elements", dim, SizeSet(minimum=1))
        return (*one[:2], *grid[1:-1])


class Deformed(Operation):
    """Convolve with a window that has offsets of its own at each place: of (x, offsets, masks).

    of: the convolution without them.
    """

    of: Apply

    @property
    def title(self) -> str:
        return f"deformed {self.of.title}"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape | None:
        one, *others = given
        found = self.of.shape([one], ask)
        count = prod(self.of.layer.values(2)["kernel_size"])
        for each, many in zip(others, (2 * count, count), strict=False):
            if found is None or len(each) != len(found):
                raise SolverError("offsets are for each place of the output", f"{len(each)} axes")
            ask("offsets are for each place of the window", each[1], SizeSet(many, [0]))
            for dim, place in zip(each[2:], found[2:], strict=True):
                ask("offsets are for each place of the output", dim, place)
        return found

    def cost(self, given: Sequence[Shape], out: Shape) -> Cost:
        return self.of.cost(given[:1], out)
