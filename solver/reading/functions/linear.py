"""Functions that multiply by matrices: those they have, those they are given, those of others."""

from __future__ import annotations

from solver.errors import SolverError
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.merging import Einsum, Elementwise
from solver.network.graph.shaping import Linear, MatMul, Permute, Squeeze, Unsqueeze
from solver.reading.functions.call import Call, Unclear, Weight, Wire, leaves, several
from solver.reading.functions.row import TensorFunction
from solver.sizes.domain import whole_number
from solver.sizes.width import is_int

#: Products that take so many axes.
_RANKS = {"mm": 2, "bmm": 3, "dot": 1, "vdot": 1}


def _linear(call: Call) -> Wire:
    features = whole_number(call.number("out_features"), "out_features", 1)
    if call["in_features"] is ...:
        shape = call.nodes.shapes[call.x.at]
        comes = f", and {shape[-1]} come in" if shape else ""
        known = shape[-1].number if shape else None
        right = f"nn.LazyLinear({features}), which takes what comes in"
        right = right if known is None else f"nn.Linear({known}, {features})"
        raise SolverError("Linear: in_features follow from the input", f"...{comes}", right)
    before = None if call["in_features"] is None else call.number("in_features")
    return call.make(Linear(features, before, call["bias"] is True))


def _dense(call: Call) -> Wire:
    """Read Dense: along the channels, which are the last axis of Keras."""
    features = whole_number(call.number("out_features"), "units", 1)
    linear = Linear(features, call["in_features"], call["use_bias"] is True)
    shape = call.nodes.shapes[call.x.at]
    if shape is None or len(shape) < 3 or not call.last:
        return call.make(linear)
    rank = len(shape)
    there = Permute((0, *range(2, rank), 1))
    back = Permute((0, rank - 1, *range(1, rank - 1)))
    return call.make(back, call.make(linear, call.make(there)))


def _linear_of(call: Call) -> Wire:
    """Read linear with weights of its own."""
    *more, before = (dim.number for dim in call.shape_of(call["weight"]))
    if before is None or None in more or len(more) > 1:
        raise Unclear
    held = call.learned("weight", "bias")
    if more:
        return call.make(Linear(more[0] or 0, before, call["bias"] is not None, held))
    return call.make(Squeeze((-1,)), call.make(Linear(1, before, False, held)))


def _gemm(call: Call) -> Wire:
    """Read Gemm of ONNX: linear, with matrices that may be transposed."""
    before, after = call.numbers_of(call["weight"])
    if call["transB"]:
        before, after = after, before
    if not call["transA"]:
        return call.make(Linear(after, before, call["bias"] is not None))
    _, rows = call.shape
    return call.make(Become("gemm", (rows, Dim(after))))


def _bilinear(call: Call) -> Wire:
    """Read Bilinear: the features of two tensors, whose other sizes are equal."""
    one, two, after = (call.number(f"{name}_features") for name in ("in1", "in2", "out"))
    held = after * (one * two + (call["bias"] is True))
    return _bilinear_by(call, one, two, after, held)


def _bilinear_of(call: Call) -> Wire:
    after, one, two = call.numbers_of(call["weight"])
    return _bilinear_by(call, one, two, after, call.learned("weight", "bias"))


def _bilinear_by(call: Call, one: int, two: int, after: int, held: int) -> Wire:
    first = call.make(Linear(after, one, False, held), call.tensor(call["input"]))
    second = call.make(Linear(after, two, False, 0), call.tensor(call["other"]))
    return call.make(Elementwise("bilinear"), first, second)


def _matmul(call: Call) -> Wire:
    call.plain()
    one, other = call["input"], call["other"]
    if call.name == "rmatmul":
        one, other = other, one
    ranks = {len(call.shape_of(each)) for each in (one, other)}
    if call.name in _RANKS and ranks != {_RANKS[call.name]}:
        raise SolverError(f"{call.name} takes {_RANKS[call.name]} axes", f"{max(ranks)}")
    return call.make(MatMul(), call.tensor(one), call.tensor(other))


def _matmul_turned(call: Call) -> Wire:
    """Read matmul of TensorFlow, which may transpose either matrix first."""
    call.plain()
    wires = [call.tensor(call["input"]), call.tensor(call["other"])]
    for at, name in enumerate(("transpose_a", "transpose_b")):
        if call.flag(name):
            rank = len(call.shape_of(wires[at]))
            order = (*range(rank - 2), rank - 1, rank - 2)
            wires[at] = call.make(Permute(order), wires[at])
    return call.make(MatMul(), *wires)


def _matmul_weights(call: Call) -> Wire:
    """Read a product with a matrix of its own, where it is one."""
    other = call["other"]
    if not isinstance(other, Weight) or other.shape is None or len(other.shape) != 2:
        return _matmul(call)
    before, after = call.numbers_of(other)
    return call.make(Linear(after, before, bias=False))


def _turned(call: Call) -> Wire:
    """Read FusedMatMul: a product of matrices that may be transposed."""
    if call["transBatchA"] or call["transBatchB"]:
        raise Unclear
    found = list[Wire]()
    for name, turns in (("input", call["transA"]), ("other", call["transB"])):
        x = call.tensor(call[name])
        rank = len(call.shape_of(x))
        order = (*range(rank - 2), rank - 1, rank - 2)
        found.append(call.make(Permute(order), x) if turns else x)
    return call.make(MatMul(), *found)


