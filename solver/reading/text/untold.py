"""Numbers that a text does not tell: what is decided of them, and what it is with others.

Of channels that nobody has told yet: what operations say of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from solver.errors import LimitError, SolverError
from solver.ground.record import Record
from solver.layers.layer import Layer
from solver.network.graph.demand import EQUAL, UNEQUAL, Demand
from solver.network.graph.operation import Apply, Operation, Pointwise, Shape
from solver.network.network import Network
from solver.reading.text.values import UNTOLD
from solver.sizes.sizeset import SizeSet
from solver.sizes.width import Width

#: What is said of an input that takes any number of features, which no layer tells.
AS_STEPS = "the input is taken as batch, steps"
#: The channels of an input that nobody tells.
USUAL = 3
#: Sizes at which two networks must refuse alike.
_SIZES = (1, 2, 3, 5, 7, 8, 16, 31, 32, 64, 224)
#: As many channels are tried where a layer takes only multiples of some number.
_MOST_CHANNELS = 4096


class Stands(Record):
    """Hold what is taken for numbers that are not told, while a text is read.

    width: a number that many others divide. heads: of heads and groups, which divide others.
    channels: what may be those of the input. told: those of the input, where they are told.
    apart: whether each name has a number of its own. plain: whether heads and channels are usual
    numbers, and not any. supposed: what is taken to hold of them, in words.
    """

    supposed: dict[str, None]
    width: int = 40320
    heads: int = 2
    channels: int = 240
    told: int | None = None
    apart: bool = False
    plain: bool = False

    def taken(self, name: str, channels: bool, before: int) -> int:
        """The number that stands for a name.

        channels: whether it may be those of the input. before: how many names there are already.
        """
        few = re.search("head|group", name) is not None
        if channels and self.told is not None:
            return self.told
        if self.plain and (few or channels):
            return USUAL if channels else 1
        value = self.channels if channels else self.heads if few else self.width
        if self.apart:  # 4, 6, 8 heads, which divide the others too
            value += before * (2 if few and not channels else value // 6)
        return Width.named(value, name, self.supposed)


def others(told: int | None) -> Iterator[tuple[Stands, Stands]]:
    """Yield what is taken for numbers that are not told, and what else would do as well.

    Names that have to stand for one number do so; last, heads and channels are usual ones.
    """
    usual = Stands({}, told=told)
    more = Stands({}, 6 * usual.width, 4, 480, told)
    yield usual, more.replaced(apart=True)
    yield usual, more.replaced(supposed={})
    yield usual.replaced(supposed={}, plain=True), more.replaced(supposed={}, plain=True)


def of_any(demand: Demand, note: Callable[[str], None]) -> bool | None:
    """Whether a condition holds of numbers that are not told: of all, or of none.

    One that would have to be some number, or another of them, is taken not to be, which is noted.
    """
    if len(demand.letters) == 1:
        allowed = demand.inputs()
        if allowed.first(1) is None or (~allowed).first(1) is None:
            return allowed.first(1) is not None
    if demand.relation not in (EQUAL, UNEQUAL):
        return None
    other = demand.negated() if demand.relation == EQUAL else demand
    note(f"taken as where {other.claim.replace(UNTOLD, '')}")
    return demand.relation == UNEQUAL


def alike(one: Network, other: Network, values: Mapping[str, int]) -> bool:
    """Tell whether two networks do the same to every size, whatever their channels are.

    values: of what is not told, for which the other one was read.
    """
    if len(one.ways) != len(other.ways):
        return False
    for way, there in zip(one.ways, other.ways, strict=True):
        if len(way) != len(there) or way.within != there.within or _said(way) != _said(there):
            return False
        (shapes, asked), (others, asked_there) = _walked(way), _walked(there)
        same = all(_same(*pair, values) for pair in zip(shapes, others, strict=False))
        if not same or asked != asked_there:
            return False
    return all(_refused(one, size) == _refused(other, size) for size in _SIZES)


def _said(network: Network) -> list[str]:
    """What is said of each node beside its sizes: in words it is the same for all of them."""
    from solver.network.graph.costs import costs  # few texts leave a number open

    try:
        found = costs(network)
    except SolverError:
        return []
    pairs = zip(network.nodes, found, strict=True)
    return [f"{node.operation.title} {[*map(str, cost or ())]}" for node, cost in pairs]


def _walked(network: Network) -> tuple[Sequence[Shape | None], list[SizeSet | str]]:
    """The shapes, and the sizes that are demanded."""
    try:
        walk = network.walk
    except SolverError as fault:  # where it names other numbers, it stands on them
        return (), [str(fault.received)]
    return walk.shapes, [_where(each) for each in walk.demands]


def _where(demand: Demand) -> SizeSet | str:
    try:
        return demand.inputs()
    except LimitError:
        return demand.claim


def _same(one: Shape | None, other: Shape | None, values: Mapping[str, int]) -> bool:
    if one is None or other is None:
        return one is other
    return [dim.worded(values) for dim in one] == [dim.worded(values) for dim in other]


def _refused(network: Network, size: int) -> bool | None:
    """Whether a size is refused; None where nothing is claimed for it."""
    try:
        return network.run(size)[1] is not None
    except LimitError:
        return None
    except SolverError:
        return True


def fewest(layer: Layer, axes: int) -> int:
    """The fewest channels that a layer takes."""
    for channels in range(1, _MOST_CHANNELS):
        try:
            layer.channels_after(channels, axes)
        except SolverError:
            continue
        return channels
    return 1


def keeps_channels(operation: Operation) -> bool:
    """Tell whether what comes out has as many channels as the one tensor that goes in."""
    if isinstance(operation, Apply):
        return operation.layer.row.kind.samples
    return isinstance(operation, Pointwise)
