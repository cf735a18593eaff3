"""List answers best first without listing them all.

Up to `RANKED` answers are ranked together. More than that are ranked band by band: kernel sizes
above 1 first, then by the largest hyperparameter (up to 16, up to 32, ...), so that the layers
people use come first however large the box; a band that is itself larger than `RANKED` is listed
by stride, padding and kernel. Answers of independent axes are combined by the sum of their ranks,
and few enough are sorted by cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from heapq import heappop, heappush
from itertools import chain, islice
from itertools import count as count_up
from math import prod
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from solver.errors import LimitError
from solver.inverse.counting import count, nearest_value, surely_few
from solver.inverse.problem import Problem
from solver.inverse.strips import FIELDS, Progression, Row, Strip
from solver.sizes.domain import LARGEST, Domain

if TYPE_CHECKING:
    from solver.inverse.axis import Axis
    from solver.inverse.question import Question
    from solver.inverse.ranking import Ranking

RANKED = 50_000
_SEARCH = 10_000  # polygons in search of the next value
_FIRST_BAND = 16
_NAMES = ("kernel_size", "stride", "padding", "end", "dilation", "output_padding")
#: So many are found by bounds on their keys before all are sorted, unless more are asked for.
FEW = 8
#: From so many on it is worth counting whether to sort all is faster.
MANY = 64


def best_first(
    problem: Problem, small: bool, ranked: Callable[[Problem], Iterable[Row]]
) -> Iterator[Row]:
    """Yield every row of the problem, best first.

    small: whether it has `RANKED` rows at most. ranked: lists the rows of one that is small.
    """
    if small:
        yield from ranked(problem)
        return
    for first, last in ((2, LARGEST), (1, 1)):
        part = problem.narrowed(kernel_size=problem.box.kernel_size.clip(first, last))
        for band in _bands(part):
            if is_small(band):
                yield from ranked(band)
            else:
                yield from band.rows()


def by_ranking(ranking: Ranking, few: int, problem: Problem) -> Iterator[Row]:
    """Yield every row, best first: a few by bounds, the rest sorted if it is asked for."""
    found = 0
    for row in islice(_by_bounds(problem, ranking), few):
        found += 1
        yield row
    if found == few:
        yield from ranking.sorted(problem.rows())[few:]


def _by_bounds(problem: Problem, ranking: Ranking) -> Iterator[Row]:
    """Yield every row, best first, and look at no more of them than the bounds on keys ask for.

    Progressions come by dilation, and their points by kernel_size, so that bounds never fall. What
    was looked at waits until no bound is below it.
    """
    key, bound = ranking.key, ranking.bound
    number = count_up()
    waiting: list[tuple[Any, ...]] = []
    found: list[tuple[tuple[object, ...], Row]] = []

    def expect(strip: Strip, progressions: Iterator[Progression]) -> None:
        """Wait for the next progression of a strip, and those behind it."""
        following = next(progressions, None)
        if following is not None:
            k, s, p, d, a, n = strip.row(following, 0)
            least = bound((min(k, 2), s, p, d, a, n), True)  # of what stands behind it too
            heappush(waiting, (least, next(number), strip, following, progressions))

    for part in problem.parts:
        for strip in chain.from_iterable(map(part.strips, part.strides())):
            expect(strip, strip.progressions())
    while waiting:
        least, _, strip, progression, at = heappop(waiting)
        while found and found[0][0] < least:
            yield heappop(found)[1]
        if not isinstance(at, int):
            expect(strip, at)
            at = 0
        else:
            row = strip.row(progression, at)
            heappush(found, (key(row), row))
            at += 1
        if at < progression[5]:
            least = bound(strip.row(progression, at), progression[2] > 0)
            heappush(waiting, (least, next(number), strip, progression, at))
    while found:
        yield heappop(found)[1]


def by_hyperparameter(problem: Problem, name: str, small: bool, ranking: Ranking) -> Iterator[Row]:
    """Yield every row by one hyperparameter, smallest first, and best first for each value."""
    if small:
        yield from sorted(ranking.sorted(problem.rows()), key=itemgetter(FIELDS.index(name)))
        return
    ranked = partial(by_ranking, ranking, FEW)
    for number in _values(problem, name):
        one = problem.narrowed(**{name: Domain([(number, number)])})
        yield from best_first(one, is_small(one), ranked)


def _values(problem: Problem, name: str) -> Iterator[int]:
    """Yield the values of a hyperparameter that have solutions, and perhaps some that have none."""
    for first, last in getattr(problem.box, name).ranges:
        number: int | None = first
        while number is not None and number <= last:
            with suppress(LimitError):
                number = nearest_value(problem, name, number, last, _SEARCH)
            if number is not None:
                yield number
                number += 1


def counted(problem: Problem) -> int | None:
    """The number of rows, or None where counting would take too long."""
    try:
        return count(problem)
    except LimitError:
        return None


def is_small(problem: Problem, number: Callable[[Problem], int | None] = counted) -> bool:
    """Tell whether a problem has `RANKED` rows at most; their number is asked for last."""
    if surely_few(problem, RANKED):
        return True
    known = number(problem)
    return known is not None and known <= RANKED


def _bands(problem: Problem) -> Iterator[Problem]:
    """Split a box by its largest hyperparameter: up to 16, up to 32, and so on."""
    box = problem.box
    domains = {name: part for name in _NAMES if (part := getattr(box, name)) is not None}
    largest = max(part.last for part in domains.values() if part)
    low, high = 0, _FIRST_BAND
    while low < largest:
        # In the band low < largest <= high: the first hyperparameter above low is name.
        for i, name in enumerate(domains):
            caps = {
                other: part.clip(0, low if j < i else high)
                for j, (other, part) in enumerate(domains.items())
            }
            caps[name] = caps[name].clip(low + 1 if low else 0, high)
            part = problem.narrowed(**caps)
            if not part.empty:
                yield part
            if not low:
                break
        low, high = high, 2 * high


T = TypeVar("T")


def by_rank(axes: Sequence[Iterator[T]], counts: Sequence[int]) -> Iterator[tuple[T, ...]]:
    """Yield every combination of one item per axis, by the sum of their positions.

    counts: the number of items of each axis. Items are taken only when their turn comes.

    >>> list(by_rank([iter("ab"), iter("xy")], [2, 2]))
    [('a', 'x'), ('a', 'y'), ('b', 'x'), ('b', 'y')]
    """
    taken: list[list[T]] = [[] for _ in axes]

    def item(axis: int, place: int) -> T:
        while len(taken[axis]) <= place:
            taken[axis].append(next(axes[axis]))
        return taken[axis][place]

    for total in range(sum(counts) - len(counts) + 1):
        for places in _places(total, counts):
            yield tuple(item(axis, place) for axis, place in enumerate(places))


def _places(total: int, counts: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield the tuples of places below the counts with this sum, in increasing order."""
    if len(counts) == 1:
        if total < counts[0]:
            yield (total,)
        return
    rest = sum(counts[1:]) - len(counts) + 1
    for place in range(max(0, total - rest), min(counts[0] - 1, total) + 1):
        for places in _places(total - place, counts[1:]):
            yield (place, *places)


MOST_SORTED = 1_000_000


def cheapest_first(
    ranked: Iterable[tuple[Row, ...]], total: int, question: Question, axes: Sequence[Axis]
) -> list[tuple[Row, ...]]:
    """All solutions, cheapest first, and in their own order where the cost is the same.

    The cost is that of the first pair of the question, up to a factor common to all solutions.
    total: their number. Raises LimitError where they are too many to sort.
    """
    if total > MOST_SORTED:
        raise LimitError(
            f"at most {MOST_SORTED:,} solutions are sorted by cost",
            received=f"{total:,} solutions",
            right="a smaller box, or --sort kernel_size",
        )
    from solver.inverse.question import read_ask  # few are sorted by cost

    sizes, targets = question.pairs[0]
    asks = [read_ask(*pair, question.where) for pair in zip(sizes, targets, strict=True)]

    def cost(rows: tuple[Row, ...]) -> int:
        # All axes share one row, or each has its own.
        at = range(len(asks)) if len(rows) > 1 else [0] * len(asks)
        return prod(axes[i].cost(rows[i], ask) for i, ask in zip(at, asks, strict=True))

    return sorted(ranked, key=cost)
