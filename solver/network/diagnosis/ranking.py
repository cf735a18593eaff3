"""In which order fixes are told: first one of each way to fix it, then the others.

A fix is better the less is strange about the network behind it, and where it runs for more sizes.
What is strange: a layer as nobody writes it, one that is padded otherwise than those beside it,
axes treated apart, sizes lost that ran before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from solver.ground.named import NamedTuple
from solver.layers.kind import Kind
from solver.layers.layer import Layer
from solver.network.diagnosis.edits import Edit, Proposal, called
from solver.network.diagnosis.settings import HALF, NONE, chosen, told, windows_of
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply
from solver.sizes.sizeset import SizeSet

#: The ways to fix a network: what is written for its layers, other layers, what fits a tensor to
#: another, what goes in. Of one way, kinds in the order in which they are meant.
WAYS = (
    (
        "flatten",
        "reshape",
        "in_features",
        "in_channels",
        "stride",
        "padding",
        "ceil_mode",
        "output_padding",
        "output_size",
        "kernel_size",
        "dilation",
        "padding_mode",
    ),
    ("adaptive pooling",),
    ("resize", "pad", "crop"),
    ("input shape", "input size", "input padding"),
)
#: What a layer does to sizes by itself, which is hardly forgotten.
_WINDOW = ("stride", "kernel_size", "dilation")
#: How edits of one way are ranked.
KINDS = tuple(kind for way in WAYS for kind in way)
_WAY = {kind: number for number, way in enumerate(WAYS) for kind in way}
#: A convolution with this stride has a larger kernel.
_NO_STRIDE = 3
#: So many edits of one way are worked out for every n.
MOST = 8
#: So many edits are told that hardly anybody means.
MOST_STRAINED = 4
#: How a transposed layer is written that is not padded.
_UNPADDED = ((0, 0), "valid")
#: A size so many times another is far from it.
_FAR = 4


def strangeness(written: Mapping[str, LayerStyle]) -> int:
    """How many layers are written as hardly anybody writes them. written: see `as_written`."""
    layers = [each for each in written.values() if not each.kind.pads]
    taken = {each.window for each in layers if not each.kind.transposed}
    strange = sum(not (each.mirrors if each.window in taken else each.usual) for each in layers)
    styles = Counter((each.kind, each.style) for each in layers if each.style is not None)
    most = dict[Kind, int]()
    for (kind, _), count in styles.items():
        most[kind] = max(most.get(kind, 0), count)
    return strange + styles.total() - sum(most.values())


class LayerStyle(NamedTuple):
    """Hold how a layer is written.

    window: its kernel, stride and padding. style: see `_style`. usual: whether people write it so;
    mirrors: whether they do where another layer has this window.
    """

    kind: Kind
    window: tuple[object, ...]
    style: object
    usual: bool
    mirrors: bool

    @classmethod
    @lru_cache(maxsize=1024)
    def of(cls, layer: Layer) -> LayerStyle:
        """How a layer is written that has a window."""
        usual, mirrors = (_is_usual(layer, mirrors) for mirrors in (False, True))
        return cls(layer.row.kind, _window(layer), _style(layer), usual, mirrors)


def as_written(network: Graph) -> dict[str, LayerStyle]:
    """How the layers of a network are written that have windows, each once, by their names."""
    found = {
        called(node): node.operation.layer
        for node in network.nodes
        if isinstance(node.operation, Apply) and node.operation.layer.row.kind.slides
    }
    return {name: LayerStyle.of(layer) for name, layer in found.items()}


def _style(layer: Layer) -> object:
    """How a layer is padded that may be padded so or otherwise, None for all others."""
    windows = windows_of(layer, layer.axes or 1) or []
    if layer.row.kind.transposed:
        pads = told(layer, layer.axes or 1, "padding") or ()
        over = any(w.span > w.input_dilation for w in windows)
        return any(pad not in _UNPADDED for pad in pads) if over else None
    if any(w.span == 1 or w.stride > 1 for w in windows):
        return None
    style = chosen(layer, "padding")
    return style if style in (HALF, NONE) else None


def _window(layer: Layer) -> tuple[object, ...]:
    """The kernel, stride and padding of a layer, as they are written."""
    axes = layer.axes or 1
    kernel, stride, pads = (told(layer, axes, x) for x in ("kernel_size", "stride", "padding"))
    return kernel, kernel if stride is None or None in stride else stride, pads


def _is_usual(layer: Layer, mirrors: bool) -> bool:
    """Tell whether people write a layer so. mirrors: whether another one has this window."""
    axes = layer.axes or 1
    windows = windows_of(layer, axes)
    if windows is None:
        return False
    kind = layer.row.kind
    if kind.transposed:
        extra = told(layer, axes, "output_padding") or ()
        even = all(
            each.window and not each.unproved and each.size_map(5) == 5 * each.window.input_dilation
            for each in layer.along(axes)
        )
        pads = told(layer, axes, "padding") or ()
        plain = not any(extra) and all(pad in _UNPADDED for pad in pads)
        spans = all(w.span >= w.input_dilation for w in windows)
        return even or mirrors or (plain and spans)
    for w in windows:
        if not kind.pools and w.kernel_size <= w.stride == _NO_STRIDE:
            return False
        if w.moves:  # as many as keep n/stride
            continue
        odd, begin = w.span % 2 == 1, w.begin
        if begin != w.end or (kind.pools and w.span < w.stride):
            return False
        parts = w.span % w.stride == 0
        down = begin == (w.span - w.stride + 1) // 2  # to n/stride
        half = down or (odd and begin == w.span // 2)
        if not (begin == 0 or half) or not (odd or (w.stride > 1 and parts)):
            return False
    return True


def is_strange(kind: str, more: int, meets: bool) -> bool:
    """Whether hardly anybody means other arguments of this kind.

    more: how much stranger the network is with them. meets: as of `ranked`.
    """
    return more > 0 or (kind in _WINDOW and not meets and not more)


def likely(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Proposals that are worth to be worked out for every n: the least strange of each way."""
    found = sorted(
        proposals, key=lambda p: (p.strained or False, strangeness(as_written(p.network)))
    )
    ways = [[each for each in found if _WAY[each.kind] == way] for way in range(len(WAYS))]
    return [each for way in ways for each in way[:MOST]]


