"""A claim with letters for hyperparameters, proved for all their values or refuted by some.

It falls into cases (`solver.sizes.cases`). It is proved when each case is either not asked or true
by its normal forms, or by a sum of what is known wherever it is asked; it is refuted by numbers at
which it is asked and false. Neither happens where it holds for a subtler reason, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import product

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.proof import numbers
from solver.proof.claim import Claim, Unasked, meaning
from solver.sizes.cases import OPERATORS, Case, Quotient, Undecided
from solver.sizes.effort import Effort
from solver.sizes.exact import exact
from solver.sizes.expression import ARITHMETIC, Expression, evaluate, names, of, walk
from solver.sizes.letters import least
from solver.sizes.polynomial import Polynomial
from solver.sizes.questions import CaseSplit

_MOST_EFFORT = 12_000  # the length of the claim, once a case and once for each order it assumes
_MOST_TRIED = 100_000
_FEW = 2_000  # of both efforts, where residues are left alone


class Proved(NamedTuple):
    """Hold a case that is proved, and what the two sides of each comparison come to in it."""

    case: Case
    sides: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        when = [f"{name} = {size}" for name, size in self.case.letters.items() if str(size) != name]
        when += [f"{size} {'>=' if up else '<'} 0" for size, up in self.case.ordered.items()]
        said = [
            f"both sides are {x}"
            if x == y
            else f"the sides are {x} and {y}, which compare as claimed wherever it is asked"
            for x, y in self.sides
        ]
        return f"{', '.join(when) or 'in any case'}: {'; '.join(said)}"


class Equations(NamedTuple):
    """Hold what a condition says in equations.

    letters: those that others give, as p in p == k - 1. quotients: those it says are whole, as
    k/s in k % s == 0.
    """

    letters: dict[str, Expression]
    quotients: list[Expression]


def prove(claim: Claim) -> list[Proved] | None:
    """The cases that prove a claim, or None where their normal forms do not.

    >>> from solver.proof.claim import read_claim
    >>> for case in prove(read_claim("conv(n, k, s=2, p=(k-1)/2) == ceil(n/2)")):
    ...     print(case)
    n = 2*n' + 1, k = 2*k' + 1: both sides are n' + 1
    n = 2*n' + 2, k = 2*k' + 1: both sides are n' + 1
    >>> prove(read_claim("conv(n, k, p=k) == n")) is None
    True
    """
    given = _given(claim)
    free = [name for name in claim.letters if name not in given.letters]
    letters = {name: Polynomial.of(name) for name in free}
    case = Case(letters, {name: least(name) for name in free}, {}, Effort())
    if not any(node.kind in ("==", "!=") for node in walk(claim.statement)):
        # an order may follow from what floors lie between, whatever the residues
        with suppress(LimitError):
            found = _by_cases(
                claim, given, replace(case, effort=Effort(_FEW), residues=False), _FEW
            )
            if found is not None:
                return found
    return _by_cases(claim, given, case, _MOST_EFFORT)


def _by_cases(claim: Claim, given: Equations, case: Case, most: int) -> list[Proved] | None:
    """The cases that prove a claim, from one on; most: the effort they may take."""
    found: list[Proved] = []
    cases = [case]
    size, effort = _size(claim), 0
    while effort < most:
        if not cases:
            return found
        case = cases.pop()
        effort += size * (1 + len(case.ordered))
        try:
            proved = _decide(claim, given, case)
        except ZeroDivisionError:  # where a divisor is 0 nothing is asked
            continue
        except CaseSplit as question:
            cases += reversed([*case.split(question)])
            continue
        if proved is None:
            return None
        found += [proved] if proved.sides else []
    raise LimitError(
        "the claim falls into too many cases",
        right="smaller divisors, or numbers for some of the letters",
    )


def _size(claim: Claim) -> int:
    """How many operations and numbers a claim and its condition are written with."""
    return sum(1 for node in (claim.statement, claim.where) if node is not None for _ in walk(node))


def _decide(claim: Claim, given: Equations, case: Case) -> Proved | None:
    """A case that is proved, without sides where it is not asked; None if it is neither."""
    letters = {name: Quotient(case, size) for name, size in case.letters.items()}

    def number(value: int) -> Quotient:
        return Quotient(case, Polynomial.of(value))

    for name, node in given.letters.items():
        letters[name] = evaluate(node, letters, OPERATORS, number)
    sizes = [evaluate(node, letters, OPERATORS, number) for node in given.quotients]
    whole = [size.whole() for size in (*sizes, *(letters[name] for name in given.letters))]
    if False in whole:
        return Proved(case, ())
    try:
        said = meaning(claim, letters, OPERATORS, number, stops=True)
    except Unasked:
        return Proved(case, ())
    if said.true is True:
        sides = dict.fromkeys((str(left), str(right)) for left, right in said.sides)
        return Proved(case, tuple(sides))
    facts = [fact for part in said.asked if isinstance(part, Undecided) for fact in part.facts]
    if case.facts or not facts:
        return None
    # once more, with what is known wherever the claim is asked, unless that contradicts itself
    case = case.knowing(facts)
    return Proved(case, ()) if case.known(Polynomial.of(-1)) else _decide(claim, given, case)


def counterexample(claim: Claim, most: int = _MOST_TRIED) -> dict[str, int] | None:
    """Return numbers that refute a claim, with a small n, or None within reach.

    most: how many operations the combinations that are tried may take in all.

    >>> from solver.proof.claim import read_claim
    >>> counterexample(read_claim("conv(n, k, s=2, p=(k-1)/2) == floor(n/2)"))
    {'n': 1, 'k': 1}
    """
    given = _given(claim)
    free = [name for name in claim.letters if name not in given.letters]
    most //= sum(1 for _ in walk(claim.statement))

    def wrong(offsets: tuple[int, ...]) -> dict[str, int] | None:
        found = {name: least(name) + o for name, o in zip(free, offsets, strict=True)}
        with suppress(LimitError):  # a power too large
            if _complete(found, given.letters) and numbers.at(claim, found) is False:
                return {name: found[name] for name in claim.letters}
        return None

    before, reach = 0, 2
    while reach ** len(free) <= most:
        for offsets in product(range(reach), repeat=len(free)):
            if max(offsets, default=0) >= before and (found := wrong(offsets)):
                return next(filter(None, map(wrong, _with_smaller(offsets, most))), found)
        if not free:
            break
        before, reach = reach, reach + 1 + reach // 3
    return None


def _with_smaller(offsets: tuple[int, ...], most: int) -> Iterator[tuple[int, ...]]:
    """Yield offsets with a smaller first one, and larger others."""
    if not offsets or not offsets[0]:
        return iter(())
    others = len(offsets) - 1
    reach = int((most / offsets[0]) ** (1 / others)) if others else 0
    return product(range(offsets[0]), *[range(reach)] * others)


def _complete(found: dict[str, int], given: Mapping[str, Expression]) -> bool:
    """Add the letters that the condition gives; tell whether they are whole."""
    letters = {name: Fraction(value) for name, value in found.items()}
    for name, node in given.items():
        try:
            value = Fraction(exact(node, letters))
        except ZeroDivisionError:
            return False
        found[name] = int(value)
        if value.denominator > 1:
            return False
    return True


def _given(claim: Claim) -> Equations:
    """Read the equations of a condition."""
    given = Equations({}, [])
    pending = [] if claim.where is None else [claim.where]
    while pending:
        node = pending.pop()
        if node.kind == "and":
            pending += node.nodes
        if node.kind != "==":
            continue
        left, right = node.nodes
        if left.kind == "%" and right == of(0):
            given.quotients.append(Expression("/", left.nodes, left.at))
        for name, size in _solved(left, right):
            if _new(name, size, given.letters):
                given.letters[name] = size
                break
    return given


def _solved(left: Expression, right: Expression) -> Iterator[tuple[str, Expression]]:
    """Yield the letters that an equation gives, each with its size: p in p == (k - 1)/2."""
    for one, other in ((left, right), (right, left)):
        if one.kind == "name":
            yield one.parts[0], other
    kinds = {part.kind for side in (left, right) for part in walk(side)}
    if kinds <= {"+", "-", "*", "number", "name"}:
        letters = {name: Polynomial.of(name) for name in names(left) | names(right)}
        rest = evaluate(left, letters, ARITHMETIC, Polynomial.of)
        rest -= evaluate(right, letters, ARITHMETIC, Polynomial.of)
        for name in sorted(letters, key=lambda x: (abs(rest.terms.get((x,), 0)) != 1, x == "n", x)):
            c = rest.terms.get((name,), Fraction(0))
            size = Polynomial.of(name) - (rest * Polynomial.of(1 / c) if c else rest)
            if c and name not in size.letters:
                yield name, size.expression


def _new(name: str, node: Expression, given: Mapping[str, Expression]) -> bool:
    """Tell whether a letter may be given by a size: neither stands in the other's way."""
    used = names(node)
    taken = {name for other in given.values() for name in names(other)}
    plain = "layer" not in (part.kind for part in walk(node))
    return plain and name not in {*given, *taken, *used} and not used & set(given)
