"""Decoders in the layers of the frameworks: what was run gave the input back, and how many do."""

from __future__ import annotations

import os
from itertools import product

import decoders as oracle
import pytest

from solver import Conv, ConvTranspose, LimitError, MaxPool, SolverError, Stack, decoders, trace
from solver.frameworks.code import TARGETS
from solver.network.decoders.encoded import encoded
from solver.network.decoders.mirror import mirror
from solver.sizes.sizeset import SizeSet

CASES = list(oracle.cases())


def test_the_code_is_what_was_run():
    held = {(row["framework"], row["encoder"], row["code"]) for row in oracle.recorded()}
    told = {(name, repr(stack), code) for name, stack, _, _, code in CASES}
    assert told == held


def test_what_was_run_gave_the_input_back():
    for row, (_, stack, sizes, _, _) in zip(oracle.recorded(), CASES, strict=True):
        assert row["back"] == row["in"] == list(sizes)
        assert row["latent"] == list(stack.size(sizes))


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TARGETS)
def test_the_code_runs(name):
    if not (oracle.there(name) and oracle.there("torch")):
        pytest.skip(f"needs {name}")
    os.environ.setdefault("KERAS_BACKEND", "jax")
    for framework, stack, sizes, form, code in CASES:
        if framework == name:
            assert oracle.back(name, code, form, stack, sizes) == list(sizes), code


