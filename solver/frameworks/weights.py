"""How the weights of a convolution lie in memory, and how they go from one framework to another."""

from __future__ import annotations

from solver.frameworks.layer import FrameworkLayer

_CONV = "convolution"
_TRANSPOSED = "transposed convolution"
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
    kernel = [f"k{axis}" for axis in range(axes)]
    return tuple(name for part in found for name in (kernel if part == "*" else [part]))


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
