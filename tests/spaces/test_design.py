"""Design spaces: known counts, numbers that no list could hold, draws, shards, reasons, errors."""

from __future__ import annotations

import pickle
import random
from collections import Counter
from concurrent.futures import Executor, Future
from functools import reduce

import pytest
from designs import key

from solver import (
    AvgPool,
    Choice,
    Conv,
    ConvTranspose,
    LimitError,
    MaxPool,
    SolverError,
    Space,
    Stack,
    either,
    mirror,
    optional,
    repeat,
    residual,
    skip,
)
from solver.spaces.front import nondominated

LAYER = Choice(Conv, {1, 3, 5, 7}, stride={1, 2}, padding=range(4), dilation={1, 2})


def space(depth: int, **limits) -> Space:
    return Space(repeat(LAYER, depth), 224, 7, **limits)


# Counts that were found elsewhere, with each combination of the 64 a layer counted


@pytest.mark.parametrize(
    ("depth", "least", "count"),
    [
        (5, 100, 7_872_261),
        (8, 200, 5_444_307_110_143),
        (12, 300, 71_355_441_756_543_714_632),
    ],
)
def test_known_counts(depth, least, count):
    found = space(depth, receptive_field=f"{least}..")
    assert found.count == count
    # the same by subtraction, which goes another way through the polynomials
    below = space(depth, receptive_field=f"..{least - 1}")
    assert found.count + below.count == space(depth).count
    with pytest.raises(OverflowError) if count > 2**63 else pytest.MonkeyPatch.context():
        assert len(found) == count


def test_outputs_without_inputs():
    """Dilated transposed layers, and strides past the kernel: an output reads 1 element or none."""
    assert Stack([ConvTranspose(3, 3, dilation=2)]).receptive_field == 1
    dilated = Space([Choice(ConvTranspose, 3, 3, dilation=2)], 6, receptive_field=1)
    assert (dilated.count, dilated[0].size(6)) == (1, 20)
    pools = [Choice(ConvTranspose, 2, 3, padding="0..2"), MaxPool(1, 3)]
    found = Space(pools, 6, receptive_field=0)  # only a padding of 2 has the pool miss all
    assert [stack[0].padding for stack in found] == [2]
    assert found.best(by="receptive_field")[0].receptive_field == 0
    front = Space(pools, 6).pareto("receptive_field", "parameters")
    assert [stack.receptive_field for stack in front] == [0]
    assert Space(pools, 6, receptive_field="2..").reason.endswith("(at most 1 is possible)")


def test_too_many_outputs_to_tell_apart():
    up = repeat(Choice(ConvTranspose, "1..3", "2..4", "0..2", "1..2"), 4)
    with pytest.raises(LimitError, match=r"told apart|steps"):
        print(Space(up, 5, receptive_field=2).count)


def plain(n: int, m: int, depth: int, least: int) -> int:
    """Count with a dictionary of (size, jump, receptive field)."""
    states = Counter({(n, 1, 1): 1})
    for _ in range(depth):
        after: Counter[tuple[int, int, int]] = Counter()
        for (size, jump, reads), count in states.items():
            for k in (1, 3, 5, 7):
                for s in (1, 2):
                    for p in range(4):
                        for d in (1, 2):
                            rest = size + 2 * p - d * (k - 1) - 1
                            if rest >= 0:
                                node = rest // s + 1, jump * s, reads + d * (k - 1) * jump
                                after[node] += count
        states = after
    return sum(c for (size, _, reads), c in states.items() if size == m and reads >= least)


@pytest.mark.parametrize(
    ("n", "m", "depth", "least"), [(32, 4, 3, 10), (50, 7, 4, 1), (9, 9, 4, 20)]
)
def test_the_count_is_that_of_a_plain_dynamic_program(n, m, depth, least):
    assert Space(repeat(LAYER, depth), n, m, receptive_field=(least, None)).count == plain(
        n, m, depth, least
    )


