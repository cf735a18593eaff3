"""The functions and methods of PyTorch on tensors and sizes, by name: one rule per row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from solver.frameworks import layer
from solver.network.graph import merging, shaping, values
from solver.network.graph.computed import Become, Extend
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Apply, Operation, Pointwise
from solver.network.graph.sized import Paired, sized
from solver.network.graph.values import Ratio
from solver.reading.calls import torch_moves
from solver.reading.calls.torch_values import (
    Call,
    Ref,
    Unclear,
    Weight,
    calculated,
    dim_of,
    flat,
    is_listed,
    numbers,
    size_of,
)

# Tensors


def _pointwise(call: Call) -> Ref:
    return call.make(Pointwise(call.name))


def _meet(call: Call) -> Any:
    args = [each for each in call.args[:2] if each is not None]
    if not any(isinstance(each, (Ref, Weight)) for each in args):
        return calculated(call.name.strip("_"), args)
    found = [call.tensor(each) for each in args if isinstance(each, (Ref, Weight))]
    if len(found) == 1:
        return call.make(Pointwise(call.name), *found)
    return call.make(merging.Meet(call.name), *found)


def _where(call: Call) -> Ref:
    found = [call.tensor(each) for each in call.args if isinstance(each, (Ref, Weight))]
    return call.make(merging.Meet("where"), *found)


def _minus(call: Call) -> Any:
    value = call.get(0, "input")
    return _pointwise(call) if isinstance(value, (Ref, Weight)) else calculated("mul", [value, -1])


def _round(rule: Callable[[Ratio], Ratio], call: Call) -> Any:
    value = call.get(0, "input")
    if isinstance(value, Ratio):
        return size_of(rule(value).top)
    return value if isinstance(value, int) else _pointwise(call)


def _concat(call: Call) -> Ref:
    parts = [call.tensor(each) for each in call.get(0, "tensors")]
    return call.make(merging.Concat(call.get(1, "dim", call.words.get("axis", 0))), *parts)


def _stack(call: Call) -> Ref:
    axis = call.get(1, "dim", 0)
    parts = [
        call.make(shaping.Unsqueeze((axis,)), call.tensor(each)) for each in call.get(0, "tensors")
    ]
    return call.make(merging.Concat(axis), *parts)


def _reduce(call: Call) -> Any:
    axes = call.get(1, "dim")
    if not isinstance(call.args[0], (Ref, Weight)):
        return calculated(call.name, call.args)
    if isinstance(axes, (Ref, Weight)):
        return _meet(call)
    keep = bool(call.get(2, "keepdim", False))
    one_by_one = isinstance(axes, int)
    axes = (axes,) if one_by_one else axes
    rank = len(call.shape)
    if axes and rank > 2 and sorted(axis % rank for axis in axes) == list(range(2, rank)):
        found = call.make(shaping.GlobalPool(keep))
    else:
        found = call.make(shaping.Reduce(call.name, axes and tuple(axes), keep))
    # max and min along one axis give the places too
    return (found, found) if one_by_one and call.name in ("max", "min", "median") else found


def _matmul(call: Call) -> Ref:
    return call.make(shaping.MatMul(), call.x, call.tensor(call.get(1, "other")))


def _einsum(call: Call) -> Ref:
    equation, *tensors = call.args
    tensors = flat(tensors)
    if "." in equation:
        raise Unclear
    return call.make(merging.Einsum(equation), *map(call.tensor, tensors))


def _linear(call: Call) -> Ref:
    weight = call.get(1, "weight")
    after, before = numbers(tuple(map(size_of, call.shape_of(weight))))
    return call.make(shaping.Linear(after, before, call.get(2, "bias") is not None))


def _conv(kind: str, call: Call) -> Ref:
    """Read conv and conv_transpose with weights of their own."""
    names: tuple[str, ...] = ("stride", "padding", "dilation", "groups")
    if "Transpose" in kind:
        names = ("stride", "padding", "output_padding", "groups", "dilation")
    one, other, *kernel = numbers(tuple(map(size_of, call.shape_of(call.get(1, "weight")))))
    given = {name: call.get(place, name) for place, name in enumerate(names, 3)}
    given = {name: value for name, value in given.items() if value is not None}
    groups = given.get("groups", 1)
    before, after = (one, other * groups) if "Transpose" in kind else (other * groups, one)
    bias = call.get(2, "bias") is not None
    channels = {"in_channels": before, "out_channels": after, "bias": bias}
    return call.make(Apply(layer("torch", kind, **channels, kernel_size=tuple(kernel), **given)))


def _pool(kind: str, names: Sequence[str], call: Call) -> Ref:
    given = {name: call.get(place, name) for place, name in enumerate(names, 1)}
    given = {n: v for n, v in given.items() if v is not None and v != () and v != []}
    given.pop("norm_type", None)
    if any(isinstance(size, Ratio) for size in flat(given["kernel_size"])):
        return _whole(given, call)
    return call.make(Apply(layer("torch", kind, **given)))


def _whole(given: dict[str, Any], call: Call) -> Ref:
    """Read pooling with a kernel as large as the tensor: x.mean of each channel, or its largest."""
    axes = len(call.shape) - 2
    kernel = given["kernel_size"]
    alone = isinstance(kernel, (int, Ratio))
    every = (kernel,) * axes if alone else tuple(kernel)
    if any(flat(given.get("padding", ()))) or given.get("ceil_mode"):
        raise Unclear
    if tuple(map(dim_of, every)) != call.shape[2:]:
        raise Unclear
    return call.make(shaping.GlobalPool())


def _with_indices(kind: str, names: Sequence[str], call: Call) -> tuple[Ref, Ref]:
    return (_pool(kind, names, call),) * 2


def resized(operation: Operation, sizes: Sequence[Any]) -> Operation:
    """Return a layer's operation where it is called with output_size. Raises Unclear."""
    if not isinstance(operation, Apply):
        raise Unclear
    return sized(operation.layer, tuple(map(dim_of, sizes)))


