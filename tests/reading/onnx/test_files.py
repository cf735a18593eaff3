"""Faulty, hostile and large ONNX files: a clear error in bounded time, and nothing executed."""

from __future__ import annotations

import contextlib
import random
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_fixtures import bounded

from solver import valid
from solver.errors import LimitError, SolverError
from solver.network.graph.costs import costs, total
from solver.network.graph.operation import Unknown
from solver.reading.onnx import file as onnx_file
from solver.reading.onnx import program as onnx_program
from solver.reading.onnx.file import read_onnx

onnx = pytest.importorskip("onnx")

FLOAT, INT = 1, 7


def tensor(name: str, shape: Any = None) -> Any:
    return onnx.helper.make_tensor_value_info(name, FLOAT, shape)


def weight(name: str, *dims: int) -> Any:
    return onnx.TensorProto(name=name, dims=dims, data_type=FLOAT)


def numbers(name: str, *values: int) -> Any:
    return onnx.helper.make_tensor(name, INT, [len(values)], list(values))


def model(nodes: Any, weights: Any = (), shape: Any = (1, 3, 32, 32), out: str = "y") -> bytes:
    graph = onnx.helper.make_graph(nodes, "g", [tensor("x", shape)], [tensor(out)], list(weights))
    opset = [onnx.helper.make_opsetid("", 17)]
    return onnx.helper.make_model(graph, opset_imports=opset).SerializeToString()


def node(op: str, inputs: str, outputs: str, **attributes: Any) -> Any:
    return onnx.helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def text(data: bytes, **options: Any) -> list[str] | None:
    network = read_onnx(data, **options)
    shape = network.sizes(network.outputs[0])
    return None if shape is None else [str(dim) for dim in shape]


CONV = node("Conv", "x w", "y", strides=[2, 2], pads=[1, 1, 1, 1])
W = weight("w", 8, 3, 3, 3)


# What is free, and what it is called


def test_numbers_of_images_are_free():
    data = model([CONV], [W])
    assert text(data) == ["1", "8", "ceil(h/2)", "ceil(w/2)"]
    assert text(data, free=False) == ["1", "8", "16", "16"]


@pytest.mark.parametrize(
    ("shape", "letters"),
    [
        (("batch", 3, "height", "width"), ["height", "width"]),
        ((None, 3, None, None), ["h", "w"]),
        ((1, 3, "n", "n"), ["n", "n_2"]),
        (("?", 3, "?", "?"), ["h", "w"]),
        (("N", 3, "H/2", "a\\g<0>"), ["H_2", "a_g_0_"]),
        ((1, 3, "s 0", "s-0"), ["s_0", "s_0_2"]),
        ((4, "channels", 32, 32), ["channels", "h", "w"]),
    ],
)
def test_letters(shape, letters):
    network = read_onnx(model([CONV], [W], shape))
    assert list(network.letters) == letters
    shape = network.sizes(network.outputs[0])
    assert shape is not None
    assert [str(dim) for dim in shape[2:]] == [f"ceil({x}/2)" for x in (letters * 2)[-2:]]
    assert network.at(31).shapes[network.outputs[0]][1].number == 8 if "c" not in letters[0] else 1


def test_channels_behind():
    """A model from TensorFlow transposes first; few channels behind many sizes tell it too."""
    first = node("Transpose", "x", "t", perm=[0, 3, 1, 2])
    conv = node("Conv", "t w", "y", pads=[1, 1, 1, 1])
    assert text(model([first, conv], [W], (None, 224, 224, 3))) == ["1", "8", "h", "w"]
    many = weight("w", 8, 16, 3, 3)
    assert text(model([first, conv], [many], (1, 32, 32, 16))) == ["1", "8", "h", "w"]
    assert text(model([node("Relu", "x", "y")], [], (1, 64, 64, 3))) == ["1", "h", "w", "3"]
    assert text(model([node("Relu", "x", "y")], [], (1, 3, 64, 64))) == ["1", "3", "h", "w"]


def test_tables_keep_their_numbers():
    assert text(model([node("Relu", "x", "y")], [], (1, 512))) == ["1", "512"]
    assert text(model([node("Relu", "x", "y")], [], ("batch", "time"))) == ["1", "time"]


