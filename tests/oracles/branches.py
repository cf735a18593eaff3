"""Random programs that branch on sizes: run directly, and as networks of several paths."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from solver import Conv
from solver.network.graph.demand import AT_MOST, EQUAL, LESS, Demand
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.operation import Apply, Input, Refuse
from solver.network.graph.walk import Node, Walker
from solver.network.network import Network
from solver.sizes.sizeset import SizeSet

#: What is told where a layer does not fit.
UNFIT = "does not fit"

#: What a condition asks of sizes a and b, with a number m, and one r below it.
KINDS = {
    "a % m == r": lambda a, b, m, r: a % m == r,
    "a % m != r": lambda a, b, m, r: a % m != r,
    "a >= m": lambda a, b, m, r: a >= m,
    "a < m": lambda a, b, m, r: a < m,
    "a < b": lambda a, b, m, r: a < b,
    "a == b": lambda a, b, m, r: a == b,
}


class Test(NamedTuple):
    """Hold a condition on the sizes there are, by the axis that it asks first."""

    kind: str
    axis: int
    m: int
    r: int

    def holds(self, sizes: Sequence[int]) -> bool:
        return KINDS[self.kind](sizes[self.axis], sizes[-1 - self.axis], self.m, self.r)

    def demand(self, dims: Sequence[Dim]) -> Demand:
        a, b, m = dims[self.axis], dims[-1 - self.axis], Dim(self.m)
        text = self.kind.replace("m", str(self.m)).replace("r", str(self.r))
        if "%" in self.kind:
            found = Demand(0, text, a, SizeSet(self.m, [self.r]))
            found = found.negated() if "!=" in self.kind else found
        elif self.kind == "a >= m":
            found = Demand(0, text, m, a, AT_MOST)
        elif self.kind == "a < m":
            found = Demand(0, text, a, m, LESS)
        else:
            found = Demand(0, text, a, b, LESS if "<" in self.kind else EQUAL)
        return found._replace(limit=True)


class Branch(NamedTuple):
    """Hold a condition, and the programs where it holds and where it does not."""

    test: Test
    yes: Program
    no: Program


#: Layers along each axis, branches, messages of refusals, and None for what is not followed.
Program = tuple[tuple[Conv, ...] | Branch | str | None, ...]


def drawn(source: random.Random, axes: int, depth: int = 2) -> Program:
    """A program that ends in one of its branches."""
    steps = [_layers(source, axes) for _ in range(source.randint(0, 2))]
    end = source.random()
    if depth < 2 and end < 0.25:
        return (*steps, f"size {source.randint(1, 3)} is not supported")
    if depth < 2 and end < 0.35:
        return (*steps, None)
    if depth:
        kinds = list(KINDS) if axes > 1 else list(KINDS)[:4]
        m = source.randint(2, 12)
        test = Test(source.choice(kinds), source.randrange(axes), m, source.randrange(m))
        steps.append(Branch(test, *(drawn(source, axes, depth - 1) for _ in range(2))))
    return tuple(steps)


def _layers(source: random.Random, axes: int) -> tuple[Conv, ...]:
    def one() -> Conv:
        k = source.randint(1, 4)
        return Conv(k, stride=source.randint(1, 3), padding=source.randint(0, k))

    return (one(),) * axes


def run(program: Program, sizes: Sequence[int]) -> tuple[int, ...] | str | None:
    """The sizes that come out, the message with which it refuses, or None: not followed."""
    for step in program:
        if isinstance(step, Branch):
            return run(step.yes if step.test.holds(sizes) else step.no, sizes)
        if step is None or isinstance(step, str):
            return step
        window = step[0].window(0)
        found = [(n + 2 * window.begin - window.kernel_size) for n in sizes]
        if min(found) < 0:
            return UNFIT
        sizes = [n // window.stride + 1 for n in found]
    return tuple(sizes)


def network(program: Program, axes: int) -> Network | None:
    """The same as a network of paths, None where none is followed."""
    letters = [Dim.letter(letter) for letter in LETTERS[axes]]
    begin = Node("input", Input((Dim(1), Dim(1), *letters)))
    paths = list(_paths(program, (begin,), ()))
    accepts = [each for each in paths if not isinstance(each.nodes[-1].operation, Refuse)]
    if not paths:
        return None
    main = (accepts or paths)[-1]
    others = [each for each in paths if each is not main]
    return Network(main.nodes, main.outputs, (), None, others)


def _paths(
    program: Program, nodes: tuple[Node, ...], within: tuple[Demand, ...]
) -> Iterator[Network]:
    walker = Walker()
    for node in nodes:
        walker.take(node)
    for number, step in enumerate(program):
        at = len(nodes)
        if isinstance(step, Branch):
            shape = walker.shapes[-1]
            if shape is None:  # a layer before never fits
                yield Network(nodes).restricted(within)
                return
            test = step.test.demand(shape[2:])
            yield from _paths(step.yes, nodes, (*within, test))
            yield from _paths(step.no, nodes, (*within, test.negated()))
            return
        if step is None:
            return
        if isinstance(step, str):
            nodes = (*nodes, Node(f"raise_{at}", Refuse(step), (), f"line {at}"))
            break
        nodes = (*nodes, Node(f"conv_{at}_{number}", Apply(step[0]), (at - 1,), f"line {at}"))
        walker.take(nodes[-1])
    yield Network(nodes).restricted(within)


def reads(program: Program, sets: list[set[int]]) -> list[set[int]]:
    """Which elements along one axis each output reads, where the program runs.

    sets: which of them each element that comes in reads.
    """
    for step in program:
        if isinstance(step, Branch):
            return reads(step.yes if step.test.holds([len(sets)]) else step.no, sets)
        window = step[0].window(0)
        size = (len(sets) + 2 * window.begin - window.kernel_size) // window.stride + 1
        starts = [y * window.stride - window.begin for y in range(size)]
        sets = [
            set().union(*sets[max(first, 0) : max(first + window.kernel_size, 0)])
            for first in starts
        ]
    return sets
