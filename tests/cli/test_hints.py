"""What people write first, and what they are told then."""

from __future__ import annotations

import pytest
from cli_fixtures import line


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
    ],
)
def test_what_would_be_right_is_named(words, code, told):
    ended = line(f"convsolver {words}")
    assert (ended.code, ended.out) == (code, "")
    assert told in ended.err


def test_one_single_change_is_not_called_all():
    out = line("convsolver explain -c 'nn.Conv2d(3,8,3)' --input 8 --output 1").out
    assert "the only single change in the box that gives it (" in out


def test_each_layer_of_a_decoder_has_an_n_of_its_own():
    layers = 'Conv2D(8,3,strides=2,padding="same"); Conv2D(8,3,strides=2,padding="same")'
    out = line(f"convsolver decoder -c '{layers}' --framework keras").out
    told = "of the n that reaches it: output_padding None gives 2*n, 0 gives 2*n - 1"
    assert f"layer 1, {told}" in out
    assert f"layer 2, {told}" in out
