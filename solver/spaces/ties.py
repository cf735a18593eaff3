"""Ties: hyperparameters that other numbers decide, as "2*stride", "2**i" or "k - s:0".

Names are the hyperparameters of the same layer (k, s, p, d, a, or in full), c for its input
channels, i for the number of the innermost repetition, and letters that `let` chooses. A tie is a
filter: what it makes no whole number of, or none that is large enough, is no layer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import ceil, floor, prod
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.value import Value
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, is_condition, names, substitute
from solver.sizes.grammar import FUNCTIONS, parse
from solver.sizes.operations import LETTERS, MINIMUM
from solver.spaces.per_axis import CROSS, PerAxis, alike, along, classes, order, spread

_NAME = r"[A-Za-z_][A-Za-z_0-9]*"
_MOST_NUMBERS = 100_000
_OPENING, _CLOSING = "([", ")]"

Range = tuple[Expression, Expression]


class Tie(Value):
    """Hold what numbers may be, from first to last by sizes of others; apart for ends of a padding.

    >>> tie = Tie.parse("s..2*s, 9", "kernel_size")
    >>> tie, list(tie.numbers({"s": 2}, 1)), sorted(tie.names)
    (s..2*s,9, [2, 3, 4, 9], ['s'])
    >>> list(Tie.parse("(k - 1)/2", "padding").numbers({"k": 4}, 0))  # not whole: no number
    []
    >>> list(Tie.parse("k - s:0", "padding").numbers({"k": 4, "s": 2}, 0))
    [(2, 0)]
    """

    #: What a layer knows itself: its hyperparameters, and the channels that go in.
    OWN = frozenset({*LETTERS, *LETTERS.values(), "c"})

    def __init__(self, ends: Sequence[Sequence[Range]]) -> None:
        self.ends = [list(end) for end in ends]
        sizes = [size for end in ends for pair in end for size in pair]
        self.names: frozenset[str] = frozenset().union(*map(names, sizes))

    def made_of(self) -> tuple[Any, ...]:
        return (self.ends,)

    @classmethod
    def parse(cls, text: str, name: str) -> Tie:
        """Read a tie. Raises SolverError with the place of the fault.

        >>> Tie.parse("2*", "kernel_size")
        Traceback (most recent call last):
            ...
        solver.errors.SolverError: kernel_size: a number, k or '(' must come next
          2*
            ^
          right:    for example 2n, n/2, ceil(n/2) or (n - 1)*2 + 3
        """
        parts = list(_split(text, 0, ":"))
        if len(parts) > 1 + (name == "padding"):
            rule = f"{name} is a size" if name != "padding" else "padding is begin:end"
            raise SolverError(rule, text=text, at=parts[-1][1] - 1, right="k - s:0 as padding")
        return cls([[_range(*item, text, name) for item in _split(*part, ",")] for part in parts])

    def bound(self, values: Mapping[str, int]) -> Tie:
        """The tie with numbers in the place of letters.

        >>> Tie.parse("2**i", "dilation").bound({"i": 3})
        2**3
        """
        given = {name: values[name] for name in self.names if name in values}
        if not given:
            return self
        return Tie(
            [[(substitute(a, given), substitute(b, given)) for a, b in end] for end in self.ends]
        )

    def numbers(self, values: Mapping[str, int], least: int) -> Iterator[Any]:
        """What it may be, at least so much: numbers, or pairs for a padding with two ends."""
        ends = [[n for pair in end for n in _between(pair, values, least)] for end in self.ends]
        yield from product(*ends) if len(ends) > 1 else dict.fromkeys(ends[0])

    def __str__(self) -> str:
        rows = [[f"{a}" if a == b else f"{a}..{b}" for a, b in end] for end in self.ends]
        return ":".join(map(",".join, rows))

    __repr__ = __str__


class PerAxisTie(Value):
    """Hold ties with one for each axis: items of which each is a tie, or one per axis.

    >>> tie = PerAxisTie.parse("1xk, 2*k", "kernel_size")
    >>> tie, sorted(tie.names), [*map(str, each_axis(tie, {"k": 3}, 1, 2))]
    (1xk,2*k, ['k'], ['1x3', '6'])
    """

    OWN = Tie.OWN

    def __init__(self, items: Sequence[Sequence[Tie]]) -> None:
        self.items = [list(item) for item in items]
        self.axes = max(map(len, self.items))
        if others := {len(item) for item in self.items} - {1, self.axes}:
            counts = ", ".join(map(str, sorted({*others, self.axes})))
            raise SolverError("values per axis agree on the number of axes", counts)
        self.names: frozenset[str] = frozenset().union(*(one.names for row in items for one in row))

    def made_of(self) -> tuple[Any, ...]:
        return (self.items,)

    @classmethod
    def parse(cls, text: str, name: str) -> PerAxisTie:
        """Read items with commas between them. Raises SolverError."""
        items = [item for item, _ in _split(text, 0, ",")]
        return cls([[Tie.parse(side, name) for side in CROSS.split(item)] for item in items])

    def bound(self, values: Mapping[str, int]) -> PerAxisTie:
        """The ties with numbers in the place of letters."""
        return PerAxisTie([[side.bound(values) for side in item] for item in self.items])

    def along(self, axis: int) -> list[Tie]:
        """The ties of one axis."""
        return [item[axis if len(item) > 1 else 0] for item in self.items]

    def __str__(self) -> str:
        return ",".join("x".join(map(str, item)) for item in self.items)

    __repr__ = __str__


def each_axis(
    tie: Tie | PerAxisTie, values: Mapping[str, Any], least: int, axes: int
) -> Iterator[Any]:
    """What a tie allows along each axis; axes with the same numbers have the same value.

    >>> from solver.spaces.per_axis import PerAxis
    >>> [*map(str, each_axis(Tie.parse("k - s", "padding"), {"k": PerAxis((3, 5)), "s": 1}, 0, 2))]
    ['2x4']
    """
    rows = [{name: along(value, axis) for name, value in values.items()} for axis in range(axes)]
    items = tie.items if isinstance(tie, PerAxisTie) else [[tie]]
    for item in items:
        sides = [(item[axis if len(item) > 1 else 0], rows[axis]) for axis in range(axes)]
        kinds = classes(sides)
        firsts = sorted(set(kinds))
        found = [sides[first][0].numbers(sides[first][1], least) for first in firsts]
        for choice in product(*found):
            yield alike(PerAxis(choice[firsts.index(kind)] for kind in kinds))


def tied(
    fields: Mapping[str, Any], known: Mapping[str, int], most: int, title: str
) -> list[dict[str, Any]]:
    """The rows of values that fields may have together, by the first field, then the second.

    fields: values, or a tie. known: other numbers. Raises SolverError for ties in a circle, and
    LimitError for more rows than allowed.

    >>> tied({"kernel_size": Tie.parse("2s", "kernel_size"), "stride": [1, 2]}, {}, 9, "a layer")
    [{'kernel_size': 2, 'stride': 1}, {'kernel_size': 4, 'stride': 2}]
    """
    fields = {
        name: Tie.parse("kernel_size", name) if values == [None] and name == "stride" else values
        for name, values in fields.items()
    }
    free = {name: values for name, values in fields.items() if not hasattr(values, "names")}
    ties = {name: tie for name, tie in fields.items() if hasattr(tie, "names")}
    if prod(map(len, free.values())) > most:
        raise _too_many(most, title)
    found = [dict(zip(free, row, strict=True)) for row in product(*free.values())]
    for name in _in_order(ties, title):
        seen: dict[tuple[int, ...], list[Any]] = {}
        found = [
            {**row, name: number}
            for row in found
            for number in _values(name, ties[name], {**known, **row}, seen)
        ]
        if len(found) > most:
            raise _too_many(most, title)
    rank = {name: {v: at for at, v in enumerate(values)} for name, values in free.items()}
    found = [{name: row[name] for name in fields} for row in found]
    several = [len(v) for values in free.values() for v in values if isinstance(v, PerAxis)]
    axes = max([0, *several, *(getattr(tie, "axes", 0) for tie in ties.values())])

    def place(row: dict[str, Any]) -> list[Any]:
        if not axes:
            return [rank[n][v] if n in rank else v for n, v in row.items()]
        return [rank[n][v] if n in rank else order(v, axes) for n, v in row.items()]

    return sorted(found, key=place)


def _values(
    name: str, tie: Tie, row: Mapping[str, Any], seen: dict[tuple[int, ...], list[Any]]
) -> list[Any]:
    """What a field may be in a row. seen: what was worked out before."""
    letters = {LETTERS.get(own, own): number for own, number in row.items()}
    values = {own: n for own, n in {**letters, **row}.items() if own in tie.names}
    missing = [own for own in sorted(tie.names) if not isinstance(values.get(own), (int, PerAxis))]
    if missing:
        full = {letter: f"{letter}, the {name}," for name, letter in LETTERS.items()}
        whose = " and ".join(full.get(each, each) for each in missing).rstrip(",")
        rule = f"{name} is tied to what is no number here: {whose}"
        raise SolverError(
            rule, f"{tie}", "a letter of the layer with numbers, or one that let gives"
        )
    key = tuple(values.values())
    if key not in seen:
        least = MINIMUM.get(name, 1)
        axes = max(spread(values), getattr(tie, "axes", 0))
        if axes and name not in MINIMUM:
            rule = f"{name} is one number, and is tied to one value per axis"
            raise LimitError(rule, f"{tie}", "a number")
        found = each_axis(tie, values, least, axes) if axes else tie.numbers(values, least)
        seen[key] = list(found)
    return seen[key]


def _in_order(ties: Mapping[str, Tie], title: str) -> Iterator[str]:
    """The fields, each behind all that it is tied to."""
    left = dict(ties)
    while left:
        waiting = {word for name in left for word in (name, LETTERS.get(name, name))}
        ready = [name for name, tie in left.items() if not tie.names & waiting]
        if not ready:
            shown = ", ".join(f"{name} = {tie}" for name, tie in left.items())
            right = 'numbers for one of them, or for a letter: let(part, k="3,5")'
            raise SolverError("hyperparameters are tied in a circle", f"{shown} in {title}", right)
        yield from ready
        left = {name: tie for name, tie in left.items() if name not in ready}


def _range(text: str, at: int, whole: str, name: str) -> Range:
    """Read a size, or two sizes with .. between them."""
    first, dots, last = text.partition("..")
    low = _size(first, at, whole, name)
    return low, _size(last, at + len(first) + 2, whole, name) if dots else low


def _size(text: str, at: int, whole: str, name: str) -> Expression:
    words = dict.fromkeys(["k", *LETTERS, *re.findall(_NAME, text)])
    known = tuple(word for word in words if word not in FUNCTIONS)
    try:
        found = parse(" " * at + text, known)
        if is_condition(found):
            raise SolverError("a tie is a size, not a condition", text=whole, at=found.at)
    except SolverError as fault:
        raise type(fault)(
            f"{name}: {fault.rule}", fault.received, fault.right, whole, fault.at
        ) from None
    return found


def _split(text: str, at: int, sign: str) -> Iterator[tuple[str, int]]:
    """Yield what stands between signs that are in no parentheses, with its place."""
    depth = start = 0
    for end, letter in enumerate(text + sign):
        depth += (letter in _OPENING) - (letter in _CLOSING)
        if end == len(text) or (letter == sign and depth == 0):
            yield text[start:end], at + start
            start = end + 1


def _between(pair: Range, values: Mapping[str, int], least: int) -> range:
    """The whole numbers from one size to the other."""
    try:
        low, high = (exact(size, values) for size in pair)
    except ZeroDivisionError:
        return range(0)
    first, last = max(ceil(low), least), floor(high)
    if last - first >= _MOST_NUMBERS:
        rule = f"a tie is between sizes at most {_MOST_NUMBERS:,} apart"
        raise LimitError(rule, f"{first:,} to {last:,}", "a smaller range")
    return range(first, last + 1)


def _too_many(most: int, title: str) -> LimitError:
    rule = f"one layer of a design space has at most {most:,} combinations"
    return LimitError(rule, received=f"more in {title}", right="smaller ranges")
