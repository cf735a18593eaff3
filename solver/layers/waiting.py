"""How long outputs wait for what they read, where elements come one after the other."""

from __future__ import annotations

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.reads import Span
from solver.sizes.sizemap import SizeMap
from solver.sizes.slope import between


class Waiting(NamedTuple):
    """Hold what is waited for, in elements of the input.

    hop: the elements that a block of so many outputs stands for. look_ahead: beyond their block;
    latency: beyond an output's own, floor(jump*y); context: before their block; each at most, and
    at least 0.
    """

    hop: int
    outputs: int
    look_ahead: int
    latency: int
    context: int


def waiting(span: Span) -> Waiting:
    """What outputs that read so wait for. Raises SolverError where all read the same.

    >>> from solver.layers.window import Window
    >>> waiting(Window(2, 2).transposed.behind())  # two outputs for each element
    Waiting(hop=1, outputs=2, look_ahead=0, latency=0, context=0)
    """
    first, last = span
    if not last.rise:
        raise SolverError("an output of a stream moves with its input", f"{last}")
    outputs = span.period
    hop = last.rise * (outputs // last.period)
    if span.steady:
        # A later output never reads less far: the last of a block decides, and the first of it.
        ahead = int(last(outputs - 1)) - (hop - 1)
        latency = between(SizeMap.line(hop, 0, outputs), last)[1]
        context = -int(first(0))
    else:
        firsts, lasts = span.ends(outputs)
        ahead = max((x - (hop - 1) for x in lasts if x is not None), default=0)
        late = (x - hop * y // outputs for y, x in enumerate(lasts) if x is not None)
        latency = max(late, default=0)
        context = max((-x for x in firsts if x is not None), default=0)
    return Waiting(hop, outputs, max(ahead, 0), max(latency, 0), max(context, 0))
