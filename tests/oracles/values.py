"""Values of every public kind, each made by a function of its own, so that it can be made again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import solver
from solver import (
    AvgPool,
    Choice,
    Conv,
    ConvTranspose,
    MaxPool,
    SizeMap,
    SizeSet,
    Space,
    Stack,
    add,
    bioimage,
    concat,
    convert,
    coverage,
    crop,
    decoders,
    either,
    explain,
    fields,
    fill,
    flatten,
    global_pool,
    linear,
    mirror,
    optional,
    pad,
    pad_like,
    pointwise,
    prove,
    repair,
    repeat,
    reshape,
    resize,
    solve,
    split,
    streaming,
    tiling,
    torch_export_dim,
    trace,
    unread,
    upsample,
    valid,
)
from solver.frameworks import framework, layer
from solver.reading import read, read_file

ROOT = Path(__file__).resolve().parents[2]
_ASKS = "unet_of_depth.py"  # for its depth
NETWORKS = sorted(x for x in (ROOT / "examples/networks").glob("*.*") if x.name != _ASKS)

TEXTS = {
    "upsample": "nn.Conv2d(3, 8, 3)\nnn.Upsample(scale_factor=2)\nnn.Conv2d(8, 8, 3, padding=1)",
    "upsample 1.5": "nn.Upsample(scale_factor=1.5, mode='bilinear')\nnn.ReLU()",
    "pad": "nn.ZeroPad2d((1, 2, 3, 4))\nnn.ReflectionPad2d(2)\nnn.Conv2d(3, 8, 7)",
    "keras": "Conv2D(8, 3, padding='same')\nUpSampling2D(2)\nZeroPadding2D(3)\nCropping2D(1)",
    "keras deconv": "Conv2DTranspose(8, 3, strides=2, padding='same')\nMaxPooling2D(2)",
    "adaptive": "nn.AdaptiveAvgPool2d(7)\nnn.Flatten()\nnn.Linear(147, 10)",
    "unpool": "nn.Conv1d(1, 1, 3)\nnn.MaxPool1d(3, 2)\nnn.ConvTranspose1d(1, 1, 4, 2)",
    "shuffle": "nn.Conv2d(3, 16, 3)\nnn.PixelShuffle(2)\nnn.PixelUnshuffle(2)",
    "printout": "Net(\n  (a): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n"
    "  (up): Upsample(scale_factor=2.0, mode='nearest')\n  (p): ZeroPad2d((1, 1, 1, 1))\n)",
    "unknown": "nn.Conv1d(1, 1, 3, stride={1, 2}, padding=...)\nnn.MaxPool1d(2)",
    "functions": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3, padding=1)
        self.b = nn.Conv2d(8, 8, 3, stride=2, padding=1)
    def forward(self, x):
        a = self.a(x)
        b = F.interpolate(self.b(a), size=a.shape[2:])
        b = F.pad(b, (0, 1, 0, 1))
        b = b[:, :, : a.shape[2], : a.shape[3]]
        return torch.cat([a, b], 1).mean((2, 3)).view(-1, 16)
""",
}


def unet(x: Any) -> Any:
    down = MaxPool(2)(Conv(3, padding=1)(x))
    up = upsample(Conv(3, padding=1)(down), 2)
    return concat(crop(x, like=up), up)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "unet": unet,
    "pads": lambda x: pad(pad(x, 1, 2), 3),
    "pad_like": lambda x: add(pad_like(MaxPool(2)(x), x), x),
    "crops": lambda x: crop(x, Conv(3)(x)),
    "resized": lambda x: resize(MaxPool(3)(x), Conv(2)(x)),
    "resized like": lambda x: x + resize(MaxPool(2)(x), like=x),
    "ends": lambda x: linear(flatten(global_pool(x)), 10),
    "pointwise": lambda x: pointwise(x, "relu"),
    "split": lambda x: split(x, [1, 2])[0],
    "reshaped": lambda x: reshape(x, 1, -1),
    "framework": lambda x: layer("keras", "Conv2D", kernel_size=3, padding="same")(x),
    "choices": lambda x: Choice(Conv, {1, 3}, {1, 2}, range(2))(x),
}


def _functions() -> dict[str, Callable[[], Any]]:
    """Return the functions that make a network, by how it is made."""
    made: dict[str, Callable[[], Any]] = {
        f"file {path.name}": lambda path=path: read_file(str(path)) for path in NETWORKS
    }
    made |= {f"text {name}": lambda text=text: read(text) for name, text in TEXTS.items()}
    made |= {
        f"trace {name}": lambda f=f: trace(f, axes=2, channels=3) for name, f in FUNCTIONS.items()
    }
    return made


