"""Run an operation of jax.lax on shapes: tracing finds the same sizes and refusals as running."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from jax import lax

Row = dict[str, Any]

#: What JAX raises when it refuses an operation or an input.
REFUSALS = (ValueError, TypeError, IndexError, NotImplementedError, ZeroDivisionError)


def run(row: Row, real: bool = False) -> Row:
    """Return the sizes that come out, or the refusal."""
    name = row["op"].removeprefix("jax.lax.")[:-3]
    return traced(lambda: RUNS[name](fixed(row["p"]), row["in"]))


def traced(sizes: Callable[[], list[int]]) -> Row:
    """Return the sizes of a call, or its refusal."""
    try:
        return {"out": sizes()}
    except REFUSALS as error:
        return {"out": None, "err": f"{type(error).__name__}: {error}"}


def shape(*sizes: int) -> jax.ShapeDtypeStruct:
    """Return a shape to trace with."""
    return jax.ShapeDtypeStruct(sizes, "float32")


def fixed(value: Any) -> Any:
    """Return a value with tuples for lists, as JAX expects static arguments."""
    if isinstance(value, dict):
        return {key: fixed(inner) for key, inner in value.items()}
    return tuple(map(fixed, value)) if isinstance(value, list) else value


def conv(p: Row, sizes: list[int]) -> list[int]:
    """Trace a convolution in NCHW."""
    kernel = shape(1, 1, *p.pop("kernel"))
    image = shape(1, 1, *sizes)
    out = jax.eval_shape(lambda x, w: lax.conv_general_dilated(x, w, **p), image, kernel)
    return list(out.shape[2:])


def conv_transpose(p: Row, sizes: list[int]) -> list[int]:
    """Trace a transposed convolution in NHWC, which is its default."""
    kernel = shape(*p.pop("kernel"), 1, 1)
    image = shape(1, *sizes, 1)
    out = jax.eval_shape(lambda x, w: lax.conv_transpose(x, w, **p), image, kernel)
    return list(out.shape[1:-1])


def reduce_window(p: Row, sizes: list[int]) -> list[int]:
    """Trace a maximum over windows, without batch and channel."""
    out = jax.eval_shape(lambda x: lax.reduce_window(x, -float("inf"), lax.max, **p), shape(*sizes))
    return list(out.shape)


RUNS: dict[str, Callable[[Row, list[int]], list[int]]] = {
    "conv_general_dilated": conv,
    "conv_transpose": conv_transpose,
    "reduce_window": reduce_window,
}
