"""Streaming: how much of the input must have come before an output can be given.

In a stream of samples, O outputs stand for every H samples (H/O is the jump, in lowest terms with
the phases of the network): block b of outputs, O*b to O*b + O - 1, stands for the samples H*b to
H*b + H - 1. Output y can be given once sample last(y) has come. Then

    look-ahead  how many samples beyond its own block an output waits for, at most;
    algorithmic latency
                a block and its look-ahead: how many samples come from the first of a block on,
                before its outputs can be given, whatever it takes to compute them;
    unseen      how many samples after its own, floor(jump*y), an output waits for, at most: those
                that have not come when its own has;
    context     how many samples before its own block an output reads, at most: what to keep.

An output is no later than its block: what is unseen is less than the algorithmic latency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.reads import Span
from solver.layers.waiting import waiting
from solver.network.fields.field import fields
from solver.network.graph.graph import Graph


class Streaming(NamedTuple):
    """Hold what a stream through a network waits for and keeps, in samples of the input.

    hop: the samples of a block. outputs: what comes out for a block. latency: the samples that are
    unseen when an output's own has come. holds_for: the sizes it is said for, in words.
    """

    hop: int
    outputs: int
    look_ahead: int
    latency: int
    context: int
    holds_for: str

    @property
    def causal(self) -> bool:
        """Tell whether no output waits for samples beyond its own block."""
        return self.look_ahead == 0

    @property
    def unseen(self) -> int:
        """The samples after an output's own that it waits for, at most."""
        return self.latency

    @property
    def algorithmic_latency(self) -> int:
        """The samples of a block and its look-ahead, which come before its outputs can be given.

        The usual definition, a frame and its look-ahead, without the time to compute.

        >>> from solver import Conv, streaming, trace
        >>> found = streaming(trace(Conv(4, stride=2, padding=1), axes=1))
        >>> found.hop, found.look_ahead, found.algorithmic_latency, found.unseen
        (2, 1, 3, 2)
        >>> alone = streaming(trace(Conv(1, stride=2), axes=1))  # it need not wait for its block
        >>> alone.algorithmic_latency, alone.unseen
        (2, 0)
        """
        return self.hop + self.look_ahead

    def seconds(self, rate: int) -> float:
        """The time of the unseen samples. rate: samples of the input per second."""
        return self.latency / rate


def streaming(
    network: Graph,
    output: int | None = None,
    letter: str | None = None,
    sizes: Mapping[str, int] | int | Sequence[int] | None = None,
    residue: int | None = None,
) -> Streaming:
    """How long a stream through a network waits.

    output: the number of a node; the first output without it. letter: of the axis of time; the
    first one without it. sizes, residue: as in `fields`, where padding depends on the size. Raises
    SolverError where an output reads everything.

    >>> from solver import Conv, trace
    >>> def wavenet(causal):
    ...     def run(x):
    ...         for d in (1, 2, 4, 8):
    ...             ends = (d, 0) if causal else (d // 2, d - d // 2)
    ...             x = x + Conv(2, dilation=d, padding=(ends,))(x)
    ...         return x
    ...     return trace(run, axes=1)
    >>> causal = streaming(wavenet(True))
    >>> causal.look_ahead, causal.latency, causal.context
    (0, 0, 15)
    >>> streaming(wavenet(False)).look_ahead
    8
    >>> strided = streaming(trace(Conv(4, stride=2, padding=((2, 0),)), axes=1))
    >>> strided.hop, strided.look_ahead, strided.latency  # a block of 2 is waited for, no more
    (2, 0, 1)
    """
    letter = network.letters[0] if letter is None else letter
    found = fields(network, sizes, residue)
    at = found.network.outputs[0] if output is None else network.beside(found.network, output)
    field = None if at is None else found.of(at, letter)
    if field is None:
        rule = "a stream goes along a size of the input that the output reads"
        raise SolverError(rule, letter, ", ".join(network.letters))
    return of_span(field.known, found.holds_for(letter))


def of_span(span: Span, holds_for: str = "every n") -> Streaming:
    """How long a stream waits for what is read, by its span.

    >>> from solver.layers.window import Window
    >>> of_span(Window(2, 2).transposed.behind())[:5]  # two outputs for each sample
    (1, 2, 0, 0, 0)
    """
    return Streaming(*waiting(span), holds_for)
