"""The inputs next to one that run, or drop nothing, and what torch.export makes of valid sizes.

Judges: running the network at every size around, and torch.export itself.
"""

from __future__ import annotations

import pytest
from cli_fixtures import run
from hypothesis import given
from hypothesis import strategies as st

from solver import Conv, ConvTranspose, MaxPool, concat, read, torch_export_dim, trace
from solver.errors import SolverError

UNET = "examples/networks/unet.py"


def down_and_up(x):
    skip = Conv(3, padding=1)(x)
    return concat(skip, ConvTranspose(4, 4)(MaxPool(4)(skip)))


def by_running(net, n, exact):
    runs = [m for m in range(1, n + 40) if net.runs(m, exact)]
    return max((m for m in runs if m <= n), default=None), min(m for m in runs if m >= n)


@given(st.integers(1, 60), st.booleans())
def test_the_nearest_are_those_next_to_it_that_run(n, exact):
    for net in (trace(down_and_up), trace(lambda x: MaxPool(2)(Conv(5)(x)))):
        found = net.nearest(n, exact)
        below, above = by_running(net, n, exact)
        assert found.below == (None if below is None else {"h": below, "w": below})
        assert found.above == {"h": above, "w": above}
        assert all(n + sum(ends) == above for ends in found.padding)


def test_axes_that_differ_are_told_each():
    net = trace(lambda x: MaxPool(32)(x))
    found = net.nearest((1024, 684), exact=True)
    assert found.others == [[1024, 672], [1024, 704]]
    assert found.padding == [(0, 0), (10, 10)]
    assert not found.here
    assert net.nearest((1024, 684)).here
    assert net.nearest((1024, 20)).others == [[1024, 32]]


def plain(*words):
    return run("network", *words, "--format", "plain")[1].splitlines()


def test_what_is_nearest_is_told_wherever_elements_are_dropped():
    assert "nearest that drop nothing: 492 and 508; padding 4:4 reaches 508" in plain(
        UNET, "--input", "500"
    )
    assert (
        "nearest that drop nothing: 1020x684 and 1036x684; padding 6:6x0 reaches 1036x684"
        in plain(UNET, "--input", "1024x684")
    )
    lines = plain(UNET, "--input", "150x600")
    assert "nearest that run: 188x600; padding 19:19x0 reaches 188x600" in lines
    assert not [line for line in plain(UNET, "--input", "572") if line.startswith("nearest")]


def test_a_range_is_listed_and_counted():
    lines = plain(UNET, "--range", "180..100000")
    assert "of 180..100000 99,813 run: 188..100000" in lines
    (exact,) = (line for line in lines if "drop nothing" in line)
    assert exact.startswith("of 180..100000 6,239 drop nothing: 188, 204, ")
    assert exact.endswith(", ...")
    assert run("network", UNET, "--range", "1,3")[0] == 2


def test_an_export_has_the_bounds_of_the_valid_sizes():
    net = trace(lambda x: concat(x, Conv(3, padding=1)(x)), axes=1)
    assert torch_export_dim(net, 640, least=5) == 'n = Dim("n", min=5, max=640)'
    assert torch_export_dim(trace(down_and_up, axes=1), 102, least=9) == (
        '_n = Dim("_n", min=3, max=25)\nn = 4*_n'
    )
    with pytest.raises(SolverError, match="no valid size of n is in these bounds"):
        torch_export_dim(trace(down_and_up, axes=1), 11, least=9)
    rows = plain(UNET, "--range", "500..600", "--export")
    assert rows[rows.index("torch.export:") + 1] == '  h = Dim("h", min=500, max=600)'


@pytest.mark.live
def test_torch_export_takes_the_sizes():
    torch = pytest.importorskip("torch")
    nn = torch.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.down, self.pool = nn.Conv2d(1, 4, 3, padding=1), nn.MaxPool2d(4)
            self.up = nn.ConvTranspose2d(4, 4, 4, 4)

        def forward(self, x):
            skip = self.down(x)
            return torch.cat([skip, self.up(self.pool(skip))], 1)

    net = Net()
    names = {"Dim": torch.export.Dim}
    exec(torch_export_dim(read(net), least=9, most=100), names)
    shapes = ({2: names["h"], 3: names["w"]},)
    made = torch.export.export(net, (torch.zeros(1, 1, 16, 24),), dynamic_shapes=shapes).module()
    for size in ((12, 100), (96, 12)):
        assert made(torch.zeros(1, 1, *size)).shape[2:] == size
    for size in ((8, 16), (104, 16), (13, 16)):
        with pytest.raises(AssertionError):
            made(torch.zeros(1, 1, *size))
