"""Write what a layer does in the terms of a framework: its layers, and lines of code that run."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from solver.errors import SolverError
from solver.frameworks import act as acts
from solver.frameworks.act import Act, Channels
from solver.frameworks.layer import FrameworkLayer
from solver.frameworks.writing.written import Written

if TYPE_CHECKING:
    from solver.layer import Layer

__all__ = ["TARGETS", "Written", "code", "write"]

#: The frameworks that layers can be written in.
TARGETS = ("torch", "keras", "flax", "onnx")


def write(framework: str, act: Act) -> Written:
    """Return the layers of a framework that do what is asked, and what to beware of.

    Raises SolverError where the framework has nothing that does it, or refuses it.
    """
    _known(framework)
    if act.kind not in acts.WINDOWED:
        rule = f"{act.kind} cannot be written in other terms"
        raise SolverError(rule, right="a convolution or a pooling")
    written: Written = import_module(f"solver.frameworks.writing.{framework}").write(act)
    for layer in written.layers:
        layer.along(act.axes)  # raises where the framework refuses it
    return written


def code(framework: str, layers: Sequence[Layer], axes: int, channels: int | None = None) -> str:
    """Return lines of code that make these layers, in order, in a framework, and run as they are.

    channels: of the input; 1 where neither this nor the layers say. Raises SolverError.

    >>> from solver import Conv
    >>> print(code("torch", [Conv(7, stride=2, padding=3)], 2))
    from torch import nn
    <BLANKLINE>
    model = nn.Conv2d(1, 1, kernel_size=7, stride=2, padding=3)
    """
    _known(framework)
    width, notes = channels, dict[str, None]()
    made: list[FrameworkLayer] = []
    widths: list[Channels] = []
    for layer in layers:
        act = acts.of_layer(layer, axes)
        before = width or act.channels.before or act.channels.groups
        after = act.channels.after or before
        width = layer.channels_after(before)
        act = act._replace(channels=act.channels._replace(before=before, after=after))
        written = write(framework, act)
        made += written.layers
        widths += [act.channels] * len(written.layers)
        notes.update(dict.fromkeys(written.notes))
    if not made:
        raise SolverError("there is no layer to write")
    lines: str = import_module(f"solver.frameworks.writing.{framework}").code(made, widths, axes)
    return "".join(f"# {note}\n" for note in notes) + lines


def _known(framework: str) -> None:
    if framework not in TARGETS:
        raise SolverError(
            "layers cannot be written in this framework", framework, ", ".join(TARGETS)
        )
