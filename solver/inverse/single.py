"""One layer that does not do it, and every value of one hyperparameter with which it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from solver.ground.named import NamedTuple
from solver.inverse.axis import Axis
from solver.inverse.counting import nearest_value
from solver.inverse.problem import Problem
from solver.sizes.domain import Domain
from solver.sizes.operations import MINIMUM

if TYPE_CHECKING:
    from fractions import Fraction

#: A value that large stands for all further ones.
FURTHEST = 10**9


class SingleChange(NamedTuple):
    """Hold every value of one hyperparameter that does it, along each axis that has its own.

    before: the values now.
    """

    name: str
    before: tuple[int, ...]
    after: tuple[Domain, ...]

    @property
    def endless(self) -> bool:
        """Whether every further value does it, too."""
        return any(domain.last == FURTHEST for domain in self.after)

    def __str__(self) -> str:
        """The hyperparameter and its values, axes between x.

        >>> str(SingleChange("stride", (2,), (Domain([(97, FURTHEST)]),)))
        'stride >= 97'
        """
        if self.endless and len(self.after) == 1:
            return f"{self.name} >= {self.after[0].first}"
        return f"{self.name} {'x'.join(map(_words, self.after))}"


def _words(domain: Domain) -> str:
    return f"{domain.first}.." if domain.last == FURTHEST else str(domain)


def singles(axes: Sequence[Axis]) -> list[SingleChange]:
    """Every single change of the one layer of a box, the smallest first.

    Nothing where the box holds more than one layer, or its inputs are asked for. An output padding
    that is not given is 0. Complete: the sizes are monotone in each hyperparameter, so that what
    does it lies between two values.

    >>> from solver import Conv, solve
    >>> list(map(str, solve(Conv, 100, 224, kernel_size=3, stride=2, padding=1).single_changes))
    ['padding 175']
    """
    problems = [each.problem for each in axes]
    if any(problem.free for problem in problems) or not all(map(_pinned, axes)):
        return []
    found = []
    for name in axes[0].operation.hyperparameters:
        if name == "dilation" and problems[0].undilated:
            continue
        before = tuple(getattr(problem.box, name).first for problem in problems)
        after = tuple(Domain(_values(problem, name)) for problem in problems)
        if all(domain.ranges for domain in after):
            found.append(SingleChange(name, before, after))
    return sorted(found, key=_size)


def _pinned(axis: Axis) -> bool:
    """Whether a box holds one layer."""
    free = "output_padding" if "output_padding" not in axis.given else ""
    names = (name for name in axis.operation.hyperparameters if name != free)
    return axis.box.end is None and all(getattr(axis.box, name).size() == 1 for name in names)


def _values(problem: Problem, name: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the values of one hyperparameter that do it, the others as they are."""
    if name != "output_padding":
        problem = problem.narrowed(output_padding=Domain([(problem.box.output_padding.first,) * 2]))
    for part in problem.parts:
        first = nearest_value(part, name, MINIMUM[name], FURTHEST)
        if first is not None:
            last = nearest_value(part, name, FURTHEST, first)
            assert last is not None
            yield first, last


def _size(single: SingleChange) -> Fraction:
    """By how much of a value it is changed at least."""
    parts = zip(single.before, single.after, strict=True)
    return max(min(_apart(now, edge) for edges in d.ranges for edge in edges) for now, d in parts)


def _apart(one: int, other: int) -> Fraction:
    from fractions import Fraction  # most boxes have a solution

    low, high = sorted((one, other))
    return Fraction(high + 1, low + 1)
