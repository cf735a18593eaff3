"""A decoder that gives back too few or too many elements, repaired with the fewest changes.

A transposed layer crops T = d(k - 1) + Y - a elements in total where it is to undo a window of net
padding Y, a the digit of n there: its output_padding takes up 2*padding - T, and where that is not
legal its padding gives way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solver.errors import SolverError
from solver.layers.layer import Layer
from solver.layers.own import ConvTranspose
from solver.layers.window import Window
from solver.network.decoders.decoded import Decoder
from solver.network.decoders.decoder import fixed, returned
from solver.network.decoders.encoder import Encoder
from solver.network.decoders.forms import layer_of
from solver.network.decoders.path import path
from solver.network.graph.graph import Graph


def repair(encoder: Graph, decoder: Graph, n: int | Sequence[int] | None = None) -> Decoder:
    """The transposed layers of a decoder with the output_padding that gives back n exactly.

    decoder: with one transposed layer for each stride of the encoder, in reverse. n: an input size
    to be given back, with all of its residue class; else the multiples of the total stride.
    `returned` says how many elements too many the decoder gives back as it stands. Raises
    SolverError where the strides do not match.

    >>> from solver import Conv, ConvTranspose, trace
    >>> down = trace(lambda x: Conv(10, 5, 3)(Conv(4, 2, 1)(x)), axes=1)
    >>> up = trace(lambda x: ConvTranspose(4, 2, 1)(ConvTranspose(10, 5, 3)(x)), axes=1)
    >>> found = repair(down, up)
    >>> found.returned, found.layers[0], str(found.inputs[0])
    ((-2,), ConvTranspose(10, stride=5, padding=3, output_padding=1, in_channels=1, \
out_channels=1), 'n = 0 (mod 10)')
    """
    there = Encoder(encoder if n is None else encoder.path(n))
    back = path(decoder)
    sizes = there.usual if n is None else there.sizes(n)
    strides = [[window.stride for window in place.windows] for place in there.back]
    given = [[window.input_dilation for window in place.windows] for place in back]
    if strides != given:
        rule = "a decoder goes up by the strides of its encoder, the last one first"
        raise SolverError(rule, received=_words(given), right=_words(strides))
    layers: list[Layer] = []
    plain: list[Layer] = []
    changes = 0
    for place, origin, row in zip(back, there.back, there.digits(sizes), strict=True):
        windows = [window.transposed.uncropped for window in place.windows]
        before = [_legal(window, window.total) for window in windows]
        after = [
            _legal(window, window.span - 1 + undone.net_padding - a)
            for window, undone, a in zip(windows, origin.windows, row, strict=True)
        ]
        changes += sum(x != y for x, y in zip(_flat(before), _flat(after), strict=True))
        plain.append(_made(before, place.before, place.after))
        layers.append(_made(after, place.before, place.after))
    found = fixed(there, "repaired", layers, changes)
    return found.replaced(returned=returned(there, plain, found.inputs))


def _legal(window: Window, total: int) -> tuple[Window, int]:
    """The window whose transposed layer crops so much in total, and its output_padding.

    The padding stays where it can; a longer kernel makes up for less than none.
    """
    most = max(window.stride, window.dilation) - 1
    longer = max(-((total + most) // window.dilation), 0)
    total += window.dilation * longer
    padding = window.begin
    if 2 * padding < total:
        padding = (total + 1) // 2
    elif 2 * padding > total + most:
        padding = (total + most) // 2
    extra, end = 2 * padding - total, padding
    if not 0 <= extra <= most:  # an odd crop at stride 1
        extra, end = 0, total - padding
    kernel = window.kernel_size + longer
    return window.padded((padding, end))._replace(kernel_size=kernel), extra


def _flat(rows: Sequence[tuple[Window, int]]) -> Iterator[int]:
    for window, extra in rows:
        yield from (window.kernel_size, window.total, extra)


def _made(rows: Sequence[tuple[Window, int]], before: int, after: int) -> Layer:
    windows, extra = [window for window, _ in rows], [a for _, a in rows]
    return layer_of(ConvTranspose, windows, extra, before, after)


def _words(strides: Sequence[Sequence[int]]) -> str:
    return ", ".join("x".join(map(str, dict.fromkeys(row))) for row in strides)
