"""What the outputs of networks read, read back against sums over every path, element by element."""

from itertools import product

import pytest
from render.pictures.read_back import look, marks, reads

from solver import Conv, ConvTranspose, MaxPool, Stack, concat, global_pool, read, trace
from solver.errors import LimitError, SolverError

A, B, C = Conv(3, padding=1), Conv(5, padding=2, dilation=1), MaxPool(2)
UP, UNEVEN = ConvTranspose(2, stride=2), ConvTranspose(3, stride=2, padding=1, output_padding=1)


def residual(x):
    return A(x) + B(A(x))


def unet(x):
    skip = A(x)
    return A(concat(skip, UNEVEN(A(C(skip)))))


def through(layer, vectors):
    """What each output sums up of vectors, one for each input element."""
    taps = reads(layer, len(vectors))
    return [
        [sum(column) for column in zip(*(vectors[x] for x in row), strict=True)] for row in taps
    ]


def added(one, other):
    return [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(one, other, strict=True)]


def by_hand(name, n):
    """How many ways lead from each input element to each output."""
    x = [[int(i == j) for j in range(n)] for i in range(n)]
    first = through(A, x)
    if name == "residual":
        return added(first, through(B, first))
    return through(A, added(first, through(UNEVEN, through(A, through(C, first)))))


