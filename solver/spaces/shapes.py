"""What an output element reads behind a layer, moved to begin at element 0, worked out once."""

from __future__ import annotations

from solver.layers.layer import Layer
from solver.layers.reads import Span
from solver.layers.window import Window
from solver.sizes.sizemap import SizeMap
from solver.spaces.budget import Budget

#: Outputs that are told apart, of all that is worked out, for each state.
_PHASES_PER_STATE = 3


class Shapes:
    """Work out the shapes of a search; those of one layer and one shape before it are one.

    Raises LimitError where more outputs have to be told apart than states allow.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._known: dict[tuple[Window, Span, bool], Span] = {}
        self._phases = 0

    def behind(self, layer: Layer, read: Span, ends: bool) -> Span:
        """The shape behind a layer; where no layer follows only its length is right.

        >>> from solver import Conv, ConvTranspose
        >>> from solver.layers.reads import ITSELF
        >>> Shapes(Budget()).behind(ConvTranspose(2, stride=3, dilation=3), ITSELF, True).length
        2
        """
        key = own, _, _ = layer.window()._replace(end=0), read, ends
        if key not in self._known:
            if not own.composes(read):
                self._phases += own.input_dilation * read.period
                self._budget.most(self._phases // _PHASES_PER_STATE, "outputs told apart")
            if ends:
                length = own.length_behind(read)
                self._known[key] = Span(SizeMap.line(0), SizeMap.line(0, length - 1))
            else:
                self._known[key] = own.behind(read).shape
        return self._known[key]
