"""Write layers as Keras's: padding in words where a word says it, ZeroPadding and Cropping else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.frameworks import layer
from solver.frameworks.keras.rules import conv_transpose
from solver.frameworks.sampling import HALF, LINEAR, REPEAT, How, Sampled
from solver.frameworks.spec import LayerSpec
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


def write(spec: LayerSpec) -> Written:
    """Keras's layers for what is asked."""
    if spec.padding_mode != "zeros":
        raise SolverError(f"Keras has no {spec.padding_mode} padding", right="zeros")
    if spec.transposed:
        return _transposed(spec)
    if spec.kind.pads:
        if spec.value:
            raise SolverError("Keras pads with zeros only", f"value {spec.value}", "value 0")
        return Written(pad(spec.fixed()))
    return _pool(spec) if spec.kind.pools else _conv(spec)


def sample(spec: Sampled) -> Written:
    """Keras's layer for what slides no window."""
    if spec.kind == RESIZE:
        ways: list[tuple[How, dict[str, Any]]] = [(REPEAT, {})]
        if spec.axes == 2:
            ways.append(((LINEAR, HALF, "", False), {"interpolation": "bilinear"}))
            ways.append((("bicubic", HALF, "", False), {"interpolation": "bicubic"}))
        if spec.axes == 2 and (sizes := spec.fixed()) is not None:
            words = way(spec, ways[1:], "Keras")
            return Written((layer("keras", "Resizing", height=sizes[0], width=sizes[1], **words),))
        words = way(spec, ways, "Keras")
        if any(scale < 1 or scale != int(scale) for scale in factors(spec)):
            scales = "x".join(map(str, spec.scales() or ()))
            raise SolverError("Keras's UpSampling takes whole factors only", f"a factor {scales}")
        size = alike(int(scale) for scale in factors(spec))
        return Written((layer("keras", f"UpSampling{spec.axes}D", size=size, **words),))
    if spec.kind != PARTS:
        raise SolverError(f"Keras has no {spec.kind}")
    kind = "Max" if spec.method == MAX.word else "Average"
    sizes = spec.fixed()
    if sizes is None:
        raise SolverError("Keras's adaptive pooling takes a size for each axis", "None")
    if set(sizes) == {1}:
        kept = {} if spec.dropped else {"keepdims": True}
        return Written((layer("keras", f"Global{kind}Pooling{spec.axes}D", **kept),))
    made = layer("keras", f"Adaptive{kind}Pooling{spec.axes}D", output_size=alike(sizes))
    return Written((made,), (_NEW,))


_NEW = (
    "adaptive pooling is new in Keras (late 2025), and wrong for some sizes "
    "on the JAX backend of 3.15 (7 parts of 14); the other backends do as PyTorch does"
)


def _conv(spec: LayerSpec) -> Written:
    numbers = windows(spec)
    before: tuple[Layer, ...] = ()
    padding = "valid"
    if says_same(spec):
        padding = "same"
    else:
        ends = spec.fixed()
        reach = [d * (k - 1) for k, d in zip(*_kernels(numbers), strict=True)]
        if spec.axes == 1 and ends == ((reach[0], 0),) and reach[0]:
            padding = "causal"
        elif not is_nothing(ends):
            before = pad(ends)
    if all(
        k == 1 and s == 1 for k, s in zip(numbers["kernel_size"], numbers["stride"], strict=True)
    ):
        padding = "valid"
    arguments = _named(numbers, padding)
    made = layer("keras", f"Conv{spec.axes}D", filters=_filters(spec), **arguments, **_other(spec))
    return Written((*before, made))


def _transposed(spec: LayerSpec) -> Written:
    numbers = windows(spec)
    name = f"Conv{spec.axes}DTranspose"
    arguments = _named(numbers, "same")
    if _transposed_same(spec, numbers):
        made = layer("keras", name, filters=_filters(spec), **arguments, **_other(spec))
        return Written((made,))
    extra: list[int] = []
    after: list[tuple[int, int]] = []
    rows = zip(spec.crops(), numbers["stride"], spec.readings, strict=True)
    needed = False
    for (begin, end), s, reading in rows:
        extra.append(min(max(-end, 0), s - 1))
        after.append((-begin, -end - extra[-1]))
        # Without output_padding Keras fills up to the stride.
        needed = needed or extra[-1] > 0 or reading.window.span < s
    if needed:
        arguments["output_padding"] = alike(extra)
    arguments["padding"] = "valid"
    made = layer("keras", name, filters=_filters(spec), **arguments, **_other(spec))
    added = any(max(pair) > 0 for pair in after) and spec.channels.bias
    notes = ("what is added behind the layer has no bias in it",) if added else ()
    return Written((made, *pad(after)), notes)


def _transposed_same(spec: LayerSpec, numbers: dict[str, tuple[int, ...]]) -> bool:
    rows = zip(*numbers.values(), spec.readings, strict=True)
    for k, s, d, reading in rows:
        window = conv_transpose(k, s, "same", None, d).window
        assert window is not None
        if (window.size_map, window.begin_map) != (reading.size, reading.begin):
            return False
    return True


def _pool(spec: LayerSpec) -> Written:
    numbers = windows(spec)
    if max(numbers.pop("dilation")) > 1:
        raise SolverError("Keras's pooling has no dilation", right="dilation 1")
    name = f"{'Max' if spec.kind == MAX else 'Average'}Pooling{spec.axes}D"
    before: tuple[Layer, ...] = ()
    notes: tuple[str, ...] = ()
    padding = "valid"
    averages_padding = spec.kind == AVERAGE and spec.counts_padding
    bare = all(reading.window.padded((0, 0)).size_map == reading.size for reading in spec.readings)
    if bare and all(reading.begin(0) == 0 for reading in spec.readings):
        pass
    elif says_same(spec) and not averages_padding:
        padding = "same"
    else:
        before = pad(spec.fixed())
        if spec.kind == MAX:
            notes = ("zeros of the padding count as values: exact for inputs of at least 0",)
        elif spec.counts_padding:
            notes = rounding_notes(spec)
        else:
            rule = "Keras leaves padding out of averages only with padding='same'"
            raise SolverError(rule, f"padding {spec.fixed()}", "count_include_pad=True")
    numbers["pool_size"] = numbers.pop("kernel_size")
    if numbers["stride"] == numbers["pool_size"]:
        numbers.pop("stride")
    made = layer("keras", name, **dict(sorted(_named(numbers, padding).items())))
    return Written((*before, made), notes)


def pad(ends: Ends) -> tuple[Layer, ...]:
    """The padding and cropping layers that are needed."""
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


def _filters(spec: LayerSpec) -> int:
    return spec.channels.after or spec.channels.before or spec.channels.groups


def _other(spec: LayerSpec) -> dict[str, Any]:
    groups = {"groups": spec.channels.groups} if spec.channels.groups > 1 else {}
    return {**groups, **({} if spec.channels.bias else {"use_bias": False})}


def line(each: Layer) -> str:
    """A layer as a call."""
    return call(each, "keras.layers.", _CALLED if len(each.arguments) == 1 else _CALLED[:1])


def code(layers: Sequence[Layer], channels: Sequence[Channels], axes: int) -> str:
    """Lines that make the layers; they take (N, sizes..., C)."""
    shape = ", ".join(["None"] * axes + [str(channels[0].before)])
    calls = [f"keras.Input(({shape}))", *map(line, layers)]
    lines = "".join(f"        {each},\n" for each in calls)
    return f"import keras\n\nmodel = keras.Sequential(\n    [\n{lines}    ]\n)"