def _packed(call: Call) -> Wire:
    """Read MatMulNBits: linear, whose weights are packed into few bits."""
    return call.make(Linear(call.number("N"), call.number("K"), bias=False))


def _added(call: Call) -> Wire:
    """Read a product to which a tensor is added, which is repeated to its shape."""
    one, other = call.tensor(call["one"]), call.tensor(call["other"])
    product = call.make(MatMul(), one, other)
    return call.make(Elementwise(call.name), call.tensor(call["input"]), product)


def _outer(call: Call) -> Wire:
    one = call.make(Unsqueeze((1,)), call.tensor(call["input"]))
    return call.make(Elementwise(call.name), one, call.tensor(call["other"]))


def _tensordot(call: Call) -> Wire:
    """Read a product over the axes that both have: as many, or as they are named."""
    one, other = call.tensor(call["input"]), call.tensor(call["other"])
    ranks = len(call.shape_of(one)), len(call.shape_of(other))
    axes = call["axis"]
    if is_int(axes):
        pair = tuple(range(ranks[0] - axes, ranks[0])), tuple(range(axes))
    else:
        first, second = axes
        pair = several(first), several(second)
    letters = [[chr(97 + i) for i in range(ranks[0])], [chr(65 + i) for i in range(ranks[1])]]
    for left, right in zip(*pair, strict=True):
        letters[1][right] = letters[0][left]
    shared = set(letters[0]) & set(letters[1])
    out = [each for side in letters for each in side if each not in shared]
    words = ",".join("".join(side) for side in letters)
    return call.make(Einsum(f"{words}->{''.join(out)}"), one, other)


def _einsum(call: Call) -> Wire:
    equation = call["equation"]
    if not isinstance(equation, str):
        raise Unclear
    parts = [each for each in leaves(call["operands"]) if each is not None]
    return call.make(Einsum(equation), *map(call.tensor, parts))


def _distances(call: Call) -> Wire:
    """Read cdist: from each row of one to each row of the other."""
    one, other = call.tensor(call["input"]), call.tensor(call["other"])
    rank = len(call.shape_of(other))
    order = (*range(rank - 2), rank - 1, rank - 2)
    return call.make(MatMul(), one, call.make(Permute(order), other))


def _kron(call: Call) -> Wire:
    one, other = call.shape_of(call["input"]), call.shape_of(call["other"])
    rank = max(len(one), len(other))
    pairs = (((Dim(1),) * (rank - len(x))) + x for x in (one, other))
    to = tuple(x * y for x, y in zip(*pairs, strict=True))
    return call.make(Become("kron", to), call.tensor(call["input"]), call.tensor(call["other"]))


def _chain(call: Call) -> Wire:
    parts = [call.tensor(each) for each in leaves(call["input"]) if each is not None]
    found = parts[0]
    for part in parts[1:]:
        found = call.make(MatMul(), found, part)
    return found


#: What multiplies the last axis by a matrix of its own.
LINEAR = (
    TensorFunction(
        _linear,
        module="""
        Linear NonDynamicallyQuantizableLinear(in_features, out_features, bias=True);
        LazyLinear(out_features, bias=True)
        """,
    ),
    TensorFunction(
        _dense,
        module="Dense(units, activation=None, use_bias=True)",
        layer="Dense(units, activation=None, use_bias=True)",
    ),
)

ROWS = (
    TensorFunction(
        _matmul_turned, op="tf_matmul(input, other, transpose_a=False, transpose_b=False)"
    ),
    *LINEAR,
    TensorFunction(_linear_of, function="linear(input, weight, bias=None)"),
    TensorFunction(_gemm, onnx="Gemm FusedGemm(transA=0, transB=0)(input, weight, bias=None)"),
    TensorFunction(
        _bilinear,
        module="Bilinear(in1_features, in2_features, out_features, bias=True)(input, other)",
    ),
    TensorFunction(_bilinear_of, function="bilinear(input, other, weight, bias=None)"),
    TensorFunction(
        _matmul,
        function="matmul bmm mm rmatmul mv dot vdot(input, other)",
    ),
    TensorFunction(
        _matmul_weights,
        onnx="""
        MatMul MatMulInteger()(input, other);
        QLinearMatMul()(input, input_scale, input_zero_point, other);
        DynamicQuantizeMatMul MatMulIntegerToFloat()(input, other)
        """,
    ),
    TensorFunction(
        _turned,
        onnx="FusedMatMul(transA=0, transB=0, transBatchA=0, transBatchB=0)(input, other)",
    ),
    TensorFunction(_packed, onnx="MatMulNBits(K, N)(input)"),
    TensorFunction(_added, function="addmm baddbmm addmv(input, one, other)"),
    TensorFunction(_outer, function="outer ger(input, other)"),
    TensorFunction(_tensordot, function="tensordot(input, other, dims=2)"),
    TensorFunction(
        _einsum,
        function="einsum(equation, *operands)",
        onnx="Einsum(equation)(*operands)",
    ),
    TensorFunction(_distances, function="cdist(input, other)"),
    TensorFunction(_kron, function="kron(input, other)"),
    TensorFunction(_chain, function="chain_matmul multi_dot linalg_multi_dot(*tensors)"),
)
