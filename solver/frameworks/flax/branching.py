"""Designs with branches as modules of Flax (nnx); channels come last."""

from __future__ import annotations

from solver.frameworks.nested import Nested, joins

_CLASS = """\
class {name}(nnx.Sequential):
    def __call__(self, x):
        found = [branch(x) for branch in self.layers]
{crop}        return {joined}
"""

_CROP = """\
        for axis in range(1, x.ndim - 1):
            size = found[-1].shape[axis]
            begin = (found[0].shape[axis] - size) // 2
            found[0] = found[0].take(jnp.arange(begin, begin + size), axis)
"""

_GATE = """\
class SqueezeExcite(nnx.Module):
    def __init__(self, channels, less, rngs):
        self.gate = nnx.Sequential(
            nnx.Linear(channels, less, rngs=rngs),
            nnx.relu,
            nnx.Linear(less, channels, rngs=rngs),
            nnx.sigmoid,
        )

    def __call__(self, x):
        return x * self.gate(x.mean(range(1, x.ndim - 1), keepdims=True))
"""

_UPSAMPLE = """\
class Upsample(nnx.Module):
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        for axis in range(1, x.ndim - 1):
            x = x.repeat(self.factor, axis)
        return x
"""

_SHUFFLE = """\
class PixelShuffle(nnx.Module):
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        n, h, w, c = x.shape
        f = self.factor
        x = x.reshape(n, h, w, c // f**2, f, f).transpose(0, 1, 4, 2, 5, 3)
        return x.reshape(n, h * f, w * f, c // f**2)
"""

_SEVERAL = """\
class Model(nnx.Module):
    def __init__(self, rngs):
{parts}

    def __call__(self, x):
{steps}


model = Model(nnx.Rngs(0))"""

NESTED = Nested(
    {
        "relu": "nnx.relu",
        "leakyrelu": "nnx.leaky_relu",
        "elu": "nnx.elu",
        "gelu": "lambda x: nnx.gelu(x, approximate=False)",
        "silu": "nnx.silu",
        "relu6": "nnx.relu6",
        "sigmoid": "nnx.sigmoid",
        "tanh": "nnx.tanh",
        "batchnorm": "nnx.BatchNorm({c}, rngs=rngs)",
        "instancenorm": "nnx.InstanceNorm({c}, use_bias=False, use_scale=False, rngs=rngs)",
        "groupnorm": "nnx.GroupNorm({c}, num_groups={n}, rngs=rngs)",
        "dropout": "nnx.Dropout({n}, rngs=rngs)",
        "upsample": "Upsample({n})",
        "pixelshuffle": "PixelShuffle({n})",
        "squeeze-excite": "SqueezeExcite({c}, {less}, rngs)",
        "head": "lambda x: x.mean({sizes})\nnnx.Linear({c}, {n}, rngs=rngs)",
    },
    {
        **joins(_CLASS, _CROP, "jnp.concatenate(found, -1)"),
        "SqueezeExcite": _GATE,
        "Upsample": _UPSAMPLE,
        "PixelShuffle": _SHUFFLE,
    },
    {"jnp.": "import jax.numpy as jnp"},
    "from flax import nnx",
    "nnx.Sequential",
    "lambda x: x",
    ("rngs", "rngs = nnx.Rngs(0)"),
    several=_SEVERAL,
)
