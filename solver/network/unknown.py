"""Unknown layers of a network: which layers they may be, those that act alike together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from solver.design.choice import MOST_OPTIONS, Choice
from solver.design.effect import Effect
from solver.domain import Domain
from solver.errors import LimitError
from solver.frameworks import layer as framework_layer
from solver.frameworks.layer import FrameworkLayer
from solver.layer import Layer
from solver.network.demand import Ask
from solver.network.operation import Operation, Shape

#: How odd a layer is, then its size: added over the layers, the least is the best.
Cost = tuple[int, ...]


class Way(NamedTuple):
    """Hold one layer that may stand for an unknown one, and how odd and large it is."""

    layer: Layer | FrameworkLayer
    cost: tuple[int, ...]


@dataclass(frozen=True)
class Open(Operation):
    """Stand for a layer whose hyperparameters are unknown."""

    choice: Choice

    @property
    def title(self) -> str:
        return repr(self.choice)

    @property
    def word(self) -> str:
        return self.choice.operation.name

    def shape(self, given: Sequence[Shape], ask: Ask) -> None:
        return None

    def ways(self, axes: int) -> list[list[Way]]:
        """Return the layers it may be, those that act alike on sizes together."""
        found: dict[Effect, list[Way]] = {}
        for option in self.choice.options(axes=axes):
            layer = option.layers[0]
            found.setdefault(option.effect, []).append(Way(layer, _taste(layer)))
        return list(found.values())

    def __hash__(self) -> int:
        return hash(repr(self.choice))


@dataclass(frozen=True)
class OpenPad(Operation):
    """Stand for zeros around the input of which only the possible totals per axis are known."""

    totals: Domain

    @property
    def title(self) -> str:
        return f"pad({self.totals} in all)"

    def shape(self, given: Sequence[Shape], ask: Ask) -> None:
        return None

    def ways(self, axes: int) -> list[list[Way]]:
        """Return the padding layers, each alone; what is odd goes at the end."""
        if self.totals.size() > MOST_OPTIONS:
            rule = f"an unknown padding has at most {MOST_OPTIONS:,} totals"
            raise LimitError(rule, received=f"{self.totals.size():,}", right="a smaller range")
        pads = ((total // 2, total - total // 2) for total in self.totals)
        layers = (framework_layer("torch", "pad", pad=ends * axes) for ends in pads)
        return [[Way(layer, (0, 0, 0, sum(layer.arguments["pad"]), 0, 0))] for layer in layers]


def _taste(layer: Layer) -> Cost:
    """Return how odd a layer is, then its size."""
    k, s, begin, end, d, a = layer.axis(0)
    odd = 2 * (d > 1) + 2 * (begin != end) + (a > 0) + 4 * (s == 1 and d * (k - 1) % 2)
    odd += 8 * (max(begin, end) > d * (k - 1)) + 8 * (k < s and not layer.operation.pooling)
    return odd, k, s, begin + end, d, a
