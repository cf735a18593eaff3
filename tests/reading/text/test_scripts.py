"""Whole programs as people keep them: what stands beside a model, and what goes in."""

from __future__ import annotations

import pytest

from solver.errors import SolverError
from solver.reading import read

IMPORTS = "import torch\nimport torch.nn as nn\nfrom threading import Lock\n"
NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(1, 8, 3)
        for i in range(2):
            setattr(self, f"layer{i}", nn.MaxPool2d(2))
    def forward(self, x):
        x = self.c(x)
        for i in range(2):
            x = self.__getattr__("layer%d" % i)(x)
        return x
"""
#: What programs do beside their models: no part of it changes what is read.
BESIDE = (
    "x_train, y_train = data.astype(float), load()[0]",
    "corpus = Corpus(path)\nntokens = len(corpus.words)",
    "lock = Lock()",
    "class Logger:\n    def __init__(self, n): self.n = n\nlogger = Logger(3)",
    "!pip install torch -q\n%matplotlib inline",
    "class Meter(object):\n    def update(self, v): self.v = v\nmeter = Meter()\nmeter.update(1)",
    "def made(n):\n    out = []\n    for i in range(n):\n        out.append(torch.zeros(n) + i)\n"
    "    return out\nxs, ys = made(50000)",
)
TRAINED = """
model = Net()
def train(epoch):
    for i in range(10000):
        out = model(torch.randn(1, 1, 28, 28))
        out.mean().backward()
for epoch in range(1, 51):
    train(epoch)
loss = len(loader)
"""


@pytest.mark.parametrize("beside", BESIDE)
def test_what_stands_beside_a_model_is_left_out(beside):
    for text in (IMPORTS + beside + NET + "model = Net()\n", IMPORTS + NET + TRAINED + beside):
        network = read(text)
        assert [str(dim) for dim in network.sizes(network.outputs[0])][1:] == [
            "8", "floor((h - 2)/4)", "floor((w - 2)/4)",
        ]  # fmt: skip


def test_a_change_of_a_model_is_never_left_out():
    with pytest.raises(SolverError, match="not followed"):
        read("net = nn.Sequential(nn.Conv2d(3, 4, 3))\nnet[5:] = []")
    with pytest.raises(SolverError):
        read("net = nn.Sequential(nn.Conv2d(3, 4, 3))\nother = nn.Conv2d(3, 4, size)")


RNN = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.LSTM(28, 64, batch_first=True)
        self.fc = nn.Linear(64, 10)
    def forward(self, x):
        return self.fc(self.l(x)[0])
"""
TURNED = """
class Norm(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.transpose(1, 2)).transpose(1, 2)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv1d(88, 8, 3)
        self.n = Norm(8)
    def forward(self, x):
        return self.n(self.c(x.transpose(1, 2))).transpose(1, 2)
"""
WAVE = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv1d(1, 8, 16, 8)
    def forward(self, x):
        if x.dim() >= 3:
            raise RuntimeError("takes 1 or 2 axes")
        return self.c(x.unsqueeze(1))
"""
STEREO = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.AvgPool1d(2)
    def forward(self, x):
        assert x.dim() == 3
        _, channels, length = x.shape
        assert channels > 0 and channels <= 2
        return self.p(x)
"""
GOES_IN = {
    RNN: ("1 n 28", "1 n 10"),
    TURNED: ("1 n 88", "1 n - 2 8"),
    WAVE: ("1 n", "1 8 floor(n/8) - 1"),
    STEREO: ("1 1 n", "1 1 floor(n/2)"),
}


@pytest.mark.parametrize("text", GOES_IN)
def test_what_goes_in_is_what_a_program_runs_on(text):
    network, (before, after) = read(IMPORTS + text), GOES_IN[text]
    shapes = [network.walk.shapes[at] for at in (0, network.outputs[0])]
    assert [" ".join(map(str, shape)) for shape in shapes] == [before, after]


def test_a_network_that_runs_nowhere_is_read_as_it_is():
    network = read("nn.Conv2d(1, 4, 3)\nnn.Conv2d(5, 4, 3)")
    with pytest.raises(SolverError, match="in_channels"):
        network.walk.shapes  # noqa: B018


def test_packages_are_found_from_folders_above(tmp_path):
    inner = tmp_path / "tool" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "tool" / "net.py").write_text("import torch.nn as nn\n" + NET)
    (inner / "train.py").write_text("from tool.net import Net\nmodel = Net()\n")
    assert read(inner / "train.py").formula() == "floor((n - 2)/4)"


