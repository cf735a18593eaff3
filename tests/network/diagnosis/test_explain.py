"""What is wrong, held against an interpreter of networks for one axis that is written out here."""

from __future__ import annotations

import random

import pytest

from solver import (
    AvgPool,
    Conv,
    ConvTranspose,
    MaxPool,
    SolverError,
    add,
    concat,
    crop,
    flatten,
    linear,
    pointwise,
    read,
    reshape,
    trace,
)
from solver.frameworks import layer
from solver.network.diagnosis.explain import explain
from solver.network.graph.merging import Concat, CropLike, Elementwise, ResizeLike
from solver.network.graph.operation import Apply, Input, Pointwise
from solver.network.graph.shaping import Flatten, Linear
from solver.network.graph.walk import Walker


class Misfit(Exception):
    """Where a network fails: the node and the numbers."""

    def __init__(self, at, *numbers):
        super().__init__(at, *numbers)
        self.at, self.numbers = at, numbers


class Repeated(Exception):
    """A size that is 1 by chance: it would be repeated, and is neither asked for nor refused."""


def one(value):
    return value[0] if isinstance(value, tuple) else value


def window(each):
    padding = one(each.padding)
    lo, hi = padding if isinstance(padding, tuple) else (padding, padding)
    k, d = one(each.kernel_size), one(getattr(each, "dilation", 1))
    return k, one(each.stride), lo, hi, d, d * (k - 1) + 1


