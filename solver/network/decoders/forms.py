"""The forms of a decoder: mirrored, upsampling and convolutions, one layer alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from solver.errors import LimitError
from solver.frameworks import layer as framework_layer
from solver.layers.layer import Layer
from solver.layers.own import Conv, ConvTranspose
from solver.network.decoders.encoder import Digits, Encoder
from solver.network.decoders.path import Place, Step
from solver.sizes.sizemap import IDENTITY, SizeMap


def mirrored(encoder: Encoder, digits: Digits, by_padding: bool = False) -> list[Layer]:
    """Return a transposed layer for each window, and a window for each transposed layer."""
    made: list[Layer] = []
    for place, row, (before, after) in zip(encoder.back, digits, encoder.widths, strict=True):
        transposed = all(step.up == 1 for step in place.steps)
        if not transposed and any(step.down > 1 for step in place.steps):
            rule = "a layer goes down along one axis and up along another"
            raise LimitError(rule, received=f"{place.steps}")
        steps = [step.moved(0, 0) for step in place.steps]
        if not transposed:
            made.append(layer_of(Conv, map(_evened, steps), None, before, after))
            continue
        if by_padding:
            pairs = [_absorbed(step, a) for step, a in zip(steps, row, strict=True)]
            steps, row = [step for step, _ in pairs], [a for _, a in pairs]
        made.append(layer_of(ConvTranspose, steps, row, before, after))
    return made


def upsampled(encoder: Encoder, digits: Digits) -> Iterator[list[Layer]]:
    """Yield, for each layer, upsampling and a convolution of the same size map."""
    mirror = mirrored(encoder, digits)
    pairs = zip(encoder.back, digits, encoder.widths, mirror, strict=True)
    for place, row, (before, after), layer in pairs:
        if isinstance(layer, Conv):
            yield [layer]
            continue
        steps = []
        for step, a in zip(place.steps, row, strict=True):
            net = 1 - step.net - step.down + a  # upsampling and this padding: m -> s*m + net
            kernel = max(3, 1 - net)
            kernel += (kernel - 1 + net) % 2
            padding = (kernel - 1 + net) // 2
            steps.append(Step(kernel, begin=padding, end=padding))
        conv = layer_of(Conv, steps, None, before, after)
        grows = any(step.down > 1 for step in place.steps)
        yield [_upsample(place), conv] if grows else [conv]


def resized(encoder: Encoder) -> list[Layer]:
    """Return, for each layer, upsampling and a convolution that keeps the size."""
    even = Step(3, begin=1, end=1)
    return [
        layer
        for place, (before, after) in zip(encoder.back, encoder.widths, strict=True)
        for layer in (
            _upsample(place),
            layer_of(Conv, [even] * len(encoder.axes), None, before, after),
        )
    ]


def single(encoder: Encoder, digits: Digits) -> Layer | None:
    """Return one transposed layer with the size map of the mirror, where there is one."""
    steps, extra = [], []
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
        steps.append(Step(kernel, begin=padding, end=padding))
        steps[-1] = steps[-1]._replace(down=stride)
        extra.append(added)
    return layer_of(ConvTranspose, steps, extra, encoder.channels, encoder.first)


def _upsample(place: Place) -> Layer:
    factor = _alike([step.down for step in place.steps])
    return framework_layer("torch", "Upsample", scale_factor=factor)


def after(layers: Iterable[Layer], index: int, size: SizeMap) -> SizeMap:
    """Return what layers make of a size."""
    for layer in layers:
        size = layer.size_map(index)(size)
    return size


def _evened(step: Step) -> Step:
    """Return the window that undoes a transposed layer, padded alike at both ends where possible.

    Up to up - 1 elements more at the end change nothing. An axis that does not go up holds what a
    window pads there, and what undoes that pads the rest of d*(k - 1).
    """
    if step.up == 1:
        full = step.dilation * (step.kernel_size - 1)
        return step._replace(begin=full - step.begin, end=full - step.end).moved(0, 0)
    more = step.begin - step.end
    end = step.end + (more if 0 <= more < step.up else 0)
    return step._replace(down=step.up, up=1, end=end)


def _absorbed(step: Step, extra: int) -> tuple[Step, int]:
    """Return a step with less padding instead of output_padding, of which at most 1 is left."""
    total = step.begin + step.end
    taken = min(extra, total)
    padding = (total - taken + 1) // 2
    left = 2 * padding - (total - taken)
    if left + extra - taken >= max(step.down, step.dilation):
        return step, extra
    return step._replace(begin=padding, end=padding), left + extra - taken


def layer_of(
    kind: Any, steps: Iterable[Step], extra: Sequence[int] | None, before: int, after: int
) -> Layer:
    """Return a layer with one step along each axis."""
    rows = list(steps)
    ends = [(step.begin, step.end) for step in rows]
    even = all(begin == end for begin, end in ends)
    more = {} if extra is None else {"output_padding": _alike(extra)}
    made: Layer = kind(
        _alike([step.kernel_size for step in rows]),
        stride=_alike([step.down for step in rows]),
        padding=_alike([begin for begin, _ in ends]) if even else _uneven(ends),
        dilation=_alike([step.dilation for step in rows]),
        in_channels=before,
        out_channels=after,
        **more,
    )
    return made


def _alike(values: Sequence[int]) -> int | tuple[int, ...]:
    return values[0] if len(set(values)) == 1 else tuple(values)


def _uneven(ends: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return (ends[0],) if len(set(ends)) == 1 else tuple(ends)
