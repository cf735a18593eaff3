"""Solve an equation with floor that is handed in as SymPy, exactly.

With one symbol the values at which it holds are a set (`solver.symbolic.floors`). With several
there is one law, for whole N and q and whole D >= 1:

    floor(N/D) = q   <=>   D*q <= N <= D*q + D - 1
"""

from __future__ import annotations

from math import lcm
from typing import Any

import sympy

from solver.errors import LimitError, SolverError
from solver.symbolic.floors import halves, read, where
from solver.symbolic.for_every import holds_for_every

_ONE_FLOOR = "one side is floor(N/D) or ceiling(N/D), plus what is whole"
_MOST_ROWS = 100_000


def solve_floor(equation: Any, unknown: Any = None, *, for_all: Any = None) -> Any:
    """Solve an equation or inequality with floors.

    unknown: alone in the equation, the SymPy set of its values is returned; with other symbols, for
    an equation of one floor, the condition that isolates it.
    for_all: the condition on the other symbols is returned under which an equation of one floor
    holds for every value of this symbol at which the other side is whole; with an unknown, solved
    for that.
    An expression stands for its equality with 0. Raises SolverError outside of these classes.

    >>> from sympy import Eq, Symbol, floor
    >>> from solver import n
    >>> solve_floor(Eq(floor(n/2) + floor(n/3), 10), n)
    {12, 13}
    >>> k, s = (Symbol(name, integer=True, positive=True) for name in "ks")
    >>> p = Symbol("p", integer=True, nonnegative=True)
    >>> solve_floor(Eq(floor((n + 2*p - k)/s) + 1, n/2), for_all=n)
    Eq(s, 2) & Eq(p, floor(k/2 - 1/2))
    >>> solve_floor(Eq(floor((n + 2*p - k)/s) + 1, 2*n), for_all=n)  # nothing grows
    False
    >>> solve_floor(Eq(floor((n + 2*p - k)/s) + 1, n/s), p, for_all=n)  # for every s
    (p <= floor(k/2 - 1/2)) & (p >= ceiling(k/2 - s/2))
    """
    kind, left, right = _sides(equation)
    if unknown is None and for_all is None:
        raise SolverError("one of unknown and for_all is wanted", right="solve_floor(equation, n)")
    for asked in (unknown, for_all):
        if asked is not None and not isinstance(asked, sympy.Symbol):
            raise SolverError("the unknown is a symbol", str(asked), "solver.n, not its name")
    free = left.free_symbols | right.free_symbols
    if for_all is None and free <= {unknown}:
        return _values(kind, left, right, unknown)
    if kind is not sympy.Eq:
        raise SolverError(
            "an inequality is solved for its only symbol, with others an equation is wanted",
            received=str(equation)[:80],
        )
    for symbol in sorted(free, key=str):
        if not symbol.is_integer:
            right_one = f"Symbol({symbol.name!r}, integer=True)"
            raise SolverError("every symbol must be known to be whole", str(symbol), right_one)
    if for_all is not None and (unknown is not None or _in_letters(left, right, for_all)):
        return _for_every_letter(left, right, for_all, unknown)
    if for_all is not None:
        return _for_every(left, right, for_all)
    return _isolated(left, right, unknown)


def _sides(equation: Any) -> tuple[Any, Any, Any]:
    """The kind of an equation and its sides; 0 = 0 or 0 = 1 where SymPy has decided it."""
    if equation in (sympy.true, sympy.false) and not isinstance(equation, bool):
        return sympy.Eq, sympy.S.Zero, sympy.S.Zero if equation else sympy.S.One
    if isinstance(equation, sympy.core.relational.Relational):
        return type(equation), equation.lhs, equation.rhs
    if isinstance(equation, sympy.Expr):
        return sympy.Eq, equation, sympy.S.Zero
    raise SolverError(
        "an equation is one Eq, Ne, Lt, Le, Gt or Ge of SymPy",
        received=str(equation)[:80],
        right="Eq(floor(n/2), 3): == compares how expressions look, and text is not read",
    )


