"""The report of a network in letters: its size for every n, where it runs, node by node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solver.errors import LimitError
from solver.network.lettered import LetteredNetwork
from solver.network.letters.walk import map_of
from solver.render.latex import latex
from solver.render.report import Column, Report, Table

_COLUMNS = (*map(Column, ("layer", "operation", "channels", "size")), Column("asks", prose=True))


class NetworkInLetters(Report):
    """What is said of a network in letters."""

    def __init__(self, network: LetteredNetwork) -> None:
        self.network, self.valid = network, network.valid()

    def headline(self) -> str:
        """What comes out of n, and where it runs."""
        valid = self.valid
        held = "every n" if valid.holds is None else f"n with {valid.holds}"
        where = "" if valid.legal is None else f", where {valid.legal}"
        return f"n -> {self.network.formula()}, for {held}{where}"

    def facts(self) -> Iterator[str]:
        for name in ("receptive_field", "jump", "parameters", "macs"):
            try:
                yield f"{name.replace('_', ' ')}: {getattr(self.network, name)}"
            except LimitError:
                continue
        if self.valid.repeats:
            yield "where a size of 1 meets another it may be repeated: of that nothing is said here"

    def tables(self) -> Iterator[Table]:
        walker, rows = self.network.lettered, []
        for at, (node, shape) in enumerate(zip(self.network.nodes, walker.shapes, strict=True)):
            asked = (demand.condition for demand in walker.demands if demand.at == at)
            channels = str(shape[1]) if len(shape) > 1 else ""
            sizes = self.network.formula(node.name)
            rows.append(
                [node.name, node.operation.title, channels, sizes, "; ".join(map(str, asked))]
            )
        yield Table(_COLUMNS, rows)

    def formula(self) -> str:
        shape = self.network.lettered.shapes[self.network.outputs[0]]
        return ",\\quad ".join(dict.fromkeys(latex(map_of(dim).tree()) for dim in shape[2:]))

    def record(self) -> dict[str, Any]:
        valid = self.valid
        return {
            "schema": 1,
            "command": "network",
            "input": "n",
            "letters": list(self.network.layer_letters),
            "size": self.network.formula(),
            "inputs": "" if valid.holds is None else str(valid.holds),
            "where": "" if valid.legal is None else str(valid.legal),
            "repeated": list(map(str, valid.repeats)),
        }
