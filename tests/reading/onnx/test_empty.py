"""Tensors without elements, as onnxruntime runs them: what leaves none, and what stands behind."""

from __future__ import annotations

from typing import Any

import pytest
from reading.onnx.test_models import sizes

from solver import valid
from solver.reading.onnx.file import read_onnx

parser = pytest.importorskip("onnx.parser")
onnxruntime = pytest.importorskip("onnxruntime")
numpy = pytest.importorskip("numpy")

pytestmark = pytest.mark.live

#: What leaves nothing of few elements.
EMPTYING = (
    "a = MaxPool<kernel_shape=[2,2], strides=[1,1]>(x)",
    "a = AveragePool<kernel_shape=[3,3]>(x)",
    "a = Resize(x, , third)",
    "a = Slice(x, two, nine, two)",
    "a = Pad(x, crop)",
)
BEHIND = (
    "y = Conv(a, w1)",
    "y = Conv<pads=[1,1,1,1]>(a, w3)",
    "y = Conv<pads=[1,1,1,1], strides=[2,2]>(a, w2)",
    "y = MaxPool<kernel_shape=[3,3], pads=[1,1,1,1]>(a)",
    "y = ConvTranspose<strides=[2,2]>(a, w2)",
    "y = ConvTranspose<strides=[2,2], pads=[1,1,1,1]>(a, w4)",
    "y = GlobalAveragePool(a)",
    "y = GlobalMaxPool(a)",
    "y = ReduceSum<keepdims=0>(a, axes)",
    "y = Resize(a, , twice)",
    "y = Pad(a, pads)",
    'y = Pad<mode="reflect">(a, pads)',
    'y = Pad<mode="edge">(a, pads)',
    "y = Softmax(a)",
    "y = BatchNormalization(a, ones, ones, ones, ones)",
    "y = DepthToSpace<blocksize=1>(a)",
    "y = SpaceToDepth<blocksize=2>(a)",
    "y = Flatten(a)",
    "y = Reshape(a, flat)",
    "y = Transpose<perm=[0,2,3,1]>(a)",
    "y = Concat<axis=1>(a, a)",
    "y = Concat<axis=2>(a, none)",
    "y = Add(a, ones1)",
    "t = Transpose<perm=[0,1,3,2]>(a)\ny = MatMul(a, t)",
    "y = Gather<axis=2>(a, zero)",
    "y = Tile(a, tiles)",
)


def zeros(name: str, *shape: int) -> str:
    count = 1
    for n in shape:
        count *= n
    return f"float[{','.join(map(str, shape))}] {name} = {{{','.join('0' * count)}}}"


WEIGHTS = ", ".join(
    (
        *(zeros(f"w{k}", 4, 4, k, k) for k in (1, 2, 3, 4)),
        *(zeros("ones", 4), zeros("ones1", 4, 1, 1), zeros("none", 1, 4, 0, 3)),
        *("float[4] third = {1, 1, 0.25, 0.25}", "float[4] twice = {1, 1, 2, 2}"),
        *("int64[1] zero = {0}", "int64[1] two = {2}", "int64[1] nine = {9}"),
        *("int64[8] crop = {0,0,-1,-1,0,0,-1,-1}", "int64[8] pads = {0,0,1,1,0,0,1,1}"),
        *("int64[2] axes = {2, 3}", "int64[3] flat = {0, 0, -1}", "int64[4] tiles = {1,1,2,2}"),
    )
)


def built(first: str, behind: str) -> Any:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 18]>'
        f"g (float[1,4,h,w] x) => (float[] y) <{WEIGHTS}> {{ {first}\n{behind} }}"
    )
    model.graph.output[0].type.tensor_type.ClearField("shape")
    return model.SerializeToString()


def given_by(session: Any, size: tuple[int, int]) -> list[list[int]] | None:
    try:
        found = session.run(None, {"x": numpy.zeros((1, 4, *size), "float32")})
    except Exception:  # whatever it refuses with
        return None
    return [list(each.shape) for each in found]


@pytest.mark.parametrize("first", EMPTYING)
@pytest.mark.parametrize("behind", BEHIND)
def test_what_stands_behind_goes_on_as_onnxruntime(first: str, behind: str) -> None:
    onnxruntime.set_default_logger_severity(4)
    data = built(first, behind)
    session, network = onnxruntime.InferenceSession(data), read_onnx(data)
    accepted = None if "Concat<axis=2>" in behind else valid(network).inputs
    for n in range(1, 13):
        for size in ((n, n), (n, 5)):
            assert sizes(network, size) == given_by(session, size), size
        if accepted is not None:
            assert (n in accepted) == (given_by(session, (n, n)) is not None), n


def test_places_that_are_counted_up_are_in_the_table() -> None:
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 18]> g (float[1,2,n] x) => (float[] y)'
        f"<{zeros('table', 6, 2)}, int64 from = {{0}}, int64 by = {{1}}, int64 at = {{2}}> {{"
        "s = Shape(x)\nlast = Gather<axis=0>(s, at)\nplaces = Range(from, last, by)\n"
        "y = Gather<axis=0>(table, places) }"
    )
    network = read_onnx(model.SerializeToString())
    assert str(valid(network).inputs) == "1 <= n <= 6"
