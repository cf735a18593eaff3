"""One unknown layer: a box of hyperparameters and a window to meet.

For each stride s, output padding a and padding P the window leaves an interval for the reach
x = d(k - 1), so listing costs what the answer costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from solver.domain import LARGEST, Domain
from solver.inverse.kernels import Kernels
from solver.inverse.window import Window, for_sizes
from solver.operations import Operation

#: A solution: kernel_size, stride, padding (an int, or (begin, end)), dilation, output_padding,
#: and the input where that was asked for.
Row = tuple[int, int, int | tuple[int, int], int, int, int | None]

_ONLY_ZERO = Domain([(0, 0)])


class Box(NamedTuple):
    """Hold a domain for each hyperparameter; `end` is None where both ends are padded alike."""

    kernel_size: Domain
    stride: Domain
    padding: Domain
    end: Domain | None
    dilation: Domain
    output_padding: Domain = _ONLY_ZERO


class Inputs(NamedTuple):
    """Ask which inputs of a domain become one of smallest..largest."""

    inputs: Domain
    smallest: int
    largest: int


#: Stride, output padding, input, the interval for the net padding, the least dilation.
Slab = tuple[int, int, int | None, int, int, int]
#: Padding, the interval for the reach, the smallest kernel.
Span = tuple[int | tuple[int, int], int, int, int]


class Problem(NamedTuple):
    """Hold one unknown layer: what it may be (box), and what it must do (window, free)."""

    operation: Operation
    ceil_mode: bool
    box: Box
    window: Window
    free: Inputs | None = None
    #: Three-dimensional average pooling refuses a kernel larger than the unpadded input.
    largest_kernel: int = LARGEST

    def rows(self) -> Iterator[Row]:
        """Yield every solution once: stride by stride, padding by padding, short reach first."""
        kernels = self.kernels()
        for s, a, n, low, high, least_dilation in self.slabs():
            for p, x_low, x_high, smallest in self.spans(s, low, high):
                for k, d in kernels.between(x_low, x_high, smallest, least_dilation):
                    if n is None or self.largest_kernel == LARGEST or k <= n:
                        yield k, s, p, d, a, n

    def narrowed(self, **domains: Domain) -> Problem:
        """Return the same problem with some domains of the box replaced."""
        return self._replace(box=self.box._replace(**domains))

    @property
    def empty(self) -> bool:
        """Tell whether some hyperparameter has no value left."""
        return not all(part for part in self.box if part is not None)

    def kernels(self) -> Kernels:
        sizes = self.box.kernel_size.clip(1, self.largest_kernel)
        if self.empty or not sizes:
            return Kernels(Domain([(1, 1)]), Domain([(1, 1)]), -1)
        furthest = LARGEST
        if self.free is None:
            # x = P - Y <= P - (least Z + a), and the least Z grows with the stride.
            strides = self.strides()
            if strides:
                least = self.window.at(strides.first)[0] + self.box.output_padding.first
                furthest = self.totals()[1] - least + (strides.last if self.ceil_mode else 0)
        return Kernels(sizes, self.box.dilation, max(furthest, -1))

    def slabs(self) -> Iterator[Slab]:
        """Yield the parts of the box that leave one interval for the net padding Y = P - x."""
        if self.empty:
            return
        for s in self.strides():
            for n, (low, high) in self.intervals(s):
                for a in self.output_paddings(s):
                    # An output padding of at least the stride needs a larger dilation.
                    yield s, a, n, low + a, high + a, a + 1 if a >= s else 1

    def output_paddings(self, s: int) -> Domain:
        """Return the output paddings that are smaller than the stride or some dilation."""
        return self.box.output_padding.clip(0, max(s, self.box.dilation.last) - 1)

    def spans(self, s: int, low: int, high: int) -> Iterator[Span]:
        """Yield the paddings that leave an interval for the reach x = P - Y, with low <= Y <= high.

        In ceil mode it is min(Y + s - 1, begin) that must lie in low..high.
        """
        box, pooling = self.box, self.operation.pooling
        longest = (box.kernel_size.last - 1) * box.dilation.last
        if box.end is None and not (self.ceil_mode or pooling):
            paddings = box.padding.clip(-(-low // 2), (high + longest) // 2)
            return ((p, 2 * p - high, 2 * p - low, 1) for p in paddings)
        return self._general_spans(s, low, high, longest)

    def _general_spans(self, s: int, low: int, high: int, longest: int) -> Iterator[Span]:
        pooling, slack = self.operation.pooling, s - 1 if self.ceil_mode else 0
        begins, ends = self.box.padding, self.box.end
        if self.ceil_mode:
            begins = begins.clip(low, LARGEST)
        if pooling:
            begins = begins.clip(0, self.box.kernel_size.last // 2)
        if ends is None:
            most = LARGEST if self.ceil_mode else (high + longest) // 2
            begins = begins.clip(-(-(low - slack) // 2), most)
        for begin in begins:
            # The reach must be able to lie between 0 and the longest of the box.
            least = low - slack
            greatest = LARGEST if self.ceil_mode and begin <= high else high - slack
            alike = ends or Domain([(begin, begin)])
            for end in alike.clip(least - begin, greatest + longest - begin):
                total = begin + end
                smallest = 2 * max(begin, end) if pooling else 1
                padding = begin if ends is None else (begin, end)
                yield padding, total - greatest, total - least, smallest

    def intervals(self, s: int) -> Iterator[tuple[int | None, tuple[int, int]]]:
        """Yield the interval for Z, for each input where that is asked for."""
        low, high = self.window.at(s)
        if self.free is None:
            if low <= high:
                yield None, (low, high)
            return
        for n in self.inputs(s):
            asked = for_sizes(self.operation.transposed, n, self.free.smallest, self.free.largest)
            n_low, n_high = asked.at(s)
            if max(low, n_low) <= min(high, n_high):
                yield n, (max(low, n_low), min(high, n_high))

    def inputs(self, s: int) -> Domain:
        """Return the inputs that some kernel and padding of the box can bring to the output."""
        assert self.free is not None
        least, greatest = self.net_paddings(s)
        smallest, largest = self.free.smallest, self.free.largest
        if self.operation.transposed:
            # m = (n - 1)s + 1 - Z
            first = -(-(smallest - 1 + least) // s) + 1
            last = (largest - 1 + greatest) // s + 1
        else:
            first = (smallest - 1) * s + 1 - greatest
            last = largest * s - least
        return self.free.inputs.clip(max(first, 1), last)

    def paddings(self) -> Iterator[tuple[int, int]]:
        """Yield (begin, end) of every padding of the box."""
        if self.box.end is None:
            return ((p, p) for p in self.box.padding)
        return product(self.box.padding, self.box.end)

    def totals(self) -> tuple[int, int]:
        """Return the least and the greatest total padding."""
        begin, end = self.box.padding, self.box.end or self.box.padding
        return begin.first + end.first, begin.last + end.last

    def net_paddings(self, s: int) -> tuple[int, int]:
        """Return bounds on Z over the box."""
        least, greatest = self.totals()
        kernel, dilation, extra = self.box.kernel_size, self.box.dilation, self.box.output_padding
        least -= (kernel.last - 1) * dilation.last + extra.last
        greatest -= (kernel.first - 1) * dilation.first + extra.first
        if self.ceil_mode:
            begin = self.box.padding
            return min(least + s - 1, begin.first), min(greatest + s - 1, begin.last)
        return least, greatest

    def strides(self) -> Domain:
        """Return the strides of the box that the window can allow: an interval of them."""
        window = self.window
        first, last = window.first, LARGEST if window.last is None else window.last
        # Every condition is a*s + b >= 0.
        conditions = [(c - a, d - b) for a, b in window.lows for c, d in window.highs]
        least, greatest = self.net_paddings(1)
        if self.ceil_mode:
            # min(Y + s - 1, begin) <= begin
            conditions += [(-a, self.box.padding.last - b) for a, b in window.lows]
        else:
            conditions += [(-a, greatest - b) for a, b in window.lows]
            conditions += [(a, b - least) for a, b in window.highs]
        for a, b in conditions:
            if a > 0:
                first = max(first, -(b // a))
            elif a < 0:
                last = min(last, b // -a)
            elif b < 0:
                return Domain(())
        return self.box.stride.clip(first, last)
