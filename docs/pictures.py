"""Write docs/pictures.md and its pictures: every one is drawn when this runs.

    python docs/pictures.py

A figure is a line of Python. The test of this page runs it and compares.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

from solver.render.pictures.picture import Picture

PAGE = Path(__file__).with_suffix(".md")
FOLDER = PAGE.with_suffix("")


_NAMES: dict[str, Any] = {}


class Figure(NamedTuple):
    """Hold one figure: the name of its file, what it shows, and the code that draws it."""

    name: str
    title: str
    says: str
    code: str

    def drawn(self) -> Picture:
        """The picture; what is named in one figure is known in those behind it."""
        *before, last = dedent(self.code).strip().split("\n")
        exec("\n".join(before), _NAMES)
        picture: Picture = eval(last, _NAMES)
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
    Figure(
        "cone",
        "What one output reads",
        """
        A stack over an input of a size: what the output in the middle, or another, reads at every
        layer. Above the input stands how many ways lead from each element to it: all that are there
        are the receptive field, and the dashes stand over those that count most.
        """,
        """
        from solver import Stack
        Stack(Conv(3, 2), Conv(3, dilation=2), Conv(3)).draw(30)
        """,
    ),
    Figure(
        "ways",
        "Coverage as a map",
        """
        With two sizes, how many ways lead to each output: what comes out where all weights and all
        inputs are one. Upsampling by a kernel that its stride does not divide makes a checkerboard.
        """,
        "Stack(ConvTranspose(3, 2, 1), ConvTranspose(3, 2, 1)).draw((5, 5))",
    ),
    Figure(
        "network",
        "A network",
        """
        A row for each layer, as long as its size; what is read further down goes there at the left.
        The ruler below shows which inputs run. With a size it is of that size: `net.draw(572)`.
        """,
        """
        from solver import MaxPool, concat, trace
        net = trace(lambda x: concat(ConvTranspose(2, 2)(Conv(3, padding=1)(MaxPool(2)(x))), x))
        net.draw()
        """,
    ),
    Figure(
        "fields",
        "What an output of a network reads",
        """
        The same of a network, of any of its nodes: `net.fields(64).draw(node="conv_2")`. Branches
        go down at the left. With `every=True` it is the map of all outputs.
        """,
        "net.fields(16).draw()",
    ),
    Figure(
        "phases",
        "Phase by phase",
        "For every size: what each phase of the outputs reads, with the holes between.",
        """
        trace(lambda x: Conv(3, dilation=2)(ConvTranspose(3, 2, 1)(x)), axes=1).taps().draw()
        """,
    ),
    Figure(
        "tiles",
        "Tiles",
        """
        An image cut into tiles that give what the whole gives: what each reads, and inside what of
        its outputs is kept. On the command line, `network FILE --tile 572 --input 1212` with
        `--format svg` shows both axes.
        """,
        "net.tiling().draw(64, 24)",
    ),
    Figure(
        "explanation",
        "What is wrong",
        "The layer that does not run in red, with both sizes; the smallest fix in green.",
        "net.explain(65).draw()",
    ),
    Figure(
        "decoder",
        "An encoder and its decoder",
        "The best decoder behind its encoder, at a size given back; `fill` is drawn so too.",
        """
        from solver import decoders
        decoders(trace(lambda x: Conv(3, 2, 1)(Conv(7, 2, 3)(x)), axes=1), 63).draw()
        """,
    ),
    Figure(
        "front",
        "A Pareto front",
        "The designs of a search that no other beats in both costs; the mouse tells which it is.",
        """
        from solver import Choice, Space, repeat
        space = Space(repeat(Choice(Conv, {1, 3, 5}, {1, 2}, "half"), "1..4"), 32, 8)
        space.draw("parameters", "-receptive_field")
        """,
    ),
    Figure(
        "states",
        "The growth of states",
        "How many states the designs are merged into, stage by stage.",
        "space.draw(states=True)",
    ),
)

TAIL = """\
## Diagrams of other tools

`net.diagram("mermaid")` and `net.diagram("dot")`, on the command line `--format mermaid` and
`--format dot`, are the text of a diagram that Markdown pages and Graphviz draw, with the size in
every box:

```pycon
>>> print(net.diagram("mermaid", 64))
flowchart TD
  n0["input<br/>64"]
  n1["maxpool_1<br/>MaxPool k2 s2<br/>32"]
  n2["conv_2<br/>Conv k3 p1<br/>32"]
  n3["convtranspose_3<br/>ConvTranspose k2 s2<br/>64"]
  n4["concat_4<br/>concat<br/>64"]
  n0 --> n1
  n1 --> n2
  n2 --> n3
  n3 --> n4
  n0 --> n4
```
"""

HEAD = """\
<!-- Written by pictures.py, which draws what is shown. -->
# Pictures

`.draw()` gives a picture: a notebook shows it, `.svg` is its text, and `.save("a.svg")` writes it
to a file, also as `.png` and `.pdf` with `pip install "convsolver[pictures]"`, and as `.tex`, a
document of TikZ. It is plain SVG without scripts, on light pages and on dark; its title and its
description are there for those who do not see it.

On the command line, `convsolver draw conv 10 -k 3 -s 2 -p 1` draws a layer, which `-o conv.svg`
puts into a file, and `--format svg` prints any answer that has a picture. Of a network it is its
layers; with `--layer` and `--input` what one output of that layer reads, with `--phases` how evenly
all of them do, with `--tile` its tiles.

Five notebooks show them at work: [one layer](notebooks/one_layer.ipynb), [the
figures and formulas of a paper](notebooks/paper.ipynb), [a U-Net that fits](notebooks/unet.ipynb),
[an audio codec](notebooks/codec.ipynb), and [a search handed to
Optuna](notebooks/search.ipynb).
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
    return "\n".join([*parts, TAIL])


def main() -> None:
    """Write the page and its pictures."""
    PAGE.write_text(page(), encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    for figure in FIGURES:
        figure.drawn().save(FOLDER / f"{figure.name}.svg")


if __name__ == "__main__":
    main()
