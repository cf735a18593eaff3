"""Other arguments of the layers before a node that fails: of one, of all alike, of some alike.

A setting of a layer is a proposal, and so is the same setting of all layers of the network that
have the argument alike: people write one wrong number several times. What makes room after a layer
(output padding, another rounding) is proposed of each part of a few layers too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from solver.layers.layer import Layer
from solver.network.diagnosis.edits import Proposal, called, rewriting
from solver.network.diagnosis.ranking import (
    MOST,
    MOST_STRAINED,
    LayerStyle,
    as_written,
    is_strange,
    strangeness,
)
from solver.network.diagnosis.rewrite import relayered
from solver.network.diagnosis.settings import (
    HALF,
    Change,
    Setting,
    changes,
    chosen,
    extras,
    settings,
)
from solver.network.diagnosis.shared import shared
from solver.network.diagnosis.trying import Attempt
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply, Shape

#: Layers before a node, the nearest, that are written otherwise one by one; steps for all of them.
_NEAREST, _STEPS = 24, 60_000
#: So many layers are changed in every part.
_MOST_PARTS = 4
#: So many names are told one by one.
_NAMED = 4
#: So many networks are tried that hardly anybody means.
_STRAINED = 24
_IN_PARTS = ("output_padding", "ceil_mode")


#: Whether it does more than make room after a layer, whether axes are treated apart, how much
#: stranger it is, and the settings.
_Changed = tuple[bool, bool, int, Mapping[int, Setting]]


def of_arguments(attempt: Attempt) -> Iterator[Proposal]:
    """Propose other arguments of a node that fails and of the layers before it.

    Only those with which it runs, no more than are told of one way; the least strange of those that
    hardly anybody means.
    """
    network, shapes = attempt.network, attempt.shapes
    if len(shapes) < attempt.at:
        return
    apart = len(set(attempt.values.values())) > 1
    ways = {frozenset(each.items()): each for each in _ways(network, attempt.at, shapes, apart)}
    lines = dict[frozenset[tuple[int, Setting]], tuple[int, str]]()
    if attempt.meets:
        given = shapes[network.inputs[0]] or ()
        for one in shared(network, attempt.origin, len(given) - 2):
            same = frozenset(one.found.items())
            ways[same], lines[same] = one.found, (one.line, one.text)
    written = as_written(network)
    strange = strangeness(written)
    usual, strained = list[_Changed](), list[_Changed]()
    for found in ways.values():
        others = {called(network.nodes[i]): LayerStyle.of(each.layer) for i, each in found.items()}
        more, kind = strangeness(written | others) - strange, next(iter(found.values())).kind
        apart = _is_strained(found)
        rest = apart or is_strange(kind, more, attempt.meets)
        (strained if rest else usual).append((kind not in _IN_PARTS, apart, more, found))
    usual.sort(key=lambda each: each[1:3])
    strained.sort(key=lambda each: each[:3])
    most_strained = sum(not each[0] for each in strained) + _STRAINED
    for these, most in (usual, MOST), (strained[:most_strained], MOST_STRAINED):
        changed = ((found, _changed(network, found)) for *_, found in these)
        works = (each for each in changed if attempt.runs(each[1]))
        for found, result in islice(works, most):
            line = lines.get(frozenset(found.items()))
            yield _proposal(network, found, result, shapes)._replace(line=line)


def _changed(network: Graph, found: Mapping[int, Setting]) -> Graph:
    """A network with these settings of the layers of its nodes."""
    operations = {i: network.nodes[i].operation for i in found}
    return relayered(
        network, {i: each.replaced(layer=found[i].layer) for i, each in operations.items()}
    )


def _is_strained(found: Mapping[int, Setting]) -> bool:
    return any(setting.apart for setting in found.values())


def _ways(
    network: Graph, at: int, shapes: Sequence[Shape | None], apart: bool
) -> Iterator[Mapping[int, Setting]]:
    """Yield settings by the numbers of the nodes that have them."""
    written: dict[int, tuple[Setting, ...]] = {}
    steps = _STEPS // len(network.nodes)
    for i in layers_before(network, at):
        sizes = shapes[network.nodes[i].inputs[0]]
        if sizes is None or len(written) == _NEAREST or steps <= 0:
            continue
        layer = _layer(network, i)
        written[i] = settings(layer, len(sizes) - 2, apart)
        steps -= len(written[i])
        for each in written[i]:
            yield {i: each}
    seen = set()
    for i, found in written.items():
        for each in found:
            layer = _layer(network, i)
            alike = layer.row.title, each.kind, each.choice, chosen(layer, each.kind)
            if alike not in seen and not each.apart:
                seen.add(alike)
                axes = len(shapes[network.nodes[i].inputs[0]] or ()) - 2
                yield from _together(network, i, each, axes)
    for kind in _IN_PARTS:
        yield from _parts(kind, written)
    if apart:
        axes = len(shapes[network.inputs[0]] or ()) - 2
        padded = {i: extras(_layer(network, i), axes) for i in written}
        yield from _parts("output_padding", {i: ways for i, ways in padded.items() if ways}, axes)
    halves = {
        i: each
        for i, found in sorted(written.items())
        for each in found
        if each[:2] == ("padding", (HALF, None))
    }
    if len(halves) > 1:  # of whatever class
        yield halves


def _together(
    network: Graph, at: int, setting: Setting, axes: int
) -> Iterator[Mapping[int, Setting]]:
    """Yield a setting of all layers of the network that have the argument alike."""
    layer = _layer(network, at)
    now = chosen(layer, setting.kind)
    found = {}
    for i, other in _distinct(network):
        alike = other.row is layer.row and chosen(other, setting.kind) == now
        if alike and (same := [s for s in settings(other, axes, False) if s[:2] == setting[:2]]):
            found[i] = same[0]
    if len(found) > 1:
        yield dict(sorted(found.items()))


def _parts(
    kind: str, written: Mapping[int, Sequence[Setting]], axes: int = 1
) -> Iterator[Mapping[int, Setting]]:
    """Yield settings of more than one of the nearest layers, each its own.

    axes: that are treated apart.
    """
    ways = {i: [s for s in found if s.kind == kind] for i, found in written.items()}
    if axes == 1:
        ways = {i: [s for s in found if not s.apart] for i, found in ways.items()}
    nearest = [i for i, found in ways.items() if found][: max(_MOST_PARTS // axes, 2)]
    for picked in product(*([None, *ways[i]] for i in nearest)):
        part = {i: s for i, s in zip(nearest, picked, strict=True) if s is not None}
        if len(part) > 1:
            yield dict(sorted(part.items()))


def _layer(network: Graph, at: int) -> Layer:
    operation = network.nodes[at].operation
    assert isinstance(operation, Apply)
    return operation.layer


def _distinct(network: Graph) -> Iterator[tuple[int, Layer]]:
    """Yield the layers of a network, the last call of each."""
    seen = set[str]()
    for i in range(len(network.nodes) - 1, -1, -1):
        node = network.nodes[i]
        if isinstance(node.operation, Apply) and called(node) not in seen:
            seen.add(called(node))
            yield i, node.operation.layer


def layers_before(network: Graph, at: int) -> list[int]:
    """The layers that a node reads, itself too, the nearest first; each once."""
    found, pending = set[int](), [at]
    while pending:
        if (i := pending.pop()) not in found:
            found.add(i)
            pending += network.nodes[i].inputs
    return [i for i, _ in _distinct(network) if i in found]


def _proposal(
    network: Graph, found: Mapping[int, Setting], result: Graph, shapes: Sequence[Shape | None]
) -> Proposal:
    """Layers of a network with these settings, which make another one, as one proposal."""
    lines, said = list[str | None](), list[Change]()
    words = dict[str, list[int]]()
    for i, setting in found.items():
        node, operation = network.nodes[i], network.nodes[i].operation
        assert isinstance(operation, Apply)
        other = changes(called(node), operation.layer, setting.layer)
        text = ", ".join(f"{each.argument}={each.after!r}" for each in other)
        words.setdefault(text, []).append(i)
        said += other
        before = node.inputs[0]
        given = shapes[before] if before < len(shapes) else None  # further on it is not known
        channels = given[1].number if given else None
        axes = operation.layer.axes or len(given or shapes[network.inputs[0]] or ()) - 2
        lines.append(rewriting(node, setting.layer, axes, channels, other))
    first = next(iter(found.values()))
    return Proposal(
        first.kind,
        max(map(_size, said)),
        "; ".join(f"{_names(network, alike)}: {text}" for text, alike in words.items()),
        result,
        None if None in lines else "\n".join(map(str, lines)),
        changes=tuple(said),
        strained=_is_strained(found) or None,
    )


def _names(network: Graph, alike: Sequence[int]) -> str:
    """How layers are called that are written alike."""
    layer = _layer(network, alike[0])
    if 1 < len(alike) == sum(other.row is layer.row for _, other in _distinct(network)):
        return f"every {layer.name}"
    names = [called(network.nodes[i]) for i in alike]
    if len(names) > _NAMED:
        return f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} more"
    return ", ".join(names)


def _size(change: Change) -> int:
    """How far two values are apart, in elements; 1 where they are no numbers."""
    one, two = change.before, change.after
    pair = zip(one, two, strict=False) if isinstance(one, tuple) and isinstance(two, tuple) else ()
    sides = [(one, two), *pair]
    return max((abs(x - y) for x, y in sides if type(x) is type(y) is int), default=1)