ADVERSARIES = """
D = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 1))
G = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 784))
one = torch.optim.Adam(D.parameters(), lr=0.1)
two = torch.optim.Adam(G.parameters(), lr=0.1)
"""


def test_modules_that_are_trained_apart_stand_in_no_row():
    network = read(IMPORTS + ADVERSARIES)
    assert [str(network.walk.shapes[at][-1]) for at in (0, network.outputs[0])] == ["64", "784"]
    assert any("--model tells" in note for note in network.notes)


def test_no_function_beside_classes_is_taken_for_a_network():
    text = (
        "class Meter:\n    def up(self, v): pass\ndef accuracy(one, two):\n    return one + two\n"
    )
    with pytest.raises(SolverError, match="no forward"):
        read(IMPORTS + text)


SQUARE = """
class Net(nn.Module):
    def __init__(self, image_size):
        super().__init__()
        self.c, self.image_size = nn.Conv2d(4, 8, 3), image_size
    def forward(self, x):
        assert x.shape[1:] == (4, self.image_size, self.image_size)
        return self.c(x)
"""


def test_what_is_raised_for_numbers_that_are_not_told_is_no_proof():
    assert read(IMPORTS + SQUARE).formula() == "n - 2"


EITHER = """
from version import NEW
if NEW:
    from tensorflow.keras.layers import Conv2D, Input
    from tensorflow.keras.models import Model
else:
    from keras.layers import Conv2D, Input
    from keras.models import Model
def net(shape):
    x = Input(shape)
    return Model(x, Conv2D(4, 3)(x))
"""


def test_imports_are_followed_whatever_they_hang_on():
    assert read(EITHER).formula() == "n - 2"


def test_of_several_models_one_is_read_with_what_goes_into_it():
    text = "from keras import Input, Model, layers\na = Input((32, 32, 3))\n"
    text += "one = Model(a, layers.Conv2D(4, 3)(a))\nb = Input((8, 8, 1))\nc = layers.Dense(5)(a)\n"
    network = read(text + "two = Model(b, layers.Conv2D(4, 5)(b))\n")
    assert (len(network.inputs), network.formula()) == (1, "n - 4")


DATA = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv1d(4, 8, 3, 2)
    def forward(self, x):
        return self.c(x)
x = torch.randn(100, 4, 32)
y = x[:, 0] * 2
model = Net()
for xb, yb in DataLoader(TensorDataset(x, y), batch_size=8):
    loss = (model(xb) - yb).pow(2).mean()
"""


def test_tensors_that_go_through_no_module_are_data():
    network = read(DATA)
    assert [node.name for node in network.nodes] == ["input", "c"]
    assert str(network.sizes(network.outputs[0])[2]) == "ceil(n/2) - 1"


NUMBERS = """
class Generator(nn.Module):
    def __init__(self, wide=6):
        super().__init__()
        self.into = nn.Linear(wide, 4 * 8 * 8)
        self.up = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(4, 3, 3, padding=1))
    def forward(self, z):
        return self.up(self.into(z).view(z.shape[0], 4, 8, 8))
