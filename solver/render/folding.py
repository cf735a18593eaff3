"""Blocks of rows that repeat, shown once: `layer3.1 .. layer3.5, 5 x`.

Blocks are alike where their names differ in one number, which counts them, and their words not at
all. What numbers say of the first and of the last is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count, islice, takewhile

from solver.render.report import Column

Row = Sequence[str]

#: Lines that folding saves at least.
_SAVED = 2


def folded(columns: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
    """The rows with repeated blocks once, below a row of one cell that says which, and how often.

    >>> columns = Column("layer"), Column("operation"), Column("reads", right=True)
    >>> rows = [[f"body.{i}.{x}", x, str(2 * i + 3)] for i in range(4) for x in ("conv", "relu")]
    >>> folded(columns, rows)
    [['body.0 .. body.3, 4 x'], ['  .conv', 'conv', '3 .. 9'], ['  .relu', 'relu', '3 .. 9']]
    """
    found: list[Row] = []
    at = 0
    while at < len(rows):
        best = max(_blocks(columns, rows, at), key=lambda each: each[1] * each[2], default=None)
        if best is None:
            found.append(rows[at])
            at += 1
            continue
        start, size, times = best
        blocks = [rows[at + size * i : at + size * (i + 1)] for i in range(times)]
        first, last = (_beginning(block[0][0], start) for block in (blocks[0], blocks[-1]))
        found.append([f"{first} .. {last}, {times} x"])
        once = [_joined(each, start) for each in zip(*blocks, strict=True)]
        found += [[f"  {row[0]}", *row[1:]] for row in folded(columns, once)]
        at += size * times
    return found


def _blocks(
    columns: Sequence[Column], rows: Sequence[Row], at: int
) -> Iterator[tuple[int, int, int]]:
    """Yield what repeats from a row on: the place of the number, rows of a block, blocks."""
    for number in re.finditer(r"\d+", rows[at][0]):
        start = number.start()
        if at and _beginning(rows[at - 1][0], start) == _beginning(rows[at][0], start):
            continue  # a block begins where its name does
        size = _size(rows, at, start)
        block = _words(columns, rows[at : at + size], start)
        first = int(number[0])
        for times in count(1):
            begin, begins = at + size * times, f"{rows[at][0][:start]}{first + times}"
            there = rows[begin : begin + size]
            if not there or _beginning(there[0][0], start) != begins:
                break
            if _size(rows, begin, start) != size or _words(columns, there, start) != block:
                break
        if size * times - (size + 1) >= _SAVED:
            yield start, size, times


def _size(rows: Sequence[Row], at: int, start: int) -> int:
    """How many rows from one on have a name that begins alike, with the number at a place."""
    begins = _beginning(rows[at][0], start)
    same = takewhile(lambda row: _beginning(row[0], start) == begins, islice(rows, at, None))
    return sum(1 for _ in same)


def _words(columns: Sequence[Column], rows: Sequence[Row], start: int) -> list[list[str]]:
    """What blocks that are alike have alike: what is in their names behind the number, words."""
    told = [at for at, column in enumerate(columns) if at and not column.right]
    return [[_rest(row[0], start), *(row[at] for at in told)] for row in rows]


def _beginning(name: str, start: int) -> str:
    """A name as far as the number at a place, and with it; nothing where there is none."""
    number = re.compile(r"\d+").match(name, start)
    return name[: number.end()] if number else ""


def _rest(name: str, start: int) -> str:
    return name[len(_beginning(name, start)) :]


def _joined(rows: Sequence[Row], start: int) -> list[str]:
    """The row of several: its name within the block, and of numbers the first and the last."""
    pairs = zip(rows[0][1:], rows[-1][1:], strict=True)
    return [_rest(rows[0][0], start), *(a if a == b else f"{a} .. {b}" for a, b in pairs)]
