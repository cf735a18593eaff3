"""Write layers as ONNX nodes, and a model that holds them with weights of zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import LimitError, SolverError
from solver.frameworks import layer
from solver.frameworks.sampling import (
    CENTRE,
    CRD,
    CUBIC,
    DCR,
    LINEAR,
    NEAREST,
    REPEAT,
    STRETCHED,
    Sampled,
)
from solver.frameworks.spec import LayerSpec
from solver.frameworks.written import (
    Ends,
    Written,
    factors,
    is_nothing,
    literal,
    moving,
    one_factor,
    reordered,
    rounding_notes,
    way,
    windows,
    without_axes,
)
from solver.layers.channels import Channels
from solver.layers.kind import AVERAGE, MAX, PARTS, RESIZE, SHUFFLE
from solver.layers.layer import Layer

_MODES = {"replicate": "edge", "circular": "wrap"}


def write(spec: LayerSpec) -> Written:
    """ONNX's nodes for what is asked."""
    if spec.transposed:
        return _transposed(spec)
    if spec.kind.pads:
        mode = _MODES.get(spec.padding_mode, spec.padding_mode)
        more = {"constant_value": spec.value} if spec.value else {}
        return Written((pad(spec.fixed(), "constant" if mode == "zeros" else mode, **more),))
    return _pool(spec) if spec.kind.pools else _conv(spec)


def sample(spec: Sampled) -> Written:
    """ONNX's node for what slides no window."""
    if spec.kind == RESIZE:
        return _resize(spec)
    if spec.kind == PARTS:
        if spec.fixed() != (1,) * spec.axes:
            rule = "ONNX pools everything, or windows alike, not parts that depend on n"
            raise SolverError(rule, "x".join(map(str, spec.fixed() or ("None",))) + " parts")
        name = f"Global{'Max' if spec.method == MAX.word else 'Average'}Pool"
        return Written((layer("onnx", name),), without_axes(spec))
    if spec.kind == SHUFFLE:
        order = {} if spec.method == DCR else {"mode": CRD}
        return Written((layer("onnx", "DepthToSpace", blocksize=one_factor(spec), **order),))
    made = layer("onnx", "SpaceToDepth", blocksize=one_factor(spec))
    return Written((made,), reordered(spec, DCR))


def _resize(spec: Sampled) -> Written:
    known = [REPEAT, CENTRE, spec.way]
    words = {NEAREST: "nearest", LINEAR: "linear", CUBIC: "cubic"}
    words |= {stretched: words[method] for method, stretched in STRETCHED.items()}
    # Its own antialias only: JAX's weighs the elements otherwise.
    ways = [(how, how) for how in known if how[0] in words and (not how[3] or "ONNX" in how[0])]
    method, where, rounding, smooth = way(spec, ways, "ONNX")
    attributes: dict[str, Any] = {"mode": words[method], "coordinate_transformation_mode": where}
    if rounding:
        attributes["nearest_mode"] = rounding
    if smooth:
        attributes["antialias"] = 1
    fixed = spec.fixed()
    notes: tuple[str, ...] = ()
    if fixed is not None:
        return Written((layer("onnx", "Resize", sizes=list(fixed), **attributes),))
    scales = factors(spec)
    if any(scale * 2**10 % 1 for scale in scales):
        notes = (
            "onnxruntime holds scales in single precision: its size may be one off; "
            "sizes in place of scales are exact",
        )
    return Written((layer("onnx", "Resize", scales=scales, **attributes),), notes)


def _conv(spec: LayerSpec) -> Written:
    attributes = _attributes(windows(spec), spec)
    if pads := _auto_pad(spec):
        return Written((layer("onnx", "Conv", **attributes, auto_pad=pads),))
    ends = spec.fixed()
    if spec.padding_mode == "zeros" and min(map(min, ends)) >= 0:
        explicit = {} if is_nothing(ends) else {"pads": begins_then_ends(ends)}
        return Written((layer("onnx", "Conv", **attributes, **explicit),))
    mode = _MODES.get(spec.padding_mode, spec.padding_mode)
    return Written((pad(ends, mode), layer("onnx", "Conv", **attributes)))


