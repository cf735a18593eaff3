"""Texts with a path for each size, read at the size that is asked about, against PyTorch."""

from __future__ import annotations

import pytest
from cli_fixtures import run

from solver.reading.text.recognise import read

PYRAMID = """
class Pyramid(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, 4, 1), nn.Conv2d(4, 4, 3, 4, 1))

    def forward(self, x):
        x = self.stem(x)
        h, w = x.shape[2:]
        out = x
        for k in [1, 2, 3, 6]:
            pooled = F.avg_pool2d(x, (h // k, w // k), (h // k, w // k))
            out = out + F.interpolate(pooled, size=(h, w), mode="bilinear")
        return out
"""

TOKENS = """
class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 16, 4, 4)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        b, n, c = x.shape
        h = int(math.sqrt(n))
        return x.transpose(1, 2).reshape(b, c, h, h)
"""


@pytest.mark.live
@pytest.mark.parametrize(
    ("text", "name", "sizes"),
    [
        (PYRAMID, "Pyramid", [(224, 96), (224, 224), (96, 480)]),
        (TOKENS, "Tokens", [(32, 32), (64, 65), (128, 32)]),
    ],
)
def test_it_is_read_where_it_is_asked_about(text, name, sizes, tmp_path):
    torch = pytest.importorskip("torch")
    import math

    names = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "math": math}
    exec(compile(text, name, "exec"), names)
    file = tmp_path / "net.py"
    file.write_text(text)
    for h, w in sizes:
        wanted = [*names[name]()(torch.zeros(1, 3, h, w)).shape[2:]]
        told = run("network", str(file), "--input", f"{h}x{w}", "--brief")
        out = "x".join(map(str, wanted if len({*wanted}) > 1 else wanted[:1]))
        given = f"{h}x{w}" if h != w else str(h)
        assert (told.code, told.out) == (0, f"{given} -> {out}\n"), told.err


def test_few_paths_are_followed_where_one_size_is_asked_about(monkeypatch):
    """From the smallest sizes on this is a hundred paths, of which none gets as far."""
    from solver.reading.text.paths import TextPaths

    runs, run_once = [], TextPaths._run

    def counted(self, decisions, inside):
        runs.append(1)
        return run_once(self, decisions, inside)

    monkeypatch.setattr(TextPaths, "_run", counted)
    network = read(PYRAMID, at=(224, 96))
    shape = network.path((224, 96)).at((224, 96)).shapes[-1]
    assert [dim.number for dim in shape[2:]] == [14, 6]
    assert len(runs) <= 60
