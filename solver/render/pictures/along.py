"""Where the elements of one axis stand in a picture: a gap for the middle of long ones."""

from __future__ import annotations

from collections.abc import Iterator

#: The width and height of an element, in pixels.
CELL = 26
#: How many places are drawn; of longer axes the first and the last half of them.
MOST_DRAWN = 56


class Along:
    """Places along an axis, from the first to the last, and where they are drawn.

    left: where the first is drawn, in pixels. Of more than MOST_DRAWN places the middle is a gap.

    >>> along = Along(-1, 3)
    >>> [along.x(place) for place in along.places()], along.gap
    ([0, 26, 52, 78, 104], None)
    >>> Along(0, 99).gap, Along(0, 99).x(50)
    (range(28, 72), None)
    """

    def __init__(self, first: int, last: int, left: float = 0) -> None:
        self.first, self.last, self.left = first, last, left
        count, half = last - first + 1, MOST_DRAWN // 2
        self.gap = None if count <= MOST_DRAWN else range(first + half, last + 1 - half)

    @property
    def width(self) -> float:
        """How wide all is, in pixels."""
        hidden = 0 if self.gap is None else len(self.gap) - 1
        return (self.last - self.first + 1 - hidden) * CELL

    def shows(self, place: float) -> bool:
        """Whether a place is drawn, or stands between two that are."""
        inside = self.first <= place <= self.last
        return inside and (self.gap is None or not self.gap[0] - 1 < place < self.gap[-1] + 1)

    def x(self, place: float) -> float | None:
        """The left side of a place, which may be between two, in pixels; None in the gap."""
        if not self.shows(place):
            return None
        hidden = 0 if self.gap is None or place < self.gap[0] else len(self.gap) - 1
        return self.left + (place - self.first - hidden) * CELL

    def places(self) -> Iterator[int]:
        """Yield the places that are drawn, in order."""
        if self.gap is None:
            yield from range(self.first, self.last + 1)
        else:
            yield from range(self.first, self.gap[0])
            yield from range(self.gap[-1] + 1, self.last + 1)

    @property
    def middle(self) -> float | None:
        """Where the gap is drawn, in pixels; None where there is none."""
        if self.gap is None:
            return None
        return self.left + (self.gap[0] - self.first) * CELL + CELL / 2