def test_two_inputs_of_one_size_share_letters():
    relu = node("Add", "x z", "y")
    graph = onnx.helper.make_graph(
        [relu],
        "g",
        [tensor("x", (1, 3, 8, 8)), tensor("z", (1, 3, 8, 16))],
        [tensor("y")],
    )
    network = read_onnx(onnx.helper.make_model(graph).SerializeToString())
    assert network.letters == ("h", "w", "w_2")
    graph.input[1].type.tensor_type.shape.dim[3].dim_value = 8
    network = read_onnx(onnx.helper.make_model(graph).SerializeToString())
    assert network.letters == ("h", "w")


def test_axes_of_one_name_are_one_letter_where_the_graph_makes_them_equal():
    def letters(*nodes: Any) -> tuple[str, ...]:
        inputs = [tensor("x", ("batch", "n", 8)), tensor("z", ("batch", "n", 8))]
        outputs = [tensor(name) for name in nodes[-1].output]
        graph = onnx.helper.make_graph(list(nodes), "g", inputs, outputs)
        data = onnx.helper.make_model(graph).SerializeToString()
        return read_onnx(data, free=False).letters

    assert letters(node("Add", "x z", "y")) == ("n",)
    assert letters(node("Concat", "x z", "y", axis=1)) == ("n", "n_2")
    assert letters(node("Relu", "x", "y"), node("Relu", "z", "v")) == ("n", "n_2")


@pytest.mark.parametrize(
    ("shape", "letters"),
    [
        (("batch_size", "time"), ("time",)),
        (("seq_len", 80), ("seq_len",)),
        (("input_dim_0", 81), ("input_dim_0",)),
        (("N", 1, 81), ()),
        (("s0", 3, "s1", "s2"), ("s1", "s2")),
    ],
)
def test_times_stay_and_batches_are_one(shape, letters):
    assert read_onnx(model([node("Relu", "x", "y")], [], shape), free=False).letters == letters


# Operators, one by one: what onnx itself infers for numbers, we give for every n


OPERATORS = [
    ([node("Flatten", "x", "y", axis=2)], [], ["3", "h*w"]),
    ([node("Flatten", "x", "y", axis=0)], [], ["1", "3*h*w"]),
    ([node("Reshape", "x to", "y")], [numbers("to", 0, 3, -1)], ["1", "3", "h*w"]),
    ([node("Split", "x", "y b c", axis=1)], [], ["1", "1", "h", "w"]),
    ([node("Split", "x to", "a y", axis=1)], [numbers("to", 1, 2)], ["1", "2", "h", "w"]),
    ([node("Squeeze", "x to", "y")], [numbers("to", 0)], ["3", "h", "w"]),
    ([node("Unsqueeze", "x to", "y")], [numbers("to", -1, 0)], ["1", "1", "3", "h", "w", "1"]),
    ([node("Transpose", "x", "y")], [], ["w", "h", "3", "1"]),
    ([node("ReduceMean", "x", "y", axes=[-1], keepdims=0)], [], ["1", "3", "h"]),
    ([node("ReduceMax", "x", "y")], [], ["1", "1", "1", "1"]),
    ([node("ReduceMean", "x", "y", axes=[2, 3])], [], ["1", "3", "1", "1"]),
    ([node("GlobalAveragePool", "x", "y")], [], ["1", "3", "1", "1"]),
    ([node("ArgMax", "x", "y", axis=1, keepdims=0)], [], ["1", "h", "w"]),
    ([node("Tile", "x to", "y")], [numbers("to", 1, 2, 1, 3)], ["1", "6", "h", "3*w"]),
    ([node("Expand", "x to", "y")], [numbers("to", 5, 1, 1, 1)], ["5", "3", "h", "w"]),
    ([node("MatMul", "x w4", "y")], [weight("w4", 32, 7)], ["1", "3", "h", "7"]),
    ([node("MatMul", "w4 x", "y")], [weight("w4", 5, 32)], ["1", "3", "5", "w"]),
    ([node("Einsum", "x x", "y", equation="bchw,bdhw->bcd")], [], ["1", "3", "3"]),
    ([node("DepthToSpace", "s", "y", blocksize=2)], [], ["1", "3", "2*h", "2*w"]),
    ([node("SpaceToDepth", "x", "y", blocksize=4)], [], ["1", "48", "floor(h/4)", "floor(w/4)"]),
    ([node("Gather", "x i", "y", axis=2)], [numbers("i", 1, 2, 3)], ["1", "3", "3", "w"]),
    ([node("TopK", "x k", "y i", axis=1)], [numbers("k", 2)], ["1", "2", "h", "w"]),
    (
        [node("Slice", "x b e a s", "y")],
        [numbers("b", 1, 0), numbers("e", 2**62, -3), numbers("a", 2, 3), numbers("s", 2, 1)],
        ["1", "3", "floor(h/2)", "w - 3"],
    ),
    (
        [node("Slice", "x b e a s", "y")],
        [numbers("b", -1), numbers("e", -(2**62)), numbers("a", 2), numbers("s", -1)],
        ["1", "3", "h", "w"],
    ),
    (
        [node("Pad", "x p", "y")],
        [numbers("p", 0, 0, 1, 2, 0, 0, 3, -1)],
        ["1", "3", "h + 4", "w + 1"],
    ),
    ([node("Upsample", "x s", "y")], [], ["1", "3", "2*h", "floor(3*w/2)"]),
    (
        [node("Shape", "x", "s", start=2), node("ConstantOfShape", "s", "y")],
        [],
        ["h", "w"],
    ),
    (
        [
            node("Shape", "x", "s", start=2, end=3),
            node("Squeeze", "s", "t"),
            node("Range", "zero t one", "y"),
        ],
        [
            onnx.helper.make_tensor("zero", INT, [], [0]),
            onnx.helper.make_tensor("one", INT, [], [1]),
        ],
        ["h"],
    ),
]


