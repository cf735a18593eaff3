"""Write layers as PyTorch's: padding alike at both ends, any other by a layer of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.frameworks import layer
from solver.frameworks.act import Act
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


def write(act: Act) -> Written:
    """Return PyTorch's layers for what is asked."""
    if act.transposed:
        return _transposed(act)
    if act.kind.pads:
        kind, more = _PADS[act.padding_mode], {}
        if act.padding_mode == "zeros" and act.value:
            kind, more = "Constant", {"value": act.value}
        return Written((pad(act.fixed(), kind, **more),))
    return _pool(act) if act.kind.pools else _conv(act)


def sample(act: Sampled) -> Written:
    """Return PyTorch's layer for what slides no window."""
    if act.kind == RESIZE:
        linear = ("linear", "bilinear", "trilinear")[act.axes - 1]
        cubic = "bicubic" if act.axes == 2 else None
        ways: list[tuple[How, dict[str, Any]]] = [
            (REPEAT, {"mode": "nearest"}),
            (CENTRE, {"mode": "nearest-exact"}),
            (("area", HALF, "", False), {"mode": "area"}),
        ]
        for method, mode in ((LINEAR, linear), (CUBIC, cubic)):
            if mode is not None:
                ways.append(((method, HALF, "", False), {"mode": mode}))
                ways.append(((method, CORNERS, "", False), {"mode": mode, "align_corners": True}))
        words = way(act, ways, "PyTorch")
        words = {} if words == {"mode": "nearest"} else words
        fixed = act.fixed()
        given: dict[str, Any] = {"scale_factor": alike(factors(act))} if fixed is None else {}
        given = given or {"size": alike(fixed or ())}
        return Written((layer("torch", "Upsample", **given, **words),))
    if act.kind == PARTS:
        name = f"Adaptive{'Max' if act.method == MAX.word else 'Avg'}Pool{act.axes}d"
        sizes = [None if grid.size.rise else int(grid.size(1)) for grid in act.readings]
        made = layer("torch", name, output_size=alike(sizes))
        return Written((made,), without_axes(act))
    if act.axes != 2:
        raise SolverError("PyTorch shuffles pixels on two axes", f"{act.axes} axes", "2 axes")
    name, word = ("PixelShuffle", "upscale_factor")
    if act.kind == UNSHUFFLE:
        name, word = ("PixelUnshuffle", "downscale_factor")
    made = layer("torch", name, **{word: one_factor(act)})
    return Written((made,), reordered(act, CRD))


