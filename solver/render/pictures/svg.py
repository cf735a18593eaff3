"""Pictures as SVG: plain text, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any
from zlib import crc32

from solver.render.pictures.looks import LOOKS, Look
from solver.render.pictures.marks import LETTERS, Cluster, Mark, Rectangle, Stroke
from solver.render.pictures.picture import Picture

#: What goes before every class, so that no style of a page means them.
_OURS = "cv-"
#: The colour of the text where a picture is a document of its own, on light and on dark.
_ALONE = "svg:root{color:#1b1b1b}@media (prefers-color-scheme:dark){svg:root{color:#ececec}}"
_HOVER = (
    ".cv-hover .cv-shown{opacity:0;pointer-events:none}"
    ".cv-hover:hover .cv-shown,.cv-hover:focus .cv-shown{opacity:1}"
)
_SMALL = 10


def svg(picture: Picture) -> str:
    """A picture as one SVG element."""
    title, said = escape(picture.title), escape(picture.description)
    # Ids are of a whole page: two pictures on it may not share them unless they are the same.
    name = f"{_OURS}{crc32(repr(picture.made_of()).encode()):08x}"
    body = "".join(_written(mark, name) for mark in picture.marks)
    width, height = _number(picture.width), _number(picture.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-t {name}-d" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="{LETTERS}">'
        f'<title id="{name}-t">{title}</title><desc id="{name}-d">{said}</desc>'
        f"<style>{_styles(picture.marks)}</style>{_hatch(picture.marks, name)}{body}</svg>"
    )


def _written(mark: Mark, name: str) -> str:
    if isinstance(mark, Cluster):
        return _group(mark, name)
    look = LOOKS[mark.look]
    seen = f'class="{_OURS}{mark.look}"{_data(mark.data)}'
    if isinstance(mark, Rectangle):
        place = " ".join(
            f'{key}="{_number(value)}"'
            for key, value in zip(("x", "y", "width", "height"), mark[:4], strict=True)
        )
        fill = f' fill="url(#{name}-h)"' if look.hatch else ""
        return f"<rect {seen} {place}{fill}/>"
    if isinstance(mark, Stroke):
        points = " ".join(f"{_number(x)},{_number(y)}" for x, y in mark.points)
        return f'<polyline {seen} points="{points}"/>'
    anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
    place = f'x="{_number(mark.x)}" y="{_number(mark.y)}"{anchor}'
    return f"<text {seen} {place}>{escape(mark.text, quote=False)}</text>"


def _group(group: Cluster, name: str) -> str:
    tip = f"<title>{escape(group.tip, quote=False)}</title>" if group.tip else ""
    inner = "".join(_written(mark, name) for mark in group.marks)
    classes = f' class="{_OURS}{group.look}"' if group.look else ""
    if not group.steps:
        return f"<g{classes}{_data(group.data)}>{tip}{inner}</g>"
    frames = "".join(
        f"{100 * i / len(group.steps):.4g}%{{transform:translate({_number(x)}px,{_number(y)}px)}}"
        for i, (x, y) in enumerate(group.steps)
    )
    walk = f"{name}-w{crc32(frames.encode()):08x}"
    style = f"animation:{walk} {len(group.steps)}s step-end infinite"
    return (
        f"<style>@keyframes {walk}{{{frames}}}</style>"
        f'<g{classes}{_data(group.data)} style="{style}">{tip}{inner}</g>'
    )


def _styles(marks: Sequence[Mark]) -> str:
    """The styles of the looks that there are, and of what moves or is shown under the mouse."""
    every = [*_all(marks)]
    used = {mark.look for mark in every if not isinstance(mark, Cluster)}
    groups = {mark.look for mark in every if isinstance(mark, Cluster)}
    found = [_ALONE]
    found += [f".{_OURS}{word}{{{_style(LOOKS[word])}}}" for word in LOOKS if word in used]
    if "hover" in groups:
        found.append(_HOVER)
    if any(isinstance(mark, Cluster) and mark.steps for mark in every):
        found.append("@media (prefers-reduced-motion:reduce){.cv-moving{animation:none!important}}")
    return "".join(found)


def _style(look: Look) -> str:
    said = [] if look.hatch else [f"fill:{_colour(look.fill)}"]
    if look.opacity < 1:
        said.append(f"{'stroke' if look.fill == 'none' else 'fill'}-opacity:{look.opacity:g}")
    if look.stroke != "none":
        said += [f"stroke:{_colour(look.stroke)}", f"stroke-width:{look.width:g}"]
    if look.dash:
        said.append(f"stroke-dasharray:{look.dash}")
    if look.bold:
        said.append("font-weight:bold")
    if look.small:
        said.append(f"font-size:{_SMALL}px")
    return ";".join(said)


def _hatch(marks: Sequence[Mark], name: str) -> str:
    if not any(LOOKS[mark.look].hatch for mark in _all(marks) if not isinstance(mark, Cluster)):
        return ""
    return (
        f'<defs><pattern id="{name}-h" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path d="M0 6L6 0M-1 1L1 -1M5 7L7 5" stroke="currentColor" stroke-width="1"/>'
        "</pattern></defs>"
    )


def _all(marks: Sequence[Mark]) -> Iterator[Mark]:
    for mark in marks:
        yield mark
        if isinstance(mark, Cluster):
            yield from _all(mark.marks)


def _colour(word: str) -> str:
    return "currentColor" if word == "text" else word


def _data(data: Mapping[str, Any]) -> str:
    return "".join(f' data-{key}="{escape(str(value))}"' for key, value in data.items())


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
