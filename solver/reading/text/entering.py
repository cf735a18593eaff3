"""What goes into a summary that does not show it: the first layer tells, or leaves it open."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from solver.errors import LimitError
from solver.layers.layer import Layer
from solver.network.graph.dim import Dim
from solver.reading.functions.call import several
from solver.reading.text.made import Shown, keeps, made
from solver.reading.text.rows import SummaryRow
from solver.reading.text.summary import Drawn, ShownTensor
from solver.sizes.sizemap import SizeMap

#: Sizes that people feed to networks.
_USUAL = frozenset((
    28, 32, 48, 64, 75, 80, 96, 100, 112, 120, 128, 150, 160, 180, 192, 200, 224, 227, 240, 256,
    299, 300, 320, 331, 380, 384, 400, 416, 448, 456, 480, 500, 512, 528, 600, 608, 640, 768, 1024,
))  # fmt: skip
_MOST_INPUT, _MOST_CHANNELS, _LARGEST_KERNEL = 1200, 129, 16

#: Sizes that may go in, and what the layer then does along each axis.
Entry = tuple[Shown, tuple[SizeMap, ...]]


def entered(drawn: Drawn, row: SummaryRow) -> ShownTensor:
    """The input of a summary, of which this is the first row.

    Raises LimitError where several inputs fit and none is usual.
    """
    out, told = drawn.out(row), drawn.summary.input
    if told is not None and len(told) >= len(out):
        sizes = told[-len(out) :]
        return drawn.enter((sizes[-1], *sizes[:-1]) if drawn.last else sizes)
    if keeps(row.kind, drawn.last) or row.kind == "Flatten":
        return drawn.enter(out)
    if row.kind == "Embedding":
        return drawn.enter(out[1:] if drawn.last else out[:-1], True)
    if row.kind in ("Dense", "Linear") and row.params:
        features = out[0] if drawn.last else out[-1]
        wide = row.params // features - (0 if row.params % features else 1)
        return drawn.enter((wide, *out[1:]) if drawn.last else (*out[:-1], wide))
    found = _fitting(drawn, row, out)
    every = [sizes for sizes, _ in found]
    usual = [sizes for sizes in every if set(sizes[1:]) <= _USUAL] or every
    apart = len({maps for _, maps in found}) > 1
    if not found or len({sizes[0] for sizes in every}) > 1 or (apart and len(usual) > 1):
        rule = f"a summary does not show what goes into {row.name}"
        received = " or ".join("x".join(map(str, sizes)) for sizes in every[:4])
        right = "a line in front such as summary(model, (3, 224, 224))"
        raise LimitError(rule, f"{received} fit" if received else None, right)
    channels, *taken = usual[-1]
    tensor = drawn.enter(usual[-1])
    words = "x".join(map(str, taken))
    drawn.note(row, f"what goes in is not shown: {channels} channels of {words} are taken")
    if apart:
        drawn.fix(tensor)
    return tensor


def _fitting(drawn: Drawn, row: SummaryRow, out: Shown) -> list[Entry]:
    """The inputs of which a first row can make what it makes: of 3 channels, of 1, or of any."""
    if len(out) < 2 or len(set(out[1:])) > 1:
        return []
    if drawn.channels:
        return _of_channels(drawn, row, out, drawn.channels)
    few = (_of_channels(drawn, row, out, channels) for channels in (3, 1))
    found = next(filter(None, few), None)
    if found is not None:
        return found
    others = range(2, _MOST_CHANNELS)
    return [each for channels in others for each in _of_channels(drawn, row, out, channels)]


def _of_channels(drawn: Drawn, row: SummaryRow, out: Shown, channels: int) -> list[Entry]:
    axes, (fewest, most) = len(out) - 1, drawn.summary.elements or (1, 10**12)
    found = list[Entry]()
    for size in range(1, min(20 * out[1] + 64, _MOST_INPUT)):
        sizes = (channels, *(size,) * axes)
        if fewest <= prod(sizes) <= most:
            one = made(row, [sizes], (Dim(1), *map(Dim, sizes)), out, drawn.last)
            layer = getattr(one and one.operation, "layer", None)
            if isinstance(layer, Layer) and _is_plain(layer):
                found.append((sizes, tuple(map(layer.size_map, range(axes)))))
    return found


def _is_plain(layer: Layer) -> bool:
    """Tell whether a layer has a square kernel, no groups, and pads not at all or half of it."""
    windows = [layer.window(axis) for axis in range(layer.axes or 1)]
    kernels: Sequence[int] = [window.kernel_size for window in windows]
    if len(set(kernels)) > 1 or kernels[0] > _LARGEST_KERNEL or layer.channels.groups > 1:
        return False
    strides = layer.arguments.get("stride", layer.arguments.get("strides", 1))
    most = (kernels[0] + 1) // 2
    if any(n > most and (n != kernels[0] or n < 4) for n in several(strides)):
        return False
    padding = layer.arguments.get("padding", "")
    halves = tuple(kernel // 2 for kernel in kernels)
    even = isinstance(padding, str) or tuple(padding) in ((0,) * len(kernels), halves)
    return even and all(window.dilation == 1 for window in windows)
