"""Where a backend of Keras does not do what Keras says it will."""

from __future__ import annotations

from solver.layers.row import Values


def conv_transpose_notes(found: Values, sizes: tuple[int, ...]) -> list[str]:
    """Note where TensorFlow refuses a size that Keras promises with output_padding."""
    for n, s, k, d, a, padding in zip(
        sizes,
        found["strides"],
        found["kernel_size"],
        found["dilation_rate"],
        found["output_padding"],
        found["padding"],
        strict=True,
    ):
        if a is None:
            continue
        span = d * (k - 1) + 1
        out = (n - 1) * s + a + (span % 2 if padding == "same" else span)
        if padding == "same" and not (n - 1) * s < out <= n * s:
            return [
                f"TensorFlow 2.21 as backend refuses it: {out} is not in {(n - 1) * s + 1}..{n * s}"
            ]
    return []


def pool_notes(found: Values, sizes: tuple[int, ...]) -> list[str]:
    """Note that the backends give nothing where Keras refuses a window that does not fit."""
    for n, k, padding in zip(sizes, found["pool_size"], found["padding"], strict=True):
        if padding == "valid" and n < k:
            return ["the JAX and TensorFlow backends of Keras 3.15 give size zero when run"]
    return []
