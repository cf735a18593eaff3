"""A picture: marks with a title and a description, shown in notebooks and saved in any form."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path

from solver.errors import SolverError
from solver.ground.shown import printer, shown
from solver.ground.value import Value
from solver.render.pictures.marks import Mark

#: What a file of a picture may be called after.
SUFFIXES = (".svg", ".png", ".pdf", ".tex")


class Picture(Value):
    """Hold a picture: an SVG that needs nothing else, on a page that is light or dark.

    Made by `.draw()` of layers, networks and answers. width, height: in pixels. title: what it is,
    in a line; description: what it shows, for those who do not see it.

    >>> from solver import Conv
    >>> picture = Conv(3, stride=2, padding=1).draw(10)
    >>> print(picture)
    conv k3 s2 p1: 10 -> 5
    >>> picture.svg[:4], picture.svg == picture._repr_svg_()
    ('<svg', True)
    """

    def __init__(
        self, title: str, description: str, width: float, height: float, marks: Sequence[Mark]
    ) -> None:
        self.title, self.description = title, description
        self.width, self.height = ceil(width), ceil(height)
        self.marks = tuple(marks)

    def made_of(self) -> tuple[object, ...]:
        return self.title, self.description, self.width, self.height, self.marks

    @property
    def svg(self) -> str:
        """The picture as SVG, a document of its own that may also stand inside a page."""
        return shown(self, "svg")

    @property
    def tikz(self) -> str:
        """The picture as a tikzpicture, for papers; its document is what `save` writes."""
        return shown(self, "tikz")

    def save(self, file: str | Path) -> None:
        """Write the picture to a file: .svg, .png, .pdf, or .tex, a document that TeX compiles.

        Raises SolverError for another ending, where the file cannot be written, and where what
        makes PNG or PDF of it is not installed.

        >>> from solver import Conv
        >>> Conv(3).draw(5).save("conv.bmp")
        Traceback (most recent call last):
            ...
        solver.errors.SolverError: a picture is saved as .svg, .png, .pdf or .tex
          received: conv.bmp
          right:    conv.svg
        """
        path = Path(file)
        if path.suffix.lower() not in SUFFIXES:
            rule = "a picture is saved as .svg, .png, .pdf or .tex"
            raise SolverError(rule, str(file), str(path.with_suffix(".svg")))
        data = printer(Picture, "file")(self, path.suffix.lower())
        try:
            path.write_bytes(data)
        except OSError as fault:
            raise SolverError("the picture cannot be written", str(file), fault.strerror) from None

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.title

    def __repr__(self) -> str:
        return f"<Picture of {self.title}, {self.width} x {self.height}>"
