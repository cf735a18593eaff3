"""The growth of states: how many the designs of a space are merged into, stage by stage."""

from __future__ import annotations

from collections.abc import Iterator

from solver.errors import LimitError
from solver.render.pictures.marks import LINE, Cluster, Label, Mark, Rectangle, width
from solver.render.pictures.picture import Picture
from solver.spaces.space import Space

#: Pixels of a row, the longest bar, and the border; rows that there is room for.
_ROW, _BAR, _BORDER, _MOST = 20, 320, 12, 200


def draw(space: Space) -> Picture:
    """A bar for each stage of a search, from the input on, as long as it has states.

    Raises LimitError for more stages than there is room for, and as `Space.states`.

    >>> from solver import Choice, Conv, Space, repeat
    >>> space = Space(repeat(Choice(Conv, {1, 3}, {1, 2}, "half"), "1..4"), 32, 8)
    >>> print(space.draw(states=True).description)
    States at each stage: 1, 2, 3, 2, 1.
    """
    counts = tuple(map(len, space._diagram.stages))
    if len(counts) > _MOST:
        raise LimitError(f"a picture has room for {_MOST} stages", f"{len(counts):,}")
    title = f"{space.count:,} designs in {space.states:,} states"
    marks: list[Mark] = [Label(_BORDER, _BORDER + 12, title, "head", "start")]
    names = [f"stage {number}" for number in range(len(counts))]
    left, top = _BORDER + max(map(width, names), default=0) + 12, _BORDER + 2 * LINE
    marks += _bars(counts, names, left, top)
    wide = max(left + _BAR + 8 + width(f"{max(counts, default=0):,}"), width(title) * 1.1 + _BORDER)
    said = f"States at each stage: {', '.join(f'{count:,}' for count in counts)}."
    return Picture(title, said, wide + _BORDER, top + len(counts) * _ROW + _BORDER, marks)


def _bars(counts: tuple[int, ...], names: list[str], left: float, top: float) -> Iterator[Mark]:
    most = max(counts, default=1) or 1
    for number, (count, name) in enumerate(zip(counts, names, strict=True)):
        y = top + number * _ROW
        long = _BAR * count / most
        data = {"stage": number, "states": count}
        marks: list[Mark] = [
            Label(_BORDER, y + 12, name, "text", "start"),
            Rectangle(left, y, long, 14, "input", data),
            Label(left + long + 8, y + 12, f"{count:,}", "note", "start"),
        ]
        yield Cluster(marks, tip=f"{name}: {count:,} states")
