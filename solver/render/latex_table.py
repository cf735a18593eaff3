"""Solutions as LaTeX: the family as display mathematics and the best solutions as a tabular."""

from __future__ import annotations

from typing import TextIO

from solver.inverse.solutions import Solutions
from solver.render.family import aligned
from solver.render.plain import SHOWN, columns, meaning

_ESCAPES = {"_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "<": "$<$", ">": "$>$", "*": r"$\cdot$"}


def write(solutions: Solutions, out: TextIO, limit: int | None = None) -> None:
    """Write a comment with the question, the family, and a table of the best solutions."""
    answers = list(solutions.answers(SHOWN if limit is None else limit))
    out.write(f"% {meaning(solutions)[0]}\n")
    if not answers:
        out.write(escape(f"No solution: {solutions.reason}.") + "\n")
        return
    out.write(f"\\[\n  {aligned(solutions)}\n\\]\n")
    head, cells = columns(solutions, answers)
    out.write(f"\\begin{{tabular}}{{{'r' * (len(head) - 1)}l}}\n")
    for row in (head, *cells):
        out.write("  " + " & ".join(map(escape, row)) + " \\\\\n")
        if row is head:
            out.write("  \\hline\n")
    out.write("\\end{tabular}\n")


def escape(text: str) -> str:
    """Return text that LaTeX prints as it is."""
    return "".join(_ESCAPES.get(character, character) for character in text)
