"""Read a live model of Keras, if Keras is imported: a Sequential or a functional one.

The graph is the one Keras holds; nothing is run. A subclassed model has none, and is named.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from math import prod
from typing import Any

from solver.errors import SolverError
from solver.frameworks import framework, layer
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.operation import Input, Shape, Unknown
from solver.network.network import Network
from solver.network.tensor import input_shape
from solver.reading.functions.call import Wire, channels_first, listed
from solver.reading.functions.prepared import Prepared, table_layer
from solver.reading.functions.signature import known as word_of
from solver.reading.functions.table import find, plain_name
from solver.reading.paths.building import Builder
from solver.reading.paths.nodes import CallNodes

#: The most layers of a model, with those of the models in it.
_MOST = 100_000


def read_model(
    model: Any, channels: int | None = None, axes: int | None = None, free: bool = True
) -> Network:
    """The network of a Keras model; shapes have the channels first.

    channels, axes: of the input, of a Sequential model that has not been built. free: whether the
    sizes of images are free even where the model has numbers there.
    Raises SolverError where Keras is not imported.

    >>> read_model(None)
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a live model needs Keras, imported
      received: NoneType
      right:    a Sequential or functional model
    """
    keras = sys.modules.get("keras")
    if keras is None or not isinstance(model, keras.Model):
        rule = "a live model needs Keras, imported"
        raise SolverError(rule, type(model).__name__, "a Sequential or functional model")
    reader = _Models(keras)
    if getattr(model, "inputs", None):
        shapes = _Inputs(reader.last, free).shapes(model.inputs)
    elif channels is not None and axes in LETTERS:
        shapes = [input_shape(channels, LETTERS[axes])]
    else:
        rule = "the input of a model that has not been built must be told"
        raise SolverError(rule, type(model).__name__, "channels=3, axes=2")
    names = ["input"] if len(shapes) == 1 else [f"input_{i}" for i in range(1, len(shapes) + 1)]
    given = [reader.to.add(n, Input(s)) for n, s in zip(names, shapes, strict=True)]
    return Network(reader.to.nodes, reader.model(model, given))


class _Models:
    """Read models one inside the other."""

    def __init__(self, keras: Any) -> None:
        self._keras, self.to = keras, Builder()
        self.last = keras.config.image_data_format() == "channels_last"

    def model(self, model: Any, given: Sequence[int]) -> list[int]:
        """The nodes of what a model makes of what it is given."""
        if len(self.to.nodes) > _MOST:
            raise SolverError(f"a model has at most {_MOST:,} layers")
        if getattr(model, "inputs", None) and hasattr(model, "operations"):
            return self._functional(model, given)
        if isinstance(model, self._keras.Sequential):
            (at,) = given
            for each in model.layers:
                (at,) = self._apply(each, [at])
            return [at]
        return [self.to.add(str(model.name), Unknown(type(model).__name__), given)]

    def _functional(self, model: Any, given: Sequence[int]) -> list[int]:
        """Follow the tensors of a graph back from what comes out, each made once."""
        made = {id(tensor): at for tensor, at in zip(model.inputs, given, strict=True)}
        waiting = list(reversed(model.outputs))
        while waiting:
            tensor = waiting[-1]
            if id(tensor) in made:
                waiting.pop()
                continue
            node = _node(tensor)
            before = [each for each in node.input_tensors if id(each) not in made]
            if before:
                waiting += before
                continue
            inputs = [made[id(each)] for each in node.input_tensors]
            found = self._apply(node.operation, inputs)
            outputs = node.outputs
            found += found[-1:] * (len(outputs) - len(found))
            made.update(zip(map(id, outputs), found, strict=False))
        return [made[id(tensor)] for tensor in model.outputs]

    def _apply(self, op: Any, inputs: Sequence[int]) -> list[int]:
        if isinstance(op, self._keras.Model):
            return self.model(op, inputs)
        nodes, wires = CallNodes(self.to, str(op.name), str(op.name)), list(map(Wire, inputs))
        made = self._prepared(op, self.to.shapes[inputs[0]] if inputs else None)
        if made is None:
            return [nodes.put(Unknown(type(op).__name__), inputs)]
        held = sum(prod(map(int, each.shape)) for each in getattr(op, "trainable_weights", ()))
        args = wires if len(made.names) >= len(wires) else [wires]
        found = made.of(nodes, args, {}, self.last, held).found()
        return [each.at for each in (found if listed(found) else [found])]

    def _prepared(self, op: Any, shape: Shape | None) -> Prepared | None:
        """A layer or an operation by its class name and what it holds; None if unknown."""
        held = getattr(op, "data_format", None)
        if held is not None and (held == "channels_last") != self.last and len(shape or ()) > 2:
            return None
        name = type(op).__name__
        named = find(name, ("layer",) if isinstance(op, self._keras.Layer) else ("op",))
        if named is not None:
            names = (*named.signature.arguments, named.signature.rest)
            given = {word_of(n): self._plain(getattr(op, n)) for n in names if hasattr(op, n)}
            kernel = getattr(op, "_kernel", None) if getattr(op, "built", False) else None
            if kernel is not None:
                given["in_features"] = int(kernel.shape[0])
            return Prepared(plain_name(name), named, given)
        try:
            row, _ = framework("keras").find(name)
        except SolverError:
            return None
        config = {key: value for key, value in op.get_config().items() if key in row.arguments}
        return table_layer(name, layer("keras", name, **config))

    def _plain(self, value: Any) -> Any:
        return self._prepared(value, None) if isinstance(value, self._keras.Layer) else value


def _node(tensor: Any) -> Any:
    """The call that made a tensor."""
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


class _Inputs:
    """Give the free sizes of the inputs their letters: one number, one letter."""

    def __init__(self, last: bool, free: bool) -> None:
        self._last, self._free = last, free
        self._known: dict[tuple[str, int | None], Dim] = {}
        self._count: dict[str, int] = {}

    def shapes(self, tensors: Sequence[Any]) -> list[Shape]:
        """The shapes of inputs."""
        return [self._shape(channels_first(tensor.shape, self._last)) for tensor in tensors]

    def _shape(self, sizes: Sequence[int | None]) -> Shape:
        names = LETTERS.get(len(sizes) - 2, tuple(f"x{i}" for i in range(1, len(sizes) - 1)))
        found = [Dim(sizes[0] or 1)]
        for axis, size in enumerate(sizes[1:], 1):
            if size is not None and not (self._free and axis > 1):
                found.append(Dim(int(size)))
            else:
                found.append(self._letter(names[axis - 2] if axis > 1 else "c", size))
        return tuple(found)

    def _letter(self, name: str, size: int | None) -> Dim:
        if (name, size) not in self._known:
            self._count[name] = count = self._count.get(name, 0) + 1
            self._known[name, size] = Dim.letter(name if count == 1 else f"{name}_{count}")
        return self._known[name, size]
