"""The tables of the frameworks: what each calls an operation, its arguments, its rule, its gotcha.

Printed as a table, plain text, JSON and Markdown; docs/frameworks.md is made of the same pieces.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from textwrap import wrap
from typing import Any, NamedTuple, TextIO

from solver.layers.arguments import REQUIRED, Argument
from solver.layers.kind import AVERAGE, CONV, DEPTHWISE, MAX, REDUCE, TRANSPOSED
from solver.layers.row import Framework, Row

_WIDTH = 100
#: One operation that is of several kinds, by the name of its own kind.
_SHARED = {REDUCE: (MAX, AVERAGE)}
_FIRST = [str(kind) for kind in (CONV, DEPTHWISE, TRANSPOSED)]
_HEAD = ("name", "arguments", "size", "gotcha")

LETTERS = (
    "n is the input size, k kernel size, s stride, d dilation, a output padding; p padding at each "
    "end, lo and hi (or begin and end) padding before and after; {1,2,3} are numbers of axes"
)
LEFT_OUT = "arguments that sizes do not depend on are left out"


class Entry(NamedTuple):
    """Hold what a framework says of an operation, under all the names it goes by there."""

    framework: Framework
    rows: tuple[Row, ...]

    @property
    def names(self) -> list[str]:
        """Return the names with the axes they are for: Conv{1,2,3}d."""
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
        """Return the arguments that sizes depend on, with their defaults, as they are written."""
        return ", ".join(
            name if argument.default is REQUIRED else f"{name}={argument.default!r}"
            for name, argument in _active(self.rows[0]).items()
        )

    @property
    def cells(self) -> list[str]:
        """Return name, arguments, size and gotcha."""
        return [", ".join(self.names), self.signature, self.formula, self.gotcha]


class Section(NamedTuple):
    """Hold entries under a title: each with the framework or the kind that tells it apart."""

    title: str
    head: str
    entries: tuple[tuple[str, Entry], ...]


class Chosen(NamedTuple):
    """Hold what is to be shown: of these kinds what these frameworks have.

    by_framework: a section for each framework instead of one for each kind. brief: without
    arguments.
    """

    frameworks: tuple[Framework, ...]
    kinds: tuple[str, ...]
    by_framework: bool = False
    brief: bool = False


def kinds(frameworks: Iterable[Framework]) -> tuple[str, ...]:
    """Return every kind of operation there is, convolutions first.

    >>> from solver.frameworks import framework
    >>> kinds([framework("jax")])
    ('convolution', 'transposed convolution', 'max pooling', 'average pooling', 'padding', 'resize')
    """
    found = [kind for table in frameworks for row in table.rows for kind in kinds_of(row)]
    return tuple(dict.fromkeys([kind for kind in _FIRST if kind in found] + found))


def kinds_of(row: Row) -> tuple[str, ...]:
    """Return the kinds an operation is of."""
    return tuple(map(str, _SHARED.get(row.kind, (row.kind,))))


def title(row: Row) -> str:
    """Return the name of an operation with the axes it is for: Conv{1,2,3}d, or AvgPool3d."""
    return row.named(row.axes[0]) if len(row.axes) == 1 else row.title


def entries(table: Framework, kind: str | None = None) -> list[Entry]:
    """Return a framework's entries of a kind, or all; names for one and the same are one entry."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in table.rows:
        if kind is None or kind in kinds_of(row):
            found.setdefault((row.kind, *Entry(table, (row,)).cells[1:]), []).append(row)
    return [Entry(table, tuple(rows)) for rows in found.values()]


def sections(chosen: Chosen) -> list[Section]:
    """Return the entries in sections, those without any left out."""
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


def overview(chosen: Chosen) -> tuple[list[str], list[list[str]]]:
    """Return heading and cells: a row per kind, and what each framework calls it."""
    head = ["operation", *(table.title for table in chosen.frameworks)]
    cells = [[kind, *(_cell(t, kind) for t in chosen.frameworks)] for kind in chosen.kinds]
    return head, cells


def headline(chosen: Chosen) -> str:
    """Return the answer in a line."""
    found = sections(chosen)
    if chosen.by_framework:
        return "; ".join(f"{s.title}: {len(_names(s))} operations" for s in found)
    tables = dict.fromkeys(e.framework.title for s in found for _, e in s.entries)
    what = found[0].title if len(found) == 1 else f"{len(found)} kinds of operations"
    return f"{what} in {' '.join(tables) if len(tables) == 1 else f'{len(tables)} frameworks'}"


def meaning(chosen: Chosen) -> list[str]:
    """Return how to read what follows, a line each."""
    if not chosen.brief:
        return [LETTERS, LEFT_OUT]
    return [LETTERS, "with arguments: convsolver frameworks deconv, or keras, or all"]


def write_plain(chosen: Chosen, out: TextIO) -> None:
    """Write plain text: the answer, how to read it, then entries in blocks."""
    for line in (headline(chosen), *meaning(chosen)):
        out.write("\n".join(wrap(line, _WIDTH)) + "\n")
    found = sections(chosen)
    for section in found:
        if len(found) > 1:
            out.write(f"\n{section.title}\n")
        width = max(len(label) for label, _ in section.entries) + 2
        for i, (label, entry) in enumerate(section.entries):
            gap = "" if i and chosen.brief else "\n"
            out.write(gap + _block(label, _lines(entry, chosen.brief), width))


