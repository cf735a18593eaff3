"""A whole LaTeX document from a question: the question, the family, the best answers, the reason.

It needs nothing but amsmath, booktabs, geometry and longtable, which every TeX distribution has.
"""

from __future__ import annotations

from typing import TextIO

from solver.inverse.solutions import Solutions
from solver.render.derivation import explain
from solver.render.family import aligned
from solver.render.latex import escape
from solver.render.plain import SHOWN, columns, headline, meaning

_BEFORE = r"""\documentclass{article}
\usepackage{amsmath, booktabs, longtable}
\usepackage[margin=25mm]{geometry}
\setlength{\parindent}{0pt}
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
    if answers:
        out.write("\\[\n  " + aligned(solutions) + "\n\\]\n")
        head, cells = columns(solutions, answers)
        columns_of = "r" * (len(head) - 1) + r"p{60mm}"
        out.write(rf"\begin{{longtable}}{{{columns_of}}}" + "\n\\toprule\n")
        for row in (head, *cells):
            out.write(" & ".join(map(escape, row)) + " \\\\\n")
            if row is head:
                out.write("\\midrule\n\\endhead\n")
        out.write("\\bottomrule\n\\end{longtable}\n")
    out.write("\\section*{Derivation}\n" + explain(solutions, "latex") + "\n")
    out.write("\\end{document}\n")
