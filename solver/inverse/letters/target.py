"""What a target in letters asks of a layer: its stride, and bounds of its net padding.

A layer acts on the size by its stride s and its net padding Z alone, with P for both paddings,

    Z = P - d*(k - 1) - a        convolution: floor((n - 1 + Z)/s) + 1       (a = 0)
                                 transposed:  (n - 1)*s + 1 - Z

so a target that is one staircase fixes both, whatever letters stand in it:

    floor((n + c)/S)      stride S, Z = c + 1 - S
    (n + c)/S             stride S, c + 1 - S <= Z <= c, for the n at which it is whole
    n*S + c               stride S, Z = 1 - S - c
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from solver.errors import LimitError
from solver.proof.cases import OPERATORS, Case, Quotient
from solver.proof.claim import least
from solver.proof.effort import Effort
from solver.sizes.expression import Expression, evaluate, names
from solver.sizes.polynomial import Floor, Polynomial

_ONE = Polynomial.of(1)
_RULE = "a target in letters is floor((n + c)/s), (n + c)/s or s*n + c"


class Target(NamedTuple):
    """Hold the stride, the bounds of the net padding, and what must be whole: (n + c) % S == 0."""

    stride: Polynomial
    low: Polynomial
    high: Polynomial
    whole: Expression | None = None

    @property
    def exact(self) -> bool:
        """Whether one net padding does it."""
        return self.low == self.high


def case_of(node: Expression) -> Case:
    """The case in which nothing is known of the letters but their smallest values."""
    letters = names(node)
    sizes = {letter: Polynomial.of(letter) for letter in letters}
    return Case(sizes, {letter: least(letter) for letter in letters}, {}, Effort(), residues=False)


def value(node: Expression) -> Quotient:
    """A size in normal form: a polynomial in letters and floors over another."""
    case = case_of(node)
    letters = {letter: Quotient(case, size) for letter, size in case.letters.items()}
    found: Quotient = evaluate(
        node, letters, OPERATORS, lambda number: Quotient(case, Polynomial.of(number))
    )
    return found


def is_whole(node: Expression) -> bool:
    """Whether a size is whole for all values of its letters, as its form tells."""
    if node.kind == "call":
        return node.parts[0] in ("floor", "ceil") or all(map(is_whole, node.nodes))
    if node.kind in ("+", "-", "*", "%"):
        return all(map(is_whole, node.nodes)) or _is_polynomial(node)
    return node.kind in ("number", "name") or _is_polynomial(node)


def _is_polynomial(node: Expression) -> bool:
    found = value(node)
    return found.lower.number == 1 and found.upper.denominator == 1


def read_target(node: Expression, transposed: bool) -> Target:
    """The target that a size in n and other letters is. Raises LimitError for any other.

    >>> from solver.proof.claim import NAMES
    >>> from solver.sizes.grammar import parse
    >>> down = read_target(parse("ceil(n/s)", NAMES), transposed=False)
    >>> str(down.stride), str(down.low), down.exact
    ('s', '0', True)
    >>> half = read_target(parse("n/(2s)", NAMES), transposed=False)
    >>> str(half.low), str(half.high), str(half.whole)
    ('-2*s + 1', '0', 'n % (2*s) == 0')
    """
    found = value(node)
    scale = Polynomial.of(found.upper.denominator)
    upper, lower = found.upper * scale, found.lower * scale
    steps = [monomial for monomial in upper.terms if any(map(_is_step, monomial))]
    if transposed:
        if steps or lower != _ONE:
            raise LimitError(_RULE, str(node), "s*n + c for a transposed convolution")
        slope, rest = _along(upper, node)
        low = _ONE - slope - rest
        return Target(slope, low, low)
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
    node: Expression, upper: Polynomial, lower: Polynomial, steps: list[tuple[object, ...]]
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
    slope, rest = dict[tuple[object, ...], Fraction](), dict[tuple[object, ...], Fraction]()
    for monomial, factor in size.terms.items():
        if "n" in monomial:
            at = monomial.index("n")
            slope[monomial[:at] + monomial[at + 1 :]] = factor
        else:
            rest[monomial] = factor
    found = Polynomial(slope), Polynomial(rest)  # type: ignore[arg-type]
    if any("n" in part.letters for part in found):
        raise LimitError(_RULE, str(node))
    return found


def _is_step(atom: object) -> bool:
    return isinstance(atom, Floor) and "n" in atom.numerator.letters | atom.divisor.letters