def test_build_orders_agree():
    """The same space by other ways through the code: other nodes, the same count."""
    whole = space(5, receptive_field="100..").count
    split = Choice(Conv, {1, 3}, stride={1, 2}, padding=range(4), dilation={1, 2})
    rest = Choice(Conv, {5, 7}, stride={1, 2}, padding=range(4), dilation={1, 2})
    ways = [
        Space(repeat(either(rest, split), 5), 224, 7, receptive_field="100.."),
        Space([LAYER, [LAYER, repeat(LAYER, 3)]], 224, 7, receptive_field="100.."),
        Space(repeat(LAYER, "3..5"), 224, 7, receptive_field="100..", depth=5),
        Space(repeat(LAYER, 5), 224, 7, receptive_field="100..", parameters="1.."),
        Space(repeat(LAYER, 5), 224, 7, receptive_field="100..", sizes="1..100000"),
        Space(repeat(LAYER, 5), [224, 224], [7, "7"], receptive_field="100.."),
        Space(repeat(LAYER, 5), "224x224", "7x7", receptive_field="100.."),
    ]
    assert [way.count for way in ways] == [whole] * len(ways)


def test_numbers_that_no_list_could_hold():
    found = space(12, receptive_field="300..")
    for number in (0, 10**18, found.count - 1, -1):
        stack = found[number]
        assert stack.size(224) == 7
        assert stack.receptive_field >= 300
        assert found.index(stack) == number % found.count
    assert [found.index(s) for s in found[10**18 : 10**18 + 3]] == [10**18 + i for i in range(3)]
    every = found[5 : 10**19 : 10**18]
    assert every.count == 10
    assert every[-1] == found[5 + 9 * 10**18]
    assert list(found[3:0:-1]) == [found[3], found[2], found[1]]
    with pytest.raises(IndexError):
        found[found.count]


def test_membership():
    found = space(5, receptive_field="100..")
    stack = found[12345]
    assert stack in found
    assert Stack(stack.layers[:4]) not in found
    assert Stack([Conv(9), *stack.layers[1:]]) not in found
    assert stack not in space(5, receptive_field="300..")
    assert 7 not in found
    with pytest.raises(SolverError, match="not in the design space"):
        found.index(Stack([Conv(1)]))


def test_samples_are_uniform():
    """Chi-squared over all designs; 99.9% of samples stay under the bound (seed fixed)."""
    small = Space(repeat(Choice(Conv, "1..3", "1,2", "0,1"), "1..2"), 9, 5, receptive_field="2..")
    assert small.count == 24
    draws = 24 * 200
    counts = Counter(small.index(stack) for stack in small.sample(draws, seed=7))
    chi_squared = sum((counts[i] - 200) ** 2 / 200 for i in range(24))
    assert chi_squared < 49.73  # 23 degrees of freedom
    assert small.sample(5, seed=1) == small.sample(5, seed=1) != small.sample(5, seed=2)
    big = space(12, receptive_field="300..")
    assert all(stack in big for stack in big.sample(5, seed=3))


class Inline(Executor):
    """Run where it is called, but pickle what goes there as other processes would."""

    def submit(self, fn, /, *args, **kwargs):
        future: Future = Future()
        future.set_result(fn(*pickle.loads(pickle.dumps(args)), **kwargs))
        return future


def cheapest(shard):
    return min((stack.parameters, repr(stack)) for stack in shard)


def test_shards_go_to_any_executor():
    found = Space(repeat(Choice(Conv, "1..3", "1,2", "0,1"), 3), 16, 4)
    shards = found.shards(7)
    assert sum(len(shard) for shard in shards) == found.count
    assert [stack for shard in shards for stack in shard] == list(found)
    with Inline() as executor:
        least = min(executor.map(cheapest, shards))
    assert least[0] == found.best()[0].parameters


def test_costs_of_ones_own():
    def latency(layer, before, after):
        return after[0] * after[1] * layer.kernel_size + 3

    found = Space(repeat(Choice(Conv, "1..3", "1,2", "0,1"), "1..3"), 16, 4)

    def total(stack):
        sizes = [(size, size) for size in stack.sizes(16)]
        return sum(map(latency, stack, sizes, sizes[1:]))

    assert total(found.best(by=latency)[0]) == min(map(total, found))
    best = found.best(4, by=[latency, "parameters"], distinct=False)
    wanted = sorted((total(stack), stack.parameters) for stack in found)[:4]
    assert [(total(stack), stack.parameters) for stack in best] == wanted
    with pytest.raises(SolverError, match="a cost for each layer must be a whole number"):
        found.best(by=lambda *_: 0.5)


