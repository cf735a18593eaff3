"""The report of frameworks: what each calls an operation, its arguments, its rule, its gotcha.

docs/frameworks.md is made of the same tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from solver.ground.named import NamedTuple
from solver.layers.arguments import REQUIRED, Argument
from solver.layers.kind import AVERAGE, CONV, DEPTHWISE, MAX, REDUCE, TRANSPOSED
from solver.layers.row import Framework, Row
from solver.render.report import Code, Column, Report, Table

#: One operation that is of several kinds, by the name of its own kind.
_SHARED = {REDUCE: (MAX, AVERAGE)}
_FIRST = [str(kind) for kind in (CONV, DEPTHWISE, TRANSPOSED)]

LETTERS = (
    "n is the input size, k kernel size, s stride, d dilation, a output padding; p padding at each "
    "end, lo and hi (or begin and end) padding before and after; {1,2,3} are numbers of axes"
)
LEFT_OUT = "arguments that sizes do not depend on are left out"
_HINT = "arguments, sizes and gotchas: convsolver frameworks deconv, or keras, or all"


class Entry(NamedTuple):
    """Hold what a framework says of an operation, under all the names it goes by there."""

    framework: Framework
    rows: tuple[Row, ...]

    @property
    def names(self) -> list[str]:
        """The names with the axes they are for: Conv{1,2,3}d."""
        return list(map(title, self.rows))

    @property
    def kind(self) -> str:
        return self.rows[0].kind.word

    @property
    def formula(self) -> str:
        return self.rows[0].formula

    @property
    def gotcha(self) -> str:
        return self.rows[0].gotcha

    @property
    def signature(self) -> str:
        """The arguments that sizes depend on, with their defaults, as they are written."""
        return ", ".join(
            name if argument.default is REQUIRED else f"{name}={argument.default!r}"
            for name, argument in _active(self.rows[0]).items()
        )


class Section(NamedTuple):
    """Hold entries under a title: each with the framework or the kind that tells it apart."""

    title: str
    head: str
    entries: tuple[tuple[str, Entry], ...]

    def table(self) -> Table:
        """The entries in columns."""
        names = (self.head, "name", "arguments", "size", "gotcha")
        rows = [
            [label, Code(e.names), Code([e.signature]), Code([e.formula]), e.gotcha]
            for label, e in self.entries
        ]
        return Table([*map(Column, names)], rows, self.title, listed=True)


class Chosen(Report):
    """What is said of frameworks: of these kinds what these frameworks have.

    by_framework: a table for each framework instead of one for each kind. brief: an index of names.
    """

    width = 100

    def __init__(
        self,
        frameworks: tuple[Framework, ...],
        kinds: tuple[str, ...],
        by_framework: bool = False,
        brief: bool = False,
    ) -> None:
        self.frameworks, self.kinds = frameworks, kinds
        self.by_framework, self.brief = by_framework, brief

    def headline(self) -> str:
        found = sections(self)
        if self.by_framework:
            return "; ".join(f"{s.title}: {len(_names(s))} operations" for s in found)
        tables = dict.fromkeys(e.framework.title for s in found for _, e in s.entries)
        what = found[0].title if len(found) == 1 else f"{len(found)} kinds of operations"
        return f"{what} in {' '.join(tables) if len(tables) == 1 else f'{len(tables)} frameworks'}"

    def facts(self) -> Iterator[str]:
        """How to read what follows."""
        yield from (_HINT,) if self.brief else (LETTERS, LEFT_OUT)

    def tables(self) -> Iterator[Table]:
        if self.brief:
            yield index(self)
            yield overview(self)
            return
        for section in sections(self):
            yield section.table()

    def record(self) -> dict[str, Any]:
        return {
            "schema": 1,
            "command": "frameworks",
            "frameworks": [table.name for table in self.frameworks],
            "kinds": list(self.kinds),
            "operations": self.items(),
        }

    def items(self) -> Iterator[dict[str, Any]]:
        """Yield the operations, a record for each row of a table.

        axes: those the name is for, null where it is for any number. rule: the size as a formula.
        """
        for table in self.frameworks:
            for row in table.rows:
                if set(kinds_of(row)) & set(self.kinds):
                    yield _record(table, row)


def kinds(frameworks: Iterable[Framework]) -> tuple[str, ...]:
    """Every kind of operation there is, convolutions first.

    >>> from solver.frameworks import framework
    >>> kinds([framework("jax")])
    ('convolution', 'transposed convolution', 'max pooling', 'average pooling', 'padding', 'resize')
    """
    found = [kind for table in frameworks for row in table.rows for kind in kinds_of(row)]
    return tuple(dict.fromkeys([kind for kind in _FIRST if kind in found] + found))


def kinds_of(row: Row) -> tuple[str, ...]:
    """The kinds an operation is of."""
    return tuple(map(str, _SHARED.get(row.kind, (row.kind,))))


def title(row: Row) -> str:
    """The name of an operation with the axes it is for: Conv{1,2,3}d, or AvgPool3d."""
    return row.named(row.axes[0]) if len(row.axes) == 1 else row.title


def entries(table: Framework, kind: str | None = None) -> list[Entry]:
    """A framework's entries of a kind, or all; names for one and the same are one entry."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in table.rows:
        if kind is None or kind in kinds_of(row):
            found.setdefault((row.kind, *_said(Entry(table, (row,)))), []).append(row)
    return [Entry(table, tuple(rows)) for rows in found.values()]


