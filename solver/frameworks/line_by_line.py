"""Programs in which every line makes a value of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from solver.frameworks.nested import filled
from solver.layers.channels import Channels
from solver.layers.layer import Layer
from solver.layers.operators import Operator


class Lines:
    """Be what writes a line after the other in a framework. axes: of the input.

    words: the lines of each operation as `filled` takes them, with {x} for what goes in and {y}
    for what comes out.
    """

    words: ClassVar[Mapping[str, str]]

    def __init__(self, axes: int) -> None:
        self.axes = axes
        self.lines: list[str] = []
        self._names = 0
        self._kept = False

    def fresh(self) -> str:
        """A new name."""
        self._names += 1
        return f"x{self._names}"

    def operator(self, each: Operator, channels: int, x: str, y: str) -> None:
        """Write an operation behind so many channels."""
        self.lines += filled(self.words[each.word], each, channels, self.axes, x=x, y=y)

    def layer(self, layer: Layer, width: Channels, x: str, y: str) -> None:
        """Write a layer."""
        raise NotImplementedError

    def join(self, how: str, ends: Sequence[str], y: str) -> None:
        """Write how branches meet."""
        raise NotImplementedError

    def crop(self, x: str, like: str, y: str) -> None:
        """Write how a value is cropped to the sizes of another."""
        raise NotImplementedError

    def keep(self, name: str, x: str) -> None:
        """Write that a value is one of several outputs."""
        if not self._kept:
            self.lines.insert(0, "outputs = {}")
        self._kept = True
        self.lines.append(f'outputs["{name}"] = {x}')

    def program(self, channels: int, x: str) -> str:
        """The whole program, whose last value is x, for so many channels of the input."""
        raise NotImplementedError