def test_optional_parts_are_counted_once():
    assert Space([optional(MaxPool(2)), optional(MaxPool(2))], 16).count == 3
    assert Space([either(MaxPool(2), MaxPool(2))], 16).count == 1
    assert Space([repeat(optional(MaxPool(2)), "0..3")], 16).count == 4
    a, b = Choice(Conv, "1,2"), Choice(Conv, "2,3")
    listed = list(Space([either(a, b), optional(a), optional(b)], 16))
    assert len({key(stack) for stack in listed}) == len(listed) == 3 * (1 + 3 + 2 * 2)


def test_channel_plans():
    plan = [
        Choice(Conv, 3, padding="same", out_channels={8, 16}),
        repeat(Choice(Conv, 4, {1, 2}, "half", out_channels="x stride"), 2),
        Choice(Conv, 3, padding=1, groups="depthwise", bias=False),
    ]
    found = Space(plan, 32, "8..40", channels=3)
    for stack in found:
        first, *_, last = stack
        assert stack.channels == 3
        assert stack.widths[-1] == first.out_channels * stack.jump
        assert last.groups == last.in_channels == stack.widths[-1]
        assert not last.bias
        torch = sum(
            layer.kernel_size**2 * layer.in_channels // layer.groups * layer.out_channels
            + layer.bias * layer.out_channels
            for layer in stack
        )
        assert stack.parameters == torch
    assert found.best()[0].parameters == min(stack.parameters for stack in found)


def test_even_upsampling():
    up = Choice(ConvTranspose, "2..5", {1, 2}, "0..2")
    uneven, even = (Space(repeat(up, 2), 8, 32, even_upsampling=e) for e in (False, True))
    kernels = [(layer.kernel_size, layer.stride) for stack in even for layer in stack]
    assert kernels
    assert all(k % s == 0 for k, s in kernels)
    assert even.count < uneven.count


def test_costs_where_the_input_is_n():
    found = Space(repeat(Choice(Conv, "2..4", "1,2", "0,1"), 3), "n", "n/4", at=32, macs="..9000")
    assert found.count == sum(stack.macs(32) <= 9000 for stack in found.relaxed(macs=None))
    assert found.best(by="macs")[0].macs(32) == min(stack.macs(32) for stack in found)


def test_three_axes():
    """PyTorch wants an average pooling inside the unpadded input there."""
    pool = Choice(AvgPool, 3, 1, {0, 1})
    assert [Space([pool], n, axes=3).count for n in (1, 2, 3)] == [0, 0, 2]
    assert [Space([pool], n, axes=2).count for n in (1, 2, 3)] == [1, 1, 2]


# Empty spaces


SMALL = repeat(Choice(Conv, {1, 3}, {1, 2}, {0, 1}), 3)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (
            space(5, receptive_field="400.."),
            "no design keeps the limit on receptive field 400.. (at most 313 is possible)",
        ),
        (
            Space(SMALL, 32, 4, parameters="..5"),
            "no design keeps the limit on parameters ..5 (at least 6 is possible)",
        ),
        (
            Space(SMALL, 32, 4, receptive_field="20..", parameters="..5"),
            "the limits leave nothing, and it takes two or more of them: "
            "receptive_field 20.., parameters ..5",
        ),
        (Space([Conv(3, padding=1)], 224, 7), "no design gives 7: only 224 can come out"),
        (
            Space([Conv(3), Conv(3, 2), Conv(9)], 12, 7),
            "nothing survives layer 3: it needs a size of at least 9, "
            "and what comes before gives 4",
        ),
        (
            Space([Choice(Conv, {2, 4}, 2)], 12, 7),
            "no design gives 7: the nearest that can come out: 6",
        ),
        (
            Space([Choice(Conv, 3, {1, 2}, {0, 1})], [12, 9], [12, 5]),
            "every output can be had on its own, but no design gives all of them",
        ),
        (
            Space(SMALL, "n", "n/16"),
            "no design gives n/16 for every n = 0 (mod 16): it needs a total stride of 16, "
            "possible are 1, 2, 4, 8",
        ),
        (
            Space([Choice(Conv, 3, 2)], "n", "ceil(n/2)"),
            "no design gives ceil(n/2) for every n >= 1: the stride is possible, "
            "but no padding and kernels fit it; ceil(n/2) - 1 can come out",
        ),
        (
            Space(Choice(Conv, {3, 5}, 2, {0, 1}), "n", "n/2 + 1", where="n % 2 == 0"),
            "no design gives (n + 2)/2 for every even n: the stride is possible, "
            "but no padding and kernels fit it; ceil(n/2) and ceil(n/2) - 1 can come out",
        ),
        (
            Space([mirror(Conv(3, 2, 1), ConvTranspose(3, 2, 1))], 12),
            "no decoder layer brings its encoder layer's input size back",
        ),
    ],
)
def test_reasons(found, reason):
    assert found.count == 0
    assert not found
    assert list(found) == found.best(3) == []
    assert found.reason == reason


