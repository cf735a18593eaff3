"""What a message says of what goes in, and is not what the network is made for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from solver.network.diagnosis.edits import Proposal, by, word
from solver.network.diagnosis.fault import Fault, by_message
from solver.network.diagnosis.inputs import CHANNELS
from solver.network.diagnosis.messages import Message
from solver.network.diagnosis.rewrite import language
from solver.network.diagnosis.settings import Change
from solver.network.diagnosis.wordings import GIVEN
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Input
from solver.network.graph.shaping import Flatten, Linear
from solver.network.graph.validity import valid


def of_given(network: Graph, message: Message) -> tuple[Fault, list[Proposal]]:
    """What is wrong with what goes in, and what may go in instead.

    >>> from solver import Conv, trace
    >>> from solver.network.diagnosis.messages import read_message
    >>> text = "expected shape=(None, 28, 28, 1), found shape=(32, 1, 28, 28)"
    >>> fault, (edit, *_) = of_given(trace(Conv(3)), read_message(text))
    >>> fault.reason, edit.text
    ('input: it is made for (28, 28, 1), and gets (1, 28, 28)', 'input: move axis 1 to the end')
    """
    numbers, at = message.numbers, _input(network, message.name)
    wanted, received = numbers.get("wanted", ()), numbers.get("received", ())
    name, letters = network.nodes[at].name, _letters(network, at)
    if "axis" in numbers:
        axes = numbers["axis"]
        told = [f"{n} along axis {i}" for i, n in zip(axes, wanted, strict=True)]
        gets = f", and gets {by(received)}" if received else ""
        reason = f"{name}: it is made for {' and '.join(told)}{gets}"
        right = {x: n for x, n in zip(map(letters.get, axes), wanted, strict=True) if x}
        others = received or tuple(n + 1 for n in wanted)
        given = {x: n for x, n in zip(map(letters.get, axes), others, strict=True) if x}
        usual = {x: network.written.get(x, wanted[0]) for x in network.letters}
        found = [*_sized(name, {**usual, **right}, {**usual, **given}, network)]
        found += _freed(network, name, right)
        return Fault(at, reason, {}, {**usual, **given}), found
    runs = valid(network).something.first() or 1
    usual = {x: network.written.get(x, runs) for x in network.letters}
    if len(wanted) == len(received):
        reason = f"{name}: it is made for {wanted}, and gets {received}"
        behind = [i for i in range(len(wanted) - 1) if i + 2 in letters]  # channels last
        given, right = ({letters[i + 2]: n[i] for i in behind} for n in (received, wanted))
        turned = (*received[1:], *received[:1]) == wanted
        found = [*_sized(name, right, given, network)]
        found = [*_turned(network, name, right)] if turned else found
        return Fault(at, reason, {}, {**usual, **given}), found
    reason = f"{name}: it is made for {len(wanted)} axes, and gets {len(received)}"
    if len(wanted) < len(received):
        reason = f"{name}: it is made for {wanted[0]} features, and gets {received}"
        return Fault(at, reason, {}, usual), [*_flat(network, name, wanted)]
    return Fault(at, reason, {}, usual), [*_axis(network, name, wanted, received)]


def unbatched(network: Graph, message: Message) -> Message:
    """A message of features whose rows are channels, as one of an input that has no batch.

    So it is where a flattening leaves what it takes for the batch: no input size gives as many
    features, and the rows have all of them.

    >>> from solver import read
    >>> from solver.network.diagnosis.messages import read_message
    >>> net = read("nn.Sequential(nn.Conv2d(1, 10, 3), nn.Flatten(), nn.Linear(490, 10))")
    >>> text = "mat1 and mat2 shapes cannot be multiplied (10x49 and 490x10)"
    >>> unbatched(net, read_message(text)).kind
    'input'
    """
    (rows,) = message.place.get("rows", ((0,),))[0]
    wanted, received = (message.numbers.get(x, (0,))[0] for x in ("wanted", "received"))
    alike = rows > 1 and rows * received == wanted and _flattens(network, rows, wanted)
    if not alike or any(by_message(path, message) for path in network.ways):
        return message
    operation = network.nodes[network.inputs[0]].operation
    assert isinstance(operation, Input)
    axes = len(operation.of)
    numbers = {"wanted": (0,) * axes, "received": (1, *(0,) * (axes - 2))}
    return message._replace(kind=GIVEN, numbers=numbers)


def _flattens(network: Graph, channels: int, features: int) -> bool:
    """Whether a linear layer gets these features by flattening so many channels."""
    for node in network.nodes:
        before = network.nodes[node.inputs[0]] if node.inputs else node
        if isinstance(before.operation, Flatten) and isinstance(node.operation, Linear):
            given = network.walk.shapes[before.inputs[0]]
            if given is not None and (given[1].number, node.operation.of) == (channels, features):
                return True
    return False


def _input(network: Graph, name: str | None) -> int:
    """The number of the input of this name, or of the first."""
    named = [i for i in network.inputs if network.nodes[i].name == name]
    return (named or network.inputs)[0]


def _letters(network: Graph, at: int) -> dict[int, str]:
    """The letters of the sizes of an input by its axes."""
    operation = network.nodes[at].operation
    assert isinstance(operation, Input)
    return {i: dim.single[0] for i, dim in enumerate(operation.of) if dim.single is not None}


def _sized(
    name: str, right: Mapping[str, int], given: Mapping[str, int], network: Graph
) -> Iterator[Proposal]:
    """Propose the sizes that the network is made for."""
    said = tuple(Change(name, x, given.get(x), n) for x, n in right.items() if given.get(x) != n)
    if said:
        text = f"an input of {by(right.values())}"
        yield Proposal("input size", 1, text, network, sizes=dict(right), changes=said)


def _freed(network: Graph, name: str, right: Mapping[str, int]) -> Iterator[Proposal]:
    """Propose to export the network with these axes free."""
    free = {i: x for i, x in _letters(network, _input(network, name)).items() if x in right}
    if free:
        text = f"{name}: export it with {' and '.join(f'axis {i}' for i in free)} free"
        key = "dynamic_axes" if language(network) == "onnx" else "dynamic_shapes"
        said = {i: x if language(network) == "onnx" else "Dim.DYNAMIC" for i, x in free.items()}
        told = ", ".join(
            f"{i}: {x!r}" if key == "dynamic_axes" else f"{i}: {x}" for i, x in said.items()
        )
        line = f"{key}={{{name!r}: {{{told}}}}}"
        changes = tuple(Change(name, key, right[x], x) for x in free.values())
        yield Proposal("input shape", 2, text, network, line, changes=changes)


def _turned(network: Graph, name: str, right: Mapping[str, int]) -> Iterator[Proposal]:
    """Propose to put the channels last."""
    one, axes = word(name), len(_letters(network, _input(network, name)))
    order = (0, *range(2, axes + 2), 1)
    said = (Change(name, "axes", (*range(axes + 2),), order),)
    text, code = f"{name}: move axis 1 to the end", f"{one} = {one}.transpose{order}"
    yield Proposal("input shape", 1, text, network, code, dict(right), said)


def moved(network: Graph, message: Message) -> Iterator[Proposal]:
    """Propose to put the axis in front that is as long as a layer wants channels.

    >>> from solver import Conv, trace
    >>> from solver.network.diagnosis.messages import read_message
    >>> text = "expected input[32, 100, 40] to have 40 channels, but got 100 channels instead"
    >>> net = trace(Conv(3), axes=1, channels=40)
    >>> (edit,) = moved(net, read_message(text))
    >>> edit.code, edit.sizes
    ('input = input.transpose(1, 2)', {'n': 100})
    """
    (shape,), wanted = message.place.get("given", ((),)), message.numbers.get("wanted", (0,))[0]
    at = network.inputs[0]
    letters, name = _letters(network, at), network.nodes[at].name
    for axis in range(len(shape) - 1, 1, -1):
        if shape[axis] != wanted or len(letters) != len(shape) - 2:
            continue
        rest = [i for i in range(1, len(shape)) if i != axis]
        order = (0, axis, *rest)
        sizes = {letters[to]: shape[i] for to, i in enumerate(rest, 2)}
        call = f"transpose(1, {axis})" if len(shape) == 3 else f"permute{order}"
        said = (Change(name, "axes", (*range(len(shape)),), order),)
        text = f"{name}: move axis {axis} behind the batch"
        code = f"{word(name)} = {word(name)}.{call}"
        yield Proposal("input shape", 1, text, network, code, sizes, said)


def _flat(network: Graph, name: str, wanted: Sequence[int]) -> Iterator[Proposal]:
    """Propose to flatten what goes in."""
    one, said = word(name), (Change(name, "flatten", None, 1),)
    code = f"{one} = {one}.reshape(-1, {wanted[0]})"
    yield Proposal("input shape", 1, f"{name}: flatten it", network, code, changes=said)


def _axis(
    network: Graph, name: str, wanted: Sequence[int], received: Sequence[int]
) -> Iterator[Proposal]:
    """Propose one more axis: of a batch, or of channels."""
    if len(wanted) != len(received) + 1:
        return
    one, last = word(name), language(network) == "keras"
    batch = f"{one} = {one}[None]", f"{name}: one more axis at the front, of a batch of one"
    channels = (
        f"{one} = {one}[..., None]" if last else f"{one} = {one}[:, None]",
        f"{name}: one more axis {'at the end' if last else 'behind the batch'}, of one channel",
    )
    edge = received[-1 if last else 0]
    ways = [batch, channels] if edge in CHANNELS else [channels, batch]
    operation = network.nodes[_input(network, name)].operation
    if isinstance(operation, Input) and operation.of[1].number not in (None, 1):
        ways = [batch]
    for size, (code, text) in enumerate(ways, 1):
        said = (Change(name, "axes", len(received), len(wanted)),)
        yield Proposal("input shape", size, text, network, code, changes=said)
