"""Letters for hyperparameters: their smallest values, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from string import ascii_uppercase

from solver.errors import LimitError
from solver.sizes.cases import OPERATORS, Case, Quotient, Undecided
from solver.sizes.effort import Effort
from solver.sizes.expression import Expression, evaluate, names
from solver.sizes.operations import LETTERS, MINIMUM
from solver.sizes.polynomial import Atom, Polynomial
from solver.sizes.questions import CaseSplit
from solver.sizes.quotients import whole_factor

#: The size first, then the letters of the hyperparameters, then those without a meaning.
NAMES = ("n", *LETTERS.values(), *"bcefghijlmoqrtuvwxyz", *ascii_uppercase)

#: By letter and by name; i counts repetitions.
_LEAST = {"i": 0, **MINIMUM, **{LETTERS[name]: value for name, value in MINIMUM.items()}}

#: What a question about all letters may take: it is asked often, and may stay open.
_MOST_TRIED = 3_000


def in_order(letters: Iterable[str]) -> tuple[str, ...]:
    """Letters in the order of the alphabet of sizes, and longer names behind them.

    >>> in_order({"s", "width", "k", "n"})
    ('n', 'k', 's', 'width')
    """
    known = {name: place for place, name in enumerate(NAMES)}
    return tuple(sorted(letters, key=lambda name: (known.get(name, len(known)), name)))


def least(letter: str) -> int:
    """The smallest value of a letter: 0 for paddings and for i, which counts repetitions, else 1.

    >>> least("p"), least("k"), least("r"), least("i")
    (0, 1, 1, 0)
    """
    return _LEAST.get(letter, 1)


def case_of(node: Expression) -> Case:
    """The case in which nothing is known of the letters but their smallest values."""
    letters = names(node)
    sizes = {letter: Polynomial.of(letter) for letter in letters}
    lowest: dict[Atom, int | None] = {letter: least(letter) for letter in letters}
    return Case(sizes, lowest, {}, Effort(_MOST_TRIED), residues=False)


def value(node: Expression, case: Case | None = None) -> Quotient:
    """A size in normal form: a polynomial in letters, floors and powers over another.

    case: of its letters, where others must know it too.
    """
    case = case or case_of(node)
    letters = {letter: Quotient(case, size) for letter, size in case.letters.items()}
    found: Quotient = evaluate(
        node, letters, OPERATORS, lambda number: Quotient(case, Polynomial.of(number))
    )
    return found


def is_whole(node: Expression) -> bool:
    """Whether a size is whole for all values of its letters, as its form tells."""
    if node.kind == "call":
        return node.parts[0] in ("floor", "ceil") or all(map(is_whole, node.nodes))
    if node.kind == "**":
        return all(map(is_whole, node.nodes)) and decided(node.parts[1] >= 0) is True
    if node.kind in ("+", "-", "*", "%"):
        return all(map(is_whole, node.nodes)) or _is_polynomial(node)
    return node.kind in ("number", "name") or _is_polynomial(node)


def _is_polynomial(node: Expression) -> bool:
    try:
        found = value(node)
        return found.lower.number == 1 and whole_factor(found.upper, found.case.known) == 1
    except (CaseSplit, ZeroDivisionError, LimitError):
        return False


@lru_cache(maxsize=16_384)
def decided(condition: Expression) -> bool | None:
    """Whether a condition holds for all values of its letters, or for none; None if neither shows.

    >>> from solver.sizes.expression import named
    >>> k, s = named("k"), named("s")
    >>> decided(k + s >= 2), decided(k + s < 2), decided(k >= s)
    (True, False, None)
    """
    case = case_of(condition)
    letters = {letter: Quotient(case, size) for letter, size in case.letters.items()}
    try:
        found = evaluate(
            condition, letters, OPERATORS, lambda size: Quotient(case, Polynomial.of(size))
        )
    except (CaseSplit, ZeroDivisionError, LimitError):
        return None
    return None if isinstance(found, Undecided) else bool(found)
