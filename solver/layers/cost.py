"""What one layer costs: parameters and multiply-accumulates.

A convolution has one kernel for each output channel and each input channel of its group, and uses
each weight once per position of its window: an output position, or, transposed, an input position.
"""

from __future__ import annotations

from math import prod
from typing import Any

from solver.errors import SolverError
from solver.ground.shown import Shown
from solver.layers.channels import Channels
from solver.layers.row import USUAL_AXES, Row
from solver.sizes.expression import Expression, of


def weights(layer: Any, channels: Any, axes: int) -> Any:
    """The weights of a layer, without its bias, for an input with so many channels.

    Of a layer in letters, or of channels in letters, a tree.

    >>> from solver import Conv, MaxPool
    >>> weights(Conv(7, out_channels=64), 3, axes=2), weights(MaxPool(2), 64, axes=2)
    (9408, 0)
    """
    return _weights(layer, layer.channels, channels, axes)[0]


def parameters(layer: Any, channels: Any, axes: int) -> Any:
    """The weights and biases of a layer.

    >>> from solver import Conv
    >>> parameters(Conv(3, out_channels=8), 4, axes=2), parameters(Conv(3, bias=False), 1, axes=1)
    (296, 3)
    """
    given = layer.channels
    found, after = _weights(layer, given, channels, axes)
    return found + after if given.bias else found


def _weights(layer: Any, given: Channels, channels: Any, axes: int) -> tuple[Any, Any]:
    """The weights of a layer, and how many channels come out that have any."""
    kind = layer.row.kind
    if kind.weights is None:
        return 0, 0
    kernel = prod(rule.window.kernel_size for rule in layer.along(axes) if rule.window)
    after = given.past(kind, channels)
    lettered = isinstance(channels, Expression) or isinstance(given.groups, Expression)
    group = of(channels) / given.groups if lettered else channels // given.groups
    return kind.weights(kernel, group, after, given.multiplier), after


def macs(layer: Any, channels: Any, before: Any, after: Any) -> Any:
    """The multiply-accumulates of a layer, biases not counted.

    before, after: the sizes along each axis, in any arithmetic.

    >>> from solver import Conv, ConvTranspose
    >>> macs(Conv(3), 1, (10,), (8,)), macs(ConvTranspose(2, 2), 1, (4,), (8,))
    (24, 8)
    """
    windows = before if layer.row.kind.transposed else after
    return weights(layer, channels, len(after)) * prod(windows)


class Costed(Shown):
    """What a layer costs by itself: for its own channels in, or one, and in its axes, or two."""

    __slots__ = ()

    row: Row
    axes: int | None
    letters: tuple[str, ...]

    @property
    def channels(self) -> Channels:
        """The channels as they are given among the arguments."""
        raise NotImplementedError

    @property
    def parameters(self) -> Any:
        """The weights and biases.

        >>> from solver import Conv
        >>> Conv(3, in_channels=4, out_channels=8).parameters
        296
        >>> Conv("k", in_channels="c", out_channels="2c").parameters
        2*c**2*k**2 + 2*c
        """
        return self._said(parameters(self, self._wide, self.axes or USUAL_AXES))

    def macs(self, n: Any) -> Any:
        """The multiply-accumulates, biases not counted, for one size or one for each axis.

        >>> from solver import Conv, n
        >>> Conv(3, padding=1).macs((10, 20)), Conv("k").macs(n)
        (1800, k**2*(-k + n + 1)**2)
        """
        axes = self.axes or USUAL_AXES
        given = tuple(n) if isinstance(n, (tuple, list)) else (n,) * axes
        if len(given) != axes:
            received = f"{len(given)} sizes for {axes} axes"
            raise SolverError("the input must have one size per axis of the layer", received)
        if self.letters:
            from solver.layers.lettered import input_size

            sizes = tuple(map(input_size, given))
        else:
            sizes = given
        return self._said(macs(self, self._wide, sizes, self._sizes(sizes)), *given)

    def _sizes(self, sizes: tuple[Any, ...]) -> tuple[Any, ...]:
        """The sizes that come out of one for each axis."""
        raise NotImplementedError

    @property
    def _wide(self) -> Any:
        before = self.channels.before
        return 1 if before is None else before

    def _said(self, size: Any, *given: Any) -> Any:
        """A size of a layer in letters as SymPy."""
        if not isinstance(size, Expression):
            return size
        from solver.layers.lettered import given_back, known

        return given_back(size, known(self, sizes=given))
