"""What one layer costs: parameters and multiply-accumulates.

A convolution has one kernel for each output channel and each input channel of its group, and uses
each weight once per position of its window: an output position, or, transposed, an input position.
"""

from __future__ import annotations

from math import prod
from typing import Any

from solver.layers.layer import Layer


def weights(layer: Layer, channels: int, axes: int) -> int:
    """The weights of a layer, without its bias, for an input with so many channels.

    >>> from solver import Conv, MaxPool
    >>> weights(Conv(7, out_channels=64), 3, axes=2), weights(MaxPool(2), 64, axes=2)
    (9408, 0)
    """
    kind, found = layer.row.kind, layer.channels
    if kind.weights is None:
        return 0
    kernel = prod(rule.window.kernel_size for rule in layer.along(axes) if rule.window)
    after = found.past(kind, channels)
    return kind.weights(kernel, channels, after, found.groups, found.multiplier)


def parameters(layer: Layer, channels: int, axes: int) -> int:
    """The weights and biases of a layer.

    >>> from solver import Conv
    >>> parameters(Conv(3, out_channels=8), 4, axes=2), parameters(Conv(3, bias=False), 1, axes=1)
    (296, 3)
    """
    found = weights(layer, channels, axes)
    return found + layer.channels.bias * layer.channels_after(channels, axes) if found else 0


def macs(layer: Layer, channels: int, before: Any, after: Any) -> Any:
    """The multiply-accumulates of a layer, biases not counted.

    before, after: the sizes along each axis, in any arithmetic.

    >>> from solver import Conv, ConvTranspose
    >>> macs(Conv(3), 1, (10,), (8,)), macs(ConvTranspose(2, 2), 1, (4,), (8,))
    (24, 8)
    """
    windows = before if layer.row.kind.transposed else after
    return weights(layer, channels, len(after)) * prod(windows)
