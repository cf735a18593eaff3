"""How marks look: colours that stay apart in grey, for the colour-blind, and on dark pages.

The colours of fills are those that Okabe and Ito chose for every eye (jfly.uni-koeln.de/color),
half transparent, so that they go with any page; lines and letters have the colour of the text
around them. What only a colour would tell, a dash or a hatch tells too.
"""

from __future__ import annotations

from solver.ground.named import NamedTuple

SKY, ORANGE, GREEN, BLUE, RED, PURPLE = (
    *("#56b4e9", "#e69f00", "#009e73", "#0072b2", "#d55e00", "#cc79a7"),
)


class Look(NamedTuple):
    """How a mark is drawn; text: the colour of the text around the picture."""

    fill: str = "none"
    opacity: float = 1.0  # of the fill, and of a line where there is none
    stroke: str = "text"
    width: float = 1.0
    dash: str = ""
    hatch: bool = False
    bold: bool = False
    small: bool = False


#: Words for more and more of something: none, few, many.
LEVELS = tuple(f"level-{level}" for level in range(8))

#: A look for every word that a mark may have.
LOOKS = {
    # elements
    "input": Look(SKY, 0.45),
    "output": Look(ORANGE, 0.45),
    "tap": Look(BLUE, 0.5, width=2),
    "zero": Look(stroke="text", dash="1 2"),
    "padding": Look(dash="4 3"),
    "overhang": Look(PURPLE, 0.2, dash="1 3"),
    "unread": Look(hatch=True),
    "crop": Look(RED, 0.12, dash="4 3"),
    "now": Look(ORANGE, 0.85, width=2),
    # lines
    "edge": Look(stroke=BLUE, width=1.5),
    "faint": Look(opacity=0.4, width=0.5),
    "axis": Look(stroke="text"),
    "target": Look(stroke=RED, width=2, dash="6 3"),
    "curve": Look(stroke=BLUE, width=2),
    # letters
    "text": Look("text", stroke="none"),
    "note": Look("text", 0.75, stroke="none", small=True),
    "head": Look("text", stroke="none", bold=True),
    "wrong": Look(RED, stroke="none", bold=True),
    "right": Look(GREEN, stroke="none", bold=True),
    # what happens
    "fault": Look(RED, 0.9, width=2),
    "fix": Look(GREEN, 0.3, width=2),
    # how much there is
    LEVELS[0]: Look(stroke="text", width=0.5, dash="1 2"),
    **{word: Look(BLUE, 0.8 * i / 7, width=0.5) for i, word in enumerate(LEVELS) if i},
    # images and what is read of them, many times over each other
    "image": Look(),
    "gives": Look(width=1.5),
    "reads": Look(SKY, 0.3, width=0.5, dash="3 2"),
    # nothing to see
    "area": Look(stroke="none"),
}
