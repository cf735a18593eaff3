"""Small graphs of every kind, against what onnxruntime gave at many sizes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from solver.errors import LimitError, SolverError
from solver.reading.onnx.file import read_onnx

onnx = pytest.importorskip("onnx")

FOLDER = Path(__file__).parents[2] / "data" / "onnx"
sys.path.insert(0, str(FOLDER))
import small_graphs as graphs  # noqa: E402

RECORDED = {
    line["graph"]: line["rows"]
    for line in map(
        json.loads, (FOLDER / "small_graphs.jsonl").read_text(encoding="utf-8").splitlines()
    )
}

#: Where the operator's text says less than onnxruntime gives, of the smallest sizes.
LESS = {
    "upsample to a skip": "a window that does not fit leaves nothing, and onnxruntime cuts to 1",
    "function of its own": "a window that does not fit leaves nothing",
    "top of half": "the largest none of one",
}


def found(network: Any, values: dict[str, int]) -> list[list[int | None] | None] | str | None:
    try:
        sizes = {x: n for x, n in values.items() if x in network.letters}
        network = network.path(sizes)
        walk = network.at(sizes)
    except LimitError:
        return "not known"
    except SolverError:
        return None
    shapes = (walk.shapes[at] for at in network.outputs)
    return [None if shape is None else [dim.number for dim in shape] for shape in shapes]


@pytest.mark.parametrize("name", RECORDED)
def test_as_onnxruntime_gave_it(name):
    proto = graphs.model(name)
    network = read_onnx(proto.SerializeToString(), free=False)
    for sizes, out in RECORDED[name]:
        values = dict(zip(graphs.letters(proto), sizes, strict=True))
        if name == "two of one name":
            values["n_2"] = values["n"]
        less = name in LESS and min(sizes) < 3
        assert found(network, values) == out or (less and out), (values, out)


TWO_BRANCHES = """<ir_version: 8, opset_import: ["" : 17]>
g (float[1,n] x, bool c) => (float[1,m] y) { y = If(c) <
  then_branch = a () => (float[1,k] u) {
    s = Constant<value_ints=[-1,6]>() t = Constant<value_ints=[1,-1]>()
    r = Reshape(x, s) u = Reshape(r, t) },
  else_branch = b () => (float[1,k] v) {
    p = Constant<value_ints=[-1,4]>() q = Constant<value_ints=[1,-1]>()
    r2 = Reshape(x, p) v = Reshape(r2, q) }> }"""


def test_what_one_of_two_branches_refuses_is_not_claimed():
    """Values decide which one runs: both accept 12, one of them 6 and 8, none 7."""
    network = read_onnx(onnx.parser.parse_model(TWO_BRANCHES).SerializeToString())
    assert network.notes == ("y: values decide which branch runs",)
    assert [found(network, {"n": n}) for n in (12, 24, 7, 1)] == [[[1, 12]], [[1, 24]], None, None]
    for n in (6, 8):
        assert found(network, {"n": n}) == [None]
        assert "one of them refuses" in str(network.path({"n": n}).nodes[-1])


LOOPS = {
    "until a counter says so": (
        "t = Constant<value = bool {1}>() k = Constant<value_int=0>() j, y = Loop(, t, k, x) <"
        "body = b (int64 i, bool c, int64 a, float[1,2,p,q] v)"
        " => (bool d, int64 e, float[1,2,r,s] u) {"
        " one = Constant<value_int=1>() last = Constant<value_int=3>() e = Add(a, one)"
        " d = Less(e, last) u = MaxPool<kernel_shape=[2,2]>(v) }>",
        ["1", "2", "h - 3", "w - 3"],
    ),
    "until values say so": (
        "m = Constant<value_int=3>() y = Loop(m, c0, x) <body ="
        " b (int64 i, bool c, float[1,2,p,q] v) => (bool d, float[1,2,r,s] u) {"
        " f = ReduceMax<keepdims=0>(v) e = Constant<value_float=3.0>() d = Less(f, e)"
        " u = Relu(v) }>",
        ["1", "2", "h", "w"],
    ),
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops_of_a_computed_end(name):
    nodes, shape = LOOPS[name]
    head = '<ir_version: 8, opset_import: ["" : 17]> g (float[1,2,h,w] x, bool c0) => (float[] y) {'
    network = read_onnx(onnx.parser.parse_model(f"{head} {nodes} }}").SerializeToString())
    assert [str(dim) for dim in network.sizes(network.outputs[0]) or ()] == shape


def test_a_scale_that_is_no_formula_is_not_claimed():
    text = (
        '<ir_version: 8, opset_import: ["" : 17]> g (float[1,3,h,w] x) => (float[1,3,p,q] y) {'
        " s = Shape<start=2>(x) f = Cast<to=1>(s) t = Constant<value_floats=[20.0,30.0]>()"
        " d = Div(t, f) one = Constant<value_floats=[1.0,1.0]>() k = Concat<axis=0>(one, d)"
        " y = Resize(x, , k) }"
    )
    network = read_onnx(onnx.parser.parse_model(text).SerializeToString())
    assert found(network, {"h": 4, "w": 4}) == [None]
