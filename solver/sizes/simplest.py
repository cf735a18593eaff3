"""The simplest of the forms of a size that are known to be equal for all values of its letters.

Two normal forms are at hand: human order (`sizes.normal`), which keeps what people write together,
and quotients of polynomials in letters and floors (`sizes.letters`), which proves what cancels and
merges nested floors. In the latter a floor is written as a ceiling where that is simpler:

    floor(N/D)  =  ceil((N + 1)/D) - 1  =  ceil((N - D + 1)/D)          N, D >= 1 whole
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache, partial
from itertools import product
from math import gcd, lcm

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.sizes.cases import ONE, OPERATORS, Quotient
from solver.sizes.expression import (
    Expression,
    call,
    ceil,
    evaluate,
    floor,
    names,
    of,
    substitute,
    walk,
)
from solver.sizes.letters import case_of, decided
from solver.sizes.normal import normal
from solver.sizes.polynomial import Atom, Floor, Polynomial
from solver.sizes.questions import CaseSplit
from solver.sizes.quotients import divide, reduced
from solver.sizes.text import is_negated

_MOST_FLOORS = 4  # that are written in each of their ways


@lru_cache(maxsize=4096)
def simplest(node: Expression) -> Expression:
    """The simplest form of a size that is known to be equal: few floors, few letters, then short.

    Of equally simple ones it is the one in human order.


    >>> from solver.sizes.expression import ceil, floor, letters
    >>> n, k, s, t = letters("nkst")
    >>> print(simplest((n - 1) * s + 2 * s - 2 * ceil(s / 2) + s % 2))
    n*s
    >>> print(simplest(floor((floor((n - 1) / s) + 1 - t) / t) + 1))
    floor((n + s - 1)/(s*t))
    >>> print(simplest(floor((n - 1) / s) + 1), "|", simplest((n - 1) * s + k))
    ceil(n/s) | (n - 1)*s + k
    """
    human = normal(node)
    try:
        return min((human, *_proved(node)), key=_length)
    except (CaseSplit, ZeroDivisionError, LimitError):
        return human


def _length(node: Expression) -> tuple[int, ...]:
    """What makes a size long: first its floors, then its letters and signs, then all else."""
    parts = [part for part in walk(node) if part != of(0)]  # -x is written 0 - x
    return (
        sum(part.kind in ("call", "%", "//") for part in parts),
        sum((part.kind == "name") + 2 * is_negated(part) for part in parts),
        len(parts),
    )


def _proved(node: Expression) -> Iterator[Expression]:
    """Yield a size in the forms that its quotient of polynomials has."""
    found, opaque = _quotient(node)
    for tree in _quotients(found):
        yield substitute(tree, opaque)


def _quotient(node: Expression) -> tuple[Quotient, dict[str, Expression]]:
    """A size as a quotient, and the least and greatest sizes that stand in it as letters."""
    opaque: dict[str, Expression] = {}

    def extreme(name: str, *sizes: Quotient) -> Quotient:
        """The least or the greatest of sizes: a letter of its own where their order is open."""
        try:
            found: Quotient = OPERATORS[name](*sizes)
        except CaseSplit:
            if any(size.lower != ONE or size.upper.denominator > 1 for size in sizes):
                raise
            parts = (substitute(_written(size.upper), opaque) for size in sizes)
            tree = call(name, *sorted(parts, key=str))
            opaque[str(tree)] = tree
            found = Quotient(sizes[0].case, Polynomial.of(str(tree)))
        return found

    case = case_of(node)
    letters = {letter: Quotient(case, size) for letter, size in case.letters.items()}
    extremes = {name: partial(extreme, name) for name in ("min", "max")}
    found: Quotient = evaluate(
        node,
        letters,
        {**OPERATORS, **extremes},
        lambda number: Quotient(case, Polynomial.of(number)),
    )
    return found, opaque


def first(size: Expression, letter: str = "n") -> Expression | None:
    """The smallest value of a letter from which on a size that never falls is at least 0.

    None where its form does not tell: where the letter stands in it more than once.

    >>> from solver.sizes.expression import floor, letters
    >>> n, k, s = letters("nks")
    >>> print(first(floor((n - k) / s) - 2), "|", first(n * s - k), "|", first(n // s + n))
    k + 2*s | ceil(k/s) | None
    """
    try:
        found, opaque = _quotient(size)
        if any(letter in names(tree) for tree in opaque.values()):
            return None
        start = _first(found.upper, letter, opaque)
        return None if start is None else simplest(start)
    except (CaseSplit, ZeroDivisionError, LimitError):
        return None


def _first(size: Polynomial, letter: str, opaque: Mapping[str, Expression]) -> Expression | None:
    """From where on C*A + R >= 0, A the letter or the one floor that it stands in."""
    size = size * Polynomial.of(size.denominator)
    inside = [atom for atom in size.atoms if letter in Polynomial.of(atom).letters]
    if len(inside) != 1:
        return None
    (atom,) = inside
    times, rest = Polynomial({}), Polynomial({})
    for monomial, c in size.terms.items():
        if atom not in monomial:
            rest += Polynomial({monomial: c})
        elif monomial.count(atom) == 1:
            times += Polynomial({tuple(x for x in monomial if x != atom): c})
        else:
            return None
    factor, other = (substitute(part.expression, opaque) for part in (times, -rest))
    if decided(factor >= 1) is not True:
        return None
    start = simplest(ceil(other / factor))
    if atom == letter:
        return start
    assert isinstance(atom, Floor)
    # floor(N/D) >= q  <=>  N - q*D >= 0
    return first(
        substitute(atom.numerator.expression, opaque)
        - start * substitute(atom.divisor.expression, opaque),
        letter,
    )


def _quotients(found: Quotient) -> Iterator[Expression]:
    """Yield the forms of a quotient, without what stands in every term above and below."""
    upper, lower = reduced(found.upper, found.lower, found.case.known)
    scale = lcm(upper.denominator, lower.denominator)
    upper, lower = upper * scale, lower * scale
    common = gcd(*(int(c) for size in (upper, lower) for c in size.terms.values()))
    upper, lower = (size * Polynomial.of(Fraction(1, common)) for size in (upper, lower))
    if lower == ONE:
        yield _written(upper)
        return
    yield _over(upper, lower)
    whole, rest = divide(upper, lower)
    if whole.terms:
        yield normal(_written(whole) + _over(rest, lower))


@lru_cache(maxsize=4096)
def _written(size: Polynomial) -> Expression:
    """A polynomial as a tree, each floor in the way that makes all of it simplest."""
    floors: list[Atom] = [atom for atom in size.atoms if isinstance(atom, Floor)]
    ways = [[*_ways(atom, size)] for atom in floors if isinstance(atom, Floor)]
    if len(floors) > _MOST_FLOORS:
        ways = [each[:1] for each in ways]
    chosen = (dict(zip(floors, way, strict=True)) for way in product(*ways))
    return min((_tree(size, way) for way in chosen), key=_length)


class _Way(NamedTuple):
    """Hold one way to write a floor: sign times a tree, and what is added to that."""

    sign: int
    tree: Expression
    outside: Polynomial


def _ways(atom: Floor, size: Polynomial) -> Iterator[_Way]:
    """Yield the ways to write a floor in a size: what stands beside it may go in."""
    N, D = atom
    for inside in _beside(atom, size):
        upper = N + inside * D
        yield _Way(1, floor(_over(upper, D)), -inside)
        for number, outside in ((ONE, inside + 1), (ONE - D, inside)):
            if not (upper + number).terms.get(()):  # no number beside the letters
                yield _Way(1, ceil(_over(upper + number, D)), -outside)
        yield _Way(-1, floor(_over(-upper - 1, D)), -inside - 1)


def _beside(atom: Floor, size: Polynomial) -> Iterator[Polynomial]:
    """Yield what may go into a floor of a size: nothing, the letters beside it, all beside it."""
    yield Polynomial({})
    times = size.terms.get((atom,))
    if times:
        rest = (size - Polynomial({(atom,): times})) * Polynomial.of(1 / times)
        if rest.denominator == 1 and atom not in rest.atoms:
            yield Polynomial({monomial: c for monomial, c in rest.terms.items() if monomial})
            yield rest


def _over(upper: Polynomial, lower: Polynomial) -> Expression:
    return normal(_written(upper) / _written(lower))


def _tree(size: Polynomial, floors: Mapping[Atom, _Way]) -> Expression:
    """A polynomial as a tree, its floors as they are given."""
    total, trees = Polynomial({}), {}
    for monomial, c in size.terms.items():
        factors = Polynomial.of(c)
        for atom in monomial:
            if (way := floors.get(atom)) is None:
                factors *= Polynomial.of(atom)
            else:
                trees[str(way.tree)] = way.tree
                factors *= Polynomial({(str(way.tree),): Fraction(way.sign)}) + way.outside
        total += factors
    return normal(substitute(total.expression, trees))
