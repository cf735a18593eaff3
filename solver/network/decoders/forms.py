"""The forms of a decoder: mirrored, upsampling and convolutions, one layer alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from solver.errors import LimitError
from solver.frameworks import layer as framework_layer
from solver.layers.layer import Layer
from solver.layers.own import Conv, ConvTranspose
from solver.layers.window import Window
from solver.network.decoders.encoder import Digits, Encoder
from solver.network.decoders.path import Waypoint
from solver.sizes.sizemap import IDENTITY, SizeMap


def mirrored(encoder: Encoder, digits: Digits, by_padding: bool = False) -> list[Layer]:
    """A transposed layer for each window, and a window for each transposed layer."""
    made: list[Layer] = []
    for place, row, (before, after) in zip(encoder.back, digits, encoder.widths, strict=True):
        if not place.goes_down:
            if any(window.stride > 1 for window in place.windows):
                rule = "a layer goes down along one axis and up along another"
                raise LimitError(rule, received=f"{place.windows}")
            made.append(layer_of(Conv, map(undone, place.windows), None, before, after))
            continue
        windows = [window.uncropped for window in place.windows]
        if by_padding:
            pairs = [_absorbed(window, a) for window, a in zip(windows, row, strict=True)]
            windows, row = [window for window, _ in pairs], [a for _, a in pairs]
        made.append(layer_of(ConvTranspose, windows, row, before, after))
    return made


def upsampled(encoder: Encoder, digits: Digits) -> Iterator[list[Layer]]:
    """Yield, for each layer, upsampling and a convolution of the same size map."""
    mirror = mirrored(encoder, digits)
    pairs = zip(encoder.back, digits, encoder.widths, mirror, strict=True)
    for place, row, (before, after), layer in pairs:
        if isinstance(layer, Conv):
            yield [layer]
            continue
        windows = []
        for window, a in zip(place.windows, row, strict=True):
            net = (
                1 - window.net_padding - window.stride + a
            )  # upsampling and this padding: m -> s*m + net
            kernel = max(3, 1 - net)
            kernel += (kernel - 1 + net) % 2
            padding = (kernel - 1 + net) // 2
            windows.append(Window(kernel, 1, padding, padding))
        conv = layer_of(Conv, windows, None, before, after)
        grows = any(window.stride > 1 for window in place.windows)
        yield [_upsample(place), conv] if grows else [conv]


def resized(encoder: Encoder) -> list[Layer]:
    """Return, for each layer, upsampling and a convolution that keeps the size."""
    even = Window(3, 1, 1, 1)
    return [
        layer
        for place, (before, after) in zip(encoder.back, encoder.widths, strict=True)
        for layer in (
            _upsample(place),
            layer_of(Conv, [even] * len(encoder.axes), None, before, after),
        )
    ]


def single(encoder: Encoder, digits: Digits) -> Layer | None:
    """One transposed layer with the size map of the mirror, where there is one."""
    windows, extra = [], []
    mirror = mirrored(encoder, digits)
    for index in range(len(encoder.axes)):
        whole = after(mirror, index, IDENTITY)
        if whole.period > 1 or whole.rise < 1:
            return None
        stride, shift = whole.rise, int(whole(0))
        # m -> stride*m + shift: what the kernel has more than the stride is cropped
        kernel = stride + max(shift - stride + 1, 0)
        crop = kernel - stride - shift
        added = max(-crop, 0)
        kernel += max(crop, 0) % 2
        padding = (max(crop, 0) + 1) // 2
        windows.append(Window(kernel, stride, padding, padding))
        extra.append(added)
    return layer_of(ConvTranspose, windows, extra, encoder.channels, encoder.first)


def _upsample(place: Waypoint) -> Layer:
    factor = _alike([window.stride for window in place.windows])
    return framework_layer("torch", "Upsample", scale_factor=factor)


def after(layers: Iterable[Layer], index: int, size: SizeMap) -> SizeMap:
    """What layers make of a size."""
    for layer in layers:
        size = layer.size_map(index)(size)
    return size


def undone(window: Window) -> Window:
    """The window that undoes a transposed one, padded alike at both ends where possible.

    Less than a stride more at the end changes nothing.
    """
    found = window.transposed
    more = found.begin - found.end
    return (found._replace(end=found.begin) if 0 <= more < found.stride else found).uncropped


def _absorbed(window: Window, extra: int) -> tuple[Window, int]:
    """A window with less padding instead of output_padding, of which at most 1 is left."""
    total = window.total
    taken = min(extra, total)
    padding = (total - taken + 1) // 2
    left = 2 * padding - (total - taken)
    if left + extra - taken >= max(window.stride, window.dilation):
        return window, extra
    return window.padded((padding, padding)), left + extra - taken


def layer_of(
    kind: Any, windows: Iterable[Window], extra: Sequence[int] | None, before: int, after: int
) -> Layer:
    """A layer with one window along each axis; a transposed one undoes it."""
    rows = list(windows)
    ends = [window.pads for window in rows]
    even = all(begin == end for begin, end in ends)
    more = {} if extra is None else {"output_padding": _alike(extra)}
    made: Layer = kind(
        _alike([window.kernel_size for window in rows]),
        stride=_alike([window.stride for window in rows]),
        padding=_alike([begin for begin, _ in ends]) if even else _uneven(ends),
        dilation=_alike([window.dilation for window in rows]),
        in_channels=before,
        out_channels=after,
        **more,
    )
    return made


def _alike(values: Sequence[int]) -> int | tuple[int, ...]:
    return values[0] if len(set(values)) == 1 else tuple(values)


def _uneven(ends: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return (ends[0],) if len(set(ends)) == 1 else tuple(ends)
