"""Write layers as PyTorch's: padding alike at both ends, any other by a layer of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.frameworks import layer
from solver.frameworks.sampling import (
    CENTRE,
    CORNERS,
    CRD,
    CUBIC,
    HALF,
    LINEAR,
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
    symmetric,
    way,
    windows,
    without_axes,
)
from solver.layers.arguments import alike
from solver.layers.channels import Channels
from solver.layers.kind import AVERAGE, MAX, PARTS, RESIZE, UNSHUFFLE
from solver.layers.layer import Layer
from solver.layers.window import LOWER

_PADS = {
    "zeros": "Zero",
    "reflect": "Reflection",
    "replicate": "Replication",
    "circular": "Circular",
}
_CALLED = ("in_channels", "out_channels", "padding", "output_size")


def write(spec: LayerSpec) -> Written:
    """PyTorch's layers for what is asked."""
    if spec.transposed:
        return _transposed(spec)
    if spec.kind.pads:
        kind, more = _PADS[spec.padding_mode], {}
        if spec.padding_mode == "zeros" and spec.value:
            kind, more = "Constant", {"value": spec.value}
        return Written((pad(spec.fixed(), kind, **more),))
    return _pool(spec) if spec.kind.pools else _conv(spec)


def sample(spec: Sampled) -> Written:
    """PyTorch's layer for what slides no window."""
    if spec.kind == RESIZE:
        linear = ("linear", "bilinear", "trilinear")[spec.axes - 1]
        cubic = "bicubic" if spec.axes == 2 else None
        ways: list[tuple[How, dict[str, Any]]] = [
            (REPEAT, {"mode": "nearest"}),
            (CENTRE, {"mode": "nearest-exact"}),
            (("area", HALF, "", False), {"mode": "area"}),
        ]
        for method, mode in ((LINEAR, linear), (CUBIC, cubic)):
            if mode is not None:
                ways.append(((method, HALF, "", False), {"mode": mode}))
                ways.append(((method, CORNERS, "", False), {"mode": mode, "align_corners": True}))
        words = way(spec, ways, "PyTorch")
        words = {} if words == {"mode": "nearest"} else words
        fixed = spec.fixed()
        given: dict[str, Any] = {"scale_factor": alike(factors(spec))} if fixed is None else {}
        given = given or {"size": alike(fixed or ())}
        return Written((layer("torch", "Upsample", **given, **words),))
    if spec.kind == PARTS:
        name = f"Adaptive{'Max' if spec.method == MAX.word else 'Avg'}Pool{spec.axes}d"
        sizes = [None if grid.size.rise else int(grid.size(1)) for grid in spec.readings]
        made = layer("torch", name, output_size=alike(sizes))
        return Written((made,), without_axes(spec))
    if spec.axes != 2:
        raise SolverError("PyTorch shuffles pixels on two axes", f"{spec.axes} axes", "2 axes")
    name, word = ("PixelShuffle", "upscale_factor")
    if spec.kind == UNSHUFFLE:
        name, word = ("PixelUnshuffle", "downscale_factor")
    made = layer("torch", name, **{word: one_factor(spec)})
    return Written((made,), reordered(spec, CRD))


