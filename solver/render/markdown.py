"""Solutions as Markdown, with the family in $...$ for GitHub and notebooks."""

from __future__ import annotations

from typing import TextIO

from solver.inverse.answer import Answer
from solver.inverse.solutions import Solutions
from solver.render.derivation import explain
from solver.render.family import family
from solver.render.plain import SHOWN, columns, headline, meaning


def write(
    solutions: Solutions, out: TextIO, limit: int | None = None, explained: bool = False
) -> None:
    """Write a heading line, the family, a table, and if wanted the derivation."""
    answers = list(solutions.answers(SHOWN if limit is None else limit))
    code = "`" if solutions else ""
    out.write(f"**{code}{headline(solutions)}{code}**\n\n")
    asked, *_, searched = meaning(solutions)
    out.write(f"{asked}; {searched}.\n")
    if answers:
        _table(solutions, answers, out)
    if explained:
        out.write("\n" + explain(solutions, "markdown").rstrip() + "\n")


def _table(solutions: Solutions, answers: list[Answer], out: TextIO) -> None:
    out.write("\n" + "".join(f"- ${line}$\n" for line in family(solutions)))
    head, cells = columns(solutions, answers)
    out.write("\n| " + " | ".join(head) + " |\n")
    out.write("|" + " ---: |" * (len(head) - 1) + " --- |\n")
    for row in cells:
        out.write("| " + " | ".join(row) + " |\n")
