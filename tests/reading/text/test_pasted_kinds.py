"""Kinds of texts that people paste, with sizes that the frameworks gave."""

from __future__ import annotations

import pytest

from solver.errors import LimitError
from solver.reading import read

_HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


def _sizes(text: str, *sizes: int, **told: object) -> list[list[int | None]]:
    network = read(text, **told)  # type: ignore[arg-type]
    path = network.path(list(sizes))
    shapes = path.at(list(sizes)).shapes
    return [[dim.number for dim in shapes[at] or ()] for at in path.outputs]


def test_a_grid_of_numbers_has_no_channels() -> None:
    text = (
        f"{_HEAD}class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.c = nn.Conv2d(5, 7, 3)\n    def forward(self, x):\n"
        "        b, h, w = x.shape\n"
        "        return self.c(F.one_hot(x, 5).permute(0, 3, 1, 2).float())[:, :, : h - 3]\n"
    )
    assert _sizes(text, 9, 12) == [[1, 7, 6, 10]]  # torch.zeros(1, 9, 12, dtype=torch.long)
    assert _sizes(text, 9, 12, axes=2) == [[1, 7, 6, 10]]


@pytest.mark.parametrize(
    ("made", "size"),
    [
        ("nn.Conv2d(3, int(sqrt(64)), up(pi))", 7),
        ("nn.Conv2d(3, 8, int(log2(32)))", 6),
    ],
)
def test_names_of_math_alone(made: str, size: int) -> None:
    text = f"{_HEAD}from math import ceil as up, log2, pi, sqrt\nmodel = {made}\n"
    assert _sizes(text, 10, 10) == [[1, 8, size, size]]


def test_names_of_a_dict_of_modules_are_gone_through() -> None:
    text = (
        f"{_HEAD}class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.a = nn.ModuleDict({'x': nn.Conv2d(3, 4, 3), 'y': nn.Conv2d(4, 5, 5)})\n"
        "        self.b = nn.ModuleDict({k: nn.MaxPool2d(p) for k, p in zip(self.a, (2, 3))})\n"
        "    def forward(self, x):\n        for i, name in enumerate(self.a):\n"
        "            x = self.b[name](self.a[name](x))\n        return x\n"
    )
    assert _sizes(text, 32, 41) == [[1, 5, 3, 5]]


def test_a_chain_gives_itself_back() -> None:
    text = (
        f"{_HEAD}import functools\nmodel = functools.reduce(lambda s, m: s.append(m), "
        "[nn.Conv2d(3, 4, 3), nn.MaxPool2d(2)], nn.Sequential())\n"
    )
    assert _sizes(text, 9, 12) == [[1, 4, 3, 5]]


def test_masks_of_known_tensors_keep_their_shape() -> None:
    text = (
        "import torch as th\nfrom torch.nn import functional as F\n"
        "import torch.nn as nn\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.c = nn.Conv1d(1, 1, 3)\n"
        "    def forward(self, x):\n        t = th.linspace(-4, 4, 7)\n"
        "        k = th.where(t == 0, th.tensor(1.0), th.sin(t) / t).view(1, 1, -1)\n"
        "        return F.conv1d(self.c(x), k)\n"
    )
    network = read(text)
    assert _sizes(text, 20) == [[1, 1, 12]]
    assert not any("not installed" in note for note in network.notes)


def test_a_layer_of_flax_with_a_method_of_its_own() -> None:
    text = (
        "from flax import linen as nn\nclass StdConv(nn.Conv):\n"
        "    def param(self, name, init, *args):\n        return super().param(name, init, *args)\n"
        "class Net(nn.Module):\n    @nn.compact\n    def __call__(self, x):\n"
        "        return StdConv(features=4, kernel_size=(3, 3), strides=(2, 2))(x)\n"
    )
    assert _sizes(text, 9, 12) == [[1, 4, 5, 6]]


def test_pairs_of_packages_that_are_not_installed() -> None:
    text = (
        f"{_HEAD}from torch.nn.modules.utils import _pair\n"
        "from timm.models.layers.helpers import to_2tuple\n"
        "model = nn.Conv2d(3, 8, to_2tuple(4), _pair((2, 4)))\n"
    )
    assert _sizes(text, 9, 12) == [[1, 8, 3, 3]]


def test_the_line_that_shows_a_printout_is_none_of_its_modules() -> None:
    text = ">>> print(model)\nNet(\n  (c): Conv2d(3, 8, kernel_size=(3, 3), stride=(2, 2))\n)\n>>> "
    assert _sizes(text, 9, 12) == [[1, 8, 4, 5]]


_SUMMARY = """summary(model, (3, 36, 40))
        Layer (type)               Output Shape         Param #
================================================================
            Conv2d-1            [-1, 6, 32, 36]             456
          Upsample-2            [-1, 6, 48, 54]               0
            Conv2d-3             [-1, 5, 48, 54]              35
            Linear-4                   [-1, 10]         129,610
================================================================
"""


def test_a_summary_of_an_input_that_is_no_square_is_answered_at_it() -> None:
    network = read(_SUMMARY)
    assert _sizes(_SUMMARY, 36, 40) == [[1, 10]]
    report = network.report({"h": 36, "w": 40})
    assert report.headline() == "36x40 -> 10"
    assert "nothing is claimed for n with all axes alike, because:" in [*report.facts()]
    with pytest.raises(LimitError):
        str(network)  # of other sizes a summary tells nothing


def test_a_resize_of_a_summary_is_none_to_a_size_that_stays() -> None:
    text = "\n".join(line for line in _SUMMARY.splitlines() if "Linear" not in line)
    network = read(text)
    assert _sizes(text, 36, 40) == [[1, 5, 48, 54]]
    with pytest.raises(LimitError):
        network.at([37, 41])  # scale_factor=1.5 makes 49 and size=(48, 54) makes 48


@pytest.mark.parametrize(
    ("made", "runs"),  # as Keras and Flax do with 16 channels
    [
        ("keras.layers.GroupNormalization()", False),
        ("keras.layers.GroupNormalization(4)", True),
        ("keras.layers.GroupNormalization(groups=3)", False),
        ("keras.layers.GroupNormalization(groups=-1)", True),
    ],
)
def test_groups_divide_the_channels_of_keras(made: str, runs: bool) -> None:
    text = f"import keras\nmodel = keras.Sequential([keras.layers.Conv2D(16, 3), {made}])\n"
    assert read(text).runs({"h": 9, "w": 9}) is runs


@pytest.mark.parametrize(
    ("made", "runs"),
    [
        ("nn.GroupNorm()", False),
        ("nn.GroupNorm(8)", True),
        ("nn.GroupNorm(num_groups=5)", False),
        ("nn.GroupNorm(num_groups=None, group_size=8)", True),
        ("nn.GroupNorm(num_groups=None, group_size=3)", False),
        ("nn.InstanceNorm()", True),
    ],
)
def test_groups_divide_the_channels_of_flax(made: str, runs: bool) -> None:
    text = (
        "from flax import linen as nn\nclass Net(nn.Module):\n    @nn.compact\n"
        f"    def __call__(self, x):\n        return {made}(nn.Conv(16, (3, 3))(x))\n"
    )
    assert read(text).runs({"h": 9, "w": 9}) is runs
