"""Whether a decision parts nothing: both sides come to the same, but for numbers.

Where an odd size is padded, and an even one is not, a network that is padded by h - 2*floor(h/2)
is both. So a program that decides that at five places of two axes has one path, and not a thousand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import product
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.network.graph.along import PadBy
from solver.network.graph.computed import Become
from solver.network.graph.demand import Demand
from solver.network.graph.dim import Dim
from solver.network.graph.merging import CropLike, ResizeLike
from solver.network.graph.operation import Apply, Operation
from solver.network.graph.slicing import Slice
from solver.network.graph.walk import Walker
from solver.reading.paths.cases import Apart, Cases, padding
from solver.reading.paths.decisions import Area, Bridge, SizeDecision
from solver.reading.paths.trials import Run, Runner, Start, Trial, run_at, tried

#: The most decisions that are run on each of their sides with each side of the others, and the most
#: runs that show how a program decides else there.
_KEPT, _MOST = 4, 32


def crossed(run: Runner, start: Start, trial: Trial) -> Trial:
    """A trial that decides less: without what parts nothing, which is run on one side only."""
    at = 0
    while trial.whole and at < len(trial.others):
        made = None
        by = trial.others[at].by
        kept = [each for each in start.bridges or () if not each.side.forgotten]
        if trial.others[at].trial is None and by and (by.forgotten or len(kept) < _KEPT):
            trial.others[at], alike = _beside(run, trial, at)
            made = _crossed(run, start, trial, at) if alike else None
        if made is None:
            at += 1
        else:
            start, trial = made
    return trial


def _beside(run: Runner, trial: Trial, at: int) -> tuple[Start, bool]:
    """What is done where one decision falls otherwise, and whether those behind it fall as before.

    What is padded to the same size, or cut to it, lies a little below or above.
    """
    other, later = trial.others[at], trial.others[at + 1 :]
    decision, side = other.by, other.side
    letter = _by_classes(decision.demand) if decision else None
    if side is None or letter is None:
        return other, False
    first, span, here = other, side.box[letter], trial.point[letter]
    for size in (span.below(here), span.first(here)):
        point = None if size is None else {**trial.point, letter: size}
        if point is not None and side.holds(point):
            made = tried(run, other, point)
            if _alike(later, made.others, letter):
                return other._replace(trial=made), True
            first = first if first.trial else other._replace(trial=made)
    return first, False


def _by_classes(demand: Demand) -> str | None:
    """The letter of a demand that holds for whole residue classes of it; None for others."""
    if len(demand.letters) != 1:
        return None
    try:
        sizes = demand.inputs()
    except LimitError:
        return None
    (letter,) = demand.letters
    return letter if sizes.modulus > 1 and sizes == sizes.repeating else None


def _alike(some: Sequence[Start], others: Sequence[Start], letter: str) -> bool:
    """Whether decisions fall alike: those of a letter in their order, of others where both are."""
    own, rest = zip(*(_parted(each, letter) for each in (some, others)), strict=True)
    common = rest[0].keys() & rest[1].keys()
    return own[0] == own[1] and all(rest[0][each] == rest[1][each] for each in common)


def _parted(starts: Sequence[Start], letter: str) -> tuple[list[bool], dict[Demand, bool]]:
    made = [each.by for each in starts if each.by]
    own = [truth for demand, truth, *_ in made if letter in demand.letters]
    return own, {demand: truth for demand, truth, *_ in made if letter not in demand.letters}


def _crossed(run: Runner, start: Start, trial: Trial, at: int) -> tuple[Start, Trial] | None:
    """A trial that both sides of a decision are, and where it starts; None where they part."""
    other = trial.others[at]
    here, there, side = trial, other.trial, other.by
    if side is None or there is None or not there.whole or here.run.names != there.run.names:
        return None
    (letter,), asked = side.demand.letters, [each.by for each in trial.others[: at + 1]]
    if _effects(there) > _effects(here):
        here, there, side = there, here, side._replace(truth=not side.truth)
    made, bridge = here, Bridge(side)
    try:
        while (found := _differ(made.run, there.run, there.end.left, there.point)) or made is here:
            bridge = bridged(bridge, made.run, there.run, found) if found else bridge
            begin = start._replace(bridges=(*(start.bridges or ()), bridge), trial=None)
            made = tried(run, begin, here.point)
            before = [each.by for each in made.others[:at]] == asked[:-1]
            alike = _alike(made.others[at:], trial.others[at + 1 :], letter)
            if not (made.whole and before and alike):
                return None
    except SolverError:
        return None
    elsewhere = (each for each in (*here.others, *there.others) if each.by not in asked)
    if all(_as_told(run, made, at, each) for each in elsewhere):
        return begin, made._replace(others=trial.others[:at] + made.others[at:])
    return None


def _as_told(run: Runner, trial: Trial, at: int, start: Start) -> bool:
    """Whether a trial is what is done from a start, at sizes that it is meant for too."""
    area: Area | None = start.left
    for each in trial.others[at:]:
        area = area and each.by and area.cut(each.by)
    point = area and area.point(trial.point)
    if point is None:
        return True
    done, decisions = run_at(run, point, {})
    return not _differ(trial.run, done, decisions.left, point)


def _differ(run: Run, other: Run, region: Area, point: Mapping[str, int]) -> Difference | None:
    """Where a run first is not what another does, at a point and others of the other's region."""
    points = [point]
    for factor in (0, 9, 2, 3, 5):
        each = region.point({x: factor * n + 1 for x, n in point.items()}, points)
        points += [each] if each is not None else []
    found = (difference(run, other, each) for each in points)
    return next((each for each in found if each), None)


