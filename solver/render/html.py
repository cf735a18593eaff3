"""Solutions as an HTML table for notebooks."""

from __future__ import annotations

from html import escape

from solver.inverse.solutions import Solutions
from solver.render.plain import SHOWN, columns, headline, meaning


def html(solutions: Solutions, limit: int = SHOWN) -> str:
    """Return the answer, its meaning and a table of the best solutions.

    >>> from solver import MaxPool, solve
    >>> print(html(solve(MaxPool, 7, 3, kernel_size=2, padding=0))[:46])
    <p><b><code>MaxPool(2)</code></b></p><p>1 solu
    """
    answers = list(solutions.answers(limit))
    first = escape(headline(solutions))
    shown = f"<code>{first}</code>" if answers else first
    parts = [f"<p><b>{shown}</b></p>"]
    parts += [f"<p>{'<br>'.join(map(escape, meaning(solutions)))}</p>"]
    if answers:
        head, cells = columns(solutions, answers)
        parts.append("<table><thead><tr>" + _row("th", head) + "</tr></thead><tbody>")
        parts += [f"<tr>{_row('td', row)}</tr>" for row in cells]
        parts.append("</tbody></table>")
    return "".join(parts)


def _row(tag: str, cells: list[str]) -> str:
    return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells)
