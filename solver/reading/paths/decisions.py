"""What a program decides of sizes while it runs at some, and for which sizes it decides so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, product
from math import prod
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.network.graph.demand import EQUAL, MEETS, REPEATS, UNEQUAL, Demand
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import EVERY, SizeSet

#: Sizes of each letter that are tried where conditions tie letters together, and how many of all
#: letters but one.
_TRIED, _POINTS = 400, 2000
#: The most comparisons without a formula of one run: a loop may wait for one of them.
_GUESSES = 1000
#: Why nothing is told of sizes that a run at others does not tell of.
REPEATED = "a size of 1 is repeated to meet another"
#: The longest period of a region that formulas are simplified for.
_LONGEST = 4096


class SizeDecision(NamedTuple):
    """Hold a condition and whether it holds.

    asked: by an operation, which refuses otherwise; repeats: but for sizes of 1. forgotten: the
    program itself does not know later how it fell.
    """

    demand: Demand
    truth: bool
    asked: bool = False
    repeats: bool = False
    forgotten: bool = False

    @property
    def alone(self) -> tuple[Demand, ...]:
        """The limits within which no size of 1 is repeated."""
        sides = (self.demand.dim, self.demand.other) if self.repeats else ()
        dims = [each for each in sides if isinstance(each, Dim) and each.letters]
        return tuple(Demand(0, REPEATED, dim, Dim(1), UNEQUAL, limit=True) for dim in dims)


class Bridge(NamedTuple):
    """Hold a decision of which both sides come to the same, but for numbers.

    side: how it falls where it is run. instead: by the number of a node, its operation on that
    side, and the one that stands there for both.
    """

    side: SizeDecision
    instead: Mapping[int, tuple[Operation, Operation]] = {}


class SizeSpan(NamedTuple):
    """Hold the sizes of a set up to a last one, without end where that is None.

    So what is less than a large number is not listed.
    """

    sizes: SizeSet = EVERY
    last: int | None = None

    def cut(self, allowed: SizeSet, truth: bool) -> SizeSpan | None:
        """The sizes that are in a set, or are not; None where there are none."""
        if truth:
            found = self._replace(sizes=self.sizes & allowed)
        elif allowed.only_minimum:
            bound = allowed.minimum - 1
            found = self._replace(last=bound if self.last is None else min(self.last, bound))
        else:
            found = self._replace(sizes=self.sizes - allowed)
        return None if found.first(1) is None else found

    def first(self, at_least: int) -> int | None:
        """The first of its sizes from one on."""
        found = self.sizes.first(at_least)
        return found if found is None or self.last is None or found <= self.last else None

    @property
    def end(self) -> int | None:
        """The largest of its sizes, or a bound of them; None where there is none."""
        ends = [self.last] if self.last is not None else []
        return min(
            [*ends, *self.sizes.exceptions[-1:]] if self.sizes.finite else ends, default=None
        )

    def near(self, size: int) -> int:
        """The first of its sizes from one on, else the last below."""
        found = self.first(size) or self.below(size)
        assert found is not None
        return found

    def below(self, size: int) -> int | None:
        """The last of its sizes up to one."""
        return self.sizes.last(size if self.last is None else min(size, self.last))

    def __contains__(self, size: object) -> bool:
        assert isinstance(size, int)
        return size in self.sizes and (self.last is None or size <= self.last)

    def __or__(self, other: object) -> SizeSpan:
        """The sizes of one of two, of which one has all that the other lacks up to its end."""
        assert isinstance(other, SizeSpan)
        if self.last == other.last:
            return SizeSpan(self.sizes | other.sizes, self.last)
        for one, rest in ((self, other), (other, self)):  # what is long is not listed
            beyond = None if one.last is None else one.sizes & SizeSet(minimum=one.last + 1)
            if beyond is not None and rest == SizeSpan(beyond):
                return SizeSpan(one.sizes)
        return SizeSpan(self.listed | other.listed)

    @property
    def listed(self) -> SizeSet:
        """Its sizes as a set."""
        return self.sizes if self.last is None else self.sizes - SizeSet(minimum=self.last + 1)


class Area(NamedTuple):
    """Hold sizes: of each letter a span, and conditions that tie letters together.

    >>> region = Area.every(["h", "w"])
    >>> len(region.ties), region.point({"h": 64, "w": 80})
    (0, {'h': 64, 'w': 80})
    """

    box: Mapping[str, SizeSpan]
    ties: tuple[SizeDecision, ...] = ()

    @classmethod
    def every(cls, letters: Sequence[str]) -> Area:
        """All sizes."""
        return cls(dict.fromkeys(letters, SizeSpan()))

    def cut(self, decision: SizeDecision) -> Area | None:
        """The sizes of it at which a condition is as decided; None where that is none."""
        demand, letters = decision.demand, decision.demand.letters
        if len(letters) == 1:
            (letter,) = letters
            try:
                left = self.box[letter].cut(demand.inputs(), decision.truth)
            except LimitError:
                pass
            else:
                return None if left is None else self._replace(box={**self.box, letter: left})
        from solver.reading.paths.bounds import decided  # few compare the sizes of axes

        known = decided(demand, self.box)
        if known is not None:
            return self if known == decision.truth else None
        for tie in self.ties:
            if _same(tie.demand) == _same(demand):
                return self if tie.truth == decision.truth else None
        return self._replace(ties=(*self.ties, decision))

    def repeated(self, decision: SizeDecision) -> bool:
        """Whether a size of 1 may be repeated here for what else an operation refuses."""
        ones = (SizeDecision(each, False) for each in decision.alone)
        return any(self.cut(each) is not None for each in ones)

    @property
    def inside(self) -> dict[str, SizeMap]:
        """Maps that leave each size of the region as it is: of any other, to the last one in it.

        Sizes that are put through them have the formulas they have in the region: where h is a
        multiple of 7, 7*floor(h/7) is h.

        >>> even = Area({"h": SizeSpan(SizeSet(2, [0])), "w": SizeSpan(SizeSet.of([224]))}).inside
        >>> [even["h"](n) for n in (6, 7, 8)], even["w"](3)
        ([6, 6, 8], 224)
        """
        found = {letter: _into(span.sizes) for letter, span in self.box.items()}
        return {letter: size_map for letter, size_map in found.items() if size_map is not None}

    def holds(self, values: Mapping[str, int]) -> bool:
        """Tell whether sizes are in it."""
        inside = all(values[letter] in span for letter, span in self.box.items())
        return inside and all(tie.demand.holds(values) == tie.truth for tie in self.ties)

    def point(
        self, near: Mapping[str, int], but: Sequence[Mapping[str, int]] = ()
    ) -> dict[str, int] | None:
        """Sizes in it: the first from these on, else the last below; None where none are found.

        but: sizes that are not meant. Without them and without ties there always are some.
        """
        found = {letter: span.near(near[letter]) for letter, span in self.box.items()}
        if not self.ties and found not in but:
            return found
        tried = (each for each in self._tried(found) if each not in but and self.holds(each))
        return next(tried, None)

    @property
    def few(self) -> bool:
        """Whether each of its sizes is tried where one is looked for."""
        ends = [span.end for span in self.box.values()]
        counts = (sum(n in span for n in islice(span.sizes, _TRIED)) for span in self.box.values())
        return all(end is not None and end <= _TRIED for end in ends) and prod(counts) <= _POINTS

    def _tried(self, first: Mapping[str, int]) -> Iterator[dict[str, int]]:
        """Sizes that may meet the ties: the letters that none ties stay as they are."""
        yield dict(first)
        if not self.box:
            return  # all sizes are told
        tied = {letter for tie in self.ties for letter in tie.demand.letters} or {*self.box}
        near = {
            letter: sorted(
                (n for n in islice(span.sizes, _TRIED) if n in span),
                key=lambda n: abs(n - first[letter]),
            )
            for letter, span in self.box.items()
            if letter in tied
        }
        for n in sorted(set.intersection(*map(set, near.values()))):
            yield {**first, **dict.fromkeys(near, n)}
        *others, last = near  # the sizes of one letter follow from those of the others
        for each in islice(product(*map(near.__getitem__, others)), _POINTS):
            told = dict(zip(others, each, strict=True))
            left = self._at(told)
            if left is not None:
                yield {**first, **told, last: left.box[last].near(first[last])}

    def _at(self, told: Mapping[str, int]) -> Area | None:
        """What is left of it where some letters have values; None where that is none."""
        maps = {letter: SizeMap.line(0, n) for letter, n in told.items()}
        found: Area = self._replace(ties=())
        for tie in sorted(self.ties, key=_leaves_many):
            demand = tie.demand.of(lambda dim: dim.put(maps))
            if not demand.letters and demand.holds() != tie.truth:
                return None
            if demand.letters:
                left = found.cut(tie._replace(demand=demand))
                if left is None:
                    return None
                found = left
        return found


def _leaves_many(tie: SizeDecision) -> bool:
    """Tell whether a condition leaves many sizes: any that is no equation which holds."""
    return not tie.truth or tie.demand.relation != EQUAL


def _same(demand: Demand) -> Demand:
    """A demand without who asks it."""
    return demand._replace(at=0, rule="", minimum=None)


def _into(sizes: SizeSet) -> SizeMap | None:
    """A map that is the identity on a set: of one size, or of residue classes."""
    if len(sizes.exceptions) == 1 and sizes.finite:
        return SizeMap.line(0, sizes.exceptions[0])
    modulus, residues = sizes.modulus, sizes.residues
    if sizes.exceptions or not 1 < modulus <= _LONGEST:
        return None
    values, last = list[int](), residues[-1] - modulus
    for n in range(modulus):
        last = n if n in residues else last
        values.append(last)
    return SizeMap(modulus, modulus, values)


class RefusedSizes(RuntimeError):
    """Say that an operation refuses these sizes, as a program may catch it."""


class Enough(Exception):
    """Say that a program is not run at further sizes."""


class Lost(BaseException):
    """Say that what is decided depends on a size without a formula, or that is not seen."""


class Decisions:
    """Hold what is decided while a program runs at sizes.

    values: of letters. made: the decisions that cut what was left of all sizes, in order. left:
    the sizes at which all is decided so, and every operation accepts what it gets. guess: how
    comparisons without a formula are answered: as they are, the other way round, or not at all.
    guessed: how many there were. told: the numbers that sizes have been told to be. bridges:
    decisions that part nothing, see `Bridge`. side: those of
    what is left where these fall as they do here: what holds there of itself parts nothing either.
    """

    def __init__(
        self,
        values: Mapping[str, int],
        guess: bool | None = None,
        bridges: Sequence[Bridge] = (),
    ) -> None:
        self.values, self._guess = dict(values), guess
        self.guessed = 0
        self.made: list[SizeDecision] = []
        self.told: dict[Dim | None, Dim] = {}
        self.left = self.side = Area.every(list(values))
        self.crossed = {_same(each.side.demand) for each in bridges}
        self._bridges = bridges
        self._least = dict.fromkeys(values, 1)
        self._known = set[Demand]()
        self._remembering: list[Any] = []

    def decide(self, demand: Demand, forgotten: Callable[[], bool] | None = None) -> bool:
        """Whether a condition holds here; where it does not hold everywhere, that is a path.

        forgotten: tells whether the program that asks will not know later how it fell.
        """
        truth = demand.holds(self.values)
        decision = SizeDecision(demand._replace(at=0), truth)
        if demand.letters:
            other = self.side.cut(decision._replace(truth=not truth))
            if other is not None and _same(demand) in self.crossed:
                self.side = self.side.cut(decision) or self.side
            elif other is not None:
                self._take(decision._replace(forgotten=bool(forgotten and forgotten())))
        return truth

    def tell(self, dim: Dim) -> None:
        """Decide that a size is the number that it is here."""
        self.told[dim] = Dim(dim.at(self.values))
        self.decide(Demand(0, "", dim, self.told[dim], EQUAL))

    def instead(self, at: int, operation: Operation) -> Operation:
        """What stands for an operation, the node of a number, on both sides of a bridge."""
        for each in self._bridges:
            if at in each.instead:
                from solver.reading.paths.cases import changed  # few programs are bridged

                operation = changed(operation, *each.instead[at])
        return operation

    def guess(self, truth: bool) -> bool:
        """The answer to a comparison without a formula. Raises Lost where it is not wanted."""
        self.guessed += 1
        if self._guess is None or self.guessed > _GUESSES:
            raise Lost
        return truth == self._guess

    def ask(self, demand: Demand, guarded: Callable[[], bool] = lambda: False) -> None:
        """Demand something of the sizes. Raises RefusedSizes where it does not hold here.

        guarded: whether the program may catch that: then it is a decision of the program's own.
        """
        if not demand.letters or demand.wish:
            return
        least = demand.minimum
        if least is not None and least[1] <= self._least[least[0]]:
            return
        # A size of 1 that is repeated to meet another is no case of the formulas of a path.
        repeats = demand.relation in (MEETS, REPEATS)
        demand = demand._replace(at=0, relation=EQUAL if repeats else demand.relation)
        same = demand._replace(rule="")
        if same in self._known:
            return
        if not demand.holds(self.values):
            self.made.append(SizeDecision(demand, False, True, repeats))
            raise RefusedSizes
        self._known.add(same)
        if least is not None:
            self._least[least[0]] = least[1]
        self._take(SizeDecision(demand, True, True, repeats), guarded)

    def forget(self, function: Any) -> None:
        """Let a function forget what it remembers of other runs: they had other sizes."""
        if function not in self._remembering:
            self._remembering.append(function)
            function.cache_clear()

    def done(self) -> None:
        """End a run: whatever has remembered its sizes forgets them."""
        for each in self._remembering:
            each.cache_clear()

    def _take(self, decision: SizeDecision, guarded: Callable[[], bool] = lambda: False) -> None:
        left = self.left.cut(decision)
        if left is None:
            raise SolverError("a condition holds where it does not", decision.demand.text)
        if left != self.left:
            self.made.append(decision._replace(asked=False) if guarded() else decision)
            self.side = (self.side.cut(decision) or self.side) if self.crossed else left
            self.left = left
