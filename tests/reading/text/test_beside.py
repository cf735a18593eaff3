"""What a file imports from the files beside it, and programs that are long."""

from __future__ import annotations

import pytest

from solver.reading import read
from solver.reading.text.recognise import read as read_text

PARTS = """
import torch.nn as nn
WIDE = 3
class Double(nn.Module):
    def __init__(self, k=WIDE):
        super().__init__()
        self.s = nn.Sequential(nn.Conv2d(3, 3, k), nn.Conv2d(3, 3, k))
    def forward(self, x):
        return self.s(x)
class Beside(Double): pass
if __name__ == "__main__":
    print(Double())
raise SystemExit
"""
NET = """
{imports}
WIDE = 7
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = {name}(), nn.MaxPool2d(2)
    def forward(self, x):
        return self.b(self.a(x))
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "parts.py").write_text(PARTS)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "__init__.py").write_text("from .more import *\n")
    (tmp_path / "inner" / "more.py").write_text("from ..parts import Double as Twice\n")
    (tmp_path / "__init__.py").write_text("from .parts import Double as D\n")
    (tmp_path / "broken.py").write_text("class Double(:\n")
    return tmp_path


IMPORTS = {
    "from .parts import *": "Double",
    "from parts import Double as D": "D",
    "import parts": "parts.Double",
    "from . import parts as p": "p.Double",
    "from inner import Twice": "Twice",
    "from .inner.more import Twice": "Twice",
    "import inner.more": "inner.more.Twice",
    "from .inner import Twice": "Twice",
    "from . import D": "D",
}


@pytest.mark.parametrize("imports", IMPORTS)
def test_files_beside_are_read(folder, imports):
    (folder / "net.py").write_text(NET.format(imports=imports, name=IMPORTS[imports]))
    net = read(folder / "net.py")
    assert net.formula() == "floor(n/2) - 2"
    assert [node.where for node in net.nodes[1:]] == [
        "parts.py, line 7",
        "parts.py, line 7",
        "net.py, line 7",
    ]


@pytest.mark.parametrize("imports", ["from .none import *", "from .broken import Double"])
def test_what_is_not_there_is_not_followed(folder, imports):
    (folder / "net.py").write_text(NET.format(imports=imports, name="Double"))
    net = read(folder / "net.py")
    assert net.at(32).shapes[net.outputs[0]] is None


def test_a_text_has_no_files_beside_it(folder, monkeypatch):
    monkeypatch.chdir(folder)
    text = NET.format(imports="from .parts import *", name="Double")
    net = read(text)
    assert net.at(32).shapes[net.outputs[0]] is None
    assert any("no such file beside this text" in note for note in net.notes)
    assert read_text(text, folder=str(folder)).formula() == "floor(n/2) - 2"


LONG = {
    "chain": "net = nn.Sequential(*[nn.Conv1d(1, 1, 3) for _ in range(3000)])",
    "lines": "nn.Conv1d(1, 1, 3)\n" * 3000,
    "forward": "def forward(self, x):\n"
    + "    x = F.max_pool1d(x, 3, 1)\n" * 3000
    + "    return x\n",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_thousands_of_layers_in_a_row(text):
    net = read(text)
    assert net.formula() == "n - 6000"
    assert str(net).startswith("n -> n - 6000, for every n >= 6001")


PACKAGE = {
    "__init__.py": "from . import models\nraise SystemExit\n",
    "models/__init__.py": "from .small import *\nfrom .marks import marked\n",
    "models/marks.py": "import functools\ndef marked(**old):\n    return functools.lru_cache\n",
    "models/parts.py": "import torch.nn as nn\nclass Part(nn.Conv2d):\n    pass\n",
    "models/small.py": """
from torch import nn
from .parts import Part
from .marks import marked
from ..no_such_file import lost
class Small(nn.Module):
    def __init__(self, k=3, wide=8):
        super().__init__()
        self.a, self.b = Part(3, wide, k), nn.MaxPool2d(2)
        self.fc = nn.Linear(wide, 10)
    def forward(self, x):
        return self.b(self.a(x))
@marked(weights=("pretrained", None))
def small(*, weights=None, **more):
    return Small(**more)
""",
}


@pytest.mark.parametrize(
    "text",
    [
        "import tinymodels.models as models\nnet = models.small(pretrained=True)",
        "from tinymodels import models\nnet = models.Small()",
        "import tinymodels\nnet = tinymodels.models.small(k=3)",
        "from tinymodels.models import Small\nimport torch.nn as nn\nclass Net(Small):\n pass",
        "from tinymodels.models.small import small as made\nnet = made()\nnet.fc = None",
    ],
)
def test_packages_that_are_installed_are_text(text, tmp_path, monkeypatch):
    for name, held in PACKAGE.items():
        path = tmp_path / "tinymodels" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(held)
    monkeypatch.syspath_prepend(str(tmp_path))
    network = read(text)
    assert [str(dim) for dim in network.sizes(network.outputs[0])][1:] == [
        "8", "floor(h/2) - 1", "floor(w/2) - 1",
    ]  # fmt: skip
