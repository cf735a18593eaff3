"""What a table is on a screen: the columns and rows that fit it, and the lines around them.

What all rows say is said above, notes that rows repeat are said below, blocks of rows that repeat
are one block, and columns that are worth least leave until a row is a line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from solver.ground.named import NamedTuple
from solver.render.folding import folded
from solver.render.lines import wrapped
from solver.render.report import Column, Table

#: Characters between columns, of prose that a row has room for at least, and of a note that stays
#: where it is however often it is said.
_GAP, _PROSE, _BRIEF = 2, 30, 16

#: Where rows are too wide: which columns take more lines, prose or others, and how narrow they get.
_SHRINK = ((True, _PROSE), (False, 16), (False, 10))

#: What prose begins with that stands below its row.
_UNDER = "    "


class Screen(NamedTuple):
    """Hold the lines of a table: above it, its heading, its rows, and below it."""

    above: list[str]
    head: list[str]
    rows: list[str]
    below: list[str]


def screen(table: Table, rows: Sequence[Sequence[str]], width: int, unfold: bool = False) -> Screen:
    """A table, or its first rows, at so many characters."""
    made = Screen([], [], [], [])
    if table.listed:
        made.rows.extend(_listed(table, rows, width))
    elif rows:
        columns, cells = list(table.columns), [list(row) for row in rows]
        if not unfold:
            _runs(columns, cells)
        columns, cells = _common(columns, cells, made, width)
        _footnotes(columns, cells, made, width)
        if table.folds and not unfold:
            cells = [list(row) for row in folded(columns, cells)]
        columns, cells = _fitting(columns, cells, made, width)
        _columns(columns, cells, made, width)
    if more := table.more(len(rows)):
        made.below.insert(0, more)
    return made


def _common(
    columns: list[Column], rows: list[list[str]], made: Screen, width: int
) -> tuple[list[Column], list[list[str]]]:
    """Say above what stands in every row, and leave out columns without a word."""
    cells = [[*dict.fromkeys(each)] for each in zip(*rows, strict=True)]
    same = [len(each) == 1 and (not each[0] or len(rows) > 1) for each in cells]
    same[0] &= not all(same)
    pairs = zip(columns, cells, same, strict=True)
    said = [(column, each[0]) for column, each, out in pairs if out and each[0]]
    values = ", ".join(f"{column.name} {cell}" for column, cell in said if not column.prose)
    prose = "; ".join(cell for column, cell in said if column.prose)
    if words := "; ".join(filter(None, (values, prose))):
        made.above.extend(wrapped(f"in every row: {words}", width))
    kept = [at for at, out in enumerate(same) if not out]
    return [columns[at] for at in kept], [[row[at] for at in kept] for row in rows]


def _runs(columns: Sequence[Column], rows: list[list[str]]) -> None:
    """Say once what is repeated in a row: 4 x conv k3 s2."""
    for at in (at for at, column in enumerate(columns) if column.prose and not column.notes):
        for row in rows:
            runs = [(part, len([*same])) for part, same in groupby(row[at].split("; "))]
            row[at] = "; ".join(f"{n} x {part}" if n > 1 else part for part, n in runs)


def _footnotes(columns: Sequence[Column], rows: list[list[str]], made: Screen, width: int) -> None:
    """Say notes below that several rows have, or that have no room.

    What a row says in a column is left out of them.
    """
    numbers: dict[str, int] = {}
    widths = [wide + _GAP for wide in _widths(columns, rows)]
    for at in (at for at, column in enumerate(columns) if column.notes):
        cramped = width - sum(widths) + widths[at] < min(widths[at], _PROSE)
        notes = [_notes(columns, row, at) for row in rows]
        often = Counter(general for row in notes for general in dict.fromkeys(row.values()))
        for row, each in zip(rows, notes, strict=True):
            said = [
                f"[{numbers.setdefault(general, len(numbers) + 1)}]"
                if (cramped or often[general] > 1) and len(general) > _BRIEF
                else note
                for note, general in each.items()
            ]
            row[at] = "; ".join(said).replace("]; [", "] [")
    for general, number in numbers.items():
        made.below.extend(wrapped(f"[{number}] {general}", width))


def _notes(columns: Sequence[Column], row: Sequence[str], at: int) -> dict[str, str]:
    """The notes of a row, and each without the values that the row says in its columns."""
    found = {}
    for note in filter(None, row[at].split("; ")):
        found[note] = note
        for column, cell in zip(columns, row, strict=True):
            found[note] = found[note].replace(f"{column.name} {cell} ", f"{column.name} ")
    return found


def _fitting(
    columns: list[Column], rows: list[list[str]], made: Screen, width: int
) -> tuple[list[Column], list[list[str]]]:
    """Let columns leave that have no room beside those that are worth more, and say which."""
    least = _least(columns, rows, width)
    stay: list[int] = []
    for at in sorted(range(len(columns)), key=lambda at: columns[at].leaves):
        needed = sum(least[each] + _GAP for each in (*stay, at)) - _GAP
        if needed <= width or not columns[at].leaves:
            stay = sorted([*stay, at])
    if gone := [column.name for at, column in enumerate(columns) if at not in stay]:
        words = f"no room for {', '.join(gone)}: a wider window shows more"
        made.below.extend(wrapped(words, width))
    return [columns[at] for at in stay], [[row[at] for at in stay if at < len(row)] for row in rows]


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    """How wide each column would be: as its longest cell, or word of its name."""
    return _longest(columns, rows, lambda cell: [cell])


def _longest(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    parts: Callable[[str], Sequence[str]] = str.split,
) -> list[int]:
    """The longest part of each column's cells, or word of its name."""
    cells = zip(*(row for row in rows if len(row) == len(columns)), strict=True)
    return [
        max(len(part) for words in (column.name.split(), *map(parts, each)) for part in words)
        for column, each in zip(columns, cells, strict=True)
    ]


