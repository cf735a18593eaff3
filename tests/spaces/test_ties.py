"""Ties and letters against stacks written out, and by their definition: `either` of each value."""

from __future__ import annotations

import pickle
from itertools import product

import pytest
from designs import key, sizes

from solver import (
    Choice,
    Conv,
    ConvTranspose,
    MaxPool,
    SolverError,
    Space,
    either,
    let,
    mirror,
    optional,
    repeat,
    residual,
)
from solver.spaces.words import described


def row(k, s=1, p=0, d=1, out=0):
    return "conv", k, s, p, d, 0, False, out


def good(rows, n, m):
    return {each for each in rows if (at := sizes(each, n)) and at[-1] == m}


def check(space: Space, wanted: set) -> None:
    """Compare a space with all its stacks: count, members, order, numbers, the best."""
    stacks = list(space)
    assert {key(stack) for stack in stacks} == wanted
    assert space.count == len(stacks) == len(wanted)
    assert [space.index(stack) for stack in stacks] == list(range(len(stacks)))
    assert [space[i] for i in range(len(stacks))] == stacks
    assert pickle.loads(pickle.dumps(space)).count == space.count
    if wanted:
        least = min(sum(k * k + 1 for _, k, *_ in each) for each in wanted)
        assert space.best()[0].parameters == least


