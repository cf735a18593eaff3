"""Solutions as a table on a terminal. The only file that imports Rich."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from solver.inverse.answer import Answer
from solver.inverse.solutions import Solutions
from solver.render.plain import SHOWN, columns, headline, meaning, rest


def write(
    solutions: Solutions, out: TextIO, limit: int | None = None, explained: bool = False
) -> None:
    """Write the answer in bold, its meaning, a table, and if wanted the derivation."""
    limit = SHOWN if limit is None else limit
    console = Console(file=out, highlight=False)
    answers = list(solutions.answers(limit))
    console.print(f"[bold]{escape(headline(solutions))}[/bold]")
    for line in meaning(solutions):
        console.print(escape(line))
    if answers:
        console.print()
        console.print(_table(solutions, answers))
        if more := rest(solutions, len(answers)):
            console.print(f"[dim]{more}[/dim]")
    if explained:
        console.print()
        console.print(escape(solutions.explain()))


def _table(solutions: Solutions, answers: list[Answer]) -> Table:
    head, cells = columns(solutions, answers)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in head[:-1]:
        table.add_column(name, justify="right", overflow="fold")
    table.add_column(head[-1], overflow="fold")
    for row in cells:
        table.add_row(*map(escape, row))
    return table
