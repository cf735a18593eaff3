"""Designs with branches as layers of Paddle."""

from __future__ import annotations

from solver.frameworks.modules import GATE, JOIN, SEVERAL, renamed
from solver.frameworks.nested import Nested, joins

_CROP = """\
        axes = list(range(2, x.ndim))
        sizes = [found[-1].shape[axis] for axis in axes]
        begins = [(found[0].shape[axis] - size) // 2 for axis, size in zip(axes, sizes)]
        ends = [begin + size for begin, size in zip(begins, sizes)]
        found[0] = paddle.slice(found[0], axes, begins, ends)
"""

_JOIN, _GATE, _SEVERAL = (
    renamed(lines, "nn.Layer", "nn.LayerList") for lines in (JOIN, GATE, SEVERAL)
)

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
        **joins(_JOIN, _CROP, "paddle.concat(found, axis=1)"),
        "SqueezeExcite": _GATE,
    },
    {"paddle.": "import paddle"},
    "from paddle import nn",
    several=_SEVERAL,
)
