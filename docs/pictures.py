"""Write docs/pictures.md and its pictures: every one is drawn when this runs.

    python docs/pictures.py

A figure is a line of Python. The test of this page runs it and compares.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import solver
from solver.render.pictures.picture import Picture

PAGE = Path(__file__).with_suffix(".md")
FOLDER = PAGE.with_suffix("")


class Figure(NamedTuple):
    """Hold one figure: the name of its file, what it shows, and the code that draws it."""

    name: str
    title: str
    says: str
    code: str

    def drawn(self) -> Picture:
        names = {name: getattr(solver, name) for name in solver.__all__}
        *before, last = dedent(self.code).strip().split("\n")
        exec("\n".join(before), names)
        picture: Picture = eval(last, names)
        return picture


FIGURES = (
    Figure(
        "conv",
        "A layer along one axis",
        """
        The elements of the input with their padding, those of the output below them, each under
        the middle of what it reads, and the taps of one. In a notebook the taps of the others
        light up under the mouse.
        """,
        """
        from solver import Conv, ConvTranspose, SizeMap, solve
        Conv(3, stride=2, padding=1).draw(10, output=1)
        """,
    ),
    Figure(
        "unread",
        "What is never read",
        "Elements that no output reads are hatched: here the stride is longer than the kernel.",
        "Conv(2, stride=3).draw(9)",
    ),
    Figure(
        "conv_transpose",
        "A transposed convolution",
        """
        The inputs stand a stride apart. Below each output stands how many of them reach it: where
        neighbours differ there are checkerboards. What the padding cuts off is at the ends.
        """,
        "ConvTranspose(3, stride=2, padding=1).draw(5, output=3)",
    ),
    Figure(
        "grid",
        "Two axes",
        "The window walks over all the outputs, one a second.",
        "Conv(3, stride=2, padding=1).draw((5, 7))",
    ),
    Figure(
        "staircase",
        "All sizes: the staircase",
        """
        Without a size, what comes out of every size. A target that is given beside it shows where
        they differ.
        """,
        "Conv(5, stride=3).draw(target=SizeMap.line(1, 0, 3))",
    ),
    Figure(
        "family",
        "All solutions",
        "Kernel sizes against paddings: the family of all layers that do it, the best one marked.",
        'solve(ConvTranspose, "n", "2n").draw()',
    ),
)

HEAD = """\
<!-- Written by pictures.py, which draws what is shown. -->
# Pictures

`.draw()` gives a picture: a notebook shows it, `.svg` is its text, and `.save("a.svg")` writes it
to a file, also as `.png` and `.pdf` with `pip install "convsolver[pictures]"`, and as `.tex`, a
document of TikZ. It is plain SVG without scripts, on light pages and on dark; its title and its
description are there for those who do not see it.

On the command line, `convsolver draw conv 10 -k 3 -s 2 -p 1` draws a layer, which `-o conv.svg`
puts into a file, and `--format svg` prints any answer that has a picture.
"""


def page() -> str:
    """The page."""
    parts = [HEAD]
    for figure in FIGURES:
        says = dedent(figure.says).strip()
        code = dedent(figure.code).strip()
        lines = "\n".join(f">>> {line}" for line in code.split("\n"))
        picture = figure.drawn()
        shown = f"![{picture.title}](pictures/{figure.name}.svg)"
        listing = f"```pycon\n{lines}\n{picture!r}\n```"
        parts.append(f"## {figure.title}\n\n{says}\n\n{listing}\n\n{shown}\n")
    return "\n".join(parts)


def main() -> None:
    """Write the page and its pictures."""
    PAGE.write_text(page(), encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    for figure in FIGURES:
        figure.drawn().save(FOLDER / f"{figure.name}.svg")


if __name__ == "__main__":
    main()