def test_there_is_no_reason_where_there_are_designs():
    assert space(5).reason is None


# What is refused


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: Choice(Conv, range(1, 10**9)).options(), "at most 100,000 combinations"),
        (lambda: Choice(Conv, "0..3"), "kernel_size must be at least 1"),
        (lambda: Choice(MaxPool, 2, output_padding=1), "max pooling has no output_padding"),
        (lambda: Choice(MaxPool, 2, out_channels=4), "no channels of its own"),
        (lambda: Choice(Conv, 3, ceil_mode=True), "convolution has no ceil mode"),
        (lambda: Choice("convv", 3), "unknown operation"),
        (lambda: Choice(MaxPool, 2, 2, 2).options(), "no layer is possible here"),
        (lambda: Space([7], 8), "made of layers, choices and lists"),
        (lambda: Space(SMALL, 32, 4, receptive="3.."), "unknown limit"),
        (lambda: Space(SMALL, 32, 4, depth="5..3"), "an interval goes from small to large"),
        (lambda: Space(SMALL, 32, 4, depth="x"), "depth must be a whole number"),
        (lambda: Space(SMALL, "n", "n/4", macs="..5"), "macs are measured at a size"),
        (lambda: Space(SMALL, "n", "7"), "a design's output grows with n"),
        (lambda: Space(SMALL, 32, 4, where="n > 3"), "an input must be n"),
        (lambda: Space(SMALL, [32, 16], [4]), "each input needs its output"),
        (lambda: Space(SMALL, "8x8x8", 4), "a size has one number, or one per axis"),
        (lambda: space(5).best(by="cost"), "unknown cost"),
        (lambda: Space(SMALL, 1, 4, depth=9).sample(1, 0), "no design can be drawn"),
        (lambda: repeat(Conv(3), "1,3"), "a number or one interval"),
        (lambda: Space([mirror(Conv(3), Conv(3))], 8).count, "a mirrored decoder is transposed"),
        (lambda: Stack([3]), "a stack is made of layers"),
        (lambda: Space(Conv((3, 3)), 8, axes=3), "must agree on the number of axes"),
    ],
)
def test_errors(make, rule):
    with pytest.raises(SolverError, match=rule):
        make()


@pytest.mark.parametrize("ask", ["count", "best", "pareto"])
def test_too_many_states_stop_with_a_message(ask):
    found = Space(repeat(LAYER, 8), 224, 7, parameters="..500", max_states=50)
    questions = {
        "count": lambda: found.count,
        "best": lambda: found.best(50, by=["macs", "-receptive_field"]),
        "pareto": lambda: found.pareto("parameters", "macs"),
    }
    with pytest.raises(LimitError, match="keeps at most 50 states, about 1 MB"):
        questions[ask]()


def test_fronts_of_too_many_points_stop():
    """The states are few; what is kept at them counts too."""
    found = Space(repeat(LAYER, 5), 224, 7, max_states=500)
    assert found.states < 200
    with pytest.raises(LimitError, match="keeps at most 500 states"):
        found.pareto("parameters", "-receptive_field", "-depth")


@pytest.mark.parametrize("costs", [1, 2, 3, 4])
def test_fronts_are_what_no_other_beats(costs):
    draw = random.Random(costs)
    for _ in range(300):
        some = range(draw.randint(0, 12))
        found = [(*(draw.randint(-3, 3) for _ in range(costs)), at, None) for at in some]
        kept: list[tuple[int | None, ...]] = []
        for one in sorted(found):
            if not any(all(map(int.__le__, other[:costs], one[:costs])) for other in kept):
                kept.append(one)
        assert nondominated(found) == kept