def _values(kind: Any, left: Any, right: Any, x: Any) -> Any:
    """The values of the only symbol, which may also be what is divided by."""
    try:
        return where(kind, left, right, x)
    except LimitError:
        raise
    except SolverError:
        if kind is not sympy.Eq or not (left - right).has(1 / x):
            raise
    upper, lower, target = _one_floor(left, right, {x})
    if lower != x or x in upper.free_symbols | target.free_symbols:
        raise SolverError("the unknown must stand once", received=f"{left} = {right}"[:80])
    if not target.is_integer:
        return sympy.S.EmptySet
    # both halves of the law at once: the smaller of what they leave is at least 0
    room = sympy.Min(upper - x * target, x * target + x - 1 - upper)
    return where(sympy.Ge, room, 0, x)


def _one_floor(left: Any, right: Any, inside: set[Any]) -> tuple[Any, Any, Any]:
    """Return (N, D, q) of the equation floor(N/D) = q that an equation is.

    inside: the symbols that may only stand in N and D.
    """
    terms = sympy.Add.make_args(sympy.expand(left - right))
    floors = [t for t in terms if t.has(sympy.floor, sympy.ceiling)]
    floors = [t for t in floors if t.free_symbols & inside] or floors[: len(floors) == 1]
    if len(floors) > 1:
        raise SolverError(_ONE_FLOOR, received=f"{left} = {right}"[:80])
    # with no floor that matters the law is that of floor(0) = -terms
    factor, function = floors[0].as_coeff_Mul() if floors else (sympy.S.One, sympy.floor(0))
    if not isinstance(function, (sympy.floor, sympy.ceiling, sympy.Integer)):
        raise SolverError(_ONE_FLOOR, received=str(floors[0])[:80])
    rest = -sum((t for t in terms if t not in floors), sympy.S.Zero) / factor
    rest = sympy.expand(rest)
    moving = [t for t in sympy.Add.make_args(rest) if t.free_symbols & inside]
    if not all(t.is_integer for t in moving):
        raise SolverError("what stands beside the floor must be whole", received=str(moving[0]))
    # floor(x) - B = floor(x - B) for whole B
    moved = sum(moving, sympy.S.Zero)
    argument = function.args[0] if function.args else sympy.S.Zero
    upper, lower = sympy.fraction(sympy.together(argument - moved))
    if not (lower.is_Symbol or lower.is_Integer) or not lower.is_positive:
        raise SolverError("a divisor is a number or a positive symbol", received=str(lower))
    upper = sympy.expand(upper)
    if not upper.is_integer or upper.has(sympy.Float):
        raise SolverError("what stands in the floor must be whole over a divisor", str(upper)[:80])
    rest -= moved
    if isinstance(function, sympy.ceiling):  # ceiling(N/D) = floor((N - 1)/D) + 1
        upper, rest = upper - 1, rest - 1
    return upper, lower, sympy.expand(rest)


def _for_every(left: Any, right: Any, n: Any) -> Any:
    """When floor(N/D) = q(n) for every n at which q is whole."""
    others = (left - right).free_symbols - {n}
    if not (left - right).has(sympy.floor, sympy.ceiling):
        return _as_polynomials(left - right, n)
    upper, lower, target = _one_floor(left, right, others)
    slope, fixed = upper.coeff(n, 1), upper.coeff(n, 0)
    if not slope.is_Integer or sympy.expand(upper - slope * n - fixed) != 0:
        raise SolverError("n must have a whole factor in the floor", received=str(upper))
    rows, gains = _rows(target, n)
    if not rows:
        raise SolverError("the other side is never whole", received=str(target))
    if not gains:  # whole at finitely many n only
        values = [(upper.xreplace({n: sympy.Integer(x)}), m) for x, m in rows]
        return sympy.And(*(part for u, m in values for part in _law(u, lower, m)))
    divisor = _divisor(lower, slope, gains)
    if divisor is None:
        return sympy.false
    found = []
    if divisor != lower:
        found.append(sympy.Eq(lower, divisor))
        fixed, lower = sympy.expand(fixed.xreplace({lower: divisor})), divisor
    bounds = [(lower * m - slope * size, lower * m - slope * size + lower - 1) for size, m in rows]
    if lower.is_Symbol:  # nothing depends on n
        if len({m for _, m in rows}) > 1:
            return sympy.false
        return sympy.And(bounds[0][0] <= fixed, fixed <= bounds[0][1])
    low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
    if low > high:
        return sympy.false
    return sympy.And(*found, _one_symbol(fixed, low, high))


