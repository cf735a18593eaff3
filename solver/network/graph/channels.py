"""The channels of a layer, and what it costs, for our layers and a framework's alike."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from solver.errors import SolverError
from solver.frameworks import act as acts
from solver.frameworks.framework_layer import FrameworkLayer
from solver.layers import cost
from solver.layers.kind import DEPTHWISE, UNSHUFFLE
from solver.layers.layer import Layer
from solver.network.graph.dim import Dim


def channels_after(layer: Layer | FrameworkLayer, channels: int, axes: int) -> int:
    """Return the channels that come out. Raises SolverError where others are wanted.

    >>> from solver.frameworks import layer
    >>> conv = layer("torch", "Conv2d", in_channels=3, out_channels=64, kernel_size=7)
    >>> channels_after(conv, 3, 2)
    64
    >>> channels_after(conv, 4, 2)
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: the input must have the layer's in_channels
      received: 4 channels
      right:    3
    """
    if isinstance(layer, Layer):
        return layer.channels_after(channels)
    kind = layer.row.kind
    if kind.keeps:
        factor = prod(next(iter(layer.values(axes).values())))
        if kind == UNSHUFFLE:
            return channels * factor
        if channels % factor:
            rule = f"the channels must be divisible by {factor}"
            raise SolverError(rule, f"{channels} channels")
        return channels // factor
    found = acts.channels(layer)
    if found.before not in (None, channels):
        rule = "the input must have the layer's in_channels"
        raise SolverError(rule, f"{channels} channels", f"{found.before}")
    if kind == DEPTHWISE:
        return channels * _multiplier(layer)
    if channels % found.groups:
        rule = "groups must divide the channels"
        raise SolverError(rule, f"{channels} channels, {found.groups} groups")
    return channels if found.after is None else found.after


def _multiplier(layer: FrameworkLayer) -> int:
    return int(layer.arguments.get("depth_multiplier") or 1)


class Cost(NamedTuple):
    """Hold parameters, and the multiply-accumulates as dimensions to be added."""

    parameters: int = 0
    macs: tuple[Dim, ...] = ()


def layer_cost(
    layer: Layer | FrameworkLayer, channels: int, before: Sequence[Dim], after: Sequence[Dim]
) -> Cost:
    """Return what a layer costs. before, after: the sizes along its axes.

    >>> from solver.frameworks import layer
    >>> conv = layer("torch", "Conv2d", in_channels=3, out_channels=64, kernel_size=7)
    >>> found = layer_cost(conv, 3, [Dim(14)] * 2, [Dim(8)] * 2)
    >>> found.parameters, found.macs[0].number
    (9472, 602112)
    """
    axes = len(after)
    if isinstance(layer, Layer):
        if layer.operation.pooling:
            return Cost()
        weights = cost.weights(layer, channels, axes)
        windows = before if layer.operation.transposed else after
        return Cost(cost.parameters(layer, channels, axes), (_times(weights, windows),))
    kind = layer.row.kind
    if kind.weights is None:
        return Cost()
    found = acts.channels(layer)
    out = channels_after(layer, channels, axes)
    kernel = prod(window.window.kernel_size for window in layer.along(axes) if window.window)
    weights = kind.weights(kernel, channels, out, found.groups, _multiplier(layer))
    windows = before if kind.transposed else after
    return Cost(weights + found.bias * out, (_times(weights, windows),))


def _times(weights: int, sizes: Sequence[Dim]) -> Dim:
    return prod(sizes, start=Dim(weights))
