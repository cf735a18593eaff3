"""Write layers as Paddle's, which pads and crops each end apart by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.frameworks import layer
from solver.frameworks.sampling import (
    CORNERS,
    CRD,
    CUBIC,
    HALF,
    LINEAR,
    PLAIN,
    REPEAT,
    How,
    Sampled,
)
from solver.frameworks.spec import LayerSpec
from solver.frameworks.written import (
    Ends,
    Written,
    call,
    factors,
    is_nothing,
    one_factor,
    reordered,
    rounding_notes,
    says_same,
    symmetric,
    way,
    windows,
    without_axes,
)
from solver.layers.arguments import alike
from solver.layers.channels import Channels
from solver.layers.kind import AVERAGE, MAX, PARTS, RESIZE, UNSHUFFLE
from solver.layers.layer import Layer

_CALLED = ("in_channels", "out_channels", "padding", "output_size")


def write(spec: LayerSpec) -> Written:
    """Paddle's layers for what is asked."""
    if spec.transposed:
        return _transposed(spec)
    if spec.kind.pads:
        return Written((pad(spec.fixed(), spec.padding_mode, spec.value),))
    return _pool(spec) if spec.kind.pools else _conv(spec)


def sample(spec: Sampled) -> Written:
    """Paddle's layer for what slides no window."""
    if spec.kind == RESIZE:
        words = {} if (words := way(spec, _ways(spec.axes), "Paddle")) == _USUAL else words
        fixed = spec.fixed()
        given: dict[str, Any] = {"scale_factor": alike(factors(spec))} if fixed is None else {}
        given = given or {"size": list(fixed or ())}
        ahead = {} if spec.axes == 2 else {"data_format": {1: "NCW", 3: "NCDHW"}[spec.axes]}
        return Written((layer("paddle", "Upsample", **given, **words, **ahead),))
    if spec.kind == PARTS:
        name = f"Adaptive{'Max' if spec.method == MAX.word else 'Avg'}Pool{spec.axes}D"
        sizes = [None if grid.size.rise else int(grid.size(1)) for grid in spec.readings]
        return Written((layer("paddle", name, output_size=alike(sizes)),), without_axes(spec))
    if spec.axes != 2:
        raise SolverError("Paddle shuffles pixels on two axes", f"{spec.axes} axes", "2 axes")
    name, word = ("PixelShuffle", "upscale_factor")
    if spec.kind == UNSHUFFLE:
        name, word = ("PixelUnshuffle", "downscale_factor")
    return Written((layer("paddle", name, **{word: one_factor(spec)}),), reordered(spec, CRD))


_USUAL = {"mode": "nearest"}


def _ways(axes: int) -> list[tuple[How, dict[str, Any]]]:
    mode = ("linear", "bilinear", "trilinear")[axes - 1]
    ways: list[tuple[How, dict[str, Any]]] = [(REPEAT, _USUAL)] if axes > 1 else []
    ways += [
        ((LINEAR, HALF, "", False), {"mode": mode}),
        ((LINEAR, CORNERS, "", False), {"mode": mode, "align_corners": True}),
        ((LINEAR, PLAIN, "", False), {"mode": mode, "align_mode": 1}),
    ]
    if axes == 2:
        ways.append(((CUBIC, HALF, "", False), {"mode": "bicubic"}))
        ways.append(((CUBIC, CORNERS, "", False), {"mode": "bicubic", "align_corners": True}))
    return ways


def _conv(spec: LayerSpec) -> Written:
    numbers = windows(spec)
    before: tuple[Layer, ...] = ()
    padding: Any = 0
    mode: dict[str, Any] = {}
    plain = spec.padding_mode == "zeros" and set(numbers["dilation"]) == {1}
    if plain and not _bare(spec) and says_same(spec):
        padding = "SAME"
    else:
        ends = spec.fixed()
        taken = spec.padding_mode == "zeros" or len({n for pair in ends for n in pair}) == 1
        if taken and min(n for pair in ends for n in pair) >= 0:
            padding = _flat(ends)
            mode = {} if spec.padding_mode == "zeros" else {"padding_mode": spec.padding_mode}
        else:
            before = (pad(ends, spec.padding_mode),)
    return Written((*before, _weighed(spec, "Conv{}D", numbers, padding=padding, **mode)))


