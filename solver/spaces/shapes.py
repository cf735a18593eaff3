"""What an output element reads behind a layer, moved to begin at element 0, worked out once."""

from __future__ import annotations

from solver.layers.reads import ITSELF, Span
from solver.layers.window import Window
from solver.sizes.sizemap import SizeMap
from solver.spaces.option import Option


class Shapes:
    """Work out the shapes of a search, and number them: 0 is an element that reads itself.

    Those of one window and one shape before it are one. work: how many outputs were told apart so
    far, with as much for each shape as for ten of them.
    """

    def __init__(self) -> None:
        self.work = 0
        self._numbers: dict[Span, int] = {ITSELF: 0}
        self._spans: list[Span] = [ITSELF]
        self._behind: dict[tuple[int, int, bool], int] = {}
        self._known: dict[tuple[Window | Span, int, bool], int] = {}

    def length(self, read: int) -> int:
        """The elements from the first to the last of a shape."""
        return self._spans[read].length

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
        if isinstance(own, Span):
            from solver.spaces.passage import through  # only of blocks

            self.work += own.period
            return self._numbered(through(own, read).shape)
        if not own.composes(read):
            self.work += own.input_dilation * read.period
        if ends:
            length = own.length_behind(read)
            found = Span(SizeMap.line(0), SizeMap.line(0, length - 1))
        else:
            found = own.behind(read).shape
        return self._numbered(found)

    def _numbered(self, found: Span) -> int:
        if found not in self._numbers:
            self._numbers[found] = len(self._spans)
            self._spans.append(found)
        return self._numbers[found]
