"""Fold a size map back to the shortest expression in n, in the grammar of `expression`.

Tried in turn: one floor or ceiling, F = floor((u*n + b)/v) + c; a multiple of one,
F = g*floor((u*n + b)/v) + c; and, for any other map, a line and the sum of its steps, those of
shorter periods first. A map may have no short expression: what is worked with is then never text.
"""

from __future__ import annotations

from solver.sizes.sizemap import SizeMap

#: A longer sum is nothing to read.
_MOST_STEPS, _LONGEST = 24, 300
_LONGEST_PERIOD = 10_000  # that is searched for steps of shorter periods


def fold(size_map: SizeMap) -> str:
    """Return the shortest text for a size map, for people: where it has no expression, words.

    >>> from solver.sizes.sizemap import SizeMap
    >>> fold(SizeMap.line(3)), fold(SizeMap.line(0, 7)), fold(SizeMap.line(2, 1, 3))
    ('3*n', '7', 'floor((2*n + 1)/3)')
    >>> fold(SizeMap(3, 1, [0, 1, 0]))  # no floor says it: by its steps
    'n - 2*floor((n + 1)/3)'
    >>> fold(SizeMap.line(1) % 4)
    'n - 4*floor(n/4)'
    >>> fold(SizeMap.line(1, 0, 11) + SizeMap.line(1, 0, 13))
    'floor(n/11) + floor(n/13)'
    """
    return expression(size_map) or (
        f"one of {size_map.period:,} expressions, by n mod {size_map.period}"
    )


def expression(size_map: SizeMap) -> str | None:
    """Return the shortest expression of a size map, or None where it has no short one."""
    if size_map.shift is not None:
        return _one_floor(size_map)
    if size_map.parts is not None:
        scale, rise, shift, period, offset = size_map.parts
        floors = _floors(rise, shift, period)
        texts = [_plus(f"{scale}*{text}", offset + scale * c) for text, c in floors]
        return min(texts, key=len)
    return _steps(size_map)


def _one_floor(size_map: SizeMap) -> str:
    if size_map.period == 1:
        return _linear(size_map.rise, size_map.shift or 0)
    floors = _floors(size_map.rise, size_map.shift or 0, size_map.period)
    return min((_plus(text, whole) for text, whole in floors), key=len)


def _floors(rise: int, shift: int, period: int) -> list[tuple[str, int]]:
    """Return the ways to write floor((u*n + b)/v) as (floor or ceiling text, constant)."""
    ways = []
    for whole in sorted({0, shift // period, -(-shift // period)}):
        rest = shift - whole * period
        ways.append((f"floor({_over(rise, rest, period)})", whole))
    # floor((u*n + b)/v) = ceil((u*n + b - v + 1)/v)
    ways += [("ceil(" + _over(rise, 0, period) + ")", (shift - period + 1) // period)] * (
        (shift + 1) % period == 0
    )
    return ways


def _over(rise: int, shift: int, period: int) -> str:
    linear = _linear(rise, shift)
    return f"({linear})/{period}" if shift else f"{linear}/{period}"


def _linear(rise: int, shift: int) -> str:
    if rise == 0:
        return str(shift)
    term = "n" if abs(rise) == 1 else f"{abs(rise)}*n"
    if rise < 0:
        return f"{shift} - {term}" if shift else f"-{term}"
    return _plus(term, shift)


def _plus(text: str, constant: int) -> str:
    if constant == 0:
        return text
    return f"{text} {'+' if constant > 0 else '-'} {abs(constant)}"


def _steps(size_map: SizeMap) -> str | None:
    slope, found = size_map.steps()
    short = _sum(slope, [(size_map.period, *step) for step in found], size_map.values[0])
    if short is None and size_map.period <= _LONGEST_PERIOD:
        short = _sum(slope, _shorter(size_map.period, found), size_map.values[0])
    return short


def _sum(slope: int, steps: list[tuple[int, int, int]], constant: int) -> str | None:
    """Write slope*n + constant + the sum of height*floor((n + offset)/period), where short."""
    if len(steps) > _MOST_STEPS:
        return None
    text = _linear(slope, 0) if slope else ""
    for period, offset, height in steps:
        step = f"floor({_over(1, offset, period)})"
        term = step if abs(height) == 1 else f"{abs(height)}*{step}"
        plus, minus = (" + ", " - ") if text else ("", "-")
        text += (minus if height < 0 else plus) + term
    text = _plus(text, constant)
    return text if len(text) <= _LONGEST else None


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
