"""An encoder at one input: its sizes, the mirror that gives the input back, and how many there are.

An output_padding of the i-th layer of a mirror makes its output longer by as much times the strides
behind it. So those that give n back are the ways to write what is missing in these products, which
are counted; where none reaches its stride there is one way, the digits of what is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from solver.errors import SolverError
from solver.frameworks.spec import of_layer
from solver.ground.named import NamedTuple
from solver.layers.layer import Layer
from solver.layers.table import OWN
from solver.layers.window import Window
from solver.network.decoders import coded, forms
from solver.network.decoders.encoder import Encoder
from solver.network.decoders.mirror import mirrored
from solver.network.graph.graph import Graph


class EncodedInput(NamedTuple):
    """Hold what an encoder makes of an input, and the mirror that gives this input back.

    sizes: the input, and what comes out of each layer that changes sizes; the last is the latent.
    channels: of the latent. layers: of the mirror, for each of these layers from the last on,
    as they are in the framework; none where it has none. back: what the mirror gives back without
    output_padding; None where its layers refuse the latent.
    choices: how many output_padding there are with which such a mirror gives the input back; 0
    where no number does, as Keras's None does; None where not all layers have an output_padding.
    """

    input: tuple[int, ...]
    sizes: tuple[tuple[int, ...], ...]
    channels: int
    layers: tuple[tuple[Layer, ...], ...] = ()
    back: tuple[int | None, ...] = ()
    choices: int | None = None

    @property
    def output_padding(self) -> tuple[tuple[int, ...] | None, ...]:
        """That of each layer, for each axis; None where it has none, or is told none."""
        return tuple(_output_padding(layers[0], len(self.input)) for layers in self.layers)


def encoded(network: Graph, n: int | Sequence[int], framework: str = "torch") -> EncodedInput:
    """What an encoder makes of n, a size or one for each axis. Raises SolverError.

    >>> from solver import Conv, trace
    >>> found = encoded(trace(lambda x: Conv(3, dilation=3)(Conv(3, 2, 1)(x)), axes=1), 40)
    >>> found.sizes, found.output_padding, found.choices, found.back
    (((40,), (20,), (14,)), ((0,), (1,)), 1, (39,))
    >>> encoded(trace(lambda x: Conv(3, dilation=3)(Conv(3)(x)), axes=1), 40).choices
    1
    """
    encoder = Encoder(network.path(n))
    sizes = encoder.sizes(n)
    axes = len(sizes)
    passed = (
        tuple(int(axis.maps[at](n)) for axis, n in zip(encoder.axes, sizes, strict=True))
        for at in range(len(encoder.places) + 1)
    )
    made = EncodedInput(tuple(sizes), tuple(passed), encoder.channels)
    layers = forms.mirrored(encoder, encoder.digits(sizes))
    if framework == "torch":
        found: list[tuple[Layer, ...]] = [(layer,) for layer in layers]
    else:
        try:
            found = [coded.by_size(framework, of_layer(each, axes)).layers for each in layers]
        except SolverError:  # it has no such layers
            return made
    plain = mirrored(encoder, framework)
    back = (each.of(n) for each, n in zip(plain, sizes, strict=True))
    choices = None
    if all("output_padding" in row[0].row.arguments for row in found):
        choices = prod(_choices(encoder, [row[0] for row in found], i) for i in range(axes))
    return made._replace(layers=tuple(found), back=tuple(back), choices=choices)


def _choices(encoder: Encoder, layers: Sequence[Layer], axis: int) -> int:
    """How many output_padding along an axis give back what these layers, a mirror, do."""
    windows = [place.windows[axis] for place in encoder.back]
    weights, most, missing = list[int](), list[int](), 0
    for at, (layer, window) in enumerate(zip(layers, windows, strict=True)):
        weights.append(prod(behind.stride for behind in windows[at + 1 :]))
        most.append(_most(layer, window))
        zero = coded.with_output_padding(layer, [0] * len(encoder.axes))
        missing += weights[-1] * int((layer.size_map(axis) - zero.size_map(axis))(1))
    return _ways(missing, weights, most)


def _most(layer: Layer, window: Window) -> int:
    """The largest output_padding that a framework takes."""
    both = "torch", "onnx", OWN.name
    wide = layer.framework.name in both
    return int(max(window.stride, window.dilation) if wide else window.stride) - 1


def _ways(total: int, weights: Sequence[int], most: Sequence[int]) -> int:
    """How many numbers, one from 0 to its most for each weight, come to a total.

    weights: each a multiple of the next.

    >>> _ways(5, (4, 2, 1), (1, 1, 1)), _ways(5, (4, 2, 1), (1, 2, 3)), _ways(-1, (1,), (2,))
    (1, 3, 0)
    """
    left = {total: 1}
    for at, (weight, largest) in enumerate(zip(weights, most, strict=True)):
        rest = sum(w * m for w, m in zip(weights[at + 1 :], most[at + 1 :], strict=True))
        found = dict[int, int]()
        for size, ways in left.items():
            for a in range(max(-((rest - size) // weight), 0), min(size // weight, largest) + 1):
                found[size - a * weight] = found.get(size - a * weight, 0) + ways
        left = found
    return left.get(0, 0)


def _output_padding(layer: Layer, axes: int) -> tuple[int, ...] | None:
    """That of a layer for each axis; None where its framework has none, or it is told none."""
    if "output_padding" not in layer.row.arguments:
        return None
    found = layer.values(axes)["output_padding"]
    return None if None in found else tuple(map(int, found))
