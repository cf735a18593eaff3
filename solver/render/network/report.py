"""The report of a network: sizes, valid inputs, what is read, costs, and a row for every node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solver.ground.shown import printer
from solver.network.network import Network
from solver.render.network.known import Known
from solver.render.network.words import headline, meaning, table
from solver.render.report import Report, Table


class NetworkReport(Report):
    """What is said of a network; what is asked of it, as `Known` takes it."""

    def __init__(self, network: Network, *asked: Any, **more: Any) -> None:
        self.known = Known(network, *asked, **more)

    @property
    def answered(self) -> bool:
        return self.known.answered

    @property
    def limited(self) -> bool:
        return self.known.limited

    def headline(self) -> str:
        return headline(self.known)

    def summary(self) -> str:
        return self.headline()

    def facts(self) -> Iterator[str]:
        return meaning(self.known)

    def tables(self) -> Iterator[Table]:
        yield table(self.known)

    def picture(self) -> Any:
        """The layers; of --phases what these read, at a size a map; of --layer what it reads."""
        known = self.known
        inner = known.impossible is None and known.fault is None and known.nodes
        if not inner or not (known.phases or (known.at and known.asked != known.whole.outputs)):
            return printer(Known, "picture")(known)
        if known.at is None:
            return known.network.taps(output=known.nodes[0]).draw()
        node = known.network.nodes[known.nodes[0]].name
        return known.network.fields(known.at).draw(node=node, every=known.phases)

    def diagram(self, form: str) -> str:
        from solver.render.network.diagram import diagram  # few ask for it

        return diagram(self.known, form)

    def record(self) -> dict[str, Any]:
        from solver.render.network.records import record  # only --json asks for it

        return record(self.known)