@pytest.mark.parametrize(("nodes", "weights", "shape"), OPERATORS)
def test_operators(nodes, weights, shape):
    weights, given = list(weights), (1, 3, 32, 32)
    if nodes[0].op_type == "DepthToSpace":
        nodes = [node("Concat", "x x x x", "s", axis=1), *nodes]
    elif nodes[0].op_type == "Upsample":
        weights.append(onnx.helper.make_tensor("s", FLOAT, [4], [1.0, 1.0, 2.0, 1.5]))
    data = model(nodes, weights, given)
    assert text(data) == shape
    network = read_onnx(data)
    inferred = onnx.shape_inference.infer_shapes(onnx.load_from_string(data), data_prop=True)
    dims = inferred.graph.output[0].type.tensor_type.shape.dim
    found = [dim.number for dim in network.at(32).shapes[network.outputs[0]]]
    theirs = [dim.dim_value if dim.HasField("dim_value") else None for dim in dims]
    assert len(theirs) in (0, len(found))
    assert all(mine == other for mine, other in zip(found, theirs, strict=False) if other)


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
def test_the_cases_of_onnx():
    """What ONNX ships to test runtimes with: where we know the shape of an output, it is that."""
    from onnx.backend.test.case.node import collect_testcases

    known = 0
    for case in collect_testcases(None):
        if not case.data_sets or case.model is None or case.name == "test_triu_zero":
            continue  # whose own shape inference says something else than its data
        network = read_onnx(case.model.SerializeToString(), free=False)
        for at, out in zip(network.outputs, case.data_sets[0][1], strict=False):
            shape = network.sizes(at)
            if shape is None or not hasattr(out, "shape") or any(dim.letters for dim in shape):
                continue
            assert [dim.number for dim in shape] == list(out.shape), case.name
            known += 1
    assert known > 1200


@pytest.mark.parametrize("op", ["If", "Loop", "Scan", "NonMaxSuppression", "MyOwn"])
def test_what_is_not_understood_is_named(op):
    data = model([node(op, "x", "a", name="here"), node("Relu", "a", "y")])
    network = read_onnx(data)
    assert network.sizes(network.outputs[0]) is None
    found = [each for each in network.nodes if isinstance(each.operation, Unknown)]
    assert [each.label for each in found] == [f"here: {op}: not understood"]


