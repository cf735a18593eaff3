"""Some designs of a space by their numbers, lazily: what indexing a space gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, overload

from solver.ground.value import Value
from solver.layers.stack import Stack
from solver.sizes.domain import LARGEST, whole_number


class Numbered(Protocol):
    """A set of designs in which every design has a number."""

    @property
    def count(self) -> int: ...
    def paths(self, first: int) -> Iterator[tuple[int, ...]]: ...
    def stack(self, path: Sequence[int]) -> Stack: ...


class Designs(Value):
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
    def count(self) -> int:
        """Return how many there are, also where len() would overflow."""
        numbers = self.numbers
        rounding = numbers.step - (1 if numbers.step > 0 else -1)
        return max(0, (numbers.stop - numbers.start + rounding) // numbers.step)

    def __len__(self) -> int:
        return self.count

    @overload
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
