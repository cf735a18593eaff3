"""Edits of what goes in: the nearest sizes that are valid, and padding up to the next one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from solver.errors import LimitError, SolverError
from solver.network.diagnosis.edits import Proposal, along, by, padding, word
from solver.network.diagnosis.fault import refused
from solver.network.diagnosis.rewrite import language, put_behind, replaced
from solver.network.diagnosis.settings import Change
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply, Input
from solver.network.graph.validity import valid
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet


def of_input(network: Graph, values: Mapping[str, int]) -> Iterator[Proposal]:
    """Propose the nearest sizes that are valid, and padding up to the next one."""
    yield from _turned(network, values)
    near = [*_nearest(network, values)]
    stated = {x: network.written[x] for x in values if x in network.written}
    # What is written is nearer than any other size.
    if stated.keys() == values.keys() and stated != values and _takes(network, stated):
        near = [stated]
    for sizes in near:
        size = max(abs(n - values[letter]) for letter, n in sizes.items())
        shown = by(sizes.values())
        said = tuple(
            Change(network.nodes[network.inputs[0]].name, letter, values[letter], n)
            for letter, n in sizes.items()
            if n != values[letter]
        )
        text = f"an input of {shown}"
        yield Proposal("input size", size, text, network, sizes=sizes, changes=said)
        if all(n >= values[letter] for letter, n in sizes.items()) and _wide(network, sizes):
            yield from _padded(network, values, sizes)


#: So many sizes beside each other are few.
_BESIDE = 16
#: Channels of images.
CHANNELS = (1, 3, 4)


def _turned(network: Graph, values: Mapping[str, int]) -> Iterator[Proposal]:
    """Propose to put channels last that are written first, as Keras does not read them."""
    at = network.inputs[0]
    operation = network.nodes[at].operation
    assert isinstance(operation, Input)
    if language(network) != "keras" or len(operation.of) < 4:
        return
    batch, last, *dims = operation.of
    first, *rest = (values[dim.single[0]] if dim.single else 0 for dim in dims)
    if first not in CHANNELS or not last.number:
        return
    sizes = [*rest, last.number]
    turned = operation.replaced(of=(batch, Dim(first), *dims))
    letters = [dim.single[0] for dim in dims if dim.single]
    name, shape = network.nodes[at].name, (*sizes, first)
    yield Proposal(
        "input shape",
        1,
        f"an input of the shape {shape}: channels come last",
        replaced(network, at, turned),
        f"{word(name)} = keras.Input({shape})",
        dict(zip(letters, sizes, strict=True)),
        (Change(name, "shape", (first, *rest, last.number), shape),),
    )


def _nearest(network: Graph, values: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Yield other sizes below and above: of all axes alike where they are, and of one alone."""
    # Where no size of these runs there is none to tell.
    ways: list[dict[str, SizeSet]] = []
    if len(set(values.values())) == 1:
        with suppress(SolverError):
            ways.append(dict.fromkeys(values, valid(network).unrepeated))
    else:
        with suppress(SolverError):
            ways.append({letter: valid(network, letter).unrepeated for letter in values})
        for letter in values:
            with suppress(SolverError):
                ways.append({letter: along(network, values, letter).unrepeated})
    tied = len({*values.values()}) > 1  # axes that no way takes apart
    for way in ways:
        for nearest in (SizeSet.last, SizeSet.first):
            sizes = {letter: nearest(inputs, values[letter]) for letter, inputs in way.items()}
            known = {x: _even(way[x], n) for x, n in sizes.items() if n is not None}
            found = {**values, **known}
            if len(known) == len(sizes) and found != values and _takes(network, found):
                tied = False
                yield found
    for letter, n in values.items() if tied else ():
        with suppress(SolverError):
            own = valid(network, letter).unrepeated
            if (first := own.first(n) or own.last(n)) is None:
                continue
            rest = valid(network, given={letter: first}).unrepeated
            near = {x: rest.last(m) or rest.first(m) for x, m in values.items() if x != letter}
            found = {x: _even(rest, m) for x, m in near.items() if m is not None}
            found = {x: first if x == letter else found.get(x, 0) for x in values}
            if all(found.values()) and _takes(network, found):
                yield found


def _even(inputs: SizeSet, n: int) -> int:
    """The size beside n that two divides most often, where few sizes beside each other are valid.

    That is how people say which sizes are: multiples of 32.
    """
    first = last = n
    while first - 1 in inputs and n - first < _BESIDE:
        first -= 1
    while last + 1 in inputs and last - n < _BESIDE:
        last += 1
    beside = range(first, last + 1)
    return n if len(beside) > _BESIDE else max(beside, key=lambda m: m & -m)


def _takes(network: Graph, sizes: Mapping[str, int]) -> bool:
    with suppress(LimitError):  # nothing is claimed there
        return refused(network, sizes) is None
    return False


def _wide(network: Graph, letters: Iterable[str]) -> bool:
    """Whether each is the size of an axis that padding widens: behind batch and channels."""
    inputs = (network.nodes[at].operation for at in network.inputs)
    dims = {dim.single[0] for each in inputs for dim in each.of[2:] if dim.single}  # type: ignore[attr-defined]
    return dims.issuperset(letters)


def _padded(
    network: Graph, values: Mapping[str, int], sizes: Mapping[str, int]
) -> Iterator[Proposal]:
    path, more = network.path(sizes), {x: sizes[x] - values[x] for x in values}
    walk, written = path.at(dict(sizes)), language(path)
    lines = []
    ends: list[tuple[int, int]] = []
    for at in path.inputs:
        ends = [_ends(dim, more) for dim in path.nodes[at].operation.of[2:]]  # type: ignore[attr-defined]
        lines.append(padding(written, path.nodes[at].name, ends)[1])
    text = f"pad the input by {by(more.values())}"
    given, out = walk.shapes[path.inputs[0]], walk.shapes[path.outputs[0]]
    crop: Apply | None = None
    if len(path.outputs) == 1 and given and out and given[2:] == out[2:]:
        name = path.nodes[path.outputs[0]].name
        crop, line = padding(written, name, [(-b, -e) for b, e in ends])
        text += ", and crop what comes out by as much"
        lines.append(line)
    code = None if None in lines else "\n".join(map(str, lines))
    result = network.each(lambda way: _wider(way, more, written, crop))
    yield Proposal("input padding", max(more.values()), text, result, code)


def _ends(dim: Dim, more: Mapping[str, int]) -> tuple[int, int]:
    total = 0 if dim.single is None else more[dim.single[0]]
    return total // 2, total - total // 2


def _wider(path: Graph, more: Mapping[str, int], written: str, crop: Apply | None) -> Graph:
    """A path that gets its inputs padded: it holds within what it did of what is padded then."""
    maps = {letter: SizeMap.line(1, total) for letter, total in more.items()}
    result = path
    for shift, at in enumerate(path.inputs):
        operation = path.nodes[at].operation
        assert isinstance(operation, Input)
        pad, _ = padding(written, "", [_ends(dim, more) for dim in operation.of[2:]])
        within = tuple(each.of(lambda dim: dim.put(maps)) for each in operation.within)
        result = replaced(result, at + shift, operation.replaced(within=within))
        result = put_behind(result, at + shift, pad)
    return result if crop is None else put_behind(result, result.outputs[0], crop)