MADE = _functions()


def _space(**limits: Any) -> Space:
    layers = [Choice(Conv, {1, 3}, {1, 2}, range(2)), optional(MaxPool(2)), repeat(Conv(3), {1, 2})]
    return Space(layers, 20, "4..6", **limits)


def down(x: Any) -> Any:
    return Conv(4, 2, 1)(Conv(10, 5, 3)(x))


def up(x: Any) -> Any:
    return ConvTranspose(10, 5, 3)(ConvTranspose(4, 2, 1)(x))


def _wrong() -> Any:
    try:
        Conv(7).size(3)
    except solver.SizeError as fault:
        return fault


VALUES: dict[str, Callable[[], Any]] = {
    "Conv": lambda: Conv(3, stride=2, padding=((1, 2), (0, 1)), in_channels=2, out_channels=4),
    "ConvTranspose": lambda: ConvTranspose(3, 2, 1, output_padding=1),
    "MaxPool": lambda: MaxPool((2, 3), ceil_mode=True),
    "AvgPool": lambda: AvgPool(2),
    "layer": lambda: layer("torch", "Conv2d", kernel_size=(3, 5), stride=1, padding="same"),
    "layer onnx": lambda: layer("onnx", "ConvTranspose", kernel_shape=[3, 3], strides=[2, 2]),
    "layer resize": lambda: layer("torch", "Upsample", scale_factor=1.5),
    "Stack": lambda: Stack([Conv(3), MaxPool(2)]),
    "SizeMap": lambda: SizeMap.line(1, 0, 2),
    "SizeSet": lambda: SizeSet(2, {1}),
    "n": lambda: solver.n,
    "Solutions": lambda: solve("conv", 224, 112),
    "Solutions every n": lambda: solve("deconv", "n", "2n"),
    "Solutions none": lambda: solve("conv", "n", "2n", kernel_size="1..3"),
    "Solutions axes": lambda: solve("maxpool", (9, 7), (4, 3), per_axis=True),
    "Verdict": lambda: prove("conv(n, k=3, s=2) == floor(n/2)"),
    "Verdict letters": lambda: prove("deconv(n, k=s, s=s) == s*n"),
    "derivation": lambda: solve("conv", "n", "n/2").explain(),
    "Choice": lambda: Choice(Conv, {1, 3}, "1..2", ...),
    "optional": lambda: optional(Choice(Conv, {1, 3})),
    "repeat": lambda: repeat(Conv(3), {1, 2}),
    "either": lambda: either(Conv(3), MaxPool(2)),
    "mirror": lambda: mirror(Choice(Conv, {2, 3}, 2), ConvTranspose(2, 2)),
    "Space": _space,
    "Space limited": lambda: _space(depth="2..3", receptive_field="3.."),
    "Space every n": lambda: Space([Choice(Conv, {1, 3}, 1, {0, 1})], "n", "n"),
    "Designs": lambda: _space()[:3],
    "shards": lambda: _space().shards(2),
    "fill one": lambda: fill(
        trace(lambda x: Choice(Conv, 3, 2, ...)(Conv(7, 2, 3)(x)), axes=1), "ceil(n/4)"
    ),
    "fill text": lambda: fill(read(TEXTS["unknown"]), 5, at=20),
    "fill several": lambda: fill(
        trace(lambda x: Choice(Conv, {1, 3})(Choice(Conv, {1, 3}, {1, 2})(x)), axes=1), 5, at=12
    ),
    "decoders": lambda: decoders(trace(down, axes=1)),
    "convert": lambda: convert(layer("torch", "MaxPool2d", kernel_size=3), "keras", 2),
    "convert classes": lambda: convert(
        layer("keras", "Conv2D", filters=8, kernel_size=3, strides=2, padding="same"), "torch", 2
    ),
    "repair": lambda: repair(trace(down, axes=1), trace(up, axes=1)),
    "explain": lambda: explain(trace(lambda x: x + ConvTranspose(2, 2)(MaxPool(2)(x)), axes=1), 9),
    "explain text": lambda: explain(read(TEXTS["upsample"]), 2),
    "fault": _wrong,
    "framework": lambda: framework("torch"),
}  # fmt: skip

#: What is asked of a network.
ASKED: dict[str, Callable[[Any], Any]] = {
    "valid": valid,
    "walk": lambda net: net.walk,
    "fields": fields,
    "unread": unread,
    "coverage": lambda net: coverage(net, 40),
    "tiling": tiling,
    "streaming": streaming,
    "bioimage": bioimage,
    "torch_export_dim": lambda net: torch_export_dim(net, 640),
    "decoders": decoders,
    "explain": lambda net: explain(net, 40),
}
