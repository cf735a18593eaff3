"""The ONNX operators on tensors: what each does to shapes. One rule per row, by operator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from solver.network.graph import computed, merging, shaping
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Pointwise
from solver.network.graph.values import whole
from solver.reading.onnx import moves as onnx_moves
from solver.reading.onnx import windows as onnx_windows
from solver.reading.onnx.arithmetic import listed
from solver.reading.onnx.graph import Made, OnnxNode

_DOMAINS = ("", "ai.onnx", "com.microsoft", "ai.onnx.contrib")

#: What changes values and no size of its first input; the weights it has per channel.
_POINTWISE = """
Abs Acos Acosh Asin Asinh Atan Atanh Bernoulli BiasGelu BitwiseNot Cast CastLike Ceil Celu Clip Cos
Cosh CumProd CumSum DequantizeLinear Dropout Elu Erf Exp FastGelu Floor Gelu HardSigmoid HardSwish
Hardmax Identity IsInf IsNaN LRN LeakyRelu Log LogSoftmax LpNormalization MeanVarianceNormalization
Mish Neg Not QuantizeLinear QuickGelu RandomNormalLike RandomUniformLike Reciprocal Relu Round
ReverseSequence RotaryEmbedding Scatter ScatterElements ScatterND Selu Shrink Sigmoid Sign Sin Sinh
Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Trilu
"""
_NORMS = "BatchNormalization InstanceNormalization GroupNormalization LayerNormalization "
_NORMS += "RMSNormalization SimplifiedLayerNormalization"
_MEET = """
Add And BitShift BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual
Max Mean Min Mod Mul Or Pow Sub Sum Where Xor
"""
_REDUCE = "L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare"


def read_node(given: OnnxNode) -> list[Made]:
    """Return what a node makes, for each of its outputs. Raises SolverError for a faulty one."""
    rule = RULES.get(given.op) if given.domain in _DOMAINS else None
    if rule is None:
        return given.unknown()
    found = rule(given)
    return found if isinstance(found, list) else [found, *given.unknown()[1:]]


def _pointwise(weights: int, given: OnnxNode) -> list[Made]:
    held = given.learned(*range(1, 1 + weights))
    made = Made(Pointwise(given.op, parameters=held))
    # What comes out beside it: a mask of the same shape; the statistics of a normalization not.
    return [made] + (given.unknown()[1:] if weights else [made] * (len(given.outputs) - 1))


def _meet(given: OnnxNode) -> Made:
    reads = tuple(i for i in range(len(given.inputs)) if given.has(i))
    moving = [i for i in reads if not (given.constant(i) and _lone(given, i))]
    if len(moving) == 1 and len(reads) > 1:  # a scalar changes no size
        return Made(Pointwise(given.op), (moving[0],))
    return Made(merging.Elementwise(given.op), reads)


def _lone(given: OnnxNode, place: int) -> bool:
    """Tell whether a constant has one element, and no more axes than what it meets."""
    numbers = given.numbers(place)
    ranks = [given.shape(i) for i in range(len(given.inputs)) if i != place and given.has(i)]
    most = max((len(shape) for shape in ranks if shape is not None), default=0)
    return numbers is not None and all(n == 1 for n in numbers) and len(numbers) <= most


def _concat(given: OnnxNode) -> Made:
    axis = given.attribute("axis", 1)
    return Made(merging.Concat(axis), tuple(range(len(given.inputs))))


def _matmul(given: OnnxNode, place: int = 1) -> Made:
    weights = given.numbers(place)
    if weights is not None and len(weights) == 2 and given.constant(place):
        return Made(shaping.Linear(weights[1], weights[0], bias=False))
    return Made(shaping.MatMul(), (0, place))


def _gemm(given: OnnxNode) -> list[Made]:
    weights = given.numbers(1)
    if weights is None or len(weights) != 2:
        return given.unknown()
    before, after = reversed(weights) if given.attribute("transB", 0) else weights
    linear = shaping.Linear(after, before, given.has(2))
    if not given.attribute("transA", 0):
        return [Made(linear)]
    shape = given.shape()
    if shape is None or len(shape) != 2:
        return given.unknown()
    return [Made(computed.Become("gemm", (shape[1], Dim(after))))]


def _reduce(given: OnnxNode) -> list[Made]:
    axes, shape = listed(given, "axes", 1), given.shape()
    keep = bool(given.attribute("keepdims", 1))
    if axes is None and given.has(1):
        return given.unknown()
    if not axes:
        axes = None
        if given.attribute("noop_with_empty_axes", 0):
            return [Made(Pointwise(given.op))]
    if axes and shape is not None and len(shape) > 2:
        every = sorted(axis % len(shape) for axis in axes)
        if every == list(range(2, len(shape))):
            return [Made(shaping.GlobalPool(keep))]
    return [Made(shaping.Reduce(given.op, None if axes is None else tuple(axes), keep))]


def _arg(given: OnnxNode) -> Made:
    keep = bool(given.attribute("keepdims", 1))
    return Made(shaping.Reduce(given.op, (given.attribute("axis", 0),), keep))


def _top(given: OnnxNode) -> list[Made]:
    shape, axis = given.shape(), given.attribute("axis", -1)
    count = listed(given, "k", 1)
    if shape is None or not count or not -len(shape) <= axis < len(shape):
        return given.unknown()
    to = list(shape)
    to[axis] = Dim(count[0])
    return [Made(computed.Become("topk", tuple(to)))] * len(given.outputs)


def _recurrent(given: OnnxNode) -> list[Made]:
    """Read LSTM, GRU and RNN: Y over time, and the states behind it."""
    shape, weights = given.shape(), given.numbers(1)
    hidden = given.attribute("hidden_size") or (weights and weights[1] // _gates(given))
    if shape is None or len(shape) != 3 or not hidden:
        return given.unknown()
    directions = 2 if given.attribute("direction", "forward") == "bidirectional" else 1
    count, width = Dim(directions), Dim(hidden)
    if given.attribute("layout", 0):
        batch, time, _ = shape
        over, state = (batch, time, count, width), (batch, count, width)
    else:
        time, batch, _ = shape
        over, state = (time, count, batch, width), (count, batch, width)
    name = given.op.lower()
    shapes = (over, state, state)[: len(given.outputs)]
    held = given.learned(1, 2, 3)
    return [Made(computed.Become(name, to, held)) for to in shapes]


def _gates(given: OnnxNode) -> int:
    return {"LSTM": 4, "GRU": 3}.get(given.op, 1)


def _einsum(given: OnnxNode) -> list[Made]:
    equation = given.attribute("equation", "")
    if "." in equation:
        return given.unknown()
    return [Made(merging.Einsum(equation), tuple(range(len(given.inputs))))]


def _attention(given: OnnxNode) -> list[Made]:
    """Read Attention: what comes out is as long as the queries and as wide as the values."""
    query, values = given.shape(0), given.shape(2)
    if query is None or values is None or len(query) != len(values):
        return given.unknown()
    to: tuple[Dim, ...]
    if len(query) == 4:
        to = (*query[:3], values[3])
    else:
        heads, others = (given.attribute(f"{kind}_num_heads") for kind in ("q", "kv"))
        width = values[-1].number
        if not heads or not others or width is None:
            return given.unknown()
        to = (*query[:2], Dim(width // others * heads))
    return [Made(computed.Become("attention", to), (0, 1, 2)), *given.unknown()[1:]]


def _one_hot(given: OnnxNode) -> list[Made]:
    shape, depth = given.shape(), whole(given.value(1))
    axis = given.attribute("axis", -1)
    if shape is None or not depth:
        return given.unknown()
    to = list(shape)
    to.insert(axis if axis >= 0 else len(to) + 1 + axis, Dim(depth[0]))
    return [Made(computed.Become("onehot", tuple(to)))]


def _grid_sample(given: OnnxNode) -> list[Made]:
    shape, grid = given.shape(), given.shape(1)
    if shape is None or grid is None:
        return given.unknown()
    return [Made(computed.Become("gridsample", (*shape[:2], *grid[1:-1])), (0, 1))]


RULES: dict[str, Callable[[OnnxNode], Made | list[Made]]] = {
    **dict.fromkeys(_POINTWISE.split(), partial(_pointwise, 0)),
    **dict.fromkeys(_NORMS.split(), partial(_pointwise, 2)),
    "PRelu": partial(_pointwise, 1),
    **dict.fromkeys(_MEET.split(), _meet),
    **{f"Reduce{name}": _reduce for name in _REDUCE.split()},
    **onnx_windows.RULES,
    **onnx_moves.RULES,
    "ArgMax": _arg,
    "ArgMin": _arg,
    "Attention": _attention,
    "Concat": _concat,
    "Einsum": _einsum,
    "GRU": _recurrent,
    "Gemm": _gemm,
    "GridSample": _grid_sample,
    "LSTM": _recurrent,
    "MatMul": _matmul,
    "MatMulInteger": _matmul,
    "OneHot": _one_hot,
    "QLinearMatMul": lambda given: _matmul(given, 3),
    "RNN": _recurrent,
    "TopK": _top,
}
