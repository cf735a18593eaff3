"""Networks read from pasted text give the sizes their frameworks do; what is not read is named."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from cli_fixtures import TooMuch, bounded

from solver import Network, valid
from solver.errors import LimitError, SolverError
from solver.network.graph.merging import Concat, Elementwise
from solver.network.graph.operation import Unknown
from solver.reading import read

DATA = Path(__file__).parents[2] / "data" / "printouts"
SIZES = json.loads((DATA / "sizes.json").read_text(encoding="utf-8"))
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(DATA.glob("*.txt"))}


def shape(network: Network, sizes: list[int]) -> list[int | None] | None:
    """Return the shape that comes out without the batch, None where it is refused."""
    try:
        found = network.at(sizes).shapes[network.outputs[0]]
    except SolverError:
        return None
    return None if found is None else [dim.number for dim in found[1:]]


@pytest.mark.parametrize("name", TEXTS)
def test_sizes_are_the_frameworks(name):
    """Of the code and of what it prints alike."""
    rows = SIZES[name.partition(".")[0]]
    network = read(TEXTS[name])
    assert not any(isinstance(node.operation, Unknown) for node in network.nodes)
    assert any(out is not None for _, out in rows)
    for sizes, out in rows:
        assert shape(network, sizes) == out, sizes


def test_there_are_enough_architectures():
    assert len(SIZES) >= 18
    assert sum(out is None for rows in SIZES.values() for _, out in rows) > 50


def output(text: str, **words: object) -> list[str]:
    network = read(text, **words)
    found = network.sizes(network.outputs[0])
    assert found is not None
    return [str(dim) for dim in found]


LINES = "nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3),\n{}nn.MaxPool2d(3, 2),  # pool\n"


@pytest.mark.parametrize(
    "text",
    [
        LINES.format(""),
        LINES.format("        "),
        LINES.format("").replace("\n", "\r\n"),
        LINES.format("\t"),
        "```python\n" + LINES.format("") + "```\n",
        ">>> nn.Conv2d(3, 64, 7, 2, 3)\n>>> nn.MaxPool2d(3, 2)",
        "self.conv1 = nn.Conv2d(3, 64, 7, 2, 3)\nself.pool = nn.MaxPool2d(3, 2)",
        "a = torch.nn.Conv2d(3, 64, 7, 2, 3)\nb = MaxPool2d(3, 2)",
        "nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3), nn.Sequential(nn.ReLU(), nn.MaxPool2d(3, 2)))",
        'nn.Sequential(OrderedDict([("c", nn.Conv2d(3, 64, 7, 2, 3)), ("p", nn.MaxPool2d(3, 2))]))',
        "self.a = nn.Conv2d(3, 64, 7, 2, 3)\nx = F.relu(self.a(x))\nx = F.max_pool2d(x, 3, 2)",
        "  (a): Conv2d(3, 64, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3))\n"
        "  (b): MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False)\n",
        "c = Conv2d(3, 64, 7, 2, 3)\nx = torch.randn(1, 3, 8, 8)\ny = F.max_pool2d(c(x), 3, 2)",
        "self.a = nn.Conv2d(3, 64, 7, 2, 3)\nx = self.a(x)\nreturn F.max_pool2d(x, 3, 2)",
        "def __init__(self):\n    self.c = nn.Conv2d(3, 64, 7, 2, 3)\n"
        "def forward(self, x):\n    return F.max_pool2d(self.c(x), 3, stride=2)",
        'x = keras.Input((8, 8, 3))\ny = Conv2D(64, 7, 2, "same")(x)\nz = MaxPooling2D(3, 2)(y)',
    ],
)
def test_one_network_written_in_many_ways(text):
    found = output(text)
    assert found[:2] == ["1", "64"]
    network = read(text)
    for n in range(5, 60):
        after = (n + 6 - 7) // 2 + 1
        after = (after - 3) // 2 + 1
        assert shape(network, [n, n + 1])[:2] == [64, after]


FORWARD = """
class Net(nn.Module):
    def __init__(self, n_channels):
        super().__init__()
        self.a = nn.Conv2d(n_channels, 8, 3, padding=1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        s = self.a(x)
        {}
        return x
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x = torch.cat([s, x], 1)", ["11", "h", "w"]),
        ("x = torch.cat((s, s), dim=2)", ["8", "2*h", "w"]),
        ("x = s + s * self.gamma", ["8", "h", "w"]),
        ("x = torch.flatten(s, 1)", ["8*h*w"]),
        ("x = s.view(s.size(0), -1)", ["8*h*w"]),
        ("x = s.mean([2, 3])", ["8"]),
        ("x = s.mean(dim=(-2, -1), keepdim=True)", ["8", "1", "1"]),
        ("x = F.interpolate(s, scale_factor=2)", ["8", "2*h", "2*w"]),
        ("x = F.interpolate(F.avg_pool2d(s, 2), size=s.shape[2:])", ["8", "h", "w"]),
        ("x = F.interpolate(F.max_pool2d(s, 2), size=(s.size(2), s.size(3)))", ["8", "h", "w"]),
        ("x = F.pad(s, (1, 2, 3, 4))", ["8", "h + 7", "w + 3"]),
        ("x, y = torch.chunk(s, 2, dim=1)", ["4", "h", "w"]),
        ("x, y, z = s.split([1, 2, 5], 1)", ["1", "h", "w"]),
        ("x = s[:, :4]", ["4", "h", "w"]),
        ("x = s[:, :, 1:-1, 2:]", ["8", "h - 2", "w - 2"]),
        ("x = s[:, :, 0]", ["8", "w"]),
        ("x = s[:, :, -1, :]", ["8", "w"]),
        ("x = torch.mean(s, dim=1, keepdim=True)", ["1", "h", "w"]),
        ("x, _ = torch.max(s, 1)", ["h", "w"]),
        ("x = CenterCrop([x.size(2), x.size(3)])(F.pad(s, (1, 1, 1, 1)))", ["8", "h", "w"]),
        ("if x.shape != s.shape: x = TF.resize(x, size=s.shape[2:])", ["3", "h", "w"]),
        ("x = s[..., :-3]", ["8", "h", "w - 3"]),
        ("x = F.pixel_shuffle(torch.cat([s] * 2, 1), 4)", ["1", "4*h", "4*w"]),
        ("b, c, h, w = s.shape\n        x = s.reshape(b, c // 2, 2 * h, w)", ["4", "2*h", "w"]),
        ("x = s.permute(0, 2, 3, 1)", ["h", "w", "8"]),
        ("x = s.transpose(1, 3).unsqueeze(2)", ["w", "1", "h", "8"]),
        ("x = F.adaptive_avg_pool2d(s, 1).squeeze(-1).squeeze(-1)", ["8"]),
        ("x = F.relu(s, inplace=True).contiguous()", ["8", "h", "w"]),
        ("x = s if self.training else F.avg_pool2d(s, 2)", ["8", "floor(h/2)", "floor(w/2)"]),
        ("for i in range(3): x = F.avg_pool2d(x, 2)", ["3", "floor(h/8)", "floor(w/8)"]),
    ],
)
def test_functions_of_tensors(line, expected):
    network = read(FORWARD.format(line), given={"n_channels": 3})
    found = network.sizes(network.outputs[0])
    assert found is not None
    assert [str(dim) for dim in found[1:]] == expected