def _auto_pad(spec: LayerSpec) -> str | None:
    """The word for padding that depends on n, or None where runtimes take it otherwise.

    By the operator's text a kernel smaller than its stride would be padded by less than nothing,
    which onnxruntime refuses or reads elsewhere; dilation it leaves out or refuses.
    """
    pads = moving(spec)
    plain = all(
        r.window.dilation == 1 and r.window.kernel_size >= r.window.stride for r in spec.readings
    )
    return pads.upper() if pads and plain else None


def _pool(spec: LayerSpec) -> Written:
    numbers, attributes = windows(spec), _attributes(windows(spec), spec)
    name = "MaxPool" if spec.kind == MAX else "AveragePool"
    counted = {"count_include_pad": 1} if spec.kind == AVERAGE and spec.counts_padding else {}
    if pads := _auto_pad(spec):
        return Written((layer("onnx", name, **attributes, auto_pad=pads, **counted),))
    counted_up = spec.ceiled()
    ends = counted_up or spec.fixed()
    inside = all(max(pair) < k for pair, k in zip(ends, numbers["kernel_size"], strict=True))
    if inside and min(map(min, ends)) >= 0:
        if counted_up:
            attributes["ceil_mode"] = 1
        if not is_nothing(ends):
            attributes |= {"pads": begins_then_ends(ends), **counted}
        return Written((layer("onnx", name, **attributes),))
    ends = spec.fixed()
    if spec.kind == AVERAGE and not spec.counts_padding:
        rule = "ONNX leaves padding out of averages only where it is smaller than the kernel"
        raise SolverError(rule, f"padding {ends}", "count_include_pad")
    value = {"constant_value": float("-inf")} if spec.kind == MAX else {}
    made = pad(ends, "constant", **value), layer("onnx", name, **attributes)
    return Written(made, rounding_notes(spec))


def _attributes(numbers: dict[str, tuple[int, ...]], spec: LayerSpec) -> dict[str, Any]:
    found: dict[str, Any] = {"kernel_shape": list(numbers["kernel_size"])}
    for name, value in (("strides", numbers["stride"]), ("dilations", numbers["dilation"])):
        if max(value) > 1:
            found[name] = list(value)
    if spec.channels.groups > 1:
        found["group"] = spec.channels.groups
    return found


def _transposed(spec: LayerSpec) -> Written:
    numbers = windows(spec)
    crops, extra, after = [], [], []
    for (begin, end), s in zip(spec.crops(), numbers["stride"], strict=True):
        added = min(max(-end, 0), s - 1)
        crops.append((max(begin, 0), max(end, 0)))
        extra.append(added)
        after.append((max(-begin, 0), max(-end - added, 0)))
    attributes = _attributes(numbers, spec)
    if not is_nothing(crops):
        attributes["pads"] = begins_then_ends(crops)
    if max(extra):
        attributes["output_padding"] = extra
    made = layer("onnx", "ConvTranspose", **attributes)
    if is_nothing(after):
        return Written((made,))
    notes = ("what is added behind the node has no bias in it",) if spec.channels.bias else ()
    return Written((made, pad(after, "constant")), notes)


def begins_then_ends(ends: Ends) -> list[int]:
    """Write pads as ONNX has them."""
    return [begin for begin, _ in ends] + [end for _, end in ends]


def pad(ends: Ends, mode: str, **more: Any) -> Layer:
    """The Pad node; negative pads crop."""
    words = {} if mode == "constant" else {"mode": mode}
    return layer("onnx", "Pad", pads=begins_then_ends(ends), **words, **more)


#: The inputs of Resize, which are its arguments in the table; the first is its input.
_SIZES = {"scales": ("", "scales"), "sizes": ("", "", "sizes")}


def line(each: Layer) -> str:
    """A node as a call; what goes in is x, w, b."""
    inputs = {"Conv": "x, w, b", "ConvTranspose": "x, w, b", "Pad": "x, pads, value"}
    words = "".join(f", {name}={literal(value)}" for name, value in each.arguments.items())
    given = next((before for name, before in _SIZES.items() if name in each.arguments), ())
    names = inputs.get(each.name, "x").split(", ") + list(given)
    listed = ", ".join(f'"{name}"' for name in names)
    return f'helper.make_node("{each.name}", [{listed}], ["y"]{words})'


def code(layers: Sequence[Layer], channels: Sequence[Channels], axes: int) -> str:
    """Lines that make the nodes, and a model that holds them with weights of zero."""
    nodes = OnnxNodes(axes)
    for each, width in zip(layers, channels, strict=True):
        nodes.layer(each, width, nodes.last)
    return nodes.program(channels[0].before or 1, [nodes.last])


