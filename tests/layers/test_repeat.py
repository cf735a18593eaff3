"""Repetitions in letters: closed forms against stacks of numbers, and numbers people know."""

from __future__ import annotations

import random
from itertools import product

import pytest
import sympy

from solver import (
    AvgPool,
    Conv,
    ConvTranspose,
    LimitError,
    MaxPool,
    SolverError,
    Stack,
    n,
    repeat,
)
from solver.layers import compared as comparison
from solver.layers.closed import closed
from solver.sizes.exact import exact
from solver.sizes.grammar import parse

SEED = 5
L, k, s = (sympy.Symbol(name, integer=True, positive=True) for name in "Lks")
TCN = repeat(Conv("k", dilation="2**i"), "L")
RESIDUAL = repeat([Conv("k", dilation="2**i")] * 2, "L")


def differ(one, other):
    return sympy.expand(one - other) != 0


def at(form, **letters):
    return form.subs({x: letters[x.name] for x in form.free_symbols})


# Numbers that people know


def test_a_temporal_convolutional_network():
    assert TCN.at(L=10, k=3).receptive_field == at(TCN.receptive_field, L=10, k=3) == 2047
    assert not differ(TCN.receptive_field, 1 + (k - 1) * (2**L - 1))
    assert not differ(RESIDUAL.receptive_field, 1 + 2 * (k - 1) * (2**L - 1))
    assert str(RESIDUAL.forms["receptive_field"]) == "1 + 2*(k - 1)*(2**L - 1)"
    causal = repeat(Conv("k", dilation="2**i", padding=[("(k - 1)*2**i", 0)]), "L")
    assert causal.size(n) == n
    assert not differ(causal.offset, -(k - 1) * (2**L - 1) / 2)


def test_wavenet():
    stack = repeat(Conv(2, dilation="2**i"), 10)
    net = repeat(stack, "R")
    assert at(net.receptive_field, R=3) == net.at(R=3).receptive_field == 3070
    assert len(net.at(R=3)) == 30
    both = repeat(repeat(Conv("k", dilation="2**i"), "M"), "R")
    assert at(both.receptive_field, R=3, M=10, k=2) == 3070


def test_strides_of_a_codec():
    down = repeat(Conv("2s", stride="s", padding="ceil(s/2)"), "L")
    up = repeat(ConvTranspose("2s", stride="s", padding="ceil(s/2)", output_padding="s % 2"), "L")
    assert str(up.forms["size"]) == "s**L*n"
    assert not differ(up.size(n), s**L * n)
    assert down.where == (s >= 2)
    for stride, depth in product((2, 3, 4, 5), (1, 2, 3)):
        layers = down.at(s=stride, L=depth)
        for size in (64, 100, 321):
            assert at(down.size(size), s=stride, L=depth) == layers.size_map()(size)


def test_halving():
    net = repeat([Conv("k", padding="(k - 1)/2"), MaxPool(2)], "L")
    assert net.size(n) == sympy.floor(n / 2**L)
    assert net.jump == 2**L
    assert not differ(net.receptive_field, 1 + k * (2**L - 1))


# The smallest count


@pytest.mark.parametrize("kernel", [2, 3, 7])
@pytest.mark.parametrize("wanted", [1, 2, 3, 100, 1000, 4096, 10**15])
def test_the_smallest_count_that_reaches(kernel, wanted):
    for net in (TCN, RESIDUAL, repeat(Conv("k", dilation="i + 1"), "L - 1")):
        if wanted > 10**4 and net is not TCN:
            continue
        found = net.smallest(receptive_field=wanted, k=kernel)
        assert at(net.receptive_field, L=found, k=kernel) >= wanted
        assert found == 1 or at(net.receptive_field, L=found - 1, k=kernel) < wanted


def test_no_count_reaches_it():
    assert TCN.smallest(receptive_field=2, k=1) is None
    assert TCN.smallest(receptive_field=1, k=1) == 1
    assert repeat(Conv(2), "L").smallest(receptive_field=10**15) == 10**15 - 1
    with pytest.raises(SolverError, match="every other letter has a value"):
        TCN.smallest(receptive_field=10)
    with pytest.raises(LimitError, match="stands nowhere else"):
        repeat(Conv(3, dilation="L"), "L").smallest(receptive_field=10)


# Blocks at random


