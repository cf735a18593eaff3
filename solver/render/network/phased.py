"""What the outputs of each phase read, in words and as data: spans, taps, holes, the pattern."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import prod
from typing import Any

from solver.errors import SolverError
from solver.network.fields.coverage import written
from solver.network.fields.taps import PhaseTaps, Taps, of_node, pattern
from solver.render.network.known import Known

_MOST_LINES = 16  # of phases, in words
_MOST_CELLS = 256  # of the phases of two axes
_MOST_SHARES = 3  # of what is read of a span


def lines(net: Known, letter: str) -> list[str]:
    """What each phase of the outputs reads along a letter, a line each."""
    found = _taps(net, letter)
    often = "output reads" if found.period == 1 else f"{found.period} outputs read"
    said = [f"phases: every {often} alike, {found.rise} further on"]
    alike = [[*same] for _, same in groupby(found.phases, lambda each: each.read)]
    said += [_phases(each, found.period) for each in alike[:_MOST_LINES]]
    if len(alike) > _MOST_LINES:
        said.append(f"  and {len(alike) - _MOST_LINES} more, all of them with --json")
    return said


def _phases(alike: Sequence[PhaseTaps], period: int) -> str:
    found, last = alike[0], alike[-1].phase
    if period == 1:
        which = "output 0"
    elif len(alike) == 1:
        which = f"output {last} (mod {period})"
    else:
        which = f"outputs {found.phase}..{last} (mod {period})"
    if not found.read:
        return f"  {which}: reads nothing"
    taps = "1 tap" if found.taps == 1 else f"{found.taps} taps"
    runs = written(found.read)
    holes = "no holes" if not found.holes else f"{found.holes} holes that nothing reads"
    return f"  {which}: {taps} in a span of {found.span}, {holes}: {runs}"


def together(net: Known) -> list[str]:
    """The taps of the phases of two axes together, row by row, where they are a few."""
    counts, periods = _pattern(net)
    if not counts or len(counts) == 1:
        return []
    first, (rows, columns) = next(iter(periods)), periods.values()
    if rows * columns > _MOST_LINES:
        few, most = min(counts.values()), max(counts.values())
        return [f"  both axes together: {few} to {most} taps"]
    grid = (" ".join(str(counts[i, j]) for j in range(columns)) for i in range(rows))
    return [f"  both axes together, a row for each phase along {first}: {' / '.join(grid)} taps"]


def holes(net: Known, number: int, letter: str) -> list[str]:
    """How many elements of the receptive field of a node's outputs are read, where not all are."""
    if isinstance(net.reads, SolverError):
        return []
    try:
        found = of_node(net.reads, number, letter)
    except SolverError:  # it is told what it reads, or why not
        return []
    parts = dict.fromkeys((each.taps, each.span) for each in found.phases if each.holes)
    shares = [f"{count} of {span}" for count, span in parts]
    more = ", ..." if len(shares) > _MOST_SHARES else ""
    told = f"holes: an output reads {' or '.join(shares[:_MOST_SHARES])}{more} elements"
    return [f"{told} from its first to its last"] if shares else []


def record(net: Known, letter: str) -> dict[str, Any]:
    """What each phase reads along a letter as plain data."""
    found = _taps(net, letter)
    return {
        "period": found.period,
        "rise": found.rise,
        "holds_for": found.holds_for,
        "holes": found.holes,
        "phases": [
            {
                "taps": each.taps,
                "span": each.span,
                "holes": each.holes,
                "read": [[run.start, run.stop - 1] for run in each.read],
            }
            for each in found.phases
        ],
    }


def record_together(net: Known) -> list[list[int]] | None:
    """The taps of the phases of two axes, a row for each phase of the first; null if not known."""
    counts, periods = _pattern(net)
    if not counts:
        return None
    rows, columns = periods.values()
    return [[counts[i, j] for j in range(columns)] for i in range(rows)]


def _taps(net: Known, letter: str) -> Taps:
    found = net.reads
    if isinstance(found, SolverError):
        raise found
    if found.of(net.nodes[0], letter) is None:
        raise SolverError("taps lie along a size of the input that the output reads", letter)
    return of_node(found, net.nodes[0], letter)


def _pattern(net: Known) -> tuple[dict[tuple[int, ...], int], dict[str, int]]:
    """The taps of each pair of phases, and the periods of both letters."""
    try:
        letters = net.network.letters if len(net.network.letters) == 2 else ()
        periods = {letter: _taps(net, letter).period for letter in letters}
    except SolverError:  # it is told along each axis why
        return {}, {}
    if not periods or prod(periods.values()) > _MOST_CELLS or isinstance(net.reads, SolverError):
        return {}, {}
    return pattern(net.reads, net.nodes[0], periods), periods
