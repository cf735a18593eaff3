"""Count integer points under lines without visiting them: floor sums.

Whatever is counted in this project, it is the pairs (u, v) of integers between lower and upper
lines over a range of u, so its cost must not follow the number of points.
"""

from __future__ import annotations

from collections.abc import Sequence

Line = tuple[int, int, int]  # (a, b, c) is v = (a*u + b)/c with c >= 1


def floor_sum(count: int, a: int, b: int, c: int) -> int:
    """The sum of floor((a*i + b)/c) over i = 0..count-1, in O(log) steps.

    Source: the Euclidean reduction of Graham, Knuth and Patashnik, Concrete Mathematics, 3.5.

    >>> floor_sum(5, 1, 0, 2)  # 0 + 0 + 1 + 1 + 2
    4
    >>> floor_sum(3, -1, 0, 2)  # 0 - 1 - 1
    -2
    >>> floor_sum(0, 1, 1, 1)
    0
    """
    total = 0
    sign = 1
    while count > 0:
        total += sign * ((count - 1) * count // 2 * (a // c) + count * (b // c))
        a, b = a % c, b % c
        top = (a * count + b) // c
        if top == 0:
            break
        # The points under the line, counted by rows instead of columns.
        total += sign * top * count
        sign = -sign
        count, a, b, c = top, c, c - b - 1 + a, a
    return total


def count_points(u0: int, u1: int, lowers: Sequence[Line], uppers: Sequence[Line]) -> int:
    """Count integer (u, v), u0 <= u <= u1, with every lower line <= v <= every upper line.

    >>> count_points(0, 4, [(0, 0, 1)], [(1, 0, 2)])  # v from 0 to u/2: 1 + 1 + 2 + 2 + 3
    9
    >>> count_points(0, 4, [(0, 3, 1)], [(0, 2, 1)])
    0
    """
    for la, lb, lc in lowers:
        for ua, ub, uc in uppers:
            # (la*u + lb)/lc <= (ua*u + ub)/uc bounds u on one side
            slope, room = la * uc - ua * lc, ub * lc - lb * uc
            if slope > 0:
                u1 = min(u1, room // slope)
            elif slope < 0:
                u0 = max(u0, -(room // -slope))
            elif room < 0:
                return 0
    if u0 > u1:
        return 0
    negated = [(-a, -b, c) for a, b, c in lowers]
    # Where lower <= upper, floor(upper) - ceil(lower) + 1 is never negative, so the sums may part.
    return _sum_least(u0, u1, uppers) + _sum_least(u0, u1, negated) + (u1 - u0 + 1)


def _sum_least(u0: int, u1: int, lines: Sequence[Line]) -> int:
    """The sum over u0..u1 of floor(min of the lines)."""
    cuts = {u1}
    for i, (a, b, c) in enumerate(lines):
        for x, y, z in lines[:i]:
            slope = a * z - x * c
            if slope:
                crossing = (y * c - b * z) // slope
                if u0 <= crossing < u1:
                    cuts.add(crossing)
    total, start = 0, u0
    for stop in sorted(cuts):
        # No two lines cross inside start..stop; compare them at both ends, exactly.
        a, b, c = lines[0]
        for x, y, z in lines[1:]:
            if (x * (start + stop) + 2 * y) * c < (a * (start + stop) + 2 * b) * z:
                a, b, c = x, y, z
        total += floor_sum(stop - start + 1, a, a * start + b, c)
        start = stop + 1
    return total


def primes(number: int) -> list[int]:
    """The prime factors of a number, in increasing order."""
    found = []
    divisor = 2
    while divisor * divisor <= number:
        if number % divisor == 0:
            found.append(divisor)
            while number % divisor == 0:
                number //= divisor
        divisor += 1
    return [*found, number] if number > 1 else found