@pytest.mark.parametrize(
    "line",
    [
        "x = F.interpolate(s, size=s.frobnicate().shape[2:])",
        "x = nn.Upsample(size=s.frobnicate().shape[2:])(s)",
        "x = F.max_pool2d(s, s.frobnicate().size(2))",
        "x = F.conv2d(s, s.frobnicate(), stride=s.frobnicate().size(2))",
    ],
)
def test_what_is_computed_from_the_unknown_is_unknown(line):
    network = read(FORWARD.format(line))
    assert network.sizes(network.outputs[0]) is None
    with pytest.raises(LimitError, match="nothing is claimed for n >= 1: frobnicate: not"):
        network.valid()


def test_names_and_lines_are_the_source_s():
    code, printed = read(TEXTS["resnet18.txt"]), read(TEXTS["resnet18.print.txt"])
    for network in (code, printed):
        node = network.nodes[network.find("layer2.0.downsample.0")]
        assert "Conv2d" in node.operation.title
        assert sum(isinstance(each.operation, Elementwise) for each in network.nodes) == 8
    assert "(downsample): Sequential(" in TEXTS["resnet18.print.txt"]
    lines = TEXTS["resnet18.print.txt"].split("\n")
    node = printed.nodes[printed.find("layer3.0.conv1")]
    assert "(conv1): Conv2d(128, 256" in lines[int(node.where.removeprefix("line ")) - 1]
    assert read("nn.Conv2d(3, 8, 3)", where="net.py").nodes[1].where == "net.py, line 1"


