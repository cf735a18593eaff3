"""What is known of a network, as text, a table, JSON, Markdown, LaTeX and HTML."""

from __future__ import annotations

import json
from html import escape
from typing import TextIO

from solver.errors import SolverError
from solver.network.network import Network
from solver.render.listing import listed
from solver.render.network_records import record
from solver.render.network_report import Report
from solver.render.network_words import columns, headline, meaning


def write_plain(report: Report, out: TextIO) -> None:
    """Write the answer, what is worth knowing, and the nodes as columns."""
    out.write(text(report) + "\n")


def text(report: Report) -> str:
    """Return the same as text."""
    return "\n".join([headline(report), *meaning(report), "", *listed(*columns(report))])


def shown(network: Network) -> str:
    """Return what is known of a network for every n, as text."""
    return text(Report(network))


def html(network: Network) -> str:
    """Return what is known of a network for every n, as HTML for notebooks."""
    report = Report(network)
    head, rows = columns(report)
    parts = [f"<p><b>{escape(headline(report))}</b></p>"]
    parts.append(f"<pre>{escape(chr(10).join(meaning(report)))}</pre>")
    parts.append(f"<table><thead><tr>{_row('th', head)}</tr></thead><tbody>")
    parts += [f"<tr>{_row('td', row)}</tr>" for row in rows]
    return "".join(parts) + "</tbody></table>"


def _row(tag: str, cells: list[str]) -> str:
    return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells)


def write_table(report: Report, out: TextIO) -> None:
    """Write the same with Rich."""
    from solver.render import table

    table.show(headline(report), meaning(report), columns(report), out, words=True)


def write_markdown(report: Report, out: TextIO) -> None:
    """Write the same as Markdown."""
    from solver.render.derivation import escape_markdown

    head, rows = columns(report)
    lines = [f"**{escape_markdown(headline(report))}**", ""]
    told = [line.strip() for line in meaning(report)]
    lines += [f"- {escape_markdown(line)}" for line in told if line != "^"]
    lines += ["", "| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    lines += ["| " + " | ".join(map(escape_markdown, row)) + " |" for row in rows]
    out.write("\n".join(lines) + "\n")


def write_latex(report: Report, out: TextIO) -> None:
    """Write the formula and the nodes as a LaTeX table."""
    from solver.render import latex

    head, rows = columns(report)
    kept = [at for at, name in enumerate(head) if name != "macs"]
    places = "".join("l" if head[at] in _WORDS else "r" for at in kept)
    lines = [rf"% {headline(report)}", rf"\begin{{tabular}}{{{places}}}"]
    lines.append(" & ".join(head[at] for at in kept) + r" \\")
    lines.append(r"\hline")
    for row in rows:
        cells = [_math(row[at]) if head[at] == "size" else latex.escape(row[at]) for at in kept]
        lines.append(" & ".join(cells) + r" \\")
    lines.append(r"\end{tabular}")
    out.write("\n".join(lines) + "\n")


#: The columns of a table that hold words.
_WORDS = ("layer", "operation", "size")


def _math(words: str) -> str:
    """Return sizes in words as LaTeX math."""
    from solver.render.latex import escape, latex
    from solver.sizes.grammar import parse

    parts = []
    for part in words.replace(",", "").split(" x "):
        try:
            parts.append(latex(parse(part, ("n", "h", "w", "d"))))
        except SolverError:
            return escape(words)
    product = r" \times ".join(parts)
    return f"${product}$"


def write_json(report: Report, out: TextIO) -> None:
    """Write everything as one JSON object."""
    out.write(json.dumps(record(report)) + "\n")


WRITERS = {
    "plain": write_plain,
    "table": write_table,
    "json": write_json,
    "markdown": write_markdown,
    "latex": write_latex,
}
