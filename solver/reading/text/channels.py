"""What operations say of channels that nobody has told yet."""

from __future__ import annotations

from solver.errors import SolverError
from solver.layers.layer import Layer
from solver.network.graph.operation import Apply, Operation, Pointwise

#: As many channels are tried where a layer takes only multiples of some number.
_MOST_CHANNELS = 4096


def fewest(layer: Layer, axes: int) -> int:
    """The fewest channels that a layer takes."""
    for channels in range(1, _MOST_CHANNELS):
        try:
            layer.channels_after(channels, axes)
        except SolverError:
            continue
        return channels
    return 1


def keeps_channels(operation: Operation) -> bool:
    """Tell whether what comes out has as many channels as the one tensor that goes in."""
    if isinstance(operation, Apply):
        return operation.layer.row.kind.samples
    return isinstance(operation, Pointwise)
