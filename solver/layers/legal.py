"""Where layers in letters are layers: the conditions on letters, as few and short as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from solver.errors import LimitError
from solver.sizes.expression import Expression, call, of
from solver.sizes.letters import decided, is_whole, value
from solver.sizes.operations import OperationSpec
from solver.sizes.polynomial import Polynomial
from solver.sizes.questions import CaseSplit
from solver.sizes.truth import merged


def legal(
    operation: OperationSpec, k: Expression, s: Expression, p: Expression, d: Expression, a: Any
) -> Iterator[Expression]:
    """The conditions on letters under which hyperparameters are those of a layer.

    >>> from solver.sizes.expression import letters
    >>> from solver.sizes.operations import operation
    >>> k, s = letters("ks")
    >>> [str(each) for each in legal(operation("maxpool"), k, s, (k - 1) / 2, of(1), of(0))][2:4]
    ['k % 2 == 1', '(k - 1)/2 >= 0']
    """
    for size, smallest in ((k, 1), (s, 1), (p, 0), (a, 0), (d, 1)):
        yield from whole(size)
        yield size >= smallest
    if operation.transposed:
        yield a < (s if decided(s >= d) else call("max", s, d))
    if operation.pooling:
        yield 2 * p <= k


def whole(size: Expression) -> Iterator[Expression]:
    """The condition that a size is whole, where it is not always."""
    if not is_whole(size):
        try:
            found = value(size)
        except (CaseSplit, ZeroDivisionError):
            rule = "it is not known where this is whole"
            raise LimitError(rule, str(size), "numbers for the letters") from None
        scale = Polynomial.of(found.upper.denominator)
        upper, lower = (found.upper * scale, found.lower * scale)
        rest, whole = int(upper.terms.get((), 0)), lower.number
        if whole is None:
            yield (upper.expression % lower.expression).equals(0)
        else:  # k % 2 == 1 rather than (k - 1) % 2 == 0
            yield ((upper - rest).expression % int(whole)).equals(-rest % int(whole))


def conditions(layer: Any) -> Iterator[Expression]:
    """What must hold of the letters of a layer, besides that they are as large as letters are."""
    for axis in range(layer.axes or 1):
        k, s, begin, end, d, a = map(of, layer.numbers(axis))
        if layer.padding == "same":
            yield s.equals(1)
        own = layer.operation._replace(pooling=layer.operation.pooling and begin == end)
        for padding in dict.fromkeys((begin, end)):
            yield from legal(own, k, s, padding, d, a)
    channels = layer.channels
    for count in (channels.groups, channels.before, channels.after):
        if isinstance(count, Expression):
            yield from whole(count)
            yield count >= 1
    counts = [of(count) for count in (channels.before, channels.after) if count is not None]
    for count in counts if channels.groups != 1 else ():
        others = (other for other in counts if other != count)
        if not any(decided((count % other).equals(0)) for other in others):
            yield (count % channels.groups).equals(0)


def settled(conditions: Iterable[Expression]) -> list[Expression] | None:
    """The conditions that say something, those on one letter together; None where they never hold.

    >>> from solver.sizes.expression import named
    >>> s, t = named("s"), named("t")
    >>> [str(each) for each in settled([s % 2 < s, t >= s, s >= 1])]
    ['s >= 2', 't >= s']
    """
    truths = {condition: decided(condition) for condition in conditions}
    if False in truths.values():
        return None
    return merged(condition for condition, truth in truths.items() if truth is None)
