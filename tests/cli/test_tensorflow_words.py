"""Words that TensorFlow's programs use: full shapes of windows, capitals, names of layers."""

from __future__ import annotations

import pytest
from cli_fixtures import line


@pytest.mark.parametrize(
    ("words", "output"),
    [  # SAME: ceil(n/stride), as TensorFlow documents it
        ("size conv 29 -k 2 -s 2 -p SAME --framework tf", "15"),
        ("size conv 28 -k 3 -p SAME", "28"),
        ("size Conv2DTranspose 14 -k 3 -s 2 -p SAME --framework keras", "28"),
        ("size MaxPooling2D 29 -k 2", "14"),
        ("size 'tf.nn.max_pool(x, [1,2,2,1], [1,2,2,1], padding=\"SAME\")' 7", "7 -> 4"),
        (
            "network -c 'tf.nn.max_pool2d(x, 2, 2, padding=\"SAME\")'",
            "n -> ceil(n/2), for every n >= 1",
        ),
        (
            "network -c 'tf.nn.max_pool(x, [1,3,3,1], [1,2,2,1], \"VALID\")'",
            "n -> ceil(n/2) - 1, for every n >= 3",
        ),
    ],
)
def test_words_of_tensorflow(words, output):
    assert line(f"convsolver {words} --brief") == (0, output + "\n", "")


def test_a_window_may_be_told_with_batch_and_channels():
    words = (
        "'tf.nn.max_pool(x, [1,2,2,1], [1,2,2,1], padding=\"SAME\")' --from tensorflow --to torch"
    )
    ended = line(f"convsolver convert {words}")
    assert ended.code == 0
    assert "nn.MaxPool2d(kernel_size=2)" in ended.out
    assert "exact for every n >= 1: the size is ceil(n/2)" in ended.out


def test_a_program_of_tf_nn_is_of_tensorflow(tmp_path):
    program = tmp_path / "model.py"
    program.write_text(
        "def model(x):\n"
        "    W = tf.Variable(tf.random.normal([5, 5, 1, 32]))\n"
        "    h = tf.nn.conv2d(x, W, strides=[1, 2, 2, 1], padding='SAME')\n"
        "    return tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], padding='SAME')\n"
    )
    ended = line(f"convsolver network {program} --brief")
    assert ended == (0, "n -> ceil(n/4), for every n >= 1\n", "")
