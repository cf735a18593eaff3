"""Small tensors that graphs compute sizes with, against the evaluator that ONNX itself brings."""

from __future__ import annotations

from typing import Any

import pytest

from solver.network.graph.dim import Dim
from solver.reading.onnx.computing import RULES, followed
from solver.reading.onnx.elements import MOST, Elements, of
from solver.reading.paths.decisions import Decisions
from solver.reading.paths.size import size

onnx = pytest.importorskip("onnx")
reference = pytest.importorskip("onnx.reference")
numpy = pytest.importorskip("numpy")

INT, FAR = 7, 2**63 - 1
TWO = ([7, -7, 3, 12], [2, 2, -2, 5])
TRUTHS = ([True, True, False, False], [True, False, True, False])
CASES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *((op, TWO, {}) for op in ("Add", "Sub", "Mul", "Min", "Max", "Div", "Mod", "Sum")),
    *((op, TWO, {}) for op in ("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual")),
    *((op, TRUTHS, {}) for op in ("And", "Or", "Xor")),
    ("Mod", ([7, -7, 3, 12], [2, 2, -2, 5]), {"fmod": 1}),
    ("Pow", ([2, 3], [2, 3]), {}),
    ("Not", (TRUTHS[0],), {}),
    *((op, ([1.5, -1.5, 2.0, 0.5],), {}) for op in ("Floor", "Ceil", "Round", "Neg", "Abs")),
    ("Sqrt", ([4.0, 9.0],), {}),
    ("Reciprocal", ([4.0, 0.5],), {}),
    ("Div", ([7.0, 3.0], [2.0, 4.0]), {}),
    ("Cast", ([2.7, -2.7],), {"to": INT}),
    ("Cast", ([0, 3],), {"to": 9}),
    ("Cast", ([0, 3],), {"to": 1}),
    ("Where", (TRUTHS[1], *TWO), {}),
    ("Concat", TWO, {"axis": 0}),
    ("Gather", (TWO[0], [1, -1]), {"axis": 0}),
    ("Gather", ([[1, 2], [3, 4]], 1), {"axis": 1}),
    ("Slice", (TWO[0], [1], [FAR]), {}),
    ("Slice", (TWO[0], [-1], [-FAR], [0], [-1]), {}),
    ("Slice", (TWO[0], [-3], [-1], [0], [1]), {}),
    ("Slice", ([[1, 2, 3], [4, 5, 6]], [0], [9], [1], [2]), {}),
    ("Squeeze", ([[1, 2]], [0]), {}),
    ("Squeeze", ([[[3]]],), {}),
    ("Unsqueeze", ([1, 2], [0, -1]), {}),
    ("Reshape", ([1, 2, 3, 4], [2, -1]), {}),
    ("Reshape", ([[1, 2], [3, 4]], [0, -1]), {}),
    ("Transpose", ([[1, 2, 3], [4, 5, 6]],), {"perm": [1, 0]}),
    ("Expand", ([[1], [2]], [2, 3]), {}),
    ("Tile", ([1, 2], [3]), {}),
    ("Range", (2, 11, 3), {}),
    ("Range", (5, 0, -2), {}),
    ("ConstantOfShape", ([2, 2],), {}),
    ("NonZero", ([1, 0, 2],), {}),
    ("ReduceProd", ([2, 3, 4], [0]), {"keepdims": 0}),
    ("ReduceSum", ([[1, 2], [3, 4]], [1]), {"keepdims": 1}),
    ("ReduceMax", ([[1, 2], [3, 4]],), {"keepdims": 0}),
    ("ReduceMin", ([[1, 2], [3, 4]], [-2]), {"keepdims": 1}),
]


@pytest.mark.parametrize(("op", "given", "words"), CASES, ids=lambda x: x if type(x) is str else "")
def test_as_onnx_evaluates_it(op, given, words):
    arrays = [numpy.array(x) for x in given]
    arrays = [x.astype("float32") if x.dtype.kind == "f" else x for x in arrays]
    names = [f"x{i}" for i in range(len(arrays))]
    node = onnx.helper.make_node(op, names, ["y"], **words)
    kinds = [onnx.helper.np_dtype_to_tensor_dtype(x.dtype) for x in arrays]
    inputs = [
        onnx.helper.make_tensor_value_info(*pair, None) for pair in zip(names, kinds, strict=True)
    ]
    out = onnx.helper.make_tensor_value_info("y", 0, None)
    graph = onnx.helper.make_graph([node], "g", inputs, [out])
    opset = [onnx.helper.make_opsetid("", 20)]
    evaluator = reference.ReferenceEvaluator(onnx.helper.make_model(graph, opset_imports=opset))
    (wanted,) = evaluator.run(None, dict(zip(names, arrays, strict=True)))
    own = [of(x.reshape(-1).tolist(), x.dtype.kind == "f", x.shape) for x in arrays]
    found = followed(op, own, {**words, "outputs": 1})
    assert isinstance(found, Elements)
    assert found.array.shape == wanted.shape
    assert [type(x)(y) for x, y in zip(wanted.flat, found.array.flat, strict=True)] == [
        *wanted.flat
    ]
    assert found.real == (wanted.dtype.kind == "f")


def test_every_rule_is_evaluated():
    assert {op for op, *_ in CASES} >= RULES.keys() - {"Split"}


def test_sizes_keep_their_formulas():
    made = Decisions({"h": 64, "w": 80})
    vector = of([1, size(64, Dim.letter("h"), made), size(80, Dim.letter("w"), made)])
    doubled = followed("Mul", [vector, of(2)], {})
    assert list(map(str, doubled.seen)) == ["2", "2*h", "2*w"]
    halves = followed("Split", [doubled, of([2, 1])], {"outputs": 2})
    assert [list(map(str, each.seen)) for each in halves] == [["2", "2*h"], ["2*w"]]
    less = followed("Less", [vector, of([2, 100, 100])], {})
    assert less.array.tolist() == [True, True, True]
    assert [each.demand.claim for each in made.made] == ["0 <= h - 100", "0 <= w - 100"]
    assert followed("Pow", [vector, of(0.5, True)], {}).array.tolist() == [1.0, None, None]
    huge = of([1] * MOST)
    assert followed("Concat", [huge, huge], {"axis": 0}) is None
