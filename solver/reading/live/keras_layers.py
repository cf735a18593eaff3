"""Layers and operations of Keras by what they hold: the functions of the table that they are."""

from __future__ import annotations

from typing import Any

from solver.errors import SolverError
from solver.frameworks import framework, layer
from solver.network.graph.operation import Shape
from solver.reading.functions.prepared import Prepared, table_layer
from solver.reading.functions.signature import known
from solver.reading.functions.table import find, plain_name

#: Operations that do what a layer does.
_POOLS = ("MaxPool", "AveragePool")
#: Where classes come from that are no program's own.
_FOREIGN = ("keras.", "builtins", "torch.")


def prepared(keras: Any, op: Any, shape: Shape | None, last: bool) -> Prepared | None:
    """A layer or an operation by its class name and what it holds; None if unknown.

    shape: of the tensor it is called on. last: whether the channels are the last axis.
    """
    held = getattr(op, "data_format", None)
    if held is not None and (held == "channels_last") != last and len(shape or ()) > 2:
        return None
    if own(op):
        return None
    name, is_layer = type(op).__name__, isinstance(op, keras.Layer)
    named = find(name, ("layer",) if is_layer else ("op",))
    if named is not None:
        names = (*named.signature.arguments, named.signature.rest)
        found = {n: getattr(op, n) for n in names if n and hasattr(op, n)}
        given = {
            known(n): prepared(keras, value, None, last)
            if isinstance(value, keras.Layer)
            else value
            for n, value in found.items()
            if not isinstance(value, keras.KerasTensor)  # of the call that made it
        }
        kernel = getattr(op, "_kernel", None) if getattr(op, "built", False) else None
        if kernel is not None:
            given["in_features"] = int(kernel.shape[0])
        return Prepared(plain_name(name), named, given)
    if name in _POOLS and shape is not None:
        name = f"{name}ing{len(shape) - 2}D"
    elif not is_layer:
        return None
    try:
        row, _ = framework("keras").find(name)
    except SolverError:
        return None
    config = op.get_config() if is_layer else vars(op)
    return table_layer(
        name, layer("keras", name, **{n: config[n] for n in row.arguments if n in config})
    )


def own(op: Any) -> bool:
    """Tell whether a layer is a program's own, and not one of Keras."""
    module = _kind(op).__module__
    return module.startswith("keras.src.applications") or not module.startswith(_FOREIGN)


def _kind(op: Any) -> type:
    return op if isinstance(op, type) else type(op)


def tells(op: Any) -> bool:
    """Tell whether a layer of a program says itself what shapes it gives."""
    names = ("compute_output_shape", "compute_output_spec")
    return any(name in vars(kind) for kind in type(op).__mro__ if own(kind) for name in names)