def some_blocks(count):
    choose = random.Random(SEED)
    sizes = [3, "k", "k", "2*k - 1", "i + 2", "2**i + 1"]
    spans = [1, "2**i", "i + 1", "3**i", "d", 2]
    for _ in range(count):
        block = []
        for _ in range(choose.randint(1, 3)):
            kind = choose.choice([Conv, Conv, MaxPool, AvgPool])
            stride = choose.choice([1, 1, 2, "s"])
            if kind is Conv:
                padding = choose.choice([0, 1, "k - 1", "i"])
                layer = Conv(choose.choice(sizes), stride, padding, choose.choice(spans))
            else:
                layer = kind(choose.choice([2, 3, "k"]), stride)
            block.append(layer)
        yield block


@pytest.mark.parametrize("block", [*some_blocks(16)], ids=repr)
@pytest.mark.parametrize("times", ["L", "2*L - 1"])
def test_blocks_are_what_stacks_of_numbers_are(block, times):
    net = Stack([Conv("k"), repeat(block, times), MaxPool(2)])
    forms = net.forms
    assert {"size", "receptive_field", "jump", "offset", "parameters"} == set(forms)
    conditions, seen = net._closed[1], 0
    for values in product(range(1, 4 if times == "L" else 3), (2, 3), (2, 3), (1, 2)):
        letters = dict(zip(("L", "k", "s", "d"), values, strict=True))
        if not all(exact(each, letters) for each in conditions):
            continue
        stack = net.at(**{x: v for x, v in letters.items() if x in net.letters})
        seen += 1
        assert exact(forms["receptive_field"], letters) == stack.receptive_field
        assert exact(forms["jump"], letters) == stack.jump
        assert exact(forms["offset"], letters) == stack.spans()[-1].offset
        assert exact(forms["parameters"], letters) == stack.parameters
        for size in (1, 7, 50, 1000):
            assert exact(forms["size"], {**letters, "n": size}) == stack.size_map()(size)
    assert seen


@pytest.mark.parametrize("kernel", ["k", "2s", "i + 1", "2**i"])
@pytest.mark.parametrize("stride", [1, 2, 3, "s"])
@pytest.mark.parametrize("dilation", [1, "2**i"])
def test_transposed_layers_are_what_stacks_of_numbers_are(kernel, stride, dilation):
    net = repeat(ConvTranspose(kernel, stride, dilation=dilation), "L")
    form, conditions = net.forms["size"], net._closed[1]
    for depth, kernels, strides in product((1, 2, 3), (2, 3), (2, 3, 4, 5, 7)):
        letters = {"L": depth, "k": kernels, "s": strides}
        if all(exact(each, letters) for each in conditions):
            stack = net.at(**{x: v for x, v in letters.items() if x in net.letters})
            for size in (1, 2, 50):
                assert exact(form, {**letters, "n": size}) == stack.size_map()(size)


# Channels, symbols, and what is no closed form


def test_parameters():
    net = repeat(Conv("k", out_channels=8), "L", channels=3)
    assert not differ(net.parameters, (3 * 8 * k**2 + 8) + (L - 1) * (64 * k**2 + 8))
    thin = repeat(Conv("k", in_channels=8, out_channels=8, groups=8, bias=False), "L", axes=1)
    assert not differ(thin.parameters, 8 * k * L)
    assert thin.at(L=4, k=3).parameters == 96
    with pytest.raises(LimitError, match="at least one"):
        repeat(Conv(3, out_channels=8), "L - 1").parameters  # noqa: B018


def test_answers_stand_in_the_symbols_that_were_given():
    depth, kernel = sympy.Symbol("depth"), sympy.Symbol("K", integer=True)
    net = repeat(Conv(kernel, dilation="2**i"), depth)
    assert net.receptive_field.free_symbols == {depth, kernel}
    assert net.subs({kernel: 3}).receptive_field == 2 ** (depth + 1) - 1
    assert net.subs(depth, 3).layers[2].dilation == 4
    count = sympy.lambdify((depth, kernel), net.receptive_field)
    assert count(10, 3) == 2047
    with pytest.raises(SolverError, match="two symbols of one name"):
        repeat(Conv(kernel, dilation=sympy.Symbol("K") + 1), 2).receptive_field  # noqa: B018


