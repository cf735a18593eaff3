"""Answers as a table on a terminal."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from solver.inverse.solutions import Solutions
from solver.render.plain import SHOWN, columns, headline, meaning, rest


def write(
    solutions: Solutions, out: TextIO, limit: int | None = None, explained: bool = False
) -> None:
    """Write the answer in bold, its meaning, a table, and if wanted the derivation."""
    answers = list(solutions.answers(SHOWN if limit is None else limit))
    grid = columns(solutions, answers) if answers else None
    console = show(headline(solutions), meaning(solutions), grid, out)
    if answers and (more := rest(solutions, len(answers))):
        console.print(f"[dim]{more}[/dim]")
    if explained:
        console.print()
        console.print(escape(solutions.explain()))


def show(
    answer: str,
    lines: list[str],
    grid: tuple[list[str], list[list[str]]] | None,
    out: TextIO,
    words: bool = False,
) -> Console:
    """Write the answer in bold, lines, and a table of a heading and cells; return the console.

    words: whether the cells hold words, which begin at the left, and not numbers.
    """
    console = Console(file=out, highlight=False)
    console.print(f"[bold]{escape(answer)}[/bold]")
    for line in lines:
        console.print(escape(line))
    if grid is not None:
        console.print()
        console.print(_table(*grid, words))
    return console


def _table(head: list[str], cells: list[list[str]], words: bool = False) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in head[:-1]:
        table.add_column(name, justify="left" if words else "right", overflow="fold")
    table.add_column(head[-1], overflow="fold")
    for row in cells:
        table.add_row(*map(escape, row))
    return table
