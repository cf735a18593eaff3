"""Caffe's pooling, against its published rule: count up, and clip where an axis is padded."""

from __future__ import annotations

import json
from itertools import product
from math import ceil, floor

import pytest
from cli_fixtures import run

from solver import SolverError, convert
from solver.frameworks import layer


def pooled(n: int, k: int, s: int, p: int, padded: bool, mode: str) -> int:
    """The size along an axis as Caffe's layer works it out, below 1 where it refuses."""
    size = (ceil if mode == "CEIL" else floor)((n + 2 * p - k) / s) + 1
    return size - 1 if padded and (size - 1) * s >= n + p else size


@pytest.mark.parametrize("mode", ["CEIL", "FLOOR"])
def test_sizes_of_every_small_pooling(mode):
    for k, s in product(range(1, 6), range(1, 6)):
        for p, q in product(range(k), repeat=2):
            pool = layer("caffe", "Pooling", kernel_size=k, stride=s, pad=[p, q], round_mode=mode)
            for n in range(1, 20):
                asked = [pooled(n, k, s, pad, p > 0 or q > 0, mode) for pad in (p, q)]
                if min(asked) < 1:
                    with pytest.raises(SolverError):
                        pool.size(n)
                    continue
                assert list(pool.size(n)) == asked, (k, s, p, q, n)
                found = [int(rule.size_map(n)) for rule in pool.along(2)]
                assert found == asked


def test_only_padding_on_some_axis_clips():
    """Kernel 1, stride 3 on 5: the third window starts at 6, behind the input."""
    plain = layer("caffe", "Pooling", kernel_size=[1, 2], stride=3)
    assert plain.size((5, 5)) == (3, 2)
    assert plain.changed(pad=[0, 1]).size((5, 5)) == (2, 2)


@pytest.mark.parametrize(("name", "method"), [("Pooling", "Max"), ("AvePooling", "Avg")])
def test_in_pytorch_where_kernels_reach_the_next_window(name, method):
    for k, s, p in product(range(1, 5), range(1, 5), range(3)):
        if p >= k:
            continue
        given = layer("caffe", name, kernel_size=k, stride=s, pad=p)
        try:
            found = convert(given, "torch", 2)
        except SolverError:
            continue
        assert found.exact
        for n in range(1, 15):
            if all(n in rule.accepts for rule in given.along(2)):
                size = (n, n)
                for each in found.exact.written.layers:
                    size = each.size(size)
                assert size == given.size(n), (k, s, p, n, method)


def test_from_the_command_line():
    done = run("convert", "L.Pooling(kernel_size=3, stride=2)", "--from", "caffe", "--to", "torch")
    assert done.out.splitlines()[0] == "nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)"
    words = ("Pooling(kernel_size=2, stride=3)", "--from", "caffe", "--to", "torch")
    rows = json.loads(run("convert", *words, "--input", "7,9", "--json").out)["results"]
    assert [row["output"] for row in rows] == [3, 4]
    ended = run("convert", "Pooling(pool='STOCHASTIC')", "--from", "caffe", "--to", "torch")
    assert (ended.code, ended.out) == (2, "")


@pytest.mark.parametrize("pool", ["P.Pooling.AVE", "caffe.params.Pooling.AVE", "'AVE'"])
def test_a_pooling_as_networks_of_caffe_are_written(pool):
    """Words are members of an enum, and what is pooled stands in front."""
    text = f"L.Pooling(n.conv1, pool={pool}, kernel_size=3, stride=2, pad=1)"
    done = run("convert", text, "--from", "caffe", "--to", "torch")
    answer = "nn.AvgPool2d(kernel_size=3, stride=2, padding=1, ceil_mode=True)"
    assert done.out.splitlines()[0] == answer
    text = "L.Pooling(x, kernel_size=3, stride=2, round_mode=P.Pooling.FLOOR)"
    done = run("convert", text, "--from", "caffe", "--to", "torch")
    assert done.out.splitlines()[0] == "nn.MaxPool2d(kernel_size=3, stride=2)"


def test_what_is_only_read_is_converted_at_several_inputs():
    """TensorFlow's operations, as Caffe's, are written by no writer."""
    words = ("tf.nn.max_pool2d(x, 3, 2, 'SAME')", "--from", "tensorflow", "--to", "torch")
    assert run("convert", *words, "--input", "7,8").code == 0


@pytest.mark.parametrize(
    "given",
    [
        {"kernel_size": 3, "pad": 3},
        {"kernel_size": 0},
        {"kernel_size": 3, "stride": 0},
        {"kernel_size": 3, "round_mode": "UP"},
        {"kernel_size": 3, "padding": 1},
        {"kernel_size": 3, "pad": -1},
    ],
)
def test_what_caffe_refuses(given):
    with pytest.raises(SolverError):
        layer("caffe", "Pooling", **given).size(9)
