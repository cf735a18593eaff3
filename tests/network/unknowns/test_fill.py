"""Unknown layers written in text and asked for on the command line, against plain formulas."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from itertools import product

import pytest
from cli_fixtures import ROOT, bounded, run

from solver import (
    AvgPool,
    Conv,
    ConvTranspose,
    LimitError,
    MaxPool,
    SolverError,
    Tensor,
    add,
    concat,
    crop,
    fill,
    pad,
    resize,
    trace,
)
from solver.reading import read
from solver.spaces.choice import Choice

#: What each unknown layer may be, as plain numbers.
BOXES = {
    "conv": {"kernel_size": (1, 2, 3, 4), "stride": (1, 2), "padding": (0, 1), "dilation": (1, 2)},
    "deconv": {"kernel_size": (1, 2, 3), "stride": (1, 2), "padding": (0, 1),
               "output_padding": (0, 1)},
    "maxpool": {"kernel_size": (1, 2, 3), "stride": (1, 2, 3), "padding": (0, 1)},
    "pad": {"total": tuple(range(8))},
}  # fmt: skip


def plain(kind: str, n: int, given: dict[str, int], ceil: bool = False) -> int | None:
    """Return the size behind a layer by the formulas of PyTorch's pages; None where it fails."""
    if kind == "pad":
        return n + given["total"]
    k, s, p = given["kernel_size"], given["stride"], given.get("padding", 0)
    d, a = given.get("dilation", 1), given.get("output_padding", 0)
    if kind == "deconv":
        size = (n - 1) * s - 2 * p + d * (k - 1) + a + 1
        return size if size >= 1 and a < max(s, d) else None
    if "pool" in kind and p > k // 2:
        return None
    free = n + 2 * p - d * (k - 1) - 1
    size = (free + (s - 1 if ceil else 0)) // s + 1
    if ceil and (size - 1) * s >= n + p:
        size -= 1
    return size if size >= 1 else None