@pytest.mark.parametrize(
    ("layer", "rows"),
    [
        (Choice(Conv, "2*stride", "1..3"), [(2 * s, s, 0) for s in (1, 2, 3)]),
        (Choice(Conv, "2s + 1", "1..3", "(k - 1)/2"), [(2 * s + 1, s, s) for s in (1, 2, 3)]),
        (
            Choice(Conv, "1..6", "1,2", "(k - 1)/2"),  # an even kernel has no such padding
            [(k, s, (k - 1) // 2) for k in (1, 3, 5) for s in (1, 2)],
        ),
        (
            Choice(Conv, "stride..2*stride, 9", "1,2", "0..k - s"),
            [
                (k, s, p)
                for s in (1, 2)
                for k in (*range(s, 2 * s + 1), 9)
                for p in range(k - s + 1)
            ],
        ),
        (
            Choice(Conv, "1..5", ["k/2", 2], "k % 2"),
            {(k, s, k % 2) for k in range(1, 6) for s in ([k // 2, 2] if k % 2 == 0 else [2])},
        ),
        (Choice(Conv, "1..4", "4/(k - 2)"), [(3, 4, 0), (4, 2, 0)]),  # no division by zero
    ],
)
def test_within_a_layer(layer, rows):
    every = [*map(tuple, rows)]
    for n, m in ((9, 3), (12, 4), (16, 4)):
        wanted = good({(row(*a), row(*b)) for a, b in product(every, repeat=2)}, n, m)
        check(Space([layer, layer], n, m), wanted)


def test_layers_come_in_the_order_of_the_space():
    ks = [
        (o.layers[0].kernel_size, o.layers[0].stride)
        for o in Choice(Conv, "4/s", "1,2,4").options()
    ]
    assert ks == [(1, 4), (2, 2), (4, 1)]


def test_pooling_stride_and_ends_of_padding():
    pool = Choice(MaxPool, "2..4", padding="s/2")
    assert [o.layers[0] for o in pool.options()] == [MaxPool(2, 2, 1), MaxPool(4, 4, 2)]
    causal = Choice(Conv, "2*s", "1,2", "k - s:0")
    assert [o.layers[0] for o in causal.options()] == [
        Conv(2, 1, ((1, 0),)),
        Conv(4, 2, ((2, 0),)),
    ]


def test_the_number_of_the_repetition():
    layer = Choice(Conv, "2,3", padding=1, dilation="2**i")
    rows = {
        tuple(row(k, 1, 1, 2**i) for i, k in enumerate(ks))
        for times in (1, 2, 3)
        for ks in product((2, 3), repeat=times)
    }
    check(Space(repeat(layer, "1..3"), 9, 6), good(rows, 9, 6))
    # counted also where an optional part is left out
    rows = {
        tuple(row(3, 1, 0, i + 1) for i in range(3) if taken[i])
        for taken in product((False, True), repeat=3)
    }
    space = Space(repeat(optional(Choice(Conv, 3, dilation="i + 1")), 3), 15)
    assert {key(stack) for stack in space} == {each for each in rows if sizes(each, 15)}
    # the innermost one, unless another has its own letter
    inner = repeat(Choice(Conv, "2*j + i + 1"), 2)
    (stack,) = Space(repeat(inner, 2, index="j"), 30)
    assert [layer.kernel_size for layer in stack] == [1, 2, 3, 4]
    (stack,) = Space(repeat(repeat(Choice(Conv, "i + 1"), 2), 2), 30)
    assert [layer.kernel_size for layer in stack] == [1, 2, 1, 2]


def test_a_letter_is_either_of_its_numbers():
    def one(k):
        return Choice(Conv, k, {1, 2}, "0..1")

    part = [one("k"), optional(Choice(Conv, "k + 1")), one("k")]
    apart = [[one(k), optional(Choice(Conv, k + 1)), one(k)] for k in (1, 2, 3)]
    for n in range(4, 9):
        same = Space(let(part, k="1..3"), n, 2), Space(either(*apart), n, 2)
        assert [*same[0]] == [*same[1]]
        assert same[0].count == same[1].count
    # equal stacks count once: 1 + 3 = 2 + 2
    twice = Space(let(Choice(Conv, "a + b"), a="1,2", b="2,3"), 9)
    assert [stack[0].kernel_size for stack in twice] == [3, 4, 5]


def test_inside_a_repetition_it_is_chosen_anew():
    inside = Space(repeat(let([Choice(Conv, "k"), Choice(Conv, "k")], k="2,3"), 2), 20)
    assert {tuple(x.kernel_size for x in stack) for stack in inside} == {
        (a, a, b, b) for a in (2, 3) for b in (2, 3)
    }
    outside = Space(let(repeat([Choice(Conv, "k"), Choice(Conv, "k")], 2), k="2,3"), 20)
    assert {tuple(x.kernel_size for x in stack) for stack in outside} == {(2,) * 4, (3,) * 4}


def test_the_count_that_was_found_elsewhere():
    layer = Choice(Conv, "k", {1, 2}, range(4))
    space = Space(let(repeat(layer, 12), k="3,5,7"), 224, 7)
    assert space.count == 7_261_064_433
    apart = [Space(repeat(Choice(Conv, k, {1, 2}, range(4)), 12), 224, 7) for k in (3, 5, 7)]
    assert space.count == sum(each.count for each in apart)
    assert space.index(space[10**9]) == 10**9


def test_layers_in_letters():
    space = Space(let([Conv("k", padding="(k - 1)/2"), MaxPool(2)], k="1..4"), 8, 4)
    assert [stack[0] for stack in space] == [Conv(1), Conv(3, padding=1)]  # 2 and 4: no layer
    deep = repeat(Conv("k", dilation="2**i"), 3)
    assert [stack.receptive_field for stack in Space(let(deep, k="2,3"), 30)] == [8, 15]


def test_how_often_is_a_letter_too():
    part = [repeat(Choice(Conv, "2,3"), "L"), MaxPool(2), repeat(Choice(Conv, 2), "2*L - 2")]
    apart = [
        [repeat(Choice(Conv, "2,3"), n), MaxPool(2), repeat(Choice(Conv, 2), 2 * n - 2)]
        for n in (1, 2, 3)
    ]
    same = Space(let(part, L="1..3"), 24), Space(either(*apart), 24)
    assert [*same[0]] == [*same[1]]
    assert same[0].count == 2 + 4 + 8
    none = Space(let([Choice(Conv, 3), repeat(Choice(Conv, 2), "L - 2")], L="1,2"), 24)
    assert [len(stack) for stack in none] == [1]  # not -1 times
    deep = repeat(Conv("k", dilation="2**i"), "L")
    fields = [stack.receptive_field for stack in Space(let(deep, k="2,3", L="1,2"), 30)]
    assert sorted(fields) == [2, 3, 4, 7]
    with pytest.raises(SolverError, match="repeat: nothing says what L is"):
        Space(repeat(Choice(Conv, 3), "L"), 9)
    with pytest.raises(SolverError, match="repeat takes a number or one interval"):
        print(Space(let(repeat(Choice(Conv, 1), "L"), L=2000), 9).count)


def test_widths_and_groups():
    widths = Choice(Conv, 1, out_channels="c, 2*c", groups="c/2")
    found = Space(repeat(widths, 2), 4, channels=4)
    plans = [[(x.groups, x.out_channels) for x in stack] for stack in found]
    assert plans == [[(2, a), (a // 2, b * a)] for a in (4, 8) for b in (1, 2)]
    (stack,) = Space(repeat(Choice(Conv, 1, out_channels="64*2**i"), 3), 4, channels=3)
    assert [layer.out_channels for layer in stack] == [64, 128, 256]
    (twice,) = Space(Choice(Conv, 1, out_channels="x2"), 4, channels=3)
    assert twice[0].out_channels == 6


def test_mirrors_are_tied_too():
    down, up = Choice(Conv, "k", 2, "0..2"), Choice(ConvTranspose, "k", 2, "0..2")
    space = Space(let(mirror(down, up), k="2..5"), 16, 8)
    assert space.count
    assert all(stack[0].kernel_size == stack[1].kernel_size for stack in space)


def test_in_files():
    layer = {"op": "conv", "kernel_size": "k", "stride": [1, 2], "padding": "half", "repeat": 3}
    wanted = Space(let(repeat(Choice(Conv, "k", {1, 2}, "half"), 3), k="3,5"), 16, 4)
    for let_here in (
        {"let": {"k": [3, 5]}, "layers": [layer]},
        {"layers": [{**layer, "let": {"k": "3,5"}}]},
    ):
        assert Space(**described({"input": 16, "output": 4, **let_here})).count == wanted.count
    with pytest.raises(SolverError, match=r"layers\[0\]: let: no layer here depends on q"):
        described({"input": 8, "layers": [{**layer, "let": {"q": 3}}]})


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Choice(Conv, "2*s +"), "k or '(' must come next\n  2*s +\n       ^"),
        (lambda: Choice(Conv, 3, 1, "1 + (2"), "must be a whole number"),
        (lambda: Choice(Conv, 3, 1, "(k"), "a '(' needs its ')'"),
        (lambda: Choice(Conv, "k > 3"), "a tie is a size, not a condition"),
        (lambda: Choice(Conv, "k:3"), "kernel_size is a size"),
        (lambda: Choice(Conv, 3, 1, "p1:p2:p3"), "padding is begin:end"),
        (lambda: Choice(Conv, "s", "k").options(), "tied in a circle"),
        (lambda: Choice(Conv, "p", 1, "half").options(), "tied to what is no number here"),
        (lambda: Choice(Conv, "s/2", 1).options(), "ties leave no number"),
        (lambda: Space(Choice(Conv, "2*q + 1"), 8), "nothing says what q is\n  2*q + 1\n    ^"),
        (lambda: Space(Choice(Conv, 3, dilation="2**i"), 8), "inside repeat"),
        (lambda: Space(Conv("k"), 8), "nothing says what k is"),
        (lambda: Choice(Conv, "a").options(), "no number here: a, the output_padding\n"),
        (lambda: let(Choice(Conv, "k"), k="5..3"), "a range goes from small to large"),
        (lambda: let(Choice(Conv, "k")), "takes parts, and letters"),
        (
            lambda: Space(let(Choice(Conv, "k"), k="0"), 8).count,
            "no layer is possible here: ties leave no number",
        ),
        (lambda: Choice(Conv, "1..10**9*s", 1).options(), "at most 100,000 apart"),
    ],
)
def test_what_is_wrong_is_said(make, text):
    with pytest.raises(SolverError) as fault:
        make()
    assert text in str(fault.value)


def test_repetitions_of_a_file_may_have_a_letter_of_their_own():
    row = {"op": "conv", "kernel_size": "2*j + 1", "dilation": "2**i", "repeat": 2}
    space = Space(
        **described({"input": 30, "layers": [{"layers": [row], "repeat": 3, "index": "j"}]})
    )
    (design,) = space
    assert [(x.kernel_size, x.dilation) for x in design] == [
        (k, d) for k in (1, 3, 5) for d in (1, 2)
    ]
    for faulty, words in (
        ({**row, "index": 3}, "index is a word"),
        ({**row, "index": "2"}, "is a letter"),
        ({"op": "conv", "kernel_size": 3, "index": "j"}, "needs repeat"),
    ):
        with pytest.raises(SolverError, match=words):
            described({"input": 30, "layers": [faulty]})


def test_blocks_that_are_repeated_as_letters_say_are_left_out_where_that_is_never():
    conv = Choice("conv", 3, padding=1)
    for times, count in (("2,4", 2), ("0,2", 2), ("0", 1), ("q", 0)):
        parts = let(residual(repeat(conv, "w")), w=times if times != "q" else "q - 9")
        parts = let(parts, q="1,2") if times == "q" else parts
        assert Space([Conv(3), parts], 9).count == count
    once = let(residual(repeat(optional(conv), "q")), q="1,2")
    assert Space(once, 9).count == 3
    assert Space(repeat(residual(repeat(conv, "i")), 2), 9)[0].depth == 1
    assert Space(let(repeat("gelu", "q"), q="1,2"), 9).count == 2  # of operations alone


def test_a_repetition_of_at_most_one_counts_it_as_others_do():
    """Its letter is 0 there; a part that is optional has no letter of its own."""
    inner = Choice(Conv, "i + 1")
    for most in (1, 2):
        space = Space(repeat([MaxPool(1), repeat(inner, f"0..{most}")], 3), 30)
        kernels = {layer.kernel_size for stack in space for layer in stack}
        assert kernels == set(range(1, most + 1))
    left_out = Space(repeat(optional(inner), 3), 30)
    assert {tuple(x.kernel_size for x in stack) for stack in left_out} == {
        tuple(k for k, taken in zip((1, 2, 3), row, strict=True) if taken)
        for row in product((False, True), repeat=3)
    }
