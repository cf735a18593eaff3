"""Layers in letters: what they do along an axis for all values of the letters, and where legal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solver.ground.record import Record
from solver.layers.window import Window
from solver.sizes.expression import Expression, call, of
from solver.sizes.letters import decided, is_whole, value
from solver.sizes.normal import normal
from solver.sizes.operations import OperationSpec
from solver.sizes.polynomial import Polynomial


class LetteredRule(Record):
    """What a layer in letters does along one axis; sizes and hyperparameters are trees.

    window: what is read. counted: the window that counts the outputs; it is another in ceil mode.

    >>> from solver.sizes.expression import letters
    >>> n, k, s = letters("nks")
    >>> window = Window(k, s, 1, 1)
    >>> rule = LetteredRule(window, window)
    >>> print(rule.after(n), "|", rule.minimum)
    floor((n - k + 2)/s) + 1 | max(1, k - 2)
    """

    window: Window
    counted: Window

    def after(self, n: Any) -> Expression:
        """The size that comes out of a size, in normal form."""
        return normal(of(self.counted.size(of(n))))

    @property
    def minimum(self) -> Expression:
        """The smallest n >= 1 that is accepted; every larger one is too."""
        net, m = self.counted.net_padding, self.counted.input_dilation
        # Fewer elements are m apart: (n - 1)*m + net >= 0.
        short = of(0) - net
        first = normal(1 + (short if m == 1 else call("ceil", short / m)))
        if decided(first <= 1):
            return of(1)
        return first if decided(first >= 1) else call("max", 1, first)


def legal(
    operation: OperationSpec, k: Expression, s: Expression, p: Expression, d: Expression, a: Any
) -> Iterator[Expression]:
    """The conditions on letters under which hyperparameters are those of a layer.

    >>> from solver.sizes.expression import letters
    >>> from solver.sizes.operations import operation
    >>> k, s = letters("ks")
    >>> [str(each) for each in legal(operation("maxpool"), k, s, (k - 1) / 2, of(1), of(0))][2:4]
    ['(k - 1) % 2 == 0', '(k - 1)/2 >= 0']
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
        found = value(size)
        scale = Polynomial.of(found.upper.denominator)
        upper, lower = (found.upper * scale, found.lower * scale)
        yield (upper.expression % lower.expression).equals(0)
