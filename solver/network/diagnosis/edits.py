"""Fixes of a network: each is tried by walking the changed network.

Every edit is worked out from the sizes that fail, so that none is searched for: a merge that is d
apart needs d elements more behind a transposed layer, divided by the strides after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from solver.errors import LimitError, SolverError
from solver.frameworks import code as writing
from solver.frameworks import layer as framework_layer
from solver.ground.named import NamedTuple
from solver.ground.record import Record
from solver.layers.layer import Layer
from solver.layers.table import OWN
from solver.network.diagnosis.fault import refused
from solver.network.diagnosis.rewrite import (
    changed,
    language,
    ours,
    put_behind,
    relayered,
    replaced,
)
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply, Input, Shape
from solver.network.graph.validity import Valid, valid
from solver.network.graph.walk import Node
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet

#: How edits of one size are ranked: what changes the least meaning first.
KINDS = (
    "output_padding",
    "crop",
    "pad",
    "ceil_mode",
    "padding",
    "padding_mode",
    "kernel_size",
    "dilation",
    "in_features",
    "in_channels",
    "adaptive pooling",
    "resize",
    "input size",
    "input padding",
)


class Proposal(NamedTuple):
    """Hold an edit that was not tried yet: how large it is, in elements or units."""

    kind: str
    size: int
    text: str
    network: Graph
    code: str | None = None
    sizes: dict[str, int] | None = None


class Edit(Record):
    """Hold an edit that fixes a network, tried at `sizes`.

    kind: one of KINDS. size: of the change, in elements. text: what to do. code: lines of PyTorch,
    or of Keras for a network of Keras, where there are some: a layer anew, or a tensor before the
    node that reads it. network: changed, as by these lines. inputs: for each letter, every size at
    which the changed network runs, the others as in sizes. square: every size at which it runs with
    all axes alike. Both are None where such a set is not known.
    """

    kind: str
    size: int
    text: str
    code: str | None
    network: Graph
    sizes: dict[str, int]
    inputs: dict[str, SizeSet] | None
    square: SizeSet | None

    @property
    def holds(self) -> str:
        """The sizes at which it runs, in words; where they are not known those it was tried at."""
        if self.square is None or self.inputs is None:
            return f"{'x'.join(map(str, self.sizes.values())) or 'any size'}, tried"
        if len(set(self.sizes.values())) > 1:
            return ", ".join(found.text(letter) for letter, found in self.inputs.items())
        return str(self.square)

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        """What to do, and for which sizes that holds."""
        return f"{self.text} (runs for {self.holds})"


def tried(proposals: Iterable[Proposal], values: Mapping[str, int] | None) -> list[Edit]:
    """The edits that work, the smallest first, each text once.

    values: the sizes that fail; None to try each at the smallest size it accepts.
    """
    found: dict[str, Edit] = {}
    for each in proposals:
        if each.text not in found and (edit := _tried(each, values)):
            found[each.text] = edit
    return sorted(found.values(), key=_rank)


def _tried(each: Proposal, values: Mapping[str, int] | None) -> Edit | None:
    network, square = each.network, None
    sizes = dict(each.sizes or values or {})
    if sizes and refused(network, sizes) is not None:
        return None
    try:
        square = valid(network).inputs
    except LimitError:
        pass
    except SolverError:  # what no input helps
        return None
    if not sizes:
        sizes = dict.fromkeys(network.letters, (square and square.first()) or 1)
        if refused(network, sizes) is not None:
            return None
    return Edit(
        each.kind,
        each.size,
        each.text,
        each.code,
        network,
        sizes,
        _runs(network, sizes),
        square,
    )


def _rank(edit: Edit) -> tuple[float, ...]:
    square = edit.square
    share = len(square.residues) / square.modulus if square else 0
    return edit.size, KINDS.index(edit.kind), -share


def _runs(network: Graph, sizes: Mapping[str, int]) -> dict[str, SizeSet] | None:
    """Where a network runs, for each letter of it, the others given."""
    try:
        return {letter: _along(network, sizes, letter).inputs for letter in network.letters}
    except LimitError:
        return None


def _along(network: Graph, sizes: Mapping[str, int], letter: str) -> Valid:
    """Where a network runs along a letter, with numbers for all others."""
    return valid(network, letter, given={x: n for x, n in sizes.items() if x != letter})


# The input


def of_input(network: Graph, values: Mapping[str, int]) -> Iterator[Proposal]:
    """Propose the nearest sizes that are valid, and padding up to the next one."""
    for sizes in _nearest(network, values):
        size = max(abs(n - values[letter]) for letter, n in sizes.items())
        shown = by(sizes.values())
        yield Proposal("input size", size, f"an input of {shown}", network, None, sizes)
        if all(n >= values[letter] for letter, n in sizes.items()):
            yield from _padded(network, values, sizes)


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
                ways.append({letter: _along(network, values, letter).unrepeated})
    for way in ways:
        for nearest in (SizeSet.last, SizeSet.first):
            sizes = {letter: nearest(inputs, values[letter]) for letter, inputs in way.items()}
            known = {letter: n for letter, n in sizes.items() if n is not None}
            found = {**values, **known}
            if len(known) == len(sizes) and found != values and _takes(network, found):
                yield found


def _takes(network: Graph, sizes: Mapping[str, int]) -> bool:
    with suppress(LimitError):  # nothing is claimed there
        return refused(network, sizes) is None
    return False


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


def by(numbers: Iterable[int]) -> str:
    """Return sizes with x between them, or one where all are alike."""
    found = list(numbers)
    return str(found[0]) if len(set(found)) == 1 else "x".join(map(str, found))


# Words


def sizes_of(shape: Shape) -> tuple[int, ...]:
    """The numbers behind the channels of a shape."""
    return tuple(dim.factor for dim in shape[2:])


def word(name: str) -> str:
    """The name of a node as a name in a program."""
    found = re.sub(r"\W+", "_", name).strip("_")
    return found if found and not found[0].isdigit() else f"x{found}"


def called(node: Node) -> str:
    """The name of a layer, wherever it is called."""
    return node.of or node.name


def padding(written: str, name: str, ends: Sequence[tuple[int, int]]) -> tuple[Apply, str | None]:
    """What pads a tensor by numbers, or crops it where they are negative, and a line of it.

    written: the framework. The line is None where it takes more than one, or is not Python's.
    """
    flat = tuple(n for pair in reversed(ends) for n in pair)
    if written != "keras" or not 1 <= len(ends) <= 3 or min(flat) < 0 < max(flat):
        pad = Apply(framework_layer("torch", "pad", pad=flat))
        line = f"{word(name)} = F.pad({word(name)}, {flat})"
        return pad, line if written == "torch" else None
    key, kind = ("cropping", "Cropping") if min(flat) < 0 else ("padding", "ZeroPadding")
    pairs = tuple((abs(begin), abs(end)) for begin, end in ends)
    given = {key: pairs[0] if len(pairs) == 1 else pairs}
    layer = framework_layer("keras", f"{kind}{len(ends)}D", **given)
    return Apply(layer), f"{word(name)} = {writing.line(layer)}({word(name)})"


def layer_line(layer: Layer, axes: int, channels: int | None) -> str | None:
    """A layer as it is written, ours in PyTorch, None where that takes more than a line."""
    if layer.framework is not OWN:
        return writing.line(layer) if layer.framework.name in writing.TARGETS else None
    written, _ = writing.lines(layer, axes, channels)
    return written[0] if len(written) == 1 else None


# Layers


def changes(
    network: Graph,
    at: int,
    kind: str,
    given: Shape,
    size: int,
    words: Mapping[str, object],
) -> Iterator[Proposal]:
    """Propose a layer with other hyperparameters, where its framework accepts them."""
    operation = network.nodes[at].operation
    assert isinstance(operation, Apply)
    axes = len(given) - 2
    try:
        layer = changed(operation.layer, axes, **words)
        code = layer_line(layer, axes, given[1].number)
    except SolverError:
        return
    name = network.nodes[at].name
    shown = ", ".join(f"{key}={ours(key, value)!r}" for key, value in words.items())
    new = relayered(network, at, operation.replaced(layer=layer))
    line = code and f"{word(called(network.nodes[at]))} = {code}"
    yield Proposal(kind, size, f"{name}: {shown}", new, line)
