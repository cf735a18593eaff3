"""Why the family is complete, in a few lines a person can check."""

from __future__ import annotations

from itertools import islice

from solver.inverse.axis import Axis
from solver.inverse.family import Affine
from solver.inverse.problem import Inputs
from solver.inverse.question import Every, Numbers
from solver.inverse.window import bounds_at, for_sizes, forced_stride, period_of, tail_bounds

_MOST_RESIDUES = 12


def proof(axis: Axis) -> list[str]:
    """Return the steps from the question to the window, one per line."""
    transposed = axis.operation.transposed
    z = "2*padding - dilation*(kernel_size - 1)" + (" - output_padding" if transposed else "")
    if axis.question.ceil_mode:
        z = "min(2*padding - dilation*(kernel_size - 1) + stride - 1, padding)"
    lines = [
        f"Let Z = {z}.",
        "The output is (n - 1)*stride + 1 - Z."
        if transposed
        else "The output is floor((n - 1 + Z)/stride) + 1.",
    ]
    for ask in axis.asks:
        if isinstance(ask, Every):
            lines += _for_every(transposed, ask)
        elif isinstance(ask, Numbers):
            low, high = for_sizes(transposed, *ask)[:2]
            (a, b), (c, d) = low[0], high[0]
            lines.append(
                f"{ask.input} -> {_range(ask)} holds exactly when "
                f"{Affine({'stride': a}, b)} <= Z <= {Affine({'stride': c}, d)}."
            )
        else:
            lines.append(f"An input n is asked for: its output is {_range(ask)}.")
    return lines


def _range(ask: Numbers | Inputs) -> str:
    if ask.smallest == ask.largest:
        return str(ask.smallest)
    return f"{ask.smallest}..{ask.largest}"


def _for_every(transposed: bool, ask: Every) -> list[str]:
    above, below = forced_stride(transposed, ask.size, ask.target)
    if ask.asked.finite or above <= 0 or below <= 0 or above % below:
        return [f"{ask.size} -> {ask.target} is asked for {ask.asked}."]
    stride = above // below
    lines = [
        f"Both sides must grow alike, so stride = {stride}; then {ask.size} -> {ask.target} holds "
        "for every asked n as soon as it holds for one period:"
    ]
    residues = iter(period_of(ask.size, ask.target, ask.asked))
    for r in islice(residues, _MOST_RESIDUES):
        low, high = bounds_at(transposed, stride, ask.size.at(r), ask.target.at(r))
        lines.append(f"  n = {r}: {low} <= Z <= {high}" if low < high else f"  n = {r}: Z = {low}")
    if next(residues, None) is not None:
        lines.append("  and so on for one period")
    low, high = tail_bounds(transposed, stride, ask.size, ask.target, ask.asked)
    if low > high:
        return [*lines, "Together: no Z."]
    return [*lines, f"Together: Z = {low}." if low == high else f"Together: {low} <= Z <= {high}."]
