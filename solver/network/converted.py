"""Edits with which the layers of a conversion give a size that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.network.diagnosis.explain import Explanation, explain
from solver.network.tensor import Tensor, trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.conversion.conversion import Conversion
    from solver.network.diagnosis.wanted import Wanted


def edits(
    found: Conversion, output: Wanted, input: int | Sequence[int] | None = None
) -> Explanation:
    """Say which edits of the layers of a conversion give a wanted size, in elements.

    output: as it is written in n, or one for each axis. input: at which; without it for every n.
    The best layers of the conversion are edited. Raises SolverError where there are none.

    >>> from solver import convert, layer
    >>> up = layer("torch", "ConvTranspose1d", in_channels=8, out_channels=4, kernel_size=3,
    ...            stride=2, padding=1)
    >>> edits(convert(up, "keras", 1), 14, 7)[0].text
    'conv1dtranspose_1: kernel_size=4'
    """
    (best, *_) = found.best()

    def run(x: Tensor) -> Tensor:
        for layer in best.written.layers:
            x = layer(x)
        return x

    channels = found.source.channels.before or found.source.channels.groups
    return explain(trace(run, axes=found.spec.axes, channels=channels), input, output=output)