def _transposed(spec: LayerSpec) -> Written:
    """Crop by padding, add by output_padding less than a stride, and the rest by a layer behind."""
    numbers = windows(spec)
    paddings, extra, after = [], [], []
    for (begin, end), s in zip(spec.crops(), numbers["stride"], strict=True):
        extra.append(min(max(-end, 0), s - 1))
        paddings.append((max(begin, 0), max(end, 0)))
        after.append((max(-begin, 0), max(-end - extra[-1], 0)))
    padding, added = _flat(paddings), alike(extra)
    made = _weighed(spec, "Conv{}DTranspose", numbers, padding=padding, output_padding=added)
    if is_nothing(after):
        return Written((made,))
    notes = ("what is added behind the layer has no bias in it",) if spec.channels.bias else ()
    return Written((made, pad(after)), notes)


def _pool(spec: LayerSpec) -> Written:
    numbers = windows(spec)
    if max(numbers.pop("dilation")) > 1:
        raise SolverError("Paddle's pooling has no dilation", right="dilation 1")
    counts = spec.kind == AVERAGE and spec.counts_padding
    notes: tuple[str, ...] = ()
    if not counts and not _bare(spec) and says_same(spec):
        words: dict[str, Any] = {"padding": "SAME"}
    else:
        ends = spec.fixed()
        if min(n for pair in ends for n in pair) < 0:
            raise SolverError("Paddle's pooling crops nothing", f"padding {ends}", "padding 0")
        words = {} if is_nothing(ends) else {"padding": _flat(ends)}
        if counts and words:
            words["exclusive"], notes = False, rounding_notes(spec)
    kernel, stride = alike(numbers["kernel_size"]), alike(numbers["stride"])
    given = {"kernel_size": kernel, **({} if stride == kernel else {"stride": stride}), **words}
    name = f"{'Max' if spec.kind == MAX else 'Avg'}Pool{spec.axes}D"
    return Written((layer("paddle", name, **given),), notes)


def pad(ends: Ends, mode: str = "zeros", value: float = 0) -> Layer:
    """The padding layer, the last axis first; negative padding crops."""
    flat = [n for pair in reversed(ends) for n in pair]
    words: dict[str, Any] = {} if mode == "zeros" else {"mode": mode}
    words |= {"value": value} if value else {}
    return layer("paddle", f"Pad{len(ends)}D", padding=flat, **words)


def _bare(spec: LayerSpec) -> bool:
    """Tell whether no axis is padded."""
    return all(reading.ends == (0, 0) for reading in spec.readings)


def _flat(ends: Ends) -> Any:
    """Padding as Paddle has it: one number, one per axis, or the begin and end of each."""
    return (
        alike(begin for begin, _ in ends) if symmetric(ends) else [n for pair in ends for n in pair]
    )


def _weighed(
    spec: LayerSpec, name: str, numbers: dict[str, tuple[int, ...]], **others: Any
) -> Layer:
    """A convolution with its channels; arguments that are not the default, in the usual order."""
    before, after, groups, *_ = spec.channels
    found = {**{word: alike(value) for word, value in numbers.items()}, **others}
    usual = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
    given = {word: value for word, value in found.items() if usual.get(word) != value}
    given |= {"groups": groups} if groups > 1 else {}
    given |= {} if spec.channels.bias else {"bias_attr": False}
    channels = {"in_channels": before or groups, "out_channels": after or before or groups}
    return layer("paddle", name.format(spec.axes), **channels, **given)


def line(each: Layer) -> str:
    """A layer as a call."""
    return call(each, "nn.", _CALLED if "kernel_size" not in each.arguments else _CALLED[:2])


def code(layers: Sequence[Layer], channels: Sequence[Channels], axes: int) -> str:
    """Lines that make the layers."""
    if len(layers) == 1:
        return f"from paddle import nn\n\nmodel = {line(layers[0])}"
    lines = "".join(f"    {line(each)},\n" for each in layers)
    return f"from paddle import nn\n\nmodel = nn.Sequential(\n{lines})"
