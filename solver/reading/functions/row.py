"""A row of the table: a function of tensors, its names and arguments everywhere, its one rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from solver.ground.named import NamedTuple
from solver.reading.functions.call import Call

Rule = Callable[[Call], Any]


class TensorFunction(NamedTuple):
    """Hold what a function does, and how each framework calls it.

    rule: takes a call, and gives the tensors, or sizes, that come out. every: names and arguments
    that all of Python share. The others, by who calls it: layers of PyTorch, functions and methods,
    layers of Keras, its operations, ONNX; as `signature.parse` reads them, in lines.
    """

    rule: Rule
    every: str = ""
    module: str = ""
    function: str = ""
    layer: str = ""
    op: str = ""
    onnx: str = ""

    def texts(self, face: str) -> Iterator[str]:
        """Yield the lines of how a face calls the function."""
        for text in (getattr(self, face), "" if face == "onnx" else self.every):
            yield from (line.strip() for line in text.split(";") if line)
