"""Designs with branches: layers in order, of which some are blocks whose branches meet again.

A design is a tree. What it does is asked of the network that it is: sizes, receptive field, costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from solver.errors import SolverError
from solver.ground.shown import printer
from solver.ground.value import Value
from solver.layers.layer import Layer
from solver.layers.marking import Mark
from solver.layers.reads import ITSELF
from solver.layers.row import USUAL_AXES
from solver.layers.stack import Stack
from solver.sizes.slope import ratio

#: How branches meet: element by element, or behind each other along the channels.
JOINS = ("add", "concat")


class Block(Value):
    """Hold branches that take the same input and meet: each is layers, operators and blocks.

    join: "add" or "concat". crop: what the first branch gives is cropped, alike at both ends, to
    the size of the last. A branch without layers passes its input on; one branch alone is what it
    is without a block. Raises SolverError.

    >>> from solver import Conv
    >>> Block("add", [[Conv(3, padding=1)], []])
    Block('add', [[Conv(3, padding=1)], []])
    """

    __slots__ = ("branches", "crop", "join")

    axes = None
    letters = ()

    def __init__(self, join: str, branches: Sequence[Sequence[Any]], crop: bool = False) -> None:
        if join not in JOINS:
            raise SolverError("branches meet in one way", repr(join)[:60], " or ".join(JOINS))
        self.join, self.branches, self.crop = join, tuple(map(tuple, branches)), crop

    @property
    def orders(self) -> Iterable[tuple[Any, ...]]:
        """The orders of its branches in which it is the same."""
        return (self.branches,)

    def made_of(self) -> tuple[Any, ...]:
        return self.join, self.branches, self.crop

    def __reduce__(self) -> tuple[Any, ...]:
        return Block, self.made_of()

    def __repr__(self) -> str:
        more = ", crop=True" if self.crop else ""
        return f"Block({self.join!r}, {[list(branch) for branch in self.branches]!r}{more})"


class Branched(Stack):
    """Hold a design with blocks, operators or marks; what a stack answers, its network does.

    layers: layers, operators, marks and blocks in order. axes, channels: of the input.

    >>> from solver import Conv
    >>> design = Branched([Block("add", [[Conv(3, padding=1)], []]), Conv(3, 2)], channels=8)
    >>> design.sizes(9), design.receptive_field, design.parameters
    ((9, 9, 4), 5, 1168)
    """

    __slots__ = ()

    def __init__(self, layers: Sequence[Any], axes: int = USUAL_AXES, channels: int = 1) -> None:
        self._set(tuple(layers), axes, channels)

    @cached_property
    def _built(self) -> Any:
        return printer(type(self), "built")(self)

    @property
    def network(self) -> Any:
        """The network that it is: everything that is asked of networks is answered."""
        return self._built.network

    @cached_property
    def widths(self) -> tuple[Any, ...]:
        found: tuple[Any, ...] = self._built.widths
        return found

    @cached_property
    def marked(self) -> bool:
        """Tell whether a mark makes an output of what stands before it."""
        return any(isinstance(each, Mark) for each in self.layers)

    @property
    def parts(self) -> dict[str, tuple[Any, ...]]:
        """The layers up to each output, by its name, without marks."""
        places = [0, *self.output_places.values()]
        found = {}
        for name, begin, end in zip(self.output_places, places, places[1:], strict=False):
            layers = self.layers[begin:end]
            found[name] = tuple(each for each in layers if not isinstance(each, Mark))
        return found

    @cached_property
    def output_places(self) -> dict[str, int]:
        """How many layers stand before each output, by their names; the end is "output".

        >>> from solver import Conv
        >>> Branched([Conv(3, 2), Mark(name="c1"), Conv(3, 2), Mark()]).output_places
        {'c1': 2, 'feature_2': 4}
        """
        found: dict[str, int] = {}
        marks = [at for at, each in enumerate(self.layers, 1) if isinstance(each, Mark)]
        ends = marks if marks[-1:] == [len(self.layers)] else [*marks, len(self.layers)]
        for number, at in enumerate(ends, 1):
            last = at == len(self.layers) and at not in marks
            name = "output" if last else self.layers[at - 1].name or f"feature_{number}"
            while name in found:
                name = f"{name}_{number}"
            found[name] = at
        return found

    def outputs(self, n: Any) -> dict[str, Any]:
        """The sizes of its outputs for an input, by their names.

        >>> from solver import Conv
        >>> Branched([Conv(3, 2), Mark(name="c1"), Conv(3, 2)]).outputs(9)
        {'c1': 4, 'output': 1}
        """
        sizes = self.sizes(n)
        return {name: sizes[at] for name, at in self.output_places.items()}

    def sizes(self, n: Any) -> tuple[Any, ...]:
        found = self._built.sizes(self._on_axes(n))
        return tuple(found if isinstance(n, tuple) else (size[0] for size in found))

    def size_maps(self, axis: int = 0) -> list[Any]:
        return list(self._built.size_maps(axis))

    def minimum(self, axis: int = 0) -> Any:
        return self.accepts(axis).first()

    def accepts(self, axis: int = 0) -> Any:
        return self._built.accepts(axis)

    def spans(self, axis: int = 0) -> tuple[Any, ...]:
        return tuple(self._built.spans(axis))

    @property
    def receptive_field(self) -> Any:
        """As of a stack; None where every output reads the whole input."""
        last = (self.spans() or (ITSELF,))[-1]
        return None if last is None else last.length

    @property
    def jump(self) -> Any:
        size = self.size_map()
        return ratio(size.period, size.rise)

    @property
    def parameters(self) -> Any:
        return self.network.costs().parameters

    def parameters_of(self, index: int) -> Any:
        return self._built.parameters[index]

    @property
    def depth(self) -> int:
        """The layers along the longest branch: convolutions and poolings, and no operators.

        >>> from solver import Conv
        >>> Branched([Block("add", [[Conv(3), Conv(3)], [Conv(5)]]), Conv(1)]).depth
        3
        """
        return _depth(self.layers)

    def macs(self, n: Any) -> Any:
        return self.network.costs(self._on_axes(n)).macs.number

    def activations(self, n: Any) -> Any:
        return self.network.costs(self._on_axes(n)).activations.number

    def __reduce__(self) -> tuple[Any, ...]:
        return Branched, (self.layers, self.axes, self.channels)

    def __repr__(self) -> str:
        more = "" if self.axes == USUAL_AXES else f", axes={self.axes}"
        more += "" if self.channels == 1 else f", channels={self.channels}"
        return f"Branched([{', '.join(map(repr, self.layers))}]{more})"


def _depth(layers: Sequence[Any]) -> int:
    return sum(
        max(map(_depth, each.branches)) if isinstance(each, Block) else isinstance(each, Layer)
        for each in layers
    )
