"""The simplest of the forms of a size that are known to be equal for all values of its letters.

Two normal forms are at hand: human order (`sizes.normal`), which keeps what people write together,
and quotients of polynomials in letters and floors (`sizes.letters`), which proves what cancels and
merges nested floors. In the latter a floor is written as a ceiling where that is simpler:

    floor(N/D)  =  ceil((N + 1)/D) - 1  =  ceil((N - D + 1)/D)          N, D >= 1 whole
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import product

from solver.errors import LimitError
from solver.sizes.cases import ONE, OPERATORS, Quotient
from solver.sizes.expression import Expression, call, evaluate, of, substitute, walk
from solver.sizes.letters import case_of
from solver.sizes.normal import normal
from solver.sizes.polynomial import Atom, Floor, Polynomial
from solver.sizes.questions import CaseSplit
from solver.sizes.quotients import divide

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
    """What makes a size long: first its floors, then its letters, then whatever is written."""
    parts = [part for part in walk(node) if part != of(0)]  # -x is written 0 - x
    return (
        sum(part.kind in ("call", "%", "//") for part in parts),
        sum(part.kind == "name" for part in parts),
        len(parts),
    )


def _proved(node: Expression) -> Iterator[Expression]:
    """Yield a size in the forms that its quotient of polynomials has."""
    opaque: dict[str, Expression] = {}

    def extreme(name: str, *sizes: Quotient) -> Quotient:
        """The least or the greatest of sizes: a letter of its own where their order is open."""
        try:
            found: Quotient = OPERATORS[name](*sizes)
        except CaseSplit:
            if any(size.lower != ONE or size.upper.denominator > 1 for size in sizes):
                raise
            tree = call(name, *sorted((_written(size.upper) for size in sizes), key=str))
            opaque[str(tree)] = tree
            found = Quotient(sizes[0].case, Polynomial.of(str(tree)))
        return found

    case = case_of(node)
    letters = {letter: Quotient(case, size) for letter, size in case.letters.items()}
    operators = {
        **OPERATORS,
        "min": lambda *sizes: extreme("min", *sizes),
        "max": lambda *sizes: extreme("max", *sizes),
    }
    found = evaluate(node, letters, operators, lambda number: Quotient(case, Polynomial.of(number)))
    for tree in _quotients(found.upper, found.lower):
        yield substitute(tree, opaque)


def _quotients(upper: Polynomial, lower: Polynomial) -> Iterator[Expression]:
    scale = Polynomial.of(upper.denominator)
    upper, lower = upper * scale, lower * scale
    if lower == ONE:
        yield _written(upper)
        return
    whole, rest = divide(upper, lower)
    if not rest.terms:
        yield _written(whole)
        return
    yield normal(_written(upper) / _written(lower))
    if whole.terms:
        yield _written(whole) + normal(_written(rest) / _written(lower))


@lru_cache(maxsize=4096)
def _written(size: Polynomial) -> Expression:
    """A polynomial as a tree, each floor in the way that makes all of it simplest."""
    floors: list[Atom] = [atom for atom in size.atoms if isinstance(atom, Floor)]
    ways = [[*_ways(atom)] for atom in floors if isinstance(atom, Floor)]
    if len(floors) > _MOST_FLOORS:
        ways = [each[:1] for each in ways]
    chosen = (dict(zip(floors, way, strict=True)) for way in product(*ways))
    return min((_tree(size, way) for way in chosen), key=_length)


def _ways(atom: Floor) -> Iterator[tuple[Expression, int]]:
    """Yield a floor as a floor or a ceiling, and what is added to that."""
    upper, lower = atom.numerator, atom.divisor
    for name, more, outside in (("floor", 0, 0), ("ceil", ONE, -1), ("ceil", ONE - lower, 0)):
        yield call(name, normal(_written(upper + more) / _written(lower))), outside


def _tree(size: Polynomial, floors: Mapping[Atom, tuple[Expression, int]]) -> Expression:
    """A polynomial as a tree, its floors as they are given."""
    total, trees = Polynomial({}), {}
    for monomial, c in size.terms.items():
        factors = Polynomial.of(c)
        for atom in monomial:
            if atom in floors:
                tree, outside = floors[atom]
                trees[str(tree)] = tree
                factors *= Polynomial.of(str(tree)) + outside
            else:
                factors *= Polynomial.of(atom)
        total += factors
    return normal(substitute(total.expression, trees))
