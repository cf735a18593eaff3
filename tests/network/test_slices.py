"""Slices are clamped to what there is, so shapes are piecewise: against Python's own slices."""

from __future__ import annotations

import json
import random
from typing import NamedTuple

import pytest
from cli_fixtures import run

from solver import Conv, pad, trace, valid
from solver.errors import SizeError, SolverError
from solver.network.graph.target import inputs_for
from solver.network.unknowns.filled import fill
from solver.reading import read
from solver.spaces.choice import Choice

_FAR = (None, None, -60, 60, *range(-9, 10))


class Step(NamedTuple):
    """Hold a line of a program: what it reads, and its numbers."""

    kind: str
    of: int
    numbers: tuple[int | None, ...]


def _drawn(source: random.Random) -> list[Step]:
    steps: list[Step] = []
    for number in range(source.randint(2, 6)):
        of = source.randint(max(number - 1, 0), number)
        kind = source.choice(("slice", "slice", "conv", "concat", "narrow", "pad"))
        if kind == "slice":
            ends = source.choice(_FAR), source.choice(_FAR)
            steps.append(Step(kind, of, (*ends, source.choice((None, 1, 2, 3)))))
        elif kind == "conv":
            k, s, p = source.randint(1, 4), source.randint(1, 3), source.randint(0, 2)
            steps.append(Step(kind, of, (k, s, p)))
        elif kind == "narrow":
            steps.append(Step(kind, of, (source.randint(0, 3), source.randint(1, 4))))
        elif kind == "pad":
            steps.append(Step(kind, of, (source.randint(-1, 3), source.randint(-1, 3))))
        else:
            steps.append(Step(kind, of, (source.randint(0, number),)))
    return steps


def _text(steps: list[Step]) -> str:
    made, lines = ["pass"], []
    for number, (kind, of, numbers) in enumerate(steps, 1):
        x = f"x{of}"
        if kind == "slice":
            what = f"{x}[:, :, {':'.join('' if n is None else str(n) for n in numbers)}]"
        elif kind == "conv":
            made.append(f"self.c{number} = nn.Conv1d(1, 1, {', '.join(map(str, numbers))})")
            what = f"self.c{number}({x})"
        elif kind == "narrow":
            what = f"{x}.narrow(2, {numbers[0]}, {numbers[1]})"
        elif kind == "pad":
            what = f"F.pad({x}, {numbers})"
        else:
            what = f"torch.cat([{x}, x{numbers[0]}], 2)"
        lines.append(f"x{number} = {what}")
    return (
        "class Net(nn.Module):\n    def __init__(self):\n"
        + "".join(f"        {line}\n" for line in made)
        + "    def forward(self, x0):\n"
        + "".join(f"        {line}\n" for line in lines)
        + f"        return x{len(steps)}\n"
    )


def _size(steps: list[Step], n: int) -> int | None:
    """Return what comes out by Python's slices and PyTorch's formulas, None where it fails."""
    sizes = [n]
    for kind, of, numbers in steps:
        size = sizes[of]
        if kind == "slice":
            size = len(range(size)[slice(*numbers)])
        elif kind == "conv":
            k, s, p = numbers
            if size < 1 or size + 2 * p < k:
                return None
            size = (size + 2 * p - k) // s + 1
        elif kind == "narrow":
            if sum(numbers) > size:
                return None
            size = numbers[1]
        elif kind == "pad":
            if min(*numbers, 0) + size < 0 or -sum(min(m, 0) for m in numbers) > size:
                return None
            size += sum(numbers)
        else:
            size += sizes[numbers[0]]
        sizes.append(size)
    return sizes[-1]