def _unpool(axes: int, call: Call) -> Ref:
    names = ("kernel_size", "stride", "padding")
    given = {name: call.get(place, name) for place, name in enumerate(names, 2)}
    given = {name: value for name, value in given.items() if value is not None and value != ()}
    operation: Operation = Apply(layer("torch", f"MaxUnpool{axes}d", **given))
    sizes = call.get(5, "output_size")
    if sizes is not None:
        operation = resized(operation, sizes)
    values = call.make(Paired(), call.x, call.tensor(call.get(1, "indices")))
    return call.make(operation, values)


def _adaptive(kind: str, call: Call) -> Ref:
    return call.make(Apply(layer("torch", kind, output_size=call.get(1, "output_size"))))


def _interpolate(call: Call) -> Ref:
    size, factor = call.get(1, "size"), call.get(2, "scale_factor")
    mode = call.get(3, "mode", "nearest")
    if size is not None:
        axes = len(call.shape) - 2
        every = tuple(size) if is_listed(size) else (size,) * axes
        return call.make(Become("resize", (*call.shape[:2], *map(dim_of, every))))
    return call.make(Apply(layer("torch", "Upsample", scale_factor=factor, mode=mode)))


def _pad(call: Call) -> Ref:
    pads, mode = call.get(1, "pad"), call.get(2, "mode", "constant")
    ends = [dim_of(value) for value in pads]
    axes, rank = len(ends) // 2, len(call.shape)
    if all(end.number is not None for end in ends) and axes <= rank - 2:
        more = [0] * (2 * (rank - 2 - axes))
        found = (*(end.number for end in ends), *more)
        return call.make(Apply(layer("torch", "pad", pad=found, mode=mode)))
    by = [one + two for one, two in zip(ends[::2], ends[1::2], strict=True)]
    return call.make(Extend((*(Dim(0),) * (rank - axes), *reversed(by))))


def _shuffle(kind: str, word: str, call: Call) -> Ref:
    return call.make(Apply(layer("torch", kind, **{word: call.get(1, word)})))


def _like(call: Call) -> Ref:
    return call.make(Become(call.name, call.shape))


def _new(call: Call) -> Ref:
    skip = 1 if isinstance(call.args[0], Ref) else 0
    dims = tuple(map(dim_of, call.rest(skip, "size")))
    return Ref(call.to.add(call.label, Become(call.name, dims)))


def _arange(call: Call) -> Ref:
    found = [dim_of(value) for value in call.args]
    if len(found) > 2:
        raise Unclear
    size = found[0] if len(found) == 1 else found[1] + found[0] * -1
    return Ref(call.to.add(call.label, Become("arange", (size,))))


