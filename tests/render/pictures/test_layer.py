"""A picture of a layer, read back: its taps and marks are those that brute force finds."""

from xml.etree import ElementTree

import pytest
from render.pictures.read_back import look, marks, reads

from solver import AvgPool, Conv, ConvTranspose, MaxPool
from solver.errors import LimitError, SolverError

LAYERS = [
    Conv(3, stride=2, padding=1),
    Conv(2, stride=3),
    Conv(3, dilation=2, padding="causal"),
    Conv(4, padding="same"),
    Conv(5, stride=2, padding=2, dilation=2),
    MaxPool(3, stride=2, padding=1, ceil_mode=True),
    AvgPool(2),
    ConvTranspose(3, stride=2, padding=1),
    ConvTranspose(4, stride=2, padding=1, output_padding=1),
    ConvTranspose(3, stride=3, dilation=2, padding=2),
]


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
@pytest.mark.parametrize("n", [5, 8, 11])
def test_reads(layer, n):
    expected = reads(layer, n)
    found = marks(layer.draw(n))
    outputs = {int(y): [*map(int, each.get("data-reads").split())] for y, each in found["y"]}
    assert outputs == dict(enumerate(expected))
    shown = {int(x): look(each) for x, each in found["x"]}
    read = {x for taps in expected for x in taps}
    assert shown == {x: "input" if x in read else "unread" for x in range(n)}


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize(("k", "s", "p"), [(3, 2, 1), (2, 3, 0), (3, 3, 1), (4, 3, 2), (2, 2, 1)])
def test_padding_is_what_the_layer_has(k, s, p, ceil_mode):
    """Counting up adds no padding: a last window that juts out of it is beyond it."""
    for n in range(4, 12):
        layer = MaxPool(k, s, p, ceil_mode=ceil_mode)
        found = marks(layer.draw(n))
        padding = {int(at) for at, _ in found.get("padding", ())}
        assert padding == {*range(-p, 0), *range(n, n + p)}
        last = (layer.size(n) - 1) * s - p + k
        beyond = {int(at) for at, _ in found.get("overhang", ())}
        assert beyond == {*range(n + p, last)}


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_marked_output(layer):
    expected = reads(layer, 8)
    for y, taps in enumerate(expected):
        picture = layer.draw(8, output=y)
        root = ElementTree.fromstring(picture.svg)
        marked = [int(each.get("data-tap")) for each in root if each.get("data-tap")]
        assert marked == taps


def test_long_axes_leave_the_middle_out():
    picture = Conv(3, stride=2).draw(10**6)
    assert len(picture.svg) < 100_000
    shown = [int(x) for x, _ in marks(picture)["x"]]
    assert shown[0] == 0
    assert shown[-1] == 10**6 - 1


def test_saved(tmp_path):
    picture = Conv(3).draw(5)
    for suffix in ("svg", "tex"):
        picture.save(tmp_path / f"a.{suffix}")
        assert (tmp_path / f"a.{suffix}").stat().st_size > 500
    ElementTree.parse(tmp_path / "a.svg")
    for module, suffix in (("resvg_py", "png"), ("cairosvg", "pdf")):
        try:
            __import__(module)
        except ImportError:
            with pytest.raises(SolverError, match="not installed"):
                picture.save(tmp_path / f"a.{suffix}")
        else:
            picture.save(tmp_path / f"a.{suffix}")


def test_refused():
    with pytest.raises(SolverError, match="no such output"):
        Conv(3).draw(5, output=3)
    with pytest.raises(LimitError, match="a kernel in a picture"):
        Conv(10**6).draw(10**7)
    with pytest.raises(SolverError, match="of numbers"):
        Conv("k").draw(5)
    with pytest.raises(SolverError, match="must fit"):
        Conv(7).draw(5)
