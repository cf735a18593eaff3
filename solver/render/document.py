"""A whole LaTeX document from a question: the question, the family, the best answers, the reason.

It needs nothing but amsmath, booktabs, geometry and longtable, which every TeX distribution has.
"""

from __future__ import annotations

from typing import TextIO

from solver.inverse.solutions import Solutions
from solver.render.derivation import explain
from solver.render.family import aligned
from solver.render.latex import escape
from solver.render.latex_table import table
from solver.render.plain import SHOWN, headline, meaning
from solver.sizes.operations import LETTERS

_BEFORE = r"""\documentclass{article}
\usepackage{amsmath, booktabs, longtable}
\usepackage[margin=25mm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\emergencystretch}{3em}
\allowdisplaybreaks
\begin{document}
"""


def write(
    solutions: Solutions, out: TextIO, limit: int | None = None, explained: bool = True
) -> None:
    """Write a document that compiles; the derivation belongs to it, asked for or not."""
    answers = list(solutions.answers(SHOWN if limit is None else limit))
    asked, *_, searched = meaning(solutions)
    out.write(_BEFORE)
    out.write(rf"\section*{{{escape(solutions.asked)}}}" + "\n")
    out.write(rf"\textbf{{{escape(headline(solutions))}}}" + "\n\n")
    out.write(escape(f"{asked}; {searched}.") + "\n")
    if solutions:
        *most, last = (
            f"{name.replace('_', ' ')} ${LETTERS[name]}$"
            for name in solutions.question.operation.hyperparameters
        )
        layer = f"A layer with {', '.join(most)} and {last}"
        out.write(f"\n{layer} is one of them exactly when\n")
        out.write("\\[\n  " + aligned(solutions) + "\n\\]\n")
    for line in table(solutions, answers, "longtable", r"\midrule \endhead", r"\toprule"):
        out.write(line + "\n")
    out.write("\\section*{Derivation}\n" + explain(solutions, "latex") + "\n")
    out.write("\\end{document}\n")
