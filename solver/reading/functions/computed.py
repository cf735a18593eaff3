"""Functions with weights, or whose result has a shape of its own: linear, recurrent, attention."""

from __future__ import annotations

from typing import Any

from solver.network.graph.computed import Become, Recur
from solver.network.graph.dim import Dim
from solver.network.graph.shaping import Linear, Permute, Unflatten
from solver.reading.functions.call import Call, Unclear, Wire
from solver.reading.functions.row import TensorFunction
from solver.sizes.domain import whole_number


def _linear(call: Call) -> Wire:
    features = whole_number(call.number("out_features"), "out_features", 1)
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
    after, before = (dim.number for dim in call.shape_of(call["weight"]))
    if after is None:
        raise Unclear
    return call.make(Linear(after, before, call["bias"] is not None))


def _gemm(call: Call) -> Wire:
    """Read Gemm of ONNX: linear, with matrices that may be transposed."""
    before, after = call.numbers_of(call["weight"])
    if call["transB"]:
        before, after = after, before
    if not call["transA"]:
        return call.make(Linear(after, before, call["bias"] is not None))
    _, rows = call.shape
    return call.make(Become("gemm", (rows, Dim(after))))


# Recurrent

_GATES = {"lstm": 4, "gru": 3, "rnn": 1}


def _recurrent(call: Call) -> Any:
    """Read LSTM, GRU and RNN of PyTorch: what comes out over time, and the states."""
    gates = _GATES[call.name]
    of = whole_number(call.number("input_size"), "input_size", 1)
    hidden = whole_number(call.number("hidden_size"), "hidden_size", 1)
    deep, sides = call.number("num_layers"), 1 + call.flag("bidirectional")
    projected = call.number("proj_size")
    wide, biases = projected or hidden, 2 * call.flag("bias")
    widths = [of, *[wide * sides] * (deep - 1)]
    held = sum(gates * hidden * (width + wide + biases) + projected * hidden for width in widths)
    recur = Recur(call.name, wide * sides, of, parameters=sides * held)
    shape = call.nodes.shapes[call.x.at]
    found = call.make(recur)
    if shape is None:
        return found, None
    batch = shape[:-1][0 if call["batch_first"] else 1 :][:1] if len(shape) > 2 else ()
    states = [
        call.nodes.beside(Become(f"{call.name} state", (Dim(deep * sides), *batch, Dim(width))))
        for width in ((wide, hidden) if call.name == "lstm" else (wide,))
    ]
    return found, tuple(states) if call.name == "lstm" else states[0]


def _keras_recur(call: Call) -> Recur:
    """A recurrent layer of Keras, along the channels."""
    name = call.name
    if call.flag("return_state"):
        raise Unclear
    units = whole_number(call.number("out_features"), "units", 1)
    biases = (2 if name == "gru" else 1) * call.flag("use_bias")
    axis, keep = (1 if call.last else -1), call.flag("return_sequences")
    gates, held = (_GATES[name.removeprefix("simple")], biases, 1), call.held or 0
    return Recur(call.name, units, None, axis, keep, held, gates)


def _keras_recurrent(call: Call) -> Wire:
    return call.make(_keras_recur(call))


def _both_ways(call: Call) -> Wire:
    """Read Bidirectional of Keras: one layer forwards, and one like it backwards."""
    inner, merged = call["forward_layer"], call["merge_mode"]
    if inner is None or inner.function.rule is not _keras_recurrent or merged is None:
        raise Unclear
    recur = _keras_recur(inner.of(call.nodes, (), {}, call.last))
    gates, biases, _ = recur.gates
    wide = recur.features * (2 if merged == "concat" else 1)
    sides = 2 if merged == "concat" else 1
    held, counted = call.held or 0, (gates, biases, sides)
    return call.make(recur.replaced(features=wide, parameters=held, gates=counted))


def _recurrent_node(call: Call) -> tuple[Wire, ...]:
    """Read LSTM, GRU and RNN of ONNX: what comes out over time, and the states behind it."""
    name, (sides, rows, of) = call.name.lower(), call.numbers_of(call["W"])
    hidden = rows // _GATES[name]
    one, other, _ = call.shape
    held = call.learned("W", "R", "B")
    found = call.make(Recur(name, sides * hidden, of, parameters=held))
    found = call.make(Unflatten(2, (sides, hidden)), found)
    if call["layout"]:
        state = (one, Dim(sides), Dim(hidden))
    else:
        found = call.make(Permute((0, 2, 1, 3)), found)
        state = (Dim(sides), other, Dim(hidden))
    states = call.make(Become(f"{name} state", state))
    return found, states, states


# Attention


def _attention(call: Call) -> tuple[Wire, None]:
    """Read MultiheadAttention: what comes out is as the queries are."""
    width = call.number("embed_dim")
    keys, values = call["kdim"] or width, call["vdim"] or width
    biases = 4 * width if call["bias"] is True else 0
    held = width * (2 * width + keys + values) + biases
    parameters = held if call.held is None else call.held
    wires = [each for each in (call.x, call["key"], call["value"]) if isinstance(each, Wire)]
    reads = list(dict.fromkeys(wires))
    return call.make(Become("attention", call.shape, parameters), *reads), None


