"""Write layers as Keras's: padding in words where a word says it, ZeroPadding and Cropping else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.frameworks import layer
from solver.frameworks.act import Act
from solver.frameworks.keras.rules import conv_transpose
from solver.frameworks.sampling import HALF, LINEAR, REPEAT, How, Sampled
from solver.frameworks.written import (
    Ends,
    Written,
    call,
    factors,
    is_nothing,
    rounding_notes,
    says_same,
    way,
    windows,
)
from solver.layers.arguments import alike
from solver.layers.channels import Channels
from solver.layers.kind import AVERAGE, MAX, PARTS, RESIZE
from solver.layers.layer import Layer

_CALLED = ("filters", "padding", "cropping", "output_size", "size")


def write(act: Act) -> Written:
    """Return Keras's layers for what is asked."""
    if act.padding_mode != "zeros":
        raise SolverError(f"Keras has no {act.padding_mode} padding", right="zeros")
    if act.transposed:
        return _transposed(act)
    if act.kind.pads:
        if act.value:
            raise SolverError("Keras pads with zeros only", f"value {act.value}", "value 0")
        return Written(pad(act.fixed()))
    return _pool(act) if act.kind.pools else _conv(act)


def sample(act: Sampled) -> Written:
    """Return Keras's layer for what slides no window."""
    if act.kind == RESIZE:
        ways: list[tuple[How, dict[str, Any]]] = [(REPEAT, {})]
        if act.axes == 2:
            ways.append(((LINEAR, HALF, "", False), {"interpolation": "bilinear"}))
            ways.append((("bicubic", HALF, "", False), {"interpolation": "bicubic"}))
        words = way(act, ways, "Keras")
        if any(scale < 1 or scale != int(scale) for scale in factors(act)):
            scales = "x".join(map(str, act.scales() or ()))
            raise SolverError("Keras's UpSampling takes whole factors only", f"a factor {scales}")
        size = alike(int(scale) for scale in factors(act))
        return Written((layer("keras", f"UpSampling{act.axes}D", size=size, **words),))
    if act.kind != PARTS:
        raise SolverError(f"Keras has no {act.kind}")
    kind = "Max" if act.method == MAX.word else "Average"
    sizes = act.fixed()
    if sizes is None:
        raise SolverError("Keras's adaptive pooling takes a size for each axis", "None")
    if set(sizes) == {1}:
        kept = {} if act.dropped else {"keepdims": True}
        return Written((layer("keras", f"Global{kind}Pooling{act.axes}D", **kept),))
    made = layer("keras", f"Adaptive{kind}Pooling{act.axes}D", output_size=alike(sizes))
    return Written((made,), (_NEW,))


_NEW = (
    "adaptive pooling is new in Keras (late 2025), and wrong for some sizes "
    "on the JAX backend of 3.15 (7 parts of 14); the other backends do as PyTorch does"
)


def _conv(act: Act) -> Written:
    numbers = windows(act)
    before: tuple[Layer, ...] = ()
    padding = "valid"
    if says_same(act):
        padding = "same"
    else:
        ends = act.fixed()
        reach = [d * (k - 1) for k, d in zip(*_kernels(numbers), strict=True)]
        if act.axes == 1 and ends == ((reach[0], 0),) and reach[0]:
            padding = "causal"
        elif not is_nothing(ends):
            before = pad(ends)
    if all(
        k == 1 and s == 1 for k, s in zip(numbers["kernel_size"], numbers["stride"], strict=True)
    ):
        padding = "valid"
    arguments = _named(numbers, padding)
    made = layer("keras", f"Conv{act.axes}D", filters=_filters(act), **arguments, **_other(act))
    return Written((*before, made))


def _transposed(act: Act) -> Written:
    numbers = windows(act)
    name = f"Conv{act.axes}DTranspose"
    arguments = _named(numbers, "same")
    if _transposed_same(act, numbers):
        made = layer("keras", name, filters=_filters(act), **arguments, **_other(act))
        return Written((made,))
    extra: list[int] = []
    after: list[tuple[int, int]] = []
    rows = zip(act.crops(), numbers["stride"], act.readings, strict=True)
    needed = False
    for (begin, end), s, reading in rows:
        extra.append(min(max(-end, 0), s - 1))
        after.append((-begin, -end - extra[-1]))
        # Without output_padding Keras fills up to the stride.
        needed = needed or extra[-1] > 0 or reading.window.span < s
    if needed:
        arguments["output_padding"] = alike(extra)
    arguments["padding"] = "valid"
    made = layer("keras", name, filters=_filters(act), **arguments, **_other(act))
    added = any(max(pair) > 0 for pair in after) and act.channels.bias
    notes = ("what is added behind the layer has no bias in it",) if added else ()
    return Written((made, *pad(after)), notes)


