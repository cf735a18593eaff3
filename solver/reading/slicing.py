"""A slice of an axis, as an operation: its ends numbers, or what the network computes of sizes."""

from __future__ import annotations

from solver.network.computed import Take
from solver.network.dim import Dim
from solver.network.operation import Operation
from solver.network.shaping import Slice
from solver.sizeset import EVERY, where_nonnegative

#: What is larger stands for an end that is not cut.
FAR = 1 << 30


def cut(dim: Dim, axis: int, first: Dim, last: Dim, step: int) -> list[Operation] | None:
    """Return what takes the elements first, first + step, ... before last of an axis.

    dim: its size. Ends count from the end where they are negative, or minus a size. None where the
    step or the ends are not understood.

    >>> n = Dim.letter("n")
    >>> [each.title for each in cut(n, 2, Dim(1), Dim(-1), 1)]
    ['slice(1:-1, axis=2)']
    >>> [each.title for each in cut(n, 2, (n + -5) * -1, Dim(1 << 62), 1)]
    ['take(n - 5, axis=2)']
    """
    one, other = first.number, last.number
    if one is None or other is None:
        # computed ends: what lies between them
        if step != 1 or (one is not None and one < 0) or (other is not None and other < 0):
            return None
        last = dim if other is not None and other > FAR else last
        falls = _falls(first), _falls(last)
        if None in falls:
            return None
        first, last = (dim + end if f else end for f, end in zip(falls, (first, last), strict=True))
        return [Take(axis, last + first * -1, last)]
    if dim.number is not None:
        places = range(dim.number)[slice(one, None if step < 0 and other < -FAR else other, step)]
        if len(places) == dim.number:
            return []
        if step < 0:
            places = places[::-1]
        end = places[-1] + 1 if places else 0
        return [Slice(axis, places.start if places else 0, end, abs(step))]
    if step < 0:
        return [] if (one, step) == (-1, -1) and other < -FAR else None
    if (one, step) == (0, 1) and other > FAR:
        return []
    return [Slice(axis, max(one, -FAR), None if other > FAR else other, step)]


def _falls(dim: Dim) -> bool | None:
    """Tell whether a computed end counts from the end of the axis: minus a size.

    None where it does at some inputs and does not at others.
    """
    if dim.single is not None and dim.single[1].rise == 0:
        size_map = dim.single[1]
        if where_nonnegative(size_map) == EVERY:
            return False
        return True if where_nonnegative(size_map * -1) == EVERY else None
    return all(term.factor < 0 or (term.single and term.single[1].rise < 0) for term in dim.terms)
