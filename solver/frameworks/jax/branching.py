"""Designs with branches as a function of JAX; channels come last, weights are zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from solver.frameworks.jax import write
from solver.frameworks.line_by_line import Lines
from solver.layers.channels import Channels
from solver.layers.layer import Layer

_NORM = """\


def normalized(x, groups):
    split = x.reshape(*x.shape[:-1], groups, x.shape[-1] // groups)
    axes = (*range(1, x.ndim - 1), x.ndim)
    apart = split - split.mean(axes, keepdims=True)
    return (apart / jnp.sqrt(split.var(axes, keepdims=True) + 1e-5)).reshape(x.shape)
"""

_UPSAMPLE = """\


def upsample(x, factor):
    for axis in range(1, x.ndim - 1):
        x = x.repeat(factor, axis)
    return x
"""

_SHUFFLE = """\


def pixel_shuffle(x, f):
    n, h, w, c = x.shape
    x = x.reshape(n, h, w, c // f**2, f, f).transpose(0, 1, 4, 2, 5, 3)
    return x.reshape(n, h * f, w * f, c // f**2)
"""

_CROP = """\


def crop(x, like):
    for axis in range(1, x.ndim - 1):
        begin = (x.shape[axis] - like.shape[axis]) // 2
        x = lax.slice_in_dim(x, begin, begin + like.shape[axis], axis=axis)
    return x
"""

_HELPERS = {
    "normalized(": _NORM,
    "upsample(": _UPSAMPLE,
    "pixel_shuffle(": _SHUFFLE,
    "crop(": _CROP,
}

_GATE = """\
gate = {x}.mean({sizes}, keepdims=True)
gate = jax.nn.relu(gate @ jnp.zeros(({c}, {less})) + jnp.zeros({less}))
gate = jax.nn.sigmoid(gate @ jnp.zeros(({less}, {c})) + jnp.zeros({c}))
{y} = {x} * gate"""

_HEAD = "{y} = {x}.mean({sizes}) @ jnp.zeros(({c}, {n})) + jnp.zeros({n})"


class JaxLines(Lines):
    """Write what values are of others."""

    words: ClassVar[Mapping[str, str]] = {
        "relu": "{y} = jax.nn.relu({x})",
        "leakyrelu": "{y} = jax.nn.leaky_relu({x})",
        "elu": "{y} = jax.nn.elu({x})",
        "gelu": "{y} = jax.nn.gelu({x}, approximate=False)",
        "silu": "{y} = jax.nn.silu({x})",
        "relu6": "{y} = jax.nn.relu6({x})",
        "sigmoid": "{y} = jax.nn.sigmoid({x})",
        "tanh": "{y} = jnp.tanh({x})",
        "batchnorm": "{y} = {x} * jnp.zeros({c}) + jnp.zeros({c})  # the means are folded in",
        "instancenorm": "{y} = normalized({x}, {c})",
        "groupnorm": "{y} = normalized({x}, {n}) * jnp.zeros({c}) + jnp.zeros({c})",
        "upsample": "{y} = upsample({x}, {n})",
        "pixelshuffle": "{y} = pixel_shuffle({x}, {n})",
        "squeeze-excite": _GATE,
        "head": _HEAD,
    }

    def layer(self, layer: Layer, width: Channels, x: str, y: str) -> None:
        self.lines.append(f"{y} = {write.weighed(layer, width, x)}")

    def join(self, how: str, ends: Sequence[str], y: str) -> None:
        listed = f"jnp.concatenate([{', '.join(ends)}], -1)"
        self.lines.append(f"{y} = {' + '.join(ends) if how == 'add' else listed}")

    def crop(self, x: str, like: str, y: str) -> None:
        self.lines.append(f"{y} = crop({x}, {like})")

    def program(self, channels: int, x: str) -> str:
        """Imports, the functions that are used, and the model."""
        return write.function(self.lines, x, _HELPERS)


LINES = JaxLines
