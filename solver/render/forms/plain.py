"""Any report as plain text: the answer first, then what it means, then columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, TextIO

from solver.render.report import Report, Table


def write(report: Report, out: TextIO) -> None:
    """Write a report as plain text."""
    for line in lines(report):
        out.write(line + "\n")


def text(report: Report) -> str:
    """A report as plain text, without the last line break."""
    return "\n".join(lines(report))


def lines(report: Report) -> Iterator[str]:
    """Yield the lines of a report."""
    above = list(filter(None, (report.headline(), *report.facts())))
    width = report.width
    yield from chain.from_iterable(_filled(line, width) for line in above) if width else above
    tables = [table for table in report.tables() if not table.page]
    for table in tables:
        rows = list(table.rows)
        if above:
            yield ""
        if len(tables) > 1:
            yield from (table.title, "")
        yield from _listed(table, rows, width) if table.listed else _aligned(table, rows)
        if more := table.more(len(rows)):
            yield more
    if derivation := report.derivation("text"):
        yield from ("", *derivation.splitlines())


def _aligned(table: Table, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a heading and rows as columns, each as wide as its longest cell."""
    rows = [table.head, *rows]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if column.right else cell.ljust(width)
            for column, cell, width in zip(table.columns, row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()


def _listed(table: Table, rows: Sequence[Sequence[str]], width: int | None) -> Iterator[str]:
    """Yield rows below each other: a label, and beside it what is said, as wide as a line."""
    indent = max(len(row[0]) for row in rows) + 2
    for number, row in enumerate(rows):
        if number:
            yield ""
        room = width and width - indent
        first, *others = chain.from_iterable(_wrapped(line, room) for line in table.said(row))
        yield row[0].ljust(indent) + first
        yield from (" " * indent + line for line in others)


def _filled(text: str, width: int, **how: Any) -> list[str]:
    from textwrap import wrap  # few reports are as wide as a page

    return wrap(text, width, **how)


def _wrapped(text: str, width: int | None) -> list[str]:
    """Break a line at spaces, but not inside of parentheses."""
    if width is None:
        return [text]
    whole = re.sub(r"\([^()]*\)", lambda found: found[0].replace(" ", "\0"), text)
    broken = _filled(
        whole, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return [line.replace("\0", " ") for line in broken]