def _glu(call: Call) -> Ref:
    return call.make(merging.Part(2, 0, call.get(1, "dim", -1)))


def _attention(call: Call) -> Ref:
    query, value = call.x, call.tensor(call.get(2, "value"))
    to = (*call.shape[:-1], call.shape_of(value)[-1])
    return call.make(Become("attention", to), query, call.tensor(call.get(1, "key")), value)


_SAME = """
abs alpha_dropout batch_norm bfloat16 celu clamp clip clone cos contiguous cuda cpu cumsum detach
dropout dropout1d dropout2d dropout3d elu erf exp feature_alpha_dropout float gelu group_norm half
hardsigmoid hardswish hardtanh instance_norm layer_norm leaky_relu local_response_norm log log1p
log_softmax logsigmoid masked_fill mish normalize prelu reciprocal relu relu6 rms_norm rrelu
rsqrt selu sigmoid sign silu sin softmax softplus softsign sqrt square tanh threshold to tril triu
type type_as flip roll requires_grad_ hardtanh_ nan_to_num
"""
_MEET = """
add sub mul truediv floordiv mod pow div true_divide floor_divide maximum minimum eq ne lt gt le
ge multiply subtract divide iadd isub imul
"""
_MAX = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
_AVG = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
_LP = ("norm_type", "kernel_size", "stride", "ceil_mode")

RULES: dict[str, Callable[[Call], Any]] = {
    **torch_moves.RULES,
    **dict.fromkeys(_SAME.split(), _pointwise),
    **dict.fromkeys(_MEET.split(), _meet),
    **dict.fromkeys(("sum", "mean", "amax", "amin", "max", "min", "std", "var", "norm"), _reduce),
    **dict.fromkeys(("argmax", "argmin", "logsumexp", "prod", "all", "any"), _reduce),
    **dict.fromkeys(("cat", "concat", "concatenate"), _concat),
    **dict.fromkeys(("matmul", "bmm", "mm"), _matmul),
    **dict.fromkeys(("interpolate", "upsample"), _interpolate),
    **dict.fromkeys(("zeros_like", "ones_like", "rand_like", "randn_like", "empty_like"), _like),
    **dict.fromkeys(("zeros", "ones", "rand", "randn", "empty", "new_zeros", "new_ones"), _new),
    **{f"conv{n}d": partial(_conv, f"Conv{n}d") for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": partial(_conv, f"ConvTranspose{n}d") for n in (1, 2, 3)},
    **{f"max_pool{n}d": partial(_pool, f"MaxPool{n}d", _MAX) for n in (1, 2, 3)},
    **{f"avg_pool{n}d": partial(_pool, f"AvgPool{n}d", _AVG) for n in (1, 2, 3)},
    **{f"lp_pool{n}d": partial(_pool, f"LPPool{n}d", _LP) for n in (1, 2, 3)},
    **{
        f"adaptive_{kind}_pool{n}d": partial(_adaptive, f"Adaptive{kind.title()}Pool{n}d")
        for kind in ("avg", "max")
        for n in (1, 2, 3)
    },
    **{f"max_unpool{n}d": partial(_unpool, n) for n in (1, 2, 3)},
    **{
        f"max_pool{n}d_with_indices": partial(_with_indices, f"MaxPool{n}d", _MAX)
        for n in (1, 2, 3)
    },
    "arange": _arange,
    "ceil": partial(_round, values.ceil),
    "einsum": _einsum,
    "floor": partial(_round, values.floor),
    "glu": _glu,
    "int": partial(_round, values.floor),
    "linear": _linear,
    "neg": _minus,
    "pad": _pad,
    "pixel_shuffle": partial(_shuffle, "PixelShuffle", "upscale_factor"),
    "pixel_unshuffle": partial(_shuffle, "PixelUnshuffle", "downscale_factor"),
    "scaled_dot_product_attention": _attention,
    "stack": _stack,
    "where": _where,
}


def read_call(call: Call) -> Any:
    """Return what a call gives: a tensor, several, a size; a node that is not understood if so."""
    rule = RULES.get(call.name.rstrip("_") or call.name) or RULES.get(call.name.strip("_"))
    if rule is None:
        return call.unknown()
    try:
        return rule(call)
    except (Unclear, LookupError, TypeError, AttributeError):
        return call.unknown()