NETS = {"residual": residual, "unet": unet}


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("n", [16, 20])
def test_ways_of_a_network(name, n):
    expected, fields = by_hand(name, n), trace(NETS[name], axes=1).fields(n)
    for output in (0, n // 2, n - 1):
        found = marks(fields.draw(output))
        told = {
            int(each.get("data-at")): int(each.get("data-ways"))
            for row, each in found["layer"]
            if row == "0" and look(each) != "padding"
        }
        assert {x: ways for x, ways in told.items() if ways} == {
            x: ways for x, ways in enumerate(expected[output]) if ways
        }


@pytest.mark.parametrize(("n", "output"), [(20, 9), (20, 8), (24, 12), (32, 3), (32, 31)])
def test_what_counts_most(n, output):
    """At most one way in forty is left out at each end, and with one element more, more."""
    ways = by_hand("unet", n)[output]
    ((text, _),) = marks(trace(unet, axes=1).fields(n).draw(output))["most"]
    first, last = map(int, text.split())
    for outside, one_more in ((ways[:first], ways[first]), (ways[last + 1 :], ways[last])):
        assert 40 * sum(outside) <= sum(ways) < 40 * (sum(outside) + one_more)


@pytest.mark.parametrize("name", NETS)
def test_the_map_is_the_product_of_the_axes_where_nothing_branches(name):
    """Along one axis the sums of the ways; of a chain along two their products."""
    expected = [sum(row) for row in by_hand(name, 16)]
    found = marks(trace(NETS[name], axes=1).fields(16).draw(every=True))
    assert [int(each.get("data-ways")) for _, each in found["place"]] == expected


def test_the_map_of_two_axes():
    ups = ConvTranspose(3, 2, output_padding=1), ConvTranspose((2, 3), stride=2, padding=1)
    stack = Stack(*ups, Conv(2, padding=((1, 0), (2, 0))))
    sums = []
    for axis, n in enumerate((4, 5)):
        row = [[1]] * n
        for layer in stack.layers:
            taps = reads(layer, len(row), axis)
            row = [[sum(row[x][0] for x in each)] for each in taps]
        sums.append([value for (value,) in row])
    shown = {
        place: int(each.get("data-ways")) for place, each in marks(stack.draw((4, 5)))["place"]
    }
    numbers = [range(len(each)) for each in sums]
    assert shown == {f"{i} {j}": sums[0][i] * sums[1][j] for i, j in product(*numbers)}
    assert len({*shown.values()}) > 3  # uneven: a checkerboard


def test_the_map_of_branches_along_two_axes():
    """A sum over paths, each a product: not the product of the sums."""
    shown = marks(trace(residual).fields((8, 8)).draw(every=True))["place"]
    one = [len(taps) for taps in reads(A, 8)]
    two = [sum(one[x] for x in taps) for taps in reads(B, 8)]
    expected = {
        f"{i} {j}": one[i] * one[j] + two[i] * two[j] for i, j in product(range(8), repeat=2)
    }
    assert {place: int(each.get("data-ways")) for place, each in shown} == expected


@pytest.mark.parametrize(
    "layers",
    [[UNEVEN, UNEVEN], [ConvTranspose(5, 3, 1), Conv(3, dilation=2)], [Conv(2, stride=3)]],
)
def test_phases(layers):
    """Away from the ends, output y reads what its phase does, moved by whole periods."""
    stack = Stack(layers)
    network = trace(lambda x: [x := layer(x) for layer in layers][-1], axes=1)
    taps = network.taps()
    told = {}
    for phase, each in marks(taps.draw())["phase"]:
        if look(each) == "tap":
            told.setdefault(int(phase), set()).add(int(each.get("data-x")))
    n, rows = 60, [{x} for x in range(60)]
    for layer, size in zip(layers, stack.sizes(n), strict=False):
        rows = [set().union(*(rows[x] for x in each)) for each in reads(layer, size)]
    for y in range(len(rows) // 3, len(rows) // 3 + 2 * taps.period):
        turns, phase = divmod(y, taps.period)
        assert {x - turns * taps.rise for x in rows[y]} == told.get(phase, set())


def test_long_fields_are_drawn_as_runs():
    layers = [Conv(2, dilation=2**i) for i in range(11)]
    picture = Stack(layers).draw(4000)
    assert len(picture.svg) < 1_000_000
    runs = [each for _, each in marks(picture)["layer"] if look(each) == "tap"]
    assert int(runs[0].get("data-last")) - int(runs[0].get("data-first")) == 2**11 - 1


def test_holes_of_long_fields():
    layers = [Conv(3, dilation=400), Conv(3), Conv(2, dilation=7)]
    stack = Stack(layers)
    runs = [each for row, each in marks(stack.draw(2000))["layer"] if row == "0"]
    ends = [
        (int(each.get("data-first", each.get("data-at"))), int(each.get("data-last", -1)))
        for each in runs
        if look(each) == "tap"
    ]
    found = {x for first, last in ends for x in range(first, max(first, last) + 1)}
    rows = [{x} for x in range(2000)]
    for layer, size in zip(layers, stack.sizes(2000), strict=False):
        rows = [set().union(*(rows[x] for x in each)) for each in reads(layer, size)]
    assert found == rows[len(rows) // 2]
    padded = marks(Stack(Conv(3, dilation=400, padding=800)).draw(2000, output=0))["layer"]
    told = [each.get("data-at") for _, each in padded if look(each) == "padding"]
    assert told == ["-800", "-400"]


def test_elements_that_are_repeated_at_the_ends():
    """Output 0 reads what the padding mirrors: element 1 on both sides."""
    net = read("nn.Conv1d(1, 1, 3, padding=1, padding_mode='reflect')")
    found = marks(net.fields(8).draw(0))["layer"]
    ways = {each.get("data-at"): each.get("data-ways") for row, each in found if row == "0"}
    assert (ways["0"], ways["1"], ways["2"]) == ("1", "2", "0")


def test_refused():
    with pytest.raises(SolverError, match="of a size"):
        trace(A).fields().draw()
    with pytest.raises(SolverError, match="a part of the input") as fault:
        trace(lambda x: global_pool(A(x))).fields(8).draw()
    assert fault.value.right == 'node="conv_1"'
    with pytest.raises(SolverError, match="no such output"):
        trace(A).fields(8).draw(8)
    with pytest.raises(SolverError, match="is a number"):
        trace(A).fields(8).draw((1, 1))
    with pytest.raises(LimitError, match="100 outputs"):
        trace(A).fields(200).draw(every=True)
    with pytest.raises(LimitError, match="1,000,000 elements"):
        trace(A).fields(2000).draw(every=True)
    with pytest.raises(LimitError, match="64 phases"):
        trace(ConvTranspose(3, stride=70), axes=1).taps().draw()
    with pytest.raises(SolverError, match="one axis or two"):
        Stack(A).draw((8, 8, 8))