"""


def test_numbers_alone_go_in_where_a_layer_takes_a_size_for_features():
    network = read(NUMBERS)
    assert network.letters == ()
    assert [str(dim) for dim in network.sizes(network.outputs[0])] == ["1", "3", "16", "16"]


WAVE = """
class Wave(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv1d(1, 4, 5)
    def forward(self, x):
        return self.c(x.unsqueeze(1))
"""
STEPS = """
class Sorted(nn.Module):
    def __init__(self):
        super().__init__()
        self.r = nn.GRU(5, 6, batch_first=True)
        self.c = nn.Conv1d(6, 6, 3)
    def forward(self, x):
        return self.c(self.r(x)[0].transpose(1, 2))
"""


@pytest.mark.parametrize(("text", "formula"), [(WAVE, "n - 4"), (STEPS, "n - 2")])
def test_one_axis_that_is_told_may_have_no_channels_or_have_them_last(text, formula):
    assert read(text, 1).formula() == formula


def test_a_cell_takes_a_batch_of_features():
    with pytest.raises(SolverError, match="1 or 2 axes"):
        read("nn.LSTMCell(4, 6)", 1, 3)


PART = """
class Part(nn.Module):
    def __init__(self, k, **more):
        super().__init__()
        self.c = nn.Conv1d(4, 8, k, **more)
        self.at = nn.Parameter(load("at"))
    def forward(self, x):
        return self.c(x)
"""


def test_a_weight_of_no_known_shape_is_no_number():
    added = PART.replace("self.c(x)", "self.c(x) + self.at")
    assert read(PART, given={"k": 3}).formula() == "n - 2"
    assert read(added, given={"k": 3}).formula() == "?"


def test_arguments_behind_stars_are_told():
    assert read(PART, given={"k": 5, "padding": 2}).formula() == "n"
    with pytest.raises(SolverError, match="no argument of this name"):
        read(PART.replace("**more", "p=0", 1).replace("**more", "p"), given={"k": 5, "padding": 2})


def test_a_script_whose_models_are_those_of_a_library_says_so():
    text = "import torchvision.models as models\nnames = sorted(n for n in models.__dict__)\n"
    text += "def main(arch):\n    return models.__dict__[arch]()\n"
    with pytest.raises(
        SolverError, match=r"no model in this text but those of torchvision\.models"
    ):
        read(text)


def test_what_a_class_without_forward_holds_is_read_where_nothing_else_runs():
    held = "\nclass Held(nn.Module):\n    def __init__(self):\n        self.parts = [Part(3)]\n"
    assert read(PART + held, given={"k": 3}).formula() == "n - 2"


def test_fields_of_a_class_are_told():
    text = "class Net(nn.Module):\n  features: int\n  @nn.compact\n  def __call__(self, x):\n"
    text = "from flax import linen as nn\n" + text + "    return nn.Dense(self.features)(x)\n"
    network = read(text, given={"features": 7})
    assert str(network.sizes(network.outputs[0])[1]) == "7"


def test_a_call_that_lacks_arguments_is_a_model():
    text = "from flax import linen as nn\nfrom functools import partial\nclass Net(nn.Module):\n"
    text += "  features: int\n  kernel: int\n  @nn.compact\n  def __call__(self, x):\n"
    text += "    return nn.Conv(self.features, (self.kernel,), padding='VALID')(x)\n"
    text += "Small = partial(partial(Net), 7)\n"
    network = read(text, model="Small", given={"kernel": 4})
    assert network.formula() == "n - 3"
    text = text.replace("partial(partial(Net), 7)", "partial(Net, kernel=4)")
    assert read(text, model="Small", given={"features": 7}).formula() == "n - 3"
    assert read(text, model="Small", given={"features": 7, "kernel": 2}).formula() == "n - 1"
    with pytest.raises(SolverError, match="no argument of this name") as caught:
        read(text, model="Small", given={"kernels": 4})
    assert caught.value.right == "features, kernel"
    made = "def made(width, kernel):\n    return torch.nn.Conv1d(1, width, kernel)\n"
    made = f"import torch\nfrom functools import partial\n{made}small = partial(made, kernel=3)\n"
    assert read(made, model="small", given={"width": 4}).formula() == "n - 2"


def test_what_says_how_a_network_is_run_is_no_input():
    text = "import torch.nn as nn\nclass Net(nn.Module):\n  def forward(self, x, training):\n"
    text += "    return x[..., 1:] if training else x[..., 2:]\n"
    network = read(text)
    assert len(network.letters) == 2
    assert network.formula() == "h x (w - 2)"
    assert "training is taken as False, as in eval mode" in network.notes


def test_a_shape_that_is_taken_apart_tells_how_many_axes_come_in():
    text = "import torch.nn as nn\nclass Frames(nn.Module):\n  def __init__(self):\n"
    text += "    super().__init__()\n    self.conv = nn.Conv2d(3, 4, 3)\n  def forward(self, x):\n"
    text += "    b, t, c, h, w = x.shape\n    return self.conv(x.view(b * t, c, h, w))\n"
    network = read(text)
    assert "the input is taken with 3 axes" in network.notes
    tried = [dict(zip("dhw", sizes, strict=True)) for sizes in ((3, 9, 8), (4, 9, 8), (3, 2, 8))]
    assert [network.runs(sizes) for sizes in tried] == [True, False, False]
    always = text.replace("return self", "raise ValueError('no')\n    return self")
    assert "infeasible" in str(read(always.replace("b, t, c,", "b, c,").replace("b * t", "b")))