class OnnxNodes:
    """Hold the nodes of a model with their weights. axes: of the input, which is x0."""

    def __init__(self, axes: int) -> None:
        self._axes = axes
        self._lines: list[str] = []
        self._weights: list[tuple[str, Any]] = []

    @property
    def last(self) -> str:
        """What comes out of the last node."""
        return f"x{len(self._lines)}"

    def hold(self, name: str, value: Any) -> str:
        """Take in a weight of the next node: a shape of zeros, or numbers; its name."""
        self._weights.append((f"{name}{len(self._lines)}", value))
        return self._weights[-1][0]

    def add(self, kind: str, inputs: Sequence[str], out: str = "", **attributes: Any) -> str:
        """Take in a node; the name of what comes out, the next number unless it is given."""
        words = "".join(f", {name}={literal(value)}" for name, value in attributes.items())
        quoted = ", ".join(f'"{name}"' for name in inputs)
        out = out or f"x{len(self._lines) + 1}"
        self._lines.append(f'    helper.make_node("{kind}", [{quoted}], ["{out}"]{words}),\n')
        return out

    def layer(self, each: Layer, width: Channels, x: str) -> str:
        """Take in the node of a layer; the name of what comes out."""
        axes = self._axes
        before, after = width.before or 1, width.after or 1
        inputs, attributes = [x], dict(each.arguments)
        if "Conv" in each.name:
            kernel = (before, after // width.groups)
            if each.name == "Conv":
                kernel = (after, before // width.groups)
            inputs.append(self.hold("w", (*kernel, *attributes["kernel_shape"])))
            if width.bias:
                inputs.append(self.hold("b", (after,)))
        if each.name == "Pad":
            pads = attributes.pop("pads")
            flat = [0, 0, *pads[:axes], 0, 0, *pads[axes:]]
            value = float(attributes.pop("constant_value", 0.0))
            inputs += [self.hold("pads", flat), self.hold("value", value)]
        for name, listed in _SIZES.items():
            if name in attributes:
                held = self.hold(name, attributes.pop(name))
                inputs += [held if word else "" for word in listed]
                attributes["axes"] = list(range(2, axes + 2))
        return self.add(each.name, inputs, **attributes)

    def program(self, channels: int, names: Sequence[str]) -> str:
        """The whole program, for so many channels of the input; names: of what comes out."""
        taken = {f"x{i}" for i in range(len(self._lines) + 1)}.union(n for n, _ in self._weights)
        if len(names) > 1 and (clash := taken.intersection(names)):
            rule = "an output of ONNX has a name that no other value has"
            raise LimitError(rule, min(clash), f"out_{min(clash)}")
        shape = f"TensorProto.FLOAT, [{', '.join(['None'] * (self._axes + 2))}]"
        ends = f'helper.make_tensor_value_info("{names[0]}", {shape})'
        if len(names) > 1:
            listed = ", ".join(f'"{name}"' for name in names)
            ends = f"[helper.make_tensor_value_info(name, {shape}) for name in ({listed})]"
        return _MODEL.format(
            nodes="".join(self._lines),
            weights="".join(f'    "{name}": {_array(value)},\n' for name, value in self._weights),
            input=", ".join(["None", str(channels), *["None"] * self._axes]),
            ends=ends,
            listed="y" if len(names) > 1 else "[y]",
        )


def _array(value: Any) -> str:
    """Write a weight of a shape, whole numbers (pads, sizes), or others, as an array."""
    if isinstance(value, tuple):
        return f"np.zeros({value}, np.float32)"
    if isinstance(value, list) and all(isinstance(v, int) for v in value):
        return f"np.array({value}, np.int64)"
    return f"np.array({literal(value)}, np.float32)"


_MODEL = """\
import numpy as np
from onnx import TensorProto, helper, numpy_helper

nodes = [
{nodes}]
weights = {{
{weights}}}
x = helper.make_tensor_value_info("x0", TensorProto.FLOAT, [{input}])
y = {ends}
held = [numpy_helper.from_array(value, name) for name, value in weights.items()]
graph = helper.make_graph(nodes, "layers", [x], {listed}, held)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)])"""
