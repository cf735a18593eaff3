"""What the window of a layer does with n elements of an axis, element by element.

Everything is read from the one law of windows: output y reads the elements x for which
m*x = stride*y - begin + dilation*t, 0 <= t < kernel_size, m the input dilation.
"""

from __future__ import annotations

from solver.layers.layer import Layer
from solver.layers.window import Window
from solver.network.fields.backward import repeated


class WindowReads:
    """Hold a window over n elements, from which `outputs` come.

    Places are counted as the window sees them: element x stands at m*x. mode: what stands beyond
    the ends: wrap, reflect, edge; zeros without it.

    >>> conv = WindowReads(Window(3, 2, 1, 1), 10, 5)
    >>> [conv.taps(y) for y in (0, 4)], conv.unread(9)
    ([[0, 1], [7, 8, 9]], False)
    """

    def __init__(self, window: Window, n: int, outputs: int, mode: str = "") -> None:
        begin, end = (int(pad(n) if callable(pad) else pad) for pad in window.pads)
        self.window, self.n, self.outputs = window._replace(begin=begin, end=end), n, outputs
        self.mode = mode

    @classmethod
    def of(cls, layer: Layer, axis: int, n: int, outputs: int) -> WindowReads:
        """That of a layer along an axis. Raises SolverError where it has none.

        Counting up is no padding: where a last window juts out of it, it reads what is beyond.

        >>> from solver import MaxPool
        >>> reads = WindowReads.of(MaxPool(3, 2, 1, ceil_mode=True), 0, 6, 4)
        >>> reads.window.pads, reads.at(3), reads.padded(6), reads.padded(7)
        ((1, 1), [5, 6, 7], True, False)
        """
        return cls(layer.rule(axis).window or layer.window(axis), n, outputs)

    @property
    def begin(self) -> int:
        """The padding in front, of a transposed convolution what its window has there."""
        return int(self.window.begin)

    @property
    def end(self) -> int:
        """The padding behind."""
        return int(self.window.end)

    @property
    def scatters(self) -> bool:
        """Whether inputs are put apart: the window of a transposed convolution."""
        return bool(self.window.input_dilation > 1)

    @property
    def places(self) -> range:
        """The places of all elements, of their padding, and of all that any output stands over."""
        ends = [-self.begin, self.n - 1 + self.end]
        if self.scatters or not self.n:
            ends = [0, max(self.window.input_dilation * (self.n - 1), 0)]
        for y in (0, self.outputs - 1) if self.outputs else ():
            ends += [self.at(y)[0], self.at(y)[-1]]
        return range(min(ends), max(ends) + 1)

    def element(self, place: int) -> int | None:
        """The element at a place, if one is there."""
        x, between = divmod(place, self.window.input_dilation)
        if between or not self.n:
            return None
        if self.mode:
            return repeated(x, self.n, self.mode)
        return x if 0 <= x < self.n else None

    def padded(self, place: int) -> bool:
        """Whether a place is an element, or padding that the layer puts around them."""
        return not self.scatters and -self.begin <= place < self.n + self.end

    def at(self, y: int) -> list[int]:
        """The places that output y stands over."""
        first = self.window.stride * y - self.begin
        return [first + self.window.dilation * t for t in range(self.window.kernel_size)]

    def taps(self, y: int) -> list[int]:
        """The elements that output y reads, in order."""
        return [x for x in map(self.element, self.at(y)) if x is not None]

    def centre(self, y: int) -> float:
        """The place above which output y is the middle of what it stands over."""
        return float(self.window.stride * y - self.begin + (self.window.span - 1) / 2)

    def readers(self, x: int) -> list[int]:
        """The outputs that read element x, in order."""
        place, stride = self.window.input_dilation * x + self.begin, self.window.stride
        found = (
            divmod(place - self.window.dilation * t, stride) for t in range(self.window.kernel_size)
        )
        return sorted(y for y, between in found if not between and 0 <= y < self.outputs)

    def unread(self, x: int) -> bool:
        """Whether no output reads element x."""
        return not self.readers(x)

    @property
    def cropped(self) -> tuple[int, int]:
        """How many outputs at each end would read something, but are cut off."""
        if not self.scatters or not self.n:
            return 0, 0
        window = self.window
        first = -(-(self.begin - window.span + 1) // window.stride)
        last = (window.input_dilation * (self.n - 1) + self.begin) // window.stride
        return max(-first, 0), max(last - self.outputs + 1, 0)
