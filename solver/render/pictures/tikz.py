r"""Pictures as TikZ, for papers: a tikzpicture, or a document that pdflatex compiles."""

from __future__ import annotations

from collections.abc import Iterator

from solver.render.pictures.looks import LOOKS, Look
from solver.render.pictures.marks import Cluster, Mark, Rectangle, Stroke
from solver.render.pictures.picture import Picture

_ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}
_SPECIAL = {
    **{each: f"\\{each}" for each in "#$%&_{}"},
    "\\": r"\textbackslash{}",
    "^": r"\^{}",
    "~": r"\~{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def document(picture: Picture) -> str:
    """A document of the one picture, which TeX compiles as it is."""
    return (
        "\\documentclass[tikz]{standalone}\n"
        "\\usetikzlibrary{patterns}\n"
        "\\usepackage[scaled]{helvet}\n"
        "\\renewcommand{\\familydefault}{\\sfdefault}\n"
        f"\\begin{{document}}\n{tikz(picture)}\\end{{document}}\n"
    )


def tikz(picture: Picture) -> str:
    """A picture as a tikzpicture; it needs \\usetikzlibrary{patterns} where it hatches."""
    lines = "".join(f"  {line}\n" for mark in picture.marks for line in _written(mark))
    said = picture.title.replace("\n", " ")
    return (
        f"% {said}\n\\begin{{tikzpicture}}[x=0.75pt,y=-0.75pt,line width=0.5pt]\n"
        f"  \\path[use as bounding box] (0,0) rectangle ({picture.width},{picture.height});\n"
        f"{lines}\\end{{tikzpicture}}\n"
    )


def _written(mark: Mark) -> Iterator[str]:
    if isinstance(mark, Cluster):
        if mark.look != "shown":  # what only a mouse would show
            for inner in mark.marks:
                yield from _written(inner)
        return
    look = LOOKS[mark.look]
    if isinstance(mark, Rectangle):
        corner = f"({mark.x:.2f},{mark.y:.2f}) rectangle ++({mark.width:.2f},{mark.height:.2f})"
        yield f"\\path[{_style(look)}] {corner};"
    elif isinstance(mark, Stroke):
        points = " -- ".join(f"({x:.2f},{y:.2f})" for x, y in mark.points)
        yield f"\\path[{_style(look._replace(fill='none'))}] {points};"
    else:
        size = r"\scriptsize" if look.small else r"\small"
        bold = r"\bfseries" if look.bold else ""
        options = f"anchor={_ANCHORS[mark.anchor]},inner sep=0,{_colour('text', look.fill)}"
        text = "".join(_SPECIAL.get(letter, letter) for letter in mark.text)
        yield (f"\\node[{options},font={size}{bold}] at ({mark.x:.2f},{mark.y:.2f}) {{{text}}};")


def _style(look: Look) -> str:
    said = []
    if look.hatch:
        said.append("pattern=north east lines")
    elif look.fill != "none":
        said += [_colour("fill", look.fill), f"fill opacity={look.opacity:g}"]
    elif look.opacity < 1:
        said.append(f"draw opacity={look.opacity:g}")
    if look.stroke != "none":
        said += [_colour("draw", look.stroke), f"line width={look.width * 0.5:g}pt"]
    if look.dash:
        on, off = look.dash.split()
        said.append(f"dash pattern=on {on}pt off {off}pt")
    return ",".join(said)


def _colour(what: str, colour: str) -> str:
    """An option that sets a colour, written as TikZ mixes it."""
    if not colour.startswith("#"):
        return f"{what}=black"
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{what}={{rgb,255:red,{red};green,{green};blue,{blue}}}"
