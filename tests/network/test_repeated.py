"""Sizes of 1 that are repeated to meet larger ones: the shapes at a number decide what is said."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable

import pytest
from cli_fixtures import run

from solver import SolverError, coverage, unread, valid
from solver.network.graph.costs import costs, total
from solver.reading import read, read_file

#: What each element of a tensor reads of the input.
Reads = list[frozenset[int]]


_WINDOWS = ("conv", "up", "global", "nearest")


class Refused(Exception):
    """Say that a program does not run."""


class Program:
    """Hold a program of one axis, and what it does to lists of elements, by the textbook."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        self.modules, self.lines, self.steps = list[str](), list[str](), list[tuple]()
        for at in range(draw.randint(2, 6)):
            kinds = ("conv", "conv", "up", "add", "add", "add", "cat", "pad", "expand", "repeat")
            kind = draw.choice((*kinds, "global", "nearest"))
            a = at if draw.random() < 0.6 else draw.randint(0, at)
            self._step(draw, kind, a, draw.randint(0, at), at + 1)

    def _step(self, draw: random.Random, kind: str, a: int, b: int, at: int) -> None:
        numbers: tuple[int, ...] = ()
        if kind in ("conv", "up"):
            k, s = draw.randint(1, draw.choice((3, 8))), draw.randint(1, 3)
            p = draw.randint(0, min(2, k - 1) if kind == "up" else 2)
            d = draw.randint(1, 2) if kind == "conv" else 1
            numbers = (k, s, p, d)
            name = "Conv1d" if kind == "conv" else "ConvTranspose1d"
            given = f"1, 1, {k}, stride={s}, padding={p}, dilation={d}, bias=False"
            self.modules.append(f"self.m{at} = nn.{name}({given})")
        elif kind == "global":
            self.modules.append(f"self.m{at} = nn.AdaptiveAvgPool1d(1)")
        elif kind == "nearest":
            self.modules.append(f"self.m{at} = nn.Upsample(scale_factor=2)")
        elif kind == "pad":
            numbers = (draw.randint(-2, 2), draw.randint(-2, 2))
        elif kind == "repeat":
            numbers = (draw.randint(1, 3),)
        text = {
            "add": f"y{a} + y{b}",
            "cat": f"torch.cat([y{a}, y{b}], 2)",
            "pad": f"F.pad(y{a}, {numbers})",
            "expand": f"y{a}.expand_as(y{b})",
            "repeat": f"y{a}.repeat(1, 1, {sum(numbers)})",
        }.get(kind, f"self.m{at}(y{a})")
        self.lines.append(f"y{at} = {text}")
        self.steps.append((kind, a, b, numbers))

    @property
    def text(self) -> str:
        rows = ["import torch", "import torch.nn as nn", "import torch.nn.functional as F"]
        rows += ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"]
        rows += [f"        {line}" for line in self.modules]
        rows += ["    def forward(self, y0):", *(f"        {line}" for line in self.lines)]
        return "\n".join([*rows, f"        return y{len(self.steps)}", ""])

    def run(self, n: int) -> tuple[Reads, int]:
        """Return what the outputs read, and the multiply-accumulates. Raises Refused."""
        tensors, macs = [[frozenset({i}) for i in range(n)]], 0
        for kind, a, b, numbers in self.steps:
            x, y = tensors[a], tensors[b]
            if not x and kind in _WINDOWS:
                raise Refused  # padding may crop everything, which windows do not take
            made, cost = _made(kind, x, y, numbers)
            if not made and kind in _WINDOWS:
                raise Refused
            tensors.append(made)
            macs += cost
        return tensors[-1], macs


def _union(parts: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*parts)


def _made(kind: str, x: Reads, y: Reads, numbers: tuple[int, ...]) -> tuple[Reads, int]:
    nothing: frozenset[int] = frozenset()
    if kind == "conv":
        k, s, p, d = numbers
        wide = [nothing] * p + x + [nothing] * p
        starts = range(0, len(wide) - d * (k - 1), s)
        return [_union(wide[i : i + d * k : d][:k]) for i in starts], k * len(starts)
    if kind == "up":
        k, s, p, _ = numbers
        found: Reads = [nothing] * ((len(x) - 1) * s + k)
        for i, reads in enumerate(x):
            for t in range(k):
                found[i * s + t] |= reads
        return found[p : len(found) - p], k * len(x)
    if kind == "pad":
        begin, end = numbers
        if len(x) + min(begin, 0) + min(end, 0) < 0:
            raise Refused
        kept = x[max(-begin, 0) : len(x) + min(end, 0)]
        return [nothing] * max(begin, 0) + kept + [nothing] * max(end, 0), 0
    if kind == "add":
        if len(x) != len(y) and 1 not in (len(x), len(y)):
            raise Refused
        size = max(len(x), len(y))
        both = [each * size if len(each) == 1 else each for each in (x, y)]
        return [one | two for one, two in zip(*both, strict=True)], 0
    if kind == "expand":
        if len(x) not in (1, len(y)):
            raise Refused
        return x * len(y) if len(x) == 1 else x, 0
    if kind == "global":
        return [_union(x)], 0
    if kind == "nearest":
        return [each for each in x for _ in range(2)], 0
    return (x + y if kind == "cat" else x * numbers[0]), 0


