"""Write layers as JAX's functions of lax: padding in pairs, zeros between inputs, no layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import SolverError
from solver.frameworks import layer
from solver.frameworks.sampling import CENTRE, HALF, KEYS, LINEAR, How, Sampled
from solver.frameworks.spec import LayerSpec
from solver.frameworks.written import Written, literal, moving, rounding_notes, way, windows
from solver.layers.channels import Channels
from solver.layers.kind import AVERAGE, RESIZE
from solver.layers.layer import Layer
from solver.layers.window import LOWER, UPPER

#: Padding that keeps n/stride, by which end gets the odd element.
WORDS = {UPPER: "SAME", LOWER: "SAME_LOWER"}
#: What a pooling makes of a window: the largest, or the mean with or without the padding.
_LARGEST, _MEAN, _INNER = "max", "mean", "mean of the input"


def write(spec: LayerSpec) -> Written:
    """JAX's functions for what is asked."""
    if spec.padding_mode != "zeros":
        raise SolverError(f"lax has no {spec.padding_mode} padding", right="zeros")
    apart = [reading.window.input_dilation for reading in spec.readings]
    if spec.kind.pads:
        config = tuple((*ends, m - 1) for ends, m in zip(spec.fixed(), apart, strict=True))
        made = layer("jax", "pad", padding_value=float(spec.value), padding_config=config)
        return Written((made,))
    numbers = windows(spec)
    if spec.kind.pools:
        kinds = {(AVERAGE, True): _MEAN, (AVERAGE, False): _INNER}
        computation = kinds.get((spec.kind, spec.counts_padding), _LARGEST)
        arguments = {
            "computation": computation,
            "window_dimensions": numbers["kernel_size"],
            "window_strides": numbers["stride"],
            "padding": _padding(spec),
            **_unless(1, base_dilation=tuple(apart), window_dilation=numbers["dilation"]),
        }
        return Written((layer("jax", "reduce_window", **arguments),), rounding_notes(spec))
    if spec.transposed:
        if spec.channels.groups > 1:
            raise SolverError("lax.conv_transpose has no groups", right="groups 1")
        arguments = {
            "kernel_shape": numbers["kernel_size"],
            "strides": numbers["stride"],
            "padding": spec.fixed(),
            **_unless(1, rhs_dilation=numbers["dilation"]),
            "transpose_kernel": True,  # the kernel as PyTorch and Keras have it
            "dimension_numbers": _orders(spec.axes),
        }
        return Written((layer("jax", "conv_transpose", **arguments),))
    groups = {"feature_group_count": spec.channels.groups} if spec.channels.groups > 1 else {}
    arguments = {
        "kernel_shape": numbers["kernel_size"],
        "window_strides": numbers["stride"],
        "padding": _padding(spec),
        **_unless(1, lhs_dilation=tuple(apart), rhs_dilation=numbers["dilation"]),
        **groups,
        "dimension_numbers": _orders(spec.axes),
    }
    return Written((layer("jax", "conv_general_dilated", **arguments),))


def _orders(axes: int) -> tuple[str, str, str]:
    """The orders of input, weight and output: channels last, as in Keras and Flax."""
    letters = "DHW"[-axes:]
    return f"N{letters}C", f"{letters}IO", f"N{letters}C"


def sample(spec: Sampled) -> Written:
    """JAX's function for what slides no window."""
    if spec.kind != RESIZE:
        raise SolverError(f"JAX has no {spec.kind}")
    sharp = {"antialias": False}
    ways: list[tuple[How, dict[str, Any]]] = [(CENTRE, {"method": "nearest"})]
    for method, word in ((LINEAR, "linear"), (KEYS, "cubic")):
        ways.append(((method, HALF, "", False), {"method": word, **sharp}))
        ways.append(((method, HALF, "", True), {"method": word}))
    words = way(spec, ways, "JAX")
    if (sizes := spec.fixed()) is None:
        raise SolverError("jax.image.resize takes a size, not a factor", f"{spec.scales()}")
    return Written((layer("jax", "resize", shape=sizes, **words),))