def sections(chosen: Chosen) -> list[Section]:
    """The entries in sections, those without any left out."""
    if chosen.by_framework:
        found = [
            Section(table.title, "operation", tuple((e.kind, e) for e in entries(table)))
            for table in chosen.frameworks
        ]
    else:
        found = [
            Section(
                kind,
                "framework",
                tuple((t.title, e) for t in chosen.frameworks for e in entries(t, kind)),
            )
            for kind in chosen.kinds
        ]
    return [section for section in found if section.entries]


def overview(chosen: Chosen) -> Table:
    """A row per kind, and what each framework calls it; for pages."""
    columns = [Column("operation"), *(Column(table.title) for table in chosen.frameworks)]
    rows = [[kind, *(_cell(t, kind) for t in chosen.frameworks)] for kind in chosen.kinds]
    return Table(columns, rows, page=True)


def index(chosen: Chosen) -> Table:
    """A row per kind, with the names it goes by in any framework."""
    rows = [[kind, Code(tuple(dict.fromkeys(_all_names(chosen, kind))))] for kind in chosen.kinds]
    return Table([Column("operation"), Column("names", prose=True)], rows, listed=True)


def _all_names(chosen: Chosen, kind: str) -> Iterator[str]:
    """Yield the names of a kind, framework by framework."""
    for table in chosen.frameworks:
        for entry in entries(table, kind):
            yield from entry.names


def _record(table: Framework, row: Row) -> dict[str, Any]:
    active = _active(row)
    return {
        "framework": table.name,
        "kind": row.kind.word,
        "name": title(row),
        "axes": list(row.axes) or None,
        "arguments": [_argument(*item) for item in active.items()],
        "other_arguments": [
            name for name, a in row.arguments.items() if not (a.recorded or name in active)
        ],
        "rule": row.formula,
        "gotcha": row.gotcha or None,
    }


def gotchas(table: Framework) -> dict[str, list[str]]:
    """The gotchas of a framework, each with the names it goes for."""
    found: dict[str, list[str]] = {}
    for entry in entries(table):
        if entry.gotcha:
            found.setdefault(entry.gotcha, []).extend(entry.names)
    return {gotcha: list(dict.fromkeys(names)) for gotcha, names in found.items()}


def _said(entry: Entry) -> tuple[str, str, str]:
    return entry.signature, entry.formula, entry.gotcha


def _names(section: Section) -> set[str]:
    return {row.name for _, entry in section.entries for row in entry.rows}


def _active(row: Row) -> dict[str, Argument]:
    """The arguments that sizes depend on."""
    return {n: a for n, a in row.arguments.items() if a.read is not None and not a.recorded}


def _argument(name: str, argument: Argument) -> dict[str, Any]:
    required = argument.default is REQUIRED
    default = None if required else argument.default
    return {"name": name, "required": required, "default": default}


def _cell(table: Framework, kind: str) -> Code:
    """What a framework calls a kind, with N for the number of axes."""
    rows = [row for row in table.rows if kind in kinds_of(row)]
    return Code(list(dict.fromkeys(row.name.replace("{}", "N") for row in rows)))
