"""Residue classes as runs of residues, and sizes that follow them from some size on.

What they cost follows the runs, not the modulus: that floor(n/125000) is divisible by 8 holds in
125,000 classes of a million, which are one run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from math import gcd, lcm

from solver.sizes.lattice import primes
from solver.sizes.runs import (
    Runs,
    check_count,
    clipped,
    gaps,
    held,
    in_words,
    listed,
    merged,
    place,
    runs_of,
    total,
)
from solver.sizes.sizemap import SizeMap


def around(modulus: int, runs: Iterable[range]) -> Runs:
    """Runs of any numbers as residues.

    >>> around(10, [range(8, 13)])
    (range(0, 3), range(8, 10))
    """
    found: list[range] = []
    for run in runs:
        if run.stop - run.start >= modulus:
            return (range(modulus),)
        first = run.start % modulus
        last = first + run.stop - run.start
        if last > modulus:
            found.append(range(last - modulus))
        found.append(range(first, min(last, modulus)))
    return merged(found)


def lowest_terms(modulus: int, runs: Runs) -> tuple[int, Runs]:
    """The smallest modulus with the same classes.

    >>> lowest_terms(12, (range(0, 2), range(6, 8)))
    (6, (range(0, 2),))
    """
    if _whole(modulus, runs):
        return 1, (range(1),)
    # What repeats after modulus/q has a multiple of q runs around a circle.
    around = len(runs) - (runs[0].start == 0 and runs[-1].stop == modulus)
    for prime in primes(gcd(modulus, around)) if around > 1 else ():
        while modulus % prime == 0:
            smaller = modulus // prime
            part = clipped(runs, 0, smaller)
            if spread(smaller, part, modulus) != runs:
                break
            modulus, runs = smaller, part
    return modulus, runs


def between(modulus: int, runs: Runs, start: int, stop: int | None = None) -> Iterator[range]:
    """Yield the numbers in the classes from `start` up to `stop`, in order; touching ranges too.

    >>> list(between(10, (range(0, 2), range(9, 10)), 9, 20))
    [range(9, 10), range(10, 12), range(19, 20)]
    """
    if stop is not None and _whole(modulus, runs):
        yield from filter(None, [range(start, stop)])
        return
    for turn in count(start - start % modulus, modulus) if runs else ():
        if stop is not None and turn >= stop:
            return
        end = modulus if stop is None else min(modulus, stop - turn)
        here = clipped(runs, max(start - turn, 0), end)
        yield from [range(run.start + turn, run.stop + turn) for run in here] if turn else here


def _whole(modulus: int, runs: Runs) -> bool:
    """Tell whether runs are all residues, which are one run then."""
    return bool(runs) and runs[0].stop - runs[0].start == modulus


def after(modulus: int, runs: Runs, start: int) -> int:
    """The smallest number at least `start` in the classes, of which there is one.

    >>> after(10, (range(2, 4),), 3), after(10, (range(2, 4),), 4)
    (3, 12)
    """
    residue = start % modulus
    at = place(runs, residue)
    if at >= 0 and residue < runs[at].stop:
        return start
    return start - residue + (runs[at + 1].start if at + 1 < len(runs) else runs[0].start + modulus)


def before(modulus: int, runs: Runs, stop: int) -> int:
    """The largest number less than `stop` in the classes, of which there is one.

    >>> before(10, (range(2, 4),), 12), before(10, (range(2, 4),), 13)
    (3, 12)
    """
    residue = (stop - 1) % modulus
    at = place(runs, residue)
    return stop - 1 - residue + (min(residue, runs[at][-1]) if at >= 0 else runs[-1][-1] - modulus)


def spread(modulus: int, runs: Runs, multiple: int) -> Runs:
    """The same classes modulo a multiple. Raises LimitError where they are too many runs."""
    if multiple == modulus:
        return runs
    check_count(len(runs) * (multiple // modulus))
    return merged(between(modulus, runs, 0, multiple))


def meet(one: tuple[int, Runs], other: tuple[int, Runs]) -> tuple[int, Runs]:
    """What is in both: a modulus, and the classes. Raises LimitError for too many runs.

    >>> meet((4, (range(0, 2),)), (6, (range(1, 3),)))
    (12, (range(1, 2), range(8, 9)))
    """
    both = lcm(one[0], other[0])
    few, many = one, other
    if len(one[1]) * other[0] > len(other[1]) * one[0]:
        few, many = other, one
    found: list[range] = []
    for run in spread(*few, both):
        for part in between(*many, run.start, run.stop):
            check_count(len(found))
            found.append(part)
    return both, merged(found)


def classes_into(size_map: SizeMap, modulus: int, runs: Runs) -> tuple[int, Runs]:
    """The classes of n in which F(n) is in classes of a modulus. Raises LimitError for too many.

    >>> classes_into(SizeMap.line(1, 0, 125_000), 8, (range(1),))
    (1000000, (range(0, 125000),))
    """
    if total(runs) == modulus:  # every size is in one of them, however long the period
        return 1, (range(1),)
    common = gcd(modulus, size_map.rise)
    period, gain = size_map.period * (modulus // common), size_map.rise // common * modulus
    if size_map.period == 1 and total(runs) < len(runs) * abs(gain // modulus):
        check_count(total(runs))  # rise*n + b = r (mod modulus)
        start, inverse = size_map(0), pow(size_map.rise // common, -1, period)
        wholes = (divmod(r - start, common) for run in runs for r in run)
        return period, runs_of(whole * inverse % period for whole, rest in wholes if not rest)
    if gain <= 0 or not size_map.nondecreasing:
        check_count(period)
        values = enumerate(size_map.each(range(period)))
        return period, runs_of(n for n, value in values if held(runs, value % modulus))
    first = size_map.first
    inputs = [range(first(run.start), first(run.stop)) for run in spread(modulus, runs, gain)]
    return period, around(period, inputs)


# Classes from a size on, and what is below it

#: The first size from which classes are held on, and the classes.
Ray = tuple[int, Runs]


def canonical(modulus: int, rays: Sequence[Ray], points: Runs = ()) -> tuple[int, Runs, int, Runs]:
    """What lies on a ray or is a point: modulus, classes, the least minimum, and what is below it.

    Equal sizes have one such form. Raises LimitError where too many runs are below.

    >>> canonical(4, [(9, (range(0, 1), range(2, 3)))], (range(6, 7), range(8, 9)))
    (2, (range(0, 1),), 6, ())
    """
    rays = [ray for ray in rays if ray[1]]
    if not rays:
        return 1, (), 1, points
    classes = rays[0][1] if len(rays) == 1 else merged(run for _, runs in rays for run in runs)
    rule = lowest_terms(modulus, classes)
    top = max(first for first, _ in rays)
    if not points and len(rays) == 1:
        return *rule, after(*rule, top), ()
    top = _settled(*rule, points, top)
    below = _below(modulus, rays, points, top)
    broken = _last_difference(*rule, below, top)
    minimum = after(*rule, broken + 1)
    return *rule, minimum, clipped(below, 1, minimum)


def _settled(modulus: int, classes: Runs, points: Runs, top: int) -> int:
    """The smallest size that is at least `top`, from which on all points lie in the classes."""
    if points and points[-1].stop > top and (missing := tuple(gaps(classes, 0, modulus))):
        for run in reversed(points):
            last = before(modulus, missing, run.stop)
            if last in run:
                return max(top, last + 1)
    return top


def _below(modulus: int, rays: Sequence[Ray], points: Runs, top: int) -> Runs:
    """What is less than `top`."""
    found = [*clipped(points, 1, top)]
    for first, runs in rays:
        for gap in gaps(points, first, top):
            check_count(len(found) + len(runs) * ((gap.stop - gap.start) // modulus))
            found += between(modulus, runs, gap.start, gap.stop)
    return merged(found)


def _last_difference(modulus: int, classes: Runs, below: Runs, top: int) -> int:
    """The last size less than `top` that is below, or in the classes, but not both; else 0."""
    while top > 1:
        residue = (top - 1) % modulus
        inside, start = _stretch(classes, residue)
        other, begin = _stretch(below, top - 1)
        if inside != other:
            return top - 1
        top = max(top - 1 - residue + start if modulus > 1 else 0, begin)
    return 0


def _stretch(runs: Runs, n: int) -> tuple[bool, int]:
    """Whether a number lies in runs, and from where on all up to it do, or do not."""
    at = place(runs, n)
    if at < 0:
        return False, 0
    inside = n < runs[at].stop
    return inside, runs[at].start if inside else runs[at].stop


def by_class(
    size_map: SizeMap, modulus: int, classes: Runs, minimum: int, points: Runs
) -> tuple[int, list[Ray], Runs]:
    """What any size map sends into a set: in each residue class of n it is a line."""
    rise = size_map.rise
    period = size_map.period * (modulus // gcd(modulus, rise) if rise else 1)
    check_count(period)
    step = rise * (period // size_map.period)
    rays, found = list[Ray](), list[range]()
    for n in range(1, period + 1):
        value, own = size_map(n), (range(n % period, n % period + 1),)
        inside = held(classes, value % modulus)
        if step == 0 and (held(points, value) or (inside and value >= minimum)):
            rays.append((n, own))
        if step > 0 and inside:
            rays.append((n + period * max(-((value - minimum) // step), 0), own))
        above = [range(minimum, value + 1)] if step < 0 and inside and value >= minimum else []
        for run in (*points, *above) if step else ():  # through which value, value + step, ... go
            low, high = (run[0], run[-1]) if step > 0 else (run[-1], run[0])
            turns = range(max(-((value - low) // step), 0), (high - value) // step + 1)
            check_count(len(found) + (turns.stop - turns.start if period > 1 else 1))
            found += runs_of(range(n + turns.start * period, n + turns.stop * period, period))
    return period, rays, merged(found)


# In words

#: So many numbers stand one by one; more are told as ranges.
_FEW = 12


def set_in_words(modulus: int, classes: Runs, minimum: int, exceptions: Runs, letter: str) -> str:
    """The sizes in words, called by a letter.

    >>> set_in_words(2, (range(1),), 1, (), "n"), set_in_words(16, (range(12, 13),), 188, (), "h")
    ('even n', 'h = 12 (mod 16), h >= 188')
    >>> set_in_words(32, (range(1, 32),), 1, (), "n")
    'n != 0 (mod 32)'
    >>> set_in_words(256, (range(128),), 1, (), "n")
    'n mod 256 in 0..127'
    >>> set_in_words(4, (range(2),), 4, (), "n")  # not 1
    'n = 0, 1 (mod 4), n >= 4'
    >>> set_in_words(1, (), 1, (range(5, 6), range(7, 8)), "n")
    'n in {5, 7}'
    """
    if not classes:
        if len(exceptions) == 1 and total(exceptions) > 3:
            return f"{exceptions[0][0]} <= {letter} <= {exceptions[0][-1]}"
        return f"{letter} in {{{_numbers(exceptions)}}}" if exceptions else f"no {letter}"
    also = f", or {letter} in {{{_numbers(exceptions)}}}" if exceptions else ""
    later = after(modulus, classes, 1) < minimum  # a size of the classes is left out
    if modulus == 2:
        parity = "odd" if classes[0].start else "even"
        return f"{parity} {letter}" + (f" >= {minimum}" if later else "") + also
    held = "" if modulus == 1 else _classes(modulus, classes, letter)
    bound = f"{letter} >= {minimum}" if not held or later else ""
    return ", ".join(part for part in (held, bound) if part) + also


def _classes(modulus: int, classes: Runs, letter: str) -> str:
    """Residue classes: those that are left out, where only these are few."""
    if total(classes) <= _FEW:
        return f"{letter} = {_numbers(classes)} (mod {modulus})"
    if modulus - total(classes) <= _FEW:
        return f"{letter} != {_numbers(tuple(gaps(classes, 0, modulus)))} (mod {modulus})"
    return f"{letter} mod {modulus} in {in_words(classes)}"


def _numbers(runs: Runs) -> str:
    return ", ".join(map(str, listed(runs))) if total(runs) <= _FEW else in_words(runs)
