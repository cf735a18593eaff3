"""Solutions as LaTeX: the family as display mathematics and the best solutions as a tabular."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from solver.inverse.answer import Answer
from solver.inverse.solutions import Solutions
from solver.render.derivation import explain
from solver.render.family import aligned
from solver.render.latex import escape
from solver.render.plain import SHOWN, columns, meaning
from solver.sizes.operations import LETTERS

#: The notes are sentences: they take what the numbers leave of a line.
_NOTES = r"p{80mm}"


def write(
    solutions: Solutions, out: TextIO, limit: int | None = None, explained: bool = False
) -> None:
    """Write a comment with the question, the family, a table, and if wanted the derivation."""
    answers = list(solutions.answers(SHOWN if limit is None else limit))
    out.write(f"% {meaning(solutions)[0]}\n")
    if solutions:
        out.write(f"\\[\n  {aligned(solutions)}\n\\]\n")
    else:
        out.write(escape(f"No solution: {solutions.reason}.") + "\n")
    for line in table(solutions, answers, "tabular", r"\hline"):
        out.write(line + "\n")
    if explained:
        out.write("\n" + explain(solutions, "latex") + "\n")


def table(
    solutions: Solutions, answers: list[Answer], environment: str, *rules: str
) -> Iterator[str]:
    """Yield a table of answers, in the letters of the field; nothing where there are none.

    rules: the lines below the heading, and above it and below the table where there are more.
    """
    if not answers:
        return
    head, cells = columns(solutions, answers)
    middle, *outer = rules
    yield rf"\begin{{{environment}}}{{{'r' * (len(head) - 1)}{_NOTES}}}"
    yield from outer
    letters = {name: f"${letter}$" for name, letter in LETTERS.items()}
    yield "  " + " & ".join(letters.get(name, name.replace("_", " ")) for name in head) + r" \\"
    yield f"  {middle}"
    for row in cells:
        yield "  " + " & ".join(map(escape, row)) + r" \\"
    yield from (rule.replace("top", "bottom") for rule in outer)
    yield rf"\end{{{environment}}}"