def test_a_printout_says_what_was_assumed():
    notes = read(TEXTS["mobilenet_v2.print.txt"]).notes
    assert "no data flow" in notes[0]
    assert any("global pooling" in note for note in notes)
    assert not read(TEXTS["mobilenet_v2.txt"]).notes


def test_a_u_net_from_its_printout_concatenates():
    network = read(TEXTS["unet.print.txt"])
    assert sum(isinstance(node.operation, Concat) for node in network.nodes) == 4
    assert str(valid(network).inputs) == str(valid(read(TEXTS["unet.txt"])).inputs) == "n >= 16"


WAV2VEC = """Wav2Vec2Model(
  (feature_extractor): Wav2Vec2FeatureEncoder(
    (conv_layers): ModuleList(
      (0): Wav2Vec2GroupNormConvLayer(
        (conv): Conv1d(1, 512, kernel_size=(10,), stride=(5,), bias=False)
        (activation): GELUActivation()
        (layer_norm): GroupNorm(512, 512, eps=1e-05, affine=True)
      )
      (1-4): 4 x Wav2Vec2NoLayerNormConvLayer(
        (conv): Conv1d(512, 512, kernel_size=(3,), stride=(2,), bias=False)
        (activation): GELUActivation()
      )
      (5-6): 2 x Wav2Vec2NoLayerNormConvLayer(
        (conv): Conv1d(512, 512, kernel_size=(2,), stride=(2,), bias=False)
        (activation): GELUActivation()
      )
    )
  )
  (feature_projection): Wav2Vec2FeatureProjection(
    (layer_norm): LayerNorm((512,), eps=1e-05, elementwise_affine=True)
    (projection): Linear(in_features=512, out_features=768, bias=True)
  )
)"""


def test_a_printout_with_repeats():
    network = read(WAV2VEC)
    assert output(WAV2VEC) == ["1", "floor((n - 80)/320)", "768"]
    convolutions = [node.name for node in network.nodes if node.name.endswith(".conv")]
    assert convolutions[-1] == "feature_extractor.conv_layers.6.conv"
    assert "line 20: the channels are moved to the end" in network.notes


@pytest.mark.parametrize(
    ("block", "shape"),
    [
        ("SEBlock(\n(avg): AdaptiveAvgPool2d(output_size=1)\n(fc): Sequential(\n(0): Linear("
         "in_features=8, out_features=2)\n(1): Linear(in_features=2, out_features=8)\n)\n)", 8),
        ("Fire(\n(squeeze): Conv2d(8, 2, kernel_size=(1, 1))\n(expand1x1): Conv2d(2, 3, "
         "kernel_size=(1, 1))\n(expand3x3): Conv2d(2, 4, kernel_size=(3, 3), padding=1)\n)", 7),
        ("_DenseLayer(\n(conv1): Conv2d(8, 5, kernel_size=(1, 1))\n)", 13),
        ("ModuleList(\n(0-1): 2 x Sequential(\n(0): Conv2d(8, 5, kernel_size=(1, 1))\n)\n)", 10),
        ("Block(\n(conv): Conv2d(8, 9, kernel_size=(1, 1))\n(shortcut): Conv2d(8, 9, "
         "kernel_size=(1, 1))\n)", 9),
    ],
)  # fmt: skip
def test_blocks_are_known_by_their_names(block, shape):
    network = read(f"Net(\n(first): Conv2d(3, 8, kernel_size=(1, 1))\n(block): {block}\n)")
    assert [str(dim) for dim in network.sizes(network.outputs[0])] == ["1", str(shape), "h", "w"]
    assert any(len(node.inputs) == 2 for node in network.nodes)


