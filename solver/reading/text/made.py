"""What a row of a summary does: the operations that its kind and the sizes around it tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import prod

from solver.errors import SolverError
from solver.frameworks import framework, layer
from solver.ground.named import NamedTuple
from solver.network.graph.computed import Become, Recur
from solver.network.graph.dim import Dim
from solver.network.graph.merging import Concat, Elementwise
from solver.network.graph.operation import Apply, Operation, Pointwise, Shape
from solver.network.graph.shaping import Chain, Flatten, GlobalPool, Linear, Permute
from solver.reading.functions import norms, pointwise
from solver.reading.functions.table import find
from solver.reading.text.fits import ShownLayer, fitting
from solver.reading.text.rows import SummaryRow
from solver.sizes.sizeset import EVERY, SizeSet

#: Sizes at the input shown, without the batch, the channels first.
Shown = tuple[int, ...]

_MEETING = {"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"}
_RECURRENT = {"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional"}
_CONSTANT = {"Resizing", "CenterCrop", "RandomCrop"}
#: What keeps every size beside the rows of the table.
_KEEPS = r"(?i)swish|silu|relu|gelu|mish|activation|dropout|drop_?path|identity"


class Made(NamedTuple):
    """Hold an operation.

    agreed: along each axis of sizes, where all layers that fit do the same. several: how many fit.
    """

    operation: Operation
    agreed: tuple[SizeSet, ...] = ()
    several: int = 1


def keeps(kind: str, last: bool) -> bool:
    """Tell whether a kind of layer changes values alone.

    >>> keeps("BatchNorm2d", False), keeps("Dropout", True), keeps("Conv2D", True)
    (True, True, False)
    """
    if re.search(_KEEPS, kind):
        return True
    named = find(kind, ("layer",) if last else ("module",))
    rows = (*pointwise.ROWS, *norms.ROWS)
    return named is not None and named.function in rows and kind != "GLU"


def is_known(kind: str) -> bool:
    """Tell whether PyTorch has a layer of this kind that is followed here."""
    if keeps(kind, False) or kind in {"Flatten", "Linear", "Embedding", *_RECURRENT}:
        return True
    try:
        row, axes = framework("torch").find(kind)
    except SolverError:
        return False
    return row.named(axes) == kind


def completed(kind: str) -> Iterator[str]:
    """The kinds of Keras that begin with what is left of a word.

    >>> list(completed("GlobalAveragePool"))
    ['GlobalAveragePooling1D', 'GlobalAveragePooling2D', 'GlobalAveragePooling3D']
    """
    rows = framework("keras").rows
    known = [row.named(axes) for row in rows for axes in row.axes or (None,)]
    known += ["BatchNormalization", "LayerNormalization", "GroupNormalization"]
    return (name for name in known if name.startswith(kind))


def made(
    row: SummaryRow,
    given: Sequence[Shown],
    shape: Shape,
    out: Shown,
    last: bool,
    hidden: bool = False,
) -> Made | None:
    """What a row does to tensors of these sizes; None where that is not told.

    shape: of the first for every n. last: whether the channels are the last axis, as in Keras.
    hidden: whether something may stand in front that is not shown.
    """
    first, kind = given[0], row.kind
    if keeps(kind, last):
        weights = 2 if "Norm" in kind else 0
        return Made(Pointwise(kind, weights)) if first == out else None
    if kind in _MEETING:
        return Made(Elementwise(kind.lower()))
    if kind == "Concatenate":
        axes = [axis for axis in range(len(out)) if _behind(given, out, axis)]
        return Made(Concat(axes[0] + 1)) if axes else None
    if kind == "Flatten":
        return Made(Flatten()) if (prod(first),) == out else None
    if kind in ("Dense", "Linear"):
        return _linear(row, first, out, last)
    if kind in _RECURRENT:
        keep = len(out) == len(first)
        width = out[0] if last else out[-1]
        return Made(Recur(kind.lower(), width, None, 1 if last else -1, keep, row.params or 0))
    if kind == "Embedding":
        to = (Dim(1), Dim(out[0]), *shape[1:]) if last else (*shape, Dim(out[-1]))
        return Made(Become("embedding", to, row.params or 0))
    if kind in _CONSTANT:
        return Made(Become(kind.lower(), (Dim(1), *map(Dim, out))))
    if kind == "Reshape" and prod(first) == prod(out):
        there = tuple(SizeSet.of([n]) for n in first[1:])
        return Made(Become("reshape", (Dim(1), *map(Dim, out))), there)
    return _layer(row, first, out, last, hidden)


def _behind(given: Sequence[Shown], out: Shown, axis: int) -> bool:
    rest = {each[:axis] + each[axis + 1 :] for each in (*given, out)}
    return len(rest) == 1 and sum(each[axis] for each in given) == out[axis]


def _linear(row: SummaryRow, first: Shown, out: Shown, last: bool) -> Made | None:
    width, features = (first[0], out[0]) if last else (first[-1], out[-1])
    if row.params not in (None, width * features, (width + 1) * features):
        return None
    linear = Linear(features, width, parameters=row.params)
    rank = len(first) + 1
    if not last or rank < 3:
        return Made(linear)
    there = Permute((0, *range(2, rank), 1))
    back = Permute((0, rank - 1, *range(1, rank - 1)))
    return Made(Chain((there, linear, back)))


def _layer(row: SummaryRow, first: Shown, out: Shown, last: bool, hidden: bool) -> Made | None:
    """A layer of the framework's table."""
    by = "keras" if last else "torch"
    try:
        found, axes = framework(by).find(row.kind)
    except SolverError:
        return None
    if found.named(axes) != row.kind:
        return None
    if found.kind.reduces:
        return Made(GlobalPool(len(out) == len(first)))
    count = axes or len(out) - 1
    if len(first) != len(out) or len(out) != count + 1:
        return None
    if last and re.match("ZeroPadding|Cropping", row.kind):
        return _padded(row.kind, first[1:], out[1:])
    asked = ShownLayer(
        by, row.kind, first[0], out[0], first[1:], out[1:], row.params, row.kernel, hidden
    )
    fit = fitting(asked)
    return None if fit is None else Made(Apply(fit.layer), fit.agreed, fit.several)


def _padded(kind: str, first: Shown, out: Shown) -> Made:
    """A padding or cropping of Keras, of both ends alike as far as it goes.

    What brings a size to an odd one may be computed from whether the size is even.
    """
    more = [abs(after - before) for before, after in zip(first, out, strict=True)]
    word = "padding" if kind.startswith("Zero") else "cropping"
    ends = tuple((each // 2, each - each // 2) for each in more)
    to = layer("keras", kind, **{word: ends if len(ends) > 1 else ends[0]})
    agreed = (
        SizeSet(2, [before % 2]) if after % 2 and after != before else EVERY
        for before, after in zip(first, out, strict=True)
    )
    return Made(Apply(to), tuple(agreed))
