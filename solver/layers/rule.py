"""The whole rule of an operation along one axis: what comes out, what is accepted and read."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from solver.errors import LimitError, SizeError, SolverError
from solver.ground.record import Record
from solver.layers.window import Window
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import EVERY, SizeSet

_LARGEST_IN_ARRAYS = 2**62  # so that no step of a formula overflows


class AxisRule(Record):
    """What an operation does along one axis.

    size_map: the size that comes out, less than zero counting as zero. accepts: the n >= 1 that are
    accepted. rule: what is said of any other. empty: what comes out of no elements, None where that
    is refused. window: what is read, None where that is no window. sizes: computes numbers where
    there is no formula for every n; unproved says why. doubtful: whether runtimes give something
    where nothing should come out, so that a network does not take it. formula: the size in any
    arithmetic, as it is written for people. refusal: what is said of a size that is not accepted,
    where the rule does not say it all.
    """

    size_map: SizeMap
    accepts: SizeSet = EVERY
    rule: str = "an input size must be at least 1"
    empty: int | None = None
    window: Window | None = None
    sizes: Callable[[int], int] | None = None
    unproved: SolverError | None = None
    doubtful: bool = False
    formula: Callable[[Any], Any] | None = None
    refusal: Callable[[int], SizeError] | None = None

    def made_of(self) -> tuple[Any, ...]:
        return super().made_of()[:-2]  # two that say the same in other functions are equal

    def size(self, n: int) -> int:
        """The size that comes out of n elements. Raises SizeError where it is refused."""
        if n == 0 and self.empty is not None:
            return self.empty
        if n not in self.accepts:
            if self.refusal is not None:
                raise self.refusal(n)
            raise SizeError(self.rule, self._received(n), self._nearest(n))
        return self.sizes(n) if self.sizes else max(int(self.size_map(n)), 0)

    def after(self, n: Any) -> Any:
        """The size that comes out of an expression, or of a map. Raises SolverError where unproved.

        >>> str(AxisRule(SizeMap.line(2)).after(SizeMap.line(1, 1)))
        '2*n + 2'
        """
        if self.unproved is not None:
            raise self.unproved
        return (self.formula or self.size_map)(n)

    def array(self, n: Any) -> Any:
        """The sizes that come out of an array of sizes."""
        if n.dtype.kind not in "iu":
            raise SolverError("sizes must be whole numbers", received=f"an array of {n.dtype}")
        if not n.size:
            return n
        if self.sizes is not None or not self.accepts.only_minimum or not n.min():
            made = n.astype("int64")
            made.flat = [self.size(int(each)) for each in n.flat]
            return made
        self.size(int(n.min()))
        largest = int(n.max())
        if max(largest, int(self.after(largest))) >= _LARGEST_IN_ARRAYS:
            raise LimitError("sizes in an array must fit 64 bits", received=str(largest))
        return self.after(n.astype("int64"))

    @cached_property
    def keeps(self) -> bool:
        """Whether every size stays as it is."""
        return self.size_map == IDENTITY

    @cached_property
    def least(self) -> int:
        """The smallest size of which something comes out, where it is accepted."""
        return max(self.size_map.first(1), 1) if self.size_map.rise > 0 else 1

    @cached_property
    def something(self) -> SizeSet:
        """The sizes that are accepted, and of which something comes out."""
        first = self.accepts.first()
        if first is None or first >= self.least:
            return self.accepts
        return self.accepts & SizeSet(minimum=self.least)

    @cached_property
    def clamps(self) -> bool:
        """Whether some accepted size is so small that its windows count below zero."""
        first = self.accepts.first()
        return first is not None and first < self.least and int(self.size_map(first)) < 0

    @cached_property
    def uncounted(self) -> bool:
        """Whether what comes out of no elements is not what the size map says."""
        if self.empty is None or self.unproved is not None:
            return False
        return self.accepts != EVERY or int(self.size_map(0)) != self.empty

    @cached_property
    def exact(self) -> SizeSet | None:
        """The sizes at which windows leave no more unread at the end than between them.

        None where that is no question: there is no window, or it moves with n or skips nothing.

        >>> window = Window(3, 2)
        >>> print(AxisRule(window.size_map, window=window).exact)
        odd n >= 3
        """
        window, shift = self.window, self.size_map.shift
        if window is None or shift is None or window.moves or window.stride == 1:
            return None
        # The net padding that counts the windows; ceil mode has more than the window tells.
        net, begin = shift + 1 - window.stride, window.pads[0]
        # Of n - 1 + net what is left over stride lies behind the start of the last window: as much
        # of it as that window reads, or as lies between windows, is not missed.
        spare = max(net - begin + max(window.span, window.stride) - 1, 0)
        kept = range(1 - net, 1 - net + min(spare + 1, window.stride))
        return SizeSet(window.stride, kept, 1 - net)

    def _received(self, n: int) -> str:
        window = self.window
        if window is None or n < 1 or window.moves or n >= window.minimum:
            return f"an input of {n}"
        wide = window.input_dilation * (n - 1) + 1
        padding = window.total
        if wide + padding >= window.span:
            return f"an input of {n}"
        return f"an input of {n}: {wide} + {padding} < {window.span}"

    def _nearest(self, n: int) -> str | None:
        if not self.accepts:
            return None
        above = self.accepts.first(n)
        below = next((m for m in range(n - 1, max(n - 1000, 0), -1) if m in self.accepts), None)
        known = [f"an input of {m}" for m in (below, above) if m is not None]
        if self.accepts == SizeSet(minimum=self.accepts.minimum):
            return f"an input of at least {self.accepts.minimum}"
        return " or ".join(known) or None


def strict(window: Window, rule: str, least: int = 1, empty: bool = False) -> AxisRule:
    """A window that is refused where fewer than `least` outputs would come out.

    empty: whether an input of no elements is calculated like any other.
    """
    first = window.minimum if least == 1 else max(1, window.size_map.first(least))
    nothing = int(window.size_map(0)) if empty else -1
    accepted = nothing if nothing >= least or (nothing == 0 and window.moves) else None
    return AxisRule(window.size_map, SizeSet(minimum=first), rule, accepted, window)


def lenient(window: Window, rule: str, clamped: bool = False) -> AxisRule:
    """A window that gives size zero where it does not fit, as JAX has it.

    Refused is only a negative padded input, unless that is clamped to nothing too.
    """
    spread = SizeMap.line(window.input_dilation, 1 - window.input_dilation)
    # Padding in words is never negative, and as a map of n as long as the stride.
    never = clamped or window.moves
    first = 1 if never else max(1, (spread + window.total).first(0))
    # No elements stay none, however far they would be put apart.
    if window.moves:
        total = max(window.span - window.stride, 0)
    else:
        total = window.total
    empty: int | None = max((total - window.span) // window.stride + 1, 0)
    if total < 0 and not clamped:
        empty = None
    return AxisRule(window.size_map, SizeSet(minimum=first), rule, empty, window)


def divided(factor: int, rule: str, empty: int | None = None) -> AxisRule:
    """A size divided by a whole factor, accepted where that leaves nothing over."""
    return AxisRule(SizeMap.line(1, 0, factor), SizeSet(factor, [0]), rule, empty)


def padded(
    begin: int, end: int, minimum: int = 1, rule: str = "", empty: int | None = None
) -> AxisRule:
    """Return padding, or cropping where negative, accepted from a minimum on."""
    reads = Window(1, begin=begin, end=end)
    return AxisRule(IDENTITY + begin + end, SizeSet(minimum=minimum), rule, empty, reads)


def fixed(size: int, empty: int | None = None) -> AxisRule:
    """An output of one size whatever comes in; empty is what comes out of nothing."""
    return AxisRule(SizeMap.line(0, size), empty=empty)
