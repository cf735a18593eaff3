"""Operations where branches meet: add, concatenate, crop and resize to fit, split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from solver.errors import LimitError, SolverError
from solver.layers.window import Window
from solver.network.graph.demand import ALIKE, AT_MOST, MEETS, REPEATS, Ask
from solver.network.graph.dim import Dim, Inexpressible
from solver.network.graph.operation import Operation, Shape, in_shape
from solver.network.graph.reads import DEPENDS, Link, link, repeated, resized, same
from solver.network.graph.sizes import Sizes
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import SizeSet

#: Parts of which the last one may be smaller.
_MOST_PARTS = 64
_MEET = "the sizes that meet must be equal"


class Elementwise(Operation):
    """Add, multiply or compare tensors element by element; sizes of 1 are repeated.

    into: whether the first is changed in its place, to whose shape the others are brought.
    """

    name: str = "add"
    into: bool = False

    @property
    def title(self) -> str:
        return self.name

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        if self.into:
            for shape in given[1:]:
                _expanded(shape, given[0], ask)
            return given[0]
        return broadcast(given, ask)

    def reads(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[list[Link]]:
        return [repeated(shape, out) for shape in given]


class Assign(Operation):
    """Put a tensor, the second, into a part of the first, which keeps its shape."""

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        return given[0]


class Expand(Operation):
    """Repeat sizes of 1 until a tensor meets a shape.

    to: the shape; without it that of the second tensor. both: whether sizes of 1 in the shape meet
    larger ones too, as in ONNX.
    """

    to: Shape | None = None
    both: bool = False

    @property
    def title(self) -> str:
        return "expand to fit" if self.to is None else f"expand({', '.join(map(str, self.to))})"

    def bind(self, values: Mapping[str, int]) -> Expand:
        bound = None if self.to is None else tuple(dim.bind(values) for dim in self.to)
        return Expand(bound, self.both)

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        shape, wanted = given[0], given[1] if self.to is None else self.to
        if self.both:
            return broadcast((shape, wanted), ask)
        _expanded(shape, wanted, ask)
        return wanted

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        return repeated(given[0], out)


def _expanded(shape: Shape, wanted: Shape, ask: Ask) -> None:
    """Ask that a shape becomes another where its sizes of 1 are repeated."""
    if len(shape) > len(wanted):
        rule = "what is expanded has at most as many axes as it shall have"
        raise SolverError(rule, f"{len(shape)} for {len(wanted)}")
    for dim, to in zip(shape, wanted[len(wanted) - len(shape) :], strict=True):
        if dim.number != 1:
            ask("only sizes of 1 are expanded", dim, to, REPEATS)


def broadcast(shapes: Sequence[Shape], ask: Ask) -> Shape:
    """The shape in which tensors meet, the last axes together."""
    found = shapes[0]
    for other in shapes[1:]:
        axes = max(len(found), len(other))
        one, two = ((Dim(1),) * (axes - len(shape)) + shape for shape in (found, other))
        found = tuple(_repeated(x, y, ask) for x, y in zip(one, two, strict=True))
    return found


def _repeated(one: Dim, other: Dim, ask: Ask) -> Dim:
    if one.number == 1:
        return other
    larger = None if other.number == 1 else ask(_MEET, one, other, MEETS)
    if isinstance(larger, Dim):
        return larger
    return one if other.number in (None, 1) else other


class Einsum(Operation):
    """Sum products over the letters that do not come out: ij,jk->ik multiplies matrices."""

    equation: str

    @property
    def title(self) -> str:
        return f"einsum({self.equation})"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        words, arrow, out = self.equation.replace(" ", "").partition("->")
        sides = words.split(",")
        known = sorted(x for x in set(words) - {",", "."} if words.count(x) == 1)
        out = out if arrow else ("..." if "..." in words else "") + "".join(known)
        if len(sides) != len(given) or not _letters(sides, out):
            raise SolverError("an equation has letters for each tensor", self.equation, "ij,jk->ik")
        found: dict[str, Dim] = {}
        rest: list[Shape] = []
        for side, shape in zip(sides, given, strict=True):
            before, dots, behind = side.partition("...")
            more = len(shape) - len(before) - len(behind)
            if more < 0 or (more and not dots):
                raise SolverError("each axis has a letter", f"{side} for {len(shape)} axes")
            own = (*shape[: len(before)], *shape[len(shape) - len(behind) :])
            for letter, dim in zip(before + behind, own, strict=True):
                found[letter] = _repeated(found.get(letter, dim), dim, ask)
            rest.append(shape[len(before) : len(before) + more])
        before, _, behind = out.partition("...")
        if not set(before + behind) <= found.keys():
            raise SolverError("what comes out has letters that go in", self.equation)
        middle = broadcast(rest, ask) if "..." in out else ()
        return (*map(found.__getitem__, before), *middle, *map(found.__getitem__, behind))


def _letters(sides: Sequence[str], out: str) -> bool:
    """Tell whether each part of an equation is letters, with ... at one place at most."""
    return all(x.isalpha() for each in (*sides, out) for x in each.replace("...", "", 1))


class Concat(Operation):
    """Put tensors behind each other along an axis of the shape: 1 for the channels.

    some: whether only those with elements must meet, as in onnxruntime.
    """

    axis: int = 1
    some: bool = False

    @property
    def title(self) -> str:
        return "concat" if self.axis == 1 else f"concat(axis={self.axis})"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        meeting = [each for each in given if not (self.some and any(x.number == 0 for x in each))]
        first = (meeting or given)[0]
        axis, length = in_shape(self.axis, first), Dim(0)
        for other in given:
            if len(other) != len(first):
                rule = "what is concatenated must have one number of axes"
                raise SolverError(rule, f"{len(first)} and {len(other)}")
            length = other[axis] if length.number == 0 else length + other[axis]
            for i, (one, two) in enumerate(zip(first, other, strict=True)):
                if i != axis and other in meeting:
                    ask(_MEET, one, two)
        return (*first[:axis], length, *first[axis + 1 :])

    def reads(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[list[Link]]:
        axis = in_shape(self.axis, out)
        found, before = [], Dim(0)
        for shape in given:
            number = sizes.number(before)
            row = same(shape)
            known = DEPENDS if number is None else Window(begin=number)
            row[axis] = link(axis, known)._replace(part=True)
            found.append(row)
            before = shape[axis] if before.number == 0 else before + shape[axis]
        return found


class CropLike(Operation):
    """Crop the first tensor to the sizes of the second, alike at both ends; an odd one at the end.

    pads: whether to pad instead. both: whether it does the one or the other, as it takes.
    """

    pads: bool = False
    both: bool = False

    @property
    def title(self) -> str:
        return f"{'pad' if self.pads else 'crop'} to fit"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        one, like = given
        rule = f"what is {'padded' if self.pads else 'cropped'} must be large enough"
        for dim, target in zip(one[2:], like[2:], strict=True):
            less, more = (dim, target) if self.pads else (target, dim)
            if not self.both:
                ask(rule, less, more, AT_MOST)
            ask("both ends are cropped alike", less, more, ALIKE, wish=True)
        return (*one[:2], *like[2:])

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        one, like = given[:2]
        return [*same(one[:2]), *(self._fitted(at, one, like, sizes) for at in range(2, len(one)))]

    def _fitted(self, axis: int, one: Shape, like: Shape, sizes: Sizes) -> Link:
        less = sizes.difference(one[axis], like[axis])
        if less is None:
            return link(axis, DEPENDS)
        return Link(axis, axis, Window(begin=-less // 2 if self.pads else -(less // 2)))


class ResizeLike(Operation):
    """Resize the first tensor to the sizes of the second."""

    @property
    def title(self) -> str:
        return "resize to fit"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        one, like = given
        for dim in (*one[2:], *like[2:]):
            ask("what is resized must have elements", dim, SizeSet(minimum=1))
        return (*one[:2], *like[2:])

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        pairs = list(zip(given[0], out, strict=True))
        rows = [link(axis, resized(*pair, sizes)) for axis, pair in enumerate(pairs[2:], 2)]
        return [*same(given[0][:2]), *(row._replace(placed=True) for row in rows)]


class SplitPart(Operation):
    """Take one of several parts of a tensor along an axis of its shape.

    sizes: of the parts; a number where there are so many equal ones. index: which. rest: whether
    the last one is smaller where they cannot be equal.
    """

    sizes: int | tuple[int | Dim, ...]
    index: int
    axis: int = 1
    rest: bool = False

    @property
    def title(self) -> str:
        return f"part {self.index + 1} along axis {self.axis}"

    def bind(self, values: Mapping[str, int]) -> SplitPart:
        if isinstance(self.sizes, int) or all(isinstance(size, int) for size in self.sizes):
            return self
        sizes = (size.bind(values) if isinstance(size, Dim) else size for size in self.sizes)
        return self.replaced(sizes=tuple(sizes))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        axis = in_shape(self.axis, shape)
        dim, found = shape[axis], list(shape)
        if isinstance(self.sizes, int) and self.rest:
            found[axis] = self._with_rest(dim, self.sizes, ask)
        elif isinstance(self.sizes, int):
            whole = SizeSet(self.sizes, [0])
            ask(f"a size is split into {self.sizes} equal parts", dim, whole)
            found[axis] = dim.through(SizeMap.line(1, 0, self.sizes))
        else:
            ask("the parts must make the whole", dim, _total(self.sizes))
            found[axis] = part = Dim(0) + self.sizes[self.index]
            if part.number is None or part.number < 0:
                ask("a part has no negative size", Dim(0), part, AT_MOST)
        return tuple(found)

    def _with_rest(self, dim: Dim, parts: int, ask: Ask) -> Dim:
        """The size of a part where there are as many as are asked for."""
        rule = "sizes that fall into fewer parts are not followed"
        each = SizeMap.line(1, parts - 1, parts)
        always = (parts - 1) ** 2 + 1
        if parts > _MOST_PARTS:
            raise LimitError(f"at most {_MOST_PARTS} parts with a rest are followed", str(parts))
        there = SizeSet(1, [0], always, [n for n in range(1, always) if (parts - 1) * each(n) < n])
        if dim.number is not None and dim.number not in there:
            raise Inexpressible(rule, f"{dim} in {parts} parts", str(there))
        ask(rule, dim, there)
        return dim.through(IDENTITY - each * (parts - 1) if self.index == parts - 1 else each)

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        found = same(given[0])
        axis = in_shape(self.axis, given[0])
        dim, part = given[0][axis], out[axis]
        if not isinstance(self.sizes, int):
            start = _total(self.sizes[: self.index])
        elif self.rest and self.index == self.sizes - 1:
            start = dim + part * -1
        else:
            start = part * self.index
        number = sizes.number(start)
        found[axis] = link(axis, DEPENDS if number is None else Window(begin=-number))
        return found


@lru_cache(256)
def _total(sizes: tuple[int | Dim, ...]) -> Dim:
    found = Dim(0)
    for size in sizes:
        found = found + size
    return found