# Faults


FAULTS = [
    (b"", "an empty file"),
    (b"no model at all", "holds a model"),
    (b"\x00" * 1000, "holds a model"),
    (model([]), "every output of a model is made"),
    (model([node("Relu", "nothing", "y")]), "reads a tensor that nothing makes"),
    (model([node("Relu", "b", "a"), node("Relu", "a", "b")], out="b"), "no cycles"),
    (model([node("Relu", "y", "y")]), "no cycles"),
    (model([node("Relu", "x", "y"), node("Relu", "x", "y")]), "one name of its own"),
    (model([CONV]), "reads a tensor that nothing makes"),
    (model([node("Conv", "x x", "y")], [W]), "kernel"),
    (model([node("Reshape", "x to", "y")], [numbers("to", 0, 0, 0, 0, 0)]), "0 in a shape"),
    (model([node("Pad", "x to", "y")], [numbers("to", 1, 1)]), "begin and an end"),
]


@pytest.mark.parametrize(("data", "fault"), FAULTS)
def test_faults(data, fault):
    with pytest.raises(SolverError) as caught:
        read_onnx(data).walk  # noqa: B018
    assert fault in str(caught.value)


def test_faults_of_files(tmp_path, monkeypatch):
    for path, fault in ((tmp_path / "none.onnx", "is a file"), (tmp_path, "is a file")):
        with pytest.raises(SolverError, match=fault):
            read_onnx(path)
    path = tmp_path / "huge.onnx"
    with path.open("wb") as file:
        file.truncate(onnx_file.LARGEST_FILE + 1)  # sparse: takes no room
    with pytest.raises(LimitError, match="at most 2,147,483,648 bytes"):
        read_onnx(path)
    monkeypatch.setattr(onnx_program, "MOST_NODES", 3)
    chain = [node("Relu", "x" if i == 0 else f"t{i}", f"t{i + 1}") for i in range(4)]
    with pytest.raises(LimitError, match="at most 3 nodes"):
        read_onnx(model(chain, out="t4"))


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(SolverError) as caught:
        read_onnx(b"1")
    assert 'pip install "convsolver[onnx]"' in str(caught.value)


def test_weights_in_other_files_are_not_read():
    outside = weight("w", 8, 3, 3, 3)
    outside.data_location = 1
    outside.external_data.add(key="location", value="/etc/passwd")
    assert text(model([CONV], [outside])) == ["1", "8", "ceil(h/2)", "ceil(w/2)"]
    numbers_outside = numbers("to", 1, -1)
    numbers_outside.data_location = 1
    assert text(model([node("Reshape", "x to", "y")], [numbers_outside])) is None


def test_nodes_in_any_order():
    nodes = [node("Relu", "b", "y"), node("Relu", "a", "b"), node("Conv", "x w", "a")]
    assert text(model(nodes, [W])) == ["1", "8", "h - 2", "w - 2"]


@pytest.mark.parametrize("seed", range(40))
def test_damaged_files(seed):
    """Cut short or with wrong bytes: read as something, or an error of ours, and nothing else."""
    draw = random.Random(seed)
    resize = onnx.helper.make_node("Resize", ["y", "", "", "s"], ["z"])
    nodes = [CONV, node("Shape", "y", "s"), node("Slice", "s b e", "t"), resize]
    data = model(nodes, [W, numbers("b", 2), numbers("e", 4)], out="z")
    for _ in range(50):
        found = bytearray(data[: draw.randint(1, len(data))])
        for _ in range(draw.randint(0, 4)):
            found[draw.randrange(len(found))] = draw.randrange(256)
        try:
            network = read_onnx(bytes(found))
            valid(network)
            network.at(20)
        except SolverError:
            pass


def chain(count: int, step: Any) -> list[Any]:
    """Return so many nodes in a row; step: makes one of the tensors that go in and out, and i."""
    names = ["x", *(f"t{i}" for i in range(count))]
    return [step(names[i], names[i + 1], i) for i in range(count)]


