"""Random networks with branches, and an interpreter of them that knows nothing of the solver.

A program is a list of steps (kind, inputs, numbers); `build` writes it down as a network, `run`
computes the sizes at one n by the textbook formulas, or says at which step it fails.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from solver import (
    AvgPool,
    Conv,
    ConvTranspose,
    MaxPool,
    Tensor,
    add,
    concat,
    crop,
    pad,
    pad_like,
    resize,
    trace,
    upsample,
)
from solver.network.network import Network


class Step(NamedTuple):
    kind: str
    inputs: tuple[int, ...]
    numbers: tuple[int, ...] = ()


_KINDS = (*("conv",) * 3, *("pool", "up", "add", "crop") * 2, "ceil", "upsample")
_KINDS += ("pad", "padlike", "resize")


def program(source: random.Random, length: int = 12) -> list[Step]:
    """Draw steps: a way down and up again, with branches that may or may not meet."""
    steps = [Step("input", ())]
    for _ in range(length):
        last = len(steps) - 1
        kind = source.choice(_KINDS)
        k, s, p, d = (source.randint(1, 4), source.randint(1, 3), source.randint(0, 2), 1)
        if kind in ("add", "crop", "padlike", "resize"):
            other = source.randrange(len(steps))
            steps.append(Step(kind, (last, other)))
        elif kind == "conv":
            steps.append(Step(kind, (last,), (k, s, p, source.randint(1, 2))))
        elif kind in ("pool", "ceil"):
            steps.append(Step(kind, (last,), (k, s, min(p, k // 2), d)))
        elif kind == "up":
            d = source.randint(1, 2)
            extra = source.randint(0, max(s, d) - 1)
            steps.append(Step(kind, (last,), (k, s, p, d, extra)))
        elif kind == "upsample":
            steps.append(Step(kind, (last,), (s,)))
        else:
            steps.append(Step(kind, (last,), (source.randint(-2, 2), source.randint(-2, 2))))
    return steps


def mirrored(source: random.Random) -> list[Step]:
    """Draw a network that goes down and comes back up, and meets on the way what it passed."""
    steps = [Step("input", ())]
    skips: list[tuple[int, int]] = []

    def then(kind: str, *numbers: int, other: int | None = None) -> None:
        last = len(steps) - 1
        steps.append(Step(kind, (last,) if other is None else (last, other), numbers))

    for _ in range(source.randint(1, 4)):
        k = source.choice((1, 3, 3, 5))
        then("conv", k, 1, source.choice((k // 2, k // 2, 0)), 1)
        s = source.choice((2, 2, 3, 4))
        skips.append((len(steps) - 1, s))
        if source.random() < 0.7:
            then(source.choice(("pool", "pool", "ceil")), s, s, 0, 1)
        else:
            then("conv", 2 * s - 1, s, s - 1, 1)
    for skip, s in reversed(skips):
        if source.random() < 0.4:
            then("upsample", s)
        else:
            then("up", s, s, 0, 1, source.choice((0, 0, 0, s - 1)))
        kind = source.choice(("add", "add", "crop", "padlike"))
        then(kind, other=skip)
        if source.random() < 0.5:
            then("conv", 3, 1, source.choice((1, 1, 0)), 1)
    return steps


def build(steps: list[Step], axes: int = 1) -> Network:
    """Write a program down as a network, of one axis unless said otherwise."""

    def function(x: Tensor) -> Tensor:
        tensors = [x]
        for kind, inputs, numbers in steps[1:]:
            given = [tensors[i] for i in inputs]
            tensors.append(_made(kind, given, numbers))
        return tensors[-1]

    return trace(function, axes=axes)


def _made(kind: str, given: list[Tensor], numbers: tuple[int, ...]) -> Tensor:
    x = given[0]
    if kind == "conv":
        return Conv(*numbers)(x)
    if kind == "pool":
        return MaxPool(*numbers[:3])(x)
    if kind == "ceil":
        return AvgPool(*numbers[:3], ceil_mode=True)(x)
    if kind == "up":
        return ConvTranspose(*numbers)(x)
    if kind == "upsample":
        return upsample(x, numbers[0])
    if kind == "pad":
        return pad(x, *numbers)
    two = {"add": add, "crop": crop, "padlike": pad_like, "resize": resize, "concat": concat}
    return two[kind](*given)


def run(steps: list[Step], n: int) -> list[int] | int:
    """Return the size after every step, or the number of the first step that does not run."""
    sizes = [n]
    for at, (kind, inputs, numbers) in enumerate(steps[1:], 1):
        size = _size(kind, [sizes[i] for i in inputs], numbers)
        if size is None:
            return at
        sizes.append(size)
    return sizes


def _size(kind: str, given: list[int], numbers: tuple[int, ...]) -> int | None:
    n = given[0]
    if n == 0 and kind in ("conv", "pool", "ceil", "up", "upsample", "resize"):
        return None  # what pads or crops may leave nothing, which they do not take
    if kind in ("conv", "pool", "ceil"):
        k, s, p, d = numbers
        free = n + 2 * p - d * (k - 1) - 1
        if kind == "ceil":
            windows = -(-free // s) + 1
            windows -= (windows - 1) * s >= n + p
            return windows if windows > 0 else None
        return free // s + 1 if free >= 0 else None
    if kind == "up":
        k, s, p, d, extra = numbers
        size = (n - 1) * s - 2 * p + d * (k - 1) + 1 + extra
        return size if size > 0 else None
    if kind == "upsample":
        return n * numbers[0]
    if kind == "pad":
        begin, end = numbers
        size = n + begin + end
        # what is cropped must be there before anything is padded
        return size if size >= 0 and n + min(begin, 0) + min(end, 0) >= 0 else None
    other = given[1]
    if kind == "add":
        return max(n, other) if n == other or 1 in (n, other) else None
    if kind == "crop":
        return other if n >= other else None
    if kind == "padlike":
        return other if n <= other else None
    return other  # resize
