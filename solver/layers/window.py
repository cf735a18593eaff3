"""What an operation does along one axis: the size that comes out, what is accepted, what is read.

One law covers convolution, pooling and transposed convolution alike: put m - 1 zeros between
neighbouring inputs (m = 1: none), pad, and slide a window with a stride. A transposed convolution
of stride s is the window of stride 1 over inputs s apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from solver.errors import LimitError, SizeError, SolverError
from solver.sizes.domain import LONGEST_PERIOD
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import EVERY, SizeSet

#: Fixed padding (begin, end), or which end gets the odd element of a padding that keeps n/stride.
Pads = tuple[int, int] | str
UPPER, LOWER = "same_upper", "same_lower"


class Window(NamedTuple):
    """Hold which elements a window reads: output j reads stride*j - begin + dilation*t, t < kernel.

    Positions count in the input with input_dilation - 1 zeros between neighbours; all in elements.
    """

    kernel_size: int
    stride: int = 1
    pads: Pads = (0, 0)
    dilation: int = 1
    input_dilation: int = 1

    @property
    def span(self) -> int:
        """Return the effective kernel size."""
        return self.dilation * (self.kernel_size - 1) + 1

    @property
    def total(self) -> SizeMap:
        """Return the padding at both ends together, as a map of n.

        >>> str(Window(3, 2, UPPER).total)  # 1 for even n, 2 for odd n
        'n - 2*floor(n/2) + 1'
        """
        if not isinstance(self.pads, str):
            return SizeMap.line(0, sum(self.pads))
        if self.span <= 1:
            return SizeMap.line(0)
        if self.stride > LONGEST_PERIOD:  # before a table as long is made
            right = f"a stride of at most {LONGEST_PERIOD:,}"
            raise LimitError("padding that depends on n is a table", f"{self.stride:,}", right)
        residues = (r or self.stride for r in range(self.stride))
        return SizeMap(self.stride, 0, (max(self.span - r, 0) for r in residues))

    @property
    def begin(self) -> SizeMap:
        """Return the padding before the first element, as a map of n.

        >>> Window(3, 2, UPPER).begin.values  # before even n nothing, before odd n one element
        (0, 1)
        """
        if not isinstance(self.pads, str):
            return SizeMap.line(0, self.pads[0])
        total = self.total
        return total // 2 if self.pads == UPPER else total - total // 2

    @property
    def size_map(self) -> SizeMap:
        """Return the number of windows, as a map of n.

        >>> str(Window(3, 2, UPPER).size_map), str(Window(4, 1, (2, 2), 1, 2).size_map)
        ('ceil(n/2)', '2*n')
        """
        if isinstance(self.pads, str) and self.input_dilation == 1:
            return SizeMap.line(1, self.stride - 1, self.stride)
        spread = SizeMap.line(self.input_dilation, 1 - self.input_dilation)
        return (spread + self.total + (self.stride - self.span)) // self.stride

    @property
    def minimum(self) -> int:
        """Return the smallest n >= 1 at which the kernel fits."""
        if isinstance(self.pads, str):
            return 1
        return max(1, self.size_map.first(1))


@dataclass(frozen=True)
class Along:
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


def strict(window: Window, rule: str, least: int = 1, empty: bool = False) -> Along:
    """Return a window that is refused where fewer than `least` outputs would come out.

    empty: whether an input of no elements is calculated like any other.
    """
    first = window.minimum if least == 1 else max(1, window.size_map.first(least))
    nothing = int(window.size_map(0)) if empty else -1
    accepted = (
        nothing if nothing >= least or (nothing == 0 and isinstance(window.pads, str)) else None
    )
    return Along(window.size_map, SizeSet(minimum=first), rule, accepted, window)


def lenient(window: Window, rule: str, clamped: bool = False) -> Along:
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
    return Along(window.size_map, SizeSet(minimum=first), rule, empty, window)


def divided(factor: int, rule: str, empty: int | None = None) -> Along:
    """Return a size divided by a whole factor, accepted where that leaves nothing over."""
    return Along(SizeMap.line(1, 0, factor), SizeSet(factor, [0]), rule, empty)


def padded(
    begin: int, end: int, minimum: int = 1, rule: str = "", empty: int | None = None
) -> Along:
    """Return padding, or cropping where negative, accepted from a minimum on."""
    reads = Window(1, pads=(begin, end))
    return Along(IDENTITY + begin + end, SizeSet(minimum=minimum), rule, empty, reads)


def fixed(size: int, empty: int | None = None) -> Along:
    """Return an output of one size whatever comes in; empty is what comes out of nothing."""
    return Along(SizeMap.line(0, size), empty=empty)