def _in_letters(left: Any, right: Any, n: Any) -> bool:
    """Whether there are letters beside n on both sides of an equation with floors."""
    letters = all(side.free_symbols - {n} for side in (left, right))
    return letters and (left - right).has(sympy.floor, sympy.ceiling)


def _for_every_letter(left: Any, right: Any, n: Any, unknown: Any) -> Any:
    """When both sides, in any letters, are equal for every n, solved for an unknown."""
    where, size, width = holds_for_every(left, right, n)
    if sympy.false in where:
        return sympy.false
    if unknown is None:
        return sympy.And(*where, _one_symbol(size, sympy.S.Zero, width))
    c = size.coeff(unknown, 1)
    rest = sympy.expand(size - c * unknown)
    inside = rest.free_symbols | width.free_symbols | {x for w in where for x in w.free_symbols}
    if not (c.is_Integer and c) or unknown in inside:
        rule = f"{unknown} must stand once, in a whole multiple"
        raise LimitError(rule, received=f"{left} = {right}"[:80])
    return sympy.And(*where, _between(-rest, width, c, unknown))


def _divisor(lower: Any, slope: Any, gains: set[tuple[int, int]]) -> Any:
    """The divisor of a floor that gains so much over each period; None where none does."""
    for period, gain in gains:
        # the floor gains slope*period/D over a period
        if lower.is_Symbol and gain:
            lower = sympy.Rational(slope * period, gain)
        if (lower.is_Symbol and slope) or (lower.is_Integer and lower * gain != slope * period):
            return None
        if not (lower.is_Symbol or (lower.is_Integer and lower.is_positive)):
            return None
    return lower


def _one_symbol(fixed: Any, low: Any, high: Any) -> Any:
    """Return low <= fixed <= high, for one of its symbols where that can be."""
    # first the symbol that takes one value: its factor is as long as the interval
    factors = {x: fixed.coeff(x, 1) for x in sorted(fixed.free_symbols, key=str)}
    for x in sorted(factors, key=lambda x: bool(abs(factors[x]) != high - low + 1)):
        c = factors[x]
        if c.is_Integer and c and not sympy.expand(fixed - c * x).has(x):
            return _between(low - (fixed - c * x), high - low, c, x)
    return sympy.And(low <= fixed, fixed <= high)


def _rows(target: Any, n: Any) -> tuple[list[tuple[int, int]], set[tuple[int, int]]]:
    """The (n, value) that decide, and (period, gain) of the stretches without end."""
    rows: list[tuple[int, int]] = []
    gains = set()
    for half in halves(n):
        value = read(target, n, half.value)
        asked = value.whole().least(half.allowed)
        for outer in asked:
            for piece in value.between(outer.first, outer.last):
                period = lcm(piece.value.period, outer.value.period)
                count = period if piece.last is None else piece.last - piece.first + 1
                if count > _MOST_ROWS:
                    raise LimitError("the other side repeats too late", received=f"{count:,}")
                sizes = [m for m in range(piece.first, piece.first + count) if outer.value.at(m)]
                rows += [(half.direction * m, piece.value.at(m)) for m in sizes]
                if piece.last is None and sizes:
                    gain = piece.value.at(sizes[0] + period) - piece.value.at(sizes[0])
                    gains.add((half.direction * period, gain))
    return rows, gains


