"""Tiles in a picture, read back: put together, what they give is what the whole image gives."""

import random

import pytest
from render.pictures.read_back import marks

from solver import Conv, ConvTranspose, MaxPool, concat, tiling, trace
from solver.errors import LimitError, SolverError


def net(x):
    skip = Conv(3, padding=1)(x)
    up = ConvTranspose(2, stride=2)(Conv(3, padding=1)(MaxPool(2)(skip)))
    return Conv(3, padding=1)(concat(skip, up))


def convolved(x):
    """Output y sums inputs y-1, y, y+1, by weights that tell them apart."""
    padded = [0, *x, 0]
    return [3 * a + 5 * b + 7 * c for a, b, c in zip(padded, padded[1:], padded[2:], strict=False)]


def run(x):
    """The network on numbers, concat as a sum."""
    skip = convolved(x)
    low = convolved([max(pair) for pair in zip(skip[::2], skip[1::2], strict=False)])
    up = [weight * value for value in low for weight in (2, 11)]
    return convolved([a + b for a, b in zip(skip, up, strict=True)])


def ends(text):
    first, last = map(int, text.split())
    return slice(first, last)


@pytest.mark.parametrize(("size", "tile"), [(60, 20), (100, 30), (48, 48), (52, 22)])
def test_what_tiles_give_is_what_the_whole_gives(size, tile):
    image = [random.Random(size).randrange(1000) for _ in range(size)]
    whole, found, places = run(image), [], []
    shown = marks(tiling(trace(net, axes=1)).draw(size, tile))
    for reads, gives in zip(shown["reads"], shown["gives"], strict=True):
        made = run(image[ends(reads[0])])
        front, back = map(int, gives[1].get("data-cut").split())
        found += made[front : len(made) - back]
        places.append(ends(gives[0]))
    assert found == whole
    assert [x for place in places for x in range(place.start, place.stop)] == [*range(size)]


def test_bars_are_where_their_elements_are():
    shown = marks(tiling(trace(net, axes=1)).draw(100, 30))
    units = set()
    for name in ("reads", "gives"):
        for text, each in shown[name]:
            place = ends(text)
            units.add(round(float(each.get("width")) / (place.stop - place.start), 2))
            origin = float(each.get("x")) - place.start * 5.2
            assert origin == pytest.approx(float(shown["reads"][0][1].get("x")), abs=0.1)
    assert units == {5.2}


def test_two_axes_are_the_tiles_of_each():
    from solver.render.network.known import Known
    from solver.render.network.tiled import TiledReport

    network = trace(net)
    report = TiledReport(Known(network, network.values((60, 52))), [20, 22])
    plans = [tiling(network, x).plan(*of) for x, of in (("h", (60, 20)), ("w", (52, 22)))]
    shown = dict(marks(report.picture())["tile"])
    assert len(shown) == len(plans[0]) * len(plans[1])
    for numbers, each in shown.items():
        pair = [plan[int(i)] for plan, i in zip(plans, numbers.split(), strict=True)]
        gives = [end for tile in pair for end in (tile.output.start, tile.output.stop)]
        assert [*map(int, each.get("data-gives").split())] == gives


def test_refused():
    found = tiling(trace(net, axes=1))
    with pytest.raises(LimitError, match="60 tiles"):
        found.draw(10**6, 20)
    with pytest.raises(SolverError, match="an image and its tiles"):
        found.draw(61, 20)
