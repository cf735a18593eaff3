"""One list of operations, sent through every reader: alike in sizes, refusals, costs and reads."""

from __future__ import annotations

import importlib.util
import json
import os
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from operations import OPERATIONS, SIZES, Operation

from solver import layer, trace
from solver.errors import SolverError
from solver.frameworks import framework
from solver.network.graph.costs import costs, total
from solver.network.graph.operation import Unknown
from solver.network.network import Network
from solver.reading import read
from solver.reading.functions.signature import names
from solver.reading.functions.table import _OFTEN, _tabled, functions, plain_name

FOLDER = Path(__file__).parents[1] / "data" / "operations"


def lines(name: str) -> dict[tuple[str, str], Any]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return {(row["title"], row["call"]): row for row in map(json.loads, text.splitlines())}


ROWS, EXPORTED = lines("operations.jsonl"), lines("exported.jsonl")
CASES = [pytest.param(each, id=f"{each.title} {each.call}") for each in OPERATIONS]

#: Names in the tables that torch.nn and keras.layers do not have: those of others.
THEIRS = {
    "concat", "dense", "centercrop", "layernorm2d", "frozenbatchnorm2d", "batchnormact2d", "grn",
    "globalresponsenorm", "wav2vec2layernorm", "nondynamicallyquantizablelinear",
    "transformer", "transformerencoder", "transformerdecoderlayer", "pad",
}  # fmt: skip
#: What PyTorch asks of a size and no reader does: no input at which it runs is refused.
UNASKED = {"LazyLinear"}
#: What has no operator in ONNX: windows that depend on the input, channels that are shuffled, one
#: step of a recurrent layer, products of three.
NOT_IN_ONNX = {
    "Bilinear", "LSTMCell", "GRUCell", "RNNCell",
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d", "AdaptiveMaxPool3d", "FractionalMaxPool2d", "ChannelShuffle",
}  # fmt: skip
#: Calls that PyTorch does not export, by how they begin.
NOT_EXPORTED = (
    "self.op(x, output_size=", "F.channel_shuffle", "F.adaptive_max_pool2d", "torch.matmul",
    "F.max_unpool2d",
)  # fmt: skip
#: What PyTorch exports as operators of which less is known of what is read than of a layer.
IN_PARTS = {
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "Unfold",
    "PixelUnshuffle",
    "GroupNorm",
}
#: What asks less than its operators of ONNX: for features, or for PyTorch's own least size.
ASKS_LESS = {
    "LazyLinear", "MultiheadAttention", "TransformerEncoderLayer", "AvgPool3d", "InstanceNorm1d",
    "InstanceNorm2d",
}  # fmt: skip
#: Layers that are made of others, or asked in another way than by one tensor.
ASKED_ELSEWHERE = {"embedding", "repeatvector", "bidirectional", "prelu", "rmsnormalization"}
#: among the programs whose channels are last
ASKED_ELSEWHERE |= {"multiheaddotproductattention", "timedistributed", "randomcrop"}
ASKED_ELSEWHERE |= {"attention", "additiveattention", "convlstm1d", "convlstm2d"}
ASKED_ELSEWHERE |= {"rearrange", "reduce", "repeat"}  # of einops, among the kinds of programs


def row(operation: Operation) -> Any:
    return ROWS[operation.title, operation.call]


def out(network: Network, sizes: tuple[int, ...]) -> list[int] | None:
    try:
        shape = network.at(sizes).shapes[network.outputs[0]]
    except SolverError:
        return None
    return None if shape is None else [dim.number for dim in shape]


def known(network: Network) -> bool:
    return not any(isinstance(node.operation, Unknown) for node in network.nodes)


def facts(network: Network, operation: Operation) -> Any:
    """What readers must agree on: sizes and refusals, costs, what is read."""
    found = [out(network, sizes) for sizes in SIZES[operation.axes]]
    spent = total(costs(network))
    reads = []
    for letter in network.letters:
        try:
            reads.append(repr(network.fields().of(network.outputs[0], letter)))
        except SolverError as fault:
            reads.append(fault.rule)
    return found, spent.parameters, str(spent.macs), reads


def from_text(operation: Operation) -> Network:
    return read(operation.text, axes=operation.axes, channels=operation.channels)


@pytest.mark.parametrize("operation", CASES)
def test_text_is_as_recorded(operation):
    network, recorded = from_text(operation), row(operation)
    assert known(network)
    for sizes, wanted in zip(SIZES[operation.axes], recorded["outs"], strict=True):
        found = out(network, sizes)
        if wanted is None and operation.name in UNASKED:
            continue
        assert found == wanted, sizes
    if operation.name != "LazyLinear":  # of as many features as the input has
        assert total(costs(network)).parameters == recorded["parameters"]


