"""Which input elements no output ever reads, for every size.

For all sizes of a residue class: away from the ends what is read repeats and does not depend on n,
and near an end it depends only on the distance to that end, since every window is narrow. So one
size that is long enough tells all longer ones of its class; how long is bounded by going back
through the windows too.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext, suppress
from itertools import groupby
from math import gcd, lcm

from solver.errors import LimitError, SizeError, SolverError
from solver.ground.named import NamedTuple
from solver.network.fields.backward import growth, length
from solver.network.fields.coverage import letter_of, ranges_of, read_of, runs, source_of, written
from solver.network.fields.field import Fields, fields
from solver.network.graph.graph import Graph
from solver.network.graph.validity import valid
from solver.sizes.sizeset import SizeSet

_MOST_CLASSES, _LONGEST = 1 << 12, 1 << 22
#: What is spent on sizes below those that follow: a size costs its elements at each node, and a
#: node so many more.
_MOST_STEPS, _NODE = 1 << 27, 1 << 10


class Pattern(NamedTuple):
    """Hold which elements no output reads, for every n = residue (mod modulus) from `least` on.

    begin: positions near the beginning. end: distances from the last element, for those near the
    end. period, residues: the positions unread between, as residue classes. below: the next smaller
    size of the class that runs, 0 if none does. sharp: whether it is known not to hold there.
    """

    modulus: int
    residue: int
    least: int
    begin: tuple[int, ...]
    end: tuple[int, ...]
    period: int
    residues: tuple[int, ...]
    margins: tuple[int, int]
    below: int = 0
    sharp: bool = True

    def unread(self, n: int) -> list[int]:
        """The positions never read at a size of the class."""
        front, back = self.margins
        inner = {x % self.period for x in self.residues}
        middle = (x for x in range(front, n - back) if x % self.period in inner)
        return [*self.begin, *middle, *(n - 1 - x for x in reversed(self.end))]

    @property
    def text(self) -> str:
        """What is never read, in words."""
        parts = []
        if self.begin:
            parts.append(written(ranges_of(self.begin)))
        if self.residues and self.period == 1:
            parts.append("all between")
        elif self.residues:
            classes = ", ".join(map(str, self.residues))
            parts.append(f"every position = {classes} (mod {self.period})")
        if self.end:
            if self.end == tuple(range(len(self.end))):
                last = "the last" if len(self.end) == 1 else f"the last {len(self.end)}"
            else:
                last = "the last but " + ", ".join(map(str, self.end))
            parts.append(last)
        return " and ".join(parts) or _NOTHING


class Unread(NamedTuple):
    """Hold what is never read, for every residue class of sizes the network accepts."""

    letter: str
    patterns: tuple[Pattern, ...]

    def __str__(self) -> str:
        return self.text(self.letter)

    def text(self, letter: str) -> str:
        """Return it in words, of sizes that are called by this letter."""
        rows = sorted(self.patterns, key=lambda p: (p.text, p.modulus, p.residue))
        lines = []
        for (text, _), group in groupby(rows, key=lambda p: (p.text, p.modulus)):
            members = list(group)
            classes = SizeSet(members[0].modulus, (p.residue for p in members))
            where = classes.text(letter) if classes.modulus > 1 else f"every {letter}"
            # Where each class holds from its first member on, no bound is needed.
            late = any(p.below or p.least > p.modulus for p in members)
            where += f", {letter} >= {since(members)}" if late else ""
            told = "every element is read" if text == _NOTHING else f"never read is {text}"
            lines.append((members[0].residue, f"{where}: {told}"))
        return "\n".join(line for _, line in sorted(lines))


_NOTHING = "nothing"


def since(patterns: Sequence[Pattern]) -> str:
    """The size from which on all patterns hold, wherever a network runs."""
    sharp = all(p.sharp for p in patterns)
    return f"{_since(patterns)}" + ("" if sharp else " at the latest")


def _since(patterns: Sequence[Pattern]) -> int:
    fails = max(p.below for p in patterns)
    return min(
        p.least + max(-((p.least - fails - 1) // p.modulus), 0) * p.modulus for p in patterns
    )


def unread(network: Graph, letter: str | None = None, source: int | None = None) -> Unread:
    """Which input elements no output ever reads, for every n.

    letter, source: as in `coverage`. Raises LimitError where there are too many residue classes,
    SolverError where branches do not grow in step with the input.

    >>> from solver import Conv, MaxPool, trace
    >>> print(unread(trace(MaxPool(2), axes=1)))
    even n: every element is read
    odd n, n >= 3: never read is the last
    >>> print(unread(trace(Conv(1, stride=2), axes=1)))
    every n: never read is every position = 1 (mod 2)
    """
    letter = letter_of(network, letter)
    patterns = list[Pattern]()
    for path in network.ways:
        with suppress(SizeError) if network.paths else nullcontext():  # it may refuse its sizes
            patterns += _patterns(path, letter, source)
    return Unread(letter, tuple(_merged(patterns)))


def _patterns(network: Graph, letter: str, source: int | None) -> list[Pattern]:
    """The patterns of one path."""
    known = valid(network, letter)
    accepted = known.plain
    if accepted.finite:
        return []  # no class of sizes goes on
    modulus = lcm(_modulus(network, letter), accepted.modulus)
    modulus = lcm(modulus, fields(network).modulus.get(letter, 1))
    if modulus > _MOST_CLASSES:
        raise LimitError(f"at most {_MOST_CLASSES:,} residue classes are told", f"{modulus:,}")
    patterns, spent = [], 0
    for residue in range(modulus):
        found = fields(network, residue=residue)
        front, back, period = _margins(found, letter, residue, source)
        long = accepted.minimum + front + back + 2 * period
        long += (residue - long) % modulus
        if long not in accepted:
            continue
        if long > _LONGEST:
            raise LimitError("the windows are too wide to tell what they leave", f"{long:,}")
        wanted = dict.fromkeys(network.outputs)
        pattern = _pattern(
            read_of(found, letter, long, wanted, source),
            (modulus, residue, long),
            (front, back),
            period,
        )
        least, sharp = long, True
        while below := next(
            (n for n in range(least - modulus, 0, -modulus) if n in known.inputs), 0
        ):
            spent += len(network) * (below + _NODE)
            # Where a size of 1 is repeated other elements are read.
            sharp = spent <= _MOST_STEPS and below in accepted
            if not sharp:
                break
            mask = read_of(found, letter, below, wanted, source)
            missed = [x for run in runs(mask, 0) for x in run]
            if sum(pattern.margins) > below or missed != pattern.unread(below):
                break
            least = below
        patterns.append(pattern._replace(least=least, below=below, sharp=sharp))
    return patterns


def _merged(patterns: list[Pattern]) -> list[Pattern]:
    """Say it modulo 1 where all classes say one."""
    alike = {p._replace(residue=0, least=0, below=0, sharp=True) for p in patterns}
    if len(alike) == 1 and len(patterns) == patterns[0].modulus:  # alike in modulus too
        return [
            patterns[0]._replace(
                modulus=1,
                residue=0,
                least=_since(patterns),
                below=max(p.below for p in patterns),
                sharp=all(p.sharp for p in patterns),
            )
        ]
    return patterns


def _modulus(network: Graph, letter: str) -> int:
    """The modulus whose classes have every size of the network grow in equal steps."""
    found = 1
    for shape in network.walk.shapes:
        for dim in shape or ():
            if dim.single is not None and dim.single[0] == letter:
                found = lcm(found, dim.single[1].period)
    return found


def _margins(found: Fields, letter: str, n: int, source: int | None) -> tuple[int, int, int]:
    """How far from both ends the ends matter, and the period between, in the input."""
    network = found.network
    known: dict[int, tuple[int, int, int]] = dict.fromkeys(network.outputs, (0, 0, 1))
    for at in range(len(network.nodes) - 1, -1, -1):
        if at not in known:
            continue
        front, back, period = known[at]
        node = network.nodes[at]
        for number, row in zip(node.inputs, found.links[at], strict=False):
            field = found.of(number, letter)
            if not row:
                continue
            link = None if field is None or field.axis is None else row[field.axis]
            if link is None or link.window is None:
                passed = (0, 0, 1)
            elif link.to is None:
                raise SolverError(_OUT_OF_STEP, node.label)
            else:
                window = link.window
                s, b, m = window.stride, window.begin, window.input_dilation
                before, after = (length(found, letter, n, i) for i in (number, at))
                steps = [growth(found, letter, i) for i in (number, at)]
                if steps[0][0] * steps[1][1] * m != steps[1][0] * steps[0][1] * s:
                    raise SolverError(_OUT_OF_STEP, node.label)
                first = max(-(-(s * front + window.span - 1 - b) // m), 0)
                last = max(-(-(m * (before - 1) - s * (after - 1 - back) + b) // m), 0)
                more = max(b, window.span, 0) if node.operation.beyond else 0
                passed = first + more, last + more, max(s * period // gcd(s * period, m), 1)
            old = known.get(number, (0, 0, 1))
            ends = max(old[0], passed[0]), max(old[1], passed[1])
            known[number] = (*ends, lcm(old[2], passed[2]))
    return known.get(source_of(found, letter, source), (0, 0, 1))


_OUT_OF_STEP = "what is never read is told for all n where sizes grow in step with the input"


def _pattern(
    mask: bytes, where: tuple[int, int, int], margins: tuple[int, int], period: int
) -> Pattern:
    """Read the pattern off one size, with margins as narrow as they can be."""
    modulus, residue, size = where
    front, back = margins
    inner = {x % period for x in range(front, front + period) if not mask[x]}
    while front and (mask[front - 1] == 0) == ((front - 1) % period in inner):
        front -= 1
    while back and (mask[size - back] == 0) == ((size - back) % period in inner):
        back -= 1
    shorter = period
    for step in range(1, period):
        if period % step == 0 and {(x + step) % period for x in inner} == inner:
            shorter = step
            break
    begin = tuple(x for x in range(front) if not mask[x])
    end = tuple(x for x in range(back) if not mask[size - 1 - x])
    residues = tuple(sorted({x % shorter for x in inner}))
    return Pattern(modulus, residue, size, begin, end, shorter, residues, (front, back))
