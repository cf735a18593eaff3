"""The report of decoders in letters: the best one, the fixed one, each with where it is exact."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from solver.network.decoders.lettered import LetteredDecoder, LetteredDecoders
from solver.render.latex import latex
from solver.render.report import Column, Formula, Report, Table
from solver.sizes.expression import Expression
from solver.sizes.letters import least

_COLUMNS = (
    *map(Column, ("form", "output_padding", "gives n back", "letters")),
    Column("layers", prose=True),
)


class DecodedInLetters(Report):
    """What is said of decoders in letters."""

    def __init__(self, found: LetteredDecoders, limit: int | None = None) -> None:
        self.found, self.limit = found, limit

    def headline(self) -> str:
        """The best decoder in one line, and where it gives n back."""
        best = self.found[0]
        rules = ", output_padding set per call" if best.rules else ""
        where = "" if best.legal is None else f"; for letters with {best.legal}"
        return f"{_layers(best)}: gives n back exactly {_inputs(best)}{rules}{where}"

    def facts(self) -> Iterator[str]:
        best, back = self.found[0], self.found.returned
        for number, rule in enumerate(best.rules, 1):
            yield Formula(f"layer {number}: output_padding {rule}", partial(latex, rule.tree))
        yield f"the encoder takes n to {self.found.size}"
        if back is not None and best.rules:
            yield f"the plain mirror gives back {back}"
        yield f"for every {', '.join(f'{x} >= {least(x)}' for x in self.found.letters)}"

    def tables(self) -> Iterator[Table]:
        yield Table(_COLUMNS, map(_row, self.told(self.found, None)))

    def formula(self) -> str:
        return r",\quad ".join(latex(rule.tree) for rule in self.found[0].rules)

    def record(self) -> dict[str, Any]:
        found = self.found
        return {
            "schema": 1,
            "command": "decoder",
            "input": "n",
            "letters": list(found.letters),
            "count": found.count,
            "mirror": {"gives_back": None if found.returned is None else str(found.returned)},
            "decoders": list(self.items()),
            "reason": None,
        }

    def items(self) -> Iterator[dict[str, Any]]:
        for each in self.told(self.found, None):
            yield {
                "form": each.form,
                "layers": list(map(repr, each.layers)),
                "inputs": _words(each.holds),
                "output_padding_per_call": list(map(str, each.rules)),
                "where": _words(each.legal),
            }


def _words(condition: Expression | None) -> str:
    return "" if condition is None else str(condition)


def _inputs(each: LetteredDecoder) -> str:
    return "for every n" if each.holds is None else f"where {each.holds}"


def _layers(each: LetteredDecoder) -> str:
    return ", ".join(map(repr, each.layers)) or "no layers"


def _row(each: LetteredDecoder) -> list[str]:
    kind = "per call" if each.rules else "fixed"
    return [each.form, kind, _inputs(each), _words(each.legal) or "all", _layers(each)]
