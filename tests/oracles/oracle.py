"""Brute force over whole boxes, to test the solver against; it shares no code with it.

PyTorch's rules, written from their description: how many windows fit, how far a scattered kernel
reaches, and which hyperparameters are refused. Every combination of a box is one column of a table,
so one NumPy expression gives the output sizes of the whole box. A size of 0 means "refused".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

OPERATIONS = ("conv", "conv_transpose", "maxpool", "avgpool")

Array = np.ndarray


class Box(NamedTuple):
    """Hold the values each hyperparameter may take; `end` only where the two paddings differ."""

    kernel_size: Sequence[int]
    stride: Sequence[int]
    padding: Sequence[int]
    dilation: Sequence[int] = (1,)
    output_padding: Sequence[int] = (0,)
    end: Sequence[int] | None = None


class Table(NamedTuple):
    """Hold the legal combinations of a box, one array per hyperparameter."""

    op: str
    ceil_mode: bool
    symmetric: bool
    k: Array
    s: Array
    lo: Array
    hi: Array
    d: Array
    a: Array

    def each(self, n: int | None = None) -> list[tuple[Any, ...]]:
        """Return every combination as the solver writes rows, in the order of the table."""
        columns = [column.tolist() for column in self[3:]]
        return [
            (k, s, lo if self.symmetric else (lo, hi), d, a, n)
            for k, s, lo, hi, d, a in zip(*columns, strict=True)
        ]

    def rows(self, keep: Array, n: int | None = None) -> list[tuple[Any, ...]]:
        """Return the kept combinations as rows, sorted."""
        kept = self._replace(**{name: getattr(self, name)[keep] for name in self._fields[3:]})
        return sorted(kept.each(n))

    def size(self, n: Any, axes: int = 1) -> Array:
        """Return the output size of each combination, 0 where PyTorch refuses; n may broadcast."""
        return self._size(np.asarray(n, dtype=np.int64), axes)

    def _size(self, n: Array, axes: int) -> Array:
        span = self.d * (self.k - 1) + 1
        if self.op == "conv_transpose":
            # Each input lands s further; the kernel spreads it; both ends are cut; a is put on.
            out = (n - 1) * self.s + span - self.lo - self.hi + self.a
            return np.where(out >= 1, out, 0)
        room = n + self.lo + self.hi - span  # how far the first window may move
        if not self.ceil_mode:
            out = np.where(room >= 0, room // self.s + 1, 0)
        else:
            # The last window must start inside the input or the left padding.
            starts = (n + self.lo + self.s - 1) // self.s
            out = np.minimum((room + self.s - 1) // self.s + 1, starts)
            out = np.where(out >= 1, out, 0)
        if self.op == "avgpool" and axes == 3 and self.symmetric:
            out = np.where(n >= self.k, out, 0)
        return out


def table(op: str, box: Box, ceil_mode: bool = False) -> Table:
    """Return the combinations of a box that PyTorch builds a layer from."""
    ends = (0,) if box.end is None else box.end
    parts = (box.kernel_size, box.stride, box.padding, ends, box.dilation, box.output_padding)
    grid = np.meshgrid(*(np.array(list(part), dtype=np.int64) for part in parts), indexing="ij")
    k, s, lo, hi, d, a = (axis.ravel() for axis in grid)
    if box.end is None:
        hi = lo
    legal = np.ones(len(k), dtype=bool)
    if op == "conv_transpose":
        legal = a < np.maximum(s, d)
    elif op in ("maxpool", "avgpool") and box.end is None:
        # Ends of their own are padded by a layer before the pooling, which may be any.
        legal = lo <= k // 2
    return Table(
        op, ceil_mode, box.end is None, *(column[legal] for column in (k, s, lo, hi, d, a))
    )


def holds(made: Table, pairs: Iterable[tuple[int, int, int]], axes: int = 1) -> Array:
    """Tell which combinations take each n to one of smallest..largest: (n, smallest, largest)."""
    keep = np.ones(len(made.k), dtype=bool)
    for n, smallest, largest in pairs:
        out = made.size(n, axes)
        keep &= (out >= max(smallest, 1)) & (out <= largest)
    return keep


def solve(
    made: Table, pairs: Iterable[tuple[int, int, int]], axes: int = 1
) -> list[tuple[Any, ...]]:
    """Return the rows for which `holds`."""
    return made.rows(holds(made, pairs, axes))


def inputs(made: Table, smallest: int, largest: int, values: Iterable[int]) -> list[Any]:
    """Return the rows, each with its input, that reach smallest..largest from some of `values`."""
    found = []
    for n in values:
        out = made.size(n)
        found += made.rows((out >= max(smallest, 1)) & (out <= largest), n)
    return sorted(found)


def smallest_input(made: Table, bound: int) -> Array:
    """Return the smallest n with an output, for each combination, by trying all up to bound."""
    fits = made.size(np.arange(1, bound + 1)[:, None]) >= 1
    assert fits[-1].all(), "the bound is too small"
    assert (fits[1:] >= fits[:-1]).all(), "a larger input fits too"
    return fits.argmax(axis=0) + 1


class Target(NamedTuple):
    """Hold a size in words, and the same value as numerator(n)/denominator."""

    text: str
    numerator: Callable[[Any], Any]
    denominator: int
    period: int  # value(n + period) - value(n) is one whole number


def every(
    made: Table, size: Target, target: Target, asked: Callable[[Any], Any], modulus: int
) -> tuple[Array, Array]:
    """Decide "size(n) becomes target(n) for every asked n that fits", one combination at a time.

    asked: a condition on n that repeats with `modulus`. Returns which combinations hold, and the
    smallest asked n that each accepts.

    Why finitely many n are enough: with L a common period of everything in sight, the difference of
    the two sides gains a constant over L; where it vanishes on two periods it vanishes for ever.
    """
    period = int(np.lcm.reduce([size.period, target.period, modulus, *np.unique(made.s)]))
    period *= size.denominator  # then the layer sees whole turns of its stride
    # Beyond this every combination of the box fits: size(n) outgrows all spans and paddings.
    enough = int((made.d * (made.k - 1) + 1 + made.lo + made.hi).max()) + 1
    last = 1
    while size.numerator(last) < enough * size.denominator:
        last += 1
    n = np.arange(1, last + 2 * period + 1)
    top, bottom = size.numerator(n), target.numerator(n)
    whole = (top % size.denominator == 0) & (bottom % target.denominator == 0)
    ask = whole & (top >= size.denominator) & asked(n)
    n, sizes, wanted = n[ask], top[ask] // size.denominator, bottom[ask] // target.denominator
    out = made.size(sizes[:, None])
    fits = out >= 1
    assert len(n) == 0 or fits[-1].all()
    holds = ((out == wanted[:, None]) | ~fits).all(axis=0) & bool(len(n))
    return holds, n[fits.argmax(axis=0)] if len(n) else np.zeros(len(made.k), dtype=int)


def row_of(answer: Any) -> tuple[Any, ...]:
    """Return what an answer of the solver shows, written as a row."""
    v = answer.values
    padding = v["padding"] if isinstance(v["padding"], int) else tuple(v["padding"][0])
    rest = v.get("dilation", 1), v.get("output_padding", 0), answer.input
    return (v["kernel_size"], v["stride"], padding, *rest)
