"""Attention: queries ask keys of one batch, and get of the values what these say."""

from __future__ import annotations

from collections.abc import Sequence

from solver.errors import SolverError
from solver.network.graph.demand import Ask
from solver.network.graph.dim import Dim
from solver.network.graph.merging import broadcast
from solver.network.graph.operation import Cost, Operation, Shape
from solver.sizes.sizeset import SizeSet


class Attend(Operation):
    """Give each query a mean of the values: of (query, key, value, and a mask where there is one).

    shared: whether several heads of queries may share one of the keys and values.
    """

    shared: bool = False

    @property
    def title(self) -> str:
        return "attention"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        query, key, value, *masks = given
        if min(map(len, given[:3])) < 2:
            raise SolverError("attention takes 2 axes or more", f"{min(map(len, given))}")
        ask("queries must be as wide as keys", query[-1], key[-1])
        ask("there must be a value for each key", value[-2], key[-2])
        batches = query[:-2], key[:-2], value[:-2]
        if self.shared:
            for each, name in ((key, "keys"), (value, "values")):
                above, below = query[-3].over(each[-3])
                rule = f"the heads must be divisible by those of the {name}"
                ask(rule, above, SizeSet(below, [0]))
            batches = query[:-2], (*key[:-3], query[-3]), (*value[:-3], query[-3])
        batch = broadcast(batches, ask)
        for mask in masks:
            broadcast(((*batch, query[-2], key[-2]), mask), ask)
        return (*batch, query[-2], value[-1])


class MultiHead(Operation):
    """Attend with several heads between matrices of its own: of (query, key, value).

    widths: of the three. first: whether the batch is the first axis, else the second.
    parameters: how many it has.
    """

    widths: tuple[int, int, int]
    first: bool = False
    parameters: int = 0

    @property
    def title(self) -> str:
        return "attention"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        query, key, value = given
        rank = len(query)
        if rank not in (2, 3) or len(key) != rank or len(value) != rank:
            ranks = ", ".join(str(len(shape)) for shape in given)
            raise SolverError("queries, keys and values all have 2 axes, or 3 with a batch", ranks)
        for shape, width, name in zip(
            given, self.widths, ("embed_dim", "kdim", "vdim"), strict=True
        ):
            ask(f"attention must get its {name}", shape[-1], Dim(width))
        for one, other in zip(key[:-1], value[:-1], strict=True):
            ask("there must be a value for each key", one, other)
        if rank == 3:
            batch = 0 if self.first else 1
            ask("queries and keys are of one batch", query[batch], key[batch])
        return query

    def cost(self, given: Sequence[Shape], out: Shape) -> Cost:
        return Cost(self.parameters)
