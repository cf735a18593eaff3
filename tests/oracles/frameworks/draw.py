"""Draw hyperparameters and sizes at random, near the border of the legal, some just past it."""

from __future__ import annotations

import random
from typing import Any

LARGE = {1: 500, 2: 64, 3: 20}  # the largest size drawn, by the number of axes
PADDINGS = (0, 0, 1, 1, 2, 3, 4)
ENDS = (-3, -2, -1, 0, 0, 1, 2, 3, 4)  # the padding of one end, which may crop


class Draw:
    """Draw what operations need, one number per axis."""

    def __init__(self, seed: object, odd: float = 0.0) -> None:
        """Start from a seed; `odd` is how often a number is drawn that should be refused."""
        self.random = random.Random(repr(seed))
        self.odd = odd

    def chance(self, probability: float) -> bool:
        """Return True with a probability."""
        return self.random.random() < probability

    def one(self, *values: Any) -> Any:
        """Return one of the values."""
        return self.random.choice(values)

    def between(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return self.random.randint(low, high)

    def numbers(self, axes: int, *values: int, odd: tuple[int, ...] = ()) -> list[int]:
        """Return one value for all axes, or one per axis."""
        values = odd if odd and self.chance(self.odd) else values
        if self.chance(0.5):
            return [self.one(*values)] * axes
        return [self.one(*values) for _ in range(axes)]

    def kernel(self, axes: int) -> list[int]:
        """Return a size of the kernel."""
        return self.numbers(axes, 1, 2, 2, 3, 3, 3, 4, 5, 7, odd=(0, -1))

    def stride(self, axes: int) -> list[int]:
        """Return a stride."""
        return self.numbers(axes, 1, 1, 1, 2, 2, 3, 4, 5, odd=(0, -1))

    def dilation(self, axes: int) -> list[int]:
        """Return a dilation."""
        return self.numbers(axes, 1, 1, 1, 2, 2, 3, odd=(0, -1))

    def rarely_dilation(self, axes: int) -> list[int]:
        """Return a dilation of the input, which is mostly 1."""
        return self.numbers(axes, *[1] * 12, 2, 3)

    def padding(self, axes: int) -> list[int]:
        """Return a padding, the same at both ends."""
        return self.numbers(axes, *PADDINGS, odd=(-1, -2))

    def pairs(self, axes: int, *values: int) -> list[list[int]]:
        """Return the paddings of both ends of each axis."""
        return [[self.one(*values), self.one(*values)] for _ in range(axes)]

    def per_axis(self, make: Any, *vectors: list[int]) -> list[int]:
        """Return what a function makes of the numbers of each axis."""
        return [make(*numbers) for numbers in zip(*vectors, strict=True)]

    def sizes(self, axes: int, empty: float = 0.02) -> list[int]:
        """Return input sizes: mostly up to 13, some large, few zero."""
        if self.chance(0.08):
            return [self.between(1, LARGE[axes]) for _ in range(axes)]
        if self.chance(empty):
            return [self.between(0, 5) for _ in range(axes)]
        if self.chance(0.5):
            return [self.between(1, 13)] * axes
        return [self.between(1, 13) for _ in range(axes)]

    def scales(self, axes: int) -> list[float]:
        """Return factors to resize by: fractions that binary cannot hold, and any at all."""
        return [self.scale() for _ in range(axes)]

    def scale(self) -> float:
        """Return one factor."""
        if self.chance(0.5):
            return float(self.one(0.1, 0.25, 0.29, 0.3, 1 / 3, 0.5, 2 / 3, 0.7, 1.1, 1.5, 2.0, 3.0))
        if self.chance(0.5):
            return self.between(1, 40) / self.between(1, 40)
        return self.random.uniform(0.05, 4.5)
