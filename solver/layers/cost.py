"""What one layer costs: parameters, multiply-accumulates, and the elements it puts out.

A convolution has one kernel for each output channel and each input channel of its group, and uses
each weight once per position of its window: an output position, or, transposed, an input position.
"""

from __future__ import annotations

from math import prod
from typing import Any

from solver.layers.layer import Layer


def weights(layer: Layer, channels: int, axes: int) -> int:
    """Return the weights of a layer, without its bias, for an input with so many channels.

    >>> from solver import Conv, MaxPool
    >>> weights(Conv(7, out_channels=64), 3, axes=2), weights(MaxPool(2), 64, axes=2)
    (9408, 0)
    """
    if layer.operation.pooling:
        return 0
    groups: int = layer.groups  # type: ignore[attr-defined]
    size = layer.kernel_size
    kernel = size**axes if isinstance(size, int) else prod(_each(size, axes))
    return kernel * (channels // groups) * layer.channels_after(channels)


def _each(sizes: tuple[int, ...], axes: int) -> tuple[int, ...]:
    return sizes if len(sizes) > 1 else sizes * axes


def parameters(layer: Layer, channels: int, axes: int) -> int:
    """Return the weights and biases of a layer.

    >>> from solver import Conv
    >>> parameters(Conv(3, out_channels=8), 4, axes=2), parameters(Conv(3, bias=False), 1, axes=1)
    (296, 3)
    """
    biased = getattr(layer, "bias", False)
    return weights(layer, channels, axes) + biased * layer.channels_after(channels)


def macs(layer: Layer, channels: int, before: Any, after: Any) -> Any:
    """Return the multiply-accumulates of a layer, biases not counted.

    before, after: the sizes along each axis, in any arithmetic.

    >>> from solver import Conv, ConvTranspose
    >>> macs(Conv(3), 1, (10,), (8,)), macs(ConvTranspose(2, 2), 1, (4,), (8,))
    (24, 8)
    """
    windows = before if layer.operation.transposed else after
    return weights(layer, channels, len(after)) * prod(windows)
