"""Sets of sizes as bits of one whole number, taken through a layer forward and backward at once.

It holds the sizes low + i for each set bit i. A layer shifts it, its stride packs
or stretches it: what a layer does to thousands of sizes costs about what one addition costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.sizes.domain import Domain
from solver.spaces.transition import Transition, Within

#: No set may be wider.
WIDEST = 1 << 26


class Bits(NamedTuple):
    """Hold the sizes low + i for each bit i that is set.

    >>> list(Bits(3, 0b101).sizes()), 4 in Bits(3, 0b101)
    ([3, 5], False)
    """

    low: int
    bits: int

    @classmethod
    def of(cls, sizes: Iterable[int]) -> Bits:
        """The set of sizes.

        >>> Bits.of([3, 5])
        Bits(low=3, bits=5)
        """
        found = sorted(set(sizes))
        if not found:
            return NOWHERE
        if found[-1] - found[0] >= WIDEST:
            _checked(found[0], 1 << WIDEST)
        return cls(found[0], sum(1 << n - found[0] for n in found))

    def __contains__(self, size: object) -> bool:
        return isinstance(size, int) and size >= self.low and bool(self.bits >> size - self.low & 1)

    def sizes(self) -> Iterator[int]:
        """Yield the sizes."""
        text = bin(self.bits)[:1:-1]
        at = text.find("1")
        while at >= 0:
            yield self.low + at
            at = text.find("1", at + 1)

    @property
    def high(self) -> int:
        """The largest size."""
        return self.low + self.bits.bit_length() - 1

    def __or__(self, other: Bits) -> Bits:
        low = min(self.low, other.low)
        return _checked(low, self.bits << self.low - low | other.bits << other.low - low)

    def within(self, low: int, high: int | None) -> Bits:
        """The part between two sizes, both included.

        >>> list(Bits(1, 0b1111).within(2, 3).sizes())
        [2, 3]
        """
        first, last = max(low, self.low), self.high if high is None else min(high, self.high)
        if first > last:
            return Bits(self.low, 0)
        mask = (1 << last - self.low + 1) - (1 << first - self.low)
        return Bits(self.low, self.bits & mask)

    def meet(self, domain: Domain) -> Bits:
        """The part that lies in a domain."""
        found = 0
        for first, last in domain.clip(self.low, self.high).ranges:
            found |= (1 << last - self.low + 1) - (1 << first - self.low)
        return Bits(self.low, self.bits & found)

    def through(self, transitions: Sequence[Transition]) -> Bits:
        """The sizes that come out of layers of one stride and one input dilation.

        >>> list(Bits(7, 0b11).through([Transition(2)]).sizes())
        [4]
        >>> list(Bits(2, 0b11).through([Transition(1, 3, 1)]).sizes())
        [5, 8]
        """
        stride, apart, *_, back = transitions[0]
        if isinstance(back, Within):
            return Bits.of(transitions[0].size(n) for n in self.sizes() if n in back.takes)
        low, bits = self
        nets = [each.net_padding for each in transitions]
        least, high = min(nets), max(nets)
        if (bits.bit_length() - 1) * apart + high - least >= WIDEST:
            _checked(low, 1 << WIDEST)
        spread = found = 0
        fits = low  # where the bits begin that were spread last
        for each in transitions:
            if (start := max(low, each.minimum)) != fits or not spread:
                fits, spread = start, _spread(bits >> start - low << start - low, apart)
            found |= spread << each.net_padding - least
        # what stands at i of them now comes out at floor(i/stride) + 1
        first, phase = divmod((low - 1) * apart + least, stride)
        if stride > 1:
            found = _every(_smeared(found << phase, stride), stride)
        return _trimmed(first + 1, found)

    def before(self, transitions: Sequence[Transition], here: Bits) -> int:
        """What of a set layers take into this one, as bits from the other's low on.

        >>> bin(Bits(4, 1).before([Transition(2)], Bits(6, 0b1111)))
        '0b110'
        >>> three_times = Transition(input_dilation=3)
        >>> bin(Bits(4, 0b1111).before([three_times], Bits(1, 0b111)))
        '0b110'
        """
        low, bits = self
        stride, apart, *_, back = transitions[0]
        if isinstance(back, Within):
            taken = (n for n in here.sizes() if n in back.takes and transitions[0].size(n) in self)
            return sum(1 << n - here.low for n in taken)
        found = 0
        stretched = _stretch(bits, stride) if apart == 1 else 0
        for each in transitions:
            net, minimum = each.net_padding, each.minimum
            if apart == 1:
                # m comes from (m - 1)s + 1 - Y, ..., ms - Y
                by = (low - 1) * stride + 1 - net - here.low
                came = stretched << by if by >= 0 else stretched >> -by
            else:
                # m = (n - 1)*apart + 1 + Y comes from one n, if from any
                n = -((net + 1 - low) // apart) + 1
                came = _every(bits >> each.size(n) - low, apart)
                by = n - here.low
                came = came << by if by >= 0 else came >> -by
            if minimum > here.low:
                skip = minimum - here.low
                came = came >> skip << skip
            found |= came
        return found & here.bits


NOWHERE = Bits(1, 0)


def _trimmed(low: int, bits: int) -> Bits:
    if not bits:
        return NOWHERE
    empty = (bits & -bits).bit_length() - 1
    return _checked(low + empty, bits >> empty)


def _checked(low: int, bits: int) -> Bits:
    if bits.bit_length() > WIDEST:
        received = f"{low:,} to {low + bits.bit_length() - 1:,}"
        rule = "the sizes that designs may have after a layer lie too far apart"
        raise LimitError(rule, received, "smaller ranges, or limits on sizes or jump")
    return Bits(low, bits)


def _smeared(bits: int, times: int) -> int:
    """Set each bit where one of the `times` bits from it on is set."""
    wide = 1
    while wide < times:
        more = min(wide, times - wide)
        bits, wide = bits | bits >> more, wide + more
    return bits


def _stretch(bits: int, times: int) -> int:
    """Repeat each bit.

    >>> bin(_stretch(0b101, 2))
    '0b110011'
    """
    if times == 1 or not bits:
        return bits
    _check_width(bits, times)
    text = bin(bits)[2:]
    return int(text.replace("0", "o" * times).replace("1", "1" * times).replace("o", "0"), 2)


def _spread(bits: int, step: int) -> int:
    """Move bit i to bit i*step.

    >>> bin(_spread(0b101, 2))
    '0b10001'
    """
    if step == 1 or not bits:
        return bits
    _check_width(bits, step)
    zeros = "0" * (step - 1)
    return int(bin(bits)[2:].replace("0", "0" + zeros).replace("1", zeros + "1"), 2)


def _every(bits: int, step: int) -> int:
    """Take the bits 0, step, 2*step, ...

    >>> bin(_every(0b1100101, 2))
    '0b1011'
    """
    return int(bin(bits)[:1:-1][::step][::-1], 2)


def _check_width(bits: int, times: int) -> None:
    if bits.bit_length() * times > WIDEST:
        _checked(0, 1 << WIDEST)
