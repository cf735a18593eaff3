"""Any report as LaTeX: its formula as display mathematics, and a tabular; or a whole document.

A document needs nothing but amsmath, booktabs, geometry and longtable, which every TeX has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from solver.render.latex import escape
from solver.render.report import Column, Formula, Report, Table
from solver.sizes.operations import LETTERS

#: The notes are sentences: they take what the numbers leave of a line.
_PROSE = r"p{80mm}"

_BEFORE = r"""\documentclass{article}
\usepackage{amsmath, booktabs, longtable}
\usepackage[margin=25mm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\emergencystretch}{3em}
\allowdisplaybreaks
\begin{document}
"""


def write(report: Report, out: TextIO) -> None:
    """Write the formula and the tables; a formula alone is written bare, to stand in others."""
    tables, formula = list(report.tables()), report.formula()
    if not report.summary():
        out.write(formula + "\n")
        return
    out.write(f"% {report.summary()}\n")
    if formula:
        out.write(f"\\[\n  {formula}\n\\]\n")
    elif not report.answered:
        out.write(escape(report.headline()) + "\n")
    for table in tables:
        for line in _table(table, "tabular", r"\hline"):
            out.write(line + "\n")
    if derivation := report.derivation("latex"):
        out.write("\n" + derivation + "\n")


def write_document(report: Report, out: TextIO) -> None:
    """Write a document that compiles: the question, the answer, its formula, tables, and why."""
    out.write(_BEFORE)
    out.write(rf"\section*{{{escape(report.title())}}}" + "\n")
    out.write(rf"\textbf{{{escape(report.headline())}}}" + "\n\n")
    facts = (line for line in report.facts() if not isinstance(line, Formula))
    out.write(escape("; ".join(facts) + ".") + "\n")
    if formula := report.formula():
        out.write(f"\n{report.letters()}\n\\[\n  {formula}\n\\]\n")
    for table in report.tables():
        for line in _table(table, "longtable", r"\midrule \endhead", r"\toprule"):
            out.write(line + "\n")
    out.write("\\section*{Derivation}\n" + report.derivation("latex") + "\n")
    out.write("\\end{document}\n")


def _table(table: Table, environment: str, *rules: str) -> Iterator[str]:
    """Yield a table in the letters of the field.

    rules: the lines below the heading, and above it and below the table where there are more.
    """
    middle, *outer = rules
    kept = [at for at, column in enumerate(table.columns) if not column.wide]
    columns = [table.columns[at] for at in kept]
    yield rf"\begin{{{environment}}}{{{''.join(map(_place, columns))}}}"
    yield from outer
    yield "  " + " & ".join(_name(column.name) for column in columns) + r" \\"
    yield f"  {middle}"
    for row in table.rows:
        yield "  " + " & ".join(_cell(row[at]) for at in kept) + r" \\"
    yield from (rule.replace("top", "bottom") for rule in outer)
    yield rf"\end{{{environment}}}"


def _place(column: Column) -> str:
    return _PROSE if column.prose else "r" if column.right else "l"


def _name(name: str) -> str:
    return f"${LETTERS[name]}$" if name in LETTERS else name.replace("_", " ")


def _cell(cell: str) -> str:
    formula = cell.latex() if isinstance(cell, Formula) else ""
    return f"${formula}$" if formula else escape(cell)
