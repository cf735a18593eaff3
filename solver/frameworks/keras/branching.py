"""Designs with branches as functional models of Keras; channels come last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from solver.frameworks.keras import write
from solver.frameworks.line_by_line import Lines
from solver.layers.channels import Channels
from solver.layers.layer import Layer

_CROP = """\


class Crop(keras.layers.Layer):
    def call(self, inputs):
        x, like = inputs
        for axis, size in enumerate(keras.ops.shape(like)[1:-1], 1):
            begin = (keras.ops.shape(x)[axis] - size) // 2
            x = keras.ops.take(x, keras.ops.arange(begin, begin + size), axis)
        return x

    def compute_output_shape(self, shapes):
        return (*shapes[1][:-1], shapes[0][-1])
"""

_SHUFFLE = """\


class PixelShuffle(keras.layers.Layer):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, x):
        f = self.factor
        n, h, w, c = keras.ops.shape(x)
        x = keras.ops.reshape(x, (n, h, w, c // f**2, f, f))
        x = keras.ops.transpose(x, (0, 1, 4, 2, 5, 3))
        return keras.ops.reshape(x, (n, h * f, w * f, c // f**2))

    def compute_output_shape(self, shape):
        n, h, w, c = shape
        f = self.factor
        return (n, h and h * f, w and w * f, c // f**2)
"""

_LAYERS = {
    "relu": "ReLU()",
    "leakyrelu": "LeakyReLU(negative_slope=0.01)",
    "elu": "ELU()",
    "gelu": 'Activation("gelu")',
    "silu": 'Activation("silu")',
    "relu6": "ReLU(max_value=6)",
    "sigmoid": 'Activation("sigmoid")',
    "tanh": 'Activation("tanh")',
    "batchnorm": "BatchNormalization()",
    "instancenorm": "GroupNormalization(groups=-1, scale=False, center=False)",
    "groupnorm": "GroupNormalization(groups={n})",
    "dropout": "Dropout({n})",
    "upsample": "UpSampling{d}D({n})",
}

_GATE = """\
gate = keras.layers.GlobalAveragePooling{d}D(keepdims=True)({x})
gate = keras.layers.Conv{d}D({less}, kernel_size=1, activation="relu")(gate)
gate = keras.layers.Conv{d}D({c}, kernel_size=1, activation="sigmoid")(gate)
{y} = keras.layers.Multiply()([{x}, gate])"""

_HEAD = """\
{y} = keras.layers.GlobalAveragePooling{d}D()({x})
{y} = keras.layers.Dense({n})({y})"""

_JOINS = {"add": "Add", "concat": "Concatenate"}


class KerasLines(Lines):
    """Write calls of layers."""

    words: ClassVar[Mapping[str, str]] = {
        **{word: f"{{y}} = keras.layers.{call}({{x}})" for word, call in _LAYERS.items()},
        "pixelshuffle": "{y} = PixelShuffle({n})({x})",
        "squeeze-excite": _GATE,
        "head": _HEAD,
    }

    def layer(self, layer: Layer, width: Channels, x: str, y: str) -> None:
        self.lines.append(f"{y} = {write.line(layer)}({x})")

    def join(self, how: str, ends: Sequence[str], y: str) -> None:
        self.lines.append(f"{y} = keras.layers.{_JOINS[how]}()([{', '.join(ends)}])")

    def crop(self, x: str, like: str, y: str) -> None:
        self.lines.append(f"{y} = Crop()([{x}, {like}])")

    def program(self, channels: int, x: str) -> str:
        """Imports, the classes that are used, and the model."""
        shape = ", ".join([*["None"] * self.axes, str(channels)])
        body = "\n".join(self.lines)
        classes = {"= Crop(": _CROP, "= PixelShuffle(": _SHUFFLE}
        needed = "".join(lines for word, lines in classes.items() if word in body)
        begin = f"import keras\n{needed}\n" + "\n" * bool(needed)
        return (
            f"{begin}inputs = x = keras.Input(({shape}))\n{body}\nmodel = keras.Model(inputs, {x})"
        )


LINES = KerasLines
