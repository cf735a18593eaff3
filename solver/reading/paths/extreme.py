"""The smaller or the larger of sizes, for which there is no formula."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Any

from solver.errors import SolverError
from solver.network.graph.dim import Dim
from solver.reading.functions.call import Unclear
from solver.reading.functions.sizes import calculated
from solver.reading.paths.size import Part, Size, bare, exact, size

_PLAIN: dict[str, Callable[..., Any]] = {"min": min, "max": max}


class Extreme(Size):
    """Be one of several sizes: which one, is decided where its formula is asked for.

    A number is less than the smallest of them where it is less than each: no size of one letter is
    compared with one of another.

    >>> from solver.reading.paths.decisions import Decisions
    >>> from solver.reading.paths.size import size
    >>> made = Decisions({"h": 64, "w": 80})
    >>> least = Extreme.of("min", [size(n, Dim.letter(x), made) for x, n in made.values.items()])
    >>> least > 4, [each.demand.claim for each in made.made]
    (True, ['1 <= h - 4', '1 <= w - 4'])
    """

    name: str
    parts: Sequence[int]
    _chosen: Any = None

    @classmethod
    def of(cls, name: str, parts: Sequence[int]) -> Extreme:
        """The smaller or larger one, by the name of Python's function."""
        found = cls(_PLAIN[name](map(bare, parts)))
        found.name, found.parts = name, parts
        found.made = next(each.made for each in parts if isinstance(each, Size))
        return found

    @property
    def formula(self) -> Dim | None:
        """That of the size that it is here, which is a path."""
        if self._chosen is None:
            self._chosen = reduce(self._of_two, self.parts)
        chosen = self._chosen
        return chosen.formula if isinstance(chosen, Size) else Dim(chosen)

    def _of_two(self, one: int, other: int) -> int:
        return other if (one > other) == (self.name == "min") else one


def _compared(name: str, plain: Callable[[Any, Any], bool]) -> Any:
    usual = getattr(Size, f"__{name}__")

    def compare(self: Extreme, other: Any) -> Any:
        if self._chosen is not None or not isinstance(other, (int, float)):
            return usual(self, other)
        each = all if (self.name == "min") == (name in ("gt", "ge")) else any
        return each(plain(part, other) for part in self.parts)

    return compare


for _name in ("lt", "le", "gt", "ge"):
    setattr(Extreme, f"__{_name}__", _compared(_name, getattr(operator, _name)))


def extreme(name: str, values: Sequence[Any]) -> Any:
    """The smallest or the largest of numbers: by a formula, else as it is here, which is a path.

    name: min or max.
    """
    if not any(isinstance(each, (Size, Part)) for each in values):
        return _PLAIN[name](values)
    parts = list[Any]()
    for each in values:
        _put(name, parts, each)
    if len(parts) > 1 and all(isinstance(each, int) for each in parts):
        return Extreme.of(name, parts)
    return reduce(partial(_one, name), parts)


def _put(name: str, parts: list[Any], value: Any) -> None:
    """Add a size to those that one is taken of, or put it together with one, by a formula."""
    for at, each in enumerate(parts):
        if not isinstance(each, (float, Extreme)) and not isinstance(value, (float, Extreme)):
            try:
                formula = calculated(name, [exact(each), exact(value)])
            except (Unclear, SolverError):
                continue
            plain = _PLAIN[name](bare(each), bare(value))
            made = next((x.made for x in (each, value) if isinstance(x, Size)), None)
            parts[at] = plain if made is None else size(plain, formula, made)
            return
    parts.append(value)


def _one(name: str, one: Any, other: Any) -> Any:
    """The larger or smaller of two as it is here, which is a path."""
    # A size stands first: a float would compare with it as with any number.
    first, then = (other, one) if isinstance(other, Size) else (one, other)
    after = first > then if (name == "max") == (first is other) else first < then
    return other if after else one
