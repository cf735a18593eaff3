"""Poolings that give indices, unpooling, and Unflatten: as text, printed, live, against PyTorch."""

from __future__ import annotations

import random

import pytest
from cli_fixtures import run, spawn

from solver.reading.file import read_file
from solver.reading.live import live

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\n"
#: How indices go from the pooling to the unpooling.
WAYS = (
    "y, i = self.pool(x)\n        return self.un(self.act(y), i)",
    "t = self.pool(x)\n        return self.un(t[0], t[1])",
    "t = self.pool(x)\n        return self.un(t[0], indices=t[-1])",
    "y, i = self.pool(x)\n        return self.un(y, i, output_size=x.size())",
    "y, i = F.max_pool{D}(x, {k}, {s}, return_indices=True)\n"
    "        return F.max_unpool{D}(y, i, {k}, {s})",
)


def program(draw: random.Random) -> tuple[str, int]:
    axes = draw.choice([1, 2, 3])
    k, s = draw.choice([(2, 2), (3, 2), (3, 3), (2, None), (4, 2)])
    way = draw.choice(WAYS).format(D=f"{axes}d", k=k, s=s)
    p = draw.choice([0, 0, 1]) if "self.pool" in way and "size()" not in way else 0
    text = (
        f"{HEAD}class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.pool = nn.MaxPool{axes}d({k}, {s}, {p}, return_indices=True)\n"
        f"        self.act = nn.ReLU()\n        self.un = nn.MaxUnpool{axes}d({k}, {s}, {p})\n"
        f"    def forward(self, x):\n        {way}\n"
    )
    return text, axes


def said(words: tuple[str, ...]) -> None:
    """No command ends with an internal error."""
    for more in (
        (),
        ("--unread",),
        ("--tiles",),
        ("--stream", "24000"),
        ("--input", "12"),
        ("--json",),
    ):
        assert run("network", *words, *more).code in (0, 1, 2, 3), more
    for command in ("decoder", "explain"):
        assert run(command, *words).code in (0, 1, 2, 3), command


@pytest.mark.parametrize("seed", range(12))
def test_indices_in_text(seed, tmp_path):
    text, axes = program(random.Random(seed))
    path = tmp_path / "net.py"
    path.write_text(text, encoding="utf-8")
    said((str(path),))
    assert run("network", str(path), "--axes", str(axes)).code == 0


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(40))
def test_sizes_are_those_of_pytorch(seed, tmp_path):
    torch = pytest.importorskip("torch")
    text, axes = program(random.Random(seed))
    path = tmp_path / "net.py"
    path.write_text(text, encoding="utf-8")
    space: dict = {}
    exec(text, space)
    net = space["Net"]()
    networks = [read_file(str(path), axes, 1), live(net, channels=1, axes=axes)]
    (tmp_path / "printed.txt").write_text(str(net), encoding="utf-8")
    said((str(tmp_path / "printed.txt"),))
    for n in range(1, 16):
        x = torch.zeros(1, 1, *(n,) * axes)
        try:
            out = tuple(net(x).shape[2:])
            out = out if min(out) else None  # nothing is no answer
        except (RuntimeError, ValueError) as fault:
            if "max index" in str(fault):  # that depends on the values
                continue
            out = None
        for network in networks:
            walk, fault = network.run(n)
            shape = None if fault else walk.shapes[network.outputs[0]]
            assert out == (shape and tuple(dim.number for dim in shape[2:])), n


@pytest.mark.parametrize(
    "text",
    [
        "nn.Sequential(nn.MaxUnpool3d(2))",
        "Sequential(\n  (0): MaxUnpool3d(kernel_size=(2, 2, 2), stride=(2, 2, 2), "
        "padding=(0, 0, 0))\n)",
    ],
)
def test_unpooling_alone(text, tmp_path):
    (tmp_path / "net.txt").write_text(text, encoding="utf-8")
    said((str(tmp_path / "net.txt"),))
    found = run("network", str(tmp_path / "net.txt"))
    assert found.out.startswith("n -> 2*n, for every n >= 1\n")


UNFLATTEN = {
    "nn.Sequential(nn.Conv2d(3, 8, 3), nn.Unflatten(1, (2, 4)))": (1, 2, 4, 7, 7),
    "nn.Sequential(nn.Conv2d(3, 8, 3), nn.Unflatten(dim=-3, unflattened_size=(-1, 2)))": (
        (1, 4, 2, 7, 7)
    ),
    "nn.Sequential(nn.Conv2d(3, 8, 2), nn.Unflatten(3, (2, -1)))": (1, 8, 8, 2, 4),
    "nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Unflatten(1, (8, 7, 7)))": (1, 8, 7, 7),
    "nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(2), nn.Unflatten(2, (7, 7)))": (1, 8, 7, 7),
}


@pytest.mark.parametrize("text", UNFLATTEN)
def test_unflatten_keeps_the_other_axes(text, tmp_path):
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    said((str(tmp_path / "net.py"),))
    network = read_file(str(tmp_path / "net.py"))
    shape = network.at(9).shapes[-1]
    assert tuple(dim.number for dim in shape or ()) == UNFLATTEN[text]


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", UNFLATTEN)
def test_unflatten_printed_and_live(text, tmp_path):
    torch = pytest.importorskip("torch")
    net = eval(text, {"nn": torch.nn})
    assert tuple(net(torch.zeros(1, 3, 9, 9)).shape) == UNFLATTEN[text]
    (tmp_path / "net.txt").write_text(str(net), encoding="utf-8")
    for network in (read_file(str(tmp_path / "net.txt")), live(net, channels=3, axes=2)):
        shape = network.at(9).shapes[-1]
        assert tuple(dim.number for dim in shape or ()) == UNFLATTEN[text]


def test_what_no_unflatten_does(tmp_path):
    for given in (
        "1, (3, 4)",
        "1, (-1, -1)",
        "1, (0, -1)",
        "7, (2, 4)",
        "1, ()",
        "1",
        "",
        "1, 'a'",
    ):
        (tmp_path / "net.py").write_text(
            f"nn.Sequential(nn.Conv2d(3, 8, 3), nn.Unflatten({given}))", encoding="utf-8"
        )
        assert run("network", str(tmp_path / "net.py")).code in (0, 1, 2, 3), given
    assert spawn("network", "-", input="nn.Unflatten(1, (2, 4))").returncode in (0, 1, 2, 3)