SHAPE = node("Shape", "x", "t0")
PRIMES = (2, 3, 5, 7)
HOSTILE = {
    "sizes that double": chain(3000, lambda a, b, i: node("Concat", f"{a} {a}", b, axis=2)),
    "axes that grow": chain(3000, lambda a, b, i: node("Unsqueeze", f"{a} zero", b)),
    "values that double": [
        SHAPE,
        *chain(3000, lambda a, b, i: node("Concat", f"{a} {a}", b, axis=0))[1:],
    ],
    "products that grow": [SHAPE, *chain(3000, lambda a, b, i: node("Mul", f"{a} {a}", b))[1:]],
    "periods that grow": chain(
        40,
        lambda a, b, i: node("MaxPool", a, b, kernel_shape=[1, 1], strides=[PRIMES[i % 4]] * 2),
    ),
    "many nodes": chain(20_000, lambda a, b, i: node("Relu", a, b)),
}


@pytest.mark.parametrize("name", ["sizes that double", "axes that grow"])
def test_what_grows_without_end_is_stopped(name):
    nodes = HOSTILE[name]
    with pytest.raises(LimitError):
        read_onnx(model(nodes, [numbers("zero", 0)], out=nodes[-1].output[0]))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_models_end(name):
    nodes = HOSTILE[name]
    data = model(nodes, [numbers("zero", 0)], out=nodes[-1].output[0])
    with bounded(20_000_000), contextlib.suppress(SolverError):
        valid(read_onnx(data))


def deep(layers: int) -> bytes:
    """Return a residual network of so many convolutions, one in four with a stride at first."""
    nodes, weights, at = [], [], "x"
    for i in range(layers):
        weights.append(weight(f"w{i}", 8, 3 if i == 0 else 8, 3, 3))
        stride = 2 if i % 4 == 0 and i < 20 else 1
        nodes += [
            node("Conv", f"{at} w{i}", f"c{i}", pads=[1] * 4, strides=[stride] * 2),
            node("BatchNormalization", f"c{i} s s s s", f"n{i}"),
            node("Relu", f"n{i}", f"r{i}"),
        ]
        at = f"r{i}"
        if i % 4 == 3:
            nodes.append(node("Add", f"{at} r{i - 2}", f"a{i}"))
            at = f"a{i}"
    return model(nodes, [*weights, weight("s", 8)], out=at)


def test_the_work_of_200_layers_is_little():
    data = deep(200)
    with bounded(1_000_000):
        network = read_onnx(data)
        found = valid(network)
    shape = network.sizes(network.outputs[0])
    assert shape is not None
    assert [str(dim) for dim in shape] == ["1", "8", "ceil(h/32)", "ceil(w/32)"]
    assert str(found.inputs) == "n >= 1"


LIGHT = {
    "bvlc_alexnet": (60_965_224, 227, [1, 1000]),
    "densenet121": (7_978_856, 224, [1, 1000, 1, 1]),
    "inception_v1": (6_998_552, 224, [1, 1000]),
    "resnet50": (25_557_032, 224, [1, 1000]),
    "squeezenet": (1_235_496, 224, [1, 1000, 1, 1]),
    "vgg19": (143_667_240, 224, [1, 1000]),
}


@pytest.mark.parametrize("name", LIGHT)
def test_models_of_the_onnx_package(name):
    """Their weights are filled in by nodes of the graph; the counts are those of the papers."""
    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    network = read_onnx(folder / f"light_{name}.onnx")
    parameters, size, wanted = LIGHT[name]
    assert not any(isinstance(node.operation, Unknown) for node in network.nodes)
    assert total(costs(network)).parameters == parameters
    shape = network.at(size).shapes[network.outputs[0]]
    assert [dim.number for dim in shape] == wanted


def test_a_split_into_thousands():
    parts = " ".join(f"p{i}" for i in range(5000))
    nodes = [node("Split", "x s", parts, axis=1), node("Concat", parts, "y", axis=1)]
    data = model(nodes, [numbers("s", *[1] * 5000)], (1, 5000, 8, 8))
    with bounded(3_000_000):
        assert text(data) == ["1", "5000", "h", "w"]
