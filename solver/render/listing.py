"""Rows as columns of plain text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def listed(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a heading and rows as lines, each column as wide as its longest cell.

    >>> listed(["layer", "size"], [["conv", "n"], ["maxpool", "n/2"]])
    ['layer    size', 'conv     n', 'maxpool  n/2']
    """
    table = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
