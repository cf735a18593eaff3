"""Which picture a value is shown in, by what is asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.layers.layer import Layer
from solver.layers.stack import Stack
from solver.render.pictures import cone, grid, staircase, ways
from solver.render.pictures import layer as along
from solver.render.pictures.called import called
from solver.render.pictures.cone_rows import of_stack
from solver.render.pictures.picture import Picture
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet


def layer(
    value: Layer,
    size: int | Sequence[int] | None = None,
    *,
    output: Any = None,
    axis: int = 0,
    sizes: Sequence[int] = (),
    target: SizeMap | None = None,
) -> Picture:
    """A layer over an input of a size, along an axis or over two; without one, its staircase.

    size: elements, a number or (height, width). output: the one that is marked. axis: along which.
    sizes: the inputs of the staircase. target: the map that is wanted there.

    >>> from solver import Conv
    >>> [str(Conv(3, stride=2).draw(*size)) for size in [(9,), ((9, 7),), ()]]
    ['conv k3 s2: 9 -> 4', 'conv k3 s2: 9x7 -> 4x3', 'conv k3 s2: n -> ceil(n/2) - 1']
    """
    if letters := getattr(value, "letters", ()):
        right = f"{value!r}.at({letters[0]}=3)"
        raise SolverError("a picture is of numbers", repr(value), right)
    if isinstance(size, Sequence):
        return grid.draw(value, size, (0, 0) if output is None else output)
    if size is not None:
        return along.draw(value, size, output=output or 0, axis=axis)
    size_map = value.size_map(axis)
    title = f"{called(value)}: n -> {size_map}"
    return staircase.draw(
        size_map,
        sizes,
        accepts=value.accepts(axis),
        fits=_fits(value, axis),
        target=target,
        title=title,
    )


def stack(
    value: Stack,
    size: int | Sequence[int] | None = None,
    *,
    output: int | None = None,
    axis: int = 0,
    sizes: Sequence[int] = (),
    target: SizeMap | None = None,
) -> Picture:
    """What an output of a stack reads of an input of a size; without one, its staircase.

    size: a number; of (height, width) a map of how many ways lead to each output. output, axis,
    sizes, target: as of a layer; without an output, that in the middle.

    >>> from solver import Conv, ConvTranspose, Stack
    >>> ups = Stack(ConvTranspose(3, 2), ConvTranspose(3, 2))
    >>> [str(ups.draw(*size)) for size in [(5,), ((5, 5),), ()]]  # doctest: +NORMALIZE_WHITESPACE
    ['what output 11 of 23 reads of 5', 'ways from the input to each of 23 x 23 outputs',
    'n -> 4*n + 3']
    """
    if value.letters:
        right = f"stack.at({value.letters[0]}=3)"
        raise SolverError("a picture is of numbers", ", ".join(value.letters), right)
    if isinstance(size, Sequence):
        return ways.of_stack(value, size)
    if size is not None:
        return cone.draw(of_stack(value, size, axis), output)
    size_map = value.size_map(axis)
    title = f"n -> {size_map}"
    taken = value.accepts(axis)
    return staircase.draw(size_map, sizes, accepts=taken, target=target, title=title)


def _fits(value: Layer, axis: int) -> SizeSet | None:
    """The sizes of which no element is left over at the end; None where that has no meaning."""
    window = value.rule(axis).window
    if window is None or window.moves or window.stride == 1:
        return None
    apart = window.input_dilation
    left = SizeMap.line(apart, window.net_padding - apart)
    return SizeSet.where(left, window.stride, [0])
