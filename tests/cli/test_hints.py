"""What people write first, and what they are told then."""

from __future__ import annotations

import json

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
        (
            "fill -c 'nn.Conv2d(3,8,3); nn.Flatten(); nn.Linear(Ellipsis, 10)' --input 8",
            2,
            "received: ..., and 8*(h - 2)*(w - 2) come in",
        ),
        (
            "fill -c 'nn.AdaptiveAvgPool2d(2); nn.Flatten(); nn.Linear(..., 10)' --channels 3",
            2,
            "right:    nn.Linear(12, 10)",
        ),
        ('size "conv k3 p0..3:0..3" 224', 2, "right:    conv -k 3 -p 0..3:0..3"),
        ('network -c "conv k3 k4"', 2, "a layer has one kernel_size"),
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


def test_an_ellipsis_may_be_spelt_out():
    told = [
        line(f"convsolver fill -c 'nn.Conv2d(3, 8, kernel_size={each})' 6 --input 8 --brief").out
        for each in ("...", "Ellipsis")
    ]
    assert told[0] == told[1] == "conv2d: Conv(3)\n"


def test_where_no_n_fits_all_axes_alike_it_is_said_what_ties_them():
    """Eight is no square."""
    torch = pytest.importorskip("torch")
    layers = "nn.Conv2d(3, 8, 3); nn.Flatten(); nn.Linear(64, 10)"
    first = line(f"convsolver network -c '{layers}'").out.split("\n")[0]
    assert first == "h x w -> 10, where 8*(h - 2)*(w - 2) = 64; no n with all axes alike"
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.Flatten(), torch.nn.Linear(64, 10))
    for h in range(3, 20):
        for w in range(3, 20):
            x = torch.zeros(1, 3, h, w)
            if 8 * (h - 2) * (w - 2) == 64:
                assert h != w
                assert net(x).shape == (1, 10)
            else:
                with pytest.raises(RuntimeError):
                    net(x)


def test_one_sample_is_one():
    out = line('convsolver network -c "conv k1" --stream').out
    assert "algorithmic latency 1 sample\n" in out


def test_a_decoder_for_each_input_is_no_headline_of_none():
    asked = 'convsolver decoder -c "conv k3 s2 p1" --framework keras --input'
    told = line(f"{asked} 25..28")
    assert told.out.startswith(
        "none for all of them, one for each: 25x25, 27x27 by output_padding 0; "
        "26x26, 28x28 by output_padding None (1)\n"
    )
    for n in range(25, 29):
        single = line(f"{asked} {n}").out
        assert ("back by output_padding 0" in single) == (n % 2 == 1)


def test_what_runtimes_do_otherwise_is_told_of_each_of_several_inputs():
    asked = "convsolver size maxpool {} -k 3 -s 3 -p 1 --ceil-mode --framework onnx --json"
    rows = json.loads(line(asked.format("1..12")).out)["results"]
    alone = [json.loads(line(asked.format(n)).out)["notes"] for n in range(1, 13)]
    assert [row["notes"] for row in rows] == alone
    assert any(alone)
    table = line(asked.replace(" --json", "").format("7 8")).out
    assert "below opset 22 says 4x4" in table
