"""What a way through the inside of a block does: sizes, what is read, what it costs.

Ways that do the same are one passage, so a block is a relation from what comes in to what comes
out, with how many ways there are. Only what is asked tells passages apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import gcd, lcm
from typing import Any

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.layers.reads import ITSELF, Span
from solver.layers.window import Window
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import EVERY, SizeSet, where_nonnegative, where_zero
from solver.spaces.option import AT_A_SIZE, InnerCost, Option, Price
from solver.spaces.transition import Transition, Within


class Passage(NamedTuple):
    """Hold what layers in order do together, from where the block begins.

    size: the map of the size before to that behind; takes: the sizes before at which they work.
    channels: behind them. reads: of what comes in, None where nobody asks. price: None likewise in
    its fields: what is not asked is 0.
    """

    size: SizeMap
    takes: SizeSet
    channels: int | None
    reads: Span | None
    parameters: int = 0
    depth: int = 0
    terms: tuple[InnerCost, ...] = ()

    @classmethod
    def start(cls, channels: int | None, asked: frozenset[str]) -> Passage:
        """The way without layers."""
        reads = ITSELF if "receptive_field" in asked else None
        return cls(IDENTITY, EVERY, channels, reads)

    def then(self, option: Any, asked: frozenset[str]) -> Passage:
        """What it does with a layer behind it."""
        size, takes = _sized(self.size, self.takes, option.transition)
        price: Price = option.price
        costs = [
            InnerCost(self.size, price.macs_before, price.activations_before),
            InnerCost(size, price.macs_after, price.activations_after),
            *(term._replace(size=term.size(self.size)) for term in price.within),
        ]
        return Passage(
            size,
            takes,
            option.channels,
            None if self.reads is None else reads_behind(option, self.reads),
            self.parameters + price.parameters if "parameters" in asked else 0,
            self.depth + price.depth if "depth" in asked else 0,
            added((*self.terms, *costs), asked),
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
            None if self.reads is None or other.reads is None else self.reads.hull(other.reads),
            self.parameters + other.parameters,
            max(self.depth, other.depth),
            added((*self.terms, *other.terms), frozenset(AT_A_SIZE)),
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
        reads = None
        if other.reads is not None:
            ends = [SizeMap.line(1, begin) for begin in _begins(lost, takes)]
            spans = [Span(end, end) for end in ends]
            if len({other.reads.hull(span) for span in spans}) > 1:
                rule = "what a cropped skip reads depends on the size"
                raise LimitError(rule, right="no limit or cost on receptive fields")
            reads = spans[0]
        made = Passage(other.size, takes, self.channels, reads)
        return made._replace(terms=added([InnerCost(other.size, 0, self.channels or 1)], asked))

    def met(self, asked: frozenset[str]) -> Passage:
        """It with the operation in which its branches meet."""
        join = InnerCost(self.size, 0, self.channels or 1)
        return self._replace(terms=added((*self.terms, join), asked))

    @property
    def strides(self) -> Sequence[Any]:
        """The stride, of each axis that differs; None where it is no whole number."""
        rise, period = self.size.rise, self.size.period
        return (period // rise if rise and period % rise == 0 else None,)

    def option(self, layers: tuple[Any, ...], many: int, members: Any) -> Option:
        """It as an option, of one block or of members."""
        read = self.reads
        return Option(
            layers, self.channels, self.transition, self.span, self.price, read, many, members
        )

    @property
    def price(self) -> Price:
        """What it costs, for the sizes before, behind and between."""
        found = {term.size: term for term in self.terms}
        before = found.pop(IDENTITY, InnerCost(IDENTITY, 0, 0))
        after = found.pop(self.size, InnerCost(self.size, 0, 0))
        between = tuple(found.values())
        ends = before.macs, after.macs, before.activations, after.activations
        return Price(self.parameters, *ends, self.depth, within=between)

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
        return 0 if self.reads is None or not self.reads.alike else self.reads.length - 1


def reads_behind(option: Any, read: Span) -> Span:
    """What is read by reading an option whose input reads `read` of it."""
    if option.reads is not None:
        return through(option.reads, read)
    return _behind(option.layers[0].window(option.axis)._replace(end=0), read)


def through(own: Span, read: Span) -> Span:
    """What a block reads whose input reads `read` of it. Raises LimitError where it skips some."""
    if read == ITSELF:
        return own
    if own == ITSELF:
        return read
    if not (own.steady and read.steady):
        rule = "what a block reads behind outputs that read nothing, or turn back, is not followed"
        raise LimitError(rule, right="kernels of transposed layers of at least their stride")
    return Span(read.first(own.first), read.last(own.last))


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
def _sized(size: SizeMap, takes: SizeSet, transition: Transition) -> tuple[SizeMap, SizeSet]:
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
