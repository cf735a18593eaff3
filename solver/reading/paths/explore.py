"""The paths that a program takes: run at one size after the other until every size is covered.

Each run says what was decided on the way. Where one of these decisions falls the other way, there
is another path: the sizes there, if there are any, are run next. So the paths part all sizes among
them, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from solver.network.graph.walk import Node
from solver.reading.paths.decisions import Decision, Decisions, Region

#: The most paths that are followed, and the most that are run again at other sizes twice.
MOST_PATHS, _FEW = 64, 8
#: The sizes that are run first: usual ones, of which no two are alike.
_FIRST, _APART = 64, 16


class Run(NamedTuple):
    """Hold what one run of a program did: its operations, and which of them come out.

    refused: whether an operation, or the program itself, accepts the sizes no further. lost: why
    it is not followed further. names: of what comes out, where the program tells.
    """

    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    names: tuple[str, ...] = ()
    refused: bool = False
    lost: str = ""


class Path(NamedTuple):
    """Hold a run, and the sizes for which the program takes it.

    region: those at which it decides so. The operations of the path may refuse some of them.
    decided: what was decided on the way.
    """

    run: Run
    region: Region
    decided: tuple[Decision, ...] = ()


class Paths(NamedTuple):
    """Hold the paths of a program, and the sizes of which nothing is known."""

    found: tuple[Path, ...]
    unknown: tuple[Region, ...] = ()


Runner = Callable[[Decisions], Run]


def explore(run: Runner, letters: Sequence[str], wanted: Mapping[str, int] | None = None) -> Paths:
    """Every path of a program whose sizes have these letters.

    run: takes what it decides, at sizes. wanted: sizes that are tried first.
    """
    near = {letter: _FIRST + _APART * i for i, letter in enumerate(letters)} | dict(wanted or {})
    waiting = [(Region.every(letters), 0)]
    found, unknown = list[Path](), list[Region]()
    while waiting:
        region, depth = waiting.pop()
        point = region.point(near)
        if point is None or len(found) >= MOST_PATHS:
            unknown.append(region)
            continue
        decisions = Decisions(point)
        done = run(decisions)
        passed, others = Region.every(letters), list[tuple[Region, int]]()
        for number, decision in enumerate(decisions.made, 1):
            if number > depth:
                other = passed.cut(decision._replace(truth=not decision.truth))
                if other is not None:
                    others.append((other, number))
            passed = passed.cut(decision) or passed
        waiting += reversed(others)
        asked = bool(decisions.made) and decisions.made[-1].asked
        if asked and others and others[-1][1] == len(decisions.made):
            continue  # where the operation accepts the sizes, it stands in another path too
        taken = tuple(each for each in decisions.made if not each.asked)
        region = Region.every(letters)
        for decision in taken:
            region = region.cut(decision) or region
        again = 2 if len(found) < _FEW and not done.refused else 1
        found.append(Path(_checked(run, done, decisions, near, again), region, taken))
    return Paths(tuple(found), tuple(unknown))


def _checked(
    run: Runner, done: Run, decisions: Decisions, near: Mapping[str, int], times: int
) -> Run:
    """A run as far as others at other sizes of the same path do the same."""
    seen = [decisions.values]
    for far in ({letter: 1 for letter in near}, {x: 3 * n + 29 for x, n in near.items()})[:times]:
        point = decisions.left.point(far)
        if point is None or point in seen:
            continue
        seen.append(point)
        other = Decisions(point)
        again = run(other)
        same = [each[:2] for each in other.made] == [each[:2] for each in decisions.made]
        done = _alike(done, again, same)
    return done


def _alike(one: Run, other: Run, same: bool) -> Run:
    """What two runs have in common: behind their first difference nothing is known."""
    if same and one == other:
        return one
    for number, (node, like) in enumerate(zip(one.nodes, other.nodes, strict=False)):
        if node != like:
            return _until(one, number)
    return _until(one, min(len(one.nodes), len(other.nodes)))


def _until(run: Run, number: int) -> Run:
    """A run up to a node: what comes then is other at other sizes, and not known."""
    there = run.nodes[number] if number < len(run.nodes) else run.nodes[-1]
    lost = f"{there.name}: it is other at other sizes, and no formula is known"
    return Run(run.nodes[:number], (), (), False, lost)
