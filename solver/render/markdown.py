"""Solutions as Markdown, with the family in $...$ for GitHub and notebooks."""

from __future__ import annotations

from typing import TextIO

from solver.inverse.answer import Answer
from solver.inverse.solutions import Solutions
from solver.render.derivation import escape_markdown as escape
from solver.render.derivation import explain
from solver.render.family import family
from solver.render.plain import SHOWN, columns, headline, meaning


def write(
    solutions: Solutions, out: TextIO, limit: int | None = None, explained: bool = False
) -> None:
    """Write the answer, the family, a table, and if wanted the derivation."""
    answers = list(solutions.answers(SHOWN if limit is None else limit))
    answer = headline(solutions)
    out.write(f"**{f'`{answer}`' if solutions else escape(answer)}**\n\n")
    asked, *_, searched = meaning(solutions)
    out.write(escape(f"{asked}; {searched}.") + "\n")
    if solutions:
        conditions = family(solutions) or [r"\text{always}"]
        out.write("\n" + "".join(f"- ${line}$\n" for line in conditions))
    if answers:
        _table(solutions, answers, out)
    if explained:
        out.write("\n" + explain(solutions, "markdown").rstrip() + "\n")


def document(
    solutions: Solutions, out: TextIO, limit: int | None = None, explained: bool = True
) -> None:
    """Write the question as a heading, the answer and its derivation."""
    out.write(f"# {escape(solutions.asked)}\n\n")
    write(solutions, out, limit)
    out.write(f"\n## Derivation\n\n{explain(solutions, 'markdown').rstrip()}\n")


def _table(solutions: Solutions, answers: list[Answer], out: TextIO) -> None:
    head, cells = columns(solutions, answers)
    out.write("\n| " + " | ".join(head) + " |\n")
    out.write("|" + " ---: |" * (len(head) - 1) + " --- |\n")
    for row in cells:
        out.write("| " + " | ".join(map(escape, row)) + " |\n")
