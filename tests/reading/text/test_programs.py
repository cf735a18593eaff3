"""Programs as people paste them against PyTorch: the sizes of every input, refusals, parameters."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from solver import valid
from solver.errors import LimitError, SolverError
from solver.network.graph.costs import costs, total
from solver.network.graph.operation import Unknown
from solver.reading import read

FOLDER = Path(__file__).parents[2] / "data" / "programs"
LINES = (FOLDER / "sizes.jsonl").read_text(encoding="utf-8").splitlines()
ROWS = {row["name"]: row for row in map(json.loads, LINES)}


def out(network: Any, n: int) -> list[int] | None:
    try:
        path = network.path(n)
        shape = path.at(n).shapes[path.outputs[0]]
    except SolverError:
        return None
    return [dim.number for dim in shape]


def check(network: Any, row: Any) -> None:
    assert not any(isinstance(node.operation, Unknown) for node in network.nodes)
    allowed = valid(network).inputs
    for first, last, wanted in row["runs"]:
        for n in range(first, last + 1):
            assert out(network, n) == wanted, n
            assert (n in allowed) == (wanted is not None), n
    assert total(costs(network)).parameters == row["parameters"]


def test_there_are_programs():
    assert len(ROWS) >= 10
    assert all(sum(last - first + 1 for first, last, _ in r["runs"]) == 150 for r in ROWS.values())


@pytest.mark.parametrize("name", ROWS)
def test_text(name):
    check(read((FOLDER / f"{name}.txt").read_text(encoding="utf-8")), ROWS[name])


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
@pytest.mark.parametrize("name", [name for name in ROWS if name != "trimmed"])
def test_live(name, monkeypatch):
    """But a program that branches on a size: it cannot be traced."""
    from solver.reading.live import live

    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location("record_programs", FOLDER / "record.py")
    assert spec is not None
    assert spec.loader is not None
    record = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(record)
    row = ROWS[name]
    module = record.module(FOLDER / f"{name}.txt").eval()
    check(live(module, channels=row["channels"], axes=row["axes"]), row)


def size(text: str) -> list[str]:
    network = read(text)
    return [str(dim) for dim in network.sizes(network.outputs[0]) or ()]


def test_what_is_printed_is_the_output():
    text = "net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())\nx = torch.randn(1, 3, 32, 32)\n"
    assert size(text + "print(net(x).shape)") == ["1", "4", "h - 2", "w - 2"]


def test_what_trains_a_network_is_no_part_of_it():
    text = "net = nn.Sequential(nn.Conv2d(3, 4, 3)).cuda()\nloss = nn.CrossEntropyLoss()\n"
    text += "steps = torch.optim.Adam(net.parameters(), lr=0.1)"
    assert size(text) == ["1", "4", "h - 2", "w - 2"]


def test_the_model_of_a_main_block_is_taken():
    text = "class Net(nn.Module):\n  def __init__(self, n):\n    super().__init__()\n"
    text += "    self.c = nn.Sequential(*[nn.Conv2d(3, 3, 3, 2, 1) for i in range(n)])\n"
    text += "  def forward(self, x):\n    return self.c(x)\n"
    text += "if __name__ == '__main__':\n  args = parse()\n  net = Net(2).to('cuda')\n"
    text += "  x = torch.randn(1, 3, 8, 8)\n  print(net(x).shape)"
    assert size(text) == ["1", "3", "ceil(h/4)", "ceil(w/4)"]


def test_sizes_written_for_keras_decide_what_dense_layers_take():
    text = "model = Sequential([Conv2D(8, 3, input_shape=(28, 28, 1)), MaxPooling2D(),"
    network = read(text + "Flatten(), Dense(10)])")
    assert str(valid(network).inputs) == "n in {28, 29}"
    assert total(costs(network)).parameters == 80 + 1352 * 10 + 10


def test_the_name_of_another_framework_is_told():
    with pytest.raises(SolverError, match="PyTorch has no layer of this name") as found:
        read("nn.Conv2D(3, 8, 3)")
    assert found.value.right == "nn.Conv2d"


def test_what_changes_a_list_unseen_is_refused():
    with pytest.raises(SolverError, match="this change of a list is not followed"):
        read("net = nn.Sequential(nn.Conv2d(3, 4, 3))\nnet[5:] = []")


def test_strides_that_multiply_without_end():
    with pytest.raises(LimitError, match="grow too large"):
        read("nn.Conv2d(4, 4, 3, 2, 1)\n" * 100)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("low", ("conv",)),
        ("low, [self.pool(low), low]", ("0", "1.0", "1.1")),
        ('{"low": low, "deep": {"pool": self.pool(low)}}', ("low", "deep.pool")),
    ],
)
def test_outputs_have_the_names_that_a_program_gives_them(given, names):
    text = f"""
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.pool = nn.Conv2d(3, 8, 3), nn.MaxPool2d(2)
    def forward(self, x):
        low = self.conv(x)
        return {given}
"""
    assert read(text).names == names


def test_a_list_that_holds_itself_comes_out_of_nothing():
    text = "x = nn.Conv2d(3, 8, 3)(x)\nfound = [x]\nfound.append(found)\nfound"
    with pytest.raises(LimitError):
        read(text)


def test_the_least_of_sizes_is_compared_part_by_part():
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
    def forward(self, x):
        x = self.conv(x)
        for _ in range(3):
            if min(x.shape[-2:]) > 4:
                x = F.max_pool2d(x, 2)
        least = min(x.shape[-2:])
        return F.interpolate(x, size=(least, least))
"""
    network = read(text)
    assert len(network.paths) < 16  # no size of one axis is compared with one of the other before
    for h, w, least in ((64, 80, 8), (9, 7, 3), (5, 99, 2), (4, 99, 4), (40, 4, 4)):
        given = {"h": h, "w": w}
        out = network.path(given).at(given).shapes[-1]
        assert [str(dim) for dim in out] == ["1", "8", *2 * [str(least)]]


def test_a_function_of_tensors_is_run_on_inputs():
    """Its arguments are inputs where neither the text nor --set says what they are."""
    text = (
        "import tensorflow as tf\n"
        "w1 = tf.Variable(tf.random.normal([5, 5, 3, 32]))\n"
        "w2 = tf.Variable(tf.random.normal([3, 3, 32, 64]))\n"
        "def conv_net(x):\n"
        "    x = tf.nn.conv2d(x, w1, strides=[1, 1, 1, 1], padding='SAME')\n"
        "    x = tf.nn.max_pool2d(x, 2, 2, padding='VALID')\n"
        "    return tf.nn.conv2d(x, w2, strides=[1, 2, 2, 1], padding='VALID')\n"
    )
    for model in (None, "conv_net"):
        assert read(text, model=model).formula() == "floor((n - 2)/4)"
