"""Solutions as LaTeX: the family as display mathematics and the best solutions as a tabular."""

from __future__ import annotations

from typing import TextIO

from solver.inverse.answer import Answer
from solver.inverse.solutions import Solutions
from solver.render.derivation import explain
from solver.render.family import aligned
from solver.render.latex import escape
from solver.render.plain import SHOWN, columns, meaning


def write(
    solutions: Solutions, out: TextIO, limit: int | None = None, explained: bool = False
) -> None:
    """Write a comment with the question, the family, a table, and if wanted the derivation."""
    answers = list(solutions.answers(SHOWN if limit is None else limit))
    out.write(f"% {meaning(solutions)[0]}\n")
    if not answers:
        out.write(escape(f"No solution: {solutions.reason}.") + "\n")
    else:
        _table(solutions, answers, out)
    if explained:
        out.write("\n" + explain(solutions, "latex") + "\n")


def _table(solutions: Solutions, answers: list[Answer], out: TextIO) -> None:
    out.write(f"\\[\n  {aligned(solutions)}\n\\]\n")
    head, cells = columns(solutions, answers)
    out.write(f"\\begin{{tabular}}{{{'r' * (len(head) - 1)}l}}\n")
    for row in (head, *cells):
        out.write("  " + " & ".join(map(escape, row)) + " \\\\\n")
        if row is head:
            out.write("  \\hline\n")
    out.write("\\end{tabular}\n")
