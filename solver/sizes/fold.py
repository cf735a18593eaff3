"""Fold a size map back to the shortest expression in a letter.

Tried in turn: one floor or ceiling, F = floor((u*n + b)/v) + c; a multiple of one,
F = g*floor((u*n + b)/v) + c; and, for any other map, a line and the sum of its steps, those of
shorter periods first. A map may have no short expression: what is worked with is then never text.
"""

from __future__ import annotations

from functools import lru_cache

from solver.sizes.expression import Expression, added, ceil, floor, named, of, times
from solver.sizes.sizemap import Parts, SizeMap
from solver.sizes.text import text

#: A longer sum is nothing to read.
_MOST_STEPS, _LONGEST = 24, 300
_LONGEST_PERIOD = 10_000  # that is searched for steps of shorter periods


def fold(size_map: SizeMap, letter: str = "n") -> str:
    """The shortest text for a size map, for people: where it has no expression, words.

    >>> from solver.sizes.sizemap import SizeMap
    >>> fold(SizeMap.line(3)), fold(SizeMap.line(0, 7)), fold(SizeMap.line(2, 1, 3), "h")
    ('3*n', '7', 'floor((2*h + 1)/3)')
    >>> fold(SizeMap(3, 1, [0, 1, 0]))  # no floor says it: by its steps
    'n - 2*floor((n + 1)/3)'
    >>> fold(SizeMap.line(1) % 4)
    'n - 4*floor(n/4)'
    >>> fold(SizeMap.line(1, 0, 11) + SizeMap.line(1, 0, 13))
    'floor(n/11) + floor(n/13)'
    """
    return text(shown(size_map, letter))


def shown(size_map: SizeMap, letter: str = "n") -> Expression:
    """What is printed for a size map: its shortest expression, or words in the place of a name."""
    words = f"one of {size_map.period:,} expressions, by {letter} mod {size_map.period}"
    return expression(size_map, letter) or named(words)


def expression(size_map: SizeMap, letter: str = "n") -> Expression | None:
    """The shortest expression of a size map, or None where it has no short one."""
    parts = size_map.parts
    return _steps(size_map, named(letter)) if parts is None else _floor(parts, letter)


@lru_cache(1024)
def _floor(parts: Parts, letter: str) -> Expression:
    n = named(letter)
    scale, rise, shift, period, offset = parts
    if period == 1:
        return _linear(n, rise, shift)
    # floor(x/v + w) = floor(x/v) + w, and floor((x + v - 1)/v) = ceil(x/v)
    ways = [
        (floor(_over(n, rise, shift - whole * period, period)), whole)
        for whole in sorted({0, shift // period, -(-shift // period)})
    ]
    if (shift + 1) % period == 0:
        ways.append((ceil(_over(n, rise, 0, period)), (shift - period + 1) // period))
    return min((_plus(times(scale, way), offset + scale * c) for way, c in ways), key=_length)


def _length(node: Expression) -> int:
    return len(text(node))


def _over(n: Expression, rise: int, shift: int, period: int) -> Expression:
    return _linear(n, rise, shift) / period


def _linear(n: Expression, rise: int, shift: int) -> Expression:
    if rise == 0:
        return of(shift)
    term = times(abs(rise), n)
    if rise < 0:
        return shift - term if shift else -term
    return _plus(term, shift)


def _plus(node: Expression, constant: int) -> Expression:
    return node + constant if constant else node


def _steps(size_map: SizeMap, n: Expression) -> Expression | None:
    slope, found = size_map.steps()
    short = _sum(n, slope, [(size_map.period, *step) for step in found], size_map.values[0])
    if short is None and size_map.period <= _LONGEST_PERIOD:
        short = _sum(n, slope, _shorter(size_map.period, found), size_map.values[0])
    return short


def _sum(
    n: Expression, slope: int, steps: list[tuple[int, int, int]], constant: int
) -> Expression | None:
    """slope*n + constant + the sum of height*floor((n + offset)/period), where that is short."""
    if len(steps) > _MOST_STEPS:
        return None
    terms = [(slope < 0, times(abs(slope), n))] if slope else []
    for period, offset, height in steps:
        step = floor(_over(n, 1, offset, period))
        terms.append((height < 0, times(abs(height), step)))
    total = _plus(added(terms), constant)
    return total if _length(total) <= _LONGEST else None


def _shorter(period: int, found: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Return (period, offset, height) of steps that add up to those found, of short periods."""
    heights = [0] * period
    for offset, height in found:
        heights[offset] = height
    steps = []
    for shorter in (v for v in range(2, period + 1) if period % v == 0):
        for offset in range(shorter):
            every = heights[offset::shorter]
            least, most = min(every), max(every)
            if common := max(least, 0) or min(most, 0):
                heights[offset::shorter] = [height - common for height in every]
                steps.append((shorter, offset, common))
    return steps
