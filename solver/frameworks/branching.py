"""Designs with branches as modules of PyTorch that run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from solver.errors import SolverError
from solver.frameworks import code
from solver.layers.branching import Block, Branched
from solver.layers.operators import Operator

_JOINED = {
    "add": ("Add", "sum(branch(x) for branch in self.branches)", ""),
    "concat": (
        "Concat",
        "torch.cat([branch(x) for branch in self.branches], dim=1)",
        "import torch\n",
    ),
}

_CLASS = """

class {name}(nn.Module):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return {joined}
"""

_GATE = """

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


def design_code(design: Branched, framework: str = "torch") -> str:
    """Lines of code that make a design in PyTorch, and run. Raises SolverError for others.

    >>> from solver import Conv
    >>> print(design_code(Branched([Block("add", [[Conv(3, padding=1)], []])], 2, 8)))
    from torch import nn
    <BLANKLINE>
    <BLANKLINE>
    class Add(nn.Module):
        def __init__(self, *branches):
            super().__init__()
            self.branches = nn.ModuleList(branches)
    <BLANKLINE>
        def forward(self, x):
            return sum(branch(x) for branch in self.branches)
    <BLANKLINE>
    <BLANKLINE>
    model = nn.Sequential(
        Add(
            nn.Conv2d(8, 8, kernel_size=3, padding=1),
            nn.Identity(),
        ),
    )
    """
    if code.writable(framework) != "torch":
        raise SolverError("designs with branches are written in PyTorch", framework, "torch")
    lines, _ = _written(design.layers, design.axes, design.channels, "    ")
    used = dict.fromkeys(_used(design.layers))
    imports = "".join(_JOINED[join][2] for join in used if join in _JOINED)
    classes = [
        _CLASS.format(name=_JOINED[join][0], joined=_JOINED[join][1]) if join in _JOINED else _GATE
        for join in used
    ]
    model = "\n".join(["model = nn.Sequential(", *lines, ")"])
    return f"{imports}from torch import nn\n" + "".join(classes) + "\n" * (1 + bool(used)) + model


def _used(layers: Sequence[Any]) -> Iterator[str]:
    """What needs a class of its own."""
    for each in layers:
        if isinstance(each, Block):
            if len(each.branches) > 1:
                yield each.join
            for branch in each.branches:
                yield from _used(branch)
        elif isinstance(each, Operator) and each.row.whole:
            yield each.word


def _written(layers: Sequence[Any], axes: int, channels: int, indent: str) -> tuple[list[str], int]:
    """Lines for layers in order, and the channels behind them."""
    lines: list[str] = []
    for each in layers:
        if isinstance(each, Block) and len(each.branches) == 1:
            inner, channels = _written(each.branches[0], axes, channels, indent)
            lines += inner
        elif isinstance(each, Block):
            lines.append(f"{indent}{_JOINED[each.join][0]}(")
            widths = []
            for branch in each.branches:
                inner, width = _branch(branch, axes, channels, indent + "    ")
                lines += inner
                widths.append(width)
            lines.append(f"{indent}),")
            channels = widths[0] if each.join == "add" else sum(widths)
        elif isinstance(each, Operator):
            lines += [f"{indent}{one}," for one in _modules(each.code(channels, axes))]
            channels = each.channels_after(channels, axes)
        else:
            made, channels = code.lines(each, axes, channels)
            lines += [f"{indent}{line}," for line in made]
    return lines, channels


def _modules(line: str) -> list[str]:
    """The modules of an operator, each on a line of its own."""
    return re.split(r"(?<=\)), (?=nn\.)", line)


def _branch(branch: Sequence[Any], axes: int, channels: int, indent: str) -> tuple[list[str], int]:
    """Lines for a branch as one module."""
    lines, width = _written(branch, axes, channels, indent)
    if not lines:
        return [f"{indent}nn.Identity(),"], width
    if len(lines) == 1:
        return lines, width
    lines, width = _written(branch, axes, channels, indent + "    ")
    return [f"{indent}nn.Sequential(", *lines, f"{indent}),"], width
