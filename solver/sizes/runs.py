"""Whole numbers as runs of consecutive ones: sorted ranges with a gap between each two."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from operator import attrgetter

from solver.errors import LimitError
from solver.sizes.domain import LONGEST_PERIOD

Runs = tuple[range, ...]

_START = attrgetter("start")


def runs_of(numbers: Iterable[int]) -> Runs:
    """Numbers as runs; a range of step 1 is one, whatever its length.

    >>> runs_of([7, 1, 2, 3]), runs_of(range(5, 10**12))
    ((range(1, 4), range(7, 8)), (range(5, 1000000000000),))
    """
    if isinstance(numbers, range) and numbers.step == 1:
        return (numbers,) if numbers else ()
    ordered = sorted({*numbers})
    if len(ordered) < 2:
        return tuple(range(n, n + 1) for n in ordered)
    breaks = [i for i in range(1, len(ordered)) if ordered[i] > ordered[i - 1] + 1]
    ends = zip([0, *breaks], [*breaks, len(ordered)], strict=True)
    return tuple(range(ordered[i], ordered[j - 1] + 1) for i, j in ends)


def merged(parts: Iterable[range]) -> Runs:
    """What lies in any of the parts, which may overlap and touch.

    >>> merged([range(4, 9), range(1, 3), range(3, 5)])
    (range(1, 9),)
    """
    ordered = sorted(filter(None, parts), key=_START)
    found = ordered[:1]
    for part in ordered[1:]:
        if part.start <= found[-1].stop:
            if part.stop > found[-1].stop:
                found[-1] = range(found[-1].start, part.stop)
        else:
            found.append(part)
    return tuple(found)


def place(runs: Runs, n: int) -> int:
    """The place of the last run that starts at n or before it, -1 where there is none."""
    return bisect_right(runs, n, key=_START) - 1


def held(runs: Runs, n: int) -> bool:
    """Tell whether a number lies in one of the runs."""
    at = place(runs, n)
    return at >= 0 and n < runs[at].stop


def total(runs: Iterable[range]) -> int:
    """How many numbers lie in runs."""
    return sum(run.stop - run.start for run in runs)


def clipped(runs: Runs, start: int, stop: int | None = None) -> Runs:
    """What of runs is at least `start`, and less than `stop`.

    >>> clipped((range(1, 4), range(6, 9)), 2, 7)
    (range(2, 4), range(6, 7))
    """
    if not runs or (runs[0].start >= start and (stop is None or runs[-1].stop <= stop)):
        return runs
    if stop is not None and stop <= start:
        return ()
    first = place(runs, start)
    first += first < 0 or runs[first].stop <= start
    found = runs[first:] if stop is None else runs[first : bisect_left(runs, stop, key=_START)]
    if found and found[0].start < start:
        found = range(start, found[0].stop), *found[1:]
    if found and stop is not None and found[-1].stop > stop:
        found = *found[:-1], range(found[-1].start, stop)
    return found


def gaps(runs: Runs, start: int, stop: int) -> Iterator[range]:
    """Yield what of the numbers from `start` up to `stop` lies in no run.

    >>> list(gaps((range(2, 4), range(6, 7)), 0, 7))
    [range(0, 2), range(4, 6)]
    """
    for run in clipped(runs, start, stop):
        if run.start > start:
            yield range(start, run.start)
        start = run.stop
    if start < stop:
        yield range(start, stop)


def listed(runs: Runs) -> tuple[int, ...]:
    """The numbers one by one. Raises LimitError where they are too many."""
    check_count(total(runs))
    return tuple(n for run in runs for n in run)


def in_words(runs: Iterable[range]) -> str:
    """Runs in words, whole.

    >>> in_words([range(0, 128), range(130, 131), range(132, 134)])
    '0..127, 130, 132, 133'
    """
    return ", ".join(
        f"{run[0]}..{run[-1]}" if run.stop - run.start > 2 else ", ".join(map(str, run))
        for run in runs
    )


def check_count(count: int) -> None:
    """Raise LimitError where too many runs, or numbers one by one, would have to be held."""
    if count > LONGEST_PERIOD:
        rule = f"a size set has at most {LONGEST_PERIOD:,} classes and exceptions"
        raise LimitError(rule, received=f"{count:,}")
