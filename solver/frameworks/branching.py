"""Designs with branches as modules of PyTorch that run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from solver.errors import SolverError
from solver.frameworks import code
from solver.layers.branching import Block, Branched
from solver.layers.marking import Mark
from solver.layers.operators import Operator

_JOINS = {
    "add": "sum(found)",
    "concat": "torch.cat(found, dim=1)",
}

_CLASS = """

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
            found = [branch(x) for branch in self.branches]
            return sum(found)
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
    used = dict.fromkeys(_used(design.layers))
    imports = "import torch\n" * any("Concat" in each for each in used)
    classes = "".join(map(_class, used))
    if design.marked:
        model = "\n" + _with_outputs(design)
    else:
        lines, _ = _written(design.layers, design.axes, design.channels, "    ")
        model = "\n".join(["\n" * bool(used) + "model = nn.Sequential(", *lines, ")"])
    return f"{imports}from torch import nn\n{classes}\n{model}"


def _with_outputs(design: Branched) -> str:
    """The lines of a module that returns several outputs, a part for each."""
    parts, steps, returned = [], [], []
    channels, before, last = design.channels, 0, "x"
    for name, at in design.output_places.items():
        layers = [each for each in design.layers[before:at] if not isinstance(each, Mark)]
        lines, channels = _written(layers, design.axes, channels, " " * 12)
        if lines:
            parts += [f"        self.to_{name} = nn.Sequential(", *lines, "        )"]
        steps.append(f"        {name} = " + (f"self.to_{name}({last})" if lines else last))
        returned.append(name)
        before, last = at, name
    return _MODEL.format(parts="\n".join(parts), steps="\n".join(steps), found=", ".join(returned))


_MODEL = """\
class Model(nn.Module):
    def __init__(self):
        super().__init__()
{parts}

    def forward(self, x):
{steps}
        return {found}


model = Model()"""


def _name(block: Block) -> str:
    """The class of a block."""
    return ("Crop" if block.crop else "") + block.join.capitalize()


def _class(name: str) -> str:
    """The lines of a class."""
    if name == "SqueezeExcite":
        return _GATE
    crop = _CROP if name.startswith("Crop") else ""
    return _CLASS.format(name=name, crop=crop, joined=_JOINS[name.removeprefix("Crop").lower()])


def _used(layers: Sequence[Any]) -> Iterator[str]:
    """What needs a class of its own."""
    for each in layers:
        if isinstance(each, Block):
            if len(each.branches) > 1:
                yield _name(each)
            for branch in each.branches:
                yield from _used(branch)
        elif isinstance(each, Operator) and each.row.whole:
            yield "SqueezeExcite"


def _written(layers: Sequence[Any], axes: int, channels: int, indent: str) -> tuple[list[str], int]:
    """Lines for layers in order, and the channels behind them."""
    lines: list[str] = []
    for each in layers:
        if isinstance(each, Block) and len(each.branches) == 1:
            inner, channels = _written(each.branches[0], axes, channels, indent)
            lines += inner
        elif isinstance(each, Block):
            lines.append(f"{indent}{_name(each)}(")
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
