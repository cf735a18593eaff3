"""Which input elements the outputs read, and which none ever reads: at one size, and for all.

At one size the positions go back through the network exactly. For all sizes of a residue class:
away from the ends what is read repeats and does not depend on n, and near an end it depends only on
the distance to that end, since every window is narrow. So one size that is long enough tells all
longer ones of its class; how long is bounded by going back through the windows too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from math import gcd, lcm
from typing import NamedTuple

from solver.errors import LimitError, SolverError
from solver.network.backward import Mask, backward, length, repeats
from solver.network.field import Fields, fields
from solver.network.graph import Network
from solver.network.valid import valid

_MOST_CLASSES, _MOST_SIZES, _LONGEST = 1 << 12, 256, 1 << 22


class Coverage(NamedTuple):
    """Hold which elements of the input are read, at one size: runs of positions, in order."""

    letter: str
    size: int
    read: tuple[range, ...]
    unread: tuple[range, ...]

    def __str__(self) -> str:
        if not self.unread:
            return f"{self.letter} = {self.size}: every element is read"
        return f"{self.letter} = {self.size}: never read is {_runs(self.unread)}"


def coverage(
    network: Network,
    sizes: Mapping[str, int] | int | Sequence[int],
    letter: str | None = None,
    at: int | None = None,
    output: int | None = None,
    source: int | None = None,
) -> Coverage:
    """Return which input elements are read at given sizes, in elements.

    letter: of the axis; the first one without it. at: the node that reads, all outputs of the
    network without it. output: its position along the axis; all without it. source: the number of
    the input, the first with this letter without it. Raises SizeError where the sizes do not run.

    >>> from solver import Conv, MaxPool
    >>> from solver.network import trace
    >>> print(coverage(trace(MaxPool(2)), 7))
    h = 7: never read is 6
    >>> net = trace(lambda x: Conv(3, dilation=2)(MaxPool(2)(x)), axes=1)
    >>> coverage(net, 16, output=0).read  # the holes of the dilated kernel are not read
    (range(0, 2), range(4, 6), range(8, 10))
    """
    found = fields(network, sizes)
    letter = _letter(network, letter)
    size = network.values(sizes)[letter]
    wanted: dict[int, Mask] = dict.fromkeys(network.outputs if at is None else (at,))
    if output is not None:
        for number in wanted:
            count = length(found, letter, size, number)
            if not 0 <= output < count:
                rule = "an output has a position along its axis"
                raise SolverError(rule, str(output), f"0 to {count - 1}")
            wanted[number] = bytes(output) + b"\1" + bytes(count - 1 - output)
    mask = _read(found, letter, size, wanted, source)
    return Coverage(letter, size, runs(mask, 1), runs(mask, 0))


class Pattern(NamedTuple):
    """Hold which elements no output reads, for every n = residue (mod modulus) from `least` on.

    begin: positions near the beginning. end: distances from the last element, for those near the
    end. period, residues: the positions unread between, as residue classes.
    """

    modulus: int
    residue: int
    least: int
    begin: tuple[int, ...]
    end: tuple[int, ...]
    period: int
    residues: tuple[int, ...]
    margins: tuple[int, int]

    def unread(self, n: int) -> list[int]:
        """Return the positions never read at a size of the class."""
        front, back = self.margins
        inner = {x % self.period for x in self.residues}
        middle = (x for x in range(front, n - back) if x % self.period in inner)
        return [*self.begin, *middle, *(n - 1 - x for x in reversed(self.end))]

    @property
    def text(self) -> str:
        """Return what is never read, in words."""
        parts = []
        if self.begin:
            parts.append(_runs(_ranges(self.begin)))
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
        return " and ".join(parts) or "nothing"


class Unread(NamedTuple):
    """Hold what is never read, for every residue class of sizes the network accepts."""

    letter: str
    patterns: tuple[Pattern, ...]

    def __str__(self) -> str:
        if not any(pattern.text != "nothing" for pattern in self.patterns):
            return f"every element is read, for every {self.letter}"
        rows = sorted(self.patterns, key=lambda p: (p.text, p.residue))
        lines = []
        for text, group in groupby(rows, key=lambda p: p.text):
            members = list(group)
            modulus = members[0].modulus
            residues = ", ".join(str(p.residue) for p in members)
            least = max(p.least for p in members)
            where = f"every {self.letter}"
            if modulus > 1:
                where = f"{self.letter} = {residues} (mod {modulus})"
            bound = f", {self.letter} >= {least}" if least > max(modulus, 1) else ""
            lines.append((members[0].residue, f"{where}{bound}: never read is {text}"))
        return "\n".join(line for _, line in sorted(lines))


def unread(network: Network, letter: str | None = None, source: int | None = None) -> Unread:
    """Return which input elements no output ever reads, for every n.

    letter, source: as in `coverage`. Raises LimitError where there are too many residue classes,
    SolverError where branches do not grow in step with the input.

    >>> from solver import Conv, MaxPool
    >>> from solver.network import trace
    >>> print(unread(trace(MaxPool(2), axes=1)))
    n = 0 (mod 2): never read is nothing
    n = 1 (mod 2), n >= 3: never read is the last
    >>> print(unread(trace(Conv(1, stride=2), axes=1)))
    every n: never read is every position = 1 (mod 2)
    """
    letter = _letter(network, letter)
    accepted = valid(network, letter).inputs
    modulus = lcm(_modulus(network, letter), accepted.modulus)
    modulus = lcm(modulus, fields(network).modulus.get(letter, 1))
    if modulus > _MOST_CLASSES:
        raise LimitError(f"at most {_MOST_CLASSES:,} residue classes are told", f"{modulus:,}")
    patterns, smaller = [], _MOST_SIZES
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
            _read(found, letter, long, wanted, source),
            (modulus, residue, long),
            (front, back),
            period,
        )
        least = long
        while smaller and least - modulus in accepted and least > modulus:
            smaller -= 1
            mask = _read(found, letter, least - modulus, wanted, source)
            missed = [x for run in runs(mask, 0) for x in run]
            if sum(pattern.margins) > least - modulus or missed != pattern.unread(least - modulus):
                break
            least -= modulus
        patterns.append(pattern._replace(least=least))
    return Unread(letter, tuple(_merged(patterns)))


def _merged(patterns: list[Pattern]) -> list[Pattern]:
    """Say it modulo 1 where all classes say one."""
    alike = {p._replace(residue=0, least=0) for p in patterns}
    if len(alike) == 1 and len(patterns) == patterns[0].modulus:
        # Where each class holds from its first member on, all hold from the first of all on.
        late = [p.least for p in patterns if p.least > p.modulus]
        least = max(late, default=min(p.least for p in patterns))
        return [patterns[0]._replace(modulus=1, residue=0, least=least)]
    return patterns


def _letter(network: Network, letter: str | None) -> str:
    if letter is None:
        return network.letters[0]
    if letter not in network.letters:
        raise SolverError("no input has this letter", letter, ", ".join(network.letters))
    return letter


def _source(found: Fields, letter: str, source: int | None) -> int:
    if source is not None:
        return source
    return next(at for at in found.network.inputs if found.of(at, letter) is not None)


def _read(
    found: Fields, letter: str, size: int, wanted: Mapping[int, Mask], source: int | None
) -> bytes:
    """Return a byte for each element of the input: whether it is read."""
    at = _source(found, letter, source)
    mask = backward(found, letter, size, wanted).get(at, bytes(size))
    return b"\1" * size if mask is None else mask


def _modulus(network: Network, letter: str) -> int:
    """Return the modulus whose classes have every size of the network grow in equal steps."""
    found = 1
    for shape in network.walk.shapes:
        for dim in shape or ():
            if dim.single is not None and dim.single[0] == letter:
                found = lcm(found, dim.single[1].period)
    return found


def _margins(found: Fields, letter: str, n: int, source: int | None) -> tuple[int, int, int]:
    """Return how far from both ends the ends matter, and the period between, in the input."""
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
            if link is None or link.taps is None:
                passed = (0, 0, 1)
            elif link.to is None:
                raise SolverError(_OUT_OF_STEP, node.label)
            else:
                s, b, _, _, m = taps = link.taps
                before, after = (length(found, letter, n, i) for i in (number, at))
                steps = [growth(found, letter, i) for i in (number, at)]
                if steps[0][0] * steps[1][1] * m != steps[1][0] * steps[0][1] * s:
                    raise SolverError(_OUT_OF_STEP, node.label)
                first = max(-(-(s * front + taps.wide - 1 - b) // m), 0)
                last = max(-(-(m * (before - 1) - s * (after - 1 - back) + b) // m), 0)
                more = max(b, taps.wide, 0) if repeats(node.operation) else 0
                passed = first + more, last + more, s * period // gcd(s * period, m)
            old = known.get(number, (0, 0, 1))
            ends = max(old[0], passed[0]), max(old[1], passed[1])
            known[number] = (*ends, lcm(old[2], passed[2]))
    return known.get(_source(found, letter, source), (0, 0, 1))


_OUT_OF_STEP = "what is never read is told for all n where sizes grow in step with the input"


def growth(found: Fields, letter: str, at: int) -> tuple[int, int]:
    """Return how a node's size grows along its axis of the letter: rise and period."""
    field, shape = found.of(at, letter), found.network.walk.shapes[at]
    dim = shape[field.axis] if field and shape and field.axis is not None else None
    if dim is None or dim.single is None:
        return 0, 1
    return dim.single[1].rise, dim.single[1].period


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


def runs(mask: bytes, value: int) -> tuple[range, ...]:
    """Return the runs of a value in a mask.

    >>> runs(bytes([0, 1, 1, 0]), 1)
    (range(1, 3),)
    """
    found, start = [], mask.find(value)
    while start >= 0:
        end = mask.find(1 - value, start)
        found.append(range(start, len(mask) if end < 0 else end))
        start = mask.find(value, end) if end >= 0 else -1
    return tuple(found)


def _ranges(positions: Sequence[int]) -> list[range]:
    found: list[range] = []
    for x in positions:
        if found and found[-1].stop == x:
            found[-1] = range(found[-1].start, x + 1)
        else:
            found.append(range(x, x + 1))
    return found


def _runs(found: Iterable[range]) -> str:
    texts = [f"{r.start}" if len(r) == 1 else f"{r.start}..{r.stop - 1}" for r in found]
    return ", ".join(texts[:12]) + (", ..." if len(texts) > 12 else "")
