"""Functions that go through a sequence step by step: LSTM, GRU, RNN, their cells and operators."""

from __future__ import annotations

from typing import Any

from solver.errors import SolverError
from solver.frameworks import layer
from solver.network.graph.computed import Become, Begun, ConvRecur, Recur
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Apply, Shape
from solver.network.graph.shaping import Flatten, Linear, Permute, Reduce, Squeeze, Unflatten
from solver.network.graph.slicing import Slice
from solver.reading.functions.call import Call, Unclear, Weight, Wire, listed
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.signature import known
from solver.sizes.domain import whole_number

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
    return _over_time(call, recur, deep * sides, (wide, hidden))


def _over_time(call: Call, recur: Recur, deep: int, widths: tuple[int, int]) -> Any:
    """What comes out over time, and the states of so many layers and directions."""
    shape = call.nodes.shapes[call.x.at]
    found = call.make(recur)
    if shape is None:
        return found, None
    batch = shape[:-1][0 if call["batch_first"] else 1 :][:1] if len(shape) > 2 else ()
    states = [
        call.nodes.beside(Become(f"{recur.name} state", (Dim(deep), *batch, Dim(width))))
        for width in (widths if recur.name == "lstm" else widths[:1])
    ]
    return found, tuple(states) if recur.name == "lstm" else states[0]


def _recurrent_of(call: Call) -> Any:
    """Read a recurrent function, whose weights and states are given."""
    weights, name = call["params"], call.name.partition("_")[0]
    if not listed(weights) or listed(call["state"]) != (name == "lstm"):
        raise Unclear
    sides = 1 + bool(call["bidirectional"])
    _, of = call.numbers_of(weights[0])
    states = call["state"] if name == "lstm" else (call["state"],)
    wide, hidden = (call.numbers_of(each)[-1] for each in (states[0], states[-1]))
    held = sum(each.parameters for each in weights if isinstance(each, Weight))
    recur = Recur(name, wide * sides, of, parameters=held)
    found, made = _over_time(call, recur, call.number("num_layers") * sides, (wide, hidden))
    return (found, *made) if name == "lstm" else (found, made)


def _cell(call: Call) -> Any:
    """Read a cell: one step, whose states come out."""
    if call.rank > 2:
        rule = f"{call.name} takes a row of features, or a batch of them: 1 or 2 axes"
        raise SolverError(rule, f"{call.rank} axes")
    name = call.name.removesuffix("cell")
    of, hidden = call.number("input_size"), call.number("hidden_size")
    held = _GATES[name] * hidden * (of + hidden + 2 * call.flag("bias"))
    found = call.make(Linear(hidden, of, parameters=held))
    return (found, found) if name == "lstm" else found


