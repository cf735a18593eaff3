"""How the weights of a convolution lie in memory, and how they go from one framework to another."""

from __future__ import annotations

from solver.layers.kind import CONV, TRANSPOSED
from solver.layers.layer import Layer

#: Names of the axes of a weight; * stands for the axes of the kernel.
_LAYOUTS = {
    ("torch", CONV): ("out", "in", "*"),
    ("torch", TRANSPOSED): ("in", "out", "*"),
    ("onnx", CONV): ("out", "in", "*"),
    ("onnx", TRANSPOSED): ("in", "out", "*"),
    ("paddle", CONV): ("out", "in", "*"),
    ("paddle", TRANSPOSED): ("in", "out", "*"),
    ("keras", CONV): ("*", "in", "out"),
    ("keras", TRANSPOSED): ("*", "out", "in"),
    ("tensorflow", CONV): ("*", "in", "out"),
    ("tensorflow", TRANSPOSED): ("*", "out", "in"),
    ("flax", CONV): ("*", "in", "out"),
    ("flax", TRANSPOSED): ("*", "out", "in"),
    ("jax", CONV): ("*", "in", "out"),
    ("jax", TRANSPOSED): ("*", "out", "in"),
}


def layout(layer: Layer, axes: int) -> tuple[str, ...] | None:
    """The names of the axes of a layer's weight, or None where it has none.

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


def _ordered(layer: Layer, axes: int) -> tuple[str, ...] | None:
    """Return the axes of a weight as dimension_numbers of lax name them: H, W, I and O, say.

    Without them a convolution has them as PyTorch does, a transposed one with channels last.
    """
    orders = layer.arguments.get("dimension_numbers")
    if orders is None and layer.row.kind == CONV:
        return ("out", "in", *(f"k{axis}" for axis in range(axes)))
    if not isinstance(orders, (tuple, list)) or not all(isinstance(each, str) for each in orders):
        return None
    inputs, weights = orders[:2]
    names = {"I": "in", "O": "out"}
    if layer.row.kind.transposed and not flipped(layer):
        names = {"I": "out", "O": "in"}
    kernel = (letter for letter in inputs if letter not in "NC")
    names |= {letter: f"k{axis}" for axis, letter in enumerate(kernel)}
    return tuple(names[letter] for letter in weights) if set(weights) == set(names) else None


def flipped(layer: Layer) -> bool:
    """Tell whether a transposed convolution uses its kernel unflipped, as JAX and Flax do."""
    if not layer.row.kind.transposed or layer.framework.name not in ("jax", "flax"):
        return False
    return not layer.arguments.get("transpose_kernel", False)


def carried(source: Layer, target: Layer, axes: int) -> str | None:
    """How a weight of one layer becomes that of another, as a NumPy expression of w.

    >>> from solver.frameworks import layer
    >>> one = layer("keras", "Conv2D", kernel_size=3)
    >>> carried(one, layer("torch", "Conv2d", kernel_size=3), 2)
    'w.transpose(3, 2, 0, 1)'
    """
    before, after = layout(source, axes), layout(target, axes)
    if source.row.kind.per_channel and after is not None:
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
