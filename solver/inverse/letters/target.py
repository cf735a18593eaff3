"""What a target in letters asks of a layer: its stride, and bounds of its net padding.

A layer acts on the size by its stride s and its net padding Z alone, with P for both paddings,

    Z = P - d*(k - 1) - a        convolution: floor((n - 1 + Z)/s) + 1       (a = 0)
                                 transposed:  (n - 1)*s + 1 - Z

so a target that is one staircase fixes both, whatever letters stand in it:

    floor((n + c)/S)      stride S, Z = c + 1 - S
    (n + c)/S             stride S, c + 1 - S <= Z <= c, for the n at which it is whole
    n*S + c               stride S, Z = 1 - S - c

and so do a convolution that takes n*S + c to n (stride S, 1 - S - c <= Z <= -c), and a transposed
one that takes floor((n + c)/S) back to n: it does where Z = c + 1 - S without output padding, by
the output padding (n + c) % S, one for each call.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from solver.errors import LimitError
from solver.sizes.expression import Expression, ceil, named
from solver.sizes.letters import value
from solver.sizes.normal import normal
from solver.sizes.polynomial import Floor, Monomial, Polynomial

N = named("n")
_ONE = Polynomial.of(1)
_RULE = "a size in letters is floor((n + c)/s), (n + c)/s or s*n + c"


class Target(NamedTuple):
    """Hold the stride and the bounds of the net padding.

    whole: what must be, (n + c) % S == 0. extra: the output padding of each call, where it depends
    on n; the net padding then is that without it. first: the smallest n, where no kernel decides.
    """

    stride: Polynomial
    low: Polynomial
    high: Polynomial
    whole: Expression | None = None
    extra: Expression | None = None
    first: Expression | None = None

    @property
    def exact(self) -> bool:
        """Whether one net padding does it."""
        return self.low == self.high


def read_target(input: Expression, output: Expression, transposed: bool) -> Target:
    """The target of a layer that takes one size in n and other letters to another.

    Raises LimitError where that is none of the forms above.

    >>> from solver.sizes.letters import NAMES
    >>> from solver.sizes.grammar import parse
    >>> n, down, half = (parse(words, NAMES) for words in ("n", "ceil(n/s)", "n/(2s)"))
    >>> found = read_target(n, down, transposed=False)
    >>> str(found.stride), str(found.low), found.exact
    ('s', '0', True)
    >>> found = read_target(n, half, transposed=False)
    >>> str(found.low), str(found.high), str(found.whole)
    ('-2*s + 1', '0', 'n % (2*s) == 0')
    >>> print(read_target(down, n, transposed=True).extra)
    (n + s - 1) % s
    """
    if input == N:
        if not transposed:
            return _steps(output)
        found = _line(output)
        first = ceil(found.low.expression / found.stride.expression) + 1
        return found._replace(first=first)
    if output != N:
        raise LimitError(_RULE, f"{input} to {output}", "n on one side")
    if not transposed:
        stride, low, *_ = _line(input)
        high = low + stride - 1
        # What comes out is n: from 1 on, where there is an input.
        return Target(stride, low, high, first=ceil((high + 1).expression / stride.expression))
    found = _steps(input)
    if not found.exact:
        raise LimitError("a size that is brought back has floor or ceil", str(input), "ceil(n/s)")
    rest = Polynomial.of("n") + found.low - 1 + found.stride
    extra = normal(rest.expression % found.stride.expression)
    return found._replace(extra=extra, first=1 - found.low.expression)


def _line(node: Expression) -> Target:
    """Read S*n + c."""
    found = value(node)
    slope, rest = _along(found.upper, node)
    if found.lower != _ONE or slope.denominator > 1 or any(map(_has_step, found.upper.terms)):
        raise LimitError(_RULE, str(node), "s*n + c for a transposed convolution")
    low = _ONE - slope - rest
    return Target(slope, low, low)


def _steps(node: Expression) -> Target:
    """Read floor((n + c)/S), (n + c)/S or n + c."""
    found = value(node)
    scale = Polynomial.of(found.upper.denominator)
    upper, lower = found.upper * scale, found.lower * scale
    steps = [monomial for monomial in upper.terms if _has_step(monomial)]
    if steps:
        return _staircase(node, upper, lower, steps)
    slope, rest = _along(upper, node)
    if slope != _ONE or "n" in lower.letters:
        raise LimitError(_RULE, str(node))
    if lower == _ONE:
        return Target(_ONE, rest, rest)
    whole = (upper.expression % lower.expression).equals(0)
    return Target(lower, rest + 1 - lower, rest, whole)


def _staircase(
    node: Expression, upper: Polynomial, lower: Polynomial, steps: Sequence[Monomial]
) -> Target:
    """Read floor((n + b)/S) + r, which is floor((n + b + r*S)/S)."""
    (monomial, *others) = steps
    (atom, *factors) = monomial
    if others or factors or lower != _ONE or not isinstance(atom, Floor):
        raise LimitError(_RULE, str(node))
    outside = upper - Polynomial.of(atom)
    slope, rest = _along(atom.numerator, node)
    if slope != _ONE or "n" in outside.letters | atom.divisor.letters:
        raise LimitError(_RULE, str(node))
    low = rest + outside * atom.divisor + 1 - atom.divisor
    return Target(atom.divisor, low, low)


def _along(size: Polynomial, node: Expression) -> tuple[Polynomial, Polynomial]:
    """The slope of a size along n, and what is left at n = 0."""
    slope, rest = dict[Monomial, Fraction](), dict[Monomial, Fraction]()
    for monomial, factor in size.terms.items():
        if "n" in monomial:
            at = monomial.index("n")
            slope[monomial[:at] + monomial[at + 1 :]] = factor
        else:
            rest[monomial] = factor
    found = Polynomial(slope), Polynomial(rest)
    if any("n" in part.letters for part in found):
        raise LimitError(_RULE, str(node))
    return found


def _has_step(monomial: Monomial) -> bool:
    return any(
        isinstance(atom, Floor) and "n" in atom.numerator.letters | atom.divisor.letters
        for atom in monomial
    )
