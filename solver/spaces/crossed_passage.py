"""What a way through a block does where axes differ: a passage for each lane, and costs of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from solver.ground.named import NamedTuple
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.spaces.option import AT_A_SIZE, InnerCost, Option, Price, crossed
from solver.spaces.passage import Passage

#: Of what a lane knows for itself; costs are of all lanes together.
_OWN = frozenset((*AT_A_SIZE, "memory"))


class CrossedPassage(NamedTuple):
    """Hold what layers in order do on each lane, as a `Passage`; its costs are of them all.

    lanes: of each what happens there, without costs at a size; the first has parameters and depth.
    axes: the lane of each axis. terms, held: costs, and what operations take and give, with a size
    map for each axis.
    """

    lanes: tuple[Passage, ...]
    axes: tuple[int, ...]
    terms: tuple[InnerCost, ...] = ()
    held: tuple[Any, ...] = ()

    @classmethod
    def start(cls, channels: int | None, asked: frozenset[str], alike: Sequence[int]) -> Any:
        """The way without layers. alike: for each axis the first that is treated alike."""
        firsts = sorted(set(alike))
        lane = Passage.start(channels, asked - _OWN)
        return cls((lane,) * len(firsts), tuple(map(firsts.index, alike)))

    @property
    def channels(self) -> int | None:
        """The channels behind it."""
        return self.lanes[0].channels

    @property
    def takes(self) -> bool:
        """Tell whether it works at some size on every lane."""
        return all(bool(lane.takes) for lane in self.lanes)

    @property
    def strides(self) -> Sequence[Any]:
        """The stride of each axis, None where it goes up."""
        found = [lane.strides[0] for lane in self.lanes]
        return tuple(found[lane] for lane in self.axes)

    def then(self, option: Option, asked: frozenset[str]) -> CrossedPassage:
        """What it does with a layer behind it."""
        price: Price = option.price
        costs = price._replace(
            macs_before=0,
            macs_after=0,
            activations_before=0,
            activations_after=0,
            within=(),
            held=(),
        )
        rows = list(zip(self.lanes, option.lanes, strict=True))
        lanes = [lane.then(one._replace(price=costs), asked - _OWN) for lane, one in rows]
        made = CrossedPassage(tuple(lanes), self.axes)
        before, after = self._sizes, made._sizes
        terms = [
            InnerCost(before, price.macs_before, price.activations_before),
            InnerCost(after, price.macs_after, price.activations_after),
            *(term._replace(size=self._inner(term.size, before)) for term in price.within),
        ]
        held = self.held
        if "memory" in asked:
            ends = ((before, self.channels or 1), (after, option.channels or 1))
            inner = ([(self._inner(s, before), wide) for s, wide in each] for each in price.held)
            held = _holding(held, map(tuple, inner) if price.held else [ends])
        return made._replace(terms=_added((*self.terms, *terms), asked), held=held)

    def beside(self, other: CrossedPassage, join: str) -> CrossedPassage | None:
        """Both from the same beginning, where they meet; None where they meet at no size."""
        lanes = []
        for one, two in zip(self.lanes, other.lanes, strict=True):
            met = one.beside(two, join)
            if met is None:
                return None
            lanes.append(met)
        terms = _added((*self.terms, *other.terms), _OWN)
        held = _holding(self.held, other.held)
        return self._replace(lanes=tuple(lanes), terms=terms, held=held)

    def cropped(self, other: CrossedPassage, asked: frozenset[str]) -> CrossedPassage | None:
        """The input, cropped to what comes out of another way; None where that is never smaller."""
        lanes = []
        for one, two in zip(self.lanes, other.lanes, strict=True):
            met = one.cropped(two, asked - _OWN)
            if met is None:
                return None
            lanes.append(met)
        made = CrossedPassage(tuple(lanes), self.axes)
        wide = self.channels or 1
        held = [((self._sizes, wide), (made._sizes, wide))] if "memory" in asked else []
        return made._replace(terms=_added([made._joined], asked), held=_holding((), held))

    def met(self, asked: frozenset[str], taken: int) -> CrossedPassage:
        """It with the operation in which its branches meet. taken: as of a `Passage`."""
        sizes, wide = self._sizes, self.channels or 1
        held = [((sizes, taken * wide), (sizes, wide))] if "memory" in asked else []
        terms = _added((*self.terms, self._joined), asked)
        return self._replace(terms=terms, held=_holding(self.held, held))

    def option(self, layers: tuple[Any, ...], many: int, members: Any) -> Option:
        """The block as an option."""
        lanes = [lane.option(layers, many, members) for lane in self.lanes]
        return crossed(lanes[0]._replace(price=self.price), lanes)

    @property
    def price(self) -> Price:
        """What it costs, for the sizes before, behind and between."""
        found = {term.size: term for term in self.terms}
        start = (IDENTITY,) * len(self.axes)
        before = found.pop(start, InnerCost(start, 0, 0))
        after = found.pop(self._sizes, InnerCost(start, 0, 0))
        between = tuple(found.values())
        ends = before.macs, after.macs, before.activations, after.activations
        first = self.lanes[0]
        return Price(first.parameters, *ends, first.depth, within=between, held=self.held)

    @property
    def _sizes(self) -> tuple[SizeMap, ...]:
        """The size map of each axis."""
        return tuple(self.lanes[lane].size for lane in self.axes)

    @property
    def _joined(self) -> InnerCost:
        return InnerCost(self._sizes, 0, self.channels or 1)

    @staticmethod
    def _inner(size: Any, before: Sequence[SizeMap]) -> tuple[SizeMap, ...]:
        """Sizes inside an option, of those where the way began."""
        maps = size if isinstance(size, tuple) else (size,) * len(before)
        return tuple(one(two) for one, two in zip(maps, before, strict=True))


def _holding(held: Iterable[Any], more: Iterable[Any]) -> tuple[Any, ...]:
    """What operations take and give, with others: each once, sorted."""
    return tuple(sorted({*held, *more}, key=_order))


def _order(held: Any) -> Any:
    return [([size.order for size in sizes], wide) for sizes, wide in held]


def _added(terms: Iterable[InnerCost], asked: frozenset[str]) -> tuple[InnerCost, ...]:
    """The costs of the same sizes together, sorted: those that are asked for."""
    found: dict[Any, tuple[int, int]] = {}
    for sizes, macs, activations in terms:
        more = macs if "macs" in asked else 0, activations if "activations" in asked else 0
        if any(more):
            old = found.get(sizes, (0, 0))
            found[sizes] = old[0] + more[0], old[1] + more[1]
    kept = sorted(found, key=lambda sizes: [size.order for size in sizes])
    return tuple(InnerCost(sizes, *found[sizes]) for sizes in kept)
