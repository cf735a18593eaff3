"""Random programs of sizes, and how they run: on plain numbers, and on sizes with formulas."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Input, Refuse
from solver.network.graph.walk import Node
from solver.reading.paths.decisions import Decisions, Lost
from solver.reading.paths.size import size
from solver.reading.paths.trials import Run
from solver.sizes.sizemap import SizeMap

#: A program: it is given what takes the sizes of its operations, and its own sizes.
Program = Callable[..., None]


def condition(r: random.Random, letters: Sequence[str]) -> str:
    x, y, m = r.choice(letters), r.choice(letters), r.choice([2, 3, 4, 7, 8, 32])
    relation = r.choice(["==", "<", ">", ">=", "<="])
    return r.choice(
        [
            f"{x} % {m} {r.choice(['==', '!=', '<'])} {r.randrange(m)}",
            f"{x} // {m} {relation} {r.randint(0, 12)}",
            f"{x} {relation} {r.choice([1, 5, 16, 50, 63, 64, 65, 100, 150])}",
            f"({x} + {r.randint(0, 40)}) // {m} {relation} {y} // {r.choice([2, 3, 4])}",
            f"{letters[0]} {relation} {letters[-1]}",
            f"max({x} // {m} - 3, 0) {r.choice(['>', '=='])} 0",
        ]
    )


def block(r: random.Random, letters: Sequence[str], depth: int, indent: str) -> list[str]:
    lines = []
    for _ in range(r.randint(1, 3)):
        x, kind = r.choice(letters), r.random()
        if depth and kind < 0.35:
            lines += [f"{indent}if {condition(r, letters)}:"]
            lines += block(r, letters, depth - 1, indent + "    ")
            if r.random() < 0.6:
                lines += [f"{indent}else:", *block(r, letters, depth - 1, indent + "    ")]
        elif kind < 0.5:
            lines.append(f"{indent}put({x} // {r.choice([2, 3, 8])} + {r.randint(0, 3)})")
        elif kind < 0.6:
            lines.append(f"{indent}if {condition(r, letters)}: raise ValueError")
        elif kind < 0.65:
            lines.append(f"{indent}assert {condition(r, letters)}")
        elif kind < 0.8:
            clamps = [f"max({x} - {r.randint(1, 9)}, 1)", f"min({x}, {r.choice([16, 100])})"]
            others = [f"({x} + 7) // 8 * 8", f"{x} // 2 + 1", f"abs({x} - 20)"]
            lines.append(f"{indent}{x} = {r.choice(clamps + others)}")
        else:
            lines.append(f"{indent}put({x})")
    return lines


def program(seed: int, letters: Sequence[str]) -> tuple[str, Program]:
    """A random program, as text and as a function."""
    r, space = random.Random(seed), dict[str, Any]()
    text = "\n".join([f"def forward(put, {', '.join(letters)}):", *block(r, letters, 3, "    ")])
    exec(text, space)
    return text, space["forward"]


def outcome(forward: Program, sizes: Sequence[int]) -> tuple[list[int], str]:
    """What a program really does: the sizes it puts, and what it raises."""
    made = list[int]()
    try:
        forward(made.append, *sizes)
    except (ValueError, AssertionError) as fault:
        return made, type(fault).__name__
    return made, ""


class Runs:
    """Run a program on sizes with formulas. count: how many runs there have been."""

    def __init__(self, forward: Program, letters: Sequence[str]) -> None:
        self.forward, self.letters, self.count = forward, letters, 0

    def __call__(self, decisions: Decisions, inside: Mapping[str, SizeMap]) -> Run:
        self.count += 1
        dims = [Dim.letter(x).through(inside.get(x, SizeMap.line(1, 0))) for x in self.letters]
        nodes = [Node("input", Input(tuple(dims)), ())]

        def put(each: int) -> None:
            formula = getattr(each, "formula", None)
            to = formula if isinstance(formula, Dim) else Dim(int.__int__(each))
            nodes.append(Node("put", Become("put", (to,)), ()))

        given = zip(self.letters, dims, strict=True)
        try:
            self.forward(put, *(size(decisions.values[x], dim, decisions) for x, dim in given))
        except Lost:
            return Run(tuple(nodes), (), lost="lost", whole=False)
        except (ValueError, AssertionError) as fault:
            nodes.append(Node("refused", Refuse(type(fault).__name__), (), "here"))
            return Run(tuple(nodes), (), refused=True)
        return Run(tuple(nodes), (len(nodes) - 1,))


def told(run: Run, values: Mapping[str, int]) -> tuple[list[int], str]:
    """What a run says of sizes, in the words of `outcome`."""
    made = [n.operation.to[0].at(values) for n in run.nodes if isinstance(n.operation, Become)]
    raised = [n.operation.message for n in run.nodes if isinstance(n.operation, Refuse)]
    return made, "".join(raised)
