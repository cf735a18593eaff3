"""The way down and up through L levels, in closed form.

A level i = 0 .. L - 1 has the same layers on the way down and, but for the lowest, on the way up.
Where nothing is dropped on the way down every layer is a line in n, and so is all of it:

    out = n + net        wherever (n - 1 + down) % S = 0 and n >= 1 - net

S is the stride of all that goes down, `down` the net padding of that, and `net` that of the whole
way through the lowest level.
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.layers.closed import Composite
from solver.layers.repetition import Repetition, composite, placed
from solver.sizes.cases import Case, Quotient
from solver.sizes.expression import Expression, added, named, of, product
from solver.sizes.factored import lowest as in_lowest_terms
from solver.sizes.factored import terms_of
from solver.sizes.letters import value
from solver.sizes.polynomial import Polynomial, Power
from solver.sizes.quotients import divide
from solver.sizes.summation import summed


class Ways(NamedTuple):
    """The way through the lowest level.

    net: its net padding. down: all that is before the lowest level. short: net paddings of parts
    of which something must come out besides. gains: whether what comes up is larger by what is
    dropped on the way down. reach: what an element of the lowest level reads, less 1. spread: an
    output reads from floor(y/S) to floor((y + spread)/S) there; None where some read nothing.
    """

    net: Quotient
    down: Composite
    short: tuple[Quotient, ...]
    gains: bool
    reach: Quotient
    spread: Quotient | None


def ways(whole: Repetition, case: Case) -> Ways:
    """The way through the lowest of `whole.count` levels.

    whole: the layers of a level, then what goes down and up. Raises LimitError where there is no
    closed form of it.
    """
    *block, goes_down, goes_up = whole.block
    index, steps, one = whole.index, whole.count - 1, value(of(1), case)
    layers = [composite([layer], case) for layer in block]
    level = composite(block, case)
    deeper = composite(placed(block, {index: named(index) + 1}), case)
    down, up = composite([goes_down], case), composite([goes_up], case)
    stride, known = down.jump, case.known
    for jump, what in (
        (level.jump, "the layers of a level do not stride"),
        (up.jump * stride, "what goes up has the stride of what goes down"),
    ):
        if (jump - one).upper.terms:
            raise LimitError(what, f"a jump of {jump}")
    if not all(known((each.net * -1).upper) for each in (*layers, down)):
        rule = "in closed form no layer of a level, and none that goes down, adds elements"
        raise LimitError(rule, repr(whole), "smaller paddings, or numbers for some letters")
    # what comes back up to a level, more than there was
    gain = down.net + up.net * stride
    gains = not level.net.upper.terms and known(gain.upper)
    gains = gains and known((stride - 1 - gain).upper)
    if not gains and not known(((gain + deeper.net * stride) * -1).upper):
        rule = "what comes up is not larger than what it is concatenated with"
        raise LimitError(rule, repr(whole), "other layers, or numbers for some letters")
    way = level.then(down).repeated(index, steps)
    lowest = way.then(composite(placed(block, {index: steps}), case))
    back = summed((up.net + level.net / stride) * stride, index, value(steps, case), stride)
    # of no element a transposed layer may make some
    makes = not known(((up.net - 1) / up.jump + 1).upper * Polynomial.of(-1))
    k, s, _, _, d, _ = (value(of(size), case) for size in goes_up.numbers())
    spread = None
    if d.upper == one.upper and known((k - s).upper):
        spread = summed(level.reach + k - s, index, value(steps, case), stride)
    return Ways(lowest.net + back, way, (lowest.net,) * makes, gains, lowest.reach, spread)


def divided(rest: Quotient, jump: Quotient, counts: Collection[str]) -> Expression:
    """What a jump divides where it divides n and a size: without multiples of the jump."""
    n, (upper, lower) = named("n"), in_lowest_terms(rest.upper, rest.lower)
    if jump.lower == Polynomial.of(1) and (lower.number or _prime(lower, jump.upper)):
        _, left = divide(
            upper * Polynomial.of(1 / (lower.number or Fraction(1))), jump.upper, rest.case.known
        )
        rest = Quotient(rest.case, left)
        n = n if lower.number else product([lower.expression, n])
    return added([(False, n), *terms_of(rest, counts)])


def _prime(size: Polynomial, jump: Polynomial) -> bool:
    """Whether a jump, s**i, has no factor in common with a size, s - 1."""
    (monomial, *more) = jump.terms
    bases = [atom.base if isinstance(atom, Power) else None for atom in monomial]
    return not more and all(base == size + 1 for base in bases)
