"""Read a picture back: what its marks stand for."""

from __future__ import annotations

from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def marks(picture):
    """The marks of a picture by what they stand for: (value, element) of each name of data."""
    found = {}
    for each in ElementTree.fromstring(picture.svg).iter():
        for name, value in each.attrib.items():
            if name.startswith("data-"):
                found.setdefault(name[5:], []).append((value, each))
    return found


def look(element):
    """The look of a mark."""
    return element.get("class").removeprefix("cv-")


def reads(layer, n, axis=0):
    """The elements that each output reads, by carrying every element through the layer."""
    k, s, begin, end, d, extra = layer.numbers(axis)
    if layer.operation.transposed:
        full = [[] for _ in range((n - 1) * s + d * (k - 1) + 1 + extra)]
        for x in range(n):
            for t in range(k):
                full[s * x + d * t].append(x)
        return full[begin : len(full) - end]
    padded = [None] * begin + [*range(n)] + [None] * (end + s * layer.ceil_mode)
    count = layer.size((n, n))[axis]
    windows = (padded[s * y : s * y + d * (k - 1) + 1 : d] for y in range(count))
    return [[x for x in window if x is not None] for window in windows]
