"""Read a function of tensors by the rules for traced programs of PyTorch, where text has none.

What a program calls is the same in both; only its values are written differently: a tensor, a size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.layers.layer import Layer
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation, Shape, Unknown
from solver.network.graph.sized import sized
from solver.network.graph.values import Ratio
from solver.reading.text.building import Wire
from solver.reading.text.tensors import Call
from solver.reading.text.values import is_list


def traced(given: Call) -> Any:
    """Return what a function makes of tensors; a node that is not understood where there is none.

    Channels that stand last in the text are none of PyTorch's.
    """
    from solver.reading.calls import torch_calls, torch_values

    if given.last:
        return given.unknown()
    try:
        args = [_into(value) for value in (given.first, *given.args)]
        words = {name: _into(value) for name, value in given.keywords.items()}
    except torch_values.Unclear:
        return given.unknown()
    call = torch_values.Call(_Nodes(given), given.name, given.word, args, words)  # type: ignore[arg-type]
    try:
        return _back(torch_calls.read_call(call))
    except SolverError:
        return given.unknown()


def told(layer: Layer, sizes: Sequence[Any]) -> Operation:
    """Return the operation of a layer that is called with output_size."""
    from solver.reading.calls.torch_values import Unclear, dim_of

    try:
        return sized(layer, [dim_of(_into(size)) for size in sizes])
    except Unclear:
        return Unknown(layer.name)


class _Nodes:
    """Take the nodes of traced programs into the network of a text."""

    def __init__(self, given: Call) -> None:
        self._given = given

    @property
    def shapes(self) -> Sequence[Shape | None]:
        return self._given.build.shapes

    def add(
        self, label: str, operation: Operation, inputs: Sequence[int] = (), of: str = ""
    ) -> int:
        wires = [Wire(at) for at in inputs]
        return self._given.build.add(operation, wires, label, self._given.line).at


def _into(value: Any) -> Any:
    """Return a value of the text as traced programs have it. Raises Unclear for an unknown one."""
    from solver.reading.calls.torch_values import Ref, Unclear, size_of

    if isinstance(value, Wire):
        return Ref(value.at)
    if isinstance(value, Dim):
        return size_of(value)
    if isinstance(value, Ratio):
        return value
    if is_list(value):
        return tuple(map(_into, value))
    if value is None or value is Ellipsis or isinstance(value, (int, float, str)):
        return value
    if isinstance(value, slice):
        return slice(*map(_into, (value.start, value.stop, value.step)))
    raise Unclear


def _back(value: Any) -> Any:
    from solver.reading.calls.torch_values import Ref

    if isinstance(value, Ref):
        return Wire(value.at)
    if isinstance(value, Ratio):
        return value.top if value.bottom == 1 else value
    if isinstance(value, tuple):
        return tuple(map(_back, value))
    return value