def test_code_makes_it_again():
    nets = [
        TCN,
        repeat([Conv("k", 2), MaxPool(2)], "L - 1", index="j", axes=1),
        Stack([Conv(3), repeat(repeat(Conv(2, dilation="2**i"), 10), "R")], channels=4),
    ]
    for net in nets:
        made = eval(repr(net))
        assert made == net
        assert hash(made) == hash(net)
        assert made.forms == net.forms
    assert TCN != RESIDUAL


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (Conv(3, stride="2**i"), "strides of a repetition are the same"),
        (Conv(3, dilation="i**13 + 1"), "summed over powers of i"),
        (Conv("floor((2**i + 1)/2)"), "summed over powers of i"),
        (MaxPool(3, 2, ceil_mode=True), "ceil mode"),
        ([MaxPool(2), ConvTranspose(2, 2)], "behind a stride"),
        ([ConvTranspose(2, 2), MaxPool(2)], "what is dropped matters"),
    ],
)
def test_what_has_no_closed_form_is_a_limit(block, words):
    with pytest.raises(LimitError, match=words):
        repeat(block, "L").size(n)


def test_what_an_output_reads_behind_transposed_layers_depends_on_it():
    net = repeat(ConvTranspose(4, 2, 1), "L")
    assert net.size(n) == 2**L * n
    assert set(net.forms) == {"size", "jump", "parameters"}
    with pytest.raises(LimitError, match="depends on its position"):
        net.receptive_field  # noqa: B018


def test_bad_repetitions():
    for times, words in (
        ("i + 1", "i may not stand"),
        ("n", "n may not stand"),
        ("q)", "end here"),
    ):
        with pytest.raises(SolverError, match=words):
            repeat(Conv(3), times)
    with pytest.raises(SolverError, match="no such letter"):
        TCN.at(q=3)
    with pytest.raises(SolverError, match="made of layers"):
        repeat([], "L")
    with pytest.raises(SolverError, match="dilation must be at least 1"):
        repeat(Conv(3, dilation="i"), "L").size(n)  # no layer for i = 0
    with pytest.raises(SolverError, match="count is a whole number"):
        repeat(Conv(3), "L/2").at(L=3)
    with pytest.raises(LimitError, match="at most 10,000 layers"):
        TCN.at(L=10**9)


def test_a_number_of_repetitions_is_still_a_space_to_search():
    assert type(repeat(Conv(3), 3)).__name__ == "Repeat"
    assert type(repeat(Conv(3), "1..3")).__name__ == "Repeat"


# The comparison can fail


@pytest.mark.parametrize("wrong", ["2**L*(k - 1)", "1 + (k - 1)*2**L", "2**(L + 1) - 1", "k + 2*L"])
def test_a_wrong_closed_form_is_not_given_out(wrong):
    with pytest.raises(LimitError, match="must say what the stack of numbers does"):
        comparison.compared(TCN, "receptive_field", parse(wrong, ("L", "k")), ())


def test_a_wrong_sum_is_noticed(monkeypatch):
    def one_more(*given):
        found, conditions = closed(*given)
        return found._replace(reach=found.reach + 1), conditions

    monkeypatch.setattr("solver.layers.repeat.closed", one_more)
    with pytest.raises(LimitError, match="must say what the stack of numbers does"):
        repeat(Conv("k"), "L").receptive_field  # noqa: B018


def test_channels_in_letters():
    block = [Conv("k", out_channels="c*2**i"), Conv(3, out_channels="c*2**i"), MaxPool(2)]
    nets = [
        repeat(block, "L", channels=3),
        repeat(Conv("k", in_channels="c*2**i", out_channels="c*2**(i + 1)"), "L"),
        repeat(Conv("k", in_channels="c*(i + 1)", out_channels="c*(i + 2)"), "L"),
        Stack([Conv(7, out_channels="c"), repeat(block, "L"), Conv(3, out_channels=5)]),
    ]
    for net in nets:
        form = net.forms["parameters"]
        for depth, kernel, wide in product((1, 2, 4), (1, 3), (1, 5)):
            letters = {"L": depth, "k": kernel, "c": wide}
            assert exact(form, letters) == net.at(**letters).parameters
    with pytest.raises(SolverError, match="in_channels"):
        repeat(Conv(3, in_channels="c", out_channels="2c"), "L").parameters  # noqa: B018


@pytest.mark.parametrize("count", [range(1, 3), None, [1, 2], 1.5, True, -1])
def test_a_count_is_a_number_or_a_size_in_letters(count):
    with pytest.raises(SolverError, match="count"):
        repeat(Conv("k"), count)


def test_the_number_of_a_repetition_may_have_any_letter():
    net = repeat(Conv("k", dilation="2**j"), "L", index="j")
    assert not differ(net.receptive_field, (2**L - 1) * (k - 1) + 1)
    with pytest.raises(SolverError, match="too small"):
        repeat(repeat(Conv(2, dilation="2**i"), 10), 3).size(5)
