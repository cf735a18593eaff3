"""Any report on a terminal: the answer in bold, what it means, and tables as wide as the window."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from solver.render.report import Report, Table


def write(report: Report, out: TextIO) -> None:
    """Write a report for a terminal."""
    console = Console(file=out, highlight=False)
    console.print(f"[bold]{escape(report.headline())}[/bold]")
    for line in report.facts():
        console.print(escape(line))
    for table in report.tables():
        if table.page:
            continue
        if table.title:
            console.print(f"\n[bold]{escape(table.title)}[/bold]")
        console.print()
        console.print(_grid(table))
        if table.more:
            console.print(f"[dim]{table.more}[/dim]")
    if derivation := report.derivation("text"):
        console.print()
        console.print(escape(derivation))


def _grid(table: Table) -> Grid:
    grid = Grid(box=None, pad_edge=False, header_style="bold")
    columns, rows = table.columns, table.rows
    if table.listed:
        columns = (columns[0], columns[1]._replace(name="as it is there"))
        rows = ([row[0], "\n".join(table.said(row)) + "\n"] for row in rows)
    for column in columns:
        grid.add_column(column.name, justify="right" if column.right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*map(escape, row))
    return grid
