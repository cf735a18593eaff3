"""What a design must do: sizes that come out, and limits on what it reads and costs."""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm
from typing import Any, Protocol

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.ground.value import Value
from solver.sizes.domain import (
    LARGEST,
    LONGEST_PERIOD,
    Domain,
    letters_in,
    read_number,
    size_letter,
    whole_number,
)
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet
from solver.sizes.target import SizeExpression, read_size, read_where

Interval = tuple[int, int | None]
ANYTHING: Interval = (0, None)


class Number(NamedTuple):
    """Ask that an input of this size comes out with one of the sizes in a domain."""

    input: int
    output: Domain | None  # None: any size
    probe: bool = False  # stands for every n: no kernel is too large for it
    lane: int = 0  # where axes differ: on which of them


class Every(NamedTuple):
    """Ask for a size map on a set of sizes."""

    target: SizeExpression
    where: SizeSet
    lane: int = 0

    @property
    def total_stride(self) -> Interval:
        """The input elements between outputs that the target's growth asks for; empty for none."""
        rise, period = self.target.slope
        return -(-period // rise), period // rise

    def ends(self) -> tuple[int, int]:
        """The residues that decide: where the target is furthest below and above its slope.

        A map floor((n + b)/stride) that has the target's values there has them wherever it is
        asked: the two values bound b from both sides, and all others bound it no closer.

        >>> Every(read_size("floor((n + 2)/5)"), read_where("n >= 1")).ends()
        (2, 3)
        """
        step = self.target.numerator.parts
        if step and step.rise == step.scale == self.target.denominator == self.where.modulus == 1:
            return (-step.shift - 1) % step.period, -step.shift % step.period
        residues = self.where.classes(lcm(self.target.period, self.where.modulus))
        return min(residues, key=self._above), max(residues, key=self._above)

    @property
    def one_map(self) -> bool:
        """Tell whether a single map floor((n + b)/stride) has the target's values.

        >>> [Every(read_size("n//5"), read_where(w)).one_map for w in ("n > 0", "n % 5 == 0")]
        [True, False]
        """
        below, above = map(self._above, self.ends())
        return above - below == (self.total_stride[0] - 1) * self.target.numerator.rise

    def _above(self, residue: int) -> int:
        """How far the target stands above its slope, in units that make it a whole number."""
        numerator = self.target.numerator
        return int(numerator(residue)) * numerator.period - residue * numerator.rise

    def meets(self, made: SizeMap) -> bool:
        """Tell whether a size map has the target's value at every size that is asked.

        >>> from solver.sizes.sizemap import SizeMap
        >>> half = Every(read_size("n/2"), read_where("n % 2 == 0"))
        >>> half.meets(SizeMap.line(1, 1, 2)), half.meets(SizeMap.line(1, 2, 2))
        (True, False)
        """
        scale, target = self.target.denominator, self.target.numerator
        if made.rise * scale * target.period != target.rise * made.period:
            return False
        period = lcm(made.period, target.period * scale, self.where.modulus)
        if period > LONGEST_PERIOD:
            rule = f"a target for every n has a period of at most {LONGEST_PERIOD:,}"
            raise LimitError(rule, received=f"period {period:,}")
        return all(int(made(r)) * scale == int(target(r)) for r in self.where.classes(period))


class Remaining(Protocol):
    """What each limited sum can still gain behind a node, at least and at most."""

    def at(
        self, number: int, sizes: tuple[int, ...], made: Any
    ) -> list[tuple[int, int]] | None: ...


class Given(NamedTuple):
    """Hold the inputs as they were given, the condition that narrows n, and the axes.

    alike: as of `read_goals`. free, loose: marks of which nothing, or no limit, is asked.
    """

    inputs: Any
    where: str
    axes: int
    alike: tuple[int, ...] = ()
    free: tuple[Any, ...] = ()
    loose: tuple[Any, ...] = ()


class Goals(Value):
    """Hold the sizes that are asked for.

    numbers: each different input along an axis, with what must come out. every: targets for every
    n. at: which of the numbers the costs are measured at, one per axis, or none. given: what marks
    are read with, or None where nothing is asked of them.
    """

    def __init__(
        self,
        numbers: Sequence[Number],
        every: Sequence[Every],
        at: tuple[int, ...],
        given: Given | None = None,
    ) -> None:
        self.numbers = tuple(numbers)
        self.every = tuple(every)
        self.at = at
        self.given = given

    def made_of(self) -> tuple[Any, ...]:
        return self.numbers, self.every, self.at, self.given

    def changed(self, **changes: Any) -> Goals:
        """The same goals but for some of what they hold."""
        return Goals(**{**self.__dict__, **changes})

    def __repr__(self) -> str:
        return f"Goals{self.made_of()}"


def read_goals(
    inputs: Any,
    outputs: Any,
    where: str,
    at: Any,
    axes: int,
    alike: tuple[int, ...] = (),
    marked: bool = False,
) -> Goals:
    """Read what was asked: sizes as numbers, tuples with one per axis, or words; lists for several.

    alike: for each axis the first that layers treat alike, where not all are. marked: whether marks
    ask for formulas too.

    >>> read_goals(224, 7, "", None, 2).numbers
    (Number(input=224, output=Domain.parse('7'), probe=False, lane=0),)
    >>> read_goals("224x320", "7x10", "", None, 2).at
    (0, 1)
    """
    pairs = paired(inputs, outputs)
    if at is not None:
        if any("n" not in _axes(size, axes) for size, _ in pairs):
            rule = "costs are measured at the first input that is a number: at is for n alone"
            raise SolverError(rule, received=f"at {at}")
        if "n" in _axes(at, axes):
            raise SolverError("costs are measured at a number", received=str(at), right="224")
        pairs.append((at, None))
    numbers: dict[tuple[int, int], Number] = {}
    every: list[Every] = []
    measured: tuple[int, ...] = ()
    for size, target in pairs:
        rows = along_axes(size, target, axes, alike)
        for one, wanted, lane in rows:
            if one == "n":
                if wanted is not None:
                    every.append(read_every(read_size(wanted), where, wanted, lane))
                continue
            n = whole_number(one, "an input size", 1)
            domain = None if wanted is None else read_domain(wanted, n)
            numbers[lane, n] = both(numbers.get((lane, n)), Number(n, domain, lane=lane))
        if not measured and all(one != "n" for one, *_ in rows):
            keys = list(numbers)
            measured = tuple(keys.index((lane, one)) for one, _, lane in rows)
            measured *= axes if len(measured) == 1 else 1
    free = where and any("n" in _axes(size, axes) for size, _ in pairs)
    if where and not every and not (marked and free):
        missing, right = (
            ("an output for n is wanted", "n/2") if free else ("an input must be n", "n")
        )
        raise SolverError(f"a condition narrows n, so {missing}", f"where {where}", right)
    return Goals(tuple(numbers.values()), every, measured, Given(inputs, where, axes, alike))


def along_axes(
    size: Any, target: Any, axes: int, alike: Sequence[int] = ()
) -> list[tuple[Any, Any, int]]:
    """The sizes of an input, each with what is asked for along its axis, and with its lane.

    >>> along_axes("224x320", "n/2", 2)
    [(224, 'n/2', 0), (320, 'n/2', 0)]
    """
    sizes = _axes(size, axes)
    targets = [None] * len(sizes) if target in (None, "...", ...) else _axes(target, axes)
    if len(sizes) != len(targets):
        if min(len(sizes), len(targets)) > 1:
            rule = "an input and its output have the same number of axes"
            raise SolverError(rule, received=f"{size} -> {target}")
        sizes, targets = sizes * len(targets), targets * len(sizes)
    if alike and len(sizes) == 1:
        sizes, targets = sizes * axes, targets * axes
    firsts = sorted(set(alike))
    lanes = [firsts.index(first) for first in alike] or [0] * len(sizes)
    return list(zip(sizes, targets, lanes, strict=True))


def paired(inputs: Any, outputs: Any) -> list[tuple[Any, Any]]:
    """Each input with its output: lists of both, or one of each."""
    many = isinstance(inputs, list)
    if many and not inputs:
        raise SolverError("a design space needs an input size", right="224, or n")
    if many and (outputs is None or outputs is ...):
        return [(size, None) for size in inputs]
    if many != isinstance(outputs, list) and not (many and isinstance(outputs, str)):
        rule = "several inputs need a list with as many outputs, or one formula in n"
        raise SolverError(rule, received=f"{inputs} -> {outputs}")
    if many and isinstance(outputs, str):
        outputs = [outputs] * len(inputs)
    if not many:
        return [(inputs, outputs)]
    if len(inputs) != len(outputs):
        rule = "each input needs its output"
        raise SolverError(rule, received=f"{len(inputs)} inputs, {len(outputs)} outputs")
    return list(zip(inputs, outputs, strict=True))


def _axes(size: Any, axes: int) -> list[Any]:
    """A size per axis: ints, "n", which another letter may stand for, or words."""
    if hasattr(size, "free_symbols"):
        size = str(size)
    if isinstance(size, str):
        parts: list[Any] = [part.strip() for part in size.split("x")]
        if "max" in size or not all(parts):
            parts = [size]
        parts = [_word(part) for part in parts]
    else:
        parts = list(size) if isinstance(size, tuple) else [size]
    if len(parts) not in (1, axes):
        rule = "a size has one number, or one per axis"
        raise SolverError(rule, received=str(size), right=f"{axes} axes, or axes={len(parts)}")
    return parts


def _word(text: str) -> Any:
    if text.isascii() and text.isdigit():
        return read_number(text, "a size", text, 0, 0)
    return "n" if text in ("same", size_letter(text)) else text


def read_domain(wanted: Any, n: int) -> Domain:
    """The sizes that may come out for the input n: a domain, or a formula at n.

    >>> read_domain("5..9", 224), read_domain("n/4", 224)
    (Domain.parse('5..9'), Domain.parse('56'))
    """
    if not isinstance(wanted, str) or wanted[:1].isdigit():
        try:
            return Domain.of(wanted, "an output size", 1)
        except SolverError:
            if not isinstance(wanted, str) or not letters_in(wanted):
                raise
    return at_number(read_size(wanted), n, wanted)


def at_number(target: SizeExpression, n: int, wanted: Any) -> Domain:
    """The size that a formula asks for at n. wanted: the formula in words."""
    if n not in target.whole or target.at(n) < 1:
        received = f"{wanted} at n = {n}"
        raise SolverError("an output size must be a whole number of at least 1", received=received)
    return Domain.of(target.at(n))


def read_every(target: SizeExpression, where: str, wanted: Any, lane: int = 0) -> Every:
    """A target for every n at which it is whole, in the class that is asked about."""
    asked = target.whole & read_where(where) if where else target.whole
    if asked.finite or asked.exception_ranges:
        rule = "for every n, a condition is residue classes from some size on"
        raise SolverError(rule, received=where or str(wanted), right='for example "n % 4 == 0"')
    if target.slope[0] <= 0:
        raise SolverError("a design's output grows with n", received=str(wanted), right="n/2")
    return Every(target, asked, lane)


def both(known: Number | None, new: Number) -> Number:
    """A number goal that asks for both."""
    if known is None or known.output is None:
        return new
    if new.output is None:
        return known
    common = [n for n in known.output if n in new.output]
    return new._replace(output=Domain((n, n) for n in common))


def probes(every: Sequence[Every]) -> list[Number]:
    """Return huge sizes that every map with the target must take to the target's value there.

    Where no layer is transposed they decide, see `Every.ends`: every map is one floor then.
    """
    found = []
    for one in every:
        period = lcm(one.target.period, one.where.modulus)
        far = period * (1 + 2**40 // period)
        for residue in dict.fromkeys(one.ends()):
            output = Domain.of(one.target.at(far + residue))
            found.append(Number(far + residue, output, True, one.lane))
    return found


def asked_numbers(goals: Goals, lanes: int = 1, marked: Sequence[Every] = ()) -> list[Number]:
    """The sizes that a search follows, on each lane: the inputs, and probes for every n.

    marked: the targets of marks, which are met before the output.
    """
    found = [*goals.numbers, *probes(goals.every)]
    found += [number._replace(output=None) for number in probes(marked)]
    free = set(range(lanes)) - {number.lane for number in found}
    # n, and any size may come out
    return [*found, *(Number(2**40, None, True, lane) for lane in sorted(free))]


def read_interval(name: str, value: Any) -> Interval:
    """Read a limit: a number, "100..", "..64", "3..8", or a pair (least, most) with None for open.

    >>> read_interval("depth", "3..8"), read_interval("depth", "..8"), read_interval("depth", 5)
    ((3, 8), (0, 8), (5, 5))
    >>> read_interval("depth", (3, None))
    (3, None)
    """
    right = "for example 5, 3..8, 100.. or ..64"
    if isinstance(value, range):
        value = (value.start, value.stop - 1) if value.step == 1 and value else repr(value)
    if isinstance(value, (tuple, list)) and len(value) == 2:
        least, most = value
    elif isinstance(value, str):
        first, dots, last = value.strip().partition("..")
        least = read_number(first, name, value, 0, 0, right) if first or not dots else 0
        most = read_number(last, name, value, len(first) + 2, 0, right) if last else None
        if not dots:
            most = least
        elif not first and not last:
            raise SolverError(f"{name} needs a number", text=value, at=0, right=right)
    else:
        least = most = whole_number(value, name, 0)
    low = 0 if least is None else whole_number(least, name, 0)
    high = None if most is None else whole_number(most, name, 0)
    if high is not None and high < low:
        raise SolverError(f"{name}: an interval goes from small to large", f"{low}..{high}", right)
    return low, high


def meet(one: Interval, two: Interval) -> Interval:
    """What keeps both limits; the least is above the most where nothing does.

    >>> meet((3, None), (0, 8))
    (3, 8)
    """
    ends = [high for _, high in (one, two) if high is not None]
    return max(one[0], two[0]), min(ends, default=None)


def plain(limit: Interval | bool) -> str | bool:
    """A limit as it is read: an interval in words, or true or false."""
    return limit if isinstance(limit, bool) else words(limit)


def words(interval: Interval) -> str:
    """Write an interval as it is read.

    >>> words((3, None)), words((0, 8)), words((5, 5))
    ('3..', '..8', '5')
    """
    low, high = interval
    if low == high:
        return str(low)
    return f"{low or ''}..{'' if high is None else high}" if high is not None or low else "0.."


#: Larger than any size: an open end.
UNBOUNDED = LARGEST * LARGEST
