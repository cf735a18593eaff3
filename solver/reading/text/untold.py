"""Numbers that a text does not tell: what is decided of them, and what it is with others.

Of channels that nobody has told yet: what operations say of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from solver.errors import LimitError, SolverError
from solver.layers.layer import Layer
from solver.network.graph.demand import EQUAL, UNEQUAL, Demand
from solver.network.graph.operation import Apply, Operation, Pointwise, Shape
from solver.network.network import Network
from solver.reading.text.values import UNTOLD
from solver.sizes.sizeset import SizeSet

#: What is said of an input that takes any number of features, which no layer tells.
AS_STEPS = "the input is taken as batch, steps"
#: What is taken for a width that is not told: a number that many others divide.
WIDTH = 40320
#: Sizes at which two networks must refuse alike.
_SIZES = (1, 2, 3, 5, 7, 8, 16, 31, 32, 64, 224)
#: As many channels are tried where a layer takes only multiples of some number.
_MOST_CHANNELS = 4096


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


def alike(one: Network, other: Network) -> bool:
    """Tell whether two networks do the same to every size, whatever their channels are."""
    if len(one.ways) != len(other.ways):
        return False
    for way, there in zip(one.ways, other.ways, strict=True):
        if len(way) != len(there) or way.within != there.within:
            return False
        (shapes, asked), (others, asked_there) = _walked(way), _walked(there)
        same = all(_same(*pair) for pair in zip(shapes, others, strict=False))
        if not same or asked != asked_there:
            return False
    return all(_refused(one, size) == _refused(other, size) for size in _SIZES)


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


def _same(one: Shape | None, other: Shape | None) -> bool:
    if one is None or other is None:
        return one is other
    pairs = zip(one, other, strict=False)
    numbers = all(a == b or None not in (a.number, b.number) for a, b in pairs)
    return len(one) == len(other) and numbers


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
