r"""Any report as Markdown.

Formulas stand in a fenced math block: between double dollars, GitHub unescapes \\ before it reads
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from solver.render.report import Code, Formula, Report, Table


def write(report: Report, out: TextIO) -> None:
    """Write the answer, what it means, its formula, tables, and if wanted the derivation."""
    out.write("\n\n".join(_parts(report)) + "\n")


def write_document(report: Report, out: TextIO) -> None:
    """Write the question as a heading, the answer, and its derivation under a heading."""
    heading = f"# {escape(report.title())}"
    *parts, derivation = _parts(report)
    out.write("\n\n".join([heading, *parts, "## Derivation", derivation]) + "\n")


def _parts(report: Report) -> Iterator[str]:
    headline = report.headline() or report.title()
    yield f"**{f'`{headline}`' if report.quoted else escape(headline)}**"
    formula = report.formula()
    if facts := [
        line
        for line in report.facts()
        if line.strip() != "^" and not (formula and isinstance(line, Formula))
    ]:
        yield "\n".join(map(_item, facts))
    if formula:
        yield f"```math\n{formula}\n```"
    for each in report.tables():
        if each.title:
            yield f"### {each.title}"
        yield table(each)
    if derivation := report.derivation("markdown"):
        yield derivation.rstrip()


def _item(line: str) -> str:
    words = line.lstrip()
    return f"{' ' * (len(line) - len(words))}- {escape(words)}"


def table(table: Table) -> str:
    """A table in Markdown, without the last line break."""
    places = [" ---: " if column.right else " --- " for column in table.columns]
    lines = [f"| {' | '.join(table.head)} |", f"|{'|'.join(places)}|"]
    lines += [f"| {' | '.join(map(cell, row))} |" for row in table.rows]
    return "\n".join(lines)


def cell(words: str) -> str:
    """A cell in Markdown: code as code, else text as it is."""
    if isinstance(words, Code):
        return ", ".join(f"`{word}`" for word in words.words if word)
    return escape(words)


def escape(words: str) -> str:
    r"""Running text that Markdown prints as it is.

    >>> print(escape("2*n -> 3*n"))
    2\*n -> 3\*n
    """
    return re.sub(r"[*|]|<(?=[\w/!?])", r"\\\g<0>", words)
