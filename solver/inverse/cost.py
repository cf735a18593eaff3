"""Sort solutions by cost: multiply-accumulates for each pair of channels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from solver.errors import LimitError
from solver.inverse.axis import Axis
from solver.inverse.question import Question, read_ask
from solver.inverse.strips import Row

MOST_SORTED = 1_000_000


def cheapest_first(
    ranked: Iterable[tuple[Row, ...]], total: int, question: Question, axes: Sequence[Axis]
) -> list[tuple[Row, ...]]:
    """Return all solutions, cheapest first, and in their own order where the cost is the same.

    The cost is that of the first pair of the question, up to a factor common to all solutions.
    total: their number. Raises LimitError where they are too many to sort.
    """
    if total > MOST_SORTED:
        raise LimitError(
            f"at most {MOST_SORTED:,} solutions are sorted by cost",
            received=f"{total:,} solutions",
            right="a smaller box, or --sort kernel_size",
        )
    sizes, targets = question.pairs[0]
    asks = [read_ask(*pair, question.where) for pair in zip(sizes, targets, strict=True)]

    def cost(rows: tuple[Row, ...]) -> int:
        # All axes share one row, or each has its own.
        at = range(len(asks)) if len(rows) > 1 else [0] * len(asks)
        return prod(axes[i].cost(rows[i], ask) for i, ask in zip(at, asks, strict=True))

    return sorted(ranked, key=cost)