def _cell_of(call: Call) -> Any:
    name = call.name.partition("_")[0]
    rows, of = call.numbers_of(call["w_ih"])
    held = call.learned("w_ih", "w_hh", "b_ih", "b_hh")
    found = call.make(Linear(rows // _GATES[name], of, parameters=held))
    return (found, found) if name == "lstm" else found


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


def _timed(call: Call) -> Any:
    """Read TimeDistributed of Keras: a layer on each step, which are the first axis behind it."""
    inner, rank = call["layer"], call.rank
    if inner is None or not call.last:
        raise Unclear
    if rank == 3 and inner.layer is None:
        return inner.of(call.nodes, [call.x], {}, True).run()
    steps = call.make(Permute((0, 2, 1, *range(3, rank))))
    back = (0, 2, 1)
    if inner.layer is None and inner.name == "flatten":
        found = call.make(Flatten(2), steps)
    elif inner.layer is None:
        raise Unclear
    elif inner.layer.row.kind.reduces:
        keep = bool(inner.layer.arguments.get("keepdims", False))
        found = call.make(Reduce("pool", tuple(range(3, rank)), keep), steps)
        back = (0, 2, 1, *range(3, rank)) if keep else back
    else:
        found = call.make(Apply(inner.layer, rank - 3), steps)
        back = (0, 2, 1, *range(3, rank))
    return call.make(Permute(back), found)


def _convolved(call: Call) -> Any:
    """Read ConvLSTM of Keras: its steps are the first axis behind the channels, here as there."""
    axes = int(call.name[-2])
    if not call.last or axes > 2 or call["return_state"]:
        raise Unclear
    words = {"filters": call.number(known("filters")), "padding": call[known("padding")]}
    for name in ("kernel_size", "strides", "dilation_rate"):
        numbers = call.numbers(known(name))
        words[name] = (1, *(numbers * axes if len(numbers) == 1 else numbers))
    steps = Apply(layer("keras", f"Conv{axes + 1}D", **words))
    found = call.make(ConvRecur(steps))
    if call["return_sequences"]:
        return found
    return call.make(Squeeze((2,)), call.make(Slice(2, -1, None), found))


def _recurrent_node(call: Call) -> tuple[Wire, ...]:
    """Read LSTM, GRU and RNN of ONNX: what comes out over time, and the states behind it."""
    name, (sides, rows, of) = call.name.lower(), call.numbers_of(call["W"])
    if name not in _GATES:  # with weights that are turned round
        name, rows, of = "lstm", of, rows
    hidden, shape = rows // _GATES[name], call.shape
    if len(shape) != 3:
        raise SolverError("a sequence has steps, batch and features", f"{len(shape)} axes")
    one, other, _ = shape
    held = call.learned("W", "R", "B")
    batch = one if call["layout"] else other
    state = (batch, Dim(sides), Dim(hidden)) if call["layout"] else (Dim(sides), batch, Dim(hidden))
    found = call.make(Recur(name, sides * hidden, of, parameters=held))
    found = _begun(call, found, state)
    found = call.make(Unflatten(2, (sides, hidden)), found)
    if not call["layout"]:
        found = call.make(Permute((0, 2, 1, 3)), found)
    states = call.make(Become(f"{name} state", state))
    return found, states, states


def _begun(call: Call, found: Wire, state: Shape) -> Wire:
    """What begins with states, which must have the shape of the states that come out."""
    for name in ("initial_h", "initial_c"):
        if isinstance(call[name], Wire):
            found = call.make(Begun(state), found, call[name])
    return found


ROWS = (
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
        _recurrent_of,
        function="""
        lstm gru rnn_tanh rnn_relu(input, state, params, has_biases, num_layers, dropout, train,
            bidirectional, batch_first)
        """,
    ),
    TensorFunction(
        _cell,
        module="""
        LSTMCell GRUCell(input_size, hidden_size, bias=True);
        RNNCell(input_size, hidden_size, bias=True, nonlinearity='tanh')
        """,
    ),
    TensorFunction(
        _cell_of,
        function="""
        lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell(input, state, w_ih, w_hh, b_ih, b_hh)
        """,
    ),
    TensorFunction(
        _keras_recurrent,
        layer="""
        LSTM GRU SimpleRNN(units, activation='tanh', use_bias=True, return_sequences=False,
            return_state=False)
        """,
    ),
    TensorFunction(
        _convolved,
        layer="""
        ConvLSTM1D ConvLSTM2D(filters, kernel_size, strides=1, padding='valid', data_format=None,
            dilation_rate=1, activation='tanh', return_sequences=False, return_state=False)
        """,
    ),
    TensorFunction(
        _recurrent_node,
        onnx="""
        LSTM GRU RNN()(input, W, R, B=None, lengths=None, initial_h=None, initial_c=None);
        DynamicQuantizeLSTM()(input, W, R, B=None, lengths=None, initial_h=None, initial_c=None)
        """,
    ),
    TensorFunction(_timed, layer="TimeDistributed(layer)"),
    TensorFunction(_both_ways, layer="Bidirectional(forward_layer, merge_mode='concat')"),
)
