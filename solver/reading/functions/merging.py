"""Functions in which tensors meet: element by element, behind each other, as matrices."""

from __future__ import annotations

from typing import Any

from solver.network.graph.dim import Dim
from solver.network.graph.merging import Concat, Einsum, Elementwise
from solver.network.graph.operation import Pointwise
from solver.network.graph.shaping import Linear, MatMul, Reduce, Unsqueeze
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Call, Unclear, Weight, Wire, leaves, listed
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.sizes import calculated

#: What operators and methods are called in a network.
_NAMES = {"mul": "multiply", "sub": "subtract", "div": "divide", "truediv": "divide"}
_NAMES |= {"max": "maximum", "min": "minimum", "truedivide": "divide"}
_IN_PLACE = {"iadd": "add", "isub": "sub", "imul": "mul"}


def meet(call: Call) -> Any:
    """What tensors give element by element; of plain numbers and sizes what comes out."""
    values = [each for name in ("input", "other", "more") for each in leaves(call.given.get(name))]
    values = [each for each in values if each is not None]
    tensors = [each for each in values if isinstance(each, (Wire, Weight))]
    name = _IN_PLACE.get(call.name, call.name)
    if not tensors:
        return calculated(name, values)
    if not all(isinstance(each, (Wire, Weight, int, float, Dim, Ratio)) for each in values):
        raise Unclear
    name = _NAMES.get(name, name)
    axes = max(
        (len(call.nodes.shapes[x.at] or ()) for x in tensors if isinstance(x, Wire)), default=0
    )
    meeting = [each for each in tensors if not _changes_no_size(each, axes)] or tensors
    if len(meeting) == 1:
        return call.make(Pointwise(name), call.tensor(meeting[0]))
    if call.last and len({len(call.shape_of(each)) for each in meeting}) > 1:
        raise Unclear  # others meet at their last axes
    return call.make(Elementwise(name), *map(call.tensor, meeting))


def _changes_no_size(value: Any, axes: int) -> bool:
    """Tell whether a weight is a number, of no more axes than what it meets, or is not told."""
    if not isinstance(value, Weight) or value.shape is None:
        return isinstance(value, Weight)
    return value.elements is not None and len(value.elements) == 1 and len(value.shape) <= axes


def _where(call: Call) -> Wire:
    found = [each for each in leaves(call.given) if isinstance(each, (Wire, Weight))]
    return call.make(Elementwise("where"), *map(call.tensor, found))


def _parts(call: Call) -> list[Wire]:
    if not listed(call["input"]):
        raise Unclear
    return [call.tensor(each) for each in call["input"]]


def _concat(call: Call) -> Wire:
    parts = _parts(call)
    shape = call.nodes.shapes[parts[0].at] if parts else None
    if shape is None and call.last:
        return call.make(Concat(1 if call["axis"] == -1 else call.number("axis")), *parts)
    return call.make(Concat(call.axis()), *parts)


def _stack(call: Call) -> Wire:
    call.plain()
    axis = call.number("axis")
    parts = [call.make(Unsqueeze((axis,)), part) for part in _parts(call)]
    return call.make(Concat(axis), *parts)


def _matmul(call: Call) -> Wire:
    call.plain()
    return call.make(MatMul(), call.tensor(call["input"]), call.tensor(call["other"]))


def _matmul_weights(call: Call) -> Wire:
    """Read a product with a matrix of its own, where it is one."""
    other = call["other"]
    if not isinstance(other, Weight) or other.shape is None or len(other.shape) != 2:
        return _matmul(call)
    before, after = call.numbers_of(other)
    return call.make(Linear(after, before, bias=False))


def _einsum(call: Call) -> Wire:
    equation = call["equation"]
    if not isinstance(equation, str) or "." in equation:
        raise Unclear
    return call.make(Einsum(equation), *map(call.tensor, leaves(call["operands"])))


def _similarity(call: Call) -> Wire:
    both = call.make(Elementwise(call.name), call.x, call.tensor(call["other"]))
    return call.make(Reduce(call.name, (call.number("axis"),), call.flag("keepdims")), both)


ROWS = (
    TensorFunction(
        meet,
        function="""
        add sub mul div truediv floordiv mod pow true_divide floor_divide subtract multiply divide
        maximum minimum average eq ne lt gt le ge iadd isub imul logical_and logical_or and or xor
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
        _concat,
        module="Concat(dim=1)(tensors)",
        function="cat concat concatenate(tensors, dim=0)",
        layer="Concatenate(axis=-1)(inputs)",
        op="concatenate(tensors, axis=-1); concat(tensors, axis)",
        onnx="Concat(axis=1)(*tensors)",
    ),
    TensorFunction(_stack, function="stack(tensors, dim=0)"),
    TensorFunction(_matmul, function="matmul bmm mm(input, other)"),
    TensorFunction(
        _matmul_weights,
        onnx="""
        MatMul MatMulInteger()(input, other);
        QLinearMatMul()(input, input_scale, input_zero_point, other)
        """,
    ),
    TensorFunction(
        _einsum,
        function="einsum(equation, *operands)",
        onnx="Einsum(equation)(*operands)",
    ),
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
