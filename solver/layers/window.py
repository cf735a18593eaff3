"""What happens along one axis, as one value: a window that slides.

One law covers convolution, pooling, padding, cropping, slicing, transposed convolution: put m - 1
zeros between neighbouring inputs (m the input dilation), pad both ends, and slide a dilated kernel
with a stride. So output y reads the input elements

    (stride*y - begin + dilation*t)/m      for 0 <= t < kernel_size, where that is whole,

and of n elements come floor(((n - 1)m + Y)/stride) + 1, Y the net padding: what is added at the
ends less what the kernel takes away. Kernel, padding and dilation act on the size through Y alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd
from typing import Any

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.layers.reads import ITSELF, MOST_PHASES, Span, told_apart
from solver.sizes import formulas
from solver.sizes.domain import LONGEST_PERIOD
from solver.sizes.expression import Expression, ceil, floor, larger, named, of, smaller
from solver.sizes.sizemap import SizeMap

#: Padding in the words of the frameworks: a pair (begin, end), or one of the two below.
Pads = tuple[Any, Any] | str
#: Padding that keeps n/stride, by which end gets the odd element.
UPPER, LOWER = "same_upper", "same_lower"


class Same(NamedTuple):
    """Half of the padding that keeps n/stride, as a function of n; up: the larger half.

    A table as long as the stride, which is made where it is asked for and not before.

    >>> [Same(span=4, stride=2, up=True)(n) for n in (6, 7)]
    [1, 2]
    """

    span: int
    stride: int
    up: bool

    def __call__(self, n: int) -> int:
        """The elements at this end, for n of them."""
        return int(max(self.span - 1 - (n - 1) % self.stride, 0) + self.up) // 2

    @property
    def expression(self) -> Expression:
        """The same as a tree in n.

        >>> print(Same(7, 2, up=False).expression, "|", Same(2, 4, up=True).expression)
        floor((6 - (n - 1) % 2)/2) | ceil(max(1 - (n - 1) % 4, 0)/2)
        """
        total = self.span - 1 - (named("n") - 1) % self.stride
        if self.span < self.stride:
            total = larger(total, of(0))
        if self.stride == 1:
            return of(self(1))
        return ceil(total / 2) if self.up else floor(total / 2)

    @property
    def size_map(self) -> SizeMap:
        """The same as a map of n. Raises LimitError where the stride is too long."""
        if self.span <= 1:
            return SizeMap.line(0)
        if self.stride > LONGEST_PERIOD:
            right = f"a stride of at most {LONGEST_PERIOD:,}"
            raise LimitError("padding that depends on n is a table", f"{self.stride:,}", right)
        return SizeMap(self.stride, 0, (self(n) for n in range(self.stride)))


class Window(NamedTuple):
    """A window along one axis. Fields are ints, or anything else with + - * //.

    begin, end: the padding in front and behind, negative where elements are cut off; also maps of
    n. What is read does not depend on the end. input_dilation: how far apart neighbouring inputs
    are put. All in elements.
    """

    kernel_size: Any = 1
    stride: Any = 1
    begin: Any = 0
    end: Any = 0
    dilation: Any = 1
    input_dilation: Any = 1

    @property
    def span(self) -> Any:
        """The effective kernel size."""
        return self.dilation * (self.kernel_size - 1) + 1

    # Padding

    @property
    def pads(self) -> tuple[Any, Any]:
        """The padding (begin, end)."""
        return self.begin, self.end

    @property
    def moves(self) -> bool:
        """Whether the padding depends on n."""
        return isinstance(self.begin, (Same, SizeMap)) or isinstance(self.end, (Same, SizeMap))

    def padded(self, pads: Pads) -> Window:
        """The same window with other padding: a pair, or a word for one that keeps n/stride.

        >>> window = Window(4, 2).padded(UPPER)
        >>> window.begin(7), window.end(7), str(window.size_map)
        (1, 2, 'ceil(n/2)')
        """
        if isinstance(pads, str):
            pads = self._halves(pads)
        return self._replace(begin=pads[0], end=pads[1])

    def _halves(self, word: str) -> tuple[Same, Same]:
        upper = word == UPPER
        return Same(self.span, self.stride, not upper), Same(self.span, self.stride, upper)

    @property
    def keeps(self) -> str | None:
        """The word for its padding where that keeps n/stride, else None."""
        if not isinstance(self.begin, Same):
            return None
        return next((word for word in (UPPER, LOWER) if self.pads == self._halves(word)), None)

    @property
    def begin_map(self) -> SizeMap:
        """The padding in front as a map of n.

        >>> Window(3, 2).padded(UPPER).begin_map.values  # before odd n one element
        (0, 1)
        """
        return _map(self.begin)

    @property
    def total(self) -> Any:
        """The padding at both ends together, a map where it depends on n."""
        return _map(self.begin) + _map(self.end) if self.moves else self.begin + self.end

    @property
    def net_padding(self) -> Any:
        """The padding less what the kernel takes away, begin + end - dilation*(kernel_size - 1)."""
        return self.total - self.dilation * (self.kernel_size - 1)

    @property
    def in_letters(self) -> bool:
        """Whether a letter stands in it."""
        return any(isinstance(part, Expression) for part in self)

    # Sizes

    def size(self, n: Any) -> Any:
        """The number of windows over n elements, in any arithmetic; below 1 where none fits.

        >>> Window(7, 2, 3, 3).size(224), Window(4, 2, 1, 1).transposed.size(56)
        (112, 112)
        """
        k, s, begin, end, d, m = self
        if not type(begin) is type(end) is int and self.moves:
            return self.size_map(n)
        return formulas.windows(n, begin + end - d * (k - 1), s, m)

    @property
    def size_map(self) -> SizeMap:
        """The number of windows as a map of n.

        >>> print(Window(3, 2).padded(LOWER).size_map, Window(4, 1, 2, 2, 1, 2).size_map)
        ceil(n/2) 2*n
        """
        s, m = self.stride, self.input_dilation
        if m == 1 and self.keeps:
            return SizeMap.line(1, s - 1, s)
        net = self.net_padding
        if self.moves:
            wide: SizeMap = (SizeMap.line(m, s - m) + net) // s
            return wide
        return SizeMap.line(m, net + s - m, s)

    @property
    def minimum(self) -> int:
        """The smallest n >= 1 over which a window fits; it fits over every larger one too."""
        k, _, begin, end, d, m = self
        if not type(begin) is type(end) is int and self.moves:
            return 1 if self.keeps else max(1, self.size_map.first(1))
        return int(max(1, 1 - (begin + end - d * (k - 1)) // m))

    # Windows made of it

    @property
    def transposed(self) -> Window:
        """The window that reads backwards: its output y reads x where output x of this reads y.

        A transposed convolution is that of the convolution with the same numbers; its sizes are
        the smallest that the convolution takes back. Transposed twice it is as it was.

        >>> Window(3, 2, 1, 1).transposed
        Window(kernel_size=3, stride=1, begin=1, end=1, dilation=1, input_dilation=2)
        >>> Window(3, 2, 1, 1).read(1), Window(3, 2, 1, 1).transposed.read(2)
        ([1, 2, 3], [1])
        """
        k, s, begin, end, d, m = self
        full = d * (k - 1)
        return Window(k, m, full - begin, full - end, d, s)

    @property
    def counted_up(self) -> Window:
        """The window with so much more at the end that windows are counted up, as in ceil mode.

        The last one starts inside the input or the padding in front (PyTorch's rule).

        >>> Window(3, 2).size(6), Window(3, 2).counted_up.size(6)
        (2, 3)
        """
        return self._replace(end=smaller(self.end + self.stride - 1, self.span - 1))

    @property
    def uncropped(self) -> Window:
        """A window of the same sizes that cuts nothing off: a longer kernel takes it away.

        >>> Window(3, begin=-1, end=2).uncropped
        Window(kernel_size=4, stride=1, begin=0, end=2, dilation=1, input_dilation=1)
        """
        k, _, begin, end, d, _ = self
        before, behind = max(-(begin // d), 0), max(-(end // d), 0)
        return self._replace(
            kernel_size=k + before + behind, begin=begin + before * d, end=end + behind * d
        )

    def at(self, n: int) -> Window:
        """The window with the padding it has at n, and at every n of its residue class.

        >>> Window(3, 2).padded(UPPER).at(7).pads
        (1, 1)
        """
        return self._replace(begin=_at(self.begin, n), end=_at(self.end, n)) if self.moves else self

    # What it reads

    def read(self, y: int) -> list[int]:
        """The elements that output y reads, in order.

        >>> Window(3, 2, 1, 1).transposed.read(0), Window(3, 2, 1).read(5)
        ([0], [9, 10, 11])
        """
        k, s, begin, _, d, m = self
        places = (s * y - begin + d * t for t in range(k))
        return [place // m for place in places if place % m == 0]

    def behind(self, read: Span = ITSELF) -> Span:
        """What is read of the input by reading elements that read `read` of it themselves.

        Raises LimitError where outputs have to be told apart, and are too many.

        >>> Window(4, 2, 1, 1).transposed.behind()
        Span(first=SizeMap.line(1, -1, 2), last=SizeMap.line(1, 1, 2))
        >>> Window(3).behind(Window(3, 2).behind()).length
        7
        >>> gaps = Window(1, input_dilation=2).behind(Window(3).behind())  # every other: nothing
        >>> gaps.length, gaps.full, Window(1, 2, 1).behind(gaps).length
        (3, False, 0)
        """
        k, s, begin, _, d, m = self
        if k == s == d == m == 1 and begin == 0:
            return read
        gapless = self._gapless
        if read is ITSELF or read == ITSELF:
            if gapless or (d == 1 == s):
                first = SizeMap.line(s, m - 1 - begin, m)
                return Span(first, SizeMap.line(s, d * (k - 1) - begin, m))
        elif gapless and read.steady:
            own = self.behind()
            return Span(read.first(own.first), read.last(own.last))
        return Span.of(*told_apart(read, k, s, begin, d, m))

    def length_behind(self, read: Span) -> int:
        """The length of what is read so, which is less work than all of it.

        >>> Window(3).length_behind(Window(3, 2).behind())
        7
        """
        if self.composes(read):
            return self.behind(read).length
        k, s, begin, _, d, m = self
        _, firsts, lasts = told_apart(read, k, s, begin, d, m)
        pairs = zip(firsts, lasts, strict=True)
        return max((y - x + 1 for x, y in pairs if x is not None and y is not None), default=0)

    def composes(self, read: Span) -> bool:
        """Whether the ends of windows decide what is read through them."""
        return self._gapless and read.steady

    @property
    def _gapless(self) -> bool:
        """Whether every output reads something at both ends of its window."""
        m = self.input_dilation
        return bool(m == 1 or (self.dilation == 1 and self.kernel_size >= m))

    @property
    def overlaps(self) -> tuple[int, ...]:
        """How many elements each output reads, by its phase; of too many, each number once.

        Where these differ, a transposed layer paints a checkerboard.

        >>> Window(3, 2).transposed.overlaps, Window(4, 2).transposed.overlaps
        ((2, 1), (2, 2))
        """
        k, s, begin, _, d, m = self
        common = gcd(d, m)
        rest, phases = m // common, m // gcd(m, s)
        if phases > MOST_PHASES:
            most = -(-k // rest)
            return tuple(dict.fromkeys((most, k // rest, 0 if common > 1 else most)))
        inverse = pow(d // common, -1, rest)
        places = (s * y - begin for y in range(phases))
        firsts = ((z, -(z // common) * inverse % rest) for z in places)
        return tuple(0 if z % common else (k - 1 - t) // rest + 1 for z, t in firsts)


def read_through(windows: Iterable[Window]) -> int | None:
    """The elements that are read through windows in order; None where inputs are put apart.

    >>> read_through([Window(3, 2), Window(3, dilation=2)]), read_through([Window(3, 2).transposed])
    (11, None)
    """
    length = jump = 1
    for k, s, _, _, d, m in windows:
        if m > 1:
            return None
        length += d * (k - 1) * jump
        jump *= s
    return length


def _map(end: Any) -> SizeMap:
    if isinstance(end, Same):
        return end.size_map
    return end if isinstance(end, SizeMap) else SizeMap.line(0, end)


def _at(end: Any, n: int) -> Any:
    return end(n) if isinstance(end, (Same, SizeMap)) else end
