"""Messages as frameworks raised them, see data/record_messages.py, and as people paste them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from cli_fixtures import bounded

from solver import SolverError, explain, read
from solver.network.diagnosis.messages import read_message

RECORDED = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "data/messages.jsonl").read_text("utf-8").splitlines()
]


def expected(row: dict) -> tuple[str, dict[str, list[int]]]:
    return row["kind"], {name: list(value) for name, value in row["numbers"].items()}


def found(text: str) -> tuple[str, dict[str, list[int]]]:
    message = read_message(text)
    return message.kind, {name: list(value) for name, value in message.numbers.items()}


def ordered(kind: str, numbers: dict[str, list[int]]):
    """Which of two tensors comes first differs by framework."""
    return kind, {k: sorted(v) if k == "sizes" else v for k, v in numbers.items()}


def test_every_framework_is_recorded():
    assert len(RECORDED) > 50
    assert {row["framework"] for row in RECORDED} == {
        "torch",
        "keras-jax",
        "keras-tensorflow",
        "tensorflow",
        "onnx",
    }


@pytest.mark.parametrize("row", RECORDED, ids=lambda row: f"{row['framework']}-{row['kind']}")
def test_recorded(row):
    assert ordered(*found(row["text"])) == ordered(*expected(row))


@pytest.mark.parametrize("seed", range(40))
def test_anything_may_stand_around_it(seed):
    draw = random.Random(seed)
    row = draw.choice(RECORDED)
    words = row["text"].split(" ")
    broken = "".join(word + draw.choice([" ", " ", "\n", "\r\n    ", "\t"]) for word in words)
    text = f"Traceback (most recent call last):\n  File 'a.py', line 3\n{broken}\n\nprocess 7 ended"
    assert ordered(*found(text)) == ordered(*expected(row))


PASTED = {
    "Sizes of tensors must match except in dimension 1. Got 61 and 60 in dimension 2": (
        "meet",
        {"sizes": [61, 60]},
    ),
    "must match except in dimension 2. Got 210 and 211 (The offending index is 0)": (
        "meet",
        {"sizes": [210, 211]},
    ),
    "RuntimeError: size mismatch, m1: [1 x 12800], m2: [25088 x 4096]": (
        "features",
        {"received": [12800], "wanted": [25088]},
    ),
    "Given input size: (512x1x1). Calculated output size: (512x0x0). Output size is too small": (
        "output",
        {"channels": [512], "input": [1, 1], "output": [0, 0]},
    ),
    "Calculated padded input size per channel: (1 x 3). Kernel size: (1 x 5).": (
        "kernel",
        {"size": [1, 3], "kernel": [1, 5]},
    ),
    "Kernel size can't be greater than actual input size": ("kernel", {}),
    "ValueError: Negative dimension size caused by subtracting 3 from 2 for "
    "'{{node conv2d_4/Conv2D}} = Conv2D[...]' with input shapes: [?,2,2,64], [3,3,64,64].": (
        "kernel",
        {"size": [2], "kernel": [3]},
    ),
    "ValueError: Computed output size would be negative. Received: `inputs shape=(None, 6, 6, 3)`, "
    "`kernel shape=(5, 5, 3, 8)`, `dilation_rate=[2 2]`.": (
        "kernel",
        {"size": [6, 6], "kernel": [9, 9]},
    ),
    'ValueError: Input 0 of layer "dense" is incompatible with the layer: expected axis -1 of '
    "input shape to have value 25088, but received input with shape (None, 12800)": (
        "features",
        {"wanted": [25088], "received": [12800]},
    ),
    "TypeError: add got incompatible shapes for broadcasting: (1, 61, 61, 4), (1, 60, 60, 4).": (
        "meet",
        {"sizes": [61, 60]},
    ),
    "TypeError: Cannot concatenate arrays with shapes that differ in dimensions other than the one "
    "being concatenated: concatenating along dimension 3 for shapes (1, 61, 61, 4), "
    "(1, 60, 60, 4).": ("meet", {"sizes": [61, 60]}),
    "UserWarning: Using a target size (torch.Size([16, 1, 28, 28])) that is different to the input "
    "size (torch.Size([16, 1, 25, 25])). This will likely lead to incorrect results": (
        "target",
        {"wanted": [28, 28], "received": [25, 25]},
    ),
    "ValueError: Target size (torch.Size([2, 3, 64, 64])) must be the same as input size "
    "(torch.Size([2, 3, 52, 52]))": ("target", {"wanted": [64, 64], "received": [52, 52]}),
    "input and target batch or spatial sizes don't match: target [1 x 85 x 106], input "
    "[1 x 8 x 170 x 212]": ("target", {"wanted": [85, 106], "received": [170, 212]}),
    "ValueError: A target array with shape (73, 458, 690, 3) was passed for an output of shape "
    "(None, 460, 692, 3) while using as loss `binary_crossentropy`.": (
        "target",
        {"wanted": [458, 690], "received": [460, 692]},
    ),
    "Error when checking target: expected conv2d_11 to have shape (256, 256, 1) but got array with "
    "shape (259, 259, 1)": ("target", {"received": [256, 256], "wanted": [259, 259]}),
    "ValueError: Shapes (None, 28, 28, 1) and (None, 25, 25, 1) are incompatible": (
        "target",
        {"wanted": [28, 28], "received": [25, 25]},
    ),
    "Shape mismatch, can't divide axis of length 7 in chunks of 2": (
        "parts",
        {"size": [7], "parts": [2]},
    ),
    "Check failed: top_shape[j] == bottom[i]->shape(j) (45 vs. 46) All inputs must have the same": (
        "meet",
        {"sizes": [45, 46]},
    ),
    "46 vs 47": ("meet", {"sizes": [46, 47]}),
    "GEMM: Dimension mismatch, W: {4096,25088} K: 12800 N:4096": (
        "features",
        {"received": [12800], "wanted": [25088]},
    ),
}


@pytest.mark.parametrize("text", PASTED)
def test_pasted(text):
    assert found(text) == PASTED[text]


def test_the_name_of_the_layer_is_kept():
    names = {
        "running Concat node. Name:'/up1/Concat' Status Message: Non concat axis dimensions must "
        "match: Axis 2 has mismatched dimensions of 61 and 60": "/up1/Concat",
        'Input 0 of layer "dense" is incompatible with the layer: expected axis -1 of input shape '
        "to have value 8, but received input with shape (None, 9)": "dense",
        "Kernel size can't be greater than actual input size": None,
    }
    for text, name in names.items():
        assert read_message(text).name == name


@pytest.mark.parametrize(
    "text", ["", "x" * 10**7, "(" * 10**6, "shape=" * 10**6, "for shapes " * 10**5]
)
def test_what_is_no_message(text):
    with bounded(10_000), pytest.raises(SolverError, match="not known"):
        read_message(text)


@pytest.mark.parametrize(
    ("text", "kind", "numbers"),
    [
        (
            "Got invalid dimensions for input: x for the following indices index: 2 Got: 61 "
            "Expected: 64 index: 3 Got: 60 Expected: 64",
            "input",
            {"axis": [2, 3], "received": [61, 60], "wanted": [64, 64]},
        ),
        (
            "Expected input at *args[0].shape[2] to be equal to 64, but got 61",
            "input",
            {"axis": [2], "wanted": [64], "received": [61]},
        ),
        ("Guard failed: x.size()[2] == 64", "input", {"axis": [2], "wanted": [64]}),
        (
            "expected shape=(None, 28, 28, 1), found shape=(32, 1, 28, 28)",
            "input",
            {"wanted": [28, 28, 1], "received": [1, 28, 28]},
        ),
        (
            "expected axis -1 of input shape to have value 784, but received input with shape "
            "(None, 28, 28)",
            "input",
            {"wanted": [784], "received": [28, 28]},
        ),
        (
            "Expected input batch_size (256) to match target batch_size (64).",
            "rows",
            {"received": [256], "wanted": [64]},
        ),
        (
            "Using a target size (torch.Size([64])) that is different to the input size "
            "(torch.Size([5120])) is deprecated.",
            "rows",
            {"received": [5120], "wanted": [64]},
        ),
        (
            "ConcatOp : Dimensions of inputs should match: shape[0] = [1,360,248,32] vs. "
            "shape[1] = [1,360,247,32]",
            "meet",
            {"sizes": [248, 247]},
        ),
        (
            "Operands could not be broadcast together with shapes (56, 56, 32) (112, 112, 32)",
            "meet",
            {"sizes": [56, 112]},
        ),
        (
            '"concat" mode can only merge layers with matching output shapes except for the concat '
            "axis. Layer shapes: [(None, 512, 42, 78), (None, 512, 43, 79)]",
            "meet",
            {"sizes": [42, 43]},
        ),
    ],
)
def test_what_a_message_says(text, kind, numbers):
    assert found(text) == (kind, numbers)


VIEWED = """
x = nn.MaxPool2d(2)(nn.Conv2d(3, 16, 5)(x))
x = nn.Linear(400, 10)(x.view(-1, 400))
"""


@pytest.mark.live
@pytest.mark.parametrize(("batch", "size"), [(1, 62), (3, 128), (3, 256), (6, 32), (7, 28)])
def test_elements_are_of_a_batch_that_the_message_does_not_tell(batch, size):
    torch = pytest.importorskip("torch")
    x = torch.empty(batch, 3, size, size, device="meta")
    conv = torch.nn.Conv2d(3, 16, 5, device="meta")
    seen = torch.nn.functional.max_pool2d(conv(x), 2)
    with pytest.raises(RuntimeError, match="is invalid for input of size") as error:
        seen.view(-1, 400)
    found = explain(read(VIEWED), error=str(error.value))
    assert found.sizes == {"h": size, "w": size}
    assert f"in_features={seen[0].numel()}" in found[0].text


@pytest.mark.live
def test_channels_that_stand_last_are_moved():
    torch = pytest.importorskip("torch")
    x = torch.zeros(2, 100, 40)
    conv = torch.nn.Conv1d(40, 64, 3)
    with pytest.raises(RuntimeError) as error:
        conv(x)
    found = explain(read("nn.Conv1d(40, 64, 3)"), error=str(error.value))
    assert (found.sizes, found[0].sizes) == ({"n": 40}, {"n": 100})
    assert found[0].code == "input = input.transpose(1, 2)"
    assert conv(x.transpose(1, 2)).shape[2] == found[0].network.size(100)


@pytest.mark.parametrize(
    ("called", "filters", "number"),
    [
        ("conv1d_1/convolution/Conv2D' (op: 'Conv2D'", ", [1,3,128,128]", 2),
        ("conv1d_3/convolution/Conv2D' (op: 'Conv2D'", ", [1,3,128,128]", 4),
        ("max_pooling1d_1/MaxPool' (op: 'MaxPool'", "", 3),
        ("conv1d_9/convolution/Conv2D' (op: 'Conv2D'", ", [1,3,128,128]", 2),
    ],
)
def test_what_keras_calls_a_layer_says_which_it_is(called, filters, number):
    conv, pool = "Conv1D(128, 3)", "MaxPooling1D(3)"
    net = read(f"keras.Sequential([{conv}, {pool}, {conv}, {pool}, {conv}])")
    text = "Negative dimension size caused by subtracting 3 from 2 for"
    found = explain(net, error=f"{text} '{called}) with input shapes: [?,1,2,128]{filters}.")
    assert net.nodes.index(found.node) == number + 1


@pytest.mark.live
def test_axes_that_are_tied_are_told_one_input_that_runs():
    torch = pytest.importorskip("torch")
    pools = "nn.Conv3d(3, 3, 1), nn.MaxPool3d((8, 4, 4))"
    net = f"nn.Sequential({pools}, nn.Flatten(), nn.Linear(75, 10))"
    found = explain(read(net), (5, 30, 31))
    sizes = next(edit.sizes for edit in found if edit.kind == "input size")
    pool, linear = torch.nn.MaxPool3d((8, 4, 4)), torch.nn.Linear(75, 10)
    made = torch.nn.Sequential(pool, torch.nn.Flatten(), linear)
    assert made(torch.zeros(1, 3, *sizes.values())).shape == (1, 10)