def test_squeeze_and_excitation_pools_first_where_no_pooling_is_printed():
    text = """SqueezeExcite(
      (conv_reduce): Conv2d(8, 2, kernel_size=(1, 1), stride=(1, 1))
      (conv_expand): Conv2d(2, 8, kernel_size=(1, 1), stride=(1, 1))
    )"""
    network = read(text)
    assert [str(dim) for dim in network.sizes(3)] == ["1", "8", "1", "1"]
    assert output(text) == ["1", "8", "h", "w"]


def test_an_unknown_layer_is_named_and_the_rest_is_read():
    text = "nn.Conv2d(3, 8, 3)\nDeformable(8, 8)\nnn.ReLU()"
    network = read(text)
    assert network.nodes[2].label == "1: Deformable: not understood (line 2)"
    assert network.sizes(2) is None
    assert network.sizes(1) is not None


def test_what_is_wrong_with_a_network_is_shown_at_its_line():
    network = read("nn.Conv2d(3, 8, 3)\nnn.Conv2d(16, 8, 3)")
    with pytest.raises(SolverError) as fault:
        _ = network.walk
    lines = str(fault.value).split("\n")
    assert lines[0].endswith("(line 2): the input must have the layer's in_channels")
    assert lines[1:] == ["  nn.Conv2d(16, 8, 3)", "  ^", "  received: 8 channels", "  right:    16"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the text is empty"),
        ("x = 3", "line 1: there is no network in this text"),
        ("nn.Conv2d(3, 64, k)", "line 1: kernel_size must be a number"),
        ("nn.Conv2d(3, 64, 3, strid=2)", "line 1: Conv2d has no such argument"),
        ("nn.ReLU()\nnn.Conv2d(3, 64,", "line 2: not valid Python"),
        ("nn.Conv2d(3, 64, 3)\n  )", "not valid Python"),
        ("a\0b", "line 1: a network is read from text"),
        ("Net(\n  (a): Conv2d(3, 8, kernel_size=(3, 3))\n", "line 1: Net is not closed"),
        ("(a): Conv2d(3, 8, kernel_size=(3, 3))\n)", "line 2: nothing is open here"),
        ("N(\n  (a): Conv2d(3, 8, kernel_size=(3, 3))\n  (b): Conv2d(9, 8, kernel_size=(3, 3))\n)",
         "line 3: in the order of the printout the channels do not fit"),
        ("Layer (type)    Output Shape   Param #", "there are no rows in this summary"),
        ("nn.ReLU()\nbreak", "line 2: there is no loop here"),
        ("while True:\n    pass", "line 1: a loop has at most 100 turns"),
        ("x = 2 ** 10 ** 10", "line 1: this number is too large"),
        (FORWARD.format("x = self.forward(x)"), "nested too deeply"),
        ("y = " + "-" * 150 + "1", "nested too deeply"),
        ("y = " + "-" * 50_000 + "1", ""),
        ("y = " + "(" * 50_000 + "1", ""),
        ("y = x" + " + x" * 50_000, ""),
        ("y = x" + ".x" * 50_000, ""),
        ("N(\n" + "(a): N(\n" * 70, "nested 60 deep"),
        ("for i in range(10 ** 12):\n    pass", "a loop has at most 100 turns"),
        ("for i in range(10 ** 12):\n    a = nn.ReLU()", "a loop has at most 100 turns"),
        ("a = [0] * 10 ** 9", "a list may have"),
        ("nn.Conv2d(3, 8, 3)\n" * 19_999, "a text may have 5,000 layers"),
        ("nn.ReLU()\n" * 30_000, "a text may have 20,000 lines"),
        ("nn.ReLU()," * 49_000, "a text may have 5,000 layers"),
        ("x = [0]\n" + "x = [x, x]\n" * 60 + "nn.Conv2d(x, 8, 3)", "nested lists may have"),
        ("x = nn.ReLU()(i)\n" + "x = [x, x]\n" * 60 + "torch.cat(x, 1)", "nested lists may have"),
        ("a = []\na.append(a)\ntorch.cat(a, 1)", "nested lists may have"),
        ("m = nn.Sequential()\nm.append(m)\nm(x)", "nested too deeply"),
        ("N(\n" + "(0-9): 10 x M(\n" * 10 + "(0): ReLU()\n" + ")\n" * 11, "5,000 operations"),
        ("N(\n" + "(0-9): 10 x M(\n" * 10 + "(0): M()\n" + ")\n" * 11, "5,000 operations"),
        ("x\n" * 1_000_000, "a text may have 500,000 characters"),
    ],
)  # fmt: skip
def test_faults_are_named_with_their_lines(text, message):
    with bounded(20_000_000), pytest.raises(SolverError) as fault:
        read(text)
    assert message in str(fault.value)


