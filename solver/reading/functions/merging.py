"""Functions in which tensors meet: element by element, or behind each other."""

from __future__ import annotations

from math import prod
from numbers import Number
from typing import Any

from solver.network.graph.dim import Dim
from solver.network.graph.merging import Concat, Elementwise
from solver.network.graph.operation import Pointwise
from solver.network.graph.shaping import Reduce, Unsqueeze
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Call, Unclear, Weight, Wire, leaves, listed
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.sizes import calculated

#: What operators and methods are called in a network.
_NAMES = {"mul": "multiply", "sub": "subtract", "div": "divide", "truediv": "divide"}
_NAMES |= {"max": "maximum", "min": "minimum", "truedivide": "divide"}
#: Operators whose operands stand the other way round, or that change the first of them.
_REVERSED = ("radd", "rsub", "rmul", "rdiv", "rtruediv", "rfloordiv", "rmod", "rpow", "rand", "ror")
_IN_PLACE = ("iadd", "isub", "imul", "idiv", "itruediv", "ifloordiv", "ipow", "iand", "ior", "ixor")
#: Arguments that meet nothing.
_ASIDE = (
    "alpha", "value", "rounding_mode", "dtype", "rtol", "atol", "equal_nan", "dim", "axis", "name",
    "trainable",
)  # fmt: skip


def meet(call: Call) -> Any:
    """What tensors give element by element; of plain numbers and sizes what comes out."""
    name, changes = call.name, call.name in _IN_PLACE
    given = [value for word, value in call.given.items() if word not in _ASIDE]
    found = [each for each in leaves(given) if each is not None]
    if name in _REVERSED or changes:
        found, name = (found if changes else found[::-1]), name[1:]
    tensors = [each for each in found if isinstance(each, (Wire, Weight))]
    if not tensors:
        return calculated("floordiv" if call["rounding_mode"] else name, found)
    if not all(isinstance(each, (Wire, Weight, Number, Dim, Ratio)) for each in found):
        raise Unclear
    name = _NAMES.get(name, name)
    axes = max(
        (len(call.nodes.shapes[x.at] or ()) for x in tensors if isinstance(x, Wire)), default=0
    )
    meeting = [each for each in tensors if not _changes_no_size(each, axes)] or tensors
    if len(meeting) == 1:
        return call.make(Pointwise(name), call.tensor(meeting[0]))
    if call.last and len({len(call.shape_of(each)) for each in meeting}) > 1:
        call.plain()  # they meet at their last axes
    changes = (changes or call.changes) and meeting[0] is tensors[0]
    return call.make(Elementwise(name, changes), *map(call.tensor, meeting))


def _changes_no_size(value: Any, axes: int) -> bool:
    """Tell whether a weight is a number, of no more axes than what it meets."""
    if not isinstance(value, Weight) or value.shape is None:
        return False
    known = value.elements is not None or not value.parameters
    return known and prod(value.shape, start=Dim(1)) == Dim(1) and len(value.shape) <= axes


def _where(call: Call) -> Any:
    if call["input"] is None:
        raise Unclear  # as many places as there are
    return meet(call)


def _loss(call: Call) -> Wire:
    """Read a loss: of every element, or one number of all."""
    both = [call.tensor(call[name]) for name in ("input", "target")]
    each = call.make(Elementwise(call.name), *both)
    return each if call["reduction"] == "none" else call.make(Reduce(call.name, None, False), each)


def _parts(call: Call) -> list[Wire]:
    if not listed(call["input"]):
        raise Unclear
    return [call.tensor(each) for each in call["input"]]


def _concat(call: Call) -> Wire:
    parts = _parts(call)
    if len(parts) > 1:  # PyTorch leaves out vectors without elements
        parts = [x for x in parts if call.nodes.shapes[x.at] != (Dim(0),)] or parts[:1]
    shape = call.nodes.shapes[parts[0].at] if parts else None
    if shape is None and call.last:
        return call.make(Concat(1 if call["axis"] == -1 else call.number("axis")), *parts)
    return call.make(Concat(call.axis(), call.name == "Concat"), *parts)