def _keras_attention(call: Call) -> Wire:
    heads, width = call.number("num_heads"), call.number("key_dim")
    deep = width if call["value_dim"] is None else call.number("value_dim")
    shape = call.shape
    own = (shape[1] if call.last and len(shape) > 2 else shape[-1]).number
    if own is None:
        raise Unclear
    biases = (2 * heads * width + heads * deep + own) if call.flag("use_bias") else 0
    held = own * heads * (2 * width + 2 * deep) + biases
    return call.make(Become("attention", shape, held if call.held is None else call.held))


def _dot_product(call: Call) -> Wire:
    """Read attention without weights: as long as the queries, and as wide as the values.

    ONNX may have the heads behind each other, of which the keys and values may have fewer.
    """
    query, value = call.x, call.tensor(call["value"])
    shape = call.shape_of(value)
    wide = shape[-1]
    if len(shape) != call.rank:
        raise Unclear
    if call["q_num_heads"] and len(shape) == 3:
        each, rest = divmod(wide.number or 0, call.number("kv_num_heads"))
        if not each or rest:
            raise Unclear
        wide = Dim(each * call.number("q_num_heads"))
    to = (*call.shape[:-1], wide)
    return call.make(Become("attention", to), query, call.tensor(call["key"]), value)


def _transformer(call: Call) -> Wire:
    """Read a layer of an encoder, or several: what comes out is as what goes in."""
    held = call.held
    if held is None:
        width, inner = call.number("d_model"), call.number("dim_feedforward")
        held = 4 * width * width + 2 * width * inner + 9 * width + inner
    return call.make(Become(call.name, call.shape, held))


# Shapes of their own


def _new(call: Call) -> Wire:
    return call.new(Become(call.name, call.dims("size")))


def _arange(call: Call) -> Wire:
    ends = call.dims("ends")
    if len(ends) == 3 and ends[2].number == 1:
        ends = ends[:2]
    if not 1 <= len(ends) <= 2:
        raise Unclear
    count = ends[0] if len(ends) == 1 else ends[1] + ends[0] * -1
    return call.new(Become("arange", (count,)))


def _one_hot(call: Call) -> Wire:
    to, axis = list(call.shape), call.number("axis")
    to.insert(axis if axis >= 0 else len(to) + 1 + axis, Dim(call.number("depth")))
    return call.make(Become("onehot", tuple(to)))


def _grid_sample(call: Call) -> Wire:
    call.plain()
    grid = call.tensor(call["grid"])
    to = (*call.shape[:2], *call.shape_of(grid)[1:-1])
    return call.make(Become("gridsample", to), call.x, grid)


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
    *LINEAR,
    TensorFunction(_linear_of, function="linear(input, weight, bias=None)"),
    TensorFunction(_gemm, onnx="Gemm(transA=0, transB=0)(input, weight, bias=None)"),
    TensorFunction(
        _recurrent,
        module="""
        LSTM GRU(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
            bidirectional=False, proj_size=0);
        RNN(input_size, hidden_size, num_layers=1, nonlinearity='tanh', bias=True,
            batch_first=False, dropout=0.0, bidirectional=False, proj_size=0)
        """,
    ),
    TensorFunction(
        _keras_recurrent,
        layer="""
        LSTM GRU SimpleRNN(units, activation='tanh', use_bias=True, return_sequences=False,
            return_state=False)
        """,
    ),
    TensorFunction(_recurrent_node, onnx="LSTM GRU RNN()(input, W, R, B=None)"),
    TensorFunction(_both_ways, layer="Bidirectional(forward_layer, merge_mode='concat')"),
    TensorFunction(
        _attention,
        module="""
        MultiheadAttention(embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False,
            add_zero_attn=False, kdim=None, vdim=None)(query, key=None, value=None)
        """,
    ),
    TensorFunction(
        _keras_attention,
        layer="""
        MultiHeadAttention(num_heads, key_dim, value_dim=None, dropout=0.0, use_bias=True)
            (query, value=None, key=None)
        """,
    ),
    TensorFunction(
        _dot_product,
        function="scaled_dot_product_attention(query, key, value)",
        onnx="Attention(q_num_heads=None, kv_num_heads=None)(query, key, value)",
    ),
    TensorFunction(
        _transformer,
        module="""
        TransformerEncoderLayer(d_model, nhead, dim_feedforward=2048);
        TransformerEncoder(encoder_layer, num_layers)
        """,
    ),
    TensorFunction(_new, function="zeros ones rand randn empty(*size)"),
    TensorFunction(_new, function="new_zeros new_ones(input, *size)"),
    TensorFunction(_new, onnx="ConstantOfShape()(size)"),
    TensorFunction(_arange, function="arange(*ends)", onnx="Range()(*ends)"),
    TensorFunction(_one_hot, onnx="OneHot(axis=-1)(input, depth)"),
    TensorFunction(
        _grid_sample, function="grid_sample(input, grid)", onnx="GridSample()(input, grid)"
    ),
)
