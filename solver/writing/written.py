"""What writing gives: layers of a framework in a row, and what to beware of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from solver.frameworks.act import AVERAGE, Act
from solver.frameworks.layer import FrameworkLayer

#: Begin and end on each axis.
Ends = Sequence[tuple[int, int]]


class Written(NamedTuple):
    """Hold layers that together do one thing, and notes on where their values may differ."""

    layers: tuple[FrameworkLayer, ...]
    notes: tuple[str, ...] = ()


def alike(values: Iterable[Any]) -> Any:
    """Return one value where all axes have the same, else a tuple with one per axis.

    >>> alike([3, 3]), alike([3, 5])
    (3, (3, 5))
    """
    found = tuple(values)
    return found[0] if len(set(found)) == 1 else found


def is_nothing(ends: Ends) -> bool:
    """Tell whether no axis is padded or cropped."""
    return not any(any(pair) for pair in ends)


def rounding_notes(act: Act) -> tuple[str, ...]:
    """Return what to beware of where the windows of an average, counted up, are padded by hand."""
    if act.kind != AVERAGE or act.ceiled() is None:
        return ()
    return ("the last average also divides by the padding that counting up takes",)


def symmetric(ends: Ends) -> bool:
    """Tell whether every axis is padded alike at both ends, and none is cropped."""
    return all(begin == end >= 0 for begin, end in ends)


def windows(act: Act) -> dict[str, tuple[int, ...]]:
    """Return the numbers of the windows, one per axis, under PyTorch's names.

    The stride of a transposed convolution is how far apart its inputs are put.
    """
    found = [reading.window for reading in act.readings]
    return {
        "kernel_size": tuple(w.kernel_size for w in found),
        "stride": tuple(w.input_dilation if act.transposed else w.stride for w in found),
        "dilation": tuple(w.dilation for w in found),
    }


def literal(value: Any) -> str:
    """Write an argument as code.

    >>> literal((1, 2)), literal(float("-inf")), literal("same")
    ('(1, 2)', 'float("-inf")', '"same"')
    """
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    return repr(value)


def call(layer: FrameworkLayer, prefix: str, positional: Sequence[str] = ()) -> str:
    """Write a layer as a call: some arguments by place, the others by name."""
    words = [literal(layer.arguments[name]) for name in positional if name in layer.arguments]
    words += [
        f"{name}={literal(value)}"
        for name, value in layer.arguments.items()
        if name not in positional
    ]
    return f"{prefix}{layer.name}({', '.join(words)})"