def _effects(trial: Trial) -> int:
    """How many operations of a trial have an effect where it is run."""
    steps = _Steps(trial.run, trial.point)
    return sum(1 for _ in iter(steps.step, None))


def holds(run: Runner, trial: Trial) -> bool:
    """Whether a trial is what is done on the other sides of its bridges, too.

    Those that the program forgets are tried on both sides together: nothing else can depend on one.
    The others are tried on each of their sides with each side of the others. Where all of a side is
    refused it is not known whether the program would have come there otherwise.
    """
    sides = [each.side for each in trial.end.bridges or ()]
    if any(_refuses(trial.end, side, on) for side in sides for on in (True, False)):
        return False
    kept = [side for side in sides if not side.forgotten]
    rest = [side for side in sides if side.forgotten]
    return not sides or all(
        _all_as_told(run, trial, _turned(area, rest, on), {each.demand for each in rest})
        for truths in product((True, False), repeat=len(kept))
        if (area := _cut(trial.end.left, kept, truths)) is not None
        for on in ((True, False) if rest else (True,))
    )


def _refuses(end: Start, side: SizeDecision, on: bool) -> bool:
    """Whether operations refuse all sizes where a decision falls as it does on a side, or not."""
    return _cut(end.left, [side], [on]) is None and _cut(end.region, [side], [on]) is not None


def _cut(area: Area, sides: Sequence[SizeDecision], truths: Sequence[bool]) -> Area | None:
    """Sizes where decisions fall as they do on some sides, or not; None where there are none."""
    found: Area | None = area
    for side, truth in zip(sides, truths, strict=True):
        found = found and found.cut(side._replace(truth=side.truth == truth))
    return found


def _turned(area: Area, sides: Sequence[SizeDecision], on: bool) -> Area:
    """Sizes where as many decisions as can fall as they do on some sides, or not."""
    for side in sides:
        area = _cut(area, [side], [on]) or area
    return area