def test_designs_are_checked_stacks():
    """Answers are made without the checks that the search has proved."""
    wide = Choice(Conv, {1, 3}, {1, 2}, "half", groups="depthwise", out_channels="x2")
    down = Choice(Conv, {2, 4}, 2, {0, 1}, out_channels="x2")
    up = Choice(ConvTranspose, {2, 4}, 2, {0, 1})
    for parts in ([wide, MaxPool(2)], [mirror(down, up), repeat(LAYER, 1)]):
        for stack in Space(parts, 16, channels=4, axes=3)[::3]:
            checked = Stack(stack.layers, stack.axes, stack.channels)
            assert checked == stack
            assert (checked.widths, checked.sizes(16)) == (stack.widths, stack.sizes(16))
            assert stack.receptive_field == stack.spans()[-1].length


def test_progress_is_told():
    """Where how much there is in all is known, it is told, and reached in the end."""
    told: list[tuple[str, int, int | None]] = []
    limits = {"parameters": "..300", "receptive_field": "5.."}
    found = Space(repeat(LAYER, 4), 96, 7, **limits, progress=lambda *what: told.append(what))
    assert found.count
    assert found.pareto("parameters", "-receptive_field")
    assert {what for what, _, total in told if total is None} >= {"states"}
    for what in ("states counted", "states and their fronts"):
        done, totals = zip(*(each[1:] for each in told if each[0] == what), strict=True)
        assert [*done] == sorted(done)
        assert {*totals} == {done[-1]}


def test_values_show_what_they_are():
    found = Space([optional(MaxPool(2)), LAYER], 32, 16, receptive_field="3..", channels=2)
    code = (
        "Space([optional(MaxPool(2)), Choice('conv', kernel_size='1,3,5,7', stride='1..2', "
        "padding='0..3', dilation='1..2')], input=32, output=16, channels=2, "
        "receptive_field='3..')"
    )
    assert repr(found) == code
    names = {"Space": Space, "Choice": Choice, "optional": optional, "MaxPool": MaxPool}
    assert eval(code, names).count == found.count
    again = pickle.loads(pickle.dumps(found))
    assert (again.count, list(again)[:3]) == (found.count, list(found)[:3])


def test_a_pooling_of_stride_1_is_not_one_of_the_stride_of_its_kernel():
    """Choices that were made before are known again by their code, which tells these apart."""
    still, tiling = Choice(MaxPool, 2, stride=1), Choice(MaxPool, 2)
    assert repr(still) == "Choice('maxpool', kernel_size='2', stride='1')"
    assert still.options()[0].layers == (MaxPool(2, stride=1),)
    assert tiling.options()[0].layers == (MaxPool(2),)


def test_random_designs_of_a_big_space_obey_it():
    draw = random.Random(5)
    found = Space(
        repeat(LAYER, "4..7"), [224, 100], ["5..9", "1..4"], receptive_field="50..90", depth="5.."
    )
    for _ in range(20):
        number = draw.randrange(found.count)
        stack = found[number]
        assert found.index(stack) == number
        assert 5 <= stack.size(224) <= 9
        assert 1 <= stack.size(100) <= 4
        assert 50 <= stack.receptive_field <= 90
        assert 5 <= len(stack) <= 7


# What a reviewer found wrong once


UPS = [*[Choice(Conv, {1, 3, 5}, padding={0, 1})] * 3, Choice(ConvTranspose, {2, 3}, 2)]


@pytest.mark.parametrize("by", ["receptive_field", "-receptive_field", "parameters,macs"])
@pytest.mark.parametrize("size", [[9, 12], "9x12"])
def test_long_searches_with_transposed_layers_find_the_best(size, by):
    found = Space(UPS, size)
    key_of = {
        "receptive_field": lambda stack: stack.receptive_field,
        "-receptive_field": lambda stack: -stack.receptive_field,
        "parameters,macs": lambda stack: (
            stack.parameters,
            stack.macs((9, 12) if size == "9x12" else 9),
        ),
    }[by]
    assert (
        key_of(found.best(by=by)[0]) == key_of(found.best(5, by=by)[0]) == min(map(key_of, found))
    )