def _least(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """How narrow columns get before others leave: words go on below."""
    told = zip(columns, _widths(columns, rows), _longest(columns, rows), strict=True)
    return [
        wide if column.right else min(wide, max(word, _PROSE if column.prose else width * 2 // 5))
        for column, wide, word in told
    ]


def _columns(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], made: Screen, width: int
) -> None:
    """Put rows into columns; prose that has no room stands below its row."""
    least = _least(columns, rows, width)
    room = width - sum(least) - _GAP * (len(least) - 1)
    beside = [at for at, column in enumerate(columns) if room >= 0 or not column.prose]
    under = [at for at in range(len(columns)) if at not in beside]
    shown = [columns[at] for at in beside]
    widths = _shrunk(shown, [[row[at] for at in beside if at < len(row)] for row in rows], width)
    names = [wrapped(column.name, wide, 0) for column, wide in zip(shown, widths, strict=True)]
    tall = max(map(len, names))
    made.head.extend(_row(shown, [[""] * (tall - len(each)) + each for each in names], widths))
    made.head.extend(f"{_UNDER}{columns[at].name}" for at in under)
    for row in rows:
        if len(row) < len(columns):
            made.rows.extend(wrapped(row[0], width))
            continue
        cells = [wrapped(row[at], wide) for at, wide in zip(beside, widths, strict=True)]
        made.rows.extend(_row(shown, cells, widths))
        for at in filter(row.__getitem__, under):
            made.rows.extend(wrapped(f"{_UNDER}{row[at]}", width))


def _shrunk(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """The widths of columns that fit: names in one line where there is room, else narrow words."""
    widths, words = _widths(columns, rows), _longest(columns, rows)
    over = sum(widths) + _GAP * (len(widths) - 1) - width
    for at, column in enumerate(columns):
        if (more := len(column.name) - widths[at]) > 0 and over + more <= 0:
            widths[at] += more
            over += more
    for prose, least in _SHRINK:
        for at in sorted(range(len(columns)), key=widths.__getitem__, reverse=True):
            if columns[at].prose == prose and not columns[at].right:
                less = max(min(over, widths[at] - max(least, words[at])), 0)
                widths[at] -= less
                over -= less
    return widths


def _row(
    columns: Sequence[Column], cells: Sequence[Sequence[str]], widths: Sequence[int]
) -> Iterator[str]:
    """Yield the lines of a row; of each cell the lines that it is broken into."""
    for number in range(max(map(len, cells))):
        words = [lines[number] if number < len(lines) else "" for lines in cells]
        placed = (
            word.rjust(wide) if column.right else word.ljust(wide)
            for column, word, wide in zip(columns, words, widths, strict=True)
        )
        yield (" " * _GAP).join(placed).rstrip()


def _listed(table: Table, rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Yield rows below each other: a label, and beside it what is said."""
    indent = max(len(row[0]) for row in rows) + _GAP
    for number, row in enumerate(rows):
        if number:
            yield ""
        said = [line for words in table.said(row) for line in wrapped(words, width - indent)]
        yield row[0].ljust(indent) + said[0]
        yield from (" " * indent + line for line in said[1:])
