"""Functions that make tensors of sizes, of other tensors' sizes, or of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.network.graph import values
from solver.network.graph.computed import Become, CountedOn
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Shape
from solver.network.graph.values import Ratio
from solver.reading.functions.call import (
    Call,
    Unclear,
    Weight,
    Wire,
    dim_of,
    leaves,
    listed,
    several,
)
from solver.reading.functions.row import TensorFunction


def _made(call: Call, to: Sequence[Dim]) -> Wire:
    return call.new(Become(call.name, tuple(to), least=0))


def _new(call: Call) -> Wire:
    return _made(call, call.dims("size"))


def _integers(call: Call) -> Wire:
    """Read randint, whose size is the one list among its arguments."""
    size = next(each for each in (call["size"], *several(call["ends"])) if listed(each))
    return _made(call, tuple(map(dim_of, size)))


def _range(call: Call) -> Wire:
    """Read arange: as many as there are steps from start to end."""
    ends = (0, call["start"]) if call["end"] is None else (call["start"] or 0, call["end"])
    first, last, step = map(_exact, (*ends, 1 if call["step"] is None else call["step"]))
    steps = values.over(values.minus(last, first), step)
    count = values.floor(steps).top + 1 if call.name == "range" else values.ceil(steps).top
    exact = isinstance(step, Ratio) and step.top == Dim(1) == Dim(step.bottom)
    end = last.top if exact and call.name != "range" and last.bottom == 1 else None
    return call.new(CountedOn(call.name, (count,), least=0, end=end))


def _exact(value: Any) -> Ratio:
    """A number, or a size, as a ratio. Raises Unclear for what has been rounded."""
    if isinstance(value, Weight) and value.elements and len(value.elements) == 1:
        (value,) = value.elements
    if isinstance(value, Ratio):
        return value
    if isinstance(value, Dim):
        return Ratio(value)
    found = Ratio.number(value) if isinstance(value, (int, float)) else None
    if not isinstance(found, Ratio):
        raise Unclear
    return found


def _spaced(call: Call) -> Wire:
    return _made(call, call.dims("steps"))


def _window(call: Call) -> Wire:
    return _made(call, call.dims("window_length"))


def _eye(call: Call) -> Wire:
    rows = call.dims("n")
    return _made(call, (*rows, *(rows if call["m"] is None else call.dims("m"))))


def _grid(call: Call) -> tuple[Wire, ...]:
    """Read meshgrid: for each tensor one with an axis for every tensor."""
    parts = [each for each in leaves(call["input"]) if each is not None]
    shapes = [call.shape_of(each) for each in parts]
    if any(len(shape) > 1 for shape in shapes):
        raise SolverError("a grid is made of vectors", str([len(shape) for shape in shapes]))
    to: list[Dim] = [dim for shape in shapes for dim in shape or (Dim(1),)]
    if call["indexing"] == "xy":
        to[:2] = reversed(to[:2])
    return tuple(call.make(Become("meshgrid", tuple(to), least=0), call.tensor(x)) for x in parts)


def _tensor(call: Call) -> Wire:
    """Read a tensor of numbers, or of tensors that are numbers."""
    data = call["input"]
    if isinstance(data, (Wire, Weight)):
        return call.tensor(data)
    return _made(call, _nested(data))


def _nested(data: Any) -> Shape:
    if listed(data):
        return (Dim(len(data)), *(_nested(data[0]) if data else ()))
    if isinstance(data, Weight) and data.shape == ():
        return ()
    if not isinstance(data, (int, float, complex, Dim, Ratio)):
        raise Unclear
    return ()


def _triangle(call: Call) -> Wire:
    """Read the places of a triangle of a matrix."""
    rows, columns, offset = (call.number(name) for name in ("row", "col", "offset"))
    below = sum(min(max(i + offset + 1, 0), columns) for i in range(rows))
    count = below if call.name.startswith("tril") else rows * columns - below
    if call.name.startswith("triu"):
        count = sum(columns - min(max(i + offset, 0), columns) for i in range(rows))
    return _made(call, (Dim(2), Dim(count)))


def _frequencies(call: Call) -> Wire:
    (count,) = call.dims("n")
    half = values.floor(Ratio.of(count, 2)).top + 1
    return _made(call, (half if "rfft" in call.name else count,))


ROWS = (
    TensorFunction(
        _new,
        function="""
        zeros ones rand randn empty(*size);
        new_zeros new_ones new_empty(input, *size);
        full(size, fill_value);
        new_full(input, size, fill_value);
        empty_strided(size, stride)
        """,
        onnx="ConstantOfShape()(size)",
    ),
    TensorFunction(_integers, function="randint(*ends)"),
    TensorFunction(
        _range,
        function="arange range(start, end=None, step=None)",
        onnx="Range()(start, end=None, step=None)",
    ),
    TensorFunction(_spaced, function="linspace logspace(start, end, steps)"),
    TensorFunction(
        _window,
        function="""
        hann_window hamming_window blackman_window bartlett_window kaiser_window(window_length);
        randperm(window_length)
        """,
        onnx="HannWindow HammingWindow BlackmanWindow()(window_length)",
    ),
    TensorFunction(_eye, function="eye(n, m=None)"),
    TensorFunction(_grid, function="meshgrid(*tensors)"),
    TensorFunction(_tensor, function="tensor as_tensor asarray new_tensor scalar_tensor(data)"),
    TensorFunction(_triangle, function="tril_indices triu_indices(row, col, offset=0)"),
    TensorFunction(_frequencies, function="fftfreq rfftfreq fft_fftfreq fft_rfftfreq(n)"),
)