def _padding(spec: LayerSpec) -> Any:
    """Return padding in words where it depends on n, in pairs else."""
    return WORDS[pads] if (pads := moving(spec)) else spec.fixed()


def _unless(usual: int, **found: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    return {name: value for name, value in found.items() if set(value) != {usual}}


def line(each: Layer) -> str:
    """A layer as a call of x, and the shape of its weight w."""
    shown = _call(each, "w")
    if (kernel := each.arguments.get("kernel_shape")) is None:
        return shown
    ends = "o, i" if each.name == "conv_transpose" else "i, o"
    return f"{shown} with w ({', '.join(map(str, kernel))}, {ends})"


def _call(each: Layer, weight: str, x: str = "x") -> str:
    given = dict(each.arguments)
    if each.name == "resize":
        sizes = ", ".join(map(str, given.pop("shape")))
        method = literal(given.pop("method"))
        smooth = "".join(f", {name}={value}" for name, value in given.items())
        return f"jax.image.resize({x}, ({x}.shape[0], {sizes}, {x}.shape[-1]), {method}{smooth})"
    if each.name == "pad":
        config = ((0, 0, 0), *given["padding_config"], (0, 0, 0))
        return f"lax.pad({x}, {given['padding_value']}, {config})"
    if each.name == "reduce_window":
        return _pool(given, x)
    given.pop("kernel_shape")
    orders = given.pop("dimension_numbers")
    words = "".join(f", {name}={literal(value)}" for name, value in given.items())
    return f"lax.{each.name}({x}, {weight}{words}, dimension_numbers={orders})"


def _pool(given: dict[str, Any], x: str) -> str:
    """Write a pooling of x, whose batch and channels are windows of one."""
    computation, padding = given.pop("computation"), given.pop("padding")
    pads = literal(padding) if isinstance(padding, str) else str(((0, 0), *padding, (0, 0)))
    sizes, strides = ((1, *given.pop(f"window_{name}"), 1) for name in ("dimensions", "strides"))
    rest = f"{sizes}, {strides}, {pads}"
    rest += "".join(f", {name}={(1, *value, 1)}" for name, value in given.items())
    if computation == _LARGEST:
        return f"lax.reduce_window({x}, -jnp.inf, lax.max, {rest})"
    total = f"lax.reduce_window({x}, 0.0, lax.add, {rest})"
    if computation == _INNER:
        return f"{total} / lax.reduce_window(jnp.ones_like({x}), 0.0, lax.add, {rest})"
    count = 1
    for size in sizes:
        count *= size
    return f"{total} / {count}"


def code(layers: Sequence[Layer], channels: Sequence[Channels], axes: int) -> str:
    """Lines that make a function; it takes (N, sizes..., C), and its weights are zero."""
    pairs = zip(layers, channels, strict=True)
    return function([f"x = {weighed(each, width)}" for each, width in pairs])


def weighed(each: Layer, width: Channels, x: str = "x") -> str:
    """What a layer makes of a value, with weights of zero."""
    if (kernel := each.arguments.get("kernel_shape")) is None:
        return _call(each, "", x)
    before, after = width.before or 1, width.after or width.before or 1
    ends = (before // width.groups, after)
    ends = (after, before) if each.name == "conv_transpose" else ends
    bias = f" + jnp.zeros({after})" if width.bias else ""
    return _call(each, f"jnp.zeros({(*kernel, *ends)})", x) + bias


def function(lines: Sequence[str], y: str = "x", helpers: Mapping[str, str] | None = None) -> str:
    """The program whose function of x says y after these lines.

    helpers: functions that stand before it, by the words in which they are called.
    """
    body = "".join(f"    {line}\n" for line in lines)
    used = "".join(text for word, text in (helpers or {}).items() if word in body)
    whole = f"{used}\n\ndef model(x):\n{body}    return {y}"
    imports = "import jax\n" if "jax." in whole else ""
    imports += "import jax.numpy as jnp\n" if "jnp." in whole else ""
    imports += "from jax import lax\n" if "lax." in whole else ""
    return imports + whole
