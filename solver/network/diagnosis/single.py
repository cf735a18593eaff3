"""Every single change with which a network gives what is wanted: complete, not only what is meant.

One argument of one layer has another value, wherever that layer is called. All values of a box are
tried, of each layer that the node at fault reads: no other layer can mend it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import product
from typing import Any

from solver.errors import LimitError, SolverError
from solver.layers.layer import Layer
from solver.network.diagnosis.arguments import layers_before
from solver.network.diagnosis.edits import called
from solver.network.diagnosis.ranking import KINDS, as_written, strangeness
from solver.network.diagnosis.rewrite import relayered
from solver.network.diagnosis.settings import Change, changed, changes, told, word_of
from solver.network.diagnosis.trying import Attempt
from solver.network.graph.operation import Apply

#: The last value of each argument that is tried, under PyTorch's name, as `solve` has it where none
#: is given: a larger one that is written is tried too, and paddings reach half the kernel.
BOX: Mapping[str, int] = {
    "kernel_size": 11,
    "stride": 4,
    "padding": 5,
    "dilation": 4,
    "output_padding": 3,
}
#: The last value of other arguments that are numbers: a factor, a size that comes out.
_LAST = 32
_FROM_ZERO = ("padding", "output_padding")
#: So many networks are tried.
_MOST = 200_000


def box_words() -> str:
    """The box in words."""
    known = (f"{name} {int(name not in _FROM_ZERO)}..{last}" for name, last in BOX.items())
    return f"{', '.join(known)}, factors and sizes up to {_LAST}, flags"


def singles(attempt: Attempt) -> list[tuple[Change, ...]]:
    """Every single change in the box with which a network runs, the least strange first.

    Each is what is written otherwise: of one layer, an argument, and with it what would follow it.
    A pooling whose stride is not written has its kernel changed alone, and with the stride.
    Raises LimitError where the box is too large.

    >>> from solver import Conv, trace
    >>> from solver.network.diagnosis.wanted import with_output
    >>> net = with_output(trace(Conv(3, stride=2, padding=1), axes=1), "n")
    >>> [(each.argument, each.after) for each, in singles(Attempt(net, 2, {"n": 9}))]
    [('stride', 1), ('padding', 5)]
    """
    found, tries = list[tuple[Any, tuple[Change, ...]]](), 0
    for at in layers_before(attempt.network, attempt.at):
        operation, node = attempt.network.nodes[at].operation, attempt.network.nodes[at]
        assert isinstance(operation, Apply)
        given = attempt.shapes[node.inputs[0]]
        if given is None:
            continue
        sizes = [dim.factor for dim in given[2:]]
        alone = sum(called(each) == called(node) for each in attempt.network.nodes) == 1
        known = dict[object, bool]()
        for order, apart, made in _others(operation.layer, sizes):
            tries += 1
            if tries > _MOST:
                raise LimitError(f"at most {_MOST:,} single changes are tried")
            size = _size(made, sizes) if alone and made.row.kind.slides else made
            if size is None or known.get(size) is False:
                continue
            other = relayered(attempt.network, {at: operation.replaced(layer=made)})
            if size not in known:
                known[size] = attempt.runs(other)
            if known[size]:
                said = changes(called(node), operation.layer, made)
                strange = strangeness(as_written(other))
                found.append(((strange, apart, order, _far(said), len(said)), said))
    return [said for _, said in sorted(found, key=lambda each: each[0])]


def _size(layer: Layer, sizes: Sequence[int]) -> object:
    """What comes out of a layer, None where it refuses these sizes."""
    try:
        return layer.size(tuple(sizes))
    except SolverError:
        return None


def _others(layer: Layer, sizes: Sequence[int]) -> Iterator[tuple[int, bool, Layer]]:
    """Yield a layer with every other value of one argument: its rank, whether axes differ."""
    axes, seen = len(sizes), {layer}
    names = {word_of(layer, name): name for name in BOX}
    for word, now in layer.values(axes).items():
        name = names.get(word, word)
        tied = name == "kernel_size" and told(layer, axes, "stride") == (None,) * axes
        for value in _values(layer, name, now, sizes):
            for more in ({}, {"stride": now}) if tied else ({},):
                with suppress(SolverError):
                    made = changed(layer, axes, **{name: value}, **more)
                    if made not in seen:
                        seen.add(made)
                        apart = isinstance(value, tuple) and len({*value}) > 1
                        yield (KINDS.index(name) if name in KINDS else len(KINDS)), apart, made


def _values(
    layer: Layer, name: str, now: Sequence[Any], sizes: Sequence[int]
) -> Iterator[bool | str | tuple[Any, ...]]:
    """Yield the values of an argument, one for each axis where axes are not alike.

    now: along the axes, as they are written or usual.
    """
    axes = len(sizes)
    numbers = [n for each in now for n in (each if isinstance(each, tuple) else (each,))]
    if all(isinstance(each, bool) for each in numbers):
        yield not now[0]
        return
    if name == "padding" and layer.framework.name == "keras" and isinstance(now[0], str):
        yield from ("same", "valid")
        return
    if name not in BOX and not all(isinstance(each, (int, float)) for each in numbers):
        return
    last = max(BOX.get(name, _LAST), *(n for n in numbers if isinstance(n, int)), 1)
    if name == "padding":
        last = max(last, *(k // 2 for k in told(layer, axes, "kernel_size") or (1,)))
    box = range(name not in _FROM_ZERO, last + 1)
    alike = len({*sizes}) == 1 and len({*map(repr, now)}) == 1
    for value in ([n] * axes for n in box) if alike else product(box, repeat=axes):
        yield tuple((n, n) for n in value) if name == "padding" else tuple(value)


def _far(said: Sequence[Change]) -> int:
    """How far values are from those that are written."""
    pairs = [(one, two) for _, _, one, two in said if type(one) is type(two) is int]
    return max((abs(one - two) for one, two in pairs), default=1)