class Drawn:
    """Hold a network drawn at random, as a function of layers and as plain arithmetic."""

    def __init__(self, source: random.Random, unknown: int, steps: int = 4) -> None:
        places = set(source.sample(range(steps), unknown))
        self.steps: list[tuple[str, object, int]] = []
        self.kinds: list[str] = []
        for i in range(steps):
            other = source.randint(0, i)
            if i in places:
                kind = source.choice([*BOXES])
                self.kinds.append(kind)
                self.steps.append(("?", (kind, source.random() < 0.4), other))
            elif i == 0 or source.random() < 0.5:
                kind = source.choice(["conv", "deconv", "maxpool", "avgpool"])
                k = source.randint(1, 3)
                given = {"kernel_size": k, "stride": source.randint(1, 2),
                         "padding": source.randint(0, k // 2)}  # fmt: skip
                self.steps.append(("known", (kind, given), other))
            else:
                word = source.choice(["add", "concat", "crop", "resize"])
                self.steps.append((word, None, other))

    def __call__(self, x: Tensor) -> Tensor:
        tensors = [x]
        makers = {"conv": Conv, "deconv": ConvTranspose, "maxpool": MaxPool, "avgpool": AvgPool}
        for word, what, other in self.steps:
            y = tensors[-1]
            if word == "?":
                kind, ceil = what
                if kind == "pad":
                    y = pad(y, total=BOXES["pad"]["total"])
                else:
                    more = {"ceil_mode": ceil} if kind == "maxpool" else {}
                    y = Choice(kind, **BOXES[kind], **more)(y)
            elif word == "known":
                y = makers[what[0]](**what[1])(y)
            elif word in ("crop", "resize"):
                y = (crop if word == "crop" else resize)(y, like=tensors[other])
            else:
                y = (add if word == "add" else concat)(tensors[other], y)
            tensors.append(y)
        return tensors[-1]

    def size(self, n: int, way: tuple[dict[str, int], ...]) -> int | None:
        sizes: list[int] = [n]
        ways = iter(way)
        for word, what, other in self.steps:
            y, like = sizes[-1], sizes[other]
            found: int | None = y
            if word == "?":
                found = plain(what[0], y, next(ways), what[1] and what[0] == "maxpool")
            elif word == "known":
                found = plain(what[0], y, what[1])
            elif word == "resize":
                found = like
            elif word == "crop":
                found = like if y >= like else None
            elif word == "concat":
                found = y if y == like else None
            else:
                found = max(y, like) if y == like or 1 in (y, like) else None
            if found is None:
                return None
            sizes.append(found)
        return sizes[-1]

    def ways(self) -> list[tuple[dict[str, int], ...]]:
        boxes = []
        for kind in self.kinds:
            box = BOXES[kind]
            boxes.append([dict(zip(box, values, strict=True)) for values in product(*box.values())])
        return list(product(*boxes))


def numbers(way: dict[str, object]) -> tuple[tuple[int, ...], ...]:
    """Return the layers of a way as plain numbers, to be compared."""
    found = []
    for layer in way.values():
        if layer.row.kind.pads:
            found.append((sum(layer.arguments["pad"]),))
        else:
            names = (name for name in BOXES[_kind(layer)])
            found.append(tuple(getattr(layer, name) for name in names))
    return tuple(found)


def _kind(layer: object) -> str:
    return {"Conv": "conv", "ConvTranspose": "deconv", "MaxPool": "maxpool"}[type(layer).__name__]


def drawn_to_number(seed: int, unknown: int) -> tuple[Drawn, int, int, set[object]] | None:
    """Return a network, an input, a size that some way gives there, and all ways that do."""
    source = random.Random(seed)
    net, n = Drawn(source, unknown), source.randint(6, 30)
    given = [(way, net.size(n, way)) for way in net.ways()]
    sizes = sorted({size for _, size in given if size is not None})
    if not sizes:
        return None
    wanted = source.choice(sizes)
    expected = {tuple(tuple(v.values()) for v in way) for way, size in given if size == wanted}
    return net, n, wanted, expected


@pytest.mark.parametrize("seed", range(150))
def test_one_unknown_layer_is_every_layer_that_plain_formulas_find(seed):
    drawn = drawn_to_number(seed, 1)
    if drawn is None:
        return
    net, n, wanted, expected = drawn
    found = fill(trace(net, axes=1), wanted, at=n)
    ways = [numbers(way) for way in found]
    assert set(ways) == expected
    assert found.count == len(ways) == len(expected)


@pytest.mark.parametrize("unknown", [2, 3])
@pytest.mark.parametrize("seed", range(12))
def test_several_unknown_layers_are_every_way_that_plain_formulas_find(seed, unknown):
    drawn = drawn_to_number(seed + 500, unknown)
    if drawn is None:
        return
    net, n, wanted, expected = drawn
    found = fill(trace(net, axes=1), wanted, at=n)
    assert found.count == len(expected)
    if len(expected) < 5000:
        assert {numbers(way) for way in found} == expected


@pytest.mark.parametrize(
    ("seed", "unknown"), [*((seed, 1) for seed in range(150)), *((seed, 2) for seed in range(20))]
)
def test_unknown_layers_for_every_n(seed, unknown):
    # the size that some way gives is asked for: all ways that give it for every n of a long range
    source = random.Random(seed)
    net = Drawn(source, unknown)
    network = trace(net, axes=1)
    long = range(200, 200 + 96)
    given = {}
    for way in net.ways():
        sizes = [net.size(n, way) for n in long]
        if None not in sizes:
            given[tuple(tuple(v.values()) for v in way)] = sizes
    if not given:
        return
    wanted = source.choice(list(given.values()))
    period = next(p for p in range(1, 97) if all(
        wanted[i + p] - wanted[i] == wanted[p] - wanted[0] for i in range(96 - p)))  # fmt: skip
    rise = wanted[period] - wanted[0] if period < 96 else 0
    if not rise or period > 24:
        return
    # written as a sum of floors: the size at r of each class r (mod period)
    jumps = [wanted[i + 1] - wanted[i] for i in range(period)]
    terms = [f"{jump}*floor((n - {long[0] + i + 1})/{period})" for i, jump in enumerate(jumps)]
    target = " + ".join([str(wanted[0] + sum(jumps)), *terms])
    expected = {way for way, sizes in given.items() if sizes == wanted}
    found = fill(network, target)
    assert {numbers(way) for way in found} == expected
    assert found.count == len(expected)
    best = found.inputs(found[0])
    assert all(n in best for n in long)
    first = best.first()
    layers = zip(net.kinds, numbers(found[0]), strict=True)
    assert net.size(first, tuple(dict(zip(BOXES[k], v, strict=True)) for k, v in layers))


def test_a_target_that_is_whole_for_odd_n_alone():
    box = {"kernel_size": (1, 2, 3), "stride": (1, 2), "padding": (0, 1)}

    def net(x: Tensor) -> Tensor:
        return Choice(Conv, **box)(Choice(Conv, **box)(x))

    layers = [dict(zip(box, values, strict=True)) for values in product(*box.values())]
    expected = 0
    for one, two in product(layers, layers):
        sizes = {n: plain("conv", n, one) for n in range(21, 41, 2)}
        expected += all(plain("conv", m, two) == (n + 1) // 2 for n, m in sizes.items())
    assert fill(trace(net, axes=1), "(n + 1)/2").count == expected > 0


def test_what_is_cropped_is_at_least_as_large_for_every_n():
    box = {"kernel_size": range(1, 7), "stride": range(1, 4), "padding": range(3)}

    def three(x: Tensor) -> Tensor:
        return crop(x, like=ConvTranspose(3, 3)(Choice(Conv, **box)(x)))

    network = trace(three, axes=1)
    # up to a multiple of 3: more than n, but for multiples; down to one: k - 2p is 3
    assert fill(network, "3*ceil(n/3)").count == 0
    assert fill(network, "3*ceil(n/3)", where="n % 3 == 0").count > 0
    assert {numbers(way)[0][:3] for way in fill(network, "3*floor(n/3)")} == {(3, 3, 0), (5, 3, 1)}
    half = trace(lambda x: crop(x, like=Choice(Conv, **box)(x)), axes=1)
    assert {numbers(way)[0][:3] for way in fill(half, "floor(n/2)")} == {
        (2, 2, 0),
        (4, 2, 1),
        (6, 2, 2),
    }


@pytest.mark.parametrize(("like", "count"), [(MaxPool(4), 3), (ConvTranspose(2, 2), 0)])
def test_what_is_cropped_grows_faster_or_slower(like, count):
    def net(x: Tensor) -> Tensor:
        y = Choice(Conv, range(1, 6), range(1, 3), range(3))(x).named("same")
        return crop(y, like=like(x))

    assert fill(trace(net, axes=1), "n", node="same").count == count

    def up(x: Tensor) -> Tensor:
        y = Choice(ConvTranspose, range(1, 6), range(1, 4), range(2))(x).named("up")
        return crop(y, like=like(like(x)))

    # k - 2p = 2: two layers, three times as wide at most
    assert fill(trace(up, axes=1), "2n", node="up").count == (2 if count else 0)


def test_ranges_of_any_length_are_not_walked():
    with bounded(200_000):
        every = fill(
            read(
                "nn.Conv1d(8, 8, range(1, 1000000000), stride=range(1, 1000000000), "
                "padding=range(0, 1000000000))\nnn.MaxPool1d(2)"
            ),
            "floor(n/4)",
        )
        # stride 2 and 2p = k - 2: k = 2, 4, ..., 999999998
        assert every.count == 499_999_999
        assert every.best() == [{"0": Conv(4, 2, 1, in_channels=8, out_channels=8)}]
        text = (ROOT / "examples/networks/wav2vec2.txt").read_text()
        front = fill(read("nn.ZeroPad1d(range(0, 1000000000))\n" + text), "floor(n/320)")
        assert front.conditions == ["padding in all = 80"]


def test_what_cannot_be_counted_is_still_listed():
    huge = "range(1, 1000000000)"
    text = f"nn.Conv1d(8, 8, {huge}, {huge}, dilation={huge}, padding=range(0, 1000000000))"
    with bounded(100_000):
        found = fill(read(text), "ceil(n/2)")
        assert found.counted is None
        assert found
        assert next(iter(found[0].values())).stride == 2
        with pytest.raises(LimitError):
            len(found)


@pytest.mark.parametrize(
    ("line", "operation", "domains"),
    [
        ("nn.Conv2d(4, 8, ..., stride={1, 2})", "conv",
         {"kernel_size": "1..11", "stride": "1..2", "padding": "0"}),
        ("nn.Conv2d(4, 8, kernel_size=(3, 3), dilation='1..4')", "conv",
         {"kernel_size": "3", "dilation": "1..4"}),
        ("nn.ConvTranspose2d(4, 8, 4, 2, output_padding=range(2))", "conv_transpose",
         {"output_padding": "0..1", "stride": "2"}),
        ("nn.MaxPool2d(range(2, 4), stride=2)", "maxpool", {"kernel_size": "2..3"}),
        ("nn.AvgPool2d(2, stride=..., ceil_mode=True)", "avgpool", {"stride": "1..4"}),
        ("Conv2D(8, {3, 5}, strides=2)", "conv", {"kernel_size": "3,5", "stride": "2"}),
        ("Conv2D(8, {3, 5}, padding='same')", "conv", {"kernel_size": "3,5"}),
        ("Conv2DTranspose(8, ..., strides=2)", "conv_transpose", {"kernel_size": "2..11"}),
        ("AveragePooling2D(pool_size=..., strides=2)", "avgpool", {"kernel_size": "1..11"}),
    ],
)  # fmt: skip
def test_unknown_hyperparameters_are_read_in_both_frameworks(line, operation, domains):
    (node,) = [n for n in read(line, channels=4).nodes if hasattr(n.operation, "choice")]
    choice = node.operation.choice
    assert choice.operation.name == operation
    assert {name: str(choice.domains[name]) for name in domains} == domains


@pytest.mark.parametrize(
    ("line", "totals"),
    [
        ("nn.ZeroPad2d(...)", "0..512"),
        ("nn.ConstantPad1d({2, 4}, 0.0)", "2,4"),
        ("ZeroPadding2D('0..9')", "0..9"),
        ("x = F.pad(x, range(10))\nx = nn.ReLU()(x)", "0..9"),
    ],
)
def test_unknown_paddings_are_read(line, totals):
    (node,) = [n for n in read(line).nodes if hasattr(n.operation, "amounts")]
    assert str(node.operation.amounts) == totals


def test_channels_go_on_behind_an_unknown_layer():
    text = "nn.Conv2d(3, 64, ..., stride=2)\nnn.BatchNorm2d(64)\nnn.Conv2d(64, 8, 3, padding=1)"
    found = fill(read(text), 112, at=224)
    shapes = found.network_of(found[0]).walk.shapes
    assert [shape[1].number for shape in shapes] == [3, 64, 64, 8]
    with pytest.raises(SolverError, match="the input must have the layer's in_channels"):
        read("nn.Conv2d(3, 64, ...)\nnn.Conv2d(32, 8, 3)")
    with pytest.raises(SolverError, match="the input must have the layer's in_channels"):
        read("nn.Conv2d(3, 64, 3)\nnn.Conv2d(32, 8, ...)")


def test_what_is_cropped_to_a_skip_behind_an_unknown_layer_is_found():
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(1, 8, kernel_size=..., stride=2)
        self.up = nn.ConvTranspose2d(8, 1, 2, stride=2)

    def forward(self, x):
        y = self.up(self.down(x))
        y = F.interpolate(y, size=x.shape[2:])
        return x + y
"""
    assert fill(read(text), "n").count == 11


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("nn.Conv2d(3, 8, (3, ...))", "an unknown kernel_size is the same along every axis"),
        ("nn.Conv2d(3, 8, (3, 5), stride=...)", "kernel_size is the same along every axis"),
        ("nn.Conv2d(3, 8, {0, 1})", "kernel_size must be at least 1"),
        ("nn.Conv2d(3, 8, {1.5})", "kernel_size must be a whole number"),
        ("nn.Conv2d(3, 8, {'a'})", "kernel_size must be a whole number"),
        ("nn.Conv2d(3, 8, '5..3')", "a range goes from small to large"),
        ("nn.Conv2d(3, 8, range(3, 1))", "a domain needs at least one number"),
        ("nn.Conv2d(3, 8, range(1, 10**9, 2))", "a range with a step"),
        ("nn.Conv2d(3, 8, range(10**30))", "this number is too large"),
        ("nn.Conv2d(3, 8, ..., padding_mode='reflect')", "an unknown layer pads with zeros"),
        ("nn.Conv2d(..., 8, 3)", "in_channels must be"),
        ("nn.ReflectionPad2d(...)", "an unknown padding is one of zeros"),
        ("nn.PixelShuffle(...)", "the arguments of PixelShuffle must be known"),
        ("Conv2D(8, 3, strides={1, 2}, dilation_rate={1, 2})", "no strides together with dilation"),
        ("Conv2DTranspose(8, {1, 2}, strides=2)", "fills up kernels that are shorter"),
        ("Conv2DTranspose(8, ..., strides={2, 3})", "fills up kernels that are shorter"),
        ("nn.Conv2d(3, 8, ..., 1, 0, 1, 1, True, 'zeros', None, None, 7)", "arguments"),
        ("nn.MaxPool2d(..., kernel_size=3)", "kernel_size is given twice"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(line, rule):
    with pytest.raises(SolverError, match=rule.replace("(", r"\(")) as fault:
        read(line)
    assert "line 1" in str(fault.value) or "this number" in rule


STEM = "examples/networks/unknown_stem.txt"


def test_the_command_line_says_the_best_way_first(tmp_path):
    ended = run("fill", STEM, "28", "--input", "224", "--limit", "2")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0] == "0: Conv(3, stride=2, padding=1)"
    assert lines[1] == "11 ways to have 224 -> 28"
    assert lines[-1] == "... and 9 more: --limit 11 shows all"
    ended = run("fill", STEM, "n/8")
    assert ended.out.splitlines()[0].endswith(", for n = 0 (mod 8)")
    assert "exactly when: stride = 2; " in ended.out


def test_the_json_contract():
    ended = run("fill", STEM, "28", "--input", "224", "--limit", "1", "--json")
    record = json.loads(ended.out)
    assert list(record) == [
        "schema", "command", "target", "layer", "meet", "input", "where", "count", "conditions",
        "searched", "reason", "notes", "ways",
    ]  # fmt: skip
    assert (record["schema"], record["command"], record["count"]) == (1, "fill", 11)
    assert record["searched"]["0"]["kernel_size"] == "3,5,7"
    (way,) = record["ways"]
    assert way["layers"]["0"] == {
        "op": "conv", "kernel_size": 3, "stride": 2, "padding": 1, "dilation": 1,
        "layer": "Conv(3, stride=2, padding=1)",
    }  # fmt: skip
    assert way["inputs"] == {
        "modulus": 1, "residues": [0], "ranges": [[0, 0]], "minimum": 3, "exceptions": [],
        "exception_ranges": [], "text": "n >= 3",
    }  # fmt: skip
    lines = run("fill", STEM, "28", "--input", "224", "--format", "jsonl").out.splitlines()
    assert len(lines) == 11
    assert json.loads(lines[0]) == way
    none = json.loads(run("fill", STEM, "n/9", "--json").out)
    assert (none["count"], none["ways"]) == (0, [])
    assert "9/4" in none["reason"]


def test_code_runs_as_python():
    for file, goal in ((STEM, "n/8"), ("examples/networks/wav2vec2_padding.txt", "floor(n/320)")):
        text = run("fill", file, goal, "--format", "code").out
        compile(text, "<code>", "exec")
    assert "nn.ZeroPad1d((40, 40))" in text


def test_there_is_none_and_the_reason_is_named(tmp_path):
    ended = run("fill", STEM, "n/9")
    assert ended.code == 1
    assert ended.out.startswith("none: 3 (unknown_stem.txt, line 4): the stride of layer 0")
    ended = run("fill", "examples/networks/unknown_unet.py", "n")
    assert ended.code == 1
    assert "floor(n/2) = 2*floor(n/4) holds only for n = 0, 1 (mod 4)" in ended.out
    small = tmp_path / "net.txt"
    small.write_text("nn.Conv1d(8, 8, 3, stride=...)\nnn.MaxPool1d(2)\n")
    ended = run("fill", str(small), "9", "--input", "64")
    assert ended.code == 1
    assert ended.out.splitlines()[0].endswith("nearest: 8, 10")
    small.write_text("nn.Conv1d(8, 8, 9)\nnn.Conv1d(8, 8, ...)\n")
    ended = run("fill", str(small), "1", "--input", "5")
    assert ended.code == 1
    assert "kernel size can't be greater than actual input size" in ended.out


def test_without_a_target_the_network_must_run(tmp_path):
    file = tmp_path / "net.py"
    file.write_text("""
inp = Input((None, None, 3))
x = layers.MaxPooling2D(2)(inp)
x = layers.Conv2DTranspose(16, ..., strides=2)(x)
x = layers.Concatenate()([inp, x])
""")
    ended = run("fill", str(file), "--where", "n % 2 == 0", "--format", "code")
    assert ended.code == 0
    assert "Conv2DTranspose(16, kernel_size=2, strides=2" in ended.out
    ended = run("fill", str(file))
    assert ended.code == 1
    assert "does this both for n = 0 and for n = 1 (mod 2)" in ended.out
    assert "m is the size that comes out of layer conv2dtranspose" in ended.out


def test_an_unknown_layer_is_called_once():
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, ..., padding=1)

    def forward(self, x):
        return self.conv(self.conv(x))
"""
    with pytest.raises(SolverError, match="an unknown layer is called once"):
        read(text)


def test_a_printout_may_have_unknowns_too():
    text = """Net(
  (conv1): Conv2d(3, 64, kernel_size=(7, 7), stride=..., padding=(3, 3), bias=False)
  (bn1): BatchNorm2d(64, eps=1e-05, momentum=0.1)
  (pool): MaxPool2d(kernel_size={2, 3}, stride=2, padding='0..1', ceil_mode=False)
)"""
    found = fill(read(text), "ceil(n/4)")
    assert found.count == 1
    assert found[0]["pool"] == MaxPool(3, 2, 1)


def test_wrong_questions(tmp_path):
    known = tmp_path / "known.txt"
    known.write_text("nn.Conv1d(8, 8, 3)\n")
    for words, text in [
        ((str(known), "n"), "no layer of this network is unknown"),
        ((STEM, "n", "--meet", "a"), "--meet takes the names of two layers"),
        ((STEM, "n", "--meet", "0,9"), "no node of this name"),
        ((STEM, "--layer", "0"), "--layer is the one whose size is TARGET"),
        ((STEM, "7", "--input", "9", "--where", "n > 3"), "--where narrows n"),
        ((STEM, "n*n"), "a product of two sizes is not a size"),
        (("nothing.txt", "n"), "the network cannot be read"),
    ]:
        ended = run("fill", *words)
        assert (ended.code, text in ended.err) == (2, True), words


def test_limits_are_named(tmp_path):
    file = tmp_path / "net.txt"
    huge = "range(1, 1000000000)"
    file.write_text(f"nn.Conv1d(8, 8, {huge})\nnn.Conv1d(8, 8, {huge})\n")
    ended = run("fill", str(file), "n")
    assert ended.code == 3
    assert "at most 100,000 combinations" in ended.err
    file.write_text(f"nn.Conv1d(8, 8, {huge}, {huge}, padding={huge}, dilation={huge})\n")
    ended = run("fill", str(file), "ceil(n/2)", "--limit", "1")
    assert ended.code == 3
    assert "too many ways to count" in ended.err
    assert ended.out.startswith("conv1d: Conv(3, stride=2, padding=1), for every n >= 1\n")


@pytest.mark.parametrize(
    "words",
    [
        ("28", "--input", "224", "--limit", "0"),
        ("28", "--input", "224", "--limit", "999999999999999999", "--json"),
        ("28", "--input", "999999999999999999"),
        ("n/8", "--where", "n % 1000003 == 1"),
        ("n - 10000000", "--json"),
        ("n/1000000007",),
        ("0", "--input", "7"),
        ("n/8", "--meet", "0,1"),
        ("n/8", "--meet", "0,0", "--format", "jsonl"),
    ],
)
def test_extreme_questions_have_an_answer_or_a_reason(words):
    ended = run("fill", STEM, *words)
    assert ended.code in (0, 1, 3)
    assert "internal" not in ended.err


def test_no_sympy_is_needed():
    script = (
        "import sys; from solver.cli import run; sys.argv = ['convsolver', 'fill', "
        f"{STEM!r}, 'n/8']; code = run(); sys.exit(code or 'sympy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("at", [[224, 225], [63, 64, 70], (224, 320), [(64, 32), 48]])
@pytest.mark.parametrize("known", ["Conv2d(3, 8, 3, 2, 1)", "MaxPool2d((2, 2))"])
def test_several_inputs_and_axes_have_the_ways_that_do_each(at, known):
    text = "nn.Conv2d(3, 3, {2, 3, 5}, stride=range(1, 4), padding=range(3))\nnn." + known
    net, target = read(text), "floor(n/4)"
    each = at if isinstance(at, list) else [at]
    alone = [
        fill(net, target, at=n) for way in each for n in (way if isinstance(way, tuple) else (way,))
    ]
    wanted = [way for way in alone[0] if all(way in other for other in alone)]
    found = fill(net, target, at=at)
    assert len(ways := [*found]) == len(wanted)  # what is never read ranks them, at all inputs
    assert all(way in wanted for way in ways)
    assert found.count == len(wanted)
    assert bool(found) == bool(wanted) == (found.reason is None)


def test_several_unknown_layers_at_several_inputs():
    text = "nn.Conv2d(3, 3, {2, 3}, 2, {0, 1})\nnn.Conv2d(3, 3, {2, 3}, 2, {0, 1})"
    net = read(text)
    alone = [fill(net, "n/4", at=n) for n in (64, 36)]
    together = fill(net, "n/4", at=[64, 36])
    assert [*together] == [way for way in alone[0] if way in alone[1]]
    assert 0 < together.count <= alone[0].count
