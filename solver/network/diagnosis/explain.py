"""What is wrong with a network: the node, the reason, the fixes, and who else fails.

Either an input size is given, and the first node that does not run is at fault; or the message of a
framework, and the node is the one that fails with exactly its numbers, at whatever size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from solver.errors import LimitError, SolverError
from solver.ground.answers import Answers, Count
from solver.ground.record import Record
from solver.network.diagnosis import wordings
from solver.network.diagnosis.arguments import of_arguments
from solver.network.diagnosis.edits import Edit
from solver.network.diagnosis.fault import (
    Fault,
    always,
    by_sizes,
    failing,
    first_fault,
    followed,
    stated,
    unfollowed,
)
from solver.network.diagnosis.fixes import of_node, repeated
from solver.network.diagnosis.given import moved, of_given, unbatched
from solver.network.diagnosis.inputs import of_input
from solver.network.diagnosis.messages import Message
from solver.network.diagnosis.said import (
    as_run,
    of_loss,
    of_message,
    of_path,
    raised,
    recognised,
)
from solver.network.diagnosis.trying import Attempt, tried
from solver.network.diagnosis.wanted import Wanted, with_output, with_rows
from solver.network.graph.graph import Graph, Sizes
from solver.network.graph.summary import every
from solver.network.graph.validity import valid
from solver.network.graph.walk import Node
from solver.sizes.sizeset import EVERY, SizeSet

if TYPE_CHECKING:
    from solver.network.diagnosis.settings import Change

_USUAL = 224  # an input size, where every one fails


Asked = tuple[Sizes | None, str | None, Wanted | None]


class Explanation(Answers[Edit], Record):
    """What is wrong, and as a set of answers the fixes, tried, the smallest first.

    network: that is explained. asked: the sizes, the message and the output that were given. node:
    at fault, and at: its number; None where the network runs. reason: one line, what is wrong.
    sizes: that fail, one for each letter; the smallest where only a message was given. inputs: for
    each letter the sizes that fail in this node with these numbers; an input fails so where each
    letter named is in its set, and every input where none is named. fails: for each letter the
    sizes that fail in this node with any numbers. fixes: edits with which it runs. message: what
    was recognised. others: further nodes that fail with the numbers of the message. always: whether
    no input size helps. not_recognised: what a message said that was left aside, as the sizes
    decide. behind: what is not followed; the fixes run up to there. source: the program that the
    network was read from.

    >>> from solver import Conv, explain, trace
    >>> found = explain(trace(Conv(3), axes=1), sizes=2)
    >>> str(found.fails["n"]), found.count, str(found[0])
    ('n in {1, 2}', 4, 'conv_1: padding=1 (runs for n >= 1)')
    """

    network: Graph
    asked: Asked
    node: Node | None
    at: int | None
    reason: str
    sizes: dict[str, int]
    inputs: dict[str, SizeSet]
    fails: dict[str, SizeSet]
    fixes: tuple[Edit, ...] = ()
    message: Message | None = None
    others: tuple[Fault, ...] = ()
    always: bool = False
    not_recognised: str | None = None
    behind: str | None = None
    source: str | None = None

    @property
    def count(self) -> Count:
        """How many fixes there are."""
        return Count(len(self.fixes))

    def __iter__(self) -> Iterator[Edit]:
        return iter(self.fixes)

    @property
    def square(self) -> SizeSet:
        """The sizes that fail so where all axes are alike."""
        found = EVERY
        for each in self.inputs.values():
            found = found & each
        return found

    @cached_property
    def single_changes(self) -> list[tuple[Change, ...]] | None:
        """Every change of one argument of one layer with which what is wanted comes out.

        Complete in the box of `diagnosis.single`, the least strange first. None where not both an
        input and its output are asked for, where not all of the network is followed, and where
        there are too many to be tried.

        >>> from solver import Conv, MaxPool, explain, trace
        >>> found = explain(trace(lambda x: MaxPool(2)(Conv(3)(x))), 100, output=50)
        >>> [(each.layer, each.argument, each.after) for each, in found.single_changes]
        [('conv_1', 'padding', 1), ('conv_1', 'kernel_size', 1), ('maxpool_2', 'padding', 1)]
        """
        sizes, _, output = self.asked
        if sizes is None or output is None or self.at is None or self.behind is not None:
            return None
        from solver.network.diagnosis.single import singles

        try:
            return singles(Attempt(self.network, self.at, self.sizes))
        except LimitError:
            return None

    def __repr__(self) -> str:
        sizes, error, output = self.asked
        given = "" if sizes is None else repr(sizes)
        said = "" if error is None else f"error={error!r}"
        want = "" if output is None else f"output={output!r}"
        return f"explain({', '.join(filter(None, (repr(self.network), given, said, want)))})"


def explain(
    network: Graph,
    sizes: Sizes | None = None,
    error: str | None = None,
    output: Wanted | None = None,
) -> Explanation:
    """Say what is wrong with a network, and which edits fix it.

    sizes: of the input, as for Network.at. error: the message of a framework. With both, the sizes
    decide; with neither, those that the source of the network states, or what no input size helps.
    output: the size that should come out, in n; another one is explained as a refusal is.
    Raises SolverError for a message that is not known where nothing else says what is wrong,
    NotHere for one whose numbers no node of the network has at any size.

    >>> from solver import Conv, ConvTranspose, MaxPool, concat, trace
    >>> def net(x):
    ...     return concat(x, ConvTranspose(2, 2)(MaxPool(2)(x)))
    >>> found = explain(trace(net), 61)
    >>> found.reason
    'concat_3: concat: the sizes that meet must be equal: 61 = h and 60 = 2*floor(h/2)'
    >>> print(found.fixes[0])
    pad convtranspose_2 to 61, the size of input (runs for n >= 2)
    >>> text = "Sizes of tensors must match except in dimension 1. Expected size 7 but got size 6"
    >>> print(explain(trace(net), error=text).square)
    n in {7}
    >>> explain(trace(net), 64).reason
    'the network runs at 64x64'
    >>> found = explain(trace(Conv(3)), 64, output="n")
    >>> found.reason, found[0].text
    ('output: what comes out must be what is wanted: 62 = h - 2 and 64 = h', 'conv_1: padding=1')
    """
    if not isinstance(network, Graph):
        rule = "what is explained is a network"
        raise SolverError(rule, type(network).__name__, "one that read or trace gives")
    asked, (message, unknown) = (sizes, error, output), recognised(error)
    if message is not None and sizes is None:
        message = unbatched(network, message)
    if message is not None and message.kind == wordings.GIVEN and sizes is None:
        return _of_given(network, asked, message)
    return _explained(network, asked, message, unknown)


def _explained(
    network: Graph, asked: Asked, message: Message | None, unknown: SolverError | None
) -> Explanation:
    """What is wrong with a network. unknown: why a message is not known."""
    origin, same, (sizes, error, output) = network, True, asked
    if message is not None and message.kind == wordings.ROWS and sizes is None:
        (received,), (wanted,) = message.numbers["received"], message.numbers["wanted"]
        rows = with_rows(network, received // wanted)
        network, sizes, same = rows or (network, sizes, True)
    if output is None and message is not None:
        output, sizes = of_loss(network, message, sizes)
    network = network if output is None else with_output(network, output)
    blind = next(filter(None, map(unfollowed, network.ways)), None)
    network = network.each(followed) if blind else network
    never = _runs_never(network)
    if sizes is None and message is None and (sizes := raised(network, error)):
        unknown = None
    if sizes is None and message is None:
        written = stated(network)
        if written and (never or not network.runs(written)):
            sizes = written
        elif not never:
            if unknown is not None:
                raise unknown
            if blind is not None:
                raise LimitError("what is behind this is not known", blind.label)
            if reason := _runs(network, written):
                return Explanation(network, asked, None, None, reason, {}, {}, {})
            sizes = dict.fromkeys(network.letters, _USUAL)
            alone = len(network.letters) < 2
            never = alone or not all(valid(network, letter).inputs for letter in network.letters)
    values, whole = None if sizes is None else network.values(sizes), network
    network = of_path(whole, message) if values is None else whole.path(values)
    network = as_run(network, message)
    found = Explanation(
        network,
        asked,
        None,
        None,
        "",
        values or {},
        {},
        {},
        message=message,
        always=never,
        not_recognised=None if unknown is None else unknown.received,
        behind=blind and blind.label,
        source=origin.source,
    )
    # One path may run nowhere, and other sizes help.
    static = first_fault(network, None) if values is None or not whole.paths else None
    faults = _faults(network, static, values, message)
    if not faults:
        at = "x".join(map(str, found.sizes.values()))
        if blind is not None:
            raise LimitError(f"it runs at {at} up to what is not followed", blind.label)
        return found.replaced(reason=f"the network runs at {at}")
    fault, *others = faults
    given = None if static is not None and values is None else fault.sizes
    return found.replaced(
        node=network.nodes[fault.at],
        at=fault.at,
        reason=fault.reason,
        sizes=fault.sizes,
        inputs=fault.inputs if same else {},
        fails={} if static is not None else failing(network, fault.at),
        fixes=tuple(_fixes(network, whole, origin, fault, static is None, given, message)),
        others=tuple(others),
    )


def _of_given(network: Graph, asked: Asked, message: Message) -> Explanation:
    """What is wrong with what goes in."""
    fault, proposals = of_given(network, message)
    attempt = Attempt(network, fault.at, fault.sizes)
    return Explanation(
        network,
        asked,
        network.nodes[fault.at],
        fault.at,
        fault.reason,
        fault.sizes,
        {},
        {},
        tuple(tried(attempt, proposals, fault.sizes)),
        message,
        source=network.source,
    )


def _runs(network: Graph, written: Mapping[str, int]) -> str:
    """Where a network runs: at the sizes that its source states, and elsewhere."""
    at = f" at {'x'.join(map(str, written.values()))}, the size that is stated" if written else ""
    try:
        runs = valid(network).something
    except LimitError:  # of a summary, of which nothing is claimed with all axes alike
        if not written:
            raise
        return f"the network runs{at}"
    if not runs:
        return ""
    if not network.letters:
        return "the network runs"
    return f"the network runs{at and f'{at}, and'} for {every(runs)}"


def _fixes(
    network: Graph,
    whole: Graph,
    origin: Graph,
    fault: Fault,
    helps: bool,
    given: Mapping[str, int] | None,
    message: Message | None,
) -> list[Edit]:
    """What fixes a fault. whole: all paths. helps: whether other inputs do. given: for `tried`.

    origin: the network as it was read. message: of the fault, if one was given.
    """
    proposals = [*of_node(network, fault.at, fault.sizes)]
    if helps:
        proposals = [repeated(each, fault.sizes) for each in proposals]
        proposals += of_input(whole if whole.paths else network, fault.sizes)
    if moves := [] if message is None else [*moved(origin, message)]:
        # what is as long as the channels that are wanted stands at another place
        proposals = [*moves, *(each._replace(strained=True) for each in proposals)]
    attempt = Attempt(network, fault.at, fault.sizes, origin)
    works = proposals if given is None else attempt.working(proposals)
    return tried(attempt, [*works, *of_arguments(attempt)], given)


def _runs_never(network: Graph) -> bool:
    """Whether no input size helps."""
    for path in network.ways:
        try:
            path.walk  # noqa: B018 - raises for what no input helps
        except LimitError:
            raise
        except SolverError:
            continue
        return False
    return True


def _faults(
    network: Graph, static: Any, values: Mapping[str, int] | None, message: Message | None
) -> list[Fault]:
    """What fails, at sizes, at any size, or as a message says."""
    if values is not None:
        found = by_sizes(network, values)
        return [] if found is None else [found]
    if static is not None:
        return [always(network, static)]
    assert message is not None
    return of_message(network, message)
