"""Any report on a terminal: the answer in bold, a fact a line, then tables as wide as the window.

What a table comes to stands below it, under the answer once more where that has left the window.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from typing import TextIO

from solver.render.lines import wrapped
from solver.render.report import Report, Sum, Table, Verbatim
from solver.render.screen import screen

#: What a terminal is told before a line in a style; a style and a line in it.
_STYLES = {"bold": "\x1b[1m", "dim": "\x1b[2m"}
Line = tuple[str, str]

#: Lines that an answer takes where nobody asked for more, and rows that it has anyway.
_LINES, _ROWS = 20, 5

#: Lines of code that are shown behind other code.
_CODE = 8

#: Columns and lines of a window that does not tell.
_USUAL = 80, 24


def write(report: Report, out: TextIO) -> None:
    """Write a report for a terminal."""
    styled = out.isatty() and os.name == "posix" and os.environ.get("TERM") != "dumb"
    for style, line in _lines(report, *window()):
        start = _STYLES.get(style) if styled and line else None
        out.write(f"{start}{line}\x1b[0m\n" if start else f"{line}\n")


def window() -> tuple[int, int]:
    """The columns and lines of the window: what COLUMNS and LINES say, else the terminal."""
    size: Sequence[int] = _USUAL
    for file in (1, 2, 0):
        with suppress(OSError):
            size = os.get_terminal_size(file)
            break
    said = [os.environ.get(name, "") for name in ("COLUMNS", "LINES")]
    columns, lines = (
        int(told) if told.isdecimal() and int(told) else found or usual
        for told, found, usual in zip(said, size, _USUAL, strict=True)
    )
    return columns, lines


def _lines(report: Report, width: int, height: int) -> Iterator[Line]:
    """Yield the lines of a report for a window."""
    tables = [table for table in report.tables() if not table.page]
    facts = [*_brief(_once(report.facts()))]
    sums = [fact for fact in facts if tables and isinstance(fact, Sum)]
    headline = [("bold", line) for line in wrapped(report.headline(), width)]
    above = [*headline, *_told((fact for fact in facts if fact not in sums), width)]
    below: list[Line] = []
    for table in tables:
        if table.title:
            below += [("", ""), ("bold", table.title)]
        room = _LINES - len(above) - len(below) if table.cut else None
        below += _table(table, width, room, report.unfold)
    yield from (*above, *below)
    if sums:
        yield "", ""
    if len(below) > height:
        yield from headline
    yield from _told(sums, width)
    if derivation := report.derivation("text"):
        yield "", ""
        for each in derivation.splitlines():
            hang = 2 if each.startswith(" ") else 0  # formulas are indented below what is said
            yield from (("", line) for line in wrapped(each, width, hang))


def _once(facts: Iterable[str]) -> list[str]:
    """The facts; those that are said of several lines of a source once.

    >>> _once(["note: net.py, line 2: so it is", "9", "note: net.py, line 7: so it is"])
    ['note: net.py, lines 2 and 7: so it is', '9']
    """
    found: list[str] = []
    places: dict[tuple[str, str], tuple[int, list[str]]] = {}
    for fact in facts:
        start, _, rest = fact.partition(", line ")
        line, _, said = rest.partition(": ")
        if not (start.startswith("note: ") and line.isdecimal()):
            found.append(fact)
            continue
        at, lines = places.setdefault((start, said), (len(found), []))
        if lines:
            found[at] = f"{start}, lines {', '.join(lines)} and {line}: {said}"
        else:
            found.append(fact)
        lines.append(line)
    return found


def _brief(facts: Iterable[str]) -> Iterator[str]:
    """Yield the facts; of long code behind other code, how long it is."""
    shown = False
    for code, lines in groupby(facts, lambda fact: isinstance(fact, Verbatim)):
        block = [*lines]
        if code and shown and len(block) > _CODE:
            start = " " * (len(block[0]) - len(block[0].lstrip()))
            block = [f"{start}... {len(block)} lines of code: --format plain shows all"]
        shown = shown or code
        yield from block


def _told(facts: Iterator[str] | Sequence[str], width: int) -> Iterator[Line]:
    for fact in facts:
        lines = [fact] if isinstance(fact, Verbatim) else wrapped(fact, width)
        yield from (("", line) for line in lines)


def _table(table: Table, width: int, room: int | None, unfold: bool) -> list[Line]:
    """The lines of a table; of its rows so many that they take no more lines than there is room."""
    rows = list(table.rows)
    while True:
        found = screen(table, rows, width, unfold)
        lines = [("", ""), *(("", line) for line in found.above)]
        lines += [("bold", line) for line in found.head]
        lines += [("", line) for line in found.rows]
        lines += [("dim", line) for line in found.below]
        if room is None or len(lines) <= room or len(rows) <= _ROWS:
            return lines
        rows.pop()