def down(layers, n):
    """The sizes of an encoder, by the formula."""
    found = [n]
    for k, s, p, d in layers:
        found.append((found[-1] + 2 * p - d * (k - 1) - 1) // s + 1)
    return found


def torch_up(k, s, p, d, m, a):
    return (m - 1) * s - 2 * p + d * (k - 1) + 1 + a


def keras_up(k, s, p, d, m, a):
    """By Keras's documented rule; where something is padded, the encoder is one of padding same."""
    span = d * (k - 1) + 1
    if p:
        return m * s if a is None else (m - 1) * s + span % 2 + a
    return (m - 1) * s + (max(span, s) if a is None else span + a)


ENCODERS = [
    [(3, 2, 1, 1)],
    [(3, 2, 1, 1), (3, 2, 1, 1)],
    [(4, 2, 1, 1), (5, 3, 0, 1), (3, 2, 1, 1)],
    [(3, 2, 0, 3), (3, 3, 1, 1)],
    [(3, 1, 1, 3), (2, 2, 0, 1)],
    [(3, 1, 0, 3), (3, 2, 0, 4), (3, 1, 0, 2)],
    [(1, 3, 0, 1)],
]


def net(layers):
    def through(x):
        for each in layers:
            x = Conv(*each)(x)
        return x

    return trace(through, axes=1)


@pytest.mark.parametrize("layers", ENCODERS)
def test_how_many_output_padding_give_it_back(layers):
    """Against all of them: PyTorch takes what is below the stride or the dilation."""
    found = decoders(net(layers))
    for n in range(24, 60):
        sizes = down(layers, n)
        moved = [each for each in layers if str(Conv(*each).size_map()) != "n"]
        ways = 0
        for extra in product(*(range(max(s, d)) for _, s, _, d in moved[::-1])):
            m = sizes[-1]
            for (k, s, p, d), a in zip(moved[::-1], extra, strict=True):
                m = torch_up(k, s, p, d, m, a)
            ways += m == n
        at = found.at(n)
        assert at.choices == ways
        m = sizes[-1]
        for (k, s, p, d), (a,) in zip(moved[::-1], at.output_padding, strict=True):
            m = torch_up(k, s, p, d, m, a)
        assert m == n
        assert [size for (size,) in at.sizes] == [n, *(down(moved, n)[1:])]


@pytest.mark.parametrize("rule", [torch_up, keras_up])
@pytest.mark.parametrize(
    "layers", [[(3, 2, 1, 1)] * 3, [(5, 2, 2, 1), (3, 3, 1, 1)], [(4, 3, 0, 1), (2, 2, 0, 1)]]
)
def test_what_the_plain_mirror_gives_back(layers, rule):
    """For every n of a range: the sizes and the exact ones, by the rules of the frameworks."""
    framework = "keras" if rule is keras_up else "torch"
    (found,) = mirror(net(layers), framework)
    none = None if rule is keras_up else 0
    for n in range(1, 200):
        m = down(layers, n)[-1]
        if min(down(layers, n)) < 1:
            assert n not in found.exact
            continue
        assert found.latent(n) == m
        for k, s, p, d in layers[::-1]:
            m = rule(k, s, p, d, m, none)
        assert found.back(n) == m
        assert (n in found.exact) == (m == n)


@pytest.mark.parametrize("layers", [[(3, 2, 1, 1)] * 2, [(5, 2, 2, 1), (3, 3, 1, 1)]])
def test_output_padding_of_keras(layers):
    """None or a number for each layer, by its documented rule; 0 choices where None alone does."""
    for n in range(20, 60):
        at = encoded(net(layers), n, "keras")
        sizes = down(layers, n)
        m = sizes[-1]
        for (k, s, p, d), told in zip(layers[::-1], at.output_padding, strict=True):
            m = keras_up(k, s, p, d, m, None if told is None else told[0])
        assert m == n
        numbers = product(*(range(s) for _, s, _, _ in layers[::-1]))
        ways = 0
        for extra in numbers:
            m = sizes[-1]
            for (k, s, p, d), a in zip(layers[::-1], extra, strict=True):
                m = keras_up(k, s, p, d, m, a)
            ways += m == n
        assert at.choices == ways


def test_even_kernels_of_keras_need_none():
    """Padding same, kernel 4: 0 gives 2m - 2 and 1 gives 2m - 1, None alone gives 2m."""
    conv = Conv(4, 2, ((1, 2),))
    at = encoded(trace(conv, axes=1), 10, "keras")
    assert (at.output_padding, at.choices, at.back) == ((None,), 0, (10,))


def test_two_axes_of_several_inputs():
    """One decoder for inputs of which each axis has its own sizes."""
    encoder = trace(lambda x: Conv(3, 2, 1)(Conv(3, 2, 1)(x)))
    found = decoders(encoder, where=[SizeSet.of([28, 32]), SizeSet.of([30, 34])])
    fixed = next(each for each in found if not each.per_call)
    assert [str(each) for each in fixed.inputs] == ["n = 0 (mod 4)", "n = 2 (mod 4)"]
    assert found.where == "h in {28, 32} and w in {30, 34}"


def test_what_a_framework_has_no_layers_for_is_said():
    found = decoders(Stack(Conv(3, 2, 1), Conv(3, 2, 0, 3)), 40, framework="keras")
    assert [each.form for each in found] == ["upsample", "single"]
    assert found.left_out[1].startswith("left out: mirrored; strides > 1")
    with pytest.raises(SolverError, match="told no size with each call"):
        decoders(Stack(MaxPool(2)))[0].code("onnx")


def test_letters_are_in_the_words_of_pytorch():
    with pytest.raises(LimitError, match="in PyTorch's words"):
        decoders(Conv("2s", stride="s"), framework="keras")
    with pytest.raises(SolverError, match="cannot be written in this framework"):
        decoders(Conv(4, 2), framework="mxnet")


def test_sizes_per_call_of_paddle_are_told_transposed_layers_alone():
    """An encoder that goes up has convolutions in its mirror, which are left out and said."""
    encoder = trace(lambda x: ConvTranspose(2, 2)(Conv(4, 4)(x)), axes=1)
    found = decoders(encoder, 32, framework="paddle")
    assert not any(each.per_call for each in found)
    assert "mirrored per call" in found.left_out[0]
    assert found.record()["left_out"] == [*found.left_out]


@pytest.mark.parametrize(
    "layers",
    [
        [(1, 4, 1, 1)],
        [(3, 2, 0, 1), (5, 3, 0, 1), (3, 3, 2, 1)],
        [(3, 4, 2, 1), (2, 4, 1, 2)],
        [(3, 2, 1, 1)],
    ],
)
def test_the_plain_mirror_gives_nothing_back_where_a_size_would_be_below_1(layers):
    """By the formula of PyTorch, which takes no layer whose output has no elements."""
    (found,) = mirror(net(layers))
    every = decoders(net(layers))
    for n in range(1, 80):
        sizes = down(layers, n)
        if min(sizes) < 1:
            continue
        m: int | None = sizes[-1]
        for k, s, p, d in layers[::-1]:
            m = None if m is None else torch_up(k, s, p, d, m, 0)
            m = None if m is None or m < 1 else m
        assert found.of(n) == m
        assert (n in found.refused) == (m is None)
        assert every.at(n).back == (m,)
