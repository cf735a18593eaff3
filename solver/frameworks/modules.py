"""Modules that hold others, which PyTorch and Paddle write alike but for two names."""

from __future__ import annotations

JOIN = """\
class {name}(nn.Module):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        found = [branch(x) for branch in self.branches]
{crop}        return {joined}
"""

GATE = """\
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

SEVERAL = """\
class Model(nn.Module):
    def __init__(self):
        super().__init__()
{parts}

    def forward(self, x):
{steps}


model = Model()"""


def renamed(lines: str, base: str, held: str) -> str:
    """The lines where modules are called otherwise, and lists of them.

    >>> renamed("class Model(nn.Module):", "nn.Layer", "nn.LayerList")
    'class Model(nn.Layer):'
    """
    return lines.replace("nn.ModuleList", held).replace("nn.Module", base)
