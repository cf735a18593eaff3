"""The paths that a program takes: run at one size after the other until every size is covered.

Each run says what was decided on the way. Where one of these decisions falls the other way, there
is another path: the sizes there, if there are any, are run next. So the paths part all sizes among
them, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from math import gcd

from solver.ground.named import NamedTuple
from solver.network.graph.demand import Demand
from solver.network.graph.operation import Refuse
from solver.network.graph.walk import Node
from solver.reading.paths.decisions import Area, Decisions, Enough
from solver.reading.paths.trials import Run, Runner, Start, Trial, run_at, tried
from solver.sizes.domain import LONGEST_PERIOD
from solver.sizes.sizemap import SizeMap

#: The most paths that are followed, and the most that are run again at other sizes three times.
MOST_PATHS, _FEW = 256, 8
#: Sizes beyond which a few paths are followed, and no more: a loop that halves one has no last.
_FAR = LONGEST_PERIOD // 4
#: The most operations of all runs together, and as how many a short run counts.
MOST_STEPS, _LEAST = 400_000, 400
#: As how many it counts that a text has no sizes for conditions, for each that ties letters.
_SEARCH = 10_000
#: The sizes that are run first: usual ones, of which no two are alike.
_FIRST, _APART = 64, 16


class Path(NamedTuple):
    """Hold a run, and the sizes for which the program takes it.

    region: those at which it decides so. The operations of the path may refuse some of them. asked:
    what they demand, where the sizes have been put through maps into the region.
    """

    run: Run
    region: Area
    asked: tuple[Demand, ...] = ()


class Paths(NamedTuple):
    """Hold the paths of a program, and the sizes of which nothing is known."""

    found: tuple[Path, ...]
    unknown: tuple[Area, ...] = ()


def explore(
    run: Runner,
    letters: Sequence[str],
    sure: bool = False,
    first: int = _FIRST,
    written: Mapping[str, int] | None = None,
) -> Paths:
    """Every path of a program whose sizes have these letters.

    sure: whether a run is what it is at all sizes of its path, so that no other has to show it.
    first: the size that is run first, of the letters that have none in written. A run may raise
    Enough.
    """
    near = {letter: first + min(_APART, first - 1) * i for i, letter in enumerate(letters)}
    near |= written or {}
    every = Area.every(letters)
    waiting = [Start(every, every)]
    found, unknown, steps = list[Path](), list[Area](), 0

    def counted(decisions: Decisions, inside: Mapping[str, SizeMap]) -> Run:
        nonlocal steps
        done = run(decisions, inside)
        steps += max(len(done.nodes), _LEAST)
        return done

    while waiting:
        start = waiting.pop()
        if len(found) >= MOST_PATHS or steps >= MOST_STEPS:
            unknown.append(start.region)
            continue
        side = start.side
        point = side and side.point(near)
        if point is None and start.bridges:  # it all lies on the other sides
            start = start._replace(bridges=None)
            point = start.left.point(near)
        enough = len(found) >= _FEW and point is not None and max(point.values()) > _FAR
        if point is None and not enough and start.left.few:
            found += _refused(counted, start, near)
            continue
        if point is None or enough:
            steps += _SEARCH * len(side.ties) if sure and side is not None else 0
            unknown.append(start.region)
            continue
        try:
            trial = start.trial or tried(counted, start, point)
            if not sure and start.bridges is not None:
                from solver.reading.paths.bridges import crossed, holds  # a text needs none

                trial = crossed(counted, start, trial)
                if not holds(counted, trial):
                    waiting.append(start._replace(bridges=None, trial=None))
                    continue
        except Enough:
            unknown.append(start.region)
            continue
        waiting += reversed(trial.others)
        if trial.kept:
            done = trial.run
            if not sure:
                times = 2 if len(found) < _FEW and not done.refused else 1
                done = _below(counted, trial, near)
                done = _checked(counted, trial._replace(run=done), [trial.point], near, times)
            found.append(Path(done, trial.end.region, trial.asked))
    return Paths(tuple(found), tuple(unknown))


def _refused(run: Runner, start: Start, near: Mapping[str, int]) -> list[Path]:
    """The path of sizes that operations refuse before the program decides as it would there."""
    point = start.region.point(near)
    return [] if point is None else [Path(run_at(run, point, {})[0], start.region)]


def _below(run: Runner, trial: Trial, near: Mapping[str, int]) -> Run:
    """A run as far as it is so where an operation refuses the sizes."""
    done, end = trial.run, trial.end
    side = end._replace(left=end.region).side
    point = side and side.point(_smallest(near))
    if trial.inside or point is None or end.left.holds(point):
        return done
    other, _ = run_at(run, point, {}, end.bridges or ())
    ran, there = other.nodes, done.nodes[: len(other.nodes)]
    # The parameters of what refuses have not been counted.
    same = [n._replace(parameters=None) for n in ran] == [
        n._replace(parameters=None) for n in there
    ]
    return done if same and (other.refused or other.lost) else _alike(done, other, False)


def _checked(
    run: Runner,
    trial: Trial,
    seen: list[Mapping[str, int]],
    near: Mapping[str, int],
    times: int,
) -> Run:
    """A run as far as others at other sizes of the same path do the same."""
    done = trial.run
    far = {letter: next(filter(_apart(n), count(9 * n))) for letter, n in near.items()}
    for sizes in (_smallest(near), far)[:times]:
        side = trial.end.side
        point = side and side.point(sizes, seen)
        if point is None:
            break
        seen.append(point)
        other, decisions = run_at(run, point, trial.inside, trial.end.bridges or ())
        done = _alike(done, other, decisions.made == trial.made)
    return done


def _apart(size: int) -> Callable[[int], bool]:
    """Whether sizes leave another remainder than this one does, by any small number."""
    return lambda other: gcd(other - size, 2 * 3 * 5 * 7 * 11 * 13) == 1


def _smallest(letters: Iterable[str]) -> dict[str, int]:
    """The smallest sizes of which no two are alike: what is alike by chance is remembered."""
    return {letter: n for n, letter in enumerate(letters, 1)}


def _alike(one: Run, other: Run, same: bool) -> Run:
    """What two runs have in common: behind their first difference nothing is known."""
    if same and one == other:
        return one
    for number, (node, like) in enumerate(zip(one.nodes, other.nodes, strict=False)):
        if node != like:
            message = _message(node, like)
            if message is not None:
                return one._replace(nodes=(*one.nodes[:number], message))
            return _until(one, number)
    return _until(one, min(len(one.nodes), len(other.nodes)))


def _message(node: Node, other: Node) -> Node | None:
    """What two refusals of one place have in common, which name their sizes."""
    one, two = node.operation, other.operation
    if not isinstance(one, Refuse) or not isinstance(two, Refuse) or node.where != other.where:
        return None
    from difflib import SequenceMatcher

    same = SequenceMatcher(None, one.message, two.message, autojunk=False).get_matching_blocks()
    parts = (one.message[at : at + size] for at, _, size in same if size > 2)
    return node._replace(operation=Refuse("...".join(parts)))


def _until(run: Run, number: int) -> Run:
    """A run up to a node: what comes then is other at other sizes, and not known."""
    if run.lost and number >= len(run.nodes):
        return run
    there = run.nodes[number] if number < len(run.nodes) else run.nodes[-1]
    lost = f"{there.name}: it is other at other sizes, and no formula is known"
    return Run(run.nodes[:number], (), (), False, lost, False)
