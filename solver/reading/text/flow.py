"""The flow of tensors through the summary of a model of PyTorch, which does not show it.

Each layer takes the latest tensor that fits it. Which of several is meant does not matter where
tensors that have one size at the input shown have one size everywhere, and there it is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from solver.network.graph.dim import Dim
from solver.network.network import Network
from solver.reading.text.entering import entered
from solver.reading.text.made import Made, Shown, is_known, made
from solver.reading.text.rows import SummaryRow
from solver.reading.text.summary import Drawn, ShownTensor

_FLOW = "it shows no data flow: each layer takes the latest tensor that fits it"
#: How many tensors a layer may reach back.
_BACK = 64
_KERNELS = (1, 3, 5, 7, 2, 4)


def flowing(drawn: Drawn) -> Network:
    """The network of a summary of torchinfo or torchsummary."""
    drawn.notes[_FLOW] = None
    flow = _Flow(drawn)
    rows = drawn.summary.rows
    open_rows: list[SummaryRow] = []
    for row, following in zip(rows, (*rows[1:], None), strict=True):
        while open_rows and open_rows[-1].depth >= row.depth:
            flow.close(open_rows.pop())
        if following is not None and following.depth > row.depth:
            flow.open(row)
            open_rows.append(row)
        else:
            flow.leaf(row)
    while open_rows:
        flow.close(open_rows.pop())
    drawn.in_blocks()
    return drawn.network([flow.latest])


class _Flow:
    """Follow tensors from row to row."""

    def __init__(self, drawn: Drawn) -> None:
        self._drawn = drawn
        self._tensors: list[ShownTensor] = []

    @property
    def latest(self) -> ShownTensor:
        return self._tensors[-1]

    def open(self, row: SummaryRow) -> None:
        """Begin a block, whose input may be shown."""
        sizes = self._drawn.shown(row.given)
        if not self._tensors and sizes is not None:
            self._tensors.append(self._drawn.enter(sizes))

    def close(self, row: SummaryRow) -> None:
        """End a block: what it gives is what was made last, or what is not shown makes of that."""
        sizes = self._drawn.shown(row.shape)
        if sizes is not None and sizes != self.latest.sizes:
            self._keep(self._bridged(row, sizes) or self._drawn.pinned(row, sizes, [self.latest]))

    def leaf(self, row: SummaryRow) -> None:
        """Run a tensor through one layer."""
        drawn = self._drawn
        if row.shape is None and not row.params:
            return
        out, given = drawn.out(row), drawn.shown(row.given)
        if not self._tensors:
            told = given is not None
            self._tensors.append(drawn.enter(given) if told and given else entered(drawn, row))
        if not is_known(row.kind):
            if drawn.summary.by == "torchsummary" and not row.params:  # a block, after its parts
                self.close(row)
            else:
                self._keep(drawn.pinned(row, out, [self.latest]))
            return
        if given is not None:
            taken = self._found(given) or self._bridged(row, given)
            pair = None if taken is None else (taken, self._made(row, taken, out, False))
        else:
            pair = self._fitting(row, out) or self._unseen(row, out)
        taken, found = pair or (self.latest, None)
        self._keep(drawn.put(row, found, [taken]))

    def _keep(self, tensor: ShownTensor) -> None:
        alike = [t for t in self._recent() if t.sizes[1:] == tensor.sizes[1:]]
        self._drawn.alike(tensor, iter(alike))
        self._tensors.append(tensor)

    def _recent(self) -> Iterator[ShownTensor]:
        """The tensors that a layer may take, the latest first."""
        return iter(self._tensors[: -_BACK - 1 : -1])

    def _found(self, sizes: Shown) -> ShownTensor | None:
        return next((each for each in self._recent() if each.sizes == sizes), None)

    def _made(self, row: SummaryRow, taken: ShownTensor, out: Shown, hidden: bool) -> Made | None:
        return made(row, [taken.sizes], self._drawn.shape(taken), out, False, hidden)

    def _fitting(self, row: SummaryRow, out: Shown) -> tuple[ShownTensor, Made] | None:
        """The latest tensor of which a layer makes what it makes."""
        seen = set[Shown]()
        for each in self._recent():
            if each.sizes not in seen:
                seen.add(each.sizes)
                hidden = each.at != self._tensors[0].at
                if found := self._made(row, each, out, hidden):
                    return each, found
        return None

    def _unseen(self, row: SummaryRow, out: Shown) -> tuple[ShownTensor, Made | None] | None:
        """What a layer takes where something stands in front that is not shown."""
        latest = self.latest.sizes
        if row.kind == "Linear" and row.params:
            wide = {row.params // out[-1], row.params // out[-1] - 1}
            flat = (prod(latest), latest[0])
            sizes: list[Shown] = [(features,) for features in sorted(wide) if features in flat]
        else:
            wide = {
                ((row.params or 0) - bias * out[0]) // (out[0] * kernel ** (len(out) - 1))
                for kernel in _KERNELS
                for bias in (0, 1)
            }
            sizes = [(n, *latest[1:]) for n in sorted(wide) if n > latest[0]]
        for each in sizes:
            taken = self._bridged(row, each)
            if taken is not None and (found := self._made(row, taken, out, True)) is not None:
                return taken, found
        return None

    def _bridged(self, row: SummaryRow, sizes: Shown) -> ShownTensor | None:
        """A tensor of these sizes of the latest one, where what makes it is not shown.

        Channels are concatenated, what becomes features is flattened or pooled.
        """
        drawn, latest = self._drawn, self.latest
        shape = drawn.shape(latest)
        if len(sizes) == len(latest.sizes) and sizes[1:] == latest.sizes[1:]:
            name = "concat" if sizes[0] > latest.sizes[0] else "split"
            return drawn.become(row, name, (shape[0], Dim(sizes[0]), *shape[2:]), latest)
        if len(sizes) != 1 or len(latest.sizes) == 1:
            return None
        if prod(latest.sizes) == sizes[0]:
            drawn.fix(latest)
            return drawn.become(row, "flatten", (shape[0], Dim(sizes[0])), latest)
        if latest.sizes[0] == sizes[0]:
            return drawn.become(row, "pool", shape[:2], latest)
        return None
