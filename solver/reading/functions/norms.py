"""Normalizations: layers, functions and operators, and what they ask of a tensor."""

from __future__ import annotations

from math import prod
from typing import Any

from solver.network.graph.dim import Dim
from solver.network.graph.norms import Normalize
from solver.network.graph.operation import Pointwise
from solver.reading.functions.call import Call, Unclear, Weight, Wire, several
from solver.reading.functions.row import TensorFunction
from solver.sizes.width import is_int


def _count(value: Any) -> int | None:
    """How many channels a layer is told of; None of a lazy one."""
    found = several(value)
    return found[0] if len(found) == 1 and is_int(found[0]) and found[0] > 0 else None


def _ranks(call: Call, unbatched: bool) -> tuple[int, ...]:
    """How many axes a layer takes, which its name tells."""
    axes = next((int(digit) for digit in call.name if digit.isdigit()), 0)
    first = axes + (1 if unbatched or axes == 1 else 2)
    return tuple(range(first, axes + 3)) if axes else ()


def _batch(call: Call) -> Wire:
    """Read BatchNorm: one mean for each channel, where it works them out itself."""
    affine, tracks = call["affine"] is not False, call["track_running_stats"] is not False
    works = bool(call["training"]) or not tracks
    told = _count(call["num_features"]) if affine or tracks else None
    norm = Normalize(
        call.name,
        2 * affine,
        channels=told,
        apart=(1,) if works else None,
        ranks=_ranks(call, False),
    )
    return call.make(norm)


def _instance(call: Call) -> Wire:
    """Read InstanceNorm: one mean for each channel of each sample, or of one sample alone."""
    affine, tracks = call["affine"] is not False, call["track_running_stats"] is True
    works = bool(call["training"]) or not tracks
    ranks = _ranks(call, True)
    shape = call.nodes.shapes[call.x.at]
    at = 0 if shape is not None and len(shape) == ranks[0] else 1
    told = _count(call["num_features"])
    norm = Normalize(
        call.name,
        parameters=None if told is None else 2 * affine * told,
        weights=2 * affine,
        channels=told if affine or tracks else None,
        at=at,
        apart=tuple(range(at + 1)) if works else None,
        ranks=ranks,
    )
    return call.make(norm)


def _group(call: Call) -> Wire:
    affine = call["affine"] is not False
    told = _count(call["num_channels"]) if affine else None
    groups = call.number("num_groups")
    return call.make(Normalize(call.name, 2 * affine, channels=told, groups=groups, apart=()))


def _of_shape(call: Call) -> Wire:
    """Read a normalization over the last axes, whose sizes it is told."""
    last = call.dims("normalized_shape")
    weights = (1 + (call["bias"] is True)) * (call["elementwise_affine"] is not False)
    held = weights * (prod(last, start=Dim(1)).number or 0)
    return call.make(Normalize(call.name, parameters=held, last=last))


def _kept(call: Call) -> Wire:
    """Read a normalization with a weight and a bias for each channel, where it has them."""
    weights = int(call["affine"] is not False) * 2
    if call["scale"] is not None:
        weights = int(call.flag("scale")) + int(call["center"] is True)
    groups = call["groups"] if call["axis"] == -1 else None
    if is_int(groups) and groups > 0:  # Keras has -1 for a group for each channel
        return call.make(Normalize(call.name, weights, groups=groups))
    return call.make(Pointwise(call.name, weights))


# With weights of their own


def _long(value: Any) -> int | None:
    """The length of a vector of weights, None where there is none or it is not told."""
    if not isinstance(value, Weight) or value.shape is None or len(value.shape) != 1:
        return None
    return value.shape[0].number


def _weighted(call: Call, filled: bool = False, **more: Any) -> Wire:
    held = call.learned("weight", "bias", filled=filled)
    return call.make(Normalize(call.name, parameters=held, **more))


def _batch_of(call: Call) -> Wire:
    names = ("running_mean", "weight", "bias")
    told = next((n for name in names if (n := _long(call[name])) is not None), None)
    return _weighted(call, channels=told, apart=(1,) if call["training"] else None)


def _instance_of(call: Call) -> Wire:
    works = call["use_input_stats"] is not False
    return _weighted(call, channels=_long(call["weight"]), apart=(0, 1) if works else None)


def _group_of(call: Call) -> Wire:
    told = _long(call["weight"])
    try:
        return _weighted(call, channels=told, groups=call.number("num_groups"), apart=())
    except Unclear:  # a text does not tell them: no size depends on it
        return _weighted(call, channels=told)


def _shape_of(call: Call) -> Wire:
    try:
        return _weighted(call, last=call.dims("normalized_shape"))
    except Unclear:
        return _weighted(call)


def _node(call: Call) -> Wire:
    """Read an operator of ONNX, whose weights tell the channels."""
    if call.name.startswith(("Batch", "Instance")):
        return _weighted(call, True, channels=_long(call["weight"]))
    if call.name.startswith("Group"):
        return _weighted(
            call, True, channels=_long(call["weight"]), groups=call.number("num_groups")
        )
    try:
        return _weighted(call, True, last=call.shape_of(call["weight"]))
    except Unclear:
        return _weighted(call, True)


ROWS = (
    TensorFunction(
        _batch,
        module="""
        BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm(num_features, eps=1e-05, momentum=0.1,
            affine=True, track_running_stats=True, training=False);
        LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d(eps=1e-05, momentum=0.1, affine=True,
            track_running_stats=True, num_features=None, training=False)
        """,
    ),
    TensorFunction(
        _instance,
        module="""
        InstanceNorm1d InstanceNorm2d InstanceNorm3d(num_features, eps=1e-05, momentum=0.1,
            affine=False, track_running_stats=False, training=False);
        LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d(eps=1e-05, momentum=0.1,
            affine=True, track_running_stats=True, num_features=None, training=False)
        """,
    ),
    TensorFunction(_group, module="GroupNorm(num_groups, num_channels, eps=1e-05, affine=True)"),
    TensorFunction(
        _of_shape,
        module="""
        LayerNorm(normalized_shape, eps=1e-05, elementwise_affine=True, bias=True);
        RMSNorm(normalized_shape, eps=None, elementwise_affine=True)
        """,
    ),
    TensorFunction(
        _kept,
        module="""
        LayerNorm2d FrozenBatchNorm2d BatchNormAct2d GRN GlobalResponseNorm Wav2Vec2LayerNorm
            (channels, affine=True)
        """,
        layer="""
        BatchNormalization(axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True);
        LayerNormalization(axis=-1, epsilon=0.001, center=True, scale=True);
        GroupNormalization(groups=32, axis=-1, epsilon=0.001, center=True, scale=True);
        RMSNormalization(axis=-1, epsilon=1e-06, scale=True)
        """,
    ),
    TensorFunction(
        _batch_of,
        function="""
        batch_norm(input, running_mean=None, running_var=None, weight=None, bias=None,
            training=False)
        """,
    ),
    TensorFunction(
        _instance_of,
        function="""
        instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None,
            use_input_stats=True)
        """,
    ),
    TensorFunction(_group_of, function="group_norm(input, num_groups, weight=None, bias=None)"),
    TensorFunction(
        _shape_of,
        function="layer_norm rms_norm(input, normalized_shape, weight=None, bias=None)",
    ),
    TensorFunction(
        _node,
        onnx="""
        BatchNormalization InstanceNormalization GroupNormalization LayerNormalization
        RMSNormalization SimplifiedLayerNormalization()(input, weight, bias=None)
        """,
    ),
)
