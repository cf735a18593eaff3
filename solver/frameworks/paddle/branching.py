"""Designs with branches as layers of Paddle."""

from __future__ import annotations

from solver.frameworks.nested import Nested

_CLASS = """\
class {name}(nn.Layer):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.LayerList(branches)

    def forward(self, x):
        found = [branch(x) for branch in self.branches]
{crop}        return {joined}
"""

_CROP = """\
        axes = list(range(2, x.ndim))
        sizes = [found[-1].shape[axis] for axis in axes]
        begins = [(found[0].shape[axis] - size) // 2 for axis, size in zip(axes, sizes)]
        ends = [begin + size for begin, size in zip(begins, sizes)]
        found[0] = paddle.slice(found[0], axes, begins, ends)
"""

_GATE = """\
class SqueezeExcite(nn.Layer):
    def __init__(self, conv, pool, channels, less):
        super().__init__()
        self.gate = nn.Sequential(
            pool(1),
            conv(channels, less, kernel_size=1),
            nn.ReLU(),
            conv(less, channels, kernel_size=1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return x * self.gate(x)
"""

_SEVERAL = """\
class Model(nn.Layer):
    def __init__(self):
        super().__init__()
{parts}

    def forward(self, x):
{steps}


model = Model()"""

NESTED = Nested(
    {
        "relu": "nn.ReLU()",
        "leakyrelu": "nn.LeakyReLU()",
        "elu": "nn.ELU()",
        "gelu": "nn.GELU()",
        "silu": "nn.Silu()",
        "relu6": "nn.ReLU6()",
        "sigmoid": "nn.Sigmoid()",
        "tanh": "nn.Tanh()",
        "batchnorm": "nn.BatchNorm{d}D({c})",
        "instancenorm": "nn.InstanceNorm{d}D({c}, weight_attr=False, bias_attr=False)",
        "groupnorm": "nn.GroupNorm({n}, {c})",
        "dropout": "nn.Dropout({n})",
        "upsample": "nn.Upsample(scale_factor={n})",
        "upsample1": "",  # none of the nearest
        "upsample3": 'nn.Upsample(scale_factor={n}, data_format="NCDHW")',
        "pixelshuffle": "nn.PixelShuffle({n})",
        "squeeze-excite": "SqueezeExcite(nn.Conv{d}D, nn.AdaptiveAvgPool{d}D, {c}, {less})",
        "head": "nn.AdaptiveAvgPool{d}D(1)\nnn.Flatten()\nnn.Linear({c}, {n})",
    },
    {
        **{
            f"{crop}{join}": _CLASS.format(
                name=f"{crop}{join}", crop=_CROP if crop else "", joined=joined
            )
            for join, joined in (("Add", "sum(found)"), ("Concat", "paddle.concat(found, axis=1)"))
            for crop in ("", "Crop")
        },
        "SqueezeExcite": _GATE,
    },
    {"paddle.": "import paddle"},
    "from paddle import nn",
    several=_SEVERAL,
)
