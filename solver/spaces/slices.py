"""Some designs of a space by their numbers, lazily: what indexing a space gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import nsmallest
from typing import Any, Protocol, overload

from solver.errors import LimitError, SolverError
from solver.ground.answers import Answers, Count
from solver.ground.value import Value
from solver.layers.stack import Stack
from solver.sizes.domain import LARGEST, whole_number

_MOST_COMPARED = 1_000_000


class Numbered(Protocol):
    """A set of designs in which every design has a number."""

    @property
    def count(self) -> Count: ...
    @property
    def reason(self) -> str | None: ...
    def index(self, design: Any) -> int: ...
    def paths(self, first: int) -> Iterator[tuple[Any, ...]]: ...
    def stack(self, path: Sequence[Any]) -> Stack: ...


class Designs(Answers[Stack], Value):
    """Hold some designs of a space by their numbers, lazily; it can be pickled for workers.

    >>> from solver import Choice, Conv, Space
    >>> space = Space(Choice(Conv, "1..7", padding="0..3"), 8, 8)
    >>> space[1:], len(space[1:]), space[1:][0]
    (Designs 1 to 3 of 4, 3, Stack([Conv(3, padding=1)]))
    """

    def __init__(self, space: Numbered, numbers: range | None = None) -> None:
        self.space = space
        self.numbers = range(space.count) if numbers is None else numbers

    def made_of(self) -> tuple[Any, ...]:
        return self.space, self.numbers

    @property
    def count(self) -> Count:
        """How many there are, also where len() would overflow."""
        numbers = self.numbers
        rounding = numbers.step - (1 if numbers.step > 0 else -1)
        return Count(max(0, (numbers.stop - numbers.start + rounding) // numbers.step))

    @property
    def reason(self) -> str | None:
        """Why there is none: the space is empty, or no design has these numbers."""
        if self.count:
            return None
        return self.space.reason or "no design of the space has these numbers"

    def best(self, k: int = 1) -> list[Stack]:
        """The k designs with the fewest parameters. Raises LimitError where too many are looked at.

        >>> from solver import Choice, Conv, Space
        >>> Space(Choice(Conv, "1..7", padding="0..3"), 8, 8)[1:].best(2)
        [Stack([Conv(3, padding=1)]), Stack([Conv(5, padding=2)])]
        """
        if self.count > _MOST_COMPARED:
            received = f"{self.count:,} designs"
            raise LimitError("a slice of designs is compared one by one", received, "Space.best")
        return nsmallest(whole_number(k, "k", 0), self, key=lambda stack: stack.parameters)

    def __contains__(self, design: object) -> bool:
        try:
            return self.space.index(design) in self.numbers
        except SolverError:
            return False

    @overload  # type: ignore[override]  # a part of so many designs is lazy, no list
    def __getitem__(self, index: int) -> Stack: ...
    @overload
    def __getitem__(self, index: slice) -> Designs: ...
    def __getitem__(self, index: int | slice) -> Stack | Designs:
        if isinstance(index, slice):
            return Designs(self.space, self.numbers[index])
        at = self.numbers[whole_number(index, "an index", -(LARGEST**9), LARGEST**9)]
        return self.space.stack(next(self.space.paths(at)))

    def __iter__(self) -> Iterator[Stack]:
        numbers = self.numbers
        if numbers.step == 1:
            paths = self.space.paths(numbers.start)
            for _ in range(numbers.start, numbers.stop):
                yield self.space.stack(next(paths))
        else:
            for at in numbers:
                yield self.space.stack(next(self.space.paths(at)))

    def __repr__(self) -> str:
        numbers, count = self.numbers, self.count
        if not count:
            return "Designs none"
        ends = f"{numbers[0]:,} to {numbers[-1]:,}" if count > 1 else f"{numbers[0]:,}"
        step = f" in steps of {numbers.step:,}" if numbers.step != 1 else ""
        return f"Designs {ends}{step} of {self.space.count:,}"
