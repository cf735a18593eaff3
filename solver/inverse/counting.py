"""Count the solutions of a problem without listing them.

Small boxes are counted by the prefix sums of their kernels; large ones by floor sums, in
`solver.inverse.polygons`.
"""

from __future__ import annotations

from solver.inverse.problem import Problem

_FEW_CELLS = 20_000


def count(problem: Problem) -> int:
    """Count the solutions exactly. Raises LimitError where even that would take too long."""
    if problem.empty:
        return 0
    strides = problem.strides()
    box = problem.box
    cells = strides.size() * box.padding.size() * box.output_padding.size()
    if box.end is not None:
        cells *= box.end.size()
    if problem.free is None and cells <= _FEW_CELLS:
        kernels = problem.kernels()
        if kernels.tabulated:
            return sum(
                kernels.count(x_low, x_high, smallest, least)
                for s, _, _, low, high, least in problem.slabs()
                for _, x_low, x_high, smallest in problem.spans(s, low, high)
            )
    from solver.inverse.polygons import count_polygons

    return count_polygons(problem)
