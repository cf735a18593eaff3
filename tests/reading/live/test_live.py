"""Live models against themselves: the sizes that come out at many inputs, and what is refused."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from solver import read, valid
from solver.errors import LimitError, SolverError
from solver.network.graph.operation import Unknown
from solver.reading.live import live

pytestmark = [pytest.mark.live, pytest.mark.filterwarnings("ignore")]

FOLDER = Path(__file__).parents[2] / "data" / "onnx"
ROWS = {
    line["model"]: line["rows"]
    for line in map(json.loads, (FOLDER / "sizes.jsonl").read_text(encoding="utf-8").splitlines())
    if "model" in line and not line["model"].endswith("_fixed")
}


def needs(*names: str) -> Any:
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")


def sizes(network: Any, given: Any) -> list[list[int]] | None:
    try:
        walk = network.at(given)
    except SolverError:
        return None
    return [[dim.number for dim in walk.shapes[at] or ()] for at in network.outputs]


@needs("torch")
@pytest.mark.parametrize("name", ROWS)
def test_modules(name, monkeypatch):
    """As recorded: where one more null says that PyTorch refuses for its sizes, so do we."""
    import torch  # noqa: F401

    monkeypatch.syspath_prepend(str(FOLDER))
    from recorded_networks import NETWORKS

    module, channels, axes, _ = NETWORKS[name]
    network = live(module.eval(), channels=channels, axes=axes)
    assert not any(isinstance(node.operation, Unknown) for node in network.nodes)
    allowed = valid(network).inputs
    for given, out, *refused in ROWS[name]:
        found = sizes(network, given)
        assert found == out or (refused and found is None), (given, out, found)
        if len(set(given)) == 1 and not refused:
            assert (given[0] in allowed) == (out is not None)


@needs("torch")
def test_what_is_not_followed_is_named():
    import torch
    from torch import nn

    class Branch(nn.Module):
        def forward(self, x):
            return x if x.sum() > 0 else -x

    class Odd(nn.Module):
        def forward(self, x):
            return torch.unique(x)

    network = live(nn.Sequential(nn.Conv2d(3, 4, 3), Branch(), nn.ReLU()))
    unknown = [node.label for node in network.nodes if isinstance(node.operation, Unknown)]
    assert len(unknown) == 1
    assert "__bool__ of a tensor that depends on the input (test_live.py line" in unknown[0]
    assert network.sizes(1) is not None
    assert network.sizes(network.outputs[0]) is None
    network = live(nn.Sequential(nn.Conv2d(3, 4, 3), Odd()))
    assert any(isinstance(node.operation, Unknown) for node in network.nodes)


@needs("torch")
def test_shapes_are_told():
    from torch import nn

    net = live(nn.Linear(8, 3), shape=(1, "tokens", 8))
    assert [str(dim) for dim in net.sizes(net.outputs[0]) or ()] == ["1", "tokens", "3"]
    with pytest.raises(SolverError, match="not told by a convolution"):
        live(nn.Linear(8, 3))
    with pytest.raises(SolverError, match="numbers and letters"):
        live(nn.Linear(8, 3), shape=(1, "a b", 8))


def keras_models() -> dict[str, Any]:
    import keras
    from keras import layers

    def block(x, filters, strides):
        y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.Conv2D(filters, 3, padding="same")(y)
        short = layers.Conv2D(filters, 1, strides=strides)(x) if strides > 1 else x
        return layers.Activation("relu")(layers.Add()([y, short]))

    def functional(build, *shape):
        x = keras.Input(shape)
        return keras.Model(x, build(x))

    def resnet(x):
        x = layers.MaxPooling2D(3, 2, padding="same")(layers.Conv2D(4, 7, 2, padding="same")(x))
        for filters, strides in ((4, 1), (6, 2), (6, 2)):
            x = block(x, filters, strides)
        return [x, layers.Dense(5)(layers.GlobalAveragePooling2D()(x))]

    def unet(x):
        skips = []
        for _ in range(3):
            x = layers.Conv2D(4, 3, padding="same")(x)
            skips.append(x)
            x = layers.MaxPooling2D(2)(x)
        for skip in reversed(skips):
            x = layers.Conv2DTranspose(4, 2, strides=2)(x)
            x = layers.Concatenate()([skip, x])
        return layers.Conv2D(1, 1)(x)

    def mobile(x):
        x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
        x = layers.DepthwiseConv2D(3, strides=2)(x)
        x = layers.SeparableConv2D(6, 3, strides=2, padding="same")(x)
        gate = layers.Reshape((1, 1, 6))(layers.GlobalMaxPooling2D()(x))
        x = layers.Multiply()([x, layers.Conv2D(6, 1, activation="sigmoid")(gate)])
        return layers.Cropping2D(((1, 0), (0, 2)))(layers.UpSampling2D((2, 3))(x * 2.0))

    def speech(x):
        x = layers.Conv1D(4, 3, strides=2, padding="causal")(x)
        x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
        return [layers.Dense(7)(x), layers.GRU(2)(x)]

    def tokens(x):
        x = layers.Conv2D(8, 4, strides=4)(x)
        x = layers.Reshape((-1, 8))(x)
        x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x))
        return layers.Permute((2, 1))(layers.Dense(5)(x))

    inner = keras.Sequential([layers.Conv2D(4, 3), layers.AveragePooling2D(3, 1, padding="same")])
    return {
        "resnet": functional(resnet, None, None, 3),
        "unet": functional(unet, None, None, 1),
        "mobile": functional(mobile, None, None, 3),
        "speech": functional(speech, None, 6),
        "tokens": functional(tokens, None, None, 3),
        "volume": functional(
            lambda x: layers.Conv3DTranspose(2, 3, 2, "same")(layers.MaxPooling3D(2)(x)),
            *(None, None, None, 2),
        ),
        "nested": keras.Sequential([keras.Input((None, None, 3)), inner, layers.Conv2D(2, 3, 2)]),
    }


@needs("keras", "jax")
@pytest.mark.parametrize(
    "name", ["resnet", "unet", "mobile", "speech", "tokens", "volume", "nested"]
)
def test_keras(name):
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras
    from keras.src.backend import compute_output_spec

    with keras.StatelessScope(initialize_variables=False):  # without weights
        model = keras_models()[name]
    network = live(model)
    assert not any(isinstance(node.operation, Unknown) for node in network.nodes)
    channels, axes = model.inputs[0].shape[-1], len(model.inputs[0].shape) - 2
    allowed = valid(network).inputs
    ran = 0
    for n in [*range(1, 22), 32, 33, 40, 48, 57, 64]:
        if axes == 3 and not 1 < n <= 12:  # JAX goes on with what is empty
            continue
        given = (n, *(n + 8 * i for i in range(1, axes)))
        try:  # as the backend traces it: nothing is compiled
            found = compute_output_spec(model, keras.KerasTensor((1, *given, channels)))
        except Exception:
            found = None
        theirs = found if isinstance(found, list) else [found]
        out = None if found is None else [_first(each.shape) for each in theirs]
        if out is not None and any(0 in shape for shape in out):
            out = None  # JAX goes on with what is empty
        assert sizes(network, given) == out, (given, out)
        ran += out is not None
        if axes == 1:
            assert (n in allowed) == (out is not None)
    assert ran > 1


def _first(shape: Any) -> list[int]:
    found = list(shape)
    return found if len(found) < 3 else [found[0], found[-1], *found[1:-1]]


def keras_programs() -> dict[str, tuple[Any, list[str]]]:
    """Models that are programs, or hold layers that are, and what they give."""
    import keras
    from keras import layers, ops

    class Scale(layers.Layer):  # type: ignore[misc]
        def build(self, shape: Any) -> None:
            self.by = self.add_weight(shape=(shape[-1],))

        def call(self, x: Any) -> Any:
            return x * self.by

    class Opaque(layers.Layer):  # type: ignore[misc]
        def compute_output_shape(self, shape: Any) -> Any:
            return (shape[0], shape[1] and shape[1] // 2, shape[2], 7)

        def call(self, x: Any) -> Any:
            raise ValueError("it needs values")

    class Skips(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.down = layers.Conv2D(8, 3, strides=2, padding="same")
            self.up, self.scale = layers.UpSampling2D(2), Scale()

        def call(self, x: Any) -> Any:
            y = self.up(self.scale(self.down(x)))
            return ops.concatenate([x, y[:, : ops.shape(x)[1], : x.shape[2]]], axis=-1)

    class Pads(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.conv = layers.Conv2D(8, 2, strides=2)

        def call(self, x: Any) -> Any:
            if x.shape[1] % 2:
                x = ops.pad(x, [[0, 0], [0, 1], [0, 0], [0, 0]])
            return self.conv(x)

    class Tokens(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.cut, self.norm = layers.Conv2D(8, 4, strides=4), layers.LayerNormalization()
            self.attention = layers.MultiHeadAttention(2, 4)

        def call(self, x: Any) -> Any:
            x = self.cut(x)
            _, h, w, c = ops.shape(x)
            x = ops.reshape(x, (-1, h * w, c))
            y = self.norm(x)
            return x + self.attention(y, y)

    def graph(build: Any) -> Any:
        x = keras.Input((None, None, 3))
        return keras.Model(x, build(x))

    return {
        "skips": (Skips(), ["1", "11", "h", "w"]),
        "pads": (Pads(), ["1", "8", "floor(h/2)", "floor(w/2)"]),
        "tokens": (Tokens(), ["1", "8", "floor(h/4)*floor(w/4)"]),
        "opaque": (
            graph(lambda x: Opaque()(layers.Conv2D(4, 3)(x))),
            ["1", "7", "floor(h/2) - 1", "w - 2"],
        ),
        "cut": (graph(lambda x: x[:, -5:, ::2]), ["1", "3", "5", "ceil(w/2)"]),
        "preprocessing": (
            graph(lambda x: layers.Resizing(32, 48)(layers.RandomFlip()(layers.Rescaling(2)(x)))),
            ["1", "3", "32", "48"],
        ),
    }


@needs("keras", "jax")
def test_keras_runs_as_a_program():
    for name, (model, shape) in keras_programs().items():
        told = {} if getattr(model, "inputs", None) else {"channels": 3, "axes": 2}
        network = live(model, **told)
        found = network.sizes(network.outputs[0])
        assert found is not None, name
        assert [str(dim) for dim in found] == shape, name
    models = keras_programs()
    for name, size, out in (("cut", (3, 9), [1, 3, 3, 5]), ("pads", (7, 9), [1, 8, 4, 4])):
        model, told = models[name][0], {"channels": 3, "axes": 2} if name == "pads" else {}
        there = live(model, **told).path(size)
        assert [dim.number for dim in there.at(size).shapes[there.outputs[0]] or ()] == out


@needs("keras", "jax")
def test_keras_numbers_are_free():
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras
    from keras import layers

    stack = [layers.Conv2D(4, 3, 2), layers.Flatten(), layers.Dense(3)]
    model = keras.Sequential([keras.Input((32, 32, 3)), *stack])
    assert str(valid(live(model)).inputs) == "n in {31, 32}"
    assert live(model, free=False).letters == ()
    with pytest.raises(SolverError, match="has not been built"):
        live(keras.Sequential([layers.Conv2D(4, 3)]))
    assert live(keras.Sequential([layers.Conv2D(4, 3)]), channels=3, axes=2).letters == ("h", "w")


def test_a_keras_file_is_loaded_by_keras(tmp_path):
    path = tmp_path / "net.keras"
    path.write_bytes(b"PK")
    with pytest.raises(SolverError, match="loaded by Keras") as caught:
        read(path)
    assert f"--live \"keras:saving.load_model('{path}')\"" in str(caught.value)


def test_nothing_is_imported():
    code = (
        "import sys\nfrom solver.reading.live import live\n"
        "try:\n    live(3)\nexcept ValueError:\n    pass\n"
        "print({'torch', 'keras', 'onnx', 'numpy', 'sympy'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


@needs("torch")
def test_outputs_have_the_names_that_the_model_gives_them():
    from dataclasses import dataclass

    import torch
    from torch import nn

    @dataclass
    class Found:
        low: torch.Tensor
        states: tuple[torch.Tensor, ...]
        nothing: None = None

    class Several(nn.Module):
        def __init__(self, of):
            super().__init__()
            self.conv, self.pool, self.of = nn.Conv2d(3, 8, 3), nn.MaxPool2d(2), of

        def forward(self, x):
            low = self.conv(x)
            return self.of(low, self.pool(low))

    for of, names in {
        (lambda low, deep: deep): ("pool",),
        (lambda low, deep: (low, [deep, low])): ("0", "1.0", "1.1"),
        (lambda low, deep: {"a": low, "b": {"c": deep}}): ("a", "b.c"),
        (lambda low, deep: Found(low, (deep,))): ("low", "states.0"),
    }.items():
        network = live(Several(of).eval())
        assert network.names == names
        at = network.find(names[-1])
        assert at == network.outputs[-1]
        assert network.there(8).names == network.restricted([]).names == names


@needs("torch")
def test_a_pooling_as_large_as_one_axis_is_told_where_both_are_alike():
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Net(nn.Module):
        def forward(self, x):
            return F.avg_pool2d(x, x.size(2))

    network = live(Net(), shape=(1, 3, "h", "w"))
    assert network.formula().startswith("1")
    assert network.size((9, 9)) == Net()(torch.ones(1, 3, 9, 9)).shape[-1] == 1
    with pytest.raises(LimitError, match="what is behind this is not known"):
        network.size((4, 40))  # 1 x 10


@needs("torch")
def test_what_a_program_would_call_elsewhere_need_not_be_there():
    """Where a decision is looked at, a call on the other side of None is no fault of the model."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Net(nn.Module):
        def forward(self, x, mask=None):
            wanted = [0, 0]
            if x.shape[-1] % 4 != 0:
                wanted[1] = 4 - x.shape[-1] % 4
            if mask is not None:
                mask = mask.unsqueeze(1).table["key"](mask)
            return F.pad(x, wanted)

    network = live(Net(), shape=(1, 3, "n"))
    assert [network.size(n) for n in range(1, 10)] == [
        Net()(torch.ones(1, 3, n)).shape[-1] for n in range(1, 10)
    ]


