"""What an output element reads behind a layer, moved to begin at element 0, worked out once."""

from __future__ import annotations

from collections.abc import Mapping

from solver.layers.reads import ITSELF, Span
from solver.layers.window import Window
from solver.sizes.domain import LARGEST
from solver.sizes.sizemap import SizeMap
from solver.spaces.option import WHOLE_INPUT, Option


class Shapes:
    """Work out the shapes of a search, and number them: 0 is an element that reads itself.

    Those of one window and one shape before it are one. placed: they stand where they are, for
    limits on where outputs stand. work: how many outputs were told apart so
    far, with as much for each shape as for ten of them.
    """

    def __init__(self, placed: bool = False) -> None:
        self.work = 0
        self._placed = placed
        self._waits: dict[int, Mapping[str, int]] = {}
        self._numbers: dict[Span, int] = {ITSELF: 0}
        self._spans: list[Span] = [ITSELF]
        self._behind: dict[tuple[int, int, bool], int] = {}
        self._known: dict[tuple[Window | Span, int, bool], int] = {}

    def length(self, read: int) -> int:
        """The elements from the first to the last of a shape."""
        return self._spans[read].length

    def whole(self, read: int) -> bool:
        """Tell whether it is the whole input."""
        return self._spans[read] is WHOLE_INPUT

    def waits(self, read: int) -> Mapping[str, int]:
        """Say where outputs stand, by the names of `limits.PLACED`; only of shapes in place.

        Where outputs read unlike each other they are centred on average.
        """
        if read not in self._waits:
            from solver.layers.waiting import waiting  # only where it is known at the end

            span = self._spans[read]
            late, ahead = LARGEST, LARGEST
            if not self.whole(read):
                _, _, ahead, late, _ = waiting(span)
            self._waits[read] = {
                "latency": late,
                "look_ahead": ahead,
                "causal": ahead == 0,
                "centred": not self.whole(read) and not span.offset,
            }
        return self._waits[read]

    def behind(self, option: Option, read: int, ends: bool) -> int:
        """The shape behind an option that stays; where no layer follows only its length is right.

        >>> from solver import ConvTranspose
        >>> from solver.spaces.option import option
        >>> shapes, up = Shapes(), option(ConvTranspose(2, 3, dilation=3), None, 2, None)
        >>> shapes.length(shapes.behind(up, 0, True))
        2
        """
        key = id(option), read, ends
        if key not in self._behind:
            own = option.reads or option.layers[0].window(option.axis)._replace(end=0)
            alike = own, read, ends
            if alike not in self._known:
                self._known[alike] = self._worked_out(*alike)
            self._behind[key] = self._known[alike]
        return self._behind[key]

    def _worked_out(self, own: Window | Span, number: int, ends: bool) -> int:
        read = self._spans[number]
        self.work += 10
        if read is WHOLE_INPUT:
            return number
        if isinstance(own, Span):
            from solver.spaces.passage import through  # only of blocks

            self.work += own.period
            return self._numbered(through(own, read))
        if not own.composes(read):
            self.work += own.input_dilation * read.period
        if ends and not self._placed:
            length = own.length_behind(read)
            return self._numbered(Span(SizeMap.line(0), SizeMap.line(0, length - 1)))
        return self._numbered(own.behind(read))

    def _numbered(self, found: Span) -> int:
        if not self._placed and found is not WHOLE_INPUT:
            found = found.shape
        if found not in self._numbers:
            self._numbers[found] = len(self._spans)
            self._spans.append(found)
        return self._numbers[found]
