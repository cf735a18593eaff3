"""Programs of TensorFlow 1 as text: placeholders, tf.layers, and tf.nn with shapes of four."""

from __future__ import annotations

import os

import pytest

from solver.errors import SizeError
from solver.network.graph.costs import costs, total
from solver.reading import read

#: The network of a tutorial for experts, written as users write it, with biases and a reshape.
DEEP = """
import tensorflow as tf

def weight(shape):
    return tf.Variable(tf.truncated_normal(shape, stddev=0.1))

def bias(shape):
    return tf.Variable(tf.constant(0.1, shape=shape))

x = tf.placeholder(tf.float32, [None, 784])
labels = tf.placeholder(tf.float32, [None, 10])
image = tf.reshape(x, [-1, 28, 28, 1])
h = tf.nn.relu(tf.nn.conv2d(image, weight([5, 5, 1, 32]), [1, 1, 1, 1], 'SAME') + bias([32]))
h = tf.nn.max_pool(h, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME')
h = tf.nn.relu(tf.nn.conv2d(h, weight([5, 5, 32, 64]), [1, 1, 1, 1], 'SAME') + bias([64]))
h = tf.nn.max_pool(h, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME')
flat = tf.reshape(h, [-1, 7 * 7 * 64])
h = tf.nn.relu(tf.matmul(flat, weight([7 * 7 * 64, 1024])) + bias([1024]))
keep_prob = tf.placeholder(tf.float32)
out = tf.matmul(tf.nn.dropout(h, keep_prob), weight([1024, 10])) + bias([10])
"""

#: (prefix of the functions, import)
SPELLINGS = [
    ("tf", "import tensorflow as tf"),
    ("tf.compat.v1", "import tensorflow as tf"),
    ("tf", "import tensorflow.compat.v1 as tf"),
]

LAYERS = """
{imports}
x = {tf}.placeholder(tf.float32, shape=[None, None, None, 3], name="x")
training = {tf}.placeholder(tf.bool)
h = {tf}.layers.conv2d(inputs=x, filters=8, kernel_size=[5, 5], padding="same", strides=(2, 2))
h = {tf}.layers.batch_normalization(h, training=training)
h = {tf}.layers.max_pooling2d(inputs=h, pool_size=[2, 2], strides=2)
h = {tf}.layers.separable_conv2d(h, 16, 3)
h = {tf}.layers.conv2d_transpose(h, 4, [3, 3], strides=(2, 2), padding="valid", name="up")
h = {tf}.layers.average_pooling2d(h, 3, 1, "same")
h = {tf}.layers.dropout(h, rate=0.4, training=training)
"""

WINDOWS = """
x = tf.placeholder(tf.float32, [None, 28, 28, 1])
W = tf.get_variable("w", [{k}, {k}, 1, 4])
h = tf.nn.conv2d(x, W, strides=[1, {s}, {s}, 1], padding='{padding}')
y = tf.nn.max_pool(h, ksize=[1, {k}, {k}, 1], strides=[1, {s}, {s}, 1], padding='{padding}')
"""


def window(n: int, k: int, s: int, padding: str) -> int:
    """The sizes that TensorFlow documents of its two words."""
    return -(-n // s) if padding == "SAME" else -(-(n - k + 1) // s)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(("k", "s"), [(2, 2), (3, 1), (3, 2), (5, 3)])
def test_windows_have_shapes_of_four(k: int, s: int, padding: str) -> None:
    network = read(WINDOWS.format(k=k, s=s, padding=padding))
    for n in range(1, 60):
        first = window(n, k, s, padding)
        second = window(first, k, s, padding)
        if min(first, second) < 1:
            with pytest.raises(SizeError):
                network.at(n)
            continue
        shape = network.at(n).shapes[network.outputs[0]]
        assert [dim.number for dim in shape] == [1, 4, second, second]


def test_variables_are_parameters_and_placeholders_that_nothing_reads_no_inputs() -> None:
    network = read(DEEP)
    assert len(network.inputs) == 1
    assert [str(dim) for dim in network.sizes(network.outputs[0])] == ["1", "10"]
    kernels = 5 * 5 * 32 + 5 * 5 * 32 * 64 + 7 * 7 * 64 * 1024 + 1024 * 10
    assert total(costs(network)).parameters == kernels + 32 + 64 + 1024 + 10


@pytest.mark.live
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_layers_are_those_of_keras(spelling: tuple[str, str]) -> None:
    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras")
    layers = keras.layers

    tf, imports = spelling
    network = read(LAYERS.format(tf=tf, imports=imports))
    x = keras.Input((None, None, 3))
    model = keras.Model(x, keras.Sequential([
        layers.Conv2D(8, 5, strides=2, padding="same"), layers.BatchNormalization(),
        layers.MaxPooling2D(2, 2), layers.SeparableConv2D(16, 3),
        layers.Conv2DTranspose(4, 3, strides=2), layers.AveragePooling2D(3, 1, "same"),
    ])(x))  # fmt: skip
    for n in (12, 13, 16, 27, 64):
        height, width = model.compute_output_shape((1, n, n + 1, 3))[1:3]
        shape = network.at((n, n + 1)).shapes[network.outputs[0]]
        assert [dim.number for dim in shape] == [1, 4, height, width]


@pytest.mark.live
@pytest.mark.parametrize("where", ["class", "script"])
def test_weights_that_functions_take_are_counted_once(where: str) -> None:
    torch = pytest.importorskip("torch")
    shared = "F.conv2d(F.conv2d(x, {0}w, padding=1), {0}w) + {0}b"
    lines = {
        "script": f"x = torch.randn(1, 3, 8, 8)\nw = nn.Parameter(torch.randn(3, 3, 3, 3))\n"
        f"b = nn.Parameter(torch.randn(3, 1, 1))\ny = {shared.format('')}",
        "class": "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.w = nn.Parameter(torch.randn(3, 3, 3, 3))\n"
        "        self.b = nn.Parameter(torch.randn(3, 1, 1))\n"
        f"    def forward(self, x):\n        return {shared.format('self.')}",
    }[where]
    network = read(lines)
    names = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}
    exec(compile(lines, "program", "exec"), names)
    made = list(names["Net"]().parameters()) if where == "class" else [names["w"], names["b"]]
    found = total(costs(network))
    assert found.parameters == sum(each.numel() for each in made) == 81 + 3
    # two convolutions and a sum put something out, and no weight does
    assert found.activations.at({"h": 8, "w": 8}) == 3 * (8 * 8 + 6 * 6 + 6 * 6)
