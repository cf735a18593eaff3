r"""Print a formula sheet: LaTeX, text, markdown or JSON.

LaTeX goes between \[ and \] or in a math block; several lines are aligned by `split`, which every
engine knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from solver.render import latex as tex
from solver.render.plan import Sheet, Statement
from solver.sizes import text as plain


def latex(sheet: Sheet) -> str:
    r"""Return a sheet as LaTeX, to stand in display math.

    >>> from solver.render.plan import plan
    >>> print(latex(plan("avgpool", style="compact")))
    o = \left\lfloor \frac{i + 2p - k}{s} \right\rfloor + 1
    """
    rows = [
        rf"\text{{{label}: }} &{_latex_shapes(shapes)}" for label, shapes in sheet.shapes.items()
    ]
    rows += [_latex_statement(statement) for statement in sheet.statements]
    for label, pairs in _notes(sheet):
        equal = [f"{tex.latex_name(name)} = {_latex_word(value)}" for name, value in pairs]
        rows.append(rf"\text{{{label}: }} &" + r",\quad ".join(equal))
    if len(rows) == 1:
        return rows[0].replace("&", "")
    return "\n".join((r"\begin{split}", " \\\\\n".join(rows), r"\end{split}"))


def text(sheet: Sheet) -> str:
    """Return a sheet as plain text.

    >>> from solver.render.plan import plan
    >>> print(text(plan("conv", letter="stride", hyperparameters={"kernel_size": 1})))
    s >= i + 2*p if o == 1 and i + 2*p >= 1
    floor((i + 2*p - 1)/o) + 1 <= s <= floor((i + 2*p - 1)/(o - 1)) if o >= 2
    """
    rows = []
    for label, shapes in sheet.shapes.items():
        written = [f"({', '.join(shape)})" for shape in shapes]
        rows.append(f"{label + ':':9} {' or '.join(written)}")
    rows += [_text_statement(statement) for statement in sheet.statements]
    rows += [
        f"{label + ':':9} {', '.join(f'{name} = {value}' for name, value in pairs)}"
        for label, pairs in _notes(sheet)
    ]
    return "\n".join(rows)


def markdown(sheet: Sheet) -> str:
    r"""Return a sheet as markdown with a fenced math block.

    Between double dollars, GitHub unescapes \_ and \\ before it reads the math; in a fence it does
    not.

    >>> from solver.render.plan import plan
    >>> print(markdown(plan("deconv", style="compact")))
    **Transposed convolution**
    <BLANKLINE>
    ```math
    o = (i - 1)s - 2p + d(k - 1) + a + 1
    ```
    """
    title = sheet.op.title.capitalize()
    if sheet.style == "textbook" and sheet.isolated is None:
        title += f", {sheet.dim}-D"
    return f"**{title}**\n\n```math\n{latex(sheet)}\n```"


def json(sheet: Sheet) -> dict[str, Any]:
    """Return a sheet as plain data; the keys are stable.

    >>> from solver.render.plan import plan
    >>> json(plan("conv", style="compact", hyperparameters={"stride": 2}))["formulas"][0]["equals"]
    'floor((i + 2*p - k)/2) + 1'
    """
    return {
        "schema": 1,
        "command": "formula",
        "op": sheet.op.name,
        "dim": sheet.dim,
        "style": sheet.style,
        "ceil_mode": sheet.ceil_mode,
        "for": sheet.isolated,
        **{label.lower(): [list(s) for s in shapes] for label, shapes in sheet.shapes.items()},
        "given": {name: list(numbers) for name, numbers in sheet.given.items()},
        "defaults": dict(sheet.defaults),
        "formulas": [_statement_data(statement) for statement in sheet.statements],
        "latex": latex(sheet),
    }


def _statement_data(statement: Statement) -> dict[str, str | None]:
    name, lower, upper, when = statement
    return {
        "name": name,
        "equals": plain.text(lower) if statement.is_value else None,
        "minimum": plain.text(lower),
        "maximum": None if upper is None else plain.text(upper),
        "if": None if when is None else plain.text(when),
    }


def _notes(sheet: Sheet) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """Return the lines of a page that state numbers: those filled in and the defaults."""
    if not sheet.shapes:
        return
    if sheet.given:
        numbers = [
            (name, str(given[0]) if len(set(given)) == 1 else str(given))
            for name, given in sheet.given.items()
        ]
        yield "With", numbers
    if sheet.defaults:
        yield "Defaults", list(sheet.defaults.items())


def _text_statement(statement: Statement) -> str:
    name, lower, upper, when = statement
    if statement.is_value:
        written = f"{name} = {plain.text(lower)}"
    elif upper is None:
        written = f"{name} >= {plain.text(lower)}"
    else:
        written = f"{plain.text(lower)} <= {name} <= {plain.text(upper)}"
    return written if when is None else f"{written} if {plain.text(when)}"


def _latex_statement(statement: Statement) -> str:
    lower, upper, when = statement.lower, statement.upper, statement.when
    name = tex.latex_name(statement.name)
    if statement.is_value:
        written = f"{name} &= {tex.latex(lower)}"
    elif upper is None:
        written = rf"{name} &\ge {tex.latex(lower)}"
    else:
        written = rf"{tex.latex(lower)} \le {name} &\le {tex.latex(upper)}"
    return written if when is None else rf"{written} \quad \text{{if }} {tex.latex(when)}"


def _latex_shapes(shapes: Iterable[Iterable[str]]) -> str:
    written = [f"({', '.join(map(tex.latex_name, shape))})" for shape in shapes]
    return r" \text{ or } ".join(written)


def _latex_word(value: str) -> str:
    return tex.latex_name(value) if value.isidentifier() else value
