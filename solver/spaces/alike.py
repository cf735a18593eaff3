"""Which layers are one: the same numbers on every axis and the same channels, however written."""

from __future__ import annotations

from typing import Any

from solver.errors import SolverError
from solver.layers.own_layer import OwnLayer


def plainly(layer: Any, channels: int | None = None) -> Any:
    """A layer with numbers in the place of words, one for all axes where they agree, and channels.

    channels: that go in, None where nobody names them.

    >>> from solver import Conv
    >>> plainly(Conv((3, 3), padding="same"), 8)
    Conv(3, padding=1, in_channels=8, out_channels=8)
    >>> plainly(Conv((3, 5), padding="causal"))
    Conv((3, 5), padding=((2, 0), (4, 0)))
    """
    if branches := getattr(layer, "branches", None):
        inner = [[plainly(each) for each in branch] for branch in branches]
        return type(layer)(layer.join, inner, layer.crop)
    if not isinstance(layer, OwnLayer) or layer.letters:
        return layer
    changes: dict[str, Any] = {}
    for name in layer.operation.hyperparameters:
        value = getattr(layer, name)
        if not isinstance(value, int):
            axes = range(layer.axes or 1)
            each = [layer.ends(i) if name == "padding" else value[i % len(value)] for i in axes]
            changes[name] = _shortest(each[:1] if len(set(each)) == 1 else each)
    if channels and not layer.operation.pooling and layer.channels.before is None:
        try:
            wide = layer.channels_after(channels)
        except SolverError:  # it stands nowhere here
            return layer
        changes |= {"in_channels": channels, "out_channels": wide}
    return layer.changed(**changes) if changes else layer


def _shortest(values: list[Any]) -> Any:
    """The same as it is written shortest: 1 for 1:1, and one for all axes where it is alone."""
    found = tuple(v[0] if isinstance(v, tuple) and v[0] == v[1] else v for v in values)
    alone = len(found) == 1 and not isinstance(found[0], tuple)
    return found[0] if alone else found
