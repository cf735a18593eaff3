"""Functions of PyTorch, by text and live: sizes and refusals as PyTorch has them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from operations import FUNCTION_CALLS, SIZES, Operation

from solver.errors import LimitError, SolverError
from solver.network.graph.costs import costs, total
from solver.network.graph.operation import Unknown
from solver.network.network import Network
from solver.reading import read

RECORDED = Path(__file__).parents[1] / "data" / "operations" / "functions.jsonl"
ROWS = {row["call"]: row["outs"] for row in map(json.loads, RECORDED.read_text().splitlines())}
CASES = [pytest.param(each, id=each.call) for each in FUNCTION_CALLS]


def outs(network: Network | None, operation: Operation) -> list[Any]:
    """What comes out at each of the sizes: None where it is refused."""
    found = []
    for sizes in SIZES[operation.axes]:
        try:
            shape = None if network is None else network.at(sizes).shapes[network.outputs[0]]
            numbers = None if shape is None else [dim.number for dim in shape]
        except LimitError:
            numbers = ["not known"]
        except SolverError:
            numbers = None
        found.append(numbers)
    return found


def wanted(operation: Operation) -> list[Any]:
    return ROWS[operation.call]


def made(operation: Operation) -> Network | None:
    """The network of the text, None of one that is refused at every size."""
    try:
        return read(operation.text, axes=operation.axes, channels=operation.channels)
    except SolverError:
        return None


@pytest.mark.parametrize("operation", CASES)
def test_text_is_as_recorded(operation):
    assert outs(made(operation), operation) == wanted(operation)


@pytest.mark.parametrize("operation", CASES)
def test_formulas_are_as_recorded(operation):
    """What is said for every n is what comes out at the sizes at which it runs."""
    network = made(operation)
    if network is None or len(network.pieces) > 1 or not any(wanted(operation)):
        return
    shape = network.walk.shapes[network.outputs[0]]
    if shape is None:
        return
    for sizes, out in zip(SIZES[operation.axes], wanted(operation), strict=True):
        values = network.values(sizes)
        if out is not None:
            assert [dim.at(values) for dim in shape] == out, sizes


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
@pytest.mark.parametrize("operation", CASES)
def test_live_is_as_recorded(operation):
    import torch
    from torch import nn
    from torch.nn import functional

    from solver.reading.live import live

    names: dict[str, Any] = {"torch": torch, "nn": nn, "F": functional}
    exec(operation.text, names)
    model = names["Net"]().eval()
    try:
        network = live(model, channels=operation.channels, axes=operation.axes)
    except SolverError:
        network = None
    if network is not None and any(isinstance(node.operation, Unknown) for node in network.nodes):
        pytest.skip("not followed")
    assert outs(network, operation) == wanted(operation)


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
def test_weights_count_once():
    """Of functions: a weight that is computed has no parameters of its own."""
    import torch
    from torch import nn
    from torch.nn import functional

    from solver.reading.live import live

    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(6, 4, 3, 3))
            self.place = nn.Parameter(torch.zeros(1, 6, 1, 1))
            self.scale = nn.Parameter(torch.ones(6))
            self.shift = nn.Parameter(torch.ones(6))

        def forward(self, x):
            x = functional.conv2d(x, self.weight * 0.5) + self.place
            return functional.group_norm(x, 2, self.scale, self.shift)

    model = Scaled()
    network = live(model, channels=4, axes=2)
    assert total(costs(network)).parameters == sum(p.numel() for p in model.parameters())
