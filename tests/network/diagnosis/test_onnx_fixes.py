"""Fixes of an ONNX model are lines that change attributes of its nodes: onnxruntime runs them."""

from __future__ import annotations

import pytest

from solver import explain, read

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
np = pytest.importorskip("numpy")

CPU = "CPUExecutionProvider"
JOINED = {
    "Add": (
        ("Conv", "x", "w3", "a", {"kernel_shape": [3, 3], "strides": [2, 2]}),
        ("Conv", "x", "w1", "b", {"kernel_shape": [1, 1], "strides": [2, 2]}),
    ),
    "Concat": (
        ("Conv", "x", "w4", "c", {"kernel_shape": [4, 4], "strides": [2, 2], "pads": [1] * 4}),
        ("ConvTranspose", "c", "w3", "a", {"strides": [2, 2], "pads": [1] * 4}),
        ("Conv", "x", "w3", "b", {"auto_pad": "SAME_UPPER"}),
    ),
    "Mul": (
        ("MaxPool", "x", "", "a", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}),
        ("Conv", "x", "w3", "b", {"auto_pad": "VALID", "strides": [2, 2]}),
    ),
}


def made(joins: str):
    """A model in which two branches meet; their layers share weights."""
    tensor, value = onnx.helper.make_tensor, onnx.helper.make_tensor_value_info
    weights = [tensor(f"w{k}", 1, [3, 3, k, k], np.zeros(9 * k * k)) for k in (1, 3, 4)]
    nodes = [
        onnx.helper.make_node(op, [x, w] if w else [x], [out], name=f"/net/{op}_{i}", **given)
        for i, (op, x, w, out, given) in enumerate(JOINED[joins])
    ]
    axis = {"axis": 1} if joins == "Concat" else {}
    nodes.append(onnx.helper.make_node(joins, ["a", "b"], ["y"], name="/net/join", **axis))
    given, out = value("x", 1, [1, 3, "h", "w"]), value("y", 1, None)
    graph = onnx.helper.make_graph(nodes, "net", [given], [out], weights)
    opsets = [onnx.helper.make_opsetid("", 17)]
    return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8)


@pytest.mark.parametrize("joins", JOINED)
def test_attributes_are_changed_by_lines_that_run(joins, tmp_path):
    path = tmp_path / "net.onnx"
    onnx.save(made(joins), path)
    edits = [edit for edit in explain(read(path), 32) if edit.kind != "input size"]
    assert {"crop", "pad", "resize"} <= {edit.kind for edit in edits}
    for edit in edits:
        if "wherever" in edit.text:
            continue
        assert edit.code, edit.text
        assert all(each.layer.startswith("/net/") for each in edit.changes)
        before, *after = [edit.code]
        if edit.kind == "input padding":
            before, *after = edit.code.split("\n")
        runs = (n for n in range(1, 60) if n in edit.square and edit.network.size(n))
        for n in [32, *runs][:6]:
            model = onnx.load(path)
            scope = {"model": model, "onnx": onnx, "np": np, "x": np.zeros((1, 3, n, n), "float32")}
            exec(before, scope)
            run = ort.InferenceSession(model.SerializeToString(), providers=[CPU])
            (scope["join"],) = run.run(None, {"x": scope["x"]})
            exec("\n".join(after), scope)
            out = edit.network.size(n)
            assert scope["net_join" if after else "join"].shape[2:] == (out, out), (edit.text, n)