def write_table(chosen: Chosen, out: TextIO) -> None:
    """Write tables for a terminal."""
    from solver.render.table import show

    show(headline(chosen), meaning(chosen), None, out)
    found = sections(chosen)
    for section in found:
        rows = [
            [label, "\n".join(_lines(entry, chosen.brief)) + "\n"]
            for label, entry in section.entries
        ]
        out.write("\n")
        show(section.title, [], ([section.head, "as it is there"], rows), out, words=True)


def write_json(chosen: Chosen, out: TextIO) -> None:
    """Write one JSON object, an operation per line."""
    head = {
        "schema": 1,
        "command": "frameworks",
        "frameworks": [table.name for table in chosen.frameworks],
        "kinds": list(chosen.kinds),
    }
    out.write("{\n")
    for key, value in head.items():
        out.write(f"  {json.dumps(key)}: {json.dumps(value)},\n")
    lines = [json.dumps(record) for record in records(chosen)]
    out.write('  "operations": [' + ",".join(f"\n    {line}" for line in lines) + "\n  ]\n}\n")


def write_markdown(chosen: Chosen, out: TextIO) -> None:
    """Write Markdown: a table per section, after a table of names where nothing was asked for."""
    if chosen.brief:
        out.write(markdown_overview(chosen) + "\n")
    found = sections(chosen)
    out.write("\n".join(f"### {s.title}\n\n{markdown_table(s)}" for s in found))


WRITERS: dict[str, Callable[[Chosen, TextIO], None]] = {
    "table": write_table,
    "plain": write_plain,
    "json": write_json,
    "markdown": write_markdown,
}


def records(chosen: Chosen) -> list[dict[str, Any]]:
    """Return the operations as plain data, one record per row of a table.

    axes: those the name is for, null where it is for any number. rule: the size as a formula.
    """
    return [
        {
            "framework": table.name,
            "kind": row.kind.word,
            "name": title(row),
            "axes": list(row.axes) or None,
            "arguments": [_argument(*item) for item in _active(row).items()],
            "other_arguments": [
                name
                for name, a in row.arguments.items()
                if not (a.recorded or name in _active(row))
            ],
            "rule": row.formula,
            "gotcha": row.gotcha or None,
        }
        for table in chosen.frameworks
        for row in table.rows
        if set(kinds_of(row)) & set(chosen.kinds)
    ]


def markdown_overview(chosen: Chosen) -> str:
    """Return a Markdown table of all names: a row per kind, a column per framework."""
    head, rows = overview(chosen)
    cells = [[row[0], *(_codes(cell.split(", ")) for cell in row[1:])] for row in rows]
    return _markdown(head, cells)


def markdown_table(section: Section) -> str:
    """Return a section as a Markdown table.

    >>> from solver.frameworks import framework
    >>> found = Chosen((framework("jax"),), ("resize",))
    >>> print(markdown_table(sections(found)[0]), end="")
    | framework | name | arguments | size | gotcha |
    | --- | --- | --- | --- | --- |
    | JAX | `resize` | `shape` | `shape` | takes a size, not a factor |
    """
    cells = [
        [label, _codes(e.names), _codes([e.signature]), _codes([e.formula]), _escape(e.gotcha)]
        for label, e in section.entries
    ]
    return _markdown([section.head, *_HEAD], cells)


def markdown_notes(table: Framework) -> str:
    """Return the gotchas of a framework as a Markdown list, each once."""
    found: dict[str, list[str]] = {}
    for entry in entries(table):
        if entry.gotcha:
            found.setdefault(entry.gotcha, []).extend(entry.names)
    return "".join(
        f"- {_codes(list(dict.fromkeys(names)))}: {_escape(gotcha)}\n"
        for gotcha, names in found.items()
    )


def _names(section: Section) -> set[str]:
    return {row.name for _, entry in section.entries for row in entry.rows}


def _active(row: Row) -> dict[str, Argument]:
    """Return the arguments that sizes depend on."""
    return {n: a for n, a in row.arguments.items() if a.read is not None and not a.recorded}


def _argument(name: str, argument: Argument) -> dict[str, Any]:
    required = argument.default is REQUIRED
    default = None if required else argument.default
    return {"name": name, "required": required, "default": default}


def _cell(table: Framework, kind: str) -> str:
    """Return what a framework calls a kind, with N for the number of axes."""
    rows = [row for row in table.rows if kind in kinds_of(row)]
    return ", ".join(dict.fromkeys(row.name.replace("{}", "N") for row in rows)) or "-"


def _lines(entry: Entry, brief: bool) -> list[str]:
    """Return what is said of an entry, a line each: its names, then what is known in words."""
    names, *said = entry.cells
    known = dict(zip(_HEAD[1:], said, strict=True))
    if brief:
        del known["arguments"]
    return [names, *(f"{word}: {text}" for word, text in known.items() if text)]


def _block(label: str, said: list[str], width: int) -> str:
    """Return what is said of an entry with its label before it, as wide as a line."""
    wrapped = [line for text in said for line in _wrapped(text, _WIDTH - width)]
    lines = [label.ljust(width) + wrapped[0], *(" " * width + line for line in wrapped[1:])]
    return "".join(f"{line}\n" for line in lines)


def _wrapped(text: str, width: int) -> list[str]:
    """Break a line at spaces, but not inside of parentheses."""
    whole = re.sub(r"\([^()]*\)", lambda found: found[0].replace(" ", "\0"), text)
    lines = wrap(
        whole, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return [line.replace("\0", " ") for line in lines]


def _markdown(head: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *cells]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _codes(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words if word not in ("", "-"))


def _escape(text: str) -> str:
    """Keep an asterisk from starting an emphasis."""
    return text.replace("*", r"\*")