def _all_as_told(run: Runner, trial: Trial, area: Area, forgotten: Set[Demand]) -> bool:
    """Whether a trial is what is done at sizes, however else the program decides there."""
    waiting = [area]
    for _ in range(_MOST):
        left = waiting.pop()
        point = left.point(trial.point)
        if point is None:
            return False
        done, decisions = run_at(run, point, {})
        for each in decisions.made:
            if not each.asked and each.demand not in forgotten:
                other = left.cut(each._replace(truth=not each.truth))
                waiting += [other] if other is not None else []
                left = left.cut(each) or left
        if _differ(trial.run, done, left, point):
            return False
        if not waiting:
            return True
    return False


class Difference(NamedTuple):
    """Hold where two runs differ first: the node of one, and that of the other, if there is one."""

    at: int
    other: int | None


def difference(run: Run, other: Run, values: Mapping[str, int]) -> Difference | None:
    """Where a run first is not what another does at sizes; None where it is the same there.

    What makes a tensor fit a size, and finds it so, does nothing, and is left out.
    """
    one, two = _Steps(run, values), _Steps(other, values)
    while True:
        mine, theirs = one.step(), two.step()
        if mine != theirs:
            return Difference(one.at, two.at if one.kind == two.kind else None)
        if mine is None:
            return None


def bridged(bridge: Bridge, run: Run, other: Run, found: Difference) -> Bridge:
    """A bridge with the operation that is both where two runs differ. Raises SolverError."""
    demand, truth, *_ = bridge.side
    if found.at >= len(run.nodes) or found.at in bridge.instead:
        raise Apart
    (letter,), there, one = demand.letters, demand.inputs(), run.nodes[found.at].operation
    if found.other is not None:
        two = other.nodes[found.other].operation
    else:
        ends = padding(one).ends
        two = padding(one).replaced(ends=((Dim(0), Dim(0)),) * len(ends))
    case = Cases(letter, there, ~there) if truth else Cases(letter, ~there, there)
    return bridge._replace(instead={**bridge.instead, found.at: (one, case.operation(one, two))})


class _Steps:
    """Go through a run at sizes: each operation that has an effect there, and its numbers."""

    def __init__(self, run: Run, values: Mapping[str, int]) -> None:
        self.run, self.values = run, values
        self.at, self._count, self._refused = -1, 0, False
        self._walker = Walker(values)
        self._places = list[int]()  # of each node among those that have an effect

    @property
    def kind(self) -> type[Operation] | None:
        """What kind the operation is where it stands; pads of numbers are as those by formulas."""
        if self.at >= len(self.run.nodes):
            return None
        operation = self.run.nodes[self.at].operation
        return PadBy if _pads(operation) else type(operation)

    def step(self) -> tuple[Any, ...] | None:
        """What the next operation is, reads and gives; at the end what comes out, then None."""
        nodes, places = self.run.nodes, self._places
        while self.at < len(nodes) - 1 and not self._refused:
            self.at += 1
            node = nodes[self.at]
            try:
                self._walker.step(node)
            except SolverError:
                self._refused = True
                return ("refused",)
            shape, operation = self._walker.shapes[-1], node.operation.bind(self.values)
            if _fits(operation) and shape == self._walker.shapes[node.inputs[0]]:
                places.append(places[node.inputs[0]])
                continue
            places.append(self._count)
            self._count += 1
            told = padding(operation) if _pads(operation) else operation
            held = (node.of, node.parameters) if node.parameters else ()
            return told, tuple(map(places.__getitem__, node.inputs)), shape, held
        if self._refused or self.at == len(nodes):
            return None
        self.at += 1
        return tuple(map(places.__getitem__, self.run.outputs))


def _pads(operation: Operation) -> bool:
    pads = type(operation) is Apply and operation.layer.name == "pad"
    return pads or isinstance(operation, PadBy)


def _fits(operation: Operation) -> bool:
    """Whether an operation makes a tensor fit a size, and nothing else."""
    resizes = isinstance(operation, Become) and operation.name == "resize"
    return resizes or _pads(operation) or isinstance(operation, (Slice, CropLike, ResizeLike))
