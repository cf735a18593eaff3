"""The one condition on a layer, solved for each hyperparameter that is not given, in closed form.

With k, s, p, d, a in letters a layer meets a target where its stride is the target's and

    low <= 2*p - d*(k - 1) - a <= high

(`solver.inverse.letters.target`). For an exact target, low == high, write E = low + d*(k - 1):

    p and a     p = ceil(E/2), a = E % 2      where E >= 0: the smallest output padding
                p = 0, a = -E                 where E <= 0
    p           p = (E + a)/2                 where that is whole and not negative
    a           a = 2*p - E                   where that is not negative
    k           k = (2*p - a - low)/d + 1     where that is whole and at least 1

and where low < high the smallest padding, p = 0 or ceil(E/2), and the smallest kernel.
"""

from __future__ import annotations

from collections.abc import Iterator

from solver.ground.named import NamedTuple
from solver.inverse.letters.conditions import Condition, divides, either, even
from solver.sizes.expression import Expression, ceil, names, of, substitute, walk
from solver.sizes.letters import decided
from solver.sizes.readable import readable
from solver.sizes.readable_conditions import parity


class Equation(NamedTuple):
    """Hold what is asked of a layer of a stride: low <= 2*p - d*(k - 1) - a <= high.

    where: for which letters that is so.
    """

    stride: Expression
    low: Expression
    high: Expression
    where: tuple[Condition, ...] = ()

    @property
    def exact(self) -> bool:
        return self.low == self.high


class ClosedForm(NamedTuple):
    """Hold hyperparameters, and the conditions under which they solve the equation."""

    kernel_size: Expression
    padding: Expression
    output_padding: Expression
    dilation: Expression
    where: tuple[Condition, ...] = ()


def for_padding(
    asked: Equation,
    kernel: Expression,
    padding: Expression | None,
    extra: Expression | None,
    dilation: Expression,
) -> Iterator[ClosedForm]:
    """The rows of a known kernel. padding, extra: what is given; None for what is not.

    >>> from solver.sizes.expression import named
    >>> s, one = named("s"), of(1)
    >>> for row in for_padding(Equation(s, 1 - s, 1 - s), 2 * s, None, None, one):
    ...     print(row.padding, "|", row.output_padding, "|", *row.where)
    ceil(s/2) | s % 2 | s >= 0 s >= 2 or 1 >= 2
    0 | -s | s <= 0 -s < s
    """
    inside = dilation * (kernel - 1)
    low, high = (readable(bound + inside) for bound in (asked.low, asked.high))
    known = readable(kernel), dilation
    if padding is None and extra is None:
        wide = either(asked.stride >= 2, dilation >= 2)
        fits = _unless_odd(low, wide, asked.stride, dilation)
        yield ClosedForm(known[0], readable(ceil(low / 2)), parity(low), dilation, (low >= 0, fits))
        yield _row(known, of(0), -low, low <= 0, *legal_extra(-low, asked.stride, dilation))
    elif extra is None:
        assert padding is not None
        gap = readable(2 * padding - low)
        yield _row(known, padding, gap, gap >= 0, *legal_extra(gap, asked.stride, dilation))
    elif padding is not None:
        spare = readable(2 * padding - extra)
        room = legal_extra(extra, asked.stride, dilation)
        yield _row(known, padding, extra, *_between(low, spare, high), *room)
    elif asked.exact:
        double = readable(low + extra)
        room = legal_extra(extra, asked.stride, dilation)
        yield _row(known, double / 2, extra, even(double), double >= 0, *room)
    else:
        low, high = (readable(bound + extra) for bound in (low, high))
        yield _row(known, of(0), extra, low <= 0, high >= 0)
        fits = _unless_odd(low, readable(high - low) >= 1, asked.stride)
        yield _row(known, ceil(low / 2), extra, low >= 1, fits)


def for_kernel(
    asked: Equation, padding: Expression, extra: Expression, dilation: Expression
) -> Iterator[ClosedForm]:
    """The rows in which the kernel follows from all else.

    >>> from solver.sizes.expression import named
    >>> p, zero = named("p"), of(0)
    >>> [str(row.kernel_size) for row in for_kernel(Equation(of(1), zero, zero), p, zero, of(1))]
    ['2*p + 1']
    """
    most, least = (readable(2 * padding - extra - x) for x in (asked.low, asked.high))
    if asked.exact:
        whole = divides(dilation, most)
        kernel = readable(most / dilation + 1)
        room = legal_extra(extra, asked.stride, dilation)
        yield ClosedForm(kernel, padding, extra, dilation, (whole, most >= 0, *room))
        return
    steps = readable(ceil(least / dilation))
    if decided(least >= 0) is not True:
        yield ClosedForm(of(1), padding, extra, dilation, (least <= 0, most >= 0))
    fits = dilation * steps <= most
    yield ClosedForm(readable(steps + 1), padding, extra, dilation, (least >= 0, fits))


def for_parity(
    asked: Equation, kernel: Expression, extra: Expression, dilation: int
) -> Iterator[ClosedForm]:
    """The row of a kernel, or one more where only that makes the padding even.

    dilation: an odd one.

    >>> from solver.sizes.expression import named
    >>> s, zero = named("s"), of(0)
    >>> for row in for_parity(Equation(s, zero, zero), s, zero, 1):
    ...     print(row.kernel_size, "|", row.padding)
    2*floor(s/2) + 1 | floor(s/2)
    """
    low = readable(asked.low + extra + dilation * (kernel - 1))
    odd = parity(low)
    kernel, double = readable(kernel + odd), readable(low + dilation * odd)
    room = legal_extra(extra, asked.stride, of(dilation))
    yield _row((kernel, of(dilation)), double / 2, extra, double >= 0, *room)


def legal_extra(
    extra: Expression, stride: Expression, dilation: Expression
) -> tuple[Condition, ...]:
    """That an output padding is smaller than stride or dilation."""
    if decided(stride >= dilation):
        return (extra < stride,)
    if decided(dilation >= stride):
        return (extra < dilation,)
    return (either(extra < stride, extra < dilation),)


def _between(low: Expression, size: Expression, high: Expression) -> tuple[Condition, ...]:
    if low == high:
        return (size.equals(low),)
    return size >= low, size <= high


def _unless_odd(low: Expression, wide: Condition, *sizes: Expression) -> Condition:
    """That a bound is even where something is not wide: where each of some sizes is 1."""
    ones = {name: 1 for size in sizes for name in names(size)}
    if any(kind not in ("name", "number", "*") for kind in _kinds(*sizes)):
        ones = {}  # s*t is 1 where both are, s - 1 is not
    return either(wide, even(substitute(low, ones)))


def _kinds(*sizes: Expression) -> Iterator[str]:
    return (part.kind for size in sizes for part in walk(size))


def _row(
    known: tuple[Expression, Expression],
    padding: Expression,
    extra: Expression,
    *where: Condition,
) -> ClosedForm:
    kernel, dilation = known
    return ClosedForm(kernel, readable(padding), readable(extra), dilation, where)
