"""Designs with branches as modules of PyTorch."""

from __future__ import annotations

from solver.frameworks.modules import GATE, JOIN, SEVERAL
from solver.frameworks.nested import Nested, joins

_CROP = """\
        for axis in range(2, x.dim()):
            size = found[-1].shape[axis]
            found[0] = found[0].narrow(axis, (found[0].shape[axis] - size) // 2, size)
"""

NESTED = Nested(
    {
        "relu": "nn.ReLU()",
        "leakyrelu": "nn.LeakyReLU()",
        "elu": "nn.ELU()",
        "gelu": "nn.GELU()",
        "silu": "nn.SiLU()",
        "relu6": "nn.ReLU6()",
        "sigmoid": "nn.Sigmoid()",
        "tanh": "nn.Tanh()",
        "batchnorm": "nn.BatchNorm{d}d({c})",
        "instancenorm": "nn.InstanceNorm{d}d({c})",
        "groupnorm": "nn.GroupNorm({n}, {c})",
        "dropout": "nn.Dropout({n})",
        "upsample": "nn.Upsample(scale_factor={n})",
        "pixelshuffle": "nn.PixelShuffle({n})",
        "squeeze-excite": "SqueezeExcite(nn.Conv{d}d, nn.AdaptiveAvgPool{d}d, {c}, {less})",
        "head": "nn.AdaptiveAvgPool{d}d(1)\nnn.Flatten()\nnn.Linear({c}, {n})",
    },
    {
        **joins(JOIN, _CROP, "torch.cat(found, dim=1)"),
        "SqueezeExcite": GATE,
    },
    {"torch.cat": "import torch"},
    "from torch import nn",
    several=SEVERAL,
)
