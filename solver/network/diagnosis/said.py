"""What a message says of a network: its path and sizes, what is wanted, which nodes fail."""

from __future__ import annotations

from contextlib import suppress
from itertools import permutations

from solver.errors import SolverError
from solver.network.diagnosis import wordings
from solver.network.diagnosis.fault import Fault, by_message, first_fault, prefix, refused
from solver.network.diagnosis.messages import KNOWN, Message, read_message, spoken
from solver.network.diagnosis.rewrite import replaced
from solver.network.diagnosis.wanted import Wanted, of_target
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph, Sizes
from solver.network.graph.operation import Input, Refuse
from solver.network.graph.validity import valid


class NotHere(SolverError):
    """Report a message with numbers that no node of the network can have, at any input size."""

    exit_code = 1


def recognised(error: str | None) -> tuple[Message | None, SolverError | None]:
    """What a message says, or why it is not known."""
    try:
        return None if error is None else read_message(error), None
    except SolverError as fault:
        return None, SolverError(fault.rule, fault.received, "\n            ".join(KNOWN))


def of_loss(
    network: Graph, message: Message, sizes: Sizes | None
) -> tuple[Wanted | None, Sizes | None]:
    """What a loss wants of the output, and at which input, where a message tells them.

    Sizes that meet nowhere in the network are those of the output and of a target.
    """
    pairs = [tuple(message.numbers.get(x, ()) for x in ("wanted", "received"))]
    if message.kind == wordings.MEET and "sizes" in message.numbers:
        if any(by_message(path, message) for path in network.ways):
            return None, sizes
        axes = len(network.letters)
        pairs = [((x,) * axes, (y,) * axes) for x, y in permutations(message.numbers["sizes"], 2)]
    elif message.kind != wordings.TARGET:
        return None, arrived(network, message) if sizes is None else sizes
    for wanted, received in pairs:
        if sizes is not None:
            return wanted, sizes
        found = of_target(network, wanted, received)
        if found and (found[0] == "n" or message.kind == wordings.TARGET):
            return found
    return None, sizes


def of_path(network: Graph, message: Message | None) -> Graph:
    """The path that fails as a message says; the main one where none does."""
    if message is not None and network.paths:
        for path in network.ways:
            with suppress(SolverError):  # it may run at no size
                if by_message(path, message):
                    return path
    return network.ways[0]


def raised(network: Graph, error: str | None) -> dict[str, int] | None:
    """The smallest sizes at which the source of a network refuses them with these words."""
    for path in network.ways:
        last = path.nodes[-1].operation
        told = spoken(last.message, error, path.letters) if isinstance(last, Refuse) else None
        if told is not None:
            with suppress(SolverError):  # it is taken nowhere, or what is before it fails
                if first := valid(prefix(path, len(path) - 1)).inputs.first():
                    for usual in (*told.values(), first):
                        found = {**dict.fromkeys(path.letters, usual), **told}
                        if refused(path, found) is not None:
                            return found
    return None


def as_run(network: Graph, message: Message | None) -> Graph:
    """The network with the channels that came in, where the message is about its input."""
    if message is None or message.kind != wordings.CHANNELS:
        return network
    if "received" not in message.numbers or first_fault(network, None) is not None:
        return network
    (wanted,), (received,) = message.numbers["wanted"], message.numbers["received"]
    for at in network.inputs:
        operation = network.nodes[at].operation
        assert isinstance(operation, Input)
        batch, channels, *sizes = operation.of
        if channels.number == wanted:
            return replaced(network, at, operation.replaced(of=(batch, Dim(received), *sizes)))
    return network


def arrived(network: Graph, message: Message) -> dict[str, int] | None:
    """The sizes that came in, where a message tells the whole input of a layer with channels."""
    (shape,) = message.place.get("given", ((),))
    for at in network.inputs if shape else ():
        operation = network.nodes[at].operation
        assert isinstance(operation, Input)
        of = operation.of
        if len(of) == len(shape) > 2 and of[1].number == message.numbers["wanted"][0]:
            pairs = zip(of[2:], shape[2:], strict=True)
            return {dim.single[0]: n for dim, n in pairs if dim.single is not None}
    return None


def of_message(network: Graph, message: Message) -> list[Fault]:
    """The nodes that fail as a message says."""
    if not message.numbers:
        rule = "this message has no numbers: an input size says what to look for"
        raise SolverError(rule, message.text)
    found = by_message(network, message)
    if not found:
        rule = "no node of this network fails with these numbers at any input size"
        numbers = ", ".join(f"{name} {value}" for name, value in message.numbers.items())
        right = "the network as it ran, or its input size"
        if message.kind == wordings.OUTPUT_SIZE:
            right = "an output_size between the two that are named"
        raise NotHere(rule, f"{message.kind}: {numbers}", right)
    return found