def test_channels_are_those_of_the_stack_where_none_are_given():
    wide, narrow = Conv(3, out_channels=8), Conv(3, out_channels=4)
    assert Space([wide, narrow], 16, parameters="..200").count == 0
    found = Space(either([wide, narrow], [Conv(11)]), 16)
    assert [stack.parameters for stack in found.best(2)] == [122, 372]
    assert Space([Conv(3, in_channels=3, out_channels=8)], 16)[0].channels == 3
    assert Space([Choice(Conv, 3, out_channels=64)], 16)[0].widths == (1, 64)


def test_a_channel_that_no_layer_takes_is_left_out():
    grouped = Choice(Conv, 3, groups=4)
    plan = [Choice(Conv, 3, padding=1, out_channels={4, 6}), grouped]
    assert [stack.widths for stack in Space(plan, 16, channels=3)] == [(3, 4, 4)]
    with pytest.raises(SolverError, match="groups must divide the channels"):
        Space([grouped], 16, channels=3).count  # noqa: B018


def test_mirrors_keep_sizes_and_channels_apart():
    pair = mirror(MaxPool(2), ConvTranspose(2, 2))
    assert Space([pair, pair], 8).count == 1
    assert Space([pair, pair], 8, sizes="3..").count == 0  # 2 at the bottom
    either_way = Space(either(MaxPool(2), pair), 8)
    assert all(either_way.index(stack) == i for i, stack in enumerate(either_way))
    doubled = mirror(Choice(Conv, 2, 2, out_channels="x2"), Choice(ConvTranspose, 2, 2))
    widened = Choice(Conv, 3, padding=1, out_channels="x2")
    assert Space([doubled, widened], 8, channels=4).count == 0
    assert Space([doubled, doubled], 8, channels=4)[0].widths == (4, 8, 16, 8, 4)


def test_paddings_among_others():
    assert Space(Choice(Conv, 3, padding=[(1, 1), (1, 1), 0]), 16).count == 2
    for padding in ([[1, 2], "x"], [[1, 2, 3], [0, 1]]):
        with pytest.raises(SolverError, match="padding"):
            Choice(Conv, 3, padding=padding)


def test_slices_backward_have_a_length():
    found = Space(Choice(Conv, {1, 3}), 8)
    assert len(found[::-1]) == len(list(found[::-1])) == 2
    assert found[1:1:-2].count == 0


def test_n_without_an_output():
    assert [stack.formula for stack in Space([optional(Conv(3))], "n")] == ["n", "n - 2"]


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (
            Space([optional([Conv(1), Conv(1)]), Conv(3), Conv(5)], 6),
            "nothing survives Conv(5), where it comes last: it needs a size of at least 5, "
            "and what comes before gives 4",
        ),
        (
            Space([Conv(3)], [5, 2]),
            "nothing survives layer 1: it needs a size of at least 3, "
            "and what comes before gives 2 for input 2",
        ),
        (Space(Choice(Conv, 3), "8x8", "8x6"), "one input, 8, cannot come out in two sizes"),
    ],
)
def test_reasons_are_true(found, reason):
    assert found.reason == reason


def test_the_best_needs_no_diagram():
    """Fewer states are allowed than the diagram has: the search goes on without it."""
    limit = {"receptive_field": "300..600"}
    found, few = space(12, **limit), space(12, **limit, max_states=2500)
    with pytest.raises(LimitError):
        few.relaxed(jump="1..").count  # noqa: B018 - the jumps one by one, as the best needs them
    assert few.best() == found.best()


def test_a_condition_on_n_says_what_is_missing():
    for inputs, outputs, missing in [
        ("n", None, "an output for n is wanted"),
        (["n", 7], None, "an output for n is wanted"),
        (8, 6, "an input must be n"),
    ]:
        with pytest.raises(SolverError, match=f"a condition narrows n, so {missing}"):
            Space([Conv(3)], inputs, outputs, where="n % 2 == 0")


# How much work a question may be


