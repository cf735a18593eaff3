"""The whole rule of an operation along one axis: what comes out, what is accepted and read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from solver.errors import SizeError, SolverError
from solver.layers.window import Window
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import EVERY, SizeSet


@dataclass(frozen=True)
class AxisRule:
    """Hold what an operation does along one axis.

    size_map: the size that comes out, less than zero counting as zero. accepts: the n >= 1 that are
    accepted. rule: what the framework says of any other. empty: what comes out of no elements, None
    where that is refused. window: what is read, None where that is no window. unproved: why there
    is no formula for every n, where there is none; sizes then computes numbers.
    """

    size_map: SizeMap
    accepts: SizeSet = EVERY
    rule: str = "an input size must be at least 1"
    empty: int | None = None
    window: Window | None = None
    sizes: Callable[[int], int] | None = None
    unproved: SolverError | None = None

    def size(self, n: int) -> int:
        """Return the size that comes out of n elements. Raises SizeError where it is refused."""
        if n == 0 and self.empty is not None:
            return self.empty
        if n not in self.accepts:
            raise SizeError(self.rule, self._received(n), self._nearest(n))
        return self.sizes(n) if self.sizes else max(int(self.size_map(n)), 0)

    def _received(self, n: int) -> str:
        window = self.window
        if window is None or n < 1 or isinstance(window.pads, str) or n >= window.minimum:
            return f"an input of {n}"
        wide = window.input_dilation * (n - 1) + 1
        padding = sum(window.pads)
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
    """Return a window that is refused where fewer than `least` outputs would come out.

    empty: whether an input of no elements is calculated like any other.
    """
    first = window.minimum if least == 1 else max(1, window.size_map.first(least))
    nothing = int(window.size_map(0)) if empty else -1
    accepted = (
        nothing if nothing >= least or (nothing == 0 and isinstance(window.pads, str)) else None
    )
    return AxisRule(window.size_map, SizeSet(minimum=first), rule, accepted, window)


def lenient(window: Window, rule: str, clamped: bool = False) -> AxisRule:
    """Return a window that gives size zero where it does not fit, as JAX has it.

    Refused is only a negative padded input, unless that is clamped to nothing too.
    """
    spread = SizeMap.line(window.input_dilation, 1 - window.input_dilation)
    # Padding in words is never negative, and as a map of n as long as the stride.
    never = clamped or isinstance(window.pads, str)
    first = 1 if never else max(1, (spread + window.total).first(0))
    # No elements stay none, however far they would be put apart.
    if isinstance(window.pads, str):
        total = max(window.span - window.stride, 0)
    else:
        total = sum(window.pads)
    empty: int | None = max((total - window.span) // window.stride + 1, 0)
    if total < 0 and not clamped:
        empty = None
    return AxisRule(window.size_map, SizeSet(minimum=first), rule, empty, window)


def divided(factor: int, rule: str, empty: int | None = None) -> AxisRule:
    """Return a size divided by a whole factor, accepted where that leaves nothing over."""
    return AxisRule(SizeMap.line(1, 0, factor), SizeSet(factor, [0]), rule, empty)


def padded(
    begin: int, end: int, minimum: int = 1, rule: str = "", empty: int | None = None
) -> AxisRule:
    """Return padding, or cropping where negative, accepted from a minimum on."""
    reads = Window(1, pads=(begin, end))
    return AxisRule(IDENTITY + begin + end, SizeSet(minimum=minimum), rule, empty, reads)


def fixed(size: int, empty: int | None = None) -> AxisRule:
    """Return an output of one size whatever comes in; empty is what comes out of nothing."""
    return AxisRule(SizeMap.line(0, size), empty=empty)
