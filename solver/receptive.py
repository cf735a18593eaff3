"""Receptive fields: which input elements one output element can reach.

Along an axis a layer reads, for its output element y, the input elements first(y) to last(y):

    convolution, pooling   s*y - p                       to  s*y - p + e - 1
    transposed             ceil((y + p - (e - 1))/s)     to  floor((y + p)/s)

with e = d(k - 1) + 1 and p the padding at the beginning. Both ends are size maps, so those of a
stack are compositions, exact for every y: behind a transposed layer the span depends on the phase
of y. Elements in the padding count, and the holes of a dilated kernel do too, as is usual.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from solver.layer import Axis
from solver.sizemap import IDENTITY, SizeMap


class Span(NamedTuple):
    """Hold the first and the last input element that output element y reads, as maps of y."""

    first: SizeMap
    last: SizeMap

    def behind(self, other: Span) -> Span:
        """Return what this layer reads of the input of the layers before it."""
        return Span(other.first(self.first), other.last(self.last))

    @property
    def length(self) -> int:
        """Return the elements from first to last, at the phase of y where they are most."""
        return max((self.last - self.first).values) + 1

    @property
    def shape(self) -> Span:
        """Return this span moved to begin at element 0: what tells receptive fields apart."""
        start = int(self.first(0))
        return Span(self.first - start, self.last - start)


#: What an element reads of its own layer: itself.
ITSELF = Span(IDENTITY, IDENTITY)


def span(axis: Axis, transposed: bool) -> Span:
    """Return what one layer reads along one axis.

    >>> span(Axis(3, 2, 1, 1, 1, 0), transposed=False)
    Span(first=SizeMap.line(2, -1), last=SizeMap.line(2, 1))
    """
    s, p, e = axis.stride, axis.begin, axis.effective_kernel_size
    if transposed:
        return Span(SizeMap.line(1, p - e + s, s), SizeMap.line(1, p, s))
    return Span(SizeMap.line(s, -p), SizeMap.line(s, e - 1 - p))


def spans(layers: Iterable[tuple[Axis, bool]]) -> Iterable[Span]:
    """Yield what each layer reads of the first layer's input.

    >>> stem = [(Axis(7, 2, 3, 3, 1, 0), False), (Axis(3, 2, 1, 1, 1, 0), False)]
    >>> [read.length for read in spans(stem)]
    [7, 11]
    """
    read = ITSELF
    for layer in layers:
        read = span(*layer).behind(read)
        yield read
