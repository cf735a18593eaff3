"""What is wrong with a network: the node, the reason, the edits that cure it, and who else fails.

Either an input size is given, and the first node that does not run is at fault; or the message of a
framework, and the node is the one that fails with exactly its numbers, at whatever size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from solver.errors import SolverError
from solver.ground.value import frozen
from solver.network.diagnosis import messages
from solver.network.diagnosis.cures import of_node, repeated
from solver.network.diagnosis.edits import Edit, of_input, tried
from solver.network.diagnosis.fault import (
    Fault,
    always,
    by_message,
    by_sizes,
    failing,
    first_fault,
    stated,
)
from solver.network.diagnosis.messages import Message, read_message
from solver.network.diagnosis.surgery import replaced
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Input
from solver.network.graph.walk import Node
from solver.sizes.sizeset import EVERY, SizeSet

Sizes = Mapping[str, int] | int | Sequence[int]


class NotHere(SolverError):
    """Report a message with numbers that no node of the network can have, at any input size."""

    exit_code = 1


@dataclass(frozen=True)
class Explanation:
    """Hold what is wrong.

    node: at fault, and at: its number; None where the network runs. reason: one line. sizes: that
    fail, one for each letter; the smallest where only a message was given. inputs: for each letter
    the sizes that fail in this node with these numbers; an input fails so where each letter named
    is in its set, and every input where none is named. fails: for each letter the sizes that fail
    in this node with any numbers. edits: that cure it, tried, the smallest first. message: what was
    recognised. others: further nodes that fail with the numbers of the message.

    >>> from solver import Conv, explain, trace
    >>> str(explain(trace(Conv(3), axes=1), sizes=2).fails["n"])
    'n in {1, 2}'
    """

    node: Node | None
    at: int | None
    reason: str
    sizes: dict[str, int]
    inputs: dict[str, SizeSet]
    fails: dict[str, SizeSet]
    edits: tuple[Edit, ...]
    message: Message | None = None
    others: tuple[Fault, ...] = ()

    def __hash__(self) -> int:
        return hash(frozen(tuple(vars(self).values())))

    @property
    def square(self) -> SizeSet:
        """Return the sizes that fail so where all axes are alike."""
        found = EVERY
        for each in self.inputs.values():
            found = found & each
        return found

    def __str__(self) -> str:
        """Return the reason and the edits, a line each."""
        return "\n".join([self.reason, *(f"  {edit}" for edit in self.edits)])


def explain(network: Graph, sizes: Sizes | None = None, error: str | None = None) -> Explanation:
    """Return what is wrong with a network.

    sizes: of the input, as for Network.at. error: the message of a framework. With both, the sizes
    decide; with neither, those that the source of the network states. Raises SolverError for a
    message that is not known, NotHere for one whose numbers no node of the network has at any size.

    >>> from solver import Conv, ConvTranspose, MaxPool, concat, trace
    >>> def net(x):
    ...     return concat(x, ConvTranspose(2, 2)(MaxPool(2)(x)))
    >>> found = explain(trace(net), 61)
    >>> found.reason
    'concat_3: concat: the sizes that meet must be equal: 61 = h and 60 = 2*floor(h/2)'
    >>> print(found.edits[0])
    convtranspose_2: output_padding=1 (runs for odd n >= 3)
    >>> text = "Sizes of tensors must match except in dimension 1. Expected size 7 but got size 6"
    >>> print(explain(trace(net), error=text).square)
    n in {7}
    >>> explain(trace(net), 64).reason
    'the network runs at 64x64'
    """
    message = None if error is None else read_message(error)
    if sizes is None and message is None:
        sizes = stated(network) or None
    values = None if sizes is None else network.values(sizes)
    if message is not None and message.kind == messages.CHANNELS:
        network = _as_run(network, message)
    static = first_fault(network, None)
    faults: list[Fault]
    if values is not None:
        found = by_sizes(network, values)
        faults = [found] if found else []
        if found is None:
            shown = "x".join(map(str, values.values()))
            reason = f"the network runs at {shown}"
            return Explanation(None, None, reason, values, {}, {}, (), message)
    elif static is not None:
        faults = [always(network, static)]
    elif message is not None:
        faults = _of_message(network, message)
    else:
        raise SolverError("an input size or a message says what to look for")
    fault, *others = faults
    proposals = list(of_node(network, fault.at, fault.sizes))
    if static is None:
        proposals = [repeated(each, fault.sizes) for each in proposals]
        proposals += of_input(network, fault.sizes)
    return Explanation(
        network.nodes[fault.at],
        fault.at,
        fault.reason,
        fault.sizes,
        fault.inputs,
        {} if static is not None else failing(network, fault.at),
        tuple(tried(proposals, None if static is not None and values is None else fault.sizes)),
        message,
        tuple(others),
    )


def _as_run(network: Graph, message: Message) -> Graph:
    """Return the network with the channels that came in, where the message is about its input."""
    if "received" not in message.numbers or first_fault(network, None) is not None:
        return network
    (wanted,), (received,) = message.numbers["wanted"], message.numbers["received"]
    for at in network.inputs:
        operation = network.nodes[at].operation
        assert isinstance(operation, Input)
        batch, channels, *sizes = operation.of
        if channels.number == wanted:
            return replaced(network, at, Input((batch, Dim(received), *sizes)))
    return network


def _of_message(network: Graph, message: Message) -> list[Fault]:
    """Return the nodes that fail as a message says."""
    if not message.numbers:
        rule = "this message has no numbers: an input size says what to look for"
        raise SolverError(rule, message.text)
    found = by_message(network, message)
    if not found:
        rule = "no node of this network fails with these numbers at any input size"
        numbers = ", ".join(f"{name} {value}" for name, value in message.numbers.items())
        right = "the network as it ran, or its input size"
        if message.kind == messages.OUTPUT_SIZE:
            right = "an output_size between the two that are named"
        raise NotHere(rule, f"{message.kind}: {numbers}", right)
    return found
