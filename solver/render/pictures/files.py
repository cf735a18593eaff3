"""A picture as the bytes of a file: SVG and TeX by ourselves, PNG and PDF by what is installed."""

from __future__ import annotations

from solver.errors import SolverError
from solver.render.pictures.picture import Picture

#: How many pixels of a PNG each pixel of a picture has.
_SCALE = 2


def written(picture: Picture, suffix: str) -> bytes:
    """The bytes of a file with an ending. Raises SolverError where what makes it is missing."""
    if suffix == ".svg":
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{picture.svg}\n'.encode()
    if suffix == ".tex":
        from solver.render.pictures.tikz import document

        return document(picture).encode()
    drawn = picture.svg.replace("currentColor", "#000000")
    if suffix == ".png":
        try:
            from resvg_py import svg_to_bytes
        except ImportError:
            raise _missing("PNG", "resvg-py") from None
        return bytes(svg_to_bytes(drawn, zoom=_SCALE, background="#ffffff"))
    try:
        from cairosvg import svg2pdf
    except ImportError:
        raise _missing("PDF", "cairosvg") from None
    return bytes(svg2pdf(drawn.encode()))


def _missing(form: str, package: str) -> SolverError:
    right = f"pip install {package}, or convsolver[pictures]; .svg and .tex need nothing"
    return SolverError(f"{form} is made by {package}, which is not installed", form, right)