def _conv(act: Act) -> Written:
    numbers, ends = windows(act), act.fixed()
    same = [(d * (k - 1) // 2, -(-d * (k - 1) // 2)) for k, d in _kernels(numbers)]
    before: tuple[Layer, ...] = ()
    padding: Any = 0
    if symmetric(ends):
        padding = alike(begin for begin, _ in ends)
    elif list(ends) == same and set(numbers["stride"]) == {1}:
        padding = "same"
    else:
        before = (pad(ends, _PADS[act.padding_mode]),)
    mode = {} if before or act.padding_mode == "zeros" else {"padding_mode": act.padding_mode}
    made = layer(
        "torch",
        _name(act, "Conv"),
        **_channels(act),
        **_changed(numbers, padding=padding),
        **_groups(act),
        **mode,
    )
    return Written((*before, made))


def _transposed(act: Act) -> Written:
    """Crop by padding what both ends have in common, and the rest by a layer behind."""
    numbers = windows(act)
    paddings, extra, after = [], [], []
    for (begin, end), s, d in zip(act.crops(), numbers["stride"], numbers["dilation"], strict=True):
        most = max(s, d) - 1
        padding = max(min(begin, end + most), 0)
        output_padding = min(max(padding - end, 0), most)
        paddings.append(padding)
        extra.append(output_padding)
        after.append((padding - begin, padding - output_padding - end))
    made = layer(
        "torch",
        _name(act, "ConvTranspose"),
        **_channels(act),
        **_changed(numbers, padding=alike(paddings), output_padding=alike(extra)),
        **_groups(act),
    )
    if is_nothing(after):
        return Written((made,))
    added = any(max(pair) > 0 for pair in after) and act.channels.bias
    notes = ("what is added behind the layer has no bias in it",) if added else ()
    return Written((made, pad(after, "Zero")), notes)


def _pool(act: Act) -> Written:
    numbers = windows(act)
    name = "Max" if act.kind == MAX else "Avg"
    counted_up = act.ceiled()
    ends = counted_up or act.fixed()
    fits = all(2 * begin <= k for (begin, _), k in zip(ends, numbers["kernel_size"], strict=True))
    if act.kind == AVERAGE and act.axes == 3 and act.counts_padding and not is_nothing(ends):
        # With padding of its own AvgPool3d wants the kernel inside the unpadded input.
        fits = fits and all(r.accepts.minimum >= r.window.kernel_size for r in act.readings)
    before: tuple[Layer, ...] = ()
    padding: Any = 0
    counted: dict[str, Any] = {}
    notes: tuple[str, ...] = ()
    if symmetric(ends) and fits:
        padding = alike(begin for begin, _ in ends)
        if act.kind == AVERAGE and padding != 0 and not act.counts_padding:
            counted = {"count_include_pad": False}
    elif act.kind == MAX:
        # A layer of padding before makes the last windows start inside: count down from wider.
        counted_up = None
        before = (pad(act.fixed(), "Constant", value=float("-inf")),)
    elif act.counts_padding:
        notes, counted_up = rounding_notes(act), None
        before = (pad(act.fixed(), "Zero"),)
    else:
        rule = "PyTorch leaves padding out of averages only where both ends are padded alike"
        raise SolverError(rule, f"padding {ends}", "count_include_pad=True")
    kernel, stride = alike(numbers["kernel_size"]), alike(numbers["stride"])
    arguments = {"kernel_size": kernel, **({} if stride == kernel else {"stride": stride})}
    arguments |= {"padding": padding} if padding != 0 else {}
    if alike(numbers["dilation"]) != 1:
        arguments["dilation"] = alike(numbers["dilation"])
    arguments |= {"ceil_mode": True} if counted_up else {}
    made = layer("torch", f"{name}Pool{act.axes}d", **arguments, **counted)
    return Written((*before, made), notes)


def pad(ends: Ends, kind: str = "Zero", **more: Any) -> Layer:
    """Return the padding layer, the last axis first; negative padding crops."""
    flat = tuple(n for pair in reversed(ends) for n in pair)
    return layer("torch", f"{kind}Pad{len(ends)}d", padding=flat, **more)


def _kernels(numbers: dict[str, tuple[int, ...]]) -> list[tuple[int, int]]:
    return list(zip(numbers["kernel_size"], numbers["dilation"], strict=True))


def _name(act: Act, name: str) -> str:
    """Return a layer's name, the lazy one where the channels that come in are not known."""
    lazy = act.channels.before is None and act.channels.after is not None
    return f"{'Lazy' if lazy else ''}{name}{act.axes}d"


def _channels(act: Act) -> dict[str, int]:
    before, after, groups, *_ = act.channels
    if before is None and after is not None:
        return {"out_channels": after}
    return {"in_channels": before or groups, "out_channels": after or before or groups}


def _groups(act: Act) -> dict[str, Any]:
    groups = {"groups": act.channels.groups} if act.channels.groups > 1 else {}
    return {**groups, **({} if act.channels.bias else {"bias": False})}


def _changed(numbers: dict[str, tuple[int, ...]], **others: Any) -> dict[str, Any]:
    """Return the arguments that are not the default, in the usual order."""
    found = {**{name: alike(value) for name, value in numbers.items()}, **others}
    usual = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
    return {name: value for name, value in found.items() if usual.get(name) != value}


def line(each: Layer) -> str:
    """Return a layer as a call."""
    return call(each, "nn.", _CALLED if "kernel_size" not in each.arguments else _CALLED[:2])


def code(layers: Sequence[Layer], channels: Sequence[Channels], axes: int) -> str:
    """Return lines that make the layers."""
    if len(layers) == 1:
        return f"from torch import nn\n\nmodel = {line(layers[0])}"
    lines = "".join(f"    {line(each)},\n" for each in layers)
    return f"from torch import nn\n\nmodel = nn.Sequential(\n{lines})"


def at_run_time(act: Act) -> str:
    """Return lines that pad for the size that comes in, for padding that depends on it."""
    numbers = windows(act)
    spans = tuple(reading.window.span for reading in act.readings)
    lower = act.readings[0].window.keeps == LOWER
    ends = "total - total // 2, total // 2" if lower else "total // 2, total - total // 2"
    value = ', value=float("-inf")' if act.kind == MAX else ""
    return _AT_RUN_TIME.format(strides=numbers["stride"], spans=spans, ends=ends, value=value)


_AT_RUN_TIME = """\
import torch.nn.functional as F


def pad(x, strides={strides}, spans={spans}):
    pads = []
    for n, s, span in zip(x.shape[2:], strides, spans):
        total = max((-(-n // s) - 1) * s + span - n, 0)
        pads = [{ends}, *pads]
    return F.pad(x, pads{value})"""
