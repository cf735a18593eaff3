"""Decisions that part nothing: random programs that pad, cut and pool, at many sizes."""

from __future__ import annotations

import linecache
import random
from itertools import product

import pytest

from solver.errors import SolverError
from solver.network.graph.along import PadBy
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Input
from solver.network.graph.walk import Walker
from solver.reading.paths.decisions import Decisions, Lost, RefusedSizes
from solver.reading.paths.explore import explore
from solver.reading.paths.recorder import Recorder
from solver.reading.paths.size import size
from solver.reading.paths.trials import Run


def pad(x: Plain, h: int, w: int) -> Plain:
    """As a framework pads: what comes out is the tensor that is padded."""
    x.pad(h, w)
    return x


pad.__module__ = "torch.nn.functional"


class Plain:
    """A tensor of two sizes, which are plain numbers."""

    def __init__(self, h: int, w: int) -> None:
        self.h, self.w, self.put = h, w, list[tuple[int, int]]()

    @property
    def shape(self) -> tuple[int, int]:
        return self.h, self.w

    def pad(self, h: int, w: int) -> None:
        self.h, self.w = self.h + h, self.w + w

    def become(self, h: int, w: int) -> None:
        self.h, self.w = h, w
        self.put.append((h, w))


class Carrying(Plain):
    """The same with sizes that carry their formulas."""

    def __init__(self, decisions: Decisions, inside) -> None:
        self.to = Recorder(decisions, lambda: False)
        dims = (Dim.letter(x).through(inside[x]) if x in inside else Dim.letter(x) for x in "hw")
        self._add("input", Input(tuple(dims)))

    def pad(self, h: int, w: int) -> None:
        self._add("pad", PadBy(tuple((Dim(0), formula(each)) for each in (h, w))))

    def become(self, h: int, w: int) -> None:
        self._add("put", Become("put", (formula(h), formula(w))))

    def _add(self, name, operation) -> None:
        count = len(self.to.nodes)
        self.to.add(name, operation, [count - 1] if count else [])
        made = self.to.decisions
        self.h, self.w = (size(dim.at(made.values), dim, made) for dim in self.to.shapes[-1])


def formula(value) -> Dim:
    return getattr(value, "formula", None) or Dim(int(value))


class Runs:
    """Run a program. count: how many runs there have been."""

    def __init__(self, text: str) -> None:
        file = f"<{text}>"  # what a program forgets is taken from its source
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        space: dict = {"pad": pad}
        exec(compile(text, file, "exec"), space)
        self.forward, self.count = space["forward"], 0

    def __call__(self, decisions: Decisions, inside) -> Run:
        self.count += 1
        given = Carrying(decisions, inside)
        try:
            self.forward(given)
        except RefusedSizes:
            return Run(tuple(given.to.nodes), (), refused=True)
        except Lost:
            return Run(tuple(given.to.nodes), (), lost="lost", whole=False)
        return Run(tuple(given.to.nodes), (len(given.to.nodes) - 1,))

    def outcome(self, h: int, w: int) -> list[tuple[int, int]] | None:
        """What the program really does; None where nothing is left of a size."""
        given = Plain(h, w)
        self.forward(given)
        return given.put if all(min(each) > 0 for each in given.put) else None


def told(run: Run, values: dict[str, int]) -> list[tuple[int, ...]] | None:
    walker, found = Walker(values), []
    for node in run.nodes:
        try:
            walker.step(node)
        except SolverError:
            return None
        if node.name == "put":
            found.append(tuple(dim.number for dim in walker.shapes[-1]))
    return found


def program(seed: int) -> str:
    """Levels that pad where a size does not divide; some do more there, or later because of it."""
    r, lines = random.Random(seed), ["def forward(x):"]
    for level in range(r.randint(1, 3)):
        for at, a in enumerate("hw"):
            m = r.choice([2, 2, 3, 4])
            less = r.choice([f"{m} - x.{a} % {m}", f"-(x.{a} % {m})"])
            lines.append(f"{a}{level} = x.{a} % {m} > 0")
            given = f"{'0, ' * at}{less}{', 0' * (not at)}"
            lines.append(f"if {a}{level}: {r.choice(['x.pad(', 'x = pad(x, '])}{given})")
            if r.random() < 0.2:
                lines.append(f"if {a}{level}: x.become(x.w, x.h)")
        lines.append(
            r.choice(["x.become(x.h // 2, (x.w + 1) // 2)", "x.become(x.h, x.w // 2 + 1)"])
        )
    flags = ["h0 and w0", "h0 == w0", "w0 != (x.h > 9)", "x.h % 2"]
    if r.random() < 0.7:
        lines.append(f"if {r.choice(flags)}: x.become(x.w, x.h)")
    return "\n    ".join(lines)


