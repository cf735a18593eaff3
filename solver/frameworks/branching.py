"""Designs with branches in a framework: modules in one another, or line by line, that run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import LimitError
from solver.frameworks import code
from solver.frameworks import framework as table
from solver.frameworks.line_by_line import Lines
from solver.frameworks.nested import Nested
from solver.layers.branching import Block, Branched
from solver.layers.operators import Operator


def design_code(design: Branched, framework: str = "torch") -> str:
    """Lines of code that make a design in a framework, and run.

    PyTorch, Paddle and Flax hold modules in one another; Keras, JAX and ONNX are written line by
    line. Raises SolverError where a layer cannot be written there; LimitError for an operation.

    >>> from solver import Conv
    >>> design = Branched([Block("add", [[Conv(3, padding=1)], []])], 2, 8)
    >>> print(design_code(design))
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
    >>> print(design_code(design, "keras"))
    import keras
    <BLANKLINE>
    inputs = x = keras.Input((None, None, 8))
    x1 = keras.layers.Conv2D(8, kernel_size=3, padding="same")(x)
    x = keras.layers.Add()([x1, x])
    model = keras.Model(inputs, x)
    """
    framework = code.writable(framework)
    found = code.branching(framework)
    if hasattr(found, "NESTED"):
        modules = _Modules(framework, found.NESTED, design.axes)
        text, notes = modules.program(design), modules.notes
    else:
        made, notes = found.LINES(design.axes), {}
        last, channels = "x", design.channels
        for name, layers in design.parts.items():
            last, channels = _run(made, framework, notes, (layers, channels), last, "x")
            if design.marked:
                made.keep(name, last)
        text = made.program(design.channels, "outputs" if design.marked else last)
    return "".join(f"# {note}\n" for note in notes) + text


def _run(
    made: Lines,
    framework: str,
    notes: dict[str, None],
    layers: tuple[Sequence[Any], int],
    x: str,
    y: str,
) -> tuple[str, int]:
    """Write layers, with the channels before them, from x on; the name of what comes out.

    y: the name of what they make. notes: what to beware of, which are added here.
    """
    axes = made.axes
    found, channels = layers
    for each in found:
        if isinstance(each, Operator):
            after = each.channels_after(channels, axes)
            if each.word not in made.words:
                raise _wanting(framework, each)
            made.operator(each, channels, x, y)
            x, channels = y, after
        elif not isinstance(each, Block):
            written, widths, more = code.made_of(framework, [each], axes, channels)
            notes.update(more)
            for layer, each_width in zip(written, widths, strict=True):
                made.layer(layer, each_width, x, y)
                x = y
            channels = each.channels_after(channels, axes)
        elif len(each.branches) == 1:
            x, channels = _run(made, framework, notes, (each.branches[0], channels), x, y)
        else:
            ends: list[str] = []
            widths_after: list[int] = []
            for branch in each.branches:
                name = made.fresh() if branch else x
                end, width = _run(made, framework, notes, (branch, channels), x, name)
                ends.append(end)
                widths_after.append(width)
            if each.crop:
                made.crop(ends[0], ends[-1], cropped := made.fresh())
                ends[0] = cropped
            made.join(each.join, ends, y)
            x, channels = y, joined(each, widths_after)
    return x, channels


def joined(block: Block, widths: Sequence[int]) -> int:
    """The channels behind a block, of those of its branches."""
    return widths[0] if block.join == "add" else sum(widths)


def _wanting(framework: str, each: Operator) -> LimitError:
    return LimitError(f"{each.word} is not written in {table(framework).title}", each.text, "torch")


class _Modules:
    """Write modules that hold others. notes: what to beware of; used: the classes of blocks."""

    def __init__(self, framework: str, nested: Nested, axes: int) -> None:
        self.framework, self.nested, self.axes = framework, nested, axes
        self.notes: dict[str, None] = {}
        self.used: dict[str, None] = {}

    def program(self, design: Branched) -> str:
        """Imports, the classes that are used, and the model."""
        if design.marked:
            return self._with_outputs(design)
        lines, _ = self._lines(design.layers, design.channels, "    ")
        return self.nested.program(list(self.used), lines)

    def _with_outputs(self, design: Branched) -> str:
        """A module that returns several outputs, with a part for each."""
        parts, steps, channels, last = [], [], design.channels, "x"
        for name, layers in design.parts.items():
            lines, channels = self._lines(layers, channels, " " * 12)
            if lines:
                parts += [
                    f"        self.to_{name} = {self.nested.sequential}(",
                    *lines,
                    "        )",
                ]
            steps.append(f"        {name} = " + (f"self.to_{name}({last})" if lines else last))
            last = name
        steps.append(f"        return {', '.join(design.parts)}")
        return self.nested.returning(list(self.used), parts, steps)

    def _lines(self, layers: Sequence[Any], channels: int, indent: str) -> tuple[list[str], int]:
        """Lines for layers in order, and the channels behind them."""
        found: list[str] = []
        for each in layers:
            if isinstance(each, Block) and len(each.branches) == 1:
                inner, channels = self._lines(each.branches[0], channels, indent)
                found += inner
            elif isinstance(each, Block):
                name = ("Crop" if each.crop else "") + each.join.capitalize()
                self.used[name] = None
                rows = [self._branch(one, channels, indent + "    ") for one in each.branches]
                inner = [line for lines, _ in rows for line in lines]
                found += [f"{indent}{name}(", *inner, f"{indent}),"]
                channels = joined(each, [width for _, width in rows])
            elif isinstance(each, Operator):
                after = each.channels_after(channels, self.axes)
                if not self.nested.has(each.word, self.axes):
                    raise _wanting(self.framework, each)
                found += [
                    f"{indent}{line}," for line in self.nested.said(each, channels, self.axes)
                ]
                self.used |= dict.fromkeys(self.nested.needs(each.word))
                channels = after
            else:
                made, _, notes = code.made_of(self.framework, [each], self.axes, channels)
                self.notes.update(notes)
                channels = each.channels_after(channels, self.axes)
                found += [f"{indent}{code.line(one)}," for one in made]
        return found, channels

    def _branch(self, branch: Sequence[Any], channels: int, indent: str) -> tuple[list[str], int]:
        """Lines for a branch as one module."""
        lines, width = self._lines(branch, channels, indent)
        if not lines:
            return [f"{indent}{self.nested.identity},"], width
        if len(lines) == 1:
            return lines, width
        inner = [f"    {line}" for line in lines]
        return [f"{indent}{self.nested.sequential}(", *inner, f"{indent}),"], width
