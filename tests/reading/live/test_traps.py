"""What a reader of live models may trip over, against PyTorch itself at many sizes."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from solver.errors import LimitError, SolverError
from solver.reading.live import live

pytestmark = [
    pytest.mark.live,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch"),
]

SIZES = [
    *((n, n) for n in (1, 2, 4, 8, 9, 10, 13, 16, 32)),
    *((2, 3), (3, 2), (5, 9), (7, 8), (9, 12), (12, 16), (17, 5), (16, 20), (24, 31), (28, 14)),
    *((33, 64), (63, 22), (98, 45), (64, 80)),
]


@pytest.fixture
def traps(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "data" / "models"))
    import traps

    return traps


@pytest.fixture
def unusual(traps):
    import unusual

    return unusual


def shapes(value: Any) -> list[list[int]]:
    if hasattr(value, "shape"):
        return [list(value.shape)]
    each = value.values() if isinstance(value, Mapping) else value
    return [shape for inner in each for shape in shapes(inner)]


def theirs(module: Any, given: tuple[int, int]) -> list[list[int]] | None:
    import torch

    try:
        return shapes(module(torch.ones(1, 3, *given)))
    except (RuntimeError, ValueError, AssertionError, IndexError, ZeroDivisionError):
        return None


def ours(network: Any, given: tuple[int, int]) -> Any:
    """The shapes that come out, None where it is refused, words where nothing is claimed."""
    try:
        there = network.path(given)
        walk = there.at(given)
    except LimitError:
        return "not known"
    except SolverError:
        return None
    found = [walk.shapes[at] for at in there.outputs]
    return [[d.number for d in s] for s in found if s is not None] or "not known"


def test_whole(traps, unusual):
    """Sizes, refusals and acceptances are PyTorch's, each parameter counts once."""
    for name, make in [*traps.WHOLE.items(), *unusual.WHOLE.items()]:
        network = live(make().eval(), shape=(1, 3, "h", "w"))
        for given in SIZES:
            found = ours(network, given)
            if found != "not known" or name != "chunks":  # fewer chunks at few sizes are not told
                assert found == theirs(make().eval(), given), (name, given)
        held = sum(each.numel() for each in make().parameters())
        assert sum(node.parameters or 0 for node in network.nodes) in (0, held), name


def test_partly(unusual):
    """Words of a size are those of that size alone: what is told of others is so."""
    for name, make in unusual.PARTLY.items():
        network = live(make().eval(), shape=(1, 3, "h", "w"))
        for given in SIZES:
            assert ours(network, given) in ("not known", theirs(make().eval(), given)), (
                name,
                given,
            )


def test_blind(traps):
    """Nothing is claimed where a size is not known."""
    for name, make in traps.BLIND.items():
        network = live(make().eval(), shape=(1, 3, "h", "w"))
        assert {ours(network, given) == "not known" for given in SIZES} == {True}, name


def test_training_mode_leaves_the_module_as_it_was():
    import torch
    from torch import nn

    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.ReLU())
    before = {name: each.clone() for name, each in module.state_dict().items()}
    kept = [dict(vars(each)) for each in module.modules()]
    network = live(module)
    assert "read in training mode, as the module is" in network.notes
    assert int(module[1].num_batches_tracked) == 0
    assert all(torch.equal(before[name], each) for name, each in module.state_dict().items())
    assert [dict(vars(each)) for each in module.modules()] == kept
    assert module.training
