"""What marks ask for: sizes at a place, and limits on what is read up to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.marking import Mark
from solver.sizes.domain import Domain, whole_number
from solver.sizes.expression import names
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.target import read_size, sized
from solver.spaces.bits import Bits
from solver.spaces.goal import (
    ANYTHING,
    Every,
    Given,
    Goals,
    Interval,
    Number,
    along_axes,
    asked_numbers,
    at_number,
    both,
    meet,
    paired,
    read_domain,
    read_every,
)
from solver.spaces.option import Ask
from solver.spaces.reach import inside


class MarkDemand(NamedTuple):
    """Hold what a mark asks for: a domain for each number that a search follows, None for any size.

    every: targets for every n. jumps: between neighbours there, of each lane where axes differ.
    reads: the receptive field there. jumpy: whether it depends on jumps.
    """

    domains: tuple[Domain | None, ...]
    every: tuple[Every, ...]
    jumps: Any
    reads: Interval
    jumpy: bool

    def met(self, sizes: Sequence[int], jump: Any, made: Any, read: Any) -> bool | None:
        """Tell whether it is met, None where it is not known what is read.

        made: the map of n to the size, where it decides. read: how much an output reads. Where axes
        differ, both are of each lane, as the jump is.
        """
        pairs = zip(sizes, self.domains, strict=True)
        if not all(domain is None or size in domain for size, domain in pairs):
            return False
        if not inside(jump, self.jumps):
            return False
        for every in self.every:
            own = made[every.lane] if isinstance(made, tuple) else made
            if isinstance(own, SizeMap) and not every.meets(own):
                return False
        if self.reads == ANYTHING:
            return True
        return None if read is None else inside(read, self.reads)


class MarkDemands:
    """Hold the numbers that a search follows, and what each mark asks for at them.

    floors: whether every size map is one floor of its jump, as of `Automaton`.
    """

    def __init__(self, goals: Goals, marks: Iterable[Mark], floors: bool) -> None:
        given = goals.given
        asked = {mark: _read(mark, given) for mark in marks if given and mark not in given.free}
        marked = [every for _, found in asked.values() for every in found]
        lanes = 1 if given is None else len(set(given.alike)) or 1
        self.every = [*goals.every, *marked]
        self.numbers = asked_numbers(goals, lanes, marked)
        self.of = {
            mark: self._demand(
                mark, domains, tuple(every), lanes, floors, given.loose if given else ()
            )
            for mark, (domains, every) in asked.items()
        }

    def _demand(
        self,
        mark: Mark,
        found: dict[tuple[int, int], Domain | None],
        every: tuple[Every, ...],
        lanes: int,
        floors: bool,
        loose: Sequence[Mark],
    ) -> MarkDemand:
        limits = {} if mark in loose else mark.limits
        jumps = [limits.get("jump", ANYTHING)] * lanes
        domains = []
        for number in self.numbers:
            if not number.probe:
                domains.append(found.get((number.lane, number.input)))
                continue
            own = (each for each in every if each.lane == number.lane)
            sizes = [each.target.at(number.input) for each in own if number.input in each.where]
            alike = len(set(sizes)) < 2
            domains.append(Domain([(n, n) for n in sizes[:alike]]) if sizes else None)
        for each in every if floors else ():
            jumps[each.lane] = meet(jumps[each.lane], each.total_stride)
        reads = limits.get("receptive_field", ANYTHING)
        jumpy = reads != ANYTHING or any(one != ANYTHING for one in jumps)
        apart = jumps[0] if lanes == 1 else tuple(jumps)
        return MarkDemand(tuple(domains), every, apart, reads, jumpy)

    @property
    def jumpy(self) -> bool:
        """Tell whether a mark asks for what depends on jumps."""
        return any(one.jumpy for one in self.of.values())

    @property
    def reading(self) -> bool:
        """Tell whether a mark limits the receptive field."""
        return any(one.reads != ANYTHING for one in self.of.values())

    @property
    def mapped(self) -> bool:
        """Tell whether a mark asks for a size map."""
        return any(one.every for one in self.of.values())

    def hold(
        self, asks: Sequence[Ask], sizes: Sequence[int], jump: Any, made: Any, read: Any
    ) -> bool:
        """Tell whether marks are met, or missed, as it is asked; true of what is not known."""
        for mark, wanted in asks:
            demand = self.of.get(mark)
            met = demand.met(sizes, jump, made, read) if demand else True
            if met is not None and met != wanted:
                return False
        return True

    def narrowed(self, asks: Sequence[Ask], windows: Sequence[Bits], jump: Any) -> tuple[Bits, ...]:
        """Of sizes those that may be asked for: exact of one number, one at a time of several."""
        found = tuple(windows)
        for mark, wanted in asks:
            demand = self.of.get(mark)
            if demand is None:
                found = found if wanted else tuple(Bits(w.low, 0) for w in found)
                continue
            jumps = inside(jump, demand.jumps)
            if wanted:
                rows = zip(found, demand.domains, strict=True)
                kept = (w if domain is None else w.meet(domain) for w, domain in rows)
                found = tuple(kept if jumps else (Bits(w.low, 0) for w in found))
            elif len(found) == 1 and jumps and demand.reads == ANYTHING:
                window, domain = found[0], demand.domains[0]
                met = window.bits if domain is None else window.meet(domain).bits
                found = (Bits(window.low, window.bits & ~met),)
        return found


def at_start(goals: Goals, mark: Mark) -> bool:
    """Tell whether a mark is met by the input itself."""
    demands = MarkDemands(goals, [mark], False)
    demand = demands.of.get(mark)
    lanes = len(set(goals.given.alike)) if goals.given else 0
    one, made = ((1,) * lanes, (IDENTITY,) * lanes) if lanes else (1, IDENTITY)
    sizes = [number.input for number in demands.numbers]
    return demand is None or bool(demand.met(sizes, one, made, one))


def _read(mark: Mark, given: Given) -> tuple[dict[tuple[int, int], Domain | None], list[Every]]:
    """What a mark asks for each input that is a number, by its lane, and for every n."""
    numbers: dict[tuple[int, int], Number] = {}
    every: list[Every] = []
    for size, target in paired(given.inputs, mark.size):
        for one, wanted, lane in along_axes(size, target, given.axes, given.alike):
            if wanted is None:
                continue
            if one == "n":
                tree = mark.tree(wanted)
                found = read_size(wanted) if tree is None else sized(tree, wanted)
                every.append(read_every(found, given.where, wanted, lane))
                continue
            n = whole_number(one, "an input size", 1)
            new = Number(n, _domain(mark, wanted, n))
            numbers[lane, n] = both(numbers.get((lane, n)), new)
    return {key: number.output for key, number in numbers.items()}, every


def _domain(mark: Mark, wanted: Any, n: int) -> Domain:
    tree = mark.tree(wanted) if mark.known else None
    if tree is None:
        return read_domain(wanted, n)
    return at_number(sized(tree, wanted), n, tree)


def formulas(marks: Iterable[Mark]) -> bool:
    """Tell whether a mark asks for a formula in n."""
    return any("n" in names(tree) for mark in marks for tree in mark.trees)


def check_marks(marks: Iterable[Mark], goals: Goals) -> None:
    """Raise SolverError for a mark that asks for what no design can have there."""
    for mark in marks:
        try:
            if goals.given is not None and not mark.letters:
                _read(mark, goals.given)
        except SolverError as fault:
            text = f"{mark}: {fault.rule}"
            raise type(fault)(text, fault.received, fault.right, fault.text, fault.at) from None
