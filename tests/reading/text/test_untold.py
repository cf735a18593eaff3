"""Arguments that a text does not tell: any number does, or they are asked for."""

from __future__ import annotations

import json

import pytest

import solver.reading.text.paths as paths
from solver.errors import SolverError
from solver.network.graph.costs import costs
from solver.reading import read
from solver.reading.text.untold import Stands
from solver.sizes.width import at

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
VIT = """
class Block(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.c = nn.Conv2d(before, after, 3, stride, 1)
        self.skip = nn.Conv2d(before, after, 1, stride) if before != after else nn.Identity()
    def forward(self, x):
        return F.relu(self.c(x) + self.skip(x))
class Net(nn.Module):
    def __init__(self, width, num_classes, heads, drop):
        super().__init__()
        assert width % heads == 0
        self.heads = heads
        self.b = nn.Sequential(Block(3, width, 2), Block(width, 2 * width, 2))
        self.qkv = nn.Linear(2 * width, 6 * width)
        self.drop = nn.Dropout(drop)
        self.head = nn.Linear(2 * width, num_classes) if num_classes > 0 else nn.Identity()
    def forward(self, x):
        x = self.b(x)
        t = x.flatten(2).transpose(1, 2)
        b, n, c = t.shape
        q, k, v = self.qkv(t).view(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        a = (q @ k.transpose(-2, -1) * (c // self.heads) ** -0.5).softmax(-1)
        t = self.drop((a @ v).transpose(1, 2).reshape(b, n, c))
        return self.head(t), torch.cat([x, t.transpose(1, 2).view_as(x)], 1)
"""
FEATURES = """
class Net(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.c = nn.Conv2d(3, 8, 3)
        self.l = nn.Linear(features, 10)
    def forward(self, x):
        return self.l(self.c(x).flatten(1))
"""


def plain(body: str, arguments: str) -> str:
    return f"""
class Net(nn.Module):
    def __init__(self, {arguments}):
        super().__init__()
        self.n = {arguments.partition(",")[0]}
        self.c = nn.Conv2d(3, 8, 3)
    def forward(self, x):
        x = self.c(x)
        {body}
"""


def test_any_number_of_channels_does():
    network = read(HEAD + VIT)
    assert any("width is not told" in note for note in network.notes)
    told = read(HEAD + VIT, given={"width": 64, "num_classes": 10, "heads": 4, "drop": 0.1})
    for net in (network, told):
        tokens, maps = (net.walk.shapes[at] for at in net.outputs)
        assert str(tokens[1]) == "ceil(h/4)*ceil(w/4)"
        assert [*map(str, maps[2:])] == ["ceil(h/4)", "ceil(w/4)"]
        assert net.runs(1)
    assert str(tokens[2]) == "10"


def test_features_are_as_many_as_come_in():
    network = read(HEAD + FEATURES)
    assert network.runs(17)
    assert not network.runs(2)


@pytest.mark.parametrize(
    ("body", "arguments", "name"),
    [
        ("for _ in range(self.n): x = self.c(x)\n        return x", "depth", "depth"),
        ("return F.max_pool2d(x, self.n) if self.n > 2 else x", "k", "k"),
        ("return F.interpolate(x, size=(self.n, self.n))", "size", "size"),
        ("return F.avg_pool2d(x, self.n)", "k", "k"),
        ("return nn.MaxPool2d(2 * self.n)(x)", "k, more", "k"),
        ("return x * {'a': 1}[self.n]", "kind", "kind"),
        ("return x.view(1, -1, self.n, 2)", "size", "size"),
    ],
)
def test_what_sizes_depend_on_is_asked_for(body, arguments, name):
    with pytest.raises(SolverError) as fault:
        read(HEAD + plain(body, arguments))
    assert f"--set {name}=..." in str(fault.value)


FIRST = """
class Net(nn.Module):
    def __init__(self, {arguments}):
        super().__init__()
        {unpacked}
        self.c = nn.Conv2d({channels}, 8, 3, 2, 1)
    def forward(self, x):
        return self.c(x)
"""


@pytest.mark.parametrize(
    ("arguments", "unpacked", "channels"),
    [
        ("channels", "pass", "channels"),
        ("planes", "pass", "planes"),
        ("shape", "c, h, w = shape", "c"),
        ("shape", "out = shape[1] // 16, shape[2] // 16", "shape[0]"),
    ],
)
def test_a_first_layer_takes_any_number_of_channels(arguments, unpacked, channels):
    parts = {"arguments": arguments, "unpacked": unpacked, "channels": channels}
    network = read(HEAD + FIRST.format(**parts))
    assert [network.size(n) for n in (1, 2, 7, 224)] == [1, 1, 4, 112]


PADDED = """
class Net(nn.Module):
    def __init__(self, shape):
        super().__init__()
        channels, self.h, self.w = shape
        self.same = self.h == self.w
    def forward(self, x):
        return x if self.same else F.pad(x, (self.h, self.w))
"""


def test_numbers_of_one_argument_are_apart_and_the_argument_is_asked_for():
    """Height and width are not known to be equal; where a size needs one, the whole is asked."""
    with pytest.raises(SolverError) as caught:
        read(HEAD + PADDED)
    assert "--set shape=" in str(caught.value)
    assert read(HEAD + PADDED, given={"shape": (3, 1, 2)}).size((7, 7)) == (7, 10)


