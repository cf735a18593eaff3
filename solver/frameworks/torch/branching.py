"""Designs with branches as modules of PyTorch."""

from __future__ import annotations

from solver.frameworks.nested import Nested

_CLASS = """\
class {name}(nn.Module):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        found = [branch(x) for branch in self.branches]
{crop}        return {joined}
"""

_CROP = """\
        for axis in range(2, x.dim()):
            size = found[-1].shape[axis]
            found[0] = found[0].narrow(axis, (found[0].shape[axis] - size) // 2, size)
"""

_GATE = """\
class SqueezeExcite(nn.Module):
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
class Model(nn.Module):
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
        **{
            f"{crop}{join}": _CLASS.format(
                name=f"{crop}{join}", crop=_CROP if crop else "", joined=joined
            )
            for join, joined in (("Add", "sum(found)"), ("Concat", "torch.cat(found, dim=1)"))
            for crop in ("", "Crop")
        },
        "SqueezeExcite": _GATE,
    },
    {"torch.cat": "import torch"},
    "from torch import nn",
    several=_SEVERAL,
)
