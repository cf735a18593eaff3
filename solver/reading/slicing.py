"""A slice of an axis, as an operation: its ends numbers, or what the network computes of sizes."""

from __future__ import annotations

from solver.network.dim import Dim
from solver.network.operation import Operation
from solver.network.slicing import Slice

#: No axis is longer: what is larger stands for an end that is not cut.
FAR = 1 << 30


def cut(
    axis: int, first: Dim | None, last: Dim | None, step: int, least: int = -1
) -> list[Operation]:
    """Return what takes the elements first, first + step, ... before last of an axis.

    Ends count from the end where they are negative. least: see `Slice`.

    >>> n = Dim.letter("n")
    >>> [each.title for each in cut(2, Dim(1), Dim(-1), 1)]
    ['slice(1:-1, axis=2)']
    >>> [each.title for each in cut(2, (n + -5) * -1, Dim((1 << 63) - 1), 1)]
    ['slice(5 - n:, axis=2)']
    >>> cut(2, Dim(-(1 << 63)), Dim((1 << 63) - 1), 1)
    []
    """
    start, stop = _end(first), _end(last)
    if step > 0:
        start = None if isinstance(start, int) and (start == 0 or start < -FAR) else start
        stop = None if isinstance(stop, int) and stop > FAR else stop
    else:
        start = None if start == -1 or (isinstance(start, int) and start > FAR) else start
        stop = None if isinstance(stop, int) and stop < -FAR else stop
    if start is None and stop is None and abs(step) == 1:
        return []
    return [Slice(axis, start, stop, step, least=least)]


def _end(end: Dim | None) -> int | Dim | None:
    return end if end is None or end.number is None else end.number