def ranked(
    edits: Sequence[Edit], network: Graph, before: SizeSet | None, least: int, meets: bool
) -> list[Edit]:
    """Edits in the order in which they are told.

    Those that are alike as they are proposed. network: that fails. before: the sizes, all axes
    alike, at which it runs, where that counts. least: the smallest size that fails: sizes far from
    it are not what is meant, where few run. meets: whether sizes that meet are apart, so that a
    window may be wrong though nothing is strange about it.
    """
    strange = strangeness(as_written(network))
    more = {id(edit): strangeness(as_written(edit.network)) - strange for edit in edits}
    unbounded = any(not edit.finite for edit in edits)
    elsewhere = before is None or before.first(least // _FAR) is not None

    def is_strained(edit: Edit) -> bool:
        if edit.strained is not None:
            return edit.strained
        if edit.kind == "input size":
            far = any(not b <= a * _FAR <= b * _FAR**2 for _, _, b, a in edit.changes)
            return far and (before is None or before.finite)
        if edit.kind == "input padding":
            far = edit.size >= _FAR * min(edit.sizes.values())
            return far and (before is None or before.finite)
        if _WAY[edit.kind]:
            return False
        loses = before is not None and edit.square is not None and bool(before - edit.square)
        chance = unbounded and edit.finite
        return loses or chance or is_strange(edit.kind, more[id(edit)], meets)

    def key(edit: Edit) -> tuple[float, ...]:
        return (
            is_strained(edit),
            _WAY[edit.kind],
            edit.strained is None,
            more[id(edit)],
            0 if _WAY[edit.kind] else edit.places,
            *_told(edit),
        )

    keys = {id(edit): key(edit) for edit in edits}
    found = sorted(edits, key=lambda edit: keys[id(edit)])
    natural = [edit for edit in found if not is_strained(edit)]
    strained = [edit for edit in found if is_strained(edit) and not _WAY[edit.kind]]
    left = [edit for edit in strained if not (natural and edit.kind == "stride")][:MOST_STRAINED]
    found = [edit for edit in found if edit not in strained or edit in left]
    return _each_way_first(natural, found) if elsewhere else found


def _told(edit: Edit) -> tuple[float, ...]:
    """For how few sizes an edit of arguments runs, and how large it is; only this of inputs."""
    square, way = edit.square, _WAY[edit.kind]
    if way:
        return (KINDS.index(edit.kind), edit.size) if way == len(WAYS) - 1 else ()
    share = square.per_period / square.modulus if square else 0
    first = (square.first() or 0) if square else 0
    window = edit.kind in _WINDOW[1:]
    far = first if edit.kind in _WINDOW else 0
    return window, -share, len(edit.changes), KINDS.index(edit.kind), far, edit.size, first


def _each_way_first(natural: Sequence[Edit], found: Sequence[Edit]) -> list[Edit]:
    """The best edit of each way, those at one place first, then all others."""
    best = {_WAY[edit.kind]: edit for edit in reversed(natural)}
    first = sorted(best.values(), key=lambda edit: (min(edit.places, 2), _WAY[edit.kind]))
    return [*first, *(edit for edit in found if edit not in first)]
