"""Slices of an axis: their ends are clamped to it, as in PyTorch, NumPy and ONNX.

So what comes out is piecewise: x[-5:] gives all there is of n < 5, and 5 from there on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from solver.errors import LimitError, SolverError
from solver.layers.window import Window
from solver.network.graph.demand import AT_MOST, SETTLED, Ask
from solver.network.graph.dim import Dim, Inexpressible
from solver.network.graph.operation import Operation, Shape, in_shape
from solver.network.graph.reads import DEPENDS, Link, link, same
from solver.network.graph.sizes import Sizes
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import EVERY, SizeSet, where_nonnegative

_RULE = "a slice takes as much as there is"

if TYPE_CHECKING:
    from solver.sizes.piecewise import Piecewise


class Slice(Operation):
    """Take the elements start, start + step, ... before stop of an axis of the shape.

    start, stop: numbers, or sizes that the network computes; from the end where negative, None for
    the ends of the axis. Both are clamped to the axis. inside: they must lie inside instead, as in
    narrow and where one element is taken. least: where a start before the axis begins that goes
    down: nowhere, at -1, as in Python, or at element 0, as in ONNX.
    """

    axis: int
    start: int | Dim | None = None
    stop: int | Dim | None = None
    step: int = 1
    inside: bool = False
    least: int = -1

    @property
    def title(self) -> str:
        ends = f"{self.start or ''}:{'' if self.stop is None else self.stop}"
        step = f":{self.step}" if self.step != 1 else ""
        return f"slice({ends}{step}, axis={self.axis})"

    def bind(self, values: Mapping[str, int]) -> Slice:
        return self.replaced(start=_bound(self.start, values), stop=_bound(self.stop, values))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        axis = in_shape(self.axis, shape)
        if self.inside:
            self._ask_inside(shape[axis], ask)
            if isinstance(self.start, int) and isinstance(self.stop, int | None):
                ask = _settles  # what is asked is that it lies in the last piece
        return (*shape[:axis], self._size(shape[axis], ask), *shape[axis + 1 :])

    def _ask_inside(self, dim: Dim, ask: Ask) -> None:
        rule = "a slice must lie inside"
        if isinstance(self.stop, Dim):
            start = self.start or 0
            first = start if isinstance(start, Dim) else Dim(start)
            if first.number is None or first.number >= 0:
                ask(rule, first, self.stop, AT_MOST)
        for end in (self.start, self.stop):
            number = _number(end)
            if isinstance(end, Dim) and number is None:
                ask(rule, end, dim, AT_MOST)
            elif number:
                ask(rule, dim, SizeSet(minimum=abs(number)))

    def _size(self, dim: Dim, ask: Ask) -> Dim:
        start, stop, length = _number(self.start), _number(self.stop), dim.number
        known = start is not None or self.start is None, stop is not None or self.stop is None
        if length is not None and all(known):
            return Dim(len(self.places(length)))
        ends = [end for end in (self.start, self.stop) if isinstance(end, Dim)]
        letters = {letter for each in (dim, *ends) for letter in each.letters}
        if self.step == 1 and not start and self.start in (None, start) and self.stop == dim:
            return dim
        single = all(each.number is not None or each.single is not None for each in (dim, *ends))
        if len(letters) == 1 and single:
            (letter,) = letters
            of = Dim.letter(letter)
            return of.through(_settled(of, self._pieces(_map(dim), 1), 1, ask))
        if not all(known) or not _grows(dim):
            return self._within(dim, ask)
        least = dim.at(dict.fromkeys(letters, 1))
        return dim.through(_settled(dim, self._pieces(IDENTITY, 0), least, ask))

    def _within(self, dim: Dim, ask: Ask) -> Dim:
        """What lies between ends that no size is compared with: followed where it is inside."""
        rule = "a slice to a size of another axis is followed where it lies inside"
        places = []
        for end, usual in ((self.start, Dim(0)), (self.stop, dim)):
            place = usual if end is None else Dim(end) if isinstance(end, int) else end
            falls = place.number < 0 if place.number is not None else _falls(place)
            if falls is None or self.step != 1:
                raise Inexpressible("a slice between sizes", f"{self.title} of {dim}")
            places.append(dim + place if falls else place)
        first, last = places
        ask(rule, Dim(0), first, AT_MOST)
        ask(rule, last, dim, AT_MOST)
        ask(rule, first, last, AT_MOST)
        return last + first * -1

    def places(self, length: int) -> range:
        """The places it takes of an axis of so many elements."""
        start, stop = _number(self.start), _number(self.stop)
        if self.step < 0 and self.least == 0 and start is not None and length:
            start = max(start + length if start < 0 else start, 0)
        return range(length)[slice(start, stop, self.step)]

    def _pieces(self, size: SizeMap, least: int) -> list[tuple[int, SizeMap]]:
        """What is taken of an axis of this size, from each start on, the first `least`."""
        from solver.sizes.piecewise import Piecewise  # most networks cut no size

        try:
            length = Piecewise.of(size, least)
            start = None if self.start is None else _place(_map(self.start), length)
            stop = None if self.stop is None else _place(_map(self.stop), length)
            if self.step > 0:
                first = length * 0 if start is None else start.greatest(0).least(length)
                last = length if stop is None else stop.greatest(0).least(length)
                span = last - first
            else:
                top = length - 1
                first = top if start is None else start.greatest(self.least).least(top)
                span = first - (length * 0 - 1 if stop is None else stop.greatest(-1).least(top))
            taken = (span.greatest(0) + (abs(self.step) - 1)) // abs(self.step)
        except LimitError:
            raise
        except SolverError as fault:  # a product of two sizes
            raise Inexpressible(fault.rule, self.title) from None
        return [(piece.first, piece.value.numerator) for piece in taken]

    def reads_first(self, given: Sequence[Shape], out: Shape, sizes: Sizes) -> list[Link]:
        found = same(given[0])
        axis = in_shape(self.axis, given[0])
        if self.step < 0:
            found[axis] = link(axis, f"not known what {self.title} reads")
            return found
        start, length = self.start, sizes.number(given[0][axis])
        if isinstance(start, Dim) and (start := sizes.number(start)) is None:
            found[axis] = link(axis, DEPENDS)
            return found
        if length is not None:
            start = self.replaced(start=start, stop=None).places(length).start
        start = start or 0
        end = Dim(0) if start >= 0 else given[0][axis]
        if end.number is not None and start < -end.number:  # it begins before the first element
            start = -end.number
        number = sizes.number(end)
        window = None if number is None else Window(1, self.step, -number - start)
        found[axis] = link(axis, window or DEPENDS)
        return found


def _settles(*_: object, **__: object) -> bool:
    return True


def _settled(dim: Dim, pieces: list[tuple[int, SizeMap]], least: int, ask: Ask) -> SizeMap:
    """The map of the piece in which a dimension lies: the last one unless it is told.

    least: it is never smaller.
    """
    for first, size in reversed(pieces):
        if first <= least or ask(_RULE, dim, SizeSet(minimum=first), SETTLED) is not False:
            return size
    return pieces[0][1]


def _number(end: int | Dim | None) -> int | None:
    return end.number if isinstance(end, Dim) else end


def _bound(end: int | Dim | None, values: Mapping[str, int]) -> int | Dim | None:
    return end.bind(values) if isinstance(end, Dim) else end


def _map(end: int | Dim) -> SizeMap:
    if isinstance(end, int):
        return SizeMap.line(0, end)
    return SizeMap.line(0, end.factor) if end.single is None else end.single[1]


def _place(end: SizeMap, length: Piecewise) -> Piecewise:
    """An end as a place: from the end of the axis where it is negative."""
    place = length.of(end, length.starts[0])
    return place + length * (-place).sign().greatest(0)


def _grows(dim: Dim) -> bool:
    """Tell whether a larger input never makes it smaller, and some input makes it larger."""
    parts = [part for term in dim.terms for part in term.parts]
    return all(term.factor > 0 for term in dim.terms if term.parts) and all(
        size_map.rise > 0 and size_map.nondecreasing and size_map(1) >= 0 for _, size_map in parts
    )


def _falls(end: Dim) -> bool | None:
    """Tell whether an end counts from the end of the axis, None where only some sizes tell."""
    if end.number is not None:
        return end.number < 0
    if end.single is not None and end.single[1].rise == 0:
        return False if where_nonnegative(end.single[1]) == EVERY else None
    signs = [term.factor if len(term.parts) != 1 else term.parts[0][1].rise for term in end.terms]
    return False if min(signs) >= 0 else True if max(signs) <= 0 else None