def through(each, n, at):
    if not isinstance(each, (Conv, ConvTranspose, MaxPool, AvgPool)):
        if each.name.startswith("AdaptiveAvgPool"):
            return one(each.arguments["output_size"])
        return n + sum(each.arguments["pad"][:2])
    _, s, lo, hi, d, span = window(each)
    if isinstance(each, ConvTranspose):
        a = one(each.output_padding)
        assert 0 <= a < max(s, d)
        out = (n - 1) * s - lo - hi + span + a
    elif getattr(each, "ceil_mode", False):
        out = -(-(n + lo + hi - span) // s) + 1
        out -= (out - 1) * s >= n + lo
    else:
        out = (n + lo + hi - span) // s + 1 if n + lo + hi >= span else 0
    if n < 1 or out < 1:
        raise Misfit(at, n + lo + hi, span, n)
    return out


def run(network, n):
    """The size (channels, n) of every node, batch left out; flat ones as (features,)."""
    found = []
    for at, node in enumerate(network.nodes):
        given = [found[i] for i in node.inputs]
        operation = node.operation
        if isinstance(operation, Input):
            found.append((operation.of[1].number, n))
        elif isinstance(operation, Pointwise):
            found.append(given[0])
        elif isinstance(operation, Apply):
            channels, size = given[0]
            out = getattr(operation.layer, "out_channels", None) or channels
            found.append((out, through(operation.layer, size, at)))
        elif isinstance(operation, (Elementwise, Concat)):
            sizes = {size for _, size in given}
            if isinstance(operation, Elementwise) and len(sizes) == 2 and 1 in sizes:
                raise Repeated
            if len(sizes) > 1:
                raise Misfit(at, *(size for _, size in given))
            channels = [c for c, _ in given]
            total = sum(channels) if isinstance(operation, Concat) else max(channels)
            found.append((total, max(size for _, size in given)))
        elif isinstance(operation, CropLike):
            (channels, size), (_, like) = given
            if not operation.both and ((size > like) if operation.pads else (size < like)):
                raise Misfit(at, size, like)
            found.append((channels, like))
        elif isinstance(operation, ResizeLike):
            found.append((given[0][0], given[1][1]))
        elif isinstance(operation, Flatten):
            found.append((given[0][0] * given[0][1],))
        elif isinstance(operation, Linear):
            if operation.of not in (None, given[0][-1]):
                raise Misfit(at, given[0][-1], operation.of)
            found.append((*given[0][:-1], operation.features))
        else:
            raise AssertionError(operation)
    return found


def misfit(network, n):
    try:
        run(network, n)
    except Misfit as fault:
        return fault
    except Repeated:
        return REPEATED
    return None


REPEATED = Misfit(None)


def random_net(draw):
    """A U-Net, or a trunk with a linear layer, whose numbers were chosen without care."""

    def convs(x, width):
        for _ in range(draw.randint(1, 2)):
            k, d = draw.choice([1, 3, 3, 5]), draw.choice([1, 1, 2])
            p = draw.choice([0, d * (k - 1) // 2, d * (k - 1) // 2])
            x = pointwise(Conv(k, 1, p, d, out_channels=width)(x))
        return x

    def down(x, width):
        kind = draw.randrange(4)
        if kind == 0:
            return Conv(3, 2, 1, out_channels=width)(x)
        k, s = draw.choice([(2, 2), (2, 2), (3, 2), (3, 3)])
        pool = MaxPool if kind < 3 else AvgPool
        return pool(k, s, draw.choice([0, 0, k // 2]), ceil_mode=draw.random() < 0.3)(x)

    def up(x, width):
        k, p, a = draw.choice([(2, 0, 0), (2, 0, 0), (4, 1, 0), (3, 1, 1), (3, 1, 0), (3, 0, 0)])
        return ConvTranspose(k, 2, p, output_padding=a, out_channels=width)(x)

    def unet(x):
        skips = []
        for level in range(draw.randint(1, 3)):
            x = convs(x, 4 << level)
            skips.append(x)
            x = down(x, 4 << level)
        x = convs(x, 8)
        while skips:
            skip = skips.pop()
            width = 4 << len(skips)
            x = up(x, width)
            kind = draw.randrange(6)
            if kind == 0:
                x = add(skip, x)
            elif kind == 1:
                x = concat(crop(skip, like=x), x)
            else:
                x = concat(skip, x)
            x = convs(x, width)
        return x

    def trunk(x):
        for level in range(draw.randint(1, 3)):
            x = down(convs(x, 4 << level), 4 << level)
        side = draw.randint(1, 8)
        x = Conv(1, out_channels=8)(x)
        return linear(flatten(x), 10, of=8 * side + draw.choice([0, 0, 0, 1]))

    return trace(draw.choice([unet, unet, trunk]), channels=1, axes=1)


@pytest.mark.parametrize("seed", range(250))
def test_random_networks(seed):
    draw = random.Random(seed)
    net = random_net(draw)
    bad = [n for n in range(1, 140) if misfit(net, n) not in (None, REPEATED)]
    if not bad:
        assert explain(net, 77).node is None
        return
    n = draw.choice(bad)
    fault = misfit(net, n)
    found = explain(net, n)
    assert found.at == fault.at
    assert found.sizes == {"n": n}
    later = {m: misfit(net, m) for m in range(1, 300)}
    for m, other in later.items():
        if other is REPEATED:
            continue
        same = other is not None and (other.at, other.numbers) == (fault.at, fault.numbers)
        assert (m in found.square) == same, (m, other, fault)
        fails = any(m in each for each in found.fails.values())
        assert fails == (other is not None and other.at == fault.at)
    works = [m for m, other in later.items() if other is None]
    for edit in found.fixes:
        assert misfit(edit.network, edit.sizes["n"]) in (None, REPEATED), str(edit)
        if edit.kind not in ("input size",):
            assert edit.sizes == {"n": n}
        for m in range(1, 200):
            if misfit(edit.network, m) is REPEATED:
                continue
            runs = misfit(edit.network, m) is None
            assert (m in edit.square) == runs, (str(edit), m)
            assert (m in edit.inputs["n"]) == runs
    assert len({edit.text for edit in found.fixes}) == len(found.fixes)
    inputs = {edit.sizes["n"] for edit in found.fixes if edit.kind == "input size"}
    nearest = [
        max((m for m in works if m < n), default=0),
        min((m for m in works if m > n), default=0),
    ]
    assert {m for m in inputs if m < 300} == {evenest(m, {*works}) for m in nearest if m}
    operation = net.nodes[fault.at].operation
    if isinstance(operation, (Elementwise, Concat)):
        assert {"crop", "resize"} & {edit.kind for edit in found.fixes} or not works


def evenest(n, works):
    """The size beside n that two divides most often, where at most 16 beside each other work."""
    first = next(m for m in range(n, n - 17, -1) if m == n - 16 or m - 1 not in works)
    last = next(m for m in range(n, n + 17) if m == n + 16 or m + 1 not in works)
    beside = range(first, last + 1)
    return n if len(beside) > 16 else max(beside, key=lambda m: m & -m)


def message_of(net, fault):
    """The message of PyTorch for a misfit, and whether it tells the numbers."""
    operation, numbers = net.nodes[fault.at].operation, fault.numbers
    if isinstance(operation, Concat):
        return (
            "RuntimeError: Sizes of tensors must match except in dimension 1. Expected size "
            f"{numbers[0]} but got size {numbers[1]} for tensor number 1 in the list."
        )
    if isinstance(operation, Elementwise):
        return (
            f"The size of tensor a ({numbers[0]}) must match the size of tensor b "
            f"({numbers[1]}) at non-singleton dimension 2"
        )
    if isinstance(operation, Linear):
        return f"mat1 and mat2 shapes cannot be multiplied (1x{numbers[0]} and {numbers[1]}x10)"
    if isinstance(operation, Apply) and isinstance(operation.layer, (Conv, MaxPool, AvgPool)):
        return (
            f"Calculated padded input size per channel: ({numbers[0]}). Kernel size: "
            f"({numbers[1]}). Kernel size can't be greater than actual input size"
        )
    return None


@pytest.mark.parametrize("seed", range(200))
def test_random_messages(seed):
    draw = random.Random(seed)
    net = random_net(draw)
    faults = [
        (n, fault) for n in range(1, 140) if (fault := misfit(net, n)) not in (None, REPEATED)
    ]
    if not faults:
        return
    n, fault = draw.choice(faults)
    if (text := message_of(net, fault)) is None:
        return
    found = explain(net, error=text)
    meant = {found.at: found.inputs, **{other.at: other.inputs for other in found.others}}
    assert n in meant[fault.at]["n"]
    for at, inputs in meant.items():
        operation_at = net.nodes[at].operation  # either order, a sum for a concatenation
        for m in range(1, 300):
            other = misfit(net, m)
            says = other is not None and other.at == at and message_of(net, other) == text
            assert (m in inputs["n"]) == says or isinstance(operation_at, (Elementwise, Concat))
    assert misfit(net, found.sizes["n"]).at == found.at
    for edit in found.fixes:
        assert misfit(edit.network, edit.sizes["n"]) in (None, REPEATED)


def unet(levels):
    def through(x):
        skips, width = [], 16
        for _ in range(levels):
            x = Conv(3, padding=1, out_channels=width)(x)
            skips.append(x)
            x, width = MaxPool(2)(x), 2 * width
        for skip in skips[::-1]:
            width //= 2
            x = concat(skip, ConvTranspose(2, 2, out_channels=width)(x))
            x = Conv(3, padding=1, out_channels=width)(x)
        return x

    return trace(through, channels=3)


def test_a_unet_with_a_message():
    text = (
        "RuntimeError: Sizes of tensors must match except in dimension 1. Expected size 61 but "
        "got size 60 for tensor number 1 in the list."
    )
    found = explain(unet(2), error=text)
    assert str(found.square) == "n in {122, 123}"
    assert found.sizes == {"h": 122, "w": 122}
    assert [edit.kind for edit in found.fixes][:2] == ["pad", "input size"]
    best = next(edit for edit in found.fixes if edit.kind == "output_padding")
    assert best.code == (
        "convtranspose_5 = nn.ConvTranspose2d(32, 32, kernel_size=2, stride=2, output_padding=1)"
    )
    assert str(best.square) == "n = 2 (mod 4), n >= 6"
    everywhere = next(edit for edit in found.fixes if edit.kind == "crop")
    assert str(everywhere.square) == "n >= 4"


def test_crops_at_every_level_hold_for_every_size():
    found = explain(unet(3), 98)
    crops = {edit.text.partition(":")[0]: str(edit.square) for edit in found.fixes}
    assert crops["crop wherever branches meet"] == "n >= 8"
    assert crops["pad wherever branches meet"] == "n >= 8"
    only = next(text for text in crops if text.startswith("crop conv"))
    assert crops[only] == "n = 0, 1, 2, 3 (mod 8), n >= 8"


def test_axes_of_their_own():
    found = explain(unet(2), (100, 102))
    assert found.inputs.keys() == {"w"}
    edit = next(edit for edit in found.fixes if edit.kind == "output_padding")
    assert str(edit).endswith("(runs for h = 0 (mod 4), w = 2 (mod 4), w >= 6)")
    sizes = [edit.sizes for edit in found.fixes if edit.kind == "input size"]
    assert {"h": 100, "w": 104} in sizes


def test_in_features():
    def vgg(x):
        for width in (64, 128, 256, 512, 512):
            x = MaxPool(2)(Conv(3, padding=1, out_channels=width)(x))
        return linear(flatten(x), 4096, 25088)

    text = "mat1 and mat2 shapes cannot be multiplied (1x12800 and 25088x4096)"
    found = explain(trace(vgg, channels=3), error=text)
    assert str(found.square) == "160 <= n <= 191"
    kinds = {edit.kind: edit for edit in found.fixes}
    assert kinds["in_features"].code == "linear_12 = nn.Linear(12800, 4096)"
    assert str(kinds["adaptive pooling"].square) == "n >= 32"
    assert kinds["input size"].sizes == {"h": 224, "w": 224}
    assert 160 in kinds["input padding"].square


def test_branches_that_are_larger_along_one_axis_and_smaller_along_the_other():
    net = trace(lambda x: add(x, ConvTranspose((2, 3), (2, 3))(Conv((3, 5), (2, 3), (1, 0))(x))))
    (edit,) = explain(net, (31, 32)).fixes
    assert edit.kind == "resize"
    assert [dim.number for dim in edit.network.at((31, 32)).shapes[-1][2:]] == [31, 32]


def test_layers_that_are_each_padded_otherwise():
    net = trace(
        lambda x: concat(
            Conv(1)(x),
            Conv(5, padding=1)(x).named("five"),
            MaxPool(3, 1)(x).named("pool"),
        )
    )
    best = explain(net, 32)[0]
    assert str(best) == "five: padding=2; pool: padding=1 (runs for n >= 1)"
    assert [change[1:] for change in best.changes] == [("padding", 1, 2), ("padding", 0, 1)]


def test_a_number_that_several_layers_share():
    def net(x):
        for _ in range(4):
            x = Conv(3, 3)(x)
        return x

    best = explain(trace(net), 64)[0]
    assert str(best) == "every Conv: stride=1 (runs for n >= 9)"
    assert best.places == 1


def test_networks_that_share_a_beginning_are_walked_from_the_change_on(monkeypatch):
    """Steps of walks are bounded, not seconds."""
    steps = 0
    step = Walker.step

    def counted(walker, node):
        nonlocal steps
        steps += 1
        step(walker, node)

    def net(x):
        for _ in range(60):
            x = pointwise(Conv(3, padding=1)(x))
        return AvgPool(7)(x)

    monkeypatch.setattr(Walker, "step", counted)
    found = explain(trace(net), 6)
    assert str(found[0]) == "avgpool_121: kernel_size=6, stride=6 (runs for n >= 6)"
    assert steps < 40 * len(found.network)  # of about 140 networks


def test_what_should_come_out():
    net = trace(lambda x: ConvTranspose(3, 2, 1)(Conv(3, 2, 1)(x)))
    assert explain(net, 27, output="n").node is None
    found = explain(net, 28, output="n")
    assert str(found[0]) == "convtranspose_2: output_padding=1 (runs for even n)"
    assert next(edit.sizes for edit in found if edit.kind == "input size") == {"h": 27, "w": 27}
    said = "Using a target size (torch.Size([8, 1, 28, 28])) that is different to the input size "
    told = explain(net, error=f"{said}(torch.Size([8, 1, 27, 27]))")
    assert (told.reason, told.sizes) == (found.reason, found.sizes)
    assert "2 times what comes out" in explain(net, 28, output="n/2").reason
    with pytest.raises(SolverError, match="one wanted size, or one for each axis"):
        explain(net, 28, output=(1, 2, 3))


def test_a_view_of_a_fixed_number_of_features():
    def net(x):
        x = MaxPool(2)(Conv(5, in_channels=3, out_channels=16)(x))
        return linear(reshape(x, 16 * 5 * 5).named("view"), 120, of=400).named("fc1")

    found = explain(trace(net, channels=3), 64)
    kinds = {edit.kind: edit for edit in found.fixes}
    assert kinds["in_features"].text == "view: flatten; fc1: in_features=14400"
    assert kinds["in_features"].code.splitlines() == [
        "view = torch.flatten(maxpool_2, 1)",
        "fc1 = nn.Linear(14400, 120)",
    ]
    assert str(kinds["in_features"].square) == "n in {64, 65}"
    assert str(kinds["adaptive pooling"].square) == "n >= 6"
    assert kinds["adaptive pooling"].network.size(321) == 120


def test_channels():
    net = trace(lambda x: Conv(7, in_channels=3, out_channels=64)(x), channels=3)
    text = (
        "Given groups=1, weight of size [64, 3, 7, 7], expected input[1, 4, 224, 224] to have 3 "
        "channels, but got 4 channels instead"
    )
    found = explain(net, error=text)
    assert found.at == 1
    assert {edit.text for edit in found.fixes} == {"conv_1: in_channels=4", "input: 3 channels"}
    inside = trace(lambda x: Conv(3, in_channels=8)(Conv(7, out_channels=4)(x)), channels=3)
    found = explain(inside)
    assert "8" in found.reason
    assert found.fixes[0].text == "conv_2: in_channels=4"


def test_layers_of_frameworks():
    def net(x):
        y = layer("torch", "MaxPool2d", kernel_size=2)(x)
        y = layer("torch", "ConvTranspose2d", kernel_size=2, stride=2)(y)
        return concat(x, y)

    kinds = {edit.kind: edit for edit in explain(trace(net), 61).fixes}
    assert kinds["output_padding"].text == "convtranspose2d_2: output_padding=1"
    assert "crop" in kinds
    onnx = trace(lambda x: layer("onnx", "Conv", kernel_shape=[5, 5])(x))
    kinds = {edit.kind: edit for edit in explain(onnx, 3).fixes}
    assert "kernel_size" not in kinds  # the file holds the weights
    assert kinds["padding"].text == "conv_1: pads=[1, 1, 1, 1]"


def test_a_layer_behind_the_loss_of_all_axes():
    for pool in (MaxPool(2), layer("torch", "MaxPool2d", kernel_size=2)):
        found = explain(trace(lambda x, pool=pool: pool(flatten(x)), axes=2), 9)
        assert "one size per axis" in found.reason
        assert found.fixes == ()


def test_reflected_padding():
    net = trace(lambda x: Conv(7, padding=3, padding_mode="reflect")(MaxPool(2)(x)))
    text = (
        "Argument #6: Padding size should be less than the corresponding input dimension, but "
        "got: padding (3, 3) at dimension 2 of input [1, 1, 2, 9]"
    )
    found = explain(net, error=text)
    assert str(found.square) == "n in {4, 5}"
    assert "padding_mode" in {edit.kind for edit in found.fixes}


def test_what_cannot_be_answered():
    net = unet(2)
    with pytest.raises(SolverError, match="at any input size"):
        explain(net, error="size of tensor a (61) must match the size of tensor b (17)")
    with pytest.raises(SolverError, match="not known"):
        explain(net, error="CUDA out of memory")
    with pytest.raises(SolverError, match="no numbers"):
        explain(net, error="Kernel size can't be greater than actual input size")
    assert explain(net).reason.startswith("the network runs for every ")
    assert explain(net, 64).fixes == ()


def test_padding_by_a_product_is_counted_from_one():
    """A padded product of sizes is equal to a number at positive sizes only."""
    from solver import pad, valid

    net = trace(lambda x: linear(flatten(MaxPool(32)(pad(x, 32))), 10, 49))
    assert str(valid(net).inputs) == "160 <= n <= 191"


def in_torch(torch, network, n):
    """Run a network in PyTorch; return the number of the node that raised and what it said."""
    f, found = torch.nn.functional, []
    for at, node in enumerate(network.nodes):
        given, operation = [found[i] for i in node.inputs], node.operation
        try:
            if isinstance(operation, Input):
                found.append(torch.zeros(1, operation.of[1].number, n))
            elif isinstance(operation, Pointwise):
                found.append(given[0])
            elif isinstance(operation, Elementwise):
                found.append(sum(given[1:], given[0]))
            elif isinstance(operation, Concat):
                found.append(torch.cat(given, 1))
            elif isinstance(operation, CropLike):
                more = given[1].shape[2] - given[0].shape[2]
                assert (more >= 0) == operation.pads or not more or operation.both
                begin = abs(more) // 2 * (1 if more >= 0 else -1)
                found.append(f.pad(given[0], (begin, more - begin)))
            elif isinstance(operation, ResizeLike):
                found.append(f.interpolate(given[0], size=given[1].shape[2:]))
            elif isinstance(operation, Flatten):
                found.append(given[0].flatten(1))
            elif isinstance(operation, Linear):
                of = operation.of or given[0].shape[-1]
                found.append(torch.nn.Linear(of, operation.features)(given[0]))
            else:
                found.append(layer_in_torch(torch, operation.layer, given[0]))
        except (RuntimeError, AssertionError) as fault:
            return at, str(fault)
    return None


def layer_in_torch(torch, each, x):
    f = torch.nn.functional
    if not isinstance(each, (Conv, ConvTranspose, MaxPool, AvgPool)):
        if each.name.startswith("AdaptiveAvgPool"):
            return f.adaptive_avg_pool1d(x, each.arguments["output_size"])
        return f.pad(x, each.arguments["pad"][:2])
    k, s, lo, hi, d, _ = window(each)
    if isinstance(each, (MaxPool, AvgPool)):
        pool = f.max_pool1d if isinstance(each, MaxPool) else f.avg_pool1d
        assert lo == hi
        return pool(x, k, s, lo, ceil_mode=each.ceil_mode)
    before, after = x.shape[1], each.out_channels or x.shape[1]
    if isinstance(each, ConvTranspose):
        weight, a = torch.zeros(before, after, k), one(each.output_padding)
        return f.conv_transpose1d(x, weight, None, s, lo, a, 1, d)
    if lo != hi:
        x, lo = f.pad(x, (lo, hi)), 0
    return f.conv1d(x, torch.zeros(after, before, k), None, s, lo, d)


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(120))
def test_what_pytorch_says_itself(seed):
    torch = pytest.importorskip("torch")
    draw = random.Random(5000 + seed)
    net = random_net(draw)
    bad = [n for n in range(1, 100) if misfit(net, n) not in (None, REPEATED)]
    if not bad:
        assert in_torch(torch, net, 77) is None
        return
    n = draw.choice(bad)
    at, text = in_torch(torch, net, n)
    assert at == explain(net, n).at
    if isinstance(net.nodes[at].operation, CropLike):
        return  # PyTorch has no such layer, and no words for it
    found = explain(net, error=text)
    meant = {found.at: found.inputs, **{other.at: other.inputs for other in found.others}}
    assert n in meant[at]["n"], text
    for edit in found.fixes:
        assert in_torch(torch, edit.network, edit.sizes["n"]) is None, str(edit)


DECODER = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.b = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.c = nn.ConvTranspose2d(16, 8, 3, stride=2, padding=1)
        self.d = nn.ConvTranspose2d(8, 1, 3, stride=2, padding=1)

    def forward(self, x):
        return self.d(self.c(self.b(self.a(x))))
"""


def test_axes_of_other_sizes_have_their_own_output_padding():
    found = explain(read(DECODER), (28, 31), output=(28, 31))
    assert found[0].text == "c: output_padding=1; d: output_padding=(1, 0)"


def test_what_goes_in_is_said_by_the_message():
    text = "Got invalid dimensions for input: x for the following indices"
    found = explain(read(DECODER), error=f"{text} index: 2 Got: 61 Expected: 64")
    assert found.reason == "input: it is made for 64 along axis 2, and gets 61"
    assert [edit.kind for edit in found] == ["input shape", "input size"]


def test_a_row_is_wanted_for_each():
    text = "x = nn.Conv2d(3, 8, 4, 4)(x)\nx = x.view(-1, 1).squeeze(1)"
    error = "Expected input batch_size (128) to match target batch_size (1)"
    found = explain(read(text), error=error)
    assert (found.sizes, found.reason.split(":")[0]) == ({"h": 16, "w": 16}, "output")


def test_tokens_are_wanted_in_front_of_their_features():
    text = "x = nn.Conv1d(3, 8, 3, stride=2)(x)\nx = nn.Linear(8, 5)(x.transpose(1, 2))"
    found = explain(read(text), 100, output="n/2")
    assert found[0].text == "conv1d: padding=1", [each.text for each in found]
