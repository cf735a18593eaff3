r"""The report of a formula sheet.

LaTeX goes between \[ and \] or in a math block; several lines are aligned by `split`, which every
engine knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from solver.errors import SolverError
from solver.render import latex as tex
from solver.render.function import python
from solver.render.plan import Sheet, Statement
from solver.render.report import Formula, Report
from solver.sizes import text as plain
from solver.sizes.expression import Expression


class Page(Report):
    """The page of a formula.

    >>> from solver.render.plan import plan
    >>> page = Page(plan("conv", letter="stride", hyperparameters={"kernel_size": 1}))
    >>> print(*page.facts(), sep="\\n")
    s >= i + 2*p if o == 1 and i + 2*p >= 1
    floor((i + 2*p - 1)/o) + 1 <= s <= floor((i + 2*p - 1)/(o - 1)) if o >= 2
    >>> page = Page(plan("conv", style="compact", hyperparameters={"stride": 2}))
    >>> page.record()["formulas"][0]["equals"]
    'floor((i + 2*p - k)/2) + 1'
    """

    indented = True

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def title(self) -> str:
        sheet = self.sheet
        textbook = sheet.style == "textbook" and sheet.isolated is None
        return sheet.op.title.capitalize() + (f", {sheet.dim}-D" if textbook else "")

    def formula(self) -> str:
        return latex(self.sheet)

    def trees(self) -> Iterator[Sequence[Expression | str]]:
        for each in self.sheet.statements:
            yield [each.tree] if each.when is None else [each.tree, " if ", each.when]

    def facts(self) -> Iterator[str]:
        """The formula in text, line by line."""
        for line in _text(self.sheet):
            yield Formula(line, self.formula)

    def codes(self) -> Iterator[str]:
        yield python(self.sheet)

    def picture(self) -> Any:
        """The staircase of the layer, where its numbers are filled in. Raises SolverError."""
        from solver.layers.own import LAYERS

        sheet = self.sheet
        if sheet.isolated is not None or "kernel_size" not in sheet.given:
            asked = f"isolated {sheet.isolated}" if sheet.isolated else "no kernel_size"
            rule = "a formula is drawn as the sizes that come out of a layer in numbers"
            raise SolverError(rule, asked, f"the output of {sheet.op.name} with kernel_size=3")
        alike = {
            name: given[0] if len({*given}) == 1 else given for name, given in sheet.given.items()
        }
        more = {"ceil_mode": sheet.ceil_mode} if sheet.op.pooling else {}
        return LAYERS[sheet.op.name](**alike, **more).draw()

    def record(self) -> dict[str, Any]:
        sheet = self.sheet
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
            "latex": self.formula(),
        }


def latex(sheet: Sheet) -> str:
    r"""A sheet as LaTeX, to stand in display math.

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


def _text(sheet: Sheet) -> Iterator[str]:
    for label, shapes in sheet.shapes.items():
        written = [f"({', '.join(shape)})" for shape in shapes]
        yield f"{label + ':':9} {' or '.join(written)}"
    yield from map(_text_statement, sheet.statements)
    for label, pairs in _notes(sheet):
        yield f"{label + ':':9} {', '.join(f'{name} = {value}' for name, value in pairs)}"


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
    """The lines of a page that state numbers: those filled in and the defaults."""
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