def test_a_fault_shows_its_place():
    with pytest.raises(SolverError) as fault:
        read("a = nn.ReLU()\nb = nn.Conv2d(3, 64, kernel_size=size)")
    assert str(fault.value).split("\n")[:3] == [
        "line 2: kernel_size must be a number, a word or a tuple of them",
        "  b = nn.Conv2d(3, 64, kernel_size=size)",
        "      ^",
    ]


def test_limits_are_limit_errors():
    for text in ("x\n" * 10**6, "a = [0] * 10 ** 9"):
        with pytest.raises(LimitError):
            read(text)


PIECES = [
    "(", ")", "nn.Conv2d(", "\n", "  ", "self.", "%", "x", "9" * 30, "0", "-1", "[", "]", "None",
    "=", ": ", "(a): ", "6 x ", "é", "\\", '"', "lambda: ", "*", "**", "range(", ",", ".",
]  # fmt: skip
COUNT = 150
NUMBERS = ["0", "7", "512", "-3", "1.5", "None"]


def test_corrupted_texts_are_read_or_refused():
    """Nothing but SolverError comes out, after little work."""
    texts = list(TEXTS.values())
    refused = 0
    for seed in range(COUNT):
        draw = random.Random(seed)
        text = draw.choice(texts)
        lines = text.split("\n")
        if len(lines) > 60:
            first = draw.randrange(len(lines) - 50)
            text = "\n".join(lines[first:] if draw.random() < 0.5 else lines)
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(text) + 1)
            how = draw.randrange(5)
            if how == 0:
                text = text[:at] + draw.choice(PIECES) + text[at:]
            elif how == 1:
                text = text[:at] + text[at + draw.randint(1, 30) :]
            elif how == 2:
                text = text[:at]
            elif how == 3:
                other = draw.randrange(len(text) + 1)
                text = text[:at] + text[other : other + 100] + text[at:]
            else:
                numbers = [i for i, c in enumerate(text) if c.isdigit()]
                if numbers:
                    at = draw.choice(numbers)
                    text = text[:at] + draw.choice(NUMBERS) + text[at + 1 :]
        try:
            with bounded(5_000_000):
                network = read(text)
                assert network.nodes
                shape(network, [224] * len(network.letters))
        except SolverError:
            refused += 1
        except (Exception, TooMuch) as error:
            raise AssertionError(f"seed {seed}") from error
    assert COUNT // 10 < refused < COUNT


def test_what_a_printout_hides_is_said():
    net = read("Sequential(\n  (0): AvgPool2d(kernel_size=3, stride=2, padding=1)\n)", 2, 3)
    assert "AvgPool2d: ceil_mode is not printed, and taken as False" in net.notes