def test_a_goal_in_words_costs_what_two_sizes_cost():
    """The two ends of one step of the target decide for every n."""
    layers = repeat(Choice(Conv, "2..5", {2, 4}, "0..3"), "2..3")
    asked = {"total_stride": 8, "receptive_field": "..40", "axes": 1}
    words = Space(layers, "n", "floor((n - 3)/8)", **asked)
    numbers = Space(layers, [8003, 8010], [1000, 1000], **asked)
    assert words.count == numbers.count == 94
    assert list(words) == list(numbers)
    assert words.states == numbers.states
    many = Space(repeat(Conv(2, 2), 30), "n", "floor(n/1073741824)")  # no period is gone through
    assert many.count == 1


def test_optional_parts_are_repeated_a_thousand_times():
    """What may follow a place is a number, and places of one layer are looked at together."""
    assert Space(repeat(optional(Conv(3, padding=1)), 1000), 224).count == 1001
    assert Space(repeat(optional(MaxPool(2)), 1000), 224, 7).count == 1
    pair = repeat([optional(Conv(3)), optional(MaxPool(2))], 200)
    assert Space(pair, 32, 1).count == plain_pairs(32)


def plain_pairs(n: int) -> int:
    """Count the orders of n -> n - 2 and n -> n//2 that come to 1."""
    return (n == 1) + (plain_pairs(n - 2) if n > 2 else 0) + (plain_pairs(n // 2) if n > 1 else 0)


@pytest.mark.parametrize(("depth", "least"), [(5, 372), (8, 1000), (8, 3000), (12, 20000)])
def test_what_padding_leaves_no_room_for_is_refuted_before_any_size(depth, least):
    told: list[tuple[str, int, int | None]] = []
    found = space(depth, receptive_field=(least, None), progress=lambda *what: told.append(what))
    assert found.count == 0
    assert found.best() == found.pareto("parameters", "-receptive_field") == []
    assert not any(count for _, count, _ in told)


def test_depth_and_receptive_field_tell_designs_of_one_map_apart():
    """The exact gains say which there are; no design is gone through for another like it."""
    layers = repeat(Choice(Conv, "2..16", {2, 4, 5, 8}, "0..8"), "4..5")
    asked = {"total_stride": 320, "receptive_field": "..400", "axes": 1, "max_states": 200_000}
    found = Space(layers, "n", "floor(n/320)", **asked)
    best = found.best(3, by="depth,-receptive_field")
    assert [(len(stack), stack.receptive_field) for stack in best] == [(4, 400), (4, 398), (4, 396)]
    assert best[0].formula == "floor(n/320)"
    small = Space(repeat(Choice(Conv, "1..4", "1,2", "0,1"), "1..3"), "n", "floor(n/2)")
    for by in (["depth", "-receptive_field"], ["-receptive_field"], ["-depth"]):
        every = small.best(small.count, by=by, distinct=False)
        deep = any("depth" in word for word in by)
        told = {(deep * len(stack), stack.receptive_field): stack for stack in reversed(every)}
        assert small.best(small.count, by=by) == sorted(told.values(), key=every.index)


def test_large_jumps_are_counted_together():
    """What lies behind a node is the same in its own jumps: 38,151 states, were they apart."""
    assert space(32, receptive_field="60..").states < 8_000
    limited = {"receptive_field": "30..80", "sizes": "1.."}
    layers = repeat(Choice(Conv, {1, 3}, {1, 2, 3}, {0, 1}), "2..5")
    together, apart = (
        Space(layers, 60, "1..9", **limited, **more) for more in ({}, {"jump": "1.."})
    )
    assert together.count == apart.count > 0
    assert together.states < apart.states


@pytest.mark.parametrize("times", [11, 12, 20, 60])
def test_sizes_may_be_as_large_as_they_come(times):
    space = Space(repeat("upsample 1000", times), 9)
    assert space.count == 1
    assert space.index(space[0]) == 0
    assert space[0].size(9) == 9 * 1000**times


@pytest.mark.parametrize("wrap", [residual, optional, either, lambda part: [part], skip])
def test_parts_are_nested_so_deep_and_no_deeper(wrap):
    def wrapped(times):
        return reduce(lambda part, _: wrap(part), range(times), Choice(Conv, 3, padding=1))

    assert Space(wrapped(49), 9, 9).count >= 1
    with pytest.raises(LimitError, match="nested at most 50 deep"):
        Space(wrapped(2000), 9, 9)
