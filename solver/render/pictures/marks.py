"""What a picture is made of: boxes, lines and labels, each with a look, in pixels.

A look is a word for what a mark shows, such as "padding"; how it is drawn is said once, for every
form that a picture is written in. `data` is what a mark stands for; whoever reads a picture back
finds it there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.ground.named import NamedTuple

#: Height of the letters of labels, from line to line.
LETTERS, LINE = 12, 16

# Widths of the printable characters of Helvetica, from the space on, in thousandths of its size.
_WIDTHS = (
    *(278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278),
    *(556,) * 10,
    *(278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667),
    *(556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278),
    *(469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556),
    *(556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584),
)


class Rectangle(NamedTuple):
    """A rectangle; x and y: its corner at the top left."""

    x: float
    y: float
    width: float
    height: float
    look: str
    data: Mapping[str, Any] = {}


class Stroke(NamedTuple):
    """A line through points."""

    points: Sequence[tuple[float, float]]
    look: str
    data: Mapping[str, Any] = {}


class Label(NamedTuple):
    """A line of text; y: its base line. anchor: start, middle or end, where x is."""

    x: float
    y: float
    text: str
    look: str = "text"
    anchor: str = "middle"
    data: Mapping[str, Any] = {}


class Cluster(NamedTuple):
    """Marks that belong together.

    look: "hover" shows the marks of a look "shown" among them while the mouse is on the others;
    "moving" goes on by one of `steps`, (x, y) from where it stands, each second. tip: what is said
    of them under the mouse.
    """

    marks: Sequence[Mark]
    look: str = ""
    tip: str = ""
    steps: Sequence[tuple[float, float]] = ()
    data: Mapping[str, Any] = {}


Mark = Rectangle | Stroke | Label | Cluster


def width(text: str, size: float = LETTERS) -> float:
    """How wide a text is, in pixels; characters that Helvetica has no width of are as an em.

    >>> width("iii") < width("www"), width("")
    (True, 0.0)
    """
    codes = (ord(letter) - 32 for letter in text)
    return sum(_WIDTHS[c] if 0 <= c < len(_WIDTHS) else 1000 for c in codes) * size / 1000
