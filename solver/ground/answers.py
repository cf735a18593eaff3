"""A set of answers: how many there are, the best, each by its number, and why there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Generic, TypeVar, overload

from solver.errors import LimitError, SolverError
from solver.ground.shown import Reported

T = TypeVar("T")

#: From this number on, counting first is faster than finding out that there are not so many.
COUNTED = 1000


class Count(int):
    """A number of answers that may be called too: `answers.count` and `answers.count()` are one.

    >>> Count(7)() == Count(7) == 7
    True
    """

    __slots__ = ()

    def __call__(self) -> Count:
        return self


class Answers(Reported, Generic[T]):
    """Hold answers, the best first: iterate, index, slice, ask for one, count, list the best.

    Each set of answers also has a `reason`: why there is none, or None where there is one.
    """

    __slots__ = ()

    @property
    def count(self) -> Count:
        """The exact number of answers.

        Raises LimitError where even counting would take too long; listing still works then.
        """
        raise NotImplementedError

    @property
    def counted(self) -> int | None:
        """The number of answers, or None where counting would take too long."""
        try:
            return self.count
        except LimitError:
            return None

    def best(self, k: int = 1) -> list[T]:
        """The k best answers, or all where there are fewer. Raises SolverError for no number."""
        if not isinstance(k, int) or k < 0:
            raise SolverError("k must be a whole number of at least 0", received=repr(k))
        return list(self._first(min(k, sys.maxsize)))

    def _first(self, most: int) -> Iterator[T]:
        """Yield the best answers, no more than `most`: the cost follows that, not the set."""
        return islice(self, most)

    def __iter__(self) -> Iterator[T]:
        raise NotImplementedError

    def __len__(self) -> int:
        return self.count

    def __bool__(self) -> bool:
        return self.count > 0

    def __contains__(self, answer: object) -> bool:
        return any(each == answer for each in self)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return self._slice(index)
        if index < 0:
            index += self.count
        near = index < COUNTED or self.counted is None or index < self.count
        if near and 0 <= index < sys.maxsize:
            for answer in islice(self._first(index + 1), index, None):
                return answer
        raise IndexError("there is no answer of this number")

    def _slice(self, part: slice) -> list[T]:
        """The answers of some numbers; counted only where one is large, or told from the end."""
        named = [end for end in (part.start, part.stop, part.step) if end is not None]
        near = all(0 <= end < COUNTED for end in named)
        numbers = range(*part.indices(sys.maxsize if near else self.count))
        upwards = numbers if numbers.step > 0 else numbers[::-1]
        if not upwards:
            return []
        last = min(upwards[-1] + 1, sys.maxsize)
        found = list(islice(self._first(last), upwards.start, last, upwards.step))
        return found if upwards is numbers else found[::-1]
