"""A ruler of inputs: which of them run, a cell each."""

from __future__ import annotations

from solver.render.pictures.marks import Label, Mark, Rectangle, width
from solver.sizes.sizeset import SizeSet

#: How many inputs are shown, of which so many before the first that runs; a cell's pixels.
_SHOWN, _BEFORE, _WIDE, _HIGH = 32, 4, 14, 14
#: How wide it is, in pixels.
LONG = _SHOWN * _WIDE


def ruler(inputs: SizeSet, left: float, top: float, around: int | None = None) -> list[Mark]:
    """The inputs from a little before the first that runs, or around one, and whether they run."""
    least = inputs.first() or 1
    middle = least if around is None else max(around - _SHOWN // 2 + _BEFORE, 1)
    first = max(middle - _BEFORE, 1)
    marks: list[Mark] = []
    for i, n in enumerate(range(first, first + _SHOWN)):
        look = "fix" if n in inputs else "unread"
        marks.append(Rectangle(left + i * _WIDE, top, _WIDE, _HIGH, look, {"runs": n}))
        near = around is not None and abs(n - around) * _WIDE < width(str(n)) + 2
        if n == around or (n % 8 == 0 and not near):
            bold = "head" if n == around else "note"
            x = max(left + (i + 0.5) * _WIDE, left + width(str(n)) * 0.55)
            marks.append(Label(x, top + _HIGH + 13, str(n), bold))
    return marks