LAST = """
class Net(nn.Module):
    def __init__(self, in_channels, hidden, kinds):
        super().__init__()
        self.c = nn.Conv1d(in_channels, hidden, 3, padding=2, dilation=2)
        self.n = nn.GroupNorm(8, hidden)
        self.d = nn.Conv1d(hidden, hidden // 2, 3, stride=2, groups=4)
        self.l = nn.Linear(hidden // 2, kinds)
    def forward(self, x):
        x = self.d(self.n(self.c(x)))
        return self.l(x.transpose(1, 2)), x.flatten(1)
"""
TOKENS = """
from einops import rearrange
class Net(nn.Module):
    def __init__(self, dim, num_heads, head_dim):
        super().__init__()
        self.heads = num_heads
        self.p = nn.Conv2d(3, dim, 4, 4)
        self.q = nn.Linear(dim, 3 * num_heads * head_dim)
        self.first = nn.Parameter(torch.zeros(1, 1, dim))
    def forward(self, x):
        x = self.p(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.first.expand(x.shape[0], -1, -1), x], 1)
        q, k, v = self.q(x).chunk(3, dim=-1)
        q, k, v = (rearrange(t, "b n (h d) -> b h n d", h=self.heads) for t in (q, k, v))
        return (q @ k.transpose(-1, -2)).softmax(-1) @ v
"""
OPEN = {
    "vit": (VIT, {"width": 12, "num_classes": 7, "heads": 4}),
    "last": (LAST, {"in_channels": 5, "hidden": 24, "kinds": 3}),
    "tokens": (TOKENS, {"dim": 10, "num_heads": 3, "head_dim": 4}),
}


@pytest.mark.parametrize("name", OPEN)
def test_words_are_what_numbers_would_be(name):
    """What is said in words is, with numbers for them, what the text says with these numbers."""
    text, given = OPEN[name]
    network = read(HEAD + text)
    told = read(HEAD + text, given=given | {"drop": 0.1} if name == "vit" else given)
    assert len(network.nodes) == len(told.nodes)
    values = dict(given) | {"c // self.heads": 6}
    for one, other in zip(network.walk.shapes, told.walk.shapes, strict=True):
        assert [dim.worded(values) for dim in one] == list(other)
    for one, other in zip(costs(network.there(9)), costs(told.there(9)), strict=True):
        assert at(one.parameters, values) == other.parameters
        assert at(one.macs.number, values) == other.macs.number
        assert at(one.activations.number, values) == other.activations.number


@pytest.mark.parametrize("name", OPEN)
def test_what_stands_for_a_number_is_never_said(name, monkeypatch):
    """A text says the same with any numbers in the places of those that it does not tell."""
    said = []
    for usual in (Stands({}), Stands({}, width=40320 * 11, heads=3, channels=480)):
        more = usual.replaced(width=usual.width * 5, heads=14, channels=960, apart=True)
        monkeypatch.setattr(paths, "others", lambda _, pair=(usual, more): [pair])
        network = read(HEAD + OPEN[name][0])
        forms = [str(network.sizes(network.outputs[0])), str(network), repr(network.notes)]
        forms += [json.dumps(network.record()), str(network.costs())]
        forms += [str(network.explain(64)), str(network.there(64).costs())]
        said.append(forms)
    assert said[0] == said[1]
    assert not any("40320" in form for form in said[0])


def test_sizes_are_told_in_words():
    network = read(HEAD + TOKENS)
    assert network.formula().partition(" x ")[2] == "head_dim"
    assert (
        str(network.costs(name="q").parameters) == "3*num_heads*dim*head_dim + 3*num_heads*head_dim"
    )
    assert network.record()["outputs"][0]["shape"][1] == "num_heads"


def test_what_is_taken_to_hold_of_words_is_said():
    notes = read(HEAD + LAST).notes
    assert "taken as where hidden % 8 = 0" in notes
    assert read(HEAD + LAST, given={"in_channels": 1, "hidden": 8, "kinds": 2}).notes == ()


@pytest.mark.live
@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("packs", ["PixelUnshuffle", "PixelShuffle"])
def test_channels_go_back_through_what_packs_sizes_into_them(packs, size):
    torch = pytest.importorskip("torch")
    before, after = (3, 3 * size**2)[:: 1 if packs == "PixelUnshuffle" else -1]
    net = read(f"nn.{packs}({size}); nn.Conv2d({after}, 16, 3, 1, 1)")
    real = torch.nn.Sequential(
        getattr(torch.nn, packs)(size), torch.nn.Conv2d(after, 16, 3, 1, 1)
    ).to("meta")
    given = torch.empty(1, net.nodes[0].operation.of[1].number, 12, 12, device="meta")
    assert given.shape[1] == before
    assert real(given).shape[2] == net.size(12)


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("summary(net, (1, 28, 30))", {"h": 28, "w": 30}),
        ("torchinfo.summary(net, input_size=(16, 1, 28, 30))", {"h": 28, "w": 30}),
        ("summary(net, (28, 30))", {}),
        ("summary(net, size)", {}),
        ("summary(net, (1, 28, -30))", {}),
    ],
)
def test_the_size_that_a_summary_is_asked_at_is_the_one_that_is_written(asked, written):
    net = "nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(9, 10))"
    assert read(f"net = {net}\n{asked}").written == written
