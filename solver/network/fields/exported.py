"""The sizes that an input may have, as other tools want them written: bioimage.io, torch.export."""

from __future__ import annotations

from math import lcm

from solver.errors import SolverError
from solver.network.fields.tiling import tiling
from solver.network.graph.graph import Graph
from solver.network.graph.validity import valid
from solver.sizes.sizeset import SizeSet


def bioimage(network: Graph, letter: str | None = None) -> dict[str, int]:
    """Return min and step of the sizes of an input axis, and halo of the output, as bioimage.io.

    Sizes min + i*step for every i >= 0 are valid, and have outputs left when halo is cut off at
    both ends.

    >>> from solver import Conv, ConvTranspose, MaxPool, trace
    >>> bioimage(trace(lambda x: ConvTranspose(2, 2)(Conv(3, padding=1)(MaxPool(2)(x)))))
    {'min': 6, 'step': 2, 'halo': 2}
    """
    found = tiling(network, letter)
    # One input is no tile among others: it may be smaller than what tiles need to move on.
    sizes = valid(network, found.letter).plain & SizeSet(found.multiple, [found.residue])
    least, step = sizes.first(sizes.minimum), lcm(sizes.modulus, found.multiple)
    if least is None or sizes.finite:
        raise SolverError("no sizes are valid from some size on", str(sizes))
    halo = max(found.halo)
    while found.outputs(least) <= 2 * halo:
        least += step
    return {"min": least, "step": step, "halo": halo}


def torch_export_dim(
    network: Graph, most: int | None = None, exact: bool = False, least: int = 1
) -> str:
    """Lines that define the dynamic sizes of an input for torch.export.

    least, most: the smallest and the largest size, in elements. exact: only sizes at which poolings
    drop nothing and crops are even, as in `valid`. Where valid sizes fall into several residue
    classes, the first is taken, since a derived dimension is a*_n + b; the others stand in a
    comment.

    >>> from solver import Conv, ConvTranspose, MaxPool, trace
    >>> print(torch_export_dim(trace(lambda x: x + ConvTranspose(2, 2)(MaxPool(2)(x))), 640))
    _h = Dim("_h", min=1, max=320)
    h = 2*_h
    _w = Dim("_w", min=1, max=320)
    w = 2*_w
    >>> print(torch_export_dim(trace(Conv(3), axes=1)))
    n = Dim("n", min=3)
    """
    lines = []
    for letter in network.letters:
        found = valid(network, letter, exact)
        sizes = found.plain & found.something
        start, end = sizes.first(max(sizes.minimum, least)), most
        if sizes.finite and len(sizes.exception_ranges) == 1:
            last = sizes.exception_ranges[0][-1]
            end = last if most is None else min(most, last)
        elif start is None or sizes.finite:
            rule = "a dynamic size needs valid sizes without end, or one range of them"
            raise SolverError(rule, f"{letter}: {sizes}")
        if start is None or (end is not None and end < start):
            rule = f"no valid size of {letter} is in these bounds"
            raise SolverError(rule, f"{least}..{most}", f"{sizes}")
        step, rest = sizes.modulus, start % sizes.modulus
        name = letter if step == 1 else f"_{letter}"
        bounds = f"min={(start - rest) // step}"
        if end is not None:
            bounds += f", max={(end - rest) // step}"
        lines.append(f'{name} = Dim("{name}", {bounds})')
        if step > 1:
            lines.append(f"{letter} = {step}*{name}" + (f" + {rest}" if rest else ""))
            if sizes.per_period > 1:
                lines[-1] += f"  # valid too: {sizes}"
    return "\n".join(lines)
