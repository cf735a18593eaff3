"""Hyperparameters with one value per axis: a domain of kernels such as 3x5 beside 3."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.value import Value
from solver.layers.table import ends
from solver.sizes.domain import Domain, whole_number

#: An x between the values of two axes: behind a number, a parenthesis or a letter, and before one.
CROSS = re.compile(r"\s+x\s+(?=[\w(])|(?:(?<=[\d)])|(?<=\b[a-wyz]))\s*x\s*(?=[\d(]|[a-wyz]\b)")
_MOST = 100_000


class PerAxis(tuple[Any, ...]):
    """Hold one value per axis: numbers, or begin and end of a padding; not all are alike."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PerAxis) and tuple.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((PerAxis, *self))

    def __str__(self) -> str:
        return "x".join(_word(value) for value in self)


class PerAxisDomain(Value):
    """Hold what a hyperparameter may be, of which some values differ between axes.

    values: numbers for all axes, pairs (begin, end) of a padding, and `PerAxis`, in order. Raises
    SolverError where they have no one number of axes.

    >>> kernels = PerAxisDomain.parse("3x5,3,1..2x7", "kernel_size", 1)
    >>> str(kernels), kernels.axes, kernels.size(), 3 in kernels
    ('1x7,2x7,3,3x5', 2, 4, True)
    >>> str(PerAxisDomain.parse("0:1x2, 1", "padding", 0))
    '0:1x2,1'
    """

    def __init__(self, values: Iterable[Any], name: str) -> None:
        found = dict.fromkeys(map(alike, values))
        lengths = sorted({len(value) for value in found if isinstance(value, PerAxis)})
        if len(lengths) > 1:
            rule = f"{name} has values for one number of axes"
            raise SolverError(rule, ",".join(map(_word, found)), f"{lengths[-1]} axes in each")
        self.axes = lengths[0] if lengths else 1
        self.values = sorted(found, key=lambda value: order(value, self.axes))

    def made_of(self) -> tuple[Any, ...]:
        return (self.values,)

    @classmethod
    def parse(cls, text: str, name: str, least: int) -> PerAxisDomain:
        """Read values with commas between them, each with an x between axes.

        >>> PerAxisDomain.parse("3x0", "kernel_size", 1)
        Traceback (most recent call last):
            ...
        solver.errors.SolverError: kernel_size must be at least 1
          3x0
            ^
          right:    1 or more
        """
        values: list[Any] = []
        at = 0
        for item in text.split(","):
            sides = []
            for side in item.split("x"):
                sides.append(list(_side(side, name, least, text, at)))
                at += len(side) + 1
            count = len(values)
            for row in product(*sides):
                values.append(PerAxis(row) if len(row) > 1 else row[0])
                count += 1
                if count > _MOST:
                    rule = f"one layer of a design space has at most {_MOST:,} combinations"
                    raise LimitError(rule, f"more of {name} alone", "smaller ranges")
        return cls(values, name)

    @classmethod
    def of(cls, values: Iterable[Any], name: str, least: int) -> PerAxisDomain:
        """Read numbers, and tuples with one number per axis; of a padding also with its two ends.

        >>> str(PerAxisDomain.of([(5, 3), 3], "kernel_size", 1))
        '3,5x3'
        """
        return cls([_read(value, name, least) for value in values], name)

    @property
    def plain(self) -> Any:
        """It as it is told where all axes are alike in every value: a domain, or pairs."""
        if self.axes > 1:
            return self
        pairs = any(isinstance(value, tuple) for value in self.values)
        return self.values if pairs else Domain.of(self.values)

    def size(self) -> int:
        """Count the values."""
        return len(self.values)

    def along(self, axis: int) -> list[Any]:
        """The values along one axis."""
        return [along(value, axis) for value in self.values]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values)

    def __contains__(self, value: object) -> bool:
        return value in self.values

    def __str__(self) -> str:
        return ",".join(map(_word, self.values))

    __repr__ = __str__


def order(value: Any, axes: int) -> tuple[Any, ...]:
    """What values are sorted by, of numbers, pairs and one per axis: the first axis first.

    >>> sorted([3, PerAxis((1, 9)), PerAxis((3, 2))], key=lambda value: order(value, 2))
    [(1, 9), (3, 2), 3]
    """
    each = value if isinstance(value, PerAxis) else (value,) * axes
    return tuple(one if isinstance(one, tuple) else (one, one) for one in each)


def alike(value: Any) -> Any:
    """One value for all axes, where they are alike."""
    if not isinstance(value, PerAxis):
        return value
    found = PerAxis(one[0] if isinstance(one, tuple) and one[0] == one[1] else one for one in value)
    return found[0] if len(set(found)) == 1 else found


def along(value: Any, axis: int) -> Any:
    """The value along one axis.

    >>> along(PerAxis((3, 5)), 1), along(3, 1)
    (5, 3)
    """
    return value[axis] if isinstance(value, PerAxis) else value


def spread(named: Mapping[str, Any]) -> int:
    """For how many axes values are given, 0 where each is one for all."""
    return max((len(value) for value in named.values() if isinstance(value, PerAxis)), default=0)


def padded(named: Mapping[str, Any], axes: int) -> Any:
    """The padding of a layer in which a word for it acts on each axis.

    >>> padded({"kernel_size": PerAxis((3, 5)), "padding": "half"}, 2)
    (1, 2)
    """
    found = []
    for axis in range(axes):
        reach = along(named.get("dilation", 1), axis) * (along(named["kernel_size"], axis) - 1)
        found.append(ends(along(named["padding"], axis), reach))
    return alike(PerAxis(found))


def plain(name: str, value: Any) -> Any:
    """A value as a layer takes it."""
    if isinstance(value, PerAxis):
        return tuple(value)
    if name == "padding" and isinstance(value, tuple):  # of both ends
        return value[0] if value[0] == value[1] else (value,)
    return value


def classes(rows: Sequence[Any]) -> tuple[int, ...]:
    """The axes of which each is the first that is like it.

    >>> classes([(3, 1), (5, 1), (3, 1)])
    (0, 1, 0)
    """
    return tuple(rows.index(row) for row in rows)


def _side(text: str, name: str, least: int, whole: str, at: int) -> Iterable[Any]:
    try:
        if name == "padding" and ":" in text:
            from solver.sizes.ends import Ends  # few padding is told end by end

            return Ends.parse(text, name)
        return Domain.parse(text, name, least)
    except SolverError as fault:
        place = at + (fault.at or 0)
        raise type(fault)(fault.rule, fault.received, fault.right, whole, place) from None


def _read(value: Any, name: str, least: int) -> Any:
    if not isinstance(value, (tuple, list)):
        return whole_number(value, name, least)
    if len(value) < 2:
        raise SolverError(f"{name} has one value, or one per axis", received=repr(value))
    found: list[Any] = []
    for one in value:
        if name == "padding" and isinstance(one, (tuple, list)):
            if len(one) != 2:
                raise SolverError("padding is a number or (begin, end)", received=repr(one))
            found.append(tuple(whole_number(end, name, least) for end in one))
        else:
            found.append(whole_number(one, name, least))
    return PerAxis(found)


def _word(value: Any) -> str:
    if isinstance(value, PerAxis):
        return str(value)
    return ":".join(map(str, value)) if isinstance(value, tuple) else str(value)
