"""The elements of small tensors, with formulas where they are made of sizes.

An array holds whole numbers and sizes, floats and parts of sizes, and None for what is not known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any

from solver.ground.named import NamedTuple
from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio, bounded
from solver.reading.functions.call import UNTOLD, Unclear
from solver.reading.paths.size import Part, Size, bare, part

#: The most elements of a tensor that are followed.
MOST = 128
#: The most whole numbers of a tensor of a file that are read, such as the sizes of parts.
_STORED = 1 << 13
#: The largest whole number that is stored.
_LARGEST = 1 << 64
#: The types of elements that are no integers.
REAL = (1, 10, 11, 16)
FAULTS = (ArithmeticError, IndexError, TypeError, ValueError, Unclear)


class Elements(NamedTuple):
    """Hold the elements of a tensor, as an array of objects. real: whether they are no integers."""

    array: Any
    real: bool = False

    @property
    def seen(self) -> tuple[Any, ...]:
        """Them as the rules of functions know them."""
        return tuple(map(_seen, self.array.flat))

    @property
    def numbers(self) -> list[int]:
        """Them as plain whole numbers. Raises ValueError where they are none."""
        found = self.array.reshape(-1).tolist()
        if not all(type(each) in (int, bool) for each in found):
            raise ValueError
        return list(map(int, found))

    @property
    def number(self) -> Any:
        """The only one."""
        return self.array.reshape(-1).tolist()[0]


def _seen(item: Any) -> Any:
    if isinstance(item, (Size, Part)):
        return item.formula
    return UNTOLD if item is None else item


def numpy() -> ModuleType:
    """NumPy, which is there where ONNX is."""
    import numpy

    return numpy


def of(values: Any, real: bool = False, shape: Sequence[int] | None = None) -> Elements:
    """A tensor of these numbers: one, or several in a row."""
    several = isinstance(values, (list, tuple))
    array = numpy().empty(len(values) if several else (), dtype=object)
    array[...] = values
    return Elements(array if shape is None else array.reshape(shape), real)


def stored(tensor: Any) -> Elements | None:
    """The elements of a small tensor of a file; None of a large one, or one stored elsewhere."""
    most = MOST if tensor.data_type in REAL else _STORED
    if not 0 <= math.prod(tensor.dims) <= most or tensor.data_location == 1:
        return None
    from onnx import numpy_helper

    try:
        array = numpy_helper.to_array(tensor)
    except Exception:  # whatever a damaged file makes it raise
        return None
    if array.dtype.kind not in "biuf":
        return None
    return of(array.reshape(-1).tolist(), array.dtype.kind == "f", array.shape)


@cache
def each(rule: Callable[..., Any], count: int) -> Any:
    """A rule for so many elements as one for arrays, which are repeated to meet."""

    def made(*items: Any) -> Any:
        if any(item is None for item in items):
            return None
        if any(type(item) is float for item in items):
            items = tuple(map(_beside, items))
        try:
            return _kept(rule(*items))
        except FAULTS:
            return None

    return numpy().frompyfunc(made, count, 1)


def _beside(item: Any) -> Any:
    """An element beside a float, which would take a size for a plain whole number."""
    if not isinstance(item, Size):
        return item
    formula = None if item.formula is None else Ratio(item.formula)
    return part(float(bare(item)), formula, item.made)


def _kept(item: Any) -> Any:
    """An element; None of one whose formula is lost, or is too long."""
    if type(item) is int:
        return item if abs(item) <= _LARGEST else None
    if isinstance(item, (Size, Part)):
        top = item.formula.top if isinstance(item.formula, Ratio) else item.formula
        return item if isinstance(top, Dim) and bounded(top) else None
    return item


def apply(rule: Callable[..., Any], *given: Elements) -> Elements:
    """What a rule makes of tensors, element by element."""
    arrays = [x.array for x in given]
    shape_of(*arrays)
    array = numpy().asarray(each(rule, len(arrays))(*arrays), dtype=object)
    return Elements(array, any(x.real for x in given))


def shape_of(*arrays: Any) -> tuple[int, ...]:
    """The shape in which arrays meet. Raises ValueError for one that is too large."""
    shape = numpy().broadcast_shapes(*(array.shape for array in arrays))
    if math.prod(shape) > MOST:
        raise ValueError
    return tuple(shape)
