"""What one output of a stack reads, read back."""

import pytest
from render.pictures.read_back import look, marks, reads

from solver import Conv, ConvTranspose, MaxPool, Stack
from solver.errors import LimitError, SolverError

STACKS = [
    (Stack(Conv(3), Conv(3, 2), Conv(3, dilation=2), ConvTranspose(4, 2, 1)), 20),
    (Stack(Conv(7, 2, 3), MaxPool(3, 2, 1), Conv(3, padding=1), Conv(3, padding=1)), 40),
    (Stack(ConvTranspose(3, 2, 1), ConvTranspose(3, 2, 1, output_padding=1)), 6),
    (Stack([Conv(2, dilation=2**i) for i in range(4)]), 30),
    (Stack(Conv(2, stride=3), Conv(2)), 14),
]


def ways(stack, n, output):
    """How many ways lead from the elements behind each layer to an output, the input first."""
    sizes = stack.sizes(n)
    found = [[int(y == output) for y in range(sizes[-1])]]
    for layer, size in zip(reversed(stack.layers), reversed(sizes[:-1]), strict=True):
        before = [0] * size
        for y, taps in enumerate(reads(layer, size)):
            for x in taps:
                before[x] += found[0][y]
        found.insert(0, before)
    return found


@pytest.mark.parametrize(("stack", "n"), STACKS, ids=range(len(STACKS)))
def test_ways(stack, n):
    for output in (0, stack.size(n) // 2, stack.size(n) - 1):
        expected = ways(stack, n, output)
        shown = marks(stack.draw(n, output=output))
        told = {}
        for layer, each in shown["layer"]:
            at, count = int(each.get("data-at")), int(each.get("data-ways"))
            if look(each) != "padding":
                told[int(layer), at] = count
                assert (look(each) == "tap") == (count > 0)
        for layer, row in enumerate(expected):
            assert {at for at, count in enumerate(row) if count} <= {
                at for one, at in told if one == layer
            }
        assert all(expected[layer][at] == count for (layer, at), count in told.items())


def test_refused():
    with pytest.raises(LimitError, match="a field of 4,000"):
        Stack(Conv(5000)).draw(9000)
    with pytest.raises(SolverError, match="no such output"):
        Stack(Conv(3)).draw(5, output=3)
    with pytest.raises(SolverError, match="must fit"):
        Stack(Conv(9)).draw(5)
