"""Unknown layers of a network: which layers they may be, those that act alike together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from solver.errors import LimitError
from solver.frameworks import layer as framework_layer
from solver.ground.named import NamedTuple
from solver.layers.layer import Layer
from solver.layers.row import USUAL_AXES
from solver.network.graph.demand import Ask
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation, Shape
from solver.sizes.domain import Domain
from solver.sizes.formulas import WORDS
from solver.sizes.sizemap import SizeMap

if TYPE_CHECKING:  # a network without unknown layers is read without the search
    from solver.sizes.ends import Ends
    from solver.spaces.choice import Choice
    from solver.spaces.transition import Transition

#: Where a layer stands in the order of `solve`: added over the layers, the least is the best.
Cost = tuple[int, ...]
NONE: Cost = (0,) * 11


class Way(NamedTuple):
    """Hold one layer that may stand for an unknown one, and what it adds to the order of ways."""

    layer: Layer
    cost: Cost


class UnknownLayer(Operation):
    """Stand for a layer whose hyperparameters are unknown.

    before: the channels it is made for, where it says so. framework: in whose code it is written.
    same: whether its padding is `same` by the rule of that framework, whatever the choice says.
    """

    choice: Choice
    before: int | None = None
    framework: str = "torch"
    same: bool = False

    @property
    def title(self) -> str:
        return repr(self.choice)

    @property
    def word(self) -> str:
        return self.choice.operation.name

    def shape(self, given: Sequence[Shape], ask: Ask) -> None:
        return None

    @property
    def wide(self) -> bool:
        """Tell whether its layers say their channels."""
        return self.choice.out_channels is not None or self.choice.groups != 1

    def ways(self, axes: int, channels: int | None = None) -> list[list[Way]]:
        """The layers it may be, those that act alike together.

        axes: of the input. channels: of the input, where they are known.
        """
        from solver.inverse.ranking import Ranking

        ranking = Ranking(self.choice.operation, self.choice.ceil_mode)
        found: dict[tuple[Transition | SizeMap, int | None], list[Way]] = {}
        for option in self.choice.options(channels if self.wide else None, axes):
            layer: Layer = option.layers[0]
            acts: Transition | SizeMap = option.transition
            k, s, begin, end, d, a = option.layers[0].numbers()
            p = begin if begin == end else (begin, end)
            if self.same:  # ranked as `solve` ranks it
                p = WORDS["same"](d * (k - 1))
                layer = self._worded(layer, axes)
                acts = layer.along(axes)[0].size_map
            row = (k, s, p, d, a, None)
            way = Way(layer, ranking.cost(row))
            found.setdefault((acts, option.channels), []).append(way)
        return list(found.values())

    def _worded(self, layer: Layer, axes: int) -> Layer:
        """A layer of ours without padding as one of the framework with `same`."""
        from solver.frameworks.own_words import in_words  # few unknown layers have such padding
        from solver.frameworks.spec import of_layer

        return in_words(self.framework, of_layer(layer, axes), "same").layers[0]

    def narrowed(self, layer: object) -> UnknownLayer | None:
        """The same with nothing open but what makes this layer; None where it may not be this."""
        own: list[object] = [layer]
        if self.same and isinstance(layer, Layer):
            axes = layer.axes or USUAL_AXES
            options = self.choice.options(1 if self.wide else None, axes)
            layers = (each.layers[0] for each in options)
            own = [each for each in layers if self._worded(each, axes) == layer]
        found = self.choice.narrowed(own[0]) if own else None
        return None if found is None else self.replaced(choice=found)

    def channels(self, before: Dim) -> Dim | None:
        """The channels that come out, None where several numbers are possible."""
        planned = self.choice.out_channels
        if planned is None:
            return before
        return Dim(planned.first) if isinstance(planned, Domain) and len(planned) == 1 else None

    def __hash__(self) -> int:
        return hash(repr(self.choice))


class UnknownPad(Operation):
    """Stand for zeros around the input, of which it is known how many there may be along each axis.

    amounts: the possible totals, which are put at both ends alike, or what may stand at each end.
    framework: in whose code it is written.
    """

    amounts: Domain | Ends
    framework: str = "torch"

    @property
    def title(self) -> str:
        whole = isinstance(self.amounts, Domain)
        return f"pad({self.amounts} in all)" if whole else f"pad({self.amounts})"

    @property
    def most(self) -> int:
        """The longest padding in all."""
        amounts = self.amounts
        return amounts.last if isinstance(amounts, Domain) else amounts.totals[1]

    def shape(self, given: Sequence[Shape], ask: Ask) -> None:
        return None

    def ways(self, axes: int, channels: int | None = None) -> list[list[Way]]:
        """The padding layers, with those alike that add as much in all."""
        from solver.spaces.choice import MOST_OPTIONS

        if (count := self.amounts.size()) > MOST_OPTIONS:
            rule = f"an unknown padding has at most {MOST_OPTIONS:,} values"
            raise LimitError(rule, received=f"{count:,}", right="a smaller range")
        found = dict[int, list[Way]]()
        for pair in self.within(0, self.most):
            found.setdefault(sum(pair), []).append(self.way(pair, axes))
        return list(found.values())

    def count(self, low: int, high: int) -> int:
        """Count the paddings with low to high in all."""
        if isinstance(self.amounts, Domain):
            return self.amounts.clip(low, high).size()
        return self.amounts.count(low, high)

    def within(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        """Yield what may stand at both ends, with low to high in all: the least first.

        An odd total is longer at the end.
        """
        if isinstance(self.amounts, Domain):
            return ((total // 2, total - total // 2) for total in self.amounts.clip(low, high))
        return self.amounts.within(low, high)

    def narrowed(self, layer: object) -> UnknownPad | None:
        """The same with nothing open but what makes this padding; None where it may not be this."""
        if not isinstance(layer, Layer):
            return None
        ends = layer.arguments.get("pad", ())[:2]
        if ends not in self.within(sum(ends), sum(ends)):
            return None
        whole = isinstance(self.amounts, Domain)
        return self.replaced(amounts=self.amounts.only(sum(ends) if whole else ends))

    def way(self, ends: tuple[int, int], axes: int) -> Way:
        """A padding of so much at the ends of each axis."""
        uneven = 0 if isinstance(self.amounts, Domain) else abs(ends[0] - ends[1])
        cost = (*NONE[:6], uneven, sum(ends), *NONE[8:])
        return Way(framework_layer("torch", "pad", pad=ends * axes), cost)


class Behind(Operation):
    """Stand for what comes out of an unknown layer: its sizes are free.

    of: the layer. letters: one for each axis.
    """

    of: UnknownLayer | UnknownPad
    letters: tuple[str, ...]

    @property
    def title(self) -> str:
        return self.of.title

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape | None:
        (shape,) = given
        channels: Dim | None = shape[1]
        if isinstance(self.of, UnknownLayer):
            if self.of.before is not None:
                ask("the input must have the layer's in_channels", shape[1], Dim(self.of.before))
            channels = self.of.channels(shape[1])
        if channels is None or len(shape) != 2 + len(self.letters):
            return None
        return (shape[0], channels, *map(Dim.letter, self.letters))
