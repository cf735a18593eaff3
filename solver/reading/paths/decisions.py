"""What a program decides of sizes while it runs at some, and for which sizes it decides so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import NamedTuple

from solver.errors import LimitError, SolverError
from solver.network.graph.demand import Demand
from solver.sizes.sizeset import EVERY, SizeSet

#: Sizes of each letter that are tried where conditions tie letters together, and points in all.
_TRIED, _POINTS = 400, 20_000


class Decision(NamedTuple):
    """Hold a condition and whether it holds. asked: by an operation, which refuses otherwise."""

    demand: Demand
    truth: bool
    asked: bool = False


class Region(NamedTuple):
    """Hold sizes: of each letter a set, and conditions that tie letters together.

    >>> region = Region.every(["h", "w"])
    >>> len(region.ties), region.point({"h": 64, "w": 80})
    (0, {'h': 64, 'w': 80})
    """

    box: Mapping[str, SizeSet]
    ties: tuple[Decision, ...] = ()

    @classmethod
    def every(cls, letters: Sequence[str]) -> Region:
        """All sizes."""
        return cls(dict.fromkeys(letters, EVERY))

    def cut(self, decision: Decision) -> Region | None:
        """The sizes of it at which a condition is as decided; None where that is none."""
        demand, letters = decision.demand, decision.demand.letters
        if len(letters) == 1:
            (letter,) = letters
            try:
                allowed = demand.inputs()
                left = self.box[letter] & (allowed if decision.truth else ~allowed)
            except LimitError:
                pass
            else:
                return self._replace(box={**self.box, letter: left}) if left else None
        if decision._replace(truth=not decision.truth) in self.ties:
            return None
        return self._replace(ties=(*self.ties, decision))

    def __contains__(self, values: object) -> bool:
        assert isinstance(values, Mapping)
        inside = all(values[letter] in sizes for letter, sizes in self.box.items())
        return inside and all(tie.demand.holds(values) == tie.truth for tie in self.ties)

    def point(self, near: Mapping[str, int]) -> dict[str, int] | None:
        """Sizes in it: the first from these on, else the last below; None where none are found.

        Without ties there always are some.
        """
        found = {
            letter: sizes.first(near[letter]) or sizes.last(near[letter]) or 0
            for letter, sizes in self.box.items()
        }
        if not self.ties:
            return found
        return next((each for each in self._tried(found) if each in self), None)

    def _tried(self, first: Mapping[str, int]) -> Iterator[dict[str, int]]:
        yield dict(first)
        several = {letter: list(islice(sizes, _TRIED)) for letter, sizes in self.box.items()}
        common = set.intersection(*map(set, several.values()))
        for n in sorted(common):
            yield dict.fromkeys(several, n)
        for each in islice(product(*several.values()), _POINTS):
            yield dict(zip(several, each, strict=True))


class Refused(BaseException):
    """Say that an operation refuses these sizes; no `except` of a program catches it."""


class Decisions:
    """Hold what is decided while a program runs at sizes.

    values: of letters. made: the decisions that cut what was left of all sizes, in order. left:
    the sizes at which all is decided so, and every operation accepts what it gets.
    """

    def __init__(self, values: Mapping[str, int]) -> None:
        self.values = dict(values)
        self.made: list[Decision] = []
        self.left = Region.every(list(values))
        self._least = dict.fromkeys(values, 1)
        self._known = set[Demand]()

    def decide(self, demand: Demand) -> bool:
        """Whether a condition holds here; where it does not hold everywhere, that is a path."""
        truth = demand.holds(self.values)
        decision = Decision(demand._replace(at=0), truth)
        if demand.letters and decision not in self.left.ties:
            other = self.left.cut(decision._replace(truth=not truth))
            if other is not None:
                self._take(decision)
        return truth

    def ask(self, demand: Demand) -> None:
        """Demand something of the sizes. Raises Refused where it does not hold here."""
        if not demand.letters or demand.wish:
            return
        least = demand.minimum
        if least is not None:
            letter, size = least
            if size <= self._least[letter]:
                return
            self._least[letter] = size
        same = demand._replace(at=0, rule="")
        if same in self._known:
            return
        self._known.add(same)
        holds = demand.holds(self.values) and demand.repeats(self.values) is None
        if not holds:
            self.made.append(Decision(demand, False, asked=True))
            raise Refused
        self._cut(Decision(same, True, asked=True))

    def _take(self, decision: Decision) -> None:
        self.made.append(decision)
        self._cut(decision)

    def _cut(self, decision: Decision) -> None:
        left = self.left.cut(decision)
        if left is None:
            raise SolverError("a condition holds where it does not", decision.demand.text)
        self.left = left