#: What is decided, and padded by, at three places, and then once more where these come together.
TOGETHER = {
    "flags": ("h{level} = x.{a} % 2 > 0", "if h0 and h1 and h2: x.become(x.h + 7, x.w)"),
    "unequal": ("h{level} = x.{a} % 2 > 0", "if h0 != h1 != h2: x.become(x.h + 7, x.w)"),
    "counter": ("c += x.{a} % 2 > 0", "if c == 3: x.become(x.w, x.h)"),
    "list": ("if x.{a} % 2: p[0] = p[0] + 1", "if p[0] > 2: x.become(x.h + 7, x.w)"),
    "another name": ("q = p\n    if x.{a} % 2: p[0] = p[0] + 1", "x.become(x.h + q[0], x.w)"),
    "nested": ("if h0 and x.{a} % 2: x = pad(x, 1, 1)", "if x.h % 4 == 2: x.become(x.w, x.h)"),
    "flows": (
        "if x.{a} % 2: q = 1\n    else: q = 0\n    r = (q, q * 2)\n    c = c + r[0]",
        "if c == 3: x.become(x.w, x.h)",
    ),
    "way": ("if x.{a} % 2: x = pad(x, 1, 0); c += 1", "if c == 2: x = pad(x, 7, 0)"),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_what_three_decisions_make_together(name):
    """A program that remembers them, in whatever way, is not one that forgets them."""
    asked, end = TOGETHER[name]
    lines = ["def forward(x):", "c = 0; p = [0, 0]; h0 = x.h % 3 > 0"]
    for level, a in enumerate("hwh"):
        lines.append(asked.format(a=a, level=level))
        given = "1, 0" if a == "h" else "0, 1"
        lines.append(f"if x.{a} % 2: x = pad(x, {given})")
        lines.append("x.become(x.h // 2 + 1, x.w // 2 + 1)")
    same_as_told("\n    ".join([*lines, "x = pad(x, *p)", end]))


@pytest.mark.parametrize("seed", range(12))
def test_random_paddings(seed):
    same_as_told(program(seed))


def same_as_told(text: str) -> None:
    """Exactly one path covers each size, and says what happens there."""
    runs = Runs(text)
    paths = explore(runs, "hw")
    for h, w in product((3, 4, 5, 6, 7, 8, 11, 12, 16, 65), (3, 4, 6, 9, 13, 80)):
        values = {"h": h, "w": w}
        there = [path for path in paths.found if path.region.holds(values)]
        nothing = any(region.holds(values) for region in paths.unknown)
        assert len(there) + nothing == 1, (text, values)
        if there and not there[0].run.lost:
            assert told(there[0].run, values) == runs.outcome(h, w), (text, values)


def test_four_levels_of_two_axes_are_one_path():
    levels = """def forward(x):
    for _ in range(4):
        if x.w % 2: x = pad(x, 0, 1)
        if x.h % 2: x = pad(x, 1, 0)
        x.become(x.h // 2, x.w // 2)"""
    runs = Runs(levels)
    (path,) = explore(runs, "hw").found
    assert runs.count < 40
    for h, w in product(range(1, 20), (1, 2, 47, 80)):
        assert told(path.run, {"h": h, "w": w}) == runs.outcome(h, w)


def test_padding_worked_out_in_steps_is_forgotten():
    levels = """def forward(x):
    for _ in range(3):
        if x.h % 2 == 0:
            along_h = max(3 - 2, 0)
        else:
            along_h = max(3 - (x.h % 2), 0)
        if x.w % 2 == 0:
            along_w = max(3 - 2, 0)
        else:
            along_w = max(3 - (x.w % 2), 0)
        half = along_w // 2
        both = (along_h, half + (along_w - half))
        x = pad(x, both[0], both[1])
        x.become((x.h - 3) // 2 + 1, (x.w - 3) // 2 + 1)"""
    runs = Runs(levels)
    (path,) = explore(runs, "hw").found
    assert runs.count < 40
    for h, w in product(range(8, 20), (8, 9, 47, 80)):
        assert told(path.run, {"h": h, "w": w}) == runs.outcome(h, w)


def test_a_small_size_that_others_are_divided_by_is_told():
    windows = """def forward(x):
    w = min(x.h, x.w)
    if w <= 5:
        x = pad(x, (w - x.h % w) % w, (w - x.w % w) % w)
        x.become(x.h // w, x.w // w)"""
    runs = Runs(windows)
    paths = explore(runs, "hw")
    assert not paths.unknown
    assert not any(path.run.lost for path in paths.found)
    assert runs.count < 60
    same_as_told(windows)
