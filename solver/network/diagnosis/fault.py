"""Where a network fails: the node, the reason, and every input that fails there with these numbers.

A place fails with given numbers where its dimensions have these values: for each letter a preimage,
so the inputs are size sets, and those are cut with what the nodes before accept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.ground.value import frozen
from solver.network.diagnosis.locate import locate, name_words, names
from solver.network.diagnosis.messages import Message
from solver.network.graph.demand import EQUAL, SQUARE, Demand
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Unknown
from solver.network.graph.validity import valid
from solver.network.graph.walk import Node
from solver.sizes.sizeset import EVERY, NONE, SizeSet


class Fault(NamedTuple):
    """Hold where a network fails.

    at: the number of the node. reason: one line. inputs: for each letter the sizes with which it
    fails there with these numbers, where all nodes before run; an input fails so where each letter
    named is in its set; none are named where every input does. sizes: that failed.
    """

    at: int
    reason: str
    inputs: dict[str, SizeSet]
    sizes: dict[str, int]

    def __hash__(self) -> int:
        return hash(frozen(tuple(self)))


def prefix(network: Graph, count: int) -> Graph:
    """The first nodes of a network as a network."""
    return network.changed(network.nodes[:count], [count - 1])


def unfollowed(network: Graph) -> Node | None:
    """The first node that is not followed, where what comes out lies behind it."""
    try:
        return network.blind(network.walk.shapes)
    except LimitError:
        raise
    except SolverError:  # it runs nowhere; behind the fault that is told by what it is
        return next((n for n in network.nodes if isinstance(n.operation, Unknown)), None)


def followed(network: Graph) -> Graph:
    """A path up to what is not followed."""
    blind = unfollowed(network)
    if blind is None or blind is network.nodes[0]:
        return network
    run = network.nodes.index(blind)
    return type(network)(network.nodes[:run], [run - 1], network.notes, network.written)


def refused(network: Graph, values: Mapping[str, int] | None) -> SolverError | None:
    """Why a network does not run at these sizes, or at none; None where it does."""
    try:
        if values is None:
            network.walk  # noqa: B018 - raises for what no input helps
        else:
            network.at(values)
    except LimitError:
        if values is not None:
            raise
    except SolverError as fault:
        return fault
    return None


def first_fault(network: Graph, values: Mapping[str, int] | None) -> int | None:
    """The number of the first node that does not run, None where all do.

    values: a size for each letter; None for what no input helps.
    """
    if values is not None:
        walk, fault = network.run(values)
        return None if fault is None else len(walk.shapes)
    if refused(network, None) is None:
        return None
    low, high = 0, len(network.nodes)  # the first `high` nodes do not run
    while high - low > 1:
        middle = (low + high) // 2
        runs = refused(prefix(network, middle), None) is None
        low, high = (middle, high) if runs else (low, middle)
    return high - 1


def by_sizes(network: Graph, values: Mapping[str, int]) -> Fault | None:
    """What fails at sizes, None where nothing does."""
    at = first_fault(network, values)
    if at is None:
        return None
    part = prefix(network, at + 1)
    error = refused(part, values)
    assert error is not None
    if refused(part, None) is not None:
        return Fault(at, _line(error), _taken(network), dict(values))
    for demand in part.walk.demands:
        if demand.at == at and not demand.wish and not demand.holds(values):
            pairs = [(demand.dim, demand.dim.at(values))]
            if isinstance(demand.other, Dim):
                pairs.append((demand.other, demand.other.at(values)))
            reason = _line(error)
            if isinstance(demand.other, Dim):
                sides = [f"{n}" if dim.number == n else f"{n} = {dim}" for dim, n in pairs]
                reason = f"{network.nodes[at].label}: {demand.rule}: {' and '.join(sides)}"
            return Fault(at, reason, _inputs(network, at, pairs), dict(values))
    return Fault(at, _line(error), {}, dict(values))


def always(network: Graph, at: int) -> Fault:
    """The fault of a node that no input helps."""
    error = refused(prefix(network, at + 1), None)
    assert error is not None
    before = prefix(network, at)
    sizes = {letter: valid(before, letter).plain.first() or 1 for letter in before.letters}
    return Fault(at, _line(error), {}, sizes)


def _line(error: SolverError) -> str:
    """An error as one line."""
    text = f"{error.rule}: {error.received}" if error.received else error.rule
    return f"{text}; right: {error.right}" if error.right else text


def failing(network: Graph, at: int) -> dict[str, SizeSet]:
    """Return, for each letter, the sizes that fail in a node with any numbers."""
    part = prefix(network, at + 1)
    if refused(part, None) is not None:
        return _taken(network)
    found: dict[str, SizeSet] = {}
    for demand in part.walk.demands:
        if demand.at != at or demand.wish:
            continue
        letter = _letter(demand.letters)
        fails = ~demand.inputs() & _before(network, at, letter)
        small = demand.repeated()  # finitely many
        fails -= SizeSet.of(n for n in small if demand.holds(dict.fromkeys(demand.letters, n)))
        found[letter] = found[letter] | fails if letter in found else fails
    return found


def _taken(path: Graph) -> dict[str, SizeSet]:
    """The sizes at which a path is taken, of each letter that decides; of all alike for ties."""
    limits = [each.letters for each in path.within if each.limit]
    if any(len(letters) > 1 for letters in limits):
        return {SQUARE: path.region(path.letters)}
    return {letter: path.region(letter) for letter in path.letters if {letter} in limits}


def _letter(letters: set[str]) -> str:
    return next(iter(letters)) if len(letters) == 1 else SQUARE


def _before(network: Graph, at: int, letter: str) -> SizeSet:
    """The sizes of a letter at which all nodes before a node run."""
    if not at:
        return EVERY
    part = prefix(network, at)
    if letter in network.letters:
        return valid(part, letter).plain
    return valid(part).plain


def _inputs(network: Graph, at: int, pairs: Sequence[tuple[Dim, int]]) -> dict[str, SizeSet]:
    """Return, for each letter, where dimensions have values; of all alike for a product."""
    found: dict[str, SizeSet] = {}
    several = len({letter for dim, _ in pairs for letter in dim.letters}) > 1 and any(
        len(dim.parts) > 1 for dim, _ in pairs
    )
    for dim, value in pairs:
        if not dim.parts:
            if dim.factor != value:
                found[SQUARE] = NONE
            continue
        letter = SQUARE if several else _letter(dim.letters)
        there = Demand(at, "", dim, Dim(value), EQUAL).inputs()
        found[letter] = found.get(letter, EVERY) & there
    for letter, inputs in found.items():
        found[letter] = inputs & _before(network, at, letter)
    return found


# By the numbers of a message


def by_message(network: Graph, message: Message) -> list[Fault]:
    """Every node that fails with exactly the numbers of a message."""
    found: list[Fault] = []
    for at, pairs, reason in locate(network, message):
        inputs = _inputs(network, at, pairs)
        if not all(inputs.values()):
            continue
        label = network.nodes[at].label
        found.append(Fault(at, f"{label}: {reason}", inputs, _sizes(network, inputs)))
    called, written = names(network), stated(network)
    found = _likeliest(found, written, network.letters)
    words = name_words(message.name)

    def rank(fault: Fault) -> tuple[int, bool]:
        """Put first what the message names, and what fails at the size that is written."""
        return -len(words & called[fault.at]), not _fails_at(fault, written)

    found.sort(key=rank)
    if found and _fails_at(found[0], written):
        found[0] = found[0]._replace(sizes=written)
    return found


def _likeliest(
    faults: Sequence[Fault], written: Mapping[str, int], letters: Sequence[str]
) -> list[Fault]:
    """One fault of each node: at the size that is written, else at one that inputs often have."""
    sizes = [written, *(dict.fromkeys(letters, n) for n in _USUAL)]
    found = dict[int, list[Fault]]()
    for each in faults:
        found.setdefault(each.at, []).append(each)

    def rank(fault: Fault) -> list[bool]:
        return [not _fails_at(fault, each) for each in sizes]

    return [min(same, key=rank) for same in found.values()]


#: Sizes that inputs often have, the most usual first.
_USUAL = (224, 256, 32, 28, 64, 128, 512)


def stated(network: Graph) -> dict[str, int]:
    """The sizes that the source of a network names for its input, nothing for only some."""
    written = {x: network.written[x] for x in network.letters if x in network.written}
    return written if len(written) == len(network.letters) else {}


def _fails_at(fault: Fault, sizes: Mapping[str, int]) -> bool:
    """Tell whether an input fails so; sizes that all axes are asked to have are alike."""
    of = {SQUARE: next(iter(sizes.values()), 0), **sizes} if len({*sizes.values()}) == 1 else sizes
    return bool(sizes) and all(of.get(x, 0) in inputs for x, inputs in fault.inputs.items())


def _sizes(network: Graph, inputs: Mapping[str, SizeSet]) -> dict[str, int]:
    """An input that fails so, with all axes alike where one does."""
    square = EVERY
    for each in inputs.values():
        square = square & each
    alike = square.first()
    found = {}
    for letter in network.letters:
        own = inputs.get(letter, inputs.get(SQUARE, EVERY)).first() or 1
        found[letter] = own if alike is None else alike
    return found