def _conv(spec: LayerSpec) -> Written:
    numbers, ends = windows(spec), spec.fixed()
    same = [(d * (k - 1) // 2, -(-d * (k - 1) // 2)) for k, d in _kernels(numbers)]
    before: tuple[Layer, ...] = ()
    padding: Any = 0
    if symmetric(ends):
        padding = alike(begin for begin, _ in ends)
    elif list(ends) == same and set(numbers["stride"]) == {1}:
        padding = "same"
    else:
        before = (pad(ends, _PADS[spec.padding_mode]),)
    mode = {} if before or spec.padding_mode == "zeros" else {"padding_mode": spec.padding_mode}
    made = layer(
        "torch",
        _name(spec, "Conv"),
        **_channels(spec),
        **_changed(numbers, padding=padding),
        **_groups(spec),
        **mode,
    )
    return Written((*before, made))


def _transposed(spec: LayerSpec) -> Written:
    """Crop by padding what both ends have in common, and the rest by a layer behind."""
    numbers = windows(spec)
    paddings, extra, after = [], [], []
    for (begin, end), s, d in zip(
        spec.crops(), numbers["stride"], numbers["dilation"], strict=True
    ):
        most = max(s, d) - 1
        padding = max(min(begin, end + most), 0)
        output_padding = min(max(padding - end, 0), most)
        paddings.append(padding)
        extra.append(output_padding)
        after.append((padding - begin, padding - output_padding - end))
    made = layer(
        "torch",
        _name(spec, "ConvTranspose"),
        **_channels(spec),
        **_changed(numbers, padding=alike(paddings), output_padding=alike(extra)),
        **_groups(spec),
    )
    if is_nothing(after):
        return Written((made,))
    added = any(max(pair) > 0 for pair in after) and spec.channels.bias
    notes = ("what is added behind the layer has no bias in it",) if added else ()
    return Written((made, pad(after, "Zero")), notes)


def _pool(spec: LayerSpec) -> Written:
    numbers = windows(spec)
    name = "Max" if spec.kind == MAX else "Avg"
    counted_up = spec.ceiled()
    ends = counted_up or spec.fixed()
    fits = all(2 * begin <= k for (begin, _), k in zip(ends, numbers["kernel_size"], strict=True))
    if spec.kind == AVERAGE and spec.axes == 3 and spec.counts_padding and not is_nothing(ends):
        # With padding of its own AvgPool3d wants the kernel inside the unpadded input.
        fits = fits and all(r.accepts.minimum >= r.window.kernel_size for r in spec.readings)
    before: tuple[Layer, ...] = ()
    padding: Any = 0
    counted: dict[str, Any] = {}
    notes: tuple[str, ...] = ()
    if symmetric(ends) and fits:
        padding = alike(begin for begin, _ in ends)
        if spec.kind == AVERAGE and padding != 0 and not spec.counts_padding:
            counted = {"count_include_pad": False}
    elif spec.kind == MAX:
        # A layer of padding before makes the last windows start inside: count down from wider.
        counted_up = None
        before = (pad(spec.fixed(), "Constant", value=float("-inf")),)
    elif spec.counts_padding:
        notes, counted_up = rounding_notes(spec), None
        before = (pad(spec.fixed(), "Zero"),)
    else:
        rule = "PyTorch leaves padding out of averages only where both ends are padded alike"
        raise SolverError(rule, f"padding {ends}", "count_include_pad=True")
    kernel, stride = alike(numbers["kernel_size"]), alike(numbers["stride"])
    arguments = {"kernel_size": kernel, **({} if stride == kernel else {"stride": stride})}
    arguments |= {"padding": padding} if padding != 0 else {}
    if alike(numbers["dilation"]) != 1:
        arguments["dilation"] = alike(numbers["dilation"])
    arguments |= {"ceil_mode": True} if counted_up else {}
    made = layer("torch", f"{name}Pool{spec.axes}d", **arguments, **counted)
    return Written((*before, made), notes)


def pad(ends: Ends, kind: str = "Zero", **more: Any) -> Layer:
    """The padding layer, the last axis first; negative padding crops."""
    flat = tuple(n for pair in reversed(ends) for n in pair)
    return layer("torch", f"{kind}Pad{len(ends)}d", padding=flat, **more)


def _kernels(numbers: dict[str, tuple[int, ...]]) -> list[tuple[int, int]]:
    return list(zip(numbers["kernel_size"], numbers["dilation"], strict=True))


def _name(spec: LayerSpec, name: str) -> str:
    """A layer's name, the lazy one where the channels that come in are not known."""
    lazy = spec.channels.before is None and spec.channels.after is not None
    return f"{'Lazy' if lazy else ''}{name}{spec.axes}d"


def _channels(spec: LayerSpec) -> dict[str, int]:
    before, after, groups, *_ = spec.channels
    if before is None and after is not None:
        return {"out_channels": after}
    return {"in_channels": before or groups, "out_channels": after or before or groups}


def _groups(spec: LayerSpec) -> dict[str, Any]:
    groups = {"groups": spec.channels.groups} if spec.channels.groups > 1 else {}
    return {**groups, **({} if spec.channels.bias else {"bias": False})}


def _changed(numbers: dict[str, tuple[int, ...]], **others: Any) -> dict[str, Any]:
    """The arguments that are not the default, in the usual order."""
    found = {**{name: alike(value) for name, value in numbers.items()}, **others}
    usual = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
    return {name: value for name, value in found.items() if usual.get(name) != value}


def line(each: Layer) -> str:
    """A layer as a call."""
    return call(each, "nn.", _CALLED if "kernel_size" not in each.arguments else _CALLED[:2])


def code(layers: Sequence[Layer], channels: Sequence[Channels], axes: int) -> str:
    """Lines that make the layers."""
    if len(layers) == 1:
        return f"from torch import nn\n\nmodel = {line(layers[0])}"
    lines = "".join(f"    {line(each)},\n" for each in layers)
    return f"from torch import nn\n\nmodel = nn.Sequential(\n{lines})"


def at_run_time(spec: LayerSpec) -> str:
    """Lines that pad for the size that comes in, for padding that depends on it."""
    numbers = windows(spec)
    spans = tuple(reading.window.span for reading in spec.readings)
    lower = spec.readings[0].window.keeps == LOWER
    ends = "total - total // 2, total // 2" if lower else "total // 2, total - total // 2"
    value = ', value=float("-inf")' if spec.kind == MAX else ""
    return _AT_RUN_TIME.format(strides=numbers["stride"], spans=spans, ends=ends, value=value)


_AT_RUN_TIME = """\
import torch.nn.functional as F


def pad(x, strides={strides}, spans={spans}):
    pads = []
    for n, s, span in zip(x.shape[2:], strides, spans):
        total = max((-(-n // s) - 1) * s + span - n, 0)
        pads = [{ends}, *pads]
    return F.pad(x, pads{value})"""
