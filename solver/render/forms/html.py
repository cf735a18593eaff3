"""Any report as HTML for notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TextIO

from solver.render.report import Report, Table


def write(report: Report, out: TextIO) -> None:
    """Write the answer, what it means, and its tables."""
    out.writelines(_parts(report))


def _parts(report: Report) -> Iterator[str]:
    if headline := escape(report.headline()):
        yield f"<p><b>{f'<code>{headline}</code>' if report.quoted else headline}</b></p>"
    if facts := list(report.facts()):
        yield f"<pre>{escape(chr(10).join(facts))}</pre>"
    for table in report.tables():
        if table.title:
            yield f"<p><b>{escape(table.title)}</b></p>"
        yield _table(table)


def _table(table: Table) -> str:
    body = "".join(f"<tr>{_row('td', row)}</tr>" for row in table.rows)
    head = _row("th", table.head)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(tag: str, cells: Sequence[str]) -> str:
    return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells)
