"""Small tensors whose elements are followed: each a dimension over a whole number, or not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio, bounded, times
from solver.sizes.domain import LARGEST

#: The most elements of a tensor whose values are followed.
MOST = 128
#: One element: exact, rounded, or not known.
Item = Ratio | float | None


class SmallTensor(NamedTuple):
    """Hold what is known of a small tensor. real: whether its elements are no integers."""

    shape: tuple[int, ...]
    items: tuple[Item, ...]
    real: bool = False

    @classmethod
    def vector(cls, dims: Sequence[Dim]) -> SmallTensor:
        """Return dimensions as a vector."""
        return cls((len(dims),), tuple(map(Ratio, dims)))

    @property
    def dims(self) -> list[Dim | None]:
        """The elements that are whole numbers for every n, None for the others."""
        return [i.top if isinstance(i, Ratio) and i.bottom == 1 else None for i in self.items]

    @property
    def numbers(self) -> list[int | None]:
        """The elements that are plain whole numbers, None for the others."""
        return [None if dim is None else dim.number for dim in self.dims]

    @property
    def floats(self) -> list[float | None]:
        """The elements that are plain numbers, None for the others."""
        return [_float(item) for item in self.items]


def _float(item: Item) -> float | None:
    if not isinstance(item, Ratio):
        return item
    return None if item.top.number is None else item.top.number / item.bottom


def whole(value: SmallTensor | None) -> list[int] | None:
    """The elements where all are plain whole numbers, else None.

    >>> whole(SmallTensor.vector([Dim(3), Dim(4)])), whole(SmallTensor.vector([Dim.letter("n")]))
    ([3, 4], None)
    """
    if value is None:
        return None
    found = [number for number in value.numbers if number is not None]
    return found if len(found) == len(value.items) else None


Two = Callable[[Ratio, Ratio], Ratio]


def apply(rule: Two, one: SmallTensor, other: SmallTensor) -> SmallTensor | None:
    """What a rule makes of two tensors, element by element; None where one is too large."""
    shape = _broadcast(one.shape, other.shape)
    if shape is None or prod(shape) > MOST:
        return None
    pairs = zip(_spread(one, shape), _spread(other, shape), strict=True)
    return SmallTensor(shape, tuple(_tried(rule, *pair) for pair in pairs), one.real or other.real)


def each(rule: Callable[[Ratio], Ratio], value: SmallTensor) -> SmallTensor:
    """What a rule makes of every element."""
    return value._replace(items=tuple(_tried(rule, item) for item in value.items))


def choose(condition: SmallTensor, one: SmallTensor, other: SmallTensor) -> SmallTensor | None:
    """The elements of one where the condition holds, of the other elsewhere."""
    shape = _broadcast(condition.shape, one.shape)
    shape = None if shape is None else _broadcast(shape, other.shape)
    if shape is None or prod(shape) > MOST:
        return None
    spread = (_spread(value, shape) for value in (condition, one, other))
    items = []
    for tested, yes, no in zip(*spread, strict=True):
        known = _float(tested)
        items.append(None if known is None else yes if known else no)
    return SmallTensor(shape, tuple(items), one.real)


def _tried(rule: Callable[..., Ratio], *items: Item) -> Item:
    """What a rule makes of exact elements; not known where that is no dimension."""
    if not all(isinstance(item, Ratio) for item in items):
        return None
    try:
        found = rule(*items)
    except SolverError:
        return None
    return found if bounded(found.top) and found.bottom <= LARGEST else None


def _broadcast(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...] | None:
    rank = max(len(one), len(other))
    pairs = zip((1,) * (rank - len(one)) + one, (1,) * (rank - len(other)) + other, strict=True)
    found = []
    for x, y in pairs:
        if x != y and 1 not in (x, y):
            return None
        found.append(y if x == 1 else x)
    return tuple(found)


def _spread(value: SmallTensor, shape: tuple[int, ...]) -> Iterator[Item]:
    """Yield the elements repeated to a larger shape."""
    own = (1,) * (len(shape) - len(value.shape)) + value.shape
    for index in range(prod(shape)):
        at, step, rest = 0, 1, index
        for size, there in zip(reversed(own), reversed(shape), strict=True):
            rest, place = divmod(rest, there)
            at += place * step if size > 1 else 0
            step *= size
        yield value.items[at]


def take(value: SmallTensor, axis: int, places: Sequence[int]) -> SmallTensor | None:
    """The elements at places of an axis, in this order; None where there is no such place.

    >>> n = Dim.letter("n")
    >>> take(SmallTensor.vector([Dim(1), Dim(3), n]), 0, [-1]).dims == [n]
    True
    """
    size = value.shape[axis]
    if any(not -size <= place < size for place in places):
        return None
    inner = prod(value.shape[axis + 1 :])
    outer = prod(value.shape[:axis])
    if outer * len(places) * inner > MOST:
        return None
    items = tuple(
        value.items[(before * size + place % size) * inner + behind]
        for before in range(outer)
        for place in places
        for behind in range(inner)
    )
    shape = (*value.shape[:axis], len(places), *value.shape[axis + 1 :])
    return SmallTensor(shape, items, value.real)


def join(values: Sequence[SmallTensor], axis: int) -> SmallTensor | None:
    """Return vectors behind each other; None for what is no vector."""
    if any(len(value.shape) != 1 for value in values) or axis not in (0, -1):
        return None
    items = tuple(item for value in values for item in value.items)
    if len(items) > MOST:
        return None
    return SmallTensor((len(items),), items, any(value.real for value in values))


def permute(value: SmallTensor, order: Sequence[int]) -> SmallTensor | None:
    """The axes in another order; None where that names not every axis once."""
    if sorted(order) != list(range(len(value.shape))):
        return None
    steps = [prod(value.shape[axis + 1 :]) for axis in order]
    shape = tuple(value.shape[axis] for axis in order)
    places = [0]
    for size, step in zip(shape, steps, strict=True):
        places = [place + step * i for place in places for i in range(size)]
    return SmallTensor(shape, tuple(value.items[place] for place in places), value.real)


def multiplied(value: SmallTensor) -> SmallTensor:
    """The product of all elements, as a scalar."""
    found: Item = Ratio(Dim(1))
    for item in value.items:
        found = _tried(times, found, item)
    return SmallTensor((), (found,), value.real)
