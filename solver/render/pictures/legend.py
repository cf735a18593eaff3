"""What the looks in a picture mean, in a line below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from solver.render.pictures.looks import LOOKS
from solver.render.pictures.marks import LINE, Cluster, Label, Mark, Rectangle, Stroke, width

_KEY, _GAP = 14, 18


def legend(
    words: Mapping[str, str], marks: Iterable[Mark], left: float, top: float, right: float
) -> tuple[list[Mark], float]:
    """Keys for those of the looks that there are among marks, and where they end.

    words: what each look means. left, right, top: where there is room, in pixels.
    """
    used = {mark.look for mark in _flat(marks)}
    found: list[Mark] = []
    x, y = left, top
    for look, word in words.items():
        if look not in used:
            continue
        needed = _KEY + 6 + width(word)
        if x > left and x + needed > right:
            x, y = left, y + LINE + 4
        found.append(_key(look, x, y))
        found.append(Label(x + _KEY + 6, y + 11, word, "text", "start"))
        x += needed + _GAP
    return found, y + _KEY if found else top - LINE / 2


def _key(look: str, x: float, y: float) -> Mark:
    """A box, or a line for what is drawn as lines."""
    data, style = {"key": look}, LOOKS[look]
    if style.fill == "none" and style.stroke != "text":
        return Stroke([(x, y + _KEY / 2), (x + _KEY, y + _KEY / 2)], look, data)
    return Rectangle(x, y, _KEY, _KEY, look, data)


def _flat(marks: Iterable[Mark]) -> Iterator[Mark]:
    for mark in marks:
        if isinstance(mark, Cluster):
            yield from _flat(mark.marks)
        else:
            yield mark
