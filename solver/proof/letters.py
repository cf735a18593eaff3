"""A claim with letters for hyperparameters, proved for all their values or refuted by some.

It falls into cases (`solver.proof.cases`). It is proved when each case is either not asked or true
by its normal form alone, and refuted by numbers at which it is asked and false. Neither happens
only where it holds because of inequalities between the letters, and that is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from solver.errors import LimitError
from solver.expression import Node, evaluate, walk
from solver.normal import names
from solver.polynomial import Polynomial, Residues
from solver.proof import numbers
from solver.proof.cases import OPERATORS, Case, Open, Question, Quotient
from solver.proof.claim import Claim, least, meaning
from solver.text import text

_MOST_CASES = 1_024


class Proved(NamedTuple):
    """Hold a case that is proved, and what the two sides of each comparison come to in it."""

    case: Case
    sides: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        when = [f"{name} = {size}" for name, size in self.case.letters.items() if str(size) != name]
        when += [f"{size} {'>=' if up else '<'} 0" for size, up in self.case.ordered.items()]
        both = [x if x == y else f"{x} and {y}" for x, y in self.sides]
        return f"{', '.join(when) or 'in any case'}: both sides are {'; '.join(both)}"


class Given(NamedTuple):
    """Hold what a condition says in equations.

    letters: those that others give, as p in p == k - 1. quotients: those it says are whole, as
    k/s in k % s == 0.
    """

    letters: dict[str, Node]
    quotients: list[Node]


def prove(claim: Claim) -> list[Proved] | None:
    """Return the cases that prove a claim, or None where their normal forms do not.

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
    found: list[Proved] = []
    cases = [Case({name: Polynomial.of(name) for name in free}, {n: least(n) for n in free}, {})]
    for _ in range(_MOST_CASES):
        if not cases:
            return found
        case = cases.pop()
        try:
            proved = _decide(claim, given, case)
        except (Question, Residues) as question:
            cases += reversed([*case.split(question)])
            continue
        if proved is None:
            return None
        found += [proved] if proved.sides else []
    raise LimitError(
        f"a claim with letters may fall into at most {_MOST_CASES:,} cases",
        right="smaller divisors, or numbers for some of the letters",
    )


def _decide(claim: Claim, given: Given, case: Case) -> Proved | None:
    """Return a case that is proved, without sides where it is not asked; None if it is neither."""
    letters = {name: Quotient(case, size) for name, size in case.letters.items()}

    def number(value: int) -> Quotient:
        return Quotient(case, Polynomial.of(value))

    whole = [evaluate(node, letters, OPERATORS, number).whole() for node in given.quotients]
    for name, node in given.letters.items():
        letters[name] = evaluate(node, letters, OPERATORS, number)
        whole.append(letters[name].whole())
    if False in whole:
        return Proved(case, ())
    said = meaning(claim, letters, OPERATORS, number)
    if False in said.asked:
        return Proved(case, ())
    if said.true is True:
        sides = dict.fromkeys((str(left), str(right)) for left, right in said.sides)
        return Proved(case, tuple(sides))
    facts = [fact for part in said.asked if isinstance(part, Open) for fact in part.facts]
    # once more, with what is known wherever the claim is asked
    return None if case.facts or not facts else _decide(claim, given, case.knowing(facts))


def counterexample(claim: Claim, most: int = 40_000) -> dict[str, int] | None:
    """Return numbers that refute a claim, the smallest n first, or None within reach.

    most: how many combinations are tried.

    >>> from solver.proof.claim import read_claim
    >>> counterexample(read_claim("conv(n, k, s=2, p=(k-1)/2) == floor(n/2)"))
    {'n': 1, 'k': 1}
    """
    given = _given(claim)
    free = [name for name in claim.letters if name not in given.letters]
    before, reach = 0, 2
    while reach ** len(free) <= most:
        for offsets in product(range(reach), repeat=len(free)):
            if max(offsets, default=0) < before:
                continue
            found = {name: least(name) + o for name, o in zip(free, offsets, strict=True)}
            if _complete(found, given.letters) and numbers.at(claim, found) is False:
                return {name: found[name] for name in claim.letters}
        if not free:
            break
        before, reach = reach, reach + 1 + reach // 3
    return None


def _complete(found: dict[str, int], given: Mapping[str, Node]) -> bool:
    """Add the letters that the condition gives; tell whether they are whole."""
    letters = {name: Fraction(value) for name, value in found.items()}
    for name, node in given.items():
        try:
            value = Fraction(evaluate(node, letters, numbers.OPERATORS, Fraction))
        except ZeroDivisionError:
            return False
        found[name] = int(value)
        if value.denominator > 1:
            return False
    return True


def _given(claim: Claim) -> Given:
    """Read the equations of a condition."""
    given = Given({}, [])
    pending = [claim.where] if claim.where else []
    while pending:
        node = pending.pop()
        if node.kind == "and":
            pending += node.nodes
        if node.kind != "==":
            continue
        left, right = node.nodes
        if left.kind == "%" and text(right) == "0":
            given.quotients.append(Node("/", left.nodes, left.at))
        for one, other in ((left, right), (right, left)):
            if one.kind == "name" and _new(one.parts[0], other, given.letters):
                given.letters[one.parts[0]] = other
                break
    return given


def _new(name: str, node: Node, given: Mapping[str, Node]) -> bool:
    """Tell whether a letter may be given by a size: neither stands in the other's way."""
    used = names(node)
    taken = {name for other in given.values() for name in names(other)}
    plain = "layer" not in (part.kind for part in walk(node))
    return plain and name not in {*given, *taken, *used} and not used & set(given)
