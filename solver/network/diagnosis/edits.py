"""Edits of a network that may fix it: what is proposed, and what was tried, with their words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from solver.errors import LimitError
from solver.frameworks import code as writing
from solver.frameworks import layer as framework_layer
from solver.ground.named import NamedTuple
from solver.ground.record import Record
from solver.layers.layer import Layer
from solver.layers.table import OWN
from solver.network.diagnosis.onnx_lines import attributes, padded
from solver.network.diagnosis.settings import Change
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply, Shape
from solver.network.graph.validity import Valid, valid
from solver.network.graph.walk import Node
from solver.sizes.sizeset import SizeSet


class Proposal(NamedTuple):
    """Hold an edit that was not tried yet: how large it is, in elements or units.

    strained: whether hardly anybody would write it, such as axes treated apart; None where the
    network that it makes tells. line: of the program, by its number, where that alone says it.
    """

    kind: str
    size: int
    text: str
    network: Graph
    code: str | None = None
    sizes: dict[str, int] | None = None
    changes: tuple[Change, ...] = ()
    strained: bool | None = None
    line: tuple[int, str] | None = None


class Edit(Record):
    """Hold an edit that fixes a network, tried at `sizes`.

    kind: one of KINDS. size: of the change, in elements. text: what to do. code: lines of PyTorch,
    or of Keras for a network of Keras, where there are some: a layer anew, or a tensor before the
    node that reads it. network: changed, as by these lines. square: every size at which it runs
    with all axes alike; None where that is not known. changes: the arguments that are written
    otherwise. strained, line: as of a proposal.
    """

    kind: str
    size: int
    text: str
    code: str | None
    network: Graph
    sizes: dict[str, int]
    square: SizeSet | None
    changes: tuple[Change, ...] = ()
    strained: bool | None = None
    line: tuple[int, str] | None = None

    @cached_property
    def inputs(self) -> dict[str, SizeSet] | None:
        """For each letter, every size at which it runs, the others as in sizes.

        None where such a set is not known.
        """
        letters = self.network.letters
        try:
            return {letter: along(self.network, self.sizes, letter).something for letter in letters}
        except LimitError:
            return None

    @property
    def places(self) -> int:
        """At how many places something else is written; one number of layers alike is one."""
        if self.kind == "input size":
            return 1
        return len({repr(each[2:]) for each in self.changes}) or self.text.count("; ") + 1

    @property
    def finite(self) -> bool:
        """Whether it is not known to run for more than some sizes, along each axis as tried."""
        if len(set(self.sizes.values())) > 1 and self.square is not None and not self.square:
            return self.inputs is None or any(each.finite for each in self.inputs.values())
        return self.square is None or self.square.finite

    @property
    def holds(self) -> str:
        """The sizes at which it runs, in words; where they are not known those it was tried at."""
        alike = len(set(self.sizes.values())) < 2
        if self.square is not None and alike:
            return str(self.square)
        if self.square is None or self.inputs is None:
            return f"{'x'.join(map(str, self.sizes.values())) or 'any size'}, tried"
        return ", ".join(found.text(letter) for letter, found in self.inputs.items())

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        """What to do, and for which sizes that holds."""
        return f"{self.text} (runs for {self.holds})"


def along(network: Graph, sizes: Mapping[str, int], letter: str) -> Valid:
    """Where a network runs along a letter, with numbers for all others."""
    return valid(network, letter, given={x: n for x, n in sizes.items() if x != letter})


def by(numbers: Iterable[int]) -> str:
    """Return sizes with x between them, or one where all are alike."""
    found = list(numbers)
    return str(found[0]) if len(set(found)) == 1 else "x".join(map(str, found))


def sizes_of(shape: Shape) -> tuple[int, ...]:
    """The numbers behind the channels of a shape."""
    return tuple(dim.factor for dim in shape[2:])


def word(name: str) -> str:
    """The name of a node as a name in a program."""
    found = re.sub(r"\W+", "_", name).strip("_")
    return found if found and not found[0].isdigit() else f"x{found}"


def called(node: Node) -> str:
    """The name of a layer, wherever it is called; in ONNX of the node, not of its weights."""
    layer = getattr(node.operation, "layer", None)
    own = layer is not None and layer.framework.name == "onnx"
    return node.name if own else node.of or node.name


def padding(written: str, name: str, ends: Sequence[tuple[int, int]]) -> tuple[Apply, str | None]:
    """What pads a tensor by numbers, or crops it where they are negative, and a line of it.

    written: the framework. The line is None where it takes more than one, or is not Python's.
    """
    flat = tuple(n for pair in reversed(ends) for n in pair)
    if written == "onnx":
        return Apply(framework_layer("torch", "pad", pad=flat)), padded(word(name), ends)
    if written != "keras" or not 1 <= len(ends) <= 3 or min(flat) < 0 < max(flat):
        pad = Apply(framework_layer("torch", "pad", pad=flat))
        line = f"{word(name)} = F.pad({word(name)}, {flat})"
        return pad, line if written == "torch" else None
    key, kind = ("cropping", "Cropping") if min(flat) < 0 else ("padding", "ZeroPadding")
    pairs = tuple((abs(begin), abs(end)) for begin, end in ends)
    given = {key: pairs[0] if len(pairs) == 1 else pairs}
    layer = framework_layer("keras", f"{kind}{len(ends)}D", **given)
    return Apply(layer), f"{word(name)} = {writing.line(layer)}({word(name)})"


def rewriting(
    node: Node, layer: Layer, axes: int, channels: int | None, said: Sequence[Change]
) -> str | None:
    """Lines that write the layer of a node otherwise, None where these are none of Python.

    layer: as it is then, ours in PyTorch. said: the arguments that are written otherwise.
    """
    if layer.framework.name == "onnx":
        return attributes(called(node), {each.argument: each.after for each in said})
    if layer.framework is OWN:
        lines, _ = writing.lines(layer, axes, channels)
    else:
        lines = [writing.line(layer)] if layer.framework.name in writing.TARGETS else []
    return f"{word(called(node))} = {lines[0]}" if len(lines) == 1 else None
