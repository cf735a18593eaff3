"""What is asked of a network, and what is known of it; worked out when it is printed."""

from __future__ import annotations

from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING

from solver.errors import LimitError, SolverError
from solver.fields.field import Fields, fields
from solver.network.costs import NodeCost, costs
from solver.network.demand import SQUARE
from solver.network.graph import Network
from solver.network.operation import UNFOLLOWED, Shape
from solver.network.summary import formula, numbers
from solver.network.total import Total
from solver.network.validity import Valid, inputs_for, valid
from solver.sizeset import SizeSet

if TYPE_CHECKING:
    from solver.faults.edits import Edit

#: Edits are tried at once in networks of at most so many nodes; `convsolver explain` has no limit.
_MOST_NODES = 300

#: Edits that are told beside the nearest sizes anyway.
_OF_INPUT = ("input size", "input padding")


class Report:
    """Hold a network, and what is asked of it: for every n, or at sizes of the input.

    at: the value of each letter, None for every n. nodes: the numbers of those that are asked
    about; the outputs unless given. wanted: the size they should have. source: the name of its
    file. unread, tiles, stream: whether these are asked for too. rate: samples per second.
    fault: why it does not run there. impossible: why it runs at no size.
    """

    def __init__(
        self,
        network: Network,
        at: dict[str, int] | None = None,
        nodes: tuple[int, ...] | None = None,
        wanted: int | None = None,
        source: str = "",
        unread: bool = False,
        tiles: bool = False,
        stream: bool = False,
        rate: int | None = None,
    ) -> None:
        self.network, self.at, self.wanted, self.source = network, at, wanted, source
        self.unread, self.tiles, self.stream, self.rate = unread, tiles, stream, rate
        self.nodes = network.outputs if nodes is None else nodes
        self.fault: SolverError | None = None
        self.impossible: SolverError | None = None
        self.shapes: tuple[Shape | None, ...] = ()
        try:
            self.shapes = network.walk.shapes
        except LimitError:
            raise
        except SolverError as fault:
            self._known()
            self.impossible = fault
            return
        if at is not None:
            walk, self.fault = network.run(at)
            self.shapes = walk.shapes

    @property
    def answered(self) -> bool:
        """Tell whether there is an answer other than that there is none."""
        if self.impossible is not None:
            return False
        if self.wanted is not None:
            return bool(self.giving)
        return self.fault is None and bool(self.valid.inputs)

    def _known(self) -> None:
        """Raise LimitError where nothing is found, but small inputs are not followed."""
        for i in self.network.inputs:
            for letter, size, where in self.network.nodes[i].operation.least:  # type: ignore[attr-defined]
                raise LimitError(f"{UNFOLLOWED}, at {where}", f"{letter} below {size}")

    @cached_property
    def giving(self) -> SizeSet:
        """Return the inputs that give the wanted size."""
        assert self.wanted is not None
        found = SizeSet.common(inputs_for(self.network, i, self.wanted) for i in self.nodes)
        if not found:
            self._known()
        return found

    @cached_property
    def valid(self) -> Valid:
        """Return the inputs at which it runs, all axes alike."""
        found = valid(self.network)
        if not found.inputs:
            self._known()
        return found

    @cached_property
    def exact(self) -> Valid:
        """Return those at which poolings drop nothing and crops are even."""
        return valid(self.network, exact=True)

    @cached_property
    def costs(self) -> tuple[NodeCost | None, ...]:
        """Return what each node costs."""
        return costs(self.network)

    @cached_property
    def reads(self) -> Fields | SolverError:
        """Return what each node reads, or why that is not known.

        It is told for the sizes that are asked about; else for every n, or where that is no one
        answer, for the first residue class at which poolings drop nothing and crops are even.
        """
        try:
            if self.at is not None and self.fault is None:
                return fields(self.network, self.at)
            found = fields(self.network)
            modulus = lcm(1, *found.modulus.values())
            return found if modulus == 1 else fields(self.network, residue=self._usual(modulus))
        except SolverError as fault:
            return fault

    def _usual(self, modulus: int) -> int:
        for inputs in (self.exact.plain, self.valid.plain):
            if not inputs.finite and (first := inputs.first(inputs.minimum)) is not None:
                return first % modulus
        return 0

    @cached_property
    def cure(self) -> Edit | None:
        """Return the smallest edit of a layer with which it runs, where that is found at once."""
        if self.fault is None or self.at is None or len(self.network) > _MOST_NODES:
            return None
        from solver.faults.explain import explain

        edits = explain(self.network, self.at).edits
        return next((edit for edit in edits if edit.kind not in _OF_INPUT), None)

    @property
    def outputs(self) -> list[tuple[str, str]]:
        """Return the name of each node that is asked about, and its sizes."""
        return [(self.network.nodes[i].name, self.size(i)) for i in self.nodes]

    def size(self, number: int) -> str:
        """Return the sizes of a node in words."""
        if self.at is None:
            return formula(self.network, number)
        return numbers(self.shapes[number], self.at) if number < len(self.shapes) else ""

    def amount(self, found: Total) -> str:
        """Return a cost in words: a number where there is one."""
        if self.at is not None:
            return f"{found.at(self.at):,}"
        text = str(found if len(self.network.letters) < 2 else found.on(SQUARE))
        return text if found.number is None else f"{found.number:,}"
