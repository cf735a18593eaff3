"""The network of a summary of Keras, which shows what is connected to what, or is a chain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from solver.errors import LimitError
from solver.network.network import Network
from solver.reading.text.entering import entered
from solver.reading.text.made import completed, made
from solver.reading.text.rows import SummaryRow
from solver.reading.text.summary import Drawn, ShownTensor


def connected(drawn: Drawn) -> Network:
    """The network of a summary of Keras: by what is connected to what, else a chain."""
    named = dict[str, ShownTensor]()
    guessed = set[str]()  # names that are cut off, and that several begin with
    read = set[int]()

    def named_as(word: str) -> ShownTensor:
        if word in named:
            return named[word]
        near = [each for name, each in named.items() if name.startswith(word)]
        near = near or [each for name, each in named.items() if word.startswith(name)]
        if not near:
            raise LimitError("the summary does not show what this is connected to", word)
        guessed.update([word] if len(set(near)) > 1 else [])
        return next((each for each in reversed(near) if each.at not in read), near[-1])

    def block(rows: Sequence[SummaryRow], given: list[ShownTensor]) -> list[ShownTensor]:
        """What rows of one depth, with those inside, make of tensors."""
        entering, latest = [*given], given
        while rows:
            row = rows[0]
            inner = _inside(rows)
            rows = rows[1 + len(inner) :]
            if row.kind == "InputLayer":
                sizes = drawn.out(row)
                alone = tokens and len(sizes) == 1
                latest = [entering.pop(0) if entering else drawn.enter(sizes, alone)]
            else:
                taken = [named_as(word) for word in row.inputs or ()] or latest
                taken = taken or [entered(drawn, row)]
                read.update(each.at for each in taken)
                latest = block(inner, taken) if inner else [_keras(drawn, row, taken)]
            named[row.name] = latest[-1]
        return latest

    rows = drawn.summary.rows
    tokens = any(row.kind == "Embedding" for row in rows)
    ends = block(rows, [])
    if rows[-1].inputs is not None and not guessed and not any(row.cut for row in rows):
        others = (each for each in dict.fromkeys(named.values()) if each.at not in read)
        ends = [*ends, *(each for each in others if each not in ends)]
    return drawn.network(ends)


def _inside(rows: Sequence[SummaryRow]) -> list[SummaryRow]:
    """The rows inside the first one."""
    first, *rest = rows
    return [*takewhile(lambda each: each.depth > first.depth, rest)]


def _keras(drawn: Drawn, row: SummaryRow, taken: Sequence[ShownTensor]) -> ShownTensor:
    """What one row makes of tensors, by whichever kind its words may be cut from."""
    sizes, shape, out = [each.sizes for each in taken], drawn.shape(taken[0]), drawn.out(row)
    kinds = [row.kind, *(completed(row.kind) if row.cut else ())]
    tried = (made(row._replace(kind=kind), sizes, shape, out, True) for kind in kinds)
    return drawn.put(row, next(filter(None, tried), None), taken)
