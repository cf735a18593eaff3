"""The report of layers that are repeated as often as a letter says: their closed forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solver.layers.repeat import Deep
from solver.network.levels import EncoderDecoder
from solver.render.latex import latex
from solver.render.report import Column, Formula, Report, Table
from solver.sizes.expression import Expression


class InClosedForm(Report):
    """What is said of them: each closed form, and for which letters it holds."""

    quoted = True

    def __init__(self, net: Deep | EncoderDecoder) -> None:
        self.net = net

    def headline(self) -> str:
        return repr(self.net)

    def facts(self) -> Iterator[str]:
        for condition in self.net.conditions:
            yield Formula(f"where {condition}", lambda node=condition: latex(node))  # type: ignore[misc]

    def tables(self) -> Iterator[Table]:
        yield self.data()

    def data(self) -> Table:
        rows = [[name.replace("_", " "), _cell(form)] for name, form in self.net.forms.items()]
        return Table([Column("what"), Column("closed form")], rows)

    def formula(self) -> str:
        return r",\quad ".join(
            rf"\text{{{name.replace('_', ' ')}}} = {latex(form)}"
            if name != "valid"
            else rf"\text{{where }} {latex(form)}"
            for name, form in self.net.forms.items()
        )

    def record(self) -> dict[str, Any]:
        net = self.net
        return {
            "layers": repr(net),
            "letters": list(net.letters),
            **{name: str(form) for name, form in net.forms.items()},
            "where": " and ".join(map(str, net.conditions)),
        }


def displayed(net: Deep | EncoderDecoder) -> str:
    """The closed forms as notebooks show them."""
    return f"$\\displaystyle {InClosedForm(net).formula()}$"


def _cell(form: Expression) -> str:
    return Formula(str(form), lambda: latex(form))
