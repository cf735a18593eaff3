"""Run a layer of Flax, of linen or of nnx, on shapes."""

from __future__ import annotations

from typing import Any

import jax
from flax import linen, nnx
from frameworks.run_jax import fixed, shape, traced

Row = dict[str, Any]


def run(row: Row, real: bool = False) -> Row:
    """Return the sizes that come out, or the refusal."""
    _, family, name, _ = row["op"].split(".")
    trace = pool if name == "pool" else {"linen": linen_layer, "nnx": nnx_layer}[family]
    return traced(lambda: trace(name, fixed(row["p"]), row["in"]))


def linen_layer(name: str, p: Row, sizes: list[int]) -> list[int]:
    """Trace the making and the call of a layer of linen, from one channel to one."""
    module = getattr(linen, name)(features=1, **p)
    out = jax.eval_shape(
        lambda x: module.init_with_output(jax.random.key(0), x)[0], shape(1, *sizes, 1)
    )
    return list(out.shape[1:-1])


def nnx_layer(name: str, p: Row, sizes: list[int]) -> list[int]:
    """Trace the making and the call of a layer of nnx, from one channel to one."""

    def call(x: jax.Array) -> jax.Array:
        return getattr(nnx, name)(1, 1, rngs=nnx.Rngs(0), **p)(x)

    return list(jax.eval_shape(call, shape(1, *sizes, 1)).shape[1:-1])


def pool(name: str, p: Row, sizes: list[int]) -> list[int]:
    """Trace the pool that "kind" names."""
    kind = getattr(linen, p.pop("kind"))
    return list(jax.eval_shape(lambda x: kind(x, **p), shape(1, *sizes, 1)).shape[1:-1])
