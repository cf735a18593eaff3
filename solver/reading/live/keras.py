"""Read a live model of Keras, if Keras is imported: run by its own Python, without values."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import SolverError
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.operation import Shape
from solver.network.network import Network
from solver.network.tensor import input_shape
from solver.reading.functions.call import channels_first
from solver.reading.live.symbolic import KerasRun
from solver.reading.paths.decisions import Decisions
from solver.reading.paths.explore import explore
from solver.reading.paths.joined import joined
from solver.reading.paths.trials import Run
from solver.sizes.sizemap import SizeMap


def read_model(
    model: Any, channels: int | None = None, axes: int | None = None, free: bool = True
) -> Network:
    """The network of a Keras model; shapes have the channels first.

    channels, axes: of the input, of a model that has not been built, or has no graph. free: whether
    the sizes of images are free even where the model has numbers there.
    Raises SolverError where Keras is not imported.

    >>> read_model(None)
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a live model needs Keras, imported
      received: NoneType
      right:    a keras.Model
    """
    keras = sys.modules.get("keras")
    if keras is None or not isinstance(model, keras.Model):
        rule = "a live model needs Keras, imported"
        raise SolverError(rule, type(model).__name__, "a keras.Model")
    last = keras.config.image_data_format() == "channels_last"
    if getattr(model, "inputs", None):
        tensors = model.inputs
        shapes = _Inputs(last, free).shapes(tensors)
        kinds = [str(each.dtype) for each in tensors]
    elif channels is not None and axes in LETTERS:
        shapes, kinds = [input_shape(channels, LETTERS[axes])], ["float32"]
    else:
        rule = "the input of a model that has not been built must be told"
        raise SolverError(rule, type(model).__name__, "channels=3, axes=2")
    names = ["input"] if len(shapes) == 1 else [f"input_{i}" for i in range(1, len(shapes) + 1)]
    inputs = dict(zip(names, shapes, strict=True))
    told = True

    def run(decisions: Decisions, inside: Mapping[str, SizeMap]) -> Run:
        nonlocal told
        put = {name: tuple(dim.put(inside) for dim in each) for name, each in inputs.items()}
        made = KerasRun(keras, decisions)
        done = made.run(model, put, kinds)
        told = told and made.told
        return done

    letters = list(dict.fromkeys(x for each in shapes for dim in each for x in dim.letters))
    paths = explore(run, letters, True)
    return joined(paths if told else explore(run, letters))


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