@pytest.mark.parametrize(
    "operation",
    [case for case in CASES if case.values[0].framework == "torch"
     and case.values[0].call == "self.op(x)"],
)  # fmt: skip
def test_printout_is_as_the_text(operation):
    if operation.name in ("FractionalMaxPool2d", "TransformerEncoderLayer"):
        return  # nothing that tells what it does is printed
    network = read(row(operation)["printed"], operation.axes, operation.channels)
    if operation.name in ("Linear", "LazyLinear", "LayerNorm"):  # flattened, moved in front
        return
    assert facts(network, operation) == facts(from_text(operation), operation)


@pytest.mark.parametrize("operation", [c for c in CASES if c.values[0].call == "self.op(x)"])
def test_layer_is_as_the_text(operation):
    table = framework(operation.framework)
    try:
        found, _ = table.find(operation.name)
    except SolverError:
        return
    if found.kind.reduces or found.kind.joins or found.kind.splits:
        return
    made = eval(f"make({operation.arguments})", {"make": maker(operation, found)})
    network = trace(lambda x: made(x), operation.channels, operation.axes)
    assert facts(network, operation) == facts(from_text(operation), operation)


def maker(operation: Operation, found: Any) -> Any:
    def make(*args: Any, **words: Any) -> Any:
        given = dict(zip(found.arguments, args, strict=False)) | words
        return layer(operation.framework, operation.name, **given)

    return make


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
@pytest.mark.parametrize("operation", [c for c in CASES if c.values[0].framework == "torch"])
def test_live_torch_is_as_the_text(operation):
    import torch
    from torch import nn
    from torch.nn import functional

    from solver.reading.live import live

    names: dict[str, Any] = {"torch": torch, "nn": nn, "F": functional}
    exec(operation.text, names)
    model = names["Net"]().eval()
    if operation.name.startswith("Lazy"):
        with pytest.raises(SolverError, match="lazy layers have no weights before they run"):
            live(model, channels=operation.channels, axes=operation.axes)
        return
    network = live(model, channels=operation.channels, axes=operation.axes)
    assert facts(network, operation) == facts(from_text(operation), operation)


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="needs keras")
@pytest.mark.parametrize("operation", [c for c in CASES if c.values[0].framework == "keras"])
def test_live_keras_is_as_the_text(operation):
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras
    from keras import layers

    from solver.reading.live import live

    names: dict[str, Any] = {"keras": keras, "layers": layers}
    with keras.StatelessScope(initialize_variables=False):  # weights are made when they are read
        exec(operation.text, names)
        network = live(names["model"])
    assert facts(network, operation) == facts(from_text(operation), operation)


@pytest.mark.skipif(importlib.util.find_spec("onnx") is None, reason="needs onnx")
@pytest.mark.parametrize("operation", [c for c in CASES if c.values[0].framework == "torch"])
def test_onnx_is_as_the_text(operation):
    from exports import BY_HAND, by_hand, unpacked

    from solver.reading.onnx.file import read_onnx

    model = EXPORTED.get((operation.title, operation.call))
    if operation.title in BY_HAND:
        model = by_hand(operation.title, operation.channels, operation.axes)
    if model is None:
        assert operation.name in NOT_IN_ONNX or operation.call.startswith(NOT_EXPORTED)
        return
    network = read_onnx(unpacked(model))
    assert known(network)
    found, wanted = facts(network, operation), facts(from_text(operation), operation)
    if operation.name in ASKS_LESS:
        both = zip(found[0], row(operation)["outs"], strict=True)
        assert all(one == other for one, other in both if one and other)
    elif operation.name in IN_PARTS or "unfold(x" in operation.call:
        assert found[0] == wanted[0]
        # a norm of groups is one of instances, whose weights are ones and zeros, and a product
        assert found[1:3] == wanted[1:3] or operation.name == "GroupNorm"
    else:
        assert found == wanted


def test_no_operation_is_forgotten():
    """Every layer that a table names is in the list."""
    listed = {(each.framework, plain_name(each.name)) for each in OPERATIONS}
    named = set()
    for name in ("torch", "keras"):
        for each in framework(name).rows:
            named |= {(name, plain_name(each.named(axes))) for axes in each.axes or (None,)}
    for function in (each for share in range(3) for each in functions(share)):
        for face, name in (("module", "torch"), ("layer", "keras")):
            for text in getattr(function, face).split(";"):
                if text.strip():
                    named |= {(name, plain_name(word)) for word in names(text)}
    missing = {name for _, name in named - listed}
    assert missing <= THEIRS | ASKED_ELSEWHERE, missing - THEIRS - ASKED_ELSEWHERE


def test_functions_of_most_programs_have_their_names_alone():
    """Layers of a table are looked up before functions that fewer programs call are loaded."""
    faces = ("module", "layer", "function", "op")
    for function, face in product(functions(_OFTEN), faces):
        for name in (name for text in function.texts(face) for name in names(text)):
            assert not _tabled(name, face)
