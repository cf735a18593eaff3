"""Record what frameworks say when sizes do not fit: python tests/data/record_messages.py > file.

Each line holds the framework, its message as it was raised, the kind that our diagnosis of
messages must find in it, and the numbers, which come from the case itself and not from the message.
Needs torch, keras with jax and tensorflow, onnx and onnxruntime.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys


def torch_cases():
    import torch
    from torch import nn

    def x(*shape):
        return torch.zeros(*shape)

    kernel = [
        (nn.Conv2d(1, 1, 5), (1, 1, 3, 3), (3, 3), (5, 5)),
        (nn.Conv2d(1, 1, 3, padding=1, dilation=4), (1, 1, 2, 5), (4, 7), (9, 9)),
        (nn.Conv1d(2, 4, 10, stride=5), (1, 2, 7), (7,), (10,)),
        (nn.Conv3d(1, 1, (3, 5, 5)), (1, 1, 2, 4, 4), (2, 4, 4), (3, 5, 5)),
    ]
    for layer, shape, size, span in kernel:
        yield lambda f=layer, s=shape: f(x(*s)), "kernel", {"size": size, "kernel": span}
    yield (
        lambda: nn.MaxPool2d(2)(x(1, 512, 1, 1)),
        "output",
        {"channels": (512,), "input": (1, 1), "output": (0, 0)},
    )
    yield (
        lambda: nn.AvgPool2d(3)(x(1, 8, 2, 7)),
        "output",
        {"channels": (8,), "input": (2, 7), "output": (0, 2)},
    )
    yield (
        lambda: nn.MaxPool1d(4)(x(1, 6, 3)),
        "output",
        {"output": (0,)},
    )
    yield (
        lambda: nn.MaxPool3d(2)(x(1, 4, 1, 8, 8)),
        "output",
        {"channels": (4,), "input": (1, 8, 8), "output": (0, 4, 4)},
    )
    yield (
        lambda: torch.cat([x(1, 64, 61, 61), x(1, 64, 60, 60)], 1),
        "meet",
        {"sizes": (61, 60)},
    )
    yield lambda: torch.cat([x(1, 4, 60), x(1, 4, 61)], 1), "meet", {"sizes": (60, 61)}
    yield lambda: x(1, 4, 61, 61) + x(1, 4, 60, 60), "meet", {"sizes": (61, 60)}
    yield lambda: x(1, 4, 7) * x(1, 4, 9), "meet", {"sizes": (7, 9)}
    yield (
        lambda: nn.Linear(25088, 4)(x(1, 12800)),
        "features",
        {"received": (12800,), "wanted": (25088,)},
    )
    yield (
        lambda: nn.Conv2d(3, 64, 7)(x(1, 4, 224, 224)),
        "channels",
        {"wanted": (3,), "received": (4,)},
    )
    yield (
        lambda: nn.ConvTranspose2d(8, 4, 2, 2)(x(1, 16, 5, 5)),
        "channels",
        {"wanted": (8,), "received": (16,)},
    )
    yield lambda: nn.Conv1d(2, 4, 3)(x(1, 1, 99)), "channels", {"wanted": (2,), "received": (1,)}
    yield (
        lambda: nn.Conv2d(1, 1, 7, padding=3, padding_mode="reflect")(x(1, 1, 2, 9)),
        "padding",
        {"padding": (3, 3), "size": (2,)},
    )
    yield (
        lambda: nn.ReflectionPad1d(4)(x(1, 1, 3)),
        "padding",
        {"padding": (4, 4), "size": (3,)},
    )
    yield (
        lambda: nn.ConvTranspose2d(1, 1, 3, 2, output_padding=2)(x(1, 1, 4, 4)),
        "output padding",
        {},
    )
    yield (
        lambda: nn.ConvTranspose1d(1, 1, 3, padding=4)(x(1, 1, 2)),
        "output",
        {"input": (1, 2), "output": (1, -4)},
    )
    yield (
        lambda: nn.ConvTranspose1d(1, 1, 4, 2, 1)(x(1, 1, 5), output_size=[14]),
        "output size",
        {"wanted": (14,), "least": (10,), "most": (11,)},
    )
    yield lambda: x(1, 8, 7, 7).view(1, 512), "elements", {"size": (392,), "shape": (1, 512)}
    yield (
        lambda: nn.BatchNorm2d(64)(x(2, 32, 5, 5)),
        "channels",
        {"received": (32,), "wanted": (64,)},
    )


def keras_cases():
    import keras
    from keras import layers

    def through(layer, *shape):
        return layer(keras.Input(shape))

    yield (
        lambda: through(layers.Conv2D(4, 5), 3, 3, 1),
        "kernel",
        {"size": (3, 3), "kernel": (5, 5)},
    )
    yield (
        lambda: through(layers.Conv1D(4, 3, dilation_rate=4), 6, 2),
        "kernel",
        {"size": (6,), "kernel": (9,)},
    )
    yield (
        lambda: through(layers.MaxPooling2D(3), 2, 2, 4),
        "kernel",
        {"size": (2, 2), "kernel": (3, 3)},
    )
    one, two = (61, 61, 64), (60, 60, 64)
    yield (
        lambda: layers.Concatenate()([keras.Input(one), keras.Input(two)]),
        "meet",
        {"sizes": (61, 60)},
    )
    yield (
        lambda: layers.Add()([keras.Input(two), keras.Input(one)]),
        "meet",
        {"sizes": (60, 61)},
    )
    yield (
        lambda: _dense(keras, layers),
        "features",
        {"wanted": (25088,), "received": (12800,)},
    )
    yield (
        lambda: _channels(keras, layers),
        "channels",
        {"wanted": (3,), "received": (4,)},
    )


def _dense(keras, layers):
    dense = layers.Dense(4)
    dense.build((None, 25088))
    return dense(keras.Input((12800,)))


def _channels(keras, layers):
    conv = layers.Conv2D(8, 3)
    conv.build((None, None, None, 3))
    return conv(keras.Input((32, 32, 4)))


def tensorflow_cases():
    import tensorflow as tf

    x = tf.zeros

    def graph(function, *shapes):
        return tf.function(function).get_concrete_function(
            *(tf.TensorSpec(shape, tf.float32) for shape in shapes)
        )

    yield (
        lambda: graph(lambda a: tf.nn.conv2d(a, x((3, 3, 1, 1)), 1, "VALID"), (1, 2, 2, 1)),
        "kernel",
        {"size": (2,), "kernel": (3,)},
    )
    yield (
        lambda: graph(lambda a: tf.nn.max_pool2d(a, 3, 2, "VALID"), (1, 2, 2, 1)),
        "kernel",
        {"size": (2,), "kernel": (3,)},
    )
    yield (
        lambda: tf.concat([x((1, 61, 61, 4)), x((1, 60, 60, 4))], 3),
        "meet",
        {"sizes": (61, 60)},
    )
    yield lambda: x((1, 61, 61, 4)) + x((1, 60, 60, 4)), "meet", {"sizes": (61, 60)}
    yield (
        lambda: graph(lambda a, b: a + b, (1, 61, 61, 4), (1, 60, 60, 4)),
        "meet",
        {"sizes": (61, 60)},
    )
    yield (
        lambda: graph(lambda a, b: tf.concat([a, b], 3), (1, 61, 61, 4), (1, 60, 60, 4)),
        "meet",
        {"sizes": (61, 60)},
    )
    yield (
        lambda: tf.matmul(x((1, 12800)), x((25088, 4))),
        "features",
        {"received": (12800,), "wanted": (25088,)},
    )


def onnx_cases():
    import numpy as np
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    onnxruntime.set_default_logger_severity(4)

    def run(operator, shapes, weights=(), **attributes):
        names = [f"x{i}" for i in range(len(shapes))]
        held = [f"w{i}" for i in range(len(weights))]
        node = helper.make_node(operator, names + held, ["y"], name=f"/{operator}", **attributes)
        inputs = [
            helper.make_tensor_value_info(
                name, TensorProto.FLOAT, [f"{name}_{i}" for i in range(len(s))]
            )
            for name, s in zip(names, shapes, strict=True)
        ]
        output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
        kept = [
            numpy_helper.from_array(np.zeros(w, np.float32), name)
            for name, w in zip(held, weights, strict=True)
        ]
        graph = helper.make_graph([node], "g", inputs, [output], kept)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
        model.ir_version = 9
        session = onnxruntime.InferenceSession(model.SerializeToString())
        session.run(None, {n: np.zeros(s, np.float32) for n, s in zip(names, shapes, strict=True)})

    def infer(operator, shapes, out=None, **attributes):
        names = [f"x{i}" for i in range(len(shapes))]
        node = helper.make_node(operator, names, ["y"], **attributes)
        inputs = [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, s)
            for n, s in zip(names, shapes, strict=True)
        ]
        output = helper.make_tensor_value_info("y", TensorProto.FLOAT, out)
        graph = helper.make_graph([node], "g", inputs, [output])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
        onnx.shape_inference.infer_shapes(model, strict_mode=True, check_type=True)

    a, b = [1, 4, 61, 61], [1, 4, 60, 60]
    yield lambda: run("Concat", [a, b], axis=1), "meet", {"sizes": (61, 60)}
    yield lambda: run("Add", [b, a]), "meet", {"sizes": (60, 61)}
    yield lambda: infer("Concat", [a, b], axis=1), "meet", {"sizes": (61, 60)}
    yield lambda: infer("Add", [a, b]), "meet", {}
    yield (
        lambda: infer("Relu", [b], [1, 4, 61, 60]),
        "meet",
        {"sizes": (60, 61)},
    )
    yield (
        lambda: run("Gemm", [[1, 12800]], [(25088, 4)]),
        "features",
        {"received": (12800,), "wanted": (25088,)},
    )
    yield (
        lambda: run("MatMul", [[1, 12800]], [(25088, 4)]),
        "features",
        {},
    )
    yield (
        lambda: run("Conv", [[1, 4, 9, 9]], [(8, 3, 3, 3)]),
        "channels",
        {"received": (4,), "wanted": (3,)},
    )
    yield (
        lambda: run("Conv", [[1, 1, 3, 3]], [(1, 1, 5, 5)]),
        "kernel",
        {"input": (3, 3)},
    )


CASES = {
    "torch": torch_cases,
    "keras-jax": keras_cases,
    "keras-tensorflow": keras_cases,
    "tensorflow": tensorflow_cases,
    "onnx": onnx_cases,
}


def record(name: str) -> None:
    for run, kind, numbers in CASES[name]():
        try:
            run()
        except Exception as fault:
            text = f"{type(fault).__name__}: {fault}".replace(__file__, "net.py")
        else:
            print(f"{name}: no fault for {kind} {numbers}", file=sys.stderr)
            continue
        row = {"framework": name, "kind": kind, "numbers": numbers, "text": text}
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        record(sys.argv[1])
    else:
        for name in CASES:
            backend = {"KERAS_BACKEND": name.partition("-")[2] or "jax"}
            quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
            subprocess.run([sys.executable, __file__, name], env=os.environ | backend | quiet)
