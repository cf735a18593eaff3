"""What people write first, and what they are told then."""

from __future__ import annotations

import pytest
from cli_fixtures import line

from solver.frameworks import NAMES


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("network -c 'nn.Conv2d(3,8,3)' 224", 2, "right:    --input 224"),
        ("network -c 'nn.Conv2d(3,8,3)' 224x320,7", 2, "right:    --input 224x320,7"),
        ("network -c 'nn.Conv2d(3,8,3)' net.py", 2, "one of FILE, -c and --live"),
        ("fill -c 'nn.Flatten(); nn.Linear(..., 500)' 500 --input 8", 2, "nn.LazyLinear(500)"),
        ("size conv n -k s", 2, "letters are taken by solve and prove"),
        (
            "search --input 224 --output 7 --depth 5 -k 1..9 -s 1..3 -p 0..5 --max-states 20",
            3,
            "20 states, about 1 MB, and takes 10 steps for each",
        ),
        ('size "conv k3 p0..3:0..3" 224', 2, "right:    conv -k 3 -p 0..3:0..3"),
        ('solve "conv k3 s2" 224 112', 2, "right:    conv -k 3 -s 2"),
        ('size -c "conv k3" 224', 2, "-c tells a network, and this command takes one layer"),
        ('size "conv k3; maxpool k2" 224', 2, 'network -c "conv k3; maxpool k2" --input 224'),
        ('convert "nn.Conv2d(1, 1, 3)" --to mxnet', 2, "unknown framework"),
    ],
)
def test_what_would_be_right_is_named(words, code, told):
    ended = line(f"convsolver {words}")
    assert (ended.code, ended.out) == (code, "")
    assert told in ended.err


COMMANDS = (
    "size maxpool 112 -k 3 -s 2 --framework {}",
    "solve maxpool 112 56 --framework {}",
    "draw maxpool 8 -k 3 --framework {}",
    "decoder -c 'conv k3 s2 p1' --input 30 --framework {}",
    "search --input 8 --output 4 --depth 1 -k 3 -s 2 -p 1 --format code --framework {}",
    "convert 'nn.Conv2d(1, 1, 3)' --to {}",
)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", sorted({*NAMES, "tf", "nnx"}))
def test_each_framework_is_taken_or_it_is_said_what_is_possible_there(command, name):
    ended = line(f"convsolver {command.format(name)}")
    if name != "caffe":
        assert (ended.code, ended.err) == (0, "")
        return
    assert ended.code == 2
    assert 'size "Pooling(...)" 224 --framework caffe' in ended.err
    assert "torch, keras, jax, flax, paddle, onnx" in ended.err


def test_what_is_possible_in_a_framework_without_a_writer_is_its_own_layers():
    told = line('convsolver size "Pooling(kernel_size=3, stride=2)" 112 --framework caffe --brief')
    assert told.out == "112 -> 56\n"  # Caffe counts up
    told = line("convsolver size 'tf.nn.max_pool2d(x, 3, 2, \"SAME\")' 7 --framework tf --brief")
    assert told.out == "7 -> 4\n"


def test_one_single_change_is_not_called_all():
    out = line("convsolver explain -c 'nn.Conv2d(3,8,3)' --input 8 --output 1").out
    assert "the only single change in the box that gives it (" in out


def test_each_layer_of_a_decoder_has_an_n_of_its_own():
    layers = 'Conv2D(8,3,strides=2,padding="same"); Conv2D(8,3,strides=2,padding="same")'
    out = line(f"convsolver decoder -c '{layers}' --framework keras").out
    told = "of the n that reaches it: output_padding None gives 2*n, 0 gives 2*n - 1"
    assert f"layer 1, {told}" in out
    assert f"layer 2, {told}" in out
