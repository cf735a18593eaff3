"""What a way through the inside of a block does: sizes, what is read, what it costs.

Ways that do the same are one passage, so a block is a relation from what comes in to what comes
out, with how many ways there are. Only what is asked tells passages apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import zip_longest
from math import gcd, lcm
from typing import Any

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.layers.reads import ITSELF, Span
from solver.layers.window import Window
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import EVERY, SizeSet, where_nonnegative, where_zero
from solver.spaces.footprint import ITS_OWN, Footprint, footprint
from solver.spaces.option import (
    AT_A_SIZE,
    READING,
    WHOLE_INPUT,
    Held,
    InnerCost,
    Option,
    Placing,
    Price,
)
from solver.spaces.transition import Transition, Within


class Passage(NamedTuple):
    """Hold what layers in order do together, from where the block begins.

    size: the map of the size before to that behind; takes: the sizes before at which they work.
    channels: behind them. reads, footprint: of what comes in, None where nobody asks. What is not
    asked of a price is 0.
    """

    size: SizeMap
    takes: SizeSet
    channels: int | None
    reads: Span | None
    footprint: Footprint | None = None
    parameters: int = 0
    depth: int = 0
    terms: tuple[InnerCost, ...] = ()
    held: tuple[Held, ...] = ()
    own: tuple[tuple[Placing, int], ...] = ()

    @classmethod
    def start(cls, channels: int | None, asked: frozenset[str]) -> Passage:
        """The way without layers."""
        reads = ITSELF if not asked.isdisjoint(READING) else None
        return cls(IDENTITY, EVERY, channels, reads, ITS_OWN if "gaps" in asked else None)

    def then(self, option: Any, asked: frozenset[str]) -> Passage:
        """What it does with a layer behind it."""
        size, takes = sized(self.size, self.takes, option.transition)
        price: Price = option.price
        terms = self.terms
        if not asked.isdisjoint(AT_A_SIZE):
            within = (term._replace(size=term.size(self.size)) for term in price.within)
            before = InnerCost(self.size, price.macs_before, price.activations_before)
            after = InnerCost(size, price.macs_after, price.activations_after)
            terms = added((*terms, before, after, *within), asked)
        return Passage(
            size,
            takes,
            option.channels,
            None if self.reads is None else reads_behind(option, self.reads),
            None if self.footprint is None else footprint(option).behind(self.footprint),
            self.parameters + price.parameters if "parameters" in asked else 0,
            self.depth + price.depth if "depth" in asked else 0,
            terms,
            self._holding(self._operations(option, size)) if "memory" in asked else (),
            self._owning(self._layers(option, size)) if "own" in asked else (),
        )

    def beside(self, other: Passage, join: str) -> Passage | None:
        """Both from the same beginning, where they meet; None where they meet at no size."""
        met = _meeting(self.size, self.takes, other.size, other.takes)
        channels = self.channels
        if met is None or (join == "add" and channels != other.channels):
            return None
        if join == "concat":
            channels = (channels or 1) + (other.channels or 1)
        size, takes = met
        return Passage(
            size,
            takes,
            channels,
            _hull(self.reads, other.reads),
            _union(self.footprint, other.footprint),
            self.parameters + other.parameters,
            max(self.depth, other.depth),
            added((*self.terms, *other.terms), frozenset(AT_A_SIZE)) if self.terms else other.terms,
            self._holding(other.held),
            self._owning(other.own),
        )

    def _layers(self, option: Any, size: SizeMap) -> list[tuple[Placing, int]]:
        """Each layer of an option behind it, with its sizes."""
        if not option.price.own:
            return [((option.layers[0], self.size, size), 1)]
        return [
            ((layer, before(self.size), after(self.size)), times)
            for (layer, before, after), times in option.price.own
        ]

    def _owning(self, more: Iterable[tuple[Placing, int]]) -> tuple[tuple[Placing, int], ...]:
        """Its layers with others."""
        found = dict(self.own)
        for layer, times in more:
            found[layer] = found.get(layer, 0) + times
        return tuple(sorted(found.items(), key=lambda item: _rank(item[0])))

    def _operations(self, option: Any, size: SizeMap) -> list[Held]:
        """What each operation of an option behind it takes and gives."""
        if option.price.held:
            return [
                tuple((map(self.size), wide) for map, wide in each) for each in option.price.held
            ]
        return [((self.size, self.channels or 1), (size, option.channels or 1))]

    def _holding(self, more: Iterable[Held]) -> tuple[Held, ...]:
        """What its operations take and give, with others: those that never take less."""
        found: dict[Held, None] = dict.fromkeys(self.held)
        found |= dict.fromkeys(map(_summed, more))
        return tuple(
            each for each in sorted(found, key=_order) if not any(_less(each, x) for x in found)
        )

    def cropped(self, other: Passage, asked: frozenset[str]) -> Passage | None:
        """The input, cropped to what comes out of another way; None where that is never smaller.

        Raises LimitError where what is read together depends on the size.
        """
        lost = IDENTITY - other.size
        if lost.rise:
            return None
        takes = other.takes & where_nonnegative(lost)
        if not takes:
            return None
        reads, whole = None, None
        if other.reads is not None or other.footprint is not None:
            begins = _begins(lost, takes)
            spans = [Span(end, end) for end in (SizeMap.line(1, begin) for begin in begins)]
            prints = [Footprint(1, ((begin, 1),)) for begin in begins]
            met = {_hull(other.reads, span) for span in spans}
            if len(met) > 1 or len({_union(other.footprint, each) for each in prints}) > 1:
                rule = "what a cropped skip reads depends on the size"
                raise LimitError(rule, right="no limit or cost on what is read")
            reads = None if other.reads is None else spans[0]
            whole = None if other.footprint is None else prints[0]
        made, wide = Passage(other.size, takes, self.channels, reads, whole), self.channels or 1
        held = [((IDENTITY, wide), (other.size, wide))] if "memory" in asked else []
        terms = added([InnerCost(other.size, 0, wide)], asked)
        return made._replace(terms=terms, held=made._holding(held))

    def met(self, asked: frozenset[str], taken: int) -> Passage:
        """It with the operation in which its branches meet. taken: how often its channels go in."""
        wide = self.channels or 1
        terms = added((*self.terms, InnerCost(self.size, 0, wide)), asked)
        held = self.held
        if "memory" in asked:
            held = self._holding([((self.size, taken * wide), (self.size, wide))])
        return self._replace(terms=terms, held=held)

    @property
    def strides(self) -> Sequence[Any]:
        """The stride, of each axis that differs; None where it is no whole number."""
        rise, period = self.size.rise, self.size.period
        return (period // rise if rise and period % rise == 0 else None,)

    def option(self, layers: tuple[Any, ...], many: int, members: Any) -> Option:
        """It as an option, of one block or of members."""
        acts = self.channels, self.transition, self.span, self.price, self.reads
        return Option(layers, *acts, many, members, self.footprint)

    @property
    def price(self) -> Price:
        """What it costs, for the sizes before, behind and between."""
        found = {term.size: term for term in self.terms}
        before = found.pop(IDENTITY, InnerCost(IDENTITY, 0, 0))
        after = found.pop(self.size, InnerCost(self.size, 0, 0))
        between = tuple(found.values())
        ends = before.macs, after.macs, before.activations, after.activations
        return Price(
            self.parameters, *ends, self.depth, within=between, held=self.held, own=self.own
        )

    @property
    def transition(self) -> Transition:
        """What it does to a size: a window where it is one, with a condition where it needs one.

        >>> Passage(SizeMap.line(1, 1, 2), SizeSet(minimum=3), None, None).transition
        Transition(stride=2, input_dilation=1, net_padding=0, minimum=3, back=None)
        """
        size, least = self.size, self.takes.first() or 1
        steps = gcd(size.rise, size.period) or 1
        stride, apart = size.period // steps, size.rise // steps
        shift, net = size.shift, None
        if shift is not None and steps == 1 and 1 in (stride, apart):
            # of one floor or multiple: floor(((n - 1)*apart + net)/stride) + 1
            net = shift + apart - stride
        curve = size if net is None else None
        within = None if curve is None and self.takes.only_minimum else Within(self.takes, curve)
        return Transition(stride, apart, net or 0, least, within)

    @property
    def span(self) -> int:
        """What the receptive field gains, where all outputs read alike."""
        reads = self.reads
        if reads is None or reads is WHOLE_INPUT or not reads.alike:
            return 0
        return reads.length - 1


def reads_behind(option: Any, read: Span) -> Span:
    """What is read by reading an option whose input reads `read` of it."""
    if option.reads is not None:
        return through(option.reads, read)
    if read is WHOLE_INPUT:
        return read
    return _behind(option.layers[0].window(option.axis)._replace(end=0), read)


def through(own: Span, read: Span) -> Span:
    """What a block reads whose input reads `read` of it. Raises LimitError where it skips some."""
    if own is WHOLE_INPUT or read is WHOLE_INPUT:
        return WHOLE_INPUT
    if read == ITSELF:
        return own
    if own == ITSELF:
        return read
    if not (own.steady and read.steady):
        rule = "what a block reads behind outputs that read nothing, or turn back, is not followed"
        raise LimitError(rule, right="kernels of transposed layers of at least their stride")
    return Span(read.first(own.first), read.last(own.last))


def _hull(one: Span | None, two: Span | None) -> Span | None:
    """What both read, None where nobody asks."""
    if one is None or two is None:
        return None
    return WHOLE_INPUT if one is WHOLE_INPUT or two is WHOLE_INPUT else one.hull(two)


def _union(one: Footprint | None, two: Footprint | None) -> Footprint | None:
    """All that both read, None where nobody asks."""
    return None if one is None or two is None else one.beside(two)


def _summed(held: Held) -> Held:
    """What an operation takes and gives, each size once."""
    found: dict[SizeMap, int] = {}
    for size, wide in held:
        found[size] = found.get(size, 0) + wide
    return tuple(sorted(found.items(), key=lambda each: each[0].order))


def _rank(placing: Placing) -> Any:
    layer, before, after = placing
    return repr(layer), before.order, after.order


def _order(held: Held) -> Any:
    return [(size.order, wide) for size, wide in held]


def _less(one: Held, two: Held) -> bool:
    """Tell whether an operation takes and gives less than another of the same sizes."""
    return one != two and all(
        size == other and wide <= more
        for (size, wide), (other, more) in zip_longest(one, two, fillvalue=(None, 0))
    )


def added(terms: Iterable[InnerCost], asked: frozenset[str]) -> tuple[InnerCost, ...]:
    """The costs of one size together, sorted: those that are asked for."""
    found: dict[SizeMap, tuple[int, int]] = {}
    for size, macs, activations in terms:
        more = macs if "macs" in asked else 0, activations if "activations" in asked else 0
        if any(more):
            old = found.get(size, (0, 0))
            found[size] = old[0] + more[0], old[1] + more[1]
    return tuple(InnerCost(size, *found[size]) for size in sorted(found, key=lambda f: f.order))


def _begins(lost: SizeMap, takes: SizeSet) -> list[int]:
    """How many elements are cut off in front, at the sizes that are taken."""
    period = lcm(lost.period, takes.modulus)
    sizes = [*takes.classes(period), *takes.exceptions]
    return sorted({int(lost(n)) // 2 for n in sizes})


@lru_cache(4096)
def sized(size: SizeMap, takes: SizeSet, transition: Transition) -> tuple[SizeMap, SizeSet]:
    """The map of sizes with a transition behind it, and the sizes that are taken then."""
    return transition.size(size), takes & transition.takes.preimage(size)


@lru_cache(4096)
def _behind(window: Window, read: Span) -> Span:
    return window.behind(read)


@lru_cache(4096)
def _meeting(
    one: SizeMap, takes: SizeSet, two: SizeMap, others: SizeSet
) -> tuple[SizeMap, SizeSet] | None:
    """The map of branches that meet, and the sizes at which they do; of one stride alone."""
    if one.rise * two.period != two.rise * one.period:
        return None
    common = takes & others & where_zero(one - two)
    if not common:
        return None
    return min((one, two), key=lambda f: (f.shift is None, f.order)), common