def _as_polynomials(difference: Any, n: Any) -> Any:
    """When a size without floors is 0 for every n: all of its coefficients are."""
    found: list[Any] = []
    solved: dict[Any, Any] = {}
    expanded = sympy.expand(difference)
    if not expanded.is_polynomial(n):
        raise SolverError("n must have a whole factor", received=str(difference)[:80])
    for coefficient in sympy.Poly(expanded, n).all_coeffs():
        coefficient = coefficient.xreplace(solved)
        symbols = sorted(coefficient.free_symbols, key=str)
        alone = [x for x in symbols if abs(coefficient.coeff(x, 1)) == 1]
        alone = [x for x in alone if not (coefficient - coefficient.coeff(x, 1) * x).has(x)]
        if alone:
            x, c = alone[0], coefficient.coeff(alone[0], 1)
            solved[x] = sympy.expand(x - coefficient / c)
            found.append(sympy.Eq(x, solved[x]))
        else:
            found.append(sympy.Eq(coefficient, 0))
    return sympy.And(*found)


def _isolated(left: Any, right: Any, x: Any) -> Any:
    """The condition on x that floor(N/D) = q is."""
    upper, lower, target = _one_floor(left, right, {x})
    whole = sympy.true
    if not target.is_integer:
        above, below = sympy.fraction(sympy.together(target))
        if not (above.is_integer and below.is_Integer):
            raise SolverError("the other side must be a whole number", received=str(target)[:80])
        whole = sympy.Eq(below * sympy.floor(target), above)
    if lower == x:
        if x in upper.free_symbols | target.free_symbols:
            raise SolverError("the unknown must stand once", received=f"{left} = {right}"[:80])
        above = sympy.expand(target + 1)
        low, high = x * target <= upper, upper + 1 <= x * above
        # each half is divided by its factor, which turns it round where that is negative
        if target == 0:
            low, high = upper >= 0, x >= upper + 1
        elif target.is_positive:
            low = x <= sympy.floor(upper / target)
        elif target.is_negative:
            low = x >= sympy.ceiling(upper / target)
        if above == 0:
            high = upper <= -1
        elif above.is_positive and target != 0:
            high = x >= sympy.floor(upper / above) + 1
        elif above.is_negative:
            high = x <= sympy.floor((upper + 1) / above)
        return sympy.And(whole, low, high)
    c = upper.coeff(x, 1)
    rest = sympy.expand(upper - c * x)
    if not c or x in rest.free_symbols | lower.free_symbols | target.free_symbols:
        raise SolverError(
            f"{x} must stand once, in a whole multiple", received=f"{left} = {right}"[:80]
        )
    return sympy.And(whole, _between(sympy.expand(lower * target - rest), lower - 1, c, x))


def _law(upper: Any, lower: Any, q: Any) -> tuple[Any, Any]:
    """Return D*q <= N and N <= D*q + D - 1."""
    return lower * q <= upper, upper <= lower * q + lower - 1


def _between(low: Any, width: Any, c: Any, x: Any) -> Any:
    """The condition on x that low <= c*x <= low + width is."""
    if c.is_negative:
        low, c = -low - width, -c
    high = sympy.expand(low + width)
    if not c.is_positive:
        return sympy.And(low <= c * x, c * x <= high)
    if width == 0 and c == 1:
        return sympy.Eq(x, high)
    if width == 0:
        return sympy.Eq(c * x, high)
    if sympy.expand(width - c + 1) == 0:  # as many numbers as the factor: one multiple of it
        return sympy.Eq(x, sympy.floor(sympy.expand(high / c)))
    least, most = sympy.ceiling(sympy.expand(low / c)), sympy.floor(sympy.expand(high / c))
    return sympy.And(x >= least, x <= most)
