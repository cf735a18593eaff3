"""A slice of an axis, as an operation: its ends numbers, or what the network computes of sizes."""

from __future__ import annotations

from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation
from solver.network.graph.slicing import Slice

#: No axis is longer: what is larger stands for an end that is not cut.
FAR = 1 << 30
#: In ONNX the largest numbers stand for all there is, in both directions.
_ENDLESS = (2**31 - 1, 2**63 - 1)


def cut(
    axis: int, first: Dim | None, last: Dim | None, step: int, least: int = -1
) -> list[Operation]:
    """What takes the elements first, first + step, ... before last of an axis.

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
    if step < 0 and least == 0 and stop in _ENDLESS:
        stop = None
    far = [end if isinstance(end, int) and abs(end) > FAR else 0 for end in (start, stop)]
    if step < 0:
        far = [-end for end in far]
    if far[1] < 0 or far[0] > 0:  # it starts behind the axis, or stops before it
        start, stop = (0, 0) if step > 0 or least < 0 or far[1] < 0 else (0, stop)
    elif any(far) or start == (0 if step > 0 else -1):
        start = None if far[0] or start == (0 if step > 0 else -1) else start
        stop = None if far[1] else stop
    if start is None and stop is None and abs(step) == 1:
        return []
    return [Slice(axis, start, stop, step, least=least)]


def _end(end: Dim | None) -> int | Dim | None:
    return end if end is None or end.number is None else end.number