def _stack(call: Call) -> Wire:
    call.plain()
    axis = call.number("axis")
    parts = [call.make(Unsqueeze((axis,)), part) for part in _parts(call)]
    return call.make(Concat(axis), *parts)


def _beside(call: Call) -> Wire:
    """Read hstack and its kin: tensors of few axes get more, and stand behind each other."""
    parts, found = _parts(call), list[Wire]()
    axes: tuple[int, ...]
    ranks = [len(call.shape_of(part)) for part in parts]
    vectors = max(ranks) < 2
    kind = call.name
    for part, rank in zip(parts, ranks, strict=True):
        if kind == "hstack":
            axes = () if rank else (0,)
        elif kind == "column_stack":
            axes = () if rank > 1 else (-1, -2)[: 2 - rank]
        else:
            least = 3 if kind == "dstack" else 2
            axes = (tuple(range(least)), (0, 2)[: least - 1], (2,)[: least - 2], ())[min(rank, 3)]
        found.append(call.make(Unsqueeze(axes), part) if axes else part)
    axis = {"hstack": 0 if vectors else 1, "column_stack": 1, "dstack": 2}.get(kind, 0)
    return call.make(Concat(axis), *found)


def _similarity(call: Call) -> Wire:
    both = call.make(Elementwise(call.name), call.x, call.tensor(call["other"]))
    return call.make(Reduce(call.name, (call.number("axis"),), call.flag("keepdims")), both)


ROWS = (
    TensorFunction(
        meet,
        function="""
        add sub mul div truediv floordiv mod pow true_divide floor_divide subtract multiply divide
        maximum minimum average eq ne lt gt le ge logical_and logical_or logical_xor and or xor not
        lshift rshift bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift
        radd rsub rmul rdiv rtruediv rfloordiv rmod rpow rand ror iadd isub imul idiv itruediv
        ifloordiv ipow iand ior ixor equal greater less greater_equal less_equal not_equal fmod
        remainder fmax fmin atan2 arctan2 hypot copysign heaviside nextafter xlogy logaddexp
        logaddexp2 gcd lcm ldexp float_power isclose polar complex clamp clip clamp_min clamp_max
        lerp addcmul addcdiv masked_fill masked_scatter copy cross linalg_cross
            (input, other=None, *more)
        """,
        layer="Add Average Maximum Minimum Multiply Subtract()(inputs, *more)",
        op="""
        add average divide maximum minimum multiply subtract true_divide floor_divide mod equal
        greater less(x1, x2)
        """,
        onnx="""
        Add And BitShift BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less
        LessOrEqual Max Mean Min Mod Mul Or Pow Sub Sum Where Xor()(*inputs)
        """,
    ),
    TensorFunction(_where, function="where(condition, input=None, other=None)"),
    TensorFunction(
        _loss,
        function="""
        mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy kl_div
        binary_cross_entropy_with_logits(input, target, reduction='mean')
        """,
    ),
    TensorFunction(
        _concat,
        module="Concat(dim=1)(tensors)",
        function="cat concat concatenate(tensors, dim=0)",
        layer="Concatenate(axis=-1)(inputs)",
        op="concatenate(tensors, axis=-1); concat(tensors, axis)",
        onnx="Concat(axis=1)(*tensors)",
    ),
    TensorFunction(_stack, function="stack(tensors, dim=0)"),
    TensorFunction(_beside, function="hstack vstack dstack column_stack row_stack(tensors)"),
    TensorFunction(
        _similarity,
        module="""
        CosineSimilarity(dim=1, eps=1e-08, keepdims=False)(x1, x2);
        PairwiseDistance(p=2.0, eps=1e-06, keepdim=False, axis=-1)(x1, x2)
        """,
        function="""
        cosine_similarity(x1, x2, dim=1, eps=1e-08, keepdims=False);
        pairwise_distance(x1, x2, p=2.0, eps=1e-06, keepdim=False, axis=-1)
        """,
    ),
)
