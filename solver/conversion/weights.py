"""How the weights of a convolution lie in memory, and how they go from one framework to another."""

from __future__ import annotations

from solver.frameworks.framework_layer import FrameworkLayer

_CONV = "convolution"
_TRANSPOSED = "transposed convolution"
_DEPTHWISE = "depthwise convolution"
#: Names of the axes of a weight; * stands for the axes of the kernel.
_LAYOUTS = {
    ("torch", _CONV): ("out", "in", "*"),
    ("torch", _TRANSPOSED): ("in", "out", "*"),
    ("onnx", _CONV): ("out", "in", "*"),
    ("onnx", _TRANSPOSED): ("in", "out", "*"),
    ("keras", _CONV): ("*", "in", "out"),
    ("keras", _TRANSPOSED): ("*", "out", "in"),
    ("tensorflow", _CONV): ("*", "in", "out"),
    ("tensorflow", _TRANSPOSED): ("*", "out", "in"),
    ("flax", _CONV): ("*", "in", "out"),
    ("flax", _TRANSPOSED): ("*", "out", "in"),
    ("jax", _CONV): ("*", "in", "out"),
    ("jax", _TRANSPOSED): ("*", "out", "in"),
}


def layout(layer: FrameworkLayer, axes: int) -> tuple[str, ...] | None:
    """Return the names of the axes of a layer's weight, or None where it has none.

    >>> from solver.frameworks import layer
    >>> layout(layer("keras", "Conv2D", kernel_size=3), 2)
    ('k0', 'k1', 'in', 'out')
    """
    found = _LAYOUTS.get((layer.framework.name, layer.row.kind))
    if found is None:
        return None
    if flipped(layer):
        found = ("*", "in", "out")
    if layer.framework.name == "jax" and (given := _ordered(layer, axes)) is not None:
        return given
    kernel = [f"k{axis}" for axis in range(axes)]
    return tuple(name for part in found for name in (kernel if part == "*" else [part]))


def _ordered(layer: FrameworkLayer, axes: int) -> tuple[str, ...] | None:
    """Return the axes of a weight as dimension_numbers of lax name them: H, W, I and O, say.

    Without them a convolution has them as PyTorch does, a transposed one with channels last.
    """
    orders = layer.arguments.get("dimension_numbers")
    if orders is None and layer.row.kind == _CONV:
        return ("out", "in", *(f"k{axis}" for axis in range(axes)))
    if not isinstance(orders, (tuple, list)) or not all(isinstance(each, str) for each in orders):
        return None
    inputs, weights = orders[:2]
    names = {"I": "in", "O": "out"}
    if layer.row.kind == _TRANSPOSED and not flipped(layer):
        names = {"I": "out", "O": "in"}
    kernel = (letter for letter in inputs if letter not in "NC")
    names |= {letter: f"k{axis}" for axis, letter in enumerate(kernel)}
    return tuple(names[letter] for letter in weights) if set(weights) == set(names) else None


def flipped(layer: FrameworkLayer) -> bool:
    """Tell whether a transposed convolution uses its kernel unflipped, as JAX and Flax do."""
    if layer.row.kind != _TRANSPOSED or layer.framework.name not in ("jax", "flax"):
        return False
    return not layer.arguments.get("transpose_kernel", False)


def carried(source: FrameworkLayer, target: FrameworkLayer, axes: int) -> str | None:
    """Return how a weight of one layer becomes that of another, as a NumPy expression of w.

    >>> from solver.frameworks import layer
    >>> one = layer("keras", "Conv2D", kernel_size=3)
    >>> carried(one, layer("torch", "Conv2d", kernel_size=3), 2)
    'w.transpose(3, 2, 0, 1)'
    """
    before, after = layout(source, axes), layout(target, axes)
    if source.row.kind == _DEPTHWISE and after is not None:
        # (kernel, in, multiplier): every channel is a group with as many outputs.
        if after[0] == "out":
            order = (axes, axes + 1, *range(axes))
            return f"w.transpose{order}.reshape(-1, 1, *w.shape[:{axes}])"
        return f"w.reshape(*w.shape[:{axes}], 1, -1)"
    if before is None or after is None:
        return None
    words = "w"
    if flipped(source) != flipped(target):
        at = [before.index(f"k{axis}") for axis in range(axes)]
        words = f"np.flip({words}, {tuple(at) if len(at) > 1 else at[0]})"
    order = tuple(before.index(name) for name in after)
    if order != tuple(range(len(order))):
        words += f".transpose({', '.join(map(str, order))})"
    return words
