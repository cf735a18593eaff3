"""Random small graphs along one axis, each node beside what it reads, spelled out by hand.

Nothing here knows of maps or of windows as the package has them: a place is a function from any
whole position to the set of positions it reads, and a list of how a position is reached.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from solver import (
    AvgPool,
    Conv,
    ConvTranspose,
    MaxPool,
    Network,
    Tensor,
    concat,
    crop,
    pad,
    split,
    trace,
)
from solver.frameworks import layer
from solver.network.graph.slicing import Slice

Reads = Callable[[int], "frozenset[int]"]


class Place(NamedTuple):
    """Hold a node's size, what output y reads of each node before it, and the nodes before it.

    jump: the elements of the input for one of its own, by which branches are chosen to meet.
    """

    size: int
    reads: tuple[Reads, ...]
    before: tuple[int, ...]
    jump: Fraction = Fraction(1)


class Graph(NamedTuple):
    """Hold a network, and the place of each of its nodes."""

    network: Network
    places: list[Place]

    def positions(self, at: int, y: int) -> frozenset[int]:
        """Return the positions of the input that output y of a node reads; padding counts."""
        place = self.places[at]
        if not place.before:
            return frozenset({y})
        found: set[int] = set()
        for reads, before in zip(place.reads, place.before, strict=True):
            for x in reads(y):
                found |= self.positions(before, x)
        return frozenset(found)

    def elements(self, at: int, y: int) -> frozenset[int]:
        """Return the elements of the input that output y of a node reads; padding reads nothing."""
        place = self.places[at]
        if not 0 <= y < place.size:
            return frozenset()
        if not place.before:
            return frozenset({y})
        pairs = zip(place.reads, place.before, strict=True)
        return frozenset().union(
            *(self.elements(before, x) for reads, before in pairs for x in reads(y))
        )


class Draw:
    """Make a network for one input size, and its places beside it."""

    def __init__(self, seed: int, size: int, rare: bool = False) -> None:
        self.random, self.size, self.rare = random.Random(seed), size, rare
        self.places = [Place(size, (), ())]

    def graph(self, steps: int = 5) -> Graph:
        network = trace(lambda x: self.run(x, steps), axes=1)
        assert len(network) == len(self.places)
        return Graph(network, self.places)

    def run(self, x: Tensor, steps: int) -> Tensor:
        for _ in range(steps):
            x = self.step(x)
        return x

    def put(
        self,
        x: Tensor,
        made: Tensor,
        size: int,
        *reads: Reads,
        others: Any = (),
        jump: Fraction | int = 1,
    ) -> Tensor:
        before = (x.at, *(other.at for other in others))
        self.places.append(Place(size, reads, before, self.places[x.at].jump * jump))
        return made

    def step(self, x: Tensor) -> Tensor:
        n = self.places[x.at].size
        word = self.random.choice(
            (
                "window",
                "window",
                "same",
                "causal",
                "up",
                "up",
                "pad",
                "slice",
                "nearest",
                "linear",
                "branch",
                "branch",
                "skip",
                "halves",
                "ceil",
            )
        )
        made = getattr(self, word)(x, n)
        return x if made is None else made

    def window(self, x: Tensor, n: int) -> Tensor | None:
        k, s, d = (self.random.choice(c) for c in ((1, 2, 3, 4), (1, 1, 2, 3), (1, 1, 2)))
        p = self.random.randint(0, k)
        if self.random.random() < 0.3:
            k, d, p = max(k, 2), 1, self.random.randint(0, max(k, 2) // 2)
            kind = MaxPool(k, s, p)
        else:
            kind = Conv(k, stride=s, padding=p, dilation=d)
        out = (n + 2 * p - d * (k - 1) - 1) // s + 1
        if n + 2 * p < d * (k - 1) + 1:
            return None
        return self.put(
            x, kind(x), out, lambda y: frozenset(s * y - p + d * t for t in range(k)), jump=s
        )

    def ceil(self, x: Tensor, n: int) -> Tensor | None:
        if n < 2:
            return None
        out = -((2 - n) // 2) + 1
        if (out - 1) * 2 >= n:
            out -= 1
        kind = AvgPool(2, ceil_mode=True)
        return self.put(x, kind(x), out, lambda y: frozenset({2 * y, 2 * y + 1}), jump=2)

    def same(self, x: Tensor, n: int) -> Tensor:
        k, s = self.random.randint(1, 5), self.random.randint(1, 3)
        kind = layer("keras", "Conv1D", kernel_size=k, strides=s, padding="same")
        out = -(-n // s)
        begin = max((out - 1) * s + k - n, 0) // 2
        return self.put(
            x, kind(x), out, lambda y: frozenset(s * y - begin + t for t in range(k)), jump=s
        )

    def causal(self, x: Tensor, n: int) -> Tensor:
        k, d = self.random.randint(2, 3), self.random.randint(1, 3)
        kind = layer("keras", "Conv1D", kernel_size=k, dilation_rate=d, padding="causal")
        return self.put(x, kind(x), n, lambda y: frozenset(y - d * t for t in range(k)))

    def up(self, x: Tensor, n: int) -> Tensor | None:
        s = self.random.randint(1, 3)
        k = self.random.randint(1 if self.rare else s, 5)
        d = self.random.randint(1, 3) if self.rare else 1
        p = self.random.randint(0, min(k - 1, 2))
        out = (n - 1) * s - 2 * p + d * (k - 1) + 1
        if out < 1 or out > 200:
            return None

        def reads(y: int) -> frozenset[int]:
            # input x adds to the outputs s*x - p + d*t
            near = range((y + p - d * k) // s - 1, (y + p) // s + 2)
            return frozenset(x for x in near for t in range(k) if s * x - p + d * t == y)

        kind = ConvTranspose(k, stride=s, padding=p, dilation=d)
        return self.put(x, kind(x), out, reads, jump=Fraction(1, s))

    def pad(self, x: Tensor, n: int) -> Tensor | None:
        begin, end = self.random.randint(-2, 2), self.random.randint(-2, 2)
        if n + min(begin, 0) + min(end, 0) < 1:
            return None
        return self.put(x, pad(x, begin, end), n + begin + end, lambda y: frozenset({y - begin}))

    def slice(self, x: Tensor, n: int) -> Tensor | None:
        start, step = self.random.randint(0, 2), self.random.randint(1, 2)
        if n <= start:
            return None
        out = len(range(start, n, step))
        made = x.then(Slice(2, start, None, step))
        return self.put(x, made, out, lambda y: frozenset({start + step * y}), jump=step)

    def nearest(self, x: Tensor, n: int) -> Tensor | None:
        f = self.random.randint(2, 3)
        if n * f > 200:
            return None
        made = layer("torch", "Upsample", scale_factor=f)(x)
        return self.put(x, made, n * f, lambda y: frozenset({y // f}), jump=Fraction(1, f))

    def linear(self, x: Tensor, n: int) -> Tensor | None:
        f = self.random.randint(2, 3)
        if n * f > 200:
            return None

        def reads(y: int) -> frozenset[int]:
            # the place y/f - 1/2 + 1/(2f), in units of 1/(2f)
            place = 2 * y + 1 - f
            low = place // (2 * f)
            return frozenset({low} if place % (2 * f) == 0 else {low, low + 1})

        made = layer("torch", "Upsample", scale_factor=f, mode="linear")(x)
        return self.put(x, made, n * f, reads, jump=Fraction(1, f))

    def branch(self, x: Tensor, n: int) -> Tensor | None:
        """Two ways from x, cropped to the smaller and added or put on each other's channels."""
        one, two = self.run(x, 1), self.run(x, self.random.randint(1, 2))
        return self.meet(one, two)

    def skip(self, x: Tensor, n: int) -> Tensor | None:
        """Down and up again, beside x."""
        if n < 4:
            return None
        s = self.random.randint(2, 3)
        windows = lambda y: frozenset(s * y + t for t in range(s))  # noqa: E731
        down = self.put(x, MaxPool(s)(x), n // s, windows, jump=s)
        inner = self.run(down, 1)
        m = self.places[inner.at].size
        up = ConvTranspose(s, stride=s)(inner)
        back = self.put(inner, up, m * s, lambda y: frozenset({y // s}), jump=Fraction(1, s))
        return self.meet(x, back)

    def meet(self, one: Tensor, two: Tensor) -> Tensor | None:
        if self.places[one.at].jump != self.places[two.at].jump and not self.rare:
            return one
        a, b = self.places[one.at].size, self.places[two.at].size
        if a < b:
            one, two, a, b = two, one, b, a
        if a > b:
            less = (a - b) // 2
            nothing: Reads = lambda y: frozenset()  # noqa: E731
            cropped = crop(one, like=two)
            reads: Reads = lambda y: frozenset({y + less})  # noqa: E731
            one = self.put(one, cropped, b, reads, nothing, others=[two])
        itself: Reads = lambda y: frozenset({y})  # noqa: E731
        if self.random.random() < 0.5:
            return self.put(one, one + two, b, itself, itself, others=[two])
        both = self.put(one, concat(one, two), b, itself, itself, others=[two])
        return self.put(both, Conv(1, out_channels=1)(both), b, itself)

    def halves(self, x: Tensor, n: int) -> Tensor | None:
        """The first half, where there are two equal ones."""
        if n % 2 or n < 4:
            return None
        first, second = split(x, 2, axis=2)
        half = n // 2
        self.put(x, first, half, lambda y: frozenset({y}))
        self.put(x, second, half, lambda y: frozenset({y + half}))
        return first
