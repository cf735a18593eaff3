"""Who prints a value: values name a form and import no printer.

What prints stands above what it prints, so it is named here and imported when it is asked for. An
answer has a report, which any form can be written from; a few values have a printer of their own.
"""

from __future__ import annotations

from importlib import import_module
from io import StringIO
from typing import TYPE_CHECKING, Any, Protocol, TextIO

if TYPE_CHECKING:
    from pathlib import Path

#: What prints a value of a class, or of one below it, in a form; or makes its report.
PRINTERS = {
    ("Branched", "built"): "solver.network.built:Built",
    ("Branched", "code"): "solver.frameworks.branching:design_code",
    ("Conversion", "report"): "solver.render.conversion:Converted",
    ("Designs", "report"): "solver.render.designs:numbered",
    ("Decoders", "picture"): "solver.render.pictures.decoded:draw",
    ("Decoders", "report"): "solver.render.decoders:Decoded",
    ("Deep", "latex"): "solver.render.closed:displayed",
    ("Deep", "report"): "solver.render.closed:InClosedForm",
    ("EncoderDecoder", "latex"): "solver.render.closed:displayed",
    ("EncoderDecoder", "report"): "solver.render.closed:InClosedForm",
    ("Explanation", "picture"): "solver.render.pictures.explanation:draw",
    ("Explanation", "report"): "solver.render.explanation:Explained",
    ("Fields", "picture"): "solver.render.pictures.fields:draw",
    ("Filled", "picture"): "solver.render.pictures.filled:draw",
    ("Filled", "report"): "solver.render.filled:FilledIn",
    ("Expression", "latex"): "solver.render.notebook:expression",
    ("Expression", "mathml"): "solver.render.mathml:displayed",
    ("Expression", "text"): "solver.sizes.text:text",
    ("Found", "picture"): "solver.render.pictures.front:drawn",
    ("Known", "picture"): "solver.render.pictures.network:drawn",
    ("Layer", "code"): "solver.frameworks.code:layer_code",
    ("Layer", "latex"): "solver.render.notebook:layer",
    ("Layer", "mathml"): "solver.render.mathml:layer",
    ("Layer", "picture"): "solver.render.pictures.drawn:layer",
    ("LetteredDecoders", "report"): "solver.render.lettered_decoders:DecodedInLetters",
    ("LetteredNetwork", "report"): "solver.render.network.lettered:NetworkInLetters",
    ("Network", "design"): "solver.network.designed:designs_of",
    ("Network", "picture"): "solver.render.pictures.network:draw",
    ("Network", "report"): "solver.render.network.report:NetworkReport",
    ("Picture", "file"): "solver.render.pictures.files:written",
    ("Picture", "svg"): "solver.render.pictures.svg:svg",
    ("Picture", "tikz"): "solver.render.pictures.tikz:tikz",
    ("Recipes", "derivation"): "solver.render.derivation:explain_recipes",
    ("Recipes", "report"): "solver.render.recipes:InLetters",
    ("Requirement", "report"): "solver.render.network.requirement:Required",
    ("SizeMap", "latex"): "solver.render.notebook:size_map",
    ("SizeMap", "mathml"): "solver.render.mathml:size_map",
    ("SizeMap", "picture"): "solver.render.pictures.staircase:draw",
    ("SizeMap", "text"): "solver.sizes.fold:fold",
    ("SizeSet", "latex"): "solver.render.notebook:size_set",
    ("Solutions", "derivation"): "solver.render.derivation:explain",
    ("Solutions", "latex"): "solver.render.family:displayed",
    ("Solutions", "picture"): "solver.render.pictures.family:draw",
    ("Solutions", "report"): "solver.render.solutions:Solved",
    ("Space", "report"): "solver.render.designs:searched",
    ("Space", "picture"): "solver.render.pictures.front:draw",
    ("Space", "reason"): "solver.spaces.empty:why_empty",
    ("Stack", "code"): "solver.frameworks.code:stack_code",
    ("Stack", "picture"): "solver.render.pictures.drawn:stack",
    ("Stack", "report"): "solver.render.stack:Stacked",
    ("Taps", "picture"): "solver.render.pictures.phases:draw",
    ("TiledReport", "picture"): "solver.render.pictures.tiles:image",
    ("Tiling", "picture"): "solver.render.pictures.tiles:along",
    ("Verdict", "latex"): "solver.render.verdict:displayed",
    ("Verdict", "report"): "solver.render.verdict:Judged",
}

