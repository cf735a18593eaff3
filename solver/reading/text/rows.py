"""The rows of a summary: what Keras, torchinfo and torchsummary print of each layer, as it is.

Each prints a table of its own; what it says is the same: a name, a kind, shapes, parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.reading.text.source import Source

Sizes = tuple[int | None, ...]

_KERAS, _TREE, _FLAT = "keras", "torchinfo", "torchsummary"
_LISTED = r"^\s*(?P<kind>[A-Za-z_]\w*)-(?P<name>\d+)\s+(?P<shape>\[.*\])\s+(?P<held>[\d,]+)\s*$"
_LAYER = r"(?:└\s*)?(?P<name>[^\s(]+)?\s*(?:\((?P<kind>[\w.>]*)(?P<cut>…?)\)?)?"
_BRANCH = r"^[\s│├└─]*"
_CALLED = r"^(?P<kind>\w+)(?:\s*\((?P<name>[^)]*)\))?(?::\s*(?P<depth>\d+)-(?P<at>[\d+]+))?$"
_SHAPE = r"[\[(]([^\[\]()]*)[\])]"
#: What a summary says of its input in front of the table, or below it.
_CALL = (
    r"(?:summary|[Ii]nput(?:_shape|_size|_data|Layer)?)\s*[=(]"
    r".*?(\(\s*\d+(?:\s*,\s*\d+)+\s*,?\s*\))"
)
_MEGABYTES = r"Input size \(MB\):\s*([\d.]+)"
MOST_ROWS = 5000


class SummaryRow(NamedTuple):
    """Hold a row.

    shape, given: what comes out and goes in, the batch first; None where it is not printed. inputs:
    the rows that it is connected to, None where the table tells none. kernel: as it is printed.
    cut: whether its name or kind is cut off. depth: how deep it is nested.
    """

    name: str
    kind: str
    line: int
    shape: Sizes | None = None
    params: int | None = None
    inputs: tuple[str, ...] | None = None
    depth: int = 0
    given: Sizes | None = None
    kernel: tuple[int, ...] = ()
    cut: bool = False


class Summary(NamedTuple):
    """Hold a table: who prints it, its rows, and what the text says of the input.

    input: sizes as they are written for it. elements: the fewest and the most that it can have.
    """

    by: str
    rows: Sequence[SummaryRow]
    input: tuple[int, ...] | None = None
    elements: tuple[int, int] | None = None

    @property
    def last(self) -> bool:
        """Whether the channels are the last axis."""
        return self.by == _KERAS


def read_rows(source: Source, at: int) -> Summary:
    """The table below a line. Raises SolverError for one without rows, LimitError for one that is
    too long.

    >>> summary = read_rows(Source('''
    ... Layer (type)               Output Shape         Param #
    ... =======================================================
    ...     Conv2d-1            [-1, 8, 16, 16]           1,184'''), 2)
    >>> summary.rows[0].kind, summary.rows[0].shape
    ('Conv2d', (None, 8, 16, 16))
    """
    head = source.lines[at - 1]
    below = [*enumerate(source.lines[at:], at + 1)]
    if ":depth-idx" in head:
        by, rows = _TREE, _tree(head, below)
    elif any(re.match(_LISTED, line) for _, line in below):
        by, rows = _FLAT, _listed(below)
    else:
        by, rows = _KERAS, _keras(head, below)
    found = list(rows)
    if not found:
        raise source.fault(at, "there are no rows in this summary", right="the whole table")
    if len(found) > MOST_ROWS:
        raise LimitError(f"a summary may have {MOST_ROWS:,} rows")
    text = "\n".join(source.lines)
    told = re.search(_CALL, "\n".join(source.lines[: at - 1]))
    size = re.search(_MEGABYTES, text)
    return Summary(by, found, told and _numbers(told[1]), size and _elements(size[1], by))


def _elements(size: str, by: str) -> tuple[int, int]:
    """How many numbers of four bytes have a size in megabytes that is rounded like this."""
    each = (1_000_000 if by == _TREE else 2**20) / 4
    half = 0.5 * 10 ** -len(size.partition(".")[2])
    return max(int((float(size) - half) * each), 1), int((float(size) + half) * each) + 1


def _listed(lines: Sequence[tuple[int, str]]) -> Iterator[SummaryRow]:
    """The rows of torchsummary, one a line."""
    for number, line in lines:
        if found := re.match(_LISTED, line):
            name = f"{found['kind']}-{found['name']}"
            yield SummaryRow(
                name, found["kind"], number, _shape(found["shape"]), _count(found["held"])
            )


def _tree(head: str, lines: Sequence[tuple[int, str]]) -> Iterator[SummaryRow]:
    """The rows of torchinfo, which are indented."""
    columns = re.split(r"\s{2,}", head.strip())[1:]
    path: list[str] = []
    for number, line in lines:
        bare = re.sub(_BRANCH, "", line).rstrip()
        if bare.startswith("Total params"):
            return
        first, *cells = re.split(r"\s{2,}", bare)
        called = re.match(_CALLED, first)
        if called is None or not cells:
            continue
        told, depth = dict(zip(columns, cells, strict=False)), int(called["depth"] or 0)
        path[max(depth - 1, 0) :] = [called["name"] or ""] if depth else []
        place = f"{called['kind']}: {depth}-{called['at']}"
        yield SummaryRow(
            ".".join(path) if called["name"] else place,
            called["kind"],
            number,
            _shape(told.get("Output Shape", "")),
            _count(told.get("Param #", "")),
            depth=depth,
            given=_shape(told.get("Input Shape", "")),
            kernel=_numbers(told.get("Kernel Shape", "")),
        )


def _keras(head: str, lines: Sequence[tuple[int, str]]) -> Iterator[SummaryRow]:
    """The rows of Keras, of which each may take several lines."""
    connected = "Connected to" in head
    rows: list[tuple[int, list[str]]] = []
    fresh = True
    for number, line in lines:
        if re.search(r"Total params|^\s*=+\s*$", line) and rows:
            break
        cells = _cells(head, line)
        if not any(cells):
            fresh = True
        elif fresh or ("│" not in line and _count(cells[2]) is not None):
            rows.append((number, cells))
            fresh = False
        else:
            old = rows[-1][1]
            old[:] = [f"{a} {b}".strip() for a, b in zip(old, cells, strict=True)]
    for number, (layer, shape, held, *more) in rows:
        blank = len(layer) - len(layer.lstrip(" |"))
        depth = blank if "└" in layer else layer.count("|")
        found = re.match(_LAYER, layer.strip(" |"))
        name, kind = (found["name"] or "", found["kind"] or "") if found else ("", "")
        if not name and not kind:
            continue
        cut = "…" in layer or ")" not in layer
        told = ",".join(more).replace("'", "")
        parts = re.split("[,…]", told)
        words = (word.strip(" []").partition("[")[0].strip("-") for word in parts)
        inputs = [word for word in words if word]
        yield SummaryRow(
            name.strip("…"),
            kind,
            number,
            _shape(shape),
            _count(held),
            tuple(inputs) if connected else None,
            depth,
            cut=cut,
        )


def _cells(head: str, line: str) -> list[str]:
    """The cells of a line: between bars, or below the words of the header."""
    if "│" in line or "┃" in head:
        if "│" not in line:
            return [""]
        first, *cells = line.strip().strip("│").split("│")
        return [first.rstrip(), *(cell.strip() for cell in cells), *[""] * 4][:4]
    if re.match(r"^[\s_=|¯-]*$", line):
        return [""]
    starts = [head.index(word) for word in ("Output", "Param", "Connected") if word in head]
    cells = [line[a:b].strip() for a, b in zip_longest(starts, starts[1:])]
    return [line[: starts[0] if starts else None].rstrip(), *cells, *[""] * 4][:4]


def _shape(text: str) -> Sizes | None:
    """The first shape that is written; of a free size None."""
    found = re.search(_SHAPE, text)
    parts = [part.strip() for part in found[1].split(",")] if found else []
    sizes = [None if part in ("None", "?", "-1") else part for part in parts if part]
    if not sizes or not all(part is None or part.isdigit() for part in sizes):
        return None
    return tuple(None if part is None else int(part) for part in sizes)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


def _count(text: str) -> int | None:
    found = re.match(r"^\(?([\d,]+)\)?(?:\s|$)", text)
    return int(found[1].replace(",", "")) if found else None