@pytest.mark.parametrize("seed", range(60))
def test_programs_that_slice_give_what_python_gives_at_every_size(seed):
    steps = _drawn(random.Random(f"slices {seed}"))
    wanted = {n: _size(steps, n) for n in range(1, 41)}
    network = read(_text(steps), axes=1, channels=1)
    out = network.outputs[0]
    for n, size in wanted.items():
        walk, fault = network.run(n)
        assert size == (walk.shapes[out][2].number if fault is None else None), n
    try:
        found = valid(network)
    except SizeError:
        assert not any(size is not None for size in wanted.values())
        return
    assert [n for n in wanted if n in found.inputs] == [n for n in wanted if wanted[n] is not None]
    for part in (found.main, *found.pieces):
        for n in range(part.first, min(part.last or 40, 40) + 1):
            if n in part.condition:
                assert part.walk.shapes[out][2].at({"n": n}) == wanted[n], n
    for size in {size for size in wanted.values() if size is not None}:
        giving = inputs_for(network, out, size)
        assert [n for n in wanted if n in giving] == [n for n in wanted if wanted[n] == size], size


SLICED = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv1d(1, 1, 1)
    def forward(self, x):
        return self.c(x)[:, :, {}]
"""


@pytest.mark.parametrize(
    ("ends", "sizes"),
    [
        ("-5:", [1, 2, 3, 4, 5, 5, 5]),
        (":5", [1, 2, 3, 4, 5, 5, 5]),
        ("-5:-2", [0, 0, 1, 2, 3, 3, 3]),
        ("-3:5", [1, 2, 3, 3, 3, 2, 1, 0, 0]),
        ("-9223372036854775808:9223372036854775807", [1, 2, 3]),
    ],
)
def test_slices_are_clamped(ends, sizes, tmp_path):
    file = tmp_path / "net.py"
    file.write_text(SLICED.format(ends))
    for n, size in enumerate(sizes, 1):
        answer = run("network", str(file), "--axes", "1", "--input", str(n))
        assert (answer.code, answer.out.splitlines()[0]) == (0, f"{n} -> {size}")
    for size in set(sizes) - {0}:
        answer = run("network", str(file), "--output", str(size), "--json")
        inputs = json.loads(answer.out)["gives_output"]
        told = {n for n in inputs["exceptions"] if n <= len(sizes)}
        if inputs["residues"]:
            told |= {*range(inputs["minimum"], len(sizes) + 1)}
        assert told == {n for n, each in enumerate(sizes, 1) if each == size}
    assert json.loads(run("network", str(file), "--json").out)["valid"]["text"] == "n >= 1"


def test_pieces_are_told(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(SLICED.format("-5:"))
    first, second, *_ = run("network", str(file)).out.splitlines()
    assert first == "n -> 5, for every n >= 5"
    assert second == "n -> n, for every n: 1 <= n <= 4: a slice takes as much as there is"
    (piece,) = json.loads(run("network", str(file), "--json").out)["pieces"]
    assert (piece["first"], piece["last"], piece["outputs"][0]["shape"]) == (1, 4, [1, 1, "n"])


def test_long_slices_cost_no_more_than_short_ones():
    network = read(SLICED.format(":160_000_000"))
    assert str(valid(network).inputs) == "n >= 1"
    assert len(network.pieces) == 2


def test_what_is_computed_with_a_clamped_size_is_followed(tmp_path):
    # view(1, 5) is what the program does from n = 5 on; below it does something else
    file = tmp_path / "net.py"
    view = (
        SLICED.format("-5:").replace("return ", "x = ") + "        return x.view(1, x.shape[2])\n"
    )
    file.write_text(view)
    assert run("network", str(file), "--input", "3").out.startswith("3 -> 3\n")
    assert run("network", str(file), "--input", "7").out.startswith("7 -> 5\n")
    assert run("network", str(file)).out.startswith("n -> 5, for every n >= 5\n")


# Unknown layers


def test_what_is_padded_behind_an_unknown_layer_is_padded_along_its_own_axes():
    for axes in (1, 2, 3):
        found = fill(trace(lambda x: pad(Choice(Conv, {1, 3})(x), 1, 1), axes=axes), "n + 2")
        assert found.count == 1
        network = found.network_of(found[0])
        assert [dim.number for dim in network.at(10).shapes[-1]] == [1, 1, *[12] * axes]
    one = trace(lambda x: pad(Choice(Conv, {1, 3}, 1, 0)(x), 0, -1), axes=1)
    assert fill(one, 9, at=10).count == 1


@pytest.mark.parametrize("seed", range(40))
def test_unknown_layers_between_slices_are_all_found(seed):
    source = random.Random(f"fill slices {seed}")

    def ends() -> Step:
        numbers = source.choice(_FAR), source.choice(_FAR), source.choice((1, 1, 2))
        return Step("slice", 0, numbers)

    def line(step: Step) -> str:
        return f"x = x[:, :, {':'.join('' if n is None else str(n) for n in step.numbers)}]"

    before, after = [ends()] * source.randint(0, 1), [ends()]
    tail = source.choice(((), ((2, 1, 0),), ((3, 1, 1),), ((3, 2, 0),)))
    kernels = sorted(source.sample(range(1, 6), 3))
    ways = [(k, s, p) for k in kernels for s in (1, 2) for p in (0, 1)]

    def size(n: int, way: tuple[int, int, int]) -> int | None:
        layers = [*before, Step("conv", 0, way), *after, *(Step("conv", 0, t) for t in tail)]
        return _size([step._replace(of=i) for i, step in enumerate(layers)], n)

    lines = [*map(line, before), "x = self.c(x)", *map(line, after)]
    lines += [f"x = nn.Conv1d(1, 1, {k}, {s}, {p})(x)" for k, s, p in tail]
    text = (
        "class Net(nn.Module):\n    def __init__(self):\n"
        f"        self.c = nn.Conv1d(1, 1, kernel_size={set(kernels)}, stride={{1, 2}}, "
        "padding={0, 1})\n    def forward(self, x):\n"
    )
    text += "".join(f"        {line}\n" for line in [*lines, "return x"])
    if all(size(n, way) is None for n in range(1, 80) for way in ways):
        return
    network = read(text, axes=1)
    for n in source.sample(range(1, 31), 3):
        sizes = [size(n, way) for way in ways]
        for target in {1, 2, *(each for each in sizes if each)}:
            assert fill(network, target, at=n).count == sizes.count(target), (n, target)
    for target, wanted in (("5", lambda n: 5), ("n", lambda n: n), ("n - 1", lambda n: n - 1)):
        right = sum(all(size(n, way) == wanted(n) for n in range(200, 212)) for way in ways)
        assert fill(network, target).count == right, target


def forward(*lines: str) -> str:
    """A module of one axis that begins with a convolution of one tap."""
    rows = ["class M(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    rows += ["        self.c = nn.Conv1d(1, 1, 1)", "    def forward(self, x):"]
    return "\n".join([*rows, "        x = self.c(x)", *(f"        {line}" for line in lines)])


@pytest.mark.parametrize(
    ("lines", "sizes"),
    [
        (("return x[:, :, :x.shape[2]:2]",), {8: 4, 9: 5}),
        (("return x[:, :, 1:x.shape[2] + 1]",), {1: 0, 5: 4}),
        (("return x[:, :, 2:x.shape[2] + 2]",), {1: 0, 2: 0, 6: 4}),
        (("return x[:, :, 1:x.shape[2] + 1:2]",), {5: 2, 6: 3}),
        (("y = x[:, :, 2:]", "return x[:, :, 3:y.shape[2] + 3]"), {4: 1, 9: 6}),
        (("return x.narrow(2, 0, x.size(2) - 3)",), {2: None, 5: 2}),
        (("return F.interpolate(x[:, :, -4:-2], size=x.shape[2:])",), {1: None, 2: None, 5: 5}),
    ],
)
def test_ends_at_sizes_that_are_known(lines, sizes):
    """Compared with PyTorch 2.13; None is refused."""
    network = read(forward(*lines), axes=1)
    for n, size in sizes.items():
        if size is None:
            with pytest.raises(SolverError):
                network.size(n)
        else:
            assert network.size(n) == size, n
