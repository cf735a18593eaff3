"""The one condition on a layer, solved for each hyperparameter that is not given, in closed form.

With k, s, p, d, a in letters a layer meets a target where its stride is the target's and

    low <= 2*p - d*(k - 1) - a <= high

(`solver.inverse.letters.target`). For an exact target, low == high, write E = low + d*(k - 1):

    p and a     p = ceil(E/2), a = E % 2      where E >= -1: the smallest output padding
                p = 0, a = -E                 where E <= -2
    p           p = (E + a)/2                 where that is whole and not negative
    a           a = 2*p - E                   where that is not negative
    k           k = (2*p - a - low)/d + 1     where that is whole and at least 1

and where low < high, always of a convolution: the smallest padding, p = 0 or ceil(E/2), and the
smallest kernel.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from solver.inverse.letters.target import Target
from solver.sizes.expression import Expression, apply, ceil, of
from solver.sizes.letters import decided, value
from solver.sizes.normal import normal
from solver.sizes.polynomial import Polynomial


class ClosedForm(NamedTuple):
    """Hold hyperparameters, and the conditions under which they solve the equation."""

    kernel_size: Expression
    padding: Expression
    output_padding: Expression
    dilation: Expression
    where: tuple[Expression, ...] = ()


def for_padding(
    target: Target,
    kernel: Expression,
    padding: Expression | None,
    extra: Expression | None,
    dilation: Expression,
) -> Iterator[ClosedForm]:
    """The rows of a known kernel. padding, extra: what is given; None for what is not.

    >>> from solver.inverse.letters.target import read_target
    >>> from solver.sizes.expression import named
    >>> n, s = named("n"), named("s")
    >>> for row in for_padding(read_target(n, s * n, True), 2 * s, None, None, of(1)):
    ...     print(row.padding, "|", row.output_padding, "|", *row.where)
    ceil(s/2) | s % 2 | s >= -1
    0 | -s | s <= -2
    """
    inside = dilation * (kernel - 1)
    low, high = (normal(bound.expression + inside) for bound in (target.low, target.high))
    known = kernel, dilation
    if padding is None and extra is None:
        yield _row(known, normal(ceil(low / 2)), parity(low), low >= -1)
        yield _row(known, of(0), normal(-low), low <= -2)
    elif extra is None:
        assert padding is not None
        gap = normal(2 * padding - low)
        yield _row(known, padding, gap, gap >= 0)
    elif padding is not None:
        spare = normal(2 * padding - extra)
        even = parity(normal(spare - low)).equals(0), spare.equals(low)
        asked = even if target.exact else (spare >= low, spare <= high)
        yield _row(known, padding, extra, *asked)
    elif target.exact:
        double = normal(low + extra)
        yield _row(known, normal(double / 2), extra, parity(double).equals(0), double >= 0)
    else:
        yield _row(known, of(0), extra, low <= 0, high >= 0)
        fits = apply("or", target.stride.expression >= 2, parity(low).equals(0))
        yield _row(known, normal(ceil(low / 2)), extra, low >= 1, fits)


def for_kernel(
    target: Target, padding: Expression, extra: Expression, dilation: Expression
) -> Iterator[ClosedForm]:
    """The rows in which the kernel follows from all else.

    >>> from solver.inverse.letters.target import read_target
    >>> from solver.sizes.expression import named
    >>> n, p = named("n"), named("p")
    >>> [str(row.kernel_size) for row in for_kernel(read_target(n, n, False), p, of(0), of(1))]
    ['2*p + 1']
    """
    spare = 2 * padding - extra
    most = normal(spare - target.low.expression)
    if target.exact:
        whole = (most % dilation).equals(0)
        yield ClosedForm(normal(most / dilation + 1), padding, extra, dilation, (whole, most >= 0))
        return
    least = normal(spare - target.high.expression)
    steps = normal(ceil(least / dilation))
    if decided(least >= 0) is not True:
        yield ClosedForm(of(1), padding, extra, dilation, (least <= 0, most >= 0))
    fits = dilation * steps <= most
    yield ClosedForm(normal(steps + 1), padding, extra, dilation, (least >= 0, fits))


def _row(
    known: tuple[Expression, Expression],
    padding: Expression,
    extra: Expression,
    *where: Expression,
) -> ClosedForm:
    kernel, dilation = known
    return ClosedForm(normal(kernel), padding, extra, dilation, where)


def parity(size: Expression) -> Expression:
    """A size modulo 2, without the terms that are even."""
    found = value(size).upper
    if found.denominator == 1 and all(isinstance(atom, str) for atom in found.atoms):
        odd = Polynomial({m: Fraction(int(c) % 2) for m, c in found.terms.items()})
        if odd.number is not None:
            return of(int(odd.number))
        if len(odd.terms) == 1:
            return odd.expression % 2
    return normal(size % 2)