@needs("torch")
def test_a_decision_that_matters_on_some_paths_is_a_path_there():
    """Where the width is odd it is resized anyway; where not, the height decides."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Fit(nn.Module):
        def forward(self, x):
            height, width = x.shape[2:]
            fits = -(-height // 2) * 2, -(-width // 2) * 2
            resized = False
            if fits[0] != height or fits[1] != width:
                x, resized = F.interpolate(x, size=fits), True
            x = x.reshape(3 * fits[0] // 2, 2, fits[1] // 2, 2).transpose(1, 2)
            x = x.transpose(1, 2).reshape(1, 3, *fits)
            return F.interpolate(x, size=(height, width)) if resized else x

    down = [nn.Conv2d(3, 3, 3, 2, 1) for _ in range(4)]
    model = nn.Sequential(*(each for conv in down for each in (conv, Fit()))).eval()
    network = live(model, shape=(1, 3, "h", "w"))
    for sizes in ((67, 61), (32, 47), (33, 64), (17, 17), (50, 81), (1, 1), (48, 16)):
        found = network.size(sizes)
        there = tuple(model(torch.zeros(1, 3, *sizes)).shape[2:])
        assert (found if isinstance(found, tuple) else (found, found)) == there


@needs("torch")
def test_places_that_are_counted_out_of_sizes_may_lie_outside_of_a_table():
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Parameter(torch.zeros(9, 4))

        def forward(self, x):
            steps = torch.arange(x.shape[-1])
            return x.mean(1)[..., None] + self.table[steps[None] - steps[:, None] + 4][0]

    network = live(Net(), shape=(1, 3, "n"))
    assert Net()(torch.zeros(1, 3, 5)).shape == (1, 5, 4)
    with pytest.raises(LimitError):  # 6 is refused, and 5 is not
        network.size(6)
