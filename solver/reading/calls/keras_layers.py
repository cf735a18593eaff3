"""The layers and operations of Keras on shapes with the channels first, by class name.

Keras keeps the channels last; an axis it names is turned into ours. What has no channels, with two
axes or less, stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from solver.errors import SolverError
from solver.frameworks import framework, layer
from solver.network.graph import merging, shaping
from solver.network.graph.computed import Become, Tile
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Apply, Operation, Pointwise, Shape

_SAME = """
Activation ActivityRegularization AlphaDropout Dropout ELU Elu Exp GaussianDropout GaussianNoise
Gelu HardSigmoid HardSilu Identity LeakyReLU LeakyRelu LogSoftmax Masking Negative Normalization
PReLU ReLU Relu Relu6 Rescaling Selu Sigmoid Silu Softmax Softplus Softsign SpatialDropout1D
SpatialDropout2D SpatialDropout3D Sqrt Square Tanh UnitNormalization Cast Clip Abs Log Power Rsqrt
RandomBrightness RandomContrast RandomFlip RandomRotation RandomTranslation RandomZoom Stop_gradient
"""
_NORMS = "BatchNormalization GroupNormalization LayerNormalization RMSNormalization"
_MEET = "Add Average Divide Maximum Minimum Multiply Subtract TrueDivide"

Rule = Callable[[Any, Sequence[Shape], bool], Operation | None]


def ours(axis: int, rank: int, last: bool) -> int:
    """Return the axis of a shape with the channels first. last: whether Keras keeps them last.

    >>> [ours(axis, 4, True) for axis in (0, 1, 2, 3, -1)]
    [0, 2, 3, 1, 1]
    """
    axis %= rank
    if rank < 3 or not last or axis == 0:
        return axis
    return 1 if axis == rank - 1 else axis + 1


def channels_first(shape: Sequence[Any], last: bool) -> list[Any]:
    """Return the entries of a shape with the channels first."""
    if len(shape) < 3 or not last:
        return list(shape)
    return [shape[0], shape[-1], *shape[1:-1]]


def layer_operation(op: Any, shapes: Sequence[Shape], last: bool) -> Operation | None:
    """Return what a layer or an operation of Keras does, None where it is not understood.

    shapes: of the tensors that go in. last: whether the channels are last.
    Raises SolverError for arguments that Keras refuses.
    """
    name = type(op).__name__
    held = getattr(op, "data_format", None)
    if held is not None and (held == "channels_last") != last and len(shapes[0]) > 2:
        return None
    rule = RULES.get(name)
    return _window(op, shapes, last) if rule is None else rule(op, shapes, last)


def _window(op: Any, shapes: Sequence[Shape], last: bool) -> Operation | None:
    name, keras = type(op).__name__, framework("keras")
    try:
        row, axes = keras.find(name)
    except SolverError:
        return None
    if row.kind.reduces:
        return shaping.GlobalPool(bool(op.keepdims))
    given = {key: value for key, value in op.get_config().items() if key in row.arguments}
    return Apply(layer("keras", name, **given), axes)


def _same(op: Any, shapes: Sequence[Shape], last: bool) -> Operation:
    return Pointwise(type(op).__name__, parameters=_held(op))


def _held(op: Any) -> int:
    """Return how many parameters are trained, as far as the layer is built."""
    return sum(prod(map(int, each.shape)) for each in getattr(op, "trainable_weights", ()))


def _norm(op: Any, shapes: Sequence[Shape], last: bool) -> Operation:
    return Pointwise(type(op).__name__, 2)


def _meet(op: Any, shapes: Sequence[Shape], last: bool) -> Operation | None:
    """Read what meets: of one number of axes, since others meet at their last ones."""
    ranks = {len(shape) for shape in shapes}
    if len(shapes) == 1:
        return Pointwise(type(op).__name__)
    return merging.Meet(type(op).__name__.lower()) if len(ranks) == 1 else None


def _concat(op: Any, shapes: Sequence[Shape], last: bool) -> Operation:
    return merging.Concat(ours(int(op.axis), len(shapes[0]), last))


def _dense(op: Any, shapes: Sequence[Shape], last: bool) -> Operation:
    """Read Dense: along the channels, which are the last axis of Keras."""
    kernel = getattr(op, "_kernel", None) if getattr(op, "built", False) else None
    before = None if kernel is None else int(kernel.shape[0])
    linear = shaping.Linear(int(op.units), before, bool(op.use_bias))
    rank = len(shapes[0])
    if rank < 3 or not last:
        return linear
    there = shaping.Permute((0, *range(2, rank), 1))
    back = shaping.Permute((0, rank - 1, *range(1, rank - 1)))
    return shaping.Chain((there, linear, back))


def _flatten(op: Any, shapes: Sequence[Shape], last: bool) -> Operation:
    return shaping.Flatten(1)


def _reshape(op: Any, shapes: Sequence[Shape], last: bool) -> Operation:
    target = getattr(op, "target_shape", None)
    to = (1, *target) if target is not None else (1, *op.newshape[1:])
    sizes = channels_first(to, last)
    return shaping.Reshape(tuple(None if n in (-1, None) else Dim(int(n)) for n in sizes))


def _permute(op: Any, shapes: Sequence[Shape], last: bool) -> Operation:
    rank = len(shapes[0])
    dims = getattr(op, "dims", None)
    order = (0, *dims) if dims is not None else op.axes or tuple(reversed(range(rank)))
    found = [0] * rank
    for axis, source in enumerate(order):
        found[ours(axis, rank, last)] = ours(int(source), rank, last)
    return shaping.Permute(tuple(found))


def _repeat_vector(op: Any, shapes: Sequence[Shape], last: bool) -> Operation:
    place = ours(1, 3, last)
    times = [Dim(1)] * 3
    times[place] = Dim(int(op.n))
    return shaping.Chain((shaping.Unsqueeze((place,)), Tile(tuple(times))))


def _resizing(op: Any, shapes: Sequence[Shape], last: bool) -> Operation:
    sizes = (Dim(int(op.height)), Dim(int(op.width)))
    return Become("resize", (*shapes[0][:2], *sizes))


def _embedding(op: Any, shapes: Sequence[Shape], last: bool) -> Operation:
    to = channels_first((*shapes[0], Dim(int(op.output_dim))), last)
    return Become("embedding", tuple(to), _held(op))


def _recurrent(op: Any, shapes: Sequence[Shape], last: bool) -> Operation | None:
    sides = 1
    name, held = type(op).__name__.lower(), _held(op)
    if name == "bidirectional":
        sides = 2 if op.merge_mode == "concat" else 1
        if op.merge_mode is None:
            return None
        op = op.forward_layer
    if getattr(op, "return_state", False) or not hasattr(op, "units"):
        return None
    shape, width = list(shapes[0]), Dim(int(op.units) * sides)
    place = 1 if last else 2
    shape[place] = width
    return Become(name, tuple(shape) if op.return_sequences else (shape[0], width), held)


def _attention(op: Any, shapes: Sequence[Shape], last: bool) -> Operation:
    return Become("attention", shapes[0], _held(op))


def _reduce(op: Any, shapes: Sequence[Shape], last: bool) -> Operation | None:
    axes, rank = op.axis, len(shapes[0])
    axes = (axes,) if isinstance(axes, int) else axes
    kept = rank - (rank if axes is None else len(axes))
    if not op.keepdims and last and axes is not None and kept > 2:
        left = sorted(ours(axis, rank, last) for axis in range(rank) if axis not in axes)
        if 1 not in left:  # another axis becomes the last one, and so the channels
            return None
    found = None if axes is None else tuple(ours(int(axis), rank, last) for axis in axes)
    return shaping.Reduce(type(op).__name__.lower(), found, bool(op.keepdims))


RULES: dict[str, Rule] = {
    **dict.fromkeys(_SAME.split(), _same),
    **dict.fromkeys(_NORMS.split(), _norm),
    **dict.fromkeys(_MEET.split(), _meet),
    **dict.fromkeys(("Max", "Mean", "Min", "Sum"), _reduce),
    **dict.fromkeys(("Bidirectional", "GRU", "LSTM", "SimpleRNN"), _recurrent),
    **dict.fromkeys(("Permute", "Transpose"), _permute),
    "Concatenate": _concat,
    "Dense": _dense,
    "Embedding": _embedding,
    "Flatten": _flatten,
    "MultiHeadAttention": _attention,
    "RepeatVector": _repeat_vector,
    "Reshape": _reshape,
    "Resizing": _resizing,
}
