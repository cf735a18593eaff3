"""What a question in letters asks of a layer: its stride, and bounds of its net padding.

A layer acts on the size by its stride S and its net padding Z alone, with P for both paddings,

    Z = P - d*(k - 1) - a        convolution: floor((x - 1 + Z)/S) + 1       (a = 0)
                                 transposed:  (x - 1)*S + 1 - Z

so the sizes before and after it, each one staircase in n, fix both, whatever letters stand in them:

    convolution   a*n + b to floor((u*n + c)/v)   S = a*v/u, Z = a*(floor(c/u) - v/u) - b + 1, or up
                                                  to a - 1 more, where u divides v
                  a*n + b to (u*n + c)/v          S = a*v/u, Z = a*c/u - b, or up to S - 1 less
    transposed    a*n + b to (u*n + c)/v          S = u/(a*v), Z = 1 + (b - 1)*S - c/v
                  (n + b)/w to u*n + c            S = u*w, Z = 1 - S - c + u*b
                  floor((n + b)/w) to n + c       the same with the output padding (n + b) % w of
                                                  each call, or Z and that up to max(S, d) - S more
    one size      x to y, any S                   Z from (y - 1)*S + 1 - x to y*S - x, or, of a
                                                  transposed one, Z = (x - 1)*S + 1 - y
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.sizes.expression import Expression, call, ceil, floor, named, of, substitute
from solver.sizes.letters import decided
from solver.sizes.normal import normal_condition
from solver.sizes.polynomial import Polynomial
from solver.sizes.readable import readable
from solver.sizes.readable_conditions import is_0, is_multiple
from solver.sizes.staircase import RULE, LetteredSize, read_staircase

N = named("n")
ONE = Polynomial.of(1)


class Target(NamedTuple):
    """Hold the stride and the bounds of the net padding.

    stride: None where any does. where: what letters must meet, False where none do. whole: which n
    are asked. extra: the output padding of each call, where it depends on n; the net padding then
    is that without it. first: the smallest n; None where no n is asked.
    """

    stride: Expression | None
    low: Expression
    high: Expression
    where: tuple[Expression | bool, ...] = ()
    whole: Expression | None = None
    extra: Expression | None = None
    first: Expression | None = None

    @property
    def exact(self) -> bool:
        """Whether one net padding does it."""
        return self.low == self.high


def read_target(
    input: Expression,
    output: Expression,
    transposed: bool,
    stride: Expression | None = None,
    fixed: bool = False,
) -> Target:
    """The target of a layer that takes one size in letters to another.

    stride: that of the layer, where sizes without n leave it open. fixed: whether the output
    padding is the same for every n. Raises LimitError where the sizes are none of the forms above.

    >>> from solver.sizes.letters import NAMES
    >>> from solver.sizes.grammar import parse
    >>> n, down, half, up = (parse(x, NAMES) for x in ("n", "ceil(n/s)", "n/(2s)", "s*n + c"))
    >>> found = read_target(n, down, transposed=False)
    >>> str(found.stride), str(found.low), found.exact
    ('s', '0', True)
    >>> found = read_target(n, half, transposed=False)
    >>> str(found.low), str(found.high), str(found.whole), str(found.first)
    ('1 - 2*s', '0', 'n % (2*s) == 0', '2*s')
    >>> print(read_target(down, n, transposed=True).extra)
    (n - 1) % s
    >>> print(*read_target(n, up, transposed=False).where)
    s == 1 c % s == 0
    """
    before, after = read_staircase(input), read_staircase(output)
    if not before.slope.terms and not after.slope.terms:
        return _one_size(input, output, transposed, stride or named("s"))
    if not before.slope.terms or not after.slope.terms:
        rule = "either both sizes have n, or none"
        raise LimitError(rule, f"{input} to {output}", "n + c, s*n, ceil(n/s)")
    if transposed:
        found = _transposed(before, after, fixed)
    else:
        found = _convolution(before, after)
    where = (*found.where, *before.where, *after.where)
    return found._replace(where=tuple(each for each in where if each is not True))


def put(target: Target, known: Mapping[str, int]) -> Target:
    """A target with numbers for some of its letters."""
    if not known:
        return target
    sizes = (target.stride, target.low, target.high, target.extra, target.first)
    stride, low, high, extra, first = (
        None if size is None else readable(substitute(size, known)) for size in sizes
    )
    assert low is not None
    assert high is not None
    whole = None if target.whole is None else normal_condition(target.whole, known)
    whole = None if isinstance(whole, bool) else whole
    return Target(stride, low, high, target.where, whole, extra, first)


def _convolution(before: LetteredSize, after: LetteredSize) -> Target:
    a, b = before.slope.expression, before.rest.expression
    u, v, c = after.slope.expression, after.divisor.expression, after.rest.expression
    if before.divisor != ONE:
        raise LimitError(RULE, str(before), "s*n + c before a convolution")
    stride = readable(a * v / u)
    if after.rounded:
        step = readable(v / u)
        low = readable(a * (floor(c / u) - step) - b + 1)
        high = readable(low + a - 1)
        where = _divides(after.slope, after.divisor)
    else:
        if ONE not in (after.slope, before.slope, after.divisor):
            raise LimitError(RULE, str(after), "numbers for some of the letters")
        high = readable(a * c / u - b)
        low = readable(high - stride + 1)
        where = _divides(after.slope, before.slope * after.divisor)
        where = (*where, *_divides(after.slope, before.slope * after.rest))
    return Target(stride, low, high, where, after.whole, first=_first(before, after))


def _transposed(before: LetteredSize, after: LetteredSize, fixed: bool) -> Target:
    a, b, w = (part.expression for part in (before.slope, before.rest, before.divisor))
    u, c, v = (part.expression for part in (after.slope, after.rest, after.divisor))
    if ONE not in (before.slope, before.divisor):
        raise LimitError(RULE, f"{before} to {after}", "n + c before a floor or a division")
    if before.divisor != ONE and after.divisor != ONE:
        raise LimitError(RULE, f"{before} to {after}", "n on one side")
    stride = readable(u * w / (a * v))
    where = _divides(before.slope * after.divisor, after.slope * before.divisor)
    whole = before.whole if before.whole is not None else after.whole
    if before.divisor == ONE:
        # a whole stride makes v divide u, so only c/v may be rounded
        rest = floor(c / v) if after.rounded else c / v
        low = readable(1 + (b - 1) * stride - rest)
        if not after.rounded:
            where = (*where, *_divides(after.divisor, after.rest))
        return Target(stride, low, low, where, whole, first=_first(before, after))
    low = readable(1 - stride - c + u * b)
    if not before.rounded or fixed:
        if before.rounded:  # one output padding does it only where nothing is rounded
            where = (*where, *_divides(before.divisor, ONE))
        return Target(stride, low, low, where, whole, first=_first(before, after))
    if after.slope != ONE:
        raise LimitError(RULE, f"{before} to {after}", "n + c after a floor")
    extra = readable((N + b) % w)
    return Target(stride, low, low, where, None, extra, _first(before, after))


def _one_size(
    input: Expression, output: Expression, transposed: bool, stride: Expression
) -> Target:
    if transposed:
        low = readable((input - 1) * stride + 1 - output)
        return Target(None, low, low)
    low = readable((output - 1) * stride + 1 - input)
    return Target(None, low, readable(low + stride - 1))


def _divides(divisor: Polynomial, size: Polynomial) -> tuple[Expression | bool, ...]:
    """The condition that a divisor divides a size."""
    if divisor == ONE:
        return ()
    if not size.terms:
        return ()
    if size == ONE:
        return (is_0(divisor - 1),)
    return (is_multiple(size, divisor),)


def _first(before: LetteredSize, after: LetteredSize) -> Expression:
    """The smallest n of at least 1 that is asked, at which both sizes are at least 1."""
    found = [of(1)]
    for size in (before, after):
        u, c, v = (part.expression for part in (size.slope, size.rest, size.divisor))
        if size.whole is not None and size.slope == ONE:
            # of the n at which it is whole
            found.append(readable(v - c))
            if size.rest.terms and not decided(v - c >= 1):
                found.append(readable((v - c - 1) % v + 1))
        else:
            found.append(readable(ceil((v - c) / u)))
    return largest(found)


def largest(sizes: Sequence[Expression]) -> Expression:
    """The largest of sizes, without those that another always reaches."""
    kept: list[Expression] = []
    for size in sizes:
        if any(decided(other >= size) for other in kept):
            continue
        kept = [other for other in kept if not decided(size >= other)] + [size]
    return kept[0] if len(kept) == 1 else call("max", *kept)
