"""Read a live module of PyTorch, if PyTorch is imported: run by its own Python, without values.

Its sizes are numbers that carry their formulas, so what it computes with them is followed, and
what it decides by them becomes a path.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import SolverError
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.operation import Shape
from solver.network.network import Network
from solver.network.tensor import input_shape
from solver.reading.live.running.book import Book
from solver.reading.live.running.carrier import carrier_of
from solver.reading.live.running.runner import Runner
from solver.reading.live.shapes import Given, shapes_of
from solver.reading.paths.decisions import Decisions
from solver.reading.paths.explore import explore
from solver.reading.paths.joined import joined
from solver.reading.paths.trials import Run
from solver.sizes.sizemap import SizeMap


def read_module(
    model: Any,
    channels: int | None = None,
    axes: int | None = None,
    shape: Given | Sequence[Given] | Mapping[str, Given] | None = None,
) -> Network:
    """The network of a torch.nn.Module.

    channels, axes: of the input; else those of the first convolution. shape: instead, the whole
    shape of the input (several of several inputs, by name of those given by name): numbers,
    letters for free sizes, None for the usual letter, or as text "1,3,h,w"; the batch counts.
    Raises SolverError where PyTorch is not imported, and for other inputs than forward takes.

    >>> read_module(None)
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a live module needs PyTorch, imported
      received: NoneType
      right:    a torch.nn.Module
    """
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module):
        rule = "a live module needs PyTorch, imported"
        raise SolverError(rule, type(model).__name__, "a torch.nn.Module")
    if shape is None:
        shapes, by_name = {"input": _told(model, channels, axes)}, False
    else:
        shapes, by_name = shapes_of(shape)
    if any(map(torch.nn.parameter.is_lazy, model.parameters())):
        rule = "lazy layers have no weights before they run"
        raise SolverError(rule, right="run the model once, and read it then")
    _bound(model, shapes, by_name)
    letters = dict.fromkeys(x for each in shapes.values() for dim in each for x in dim.letters)
    book, carrier = Book(torch, model), carrier_of(torch)
    trusting = False

    def run(decisions: Decisions, inside: Mapping[str, SizeMap]) -> Run:
        nonlocal trusting
        put = {name: tuple(_put(dim, inside) for dim in each) for name, each in shapes.items()}
        done = Runner(book, carrier, decisions, trusting).run(put, by_name)
        decisions.done()
        trusting = trusting or done.whole
        return done

    with book.stood_in():
        paths = explore(run, list(letters))
    return joined(paths, lambda done: _notes(model, done))


def _notes(model: Any, run: Run) -> list[str]:
    """What is to be known of a model, and of how it ran."""
    notes = ["read in training mode, as the module is"] if model.training else []
    held = sum(int(each.numel()) for each in model.parameters())
    unused = held - sum(node.parameters or 0 for node in run.nodes)
    if unused and not (run.lost or run.refused):
        notes.append(f"{unused:,} of the model's {held:,} parameters are not used")
    return notes


def _bound(model: Any, shapes: Mapping[str, Shape], by_name: bool) -> None:
    """Raise SolverError where forward takes other inputs."""
    from inspect import signature  # PyTorch has it imported

    takes = signature(model.forward)
    try:
        takes.bind(**shapes) if by_name else takes.bind(*shapes)
    except TypeError as fault:
        rule = f"a shape is given for each input of forward{takes}: {fault}"
        raise SolverError(rule, ", ".join(shapes)) from None


def _put(dim: Dim, inside: Mapping[str, SizeMap]) -> Dim:
    letters = dim.letters & inside.keys()
    return dim.through(inside[letters.pop()]) if letters else dim


def _told(model: Any, channels: int | None, axes: int | None) -> Shape:
    """The shape that the first convolution tells, and whoever asks."""
    first = next((m for m in model.modules() if _axes(m)), None)
    if axes is None:
        axes = _axes(first) if first is not None else 0
    if channels is None and first is not None:
        channels = int(getattr(first, "in_channels", 0)) or None
    if channels is None or axes not in LETTERS:
        rule = "the input of this module is not told by a convolution"
        right = 'shape=(1, 3, "h", "w"), on the command line --shape 1,3,h,w'
        raise SolverError(rule, type(model).__name__, right)
    return input_shape(channels, LETTERS[axes])


def _axes(module: Any) -> int:
    name = type(module).__name__
    found = name[-2:-1] if name.removeprefix("Lazy").startswith("Conv") else ""
    return int(found) if found.isdigit() else 0
