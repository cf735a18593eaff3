"""The staircase of all sizes, read back."""

import pytest
from render.pictures.read_back import look, marks

from solver import Conv, ConvTranspose, MaxPool, SizeMap
from solver.errors import LimitError, SolverError


@pytest.mark.parametrize(
    "layer",
    [
        Conv(5, stride=3),
        Conv(7, stride=2, padding=3),
        MaxPool(2, ceil_mode=True),
        ConvTranspose(3, 2, 2),
    ],
    ids=repr,
)
def test_dots(layer):
    found = marks(layer.draw(sizes=range(1, 21)))
    dots = {int(n): int(each.get("data-m")) for n, each in found["n"]}
    expected = {}
    for n in range(1, 21):
        try:
            expected[n] = layer.size(n)
        except SolverError:
            assert str(n) in dict(found["refused"])
    assert dots == expected


def test_what_leaves_nothing_over():
    """Where the last window ends with the padding."""
    layer = Conv(5, stride=3, padding=1)
    fits = [int(n) for n, each in marks(layer.draw())["n"] if look(each) == "fix"]
    assert fits == [n for n in range(3, 25) if (n + 2 - 5) % 3 == 0]


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_what_a_pooling_leaves_over(ceil_mode):
    """Counted up or down, the last window ends with the padding at the same sizes."""
    for k, s, p in ((3, 2, 1), (2, 3, 0), (4, 3, 2)):
        found = marks(MaxPool(k, s, p, ceil_mode=ceil_mode).draw(sizes=range(5, 21)))["n"]
        fits = [int(n) for n, each in found if look(each) == "fix"]
        assert fits == [n for n in range(5, 21) if (n + 2 * p - k) % s == 0]


def test_target():
    layer, wanted = Conv(3, stride=2), SizeMap.line(1, 0, 2)
    wrong = [int(n) for n, each in marks(layer.draw(target=wanted))["n"] if look(each) == "fault"]
    assert wrong == [n for n in range(3, 25) if (n - 3) // 2 + 1 != n // 2]


def test_refused():
    with pytest.raises(LimitError, match="so many inputs"):
        Conv(3).draw(sizes=range(1, 10**6))
    with pytest.raises(SolverError, match="neighbours"):
        Conv(3).draw(sizes=[1, 5])