@pytest.mark.parametrize("seed", range(60))
def test_every_number_against_lists_of_elements(seed, tmp_path):
    """Sizes, costs, which inputs run and which elements are read, at each size and for all."""
    program = Program(seed)
    net = read(program.text, axes=1, channels=1)
    try:
        known = valid(net)
    except SolverError:
        known = None  # it runs at no size
    try:
        patterns = unread(net).patterns
    except SolverError:
        patterns = ()
    file = tmp_path / "net.py"
    file.write_text(program.text)
    for n in range(1, 20):
        try:
            reads, macs = program.run(n)
        except Refused:
            assert known is None or n not in known.inputs
            continue
        assert known is not None
        assert n in known.inputs
        cases = [case for case in known.cases if n in case.inputs]
        there = cases[0].network if cases else net
        shape = there.sizes(net.outputs[0])
        assert shape[2].at({"n": n}) == net.size(n) == len(reads)
        assert total(costs(there)).macs.at({"n": n}) == macs
        for y, elements in [*enumerate(reads[:12]), (None, _union(reads))]:
            found = coverage(net, n, output=y)
            assert [x for part in found.read for x in part] == sorted(elements)
        for each in patterns:
            if n % each.modulus == each.residue and n >= each.least:
                assert each.unread(n) == sorted(set(range(n)) - _union(reads))
    if known is not None and known.inputs:
        n = known.inputs.first()
        record = json.loads(
            run("network", str(file), "--axes", "1", "--input", str(n), "--json").out
        )
        reads, macs = program.run(n)
        assert (record["outputs"][0]["shape"], record["macs"]) == ([1, 1, len(reads)], macs)


def written(tmp_path, forward, *modules):
    """Return a file with a network of one axis."""
    rows = ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    rows += [f"        {line}" for line in modules]
    rows += ["    def forward(self, x):", f"        return {forward}", ""]
    file = tmp_path / "net.py"
    file.write_text("\n".join(rows))
    return str(file)


A, B = "self.a = nn.Conv1d(1, 1, 10)", "self.b = nn.Conv1d(1, 1, 3)"


def test_a_network_that_runs_only_where_a_size_is_repeated(tmp_path):
    file = written(tmp_path, "self.b(self.a(x) + x)", A, B)
    assert run("network", file).out.startswith("n -> 8, for every n in {10}\n")
    for more in ((), ("--input", "10")):
        record = json.loads(run("network", file, "--json", *more).out)
        assert (record["macs"], record["activations"]) == (34, 19)
        assert [layer["shape"][2] for layer in record["layers"]] == [10, 1, 10, 8]
        assert [layer["macs"] for layer in record["layers"]] == [0, 10, 0, 24]
    assert not coverage(read_file(file), 10).unread


def test_inputs_that_repeat_the_same_have_one_formula(tmp_path):
    a = "self.a = nn.Conv1d(1, 1, 10, stride=4)"
    file = written(tmp_path, "self.b(self.a(x) + x)", a, B)
    assert run("network", file).out.startswith("n -> n - 2, for every n: 10 <= n <= 13\n")
    c = "self.c = nn.Conv1d(1, 1, 12, stride=4)"
    file = written(tmp_path, "(self.a(x) + x)[:, :, :1] + self.c(x)", a, c)
    assert run("network", file).code == 0


def test_classes_of_thousands_are_told(tmp_path):
    """As many inputs as repeat the same are one class, and all are found."""
    a = "self.a = nn.Conv1d(1, 1, 20000, stride=20000)"
    file = written(tmp_path, "self.b(self.a(x) + x)", a, B)
    assert run("network", file).out.startswith("n -> n - 2, for every n: 20000 <= n <= 39999\n")


def test_nothing_is_said_of_nodes_behind_the_one_that_fails(tmp_path):
    file = written(tmp_path, "self.b(self.a(x) + x)", A, B)
    record = json.loads(run("network", file, "--json", "--input", "12").out)
    assert record["macs"] is None
    assert [layer["macs"] for layer in record["layers"]] == [0, 30, None, None]
    assert record["parameters"] == 15


def test_sizes_computed_where_a_size_is_repeated_are_not_told(tmp_path):
    """What a text computes of sizes holds for the usual sizes: elsewhere it may be another."""
    file = written(tmp_path, "(self.a(x) + x).view(1, 1, self.b(self.a(x) + x).size(2) + 2)", A, B)
    run_at = run("network", file, "--input", "10")
    assert (run_at.code, run_at.out) == (3, "")
    assert run("network", file).code == 3


def test_an_expanded_size_is_1(tmp_path):
    file = written(tmp_path, "x.expand_as(self.a(x))", A)
    assert run("network", file, "--input", "10").code == 1
    assert run("network", file, "--input", "1").code == 1
    file = written(tmp_path, "self.a(x).expand_as(x)", A)
    assert run("network", file).out.startswith("n -> 10, for every n in {10}\n")


def test_from_which_size_on_it_holds():
    """wav2vec 2.0: hundreds of classes, each from its first size that runs."""
    file = "examples/networks/wav2vec2.txt"
    assert "never read: the last (n + 240) % 320 elements\n" in run("network", file, "--unread").out
    classes = json.loads(run("network", file, "--unread", "--json").out)["unread"]["n"]["classes"]
    assert sorted(each["least"] for each in classes) == list(range(400, 720))
    assert all(each["sharp"] for each in classes)
