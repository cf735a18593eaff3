"""Designs with branches as a model of ONNX with weights of zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from solver.frameworks.line_by_line import Lines
from solver.frameworks.onnx.write import OnnxNodes
from solver.layers.channels import Channels
from solver.layers.layer import Layer
from solver.layers.operators import Operator

#: Nodes of one input and no weights: the operator and its attributes.
_PLAIN: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("Relu", {}),
    "leakyrelu": ("LeakyRelu", {"alpha": 0.01}),
    "elu": ("Elu", {}),
    "gelu": ("Gelu", {}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
}


class OnnxLines(Lines):
    """Write nodes."""

    words: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            *_PLAIN,
            *("silu", "relu6", "batchnorm", "instancenorm", "groupnorm", "dropout", "upsample"),
            *("pixelshuffle", "squeeze-excite", "head"),
        ),
        "",
    )

    def __init__(self, axes: int) -> None:
        super().__init__(axes)
        self._nodes = OnnxNodes(axes)
        self._at = {"x": self._nodes.last}
        self._outputs: list[str] = []

    def _put(self, kind: str, inputs: Sequence[str], y: str, **attributes: Any) -> None:
        self._at[y] = self._nodes.add(kind, inputs, **attributes)

    def operator(self, each: Operator, channels: int, x: str, y: str) -> None:
        held, at = self._nodes.hold, self._at[x]
        c, less = (channels,), (each.less(channels),)
        ones = (1,) * self.axes
        if each.word in _PLAIN:
            kind, attributes = _PLAIN[each.word]
            self._put(kind, [at], y, **attributes)
        elif each.word == "silu":
            self._put("Sigmoid", [at], y)
            self._put("Mul", [at, self._at[y]], y)
        elif each.word == "relu6":
            self._put("Clip", [at, held("low", 0.0), held("high", 6.0)], y)
        elif each.word == "batchnorm":
            weights = [held(name, c) for name in ("scale", "shift", "mean", "variance")]
            self._put("BatchNormalization", [at, *weights], y)
        elif each.word == "instancenorm":
            weights = [held("scale", [1.0] * channels), held("shift", [0.0] * channels)]
            self._put("InstanceNormalization", [at, *weights], y)
        elif each.word == "groupnorm":
            weights = [held(name, c) for name in ("scale", "shift")]
            self._put("GroupNormalization", [at, *weights], y, num_groups=each.number)
        elif each.word == "dropout":
            self._put("Dropout", [at, held("ratio", each.number)], y)
        elif each.word == "upsample":
            how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric"}
            scales = held("scales", [1.0, 1.0, *[float(each.number)] * self.axes])
            self._put("Resize", [at, "", scales], y, **how, nearest_mode="floor")
        elif each.word == "pixelshuffle":
            self._put("DepthToSpace", [at], y, blocksize=each.number, mode="CRD")
        elif each.word == "squeeze-excite":
            self._put("GlobalAveragePool", [at], y)
            self._put("Conv", [self._at[y], held("w", less + c + ones), held("b", less)], y)
            self._put("Relu", [self._at[y]], y)
            self._put("Conv", [self._at[y], held("w", c + less + ones), held("b", c)], y)
            self._put("Sigmoid", [self._at[y]], y)
            self._put("Mul", [at, self._at[y]], y)
        else:
            self._put("GlobalAveragePool", [at], y)
            self._put("Flatten", [self._at[y]], y)
            classes = (each.number,)
            self._put("Gemm", [self._at[y], held("w", c + classes), held("b", classes)], y)

    def layer(self, layer: Layer, width: Channels, x: str, y: str) -> None:
        self._at[y] = self._nodes.layer(layer, width, self._at[x])

    def join(self, how: str, ends: Sequence[str], y: str) -> None:
        inputs = [self._at[end] for end in ends]
        if how == "concat":
            self._put("Concat", inputs, y, axis=1)
        else:
            self._put("Sum", inputs, y)

    def crop(self, x: str, like: str, y: str) -> None:
        self._put("Shape", [self._at[like]], y, start=2)
        sizes = self._at[y]
        self._put("CenterCropPad", [self._at[x], sizes], y, axes=list(range(2, self.axes + 2)))

    def keep(self, name: str, x: str) -> None:
        self._outputs.append(self._nodes.add("Identity", [self._at[x]], name))

    def program(self, channels: int, x: str) -> str:
        """Lines that make the model."""
        return self._nodes.program(channels, self._outputs or [self._at[x]])


LINES = OnnxLines