def _transposed_same(act: Act, numbers: dict[str, tuple[int, ...]]) -> bool:
    rows = zip(*numbers.values(), act.readings, strict=True)
    for k, s, d, reading in rows:
        window = conv_transpose(k, s, "same", None, d).window
        assert window is not None
        if (window.size_map, window.begin_map) != (reading.size, reading.begin):
            return False
    return True


def _pool(act: Act) -> Written:
    numbers = windows(act)
    if max(numbers.pop("dilation")) > 1:
        raise SolverError("Keras's pooling has no dilation", right="dilation 1")
    name = f"{'Max' if act.kind == MAX else 'Average'}Pooling{act.axes}D"
    before: tuple[Layer, ...] = ()
    notes: tuple[str, ...] = ()
    padding = "valid"
    averages_padding = act.kind == AVERAGE and act.counts_padding
    bare = all(reading.window.padded((0, 0)).size_map == reading.size for reading in act.readings)
    if bare and all(reading.begin(0) == 0 for reading in act.readings):
        pass
    elif says_same(act) and not averages_padding:
        padding = "same"
    else:
        before = pad(act.fixed())
        if act.kind == MAX:
            notes = ("zeros of the padding count as values: exact for inputs of at least 0",)
        elif act.counts_padding:
            notes = rounding_notes(act)
        else:
            rule = "Keras leaves padding out of averages only with padding='same'"
            raise SolverError(rule, f"padding {act.fixed()}", "count_include_pad=True")
    numbers["pool_size"] = numbers.pop("kernel_size")
    if numbers["stride"] == numbers["pool_size"]:
        numbers.pop("stride")
    made = layer("keras", name, **dict(sorted(_named(numbers, padding).items())))
    return Written((*before, made), notes)


def pad(ends: Ends) -> tuple[Layer, ...]:
    """Return the padding and cropping layers that are needed."""
    found = []
    for name, word, sign in (("ZeroPadding", "padding", 1), ("Cropping", "cropping", -1)):
        pairs = [(max(sign * begin, 0), max(sign * end, 0)) for begin, end in ends]
        if not is_nothing(pairs):
            value = pairs[0] if len(pairs) == 1 else tuple(pairs)
            found.append(layer("keras", f"{name}{len(ends)}D", **{word: _short(value)}))
    return tuple(found)


def _short(value: Any) -> Any:
    """Write padding alike at both ends as one number for an axis, and for all axes if it can be."""
    if isinstance(value[0], int):
        return value if value[0] != value[1] else value[0]
    if all(begin == end for begin, end in value):
        return alike(begin for begin, _ in value)
    return value


def _kernels(numbers: dict[str, tuple[int, ...]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return numbers["kernel_size"], numbers["dilation"]


def _named(numbers: dict[str, tuple[int, ...]], padding: str) -> dict[str, Any]:
    names = {"stride": "strides", "dilation": "dilation_rate"}
    found: dict[str, Any] = {names.get(name, name): alike(v) for name, v in numbers.items()}
    usual = {"dilation_rate": 1} if "pool_size" in found else {"strides": 1, "dilation_rate": 1}
    kept = {name: value for name, value in found.items() if usual.get(name) != value}
    return {**kept, **({"padding": padding} if padding != "valid" else {})}


def _filters(act: Act) -> int:
    return act.channels.after or act.channels.before or act.channels.groups


def _other(act: Act) -> dict[str, Any]:
    groups = {"groups": act.channels.groups} if act.channels.groups > 1 else {}
    return {**groups, **({} if act.channels.bias else {"use_bias": False})}


def line(each: Layer) -> str:
    """Return a layer as a call."""
    return call(each, "keras.layers.", _CALLED if len(each.arguments) == 1 else _CALLED[:1])


def code(layers: Sequence[Layer], channels: Sequence[Channels], axes: int) -> str:
    """Return lines that make the layers; they take (N, sizes..., C)."""
    shape = ", ".join(["None"] * axes + [str(channels[0].before)])
    calls = [f"keras.Input(({shape}))", *map(line, layers)]
    lines = "".join(f"        {each},\n" for each in calls)
    return f"import keras\n\nmodel = keras.Sequential(\n    [\n{lines}    ]\n)"