#: What writes any report to a file in a form.
FORMS = {
    "brief": "solver.render.forms.brief:write",
    "code": "solver.render.forms.code:write",
    "csv": "solver.render.forms.csv:write",
    "dot": "solver.render.forms.diagram:write_dot",
    "html": "solver.render.forms.html:write",
    "json": "solver.render.forms.json:write",
    "jsonl": "solver.render.forms.json:write_lines",
    "latex": "solver.render.forms.latex:write",
    "latex document": "solver.render.forms.latex:write_document",
    "markdown": "solver.render.forms.markdown:write",
    "mathml": "solver.render.forms.mathml:write",
    "markdown document": "solver.render.forms.markdown:write_document",
    "mermaid": "solver.render.forms.diagram:write_mermaid",
    "plain": "solver.render.forms.plain:write",
    "svg": "solver.render.forms.svg:write",
    "table": "solver.render.forms.terminal:write",
}


def named(place: str) -> Any:
    """What a place such as "package.module:name" names."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def printer(kind: type, form: str) -> Any:
    """What prints values of a class in a form, or None where there is nothing."""
    for each in kind.__mro__:
        if (place := PRINTERS.get((each.__name__, form))) is not None:
            return named(place)
    return None


def write(report: Any, form: str, out: TextIO) -> None:
    """Write a report in a form."""
    named(FORMS[form])(report, out)


def written(report: Any, form: str) -> str:
    """A report in a form, without the last line break."""
    out = StringIO()
    write(report, form, out)
    return out.getvalue().rstrip("\n")


def shown(value: object, form: str, *options: Any) -> str:
    """A value in a form; options are the printer's own.

    >>> from solver import SizeMap
    >>> shown(SizeMap.line(1, 1, 2), "text")
    'ceil(n/2)'
    """
    printed: str = printer(type(value), form)(value, *options)
    return printed


def drawn(value: object, *given: Any, **options: Any) -> Drawing:
    """A picture of a value. Raises SolverError where there is none of its kind."""
    if (made := printer(type(value), "picture")) is None:
        from solver.errors import SolverError

        raise SolverError("there is no picture of this", received=type(value).__name__)
    picture: Drawing = made(value, *given, **options)
    return picture


class Drawing(Protocol):
    """What is known of a picture here: what it says, its text, and that it becomes a file."""

    title: str
    description: str
    width: int
    height: int

    @property
    def svg(self) -> str: ...

    @property
    def tikz(self) -> str: ...

    def save(self, file: str | Path) -> None: ...


class Shown:
    """Let a value show itself: as text, and in notebooks in the richest form it has."""

    __slots__ = ()

    def __str__(self) -> str:
        return shown(self, "text") if printer(type(self), "text") else repr(self)

    def _repr_latex_(self) -> str | None:
        return shown(self, "latex") if printer(type(self), "latex") else None

    def _repr_pretty_(self, page: Any, cycle: bool) -> None:
        page.text(repr(self) if cycle else str(self))

    def mathml(self) -> str:
        """The formulas of the value as MathML, an element a line, which browsers show as they are.

        Raises SolverError where it has none.

        >>> from solver.sizes.expression import named
        >>> print((named("n") / 2).mathml())
        <math display="block"><mfrac><mi>n</mi><mn>2</mn></mfrac></math>
        """
        if (made := printer(type(self), "mathml")) is None:
            from solver.errors import SolverError

            raise SolverError("there is no formula of this", received=type(self).__name__)
        found: str = made(self)
        return found

    def draw(self, *given: Any, **options: Any) -> Drawing:
        """A picture of the value; what is given, and the options, are those of its kind.

        Raises SolverError where there is no picture of such a value.

        >>> from solver import Conv
        >>> Conv(3, stride=2).draw(9)
        <Picture of conv k3 s2: 9 -> 4, 312 x 180>
        """
        return drawn(self, *given, **options)


class Reported(Shown):
    """Let an answer show its report: as text, in notebooks, and as plain data."""

    __slots__ = ()

    def report(self, *options: Any) -> Any:
        """The report that every form is written from; options are its own."""
        return printer(type(self), "report")(self, *options)

    def mathml(self) -> str:
        return written(self.report(), "mathml")

    def record(self) -> dict[str, Any]:
        """The answer as plain data: what the command prints with --json, with columns of one type.

        Where a column holds formulas, and so text, its numbers are text too: what data frames take.

        >>> from solver import read
        >>> [row["shape"] for row in read("nn.Conv2d(3, 8, 3)").record()["layers"]]
        [['1', '3', 'h', 'w'], ['1', '8', 'h - 2', 'w - 2']]
        """
        found: dict[str, Any] = named("solver.render.forms.json:record")(self.report())
        return found

    def __str__(self) -> str:
        return written(self.report(), "plain")

    def _repr_html_(self) -> str:
        return written(self.report(), "html")
